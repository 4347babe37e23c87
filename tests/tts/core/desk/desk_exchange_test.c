/* desk_exchange_test.c: what the simulated exchange refuses (X1..X7), what becomes of market
 * orders, matching against quotes and between customers, auctions, phases, and the ticks that come
 * of it. */
#include "cmocka_all.h"
#include "core_fixture.h"
#include "ctp/gb18030.h"
#include <math.h>
#include <string.h>

typedef struct CThostFtdcInputOrderField input_order;

static void send(struct fixture *fixture, uint32_t connection, const input_order *input)
{
    assert_int_equal(fixture_insert(fixture, connection, input), 0);
}

/* The StatusMsg in UTF-8 contains the text. */
static void expect_message(const char *utf8)
{
    char gb[200], expected[200];
    size_t length;
    assert_true(gb18030_from_utf8(text_of(utf8), gb, sizeof gb, &length));
    text_copy(expected, sizeof expected, (text){gb, length});
    assert_string_equal(fixture_last_order()->StatusMsg, expected);
}

/* ---- X1..X7 ---- */

static void orders_outside_the_market_are_refused_by_the_exchange(void **state)
{
    (void)state;
    static const char phases[] = "0156";
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    for (const char *phase = phases; *phase; phase++) {
        fixture_status(&fixture, "rb2505", *phase);
        fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3400, 1);
        assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
        assert_int_equal(fixture_last_order()->OrderSubmitStatus, '4');
        expect_message("26:已撤单报单被拒绝SHFE:当前交易阶段不接受此指令");
    }
    fixture_status(&fixture, "i2505", '1');
    fixture_order(&fixture, CONNECTION_ONE, "i2505", '0', '0', 800, 1);
    fixture_story(&fixture, CONNECTION_ONE);
    expect_message("40045:已撤单报单被拒绝DCE:当前交易阶段不接受此指令");
    fixture_status(&fixture, "SR505", '0');
    fixture_order(&fixture, CONNECTION_ONE, "SR505", '0', '0', 6000, 1);
    fixture_story(&fixture, CONNECTION_ONE);
    expect_message("700:已撤单报单被拒绝CZCE:当前交易阶段不接受此指令");
    assert_string_equal(fixture_last_order()->OrderSysID, "");
    assert_string_equal(fixture_last_order()->CancelTime, "10:00:00");
    assert_int_equal(fixture_last_order()->NotifySequence, 1);
    fixture_end(&fixture);
}

static void an_auction_takes_limit_orders_only(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_status(&fixture, "i2505", '3');
    fixture_order(&fixture, CONNECTION_ONE, "i2505", '0', '0', 800, 1);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    input_order input = fixture_input(&fixture, "i2505", '0', '0', 800, 1);
    input.TimeCondition = '1';
    send(&fixture, CONNECTION_ONE, &input);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    input = fixture_input(&fixture, "i2505", '0', '0', 0, 1);
    input.OrderPriceType = '1';
    send(&fixture, CONNECTION_ONE, &input);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    assert_int_equal(fixture_last_order()->OrderSubmitStatus, '4');
    fixture_end(&fixture);
}

static void always_open_never_refuses_for_the_phase(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.always_open = true;
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    fixture_status(&fixture, "rb2505", '6');
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3400, 1);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    fixture_end(&fixture);
}

static void prices_must_be_on_the_tick_and_within_the_limits(void **state)
{
    (void)state;
    const struct {
        const char *instrument;
        double price;
        const char *message; /* NULL: accepted */
    } rows[] = {
        {"rb2505", 3400.5, "48:已撤单报单被拒绝SHFE:价格不是最小变动价位的整数倍"},
        {"rb2505", 3741, "49:已撤单报单被拒绝SHFE:委托价高于涨停板"},
        {"rb2505", 3059, "50:已撤单报单被拒绝SHFE:委托价低于跌停板"},
        {"rb2505", 3740.5,
         "49:已撤单报单被拒绝SHFE:委托价高于涨停板"}, /* the limit is told first */
        {"rb2505", -1e200, "50:已撤单报单被拒绝SHFE:委托价低于跌停板"},
        {"rb2505", 3740, NULL},
        {"rb2505", 3060, NULL},
        {"IF2503", 19501 * 0.2, NULL}, /* 3900.2000000000003 is on the tick */
        {"IF2503", 3900.1, "48:已撤单报单被拒绝CFFEX:价格不是最小变动价位的整数倍"},
    };
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fixture_order(&fixture, CONNECTION_ONE, rows[i].instrument, '0', '0', rows[i].price, 1);
        fixture_story(&fixture, CONNECTION_ONE);
        if (rows[i].message)
            expect_message(rows[i].message);
        else
            assert_int_equal(fixture_last_order()->OrderStatus, '3');
    }
    fixture_end(&fixture);
}

