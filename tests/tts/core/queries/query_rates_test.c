/* query_rates_test.c: margin and fee rates with and without overrides, the exchange's rates, and
 * what an option costs its seller. */
#include "cmocka_all.h"
#include "query_fixture.h"
#include <string.h>

#define MARGIN CTP_TraderApi_ReqQryInstrumentMarginRate
#define COMMISSION CTP_TraderApi_ReqQryInstrumentCommissionRate
#define ORDER_FEE CTP_TraderApi_ReqQryInstrumentOrderCommRate
#define OPTION_FEE CTP_TraderApi_ReqQryOptionInstrCommRate
#define TRADE_COST CTP_TraderApi_ReqQryOptionInstrTradeCost
#define EXCHANGE CTP_TraderApi_ReqQryExchangeMarginRate
#define ADJUST CTP_TraderApi_ReqQryExchangeMarginRateAdjust

static void set_margin(struct fixture *fixture, const char *investor, const char *of, double ratio)
{
    struct margin_rate rate = {ratio, 1, ratio * 2, 2};
    assert_int_equal(core_set_rate(fixture->core, text_of(investor), text_of(of), &rate, NULL),
                     ADMIN_OK);
}

static void set_fee(struct fixture *fixture, const char *investor, const char *of, double by_money)
{
    struct commission_rate rate = {
        .open_by_money = by_money,
        .close_today_by_volume = 3,
        .strike_by_volume = 2,
        .order_by_trade = 1,
        .order_by_volume = 0.01,
        .action_by_trade = 0.5,
    };
    assert_int_equal(core_set_rate(fixture->core, text_of(investor), text_of(of), NULL, &rate),
                     ADMIN_OK);
}

static void margin_rates_are_the_investors_own(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    set_margin(&fixture, "u1", "rb2505", 0.15);
    QUERY_BODY(QryInstrumentMarginRate, body, InstrumentID, "rb2505");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, MARGIN, &body), 3); /* all hedge flags */
    body.HedgeFlag = THOST_FTDC_HF_Hedge;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, MARGIN, &body), 1);
    const struct CThostFtdcInstrumentMarginRateField *row = QUERY_ROW(InstrumentMarginRate, 0);
    assert_int_equal(row->HedgeFlag, THOST_FTDC_HF_Hedge);
    ASSERT_NUMBER(row->LongMarginRatioByMoney, 0.15);
    ASSERT_NUMBER(row->LongMarginRatioByVolume, 1);
    ASSERT_NUMBER(row->ShortMarginRatioByMoney, 0.3);
    ASSERT_NUMBER(row->ShortMarginRatioByVolume, 2);
    assert_int_equal(row->IsRelative, 0);
    assert_string_equal(row->InvestorID, "u1");
    assert_string_equal(row->ExchangeID, "SHFE");
    query_ask(&fixture, CONNECTION_TWO, MARGIN, &body);
    ASSERT_NUMBER(QUERY_ROW(InstrumentMarginRate, 0)->LongMarginRatioByMoney, 0.1);
    PUT_TEXT(body.InstrumentID, TEXT("rb2505C3400")); /* options have no ratios */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, MARGIN, &body), 1);
    ASSERT_NUMBER(QUERY_ROW(InstrumentMarginRate, 0)->ShortMarginRatioByMoney, 0);
    PUT_TEXT(body.InstrumentID, TEXT("none"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, MARGIN, &body), 0);
    fixture_end(&fixture);
}

static void without_an_instrument_the_profile_says_which(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    QUERY_BODY(QryInstrumentMarginRate, body, InstrumentID, "");
    body.HedgeFlag = THOST_FTDC_HF_Speculation;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, MARGIN, &body),
                     (int)core_market(fixture.core)->instrument_count - 1); /* tts: all but TAS */
    fixture_end(&fixture);

    struct core_options options = core_options_of(PROFILE_TTS);
    options.rates_of_all = core_options_of(PROFILE_CTP).rates_of_all;
    fixture_begin(&fixture, &options);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, MARGIN, &body), 0);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", THOST_FTDC_D_Buy, 3400, 1);
    fixture_order(&fixture, CONNECTION_ONE, "i2505", THOST_FTDC_D_Buy, THOST_FTDC_OF_Open, 790, 1);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, MARGIN, &body), 2);
    assert_string_equal(QUERY_ROW(InstrumentMarginRate, 0)->InstrumentID, "i2505");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, COMMISSION, NULL), 2);
    fixture_end(&fixture);
}

