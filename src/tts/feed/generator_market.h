/* generator_market.h: which contracts the generator plays and what they cost from day to day;
 * inside generator.c. All is a pure function of seed, day and contract. */
#ifndef TTS_FEED_GENERATOR_MARKET_H
#define TTS_FEED_GENERATOR_MARKET_H

#include "tts/feed/generator.h"

struct generated {
    uint32_t instrument, product;
    uint32_t underlying; /* options: which generated contract; UINT32_MAX: a future */
    double start_price;  /* futures */
    double limit_ratio;
    uint64_t seed;         /* of this contract */
    uint64_t product_seed; /* the contracts of a product move together from day to day */
    int intensity;         /* lots that a busy half second trades */
    int levels;
};

struct generated_list {
    struct generated *at;
    uint32_t count, capacity;
};

/* Fills the list: futures first, then options. */
bool generated_list_fill(struct generated_list *list, struct catalogue *catalogue,
                         const struct generator_options *options, struct error *error);

/* Yesterday's settlement price on a day, on a tick. */
double generated_settlement(const struct catalogue *catalogue, const struct generated_list *list,
                            uint32_t which, uint32_t day);

/* The price of an option while its underlying is at `underlying_price`; on a tick, at least one. */
double generated_option_price(const struct instrument *option, double underlying_price);

/* A number out of a seed and a position in its sequence (splitmix64). */
uint64_t generated_random(uint64_t seed, uint64_t position);

/* -1 to 1. */
double generated_signed(uint64_t random);

#endif
