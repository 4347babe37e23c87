/* desk_sequence_test.c: what an order's owner hears, message by message, on the exchanges of each
 * manner (orders 3.2). Each row is an order and a story: statuses of OnRtnOrder, T for OnRtnTrade,
 * "/" before the next thing that happens. And what the fields of an order and a trade hold. */
#include "cmocka_all.h"
#include "core_fixture.h"
#include <string.h>

struct market_of {
    const char *instrument;
    double bid, ask, tick;
};

static const struct market_of shfe = {"rb2505", 3399, 3400, 1};
static const struct market_of ine = {"sc2505", 569.9, 570, 0.1};
static const struct market_of cffex = {"IF2503", 3899.8, 3900, 0.2};
static const struct market_of czce = {"SR505", 5999, 6000, 1};
static const struct market_of dce = {"i2505", 799.5, 800, 0.5};
static const struct market_of gfex = {"si2505", 9995, 10000, 5};

/* The scenarios; each leaves its whole story in `told`. */
enum { TOLD = 512 };

struct run {
    struct fixture fixture;
    const struct market_of *market;
    char told[TOLD];
};

static void hear(struct run *run, const char *separator)
{
    const char *story = fixture_story(&run->fixture, CONNECTION_ONE);
    size_t length = strlen(run->told);
    snprintf(run->told + length, sizeof run->told - length, "%s%s", separator, story);
}

static void begin(struct run *run, const struct market_of *market,
                  const struct core_options *options)
{
    memset(run, 0, sizeof *run);
    run->market = market;
    fixture_begin(&run->fixture, options);
}

/* Bid and ask of the market, `ticks` higher. */
static void quote(struct run *run, int ticks, int bid_volume, int ask_volume, int volume)
{
    const struct market_of *market = run->market;
    double up = ticks * market->tick;
    fixture_quote(&run->fixture, market->instrument, market->bid + up, bid_volume, market->ask + up,
                  ask_volume, market->ask + up, volume);
}

static void two_levels(struct run *run, int first, int second)
{
    const struct market_of *market = run->market;
    struct quote quote = fixture_quote_of(&run->fixture, market->instrument, market->bid, 20,
                                          market->ask, first, market->ask, 100);
    quote.ask[1] = (struct quote_level){market->ask + market->tick, second};
    core_quote(&run->fixture.core[0], &quote, false);
}

static void buy(struct run *run, double price, int volume, char time_condition,
                char volume_condition, int min_volume)
{
    struct CThostFtdcInputOrderField input =
        fixture_input(&run->fixture, run->market->instrument, '0', '0', price, volume);
    input.TimeCondition = time_condition;
    input.VolumeCondition = volume_condition;
    input.MinVolume = min_volume;
    assert_int_equal(fixture_insert(&run->fixture, CONNECTION_ONE, &input), 0);
    hear(run, "");
}

static void rests(struct run *run)
{
    quote(run, 0, 20, 5, 100);
    buy(run, run->market->bid, 4, '3', '1', 0);
}

static void rests_then_all(struct run *run)
{
    rests(run);
    quote(run, -1, 20, 50, 100);
    hear(run, " / ");
}

static void all_at_once(struct run *run)
{
    quote(run, 0, 20, 5, 100);
    buy(run, run->market->ask, 5, '3', '1', 0);
}

static void at_once_in_two(struct run *run)
{
    two_levels(run, 4, 50);
    buy(run, run->market->ask + run->market->tick, 10, '3', '1', 0);
}

static void three_of_ten_then_queue(struct run *run)
{
    quote(run, 0, 20, 3, 100);
    buy(run, run->market->ask, 10, '3', '1', 0);
}

static void rests_three_then_seven(struct run *run)
{
    quote(run, 0, 20, 5, 100);
    buy(run, run->market->bid, 10, '3', '1', 0);
    quote(run, -1, 20, 3, 100);
    hear(run, " / ");
    quote(run, -1, 20, 7, 101);
    hear(run, " / ");
}

