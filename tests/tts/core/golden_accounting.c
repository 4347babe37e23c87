/* golden_accounting.c: the cases of positions and money: orders, fills, ticks, cash and settlements
 * through the ledger. */
#include "base/buffer.h"
#include "golden.h"
#include "tts/core/ledger.h"
#include <assert.h>

enum { ORDERS_MAX = 64 };

struct desk {
    struct market market;
    struct ledger ledger;
    struct {
        char ref[16];
        struct ledger_order order;
    } orders[ORDERS_MAX];
    int order_count;
};

static int date_of(const char *written)
{
    int64_t date = 0;
    text_to_int(text_of(written), &date);
    return (int)date;
}

static void add_instrument(struct desk *desk, const json_t *facts)
{
    struct product product = {.volume_multiple = (int)golden_get(facts, "VolumeMultiple", 1)};
    exchange_find(text_of(golden_text(facts, "ExchangeID", "")), &product.exchange);
    text_copy(product.id, sizeof product.id, text_of(golden_text(facts, "ProductID", "")));
    text_copy(product.group_id, sizeof product.group_id,
              text_of(golden_text(facts, "ProductGroupID", "")));
    const char *kind = golden_text(facts, "margin_kind", "commodity");
    struct instrument made = {
        .product = market_put_product(&desk->market, &product),
        .exchange = product.exchange,
        .product_class = golden_text(facts, "ProductClass", "1")[0],
        .options_type = golden_text(facts, "OptionsType", "")[0],
        .is_trading = true,
        .inst_life_phase = '1',
        .expire_date = date_of(golden_text(facts, "ExpireDate", "0")),
        .volume_multiple = product.volume_multiple,
        .price_tick = golden_get(facts, "PriceTick", 1),
        .position_date_type =
            product.exchange == EXCHANGE_SHFE || product.exchange == EXCHANGE_INE ? '1' : '2',
        .larger_side = golden_text(facts, "MaxMarginSideAlgorithm", "0")[0] == '1',
        .close_today_first = json_is_true(json_object_get(facts, "close_today_first")),
        .strike_price = golden_get(facts, "StrikePrice", ABSENT_PRICE),
        .underlying_settlement = ABSENT_PRICE,
        .option_margin = kind[0] == 'i'   ? OPTION_MARGIN_INDEX
                         : kind[0] == 'e' ? OPTION_MARGIN_ETF
                                          : OPTION_MARGIN_COMMODITY,
        .option_margin_adjust = golden_get(facts, "MarginAdjust", 0),
        .option_guarantee_ratio = golden_get(facts, "GuaranteeRatio", 0),
        .option_margin_min = golden_get(facts, "MiniMargin", 0),
        .pre_settlement = golden_get(facts, "PreSettlementPrice", 0),
        .upper_limit = golden_get(facts, "UpperLimitPrice", ABSENT_PRICE),
        .lower_limit = golden_get(facts, "LowerLimitPrice", ABSENT_PRICE),
        .margin = {golden_get(facts, "LongMarginRatioByMoney", 0),
                   golden_get(facts, "LongMarginRatioByVolume", 0),
                   golden_get(facts, "ShortMarginRatioByMoney", 0),
                   golden_get(facts, "ShortMarginRatioByVolume", 0)},
        .exchange_margin = {.long_by_money = golden_get(facts, "ExchangeLongMarginRatioByMoney", 0),
                            .short_by_money =
                                golden_get(facts, "ExchangeShortMarginRatioByMoney", 0)},
        .commission = {.open_by_money = golden_get(facts, "OpenRatioByMoney", 0),
                       .open_by_volume = golden_get(facts, "OpenRatioByVolume", 0),
                       .close_by_money = golden_get(facts, "CloseRatioByMoney", 0),
                       .close_by_volume = golden_get(facts, "CloseRatioByVolume", 0),
                       .close_today_by_money = golden_get(facts, "CloseTodayRatioByMoney", 0),
                       .close_today_by_volume = golden_get(facts, "CloseTodayRatioByVolume", 0),
                       .strike_by_money = golden_get(facts, "StrikeRatioByMoney", 0),
                       .strike_by_volume = golden_get(facts, "StrikeRatioByVolume", 0),
                       .order_by_trade = golden_get(facts, "OrderCommByTrade", 0),
                       .order_by_volume = golden_get(facts, "OrderCommByVolume", 0),
                       .action_by_trade = golden_get(facts, "OrderActionCommByTrade", 0)},
    };
    made.last = made.settlement = made.pre_settlement;
    text_copy(made.id, sizeof made.id, text_of(golden_text(facts, "InstrumentID", "")));
    text_copy(made.underlying_id, sizeof made.underlying_id,
              text_of(golden_text(facts, "UnderlyingInstrID", "")));
    market_put_instrument(&desk->market, &made);
}

