/* settled_day.c: see settled_day.h. */
#include "tts/core/day/settled_day.h"
#include "tts/core/day/statement.h"

struct settled_day *settled_day_create(void)
{
    struct settled_day *day = memory_get_zeroed(1, sizeof *day);
    ledger_init(&day->ledger, NULL, 0);
    return day;
}

static void forget_accounts(struct settled_day *day)
{
    for (uint32_t i = 0; i < day->accounts.count; i++) {
        buffer_finish(&day->accounts.at[i].cash);
        buffer_finish(&day->accounts.at[i].trades);
        buffer_finish(&day->accounts.at[i].closings);
    }
    day->accounts.count = 0;
}

void settled_day_destroy(struct settled_day *day)
{
    if (!day)
        return;
    forget_accounts(day);
    ledger_finish(&day->ledger);
    free(day->accounts.at);
    free(day->late_trades.at);
    free(day->late_closings.at);
    free(day->instruments.at);
    free(day);
}

void settled_day_forget(struct core *core)
{
    struct settled_day *day = core->settled_day;
    forget_accounts(day);
    day->instruments.count = 0;
    day->late_trades.count = day->late_closings.count = 0;
    day->trading_day = day->settlement_id = 0;
    ledger_finish(&day->ledger);
    ledger_init(&day->ledger, NULL, 0);
}

void settled_day_keep(struct core *core)
{
    struct settled_day *day = core->settled_day;
    settled_day_forget(core);
    day->trading_day = core->trading_day;
    day->settlement_id = 1;
    for (uint32_t i = 0; i < core->market.instrument_count; i++) {
        const struct instrument *instrument = core_instrument(core, i);
        *LIST_ADD(&day->instruments) =
            (struct settled_instrument){.pre_settlement = instrument->pre_settlement,
                                        .price = instrument->settlement,
                                        .upper_limit = instrument->upper_limit,
                                        .lower_limit = instrument->lower_limit,
                                        .expire_date = instrument->expire_date,
                                        .book_mode = core->instruments.at[i].book_mode};
    }
    for (uint32_t i = 0; i < core->ledger.account_count; i++)
        LIST_ADD(&day->accounts)->figures.pledge_before = core->ledger.accounts[i].pre_mortgage;
    statement_note_day(core, day);
    ledger_forget_closings(&core->ledger);
    ledger_copy(&core->ledger, &day->ledger);
}

/* Trades at the settlement price get it, and what was closed against them its profit. */
static struct settled_trade *price_trades(struct core *core)
{
    const struct settled_day *day = core->settled_day;
    uint32_t count = day->late_trades.count, closing = 0;
    struct settled_trade *priced = memory_get_zeroed(count + 1, sizeof *priced);
    ledger_take_closings(&core->ledger, day->late_closings.at, day->late_closings.count);
    for (uint32_t i = 0; i < count; i++) {
        priced[i] = day->late_trades.at[i];
        struct trade *trade = &priced[i].trade;
        struct ledger_trade late = {
            .number = (uint32_t)trade->number,
            .lots = trade->volume,
            .distance = trade->price,
            .price = trade->price,
            .commission = trade->commission,
            .close_profit = trade->close_profit,
        };
        ledger_price_trade(&core->ledger, &priced[i].leg, &late, &closing);
        trade->price = late.price;
        trade->commission = late.commission;
        trade->close_profit = late.close_profit;
    }
    return priced;
}

void settled_day_settle(struct core *core, int next_trading_day)
{
    const struct settled_day *day = core->settled_day;
    struct settled_trade *priced = price_trades(core);
    struct settlement_figures *figures =
        memory_get_zeroed(core->ledger.account_count + 1, sizeof *figures);
    bool *between_customers =
        memory_get_zeroed(core->market.instrument_count + 1, sizeof *between_customers);
    for (uint32_t i = 0; i < day->instruments.count; i++)
        between_customers[i] = day->instruments.at[i].book_mode;
    ledger_settle(&core->ledger, next_trading_day, between_customers, figures);
    statements_write(core, figures, priced);
    ledger_forget_closings(&core->ledger);
    free(priced);
    free(between_customers);
    free(figures);
}
