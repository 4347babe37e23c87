/* ledger_pair.c: lots that are tied in combinations: they keep their rows and details, and only
 * their margin is another: of a pair the larger leg pays, the smaller one nothing. Which lots of a
 * row are tied is not said; closing takes single lots first and breaks pairs when none are left. */
#include "base/buffer.h"
#include "tts/core/ledger/ledger_inside.h"
#include <assert.h>
#include <math.h>

/* The row of one leg, 0 or 1; combinations exist where rows are not split. LEDGER_NONE without. */
static uint32_t leg_row(const struct ledger *ledger, const struct ledger_pair *pair, int leg)
{
    return ledger_find_row(ledger, pair->account, pair->leg[leg], pair->hedge,
                           ledger_pair_is_long(pair, leg) ? '2' : '3', '1');
}

static bool is_same_kind(const struct ledger_pair *a, const struct ledger_pair *b)
{
    return a->account == b->account && a->combination == b->combination &&
           a->direction == b->direction && a->hedge == b->hedge;
}

int ledger_pairable(const struct ledger *ledger, const struct ledger_pair *pair)
{
    int lots = INT32_MAX;
    for (int leg = 0; leg < 2; leg++) {
        uint32_t row = leg_row(ledger, pair, leg);
        int own = row == LEDGER_NONE
                      ? 0
                      : ledger_closable(&ledger->rows[row]) - ledger->rows[row].comb_position;
        lots = own < lots ? own : lots;
    }
    return lots > 0 ? lots : 0;
}

int ledger_untied(const struct ledger *ledger, const struct ledger_pair *pair)
{
    int lots = INT32_MAX;
    for (int leg = 0; leg < 2; leg++) {
        uint32_t row = leg_row(ledger, pair, leg);
        int own =
            row == LEDGER_NONE ? 0 : ledger->rows[row].position - ledger->rows[row].comb_position;
        lots = own < lots ? own : lots;
    }
    return lots;
}

int ledger_paired(const struct ledger *ledger, const struct ledger_pair *pair)
{
    int lots = 0;
    for (uint32_t i = 0; i < ledger->pair_count; i++)
        if (is_same_kind(&ledger->pairs[i], pair))
            lots += ledger->pairs[i].lots;
    return lots;
}

static void count_lots(struct ledger *ledger, const struct ledger_pair *pair, int lots)
{
    for (int leg = 0; leg < 2; leg++) {
        uint32_t row = leg_row(ledger, pair, leg);
        assert(row != LEDGER_NONE);
        ledger->rows[row].comb_position += lots;
    }
}

void ledger_tie(struct ledger *ledger, const struct ledger_pair *pair)
{
    if (ledger->pair_count == ledger->pair_capacity) {
        ledger->pair_capacity = ledger->pair_capacity ? ledger->pair_capacity * 2 : 16;
        ledger->pairs = memory_resize(ledger->pairs, ledger->pair_capacity * sizeof *ledger->pairs);
    }
    ledger->pairs[ledger->pair_count++] = *pair;
    count_lots(ledger, pair, pair->lots);
}

static int take_from(struct ledger *ledger, struct ledger_pair *pair, int lots)
{
    int taken = pair->lots < lots ? pair->lots : lots;
    count_lots(ledger, pair, -taken);
    pair->lots -= taken;
    return taken;
}

void ledger_untie(struct ledger *ledger, const struct ledger_pair *pair)
{
    int left = pair->lots;
    for (uint32_t i = 0; i < ledger->pair_count && left > 0; i++)
        if (is_same_kind(&ledger->pairs[i], pair))
            left -= take_from(ledger, &ledger->pairs[i], left);
    assert(left == 0);
}

/* Whether one of the pair's legs is that row. */
static bool has_row(const struct ledger *ledger, const struct ledger_pair *pair, uint32_t row)
{
    return pair->account == ledger->rows[row].account &&
           (leg_row(ledger, pair, 0) == row || leg_row(ledger, pair, 1) == row);
}

