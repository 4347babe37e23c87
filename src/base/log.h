/* log.h: the log lines of the programs, in the form that users of webctp know:
 * `2024-07-22 21:25:02,696 - root - INFO - start td app`. Times are Beijing time. Lines are written
 * whole; any thread may call. No secret is ever passed to it. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/text.h"

enum log_level { LOG_NOTSET, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_CRITICAL };

/* Lines below `level` are left out. Default LOG_INFO. */
void log_set_level(enum log_level level);

/* Where lines go: a file descriptor, by default 1 (stdout). Not owned. */
void log_set_descriptor(int descriptor);

/* Reads NOTSET DEBUG INFO WARN WARNING ERROR CRITICAL, any case. */
bool log_level_find(text name, enum log_level *level);

bool log_enabled(enum log_level level);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
