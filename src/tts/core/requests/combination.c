/* combination.c: what a combination is (two legs, named in its id behind the kind: "SP
 * a2509&a2601", "SPC y2509&p2509", CZCE "SPD CF509&CF601", "IPS SF509&SM509", and of options "STD
 * SR509C5300&SR509P5300", "STG ..."), and how its orders
 * are matched: against the displayed sizes of both legs' quotes, both legs at once, with the
 * profile's own limit to the displayed size. The quote of a combination is made of its legs'
 * quotes, without last price and volume, unless the feed has quotes of it. */
#include "tts/core/requests/combination.h"
#include "tts/core/desk/desk_inside.h"

bool combination_legs(const struct core *core, uint32_t place, uint32_t legs[2])
{
    const struct instrument *instrument = &core->market.instruments[place];
    if (instrument->product_class != THOST_FTDC_PC_Combination)
        return false;
    text rest = text_of(instrument->id);
    text kind = text_cut(&rest, ' ');
    text first = text_cut(&rest, '&');
    if (kind.length == 0 || first.length == 0 || rest.length == 0)
        return false;
    legs[0] = market_find_instrument(&core->market, instrument->exchange, first);
    legs[1] = market_find_instrument(&core->market, instrument->exchange, rest);
    return legs[0] != INSTRUMENT_NONE && legs[1] != INSTRUMENT_NONE && legs[0] != legs[1];
}

bool combination_is_alike(const struct instrument *instrument)
{
    return instrument_kind(instrument) == KIND_OPTION_COMBINATION;
}

double combination_price_of(const struct instrument *instrument, double first, double second)
{
    return combination_is_alike(instrument) ? first + second : first - second;
}

static char opposite(char direction)
{
    return direction == THOST_FTDC_D_Buy ? THOST_FTDC_D_Sell : THOST_FTDC_D_Buy;
}

/* Only split positions know today's and yesterday's closes; an empty flag is as the first. */
static char leg_offset(const struct instrument *instrument, const struct order *order, int leg)
{
    char offset = order->offset[leg] ? order->offset[leg] : order->offset[0];
    bool split = instrument->position_date_type == '1';
    return offset == THOST_FTDC_OF_Open || split ? offset : THOST_FTDC_OF_Close;
}

void combination_fill_legs(struct core *core, struct order *order)
{
    uint32_t legs[2];
    if (!combination_legs(core, order->instrument, legs))
        return;
    order->leg_count = 2;
    bool alike = combination_is_alike(core_instrument(core, order->instrument));
    for (int i = 0; i < 2; i++) {
        const struct instrument *instrument = core_instrument(core, legs[i]);
        order->leg[i] = (struct ledger_order){
            .account = order->account,
            .instrument = legs[i],
            .direction = i == 0 || alike ? order->direction : opposite(order->direction),
            .offset = leg_offset(instrument, order, i),
            .hedge = order->hedge[i] ? order->hedge[i] : order->hedge[0],
            .has_price = price_is_present(instrument->last),
            .trade_type = THOST_FTDC_TRDT_CombinationDerived,
            .price = price_is_present(instrument->last) ? instrument->last : 0,
            .row = LEDGER_NONE,
        };
    }
}

/* ---- matching ---- */

/* What a leg meets in its quote; no lots without a quote, outside continuous trading or with an
 * empty side. */
static struct quote_level met_by(const struct core *core, const struct ledger_order *leg)
{
    static const struct quote_level nothing = {.volume = 0};
    const struct quote *quote = core_newest_quote(core, leg->instrument);
    if (!quote || exchange_phase(core, leg->instrument) != PHASE_CONTINUOUS)
        return nothing;
    struct quote_level level = leg->direction == THOST_FTDC_D_Buy ? quote->ask[0] : quote->bid[0];
    return price_is_present(level.price) && level.volume > 0 ? level : nothing;
}

static bool is_good_price(const struct core *core, const struct order *order, const double legs[2],
                          double limit_price)
{
    const struct instrument *instrument = &core->market.instruments[order->instrument];
    double tick = instrument->price_tick;
    double price = combination_price_of(instrument, legs[0], legs[1]);
    int64_t met = price_in_grains(price, tick), limit = price_in_grains(limit_price, tick);
    if (!order_is_limit(order))
        return true;
    return order->direction == THOST_FTDC_D_Buy ? met <= limit : met >= limit;
}

static int least_lots(const struct order *order)
{
    if (order->volume_condition == THOST_FTDC_VC_CV)
        return order->state.total;
    bool minimum =
        order->volume_condition == THOST_FTDC_VC_MV && order->time_condition == THOST_FTDC_TC_IOC;
    return minimum ? order->min_volume : 1;
}

struct combination_fill combination_plan(const struct core *core, const struct order *order,
                                         double limit_price)
{
    struct combination_fill fill = {.lots = order->state.total};
    bool by_size = sizes_limit_fills(&core->options);
    if (exchange_phase(core, order->instrument) != PHASE_CONTINUOUS)
        return (struct combination_fill){.lots = 0};
    for (int leg = 0; leg < 2; leg++) {
        struct quote_level level = met_by(core, &order->leg[leg]);
        fill.price[leg] = level.price;
        if (level.volume == 0 || (by_size && level.volume < fill.lots))
            fill.lots = level.volume;
    }
    if (fill.lots < least_lots(order) || !is_good_price(core, order, fill.price, limit_price))
        fill.lots = 0;
    return fill;
}

