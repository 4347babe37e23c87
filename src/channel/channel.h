/* channel.h: a channel is a place that has a pair of CTP libraries (trader, market data) per
 * version of the API: our own `tts`, the official `ctp`, any vendor's. This header finds channels,
 * tells which one is active, and opens its libraries; the program `openctp-channels` is made of it,
 * webctp and tts load their pair through it.
 *
 * On disk: ROOT/NAME/VERSION/ with libthosttraderapi_se.so (or thosttraderapi_se.so) and
 * libthostmduserapi_se.so (or thostmduserapi_se.so). The roots, in the order in which they are
 * searched:
 *   1. each folder of OPENCTP_CHANNELS_PATH (separated by ':'), when it is set;
 *   2. the program's own: lib/openctp/channels beside the bin/ that the running program is in
 *      (also lib/x86_64-linux-gnu, lib64);
 *   3. the user's: $XDG_DATA_HOME/openctp/channels, by default ~/.local/share/openctp/channels.
 * Which channel is active stands in $XDG_DATA_HOME/openctp/active (channel/active.h).
 *
 * The layout of a pair is the version that its folder states; what a library says of itself is only
 * compared. Nothing here keeps state in memory: any thread may call, except that the environment
 * must not change meanwhile. */
#ifndef CHANNEL_CHANNEL_H
#define CHANNEL_CHANNEL_H

#include "base/error.h"
#include "ctp/library.h"

/* Sizes with the NUL. A name is made of letters, digits, '-', '_' and '.', and does not begin with
 * '.' or '-'. A path that is longer is not found. */
enum { CHANNEL_NAME_SIZE = 48, CHANNEL_PATH_SIZE = 1024 };

/* The version that is meant where nobody says one. */
#define CHANNEL_DEFAULT_VERSION CTP_6_7_2

/* A channel in one version, with its files. */
struct channel_pair {
    char name[CHANNEL_NAME_SIZE];
    enum ctp_version version;        /* what the folder states, and so the layout to use */
    char folder[CHANNEL_PATH_SIZE];  /* ROOT/NAME/VERSION */
    char path[2][CHANNEL_PATH_SIZE]; /* by enum ctp_side */
};

/* Finds channel `name` in `version`: the first root that has both files. Fails when there is none:
 * the error names the two files that were looked for, where to put them, and what a mistyped name
 * may have meant. */
bool channel_find(struct channel_pair *pair, text name, enum ctp_version version,
                  struct error *error) __attribute__((warn_unused_result));

/* Finds the active channel. `version` NULL: in the version it was switched to; otherwise in that
 * one. Fails when no channel was ever switched to, when the file that says so is damaged, and as
 * channel_find does. */
bool channel_active(struct channel_pair *pair, const enum ctp_version *version, struct error *error)
    __attribute__((warn_unused_result));

/* Opens one library of the pair in this process: first its file is inspected without running any of
 * it (channel/elf.h), then it is loaded. The caller closes it with ctp_library_close. Fails with
 * one line that names the file. */
bool channel_open(struct ctp_library *library, const struct channel_pair *pair, enum ctp_side side,
                  struct error *error) __attribute__((warn_unused_result));

/* Whether what the library said of itself names another version than the layout it is used with;
 * then one sentence for a log line or a person goes into `sentence`. A library that says nothing,
 * or no version, differs from nothing. */
bool channel_differs(const struct ctp_library *library, char *sentence, size_t size);

/* ---- for programs that show channels ---- */

/* One folder ROOT/NAME/VERSION that was found, usable or not. */
struct channel_entry {
    struct channel_pair
        pair; /* a path is empty where the file is missing; version is valid when known */
    char version_text[32]; /* the folder's name */
    bool known;            /* the table has this version */
    size_t root;           /* the place of its root in the search order */
    bool hidden;           /* an earlier root has the same channel and version, complete */
};

/* True when both files are there and the version is known. */
bool channel_entry_complete(const struct channel_entry *entry);

struct channel_list {
    struct channel_entry *entries; /* by name, then version, then root */
    size_t count;
};

/* Reads all roots. Folders that cannot be read count as empty. The caller finishes the list. */
void channel_list_read(struct channel_list *list);
void channel_list_finish(struct channel_list *list);

/* The roots that are searched, in order, without repeats; at most CHANNEL_ROOTS_MAX. Those that do
 * not exist are listed too. */
enum { CHANNEL_ROOTS_MAX = 16 };
struct channel_roots {
    size_t count;
    char path[CHANNEL_ROOTS_MAX][CHANNEL_PATH_SIZE];
};
void channel_roots_find(struct channel_roots *roots);

/* The user's data folder, $XDG_DATA_HOME/openctp. False when neither XDG_DATA_HOME nor HOME is set
 * to an absolute path. */
bool channel_data_folder(char *path, size_t size, struct error *error);

/* Whether a text may be a channel's name. */
bool channel_name_valid(text name);

/* A version by its name, as ctp_version_find; the error names all versions there are. */
bool channel_version_read(text name, enum ctp_version *version, struct error *error)
    __attribute__((warn_unused_result));

#endif
