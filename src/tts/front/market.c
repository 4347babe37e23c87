/* market.c: subscriptions and the ticks that go to them. A client may subscribe to any id; one that
 * the market lacks starts to tick when it appears. A client that reads too slowly gets the newest
 * tick of each instrument and not each tick. */
#include "tts/core/reply.h"
#include "tts/front/inside.h"
#include <assert.h>

/* ---- topics ---- */

static uint32_t find_topic(const struct front *front, text id)
{
    uint32_t cursor = 0, place;
    while (index_next(&front->topic_index, hash_text(id), &cursor, &place))
        if (text_equal(text_of(front->topics[place].id), id))
            return place;
    return NOBODY;
}

static uint32_t new_topic(struct front *front)
{
    if (front->free_topics.count)
        return front->free_topics.at[--front->free_topics.count];
    if (front->topic_count == front->topic_capacity) {
        front->topic_capacity = front->topic_capacity ? front->topic_capacity * 2 : 256;
        front->topics = memory_resize(front->topics, front->topic_capacity * sizeof *front->topics);
    }
    return front->topic_count++;
}

static uint32_t make_topic(struct front *front, text id)
{
    uint32_t place = find_topic(front, id);
    if (place != NOBODY)
        return place;
    place = new_topic(front);
    memset(&front->topics[place], 0, sizeof front->topics[place]);
    text_copy(front->topics[place].id, sizeof front->topics[place].id, id);
    index_add(&front->topic_index, hash_text(id), place);
    return place;
}

static void free_topic_if_unwanted(struct front *front, uint32_t place)
{
    struct topic *topic = &front->topics[place];
    for (int kind = 0; kind < MARKET_KINDS; kind++)
        if (topic->subscribers[kind].count)
            return;
    index_remove(&front->topic_index, hash_text(text_of(topic->id)), place);
    for (int kind = 0; kind < MARKET_KINDS; kind++)
        free(topic->subscribers[kind].at);
    memset(topic, 0, sizeof *topic);
    numbers_add(&front->free_topics, place);
}

/* ---- the two ends of a subscription ---- */

static bool is_wanted(const struct subscriptions *own, uint32_t topic)
{
    return topic / 64 < own->words && (own->wanted[topic / 64] >> topic % 64 & 1);
}

static void set_wanted(struct subscriptions *own, uint32_t topic)
{
    uint32_t words = topic / 64 + 1;
    if (words > own->words) {
        words += words / 2;
        own->wanted = memory_resize(own->wanted, words * sizeof *own->wanted);
        memset(own->wanted + own->words, 0, (words - own->words) * sizeof *own->wanted);
        own->words = words;
    }
    own->wanted[topic / 64] |= UINT64_C(1) << topic % 64;
}

static void join(struct link *link, enum market_kind kind, uint32_t place)
{
    struct subscriptions *own = &link->subscriptions[kind];
    struct topic *topic = &link->front->topics[place];
    if (own->count == own->capacity) {
        own->capacity = own->capacity ? own->capacity * 2 : 16;
        own->at = memory_resize(own->at, own->capacity * sizeof *own->at);
    }
    if (topic->subscribers[kind].count == topic->subscribers[kind].capacity) {
        uint32_t more = topic->subscribers[kind].capacity ? topic->subscribers[kind].capacity : 4;
        topic->subscribers[kind].capacity += more;
        topic->subscribers[kind].at =
            memory_resize(topic->subscribers[kind].at,
                          topic->subscribers[kind].capacity * sizeof *topic->subscribers[kind].at);
    }
    uint32_t at = topic->subscribers[kind].count++;
    topic->subscribers[kind].at[at] = (struct subscriber){link->place, own->count};
    own->at[own->count++] = (struct subscription){.topic = place, .at = at};
    set_wanted(own, place);
}

/* The last of each list takes the free place, and its other end learns of it. */
static void leave(struct link *link, enum market_kind kind, uint32_t subscription)
{
    struct front *front = link->front;
    struct subscriptions *own = &link->subscriptions[kind];
    struct subscription gone = own->at[subscription];
    struct topic *topic = &front->topics[gone.topic];

    struct subscriber last = topic->subscribers[kind].at[--topic->subscribers[kind].count];
    topic->subscribers[kind].at[gone.at] = last;
    front->links[last.link]->subscriptions[kind].at[last.subscription].at = gone.at;

    struct subscription moved = own->at[--own->count];
    if (subscription != own->count) {
        own->at[subscription] = moved;
        front->topics[moved.topic].subscribers[kind].at[moved.at].subscription = subscription;
    }
    own->wanted[gone.topic / 64] &= ~(UINT64_C(1) << gone.topic % 64);
    free_topic_if_unwanted(front, gone.topic);
}

