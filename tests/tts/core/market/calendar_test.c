/* calendar_test.c: trading days, sessions, stamps and price limits, as tables of worked cases; the
 * same checks run over a file of golden cases beside the project where there is one. */
#include "cmocka_all.h"
#include "tts/core/market/calendar.h"
#include "tts/core/market/price_limit.h"
#include "tts/core/market/session_table.h"
#include "tts/core/market/stamp.h"

static const int holidays_2021[] = {20210101, 20210211, 20210212, 20210215, 20210216,
                                    20210217, 20210405, 20210920, 20210921, 20211001,
                                    20211004, 20211005, 20211006, 20211007};

static struct calendar calendar_2021(void)
{
    struct calendar calendar = {.everyday = false};
    for (size_t i = 0; i < sizeof holidays_2021 / sizeof *holidays_2021; i++)
        assert_true(calendar_add_holiday(&calendar, holidays_2021[i]));
    return calendar;
}

static const struct {
    int date, second, trading_day;
    bool night; /* on the evening of that date */
} moments[] = {
    {20210305, 21 * 3600 + 300, 20210308, true},   /* Friday evening belongs to Monday */
    {20210306, 1800, 20210308, false},             /* and so does the Saturday after midnight */
    {20210307, 12 * 3600, 20210308, false},        /* a Sunday at noon */
    {20210308, 10 * 3600, 20210308, true},         /* a Monday morning */
    {20210402, 21 * 3600 + 300, 20210406, false},  /* no night before a holiday Monday */
    {20210406, 9 * 3600 + 300, 20210406, true},    /* the day after it */
    {20201231, 21 * 3600 + 300, 20210104, false},  /* New Year */
    {20210210, 14 * 3600, 20210210, false},        /* the last day before spring festival */
    {20210210, 21 * 3600, 20210218, false},        /* its evening */
    {20210917, 21 * 3600 + 1800, 20210922, false}, /* a weekend and two holidays */
    {20210930, 21 * 3600 + 1800, 20211008, false}, /* national day */
    {20210308, 6 * 3600 - 1, 20210308,
     true}, /* bounds: just before 06:00 it is the day after Sunday */
    {20210309, 18 * 3600 - 1, 20210309, true}, /* bounds: just before 18:00 it is still today */
    {20210309, 18 * 3600, 20210310, true},     /* bounds: from 18:00 on tomorrow */
};

static void a_moment_has_its_trading_day(void **state)
{
    (void)state;
    struct calendar calendar = calendar_2021();
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        assert_int_equal(calendar_trading_day(&calendar, moments[i].date, moments[i].second),
                         moments[i].trading_day);
        assert_int_equal(calendar_has_night(&calendar, moments[i].date), moments[i].night);
    }
    calendar_finish(&calendar);
}

static void a_line_of_time_gives_back_the_natural_day(void **state)
{
    (void)state;
    struct calendar calendar = calendar_2021();
    assert_int_equal(calendar_natural_day(&calendar, 20210308, 21 * 3600), 20210305);
    assert_int_equal(calendar_natural_day(&calendar, 20210308, 1800), 20210306);
    assert_int_equal(calendar_natural_day(&calendar, 20210308, 9 * 3600), 20210308);
    calendar_finish(&calendar);
}

static void holidays_are_kept_sorted_and_once(void **state)
{
    (void)state;
    struct calendar calendar = {.everyday = false};
    assert_true(calendar_add_holiday(&calendar, 20211001));
    assert_true(calendar_add_holiday(&calendar, 20200101));
    assert_true(calendar_add_holiday(&calendar, 20211001));
    assert_false(calendar_add_holiday(&calendar, 20210230));
    assert_int_equal(calendar.holiday_count, 2);
    assert_int_equal(calendar.holidays[0], 20200101);
    assert_true(calendar_covers(&calendar, 20210704));
    assert_false(calendar_covers(&calendar, 20220104));
    calendar_finish(&calendar);
}

static void every_day_trades_when_asked(void **state)
{
    (void)state;
    struct calendar calendar = calendar_2021();
    calendar.everyday = true;
    assert_int_equal(calendar_trading_day(&calendar, 20210306, 21 * 3600), 20210307);
    assert_int_equal(calendar_trading_day(&calendar, 20211001, 10 * 3600), 20211001);
    assert_true(calendar_has_night(&calendar, 20210930));
    calendar_finish(&calendar);
}

