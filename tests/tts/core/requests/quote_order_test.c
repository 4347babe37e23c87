/* quote_order_test.c: quotes and their legs, requests for quotes, batch actions. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include "tts/core/records.h"
#include <string.h>

static struct CThostFtdcInputQuoteField quote_of(const char *instrument, double bid, double ask,
                                                 int volume)
{
    struct CThostFtdcInputQuoteField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.BrokerID, TEXT("9999"));
    PUT_TEXT(input.InstrumentID, text_of(instrument));
    input.AskPrice = ask;
    input.BidPrice = bid;
    input.AskVolume = input.BidVolume = volume;
    input.AskOffsetFlag = input.BidOffsetFlag = THOST_FTDC_OF_Open;
    input.AskHedgeFlag = input.BidHedgeFlag = THOST_FTDC_HF_Speculation;
    return input;
}

static int ask(struct fixture *fixture, enum ctp_method method, const void *body)
{
    int answers = fixture_send(fixture, CONNECTION_ONE, method, body);
    assert_int_equal(answers, fixture->answered_id ? 1 : 0);
    return fixture->answered_id;
}

static int insert(struct fixture *fixture, const struct CThostFtdcInputQuoteField *input)
{
    return ask(fixture, CTP_TraderApi_ReqQuoteInsert, input);
}

static const struct CThostFtdcQuoteField *row(struct fixture *fixture, uint32_t place)
{
    return record_body(fixture->core, RECORD_quote, place);
}

static const char *story(struct fixture *fixture)
{
    return fixture_story(fixture, CONNECTION_ONE);
}

static void a_quote_is_two_orders_and_ends_with_them(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "i2505", 799, 50, 801, 50, 800, 1000);
    struct CThostFtdcInputQuoteField input = quote_of("i2505", 799.5, 800.5, 2);
    PUT_TEXT(input.AskOrderRef, TEXT("11"));
    PUT_TEXT(input.BidOrderRef, TEXT("12"));
    assert_int_equal(insert(&fixture, &input), 0);
    assert_string_equal(story(&fixture), "a a OnRtnQuote OnRtnQuote 3 3");
    const struct CThostFtdcOrderField *last = fixture_last_order();
    assert_int_equal(last->OrderType, THOST_FTDC_ORDT_DeriveFromQuote);
    assert_int_equal(last->Direction, THOST_FTDC_D_Sell); /* DCE numbers the bid first */
    assert_true(last->SessionID != 0);
    assert_int_equal(row(&fixture, 0)->QuoteStatus, THOST_FTDC_OST_NoTradeQueueing);
    fixture_quote(&fixture, "i2505", 799, 50, 799.5, 50, 799.5, 1000); /* the bid is met */
    assert_string_equal(story(&fixture), "0 T");
    fixture_quote(&fixture, "i2505", 800.5, 50, 801, 50, 800.5, 1000); /* the ask too */
    assert_string_equal(story(&fixture), "0 T OnRtnQuote");
    assert_int_equal(row(&fixture, 0)->QuoteStatus, THOST_FTDC_OST_AllTraded);
    fixture_end(&fixture);
}

/* The OrderSysIDs of a quote's bid and ask beside the quote's own number and what its row says. */
static void expect_ids(const char *instrument, double bid, double ask_price, const char *quote,
                       const char *bid_id, const char *ask_id, bool told)
{
    struct fixture fixture;
    struct CThostFtdcOrderField order;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, instrument, '0', '0', bid, 1); /* the first number */
    struct CThostFtdcInputQuoteField input = quote_of(instrument, bid, ask_price, 2);
    assert_int_equal(insert(&fixture, &input), 0);
    assert_string_equal(row(&fixture, 0)->QuoteSysID, quote);
    for (uint32_t i = 1; i <= 2; i++) {
        const struct order *leg = &fixture.core->orders.at[i];
        render_order(fixture.core, leg, &leg->state, TEXT("9999"), &order);
        bool buys = order.Direction == THOST_FTDC_D_Buy;
        assert_string_equal(order.OrderSysID, buys ? bid_id : ask_id);
        assert_string_equal(buys ? row(&fixture, 0)->BidOrderSysID
                                 : row(&fixture, 0)->AskOrderSysID,
                            told ? order.OrderSysID : "");
    }
    struct CThostFtdcInputOrderActionField action = {.ActionFlag = THOST_FTDC_AF_Delete};
    PUT_TEXT(action.InstrumentID, text_of(instrument));
    PUT_TEXT(action.OrderSysID, text_of(ask_id));
    story(&fixture);
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 0);
    bool taken = instrument[0] == 'i'; /* DCE */
    assert_string_equal(story(&fixture), taken ? "3 5" : "3 A91");
    struct CThostFtdcInputQuoteActionField all = {.ActionFlag = THOST_FTDC_AF_Delete};
    PUT_TEXT(all.InstrumentID, text_of(instrument));
    PUT_TEXT(all.QuoteSysID, text_of(quote));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteAction, &all), 0);
    assert_int_equal(row(&fixture, 0)->QuoteStatus, THOST_FTDC_OST_Canceled);
    fixture_end(&fixture);
}

