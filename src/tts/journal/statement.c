/* statement.c: settlement statements in the journal's file: a row for each account, day and
 * settlement, packed by zstd with a checksum, kept for ever. A compaction does not touch them. They
 * are written in slices between the commits and read on the reading connection. */
#include "tts/journal/checksum.h"
#include "tts/journal/internal.h"

#include <zstd.h>

enum {
    PACKING = 3,
    /* A row dirties two pages; its text, packed, is small. */
    SLICE_ROWS = SLICE_BYTES / STORE_PAGE_BYTES / 2,
    STATEMENT_BYTES_MAX = 1 << 28,
};

static uint64_t statement_sum(int trading_day, int settlement_id, text body)
{
    return checksum_bytes((uint64_t)trading_day << 16 ^ (uint64_t)settlement_id, body.at,
                          body.length);
}

/* ---- writing ---- */

/* Packs the body behind the others in `packed` and gives its length; 0 with `error`. */
static size_t body_pack(struct buffer *packed, text body, struct error *error)
{
    size_t room = ZSTD_compressBound(body.length);
    char *at = buffer_reserve(packed, room);
    size_t size = ZSTD_compress(at, room, body.at, body.length, PACKING);
    if (ZSTD_isError(size)) {
        error_set(error, "statement: %s", ZSTD_getErrorName(size));
        return 0;
    }
    packed->length += size;
    return size;
}

static bool row_insert(struct store *store, sqlite3_stmt *insert,
                       const struct journal_statement *statement, text packed, struct error *error)
{
    int day = statement->trading_day, id = statement->settlement_id;
    sqlite3_bind_text(insert, 1, statement->account.at, (int)statement->account.length,
                      SQLITE_STATIC);
    sqlite3_bind_int(insert, 2, day);
    sqlite3_bind_int(insert, 3, id);
    sqlite3_bind_int64(insert, 4, (int64_t)statement->body.length);
    sqlite3_bind_int64(insert, 5, (int64_t)statement_sum(day, id, statement->body));
    sqlite3_bind_blob64(insert, 6, packed.at, packed.length, SQLITE_STATIC);
    return store_finish(store, insert, error);
}

/* In the writer's turn: all rows of a slice, or none. */
static bool rows_insert(struct journal *journal, const struct journal_statement *statements,
                        const size_t *sizes, size_t count, const char *packed, struct error *error)
{
    struct store *store = &journal->writer;
    sqlite3_stmt *insert =
        store_prepare(store, "INSERT OR REPLACE INTO statement VALUES(?, ?, ?, ?, ?, ?)", error);
    if (!insert)
        return false;
    bool fine = store_run(store, "BEGIN", error);
    for (size_t i = 0; fine && i < count; i++) {
        fine = row_insert(store, insert, &statements[i], (text){packed, sizes[i]}, error);
        packed += sizes[i];
    }
    sqlite3_finalize(insert);
    fine = fine && store_run(store, "COMMIT", error);
    if (!fine)
        store_run(store, "ROLLBACK", NULL);
    return fine;
}

static bool slice_write(struct journal *journal, const struct journal_statement *statements,
                        size_t count, struct error *error)
{
    struct buffer packed = {.length = 0};
    size_t sizes[SLICE_ROWS];
    bool fine = true;
    for (size_t i = 0; fine && i < count; i++) {
        sizes[i] = body_pack(&packed, statements[i].body, error);
        fine = sizes[i] > 0;
    }
    if (fine) {
        turn_take(&journal->turn);
        fine = rows_insert(journal, statements, sizes, count, packed.at, error);
        turn_give(&journal->turn);
    }
    buffer_finish(&packed);
    return fine;
}

bool journal_statements_write(struct journal *journal, const struct journal_statement *statements,
                              size_t count, struct error *error)
{
    if (journal->read_only)
        return error_set(error, "%s is open for reading only", journal->path);
    for (size_t at = 0; at < count; at += SLICE_ROWS) {
        size_t step = count - at < SLICE_ROWS ? count - at : SLICE_ROWS;
        if (!slice_write(journal, statements + at, step, error))
            return false;
    }
    return true;
}

/* ---- reading ---- */

static bool row_give(struct journal *journal, sqlite3_stmt *rows, text account,
                     journal_take_statement take, void *context, struct error *error)
{
    struct journal_statement statement = {.account = account,
                                          .trading_day = sqlite3_column_int(rows, 0),
                                          .settlement_id = sqlite3_column_int(rows, 1)};
    int64_t bytes = sqlite3_column_int64(rows, 2);
    struct buffer body = {.length = 0};
    bool fine = bytes >= 0 && bytes <= STATEMENT_BYTES_MAX;
    if (fine) {
        char *at = buffer_reserve(&body, (size_t)bytes + 1);
        size_t size = ZSTD_decompress(at, (size_t)bytes, sqlite3_column_blob(rows, 4),
                                      (size_t)sqlite3_column_bytes(rows, 4));
        statement.body = (text){at, (size_t)bytes};
        fine = !ZSTD_isError(size) && (int64_t)size == bytes &&
               statement_sum(statement.trading_day, statement.settlement_id, statement.body) ==
                   (uint64_t)sqlite3_column_int64(rows, 3);
    }
    if (fine)
        take(context, &statement);
    else
        store_damaged(journal->path, error, "the statement of %.*s for %d has a wrong checksum",
                      TEXT_ARG(account), statement.trading_day);
    buffer_finish(&body);
    return fine;
}

bool journal_statements_read(struct journal *journal, text account, int first_day, int last_day,
                             journal_take_statement take, void *context, struct error *error)
{
    pthread_mutex_lock(&journal->reading);
    sqlite3_stmt *rows = store_prepare(
        &journal->reader,
        "SELECT trading_day, max(settlement_id), bytes, checksum, body FROM statement"
        " WHERE account = ?1 AND trading_day BETWEEN CASE ?2 WHEN 0 THEN"
        " (SELECT max(trading_day) FROM statement WHERE account = ?1) ELSE ?2 END AND ?3"
        " GROUP BY trading_day ORDER BY trading_day",
        error);
    int code = SQLITE_ERROR;
    bool fine = rows != NULL;
    if (fine) {
        sqlite3_bind_text(rows, 1, account.at, (int)account.length, SQLITE_STATIC);
        sqlite3_bind_int(rows, 2, first_day);
        sqlite3_bind_int(rows, 3, first_day ? last_day : INT32_MAX);
    }
    while (fine && (code = sqlite3_step(rows)) == SQLITE_ROW)
        fine = row_give(journal, rows, account, take, context, error);
    if (fine && code != SQLITE_DONE)
        fine = store_error(&journal->reader, error);
    sqlite3_finalize(rows);
    pthread_mutex_unlock(&journal->reading);
    return fine;
}
