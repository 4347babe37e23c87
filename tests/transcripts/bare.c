/* bare.c: see bare.h. */
#include "bare.h"
#include "base/clock.h"
#include "codec/json_write.h"
#include "webctp/answer.h"

bool bare_open(struct bare *bare, int port, bool md, text version)
{
    if (!wire_client_connect(&bare->wire, port, md))
        return false;
    struct wire_hello hello = wire_client_hello(md);
    if (version.length)
        text_copy(hello.version, sizeof hello.version, version);
    wire_hello_write(&bare->wire.out, &hello);
    return wire_client_send(&bare->wire);
}

void bare_finish(struct bare *bare)
{
    wire_client_close(&bare->wire);
    buffer_finish(&bare->message);
}

/* ---- what it says ---- */

static void put_subscription(struct bare *bare, const struct request *request)
{
    char **ids = memory_get((request->instrument_count + 1) * sizeof *ids);
    for (unsigned i = 0; i < request->instrument_count; i++)
        ids[i] = request->instruments[i];
    wire_instruments_write(&bare->wire.out, (unsigned)ctp_method_slot(CTP_NEWEST, request->method),
                           ids, (int)request->instrument_count);
    free(ids);
}

static void put_request(struct bare *bare, const struct request *request)
{
    if (request->method == CTP_TraderApi_ReqUserLogin)
        wire_client_topics(&bare->wire, &(struct wire_topics){.private_topic = WIRE_QUICK,
                                                              .public_topic = WIRE_QUICK});
    wire_client_request(&bare->wire, request->method, request->has_body ? request->body : NULL,
                        request->request_id);
}

bool bare_send(struct bare *bare, const char *message, struct buffer *why)
{
    struct request request;
    struct request_rules rules = {
        .version = CTP_NEWEST, .class = bare->wire.md ? CTP_MdApi : CTP_TraderApi, .strict = true};
    bool fine = request_read(&request, &rules, text_of(message), false, why);
    if (fine && ctp_method_info(request.method)->shape == CTP_SHAPE_INSTRUMENTS)
        put_subscription(bare, &request);
    else if (fine && ctp_method_info(request.method)->shape == CTP_SHAPE_REQUEST)
        put_request(bare, &request);
    request_finish(&request);
    return fine && wire_client_send(&bare->wire);
}

/* ---- what it hears ---- */

static bool tell_refusal(struct bare *bare, const struct wire_frame *frame)
{
    uint32_t error_id;
    text why;
    if (!wire_refuse_read(frame->payload, &error_id, &why))
        return false;
    buffer_put_text(&bare->message, TEXT("{\"MsgType\":\"Refuse\",\"RspInfo\":{\"ErrorID\":"));
    json_write_int(&bare->message, error_id);
    buffer_put_text(&bare->message, TEXT(",\"ErrorMsg\":"));
    json_write_text(&bare->message, why);
    buffer_put_text(&bare->message, TEXT("}}"));
    return true;
}

/* False: a frame that no client of webctp would hear of. */
static bool tell(struct bare *bare, const struct wire_frame *frame)
{
    struct CThostFtdcRspInfoField rsp_info;
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX];
    struct ctp_callback callback;
    switch (frame->kind) {
    case WIRE_REFUSE:
        return tell_refusal(bare, frame);
    case WIRE_ANSWER:
    case WIRE_PRIVATE:
    case WIRE_TICK:
        if (!wire_client_callback(&bare->wire, frame, &rsp_info, body, &callback))
            return false;
        answer_write_callback(&bare->message, CTP_NEWEST, &callback);
        return true;
    default:
        return false;
    }
}

enum bare_got bare_receive(struct bare *bare, int ms)
{
    int64_t until = clock_monotonic_ns() + ms * INT64_C(1000000);
    struct wire_frame frame;
    for (int64_t left; (left = until - clock_monotonic_ns()) > 0;) {
        if (!wire_client_wait(&bare->wire, &frame, (int)(left / 1000000) + 1))
            break;
        buffer_clear(&bare->message);
        if (!tell(bare, &frame))
            continue;
        buffer_put_char(&bare->message, '\0');
        bare->message.length--;
        return BARE_MESSAGE;
    }
    return clock_monotonic_ns() < until ? BARE_CLOSED : BARE_NOTHING;
}
