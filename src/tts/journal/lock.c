/* lock.c: the lock of one database by one tts, see lock.h. An open-file-description lock: unlike
 * the older kind it is not lost when another descriptor of the same file is closed, and it also
 * holds within one process. */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "tts/journal/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES_MAX = 100 };

static bool lock_busy(const struct lock *lock, const char *path, struct error *error)
{
    char pid[24] = "";
    ssize_t length = pread(lock->descriptor, pid, sizeof pid - 1, 0);
    text owner = text_trim((text){pid, length > 0 ? (size_t)length : 0});
    if (owner.length)
        error_set(error, "database is in use by another tts (pid %.*s)", TEXT_ARG(owner));
    else
        error_set(error, "database is in use by another tts");
    error_at(error, path, 0, 0);
    return error_fix(error, "stop that one, or name another database");
}

static bool lock_refused(const struct lock *lock, const char *what, struct error *error)
{
    int why = errno;
    error_set(error, "cannot %s the lock file: %s", what, strerror(why));
    error_at(error, lock->path, 0, 0);
    return error_fix(error, "the folder of the database must exist and be writable for this user");
}

static void lock_sign(const struct lock *lock)
{
    char pid[24];
    int length = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    if (ftruncate(lock->descriptor, 0) != 0 ||
        pwrite(lock->descriptor, pid, (size_t)length, 0) != length)
        return; /* the lock holds all the same; only the pid in the message is missing */
}

/* True when the file that was locked still bears its name: the owner before may have removed it in
 * between. */
static bool lock_is_current(const struct lock *lock)
{
    struct stat held, named;
    return fstat(lock->descriptor, &held) == 0 && stat(lock->path, &named) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

bool lock_take(struct lock *lock, const char *path, struct error *error)
{
    lock->descriptor = -1;
    int length = snprintf(lock->path, sizeof lock->path, "%s-lock", path);
    if (length < 0 || (size_t)length >= sizeof lock->path)
        return error_set(error, "the database's path is longer than 4,000 bytes");
    for (int i = 0; i < TRIES_MAX; i++) {
        lock->descriptor = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (lock->descriptor < 0)
            return lock_refused(lock, "create", error);
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        bool taken = fcntl(lock->descriptor, F_OFD_SETLK, &whole) == 0;
        if (taken && lock_is_current(lock)) {
            lock_sign(lock);
            return true;
        }
        if (!taken) {
            if (errno == EAGAIN || errno == EACCES)
                lock_busy(lock, path, error);
            else
                lock_refused(lock, "lock", error);
        }
        close(lock->descriptor);
        lock->descriptor = -1;
        if (!taken)
            return false;
    }
    return error_set(error, "the lock file %s keeps being replaced", lock->path);
}

void lock_give(struct lock *lock)
{
    if (lock->descriptor < 0)
        return;
    unlink(lock->path); /* while it is still locked, so that nobody signs a file without a name */
    close(lock->descriptor);
    lock->descriptor = -1;
}
