/* stock_test.c: shares, funds and bonds: a fully paid position is a margin of 100 %, sold from the
 * next day on, with an order's least fee and duties of turnover. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include "tts/feed/catalogue.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char SHARE[] = "600000";

/* Cash of u1: what is left of 10,000,000 is drawn out. */
static void begin(struct fixture *fixture, const struct core_options *options, double cash)
{
    struct core_options given = options ? *options : core_options_of(PROFILE_TTS);
    given.params.withdraw_ratio = 1;
    fixture_begin(fixture, &given);
    assert_int_equal(core_cash(fixture->core, TEXT("u1"), cash - 1e7), ADMIN_OK);
}

static void set_fees(struct fixture *fixture, double rate, double least, double stamp_duty,
                     double transfer_fee)
{
    const struct market *market = core_market(fixture->core);
    uint32_t place = fixture_instrument(fixture, SHARE);
    struct product product;
    memcpy(&product, &market->products[market->instruments[place].product], sizeof product);
    product.commission_min = least;
    product.stamp_duty = stamp_duty;
    product.transfer_fee = transfer_fee;
    core_put_product(fixture->core, &product);
    struct commission_rate rates = {
        .open_by_money = rate, .close_by_money = rate, .close_today_by_money = rate};
    assert_int_equal(core_set_rate(fixture->core, TEXT(""), text_of(SHARE), NULL, &rates),
                     ADMIN_OK);
}

static void deal(struct fixture *fixture, char direction, double price, int volume)
{
    bool buy = direction == THOST_FTDC_D_Buy;
    fixture_quote(fixture, SHARE, buy ? price - 0.01 : price, 100000, buy ? price : price + 0.01,
                  100000, price, 1000);
    fixture_order(fixture, CONNECTION_ONE, SHARE, direction, '0', price, volume);
    assert_int_equal(fixture_newest(fixture)->state.status, THOST_FTDC_OST_AllTraded);
}

static void mark(struct fixture *fixture, double price)
{
    fixture_quote(fixture, SHARE, price - 0.01, 100, price, 100, price, 1000);
}

static struct funds funds_of(const struct fixture *fixture)
{
    return ledger_funds(&fixture->core->ledger, 0);
}

#define ASSERT_FUNDS(fixture, wanted_balance, wanted_available)        \
    do {                                                               \
        struct funds seen = funds_of(fixture);                         \
        assert_true(fabs(seen.balance - (wanted_balance)) < 1e-6);     \
        assert_true(fabs(seen.available - (wanted_available)) < 1e-6); \
    } while (0)

static void the_documents_lines(struct fixture *fixture)
{
    deal(fixture, '0', 10, 100);
    assert_true(funds_of(fixture).curr_margin == 1000);
    ASSERT_FUNDS(fixture, 10000, 9000);
    mark(fixture, 11);
    ASSERT_FUNDS(fixture, 10100, 9000);
    day_settle(fixture, 20250304, NULL); /* at its last price, the close */
    assert_true(fixture->core->ledger.accounts[0].pre_balance == 10100);
    assert_true(funds_of(fixture).curr_margin == 1100);
    ASSERT_FUNDS(fixture, 10100, 9000);
    deal(fixture, '1', 12, 100);
    assert_true(funds_of(fixture).close_profit == 100);
    ASSERT_FUNDS(fixture, 10200, 10200);
}

static void balance_is_assets_and_available_is_cash(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL, 10000);
    the_documents_lines(&fixture);
    fixture_end(&fixture);
}

static void other_margin_prices_and_algorithms_do_not_touch_shares(void **state)
{
    (void)state;
    static const char types[] = "123", algorithms[] = "234";
    for (int i = 0; i < 3; i++) {
        struct core_options options = core_options_of(PROFILE_TTS);
        struct fixture fixture;
        options.params.margin_price_type = types[i];
        options.params.algorithm = algorithms[i];
        begin(&fixture, &options, 10000);
        the_documents_lines(&fixture);
        fixture_end(&fixture);
    }
}

static void what_is_bought_today_is_sold_tomorrow(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL, 100000);
    deal(&fixture, '0', 10, 300);
    struct CThostFtdcInputOrderField sale = fixture_input(&fixture, SHARE, '1', '1', 10, 100);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &sale), 51);
    sale = fixture_input(&fixture, SHARE, '1', '1', 10, 400);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &sale), 30);
    day_settle(&fixture, 20250304, NULL);
    deal(&fixture, '0', 10, 100);
    deal(&fixture, '1', 10, 300);
    sale = fixture_input(&fixture, SHARE, '1', '1', 10, 100);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &sale), 51);
    fixture_end(&fixture);
}

