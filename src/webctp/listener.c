/* listener.c: see listener.h. The only file that knows libwebsockets: its one callback with a
 * hundred reasons becomes the typed calls of struct listener_handler here. The library does HTTP,
 * the handshake, reading, pings and closing. What is written to plain connections goes past it, by
 * outbox_send, whenever it has nothing of its own half written; the rest of a cut frame is handed
 * back to it, so that it goes out before anything else. Compressed connections take its ordinary
 * path. */
#include "webctp/listener.h"
#include "base/buffer.h"
#include "base/log.h"
#include <errno.h>
#include <libwebsockets.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CLOSE_GRACE_MS = 3000, /* a peer that takes no close message in this time is cut off */
    RECEIVE_BUFFER =
        1024, /* bytes of a message that arrive in one call; one such buffer per connection */
    MESSAGE_KEPT = 16384, /* memory for cut messages that a connection keeps */
    PATH_MAX_BYTES = 256,
    REASON_MAX = 120,
    UPGRADE_REQUIRED = 426, /* RFC 9110, 15.5.22 */
};

struct listener {
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct listener_options options;
    struct listener_handler handler;
    struct lws_protocols protocols[2];
    struct listener_socket *sockets; /* all open ones */
    struct listener_socket *dirty;   /* those with frames that nobody has tried to write yet */
    unsigned count;
    bool stopping, stopped;
    struct listener_timer *stop_timer;
    struct buffer scratch; /* a payload with the library's room in front of it */
};

struct listener_socket {
    struct lws *wsi;
    struct listener *listener;
    void *client;
    struct listener_socket *previous, *next; /* in listener->sockets */
    struct listener_socket *next_dirty;
    struct listener_timer *timer; /* ping, pong, or the end of patience while closing */
    struct outbox outbox;
    struct buffer message; /* the pieces of a message so far */
    bool in_message, binary;
    bool is_dirty;
    bool ordinary; /* frames go through the library: a compressed connection */
    bool ping_due, pong_due;
    bool closing;
    bool abandoned; /* the handler has forgotten it */
    uint16_t close_code;
    char close_reason[REASON_MAX + 1];
};

struct listener_timer {
    lws_sorted_usec_list_t entry; /* first: the library gives us its address */
    struct listener *listener;
    void (*due)(void *user);
    void *user;
};

static void write_dirty(struct listener *listener);

/* ---- timers ---- */

static void timer_fired(lws_sorted_usec_list_t *entry)
{
    struct listener_timer *timer = (struct listener_timer *)entry;
    struct listener *listener = timer->listener; /* the timer may destroy itself */
    timer->due(timer->user);
    write_dirty(listener);
}

struct listener_timer *listener_timer_create(struct listener *listener, void (*due)(void *user),
                                             void *user)
{
    struct listener_timer *timer = memory_get_zeroed(1, sizeof *timer);
    timer->listener = listener;
    timer->due = due;
    timer->user = user;
    return timer;
}

void listener_timer_set(struct listener_timer *timer, int ms)
{
    lws_sul_schedule(timer->listener->context, 0, &timer->entry, timer_fired,
                     (lws_usec_t)ms * LWS_US_PER_MS);
}

void listener_timer_clear(struct listener_timer *timer)
{
    lws_sul_cancel(&timer->entry);
}

void listener_timer_destroy(struct listener_timer *timer)
{
    if (!timer)
        return;
    listener_timer_clear(timer);
    free(timer);
}

/* ---- writing ---- */

/* The rest of a cut frame: the library copies it and writes it before anything else of its own. */
static bool hand_over_rest(struct listener_socket *socket, struct frame *cut, size_t sent)
{
    text whole = frame_bytes(cut);
    struct buffer *scratch = &socket->listener->scratch;
    buffer_clear(scratch);
    char *at = buffer_reserve(scratch, LWS_PRE + whole.length - sent);
    memcpy(at + LWS_PRE, whole.at + sent, whole.length - sent);
    int taken =
        lws_write(socket->wsi, (unsigned char *)at + LWS_PRE, whole.length - sent, LWS_WRITE_RAW);
    frame_release(cut);
    return taken >= 0;
}

