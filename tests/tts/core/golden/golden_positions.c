/* golden_positions.c: compares the account, the rows and the details of an accounting case, field
 * by field, with what a step expects. */
#include "base/buffer.h"
#include "golden_desk.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WHERE_SIZE = 128 };

static void check_account(struct golden *golden, const struct golden_desk *desk, const json_t *want)
{
    const struct account *account = &desk->ledger.accounts[0];
    struct funds funds = ledger_funds(&desk->ledger, 0);
    char day[12];
    snprintf(day, sizeof day, "%d", desk->ledger.trading_day);
    const struct golden_field fields[] = {
        {"BrokerID", 0, golden_key},
        {"AccountID", 0, golden_key},
        {"TradingDay", 0, day},
        {"CurrencyID", 0, "CNY"},
        {"SettlementID", 1, NULL},
        {"PreBalance", account->pre_balance, NULL},
        {"PreMargin", account->pre_margin, NULL},
        {"PreDeposit", account->pre_balance, NULL},
        {"Deposit", account->deposit, NULL},
        {"Withdraw", account->withdraw, NULL},
        {"CurrMargin", funds.curr_margin, NULL},
        {"FrozenMargin", funds.frozen_margin, NULL},
        {"FrozenCash", funds.frozen_cash, NULL},
        {"FrozenCommission", funds.frozen_commission, NULL},
        {"CashIn", funds.cash_in, NULL},
        {"Commission", funds.commission, NULL},
        {"CloseProfit", funds.close_profit, NULL},
        {"PositionProfit", funds.position_profit, NULL},
        {"Balance", funds.balance, NULL},
        {"Available", funds.available, NULL},
        {"WithdrawQuota", funds.withdraw_quota, NULL},
        {"MortgageableFund", funds.mortgageable, NULL},
        {"ExchangeMargin", funds.exchange_margin, NULL},
        {"PreCredit", account->pre_credit, NULL},
        {"Credit", account->credit, NULL},
        {"PreMortgage", account->pre_mortgage, NULL},
        {"Mortgage", account->mortgage, NULL},
        {"Reserve", account->reserve, NULL},
        {"ReserveBalance", 0, NULL},
        {"DeliveryMargin", 0, NULL},
        {"ExchangeDeliveryMargin", 0, NULL},
        {"Interest", 0, NULL},
        {"InterestBase", 0, NULL},
        {"FrozenSwap", 0, NULL},
        {"RemainSwap", 0, NULL},
    };
    golden_same(golden, "TradingAccount", want, fields, sizeof fields / sizeof fields[0]);
}

static void compare_row(struct golden *golden, const struct golden_desk *desk, const char *where,
                        const json_t *want, const struct position_row *row)
{
    const struct instrument *instrument = &desk->market.instruments[row->instrument];
    struct row_figures figures = ledger_row_figures(&desk->ledger, row);
    char day[12];
    snprintf(day, sizeof day, "%d", desk->ledger.trading_day);
    const struct golden_field fields[] = {
        {"InstrumentID", 0, golden_key},
        {"PosiDirection", 0, golden_key},
        {"HedgeFlag", 0, golden_key},
        {"PositionDate", 0, golden_key},
        {"BrokerID", 0, golden_key},
        {"InvestorID", 0, golden_key},
        {"ExchangeID", 0, exchange_id(instrument->exchange)},
        {"TradingDay", 0, day},
        {"SettlementID", 1, NULL},
        {"YdPosition", row->yd_position, NULL},
        {"Position", row->position, NULL},
        {"TodayPosition", row->today_position, NULL},
        {"LongFrozen", row->long_frozen, NULL},
        {"ShortFrozen", row->short_frozen, NULL},
        {"LongFrozenAmount", row->long_frozen_amount, NULL},
        {"ShortFrozenAmount", row->short_frozen_amount, NULL},
        {"OpenVolume", row->open_volume, NULL},
        {"CloseVolume", row->close_volume, NULL},
        {"OpenAmount", row->open_amount, NULL},
        {"CloseAmount", row->close_amount, NULL},
        {"PositionCost", figures.position_cost, NULL},
        {"OpenCost", figures.open_cost, NULL},
        {"PreMargin", 0, NULL},
        {"UseMargin", figures.use_margin, NULL},
        {"ExchangeMargin", figures.exchange_margin, NULL},
        {"MarginRateByMoney", figures.margin_by_money, NULL},
        {"MarginRateByVolume", figures.margin_by_volume, NULL},
        {"FrozenMargin", row->frozen_margin, NULL},
        {"FrozenCash", row->frozen_cash, NULL},
        {"FrozenCommission", row->frozen_commission, NULL},
        {"CashIn", row->cash_in, NULL},
        {"Commission", row->commission, NULL},
        {"CloseProfit", row->close_profit_by_date, NULL},
        {"CloseProfitByDate", row->close_profit_by_date, NULL},
        {"CloseProfitByTrade", row->close_profit_by_trade, NULL},
        {"PositionProfit", figures.position_profit, NULL},
        {"PreSettlementPrice", instrument->pre_settlement, NULL},
        {"SettlementPrice", figures.settlement_price, NULL},
        {"StrikeFrozen", row->strike_frozen, NULL},
        {"AbandonFrozen", row->abandon_frozen, NULL},
        {"CombPosition", row->comb_position, NULL},
        {"StrikeFrozenAmount", 0, NULL},
        {"YdStrikeFrozen", 0, NULL},
        {"PositionCostOffset", 0, NULL},
        {"TasPosition", 0, NULL},
        {"TasPositionCost", 0, NULL},
        {"CombLongFrozen", 0, NULL},
        {"CombShortFrozen", 0, NULL},
    };
    golden_same(golden, where, want, fields, sizeof fields / sizeof fields[0]);
}

