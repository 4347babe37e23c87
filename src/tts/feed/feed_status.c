/* feed_status.c: the statuses of a pass: those of every product that plays in it, merged. See
 * feed.h. */
#define _GNU_SOURCE /* qsort_r */
#include "base/buffer.h"
#include "tts/feed/feed_inside.h"

int feed_status_day(const struct feed *feed, uint32_t product)
{
    uint32_t instrument = feed->first_of_product[product];
    return feed->source.day(feed->source.self, feed->pass, instrument);
}

/* The product whose instruments say when this one plays: TAS plays with its underlying. */
static uint32_t playing_product(const struct feed *feed, uint32_t product)
{
    const struct market *market = &feed->catalogue->market;
    const struct product *of = &market->products[product];
    if (of->product_class != '7')
        return product;
    return market_find_product(market, of->exchange, text_of(of->underlying));
}

/* A product has a night session in the pass when any of its instruments has. */
static bool has_night(const struct feed *feed, uint32_t product, const struct session_group *group)
{
    if (!session_group_has_night(group))
        return false;
    uint32_t count;
    const uint32_t *instruments = feed->source.instruments(feed->source.self, &count);
    uint32_t playing = playing_product(feed, product);
    for (uint32_t i = 0; i < count; i++)
        if (feed->catalogue->market.instruments[instruments[i]].product == playing &&
            feed->source.night(feed->source.self, feed->pass, instruments[i]))
            return true;
    return false;
}

static void add_status(struct feed *feed, const struct status_item *item)
{
    if (feed->status_count == feed->status_capacity) {
        feed->status_capacity = feed->status_capacity ? feed->status_capacity * 2 : 1024;
        feed->statuses =
            memory_resize(feed->statuses, feed->status_capacity * sizeof *feed->statuses);
    }
    feed->statuses[feed->status_count++] = *item;
}

static void add_product(struct feed *feed, uint32_t product)
{
    const struct session_group *group = catalogue_sessions_of(feed->catalogue, product);
    struct session_step steps[SESSION_STEPS_MAX];
    int count = session_group_day(group, has_night(feed, product, group), steps);
    for (int i = 0; i < count; i++) {
        /* CZCE's '0' behind an auction begins the match; other '0', '1' and '6' stand behind the
         * quotes of their second. */
        bool match = steps[i].status == '0' && i > 0 && steps[i - 1].status == '3';
        bool behind = session_step_ends(&steps[i]) && !match;
        struct status_item item = {.key = (int64_t)steps[i].line_second * 1000 + (behind ? 999 : 0),
                                   .behind = behind,
                                   .line_second = steps[i].line_second,
                                   .status = {product, steps[i].status, steps[i].enter_reason,
                                              i + 1, session_second_of_day(steps[i].line_second)}};
        add_status(feed, &item);
    }
}

/* By time, then exchange, then product id, then the order in the product's day. */
static int compare(const void *a, const void *b, void *user)
{
    const struct status_item *one = a, *other = b;
    const struct product *products = user;
    if (one->key != other->key)
        return one->key < other->key ? -1 : 1;
    const struct product *product = &products[one->status.product];
    const struct product *other_product = &products[other->status.product];
    if (product->exchange != other_product->exchange)
        return product->exchange < other_product->exchange ? -1 : 1;
    int by_id = strcmp(product->id, other_product->id);
    return by_id ? by_id : one->status.segment - other->status.segment;
}

void feed_status_prepare(struct feed *feed)
{
    const struct market *market = &feed->catalogue->market;
    feed->first_of_product =
        memory_get_zeroed(market->product_count, sizeof *feed->first_of_product);
    for (uint32_t i = 0; i < market->product_count; i++)
        feed->first_of_product[i] = INSTRUMENT_NONE;
    uint32_t count;
    const uint32_t *instruments = feed->source.instruments(feed->source.self, &count);
    for (uint32_t i = count; i-- > 0;)
        feed->first_of_product[market->instruments[instruments[i]].product] = instruments[i];
    for (uint32_t i = 0; i < market->product_count; i++) {
        uint32_t playing = playing_product(feed, i);
        if (playing != i && playing != INSTRUMENT_NONE)
            feed->first_of_product[i] = feed->first_of_product[playing];
    }
}

void feed_status_fill(struct feed *feed)
{
    const struct market *market = &feed->catalogue->market;
    feed->status_count = feed->status_next = 0;
    for (uint32_t i = 0; i < market->product_count; i++)
        if (feed->first_of_product[i] != INSTRUMENT_NONE)
            add_product(feed, i);
    qsort_r(feed->statuses, feed->status_count, sizeof *feed->statuses, compare, market->products);
}

/* Products that have ticks; TAS has none, and closes before its underlying. */
static bool has_ticks(const struct feed *feed, uint32_t product)
{
    return feed->first_of_product[product] != INSTRUMENT_NONE &&
           playing_product(feed, product) == product;
}

int64_t feed_status_start(const struct feed *feed, int64_t first_quote)
{
    uint32_t products = feed->catalogue->market.product_count, playing = 0, open = 0;
    bool *is_open = memory_get_zeroed(products, sizeof *is_open);
    int64_t first = INT64_MIN, start = INT64_MIN;
    for (uint32_t i = 0; i < products; i++)
        playing += has_ticks(feed, i);
    for (size_t i = 0; i < feed->status_count; i++) {
        const struct status_item *item = &feed->statuses[i];
        uint32_t product = item->status.product;
        bool opens = item->status.status == '2', was = is_open[product];
        if (!has_ticks(feed, product))
            continue;
        is_open[product] = opens;
        open = open + opens - was;
        if (opens && first == INT64_MIN)
            first = item->key;
        bool all_open = opens && !was && open == playing;
        if (all_open && (start == INT64_MIN || item->key <= first_quote))
            start = item->key;
    }
    free(is_open);
    return start != INT64_MIN ? start : first;
}
