/* answer.c: see answer.h. */
#include "webctp/answer.h"
#include "codec/json_write.h"

/* An empty result (no struct) of these is {}, of all others null: so the clients of the first
 * webctp know it. */
static const enum ctp_struct empty_as_object[] = {
    CTP_STRUCT_Instrument,
    CTP_STRUCT_Exchange,
    CTP_STRUCT_Product,
    CTP_STRUCT_DepthMarketData,
    CTP_STRUCT_InvestorPositionDetail,
    CTP_STRUCT_ExchangeMarginRate,
    CTP_STRUCT_InstrumentOrderCommRate,
    CTP_STRUCT_OptionInstrTradeCost,
    CTP_STRUCT_OptionInstrCommRate,
};

/* For everybody, and not asked for. Besides these: whatever tells the state of the front (no struct
 * in it). */
static const enum ctp_method public_returns[] = {
    CTP_TraderSpi_OnRtnInstrumentStatus,
    CTP_TraderSpi_OnRtnBulletin,
    CTP_TraderSpi_OnRtnForQuoteRsp,
};

static void put_key(struct buffer *out, const char *key)
{
    buffer_put_text(out, TEXT(",\""));
    buffer_put_text(out, text_of(key));
    buffer_put_text(out, TEXT("\":"));
}

static void put_head(struct buffer *out, text msg_type)
{
    buffer_put_text(out, TEXT("{\"MsgType\":"));
    json_write_text(out, msg_type);
}

static void put_struct(struct buffer *out, enum ctp_version version, enum ctp_struct of,
                       unsigned flags, const void *body)
{
    json_write_struct(out, json_plan_find(ctp_layout_find(version, of), flags), body);
}

static void put_rsp_info(struct buffer *out, enum ctp_version version, const void *rsp_info)
{
    put_key(out, "RspInfo");
    if (rsp_info)
        put_struct(out, version, CTP_STRUCT_RspInfo, 0, rsp_info);
    else
        buffer_put_text(out, TEXT("null"));
}

static void put_request(struct buffer *out, int request_id, bool is_last)
{
    if (request_id != 0) {
        put_key(out, "RequestID");
        json_write_int(out, request_id);
    }
    if (is_last) {
        put_key(out, "IsLast");
        buffer_put_text(out, TEXT("true"));
    }
}

static bool is_depth_tick(enum ctp_method method)
{
    return method == CTP_MdSpi_OnRtnDepthMarketData;
}

static bool empty_is_object(enum ctp_struct of)
{
    for (size_t i = 0; i < sizeof empty_as_object / sizeof empty_as_object[0]; i++)
        if (empty_as_object[i] == of)
            return true;
    return false;
}

static void put_body(struct buffer *out, enum ctp_version version,
                     const struct ctp_callback *callback)
{
    const struct ctp_method_info *info = ctp_method_info(callback->method);
    unsigned flags = info->of == CTP_STRUCT_DepthMarketData ? JSON_ABSENT_PRICE_ZERO : 0;
    if (is_depth_tick(callback->method))
        flags |= JSON_WITH_RESERVED;
    put_key(out, ctp_struct_name(info->of));
    if (callback->body)
        put_struct(out, version, info->of, flags, callback->body);
    else
        buffer_put_text(out, empty_is_object(info->of) ? TEXT("{}") : TEXT("null"));
}

/* A trader's login or authentication that failed has no body. */
static bool has_no_body(enum ctp_version version, const struct ctp_callback *callback)
{
    return (callback->method == CTP_TraderSpi_OnRspUserLogin ||
            callback->method == CTP_TraderSpi_OnRspAuthenticate) &&
           answer_error_id(version, callback->rsp_info) != 0;
}

/* What tells of the front: a number at most, with its meaning in words where it has one. */
static void put_front_event(struct buffer *out, const struct ctp_callback *callback)
{
    const char *name = ctp_method_info(callback->method)->name;
    if (ctp_method_info(callback->method)->shape != CTP_SHAPE_NUMBER)
        return;
    bool lost = text_equal(text_of(name), TEXT("OnFrontDisconnected"));
    bool silent = text_equal(text_of(name), TEXT("OnHeartBeatWarning"));
    put_key(out, lost ? "Reason" : silent ? "TimeLapse" : "SeqNo");
    json_write_int(out, callback->number);
    if (lost) {
        put_key(out, "Detail");
        json_write_text(out, text_of(answer_front_reason(callback->number)));
    }
}

