/* flow_file.h: a .con file: one small record that says how far a flow has been handed on. It is
 * written in place after each message, without a sync: it survives the end of the process, not a
 * loss of power (the front then sends a few messages again). */
#ifndef TTSAPI_FLOW_FILE_H
#define TTSAPI_FLOW_FILE_H

#include "base/error.h"

struct flow_record {
    uint32_t day;    /* yyyymmdd, 0 = none */
    uint32_t number; /* the last one handed on, 0 = none */
    uint64_t owner;  /* whose flow it is, 0 = everybody's */
};

/* Makes the folder that `prefix` names, if it is missing: its last component only. False when it is
 * still missing. */
bool flow_folder_make(const char *prefix, struct error *error) __attribute__((warn_unused_result));

/* Opens or makes the file `prefix`+`name` and reads its record, zero where there is none of ours.
 * -1 when it cannot be opened. */
int flow_file_open(const char *prefix, const char *name, struct flow_record *record,
                   struct error *error);

/* Makes the file if it is missing; it keeps nothing. */
bool flow_file_touch(const char *prefix, const char *name, struct error *error)
    __attribute__((warn_unused_result));

/* -1 for `file` is ignored by both. */
void flow_file_write(int file, struct flow_record record);
void flow_file_close(int file);

#endif
