/* day.c: the end of a trading day: which price settles, and what is left of the day afterwards.
 * Money and lots are the ledger's business (ledger_settle.c); statements are written by
 * statement.c. */
#include "tts/core/day/day.h"
#include "tts/core/day/settled_day.h"
#include "tts/core/desk/desk_inside.h"
#include "tts/core/market/calendar.h"
#include "tts/core/market/price_limit.h"
#include "tts/core/records.h"
#include "tts/core/requests/combination.h"
#include "tts/core/requests/exercise.h"
#include "tts/core/requests/self_close.h"
#include "tts/core/session.h"
#include <assert.h>

static double rounded_to_tick(const struct instrument *instrument, double price)
{
    return price_of_ticks(price_in_ticks(price, instrument->price_tick), instrument->price_tick);
}

/* Options without a settlement price: the middle of the last quote, else the last price, else
 * yesterday's. */
static double option_price(const struct core *core, uint32_t place)
{
    const struct instrument *instrument = &core->market.instruments[place];
    const struct instrument_state *state = &core->instruments.at[place];
    if (state->has_quote) {
        double bid = state->quote.bid[0].price, ask = state->quote.ask[0].price;
        if (price_is_present(bid) && price_is_present(ask) && bid > 0 && ask > bid)
            return rounded_to_tick(instrument, (bid + ask) / 2);
    }
    return price_is_present(instrument->last) ? instrument->last : instrument->pre_settlement;
}

/* A spread settles at the difference of its legs, where both are known ("SP i2505&i2509"). */
double day_combination_price(const struct core *core, uint32_t place, const double *prices)
{
    const struct instrument *instrument = &core->market.instruments[place];
    uint32_t legs[2];
    if (combination_legs(core, place, legs))
        return combination_price_of(instrument, prices[legs[0]], prices[legs[1]]);
    return instrument->pre_settlement;
}

/* The price of the market's own rules: CFFEX's futures settle at the average of the last trading
 * hour, other futures at the day's, both on the nearest tick; stocks at their close, an index at
 * its last value. */
static double ruled_price(const struct core *core, uint32_t place)
{
    const struct instrument *instrument = &core->market.instruments[place];
    if (instrument_is_option(instrument))
        return option_price(core, place);
    if (instrument_kind(instrument) == KIND_STOCK || instrument_kind(instrument) == KIND_INDEX)
        return price_is_present(instrument->last) ? instrument->last : instrument->pre_settlement;
    double average = day_average_last_hour(core, place);
    if (average == 0)
        average = instrument->average;
    return average > 0 ? rounded_to_tick(instrument, average) : instrument->pre_settlement;
}

static bool is_given(double price)
{
    return price_is_present(price) && price != 0;
}

/* Who knows best: the caller, the feed's own settlement price, the rules. */
static double settlement_price(const struct core *core, uint32_t place, double given)
{
    const struct instrument_state *state = &core->instruments.at[place];
    if (is_given(given))
        return given;
    bool stock = instrument_kind(&core->market.instruments[place]) == KIND_STOCK;
    double quoted = stock ? state->quote.close : state->quote.settlement;
    if (state->has_quote && is_given(quoted))
        return quoted;
    return ruled_price(core, place);
}

static void find_prices(const struct core *core, const double *given, double *prices)
{
    uint32_t count = core->market.instrument_count;
    for (uint32_t i = 0; i < count; i++)
        prices[i] = instrument_is_tas(&core->market.instruments[i])
                        ? 0
                        : settlement_price(core, i, given ? given[i] : ABSENT_PRICE);
    for (uint32_t i = 0; i < count; i++)
        if (core->market.instruments[i].product_class == THOST_FTDC_PC_Combination &&
            !(given && is_given(given[i])))
            prices[i] = day_combination_price(core, i, prices);
}

void day_close_sessions(struct core *core)
{
    for (uint32_t i = 0; i < core->connections.count; i++) {
        struct connection *connection = &core->connections.at[i];
        if (connection->connected && connection->logged_in && !connection->md) {
            core->sink.close(core->sink.user, i);
            session_end(core, i);
        }
    }
}

void core_settle(struct core *core, int next_trading_day, const double *settlement_prices)
{
    if (next_trading_day <= core->trading_day)
        return; /* done: a settlement is asked for again after a crash */
    desk_cancel_all(core);
    exercise_conclude_all(core);
    uint32_t count = core->market.instrument_count;
    double *prices = memory_get_zeroed(count + 1, sizeof *prices);
    find_prices(core, settlement_prices, prices);
    day_close_sessions(core);
    struct effect_day_settled effect = {
        .next_trading_day = next_trading_day,
        .reset_below = core->options.reset_below,
        .count = count,
    };
    effect_emit_day_settled(core, &effect, prices, count * sizeof *prices);
    free(prices);
}

/* ---- application ---- */

void day_move_cash(struct core *core, uint32_t account, double amount, enum cash_kind kind)
{
    ledger_book_cash(&core->ledger, account, amount);
    *LIST_ADD(&core->cash) = (struct cash_movement){
        .account = account, .kind = kind, .amount = amount, .instrument = NONE};
}

void day_add_shares(struct core *core, uint32_t account, uint32_t instrument, int lots,
                    double price)
{
    ledger_add_shares(&core->ledger, account, instrument, lots, price);
    *LIST_ADD(&core->cash) = (struct cash_movement){.account = account,
                                                    .kind = SHARES_BY_ADJUSTMENT,
                                                    .amount = price,
                                                    .instrument = instrument,
                                                    .lots = lots};
}