static void each_exchange_names_a_quotes_orders_in_its_way(void **state)
{
    (void)state;
    expect_ids("i2505", 799.5, 800.5, "           2", "           2", "           3", false);
    expect_ids("SR505", 5999, 6001, "           1", "b1", "a1", false);
    expect_ids("rb2505", 3399, 3401, "           1", "           3", "           2", true);
}

/* The newest quote: what it is called, and its place among all quotes of the counter. */
static void expect_number(struct fixture *fixture, const char *instrument, double bid,
                          double ask_price, const char *number)
{
    struct CThostFtdcInputQuoteField input = quote_of(instrument, bid, ask_price, 1);
    assert_int_equal(insert(fixture, &input), 0);
    uint32_t newest = record_count(fixture->core, RECORD_quote) - 1;
    assert_string_equal(row(fixture, newest)->QuoteSysID, number);
    assert_int_equal(row(fixture, newest)->BrokerQuoteSeq, newest + 1);
}

static int withdraw_by_number(struct fixture *fixture, const char *exchange, const char *number)
{
    struct CThostFtdcInputQuoteActionField action = {.ActionFlag = THOST_FTDC_AF_Delete};
    PUT_TEXT(action.ExchangeID, text_of(exchange));
    PUT_TEXT(action.QuoteSysID, text_of(number));
    return ask(fixture, CTP_TraderApi_ReqQuoteAction, &action);
}

static void each_exchange_counts_its_own_quotes(void **state)
{
    (void)state;
    struct fixture fixture;
    struct CThostFtdcOrderField order;
    fixture_begin(&fixture, NULL);
    expect_number(&fixture, "rb2505", 3399, 3401, "           1");
    expect_number(&fixture, "SR505", 5999, 6001, "           1");
    expect_number(&fixture, "rb2505", 3401, 3401, ""); /* crossed: the exchange refuses it */
    expect_number(&fixture, "SR505", 5998, 6002, "           2");
    expect_number(&fixture, "IF2503", 3900, 3901, "           1");
    expect_number(&fixture, "rb2505", 3398, 3402, "           2");
    render_order(fixture.core, &fixture.core->orders.at[6], &fixture.core->orders.at[6].state,
                 TEXT("9999"), &order);
    assert_string_equal(order.OrderSysID, "a2"); /* of CZCE's second */
    story(&fixture);
    struct CThostFtdcInputOrderActionField action = {.ActionFlag = THOST_FTDC_AF_Delete};
    PUT_TEXT(action.InstrumentID, TEXT("SR505"));
    PUT_TEXT(action.OrderSysID, TEXT("a2"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 0);
    assert_string_equal(story(&fixture), "3 A91"); /* found; single legs stay */
    assert_int_equal(withdraw_by_number(&fixture, "", "1"), CTP_ERROR_BAD_ORDER_ACTION_FIELD);
    assert_int_equal(withdraw_by_number(&fixture, "DCE", "1"), CTP_ERROR_QUOTE_NOT_FOUND);
    assert_int_equal(withdraw_by_number(&fixture, "CFFEX", "1"), 0);
    assert_int_equal(withdraw_by_number(&fixture, "CZCE", "2"), 0);
    assert_int_equal(row(&fixture, 3)->QuoteStatus, THOST_FTDC_OST_Canceled);
    assert_int_equal(row(&fixture, 4)->QuoteStatus, THOST_FTDC_OST_Canceled);
    assert_int_equal(row(&fixture, 5)->QuoteStatus, THOST_FTDC_OST_NoTradeQueueing);
    fixture_end(&fixture);
    struct core_options strict = core_options_of(PROFILE_TTS);
    strict.exchange_id_required = true;
    fixture_begin(&fixture, &strict);
    assert_int_equal(withdraw_by_number(&fixture, "", "1"), CTP_ERROR_EXCHANGE_ID_IS_MISSING);
    fixture_end(&fixture);
}

static void a_new_quote_replaces_the_former(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputQuoteField input = quote_of("rb2505", 3399, 3401, 2);
    assert_int_equal(insert(&fixture, &input), 0);
    assert_string_equal(story(&fixture), "a a OnRtnQuote OnRtnQuote 3 3");
    assert_int_equal(fixture_last_order()->SessionID, 0);
    assert_int_equal(fixture_last_order()->FrontID, 0);
    assert_int_equal(insert(&fixture, &input), 0);
    assert_string_equal(story(&fixture), "OnRtnQuote 5 5 a a OnRtnQuote OnRtnQuote 3 3");
    assert_int_equal(row(&fixture, 0)->QuoteStatus, THOST_FTDC_OST_Canceled);
    assert_int_equal(row(&fixture, 1)->QuoteStatus, THOST_FTDC_OST_NoTradeQueueing);
    fixture_end(&fixture);
}

static void a_quote_is_cancelled_whole_and_once(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputQuoteField input = quote_of("rb2505", 3399, 3401, 2);
    assert_int_equal(insert(&fixture, &input), 0);
    struct CThostFtdcInputQuoteActionField action;
    memset(&action, 0, sizeof action);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteAction, &action), 23);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    PUT_TEXT(action.QuoteRef, TEXT("8"));
    PUT_TEXT(action.InstrumentID, TEXT("rb2505"));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteAction, &action), 86);
    PUT_TEXT(action.QuoteRef, TEXT("1"));
    story(&fixture);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Closed);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteAction, &action), 0);
    assert_string_equal(story(&fixture), "OnErrRtnQuoteAction");
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Continous);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteAction, &action), 0);
    assert_string_equal(story(&fixture), "OnRtnQuote 3 5 3 5");
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteAction, &action), 26);
    assert_string_equal(story(&fixture), "OnErrRtnQuoteAction");
    fixture_end(&fixture);
}

