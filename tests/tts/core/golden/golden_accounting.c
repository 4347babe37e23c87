/* golden_accounting.c: the cases of positions and money: orders, fills, ticks, cash and settlements
 * through the ledger. */
#include "base/buffer.h"
#include "golden_desk.h"
#include <stdio.h>
#include <string.h>

enum {
    INSUFFICIENT_MONEY = 31,
    OVER_CLOSE_TODAY = 50,
    OVER_CLOSE_YESTERDAY = 51,
    OVER_EXECUTE = 74,
    POSITION_LIMIT = 106
};

static struct golden_order *order_of(struct golden *golden, struct golden_desk *desk,
                                     const json_t *step)
{
    const char *ref = golden_need_text(golden, step, "ref");
    for (size_t i = desk->order_count; i > 0; i--)
        if (strcmp(desk->orders[i - 1].ref, ref) == 0)
            return &desk->orders[i - 1];
    golden_fault(golden, "no order \"%s\" lives", ref);
    return NULL;
}

static int frozen_of(const struct golden_order *order)
{
    int lots = 0;
    for (int i = 0; i < order->part_count; i++)
        lots += order->part[i].frozen;
    return lots;
}

static void keep_order(struct golden *golden, struct golden_desk *desk, const json_t *step,
                       const struct golden_order *order)
{
    if (desk->order_count == desk->order_capacity) {
        desk->order_capacity = desk->order_capacity ? desk->order_capacity * 2 : 16;
        desk->orders = memory_resize(desk->orders, desk->order_capacity * sizeof *desk->orders);
    }
    struct golden_order *kept = &desk->orders[desk->order_count++];
    *kept = *order;
    text_copy(kept->ref, sizeof kept->ref, text_of(golden_need_text(golden, step, "ref")));
}

/* Forced closes take history lots first, the rest from today's; each part is an order of its own to
 * the ledger. Gives how many lots the first part has. */
static int part_forced(const struct golden_desk *desk, struct golden_order *order, int lots)
{
    struct ledger_order *first = &order->part[0];
    bool split = desk->market.instruments[first->instrument].position_date_type == '1';
    if (!strchr("256", first->offset))
        return lots;
    first->offset = '1';
    if (!split)
        return lots;
    char direction = first->direction == '0' ? '3' : '2';
    uint32_t row =
        ledger_find_row(&desk->ledger, 0, first->instrument, first->hedge, direction, '2');
    int history = row == LEDGER_NONE ? 0 : ledger_closable(&desk->ledger.rows[row]);
    if (history >= lots)
        return lots;
    order->part_count = 2;
    order->part[1] = *first;
    order->part[1].offset = '3';
    if (history > 0)
        return history;
    order->part_count = 1;
    *first = order->part[1];
    return lots;
}

static int run_order(struct golden *golden, struct golden_desk *desk, const json_t *step)
{
    const char *price_type = golden_text(golden, step, "price_type", "limit");
    bool limited = strcmp(price_type, "limit") == 0;
    if (!limited && strcmp(price_type, "market") != 0)
        golden_fault(golden, "price_type is \"%s\", neither limit nor market", price_type);
    int lots = golden_lots(golden, step, "Volume", 1);
    golden_need_text(golden, step, "Direction");
    struct golden_order order = {
        .part_count = 1,
        .part[0] = {.instrument = golden_instrument(golden, desk, step),
                    .direction = golden_choice(golden, step, "Direction", "01"),
                    .offset = golden_choice(golden, step, "OffsetFlag", "0123456"),
                    .hedge = golden_choice(golden, step, "HedgeFlag", "12345"),
                    .has_price = limited,
                    .price = limited ? golden_need(golden, step, "LimitPrice")
                                     : golden_get(golden, step, "LimitPrice", 0)},
    };
    if (golden->faulted)
        return 0;
    bool forced = strchr("256", order.part[0].offset);
    int of_part[GOLDEN_PARTS] = {part_forced(desk, &order, lots)};
    of_part[1] = lots - of_part[0];
    for (int i = 0; i < order.part_count; i++) {
        double shortage;
        int error = ledger_check(&desk->ledger, &order.part[i], of_part[i], &shortage);
        if (error)
            return forced && error == OVER_CLOSE_TODAY ? OVER_CLOSE_YESTERDAY : error;
        if (!ledger_has_room(&desk->ledger, &order.part[i], of_part[i]))
            return POSITION_LIMIT;
    }
    for (int i = 0; i < order.part_count; i++)
        ledger_accept(&desk->ledger, &order.part[i], of_part[i]);
    keep_order(golden, desk, step, &order);
    return 0;
}