static void nights_can_be_switched_off_for_a_time(void **state)
{
    (void)state;
    struct calendar calendar = calendar_2021();
    assert_true(calendar_add_night_off(&calendar, 20210301, 20210305));
    assert_false(calendar_add_night_off(&calendar, 20210305, 20210301));
    assert_false(calendar_has_night(&calendar, 20210305));
    assert_true(calendar_has_night(&calendar, 20210308));
    calendar_finish(&calendar);
}

static void add(struct session_table *table, const char *group, enum session_when when, int second,
                char status)
{
    struct session_step step = {session_line_second(second), when, status, '1'};
    assert_int_equal(session_table_add(table, text_of(group), step), SESSION_ADDED);
}

static int at(int hour, int minute)
{
    return hour * 3600 + minute * 60;
}

static struct session_table small_table(void)
{
    struct session_table table = {.group_count = 0};
    add(&table, "N", SESSION_WITH_NIGHT, at(20, 30), '1');
    add(&table, "N", SESSION_WITH_NIGHT, at(20, 55), '3');
    add(&table, "N", SESSION_WITH_NIGHT, at(20, 59), '5');
    add(&table, "N", SESSION_WITH_NIGHT, at(21, 0), '2');
    add(&table, "N", SESSION_WITH_NIGHT, at(2, 30), '1');
    add(&table, "N", SESSION_WITHOUT_NIGHT, at(8, 30), '1');
    add(&table, "N", SESSION_ALWAYS, at(9, 0), '2');
    add(&table, "N", SESSION_ALWAYS, at(10, 15), '1');
    add(&table, "N", SESSION_ALWAYS, at(10, 30), '2');
    add(&table, "N", SESSION_ALWAYS, at(15, 0), '6');
    add(&table, "Z", SESSION_ALWAYS, at(8, 55), '3');
    add(&table, "Z", SESSION_ALWAYS, at(8, 59), '0');
    add(&table, "Z", SESSION_ALWAYS, at(9, 0), '2');
    add(&table, "Z", SESSION_ALWAYS, at(15, 0), '6');
    return table;
}

static void a_day_with_and_without_night_has_its_own_steps(void **state)
{
    (void)state;
    struct session_table table = small_table();
    const struct session_group *group = session_table_find(&table, TEXT("N"));
    struct session_step steps[SESSION_STEPS_MAX];
    assert_int_equal(session_group_day(group, true, steps), 9);
    assert_int_equal(steps[0].line_second, at(20, 30) - 86400);
    assert_int_equal(steps[4].line_second, at(2, 30));
    assert_int_equal(session_group_day(group, false, steps), 5);
    assert_int_equal(steps[0].line_second, at(8, 30));
    assert_true(session_group_has_night(group));
    assert_false(session_group_has_night(session_table_find(&table, TEXT("Z"))));
    assert_null(session_table_find(&table, TEXT("none")));
}

static void a_phase_is_known_at_each_second(void **state)
{
    (void)state;
    struct session_table table = small_table();
    const struct session_group *night = session_table_find(&table, TEXT("N"));
    const struct session_group *day = session_table_find(&table, TEXT("Z"));
    int evening = session_line_second(at(20, 57));
    assert_int_equal(session_group_phase(night, true, evening), SESSION_PHASE_AUCTION_ORDERING);
    assert_int_equal(session_group_phase(night, false, evening), SESSION_PHASE_BEFORE);
    assert_int_equal(session_group_phase(night, true, at(2, 30)), SESSION_PHASE_CONTINUOUS);
    assert_int_equal(session_group_phase(night, true, at(2, 30) + 1), SESSION_PHASE_BREAK);
    assert_int_equal(session_group_status(night, true, at(10, 15)), '2');
    assert_int_equal(session_group_status(night, true, at(10, 16)), '1');
    assert_int_equal(session_group_status(night, true, at(15, 1)), '6');
    assert_int_equal(session_group_phase(day, false, at(8, 59)), SESSION_PHASE_AUCTION_MATCH);
    assert_int_equal(session_group_phase(day, false, at(9, 0)), SESSION_PHASE_CONTINUOUS);
    assert_int_equal(session_group_phase(day, false, at(16, 0)), SESSION_PHASE_CLOSED);
}

static void the_next_step_and_the_bounds_are_found(void **state)
{
    (void)state;
    struct session_table table = small_table();
    const struct session_group *group = session_table_find(&table, TEXT("N"));
    struct session_step step;
    assert_true(session_group_next(group, true, at(9, 0), &step));
    assert_int_equal(step.line_second, at(10, 15));
    assert_false(session_group_next(group, true, at(15, 0), &step));
    int first, last;
    assert_true(session_group_bounds(group, true, &first, &last));
    assert_int_equal(first, session_line_second(at(21, 0)));
    assert_int_equal(last, at(15, 0));
}

