/* day.h: the end of a trading day inside the core: what its files give to apply.c, to tick.c and to
 * one another. */
#ifndef TTS_CORE_DAY_DAY_H
#define TTS_CORE_DAY_DAY_H

#include "tts/core/effect.h"

/* Applies the settlement: `prices` by instrument place. Positions and money are settled, the day's
 * orders, trades, flows, sessions and numbers are gone, the next trading day is open. */
void day_settled(struct core *core, const struct effect_day_settled *effect, const double *prices);

/* Applies the settlement of the day before once more: the new trading day stays open, with other
 * positions, prices and money. */
void day_settled_again(struct core *core, const struct effect_day_settled_again *effect,
                       const double *prices);

/* Books a deposit (above 0) or a withdrawal, and keeps it for the day's statement. */
void day_move_cash(struct core *core, uint32_t account, double amount, enum cash_kind kind);

/* Books shares that came without a trade, and keeps them for the day's statement. */
void day_add_shares(struct core *core, uint32_t account, uint32_t instrument, int lots,
                    double price);

/* ---- what both settlements do ---- */

/* A spread's price out of those of its legs. */
double day_combination_price(const struct core *core, uint32_t place, const double *prices);

/* Ends the sessions: each connection is closed and logs in anew. The front is told while the user
 * is still known, so that it can send what the user's flow ended with. */
void day_close_sessions(struct core *core);

/* The limits that follow from the PreSettlementPrice. */
void day_set_limits(struct core *core, uint32_t instrument);

/* Accounts that a tester has ruined start anew; the deposit is the new day's. */
void day_reset_accounts(struct core *core, double reset_below);

/* ---- averages ---- */

/* Takes a quote into the averages (soft): only instruments that settle at an hour's average are
 * remembered. */
void day_average_note(struct core *core, const struct quote *quote);

/* The average price of the last trading hour, before rounding; where nothing was traded in it, of
 * two hours, three, and so on to the whole day. 0 when there is none. */
double day_average_last_hour(const struct core *core, uint32_t instrument);

/* Forgets all averages. */
void day_average_clear(struct core *core);

#endif
