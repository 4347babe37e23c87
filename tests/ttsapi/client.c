/* client.c: see client.h. */
#include "client.h"
#include "front.h"
#include "ttsapi/object.h"
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

const struct timing calm = {
    .connect = 20000,
    .greeting = 20000,
    .heartbeat = 1000000,
    .silence = 1000000,
    .stuck = 1000000,
    .retry_first = 20,
    .retry_last = 40,
    .query_lost = 1000000,
    .query_rate = 1000,
};

static int error_of(const struct client *client, const void *rsp_info)
{
    const struct ctp_layout *layout = ctp_layout_find(client->version, CTP_STRUCT_RspInfo);
    int id = 0;
    if (rsp_info)
        memcpy(&id, (const char *)rsp_info + ctp_field_find(layout, TEXT("ErrorID"))->offset,
               sizeof id);
    return id;
}

static void write_down(void *user, const struct ctp_callback *callback)
{
    struct client *client = user;
    const struct ctp_method_info *info = ctp_method_info(callback->method);
    pthread_mutex_lock(&client->lock);
    if (client->count < EVENTS_MAX) {
        struct event *event = &client->events[client->count++];
        event->method = callback->method;
        event->has_body = callback->body;
        event->has_rsp_info = callback->rsp_info;
        event->error_id = error_of(client, callback->rsp_info);
        event->is_last = callback->is_last;
        event->request_id = callback->request_id;
        event->number = callback->number;
        event->thread = pthread_self();
        if (callback->body)
            memcpy(event->body, callback->body, ctp_layout_find(client->version, info->of)->size);
    }
    void (*inside)(struct client *, const struct ctp_callback *) = client->inside;
    pthread_cond_broadcast(&client->came);
    pthread_mutex_unlock(&client->lock);
    if (inside)
        inside(client, callback);
}

void client_reopen(struct client *client)
{
    struct ttsapi_setup setup = {
        .class = client->class,
        .version = client->version,
        .said = "openctp-tts test",
        .timing = client->timing,
    };
    char prefix[sizeof client->folder + 1];
    snprintf(prefix, sizeof prefix, "%s/", client->folder);
    client->api = ttsapi_create(&setup, prefix);
    assert_non_null(client->api);
    client_call(client, &(struct ctp_call){.method = client->class == CTP_TraderApi
                                                         ? CTP_TraderApi_RegisterSpi
                                                         : CTP_MdApi_RegisterSpi,
                                           .spi = &client->spi});
}

void client_open(struct client *client, enum ctp_class class, enum ctp_version version,
                 const struct timing *timing)
{
    *client = (struct client){
        .class = class, .version = version, .timing = timing ? timing : &calm, .read = 0};
    snprintf(client->folder, sizeof client->folder, "/tmp/ttsapi-test-XXXXXX");
    assert_non_null(mkdtemp(client->folder));
    client->events = calloc(EVENTS_MAX, sizeof *client->events);
    assert_non_null(client->events);
    pthread_mutex_init(&client->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&client->came, &attributes);
    pthread_condattr_destroy(&attributes);
    ctp_spi_init(&client->spi, class == CTP_TraderApi ? CTP_TraderSpi : CTP_MdSpi, version,
                 write_down, client);
    client_reopen(client);
}

void client_release(struct client *client)
{
    client_call(client,
                &(struct ctp_call){.method = client->class == CTP_TraderApi ? CTP_TraderApi_Release
                                                                            : CTP_MdApi_Release});
    client->api = NULL;
}

void client_remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(path);
}

void client_close(struct client *client)
{
    if (client->api)
        client_release(client);
    client_remove_folder(client->folder);
    pthread_cond_destroy(&client->came);
    pthread_mutex_destroy(&client->lock);
    free(client->events);
}