static void match_waiting(struct core *core, uint32_t instrument)
{
    const struct places *waiting = &core->matching->combinations;
    for (uint32_t i = 0; i < waiting->count;) {
        uint32_t place = waiting->at[i];
        const struct order *order = &core->orders.at[place];
        struct combination_fill plan = {.lots = 0};
        if (order->leg[0].instrument == instrument || order->leg[1].instrument == instrument)
            plan = combination_plan(core, order, order->state.limit_price);
        if (plan.lots > 0)
            exchange_match_legs(core, place);
        if (i < waiting->count && waiting->at[i] == place)
            i++; /* it is still waiting */
    }
}

/* ---- quotes made of the legs' ---- */

/* The market has grown: its combinations are looked for anew, since a leg may be listed last. */
static void find_spreads(struct core *core)
{
    struct matching *matching = core->matching;
    uint32_t count = core->market.instrument_count, kept = 0;
    if (matching->spreads_known == count)
        return;
    for (uint32_t i = 0; i < count; i++) {
        struct spread spread = {.instrument = i};
        if (!combination_legs(core, i, spread.legs))
            continue;
        if (kept < matching->spreads.count && matching->spreads.at[kept].instrument == i)
            spread.fed = matching->spreads.at[kept].fed;
        if (kept == matching->spreads.count)
            LIST_ADD(&matching->spreads);
        matching->spreads.at[kept++] = spread;
    }
    matching->spreads.count = kept;
    matching->spreads_known = count;
}

/* One side of a combination: a level of each leg, and the lots that both have. */
static struct quote_level side_of(const struct instrument *instrument,
                                  const struct quote_level *first, const struct quote_level *second)
{
    bool both = price_is_present(first->price) && price_is_present(second->price) &&
                first->volume > 0 && second->volume > 0;
    if (!both)
        return (struct quote_level){.price = ABSENT_PRICE};
    return (struct quote_level){
        .price = combination_price_of(instrument, first->price, second->price),
        .volume = first->volume < second->volume ? first->volume : second->volume,
    };
}

/* Buying the spread meets the ask of leg 1 and the bid of leg 2, or both asks. */
static void quote_spread(struct core *core, const struct spread *spread, const struct quote *news)
{
    const struct quote *first = core_newest_quote(core, spread->legs[0]);
    const struct quote *second = core_newest_quote(core, spread->legs[1]);
    if (!first || !second)
        return;
    const struct instrument *instrument = core_instrument(core, spread->instrument);
    struct instrument_state *state = &core->instruments.at[spread->instrument];
    struct quote quote = {
        .instrument = spread->instrument,
        .trading_day = news->trading_day,
        .action_day = news->action_day,
        .second_of_day = news->second_of_day,
        .millisecond = news->millisecond,
        .last = ABSENT_PRICE,
        .pre_settlement = instrument->pre_settlement,
        .pre_close = ABSENT_PRICE,
        .open = ABSENT_PRICE,
        .highest = ABSENT_PRICE,
        .lowest = ABSENT_PRICE,
        .close = ABSENT_PRICE,
        .settlement = ABSENT_PRICE,
        .upper_limit = instrument->upper_limit,
        .lower_limit = instrument->lower_limit,
        .average = ABSENT_PRICE,
    };
    for (int level = 1; level < QUOTE_LEVELS; level++)
        quote.bid[level].price = quote.ask[level].price = ABSENT_PRICE;
    bool alike = combination_is_alike(instrument);
    quote.bid[0] = side_of(instrument, &first->bid[0], alike ? &second->bid[0] : &second->ask[0]);
    quote.ask[0] = side_of(instrument, &first->ask[0], alike ? &second->ask[0] : &second->bid[0]);
    state->quote = quote;
    state->has_quote = true;
    tick_publish(core, spread->instrument);
}

static void quote_spreads(struct core *core, uint32_t instrument)
{
    struct matching *matching = core->matching;
    find_spreads(core);
    for (uint32_t i = 0; i < matching->spreads.count; i++) {
        struct spread *spread = &matching->spreads.at[i];
        if (spread->instrument == instrument)
            spread->fed = true;
        else if (!spread->fed && (spread->legs[0] == instrument || spread->legs[1] == instrument))
            quote_spread(core, spread, core_newest_quote(core, instrument));
    }
}

void combination_quote(struct core *core, uint32_t instrument)
{
    quote_spreads(core, instrument);
    match_waiting(core, instrument);
}

/* ---- pairs ---- */

int64_t combination_next_number(const struct core *core)
{
    static const int64_t carried = 1000000000; /* numbers above have the settled day in front */
    int64_t last = 0;
    for (uint32_t i = 0; i < core->ledger.pair_count; i++) {
        int64_t number = core->ledger.pairs[i].number;
        if (number < carried && number > last)
            last = number;
    }
    return last + 1;
}

void combination_tie(struct core *core, uint32_t place, int lots)
{
    const struct order *order = &core->orders.at[place];
    if (order->leg[0].offset != THOST_FTDC_OF_Open || order->leg[1].offset != THOST_FTDC_OF_Open ||
        order->leg[0].hedge != order->leg[1].hedge)
        return;
    struct effect_pair_changed effect = {
        .pair = {.account = order->account,
                 .combination = order->instrument,
                 .leg = {order->leg[0].instrument, order->leg[1].instrument},
                 .lots = lots,
                 .open_date = core->trading_day,
                 .number = combination_next_number(core),
                 .direction = order->direction,
                 .hedge = order->leg[0].hedge,
                 .alike = combination_is_alike(core_instrument(core, order->instrument))},
        .tied = 1,
    };
    /* Told by another exchange leg by leg, the first leg's lots may be closed by now. */
    int most = ledger_untied(&core->ledger, &effect.pair);
    if (effect.pair.lots > most)
        effect.pair.lots = most;
    if (effect.pair.lots > 0)
        EMIT(core, pair_changed, &effect);
}