static void open_desk(struct desk *desk, const json_t *one)
{
    const json_t *params = json_object_get(one, "params"), *money = json_object_get(one, "account");
    memset(desk, 0, sizeof *desk);
    const json_t *instruments = json_object_get(one, "instruments");
    for (size_t i = 0; i < json_array_size(instruments); i++)
        add_instrument(desk, json_array_get(instruments, i));
    ledger_init(&desk->ledger, &desk->market, date_of(golden_text(one, "trading_day", "0")));
    struct trading_params trading = {
        .margin_price_type = golden_text(params, "MarginPriceType", "4")[0],
        .algorithm = golden_text(params, "Algorithm", "1")[0],
        .avail_include_close_profit = golden_text(params, "AvailIncludeCloseProfit", "0")[0],
        .option_royalty_price_type = golden_text(params, "OptionRoyaltyPriceType", "5")[0],
        .withdraw_ratio = golden_get(params, "withdraw_ratio", 0.8),
    };
    ledger_add_account(&desk->ledger, TEXT("golden"), &trading);
    struct account *account = &desk->ledger.accounts[0];
    account->pre_balance = golden_get(money, "PreBalance", 0);
    account->reserve = golden_get(money, "Reserve", 0);
    account->credit = golden_get(money, "Credit", 0);
    account->pre_credit = golden_get(money, "PreCredit", 0);
    account->mortgage = golden_get(money, "Mortgage", 0);
    account->pre_mortgage = golden_get(money, "PreMortgage", 0);
}

static uint32_t instrument_of(const struct desk *desk, const json_t *step)
{
    uint32_t place = market_find_instrument(&desk->market, EXCHANGE_COUNT,
                                            text_of(golden_text(step, "InstrumentID", "")));
    assert(place != INSTRUMENT_NONE);
    return place;
}

static struct ledger_order *order_of(struct desk *desk, const json_t *step)
{
    text ref = text_of(golden_text(step, "ref", ""));
    for (int i = desk->order_count - 1; i >= 0; i--)
        if (text_equal(text_of(desk->orders[i].ref), ref))
            return &desk->orders[i].order;
    assert(!"a step names an order that was never made");
    return NULL;
}

static int run_order(struct desk *desk, const json_t *step)
{
    struct ledger_order order = {
        .instrument = instrument_of(desk, step),
        .direction = golden_text(step, "Direction", "0")[0],
        .offset = golden_text(step, "OffsetFlag", "0")[0],
        .hedge = golden_text(step, "HedgeFlag", "1")[0],
        .has_price = text_equal(text_of(golden_text(step, "price_type", "limit")), TEXT("limit")),
        .price = golden_get(step, "LimitPrice", 0),
    };
    double shortage;
    int lots = (int)golden_get(step, "Volume", 0);
    int error = ledger_check(&desk->ledger, &order, lots, &shortage);
    if (error)
        return error;
    assert(desk->order_count < ORDERS_MAX);
    ledger_accept(&desk->ledger, &order, lots);
    text_copy(desk->orders[desk->order_count].ref, sizeof desk->orders[0].ref,
              text_of(golden_text(step, "ref", "")));
    desk->orders[desk->order_count++].order = order;
    return 0;
}

static void run_settle(struct golden *golden, struct desk *desk, const json_t *step)
{
    const json_t *prices = json_object_get(step, "SettlementPrices");
    const json_t *indices = json_object_get(step, "underlying_settlement");
    for (uint32_t i = 0; i < desk->market.instrument_count; i++) {
        struct instrument *instrument = &desk->market.instruments[i];
        instrument->settlement = golden_get(prices, instrument->id, instrument->last);
        instrument->underlying_settlement = golden_get(indices, instrument->id, ABSENT_PRICE);
    }
    for (int i = 0; i < desk->order_count; i++)
        if (desk->orders[i].order.frozen)
            ledger_release(&desk->ledger, &desk->orders[i].order, desk->orders[i].order.frozen,
                           false);
    desk->order_count = 0;
    struct settlement_figures figures;
    ledger_settle(&desk->ledger, date_of(golden_text(step, "next_trading_day", "0")), &figures);
    const json_t *statement = json_object_get(step, "statement");
    golden_number(golden, "statement", statement, "b_f", figures.brought_forward);
    golden_number(golden, "statement", statement, "deposit", figures.cash_moved);
    golden_number(golden, "statement", statement, "close_pl", figures.close_profit);
    golden_number(golden, "statement", statement, "mtm_pl", figures.position_profit);
    golden_number(golden, "statement", statement, "exercise_pl", figures.exercise_profit);
    golden_number(golden, "statement", statement, "commission", figures.commission);
    golden_number(golden, "statement", statement, "premium", figures.premium);
    golden_number(golden, "statement", statement, "c_f", figures.carried_forward);
    golden_number(golden, "statement", statement, "margin", figures.margin);
    golden_number(golden, "statement", statement, "available", figures.available);
}

