/* journal_test.c: batches, numbering, overlapping commits, the lock, the small values. */
#include "journal_support.h"

#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static void records_are_numbered_without_a_gap_over_restarts(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    for (int start = 0; start < 3; start++) {
        struct journal *journal = place_open(&place);
        assert_int_equal(journal_last(journal), start * 55);
        for (int count = 1; count <= 10; count++)
            records_commit(journal, count);
        journal_close(journal);
    }
    struct journal *journal = place_open(&place);
    assert_int_equal(records_check(journal, 1), 165);
    assert_int_equal(records_check(journal, 100), 66);
    assert_int_equal(records_check(journal, 165), 1);
    assert_int_equal(records_check(journal, 166), 0);
    assert_int_equal(journal_first(journal), 1);
    journal_close(journal);
    place_remove(&place);
}

static void a_batch_is_one_row_and_an_empty_one_none(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    records_commit(journal, 0);
    records_commit(journal, 100);
    records_commit(journal, 0);
    records_commit(journal, 1);
    journal_close(journal);
    assert_int_equal(place_sql(&place, "SELECT count(*) FROM batch"), 2);
    assert_int_equal(place_sql(&place, "SELECT count FROM batch WHERE first = 1"), 100);
    place_remove(&place);
}

/* Order records are much alike, and a large batch of them is packed. */
static void a_large_batch_is_packed_and_comes_back_whole(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    records_commit(journal, 5000);
    records_commit(journal, 3);
    assert_int_equal(records_check(journal, 1), 5003);
    assert_int_equal(records_check(journal, 4000), 1004);
    journal_close(journal);
    assert_int_equal(place_sql(&place, "SELECT length(records) * 2 < bytes FROM batch"), 1);
    assert_int_equal(
        place_sql(&place, "SELECT length(records) = bytes FROM batch WHERE first = 5001"), 1);
    place_remove(&place);
}

static void what_is_appended_and_not_committed_is_committed_by_close(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    record_append(journal);
    assert_int_equal(journal_durable(journal), 0);
    assert_int_equal(records_check(journal, 1), 0);
    journal_close(journal);
    journal = place_open(&place);
    assert_int_equal(records_check(journal, 1), 1);
    journal_close(journal);
    place_remove(&place);
}

static void deciding_goes_on_while_the_disk_syncs(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    struct pollfd progress = {.fd = journal_descriptor(journal), .events = POLLIN};
    assert_int_equal(poll(&progress, 1, 0), 0);
    uint64_t last = 0, seen = 0;
    for (int i = 0; i < 2000; i++) {
        record_append(journal);
        last = journal_seal(journal);
        assert_int_equal(last, i + 1);
        uint64_t durable = journal_durable(journal);
        assert_true(durable >= seen && durable <= last);
        seen = durable;
    }
    while (journal_durable(journal) < last) {
        assert_int_equal(poll(&progress, 1, 60000), 1);
        journal_progress_clear(journal);
    }
    assert_false(journal_failed(journal, NULL));
    assert_int_equal(records_check(journal, 1), 2000);
    journal_close(journal);
    assert_true(place_sql(&place, "SELECT count(*) FROM batch") < 2000);
    place_remove(&place);
}

static void commits_and_seals_may_be_mixed(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    for (int i = 0; i < 200; i++) {
        for (int batch = 0; batch < i % 4; batch++) {
            record_append(journal);
            record_append(journal);
            journal_seal(journal);
        }
        records_commit(journal, i % 3);
        records_commit(journal, 1);
    }
    assert_int_equal(records_check(journal, 1), journal_last(journal));
    journal_close(journal);
    place_remove(&place);
}

static void the_wal_is_used_again_and_does_not_grow_for_ever(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    char *bytes = memory_get(100000);
    uint64_t draw = 1;
    for (int i = 0; i < 100000; i++) { /* nothing that could be packed */
        draw = draw * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (char)(draw >> 56);
    }
    char wal[128];
    struct stat status;
    snprintf(wal, sizeof wal, "%s-wal", place.database);
    assert_int_equal(stat(wal, &status), 0);
    assert_true(status.st_size >= 1 << 20);
    for (int i = 0; i < 500; i++) {
        journal_append(journal, bytes, 100000);
        assert_true(journal_commit(journal, NULL));
    }
    assert_int_equal(stat(wal, &status), 0);
    assert_true(status.st_size < 25 << 20); /* half of the 50 MB that went through it */
    free(bytes);
    journal_close(journal);
    assert_int_not_equal(stat(wal, &status), 0);
    place_remove(&place);
}

static void a_record_of_1_mib_is_kept_and_a_longer_one_stops_the_journal(void **state)
{
    (void)state;
    struct place place;
    struct error error = {.line = 0};
    place_make(&place);
    struct journal *journal = place_open(&place);
    char *bytes = memory_get_zeroed(1, JOURNAL_RECORD_BYTES_MAX + 1);
    journal_append(journal, bytes, JOURNAL_RECORD_BYTES_MAX);
    assert_true(journal_commit(journal, &error));
    journal_append(journal, bytes, JOURNAL_RECORD_BYTES_MAX + 1);
    assert_false(journal_commit(journal, &error));
    assert_non_null(strstr(error.what, "longer than 1 MiB"));
    assert_true(journal_failed(journal, NULL));
    assert_int_equal(journal_durable(journal), 1);
    free(bytes);
    journal_close(journal);
    place_remove(&place);
}

