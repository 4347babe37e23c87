/* snapshot.c: states of the counter in the journal's file, and the removal of records that they
 * make needless. All writing is done in slices, each a transaction of its own; a snapshot counts
 * from the moment its row in `snapshot` is there, which is the last one written, so a crash in
 * between leaves only parts without a row, and the next snapshot sweeps these away. */
#include "tts/journal/checksum.h"
#include "tts/journal/internal.h"

#include "base/clock.h"
#include "base/log.h"

#include <inttypes.h>
#include <zstd.h>

enum { COMPRESSION = 1 }; /* zstd's level: the state compresses well already at the fastest */

/* One row of `snapshot`. */
struct snapshot {
    int64_t sequence, bytes, parts;
    uint64_t checksum;
};

/* ---- writing ---- */

/* Runs one writing statement as a transaction of its own, in its turn. Finalizes it. */
static bool slice_write(struct journal *journal, sqlite3_stmt *statement, struct error *error)
{
    turn_take(&journal->turn);
    bool fine = store_finish(&journal->writer, statement, error);
    sqlite3_finalize(statement);
    turn_give(&journal->turn);
    return fine;
}

static sqlite3_stmt *slice_prepare(struct journal *journal, const char *sql, struct error *error)
{
    turn_take(&journal->turn);
    sqlite3_stmt *statement = store_prepare(&journal->writer, sql, error);
    turn_give(&journal->turn);
    return statement;
}

/* Runs a query of one number in its turn; -1 with `error` when it fails, `absent` when it gives no
 * row or NULL. */
static int64_t number_query(struct journal *journal, const char *sql, int64_t absent,
                            struct error *error)
{
    int64_t number = -1;
    turn_take(&journal->turn);
    sqlite3_stmt *query = store_prepare(&journal->writer, sql, error);
    if (query) {
        int code = sqlite3_step(query);
        if (code == SQLITE_ROW && sqlite3_column_type(query, 0) != SQLITE_NULL)
            number = sqlite3_column_int64(query, 0);
        else if (code == SQLITE_ROW || code == SQLITE_DONE)
            number = absent;
        else
            store_error(&journal->writer, error);
        sqlite3_finalize(query);
    }
    turn_give(&journal->turn);
    return number;
}

/* Removes the parts that belong to no snapshot, one by one. */
static bool parts_sweep(struct journal *journal, struct error *error)
{
    for (;;) {
        int64_t id = number_query(journal,
                                  "SELECT id FROM snapshot_part WHERE sequence NOT IN"
                                  " (SELECT sequence FROM snapshot) LIMIT 1",
                                  0, error);
        if (id <= 0)
            return id == 0;
        sqlite3_stmt *sweep =
            slice_prepare(journal, "DELETE FROM snapshot_part WHERE id = ?", error);
        if (!sweep)
            return false;
        sqlite3_bind_int64(sweep, 1, id);
        if (!slice_write(journal, sweep, error))
            return false;
    }
}

static bool part_write(struct journal *journal, uint64_t sequence, int64_t part, const char *bytes,
                       size_t length, struct error *error)
{
    size_t room = ZSTD_compressBound(length);
    char *body = memory_get(room);
    size_t size = ZSTD_compress(body, room, bytes, length, COMPRESSION);
    bool fine = false;
    sqlite3_stmt *insert = NULL;
    if (ZSTD_isError(size))
        error_set(error, "snapshot: %s", ZSTD_getErrorName(size));
    else
        insert = slice_prepare(
            journal, "INSERT INTO snapshot_part(sequence, part, bytes, body) VALUES(?, ?, ?, ?)",
            error);
    if (insert) {
        sqlite3_bind_int64(insert, 1, (int64_t)sequence);
        sqlite3_bind_int64(insert, 2, part);
        sqlite3_bind_int64(insert, 3, (int64_t)length);
        sqlite3_bind_blob64(insert, 4, body, size, SQLITE_STATIC);
        fine = slice_write(journal, insert, error);
    }
    free(body);
    return fine;
}

static bool row_write(struct journal *journal, const struct snapshot *row, struct error *error)
{
    sqlite3_stmt *insert =
        slice_prepare(journal, "INSERT INTO snapshot VALUES(?, ?, ?, ?, ?)", error);
    if (!insert)
        return false;
    sqlite3_bind_int64(insert, 1, row->sequence);
    sqlite3_bind_int64(insert, 2, clock_now_us());
    sqlite3_bind_int64(insert, 3, row->bytes);
    sqlite3_bind_int64(insert, 4, row->parts);
    sqlite3_bind_int64(insert, 5, (int64_t)row->checksum);
    return slice_write(journal, insert, error);
}

