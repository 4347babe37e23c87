/* clock_test.c: Beijing time, whatever the machine's time zone. */
#include "base/clock.h"
#include "cmocka_all.h"

static void assert_time(int64_t us, struct beijing_time expected)
{
    struct beijing_time got = clock_beijing(us);
    assert_int_equal(got.year * 10000 + got.month * 100 + got.day,
                     expected.year * 10000 + expected.month * 100 + expected.day);
    assert_int_equal(got.hour * 10000 + got.minute * 100 + got.second,
                     expected.hour * 10000 + expected.minute * 100 + expected.second);
    assert_int_equal(got.microsecond, expected.microsecond);
    assert_int_equal(got.weekday, expected.weekday);
}

static void instants_have_their_beijing_time(void **state)
{
    (void)state;
    assert_time(0, (struct beijing_time){1970, 1, 1, 8, 0, 0, 0, 4});
    assert_time(1721654702696000, (struct beijing_time){2024, 7, 22, 21, 25, 2, 696000, 1});
    assert_time(1709136000000000, (struct beijing_time){2024, 2, 29, 0, 0, 0, 0, 4});
    assert_time(1709222399999999, (struct beijing_time){2024, 2, 29, 23, 59, 59, 999999, 4});
    assert_time(-1, (struct beijing_time){1970, 1, 1, 7, 59, 59, 999999, 4});
    assert_time(-(int64_t)86400 * 1000000 * 7, (struct beijing_time){1969, 12, 25, 8, 0, 0, 0, 4});
}

static void dates_and_days_go_both_ways(void **state)
{
    (void)state;
    assert_int_equal(clock_date_to_days(19700101), 0);
    assert_int_equal(clock_date_to_days(20000301), 11017);
    int last = clock_date_to_days(19000101);
    assert_int_equal(last, -25567);
    for (int days = last; days < 100000; days++) {
        int date = clock_days_to_date(days);
        assert_int_equal(clock_date_to_days(date), days);
        int expected_weekday = ((days + 4) % 7 + 7) % 7;
        assert_int_equal(clock_beijing((int64_t)days * 86400 * 1000000).weekday, expected_weekday);
    }
}

static void dates_that_do_not_exist_are_told(void **state)
{
    (void)state;
    static const int bad[] = {0,        -1,       20230229, 19000229, 20240431,  20241301,
                              20240001, 20240100, 20240132, 18991231, 100000101, 2024};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(clock_date_to_days(bad[i]), -1);
    assert_true(clock_date_to_days(20240229) > 0);
    assert_true(clock_date_to_days(20000229) > 0);
}

static void a_beijing_date_gives_its_instant(void **state)
{
    (void)state;
    assert_true(clock_from_beijing(19700101, 8 * 3600) == 0);
    assert_true(clock_from_beijing(20240722, 21 * 3600 + 25 * 60 + 2) == 1721654702000000);
    struct beijing_time back = clock_beijing(clock_from_beijing(20241231, 86399));
    assert_int_equal(back.day, 31);
    assert_int_equal(back.second, 59);
}

static void clocks_go_forward(void **state)
{
    (void)state;
    int64_t before = clock_monotonic_ns();
    int64_t after = clock_monotonic_ns();
    assert_true(after >= before);
    assert_true(clock_now_us() > 1700000000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_have_their_beijing_time),
        cmocka_unit_test(dates_and_days_go_both_ways),
        cmocka_unit_test(dates_that_do_not_exist_are_told),
        cmocka_unit_test(a_beijing_date_gives_its_instant),
        cmocka_unit_test(clocks_go_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
