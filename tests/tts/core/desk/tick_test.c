/* tick_test.c: a quote as clients see it: dates by the exchange's manners, levels, ids, what is
 * shown where nothing is known; and how much of what it shows fills an order. */
#include "cmocka_all.h"
#include "core_fixture.h"
#include <string.h>

typedef struct CThostFtdcDepthMarketDataField depth;

/* A quote of five levels a side, one tick apart and 1..5 lots. */
static struct quote deep_quote(const struct fixture *fixture, const char *instrument, double bid)
{
    const struct instrument *of =
        core_instrument(fixture->core, fixture_instrument(fixture, instrument));
    double tick = of->price_tick;
    struct quote quote = fixture_quote_of(fixture, instrument, bid, 1, bid + tick, 1, bid, 10);
    for (int i = 1; i < QUOTE_LEVELS; i++) {
        quote.bid[i] = (struct quote_level){bid - i * tick, i + 1};
        quote.ask[i] = (struct quote_level){bid + (i + 1) * tick, i + 1};
    }
    return quote;
}

static const depth *shown(struct fixture *fixture, const struct quote *quote)
{
    fixture->ticks = 0;
    core_quote(fixture->core, quote, false);
    assert_int_equal(fixture->ticks, 1);
    return &fixture->tick;
}

static int levels_of(const depth *tick)
{
    const double prices[] = {tick->BidPrice1, tick->BidPrice2, tick->BidPrice3, tick->BidPrice4,
                             tick->BidPrice5};
    const int volumes[] = {tick->AskVolume1, tick->AskVolume2, tick->AskVolume3, tick->AskVolume4,
                           tick->AskVolume5};
    int count = 0;
    for (int i = 0; i < QUOTE_LEVELS; i++) {
        bool there = prices[i] != ABSENT_PRICE;
        assert_int_equal(volumes[i], there ? i + 1 : 0);
        count += there;
    }
    return count;
}

static void exchanges_show_their_levels_or_the_options(void **state)
{
    (void)state;
    static const struct {
        const char *instrument;
        double bid;
        int levels, wanted;
    } cases[] = {{"rb2505", 3400, 5, 2}, {"sc2505", 570, 5, 1},  {"i2505", 800, 1, 3},
                 {"SR505", 6000, 1, 4},  {"IF2503", 3900, 1, 5}, {"si2505", 10000, 1, 2},
                 {"600000", 10, 5, 5}};
    struct core_options options = core_options_of(PROFILE_TTS), changed = options;
    changed.levels_shfe = changed.levels_gfex = 2;
    changed.levels_ine = 1;
    changed.levels_dce = 3;
    changed.levels_czce = 4;
    changed.levels_cffex = 5;
    for (int round = 0; round < 2; round++) {
        struct fixture fixture;
        fixture_begin(&fixture, round ? &changed : &options);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            struct quote quote = deep_quote(&fixture, cases[i].instrument, cases[i].bid);
            assert_int_equal(levels_of(shown(&fixture, &quote)),
                             round ? cases[i].wanted : cases[i].levels);
        }
        fixture_end(&fixture);
    }
}

static void expect_stamp(struct fixture *fixture, const char *instrument, const char *trading_day,
                         const char *action_day, int millisecond)
{
    const struct instrument *of =
        core_instrument(fixture->core, fixture_instrument(fixture, instrument));
    struct quote quote = deep_quote(fixture, instrument, of->pre_settlement);
    quote.trading_day = 20210308;
    quote.action_day = 20210305; /* the Friday before it */
    quote.second_of_day = 21 * 3600 + 5 * 60;
    quote.millisecond = 500;
    const depth *tick = shown(fixture, &quote);
    assert_string_equal(tick->TradingDay, trading_day);
    assert_string_equal(tick->ActionDay, action_day);
    assert_string_equal(tick->UpdateTime, "21:05:00");
    assert_int_equal(tick->UpdateMillisec, millisecond);
}

static void dates_follow_the_exchange_or_are_uniform(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    expect_stamp(&fixture, "rb2505", "20210308", "20210305", 500);
    expect_stamp(&fixture, "i2505", "20210308", "20210308", 500);
    expect_stamp(&fixture, "SR505", "20210305", "20210305", 0);
    fixture_end(&fixture);
    options.exchange_stamps_real = false;
    fixture_begin(&fixture, &options);
    expect_stamp(&fixture, "rb2505", "20210308", "20210305", 500);
    expect_stamp(&fixture, "i2505", "20210308", "20210305", 500);
    expect_stamp(&fixture, "SR505", "20210308", "20210305", 500);
    fixture_end(&fixture);
}

