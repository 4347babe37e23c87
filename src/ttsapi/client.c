/* client.c: the object's own thread: connects, greets, reads, keeps the connection alive, tells of
 * its loss and begins again, until Release. All callbacks are made from here (through deliver.c).
 *
 *   wait -> [name server: greet, ask, close] -> connect -> greet -> OnFrontConnected -> talk ->
 * OnFrontDisconnected -> wait ...
 *
 * A round that ends before OnFrontConnected makes no callback. */
#include "base/clock.h"
#include "base/hash.h"
#include "ttsapi/object.h"
#include "ttsapi/proxy.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum {
    READ_CHUNK = 64 << 10,
    WHY_MAX = 200,       /* bytes of a front's refusal that are shown */
    READS_IN_A_ROW = 16, /* then timers and waiting requests have their turn */
};

static int64_t nanoseconds(int milliseconds)
{
    return milliseconds * INT64_C(1000000);
}

static bool stopping(struct ttsapi *api)
{
    return atomic_load(&api->stopping);
}

static void drain_wake(struct ttsapi *api)
{
    uint64_t count;
    ssize_t got = read(api->wake, &count, sizeof count);
    (void)got;
}

/* ---- frames of a connection that is not open yet ---- */

static enum reason tell_refusal(struct ttsapi *api, const struct wire_frame *frame)
{
    uint32_t id;
    text why;
    if (!wire_refuse_read(frame->payload, &id, &why))
        return REASON_BROKEN;
    if (why.length > WHY_MAX)
        why.length = WHY_MAX;
    struct error error = {.line = 0};
    error_set(&error, "the front refuses this library: %.*s (%u)", TEXT_ARG(why), id);
    error_at(&error, api->front, 0, 0);
    object_tell(api, &error);
    return REASON_READ;
}

static enum reason take_welcome(struct ttsapi *api, const struct wire_frame *frame)
{
    struct wire_welcome welcome;
    if (!wire_welcome_read(frame->payload, &welcome) || welcome.protocol != WIRE_PROTOCOL)
        return REASON_BROKEN;
    pthread_mutex_lock(&api->lock);
    queries_init(&api->queries, welcome.query_rate, welcome.query_pending);
    api->query_rate = welcome.query_rate;
    api->message_rate = welcome.message_rate;
    api->phase = api->asks_names ? PHASE_NAMES : PHASE_OPEN;
    if (api->asks_names) {
        outbox_begin(api);
        wire_frame_write_payload(&api->out, &(struct wire_frame){.kind = WIRE_NAMES});
        outbox_flush(api, true);
    }
    pthread_mutex_unlock(&api->lock);
    if (!api->asks_names)
        object_call(api, &(struct ctp_callback){.method = api->class == CTP_TraderApi
                                                              ? CTP_TraderSpi_OnFrontConnected
                                                              : CTP_MdSpi_OnFrontConnected});
    return REASON_NONE;
}

/* No names at all means that the server is a front itself. */
static enum reason take_names(struct ttsapi *api, const struct wire_frame *frame)
{
    struct wire_names names = wire_names_of(frame->payload);
    text address;
    api->named.count = 0;
    while (wire_names_next(&names, &address)) {
        struct error error;
        struct address *place = &api->named.at[api->named.count];
        if (api->named.count < ADDRESSES_MAX && address_read(address, place, &error))
            api->named.count++;
    }
    return names.broken ? REASON_BROKEN : REASON_NAMED;
}

static enum reason take_frame(struct ttsapi *api, const struct wire_frame *frame)
{
    if (frame->kind == WIRE_HEARTBEAT)
        return frame->payload.length ? REASON_BROKEN : REASON_NONE;
    if (frame->kind == WIRE_REFUSE)
        return tell_refusal(api, frame);
    switch (api->phase) {
    case PHASE_GREETING:
        return frame->kind == WIRE_WELCOME ? take_welcome(api, frame) : REASON_BROKEN;
    case PHASE_NAMES:
        return frame->kind == WIRE_NAMES ? take_names(api, frame) : REASON_BROKEN;
    default:
        return deliver_frame(api, frame);
    }
}

