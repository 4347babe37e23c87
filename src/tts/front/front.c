/* front.c: listeners, the turn of the loop (seal, durable), and the clock of silence. */
#include "tts/front/front.h"
#include "base/log.h"
#include "tts/front/inside.h"
#include <assert.h>

/* ---- listening ---- */

static void arrived(uv_stream_t *listener, int status)
{
    struct front *front = listener->data;
    if (status == 0)
        link_accept(front, (uv_tcp_t *)listener, listener == (uv_stream_t *)&front->md_listener);
}

static int port_of(const uv_tcp_t *listener)
{
    struct sockaddr_storage own;
    int size = sizeof own;
    if (uv_tcp_getsockname(listener, (struct sockaddr *)&own, &size) != 0)
        return -1;
    return ntohs(own.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&own)->sin6_port
                                           : ((struct sockaddr_in *)&own)->sin_port);
}

static bool listen_at(struct front *front, uv_tcp_t *listener, int port, struct error *error)
{
    struct sockaddr_storage address;
    const char *host = front->options.host;
    char place[128];
    snprintf(place, sizeof place, "%s:%d", host, port);
    if (uv_ip4_addr(host, port, (struct sockaddr_in *)&address) != 0 &&
        uv_ip6_addr(host, port, (struct sockaddr_in6 *)&address) != 0) {
        error_set(error, "is no address to listen on");
        error_fix(error, "give an IPv4 or IPv6 address of this machine, or 0.0.0.0");
        return error_at(error, place, 0, 0);
    }
    uv_tcp_init(front->loop, listener);
    listener->data = front;
    int failed = uv_tcp_bind(listener, (struct sockaddr *)&address, 0);
    if (failed == 0)
        failed = uv_listen((uv_stream_t *)listener, 1024, arrived);
    if (failed == 0)
        return true;
    error_set(error, "cannot listen: %s", uv_strerror(failed));
    error_fix(error, "stop the program that uses the port, or give another port");
    return error_at(error, place, 0, 0);
}

/* ---- silence ---- */

static uint64_t or_usual(uint64_t given_ms, uint64_t usual_ms)
{
    return given_ms ? given_ms : usual_ms;
}

static void heartbeat(struct link *link, uint64_t now)
{
    struct wire_frame frame = {.kind = WIRE_HEARTBEAT};
    wire_frame_write_payload(&link->out, &frame);
    link_touched(link);
    link->last_sent_ms = now; /* also when the client does not read: one in the time is enough */
}

static void look_after(struct link *link, uint64_t now)
{
    const struct front_options *options = &link->front->options;
    if (link->state != LINK_NEW && link->state != LINK_OPEN)
        return;
    if (now - link->last_received_ms >
        or_usual(options->silence_ms, WIRE_SILENCE_MAX_S * UINT64_C(1000))) {
        log_line(LOG_INFO, "%s has been silent for too long, closing", link->address);
        link_close(link);
    } else if (link->close_when_sent) {
        if (now - link->closing_ms > CLOSE_MS_MAX)
            link_close(link);
    } else if (!link->logged_in && now - link->opened_ms > or_usual(options->login_ms, LOGIN_MS)) {
        log_line(LOG_INFO, "%s does not log in, closing", link->address);
        link_close(link);
    } else if (link->state == LINK_OPEN &&
               now - link->last_sent_ms >
                   or_usual(options->heartbeat_ms, WIRE_HEARTBEAT_FRONT_S * UINT64_C(1000))) {
        heartbeat(link, now);
    }
}

static void look_after_all(uv_timer_t *timer)
{
    struct front *front = timer->data;
    uint64_t now = uv_now(front->loop);
    for (uint32_t i = 0; i < front->link_count; i++)
        look_after(front->links[i], now);
}

/* ---- life ---- */

