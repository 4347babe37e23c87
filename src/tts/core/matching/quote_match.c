/* quote_match.c: see quote_match.h. A tick is read once into struct tick; plan and advance both
 * start from it, so they cannot disagree about what happened. */
#include "tts/core/matching/quote_match.h"
#include <math.h>

/* More is better, on either side. */
static int64_t key_of(enum match_side side, int64_t price)
{
    return side == MATCH_BUY ? price : -price;
}

static struct quote_instrument *find(const struct quote_match *match, uint32_t instrument)
{
    assert(quote_match_has(match, instrument));
    return &match->instruments[instrument];
}

/* ---- reading a quote ---- */

/* A positive price that fits; anything else says that there is none. */
static bool read_price(double price, double tick, int64_t *ticks)
{
    if (!price_is_present(price) || price <= 0 || price / tick > (double)MATCH_PRICE_MAX)
        return false;
    *ticks = price_in_ticks(price, tick);
    return true;
}

/* Levels up to the first that is not there or not worse than the one before it. */
static void read_side(struct quote_state *state, enum match_side side,
                      const struct quote_level *levels, double tick)
{
    int32_t count = 0;
    for (; count < QUOTE_LEVELS; count++) {
        struct quote_size size = {.size = levels[count].volume};
        if (size.size <= 0 || !read_price(levels[count].price, tick, &size.price))
            break;
        if (count > 0 &&
            key_of(side, size.price) >= key_of(side, state->level[side][count - 1].price))
            break;
        state->level[side][count] = size;
    }
    state->count[side] = count;
    state->best[side] = count ? levels[0].price : 0;
}

static void read_quote(struct quote_state *state, const struct quote *quote, double tick)
{
    *state = (struct quote_state){0};
    read_side(state, MATCH_BUY, quote->bid, tick);
    read_side(state, MATCH_SELL, quote->ask, tick);
    state->has_last = read_price(quote->last, tick, &state->last);
    state->has_volume = quote->has_volume && quote->volume >= 0;
    state->volume = state->has_volume ? quote->volume : 0;
    state->has_turnover = quote->has_turnover && isfinite(quote->turnover) && quote->turnover > 0;
    state->turnover = state->has_turnover ? quote->turnover : 0;
    state->is_broken = state->count[MATCH_BUY] && state->count[MATCH_SELL] &&
                       state->level[MATCH_BUY][0].price >= state->level[MATCH_SELL][0].price;
}

/* The displayed level of this price, NULL when it is not displayed. */
static struct quote_size *find_size(struct quote_state *state, enum match_side side, int64_t price)
{
    for (int32_t i = 0; i < state->count[side]; i++)
        if (state->level[side][i].price == price)
            return &state->level[side][i];
    return NULL;
}

/* What a new quote means beside the one before it. */
struct tick {
    struct quote_state next; /* `used` carried over where the level stood still */
    int32_t gained;          /* dV: new lots */
    int64_t traded[2];       /* T: lots that traded at the previous best bid, best ask */
};

static void carry_used(struct quote_state *next, struct quote_state *previous)
{
    if (next->has_volume != previous->has_volume || next->volume != previous->volume)
        return;
    for (int side = 0; side < 2; side++) {
        for (int32_t i = 0; i < next->count[side]; i++) {
            struct quote_size *size = &next->level[side][i];
            const struct quote_size *old = find_size(previous, (enum match_side)side, size->price);
            if (old && old->size == size->size)
                size->used = old->used;
        }
    }
}

/* Divides the new lots between the previous bid and ask: by the average price that the turnover
 * tells, else by the last price. Where only one side stood, everything traded there. */
static void divide_gained(struct tick *tick, const struct quote_state *previous, int multiple)
{
    const struct quote_state *next = &tick->next;
    int32_t gained = tick->gained;
    if (gained == 0 || previous->is_broken)
        return;
    if (!previous->count[MATCH_BUY] || !previous->count[MATCH_SELL]) {
        tick->traded[MATCH_BUY] = previous->count[MATCH_BUY] ? gained : 0;
        tick->traded[MATCH_SELL] = previous->count[MATCH_SELL] ? gained : 0;
        return;
    }
    double bid = previous->best[MATCH_BUY], ask = previous->best[MATCH_SELL];
    double turnover = next->turnover - previous->turnover;
    if (next->has_turnover && previous->has_turnover && turnover > 0) {
        double average = turnover / gained / multiple;
        double share = fmin(fmax((ask - average) / (ask - bid), 0), 1);
        tick->traded[MATCH_BUY] = (int64_t)floor(gained * share + 1e-9);
        tick->traded[MATCH_SELL] = (int64_t)floor(gained * (1 - share) + 1e-9);
    } else if (next->has_last) {
        bool at_bid = next->last <= previous->level[MATCH_BUY][0].price;
        bool at_ask = next->last >= previous->level[MATCH_SELL][0].price;
        tick->traded[MATCH_BUY] = at_bid ? gained : at_ask ? 0 : gained / 2;
        tick->traded[MATCH_SELL] = at_ask ? gained : at_bid ? 0 : gained / 2;
    }
}

