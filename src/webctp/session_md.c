/* session_md.c: see session_md.h.
 *
 * The session with the front goes AWAY -> IDLE -> LOGGING_IN -> IDLE (in) as a trader's does
 * (session_td.c), but once for all clients. An instrument is subscribed at the front while at least
 * one client has it; after a lost front all such are subscribed again. */
#include "webctp/session_md.h"
#include "base/buffer.h"
#include "webctp/answer.h"
#include "webctp/fields.h"
#include "webctp/subscriptions.h"

enum { SUBSCRIBE_AT_ONCE = 500, RETRY_MS = 1000 };

enum step { AWAY, IDLE, LOGGING_IN };

struct market {
    struct gateway *gateway;
    struct link *link;
    enum step step;
    bool wanted;                                  /* somebody wants the session to be logged in */
    bool logged_in;                               /* at the front, now */
    _Alignas(8) char login[CTP_STRUCT_SIZE_MAX];  /* ReqUserLogin that the session uses */
    _Alignas(8) char answer[CTP_STRUCT_SIZE_MAX]; /* RspUserLogin of the login that is in force */
    _Alignas(8) char good[CTP_STRUCT_SIZE_MAX];   /* RspInfo of success, in the front's words */
    int last_reason;
    bool retrying;
    struct listener_timer *timer;
    struct instrument_book book;
    struct market_client *clients;
    struct market_query *queries;
    int next_query_id;
};

enum client_state { OUT, WAITING, IN };

struct market_client {
    struct market *market;
    struct connection *connection;
    struct market_client *previous, *next;
    enum client_state state;
    int request_id; /* of the login that waits */
    bool told;      /* that the front cannot be reached */
    struct subscriber subscriber;
};

/* One SubscribeMarketData message whose instruments are not all answered. */
struct market_group {
    struct market_client *client; /* NULL when it has gone */
    enum ctp_method answer;
    int request_id;
    uint32_t left;
};

/* A request of one client that the front answers by its number. */
struct market_query {
    struct market_query *next;
    struct market_client *client; /* NULL when it has gone */
    int id, request_id;
};

/* The methods of a topic. */
static const struct {
    enum ctp_method subscribe, unsubscribe, answer, unsubscribe_answer, tick;
} topics[TOPIC_COUNT] = {
    [TOPIC_DEPTH] = {CTP_MdApi_SubscribeMarketData, CTP_MdApi_UnSubscribeMarketData,
                     CTP_MdSpi_OnRspSubMarketData, CTP_MdSpi_OnRspUnSubMarketData,
                     CTP_MdSpi_OnRtnDepthMarketData},
    [TOPIC_FOR_QUOTE] = {CTP_MdApi_SubscribeForQuoteRsp, CTP_MdApi_UnSubscribeForQuoteRsp,
                         CTP_MdSpi_OnRspSubForQuoteRsp, CTP_MdSpi_OnRspUnSubForQuoteRsp,
                         CTP_MdSpi_OnRtnForQuoteRsp},
};

static void timer_due(void *user);
static void handle_event(void *owner, const struct link_event *event);

struct market *market_create(struct gateway *gateway)
{
    struct market *market = memory_get_zeroed(1, sizeof *market);
    market->gateway = gateway;
    market->timer = listener_timer_create(gateway->listener, timer_due, market);
    market->next_query_id = 1;
    return market;
}

static const struct ctp_layout *layout(const struct market *market, enum ctp_struct of)
{
    return gateway_layout(market->gateway, CTP_MD, of);
}

/* ---- to one client ---- */

static void tell(struct market_client *client, const struct ctp_callback *callback)
{
    struct buffer json = {.at = NULL};
    answer_write_callback(&json, client->market->gateway->library[CTP_MD].version, callback);
    connection_send_json(client->connection, &json);
    buffer_finish(&json);
}

