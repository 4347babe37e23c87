/* channel_test.c: a second channel beside the simulated exchange: a scripted one, which notes what
 * it is asked and answers when the test says so, as a line to another counter would. What clients
 * see, what the ledger freezes and frees, and which facts the door does not believe. */
#include "cmocka_all.h"
#include "ctp/gb18030.h"
#include "day_fixture.h"
#include "tts/core/channel.h"
#include <math.h>
#include <string.h>

/* ---- the scripted channel ---- */

struct script {
    char said[512]; /* what it was asked, one word after the other */
    struct CThostFtdcInputOrderActionField cancel;
};

static void note(void *user, const char *what, uint32_t place)
{
    struct script *script = user;
    size_t length = strlen(script->said);
    snprintf(script->said + length, sizeof script->said - length, "%s%s %u", length ? ", " : "",
             what, place);
}

/* What it was asked since the last call. */
static const char *said(struct script *script)
{
    static char copy[sizeof script->said];
    memcpy(copy, script->said, sizeof copy);
    script->said[0] = '\0';
    return copy;
}

static const struct channel_stamp at_ten = {.system_number = 700001,
                                            .sequence_no = 9,
                                            .insert_date = 20250303,
                                            .insert_second = 10 * 3600,
                                            .second = 10 * 3600 + 1};

static void on_submit(void *user, struct core *core, uint32_t order)
{
    (void)core;
    note(user, "submit", order);
}

static void on_cancel(void *user, struct core *core, uint32_t order, uint32_t by,
                      const struct CThostFtdcInputOrderActionField *input)
{
    struct script *script = user;
    assert_int_equal(by, core_find_user(core, TEXT("u1")));
    script->cancel = *input;
    note(user, "cancel", order);
}

static void on_expire(void *user, struct core *core, uint32_t order)
{
    note(user, "expire", order);
    assert_true(channel_order_cancelled(core, order, &at_ten));
}

static void on_ask(void *user, struct core *core, enum record_kind kind, uint32_t record)
{
    static const char *const words[RECORD_KIND_COUNT] = {
#define X(name, of) [RECORD_##name] = "ask " #name,
        RECORD_KINDS(X)
#undef X
    };
    assert_true(record < record_count(core, kind));
    note(user, words[kind], record);
}

static void on_withdraw(void *user, struct core *core, enum record_kind kind, uint32_t record,
                        uint32_t by, const void *input)
{
    assert_true((by == NONE) == (input == NULL));
    assert_true(record_head(core, kind, record)->live);
    note(user, by == NONE ? "replace" : "withdraw", record);
}

static void on_conclude(void *user, struct core *core, uint32_t exercise)
{
    note(user, "conclude", exercise);
    assert_true(channel_request_told(core, RECORD_exec_order, exercise,
                                     &(struct request_return){.event = REQUEST_DONE}));
}

static struct script script;
static const struct order_channel upstream = {
    .name = "upstream",
    .user = &script,
    .submit = on_submit,
    .cancel = on_cancel,
    .expire = on_expire,
    .ask = on_ask,
    .withdraw = on_withdraw,
    .conclude = on_conclude,
};

/* u1's orders go upstream, u2's to the simulated exchange. */
static void begin(struct fixture *fixture)
{
    memset(&script, 0, sizeof script);
    fixture_begin(fixture, NULL);
    fixture_add_channel(fixture, &upstream);
}

static const char *story(struct fixture *fixture)
{
    return fixture_story(fixture, CONNECTION_ONE);
}

static struct channel_trade trade_of(int64_t number, double price, int volume)
{
    return (struct channel_trade){.number = number,
                                  .price = price,
                                  .volume = volume,
                                  .date = 20250303,
                                  .second = 10 * 3600 + 2,
                                  .sequence_no = 10};
}

static bool trade(struct fixture *fixture, uint32_t order, int64_t number, double price, int volume)
{
    struct channel_trade fill = trade_of(number, price, volume);
    return channel_order_traded(fixture->core, order, &at_ten, &fill);
}

static double frozen(const struct fixture *fixture)
{
    struct funds funds = ledger_funds(&fixture->core->ledger, 0);
    return funds.frozen_margin + funds.frozen_commission + funds.frozen_cash;
}

/* A position of u1: an order that is filled upstream. */
static void hold(struct fixture *fixture, const char *instrument, char direction, double price,
                 int volume)
{
    fixture_order(fixture, CONNECTION_ONE, instrument, direction, '0', price, volume);
    assert_true(trade(fixture, fixture->core->orders.count - 1, 1, price, volume));
    said(&script);
    story(fixture);
}

