/* statement_text.h: the tables of a settlement statement: trades, closed lots, open lots by lot and
 * by instrument; what statement_text.c gives to statement.c. */
#ifndef TTS_CORE_STATEMENT_TEXT_H
#define TTS_CORE_STATEMENT_TEXT_H

#include "tts/core/statement.h"

/* An account's figures that only the unsettled day shows. */
struct statement_account {
    double premium_received, premium_paid;
    double pledge_before;
    double option_value_long, option_value_short; /* at the settlement prices */
};

const struct statement_account *statement_account_of(const struct statement_draft *draft,
                                                     uint32_t account);

/* Appends the tables of one account, UTF-8, lines ending in CR LF; empty tables are left out. */
void statement_sections(struct core *core, const struct statement_draft *draft, uint32_t account,
                        struct buffer *out);

void statement_draft_free(struct statement_draft *draft);

/* A text padded with blanks to a width; a Chinese character counts two. */
void statement_pad(struct buffer *out, const char *utf8, int width);
void statement_rule(struct buffer *out);

#endif
