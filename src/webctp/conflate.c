/* conflate.c: see conflate.h. */
#include "webctp/conflate.h"
#include "base/buffer.h"

bool conflation_find(const struct conflation *conflation, uint32_t instrument, uint64_t first,
                     uint64_t *number)
{
    if (instrument >= conflation->capacity)
        return false;
    uint64_t place = conflation->places[instrument];
    if (place == 0 || place - 1 < first)
        return false;
    *number = place - 1;
    return true;
}

void conflation_put(struct conflation *conflation, uint32_t instrument, uint64_t number)
{
    if (instrument >= conflation->capacity) {
        uint32_t capacity = conflation->capacity ? conflation->capacity : 64;
        while (capacity <= instrument)
            capacity *= 2;
        conflation->places = memory_resize(conflation->places, capacity * sizeof(uint64_t));
        memset(conflation->places + conflation->capacity, 0,
               (capacity - conflation->capacity) * sizeof(uint64_t));
        conflation->capacity = capacity;
    }
    conflation->places[instrument] = number + 1;
}

void conflation_finish(struct conflation *conflation)
{
    free(conflation->places);
    *conflation = (struct conflation){.places = NULL};
}
