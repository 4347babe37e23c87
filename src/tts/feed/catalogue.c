/* catalogue.c: see catalogue.h. One function a file kind; the checks of single cells are in
 * table_file.c. */
#include "tts/feed/catalogue.h"
#include "ctp/gb18030.h"
#include "tts/feed/table_file.h"
#include <unistd.h>

enum { LOTS_MAX = 100000000 };

/* ---- sessions ---- */

static bool one_of(text cell, const char *const *words, int count, int *place)
{
    for (int i = 0; i < count; i++) {
        if (text_equal(cell, text_of(words[i]))) {
            *place = i;
            return true;
        }
    }
    return false;
}

/* A cell with one character out of `allowed`. */
static bool cell_char(struct table_file *table, int column, const char *allowed, char *value)
{
    text cell = table_file_text(table, column);
    if (cell.length != 1 || !strchr(allowed, cell.at[0]))
        return table_file_fail(table, column, "one of the characters %s is wanted", allowed);
    *value = cell.at[0];
    return true;
}

bool catalogue_read_sessions(struct catalogue *catalogue, const char *name, text bytes,
                             struct error *error)
{
    enum { GROUP, WHEN, TIME, STATUS };
    static const struct table_column columns[] = {
        {"group", true}, {"when", true}, {"time", true}, {"status", true}};
    static const char *const whens[] = {[SESSION_ALWAYS] = "always",
                                        [SESSION_WITH_NIGHT] = "night",
                                        [SESSION_WITHOUT_NIGHT] = "no-night"};
    struct table_file table;
    if (!table_file_begin(&table, name, bytes, columns, 4, error))
        return false;
    while (table_file_next(&table)) {
        struct session_step step = {.enter_reason = '1'};
        int when, second;
        if (!one_of(table_file_text(&table, WHEN), whens, 3, &when))
            return table_file_fail(&table, WHEN, "always, night or no-night is wanted");
        if (!table_file_time(&table, TIME, &second) ||
            !cell_char(&table, STATUS, "0123456", &step.status))
            return false;
        step.line_second = session_line_second(second);
        step.when = (enum session_when)when;
        switch (session_table_add(&catalogue->sessions, table_file_text(&table, GROUP), step)) {
        case SESSION_ADDED:
            break;
        case SESSION_TOO_MANY:
            return table_file_fail(
                &table, GROUP,
                "names have at most 15 bytes, groups %d rows, and there are at most %d groups",
                SESSION_STEPS_MAX, SESSION_GROUPS_MAX);
        case SESSION_BACKWARDS:
            return table_file_fail(&table, TIME, "the row before it in this group is later");
        }
    }
    return !table.failed;
}

/* ---- products ---- */

#define PRODUCT_COLUMNS(X)                           \
    X(EXCHANGE, "exchange", true)                    \
    X(PRODUCT, "product", true)                      \
    X(CLASS, "class", true)                          \
    X(NAME, "name", false)                           \
    X(MULTIPLE, "multiple", true)                    \
    X(TICK, "tick", true)                            \
    X(LIMIT_MIN, "limit_min", false)                 \
    X(LIMIT_MAX, "limit_max", false)                 \
    X(MARKET_MIN, "market_min", false)               \
    X(MARKET_MAX, "market_max", false)               \
    X(POSITION_DATE, "position_date", true)          \
    X(LARGER_SIDE, "larger_side", false)             \
    X(SESSIONS, "sessions", true)                    \
    X(LIMIT, "limit", false)                         \
    X(MARGIN, "margin", false)                       \
    X(OPEN_MONEY, "open_money", false)               \
    X(OPEN_LOT, "open_lot", false)                   \
    X(CLOSE_MONEY, "close_money", false)             \
    X(CLOSE_LOT, "close_lot", false)                 \
    X(TODAY_MONEY, "today_money", false)             \
    X(TODAY_LOT, "today_lot", false)                 \
    X(UNDERLYING, "underlying", false)               \
    X(START_PRICE, "start_price", false)             \
    X(EXCHANGE_MARGIN, "exchange_margin", false)     \
    X(CLOSE_TODAY_FIRST, "close_today_first", false) \
    X(GROUP, "group", false)                         \
    X(MARGIN_ADJUST, "margin_adjust", false)         \
    X(GUARANTEE_RATIO, "guarantee_ratio", false)     \
    X(MARGIN_MIN, "margin_min", false)               \
    X(FEE_MIN, "fee_min", false)                     \
    X(STAMP_DUTY, "stamp_duty", false)               \
    X(TRANSFER_FEE, "transfer_fee", false)           \
    X(LOT_STEP, "lot_step", false)                   \
    X(SAME_DAY_SALE, "same_day_sale", false)         \
    X(LIMIT_WARNED, "limit_warned", false)

