/* exchange.c: the simulated exchange: what becomes of an order after the counter took it. It asks a
 * matcher for a plan and tells the plan as effects, in the sequence in which that exchange's
 * returns come:
 *
 *              before any fill (E2)        before the fills (E3)   rest of IOC (E6)
 *   SHFE INE   only if nothing was filled  once for each matching  before the fills,
 *   CFFEX TTS  and the order queues                                with final volumes
 *   CZCE       always                      once for each matching  after the fills
 *   DCE GFEX   always                      never                   after the fills
 *
 * Nothing here changes state but effects; matching.c follows them. */
#include "tts/core/desk/desk_inside.h"
#include "tts/core/market/price_limit.h"
#include "tts/core/market/stamp.h"
#include "tts/core/requests/combination.h"
#include <assert.h>

struct manners {
    bool queues_first; /* E2 before any fill */
    bool repeats;      /* E3 */
    bool cancel_first; /* E6 before the fills */
};

static struct manners manners_of(enum exchange exchange)
{
    switch (exchange) {
    case EXCHANGE_DCE:
    case EXCHANGE_GFEX:
        return (struct manners){.queues_first = true};
    case EXCHANGE_CZCE:
        return (struct manners){.queues_first = true, .repeats = true};
    default:
        return (struct manners){.repeats = true, .cancel_first = true};
    }
}

/* What one matching does to one order. */
struct execution {
    uint32_t place;
    int lots;           /* of the whole matching */
    double limit_price; /* shown from now on */
    uint32_t
        sequence; /* SequenceNo of the order return, which the first fill shares; 0 none or used */
};

static enum exchange exchange_of(const struct core *core, const struct order *order)
{
    return core->market.instruments[order->instrument].exchange;
}

static const struct exchange_numbers *numbers_of(const struct core *core, const struct order *order)
{
    return &core->numbers[exchange_of(core, order)];
}

/* ---- the events ---- */

static struct stamp_moment moment_of(const struct core *core)
{
    return (struct stamp_moment){core->trading_day, core->now.replay_date,
                                 core->now.replay_millisecond};
}

/* The order's state as the next return of its exchange tells it; the first return brings OrderSysID
 * and the exchange's times. */
static struct order_state returned_state(const struct core *core, const struct order *order)
{
    struct order_state state = order->state;
    if (state.system_number == 0) {
        enum exchange exchange = exchange_of(core, order);
        state.system_number = numbers_of(core, order)->system + 1;
        state.insert_date = stamp_insert_date(exchange, moment_of(core), true);
        state.insert_second = core->now.replay_second;
    }
    state.update_second = core->now.replay_second;
    state.zce_traded = 0;
    return state;
}

/* E2. `waits`: it goes into the book (or is held); else its fills or its cancel follow at once. */
static void queue(struct core *core, uint32_t place, double limit_price, bool waits)
{
    const struct order *order = &core->orders.at[place];
    struct effect_order_queued effect;
    memset(&effect, 0, sizeof effect);
    effect.order = place;
    effect.state = returned_state(core, order);
    effect.state.sequence_no = numbers_of(core, order)->sequence + 1;
    effect.state.limit_price = limit_price;
    effect.queue_ahead = waits ? 0 : MATCHING_DOES_NOT_WAIT;
    order_tell_queued(core, &effect);
}

static int zce_traded(const struct core *core, const struct execution *execution)
{
    const struct order *order = &core->orders.at[execution->place];
    return exchange_of(core, order) == EXCHANGE_CZCE ? execution->lots : 0;
}

/* E3. Without duplicate returns the exchange's message still takes its number. */
static void repeat(struct core *core, struct execution *execution)
{
    const struct order *order = &core->orders.at[execution->place];
    execution->sequence = numbers_of(core, order)->sequence + 1;
    if (!core->options.duplicate_returns)
        return;
    struct effect_order_returned effect;
    memset(&effect, 0, sizeof effect);
    effect.order = execution->place;
    effect.state = returned_state(core, order);
    effect.state.sequence_no = execution->sequence;
    effect.state.zce_traded = zce_traded(core, execution);
    effect.cancel_pending = order->cancel_pending;
    EMIT(core, order_returned, &effect);
}

/* One fill of one order. */
struct fill {
    double price;
    int lots;
    int64_t number; /* TradeID; both sides of a match have the same */
    char source;    /* PriceSource */
};