struct front *front_create(uv_loop_t *loop, const struct front_options *options, struct core *core,
                           const struct front_hooks *hooks, struct error *error)
{
    struct front *front = memory_get_zeroed(1, sizeof *front);
    front->loop = loop;
    front->options = *options;
    front->hooks = *hooks;
    front->core = core;
    front->secrets = secret_cache_create(4096);
    bool fine = true;
    if (options->certificate) {
        front->tls_context = tls_context_create(options->certificate, options->private_key, error);
        fine = front->tls_context != NULL;
    }
    front->td_open = fine && options->td_port >= 0;
    fine =
        fine && (!front->td_open || listen_at(front, &front->td_listener, options->td_port, error));
    front->md_open = fine && options->md_port >= 0;
    fine =
        fine && (!front->md_open || listen_at(front, &front->md_listener, options->md_port, error));
    core_watch_flows(core, request_flow_grew, front);
    uv_timer_init(loop, &front->timer);
    uv_timer_init(loop, &front->rate_timer);
    front->timer.data = front->rate_timer.data = front;
    if (!fine) {
        front_stop(front);
        uv_run(loop, UV_RUN_DEFAULT);
        front_destroy(front);
        return NULL;
    }
    uint64_t look_ms = or_usual(options->look_ms, 1000);
    uv_timer_start(&front->timer, look_after_all, look_ms, look_ms);
    front->td_port = front->td_open ? port_of(&front->td_listener) : -1;
    front->md_port = front->md_open ? port_of(&front->md_listener) : -1;
    return front;
}

int front_td_port(const struct front *front)
{
    return front->td_port;
}

int front_md_port(const struct front *front)
{
    return front->md_port;
}

static void close_handle(uv_handle_t *handle)
{
    if (handle->type == UV_UNKNOWN_HANDLE || uv_is_closing(handle))
        return;
    uv_close(handle, NULL);
}

void front_stop(struct front *front)
{
    front->stopping = true;
    core_watch_flows(front->core, NULL, NULL);
    close_handle((uv_handle_t *)&front->td_listener);
    close_handle((uv_handle_t *)&front->md_listener);
    close_handle((uv_handle_t *)&front->timer);
    close_handle((uv_handle_t *)&front->rate_timer);
    for (uint32_t i = 0; i < front->link_count; i++)
        link_close(front->links[i]);
}

void front_destroy(struct front *front)
{
    if (!front)
        return;
    for (uint32_t i = 0; i < front->link_count; i++)
        free(front->links[i]);
    for (uint32_t i = 0; i < front->topic_count; i++)
        for (int kind = 0; kind < MARKET_KINDS; kind++)
            free(front->topics[i].subscribers[kind].at);
    free(front->links);
    free(front->free.at);
    free(front->touched.at);
    free(front->waiting.at);
    free(front->of_users.at);
    free(front->topics);
    free(front->free_topics.at);
    index_finish(&front->topic_index);
    secret_cache_destroy(front->secrets);
    tls_context_destroy(front->tls_context);
    free(front);
}

/* ---- what the core tells ---- */

void front_answer(struct front *front, uint32_t connection, enum ctp_method callback,
                  const void *body, const struct CThostFtdcRspInfoField *rsp_info, int request_id,
                  bool is_last)
{
    link_write_callback(front->links[connection], WIRE_ANSWER, callback, body, rsp_info, request_id,
                        is_last, 0);
}

void front_close(struct front *front, uint32_t connection)
{
    struct link *link = front->links[connection];
    request_pump_flows(link); /* at the end of a day the flow is gone before the turn ends */
    link_log_out(link);
    link_close_when_sent(link);
}

struct front_figures front_figures_of(const struct front *front)
{
    return front->figures;
}

/* ---- the turn ---- */

bool front_has_held(const struct front *front)
{
    return front->touched.count > 0;
}

/* The public flow grows for all. */
static void follow_public_flow(struct front *front)
{
    uint32_t count = core_public_count(front->core);
    if (count == front->public_seen)
        return;
    front->public_seen = count;
    for (uint32_t i = 0; i < front->link_count; i++)
        if (front->links[i]->logged_in && front->links[i]->next_public)
            link_touched(front->links[i]);
}

static void seal(struct link *link, uint64_t sequence)
{
    if (link->state != LINK_NEW && link->state != LINK_OPEN)
        return;
    request_pump_flows(link);
    if (link->owes_ticks)
        market_pay_owed(link);
    if (link->broken)
        link_close(link);
    else
        link_seal(link, sequence);
}

/* Only those that have something: with a thousand clients most have nothing in most turns. */
void front_seal(struct front *front, uint64_t sequence)
{
    follow_public_flow(front);
    for (uint32_t i = 0; i < front->touched.count; i++) {
        struct link *link = front->links[front->touched.at[i]];
        seal(link, sequence);
        link->in_touched = false;
    }
    front->touched.count = 0;
}

void front_durable(struct front *front, uint64_t sequence)
{
    struct numbers *waiting = &front->waiting;
    uint32_t count = waiting->count, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct link *link = front->links[waiting->at[i]];
        link_release(link, sequence);
        link->in_waiting = link->mark_count > 0;
        if (link->in_waiting)
            waiting->at[kept++] = link->place;
    }
    waiting->count = kept;
}
