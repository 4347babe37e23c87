/* golden_desk.h: one accounting case under way: its ledger and the orders that its steps name.
 * golden_desk.c sets it up, golden_accounting.c takes the steps, golden_positions.c compares. */
#ifndef TESTS_GOLDEN_DESK_H
#define TESTS_GOLDEN_DESK_H

#include "golden.h"
#include "tts/core/ledger.h"

enum { GOLDEN_PARTS = 2, GOLDEN_REF_MAX = 64 };

/* An order of a case. A forced close on an exchange that tells today's lots from history is booked
 * in both rows; all others have one part. */
struct golden_order {
    char ref[GOLDEN_REF_MAX];
    int part_count;
    struct ledger_order part[GOLDEN_PARTS];
};

struct golden_desk {
    struct market market;
    struct ledger ledger;
    struct golden_order *orders;
    size_t order_count, order_capacity;
};

/* Sets instruments, rates and the account of a case up; golden_desk_close frees it all, also after
 * a fault. */
void golden_desk_open(struct golden *golden, struct golden_desk *desk, const json_t *one);
void golden_desk_close(struct golden_desk *desk);

/* The instrument that an object names; a fault and INSTRUMENT_NONE when the case has none such. */
uint32_t golden_instrument(struct golden *golden, const struct golden_desk *desk,
                           const json_t *object);

/* Compares TradingAccount, InvestorPosition and InvestorPositionDetail of `expect`. */
void golden_positions(struct golden *golden, const struct golden_desk *desk, const json_t *expect);

/* Compares the figures of a settlement of the day `day`; the ledger has moved on. */
void golden_statement(struct golden *golden, const struct golden_desk *desk, const json_t *want,
                      int day, const struct settlement_figures *figures);

#endif
