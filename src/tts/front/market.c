/* market.c: subscriptions and the ticks that go to them. A client may subscribe to any id; one that
 * the market lacks starts to tick when it appears. A client that reads too slowly gets the newest
 * tick of each instrument and not each tick. */
#include "tts/core/reply.h"
#include "tts/front/inside.h"
#include <assert.h>

static uint32_t find_topic(const struct front *front, text id)
{
    uint32_t cursor = 0, place;
    while (index_next(&front->topic_index, hash_text(id), &cursor, &place))
        if (text_equal(text_of(front->topics[place].id), id))
            return place;
    return NOBODY;
}

static uint32_t make_topic(struct front *front, text id)
{
    uint32_t place = find_topic(front, id);
    if (place != NOBODY)
        return place;
    if (front->topic_count == front->topic_capacity) {
        front->topic_capacity = front->topic_capacity ? front->topic_capacity * 2 : 256;
        front->topics = memory_resize(front->topics, front->topic_capacity * sizeof *front->topics);
    }
    place = front->topic_count++;
    front->topics[place] = (struct topic){.ticks = NULL};
    text_copy(front->topics[place].id, sizeof front->topics[place].id, id);
    index_add(&front->topic_index, hash_text(id), place);
    return place;
}

static void add_link(uint32_t **links, uint32_t *count, uint32_t *capacity, uint32_t link)
{
    if (*count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 8;
        *links = memory_resize(*links, *capacity * sizeof **links);
    }
    (*links)[(*count)++] = link;
}

static bool take_link(uint32_t *links, uint32_t *count, uint32_t link)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (links[i] == link) {
            links[i] = links[--*count];
            return true;
        }
    }
    return false;
}

/* ---- a link's own list, for conflation and for the limit ---- */

static struct subscription *own(struct link *link, uint32_t topic)
{
    for (uint32_t i = 0; i < link->subscription_count; i++)
        if (link->subscriptions[i].topic == topic)
            return &link->subscriptions[i];
    return NULL;
}

static void own_add(struct link *link, uint32_t topic)
{
    if (link->subscription_count == link->subscription_capacity) {
        link->subscription_capacity =
            link->subscription_capacity ? link->subscription_capacity * 2 : 16;
        link->subscriptions = memory_resize(link->subscriptions, link->subscription_capacity *
                                                                     sizeof *link->subscriptions);
    }
    link->subscriptions[link->subscription_count++] = (struct subscription){.topic = topic};
}

static void own_remove(struct link *link, uint32_t topic)
{
    struct subscription *found = own(link, topic);
    if (found)
        *found = link->subscriptions[--link->subscription_count];
}

void market_forget(struct link *link)
{
    struct front *front = link->front;
    for (uint32_t i = 0; i < link->subscription_count; i++) {
        struct topic *topic = &front->topics[link->subscriptions[i].topic];
        take_link(topic->ticks, &topic->tick_count, link->place);
    }
    for (uint32_t i = 0; link->md && i < front->topic_count; i++)
        take_link(front->topics[i].for_quotes, &front->topics[i].for_quote_count, link->place);
    link->subscription_count = 0;
}

/* ---- ticks ---- */

static void send_tick(struct link *link, const struct CThostFtdcDepthMarketDataField *tick)
{
    link_write_callback(link, WIRE_TICK, CTP_MdSpi_OnRtnDepthMarketData, tick, NULL, 0, true, 0);
    link->front->figures.ticks_sent++;
}

static bool newest_tick(struct front *front, text id, struct CThostFtdcDepthMarketDataField *tick)
{
    uint32_t instrument = market_find_instrument(core_market(front->core), EXCHANGE_COUNT, id);
    return instrument != INSTRUMENT_NONE && core_newest_tick(front->core, instrument, tick);
}

static void owe(struct link *link, uint32_t topic)
{
    struct subscription *subscription = own(link, topic);
    if (subscription)
        subscription->waiting = link->owes_ticks = true;
}

void market_pay_owed(struct link *link)
{
    struct front *front = link->front;
    link->owes_ticks = false;
    for (uint32_t i = 0; i < link->subscription_count; i++) {
        struct subscription *subscription = &link->subscriptions[i];
        struct CThostFtdcDepthMarketDataField tick;
        if (!subscription->waiting)
            continue;
        subscription->waiting = false;
        if (newest_tick(front, text_of(front->topics[subscription->topic].id), &tick))
            send_tick(link, &tick);
    }
}

