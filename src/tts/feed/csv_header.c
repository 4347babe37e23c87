/* csv_header.c: the header line of a tick file. See csv_columns.h. */
#include "tts/feed/csv_columns.h"
#include <stddef.h>

#define AT(member) offsetof(struct quote, member)

/* Levels 1 to 5 are written with their number behind the name: BidPrice1, bid_price_1, bid_price1.
 */
static const struct {
    const char *name;
    enum csv_kind kind;
    size_t offset;
    bool level, zero_is_absent;
} names[] = {
    {"TradingDay", CSV_TRADING_DAY, 0, false, false},
    {"ActionDay", CSV_ACTION_DAY, 0, false, false},
    {"UpdateTime", CSV_TIME, 0, false, false},
    {"UpdateMillisec", CSV_MILLISECOND, 0, false, false},
    {"ExchangeID", CSV_EXCHANGE, 0, false, false},
    {"InstrumentID", CSV_INSTRUMENT, 0, false, false},
    {"LastPrice", CSV_PRICE, AT(last), false, false},
    {"Volume", CSV_VOLUME, 0, false, false},
    {"Turnover", CSV_TURNOVER, 0, false, false},
    {"OpenInterest", CSV_NUMBER, AT(open_interest), false, false},
    {"OpenPrice", CSV_PRICE, AT(open), false, false},
    {"HighestPrice", CSV_PRICE, AT(highest), false, false},
    {"LowestPrice", CSV_PRICE, AT(lowest), false, false},
    {"ClosePrice", CSV_PRICE, AT(close), false, false},
    {"SettlementPrice", CSV_PRICE, AT(settlement), false, false},
    {"PreSettlementPrice", CSV_PRICE, AT(pre_settlement), false, false},
    {"PreClosePrice", CSV_PRICE, AT(pre_close), false, false},
    {"PreOpenInterest", CSV_NUMBER, AT(pre_open_interest), false, false},
    {"UpperLimitPrice", CSV_PRICE, AT(upper_limit), false, false},
    {"LowerLimitPrice", CSV_PRICE, AT(lower_limit), false, false},
    {"AveragePrice", CSV_PRICE, AT(average), false, false},
    {"BidPrice", CSV_PRICE, AT(bid[0].price), true, false},
    {"BidVolume", CSV_COUNT, AT(bid[0].volume), true, false},
    {"AskPrice", CSV_PRICE, AT(ask[0].price), true, false},
    {"AskVolume", CSV_COUNT, AT(ask[0].volume), true, false},
    /* vnpy and TqSdk */
    {"trading_day", CSV_TRADING_DAY, 0, false, false},
    {"symbol", CSV_INSTRUMENT, 0, false, false},
    {"exchange", CSV_EXCHANGE, 0, false, false},
    {"datetime", CSV_DATETIME, 0, false, false},
    {"datetime_nano", CSV_NANOSECONDS, 0, false, false},
    {"last_price", CSV_PRICE, AT(last), false, true},
    {"volume", CSV_VOLUME, 0, false, false},
    {"turnover", CSV_TURNOVER, 0, false, false},
    {"amount", CSV_TURNOVER, 0, false, false},
    {"open_interest", CSV_NUMBER, AT(open_interest), false, false},
    {"open_price", CSV_PRICE, AT(open), false, true},
    {"high_price", CSV_PRICE, AT(highest), false, true},
    {"low_price", CSV_PRICE, AT(lowest), false, true},
    {"highest", CSV_PRICE, AT(highest), false, false},
    {"lowest", CSV_PRICE, AT(lowest), false, false},
    {"average", CSV_PRICE, AT(average), false, false},
    {"pre_close", CSV_PRICE, AT(pre_close), false, true},
    {"limit_up", CSV_PRICE, AT(upper_limit), false, true},
    {"limit_down", CSV_PRICE, AT(lower_limit), false, true},
    {"bid_price", CSV_PRICE, AT(bid[0].price), true, false},
    {"bid_volume", CSV_COUNT, AT(bid[0].volume), true, false},
    {"ask_price", CSV_PRICE, AT(ask[0].price), true, false},
    {"ask_volume", CSV_COUNT, AT(ask[0].volume), true, false},
};

