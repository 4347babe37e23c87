/* active.h: which channel is active: a small text file, $XDG_DATA_HOME/openctp/active, replaced
 * whole by rename under a lock, so that readers need none and see the old one or the new one.
 *
 *     # comment
 *     active tts 6.7.2
 *     before ctp 6.6.9 */
#ifndef CHANNEL_ACTIVE_H
#define CHANNEL_ACTIVE_H

#include "channel/channel.h"

struct active_choice {
    char name[CHANNEL_NAME_SIZE]; /* empty: none */
    enum ctp_version version;
};

struct active {
    struct active_choice now;
    struct active_choice before; /* what `now` replaced */
};

/* Reads the content of the file; `path` is named in errors. Unknown or repeated lines, bad names
 * and versions that the table lacks are errors. */
bool active_parse(text content, const char *path, struct active *active, struct error *error);

/* Reads the file. A file that is not there is no error: both choices are empty. */
bool active_read(struct active *active, struct error *error) __attribute__((warn_unused_result));

/* Makes `to` the active one and remembers what was; `result` is what now stands in the file. A
 * damaged file is replaced. The caller has made sure that the channel is there. */
bool active_switch(const struct active_choice *to, struct active *result, struct error *error)
    __attribute__((warn_unused_result));

/* Exchanges `now` and `before`. Fails when nothing was before, or when its files are gone; the file
 * is then as it was. */
bool active_undo(struct active *result, struct error *error) __attribute__((warn_unused_result));

#endif