static void single_legs_are_cancelled_at_dce_only(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputQuoteField input = quote_of("rb2505", 3399, 3401, 2);
    PUT_TEXT(input.AskOrderRef, TEXT("1"));
    PUT_TEXT(input.BidOrderRef, TEXT("2"));
    assert_int_equal(insert(&fixture, &input), 0);
    story(&fixture);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    assert_string_equal(story(&fixture), "3 A91");
    input = quote_of("i2505", 799.5, 800.5, 2);
    PUT_TEXT(input.AskOrderRef, TEXT("3"));
    PUT_TEXT(input.BidOrderRef, TEXT("4"));
    assert_int_equal(insert(&fixture, &input), 0);
    story(&fixture);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    assert_string_equal(story(&fixture), "3 5");
    day_settle(&fixture, 20250304, NULL);
    fixture_end(&fixture);
}

static void the_exchange_refuses_a_quote_with_both_its_legs(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputQuoteField input = quote_of("rb2505", 3401, 3401, 2);
    assert_int_equal(insert(&fixture, &input), 0);
    assert_string_equal(story(&fixture), "a a OnRtnQuote OnRtnQuote 5 5");
    assert_int_equal(row(&fixture, 0)->QuoteStatus, THOST_FTDC_OST_Canceled);
    assert_int_equal(row(&fixture, 0)->OrderSubmitStatus, THOST_FTDC_OSS_InsertRejected);
    assert_true(ledger_funds(&fixture.core->ledger, 0).frozen_margin == 0);
    fixture_end(&fixture);
}