static void put_trade(const struct core *core, const struct order *order, uint32_t leg,
                      const struct fill *fill, struct trade *trade)
{
    enum exchange exchange = exchange_of(core, order);
    trade->leg = (uint8_t)leg;
    trade->offset = order->leg[leg].offset;
    trade->trade_type =
        order->leg_count == 1 ? THOST_FTDC_TRDT_Common : THOST_FTDC_TRDT_CombinationDerived;
    trade->price_source = fill->source;
    trade->number = fill->number;
    trade->price = fill->price;
    trade->volume = fill->lots;
    trade->trade_date = stamp_trade_date(exchange, moment_of(core));
    trade->trade_second = core->now.replay_second;
}

/* In book mode the trade is the market's newest price; in quote mode the feed says what that is. A
 * distance to the settlement price (TAS) says nothing of its underlying's. */
static struct effect_prices prices_after(struct core *core, uint32_t place, const struct fill *fill,
                                         bool distance)
{
    const struct instrument *instrument = core_instrument(core, place);
    struct effect_prices prices = {.last = instrument->last, .average = instrument->average};
    const struct bench *bench = bench_of(core, place);
    if (!bench->book.pool || distance)
        return prices;
    double multiple = instrument->volume_multiple;
    prices.last = fill->price;
    prices.average = (bench->tape.turnover / multiple + fill->price * fill->lots) /
                     (double)(bench->tape.volume + fill->lots);
    return prices;
}

/* E4. The second leg of a combination repeats no order: its trade follows the first one's. */
static void trade_leg(struct core *core, struct execution *execution, const struct fill *fill,
                      uint32_t leg)
{
    const struct order *order = &core->orders.at[execution->place];
    uint32_t sequence = numbers_of(core, order)->sequence;
    if (execution->sequence > sequence)
        sequence = execution->sequence;
    struct effect_order_traded effect;
    memset(&effect, 0, sizeof effect);
    effect.order = execution->place;
    effect.leg = leg;
    effect.state = returned_state(core, order);
    effect.state.limit_price = execution->limit_price;
    effect.state.zce_traded = zce_traded(core, execution);
    effect.state.sequence_no = execution->sequence ? execution->sequence : sequence + 1;
    effect.trade.order = execution->place;
    effect.trade.sequence_no = sequence + 1;
    put_trade(core, order, leg, fill, &effect.trade);
    effect.prices =
        prices_after(core, order->leg[leg].instrument, fill, order->leg[leg].at_settlement);
    execution->sequence = 0;
    order_tell_traded(core, &effect);
}

static void trade(struct core *core, struct execution *execution, const struct fill *fill)
{
    trade_leg(core, execution, fill, 0);
}

/* E6, told with the volumes that it will have when fills are still to be told. */
static void cancel(struct core *core, const struct execution *execution, bool before_fills,
                   uint32_t by)
{
    const struct order *order = &core->orders.at[execution->place];
    struct effect_order_cancelled effect;
    memset(&effect, 0, sizeof effect);
    effect.order = execution->place;
    if (order->condition_number) {
        effect.state = order->state;
        effect.state.cancel_second = core_wall_second(core);
    } else {
        effect.state = returned_state(core, order);
        effect.state.sequence_no = numbers_of(core, order)->sequence + 1;
        effect.state.cancel_second = core->now.replay_second;
    }
    if (before_fills) {
        effect.state.traded += execution->lots;
        effect.state.total -= execution->lots;
    }
    effect.state.zce_traded = zce_traded(core, execution);
    order_tell_cancelled(core, &effect, by);
}

void exchange_cancel(struct core *core, uint32_t place, uint32_t by)
{
    struct execution execution = {.place = place};
    cancel(core, &execution, false, by);
}

/* E7 */
void exchange_refuse(struct core *core, uint32_t place, enum exchange_refusal refusal)
{
    struct effect_order_refused effect;
    memset(&effect, 0, sizeof effect);
    effect.order = place;
    effect.state = core->orders.at[place].state;
    effect.state.refusal = (uint8_t)refusal;
    effect.state.update_second = effect.state.cancel_second = core->now.replay_second;
    order_tell_refused(core, &effect, TEXT(""));
}

/* ---- what the order asks of a matcher ---- */

