/* checkers_requests.c: what must hold of everything that is not a plain order: parked orders,
 * quotes and their legs, exercises and frozen lots, self closes, tied lots, transfers; and of the
 * ways out: nothing goes to a channel whose line is not up. */
#include "tts/core/desk/desk_inside.h"
#include "world.h"

/* ---- ways out ---- */

static void ensure_up(struct world *world, uint32_t channel, const char *what)
{
    enum channel_state state = world->core->channel_states[channel];
    ENSURE(world, state == CHANNEL_UP || (state == CHANNEL_HELD && channel == CHANNEL_SIM),
           "%s goes to channel %u, whose line is not up", what, channel);
}

static void check_record_goes_out(struct world *world, const struct effect_record *effect)
{
    static const bool outward[RECORD_KIND_COUNT] = {
        [RECORD_exec_order] = true, [RECORD_self_close] = true,  [RECORD_quote] = true,
        [RECORD_for_quote] = true,  [RECORD_comb_action] = true, [RECORD_offset_setting] = true};
    const struct record *head = (const void *)(effect + 1);
    if (outward[effect->kind] &&
        effect->place == record_count(world->core, (enum record_kind)effect->kind))
        ensure_up(world, world->core->investors.at[head->account].channel, "a request");
}

void check_goes_out(struct world *world, const struct effect_head *head, const void *effect)
{
    if (head->kind == EFFECT_order_accepted) {
        const struct order *order = &((const struct effect_order_accepted *)effect)->order;
        if (!order->condition_number)
            ensure_up(world, order->channel, "an order");
    } else if (head->kind == EFFECT_order_returned) {
        const struct effect_order_returned *returned = effect;
        const struct order *order = &world->core->orders.at[returned->order];
        if (returned->by_client && !order->condition_number)
            ensure_up(world, order->channel, "a cancel");
    } else if (head->kind == EFFECT_record) {
        check_record_goes_out(world, effect);
    }
}

/* Orders and cancels on their way to an outside channel, or behind a line that was held. */
static bool may_be_kept_back(const struct core *core, const struct order *order)
{
    return order->channel != CHANNEL_SIM || core->channel_states[CHANNEL_SIM] != CHANNEL_UP;
}

static void check_places(struct world *world)
{
    const struct core *core = world->core;
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        ENSURE(world, !order->live || order->channel == core->investors.at[order->account].channel,
               "order %u lives in channel %u; its account has left it", i, order->channel);
        ENSURE(world, order->channel == CHANNEL_SIM || !order->at_exchange,
               "order %u of channel %u waits at the simulated exchange", i, order->channel);
        ENSURE(world, !order->cancel_pending || (order->live && may_be_kept_back(core, order)),
               "order %u waits for the answer to a cancel", i);
    }
}

static bool is_simulated(const struct world *world, uint32_t account)
{
    return world->core->investors.at[account].channel == CHANNEL_SIM;
}

/* ---- parked ---- */

static void check_parked(struct world *world, enum record_kind kind)
{
    struct core *core = world->core;
    uint32_t own[USERS_MAX] = {0}, all = 0;
    for (uint32_t i = 0; i < record_count(core, kind); i++) {
        const struct record *head = record_head(core, kind, i);
        const void *body = record_body(core, kind, i);
        char status = kind == RECORD_parked_order
                          ? ((const struct CThostFtdcParkedOrderField *)body)->Status
                          : ((const struct CThostFtdcParkedOrderActionField *)body)->Status;
        ENSURE(world, (head->live != 0) == (status == THOST_FTDC_PAOS_NotSend),
               "parked thing %u of kind %d is %d with status %c", i, (int)kind, (int)head->live,
               status);
        if (!head->live)
            continue;
        uint32_t product = core_instrument(core, head->instrument)->product;
        ENSURE(world, core->statuses.at[product].status != THOST_FTDC_IS_Continous,
               "parked thing %u of kind %d still waits in continuous trading", i, (int)kind);
        own[head->account]++;
        all++;
    }
    for (uint32_t i = 0; i < core->investors.count; i++)
        ENSURE(world, own[i] <= (uint32_t)core->options.parked_orders_max,
               "account %u has %u parked", i, own[i]);
    ENSURE(world,
           !core->options.parked_orders_of_all_max ||
               all <= (uint32_t)core->options.parked_orders_of_all_max,
           "%u are parked in all", all);
}

/* ---- quotes ---- */

static void check_quote(struct world *world, uint32_t place)
{
    struct core *core = world->core;
    const struct record *head = record_head(core, RECORD_quote, place);
    int live = 0;
    for (int leg = 0; leg < 2; leg++) {
        if (head->order[leg] == NONE)
            continue;
        const struct order *order = &core->orders.at[head->order[leg]];
        ENSURE(world, order->quote == place && order->account == head->account,
               "quote %u has a leg that is not its own", place);
        live += order->live;
    }
    if (!is_simulated(world, head->account)) {
        ENSURE(world, !head->live || live > 0, "quote %u lives without a leg", place);
        return;
    }
    ENSURE(world, (head->live != 0) == (live > 0), "quote %u is %s with %d living legs", place,
           head->live ? "alive" : "over", live);
    /* one that a held line keeps back does not replace the former yet */
    const struct CThostFtdcQuoteField *body = record_body(world->core, RECORD_quote, place);
    bool taken = body->QuoteSysID[0] != '\0';
    for (uint32_t i = 0; i < place && head->live && taken; i++) {
        const struct record *other = record_head(core, RECORD_quote, i);
        ENSURE(world,
               !other->live || other->account != head->account ||
                   other->instrument != head->instrument,
               "quotes %u and %u of one account and instrument live", i, place);
    }
}

