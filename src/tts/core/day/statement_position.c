/* statement_position.c: the open lots of a settlement statement, lot by lot and by instrument. They
 * are read after the ledger has rolled into the new day: what is open is there with its opening
 * date and price, its margin counts at the settlement price, and only yesterday's settlement price
 * comes from the settled day. */
#include "tts/core/day/statement_text.h"
#include "tts/core/reply.h"

/* ---- the account's rows, in the order of the tables ---- */

struct rows {
    uint32_t *at;
    uint32_t count;
    struct sides *sides; /* by larger-side group */
};

struct sides {
    double bought, sold; /* margin */
};

static bool is_long(const struct position_row *row)
{
    return row->direction == THOST_FTDC_PD_Long;
}

/* By instrument, hedge flag, long before short. */
static bool stands_before(const struct core *core, const struct position_row *a,
                          const struct position_row *b)
{
    int order = strcmp(core->market.instruments[a->instrument].id,
                       core->market.instruments[b->instrument].id);
    if (order == 0 && a->instrument != b->instrument)
        return a->instrument < b->instrument;
    if (order == 0 && a->hedge != b->hedge)
        return a->hedge < b->hedge;
    return order ? order < 0 : a->direction < b->direction;
}

static struct rows rows_of(const struct core *core, uint32_t account)
{
    const struct ledger *ledger = &core->ledger;
    const struct account *owner = &ledger->accounts[account];
    uint32_t most = 0;
    for (uint32_t i = owner->first_row; i != LEDGER_NONE; i = ledger->rows[i].next)
        most++;
    struct rows rows = {.at = memory_get_zeroed(most + 1, sizeof *rows.at),
                        .sides = memory_get_zeroed(owner->group_count + 1, sizeof *rows.sides)};
    for (uint32_t i = owner->first_row; i != LEDGER_NONE; i = ledger->rows[i].next) {
        const struct position_row *row = &ledger->rows[i];
        if (row->position == 0)
            continue;
        uint32_t at = rows.count++;
        while (at > 0 && stands_before(core, row, &ledger->rows[rows.at[at - 1]])) {
            rows.at[at] = rows.at[at - 1];
            at--;
        }
        rows.at[at] = i;
        if (row->group == LEDGER_NONE)
            continue;
        double margin = ledger_row_figures(ledger, row).use_margin;
        *(is_long(row) ? &rows.sides[row->group].bought : &rows.sides[row->group].sold) += margin;
    }
    return rows;
}

/* What a row costs after the larger side: nothing on the smaller one. */
static double margin_after_larger_side(const struct ledger *ledger, const struct rows *rows,
                                       const struct position_row *row)
{
    double margin = ledger_row_figures(ledger, row).use_margin;
    if (row->group == LEDGER_NONE)
        return margin;
    const struct sides *sides = &rows->sides[row->group];
    bool bought_counts = sides->bought >= sides->sold;
    return is_long(row) == bought_counts ? margin : 0;
}

/* ---- profits and values of open lots ---- */

static double value_of(const struct instrument *instrument, int lots)
{
    return instrument_is_option(instrument)
               ? instrument->pre_settlement * lots * instrument->volume_multiple
               : 0;
}

