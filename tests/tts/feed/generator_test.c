/* generator_test.c: generated days are the same for the same seed, and are days that a market could
 * have. */
#include "cmocka_all.h"
#include "tts/feed/feed.h"
#include "tts/feed/generator.h"
#include <math.h>

static struct catalogue real_catalogue(void)
{
    struct catalogue catalogue = {.extras = NULL};
    struct error error;
    assert_true(catalogue_load(&catalogue, NULL, 0, &error));
    return catalogue;
}

static struct source open_source(struct catalogue *catalogue,
                                 const struct generator_options *options)
{
    struct source source;
    struct error error;
    char line[1024];
    if (!generator_open(&source, catalogue, options, &error))
        fail_msg("%s", error_text(&error, line, sizeof line));
    return source;
}

static uint64_t hash_of_quotes(struct source *source, uint32_t pass, int quotes)
{
    struct quote quote;
    int line_ms;
    uint64_t hash = 0;
    source->begin(source->self, pass);
    for (int i = 0; i < quotes && source->next(source->self, &quote, &line_ms); i++) {
        hash = hash_number(hash ^ quote.instrument ^ (uint64_t)(uint32_t)line_ms << 32);
        hash =
            hash_number(hash ^ (uint64_t)quote.volume ^ hash_bytes(&quote.last, sizeof quote.last));
        hash = hash_number(hash ^ hash_bytes(&quote.ask[0].price, sizeof quote.ask[0].price));
    }
    return hash;
}

static const struct generator_options few = {
    .seed = 7, .first_day = 20250303, .products = "IF,rb,SR,m,IO,SRC,m_o"};

static void equal_seeds_give_equal_ticks(void **state)
{
    (void)state;
    struct catalogue catalogue = real_catalogue(), other_catalogue = real_catalogue();
    struct generator_options other_options = few;
    struct source source = open_source(&catalogue, &few),
                  other = open_source(&other_catalogue, &few);
    assert_int_equal(source.fingerprint(source.self), other.fingerprint(other.self));
    assert_true(hash_of_quotes(&source, 0, 50000) == hash_of_quotes(&other, 0, 50000));
    /* A later pass needs none before it. */
    assert_true(hash_of_quotes(&source, 5, 50000) == hash_of_quotes(&other, 5, 50000));
    assert_true(hash_of_quotes(&source, 5, 50000) != hash_of_quotes(&source, 6, 50000));
    other.close(other.self);
    other_options.seed = 8;
    other = open_source(&other_catalogue, &other_options);
    assert_int_not_equal(source.fingerprint(source.self), other.fingerprint(other.self));
    assert_true(hash_of_quotes(&source, 0, 50000) != hash_of_quotes(&other, 0, 50000));
    source.close(source.self);
    other.close(other.self);
    catalogue_finish(&catalogue);
    catalogue_finish(&other_catalogue);
}