static void check_row(struct golden *golden, const struct golden_desk *desk, const json_t *want,
                      bool *used)
{
    char hedge = golden_choice(golden, want, "HedgeFlag", "12345");
    char direction = golden_choice(golden, want, "PosiDirection", "23");
    char date = golden_choice(golden, want, "PositionDate", "12");
    uint32_t instrument = golden_instrument(golden, desk, want);
    if (golden->faulted)
        return;
    char where[WHERE_SIZE];
    snprintf(where, sizeof where, "InvestorPosition[%s %c %c %c]",
             desk->market.instruments[instrument].id, hedge, direction, date);
    uint32_t place = ledger_find_row(&desk->ledger, 0, instrument, hedge, direction, date);
    if (place == LEDGER_NONE || used[place]) {
        golden_differs(golden, where, "exists", 1, 0);
        return;
    }
    used[place] = true;
    compare_row(golden, desk, where, want, &desk->ledger.rows[place]);
}

static void check_rows(struct golden *golden, const struct golden_desk *desk, const json_t *list)
{
    bool *used = memory_get_zeroed(desk->ledger.row_count + 1, sizeof *used);
    if (json_array_size(list) != desk->ledger.row_count)
        golden_differs(golden, "InvestorPosition", "rows", (double)json_array_size(list),
                       desk->ledger.row_count);
    for (size_t i = 0; i < json_array_size(list) && !golden->faulted; i++)
        check_row(golden, desk, json_array_get(list, i), used);
    free(used);
}

static void compare_detail(struct golden *golden, const struct golden_desk *desk, const char *where,
                           const json_t *want, const struct position_detail *detail)
{
    const struct position_row *row = &desk->ledger.rows[detail->row];
    const struct instrument *instrument = &desk->market.instruments[row->instrument];
    struct detail_figures figures = ledger_detail_figures(&desk->ledger, detail);
    char day[12], open_date[12];
    snprintf(day, sizeof day, "%d", desk->ledger.trading_day);
    snprintf(open_date, sizeof open_date, "%d", detail->open_date);
    const struct golden_field fields[] = {
        {"InstrumentID", 0, golden_key},
        {"Direction", 0, golden_key},
        {"HedgeFlag", 0, golden_key},
        {"TradeID", 0, golden_key},
        {"BrokerID", 0, golden_key},
        {"InvestorID", 0, golden_key},
        {"ExchangeID", 0, exchange_id(instrument->exchange)},
        {"TradingDay", 0, day},
        {"SettlementID", 1, NULL},
        {"OpenDate", 0, open_date},
        {"TradeType", 0, (char[]){detail->trade_type, '\0'}},
        {"Volume", detail->volume, NULL},
        {"TimeFirstVolume", detail->volume, NULL},
        {"SpecPosiType", 0, "#"},
        {"CombInstrumentID", 0, ""},
        {"InvestUnitID", 0, ""},
        {"OpenPrice", detail->open_price, NULL},
        {"LastSettlementPrice", instrument->pre_settlement, NULL},
        {"SettlementPrice", detail->settlement_price, NULL},
        {"CloseVolume", detail->close_volume, NULL},
        {"CloseAmount", detail->close_amount, NULL},
        {"CloseProfitByDate", detail->close_profit_by_date, NULL},
        {"CloseProfitByTrade", detail->close_profit_by_trade, NULL},
        {"PositionProfitByDate", figures.profit_by_date, NULL},
        {"PositionProfitByTrade", figures.profit_by_trade, NULL},
        {"Margin", figures.margin, NULL},
        {"ExchMargin", figures.exchange_margin, NULL},
        {"MarginRateByMoney", figures.margin_by_money, NULL},
        {"MarginRateByVolume", figures.margin_by_volume, NULL},
    };
    golden_same(golden, where, want, fields, sizeof fields / sizeof fields[0]);
}

