/* order_action.c: ReqOrderAction: which order is meant, whether the counter lets it be cancelled,
 * and the way to the channel. The simulated exchange answers at once, so that no cancel of its
 * orders is ever seen on its way; where its phase takes none it refuses (E8). */
#include "ctp/gb18030.h"
#include "tts/core/channel.h"
#include "tts/core/desk/desk_inside.h"
#include "tts/core/records.h"
#include <assert.h>

/* ---- which order (orders 4.1) ---- */

static uint32_t not_found(struct refusal *refusal)
{
    *refusal = refusal_of(CTP_ERROR_ORDER_NOT_FOUND);
    return NONE;
}

static uint32_t bad_action(struct refusal *refusal, const char *field)
{
    *refusal = refusal_with(CTP_ERROR_BAD_ORDER_ACTION_FIELD, "%s", field);
    return NONE;
}

static uint32_t find_by_number(const struct core *core, uint32_t account, enum exchange exchange,
                               bool condition, int64_t number)
{
    uint64_t key = order_system_key(exchange, condition, number);
    uint32_t cursor = 0, place;
    while (index_next(&core->order_by_system, key, &cursor, &place)) {
        const struct order *order = &core->orders.at[place];
        int64_t own = condition ? order->condition_number : order->state.system_number;
        if (own == number && (order->condition_number != 0) == condition &&
            order->account == account &&
            core->market.instruments[order->instrument].exchange == exchange)
            return place;
    }
    return NONE;
}

/* OrderSysID is a number, with or without blanks, or "TJBD_n" of a condition order. */
static bool read_system_id(text id, bool *condition, int64_t *number)
{
    text prefix = TEXT("TJBD_");
    *condition = text_starts_with(id, prefix);
    if (*condition) {
        id.at += prefix.length;
        id.length -= prefix.length;
    }
    return read_number(id, number) && *number > 0;
}

/* "b12" and "a12": the orders of CZCE's quote 12. */
static bool is_quote_leg(text id)
{
    int64_t number;
    return (id.at[0] == 'a' || id.at[0] == 'b') &&
           read_number((text){id.at + 1, id.length - 1}, &number);
}

static uint32_t find_quote_leg(const struct core *core, uint32_t account, text id)
{
    int64_t number = 0;
    bool ask = id.at[0] == 'a';
    read_number((text){id.at + 1, id.length - 1}, &number);
    for (uint32_t i = record_count(core, RECORD_quote); i-- > 0;) {
        const struct record *head = &core->records->of[RECORD_quote].heads.at[i];
        const struct CThostFtdcQuoteField *body = record_body(core, RECORD_quote, i);
        int64_t own;
        if (head->account == account && read_number(FIELD_TEXT(body->QuoteSysID), &own) &&
            own == number && core->market.instruments[head->instrument].exchange == EXCHANGE_CZCE)
            return head->order[ask ? 0 : 1];
    }
    return NONE;
}

static uint32_t find_by_system_id(struct core *core, uint32_t account,
                                  const struct CThostFtdcInputOrderActionField *action, text id,
                                  struct refusal *refusal)
{
    bool condition;
    int64_t number;
    enum exchange exchange;
    bool leg = is_quote_leg(id);
    if (!leg && !read_system_id(id, &condition, &number))
        return bad_action(refusal, "OrderSysID");
    text exchange_text = FIELD_TEXT(action->ExchangeID);
    if (exchange_text.length == 0) {
        if (core->options.exchange_id_required) {
            *refusal = refusal_of(CTP_ERROR_EXCHANGE_ID_IS_MISSING);
            return NONE;
        }
        text instrument_id = FIELD_TEXT(action->InstrumentID);
        uint32_t instrument = market_find_instrument(&core->market, EXCHANGE_COUNT, instrument_id);
        if (instrument == INSTRUMENT_NONE)
            return bad_action(refusal, "ExchangeID");
        exchange = core_instrument(core, instrument)->exchange;
    } else if (!exchange_find(exchange_text, &exchange)) {
        *refusal = refusal_of(CTP_ERROR_EXCHANGE_ID_IS_INVALID);
        return NONE;
    }
    uint32_t place = !leg ? find_by_number(core, account, exchange, condition, number)
                     : exchange == EXCHANGE_CZCE ? find_quote_leg(core, account, id)
                                                 : NONE;
    return place == NONE ? not_found(refusal) : place;
}

