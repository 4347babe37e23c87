/* snapshot_test.c: states beside the records, what a compaction removes and what it must keep. */
#include "journal_support.h"

#include <pthread.h>

/* Bytes of which zstd cannot make much. */
static char *state_make(size_t length, uint64_t seed)
{
    char *bytes = memory_get(length + 1);
    for (size_t i = 0; i < length; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (char)(seed >> 56);
    }
    return bytes;
}

static void snapshot_put(struct journal *journal, uint64_t sequence, size_t length)
{
    struct error error = {.line = 0};
    char *bytes = state_make(length, sequence);
    bool fine = journal_snapshot_write(journal, sequence, bytes, length, &error);
    if (!fine)
        error_print("snapshot_put", &error);
    assert_true(fine);
    free(bytes);
}

static void snapshot_expect(struct journal *journal, uint64_t sequence, size_t length)
{
    struct error error = {.line = 0};
    struct buffer state = {.length = 0};
    bool found = false;
    uint64_t read = 0;
    char *bytes = state_make(length, sequence);
    assert_true(journal_snapshot_read(journal, &found, &read, &state, &error));
    assert_true(found);
    assert_int_equal(read, sequence);
    assert_int_equal(state.length, length);
    if (length)
        assert_memory_equal(state.at, bytes, length);
    buffer_finish(&state);
    free(bytes);
}

static void the_newest_snapshot_comes_back_after_a_restart(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 1 << 20, (3 << 20) + 5};
    struct place place;
    struct buffer nothing = {.length = 0};
    bool found = true;
    uint64_t sequence;
    place_make(&place);
    struct journal *journal = place_open(&place);
    assert_true(journal_snapshot_read(journal, &found, &sequence, &nothing, NULL));
    assert_false(found);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        records_commit(journal, 10);
        snapshot_put(journal, journal_durable(journal), lengths[i]);
        journal_close(journal);
        journal = place_open(&place);
        snapshot_expect(journal, (i + 1) * 10, lengths[i]);
    }
    journal_close(journal);
    assert_int_equal(place_sql(&place, "SELECT count(*) FROM snapshot"), 2);
    assert_int_equal(place_sql(&place, "SELECT count(*) FROM snapshot_part"), 1 + 4);
    place_remove(&place);
}

static void a_snapshot_stands_on_durable_records_and_after_the_last(void **state)
{
    (void)state;
    struct place place;
    struct error error = {.line = 0};
    place_make(&place);
    struct journal *journal = place_open(&place);
    snapshot_put(journal, 0, 10);
    records_commit(journal, 10);
    assert_false(journal_snapshot_write(journal, 11, "a", 1, &error));
    assert_non_null(strstr(error.what, "only 10 are durable"));
    snapshot_put(journal, 10, 10);
    assert_false(journal_snapshot_write(journal, 10, "a", 1, &error));
    assert_non_null(strstr(error.what, "is there already"));
    assert_false(journal_snapshot_write(journal, 9, "a", 1, &error));
    snapshot_expect(journal, 10, 10);
    journal_close(journal);
    place_remove(&place);
}

static void a_compaction_keeps_what_the_older_snapshot_needs(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    for (int i = 0; i < 30; i++)
        records_commit(journal, 10);
    assert_true(journal_compact(journal, 300, NULL));
    assert_int_equal(journal_first(journal), 1);
    snapshot_put(journal, 105, 100);
    assert_true(journal_compact(journal, 300, NULL));
    assert_int_equal(journal_first(journal), 1);
    snapshot_put(journal, 205, 100);
    assert_true(journal_compact(journal, 50, NULL));
    assert_int_equal(journal_first(journal), 51);
    assert_true(journal_compact(journal, 300, NULL));
    assert_int_equal(journal_first(journal), 101); /* record 106 is in the batch from 101 on */
    records_fail(journal, &place, 100, "a compaction has removed it");
    assert_int_equal(records_check(journal, 106), 195);
    journal_close(journal);
    journal = place_open(&place);
    snapshot_expect(journal, 205, 100);
    assert_int_equal(journal_last(journal), 300);
    records_commit(journal, 10);
    assert_int_equal(records_check(journal, 206), 105);
    journal_close(journal);
    place_remove(&place);
}