void client_inside(struct client *client,
                   void (*inside)(struct client *client, const struct ctp_callback *callback),
                   void *user)
{
    pthread_mutex_lock(&client->lock);
    client->inside = inside;
    client->user = user;
    pthread_mutex_unlock(&client->lock);
}

void client_start(struct client *client, const char *address)
{
    bool trader = client->class == CTP_TraderApi;
    char copy[WIRE_ADDRESS_MAX];
    snprintf(copy, sizeof copy, "%s", address);
    client_call(client, &(struct ctp_call){.method = trader ? CTP_TraderApi_RegisterFront
                                                            : CTP_MdApi_RegisterFront,
                                           .address = copy});
    client_call(client, &(struct ctp_call){.method = trader ? CTP_TraderApi_Init : CTP_MdApi_Init});
}

static void *join_it(void *argument)
{
    struct client *client = argument;
    return (void *)client_call(client, &(struct ctp_call){.method = client->class == CTP_TraderApi
                                                                        ? CTP_TraderApi_Join
                                                                        : CTP_MdApi_Join});
}

/* A Join holds a reference to the object. */
pthread_t client_start_join(struct client *client)
{
    struct ttsapi *object = (struct ttsapi *)client->api;
    unsigned before = atomic_load(&object->references);
    pthread_t joiner;
    assert_int_equal(pthread_create(&joiner, NULL, join_it, client), 0);
    while (atomic_load(&object->references) == before)
        usleep(1000);
    return joiner;
}

intptr_t client_call(struct client *client, const struct ctp_call *call)
{
    return ctp_api_call(client->api, client->version, call);
}

int client_request(struct client *client, enum ctp_method method, void *body, int request_id)
{
    return (int)client_call(
        client, &(struct ctp_call){.method = method, .body = body, .request_id = request_id});
}

int client_login(struct client *client, const char *user, int request_id)
{
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    const struct ctp_layout *layout = ctp_layout_find(client->version, CTP_STRUCT_ReqUserLogin);
    const struct ctp_field *field = ctp_field_find(layout, TEXT("UserID"));
    text_copy(body + field->offset, field->size, text_of(user));
    return client_request(client,
                          client->class == CTP_TraderApi ? CTP_TraderApi_ReqUserLogin
                                                         : CTP_MdApi_ReqUserLogin,
                          body, request_id);
}

/* The next event, or NULL when none comes in time. */
static const struct event *next_event(struct client *client, int wait_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    int waited = 0;
    pthread_mutex_lock(&client->lock);
    while (client->read == client->count && waited == 0)
        waited = pthread_cond_timedwait(&client->came, &client->lock, &until);
    const struct event *event =
        client->read < client->count ? &client->events[client->read++] : NULL;
    pthread_mutex_unlock(&client->lock);
    return event;
}

const struct event *client_expect(struct client *client, enum ctp_method method)
{
    const struct event *event = next_event(client, WAIT_MS);
    if (!event)
        fail_msg("%s does not come", ctp_method_info(method)->name);
    assert_string_equal(ctp_method_info(event->method)->name, ctp_method_info(method)->name);
    return event;
}

void client_expect_numbers(struct client *client, enum ctp_method method, const char *field,
                           unsigned first, unsigned count)
{
    for (unsigned number = first; number < first + count; number++) {
        char said[16];
        snprintf(said, sizeof said, "%u", number);
        assert_string_equal(event_text(client, client_expect(client, method), field), said);
    }
}

void client_expect_quiet(struct client *client, int wait_ms)
{
    const struct event *event = next_event(client, wait_ms);
    if (event)
        fail_msg("%s comes unexpected", ctp_method_info(event->method)->name);
}

const char *event_text(const struct client *client, const struct event *event, const char *field)
{
    const struct ctp_layout *layout =
        ctp_layout_find(client->version, ctp_method_info(event->method)->of);
    assert_true(event->has_body);
    const struct ctp_field *found = ctp_field_find(layout, text_of(field));
    assert_non_null(found);
    return event->body + found->offset;
}
