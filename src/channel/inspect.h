/* inspect.h: what a library is, found out in two steps: its bytes, without running any of it; and
 * what it says of itself, by running it in a process of its own, so that a library that crashes or
 * hangs harms nobody. */
#ifndef CHANNEL_INSPECT_H
#define CHANNEL_INSPECT_H

#include "channel/channel.h"

/* Whether the file is a CTP library of that side: a complete shared library for x86-64 that exports
 * a creator. */
bool inspect_file(const char *path, enum ctp_side side, struct error *error)
    __attribute__((warn_unused_result));

/* What a library said when it was loaded, in a copy of this process, which has one thread only; an
 * error after 10 seconds of loading. The library itself is no longer there: handle and creator
 * are NULL. */
bool inspect_load(struct ctp_library *said, const char *path, enum ctp_side side,
                  enum ctp_version version, struct error *error)
    __attribute__((warn_unused_result));

/* "trader", "market data". */
const char *inspect_side_name(enum ctp_side side);

#endif
