/* csv.c: see csv.h. One pass over each line; every cell goes by the kind of its column straight
 * into the quote. */
#include "tts/feed/csv.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "tts/core/market/stamp.h"
#include "tts/feed/csv_columns.h"
#include "tts/feed/csv_number.h"
#include "tts/feed/line_reader.h"
#include <limits.h>

enum { ID_MAX = 80, INSTRUMENTS_MAX = 100000 };

/* An instrument as the file names it. */
struct known {
    char id[ID_MAX + 1];
    uint8_t length;
    enum exchange exchange; /* EXCHANGE_COUNT: the file does not say */
    enum exchange traded_at;
    uint32_t place;
};

/* The days of the last rows of one time of day: the calendar is asked only when they change. */
struct days_memory {
    enum exchange exchange;
    int trading_day, action_day, part; /* as read */
    int true_trading_day, natural_day;
};

struct csv_reader {
    struct line_reader *lines;
    struct catalogue *catalogue;
    struct csv_layout layout;
    struct known *known;
    uint32_t known_count, known_capacity, newest; /* newest: of the row before */
    struct index index;
    struct days_memory days;
    int good_date;         /* the date checked last */
    char good_exchange[8]; /* the exchange found last */
    enum exchange good_exchange_is;
    struct quote empty;
    /* of the current row */
    text line, instrument, exchange;
    int trading_day, action_day, second, millisecond;
    bool has_time;
    double volume, turnover;
};

/* ---- errors ---- */

static text shown(text cell)
{
    return cell.length > 40 ? (text){cell.at, 40} : cell;
}

static bool fail_at(struct csv_reader *reader, struct error *error, const char *at)
{
    return error_at(error, line_reader_name(reader->lines), line_reader_line(reader->lines),
                    (int)(at - reader->line.at) + 1);
}

/* The cell at `at` without blanks and quotation marks; *end becomes the end of what it fills in the
 * line. */
static text cell_at(const struct csv_reader *reader, const char *at, const char **end)
{
    const char *line_end = reader->line.at + reader->line.length;
    const char *comma = memchr(at, ',', (size_t)(line_end - at));
    *end = comma ? comma : line_end;
    text cell = {at, (size_t)(*end - at)};
    if (cell.length > 0 && cell.at[0] > '"' && cell.at[cell.length - 1] > '"')
        return cell;
    cell = text_trim(cell);
    if (cell.length >= 2 && cell.at[0] == '"' && cell.at[cell.length - 1] == '"')
        return (text){cell.at + 1, cell.length - 2};
    return cell;
}

static const char *wrong_cell(struct csv_reader *reader, struct error *error, const char *at,
                              const char *wanted)
{
    const char *end;
    error_set(error, "\"%.*s\" is not %s", TEXT_ARG(shown(cell_at(reader, at, &end))), wanted);
    fail_at(reader, error, at);
    return NULL;
}

/* ---- cells; each returns the cell's end, or NULL with the error set ---- */

static const char *read_count(struct csv_reader *reader, const char *at, int *value,
                              struct error *error)
{
    double number;
    const char *end = csv_read_number(at, reader->line.at + reader->line.length, 0, &number);
    if (!end || number < 0 || (number > INT_MAX && number != ABSENT_PRICE))
        return wrong_cell(reader, error, at, "a number of lots");
    *value = number == ABSENT_PRICE ? 0 : (int)number;
    return end;
}

static bool date_exists(struct csv_reader *reader, int date)
{
    if (date != reader->good_date && clock_date_to_days(date) < 0)
        return false;
    reader->good_date = date;
    return true;
}

static const char *read_day(struct csv_reader *reader, const char *at, int *date,
                            struct error *error)
{
    const char *end;
    text cell = cell_at(reader, at, &end);
    if (cell.length > 0 &&
        (csv_read_date(cell, date) != cell.length || !date_exists(reader, *date)))
        return wrong_cell(reader, error, at, "a date yyyymmdd");
    return end;
}

static const char *read_time(struct csv_reader *reader, const char *at, struct error *error)
{
    const char *end;
    text cell = cell_at(reader, at, &end);
    size_t taken = csv_read_time(cell, &reader->second, &reader->millisecond);
    if (taken == 0 || taken != cell.length)
        return wrong_cell(reader, error, at, "a time HH:MM:SS");
    reader->has_time = true;
    return end;
}