static void rests_cancel(struct run *run)
{
    rests(run);
    assert_int_equal(fixture_cancel_newest(&run->fixture, CONNECTION_ONE), 0);
    hear(run, " / ");
}

static void rests_four_cancel(struct run *run)
{
    quote(run, 0, 20, 5, 100);
    buy(run, run->market->bid, 10, '3', '1', 0);
    quote(run, -1, 20, 4, 100);
    hear(run, " / ");
    assert_int_equal(fixture_cancel_newest(&run->fixture, CONNECTION_ONE), 0);
    hear(run, " / ");
}

static void fak_part(struct run *run)
{
    two_levels(run, 4, 3);
    buy(run, run->market->ask + run->market->tick, 10, '1', '1', 0);
}

static void fak_nothing(struct run *run)
{
    quote(run, 0, 20, 5, 100);
    buy(run, run->market->bid, 4, '1', '1', 0);
}

static void fok_nothing(struct run *run)
{
    quote(run, 0, 20, 5, 100);
    buy(run, run->market->ask, 6, '1', '3', 0);
}

static void fok_all(struct run *run)
{
    quote(run, 0, 20, 5, 100);
    buy(run, run->market->ask, 5, '1', '3', 0);
}

static void minimum_not_reached(struct run *run)
{
    quote(run, 0, 20, 5, 100);
    buy(run, run->market->ask, 8, '1', '2', 6);
}

static void exchange_refuses(struct run *run)
{
    quote(run, 0, 20, 5, 100);
    buy(run, run->market->ask * 2, 4, '3', '1', 0);
    assert_int_equal(fixture_last_order()->OrderSubmitStatus, THOST_FTDC_OSS_InsertRejected);
}

static const struct scenario {
    void (*play)(struct run *run);
    const char *shfe, *czce, *dce; /* SHFE, INE, CFFEX; CZCE; DCE, GFEX. NULL: not there */
} scenarios[] = {
    {rests, "a 3", "a 3", "a 3"},
    {rests_then_all, "a 3 / 3 0 T", "a 3 / 3 0 T", "a 3 / 0 T"},
    {all_at_once, "a a 0 T", "a 3 3 0 T", "a 3 0 T"},
    {at_once_in_two, "a a 1 T 0 T", "a 3 3 1 T 0 T", "a 3 1 T 0 T"},
    {three_of_ten_then_queue, "a a 1 T", "a 3 3 1 T", "a 3 1 T"},
    {rests_three_then_seven, "a 3 / 3 1 T / 1 0 T", "a 3 / 3 1 T / 1 0 T", "a 3 / 1 T / 0 T"},
    {rests_cancel, "a 3 / 3 5", "a 3 / 3 5", "a 3 / 3 5"},
    {rests_four_cancel, "a 3 / 3 1 T / 1 5", "a 3 / 3 1 T / 1 5", "a 3 / 1 T / 1 5"},
    {fak_part, "a 5 5 T 5 T", "a 3 3 1 T 1 T 5", "a 3 1 T 1 T 5"},
    {fak_nothing, "a 5", "a 3 5", "a 3 5"},
    {fok_nothing, "a 5", "a 3 5", "a 3 5"},
    {fok_all, "a a 0 T", "a 3 3 0 T", "a 3 0 T"},
    {minimum_not_reached, "a 5", NULL, NULL},
    {exchange_refuses, "a 5", "a 5", "a 5"},
};

static void expect(const struct market_of *market, const struct scenario *scenario,
                   const char *story)
{
    struct run run;
    if (!story)
        return;
    begin(&run, market, NULL);
    scenario->play(&run);
    assert_string_equal(run.told, story);
    /* the second session of the user hears the same, the other user nothing */
    const char *again = fixture_story(&run.fixture, CONNECTION_AGAIN);
    assert_true(strlen(again) > 0);
    assert_string_equal(fixture_story(&run.fixture, CONNECTION_TWO), "");
    fixture_end(&run.fixture);
}

