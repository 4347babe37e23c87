/* query_orders.c: the day's orders and trades, in the order of the journal. A row is what the last
 * OnRtnOrder, and the OnRtnTrade, showed: both are rendered from the same state. */
#include "tts/core/handlers.h"
#include "tts/core/queries/query_rows.h"

/* Places of the orders of one account, oldest first. */
struct order_places {
    uint32_t *at;
    uint32_t count, capacity;
};

static int compare_places(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return one < other ? -1 : one > other;
}

/* The orders of all the accounts that the answer is about. */
static struct order_places collect_orders(const struct query *query)
{
    const struct core *core = query->core;
    struct order_places places = {.at = NULL};
    uint32_t cursor = 0, account;
    while (query_next_account(query, &cursor, &account)) {
        uint32_t order = core->investors.at[account].first_order;
        for (; order != NONE; order = core->orders.at[order].next_of_account)
            if (query_fits_instrument(query, core->orders.at[order].instrument))
                *LIST_ADD(&places) = order;
    }
    if (places.count)
        qsort(places.at, places.count, sizeof *places.at, compare_places);
    return places;
}

void query_orders(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct order_places places = collect_orders(&query);
    for (uint32_t i = 0; i < places.count; i++) {
        const struct order *order = &core->orders.at[places.at[i]];
        struct CThostFtdcOrderField row;
        render_order(core, order, &order->state, text_of(query.from->broker_id), &row);
        query_row(&query, &row);
    }
    free(places.at);
    query_end(&query);
}

void query_trades(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    for (uint32_t i = 0; i < core->trades.count; i++) {
        const struct trade *trade = &core->trades.at[i];
        const struct order *order = &core->orders.at[trade->order];
        if (!query_sees(&query, order->account) ||
            !query_fits_instrument(&query, order_traded_instrument(order, trade->leg)))
            continue;
        struct CThostFtdcTradeField row;
        render_trade(core, trade, text_of(query.from->broker_id), &row);
        query_row(&query, &row);
    }
    query_end(&query);
}