static struct tick read_tick(const struct quote_instrument *instrument, const struct quote *quote)
{
    struct quote_state previous = instrument->state;
    struct tick tick = {0};
    read_quote(&tick.next, quote, instrument->rules.tick);
    tick.next.is_auction = previous.is_auction;
    carry_used(&tick.next, &previous);
    if (tick.next.has_volume && previous.has_volume && tick.next.volume > previous.volume)
        tick.gained = tick.next.volume - previous.volume;
    divide_gained(&tick, &previous, instrument->rules.multiple);
    return tick;
}

/* Whether the newest trade went through a waiting order's price. */
static bool traded_beyond(const struct tick *tick, enum match_side side, int64_t price)
{
    return tick->gained > 0 && tick->next.has_last &&
           key_of(side, price) > key_of(side, tick->next.last);
}

/* ---- taking displayed sizes ---- */

struct taking {
    struct quote_state *state; /* a copy: `used` moves with what is taken */
    bool limited;              /* displayed sizes count */
    enum match_side side;
    bool any_price;
    int64_t limit;
    int levels;       /* how many it may touch, 0 all */
    uint32_t resting; /* MATCH_NONE: arriving, trades at the level's price; else at its own, which
                         is `limit` */
};

/* Appends fills and returns the lots taken. */
static int32_t take_levels(const struct taking *taking, int32_t wanted, struct match_fills *fills)
{
    enum match_side opposite = match_opposite(taking->side);
    int32_t left = wanted;
    for (int32_t i = 0; i < taking->state->count[opposite] && left > 0; i++) {
        struct quote_size *size = &taking->state->level[opposite][i];
        if ((taking->levels > 0 && i >= taking->levels) ||
            (!taking->any_price && !match_price_allows(taking->side, taking->limit, size->price)))
            break;
        int32_t there = taking->limited ? size->size - size->used : left;
        int32_t lots = there < left ? there : left;
        if (lots <= 0)
            continue;
        match_fills_add(fills,
                        (struct match_fill){
                            .resting = taking->resting,
                            .volume = lots,
                            .price = taking->resting == MATCH_NONE ? size->price : taking->limit,
                            .level = size->price,
                            .takes_level = taking->limited,
                            .source = MATCH_PRICE_LAST,
                        });
        if (taking->limited)
            size->used += lots;
        left -= lots;
    }
    return wanted - left;
}

/* ---- plan ---- */

struct match_result quote_match_plan_order(const struct quote_match *match, uint32_t instrument,
                                           const struct match_order *order,
                                           struct match_fills *fills)
{
    assert(order->volume > 0);
    const struct quote_instrument *found = find(match, instrument);
    struct quote_state state = found->state;
    struct taking taking = {.state = &state,
                            .limited = found->rules.limit_by_displayed_size,
                            .side = order->side,
                            .any_price = order->market,
                            .limit = order->price,
                            .levels = order->levels,
                            .resting = MATCH_NONE};
    uint32_t start = fills->count;
    int32_t filled = 0;
    if (!state.is_auction && !state.is_broken)
        filled = take_levels(&taking, order->volume, fills);
    if (!match_volume_suffices(order, filled)) {
        fills->count = start;
        return (struct match_result){MATCH_CANCELLED, 0, order->volume, 0};
    }
    return match_settle_rest(order, filled, filled ? fills->items[fills->count - 1].price : 0);
}

static void add_fill(struct match_fills *fills, uint32_t resting, int64_t price, int32_t lots)
{
    match_fills_add(fills, (struct match_fill){.resting = resting,
                                               .volume = lots,
                                               .price = price,
                                               .level = price,
                                               .source = MATCH_PRICE_LAST});
}

static int32_t least(int64_t a, int64_t b)
{
    return (int32_t)(a < b ? a : b);
}

