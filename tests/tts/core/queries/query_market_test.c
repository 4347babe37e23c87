/* query_market_test.c: exchanges, products, instruments, ticks and combinations, and that the
 * instruments of a whole market are told without searching the market for each. */
#include "cmocka_all.h"
#include "query_fixture.h"
#include <string.h>
#include <time.h>

#define EXCHANGE CTP_TraderApi_ReqQryExchange
#define PRODUCT CTP_TraderApi_ReqQryProduct
#define INSTRUMENT CTP_TraderApi_ReqQryInstrument
#define CLASSIFIED CTP_TraderApi_ReqQryClassifiedInstrument
#define DEPTH CTP_TraderApi_ReqQryDepthMarketData

/* What the fixture lists, counted: all, of one exchange, of one ProductClass, of a product. */
static int listed(const struct fixture *fixture, int exchange, char product_class,
                  const char *product)
{
    const struct market *market = core_market(fixture->core);
    int count = 0;
    for (uint32_t i = 0; i < market->instrument_count; i++) {
        const struct instrument *one = &market->instruments[i];
        count +=
            (exchange == EXCHANGE_COUNT || (int)one->exchange == exchange) &&
            (product_class == '\0' || one->product_class == product_class) &&
            (!product || text_equal(text_of(product), text_of(market->products[one->product].id)));
    }
    return count;
}

static int all_listed(const struct fixture *fixture)
{
    return listed(fixture, EXCHANGE_COUNT, '\0', NULL);
}

static void exchanges_that_trade_something_are_told_by_id(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    static const char *const ids[] = {"CFFEX", "CZCE", "DCE", "GFEX", "INE", "SHFE", "SSE", "TTS"};
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, EXCHANGE, NULL), 8);
    for (int i = 0; i < 8; i++) {
        assert_string_equal(QUERY_ROW(Exchange, i)->ExchangeID, ids[i]);
        assert_int_equal(QUERY_ROW(Exchange, i)->ExchangeProperty,
                         strcmp(ids[i], "DCE") ? '0' : '1');
    }
    QUERY_BODY(QryExchange, body, ExchangeID, "shfe");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, EXCHANGE, &body), 1);
    /* the name in GB18030: 上 is c9 cf */
    assert_memory_equal(QUERY_ROW(Exchange, 0)->ExchangeName, "\xc9\xcf", 2);
    fixture_end(&fixture);
}

static void products_are_told_with_their_terms(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, PRODUCT, NULL),
                     (int)core_market(fixture.core)->product_count);
    assert_string_equal(QUERY_ROW(Product, 0)->ProductID, "IF"); /* CFFEX first */
    QUERY_BODY(QryProduct, body, ExchangeID, "SHFE");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, PRODUCT, &body), 2);
    body.ProductClass = THOST_FTDC_PC_Options;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, PRODUCT, &body), 1);
    assert_string_equal(QUERY_ROW(Product, 0)->ProductID, "rb_o");
    PUT_TEXT(body.ProductID, TEXT("rb"));
    body.ProductClass = '\0';
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, PRODUCT, &body), 1);
    const struct CThostFtdcProductField *row = QUERY_ROW(Product, 0);
    assert_int_equal(row->VolumeMultiple, 10);
    ASSERT_NUMBER(row->PriceTick, 1);
    assert_int_equal(row->PositionType, THOST_FTDC_PT_Gross);
    assert_int_equal(row->PositionDateType, THOST_FTDC_PDT_UseHistory);
    assert_string_equal(row->TradeCurrencyID, "CNY");
    assert_string_equal(row->ExchangeProductID, "rb");
    PUT_TEXT(body.ProductID, TEXT("xx"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, PRODUCT, &body), 0);
    fixture_end(&fixture);
}

static void product_groups_and_currencies_are_one_row_a_product(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    QUERY_BODY(QryProductGroup, body, ProductID, "rb");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryProductGroup, &body),
                     1);
    assert_string_equal(QUERY_ROW(ProductGroup, 0)->ProductGroupID, "rb");
    QUERY_BODY(QryProductExchRate, rate, ExchangeID, "DCE");
    assert_int_equal(
        query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryProductExchRate, &rate), 3);
    assert_string_equal(QUERY_ROW(ProductExchRate, 0)->QuoteCurrencyID, "CNY");
    ASSERT_NUMBER(QUERY_ROW(ProductExchRate, 0)->ExchangeRate, 1);
    QUERY_BODY(QryRiskSettleProductStatus, status, ProductID, "i");
    assert_int_equal(
        query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryRiskSettleProductStatus, &status),
        1);
    assert_int_equal(QUERY_ROW(RiskSettleProductStatus, 0)->ProductStatus, THOST_FTDC_PS_tradeable);
    fixture_end(&fixture);
}

