/* journal.c: opening, batches and the commit thread. How records go from the owner's batch to the
 * disk, see journal.h.
 *
 *     open ──seal──► sealed ──commit thread──► writing ──transaction──► durable
 *     (owner)        (mutex)                   (commit thread)
 *
 * A failure of the disk stops the line for good: `failed` is set, what is sealed is dropped,
 * durable stays where it is. */
#include "tts/journal/journal.h"

#include "tts/journal/checksum.h"
#include "tts/journal/internal.h"
#include "tts/journal/pack.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    WAL_BYTES_DEFAULT = 64 << 20,
    /* SQLite writes all twice, and packing costs a hundredth of it. A smaller batch costs its sync
     * whatever its size. */
    PACK_BYTES_MIN = 4 << 10,
};

/* ---- the commit thread ---- */

/* What goes into the column `records`: the bytes, packed where that pays. */
static text batch_pack(struct journal *journal, const struct batch *batch)
{
    text plain = buffer_text(&batch->bytes);
    if (plain.length < PACK_BYTES_MIN)
        return plain;
    records_pack(plain, &journal->packed);
    return journal->packed.length < plain.length ? buffer_text(&journal->packed) : plain;
}

static bool batch_write(struct journal *journal, const struct batch *batch, struct error *error)
{
    text records = batch_pack(journal, batch);
    uint64_t sum = checksum_batch(batch->first, batch->count, batch->bytes.length, records);
    turn_take(&journal->turn);
    sqlite3_stmt *insert = journal->insert;
    sqlite3_bind_int64(insert, 1, (int64_t)batch->first);
    sqlite3_bind_int64(insert, 2, batch->count);
    sqlite3_bind_int64(insert, 3, (int64_t)sum);
    sqlite3_bind_int64(insert, 4, (int64_t)batch->bytes.length);
    sqlite3_bind_blob64(insert, 5, records.at, records.length, SQLITE_STATIC);
    bool fine = store_finish(&journal->writer, insert, error);
    turn_give(&journal->turn);
    return fine;
}

static void batch_clear(struct batch *batch)
{
    buffer_clear(&batch->bytes);
    batch->count = 0;
}

static void progress_tell(struct journal *journal)
{
    uint64_t one = 1;
    ssize_t written = write(journal->descriptor, &one, sizeof one);
    (void)written; /* it fails only when the counter is full, and then it is readable already */
}

/* Under the mutex. */
static void journal_fail(struct journal *journal, const struct error *error)
{
    if (!atomic_load(&journal->failed))
        journal->failure = *error;
    atomic_store(&journal->failed, true);
    batch_clear(&journal->sealed);
    pthread_cond_broadcast(&journal->done);
    progress_tell(journal);
}

/* Writes `writing` and tells the outcome. Comes back with the mutex held. */
static void batch_commit(struct journal *journal)
{
    struct error error = {.line = 0};
    struct batch *batch = &journal->writing;
    bool fine = batch_write(journal, batch, &error);
    pthread_mutex_lock(&journal->mutex);
    if (fine) {
        atomic_store(&journal->durable, batch->first + batch->count - 1);
        pthread_cond_broadcast(&journal->done);
        progress_tell(journal);
    } else {
        journal_fail(journal, &error);
    }
    batch_clear(batch);
}

static void *commit_run(void *context)
{
    struct journal *journal = context;
    pthread_mutex_lock(&journal->mutex);
    for (;;) {
        while (!journal->sealed.count && !journal->stopping)
            pthread_cond_wait(&journal->work, &journal->mutex);
        if (!journal->sealed.count)
            break;
        struct batch taken = journal->sealed;
        journal->sealed = journal->writing;
        journal->writing = taken;
        journal->busy = true;
        pthread_cond_broadcast(&journal->done);
        pthread_mutex_unlock(&journal->mutex);
        batch_commit(journal);
        journal->busy = false;
    }
    pthread_mutex_unlock(&journal->mutex);
    return NULL;
}

/* ---- the owner's side ---- */

static void batch_refuse(struct journal *journal, const char *what)
{
    struct error error = {.line = 0};
    error_set(&error, "%s", what);
    error_at(&error, journal->path, 0, 0);
    pthread_mutex_lock(&journal->mutex);
    journal_fail(journal, &error);
    pthread_mutex_unlock(&journal->mutex);
}

