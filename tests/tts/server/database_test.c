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

static bool open_counter(struct counter *counter)
{
    counter->core = core_options_of(PROFILE_TTS);
    counter->sink = (struct core_sink){.user = counter, .effect_room = effect_room};
    struct database_options how = {.path = counter->place.database,
                                   .core = &counter->core,
                                   .sink = &counter->sink,
                                   .first_trading_day = 20250303,
                                   .brief = true};
    return database_open(&counter->database, &how, &counter->error);
}

/* A database with one user. */
static void make_counter(struct counter *counter)
{
    memset(counter, 0, sizeof *counter);
    place_make(&counter->place);
    assert_true(open_counter(counter));
    enum admin_result added =
        core_add_user(counter->database.core, TEXT("u1"), "hash", TEXT(""), 1000);
    assert_int_equal(added, ADMIN_OK);
    database_close(&counter->database);
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
        cmocka_unit_test(effects_of_another_build_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