enum product_column {
#define X(symbol, name, required) PRODUCT_##symbol,
    PRODUCT_COLUMNS(X)
#undef X
        PRODUCT_COLUMN_COUNT
};

static const struct table_column product_columns[] = {
#define X(symbol, name, required) {name, required},
    PRODUCT_COLUMNS(X)
#undef X
};

_Static_assert((int)PRODUCT_COLUMN_COUNT <= (int)TABLE_COLUMNS_MAX,
               "a table file knows so many columns");

/* A text of the file into a field; `gb18030`: as CTP's structs carry it. */
static bool cell_into(struct table_file *table, int column, bool gb18030, char *field, size_t size)
{
    text cell = table_file_text(table, column);
    size_t length = cell.length;
    if (!gb18030) {
        if (!text_copy(field, size, cell))
            return table_file_fail(table, column, "at most %zu bytes are wanted", size - 1);
        return true;
    }
    memset(field, 0, size);
    if (!gb18030_from_utf8(cell, field, size - 1, &length)) {
        memset(field, 0, size);
        return table_file_fail(table, column, "is not UTF-8 or is longer than %zu bytes in GB18030",
                               size - 1);
    }
    return true;
}

static bool cell_exchange(struct table_file *table, int column, enum exchange *exchange)
{
    text cell = table_file_text(table, column);
    if (!exchange_find(cell, exchange))
        return table_file_fail(table, column, "\"%.*s\" is no exchange that is known here",
                               (int)(cell.length < 20 ? cell.length : 20), cell.at);
    return true;
}

static bool read_sizes(struct table_file *table, struct product *product)
{
    int side, today_first, same_day;
    bool good = table_file_int(table, PRODUCT_MULTIPLE, 1, 1000000, 0, &product->volume_multiple) &&
                table_file_number(table, PRODUCT_TICK, 1e-6, 1e6, 0, &product->price_tick) &&
                table_file_int(table, PRODUCT_LIMIT_MIN, 1, LOTS_MAX, 1,
                               &product->limit_order_volume_min) &&
                table_file_int(table, PRODUCT_LIMIT_MAX, 0, LOTS_MAX, 0,
                               &product->limit_order_volume_max) &&
                table_file_int(table, PRODUCT_MARKET_MIN, 0, LOTS_MAX, 1,
                               &product->market_order_volume_min) &&
                table_file_int(table, PRODUCT_MARKET_MAX, 0, LOTS_MAX, 0,
                               &product->market_order_volume_max) &&
                cell_char(table, PRODUCT_POSITION_DATE, "12", &product->position_date_type) &&
                table_file_int(table, PRODUCT_LARGER_SIDE, 0, 1, 0, &side) &&
                table_file_int(table, PRODUCT_CLOSE_TODAY_FIRST, 0, 1, 0, &today_first) &&
                table_file_int(table, PRODUCT_LOT_STEP, 1, LOTS_MAX, 1, &product->lot_step) &&
                table_file_int(table, PRODUCT_SAME_DAY_SALE, 0, 1, 0, &same_day);
    if (!good)
        return false;
    product->same_day_sale = same_day == 1;
    product->larger_side = side == 1;
    product->close_today_first = today_first == 1;
    if (product->limit_order_volume_max > 0 &&
        product->limit_order_volume_max < product->limit_order_volume_min)
        return table_file_fail(table, PRODUCT_LIMIT_MAX, "is less than limit_min");
    return true;
}