void market_forget(struct link *link)
{
    for (enum market_kind kind = 0; kind < MARKET_KINDS; kind++) {
        struct subscriptions *own = &link->subscriptions[kind];
        while (own->count)
            leave(link, kind, own->count - 1);
        free(own->at);
        free(own->wanted);
        *own = (struct subscriptions){.at = NULL};
    }
    link->owes_ticks = false;
}

/* ---- ticks ---- */

static void send_tick(struct link *link, const struct CThostFtdcDepthMarketDataField *tick)
{
    link_write_callback(link, WIRE_TICK, CTP_MdSpi_OnRtnDepthMarketData, tick, NULL, 0, true, 0);
    link->front->figures.ticks_sent++;
}

static void send_newest_of(struct link *link, uint32_t instrument)
{
    struct CThostFtdcDepthMarketDataField tick;
    if (instrument != INSTRUMENT_NONE && core_newest_tick(link->front->core, instrument, &tick))
        send_tick(link, &tick);
}

/* Nothing when there is none yet. Stock exchanges use the same codes: then the tick of each. */
static void send_newest(struct link *link, text id)
{
    const struct market *market = core_market(link->front->core);
    uint32_t found = market_find_instrument(market, EXCHANGE_COUNT, id);
    if (found == INSTRUMENT_NONE || market->instruments[found].exchange < EXCHANGE_SSE) {
        send_newest_of(link, found);
        return;
    }
    for (enum exchange exchange = EXCHANGE_SSE; exchange < EXCHANGE_COUNT; exchange++)
        send_newest_of(link, market_find_instrument(market, exchange, id));
}

static void owe(struct link *link, uint32_t subscription)
{
    link->subscriptions[MARKET_TICKS].at[subscription].owed = true;
    link->owes_ticks = true;
}

static void pay(struct link *link, struct subscription *subscription)
{
    if (!subscription->owed)
        return;
    subscription->owed = false;
    send_newest(link, text_of(link->front->topics[subscription->topic].id));
}

/* Goes on where it stopped the last time, so that each instrument gets its turn. */
void market_pay_owed(struct link *link)
{
    struct subscriptions *own = &link->subscriptions[MARKET_TICKS];
    for (uint32_t i = 0; i < own->count; i++) {
        if (link_unsent(link) >= PUMP_BYTES_MAX || link->broken)
            return;
        if (link->owed_next >= own->count)
            link->owed_next = 0;
        pay(link, &own->at[link->owed_next++]);
    }
    link->owes_ticks = false;
}

/* The bytes of one frame, encoded for the first client of its version. */
struct encoded {
    const struct link *model;
    size_t from, length;
};

static void tell_tick(struct link *link, const struct CThostFtdcDepthMarketDataField *tick,
                      struct encoded *encoded)
{
    struct front *front = link->front;
    if (encoded->model) {
        buffer_put(&link->out, encoded->model->out.at + encoded->from, encoded->length);
        front->figures.ticks_sent++;
        front->figures.frames_sent++;
        link_touched(link);
        return;
    }
    size_t from = link->out.length;
    send_tick(link, tick);
    *encoded = (struct encoded){link, from, link->out.length - from};
}

/* One encoding a version: links of one version get the same bytes. */
void front_tick(struct front *front, uint32_t instrument,
                const struct CThostFtdcDepthMarketDataField *tick)
{
    (void)instrument;
    uint32_t place = find_topic(front, FIELD_TEXT(tick->InstrumentID));
    if (place == NOBODY)
        return;
    const struct topic *topic = &front->topics[place];
    struct encoded encoded[FRONT_VERSIONS] = {{.model = NULL}};
    for (uint32_t i = 0; i < topic->subscribers[MARKET_TICKS].count; i++) {
        struct subscriber subscriber = topic->subscribers[MARKET_TICKS].at[i];
        struct link *link = front->links[subscriber.link];
        if (link->broken)
            continue;
        if (link->owes_ticks || link_unsent(link) > TICK_BYTES_MAX)
            owe(link, subscriber.subscription);
        else
            tell_tick(link, tick, &encoded[link->version]);
    }
}

void front_for_quote(struct front *front, uint32_t instrument,
                     const struct CThostFtdcForQuoteRspField *body)
{
    (void)instrument;
    uint32_t place = find_topic(front, FIELD_TEXT(body->InstrumentID));
    if (place == NOBODY)
        return;
    const struct topic *topic = &front->topics[place];
    for (uint32_t i = 0; i < topic->subscribers[MARKET_FOR_QUOTES].count; i++)
        link_write_callback(front->links[topic->subscribers[MARKET_FOR_QUOTES].at[i].link],
                            WIRE_TICK, CTP_MdSpi_OnRtnForQuoteRsp, body, NULL, 0, true, 0);
}

