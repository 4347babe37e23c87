/* day_again.c: the last settlement once more, with corrected prices (a "second settlement"): the
 * ledger goes back to what it was before, is settled anew, and gets back what the new day has
 * booked by itself. That works until the new day's first trade. Orders, flows and numbers of the
 * new day go on; its sessions end, so that clients read their positions anew. */
#include "tts/core/day/day.h"
#include "tts/core/day/settled_day.h"
#include "tts/core/desk/desk_inside.h"
#include "tts/core/records.h"
#include "tts/core/requests/combination.h"
#include <assert.h>

/* ---- the decision ---- */

static bool has_live_record(struct core *core, enum record_kind kind)
{
    for (uint32_t i = 0; i < record_count(core, kind); i++)
        if (record_head(core, kind, i)->live)
            return true;
    return false;
}

static enum settle_again may_settle_again(struct core *core)
{
    if (core->trades.count)
        return SETTLE_AGAIN_TRADED;
    if (core->settled_day->trading_day == 0)
        return SETTLE_AGAIN_NOTHING;
    if (has_live_record(core, RECORD_exec_order))
        return SETTLE_AGAIN_EXERCISES;
    return record_count(core, RECORD_comb_action) ? SETTLE_AGAIN_COMBINES : SETTLE_AGAIN_DONE;
}

/* A price for an instrument that was settled; later ones have none to correct. */
static bool is_given(const struct core *core, const double *given, uint32_t place)
{
    return given && place < core->settled_day->instruments.count &&
           price_is_present(given[place]) && !instrument_is_tas(&core->market.instruments[place]);
}

static bool is_another(const struct core *core, const double *prices, uint32_t place)
{
    const struct settled_day *day = core->settled_day;
    return place < day->instruments.count && prices[place] != day->instruments.at[place].price;
}

/* Spreads follow their legs. */
static double spread_price(const struct core *core, uint32_t place, const double *prices)
{
    uint32_t legs[2];
    if (combination_legs(core, place, legs) &&
        (is_another(core, prices, legs[0]) || is_another(core, prices, legs[1])))
        return day_combination_price(core, place, prices);
    return prices[place];
}

/* What is not given is the new day's PreSettlementPrice: that of the last settlement, or what the
 * exchange's ticks have told since. False when no price is another. */
static bool find_prices(const struct core *core, const double *given, double *prices)
{
    const struct market *market = &core->market;
    bool differs = false;
    for (uint32_t i = 0; i < market->instrument_count; i++)
        prices[i] = is_given(core, given, i) ? given[i] : market->instruments[i].pre_settlement;
    for (uint32_t i = 0; i < market->instrument_count; i++)
        if (market->instruments[i].product_class == THOST_FTDC_PC_Combination &&
            !is_given(core, given, i))
            prices[i] = spread_price(core, i, prices);
    for (uint32_t i = 0; i < market->instrument_count; i++)
        differs = differs || is_another(core, prices, i);
    return differs;
}

enum settle_again core_settle_again(struct core *core, const double *settlement_prices)
{
    enum settle_again may = may_settle_again(core);
    if (may != SETTLE_AGAIN_DONE)
        return may;
    uint32_t count = core->market.instrument_count;
    double *prices = memory_get_zeroed(count + 1, sizeof *prices);
    if (find_prices(core, settlement_prices, prices)) {
        desk_cancel_all(core);
        day_close_sessions(core);
        struct effect_day_settled_again effect = {.reset_below = core->options.reset_below,
                                                  .count = count};
        effect_emit_day_settled_again(core, &effect, prices, count * sizeof *prices);
    } else {
        may = SETTLE_AGAIN_SAME;
    }
    free(prices);
    return may;
}

int core_settled_day(const struct core *core, int *settlement_id)
{
    *settlement_id = core->settled_day->settlement_id;
    return core->settled_day->trading_day;
}

/* ---- application ---- */

