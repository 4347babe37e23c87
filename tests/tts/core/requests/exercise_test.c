/* exercise_test.c: exercise, abandon, self close and offset settings, from the request to the
 * positions of the morning after. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include "tts/core/records.h"
#include <string.h>

static const char CALL[] = "i2505-C-800"; /* DCE, strike 800, 100 a lot */

static struct CThostFtdcInputExecOrderField exercise_of(const char *instrument, char action_type,
                                                        int volume)
{
    struct CThostFtdcInputExecOrderField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, text_of(instrument));
    input.Volume = volume;
    input.OffsetFlag = THOST_FTDC_OF_CloseToday;
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    input.ActionType = action_type;
    input.PosiDirection = THOST_FTDC_PD_Long;
    input.CloseFlag = THOST_FTDC_EOCF_NotToClose;
    return input;
}

/* Sends; the ErrorID of the refusal, 0 when it was accepted (then there is no answer). */
static int ask(struct fixture *fixture, enum ctp_method method, const void *body)
{
    int answers = fixture_send(fixture, CONNECTION_ONE, method, body);
    assert_int_equal(answers, fixture->answered_id ? 1 : 0);
    return fixture->answered_id;
}

static int exercise(struct fixture *fixture, const char *instrument, char action_type, int volume)
{
    struct CThostFtdcInputExecOrderField input = exercise_of(instrument, action_type, volume);
    return ask(fixture, CTP_TraderApi_ReqExecOrderInsert, &input);
}

static const struct position_row *row_of(const struct fixture *fixture, const char *instrument,
                                         char direction, char position_date)
{
    uint32_t row =
        ledger_find_row(&fixture->core->ledger, 0, fixture_instrument(fixture, instrument), '1',
                        direction, position_date);
    return row == LEDGER_NONE ? NULL : &fixture->core->ledger.rows[row];
}

static int position_of(const struct fixture *fixture, const char *instrument, char direction)
{
    const struct position_row *today = row_of(fixture, instrument, direction, '1');
    const struct position_row *history = row_of(fixture, instrument, direction, '2');
    return (today ? today->position : 0) + (history ? history->position : 0);
}

static void begin(struct fixture *fixture)
{
    fixture_begin(fixture, NULL);
    day_set_underlying(fixture, CALL, "i2505");
}

static void exercised_lots_are_frozen_and_become_futures(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_open(&fixture, CONNECTION_ONE, CALL, '0', 30, 3);
    assert_int_equal(exercise(&fixture, CALL, '1', 2), 0);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "OnRtnExecOrder OnRtnExecOrder");
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), "");
    struct CThostFtdcExecOrderField told;
    DAY_NEWEST(&fixture, CONNECTION_AGAIN, OnRtnExecOrder, &told);
    assert_int_equal(told.ExecResult, THOST_FTDC_OER_NoExec);
    assert_int_equal(told.OrderSubmitStatus, THOST_FTDC_OSS_Accepted);
    assert_string_equal(told.ExecOrderSysID, "           1");
    assert_int_equal(row_of(&fixture, CALL, '2', '1')->strike_frozen, 2);
    assert_int_equal(exercise(&fixture, CALL, '1', 2), 74);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "OnErrRtnExecOrderInsert");

    double before = ledger_funds(&fixture.core->ledger, 0).balance;
    day_settle(&fixture, 20250304,
               (const struct day_price[]){{"i2505", 810}, {CALL, 32}, {NULL, 0}});
    assert_int_equal(position_of(&fixture, CALL, '2'), 1);
    const struct position_row *future = row_of(&fixture, "i2505", '2', '1');
    assert_non_null(future);
    assert_int_equal(future->position, 2);
    assert_true(future->history_open_sum == 1600);
    assert_true(ledger_funds(&fixture.core->ledger, 0).balance == before + 2000);
    fixture_end(&fixture);
}

