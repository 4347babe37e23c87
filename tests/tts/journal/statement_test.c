/* statement_test.c: settlement statements beside the records: found by day and range after
 * restarts and compactions, the newest settlement of a day, and damage told. */
#include "journal_support.h"

struct told {
    struct buffer lines; /* "day/id body;" */
};

static void take(void *context, const struct journal_statement *statement)
{
    struct told *told = context;
    buffer_printf(&told->lines, "%d/%d %.*s;", statement->trading_day, statement->settlement_id,
                  TEXT_ARG(statement->body));
}

static void put(struct journal *journal, const char *account, int day, int id, const char *body)
{
    struct error error = {.line = 0};
    struct journal_statement one = {text_of(account), day, id, text_of(body)};
    if (!journal_statements_write(journal, &one, 1, &error))
        fail_msg("%s", error.what);
}

static void expect(struct journal *journal, const char *account, int first, int last,
                   const char *lines)
{
    struct told told = {.lines = {.at = NULL}};
    struct error error = {.line = 0};
    if (!journal_statements_read(journal, text_of(account), first, last, take, &told, &error))
        fail_msg("%s", error.what);
    buffer_put_char(&told.lines, '\0');
    assert_string_equal(told.lines.at, lines);
    buffer_finish(&told.lines);
}

static void a_day_a_range_and_the_newest_are_found(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    expect(journal, "u1", 0, 0, "");
    put(journal, "u1", 20250303, 1, "monday");
    put(journal, "u1", 20250304, 1, "tuesday");
    put(journal, "u2", 20250305, 1, "another's");
    put(journal, "u1", 20250401, 1, "");
    put(journal, "u1", 20250304, 2, "tuesday, corrected");
    put(journal, "u1", 20250303, 1, "monday, once more");
    for (int i = 0; i < 2; i++) {
        expect(journal, "u1", 20250304, 20250304, "20250304/2 tuesday, corrected;");
        expect(journal, "u1", 20250301, 20250331,
               "20250303/1 monday, once more;20250304/2 tuesday, corrected;");
        expect(journal, "u1", 0, 0, "20250401/1 ;");
        expect(journal, "u1", 20250402, 20250402, "");
        expect(journal, "u2", 0, 0, "20250305/1 another's;");
        expect(journal, "u3", 0, 0, "");
        journal_close(journal);
        journal = place_open(&place);
    }
    journal_close(journal);
    place_remove(&place);
}

static void a_compaction_leaves_them(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    struct error error = {.line = 0};
    put(journal, "u1", 20250303, 1, "long ago");
    for (int i = 0; i < 3; i++) {
        records_commit(journal, 50);
        uint64_t durable = journal_durable(journal);
        assert_true(journal_snapshot_write(journal, durable, "state", 5, &error));
        assert_true(journal_compact(journal, durable, &error));
    }
    assert_int_equal(journal_first(journal), 101);
    journal_close(journal);
    journal = place_open(&place);
    expect(journal, "u1", 20250303, 20250303, "20250303/1 long ago;");
    journal_close(journal);
    place_remove(&place);
}

/* More than a slice, long texts, while records are committed in between. */
static void many_are_stored_in_slices(void **state)
{
    (void)state;
    enum { ACCOUNTS = 150, LENGTH = 30000 };
    struct place place;
    place_make(&place);
    struct journal *journal = place_open(&place);
    struct error error = {.line = 0};
    struct journal_statement *all = memory_get_zeroed(ACCOUNTS, sizeof *all);
    char(*names)[16] = memory_get_zeroed(ACCOUNTS, sizeof *names);
    char *body = memory_get(LENGTH);
    for (size_t i = 0; i < LENGTH; i++)
        body[i] = (char)('a' + i * i % 23);
    for (int i = 0; i < ACCOUNTS; i++) {
        snprintf(names[i], sizeof names[i], "u%d", i);
        all[i] = (struct journal_statement){
            text_of(names[i]), 20250303, 1, {body + i, (size_t)(LENGTH - ACCOUNTS)}};
    }
    record_append(journal);
    journal_seal(journal);
    assert_true(journal_statements_write(journal, all, ACCOUNTS, &error));
    records_commit(journal, 5);
    assert_int_equal(records_check(journal, 1), 6);
    for (int i = 0; i < ACCOUNTS; i++) {
        struct told told = {.lines = {.at = NULL}};
        assert_true(journal_statements_read(journal, all[i].account, 0, 0, take, &told, &error));
        assert_int_equal(told.lines.length, LENGTH - ACCOUNTS + strlen("20250303/1 ;"));
        assert_memory_equal(told.lines.at + strlen("20250303/1 "), all[i].body.at,
                            all[i].body.length);
        buffer_finish(&told.lines);
    }
    journal_close(journal);
    assert_true(place_sql(&place, "SELECT sum(length(body)) FROM statement") <
                (int64_t)ACCOUNTS * LENGTH / 4);
    free(body);
    free(names);
    free(all);
    place_remove(&place);
}

static void a_failure_stores_none_of_the_slice_and_stops_nothing(void **state)
{
    (void)state;
    struct place place;
    struct error error = {.line = 0};
    place_make(&place);
    journal_close(place_open(&place));
    place_sql(&place, "CREATE TRIGGER refusal BEFORE INSERT ON statement WHEN new.account = 'u2'"
                      " BEGIN SELECT RAISE(ABORT, 'refused'); END");
    struct journal *journal = place_open(&place);
    struct journal_statement two[] = {{TEXT("u1"), 20250303, 1, TEXT("one")},
                                      {TEXT("u2"), 20250303, 1, TEXT("two")}};
    assert_false(journal_statements_write(journal, two, 2, &error));
    assert_non_null(strstr(error.what, "refused"));
    expect(journal, "u1", 0, 0, "");
    records_commit(journal, 5);
    assert_int_equal(records_check(journal, 1), 5);
    assert_true(journal_statements_write(journal, two, 1, &error));
    expect(journal, "u1", 0, 0, "20250303/1 one;");
    journal_close(journal);
    place_remove(&place);
}

static void a_damaged_one_is_told(void **state)
{
    (void)state;
    static const char *const damages[] = {
        "UPDATE statement SET body = x'00'", "UPDATE statement SET bytes = 3",
        "UPDATE statement SET bytes = -1", "UPDATE statement SET checksum = 7",
        "UPDATE statement SET trading_day = 20250304"};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct place place;
        place_make(&place);
        struct journal *journal = place_open(&place);
        put(journal, "u1", 20250303, 1, "monday");
        journal_close(journal);
        place_sql(&place, damages[i]);
        journal = place_open(&place);
        struct told told = {.lines = {.at = NULL}};
        struct error error = {.line = 0};
        assert_false(journal_statements_read(journal, TEXT("u1"), 0, 0, take, &told, &error));
        assert_non_null(strstr(error.what, "the statement of u1"));
        assert_int_equal(told.lines.length, 0);
        buffer_finish(&told.lines);
        journal_close(journal);
        place_remove(&place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_a_range_and_the_newest_are_found),
        cmocka_unit_test(a_compaction_leaves_them),
        cmocka_unit_test(many_are_stored_in_slices),
        cmocka_unit_test(a_failure_stores_none_of_the_slice_and_stops_nothing),
        cmocka_unit_test(a_damaged_one_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