char *journal_append_room(struct journal *journal, size_t length)
{
    struct batch *batch = &journal->open;
    journal->last++;
    if (length > JOURNAL_RECORD_BYTES_MAX)
        batch_refuse(journal, "a record is longer than 1 MiB");
    else if (batch->bytes.length > BATCH_BYTES_MAX)
        batch_refuse(journal, "a batch is longer than 256 MiB");
    uint32_t prefix = (uint32_t)length;
    char *at = buffer_reserve(&batch->bytes, sizeof prefix + length);
    if (atomic_load_explicit(&journal->failed, memory_order_relaxed))
        return at; /* written behind the end, for nobody */
    if (!batch->count++)
        batch->first = journal->last;
    memcpy(at, &prefix, sizeof prefix);
    batch->bytes.length += sizeof prefix + length;
    return at + sizeof prefix;
}

uint64_t journal_append(struct journal *journal, const void *bytes, size_t length)
{
    char *at = journal_append_room(journal, length);
    if (length)
        memcpy(at, bytes, length);
    return journal->last;
}

/* Under the mutex: `open` becomes, or is joined to, `sealed`. */
static void batch_hand_over(struct journal *journal)
{
    struct batch *from = &journal->open, *to = &journal->sealed;
    if (to->count) {
        buffer_put(&to->bytes, from->bytes.at, from->bytes.length);
        to->count += from->count;
    } else {
        struct batch empty = *to;
        *to = *from;
        *from = empty;
    }
    batch_clear(from);
}

uint64_t journal_seal(struct journal *journal)
{
    if (!journal->open.count)
        return journal->handed;
    pthread_mutex_lock(&journal->mutex);
    while (journal->sealed.bytes.length > JOURNAL_PENDING_BYTES_MAX &&
           !atomic_load(&journal->failed))
        pthread_cond_wait(&journal->done, &journal->mutex);
    if (atomic_load(&journal->failed)) {
        batch_clear(&journal->open);
    } else {
        batch_hand_over(journal);
        pthread_cond_signal(&journal->work);
    }
    pthread_mutex_unlock(&journal->mutex);
    journal->handed = journal->last;
    return journal->handed;
}

/* An owner that would only wait does the writing itself when the commit thread rests: that saves
 * two changes of threads, a fifth of the time of a small commit. Only the owner seals, so the
 * commit thread finds nothing meanwhile. */
static void batch_commit_here(struct journal *journal)
{
    pthread_mutex_lock(&journal->mutex);
    if (journal->open.count && !journal->busy && !journal->sealed.count &&
        !atomic_load(&journal->failed)) {
        struct batch taken = journal->open;
        journal->open = journal->writing;
        journal->writing = taken;
        journal->handed = journal->last;
        pthread_mutex_unlock(&journal->mutex);
        batch_commit(journal);
    }
    pthread_mutex_unlock(&journal->mutex);
}

bool journal_commit(struct journal *journal, struct error *error)
{
    batch_commit_here(journal);
    uint64_t last = journal_seal(journal);
    pthread_mutex_lock(&journal->mutex);
    while (atomic_load(&journal->durable) < last && !atomic_load(&journal->failed))
        pthread_cond_wait(&journal->done, &journal->mutex);
    pthread_mutex_unlock(&journal->mutex);
    return !journal_failed(journal, error);
}

bool journal_failed(struct journal *journal, struct error *error)
{
    if (!atomic_load(&journal->failed))
        return false;
    pthread_mutex_lock(&journal->mutex);
    if (error)
        *error = journal->failure;
    pthread_mutex_unlock(&journal->mutex);
    return true;
}

uint64_t journal_durable(const struct journal *journal)
{
    return atomic_load(&journal->durable);
}

uint64_t journal_last(const struct journal *journal)
{
    return journal->last;
}

int journal_descriptor(const struct journal *journal)
{
    return journal->descriptor;
}

void journal_progress_clear(struct journal *journal)
{
    uint64_t count;
    ssize_t got = read(journal->descriptor, &count, sizeof count);
    (void)got; /* nothing to clear is fine */
}

/* ---- opening and closing ---- */