static void the_results_are_told_before_the_day_is_settled(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_open(&fixture, CONNECTION_ONE, CALL, '0', 30, 3);
    assert_int_equal(exercise(&fixture, CALL, '1', 2), 0);
    struct CThostFtdcInputExecOrderActionField action;
    memset(&action, 0, sizeof action);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderAction, &action), 71);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    PUT_TEXT(action.ExecOrderRef, TEXT("9"));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderAction, &action), 73);
    PUT_TEXT(action.ExecOrderRef, TEXT("1"));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderAction, &action), 0);
    struct CThostFtdcExecOrderField told;
    DAY_NEWEST(&fixture, CONNECTION_ONE, OnRtnExecOrder, &told);
    assert_int_equal(told.ExecResult, THOST_FTDC_OER_Canceled);
    assert_string_equal(told.CancelTime, "10:00:00");
    assert_int_equal(row_of(&fixture, CALL, '2', '1')->strike_frozen, 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderAction, &action), 26);
    assert_int_equal(exercise(&fixture, CALL, '1', 3), 0);
    int told_before = day_count_messages(&fixture, CTP_TraderSpi_OnRtnExecOrder);
    day_settle(&fixture, 20250304, NULL);
    assert_int_equal(day_count_messages(&fixture, CTP_TraderSpi_OnRtnExecOrder), told_before + 1);
    assert_int_equal(position_of(&fixture, CALL, '2'), 0);
    assert_int_equal(position_of(&fixture, "i2505", '2'), 3);
    fixture_end(&fixture);
}

static void exercises_are_checked(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    assert_int_equal(exercise(&fixture, "i2505", '1', 1), 69);
    assert_int_equal(exercise(&fixture, CALL, '3', 1), 81);
    assert_int_equal(exercise(&fixture, CALL, '2', 1), 87);
    assert_int_equal(exercise(&fixture, CALL, '1', 0), 15);
    assert_int_equal(exercise(&fixture, CALL, '1', 1), 74);
    assert_int_equal(exercise(&fixture, "nothing", '1', 1), 16);
    struct CThostFtdcInputExecOrderField input = exercise_of("SR505C6000", '1', 1);
    input.CloseFlag = THOST_FTDC_EOCF_AutoClose;
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 15);
    fixture_open(&fixture, CONNECTION_ONE, CALL, '0', 30, 3);
    input = exercise_of(CALL, '1', 1);
    PUT_TEXT(input.ExecOrderRef, TEXT("5"));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 67);
    fixture_status(&fixture, CALL, THOST_FTDC_IS_Closed);
    assert_int_equal(exercise(&fixture, CALL, '1', 1), 139);
    day_change_instrument(&fixture, CALL, day_set_expire_date, FIXTURE_DAY);
    assert_int_equal(exercise(&fixture, CALL, '1', 1), 0);
    fixture_set_clock(&fixture, FIXTURE_DAY, 15 * 3600 + 30 * 60 + 1, 0);
    assert_int_equal(exercise(&fixture, CALL, '1', 1), 139);
    fixture_end(&fixture);
}

static void abandoned_lots_lapse_although_they_are_in_the_money(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    day_set_underlying(&fixture, "rb2505C3400", "rb2505");
    day_change_instrument(&fixture, "rb2505C3400", day_set_expire_date, FIXTURE_DAY);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505C3400", '0', 80, 3);
    assert_int_equal(exercise(&fixture, "rb2505C3400", '2', 2), 0);
    assert_int_equal(row_of(&fixture, "rb2505C3400", '2', '1')->abandon_frozen, 2);
    struct CThostFtdcInputExecOrderField input = exercise_of("rb2505C3400", '1', 1);
    input.OffsetFlag = THOST_FTDC_OF_Close; /* history has none */
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 74);
    day_settle(&fixture, 20250304, (const struct day_price[]){{"rb2505", 3450}, {NULL, 0}});
    assert_int_equal(position_of(&fixture, "rb2505C3400", '2'), 0);
    assert_int_equal(position_of(&fixture, "rb2505", '2'), 1);
    input.Volume = 1;
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 17);
    fixture_end(&fixture);
}

static void at_dce_no_lots_on_the_last_day_mean_no_exercise(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    day_change_instrument(&fixture, CALL, day_set_expire_date, FIXTURE_DAY);
    fixture_open(&fixture, CONNECTION_ONE, CALL, '0', 30, 3);
    fixture_open(&fixture, CONNECTION_TWO, CALL, '0', 30, 1);
    assert_int_equal(exercise(&fixture, CALL, '1', 0), 0);
    day_settle(&fixture, 20250304, (const struct day_price[]){{"i2505", 850}, {NULL, 0}});
    assert_int_equal(position_of(&fixture, CALL, '2'), 0);
    assert_int_equal(position_of(&fixture, "i2505", '2'), 0);
    uint32_t other = ledger_find_row(&fixture.core->ledger, 1,
                                     fixture_instrument(&fixture, "i2505"), '1', '2', '1');
    assert_int_equal(fixture.core->ledger.rows[other].position, 1);
    fixture_end(&fixture);
}

