/* instrument_derive.c: the terms of an instrument from its id alone, by the pattern of its
 * exchange:
 *
 *   futures   rb2505 IF2503 m2505     product, two digits of the year, month;   SR505   CZCE: one
 * digit of the year options   IO2503-C-3800 m2505-C-2950   CFFEX, DCE, GFEX;   cu2505C75000   SHFE,
 * INE;   SR505C6000   CZCE
 *   TAS       sc2505TAS               product "sctas", on the future in front
 *   index     IO2503                  what CFFEX's index options of that month are on: a quote only
 *
 * Ids that name no month: codes of shares, funds and bonds, whose board follows from the exchange
 * and the first digits ("600000" at SSE: SSE_A), and combinations, whose product is the kind in
 * front of the legs ("SP m2505&m2509": SP).
 *
 * Dates that no id tells (the last trading day) are estimated by the exchanges' usual rules on
 * weekdays. */
#include "base/clock.h"
#include "base/number.h"
#include "tts/core/market/instrument.h"

struct id_parts {
    text product; /* "SR" */
    int year, month;
    char options_type; /* '1' call, '2' put, NUL: a future */
    double strike;
    bool tas;
    size_t future_length; /* how much of an option's or TAS's id names its future */
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The decade of a one-digit year: the first year not before the trading day's month. */
static int full_year(int digit, int month, int trading_day)
{
    int year = trading_day / 10000, trading_month = trading_day / 100 % 100;
    if (month < trading_month)
        year++;
    return year + (digit - year % 10 + 10) % 10;
}

/* "C3800", "-C-3800", "TAS" behind the month; nothing at all is a future. */
static bool read_option(text rest, struct id_parts *parts)
{
    parts->tas = text_equal(rest, TEXT("TAS"));
    if (rest.length == 0 || parts->tas)
        return true;
    bool dashed = rest.at[0] == '-';
    size_t kind = dashed ? 1 : 0, strike = dashed ? 3 : 1;
    if (rest.length <= strike || (dashed && rest.at[2] != '-') ||
        (rest.at[kind] != 'C' && rest.at[kind] != 'P') || !is_digit(rest.at[strike]))
        return false;
    parts->options_type = rest.at[kind] == 'C' ? '1' : '2';
    return number_read((text){rest.at + strike, rest.length - strike}, &parts->strike);
}

static bool read_id(text id, int trading_day, struct id_parts *parts)
{
    size_t letters = 0, digits = 0;
    while (letters < id.length && is_letter(id.at[letters]))
        letters++;
    while (letters + digits < id.length && is_digit(id.at[letters + digits]))
        digits++;
    if (letters == 0 || letters > 8 || (digits != 3 && digits != 4))
        return false;
    int64_t number = 0;
    text_to_int((text){id.at + letters, digits}, &number);
    *parts = (struct id_parts){.product = {id.at, letters}, .month = (int)(number % 100)};
    if (parts->month < 1 || parts->month > 12)
        return false;
    parts->year = digits == 4 ? 2000 + (int)(number / 100)
                              : full_year((int)(number / 100), parts->month, trading_day);
    parts->future_length = letters + digits;
    return read_option((text){id.at + letters + digits, id.length - letters - digits}, parts);
}

static uint32_t find_tas_product(const struct market *market, enum exchange exchange, text future)
{
    char name[16];
    int length = snprintf(name, sizeof name, "%.*stas", TEXT_ARG(future));
    uint32_t place = market_find_product(market, exchange, (text){name, (size_t)length});
    bool fits = place != INSTRUMENT_NONE && market->products[place].product_class == '7';
    return fits ? place : INSTRUMENT_NONE;
}

/* The product row of an option: "m_o", on CZCE "SRC" or "SRP"; CFFEX names its options' product in
 * the id. */
static uint32_t find_product(const struct market *market, enum exchange exchange,
                             const struct id_parts *parts)
{
    if (parts->tas)
        return find_tas_product(market, exchange, parts->product);
    if (!parts->options_type) {
        uint32_t place = market_find_product(market, exchange, parts->product);
        bool fits = place != INSTRUMENT_NONE && market->products[place].product_class != '2';
        return fits ? place : INSTRUMENT_NONE;
    }
    static const char *const suffixes[] = {"_o", "C", "P", ""};
    for (int i = 0; i < 4; i++) {
        if ((i == 1 && parts->options_type != '1') || (i == 2 && parts->options_type != '2'))
            continue;
        char name[16];
        int length = snprintf(name, sizeof name, "%.*s%s", TEXT_ARG(parts->product), suffixes[i]);
        uint32_t place = market_find_product(market, exchange, (text){name, (size_t)length});
        if (place != INSTRUMENT_NONE && (market->products[place].product_class == '2' ||
                                         market->products[place].product_class == '6'))
            return place;
    }
    return INSTRUMENT_NONE;
}

/* ---- the last trading day ---- */

static int weekday(int days)
{
    return (days + 4) % 7; /* 0 Sunday; 1970-01-01 was a Thursday */
}

static bool is_weekday(int days)
{
    return weekday(days) != 0 && weekday(days) != 6;
}

/* The n-th weekday of a month (n >= 1), or the n-th from its end (n <= -1). */
static int nth_weekday(int year, int month, int n)
{
    int after = month == 12 ? (year + 1) * 10000 + 101 : year * 10000 + (month + 1) * 100 + 1;
    int days =
        n > 0 ? clock_date_to_days(year * 10000 + month * 100 + 1) - 1 : clock_date_to_days(after);
    for (int left = n > 0 ? n : -n; left > 0;) {
        days += n > 0 ? 1 : -1;
        if (is_weekday(days))
            left--;
    }
    return clock_days_to_date(days);
}

static int nth_friday(int year, int month, int n)
{
    int days = clock_date_to_days(year * 10000 + month * 100 + 1);
    while (weekday(days) != 5)
        days++;
    return clock_days_to_date(days + 7 * (n - 1));
}

/* The 15th, or the first weekday after it. */
static int middle_of_month(int year, int month)
{
    int days = clock_date_to_days(year * 10000 + month * 100 + 15);
    while (!is_weekday(days))
        days++;
    return clock_days_to_date(days);
}

static bool expires_before_its_month(const struct product *product)
{
    static const char *const ids[] = {"sc", "lu", "fu"};
    for (int i = 0; i < 3; i++)
        if (text_equal(text_of(product->id), text_of(ids[i])))
            return true;
    return false;
}

static int estimate_expiry(const struct product *product, const struct id_parts *parts)
{
    int year = parts->year, month = parts->month;
    int year_before = month == 1 ? year - 1 : year, month_before = month == 1 ? 12 : month - 1;
    bool shanghai = product->exchange == EXCHANGE_SHFE || product->exchange == EXCHANGE_INE;
    if (product->exchange == EXCHANGE_CFFEX)
        return nth_friday(year, month, product->id[0] == 'T' ? 2 : 3);
    if (parts->options_type)
        return nth_weekday(year_before, month_before, shanghai ? -5 : 12);
    if (expires_before_its_month(product))
        return nth_weekday(year_before, month_before, -1);
    return shanghai ? middle_of_month(year, month) : nth_weekday(year, month, 10);
}

/* ---- all together ---- */

static void copy_terms(const struct product *product, struct instrument *instrument)
{
    instrument->exchange = product->exchange;
    instrument->product_class = product->product_class;
    instrument->inst_life_phase = '1';
    instrument->is_trading = true;
    instrument->volume_multiple = product->volume_multiple;
    instrument->price_tick = product->price_tick;
    instrument->limit_order_volume_min = product->limit_order_volume_min;
    instrument->limit_order_volume_max = product->limit_order_volume_max;
    instrument->market_order_volume_min = product->market_order_volume_min;
    instrument->market_order_volume_max = product->market_order_volume_max;
    instrument->position_date_type = product->position_date_type;
    instrument->larger_side = product->larger_side;
    instrument->close_today_first = product->close_today_first;
    instrument->margin = product->margin;
    instrument->exchange_margin = product->exchange_margin;
    instrument->commission = product->commission;
    instrument->option_margin = product->option_margin;
    instrument->option_margin_adjust = product->option_margin_adjust;
    instrument->option_guarantee_ratio = product->option_guarantee_ratio;
    instrument->option_margin_min = product->option_margin_min;
}

enum { TAS_ENDS_BEFORE = 8 };

/* TAS ends eight trading days before its future: weekdays here. */
static int estimate_tas_expiry(const struct market *market, const struct product *product, text id,
                               const struct id_parts *parts)
{
    text future_id = {id.at, parts->future_length};
    uint32_t future = market_find_instrument(market, product->exchange, future_id);
    uint32_t of = market_find_product(market, product->exchange, parts->product);
    int last = future != INSTRUMENT_NONE ? market->instruments[future].expire_date
               : of != INSTRUMENT_NONE   ? estimate_expiry(&market->products[of], parts)
                                         : 0;
    int days = clock_date_to_days(last);
    for (int left = last > 0 ? TAS_ENDS_BEFORE : 0; left > 0;)
        left -= is_weekday(--days);
    return last > 0 ? clock_days_to_date(days) : 0;
}

static void name_underlying(const struct product *product, const struct id_parts *parts, text id,
                            struct instrument *instrument)
{
    bool option = parts->options_type != '\0';
    text underlying =
        option || parts->tas ? (text){id.at, parts->future_length} : text_of(product->id);
    text_copy(instrument->underlying_id, sizeof instrument->underlying_id, underlying);
    instrument->underlying = INSTRUMENT_NONE;
    instrument->underlying_settlement = ABSENT_PRICE;
    instrument->underlying_multiple = product->exchange == EXCHANGE_CFFEX && !option ? 0 : 1;
    instrument->options_type = parts->options_type;
    instrument->strike_price = option ? parts->strike : ABSENT_PRICE;
}

/* ---- ids without a month ---- */

enum { CODE_DIGITS = 6 };

/* The exchanges' ranges of codes; the first that fits. */
static const struct {
    enum exchange exchange;
    const char *first, *product;
} boards[] = {
    {EXCHANGE_SSE, "000", "INDEX"},  {EXCHANGE_SZSE, "399", "INDEX"},
    {EXCHANGE_BSE, "899", "INDEX"},  {EXCHANGE_SSE, "688", "STAR"},
    {EXCHANGE_SSE, "689", "STAR"},   {EXCHANGE_SSE, "6", "SSE_A"},
    {EXCHANGE_SSE, "511", "ETF_T0"}, {EXCHANGE_SSE, "513", "ETF_T0"},
    {EXCHANGE_SSE, "518", "ETF_T0"}, {EXCHANGE_SSE, "5", "FUND"},
    {EXCHANGE_SSE, "11", "CB"},      {EXCHANGE_SZSE, "30", "CHINEXT"},
    {EXCHANGE_SZSE, "00", "SZSE_A"}, {EXCHANGE_SZSE, "15", "FUND"},
    {EXCHANGE_SZSE, "16", "FUND"},   {EXCHANGE_SZSE, "12", "CB"},
    {EXCHANGE_BSE, "4", "BSE_A"},    {EXCHANGE_BSE, "8", "BSE_A"},
    {EXCHANGE_BSE, "92", "BSE_A"},
};

bool market_is_code(text id)
{
    for (size_t i = 0; i < id.length; i++)
        if (!is_digit(id.at[i]))
            return false;
    return id.length == CODE_DIGITS;
}

static uint32_t find_board(const struct market *market, enum exchange exchange, text code)
{
    for (size_t i = 0; i < sizeof boards / sizeof boards[0]; i++)
        if (boards[i].exchange == exchange && text_starts_with(code, text_of(boards[i].first)))
            return market_find_product(market, exchange, text_of(boards[i].product));
    return INSTRUMENT_NONE;
}

/* "SP m2505&m2509"; the row must be one of combinations. */
static uint32_t find_kind(const struct market *market, enum exchange exchange, text id)
{
    text legs = id;
    text kind = text_cut(&legs, ' ');
    text first = text_cut(&legs, '&');
    if (first.length == 0 || legs.length == 0)
        return INSTRUMENT_NONE;
    uint32_t place = market_find_product(market, exchange, kind);
    bool fits = place != INSTRUMENT_NONE && market->products[place].product_class == '3';
    return fits ? place : INSTRUMENT_NONE;
}

static void begin_instrument(const struct market *market, uint32_t place, text id,
                             struct instrument *instrument)
{
    *instrument = (struct instrument){.product = place};
    text_copy(instrument->id, sizeof instrument->id, id);
    text_copy(instrument->name, sizeof instrument->name, id);
    copy_terms(&market->products[place], instrument);
    instrument->underlying = INSTRUMENT_NONE;
    instrument->underlying_settlement = instrument->strike_price = ABSENT_PRICE;
    instrument->pre_settlement = instrument->last = instrument->settlement = ABSENT_PRICE;
    instrument->upper_limit = instrument->lower_limit = ABSENT_PRICE;
}

/* A distance has no yesterday: 0, and the product's largest one on both sides. */
static void begin_tas(const struct product *product, struct instrument *instrument)
{
    instrument->pre_settlement = instrument->last = 0;
    instrument->upper_limit = product->price_limit_ratio;
    instrument->lower_limit = -product->price_limit_ratio;
}

static bool derive_without_month(const struct market *market, enum exchange exchange, text id,
                                 struct instrument *instrument)
{
    uint32_t place =
        market_is_code(id) ? find_board(market, exchange, id) : find_kind(market, exchange, id);
    if (place == INSTRUMENT_NONE)
        return false;
    begin_instrument(market, place, id, instrument);
    return true;
}

bool market_derive_instrument(const struct market *market, enum exchange exchange, text id,
                              int trading_day, struct instrument *instrument)
{
    struct id_parts parts;
    if (id.length >= sizeof instrument->id || clock_date_to_days(trading_day) < 0)
        return false;
    if (!read_id(id, trading_day, &parts))
        return derive_without_month(market, exchange, id, instrument);
    uint32_t place = find_product(market, exchange, &parts);
    if (place == INSTRUMENT_NONE)
        return false;
    const struct product *product = &market->products[place];
    begin_instrument(market, place, id, instrument);
    name_underlying(product, &parts, id, instrument);
    if (product->product_class == '6' && !parts.options_type)
        instrument->product_class = 'I';
    instrument->delivery_year = parts.year;
    instrument->delivery_month = parts.month;
    int expiry = parts.tas ? estimate_tas_expiry(market, product, id, &parts)
                           : estimate_expiry(product, &parts);
    if (parts.tas)
        begin_tas(product, instrument);
    instrument->expire_date = expiry < trading_day ? trading_day : expiry;
    instrument->start_deliv_date = instrument->expire_date;
    if (product->exchange == EXCHANGE_CFFEX)
        instrument->end_deliv_date = instrument->expire_date;
    return true;
}
