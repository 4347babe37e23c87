/* statement_text.c: see statement_text.h. What settlement sweeps away (trades, closed lots, cash)
 * is noted before it, line by line, in one pass over the day; positions are read from the ledger
 * afterwards (statement_position.c). */
#include "tts/core/day/statement_text.h"
#include "tts/core/reply.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* ---- texts in columns ---- */

/* Columns of a terminal: two for what UTF-8 writes with three bytes and more. */
static int width_of(const char *utf8)
{
    int width = 0;
    for (const unsigned char *at = (const unsigned char *)utf8; *at; at++)
        width += *at < 0x80 ? 1 : *at >= 0xe0 ? 2 : *at >= 0xc0 ? 1 : 0;
    return width;
}

static void blanks(struct buffer *out, int count)
{
    for (int i = 0; i < count; i++)
        buffer_put_char(out, ' ');
}

void statement_pad(struct buffer *out, const char *utf8, int width)
{
    buffer_put_text(out, text_of(utf8));
    blanks(out, width - width_of(utf8));
}

void statement_rule(struct buffer *out)
{
    for (int i = 0; i < 120; i++)
        buffer_put_char(out, '-');
    buffer_put_text(out, TEXT("\r\n"));
}

/* ---- tables ---- */

void statement_cell(struct statement_table *table, const char *utf8)
{
    int width = table->columns[table->at].width;
    buffer_put_char(table->out, '|');
    if (width < 0)
        blanks(table->out, -width - width_of(utf8));
    statement_pad(table->out, utf8, width < 0 ? 0 : width);
    if (++table->at == table->count) {
        buffer_put_text(table->out, TEXT("|\r\n"));
        table->at = 0;
    }
}

void statement_amount(struct statement_table *table, int decimals, double value)
{
    char cell[400];
    snprintf(cell, sizeof cell, "%.*f", decimals, value == 0 ? 0.0 : value); /* no "-0.00" */
    statement_cell(table, cell);
}

void statement_count(struct statement_table *table, int value)
{
    char cell[16];
    snprintf(cell, sizeof cell, "%d", value);
    statement_cell(table, cell);
}

void statement_date(struct statement_table *table, int date)
{
    char cell[16];
    PUT_DATE(cell, date);
    statement_cell(table, cell);
}

void statement_table_head(struct statement_table *table, const char *title)
{
    buffer_put_text(table->out, text_of(title));
    buffer_put_text(table->out, TEXT("\r\n"));
    statement_rule(table->out);
    for (int i = 0; i < table->count; i++)
        statement_cell(table, table->columns[i].chinese);
    for (int i = 0; i < table->count; i++)
        statement_cell(table, table->columns[i].english);
    statement_rule(table->out);
}

/* ---- words ---- */

const char *statement_exchange(enum exchange exchange)
{
    static const char *const words[EXCHANGE_COUNT] = {
        [EXCHANGE_SHFE] = "上期所", [EXCHANGE_INE] = "能源中心", [EXCHANGE_DCE] = "大商所",
        [EXCHANGE_CZCE] = "郑商所", [EXCHANGE_CFFEX] = "中金所", [EXCHANGE_GFEX] = "广期所",
        [EXCHANGE_SSE] = "上交所",  [EXCHANGE_SZSE] = "深交所",  [EXCHANGE_BSE] = "北交所",
        [EXCHANGE_TTS] = "TTS",
    };
    return words[exchange];
}

const char *statement_hedge(char hedge)
{
    switch (hedge) {
    case THOST_FTDC_HF_Hedge:
        return "套保";
    case THOST_FTDC_HF_Arbitrage:
        return "套利";
    default:
        return "投机";
    }
}

const char *statement_side(bool buys)
{
    return buys ? "买" : "卖";
}

static const char *offset_word(char offset)
{
    switch (offset) {
    case THOST_FTDC_OF_Open:
        return "开";
    case THOST_FTDC_OF_CloseToday:
        return "平今";
    case THOST_FTDC_OF_CloseYesterday:
        return "平昨";
    case THOST_FTDC_OF_ForceClose:
    case THOST_FTDC_OF_ForceOff:
    case THOST_FTDC_OF_LocalForceClose:
        return "强平";
    default:
        return "平";
    }
}

void statement_instrument_cells(struct statement_table *table, const struct core *core,
                                uint32_t account, uint32_t place)
{
    const struct instrument *instrument = &core->market.instruments[place];
    char code[24];
    core_client_id(core, account, instrument->exchange, code, sizeof code);
    statement_cell(table, statement_exchange(instrument->exchange));
    statement_cell(table, code);
    statement_cell(table, core->market.products[instrument->product].id);
    statement_cell(table, instrument->id);
}

/* ---- money ---- */