static void every_row_of_the_sequence_table_is_told_as_its_exchange_tells_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        const struct scenario *scenario = &scenarios[i];
        expect(&shfe, scenario, scenario->shfe);
        expect(&ine, scenario, scenario->shfe);
        expect(&cffex, scenario, scenario->shfe);
        expect(&czce, scenario, scenario->czce);
        expect(&dce, scenario, scenario->dce);
        expect(&gfex, scenario, scenario->dce);
    }
}

static void without_duplicate_returns_the_repeats_are_missing(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.duplicate_returns = false;
    struct run run;
    begin(&run, &shfe, &options);
    all_at_once(&run);
    assert_string_equal(run.told, "a 0 T");
    assert_int_equal(fixture_last_order()->SequenceNo, 1);
    assert_int_equal(fixture_last_trade()->SequenceNo, 2);
    fixture_end(&run.fixture);
    begin(&run, &dce, &options);
    rests_cancel(&run);
    assert_string_equal(run.told, "a 3 / 5");
    assert_string_equal(fixture_last_order()->ActiveUserID, "u1");
    fixture_end(&run.fixture);
}

/* Reads one message of the first connection's flow. */
static const struct CThostFtdcOrderField *order_at(struct run *run, uint32_t number)
{
    static struct CThostFtdcOrderField order;
    struct core_message message;
    core_private_message(run->fixture.core, CONNECTION_ONE, number, &message);
    assert_int_equal(message.callback, CTP_TraderSpi_OnRtnOrder);
    memcpy(&order, message.body, sizeof order);
    return &order;
}

static const struct CThostFtdcTradeField *trade_at(struct run *run, uint32_t number)
{
    static struct CThostFtdcTradeField trade;
    struct core_message message;
    core_private_message(run->fixture.core, CONNECTION_ONE, number, &message);
    assert_int_equal(message.callback, CTP_TraderSpi_OnRtnTrade);
    memcpy(&trade, message.body, sizeof trade);
    return &trade;
}

static void the_fields_of_an_order_grow_with_its_returns(void **state)
{
    (void)state;
    struct run run;
    begin(&run, &shfe, NULL);
    all_at_once(&run); /* a a 0 T */
    const struct CThostFtdcOrderField *order = order_at(&run, 1);
    assert_int_equal(order->OrderSubmitStatus, '0');
    assert_string_equal(order->OrderSysID, "");
    assert_string_equal(order->OrderLocalID, "           1");
    assert_int_equal(order->BrokerOrderSeq, 1);
    assert_int_equal(order->SequenceNo, 0);
    assert_int_equal(order->NotifySequence, 0);
    assert_string_equal(order->InsertTime, "10:00:00");
    assert_string_equal(order->UpdateTime, "");
    assert_string_equal(order->ActiveTraderID, "");
    assert_int_equal(order->VolumeTotal, 5);
    order = order_at(&run, 2); /* E3 */
    assert_string_equal(order->OrderSysID, "           1");
    assert_string_equal(order->ActiveTraderID, order->TraderID);
    assert_int_equal(order->OrderStatus, 'a');
    assert_int_equal(order->SequenceNo, 1);
    assert_int_equal(order->VolumeTotal, 5);
    order = order_at(&run, 3);
    assert_int_equal(order->OrderStatus, '0');
    assert_int_equal(order->OrderSubmitStatus, '0');
    assert_int_equal(order->SequenceNo, 1); /* shares the order return's number */
    assert_int_equal(order->NotifySequence, 0);
    assert_int_equal(order->VolumeTraded, 5);
    const struct CThostFtdcTradeField *trade = trade_at(&run, 4);
    assert_string_equal(trade->TradeID, "           1");
    assert_string_equal(trade->OrderSysID, "           1");
    assert_int_equal(trade->SequenceNo, 2);
    assert_true(trade->Price == 3400);
    assert_string_equal(trade->TradeDate, "20250303");
    fixture_end(&run.fixture);
}

