/* link.c: one client's connection: bytes in, frames out, what may be sent and when. */
#include "base/log.h"
#include "tts/front/inside.h"
#include <assert.h>

/* ---- places ---- */

static struct link *free_link(struct front *front)
{
    for (uint32_t i = 0; i < front->link_count; i++)
        if (front->links[i]->state == LINK_FREE)
            return front->links[i];
    if (front->link_count == (uint32_t)front->options.connections_max)
        return NULL;
    if (front->link_count == front->link_capacity) {
        front->link_capacity = front->link_capacity ? front->link_capacity * 2 : 64;
        front->links = memory_resize(front->links, front->link_capacity * sizeof *front->links);
    }
    struct link *link = memory_get_zeroed(1, sizeof *link);
    link->place = front->link_count;
    front->links[front->link_count++] = link;
    return link;
}

size_t link_unsent(const struct link *link)
{
    return link->out.length + link->sending.length + link->handshake.length;
}

void link_touched(struct link *link)
{
    struct front *front = link->front;
    if (link->in_touched)
        return;
    link->in_touched = true;
    if (front->touched_count == front->touched_capacity) {
        front->touched_capacity = front->touched_capacity ? front->touched_capacity * 2 : 64;
        front->touched =
            memory_resize(front->touched, front->touched_capacity * sizeof *front->touched);
    }
    front->touched[front->touched_count++] = link->place;
}

/* ---- out ---- */

static void written(uv_write_t *write, int status);

static void start_write(struct link *link)
{
    uv_buf_t piece = uv_buf_init(link->sending.at, (unsigned)link->sending.length);
    link->writing = true;
    link->write.data = link;
    if (uv_write(&link->write, (uv_stream_t *)&link->tcp, &piece, 1, written) != 0) {
        link->writing = false;
        link_close(link);
    }
}

/* Takes the bytes that may go out of `out` into `sending`, by exchanging the buffers where all may
 * go. */
static void take_ready(struct link *link)
{
    link->base += link->ready;
    if (link->tls) {
        bool sealed = tls_seal(link->tls, link->out.at, link->ready, &link->sending);
        buffer_drop(&link->out, link->ready);
        if (!sealed)
            buffer_clear(&link->sending);
    } else if (link->ready == link->out.length && link->sending.length == 0) {
        struct buffer exchanged = link->sending;
        link->sending = link->out;
        link->out = exchanged;
    } else {
        buffer_put(&link->sending, link->out.at, link->ready);
        buffer_drop(&link->out, link->ready);
    }
    link->ready = 0;
}

/* Most frames fit into the socket's buffer: one system call and no write request. */
static void try_write(struct link *link)
{
    uv_buf_t piece = uv_buf_init(link->sending.at, (unsigned)link->sending.length);
    int sent = uv_try_write((uv_stream_t *)&link->tcp, &piece, 1);
    if (sent > 0)
        buffer_drop(&link->sending, (size_t)sent);
}

void link_flush(struct link *link)
{
    if (link->state == LINK_FREE || link->writing || uv_is_closing((uv_handle_t *)&link->tcp))
        return;
    buffer_put(&link->sending, link->handshake.at, link->handshake.length);
    buffer_clear(&link->handshake);
    if (link->ready) {
        link->front->figures.bytes_sent += link->ready;
        take_ready(link);
    }
    if (link->sending.length) {
        link->last_sent_ms = uv_now(link->front->loop);
        try_write(link);
    }
    if (link->sending.length)
        start_write(link);
    else if (link->close_when_sent && link->out.length == 0)
        link_close(link);
}

static void written(uv_write_t *write, int status)
{
    struct link *link = write->data;
    link->writing = false;
    buffer_clear(&link->sending);
    if (status != 0) {
        link_close(link);
        return;
    }
    if (link->owes_ticks)
        market_pay_owed(link);
    link_flush(link);
    if (link->state == LINK_OPEN)
        link_touched(link); /* flows that waited for room go on */
}

