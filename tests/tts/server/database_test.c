/* database_test.c: a counter out of its database: what was done is there again, and effects of
 * another build are refused before one of them is applied. */
#include "journal_support.h"
#include "tts/database.h"
#include <string.h>

struct counter {
    struct place place;
    struct core_options core;
    struct core_sink sink;
    struct database database;
    struct error error;
};

static char *effect_room(void *user, size_t length)
{
    struct counter *counter = user;
    return journal_append_room(counter->database.journal, length);
}

static bool open_on(struct counter *counter, int day, bool first_day_open)
{
    counter->core = core_options_of(PROFILE_TTS);
    counter->sink = (struct core_sink){.user = counter, .effect_room = effect_room};
    struct database_options how = {.path = counter->place.database,
                                   .core = &counter->core,
                                   .sink = &counter->sink,
                                   .first_trading_day = day,
                                   .first_day_open = first_day_open,
                                   .brief = true};
    return database_open(&counter->database, &how, &counter->error);
}

static bool open_counter(struct counter *counter)
{
    return open_on(counter, 20250303, false);
}

static void add_user(struct counter *counter)
{
    enum admin_result added =
        core_add_user(counter->database.core, TEXT("u1"), "hash", TEXT(""), 1000);
    assert_int_equal(added, ADMIN_OK);
    database_close(&counter->database);
}

/* A database with one user. */
static void make_counter(struct counter *counter)
{
    memset(counter, 0, sizeof *counter);
    place_make(&counter->place);
    assert_true(open_counter(counter));
    add_user(counter);
}

static void what_was_done_is_there_again(void **state)
{
    (void)state;
    struct counter counter;
    make_counter(&counter);
    assert_true(open_counter(&counter));
    assert_int_equal(core_user_count(counter.database.core), 1);
    assert_int_equal(core_trading_day(counter.database.core), 20250303);
    database_close(&counter.database);
    place_remove(&counter.place);
}

static void users_from_before_the_first_start_belong_to_its_day(void **state)
{
    (void)state;
    struct counter counter = {.core = {.front_id = 0}};
    place_make(&counter.place);
    assert_true(open_on(&counter, 20260101, true));
    add_user(&counter);
    for (int day = 20250303; day < 20250306; day++) {
        assert_true(open_on(&counter, day, false));
        assert_int_equal(core_trading_day(counter.database.core), 20250303);
        assert_int_equal(core_user_count(counter.database.core), 1);
        database_close(&counter.database);
    }
    place_remove(&counter.place);
}

static void expect_refusal(struct counter *counter, const char *sql)
{
    char line[1024];
    place_sql(&counter->place, sql);
    assert_false(open_counter(counter));
    error_text(&counter->error, line, sizeof line);
    assert_non_null(strstr(line, counter->place.database));
    assert_non_null(strstr(line, "its effects are of another build of tts"));
    assert_non_null(strstr(line, "begin with a new database"));
}

static void effects_of_another_build_are_refused(void **state)
{
    (void)state;
    struct counter counter;
    make_counter(&counter);
    expect_refusal(&counter, "UPDATE meta SET value = '1' WHERE name = 'effect_format'");
    expect_refusal(&counter, "UPDATE meta SET value = '1000' WHERE name = 'effect_format'");
    expect_refusal(&counter, "DELETE FROM meta WHERE name = 'effect_format'");
    place_remove(&counter.place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_done_is_there_again),
        cmocka_unit_test(users_from_before_the_first_start_belong_to_its_day),
        cmocka_unit_test(effects_of_another_build_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
