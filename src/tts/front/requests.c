/* requests.c: what a client's frames mean: hello, topics, requests, subscriptions; and the flows on
 * their way out. */
#include "base/log.h"
#include "tts/front/inside.h"
#include <assert.h>

/* ---- the beginning ---- */

static bool refuse(struct link *link, uint32_t error_id, const char *why)
{
    wire_refuse_write(&link->out, error_id, text_of(why));
    link_close_when_sent(link);
    log_line(LOG_WARN, "%s refused: %s", link->address, why);
    return true;
}

/* What a stranger calls its version goes into the log, so it is looked at before. */
static bool is_version_name(text name)
{
    for (size_t i = 0; i < name.length; i++)
        if (name.at[i] != '.' && (name.at[i] < '0' || name.at[i] > '9'))
            return false;
    return name.length > 0;
}

static bool unknown_version(struct link *link, text name)
{
    char why[128];
    if (!is_version_name(name))
        name = TEXT("(no number)");
    snprintf(why, sizeof why, "CTP version %.*s is not in this counter's table", TEXT_ARG(name));
    return refuse(link, CTP_ERROR_API_UNSUPPORTED_VERSION, why);
}

static void welcome(struct link *link)
{
    const struct front_options *options = &link->front->options;
    struct wire_welcome welcome = {
        .protocol = WIRE_PROTOCOL,
        .front_id = (uint32_t)options->front_id,
        .query_rate = (uint32_t)options->query_rate,
        .query_pending = (uint32_t)options->query_pending,
        .message_rate = (uint32_t)options->message_rate,
    };
    text_copy(welcome.system, sizeof welcome.system, TEXT("Tick Trading System"));
    wire_welcome_write(&link->out, &welcome);
    link->state = LINK_OPEN;
    link_touched(link);
}

static bool hello(struct link *link, text payload)
{
    struct wire_hello hello;
    if (!wire_hello_read(payload, &hello))
        return false;
    if (hello.protocol != WIRE_PROTOCOL)
        return refuse(link, CTP_ERROR_API_UNSUPPORTED_VERSION, "wire protocol of another version");
    text name = text_of_field(hello.version, sizeof hello.version);
    if (!ctp_version_find(name, &link->version))
        return unknown_version(link, name);
    if (ctp_version_digest(link->version) != hello.digest)
        return refuse(link, CTP_ERROR_API_UNSUPPORTED_VERSION,
                      "the library was built from other tables than this counter");
    if ((hello.class == CTP_MdApi) != link->md)
        return refuse(link, CTP_ERROR_NO_FOUND_FUNCTION,
                      link->md ? "a trading library at the market data port"
                               : "a market data library at the trading port");
    welcome(link);
    struct core_peer peer = {.connection = link->place, .md = link->md, .version = link->version};
    text_copy(peer.address, sizeof peer.address, text_of(link->address));
    core_connect(link->front->core, &peer);
    return true;
}

/* A name server's answer: this front itself, at the address that the client already knows. */
static void names(struct link *link)
{
    struct sockaddr_storage own;
    int size = sizeof own;
    char host[64] = "127.0.0.1", address[96];
    uv_tcp_getsockname(&link->tcp, (struct sockaddr *)&own, &size);
    bool six = own.ss_family == AF_INET6;
    if (six)
        uv_ip6_name((struct sockaddr_in6 *)&own, host, sizeof host);
    else
        uv_ip4_name((struct sockaddr_in *)&own, host, sizeof host);
    int port = ntohs(six ? ((struct sockaddr_in6 *)&own)->sin6_port
                         : ((struct sockaddr_in *)&own)->sin_port);
    const char *scheme = link->tls ? "ssl" : six ? "tcp6" : "tcp";
    snprintf(address, sizeof address, six ? "%s://[%s]:%d" : "%s://%s:%d", scheme, host, port);
    text one = text_of(address);
    wire_names_write(&link->out, &one, 1);
    link_touched(link);
}

/* ---- requests ---- */