static int ask(struct fixture *fixture, enum ctp_method method, const void *body)
{
    int answers = fixture_send(fixture, CONNECTION_ONE, method, body);
    assert_int_equal(answers, fixture->answered_id ? 1 : 0);
    return fixture->answered_id;
}

/* ---- orders ---- */

static void an_order_lives_as_its_channel_tells(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_quote(&fixture, "rb2505", 3399, 50, 3400, 50, 3400, 1000);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3400, 3);
    assert_string_equal(said(&script), "submit 0");
    assert_string_equal(story(&fixture), "a"); /* the simulated exchange would have filled it */
    fixture_quote(&fixture, "rb2505", 3397, 50, 3398, 50, 3398, 1100);
    assert_string_equal(story(&fixture), "");
    assert_true(channel_order_queued(fixture.core, 0, &at_ten));
    assert_string_equal(story(&fixture), "3");
    assert_string_equal(fixture_last_order()->OrderSysID, "      700001");
    assert_string_equal(fixture_last_order()->UpdateTime, "10:00:01");
    assert_int_equal(fixture_last_order()->SequenceNo, 9);
    fixture_quote(&fixture, "rb2505", 3397, 50, 3398, 50, 3398, 1200);
    assert_string_equal(story(&fixture), ""); /* nor is it in the simulated book now */
    assert_true(trade(&fixture, 0, 5000001, 3399, 1));
    assert_string_equal(story(&fixture), "1 T");
    assert_string_equal(fixture_last_trade()->TradeID, "     5000001");
    assert_string_equal(fixture_last_trade()->TradeTime, "10:00:02");
    assert_true(fixture_last_trade()->Price == 3399);
    assert_true(frozen(&fixture) > 0);
    assert_true(trade(&fixture, 0, 5000002, 3400, 2));
    assert_string_equal(story(&fixture), "0 T");
    assert_true(frozen(&fixture) == 0);
    assert_int_equal(fixture.core->ledger.rows[fixture.core->orders.at[0].leg[0].row].position, 3);
    fixture_end(&fixture);
}

static void a_cancel_is_on_its_way_until_it_is_answered(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 2);
    assert_true(channel_order_queued(fixture.core, 0, &at_ten));
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_AGAIN), 0);
    assert_string_equal(said(&script), "submit 0, cancel 0");
    assert_string_equal(script.cancel.InstrumentID, "rb2505");
    assert_string_equal(story(&fixture), "a 3 3"); /* E5 */
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 24);
    assert_string_equal(story(&fixture), "A24");
    assert_true(trade(&fixture, 0, 1, 3300, 1)); /* it came first */
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 24);
    assert_true(channel_cancel_refused(fixture.core, 0, &script.cancel, TEXT("休市")));
    assert_string_equal(story(&fixture), "1 T A24 A91");
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0); /* again */
    assert_string_equal(said(&script), "cancel 0");
    assert_true(channel_order_cancelled(fixture.core, 0, &at_ten));
    assert_string_equal(story(&fixture), "1 5");
    assert_string_equal(fixture_last_order()->ActiveUserID, "u1");
    assert_string_equal(fixture_last_order()->CancelTime, "10:00:01");
    assert_int_equal(fixture_last_order()->VolumeTraded, 1);
    assert_true(frozen(&fixture) == 0);
    fixture_end(&fixture);
}

/* ActionLocalID of the newest private message, an OnErrRtnOrderAction. */
static const char *refused_cancel_number(struct fixture *fixture)
{
    static char number[13];
    struct core_message message;
    core_private_message(fixture->core, CONNECTION_ONE,
                         core_private_count(fixture->core, CONNECTION_ONE), &message);
    assert_int_equal(message.callback, CTP_TraderSpi_OnErrRtnOrderAction);
    const struct CThostFtdcOrderActionField *body = message.body;
    memcpy(number, body->ActionLocalID, sizeof number);
    return number;
}

/* Two cancels are on their way when the first is refused; numbers are by exchange. */
static void a_late_refusal_of_a_cancel_has_the_number_of_that_cancel(void **state)
{
    (void)state;
    struct fixture fixture;
    struct CThostFtdcInputOrderActionField first;
    begin(&fixture);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    assert_true(channel_order_queued(fixture.core, 0, &at_ten));
    assert_true(channel_cancel_refused(fixture.core, 0, &script.cancel, TEXT("休市")));
    assert_string_equal(refused_cancel_number(&fixture), ""); /* of no cancel of this counter */
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    first = script.cancel;
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3301, 1);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    fixture_order(&fixture, CONNECTION_ONE, "i2505", '0', '0', 790, 1);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    assert_true(channel_cancel_refused(fixture.core, 0, &first, TEXT("休市")));
    assert_string_equal(refused_cancel_number(&fixture), "           1");
    assert_true(channel_cancel_refused(fixture.core, 2, &script.cancel, TEXT("休市")));
    assert_string_equal(refused_cancel_number(&fixture), "           1"); /* DCE's first */
    assert_true(channel_cancel_refused(fixture.core, 1, &script.cancel, TEXT("休市")));
    assert_string_equal(refused_cancel_number(&fixture), "           2");
    fixture_end(&fixture);
}