/* Lots that came to a waiting order through the queue at its price. Only the previous best price
 * trades, and a price better than it that stood between the sides with nobody ahead. */
static int32_t queue_lots(const struct tick *tick, const struct quote_state *previous,
                          enum match_side side, int64_t price, int32_t ahead, int32_t left)
{
    int64_t traded = tick->traded[side];
    if (ahead == QUOTE_AHEAD_UNKNOWN || traded <= ahead)
        return 0;
    int64_t best = previous->level[side][0].price;
    bool is_best = price == best;
    bool is_better = key_of(side, price) > key_of(side, best);
    if (!is_best && !(is_better && ahead == 0))
        return 0;
    return least(left, traded - ahead);
}

/* One waiting order at a new quote. */
static void plan_waiting(struct tick *tick, const struct quote_instrument *instrument,
                         enum match_side side, int64_t price, uint32_t handle,
                         struct match_fills *fills)
{
    const struct book_node *node = &instrument->orders.pool->nodes[handle];
    struct taking taking = {.state = &tick->next,
                            .limited = instrument->rules.limit_by_displayed_size,
                            .side = side,
                            .limit = price,
                            .resting = handle};
    int32_t left = node->volume - take_levels(&taking, node->volume, fills);
    int32_t lots = 0;
    if (left == 0 || instrument->rules.profile == QUOTE_PROFILE_TOUCH)
        return;
    if (traded_beyond(tick, side, price))
        lots = least(left, tick->gained);
    else if (instrument->rules.profile == QUOTE_PROFILE_QUEUE)
        lots = queue_lots(tick, &instrument->state, side, price, node->ahead, left);
    if (lots > 0)
        add_fill(fills, handle, price, lots);
}

/* The worst price, as a key, at which a waiting order can get anything from this tick; INT64_MAX
 * when none can. */
static int64_t reach_of(const struct tick *tick, const struct quote_instrument *instrument,
                        enum match_side side)
{
    enum match_side opposite = match_opposite(side);
    int64_t reach = INT64_MAX;
    if (tick->next.count[opposite])
        reach = key_of(side, tick->next.level[opposite][0].price);
    if (instrument->rules.profile == QUOTE_PROFILE_TOUCH || tick->gained == 0)
        return reach;
    if (tick->next.has_last && key_of(side, tick->next.last) + 1 < reach)
        reach = key_of(side, tick->next.last) + 1;
    if (instrument->rules.profile == QUOTE_PROFILE_QUEUE && tick->traded[side] > 0) {
        int64_t best = key_of(side, instrument->state.level[side][0].price);
        reach = best < reach ? best : reach;
    }
    return reach;
}

static void plan_side(struct tick *tick, const struct quote_instrument *instrument,
                      enum match_side side, struct match_fills *fills)
{
    const struct book_pool *pool = instrument->orders.pool;
    int64_t reach = reach_of(tick, instrument, side);
    const struct book_level *level;
    for (uint32_t n = 0; (level = book_level_at(&instrument->orders, side, n)) &&
                         key_of(side, level->price) >= reach;
         n++)
        for (uint32_t handle = level->first; handle != MATCH_NONE;
             handle = pool->nodes[handle].next)
            plan_waiting(tick, instrument, side, level->price, handle, fills);
}

/* The lots of the auction: what the tick adds; the whole volume when it is the first of the day. */
static int32_t auction_lots(const struct tick *tick, const struct quote_state *previous)
{
    bool goes_on = previous->has_volume && tick->next.volume >= previous->volume;
    return goes_on ? tick->gained : tick->next.volume;
}

/* The tick that opens: orders better than the open price trade at it; equal ones only by touch,
 * others queue up there. */
static void plan_open(const struct quote_instrument *instrument, enum match_side side, int64_t open,
                      int32_t lots_max, struct match_fills *fills)
{
    const struct book_pool *pool = instrument->orders.pool;
    bool touch = instrument->rules.profile == QUOTE_PROFILE_TOUCH;
    const struct book_level *level;
    for (uint32_t n = 0; (level = book_level_at(&instrument->orders, side, n)); n++) {
        int64_t better_by = key_of(side, level->price) - key_of(side, open);
        if (better_by < 0 || (better_by == 0 && !touch))
            return;
        for (uint32_t handle = level->first; handle != MATCH_NONE;
             handle = pool->nodes[handle].next) {
            int32_t left = pool->nodes[handle].volume;
            bool whole = better_by == 0 && !instrument->rules.limit_by_displayed_size;
            int32_t lots = whole ? left : least(left, lots_max);
            if (lots > 0)
                add_fill(fills, handle, open, lots);
        }
    }
}