/* Counts a message; with the last one that this second allows the link pauses until the next. */
static void count_message(struct link *link)
{
    struct front *front = link->front;
    if (front->options.message_rate == 0)
        return;
    uint64_t now = uv_now(front->loop);
    if (link->rate_second != now / 1000)
        link->rate_count = 0;
    link->rate_second = now / 1000;
    link->rated = ++link->rate_count >= front->options.message_rate;
    if (link->rated && !uv_is_active((uv_handle_t *)&front->rate_timer))
        uv_timer_start(&front->rate_timer, request_next_second, 1000 - now % 1000, 0);
}

void request_next_second(uv_timer_t *timer)
{
    struct front *front = timer->data;
    for (uint32_t i = 0; i < front->link_count; i++) {
        struct link *link = front->links[i];
        if (!link->rated)
            continue;
        link->rated = false;
        link_resume(link);
    }
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
    if (has_body && !wire_unpack(&payload, layout, front->body.bytes))
        return false;
    if (payload.length != 0)
        return false;
    if (has_body)
        ctp_convert(layout, front->body.bytes, canonical, body.bytes);
    front->figures.requests++;
    count_message(link);
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
    count_message(link);
    return market_subscribe(link, method, frame->payload);
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

/* The links of one user stand in a list, because the user's flow grows for all of them. */
static void join_user(struct link *link)
{
    struct front *front = link->front;
    link->user = core_connection_user(front->core, link->place);
    while (front->of_users.count <= link->user)
        numbers_add(&front->of_users, NOBODY);
    link->next_of_user = front->of_users.at[link->user];
    front->of_users.at[link->user] = link->place;
}

static void start_flows(struct link *link)
{
    const struct core *core = link->front->core;
    const struct wire_topics *topics = &link->topics;
    int day = core_trading_day(core);
    /* 0: the numbers count in today's flow, whichever day that is (RESUME_FROM_SEQ_NO). */
    bool same_day = topics->trading_day == 0 || topics->trading_day == (uint32_t)day;
    uint8_t private_topic = topics->private_topic == WIRE_NONE ? WIRE_QUICK : topics->private_topic;
    link->next_private = first_number(link, private_topic, topics->private_from,
                                      core_private_count(core, link->place), same_day, "private");
    link->next_public = topics->public_topic == WIRE_NONE
                            ? 0
                            : first_number(link, topics->public_topic, topics->public_from,
                                           core_public_count(core), same_day, "public");
    wire_flow_start_write(&link->out, (uint32_t)day, link->next_private, link->next_public);
    link_touched(link);
}

void front_logged_in(struct front *front, uint32_t connection)
{
    struct link *link = front->links[connection];
    link_log_out(link); /* a second login on the same connection */
    link->logged_in = true;
    front->figures.logged_in++;
    if (link->md)
        return;
    join_user(link);
    start_flows(link);
}

void request_flow_grew(void *user, uint32_t user_place)
{
    struct front *front = user;
    if (user_place >= front->of_users.count)
        return;
    for (uint32_t i = front->of_users.at[user_place]; i != NOBODY;
         i = front->links[i]->next_of_user)
        link_touched(front->links[i]);
}

static bool has_room(const struct link *link)
{
    return !link->broken && link_unsent(link) < PUMP_BYTES_MAX;
}

static void pump_public(struct link *link)
{
    struct core *core = link->front->core;
    struct core_message message;
    uint32_t count = core_public_count(core);
    while (link->next_public && link->next_public <= count && has_room(link)) {
        core_public_message(core, link->next_public, &message);
        link_write_callback(link, WIRE_PUBLIC, message.callback, message.body, message.rsp_info, 0,
                            true, link->next_public++);
    }
    link->behind = link->next_public && link->next_public <= count;
}

static void pump_private(struct link *link)
{
    struct core *core = link->front->core;
    struct core_message message;
    uint32_t count = core_private_count(core, link->place);
    while (link->next_private <= count && has_room(link)) {
        core_private_message(core, link->place, link->next_private, &message);
        link_write_callback(link, WIRE_PRIVATE, message.callback, message.body, message.rsp_info, 0,
                            true, link->next_private++);
    }
    link->behind = link->behind || link->next_private <= count;
}

void request_pump_flows(struct link *link)
{
    if (!link->logged_in || link->md)
        return;
    pump_public(link);
    pump_private(link);
}
