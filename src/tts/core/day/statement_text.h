/* statement_text.h: the tables of a settlement statement: money moved, trades, closed lots, open
 * lots by lot and by instrument; what statement_text.c and statement_position.c give to
 * statement.c. Text is UTF-8 with CR LF; columns stand between bars. */
#ifndef TTS_CORE_DAY_STATEMENT_TEXT_H
#define TTS_CORE_DAY_STATEMENT_TEXT_H

#include "tts/core/day/statement.h"

/* What the settlement itself has priced, closed and exercised of an account. */
struct statement_late {
    struct buffer trades, closings, exercises; /* lines of the tables */
    struct settled_sums traded, closed;
};

/* Notes the priced late trades, the ledger's closings and exercises in `late`, by account. */
void statement_note_late(struct core *core, const struct settled_day *day,
                         const struct settled_trade *priced, struct statement_late *late);

/* Appends the tables of one account. The ledger has settled; `late` has what that did. */
void statement_sections(struct core *core, const struct settled_day *day, uint32_t account,
                        const struct statement_late *late, struct buffer *out);

/* Tables 6 and 7, and the market value of the account's options. */
void statement_positions(struct core *core, const struct settled_day *day, uint32_t account,
                         struct buffer *out);
double statement_option_value(const struct core *core, uint32_t account, char direction);

/* A text padded with blanks to a width; a Chinese character counts two. */
void statement_pad(struct buffer *out, const char *utf8, int width);
void statement_rule(struct buffer *out);

/* ---- a table ---- */

struct statement_column {
    const char *chinese, *english;
    int width; /* negative: flush right */
};

struct statement_table {
    struct buffer *out;
    const struct statement_column *columns;
    int count, at; /* the column of the next cell */
};

/* A table of these columns (an array) that is written into a buffer. */
#define STATEMENT_TABLE(buffer, of)          \
    ((struct statement_table){               \
        .out = (buffer),                     \
        .columns = (of),                     \
        .count = sizeof(of) / sizeof(of)[0], \
    })

/* Title and headings. */
void statement_table_head(struct statement_table *table, const char *title);
/* Cells from left to right; the last one of a line ends it. */
void statement_cell(struct statement_table *table, const char *utf8);
void statement_amount(struct statement_table *table, int decimals, double value);
void statement_count(struct statement_table *table, int value);
void statement_date(struct statement_table *table, int date);

/* The words of a statement. */
const char *statement_exchange(enum exchange exchange);
const char *statement_hedge(char hedge);
const char *statement_side(bool buys);

/* 交易所, 交易编码, 品种, 合约. */
void statement_instrument_cells(struct statement_table *table, const struct core *core,
                                uint32_t account, uint32_t instrument);

#endif
