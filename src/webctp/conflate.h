/* conflate.h: where in a slow connection's queue the tick of an instrument stands, so that a newer
 * tick can take its place. Only connections that have fallen behind have one; it is an array by
 * instrument number. Loop thread only. */
#ifndef WEBCTP_CONFLATE_H
#define WEBCTP_CONFLATE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed, it knows no tick and owns nothing. */
struct conflation {
    uint64_t *places; /* by instrument: queue number + 1, 0 for none */
    uint32_t capacity;
};

/* True, and the queue number, when a tick of that instrument stands at or behind `first`, the
 * oldest number still queued. */
bool conflation_find(const struct conflation *conflation, uint32_t instrument, uint64_t first,
                     uint64_t *number);

/* The tick of that instrument now stands at `number`. */
void conflation_put(struct conflation *conflation, uint32_t instrument, uint64_t number);

void conflation_finish(struct conflation *conflation);

#endif