static void futures_of_an_exercise_set_off_what_is_held_against_them(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_open(&fixture, CONNECTION_ONE, CALL, '0', 30, 3);
    fixture_open(&fixture, CONNECTION_ONE, "i2505", '1', 805, 2);
    struct CThostFtdcInputExecOrderField input = exercise_of(CALL, '1', 3);
    input.CloseFlag = THOST_FTDC_EOCF_AutoClose;
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 0);
    double before = ledger_funds(&fixture.core->ledger, 0).balance;
    double marked = ledger_funds(&fixture.core->ledger, 0).position_profit;
    day_settle(&fixture, 20250304, (const struct day_price[]){{"i2505", 810}, {NULL, 0}});
    assert_int_equal(position_of(&fixture, "i2505", '2'), 1);
    assert_int_equal(position_of(&fixture, "i2505", '3'), 0);
    /* 3 lots at 800 gain 3000, 2 short at 805 lose 1000, whether closed or held */
    assert_true(ledger_funds(&fixture.core->ledger, 0).balance == before - marked + 3000 - 1000);
    fixture_end(&fixture);
}

/* u2 exercises what u1 has sold to it: u1 is short at the strike, and both statements say so. */
static void between_customers_the_seller_is_assigned(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    uint32_t call = fixture_instrument(&fixture, CALL);
    struct instrument terms = *core_instrument(fixture.core, call);
    core_put_instrument(fixture.core, &terms, true);
    fixture_order(&fixture, CONNECTION_ONE, CALL, '1', '0', 30, 3);
    fixture_order(&fixture, CONNECTION_TWO, CALL, '0', '0', 30, 3);
    struct CThostFtdcInputExecOrderField input = exercise_of(CALL, '1', 2);
    fixture_send(&fixture, CONNECTION_TWO, CTP_TraderApi_ReqExecOrderInsert, &input);
    assert_int_equal(fixture.answered_id, 0);
    const struct ledger *ledger = &fixture.core->ledger;
    double before = ledger_funds(ledger, 0).balance;
    int told = day_count_messages(&fixture, CTP_TraderSpi_OnRtnExecOrder);
    day_settle(&fixture, 20250304,
               (const struct day_price[]){{"i2505", 810}, {CALL, 32}, {NULL, 0}});
    assert_int_equal(position_of(&fixture, CALL, '3'), 1);
    assert_int_equal(position_of(&fixture, "i2505", '3'), 2);
    assert_true(ledger_funds(ledger, 0).balance ==
                before - 2000); /* 2 lots at 800, settled at 810 */
    /* only the buyer's request has a result; the seller asked for nothing */
    assert_int_equal(day_count_messages(&fixture, CTP_TraderSpi_OnRtnExecOrder), told + 1);
    const char *statement = day_statement(&fixture);
    assert_statement_has(statement, "行权明细 Exercise Statement\r\n");
    assert_statement_has(statement, "|i2505-C-800         |看涨    |履约        |投机 |       2|"
                                    "     800.000|     810.000|          0.00|        0.00|");
    fixture_end(&fixture);
}

/* ---- self close ---- */

static int set_self_close(struct fixture *fixture, const char *instrument, char flag, int volume)
{
    struct CThostFtdcInputOptionSelfCloseField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, text_of(instrument));
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    input.OptSelfCloseFlag = flag;
    input.Volume = volume;
    return ask(fixture, CTP_TraderApi_ReqOptionSelfCloseInsert, &input);
}