static void a_second_trade_of_one_matching_has_its_own_number_for_both(void **state)
{
    (void)state;
    struct run run;
    begin(&run, &czce, NULL);
    at_once_in_two(&run); /* a 3 3 1 T 0 T */
    assert_int_equal(order_at(&run, 2)->SequenceNo, 1);
    assert_int_equal(order_at(&run, 2)->NotifySequence, 1);
    assert_int_equal(order_at(&run, 2)->ZCETotalTradedVolume, 0);
    assert_int_equal(order_at(&run, 3)->SequenceNo, 2);
    assert_int_equal(order_at(&run, 3)->ZCETotalTradedVolume, 10);
    assert_int_equal(order_at(&run, 4)->SequenceNo, 2);
    assert_int_equal(order_at(&run, 4)->ZCETotalTradedVolume, 10);
    assert_int_equal(trade_at(&run, 5)->SequenceNo, 3);
    assert_int_equal(order_at(&run, 6)->SequenceNo, 4);
    assert_int_equal(trade_at(&run, 7)->SequenceNo, 4);
    fixture_end(&run.fixture);
}

static void a_cancelled_rest_comes_first_on_shfe_with_final_volumes(void **state)
{
    (void)state;
    struct run run;
    begin(&run, &shfe, NULL);
    fak_part(&run); /* a 5 5 T 5 T, 7 of 10 */
    for (uint32_t i = 2; i <= 5; i += i == 3 ? 2 : 1) {
        const struct CThostFtdcOrderField *order = order_at(&run, i);
        assert_int_equal(order->OrderStatus, '5');
        assert_int_equal(order->VolumeTraded, 7);
        assert_int_equal(order->VolumeTotal, 3);
        assert_string_equal(order->CancelTime, "10:00:00");
    }
    struct funds funds = ledger_funds(&run.fixture.core->ledger, 0);
    assert_true(funds.frozen_margin == 0 && funds.frozen_commission == 0);
    assert_int_equal(run.fixture.core->ledger.rows[0].position, 7);
    assert_int_equal(run.fixture.core->ledger.rows[0].long_frozen, 0);
    fixture_end(&run.fixture);
}

static void a_partly_filled_order_is_cancelled_not_two(void **state)
{
    (void)state;
    struct run run;
    begin(&run, &dce, NULL);
    rests_four_cancel(&run);
    const struct CThostFtdcOrderField *order = fixture_last_order();
    assert_int_equal(order->OrderStatus, '5');
    assert_int_equal(order->OrderSubmitStatus, '3');
    assert_int_equal(order->VolumeTraded, 4);
    assert_int_equal(order->VolumeTotal, 6);
    assert_string_equal(order->ActiveUserID, "u1");
    assert_int_equal(run.fixture.core->investors.at[0].live_orders, 0);
    fixture_end(&run.fixture);
}