/* "2021-01-04 09:29:00.400000+08:00": a zone is passed over, the time is Beijing's. */
static const char *read_datetime(struct csv_reader *reader, const char *at, struct error *error)
{
    const char *end;
    text cell = cell_at(reader, at, &end);
    size_t taken = csv_read_date(cell, &reader->action_day);
    if (taken == 0 || !date_exists(reader, reader->action_day) || cell.length < taken + 8 ||
        csv_read_time((text){cell.at + taken + 1, cell.length - taken - 1}, &reader->second,
                      &reader->millisecond) == 0)
        return wrong_cell(reader, error, at, "a moment yyyy-mm-dd HH:MM:SS");
    reader->has_time = true;
    return end;
}

static const char *read_nanoseconds(struct csv_reader *reader, const char *at, struct error *error)
{
    int64_t nanoseconds;
    const char *end;
    if (!text_to_int(cell_at(reader, at, &end), &nanoseconds) || nanoseconds <= 0)
        return wrong_cell(reader, error, at, "a number of nanoseconds since 1970");
    struct beijing_time time = clock_beijing(nanoseconds / 1000);
    reader->action_day = time.year * 10000 + time.month * 100 + time.day;
    reader->second = time.hour * 3600 + time.minute * 60 + time.second;
    reader->millisecond = time.microsecond / 1000;
    reader->has_time = true;
    return end;
}

static const char *read_double(struct csv_reader *reader, const char *at, double absent,
                               double *value, struct error *error)
{
    const char *end = csv_read_number(at, reader->line.at + reader->line.length, absent, value);
    return end ? end : wrong_cell(reader, error, at, "a number below 10^15");
}

static const char *read_millisecond(struct csv_reader *reader, const char *at, struct error *error)
{
    const char *end = read_count(reader, at, &reader->millisecond, error);
    if (end && reader->millisecond > 999)
        return wrong_cell(reader, error, at, "a millisecond, 0 to 999");
    return end;
}

static const char *read_cell(struct csv_reader *reader, struct csv_column column, const char *at,
                             struct quote *quote, struct error *error)
{
    char *into = (char *)quote + column.offset;
    const char *end;
    switch (column.kind) {
    case CSV_PRICE:
        return read_double(reader, at, ABSENT_PRICE, (double *)(void *)into, error);
    case CSV_NUMBER:
        return read_double(reader, at, 0, (double *)(void *)into, error);
    case CSV_COUNT:
        return read_count(reader, at, (int *)(void *)into, error);
    case CSV_VOLUME:
        return read_double(reader, at, -1, &reader->volume, error);
    case CSV_TURNOVER:
        return read_double(reader, at, -1, &reader->turnover, error);
    case CSV_TRADING_DAY:
        return read_day(reader, at, &reader->trading_day, error);
    case CSV_ACTION_DAY:
        return read_day(reader, at, &reader->action_day, error);
    case CSV_TIME:
        return read_time(reader, at, error);
    case CSV_MILLISECOND:
        return read_millisecond(reader, at, error);
    case CSV_DATETIME:
        return read_datetime(reader, at, error);
    case CSV_NANOSECONDS:
        return read_nanoseconds(reader, at, error);
    case CSV_INSTRUMENT:
        reader->instrument = cell_at(reader, at, &end);
        return end;
    case CSV_EXCHANGE:
        reader->exchange = cell_at(reader, at, &end);
        return end;
    case CSV_IGNORED:
        break;
    }
    cell_at(reader, at, &end);
    return end;
}

static bool read_cells(struct csv_reader *reader, struct quote *quote, struct error *error)
{
    const char *at = reader->line.at, *end = at + reader->line.length;
    for (int i = 0; i < reader->layout.count; i++) {
        if (i > 0) {
            if (at == end) {
                error_set(error, "the row has %d cells, the header names %d columns", i,
                          reader->layout.count);
                error_fix(error, "is the file cut short?");
                return fail_at(reader, error, at);
            }
            at++; /* the comma */
        }
        at = read_cell(reader, reader->layout.columns[i], at, quote, error);
        if (!at)
            return false;
    }
    if (at == end)
        return true;
    error_set(error, "the row has more cells than the %d columns of the header",
              reader->layout.count);
    return fail_at(reader, error, at);
}

