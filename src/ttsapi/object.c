/* object.c: an Api object comes to be and ends. */
#include "ttsapi/object.h"
#include "base/clock.h"
#include "base/hash.h"
#include <sys/eventfd.h>
#include <unistd.h>

const struct timing timing_of_protocol = {
    .connect = 10000,
    .greeting = 10000,
    .heartbeat = WIRE_HEARTBEAT_LIBRARY_S * 1000,
    .silence = WIRE_SILENCE_MAX_S * 1000,
    .stuck = 40000,
    .retry_first = 1000,
    .retry_last = 5000,
    .query_lost = 30000,
    .query_rate = 1000,
};

void object_acquire(struct ttsapi *api)
{
    atomic_fetch_add(&api->references, 1);
}

static void destroy(struct ttsapi *api)
{
    if (api->class == CTP_TraderApi)
        flows_close(&api->flows);
    buffer_finish(&api->in);
    buffer_finish(&api->out);
    close(api->wake);
    pthread_cond_destroy(&api->ended);
    pthread_mutex_destroy(&api->lock);
    free(api);
}

void object_release(struct ttsapi *api)
{
    if (atomic_fetch_sub(&api->references, 1) == 1)
        destroy(api);
}

void object_wake(struct ttsapi *api)
{
    uint64_t one = 1;
    ssize_t written = write(api->wake, &one, sizeof one);
    (void)written; /* a full counter wakes as well */
}

/* What comes from a front is shown on a terminal: no control bytes. */
static void make_plain(char *line)
{
    for (; *line; line++)
        if ((unsigned char)*line < ' ' || *line == 0x7f)
            *line = '?';
}

void object_tell(struct ttsapi *api, const struct error *error)
{
    char line[sizeof *error];
    error_text(error, line, sizeof line);
    make_plain(line);
    text told = {line, strlen(line) < sizeof api->told ? strlen(line) : sizeof api->told - 1};
    if (text_equal(told, text_of(api->told)))
        return;
    text_copy(api->told, sizeof api->told, told);
    fprintf(stderr, "%s: %s\n", api->said, line);
}

void object_call(struct ttsapi *api, const struct ctp_callback *callback)
{
    if (!atomic_load(&api->stopping))
        ctp_spi_call(atomic_load(&api->spi), api->object.version, callback);
}

static void open_flows(struct ttsapi *api, const char *flow_path)
{
    struct error error = {.what = ""};
    if (flows_open(&api->flows, flow_path ? flow_path : "", &error))
        return;
    error_fix(&error,
              "what cannot be stored is kept in memory: RESUME begins anew with each process");
    object_tell(api, &error);
}

struct ctp_api *ttsapi_create(const struct ttsapi_setup *setup, const char *flow_path)
{
    int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake < 0) {
        fprintf(stderr, "%s: no file descriptor is left for an Api object\n", setup->said);
        return NULL;
    }
    struct ttsapi *api = memory_get_zeroed(1, sizeof *api);
    ctp_api_object_init(&api->object, setup->class, setup->version, method_call);
    api->class = setup->class;
    api->spi_class = setup->class == CTP_TraderApi ? CTP_TraderSpi : CTP_MdSpi;
    api->said = setup->said;
    api->timing = setup->timing ? setup->timing : &timing_of_protocol;
    api->references = 1;
    api->trading_day = api->trading_days[0];
    pthread_mutex_init(&api->lock, NULL);
    pthread_cond_init(&api->ended, NULL);
    api->stream.descriptor = -1;
    api->avoid = SIZE_MAX;
    api->wake = wake;
    api->random = hash_number((uint64_t)clock_now_us() ^ (uint64_t)(uintptr_t)api) | 1;
    api->rsp_layout = ctp_layout_find(setup->version, CTP_STRUCT_RspInfo);
    if (api->class == CTP_TraderApi)
        open_flows(api, flow_path);
    return (struct ctp_api *)api;
}
