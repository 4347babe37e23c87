/* hostile_test.c: requests that a client sends only to hurt: numbers at the ends of their types,
 * many times over. The counter refuses or takes them, and its sums stay sums. */
#include "cmocka_all.h"
#include "core_fixture.h"
#include <limits.h>
#include <math.h>
#include <string.h>

typedef struct CThostFtdcInputOrderField input_order;

/* An order that freezes no money: its price is below all limits, which only the exchange sees. */
static input_order free_order(struct fixture *fixture, const char *instrument, int volume)
{
    return fixture_input(fixture, instrument, '0', '0', -1, volume);
}

static void orders_of_more_lots_than_a_row_counts_are_106(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    input_order input = free_order(&fixture, "rb2505", INT_MAX);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 106);
    input = free_order(&fixture, "rb2505", LEDGER_LOTS_MAX);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 106);
    input = free_order(&fixture, "rb2505", LEDGER_LOTS_MAX - 1);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input),
                     0); /* the exchange's matter */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3 I106 I106 a 5");
    fixture_end(&fixture);
}

/* A product without limits of prices and volumes, in which all such orders wait. */
static void waiting_orders_count_together(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct instrument free_market;
    memcpy(&free_market, core_instrument(fixture.core, fixture_instrument(&fixture, "BTC")),
           sizeof free_market);
    free_market.upper_limit = free_market.lower_limit = ABSENT_PRICE;
    free_market.limit_order_volume_max = 0;
    core_put_instrument(fixture.core, &free_market, true);
    input_order input = free_order(&fixture, "BTC", LEDGER_LOTS_MAX / 2);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
    input = free_order(&fixture, "BTC", LEDGER_LOTS_MAX / 2);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
    input = free_order(&fixture, "BTC", 1);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 106);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    input = free_order(&fixture, "BTC", 1);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
    fixture_end(&fixture);
}

static void condition_orders_that_fire_are_counted_too(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "rb2505", 3399, 20, 3400, 5, 3400, 10);
    input_order input = free_order(&fixture, "rb2505", INT_MAX);
    input.ContingentCondition = THOST_FTDC_CC_LastPriceGreaterEqualStopPrice;
    input.StopPrice = 3400;
    fixture_story(&fixture, CONNECTION_ONE);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "b c C106");
    fixture_end(&fixture);
}

static void the_last_reference_is_followed_by_none(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = fixture_input(&fixture, "rb2505", '0', '0', 3300, 1);
    PUT_TEXT(input.OrderRef, TEXT("999999999999"));
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
    PUT_TEXT(input.OrderRef, TEXT(""));
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 22);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_TWO, &input), 0); /* another session's */
    fixture_end(&fixture);
}

/* Numbers that no price is, where a price is not looked at. */
static void prices_that_are_not_looked_at_may_be_anything(void **state)
{
    (void)state;
    static const double prices[] = {NAN, INFINITY, -INFINITY, ABSENT_PRICE, -1e308, 1e300, 1e-320};
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "i2505", 799.5, 5, 800, 5, 800, 10);
    fixture_quote(&fixture, "IF2503", 3899.8, 5, 3900, 5, 3900, 10);
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++) {
        input_order input = fixture_input(&fixture, "i2505", '0', '0', prices[i], 6);
        input.OrderPriceType = THOST_FTDC_OPT_AnyPrice;
        input.StopPrice = prices[i];
        assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
        assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
        input = fixture_input(&fixture, "IF2503", '1', '0', prices[i], 1);
        input.OrderPriceType = THOST_FTDC_OPT_FiveLevelPrice;
        input.TimeCondition = THOST_FTDC_TC_IOC;
        fixture_insert(&fixture, CONNECTION_ONE, &input);
        struct funds funds = ledger_funds(&fixture.core->ledger, 0);
        assert_true(isfinite(funds.available) && isfinite(funds.balance));
    }
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_of_more_lots_than_a_row_counts_are_106),
        cmocka_unit_test(waiting_orders_count_together),
        cmocka_unit_test(condition_orders_that_fire_are_counted_too),
        cmocka_unit_test(the_last_reference_is_followed_by_none),
        cmocka_unit_test(prices_that_are_not_looked_at_may_be_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