/* The batch path. False when the connection is gone. */
static bool write_batches(struct listener_socket *socket)
{
    struct frame *cut;
    size_t sent = 0;
    switch (outbox_send(&socket->outbox, lws_get_socket_fd(socket->wsi), &cut, &sent)) {
    case OUTBOX_SENT_ALL:
        return true;
    case OUTBOX_BROKEN:
        return false;
    case OUTBOX_FULL:
        break;
    }
    if (cut && !hand_over_rest(socket, cut, sent))
        return false;
    lws_callback_on_writable(socket->wsi);
    return true;
}

/* The library's path: frame by frame, as long as it takes them. False when the connection is gone.
 */
static bool write_ordinary(struct listener_socket *socket)
{
    struct buffer *scratch = &socket->listener->scratch;
    while (socket->outbox.count && !lws_partial_buffered(socket->wsi) &&
           !lws_send_pipe_choked(socket->wsi)) {
        struct frame *frame = outbox_pop(&socket->outbox);
        text payload = frame_payload(frame);
        buffer_clear(scratch);
        char *at = buffer_reserve(scratch, LWS_PRE + payload.length);
        memcpy(at + LWS_PRE, payload.at, payload.length);
        int taken =
            lws_write(socket->wsi, (unsigned char *)at + LWS_PRE, payload.length, LWS_WRITE_TEXT);
        frame_release(frame);
        if (taken < 0)
            return false;
    }
    if (socket->outbox.count)
        lws_callback_on_writable(socket->wsi);
    return true;
}

static void forget_dirty(struct listener_socket *socket)
{
    if (!socket->is_dirty)
        return;
    struct listener_socket **at = &socket->listener->dirty;
    while (*at != socket)
        at = &(*at)->next_dirty;
    *at = socket->next_dirty;
    socket->is_dirty = false;
}

/* At the end of every call into the handler: what it queued is written, at once where the library
 * has nothing half written. */
static void write_dirty(struct listener *listener)
{
    struct listener_socket *socket;
    while ((socket = listener->dirty)) {
        listener->dirty = socket->next_dirty;
        socket->is_dirty = false;
        if (socket->closing)
            continue;
        if (socket->ordinary || lws_partial_buffered(socket->wsi))
            lws_callback_on_writable(socket->wsi);
        else if (!write_batches(socket))
            lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    }
}

void listener_send(struct listener_socket *socket, struct frame *frame)
{
    if (socket->closing)
        return;
    if (!outbox_push(&socket->outbox, frame, &socket->listener->options.outbox)) {
        log_line(LOG_WARN, "a client reads too slowly: %zu bytes wait for it, it is closed",
                 socket->outbox.bytes);
        listener_close(socket, CLOSE_TRY_AGAIN, "reads too slowly: too much waits for this client");
        return;
    }
    if (socket->is_dirty)
        return;
    socket->is_dirty = true;
    socket->next_dirty = socket->listener->dirty;
    socket->listener->dirty = socket;
}

void listener_close(struct listener_socket *socket, enum listener_close_code code,
                    const char *reason)
{
    if (socket->closing)
        return;
    socket->closing = true;
    socket->close_code = (uint16_t)code;
    text_copy(socket->close_reason, sizeof socket->close_reason, text_of(reason));
    outbox_clear(&socket->outbox);
    buffer_finish(&socket->message);
    listener_timer_set(socket->timer, CLOSE_GRACE_MS);
    lws_callback_on_writable(socket->wsi);
}

/* ---- ping and pong ---- */

static void socket_timer_due(void *user)
{
    struct listener_socket *socket = user;
    if (socket->closing) {
        lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    } else if (socket->pong_due) {
        log_line(LOG_INFO, "a client does not answer pings, it is closed");
        listener_close(socket, CLOSE_INTERNAL, "keepalive ping timeout");
    } else {
        socket->ping_due = socket->pong_due = true;
        listener_timer_set(socket->timer, socket->listener->options.ping_timeout_ms);
        lws_callback_on_writable(socket->wsi);
    }
}

