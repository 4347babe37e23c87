/* exchange_judge.c: what the simulated exchange thinks of an order before it matches it: kinds of
 * instruments, phases, and the refusals X1..X6 in their order. Reads state, changes none. */
#include "tts/core/desk/desk_inside.h"
#include "tts/core/market/price_limit.h"
#include <assert.h>

enum instrument_kind instrument_kind(const struct instrument *instrument)
{
    switch (instrument->product_class) {
    case THOST_FTDC_PC_Options:
    case THOST_FTDC_PC_SpotOption:
        return KIND_OPTION;
    case THOST_FTDC_PC_Combination: {
        text id = text_of(instrument->id);
        bool options = text_starts_with(id, TEXT("STD ")) || text_starts_with(id, TEXT("STG "));
        return options ? KIND_OPTION_COMBINATION : KIND_COMBINATION;
    }
    case THOST_FTDC_PC_TAS:
        return KIND_TAS;
    case 'E': /* openctp's own classes: stocks, bonds, funds, indices */
    case 'B':
    case 'D':
        return KIND_STOCK;
    case 'I':
        return KIND_INDEX;
    default:
        return KIND_FUTURE;
    }
}

/* ---- phases ---- */

enum phase exchange_phase(const struct core *core, uint32_t instrument)
{
    uint32_t product = core->market.instruments[instrument].product;
    if (core->options.always_open || product >= core->statuses.count)
        return PHASE_CONTINUOUS;
    switch (core->statuses.at[product].status) {
    case THOST_FTDC_IS_BeforeTrading: /* CZCE's auction match and breaks too */
    case THOST_FTDC_IS_NoTrading:
        return PHASE_BREAK;
    case THOST_FTDC_IS_AuctionOrdering:
        return PHASE_AUCTION;
    case THOST_FTDC_IS_AuctionBalance:
    case THOST_FTDC_IS_AuctionMatch:
        return PHASE_AUCTION_MATCH;
    case THOST_FTDC_IS_Closed:
        return PHASE_CLOSED;
    default:
        return PHASE_CONTINUOUS;
    }
}

/* The stock exchanges' auctions: cancels until 09:20, none in the closing one. */
static bool stock_auction_cancels(const struct core *core)
{
    return core->now.replay_second < (9 * 60 + 20) * 60;
}

bool exchange_takes_cancel(const struct core *core, uint32_t instrument)
{
    switch (exchange_phase(core, instrument)) {
    case PHASE_CONTINUOUS:
        return true;
    case PHASE_AUCTION: {
        enum exchange exchange = core->market.instruments[instrument].exchange;
        bool stocks =
            exchange == EXCHANGE_SSE || exchange == EXCHANGE_SZSE || exchange == EXCHANGE_BSE;
        return !stocks || stock_auction_cancels(core);
    }
    case PHASE_BREAK:
        return core->options.cancel_in_break;
    case PHASE_AUCTION_MATCH:
    case PHASE_CLOSED:
        break;
    }
    return false;
}

/* X1. What must be matched at once needs continuous trading. */
static bool phase_takes(const struct core *core, const struct order *order)
{
    bool at_once = order->time_condition == THOST_FTDC_TC_IOC || !order_is_limit(order);
    enum phase phase = exchange_phase(core, order->instrument);
    return phase == PHASE_CONTINUOUS || (phase == PHASE_AUCTION && !at_once);
}

/* ---- prices ---- */

enum { GRAINS = 1000 };

/* Beyond what a double holds exactly, a price is only large. */
static const double GRAINS_MAX = 4503599627370496.0; /* 2^52 */

int64_t price_in_grains(double price, double tick)
{
    double grains = price / tick * GRAINS;
    if (grains >= GRAINS_MAX)
        return (int64_t)GRAINS_MAX;
    if (grains <= -GRAINS_MAX)
        return (int64_t)-GRAINS_MAX;
    return price_in_ticks(price, tick / GRAINS);
}

bool price_is_bookable(double price, double tick)
{
    int64_t grains = price_is_present(price) ? price_in_grains(price, tick) : (int64_t)GRAINS_MAX;
    return grains < (int64_t)GRAINS_MAX && grains > (int64_t)-GRAINS_MAX;
}

double price_cut_to_tick(double price, double tick)
{
    int64_t grains = price_in_grains(price, tick);
    int64_t rest = grains % GRAINS;
    if (rest == 0)
        return price;
    return price_of_ticks((grains - (rest < 0 ? rest + GRAINS : rest)) / GRAINS, tick);
}

static bool is_limit_known(double limit)
{
    return price_is_present(limit) && limit != 0;
}