void quote_match_plan_tick(const struct quote_match *match, uint32_t instrument,
                           const struct quote *quote, struct match_fills *fills)
{
    const struct quote_instrument *found = find(match, instrument);
    struct tick tick = read_tick(found, quote);
    int64_t open;
    if (tick.next.is_broken)
        return;
    if (!found->state.is_auction) {
        plan_side(&tick, found, MATCH_BUY, fills);
        plan_side(&tick, found, MATCH_SELL, fills);
    } else if (read_price(quote->open, found->rules.tick, &open)) {
        int32_t lots = auction_lots(&tick, &found->state);
        plan_open(found, MATCH_BUY, open, lots, fills);
        plan_open(found, MATCH_SELL, open, lots, fills);
    }
}

/* ---- places in the queue ---- */

static int32_t ahead_at(struct quote_state *state, enum match_side side, int64_t price)
{
    if (state->is_broken)
        return QUOTE_AHEAD_UNKNOWN;
    if (state->count[side] == 0 || key_of(side, price) > key_of(side, state->level[side][0].price))
        return 0;
    const struct quote_size *size = find_size(state, side, price);
    return size ? size->size : QUOTE_AHEAD_UNKNOWN;
}

static void reset_ahead(struct quote_instrument *instrument)
{
    struct book_pool *pool = instrument->orders.pool;
    for (int i = 0; i < 2; i++) {
        enum match_side side = (enum match_side)i;
        const struct book_level *level;
        for (uint32_t n = 0; (level = book_level_at(&instrument->orders, side, n)); n++) {
            int32_t ahead = ahead_at(&instrument->state, side, level->price);
            for (uint32_t h = level->first; h != MATCH_NONE; h = pool->nodes[h].next)
                pool->nodes[h].ahead = ahead;
        }
    }
}

/* What traded at the previous best price went to those ahead first. */
static void traded_ahead(struct quote_instrument *instrument, const struct tick *tick,
                         enum match_side side)
{
    struct book_pool *pool = instrument->orders.pool;
    if (tick->traded[side] == 0)
        return;
    int64_t best = instrument->state.level[side][0].price;
    const struct book_level *level = book_level_find(&instrument->orders, side, best);
    if (!level || traded_beyond(tick, side, best))
        return;
    for (uint32_t h = level->first; h != MATCH_NONE; h = pool->nodes[h].next) {
        int32_t ahead = pool->nodes[h].ahead;
        if (ahead > 0)
            pool->nodes[h].ahead =
                ahead > tick->traded[side] ? ahead - (int32_t)tick->traded[side] : 0;
    }
}

/* A displayed size bounds the lots ahead (those ahead may cancel; nobody cuts in), and places
 * orders whose place was unknown. Where the level was displayed before with no more than now, that
 * has been done and need not be again. */
static void displayed_ahead(struct quote_instrument *instrument, const struct quote_state *next,
                            enum match_side side)
{
    struct book_pool *pool = instrument->orders.pool;
    if (instrument->orders.side[side].count == 0)
        return;
    for (int32_t i = 0; i < next->count[side]; i++) {
        const struct quote_size *now = &next->level[side][i];
        const struct quote_size *old = find_size(&instrument->state, side, now->price);
        if (old && old->size <= now->size && !instrument->state.is_broken)
            continue;
        const struct book_level *level = book_level_find(&instrument->orders, side, now->price);
        for (uint32_t h = level ? level->first : MATCH_NONE; h != MATCH_NONE;
             h = pool->nodes[h].next)
            if (pool->nodes[h].ahead == QUOTE_AHEAD_UNKNOWN || pool->nodes[h].ahead > now->size)
                pool->nodes[h].ahead = now->size;
    }
}

/* ---- apply ---- */

void quote_match_insert(struct quote_match *match, uint32_t instrument, uint32_t handle,
                        enum match_side side, int64_t price, int32_t volume, uint64_t sequence)
{
    struct quote_instrument *found = find(match, instrument);
    book_insert(&found->orders, handle, side, price, volume, sequence, 0);
    match->pool->nodes[handle].ahead = ahead_at(&found->state, side, price);
}

void quote_match_fill(struct quote_match *match, uint32_t instrument, enum match_side side,
                      const struct match_fill *fill)
{
    struct quote_instrument *found = find(match, instrument);
    struct quote_size *size =
        fill->takes_level ? find_size(&found->state, match_opposite(side), fill->level) : NULL;
    if (size)
        size->used = least((int64_t)size->used + fill->volume, size->size);
    if (fill->resting != MATCH_NONE)
        book_reduce(&found->orders, fill->resting, fill->volume);
}

