/* day.c: the end of a trading day: which price settles, and what is left of the day afterwards.
 * Money and lots are the ledger's business (ledger_settle.c); statements are written by
 * statement.c. */
#include "tts/core/day.h"
#include "tts/core/desk.h"
#include "tts/core/price_limit.h"
#include "tts/core/records.h"
#include "tts/core/statement.h"
#include <assert.h>
#include <math.h>

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

/* The market's own settlement price where the caller has none: the day's average, rounded to the
 * nearest tick. */
static double settlement_price(const struct core *core, uint32_t place, double given)
{
    const struct instrument *instrument = &core->market.instruments[place];
    if (price_is_present(given) && given != 0)
        return given;
    if (instrument_is_option(instrument))
        return option_price(core, place);
    if (instrument->average > 0)
        return rounded_to_tick(instrument, instrument->average);
    return instrument->pre_settlement;
}

/* Sessions end with the day: each connection is closed and logs in anew. */
static void close_sessions(struct core *core)
{
    for (uint32_t i = 0; i < core->connections.count; i++) {
        struct connection *connection = &core->connections.at[i];
        if (connection->connected && connection->logged_in && !connection->md) {
            connection->logged_in = false;
            core->users.at[connection->user].sessions--;
            connection->user = connection->session = NONE;
            core->sink.close(core->sink.user, i);
        }
    }
}

void core_settle(struct core *core, int next_trading_day, const double *settlement_prices)
{
    desk_cancel_all(core);
    uint32_t count = core->market.instrument_count;
    double *prices = memory_get_zeroed(count + 1, sizeof *prices);
    for (uint32_t i = 0; i < count; i++)
        prices[i] =
            settlement_price(core, i, settlement_prices ? settlement_prices[i] : ABSENT_PRICE);
    close_sessions(core);
    struct effect_day_settled effect = {.next_trading_day = next_trading_day, .count = count};
    effect_emit(core, EFFECT_day_settled, &effect, sizeof effect, prices, count * sizeof *prices);
    free(prices);
}

/* ---- application ---- */

static void open_instrument(struct core *core, uint32_t place)
{
    struct instrument *instrument = core_instrument(core, place);
    const struct product *product = &core->market.products[instrument->product];
    if (instrument->expire_date && instrument->expire_date <= core->ledger.trading_day - 1 &&
        instrument->expire_date < core->ledger.trading_day) {
        instrument->inst_life_phase = THOST_FTDC_IP_Expired;
        instrument->is_trading = false;
    }
    struct price_limit limit = {.upper = ABSENT_PRICE, .lower = ABSENT_PRICE};
    if (!instrument_is_option(instrument)) {
        limit = price_limit_of(instrument->pre_settlement, instrument->price_tick,
                               product->price_limit_ratio);
    } else if (instrument->underlying != INSTRUMENT_NONE) {
        const struct instrument *underlying = core_instrument(core, instrument->underlying);
        limit = price_limit_of_option(instrument->pre_settlement, instrument->price_tick,
                                      underlying->pre_settlement,
                                      core->market.products[underlying->product].price_limit_ratio);
    }
    instrument->upper_limit = limit.upper;
    instrument->lower_limit = limit.lower;
    instrument->settlement = ABSENT_PRICE;
    instrument->average = 0;
    core->instruments.at[place].has_quote = false;
    core->instruments.at[place].first_condition = NONE;
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

void day_settled(struct core *core, int next_trading_day, const double *prices, uint32_t count)
{
    assert(count == core->market.instrument_count);
    for (uint32_t i = 0; i < count; i++)
        core_instrument(core, i)->settlement = prices[i];
    uint32_t accounts = core->ledger.account_count;
    struct settlement_figures *figures = memory_get_zeroed(accounts + 1, sizeof *figures);
    struct statement_draft *draft = statement_begin(core);
    ledger_settle(&core->ledger, next_trading_day, figures);
    statement_finish(core, draft, figures);
    free(figures);
    forget_day(core);
    core->trading_day = next_trading_day;
    core->settlement_id = 1;
    for (uint32_t i = 0; i < count; i++)
        open_instrument(core, i);
    matching_day_opened(core);
}
