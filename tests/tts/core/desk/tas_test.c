/* tas_test.c: orders at the day's settlement price (INE's TAS): who meets whom, lots of the future
 * that they give, and the prices that they get at the settlement. sc2505: 1000 barrels a lot, no
 * fees but those that a test sets, margin 10 %. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include <string.h>

static const char TAS[] = "sc2505TAS", FUTURE[] = "sc2505";

static const struct position_row *row_of(const struct fixture *fixture, uint32_t account,
                                         char direction, char date)
{
    uint32_t row = ledger_find_row(&fixture->core->ledger, account,
                                   fixture_instrument(fixture, FUTURE), '1', direction, date);
    return row == LEDGER_NONE ? NULL : &fixture->core->ledger.rows[row];
}

static struct funds funds_of(const struct fixture *fixture, uint32_t account)
{
    return ledger_funds(&fixture->core->ledger, account);
}

static void set_fee(struct instrument *instrument, double by_money)
{
    instrument->commission.open_by_money = instrument->commission.close_by_money =
        instrument->commission.close_today_by_money = by_money;
}

static void begin(struct fixture *fixture)
{
    fixture_begin(fixture, NULL);
    fixture_quote(fixture, FUTURE, 571.9, 50, 572, 50, 572, 100);
}

/* u1 buys from u2. */
static void deal(struct fixture *fixture, char buy_offset, char sell_offset, double distance,
                 int lots)
{
    fixture_order(fixture, CONNECTION_TWO, TAS, '1', sell_offset, distance, lots);
    fixture_order(fixture, CONNECTION_ONE, TAS, '0', buy_offset, distance, lots);
    assert_int_equal(fixture_newest(fixture)->state.status, THOST_FTDC_OST_AllTraded);
}

static void settle_at(struct fixture *fixture, double price)
{
    day_settle(fixture, 20250304, (const struct day_price[]){{FUTURE, price}, {NULL, 0}});
}

static void an_order_waits_for_another_one_of_tas(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_order(&fixture, CONNECTION_ONE, TAS, '0', '0', 0.1, 2);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    /* frozen at the future's upper limit, 627, and its margin */
    assert_true(funds_of(&fixture, 0).frozen_margin == 2 * 627.0 * 1000 * 0.1);
    assert_int_equal(row_of(&fixture, 0, '2', '1')->long_frozen, 2);
    fixture_quote(&fixture, FUTURE, 560, 50, 560.1, 50, 560, 200); /* nobody of TAS */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    fixture_order(&fixture, CONNECTION_TWO, TAS, '1', '0', 0.1, 2);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "3 0 T");
    const struct CThostFtdcTradeField *trade = fixture_last_trade();
    assert_string_equal(trade->InstrumentID, TAS);
    assert_true(trade->Price == 0.1);
    assert_int_equal(trade->TradeType, THOST_FTDC_TRDT_Common);
    assert_int_equal(row_of(&fixture, 0, '2', '1')->position, 2);
    assert_int_equal(row_of(&fixture, 0, '2', '1')->tas_position, 2);
    assert_true(funds_of(&fixture, 0).frozen_margin == 0);
    /* the future's own prices stay what its quotes say */
    assert_true(core_instrument(fixture.core, fixture_instrument(&fixture, FUTURE))->last == 560);
    fixture_end(&fixture);
}

/* Buys 3 @0.2 and 1 @0, sells 2 @-0.1: two lots at any distance from -0.1 to 0.2; above 0 the least
 * is left over, and 0.1 is the nearest of these to 0. */
static void an_auction_trades_at_one_distance(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_status(&fixture, TAS, THOST_FTDC_IS_AuctionOrdering);
    fixture_order(&fixture, CONNECTION_ONE, TAS, '0', '0', 0.2, 3);
    fixture_order(&fixture, CONNECTION_ONE, TAS, '0', '0', 0, 1);
    fixture_order(&fixture, CONNECTION_TWO, TAS, '1', '0', -0.1, 2);
    assert_int_equal(fixture.core->trades.count, 0);
    fixture_status(&fixture, TAS, THOST_FTDC_IS_AuctionMatch);
    assert_int_equal(fixture.core->trades.count, 2);
    assert_true(fixture.core->trades.at[0].price == 0.1);
    assert_true(fixture.core->trades.at[1].price == 0.1);
    assert_int_equal(row_of(&fixture, 1, '3', '1')->tas_position, 2);
    settle_at(&fixture, 575);
    assert_true(funds_of(&fixture, 0).balance + funds_of(&fixture, 1).balance == 2e7);
    fixture_end(&fixture);
}

