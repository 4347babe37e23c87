/* book.c: see book.h. Keys instead of prices make both sides the same code: more is better, the
 * best is the last element. */
#include "tts/core/matching/book.h"
#include <math.h>

static int64_t key_of(enum match_side side, int64_t price)
{
    return side == MATCH_BUY ? price : -price;
}

/* ---- pool ---- */

static void grow_nodes(struct book_pool *pool, uint32_t wanted)
{
    uint32_t capacity = pool->node_capacity ? pool->node_capacity : 64;
    while (capacity < wanted)
        capacity = capacity > UINT32_MAX / 2 ? UINT32_MAX : capacity * 2;
    pool->nodes = memory_resize(pool->nodes, capacity * sizeof pool->nodes[0]);
    for (uint32_t i = pool->node_capacity; i < capacity; i++)
        pool->nodes[i] = (struct book_node){.level = MATCH_NONE};
    pool->node_capacity = capacity;
}

static void grow_levels(struct book_pool *pool, uint32_t wanted)
{
    uint32_t capacity = pool->level_capacity ? pool->level_capacity : 16;
    while (capacity < wanted)
        capacity *= 2;
    pool->levels = memory_resize(pool->levels, capacity * sizeof pool->levels[0]);
    pool->level_capacity = capacity;
}

void book_pool_reserve(struct book_pool *pool, uint32_t orders, uint32_t levels)
{
    if (orders > pool->node_capacity)
        grow_nodes(pool, orders);
    if (levels > pool->level_capacity)
        grow_levels(pool, levels);
}

void book_pool_finish(struct book_pool *pool)
{
    free(pool->nodes);
    free(pool->levels);
    *pool = (struct book_pool){0};
}

static uint32_t take_level(struct book_pool *pool)
{
    if (pool->level_free != 0) {
        uint32_t place = pool->level_free - 1;
        pool->level_free = pool->levels[place].first;
        return place;
    }
    if (pool->level_count == pool->level_capacity)
        grow_levels(pool, pool->level_count + 1);
    return pool->level_count++;
}

static void give_level(struct book_pool *pool, uint32_t place)
{
    pool->levels[place] = (struct book_level){.first = pool->level_free};
    pool->level_free = place + 1;
}

/* ---- levels of a side ---- */

