/* csv_columns.h: which column of a tick file means what, inside csv.c and csv_header.c. */
#ifndef TTS_FEED_CSV_COLUMNS_H
#define TTS_FEED_CSV_COLUMNS_H

#include "base/error.h"
#include "tts/core/market/quote.h"

enum csv_kind {
    CSV_IGNORED,
    CSV_PRICE,    /* a double at `offset`; empty: ABSENT_PRICE */
    CSV_NUMBER,   /* a double at `offset`; empty: 0 */
    CSV_COUNT,    /* an int at `offset`; empty: 0 */
    CSV_VOLUME,   /* Volume: knows whether it was there */
    CSV_TURNOVER, /* Turnover: likewise */
    CSV_TRADING_DAY,
    CSV_ACTION_DAY,
    CSV_TIME, /* HH:MM:SS, perhaps with a fraction */
    CSV_MILLISECOND,
    CSV_DATETIME,    /* date and time in one, natural day */
    CSV_NANOSECONDS, /* since 1970 UTC */
    CSV_INSTRUMENT,
    CSV_EXCHANGE
};

enum { CSV_COLUMNS_MAX = 128 };

struct csv_column {
    enum csv_kind kind;
    size_t offset; /* in struct quote */
};

struct csv_layout {
    struct csv_column columns[CSV_COLUMNS_MAX];
    int count;
    bool has_trading_day, has_action_day, has_datetime, has_instrument;
    bool zero_is_absent; /* the dialect writes 0 for a price that is not there */
    char symbol[96];     /* TqSdk: the one instrument, "SHFE.cu1909", named in the header */
};

/* Understands a header line. False: error is set but for the file and line; `column` is in bytes
 * from 1. */
bool csv_layout_read(struct csv_layout *layout, text header, int *column, struct error *error);

#endif