/* ---- one connection ---- */

static enum reason take_frames(struct ttsapi *api)
{
    size_t at = 0;
    enum reason reason = REASON_NONE;
    while (reason == REASON_NONE && !stopping(api)) {
        struct wire_frame frame;
        size_t used;
        text rest = {api->in.at + at, api->in.length - at};
        enum wire_status status = wire_frame_read(rest, &frame, &used);
        if (status == WIRE_MORE)
            break;
        if (status == WIRE_BROKEN)
            return REASON_BROKEN;
        at += used;
        reason = take_frame(api, &frame);
    }
    buffer_drop(&api->in, at);
    return reason;
}

static enum reason receive(struct ttsapi *api)
{
    api->more_to_read = false;
    for (int i = 0; i < READS_IN_A_ROW && !stopping(api); i++) {
        char *at = buffer_reserve(&api->in, READ_CHUNK);
        ssize_t got = stream_read(&api->stream, at, READ_CHUNK);
        if (got < 0)
            return REASON_READ;
        if (got == 0)
            return REASON_NONE;
        api->in.length += (size_t)got;
        api->received_ns = clock_monotonic_ns();
        enum reason reason = take_frames(api);
        if (reason != REASON_NONE)
            return reason;
        if (!api->stream.tls && got < READ_CHUNK)
            return REASON_NONE;
    }
    api->more_to_read = true;
    return REASON_NONE;
}

/* Sends a heartbeat when one is due, with `lock` held. */
static void send_heartbeat(struct ttsapi *api, int64_t now)
{
    if (api->phase != PHASE_OPEN || outbox_waits(api) ||
        now - api->sent_ns < nanoseconds(api->timing->heartbeat))
        return;
    outbox_begin(api);
    wire_frame_write_payload(&api->out, &(struct wire_frame){.kind = WIRE_HEARTBEAT});
    outbox_flush(api, true);
}

/* Keeps the connection alive, looks whether it is dead, and says how long poll may wait. `heard`:
 * the socket was readable just now, so what has come since the last read is not known (a client may
 * have kept this thread in a callback for minutes). */
static enum reason keep_alive(struct ttsapi *api, bool heard, int64_t greeting_end, int *wait_ms)
{
    enum reason reason = REASON_NONE;
    int64_t now = clock_monotonic_ns();
    pthread_mutex_lock(&api->lock);
    send_heartbeat(api, now);
    bool open = api->phase == PHASE_OPEN, waits = outbox_waits(api);
    int64_t end = open ? api->received_ns + nanoseconds(api->timing->silence) : greeting_end;
    int64_t send_end = end;
    if (waits)
        send_end = api->stuck_ns + nanoseconds(api->timing->stuck);
    else if (open)
        send_end = api->sent_ns + nanoseconds(api->timing->heartbeat);
    if (end <= now && !(open && heard))
        reason = REASON_SILENCE;
    if (waits && send_end <= now)
        reason = REASON_STUCK;
    if (api->write_failed)
        reason = REASON_WRITE;
    pthread_mutex_unlock(&api->lock);
    int64_t next = end < send_end ? end : send_end;
    *wait_ms = next <= now ? 0 : (int)((next - now) / 1000000 + 1);
    return reason;
}

static short events_wanted(struct ttsapi *api)
{
    pthread_mutex_lock(&api->lock);
    bool writes = api->stream.tls ? api->stream.wants_writes : outbox_waits(api);
    pthread_mutex_unlock(&api->lock);
    return (short)(POLLIN | (writes ? POLLOUT : 0));
}