/* Bonds, and the funds that the exchanges let go round in a day. */
static void a_product_may_be_sold_on_the_same_day(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL, 100000);
    const struct market *market = core_market(fixture.core);
    struct product product;
    memcpy(&product,
           &market->products[market->instruments[fixture_instrument(&fixture, SHARE)].product],
           sizeof product);
    product.same_day_sale = true;
    core_put_product(fixture.core, &product);
    deal(&fixture, '0', 10, 300);
    deal(&fixture, '1', 10, 300);
    struct CThostFtdcInputOrderField sale = fixture_input(&fixture, SHARE, '1', '1', 10, 100);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &sale), 30);
    fixture_end(&fixture);
}

static void board_lots_are_the_exchanges_business(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL, 100000);
    fixture_quote(&fixture, SHARE, 9.99, 1000, 10, 1000, 10, 1000);
    fixture_story(&fixture, CONNECTION_ONE);
    fixture_order(&fixture, CONNECTION_ONE, SHARE, '0', '0', 9.5, 150);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    fixture_order(&fixture, CONNECTION_ONE, SHARE, '0', '0', 9.5, 50);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    assert_int_equal(fixture_last_order()->OrderSubmitStatus, THOST_FTDC_OSS_InsertRejected);
    fixture_order(&fixture, CONNECTION_ONE, SHARE, '0', '0', 9.5, 200);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    fixture_end(&fixture);
}

static void an_order_pays_the_least_fee_once(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL, 100000);
    set_fees(&fixture, 0.00025, 5, 0.0005, 0.00001);
    /* 1000 shares at 10: by rate 2.50, so 5.00, and 0.10 of transfer fee */
    fixture_quote(&fixture, SHARE, 9.99, 400, 10, 400, 10, 1000);
    fixture_order(&fixture, CONNECTION_ONE, SHARE, '0', '0', 10, 1000);
    struct funds part = funds_of(&fixture);
    assert_true(fabs(part.commission - 5.04) < 1e-9);
    assert_true(fabs(part.frozen_commission - 5.10 * 0.6) < 1e-9);
    fixture_quote(&fixture, SHARE, 9.99, 400, 10, 600, 10, 1000);
    assert_true(fabs(funds_of(&fixture).commission - 5.10) < 1e-9);
    assert_true(funds_of(&fixture).frozen_commission == 0);
    /* 4000 shares at 10: by rate 10.00 in two fills, of which the least is no question */
    fixture_quote(&fixture, SHARE, 9.99, 400, 10, 1000, 10, 1000);
    fixture_order(&fixture, CONNECTION_ONE, SHARE, '0', '0', 10, 4000);
    fixture_quote(&fixture, SHARE, 9.99, 400, 10, 3000, 10, 1000);
    assert_true(fabs(funds_of(&fixture).commission - (5.10 + 10.40)) < 1e-9);
    day_settle(&fixture, 20250304, NULL);
    ASSERT_FUNDS(&fixture, 100000 - 15.50, 50000 - 15.50);
    /* the sale pays stamp duty too: 5.00 + 0.10 + 5.00 */
    deal(&fixture, '1', 10, 1000);
    assert_true(fabs(funds_of(&fixture).commission - 10.10) < 1e-9);
    fixture_end(&fixture);
}

static void proceeds_of_today_buy_but_are_not_drawn_out(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL, 10000);
    deal(&fixture, '0', 10, 500);
    day_settle(&fixture, 20250304, NULL);
    assert_true(fabs(funds_of(&fixture).withdraw_quota - 5000) < 1e-6);
    deal(&fixture, '1', 10.5, 500);
    ASSERT_FUNDS(&fixture, 10250, 10250);
    assert_true(fabs(funds_of(&fixture).withdraw_quota - 5000) < 1e-6);
    deal(&fixture, '0', 10.5, 900); /* 9450 */
    ASSERT_FUNDS(&fixture, 10250, 800);
    day_settle(&fixture, 20250305, NULL);
    assert_true(fabs(funds_of(&fixture).withdraw_quota - 800) < 1e-6);
    fixture_end(&fixture);
}

static void limits_of_the_next_day_are_at_the_nearest_tick(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL, 10000);
    mark(&fixture, 10.06);
    day_settle(&fixture, 20250304, NULL);
    const struct instrument *share =
        core_instrument(fixture.core, fixture_instrument(&fixture, SHARE));
    assert_true(share->pre_settlement == 10.06);
    assert_true(share->upper_limit == 11.07); /* 11.066 */
    assert_true(share->lower_limit == 9.05);  /* 9.054 */
    fixture_end(&fixture);
}

static void set_open_date(struct instrument *instrument, double date)
{
    instrument->open_date = (int)date;
}