void answer_write_callback(struct buffer *out, enum ctp_version version,
                           const struct ctp_callback *callback)
{
    const struct ctp_method_info *info = ctp_method_info(callback->method);
    put_head(out, text_of(info->name + 2)); /* without "On" */
    if (!is_depth_tick(callback->method))
        put_rsp_info(out, version, callback->rsp_info);
    if (info->shape == CTP_SHAPE_RESPONSE || info->shape == CTP_SHAPE_ERROR)
        put_request(out, callback->request_id, callback->is_last);
    if (info->of == CTP_STRUCT_NONE)
        put_front_event(out, callback);
    else if (!has_no_body(version, callback))
        put_body(out, version, callback);
    buffer_put_char(out, '}');
}

static text text_of_error(int error_id, char *other, size_t size)
{
    switch (error_id) {
    case -1:
        return TEXT("CTP:请求失败");
    case -2:
        return TEXT("CTP:未处理请求超过许可数");
    case -3:
        return TEXT("CTP:每秒发送请求数超过许可数");
    case ANSWER_BAD_REQUEST:
        return TEXT("参数有误");
    case ANSWER_NOT_LOGGED_IN:
        return TEXT("未登录");
    case ANSWER_NOT_IMPLEMENTED:
        return TEXT("Not implemented");
    default:
        snprintf(other, size, "CTP:请求返回%d", error_id);
        return text_of(other);
    }
}

void answer_write_error(struct buffer *out, text msg_type, int error_id, int request_id,
                        text detail)
{
    char other[64];
    put_head(out, msg_type);
    put_key(out, "RspInfo");
    buffer_put_text(out, TEXT("{\"ErrorID\":"));
    json_write_int(out, error_id);
    put_key(out, "ErrorMsg");
    json_write_text(out, text_of_error(error_id, other, sizeof other));
    buffer_put_char(out, '}');
    put_request(out, request_id, false);
    if (detail.length) {
        put_key(out, "Detail");
        json_write_text(out, detail);
    }
    buffer_put_char(out, '}');
}

text answer_name(enum ctp_method request, char *name, size_t size)
{
    enum ctp_method answer = ctp_method_answer(request);
    if (answer != CTP_METHOD_NONE)
        return text_of(ctp_method_info(answer)->name + 2);
    text method = text_of(ctp_method_info(request)->name);
    if (!text_starts_with(method, TEXT("Req")))
        return method;
    snprintf(name, size, "Rsp%.*s", (int)method.length - 3, method.at + 3);
    return text_of(name);
}

bool answer_is_public(enum ctp_method callback)
{
    enum ctp_shape shape = ctp_method_info(callback)->shape;
    if (shape == CTP_SHAPE_VOID || shape == CTP_SHAPE_NUMBER)
        return true;
    for (size_t i = 0; i < sizeof public_returns / sizeof public_returns[0]; i++)
        if (public_returns[i] == callback)
            return true;
    return false;
}

const char *answer_front_reason(int reason)
{
    switch (reason) {
    case 0x1001:
        return "reading from the network failed";
    case 0x1002:
        return "writing to the network failed";
    case 0x2001:
        return "no heartbeat was received in time";
    case 0x2002:
        return "sending a heartbeat failed";
    case 0x2003:
        return "a broken message was received";
    default:
        return "the front was lost for a reason of the library's own";
    }
}

int answer_error_id(enum ctp_version version, const void *rsp_info)
{
    if (!rsp_info)
        return 0;
    const struct ctp_layout *layout = ctp_layout_find(version, CTP_STRUCT_RspInfo);
    const struct ctp_field *field = ctp_field_find(layout, TEXT("ErrorID"));
    int error_id;
    memcpy(&error_id, (const char *)rsp_info + field->offset, sizeof error_id);
    return error_id;
}