static void ids_of_the_exchange_may_be_left_out(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    struct fixture fixture;
    fixture_begin(&fixture, &options);
    struct quote quote = deep_quote(&fixture, "rb2505", 3400);
    assert_string_equal(shown(&fixture, &quote)->ExchangeID, "SHFE");
    assert_string_equal(fixture.tick.ExchangeInstID, "rb2505");
    fixture_end(&fixture);
    options.md_exchange_id_fill = false;
    fixture_begin(&fixture, &options);
    assert_string_equal(shown(&fixture, &quote)->ExchangeID, "");
    assert_string_equal(fixture.tick.ExchangeInstID, "");
    assert_string_equal(fixture.tick.InstrumentID, "rb2505");
    fixture_end(&fixture);
}

/* Before the first trade there are no prices of the day, and a side without lots is no side. */
static void what_is_not_known_is_absent(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct quote quote = fixture_quote_of(&fixture, "rb2505", 3400, 5, 0, 0, ABSENT_PRICE, 0);
    quote.pre_settlement = quote.upper_limit = quote.lower_limit = ABSENT_PRICE;
    quote.turnover = 0;
    const depth *tick = shown(&fixture, &quote);
    assert_true(tick->LastPrice == ABSENT_PRICE && tick->OpenPrice == ABSENT_PRICE);
    assert_true(tick->HighestPrice == ABSENT_PRICE && tick->LowestPrice == ABSENT_PRICE);
    assert_true(tick->ClosePrice == ABSENT_PRICE && tick->SettlementPrice == ABSENT_PRICE);
    assert_true(tick->PreDelta == 0 && tick->CurrDelta == ABSENT_PRICE);
    assert_true(tick->AskPrice1 == ABSENT_PRICE && tick->AskVolume1 == 0);
    assert_true(tick->BidPrice1 == 3400 && tick->BidVolume1 == 5);
    assert_true(tick->AveragePrice == 0 && tick->Turnover == 0);
    assert_true(tick->PreSettlementPrice == 3400); /* the instrument's own */
    assert_true(tick->UpperLimitPrice == 3400 * 1.1 && tick->LowerLimitPrice == 3400 * 0.9);
    assert_true(tick->BandingUpperPrice == 0 && tick->BandingLowerPrice == 0);
    fixture_end(&fixture);
}

/* CZCE tells an average without the multiple and no turnover, others a turnover. */
static void turnover_holds_the_multiple_everywhere(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct quote quote = deep_quote(&fixture, "SR505", 6000);
    quote.has_turnover = false;
    quote.turnover = 0;
    quote.average = 6001;
    assert_true(shown(&fixture, &quote)->Turnover == 6001.0 * 10 * 10);
    assert_true(fixture.tick.AveragePrice == 6001);
    quote = deep_quote(&fixture, "rb2505", 3400);
    assert_true(shown(&fixture, &quote)->Turnover == 3400.0 * 10 * 10);
    assert_true(fixture.tick.AveragePrice == 34000);
    fixture_end(&fixture);
}

static int filled_at_once(enum fill_profile profile, enum displayed_sizes sizes)
{
    struct core_options options = core_options_of(PROFILE_TTS);
    struct fixture fixture;
    options.match_profile = profile;
    options.limit_by_displayed_size = sizes;
    fixture_begin(&fixture, &options);
    fixture_quote(&fixture, "rb2505", 3399, 20, 3400, 5, 3400, 10);
    fixture_order(&fixture, CONNECTION_ONE, "rb2505", '0', '0', 3400, 8);
    int traded = fixture_newest(&fixture)->state.traded;
    fixture_end(&fixture);
    return traded;
}

static void displayed_sizes_limit_fills_by_profile_or_as_told(void **state)
{
    (void)state;
    assert_int_equal(filled_at_once(QUOTE_TOUCH, SIZES_BY_PROFILE), 8);
    assert_int_equal(filled_at_once(QUOTE_TOUCH, SIZES_LIMIT), 5);
    assert_int_equal(filled_at_once(QUOTE_CROSS, SIZES_BY_PROFILE), 5);
    assert_int_equal(filled_at_once(QUOTE_QUEUE, SIZES_BY_PROFILE), 5);
    assert_int_equal(filled_at_once(QUOTE_QUEUE, SIZES_IGNORED), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanges_show_their_levels_or_the_options),
        cmocka_unit_test(dates_follow_the_exchange_or_are_uniform),
        cmocka_unit_test(ids_of_the_exchange_may_be_left_out),
        cmocka_unit_test(what_is_not_known_is_absent),
        cmocka_unit_test(displayed_sizes_limit_fills_by_profile_or_as_told),
        cmocka_unit_test(turnover_holds_the_multiple_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
