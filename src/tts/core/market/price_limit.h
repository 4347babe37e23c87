/* price_limit.h: the daily price limits from yesterday's settlement price, and prices on the grid
 * of ticks. Pure functions. */
#ifndef TTS_CORE_MARKET_PRICE_LIMIT_H
#define TTS_CORE_MARKET_PRICE_LIMIT_H

#include "tts/core/market/instrument.h"

struct price_limit {
    double upper, lower; /* ABSENT_PRICE when there is no base or no ratio */
};

/* Futures: the last tick not above pre x (1 + ratio), the first not below pre x (1 - ratio). */
struct price_limit price_limit_of(double pre_settlement, double price_tick, double ratio);

/* Stocks, funds and bonds: both limits at the nearest tick, half away from zero. */
struct price_limit price_limit_of_stock(double pre_close, double price_tick, double ratio);

/* Options: pre plus and minus the underlying's limit width (underlying pre x its ratio); the lower
 * at least one tick. */
struct price_limit price_limit_of_option(double pre_settlement, double price_tick,
                                         double underlying_pre, double underlying_ratio);

/* The price of a number of ticks, as the double nearest to its decimal text (28689 x 0.2 is 5737.8,
 * not 5737.800000000001). */
double price_of_ticks(int64_t ticks, double price_tick);

#endif