static bool read_rates(struct table_file *table, struct product *product)
{
    struct commission_rate *fee = &product->commission;
    double margin, exchange_margin, limit_max = product->product_class == '7' ? 1e6 : 1;
    bool good =
        table_file_number(table, PRODUCT_LIMIT, 0, limit_max, 0, &product->price_limit_ratio) &&
        table_file_number(table, PRODUCT_LIMIT_WARNED, 0, 1, 0, &product->price_limit_warned) &&
        table_file_number(table, PRODUCT_MARGIN, 0, 10, 0, &margin) &&
        table_file_number(table, PRODUCT_EXCHANGE_MARGIN, 0, 10, margin, &exchange_margin) &&
        table_file_number(table, PRODUCT_OPEN_MONEY, 0, 1, 0, &fee->open_by_money) &&
        table_file_number(table, PRODUCT_OPEN_LOT, 0, 1e6, 0, &fee->open_by_volume) &&
        table_file_number(table, PRODUCT_CLOSE_MONEY, 0, 1, 0, &fee->close_by_money) &&
        table_file_number(table, PRODUCT_CLOSE_LOT, 0, 1e6, 0, &fee->close_by_volume) &&
        table_file_number(table, PRODUCT_TODAY_MONEY, 0, 1, 0, &fee->close_today_by_money) &&
        table_file_number(table, PRODUCT_TODAY_LOT, 0, 1e6, 0, &fee->close_today_by_volume) &&
        table_file_number(table, PRODUCT_MARGIN_ADJUST, 0, 10, 0.12,
                          &product->option_margin_adjust) &&
        table_file_number(table, PRODUCT_GUARANTEE_RATIO, 0, 10, 0.5,
                          &product->option_guarantee_ratio) &&
        table_file_number(table, PRODUCT_MARGIN_MIN, 0, 1e9, 0, &product->option_margin_min) &&
        table_file_number(table, PRODUCT_FEE_MIN, 0, 1e6, 0, &product->commission_min) &&
        table_file_number(table, PRODUCT_STAMP_DUTY, 0, 1, 0, &product->stamp_duty) &&
        table_file_number(table, PRODUCT_TRANSFER_FEE, 0, 1, 0, &product->transfer_fee);
    if (!good)
        return false;
    product->margin = (struct margin_rate){.long_by_money = margin, .short_by_money = margin};
    product->exchange_margin =
        (struct margin_rate){.long_by_money = exchange_margin, .short_by_money = exchange_margin};
    return true;
}

static bool read_product(const struct catalogue *catalogue, struct table_file *table,
                         struct product *product, struct product_extra *extra)
{
    if (!cell_exchange(table, PRODUCT_EXCHANGE, &product->exchange) ||
        !cell_into(table, PRODUCT_PRODUCT, false, product->id, sizeof product->id) ||
        !cell_char(table, PRODUCT_CLASS, "123567IBDE", &product->product_class) ||
        !cell_into(table, PRODUCT_NAME, true, product->name, sizeof product->name) ||
        !cell_into(table, PRODUCT_SESSIONS, false, product->sessions, sizeof product->sessions) ||
        !cell_into(table, PRODUCT_GROUP, false, product->group_id, sizeof product->group_id) ||
        !cell_into(table, PRODUCT_UNDERLYING, false, product->underlying,
                   sizeof product->underlying) ||
        !table_file_number(table, PRODUCT_START_PRICE, 0, 1e9, 0, &extra->start_price) ||
        !read_sizes(table, product) || !read_rates(table, product))
        return false;
    if (!session_table_find(&catalogue->sessions, text_of(product->sessions)))
        return table_file_fail(table, PRODUCT_SESSIONS, "sessions.csv has no group \"%s\"",
                               product->sessions);
    if (market_find_product(&catalogue->market, product->exchange, text_of(product->id)) !=
        INSTRUMENT_NONE)
        return table_file_fail(table, PRODUCT_PRODUCT, "%s is there twice", product->id);
    if (!product->group_id[0])
        text_copy(product->group_id, sizeof product->group_id, text_of(product->id));
    if (!product->name[0])
        text_copy(product->name, sizeof product->name, text_of(product->id));
    product->option_margin =
        product->product_class == '6' ? OPTION_MARGIN_INDEX : OPTION_MARGIN_COMMODITY;
    return true;
}

