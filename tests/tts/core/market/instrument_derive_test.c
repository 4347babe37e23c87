/* instrument_derive_test.c: ids of every exchange's pattern, and ids that are none. */
#include "cmocka_all.h"
#include "tts/core/market/instrument.h"

static void add(struct market *market, enum exchange exchange, const char *id, char product_class)
{
    struct product product = {.exchange = exchange,
                              .product_class = product_class,
                              .volume_multiple = 10,
                              .price_tick = 1};
    text_copy(product.id, sizeof product.id, text_of(id));
    market_put_product(market, &product);
}

static struct market market_of_products(void)
{
    struct market market = {.products = NULL};
    add(&market, EXCHANGE_CFFEX, "IF", '1');
    add(&market, EXCHANGE_CFFEX, "IO", '6');
    add(&market, EXCHANGE_CFFEX, "T", '1');
    add(&market, EXCHANGE_SHFE, "cu", '1');
    add(&market, EXCHANGE_SHFE, "cu_o", '2');
    add(&market, EXCHANGE_DCE, "m", '1');
    add(&market, EXCHANGE_DCE, "m_o", '2');
    add(&market, EXCHANGE_CZCE, "SR", '1');
    add(&market, EXCHANGE_CZCE, "SRC", '2');
    add(&market, EXCHANGE_CZCE, "SRP", '2');
    add(&market, EXCHANGE_INE, "sc", '1');
    add(&market, EXCHANGE_INE, "sctas", '7');
    return market;
}

static const struct {
    const char *id;
    int trading_day;
    const char *product;
    int year, month, expiry;
    char options_type;
    double strike;
    const char *underlying;
} ids[] = {
    {"IF2503", 20250303, "IF", 2025, 3, 20250321, '\0', ABSENT_PRICE, "IF"},
    {"T2506", 20250303, "T", 2025, 6, 20250613, '\0', ABSENT_PRICE, "T"},
    {"IO2503-C-3800", 20250303, "IO", 2025, 3, 20250321, '1', 3800, "IO2503"},
    {"IO2503", 20250303, "IO", 2025, 3, 20250321, '\0', ABSENT_PRICE, "IO"},
    {"cu2505", 20250303, "cu", 2025, 5, 20250515, '\0', ABSENT_PRICE, "cu"},
    {"cu2505P75000", 20250303, "cu_o", 2025, 5, 20250424, '2', 75000, "cu2505"},
    {"m2505-C-2950", 20250303, "m_o", 2025, 5, 20250416, '1', 2950, "m2505"},
    {"SR505", 20250303, "SR", 2025, 5, 20250514, '\0', ABSENT_PRICE, "SR"},
    {"SR705", 20170320, "SR", 2017, 5, 20170512, '\0', ABSENT_PRICE, "SR"},
    {"SR001", 20191105, "SR", 2020, 1, 20200114, '\0', ABSENT_PRICE, "SR"},
    {"SR505C6000", 20250303, "SRC", 2025, 5, 20250416, '1', 6000, "SR505"},
    {"SR505P6000", 20250303, "SRP", 2025, 5, 20250416, '2', 6000, "SR505"},
    {"sc2506", 20250303, "sc", 2025, 6, 20250530, '\0', ABSENT_PRICE, "sc"},
    {"sc2506TAS", 20250303, "sctas", 2025, 6, 20250520, '\0', ABSENT_PRICE, "sc2506"},
};

static void an_id_tells_product_month_and_strike(void **state)
{
    (void)state;
    struct market market = market_of_products();
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct instrument got;
        assert_true(market_derive_instrument(&market, EXCHANGE_COUNT, text_of(ids[i].id),
                                             ids[i].trading_day, &got));
        assert_string_equal(got.id, ids[i].id);
        assert_string_equal(market.products[got.product].id, ids[i].product);
        assert_int_equal(got.delivery_year, ids[i].year);
        assert_int_equal(got.delivery_month, ids[i].month);
        assert_int_equal(got.expire_date, ids[i].expiry);
        assert_int_equal(got.options_type, ids[i].options_type);
        assert_true(got.strike_price == ids[i].strike);
        assert_string_equal(got.underlying_id, ids[i].underlying);
    }
    market_finish(&market);
}

static uint32_t list(struct market *market, const char *id)
{
    struct instrument made;
    assert_true(market_derive_instrument(market, EXCHANGE_CFFEX, text_of(id), 20250303, &made));
    return market_put_instrument(market, &made);
}

/* IO2503 is what the options are on; until it is listed IF2503 stands for it. */
static void an_index_option_takes_the_months_future_for_an_index_that_is_not_quoted(void **state)
{
    (void)state;
    struct market market = market_of_products();
    uint32_t product = market_find_product(&market, EXCHANGE_CFFEX, TEXT("IO"));
    text_copy(market.products[product].underlying, sizeof market.products[product].underlying,
              TEXT("IF"));
    market.products[product].option_margin = OPTION_MARGIN_INDEX;
    uint32_t early = list(&market, "IO2503-C-3800");
    assert_int_equal(market.instruments[early].underlying, INSTRUMENT_NONE);
    uint32_t future = list(&market, "IF2503");
    uint32_t late = list(&market, "IO2503-P-3800"), other = list(&market, "IO2506-C-3800");
    assert_int_equal(market.instruments[early].underlying, future);
    assert_int_equal(market.instruments[late].underlying, future);
    assert_int_equal(market.instruments[other].underlying, INSTRUMENT_NONE);
    uint32_t index = list(&market, "IO2503");
    assert_int_equal(market.instruments[index].product_class, 'I');
    assert_int_equal(market.instruments[early].underlying, index);
    assert_int_equal(market.instruments[late].underlying, index);
    list(&market, "IF2503"); /* told again, it does not push the index away */
    assert_int_equal(market.instruments[early].underlying, index);
    assert_string_equal(market.instruments[early].underlying_id, "IO2503");
    market_finish(&market);
}

