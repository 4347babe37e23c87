/* desk_action_test.c: cancels (orders 4): which order an action names, what the counter refuses
 * with which number, what the exchange refuses, and what OnErrRtnOrderAction carries. */
#include "cmocka_all.h"
#include "core_fixture.h"
#include <string.h>

typedef struct CThostFtdcInputOrderActionField action_input;

static action_input blank(const char *investor)
{
    action_input action;
    memset(&action, 0, sizeof action);
    PUT_TEXT(action.BrokerID, TEXT("9999"));
    PUT_TEXT(action.InvestorID, text_of(investor));
    action.ActionFlag = THOST_FTDC_AF_Delete;
    return action;
}

/* By OrderSysID, as the newest order of the connection shows it. */
static action_input by_system_id(struct fixture *fixture, uint32_t connection)
{
    fixture_story(fixture, connection);
    action_input action = blank(connection == CONNECTION_TWO ? "u2" : "u1");
    PUT_TEXT(action.ExchangeID, FIELD_TEXT(fixture_last_order()->ExchangeID));
    PUT_TEXT(action.OrderSysID, FIELD_TEXT(fixture_last_order()->OrderSysID));
    return action;
}

static void an_order_is_named_by_its_system_id_with_or_without_blanks(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    action_input action = by_system_id(&fixture, CONNECTION_ONE);
    assert_string_equal(action.OrderSysID, "           1");
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 0);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "3 5");
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    PUT_TEXT(action.OrderSysID, TEXT("2"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 0);
    /* an empty ExchangeID is completed from the instrument; an OrderRef beside it is not looked at
     */
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    action.ExchangeID[0] = '\0';
    PUT_TEXT(action.OrderSysID, TEXT("3"));
    PUT_TEXT(action.InstrumentID, TEXT("rb2505"));
    PUT_TEXT(action.OrderRef, TEXT("99999"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 0);
    fixture_end(&fixture);
}

static void an_order_is_named_by_its_ref_and_session(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    const struct order *order = fixture_newest(&fixture);
    action_input action = blank("u1");
    PUT_NUMBER(action.OrderRef, order->order_ref);
    /* session 0/0 is the asking one: another session's order is not found, the own one is */
    assert_int_equal(fixture_action(&fixture, CONNECTION_AGAIN, &action), 25);
    action.FrontID = order->front_id;
    action.SessionID = order->session_id;
    PUT_TEXT(action.InstrumentID, TEXT("i2505"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_AGAIN, &action), 25);
    PUT_TEXT(action.InstrumentID, TEXT("rb2505"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_AGAIN, &action), 0); /* any session may */
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    action.FrontID = action.SessionID = 0;
    action.InstrumentID[0] = '\0';
    PUT_NUMBER(action.OrderRef, fixture_newest(&fixture)->order_ref);
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 0);
    fixture_end(&fixture);
}

static void each_refusal_has_its_number(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    action_input good = by_system_id(&fixture, CONNECTION_ONE), action = good;
    PUT_TEXT(action.InvestorID, TEXT("u2"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 9);
    action = good;
    action.ActionFlag = THOST_FTDC_AF_Modify;
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 27);
    action.ActionFlag = '1';
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 23);
    action = good;
    PUT_TEXT(action.OrderSysID, TEXT("x1"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 23);
    action = blank("u1");
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 23);
    PUT_TEXT(action.OrderRef, TEXT("1x"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 23);
    action = good;
    PUT_TEXT(action.OrderSysID, TEXT("777"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 25);
    PUT_TEXT(action.ExchangeID, TEXT("XXXX"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 148);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "A9 A27 A23 A23 A23 A23 A25 A148");
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), "");
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &good), 0);
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &good), 26);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "3 5 A26");
    fixture_end(&fixture);
}

static void another_user_s_order_is_not_found(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    action_input action = by_system_id(&fixture, CONNECTION_ONE);
    PUT_TEXT(action.InvestorID, TEXT("u2"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_TWO, &action), 25);
    fixture_end(&fixture);
}

