/* golden_matching.c: runs the worked cases of both matching engines: `matching` (against the
 * quote), `auctions`, `median_price` and `book` (between customers). Orders are named by their
 * place in the case; the cases give prices in money, here they are ticks. */
#include "golden.h"
#include "tts/core/auction.h"
#include "tts/core/quote_match.h"
#include <string.h>

enum { ORDERS_MAX = 256, INSTRUMENT = 0 };

/* Finer than any PriceTick of the cases that do not name theirs. */
static const double fine_tick = 0.001;

struct names {
    const char *ref[ORDERS_MAX];
    enum match_side side[ORDERS_MAX];
    bool opens[ORDERS_MAX];
    uint32_t count;
};

static uint32_t add_name(struct names *names, const char *ref, enum match_side side, bool opens)
{
    uint32_t handle = names->count++;
    assert(handle < ORDERS_MAX);
    names->ref[handle] = ref;
    names->side[handle] = side;
    names->opens[handle] = opens;
    return handle;
}

static void same_text(struct golden *golden, const char *field, const char *want, const char *got)
{
    golden->checks++;
    if (strcmp(want, got) == 0)
        return;
    golden->differences++;
    printf("%s step %zu %s: wanted %s, got %s\n", golden->case_id, golden->step, field, want, got);
}

static void same_count(struct golden *golden, const char *where, const json_t *want, uint32_t got)
{
    golden->checks++;
    if (json_array_size(want) != got)
        golden_differs(golden, where, "count", (double)json_array_size(want), got);
}

static const char *status_text(enum match_outcome outcome)
{
    static const char *const words[] = {[MATCH_FILLED] = "filled",
                                        [MATCH_QUEUED] = "queued",
                                        [MATCH_CANCELLED] = "cancelled",
                                        [MATCH_SELF_REFUSED] = "refused"};
    return words[outcome];
}

static enum match_volume volume_condition(const char *word)
{
    return strcmp(word, "ALL") == 0   ? MATCH_VOLUME_ALL
           : strcmp(word, "MIN") == 0 ? MATCH_VOLUME_MIN
                                      : MATCH_VOLUME_ANY;
}

static struct match_order order_of(const json_t *step, const char *side, const char *price,
                                   const char *volume, const char *time, const char *condition)
{
    const json_t *limit = json_object_get(step, price);
    bool waits = strcmp(golden_text(step, time, "GFD"), "GFD") == 0;
    struct match_order order = {
        .side = *golden_text(step, side, "B") == 'B' ? MATCH_BUY : MATCH_SELL,
        .market = !json_is_number(limit),
        .levels = (int)golden_get(step, "levels", 0),
        .volume = (int32_t)golden_get(step, volume, 1),
        .min_volume = (int32_t)golden_get(step, "minv", golden_get(step, "MinVolume", 1)),
        .condition = volume_condition(golden_text(step, condition, "ANY")),
    };
    if (!order.market)
        order.price = price_in_ticks(json_number_value(limit), fine_tick);
    if (waits)
        order.rest = !order.market      ? MATCH_REST_QUEUE
                     : order.levels > 0 ? MATCH_REST_AT_FILL
                                        : MATCH_REST_CANCEL;
    return order;
}

/* ---- against the quote ---- */

static void read_levels(const json_t *list, struct quote_level *levels)
{
    for (size_t i = 0; i < QUOTE_LEVELS; i++) {
        const json_t *level = json_array_get(list, i);
        levels[i] = (struct quote_level){ABSENT_PRICE, 0};
        if (level)
            levels[i] = (struct quote_level){json_number_value(json_array_get(level, 0)),
                                             (int)json_integer_value(json_array_get(level, 1))};
    }
}