/* ---- the instrument ---- */

static bool is_known(const struct known *known, text id, enum exchange exchange)
{
    return known->length == id.length && known->exchange == exchange &&
           memcmp(known->id, id.at, id.length) == 0;
}

static bool unknown_product(struct csv_reader *reader, struct error *error)
{
    const char *at = reader->layout.has_instrument ? reader->instrument.at : reader->line.at;
    error_set(error, "instrument %.*s is of no product that is known here",
              TEXT_ARG(shown(reader->instrument)));
    error_fix(error, "add the product to products.csv, or the instrument's rows out of the file");
    return fail_at(reader, error, at);
}

static bool learn(struct csv_reader *reader, enum exchange exchange, struct error *error)
{
    struct market *market = &reader->catalogue->market;
    text id = reader->instrument;
    if (id.length == 0 || id.length > ID_MAX)
        return unknown_product(reader, error);
    if (reader->known_count == INSTRUMENTS_MAX) {
        error_set(error, "there are more than %d instruments", INSTRUMENTS_MAX);
        return fail_at(reader, error, reader->line.at);
    }
    int day = reader->trading_day ? reader->trading_day : reader->action_day;
    uint32_t place = market_find_instrument(market, exchange, id);
    if (place == INSTRUMENT_NONE) {
        struct instrument derived;
        if (!market_derive_instrument(market, exchange, id, day, &derived))
            return unknown_product(reader, error);
        place = market_put_instrument(market, &derived);
    }
    if (reader->known_count == reader->known_capacity) {
        reader->known_capacity = reader->known_capacity ? reader->known_capacity * 2 : 256;
        reader->known =
            memory_resize(reader->known, reader->known_capacity * sizeof *reader->known);
    }
    struct known *known = &reader->known[reader->known_count];
    *known = (struct known){.length = (uint8_t)id.length,
                            .exchange = exchange,
                            .traded_at = market->instruments[place].exchange,
                            .place = place};
    memcpy(known->id, id.at, id.length);
    index_add(&reader->index, hash_text(id), reader->known_count);
    reader->newest = reader->known_count++;
    return true;
}

static bool find_exchange(struct csv_reader *reader, enum exchange *exchange)
{
    *exchange = EXCHANGE_COUNT;
    if (reader->exchange.length == 0)
        return true;
    if (text_equal(reader->exchange, text_of(reader->good_exchange))) {
        *exchange = reader->good_exchange_is;
        return true;
    }
    if (!exchange_find(reader->exchange, exchange))
        return false;
    text_copy(reader->good_exchange, sizeof reader->good_exchange, reader->exchange);
    reader->good_exchange_is = *exchange;
    return true;
}

static bool find_instrument(struct csv_reader *reader, struct error *error)
{
    enum exchange exchange;
    if (!find_exchange(reader, &exchange)) {
        error_set(error, "\"%.*s\" is no exchange that is known here",
                  TEXT_ARG(shown(reader->exchange)));
        return fail_at(reader, error, reader->exchange.at);
    }
    text id = reader->instrument;
    if (reader->newest < reader->known_count &&
        is_known(&reader->known[reader->newest], id, exchange))
        return true;
    uint32_t cursor = 0, place;
    while (index_next(&reader->index, hash_text(id), &cursor, &place)) {
        if (is_known(&reader->known[place], id, exchange)) {
            reader->newest = place;
            return true;
        }
    }
    return learn(reader, exchange, error);
}

/* ---- the days ---- */

/* Undoes what exchanges write differently: at night DCE's and GFEX's ActionDay is the trading day,
 * CZCE's TradingDay the natural day. */
static void true_days(const struct csv_reader *reader, struct days_memory *days)
{
    const struct calendar *calendar = &reader->catalogue->calendar;
    int trading = days->trading_day, natural = days->action_day, second = reader->second;
    bool night = days->part != 1;
    if (natural == 0 ||
        (night && natural == trading && stamp_action_day_is_trading(days->exchange)))
        natural = calendar_natural_day(calendar, trading, second);
    if (trading == 0 ||
        (night && trading == natural && stamp_trading_day_is_natural(days->exchange)))
        trading = calendar_trading_day(calendar, natural, second);
    days->true_trading_day = trading;
    days->natural_day = natural;
}

