/* active.c: see active.h. */
#include "channel/active.h"
#include "base/buffer.h"
#include "channel/path.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 4096 };

static bool say_damaged(struct error *error, const char *path, int line, const char *what)
{
    error_set(error, "%s", what);
    error_fix(error, "openctp-channels switch NAME writes the file anew");
    return error_at(error, path, line, 0);
}

/* Reads "NAME VERSION" behind a keyword. */
static bool choice_parse(text rest, struct active_choice *choice, const char *path, int line,
                         struct error *error)
{
    text version = text_trim(rest), name = text_cut(&version, ' ');
    if (choice->name[0])
        return say_damaged(error, path, line, "this line is there twice");
    if (!channel_name_valid(name))
        return say_damaged(error, path, line, "there is no valid channel name in this line");
    if (!ctp_version_find(text_trim(version), &choice->version))
        return say_damaged(error, path, line,
                           "there is no version that this program knows in this line");
    text_copy(choice->name, sizeof choice->name, name);
    return true;
}

bool active_parse(text content, const char *path, struct active *active, struct error *error)
{
    *active = (struct active){.now = {.name = ""}};
    for (int line = 1; content.length; line++) {
        text row = text_trim(text_cut(&content, '\n'));
        if (row.length == 0 || row.at[0] == '#')
            continue;
        text rest = row, keyword = text_cut(&rest, ' ');
        struct active_choice *choice = text_equal(keyword, TEXT("active"))   ? &active->now
                                       : text_equal(keyword, TEXT("before")) ? &active->before
                                                                             : NULL;
        if (!choice)
            return say_damaged(error, path, line,
                               "this line begins with neither active nor before");
        if (!choice_parse(rest, choice, path, line, error))
            return false;
    }
    if (!active->now.name[0])
        return say_damaged(error, path, 0, "there is no line that says which channel is active");
    return true;
}

static bool file_path(char path[CHANNEL_PATH_SIZE], const char *name, struct error *error)
{
    char data[CHANNEL_PATH_SIZE];
    if (!channel_data_folder(data, sizeof data, error))
        return false;
    return path_make(path, "%s/%s", data, name) ||
           error_set(error, "the path of %s is too long", name);
}

static bool say_system(struct error *error, const char *path, const char *what)
{
    error_set(error, "%s: %s", what, strerror(errno));
    return error_at(error, path, 0, 0);
}

bool active_read(struct active *active, struct error *error)
{
    *active = (struct active){.now = {.name = ""}};
    char path[CHANNEL_PATH_SIZE], content[FILE_BYTES_MAX + 1];
    if (!file_path(path, "active", error))
        return false;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return errno == ENOENT || say_system(error, path, "cannot be opened");
    ssize_t length = read(file, content, sizeof content);
    if (length < 0)
        say_system(error, path, "cannot be read");
    close(file);
    if (length < 0)
        return false;
    if (length > FILE_BYTES_MAX)
        return say_damaged(error, path, 0, "is far too long to be what it should be");
    return active_parse((text){content, (size_t)length}, path, active, error);
}

bool channel_active(struct channel_pair *pair, const enum ctp_version *version, struct error *error)
{
    struct active active;
    if (!active_read(&active, error))
        return false;
    if (active.now.name[0])
        return channel_find(pair, text_of(active.now.name), version ? *version : active.now.version,
                            error);
    error_set(error, "no channel is active yet");
    return error_fix(error, "choose one with: openctp-channels switch tts");
}

/* ---- writing ---- */

/* Makes every folder on the way to `path`, which is changed only meanwhile. */
static bool folders_make(char *path, struct error *error)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0755) == 0 || errno == EEXIST;
        if (!made)
            say_system(error, path, "this folder cannot be made");
        *slash = '/';
        if (!made)
            return false;
    }
    return true;
}

/* Takes the lock that writers hold; the descriptor to close, or -1. */
static int lock_take(struct error *error)
{
    char path[CHANNEL_PATH_SIZE];
    if (!file_path(path, "active.lock", error) || !folders_make(path, error))
        return -1;
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock < 0) {
        say_system(error, path, "cannot be opened");
        return -1;
    }
    while (flock(lock, LOCK_EX) != 0) {
        if (errno == EINTR)
            continue;
        say_system(error, path, "cannot be locked");
        close(lock);
        return -1;
    }
    return lock;
}

static bool bytes_write(int file, text bytes)
{
    while (bytes.length) {
        ssize_t written = write(file, bytes.at, bytes.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes = (text){bytes.at + written, bytes.length - (size_t)written};
    }
    return fsync(file) == 0;
}

/* Writes the file beside its place, to disk, and puts it there by rename. Under the lock. */
static bool active_write(const struct active *active, struct error *error)
{
    char path[CHANNEL_PATH_SIZE], fresh[CHANNEL_PATH_SIZE];
    if (!file_path(path, "active", error) || !file_path(fresh, "active.new", error))
        return false;
    struct buffer content = {.length = 0};
    buffer_printf(&content, "# Which channel is active. Written by openctp-channels.\n");
    buffer_printf(&content, "active %s %s\n", active->now.name,
                  ctp_version_name(active->now.version));
    if (active->before.name[0])
        buffer_printf(&content, "before %s %s\n", active->before.name,
                      ctp_version_name(active->before.version));
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool done = file >= 0 && bytes_write(file, buffer_text(&content)) && rename(fresh, path) == 0;
    if (!done)
        say_system(error, path, "cannot be written");
    if (file >= 0)
        close(file);
    if (!done)
        unlink(fresh);
    buffer_finish(&content);
    return done;
}

bool active_switch(const struct active_choice *to, struct active *result, struct error *error)
{
    int lock = lock_take(error);
    if (lock < 0)
        return false;
    if (!active_read(result, NULL))
        *result = (struct active){.now = {.name = ""}}; /* the cure for a damaged file is this */
    bool same = strcmp(result->now.name, to->name) == 0 && result->now.version == to->version;
    if (!same)
        result->before = result->now;
    result->now = *to;
    bool done = active_write(result, error);
    close(lock);
    return done;
}

bool active_undo(struct active *result, struct error *error)
{
    int lock = lock_take(error);
    if (lock < 0)
        return false;
    struct channel_pair pair;
    bool done = active_read(result, error);
    if (done && !result->before.name[0]) {
        error_set(error, "there is no switch to undo");
        done = error_fix(error, "choose a channel with: openctp-channels switch NAME");
    }
    done = done && channel_find(&pair, text_of(result->before.name), result->before.version, error);
    if (done) {
        struct active_choice now = result->now;
        result->now = result->before;
        result->before = now;
        done = active_write(result, error);
    }
    close(lock);
    return done;
}