static void an_exchange_cancels_and_refuses_in_its_own_words(void **state)
{
    (void)state;
    struct fixture fixture;
    char words[128];
    begin(&fixture);
    struct CThostFtdcInputOrderField input = fixture_input(&fixture, "rb2505", '0', '0', 3300, 5);
    input.TimeCondition = THOST_FTDC_TC_IOC; /* FAK */
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &input), 0);
    assert_true(trade(&fixture, 0, 1, 3300, 2));
    assert_true(channel_order_cancelled(fixture.core, 0, &at_ten));
    assert_string_equal(story(&fixture), "a 1 T 5");
    assert_string_equal(fixture_last_order()->ActiveUserID, "");
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 5);
    assert_true(channel_order_refused(fixture.core, 1, TEXT("36:上手资金不足"), 36001));
    assert_string_equal(story(&fixture), "a 5");
    assert_int_equal(fixture_last_order()->OrderSubmitStatus, THOST_FTDC_OSS_InsertRejected);
    text status = FIELD_TEXT(fixture_last_order()->StatusMsg);
    words[gb18030_to_utf8(status, words, sizeof words - 1)] = '\0';
    assert_string_equal(words, "36:上手资金不足");
    assert_int_equal(fixture.core->investors.at[0].live_orders, 0);
    assert_true(frozen(&fixture) == 0);
    fixture_end(&fixture);
}

static void a_fact_that_cannot_be_is_not_told(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_order(&fixture, CONNECTION_TWO, "rb2505", '0', '0', 3300, 2); /* at the simulated one */
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 2);
    struct core *core = fixture.core;
    struct channel_stamp bad = at_ten;
    uint32_t effects = fixture.effect_count;
    assert_false(channel_order_queued(core, 0, &at_ten));
    assert_false(channel_order_cancelled(core, 0, &at_ten));
    assert_false(channel_order_refused(core, 0, TEXT("x"), 1));
    assert_false(channel_cancel_refused(core, 0, &script.cancel, TEXT("x")));
    assert_false(trade(&fixture, 0, 1, 3300, 1));
    assert_false(channel_order_queued(core, 2, &at_ten)); /* nobody's */
    bad.system_number = 0;
    assert_false(channel_order_queued(core, 1, &bad));
    bad = at_ten;
    bad.second = 86400;
    assert_false(channel_order_queued(core, 1, &bad));
    bad = at_ten;
    bad.insert_date = 0;
    assert_false(channel_order_cancelled(core, 1, &bad));
    assert_false(trade(&fixture, 1, 1, 3300, 3)); /* of two lots */
    assert_false(trade(&fixture, 1, 1, 3300, 0));
    assert_false(trade(&fixture, 1, 0, 3300, 1));
    assert_false(trade(&fixture, 1, 1, (double)NAN, 1));
    assert_false(trade(&fixture, 1, 1, ABSENT_PRICE, 1));
    struct channel_trade second = trade_of(1, 3300, 1);
    second.leg = 1;
    assert_false(channel_order_traded(core, 1, &at_ten, &second));
    assert_false(channel_order_refused(core, 1, TEXT(""), 1));
    assert_false(channel_order_refused(core, 1, TEXT("\xff"), 1));
    assert_int_equal(fixture.effect_count, effects);
    assert_true(channel_order_queued(core, 1, &at_ten));
    assert_false(channel_order_queued(core, 1, &at_ten)); /* doubled */
    assert_false(channel_order_refused(core, 1, TEXT("x"), 1));
    assert_true(channel_order_cancelled(core, 1, &at_ten));
    assert_false(channel_order_cancelled(core, 1, &at_ten));
    assert_false(trade(&fixture, 1, 1, 3300, 1));
    assert_string_equal(story(&fixture), "a 3 5");
    fixture_end(&fixture);
}

