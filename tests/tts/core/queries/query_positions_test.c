/* query_positions_test.c: positions, details, accounts and the largest order, against numbers
 * worked out by hand. */
#include "cmocka_all.h"
#include "query_fixture.h"
#include <string.h>

#define POSITION CTP_TraderApi_ReqQryInvestorPosition
#define DETAIL CTP_TraderApi_ReqQryInvestorPositionDetail
#define ACCOUNT CTP_TraderApi_ReqQryTradingAccount
#define VOLUME CTP_TraderApi_ReqQryMaxOrderVolume
#define COMBINED CTP_TraderApi_ReqQryInvestorPositionCombineDetail
#define GROUP CTP_TraderApi_ReqQryInvestorProductGroupMargin

/* u1 bought 2 rb2505 @3400 (multiple 10, margin 10 %), sold 1 i2505 @800 (100, 10 %); a closing
 * order of 1 rb waits; last of rb becomes 3420. */
static void begin(struct fixture *fixture)
{
    fixture_begin(fixture, NULL);
    fixture_open(fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3400, 2);
    fixture_open(fixture, CONNECTION_ONE, "i2505", THOST_FTDC_D_Sell, 800, 1);
    fixture_order(fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Sell, THOST_FTDC_OF_CloseToday,
                  3500, 1);
    fixture_quote(fixture, "rb2505", 3419, 5, 3420, 5, 3420, 100100);
}

static void a_position_row_has_every_figure_of_its_lots(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    QUERY_BODY(QryInvestorPosition, body, InstrumentID, "rb2505");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, POSITION, &body), 1);
    const struct CThostFtdcInvestorPositionField *row = QUERY_ROW(InvestorPosition, 0);
    assert_string_equal(row->InvestorID, "u1");
    assert_string_equal(row->BrokerID, "9999");
    assert_string_equal(row->InstrumentID, "rb2505");
    assert_string_equal(row->reserve1, "rb2505");
    assert_string_equal(row->ExchangeID, "SHFE");
    assert_string_equal(row->TradingDay, "20250303");
    assert_int_equal(row->SettlementID, 1);
    assert_int_equal(row->PosiDirection, THOST_FTDC_PD_Long);
    assert_int_equal(row->PositionDate, THOST_FTDC_PSD_Today);
    assert_int_equal(row->HedgeFlag, THOST_FTDC_HF_Speculation);
    assert_int_equal(row->Position, 2);
    assert_int_equal(row->TodayPosition, 2);
    assert_int_equal(row->YdPosition, 0);
    assert_int_equal(row->OpenVolume, 2);
    assert_int_equal(row->ShortFrozen, 1); /* named after the order's direction */
    assert_int_equal(row->LongFrozen, 0);
    ASSERT_NUMBER(row->OpenAmount, 68000);
    ASSERT_NUMBER(row->PositionCost, 68000);
    ASSERT_NUMBER(row->OpenCost, 68000);
    ASSERT_NUMBER(row->UseMargin, 6800);
    ASSERT_NUMBER(row->ExchangeMargin, 6800);
    ASSERT_NUMBER(row->PreMargin, 0);
    ASSERT_NUMBER(row->PositionProfit, 400);
    ASSERT_NUMBER(row->PreSettlementPrice, 3400);
    ASSERT_NUMBER(row->SettlementPrice, 3420);
    ASSERT_NUMBER(row->MarginRateByMoney, 0.1);
    fixture_end(&fixture);
}

