/* generator.h: ticks out of a seed, for everyone without a recording: the main contracts of every
 * product that has a start price, with their sessions, opening auctions, limits, volumes and
 * settlement prices; two quotes a second per instrument. Prices walk in ticks with a volatility by
 * the product's limit, drawn towards the next day's settlement price. Pass k is the k-th trading
 * day from the first on (that one without its night session, so that a start is quick); everything
 * in it follows from (seed, k) alone, so any pass can be played without those before it. */
#ifndef TTS_FEED_GENERATOR_H
#define TTS_FEED_GENERATOR_H

#include "tts/feed/catalogue.h"
#include "tts/feed/source.h"

struct generator_options {
    uint64_t seed;
    int first_day; /* yyyymmdd; the contracts are the main ones of this day */
    int contracts; /* futures contracts a product, 1 to 4; 0: 2 */
    int levels;    /* 1 to 5 for all; 0: five on SHFE and INE, else one */
    bool no_options;
    const char *products; /* comma-separated ids to play, NULL or empty: all */
};

/* Adds the contracts to the catalogue's market. `catalogue` outlives the source. False: error is
 * set. */
bool generator_open(struct source *source, struct catalogue *catalogue,
                    const struct generator_options *options, struct error *error);

#endif