static void two_channels_do_not_meet(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_order(&fixture, CONNECTION_ONE, "BTC", '0', '0', 3300, 1); /* book mode */
    assert_true(channel_order_queued(fixture.core, 0, &at_ten));
    fixture_order(&fixture, CONNECTION_TWO, "BTC", '1', '0', 3300, 1);
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), "a 3"); /* no counterpart */
    assert_string_equal(fixture_last_order()->OrderSysID, "           1");
    struct CThostFtdcDepthMarketDataField tick;
    core_tick_time(fixture.core);
    assert_true(core_newest_tick(fixture.core, fixture_instrument(&fixture, "BTC"), &tick));
    assert_int_equal(tick.BidVolume1, 0);
    assert_true(trade(&fixture, 0, 77, 3301, 1));
    fixture_order(&fixture, CONNECTION_TWO, "BTC", '0', '0', 3300, 1);
    fixture_story(&fixture, CONNECTION_TWO);
    assert_string_equal(fixture_last_trade()->TradeID, "           1"); /* numbers of its own */
    fixture_set_clock(&fixture, FIXTURE_DAY, 10 * 3600 + 5, 0);
    core_tick_time(fixture.core);
    assert_true(core_newest_tick(fixture.core, fixture_instrument(&fixture, "BTC"), &tick));
    assert_int_equal(tick.Volume, 1);
    fixture_end(&fixture);
}

static void both_legs_of_a_combination_are_told(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_quote(&fixture, "i2505", 799.5, 10, 800, 10, 800, 100);
    fixture_quote(&fixture, "i2603", 750, 10, 750.5, 10, 750, 100);
    fixture_order(&fixture, CONNECTION_ONE, "SP i2505&i2603", '0', '0', 50, 2);
    struct channel_trade fill = trade_of(1, 800, 2);
    struct core *core = fixture.core;
    assert_int_equal(core->orders.at[0].leg_count, 2);
    fill.leg = 1;
    assert_false(channel_order_traded(core, 0, &at_ten, &fill)); /* the second before the first */
    fill.leg = 0;
    assert_true(channel_order_traded(core, 0, &at_ten, &fill));
    fill.leg = 1;
    fill.price = 750;
    assert_true(channel_order_traded(core, 0, &at_ten, &fill));
    assert_false(channel_order_traded(core, 0, &at_ten, &fill));
    assert_string_equal(story(&fixture), "a 0 T T");
    assert_string_equal(fixture_last_trade()->InstrumentID, "i2603");
    for (int leg = 0; leg < 2; leg++)
        assert_int_equal(core->ledger.rows[core->orders.at[0].leg[leg].row].comb_position, 2);
    assert_true(frozen(&fixture) == 0);
    fixture_end(&fixture);
}

/* ---- the line ---- */

static struct CThostFtdcInputQuoteField quote_of(double bid, double ask_price)
{
    struct CThostFtdcInputQuoteField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, TEXT("rb2505"));
    input.AskPrice = ask_price;
    input.BidPrice = bid;
    input.AskVolume = input.BidVolume = 2;
    input.AskOffsetFlag = input.BidOffsetFlag = THOST_FTDC_OF_Open;
    input.AskHedgeFlag = input.BidHedgeFlag = THOST_FTDC_HF_Speculation;
    return input;
}

static struct CThostFtdcInputExecOrderField exercise_of(int volume)
{
    struct CThostFtdcInputExecOrderField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, TEXT("i2505-C-800"));
    input.Volume = volume;
    input.OffsetFlag = THOST_FTDC_OF_CloseToday;
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    input.ActionType = THOST_FTDC_ACTP_Exec;
    input.PosiDirection = THOST_FTDC_PD_Long;
    input.CloseFlag = THOST_FTDC_EOCF_NotToClose;
    return input;
}

static struct CThostFtdcInputOptionSelfCloseField self_close_of(void)
{
    struct CThostFtdcInputOptionSelfCloseField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, TEXT("SR505C6000"));
    input.OptSelfCloseFlag = THOST_FTDC_OSCF_CloseSelfOptionPosition;
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    input.Volume = 1;
    return input;
}

static struct CThostFtdcInputForQuoteField for_quote_of(void)
{
    struct CThostFtdcInputForQuoteField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, TEXT("SR505C6000"));
    return input;
}

static struct CThostFtdcInputOffsetSettingField setting_of(void)
{
    struct CThostFtdcInputOffsetSettingField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, TEXT("SR505C6000"));
    PUT_TEXT(input.UnderlyingInstrID, TEXT("SR505"));
    input.Volume = 1;
    return input;
}

static struct CThostFtdcInputCombActionField tying_of(void)
{
    struct CThostFtdcInputCombActionField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, TEXT("SP i2505&i2603"));
    input.Direction = THOST_FTDC_D_Buy;
    input.Volume = 1;
    input.CombDirection = THOST_FTDC_CMDR_Comb;
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    return input;
}

