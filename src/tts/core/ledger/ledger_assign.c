/* ledger_assign.c: who must fulfil when options are exercised that are traded between the customers
 * themselves: those who are short, pro rata by lots. What a share leaves over in whole lots goes to
 * the largest fractions, of equal ones to the smaller account id; within an account the oldest lots
 * go first. Where the shorts do not suffice the house takes the rest. Against the quote the house
 * is the counterparty of everybody, and nothing is assigned here; see docs/tts-money.md. */
#include "base/buffer.h"
#include "tts/core/ledger/ledger_inside.h"
#include <assert.h>
#include <stdlib.h>

/* Lots of one opening trade of a seller. */
struct sold {
    const struct account *account;
    uint32_t row, sequence;
    int lots;
};

/* What an account is short, a run of `struct sold`, and what it must fulfil. */
struct share {
    uint32_t first, count;
    int lots, assigned;
    int64_t fraction; /* what whole lots leave over, in 1 / all short lots */
};

static int compare_sold(const void *a, const void *b)
{
    const struct sold *one = a, *other = b;
    int order = strcmp(one->account->id, other->account->id);
    if (order == 0)
        order = one->sequence < other->sequence ? -1 : one->sequence > other->sequence;
    return order;
}

/* The short lots of an option, by account and age; their number is in *count. */
static struct sold *find_sold(const struct ledger *ledger, uint32_t option, uint32_t *count)
{
    struct sold *sold = memory_get_zeroed(ledger->detail_count + 1, sizeof *sold);
    *count = 0;
    for (uint32_t i = 0; i < ledger->row_count; i++) {
        const struct position_row *row = &ledger->rows[i];
        if (row->instrument != option || row_is_long(row))
            continue;
        for (uint32_t j = row->live; j != LEDGER_NONE; j = ledger->details[j].next)
            if (ledger->details[j].volume > 0)
                sold[(*count)++] =
                    (struct sold){&ledger->accounts[row->account], i, ledger->details[j].sequence,
                                  ledger->details[j].volume};
    }
    qsort(sold, *count, sizeof *sold, compare_sold);
    return sold;
}

static uint32_t find_shares(const struct sold *sold, uint32_t count, struct share *shares)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || sold[i].account != sold[i - 1].account)
            shares[found++] = (struct share){.first = i};
        shares[found - 1].count++;
        shares[found - 1].lots += sold[i].lots;
    }
    return found;
}

/* Shares out `lots`, fewer than all short lots together. */
static void share_out(struct share *shares, uint32_t count, int64_t all, int64_t lots)
{
    int64_t left = lots;
    for (uint32_t i = 0; i < count; i++) {
        int64_t due = shares[i].lots * lots;
        shares[i].assigned = (int)(due / all);
        shares[i].fraction = due % all;
        left -= shares[i].assigned;
    }
    for (; left > 0; left--) {
        struct share *largest = &shares[0];
        for (uint32_t i = 1; i < count; i++)
            if (shares[i].fraction > largest->fraction)
                largest = &shares[i];
        assert(largest->fraction > 0);
        largest->assigned++;
        largest->fraction = 0;
    }
}

static void assign(struct ledger *ledger, uint32_t option, int64_t exercised)
{
    uint32_t count;
    int64_t all = 0;
    struct sold *sold = find_sold(ledger, option, &count);
    struct share *shares = memory_get_zeroed(count + 1, sizeof *shares);
    uint32_t share_count = find_shares(sold, count, shares);
    for (uint32_t i = 0; i < share_count; i++)
        all += shares[i].assigned = shares[i].lots;
    if (exercised < all)
        share_out(shares, share_count, all, exercised);
    for (uint32_t i = 0; i < share_count; i++) {
        int left = shares[i].assigned;
        for (uint32_t j = shares[i].first; left > 0; j++) {
            int taken = left < sold[j].lots ? left : sold[j].lots;
            ledger->rows[sold[j].row].strike_frozen += taken;
            left -= taken;
        }
    }
    free(shares);
    free(sold);
}

void ledger_assign(struct ledger *ledger, const bool *between_customers)
{
    uint32_t count = ledger->market->instrument_count;
    int64_t *exercised = memory_get_zeroed(count + 1, sizeof *exercised);
    for (uint32_t i = 0; i < ledger->row_count; i++) {
        const struct position_row *row = &ledger->rows[i];
        if (between_customers[row->instrument] && row_is_long(row) &&
            instrument_is_option(&ledger->market->instruments[row->instrument]))
            exercised[row->instrument] += ledger_exercised(ledger, row);
    }
    for (uint32_t i = 0; i < count; i++)
        if (exercised[i] > 0)
            assign(ledger, i, exercised[i]);
    free(exercised);
}