static struct quote quote_of(const json_t *tick)
{
    struct quote quote = {.last = golden_get(tick, "last", ABSENT_PRICE),
                          .open = golden_get(tick, "open", ABSENT_PRICE),
                          .volume = (int)golden_get(tick, "volume", 0),
                          .turnover = golden_get(tick, "turnover", 0),
                          .has_volume = true};
    quote.has_turnover = quote.turnover > 0;
    read_levels(json_object_get(tick, "bid"), quote.bid);
    read_levels(json_object_get(tick, "ask"), quote.ask);
    return quote;
}

static void same_fills(struct golden *golden, const struct names *names, const json_t *want,
                       const struct match_fills *got, const char *incoming)
{
    same_count(golden, "fills", want, got->count);
    for (uint32_t i = 0; i < got->count && i < json_array_size(want); i++) {
        const struct match_fill *fill = &got->items[i];
        const json_t *line = json_array_get(want, i);
        const char *ref = fill->resting == MATCH_NONE ? incoming : names->ref[fill->resting];
        same_text(golden, "fills.ref", golden_text(line, "ref", ""), ref);
        golden_number(golden, "fills", line, "price", match_price(fill->price, fine_tick));
        golden_number(golden, "fills", line, "volume", fill->volume);
    }
}

static void quote_tick(struct golden *golden, struct quote_match *match, const struct names *names,
                       const json_t *step, struct match_fills *fills)
{
    struct quote quote = quote_of(json_object_get(step, "tick"));
    quote_match_plan_tick(match, INSTRUMENT, &quote, fills);
    quote_match_advance(match, INSTRUMENT, &quote);
    for (uint32_t i = 0; i < fills->count; i++)
        quote_match_fill(match, INSTRUMENT, names->side[fills->items[i].resting], &fills->items[i]);
    same_fills(golden, names, json_object_get(step, "fills"), fills, "");
}

static void quote_order(struct golden *golden, struct quote_match *match, struct names *names,
                        const json_t *step, struct match_fills *fills)
{
    const json_t *fields = json_object_get(step, "order");
    struct match_order order = order_of(fields, "d", "px", "v", "tc", "vc");
    const struct quote_state *state = quote_match_state(match, INSTRUMENT);
    order.has_rest_price = state->has_last;
    order.rest_price = state->last;
    uint32_t handle = add_name(names, golden_text(fields, "ref", "?"), order.side, true);
    struct match_result result = quote_match_plan_order(match, INSTRUMENT, &order, fills);
    for (uint32_t i = 0; i < fills->count; i++)
        quote_match_fill(match, INSTRUMENT, order.side, &fills->items[i]);
    if (result.outcome == MATCH_QUEUED)
        quote_match_insert(match, INSTRUMENT, handle, order.side, result.price, result.left,
                           handle);
    same_text(golden, "status", golden_text(step, "status", ""), status_text(result.outcome));
    same_fills(golden, names, json_object_get(step, "fills"), fills, names->ref[handle]);
}

void golden_matching(struct golden *golden, const json_t *one)
{
    const char *profile = golden_text(one, "profile", "queue");
    struct quote_rules rules = {
        .profile = strcmp(profile, "touch") == 0   ? QUOTE_PROFILE_TOUCH
                   : strcmp(profile, "cross") == 0 ? QUOTE_PROFILE_CROSS
                                                   : QUOTE_PROFILE_QUEUE,
        .limit_by_displayed_size = json_is_true(json_object_get(one, "limit_by_displayed_size")),
        .multiple = (int)golden_get(one, "VolumeMultiple", 1),
        .tick = fine_tick,
    };
    struct book_pool pool = {0};
    struct quote_match match;
    struct match_fills fills = {0};
    struct names names = {.count = 0};
    quote_match_init(&match, &pool);
    quote_match_configure(&match, INSTRUMENT, &rules);
    const json_t *steps = json_object_get(one, "steps");
    for (golden->step = 0; golden->step < json_array_size(steps); golden->step++) {
        const json_t *step = json_array_get(steps, golden->step);
        match_fills_clear(&fills);
        if (json_object_get(step, "tick"))
            quote_tick(golden, &match, &names, step, &fills);
        else
            quote_order(golden, &match, &names, step, &fills);
    }
    match_fills_finish(&fills);
    quote_match_finish(&match);
    book_pool_finish(&pool);
}

