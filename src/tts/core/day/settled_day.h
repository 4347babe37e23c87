/* settled_day.h: what the last settlement began with: the ledger, yesterday's prices, and what the
 * day's statements say of trades and money. It is kept until the new day's first trade, so that the
 * settlement can be done again with corrected prices (day_again.c). For the files of the core. */
#ifndef TTS_CORE_DAY_SETTLED_DAY_H
#define TTS_CORE_DAY_SETTLED_DAY_H

#include "tts/core/effect.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"
struct settled_instrument {
    double pre_settlement;           /* of the settled day */
    double price;                    /* at which it was settled last */
    double upper_limit, lower_limit; /* of the settled day */
    int expire_date;                 /* as it was then: a replay moves it with the days */
    bool book_mode;
    char unused[3];
};

/* What is taken down of an account before the ledger settles. */
struct settled_sums {
    int lines, lots;
    double turnover, commission, profit, cash;
};
struct settled_figures {
    double premium_received, premium_paid, pledge_before;
    struct settled_sums traded, closed;
};

/* A trade whose figures depend on the settlement price: at the settlement price (TAS), or one that
 * closed such lots. As it was booked. */
struct settled_trade {
    struct ledger_order leg;
    struct trade trade;
    uint32_t instrument; /* that it names */
    char unused[4];
};
#pragma GCC diagnostic pop

struct settled_account {
    struct settled_figures figures;
    struct buffer cash, trades, closings; /* lines of the statement's tables; empty: no table */
};

struct settled_day {
    int trading_day, settlement_id;              /* 0: nothing is kept */
    LIST(struct settled_instrument) instruments; /* by place; later ones are not here */
    LIST(struct settled_account) accounts;
    LIST(struct settled_trade) late_trades;
    LIST(struct ledger_closing) late_closings; /* theirs, in their order */
    struct ledger ledger; /* a copy, orders and wishes of the day included; without market */
};

struct settled_day *settled_day_create(void);
void settled_day_destroy(struct settled_day *day);

/* Keeps the day that is about to be settled: no order is live, wishes are made, settlement prices
 * stand in the instruments. The closings are noted and gone from the ledger. */
void settled_day_keep(struct core *core);

/* Forgets it: the next day has begun to trade. */
void settled_day_forget(struct core *core);

/* Settles the ledger out of what is kept, and writes the statements. The ledger stands as it was
 * kept. */
void settled_day_settle(struct core *core, int next_trading_day);

#endif