static int run_exercise(struct desk *desk, const json_t *step)
{
    uint32_t row = ledger_find_row(&desk->ledger, 0, instrument_of(desk, step), '1', '2', '1');
    return ledger_exercise(&desk->ledger, row, (int)golden_get(step, "Volume", 0));
}

static int run_cash(struct desk *desk, const json_t *step)
{
    double amount = golden_get(step, "Deposit", 0) - golden_get(step, "Withdraw", 0);
    return ledger_move_cash(&desk->ledger, 0, amount) ? 0 : 31;
}

static int run_step(struct golden *golden, struct desk *desk, const json_t *step)
{
    text op = text_of(golden_text(step, "op", ""));
    if (text_equal(op, TEXT("order")))
        return run_order(desk, step);
    if (text_equal(op, TEXT("exercise")))
        return run_exercise(desk, step);
    if (text_equal(op, TEXT("cash")))
        return run_cash(desk, step);
    if (text_equal(op, TEXT("trade"))) {
        struct ledger_fill fill =
            ledger_fill(&desk->ledger, order_of(desk, step), golden_get(step, "Price", 0),
                        (int)golden_get(step, "Volume", 0), 0);
        golden_number(golden, "trade", step, "commission", fill.commission);
    } else if (text_equal(op, TEXT("cancel"))) {
        struct ledger_order *order = order_of(desk, step);
        ledger_release(&desk->ledger, order, order->frozen, true);
    } else if (text_equal(op, TEXT("tick"))) {
        desk->market.instruments[instrument_of(desk, step)].last = golden_get(step, "LastPrice", 0);
    } else if (text_equal(op, TEXT("settle"))) {
        run_settle(golden, desk, step);
    } else {
        assert(!"a step of an unknown kind");
    }
    return 0;
}