/* Waits for the socket, the client's threads or a timer. */
static bool wait_for_work(struct ttsapi *api, int wait_ms)
{
    struct pollfd polled[] = {
        {.fd = api->stream.descriptor, .events = events_wanted(api)},
        {.fd = api->wake, .events = POLLIN},
    };
    int ready = poll(polled, 2, api->more_to_read ? 0 : wait_ms);
    if (ready > 0 && polled[1].revents)
        drain_wake(api);
    return (ready > 0 && polled[0].revents) || api->more_to_read;
}

/* Behind each read: a TLS handshake that ended with it lets bytes go. */
static void flush(struct ttsapi *api)
{
    pthread_mutex_lock(&api->lock);
    outbox_flush(api, true);
    pthread_mutex_unlock(&api->lock);
}

/* From the greeting to the end of the connection. What the front sent before it closed is read
 * before the end is told, also when it was a write that found the connection closed. */
static enum reason talk(struct ttsapi *api)
{
    int64_t greeting_end = clock_monotonic_ns() + nanoseconds(api->timing->greeting);
    int wait_ms = 0;
    while (!stopping(api)) {
        bool readable = wait_for_work(api, wait_ms);
        if (stopping(api))
            break;
        enum reason reason = readable ? receive(api) : REASON_NONE;
        if (reason == REASON_NONE)
            flush(api);
        if (reason == REASON_NONE || reason == REASON_READ) {
            enum reason other = keep_alive(api, readable, greeting_end, &wait_ms);
            if (reason == REASON_NONE || other == REASON_WRITE)
                reason = other;
        }
        if (reason != REASON_NONE)
            return reason;
    }
    return REASON_NONE;
}

static void greet(struct ttsapi *api)
{
    struct wire_hello hello = {
        .magic = WIRE_MAGIC,
        .protocol = WIRE_PROTOCOL,
        .class = (uint8_t)api->class,
        .digest = ctp_version_digest(api->object.version),
    };
    text_copy(hello.version, sizeof hello.version, text_of(ctp_version_name(api->object.version)));
    text_copy(hello.library, sizeof hello.library, text_of(api->said));
    wire_hello_write(&api->out, &hello);
    outbox_flush(api, true);
}

static int connect_to(struct ttsapi *api, const struct addresses *addresses, size_t *which)
{
    struct endpoint endpoints[ENDPOINTS_MAX];
    pthread_mutex_lock(&api->lock);
    api->resolving = !stopping(api);
    bool go_on = api->resolving;
    pthread_mutex_unlock(&api->lock);
    if (!go_on)
        return -1;
    size_t count = connect_resolve(addresses->at, addresses->count, api->avoid, endpoints);
    pthread_mutex_lock(&api->lock);
    api->resolving = false;
    pthread_mutex_unlock(&api->lock);
    if (stopping(api) || count == 0)
        return -1;
    return connect_first(endpoints, count, api->wake, api->timing->connect, which);
}

static bool open_connection(struct ttsapi *api, const struct addresses *addresses, size_t *which)
{
    drain_wake(api);
    int descriptor = connect_to(api, addresses, which);
    if (descriptor < 0)
        return false;
    const struct address *address = &addresses->at[*which];
    struct stream stream;
    struct error error = {.line = 0};
    if (address->proxy.host[0] &&
        !proxy_pass(descriptor, address, api->wake, api->timing->connect, &error)) {
        close(descriptor);
        if (!stopping(api))
            object_tell(api, &error);
        return false;
    }
    if (!stream_open(&stream, descriptor, address->scheme == ADDRESS_SSL, address->host, &error)) {
        object_tell(api, &error);
        return false;
    }
    buffer_clear(&api->in);
    api->received_ns = clock_monotonic_ns();
    pthread_mutex_lock(&api->lock);
    api->stream = stream;
    api->phase = PHASE_GREETING;
    api->sent_ns = api->stuck_ns = api->received_ns;
    text_copy(api->front, sizeof api->front, text_of(address->said));
    greet(api);
    pthread_mutex_unlock(&api->lock);
    return true;
}

