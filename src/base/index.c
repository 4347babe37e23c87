/* index.c: see index.h. */
#include "base/index.h"
#include "base/buffer.h"

static const uint32_t REMOVED = UINT32_MAX;

/* Where the probing for a hash starts. It follows from the half that the slot keeps, so that
 * growing needs nothing else. */
static uint32_t start_of(uint32_t hash, uint32_t capacity)
{
    return hash & (capacity - 1);
}

bool index_next(const struct index *index, uint64_t hash, uint32_t *cursor, uint32_t *place)
{
    if (index->capacity == 0)
        return false;
    uint32_t mask = index->capacity - 1;
    uint32_t start = start_of((uint32_t)hash, index->capacity);
    for (uint32_t i = *cursor; i < index->capacity; i++) {
        const struct index_slot *slot = &index->slots[(start + i) & mask];
        if (slot->place == 0)
            return false;
        if (slot->place != REMOVED && slot->hash == (uint32_t)hash) {
            *cursor = i + 1;
            *place = slot->place - 1;
            return true;
        }
    }
    return false;
}

static void put(struct index *index, struct index_slot entry)
{
    uint32_t mask = index->capacity - 1;
    uint32_t at = start_of(entry.hash, index->capacity);
    while (index->slots[at].place != 0 && index->slots[at].place != REMOVED)
        at = (at + 1) & mask;
    index->used += index->slots[at].place == 0;
    index->count++;
    index->slots[at] = entry;
}

static void grow(struct index *index, uint32_t entries)
{
    struct index old = *index;
    uint32_t capacity = 16;
    while (capacity < entries * 2)
        capacity *= 2;
    *index = (struct index){.capacity = capacity};
    index->slots = memory_get_zeroed(capacity, sizeof *index->slots);
    for (uint32_t i = 0; i < old.capacity; i++)
        if (old.slots[i].place != 0 && old.slots[i].place != REMOVED)
            put(index, old.slots[i]);
    free(old.slots);
}

void index_add(struct index *index, uint64_t hash, uint32_t place)
{
    if ((index->used + 1) * 2 > index->capacity)
        grow(index, 2 * (index->count + 1));
    put(index, (struct index_slot){(uint32_t)hash, place + 1});
}

void index_reserve(struct index *index, uint32_t entries)
{
    if (entries > index->capacity / 2)
        grow(index, entries);
    for (uint32_t i = 0; i < index->capacity; i += 4096 / sizeof *index->slots)
        *(volatile uint32_t *)&index->slots[i].hash = index->slots[i].hash;
}

void index_remove(struct index *index, uint64_t hash, uint32_t place)
{
    if (index->capacity == 0)
        return;
    uint32_t mask = index->capacity - 1;
    uint32_t start = start_of((uint32_t)hash, index->capacity);
    for (uint32_t i = 0; i < index->capacity; i++) {
        struct index_slot *slot = &index->slots[(start + i) & mask];
        if (slot->place == 0)
            return;
        if (slot->place == place + 1 && slot->hash == (uint32_t)hash) {
            slot->place = REMOVED;
            index->count--;
            return;
        }
    }
}

void index_finish(struct index *index)
{
    free(index->slots);
    *index = (struct index){.slots = NULL};
}
