/* pace_test.c: from feed time to wall time, at each speed and over pauses. */
#include "cmocka_all.h"
#include "tts/feed/pace.h"

enum { SECOND_MS = 1000 };
static const int64_t SECOND_NS = 1000000000;

static void recorded_pace_is_one_to_one(void **state)
{
    (void)state;
    struct pace pace;
    pace_begin(&pace, 100 * SECOND_NS, 5 * SECOND_MS, 1);
    assert_int_equal(pace_due_ns(&pace, 7 * SECOND_MS), 102 * SECOND_NS);
    assert_int_equal(pace_due_ns(&pace, 4 * SECOND_MS), 100 * SECOND_NS);
    assert_int_equal(pace_feed_ms(&pace, 103 * SECOND_NS), 8 * SECOND_MS);
}

static void a_new_speed_counts_from_now_on(void **state)
{
    (void)state;
    struct pace pace;
    pace_begin(&pace, 0, 0, 1);
    pace_set_speed(&pace, 10 * SECOND_NS, 20);
    assert_int_equal(pace_due_ns(&pace, 30 * SECOND_MS), 11 * SECOND_NS);
    assert_int_equal(pace_feed_ms(&pace, 12 * SECOND_NS), 50 * SECOND_MS);
}

static void nothing_is_due_while_paused(void **state)
{
    (void)state;
    struct pace pace;
    pace_begin(&pace, 0, 0, 2);
    pace_pause(&pace, 5 * SECOND_NS);
    assert_true(pace_due_ns(&pace, 0) == INT64_MAX);
    assert_int_equal(pace_feed_ms(&pace, 50 * SECOND_NS), 10 * SECOND_MS);
    pace_resume(&pace, 60 * SECOND_NS);
    assert_int_equal(pace_due_ns(&pace, 12 * SECOND_MS), 61 * SECOND_NS);
}

static void speed_zero_is_as_fast_as_it_goes(void **state)
{
    (void)state;
    struct pace pace;
    pace_begin(&pace, 3 * SECOND_NS, 0, 0);
    assert_int_equal(pace_due_ns(&pace, INT64_MAX / 2), 3 * SECOND_NS);
    assert_false(pace_forgive(&pace, 100 * SECOND_NS, 5, SECOND_NS));
}

static void after_a_long_sleep_the_feed_does_not_hurry(void **state)
{
    (void)state;
    struct pace pace;
    pace_begin(&pace, 0, 0, 1);
    assert_false(pace_forgive(&pace, 2 * SECOND_NS, 1 * SECOND_MS, 5 * SECOND_NS));
    assert_true(pace_forgive(&pace, 3600 * SECOND_NS, 1 * SECOND_MS, 5 * SECOND_NS));
    assert_int_equal(pace_due_ns(&pace, 2 * SECOND_MS), 3601 * SECOND_NS);
}

static void a_far_moment_does_not_overflow(void **state)
{
    (void)state;
    struct pace pace;
    pace_begin(&pace, 0, 0, 1e-9);
    assert_true(pace_due_ns(&pace, INT64_MAX / 2) == INT64_MAX);
}

static void a_tick_waits_for_its_own_time_of_day(void **state)
{
    (void)state;
    static const int64_t hour = 3600000, day = 24 * hour;
    assert_int_equal(pace_wall_wait_ms(21 * hour, 15 * hour), 6 * hour);
    assert_int_equal(pace_wall_wait_ms(9 * hour, 15 * hour + 1), 18 * hour - 1);
    assert_int_equal(pace_wall_wait_ms(9 * hour, 9 * hour), 0);
    assert_int_equal(pace_wall_wait_ms(9 * hour, 9 * hour + 1), 0); /* late */
    assert_int_equal(pace_wall_wait_ms(9 * hour, 14 * hour), 0);
    assert_int_equal(pace_wall_wait_ms(1 * hour, 23 * hour), 2 * hour);
    assert_int_equal(pace_wall_wait_ms(0, day - 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_pace_is_one_to_one),
        cmocka_unit_test(a_tick_waits_for_its_own_time_of_day),
        cmocka_unit_test(a_new_speed_counts_from_now_on),
        cmocka_unit_test(nothing_is_due_while_paused),
        cmocka_unit_test(speed_zero_is_as_fast_as_it_goes),
        cmocka_unit_test(after_a_long_sleep_the_feed_does_not_hurry),
        cmocka_unit_test(a_far_moment_does_not_overflow),
    };
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