/* Puts the settled day's prices and terms into the instruments and gives a copy of what they were.
 */
static struct instrument *turn_back(struct core *core, const double *prices)
{
    const struct settled_day *day = core->settled_day;
    uint32_t count = core->market.instrument_count;
    struct instrument *today = memory_get_zeroed(count + 1, sizeof *today);
    memcpy(today, core->market.instruments, count * sizeof *today);
    for (uint32_t i = 0; i < count; i++)
        core_instrument(core, i)->settlement = prices[i];
    for (uint32_t i = 0; i < day->instruments.count; i++) {
        core_instrument(core, i)->pre_settlement = day->instruments.at[i].pre_settlement;
        core_instrument(core, i)->upper_limit = day->instruments.at[i].upper_limit;
        core_instrument(core, i)->lower_limit = day->instruments.at[i].lower_limit;
        core_instrument(core, i)->expire_date = day->instruments.at[i].expire_date;
        day->instruments.at[i].price = prices[i];
    }
    return today;
}

/* The instruments are today's again but for what the settlement has changed: a corrected price
 * holds against the ticks, whose PreSettlementPrice is the former one. */
static void turn_forth(struct core *core, const struct instrument *today)
{
    for (uint32_t i = 0; i < core->market.instrument_count; i++) {
        struct instrument *instrument = core_instrument(core, i);
        double settled = instrument->pre_settlement;
        *instrument = today[i];
        instrument->pre_settlement = settled;
        if (today[i].last == today[i].pre_settlement)
            instrument->last = settled; /* nothing has been traded yet */
        if (settled != today[i].pre_settlement)
            instrument->pre_is_held = true;
    }
    for (uint32_t i = 0; i < core->market.instrument_count; i++) {
        uint32_t underlying = today[i].underlying;
        bool moved = core_instrument(core, i)->pre_settlement != today[i].pre_settlement;
        if (underlying != INSTRUMENT_NONE)
            moved = moved || core_instrument(core, underlying)->pre_settlement !=
                                 today[underlying].pre_settlement;
        if (moved)
            day_set_limits(core, i);
    }
}

/* What came and went in the new day stays; deposits of the former reset do not. */
static void move_cash_anew(struct core *core, const struct cash_movement *moved, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (moved[i].kind == SHARES_BY_ADJUSTMENT)
            day_add_shares(core, moved[i].account, moved[i].instrument, moved[i].lots,
                           moved[i].amount);
        else if (moved[i].kind != CASH_BY_RESET)
            day_move_cash(core, moved[i].account, moved[i].amount, moved[i].kind);
    }
}

/* Rows are others now; what has ended holds nothing of them. */
static void leave_rows(struct core *core)
{
    for (uint32_t i = 0; i < core->orders.count; i++)
        for (uint32_t leg = 0; leg < core->orders.at[i].leg_count; leg++)
            core->orders.at[i].leg[leg].row = LEDGER_NONE;
}

void day_settled_again(struct core *core, const struct effect_day_settled_again *effect,
                       const double *prices)
{
    struct settled_day *day = core->settled_day;
    struct ledger today;
    struct cash_movement *moved = core->cash.at;
    uint32_t moved_count = core->cash.count;
    assert(effect->count == core->market.instrument_count && core->trades.count == 0);
    memset(&core->cash, 0, sizeof core->cash);
    struct instrument *instruments = turn_back(core, prices);
    ledger_bring_back(&core->ledger, &day->ledger, &today);
    day->settlement_id++;
    settled_day_settle(core, core->trading_day);
    turn_forth(core, instruments);
    if (effect->reset_below > 0)
        day_reset_accounts(core, effect->reset_below);
    ledger_carry_on(&core->ledger, &today);
    move_cash_anew(core, moved, moved_count);
    leave_rows(core);
    for (uint32_t i = 0; i < core->investors.count; i++)
        core->investors.at[i].confirm_day = 0;
    free(instruments);
    free(moved);
}