static enum phase close_connection(struct ttsapi *api)
{
    struct error error = {.line = 0};
    pthread_mutex_lock(&api->lock);
    if (api->stream.why[0] && api->phase == PHASE_GREETING) {
        error_set(&error, "TLS has ended the connection: %s", api->stream.why);
        error_at(&error, api->front, 0, 0);
        object_tell(api, &error);
    }
    enum phase reached = api->phase;
    api->phase = PHASE_DOWN;
    api->logged_in = false;
    api->write_failed = false;
    api->more_to_read = false;
    buffer_clear(&api->out);
    api->out_sent = 0;
    stream_close(&api->stream);
    if (api->class == CTP_TraderApi)
        flows_stop(&api->flows);
    pthread_mutex_unlock(&api->lock);
    return reached;
}

/* ---- rounds ---- */

/* Asks the name servers. False when none answers. */
static bool ask_names(struct ttsapi *api)
{
    size_t which = 0;
    api->asks_names = true;
    api->avoid = SIZE_MAX;
    bool answered = open_connection(api, &api->name_servers, &which) && talk(api) == REASON_NAMED;
    close_connection(api);
    api->asks_names = false;
    if (answered && api->named.count == 0) {
        api->named.at[0] = api->name_servers.at[which];
        api->named.count = 1;
    }
    return answered;
}

/* One connection from beginning to end. True when it came to OnFrontConnected. */
static bool serve(struct ttsapi *api, const struct addresses *fronts)
{
    size_t which = SIZE_MAX;
    if (fronts->count == 0 || !open_connection(api, fronts, &which)) {
        api->avoid = which;
        return false;
    }
    enum reason reason = talk(api);
    bool opened = close_connection(api) == PHASE_OPEN;
    api->avoid = opened ? SIZE_MAX : which;
    if (opened)
        object_call(api, &(struct ctp_callback){.method = api->class == CTP_TraderApi
                                                              ? CTP_TraderSpi_OnFrontDisconnected
                                                              : CTP_MdSpi_OnFrontDisconnected,
                                                .number = (int)reason});
    return opened;
}

/* Steps from the first to the last interval with the failures in a row, and up to a fifth to either
 * side, so that the clients of a front that comes back do not all come at once. */
static int retry_ms(struct ttsapi *api, unsigned failures)
{
    const struct timing *timing = api->timing;
    int steps = failures < RETRY_STEPS ? (int)failures : RETRY_STEPS;
    int base =
        timing->retry_first + (timing->retry_last - timing->retry_first) * steps / RETRY_STEPS;
    api->random = hash_number(api->random + 0x9e3779b97f4a7c15u);
    int fifth = base / 5;
    return base - fifth + (int)(api->random % (unsigned)(2 * fifth + 1));
}

static void pause_for(struct ttsapi *api, int milliseconds)
{
    int64_t end = clock_monotonic_ns() + nanoseconds(milliseconds);
    while (!stopping(api)) {
        int64_t left = end - clock_monotonic_ns();
        if (left <= 0)
            return;
        struct pollfd polled = {.fd = api->wake, .events = POLLIN};
        if (poll(&polled, 1, (int)(left / 1000000 + 1)) > 0)
            drain_wake(api);
    }
}

void *client_run(void *argument)
{
    struct ttsapi *api = argument;
    unsigned failures = 0;
    while (!stopping(api)) {
        bool named = api->name_servers.count > 0 && ask_names(api);
        bool opened = !stopping(api) && serve(api, named ? &api->named : &api->fronts);
        failures = opened ? 0 : failures + 1;
        pause_for(api, retry_ms(api, failures ? failures - 1 : 0));
    }
    pthread_mutex_lock(&api->lock);
    api->finished = true;
    pthread_cond_broadcast(&api->ended);
    pthread_mutex_unlock(&api->lock);
    object_release(api);
    return NULL;
}