/* ---- auctions ---- */

static void rest_all(struct book *book, const json_t *orders, enum match_side side, double tick,
                     uint32_t *handle)
{
    for (size_t i = 0; i < json_array_size(orders); i++, ++*handle) {
        const json_t *order = json_array_get(orders, i);
        book_insert(book, *handle, side,
                    price_in_ticks(json_number_value(json_array_get(order, 0)), tick),
                    (int32_t)json_integer_value(json_array_get(order, 1)), *handle, 0);
    }
}

void golden_auction(struct golden *golden, const json_t *one)
{
    struct book_pool pool = {0};
    struct book book;
    uint32_t handle = 0;
    double tick = golden_get(one, "PriceTick", 1);
    book_init(&book, &pool);
    rest_all(&book, json_object_get(one, "bids"), MATCH_BUY, tick, &handle);
    rest_all(&book, json_object_get(one, "asks"), MATCH_SELL, tick, &handle);
    struct auction auction =
        auction_price(&book, price_in_ticks(golden_get(one, "PreSettlementPrice", 0), tick));
    bool wants_price = json_is_number(json_object_get(one, "price"));
    golden->checks++;
    if (auction.found != wants_price)
        golden_differs(golden, "auction", "found", wants_price, auction.found);
    golden_number(golden, "auction", one, "price", match_price(auction.price, tick));
    golden_number(golden, "auction", one, "volume", (double)auction.volume);
    golden_number(golden, "auction", one, "surplus", (double)auction.surplus);
    struct auction_pairs pairs = {0};
    auction_plan(&book, &auction, &pairs);
    int64_t sum = 0;
    for (uint32_t i = 0; i < pairs.count; i++)
        sum += pairs.items[i].volume;
    golden_number(golden, "pairs", one, "volume", (double)sum);
    auction_pairs_finish(&pairs);
    book_finish(&book);
    book_pool_finish(&pool);
}

void golden_median_price(struct golden *golden, const json_t *one)
{
    enum match_price_source source;
    int64_t price =
        book_middle_price(price_in_ticks(golden_get(one, "buy", 0), fine_tick),
                          price_in_ticks(golden_get(one, "sell", 0), fine_tick),
                          price_in_ticks(golden_get(one, "prev", 0), fine_tick), &source);
    golden_number(golden, "trade", one, "price", match_price(price, fine_tick));
}

/* ---- between customers ---- */

struct desk {
    struct book book;
    struct book_tape tape;
    struct book_rules rules;
    struct names names;
    struct match_fills fills;
    int multiple;
};

static void same_price(struct golden *golden, const json_t *depth, const char *field, double got)
{
    const json_t *want = json_object_get(depth, field);
    if (json_is_string(want)) {
        golden->checks++;
        if (price_is_present(got))
            golden_differs(golden, "depth", field, ABSENT_PRICE, got);
        return;
    }
    golden_number(golden, "depth", depth, field, got);
}

static void same_side(struct golden *golden, const json_t *depth, const char *field,
                      const struct quote_level *got)
{
    const json_t *want = json_object_get(depth, field);
    for (size_t i = 0; i < QUOTE_LEVELS; i++) {
        const json_t *level = json_array_get(want, i);
        double price = level ? json_number_value(json_array_get(level, 0)) : ABSENT_PRICE;
        double volume = level ? json_number_value(json_array_get(level, 1)) : 0;
        golden->checks++;
        if (!(price == got[i].price || fabs(price - got[i].price) <= golden->tolerance))
            golden_differs(golden, field, "price", price, got[i].price);
        if (!(fabs(volume - got[i].volume) <= golden->tolerance))
            golden_differs(golden, field, "volume", volume, got[i].volume);
    }
}