static void check_account(struct golden *golden, const struct desk *desk, const json_t *want)
{
    const struct account *account = &desk->ledger.accounts[0];
    struct funds funds = ledger_funds(&desk->ledger, 0);
    const struct {
        const char *field;
        double got;
    } figures[] = {
        {"PreBalance", account->pre_balance},
        {"PreMargin", account->pre_margin},
        {"PreDeposit", account->pre_balance},
        {"Deposit", account->deposit},
        {"Withdraw", account->withdraw},
        {"CurrMargin", funds.curr_margin},
        {"FrozenMargin", funds.frozen_margin},
        {"FrozenCash", funds.frozen_cash},
        {"FrozenCommission", funds.frozen_commission},
        {"CashIn", funds.cash_in},
        {"Commission", funds.commission},
        {"CloseProfit", funds.close_profit},
        {"PositionProfit", funds.position_profit},
        {"Balance", funds.balance},
        {"Available", funds.available},
        {"WithdrawQuota", funds.withdraw_quota},
        {"MortgageableFund", funds.mortgageable},
        {"ExchangeMargin", funds.exchange_margin},
        {"PreCredit", account->pre_credit},
        {"Credit", account->credit},
        {"PreMortgage", account->pre_mortgage},
        {"Mortgage", account->mortgage},
        {"Reserve", account->reserve},
        {"DeliveryMargin", 0},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        golden_number(golden, "TradingAccount", want, figures[i].field, figures[i].got);
}

static void check_row(struct golden *golden, const struct desk *desk, const json_t *want)
{
    char where[128];
    snprintf(where, sizeof where, "InvestorPosition[%s %s %s]",
             golden_text(want, "InstrumentID", ""), golden_text(want, "PosiDirection", ""),
             golden_text(want, "PositionDate", ""));
    uint32_t place = ledger_find_row(
        &desk->ledger, 0, instrument_of(desk, want), golden_text(want, "HedgeFlag", "1")[0],
        golden_text(want, "PosiDirection", "2")[0], golden_text(want, "PositionDate", "1")[0]);
    if (place == LEDGER_NONE) {
        golden_differs(golden, where, "exists", 1, 0);
        return;
    }
    const struct position_row *row = &desk->ledger.rows[place];
    struct row_figures figures = ledger_row_figures(&desk->ledger, row);
    double pre = desk->market.instruments[row->instrument].pre_settlement;
    const struct {
        const char *field;
        double got;
    } fields[] = {
        {"YdPosition", row->yd_position},
        {"Position", row->position},
        {"TodayPosition", row->today_position},
        {"LongFrozen", row->long_frozen},
        {"ShortFrozen", row->short_frozen},
        {"LongFrozenAmount", row->long_frozen_amount},
        {"ShortFrozenAmount", row->short_frozen_amount},
        {"OpenVolume", row->open_volume},
        {"CloseVolume", row->close_volume},
        {"OpenAmount", row->open_amount},
        {"CloseAmount", row->close_amount},
        {"PositionCost", figures.position_cost},
        {"OpenCost", figures.open_cost},
        {"PreMargin", 0},
        {"UseMargin", figures.use_margin},
        {"ExchangeMargin", figures.exchange_margin},
        {"FrozenMargin", row->frozen_margin},
        {"FrozenCash", row->frozen_cash},
        {"FrozenCommission", row->frozen_commission},
        {"CashIn", row->cash_in},
        {"Commission", row->commission},
        {"CloseProfit", row->close_profit_by_date},
        {"CloseProfitByDate", row->close_profit_by_date},
        {"CloseProfitByTrade", row->close_profit_by_trade},
        {"PositionProfit", figures.position_profit},
        {"PreSettlementPrice", pre},
        {"SettlementPrice", figures.settlement_price},
        {"StrikeFrozen", row->strike_frozen},
        {"AbandonFrozen", row->abandon_frozen},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        golden_number(golden, where, want, fields[i].field, fields[i].got);
}

static uint32_t row_count(const struct desk *desk)
{
    uint32_t count = 0;
    for (uint32_t i = desk->ledger.accounts[0].first_row; i != LEDGER_NONE;
         i = desk->ledger.rows[i].next)
        count++;
    return count;
}

/* Details have no key of their own in the cases; they are matched by instrument, side, day, price
 * and lots. */
static const struct position_detail *find_detail(const struct desk *desk, const json_t *want,
                                                 bool *used)
{
    uint32_t instrument = instrument_of(desk, want);
    bool is_long = golden_text(want, "Direction", "0")[0] == '0';
    for (uint32_t i = 0; i < desk->ledger.detail_count; i++) {
        const struct position_detail *detail = &desk->ledger.details[i];
        const struct position_row *row = &desk->ledger.rows[detail->row];
        if (used[i] || row->instrument != instrument || (row->direction == '2') != is_long ||
            detail->open_date != date_of(golden_text(want, "OpenDate", "0")) ||
            detail->volume != (int)golden_get(want, "Volume", -1) ||
            detail->open_price != golden_get(want, "OpenPrice", -1))
            continue;
        used[i] = true;
        return detail;
    }
    return NULL;
}

static void check_details(struct golden *golden, const struct desk *desk, const json_t *list)
{
    bool used[256] = {false};
    if (json_array_size(list) != desk->ledger.detail_count)
        golden_differs(golden, "InvestorPositionDetail", "rows", (double)json_array_size(list),
                       desk->ledger.detail_count);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *want = json_array_get(list, i);
        const char *where = golden_text(want, "TradeID", "detail");
        const struct position_detail *detail = find_detail(desk, want, used);
        if (!detail) {
            golden_differs(golden, where, "exists", 1, 0);
            continue;
        }
        struct detail_figures figures = ledger_detail_figures(&desk->ledger, detail);
        golden_number(golden, where, want, "CloseVolume", detail->close_volume);
        golden_number(golden, where, want, "CloseAmount", detail->close_amount);
        golden_number(golden, where, want, "CloseProfitByDate", detail->close_profit_by_date);
        golden_number(golden, where, want, "CloseProfitByTrade", detail->close_profit_by_trade);
        golden_number(golden, where, want, "PositionProfitByDate", figures.profit_by_date);
        golden_number(golden, where, want, "PositionProfitByTrade", figures.profit_by_trade);
        golden_number(golden, where, want, "Margin", figures.margin);
    }
}

void golden_accounting(struct golden *golden, const json_t *one)
{
    struct desk desk;
    open_desk(&desk, one);
    const json_t *steps = json_object_get(one, "steps");
    for (golden->step = 0; golden->step < json_array_size(steps); golden->step++) {
        const json_t *step = json_array_get(steps, golden->step);
        int error = run_step(golden, &desk, step);
        golden->checks++;
        if (error != (int)golden_get(step, "ErrorID", 0))
            golden_differs(golden, "result", "ErrorID", golden_get(step, "ErrorID", 0), error);
        const json_t *expect = json_object_get(step, "expect");
        const json_t *rows = json_object_get(expect, "InvestorPosition");
        check_account(golden, &desk, json_object_get(expect, "TradingAccount"));
        for (size_t i = 0; i < json_array_size(rows); i++)
            check_row(golden, &desk, json_array_get(rows, i));
        if (rows && json_array_size(rows) != row_count(&desk))
            golden_differs(golden, "InvestorPosition", "rows", (double)json_array_size(rows),
                           row_count(&desk));
        if (json_object_get(expect, "InvestorPositionDetail"))
            check_details(golden, &desk, json_object_get(expect, "InvestorPositionDetail"));
    }
    ledger_finish(&desk.ledger);
    market_finish(&desk.market);
}
