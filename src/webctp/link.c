/* link.c: see link.h.
 *
 *   library's thread:  callback -> link_event (encoded or copied) -> inbox
 *   loop:              inbox -> the owner's receiver, unless the link was released meanwhile
 *   releaser:          Release (no callback comes after it) -> `released` into the inbox -> the
 * loop frees the link
 *
 * A link is freed by the last event that can name it, so nothing needs a lock or a count. */
#include "webctp/link.h"
#include "base/buffer.h"
#include "webctp/answer.h"
#include "webctp/fields.h"
#include <pthread.h>

enum { TOPIC_QUICK = 2, FRAME_FIRST_GUESS = 2048, REASON_READ = 0x1001 };

struct link {
    struct gateway *gateway;
    enum ctp_side side;
    enum ctp_version version;
    struct ctp_api *api;
    struct ctp_spi spi;
    struct link *previous, *next; /* in gateway->links */
    char name[LINK_NAME_SIZE];
    link_receiver *receiver; /* NULL after link_release */
    void *owner;
    struct event released;
    struct link *next_release; /* in the releaser's queue */
};

/* ---- on the library's thread ---- */

static void *copy_of(enum ctp_version version, enum ctp_struct of, const void *from)
{
    if (!from || of == CTP_STRUCT_NONE)
        return NULL;
    size_t size = ctp_layout_find(version, of)->size;
    void *copy = memory_get(size);
    memcpy(copy, from, size);
    return copy;
}

static struct frame *encoded(enum ctp_version version, const struct ctp_callback *callback)
{
    struct buffer json = {.at = NULL};
    buffer_reserve(&json, FRAME_FIRST_GUESS);
    answer_write_callback(&json, version, callback);
    struct frame *frame = frame_create(buffer_text(&json));
    buffer_finish(&json);
    return frame;
}

static void keep_market_data(struct link_event *event, const struct ctp_callback *callback)
{
    const struct link *link = event->link;
    const struct ctp_method_info *info = ctp_method_info(callback->method);
    if (info->shape == CTP_SHAPE_RETURN && callback->body) {
        event->frame = encoded(link->version, callback);
        text id = field_text(ctp_layout_find(link->version, info->of), callback->body,
                             TEXT("InstrumentID"));
        text_copy(event->instrument, sizeof event->instrument, id);
        return;
    }
    event->body = copy_of(link->version, info->of, callback->body);
    event->rsp_info = copy_of(link->version, CTP_STRUCT_RspInfo, callback->rsp_info);
}

static void deliver(struct event *event);

static void called_back(void *user, const struct ctp_callback *callback)
{
    struct link *link = user;
    struct link_event *event = memory_get(sizeof *event);
    *event = (struct link_event){
        .event.run = deliver,
        .link = link,
        .method = callback->method,
        .error_id = answer_error_id(link->version, callback->rsp_info),
        .request_id = callback->request_id,
        .number = callback->number,
        .is_last = callback->is_last,
    };
    if (link->side == CTP_MD)
        keep_market_data(event, callback);
    else if (link->gateway->options->public_returns || !answer_is_public(callback->method))
        event->frame = encoded(link->version, callback);
    gateway_post(link->gateway, &event->event);
}

/* ---- on the loop ---- */

static void deliver(struct event *posted)
{
    struct link_event *event = (struct link_event *)posted;
    if (event->link->receiver)
        event->link->receiver(event->link->owner, event);
    frame_release(event->frame);
    free(event->body);
    free(event->rsp_info);
    free(event);
}

static void free_link(struct event *released)
{
    struct link *link = (struct link *)((char *)released - offsetof(struct link, released));
    if (link->previous)
        link->previous->next = link->next;
    else
        link->gateway->links = link->next;
    if (link->next)
        link->next->previous = link->previous;
    free(link);
}

static bool name_is_taken(const struct gateway *gateway, const char *name)
{
    for (const struct link *link = gateway->links; link; link = link->next)
        if (text_equal(text_of(link->name), text_of(name)))
            return true;
    return false;
}

/* Two objects may not share flow files: the second gets "-2" behind its name, and so on. */
static void choose_name(struct link *link, text name)
{
    snprintf(link->name, sizeof link->name, "%.*s", TEXT_ARG(name));
    for (int number = 2; name_is_taken(link->gateway, link->name); number++)
        snprintf(link->name, sizeof link->name, "%.*s-%d", TEXT_ARG(name), number);
}

static void call(struct link *link, struct ctp_call call)
{
    ctp_api_call(link->api, link->version, &call);
}

static void subscribe_topics(struct link *link)
{
    static const enum ctp_method topics[] = {CTP_TraderApi_SubscribePrivateTopic,
                                             CTP_TraderApi_SubscribePrivateTopicFrom,
                                             CTP_TraderApi_SubscribePublicTopic};
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
        if (ctp_method_slot(link->version, topics[i]) >= 0)
            call(link, (struct ctp_call){.method = topics[i], .topic = TOPIC_QUICK, .sequence = 1});
}

static void connect_fronts(struct link *link)
{
    bool trader = link->side == CTP_TRADER;
    const struct fronts *fronts = &link->gateway->options->fronts[link->side];
    call(link,
         (struct ctp_call){.method = trader ? CTP_TraderApi_RegisterSpi : CTP_MdApi_RegisterSpi,
                           .spi = &link->spi});
    if (trader)
        subscribe_topics(link);
    for (unsigned i = 0; i < fronts->count; i++)
        call(link, (struct ctp_call){.method = trader ? CTP_TraderApi_RegisterFront
                                                      : CTP_MdApi_RegisterFront,
                                     .address = fronts->address[i]});
    call(link, (struct ctp_call){.method = trader ? CTP_TraderApi_Init : CTP_MdApi_Init});
}

