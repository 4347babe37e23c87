/* day.h: the end of a trading day inside the core; what day.c gives to apply.c. */
#ifndef TTS_CORE_DAY_H
#define TTS_CORE_DAY_H

#include "tts/core/effect.h"

/* Applies the settlement: `prices` by instrument place. Positions and money are settled, the day's
 * orders, trades, flows, sessions and numbers are gone, `next_trading_day` is open. */
void day_settled(struct core *core, int next_trading_day, const double *prices, uint32_t count);

#endif