static void an_instrument_is_told_with_its_terms(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    QUERY_BODY(QryInstrument, body, InstrumentID, "rb2505");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, INSTRUMENT, &body), 1);
    const struct CThostFtdcInstrumentField *row = QUERY_ROW(Instrument, 0);
    assert_string_equal(row->ExchangeID, "SHFE");
    assert_string_equal(row->ExchangeInstID, "rb2505");
    assert_string_equal(row->ProductID, "rb");
    assert_string_equal(row->UnderlyingInstrID, "rb");
    assert_string_equal(row->reserve3, "rb");
    assert_int_equal(row->ProductClass, THOST_FTDC_PC_Futures);
    assert_int_equal(row->MaxLimitOrderVolume, 500);
    assert_int_equal(row->MaxMarketOrderVolume, 30);
    assert_int_equal(row->VolumeMultiple, 10);
    assert_int_equal(row->IsTrading, 1);
    assert_int_equal(row->InstLifePhase, THOST_FTDC_IP_Started);
    ASSERT_NUMBER(row->LongMarginRatio, 0.1);
    assert_true(row->StrikePrice == ABSENT_PRICE);
    assert_int_equal(row->OptionsType, '\0');
    PUT_TEXT(body.InstrumentID, TEXT("rb2505C3400"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, INSTRUMENT, &body), 1);
    row = QUERY_ROW(Instrument, 0);
    assert_true(row->LongMarginRatio == ABSENT_PRICE && row->ShortMarginRatio == ABSENT_PRICE);
    ASSERT_NUMBER(row->StrikePrice, 3400);
    assert_int_equal(row->OptionsType, THOST_FTDC_CP_CallOptions);
    PUT_TEXT(body.InstrumentID, TEXT("rb25")); /* no prefixes */
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, INSTRUMENT, &body), 0);
    fixture_end(&fixture);
}

static void instruments_are_selected_by_each_id(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, INSTRUMENT, NULL), all_listed(&fixture));
    assert_string_equal(QUERY_ROW(Instrument, 0)->InstrumentID, "IF2503");
    assert_string_equal(QUERY_ROW(Instrument, 1)->InstrumentID, "SR505");
    QUERY_BODY(QryInstrument, body, ExchangeID, "DCE");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, INSTRUMENT, &body),
                     listed(&fixture, EXCHANGE_DCE, '\0', NULL));
    PUT_TEXT(body.ProductID, TEXT("i"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, INSTRUMENT, &body),
                     listed(&fixture, EXCHANGE_DCE, '\0', "i"));
    PUT_TEXT(body.ExchangeInstID, TEXT("i2505"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, INSTRUMENT, &body), 1);
    PUT_TEXT(body.ExchangeInstID, TEXT("i2509"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, INSTRUMENT, &body), 0);
    fixture_end(&fixture);
}

static void an_expired_instrument_is_gone(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct instrument instrument =
        core_market(fixture.core)->instruments[fixture_instrument(&fixture, "rb2505")];
    instrument.inst_life_phase = THOST_FTDC_IP_Expired;
    instrument.is_trading = false;
    core_put_instrument(fixture.core, &instrument, false);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, INSTRUMENT, NULL),
                     all_listed(&fixture) - 1);
    fixture_end(&fixture);
}

static void classes_and_tradability_select(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    int options = listed(&fixture, EXCHANGE_COUNT, THOST_FTDC_PC_Options, NULL);
    int combinations = listed(&fixture, EXCHANGE_COUNT, THOST_FTDC_PC_Combination, NULL);
    assert_true(options > 0 && combinations > 0);
    QUERY_BODY(QryClassifiedInstrument, body, ExchangeID, "");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CLASSIFIED, &body), all_listed(&fixture));
    body.ClassType = THOST_FTDC_INS_OPTION;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CLASSIFIED, &body), options);
    body.ClassType = THOST_FTDC_INS_COMB;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CLASSIFIED, &body), combinations);
    body.ClassType = THOST_FTDC_INS_FUTURE;
    body.TradingType = THOST_FTDC_TD_TRADE;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CLASSIFIED, &body),
                     all_listed(&fixture) - options - combinations);
    body.ClassType = THOST_FTDC_INS_ALL;
    body.TradingType = THOST_FTDC_TD_UNTRADE;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CLASSIFIED, &body), 0);
    fixture_end(&fixture);
}