/* The answer for one instrument of a message; IsLast with the last of them. */
static void tell_instrument(struct market_group *group, text id, void *rsp_info)
{
    group->left--;
    if (!group->client)
        return;
    const struct ctp_layout *of = layout(group->client->market, CTP_STRUCT_SpecificInstrument);
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    field_put(of, body, TEXT("InstrumentID"), id);
    tell(group->client, &(struct ctp_callback){.method = group->answer,
                                               .body = body,
                                               .rsp_info = rsp_info,
                                               .request_id = group->request_id,
                                               .is_last = group->left == 0});
}

static void tell_login(struct market_client *client, int request_id, void *body, void *rsp_info,
                       bool is_last)
{
    tell(client, &(struct ctp_callback){.method = CTP_MdSpi_OnRspUserLogin,
                                        .body = body,
                                        .rsp_info = rsp_info,
                                        .request_id = request_id,
                                        .is_last = is_last});
}

/* ---- the session with the front ---- */

static bool somebody_waits(const struct market *market)
{
    for (const struct market_client *client = market->clients; client; client = client->next)
        if (client->state == WAITING && !client->told)
            return true;
    return false;
}

/* Not connected (-1): the front has just gone, and that it has is on its way through the inbox. Who
 * waits goes on doing so until his time is over. */
static void log_in(struct market *market)
{
    market->step = LOGGING_IN;
    int code = link_request(market->link, CTP_MdApi_ReqUserLogin, market->login, 0);
    if (code == 0)
        return;
    market->step = IDLE;
    if (code == -1 && somebody_waits(market))
        return; /* the timer runs */
    for (struct market_client *client = market->clients; client; client = client->next) {
        if (client->state != WAITING || client->told)
            continue;
        client->told = true;
        connection_send_refusal(client->connection, CTP_MdApi_ReqUserLogin, code,
                                client->request_id);
    }
    market->retrying = true;
    listener_timer_set(market->timer, RETRY_MS);
}

static void subscribe_at_front(struct market *market, enum market_topic topic, char **ids,
                               int count)
{
    for (int i = 0; i < count; i += SUBSCRIBE_AT_ONCE) {
        int some = count - i < SUBSCRIBE_AT_ONCE ? count - i : SUBSCRIBE_AT_ONCE;
        int code = link_instruments(market->link, topics[topic].subscribe, ids + i, some);
        if (code != 0)
            log_line(LOG_WARN, "%d instruments could not be subscribed again: the call returned %d",
                     some, code);
    }
}

static void subscribe_again(struct market *market, enum market_topic topic)
{
    char **ids = memory_get((market->book.count + 1) * sizeof(char *));
    int count = 0;
    for (uint32_t i = 0; i < market->book.count; i++) {
        struct instrument *instrument = market->book.instruments[i];
        if (instrument->topic != topic || instrument->subscriber_count == 0 || instrument->on)
            continue;
        instrument->asked = true;
        ids[count++] = instrument->id;
    }
    subscribe_at_front(market, topic, ids, count);
    free(ids);
}

static void login_succeeded(struct market *market, const struct link_event *event)
{
    log_line(LOG_INFO, "Md client login success");
    if (event->body)
        memcpy(market->answer, event->body, layout(market, CTP_STRUCT_RspUserLogin)->size);
    if (event->rsp_info)
        memcpy(market->good, event->rsp_info, layout(market, CTP_STRUCT_RspInfo)->size);
    market->logged_in = true;
    for (int topic = 0; topic < TOPIC_COUNT; topic++)
        subscribe_again(market, (enum market_topic)topic);
}

static void login_answered(struct market *market, const struct link_event *event)
{
    bool good = event->error_id == 0;
    market->step = IDLE;
    market->wanted = good;
    market->retrying = false;
    listener_timer_clear(market->timer);
    if (good)
        login_succeeded(market, event);
    else
        log_line(LOG_INFO, "login failed, please try again");
    for (struct market_client *client = market->clients; client; client = client->next) {
        if (client->state == OUT)
            continue;
        int request_id = client->state == WAITING ? client->request_id : 0;
        client->state = good ? IN : OUT;
        tell_login(client, request_id, event->body, event->rsp_info, event->is_last);
    }
}