/* "BidPrice3" or "bid_price_3" with the name "BidPrice": the level, 0 to 4, or -1. */
static int level_of(text cell, text name)
{
    if (cell.length <= name.length || !text_starts_with(cell, name))
        return -1;
    text rest = {cell.at + name.length, cell.length - name.length};
    if (rest.length == 2 && rest.at[0] == '_')
        rest = (text){rest.at + 1, 1};
    return rest.length == 1 && rest.at[0] >= '1' && rest.at[0] <= '5' ? rest.at[0] - '1' : -1;
}

static struct csv_column column_named(struct csv_layout *layout, text cell)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int level = names[i].level ? level_of(cell, text_of(names[i].name)) : -1;
        if (level < 0 && (names[i].level || !text_equal(cell, text_of(names[i].name))))
            continue;
        layout->zero_is_absent |= names[i].zero_is_absent;
        size_t further = level > 0 ? (size_t)level * sizeof(struct quote_level) : 0;
        return (struct csv_column){names[i].kind, names[i].offset + further};
    }
    return (struct csv_column){CSV_IGNORED, 0};
}

/* TqSdk writes "SHFE.cu1909.last_price": takes the instrument off. False: a second instrument. */
static bool cut_symbol(struct csv_layout *layout, text *cell)
{
    size_t dot = cell->length;
    while (dot > 0 && cell->at[dot - 1] != '.')
        dot--;
    if (dot < 2)
        return true;
    text symbol = {cell->at, dot - 1};
    *cell = (text){cell->at + dot, cell->length - dot};
    if (layout->symbol[0])
        return text_equal(symbol, text_of(layout->symbol));
    return text_copy(layout->symbol, sizeof layout->symbol, symbol);
}

static bool is_twice(const struct csv_layout *layout, struct csv_column column)
{
    for (int i = 0; i < layout->count; i++)
        if (column.kind != CSV_IGNORED && layout->columns[i].kind == column.kind &&
            layout->columns[i].offset == column.offset)
            return true;
    return false;
}

static void note_column(struct csv_layout *layout, enum csv_kind kind)
{
    layout->has_trading_day |= kind == CSV_TRADING_DAY;
    layout->has_action_day |= kind == CSV_ACTION_DAY;
    layout->has_datetime |= kind == CSV_DATETIME || kind == CSV_NANOSECONDS;
    layout->has_instrument |= kind == CSV_INSTRUMENT;
}

static bool check_complete(const struct csv_layout *layout, bool has_time, struct error *error)
{
    if (!layout->has_instrument && !layout->symbol[0])
        error_set(error, "the header names no column InstrumentID");
    else if (!layout->has_datetime && !layout->has_trading_day && !layout->has_action_day)
        error_set(error, "the header names neither TradingDay nor ActionDay");
    else if (!layout->has_datetime && !has_time)
        error_set(error, "the header names no column UpdateTime");
    else
        return true;
    return error_fix(error, "the first line must name the columns: TradingDay,ActionDay,UpdateTime,"
                            "UpdateMillisec,ExchangeID,InstrumentID,LastPrice,...");
}

bool csv_layout_read(struct csv_layout *layout, text header, int *column, struct error *error)
{
    *layout = (struct csv_layout){.count = 0};
    bool has_time = false, more = true;
    text rest = header;
    while (more) {
        size_t before = rest.length;
        const char *at = rest.at;
        text cell = text_cut(&rest, ',');
        more = cell.length < before;
        cell = text_trim(cell);
        if (cell.length >= 2 && cell.at[0] == '"' && cell.at[cell.length - 1] == '"')
            cell = (text){cell.at + 1, cell.length - 2};
        *column = (int)(at - header.at) + 1;
        if (layout->count == CSV_COLUMNS_MAX)
            return error_set(error, "there are more than %d columns", CSV_COLUMNS_MAX);
        if (!cut_symbol(layout, &cell))
            return error_set(error, "columns of more than one instrument stand side by side");
        struct csv_column named = column_named(layout, cell);
        if (is_twice(layout, named))
            return error_set(error, "the column \"%.*s\" is there twice", TEXT_ARG(cell));
        has_time |= named.kind == CSV_TIME;
        note_column(layout, named.kind);
        layout->columns[layout->count++] = named;
    }
    *column = 1;
    return check_complete(layout, has_time, error);
}
