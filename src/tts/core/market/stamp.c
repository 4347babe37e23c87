/* stamp.c: see stamp.h. */
#include "tts/core/market/stamp.h"

bool stamp_trading_day_is_natural(enum exchange exchange)
{
    return exchange == EXCHANGE_CZCE;
}

bool stamp_action_day_is_trading(enum exchange exchange)
{
    return exchange == EXCHANGE_DCE || exchange == EXCHANGE_GFEX;
}

struct stamp_tick stamp_tick(enum exchange exchange, struct stamp_moment moment)
{
    struct stamp_tick tick = {moment.trading_day, moment.natural_day, moment.millisecond};
    if (stamp_trading_day_is_natural(exchange)) {
        tick.trading_day = moment.natural_day;
        tick.millisecond = 0;
    }
    if (stamp_action_day_is_trading(exchange))
        tick.action_day = moment.trading_day;
    return tick;
}

int stamp_insert_date(enum exchange exchange, struct stamp_moment moment, bool in_market)
{
    bool by_trading_day = stamp_action_day_is_trading(exchange) || exchange == EXCHANGE_CFFEX;
    return in_market && by_trading_day ? moment.trading_day : moment.natural_day;
}

int stamp_trade_date(enum exchange exchange, struct stamp_moment moment)
{
    bool natural = exchange == EXCHANGE_SHFE || exchange == EXCHANGE_INE;
    return natural ? moment.natural_day : moment.trading_day;
}
