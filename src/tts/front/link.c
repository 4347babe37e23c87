/* link.c: one client's connection: its place, its arrival and end, and the bytes that come in. What
 * goes out is in link_out.c. */
#include "base/log.h"
#include "tts/front/inside.h"

/* ---- places ---- */

static struct link *free_link(struct front *front)
{
    if (front->free.count)
        return front->links[front->free.at[--front->free.count]];
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

/* ---- closing ---- */

/* The place is free for another client; the front's lists may still name it. */
static void closed(uv_handle_t *handle)
{
    struct link *link = handle->data;
    struct front *front = link->front;
    tls_destroy(link->tls);
    buffer_finish(&link->in);
    buffer_finish(&link->out);
    buffer_finish(&link->sending);
    buffer_finish(&link->handshake);
    free(link->marks);
    struct link empty = {.front = front,
                         .place = link->place,
                         .generation = link->generation + 1,
                         .in_touched = link->in_touched,
                         .in_waiting = link->in_waiting};
    *link = empty;
    numbers_add(&front->free, link->place);
}

/* Takes the link out of its user's list. */
static void leave_user(struct link *link)
{
    struct front *front = link->front;
    uint32_t *at = &front->of_users.at[link->user];
    while (*at != link->place)
        at = &front->links[*at]->next_of_user;
    *at = link->next_of_user;
    link->user = NOBODY;
}

void link_log_out(struct link *link)
{
    if (!link->logged_in)
        return;
    link->logged_in = link->behind = false;
    link->front->figures.logged_in--;
    if (!link->md)
        leave_user(link);
}

void link_close(struct link *link)
{
    struct front *front = link->front;
    if (link->state != LINK_NEW && link->state != LINK_OPEN)
        return;
    bool known = link->state == LINK_OPEN;
    link->state = LINK_CLOSING;
    front->figures.connections--;
    link_log_out(link);
    market_forget(link);
    if (known)
        core_disconnect(front->core, link->place);
    uv_close((uv_handle_t *)&link->tcp, closed);
}

void link_close_when_sent(struct link *link)
{
    if (!link->close_when_sent)
        link->closing_ms = uv_now(link->front->loop);
    link->close_when_sent = true;
    link_touched(link);
}

/* ---- in ---- */

static bool takes_input(const struct link *link)
{
    return (link->state == LINK_NEW || link->state == LINK_OPEN) && !link->rated &&
           !link->checking && !link->close_when_sent && !link->broken;
}

/* Handles the whole frames of `in`. False: the client must go. */
static bool process_frames(struct link *link, size_t *at)
{
    while (takes_input(link)) {
        text rest = {link->in.at + *at, link->in.length - *at};
        struct wire_frame frame;
        size_t used = 0;
        enum wire_status status = wire_frame_read(rest, &frame, &used);
        if (status == WIRE_BROKEN ||
            (status == WIRE_MORE && link->state == LINK_NEW && rest.length > HELLO_BYTES_MAX)) {
            log_line(LOG_WARN, "%s sent bytes that are no frame (a library of another family?)",
                     link->address);
            return false;
        }
        if (status == WIRE_MORE)
            return true;
        *at += used;
        if (!request_frame(link, &frame)) {
            log_line(LOG_WARN, "%s sent a frame that says nothing here, closing", link->address);
            return false;
        }
    }
    return true;
}

static void process(struct link *link)
{
    size_t at = 0;
    bool fine = process_frames(link, &at);
    if (!fine)
        link_close(link);
    else if (link->close_when_sent || link->broken)
        buffer_clear(&link->in);
    else
        buffer_drop(&link->in, at);
}

/* A TLS handshake begins with 0x16 0x03. So would a frame of 790 bytes and more, which HELLO never
 * is. */
static bool begins_tls(const char *bytes)
{
    return bytes[0] == 0x16 && bytes[1] == 0x03;
}

static bool take_encrypted(struct link *link, const char *bytes, size_t length)
{
    bool fine = tls_feed(link->tls, bytes, length, &link->in, &link->handshake);
    link_flush(link);
    return fine;
}

/* The first two bytes tell whether the client speaks TLS. */
static bool take_first(struct link *link, const char *bytes, size_t length)
{
    struct front *front = link->front;
    buffer_put(&link->in, bytes, length);
    if (link->in.length < 2)
        return true;
    link->first_bytes_seen = true;
    if (!begins_tls(link->in.at))
        return true;
    if (!front->tls_context) {
        log_line(LOG_WARN, "%s begins with TLS, which needs --certificate and --private-key",
                 link->address);
        return false;
    }
    struct buffer first = link->in;
    link->in = (struct buffer){.at = NULL};
    link->tls = tls_create(front->tls_context);
    bool fine = take_encrypted(link, first.at, first.length);
    buffer_finish(&first);
    return fine;
}

static bool take_bytes(struct link *link, const char *bytes, size_t length)
{
    if (!link->first_bytes_seen)
        return take_first(link, bytes, length);
    if (link->tls)
        return take_encrypted(link, bytes, length);
    buffer_put(&link->in, bytes, length);
    return true;
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    (void)suggested;
    struct link *link = handle->data;
    *room = uv_buf_init(link->front->read_bytes, READ_BYTES);
}

/* What came before an end is still handled. */
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
    bool fine = take_bytes(link, bytes->base, (size_t)length);
    if (fine || link->tls)
        process(link);
    if (!fine)
        link_close(link);
    else if (link->state != LINK_CLOSING && link->in.length > 2 * WIRE_FRAME_MAX)
        uv_read_stop(stream); /* it waits; link_resume starts it again */
}

void link_resume(struct link *link)
{
    process(link);
    if (takes_input(link))
        uv_read_start((uv_stream_t *)&link->tcp, give_room, received);
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

/* Counts the arrivals of an address in this second. Two addresses may share a count; the table
 * does not grow with those who knock. */
static bool arrives_too_often(struct front *front, const char *address)
{
    if (front->options.connect_rate == 0)
        return false;
    uint64_t second = uv_now(front->loop) / 1000;
    if (front->arrivals_second != second)
        memset(front->arrivals, 0, sizeof front->arrivals);
    front->arrivals_second = second;
    uint16_t *count = &front->arrivals[hash_text(text_of(address)) % ARRIVAL_SLOTS];
    if (*count == UINT16_MAX || *count >= front->options.connect_rate)
        return true;
    (*count)++;
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
    link->user = link->next_of_user = NOBODY;
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