/* ---- exercises ---- */

static void check_frozen_lots(struct world *world)
{
    struct core *core = world->core;
    const struct ledger *ledger = &core->ledger;
    struct lots {
        int exercised, abandoned;
    } *sums = memory_get_zeroed(ledger->row_count + 1, sizeof *sums);
    for (uint32_t i = 0; i < record_count(core, RECORD_exec_order); i++) {
        const struct record *head = record_head(core, RECORD_exec_order, i);
        const struct CThostFtdcExecOrderField *body = record_body(core, RECORD_exec_order, i);
        ENSURE(world, (head->live != 0) == (body->ExecResult == THOST_FTDC_OER_NoExec),
               "exercise %u is %s with ExecResult %c", i, head->live ? "alive" : "over",
               body->ExecResult);
        /* Lots of one that is done wait for the settlement, which carries it out. */
        if (body->ExecResult == THOST_FTDC_OER_Canceled || head->order[0] == NONE)
            continue;
        if (body->ActionType == THOST_FTDC_ACTP_Exec)
            sums[head->order[0]].exercised += body->Volume;
        else
            sums[head->order[0]].abandoned += body->Volume;
    }
    for (uint32_t i = 0; i < ledger->row_count; i++)
        ENSURE(world,
               ledger->rows[i].strike_frozen == sums[i].exercised &&
                   ledger->rows[i].abandon_frozen == sums[i].abandoned,
               "row %u has %d and %d lots frozen; exercises have %d and %d", i,
               ledger->rows[i].strike_frozen, ledger->rows[i].abandon_frozen, sums[i].exercised,
               sums[i].abandoned);
    free(sums);
}

static void check_self_closes(struct world *world)
{
    struct core *core = world->core;
    for (uint32_t i = 0; i < record_count(core, RECORD_self_close); i++)
        for (uint32_t k = 0; k < i; k++) {
            const struct record *one = record_head(core, RECORD_self_close, i),
                                *other = record_head(core, RECORD_self_close, k);
            const struct CThostFtdcOptionSelfCloseField *body =
                record_body(core, RECORD_self_close, i);
            const struct CThostFtdcOptionSelfCloseField *former =
                record_body(core, RECORD_self_close, k);
            ENSURE(world,
                   !one->live || !other->live || one->account != other->account ||
                       one->instrument != other->instrument || body->HedgeFlag != former->HedgeFlag,
                   "self closes %u and %u say what to do with the same lots", k, i);
        }
}

/* ---- answers of the simulated exchange, which come at once ---- */

static void check_answered(struct world *world)
{
    struct core *core = world->core;
    for (uint32_t i = 0; i < record_count(core, RECORD_for_quote); i++) {
        const struct CThostFtdcForQuoteField *body = record_body(core, RECORD_for_quote, i);
        bool waits = body->ForQuoteStatus == THOST_FTDC_FQST_Submitted;
        ENSURE(world,
               !waits || !is_simulated(world, record_head(core, RECORD_for_quote, i)->account),
               "request for quotes %u has no answer", i);
    }
    for (uint32_t i = 0; i < record_count(core, RECORD_comb_action); i++) {
        const struct CThostFtdcCombActionField *body = record_body(core, RECORD_comb_action, i);
        bool waits = body->ActionStatus == THOST_FTDC_OAS_Submitted;
        ENSURE(world,
               !waits || !is_simulated(world, record_head(core, RECORD_comb_action, i)->account),
               "combination action %u has no answer", i);
    }
}

/* ---- tied lots ---- */

/* A row's tied lots are those of the pairs that have it as a leg. */
static void check_tied_lots(struct world *world)
{
    const struct ledger *ledger = &world->core->ledger;
    for (uint32_t i = 0; i < ledger->row_count; i++) {
        const struct position_row *row = &ledger->rows[i];
        int lots = 0;
        for (uint32_t k = 0; k < ledger->pair_count; k++)
            for (int leg = 0; leg < 2; leg++) {
                const struct ledger_pair *pair = &ledger->pairs[k];
                bool is_long = (pair->direction == '0') == (leg == 0);
                if (pair->account == row->account && pair->leg[leg] == row->instrument &&
                    pair->hedge == row->hedge && is_long == (row->direction == '2') &&
                    row->position_date == '1')
                    lots += pair->lots;
            }
        ENSURE(world, row->comb_position == lots && lots <= row->position,
               "row %u of %d lots: CombPosition %d, pairs have %d", i, row->position,
               row->comb_position, lots);
    }
}

/* ---- the bank ---- */

static void check_bank(struct world *world)
{
    for (uint32_t i = 0; i < world->core->investors.count; i++) {
        double left = world->core->investors.at[i].bank_balance;
        ENSURE(world, fabs(left + world->bank[i] - 1e7) < 0.005 && left > -0.005,
               "account %u: %.9g in the bank after %.9g were moved", i, left, world->bank[i]);
    }
}

void check_requests(struct world *world)
{
    check_places(world);
    check_parked(world, RECORD_parked_order);
    check_parked(world, RECORD_parked_action);
    for (uint32_t i = 0; i < record_count(world->core, RECORD_quote); i++)
        check_quote(world, i);
    check_frozen_lots(world);
    check_self_closes(world);
    check_answered(world);
    check_tied_lots(world);
    check_bank(world);
}