static void front_lost(struct market *market, int reason)
{
    log_line(LOG_INFO, "Md client disconnected, error_code=%d", reason);
    market->step = AWAY;
    market->logged_in = false;
    market->last_reason = reason;
    for (uint32_t i = 0; i < market->book.count; i++)
        market->book.instruments[i]->on = market->book.instruments[i]->asked = false;
}

static void tell_unreachable(struct market *market)
{
    char detail[1024];
    link_unreachable(market->link, market->step != AWAY, market->last_reason, detail,
                     sizeof detail);
    for (struct market_client *client = market->clients; client; client = client->next) {
        if (client->state != WAITING || client->told)
            continue;
        client->told = true;
        connection_send_error(client->connection, TEXT("RspUserLogin"), -1, client->request_id,
                              text_of(detail));
    }
}

static void timer_due(void *user)
{
    struct market *market = user;
    if (!market->link)
        return;
    if (!market->retrying)
        tell_unreachable(market);
    market->retrying = false;
    if (market->wanted && market->step == IDLE)
        log_in(market);
}

/* ---- a client's login ---- */

static void start(struct market *market, const struct request *request)
{
    const struct ctp_layout *of = layout(market, CTP_STRUCT_ReqUserLogin);
    memcpy(market->login, request->body, of->size);
    if (market->gateway->options->broker_id[0])
        field_put_utf8(of, market->login, TEXT("BrokerID"),
                       text_of(market->gateway->options->broker_id));
    market->wanted = true;
    market->retrying = false;
    listener_timer_set(market->timer, market->gateway->options->login_timeout_ms);
    if (!market->link)
        market->link = link_create(market->gateway, CTP_MD, TEXT("md"), handle_event, market);
    else if (market->step == IDLE)
        log_in(market);
}

static void client_logs_in(struct market_client *client, const struct request *request)
{
    struct market *market = client->market;
    if (market->logged_in) {
        client->state = IN;
        tell_login(client, request->request_id, market->answer, market->good, true);
        return;
    }
    client->state = WAITING;
    client->request_id = request->request_id;
    client->told = false;
    if (market->step != LOGGING_IN)
        start(market, request);
    if (!market->link)
        connection_send_error(client->connection, TEXT("RspUserLogin"), -1, client->request_id,
                              TEXT("the library makes no session"));
}

/* ---- subscriptions ---- */

static void drop_wait(struct market_wait **at)
{
    struct market_wait *wait = *at;
    *at = wait->next;
    if (wait->group->left == 0)
        free(wait->group);
    free(wait);
}

/* Instruments that the front need not send any more, gathered so that it is told with one call. */
struct stopped {
    char **ids[TOPIC_COUNT];
    int count[TOPIC_COUNT];
};

static struct stopped stopped_create(size_t max)
{
    struct stopped stopped;
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        stopped.ids[topic] = memory_get((max + 1) * sizeof(char *));
        stopped.count[topic] = 0;
    }
    return stopped;
}

/* The client has left the instrument; was it the last that had it? */
static void stop_if_unused(struct stopped *stopped, struct instrument *instrument)
{
    if (instrument->subscriber_count > 0)
        return;
    frame_release(instrument->last);
    instrument->last = NULL;
    if (instrument->on || instrument->asked)
        stopped->ids[instrument->topic][stopped->count[instrument->topic]++] = instrument->id;
    instrument->on = instrument->asked = false;
}

static void stop_at_front(struct market *market, struct stopped *stopped)
{
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        for (int i = 0; i < stopped->count[topic]; i += SUBSCRIBE_AT_ONCE) {
            int left = stopped->count[topic] - i;
            link_instruments(market->link, topics[topic].unsubscribe, stopped->ids[topic] + i,
                             left < SUBSCRIBE_AT_ONCE ? left : SUBSCRIBE_AT_ONCE);
        }
        free(stopped->ids[topic]);
    }
}

