/* combination.h: combinations of two legs ("SP i2505&i2509"): what combination.c and
 * combination_action.c give to the core's other files. A buy of the combination buys leg 1 and
 * sells leg 2, its price is that of leg 1 less that of leg 2; a buy of a straddle or strangle of
 * options (CZCE's STD and STG) buys both, at the sum. */
#ifndef TTS_CORE_REQUESTS_COMBINATION_H
#define TTS_CORE_REQUESTS_COMBINATION_H

#include "tts/core/effect.h"

/* The places of a combination's legs, read from its id; false when it is no combination, or a leg
 * is not listed. */
bool combination_legs(const struct core *core, uint32_t instrument, uint32_t legs[2]);

/* Both legs on one side. */
bool combination_is_alike(const struct instrument *instrument);

/* Its price from those of its legs. */
double combination_price_of(const struct instrument *instrument, double first, double second);

/* Makes the order one of two legs; it stays one of one leg where a leg is not listed. Legs freeze
 * at their newest prices: the order's own is only a difference. */
void combination_fill_legs(struct core *core, struct order *order);

/* What the legs' quotes give the order at once: lots of both, and the price of each. */
struct combination_fill {
    int lots;
    double price[2];
};
struct combination_fill combination_plan(const struct core *core, const struct order *order,
                                         double limit_price);

/* Both legs of an order were traded: what it opened is tied. Emits an effect. */
void combination_tie(struct core *core, uint32_t order, int lots);

/* A new quote of an instrument: combinations that have it as a leg are quoted anew, and their
 * waiting orders matched. */
void combination_quote(struct core *core, uint32_t instrument);

/* The next ComTradeID of the day. */
int64_t combination_next_number(const struct core *core);

#endif