/* Sends each kind of request and each withdrawal once; all must be refused. */
static void expect_refused(struct fixture *fixture, int request_id, int action_id)
{
    struct CThostFtdcInputQuoteField quote = quote_of(3390, 3410);
    struct CThostFtdcInputExecOrderField exercise = exercise_of(1);
    struct CThostFtdcInputOptionSelfCloseField self_close = self_close_of();
    struct CThostFtdcInputForQuoteField for_quote = for_quote_of();
    struct CThostFtdcInputOffsetSettingField setting = setting_of(), live_setting = setting_of();
    struct CThostFtdcInputCombActionField tying = tying_of();
    struct CThostFtdcInputQuoteActionField quote_action = {.QuoteRef = "1", .ActionFlag = '0'};
    struct CThostFtdcInputExecOrderActionField exercise_action = {.ExecOrderRef = "1",
                                                                  .ActionFlag = '0'};
    struct CThostFtdcInputOptionSelfCloseActionField self_close_action = {.OptionSelfCloseRef = "1",
                                                                          .ActionFlag = '0'};
    PUT_TEXT(setting.InstrumentID, TEXT("SR505"));
    struct CThostFtdcInputOrderField order = fixture_input(fixture, "rb2505", '0', '0', 3300, 1);
    assert_int_equal(fixture_insert(fixture, CONNECTION_ONE, &order), request_id);
    assert_int_equal(ask(fixture, CTP_TraderApi_ReqQuoteInsert, &quote), request_id);
    assert_int_equal(ask(fixture, CTP_TraderApi_ReqExecOrderInsert, &exercise), request_id);
    assert_int_equal(ask(fixture, CTP_TraderApi_ReqOptionSelfCloseInsert, &self_close), request_id);
    assert_int_equal(ask(fixture, CTP_TraderApi_ReqForQuoteInsert, &for_quote), request_id);
    assert_int_equal(ask(fixture, CTP_TraderApi_ReqOffsetSetting, &setting), request_id);
    assert_int_equal(ask(fixture, CTP_TraderApi_ReqCombActionInsert, &tying), request_id);
    assert_int_equal(fixture_cancel_newest(fixture, CONNECTION_ONE), action_id);
    assert_int_equal(ask(fixture, CTP_TraderApi_ReqQuoteAction, &quote_action), action_id);
    assert_int_equal(ask(fixture, CTP_TraderApi_ReqExecOrderAction, &exercise_action), action_id);
    assert_int_equal(ask(fixture, CTP_TraderApi_ReqOptionSelfCloseAction, &self_close_action),
                     action_id);
    assert_int_equal(ask(fixture, CTP_TraderApi_ReqCancelOffsetSetting, &live_setting), action_id);
}

static void a_line_that_is_down_refuses_all_that_would_go_out(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct core *core = fixture.core;
    day_set_underlying(&fixture, "i2505-C-800", "i2505");
    fixture_quote(&fixture, "SR505C6000", 50, 5, 150, 5, 100, 10);
    hold(&fixture, "i2505-C-800", '0', 30, 3);
    hold(&fixture, "i2505", '0', 800, 2);
    hold(&fixture, "i2603", '1', 780, 2);
    struct CThostFtdcInputQuoteField quote = quote_of(3390, 3410);
    struct CThostFtdcInputExecOrderField exercise = exercise_of(1);
    struct CThostFtdcInputOptionSelfCloseField self_close = self_close_of();
    struct CThostFtdcInputOffsetSettingField setting = setting_of();
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteInsert, &quote), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &exercise), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOptionSelfCloseInsert, &self_close), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &setting), 0);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    assert_string_equal(said(&script), "ask quote 0, ask exec_order 0, ask self_close 0, "
                                       "ask offset_setting 0, submit 5");
    assert_int_equal(core_set_channel_state(core, TEXT("upstream"), CHANNEL_DOWN), ADMIN_OK);
    expect_refused(&fixture, 21, 21);
    assert_int_equal(core_set_channel_state(core, TEXT("upstream"), CHANNEL_HELD), ADMIN_REFUSED);
    assert_int_equal(core_set_channel_state(core, TEXT("upstream"), CHANNEL_FAILING), ADMIN_OK);
    expect_refused(&fixture, 78, 79);
    assert_string_equal(said(&script), "");
    fixture_order(&fixture, CONNECTION_TWO, "rb2505", '0', '0', 3300, 1); /* another line */
    assert_int_equal(core_set_channel_state(core, TEXT("upstream"), CHANNEL_UP), ADMIN_OK);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    assert_string_equal(said(&script), "submit 7");
    fixture_end(&fixture);
}

