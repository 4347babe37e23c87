/* query_orders_test.c: ReqQryOrder and ReqQryTrade: rows equal the last returns, and each filter
 * selects what it says. */
#include "cmocka_all.h"
#include "query_fixture.h"
#include <string.h>

#define ORDER CTP_TraderApi_ReqQryOrder
#define TRADE CTP_TraderApi_ReqQryTrade

/* u1: rb2505 traded at 10:00:00, i2505 resting at 10:00:05, SR505 cancelled at 21:00:00 (a night
 * time of day). u2: rb2505 traded. */
static void begin(struct fixture *fixture)
{
    fixture_begin(fixture, NULL);
    fixture_open(fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3400, 2);
    fixture_set_clock(fixture, FIXTURE_DAY, 10 * 3600 + 5, 0);
    fixture_order(fixture, CONNECTION_ONE, "i2505", THOST_FTDC_D_Buy, THOST_FTDC_OF_Open, 790, 1);
    fixture_open(fixture, CONNECTION_TWO, "rb2505", THOST_FTDC_D_Sell, 3400, 1);
    fixture_set_clock(fixture, FIXTURE_DAY, 21 * 3600, 0);
    fixture_order(fixture, CONNECTION_ONE, "SR505", THOST_FTDC_D_Buy, THOST_FTDC_OF_Open, 5900, 1);
    fixture_cancel_newest(fixture, CONNECTION_ONE);
}

static void rows_come_in_order_and_equal_the_last_return(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_story(&fixture, CONNECTION_ONE);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, NULL), 3);
    assert_string_equal(QUERY_ROW(Order, 0)->InstrumentID, "rb2505");
    assert_string_equal(QUERY_ROW(Order, 1)->InstrumentID, "i2505");
    assert_string_equal(QUERY_ROW(Order, 2)->InstrumentID, "SR505");
    assert_int_equal(QUERY_ROW(Order, 0)->OrderStatus, THOST_FTDC_OST_AllTraded);
    assert_int_equal(QUERY_ROW(Order, 1)->OrderStatus, THOST_FTDC_OST_NoTradeQueueing);
    assert_memory_equal(QUERY_ROW(Order, 2), fixture_last_order(), sizeof *fixture_last_order());
    assert_string_equal(QUERY_ROW(Order, 2)->ActiveUserID, "u1");
    assert_int_equal(query_ask(&fixture, CONNECTION_TWO, ORDER, NULL), 1);
    fixture_end(&fixture);
}

static void trades_equal_their_returns(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100000);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, THOST_FTDC_OF_Open, 3400,
                  2);
    fixture_story(&fixture, CONNECTION_ONE);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE, NULL), 1);
    assert_memory_equal(QUERY_ROW(Trade, 0), fixture_last_trade(), sizeof *fixture_last_trade());
    assert_int_equal(QUERY_ROW(Trade, 0)->TradeSource, THOST_FTDC_TSRC_NORMAL);
    assert_int_equal(query_ask(&fixture, CONNECTION_TWO, TRADE, NULL), 0);
    assert_null(query_answered(0));
    fixture_end(&fixture);
}

static void the_broker_id_is_the_askers_own(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    PUT_TEXT(core_connection(fixture.core, CONNECTION_AGAIN)->broker_id, TEXT("7090"));
    query_ask(&fixture, CONNECTION_AGAIN, ORDER, NULL);
    assert_string_equal(QUERY_ROW(Order, 0)->BrokerID, "7090");
    query_ask(&fixture, CONNECTION_ONE, ORDER, NULL);
    assert_string_equal(QUERY_ROW(Order, 0)->BrokerID, "9999");
    fixture_end(&fixture);
}

static void fields_select_joined_by_and(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    QUERY_BODY(QryOrder, body, InstrumentID, "rb2505");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 1);
    char system_id[21];
    PUT_TEXT(system_id, FIELD_TEXT(QUERY_ROW(Order, 0)->OrderSysID));
    PUT_TEXT(body.ExchangeID, TEXT("shfe")); /* in any case */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 1);
    PUT_TEXT(body.OrderSysID, text_trim(FIELD_TEXT(system_id))); /* trimmed */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 1);
    PUT_TEXT(body.OrderSysID, TEXT("999999"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 0);
    PUT_TEXT(body.OrderSysID, TEXT(""));
    PUT_TEXT(body.ExchangeID, TEXT("DCE"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 0);
    PUT_TEXT(body.ExchangeID, TEXT(""));
    PUT_TEXT(body.InstrumentID, TEXT("RB2505")); /* case matters */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 0);
    assert_int_equal(query_error(), 0);
    fixture_end(&fixture);
}

static void times_run_along_the_trading_day(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    QUERY_BODY(QryOrder, body, InsertTimeStart, "10:00:05");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 1);
    assert_string_equal(QUERY_ROW(Order, 0)->InstrumentID, "i2505");
    PUT_TEXT(body.InsertTimeStart, TEXT("20:00:00")); /* the evening is before the day */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 3);
    PUT_TEXT(body.InsertTimeEnd, TEXT("10:00:00"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 2);
    PUT_TEXT(body.InsertTimeEnd, TEXT("02:00:00"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 1);
    assert_string_equal(QUERY_ROW(Order, 0)->InstrumentID, "SR505");
    PUT_TEXT(body.InsertTimeEnd, TEXT("soon"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 0);
    fixture_end(&fixture);
}

static void trades_are_selected_by_id_and_time(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE, NULL), 1);
    QUERY_BODY(QryTrade, body, TradeID, "");
    PUT_TEXT(body.TradeID, FIELD_TEXT(QUERY_ROW(Trade, 0)->TradeID));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE, &body), 1);
    PUT_TEXT(body.TradeTimeStart, TEXT("10:00:01"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE, &body), 0);
    PUT_TEXT(body.TradeTimeStart, TEXT("10:00:00"));
    PUT_TEXT(body.TradeTimeEnd, TEXT("10:00:00"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE, &body), 1);
    PUT_TEXT(body.InstrumentID, TEXT("i2505"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE, &body), 0);
    fixture_end(&fixture);
}

static void a_user_of_two_investors_sees_both_or_the_named_one(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    assert_int_equal(core_grant(fixture.core, TEXT("u1"), TEXT("u2"), true), ADMIN_OK);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, NULL), 4);
    assert_string_equal(QUERY_ROW(Order, 2)->InvestorID, "u2"); /* as they came */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE, NULL), 2);
    QUERY_BODY(QryOrder, body, InvestorID, "u2");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER, &body), 1);
    PUT_TEXT(body.InvestorID, TEXT("u1"));
    assert_int_equal(query_ask(&fixture, CONNECTION_TWO, ORDER, &body), 0);
    assert_int_equal(query_error(), 9);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_in_order_and_equal_the_last_return),
        cmocka_unit_test(trades_equal_their_returns),
        cmocka_unit_test(the_broker_id_is_the_askers_own),
        cmocka_unit_test(fields_select_joined_by_and),
        cmocka_unit_test(times_run_along_the_trading_day),
        cmocka_unit_test(trades_are_selected_by_id_and_time),
        cmocka_unit_test(a_user_of_two_investors_sees_both_or_the_named_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