/* The instruments of the message that the front must be asked for; each once. The market marks them
 * as asked. */
static int collect_new(struct market *market, enum market_topic topic,
                       const struct request *request, uint32_t *numbers, char **ids)
{
    int count = 0;
    for (unsigned i = 0; i < request->instrument_count; i++) {
        struct instrument *instrument =
            instrument_take(&market->book, topic, text_of(request->instruments[i]),
                            market->gateway->options->instruments_max, &numbers[i]);
        if (!instrument)
            return -1;
        if (instrument->on || instrument->asked)
            continue;
        instrument->asked = true;
        ids[count++] = instrument->id;
    }
    return count;
}

static void unmark(struct market *market, const uint32_t *numbers, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct instrument *instrument = market->book.instruments[numbers[i]];
        if (!instrument->on && instrument->subscriber_count == 0)
            instrument->asked = false;
    }
}

/* Each instrument of the message: answered now where the front sends it already, else when the
 * front answers. */
static void join_instruments(struct market_client *client, const uint32_t *numbers, unsigned count,
                             struct market_group *group)
{
    struct market *market = client->market;
    for (unsigned i = 0; i < count; i++) {
        struct instrument *instrument = market->book.instruments[numbers[i]];
        subscriber_add(&market->book, &client->subscriber, numbers[i]);
        if (!instrument->on) {
            struct market_wait *wait = memory_get(sizeof *wait);
            *wait = (struct market_wait){.next = instrument->waits, .group = group};
            instrument->waits = wait;
            continue;
        }
        tell_instrument(group, text_of(instrument->id), market->good);
        if (instrument->last)
            connection_send(client->connection, instrument->last);
    }
    if (group->left == 0)
        free(group);
}

static void subscribe(struct market_client *client, enum market_topic topic,
                      const struct request *request)
{
    struct market *market = client->market;
    unsigned count = request->instrument_count;
    uint32_t *numbers = memory_get_zeroed(count, sizeof *numbers);
    char **ids = memory_get_zeroed(count, sizeof *ids);
    int new_count = collect_new(market, topic, request, numbers, ids);
    int code =
        new_count > 0 ? link_instruments(market->link, topics[topic].subscribe, ids, new_count) : 0;
    if (new_count < 0) {
        for (uint32_t i = 0; i < market->book.count; i++)
            if (market->book.instruments[i]->subscriber_count == 0)
                market->book.instruments[i]->asked = false;
        connection_send_error(
            client->connection, text_of(ctp_method_info(request->method)->name), ANSWER_BAD_REQUEST,
            request->request_id,
            TEXT("InstrumentID: too many instruments are in use already (MaxInstruments)"));
    } else if (code != 0) {
        unmark(market, numbers, count);
        connection_send_refusal(client->connection, request->method, code, request->request_id);
    } else {
        struct market_group *group = memory_get(sizeof *group);
        *group = (struct market_group){client, topics[topic].answer, request->request_id, count};
        join_instruments(client, numbers, count, group);
    }
    free(numbers);
    free(ids);
}

static void unsubscribe(struct market_client *client, enum market_topic topic,
                        const struct request *request)
{
    struct market *market = client->market;
    struct market_group group = {client, topics[topic].unsubscribe_answer, request->request_id,
                                 request->instrument_count};
    struct stopped stopped = stopped_create(request->instrument_count);
    for (unsigned i = 0; i < request->instrument_count; i++) {
        uint32_t number;
        text id = text_of(request->instruments[i]);
        struct instrument *instrument = instrument_find(&market->book, topic, id, &number);
        if (instrument && subscriber_remove(&market->book, &client->subscriber, number))
            stop_if_unused(&stopped, instrument);
        tell_instrument(&group, id, market->good);
    }
    stop_at_front(market, &stopped);
}