static void absurd_prices_leave_no_trace_in_frozen_sums(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_open(&fixture, CONNECTION_ONE, "rb2505", '0', 3400, 4);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3300, 1);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '1', '3', 3500, 1);
    struct funds before = ledger_funds(&fixture.core->ledger, 0);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', -1e200, 1);
    fixture_story(&fixture, CONNECTION_ONE);
    expect_message("50:已撤单报单被拒绝SHFE:委托价低于跌停板");
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '1', '3', 1e200, 1);
    fixture_story(&fixture, CONNECTION_ONE);
    expect_message("49:已撤单报单被拒绝SHFE:委托价高于涨停板");
    struct funds after = ledger_funds(&fixture.core->ledger, 0);
    assert_true(before.frozen_margin == after.frozen_margin);
    assert_true(before.frozen_commission == after.frozen_commission);
    fixture_end(&fixture);
}

static void czce_cuts_prices_down_to_the_tick(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "SR505", '0', '0', 5900.9, 1);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    assert_true(fixture_last_order()->LimitPrice == 5900);
    fixture_order(&fixture, CONNECTION_ONE, "SR505", '0', '0', 6600.9, 1); /* cut to the limit */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    fixture_order(&fixture, CONNECTION_ONE, "SR505", '1', '0', 5399.9, 1);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    fixture_end(&fixture);
}

static void volumes_have_a_smallest_and_a_largest(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = fixture_input(&fixture, "IF2503", '0', '0', 3900, 21);
    input.CombHedgeFlag[0] = '1';
    fixture_order(&fixture, CONNECTION_ONE, "IF2503", '0', '0', 3900, 20);
    fixture_story(&fixture, CONNECTION_ONE);
    assert_int_equal(fixture_last_order()->OrderStatus, '3');
    assert_int_equal(fixture_cancel_newest(&fixture, CONNECTION_ONE), 0);
    PUT_TEXT(input.OrderRef, TEXT(""));
    send(&fixture, CONNECTION_ONE, &input);
    fixture_story(&fixture, CONNECTION_ONE);
    expect_message("57:已撤单报单被拒绝CFFEX:委托数量不在允许范围内");
    fixture_quote(&fixture, "IF2503", 3899.8, 20, 3900, 20, 3900, 100);
    input.OrderPriceType = '3'; /* market orders have their own maximum, 10 */
    input.VolumeTotalOriginal = 11;
    send(&fixture, CONNECTION_ONE, &input);
    fixture_story(&fixture, CONNECTION_ONE);
    expect_message("57:已撤单报单被拒绝CFFEX:委托数量不在允许范围内");
    fixture_end(&fixture);
}

static void a_market_order_of_czce_bears_no_price(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = fixture_input(&fixture, "SR505", '0', '0', 6000, 1);
    input.OrderPriceType = '1';
    send(&fixture, CONNECTION_ONE, &input);
    fixture_story(&fixture, CONNECTION_ONE);
    expect_message("700:已撤单报单被拒绝CZCE:市价指令的价格应填0");
    fixture_end(&fixture);
}

static void good_for_day_all_or_nothing_is_no_type(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    input_order input = fixture_input(&fixture, "rb2505", '0', '0', 3400, 1);
    input.VolumeCondition = '3';
    send(&fixture, CONNECTION_ONE, &input);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    expect_message("79:已撤单报单被拒绝SHFE:指令类型不被支持");
    fixture_end(&fixture);
}