/* Most cancels find what they name, and then all of the order is needed. */
static void order_prefetch(const struct core *core, uint32_t place)
{
    const char *order = (const char *)&core->orders.at[place];
    for (size_t i = 64; i < sizeof core->orders.at[place]; i += 64)
        __builtin_prefetch(order + i, 1);
    if (place < core->matching->pool.node_capacity)
        __builtin_prefetch(&core->matching->pool.nodes[place], 1);
}

static uint32_t find_by_ref(struct core *core, uint32_t account, const struct connection *from,
                            const struct CThostFtdcInputOrderActionField *action,
                            struct refusal *refusal)
{
    int64_t ref;
    text instrument = FIELD_TEXT(action->InstrumentID);
    text digits = text_trim(FIELD_TEXT(action->OrderRef));
    if (digits.length == 0)
        return bad_action(refusal, "OrderSysID");
    if (!text_to_int(digits, &ref))
        return bad_action(refusal, "OrderRef");
    if (instrument.length == 0 && core->options.exchange_id_required)
        return bad_action(refusal, "InstrumentID");
    int32_t front_id = action->FrontID, session_id = action->SessionID;
    if (front_id == 0 && session_id == 0 && from) {
        front_id = core->options.front_id;
        session_id = core->sessions.at[from->session].session_id;
    }
    uint32_t cursor = 0, place;
    while (index_next(&core->order_by_ref, order_ref_key(session_id, ref), &cursor, &place)) {
        const struct order *order = &core->orders.at[place];
        order_prefetch(core, place);
        text own = text_of(core->market.instruments[order->instrument].id);
        if (order->order_ref == ref && order->session_id == session_id &&
            order->front_id == front_id && order->account == account &&
            (instrument.length == 0 || text_equal(instrument, own)))
            return place;
    }
    return not_found(refusal);
}

/* The order that the action names, live or not. */
static uint32_t find_named(struct core *core, uint32_t account, const struct connection *from,
                           const struct CThostFtdcInputOrderActionField *action,
                           struct refusal *refusal)
{
    if (!FIELD_IS_BLANK(action->OrderSysID))
        return find_by_system_id(core, account, action, text_trim(FIELD_TEXT(action->OrderSysID)),
                                 refusal);
    return find_by_ref(core, account, from, action, refusal);
}

/* Checks 8..11 of 4.2: an ErrorID, 0 when all pass. */
static int why_not_cancellable(const struct core *core, const struct order *order)
{
    enum exchange exchange = core->market.instruments[order->instrument].exchange;
    if (!order->live)
        return CTP_ERROR_INSUITABLE_ORDER_STATUS;
    if (order->cancel_pending)
        return CTP_ERROR_DUPLICATE_ORDER_ACTION_REF;
    bool returned = order->condition_number || order->state.system_number;
    if (!returned && exchange == EXCHANGE_CZCE)
        return CTP_ERROR_CANCEL_UNKNOWN_ORDER_UNSUPPORTED;
    if (!returned && order->quote != NONE)
        return CTP_ERROR_QUOTE_DERIVEDORDER_ACTIONERROR;
    return 0;
}

uint32_t desk_find_order(struct core *core, uint32_t account, const struct connection *from,
                         const struct CThostFtdcInputOrderActionField *action,
                         struct refusal *refusal)
{
    refusal_clear(refusal);
    uint32_t place = find_named(core, account, from, action, refusal);
    if (place == NONE)
        return NONE;
    int error_id = why_not_cancellable(core, &core->orders.at[place]);
    if (error_id)
        *refusal = refusal_of(error_id);
    return place;
}

/* ---- cancelling ---- */

