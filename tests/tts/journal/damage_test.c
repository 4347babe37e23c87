/* damage_test.c: every file that is not a whole journal gets one clear line; a failing disk stops
 * the journal for good and loses nothing. */
#define _GNU_SOURCE /* unshare */
#include "journal_support.h"
#include "tts/journal/store.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void file_put(const struct place *place, const char *bytes, size_t length)
{
    int file = open(place->database, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, length), length);
    close(file);
}

/* A closed journal of 100 records in 10 batches. */
static void journal_fill(struct place *place)
{
    place_make(place);
    struct journal *journal = place_open(place);
    for (int i = 0; i < 10; i++)
        records_commit(journal, 10);
    journal_close(journal);
}

static void what_is_no_database_of_tts_is_refused(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    file_put(&place, "", 0);
    place_open_fails(&place, "is empty", "remove this one");
    file_put(&place, "time,price\n", 11);
    place_open_fails(&place, "is not a database of tts", "name another file");
    file_put(&place, "SQLite format 3", 16);
    place_open_fails(&place, "database is damaged", "cut off after 16 bytes");
    unlink(place.database);
    place_sql(&place, "CREATE TABLE t(a)");
    place_open_fails(&place, "another program", "name another file");
    place_remove(&place);
}

static void another_format_is_refused(void **state)
{
    (void)state;
    struct place place;
    journal_fill(&place);
    place_sql(&place, "PRAGMA user_version = 4");
    place_open_fails(&place, "newer tts (format 4, this one reads 3)", "run the newer tts");
    place_sql(&place, "PRAGMA user_version = 2");
    place_open_fails(&place, "earlier tts (format 2, this one reads 3)", "run the tts that wrote");
    place_remove(&place);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct place place = {.database = "/tmp/journal_test_no_such_folder/tts.db"};
    place_open_fails(&place, "No such file or directory", "folder of the database must exist");
}

static void a_truncated_file_is_refused(void **state)
{
    (void)state;
    struct place place;
    struct stat status;
    journal_fill(&place);
    assert_int_equal(stat(place.database, &status), 0);
    assert_int_equal(truncate(place.database, status.st_size - 4096), 0);
    place_open_fails(&place, "database is damaged", "cut off after");
    assert_int_equal(truncate(place.database, 60), 0);
    place_open_fails(&place, "database is damaged", "cut off after 60 bytes");
    place_remove(&place);
}

static void a_changed_byte_in_a_batch_is_found(void **state)
{
    (void)state;
    struct place place;
    journal_fill(&place);
    place_sql(
        &place,
        "UPDATE batch SET records = cast(x'ff' || substr(records, 2) AS BLOB) WHERE first = 41");
    struct journal *journal = place_open(&place);
    records_fail(journal, &place, 41, "the batch of records from 41 on has a wrong checksum");
    records_fail(journal, &place, 45, "the batch of records from 41 on has a wrong checksum");
    assert_int_equal(records_check(journal, 51), 50);
    journal_close(journal);
    place_remove(&place);
}

static void a_changed_byte_in_a_packed_batch_is_found(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    records_commit(journal, 5000);
    journal_close(journal);
    static const char *const damages[] = {
        ("UPDATE batch SET records = cast(substr(records, 1, 9999) || x'ffff' || substr(records, "
         "10002) AS BLOB)"),
        "UPDATE batch SET bytes = bytes - 1",
        "UPDATE batch SET bytes = 500000000",
        "UPDATE batch SET bytes = 9000000000000000000",
        "UPDATE batch SET bytes = -1",
        "UPDATE batch SET records = x''",
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        place_sql(&place, damages[i]);
        journal = place_open(&place);
        records_fail(journal, &place, 1, "the batch of records from 1 on has a wrong checksum");
        journal_close(journal);
    }
    place_remove(&place);
}

