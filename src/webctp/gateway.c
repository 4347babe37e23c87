/* gateway.c: see gateway.h. */
#include "webctp/gateway.h"
#include "base/buffer.h"
#include "channel/channel.h"
#include "webctp/connection.h"
#include "webctp/link.h"
#include "webctp/session_md.h"

enum { STOP_GRACE_MS = 1000, RELEASE_WAIT_S = 10 };
enum { HTTP_UNAUTHORIZED = 401, HTTP_FORBIDDEN = 403, HTTP_NOT_FOUND = 404 };

static const char *const side_paths[] = {[CTP_TRADER] = "/td", [CTP_MD] = "/md"};

/* "/td/" and "/td" are one path. */
static bool path_is(text path, enum ctp_side side)
{
    if (path.length > 1 && text_ends_with(path, TEXT("/")))
        path.length--;
    return text_equal(path, text_of(side_paths[side]));
}

static bool is_served(const struct gateway *gateway, text path)
{
    for (int side = 0; side < 2; side++)
        if (gateway->options->serves[side] && path_is(path, (enum ctp_side)side))
            return true;
    return false;
}

static const char *paths_in_words(const struct options *options)
{
    if (options->serves[CTP_TRADER] && options->serves[CTP_MD])
        return "there is nothing here; connect to /td/ for trading or /md/ for market data";
    return options->serves[CTP_MD] ? "there is nothing here; connect to /md/ for market data"
                                   : "there is nothing here; connect to /td/ for trading";
}

/* Takes the same time wherever the texts differ first. */
static bool is_same_secret(text a, text b)
{
    unsigned char differs = a.length != b.length;
    for (size_t i = 0; i < a.length && b.length; i++)
        differs |= (unsigned char)(a.at[i] ^ b.at[i % b.length]);
    return !differs;
}

static bool is_allowed_origin(const struct options *options, text origin)
{
    for (unsigned i = 0; i < options->origin_count; i++)
        if (text_equal_ignore_case(origin, text_of(options->origins[i])))
            return true;
    return options->origin_count == 0 || origin.length == 0;
}

static unsigned admit(void *user, const struct listener_request *request, const char **why)
{
    const struct gateway *gateway = user;
    const struct options *options = gateway->options;
    if (!is_served(gateway, request->path)) {
        *why = paths_in_words(options);
        return HTTP_NOT_FOUND;
    }
    if (options->token[0] && !is_same_secret(request->token, text_of(options->token))) {
        *why = "the token is wrong or missing: connect to this path with ?token=...";
        return HTTP_UNAUTHORIZED;
    }
    if (!is_allowed_origin(options, request->origin)) {
        *why = "pages of this origin may not connect: see AllowedOrigins";
        return HTTP_FORBIDDEN;
    }
    return 0;
}

static void *opened(void *user, struct listener_socket *socket, text path)
{
    struct gateway *gateway = user;
    enum ctp_side side =
        path_is(path, CTP_MD) && gateway->options->serves[CTP_MD] ? CTP_MD : CTP_TRADER;
    return connection_create(gateway, socket, side);
}

static void message(void *client, text message_text, bool binary)
{
    connection_message(client, message_text, binary);
}

static void closed(void *client)
{
    connection_destroy(client);
}

static void run_events(struct gateway *gateway)
{
    struct inbox_item *item = inbox_take(&gateway->inbox);
    while (item) {
        struct event *event = (struct event *)item;
        item = item->next;
        event->run(event);
    }
}

static void woken(void *user)
{
    run_events(user);
}

void gateway_post(struct gateway *gateway, struct event *event)
{
    if (inbox_push(&gateway->inbox, &event->item) && gateway->listener)
        listener_wake(gateway->listener);
}

/* ---- start ---- */

static bool find_pair(const struct options *options, struct channel_pair *pair, struct error *error)
{
    text name = text_of(options->channel);
    if (name.length == 0)
        return channel_active(pair, options->has_version ? &options->version : NULL, error);
    return channel_find(pair, name,
                        options->has_version ? options->version : CHANNEL_DEFAULT_VERSION, error);
}

static bool open_libraries(struct gateway *gateway, struct error *error)
{
    struct channel_pair pair;
    if (!find_pair(gateway->options, &pair, error))
        return false;
    for (int side = 0; side < 2; side++) {
        struct ctp_library *library = &gateway->library[side];
        char sentence[320];
        if (!gateway->options->serves[side])
            continue;
        if (!channel_open(library, &pair, (enum ctp_side)side, error))
            return false;
        log_line(LOG_INFO, "channel %s, CTP %s: %s (%s)", pair.name, ctp_version_name(pair.version),
                 pair.path[side], library->said);
        if (channel_differs(library, sentence, sizeof sentence))
            log_line(LOG_WARN, "%s", sentence);
    }
    return true;
}

bool gateway_start(struct gateway *gateway, const struct options *options, struct error *error)
{
    *gateway = (struct gateway){.options = options};
    if (!open_libraries(gateway, error))
        return false;
    struct listener_options listening = {
        .host = options->host,
        .port = options->port,
        .ping_interval_ms = options->ping_interval_ms,
        .ping_timeout_ms = options->ping_timeout_ms,
        .message_bytes_max = options->message_bytes_max,
        .connections_max = options->connections_max,
        .compression = options->compression,
        .outbox = options->outbox,
    };
    struct listener_handler handler = {
        .user = gateway,
        .admit = admit,
        .opened = opened,
        .message = message,
        .closed = closed,
        .woken = woken,
    };
    gateway->listener = listener_create(&listening, &handler, error);
    if (!gateway->listener)
        return false;
    gateway->releaser = releaser_create(gateway);
    gateway->market = market_create(gateway);
    return true;
}

void gateway_run(struct gateway *gateway)
{
    listener_run(gateway->listener);
}

/* ---- stop ---- */

struct stop_event {
    struct event event;
    struct gateway *gateway;
};

static void stop(struct event *posted)
{
    struct stop_event *event = (struct stop_event *)posted;
    listener_stop(event->gateway->listener, STOP_GRACE_MS);
    free(event);
}

void gateway_stop(struct gateway *gateway)
{
    struct stop_event *event = memory_get(sizeof *event);
    *event = (struct stop_event){.event.run = stop, .gateway = gateway};
    gateway_post(gateway, &event->event);
}

bool gateway_finish(struct gateway *gateway)
{
    if (gateway->releaser) {
        listener_abandon(gateway->listener);
        market_destroy(gateway->market);
        if (!releaser_destroy(gateway->releaser, RELEASE_WAIT_S))
            return false;
        run_events(gateway); /* what the libraries said to the end, and the links' own end */
    }
    listener_destroy(gateway->listener);
    /* The libraries stay loaded: some vendors' do not survive being unloaded, and the process ends
     * now. */
    *gateway = (struct gateway){.options = NULL};
    return true;
}

const struct ctp_layout *gateway_layout(const struct gateway *gateway, enum ctp_side side,
                                        enum ctp_struct of)
{
    return ctp_layout_find(gateway->library[side].version, of);
}