static void a_new_share_has_no_limits_on_its_first_five_days(void **state)
{
    (void)state;
    static const struct {
        int day;
        bool limited;
    } days[] = {{20250304, false}, {20250307, false}, {20250310, true}};
    struct fixture fixture;
    begin(&fixture, NULL, 10000);
    day_change_instrument(&fixture, SHARE, set_open_date, FIXTURE_DAY); /* a Monday */
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        mark(&fixture, 10);
        day_settle(&fixture, days[i].day, NULL);
        const struct instrument *share =
            core_instrument(fixture.core, fixture_instrument(&fixture, SHARE));
        assert_int_equal(price_is_present(share->upper_limit), days[i].limited);
        assert_int_equal(price_is_present(share->lower_limit), days[i].limited);
    }
    fixture_end(&fixture);
}

/* Both limits of a share after a settlement at 10.00 under that name, on a board with a limit for
 * risk-warned shares or without. */
static void expect_limits(const char *name, double ratio_of_warned, double upper, double lower)
{
    struct fixture fixture;
    struct product board;
    struct instrument share;
    begin(&fixture, NULL, 10000);
    uint32_t place = fixture_instrument(&fixture, SHARE);
    memcpy(&share, core_instrument(fixture.core, place), sizeof share);
    memcpy(&board, &core_market(fixture.core)->products[share.product], sizeof board);
    board.price_limit_ratio = 0.1;
    board.price_limit_warned = ratio_of_warned;
    core_put_product(fixture.core, &board);
    memset(share.name, 0, sizeof share.name);
    PUT_TEXT(share.name, text_of(name));
    core_put_instrument(fixture.core, &share, false);
    mark(&fixture, 10);
    day_settle(&fixture, 20250304, NULL);
    assert_true(core_instrument(fixture.core, place)->upper_limit == upper);
    assert_true(core_instrument(fixture.core, place)->lower_limit == lower);
    struct CThostFtdcInputOrderField order =
        fixture_input(&fixture, SHARE, '0', '0', upper + 0.01, 100);
    assert_int_equal(fixture_insert(&fixture, CONNECTION_ONE, &order), 0);
    assert_int_equal(fixture_newest(&fixture)->state.status, THOST_FTDC_OST_Canceled); /* 49 */
    fixture_end(&fixture);
}

static void risk_warned_shares_have_the_limit_of_their_board(void **state)
{
    (void)state;
    expect_limits("ST\xb9\xfa\xbb\xaa", 0.05, 10.5, 9.5);
    expect_limits("*ST\xb9\xfa\xbb\xaa", 0.05, 10.5, 9.5);
    expect_limits("S*ST\xb9\xfa\xbb\xaa", 0.05, 10.5, 9.5);
    expect_limits("\xb9\xfa\xbb\xaaST", 0.05, 11, 9); /* no mark */
    expect_limits("ST\xb9\xfa\xbb\xaa", 0, 11, 9);    /* a board that has none */
}

/* An order without a price of 1000 shares, against asks of 300 at 10.00 and 100 each at 10.01 ...
 * 10.04. */
static int market_order(struct fixture *fixture, char price_type, char time_condition)
{
    struct quote quote = fixture_quote_of(fixture, SHARE, 9.99, 100, 10, 300, 10, 1000);
    for (int i = 1; i < QUOTE_LEVELS; i++)
        quote.ask[i] = (struct quote_level){10 + i * 0.01, 100};
    core_quote(fixture->core, &quote, false);
    struct CThostFtdcInputOrderField input = fixture_input(fixture, SHARE, '0', '0', 0, 1000);
    input.OrderPriceType = price_type;
    input.TimeCondition = time_condition;
    return fixture_insert(fixture, CONNECTION_ONE, &input);
}

static void orders_without_a_price_take_the_best_five_levels_where_they_are_taken(void **state)
{
    (void)state;
    static const struct {
        char price_type, time_condition, status;
        int filled;
        double waits_at;
    } cases[] = {
        {'1', '1', THOST_FTDC_OST_Canceled, 700, 0},
        {'1', '3', THOST_FTDC_OST_PartTradedQueueing, 700, 10.04},
        {'3', '1', THOST_FTDC_OST_Canceled, 300, 0},
        {'3', '3', THOST_FTDC_OST_PartTradedQueueing, 300, 10},
    };
    struct core_options options = core_options_of(PROFILE_TTS);
    struct fixture fixture;
    begin(&fixture, NULL, 100000);
    assert_int_equal(market_order(&fixture, '1', '1'), 80);
    assert_int_equal(market_order(&fixture, '3', '3'), 80);
    fixture_end(&fixture);
    options.stock_market_orders = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(&fixture, &options, 100000);
        assert_int_equal(market_order(&fixture, cases[i].price_type, cases[i].time_condition), 0);
        const struct order *order = fixture_newest(&fixture);
        assert_int_equal(order->state.status, cases[i].status);
        assert_int_equal(order->state.traded, cases[i].filled);
        if (cases[i].waits_at > 0)
            assert_true(fabs(order->state.limit_price - cases[i].waits_at) < 1e-9);
        assert_int_equal(market_order(&fixture, 'G', '1'), 80);
        fixture_end(&fixture);
    }
}