double statement_option_value(const struct core *core, uint32_t account, char direction)
{
    const struct ledger *ledger = &core->ledger;
    double value = 0;
    for (uint32_t i = ledger->accounts[account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next)
        if (ledger->rows[i].direction == direction)
            value += value_of(&core->market.instruments[ledger->rows[i].instrument],
                              ledger->rows[i].position);
    return value;
}

struct profits {
    double by_date, by_trade;
};

static struct profits profits_of(const struct core *core, const struct settled_day *day,
                                 const struct position_row *row,
                                 const struct position_detail *detail)
{
    const struct instrument *instrument = &core->market.instruments[row->instrument];
    if (instrument_is_option(instrument))
        return (struct profits){.by_date = 0};
    double lots = (is_long(row) ? 1.0 : -1.0) * detail->volume * instrument->volume_multiple;
    bool opened = detail->open_date == day->trading_day;
    double base = opened ? detail->open_price : day->instruments.at[row->instrument].pre_settlement;
    double settled = instrument->pre_settlement;
    return (struct profits){(settled - base) * lots, (settled - detail->open_price) * lots};
}

/* ---- lot by lot ---- */

static const struct statement_column detail_columns[] = {
    {"投资单元", "Invest Unit", 12},
    {"交易所", "Exchange", 8},
    {"交易编码", "Trading Code", 12},
    {"品种", "Product", 10},
    {"合约", "Instrument", 20},
    {"开仓日期", "Open Date", 9},
    {"投/保", "S/H", 5},
    {"买/卖", "B/S", 5},
    {"持仓量", "Position", -8},
    {"开仓价", "Pos. Open", -12},
    {"昨结算", "Prev. Sttl", -12},
    {"结算价", "Sttl. Price", -12},
    {"浮动盈亏", "Accum. P/L", -16},
    {"盯市盈亏", "MTM P/L", -16},
    {"保证金", "Margin", -16},
    {"期权市值", "Market Value", -16},
    {"资金账号", "Account ID", 13},
};

static void put_detail(struct core *core, const struct settled_day *day,
                       const struct position_detail *detail, struct statement_table *table)
{
    const struct position_row *row = &core->ledger.rows[detail->row];
    const struct instrument *instrument = core_instrument(core, row->instrument);
    struct profits profits = profits_of(core, day, row, detail);
    statement_cell(table, "");
    statement_instrument_cells(table, core, row->account, row->instrument);
    statement_date(table, detail->open_date);
    statement_cell(table, statement_hedge(row->hedge));
    statement_cell(table, statement_side(is_long(row)));
    statement_count(table, detail->volume);
    statement_amount(table, 3, detail->open_price);
    statement_amount(table, 3, day->instruments.at[row->instrument].pre_settlement);
    statement_amount(table, 3, instrument->pre_settlement);
    statement_amount(table, 2, profits.by_trade);
    statement_amount(table, 2, profits.by_date);
    statement_amount(table, 2, ledger_detail_figures(&core->ledger, detail).margin);
    statement_amount(table, 2, (is_long(row) ? 1.0 : -1.0) * value_of(instrument, detail->volume));
    statement_cell(table, core->ledger.accounts[row->account].id);
}

static void put_details(struct core *core, const struct settled_day *day, const struct rows *rows,
                        struct buffer *out)
{
    const struct ledger *ledger = &core->ledger;
    struct statement_table table = STATEMENT_TABLE(out, detail_columns);
    statement_table_head(&table, "持仓明细 Positions Detail");
    for (uint32_t i = 0; i < rows->count; i++)
        for (uint32_t j = ledger->rows[rows->at[i]].first; j != LEDGER_NONE;
             j = ledger->details[j].next)
            if (ledger->details[j].volume)
                put_detail(core, day, &ledger->details[j], &table);
    statement_rule(out);
    buffer_put_text(out, TEXT("\r\n"));
}

/* ---- by instrument ---- */

static const struct statement_column position_columns[] = {
    {"投资单元", "Invest Unit", 12},
    {"交易编码", "Trading Code", 12},
    {"品种", "Product", 10},
    {"合约", "Instrument", 20},
    {"买持", "Long Pos.", -10},
    {"买均价", "Avg Buy Price", -14},
    {"卖持", "Short Pos.", -10},
    {"卖均价", "Avg Sell Price", -14},
    {"昨结算", "Prev. Sttl", -12},
    {"今结算", "Sttl Today", -12},
    {"持仓盯市盈亏", "MTM P/L", -16},
    {"保证金占用", "Margin Occupied", -16},
    {"投/保", "S/H", 5},
    {"多头期权市值", "Market Value(Long)", -18},
    {"空头期权市值", "Market Value(Short)", -19},
    {"资金账号", "Account ID", 13},
};

struct position_line {
    int lots[2];         /* bought, sold */
    double open_cost[2]; /* price x lots */
    double profit, margin;
};

static void add_row(const struct core *core, const struct settled_day *day, const struct rows *rows,
                    const struct position_row *row, struct position_line *line)
{
    const struct ledger *ledger = &core->ledger;
    int side = !is_long(row);
    line->lots[side] += row->position;
    line->margin += margin_after_larger_side(ledger, rows, row);
    for (uint32_t i = row->first; i != LEDGER_NONE; i = ledger->details[i].next) {
        const struct position_detail *detail = &ledger->details[i];
        line->open_cost[side] += detail->open_price * detail->volume;
        line->profit += profits_of(core, day, row, detail).by_date;
    }
}

static void put_position(struct core *core, const struct settled_day *day,
                         const struct position_row *row, const struct position_line *line,
                         struct statement_table *table)
{
    const struct instrument *instrument = core_instrument(core, row->instrument);
    char code[24];
    core_client_id(core, row->account, instrument->exchange, code, sizeof code);
    statement_cell(table, "");
    statement_cell(table, code);
    statement_cell(table, core->market.products[instrument->product].id);
    statement_cell(table, instrument->id);
    for (int side = 0; side < 2; side++) {
        statement_count(table, line->lots[side]);
        statement_amount(table, 3, line->lots[side] ? line->open_cost[side] / line->lots[side] : 0);
    }
    statement_amount(table, 3, day->instruments.at[row->instrument].pre_settlement);
    statement_amount(table, 3, instrument->pre_settlement);
    statement_amount(table, 2, line->profit);
    statement_amount(table, 2, line->margin);
    statement_cell(table, statement_hedge(row->hedge));
    statement_amount(table, 2, value_of(instrument, line->lots[0]));
    statement_amount(table, 2, value_of(instrument, line->lots[1]));
    statement_cell(table, core->ledger.accounts[row->account].id);
}

static void put_summary(struct core *core, const struct settled_day *day, const struct rows *rows,
                        struct buffer *out)
{
    const struct ledger *ledger = &core->ledger;
    struct statement_table table = STATEMENT_TABLE(out, position_columns);
    statement_table_head(&table, "持仓汇总 Positions");
    struct position_line line = {.profit = 0};
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct position_row *row = &ledger->rows[rows->at[i]];
        add_row(core, day, rows, row, &line);
        const struct position_row *next =
            i + 1 < rows->count ? &ledger->rows[rows->at[i + 1]] : NULL;
        if (next && next->instrument == row->instrument && next->hedge == row->hedge)
            continue;
        put_position(core, day, row, &line, &table);
        line = (struct position_line){.profit = 0};
    }
    statement_rule(out);
    buffer_put_text(out, TEXT("\r\n"));
}

void statement_positions(struct core *core, const struct settled_day *day, uint32_t account,
                         struct buffer *out)
{
    struct rows rows = rows_of(core, account);
    if (rows.count > 0) {
        put_details(core, day, &rows, out);
        put_summary(core, day, &rows, out);
    }
    free(rows.at);
    free(rows.sides);
}
