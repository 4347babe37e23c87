/* golden_desk.h: one accounting case under way: its ledger and the orders that its steps name.
 * golden_desk.c sets it up, golden_accounting.c takes the steps, golden_positions.c compares. */
#ifndef TESTS_GOLDEN_DESK_H
#define TESTS_GOLDEN_DESK_H

#include "golden.h"
#include "tts/core/ledger/ledger.h"

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

/* What a step does. Its members are checked; a fault and STEP_NONE when nobody knows it. */
enum golden_step {
    STEP_ORDER,
    STEP_TRADE,
    STEP_CANCEL,
    STEP_TICK,
    STEP_CASH,
    STEP_EXERCISE,
    STEP_SETTLE,
    STEP_NONE
};
enum golden_step golden_step(struct golden *golden, const json_t *step);

/* A fault unless the member is an object of numbers by the case's instruments, or absent. */
void golden_prices(struct golden *golden, const struct golden_desk *desk, const json_t *step,
                   const char *field);

/* Compares what became of a step, an ErrorID or 0, with its `result`. */
void golden_result(struct golden *golden, const json_t *step, int error);

/* Compares TradingAccount, InvestorPosition and InvestorPositionDetail of `expect`. */
void golden_positions(struct golden *golden, const struct golden_desk *desk, const json_t *expect);

/* Compares the figures of a settlement of the day `day`; the ledger has moved on. */
void golden_statement(struct golden *golden, const struct golden_desk *desk, const json_t *want,
                      int day, const struct settlement_figures *figures);

#endif