static enum match_rest rest_of(enum exchange exchange, const struct order *order)
{
    if (order->time_condition == THOST_FTDC_TC_IOC)
        return MATCH_REST_CANCEL;
    if (order_is_limit(order))
        return MATCH_REST_QUEUE;
    switch (exchange) {
    case EXCHANGE_CZCE:
        return MATCH_REST_CANCEL;
    case EXCHANGE_DCE:
    case EXCHANGE_GFEX:
        return MATCH_REST_AT_LIMIT;
    default:
        return MATCH_REST_AT_FILL;
    }
}

/* A share's order at any price is one of the best five levels. */
static int levels_of(const struct instrument *instrument, const struct order *order)
{
    switch (order->price_type) {
    case THOST_FTDC_OPT_AnyPrice:
        return instrument_kind(instrument) == KIND_STOCK ? 5 : 0;
    case THOST_FTDC_OPT_BestPrice:
        return 1;
    case THOST_FTDC_OPT_FiveLevelPrice:
        return 5;
    default:
        return 0;
    }
}

static enum match_volume volume_condition_of(const struct order *order)
{
    switch (order->volume_condition) {
    case THOST_FTDC_VC_CV:
        return MATCH_VOLUME_ALL;
    case THOST_FTDC_VC_MV:
        return order->time_condition == THOST_FTDC_TC_IOC ? MATCH_VOLUME_MIN : MATCH_VOLUME_ANY;
    default:
        return MATCH_VOLUME_ANY;
    }
}

/* The price at which a market order's rest would queue; false when nobody knows one. */
static bool rest_price(struct core *core, const struct order *order, enum match_rest rest,
                       int64_t *ticks)
{
    const struct instrument *instrument = core_instrument(core, order->instrument);
    double price = ABSENT_PRICE;
    if (rest == MATCH_REST_AT_LIMIT) {
        price = order->direction == THOST_FTDC_D_Buy ? instrument->upper_limit
                                                     : instrument->lower_limit;
    } else if (rest == MATCH_REST_AT_FILL) {
        const struct bench *bench = bench_of(core, order->instrument);
        const struct quote *quote = core_newest_quote(core, order->instrument);
        if (bench->book.pool)
            price = bench->tape.last;
        else if (quote)
            price = quote->last;
    }
    if (!price_is_present(price) || price == 0)
        return false;
    *ticks = price_in_ticks(price, instrument->price_tick);
    return true;
}

static struct match_order match_order_of(struct core *core, const struct order *order,
                                         double limit_price)
{
    const struct instrument *instrument = core_instrument(core, order->instrument);
    double tick = instrument->price_tick;
    bool limit = order_is_limit(order);
    struct match_order match = {
        .side = order->direction == THOST_FTDC_D_Buy ? MATCH_BUY : MATCH_SELL,
        .market = !limit,
        .levels = levels_of(instrument, order),
        .volume = order->state.total,
        .min_volume = order->min_volume,
        .owner = order->account,
        .condition = volume_condition_of(order),
        .rest = rest_of(exchange_of(core, order), order),
        .price = limit ? price_in_ticks(limit_price, tick) : 0,
    };
    match.has_rest_price = rest_price(core, order, match.rest, &match.rest_price);
    return match;
}

/* ---- plans ---- */

static double previous_price(struct core *core, uint32_t instrument)
{
    const struct bench *bench = bench_of(core, instrument);
    if (price_is_present(bench->tape.last))
        return bench->tape.last;
    if (price_is_present(bench->previous_close))
        return bench->previous_close;
    double pre = core_instrument(core, instrument)->pre_settlement;
    return price_is_present(pre) ? pre : 0;
}

static struct match_result plan(struct core *core, const struct order *order,
                                const struct match_order *match)
{
    static const enum match_self self_trades[] = {
        [SELF_TRADE_ALLOW] = MATCH_SELF_ALLOW,
        [SELF_TRADE_REJECT_NEW] = MATCH_SELF_REJECT_NEW,
        [SELF_TRADE_CANCEL_OLD] = MATCH_SELF_CANCEL_OLD,
    };
    struct matching *matching = core->matching;
    const struct bench *bench = bench_of(core, order->instrument);
    match_fills_clear(&matching->fills);
    if (exchange_phase(core, order->instrument) != PHASE_CONTINUOUS) /* an auction: all wait */
        return match_settle_rest(match, 0, 0);
    bench_follow_phase(core, order->instrument);
    if (!bench->book.pool)
        return quote_match_plan_order(&matching->quote, order->instrument, match, &matching->fills);
    double tick = core_instrument(core, order->instrument)->price_tick;
    struct book_rules rules = {
        .previous_price = price_in_ticks(previous_price(core, order->instrument), tick),
        .price = core->options.book_price == TRADE_PRICE_RESTING ? BOOK_PRICE_RESTING
                                                                 : BOOK_PRICE_MIDDLE,
        .self_trade = self_trades[core->options.self_trade],
    };
    return book_plan(&bench->book, match, &rules, &matching->fills);
}

