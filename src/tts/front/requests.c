/* requests.c: what a client's frames mean: hello, topics, requests, subscriptions; and the flows on
 * their way out. */
#include "base/log.h"
#include "tts/front/inside.h"
#include <assert.h>

/* ---- the beginning ---- */

static bool refuse(struct link *link, uint32_t error_id, const char *why)
{
    wire_refuse_write(&link->out, error_id, text_of(why));
    link->close_when_sent = true;
    link_touched(link);
    log_line(LOG_WARN, "%s refused: %s", link->address, why);
    return false;
}

static bool hello(struct link *link, text payload)
{
    struct front *front = link->front;
    struct wire_hello hello;
    char why[128];
    if (!wire_hello_read(payload, &hello))
        return false;
    if (hello.protocol != WIRE_PROTOCOL)
        return refuse(link, CTP_ERROR_API_UNSUPPORTED_VERSION, "wire protocol of another version");
    if (!ctp_version_find(text_of_field(hello.version, sizeof hello.version), &link->version) ||
        ctp_version_digest(link->version) != hello.digest) {
        snprintf(why, sizeof why, "CTP version %.15s is not in this counter's table",
                 hello.version);
        return refuse(link, CTP_ERROR_API_UNSUPPORTED_VERSION, why);
    }
    if ((hello.class == CTP_MdApi) != link->md)
        return refuse(link, CTP_ERROR_NO_FOUND_FUNCTION,
                      link->md ? "a trading library at the market data port"
                               : "a market data library at the trading port");
    struct wire_welcome welcome = {
        .protocol = WIRE_PROTOCOL,
        .front_id = (uint32_t)front->options.front_id,
        .query_rate = (uint32_t)front->options.query_rate,
        .query_pending = (uint32_t)front->options.query_pending,
        .message_rate = (uint32_t)front->options.message_rate,
    };
    text_copy(welcome.system, sizeof welcome.system, TEXT("Tick Trading System"));
    wire_welcome_write(&link->out, &welcome);
    link->state = LINK_OPEN;
    struct core_peer peer = {.connection = link->place, .md = link->md, .version = link->version};
    text_copy(peer.address, sizeof peer.address, text_of(link->address));
    core_connect(front->core, &peer);
    link_touched(link);
    return true;
}

/* A name server's answer: this front itself, at the address that the client already knows. */
static void names(struct link *link)
{
    struct sockaddr_storage own;
    int size = sizeof own, port;
    char host[64] = "127.0.0.1", address[96];
    uv_tcp_getsockname(&link->tcp, (struct sockaddr *)&own, &size);
    if (own.ss_family == AF_INET6) {
        uv_ip6_name((struct sockaddr_in6 *)&own, host, sizeof host);
        port = ntohs(((struct sockaddr_in6 *)&own)->sin6_port);
    } else {
        uv_ip4_name((struct sockaddr_in *)&own, host, sizeof host);
        port = ntohs(((struct sockaddr_in *)&own)->sin_port);
    }
    snprintf(address, sizeof address, "%s://%s:%d",
             link->tls                   ? "ssl"
             : own.ss_family == AF_INET6 ? "tcp6"
                                         : "tcp",
             host, port);
    char payload[128];
    uint16_t count = 1, length = (uint16_t)strlen(address);
    memcpy(payload, &count, 2);
    memcpy(payload + 2, &length, 2);
    memcpy(payload + 4, address, length);
    struct wire_frame frame = {.kind = WIRE_NAMES, .payload = {payload, 4u + length}};
    wire_frame_write_payload(&link->out, &frame);
    link_touched(link);
}

/* ---- requests ---- */

/* Surplus messages wait for the next second; the timer resumes the link. */
static bool message_must_wait(struct link *link)
{
    struct front *front = link->front;
    if (front->options.message_rate == 0)
        return false;
    int64_t second = (int64_t)(uv_now(front->loop) / 1000);
    if (link->rate_second != second) {
        link->rate_second = second;
        link->rate_count = 0;
    }
    link->paused = ++link->rate_count >= front->options.message_rate;
    return link->paused;
}