static void a_parked_cancel_meets_a_line_that_is_down(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct CThostFtdcParkedOrderActionField action;
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    assert_true(channel_order_queued(fixture.core, 0, &at_ten));
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_NoTrading);
    memset(&action, 0, sizeof action);
    PUT_TEXT(action.ExchangeID, TEXT("SHFE"));
    PUT_TEXT(action.OrderSysID, TEXT("700001"));
    action.ActionFlag = THOST_FTDC_AF_Delete;
    fixture_send(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqParkedOrderAction, &action);
    assert_int_equal(fixture.answered_id, 0);
    assert_int_equal(core_set_channel_state(fixture.core, TEXT("upstream"), CHANNEL_DOWN),
                     ADMIN_OK);
    said(&script);
    story(&fixture);
    fixture_status(&fixture, "rb2505", THOST_FTDC_IS_Continous);
    assert_string_equal(said(&script), "");
    assert_string_equal(story(&fixture), "A21");
    assert_true(fixture.core->orders.at[0].live);
    fixture_end(&fixture);
}

/* ---- quotes ---- */

static const struct CThostFtdcQuoteField *quote_row(struct fixture *fixture, uint32_t place)
{
    return record_body(fixture->core, RECORD_quote, place);
}

static bool tell(struct fixture *fixture, enum record_kind kind, uint32_t record,
                 enum request_event event)
{
    struct request_return told = {
        .event = event, .number = 4711, .by = NONE, .words = TEXT("上手拒绝")};
    return channel_request_told(fixture->core, kind, record, &told);
}

static void a_quote_and_its_legs_are_told_one_by_one(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct core *core = fixture.core;
    struct CThostFtdcInputQuoteField quote = quote_of(3390, 3410);
    struct CThostFtdcInputQuoteActionField action = {.QuoteRef = "1", .ActionFlag = '0'};
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteInsert, &quote), 0);
    assert_string_equal(said(&script), "ask quote 0"); /* the legs go with it */
    assert_string_equal(story(&fixture), "a a OnRtnQuote");
    assert_int_equal(quote_row(&fixture, 0)->QuoteStatus, THOST_FTDC_OST_Unknown);
    assert_true(tell(&fixture, RECORD_quote, 0, REQUEST_TAKEN));
    assert_false(tell(&fixture, RECORD_quote, 0, REQUEST_TAKEN));
    assert_false(tell(&fixture, RECORD_quote, 0, REQUEST_REFUSED));
    assert_false(tell(&fixture, RECORD_quote, 0, REQUEST_DONE));
    assert_true(channel_order_queued(core, 0, &at_ten));
    assert_true(channel_order_queued(core, 1, &at_ten));
    channel_quote_named(core, 0);
    assert_string_equal(story(&fixture), "OnRtnQuote 3 3");
    assert_string_equal(quote_row(&fixture, 0)->QuoteSysID, "        4711");
    assert_string_equal(quote_row(&fixture, 0)->AskOrderSysID, "      700001");
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteAction, &action), 0);
    assert_string_equal(said(&script), "withdraw 0");
    assert_true(channel_withdrawal_refused(core, RECORD_quote, 0, &action, TEXT("休市")));
    assert_string_equal(story(&fixture), "OnErrRtnQuoteAction");
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteInsert, &quote), 0);
    assert_string_equal(said(&script), "replace 0, ask quote 1");
    assert_true(tell(&fixture, RECORD_quote, 0, REQUEST_WITHDRAWN));
    assert_true(channel_order_cancelled(core, 0, &at_ten));
    assert_true(channel_order_cancelled(core, 1, &at_ten));
    assert_string_equal(story(&fixture), "a a OnRtnQuote OnRtnQuote 5 5");
    assert_true(tell(&fixture, RECORD_quote, 1, REQUEST_REFUSED));
    assert_true(channel_order_refused(core, 2, TEXT("x"), 36000));
    assert_true(channel_order_refused(core, 3, TEXT("x"), 36000));
    assert_string_equal(story(&fixture), "OnRtnQuote 5 5");
    assert_true(frozen(&fixture) == 0);
    fixture_end(&fixture);
}

static void a_quote_ends_with_its_last_leg(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct CThostFtdcInputQuoteField quote = quote_of(3390, 3410);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqQuoteInsert, &quote), 0);
    assert_true(tell(&fixture, RECORD_quote, 0, REQUEST_TAKEN));
    assert_true(trade(&fixture, 0, 1, 3410, 2));
    assert_true(trade(&fixture, 1, 2, 3390, 2));
    assert_string_equal(story(&fixture), "a a OnRtnQuote OnRtnQuote 0 T 0 T OnRtnQuote");
    assert_int_equal(quote_row(&fixture, 0)->QuoteStatus, THOST_FTDC_OST_AllTraded);
    fixture_end(&fixture);
}