static void numbering_goes_on_when_everything_is_compacted(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    for (int i = 0; i < 3000; i++)
        records_commit(journal, i % 3);
    snapshot_put(journal, 2999, 10);
    snapshot_put(journal, 3000, 10);
    assert_true(journal_compact(journal, UINT64_MAX - 1, NULL));
    assert_true(journal_first(journal) > 2990);
    journal_close(journal);
    journal = place_open(&place);
    assert_int_equal(journal_last(journal), 3000);
    records_commit(journal, 1);
    assert_int_equal(records_check(journal, 3001), 1);
    journal_close(journal);
    place_remove(&place);
}

static void a_damaged_snapshot_gives_the_one_before_it(void **state)
{
    (void)state;
    struct place place;
    struct error error = {.line = 0};
    struct buffer bytes = {.length = 0};
    bool found;
    uint64_t sequence;
    place_make(&place);
    struct journal *journal = place_open(&place);
    records_commit(journal, 10);
    snapshot_put(journal, 5, (2 << 20) + 1);
    snapshot_put(journal, 10, (2 << 20) + 1);
    journal_close(journal);
    place_sql(&place, "DELETE FROM snapshot_part WHERE sequence = 10 AND part = 1");
    journal = place_open(&place);
    snapshot_expect(journal, 5, (2 << 20) + 1);
    journal_close(journal);
    place_sql(&place,
              "UPDATE snapshot_part SET body = x'00112233' WHERE sequence = 5 AND part = 2");
    journal = place_open(&place);
    assert_false(journal_snapshot_read(journal, &found, &sequence, &bytes, &error));
    assert_false(found);
    assert_string_equal(error.file, place.database);
    assert_non_null(strstr(error.what, "the snapshot of record 5 does not match its checksum"));
    buffer_finish(&bytes);
    journal_close(journal);
    place_remove(&place);
}

static void parts_of_a_snapshot_that_never_ended_are_swept_away(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    records_commit(journal, 10);
    journal_close(journal);
    place_sql(&place, "INSERT INTO snapshot_part VALUES(1, 7, 0, 5, x'00')");
    journal = place_open(&place);
    snapshot_put(journal, 7, 10);
    snapshot_expect(journal, 7, 10);
    journal_close(journal);
    assert_int_equal(place_sql(&place, "SELECT count(*) FROM snapshot_part"), 1);
    place_remove(&place);
}

static void *snapshots_run(void *context)
{
    struct journal *journal = context;
    for (uint64_t i = 1; i <= 4; i++) {
        while (journal_durable(journal) < i * 100)
            records_check(journal, journal_first(journal));
        snapshot_put(journal, i * 100, 4 << 20);
        assert_true(journal_compact(journal, i * 100, NULL));
    }
    return NULL;
}

static void commits_go_on_while_snapshots_are_written(void **state)
{
    (void)state;
    struct place place;
    pthread_t thread;
    place_make(&place);
    struct journal *journal = place_open(&place);
    assert_int_equal(pthread_create(&thread, NULL, snapshots_run, journal), 0);
    for (int i = 0; i < 500; i++)
        records_commit(journal, 1);
    pthread_join(thread, NULL);
    snapshot_expect(journal, 400, 4 << 20);
    assert_int_equal(journal_first(journal), 301);
    assert_int_equal(records_check(journal, 301), 200);
    journal_close(journal);
    place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_snapshot_comes_back_after_a_restart),
        cmocka_unit_test(a_snapshot_stands_on_durable_records_and_after_the_last),
        cmocka_unit_test(a_compaction_keeps_what_the_older_snapshot_needs),
        cmocka_unit_test(numbering_goes_on_when_everything_is_compacted),
        cmocka_unit_test(a_damaged_snapshot_gives_the_one_before_it),
        cmocka_unit_test(parts_of_a_snapshot_that_never_ended_are_swept_away),
        cmocka_unit_test(commits_go_on_while_snapshots_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