static void the_whole_product_table_plays(void **state)
{
    (void)state;
    struct catalogue catalogue = real_catalogue();
    struct source source =
        open_source(&catalogue, &(struct generator_options){.seed = 1, .first_day = 20250303});
    uint32_t count;
    const uint32_t *instruments = source.instruments(source.self, &count);
    bool *plays = calloc(catalogue.market.product_count, sizeof *plays);
    for (uint32_t i = 0; i < count; i++)
        plays[catalogue.market.instruments[instruments[i]].product] = true;
    for (uint32_t i = 0; i < catalogue.market.product_count; i++)
        if (!plays[i] && catalogue.market.products[i].product_class != '7') /* TAS: no quotes */
            fail_msg("nothing of %s plays", catalogue.market.products[i].id);
    free(plays);
    static const char *const wanted[] = {"IF2503", "IF2504", "rb2505",      "SR505",
                                         "m2505",  "T2506",  "m2505-C-2900"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_int_not_equal(
            market_find_instrument(&catalogue.market, EXCHANGE_COUNT, text_of(wanted[i])),
            INSTRUMENT_NONE);
    source.close(source.self);
    catalogue_finish(&catalogue);
}

static void assert_on_tick(double price, double tick)
{
    double ticks = price / tick;
    if (fabs(ticks - round(ticks)) > 1e-6)
        fail_msg("%.10g is no multiple of %g", price, tick);
}

static void check_quote(const struct catalogue *catalogue, const struct quote *quote,
                        const struct quote *before)
{
    const struct instrument *instrument = &catalogue->market.instruments[quote->instrument];
    const struct quote_level *bid = quote->bid, *ask = quote->ask;
    assert_true(quote->volume >= before->volume && quote->turnover >= before->turnover);
    if (price_is_present(bid[0].price) && price_is_present(ask[0].price))
        assert_true(bid[0].price < ask[0].price);
    assert_true(price_is_present(bid[0].price) || price_is_present(ask[0].price));
    for (int i = 0; i < QUOTE_LEVELS; i++) {
        assert_int_equal(price_is_present(bid[i].price), bid[i].volume > 0);
        assert_int_equal(price_is_present(ask[i].price), ask[i].volume > 0);
    }
    assert_on_tick(quote->last, instrument->price_tick);
    assert_true(quote->last <= quote->upper_limit && quote->last >= quote->lower_limit);
    if (price_is_present(quote->open))
        assert_true(quote->highest >= quote->last - 1e-9 || quote->volume == before->volume);
    if (quote->volume > before->volume && before->volume > 0) {
        double price = (quote->turnover - before->turnover) / (quote->volume - before->volume) /
                       instrument->volume_multiple;
        assert_true(fabs(price - quote->last) < 1e-4 * quote->last + 1e-6);
    }
}

static void a_day_is_one_that_a_market_could_have(void **state)
{
    (void)state;
    struct catalogue catalogue = real_catalogue();
    struct source source = open_source(&catalogue, &few);
    uint32_t count;
    const uint32_t *instruments = source.instruments(source.self, &count);
    struct quote *before = calloc(catalogue.market.instrument_count, sizeof *before), quote;
    int line_ms, last_ms = INT32_MIN, levels = 0;
    source.begin(source.self, 0);
    while (source.next(source.self, &quote, &line_ms)) {
        assert_true(line_ms >= last_ms);
        last_ms = line_ms;
        check_quote(&catalogue, &quote, &before[quote.instrument]);
        before[quote.instrument] = quote;
        if (catalogue.market.instruments[quote.instrument].exchange == EXCHANGE_SHFE &&
            quote.bid[4].volume > 0)
            levels = 5;
    }
    assert_int_equal(levels, 5);
    for (uint32_t i = 0; i < count; i++) {
        const struct quote *end = &before[instruments[i]];
        struct quote last;
        assert_true(end->volume > 1000);
        assert_true(end->highest > end->lowest);
        assert_true(end->settlement == source.pre_settlement(source.self, 1, instruments[i]));
        assert_true(source.last(source.self, 0, instruments[i], &last));
        assert_int_equal(last.volume, end->volume);
        assert_true(last.last == end->last && last.turnover == end->turnover);
    }
    free(before);
    source.close(source.self);
    catalogue_finish(&catalogue);
}

static void a_day_begins_on_the_evening_before_but_the_first_in_the_morning(void **state)
{
    (void)state;
    struct catalogue catalogue = real_catalogue();
    struct generator_options options = {.seed = 1, .first_day = 20250307, .products = "rb"};
    struct source source = open_source(&catalogue, &options);
    struct quote quote;
    int line_ms;
    source.begin(source.self, 0);
    assert_true(source.next(source.self, &quote, &line_ms));
    assert_int_equal(quote.trading_day, 20250307);
    assert_int_equal(quote.second_of_day, 8 * 3600 + 59 * 60); /* the auction */
    source.begin(source.self, 1);
    assert_true(source.next(source.self, &quote, &line_ms));
    assert_int_equal(quote.trading_day, 20250310);
    assert_int_equal(quote.action_day, 20250307);
    assert_int_equal(quote.second_of_day, 20 * 3600 + 59 * 60);
    assert_true(price_is_present(quote.open) && quote.volume > 0);
    assert_true(source.next(source.self, &quote, &line_ms) &&
                source.next(source.self, &quote, &line_ms));
    assert_int_equal(quote.second_of_day, 21 * 3600);
    source.close(source.self);
    catalogue_finish(&catalogue);
}

static void a_generated_feed_goes_on_at_its_position(void **state)
{
    (void)state;
    struct catalogue catalogue = real_catalogue(), other = real_catalogue();
    struct feed_options options = {
        .catalogue = &catalogue, .generator = few, .trading_day = 20260105, .everyday = true};
    struct error error;
    struct feed *feed = feed_open(&options, &error);
    assert_non_null(feed);
    struct feed_event event;
    for (int i = 0; i < 3000; i++)
        feed_next(feed, &event);
    assert_int_equal(event.quote.trading_day, 20260105);
    while (event.kind != FEED_PASS_END) /* into the second pass: volumes go on */
        feed_next(feed, &event);
    for (int i = 0; i < 500; i++)
        feed_next(feed, &event);
    char position[FEED_POSITION_MAX];
    feed_position(feed, position);
    options.catalogue = &other;
    options.position = position;
    struct feed *again = feed_open(&options, &error);
    assert_non_null(again);
    while (feed_peek(again)->quiet)
        feed_advance(again);
    for (int i = 0; i < 5000; i++) {
        struct feed_event want, got;
        feed_next(feed, &want);
        feed_next(again, &got);
        assert_int_equal(got.kind, want.kind);
        assert_int_equal(got.due_ms, want.due_ms);
        assert_int_equal(got.quote.volume, want.quote.volume);
        assert_true(got.quote.turnover == want.quote.turnover && got.quote.last == want.quote.last);
    }
    feed_close(feed);
    feed_close(again);
    catalogue_finish(&catalogue);
    catalogue_finish(&other);
}

static void what_cannot_be_generated_is_refused(void **state)
{
    (void)state;
    static const struct generator_options wrong[] = {
        {.seed = 1, .first_day = 20250230},
        {.seed = 1, .first_day = 20250303, .products = "nothing"},
        {.seed = 1, .first_day = 20250303, .levels = 6},
        {.seed = 1, .first_day = 20250303, .contracts = -1},
    };
    struct catalogue catalogue = real_catalogue();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct source source;
        struct error error = {.line = 0};
        assert_false(generator_open(&source, &catalogue, &wrong[i], &error));
        assert_true(error.what[0]);
    }
    catalogue_finish(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_seeds_give_equal_ticks),
        cmocka_unit_test(the_whole_product_table_plays),
        cmocka_unit_test(a_day_is_one_that_a_market_could_have),
        cmocka_unit_test(a_day_begins_on_the_evening_before_but_the_first_in_the_morning),
        cmocka_unit_test(a_generated_feed_goes_on_at_its_position),
        cmocka_unit_test(what_cannot_be_generated_is_refused),
    };
    return cmocka_run_group_tests_name("generator", tests, NULL, NULL);
}
