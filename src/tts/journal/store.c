/* store.c: one SQLite connection to a journal's file, see store.h. Never looks at records. */
#include "tts/journal/store.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

static const char schema[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE batch(first INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
    " checksum INTEGER NOT NULL, bytes INTEGER NOT NULL, records BLOB NOT NULL);"
    "CREATE TABLE snapshot(sequence INTEGER PRIMARY KEY, created_us INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, parts INTEGER NOT NULL, checksum INTEGER NOT NULL);"
    "CREATE TABLE snapshot_part(id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL,"
    " part INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE(sequence, part));"
    "CREATE TABLE statement(account TEXT NOT NULL, trading_day INTEGER NOT NULL,"
    " settlement_id INTEGER NOT NULL, bytes INTEGER NOT NULL, checksum INTEGER NOT NULL,"
    " body BLOB NOT NULL, PRIMARY KEY(account, trading_day, settlement_id));"
    "INSERT INTO meta VALUES('created', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'));";

bool store_damaged(const char *path, struct error *error, const char *what, ...)
{
    char detail[256];
    va_list list;
    va_start(list, what);
    vsnprintf(detail, sizeof detail, what, list);
    va_end(list);
    error_set(error, "database is damaged: %s", detail);
    error_at(error, path, 0, 0);
    return error_fix(error, "restore it from a backup or a standby");
}

static void disk_error(const struct store *store, struct error *error)
{
    int code = sqlite3_extended_errcode(store->db), why = sqlite3_system_errno(store->db);
    const char *doing = code == SQLITE_IOERR_WRITE                                     ? "writing"
                        : code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC ? "syncing"
                        : code == SQLITE_IOERR_READ                                    ? "reading"
                                                                                       : "working";
    if (why)
        error_set(error, "disk error while %s: %s", doing, strerror(why));
    else
        error_set(error, "disk error while %s (SQLite's code %d)", doing, code);
}

static bool store_refused(const struct store *store, const char *reason, struct error *error)
{
    switch (sqlite3_errcode(store->db) & 0xff) {
    case SQLITE_FULL:
        error_set(error, "disk is full");
        return error_fix(error, "free some space and start again; what was acknowledged is safe");
    case SQLITE_IOERR:
        disk_error(store, error);
        return error_fix(error, "check the disk and its free space; what was acknowledged is safe");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        error_set(error, "database cannot be opened for writing: %s", reason);
        return error_fix(error, "the file and its folder must be writable for this user");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        error_set(error, "database is locked by another program");
        return error_fix(error, "end what has it open for writing (sqlite3, a backup)");
    default:
        return error_set(error, "database: %s", reason);
    }
}

bool store_error(const struct store *store, struct error *error)
{
    const char *reason = sqlite3_errmsg(store->db);
    int code = sqlite3_errcode(store->db) & 0xff;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return store_damaged(store->path, error, "%s", reason);
    store_refused(store, reason, error);
    return error_at(error, store->path, 0, 0);
}

bool store_run(struct store *store, const char *sql, struct error *error)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    return store_error(store, error);
}

sqlite3_stmt *store_prepare(struct store *store, const char *sql, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK)
        store_error(store, error);
    return statement;
}

bool store_finish(struct store *store, sqlite3_stmt *statement, struct error *error)
{
    int code = sqlite3_step(statement);
    while (code == SQLITE_ROW)
        code = sqlite3_step(statement);
    bool fine = code == SQLITE_DONE;
    if (!fine)
        store_error(store, error);
    sqlite3_reset(statement);
    return fine;
}

static bool file_error(const char *path, const char *what, struct error *error)
{
    int why = errno;
    error_set(error, "cannot %s: %s", what, strerror(why));
    error_at(error, path, 0, 0);
    return error_fix(error, "the folder of the database must exist and be writable for this user");
}

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The pages that the header counts must be there. While a WAL has content the file may lag behind
 * its header's count. */
static bool header_size_fits(const char *path, const unsigned char *header, off_t size)
{
    char wal[4096];
    struct stat status;
    int length = snprintf(wal, sizeof wal, "%s-wal", path);
    if (length < 0 || (size_t)length >= sizeof wal)
        return false;
    if (stat(wal, &status) == 0 && status.st_size > 0)
        return true;
    uint32_t page = (uint32_t)header[16] << 8 | header[17];
    return (off_t)big_endian(header + 28) * (page == 1 ? 65536 : (off_t)page) <= size;
}

