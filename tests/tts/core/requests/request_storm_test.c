/* request_storm_test.c: days of requests at random, of all kinds and by all connections, right and
 * wrong: nothing breaks, positions and money keep their invariants at every step, and at the end
 * the replay of the effects and the snapshot give the same counter. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include <math.h>
#include <string.h>

enum { SEEDS = 12, DAYS = 4, STEPS = 250 };

struct storm {
    struct fixture fixture;
    uint64_t random;
    int day;
};

static uint32_t draw(struct storm *storm, uint32_t below)
{
    storm->random = storm->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(storm->random >> 33) % below;
}

static char one_of(struct storm *storm, const char *values)
{
    return values[draw(storm, (uint32_t)strlen(values))];
}

static const char *const names[] = {
    "rb2505",      "i2505",      "i2509",  "SR505",  "IF2503", "600000",         "rb2505C3400",
    "i2505-C-800", "SR505C6000", "sc2505", "si2505", "BTC",    "SP i2505&i2509", "000300",
};

static const char *any_name(struct storm *storm)
{
    return names[draw(storm, sizeof names / sizeof names[0])];
}

static double price_near(struct storm *storm, const char *name)
{
    const struct instrument *instrument =
        core_instrument(storm->fixture.core, fixture_instrument(&storm->fixture, name));
    double ticks = (double)draw(storm, 21) - 10;
    return instrument->pre_settlement + ticks * instrument->price_tick;
}

static uint32_t any_connection(struct storm *storm)
{
    return 1 + draw(storm, FIXTURE_CONNECTIONS - 1);
}

static void send_any(struct storm *storm, enum ctp_method method, const void *body)
{
    fixture_send(&storm->fixture, any_connection(storm), method, body);
}

/* ---- the kinds of steps ---- */

static void move_market(struct storm *storm)
{
    const char *name = any_name(storm);
    double price = price_near(storm, name);
    const struct instrument *instrument =
        core_instrument(storm->fixture.core, fixture_instrument(&storm->fixture, name));
    fixture_quote(&storm->fixture, name, price, (int)draw(storm, 500),
                  price + instrument->price_tick, (int)draw(storm, 500), price,
                  (int)draw(storm, 1000));
}

static struct CThostFtdcInputOrderField any_order(struct storm *storm)
{
    const char *name = any_name(storm);
    struct CThostFtdcInputOrderField input =
        fixture_input(&storm->fixture, name, one_of(storm, "01"), one_of(storm, "00134"),
                      price_near(storm, name), 1 + (int)draw(storm, 12));
    if (text_equal(text_of(name), TEXT("600000")))
        input.VolumeTotalOriginal *= 100;
    if (draw(storm, 6) == 0)
        input.TimeCondition = THOST_FTDC_TC_IOC;
    memset(input.OrderRef, 0, sizeof input.OrderRef);
    return input;
}

static void insert_order(struct storm *storm)
{
    struct CThostFtdcInputOrderField input = any_order(storm);
    send_any(storm, CTP_TraderApi_ReqOrderInsert, &input);
}

static void park_order(struct storm *storm)
{
    struct CThostFtdcInputOrderField input = any_order(storm);
    struct CThostFtdcParkedOrderField parked;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOrder), &input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_ParkedOrder), &parked);
    send_any(storm, CTP_TraderApi_ReqParkedOrderInsert, &parked);
}

static void cancel_order(struct storm *storm)
{
    struct core *core = storm->fixture.core;
    struct CThostFtdcInputOrderActionField action;
    memset(&action, 0, sizeof action);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    if (core->orders.count == 0)
        return;
    const struct order *order = &core->orders.at[draw(storm, core->orders.count)];
    const struct instrument *instrument = core_instrument(core, order->instrument);
    PUT_TEXT(action.ExchangeID, text_of(exchange_id(instrument->exchange)));
    PUT_NUMBER(action.OrderSysID, order->state.system_number);
    send_any(storm, CTP_TraderApi_ReqOrderAction, &action);
}