/* ---- the ready rows of share/stocks.csv ---- */

static struct catalogue catalogue_with_stocks(void)
{
    struct catalogue catalogue = {.extras = NULL};
    struct error error;
    struct buffer bytes = {.at = NULL};
    char line[1024], part[4096], path[4096];
    FILE *file = fopen(SHARE_FOLDER "/stocks.csv", "rb");
    assert_non_null(file);
    for (size_t got; (got = fread(part, 1, sizeof part, file)) > 0;)
        buffer_put(&bytes, part, got);
    fclose(file);
    text_copy(path, sizeof path, TEXT(SHARE_FOLDER));
    if (!catalogue_load(&catalogue, path, 0, &error) ||
        !catalogue_read_products(&catalogue, "stocks.csv", buffer_text(&bytes), &error))
        fail_msg("%s", error_text(&error, line, sizeof line));
    buffer_finish(&bytes);
    return catalogue;
}

/* A share of that board at 10.00, beside the fixture's. */
static void list_on(struct fixture *fixture, const struct product *board, const char *id)
{
    struct instrument share;
    memcpy(&share, core_instrument(fixture->core, fixture_instrument(fixture, SHARE)),
           sizeof share);
    memset(share.id, 0, sizeof share.id);
    PUT_TEXT(share.id, text_of(id));
    share.product = core_put_product(fixture->core, board);
    share.exchange = board->exchange;
    share.product_class = board->product_class;
    share.price_tick = board->price_tick;
    share.limit_order_volume_min = board->limit_order_volume_min;
    share.limit_order_volume_max = board->limit_order_volume_max;
    share.commission = board->commission;
    core_put_instrument(fixture->core, &share, false);
}

static char status_of(struct fixture *fixture, const char *id, int volume)
{
    fixture_order(fixture, CONNECTION_ONE, id, '0', '0', 9.5, volume);
    return fixture_newest(fixture)->state.status;
}

static void the_boards_of_the_file_have_their_own_sizes(void **state)
{
    (void)state;
    static const struct {
        enum exchange exchange;
        const char *board, *id;
        int good[2], bad[2];
    } boards[] = {
        {EXCHANGE_SSE, "STAR", "688001", {200, 201}, {199, 100001}},
        {EXCHANGE_SZSE, "CHINEXT", "300001", {100, 300000}, {150, 300100}},
        {EXCHANGE_BSE, "BSE_A", "830001", {100, 101}, {99, 1000001}},
        {EXCHANGE_SSE, "CB", "110001", {10, 20}, {5, 15}},
    };
    struct catalogue catalogue = catalogue_with_stocks();
    struct fixture fixture;
    begin(&fixture, NULL, 9e6);
    for (size_t i = 0; i < sizeof boards / sizeof boards[0]; i++) {
        uint32_t place =
            market_find_product(&catalogue.market, boards[i].exchange, text_of(boards[i].board));
        assert_true(place != INSTRUMENT_NONE);
        assert_true(catalogue.market.products[place].commission_min > 0);
        list_on(&fixture, &catalogue.market.products[place], boards[i].id);
        for (int j = 0; j < 2; j++) {
            assert_int_equal(status_of(&fixture, boards[i].id, boards[i].good[j]),
                             THOST_FTDC_OST_NoTradeQueueing);
            assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
            int bad = boards[i].bad[j];
            if (bad * 9.5 < 9e6)
                assert_int_equal(status_of(&fixture, boards[i].id, bad), THOST_FTDC_OST_Canceled);
        }
    }
    catalogue_finish(&catalogue);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balance_is_assets_and_available_is_cash),
        cmocka_unit_test(other_margin_prices_and_algorithms_do_not_touch_shares),
        cmocka_unit_test(what_is_bought_today_is_sold_tomorrow),
        cmocka_unit_test(a_product_may_be_sold_on_the_same_day),
        cmocka_unit_test(board_lots_are_the_exchanges_business),
        cmocka_unit_test(an_order_pays_the_least_fee_once),
        cmocka_unit_test(proceeds_of_today_buy_but_are_not_drawn_out),
        cmocka_unit_test(orders_without_a_price_take_the_best_five_levels_where_they_are_taken),
        cmocka_unit_test(limits_of_the_next_day_are_at_the_nearest_tick),
        cmocka_unit_test(risk_warned_shares_have_the_limit_of_their_board),
        cmocka_unit_test(a_new_share_has_no_limits_on_its_first_five_days),
        cmocka_unit_test(the_boards_of_the_file_have_their_own_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