static void same_depth(struct golden *golden, const struct desk *desk, const json_t *depth)
{
    struct quote quote = {0};
    book_quote(&desk->book, &desk->tape, fine_tick, desk->multiple, false, &quote);
    same_price(golden, depth, "LastPrice", quote.last);
    same_price(golden, depth, "OpenPrice", quote.open);
    same_price(golden, depth, "HighestPrice", quote.highest);
    same_price(golden, depth, "LowestPrice", quote.lowest);
    golden_number(golden, "depth", depth, "Volume", quote.volume);
    golden_number(golden, "depth", depth, "Turnover", quote.turnover);
    golden_number(golden, "depth", depth, "OpenInterest", quote.open_interest);
    golden_number(golden, "depth", depth, "AveragePrice", quote.average);
    same_side(golden, depth, "bids", quote.bid);
    same_side(golden, depth, "asks", quote.ask);
}

static void book_trade(struct golden *golden, struct desk *desk, uint32_t incoming,
                       const struct match_fill *fill, const json_t *want)
{
    const struct names *names = &desk->names;
    bool buys = names->side[incoming] == MATCH_BUY;
    uint32_t buy = buys ? incoming : fill->resting, sell = buys ? fill->resting : incoming;
    char source[2] = {(char)fill->source, '\0'};
    double price = match_price(fill->price, fine_tick);
    same_text(golden, "trades.buy", golden_text(want, "buy", ""), names->ref[buy]);
    same_text(golden, "trades.sell", golden_text(want, "sell", ""), names->ref[sell]);
    same_text(golden, "trades.PriceSource", golden_text(want, "PriceSource", source), source);
    golden_number(golden, "trades", want, "price", price);
    golden_number(golden, "trades", want, "volume", fill->volume);
    book_tape_trade(&desk->tape, price, fill->volume, desk->multiple, names->opens[buy],
                    names->opens[sell]);
    book_reduce(&desk->book, fill->resting, fill->volume);
    desk->rules.previous_price = fill->price;
}

static void book_step(struct golden *golden, struct desk *desk, const json_t *step)
{
    struct match_order order =
        order_of(step, "Direction", "LimitPrice", "Volume", "TimeCondition", "VolumeCondition");
    const json_t *trades = json_object_get(step, "trades");
    uint32_t handle = add_name(&desk->names, golden_text(step, "ref", "?"), order.side,
                               *golden_text(step, "OffsetFlag", "0") == '0');
    match_fills_clear(&desk->fills);
    struct match_result result = book_plan(&desk->book, &order, &desk->rules, &desk->fills);
    same_text(golden, "status", golden_text(step, "status", ""), status_text(result.outcome));
    same_count(golden, "trades", trades, desk->fills.count);
    for (uint32_t i = 0; i < desk->fills.count; i++)
        book_trade(golden, desk, handle, &desk->fills.items[i], json_array_get(trades, i));
    if (result.outcome == MATCH_QUEUED)
        book_insert(&desk->book, handle, order.side, result.price, result.left, handle, 0);
    same_depth(golden, desk, json_object_get(step, "depth"));
}

void golden_book(struct golden *golden, const json_t *one)
{
    struct book_pool pool = {0};
    double previous = golden_get(one, "previous_close", golden_get(one, "PreSettlementPrice", 0));
    struct desk desk = {
        .tape = book_tape_start(golden_get(one, "open_interest", 0)),
        .rules = {.previous_price = price_in_ticks(previous, fine_tick)},
        .multiple = (int)golden_get(one, "VolumeMultiple", 1),
    };
    book_init(&desk.book, &pool);
    const json_t *steps = json_object_get(one, "steps");
    for (golden->step = 0; golden->step < json_array_size(steps); golden->step++)
        book_step(golden, &desk, json_array_get(steps, golden->step));
    match_fills_finish(&desk.fills);
    book_finish(&desk.book);
    book_pool_finish(&pool);
}