void link_write_callback(struct link *link, enum wire_kind kind, enum ctp_method callback,
                         const void *body, const struct CThostFtdcRspInfoField *rsp_info,
                         int request_id, bool is_last, uint32_t sequence)
{
    struct front *front = link->front;
    int slot = ctp_method_slot(link->version, callback);
    if (link->state != LINK_OPEN || slot < 0)
        return;
    enum ctp_struct of = ctp_method_info(callback)->of;
    const struct ctp_layout *layout = ctp_layout_find(link->version, of);
    const struct ctp_layout *rsp_layout = ctp_layout_find(link->version, CTP_STRUCT_RspInfo);
    if (body && layout)
        ctp_convert(core_layout(of), body, layout, front->body.bytes);
    if (rsp_info)
        ctp_convert(core_layout(CTP_STRUCT_RspInfo), rsp_info, rsp_layout, front->rsp.bytes);
    struct wire_frame frame = {.kind = kind,
                               .flags = is_last ? WIRE_IS_LAST : 0,
                               .slot = (unsigned)slot,
                               .request_id = request_id,
                               .sequence = sequence};
    wire_frame_write(&link->out, &frame, rsp_layout, rsp_info ? front->rsp.bytes : NULL, layout,
                     body && layout ? front->body.bytes : NULL);
    front->figures.frames_sent++;
    link_touched(link);
    if (link_unsent(link) > front->options.out_bytes_max) {
        log_line(LOG_WARN, "%s reads too slowly: %zu bytes wait, closing", link->address,
                 link_unsent(link));
        link_close(link);
    }
}

/* ---- closing ---- */

static void closed(uv_handle_t *handle)
{
    struct link *link = handle->data;
    tls_destroy(link->tls);
    link->tls = NULL;
    buffer_finish(&link->in);
    buffer_finish(&link->out);
    buffer_finish(&link->sending);
    buffer_finish(&link->handshake);
    free(link->marks);
    free(link->subscriptions);
    struct front *front = link->front;
    uint32_t place = link->place, generation = link->generation;
    bool touched = link->in_touched;
    memset(link, 0, sizeof *link);
    link->place = place;
    link->generation = generation + 1;
    link->front = front;
    link->in_touched = touched;
}

void link_close(struct link *link)
{
    struct front *front = link->front;
    if (link->state == LINK_FREE || uv_is_closing((uv_handle_t *)&link->tcp))
        return;
    bool known = link->state == LINK_OPEN;
    link->state = LINK_CLOSING;
    front->figures.connections--;
    if (link->logged_in)
        front->figures.logged_in--;
    link->logged_in = false;
    market_forget(link);
    if (known)
        core_disconnect(front->core, link->place);
    uv_close((uv_handle_t *)&link->tcp, closed);
}

/* ---- in ---- */

void link_process(struct link *link)
{
    size_t at = 0;
    while (!link->paused && (link->state == LINK_NEW || link->state == LINK_OPEN)) {
        text rest = {link->in.at + at, link->in.length - at};
        struct wire_frame frame;
        size_t used = 0;
        enum wire_status status = wire_frame_read(rest, &frame, &used);
        if (status == WIRE_MORE)
            break;
        if (status == WIRE_BROKEN || !request_frame(link, &frame)) {
            if (status == WIRE_BROKEN)
                log_line(LOG_WARN, "%s sent bytes that are no frame (a library of another family?)",
                         link->address);
            if (link->close_when_sent)
                break;
            link_close(link);
            return;
        }
        at += used;
    }
    if (link->state == LINK_NEW || link->state == LINK_OPEN)
        buffer_drop(&link->in, at);
}

/* A TLS handshake begins with 0x16 0x03; a frame's length never does, because no frame is so long.
 */
static bool begins_tls(const char *bytes, size_t length)
{
    return length >= 2 && bytes[0] == 0x16 && bytes[1] == 0x03;
}