/* E5. `pending`: the answer comes later, and until then no other cancel of the order passes. */
static void tell_cancel(struct core *core, uint32_t place, uint32_t user, bool pending)
{
    struct effect_order_returned effect;
    memset(&effect, 0, sizeof effect);
    effect.order = place;
    effect.by_client = 1;
    effect.cancel_pending = pending;
    effect.quiet = !core->options.duplicate_returns;
    effect.state = core->orders.at[place].state;
    effect.state.active_user = user;
    EMIT(core, order_returned, &effect);
}

void desk_cancel_order(struct core *core, uint32_t order, uint32_t user)
{
    if (!core->orders.at[order].live)
        return;
    if (user != NONE)
        tell_cancel(core, order, user, false);
    exchange_cancel(core, order, user);
}

void desk_cancel_all(struct core *core)
{
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        const struct order_channel *channel = core->channels[order->channel];
        if (order->condition_number)
            desk_cancel_order(core, i, NONE);
        else if (order->live)
            channel->expire(channel->user, core, i);
        assert(!core->orders.at[i].live);
    }
}

/* ---- the request ---- */

void desk_action_body(struct core *core, const struct CThostFtdcInputOrderActionField *input,
                      uint32_t place, struct CThostFtdcOrderActionField *body)
{
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOrderAction), input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_OrderAction), body);
    PUT_DATE(body->ActionDate, core_wall_date(core));
    PUT_TIME(body->ActionTime, core_wall_second(core));
    body->OrderActionStatus = THOST_FTDC_OAS_Submitted;
    if (place == NONE)
        return;
    const struct order *order = &core->orders.at[place];
    struct CThostFtdcOrderField shown;
    render_order(core, order, &order->state, TEXT(""), &shown);
    PUT_TEXT(body->TraderID, FIELD_TEXT(shown.TraderID));
    PUT_TEXT(body->OrderLocalID, FIELD_TEXT(shown.OrderLocalID));
    PUT_TEXT(body->ParticipantID, FIELD_TEXT(shown.ParticipantID));
    PUT_TEXT(body->ClientID, FIELD_TEXT(shown.ClientID));
    PUT_TEXT(body->ExchangeID, FIELD_TEXT(shown.ExchangeID));
    PUT_TEXT(body->InstrumentID, FIELD_TEXT(shown.InstrumentID));
    PUT_TEXT(body->OrderSysID, FIELD_TEXT(shown.OrderSysID));
    PUT_TEXT(body->OrderRef, FIELD_TEXT(shown.OrderRef));
    body->InstallID = shown.InstallID;
    body->FrontID = shown.FrontID;
    body->SessionID = shown.SessionID;
}

/* The order may be cancelled again. */
static void end_pending(struct core *core, uint32_t place)
{
    struct effect_order_returned effect;
    memset(&effect, 0, sizeof effect);
    effect.order = place;
    effect.quiet = 1;
    effect.state = core->orders.at[place].state;
    EMIT(core, order_returned, &effect);
}

void order_tell_cancel_refused(struct core *core, uint32_t place,
                               const struct CThostFtdcInputOrderActionField *input, text why)
{
    const struct order *order = &core->orders.at[place];
    if (order->cancel_pending)
        end_pending(core, place);
    enum exchange exchange = core_instrument(core, order->instrument)->exchange;
    struct CThostFtdcOrderActionField body;
    desk_action_body(core, input, place, &body);
    if (order->cancel_number) /* by now the exchange's other orders may have later cancels */
        PUT_NUMBER(body.ActionLocalID, order->cancel_number);
    body.OrderActionStatus = THOST_FTDC_OAS_Rejected;
    size_t length;
    if (gb18030_from_utf8(why, body.StatusMsg, sizeof body.StatusMsg - 1, &length))
        body.StatusMsg[length] = '\0';
    struct refusal refusal =
        refusal_with(CTP_ERROR_EXCHANGE_RTNERROR, "%s:%.*s", exchange_id(exchange), TEXT_ARG(why));
    reply_private_to_account(core, order->account, CTP_TraderSpi_OnErrRtnOrderAction, &body,
                             &refusal);
}