static void pong_came(struct listener_socket *socket)
{
    socket->pong_due = false;
    if (!socket->closing)
        listener_timer_set(socket->timer, socket->listener->options.ping_interval_ms);
}

/* With a payload: the library does not tell of a pong that has none. */
static bool write_ping(struct listener_socket *socket)
{
    static const char payload[] = "ping";
    unsigned char room[LWS_PRE + sizeof payload];
    memcpy(room + LWS_PRE, payload, sizeof payload);
    socket->ping_due = false;
    return lws_write(socket->wsi, room + LWS_PRE, sizeof payload - 1, LWS_WRITE_PING) >= 0;
}

/* ---- the life of a connection ---- */

static text path_of(struct lws *wsi, char *path, size_t size)
{
    int length = lws_hdr_copy(wsi, path, (int)size, WSI_TOKEN_GET_URI);
    return (text){path, length > 0 ? (size_t)length : 0};
}

static int refuse(struct lws *wsi, unsigned status, const char *why)
{
    lws_return_http_status(wsi, status, why);
    return 1;
}

/* 0, or the status that refuses the request. */
static unsigned admitted(struct listener *listener, struct lws *wsi, const char **why)
{
    char path[PATH_MAX_BYTES], token[PATH_MAX_BYTES], origin[PATH_MAX_BYTES];
    const char *found = lws_get_urlarg_by_name(wsi, "token=", token, sizeof token);
    int length = lws_hdr_copy(wsi, origin, sizeof origin, WSI_TOKEN_ORIGIN);
    struct listener_request request = {
        .path = path_of(wsi, path, sizeof path),
        .token = text_of(found),
        .origin = {origin, length > 0 ? (size_t)length : 0},
    };
    if (length < 0 && lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) > 0)
        request.origin = TEXT("an origin that is too long");
    return listener->handler.admit(listener->handler.user, &request, why);
}

static int confirm(struct listener *listener, struct lws *wsi, const char *to)
{
    const char *why;
    unsigned status = admitted(listener, wsi, &why);
    if (!text_equal_ignore_case(text_of(to),
                                TEXT("websocket"))) /* nor HTTP/2: frames go straight to sockets */
        return refuse(wsi, HTTP_STATUS_BAD_REQUEST, "only Upgrade: websocket is served");
    if (status != 0)
        return refuse(wsi, status, why);
    if (lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) >
        0) /* the library would hang up without a word */
        return refuse(wsi, HTTP_STATUS_BAD_REQUEST,
                      "there are no subprotocols: leave Sec-WebSocket-Protocol out");
    if (listener->stopping)
        return refuse(wsi, HTTP_STATUS_SERVICE_UNAVAILABLE, "webctp is stopping");
    if (listener->count >= listener->options.connections_max)
        return refuse(wsi, HTTP_STATUS_SERVICE_UNAVAILABLE, "too many connections");
    return 0;
}