/* ---- telling a plan ---- */

static struct fill fill_of(const struct core *core, const struct order *order, int64_t price,
                           int lots, char source)
{
    double tick = core->market.instruments[order->instrument].price_tick;
    return (struct fill){
        .price = price_of_ticks(price, tick),
        .lots = lots,
        .number = numbers_of(core, order)->trade + 1,
        .source = source,
    };
}

/* A resting order's side of a matching: its exchange returns it before the fills. */
static struct execution execution_of_resting(struct core *core, uint32_t place, int lots)
{
    const struct order *order = &core->orders.at[place];
    struct execution execution = {
        .place = place, .lots = lots, .limit_price = order->state.limit_price};
    if (manners_of(exchange_of(core, order)).repeats)
        repeat(core, &execution);
    return execution;
}

/* A match of two customers: two trades with one number, the buyer's first. */
static void match_pair(struct core *core, struct execution *one, struct execution *other,
                       const struct fill *fill)
{
    bool one_buys = core->orders.at[one->place].direction == THOST_FTDC_D_Buy;
    trade(core, one_buys ? one : other, fill);
    trade(core, one_buys ? other : one, fill);
}

static void tell_fill(struct core *core, struct execution *execution, const struct match_fill *line)
{
    struct matching *matching = core->matching;
    const struct order *order = &core->orders.at[execution->place];
    if (line->volume == 0) {
        exchange_cancel(core, line->resting, NONE); /* self_trade: cancel_old */
        return;
    }
    struct fill fill = fill_of(core, order, line->price, line->volume, '0');
    if (line->resting == MATCH_NONE) {
        matching->filling = line;
        trade(core, execution, &fill);
        matching->filling = NULL;
        return;
    }
    fill.source = (char)line->source;
    struct execution resting = execution_of_resting(core, line->resting, line->volume);
    match_pair(core, execution, &resting, &fill);
}

/* The LimitPrice that the order shows from now on: a market order's rest becomes a limit order. */
static double shown_limit(const struct core *core, const struct order *order, double limit_price,
                          const struct match_result *result)
{
    double tick = core->market.instruments[order->instrument].price_tick;
    if (order_is_limit(order) || result->outcome != MATCH_QUEUED)
        return limit_price;
    return price_of_ticks(result->price, tick);
}

/* Matches an order that arrives, or that was held and is touched now (its E2 is out). */
static void match(struct core *core, uint32_t place, double limit_price, bool arrives)
{
    const struct order *order = &core->orders.at[place];
    struct match_order asked = match_order_of(core, order, limit_price);
    struct match_result result = plan(core, order, &asked);
    if (result.outcome == MATCH_SELF_REFUSED) {
        exchange_refuse(core, place, EXCHANGE_SELF_TRADE);
        return;
    }
    struct manners manners = manners_of(exchange_of(core, order));
    struct execution execution = {.place = place,
                                  .lots = result.filled,
                                  .limit_price = shown_limit(core, order, limit_price, &result)};
    bool waits = result.outcome == MATCH_QUEUED && result.filled == 0;
    bool cancelled = result.outcome == MATCH_CANCELLED;
    if (waits || (arrives && manners.queues_first))
        queue(core, place, execution.limit_price, waits);
    if (cancelled && manners.cancel_first)
        cancel(core, &execution, true, NONE);
    else if (result.filled > 0 && manners.repeats)
        repeat(core, &execution);
    for (uint32_t i = 0; i < core->matching->fills.count; i++)
        tell_fill(core, &execution, &core->matching->fills.items[i]);
    if (cancelled && !manners.cancel_first)
        cancel(core, &execution, false, NONE);
}

