/* journal_support.h: what the journal's tests share: a folder for each test, records whose bytes
 * follow from their sequence, and direct access to the file by SQLite, for damage. */
#ifndef TESTS_TTS_JOURNAL_SUPPORT_H
#define TESTS_TTS_JOURNAL_SUPPORT_H

#include "cmocka_all.h"
#include "tts/journal/journal.h"

#include <sqlite3.h>

struct place {
    char folder[64];
    char database[96];
};

/* A fresh folder below the temporary one, and its removal with all that is in it. */
void place_make(struct place *place);
void place_remove(struct place *place);

/* Opens with a small WAL; the test fails when it does not open. */
struct journal *place_open(const struct place *place);

/* Opening must fail; the error's text has to contain each of the two. */
void place_open_fails(const struct place *place, const char *what, const char *more);

/* Appends records whose bytes follow from their sequences and commits them as one batch. */
void records_commit(struct journal *journal, int count);
void record_append(struct journal *journal);

/* Reads from `from` on, checks each record's bytes, returns how many there were. Fails the test on
 * an error. */
uint64_t records_check(struct journal *journal, uint64_t from);

/* The same without failing the test: whether the reading came to its end, and how many right
 * records came. */
bool records_try(struct journal *journal, uint64_t from, uint64_t *count, struct error *error);

/* Reading from `from` must fail with an error that has the file's name and `what`. */
void records_fail(struct journal *journal, const struct place *place, uint64_t from,
                  const char *what);

/* Runs SQL on the file while no journal is open; a query's first number is returned, else 0. */
int64_t place_sql(const struct place *place, const char *sql);

#endif