static struct journal *journal_create(const char *path)
{
    struct journal *journal = memory_get_zeroed(1, sizeof *journal);
    journal->path = memory_copy_text(text_of(path));
    journal->lock.descriptor = -1;
    journal->descriptor = -1;
    pthread_mutex_init(&journal->mutex, NULL);
    pthread_mutex_init(&journal->reading, NULL);
    pthread_mutex_init(&journal->upkeep, NULL);
    pthread_cond_init(&journal->work, NULL);
    pthread_cond_init(&journal->done, NULL);
    pthread_cond_init(&journal->full, NULL);
    turn_init(&journal->turn);
    return journal;
}

static bool journal_start_threads(struct journal *journal, struct error *error)
{
    journal->commit_started =
        pthread_create(&journal->commit_thread, NULL, commit_run, journal) == 0;
    journal->keeper_started =
        pthread_create(&journal->keeper_thread, NULL, keeper_run, journal) == 0;
    return (journal->commit_started && journal->keeper_started) ||
           error_set(error, "cannot start the journal's threads");
}

static bool journal_start_writing(struct journal *journal, uint32_t wal_bytes, struct error *error)
{
    if (!store_open(&journal->writer, journal->path, false, error) ||
        !store_open(&journal->keeper, journal->path, false, error) ||
        !store_extend_wal(&journal->reader, wal_bytes, error))
        return false;
    journal->insert =
        store_prepare(&journal->writer, "INSERT INTO batch VALUES(?, ?, ?, ?, ?)", error);
    if (!journal->insert)
        return false;
    journal->wal_frames_high = (int)(wal_bytes / STORE_FRAME_BYTES / 4);
    keeper_watch(journal);
    return journal_start_threads(journal, error);
}

static bool journal_start(struct journal *journal, const struct journal_options *options,
                          struct error *error)
{
    journal->read_only = options->read_only;
    bool must_exist = options->must_exist || options->read_only;
    journal->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (journal->descriptor < 0)
        return error_set(error, "no eventfd: %s", strerror(errno));
    if (!journal->read_only && !lock_take(&journal->lock, journal->path, error))
        return false;
    if (!store_prepare_file(journal->path, must_exist, error) ||
        !store_open(&journal->reader, journal->path, journal->read_only, error) ||
        !journal_find_last(&journal->reader, &journal->last, error))
        return false;
    journal->handed = journal->last;
    atomic_store(&journal->durable, journal->last);
    uint32_t wal_bytes = options->wal_bytes ? options->wal_bytes : WAL_BYTES_DEFAULT;
    return journal->read_only || journal_start_writing(journal, wal_bytes, error);
}

struct journal *journal_open(const char *path, const struct journal_options *options,
                             struct error *error)
{
    struct journal_options defaults = {.wal_bytes = 0};
    struct journal *journal = journal_create(path);
    if (journal_start(journal, options ? options : &defaults, error))
        return journal;
    journal_close(journal);
    return NULL;
}

static void journal_stop_threads(struct journal *journal)
{
    if (journal->commit_started)
        journal_seal(journal);
    pthread_mutex_lock(&journal->mutex);
    journal->stopping = true;
    pthread_cond_broadcast(&journal->work);
    pthread_cond_broadcast(&journal->full);
    pthread_mutex_unlock(&journal->mutex);
    if (journal->commit_started)
        pthread_join(journal->commit_thread, NULL);
    if (journal->keeper_started)
        pthread_join(journal->keeper_thread, NULL);
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    journal_stop_threads(journal);
    sqlite3_finalize(journal->insert);
    store_close(&journal->keeper);
    store_close(&journal->reader);
    store_close(&journal->writer); /* the last one: folds the WAL into the file and removes it */
    lock_give(&journal->lock);
    if (journal->descriptor >= 0)
        close(journal->descriptor);
    buffer_finish(&journal->open.bytes);
    buffer_finish(&journal->sealed.bytes);
    buffer_finish(&journal->writing.bytes);
    buffer_finish(&journal->packed);
    buffer_finish(&journal->unpacked);
    turn_finish(&journal->turn);
    pthread_cond_destroy(&journal->full);
    pthread_cond_destroy(&journal->done);
    pthread_cond_destroy(&journal->work);
    pthread_mutex_destroy(&journal->upkeep);
    pthread_mutex_destroy(&journal->reading);
    pthread_mutex_destroy(&journal->mutex);
    free(journal->path);
    free(journal);
}