static bool snapshots_forget(struct journal *journal, struct error *error)
{
    sqlite3_stmt *forget =
        slice_prepare(journal,
                      "DELETE FROM snapshot WHERE sequence NOT IN"
                      " (SELECT sequence FROM snapshot ORDER BY sequence DESC LIMIT 2)",
                      error);
    return forget && slice_write(journal, forget, error) && parts_sweep(journal, error);
}

static bool snapshot_allowed(struct journal *journal, uint64_t sequence, struct error *error)
{
    uint64_t durable = journal_durable(journal);
    if (sequence > durable)
        return error_set(error, "snapshot of record %" PRIu64 " while only %" PRIu64 " are durable",
                         sequence, durable);
    struct error detail = {.line = 0};
    int64_t newest =
        number_query(journal, "SELECT max(sequence) + 1 FROM snapshot", 0, &detail) - 1;
    if (detail.what[0]) {
        if (error)
            *error = detail;
        return false;
    }
    if ((int64_t)sequence <= newest)
        return error_set(error, "a snapshot of record %" PRId64 " is there already", newest);
    return true;
}

static bool snapshot_put(struct journal *journal, uint64_t sequence, const char *at, size_t length,
                         struct error *error)
{
    struct snapshot row = {
        .sequence = (int64_t)sequence, .bytes = (int64_t)length, .checksum = sequence};
    if (!snapshot_allowed(journal, sequence, error) || !parts_sweep(journal, error))
        return false;
    while (length) {
        size_t step = length < SLICE_BYTES ? length : SLICE_BYTES;
        row.checksum = checksum_bytes(row.checksum, at, step);
        if (!part_write(journal, sequence, row.parts++, at, step, error))
            return false;
        at += step;
        length -= step;
    }
    return row_write(journal, &row, error) && snapshots_forget(journal, error);
}

bool journal_snapshot_write(struct journal *journal, uint64_t sequence, const void *bytes,
                            size_t length, struct error *error)
{
    if (journal->read_only)
        return error_set(error, "%s is open for reading only", journal->path);
    pthread_mutex_lock(&journal->upkeep);
    bool fine = snapshot_put(journal, sequence, bytes, length, error);
    pthread_mutex_unlock(&journal->upkeep);
    return fine;
}

/* ---- reading ---- */

/* Adds one part to `state`. False when it is not what was written, as far as the part alone tells.
 */
static bool part_take(struct snapshot *row, sqlite3_stmt *parts, int64_t part, struct buffer *state)
{
    int64_t bytes = sqlite3_column_int64(parts, 1);
    const void *body = sqlite3_column_blob(parts, 2);
    if (sqlite3_column_int64(parts, 0) != part || bytes < 1 || bytes > SLICE_BYTES)
        return false;
    char *at = buffer_reserve(state, SLICE_BYTES);
    size_t size = ZSTD_decompress(at, SLICE_BYTES, body, (size_t)sqlite3_column_bytes(parts, 2));
    if (ZSTD_isError(size) || (int64_t)size != bytes)
        return false;
    state->length += size;
    row->checksum = checksum_bytes(row->checksum, at, size);
    return true;
}

/* Reads the state of one row. False with `error` when it is damaged. */
static bool snapshot_load(struct journal *journal, const struct snapshot *row, struct buffer *state,
                          struct error *error)
{
    sqlite3_stmt *parts = store_prepare(
        &journal->reader,
        "SELECT part, bytes, body FROM snapshot_part WHERE sequence = ? ORDER BY part", error);
    if (!parts)
        return false;
    sqlite3_bind_int64(parts, 1, row->sequence);
    struct snapshot sum = {.checksum = (uint64_t)row->sequence};
    bool whole = true;
    int code;
    buffer_clear(state);
    while (whole && (code = sqlite3_step(parts)) == SQLITE_ROW)
        whole = part_take(&sum, parts, sum.parts++, state);
    bool fine = whole && code == SQLITE_DONE && sum.parts == row->parts &&
                (int64_t)state->length == row->bytes && sum.checksum == row->checksum;
    if (!fine)
        store_damaged(journal->path, error,
                      "the snapshot of record %" PRId64 " does not match its checksum",
                      row->sequence);
    sqlite3_finalize(parts);
    return fine;
}

static void snapshot_complain(const struct error *error)
{
    char line[1024];
    log_line(LOG_ERROR, "%s", error_text(error, line, sizeof line));
}