static void quote_both_sides(struct storm *storm)
{
    const char *name = any_name(storm);
    struct CThostFtdcInputQuoteField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, text_of(name));
    input.BidPrice = price_near(storm, name);
    input.AskPrice = price_near(storm, name);
    input.AskVolume = input.BidVolume = 1 + (int)draw(storm, 4);
    input.AskOffsetFlag = one_of(storm, "0013");
    input.BidOffsetFlag = one_of(storm, "0013");
    input.AskHedgeFlag = input.BidHedgeFlag = THOST_FTDC_HF_Speculation;
    send_any(storm, CTP_TraderApi_ReqQuoteInsert, &input);
}

static void cancel_quote(struct storm *storm)
{
    struct CThostFtdcInputQuoteActionField action;
    memset(&action, 0, sizeof action);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    PUT_NUMBER(action.QuoteSysID, 1 + draw(storm, 20));
    send_any(storm, CTP_TraderApi_ReqQuoteAction, &action);
}

static void exercise(struct storm *storm)
{
    struct CThostFtdcInputExecOrderField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, text_of(any_name(storm)));
    input.Volume = 1 + (int)draw(storm, 3);
    input.OffsetFlag = one_of(storm, "13");
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    input.ActionType = one_of(storm, "112");
    input.CloseFlag = one_of(storm, "01");
    send_any(storm, CTP_TraderApi_ReqExecOrderInsert, &input);
}

static void cancel_exercise(struct storm *storm)
{
    struct CThostFtdcInputExecOrderActionField action;
    memset(&action, 0, sizeof action);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    PUT_NUMBER(action.ExecOrderSysID, 1 + draw(storm, 10));
    send_any(storm, CTP_TraderApi_ReqExecOrderAction, &action);
}

static void set_self_close(struct storm *storm)
{
    struct CThostFtdcInputOptionSelfCloseField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, text_of(any_name(storm)));
    input.Volume = 1 + (int)draw(storm, 3);
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    input.OptSelfCloseFlag = one_of(storm, "1234");
    send_any(storm, CTP_TraderApi_ReqOptionSelfCloseInsert, &input);
}

static void tie_or_untie(struct storm *storm)
{
    struct CThostFtdcInputCombActionField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.InstrumentID, TEXT("SP i2505&i2509"));
    input.Volume = 1 + (int)draw(storm, 3);
    input.Direction = one_of(storm, "01");
    input.CombDirection = one_of(storm, "0012");
    input.HedgeFlag = THOST_FTDC_HF_Speculation;
    send_any(storm, CTP_TraderApi_ReqCombActionInsert, &input);
}

static void move_money(struct storm *storm)
{
    struct CThostFtdcReqTransferField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.BankID, TEXT("1"));
    PUT_TEXT(input.AccountID, draw(storm, 2) ? TEXT("u1") : TEXT("u2"));
    input.TradeAmount = (double)draw(storm, 100000) / 100;
    send_any(storm,
             draw(storm, 2) ? CTP_TraderApi_ReqFromBankToFutureByFuture
                            : CTP_TraderApi_ReqFromFutureToBankByFuture,
             &input);
}

static void cancel_batch(struct storm *storm)
{
    struct CThostFtdcInputBatchOrderActionField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.ExchangeID, draw(storm, 2) ? TEXT("DCE") : TEXT("GFEX"));
    send_any(storm, CTP_TraderApi_ReqBatchOrderAction, &input);
}

static void change_status(struct storm *storm)
{
    fixture_status(&storm->fixture, any_name(storm), one_of(storm, "222213"));
}

static void pass_time(struct storm *storm)
{
    int second = storm->fixture.now.replay_second + (int)draw(storm, 60);
    fixture_set_clock(&storm->fixture, storm->day, second, 0);
}

typedef void step(struct storm *storm);
static step *const steps[] = {
    move_market,  move_market,     move_market,    insert_order, insert_order, insert_order,
    insert_order, insert_order,    cancel_order,   park_order,   cancel_quote, quote_both_sides,
    exercise,     cancel_exercise, set_self_close, tie_or_untie, move_money,   cancel_batch,
    tie_or_untie, change_status,   pass_time,
};

