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

static void heartbeat(struct link *link)
{
    struct wire_frame frame = {.kind = WIRE_HEARTBEAT};
    wire_frame_write_payload(&link->out, &frame);
    link_touched(link);
}

static void look_after(struct link *link, uint64_t now)
{
    uint64_t silent = now - link->last_received_ms, quiet = now - link->last_sent_ms;
    if (link->state != LINK_NEW && link->state != LINK_OPEN)
        return;
    if (silent > WIRE_SILENCE_MAX_S * 1000u) {
        log_line(LOG_INFO, "%s has been silent for %d s, closing", link->address,
                 WIRE_SILENCE_MAX_S);
        link_close(link);
    } else if (!link->logged_in && now - link->opened_ms > LOGIN_SECONDS_MAX * 1000u) {
        link_close(link);
    } else if (link->state == LINK_OPEN && quiet > WIRE_HEARTBEAT_FRONT_S * 1000u) {
        heartbeat(link);
    }
}

static void each_second(uv_timer_t *timer)
{
    struct front *front = timer->data;
    uint64_t now = uv_now(front->loop);
    for (uint32_t i = 0; i < front->link_count; i++) {
        struct link *link = front->links[i];
        look_after(link, now);
        if (link->state == LINK_OPEN && link->paused && front->options.message_rate &&
            link->rate_count >= front->options.message_rate && !link->checking)
            link_resume(link);
    }
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
    uv_timer_init(loop, &front->timer);
    front->timer.data = front;
    if (!fine) {
        front_stop(front);
        uv_run(loop, UV_RUN_DEFAULT);
        front_destroy(front);
        return NULL;
    }
    uv_timer_start(&front->timer, each_second, 1000, 1000);
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
    close_handle((uv_handle_t *)&front->td_listener);
    close_handle((uv_handle_t *)&front->md_listener);
    close_handle((uv_handle_t *)&front->timer);
    for (uint32_t i = 0; i < front->link_count; i++)
        link_close(front->links[i]);
}

void front_destroy(struct front *front)
{
    if (!front)
        return;
    for (uint32_t i = 0; i < front->link_count; i++)
        free(front->links[i]);
    for (uint32_t i = 0; i < front->topic_count; i++) {
        free(front->topics[i].ticks);
        free(front->topics[i].for_quotes);
    }
    free(front->links);
    free(front->touched);
    free(front->waiting);
    free(front->topics);
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
    link->close_when_sent = true;
    link_touched(link);
    if (link->logged_in)
        front->figures.logged_in--;
    link->logged_in = false;
}

struct front_figures front_figures_of(const struct front *front)
{
    return front->figures;
}

/* ---- the turn ---- */

static void add_mark(struct link *link, uint64_t sequence)
{
    uint64_t end = link->base + link->out.length;
    if (link->mark_count && link->marks[link->mark_count - 1].sequence == sequence) {
        link->marks[link->mark_count - 1].end = end;
        return;
    }
    if (link->mark_count == link->mark_capacity) {
        link->mark_capacity = link->mark_capacity ? link->mark_capacity * 2 : 8;
        link->marks = memory_resize(link->marks, link->mark_capacity * sizeof *link->marks);
    }
    link->marks[link->mark_count++] = (struct mark){.sequence = sequence, .end = end};
}

static void wait_for(struct front *front, uint32_t place)
{
    if (front->waiting_count == front->waiting_capacity) {
        front->waiting_capacity = front->waiting_capacity ? front->waiting_capacity * 2 : 64;
        front->waiting =
            memory_resize(front->waiting, front->waiting_capacity * sizeof *front->waiting);
    }
    front->waiting[front->waiting_count++] = place;
}

bool front_has_held(const struct front *front)
{
    return front->touched_count > 0;
}

void front_seal(struct front *front, uint64_t sequence)
{
    for (uint32_t i = 0; i < front->link_count; i++)
        request_pump_flows(front->links[i]);
    for (uint32_t i = 0; i < front->touched_count; i++) {
        struct link *link = front->links[front->touched[i]];
        link->in_touched = false;
        if (link->state == LINK_FREE || link->state == LINK_CLOSING)
            continue;
        if (link->mark_count == 0)
            wait_for(front, link->place);
        add_mark(link, sequence);
    }
    front->touched_count = 0;
}

/* Lets bytes go up to the newest mark that is durable. */
static void release(struct link *link, uint64_t sequence)
{
    uint32_t gone = 0;
    while (gone < link->mark_count && link->marks[gone].sequence <= sequence)
        link->ready = (size_t)(link->marks[gone++].end - link->base);
    if (gone == 0)
        return;
    link->mark_count -= gone;
    memmove(link->marks, link->marks + gone, link->mark_count * sizeof *link->marks);
    link_flush(link);
}

void front_durable(struct front *front, uint64_t sequence)
{
    uint32_t count = front->waiting_count, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = front->waiting[i];
        struct link *link = front->links[place];
        release(link, sequence);
        if (link->mark_count)
            front->waiting[kept++] = place;
    }
    front->waiting_count = kept;
}
