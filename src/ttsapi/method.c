/* method.c: the methods of an Api object. Called from any thread of the client; none of them blocks
 * but Join and Release. */
#include "base/clock.h"
#include "ttsapi/object.h"
#include <signal.h>

enum { SYSTEM_INFO_MAX = 273 };

/* ---- life ---- */

/* The client's signal handlers are for its own threads; what a fault in a callback raises must
 * still reach them. */
static void block_signals(sigset_t *before)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, before);
}

static void init(struct ttsapi *api)
{
    struct error error = {.line = 0};
    sigset_t before;
    pthread_mutex_lock(&api->lock);
    bool first = !api->started && !atomic_load(&api->stopping);
    if (first && api->fronts.count + api->name_servers.count == 0) {
        error_set(&error, "Init without a front: nothing can be connected to");
        error_fix(&error, "call RegisterFront before Init");
        object_tell(api, &error);
    }
    if (first) {
        object_acquire(api);
        block_signals(&before);
        api->started = pthread_create(&api->thread, NULL, client_run, api) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    bool failed = first && !api->started;
    pthread_mutex_unlock(&api->lock);
    if (failed) {
        fprintf(stderr, "%s: the system gives no thread for an Api object\n", api->said);
        object_release(api);
    }
}

static void release(struct ttsapi *api)
{
    pthread_mutex_lock(&api->lock);
    atomic_store(&api->stopping, true);
    bool started = api->started;
    bool joins = started && !api->resolving && !pthread_equal(api->thread, pthread_self());
    pthread_t thread = api->thread;
    if (!started) {
        api->finished = true;
        pthread_cond_broadcast(&api->ended);
    }
    pthread_mutex_unlock(&api->lock);
    object_wake(api);
    if (joins)
        pthread_join(thread, NULL);
    else if (started)
        pthread_detach(thread);
    object_release(api);
}

/* -1 on the object's own thread, which would wait for itself. */
static int join(struct ttsapi *api)
{
    pthread_mutex_lock(&api->lock);
    bool own = api->started && pthread_equal(api->thread, pthread_self());
    if (!own)
        object_acquire(api);
    while (!own && !api->finished)
        pthread_cond_wait(&api->ended, &api->lock);
    pthread_mutex_unlock(&api->lock);
    if (own)
        return -1;
    object_release(api);
    return 0;
}

/* ---- before Init ---- */

static void register_address(struct ttsapi *api, struct addresses *addresses, const char *said)
{
    struct error error = {.line = 0};
    struct address address;
    pthread_mutex_lock(&api->lock);
    if (api->started) {
        pthread_mutex_unlock(&api->lock);
        return;
    }
    bool good = address_read(text_of(said), &address, &error) &&
                (address.scheme != ADDRESS_SSL || stream_tls_prepare(&error));
    if (good && addresses->count == ADDRESSES_MAX)
        good = error_set(&error, "%d fronts are registered, no more are taken", ADDRESSES_MAX);
    if (good)
        addresses->at[addresses->count++] = address;
    else
        object_tell(api, &error);
    pthread_mutex_unlock(&api->lock);
}

static void subscribe(struct ttsapi *api, enum flow_kind kind, const struct ctp_call *call)
{
    pthread_mutex_lock(&api->lock);
    if (!api->started)
        flows_subscribe(&api->flows, kind, call->topic, call->sequence);
    pthread_mutex_unlock(&api->lock);
}

/* ---- what the library answers itself ---- */

static void put_int(const struct ctp_layout *layout, void *body, text name, int value)
{
    memcpy((char *)body + ctp_field_find(layout, name)->offset, &value, sizeof value);
}

/* The address is known from the connection on, the rates from the login on. */
static void front_info(struct ttsapi *api, void *body)
{
    const struct ctp_layout *layout = ctp_layout_find(api->object.version, CTP_STRUCT_FrontInfo);
    if (!body || !layout)
        return;
    const struct ctp_field *address = ctp_field_find(layout, TEXT("FrontAddr"));
    memset(body, 0, layout->size);
    pthread_mutex_lock(&api->lock);
    if (api->phase == PHASE_OPEN)
        text_copy((char *)body + address->offset, address->size, text_of(api->front));
    if (api->logged_in) {
        put_int(layout, body, TEXT("QryFreq"), (int)api->query_rate);
        put_int(layout, body, TEXT("FTDPkgFreq"), (int)api->message_rate);
    }
    pthread_mutex_unlock(&api->lock);
}

/* RegisterUserSystemInfo and its like: nothing goes out; only the length field is looked at. */
static int take_system_info(struct ttsapi *api, const struct ctp_call *call)
{
    const struct ctp_layout *layout =
        ctp_layout_find(api->object.version, ctp_method_info(call->method)->of);
    if (!call->body)
        return -1;
    for (int i = 0; i < layout->field_count; i++) {
        int length;
        if (!text_equal(text_of(layout->fields[i].type), TEXT("SystemInfoLen")))
            continue;
        memcpy(&length, (const char *)call->body + layout->fields[i].offset, sizeof length);
        return length < 0 || length > SYSTEM_INFO_MAX ? -1 : 0;
    }
    return 0;
}

/* ---- requests ---- */

static bool can_send(const struct ttsapi *api)
{
    return api->phase == PHASE_OPEN && !api->write_failed &&
           api->out.length - api->out_sent < OUT_MAX;
}

static bool is_login(enum ctp_method method)
{
    return ctp_method_answer(method) == CTP_TraderSpi_OnRspUserLogin;
}

static text user_of(const struct ctp_layout *layout, const void *body)
{
    const struct ctp_field *field = ctp_field_find(layout, TEXT("UserID"));
    return field ? text_of_field((const char *)body + field->offset, field->size) : TEXT("");
}

static int send_request(struct ttsapi *api, const struct ctp_call *call)
{
    const struct ctp_method_info *info = ctp_method_info(call->method);
    const struct ctp_layout *layout = ctp_layout_find(api->object.version, info->of);
    if (!can_send(api))
        return -1;
    if (text_starts_with(text_of(info->name), TEXT("ReqQry"))) {
        int refused =
            queries_begin(&api->queries, call->request_id, clock_monotonic_ns(), api->timing);
        if (refused)
            return refused;
    }
    outbox_begin(api);
    if (is_login(call->method)) {
        struct wire_topics topics = flows_topics(&api->flows, user_of(layout, call->body));
        wire_topics_write(&api->out, &topics);
    }
    struct wire_frame frame = {
        .kind = WIRE_REQUEST,
        .flags = WIRE_IS_LAST,
        .slot = (unsigned)ctp_method_slot(api->object.version, call->method),
        .request_id = call->request_id,
    };
    wire_frame_write(&api->out, &frame, NULL, NULL, layout, call->body);
    return outbox_flush(api, false) ? 0 : -1;
}

static int request(struct ttsapi *api, const struct ctp_call *call)
{
    if (!call->body)
        return -1;
    pthread_mutex_lock(&api->lock);
    int result = send_request(api, call);
    pthread_mutex_unlock(&api->lock);
    return result;
}

static int send_instruments(struct ttsapi *api, const struct ctp_call *call)
{
    if (!can_send(api) || (call->count > 0 && !call->instruments))
        return -1;
    if (call->count <= 0)
        return 0;
    unsigned slot = (unsigned)ctp_method_slot(api->object.version, call->method);
    outbox_begin(api);
    wire_instruments_write(&api->out, slot, call->instruments, call->count);
    return outbox_flush(api, false) ? 0 : -1;
}

static int subscribe_instruments(struct ttsapi *api, const struct ctp_call *call)
{
    pthread_mutex_lock(&api->lock);
    int result = send_instruments(api, call);
    pthread_mutex_unlock(&api->lock);
    return result;
}

/* ---- all methods ---- */

/* Methods without a struct that goes anywhere, one by one. */
static void plain_call(struct ttsapi *api, const struct ctp_call *call)
{
    switch (call->method) {
    case CTP_TraderApi_Release:
    case CTP_MdApi_Release:
        release(api);
        return;
    case CTP_TraderApi_Init:
    case CTP_MdApi_Init:
        init(api);
        return;
    case CTP_TraderApi_RegisterFront:
    case CTP_MdApi_RegisterFront:
        register_address(api, &api->fronts, call->address);
        return;
    case CTP_TraderApi_RegisterNameServer:
    case CTP_MdApi_RegisterNameServer:
        register_address(api, &api->name_servers, call->address);
        return;
    case CTP_TraderApi_SubscribePublicTopic:
        subscribe(api, FLOW_PUBLIC, call);
        return;
    case CTP_TraderApi_SubscribePrivateTopic:
    case CTP_TraderApi_SubscribePrivateTopicFrom:
        subscribe(api, FLOW_PRIVATE, call);
        return;
    case CTP_TraderApi_GetFrontInfo:
        front_info(api, call->body);
        return;
    default: /* RegisterFensUserInfo: our name servers need to know nobody */
        return;
    }
}

intptr_t method_call(struct ctp_api_object *object, const struct ctp_call *call)
{
    struct ttsapi *api = (struct ttsapi *)object;
    switch (ctp_method_info(call->method)->shape) {
    case CTP_SHAPE_JOIN:
        return join(api);
    case CTP_SHAPE_GET_TEXT:
        return (intptr_t)atomic_load(&api->trading_day);
    case CTP_SHAPE_SPI:
        atomic_store(&api->spi, call->spi);
        return 0;
    case CTP_SHAPE_LOCAL:
        return take_system_info(api, call);
    case CTP_SHAPE_REQUEST:
        return request(api, call);
    case CTP_SHAPE_INSTRUMENTS:
        return subscribe_instruments(api, call);
    default:
        plain_call(api, call);
        return 0;
    }
}
