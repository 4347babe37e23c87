/* golden_matching.c: runs the worked cases of both matching engines: `matching` (against the
 * quote), `auctions`, `median_price` and `book` (between customers). Orders are named by their
 * place in the case; the cases give prices in money, here they are ticks. */
#include "base/buffer.h"
#include "golden.h"
#include "tts/core/matching/auction.h"
#include "tts/core/matching/quote_match.h"
#include <math.h>
#include <string.h>

enum { INSTRUMENT = 0 };

/* Finer than any PriceTick of the cases that do not name theirs. */
static const double fine_tick = 0.001;

struct name {
    const char *ref;
    enum match_side side;
    bool opens;
};

struct names {
    struct name *at;
    uint32_t count, capacity;
};

static uint32_t add_name(struct names *names, const char *ref, enum match_side side, bool opens)
{
    if (names->count == names->capacity) {
        names->capacity = names->capacity ? names->capacity * 2 : 16;
        names->at = memory_resize(names->at, names->capacity * sizeof *names->at);
    }
    names->at[names->count] = (struct name){ref, side, opens};
    return names->count++;
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

/* A price that a book can hold. */
static int64_t ticks_of(struct golden *golden, double price, double tick)
{
    if (fabs(price / tick) < (double)MATCH_PRICE_MAX)
        return price_in_ticks(price, tick);
    golden_fault(golden, "a price of %g is more than any book holds", price);
    return 0;
}

/* The place of the member's word among `words` (NULL at the end); absent: the first. */
static int word_of(struct golden *golden, const json_t *object, const char *field,
                   const char *const *words)
{
    const char *given = golden_text(golden, object, field, words[0]);
    for (int i = 0; words[i]; i++)
        if (strcmp(given, words[i]) == 0)
            return i;
    golden_fault(golden, "%s is \"%s\", which is not known", field, given);
    return 0;
}

/* How the fields of an order are called; the two lists of cases have words of their own. */
struct order_words {
    const char *side, *price, *volume, *time, *condition, *least;
};

static struct match_order order_of(struct golden *golden, const json_t *step,
                                   const struct order_words *words)
{
    static const char *const times[] = {"GFD", "IOC", NULL};
    static const char *const conditions[] = {"ANY", "MIN", "ALL", NULL};
    static const enum match_volume volumes[] = {MATCH_VOLUME_ANY, MATCH_VOLUME_MIN,
                                                MATCH_VOLUME_ALL};
    const json_t *limit = json_object_get(step, words->price);
    golden_need_text(golden, step, words->side);
    struct match_order order = {
        .side = golden_choice(golden, step, words->side, "BS") == 'B' ? MATCH_BUY : MATCH_SELL,
        .market = !limit || json_is_null(limit),
        .levels = (int)golden_get(golden, step, "levels", 0),
        .volume = golden_lots(golden, step, words->volume, 1),
        .min_volume = (int32_t)golden_get(golden, step, words->least, 1),
        .condition = volumes[word_of(golden, step, words->condition, conditions)],
    };
    if (!order.market)
        order.price = ticks_of(golden, golden_get(golden, step, words->price, 0), fine_tick);
    if (word_of(golden, step, words->time, times) == 0)
        order.rest = !order.market      ? MATCH_REST_QUEUE
                     : order.levels > 0 ? MATCH_REST_AT_FILL
                                        : MATCH_REST_CANCEL;
    return order;
}

/* A list of [price, lots], or of one of them by number; a fault when it is not like that. */
static bool is_level(struct golden *golden, const json_t *level)
{
    bool fine = json_array_size(level) == 2 && json_is_number(json_array_get(level, 0)) &&
                json_is_integer(json_array_get(level, 1));
    if (!fine)
        golden_fault(golden, "a level or order is no [price, lots]");
    return fine;
}

/* ---- against the quote ---- */

static void read_levels(struct golden *golden, const json_t *tick, const char *side,
                        struct quote_level *levels)
{
    const json_t *list = golden_list(golden, tick, side);
    for (size_t i = 0; i < QUOTE_LEVELS; i++) {
        const json_t *level = json_array_get(list, i);
        levels[i] = (struct quote_level){ABSENT_PRICE, 0};
        if (level && is_level(golden, level))
            levels[i] = (struct quote_level){json_number_value(json_array_get(level, 0)),
                                             (int)json_integer_value(json_array_get(level, 1))};
    }
}

static struct quote quote_of(struct golden *golden, const json_t *tick)
{
    static const char *const names[] = {"bid", "ask", "last", "open", "volume", "turnover", NULL};
    golden_known(golden, "tick", tick, names);
    struct quote quote = {.last = golden_get(golden, tick, "last", ABSENT_PRICE),
                          .open = golden_get(golden, tick, "open", ABSENT_PRICE),
                          .volume = (int)golden_get(golden, tick, "volume", 0),
                          .turnover = golden_get(golden, tick, "turnover", 0),
                          .has_volume = true};
    quote.has_turnover = quote.turnover > 0;
    read_levels(golden, tick, "bid", quote.bid);
    read_levels(golden, tick, "ask", quote.ask);
    return quote;
}

/* Fills as they are compared: what one order got at one price in a row is one line, for whether a
 * waiting order that empties two levels at its own price trades once or twice says nothing. */
struct fill_line {
    const char *ref;
    double price, volume;
};

struct fill_lines {
    struct fill_line at[64];
    uint32_t count;
};

static void add_line(struct golden *golden, struct fill_lines *lines, const char *ref, double price,
                     double volume)
{
    struct fill_line *last = lines->count ? &lines->at[lines->count - 1] : NULL;
    if (last && strcmp(last->ref, ref) == 0 && fabs(last->price - price) <= golden->tolerance)
        last->volume += volume;
    else if (lines->count < sizeof lines->at / sizeof lines->at[0])
        lines->at[lines->count++] = (struct fill_line){ref, price, volume};
    else
        golden_fault(golden, "more fills in a step than this program compares");
}

static struct fill_lines wanted_lines(struct golden *golden, const json_t *want)
{
    static const char *const known[] = {"ref", "price", "volume", NULL};
    struct fill_lines lines = {.count = 0};
    for (size_t i = 0; i < json_array_size(want); i++) {
        const json_t *line = json_array_get(want, i);
        golden_known(golden, "a fill", line, known);
        add_line(golden, &lines, golden_need_text(golden, line, "ref"),
                 golden_need(golden, line, "price"), golden_lots(golden, line, "volume", 1));
    }
    return lines;
}

static void same_fills(struct golden *golden, const struct names *names, const json_t *want,
                       const struct match_fills *fills, const char *incoming)
{
    struct fill_lines wanted = wanted_lines(golden, want), got = {.count = 0};
    for (uint32_t i = 0; i < fills->count; i++) {
        const struct match_fill *fill = &fills->items[i];
        add_line(golden, &got,
                 fill->resting == MATCH_NONE ? incoming : names->at[fill->resting].ref,
                 match_price(fill->price, fine_tick), fill->volume);
    }
    golden->checks++;
    if (wanted.count != got.count)
        golden_differs(golden, "fills", "count", wanted.count, got.count);
    for (uint32_t i = 0; i < got.count && i < wanted.count; i++) {
        golden_same_text(golden, "fills.ref", wanted.at[i].ref, got.at[i].ref);
        golden->checks += 2;
        if (fabs(wanted.at[i].price - got.at[i].price) > golden->tolerance)
            golden_differs(golden, "fills", "price", wanted.at[i].price, got.at[i].price);
        if (wanted.at[i].volume != got.at[i].volume)
            golden_differs(golden, "fills", "volume", wanted.at[i].volume, got.at[i].volume);
    }
}

static void quote_tick(struct golden *golden, struct quote_match *match, const struct names *names,
                       const json_t *step, struct match_fills *fills)
{
    struct quote quote = quote_of(golden, json_object_get(step, "tick"));
    quote_match_plan_tick(match, INSTRUMENT, &quote, fills);
    quote_match_advance(match, INSTRUMENT, &quote);
    for (uint32_t i = 0; i < fills->count; i++)
        quote_match_fill(match, INSTRUMENT, names->at[fills->items[i].resting].side,
                         &fills->items[i]);
    same_fills(golden, names, golden_list(golden, step, "fills"), fills, "");
}

static void quote_order(struct golden *golden, struct quote_match *match, struct names *names,
                        const json_t *step, struct match_fills *fills)
{
    const json_t *fields = json_object_get(step, "order");
    static const char *const known[] = {"ref", "d", "px", "v", "tc", "vc", "minv", "levels", NULL};
    static const struct order_words words = {"d", "px", "v", "tc", "vc", "minv"};
    golden_known(golden, "order", fields, known);
    struct match_order order = order_of(golden, fields, &words);
    if (golden->faulted)
        return;
    const struct quote_state *state = quote_match_state(match, INSTRUMENT);
    order.has_rest_price = state->has_last;
    order.rest_price = state->last;
    uint32_t handle = add_name(names, golden_text(golden, fields, "ref", "?"), order.side, true);
    struct match_result result = quote_match_plan_order(match, INSTRUMENT, &order, fills);
    for (uint32_t i = 0; i < fills->count; i++)
        quote_match_fill(match, INSTRUMENT, order.side, &fills->items[i]);
    if (result.outcome == MATCH_QUEUED)
        quote_match_insert(match, INSTRUMENT, handle, order.side, result.price, result.left,
                           handle);
    golden_same_text(golden, "status", golden_need_text(golden, step, "status"),
                     status_text(result.outcome));
    same_fills(golden, names, golden_list(golden, step, "fills"), fills, names->at[handle].ref);
}

static bool is_true(struct golden *golden, const json_t *object, const char *field)
{
    const json_t *found = json_object_get(object, field);
    if (found && !json_is_boolean(found))
        golden_fault(golden, "%s is neither true nor false", field);
    return json_is_true(found);
}

static struct quote_rules rules_of(struct golden *golden, const json_t *one)
{
    static const char *const profiles[] = {"queue", "cross", "touch", NULL};
    static const enum quote_profile kinds[] = {QUOTE_PROFILE_QUEUE, QUOTE_PROFILE_CROSS,
                                               QUOTE_PROFILE_TOUCH};
    struct quote_rules rules = {
        .profile = kinds[word_of(golden, one, "profile", profiles)],
        .multiple = (int)golden_get(golden, one, "VolumeMultiple", 1),
        .tick = fine_tick,
    };
    rules.limit_by_displayed_size = json_object_get(one, "limit_by_displayed_size")
                                        ? is_true(golden, one, "limit_by_displayed_size")
                                        : rules.profile != QUOTE_PROFILE_TOUCH;
    if (rules.multiple < 1)
        golden_fault(golden, "VolumeMultiple is %d", rules.multiple);
    return rules;
}

static void quote_step(struct golden *golden, struct quote_match *match, struct names *names,
                       const json_t *step, struct match_fills *fills)
{
    static const char *const known[] = {"tick", "order", "fills", "status", "title", "note", NULL};
    golden_known(golden, "a step", step, known);
    bool tick = json_object_get(step, "tick"), order = json_object_get(step, "order");
    if (tick == order)
        golden_fault(golden, "a step is either a tick or an order");
    if (golden->faulted)
        return;
    match_fills_clear(fills);
    if (tick)
        quote_tick(golden, match, names, step, fills);
    else
        quote_order(golden, match, names, step, fills);
}

void golden_matching(struct golden *golden, const json_t *one, const json_t *file)
{
    (void)file;
    static const char *const known[] = {
        "id",    "title", "profile", "limit_by_displayed_size", "VolumeMultiple", "PriceTick",
        "steps", "note",  NULL};
    golden_known(golden, "the case", one, known);
    struct quote_rules rules = rules_of(golden, one);
    struct book_pool pool = {0};
    struct quote_match match;
    struct match_fills fills = {0};
    struct names names = {.count = 0};
    const json_t *steps = golden_list(golden, one, "steps");
    golden->has_steps = true;
    if (json_array_size(steps) == 0)
        golden_fault(golden, "the case has no steps");
    if (golden->faulted)
        return;
    quote_match_init(&match, &pool);
    quote_match_configure(&match, INSTRUMENT, &rules);
    for (; golden->step < json_array_size(steps) && !golden->faulted; golden->step++)
        quote_step(golden, &match, &names, json_array_get(steps, golden->step), &fills);
    free(names.at);
    match_fills_finish(&fills);
    quote_match_finish(&match);
    book_pool_finish(&pool);
}

/* ---- auctions ---- */

static void rest_all(struct golden *golden, struct book *book, const json_t *orders,
                     enum match_side side, double tick, uint32_t *handle)
{
    for (size_t i = 0; i < json_array_size(orders); i++, ++*handle) {
        const json_t *order = json_array_get(orders, i);
        if (!is_level(golden, order))
            return;
        json_int_t lots = json_integer_value(json_array_get(order, 1));
        if (lots < 1 || lots > 1000000000) {
            golden_fault(golden, "an order of %lld lots", (long long)lots);
            return;
        }
        book_insert(book, *handle, side,
                    ticks_of(golden, json_number_value(json_array_get(order, 0)), tick),
                    (int32_t)lots, *handle, 0);
    }
}

static void check_auction(struct golden *golden, const struct book *book, const json_t *one,
                          double tick)
{
    struct auction auction =
        auction_price(book, ticks_of(golden, golden_need(golden, one, "PreSettlementPrice"), tick));
    const json_t *price = json_object_get(one, "price");
    golden->checks++;
    if (price && auction.found == json_is_null(price))
        golden_differs(golden, "auction", "found", !json_is_null(price), auction.found);
    if (auction.found)
        golden_number(golden, "auction", one, "price", match_price(auction.price, tick));
    golden_number(golden, "auction", one, "volume", (double)auction.volume);
    golden_number(golden, "auction", one, "surplus", (double)auction.surplus);
    struct auction_pairs pairs = {0};
    auction_plan(book, &auction, &pairs);
    int64_t sum = 0;
    for (uint32_t i = 0; i < pairs.count; i++)
        sum += pairs.items[i].volume;
    golden_number(golden, "pairs", one, "volume", (double)sum);
    auction_pairs_finish(&pairs);
}

void golden_auction(struct golden *golden, const json_t *one, const json_t *file)
{
    (void)file;
    static const char *const known[] = {
        "id",    "title",  "bids",    "asks", "PriceTick", "PreSettlementPrice",
        "price", "volume", "surplus", "note", NULL};
    golden_known(golden, "the case", one, known);
    struct book_pool pool = {0};
    struct book book;
    uint32_t handle = 0;
    double tick = golden_get(golden, one, "PriceTick", 1);
    if (!(tick > 0))
        golden_fault(golden, "PriceTick is %g", tick);
    if (golden->faulted)
        return;
    book_init(&book, &pool);
    rest_all(golden, &book, golden_list(golden, one, "bids"), MATCH_BUY, tick, &handle);
    rest_all(golden, &book, golden_list(golden, one, "asks"), MATCH_SELL, tick, &handle);
    if (!golden->faulted)
        check_auction(golden, &book, one, tick);
    book_finish(&book);
    book_pool_finish(&pool);
}

void golden_median_price(struct golden *golden, const json_t *one, const json_t *file)
{
    (void)file;
    static const char *const known[] = {"id",    "title",       "buy",  "sell", "prev",
                                        "price", "PriceSource", "note", NULL};
    golden_known(golden, "the case", one, known);
    int64_t buy = ticks_of(golden, golden_need(golden, one, "buy"), fine_tick);
    int64_t sell = ticks_of(golden, golden_need(golden, one, "sell"), fine_tick);
    int64_t previous = ticks_of(golden, golden_need(golden, one, "prev"), fine_tick);
    if (buy < sell)
        golden_fault(golden, "buy and sell do not meet");
    if (golden->faulted)
        return;
    enum match_price_source source;
    int64_t price = book_middle_price(buy, sell, previous, &source);
    golden_number(golden, "trade", one, "price", match_price(price, fine_tick));
    char told[2] = {(char)source, '\0'};
    golden_same_text(golden, "PriceSource", golden_text(golden, one, "PriceSource", told), told);
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

static void same_side(struct golden *golden, const json_t *depth, const char *field,
                      const struct quote_level *got)
{
    const json_t *want = golden_list(golden, depth, field);
    for (size_t i = 0; want && i < QUOTE_LEVELS; i++) {
        const json_t *level = json_array_get(want, i);
        if (level && !is_level(golden, level))
            return;
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
    const struct golden_field fields[] = {
        {"LastPrice", quote.last, NULL},
        {"OpenPrice", quote.open, NULL},
        {"HighestPrice", quote.highest, NULL},
        {"LowestPrice", quote.lowest, NULL},
        {"Volume", quote.volume, NULL},
        {"Turnover", quote.turnover, NULL},
        {"OpenInterest", quote.open_interest, NULL},
        {"AveragePrice", quote.average, NULL},
        {"bids", 0, golden_key},
        {"asks", 0, golden_key},
    };
    golden_same(golden, "depth", depth, fields, sizeof fields / sizeof fields[0]);
    same_side(golden, depth, "bids", quote.bid);
    same_side(golden, depth, "asks", quote.ask);
}

static void book_trade(struct golden *golden, struct desk *desk, uint32_t incoming,
                       const struct match_fill *fill, const json_t *want)
{
    const struct names *names = &desk->names;
    bool buys = names->at[incoming].side == MATCH_BUY;
    uint32_t buy = buys ? incoming : fill->resting, sell = buys ? fill->resting : incoming;
    char source[2] = {(char)fill->source, '\0'};
    double price = match_price(fill->price, fine_tick);
    static const char *const known[] = {"buy", "sell", "price", "volume", "PriceSource", NULL};
    golden_known(golden, "a trade", want, known);
    golden_same_text(golden, "trades.buy", golden_text(golden, want, "buy", ""),
                     names->at[buy].ref);
    golden_same_text(golden, "trades.sell", golden_text(golden, want, "sell", ""),
                     names->at[sell].ref);
    golden_same_text(golden, "trades.PriceSource", golden_text(golden, want, "PriceSource", source),
                     source);
    golden_number(golden, "trades", want, "price", price);
    golden_number(golden, "trades", want, "volume", fill->volume);
    book_tape_trade(&desk->tape, price, fill->volume, desk->multiple, names->at[buy].opens,
                    names->at[sell].opens);
    book_reduce(&desk->book, fill->resting, fill->volume);
    desk->rules.previous_price = fill->price;
}

static void book_step(struct golden *golden, struct desk *desk, const json_t *step)
{
    static const char *const known[] = {
        "ref",           "Direction",       "LimitPrice", "Volume", "OffsetFlag",
        "TimeCondition", "VolumeCondition", "MinVolume",  "levels", "status",
        "trades",        "depth",           "title",      "note",   NULL};
    static const struct order_words words = {"Direction",     "LimitPrice",      "Volume",
                                             "TimeCondition", "VolumeCondition", "MinVolume"};
    golden_known(golden, "a step", step, known);
    struct match_order order = order_of(golden, step, &words);
    const json_t *trades = golden_list(golden, step, "trades");
    bool opens = golden_choice(golden, step, "OffsetFlag", "0123456") == '0';
    if (golden->faulted)
        return;
    uint32_t handle =
        add_name(&desk->names, golden_text(golden, step, "ref", "?"), order.side, opens);
    match_fills_clear(&desk->fills);
    struct match_result result = book_plan(&desk->book, &order, &desk->rules, &desk->fills);
    golden_same_text(golden, "status", golden_need_text(golden, step, "status"),
                     status_text(result.outcome));
    same_count(golden, "trades", trades, desk->fills.count);
    for (uint32_t i = 0; i < desk->fills.count; i++)
        book_trade(golden, desk, handle, &desk->fills.items[i], json_array_get(trades, i));
    if (result.outcome == MATCH_QUEUED)
        book_insert(&desk->book, handle, order.side, result.price, result.left, handle, 0);
    same_depth(golden, desk, json_object_get(step, "depth"));
}

void golden_book(struct golden *golden, const json_t *one, const json_t *file)
{
    (void)file;
    static const char *const known[] = {"id",
                                        "title",
                                        "VolumeMultiple",
                                        "PriceTick",
                                        "PreSettlementPrice",
                                        "previous_close",
                                        "open_interest",
                                        "steps",
                                        "note",
                                        NULL};
    golden_known(golden, "the case", one, known);
    double pre = golden_get(golden, one, "PreSettlementPrice", 0);
    double previous = golden_get(golden, one, "previous_close", pre);
    struct desk desk = {
        .tape = book_tape_start(golden_get(golden, one, "open_interest", 0)),
        .rules = {.previous_price = ticks_of(golden, previous, fine_tick)},
        .multiple = (int)golden_get(golden, one, "VolumeMultiple", 1),
    };
    const json_t *steps = golden_list(golden, one, "steps");
    golden->has_steps = true;
    if (json_array_size(steps) == 0)
        golden_fault(golden, "the case has no steps");
    if (golden->faulted)
        return;
    struct book_pool pool = {0};
    book_init(&desk.book, &pool);
    for (; golden->step < json_array_size(steps) && !golden->faulted; golden->step++)
        book_step(golden, &desk, json_array_get(steps, golden->step));
    free(desk.names.at);
    match_fills_finish(&desk.fills);
    book_finish(&desk.book);
    book_pool_finish(&pool);
}
