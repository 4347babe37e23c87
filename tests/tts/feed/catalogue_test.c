/* catalogue_test.c: the files of share/ are read whole, and each way of spoiling a cell is one
 * error that names its place. */
#include "cmocka_all.h"
#include "tts/feed/catalogue.h"
#include "tts/feed/table_file.h"

static struct catalogue loaded(void)
{
    struct catalogue catalogue = {.extras = NULL};
    struct error error;
    char line[1024];
    if (!catalogue_load(&catalogue, NULL, 20250303, &error))
        fail_msg("%s", error_text(&error, line, sizeof line));
    return catalogue;
}

static void the_shared_files_are_read_whole(void **state)
{
    (void)state;
    struct catalogue catalogue = loaded();
    assert_int_equal(catalogue.market.product_count, 128);
    assert_int_equal(catalogue.extra_count, 128);
    assert_true(catalogue.market.instrument_count > 700);
    for (uint32_t i = 0; i < catalogue.market.product_count; i++)
        assert_non_null(catalogue_sessions_of(&catalogue, i));
    uint32_t place = market_find_product(&catalogue.market, EXCHANGE_CFFEX, TEXT("IF"));
    const struct product *product = &catalogue.market.products[place];
    assert_int_equal(product->volume_multiple, 300);
    assert_true(product->price_tick == 0.2 && product->price_limit_ratio == 0.1);
    assert_true(product->larger_side);
    assert_string_equal(product->name, "\xbb\xa6\xc9\xee"); /* 沪深 in GB18030 */
    place = market_find_product(&catalogue.market, EXCHANGE_INE, TEXT("sctas"));
    assert_true(catalogue.market.products[place].price_limit_ratio == 2); /* yuan, for TAS */
    assert_string_equal(catalogue.market.products[place].underlying, "sc");
    catalogue_finish(&catalogue);
}

static void listed_instruments_have_their_own_dates(void **state)
{
    (void)state;
    struct catalogue catalogue = loaded();
    uint32_t place = market_find_instrument(&catalogue.market, EXCHANGE_SHFE, TEXT("rb2505"));
    assert_int_not_equal(place, INSTRUMENT_NONE);
    assert_int_equal(catalogue.market.instruments[place].expire_date, 20250515);
    place = market_find_instrument(&catalogue.market, EXCHANGE_CZCE, TEXT("AP601"));
    assert_int_equal(catalogue.market.instruments[place].delivery_year, 2026);
    catalogue_finish(&catalogue);
}

static void holidays_and_nights_follow_the_file(void **state)
{
    (void)state;
    struct catalogue catalogue = loaded();
    assert_false(calendar_is_trading_day(&catalogue.calendar, 20251001));
    assert_true(calendar_is_trading_day(&catalogue.calendar, 20251009));
    assert_false(calendar_has_night(&catalogue.calendar, 20250930));
    assert_false(calendar_has_night(&catalogue.calendar, 20200310));
    assert_true(calendar_covers(&catalogue.calendar, 20261008));
    assert_false(calendar_covers(&catalogue.calendar, 20270104));
    catalogue_finish(&catalogue);
}

static const struct {
    enum exchange exchange;
    const char *product;
    bool night;
    const char *steps; /* time and status, as the exchanges' timetable has them */
} timetables[] = {
    {EXCHANGE_SHFE, "au", true,
     "20:30=1 20:55=3 20:59=5 21:00=2 02:30=1 08:55=3 08:59=5 09:00=2 10:15=1 10:30=2 11:30=1 "
     "13:30=2 15:00=6"},
    {EXCHANGE_SHFE, "ao", true,
     "20:30=1 20:55=3 20:59=5 21:00=2 01:00=1 08:55=3 08:59=5 09:00=2 10:15=1 10:30=2 11:30=1 "
     "13:30=2 15:00=6"},
    {EXCHANGE_INE, "nr", true,
     "20:30=1 20:55=3 20:59=5 21:00=2 23:00=1 08:55=3 08:59=5 09:00=2 10:15=1 10:30=2 11:30=1 "
     "13:30=2 15:00=6"},
    {EXCHANGE_DCE, "m", false,
     "08:30=1 08:55=3 08:59=5 09:00=2 10:15=1 10:30=2 11:30=1 13:30=2 15:00=6"},
    {EXCHANGE_GFEX, "si", false,
     "08:30=1 08:55=3 08:59=5 09:00=2 10:15=1 10:30=2 11:30=1 13:30=2 15:00=6"},
    {EXCHANGE_CZCE, "TA", true,
     "20:55=3 20:59=0 21:00=2 23:00=0 09:00=2 10:15=0 10:30=2 11:30=0 13:30=2 15:00=6"},
    {EXCHANGE_CZCE, "TA", false, "08:55=3 08:59=0 09:00=2 10:15=0 10:30=2 11:30=0 13:30=2 15:00=6"},
    {EXCHANGE_CZCE, "AP", false, "08:55=3 08:59=0 09:00=2 10:15=0 10:30=2 11:30=0 13:30=2 15:00=6"},
    {EXCHANGE_CFFEX, "IF", false, "09:00=0 09:25=3 09:29=5 09:30=2 11:30=1 13:00=2 15:00=6"},
    {EXCHANGE_CFFEX, "TL", false, "09:00=0 09:25=3 09:29=5 09:30=2 11:30=1 13:00=2 15:15=6"},
    {EXCHANGE_CFFEX, "IO", false,
     "09:00=0 09:25=3 09:29=5 09:30=2 11:30=1 13:00=2 14:57=3 15:00=5 15:00=6"},
};