/* A new share has no limits in its first days: five, at BSE one. Weekdays: the core knows no
 * holidays. */
static bool is_newly_listed(const struct instrument *instrument, int trading_day)
{
    static const struct calendar weekdays;
    int last = instrument->open_date, days = instrument->exchange == EXCHANGE_BSE ? 1 : 5;
    if (instrument->product_class != 'E' || last == 0 || trading_day < last)
        return false;
    for (; days > 1; days--)
        last = calendar_next(&weekdays, last);
    return trading_day <= last;
}

/* Limits of the new day. */
static struct price_limit day_limits(const struct core *core, const struct instrument *instrument)
{
    const struct product *product = &core->market.products[instrument->product];
    bool warned = product->price_limit_warned > 0 && instrument_is_risk_warned(instrument);
    double ratio = warned ? product->price_limit_warned : product->price_limit_ratio;
    double pre = instrument->pre_settlement, tick = instrument->price_tick;
    if (instrument->product_class == THOST_FTDC_PC_Combination ||
        is_newly_listed(instrument, core->trading_day))
        return (struct price_limit){ABSENT_PRICE, ABSENT_PRICE};
    if (instrument_is_tas(instrument))
        return (struct price_limit){ratio, -ratio};
    if (instrument_kind(instrument) == KIND_STOCK)
        return price_limit_of_stock(pre, tick, ratio);
    if (!instrument_is_option(instrument))
        return price_limit_of(pre, tick, ratio);
    if (instrument->underlying == INSTRUMENT_NONE)
        return (struct price_limit){ABSENT_PRICE, ABSENT_PRICE};
    const struct instrument *underlying = &core->market.instruments[instrument->underlying];
    return price_limit_of_option(pre, tick, underlying->pre_settlement,
                                 core->market.products[underlying->product].price_limit_ratio);
}

void day_set_limits(struct core *core, uint32_t place)
{
    struct instrument *instrument = core_instrument(core, place);
    struct price_limit limit = day_limits(core, instrument);
    instrument->upper_limit = limit.upper;
    instrument->lower_limit = limit.lower;
}

/* Listed ones begin to live, expired ones end. */
static void turn_life_phase(struct instrument *instrument, int trading_day)
{
    if (instrument->expire_date && instrument->expire_date < trading_day) {
        instrument->inst_life_phase = THOST_FTDC_IP_Expired;
        instrument->is_trading = false;
    } else if (instrument->inst_life_phase == THOST_FTDC_IP_NotStart && instrument->open_date &&
               instrument->open_date <= trading_day) {
        instrument->inst_life_phase = THOST_FTDC_IP_Started;
        instrument->is_trading = true;
    }
}

static void open_instrument(struct core *core, uint32_t place)
{
    struct instrument *instrument = core_instrument(core, place);
    turn_life_phase(instrument, core->trading_day);
    day_set_limits(core, place);
    instrument->settlement = ABSENT_PRICE;
    instrument->average = 0;
    instrument->pre_is_held = false;
    core->instruments.at[place].has_quote = false;
}

/* What belongs to the settled day only. */
static void forget_day(struct core *core)
{
    core->orders.count = core->trades.count = 0;
    core->blobs.count = core->messages.count = core->public_flow.count = 0;
    core->sessions.count = 0;
    buffer_clear(&core->bytes);
    index_finish(&core->order_by_system);
    index_finish(&core->order_by_ref);
    core->order_by_system = core->order_by_ref = (struct index){.slots = NULL};
    core->broker_order_seq = 0;
    memset(core->numbers, 0, sizeof core->numbers);
    records_clear(core->records);
    core->cash.count = 0;
    for (uint32_t i = 0; i < core->users.count; i++) {
        core->users.at[i].flow.count = 0;
        core->users.at[i].failures = 0;
    }
    for (uint32_t i = 0; i < core->investors.count; i++) {
        struct investor *investor = &core->investors.at[i];
        investor->first_order = NONE;
        investor->live_orders = investor->condition_orders = investor->parked_orders = 0;
        investor->confirm_day = 0;
    }
    for (uint32_t i = 0; i < core->statuses.count; i++)
        core->statuses.at[i] = (struct product_status){.status = '\0'};
}

void day_reset_accounts(struct core *core, double reset_below)
{
    for (uint32_t i = 0; i < core->ledger.account_count; i++) {
        const struct account *account = &core->ledger.accounts[i];
        double balance = account->pre_balance - account->pre_credit; /* yesterday's Balance */
        double initial = core->investors.at[i].initial_deposit;
        if (balance < reset_below && initial > balance)
            day_move_cash(core, i, money_round_cents(initial - balance), CASH_BY_RESET);
    }
}

void day_settled(struct core *core, const struct effect_day_settled *effect, const double *prices)
{
    assert(effect->count == core->market.instrument_count);
    for (uint32_t i = 0; i < effect->count; i++)
        core_instrument(core, i)->settlement = prices[i];
    exercise_wish(core);
    self_close_wish(core);
    settled_day_keep(core);
    settled_day_settle(core, effect->next_trading_day);
    forget_day(core);
    core->trading_day = effect->next_trading_day;
    for (uint32_t i = 0; i < effect->count; i++)
        open_instrument(core, i);
    if (effect->reset_below > 0)
        day_reset_accounts(core, effect->reset_below);
    day_average_clear(core);
    matching_day_opened(core);
}
