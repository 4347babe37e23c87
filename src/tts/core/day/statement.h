/* statement.h: the text of settlement statements (结算单): collected before the ledger settles,
 * finished with its figures, kept over days. For the files of the core. */
#ifndef TTS_CORE_DAY_STATEMENT_H
#define TTS_CORE_DAY_STATEMENT_H

#include "tts/core/day/settled_day.h"

/* Notes the day's cash movements, trades and closings, before settlement sweeps them away; those
 * that wait for the settlement price are kept in the day's late lists. */
void statement_note_day(struct core *core, struct settled_day *day);

/* Writes the statements of all accounts of core->settled_day, which the ledger has just settled.
 * `priced`: its late trades with their prices. */
void statements_write(struct core *core, const struct settlement_figures *figures,
                      const struct settled_trade *priced);

/* Forgets the first `count` statements. */
void statements_forget(struct core *core, uint32_t count);

/* What was found: the trading day, or the month as it was asked for; the newest SettlementID of the
 * day, 1 of a month. */
struct statement_name {
    int trading_day, settlement_id;
};

/* The statement (GB18030) of an account and day; `day` 0: of the last settled one; yyyymm: of a
 * month, all its days' statements. Of a day that was settled again only the newest counts. Looks
 * into the state and into what the server has stored. Appends to `out`; false when there is none.
 */
bool statement_find(const struct core *core, uint32_t account, int day, struct buffer *out,
                    struct statement_name *name);

#endif