static void steps_out_of_order_are_refused(void **state)
{
    (void)state;
    struct session_table table = small_table();
    struct session_step early = {at(9, 0), SESSION_ALWAYS, '2', '1'};
    assert_int_equal(session_table_add(&table, TEXT("Z"), early), SESSION_BACKWARDS);
    assert_int_equal(session_table_add(&table, TEXT("a name that is far too long"), early),
                     SESSION_TOO_MANY);
}

static const struct {
    enum exchange exchange;
    struct stamp_moment moment;
    struct stamp_tick want;
    int insert_before, insert_after, trade;
} stamps[] = {
    {EXCHANGE_SHFE,
     {20210308, 20210305, 500},
     {20210308, 20210305, 500},
     20210305,
     20210305,
     20210305},
    {EXCHANGE_INE, {20210308, 20210306, 0}, {20210308, 20210306, 0}, 20210306, 20210306, 20210306},
    {EXCHANGE_DCE,
     {20210308, 20210305, 517},
     {20210308, 20210308, 517},
     20210305,
     20210308,
     20210308},
    {EXCHANGE_CZCE,
     {20210308, 20210305, 500},
     {20210305, 20210305, 0},
     20210305,
     20210305,
     20210308},
    {EXCHANGE_GFEX,
     {20210308, 20210308, 500},
     {20210308, 20210308, 500},
     20210308,
     20210308,
     20210308},
    {EXCHANGE_CFFEX,
     {20210308, 20210308, 900},
     {20210308, 20210308, 900},
     20210308,
     20210308,
     20210308},
};

static void each_exchange_stamps_in_its_own_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stamps / sizeof *stamps; i++) {
        struct stamp_tick got = stamp_tick(stamps[i].exchange, stamps[i].moment);
        assert_int_equal(got.trading_day, stamps[i].want.trading_day);
        assert_int_equal(got.action_day, stamps[i].want.action_day);
        assert_int_equal(got.millisecond, stamps[i].want.millisecond);
        enum exchange exchange = stamps[i].exchange;
        assert_int_equal(stamp_insert_date(exchange, stamps[i].moment, false),
                         stamps[i].insert_before);
        assert_int_equal(stamp_insert_date(exchange, stamps[i].moment, true),
                         stamps[i].insert_after);
        assert_int_equal(stamp_trade_date(exchange, stamps[i].moment), stamps[i].trade);
    }
}

static void limits_fall_on_ticks_inside_the_ratio(void **state)
{
    (void)state;
    static const struct {
        double pre, tick, ratio, upper, lower;
    } cases[] = {
        {5216.2, 0.2, 0.1, 5737.8, 4694.6}, {5278.6, 0.2, 0.1, 5806.4, 4750.8},
        {5357.0, 0.2, 0.1, 5892.6, 4821.4}, {3466, 1, 0.06, 3673, 3259},
        {812.5, 0.5, 0.08, 877.5, 747.5},   {100.005, 0.005, 0.02, 102.005, 98.005},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct price_limit limit = price_limit_of(cases[i].pre, cases[i].tick, cases[i].ratio);
        assert_true(limit.upper == cases[i].upper);
        assert_true(limit.lower == cases[i].lower);
    }
    struct price_limit none = price_limit_of(ABSENT_PRICE, 1, 0.1);
    assert_false(price_is_present(none.upper));
    struct price_limit option = price_limit_of_option(60, 0.5, 2900, 0.04);
    assert_true(option.upper == 176 && option.lower == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moment_has_its_trading_day),
        cmocka_unit_test(a_line_of_time_gives_back_the_natural_day),
        cmocka_unit_test(holidays_are_kept_sorted_and_once),
        cmocka_unit_test(every_day_trades_when_asked),
        cmocka_unit_test(nights_can_be_switched_off_for_a_time),
        cmocka_unit_test(a_day_with_and_without_night_has_its_own_steps),
        cmocka_unit_test(a_phase_is_known_at_each_second),
        cmocka_unit_test(the_next_step_and_the_bounds_are_found),
        cmocka_unit_test(steps_out_of_order_are_refused),
        cmocka_unit_test(each_exchange_stamps_in_its_own_way),
        cmocka_unit_test(limits_fall_on_ticks_inside_the_ratio),
    };
    return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