static void set_days(struct csv_reader *reader, struct quote *quote)
{
    enum exchange exchange = reader->known[reader->newest].traded_at;
    int part = reader->second < CALENDAR_MORNING_SECOND   ? 0
               : reader->second < CALENDAR_EVENING_SECOND ? 1
                                                          : 2;
    struct days_memory *days = &reader->days;
    if (days->exchange != exchange || days->trading_day != reader->trading_day ||
        days->action_day != reader->action_day || days->part != part ||
        days->true_trading_day == 0) {
        *days = (struct days_memory){exchange, reader->trading_day, reader->action_day, part, 0, 0};
        true_days(reader, days);
    }
    quote->trading_day = days->true_trading_day;
    quote->action_day = days->natural_day;
}

/* ---- the row ---- */

static double not_zero(double price)
{
    return price == 0 ? ABSENT_PRICE : price;
}

static void drop_zero_prices(struct csv_reader *reader, struct quote *quote)
{
    for (int i = 0; i < QUOTE_LEVELS; i++) {
        if (quote->bid[i].volume == 0)
            quote->bid[i].price = not_zero(quote->bid[i].price);
        if (quote->ask[i].volume == 0)
            quote->ask[i].price = not_zero(quote->ask[i].price);
    }
    if (!reader->layout.zero_is_absent)
        return;
    quote->last = not_zero(quote->last);
    quote->open = not_zero(quote->open);
    quote->highest = not_zero(quote->highest);
    quote->lowest = not_zero(quote->lowest);
    quote->pre_close = not_zero(quote->pre_close);
    quote->upper_limit = not_zero(quote->upper_limit);
    quote->lower_limit = not_zero(quote->lower_limit);
}

/* CTP made CZCE's turnover without the multiple until its back end 6.7.1; here it always has it.
 * One without is an average near the last price, for no multiple there is below 5. */
static void complete_turnover(const struct instrument *instrument, struct quote *quote)
{
    enum { LEAST_MULTIPLE = 4 };
    if (instrument->exchange == EXCHANGE_CZCE && instrument->volume_multiple > LEAST_MULTIPLE &&
        quote->volume > 0 && price_is_present(quote->last) &&
        quote->turnover / quote->volume < quote->last * 2)
        quote->turnover *= instrument->volume_multiple;
}

/* Until 2019 SHFE, INE, DCE and CZCE counted both sides of a trade. */
static void count_one_side(enum exchange exchange, struct quote *quote)
{
    static const int one_sided_since = 20200101;
    bool counted_both = exchange == EXCHANGE_SHFE || exchange == EXCHANGE_INE ||
                        exchange == EXCHANGE_DCE || exchange == EXCHANGE_CZCE;
    if (!counted_both || quote->trading_day >= one_sided_since)
        return;
    quote->volume /= 2;
    quote->turnover /= 2;
    quote->open_interest /= 2;
    quote->pre_open_interest /= 2;
}

static void settle_counts(const struct csv_reader *reader, struct quote *quote)
{
    const struct instrument *instrument = &reader->catalogue->market.instruments[quote->instrument];
    if (quote->has_turnover)
        complete_turnover(instrument, quote);
    if (reader->catalogue->both_sides)
        count_one_side(instrument->exchange, quote);
}

/* AveragePrice where the file has none: with the multiple, but for CZCE. */
static void fill_average(const struct csv_reader *reader, struct quote *quote)
{
    if (quote->average != ABSENT_PRICE)
        return;
    quote->average = 0;
    if (!quote->has_turnover || quote->volume == 0)
        return;
    const struct instrument *instrument = &reader->catalogue->market.instruments[quote->instrument];
    quote->average = quote->turnover / quote->volume;
    if (instrument->exchange == EXCHANGE_CZCE)
        quote->average /= instrument->volume_multiple;
}