static void a_fee_of_the_product_is_shown_under_its_id(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    set_fee(&fixture, "", "rb", 1e-4);
    QUERY_BODY(QryInstrumentCommissionRate, body, InstrumentID, "rb2505");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, COMMISSION, &body), 1);
    const struct CThostFtdcInstrumentCommissionRateField *row =
        QUERY_ROW(InstrumentCommissionRate, 0);
    assert_string_equal(row->InstrumentID, "rb");
    assert_string_equal(row->InvestorID, "u1");
    ASSERT_NUMBER(row->OpenRatioByMoney, 1e-4);
    ASSERT_NUMBER(row->CloseTodayRatioByVolume, 3);
    set_fee(&fixture, "u1", "rb2505", 2e-4); /* its own */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, COMMISSION, &body), 1);
    assert_string_equal(QUERY_ROW(InstrumentCommissionRate, 0)->InstrumentID, "rb2505");
    ASSERT_NUMBER(QUERY_ROW(InstrumentCommissionRate, 0)->OpenRatioByMoney, 2e-4);
    PUT_TEXT(body.InstrumentID, TEXT("rb")); /* the product by name */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, COMMISSION, &body), 1);
    ASSERT_NUMBER(QUERY_ROW(InstrumentCommissionRate, 0)->OpenRatioByMoney, 1e-4);
    PUT_TEXT(body.InstrumentID, TEXT("zz"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, COMMISSION, &body), 0);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, COMMISSION, NULL),
                     (int)core_market(fixture.core)->product_count - 1); /* TAS has none */
    fixture_end(&fixture);
}

static void message_fees_are_shown_as_each_version_can(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    set_fee(&fixture, "u1", "rb", 0);
    QUERY_BODY(QryInstrumentOrderCommRate, body, InstrumentID, "rb2505");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ORDER_FEE, &body), 1);
    const struct CThostFtdcInstrumentOrderCommRateField *row =
        QUERY_ROW(InstrumentOrderCommRate, 0);
    ASSERT_NUMBER(row->OrderCommByTrade, 1);
    ASSERT_NUMBER(row->OrderCommByVolume, 0.01);
    ASSERT_NUMBER(row->OrderActionCommByTrade, 0.5);
    ASSERT_NUMBER(row->OrderActionCommByVolume, 0);
    enum ctp_version old;
    assert_true(ctp_version_find(TEXT("6.5.1"), &old));
    core_connection(fixture.core, CONNECTION_ONE)->peer.version = old;
    query_ask(&fixture, CONNECTION_ONE, ORDER_FEE, &body);
    ASSERT_NUMBER(QUERY_ROW(InstrumentOrderCommRate, 0)->OrderCommByVolume, 1.01);
    ASSERT_NUMBER(QUERY_ROW(InstrumentOrderCommRate, 0)->OrderActionCommByVolume, 0.5);
    fixture_end(&fixture);
}

static void option_fees_are_of_options_only(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    set_fee(&fixture, "u1", "rb_o", 0);
    QUERY_BODY(QryOptionInstrCommRate, body, InstrumentID, "rb2505C3400");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, OPTION_FEE, &body), 1);
    assert_string_equal(QUERY_ROW(OptionInstrCommRate, 0)->InstrumentID, "rb_o");
    ASSERT_NUMBER(QUERY_ROW(OptionInstrCommRate, 0)->StrikeRatioByVolume, 2);
    PUT_TEXT(body.InstrumentID, TEXT("rb2505"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, OPTION_FEE, &body), 0);
    PUT_TEXT(body.InstrumentID, TEXT("rb"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, OPTION_FEE, &body), 0);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, OPTION_FEE, NULL), 3);
    fixture_end(&fixture);
}

/* The i option of the fixture, with its underlying and minimum: K 800, S 800, 10 % of 100 x 800. */
static void begin_option(struct fixture *fixture)
{
    fixture_begin(fixture, NULL);
    struct instrument option =
        core_market(fixture->core)->instruments[fixture_instrument(fixture, "i2505-C-800")];
    PUT_TEXT(option.underlying_id, TEXT("i2505"));
    option.option_margin_min = 500;
    core_put_instrument(fixture->core, &option, false);
}