static void self_trades_are_allowed_refused_or_cancel_the_old(void **state)
{
    (void)state;
    static const char *const stories[] = {
        [SELF_TRADE_ALLOW] = "a 3 a a 3 0 T 0 T",
        [SELF_TRADE_REJECT_NEW] = "a 3 a 5",
        [SELF_TRADE_CANCEL_OLD] = "a 3 a 3 5",
    };
    for (int i = 0; i < 3; i++) {
        struct core_options options = core_options_of(PROFILE_TTS);
        options.self_trade = (enum self_trade)i;
        struct fixture fixture;
        fixture_begin(&fixture, &options);
        fixture_order(&fixture, CONNECTION_ONE, "BTC", '0', '0', 3400, 1);
        fixture_order(&fixture, CONNECTION_ONE, "BTC", '1', '0', 3400, 1);
        assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), stories[i]);
        if (i == SELF_TRADE_REJECT_NEW)
            expect_message("36:已撤单报单被拒绝TTS:可能与本人委托成交");
        fixture_end(&fixture);
    }
}

/* ---- market orders (3.5) ---- */

static void market(struct fixture *fixture, const char *instrument, char type, char time,
                   char volume, int lots)
{
    input_order input = fixture_input(fixture, instrument, '0', '0', 0, lots);
    input.OrderPriceType = type;
    input.TimeCondition = time;
    input.VolumeCondition = volume;
    send(fixture, CONNECTION_ONE, &input);
}

static void rests_of_market_orders_follow_their_exchange(void **state)
{
    (void)state;
    const struct {
        const char *instrument;
        double bid, ask;
        char type, time, volume;
        const char *story;
        double limit_price; /* shown at the end */
    } rows[] = {
        {"SR505", 5999, 6000, '1', '3', '1', "a 3 3 1 T 5", 0},
        {"SR505", 5999, 6000, '1', '1', '1', "a 3 3 1 T 5", 0},
        {"SR505", 5999, 6000, '1', '3', '3', "a 3 5", 0},
        {"i2505", 799.5, 800, '1', '3', '1', "a 3 1 T", 880},
        {"i2505", 799.5, 800, '1', '1', '1', "a 3 1 T 5", 0},
        {"i2505", 799.5, 800, '1', '1', '3', "a 3 5", 0},
        {"IF2503", 3899.8, 3900, '3', '1', '1', "a 5 5 T", 0},
        {"IF2503", 3899.8, 3900, '3', '3', '1', "a a 1 T", 3900},
        {"IF2503", 3899.8, 3900, 'G', '1', '1', "a 5 5 T", 0},
        {"IF2503", 3899.8, 3900, 'G', '3', '1', "a a 1 T", 3900},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture fixture;
        fixture_begin(&fixture, NULL);
        fixture_quote(&fixture, rows[i].instrument, rows[i].bid, 10, rows[i].ask, 3, rows[i].ask,
                      100);
        market(&fixture, rows[i].instrument, rows[i].type, rows[i].time, rows[i].volume, 5);
        assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), rows[i].story);
        assert_true(fixture_last_order()->LimitPrice == rows[i].limit_price);
        fixture_end(&fixture);
    }
}

static void market_orders_without_an_opposite_side(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "IF2503", 3899.8, 10, 0, 0, 3899.8, 100);
    market(&fixture, "IF2503", '3', '3', '1', 2); /* queues at the last price */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    assert_true(fixture_last_order()->LimitPrice == 3899.8);
    market(&fixture, "IF2503", '3', '1', '1', 2);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    fixture_quote(&fixture, "i2505", 799.5, 10, 0, 0, 799.5, 100);
    market(&fixture, "i2505", '1', '3', '1', 2); /* queues at the upper limit */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    assert_true(fixture_last_order()->LimitPrice == 880);
    fixture_quote(&fixture, "SR505", 5999, 10, 0, 0, 5999, 100);
    market(&fixture, "SR505", '1', '3', '1', 2);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3 5");
    fixture_end(&fixture);
    fixture_begin(&fixture, NULL); /* no quote at all, no last price */
    market(&fixture, "IF2503", '3', '3', '1', 2);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 5");
    fixture_end(&fixture);
}

