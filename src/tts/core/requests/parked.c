/* parked.c: parked orders and actions (预埋单): requests that the counter keeps until the next
 * phase of their product that takes orders, and sends then as ordinary requests of no session. They
 * live within the day. A sent one stays in its row, with the refusal if it was refused. */
#include "tts/core/requests/parked.h"
#include "tts/core/channel.h"
#include "tts/core/handlers.h"
#include "tts/core/requests/combination.h"
#include "tts/core/requests/request_check.h"

enum { LAST_CHECK_OF_PARKED = 28 };

static const struct ctp_layout *layout_of(enum ctp_struct of)
{
    return ctp_layout_find(CTP_NEWEST, of);
}

static bool is_combination(const struct core *core, uint32_t instrument)
{
    return core->market.instruments[instrument].product_class == THOST_FTDC_PC_Combination;
}

/* The record of a parked thing that waits. */
static struct record new_head(const struct core *core, enum record_kind kind, uint32_t account,
                              uint32_t user, uint32_t instrument)
{
    return (struct record){
        .account = account,
        .user = user,
        .instrument = instrument,
        .live = 1,
        .order = {NONE, NONE},
        .number = core->records->of[kind].number + 1,
    };
}

/* 159 when the account has as many waiting as it may, 160 when all together have. */
static struct refusal check_quota(struct core *core, enum record_kind kind, uint32_t account)
{
    const struct core_options *options = &core->options;
    int own = 0, all = 0;
    for (uint32_t i = 0; i < record_count(core, kind); i++) {
        const struct record *head = record_head(core, kind, i);
        all += head->live != 0;
        own += head->live && head->account == account;
    }
    if (options->parked_orders_max && own >= options->parked_orders_max)
        return refusal_of(CTP_ERROR_OVER_INVST_PARKED_ORDER_LIMIT);
    if (options->parked_orders_of_all_max && all >= options->parked_orders_of_all_max)
        return refusal_of(CTP_ERROR_OVER_BROKER_PARKED_ORDER_LIMIT);
    return refusal_none();
}

/* ---- parking an order ---- */

/* What only parked orders are refused for, after the checks of every order. */
static struct refusal check_parkable(struct core *core, const struct order *order,
                                     char contingent_condition)
{
    if (is_combination(core, order->instrument))
        return refusal_of(CTP_ERROR_COMB_PARKED_ORDER_INSERT);
    if (contingent_condition != THOST_FTDC_CC_Immediately)
        return refusal_of(CTP_ERROR_PARKED_ORDER_WRONG_TYPE);
    struct refusal refusal = check_quota(core, RECORD_parked_order, order->account);
    if (refusal.error_id)
        return refusal;
    if (exchange_phase(core, order->instrument) == PHASE_CONTINUOUS)
        return refusal_of(CTP_ERROR_EXCHANG_TRADING);
    return refusal_none();
}

/* The checks of an order up to 28; 19 has no sense before it is sent, so its reference is only
 * looked at: the counter makes another one then. */
static struct refusal check_order(struct core *core, const struct connection *from,
                                  struct CThostFtdcInputOrderField *input, struct order *order)
{
    struct order_check check = {.connection = from,
                                .user = from->user,
                                .session = from->session,
                                .last_check = LAST_CHECK_OF_PARKED};
    char condition = input->ContingentCondition, reference[sizeof input->OrderRef];
    int64_t number;
    if (condition == THOST_FTDC_CC_ParkedOrder || condition == '\0')
        condition = THOST_FTDC_CC_Immediately;
    text given = text_trim(FIELD_TEXT(input->OrderRef));
    bool numeric = given.length == 0 || (given.at[0] != '-' && read_number(given, &number));
    memcpy(reference, input->OrderRef, sizeof reference);
    if (numeric)
        memset(input->OrderRef, 0, sizeof input->OrderRef);
    input->ContingentCondition = THOST_FTDC_CC_Immediately;
    struct refusal refusal;
    bool passes = desk_check_order(core, &check, input, order, &refusal);
    memcpy(input->OrderRef, reference, sizeof reference);
    input->ContingentCondition = condition;
    return passes ? check_parkable(core, order, condition) : refusal;
}

