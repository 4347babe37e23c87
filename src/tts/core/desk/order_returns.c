/* order_returns.c: what returns of an order are, whichever exchange they come from: the events E2,
 * E4, E6 and E7 complete an order's state in one way. The simulated exchange (exchange.c) tells its
 * events here with numbers and times of its own; other channels through the door of channel.h,
 * which looks at each fact first, because it comes from outside. */
#include "ctp/gb18030.h"
#include "tts/core/channel.h"
#include "tts/core/desk/desk_inside.h"
#include "tts/core/records.h"
#include "tts/core/requests/combination.h"
#include "tts/core/requests/quote_order.h"
#include <assert.h>
#include <math.h>

void order_tell_queued(struct core *core, struct effect_order_queued *effect)
{
    effect->state.status = THOST_FTDC_OST_NoTradeQueueing;
    effect->state.submit_status = THOST_FTDC_OSS_Accepted;
    effect->state.notify_sequence++;
    EMIT(core, order_queued, effect);
}

/* The state after a fill. A rest that was cancelled before its fills has its final volumes already.
 */
static void count_fill(struct order_state *state, int lots)
{
    if (state->status == THOST_FTDC_OST_Canceled)
        return;
    state->traded += lots;
    state->total -= lots;
    assert(state->total >= 0);
    state->status = state->total ? THOST_FTDC_OST_PartTradedQueueing : THOST_FTDC_OST_AllTraded;
}

void order_tell_traded(struct core *core, struct effect_order_traded *effect)
{
    effect->quiet_order = effect->leg > 0;
    if (effect->leg == 0)
        count_fill(&effect->state, effect->trade.volume);
    EMIT(core, order_traded, effect);
    quote_leg_changed(core, effect->order);
}

void order_tell_cancelled(struct core *core, struct effect_order_cancelled *effect, uint32_t by)
{
    effect->by_client = by != NONE;
    if (by != NONE)
        effect->state.active_user = by;
    effect->state.status = THOST_FTDC_OST_Canceled;
    EMIT(core, order_cancelled, effect);
    quote_leg_changed(core, effect->order);
}

void order_tell_refused(struct core *core, struct effect_order_refused *effect, text words)
{
    effect->state.status = THOST_FTDC_OST_Canceled;
    effect->state.submit_status = THOST_FTDC_OSS_InsertRejected;
    effect->state.notify_sequence = 1;
    effect->words_length = (uint32_t)words.length;
    effect_emit_order_refused(core, effect, words.at, words.length);
    quote_leg_changed(core, effect->order);
}

/* ---- the door for other channels ---- */

/* A live order that is at a channel which tells through this door. */
static bool is_outside(const struct core *core, uint32_t place)
{
    return place < core->orders.count && core->orders.at[place].channel != CHANNEL_SIM &&
           core->orders.at[place].condition_number == 0;
}

static bool is_awaited(const struct core *core, uint32_t place)
{
    return is_outside(core, place) && core->orders.at[place].live;
}

/* Beyond it a price drowns the sums of a row; ABSENT_PRICE and what is no number are beyond it. */
static const double PRICE_MAX = 1e12;

static bool is_second(int second)
{
    return second >= 0 && second < 86400;
}

static bool is_date(int date)
{
    return date >= 19900101 && date <= 99991231;
}

static bool is_stamp(const struct order *order, const struct channel_stamp *stamp)
{
    bool first = order->state.system_number == 0;
    return stamp->system_number > 0 && is_second(stamp->second) &&
           (!first || (is_date(stamp->insert_date) && is_second(stamp->insert_second)));
}

static struct order_state stamped_state(const struct order *order,
                                        const struct channel_stamp *stamp)
{
    struct order_state state = order->state;
    if (state.system_number == 0) {
        state.system_number = stamp->system_number;
        state.insert_date = stamp->insert_date;
        state.insert_second = stamp->insert_second;
    }
    state.update_second = stamp->second;
    state.sequence_no = stamp->sequence_no;
    state.submit_status = THOST_FTDC_OSS_Accepted;
    return state;
}

/* CZCE names a quote's legs by the quote: until that has its number they have none, whatever their
 * channel says. */
static bool is_nameless(const struct core *core, const struct order *order)
{
    if (order->quote == NONE ||
        core->market.instruments[order->instrument].exchange != EXCHANGE_CZCE)
        return false;
    const struct CThostFtdcQuoteField *quote = record_body(core, RECORD_quote, order->quote);
    return FIELD_IS_BLANK(quote->QuoteSysID);
}

