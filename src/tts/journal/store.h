/* store.h: one SQLite connection to a journal's file: its format, its settings, and SQLite's errors
 * as sentences. Inner part of the journal; the only header there that names sqlite3. A store is
 * used by one thread at a time. */
#ifndef TTS_JOURNAL_STORE_H
#define TTS_JOURNAL_STORE_H

#include "base/error.h"

#include <sqlite3.h>

enum {
    STORE_APPLICATION = 0x54545331, /* "TTS1" in the file's header */
    STORE_FORMAT = 3,               /* raised when programs of before and after differ */
    STORE_PAGE_BYTES = 8192, /* of 4, 8 and 16 KiB the one with which durable_1024 waits least */
    STORE_FRAME_BYTES = STORE_PAGE_BYTES + 24, /* what a page takes in the WAL */
};

struct store {
    sqlite3 *db;
    const char *path; /* borrowed */
};

/* Makes sure that `path` is a complete journal of this format: creates a missing one whole (under
 * another name, then renamed; a crash leaves no half file) unless `must_exist`; refuses what is
 * something else, of another format or truncated. */
bool store_prepare_file(const char *path, bool must_exist, struct error *error);

/* Opens a connection to a file that store_prepare_file approved. `path` is borrowed. */
bool store_open(struct store *store, const char *path, bool read_only, struct error *error);

/* Closes it; all its statements must be finished. A store that is not open is fine. */
void store_close(struct store *store);

/* Writes zeros behind the WAL's end up to `bytes`, so that commits never make it grow (growing
 * costs two thirds of the speed). Zeros are no valid frames, so recovery stops there. The store
 * must have read the database before. */
bool store_extend_wal(const struct store *store, uint32_t bytes, struct error *error);

/* Runs statements without results. */
bool store_run(struct store *store, const char *sql, struct error *error);

/* A statement, NULL with `error` when it fails. The caller finalizes it. */
sqlite3_stmt *store_prepare(struct store *store, const char *sql, struct error *error);

/* Runs `statement` to its end and resets it. */
bool store_finish(struct store *store, sqlite3_stmt *statement, struct error *error);

/* The sentence for SQLite's last error on this connection. Returns false. */
bool store_error(const struct store *store, struct error *error);

/* "database is damaged: ..." for what the journal itself finds. Returns false. */
bool store_damaged(const char *path, struct error *error, const char *what, ...)
    __attribute__((format(printf, 3, 4)));

#endif