/* A combination is matched against the quotes of its legs, both at once. */
static void match_legs(struct core *core, uint32_t place, double limit_price, bool arrives)
{
    const struct order *order = &core->orders.at[place];
    struct combination_fill plan = combination_plan(core, order, limit_price);
    struct manners manners = manners_of(exchange_of(core, order));
    struct execution execution = {.place = place, .lots = plan.lots, .limit_price = limit_price};
    bool cancelled = order->time_condition == THOST_FTDC_TC_IOC && plan.lots < order->state.total;
    if (arrives && (manners.queues_first || (plan.lots == 0 && !cancelled)))
        queue(core, place, limit_price, true);
    if (plan.lots > 0) {
        if (manners.repeats)
            repeat(core, &execution);
        for (uint32_t leg = 0; leg < 2; leg++) {
            struct fill fill = {.price = plan.price[leg],
                                .lots = plan.lots,
                                .number = numbers_of(core, &core->orders.at[place])->trade + 1,
                                .source = '0'};
            trade_leg(core, &execution, &fill, leg);
        }
        combination_tie(core, place, plan.lots);
    }
    if (cancelled)
        cancel(core, &execution, false, NONE);
}

void exchange_match_legs(struct core *core, uint32_t place)
{
    match_legs(core, place, core->orders.at[place].state.limit_price, false);
}

void exchange_arrive(struct core *core, uint32_t place)
{
    const struct order *order = &core->orders.at[place];
    enum exchange_refusal refusal = exchange_judge(core, order);
    if (refusal != EXCHANGE_TAKES) {
        exchange_refuse(core, place, refusal);
        return;
    }
    double limit_price = order->state.limit_price;
    if (order_is_limit(order) && exchange_of(core, order) == EXCHANGE_CZCE)
        limit_price =
            price_cut_to_tick(limit_price, core_instrument(core, order->instrument)->price_tick);
    if (order->leg_count == 2) {
        match_legs(core, place, limit_price, true);
    } else if (order_is_touch(order)) {
        queue(core, place, limit_price, true);
        condition_check_held(core, place);
    } else {
        match(core, place, limit_price, true);
    }
}

void exchange_touch(struct core *core, uint32_t place)
{
    match(core, place, core->orders.at[place].state.limit_price, false);
}

/* ---- waiting orders ---- */

static int lots_of_run(const struct match_fills *fills, uint32_t from)
{
    int lots = 0;
    for (uint32_t i = from;
         i < fills->count && fills->items[i].resting == fills->items[from].resting; i++)
        lots += fills->items[i].volume;
    return lots;
}

void exchange_fill_waiting(struct core *core, uint32_t instrument)
{
    struct matching *matching = core->matching;
    struct execution execution = {.place = NONE};
    for (uint32_t i = 0; i < matching->fills.count; i++) {
        const struct match_fill *line = &matching->fills.items[i];
        if (line->resting != execution.place)
            execution = execution_of_resting(core, line->resting, lots_of_run(&matching->fills, i));
        const struct order *order = &core->orders.at[line->resting];
        assert(order->instrument == instrument);
        struct fill fill = fill_of(core, order, line->price, line->volume, '0');
        matching->filling = line;
        trade(core, &execution, &fill);
        matching->filling = NULL;
    }
}

/* Lots of one order in the pairs from `from` on; an order's pairs stand together. */
static int lots_of_pairs(const struct auction_pairs *pairs, uint32_t from, bool buyer)
{
    int lots = 0;
    uint32_t order = buyer ? pairs->items[from].buy : pairs->items[from].sell;
    for (uint32_t i = from; i < pairs->count; i++) {
        if ((buyer ? pairs->items[i].buy : pairs->items[i].sell) != order)
            break;
        lots += pairs->items[i].volume;
    }
    return lots;
}

void exchange_uncross(struct core *core, uint32_t instrument, int64_t price)
{
    const struct auction_pairs *pairs = &core->matching->pairs;
    struct execution buyer = {.place = NONE}, seller = {.place = NONE};
    for (uint32_t i = 0; i < pairs->count; i++) {
        const struct auction_pair *pair = &pairs->items[i];
        if (pair->buy != buyer.place)
            buyer = execution_of_resting(core, pair->buy, lots_of_pairs(pairs, i, true));
        if (pair->sell != seller.place)
            seller = execution_of_resting(core, pair->sell, lots_of_pairs(pairs, i, false));
        const struct order *order = &core->orders.at[pair->buy];
        assert(order->instrument == instrument);
        struct fill fill = fill_of(core, order, price, pair->volume, '0');
        match_pair(core, &buyer, &seller, &fill);
    }
}