static void statuses_follow_the_exchanges_timetables(void **state)
{
    (void)state;
    struct catalogue catalogue = loaded();
    for (size_t i = 0; i < sizeof timetables / sizeof *timetables; i++) {
        uint32_t place = market_find_product(&catalogue.market, timetables[i].exchange,
                                             text_of(timetables[i].product));
        const struct session_group *group = catalogue_sessions_of(&catalogue, place);
        struct session_step steps[SESSION_STEPS_MAX];
        int count = session_group_day(group, timetables[i].night, steps);
        struct buffer got = {.at = NULL};
        for (int k = 0; k < count; k++) {
            int minute = session_second_of_day(steps[k].line_second) / 60;
            buffer_printf(&got, "%s%02d:%02d=%c", k ? " " : "", minute / 60, minute % 60,
                          steps[k].status);
        }
        buffer_put_char(&got, '\0');
        assert_string_equal(got.at, timetables[i].steps);
        buffer_finish(&got);
    }
    catalogue_finish(&catalogue);
}

/* ---- spoilt files ---- */

static const char sessions[] =
    "group,when,time,status\nDAY,always,09:00:00,2\nDAY,always,15:00:00,6\n";
static const char product_header[] =
    "exchange,product,class,multiple,tick,position_date,sessions,limit_min,limit_max\n";

struct spoilt {
    char kind; /* s sessions, p products, h holidays, o order types, i instruments */
    const char *bytes, *want;
};

static const struct spoilt spoilt[] = {
    {'s', "", "f: there is no line that names the columns"},
    {'s', "group,when,time\n", "f:1:1: the column \"status\" is missing"},
    {'s', "group,when,time,statsu\n",
     "f:1:17: there is no column called \"statsu\"; perhaps \"status\" is meant"},
    {'s', "group,group,when,time,status\n", "f:1:7: the column \"group\" is there twice"},
    {'s', "group,when,time,status\nA,always,9:00:00,2\n",
     "f:2:10: column time: \"9:00:00\" is not a time HH:MM:SS"},
    {'s', "group,when,time,status\nA,sometimes,09:00:00,2\n",
     "f:2:3: column when: always, night or no-night is wanted"},
    {'s', "group,when,time,status\nA,always,09:00:00,9\n",
     "f:2:19: column status: one of the characters 0123456 is wanted"},
    {'s', "group,when,time,status\nA,always,09:00:00,2\nA,always,08:00:00,2\n",
     "f:3:10: column time: the row before it in this group is later"},
    {'p', "DCE,m,1,ten,1,2,DAY,,\n", "f:2:9: column multiple: \"ten\" is not a whole number"},
    {'p', "DCE,m,1,10,0,2,DAY,,\n", "f:2:12: column tick: 0 is not between 1e-06 and 1e+06"},
    {'p', "DCX,m,1,10,1,2,DAY,,\n",
     "f:2:1: column exchange: \"DCX\" is no exchange that is known here"},
    {'p', "DCE,,1,10,1,2,DAY,,\n", "f:2:5: column product: a value is missing"},
    {'p', "DCE,m,1,10,1,2,NIGHT,,\n",
     "f:2:16: column sessions: sessions.csv has no group \"NIGHT\""},
    {'p', "DCE,m,1,10,1,2,DAY\n",
     "f:2:1: the row has fewer than the 9 cells that the header names"},
    {'p', "DCE,m,1,10,1,2,DAY,10,5\n", "f:2:23: column limit_max: is less than limit_min"},
    {'p', "DCE,m,1,10,1,2,DAY,,\n# again\nDCE,m,1,10,1,2,DAY,,\n",
     "f:4:5: column product: m is there twice"},
    {'h', "kind,first,last\nholiday,20250230,\n",
     "f:2:9: column first: \"20250230\" is not a date yyyymmdd"},
    {'h', "kind,first,last\nholiday,20250303,20250301\n",
     "f:2:18: column last: is before the first day or more than a year after it"},
    {'i', "exchange,instrument\nDCE,zz2505\n",
     "f:2:5: column instrument: products.csv has no product of zz2505"},
};