static void a_second_tts_is_told_who_has_the_database(void **state)
{
    (void)state;
    struct place place;
    char pid[40];
    place_make(&place);
    struct journal *journal = place_open(&place);
    snprintf(pid, sizeof pid, "(pid %d)", (int)getpid());
    place_open_fails(&place, "database is in use by another tts", pid);
    place_open_fails(&place, "database is in use by another tts", pid);
    journal_close(journal);
    journal_close(place_open(&place));
    place_remove(&place);
}

static void a_lock_file_left_behind_locks_nobody_out(void **state)
{
    (void)state;
    struct place place;
    char lock[128];
    place_make(&place);
    snprintf(lock, sizeof lock, "%s-lock", place.database);
    FILE *file = fopen(lock, "w");
    assert_non_null(file);
    fputs("12345\n", file);
    fclose(file);
    journal_close(place_open(&place));
    assert_int_not_equal(access(lock, F_OK), 0);
    place_remove(&place);
}

static void a_reader_works_beside_a_running_tts(void **state)
{
    (void)state;
    struct place place;
    struct error error = {.line = 0};
    place_make(&place);
    struct journal_options options = {.read_only = true};
    assert_null(journal_open(place.database, &options, &error));
    struct journal *journal = place_open(&place);
    records_commit(journal, 10);
    struct journal *reader = journal_open(place.database, &options, &error);
    assert_non_null(reader);
    records_commit(journal, 10);
    assert_int_equal(records_check(reader, 1), 10);
    assert_false(journal_meta_write(reader, TEXT("a"), TEXT("b"), &error));
    assert_false(journal_snapshot_write(reader, 1, "", 0, &error));
    assert_false(journal_compact(reader, 1, &error));
    journal_close(reader);
    records_commit(journal, 1);
    journal_close(journal);
    reader = journal_open(place.database, &options, &error);
    assert_non_null(reader);
    assert_int_equal(records_check(reader, 1), 21);
    journal_close(reader);
    place_remove(&place);
}

static bool take_three(void *context, uint64_t sequence, const void *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    *(uint64_t *)context = sequence;
    return sequence < 3;
}

static void reading_stops_when_the_taker_has_enough(void **state)
{
    (void)state;
    struct place place;
    uint64_t last = 0;
    place_make(&place);
    struct journal *journal = place_open(&place);
    records_commit(journal, 10);
    records_commit(journal, 10);
    assert_true(journal_read(journal, 1, take_three, &last, NULL));
    assert_int_equal(last, 3);
    journal_close(journal);
    place_remove(&place);
}

static void small_values_are_kept_by_name(void **state)
{
    (void)state;
    struct place place;
    struct buffer value = {.length = 0};
    place_make(&place);
    struct journal *journal = place_open(&place);
    assert_true(journal_meta_read(journal, TEXT("created"), &value, NULL));
    assert_int_equal(value.length, 20);
    assert_true(journal_meta_read(journal, TEXT("nothing"), &value, NULL));
    assert_int_equal(value.length, 0);
    assert_true(journal_meta_write(journal, TEXT("front"), TEXT("tcp://old"), NULL));
    assert_true(journal_meta_write(journal, TEXT("front"), TEXT("tcp://127.0.0.1"), NULL));
    assert_true(journal_meta_write(journal, TEXT("empty"), TEXT(""), NULL));
    journal_close(journal);
    journal = place_open(&place);
    assert_true(journal_meta_read(journal, TEXT("front"), &value, NULL));
    assert_true(text_equal(buffer_text(&value), TEXT("tcp://127.0.0.1")));
    assert_true(journal_meta_read(journal, TEXT("empty"), &value, NULL));
    assert_int_equal(value.length, 0);
    buffer_finish(&value);
    journal_close(journal);
    place_remove(&place);
}

static void *reader_run(void *context)
{
    struct journal *journal = context;
    while (journal_durable(journal) < 3000)
        records_check(journal, 1);
    return NULL;
}

static void another_thread_reads_while_commits_go_on(void **state)
{
    (void)state;
    struct place place;
    pthread_t reader;
    place_make(&place);
    struct journal *journal = place_open(&place);
    assert_int_equal(pthread_create(&reader, NULL, reader_run, journal), 0);
    for (int i = 0; i < 300; i++)
        records_commit(journal, 10);
    pthread_join(reader, NULL);
    assert_int_equal(records_check(journal, 1), 3000);
    journal_close(journal);
    place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_numbered_without_a_gap_over_restarts),
        cmocka_unit_test(a_batch_is_one_row_and_an_empty_one_none),
        cmocka_unit_test(a_large_batch_is_packed_and_comes_back_whole),
        cmocka_unit_test(what_is_appended_and_not_committed_is_committed_by_close),
        cmocka_unit_test(deciding_goes_on_while_the_disk_syncs),
        cmocka_unit_test(commits_and_seals_may_be_mixed),
        cmocka_unit_test(the_wal_is_used_again_and_does_not_grow_for_ever),
        cmocka_unit_test(a_record_of_1_mib_is_kept_and_a_longer_one_stops_the_journal),
        cmocka_unit_test(a_second_tts_is_told_who_has_the_database),
        cmocka_unit_test(a_lock_file_left_behind_locks_nobody_out),
        cmocka_unit_test(a_reader_works_beside_a_running_tts),
        cmocka_unit_test(reading_stops_when_the_taker_has_enough),
        cmocka_unit_test(small_values_are_kept_by_name),
        cmocka_unit_test(another_thread_reads_while_commits_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