static void an_options_cost_is_its_premium_and_its_fixed_margin(void **state)
{
    (void)state;
    struct fixture fixture;
    begin_option(&fixture);
    QUERY_BODY(QryOptionInstrTradeCost, body, InstrumentID, "i2505-C-800");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE_COST, &body), 1);
    const struct CThostFtdcOptionInstrTradeCostField *row = QUERY_ROW(OptionInstrTradeCost, 0);
    assert_int_equal(row->HedgeFlag, THOST_FTDC_HF_Speculation);
    ASSERT_NUMBER(row->Royalty, 3000); /* at yesterday's 30 */
    ASSERT_NUMBER(row->FixedMargin, 8000);
    ASSERT_NUMBER(row->ExchFixedMargin, 8000);
    ASSERT_NUMBER(row->MiniMargin, 500);
    body.InputPrice = 25;
    body.UnderlyingPrice = 780; /* F 7800, out of the money 2000: 7800 - 1000 */
    body.HedgeFlag = THOST_FTDC_HF_Hedge;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE_COST, &body), 1);
    assert_int_equal(QUERY_ROW(OptionInstrTradeCost, 0)->HedgeFlag, THOST_FTDC_HF_Hedge);
    ASSERT_NUMBER(QUERY_ROW(OptionInstrTradeCost, 0)->Royalty, 2500);
    ASSERT_NUMBER(QUERY_ROW(OptionInstrTradeCost, 0)->FixedMargin, 6800);
    PUT_TEXT(body.InstrumentID, TEXT("i2505"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE_COST, &body), 0);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, TRADE_COST, NULL), 0);
    fixture_end(&fixture);
}

static void the_exchanges_rate_and_the_brokers_surplus_are_told_apart(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    QUERY_BODY(QryExchangeMarginRate, body, InstrumentID, "rb2505");
    body.HedgeFlag = THOST_FTDC_HF_Speculation;
    set_margin(&fixture, "", "rb2505", 0.15);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, EXCHANGE, &body), 1);
    ASSERT_NUMBER(QUERY_ROW(ExchangeMarginRate, 0)->LongMarginRatioByMoney, 0.1);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ADJUST, NULL), 3);
    const struct CThostFtdcExchangeMarginRateAdjustField *row =
        QUERY_ROW(ExchangeMarginRateAdjust, 0);
    assert_string_equal(row->InstrumentID, "rb2505");
    ASSERT_NUMBER(row->LongMarginRatioByMoney, 0.05);
    ASSERT_NUMBER(row->ExchLongMarginRatioByMoney, 0.1);
    ASSERT_NUMBER(row->NoLongMarginRatioByMoney, 0.15);
    QUERY_BODY(QryExchangeMarginRateAdjust, other, InstrumentID, "i2505");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, ADJUST, &other), 0);
    fixture_end(&fixture);
}

static void the_portfolio_ratio_is_broker_over_exchange(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    uint32_t place = market_find_product(core_market(fixture.core), EXCHANGE_SHFE, TEXT("rb"));
    struct product product = core_market(fixture.core)->products[place];
    product.margin.long_by_money = 0.12;
    core_put_product(fixture.core, &product);
    QUERY_BODY(QryInvestorPortfMarginRatio, body, ExchangeID, "SHFE");
    assert_int_equal(
        query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryInvestorPortfMarginRatio, &body),
        1);
    ASSERT_NUMBER(QUERY_ROW(InvestorPortfMarginRatio, 0)->MarginRatio, 1.2);
    assert_int_equal(
        query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryInvestorPortfMarginRatio, NULL), 8);
    ASSERT_NUMBER(QUERY_ROW(InvestorPortfMarginRatio, 0)->MarginRatio, 1);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(margin_rates_are_the_investors_own),
        cmocka_unit_test(without_an_instrument_the_profile_says_which),
        cmocka_unit_test(a_fee_of_the_product_is_shown_under_its_id),
        cmocka_unit_test(message_fees_are_shown_as_each_version_can),
        cmocka_unit_test(option_fees_are_of_options_only),
        cmocka_unit_test(an_options_cost_is_its_premium_and_its_fixed_margin),
        cmocka_unit_test(the_exchanges_rate_and_the_brokers_surplus_are_told_apart),
        cmocka_unit_test(the_portfolio_ratio_is_broker_over_exchange),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