static const struct statement_column cash_columns[] = {
    {"发生日期", "Date", 10},    {"出入金类型", "Type", 12}, {"入金", "Deposit", -18},
    {"出金", "Withdrawal", -18}, {"说明", "Note", 24},
};

static const char *shares_note(const struct core *core, const struct cash_movement *moved,
                               char *note, size_t size)
{
    snprintf(note, size, "%.31s +%d @%.3f", core->market.instruments[moved->instrument].id,
             moved->lots, moved->amount);
    return note;
}

static void note_cash(struct core *core, struct settled_day *day)
{
    static const char *const kinds[] = {[CASH_BY_OPERATOR] = "出入金",
                                        [CASH_BY_BANK] = "银期转账",
                                        [CASH_BY_RESET] = "入金",
                                        [CASH_BY_ADJUSTMENT] = "资金调整",
                                        [SHARES_BY_ADJUSTMENT] = "股份调整"};
    static const char *const notes[] = {[CASH_BY_OPERATOR] = "",
                                        [CASH_BY_BANK] = "模拟银行",
                                        [CASH_BY_RESET] = "资金重置",
                                        [CASH_BY_ADJUSTMENT] = "人工调整"};
    char shares[80];
    for (uint32_t i = 0; i < core->cash.count; i++) {
        const struct cash_movement *moved = &core->cash.at[i];
        struct statement_table table =
            STATEMENT_TABLE(&day->accounts.at[moved->account].cash, cash_columns);
        statement_date(&table, day->trading_day);
        statement_cell(&table, kinds[moved->kind]);
        double amount = moved->kind == SHARES_BY_ADJUSTMENT ? 0 : moved->amount;
        statement_amount(&table, 2, amount > 0 ? amount : 0);
        statement_amount(&table, 2, amount < 0 ? -amount : 0);
        statement_cell(&table, moved->kind == SHARES_BY_ADJUSTMENT
                                   ? shares_note(core, moved, shares, sizeof shares)
                                   : notes[moved->kind]);
    }
}

/* ---- trades ---- */

static const struct statement_column trade_columns[] = {
    {"成交日期", "Date", 8},
    {"投资单元", "Invest Unit", 12},
    {"交易所", "Exchange", 8},
    {"交易编码", "Trading Code", 12},
    {"品种", "Product", 10},
    {"合约", "Instrument", 20},
    {"买/卖", "B/S", 5},
    {"投/保", "S/H", 5},
    {"成交价", "Price", -12},
    {"手数", "Lots", -8},
    {"成交额", "Turnover", -18},
    {"开平", "O/C", 4},
    {"手续费", "Fee", -12},
    {"平仓盈亏", "Realized P/L", -14},
    {"权利金收支", "Premium", -16},
    {"成交序号", "Trans.No.", -12},
    {"资金账号", "Account ID", 13},
};

static void add_sums(struct settled_sums *sums, int lots, double turnover, double commission,
                     double profit, double cash)
{
    sums->lines++;
    sums->lots += lots;
    sums->turnover += turnover;
    sums->commission += commission;
    sums->profit += profit;
    sums->cash += cash;
}

/* One line of the table; `instrument`: the one that the trade names. */
static void note_trade(struct core *core, const struct ledger_order *leg, uint32_t instrument,
                       const struct trade *trade, struct buffer *lines, struct settled_sums *sums)
{
    int multiple = core_instrument(core, leg->instrument)->volume_multiple;
    double turnover = trade->price * trade->volume * multiple;
    double fee = money_round_cents(trade->commission);
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)trade->number);
    struct statement_table table = STATEMENT_TABLE(lines, trade_columns);
    statement_date(&table, trade->trade_date);
    statement_cell(&table, "");
    statement_instrument_cells(&table, core, leg->account, instrument);
    statement_cell(&table, statement_side(leg->direction == THOST_FTDC_D_Buy));
    statement_cell(&table, statement_hedge(leg->hedge));
    statement_amount(&table, 3, trade->price);
    statement_count(&table, trade->volume);
    statement_amount(&table, 2, turnover);
    statement_cell(&table, offset_word(trade->offset));
    statement_amount(&table, 2, fee);
    statement_amount(&table, 2, trade->close_profit);
    statement_amount(&table, 2, trade->cash);
    statement_cell(&table, number);
    statement_cell(&table, core->ledger.accounts[leg->account].id);
    add_sums(sums, trade->volume, turnover, fee, trade->close_profit, trade->cash);
}

/* ---- closed lots ---- */