static void rows_are_sorted_and_filtered(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, POSITION, NULL), 2);
    assert_string_equal(QUERY_ROW(InvestorPosition, 0)->InstrumentID, "i2505");
    assert_int_equal(QUERY_ROW(InvestorPosition, 0)->PosiDirection, THOST_FTDC_PD_Short);
    assert_string_equal(QUERY_ROW(InvestorPosition, 1)->InstrumentID, "rb2505");
    QUERY_BODY(QryInvestorPosition, body, ExchangeID, "DCE");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, POSITION, &body), 1);
    PUT_TEXT(body.InvestorID, TEXT("nobody"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, POSITION, &body), 0);
    assert_int_equal(query_error(), 9);
    assert_int_equal(query_ask(&fixture, CONNECTION_TWO, POSITION, NULL), 0);
    assert_int_equal(query_error(), 0);
    fixture_end(&fixture);
}

/* The day is settled at 3420 and 800; then one more lot of rb @3430. */
static void begin_second_day(struct fixture *fixture)
{
    begin(fixture);
    core_settle(fixture->core, 20250304, NULL);
    fixture_set_clock(fixture, 20250304, 10 * 3600, 0);
    struct CThostFtdcReqUserLoginField login = {.UserID = "u1", .BrokerID = "9999"};
    fixture_send(fixture, CONNECTION_ONE, CTP_TraderApi_ReqUserLogin, &login);
    assert_int_equal(fixture->answered_id, 0);
    memset(fixture->read, 0, sizeof fixture->read);
}

static void shfe_splits_today_and_history_into_two_rows(void **state)
{
    (void)state;
    struct fixture fixture;
    begin_second_day(&fixture);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3430, 1);
    fixture_open(&fixture, CONNECTION_ONE, "i2505", THOST_FTDC_D_Sell, 790, 1);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, POSITION, NULL), 3);
    const struct CThostFtdcInvestorPositionField *dce = QUERY_ROW(InvestorPosition, 0);
    assert_int_equal(dce->PositionDate, THOST_FTDC_PSD_Today); /* one row whatever their age */
    assert_int_equal(dce->Position, 2);
    assert_int_equal(dce->YdPosition, 1);
    assert_int_equal(dce->TodayPosition, 1);
    const struct CThostFtdcInvestorPositionField *today = QUERY_ROW(InvestorPosition, 1);
    const struct CThostFtdcInvestorPositionField *history = QUERY_ROW(InvestorPosition, 2);
    assert_int_equal(today->PositionDate, THOST_FTDC_PSD_Today);
    assert_int_equal(today->Position, 1);
    assert_int_equal(history->PositionDate, THOST_FTDC_PSD_History);
    assert_int_equal(history->Position, 2);
    assert_int_equal(history->YdPosition, 2);
    assert_int_equal(history->TodayPosition, 0);
    double pre = history->PreSettlementPrice;
    ASSERT_NUMBER(history->OpenCost, 68000);
    ASSERT_NUMBER(history->PositionCost, 2 * 10 * pre);
    ASSERT_NUMBER(history->UseMargin, 2 * 10 * pre * 0.1);
    assert_string_equal(history->TradingDay, "20250304");
    fixture_end(&fixture);
}

static void details_come_by_opening_trade(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3430, 1);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, DETAIL, NULL), 3);
    const struct CThostFtdcInvestorPositionDetailField *first =
        QUERY_ROW(InvestorPositionDetail, 0);
    assert_string_equal(first->InstrumentID, "rb2505");
    assert_string_equal(first->OpenDate, "20250303");
    assert_string_equal(first->ExchangeID, "SHFE");
    assert_int_equal(first->Direction, THOST_FTDC_D_Buy);
    assert_int_equal(first->Volume, 2);
    assert_int_equal(first->TimeFirstVolume, 2);
    assert_int_equal(first->SpecPosiType, THOST_FTDC_SPOST_Common);
    ASSERT_NUMBER(first->OpenPrice, 3400);
    ASSERT_NUMBER(first->LastSettlementPrice, 3400);
    ASSERT_NUMBER(first->PositionProfitByDate, 600); /* last 3430 */
    ASSERT_NUMBER(first->PositionProfitByTrade, 600);
    ASSERT_NUMBER(first->Margin, 6800);
    ASSERT_NUMBER(first->MarginRateByMoney, 0.1);
    assert_string_equal(QUERY_ROW(InvestorPositionDetail, 1)->InstrumentID, "i2505");
    assert_int_equal(QUERY_ROW(InvestorPositionDetail, 1)->Direction, THOST_FTDC_D_Sell);
    ASSERT_NUMBER(QUERY_ROW(InvestorPositionDetail, 2)->OpenPrice, 3430);
    char trade_id[21];
    PUT_TEXT(trade_id, FIELD_TEXT(first->TradeID));
    query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryTrade, NULL);
    assert_string_equal(QUERY_ROW(Trade, 0)->TradeID, trade_id);
    QUERY_BODY(QryInvestorPositionDetail, body, InstrumentID, "i2505");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, DETAIL, &body), 1);
    fixture_end(&fixture);
}