static void dates_at_night_are_written_as_each_exchange_writes_them(void **state)
{
    (void)state;
    const struct {
        const struct market_of *market;
        const char *insert_date, *trade_date;
    } rows[] = {
        {&shfe, "20250228", "20250228"}, {&ine, "20250228", "20250228"},
        {&czce, "20250228", "20250303"}, {&dce, "20250303", "20250303"},
        {&gfex, "20250303", "20250303"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct run run;
        begin(&run, rows[i].market, NULL);
        fixture_set_clock(&run.fixture, 20250228, 21 * 3600, 0);
        all_at_once(&run);
        assert_string_equal(order_at(&run, 1)->InsertDate, "20250228");
        assert_string_equal(fixture_last_order()->InsertDate, rows[i].insert_date);
        assert_string_equal(fixture_last_order()->TradingDay, "20250303");
        assert_string_equal(fixture_last_trade()->TradeDate, rows[i].trade_date);
        assert_string_equal(fixture_last_trade()->TradeTime, "21:00:00");
        fixture_end(&run.fixture);
    }
}

/* ---- all fields ---- */

/* An order with something in every field that may hold anything, which trades at once on SHFE. */
static struct CThostFtdcInputOrderField full_order(struct fixture *fixture)
{
    struct CThostFtdcInputOrderField input =
        fixture_input(fixture, "rb2505", THOST_FTDC_D_Buy, THOST_FTDC_OF_Open, 3400, 5);
    PUT_TEXT(input.OrderRef, TEXT("   0042"));
    PUT_TEXT(input.UserID, TEXT("somebody"));
    PUT_TEXT(input.GTDDate, TEXT("20300101"));
    input.MinVolume = 3;
    input.StopPrice = 3333;
    PUT_TEXT(input.BusinessUnit, TEXT("unit"));
    input.RequestID = 4711;
    input.UserForceClose = 1;
    PUT_TEXT(input.InvestUnitID, TEXT("part"));
    PUT_TEXT(input.AccountID, TEXT("u1"));
    PUT_TEXT(input.CurrencyID, TEXT("CNY"));
    PUT_TEXT(input.MacAddress, TEXT("00-11-22-33-44-55"));
    PUT_TEXT(input.IPAddress, TEXT("10.1.2.3"));
    PUT_TEXT(input.OrderMemo, TEXT("memo"));
    input.SessionReqSeq = 77;
    return input;
}

static void what_the_request_said_comes_back_in_the_order(void **state)
{
    (void)state;
    struct run run;
    begin(&run, &shfe, NULL);
    quote(&run, 0, 20, 5, 100);
    struct CThostFtdcInputOrderField input = full_order(&run.fixture);
    assert_int_equal(fixture_insert(&run.fixture, CONNECTION_ONE, &input), 0);
    hear(&run, "");
    assert_string_equal(run.told, "a a 0 T");
    const struct CThostFtdcOrderField *order = fixture_last_order();
    assert_string_equal(order->OrderRef, "   0042");
    assert_string_equal(order->GTDDate, "20300101");
    assert_string_equal(order->InvestUnitID, "part");
    assert_string_equal(order->AccountID, "u1");
    assert_string_equal(order->CurrencyID, "CNY");
    assert_string_equal(order->MacAddress, "00-11-22-33-44-55");
    assert_string_equal(order->IPAddress, "10.1.2.3");
    assert_string_equal(order->OrderMemo, "memo");
    assert_int_equal(order->SessionReqSeq, 77);
    assert_int_equal(order->RequestID, 4711);
    assert_int_equal(order->UserForceClose, 1);
    assert_int_equal(order->MinVolume, 3);
    assert_true(order->StopPrice == 3333 && order->LimitPrice == 3400);
    assert_int_equal(order->VolumeTotalOriginal, 5);
    assert_int_equal(order->OrderPriceType, THOST_FTDC_OPT_LimitPrice);
    assert_int_equal(order->TimeCondition, THOST_FTDC_TC_GFD);
    assert_int_equal(order->VolumeCondition, THOST_FTDC_VC_AV);
    assert_int_equal(order->ContingentCondition, THOST_FTDC_CC_Immediately);
    assert_int_equal(order->ForceCloseReason, THOST_FTDC_FCC_NotForceClose);
    assert_true(order->IsAutoSuspend == 0 && order->IsSwapOrder == 0);
    fixture_end(&run.fixture);
}

static void what_the_counter_says_of_an_order_is_its_own(void **state)
{
    (void)state;
    struct run run;
    begin(&run, &shfe, NULL);
    quote(&run, 0, 20, 5, 100);
    struct CThostFtdcInputOrderField input = full_order(&run.fixture);
    assert_int_equal(fixture_insert(&run.fixture, CONNECTION_ONE, &input), 0);
    hear(&run, "");
    const struct CThostFtdcOrderField *order = fixture_last_order();
    assert_string_equal(order->BrokerID, "9999");
    assert_string_equal(order->InvestorID, "u1");
    assert_string_equal(order->UserID, "u1"); /* whatever was written */
    assert_string_equal(order->ExchangeID, "SHFE");
    assert_string_equal(order->InstrumentID, "rb2505");
    assert_string_equal(order->ExchangeInstID, "rb2505");
    assert_string_equal(order->reserve1, "rb2505");
    assert_string_equal(order->reserve2, "rb2505");
    assert_string_equal(order->TraderID, "9999tts");
    assert_string_equal(order->BusinessUnit, "9999tts");
    assert_string_equal(order->ParticipantID, "9999");
    assert_string_equal(order->ClearingPartID, "");
    assert_int_equal(strlen(order->ClientID), 8);
    assert_true(order->InstallID == 1 && order->SettlementID == 1);
    assert_int_equal(order->OrderType, THOST_FTDC_ORDT_Normal);
    assert_int_equal(order->OrderSource, THOST_FTDC_OSRC_Participant);
    assert_string_equal(order->ActiveTime, "");
    assert_string_equal(order->SuspendTime, "");
    assert_string_equal(order->ActiveUserID, "");
    assert_string_equal(order->RelativeOrderSysID, "");
    assert_string_equal(order->BranchID, "");
    assert_true(order->FrontID == 1 && order->SessionID > 0);
    fixture_end(&run.fixture);
}

static void a_trade_is_linked_to_its_order(void **state)
{
    (void)state;
    struct run run;
    begin(&run, &shfe, NULL);
    quote(&run, 0, 20, 5, 100);
    struct CThostFtdcInputOrderField input = full_order(&run.fixture);
    assert_int_equal(fixture_insert(&run.fixture, CONNECTION_ONE, &input), 0);
    hear(&run, "");
    const struct CThostFtdcOrderField *order = fixture_last_order();
    const struct CThostFtdcTradeField *trade = fixture_last_trade();
    assert_string_equal(trade->BrokerID, "9999");
    assert_string_equal(trade->InvestorID, "u1");
    assert_string_equal(trade->UserID, "u1");
    assert_string_equal(trade->OrderRef, "   0042");
    assert_string_equal(trade->InstrumentID, "rb2505");
    assert_string_equal(trade->ExchangeInstID, "rb2505");
    assert_string_equal(trade->ExchangeID, "SHFE");
    assert_string_equal(trade->OrderSysID, order->OrderSysID);
    assert_string_equal(trade->OrderLocalID, order->OrderLocalID);
    assert_string_equal(trade->TraderID, order->TraderID);
    assert_string_equal(trade->ClientID, order->ClientID);
    assert_string_equal(trade->InvestUnitID, "part");
    assert_string_equal(trade->ParticipantID, "9999");
    assert_string_equal(trade->ClearingPartID, "9999");
    assert_string_equal(trade->BusinessUnit, "");
    assert_int_equal(trade->BrokerOrderSeq, order->BrokerOrderSeq);
    assert_int_equal(trade->SettlementID, 1);
    assert_int_equal(trade->Direction, THOST_FTDC_D_Buy);
    assert_int_equal(trade->OffsetFlag, THOST_FTDC_OF_Open);
    assert_int_equal(trade->HedgeFlag, THOST_FTDC_HF_Speculation);
    assert_int_equal(trade->TradingRole, THOST_FTDC_ER_Broker);
    assert_int_equal(trade->TradeType, THOST_FTDC_TRDT_Common);
    assert_int_equal(trade->PriceSource, THOST_FTDC_PSRC_LastPrice);
    assert_int_equal(trade->TradeSource, THOST_FTDC_TSRC_NORMAL);
    assert_true(trade->Price == 3400 && trade->Volume == 5);
    fixture_end(&run.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_sequence_table_is_told_as_its_exchange_tells_it),
        cmocka_unit_test(without_duplicate_returns_the_repeats_are_missing),
        cmocka_unit_test(the_fields_of_an_order_grow_with_its_returns),
        cmocka_unit_test(a_second_trade_of_one_matching_has_its_own_number_for_both),
        cmocka_unit_test(a_cancelled_rest_comes_first_on_shfe_with_final_volumes),
        cmocka_unit_test(a_partly_filled_order_is_cancelled_not_two),
        cmocka_unit_test(dates_at_night_are_written_as_each_exchange_writes_them),
        cmocka_unit_test(what_the_request_said_comes_back_in_the_order),
        cmocka_unit_test(what_the_counter_says_of_an_order_is_its_own),
        cmocka_unit_test(a_trade_is_linked_to_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
