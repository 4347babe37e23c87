/* statement.h: the text of settlement statements (结算单): collected before the ledger settles,
 * finished with its figures, kept over days. For the files of the core. */
#ifndef TTS_CORE_DAY_STATEMENT_H
#define TTS_CORE_DAY_STATEMENT_H

#include "tts/core/effect.h"

struct statement_draft;

/* Takes down what settlement will overwrite: yesterday's settlement prices and pledges. Owned by
 * the caller until statement_finish. */
struct statement_draft *statement_begin(struct core *core);

/* Writes every account's statement of the day that the ledger has just settled, while the day's
 * orders and trades are still there, and frees the draft. */
void statement_finish(struct core *core, struct statement_draft *draft,
                      const struct settlement_figures *figures);

/* The statement (GB18030) of an account and day; `day` 0: of the last settled one; yyyymm: of a
 * month, all its days' statements. Appends to `out`; false when there is none. */
bool statement_find(const struct core *core, uint32_t account, int day, struct buffer *out);

#endif
