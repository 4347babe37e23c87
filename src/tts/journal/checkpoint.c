/* checkpoint.c: the keeper thread, which moves committed pages from the WAL into the database file
 * while commits go on behind it, so that SQLite can write the WAL from its beginning again. The
 * copy needs no lock against the writer; only the last short pass takes the writer's turn, because
 * the WAL can start over only when all of it has been copied. */
#include "tts/journal/internal.h"

#include "base/log.h"

enum {
    /* Each pass is shorter than the one before, as fewer commits arrive during it (0.6 of it at
       full load), until little is left. */
    PASSES_MAX = 10,
    REST_FRAMES = 64
};

/* SQLite calls it on the writing connection after each commit. */
static int frames_note(void *context, sqlite3 *db, const char *name, int frames)
{
    (void)db;
    (void)name;
    struct journal *journal = context;
    atomic_store(&journal->wal_frames, frames);
    int kept = atomic_load(&journal->wal_kept);
    int waiting = frames < kept ? frames : frames - kept; /* fewer frames: it has started over */
    if (frames >= journal->wal_frames_high && waiting >= journal->wal_frames_high / 4) {
        pthread_mutex_lock(&journal->mutex);
        journal->wal_full = true;
        pthread_cond_signal(&journal->full);
        pthread_mutex_unlock(&journal->mutex);
    }
    return SQLITE_OK;
}

void keeper_watch(struct journal *journal)
{
    sqlite3_wal_hook(journal->writer.db, frames_note, journal);
}

/* One pass; gives the frames that are in the database file afterwards, or -1 when it failed. A
 * failure endangers nothing yet (the WAL has it all and grows); it is told once, and tried again
 * with the next commits. When the WAL cannot grow, the commit fails. */
static int wal_copy(struct journal *journal)
{
    int frames = 0, copied = 0;
    int code = sqlite3_wal_checkpoint_v2(journal->keeper.db, NULL, SQLITE_CHECKPOINT_PASSIVE,
                                         &frames, &copied);
    bool fine = code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY;
    bool told = journal->keeper_failed;
    journal->keeper_failed = !fine;
    if (fine || told)
        return fine ? copied : -1;
    struct error error = {.line = 0};
    char line[1024];
    store_error(&journal->keeper, &error);
    log_line(LOG_WARN, "journal checkpoint: %s", error_text(&error, line, sizeof line));
    return -1;
}

static void wal_keep(struct journal *journal)
{
    int copied = 0;
    for (int pass = 0; pass < PASSES_MAX && copied >= 0; pass++) {
        copied = wal_copy(journal);
        if (atomic_load(&journal->wal_frames) - copied < REST_FRAMES)
            break;
    }
    if (copied >= 0) {
        turn_take(&journal->turn);
        copied = wal_copy(journal);
        turn_give(&journal->turn);
    }
    int frames = atomic_load(&journal->wal_frames);
    atomic_store(&journal->wal_kept, copied >= 0 ? copied : frames);
}

void *keeper_run(void *context)
{
    struct journal *journal = context;
    pthread_mutex_lock(&journal->mutex);
    for (;;) {
        while (!journal->wal_full && !journal->stopping)
            pthread_cond_wait(&journal->full, &journal->mutex);
        if (journal->stopping)
            break;
        pthread_mutex_unlock(&journal->mutex);
        wal_keep(journal);
        pthread_mutex_lock(&journal->mutex);
        journal->wal_full = false;
    }
    pthread_mutex_unlock(&journal->mutex);
    return NULL;
}
