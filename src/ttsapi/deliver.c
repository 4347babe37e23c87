/* deliver.c: a frame from the front becomes callbacks, in the order of arrival. Everything in it is
 * checked before the client's code sees it: the method must exist in this version and be of the
 * shape that its stream carries, and the body must be there where CTP's clients do not expect NULL.
 * Nothing is allocated. */
#include "ttsapi/object.h"

/* Which shapes a stream may carry. */
static bool shape_fits(enum wire_kind kind, enum ctp_shape shape)
{
    if (kind == WIRE_ANSWER)
        return shape == CTP_SHAPE_RESPONSE || shape == CTP_SHAPE_ERROR;
    if (kind == WIRE_TICK)
        return shape == CTP_SHAPE_RETURN;
    return shape == CTP_SHAPE_RETURN || shape == CTP_SHAPE_ERROR_RETURN;
}

static bool needs_body(enum ctp_shape shape)
{
    return shape == CTP_SHAPE_RETURN || shape == CTP_SHAPE_ERROR_RETURN;
}

static bool needs_rsp_info(enum ctp_shape shape)
{
    return shape == CTP_SHAPE_ERROR || shape == CTP_SHAPE_ERROR_RETURN;
}

/* Unpacks into the object's two structs. False for a frame that this version cannot carry. */
static bool unpack(struct ttsapi *api, const struct wire_frame *frame,
                   struct ctp_callback *callback)
{
    callback->method = ctp_method_at(api->object.version, api->spi_class, (int)frame->slot);
    if (callback->method == CTP_METHOD_NONE)
        return false;
    const struct ctp_method_info *info = ctp_method_info(callback->method);
    if (!shape_fits(frame->kind, info->shape))
        return false;
    text payload = frame->payload;
    if (frame->flags & WIRE_HAS_RSP_INFO) {
        if (info->shape == CTP_SHAPE_RETURN ||
            !wire_unpack(&payload, api->rsp_layout, api->rsp_info))
            return false;
        callback->rsp_info = api->rsp_info;
    }
    if (frame->flags & WIRE_HAS_BODY) {
        const struct ctp_layout *layout = ctp_layout_find(api->object.version, info->of);
        if (!layout || !wire_unpack(&payload, layout, api->body))
            return false;
        callback->body = api->body;
    }
    return payload.length == 0 && (callback->body || !needs_body(info->shape)) &&
           (callback->rsp_info || !needs_rsp_info(info->shape));
}

static int error_id(const struct ttsapi *api, const struct ctp_callback *callback)
{
    const struct ctp_field *field = ctp_field_find(api->rsp_layout, TEXT("ErrorID"));
    int id = 0;
    if (callback->rsp_info)
        memcpy(&id, (const char *)callback->rsp_info + field->offset, sizeof id);
    return id;
}

/* The login's answer tells the trading day, which GetTradingDay then gives. */
static void note_login(struct ttsapi *api, const struct ctp_callback *callback)
{
    if (error_id(api, callback) != 0 || !callback->body)
        return;
    const struct ctp_layout *layout =
        ctp_layout_find(api->object.version, ctp_method_info(callback->method)->of);
    const struct ctp_field *field = ctp_field_find(layout, TEXT("TradingDay"));
    text day = text_of_field((const char *)callback->body + field->offset, field->size);
    if (!text_equal(day, text_of(atomic_load(&api->trading_day)))) {
        api->trading_day_at = (api->trading_day_at + 1) % TRADING_DAYS;
        char *place = api->trading_days[api->trading_day_at];
        text_copy(place, sizeof api->trading_days[0], day);
        atomic_store(&api->trading_day, place);
    }
    pthread_mutex_lock(&api->lock);
    api->logged_in = true;
    pthread_mutex_unlock(&api->lock);
}

/* The last answer frees the query's place before the client hears it, so that its callback can ask
 * the next one. */
static void note_last_answer(struct ttsapi *api, const struct ctp_callback *callback)
{
    const char *name = ctp_method_info(callback->method)->name;
    if (!text_starts_with(text_of(name), TEXT("OnRspQry")) &&
        !text_equal(text_of(name), TEXT("OnRspError")))
        return;
    pthread_mutex_lock(&api->lock);
    queries_end(&api->queries, callback->request_id);
    pthread_mutex_unlock(&api->lock);
}

static enum reason deliver_answer(struct ttsapi *api, const struct wire_frame *frame)
{
    struct ctp_callback callback = {
        .request_id = frame->request_id,
        .is_last = frame->flags & WIRE_IS_LAST,
    };
    if (!unpack(api, frame, &callback))
        return REASON_BROKEN;
    if (callback.method == CTP_TraderSpi_OnRspUserLogin ||
        callback.method == CTP_MdSpi_OnRspUserLogin)
        note_login(api, &callback);
    if (callback.is_last)
        note_last_answer(api, &callback);
    object_call(api, &callback);
    return REASON_NONE;
}

static enum reason deliver_numbered(struct ttsapi *api, const struct wire_frame *frame)
{
    struct ctp_callback callback = {.request_id = 0};
    enum flow_kind kind = frame->kind == WIRE_PRIVATE ? FLOW_PRIVATE : FLOW_PUBLIC;
    if (api->class != CTP_TraderApi || !unpack(api, frame, &callback))
        return REASON_BROKEN;
    pthread_mutex_lock(&api->lock);
    enum flow_verdict verdict = flows_take(&api->flows, kind, frame->sequence);
    pthread_mutex_unlock(&api->lock);
    if (verdict != FLOW_HAND_ON)
        return verdict == FLOW_DROP ? REASON_NONE : REASON_BROKEN;
    if (kind == FLOW_PRIVATE)
        object_call(api, &(struct ctp_callback){.method = CTP_TraderSpi_OnRtnPrivateSeqNo,
                                                .number = (int)frame->sequence});
    /* Release inside the first of the two callbacks: the message was not handed on. */
    if (atomic_load(&api->stopping))
        return REASON_NONE;
    object_call(api, &callback);
    pthread_mutex_lock(&api->lock);
    flows_handed(&api->flows, kind, frame->sequence);
    pthread_mutex_unlock(&api->lock);
    return REASON_NONE;
}

static enum reason deliver_tick(struct ttsapi *api, const struct wire_frame *frame)
{
    struct ctp_callback callback = {.request_id = 0};
    if (api->class != CTP_MdApi || !unpack(api, frame, &callback))
        return REASON_BROKEN;
    object_call(api, &callback);
    return REASON_NONE;
}

static enum reason deliver_flow_start(struct ttsapi *api, const struct wire_frame *frame)
{
    uint32_t day, private_next, public_next;
    if (api->class != CTP_TraderApi ||
        !wire_flow_start_read(frame->payload, &day, &private_next, &public_next))
        return REASON_BROKEN;
    pthread_mutex_lock(&api->lock);
    flows_start(&api->flows, day, private_next, public_next);
    pthread_mutex_unlock(&api->lock);
    return REASON_NONE;
}

enum reason deliver_frame(struct ttsapi *api, const struct wire_frame *frame)
{
    switch (frame->kind) {
    case WIRE_ANSWER:
        return deliver_answer(api, frame);
    case WIRE_PRIVATE:
    case WIRE_PUBLIC:
        return deliver_numbered(api, frame);
    case WIRE_TICK:
        return deliver_tick(api, frame);
    case WIRE_FLOW_START:
        return deliver_flow_start(api, frame);
    default:
        return REASON_BROKEN;
    }
}