static void the_strict_profile_wants_every_name(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_CTP);
    options.authenticate = options.settlement_confirm = options.password_rules = false;
    options.first_login_change = false;
    options.action_rate = 0;
    PUT_TEXT(options.broker_id, TEXT("9999"));
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    action_input action = by_system_id(&fixture, CONNECTION_ONE), good = action;
    PUT_TEXT(action.BrokerID, TEXT("1"));
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 2);
    action = good;
    action.InvestorID[0] = '\0';
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 146);
    action = good;
    action.ExchangeID[0] = '\0';
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 147);
    action = blank("u1");
    PUT_NUMBER(action.OrderRef, fixture_newest(&fixture)->order_ref);
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 23); /* no InstrumentID */
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &good), 0);
    fixture_end(&fixture);
}

static void action_rate_counts_apart_from_orders(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.action_rate = 1;
    options.order_rate = 2;
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 116);
    fixture_set_clock(&fixture, FIXTURE_DAY, 10 * 3600 + 1, 0);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 26);
    fixture_end(&fixture);
}

static void a_cancel_that_is_on_its_way_is_24_and_one_in_a_on_czce_157(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "SR505", '0', '0', 5900, 1);
    struct order *order = fixture_newest(&fixture), was = *order;
    order->cancel_pending = true;
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 24);
    *order = was;
    order->state.system_number = 0; /* as an order is that no exchange has returned yet */
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 157);
    fixture_order(&fixture, CONNECTION_ONE, "i2505", '0', '0', 750, 1);
    struct order *leg = fixture_newest(&fixture), leg_was = *leg;
    leg->state.system_number = 0;
    leg->quote = 0; /* as a leg of a quote is then */
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 92);
    *leg = leg_was;
    order = fixture_newest(&fixture) - 1;
    *order = was;
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    fixture_end(&fixture);
}

static void a_refused_action_s_return_knows_the_order(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    fixture_story(&fixture, CONNECTION_ONE);
    const struct CThostFtdcOrderField *order = fixture_last_order();
    action_input action = blank("u1");
    PUT_TEXT(action.ExchangeID, TEXT("SHFE"));
    PUT_TEXT(action.OrderSysID, TEXT("1"));
    PUT_TEXT(action.UserID, TEXT("somebody"));
    action.OrderActionRef = 5;
    action.RequestID = 6;
    assert_int_equal(fixture_action(&fixture, CONNECTION_ONE, &action), 26);
    assert_string_equal(fixture.answer.action.UserID, "u1");
    assert_string_equal(fixture.answer.action.OrderSysID, "1");
    struct core_message message;
    core_private_message(fixture.core, CONNECTION_ONE,
                         core_private_count(fixture.core, CONNECTION_ONE), &message);
    assert_int_equal(message.callback, CTP_TraderSpi_OnErrRtnOrderAction);
    const struct CThostFtdcOrderActionField *body = message.body;
    assert_string_equal(body->OrderLocalID, order->OrderLocalID);
    assert_string_equal(body->OrderRef, order->OrderRef);
    assert_string_equal(body->TraderID, order->TraderID);
    assert_string_equal(body->ClientID, order->ClientID);
    assert_int_equal(body->FrontID, order->FrontID);
    assert_int_equal(body->SessionID, order->SessionID);
    assert_int_equal(body->OrderActionRef, 5);
    assert_int_equal(body->RequestID, 6);
    assert_int_equal(body->OrderActionStatus, 'a');
    assert_string_equal(body->ActionLocalID, "");
    assert_string_equal(body->ActionDate, "20250303");
    assert_string_equal(body->ActionTime, "10:00:00");
    assert_int_equal(message.rsp_info->ErrorID, 26);
    fixture_end(&fixture);
}

/* In which phase the exchange takes a cancel, without and with cancel_in_break. */
static void the_exchange_takes_cancels_in_some_phases(void **state)
{
    (void)state;
    const struct {
        char phase;
        bool strict, lenient;
    } rows[] = {{'2', true, true},  {'3', true, true},  {'5', false, false},
                {'1', false, true}, {'0', false, true}, {'6', false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int lenient = 0; lenient < 2; lenient++) {
            struct core_options options = core_options_of(PROFILE_TTS);
            options.cancel_in_break = lenient;
            struct fixture fixture;
            fixture_begin(&fixture, &options);
            fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
            fixture_status(&fixture, "rb2505", rows[i].phase);
            fixture_story(&fixture, CONNECTION_ONE);
            assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
            bool taken = lenient ? rows[i].lenient : rows[i].strict;
            assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), taken ? "3 5" : "3 A91");
            assert_string_equal(fixture_last_order()->ActiveUserID, "u1");
            fixture_end(&fixture);
        }
    }
}