static void run_trade(struct golden *golden, struct golden_desk *desk, const json_t *step)
{
    struct golden_order *order = order_of(golden, desk, step);
    int lots = golden_lots(golden, step, "Volume", 1);
    double price = golden_need(golden, step, "Price"), commission = 0;
    if (golden->faulted)
        return;
    if (lots > frozen_of(order)) {
        golden_fault(golden, "%d lots of order \"%s\" are filled, %d are left", lots, order->ref,
                     frozen_of(order));
        return;
    }
    for (int i = 0; i < order->part_count && lots > 0; i++) {
        struct ledger_order *part = &order->part[i];
        int filled = lots < part->frozen ? lots : part->frozen;
        if (filled > 0)
            commission += ledger_fill(&desk->ledger, part, price, filled, 0).commission;
        lots -= filled;
    }
    golden_number(golden, "trade", step, "commission", commission);
}

static void run_cancel(struct golden *golden, struct golden_desk *desk, const json_t *step)
{
    struct golden_order *order = order_of(golden, desk, step);
    if (golden->faulted)
        return;
    if (frozen_of(order) == 0)
        golden_fault(golden, "nothing is left of order \"%s\"", order->ref);
    for (int i = 0; i < order->part_count; i++)
        if (order->part[i].frozen > 0)
            ledger_release(&desk->ledger, &order->part[i], order->part[i].frozen, i == 0);
}

static void run_tick(struct golden *golden, struct golden_desk *desk, const json_t *step)
{
    uint32_t place = golden_instrument(golden, desk, step);
    double last = golden_need(golden, step, "LastPrice");
    double volume = golden_get(golden, step, "Volume", 0);
    double turnover = golden_get(golden, step, "Turnover", 0);
    if (golden->faulted)
        return;
    struct instrument *instrument = &desk->market.instruments[place];
    instrument->last = last;
    if (volume > 0 && turnover > 0)
        instrument->average = turnover / volume / instrument->volume_multiple;
}

static int run_cash(struct golden *golden, struct golden_desk *desk, const json_t *step)
{
    double withdrawal = golden_get(golden, step, "Withdraw", 0);
    double deposit = golden_get(golden, step, "Deposit", 0);
    if (withdrawal < 0 || deposit < 0)
        golden_fault(golden, "Deposit and Withdraw are amounts without a sign");
    if (golden->faulted)
        return 0;
    if (withdrawal > 0 && !ledger_move_cash(&desk->ledger, 0, -withdrawal))
        return INSUFFICIENT_MONEY;
    ledger_book_cash(&desk->ledger, 0, deposit);
    return 0;
}

/* Exercises long lots: of the row that OffsetFlag names, without it of the one that has enough. */
static int run_exercise(struct golden *golden, struct golden_desk *desk, const json_t *step)
{
    uint32_t place = golden_instrument(golden, desk, step);
    int lots = golden_lots(golden, step, "Volume", 1);
    char hedge = golden_choice(golden, step, "HedgeFlag", "12345");
    const char *offset = golden_text(golden, step, "OffsetFlag", NULL);
    if (golden->faulted)
        return 0;
    bool split = desk->market.instruments[place].position_date_type == '1';
    for (char date = split ? '2' : '1'; date >= '1'; date--) {
        if (split && offset && (date == '1') != (offset[0] == '3'))
            continue;
        uint32_t row = ledger_find_row(&desk->ledger, 0, place, hedge, '2', date);
        if (row != LEDGER_NONE && ledger_exercise(&desk->ledger, row, lots) == 0)
            return 0;
    }
    return OVER_EXECUTE;
}