static void closed_lots_stay_visible_until_settlement(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Sell, THOST_FTDC_OF_CloseToday,
                  3419, 1);
    QUERY_BODY(QryInvestorPositionDetail, body, InstrumentID, "rb2505");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, DETAIL, &body), 1);
    const struct CThostFtdcInvestorPositionDetailField *row = QUERY_ROW(InvestorPositionDetail, 0);
    assert_int_equal(row->Volume, 1);
    assert_int_equal(row->CloseVolume, 1);
    ASSERT_NUMBER(row->CloseAmount, 34190);
    ASSERT_NUMBER(row->CloseProfitByDate, 190);
    ASSERT_NUMBER(row->CloseProfitByTrade, 190);
    ASSERT_NUMBER(row->SettlementPrice, 3420); /* last when the detail changed */
    fixture_end(&fixture);
}

static void an_account_adds_its_rows_up(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ACCOUNT, NULL), 1);
    const struct CThostFtdcTradingAccountField *row = QUERY_ROW(TradingAccount, 0);
    assert_string_equal(row->AccountID, "u1");
    assert_string_equal(row->CurrencyID, "CNY");
    assert_string_equal(row->TradingDay, "20250303");
    assert_int_equal(row->BizType, '\0');
    assert_int_equal(row->SettlementID, 1);
    ASSERT_NUMBER(row->Deposit, 1e7);
    ASSERT_NUMBER(row->PreBalance, 0);
    ASSERT_NUMBER(row->CurrMargin, 6800 + 8000);
    ASSERT_NUMBER(row->ExchangeMargin, 14800);
    ASSERT_NUMBER(row->PositionProfit, 400);
    ASSERT_NUMBER(row->Balance, 1e7 + 400);
    ASSERT_NUMBER(row->Available, 1e7 + 400 - 14800);
    ASSERT_NUMBER(row->MortgageableFund, 1e7 - 14800); /* floating profits are held back */
    ASSERT_NUMBER(row->WithdrawQuota, 0.8 * (1e7 - 14800));
    fixture_end(&fixture);
}

static void an_account_is_asked_for_by_id_and_currency(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    QUERY_BODY(QryTradingAccount, body, CurrencyID, "USD");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ACCOUNT, &body), 0);
    PUT_TEXT(body.CurrencyID, TEXT("CNY"));
    PUT_TEXT(body.AccountID, TEXT("u1"));
    body.BizType = THOST_FTDC_BZTP_Future; /* selects nothing */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ACCOUNT, &body), 1);
    PUT_TEXT(body.AccountID, TEXT("u2"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ACCOUNT, &body), 0);
    assert_int_equal(query_error(), 9);
    assert_int_equal(core_grant(fixture.core, TEXT("u1"), TEXT("u2"), true), ADMIN_OK);
    PUT_TEXT(body.InvestorID, TEXT("u1")); /* both are the user's, but not the same */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ACCOUNT, &body), 0);
    assert_int_equal(query_error(), 0);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ACCOUNT, NULL), 2);
    fixture_end(&fixture);
}