/* ---- the other requests ---- */

static const struct CThostFtdcExecOrderField *exercise_row(struct fixture *fixture, uint32_t place)
{
    return record_body(fixture->core, RECORD_exec_order, place);
}

static void an_exercise_is_frozen_until_its_end(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct core *core = fixture.core;
    day_set_underlying(&fixture, "i2505-C-800", "i2505");
    hold(&fixture, "i2505-C-800", '0', 30, 3);
    const struct position_row *row = &core->ledger.rows[core->orders.at[0].leg[0].row];
    struct CThostFtdcInputExecOrderField input = exercise_of(2);
    struct CThostFtdcInputExecOrderActionField action = {
        .ExchangeID = "DCE", .ExecOrderSysID = "4711", .ActionFlag = '0'};
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 0);
    assert_int_equal(row->strike_frozen, 2);
    assert_string_equal(story(&fixture), "OnRtnExecOrder");
    assert_true(tell(&fixture, RECORD_exec_order, 0, REQUEST_REFUSED));
    assert_int_equal(row->strike_frozen, 0);
    assert_int_equal(exercise_row(&fixture, 0)->OrderSubmitStatus, THOST_FTDC_OSS_InsertRejected);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 0);
    assert_true(tell(&fixture, RECORD_exec_order, 1, REQUEST_TAKEN));
    assert_false(tell(&fixture, RECORD_exec_order, 1, REQUEST_TAKEN));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderAction, &action), 0);
    assert_int_equal(row->strike_frozen, 2); /* until it is answered */
    assert_true(tell(&fixture, RECORD_exec_order, 1, REQUEST_WITHDRAWN));
    assert_int_equal(row->strike_frozen, 0);
    assert_int_equal(exercise_row(&fixture, 1)->ExecResult, THOST_FTDC_OER_Canceled);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 0);
    assert_int_equal(core_set_channel(core, TEXT("u1"), TEXT("sim")), ADMIN_REFUSED);
    assert_string_equal(said(&script),
                        "ask exec_order 0, ask exec_order 1, withdraw 1, ask exec_order 2");
    fixture_end(&fixture);
}

static void settings_and_requests_for_quotes_are_taken_or_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct core *core = fixture.core;
    struct CThostFtdcInputOptionSelfCloseField self_close = self_close_of();
    struct CThostFtdcInputOffsetSettingField setting = setting_of();
    struct CThostFtdcInputForQuoteField for_quote = for_quote_of();
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOptionSelfCloseInsert, &self_close), 0);
    assert_true(tell(&fixture, RECORD_self_close, 0, REQUEST_TAKEN));
    assert_false(tell(&fixture, RECORD_self_close, 0, REQUEST_REFUSED));
    assert_true(tell(&fixture, RECORD_self_close, 0, REQUEST_WITHDRAWN));
    assert_false(tell(&fixture, RECORD_self_close, 0, REQUEST_WITHDRAWN));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &setting), 0);
    assert_true(tell(&fixture, RECORD_offset_setting, 0, REQUEST_REFUSED));
    assert_int_equal(record_head(core, RECORD_offset_setting, 0)->live, 0);
    story(&fixture);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqForQuoteInsert, &for_quote), 0);
    assert_int_equal(core_set_channel(core, TEXT("u1"), TEXT("sim")), ADMIN_REFUSED); /* it waits */
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqForQuoteInsert, &for_quote), 113);
    assert_true(tell(&fixture, RECORD_for_quote, 0, REQUEST_REFUSED));
    assert_false(tell(&fixture, RECORD_for_quote, 0, REQUEST_TAKEN));
    assert_string_equal(story(&fixture), "OnErrRtnForQuoteInsert OnErrRtnForQuoteInsert");
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqForQuoteInsert, &for_quote), 0);
    assert_true(tell(&fixture, RECORD_for_quote, 1, REQUEST_TAKEN));
    assert_string_equal(said(&script),
                        "ask self_close 0, ask offset_setting 0, ask for_quote 0, ask for_quote 1");
    assert_false(tell(&fixture, RECORD_transfer, 0, REQUEST_TAKEN));  /* no channel's */
    assert_false(tell(&fixture, RECORD_for_quote, 2, REQUEST_TAKEN)); /* nobody's */
    assert_false(channel_withdrawal_refused(core, RECORD_for_quote, 0, &for_quote, TEXT("x")));
    assert_false(channel_withdrawal_refused(core, RECORD_quote, 0, &for_quote, TEXT("x")));
    fixture_end(&fixture);
}