bool catalogue_read_products(struct catalogue *catalogue, const char *name, text bytes,
                             struct error *error)
{
    struct table_file table;
    if (!table_file_begin(&table, name, bytes, product_columns, PRODUCT_COLUMN_COUNT, error))
        return false;
    while (table_file_next(&table)) {
        struct product product = {.volume_multiple = 0};
        struct product_extra extra = {.start_price = 0};
        if (!read_product(catalogue, &table, &product, &extra))
            return false;
        uint32_t place = market_put_product(&catalogue->market, &product);
        catalogue->extra_count = place + 1;
        catalogue->extras =
            memory_resize(catalogue->extras, catalogue->extra_count * sizeof *catalogue->extras);
        catalogue->extras[place] = extra;
    }
    return !table.failed;
}

/* ---- holidays ---- */

bool catalogue_read_holidays(struct catalogue *catalogue, const char *name, text bytes,
                             struct error *error)
{
    enum { KIND, FIRST, LAST };
    static const struct table_column columns[] = {{"kind", true}, {"first", true}, {"last", false}};
    static const char *const kinds[] = {"holiday", "night-off"};
    struct table_file table;
    if (!table_file_begin(&table, name, bytes, columns, 3, error))
        return false;
    while (table_file_next(&table)) {
        int kind, first, last;
        if (!one_of(table_file_text(&table, KIND), kinds, 2, &kind))
            return table_file_fail(&table, KIND, "holiday or night-off is wanted");
        if (!table_file_date(&table, FIRST, &first) || !table_file_date(&table, LAST, &last))
            return false;
        if (last == 0)
            last = first;
        if (last < first || last > calendar_move(first, 366))
            return table_file_fail(&table, LAST,
                                   "is before the first day or more than a year after it");
        if (kind == 1 && !calendar_add_night_off(&catalogue->calendar, first, last))
            return table_file_fail(&table, KIND, "there are more than %d rows night-off",
                                   CALENDAR_NIGHT_OFF_MAX);
        for (int day = first; kind == 0 && day <= last; day = calendar_move(day, 1))
            calendar_add_holiday(&catalogue->calendar, day);
    }
    return !table.failed;
}

/* ---- instruments ---- */

enum instrument_column {
    INSTRUMENT_EXCHANGE,
    INSTRUMENT_ID,
    INSTRUMENT_OPEN,
    INSTRUMENT_EXPIRE,
    INSTRUMENT_FIRST,
    INSTRUMENT_LAST,
    INSTRUMENT_NAME,
    INSTRUMENT_COLUMN_COUNT
};

/* What a row says of an instrument beyond its id: empty cells leave what follows from that. */
static bool read_listing(struct table_file *table, int open, int expire,
                         struct instrument *instrument)
{
    int first, last;
    if (!table_file_date(table, INSTRUMENT_FIRST, &first) ||
        !table_file_date(table, INSTRUMENT_LAST, &last))
        return false;
    if (open)
        instrument->create_date = instrument->open_date = open;
    instrument->expire_date = expire ? expire : instrument->expire_date;
    instrument->start_deliv_date = first ? first : instrument->start_deliv_date;
    instrument->end_deliv_date = last ? last : instrument->end_deliv_date;
    return table_file_text(table, INSTRUMENT_NAME).length == 0 ||
           cell_into(table, INSTRUMENT_NAME, true, instrument->name, sizeof instrument->name);
}