static void leave_all(struct market_client *client)
{
    uint32_t number;
    struct instrument_book *book = &client->market->book;
    struct stopped stopped = stopped_create(client->subscriber.live);
    while (subscriber_pop(book, &client->subscriber, &number))
        stop_if_unused(&stopped, book->instruments[number]);
    stop_at_front(client->market, &stopped);
}

/* The front has answered for one instrument: so have those who wait for it. */
static void subscribed(struct market *market, enum market_topic topic,
                       const struct link_event *event)
{
    uint32_t number;
    if (!event->body)
        return;
    text id = field_text(layout(market, CTP_STRUCT_SpecificInstrument), event->body,
                         TEXT("InstrumentID"));
    struct instrument *instrument = instrument_find(&market->book, topic, id, &number);
    if (!instrument)
        return;
    instrument->asked = false;
    instrument->on = event->error_id == 0 && instrument->subscriber_count > 0;
    if (event->error_id == 0 && event->rsp_info)
        memcpy(market->good, event->rsp_info, layout(market, CTP_STRUCT_RspInfo)->size);
    struct market_wait **oldest;
    while (instrument->waits) {
        for (oldest = &instrument->waits; (*oldest)->next;)
            oldest = &(*oldest)->next;
        struct market_group *group = (*oldest)->group;
        if (event->error_id != 0 && group->client)
            subscriber_remove(&market->book, &group->client->subscriber, number);
        tell_instrument(group, id, event->rsp_info);
        drop_wait(oldest);
    }
}

static void tick_came(struct market *market, enum market_topic topic,
                      const struct link_event *event)
{
    uint32_t number;
    struct instrument *instrument =
        instrument_find(&market->book, topic, text_of(event->instrument), &number);
    if (!instrument || instrument->subscriber_count == 0 || !event->frame)
        return;
    if (topic == TOPIC_DEPTH) {
        event->frame->instrument = number;
        frame_release(instrument->last);
        instrument->last = frame_acquire(event->frame);
    }
    for (uint32_t i = 0; i < instrument->subscriber_count; i++) {
        struct market_client *client = instrument->subscribers[i]->owner;
        connection_send(client->connection, event->frame);
    }
}

/* ---- requests that the front answers to one client ---- */

static void query(struct market_client *client, struct request *request)
{
    struct market *market = client->market;
    struct market_query *query_made = memory_get(sizeof *query_made);
    *query_made = (struct market_query){market->queries, client, market->next_query_id++,
                                        request->request_id};
    int code = link_request(market->link, request->method, request->body, query_made->id);
    if (code == 0) {
        market->queries = query_made;
        return;
    }
    free(query_made);
    connection_send_refusal(client->connection, request->method, code, request->request_id);
}

static void query_answered(struct market *market, const struct link_event *event)
{
    struct market_query **at = &market->queries;
    while (*at && (*at)->id != event->request_id)
        at = &(*at)->next;
    struct market_query *answered = *at;
    if (!answered) {
        if (event->error_id != 0)
            log_line(LOG_WARN, "the market data front says error %d", event->error_id);
        return;
    }
    if (answered->client)
        tell(answered->client, &(struct ctp_callback){.method = event->method,
                                                      .body = event->body,
                                                      .rsp_info = event->rsp_info,
                                                      .request_id = answered->request_id,
                                                      .is_last = event->is_last});
    if (!event->is_last)
        return;
    *at = answered->next;
    free(answered);
}

/* ---- what comes from the library ---- */

static void front_connected(struct market *market)
{
    log_line(LOG_INFO, "Md client connected");
    market->step = IDLE;
    if (market->wanted)
        log_in(market);
}

static bool is_of_topic(struct market *market, const struct link_event *event)
{
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        if (event->method == topics[topic].tick)
            tick_came(market, (enum market_topic)topic, event);
        else if (event->method == topics[topic].answer)
            subscribed(market, (enum market_topic)topic, event);
        else if (event->method != topics[topic].unsubscribe_answer)
            continue;
        return true;
    }
    return false;
}