static void refused_cancels_are_told(bool repeats, const char *story)
{
    struct core_options options = core_options_of(PROFILE_TTS);
    options.cancel_in_break = false;
    options.duplicate_returns = repeats;
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    assert_int_equal(core_grant(fixture.core, TEXT("u2"), TEXT("u1"), true), ADMIN_OK);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    fixture_status(&fixture, "rb2505", '1');
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
        struct core_message message;
        core_private_message(fixture.core, CONNECTION_ONE,
                             core_private_count(fixture.core, CONNECTION_ONE), &message);
        const struct CThostFtdcOrderActionField *body = message.body;
        assert_int_equal(message.rsp_info->ErrorID, 91);
        assert_int_equal(body->OrderActionStatus, 'c');
        assert_true(body->StatusMsg[0] != '\0');
        char local[16];
        snprintf(local, sizeof local, "%12d", i);
        assert_string_equal(body->ActionLocalID, local);
    }
    assert_int_equal(fixture_newest(&fixture)->state.active_user, 0); /* u1 */
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), story);
    fixture_end(&fixture);
}

/* Its numbers go on whether the order is repeated before or not. */
static void a_cancel_refused_by_the_exchange_goes_to_the_account(void **state)
{
    (void)state;
    refused_cancels_are_told(true, "a 3 3 A91 3 A91");
    refused_cancels_are_told(false, "a 3 A91 A91");
}

static void a_cancel_costs_its_fee_and_gives_back_the_freeze(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct commission_rate fees = {.order_by_trade = 1, .action_by_trade = 2};
    assert_int_equal(core_set_rate(fixture.core, TEXT("u1"), TEXT("rb2505"), NULL, &fees),
                     ADMIN_OK);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 2);
    assert_true(ledger_funds(&fixture.core->ledger, 0).frozen_margin == 6600);
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    struct funds funds = ledger_funds(&fixture.core->ledger, 0);
    assert_true(funds.frozen_margin == 0 && funds.commission == 3);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 2);
    desk_cancel_all(fixture.core); /* the exchange's own cancel is free */
    assert_true(ledger_funds(&fixture.core->ledger, 0).commission == 4);
    assert_int_equal(fixture_newest(&fixture)->state.status, '5');
    fixture_end(&fixture);
}

/* ---- the order of the checks ---- */

/* A cancel of a resting order of CZCE, named by its reference. */
struct cancel {
    struct fixture fixture;
    action_input action;
};

static struct order *order_of(struct cancel *cancel)
{
    return fixture_newest(&cancel->fixture);
}

#define WRONG(name) static void name(struct cancel *cancel)
WRONG(too_many)
{
    cancel->fixture.core->options.action_rate = 1;
    action_input first = blank("u1");
    fixture_send(&cancel->fixture, CONNECTION_ONE, CTP_TraderApi_ReqOrderAction, &first);
}
WRONG(foreign_broker)
{
    cancel->fixture.core->options.broker_check = true;
    PUT_TEXT(cancel->action.BrokerID, TEXT("8888"));
}
WRONG(no_investor)
{
    cancel->fixture.core->options.investor_id_required = true;
    cancel->action.InvestorID[0] = '\0';
}
WRONG(foreign_investor)
{
    PUT_TEXT(cancel->action.InvestorID, TEXT("u2"));
}
WRONG(modifies)
{
    cancel->action.ActionFlag = THOST_FTDC_AF_Modify;
}
WRONG(names_nothing)
{
    cancel->action.OrderRef[0] = '\0';
}
WRONG(names_no_instrument)
{
    cancel->fixture.core->options.exchange_id_required = true;
    cancel->action.InstrumentID[0] = '\0';
}
WRONG(names_no_exchange)
{
    cancel->fixture.core->options.exchange_id_required = true;
    PUT_TEXT(cancel->action.OrderSysID, TEXT("1"));
}
WRONG(names_another)
{
    PUT_TEXT(cancel->action.OrderRef, TEXT("777"));
}
WRONG(names_a_finished_one)
{
    order_of(cancel)->live = false;
}
WRONG(names_one_whose_cancel_is_on_its_way)
{
    order_of(cancel)->cancel_pending = true;
}
WRONG(names_one_without_a_number)
{
    order_of(cancel)->state.system_number = 0;
}
WRONG(names_a_leg_without_a_number)
{
    order_of(cancel)->state.system_number = 0;
    order_of(cancel)->quote = 0;
    /* at another exchange than CZCE, so that 157 is not meant */
    core_instrument(cancel->fixture.core, order_of(cancel)->instrument)->exchange = EXCHANGE_DCE;
}
WRONG(goes_to_a_line_that_is_down)
{
    assert_int_equal(core_set_channel_state(cancel->fixture.core, TEXT("sim"), CHANNEL_DOWN),
                     ADMIN_OK);
}
WRONG(goes_to_a_line_that_fails)
{
    assert_int_equal(core_set_channel_state(cancel->fixture.core, TEXT("sim"), CHANNEL_FAILING),
                     ADMIN_OK);
}

