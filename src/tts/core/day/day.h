/* day.h: the end of a trading day inside the core: what day.c and day_average.c give to apply.c and
 * tick.c. */
#ifndef TTS_CORE_DAY_DAY_H
#define TTS_CORE_DAY_DAY_H

#include "tts/core/effect.h"

/* Applies the settlement: `prices` by instrument place. Positions and money are settled, the day's
 * orders, trades, flows, sessions and numbers are gone, the next trading day is open. */
void day_settled(struct core *core, const struct effect_day_settled *effect, const double *prices);

/* Books a deposit (above 0) or a withdrawal, and keeps it for the day's statement. */
void day_move_cash(struct core *core, uint32_t account, double amount, enum cash_kind kind);

/* Takes a quote into the averages (soft): only instruments that settle at an hour's average are
 * remembered. */
void day_average_note(struct core *core, const struct quote *quote);

/* The average price of the last trading hour, before rounding; where nothing was traded in it, of
 * two hours, three, and so on to the whole day. 0 when there is none. */
double day_average_last_hour(const struct core *core, uint32_t instrument);

/* Forgets all averages. */
void day_average_clear(struct core *core);

#endif