/* One encoding a version: links of one version get the same bytes. */
void front_tick(struct front *front, uint32_t instrument,
                const struct CThostFtdcDepthMarketDataField *tick)
{
    (void)instrument;
    uint32_t place = find_topic(front, FIELD_TEXT(tick->InstrumentID));
    if (place == NOBODY)
        return;
    struct topic *topic = &front->topics[place];
    struct link *encoded[FRONT_VERSIONS] = {NULL};
    size_t from[FRONT_VERSIONS] = {0}, length[FRONT_VERSIONS] = {0};
    for (uint32_t i = 0; i < topic->tick_count; i++) {
        struct link *link = front->links[topic->ticks[i]];
        if (link->state != LINK_OPEN)
            continue;
        if (link_unsent(link) > TICK_BYTES_MAX) {
            owe(link, place);
            continue;
        }
        struct link *model = encoded[link->version];
        if (model) {
            buffer_put(&link->out, model->out.at + from[link->version], length[link->version]);
            front->figures.ticks_sent++;
            front->figures.frames_sent++;
            link_touched(link);
            continue;
        }
        from[link->version] = link->out.length;
        send_tick(link, tick);
        if (link->state == LINK_OPEN) {
            length[link->version] = link->out.length - from[link->version];
            encoded[link->version] = link;
        }
    }
}

void front_for_quote(struct front *front, uint32_t instrument,
                     const struct CThostFtdcForQuoteRspField *body)
{
    (void)instrument;
    uint32_t place = find_topic(front, FIELD_TEXT(body->InstrumentID));
    if (place == NOBODY)
        return;
    struct topic *topic = &front->topics[place];
    for (uint32_t i = 0; i < topic->for_quote_count; i++)
        link_write_callback(front->links[topic->for_quotes[i]], WIRE_TICK,
                            CTP_MdSpi_OnRtnForQuoteRsp, body, NULL, 0, true, 0);
}

/* ---- subscribing ---- */

static int subscribe_ticks(struct link *link, text id, bool *fresh)
{
    struct front *front = link->front;
    int limit = front->options.md_subscription_limit;
    if (id.length == 0)
        return 0;
    uint32_t place = make_topic(front, id);
    *fresh = true;
    if (own(link, place))
        return 0;
    if (limit && link->subscription_count >= (uint32_t)limit) {
        *fresh = false;
        return 6000;
    }
    own_add(link, place);
    struct topic *topic = &front->topics[place];
    add_link(&topic->ticks, &topic->tick_count, &topic->tick_capacity, link->place);
    return 0;
}

static void unsubscribe_ticks(struct link *link, text id)
{
    uint32_t place = find_topic(link->front, id);
    if (place == NOBODY)
        return;
    struct topic *topic = &link->front->topics[place];
    take_link(topic->ticks, &topic->tick_count, link->place);
    own_remove(link, place);
}

static void change_for_quotes(struct link *link, text id, bool wanted)
{
    if (id.length == 0)
        return;
    struct topic *topic = &link->front->topics[make_topic(link->front, id)];
    take_link(topic->for_quotes, &topic->for_quote_count, link->place);
    if (wanted)
        add_link(&topic->for_quotes, &topic->for_quote_count, &topic->for_quote_capacity,
                 link->place);
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

static int change(struct link *link, enum ctp_method method, text id, bool *snapshot)
{
    switch (method) {
    case CTP_MdApi_SubscribeMarketData:
        return subscribe_ticks(link, id, snapshot);
    case CTP_MdApi_UnSubscribeMarketData:
        unsubscribe_ticks(link, id);
        return 0;
    default:
        change_for_quotes(link, id, method == CTP_MdApi_SubscribeForQuoteRsp);
        return 0;
    }
}

static void refuse_all(struct link *link, enum ctp_method method)
{
    struct refusal refusal = refusal_of(CTP_ERROR_NOT_LOGIN_YET);
    struct CThostFtdcRspInfoField rsp_info;
    refusal_fill(&refusal, &rsp_info);
    (void)method;
    link_write_callback(link, WIRE_ANSWER, CTP_MdSpi_OnRspError, NULL, &rsp_info, 0, true, 0);
}

void market_subscribe(struct link *link, enum ctp_method method, text payload)
{
    struct wire_instruments list = wire_instruments_of(payload);
    struct CThostFtdcDepthMarketDataField tick;
    text id, next;
    if (!link->logged_in) {
        refuse_all(link, method);
        return;
    }
    bool more = wire_instruments_next(&list, &id);
    struct wire_instruments again = wire_instruments_of(payload);
    while (more) {
        bool snapshot = false;
        more = wire_instruments_next(&list, &next);
        int error_id = change(link, method, id, &snapshot);
        answer(link, method, id, error_id, !more);
        id = next;
    }
    while (method == CTP_MdApi_SubscribeMarketData && wire_instruments_next(&again, &id)) {
        uint32_t topic = find_topic(link->front, id);
        if (topic != NOBODY && own(link, topic) && newest_tick(link->front, id, &tick))
            send_tick(link, &tick);
    }
}