void parked_order_insert(struct core *core, const struct core_request *request)
{
    const struct connection *from = core_connection(core, request->connection);
    struct CThostFtdcParkedOrderField body;
    struct CThostFtdcInputOrderField input;
    struct order order;
    memcpy(&body, request->body, sizeof body);
    PUT_TEXT(body.UserID, text_of(core->users.at[from->user].id));
    ctp_convert(layout_of(CTP_STRUCT_ParkedOrder), &body, layout_of(CTP_STRUCT_InputOrder), &input);
    struct refusal refusal = check_order(core, from, &input, &order);
    body.ErrorID = 0;
    memset(body.ErrorMsg, 0, sizeof body.ErrorMsg);
    if (refusal.error_id == 0) {
        struct record head =
            new_head(core, RECORD_parked_order, order.account, from->user, order.instrument);
        PUT_TEXT(body.InvestorID, FIELD_TEXT(input.InvestorID));
        PUT_TEXT(body.ExchangeID, FIELD_TEXT(input.ExchangeID));
        body.ContingentCondition = THOST_FTDC_CC_ParkedOrder;
        body.UserType = THOST_FTDC_UT_Investor;
        body.Status = THOST_FTDC_PAOS_NotSend;
        PUT_NUMBER(body.ParkedOrderID, head.number);
        record_put(core, RECORD_parked_order, record_count(core, RECORD_parked_order), &head,
                   &body);
    }
    reply_one(core, request, &body, &refusal);
}

/* ---- parking an action ---- */

/* The instrument that says when the action is sent: its own, else that of the named order. */
static uint32_t action_instrument(struct core *core, const struct request_frame *frame,
                                  const struct CThostFtdcInputOrderActionField *input,
                                  struct refusal *refusal)
{
    if (frame->instrument != NONE)
        return frame->instrument;
    uint32_t order = desk_find_order(core, frame->account, frame->from, input, refusal);
    return order == NONE ? NONE : core->orders.at[order].instrument;
}

static struct refusal check_action(struct core *core, const struct core_request *request,
                                   struct CThostFtdcInputOrderActionField *input,
                                   struct request_frame *frame)
{
    struct refusal refusal =
        request_check(core, request, REQUEST_OF_ACTION, CTP_STRUCT_InputOrderAction, input, frame);
    if (refusal.error_id)
        return refusal;
    if (input->ActionFlag == THOST_FTDC_AF_Modify)
        return refusal_of(CTP_ERROR_UNSUPPORTED_FUNCTION);
    if (input->ActionFlag != THOST_FTDC_AF_Delete)
        return refusal_with(CTP_ERROR_BAD_ORDER_ACTION_FIELD, "ActionFlag");
    if (text_trim(FIELD_TEXT(input->OrderSysID)).length == 0 &&
        text_trim(FIELD_TEXT(input->OrderRef)).length == 0)
        return refusal_with(CTP_ERROR_BAD_ORDER_ACTION_FIELD, "OrderSysID");
    frame->instrument = action_instrument(core, frame, input, &refusal);
    if (refusal.error_id)
        return refusal;
    if (is_combination(core, frame->instrument))
        return refusal_of(CTP_ERROR_COMB_PARKED_ORDER_ACTION);
    refusal = check_quota(core, RECORD_parked_action, frame->account);
    if (refusal.error_id)
        return refusal;
    if (exchange_phase(core, frame->instrument) == PHASE_CONTINUOUS)
        return refusal_of(CTP_ERROR_EXCHANG_TRADING);
    return refusal_none();
}

/* An action without session is one of the asking session: the trigger has none to ask. */
static void name_session(const struct core *core, const struct connection *from,
                         struct CThostFtdcInputOrderActionField *input)
{
    if (input->FrontID != 0 || input->SessionID != 0)
        return;
    input->FrontID = core->options.front_id;
    input->SessionID = core->sessions.at[from->session].session_id;
}