static void a_batch_that_is_missing_or_moved_is_found(void **state)
{
    (void)state;
    struct place place;
    journal_fill(&place);
    place_sql(&place, "DELETE FROM batch WHERE first = 41");
    struct journal *journal = place_open(&place);
    records_fail(journal, &place, 31, "records 41 to 50 are missing");
    journal_close(journal);
    place_sql(&place, "UPDATE batch SET first = 41 WHERE first = 31");
    journal = place_open(&place);
    records_fail(journal, &place, 21, "records 31 to 40 are missing");
    records_fail(journal, &place, 41, "the batch of records from 41 on has a wrong checksum");
    journal_close(journal);
    place_remove(&place);
}

static void records_missing_below_a_snapshot_are_found(void **state)
{
    (void)state;
    struct place place;
    journal_fill(&place);
    struct journal *journal = place_open(&place);
    assert_true(journal_snapshot_write(journal, 95, "state", 5, NULL));
    journal_close(journal);
    place_sql(&place, "DELETE FROM batch WHERE first = 91");
    place_open_fails(&place, "records 91 to 95 are missing", "database is damaged");
    place_remove(&place);
}

static void count_statement(void *context, const struct journal_statement *statement)
{
    (void)statement;
    ++*(int *)context;
}

/* Opens the damaged file and reads all. True when the damage was told; the records that come are
 * right in any case. */
static bool damage_is_told(const struct place *place)
{
    struct journal_options options = {.read_only = true};
    struct error error = {.line = 0};
    struct buffer value = {.length = 0};
    uint64_t count = 0;
    int statements = 0;
    struct journal *journal = journal_open(place->database, &options, &error);
    bool fine =
        journal && records_try(journal, 1, &count, &error) && count == 100 &&
        journal_meta_read(journal, TEXT("created"), &value, &error) &&
        journal_statements_read(journal, TEXT("u1"), 0, 0, count_statement, &statements, &error) &&
        statements == 1;
    if (!fine) {
        char line[1024];
        error_text(&error, line, sizeof line);
        if (!strstr(line, place->database) || !strstr(line, "database is damaged"))
            fail_msg("the error is \"%s\" after %d records", line, (int)count);
    }
    buffer_finish(&value);
    journal_close(journal);
    return !fine;
}

static void statement_put(const struct place *place)
{
    struct journal_statement one = {TEXT("u1"), 20250303, 1, TEXT("monday")};
    struct journal *journal = place_open(place);
    assert_true(journal_statements_write(journal, &one, 1, NULL));
    journal_close(journal);
}

/* Overwrites each page in turn, but the first, by noise. The pages of empty tables and indexes are
 * not read, all others are missed. */
static void a_damaged_page_is_told_and_gives_no_wrong_record(void **state)
{
    (void)state;
    struct place place;
    struct stat status;
    static char page[STORE_PAGE_BYTES], noise[STORE_PAGE_BYTES];
    int told = 0, pages = 0;
    journal_fill(&place);
    statement_put(&place);
    memset(noise, 0xa5, sizeof noise);
    int file = open(place.database, O_RDWR);
    assert_int_equal(fstat(file, &status), 0);
    for (off_t at = sizeof page; at < status.st_size; at += (off_t)sizeof page) {
        assert_int_equal(pread(file, page, sizeof page, at), sizeof page);
        assert_int_equal(pwrite(file, noise, sizeof noise, at), sizeof noise);
        told += damage_is_told(&place);
        pages++;
        assert_int_equal(pwrite(file, page, sizeof page, at), sizeof page);
    }
    close(file);
    assert_true(pages - told <= 2); /* snapshot_part and its index */
    place_remove(&place);
}

/* Runs `body` in a child process; returns its exit code. */
static int child_run(int (*body)(const struct place *), const struct place *place)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(body(place));
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int open_as_nobody(const struct place *place)
{
    struct error error = {.line = 0};
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 1;
    if (journal_open(place->database, NULL, &error))
        return 2;
    return strstr(error.what, "Permission denied") && strstr(error.fix, "writable") ? 0 : 3;
}

