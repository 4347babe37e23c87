/* random.h: the only source of chance in a simulation: a counter behind a hash, so that a seed
 * gives the same run on every machine. */
#ifndef SIMULATION_RANDOM_H
#define SIMULATION_RANDOM_H

#include "base/hash.h"

struct random {
    uint64_t seed, count;
};

static inline uint64_t random_bits(struct random *random)
{
    return hash_number(hash_number(random->seed) + 0x9e3779b97f4a7c15u * ++random->count);
}

/* 0 .. below-1; `below` at least 1. */
static inline uint32_t draw(struct random *random, uint32_t below)
{
    return (uint32_t)((random_bits(random) >> 32) % below);
}

/* low .. high, both included. */
static inline int draw_between(struct random *random, int low, int high)
{
    return low + (int)draw(random, (uint32_t)(high - low + 1));
}

/* True `permille` times of a thousand. */
static inline bool chance(struct random *random, uint32_t permille)
{
    return draw(random, 1000) < permille;
}

#endif