void parked_action_insert(struct core *core, const struct core_request *request)
{
    const struct connection *from = core_connection(core, request->connection);
    struct CThostFtdcParkedOrderActionField body;
    struct CThostFtdcInputOrderActionField input;
    struct request_frame frame;
    memcpy(&body, request->body, sizeof body);
    PUT_TEXT(body.UserID, text_of(core->users.at[from->user].id));
    ctp_convert(layout_of(CTP_STRUCT_ParkedOrderAction), &body,
                layout_of(CTP_STRUCT_InputOrderAction), &input);
    struct refusal refusal = check_action(core, request, &input, &frame);
    body.ErrorID = 0;
    memset(body.ErrorMsg, 0, sizeof body.ErrorMsg);
    if (refusal.error_id == 0) {
        struct record head =
            new_head(core, RECORD_parked_action, frame.account, from->user, frame.instrument);
        const struct instrument *instrument = core_instrument(core, frame.instrument);
        name_session(core, from, &input);
        body.FrontID = input.FrontID;
        body.SessionID = input.SessionID;
        PUT_TEXT(body.InvestorID, FIELD_TEXT(input.InvestorID));
        PUT_TEXT(body.InstrumentID, text_of(instrument->id));
        PUT_TEXT(body.ExchangeID, text_of(exchange_id(instrument->exchange)));
        body.UserType = THOST_FTDC_UT_Investor;
        body.Status = THOST_FTDC_PAOS_NotSend;
        PUT_NUMBER(body.ParkedOrderActionID, head.number);
        record_put(core, RECORD_parked_action, record_count(core, RECORD_parked_action), &head,
                   &body);
    }
    reply_one(core, request, &body, &refusal);
}

/* ---- removing ---- */

/* The place of the user's record with that id: 45 unknown, 46 sent, 47 deleted before. */
static uint32_t find_parked(struct core *core, const struct core_request *request,
                            enum record_kind kind, text investor_id, text id,
                            struct refusal *refusal)
{
    const struct connection *from = core_connection(core, request->connection);
    uint32_t account = core_request_account(core, from, investor_id, refusal);
    int64_t number;
    if (account == NONE)
        return NONE;
    for (uint32_t i = 0; read_number(id, &number) && i < record_count(core, kind); i++) {
        const struct record *head = record_head(core, kind, i);
        if (head->number != number || head->account != account)
            continue;
        char status =
            kind == RECORD_parked_order
                ? ((const struct CThostFtdcParkedOrderField *)record_body(core, kind, i))->Status
                : ((const struct CThostFtdcParkedOrderActionField *)record_body(core, kind, i))
                      ->Status;
        if (status == THOST_FTDC_PAOS_NotSend)
            return i;
        *refusal = refusal_of(status == THOST_FTDC_PAOS_Send ? CTP_ERROR_PARKEDORDER_HASSENDED
                                                             : CTP_ERROR_PARKEDORDER_HASDELETE);
        return NONE;
    }
    *refusal = refusal_of(CTP_ERROR_PARKEDORDER_NOT_FOUND);
    return NONE;
}

static void remove_parked(struct core *core, const struct core_request *request,
                          enum record_kind kind, enum ctp_struct of, text investor_id, text id)
{
    struct refusal refusal = refusal_none();
    uint32_t place = find_parked(core, request, kind, investor_id, id, &refusal);
    if (place != NONE) {
        struct record head = *record_head(core, kind, place);
        union {
            char bytes[CTP_STRUCT_SIZE_MAX];
            double aligned;
        } body;
        memcpy(body.bytes, record_body(core, kind, place), core_layout(of)->size);
        head.live = 0;
        body_put_char(of, body.bytes, "Status", THOST_FTDC_PAOS_Deleted);
        record_put(core, kind, place, &head, body.bytes);
    }
    reply_one(core, request, request->body, &refusal);
}

void parked_order_remove(struct core *core, const struct core_request *request)
{
    const struct CThostFtdcRemoveParkedOrderField *input = request->body;
    remove_parked(core, request, RECORD_parked_order, CTP_STRUCT_ParkedOrder,
                  FIELD_TEXT(input->InvestorID), FIELD_TEXT(input->ParkedOrderID));
}

void parked_action_remove(struct core *core, const struct core_request *request)
{
    const struct CThostFtdcRemoveParkedOrderActionField *input = request->body;
    remove_parked(core, request, RECORD_parked_action, CTP_STRUCT_ParkedOrderAction,
                  FIELD_TEXT(input->InvestorID), FIELD_TEXT(input->ParkedOrderActionID));
}