static void ticks_are_told_of_what_has_one(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, DEPTH, NULL), 0);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 20, 3400, 100);
    fixture_quote(&fixture, "i2505", 799.5, 1, 800, 2, 800, 7);
    fixture_quote(&fixture, "rb2505C3400", 80, 1, 81, 2, 80, 7);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, DEPTH, NULL), 3);
    assert_string_equal(QUERY_ROW(DepthMarketData, 0)->InstrumentID, "i2505");
    assert_string_equal(QUERY_ROW(DepthMarketData, 1)->InstrumentID, "rb2505");
    ASSERT_NUMBER(QUERY_ROW(DepthMarketData, 1)->BidPrice1, 3399);
    assert_int_equal(QUERY_ROW(DepthMarketData, 1)->AskVolume1, 20);
    QUERY_BODY(QryDepthMarketData, body, ExchangeID, "SHFE");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, DEPTH, &body), 2);
    body.ProductClass = THOST_FTDC_PC_Options;
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, DEPTH, &body), 1);
    PUT_TEXT(body.InstrumentID, TEXT("rb2505"));
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, DEPTH, &body), 0);
    body.ProductClass = '\0';
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, DEPTH, &body), 1);
    fixture_end(&fixture);
}

static void a_combination_has_two_legs_and_a_ratio_of_one(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct instrument leg =
        core_market(fixture.core)->instruments[fixture_instrument(&fixture, "i2505")];
    QUERY_BODY(QryCombLeg, body, LegInstrumentID, "i2509");
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryCombLeg, &body), 0);
    int before = query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryCombLeg, NULL);
    PUT_TEXT(leg.id, TEXT("i2509"));
    core_put_instrument(fixture.core, &leg, false);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryCombLeg, NULL),
                     before + 2);
    assert_string_equal(QUERY_ROW(CombLeg, 0)->CombInstrumentID, "SP i2505&i2509");
    assert_string_equal(QUERY_ROW(CombLeg, 0)->LegInstrumentID, "i2505");
    assert_int_equal(QUERY_ROW(CombLeg, 0)->Direction, THOST_FTDC_D_Buy);
    assert_int_equal(QUERY_ROW(CombLeg, 1)->LegID, 2);
    assert_int_equal(QUERY_ROW(CombLeg, 1)->Direction, THOST_FTDC_D_Sell);
    assert_int_equal(query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryCombLeg, &body), 1);
    assert_int_equal(
        query_ask(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqQryCombInstrumentGuard, NULL),
        listed(&fixture, EXCHANGE_COUNT, THOST_FTDC_PC_Combination, NULL));
    ASSERT_NUMBER(QUERY_ROW(CombInstrumentGuard, 0)->GuarantRatio, 1);
    fixture_end(&fixture);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds of processor time to tell all instruments of a market with `count` more. */
static double time_of_market(int count)
{
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct instrument instrument =
        core_market(fixture.core)->instruments[fixture_instrument(&fixture, "rb2505")];
    for (int i = 0; i < count; i++) {
        snprintf(instrument.id, sizeof instrument.id, "rb%07d", (i * 7919) % 1000003);
        core_put_instrument(fixture.core, &instrument, false);
    }
    double best = 1e9;
    for (int round = 0; round < 3; round++) {
        double before = seconds();
        assert_int_equal(query_ask(&fixture, CONNECTION_ONE, INSTRUMENT, NULL),
                         all_listed(&fixture));
        double took = seconds() - before;
        best = took < best ? took : best;
    }
    for (int i = 1; i < count; i++)
        assert_true(strcmp(QUERY_ROW(Instrument, i)->ExchangeID,
                           QUERY_ROW(Instrument, i - 1)->ExchangeID) >= 0);
    fixture_end(&fixture);
    return best;
}

/* Four times the rows in sixteen times the time would be quadratic; ten leaves room for caches. */
static void twenty_thousand_instruments_are_told_in_linear_time(void **state)
{
    (void)state;
    double small = time_of_market(5000), large = time_of_market(20000);
    print_message("5000 rows in %.1f ms, 20000 in %.1f ms\n", small * 1e3, large * 1e3);
    assert_true(large < 10 * small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanges_that_trade_something_are_told_by_id),
        cmocka_unit_test(products_are_told_with_their_terms),
        cmocka_unit_test(product_groups_and_currencies_are_one_row_a_product),
        cmocka_unit_test(an_instrument_is_told_with_its_terms),
        cmocka_unit_test(instruments_are_selected_by_each_id),
        cmocka_unit_test(an_expired_instrument_is_gone),
        cmocka_unit_test(classes_and_tradability_select),
        cmocka_unit_test(ticks_are_told_of_what_has_one),
        cmocka_unit_test(a_combination_has_two_legs_and_a_ratio_of_one),
        cmocka_unit_test(twenty_thousand_instruments_are_told_in_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