/* A request that asks for no WebSocket. */
static int answer_http(struct listener *listener, struct lws *wsi)
{
    const char *why = "this path speaks WebSocket: use ws:// and not http://";
    unsigned status = admitted(listener, wsi, &why);
    lws_return_http_status(wsi, status ? status : UPGRADE_REQUIRED, why);
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static void opened(struct listener *listener, struct listener_socket *socket, struct lws *wsi)
{
    char path[PATH_MAX_BYTES];
    *socket = (struct listener_socket){.wsi = wsi, .listener = listener, .next = listener->sockets};
    /* Whoever offered compression may have it or not; the library's path is right for both. */
    socket->ordinary =
        listener->options.compression && lws_hdr_total_length(wsi, WSI_TOKEN_EXTENSIONS) > 0;
    if (socket->next)
        socket->next->previous = socket;
    listener->sockets = socket;
    listener->count++;
    socket->timer = listener_timer_create(listener, socket_timer_due, socket);
    listener_timer_set(socket->timer, listener->options.ping_interval_ms);
    socket->client =
        listener->handler.opened(listener->handler.user, socket, path_of(wsi, path, sizeof path));
}

static void closed(struct listener *listener, struct listener_socket *socket)
{
    if (!socket->listener)
        return; /* never opened */
    socket->closing = true;
    if (!socket->abandoned)
        listener->handler.closed(socket->client);
    forget_dirty(socket);
    if (socket->previous)
        socket->previous->next = socket->next;
    else
        listener->sockets = socket->next;
    if (socket->next)
        socket->next->previous = socket->previous;
    listener->count--;
    listener_timer_destroy(socket->timer);
    if (socket->outbox.conflated)
        log_line(LOG_DEBUG, "a slow client was spared %llu older ticks",
                 (unsigned long long)socket->outbox.conflated);
    outbox_clear(&socket->outbox);
    buffer_finish(&socket->message);
    if (listener->stopping && !listener->sockets)
        listener->stopped = true;
}

static void received(struct listener_socket *socket, text piece)
{
    struct listener *listener = socket->listener;
    if (socket->closing)
        return;
    if (!socket->in_message)
        socket->binary = lws_frame_is_binary(socket->wsi) != 0;
    socket->in_message = true;
    if (socket->message.length + piece.length > listener->options.message_bytes_max) {
        listener_close(socket, CLOSE_TOO_BIG, "the message is too long");
        return;
    }
    bool whole =
        lws_is_final_fragment(socket->wsi) && lws_remaining_packet_payload(socket->wsi) == 0;
    if (!whole || socket->message.length) {
        buffer_put(&socket->message, piece.at, piece.length);
        piece = buffer_text(&socket->message);
    }
    if (!whole)
        return;
    socket->in_message = false;
    listener->handler.message(socket->client, piece, socket->binary);
    buffer_clear(&socket->message);
    if (socket->message.capacity > MESSAGE_KEPT)
        buffer_finish(&socket->message);
    write_dirty(listener);
}

static int writable(struct listener_socket *socket)
{
    if (socket->closing) {
        if (socket->close_code)
            lws_close_reason(socket->wsi, (enum lws_close_status)socket->close_code,
                             (unsigned char *)socket->close_reason, strlen(socket->close_reason));
        return -1;
    }
    if (socket->ping_due && !write_ping(socket))
        return -1;
    if (lws_partial_buffered(socket->wsi)) {
        lws_callback_on_writable(socket->wsi);
        return 0;
    }
    bool there = socket->ordinary ? write_ordinary(socket) : write_batches(socket);
    return there ? 0 : -1;
}

static int happened(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length)
{
    struct listener *listener = lws_context_user(lws_get_context(wsi));
    struct listener_socket *socket = user;
    switch (reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return confirm(listener, wsi, in);
    case LWS_CALLBACK_HTTP:
        return answer_http(listener, wsi);
    case LWS_CALLBACK_ESTABLISHED:
        opened(listener, socket, wsi);
        write_dirty(listener);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        received(socket, (text){in, length});
        return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
        pong_came(socket);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return writable(socket);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        socket->closing = true; /* the library answers; nothing may go past it any more */
        return 0;
    case LWS_CALLBACK_CLOSED:
        closed(listener, socket);
        write_dirty(listener);
        return 0;
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        listener->handler.woken(listener->handler.user);
        write_dirty(listener);
        return 0;
    default:
        return 0;
    }
}

/* ---- the port ---- */

/* The numeric address of the host, and a trial bind, so that what is wrong can be told in words. */
static bool try_host(const char *host, int port, char *address, size_t size, bool *is_v6,
                     struct error *error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    char service[8];
    snprintf(service, sizeof service, "%d", port);
    int wrong = getaddrinfo(host, service, &hints, &found);
    if (wrong != 0)
        return error_set(error, "host %s: %s", host, gai_strerror(wrong));
    *is_v6 = found->ai_family == AF_INET6;
    getnameinfo(found->ai_addr, found->ai_addrlen, address, (socklen_t)size, NULL, 0,
                NI_NUMERICHOST);
    int trial = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    setsockopt(trial, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bool bound =
        trial >= 0 && bind(trial, found->ai_addr, found->ai_addrlen) == 0 && listen(trial, 1) == 0;
    int reason = errno;
    if (trial >= 0)
        close(trial);
    freeaddrinfo(found);
    if (bound)
        return true;
    error_set(error, "cannot listen on %s port %d: %s", host, port, strerror(reason));
    if (reason == EADDRINUSE)
        error_fix(error, "stop the program that has this port, or set Port to another number");
    else if (reason == EADDRNOTAVAIL)
        error_fix(error, "Host must be an address of this machine, or 0.0.0.0 for all of them");
    return false;
}

static void library_says(int level, const char *line)
{
    text said = text_trim(text_of(line));
    log_line(level & LLL_ERR ? LOG_WARN : LOG_DEBUG, "libwebsockets: %.*s", TEXT_ARG(said));
}

static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate"},
    {NULL, NULL, NULL},
};

static bool open_port(struct listener *listener, struct error *error)
{
    char address[64];
    bool is_v6 = false;
    const struct listener_options *options = &listener->options;
    if (!try_host(options->host, options->port, address, sizeof address, &is_v6, error))
        return false;
    listener->protocols[0] =
        (struct lws_protocols){.name = "webctp",
                               .callback = happened,
                               .per_session_data_size = sizeof(struct listener_socket),
                               .rx_buffer_size = RECEIVE_BUFFER};
    struct lws_context_creation_info info = {
        .port = options->port,
        .iface = address,
        .protocols = listener->protocols,
        .extensions = options->compression ? extensions : NULL,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   (is_v6 ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6),
        .user = listener,
        .gid = -1,
        .uid = -1,
        .server_string = "webctp",
    };
    listener->context = lws_create_context(&info);
    if (listener->context)
        listener->vhost = lws_create_vhost(listener->context, &info);
    if (!listener->vhost)
        return error_set(error, "cannot listen on %s port %d", options->host, options->port);
    return true;
}

struct listener *listener_create(const struct listener_options *options,
                                 const struct listener_handler *handler, struct error *error)
{
    lws_set_log_level(LLL_ERR | LLL_WARN, library_says);
    struct listener *listener = memory_get_zeroed(1, sizeof *listener);
    listener->options = *options;
    listener->handler = *handler;
    if (!open_port(listener, error)) {
        listener_destroy(listener);
        return NULL;
    }
    listener->options.host = NULL;
    return listener;
}

void listener_destroy(struct listener *listener)
{
    if (!listener)
        return;
    listener->stopping = true;
    listener_timer_destroy(listener->stop_timer);
    if (listener->context)
        lws_context_destroy(listener->context);
    buffer_finish(&listener->scratch);
    free(listener);
}

void listener_abandon(struct listener *listener)
{
    for (struct listener_socket *socket = listener->sockets; socket; socket = socket->next) {
        socket->closing = socket->abandoned = true;
        listener->handler.closed(socket->client);
    }
    listener->stopping = true;
}

int listener_port(const struct listener *listener)
{
    return lws_get_vhost_listen_port(listener->vhost);
}

void listener_run(struct listener *listener)
{
    while (!listener->stopped && lws_service(listener->context, 0) >= 0)
        ;
}

static void patience_ends(void *user)
{
    struct listener *listener = user;
    listener->stopped = true;
}

void listener_stop(struct listener *listener, int grace_ms)
{
    if (listener->stopping)
        return;
    listener->stopping = true;
    for (struct listener_socket *socket = listener->sockets; socket; socket = socket->next)
        listener_close(socket, CLOSE_GOING_AWAY, "webctp is stopping");
    listener->stop_timer = listener_timer_create(listener, patience_ends, listener);
    listener_timer_set(listener->stop_timer, grace_ms);
    listener->stopped = !listener->sockets;
}

void listener_wake(struct listener *listener)
{
    lws_cancel_service(listener->context);
}