/* The key of an expected detail, and what tells details of one key apart. */
struct detail_key {
    uint32_t instrument;
    int open_date, volume, close_volume;
    char hedge, direction;
    double open_price, close_amount;
};

static struct detail_key read_key(struct golden *golden, const struct golden_desk *desk,
                                  const json_t *want)
{
    golden_need_text(golden, want, "OpenDate");
    return (struct detail_key){
        .instrument = golden_instrument(golden, desk, want),
        .open_date = golden_date(golden, want, "OpenDate"),
        .hedge = golden_choice(golden, want, "HedgeFlag", "12345"),
        .direction = golden_choice(golden, want, "Direction", "01") == '0' ? '2' : '3',
        .volume = golden_lots(golden, want, "Volume", 0),
        .close_volume = (int)golden_get(golden, want, "CloseVolume", 0),
        .open_price = golden_need(golden, want, "OpenPrice"),
        .close_amount = golden_get(golden, want, "CloseAmount", 0),
    };
}

/* How many trades an exercise makes is nobody's rule: lots that came of exercise at one strike on
 * one day count as one detail, those of the ledger and those that a case expects. */
static bool same_exercise(const struct position_detail *one, const struct position_detail *other)
{
    return one->trade_type == '1' && other->trade_type == '1' && one->row == other->row &&
           one->open_date == other->open_date && one->open_price == other->open_price;
}

/* The ledger's details as they are compared; the caller frees them. */
static struct position_detail *merged_details(const struct ledger *ledger, uint32_t *count)
{
    struct position_detail *merged = memory_get_zeroed(ledger->detail_count + 1, sizeof *merged);
    *count = 0;
    for (uint32_t i = 0; i < ledger->detail_count; i++) {
        const struct position_detail *detail = &ledger->details[i];
        uint32_t at = 0;
        while (at < *count && !same_exercise(&merged[at], detail))
            at++;
        if (at == *count) {
            merged[(*count)++] = *detail;
            continue;
        }
        merged[at].volume += detail->volume;
        merged[at].close_volume += detail->close_volume;
        merged[at].close_amount += detail->close_amount;
        merged[at].close_profit_by_date += detail->close_profit_by_date;
        merged[at].close_profit_by_trade += detail->close_profit_by_trade;
    }
    return merged;
}

static bool same_member(const json_t *one, const json_t *other, const char *name)
{
    return json_equal(json_object_get(one, name), json_object_get(other, name));
}

static void add_members(json_t *sum, const json_t *more)
{
    static const char *const names[] = {"Volume",
                                        "CloseVolume",
                                        "CloseAmount",
                                        "CloseProfitByDate",
                                        "Margin",
                                        "ExchMargin",
                                        "PositionProfitByDate",
                                        "CloseProfitByTrade",
                                        "PositionProfitByTrade"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *left = json_object_get(sum, names[i]);
        const json_t *right = json_object_get(more, names[i]);
        if (json_is_number(left) && json_is_number(right))
            json_object_set_new(sum, names[i],
                                json_real(json_number_value(left) + json_number_value(right)));
    }
}

/* The expected details as they are compared; the caller lets go of them. */
static json_t *merged_list(const json_t *list)
{
    static const char *const keys[] = {"InstrumentID", "Direction", "HedgeFlag", "OpenDate",
                                       "OpenPrice"};
    json_t *merged = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *detail = json_array_get(list, i);
        const char *type = json_string_value(json_object_get(detail, "TradeType"));
        size_t at = type && strcmp(type, "1") == 0 ? 0 : json_array_size(merged);
        for (; at < json_array_size(merged); at++) {
            const json_t *earlier = json_array_get(merged, at);
            bool same = same_member(earlier, detail, "TradeType");
            for (size_t j = 0; j < sizeof keys / sizeof keys[0]; j++)
                same = same && same_member(earlier, detail, keys[j]);
            if (same)
                break;
        }
        if (at == json_array_size(merged))
            json_array_append_new(merged, json_deep_copy(detail));
        else
            add_members(json_array_get(merged, at), detail);
    }
    return merged;
}