/* DCE's touch orders are queued twice: held, and touched. */
static bool may_queue(const struct order *order)
{
    return order->state.traded == 0 && (order->state.notify_sequence == 0 || order_is_held(order));
}

bool channel_order_queued(struct core *core, uint32_t place, const struct channel_stamp *stamp)
{
    if (!is_awaited(core, place))
        return false;
    const struct order *order = &core->orders.at[place];
    if (!may_queue(order) || !is_stamp(order, stamp) || is_nameless(core, order))
        return false;
    struct effect_order_queued effect;
    memset(&effect, 0, sizeof effect);
    effect.order = place;
    effect.state = stamped_state(order, stamp);
    effect.queue_ahead = MATCHING_DOES_NOT_WAIT;
    order_tell_queued(core, &effect);
    return true;
}

/* What is left is frozen. The second leg's lots follow the first's, and may come when those have
 * ended the order. */
static bool has_lots(const struct order *order, const struct channel_trade *trade)
{
    if (trade->leg == 0)
        return order->live && trade->volume <= order->state.total;
    return order->leg[1].frozen - trade->volume >= order->leg[0].frozen;
}

static bool may_trade(const struct order *order, const struct channel_trade *trade)
{
    return trade->leg < order->leg_count && trade->volume > 0 && has_lots(order, trade) &&
           trade->number > 0 && fabs(trade->price) <= PRICE_MAX && is_date(trade->date) &&
           is_second(trade->second);
}

static void fill_trade(const struct order *order, uint32_t place, const struct channel_trade *from,
                       struct trade *trade)
{
    trade->order = place;
    trade->leg = (uint8_t)from->leg;
    trade->offset = order->leg[from->leg].offset;
    trade->trade_type =
        order->leg_count == 1 ? THOST_FTDC_TRDT_Common : THOST_FTDC_TRDT_CombinationDerived;
    trade->price_source = '0';
    trade->number = from->number;
    trade->price = from->price;
    trade->volume = from->volume;
    trade->sequence_no = from->sequence_no;
    trade->trade_date = from->date;
    trade->trade_second = from->second;
}

bool channel_order_traded(struct core *core, uint32_t place, const struct channel_stamp *stamp,
                          const struct channel_trade *trade)
{
    if (!is_outside(core, place))
        return false;
    const struct order *order = &core->orders.at[place];
    if (!may_trade(order, trade) || !is_stamp(order, stamp) || is_nameless(core, order))
        return false;
    const struct instrument *instrument = core_instrument(core, order->leg[trade->leg].instrument);
    struct effect_order_traded effect;
    memset(&effect, 0, sizeof effect);
    effect.order = place;
    effect.leg = trade->leg;
    effect.state = stamped_state(order, stamp);
    fill_trade(order, place, trade, &effect.trade);
    effect.prices = (struct effect_prices){instrument->last, instrument->average};
    bool pair = trade->leg > 0;
    order_tell_traded(core, &effect);
    if (pair)
        combination_tie(core, place, trade->volume);
    return true;
}

bool channel_order_cancelled(struct core *core, uint32_t place, const struct channel_stamp *stamp)
{
    if (!is_awaited(core, place))
        return false;
    const struct order *order = &core->orders.at[place];
    if (!is_stamp(order, stamp))
        return false;
    struct effect_order_cancelled effect;
    memset(&effect, 0, sizeof effect);
    effect.order = place;
    effect.state = is_nameless(core, order) ? order->state : stamped_state(order, stamp);
    effect.state.update_second = effect.state.cancel_second = stamp->second;
    order_tell_cancelled(core, &effect, order->cancel_pending ? order->state.active_user : NONE);
    return true;
}

bool channel_order_refused(struct core *core, uint32_t place, text words, int second)
{
    if (!is_awaited(core, place))
        return false;
    const struct order *order = &core->orders.at[place];
    char gb[sizeof((struct CThostFtdcOrderField *)NULL)->StatusMsg];
    size_t length;
    if (order->state.system_number || words.length == 0 || !is_second(second) ||
        !gb18030_from_utf8(words, gb, sizeof gb, &length))
        return false;
    struct effect_order_refused effect;
    memset(&effect, 0, sizeof effect);
    effect.order = place;
    effect.state = order->state;
    effect.state.update_second = effect.state.cancel_second = second;
    order_tell_refused(core, &effect, (text){gb, length});
    return true;
}

bool channel_cancel_refused(struct core *core, uint32_t place,
                            const struct CThostFtdcInputOrderActionField *input, text words)
{
    if (!is_outside(core, place))
        return false;
    order_tell_cancel_refused(core, place, input, words);
    return true;
}