/* What a wrong is about: two about the same cannot meet. */
enum { INVESTOR = 1, REFERENCE = 2, INSTRUMENT = 4, NUMBER = 8, LINE = 16 };

/* In the order of orders 4.2. */
static const struct wrong {
    int number, expected;
    void (*make)(struct cancel *cancel);
    unsigned about;
} wrongs[] = {
    {2, 116, too_many, 0},
    {4, 2, foreign_broker, 0},
    {4, 146, no_investor, INVESTOR},
    {4, 9, foreign_investor, INVESTOR},
    {5, 27, modifies, 0},
    {6, 23, names_nothing, REFERENCE},
    {6, 23, names_no_instrument, INSTRUMENT},
    {6, 147, names_no_exchange, REFERENCE | INSTRUMENT},
    {7, 25, names_another, REFERENCE},
    {8, 26, names_a_finished_one, 0},
    {9, 24, names_one_whose_cancel_is_on_its_way, 0},
    {10, 157, names_one_without_a_number, NUMBER},
    {11, 92, names_a_leg_without_a_number, NUMBER},
    {12, 21, goes_to_a_line_that_is_down, LINE},
    {12, 79, goes_to_a_line_that_fails, LINE},
};
enum { WRONGS = sizeof wrongs / sizeof wrongs[0] };

/* The ErrorID that a cancel is told which is wrong in these ways; `other` may be NULL. */
static int told(const struct wrong *one, const struct wrong *other)
{
    static struct cancel cancel;
    fixture_begin(&cancel.fixture, NULL);
    fixture_order(&cancel.fixture, CONNECTION_ONE, "SR505", '0', '0', 5900, 1);
    cancel.action = blank("u1");
    PUT_NUMBER(cancel.action.OrderRef, order_of(&cancel)->order_ref);
    PUT_TEXT(cancel.action.InstrumentID, TEXT("SR505"));
    if (other)
        other->make(&cancel);
    one->make(&cancel);
    int error_id = fixture_action(&cancel.fixture, CONNECTION_ONE, &cancel.action);
    fixture_drop(&cancel.fixture); /* its state was changed by hand */
    return error_id;
}

static void the_earlier_of_two_checks_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < WRONGS; i++) {
        assert_int_equal(told(&wrongs[i], NULL), wrongs[i].expected);
        for (size_t j = i + 1; j < WRONGS; j++) {
            if (wrongs[i].about & wrongs[j].about)
                continue;
            int error_id = told(&wrongs[i], &wrongs[j]);
            if (error_id != wrongs[i].expected)
                fail_msg("a cancel that breaks %d (%d) and %d (%d) is told %d", wrongs[i].number,
                         wrongs[i].expected, wrongs[j].number, wrongs[j].expected, error_id);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_named_by_its_system_id_with_or_without_blanks),
        cmocka_unit_test(an_order_is_named_by_its_ref_and_session),
        cmocka_unit_test(each_refusal_has_its_number),
        cmocka_unit_test(another_user_s_order_is_not_found),
        cmocka_unit_test(the_strict_profile_wants_every_name),
        cmocka_unit_test(action_rate_counts_apart_from_orders),
        cmocka_unit_test(a_cancel_that_is_on_its_way_is_24_and_one_in_a_on_czce_157),
        cmocka_unit_test(a_refused_action_s_return_knows_the_order),
        cmocka_unit_test(the_exchange_takes_cancels_in_some_phases),
        cmocka_unit_test(a_cancel_refused_by_the_exchange_goes_to_the_account),
        cmocka_unit_test(a_cancel_costs_its_fee_and_gives_back_the_freeze),
        cmocka_unit_test(the_earlier_of_two_checks_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
