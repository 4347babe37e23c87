/* journal_support.c: see journal_support.h. */
#include "journal_support.h"

#include <dirent.h>
#include <unistd.h>

void place_make(struct place *place)
{
    snprintf(place->folder, sizeof place->folder, "/tmp/journal_test_XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->database, sizeof place->database, "%s/tts.db", place->folder);
}

void place_remove(struct place *place)
{
    DIR *folder = opendir(place->folder);
    assert_non_null(folder);
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", place->folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    closedir(folder);
    assert_int_equal(rmdir(place->folder), 0);
}

struct journal *place_open(const struct place *place)
{
    struct journal_options options = {.wal_bytes = 1 << 20};
    struct error error = {.line = 0};
    struct journal *journal = journal_open(place->database, &options, &error);
    if (!journal)
        error_print("place_open", &error);
    assert_non_null(journal);
    return journal;
}

void place_open_fails(const struct place *place, const char *what, const char *more)
{
    struct journal_options options = {.wal_bytes = 1 << 20};
    struct error error = {.line = 0};
    char line[1024];
    assert_null(journal_open(place->database, &options, &error));
    error_text(&error, line, sizeof line);
    if (!strstr(line, what) || !strstr(line, more) || !strstr(line, place->database))
        fail_msg("the error is \"%s\" and should name %s, %s and the file", line, what, more);
}

/* Lengths from 0 to 401, and some bytes that differ from record to record. */
static size_t record_make(uint64_t sequence, char *bytes)
{
    size_t length = (size_t)(sequence * 7919 % 11 * 40 + (sequence % 7 == 0));
    for (size_t i = 0; i < length; i++)
        bytes[i] =
            (char)(i * 7 + (i % 32 >= 8 && i % 32 < 11 ? sequence * 31 + (sequence >> 8) : 0));
    return length;
}

void record_append(struct journal *journal)
{
    char bytes[512];
    uint64_t sequence = journal_last(journal) + 1;
    size_t length = record_make(sequence, bytes);
    assert_int_equal(journal_append(journal, bytes, length), sequence);
}

void records_commit(struct journal *journal, int count)
{
    struct error error = {.line = 0};
    for (int i = 0; i < count; i++)
        record_append(journal);
    assert_true(journal_commit(journal, &error));
    assert_int_equal(journal_durable(journal), journal_last(journal));
}

struct checking {
    uint64_t next, count;
};

static bool record_check(void *context, uint64_t sequence, const void *bytes, size_t length)
{
    struct checking *checking = context;
    char expected[512];
    assert_int_equal(sequence, checking->next++);
    assert_int_equal(length, record_make(sequence, expected));
    assert_memory_equal(bytes, expected, length);
    checking->count++;
    return true;
}

bool records_try(struct journal *journal, uint64_t from, uint64_t *count, struct error *error)
{
    struct checking checking = {.next = from};
    bool fine = journal_read(journal, from, record_check, &checking, error);
    *count = checking.count;
    return fine;
}

uint64_t records_check(struct journal *journal, uint64_t from)
{
    uint64_t count;
    struct error error = {.line = 0};
    bool fine = records_try(journal, from, &count, &error);
    if (!fine)
        error_print("records_check", &error);
    assert_true(fine);
    return count;
}

void records_fail(struct journal *journal, const struct place *place, uint64_t from,
                  const char *what)
{
    uint64_t count;
    struct error error = {.line = 0};
    assert_false(records_try(journal, from, &count, &error));
    assert_string_equal(error.file, place->database);
    if (!strstr(error.what, what))
        fail_msg("the error is \"%s\" and should name %s", error.what, what);
}

int64_t place_sql(const struct place *place, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(place->database, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    int code = sqlite3_step(statement);
    int64_t number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    assert_true(code == SQLITE_ROW || code == SQLITE_DONE);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}