void quote_match_remove(struct quote_match *match, uint32_t instrument, uint32_t handle)
{
    book_remove(&find(match, instrument)->orders, handle);
}

void quote_match_clear(struct quote_match *match, uint32_t instrument)
{
    book_clear(&find(match, instrument)->orders);
}

void quote_match_advance(struct quote_match *match, uint32_t instrument, const struct quote *quote)
{
    struct quote_instrument *found = find(match, instrument);
    struct tick tick = read_tick(found, quote);
    int64_t open;
    if (!found->state.is_auction && !tick.next.is_broken &&
        found->rules.profile == QUOTE_PROFILE_QUEUE) {
        for (int side = 0; side < 2; side++) {
            traded_ahead(found, &tick, (enum match_side)side);
            displayed_ahead(found, &tick.next, (enum match_side)side);
        }
    }
    bool opens = found->state.is_auction && !tick.next.is_broken &&
                 read_price(quote->open, found->rules.tick, &open);
    found->state = tick.next;
    if (opens)
        quote_match_set_auction(match, instrument, false);
}

void quote_match_new_pass(struct quote_match *match, uint32_t instrument)
{
    struct quote_state *state = &find(match, instrument)->state;
    state->has_volume = state->has_turnover = false;
    state->volume = 0;
    state->turnover = 0;
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < QUOTE_LEVELS; i++)
            state->level[side][i].used = 0;
}

void quote_match_set_auction(struct quote_match *match, uint32_t instrument, bool is_auction)
{
    struct quote_instrument *found = find(match, instrument);
    bool ends = found->state.is_auction && !is_auction;
    found->state.is_auction = is_auction;
    if (ends)
        reset_ahead(found);
}

/* ---- set up, state as bytes ---- */

void quote_match_init(struct quote_match *match, struct book_pool *pool)
{
    *match = (struct quote_match){.pool = pool};
}

void quote_match_finish(struct quote_match *match)
{
    for (uint32_t i = 0; i < match->count; i++)
        if (match->instruments[i].orders.pool)
            book_finish(&match->instruments[i].orders);
    free(match->instruments);
    *match = (struct quote_match){0};
}

bool quote_match_has(const struct quote_match *match, uint32_t instrument)
{
    return instrument < match->count && match->instruments[instrument].orders.pool != NULL;
}

void quote_match_configure(struct quote_match *match, uint32_t instrument,
                           const struct quote_rules *rules)
{
    assert(instrument < MATCH_NONE && rules->multiple > 0 && rules->tick > 0);
    if (instrument >= match->count) {
        uint32_t count = instrument + 1 > match->count * 2 ? instrument + 1 : match->count * 2;
        match->instruments =
            memory_resize(match->instruments, count * sizeof match->instruments[0]);
        memset(match->instruments + match->count, 0,
               (count - match->count) * sizeof match->instruments[0]);
        match->count = count;
    }
    struct quote_instrument *found = &match->instruments[instrument];
    if (!found->orders.pool)
        book_init(&found->orders, match->pool);
    found->rules = *rules;
    reset_ahead(found);
}

const struct quote_state *quote_match_state(const struct quote_match *match, uint32_t instrument)
{
    return &find(match, instrument)->state;
}

bool quote_match_set_state(struct quote_match *match, uint32_t instrument,
                           const struct quote_state *state)
{
    for (int side = 0; side < 2; side++) {
        if (state->count[side] < 0 || state->count[side] > QUOTE_LEVELS)
            return false;
        for (int32_t i = 0; i < state->count[side]; i++) {
            const struct quote_size *size = &state->level[side][i];
            if (size->size <= 0 || size->used < 0 || size->used > size->size)
                return false;
        }
    }
    if (state->volume < 0)
        return false;
    find(match, instrument)->state = *state;
    return true;
}

int32_t quote_match_ahead(const struct quote_match *match, uint32_t handle)
{
    assert(book_rests(match->pool, handle));
    return match->pool->nodes[handle].ahead;
}

void quote_match_set_ahead(struct quote_match *match, uint32_t handle, int32_t ahead)
{
    assert(book_rests(match->pool, handle) && ahead >= QUOTE_AHEAD_UNKNOWN);
    match->pool->nodes[handle].ahead = ahead;
}
