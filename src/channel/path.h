/* path.h: paths of at most CHANNEL_PATH_SIZE bytes, made by printf's rules. Inside channel only. */
#ifndef CHANNEL_PATH_H
#define CHANNEL_PATH_H

#include "channel/channel.h"

/* Makes a path. False when it did not fit; then it is empty, and so never a cut path that names
 * something else. */
bool path_make(char path[CHANNEL_PATH_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The part behind the last '/'. */
const char *path_file_name(const char *path);

/* The two names that a library of a side goes by, the linker's first. */
const char *path_library_name(enum ctp_side side, int style);
enum { PATH_STYLES = 2 };

#endif
