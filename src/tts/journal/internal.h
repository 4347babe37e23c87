/* internal.h: what the files of the journal share: the journal itself, and which lock guards what.
 */
#ifndef TTS_JOURNAL_INTERNAL_H
#define TTS_JOURNAL_INTERNAL_H

#include "tts/journal/journal.h"
#include "tts/journal/lock.h"
#include "tts/journal/store.h"
#include "tts/journal/turn.h"

#include <stdatomic.h>

/* Records in the form that the column `records` has: for each its length in 4 bytes, lowest first,
 * and its bytes. Where that column is shorter than the column `bytes` tells, it is that form packed
 * (pack.h). */
struct batch {
    struct buffer bytes;
    uint64_t first; /* sequence of the first record */
    uint32_t count;
};

enum {
    /* Upkeep writes at most about this much before a commit may go on. */
    SLICE_BYTES = 1 << 20,
    /* With what may be pending it stays below SQLite's limit of a blob, 1e9. */
    BATCH_BYTES_MAX = 1 << 28,
};

struct journal {
    char *path;
    bool read_only;
    struct lock lock;

    /* The owner's thread only. */
    struct batch open;
    uint64_t last;   /* sequence of the last record appended */
    uint64_t handed; /* of the last one sealed */

    /* Under `mutex`. */
    pthread_mutex_t mutex;
    pthread_cond_t work; /* for the commit thread: `sealed` or `stopping` has changed */
    pthread_cond_t done; /* for waiting owners: `sealed` was taken, `durable` moved, or it failed */
    pthread_cond_t full; /* for the keeper: `wal_full` or `stopping` has changed */
    struct batch sealed;
    bool stopping, wal_full;
    bool busy; /* the commit thread has taken a batch */
    struct error failure;

    _Atomic uint64_t durable;
    atomic_bool failed;
    atomic_int wal_frames; /* frames in the WAL after the last commit */
    atomic_int wal_kept;   /* frames already in the database file after the keeper's last pass */
    int wal_frames_high;   /* the keeper starts here: a quarter of the WAL */

    struct batch writing; /* this and the next two: whose turn it is to commit */
    struct buffer packed;
    int descriptor; /* eventfd */
    pthread_t commit_thread, keeper_thread;
    bool commit_started, keeper_started;

    struct turn turn; /* guards `writer` */
    struct store writer;
    sqlite3_stmt *insert;
    pthread_mutex_t reading; /* guards `reader` */
    struct store reader;
    struct buffer unpacked; /* the batch being read */
    struct store keeper;    /* this and the next: the keeper thread's own */
    bool keeper_failed;     /* the last pass did */
    pthread_mutex_t upkeep; /* one snapshot or compaction at a time */
};

/* checkpoint.c: the thread that copies the WAL into the database file, and what tells it to. */
void *keeper_run(void *journal);
void keeper_watch(struct journal *journal);

/* The last sequence in the file; false with `error` for a damaged one. */
bool journal_find_last(struct store *store, uint64_t *last, struct error *error);

#endif