static void lots_are_tied_when_the_exchange_says_so(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct core *core = fixture.core;
    hold(&fixture, "i2505", '0', 800, 1);
    hold(&fixture, "i2603", '1', 780, 1);
    struct CThostFtdcInputCombActionField input = tying_of();
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqCombActionInsert, &input), 0);
    assert_int_equal(core->ledger.pair_count, 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqCombActionInsert, &input), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqCombActionInsert, &input), 0);
    assert_true(tell(&fixture, RECORD_comb_action, 0, REQUEST_REFUSED));
    assert_true(tell(&fixture, RECORD_comb_action, 1, REQUEST_TAKEN));
    assert_int_equal(core->ledger.pair_count, 1);
    assert_false(tell(&fixture, RECORD_comb_action, 2, REQUEST_TAKEN)); /* the lots are tied now */
    assert_true(tell(&fixture, RECORD_comb_action, 2, REQUEST_REFUSED));
    assert_string_equal(story(&fixture),
                        "OnRtnCombAction OnRtnCombAction OnRtnCombAction OnRtnCombAction "
                        "OnRtnCombAction OnRtnCombAction");
    fixture_end(&fixture);
}

/* ---- the day ---- */

static void the_days_end_ends_what_lives_upstream(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    day_set_underlying(&fixture, "i2505-C-800", "i2505");
    hold(&fixture, "i2505-C-800", '0', 30, 3);
    struct CThostFtdcInputExecOrderField exercise = exercise_of(2);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &exercise), 0);
    struct CThostFtdcInputOrderField condition =
        fixture_input(&fixture, "rb2505", '0', '0', 3500, 1);
    condition.ContingentCondition = THOST_FTDC_CC_LastPriceGreaterThanStopPrice;
    condition.StopPrice = 3500;
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &condition), 0);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    said(&script);
    day_settle(&fixture, 20250304, NULL);
    assert_string_equal(said(&script), "expire 2, conclude 0"); /* the condition is the counter's */
    uint32_t future = ledger_find_row(&fixture.core->ledger, 0,
                                      fixture_instrument(&fixture, "i2505"), '1', '2', '1');
    assert_true(future != LEDGER_NONE && fixture.core->ledger.rows[future].position == 2);
    fixture_end(&fixture);
}

static void a_program_without_the_channel_takes_neither_journal_nor_snapshot(void **state)
{
    (void)state;
    struct fixture fixture;
    struct buffer snapshot = {.at = NULL};
    begin(&fixture);
    core_save(fixture.core, &snapshot);
    struct core_sink sink = fixture.core->sink;
    struct core *other = core_create(&fixture.options, &sink, FIXTURE_DAY);
    assert_false(core_load(other, buffer_text(&snapshot)));
    core_destroy(other);
    other = core_create(&fixture.options, &sink, FIXTURE_DAY);
    bool taken = true;
    for (size_t at = 0; at < fixture.effects.length && taken;) {
        struct effect_head head;
        memcpy(&head, fixture.effects.at + at, sizeof head);
        taken = core_apply(other, fixture.effects.at + at, head.length);
        assert_true(taken || head.kind == EFFECT_channel_set);
        at += head.length;
    }
    assert_false(taken);
    core_destroy(other);
    buffer_finish(&snapshot);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_lives_as_its_channel_tells),
        cmocka_unit_test(a_cancel_is_on_its_way_until_it_is_answered),
        cmocka_unit_test(a_late_refusal_of_a_cancel_has_the_number_of_that_cancel),
        cmocka_unit_test(an_exchange_cancels_and_refuses_in_its_own_words),
        cmocka_unit_test(a_fact_that_cannot_be_is_not_told),
        cmocka_unit_test(two_channels_do_not_meet),
        cmocka_unit_test(both_legs_of_a_combination_are_told),
        cmocka_unit_test(a_line_that_is_down_refuses_all_that_would_go_out),
        cmocka_unit_test(a_parked_cancel_meets_a_line_that_is_down),
        cmocka_unit_test(a_quote_and_its_legs_are_told_one_by_one),
        cmocka_unit_test(a_quote_ends_with_its_last_leg),
        cmocka_unit_test(an_exercise_is_frozen_until_its_end),
        cmocka_unit_test(settings_and_requests_for_quotes_are_taken_or_refused),
        cmocka_unit_test(lots_are_tied_when_the_exchange_says_so),
        cmocka_unit_test(the_days_end_ends_what_lives_upstream),
        cmocka_unit_test(a_program_without_the_channel_takes_neither_journal_nor_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