/* ---- subscribing ---- */

static int subscribe(struct link *link, enum market_kind kind, text id)
{
    int limit = kind == MARKET_TICKS ? link->front->options.md_subscription_limit : 0;
    uint32_t most = limit ? (uint32_t)limit : SUBSCRIPTIONS_MAX;
    const struct subscriptions *own = &link->subscriptions[kind];
    if (id.length == 0)
        return 0;
    uint32_t place = find_topic(link->front, id);
    if (place != NOBODY && is_wanted(own, place))
        return 0;
    if (own->count >= most)
        return CTP_ERROR_OVER_SUB_INST_LIMIT;
    join(link, kind, place != NOBODY ? place : make_topic(link->front, id));
    return 0;
}

/* Finds the link's subscription of a topic from the topic's end, where the newest stand; NOBODY. */
static uint32_t find_own(const struct link *link, enum market_kind kind, uint32_t place)
{
    if (place == NOBODY || !is_wanted(&link->subscriptions[kind], place))
        return NOBODY;
    const struct topic *topic = &link->front->topics[place];
    for (uint32_t i = topic->subscribers[kind].count; i-- > 0;)
        if (topic->subscribers[kind].at[i].link == link->place)
            return topic->subscribers[kind].at[i].subscription;
    return NOBODY;
}

static void unsubscribe(struct link *link, enum market_kind kind, text id)
{
    uint32_t subscription = find_own(link, kind, find_topic(link->front, id));
    if (subscription != NOBODY)
        leave(link, kind, subscription);
}

static void answer(struct link *link, enum ctp_method method, text id, int error_id, bool is_last)
{
    struct CThostFtdcSpecificInstrumentField body;
    struct CThostFtdcRspInfoField rsp_info = {.ErrorID = 0};
    memset(&body, 0, sizeof body);
    text_copy(body.InstrumentID, sizeof body.InstrumentID, id);
    if (error_id) {
        struct refusal refusal = refusal_of(error_id);
        refusal_fill(&refusal, &rsp_info);
    } else {
        text_copy(rsp_info.ErrorMsg, sizeof rsp_info.ErrorMsg, TEXT("CTP:No Error"));
    }
    link_write_callback(link, WIRE_ANSWER, ctp_method_answer(method), &body, &rsp_info, 0, is_last,
                        0);
}

static int change(struct link *link, enum ctp_method method, text id)
{
    switch (method) {
    case CTP_MdApi_SubscribeMarketData:
        return subscribe(link, MARKET_TICKS, id);
    case CTP_MdApi_UnSubscribeMarketData:
        unsubscribe(link, MARKET_TICKS, id);
        return 0;
    case CTP_MdApi_SubscribeForQuoteRsp:
        return subscribe(link, MARKET_FOR_QUOTES, id);
    default:
        unsubscribe(link, MARKET_FOR_QUOTES, id);
        return 0;
    }
}

static void refuse_all(struct link *link)
{
    struct refusal refusal = refusal_of(CTP_ERROR_NOT_LOGIN_YET);
    struct CThostFtdcRspInfoField rsp_info;
    refusal_fill(&refusal, &rsp_info);
    link_write_callback(link, WIRE_ANSWER, CTP_MdSpi_OnRspError, NULL, &rsp_info, 0, true, 0);
}

/* Behind the answers comes the newest tick of each instrument, also of one subscribed before. */
static void show_newest(struct link *link, text payload)
{
    struct wire_instruments list = wire_instruments_of(payload);
    text id;
    while (wire_instruments_next(&list, &id)) {
        uint32_t place = find_topic(link->front, id);
        if (place == NOBODY || !is_wanted(&link->subscriptions[MARKET_TICKS], place))
            continue;
        if (link->owes_ticks || link_unsent(link) > TICK_BYTES_MAX)
            owe(link, find_own(link, MARKET_TICKS, place));
        else
            send_newest(link, id);
    }
}

bool market_subscribe(struct link *link, enum ctp_method method, text payload)
{
    struct wire_instruments list = wire_instruments_of(payload);
    text id, next;
    if (!link->logged_in) {
        refuse_all(link);
        return true;
    }
    bool more = wire_instruments_next(&list, &id);
    while (more) {
        more = wire_instruments_next(&list, &next);
        int error_id = change(link, method, id);
        answer(link, method, id, error_id, !more);
        id = next;
    }
    if (list.broken)
        return false;
    if (method == CTP_MdApi_SubscribeMarketData)
        show_newest(link, payload);
    return true;
}
