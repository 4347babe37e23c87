/* parked_test.c: parked orders and actions: what is taken, what is sent when, what becomes of it.
 */
#include "cmocka_all.h"
#include "day_fixture.h"
#include "tts/core/records.h"
#include <string.h>

static struct CThostFtdcParkedOrderField parked_buy(struct fixture *fixture, const char *instrument,
                                                    double price, int volume)
{
    struct CThostFtdcInputOrderField input =
        fixture_input(fixture, instrument, '0', '0', price, volume);
    struct CThostFtdcParkedOrderField parked;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOrder), &input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_ParkedOrder), &parked);
    return parked;
}

/* Parks the order; the answer's ErrorID. */
static int park(struct fixture *fixture, uint32_t connection,
                const struct CThostFtdcParkedOrderField *parked)
{
    assert_int_equal(fixture_send(fixture, connection, CTP_TraderApi_ReqParkedOrderInsert, parked),
                     1);
    assert_int_equal(fixture->answered_by, CTP_TraderSpi_OnRspParkedOrderInsert);
    assert_true(fixture->answered_last);
    return fixture->answered_id;
}

static const struct CThostFtdcParkedOrderField *row(struct fixture *fixture, uint32_t place)
{
    return record_body(fixture->core, RECORD_parked_order, place);
}

static void begin(struct fixture *fixture)
{
    fixture_begin(fixture, NULL);
    fixture_status(fixture, "rb2505", THOST_FTDC_IS_NoTrading);
    for (uint32_t i = 1; i < FIXTURE_CONNECTIONS; i++)
        fixture_story(fixture, i);
}

static void a_parked_order_is_sent_when_its_product_opens(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct CThostFtdcParkedOrderField parked = parked_buy(&fixture, "rb2505", 3390, 2);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 0);
    const struct CThostFtdcParkedOrderField *answer = (const void *)fixture.answer.any;
    assert_string_equal(answer->ParkedOrderID, "           1");
    assert_int_equal(answer->Status, THOST_FTDC_PAOS_NotSend);
    assert_int_equal(answer->UserType, THOST_FTDC_UT_Investor);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    fixture_status(&fixture, "sc2505", THOST_FTDC_IS_Continous);
    assert_int_equal(row(&fixture, 0)->Status, THOST_FTDC_PAOS_NotSend);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_AuctionOrdering);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    const struct CThostFtdcOrderField *order = fixture_last_order();
    assert_int_equal(order->FrontID, 0);
    assert_int_equal(order->SessionID, 0);
    assert_int_equal(order->ContingentCondition, THOST_FTDC_CC_Immediately);
    assert_true(text_trim(text_of(order->OrderRef)).length > 0);
    assert_int_equal(row(&fixture, 0)->Status, THOST_FTDC_PAOS_Send);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Continous);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    fixture_end(&fixture);
}

static void what_is_parked_in_an_auction_goes_out_behind_it(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_AuctionOrdering);
    struct CThostFtdcParkedOrderField parked = parked_buy(&fixture, "rb2505", 3390, 2);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 0);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_AuctionOrdering); /* the same again */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Continous); /* no phase between */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    assert_int_equal(row(&fixture, 0)->Status, THOST_FTDC_PAOS_Send);
    fixture_end(&fixture);
}

static void a_refused_one_keeps_its_error_in_the_row(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct CThostFtdcParkedOrderField parked = parked_buy(&fixture, "rb2505", 3390, 100000);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 0);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Continous);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "I31");
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), "");
    assert_int_equal(row(&fixture, 0)->Status, THOST_FTDC_PAOS_Send);
    assert_int_equal(row(&fixture, 0)->ErrorID, 31);
    assert_true(row(&fixture, 0)->ErrorMsg[0] != '\0');
    assert_int_equal(fixture.core->orders.count, 0);
    fixture_end(&fixture);
}

static void what_cannot_be_parked_is_refused(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    struct fixture fixture;
    options.parked_orders_max = 1;
    fixture_begin(&fixture, &options);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_NoTrading);
    fixture_status(&fixture, "SP i2505&i2509", THOST_FTDC_IS_NoTrading);
    struct CThostFtdcParkedOrderField parked = parked_buy(&fixture, "sc2505", 570, 1);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 44);
    parked = parked_buy(&fixture, "rb2505", 3390, 1);
    parked.ContingentCondition = THOST_FTDC_CC_LastPriceGreaterThanStopPrice;
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 161);
    parked = parked_buy(&fixture, "SP i2505&i2509", 1, 1);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 6011);
    parked = parked_buy(&fixture, "rb2505", 3390, 0);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 15);
    parked = parked_buy(&fixture, "rb2505", 3390, 1);
    PUT_TEXT(parked.OrderRef, TEXT("x1"));
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 15);
    PUT_TEXT(parked.OrderRef, TEXT("-1"));
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 15);
    parked.ContingentCondition = THOST_FTDC_CC_ParkedOrder;
    PUT_TEXT(parked.OrderRef, TEXT(""));
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 0);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 159);
    fixture.core->options.parked_orders_of_all_max = 1;
    assert_int_equal(park(&fixture, CONNECTION_TWO, &parked), 160);
    fixture.core->options.parked_orders_of_all_max = 2;
    assert_int_equal(park(&fixture, CONNECTION_TWO, &parked), 0);
    fixture_end(&fixture);
}

