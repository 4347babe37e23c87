/* read.c: reading records back: each batch is checked (checksum, lengths, continuity) before its
 * first record is given. Also the small named values. Uses the reading connection only, so that
 * commits go on meanwhile. */
#include "tts/journal/checksum.h"
#include "tts/journal/internal.h"
#include "tts/journal/pack.h"

#include <inttypes.h>

/* A reading of records. Batches come in portions, so that a long reading does not keep SQLite from
 * starting the WAL over. */
struct reading {
    struct journal *journal;
    uint64_t from;  /* the first record wanted */
    uint64_t next;  /* the first record of the batch that must come next */
    uint64_t until; /* the last record that is durable when the reading begins */
    journal_take take;
    void *context;
    bool stopped;
};

bool journal_find_last(struct store *store, uint64_t *last, struct error *error)
{
    sqlite3_stmt *find = store_prepare(
        store,
        "SELECT coalesce((SELECT first + count - 1 FROM batch ORDER BY first DESC LIMIT 1), 0),"
        " coalesce((SELECT max(sequence) FROM snapshot), 0)",
        error);
    if (!find)
        return false;
    bool fine = sqlite3_step(find) == SQLITE_ROW || store_error(store, error);
    int64_t records = fine ? sqlite3_column_int64(find, 0) : 0;
    int64_t snapshot = fine ? sqlite3_column_int64(find, 1) : 0;
    sqlite3_finalize(find);
    *last = (uint64_t)records;
    if (fine && snapshot > records)
        return store_damaged(store->path, error,
                             "records %" PRId64 " to %" PRId64 " are missing before the snapshot",
                             records + 1, snapshot);
    return fine;
}

/* Gives the records of one batch. False when the lengths do not add up to it. */
static bool batch_give(struct reading *reading, const char *at, size_t length, uint32_t count)
{
    uint64_t sequence = reading->next;
    for (uint32_t i = 0; i < count && !reading->stopped; i++, sequence++) {
        uint32_t size;
        if (length < sizeof size)
            return false;
        memcpy(&size, at, sizeof size);
        at += sizeof size;
        length -= sizeof size;
        if (size > length || size > JOURNAL_RECORD_BYTES_MAX)
            return false;
        if (sequence >= reading->from && !reading->take(reading->context, sequence, at, size))
            reading->stopped = true;
        at += size;
        length -= size;
    }
    return reading->stopped || length == 0;
}

/* The column `records` as records of `bytes` bytes; a NULL pointer when it does not unpack to them.
 */
static text batch_unpack(struct buffer *unpacked, text stored, int64_t bytes)
{
    static const text nothing = {NULL, 0};
    if (bytes < 1 || bytes > BATCH_BYTES_MAX * INT64_C(2) || (int64_t)stored.length > bytes)
        return nothing;
    if ((int64_t)stored.length == bytes)
        return stored;
    buffer_clear(unpacked);
    char *at = buffer_reserve(unpacked, (size_t)bytes);
    return records_unpack(stored, at, (size_t)bytes) ? (text){at, (size_t)bytes} : nothing;
}

static bool batch_read(struct reading *reading, sqlite3_stmt *rows, struct error *error)
{
    const char *path = reading->journal->path;
    uint64_t first = (uint64_t)sqlite3_column_int64(rows, 0), next = reading->next;
    int64_t count = sqlite3_column_int64(rows, 1), bytes = sqlite3_column_int64(rows, 3);
    text stored = {sqlite3_column_blob(rows, 4), (size_t)sqlite3_column_bytes(rows, 4)};
    if (first != next)
        return store_damaged(path, error, "records %" PRIu64 " to %" PRIu64 " are missing", next,
                             first - 1);
    if (count < 1 || count > UINT32_MAX ||
        checksum_batch(first, (uint64_t)count, (uint64_t)bytes, stored) !=
            (uint64_t)sqlite3_column_int64(rows, 2))
        return store_damaged(
            path, error, "the batch of records from %" PRIu64 " on has a wrong checksum", first);
    text records = batch_unpack(&reading->journal->unpacked, stored, bytes);
    if (!records.at || !batch_give(reading, records.at, records.length, (uint32_t)count))
        return store_damaged(path, error, "the batch of records from %" PRIu64 " on is malformed",
                             first);
    reading->next += (uint64_t)count;
    return true;
}