static void the_price_in_a_market_order_is_not_looked_at(void **state)
{
    (void)state;
    static const double prices[] = {NAN, 1e200, -1e200, 123.456, ABSENT_PRICE};
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++) {
        struct fixture fixture;
        fixture_begin(&fixture, NULL);
        fixture_quote(&fixture, "i2505", 799.5, 10, 800, 3, 800, 100);
        input_order input = fixture_input(&fixture, "i2505", '0', '0', prices[i], 5);
        input.OrderPriceType = '1';
        send(&fixture, CONNECTION_ONE, &input);
        assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3 1 T");
        assert_true(fixture_last_order()->LimitPrice == 880);
        PUT_TEXT(input.OrderRef, TEXT(""));
        input.TimeCondition = '1';
        send(&fixture, CONNECTION_ONE, &input);
        assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3 5");
        fixture_end(&fixture);
    }
}

static void best_price_takes_one_level_and_five_level_more(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct fixture fixture;
        fixture_begin(&fixture, NULL);
        struct quote quote = fixture_quote_of(&fixture, "IF2503", 3899.8, 1, 3900, 1, 3900, 100);
        quote.ask[1] = (struct quote_level){3900.2, 1};
        quote.ask[2] = (struct quote_level){3900.4, 1};
        core_quote(fixture.core, &quote, false);
        market(&fixture, "IF2503", i ? 'G' : '3', '1', '1', 3);
        assert_string_equal(fixture_story(&fixture, CONNECTION_ONE),
                            i ? "a a 1 T 1 T 0 T" : "a 5 5 T");
        assert_true(fixture_last_trade()->Price == (i ? 3900.4 : 3900));
        fixture_end(&fixture);
    }
}

/* ---- between customers ---- */

static void two_customers_meet_with_one_trade_number(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "BTC", '1', '0', 3402, 5);
    fixture_order(&fixture, CONNECTION_TWO, "BTC", '0', '0', 3403, 8);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3 3 0 T");
    struct CThostFtdcTradeField sold = *fixture_last_trade();
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), "a a 1 T");
    const struct CThostFtdcTradeField *bought = fixture_last_trade();
    assert_string_equal(sold.TradeID, bought->TradeID);
    assert_int_equal(bought->SequenceNo + 1, sold.SequenceNo); /* the buyer's first */
    assert_true(bought->Price == 3402); /* previous close 3400 is below both */
    assert_int_equal(bought->PriceSource, '2');
    assert_int_equal(bought->Volume, 5);
    assert_int_equal(fixture.core->ledger.rows[0].position, 5);
    /* the rest of 3 queues and meets the next seller at the middle of 3403, 3400 and 3402 */
    fixture_order(&fixture, CONNECTION_ONE, "BTC", '1', '0', 3400, 3);
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), "1 0 T");
    assert_true(fixture_last_trade()->Price == 3402);
    assert_int_equal(fixture_last_trade()->PriceSource, '0');
    fixture_end(&fixture);
}

static void the_resting_price_may_rule(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.book_price = TRADE_PRICE_RESTING;
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    fixture_order(&fixture, CONNECTION_ONE, "BTC", '0', '0', 3390, 1);
    fixture_order(&fixture, CONNECTION_TWO, "BTC", '1', '0', 3380, 1);
    fixture_story(&fixture, CONNECTION_TWO);
    assert_true(fixture_last_trade()->Price == 3390);
    fixture_end(&fixture);
}

static void an_incoming_fak_sweeps_the_book_and_its_rest_is_cancelled_first(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "BTC", '1', '0', 3401, 2);
    fixture_order(&fixture, CONNECTION_ONE, "BTC", '1', '0', 3402, 3);
    input_order input = fixture_input(&fixture, "BTC", '0', '0', 3402, 9);
    input.TimeCondition = '1';
    send(&fixture, CONNECTION_TWO, &input);
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), "a 5 5 T 5 T");
    assert_int_equal(fixture_last_order()->VolumeTraded, 5);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3 a 3 3 0 T 3 0 T");
    fixture_end(&fixture);
}

