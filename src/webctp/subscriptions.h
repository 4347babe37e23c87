/* subscriptions.h: who gets what: instruments by name, the clients subscribed to each, and each
 * client's own list. Pure bookkeeping; knows no connection and no library. Loop thread only. */
#ifndef WEBCTP_SUBSCRIPTIONS_H
#define WEBCTP_SUBSCRIPTIONS_H

#include "base/index.h"
#include "webctp/frame.h"
#include "webctp/link.h"

/* What can be subscribed to: depth market data, and requests for quotes. */
enum market_topic { TOPIC_DEPTH, TOPIC_FOR_QUOTE, TOPIC_COUNT };

struct subscriber;

/* A subscription that waits for the front's answer. */
struct market_wait {
    struct market_wait *next;
    struct market_group *group;
};

struct instrument {
    char id[LINK_INSTRUMENT_SIZE]; /* GB18030 */
    enum market_topic topic;
    struct subscriber **subscribers;
    uint32_t subscriber_count, subscriber_capacity;
    struct frame *last;        /* the newest tick, NULL before the first */
    bool on;                   /* the front has said that it sends it */
    bool asked;                /* the front was asked and has not answered */
    struct market_wait *waits; /* newest first */
};

/* Instruments have numbers from 0 and are never forgotten. A zeroed book is empty. */
struct instrument_book {
    struct instrument **instruments;
    uint32_t count, capacity;
    struct index index;
};

/* The instrument; NULL when there is none. */
struct instrument *instrument_find(const struct instrument_book *book, enum market_topic topic,
                                   text id, uint32_t *number);

/* Finds or makes it. NULL when there are `max` already. `id` is shorter than LINK_INSTRUMENT_SIZE.
 */
struct instrument *instrument_take(struct instrument_book *book, enum market_topic topic, text id,
                                   uint32_t max, uint32_t *number);

/* Frees all. No instrument may have subscribers or waits. */
void instrument_book_finish(struct instrument_book *book);

/* One client's side. A zeroed subscriber has nothing. */
struct subscriber {
    void *owner;
    uint32_t *numbers; /* of the instruments that it has; a removed one is UINT32_MAX */
    uint32_t count, capacity, live;
    struct index index;
};

bool subscriber_has(const struct subscriber *subscriber, uint32_t number);

/* False when it had it already, or did not have it. */
bool subscriber_add(struct instrument_book *book, struct subscriber *subscriber, uint32_t number);
bool subscriber_remove(struct instrument_book *book, struct subscriber *subscriber,
                       uint32_t number);

/* Removes the newest of what it has and gives its number; false when it has nothing. */
bool subscriber_pop(struct instrument_book *book, struct subscriber *subscriber, uint32_t *number);

void subscriber_finish(struct subscriber *subscriber);

#endif