/* ---- sending ---- */

static void send_action(struct core *core, uint32_t place)
{
    struct record head = *record_head(core, RECORD_parked_action, place);
    struct CThostFtdcParkedOrderActionField body;
    struct CThostFtdcInputOrderActionField input;
    memcpy(&body, record_body(core, RECORD_parked_action, place), sizeof body);
    ctp_convert(layout_of(CTP_STRUCT_ParkedOrderAction), &body,
                layout_of(CTP_STRUCT_InputOrderAction), &input);
    struct refusal refusal = refusal_none();
    struct CThostFtdcRspInfoField why;
    uint32_t order = NONE;
    if (!core_user_may(core, head.user, head.account))
        refusal = refusal_of(CTP_ERROR_NO_PRIVILEGE);
    else
        order = desk_find_order(core, head.account, NULL, &input, &refusal);
    if (refusal.error_id == 0 && core->orders.at[order].condition_number == 0)
        refusal = refusal_of(channel_why_not(core, head.account, CHANNEL_CANCEL));
    head.live = 0;
    body.Status = THOST_FTDC_PAOS_Send;
    if (refusal.error_id) {
        refusal_fill(&refusal, &why);
        body.ErrorID = why.ErrorID;
        PUT_TEXT(body.ErrorMsg, FIELD_TEXT(why.ErrorMsg));
    }
    record_put(core, RECORD_parked_action, place, &head, &body);
    if (refusal.error_id == 0) {
        desk_ask_cancel(core, order, head.user, &input);
        return;
    }
    struct CThostFtdcOrderActionField kept;
    desk_action_body(core, &input, order, &kept);
    reply_private_to_user(core, head.user, CTP_TraderSpi_OnErrRtnOrderAction, &kept, &refusal);
}

static void send_order(struct core *core, uint32_t place)
{
    struct record head = *record_head(core, RECORD_parked_order, place);
    struct CThostFtdcParkedOrderField body;
    struct CThostFtdcInputOrderField input;
    struct effect_order_accepted accepted;
    memcpy(&body, record_body(core, RECORD_parked_order, place), sizeof body);
    ctp_convert(layout_of(CTP_STRUCT_ParkedOrder), &body, layout_of(CTP_STRUCT_InputOrder), &input);
    memset(input.OrderRef, 0, sizeof input.OrderRef);
    input.ContingentCondition = THOST_FTDC_CC_Immediately;
    /* of no session, so what is asked of sessions (1..4) is not asked */
    struct order_check check = {.user = head.user, .session = NONE, .first_check = 5};
    struct refusal refusal;
    bool passes = desk_check_order(core, &check, &input, &accepted.order, &refusal);
    head.live = 0;
    body.Status = THOST_FTDC_PAOS_Send;
    if (!passes) {
        struct CThostFtdcRspInfoField why;
        refusal_fill(&refusal, &why);
        body.ErrorID = why.ErrorID;
        PUT_TEXT(body.ErrorMsg, FIELD_TEXT(why.ErrorMsg));
    }
    record_put(core, RECORD_parked_order, place, &head, &body);
    if (!passes)
        reply_private_to_user(core, head.user, CTP_TraderSpi_OnErrRtnOrderInsert, &input, &refusal);
    else
        desk_accept_order(core, &accepted, &input);
}

static bool takes_orders(char status)
{
    return status == THOST_FTDC_IS_AuctionOrdering || status == THOST_FTDC_IS_Continous;
}

static bool waits_for(struct core *core, enum record_kind kind, uint32_t place, uint32_t product)
{
    const struct record *head = record_head(core, kind, place);
    return head->live && core_instrument(core, head->instrument)->product == product;
}

void parked_status_changed(struct core *core, uint32_t product, char before)
{
    char status = core->statuses.at[product].status;
    if (status == before || !takes_orders(status))
        return;
    for (uint32_t i = 0; i < record_count(core, RECORD_parked_action); i++)
        if (waits_for(core, RECORD_parked_action, i, product))
            send_action(core, i);
    for (uint32_t i = 0; i < record_count(core, RECORD_parked_order); i++)
        if (waits_for(core, RECORD_parked_order, i, product))
            send_order(core, i);
}
