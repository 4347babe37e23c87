/* matching.c: the matchers of all instruments, kept in step with the effects: apply.c calls what is
 * here, live and in recovery alike, and nothing here decides or emits. Which orders rest, and the
 * day's figures of a book, follow from effects alone; the quotes that the quote matcher compares
 * with, and what was published, are soft. */
#include "base/clock.h"
#include "tts/core/desk/desk_inside.h"
#include "tts/core/market/price_limit.h"
#include <assert.h>

/* ---- lists of places ---- */

static uint32_t lower_bound(const struct places *places, uint32_t place)
{
    uint32_t low = 0, high = places->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (places->at[middle] < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void places_add(struct places *places, uint32_t place)
{
    if (places->count == places->capacity)
        places->at = list_grow(places->at, &places->capacity, sizeof places->at[0]);
    uint32_t at = lower_bound(places, place);
    assert(at == places->count || places->at[at] != place);
    memmove(&places->at[at + 1], &places->at[at], (places->count - at) * sizeof places->at[0]);
    places->at[at] = place;
    places->count++;
}

void places_remove(struct places *places, uint32_t place)
{
    uint32_t at = lower_bound(places, place);
    if (at == places->count || places->at[at] != place)
        return;
    places->count--;
    memmove(&places->at[at], &places->at[at + 1], (places->count - at) * sizeof places->at[0]);
}

/* ---- life ---- */

struct matching *matching_create(void)
{
    struct matching *matching = memory_get_zeroed(1, sizeof *matching);
    quote_match_init(&matching->quote, &matching->pool);
    matching->input_layout = ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOrder);
    matching->replay_days = clock_date_to_days(matching->replay_date);
    order_pattern_index(matching);
    return matching;
}

static void finish_bench(struct bench *bench)
{
    if (bench->book.pool)
        book_finish(&bench->book);
    free(bench->held.at);
    free(bench->conditions.at);
}

void matching_destroy(struct matching *matching)
{
    if (!matching)
        return;
    for (uint32_t i = 0; i < matching->benches.count; i++)
        finish_bench(&matching->benches.at[i]);
    quote_match_finish(&matching->quote);
    book_pool_finish(&matching->pool);
    match_fills_finish(&matching->fills);
    auction_pairs_finish(&matching->pairs);
    buffer_finish(&matching->packed);
    free(matching->benches.at);
    free(matching->rates.at);
    free(matching->changed.at);
    free(matching->combinations.at);
    free(matching->spreads.at);
    free(matching->patterns.at);
    free(matching);
}

/* ---- benches ---- */

static struct quote_rules rules_of(const struct core *core, const struct instrument *instrument)
{
    static const enum quote_profile profiles[] = {
        [QUOTE_TOUCH] = QUOTE_PROFILE_TOUCH,
        [QUOTE_CROSS] = QUOTE_PROFILE_CROSS,
        [QUOTE_QUEUE] = QUOTE_PROFILE_QUEUE,
    };
    return (struct quote_rules){
        .profile = profiles[core->options.match_profile],
        .limit_by_displayed_size = sizes_limit_fills(&core->options),
        .multiple = instrument->volume_multiple,
        .tick = instrument->price_tick,
    };
}

/* The quote matcher collects orders for the opening auction from AuctionOrdering on until a quote
 * brings the day's open price, which ends it. An auction after that (closing auctions, a later pass
 * of a replay) has no price of its own in the quotes: its orders wait for the next phase. Told anew
 * whenever it matters, because a recovery sees statuses without what live status changes do. */
static void follow_auction(struct core *core, uint32_t place)
{
    const struct instrument_state *state = &core->instruments.at[place];
    bool opened = state->has_quote && price_is_present(state->quote.open) && state->quote.open != 0;
    bool collects = quote_match_state(&core->matching->quote, place)->is_auction;
    enum phase phase = exchange_phase(core, place);
    if (phase == PHASE_AUCTION && !collects && !opened)
        quote_match_set_auction(&core->matching->quote, place, true);
    else if (phase == PHASE_CONTINUOUS && collects)
        quote_match_set_auction(&core->matching->quote, place, false);
}

static void ready_bench(struct core *core, uint32_t place, struct bench *bench)
{
    struct matching *matching = core->matching;
    bench->ready = true;
    if (core->instruments.at[place].book_mode) {
        book_init(&bench->book, &matching->pool);
        bench->tape = book_tape_start(0);
        bench->previous_close = ABSENT_PRICE;
        return;
    }
    struct quote_rules rules = rules_of(core, core_instrument(core, place));
    quote_match_configure(&matching->quote, place, &rules);
    follow_auction(core, place);
}

struct bench *bench_make_ready(struct core *core, uint32_t instrument)
{
    struct matching *matching = core->matching;
    while (matching->benches.count <= instrument)
        LIST_ADD(&matching->benches);
    struct bench *bench = &matching->benches.at[instrument];
    if (!bench->ready)
        ready_bench(core, instrument, bench);
    return bench;
}

void bench_follow_phase(struct core *core, uint32_t instrument)
{
    if (!bench_of(core, instrument)->book.pool)
        follow_auction(core, instrument);
}

void bench_changed(struct core *core, uint32_t instrument)
{
    struct bench *bench = bench_of(core, instrument);
    if (bench->changed)
        return;
    bench->changed = true;
    *LIST_ADD(&core->matching->changed) = instrument;
}

/* ---- rates ---- */

bool rate_exceeded(struct core *core, uint32_t user, enum rate_kind kind, int limit)
{
    if (limit == 0)
        return false;
    while (core->matching->rates.count <= user)
        LIST_ADD(&core->matching->rates);
    struct rate *rate = &core->matching->rates.at[user];
    int64_t second = core->now.wall_us / 1000000;
    if (rate->second[kind] != second) {
        rate->second[kind] = second;
        rate->count[kind] = 0;
    }
    return ++rate->count[kind] > limit;
}

/* ---- orders ---- */

static enum match_side side_of(const struct order *order)
{
    return order->direction == THOST_FTDC_D_Buy ? MATCH_BUY : MATCH_SELL;
}

/* IOC never rests, nor does a market order of CZCE. An order that has ended (SHFE tells a cancelled
 * rest before the fills) does not either. */
static bool may_rest(const struct core *core, const struct order *order)
{
    const struct instrument *instrument = &core->market.instruments[order->instrument];
    return order->live && order->state.total > 0 && order->time_condition == THOST_FTDC_TC_GFD &&
           (order_is_limit(order) || instrument->exchange != EXCHANGE_CZCE) &&
           price_is_bookable(order->state.limit_price, instrument->price_tick);
}

static void rest(struct core *core, uint32_t place)
{
    struct matching *matching = core->matching;
    struct order *order = &core->orders.at[place];
    struct bench *bench = bench_of(core, order->instrument);
    double tick = core_instrument(core, order->instrument)->price_tick;
    int64_t price = price_in_ticks(order->state.limit_price, tick);
    uint64_t sequence = (uint64_t)order->state.system_number;
    places_remove(&bench->held, place);
    if (bench->book.pool)
        book_insert(&bench->book, place, side_of(order), price, order->state.total, sequence,
                    order->account);
    else
        quote_match_insert(&matching->quote, order->instrument, place, side_of(order), price,
                           order->state.total, sequence);
    order->at_exchange = true;
}

void matching_order_queued(struct core *core, uint32_t place, int64_t queue_ahead)
{
    /* the lots ahead are found by the quote matcher in its quote, live and in recovery */
    struct order *order = &core->orders.at[place];
    if (order->channel != CHANNEL_SIM)
        return; /* it waits elsewhere */
    struct bench *bench = bench_of(core, order->instrument);
    if (order->leg_count == 2) {
        if ((order->at_exchange = may_rest(core, order)))
            places_add(&core->matching->combinations, place);
        return;
    }
    if (order_is_held(order)) {
        places_add(&bench->held, place);
        order->at_exchange = true;
        return;
    }
    if (queue_ahead != MATCHING_DOES_NOT_WAIT && may_rest(core, order))
        rest(core, place);
    if (bench->book.pool)
        bench_changed(core, order->instrument);
}

/* Lots of a waiting order go, and in quote mode the displayed size that filled them. */
static void take_lots(struct core *core, uint32_t place, int lots, bool rests)
{
    struct matching *matching = core->matching;
    const struct order *order = &core->orders.at[place];
    struct bench *bench = bench_of(core, order->instrument);
    if (bench->book.pool) {
        if (rests)
            book_reduce(&bench->book, place, lots);
        return;
    }
    struct match_fill fill = {.volume = lots};
    if (matching->filling)
        fill = *matching->filling;
    fill.resting = rests ? place : MATCH_NONE;
    quote_match_fill(&matching->quote, order->instrument, side_of(order), &fill);
}

/* A combination's order waits in a list of its own, and on SHFE's manners enters it with its first
 * fill. */
static void combination_traded(struct core *core, uint32_t place)
{
    struct order *order = &core->orders.at[place];
    places_remove(&core->matching->combinations, place);
    order->at_exchange = may_rest(core, order);
    if (order->at_exchange)
        places_add(&core->matching->combinations, place);
}

/* A newcomer that rests after its first fill without an E2 before it (SHFE, INE, CFFEX) enters with
 * that fill. */
void matching_order_traded(struct core *core, uint32_t place, int lots)
{
    struct order *order = &core->orders.at[place];
    if (order->channel != CHANNEL_SIM)
        return;
    struct bench *bench = bench_of(core, order->instrument);
    if (order->leg_count == 2) {
        combination_traded(core, place);
        return;
    }
    bool rests = book_rests(&core->matching->pool, place);
    places_remove(&bench->held, place);
    take_lots(core, place, lots, rests);
    if (!rests && may_rest(core, order))
        rest(core, place);
    if (order->state.total == 0)
        order->at_exchange = false;
    if (bench->book.pool)
        bench_changed(core, order->instrument);
}

void matching_order_gone(struct core *core, uint32_t place)
{
    struct matching *matching = core->matching;
    struct order *order = &core->orders.at[place];
    struct bench *bench = bench_of(core, order->instrument);
    places_remove(&bench->held, place);
    places_remove(&matching->combinations, place);
    order->at_exchange = false;
    if (!book_rests(&matching->pool, place))
        return;
    if (bench->book.pool) {
        book_remove(&bench->book, place);
        bench_changed(core, order->instrument);
    } else {
        quote_match_remove(&matching->quote, order->instrument, place);
    }
}

/* The buyer's trade of a match comes first, the seller's completes it. */
void matching_trade_done(struct core *core, const struct trade *trade)
{
    const struct order *order = &core->orders.at[trade->order];
    struct bench *bench = bench_of(core, order->instrument);
    if (!bench->book.pool || order->channel != CHANNEL_SIM)
        return;
    bool opens = order->leg[trade->leg].offset == THOST_FTDC_OF_Open;
    if (order->direction == THOST_FTDC_D_Buy) {
        bench->buyer_opens = opens;
        return;
    }
    int multiple = core_instrument(core, order->instrument)->volume_multiple;
    book_tape_trade(&bench->tape, trade->price, trade->volume, multiple, bench->buyer_opens, opens);
}

/* ---- days ---- */

static void open_bench(struct core *core, uint32_t place, struct bench *bench)
{
    bench->held.count = bench->conditions.count = 0;
    bench->changed = false;
    bench->published_ms = 0;
    if (!bench->book.pool) {
        /* yesterday's quote is nobody's counterpart today */
        static const struct quote_state no_quote;
        quote_match_clear(&core->matching->quote, place);
        bool taken = quote_match_set_state(&core->matching->quote, place, &no_quote);
        assert(taken);
        (void)taken;
        return;
    }
    book_clear(&bench->book);
    if (price_is_present(bench->tape.last))
        bench->previous_close = bench->tape.last;
    bench->pre_open_interest = bench->tape.open_interest;
    bench->tape = book_tape_start(bench->pre_open_interest);
}

void matching_day_opened(struct core *core)
{
    struct matching *matching = core->matching;
    matching->changed.count = matching->combinations.count = matching->patterns.count = 0;
    for (uint32_t i = 0; i < matching->benches.count; i++)
        if (matching->benches.at[i].ready)
            open_bench(core, i, &matching->benches.at[i]);
}

/* ---- snapshots ---- */

/* What a bench knows of its market beside the orders. */
struct bench_figures {
    struct book_tape tape;
    double previous_close, pre_open_interest;
};

void matching_save(struct core *core, struct buffer *out)
{
    for (uint32_t i = 0; i < core->market.instrument_count; i++) {
        if (!core->instruments.at[i].book_mode)
            continue;
        const struct bench *bench = bench_of(core, i);
        struct bench_figures figures = {bench->tape, bench->previous_close,
                                        bench->pre_open_interest};
        buffer_put(out, &figures, sizeof figures);
    }
}

bool matching_load(struct core *core, text bytes)
{
    for (uint32_t i = 0; i < core->market.instrument_count; i++) {
        if (!core->instruments.at[i].book_mode)
            continue;
        struct bench_figures figures;
        if (bytes.length < sizeof figures)
            return false;
        memcpy(&figures, bytes.at, sizeof figures);
        bytes.at += sizeof figures;
        bytes.length -= sizeof figures;
        struct bench *bench = bench_of(core, i);
        bench->tape = figures.tape;
        bench->previous_close = figures.previous_close;
        bench->pre_open_interest = figures.pre_open_interest;
    }
    return bytes.length == 0;
}

void matching_rebuild(struct core *core)
{
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        if (order->live && order->condition_number)
            condition_added(core, i);
        else if (order->live && order->at_exchange)
            matching_order_queued(core, i, 0);
    }
}