static void only_limit_orders_for_the_day_within_the_distance_are_taken(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct CThostFtdcInputOrderField input = fixture_input(&fixture, TAS, '0', '0', 0, 1);
    input.TimeCondition = THOST_FTDC_TC_IOC;
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 80);
    input = fixture_input(&fixture, TAS, '0', '0', 0, 1);
    input.OrderPriceType = THOST_FTDC_OPT_AnyPrice;
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 80);
    fixture_story(&fixture, CONNECTION_ONE);
    static const double bad[] = {2.1, -2.1, 0.05};
    for (int i = 0; i < 3; i++) {
        fixture_order(&fixture, CONNECTION_ONE, TAS, '0', '0', bad[i], 1);
        assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    }
    fixture_order(&fixture, CONNECTION_ONE, TAS, '0', '0', -2, 1);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    /* its own phases, not the future's */
    fixture_status(&fixture, TAS, THOST_FTDC_IS_Closed);
    fixture_order(&fixture, CONNECTION_ONE, TAS, '0', '0', 0, 1);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    fixture_end(&fixture);
}

static void lots_have_no_profit_until_the_settlement_prices_them(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    deal(&fixture, '0', '0', 0.2, 3);
    fixture_quote(&fixture, FUTURE, 579.9, 50, 580, 50, 580, 200);
    assert_true(funds_of(&fixture, 0).position_profit == 0);
    assert_true(funds_of(&fixture, 1).position_profit == 0);
    assert_true(funds_of(&fixture, 0).curr_margin == 572.2 * 3 * 1000 * 0.1);
    settle_at(&fixture, 575);
    /* bought at 575.2, marked at 575 */
    assert_true(funds_of(&fixture, 0).balance == 1e7 - 600);
    assert_true(funds_of(&fixture, 1).balance == 1e7 + 600);
    const struct position_row *row = row_of(&fixture, 0, '2', '2');
    assert_int_equal(row->position, 3);
    assert_int_equal(row->tas_position, 0);
    assert_true(row->tas_open_sum == 0);
    assert_true(fixture.core->ledger.details[row->first].open_price == 575.2);
    assert_false(fixture.core->ledger.details[row->first].at_settlement);
    assert_statement_has(day_statement(&fixture), "|sc2505TAS           |买   |投机 |     575.200|"
                                                  "       3|");
    fixture_end(&fixture);
}

static void a_close_at_settlement_gets_its_profit_there(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_open(&fixture, CONNECTION_ONE, FUTURE, '0', 570, 2); /* u1 long 2 of today */
    fixture_quote(&fixture, FUTURE, 571.9, 50, 572, 50, 572, 300);
    struct CThostFtdcInputOrderField more = fixture_input(&fixture, TAS, '1', '3', -0.1, 3);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &more), 50);
    fixture_order(&fixture, CONNECTION_ONE, TAS, '1', '3', -0.1, 2);
    assert_int_equal(row_of(&fixture, 0, '2', '1')->short_frozen, 2);
    fixture_order(&fixture, CONNECTION_TWO, TAS, '0', '0', -0.1, 2);
    /* the estimate: the last price and the distance */
    assert_true(row_of(&fixture, 0, '2', '1')->close_profit_by_date ==
                (572 - 0.1 - 570) * 2 * 1000);
    settle_at(&fixture, 574);
    assert_true(funds_of(&fixture, 0).balance == 1e7 + (573.9 - 570) * 2 * 1000);
    assert_true(funds_of(&fixture, 1).balance == 1e7 + 200);
    assert_statement_has(day_statement(&fixture), "     570.000|     570.000|     573.900|"
                                                  "       7800.00|");
    fixture_end(&fixture);
}

/* Bought at settlement, sold in the market before it. */
static void lots_bought_at_settlement_may_be_sold_at_once(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    deal(&fixture, '0', '0', 0, 2);
    fixture_quote(&fixture, FUTURE, 573, 50, 573.1, 50, 573, 200);
    fixture_order(&fixture, CONNECTION_ONE, FUTURE, '1', '3', 573, 1);
    assert_int_equal(row_of(&fixture, 0, '2', '1')->tas_position, 1);
    assert_true(funds_of(&fixture, 0).close_profit == 1000); /* bought at the estimate, 572 */
    settle_at(&fixture, 570);
    assert_true(funds_of(&fixture, 0).balance == 1e7 + 3000); /* bought at 570 */
    assert_true(funds_of(&fixture, 1).balance == 1e7);
    fixture_end(&fixture);
}