void ledger_break_pairs(struct ledger *ledger, uint32_t row)
{
    for (uint32_t i = 0; i < ledger->pair_count; i++) {
        int over = ledger->rows[row].comb_position - ledger->rows[row].position;
        if (over <= 0)
            return;
        if (ledger->pairs[i].lots && has_row(ledger, &ledger->pairs[i], row))
            take_from(ledger, &ledger->pairs[i], over);
    }
}

/* ---- margin ---- */

/* Of one lot: the row's margin shared by its lots. */
static double lot_margin(const struct ledger *ledger, uint32_t row, bool exchange)
{
    const struct position_row *of = &ledger->rows[row];
    return of->position ? ledger_row_margin(ledger, of, exchange) / of->position : 0;
}

/* The margin of a lot of each leg; equal ones: the second leg is the free one. */
static void leg_margins(const struct ledger *ledger, const struct ledger_pair *pair, bool exchange,
                        double margin[2], uint32_t rows[2])
{
    for (int leg = 0; leg < 2; leg++) {
        rows[leg] = leg_row(ledger, pair, leg);
        margin[leg] = lot_margin(ledger, rows[leg], exchange);
    }
}

/* What a lot of the free leg does not pay. */
static double spared(const struct ledger *ledger, const struct ledger_pair *pair, int free_leg,
                     const double margin[2])
{
    const struct instrument *leg = &ledger->market->instruments[pair->leg[free_leg]];
    double premium = 0;
    if (pair->alike)
        premium = fmax(leg->pre_settlement, leg->last) * leg->volume_multiple;
    return fmax(margin[free_leg] - premium, 0);
}

double ledger_pair_discount(const struct ledger *ledger, const struct position_row *row,
                            bool exchange)
{
    double discount = 0;
    uint32_t place = ledger_find_row(ledger, row->account, row->instrument, row->hedge,
                                     row->direction, row->position_date);
    for (uint32_t i = 0; i < ledger->pair_count; i++) {
        const struct ledger_pair *pair = &ledger->pairs[i];
        if (pair->lots == 0 || !has_row(ledger, pair, place))
            continue;
        double margin[2];
        uint32_t rows[2];
        leg_margins(ledger, pair, exchange, margin, rows);
        int free_leg = margin[1] <= margin[0] ? 1 : 0;
        if (rows[free_leg] == place)
            discount += spared(ledger, pair, free_leg, margin) * pair->lots;
    }
    return discount;
}

double ledger_pair_margin(const struct ledger *ledger, const struct ledger_pair *pair, int leg,
                          bool exchange)
{
    double margin[2];
    uint32_t rows[2];
    if (pair->lots == 0)
        return 0;
    leg_margins(ledger, pair, exchange, margin, rows);
    int free_leg = margin[1] <= margin[0] ? 1 : 0;
    double paid = margin[leg] - (leg == free_leg ? spared(ledger, pair, leg, margin) : 0);
    return paid * pair->lots;
}

double ledger_untie_margin(const struct ledger *ledger, const struct ledger_pair *pair)
{
    double margin[2];
    uint32_t rows[2];
    leg_margins(ledger, pair, false, margin, rows);
    return spared(ledger, pair, margin[1] <= margin[0] ? 1 : 0, margin) * pair->lots;
}

/* ---- the new day ---- */

/* ComTradeID of a carried pair: the settled day, then a number of six digits. */
static int64_t carried_number(int settled_day, uint32_t number)
{
    return (int64_t)settled_day * 1000000 + number;
}

void ledger_roll_pairs(struct ledger *ledger, int settled_day)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ledger->pair_count; i++) {
        struct ledger_pair pair = ledger->pairs[i];
        int fit = ledger_pairable(ledger, &pair);
        if (pair.lots > fit)
            pair.lots = fit;
        if (pair.lots == 0)
            continue;
        pair.number = carried_number(settled_day, kept + 1);
        count_lots(ledger, &pair, pair.lots);
        ledger->pairs[kept++] = pair;
    }
    ledger->pair_count = kept;
}