/* ---- what must always hold ---- */

static void check_row(const struct ledger *ledger, const struct position_row *row)
{
    int lots = 0, today = 0;
    for (uint32_t i = row->first; i != LEDGER_NONE; i = ledger->details[i].next) {
        lots += ledger->details[i].volume;
        if (ledger->details[i].open_date == ledger->trading_day)
            today += ledger->details[i].volume;
    }
    assert_int_equal(lots, row->position);
    assert_int_equal(today, row->today_position);
    assert_true(ledger_closable(row) >= 0);
    assert_true(row->comb_position >= 0 && row->comb_position <= row->position);
    assert_int_equal(row->position, row->yd_position + row->open_volume - row->close_volume);
    assert_true(ledger_row_figures(ledger, row).use_margin >= -1e-6);
}

static void check_account(const struct ledger *ledger, uint32_t account)
{
    struct funds funds = ledger_funds(ledger, account);
    double commission = 0, cash = 0, closed = 0;
    int tied = 0, paired = 0;
    for (uint32_t i = ledger->accounts[account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next) {
        commission += ledger->rows[i].commission;
        cash += ledger->rows[i].cash_in;
        closed += ledger->rows[i].close_profit_by_date;
        tied += ledger->rows[i].comb_position;
    }
    for (uint32_t i = 0; i < ledger->pair_count; i++)
        if (ledger->pairs[i].account == account)
            paired += ledger->pairs[i].lots;
    assert_int_equal(tied, 2 * paired);
    assert_true(fabs(funds.commission - commission) < 1e-6);
    assert_true(fabs(funds.cash_in - cash) < 1e-6);
    assert_true(fabs(funds.close_profit - closed) < 1e-6);
    assert_true(isfinite(funds.balance) && isfinite(funds.available));
}

static void check(const struct storm *storm)
{
    const struct ledger *ledger = &storm->fixture.core->ledger;
    for (uint32_t i = 0; i < ledger->row_count; i++)
        check_row(ledger, &ledger->rows[i]);
    for (uint32_t i = 0; i < ledger->account_count; i++)
        check_account(ledger, i);
}

static void one_day(struct storm *storm)
{
    for (int i = 0; i < STEPS; i++) {
        steps[draw(storm, sizeof steps / sizeof steps[0])](storm);
        check(storm);
    }
    day_settle(&storm->fixture, ++storm->day, NULL);
    check(storm);
}

/* What must have happened in the storms together, or they were no storms. */
static const enum ctp_method expected[] = {
    CTP_TraderSpi_OnRtnExecOrder,
    CTP_TraderSpi_OnErrRtnExecOrderInsert,
    CTP_TraderSpi_OnRtnQuote,
    CTP_TraderSpi_OnErrRtnQuoteInsert,
    CTP_TraderSpi_OnRtnCombAction,
    CTP_TraderSpi_OnErrRtnCombActionInsert,
    CTP_TraderSpi_OnRtnOptionSelfClose,
    CTP_TraderSpi_OnRtnFromBankToFutureByFuture,
    CTP_TraderSpi_OnRtnFromFutureToBankByFuture,
    CTP_TraderSpi_OnErrRtnBatchOrderAction,
    CTP_TraderSpi_OnErrRtnOrderInsert,
    CTP_TraderSpi_OnErrRtnOrderAction,
};
enum { EXPECTED = sizeof expected / sizeof expected[0] };

static void storms_break_nothing(void **state)
{
    (void)state;
    int happened[EXPECTED] = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        static struct storm storm;
        memset(&storm, 0, sizeof storm);
        storm.random = seed;
        storm.day = FIXTURE_DAY;
        fixture_begin(&storm.fixture, NULL);
        day_list_like(&storm.fixture, "i2509", "i2505", 799);
        day_set_underlying(&storm.fixture, "i2505-C-800", "i2505");
        day_set_underlying(&storm.fixture, "rb2505C3400", "rb2505");
        day_set_underlying(&storm.fixture, "SR505C6000", "SR505");
        day_change_instrument(&storm.fixture, "i2505-C-800", day_set_expire_date, FIXTURE_DAY + 2);
        for (int day = 0; day < DAYS; day++)
            one_day(&storm);
        for (int i = 0; i < EXPECTED; i++)
            happened[i] += day_count_messages(&storm.fixture, expected[i]);
        fixture_end(&storm.fixture);
    }
    for (int i = 0; i < EXPECTED; i++)
        assert_true(happened[i] >= SEEDS / 4);
}