bool catalogue_read_instruments(struct catalogue *catalogue, const char *name, text bytes,
                                int trading_day, struct error *error)
{
    static const int some_day = 20250303; /* codes say nothing of a year */
    static const struct table_column columns[] = {
        {"exchange", true},       {"instrument", true},    {"open", false}, {"expire", false},
        {"deliver_first", false}, {"deliver_last", false}, {"name", false}};
    struct table_file table;
    if (!table_file_begin(&table, name, bytes, columns, INSTRUMENT_COLUMN_COUNT, error))
        return false;
    while (table_file_next(&table)) {
        enum exchange exchange;
        int open, expire;
        if (!cell_exchange(&table, INSTRUMENT_EXCHANGE, &exchange) ||
            !table_file_date(&table, INSTRUMENT_OPEN, &open) ||
            !table_file_date(&table, INSTRUMENT_EXPIRE, &expire))
            return false;
        text id = table_file_text(&table, INSTRUMENT_ID);
        if (trading_day == 0 && !market_is_code(id))
            continue;
        struct instrument instrument;
        /* A listing is of its own years: the day that resolves "SR505" is the instrument's, not
         * today. */
        int day = expire ? expire : trading_day ? trading_day : some_day;
        if (id.length > 80 ||
            !market_derive_instrument(&catalogue->market, exchange, id, day, &instrument))
            return table_file_fail(&table, INSTRUMENT_ID, "products.csv has no product of %.*s",
                                   (int)(id.length < 40 ? id.length : 40), id.at);
        if (!read_listing(&table, open, expire, &instrument))
            return false;
        market_put_instrument(&catalogue->market, &instrument);
    }
    return !table.failed;
}

/* ---- files ---- */

const struct session_group *catalogue_sessions_of(const struct catalogue *catalogue,
                                                  uint32_t product)
{
    return session_table_find(&catalogue->sessions,
                              text_of(catalogue->market.products[product].sessions));
}

bool catalogue_find_folder(char *path, size_t size, struct error *error)
{
    char installed[4200] = "", program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) {
        program[length] = '\0';
        char *slash = strrchr(program, '/');
        if (slash)
            *slash = '\0';
        snprintf(installed, sizeof installed, "%s/../%s", program, CATALOGUE_INSTALLED);
    }
    const char *folders[] = {installed, CATALOGUE_SOURCE};
    for (int i = 0; i < 2; i++) {
        char file[4300];
        snprintf(file, sizeof file, "%s/products.csv", folders[i]);
        if (folders[i][0] && access(file, R_OK) == 0) {
            text_copy(path, size, text_of(folders[i]));
            return true;
        }
    }
    error_set(error, "products.csv is neither in %s nor in %s", installed, CATALOGUE_SOURCE);
    return error_fix(error, "install the program's data files or name their folder");
}

typedef bool read_function(struct catalogue *, const char *, text, struct error *);

static bool load_file(struct catalogue *catalogue, const char *folder, const char *file,
                      read_function *read, struct error *error)
{
    char path[4300];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    struct buffer bytes = {.at = NULL};
    bool good =
        table_file_load(path, &bytes, error) && read(catalogue, path, buffer_text(&bytes), error);
    buffer_finish(&bytes);
    return good;
}

static bool load_instruments(struct catalogue *catalogue, const char *folder, int trading_day,
                             struct error *error)
{
    char path[4300];
    snprintf(path, sizeof path, "%s/instruments.csv", folder);
    if (access(path, F_OK) != 0)
        return true;
    struct buffer bytes = {.at = NULL};
    bool good =
        table_file_load(path, &bytes, error) &&
        catalogue_read_instruments(catalogue, path, buffer_text(&bytes), trading_day, error);
    buffer_finish(&bytes);
    return good;
}

bool catalogue_load(struct catalogue *catalogue, const char *folder, int trading_day,
                    struct error *error)
{
    char found[4200];
    if (!folder) {
        if (!catalogue_find_folder(found, sizeof found, error))
            return false;
        folder = found;
    }
    return load_file(catalogue, folder, "sessions.csv", catalogue_read_sessions, error) &&
           load_file(catalogue, folder, "products.csv", catalogue_read_products, error) &&
           load_file(catalogue, folder, "holidays.csv", catalogue_read_holidays, error) &&
           load_instruments(catalogue, folder, trading_day, error);
}

void catalogue_finish(struct catalogue *catalogue)
{
    market_finish(&catalogue->market);
    calendar_finish(&catalogue->calendar);
    free(catalogue->extras);
    *catalogue = (struct catalogue){.extras = NULL};
}