static bool finish_row(struct csv_reader *reader, struct quote *quote, struct error *error)
{
    if (!reader->has_time || (reader->trading_day == 0 && reader->action_day == 0)) {
        error_set(error, "the row has no %s", reader->has_time ? "date" : "time");
        return fail_at(reader, error, reader->line.at);
    }
    if (reader->volume > INT_MAX && reader->volume != ABSENT_PRICE) {
        error_set(error, "Volume is more than %d lots", INT_MAX);
        return fail_at(reader, error, reader->line.at);
    }
    if (!find_instrument(reader, error))
        return false;
    quote->instrument = reader->known[reader->newest].place;
    quote->second_of_day = reader->second;
    quote->millisecond = reader->millisecond;
    quote->has_volume = reader->volume >= 0 && reader->volume != ABSENT_PRICE;
    quote->volume = quote->has_volume ? (int)reader->volume : 0;
    quote->has_turnover = reader->turnover >= 0 && reader->turnover != ABSENT_PRICE;
    quote->turnover = quote->has_turnover ? reader->turnover : 0;
    set_days(reader, quote);
    drop_zero_prices(reader, quote);
    settle_counts(reader, quote);
    fill_average(reader, quote);
    return true;
}

static void begin_row(struct csv_reader *reader)
{
    reader->trading_day = reader->action_day = reader->millisecond = 0;
    reader->has_time = false;
    reader->volume = reader->turnover = -1;
    if (reader->layout.symbol[0]) {
        text symbol = text_of(reader->layout.symbol);
        reader->exchange = text_cut(&symbol, '.');
        reader->instrument = symbol;
    }
}

enum csv_result csv_next(struct csv_reader *reader, struct quote *quote, struct error *error)
{
    do {
        enum line_result result = line_reader_next(reader->lines, &reader->line, error);
        if (result != LINE_GOT)
            return result == LINE_END ? CSV_END : CSV_ERROR;
    } while (reader->line.length == 0);
    memcpy(quote, &reader->empty, sizeof *quote);
    begin_row(reader);
    return read_cells(reader, quote, error) && finish_row(reader, quote, error) ? CSV_ROW
                                                                                : CSV_ERROR;
}

/* ---- life ---- */

/* In place, over zeroed memory: the bytes between the fields stay zero, and packed rows compare
 * words. */
static void make_empty(struct quote *quote)
{
    quote->last = quote->average = ABSENT_PRICE;
    quote->pre_settlement = quote->pre_close = quote->open = quote->highest = quote->lowest =
        ABSENT_PRICE;
    quote->close = quote->settlement = quote->upper_limit = quote->lower_limit = ABSENT_PRICE;
    for (int i = 0; i < QUOTE_LEVELS; i++)
        quote->bid[i].price = quote->ask[i].price = ABSENT_PRICE;
}

static bool read_header(struct csv_reader *reader, struct error *error)
{
    text header;
    enum line_result result = line_reader_next(reader->lines, &header, error);
    if (result == LINE_ERROR)
        return false;
    int column = 1;
    bool good;
    if (result == LINE_END) {
        good = error_set(error, "the file is empty");
    } else {
        if (text_starts_with(header, TEXT("\xEF\xBB\xBF")))
            header = (text){header.at + 3, header.length - 3};
        good = csv_layout_read(&reader->layout, header, &column, error);
    }
    return good || error_at(error, line_reader_name(reader->lines), 1, column);
}

static struct csv_reader *reader_of(struct line_reader *lines, struct catalogue *catalogue,
                                    struct error *error)
{
    if (!lines)
        return NULL;
    struct csv_reader *reader = memory_get_zeroed(1, sizeof *reader);
    reader->lines = lines;
    reader->catalogue = catalogue;
    make_empty(&reader->empty);
    if (read_header(reader, error))
        return reader;
    csv_close(reader);
    return NULL;
}

struct csv_reader *csv_open(const char *path, struct catalogue *catalogue, struct error *error)
{
    return reader_of(line_reader_open(path, error), catalogue, error);
}

struct csv_reader *csv_open_bytes(const char *name, text bytes, struct catalogue *catalogue,
                                  struct error *error)
{
    return reader_of(line_reader_over(name, bytes), catalogue, error);
}

int csv_line(const struct csv_reader *reader)
{
    return line_reader_line(reader->lines);
}

void csv_close(struct csv_reader *reader)
{
    if (!reader)
        return;
    line_reader_close(reader->lines);
    index_finish(&reader->index);
    free(reader->known);
    free(reader);
}