/* ---- bodies of random bytes ---- */

static const enum ctp_method requests[] = {
    CTP_TraderApi_ReqOrderInsert,
    CTP_TraderApi_ReqOrderAction,
    CTP_TraderApi_ReqParkedOrderInsert,
    CTP_TraderApi_ReqParkedOrderAction,
    CTP_TraderApi_ReqRemoveParkedOrder,
    CTP_TraderApi_ReqRemoveParkedOrderAction,
    CTP_TraderApi_ReqExecOrderInsert,
    CTP_TraderApi_ReqExecOrderAction,
    CTP_TraderApi_ReqForQuoteInsert,
    CTP_TraderApi_ReqQuoteInsert,
    CTP_TraderApi_ReqQuoteAction,
    CTP_TraderApi_ReqBatchOrderAction,
    CTP_TraderApi_ReqOptionSelfCloseInsert,
    CTP_TraderApi_ReqOptionSelfCloseAction,
    CTP_TraderApi_ReqCombActionInsert,
    CTP_TraderApi_ReqOffsetSetting,
    CTP_TraderApi_ReqCancelOffsetSetting,
    CTP_TraderApi_ReqFromBankToFutureByFuture,
    CTP_TraderApi_ReqFromFutureToBankByFuture,
    CTP_TraderApi_ReqQueryBankAccountMoneyByFuture,
};

union body {
    char bytes[CTP_STRUCT_SIZE_MAX];
    double aligned;
};

/* Random bytes, or mostly zeros with a few random ones; sometimes with what gets further: known
 * names in the fields that name things. */
static void fill(struct storm *storm, enum ctp_struct of, union body *body)
{
    const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, of);
    uint32_t noise = draw(storm, 3);
    memset(body, 0, sizeof *body);
    for (size_t i = 0; i < layout->size; i++)
        if (noise == 0 || draw(storm, noise * 20) == 0)
            body->bytes[i] = (char)draw(storm, 256);
    for (int i = 0; i < layout->field_count; i++) {
        const struct ctp_field *field = &layout->fields[i];
        text name = text_of(field->name);
        if (draw(storm, 4) == 0)
            continue;
        if (text_equal(name, TEXT("InstrumentID")))
            text_copy(body->bytes + field->offset, field->size, text_of(any_name(storm)));
        else if (field->base == CTP_TEXT)
            memset(body->bytes + field->offset, 0, field->size);
    }
}

static void bodies_of_random_bytes_break_nothing(void **state)
{
    (void)state;
    static struct storm storm;
    memset(&storm, 0, sizeof storm);
    storm.random = 7;
    storm.day = FIXTURE_DAY;
    fixture_begin(&storm.fixture, NULL);
    day_list_like(&storm.fixture, "i2509", "i2505", 799);
    for (int i = 0; i < 6000; i++) {
        enum ctp_method method = requests[draw(&storm, sizeof requests / sizeof requests[0])];
        union body body;
        fill(&storm, ctp_method_info(method)->of, &body);
        send_any(&storm, method, &body);
        if (draw(&storm, 10) == 0)
            change_status(&storm);
        check(&storm);
    }
    for (uint32_t i = 1; i < FIXTURE_CONNECTIONS; i++) {
        struct core_message message;
        for (uint32_t n = 1; n <= core_private_count(storm.fixture.core, i); n++)
            core_private_message(storm.fixture.core, i, n, &message);
    }
    day_settle(&storm.fixture, ++storm.day, NULL);
    fixture_end(&storm.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(storms_break_nothing),
        cmocka_unit_test(bodies_of_random_bytes_break_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