static bool header_check(const char *path, const unsigned char *header, ssize_t length, off_t size,
                         struct error *error)
{
    bool sqlite = length >= 16 && memcmp(header, "SQLite format 3", 16) == 0;
    if (!sqlite) {
        error_set(error, length ? "is not a database of tts" : "is empty, not a database of tts");
        error_fix(error, "name another file, or remove this one to start anew");
    } else if (length < 100) {
        return store_damaged(path, error, "it is cut off after %ld bytes", (long)size);
    } else if (big_endian(header + 68) != STORE_APPLICATION) {
        error_set(error, "is a SQLite database of another program");
        error_fix(error, "name another file for tts");
    } else if (big_endian(header + 60) > STORE_FORMAT) {
        error_set(error, "was written by a newer tts (format %u, this one reads %d)",
                  (unsigned)big_endian(header + 60), STORE_FORMAT);
        error_fix(error, "run the newer tts");
    } else if (big_endian(header + 60) < STORE_FORMAT) {
        error_set(error, "was written by an earlier tts (format %u, this one reads %d)",
                  (unsigned)big_endian(header + 60), STORE_FORMAT);
        error_fix(error, "run the tts that wrote it, or begin with a new database");
    } else if (!header_size_fits(path, header, size)) {
        return store_damaged(path, error, "it is cut off after %ld bytes", (long)size);
    } else {
        return true;
    }
    return error_at(error, path, 0, 0);
}

/* Makes the name of a new file durable. */
static bool folder_sync(const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    text folder = slash == path ? TEXT("/")
                  : slash       ? (text){path, (size_t)(slash - path)}
                                : TEXT(".");
    char *name = memory_copy_text(folder);
    int descriptor = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool fine = descriptor >= 0 && fsync(descriptor) == 0;
    if (!fine)
        file_error(name, "sync the folder", error);
    if (descriptor >= 0)
        close(descriptor);
    free(name);
    return fine;
}

static bool store_fill_new(struct store *store, struct error *error)
{
    char first[160];
    snprintf(first, sizeof first,
             "PRAGMA page_size=%d; PRAGMA synchronous=FULL; PRAGMA application_id=%d;"
             "PRAGMA user_version=%d;",
             STORE_PAGE_BYTES, STORE_APPLICATION, STORE_FORMAT);
    return store_run(store, first, error) && store_run(store, schema, error) &&
           store_run(store, "PRAGMA journal_mode=WAL;", error);
}

static bool store_create(const char *path, struct error *error)
{
    char fresh[4096];
    int length = snprintf(fresh, sizeof fresh, "%s-new", path);
    if (length < 0 || (size_t)length >= sizeof fresh)
        return error_set(error, "the database's path is longer than 4,000 bytes");
    unlink(fresh);
    struct store store = {.path = path};
    int code = sqlite3_open_v2(
        fresh, &store.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    bool fine = code == SQLITE_OK ? store_fill_new(&store, error) : store_error(&store, error);
    store_close(&store);
    if (fine && rename(fresh, path) != 0)
        fine = file_error(path, "create the database", error);
    return fine && folder_sync(path, error);
}

bool store_prepare_file(const char *path, bool must_exist, struct error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT && !must_exist)
        return store_create(path, error);
    if (descriptor < 0)
        return file_error(path, "open the database", error);
    unsigned char header[100];
    struct stat status = {0};
    ssize_t length = pread(descriptor, header, sizeof header, 0);
    bool fine = fstat(descriptor, &status) == 0 && length >= 0;
    if (!fine)
        file_error(path, "read the database", error);
    close(descriptor);
    return fine && header_check(path, header, length, status.st_size, error);
}

bool store_open(struct store *store, const char *path, bool read_only, struct error *error)
{
    store->path = path;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK)
        return store_error(store, error);
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, 2000);
    if (!store_run(store,
                   "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
                   "PRAGMA journal_size_limit=-1; PRAGMA cell_size_check=1;"
                   "PRAGMA trusted_schema=0; PRAGMA temp_store=2;",
                   error))
        return false;
    if (!read_only)
        return true;
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return store_run(store, "PRAGMA query_only=1;", error);
}

void store_close(struct store *store)
{
    sqlite3_close(store->db);
    store->db = NULL;
}

static bool zeros_write(int descriptor, off_t from, off_t to)
{
    static const char zeros[1 << 16];
    while (from < to) {
        size_t step = to - from < (off_t)sizeof zeros ? (size_t)(to - from) : sizeof zeros;
        ssize_t written = pwrite(descriptor, zeros, step, from);
        if (written <= 0)
            return false;
        from += written;
    }
    return fsync(descriptor) == 0;
}

bool store_extend_wal(const struct store *store, uint32_t bytes, struct error *error)
{
    char wal[4096];
    int length = snprintf(wal, sizeof wal, "%s-wal", store->path);
    if (length < 0 || (size_t)length >= sizeof wal)
        return error_set(error, "the database's path is longer than 4,000 bytes");
    int descriptor = open(wal, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    struct stat status = {0};
    bool fine = descriptor >= 0 && fstat(descriptor, &status) == 0 &&
                zeros_write(descriptor, status.st_size, (off_t)bytes);
    if (!fine)
        file_error(wal, "extend the write-ahead log", error);
    if (descriptor >= 0)
        close(descriptor);
    return fine;
}