/* Lots of a short option that the exchange assigned: of all the account's rows, history first. */
static void assign(struct golden *golden, struct golden_desk *desk, const char *id, int lots)
{
    uint32_t place = market_find_instrument(&desk->market, EXCHANGE_COUNT, text_of(id));
    for (char date = '2'; date >= '1'; date--)
        for (uint32_t i = 0; i < desk->ledger.row_count; i++) {
            const struct position_row *row = &desk->ledger.rows[i];
            if (row->instrument != place || row->direction != '3' || row->position_date != date)
                continue;
            int own = lots < row->position ? lots : row->position;
            ledger_freeze_exercise(&desk->ledger, i, own, 0);
            lots -= own;
        }
    if (lots > 0)
        golden_fault(golden, "%d more lots of %s are assigned than are short", lots, id);
}

void golden_prices(struct golden *golden, const struct golden_desk *desk, const json_t *step,
                   const char *field)
{
    const json_t *prices = json_object_get(step, field);
    if (prices && !json_is_object(prices))
        golden_fault(golden, "%s is no object of numbers by instrument", field);
    void *cursor = json_object_iter((json_t *)(uintptr_t)prices);
    for (; cursor; cursor = json_object_iter_next((json_t *)(uintptr_t)prices, cursor)) {
        const char *id = json_object_iter_key(cursor);
        if (market_find_instrument(&desk->market, EXCHANGE_COUNT, text_of(id)) == INSTRUMENT_NONE)
            golden_fault(golden, "%s names \"%s\", which the case does not have", field, id);
        if (!json_is_number(json_object_iter_value(cursor)))
            golden_fault(golden, "%s of %s is no number", field, id);
    }
}

static void run_settle(struct golden *golden, struct golden_desk *desk, const json_t *step)
{
    const json_t *prices = json_object_get(step, "SettlementPrices");
    const json_t *indices = json_object_get(step, "underlying_settlement");
    const json_t *assigned = json_object_get(step, "assigned");
    golden_prices(golden, desk, step, "SettlementPrices");
    golden_prices(golden, desk, step, "underlying_settlement");
    golden_prices(golden, desk, step, "assigned");
    golden_need_text(golden, step, "next_trading_day");
    int day = desk->ledger.trading_day, next = golden_date(golden, step, "next_trading_day");
    if (golden->faulted)
        return;
    for (uint32_t i = 0; i < desk->market.instrument_count; i++) {
        struct instrument *instrument = &desk->market.instruments[i];
        instrument->settlement = golden_get(golden, prices, instrument->id, instrument->last);
        instrument->underlying_settlement =
            golden_get(golden, indices, instrument->id, ABSENT_PRICE);
    }
    for (size_t i = 0; i < desk->order_count; i++)
        for (int j = 0; j < desk->orders[i].part_count; j++)
            if (desk->orders[i].part[j].frozen)
                ledger_release(&desk->ledger, &desk->orders[i].part[j],
                               desk->orders[i].part[j].frozen, false);
    desk->order_count = 0;
    for (uint32_t i = 0; i < desk->market.instrument_count; i++) {
        int lots = (int)golden_get(golden, assigned, desk->market.instruments[i].id, 0);
        if (lots > 0)
            assign(golden, desk, desk->market.instruments[i].id, lots);
    }
    struct settlement_figures figures;
    ledger_settle(&desk->ledger, next, NULL, &figures);
    golden_statement(golden, desk, json_object_get(step, "statement"), day, &figures);
}