static void the_book_makes_ticks_at_most_each_half_second(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "BTC", '1', '0', 3402, 5);
    assert_int_equal(fixture.ticks, 1);
    assert_true(fixture.tick.AskPrice1 == 3402);
    assert_int_equal(fixture.tick.AskVolume1, 5);
    assert_true(fixture.tick.LastPrice == ABSENT_PRICE);
    fixture_order(&fixture, CONNECTION_TWO, "BTC", '0', '0', 3402, 2);
    core_tick_time(fixture.core);
    assert_int_equal(fixture.ticks, 1); /* not yet */
    fixture_set_clock(&fixture, FIXTURE_DAY, 10 * 3600, 500);
    core_tick_time(fixture.core);
    assert_int_equal(fixture.ticks, 2);
    core_tick_time(fixture.core);
    assert_int_equal(fixture.ticks, 2); /* nothing changed */
    assert_true(fixture.tick.LastPrice == 3402 && fixture.tick.OpenPrice == 3402);
    assert_int_equal(fixture.tick.Volume, 2);
    assert_true(fixture.tick.Turnover == 68040);
    assert_true(fixture.tick.AveragePrice == 34020);
    assert_true(fixture.tick.OpenInterest == 2);
    assert_int_equal(fixture.tick.AskVolume1, 3);
    assert_true(fixture.tick.PreClosePrice == 3400);
    assert_string_equal(fixture.tick.ExchangeID, "TTS");
    assert_int_equal(fixture.tick.UpdateMillisec, 500);
    assert_true(core_instrument(fixture.core, fixture_instrument(&fixture, "BTC"))->last == 3402);
    fixture_end(&fixture);
}

static void yesterday_s_close_is_the_next_day_s_previous_price(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_order(&fixture, CONNECTION_ONE, "BTC", '1', '0', 3402, 5);
    fixture_order(&fixture, CONNECTION_TWO, "BTC", '0', '0', 3402, 5);
    fixture_order(&fixture, CONNECTION_TWO, "BTC", '0', '0', 3300, 5);
    core_settle(fixture.core, 20250304, NULL);
    assert_int_equal(fixture.closed, 3);
    for (uint32_t i = 1; i <= 2; i++) {
        struct CThostFtdcReqUserLoginField login = {.BrokerID = "9999"};
        PUT_TEXT(login.UserID, i == 1 ? TEXT("u1") : TEXT("u2"));
        fixture_send(&fixture, i, CTP_TraderApi_ReqUserLogin, &login);
        fixture.read[i] = 0;
    }
    fixture_set_clock(&fixture, 20250304, 10 * 3600, 0);
    fixture_order(&fixture, CONNECTION_ONE, "BTC", '1', '0', 3350, 5); /* 3300 is gone */
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    fixture_order(&fixture, CONNECTION_TWO, "BTC", '0', '0', 3410, 5);
    fixture_story(&fixture, CONNECTION_TWO);
    assert_true(fixture_last_trade()->Price == 3402);
    assert_true(fixture.tick.PreClosePrice == 3402);
    assert_true(fixture.tick.PreOpenInterest == 5);
    fixture_end(&fixture);
}

static void yesterday_s_quote_fills_nobody_today(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100);
    core_settle(fixture.core, 20250304, NULL);
    struct CThostFtdcReqUserLoginField login = {.BrokerID = "9999", .UserID = "u1"};
    fixture_send(&fixture, CONNECTION_ONE, CTP_TraderApi_ReqUserLogin, &login);
    assert_null(core_newest_quote(fixture.core, fixture_instrument(&fixture, "rb2505")));
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3400, 2);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 5);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "3 0 T");
    fixture_end(&fixture);
}

/* ---- auctions ---- */