/* With PublicReturns, what tells of the front goes to every client that is logged in. */
static void tell_all(struct market *market, const struct link_event *event)
{
    if (!market->gateway->options->public_returns)
        return;
    for (struct market_client *client = market->clients; client; client = client->next)
        if (client->state == IN)
            tell(client, &(struct ctp_callback){.method = event->method, .number = event->number});
}

static void handle_event(void *owner, const struct link_event *event)
{
    struct market *market = owner;
    if (is_of_topic(market, event))
        return;
    if (answer_is_public(event->method))
        tell_all(market, event);
    switch (event->method) {
    case CTP_MdSpi_OnFrontConnected:
        front_connected(market);
        return;
    case CTP_MdSpi_OnFrontDisconnected:
        front_lost(market, event->number);
        return;
    case CTP_MdSpi_OnRspUserLogin:
        login_answered(market, event);
        return;
    default:
        query_answered(market, event);
        return;
    }
}

/* ---- what comes from a client ---- */

struct market_client *market_client_create(struct market *market, struct connection *connection)
{
    struct market_client *client = memory_get_zeroed(1, sizeof *client);
    client->market = market;
    client->connection = connection;
    client->subscriber.owner = client;
    client->next = market->clients;
    if (client->next)
        client->next->previous = client;
    market->clients = client;
    return client;
}

static void forget_waits(struct market_client *client)
{
    struct market *market = client->market;
    for (uint32_t i = 0; i < market->book.count; i++)
        for (struct market_wait *wait = market->book.instruments[i]->waits; wait; wait = wait->next)
            if (wait->group->client == client)
                wait->group->client = NULL;
    for (struct market_query *made = market->queries; made; made = made->next)
        if (made->client == client)
            made->client = NULL;
}

void market_client_destroy(struct market_client *client)
{
    if (!client)
        return;
    leave_all(client);
    forget_waits(client);
    subscriber_finish(&client->subscriber);
    if (client->previous)
        client->previous->next = client->next;
    else
        client->market->clients = client->next;
    if (client->next)
        client->next->previous = client->previous;
    free(client);
}

/* The session is everybody's, so a client's logout is its own affair. */
static void client_logs_out(struct market_client *client, struct request *request)
{
    leave_all(client);
    client->state = OUT;
    tell(client, &(struct ctp_callback){.method = CTP_MdSpi_OnRspUserLogout,
                                        .body = request->body,
                                        .rsp_info = client->market->good,
                                        .request_id = request->request_id,
                                        .is_last = true});
}

void market_client_request(struct market_client *client, struct request *request)
{
    if (request->method == CTP_MdApi_ReqUserLogin) {
        client_logs_in(client, request);
        return;
    }
    if (client->state != IN) {
        connection_send_error(client->connection, text_of(ctp_method_info(request->method)->name),
                              ANSWER_NOT_LOGGED_IN, request->request_id, TEXT(""));
        return;
    }
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        if (request->method == topics[topic].subscribe)
            subscribe(client, (enum market_topic)topic, request);
        else if (request->method == topics[topic].unsubscribe)
            unsubscribe(client, (enum market_topic)topic, request);
        else
            continue;
        return;
    }
    if (request->method == CTP_MdApi_ReqUserLogout)
        client_logs_out(client, request);
    else if (ctp_method_info(request->method)->shape == CTP_SHAPE_REQUEST)
        query(client, request);
    else
        connection_call_local(client->connection, client->market->link, request);
}

/* ---- the end ---- */

void market_destroy(struct market *market)
{
    if (!market)
        return;
    link_release(market->link);
    listener_timer_destroy(market->timer);
    for (uint32_t i = 0; i < market->book.count; i++) {
        struct instrument *instrument = market->book.instruments[i];
        while (instrument->waits) {
            instrument->waits->group->left--;
            drop_wait(&instrument->waits);
        }
    }
    instrument_book_finish(&market->book);
    while (market->queries) {
        struct market_query *made = market->queries;
        market->queries = made->next;
        free(made);
    }
    explicit_bzero(market->login, sizeof market->login);
    free(market);
}