static void an_options_premium_and_value_are_told_apart(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505C3400", THOST_FTDC_D_Buy, 80, 2);
    fixture_quote(&fixture, "rb2505C3400", 99.5, 5, 100, 5, 100, 100100);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, POSITION, NULL), 1);
    ASSERT_NUMBER(QUERY_ROW(InvestorPosition, 0)->CashIn, -1600);
    ASSERT_NUMBER(QUERY_ROW(InvestorPosition, 0)->PositionProfit, 0);
    ASSERT_NUMBER(QUERY_ROW(InvestorPosition, 0)->OptionValue, 2000);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ACCOUNT, NULL), 1);
    ASSERT_NUMBER(QUERY_ROW(TradingAccount, 0)->CashIn, -1600);
    ASSERT_NUMBER(QUERY_ROW(TradingAccount, 0)->Balance, 1e7 - 1600);
    ASSERT_NUMBER(QUERY_ROW(TradingAccount, 0)->OptionValue, 2000);
    fixture_end(&fixture);
}

static void the_largest_order_is_what_money_lots_and_exchange_allow(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    QUERY_BODY(QryMaxOrderVolume, body, InstrumentID, "sc2505");
    body.Direction = THOST_FTDC_D_Buy;
    body.OffsetFlag = THOST_FTDC_OF_Open;
    body.HedgeFlag = THOST_FTDC_HF_Speculation;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, VOLUME, &body), 1);
    /* 9985600 / (570 x 1000 x 10 %) = 175.2 */
    assert_int_equal(QUERY_ROW(QryMaxOrderVolume, 0)->MaxVolume, 175);
    assert_string_equal(QUERY_ROW(QryMaxOrderVolume, 0)->InvestorID, "u1");
    PUT_TEXT(body.InstrumentID, TEXT("rb2505"));
    query_ask(&fixture, CONNECTION_ONE, VOLUME, &body);
    assert_int_equal(QUERY_ROW(QryMaxOrderVolume, 0)->MaxVolume, 500); /* the exchange's limit */
    body.Direction = THOST_FTDC_D_Sell;
    body.OffsetFlag = THOST_FTDC_OF_CloseToday;
    query_ask(&fixture, CONNECTION_ONE, VOLUME, &body);
    assert_int_equal(QUERY_ROW(QryMaxOrderVolume, 0)->MaxVolume, 1); /* 2, one frozen */
    /* A seller's lot counts at the pre-settlement price too: 30 x 100, not 150 x 100, which money
     * would allow 665 times. */
    fixture_quote(&fixture, "i2505-C-800", 149, 10, 151, 10, 150, 1000);
    body.OffsetFlag = THOST_FTDC_OF_Open;
    PUT_TEXT(body.InstrumentID, TEXT("i2505-C-800"));
    query_ask(&fixture, CONNECTION_ONE, VOLUME, &body);
    assert_int_equal(QUERY_ROW(QryMaxOrderVolume, 0)->MaxVolume, 1000); /* the exchange's limit */
    PUT_TEXT(body.InstrumentID, TEXT("rb2599"));
    query_ask(&fixture, CONNECTION_ONE, VOLUME, &body);
    assert_int_equal(query_error(), 16);
    PUT_TEXT(body.InvestorID, TEXT("u2"));
    query_ask(&fixture, CONNECTION_ONE, VOLUME, &body);
    assert_int_equal(query_error(), 9);
    fixture_end(&fixture);
}

static void the_largest_order_needs_an_investor_where_one_must_be_named(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.investor_id_required = true;
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    QUERY_BODY(QryMaxOrderVolume, body, InstrumentID, "sc2505");
    PUT_TEXT(body.ExchangeID, TEXT("ine"));
    query_ask(&fixture, CONNECTION_ONE, VOLUME, &body);
    assert_int_equal(query_error(), 146);
    PUT_TEXT(body.InvestorID, TEXT("u1"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, VOLUME, &body), 1);
    PUT_TEXT(body.ExchangeID, TEXT("SHFE")); /* it is not traded there */
    query_ask(&fixture, CONNECTION_ONE, VOLUME, &body);
    assert_int_equal(query_error(), 16);
    fixture_end(&fixture);
}

