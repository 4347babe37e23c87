/* account_rule.c: see account_rule.h. Rules are few, so they stand in one list that is read from
 * end to end; a counter without any pays one comparison. */
#include "tts/core/account_rule.h"
#include "tts/core/reply.h"
#include "tts/core/requests/combination.h"

static bool same_place(const struct account_rule *a, const struct account_rule *b)
{
    return a->kind == b->kind && a->account == b->account && a->scope == b->scope && a->of == b->of;
}

void account_rule_put(struct core *core, const struct account_rule *rule, bool removed)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < core->rules.count; i++)
        if (!same_place(&core->rules.at[i], rule))
            core->rules.at[kept++] = core->rules.at[i];
    core->rules.count = kept;
    if (!removed)
        *LIST_ADD(&core->rules) = *rule;
}

static bool speaks_of(const struct core *core, const struct account_rule *rule, uint32_t instrument)
{
    switch (rule->scope) {
    case RULE_OF_INSTRUMENT:
        return rule->of == instrument;
    case RULE_OF_PRODUCT:
        return rule->of == core->market.instruments[instrument].product;
    default:
        return true;
    }
}

/* ---- rights ---- */

/* The most specific rule of a kind; NULL without one. */
static const struct account_rule *deciding_rule(const struct core *core, enum rule_kind kind,
                                                uint32_t account, uint32_t instrument)
{
    const struct account_rule *best = NULL;
    int best_rank = -1;
    for (uint32_t i = 0; i < core->rules.count; i++) {
        const struct account_rule *rule = &core->rules.at[i];
        if (rule->kind != kind || (rule->account != NONE && rule->account != account) ||
            !speaks_of(core, rule, instrument))
            continue;
        int rank = (rule->account == account) * RULE_SCOPES + (RULE_SCOPES - 1 - (int)rule->scope);
        if (rank > best_rank) {
            best = rule;
            best_rank = rank;
        }
    }
    return best;
}

bool account_rule_makes(const struct core *core, uint32_t account, uint32_t instrument)
{
    const struct account_rule *rule = deciding_rule(core, RULE_MAKER, account, instrument);
    return rule && rule->value != 0;
}

static int right_to(const struct core *core, uint32_t account, uint32_t instrument, bool opens)
{
    const struct account_rule *best = deciding_rule(core, RULE_RIGHT, account, instrument);
    if (!best || best->value == RIGHT_ALL)
        return 0;
    if (best->value == RIGHT_NONE)
        return CTP_ERROR_NO_TRADING_RIGHT;
    return opens ? CTP_ERROR_CLOSE_ONLY : 0;
}

/* What an order in the instrument trades: itself, TAS's underlying, a
 * combination's legs, each with whether it is opened. Returns how many. */
static int traded_by(const struct core *core, uint32_t instrument, const bool opens[2],
                     uint32_t traded[3], bool opened[3])
{
    uint32_t underlying = core->market.instruments[instrument].underlying;
    traded[0] = instrument;
    opened[0] = opens[0] || opens[1];
    if (instrument_is_tas(&core->market.instruments[instrument]) && underlying != INSTRUMENT_NONE) {
        traded[1] = underlying;
        opened[1] = opened[0];
        return 2;
    }
    if (!combination_legs(core, instrument, &traded[1]))
        return 1;
    opened[1] = opens[0];
    opened[2] = opens[1];
    return 3;
}

int account_rule_right(const struct core *core, uint32_t account, uint32_t instrument,
                       const bool opens[2])
{
    uint32_t traded[3];
    bool opened[3];
    int close_only = 0;
    int count = core->rules.count ? traded_by(core, instrument, opens, traded, opened) : 0;
    for (int i = 0; i < count; i++) {
        int error_id = right_to(core, account, traded[i], opened[i]);
        if (error_id == CTP_ERROR_NO_TRADING_RIGHT)
            return error_id;
        if (error_id)
            close_only = error_id;
    }
    return close_only;
}

/* ---- position limits ---- */

static bool own_rule_replaces(const struct core *core, const struct account_rule *rule,
                              uint32_t account)
{
    for (uint32_t i = 0; rule->account == NONE && i < core->rules.count; i++) {
        struct account_rule own = *rule;
        own.account = account;
        if (same_place(&core->rules.at[i], &own))
            return true;
    }
    return false;
}

/* Lots of the direction that the rule counts, held and coming. */
static int64_t counted_lots(const struct core *core, const struct account_rule *rule,
                            uint32_t account, char direction)
{
    const struct ledger *ledger = &core->ledger;
    int64_t lots = 0;
    for (uint32_t i = ledger->accounts[account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next) {
        const struct position_row *row = &ledger->rows[i];
        if (row->direction == direction && speaks_of(core, rule, row->instrument))
            lots += row->position +
                    (direction == THOST_FTDC_PD_Long ? row->long_frozen : row->short_frozen);
    }
    return lots;
}

static bool leg_fits(const struct core *core, const struct account_rule *rule,
                     const struct order *order, const struct ledger_order *leg)
{
    bool buys = leg->direction == THOST_FTDC_D_Buy;
    if (leg->offset != THOST_FTDC_OF_Open || !speaks_of(core, rule, leg->instrument))
        return true;
    char direction = buys ? THOST_FTDC_PD_Long : THOST_FTDC_PD_Short;
    return counted_lots(core, rule, order->account, direction) + order->volume <= rule->value;
}

bool account_rule_allows_lots(const struct core *core, const struct order *order)
{
    for (uint32_t i = 0; i < core->rules.count; i++) {
        const struct account_rule *rule = &core->rules.at[i];
        if (rule->kind != RULE_POSITION_LIMIT ||
            (rule->account != NONE && rule->account != order->account) ||
            own_rule_replaces(core, rule, order->account))
            continue;
        for (uint32_t leg = 0; leg < order->leg_count; leg++)
            if (!leg_fits(core, rule, order, &order->leg[leg]))
                return false;
    }
    return true;
}