static int remove_order(struct fixture *fixture, uint32_t connection, const char *id)
{
    struct CThostFtdcRemoveParkedOrderField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.ParkedOrderID, text_of(id));
    assert_int_equal(fixture_send(fixture, connection, CTP_TraderApi_ReqRemoveParkedOrder, &input),
                     1);
    assert_int_equal(fixture->answered_by, CTP_TraderSpi_OnRspRemoveParkedOrder);
    return fixture->answered_id;
}

static void a_removed_one_is_never_sent(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct CThostFtdcParkedOrderField parked = parked_buy(&fixture, "rb2505", 3390, 1);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 0);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 0);
    assert_int_equal(remove_order(&fixture, CONNECTION_ONE, "7"), 45);
    assert_int_equal(remove_order(&fixture, CONNECTION_TWO, "1"), 45);
    assert_int_equal(remove_order(&fixture, CONNECTION_ONE, "           1"), 0);
    assert_int_equal(remove_order(&fixture, CONNECTION_ONE, "1"), 47);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Continous);
    assert_int_equal(fixture.core->orders.count, 1);
    assert_int_equal(row(&fixture, 0)->Status, THOST_FTDC_PAOS_Deleted);
    assert_int_equal(remove_order(&fixture, CONNECTION_ONE, "2"), 46);
    fixture_end(&fixture);
}

static int park_action(struct fixture *fixture, uint32_t connection,
                       const struct CThostFtdcParkedOrderActionField *action)
{
    assert_int_equal(fixture_send(fixture, connection, CTP_TraderApi_ReqParkedOrderAction, action),
                     1);
    assert_int_equal(fixture->answered_by, CTP_TraderSpi_OnRspParkedOrderAction);
    return fixture->answered_id;
}

static void parked_actions_go_before_parked_orders(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3380, 1);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_NoTrading);
    fixture_story(&fixture, CONNECTION_ONE);
    struct CThostFtdcParkedOrderActionField action;
    memset(&action, 0, sizeof action);
    assert_int_equal(park_action(&fixture, CONNECTION_ONE, &action), 23);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    assert_int_equal(park_action(&fixture, CONNECTION_ONE, &action), 23);
    PUT_TEXT(action.OrderRef, TEXT("1"));
    PUT_TEXT(action.InstrumentID, TEXT("rb2505"));
    struct CThostFtdcParkedOrderField parked = parked_buy(&fixture, "rb2505", 3390, 1);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 0);
    assert_int_equal(park_action(&fixture, CONNECTION_ONE, &action), 0);
    assert_int_equal(park_action(&fixture, CONNECTION_ONE, &action), 0);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Continous);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "3 5 A26 a 3");
    struct CThostFtdcOrderActionField told; /* of an order that is known */
    assert_int_equal(DAY_NEWEST(&fixture, CONNECTION_ONE, OnErrRtnOrderAction, &told), 26);
    assert_string_equal(told.OrderLocalID, "           1");
    assert_string_equal(told.OrderSysID, "           1");
    const struct CThostFtdcParkedOrderActionField *second =
        record_body(fixture.core, RECORD_parked_action, 1);
    assert_int_equal(second->ErrorID, 26);
    assert_int_equal(second->Status, THOST_FTDC_PAOS_Send);
    struct CThostFtdcRemoveParkedOrderActionField removal;
    memset(&removal, 0, sizeof removal);
    PUT_TEXT(removal.ParkedOrderActionID, TEXT("1"));
    fixture_send(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqRemoveParkedOrderAction, &removal);
    assert_int_equal(fixture.answered_id, 46);
    fixture_end(&fixture);
}

/* In a replay the product opens again within the trading day. */
static void after_the_close_they_wait_for_the_next_pass(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Closed);
    struct CThostFtdcInputOrderField refused = fixture_input(&fixture, "rb2505", '0', '0', 3390, 1);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &refused), 0);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    struct CThostFtdcParkedOrderField parked = parked_buy(&fixture, "rb2505", 3390, 2);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 0);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_NoTrading);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "");
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Continous);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    fixture_end(&fixture);
}

static void the_day_end_forgets_them(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct CThostFtdcParkedOrderField parked = parked_buy(&fixture, "rb2505", 3390, 1);
    assert_int_equal(park(&fixture, CONNECTION_ONE, &parked), 0);
    day_settle(&fixture, 20250304, NULL);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_NoTrading);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Continous);
    assert_int_equal(fixture.core->orders.count, 0);
    assert_int_equal(record_count(fixture.core, RECORD_parked_order), 0);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parked_order_is_sent_when_its_product_opens),
        cmocka_unit_test(what_is_parked_in_an_auction_goes_out_behind_it),
        cmocka_unit_test(a_refused_one_keeps_its_error_in_the_row),
        cmocka_unit_test(what_cannot_be_parked_is_refused),
        cmocka_unit_test(a_removed_one_is_never_sent),
        cmocka_unit_test(parked_actions_go_before_parked_orders),
        cmocka_unit_test(after_the_close_they_wait_for_the_next_pass),
        cmocka_unit_test(the_day_end_forgets_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