/* One portion. False with `error`; at the end next is above until, or stopped is set. */
static bool portion_read(struct reading *reading, sqlite3_stmt *rows, struct error *error)
{
    uint64_t before = reading->next;
    int code = SQLITE_DONE;
    bool fine = true;
    sqlite3_bind_int64(rows, 1, (int64_t)before);
    while (fine && !reading->stopped && reading->next <= reading->until &&
           (code = sqlite3_step(rows)) == SQLITE_ROW)
        fine = batch_read(reading, rows, error);
    if (fine && code != SQLITE_ROW && code != SQLITE_DONE)
        fine = store_error(&reading->journal->reader, error);
    else if (fine && !reading->stopped && reading->next == before)
        fine =
            store_damaged(reading->journal->path, error,
                          "records %" PRIu64 " to %" PRIu64 " are missing", before, reading->until);
    sqlite3_reset(rows);
    return fine;
}

/* The first record of the batch in which `from` is, or 0 when no batch begins at or before it. */
static bool batch_find(struct journal *journal, uint64_t from, uint64_t *first, struct error *error)
{
    sqlite3_stmt *find =
        store_prepare(&journal->reader,
                      "SELECT coalesce((SELECT max(first) FROM batch WHERE first <= ?), 0)", error);
    if (!find)
        return false;
    sqlite3_bind_int64(find, 1, from > INT64_MAX ? INT64_MAX : (int64_t)from);
    bool fine = sqlite3_step(find) == SQLITE_ROW;
    if (fine)
        *first = (uint64_t)sqlite3_column_int64(find, 0);
    else
        store_error(&journal->reader, error);
    sqlite3_finalize(find);
    return fine;
}

static bool records_read(struct reading *reading, struct error *error)
{
    struct journal *journal = reading->journal;
    if (!batch_find(journal, reading->from, &reading->next, error))
        return false;
    if (!reading->next) {
        error_set(error, "record %" PRIu64 " is not there: a compaction has removed it",
                  reading->from);
        error_at(error, journal->path, 0, 0);
        return error_fix(error, "begin with the snapshot");
    }
    sqlite3_stmt *rows = store_prepare(&journal->reader,
                                       "SELECT first, count, checksum, bytes, records FROM batch"
                                       " WHERE first >= ? ORDER BY first LIMIT 64",
                                       error);
    bool fine = rows != NULL;
    while (fine && !reading->stopped && reading->next <= reading->until)
        fine = portion_read(reading, rows, error);
    sqlite3_finalize(rows);
    return fine;
}

bool journal_read(struct journal *journal, uint64_t from, journal_take take, void *context,
                  struct error *error)
{
    struct reading reading = {.journal = journal,
                              .from = from ? from : 1,
                              .until = journal_durable(journal),
                              .take = take,
                              .context = context};
    if (reading.from > reading.until)
        return true;
    pthread_mutex_lock(&journal->reading);
    bool fine = records_read(&reading, error);
    pthread_mutex_unlock(&journal->reading);
    return fine;
}

uint64_t journal_first(struct journal *journal)
{
    uint64_t first = journal_durable(journal) + 1;
    pthread_mutex_lock(&journal->reading);
    sqlite3_stmt *find = store_prepare(&journal->reader, "SELECT min(first) FROM batch", NULL);
    if (find && sqlite3_step(find) == SQLITE_ROW && sqlite3_column_int64(find, 0) > 0)
        first = (uint64_t)sqlite3_column_int64(find, 0);
    sqlite3_finalize(find);
    pthread_mutex_unlock(&journal->reading);
    return first;
}

bool journal_meta_read(struct journal *journal, text name, struct buffer *value,
                       struct error *error)
{
    buffer_clear(value);
    pthread_mutex_lock(&journal->reading);
    sqlite3_stmt *find =
        store_prepare(&journal->reader, "SELECT value FROM meta WHERE name = ?", error);
    int code = SQLITE_ERROR;
    if (find) {
        sqlite3_bind_text(find, 1, name.at, (int)name.length, SQLITE_STATIC);
        code = sqlite3_step(find);
        if (code == SQLITE_ROW)
            buffer_put(value, sqlite3_column_blob(find, 0), (size_t)sqlite3_column_bytes(find, 0));
        else if (code != SQLITE_DONE)
            store_error(&journal->reader, error);
        sqlite3_finalize(find);
    }
    pthread_mutex_unlock(&journal->reading);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}