static void quotes_are_checked(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputQuoteField input = quote_of("600000", 9.9, 10.1, 100);
    assert_int_equal(insert(&fixture, &input), 85);
    input = quote_of("rb2505", 3399, 3401, 2);
    input.BidVolume = 3;
    assert_int_equal(insert(&fixture, &input), 15);
    input.BidVolume = 0;
    assert_int_equal(insert(&fixture, &input), 15);
    input = quote_of("rb2505", 3399, 3401, 2);
    PUT_TEXT(input.AskOrderRef, TEXT("5"));
    PUT_TEXT(input.BidOrderRef, TEXT("5"));
    assert_int_equal(insert(&fixture, &input), 22);
    PUT_TEXT(input.BidOrderRef, TEXT("x"));
    assert_int_equal(insert(&fixture, &input), 15);
    input = quote_of("rb2505", 3399, 3401, 2000); /* each side alone could be paid */
    assert_int_equal(insert(&fixture, &input), 31);
    story(&fixture);
    input.AskOffsetFlag = THOST_FTDC_OF_CloseToday;
    assert_int_equal(insert(&fixture, &input), 50);
    assert_string_equal(story(&fixture), "OnErrRtnQuoteInsert");
    assert_int_equal(fixture.core->orders.count, 0);
    input = quote_of("i2505", 799.5, 0, 2); /* one side only, at DCE */
    input.AskVolume = 0;
    assert_int_equal(insert(&fixture, &input), 0);
    assert_string_equal(story(&fixture), "a OnRtnQuote OnRtnQuote 3");
    fixture_end(&fixture);
}

/* ---- requests for quotes ---- */

static struct {
    int count;
    uint32_t instrument;
    struct CThostFtdcForQuoteRspField body;
} heard;

static void hear_for_quote(void *user, uint32_t instrument,
                           const struct CThostFtdcForQuoteRspField *body)
{
    (void)user;
    heard.count++;
    heard.instrument = instrument;
    heard.body = *body;
}

static int ask_for_quote(struct fixture *fixture, const char *instrument)
{
    struct CThostFtdcInputForQuoteField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, text_of(instrument));
    return ask(fixture, CTP_TraderApi_ReqForQuoteInsert, &input);
}

static void makers_hear_a_request_and_the_asker_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture.core->sink.for_quote = hear_for_quote;
    memset(&heard, 0, sizeof heard);
    assert_int_equal(ask_for_quote(&fixture, "i2505"), 83);
    story(&fixture);
    fixture_quote(&fixture, "i2505-C-800", 29.9, 5, 30.1, 5, 30, 10);
    assert_int_equal(ask_for_quote(&fixture, "i2505-C-800"), 114);
    assert_string_equal(story(&fixture), "OnErrRtnForQuoteInsert");
    fixture_quote(&fixture, "i2505-C-800", 28, 5, 32, 5, 30, 10); /* 40 ticks */
    fixture.core->options.for_quote_spread_ticks = 40;
    assert_int_equal(ask_for_quote(&fixture, "i2505-C-800"), 114);
    assert_string_equal(story(&fixture), "OnErrRtnForQuoteInsert");
    fixture.core->options.for_quote_spread_ticks = 39;
    assert_int_equal(ask_for_quote(&fixture, "i2505-C-800"), 0);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.instrument, fixture_instrument(&fixture, "i2505-C-800"));
    assert_string_equal(heard.body.InstrumentID, "i2505-C-800");
    assert_string_equal(heard.body.ForQuoteSysID, "           1");
    assert_string_equal(heard.body.ForQuoteTime, "10:00:00");
    assert_string_equal(heard.body.ActionDay, "20250303");
    assert_string_equal(story(&fixture), "");
    assert_int_equal(ask_for_quote(&fixture, "i2505-C-800"), 113);
    fixture_set_clock(&fixture, FIXTURE_DAY, 10 * 3600 + 60, 0);
    assert_int_equal(ask_for_quote(&fixture, "i2505-C-800"), 0);
    assert_int_equal(ask_for_quote(&fixture, "rb2505C3400"), 0);
    assert_string_equal(heard.body.ForQuoteSysID, "");
    story(&fixture);
    fixture_status(&fixture, "SR505C6000", THOST_FTDC_IS_BeforeTrading);
    assert_int_equal(ask_for_quote(&fixture, "SR505C6000"), 0);
    assert_string_equal(story(&fixture), "OnErrRtnForQuoteInsert");
    assert_int_equal(heard.count, 3);
    fixture_end(&fixture);
}

/* ---- batch actions ---- */

static int batch(struct fixture *fixture, const char *exchange, int front_id, int session_id)
{
    struct CThostFtdcInputBatchOrderActionField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.ExchangeID, text_of(exchange));
    input.FrontID = front_id;
    input.SessionID = session_id;
    return ask(fixture, CTP_TraderApi_ReqBatchOrderAction, &input);
}