/* Tries the rows from the newest on. */
static bool snapshots_try(struct journal *journal, sqlite3_stmt *rows, struct snapshot *row,
                          struct buffer *state, struct error *error)
{
    struct error damage = {.line = 0};
    int code;
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        *row = (struct snapshot){.sequence = sqlite3_column_int64(rows, 0),
                                 .bytes = sqlite3_column_int64(rows, 1),
                                 .parts = sqlite3_column_int64(rows, 2),
                                 .checksum = (uint64_t)sqlite3_column_int64(rows, 3)};
        if (snapshot_load(journal, row, state, &damage))
            return true;
        snapshot_complain(&damage);
    }
    row->sequence = -1;
    buffer_clear(state);
    if (code != SQLITE_DONE)
        return store_error(&journal->reader, error);
    if (damage.what[0] && error)
        *error = damage;
    return !damage.what[0];
}

bool journal_snapshot_read(struct journal *journal, bool *found, uint64_t *sequence,
                           struct buffer *state, struct error *error)
{
    struct snapshot row = {.sequence = -1};
    *found = false;
    pthread_mutex_lock(&journal->reading);
    sqlite3_stmt *rows = store_prepare(
        &journal->reader,
        "SELECT sequence, bytes, parts, checksum FROM snapshot ORDER BY sequence DESC", error);
    bool fine = rows && snapshots_try(journal, rows, &row, state, error);
    sqlite3_finalize(rows);
    pthread_mutex_unlock(&journal->reading);
    *found = fine && row.sequence >= 0;
    if (*found)
        *sequence = (uint64_t)row.sequence;
    return fine;
}

/* ---- compaction ---- */

/* The first record behind one slice of removable batches, 0 when there is nothing to remove. False
 * with `error`. */
static bool slice_find(struct journal *journal, uint64_t limit, int64_t *behind,
                       struct error *error)
{
    *behind = 0;
    turn_take(&journal->turn);
    sqlite3_stmt *rows = store_prepare(&journal->writer,
                                       "SELECT first + count, length(records) FROM batch"
                                       " WHERE first < (SELECT max(first) FROM batch)"
                                       " ORDER BY first LIMIT 1024",
                                       error);
    int64_t bytes = 0;
    int code = SQLITE_ERROR;
    while (rows && bytes < SLICE_BYTES && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        if ((uint64_t)sqlite3_column_int64(rows, 0) > limit + 1)
            break;
        *behind = sqlite3_column_int64(rows, 0);
        bytes += sqlite3_column_int64(rows, 1);
    }
    bool fine = code == SQLITE_ROW || code == SQLITE_DONE;
    if (rows && !fine)
        store_error(&journal->writer, error);
    sqlite3_finalize(rows);
    turn_give(&journal->turn);
    return fine;
}

static bool records_remove(struct journal *journal, uint64_t limit, struct error *error)
{
    for (;;) {
        int64_t behind;
        if (!slice_find(journal, limit, &behind, error))
            return false;
        if (!behind)
            return true;
        sqlite3_stmt *sweep = slice_prepare(journal, "DELETE FROM batch WHERE first < ?", error);
        if (!sweep)
            return false;
        sqlite3_bind_int64(sweep, 1, behind);
        if (!slice_write(journal, sweep, error))
            return false;
    }
}

bool journal_compact(struct journal *journal, uint64_t sequence, struct error *error)
{
    if (journal->read_only)
        return error_set(error, "%s is open for reading only", journal->path);
    pthread_mutex_lock(&journal->upkeep);
    int64_t older = number_query(
        journal, "SELECT sequence FROM snapshot ORDER BY sequence DESC LIMIT 1 OFFSET 1", 0, error);
    uint64_t limit = older > 0 && (uint64_t)older < sequence ? (uint64_t)older : sequence;
    bool fine = older == 0 || (older > 0 && records_remove(journal, limit, error));
    pthread_mutex_unlock(&journal->upkeep);
    return fine;
}

/* ---- small named values ---- */

bool journal_meta_write(struct journal *journal, text name, text value, struct error *error)
{
    if (journal->read_only)
        return error_set(error, "%s is open for reading only", journal->path);
    sqlite3_stmt *write = slice_prepare(journal, "INSERT OR REPLACE INTO meta VALUES(?, ?)", error);
    if (!write)
        return false;
    sqlite3_bind_text(write, 1, name.at, (int)name.length, SQLITE_STATIC);
    sqlite3_bind_blob64(write, 2, value.length ? value.at : "", value.length, SQLITE_STATIC);
    return slice_write(journal, write, error);
}
