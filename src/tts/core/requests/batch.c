/* batch.c: ReqBatchOrderAction: cancels all live orders of an account at DCE or GFEX, of one
 * session when the request names one. Each is cancelled as by an action of its own. */
#include "tts/core/channel.h"
#include "tts/core/handlers.h"
#include "tts/core/requests/request_check.h"

static struct refusal check_batch(struct core *core, const struct core_request *request,
                                  struct CThostFtdcInputBatchOrderActionField *input,
                                  struct request_frame *frame, enum exchange *exchange)
{
    struct refusal refusal = request_check(core, request, REQUEST_OF_ACTION,
                                           CTP_STRUCT_InputBatchOrderAction, input, frame);
    if (refusal.error_id)
        return refusal;
    if (!exchange_find(FIELD_TEXT(input->ExchangeID), exchange)) /* unknown ones are no more here */
        return refusal_of(CTP_ERROR_EXCHANGE_ID_IS_MISSING);
    if (*exchange != EXCHANGE_DCE && *exchange != EXCHANGE_GFEX)
        return refusal_of(CTP_ERROR_BATCHACTION_NOSUPPORT);
    return refusal_none();
}

static bool is_meant(const struct core *core, const struct order *order,
                     const struct CThostFtdcInputBatchOrderActionField *input, uint32_t account,
                     enum exchange exchange)
{
    bool any_session = input->FrontID == 0 && input->SessionID == 0;
    return order->live && !order->cancel_pending && order->account == account &&
           core->market.instruments[order->instrument].exchange == exchange &&
           (any_session ||
            (order->front_id == input->FrontID && order->session_id == input->SessionID));
}

/* The action that cancels one of them. */
static void make_action(struct core *core, const struct order *order,
                        const struct CThostFtdcInputBatchOrderActionField *input,
                        struct CThostFtdcInputOrderActionField *action)
{
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputBatchOrderAction), input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOrderAction), action);
    PUT_TEXT(action->InstrumentID, text_of(core_instrument(core, order->instrument)->id));
    PUT_NUMBER(action->OrderRef, order->order_ref);
    action->FrontID = order->front_id;
    action->SessionID = order->session_id;
    action->ActionFlag = THOST_FTDC_AF_Delete;
}

/* 25 when nothing is meant; the line is looked at for orders that are at the channel. */
static struct refusal check_meant(const struct core *core,
                                  const struct CThostFtdcInputBatchOrderActionField *input,
                                  uint32_t account, enum exchange exchange)
{
    bool any = false, any_at_channel = false;
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        if (!is_meant(core, order, input, account, exchange))
            continue;
        any = true;
        any_at_channel |= order->condition_number == 0;
    }
    if (!any)
        return refusal_of(CTP_ERROR_ORDER_NOT_FOUND);
    return refusal_of(any_at_channel ? channel_why_not(core, account, CHANNEL_CANCEL) : 0);
}

static void cancel_all(struct core *core, const struct CThostFtdcInputBatchOrderActionField *input,
                       const struct request_frame *frame, enum exchange exchange)
{
    uint32_t count = core->orders.count;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_meant(core, &core->orders.at[i], input, frame->account, exchange))
            continue;
        struct CThostFtdcInputOrderActionField action;
        make_action(core, &core->orders.at[i], input, &action);
        desk_ask_cancel(core, i, frame->user, &action);
    }
}

void batch_order_action(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputBatchOrderActionField input;
    memcpy(&input, request->body, sizeof input);
    struct request_frame frame;
    enum exchange exchange = EXCHANGE_COUNT;
    struct refusal refusal = check_batch(core, request, &input, &frame, &exchange);
    if (refusal.error_id == 0)
        refusal = check_meant(core, &input, frame.account, exchange);
    if (refusal.error_id) {
        struct CThostFtdcBatchOrderActionField kept;
        request_action_body(core, CTP_STRUCT_InputBatchOrderAction, &input,
                            CTP_STRUCT_BatchOrderAction, &kept);
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnBatchOrderAction,
                       &kept);
        return;
    }
    cancel_all(core, &input, &frame, exchange);
    tick_publish_due(core);
}
