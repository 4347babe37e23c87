/* ledger_inside.h: what the files of the ledger share with one another and with nobody else. */
#ifndef TTS_CORE_LEDGER_LEDGER_INSIDE_H
#define TTS_CORE_LEDGER_LEDGER_INSIDE_H

#include "tts/core/ledger/ledger.h"

/* The row of that key, born empty when it does not exist. */
uint32_t ledger_make_row(struct ledger *ledger, uint32_t account, uint32_t instrument, char hedge,
                         char direction, char position_date);

/* The larger-side group of an instrument in an account, registered there on first sight;
 * LEDGER_NONE without one. */
uint32_t ledger_group_of(struct ledger *ledger, uint32_t account, uint32_t instrument, char hedge);

/* Appends a detail behind the row's last one; row and next are set here. Counts nothing. */
uint32_t ledger_add_detail(struct ledger *ledger, uint32_t row, const struct position_detail *made);

/* The fee of lots by one of the rates. */
static inline double fee_of(const struct instrument *instrument, double price, int lots,
                            double by_money, double by_volume)
{
    return price * instrument->volume_multiple * lots * by_money + lots * by_volume;
}

/* ledger_tas.c: what a trade at the settlement price is booked at while that is not known. */
double ledger_estimate(const struct instrument *instrument, double distance);

/* A closing trade as the lots see it. */
struct closing_trade {
    double price;
    uint32_t number;   /* TradeID; 0: set off at settlement */
    bool with_premium; /* an option's price is paid */
    char unused[3];
};

/* Closes lots of a row, first in, first out; with close_today_first today's lots go before history.
 * Adds fee and profit of them to `fill`; books no fee. */
void ledger_close_lots(struct ledger *ledger, uint32_t row, const struct closing_trade *trade,
                       int lots, struct ledger_fill *fill);

/* ledger_pair.c: lots of a row were closed: pairs that have lost their lots break, oldest first. */
void ledger_break_pairs(struct ledger *ledger, uint32_t row);

/* What the row's tied lots do not pay because the other leg pays more. */
double ledger_pair_discount(const struct ledger *ledger, const struct position_row *row,
                            bool exchange);

/* Ties in the new day's rows what the old day's pairs still have lots for. */
void ledger_roll_pairs(struct ledger *ledger, int settled_day);

/* Lots of an option's row that the settlement exercises: those that were asked for, on the last day
 * all that are in the money and neither abandoned nor switched off. */
int ledger_exercised(const struct ledger *ledger, const struct position_row *row);

/* ledger_assign.c: puts short lots of those options (by instrument place) under exercise for the
 * long lots that are exercised. */
void ledger_assign(struct ledger *ledger, const bool *between_customers);

/* Margin of a row as if nothing were tied. */
double ledger_row_margin(const struct ledger *ledger, const struct position_row *row,
                         bool exchange);

static inline bool row_is_long(const struct position_row *row)
{
    return row->direction == '2';
}

/* +1 for long lots, -1 for short ones. */
static inline double row_sign(const struct position_row *row)
{
    return row_is_long(row) ? 1.0 : -1.0;
}

/* The price at which a lot opened today, or to be opened, counts for margin, by MarginPriceType;
 * `price` is the lot's or the order's own. */
double ledger_today_price(const struct trading_params *params, const struct instrument *instrument,
                          double price);

/* Shares and funds: fully paid, so a floating profit never becomes spendable. */
static inline bool instrument_is_stock(const struct instrument *instrument)
{
    char class = instrument->product_class;
    return class == 'E' || class == 'B' || class == 'D';
}

#endif