/* TradeIDs are the cases' own; details of one key that look alike are taken in the order of their
 * opening. `exactly`: only one with the same price and lots. */
static const struct position_detail *find_detail(const struct golden *golden,
                                                 const struct golden_desk *desk,
                                                 const struct position_detail *details,
                                                 uint32_t count, const struct detail_key *key,
                                                 bool exactly, bool *used)
{
    uint32_t found = LEDGER_NONE;
    for (uint32_t i = 0; i < count; i++) {
        const struct position_row *row = &desk->ledger.rows[details[i].row];
        if (used[i] || row->instrument != key->instrument || row->hedge != key->hedge ||
            row->direction != key->direction || details[i].open_date != key->open_date)
            continue;
        if (exactly &&
            (details[i].volume != key->volume || details[i].close_volume != key->close_volume ||
             fabs(details[i].close_amount - key->close_amount) > golden->tolerance ||
             fabs(details[i].open_price - key->open_price) > golden->tolerance))
            continue;
        if (found == LEDGER_NONE || details[i].sequence < details[found].sequence)
            found = i;
    }
    if (found == LEDGER_NONE)
        return NULL;
    used[found] = true;
    return &details[found];
}

/* One round over the expected details: those that have their like exactly, then the others. */
static void check_round(struct golden *golden, const struct golden_desk *desk, const json_t *list,
                        const struct position_detail *details, uint32_t count, bool exactly,
                        bool *used, bool *done)
{
    for (size_t i = 0; i < json_array_size(list) && !golden->faulted; i++) {
        const json_t *want = json_array_get(list, i);
        struct detail_key key = read_key(golden, desk, want);
        if (done[i] || golden->faulted)
            continue;
        char where[WHERE_SIZE];
        snprintf(where, sizeof where, "InvestorPositionDetail[%s]",
                 golden_text(golden, want, "TradeID", "?"));
        const struct position_detail *detail =
            find_detail(golden, desk, details, count, &key, exactly, used);
        done[i] = detail != NULL;
        if (detail)
            compare_detail(golden, desk, where, want, detail);
        else if (!exactly)
            golden_differs(golden, where, "exists", 1, 0);
    }
}

static void check_details(struct golden *golden, const struct golden_desk *desk,
                          const json_t *expected)
{
    uint32_t count;
    struct position_detail *details = merged_details(&desk->ledger, &count);
    json_t *list = merged_list(expected);
    bool *used = memory_get_zeroed(count + 1, sizeof *used);
    bool *done = memory_get_zeroed(json_array_size(list) + 1, sizeof *done);
    if (json_array_size(list) != count)
        golden_differs(golden, "InvestorPositionDetail", "rows", (double)json_array_size(list),
                       count);
    check_round(golden, desk, list, details, count, true, used, done);
    check_round(golden, desk, list, details, count, false, used, done);
    free(done);
    free(used);
    free(details);
    json_decref(list);
}

void golden_positions(struct golden *golden, const struct golden_desk *desk, const json_t *expect)
{
    static const char *const names[] = {"TradingAccount", "InvestorPosition",
                                        "InvestorPositionDetail", NULL};
    golden_known(golden, "expect", expect, names);
    check_account(golden, desk, json_object_get(expect, "TradingAccount"));
    if (json_object_get(expect, "InvestorPosition"))
        check_rows(golden, desk, golden_list(golden, expect, "InvestorPosition"));
    if (json_object_get(expect, "InvestorPositionDetail"))
        check_details(golden, desk, golden_list(golden, expect, "InvestorPositionDetail"));
}

void golden_statement(struct golden *golden, const struct golden_desk *desk, const json_t *want,
                      int day, const struct settlement_figures *figures)
{
    (void)desk;
    char day_text[12];
    snprintf(day_text, sizeof day_text, "%d", day);
    double equity = figures->carried_forward;
    const struct golden_field fields[] = {
        {"day", 0, day_text},
        {"b_f", figures->brought_forward, NULL},
        {"deposit", figures->cash_moved, NULL},
        {"close_pl", figures->close_profit, NULL},
        {"mtm_pl", figures->position_profit, NULL},
        {"exercise_pl", figures->exercise_profit, NULL},
        {"commission", figures->commission, NULL},
        {"premium", figures->premium, NULL},
        {"c_f", equity, NULL},
        {"margin", figures->margin, NULL},
        {"available", figures->available, NULL},
        {"risk", equity > 0 ? figures->margin / equity * 100 : 0, NULL},
    };
    golden_same(golden, "statement", want, fields, sizeof fields / sizeof fields[0]);
}
