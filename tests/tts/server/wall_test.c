/* wall_test.c: which moment plays when the wall shows a time of day: sessions at their own time,
 * and between them the last part of one, over and over. */
#include "cmocka_all.h"
#include "tts/wall.h"

static struct session_table table;
static struct wall_groups groups;

static void step(int second_of_day, char status)
{
    struct session_step one = {.line_second = session_line_second(second_of_day),
                               .when = SESSION_ALWAYS,
                               .status = status,
                               .enter_reason = '1'};
    assert_int_equal(session_table_add(&table, TEXT("N"), one), SESSION_ADDED);
}

enum { HOUR = 3600, MINUTE = 60 };

/* Night 21:00 to 23:00, morning 9:00 to 11:30, afternoon 13:30 to 15:00. */
static int make_groups(void **state)
{
    (void)state;
    step(21 * HOUR, '2');
    step(23 * HOUR, '1');
    step(9 * HOUR, '2');
    step(11 * HOUR + 30 * MINUTE, '1');
    step(13 * HOUR + 30 * MINUTE, '2');
    step(15 * HOUR, '6');
    groups.at[groups.count++] = session_table_find(&table, TEXT("N"));
    return 0;
}

static int64_t ms(int second_of_day)
{
    return (int64_t)session_line_second(second_of_day) * 1000;
}

static void what_is_open_follows_the_sessions(void **state)
{
    (void)state;
    assert_false(wall_is_open(&groups, session_line_second(20 * HOUR)));
    assert_true(wall_is_open(&groups, session_line_second(21 * HOUR)));
    assert_true(wall_is_open(&groups, session_line_second(10 * HOUR)));
    assert_false(wall_is_open(&groups, session_line_second(12 * HOUR)));
    assert_false(wall_is_open(&groups, session_line_second(15 * HOUR + 1)));
}

static void expect_part(int at, int start, int end)
{
    int from = 0, to = 0;
    assert_true(wall_last_part(&groups, session_line_second(at), &from, &to));
    assert_int_equal(session_second_of_day(from), start);
    assert_int_equal(session_second_of_day(to), end);
}

static void the_last_part_is_the_one_before(void **state)
{
    (void)state;
    expect_part(12 * HOUR, 9 * HOUR, 11 * HOUR + 30 * MINUTE);
    expect_part(17 * HOUR, 13 * HOUR + 30 * MINUTE, 15 * HOUR);
    expect_part(19 * HOUR, 13 * HOUR + 30 * MINUTE, 15 * HOUR); /* a new line has begun at 18:00 */
    expect_part(3 * HOUR, 21 * HOUR, 23 * HOUR);
    struct wall_groups none = {.count = 0};
    int from, to;
    assert_false(wall_last_part(&none, 0, &from, &to));
}

static void an_open_session_plays_at_its_own_time(void **state)
{
    struct wall wall = {.follows = false};
    int jump = 0;
    (void)state;
    assert_true(wall_turn(&wall, &groups, ms(10 * HOUR) + 250, &jump));
    assert_int_equal(jump, 10 * HOUR);
    assert_int_equal(wall_playing_ms(&wall, ms(10 * HOUR) + 250), ms(10 * HOUR) + 250);
    assert_false(wall_turn(&wall, &groups, ms(10 * HOUR) + 500, &jump));
    assert_false(wall_turn(&wall, &groups, ms(11 * HOUR), &jump));
}

static void a_break_loops_the_part_before_it(void **state)
{
    struct wall wall = {.follows = false};
    int jump = 0;
    (void)state;
    assert_true(wall_turn(&wall, &groups, ms(15 * HOUR + 10 * MINUTE), &jump));
    assert_int_equal(jump, 13 * HOUR + 30 * MINUTE);
    assert_int_equal(wall_playing_ms(&wall, ms(15 * HOUR + 11 * MINUTE)),
                     ms(13 * HOUR + 31 * MINUTE));
    assert_false(wall_turn(&wall, &groups, ms(16 * HOUR), &jump));
    assert_false(wall_turn(&wall, &groups, ms(16 * HOUR + 40 * MINUTE), &jump)); /* its end */
    assert_true(wall_turn(&wall, &groups, ms(16 * HOUR + 40 * MINUTE) + 1, &jump));
    assert_int_equal(jump, 13 * HOUR + 30 * MINUTE);
}

static void the_next_session_ends_the_loop(void **state)
{
    struct wall wall = {.follows = false};
    int jump = 0;
    (void)state;
    assert_true(wall_turn(&wall, &groups, ms(12 * HOUR), &jump));
    assert_int_equal(jump, 9 * HOUR);
    assert_true(wall_turn(&wall, &groups, ms(13 * HOUR + 30 * MINUTE), &jump));
    assert_int_equal(jump, 13 * HOUR + 30 * MINUTE);
    assert_int_equal(wall_playing_ms(&wall, 5), 5);
}

static void the_lines_end_at_18_begins_the_loop_anew(void **state)
{
    struct wall wall = {.follows = false};
    int jump = 0;
    (void)state;
    assert_true(wall_turn(&wall, &groups, ms(17 * HOUR + 59 * MINUTE), &jump));
    assert_true(wall_turn(&wall, &groups, ms(18 * HOUR), &jump));
    assert_int_equal(jump, 13 * HOUR + 30 * MINUTE);
    assert_int_equal(wall_playing_ms(&wall, ms(18 * HOUR)), ms(13 * HOUR + 30 * MINUTE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_open_follows_the_sessions),
        cmocka_unit_test(the_last_part_is_the_one_before),
        cmocka_unit_test(an_open_session_plays_at_its_own_time),
        cmocka_unit_test(a_break_loops_the_part_before_it),
        cmocka_unit_test(the_next_session_ends_the_loop),
        cmocka_unit_test(the_lines_end_at_18_begins_the_loop_anew),
    };
    return cmocka_run_group_tests(tests, make_groups, NULL);
}