static void a_batch_action_cancels_what_is_alive_at_the_exchange(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "i2505", '0', '0', 790, 1);
    int session_id = fixture_newest(&fixture)->session_id;
    fixture_order(&fixture, CONNECTION_AGAIN, "i2505", '0', '0', 791, 1);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3390, 1);
    fixture_order(&fixture, CONNECTION_TWO, "i2505", '0', '0', 790, 1);
    story(&fixture);
    assert_int_equal(batch(&fixture, "", 0, 0), 147);
    assert_int_equal(batch(&fixture, "XX", 0, 0), 148);
    assert_int_equal(batch(&fixture, "SHFE", 0, 0), 103);
    assert_int_equal(batch(&fixture, "GFEX", 0, 0), 25);
    assert_string_equal(story(&fixture), "OnErrRtnBatchOrderAction OnErrRtnBatchOrderAction "
                                         "OnErrRtnBatchOrderAction OnErrRtnBatchOrderAction");
    assert_int_equal(batch(&fixture, "DCE", fixture.core->options.front_id, session_id), 0);
    assert_string_equal(story(&fixture), "3 5");
    assert_int_equal(batch(&fixture, "DCE", 0, 0), 0);
    assert_string_equal(story(&fixture), "3 5");
    assert_int_equal(batch(&fixture, "DCE", 0, 0), 25);
    assert_true(fixture.core->orders.at[2].live && fixture.core->orders.at[3].live);
    /* the line matters where there is something to cancel at the exchange */
    assert_int_equal(core_set_channel_state(fixture.core, TEXT("sim"), CHANNEL_DOWN), ADMIN_OK);
    assert_int_equal(batch(&fixture, "DCE", 0, 0), 25);
    struct CThostFtdcInputOrderField condition = fixture_input(&fixture, "i2505", '0', '0', 790, 1);
    condition.ContingentCondition = THOST_FTDC_CC_LastPriceGreaterThanStopPrice;
    condition.StopPrice = 900;
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &condition), 0);
    story(&fixture);
    assert_int_equal(batch(&fixture, "DCE", 0, 0), 0);
    assert_string_equal(story(&fixture), "b 5");
    assert_int_equal(core_set_channel_state(fixture.core, TEXT("sim"), CHANNEL_UP), ADMIN_OK);
    fixture_order(&fixture, CONNECTION_ONE, "i2505", '0', '0', 790, 1);
    assert_int_equal(core_set_channel_state(fixture.core, TEXT("sim"), CHANNEL_DOWN), ADMIN_OK);
    assert_int_equal(batch(&fixture, "DCE", 0, 0), 21);
    fixture_end(&fixture);
}

/* "b1" is an order of CZCE, and only there. */
static void the_orders_of_a_quote_are_found_at_their_exchange(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputQuoteField input = quote_of("SR505", 5999, 6001, 1);
    assert_int_equal(insert(&fixture, &input), 0);
    struct CThostFtdcInputOrderActionField action;
    memset(&action, 0, sizeof action);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    PUT_TEXT(action.OrderSysID, TEXT("b1"));
    PUT_TEXT(action.ExchangeID, TEXT("DCE"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 25);
    PUT_TEXT(action.ExchangeID, TEXT("NYMEX"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 148);
    action.ExchangeID[0] = '\0';
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 23);
    fixture.core->options.exchange_id_required = true;
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 147);
    PUT_TEXT(action.ExchangeID, TEXT("CZCE"));
    PUT_TEXT(action.OrderSysID, TEXT("b2"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 25);
    PUT_TEXT(action.OrderSysID, TEXT("b1"));
    story(&fixture);
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 0);
    assert_string_equal(story(&fixture), "3 A91");
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quote_is_two_orders_and_ends_with_them),
        cmocka_unit_test(each_exchange_names_a_quotes_orders_in_its_way),
        cmocka_unit_test(each_exchange_counts_its_own_quotes),
        cmocka_unit_test(a_new_quote_replaces_the_former),
        cmocka_unit_test(a_quote_is_cancelled_whole_and_once),
        cmocka_unit_test(single_legs_are_cancelled_at_dce_only),
        cmocka_unit_test(the_exchange_refuses_a_quote_with_both_its_legs),
        cmocka_unit_test(quotes_are_checked),
        cmocka_unit_test(makers_hear_a_request_and_the_asker_nothing),
        cmocka_unit_test(a_batch_action_cancels_what_is_alive_at_the_exchange),
        cmocka_unit_test(the_orders_of_a_quote_are_found_at_their_exchange),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