static const struct statement_column closing_columns[] = {
    {"平仓日期", "Close Date", 10},
    {"投资单元", "Invest Unit", 12},
    {"交易所", "Exchange", 8},
    {"交易编码", "Trading Code", 12},
    {"品种", "Product", 10},
    {"合约", "Instrument", 20},
    {"开仓日期", "Open Date", 9},
    {"投/保", "S/H", 5},
    {"买/卖", "B/S", 5},
    {"手数", "Lots", -8},
    {"开仓价", "Pos. Open", -12},
    {"昨结算", "Prev. Sttl", -12},
    {"成交价", "Trans. Price", -12},
    {"平仓盈亏", "Realized P/L", -14},
    {"权利金收支", "Premium", -16},
    {"资金账号", "Account ID", 13},
};

static void note_closing(struct core *core, const struct settled_day *day,
                         const struct ledger_closing *closing, struct buffer *lines,
                         struct settled_sums *sums)
{
    struct statement_table table = STATEMENT_TABLE(lines, closing_columns);
    statement_date(&table, day->trading_day);
    statement_cell(&table, "");
    statement_instrument_cells(&table, core, closing->account, closing->instrument);
    statement_date(&table, closing->open_date);
    statement_cell(&table, statement_hedge(closing->hedge));
    statement_cell(&table, statement_side(closing->direction == THOST_FTDC_D_Buy));
    statement_count(&table, closing->lots);
    statement_amount(&table, 3, closing->open_price);
    statement_amount(&table, 3, day->instruments.at[closing->instrument].pre_settlement);
    statement_amount(&table, 3, closing->price);
    statement_amount(&table, 2, closing->profit);
    statement_amount(&table, 2, closing->cash);
    statement_cell(&table, core->ledger.accounts[closing->account].id);
    add_sums(sums, closing->lots, 0, 0, closing->profit, closing->cash);
}

/* ---- exercised options ---- */

static const struct statement_column exercise_columns[] = {
    {"行权日期", "Date", 10},
    {"投资单元", "Invest Unit", 12},
    {"交易所", "Exchange", 8},
    {"交易编码", "Trading Code", 12},
    {"品种", "Product", 10},
    {"合约", "Instrument", 20},
    {"期权类型", "Call/Put", 8},
    {"行权/履约", "Exe./Assign.", 12},
    {"投/保", "S/H", 5},
    {"手数", "Lots", -8},
    {"执行价", "Strike Price", -12},
    {"标的结算价", "Underlying", -12},
    {"行权盈亏", "Exercise P/L", -14},
    {"行权手续费", "Exercise Fee", -12},
    {"资金账号", "Account ID", 13},
};

static void note_exercise(struct core *core, const struct settled_day *day,
                          const struct ledger_exercise *done, struct buffer *lines)
{
    const struct instrument *option = core_instrument(core, done->instrument);
    struct statement_table table = STATEMENT_TABLE(lines, exercise_columns);
    statement_date(&table, day->trading_day);
    statement_cell(&table, "");
    statement_instrument_cells(&table, core, done->account, done->instrument);
    statement_cell(&table, option->options_type == THOST_FTDC_CP_CallOptions ? "看涨" : "看跌");
    statement_cell(&table, done->assigned ? "履约" : "行权");
    statement_cell(&table, statement_hedge(done->hedge));
    statement_count(&table, done->lots);
    statement_amount(&table, 3, option->strike_price);
    statement_amount(&table, 3, done->underlying_price);
    statement_amount(&table, 2, done->profit);
    statement_amount(&table, 2, done->fee);
    statement_cell(&table, core->ledger.accounts[done->account].id);
}

void statement_note_late(struct core *core, const struct settled_day *day,
                         const struct settled_trade *priced, struct statement_late *late)
{
    const struct ledger *ledger = &core->ledger;
    for (uint32_t i = 0; i < day->late_trades.count; i++) {
        struct statement_late *of = &late[priced[i].leg.account];
        note_trade(core, &priced[i].leg, priced[i].instrument, &priced[i].trade, &of->trades,
                   &of->traded);
    }
    for (uint32_t i = 0; i < ledger->closing_count; i++) {
        struct statement_late *of = &late[ledger->closings[i].account];
        note_closing(core, day, &ledger->closings[i], &of->closings, &of->closed);
    }
    for (uint32_t i = 0; i < ledger->exercise_count; i++)
        note_exercise(core, day, &ledger->exercises[i],
                      &late[ledger->exercises[i].account].exercises);
}

/* ---- the day's trades ---- */

/* How many of the closings from `first` on are the trade's: they stand in the order of the trades.
 */
static uint32_t closings_of(const struct ledger *ledger, const struct ledger_order *leg,
                            const struct trade *trade, uint32_t first)
{
    uint32_t count = 0;
    if (leg->offset == THOST_FTDC_OF_Open)
        return 0;
    for (int left = trade->volume; left > 0; count++)
        left -= ledger->closings[first + count].lots;
    return count;
}