static void fees_are_those_of_the_future_at_the_final_price(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    day_change_instrument(&fixture, FUTURE, set_fee, 1e-5);
    deal(&fixture, '0', '0', 0, 1);
    assert_true(funds_of(&fixture, 0).commission == 572 * 1000 * 1.0 * 1e-5); /* 5.72 */
    settle_at(&fixture, 600);
    assert_true(funds_of(&fixture, 0).balance == 1e7 - 6);
    assert_true(funds_of(&fixture, 1).balance == 1e7 - 6);
    fixture_end(&fixture);
}

static void no_price_is_beyond_the_limits_of_the_future(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    deal(&fixture, '0', '0', 2, 1);
    settle_at(&fixture, 626); /* upper limit 627 */
    assert_true(funds_of(&fixture, 0).balance == 1e7 - 1000);
    assert_true(funds_of(&fixture, 1).balance == 1e7 + 1000);
    fixture_end(&fixture);
}

/* A corrected settlement price is the price of these trades too. */
static void a_second_settlement_prices_them_anew(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_open(&fixture, CONNECTION_ONE, FUTURE, '0', 570, 2);
    fixture_quote(&fixture, FUTURE, 571.9, 50, 572, 50, 572, 300);
    deal(&fixture, '0', '0', 0.2, 3);
    fixture_order(&fixture, CONNECTION_ONE, TAS, '1', '3', -0.1, 1);
    fixture_order(&fixture, CONNECTION_TWO, TAS, '0', '0', -0.1, 1);
    settle_at(&fixture, 575);
    double one = 2 * 5000 - 3 * 200 - 100, two = 3 * 200 + 100;
    assert_true(funds_of(&fixture, 0).balance == 1e7 + one);
    assert_true(funds_of(&fixture, 1).balance == 1e7 + two);
    uint32_t count = core_market(fixture.core)->instrument_count;
    double *prices = memory_get_zeroed(count, sizeof *prices);
    for (uint32_t i = 0; i < count; i++)
        prices[i] = ABSENT_PRICE;
    prices[fixture_instrument(&fixture, FUTURE)] = 571;
    prices[fixture_instrument(&fixture, TAS)] = 3; /* a distance has no settlement price */
    assert_int_equal(core_settle_again(fixture.core, prices), SETTLE_AGAIN_DONE);
    free(prices);
    assert_true(funds_of(&fixture, 0).balance == 1e7 + one - 2 * 4000);
    assert_true(funds_of(&fixture, 1).balance == 1e7 + two);
    const char *statement = day_statement(&fixture);
    assert_statement_has(statement, "|sc2505TAS           |买   |投机 |     571.200|       3|");
    assert_statement_has(statement, "|sc2505TAS           |卖   |投机 |     570.900|       1|");
    assert_statement_has(statement, "     570.000|     570.000|     570.900|        900.00|");
    fixture_end(&fixture);
}

static void the_right_to_trade_the_future_is_needed_too(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    assert_int_equal(core_set_right(fixture.core, TEXT("u1"), TEXT("sc"), RIGHT_CLOSE_ONLY, false),
                     ADMIN_OK);
    struct CThostFtdcInputOrderField input = fixture_input(&fixture, TAS, '0', '0', 0, 1);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 29);
    assert_int_equal(core_set_position_limit(fixture.core, TEXT("u2"), TEXT("sc2505"), 1, false),
                     ADMIN_OK);
    input = fixture_input(&fixture, TAS, '0', '0', 0, 2);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_TWO, &input), 106);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_waits_for_another_one_of_tas),
        cmocka_unit_test(an_auction_trades_at_one_distance),
        cmocka_unit_test(only_limit_orders_for_the_day_within_the_distance_are_taken),
        cmocka_unit_test(lots_have_no_profit_until_the_settlement_prices_them),
        cmocka_unit_test(a_close_at_settlement_gets_its_profit_there),
        cmocka_unit_test(lots_bought_at_settlement_may_be_sold_at_once),
        cmocka_unit_test(fees_are_those_of_the_future_at_the_final_price),
        cmocka_unit_test(no_price_is_beyond_the_limits_of_the_future),
        cmocka_unit_test(a_second_settlement_prices_them_anew),
        cmocka_unit_test(the_right_to_trade_the_future_is_needed_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
