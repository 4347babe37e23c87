/* install.c: see install.h. A file is replaced in three steps, each of which leaves a working
 * client: the new one is written beside it and to disk, the old one gets a second name, and the new
 * one takes the old one's name. */
#include "channel/install.h"
#include "channel/inspect.h"
#include "channel/path.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORIGINAL ".openctp-original"
#define FRESH ".openctp-new"

enum { TARGETS_MAX = 16 };

/* A library of the client. */
struct target {
    enum ctp_side side;
    char path[CHANNEL_PATH_SIZE];
    char original[CHANNEL_PATH_SIZE];
    char fresh[CHANNEL_PATH_SIZE];
};

struct targets {
    size_t count;
    struct target at[TARGETS_MAX];
};

static bool say_system(struct error *error, const char *path, const char *what)
{
    error_set(error, "%s: %s", what, strerror(errno));
    return error_at(error, path, 0, 0);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Whether a file's name is that of a CTP library: [lib]thosttraderapi_se[-HASH].so, and the same
 * for market data. */
static bool name_side(text name, enum ctp_side *side)
{
    if (!text_ends_with(name, TEXT(".so")))
        return false;
    name.length -= 3;
    if (text_starts_with(name, TEXT("lib")))
        name = (text){name.at + 3, name.length - 3};
    text stem = text_cut(&name, '-');
    *side = text_equal(stem, TEXT("thosttraderapi_se")) ? CTP_TRADER : CTP_MD;
    return *side == CTP_TRADER || text_equal(stem, TEXT("thostmduserapi_se"));
}

/* The client's libraries in a folder: those that are there, or were, as their originals show. */
static bool targets_find(struct targets *targets, const char *path, struct error *error)
{
    DIR *folder = opendir(path);
    if (!folder)
        return say_system(error, path, "this folder cannot be read");
    struct dirent *found;
    targets->count = 0;
    while ((found = readdir(folder)) && targets->count < TARGETS_MAX) {
        struct target *target = &targets->at[targets->count];
        if (name_side(text_of(found->d_name), &target->side) &&
            path_make(target->path, "%s/%s", path, found->d_name) &&
            path_make(target->original, "%s" ORIGINAL, target->path) &&
            path_make(target->fresh, "%s" FRESH, target->path))
            targets->count++;
    }
    closedir(folder);
    if (targets->count)
        return true;
    error_set(error, "there is no CTP library in this folder");
    error_fix(error, "name the folder that has the client's own %s",
              path_library_name(CTP_TRADER, 0));
    return error_at(error, path, 0, 0);
}

/* A client works only with the version that it was built for: compares what its own library says
 * with the pair's version. */
static bool version_fits(const struct target *target, const struct channel_pair *pair,
                         struct error *error)
{
    struct ctp_library own;
    char said[32] = "";
    const char *path = is_there(target->original) ? target->original : target->path;
    if (!inspect_file(path, target->side, error) ||
        !inspect_load(&own, path, target->side, pair->version, error))
        return error_fix(error, "to replace it whatever it is, add --any-version");
    ctp_library_said_version(text_of(own.said), said, sizeof said);
    if (strcmp(said, ctp_version_name(pair->version)) == 0)
        return true;
    error_set(error, "the client's library says \"%s\" of itself, the active channel is %s %s",
              own.said, pair->name, ctp_version_name(pair->version));
    error_fix(error, "switch to the client's version first, or add --any-version");
    return error_at(error, path, 0, 0);
}

static bool bytes_copy(int from, int to)
{
    char bytes[65536];
    for (;;) {
        ssize_t got = read(from, bytes, sizeof bytes);
        if (got == 0)
            return fsync(to) == 0;
        for (ssize_t done = 0; done < got;) {
            ssize_t written = write(to, bytes + done, (size_t)(got - done));
            if (written < 0)
                return false;
            done += written;
        }
        if (got < 0)
            return false;
    }
}

static bool file_copy(const char *from, const char *to, struct error *error)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return say_system(error, from, "cannot be opened");
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool done = out >= 0 && bytes_copy(in, out);
    if (!done)
        say_system(error, to, "cannot be written");
    close(in);
    if (out >= 0)
        close(out);
    return done;
}

/* Gives the client's file its second name. Where the disk knows no second names, a copy. */
static bool original_keep(const struct target *target, struct error *error)
{
    if (is_there(target->original) || link(target->path, target->original) == 0)
        return true;
    return file_copy(target->path, target->original, error);
}

static bool original_restore(const struct target *target, struct error *error)
{
    if (rename(target->original, target->path) != 0)
        return say_system(error, target->path, "cannot be replaced");
    unlink(target->original); /* where both names were of one file, rename leaves both */
    return true;
}

static bool targets_replace(const struct targets *targets, const struct channel_pair *pair,
                            struct error *error)
{
    for (size_t i = 0; i < targets->count; i++)
        if (!file_copy(pair->path[targets->at[i].side], targets->at[i].fresh, error) ||
            !original_keep(&targets->at[i], error))
            return false;
    for (size_t i = 0; i < targets->count; i++)
        if (rename(targets->at[i].fresh, targets->at[i].path) != 0)
            return say_system(error, targets->at[i].path, "cannot be replaced");
    return true;
}

bool install_pair(const struct channel_pair *pair, const char *folder, bool any_version,
                  struct buffer *told, struct error *error)
{
    struct targets targets;
    if (!targets_find(&targets, folder, error))
        return false;
    for (size_t i = 0; i < targets.count; i++)
        if (!any_version && !version_fits(&targets.at[i], pair, error))
            return false;
    bool done = targets_replace(&targets, pair, error);
    for (size_t i = 0; i < targets.count; i++) {
        const struct target *target = &targets.at[i];
        if (!done && is_there(target->original))
            original_restore(target, NULL);
        unlink(target->fresh);
        buffer_printf(told, "%s is now %s %s\n", target->path, pair->name,
                      ctp_version_name(pair->version));
    }
    return done;
}

bool install_undo(const char *folder, struct buffer *told, struct error *error)
{
    struct targets targets;
    bool found = false;
    if (!targets_find(&targets, folder, error))
        return false;
    for (size_t i = 0; i < targets.count; i++) {
        if (!is_there(targets.at[i].original))
            continue;
        if (!original_restore(&targets.at[i], error))
            return false;
        found = true;
        buffer_printf(told, "%s is the client's own again\n", targets.at[i].path);
    }
    if (found)
        return true;
    error_set(error, "there is nothing of ours in this folder to take back");
    return error_at(error, folder, 0, 0);
}