static void the_old_name_of_that_query_answers_under_its_own(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    QUERY_BODY(QryMaxOrderVolume, body, InstrumentID, "sc2505");
    assert_int_equal(
        query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQueryMaxOrderVolume, &body), 1);
    assert_int_equal(QUERY_ROW(QryMaxOrderVolume, 0)->MaxVolume, 175);
    fixture_end(&fixture);
}

static void group_margins_add_up_to_the_accounts_margin(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    uint32_t place = fixture_instrument(&fixture, "rb2505");
    struct instrument instrument = core_market(fixture.core)->instruments[place];
    instrument.larger_side = true;
    core_put_instrument(fixture.core, &instrument, false);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3400, 2);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Sell, 3400, 1);
    fixture_open(&fixture, CONNECTION_ONE, "i2505", THOST_FTDC_D_Sell, 800, 1);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, GROUP, NULL), 2);
    const struct CThostFtdcInvestorProductGroupMarginField *dce =
        QUERY_ROW(InvestorProductGroupMargin, 0);
    assert_string_equal(dce->ProductGroupID, "i");
    ASSERT_NUMBER(dce->UseMargin, 8000);
    ASSERT_NUMBER(dce->OffsetAmount, 0);
    const struct CThostFtdcInvestorProductGroupMarginField *shfe =
        QUERY_ROW(InvestorProductGroupMargin, 1);
    ASSERT_NUMBER(shfe->LongUseMargin, 6800);
    ASSERT_NUMBER(shfe->ShortUseMargin, 3400);
    ASSERT_NUMBER(shfe->ShortOffsetAmount, 3400);
    ASSERT_NUMBER(shfe->UseMargin, 6800);
    ASSERT_NUMBER(shfe->ExchMargin, 6800);
    QUERY_BODY(QryInvestorProductGroupMargin, body, ProductGroupID, "rb");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, GROUP, &body), 1);
    query_ask(&fixture, CONNECTION_ONE, ACCOUNT, NULL);
    ASSERT_NUMBER(QUERY_ROW(TradingAccount, 0)->CurrMargin, 14800);
    fixture_end(&fixture);
}

/* u1 holds 3 i2505 @800 and 2 i2509 short @780, 2 pairs of them tied. */
static void begin_tied(struct fixture *fixture)
{
    fixture_begin(fixture, NULL);
    struct instrument second =
        core_market(fixture->core)->instruments[fixture_instrument(fixture, "i2505")];
    PUT_TEXT(second.id, TEXT("i2509"));
    second.pre_settlement = second.last = 780;
    core_put_instrument(fixture->core, &second, false);
    fixture_open(fixture, CONNECTION_ONE, "i2505", THOST_FTDC_D_Buy, 800, 3);
    fixture_open(fixture, CONNECTION_ONE, "i2509", THOST_FTDC_D_Sell, 780, 2);
    QUERY_BODY(InputCombAction, tie, InstrumentID, "SP i2505&i2509");
    tie.Direction = THOST_FTDC_D_Buy;
    tie.CombDirection = THOST_FTDC_CMDR_Comb;
    tie.HedgeFlag = THOST_FTDC_HF_Speculation;
    tie.Volume = 2;
    assert_int_equal(fixture_send(fixture, CONNECTION_ONE, CTP_TraderApi_ReqCombActionInsert, &tie),
                     0);
}