static bool take_bytes(struct link *link, const char *bytes, size_t length)
{
    struct front *front = link->front;
    if (!link->first_bytes_seen && front->tls_context && begins_tls(bytes, length))
        link->tls = tls_create(front->tls_context);
    link->first_bytes_seen = true;
    if (!link->tls) {
        buffer_put(&link->in, bytes, length);
        return true;
    }
    bool fine = tls_feed(link->tls, bytes, length, &link->in, &link->handshake);
    link_flush(link);
    return fine;
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    (void)suggested;
    struct link *link = handle->data;
    *room = uv_buf_init(link->front->read_bytes, READ_BYTES);
}

static void received(uv_stream_t *stream, ssize_t length, const uv_buf_t *bytes)
{
    struct link *link = stream->data;
    if (length < 0) {
        link_close(link);
        return;
    }
    if (length == 0 || link->state == LINK_CLOSING)
        return;
    link->last_received_ms = uv_now(link->front->loop);
    if (!take_bytes(link, bytes->base, (size_t)length)) {
        link_close(link);
        return;
    }
    if (link->in.length > 2 * WIRE_FRAME_MAX && link->paused)
        uv_read_stop(stream); /* started again when the pause ends */
    link_process(link);
}

/* ---- arrival ---- */

static void note_address(struct link *link)
{
    struct sockaddr_storage peer;
    int size = sizeof peer;
    if (uv_tcp_getpeername(&link->tcp, (struct sockaddr *)&peer, &size) != 0)
        return;
    if (peer.ss_family == AF_INET)
        uv_ip4_name((struct sockaddr_in *)&peer, link->address, sizeof link->address);
    else
        uv_ip6_name((struct sockaddr_in6 *)&peer, link->address, sizeof link->address);
}

/* Counts arrivals of one address in this second. */
static bool arrives_too_often(struct front *front, const char *address)
{
    if (front->options.connect_rate == 0)
        return false;
    uint64_t second = uv_now(front->loop) / 1000;
    if (front->arrivals.second != second) {
        front->arrivals.second = second;
        front->arrivals.count = 0;
    }
    for (int i = 0; i < front->arrivals.count; i++)
        if (text_equal(text_of(front->arrivals.seen[i].address), text_of(address)))
            return ++front->arrivals.seen[i].count > front->options.connect_rate;
    if (front->arrivals.count ==
        (int)(sizeof front->arrivals.seen / sizeof front->arrivals.seen[0]))
        return true;
    text_copy(front->arrivals.seen[front->arrivals.count].address, 64, text_of(address));
    front->arrivals.seen[front->arrivals.count++].count = 1;
    return false;
}

static void refused(uv_handle_t *handle)
{
    free(handle);
}

/* Accepts and closes: there is no place. */
static void turn_away(struct front *front, uv_tcp_t *listener)
{
    uv_tcp_t *tcp = memory_get_zeroed(1, sizeof *tcp);
    uv_tcp_init(front->loop, tcp);
    uv_accept((uv_stream_t *)listener, (uv_stream_t *)tcp);
    uv_close((uv_handle_t *)tcp, refused);
}

struct link *link_accept(struct front *front, uv_tcp_t *listener, bool md)
{
    struct link *link = front->stopping ? NULL : free_link(front);
    if (!link) {
        turn_away(front, listener);
        log_line(LOG_WARN, "more than %d connections: one was closed at once",
                 front->options.connections_max);
        return NULL;
    }
    link->front = front;
    link->state = LINK_NEW;
    link->md = md;
    uv_tcp_init(front->loop, &link->tcp);
    link->tcp.data = link;
    front->figures.connections++;
    link->opened_ms = link->last_received_ms = link->last_sent_ms = uv_now(front->loop);
    if (uv_accept((uv_stream_t *)listener, (uv_stream_t *)&link->tcp) != 0) {
        link_close(link);
        return NULL;
    }
    note_address(link);
    if (arrives_too_often(front, link->address)) {
        link_close(link);
        return NULL;
    }
    uv_tcp_nodelay(&link->tcp, 1);
    uv_read_start((uv_stream_t *)&link->tcp, give_room, received);
    return link;
}

void link_resume(struct link *link)
{
    link->paused = false;
    link_process(link);
    if (link->state == LINK_OPEN && !link->paused)
        uv_read_start((uv_stream_t *)&link->tcp, give_room, received);
}