/* X3, before X2: when both apply the limit is told. CZCE judges the price that it has cut. */
static enum exchange_refusal judge_price(const struct instrument *instrument, double price)
{
    double tick = instrument->price_tick;
    if (instrument->exchange == EXCHANGE_CZCE)
        price = price_cut_to_tick(price, tick);
    int64_t grains = price_in_grains(price, tick);
    bool too_high = grains >= (int64_t)GRAINS_MAX, too_low = grains <= (int64_t)-GRAINS_MAX;
    /* a price within its limits has no more grains than they have, and they need not be counted */
    if (price > instrument->upper_limit && is_limit_known(instrument->upper_limit))
        too_high |= grains > price_in_grains(instrument->upper_limit, tick);
    if (price < instrument->lower_limit && is_limit_known(instrument->lower_limit))
        too_low |= grains < price_in_grains(instrument->lower_limit, tick);
    if (too_high)
        return EXCHANGE_ABOVE_LIMIT;
    if (too_low)
        return EXCHANGE_BELOW_LIMIT;
    return grains % GRAINS == 0 ? EXCHANGE_TAKES : EXCHANGE_OFF_TICK;
}

/* ---- volumes ---- */

/* A rest below the smallest order is sold as a whole. The order's own lots are frozen by now, or
 * not yet when the counter asks. */
static bool sells_whole_rest(const struct core *core, const struct order *order)
{
    if (order->direction != THOST_FTDC_D_Sell)
        return false;
    uint32_t place = ledger_find_row(&core->ledger, order->account, order->instrument,
                                     order->leg[0].hedge, THOST_FTDC_PD_Long, '1');
    if (place == LEDGER_NONE)
        return false;
    int left = ledger_closable(&core->ledger.rows[place]);
    return order->leg[0].frozen ? left == 0 : left == order->volume;
}

/* X4 */
bool exchange_takes_volume(const struct core *core, const struct order *order)
{
    const struct instrument *instrument = &core->market.instruments[order->instrument];
    bool limit = order_is_limit(order);
    int least = limit ? instrument->limit_order_volume_min : instrument->market_order_volume_min;
    int most = limit ? instrument->limit_order_volume_max : instrument->market_order_volume_max;
    if (most > 0 && order->volume > most)
        return false;
    if (order->volume < least && instrument_kind(instrument) == KIND_STOCK)
        return sells_whole_rest(core, order);
    int step = core->market.products[instrument->product].lot_step;
    return order->volume >= least && (step <= 1 || order->volume % step == 0);
}

/* ---- the whole ---- */

/* X6: GFD all or nothing, but for CZCE's market orders. */
static bool type_taken(const struct instrument *instrument, const struct order *order)
{
    return order->time_condition != THOST_FTDC_TC_GFD ||
           order->volume_condition != THOST_FTDC_VC_CV ||
           (instrument->exchange == EXCHANGE_CZCE && !order_is_limit(order));
}

enum exchange_refusal exchange_judge(struct core *core, const struct order *order)
{
    const struct instrument *instrument = core_instrument(core, order->instrument);
    if (!phase_takes(core, order))
        return EXCHANGE_WRONG_PHASE;
    if (order_is_limit(order)) {
        enum exchange_refusal refusal = judge_price(instrument, order->state.limit_price);
        if (refusal != EXCHANGE_TAKES)
            return refusal;
    }
    if (!exchange_takes_volume(core, order))
        return EXCHANGE_WRONG_VOLUME;
    if (instrument->exchange == EXCHANGE_CZCE && !order_is_limit(order) &&
        order->state.limit_price != 0)
        return EXCHANGE_MARKET_WITH_PRICE;
    return type_taken(instrument, order) ? EXCHANGE_TAKES : EXCHANGE_WRONG_TYPE;
}

/* ---- what clients read ---- */

static const struct {
    int number, dce, czce;
    const char *text;
} refusals[EXCHANGE_REFUSAL_COUNT] = {
#define EXCHANGE_REFUSAL(name, number, dce, czce, text) \
    [EXCHANGE_##name] = {number, dce, czce, text},
#include "tts/core/desk/exchange_refusals.def"
#undef EXCHANGE_REFUSAL
};

int exchange_refusal_number(uint8_t refusal, enum exchange exchange)
{
    assert(refusal < EXCHANGE_REFUSAL_COUNT);
    if (exchange == EXCHANGE_DCE || exchange == EXCHANGE_GFEX)
        return refusals[refusal].dce;
    return exchange == EXCHANGE_CZCE ? refusals[refusal].czce : refusals[refusal].number;
}

const char *exchange_refusal_text(uint8_t refusal)
{
    assert(refusal < EXCHANGE_REFUSAL_COUNT && refusals[refusal].text);
    return refusals[refusal].text;
}
