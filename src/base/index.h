/* index.h: from a 64-bit hash to 32-bit places in a caller's array: open addressing, linear
 * probing. The caller compares keys itself, because only it knows where they stand. A zeroed index
 * is empty and owns nothing. */
#ifndef BASE_INDEX_H
#define BASE_INDEX_H

#include "base/hash.h"

struct index_slot {
    uint32_t hash;  /* low half of the hash; tells most strangers apart */
    uint32_t place; /* place + 1; 0 is free, UINT32_MAX is a removed entry */
};

struct index {
    struct index_slot *slots;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t used;     /* entries and removed entries */
    uint32_t count;    /* entries */
};

/* Walks the places whose hash may match: start with *cursor = 0, call until it returns false. */
bool index_next(const struct index *index, uint64_t hash, uint32_t *cursor, uint32_t *place);

/* Asks the memory for the place of a hash, which will be looked for or added soon. */
static inline void index_prefetch(const struct index *index, uint64_t hash)
{
    if (index->capacity)
        __builtin_prefetch(&index->slots[(uint32_t)hash & (index->capacity - 1)], 1);
}

/* Adds an entry (does not look for an equal one). `place` is below UINT32_MAX - 1. */
void index_add(struct index *index, uint64_t hash, uint32_t place);

/* Room for `entries` in all, whose memory is touched: until then nothing grows. */
void index_reserve(struct index *index, uint32_t entries);

/* Removes the entry with this hash and place, if it is there. */
void index_remove(struct index *index, uint64_t hash, uint32_t place);

void index_finish(struct index *index);

#endif
