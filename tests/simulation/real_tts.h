/* real_tts.h: a real `tts` in a folder of its own, on free ports of 127.0.0.1: for the crash
 * rounds, the round-trip bench and the load. Its feed is four quotes of tests/transcripts; with
 * `book` its instruments are matched between customers. */
#ifndef SIMULATION_REAL_TTS_H
#define SIMULATION_REAL_TTS_H

#include "base/text.h"
#include <sys/types.h>

struct real_tts {
    char folder[64]; /* of the database and the log; removed at the end */
    pid_t pid;       /* 0: not running */
    int td_port, md_port;
};

/* Makes the folder, in $TMPDIR or /tmp. False: it cannot be made. */
bool real_tts_begin(struct real_tts *tts);

/* Starts tts with further options, NULL at the end (NULL: none), and waits until it is ready.
 * False, with its log on stderr: it ended or took too long. */
bool real_tts_start(struct real_tts *tts, const char *const *options);

/* Starts without waiting, for who wants to kill it at once. */
void real_tts_launch(struct real_tts *tts, const char *const *options);

/* Ends it by a signal and waits; gives the exit code, -1 after a signal that it did not catch. */
int real_tts_end(struct real_tts *tts, int signal_number);

/* Runs `tts --db ... words`; gives the exit code. */
int real_tts_command(const struct real_tts *tts, const char *const *words);

/* Resident memory in KiB, 0 when unknown; its greatest value so far. */
long real_tts_memory_kib(const struct real_tts *tts, long *greatest);

/* Prints the log's end on stderr. */
void real_tts_show_log(const struct real_tts *tts);

/* Ends it and removes the folder. */
void real_tts_finish(struct real_tts *tts);

#endif