static void both_sides_of_an_option_close_one_another(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "SR505C6000", '0', 100, 3);
    fixture_open(&fixture, CONNECTION_ONE, "SR505C6000", '1', 100, 2);
    assert_int_equal(set_self_close(&fixture, "SR505", '1', 1), 3041);
    assert_int_equal(set_self_close(&fixture, "SR505C6000", '5', 1), 3043);
    assert_int_equal(set_self_close(&fixture, "SR505C6000", '1', 0), 3043);
    fixture_story(&fixture, CONNECTION_ONE);
    assert_int_equal(set_self_close(&fixture, "SR505C6000", '1', 1), 0);
    assert_int_equal(set_self_close(&fixture, "SR505C6000", '1', 5), 0); /* replaces */
    assert_int_equal(record_count(fixture.core, RECORD_self_close), 1);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE),
                        "OnRtnOptionSelfClose OnRtnOptionSelfClose OnRtnOptionSelfClose "
                        "OnRtnOptionSelfClose");
    double before = ledger_funds(&fixture.core->ledger, 0).balance;
    day_settle(&fixture, 20250304, (const struct day_price[]){{"SR505C6000", 120}, {NULL, 0}});
    assert_int_equal(position_of(&fixture, "SR505C6000", '2'), 1);
    assert_int_equal(position_of(&fixture, "SR505C6000", '3'), 0);
    assert_true(ledger_funds(&fixture.core->ledger, 0).balance == before);
    fixture_end(&fixture);
}

static void a_self_close_is_taken_back(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_open(&fixture, CONNECTION_ONE, CALL, '0', 30, 1);
    fixture_open(&fixture, CONNECTION_ONE, CALL, '1', 30, 1);
    assert_int_equal(set_self_close(&fixture, CALL, '1', 1), 0);
    assert_int_equal(set_self_close(&fixture, CALL, '1', 1), 3046);
    struct CThostFtdcInputOptionSelfCloseActionField action;
    memset(&action, 0, sizeof action);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    PUT_TEXT(action.ExchangeID, TEXT("DCE"));
    PUT_TEXT(action.OptionSelfCloseSysID, TEXT("4"));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOptionSelfCloseAction, &action), 3044);
    PUT_TEXT(action.OptionSelfCloseSysID, TEXT("1"));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOptionSelfCloseAction, &action), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOptionSelfCloseAction, &action), 3045);
    day_settle(&fixture, 20250304, NULL);
    assert_int_equal(position_of(&fixture, CALL, '2'), 1);
    assert_int_equal(position_of(&fixture, CALL, '3'), 1);
    fixture_end(&fixture);
}

/* ---- offset settings ---- */

static void offset_settings_are_kept_and_cancelled(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcInputOffsetSettingField input;
    memset(&input, 0, sizeof input);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &input), 6001);
    PUT_TEXT(input.InstrumentID, TEXT("none"));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &input), 6001);
    PUT_TEXT(input.InstrumentID, text_of(CALL));
    input.Volume = -1;
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &input), 6002);
    input.Volume = 2;
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqCancelOffsetSetting, &input), 6005);
    fixture_story(&fixture, CONNECTION_ONE);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &input), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &input), 6004);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE),
                        "OnRtnOffsetSetting OnRtnOffsetSetting OnErrRtnOffsetSetting");
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqCancelOffsetSetting, &input), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqCancelOffsetSetting, &input), 6006);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE),
                        "OnRtnOffsetSetting OnErrRtnCancelOffsetSetting");
    fixture_status(&fixture, CALL, THOST_FTDC_IS_Closed);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &input), 6022);
    fixture_end(&fixture);
}

/* ---- the order of what exercises are asked beyond that ---- */

#define WRONG(name) \
    static void name(struct fixture *fixture, struct CThostFtdcInputExecOrderField *input)
WRONG(unknown_type)
{
    (void)fixture;
    input->ActionType = '3';
}
WRONG(abandoned_at_dce)
{
    (void)fixture;
    input->ActionType = THOST_FTDC_ACTP_Abandon;
}
WRONG(no_hedge_flag)
{
    (void)fixture;
    input->HedgeFlag = '9';
}
WRONG(too_many_lots)
{
    (void)fixture;
    input->Volume = 99;
}
WRONG(used_reference)
{
    (void)fixture;
    PUT_TEXT(input->ExecOrderRef, TEXT("5"));
}
WRONG(closed)
{
    (void)input;
    fixture_status(fixture, CALL, THOST_FTDC_IS_Closed);
}
WRONG(line_down)
{
    (void)input;
    assert_int_equal(core_set_channel_state(fixture->core, TEXT("sim"), CHANNEL_DOWN), ADMIN_OK);
}

