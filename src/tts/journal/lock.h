/* lock.h: one tts per database. A file beside it, "<database>-lock", is locked for the life of the
 * process (the kernel drops the lock with it, however it ends) and carries the process id for the
 * message to the second one. */
#ifndef TTS_JOURNAL_LOCK_H
#define TTS_JOURNAL_LOCK_H

#include "base/error.h"

struct lock {
    int descriptor;  /* -1: not held */
    char path[4096]; /* of the lock file */
};

/* Takes the lock of the database `path`. False with `error`: in use by another tts (with its pid),
 * or a folder that may not be written. */
bool lock_take(struct lock *lock, const char *path, struct error *error);

/* Gives it back and removes the file. A lock that is not held is fine. */
void lock_give(struct lock *lock);

#endif
