/* subscriptions.c: see subscriptions.h. */
#include "webctp/subscriptions.h"
#include "base/buffer.h"
#include <assert.h>

#define REMOVED UINT32_MAX

enum { COMPACT_FROM = 64 };

/* ---- instruments ---- */

static uint64_t instrument_hash(enum market_topic topic, text id)
{
    return hash_text(id) + (uint64_t)topic;
}

struct instrument *instrument_find(const struct instrument_book *book, enum market_topic topic,
                                   text id, uint32_t *number)
{
    uint32_t cursor = 0;
    while (index_next(&book->index, instrument_hash(topic, id), &cursor, number)) {
        struct instrument *instrument = book->instruments[*number];
        if (instrument->topic == topic && text_equal(text_of(instrument->id), id))
            return instrument;
    }
    return NULL;
}

struct instrument *instrument_take(struct instrument_book *book, enum market_topic topic, text id,
                                   uint32_t max, uint32_t *number)
{
    struct instrument *instrument = instrument_find(book, topic, id, number);
    if (instrument || book->count >= max)
        return instrument;
    if (book->count == book->capacity) {
        book->capacity = book->capacity ? book->capacity * 2 : 64;
        book->instruments =
            memory_resize(book->instruments, book->capacity * sizeof(struct instrument *));
    }
    assert(id.length < sizeof instrument->id);
    instrument = memory_get_zeroed(1, sizeof *instrument);
    text_copy(instrument->id, sizeof instrument->id, id);
    instrument->topic = topic;
    *number = book->count++;
    book->instruments[*number] = instrument;
    index_add(&book->index, instrument_hash(topic, id), *number);
    return instrument;
}

void instrument_book_finish(struct instrument_book *book)
{
    for (uint32_t i = 0; i < book->count; i++) {
        struct instrument *instrument = book->instruments[i];
        assert(instrument->subscriber_count == 0 && !instrument->waits);
        frame_release(instrument->last);
        free(instrument->subscribers);
        free(instrument);
    }
    free(book->instruments);
    index_finish(&book->index);
    *book = (struct instrument_book){.count = 0};
}

static void join(struct instrument *instrument, struct subscriber *subscriber)
{
    if (instrument->subscriber_count == instrument->subscriber_capacity) {
        uint32_t capacity =
            instrument->subscriber_capacity ? instrument->subscriber_capacity * 2 : 4;
        instrument->subscribers =
            memory_resize(instrument->subscribers, capacity * sizeof(struct subscriber *));
        instrument->subscriber_capacity = capacity;
    }
    instrument->subscribers[instrument->subscriber_count++] = subscriber;
}

static void leave(struct instrument *instrument, const struct subscriber *subscriber)
{
    uint32_t i = 0;
    while (instrument->subscribers[i] != subscriber)
        i++;
    assert(i < instrument->subscriber_count);
    instrument->subscribers[i] = instrument->subscribers[--instrument->subscriber_count];
}

/* ---- subscribers ---- */

static bool find_place(const struct subscriber *subscriber, uint32_t number, uint32_t *place)
{
    uint32_t cursor = 0;
    while (index_next(&subscriber->index, hash_number(number), &cursor, place))
        if (subscriber->numbers[*place] == number)
            return true;
    return false;
}

bool subscriber_has(const struct subscriber *subscriber, uint32_t number)
{
    uint32_t place;
    return find_place(subscriber, number, &place);
}

/* Closes the gaps that removed instruments left, so that a client that comes and goes all day does
 * not grow. */
static void compact(struct subscriber *subscriber)
{
    uint32_t kept = 0;
    index_finish(&subscriber->index);
    for (uint32_t i = 0; i < subscriber->count; i++) {
        uint32_t number = subscriber->numbers[i];
        if (number == REMOVED)
            continue;
        index_add(&subscriber->index, hash_number(number), kept);
        subscriber->numbers[kept++] = number;
    }
    subscriber->count = kept;
}

bool subscriber_add(struct instrument_book *book, struct subscriber *subscriber, uint32_t number)
{
    if (subscriber_has(subscriber, number))
        return false;
    if (subscriber->count >= COMPACT_FROM && subscriber->live < subscriber->count / 2)
        compact(subscriber);
    if (subscriber->count == subscriber->capacity) {
        subscriber->capacity = subscriber->capacity ? subscriber->capacity * 2 : 8;
        subscriber->numbers =
            memory_resize(subscriber->numbers, subscriber->capacity * sizeof(uint32_t));
    }
    index_add(&subscriber->index, hash_number(number), subscriber->count);
    subscriber->numbers[subscriber->count++] = number;
    subscriber->live++;
    join(book->instruments[number], subscriber);
    return true;
}

bool subscriber_remove(struct instrument_book *book, struct subscriber *subscriber, uint32_t number)
{
    uint32_t place;
    if (!find_place(subscriber, number, &place))
        return false;
    index_remove(&subscriber->index, hash_number(number), place);
    subscriber->numbers[place] = REMOVED;
    subscriber->live--;
    leave(book->instruments[number], subscriber);
    return true;
}

bool subscriber_pop(struct instrument_book *book, struct subscriber *subscriber, uint32_t *number)
{
    while (subscriber->count > 0) {
        *number = subscriber->numbers[subscriber->count - 1];
        if (*number == REMOVED) {
            subscriber->count--;
            continue;
        }
        return subscriber_remove(book, subscriber, *number);
    }
    return false;
}

void subscriber_finish(struct subscriber *subscriber)
{
    free(subscriber->numbers);
    index_finish(&subscriber->index);
    *subscriber = (struct subscriber){.owner = NULL};
}