static void what_fits_no_product_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",         "IF",         "2503",        "ZZ2503",      "IF2513",
        "IF25",     "IF25031",    "cu2505X1",    "cu2505C",     "cu2505-C",
        "m2505-C-", "m2505-C-x1", "IO2503-CC-1", "IF2503C4000", "SRC505"};
    struct market market = market_of_products();
    struct instrument got;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(
            market_derive_instrument(&market, EXCHANGE_COUNT, text_of(wrong[i]), 20250303, &got));
    assert_false(market_derive_instrument(&market, EXCHANGE_DCE, TEXT("IF2503"), 20250303, &got));
    assert_false(market_derive_instrument(&market, EXCHANGE_COUNT, TEXT("IF2503"), 0, &got));
    market_finish(&market);
}

static void an_estimated_expiry_is_not_before_the_trading_day(void **state)
{
    (void)state;
    struct market market = market_of_products();
    struct instrument got;
    assert_true(market_derive_instrument(&market, EXCHANGE_COUNT, TEXT("cu2505"), 20250516, &got));
    assert_int_equal(got.expire_date, 20250516);
    market_finish(&market);
}

static void new_terms_keep_the_days_prices_and_what_is_counted_in(void **state)
{
    (void)state;
    struct instrument known = {.volume_multiple = 10,
                               .price_tick = 1,
                               .position_date_type = '1',
                               .limit_order_volume_max = 500,
                               .margin = {.long_by_money = 0.1},
                               .pre_settlement = 3400,
                               .last = 3410,
                               .settlement = ABSENT_PRICE,
                               .upper_limit = 3740,
                               .lower_limit = 3060,
                               .average = 3405,
                               .underlying = 7};
    struct instrument terms = {.volume_multiple = 20,
                               .price_tick = 2,
                               .position_date_type = '2',
                               .limit_order_volume_max = 100,
                               .margin = {.long_by_money = 0.2},
                               .pre_settlement = ABSENT_PRICE,
                               .last = ABSENT_PRICE};
    instrument_keep(&terms, &known);
    assert_int_equal(terms.volume_multiple, 10);
    assert_true(terms.price_tick == 1 && terms.position_date_type == '1');
    assert_true(terms.pre_settlement == 3400 && terms.last == 3410 && terms.average == 3405);
    assert_true(terms.upper_limit == 3740 && terms.lower_limit == 3060 && terms.underlying == 7);
    assert_int_equal(terms.limit_order_volume_max, 100);
    assert_true(terms.margin.long_by_money == 0.2);
}

static void a_code_tells_its_board_and_a_combination_its_kind(void **state)
{
    (void)state;
    static const struct {
        enum exchange exchange;
        const char *id, *product;
    } codes[] = {
        {EXCHANGE_SSE, "600000", "SSE_A"},
        {EXCHANGE_SSE, "688981", "STAR"},
        {EXCHANGE_SSE, "518880", "ETF_T0"},
        {EXCHANGE_SZSE, "000001", "SZSE_A"},
        {EXCHANGE_SZSE, "300750", "CHINEXT"},
        {EXCHANGE_DCE, "SP m2105&m2109", "SP"},
        {EXCHANGE_SSE, "000001", "INDEX"},
        {EXCHANGE_SZSE, "399001", NULL}, /* an index too, but nobody lists SZSE's */
        {EXCHANGE_SSE, "60000", NULL},
        {EXCHANGE_SHFE, "600000", NULL},
        {EXCHANGE_DCE, "SP m2105", NULL},
        {EXCHANGE_DCE, "m m2105&m2109", NULL}, /* m is no kind of combination */
    };
    struct market market = {.products = NULL};
    add(&market, EXCHANGE_SSE, "SSE_A", 'E');
    add(&market, EXCHANGE_SSE, "STAR", 'E');
    add(&market, EXCHANGE_SSE, "ETF_T0", 'D');
    add(&market, EXCHANGE_SSE, "INDEX", 'I');
    add(&market, EXCHANGE_SZSE, "SZSE_A", 'E');
    add(&market, EXCHANGE_SZSE, "CHINEXT", 'E');
    add(&market, EXCHANGE_DCE, "SP", '3');
    add(&market, EXCHANGE_DCE, "m", '1');
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct instrument instrument;
        bool found = market_derive_instrument(&market, codes[i].exchange, text_of(codes[i].id),
                                              20210303, &instrument);
        assert_int_equal(found, codes[i].product != NULL);
        if (!found)
            continue;
        assert_string_equal(instrument.id, codes[i].id);
        assert_string_equal(market.products[instrument.product].id, codes[i].product);
        assert_int_equal(instrument.expire_date, 0);
        assert_true(instrument.is_trading && instrument.underlying == INSTRUMENT_NONE);
    }
    market_finish(&market);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_tells_product_month_and_strike),
        cmocka_unit_test(an_index_option_takes_the_months_future_for_an_index_that_is_not_quoted),
        cmocka_unit_test(what_fits_no_product_is_refused),
        cmocka_unit_test(new_terms_keep_the_days_prices_and_what_is_counted_in),
        cmocka_unit_test(a_code_tells_its_board_and_a_combination_its_kind),
        cmocka_unit_test(an_estimated_expiry_is_not_before_the_trading_day),
    };
    return cmocka_run_group_tests_name("instrument_derive", tests, NULL, NULL);
}