/* Of a recording, which may be of other years, only rows that name no month. */
static void shares_have_the_name_of_their_row(void **state)
{
    (void)state;
    static const char products[] = "exchange,product,class,multiple,tick,position_date,sessions,"
                                   "limit,limit_warned\n"
                                   "SSE,SSE_A,E,1,0.01,2,DAY,0.1,0.05\nDCE,m,1,10,1,2,DAY,0.04,\n";
    static const char rows[] = "exchange,instrument,open,name\n"
                               "SSE,600001,20210301,*ST\xe6\xb2\xaa\nDCE,m2505,,\nSSE,600002,,\n";
    for (int recorded = 0; recorded <= 1; recorded++) {
        struct catalogue catalogue = {.extras = NULL};
        struct error error;
        assert_true(catalogue_read_sessions(&catalogue, "s", text_of(sessions), &error));
        assert_true(catalogue_read_products(&catalogue, "p", text_of(products), &error));
        assert_true(catalogue_read_instruments(&catalogue, "i", text_of(rows),
                                               recorded ? 0 : 20250303, &error));
        const struct market *market = &catalogue.market;
        assert_true(market->products[0].price_limit_warned == 0.05);
        assert_true(market->products[1].price_limit_warned == 0);
        assert_int_equal(market->instrument_count, recorded ? 2 : 3);
        const struct instrument *share = &market->instruments[0];
        assert_string_equal(share->name, "*ST\xbb\xa6"); /* GB18030 */
        assert_int_equal(share->open_date, 20210301);
        assert_true(instrument_is_risk_warned(share));
        share = &market->instruments[market->instrument_count - 1];
        assert_string_equal(share->name, "600002");
        assert_false(instrument_is_risk_warned(share));
        catalogue_finish(&catalogue);
    }
}

static bool read_spoilt(struct catalogue *catalogue, const struct spoilt *one, struct error *error)
{
    text bytes = text_of(one->bytes);
    char whole[1024];
    switch (one->kind) {
    case 's':
        return catalogue_read_sessions(catalogue, "f", bytes, error);
    case 'p':
        assert_true(catalogue_read_sessions(catalogue, "s", text_of(sessions), error));
        snprintf(whole, sizeof whole, "%s%s", product_header, one->bytes);
        return catalogue_read_products(catalogue, "f", text_of(whole), error);
    case 'h':
        return catalogue_read_holidays(catalogue, "f", bytes, error);
    default:
        return catalogue_read_instruments(catalogue, "f", bytes, 20250303, error);
    }
}

static void a_spoilt_cell_is_named_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        struct catalogue catalogue = {.extras = NULL};
        struct error error;
        char line[1024];
        assert_false(read_spoilt(&catalogue, &spoilt[i], &error));
        assert_string_equal(error_text(&error, line, sizeof line), spoilt[i].want);
        catalogue_finish(&catalogue);
    }
}

/* Every cell of the real product file in turn becomes "?": nothing crashes, and whatever is refused
 * names that line. */
static void every_cell_of_the_product_file_can_be_wrong(void **state)
{
    (void)state;
    char folder[4096], path[4200];
    struct error error;
    assert_true(catalogue_find_folder(folder, sizeof folder, &error));
    snprintf(path, sizeof path, "%s/products.csv", folder);
    struct buffer file = {.at = NULL}, spoilt_file = {.at = NULL};
    assert_true(table_file_load(path, &file, &error));
    struct catalogue catalogue = loaded();
    text rest = buffer_text(&file);
    int line = 0, refused = 0;
    while (rest.length > 0 && line < 60) {
        text row = text_cut(&rest, '\n');
        line++;
        if (row.length == 0 || row.at[0] == '#')
            continue;
        for (text cells = row; cells.length > 0;) {
            text cell = text_cut(&cells, ',');
            buffer_clear(&spoilt_file);
            buffer_put(&spoilt_file, file.at, (size_t)(cell.at - file.at));
            buffer_put_char(&spoilt_file, '?');
            const char *behind = cell.at + cell.length;
            buffer_put(&spoilt_file, behind, (size_t)(file.at + file.length - behind));
            struct catalogue other = {.sessions = catalogue.sessions};
            if (!catalogue_read_products(&other, path, buffer_text(&spoilt_file), &error)) {
                refused++;
                assert_int_equal(error.line, line);
                assert_true(error.column > 0 && error.what[0]);
            }
            catalogue_finish(&other);
        }
    }
    assert_true(refused > 200);
    catalogue_finish(&catalogue);
    buffer_finish(&file);
    buffer_finish(&spoilt_file);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    struct catalogue catalogue = {.extras = NULL};
    struct error error;
    char line[1024];
    assert_false(catalogue_load(&catalogue, "/nowhere", 20250303, &error));
    assert_string_equal(error_text(&error, line, sizeof line),
                        "/nowhere/sessions.csv: cannot be opened: No such file or directory");
    catalogue_finish(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shared_files_are_read_whole),
        cmocka_unit_test(listed_instruments_have_their_own_dates),
        cmocka_unit_test(holidays_and_nights_follow_the_file),
        cmocka_unit_test(statuses_follow_the_exchanges_timetables),
        cmocka_unit_test(shares_have_the_name_of_their_row),
        cmocka_unit_test(a_spoilt_cell_is_named_with_its_place),
        cmocka_unit_test(every_cell_of_the_product_file_can_be_wrong),
        cmocka_unit_test(a_missing_folder_is_named),
    };
    return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