static void a_book_s_auction_trades_at_one_price(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_status(&fixture, "BTC", '3');
    static const double buys[] = {3402, 3401, 3400};
    for (int i = 0; i < 3; i++)
        fixture_order(&fixture, CONNECTION_ONE, "BTC", '0', '0', buys[i], 5);
    static const struct {
        double price;
        int volume;
    } sells[] = {{3399, 4}, {3401, 4}, {3402, 6}};
    for (int i = 0; i < 3; i++)
        fixture_order(&fixture, CONNECTION_TWO, "BTC", '1', '0', sells[i].price, sells[i].volume);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3 a 3 a 3");
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), "a 3 a 3 a 3");
    fixture_set_clock(&fixture, FIXTURE_DAY, 10 * 3600 + 60, 0);
    fixture_status(&fixture, "BTC", '5');
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "3 1 T 0 T 3 1 T");
    assert_true(fixture_last_trade()->Price == 3401);
    assert_string_equal(fixture_story(&fixture, CONNECTION_TWO), "3 0 T 3 1 T 0 T");
    assert_int_equal(fixture.tick.Volume, 8);
    assert_true(fixture.tick.OpenPrice == 3401 && fixture.tick.LastPrice == 3401);
    fixture_status(&fixture, "BTC", '2');
    assert_int_equal(fixture.tick.BidVolume1, 2); /* what is left of 3401 */
    fixture_end(&fixture);
}

static void a_replayed_auction_fills_at_the_open_price(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_status(&fixture, "rb2505", '3');
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3410, 3);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3390, 3);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3 a 3");
    fixture_status(&fixture, "rb2505", '5');
    fixture_quote(&fixture, "rb2505", 3400, 10, 3401, 10, 3400, 50);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "3 0 T");
    assert_true(fixture_last_trade()->Price == 3400);
    fixture_status(&fixture, "rb2505", '2');
    fixture_quote(&fixture, "rb2505", 3389, 10, 3390, 10, 3390, 60);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "3 0 T");
    fixture_end(&fixture);
}

static void a_closing_auction_does_not_fill_at_the_open_price(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_status(&fixture, "rb2505", '2');
    fixture_quote(&fixture, "rb2505", 3399, 10, 3400, 10, 3400, 100); /* open 3400 */
    fixture_status(&fixture, "rb2505", '3');
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3420, 3);
    struct quote quote = fixture_quote_of(&fixture, "rb2505", 3409, 10, 3410, 10, 3410, 110);
    quote.open = 3400;
    core_quote(fixture.core, &quote, false);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    fixture_status(&fixture, "rb2505", '5');
    core_quote(fixture.core, &quote, false);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "3 0 T");
    fixture_end(&fixture);
}

static void quotes_in_a_break_match_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_status(&fixture, "rb2505", '2');
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3400, 3);
    fixture_status(&fixture, "rb2505", '1');
    fixture_quote(&fixture, "rb2505", 3398, 10, 3399, 10, 3399, 60);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "a 3");
    fixture_status(&fixture, "rb2505", '2');
    fixture_quote(&fixture, "rb2505", 3398, 10, 3399, 10, 3399, 60);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "3 0 T");
    fixture_end(&fixture);
}

static void statuses_go_to_the_public_flow(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    uint32_t before = core_public_count(fixture.core);
    fixture_status(&fixture, "rb2505", '3');
    assert_int_equal(core_public_count(fixture.core), before + 1);
    struct core_message message;
    core_public_message(fixture.core, before + 1, &message);
    assert_int_equal(message.callback, CTP_TraderSpi_OnRtnInstrumentStatus);
    const struct CThostFtdcInstrumentStatusField *body = message.body;
    assert_string_equal(body->InstrumentID, "rb");
    assert_string_equal(body->ExchangeID, "SHFE");
    assert_string_equal(body->EnterTime, "10:00:00");
    assert_int_equal(body->InstrumentStatus, '3');
    assert_int_equal(body->TradingSegmentSN, 1);
    fixture_end(&fixture);
}

/* ---- ticks of the feed ---- */