static bool request(struct link *link, const struct wire_frame *frame)
{
    struct front *front = link->front;
    enum ctp_class class = link->md ? CTP_MdApi : CTP_TraderApi;
    enum ctp_method method = ctp_method_at(link->version, class, (int)frame->slot);
    if (method == CTP_METHOD_NONE || ctp_method_info(method)->shape != CTP_SHAPE_REQUEST)
        return false;
    const struct ctp_layout *layout = ctp_layout_find(link->version, ctp_method_info(method)->of);
    const struct ctp_layout *canonical = core_layout(ctp_method_info(method)->of);
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body;
    bool has_body = frame->flags & WIRE_HAS_BODY;
    text payload = frame->payload;
    if (frame->flags & WIRE_HAS_RSP_INFO)
        return false;
    if (has_body) {
        if (!wire_unpack(&payload, layout, front->body.bytes) || payload.length != 0)
            return false;
        ctp_convert(layout, front->body.bytes, canonical, body.bytes);
    }
    front->figures.requests++;
    message_must_wait(link);
    if (has_body && password_request(link, method, body.bytes, canonical->size, frame->request_id))
        return true;
    struct core_request given = {.connection = link->place,
                                 .method = method,
                                 .body = has_body ? body.bytes : NULL,
                                 .request_id = frame->request_id};
    front->hooks.before_input(front->hooks.user);
    core_request(front->core, &given);
    return true;
}

static bool subscribe(struct link *link, const struct wire_frame *frame)
{
    enum ctp_method method = ctp_method_at(link->version, CTP_MdApi, (int)frame->slot);
    if (!link->md || method == CTP_METHOD_NONE ||
        ctp_method_info(method)->shape != CTP_SHAPE_INSTRUMENTS)
        return false;
    market_subscribe(link, method, frame->payload);
    return true;
}

bool request_frame(struct link *link, const struct wire_frame *frame)
{
    if (link->state == LINK_NEW)
        return frame->kind == WIRE_HELLO && hello(link, frame->payload);
    switch (frame->kind) {
    case WIRE_HEARTBEAT:
        return true;
    case WIRE_TOPICS:
        return wire_topics_read(frame->payload, &link->topics);
    case WIRE_REQUEST:
        return request(link, frame);
    case WIRE_SUBSCRIBE:
        return subscribe(link, frame);
    case WIRE_NAMES:
        names(link);
        return true;
    default:
        return false;
    }
}

/* ---- flows ---- */

/* Where a flow starts: numbers of another trading day mean nothing, numbers beyond the end start at
 * the end. */
static uint32_t first_number(const struct link *link, uint8_t topic, uint32_t wanted,
                             uint32_t count, bool same_day, const char *flow)
{
    if (topic == WIRE_QUICK)
        return count + 1;
    if (!same_day || wanted == 0)
        return 1;
    if (wanted > count + 1) {
        log_line(LOG_WARN, "%s wants the %s flow from %u, which ends at %u: starting at its end",
                 link->address, flow, wanted, count);
        return count + 1;
    }
    return wanted;
}

void front_logged_in(struct front *front, uint32_t connection)
{
    struct link *link = front->links[connection];
    link->logged_in = true;
    front->figures.logged_in++;
    if (link->md)
        return;
    const struct wire_topics *topics = &link->topics;
    int day = core_trading_day(front->core);
    /* 0: the numbers count in today's flow, whichever day that is (RESUME_FROM_SEQ_NO). */
    bool same_day = topics->trading_day == 0 || topics->trading_day == (uint32_t)day;
    uint8_t private_topic = topics->private_topic == WIRE_NONE ? WIRE_QUICK : topics->private_topic;
    link->next_private =
        first_number(link, private_topic, topics->private_from,
                     core_private_count(front->core, connection), same_day, "private");
    link->next_public = topics->public_topic == WIRE_NONE
                            ? 0
                            : first_number(link, topics->public_topic, topics->public_from,
                                           core_public_count(front->core), same_day, "public");
    wire_flow_start_write(&link->out, (uint32_t)day, link->next_private, link->next_public);
    link_touched(link);
}

static bool has_room(const struct link *link)
{
    return link->state == LINK_OPEN && link_unsent(link) < PUMP_BYTES_MAX;
}

void request_pump_flows(struct link *link)
{
    struct core *core = link->front->core;
    struct core_message message;
    if (!link->logged_in || link->md)
        return;
    while (has_room(link) && link->next_public && link->next_public <= core_public_count(core)) {
        core_public_message(core, link->next_public, &message);
        link_write_callback(link, WIRE_PUBLIC, message.callback, message.body, message.rsp_info, 0,
                            true, link->next_public++);
    }
    while (has_room(link) && link->next_private <= core_private_count(core, link->place)) {
        core_private_message(core, link->place, link->next_private, &message);
        link_write_callback(link, WIRE_PRIVATE, message.callback, message.body, message.rsp_info, 0,
                            true, link->next_private++);
    }
}