static const struct wrong {
    int expected;
    void (*make)(struct fixture *fixture, struct CThostFtdcInputExecOrderField *input);
} wrongs[] = {
    {81, unknown_type},   {87, abandoned_at_dce}, {15, no_hedge_flag}, {74, too_many_lots},
    {67, used_reference}, {139, closed},          {21, line_down},
};
enum { WRONGS = sizeof wrongs / sizeof wrongs[0] };

static void the_earlier_of_two_checks_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < WRONGS; i++) {
        for (size_t j = i; j < WRONGS; j++) {
            struct fixture fixture;
            begin(&fixture);
            fixture_open(&fixture, CONNECTION_ONE, CALL, '0', 30, 3);
            struct CThostFtdcInputExecOrderField input = exercise_of(CALL, '1', 1);
            PUT_TEXT(input.ExecOrderRef, TEXT("5"));
            assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 0);
            PUT_TEXT(input.ExecOrderRef, TEXT("6"));
            wrongs[j].make(&fixture, &input);
            wrongs[i].make(&fixture, &input);
            int error_id = ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input);
            if (error_id != wrongs[i].expected)
                fail_msg("an exercise that breaks %d and %d is told %d", wrongs[i].expected,
                         wrongs[j].expected, error_id);
            fixture_end(&fixture);
        }
    }
}

/* What orders are asked before they are looked at, and settings and exercises too. */
static void exercises_and_settings_pass_the_checks_of_every_order(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    struct core_options *options = &fixture.core->options;
    fixture_open(&fixture, CONNECTION_ONE, CALL, '0', 30, 3);
    struct CThostFtdcInputExecOrderField good = exercise_of(CALL, '1', 1), input = good;
    struct CThostFtdcInputOffsetSettingField setting;
    memset(&setting, 0, sizeof setting);
    PUT_TEXT(setting.InstrumentID, text_of(CALL));
    PUT_TEXT(input.AccountID, TEXT("u2"));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 15);
    input = good;
    PUT_TEXT(input.CurrencyID, TEXT("USD"));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 15);
    input = good;
    PUT_TEXT(input.ClientID, TEXT("nobody"));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 20);
    options->settlement_confirm = true;
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &good), 42);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &setting), 42);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqCancelOffsetSetting, &setting), 6005);
    options->settlement_confirm = false;
    assert_int_equal(core_set_right(fixture.core, TEXT("u1"), TEXT("i_o"), RIGHT_NONE, false),
                     ADMIN_OK);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &good), 28);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &setting), 28);
    assert_int_equal(core_set_right(fixture.core, TEXT("u1"), TEXT("i_o"), RIGHT_CLOSE_ONLY, false),
                     ADMIN_OK);
    PUT_TEXT(input.AccountID, TEXT("u1"));
    PUT_TEXT(input.CurrencyID, TEXT("CNY"));
    fixture_order(&fixture, CONNECTION_ONE, "i2505", '0', '0', 700, 1);
    fixture_story(&fixture, CONNECTION_ONE);
    PUT_TEXT(input.ClientID, FIELD_TEXT(fixture_last_order()->ClientID));
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqExecOrderInsert, &input), 0);
    assert_int_equal(ask(&fixture, CTP_TraderApi_ReqOffsetSetting, &setting), 0);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exercised_lots_are_frozen_and_become_futures),
        cmocka_unit_test(the_results_are_told_before_the_day_is_settled),
        cmocka_unit_test(exercises_are_checked),
        cmocka_unit_test(abandoned_lots_lapse_although_they_are_in_the_money),
        cmocka_unit_test(at_dce_no_lots_on_the_last_day_mean_no_exercise),
        cmocka_unit_test(futures_of_an_exercise_set_off_what_is_held_against_them),
        cmocka_unit_test(between_customers_the_seller_is_assigned),
        cmocka_unit_test(both_sides_of_an_option_close_one_another),
        cmocka_unit_test(a_self_close_is_taken_back),
        cmocka_unit_test(offset_settings_are_kept_and_cancelled),
        cmocka_unit_test(exercises_and_settings_pass_the_checks_of_every_order),
        cmocka_unit_test(the_earlier_of_two_checks_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