struct link *link_create(struct gateway *gateway, enum ctp_side side, text name,
                         link_receiver *receiver, void *owner)
{
    const struct ctp_library *library = &gateway->library[side];
    struct link *link = memory_get_zeroed(1, sizeof *link);
    link->gateway = gateway;
    link->side = side;
    link->version = library->version;
    link->receiver = receiver;
    link->owner = owner;
    link->released.run = free_link;
    choose_name(link, name);
    struct buffer path = {.at = NULL};
    buffer_printf(&path, "%s%s", gateway->options->flow_folder, link->name);
    buffer_put_char(&path, '\0');
    link->api = ctp_library_create(library, path.at);
    buffer_finish(&path);
    if (!link->api) {
        free(link);
        return NULL;
    }
    link->next = gateway->links;
    if (link->next)
        link->next->previous = link;
    gateway->links = link;
    ctp_spi_init(&link->spi, side == CTP_TRADER ? CTP_TraderSpi : CTP_MdSpi, link->version,
                 called_back, link);
    connect_fronts(link);
    return link;
}

int link_request(struct link *link, enum ctp_method method, void *body, int request_id)
{
    return (int)ctp_api_call(
        link->api, link->version,
        &(struct ctp_call){.method = method, .body = body, .request_id = request_id});
}

int link_instruments(struct link *link, enum ctp_method method, char **instruments, int count)
{
    return (int)ctp_api_call(
        link->api, link->version,
        &(struct ctp_call){.method = method, .instruments = instruments, .count = count});
}

text link_text(struct link *link, enum ctp_method method)
{
    return text_of(
        (const char *)ctp_api_call(link->api, link->version, &(struct ctp_call){.method = method}));
}

void link_unreachable(const struct link *link, bool connected, int reason, char *out, size_t size)
{
    const struct fronts *fronts = &link->gateway->options->fronts[link->side];
    struct buffer detail = {.at = NULL};
    for (unsigned i = 0; i < fronts->count; i++)
        buffer_printf(&detail, "%s%s", i ? ", " : "", fronts->address[i]);
    if (connected)
        buffer_put_text(&detail, TEXT(": connected, but it does not answer"));
    else if (reason)
        buffer_printf(&detail, ": lost for reason %d: %s%s", reason, answer_front_reason(reason),
                      reason == REASON_READ
                          ? " (so it looks, too, when library and front are of two families)"
                          : "");
    else
        buffer_put_text(&detail, TEXT(": no connection yet"));
    buffer_put_text(&detail, TEXT("; webctp goes on trying"));
    text_copy(out, size, buffer_text(&detail));
    buffer_finish(&detail);
}

/* ---- releasing ---- */

struct releaser {
    struct gateway *gateway;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct link *first; /* waiting to be released; order does not matter */
    bool stopping;
};

static struct link *next_to_release(struct releaser *releaser)
{
    pthread_mutex_lock(&releaser->mutex);
    while (!releaser->first && !releaser->stopping)
        pthread_cond_wait(&releaser->changed, &releaser->mutex);
    struct link *link = releaser->first;
    if (link)
        releaser->first = link->next_release;
    pthread_mutex_unlock(&releaser->mutex);
    return link;
}

static void *release_all(void *user)
{
    struct releaser *releaser = user;
    struct link *link;
    while ((link = next_to_release(releaser))) {
        enum ctp_method method =
            link->side == CTP_TRADER ? CTP_TraderApi_Release : CTP_MdApi_Release;
        ctp_api_call(link->api, link->version, &(struct ctp_call){.method = method});
        gateway_post(releaser->gateway, &link->released);
    }
    return NULL;
}

struct releaser *releaser_create(struct gateway *gateway)
{
    struct releaser *releaser = memory_get_zeroed(1, sizeof *releaser);
    releaser->gateway = gateway;
    pthread_mutex_init(&releaser->mutex, NULL);
    pthread_cond_init(&releaser->changed, NULL);
    if (pthread_create(&releaser->thread, NULL, release_all, releaser) != 0)
        abort(); /* no thread at start: nothing could run */
    return releaser;
}

bool releaser_destroy(struct releaser *releaser, int wait_s)
{
    if (!releaser)
        return true;
    pthread_mutex_lock(&releaser->mutex);
    releaser->stopping = true;
    pthread_cond_signal(&releaser->changed);
    pthread_mutex_unlock(&releaser->mutex);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += wait_s;
    if (pthread_timedjoin_np(releaser->thread, NULL, &until) != 0)
        return false;
    pthread_cond_destroy(&releaser->changed);
    pthread_mutex_destroy(&releaser->mutex);
    free(releaser);
    return true;
}

void link_release(struct link *link)
{
    if (!link)
        return;
    struct releaser *releaser = link->gateway->releaser;
    link->receiver = NULL;
    link->owner = NULL;
    pthread_mutex_lock(&releaser->mutex);
    link->next_release = releaser->first;
    releaser->first = link;
    pthread_cond_signal(&releaser->changed);
    pthread_mutex_unlock(&releaser->mutex);
}