/* Members that steps of each kind have besides op, result, ErrorID and expect. */
static const char *const step_words[] = {"order", "trade",    "cancel", "tick",
                                         "cash",  "exercise", "settle"};

static const char *const *step_names(enum golden_step kind)
{
#define STEP(...) "op", "result", "ErrorID", "expect", "title", "note", __VA_ARGS__, NULL
    static const char *const order[] = {STEP("ref", "InstrumentID", "Direction", "OffsetFlag",
                                             "LimitPrice", "Volume", "price_type", "HedgeFlag")},
                             *const trade[] = {STEP("ref", "Price", "Volume", "commission")},
                             *const cancel[] = {STEP("ref")},
                             *const tick[] = {STEP("InstrumentID", "LastPrice", "Volume",
                                                   "Turnover")},
                             *const cash[] = {STEP("Deposit", "Withdraw")},
                             *const exercise[] = {STEP("InstrumentID", "Volume", "HedgeFlag",
                                                       "OffsetFlag")},
                             *const settle[] = {STEP("SettlementPrices", "next_trading_day",
                                                     "underlying_settlement", "assigned",
                                                     "statement")};
#undef STEP
    static const char *const *const all[] = {order, trade, cancel, tick, cash, exercise, settle};
    return all[kind];
}

enum golden_step golden_step(struct golden *golden, const json_t *step)
{
    const char *op = golden_need_text(golden, step, "op");
    for (int kind = 0; kind < STEP_NONE; kind++)
        if (strcmp(step_words[kind], op) == 0) {
            golden_known(golden, op, step, step_names((enum golden_step)kind));
            return (enum golden_step)kind;
        }
    golden_fault(golden, "op \"%s\" is not known", op);
    return STEP_NONE;
}

static int run_step(struct golden *golden, struct golden_desk *desk, const json_t *step)
{
    switch (golden_step(golden, step)) {
    case STEP_ORDER:
        return run_order(golden, desk, step);
    case STEP_CASH:
        return run_cash(golden, desk, step);
    case STEP_EXERCISE:
        return run_exercise(golden, desk, step);
    case STEP_TRADE:
        run_trade(golden, desk, step);
        break;
    case STEP_CANCEL:
        run_cancel(golden, desk, step);
        break;
    case STEP_TICK:
        run_tick(golden, desk, step);
        break;
    case STEP_SETTLE:
        run_settle(golden, desk, step);
        break;
    case STEP_NONE:
        break;
    }
    return 0;
}

void golden_result(struct golden *golden, const json_t *step, int error)
{
    const char *result = golden_text(golden, step, "result", "ok");
    char want[32] = "ok", got[32] = "ok";
    if (strcmp(result, "rejected") == 0)
        snprintf(want, sizeof want, "rejected %d", (int)golden_need(golden, step, "ErrorID"));
    else if (strcmp(result, "ok") != 0)
        golden_fault(golden, "result is \"%s\", neither ok nor rejected", result);
    if (error)
        snprintf(got, sizeof got, "rejected %d", error);
    golden_same_text(golden, "result", want, got);
}

void golden_accounting(struct golden *golden, const json_t *one, const json_t *file)
{
    (void)file;
    struct golden_desk desk;
    golden_desk_open(golden, &desk, one);
    const json_t *steps = golden_list(golden, one, "steps");
    golden->has_steps = true;
    if (json_array_size(steps) == 0)
        golden_fault(golden, "the case has no steps");
    for (; golden->step < json_array_size(steps) && !golden->faulted; golden->step++) {
        const json_t *step = json_array_get(steps, golden->step);
        int error = run_step(golden, &desk, step);
        if (golden->faulted)
            break;
        golden_result(golden, step, error);
        golden_positions(golden, &desk, json_object_get(step, "expect"));
    }
    golden_desk_close(&desk);
}