/* Whether the settlement price says what the trade is worth. */
static bool is_late(const struct ledger *ledger, const struct ledger_order *leg, uint32_t first,
                    uint32_t count)
{
    bool late = leg->at_settlement;
    for (uint32_t i = first; i < first + count; i++)
        late = late || ledger->details[ledger->closings[i].detail].at_settlement;
    return late;
}

static void keep_late(const struct core *core, struct settled_day *day, const struct trade *trade,
                      uint32_t first, uint32_t count)
{
    const struct order *order = &core->orders.at[trade->order];
    *LIST_ADD(&day->late_trades) =
        (struct settled_trade){.leg = order->leg[trade->leg],
                               .trade = *trade,
                               .instrument = order_traded_instrument(order, trade->leg)};
    for (uint32_t i = first; i < first + count; i++)
        *LIST_ADD(&day->late_closings) = core->ledger.closings[i];
}

static void note_day_trade(struct core *core, struct settled_day *day, const struct trade *trade,
                           uint32_t first, uint32_t count)
{
    const struct order *order = &core->orders.at[trade->order];
    const struct ledger_order *leg = &order->leg[trade->leg];
    struct settled_account *account = &day->accounts.at[order->account];
    struct settled_figures *figures = &account->figures;
    note_trade(core, leg, leg->instrument, trade, &account->trades, &figures->traded);
    *(trade->cash > 0 ? &figures->premium_received : &figures->premium_paid) += fabs(trade->cash);
    for (uint32_t i = first; i < first + count; i++)
        note_closing(core, day, &core->ledger.closings[i], &account->closings, &figures->closed);
}

void statement_note_day(struct core *core, struct settled_day *day)
{
    const struct ledger *ledger = &core->ledger;
    uint32_t closing = 0;
    note_cash(core, day);
    for (uint32_t i = 0; i < core->trades.count; i++) {
        const struct trade *trade = &core->trades.at[i];
        const struct ledger_order *leg = &core->orders.at[trade->order].leg[trade->leg];
        uint32_t count = closings_of(ledger, leg, trade, closing);
        if (is_late(ledger, leg, closing, count))
            keep_late(core, day, trade, closing, count);
        else
            note_day_trade(core, day, trade, closing, count);
        closing += count;
    }
    assert(closing == ledger->closing_count);
}

/* ---- the tables of an account ---- */

static void put_total(struct buffer *out, const struct settled_sums *sums)
{
    statement_rule(out);
    buffer_printf(out, "共 %d条  手数：%d", sums->lines, sums->lots);
    if (sums->turnover != 0)
        buffer_printf(out, "  成交额：%.2f  手续费：%.2f", sums->turnover, sums->commission);
    buffer_printf(out, "  平仓盈亏：%.2f  权利金收支：%.2f\r\n", sums->profit, sums->cash);
    statement_rule(out);
    buffer_put_text(out, TEXT("\r\n"));
}

static void put_table(struct buffer *out, struct statement_table table, const char *title,
                      const struct buffer *lines, const struct settled_sums *sums)
{
    if (lines->length == 0)
        return;
    statement_table_head(&table, title);
    buffer_put(out, lines->at, lines->length);
    if (sums)
        put_total(out, sums);
    else
        buffer_put_text(out, TEXT("\r\n"));
}

/* Lines of the day, then those that the settlement has brought. */
static void put_both(struct buffer *out, struct statement_table table, const char *title,
                     const struct buffer *of_day, const struct settled_sums *sums_of_day,
                     const struct buffer *late, const struct settled_sums *more)
{
    struct buffer lines = {.at = NULL};
    struct settled_sums sums = *sums_of_day;
    buffer_put(&lines, of_day->at, of_day->length);
    buffer_put(&lines, late->at, late->length);
    sums.lines += more->lines;
    sums.lots += more->lots;
    sums.turnover += more->turnover;
    sums.commission += more->commission;
    sums.profit += more->profit;
    sums.cash += more->cash;
    put_table(out, table, title, &lines, &sums);
    buffer_finish(&lines);
}

void statement_sections(struct core *core, const struct settled_day *day, uint32_t place,
                        const struct statement_late *late, struct buffer *out)
{
    const struct settled_account *account = &day->accounts.at[place];
    put_table(out, STATEMENT_TABLE(out, cash_columns), "出入金明细 Deposit/Withdrawal",
              &account->cash, NULL);
    put_both(out, STATEMENT_TABLE(out, trade_columns), "成交记录 Transaction Record",
             &account->trades, &account->figures.traded, &late->trades, &late->traded);
    put_both(out, STATEMENT_TABLE(out, closing_columns), "平仓明细 Position Closed",
             &account->closings, &account->figures.closed, &late->closings, &late->closed);
    put_table(out, STATEMENT_TABLE(out, exercise_columns), "行权明细 Exercise Statement",
              &late->exercises, NULL);
    statement_positions(core, day, place, out);
}