static void a_folder_that_may_not_be_written_is_named(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    assert_int_equal(chmod(place.folder, 0555), 0);
    assert_int_equal(child_run(open_as_nobody, &place), 0);
    assert_int_equal(chmod(place.folder, 0755), 0);
    place_remove(&place);
}

/* Commits until the file size limit stands in the way. Exit code: 0 when the failure is reported,
 * stays, and the numbers are right. */
static int commit_until_full(const struct place *place)
{
    struct rlimit limit = {.rlim_cur = 3 << 20, .rlim_max = 3 << 20};
    struct journal_options options = {.wal_bytes = 1 << 20};
    struct error error = {.line = 0}, again = {.line = 0};
    signal(SIGXFSZ, SIG_IGN);
    struct journal *journal = journal_open(place->database, &options, &error);
    if (!journal || setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 1;
    bool fine = true;
    uint64_t durable = 0;
    for (int i = 0; i < 20000 && fine; i++) {
        durable = journal_durable(journal);
        for (int record = 0; record < 100; record++)
            record_append(journal);
        fine = journal_commit(journal, &error);
    }
    if (fine || !strstr(error.what, "disk error while writing")) {
        error_print("commit_until_full", &error);
        return 2;
    }
    record_append(journal);
    if (journal_commit(journal, &again) || strcmp(error.what, again.what) != 0)
        return 3;
    if (journal_durable(journal) != durable || durable < 1000)
        return 4;
    journal_close(journal);
    return 0;
}

static void a_full_disk_is_reported_stays_and_loses_nothing(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    assert_int_equal(child_run(commit_until_full, &place), 0);
    struct journal *journal = place_open(&place);
    assert_true(records_check(journal, 1) >= 1000);
    records_commit(journal, 10);
    journal_close(journal);
    place_remove(&place);
}

enum { NO_MOUNT = 77 };

/* On a file system of 4 MiB of its own: commits by seal until it is full, and reads back what is
 * durable. */
static int seal_until_full(const struct place *place)
{
    struct journal_options options = {.wal_bytes = 1 << 20};
    struct error error = {.line = 0};
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", place->folder, "tmpfs", 0, "size=4m") != 0)
        return NO_MOUNT;
    struct journal *journal = journal_open(place->database, &options, &error);
    if (!journal)
        return 1;
    while (!journal_failed(journal, &error)) {
        for (int record = 0; record < 20; record++)
            record_append(journal);
        journal_seal(journal);
    }
    if (!strstr(error.what, "disk is full") || !strstr(error.fix, "free some space"))
        return 2;
    uint64_t durable = journal_durable(journal), count = 0;
    if (durable < 1000 || !records_try(journal, 1, &count, &error) || count != durable)
        return 3;
    journal_close(journal);
    return 0;
}

static void a_file_system_without_space_is_told_as_such(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    int result = child_run(seal_until_full, &place);
    place_remove(&place);
    if (result == NO_MOUNT)
        skip(); /* only root may mount; the limit on file sizes above shows the rest */
    assert_int_equal(result, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_database_of_tts_is_refused),
        cmocka_unit_test(another_format_is_refused),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
        cmocka_unit_test(a_truncated_file_is_refused),
        cmocka_unit_test(a_changed_byte_in_a_batch_is_found),
        cmocka_unit_test(a_changed_byte_in_a_packed_batch_is_found),
        cmocka_unit_test(a_batch_that_is_missing_or_moved_is_found),
        cmocka_unit_test(records_missing_below_a_snapshot_are_found),
        cmocka_unit_test(a_damaged_page_is_told_and_gives_no_wrong_record),
        cmocka_unit_test(a_folder_that_may_not_be_written_is_named),
        cmocka_unit_test(a_file_system_without_space_is_told_as_such),
        cmocka_unit_test(a_full_disk_is_reported_stays_and_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
