/* price_limit.c: see price_limit.h. */
#include "tts/core/market/price_limit.h"
#include <math.h>

/* A limit that falls exactly on a tick must not be lost to binary fractions. */
static const double SLACK = 1e-6;

/* Prices have at most six decimals; rounding there gives the nearest double of the decimal. */
static const double DECIMALS = 1e6;

double price_of_ticks(int64_t ticks, double price_tick)
{
    double scaled = (double)ticks * price_tick * DECIMALS;
    if (fabs(scaled) < 1e15) /* a conversion is several times faster than round() */
        return (double)(int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5) / DECIMALS;
    return round(scaled) / DECIMALS;
}

static struct price_limit limits_between(double lower, double upper, double price_tick)
{
    return (struct price_limit){
        .upper = price_of_ticks((int64_t)floor(upper / price_tick + SLACK), price_tick),
        .lower = price_of_ticks((int64_t)ceil(lower / price_tick - SLACK), price_tick),
    };
}

static bool usable(double pre, double price_tick, double ratio)
{
    return price_is_present(pre) && price_tick > 0 && ratio > 0 && fabs(pre / price_tick) < 1e15;
}

struct price_limit price_limit_of(double pre_settlement, double price_tick, double ratio)
{
    if (!usable(pre_settlement, price_tick, ratio))
        return (struct price_limit){ABSENT_PRICE, ABSENT_PRICE};
    return limits_between(pre_settlement * (1 - ratio), pre_settlement * (1 + ratio), price_tick);
}

struct price_limit price_limit_of_option(double pre_settlement, double price_tick,
                                         double underlying_pre, double underlying_ratio)
{
    if (!usable(pre_settlement, price_tick, underlying_ratio) || !price_is_present(underlying_pre))
        return (struct price_limit){ABSENT_PRICE, ABSENT_PRICE};
    double width = underlying_pre * underlying_ratio;
    struct price_limit limit =
        limits_between(pre_settlement - width, pre_settlement + width, price_tick);
    if (limit.lower < price_tick)
        limit.lower = price_tick;
    return limit;
}

struct price_limit price_limit_of_stock(double pre_close, double price_tick, double ratio)
{
    if (!usable(pre_close, price_tick, ratio))
        return (struct price_limit){ABSENT_PRICE, ABSENT_PRICE};
    double upper = pre_close * (1 + ratio) / price_tick,
           lower = pre_close * (1 - ratio) / price_tick;
    return (struct price_limit){
        .upper = price_of_ticks((int64_t)floor(upper + 0.5 + SLACK), price_tick),
        .lower = price_of_ticks((int64_t)floor(lower + 0.5 + SLACK), price_tick),
    };
}