/* The first element whose key is not below `key`. */
static uint32_t find_key(const struct book_side *side, int64_t key)
{
    const struct book_key *at = side->levels;
    uint32_t count = side->count;
    while (count > 0) {
        uint32_t half = count / 2;
        if (at[half].key < key) {
            at += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return (uint32_t)(at - side->levels);
}

static uint32_t born_level(struct book *book, enum match_side which, int64_t price, uint32_t at)
{
    struct book_side *side = &book->side[which];
    if (side->count == side->capacity) {
        side->capacity = side->capacity ? side->capacity * 2 : 16;
        side->levels = memory_resize(side->levels, side->capacity * sizeof side->levels[0]);
    }
    uint32_t place = take_level(book->pool);
    book->pool->levels[place] =
        (struct book_level){.price = price, .first = MATCH_NONE, .last = MATCH_NONE, .side = which};
    memmove(side->levels + at + 1, side->levels + at, (side->count - at) * sizeof side->levels[0]);
    side->levels[at] = (struct book_key){key_of(which, price), place};
    side->count++;
    return place;
}

static void drop_level(struct book *book, uint32_t place)
{
    const struct book_level *level = &book->pool->levels[place];
    struct book_side *side = &book->side[level->side];
    uint32_t at = find_key(side, key_of(level->side, level->price));
    assert(at < side->count && side->levels[at].level == place);
    side->count--;
    memmove(side->levels + at, side->levels + at + 1, (side->count - at) * sizeof side->levels[0]);
    give_level(book->pool, place);
}

const struct book_level *book_level_find(const struct book *book, enum match_side side,
                                         int64_t price)
{
    const struct book_side *levels = &book->side[side];
    int64_t key = key_of(side, price);
    uint32_t at = levels->count ? find_key(levels, key) : 0;
    if (at == levels->count || levels->levels[at].key != key)
        return NULL;
    return &book->pool->levels[levels->levels[at].level];
}

/* ---- the book ---- */

void book_init(struct book *book, struct book_pool *pool)
{
    *book = (struct book){.pool = pool};
}

static void clear_level(struct book_pool *pool, uint32_t place)
{
    for (uint32_t handle = pool->levels[place].first; handle != MATCH_NONE;) {
        uint32_t next = pool->nodes[handle].next;
        pool->nodes[handle] = (struct book_node){.level = MATCH_NONE};
        handle = next;
    }
    give_level(pool, place);
}

void book_clear(struct book *book)
{
    for (int i = 0; i < 2; i++) {
        struct book_side *side = &book->side[i];
        for (uint32_t at = 0; at < side->count; at++)
            clear_level(book->pool, side->levels[at].level);
        side->count = 0;
    }
}

void book_finish(struct book *book)
{
    book_clear(book);
    free(book->side[0].levels);
    free(book->side[1].levels);
    *book = (struct book){0};
}

/* Links the node behind the last one that is not later than it. */
static void link_node(struct book_pool *pool, struct book_level *level, uint32_t handle)
{
    struct book_node *node = &pool->nodes[handle];
    uint32_t before = level->last;
    while (before != MATCH_NONE && pool->nodes[before].sequence > node->sequence)
        before = pool->nodes[before].prev;
    node->prev = before;
    node->next = before == MATCH_NONE ? level->first : pool->nodes[before].next;
    if (node->prev == MATCH_NONE)
        level->first = handle;
    else
        pool->nodes[node->prev].next = handle;
    if (node->next == MATCH_NONE)
        level->last = handle;
    else
        pool->nodes[node->next].prev = handle;
}

void book_insert(struct book *book, uint32_t handle, enum match_side side, int64_t price,
                 int32_t volume, uint64_t sequence, uint32_t owner)
{
    struct book_pool *pool = book->pool;
    assert(handle < MATCH_NONE && volume > 0 && !book_rests(pool, handle));
    assert(price >= -MATCH_PRICE_MAX && price <= MATCH_PRICE_MAX);
    if (handle >= pool->node_capacity)
        grow_nodes(pool, handle + 1);
    struct book_side *levels = &book->side[side];
    int64_t key = key_of(side, price);
    uint32_t at = levels->count ? find_key(levels, key) : 0;
    uint32_t place = at < levels->count && levels->levels[at].key == key
                         ? levels->levels[at].level
                         : born_level(book, side, price, at);
    struct book_level *level = &pool->levels[place];
    pool->nodes[handle] =
        (struct book_node){.sequence = sequence, .level = place, .owner = owner, .volume = volume};
    link_node(pool, level, handle);
    level->volume += volume;
    level->count++;
}

void book_remove(struct book *book, uint32_t handle)
{
    struct book_pool *pool = book->pool;
    assert(book_rests(pool, handle));
    struct book_node *node = &pool->nodes[handle];
    uint32_t place = node->level;
    struct book_level *level = &pool->levels[place];
    if (node->prev == MATCH_NONE)
        level->first = node->next;
    else
        pool->nodes[node->prev].next = node->next;
    if (node->next == MATCH_NONE)
        level->last = node->prev;
    else
        pool->nodes[node->next].prev = node->prev;
    level->volume -= node->volume;
    node->level = MATCH_NONE;
    if (--level->count == 0)
        drop_level(book, place);
}

void book_reduce(struct book *book, uint32_t handle, int32_t lots)
{
    assert(book_rests(book->pool, handle));
    struct book_node *node = &book->pool->nodes[handle];
    assert(lots > 0 && lots <= node->volume);
    if (lots == node->volume) {
        book_remove(book, handle);
        return;
    }
    node->volume -= lots;
    book->pool->levels[node->level].volume -= lots;
}

/* ---- plan ---- */

int64_t book_middle_price(int64_t buy, int64_t sell, int64_t previous,
                          enum match_price_source *source)
{
    assert(buy >= sell);
    if (buy == sell) {
        *source = MATCH_PRICE_LAST;
        return buy;
    }
    if (previous <= sell) {
        *source = MATCH_PRICE_SELL;
        return sell;
    }
    if (previous >= buy) {
        *source = MATCH_PRICE_BUY;
        return buy;
    }
    *source = MATCH_PRICE_LAST;
    return previous;
}

static int64_t trade_price(const struct match_order *order, int64_t resting,
                           const struct book_rules *rules, int64_t previous,
                           enum match_price_source *source)
{
    bool buys = order->side == MATCH_BUY;
    *source = MATCH_PRICE_LAST;
    if (order->market || order->price == resting)
        return resting;
    if (rules->price == BOOK_PRICE_MIDDLE)
        return book_middle_price(buys ? order->price : resting, buys ? resting : order->price,
                                 previous, source);
    *source = buys ? MATCH_PRICE_SELL : MATCH_PRICE_BUY;
    return resting;
}

/* The walk over the opposite side. */
struct walk {
    const struct match_order *order;
    const struct book_rules *rules;
    struct match_fills *fills;
    int64_t previous; /* trade price */
    int32_t left;
    bool refused; /* met an order of the same owner under MATCH_SELF_REJECT_NEW */
};

/* Meets one level's orders in time order. */
static void meet_level(struct walk *walk, const struct book_pool *pool,
                       const struct book_level *level)
{
    const struct match_order *order = walk->order;
    for (uint32_t handle = level->first; handle != MATCH_NONE && walk->left > 0;
         handle = pool->nodes[handle].next) {
        const struct book_node *node = &pool->nodes[handle];
        struct match_fill fill = {.resting = handle, .price = level->price, .level = level->price};
        fill.source = MATCH_PRICE_LAST;
        if (node->owner != order->owner || walk->rules->self_trade == MATCH_SELF_ALLOW) {
            fill.volume = node->volume < walk->left ? node->volume : walk->left;
            fill.price =
                trade_price(order, level->price, walk->rules, walk->previous, &fill.source);
            walk->previous = fill.price;
            walk->left -= fill.volume;
        } else if (walk->rules->self_trade == MATCH_SELF_REJECT_NEW) {
            walk->refused = true;
            return;
        }
        match_fills_add(walk->fills, fill);
    }
}

/* Whether a rest at `price` would stand across the best level that the walk did not come to. */
static bool would_cross(const struct book_level *next, enum match_side side, int64_t price)
{
    return next && match_price_allows(side, price, next->price);
}

struct match_result book_plan(const struct book *book, const struct match_order *order,
                              const struct book_rules *rules, struct match_fills *fills)
{
    assert(order->volume > 0);
    enum match_side opposite = match_opposite(order->side);
    struct walk walk = {order, rules, fills, rules->previous_price, order->volume, false};
    uint32_t start = fills->count, n = 0;
    uint32_t levels = order->levels > 0 ? (uint32_t)order->levels : UINT32_MAX;
    for (; n < levels && walk.left > 0 && !walk.refused; n++) {
        const struct book_level *level = book_level_at(book, opposite, n);
        if (!level ||
            (!order->market && !match_price_allows(order->side, order->price, level->price)))
            break;
        meet_level(&walk, book->pool, level);
    }
    int32_t filled = order->volume - walk.left;
    if (walk.refused || !match_volume_suffices(order, filled)) {
        fills->count = start;
        return (struct match_result){walk.refused ? MATCH_SELF_REFUSED : MATCH_CANCELLED, 0,
                                     order->volume, 0};
    }
    struct match_result result = match_settle_rest(order, filled, walk.previous);
    if (result.outcome == MATCH_QUEUED &&
        would_cross(book_level_at(book, opposite, n), order->side, result.price))
        result = (struct match_result){MATCH_CANCELLED, filled, result.left, 0};
    return result;
}

/* ---- market data ---- */

struct book_tape book_tape_start(double open_interest)
{
    return (struct book_tape){.last = ABSENT_PRICE,
                              .open = ABSENT_PRICE,
                              .highest = ABSENT_PRICE,
                              .lowest = ABSENT_PRICE,
                              .open_interest = open_interest};
}

void book_tape_trade(struct book_tape *tape, double price, int32_t lots, int multiple,
                     bool buy_opens, bool sell_opens)
{
    if (tape->volume == 0)
        tape->open = tape->highest = tape->lowest = price;
    tape->highest = fmax(tape->highest, price);
    tape->lowest = fmin(tape->lowest, price);
    tape->last = price;
    tape->volume += lots;
    tape->turnover += price * lots * multiple;
    if (buy_opens && sell_opens)
        tape->open_interest += lots;
    else if (!buy_opens && !sell_opens)
        tape->open_interest -= lots;
}

static int int_of(int64_t number)
{
    return number > INT32_MAX ? INT32_MAX : (int)number;
}

static void quote_side(const struct book *book, enum match_side side, double tick,
                       struct quote_level *levels)
{
    for (uint32_t n = 0; n < QUOTE_LEVELS; n++) {
        const struct book_level *level = book_level_at(book, side, n);
        levels[n] =
            level ? (struct quote_level){match_price(level->price, tick), int_of(level->volume)}
                  : (struct quote_level){ABSENT_PRICE, 0};
    }
}

void book_quote(const struct book *book, const struct book_tape *tape, double tick, int multiple,
                bool czce, struct quote *quote)
{
    quote->last = tape->last;
    quote->open = tape->open;
    quote->highest = tape->highest;
    quote->lowest = tape->lowest;
    quote->volume = int_of(tape->volume);
    quote->has_volume = true;
    quote->turnover = tape->turnover;
    quote->has_turnover = true;
    quote->open_interest = tape->open_interest;
    quote->average =
        tape->volume ? tape->turnover / (double)tape->volume / (czce ? multiple : 1) : 0;
    quote_side(book, MATCH_BUY, tick, quote->bid);
    quote_side(book, MATCH_SELL, tick, quote->ask);
}