static bool refuse(struct refusal *refusal, int error_id)
{
    *refusal = refusal_of(error_id);
    return false;
}

/* Checks 2..12; check 3 (settling) has no moment in which it could be seen.
 * `*place` is the named order as soon as it is known, also when it is refused. */
static bool check_action(struct core *core, const struct connection *from,
                         const struct CThostFtdcInputOrderActionField *input, uint32_t *place,
                         struct refusal *refusal)
{
    *place = NONE;
    if (rate_exceeded(core, from->user, RATE_ACTIONS, core->options.action_rate))
        return refuse(refusal, CTP_ERROR_ORDER_FREQ_LIMIT);
    int error_id = core_check_broker(core, from, FIELD_TEXT(input->BrokerID));
    if (error_id)
        return refuse(refusal, error_id);
    uint32_t account = core_request_account(core, from, FIELD_TEXT(input->InvestorID), refusal);
    if (account == NONE)
        return false;
    if (input->ActionFlag == THOST_FTDC_AF_Modify)
        return refuse(refusal, CTP_ERROR_UNSUPPORTED_FUNCTION);
    if (input->ActionFlag != THOST_FTDC_AF_Delete) {
        bad_action(refusal, "ActionFlag");
        return false;
    }
    *place = find_named(core, account, from, input, refusal);
    if (*place == NONE)
        return false;
    const struct order *order = &core->orders.at[*place];
    error_id = why_not_cancellable(core, order);
    if (error_id == 0 && order->condition_number == 0)
        error_id = channel_why_not(core, account, CHANNEL_CANCEL);
    return error_id == 0 || refuse(refusal, error_id);
}

/* Why the exchange would refuse the cancel now. Quotes' single legs are cancelled at DCE only. */
static enum exchange_refusal judge_cancel(const struct core *core, const struct order *order)
{
    enum exchange exchange = core->market.instruments[order->instrument].exchange;
    if (order->quote != NONE && exchange != EXCHANGE_DCE)
        return EXCHANGE_QUOTE_LEG;
    return exchange_takes_cancel(core, order->instrument) ? EXCHANGE_TAKES : EXCHANGE_WRONG_PHASE;
}

void exchange_ask_cancel(struct core *core, uint32_t place, uint32_t user,
                         const struct CThostFtdcInputOrderActionField *input)
{
    enum exchange_refusal refusal = judge_cancel(core, &core->orders.at[place]);
    if (refusal == EXCHANGE_TAKES)
        exchange_cancel(core, place, user);
    else
        order_tell_cancel_refused(core, place, input,
                                  text_of(exchange_refusal_text((uint8_t)refusal)));
}

/* A condition order is the counter's own, and no channel knows of it. */
void desk_ask_cancel(struct core *core, uint32_t place, uint32_t user,
                     const struct CThostFtdcInputOrderActionField *input)
{
    const struct order *order = &core->orders.at[place];
    const struct order_channel *channel = core->channels[order->channel];
    if (order->condition_number) {
        desk_cancel_order(core, place, user);
        return;
    }
    bool answered = channel->answers_at_once && !channel_is_held(core, order->channel);
    tell_cancel(core, place, user, !answered);
    channel->cancel(channel->user, core, place, user, input);
}

void desk_order_action(struct core *core, const struct core_request *request)
{
    const struct connection *from = core_connection(core, request->connection);
    struct CThostFtdcInputOrderActionField input;
    memcpy(&input, request->body, sizeof input);
    memcpy(input.UserID, core->users.at[from->user].id, sizeof input.UserID);
    uint32_t place, user = from->user;
    struct refusal refusal;
    if (!check_action(core, from, &input, &place, &refusal)) {
        struct CThostFtdcOrderActionField body;
        desk_action_body(core, &input, place, &body);
        reply_one(core, request, &input, &refusal);
        reply_private_to_user(core, user, CTP_TraderSpi_OnErrRtnOrderAction, &body, &refusal);
        return;
    }
    desk_ask_cancel(core, place, user, &input);
    tick_publish_due(core);
}
