/* query_groups.c: margin by product group, with what the larger-side rule takes off: the sum of
 * UseMargin over an account's rows is its CurrMargin. */
#include "tts/core/handlers.h"
#include "tts/core/queries/query_rows.h"
#include <math.h>
#include <stdlib.h>

/* The position rows of one group. `larger` is the ledger's group, LEDGER_NONE without the rule. */
struct margin_group {
    uint32_t larger;
    enum exchange exchange;
    text id;
    char hedge;
    struct CThostFtdcInvestorProductGroupMarginField sum;
};

struct margin_groups {
    struct margin_group *at;
    uint32_t count, capacity;
};

static text group_id(const struct core *core, const struct instrument *instrument)
{
    const struct product *product = &core->market.products[instrument->product];
    return text_of(product->group_id[0] ? product->group_id : product->id);
}

static struct margin_group *find_group(struct core *core, struct margin_groups *groups,
                                       const struct position_row *row)
{
    const struct instrument *instrument = core_instrument(core, row->instrument);
    text id = group_id(core, instrument);
    for (uint32_t i = 0; i < groups->count; i++) {
        struct margin_group *group = &groups->at[i];
        bool same = row->group != LEDGER_NONE
                        ? group->larger == row->group
                        : group->larger == LEDGER_NONE && group->hedge == row->hedge &&
                              group->exchange == instrument->exchange && text_equal(group->id, id);
        if (same)
            return group;
    }
    struct margin_group *group = LIST_ADD(groups);
    group->larger = row->group;
    group->exchange = instrument->exchange;
    group->id = id;
    group->hedge = row->hedge;
    return group;
}

static void add_row(const struct core *core, const struct position_row *row,
                    struct CThostFtdcInvestorProductGroupMarginField *sum)
{
    struct row_figures figures = ledger_row_figures(&core->ledger, row);
    bool is_long = row->direction == THOST_FTDC_PD_Long;
    *(is_long ? &sum->LongUseMargin : &sum->ShortUseMargin) += figures.use_margin;
    *(is_long ? &sum->LongExchMargin : &sum->ShortExchMargin) += figures.exchange_margin;
    *(is_long ? &sum->LongFrozenMargin : &sum->ShortFrozenMargin) += row->frozen_margin;
    sum->FrozenMargin += row->frozen_margin;
    sum->FrozenCash += row->frozen_cash;
    sum->FrozenCommission += row->frozen_commission;
    sum->CashIn += row->cash_in;
    sum->Commission += row->commission;
    sum->CloseProfit += row->close_profit_by_date;
    sum->PositionProfit += figures.position_profit;
}

/* The smaller side is set off where the rule holds. */
static void set_off(const struct margin_group *group,
                    struct CThostFtdcInvestorProductGroupMarginField *sum)
{
    if (group->larger != LEDGER_NONE) {
        bool longer = sum->LongUseMargin >= sum->ShortUseMargin;
        *(longer ? &sum->ShortOffsetAmount : &sum->LongOffsetAmount) =
            fmin(sum->LongUseMargin, sum->ShortUseMargin);
        longer = sum->LongExchMargin >= sum->ShortExchMargin;
        *(longer ? &sum->ShortExchOffsetAmount : &sum->LongExchOffsetAmount) =
            fmin(sum->LongExchMargin, sum->ShortExchMargin);
    }
    sum->OffsetAmount = sum->LongOffsetAmount + sum->ShortOffsetAmount;
    sum->ExchOffsetAmount = sum->LongExchOffsetAmount + sum->ShortExchOffsetAmount;
    sum->UseMargin = sum->LongUseMargin + sum->ShortUseMargin - sum->OffsetAmount;
    sum->ExchMargin = sum->LongExchMargin + sum->ShortExchMargin - sum->ExchOffsetAmount;
}

static int compare_groups(const void *a, const void *b)
{
    const struct margin_group *one = a, *other = b;
    int order =
        text_compare(text_of(exchange_id(one->exchange)), text_of(exchange_id(other->exchange)));
    if (order == 0)
        order = text_compare(one->id, other->id);
    return order ? order : one->hedge - other->hedge;
}

static void group_rows(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    struct margin_groups groups = {.at = NULL};
    for (uint32_t i = core->ledger.accounts[account].first_row; i != LEDGER_NONE;
         i = core->ledger.rows[i].next) {
        const struct position_row *row = &core->ledger.rows[i];
        add_row(core, row, &find_group(core, &groups, row)->sum);
    }
    if (groups.count)
        qsort(groups.at, groups.count, sizeof *groups.at, compare_groups);
    for (uint32_t i = 0; i < groups.count; i++) {
        struct margin_group *group = &groups.at[i];
        struct CThostFtdcInvestorProductGroupMarginField *row = &group->sum;
        set_off(group, row);
        PUT_TEXT(row->InvestorID, text_of(core->ledger.accounts[account].id));
        PUT_TEXT(row->ProductGroupID, group->id);
        QUERY_PUT_OLD(row->reserve1, group->id);
        PUT_TEXT(row->ExchangeID, text_of(exchange_id(group->exchange)));
        PUT_DATE(row->TradingDay, core->trading_day);
        row->SettlementID = 1;
        row->HedgeFlag = group->hedge;
        query_row(query, row);
    }
    free(groups.at);
}

void query_group_margins(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, group_rows);
}