static void ticks_are_stamped_as_their_exchange_does(void **state)
{
    (void)state;
    const struct {
        const char *instrument, *trading_day, *action_day;
        int millisecond;
    } rows[] = {
        {"rb2505", "20250303", "20250228", 500},
        {"i2505", "20250303", "20250303", 500},
        {"SR505", "20250228", "20250228", 0},
    };
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_set_clock(&fixture, 20250228, 21 * 3600 + 5, 500);
    for (size_t i = 0; i < 3; i++) {
        uint32_t place = fixture_instrument(&fixture, rows[i].instrument);
        double pre = core_instrument(fixture.core, place)->pre_settlement;
        fixture_quote(&fixture, rows[i].instrument, pre, 1, pre + 5, 2, pre, 10);
        assert_string_equal(fixture.tick.TradingDay, rows[i].trading_day);
        assert_string_equal(fixture.tick.ActionDay, rows[i].action_day);
        assert_string_equal(fixture.tick.UpdateTime, "21:00:05");
        assert_int_equal(fixture.tick.UpdateMillisec, rows[i].millisecond);
        struct CThostFtdcDepthMarketDataField newest;
        assert_true(core_newest_tick(fixture.core, place, &newest));
        assert_memory_equal(&newest, &fixture.tick, sizeof newest);
    }
    struct CThostFtdcDepthMarketDataField none;
    assert_false(core_newest_tick(fixture.core, fixture_instrument(&fixture, "IF2503"), &none));
    assert_null(core_newest_quote(fixture.core, fixture_instrument(&fixture, "IF2503")));
    fixture_end(&fixture);
}

static void new_limits_of_a_quote_are_lasting(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct quote quote = fixture_quote_of(&fixture, "rb2505", 3399, 1, 3400, 1, 3400, 10);
    quote.pre_settlement = 3390;
    quote.upper_limit = 3800;
    quote.lower_limit = 3000;
    uint32_t effects = fixture.effect_count;
    core_quote(fixture.core, &quote, true); /* quiet: nothing is decided */
    assert_int_equal(fixture.effect_count, effects);
    assert_int_equal(fixture.ticks, 0);
    core_quote(fixture.core, &quote, false);
    assert_int_equal(fixture.effect_count, effects + 1);
    core_quote(fixture.core, &quote, false);
    assert_int_equal(fixture.effect_count, effects + 1); /* known now */
    const struct instrument *instrument = core_instrument(fixture.core, quote.instrument);
    assert_true(instrument->pre_settlement == 3390 && instrument->upper_limit == 3800);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3790, 1);
    fixture_story(&fixture, CONNECTION_ONE);
    assert_int_equal(fixture_last_order()->OrderStatus, '0');
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_outside_the_market_are_refused_by_the_exchange),
        cmocka_unit_test(an_auction_takes_limit_orders_only),
        cmocka_unit_test(always_open_never_refuses_for_the_phase),
        cmocka_unit_test(prices_must_be_on_the_tick_and_within_the_limits),
        cmocka_unit_test(absurd_prices_leave_no_trace_in_frozen_sums),
        cmocka_unit_test(czce_cuts_prices_down_to_the_tick),
        cmocka_unit_test(volumes_have_a_smallest_and_a_largest),
        cmocka_unit_test(a_market_order_of_czce_bears_no_price),
        cmocka_unit_test(good_for_day_all_or_nothing_is_no_type),
        cmocka_unit_test(self_trades_are_allowed_refused_or_cancel_the_old),
        cmocka_unit_test(rests_of_market_orders_follow_their_exchange),
        cmocka_unit_test(market_orders_without_an_opposite_side),
        cmocka_unit_test(the_price_in_a_market_order_is_not_looked_at),
        cmocka_unit_test(best_price_takes_one_level_and_five_level_more),
        cmocka_unit_test(two_customers_meet_with_one_trade_number),
        cmocka_unit_test(the_resting_price_may_rule),
        cmocka_unit_test(an_incoming_fak_sweeps_the_book_and_its_rest_is_cancelled_first),
        cmocka_unit_test(the_book_makes_ticks_at_most_each_half_second),
        cmocka_unit_test(yesterday_s_close_is_the_next_day_s_previous_price),
        cmocka_unit_test(yesterday_s_quote_fills_nobody_today),
        cmocka_unit_test(a_book_s_auction_trades_at_one_price),
        cmocka_unit_test(a_replayed_auction_fills_at_the_open_price),
        cmocka_unit_test(a_closing_auction_does_not_fill_at_the_open_price),
        cmocka_unit_test(quotes_in_a_break_match_nothing),
        cmocka_unit_test(statuses_go_to_the_public_flow),
        cmocka_unit_test(ticks_are_stamped_as_their_exchange_does),
        cmocka_unit_test(new_limits_of_a_quote_are_lasting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