static void a_combination_has_a_row_of_lots_beside_its_legs(void **state)
{
    (void)state;
    struct fixture fixture;
    begin_tied(&fixture);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, POSITION, NULL), 3);
    const struct CThostFtdcInvestorPositionField *row = QUERY_ROW(InvestorPosition, 0);
    assert_string_equal(row->InstrumentID, "SP i2505&i2509");
    assert_int_equal(row->PosiDirection, THOST_FTDC_PD_Long); /* of leg 1 */
    assert_int_equal(row->Position, 2);
    assert_int_equal(row->TodayPosition, 2);
    ASSERT_NUMBER(row->PositionCost, 0);
    ASSERT_NUMBER(row->UseMargin, 0);
    assert_int_equal(QUERY_ROW(InvestorPosition, 1)->Position, 3);
    assert_int_equal(QUERY_ROW(InvestorPosition, 1)->CombPosition, 2);
    ASSERT_NUMBER(QUERY_ROW(InvestorPosition, 1)->UseMargin, 24000);
    assert_int_equal(QUERY_ROW(InvestorPosition, 2)->CombPosition, 2);
    ASSERT_NUMBER(QUERY_ROW(InvestorPosition, 2)->UseMargin, 0); /* the smaller leg is free */
    QUERY_BODY(QryInvestorPosition, body, InstrumentID, "SP i2505&i2509");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, POSITION, &body), 1);
    fixture_end(&fixture);
}

static void tied_lots_are_two_rows_a_tying(void **state)
{
    (void)state;
    struct fixture fixture;
    begin_tied(&fixture);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, COMBINED, NULL), 2);
    const struct CThostFtdcInvestorPositionCombineDetailField *row =
        QUERY_ROW(InvestorPositionCombineDetail, 0);
    assert_string_equal(row->InstrumentID, "i2505");
    assert_string_equal(row->CombInstrumentID, "SP i2505&i2509");
    assert_string_equal(row->OpenDate, "20250303");
    assert_int_equal(row->LegID, 1);
    assert_int_equal(row->Direction, THOST_FTDC_D_Buy);
    assert_int_equal(row->TotalAmt, 2);
    ASSERT_NUMBER(row->Margin, 16000); /* on the larger leg */
    ASSERT_NUMBER(row->ExchMargin, 16000);
    assert_int_equal(QUERY_ROW(InvestorPositionCombineDetail, 1)->Direction, THOST_FTDC_D_Sell);
    ASSERT_NUMBER(QUERY_ROW(InvestorPositionCombineDetail, 1)->Margin, 0);
    QUERY_BODY(QryInvestorPositionCombineDetail, body, CombInstrumentID, "SP i2505&i2509");
    PUT_TEXT(body.ExchangeID, TEXT("dce"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, COMBINED, &body), 2);
    PUT_TEXT(body.CombInstrumentID, TEXT("SP i2505&i2601"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, COMBINED, &body), 0);
    assert_int_equal(query_ask(&fixture, CONNECTION_TWO, COMBINED, NULL), 0);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_row_has_every_figure_of_its_lots),
        cmocka_unit_test(rows_are_sorted_and_filtered),
        cmocka_unit_test(shfe_splits_today_and_history_into_two_rows),
        cmocka_unit_test(details_come_by_opening_trade),
        cmocka_unit_test(closed_lots_stay_visible_until_settlement),
        cmocka_unit_test(an_account_adds_its_rows_up),
        cmocka_unit_test(an_account_is_asked_for_by_id_and_currency),
        cmocka_unit_test(an_options_premium_and_value_are_told_apart),
        cmocka_unit_test(the_largest_order_is_what_money_lots_and_exchange_allow),
        cmocka_unit_test(the_largest_order_needs_an_investor_where_one_must_be_named),
        cmocka_unit_test(the_old_name_of_that_query_answers_under_its_own),
        cmocka_unit_test(a_combination_has_a_row_of_lots_beside_its_legs),
        cmocka_unit_test(tied_lots_are_two_rows_a_tying),
        cmocka_unit_test(group_margins_add_up_to_the_accounts_margin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
