/* csv_test.c: tick files in their dialects, and what is wrong with others, line and column named.
 */
#include "base/buffer.h"
#include "cmocka_all.h"
#include "market_files.h"
#include "tts/feed/csv.h"
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define HEADER                                                                                 \
    "TradingDay,ActionDay,UpdateTime,UpdateMillisec,ExchangeID,InstrumentID,LastPrice,Volume," \
    "Turnover,"                                                                                \
    "OpenInterest,PreSettlementPrice,BidPrice1,BidVolume1,AskPrice1,AskVolume1\n"
#define ROW                                                                                      \
    "20210104,20210104,09:29:00,400,CFFEX,IF2101,5230,240,376560000,90767,5216.2,5230,1,5230.8," \
    "2\n"

static struct quote only_row(const char *bytes)
{
    struct catalogue catalogue = market_files_catalogue();
    struct error error;
    struct quote quote = {0}, second;
    char line[1024];
    struct csv_reader *reader = csv_open_bytes("f", text_of(bytes), &catalogue, &error);
    if (!reader || csv_next(reader, &quote, &error) != CSV_ROW)
        fail_msg("%s", error_text(&error, line, sizeof line));
    assert_int_equal(csv_next(reader, &second, &error), CSV_END);
    csv_close(reader);
    catalogue_finish(&catalogue);
    return quote;
}

static void assert_auction_tick(const struct quote *quote)
{
    assert_int_equal(quote->trading_day, 20210104);
    assert_int_equal(quote->action_day, 20210104);
    assert_int_equal(quote->second_of_day, 9 * 3600 + 29 * 60);
    assert_int_equal(quote->millisecond, 400);
    assert_price(quote->last, 5230);
    assert_true(quote->has_volume && quote->has_turnover);
    assert_int_equal(quote->volume, 240);
    assert_price(quote->turnover, 376560000);
    assert_price(quote->ask[0].price, 5230.8);
    assert_int_equal(quote->ask[0].volume, 2);
}

static void a_row_becomes_a_quote(void **state)
{
    (void)state;
    struct quote quote = only_row(HEADER ROW);
    assert_auction_tick(&quote);
    assert_price(quote.pre_settlement, 5216.2);
    assert_price(quote.average, 376560000.0 / 240);
    assert_price(quote.highest, ABSENT_PRICE);
    assert_price(quote.bid[1].price, ABSENT_PRICE);
}

#define COUNTED "TradingDay,UpdateTime,ExchangeID,InstrumentID,LastPrice,Volume,Turnover\n"

/* CTP made it of the average without the multiple of 10; other exchanges' has it. */
static void turnover_of_czce_gets_the_multiple(void **state)
{
    (void)state;
    struct quote quote = only_row(COUNTED "20210303,09:30:00,CZCE,RM105,2960,100,295000\n");
    assert_price(quote.turnover, 2950000);
    assert_price(quote.average, 2950);
    quote = only_row(COUNTED "20250303,09:30:00,CZCE,RM505,2600,100,2590000\n");
    assert_price(quote.turnover, 2590000);
    quote = only_row(COUNTED "20210303,09:30:00,SHFE,rb2105,4700,100,470000\n");
    assert_price(quote.turnover, 470000);
}

static struct quote row_of_both_sides(const char *bytes)
{
    struct catalogue catalogue = market_files_catalogue();
    struct error error;
    struct quote quote;
    catalogue.both_sides = true;
    struct csv_reader *reader = csv_open_bytes("f", text_of(bytes), &catalogue, &error);
    assert_non_null(reader);
    assert_int_equal(csv_next(reader, &quote, &error), CSV_ROW);
    csv_close(reader);
    catalogue_finish(&catalogue);
    return quote;
}

static void both_sides_of_the_years_before_2020_become_one(void **state)
{
    (void)state;
    static const char names[] = "TradingDay,UpdateTime,ExchangeID,InstrumentID,LastPrice,Volume,"
                                "Turnover,OpenInterest,PreOpenInterest,BidPrice1,BidVolume1\n";
    char bytes[512];
    static const struct {
        const char *row;
        int volume;
    } rows[] = {{"20191231,09:30:00,SHFE,rb2005,3500,100,3500000,2000,1000,3499,8\n", 50},
                {"20200102,09:30:00,SHFE,rb2005,3500,100,3500000,2000,1000,3499,8\n", 100},
                {"20191231,09:30:00,CFFEX,IF2001,4000,100,3500000,2000,1000,3999,8\n", 100}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(bytes, sizeof bytes, "%s%s", names, rows[i].row);
        struct quote quote = row_of_both_sides(bytes);
        double share = rows[i].volume / 100.0;
        assert_int_equal(quote.volume, rows[i].volume);
        assert_price(quote.turnover, 3500000 * share);
        assert_price(quote.open_interest, 2000 * share);
        assert_price(quote.pre_open_interest, 1000 * share);
        assert_int_equal(quote.bid[0].volume, 8);      /* waiting lots have one side */
        assert_int_equal(only_row(bytes).volume, 100); /* unless it is asked for */
    }
}

static void a_byte_order_mark_and_crlf_do_not_matter(void **state)
{
    (void)state;
    struct quote quote = only_row(
        "\xEF\xBB\xBFInstrumentID,TradingDay,UpdateTime,UpdateMillisec,LastPrice,Volume,Turnover,"
        "AskPrice1,AskVolume1\r\n"
        "IF2101,20210104,09:29:00,400,5230,240,376560000,5230.8,2\r\n");
    assert_auction_tick(&quote);
}

static void the_last_line_needs_no_line_feed(void **state)
{
    (void)state;
    struct quote quote =
        only_row("InstrumentID,TradingDay,UpdateTime,LastPrice\nIF2101,20210104,9:30:00,5230");
    assert_price(quote.last, 5230);
    assert_false(quote.has_volume || quote.has_turnover);
    assert_int_equal(quote.volume, 0);
}

static void the_largest_double_is_absent_however_it_is_written(void **state)
{
    (void)state;
    struct quote quote = only_row("InstrumentID,TradingDay,UpdateTime,LastPrice,OpenPrice,"
                                  "HighestPrice,LowestPrice,ClosePrice\n"
                                  "IF2101,20210104,09:30:00,1.7976931348623157e+308,1."
                                  "797693134862316e+308,1.79769e+308,nan,\n");
    assert_price(quote.last, ABSENT_PRICE);
    assert_price(quote.open, ABSENT_PRICE);
    assert_price(quote.highest, ABSENT_PRICE);
    assert_price(quote.lowest, ABSENT_PRICE);
    assert_price(quote.close, ABSENT_PRICE);
}

static void names_of_vnpy_are_understood(void **state)
{
    (void)state;
    struct quote quote =
        only_row("symbol,exchange,datetime,name,volume,turnover,open_interest,last_price,limit_up,"
                 "bid_price_1,bid_volume_1,"
                 "ask_price_1,ask_volume_1,ask_price_2,ask_volume_2,localtime\n"
                 "IF2101,CFFEX,2021-01-04 "
                 "09:29:00.400000+08:00,x,240.0,376560000,90767,5230,0,5230,1,5230.8,2,0,0,\n");
    assert_auction_tick(&quote);
    assert_price(quote.upper_limit, ABSENT_PRICE);
    assert_price(quote.ask[1].price, ABSENT_PRICE);
}

static void names_of_tqsdk_are_understood(void **state)
{
    (void)state;
    struct quote quote =
        only_row("datetime,datetime_nano,CFFEX.IF2101.last_price,CFFEX.IF2101.volume,"
                 "CFFEX.IF2101.amount,CFFEX.IF2101.ask_price1,CFFEX.IF2101.ask_volume1\n"
                 "2021-01-04 09:29:00.400000000,1609723740400000000,5230,240,376560000,5230.8,2\n");
    assert_auction_tick(&quote);
}

static const struct {
    const char *row;
    int trading_day, natural_day;
} nights[] = {
    {"rb2105,20210308,20210305,21:05:00", 20210308, 20210305},
    {"rb2105,20210308,20210306,00:30:00", 20210308, 20210306},
    {"rb2105,20210308,,21:05:00", 20210308, 20210305},
    {"rb2105,,20210305,21:05:00", 20210308, 20210305},
    {"m2105,20210308,20210308,21:05:00", 20210308,
     20210305}, /* DCE: ActionDay is the trading day */
    {"m2105,20210308,20210305,21:05:00", 20210308, 20210305}, /* a recorder that knew better */
    {"RM105,20210305,20210305,21:05:00", 20210308,
     20210305}, /* CZCE: TradingDay is the natural day */
    {"RM105,20210308,20210308,09:05:00", 20210308, 20210308},
};

static void true_days_are_found_behind_the_exchanges_stamps(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nights / sizeof *nights; i++) {
        char file[256];
        snprintf(file, sizeof file, "InstrumentID,TradingDay,ActionDay,UpdateTime\n%s\n",
                 nights[i].row);
        struct quote quote = only_row(file);
        assert_int_equal(quote.trading_day, nights[i].trading_day);
        assert_int_equal(quote.action_day, nights[i].natural_day);
    }
}

static void an_unlisted_instrument_is_derived_once(void **state)
{
    (void)state;
    struct catalogue catalogue = market_files_catalogue();
    struct error error;
    struct quote quote;
    struct csv_reader *reader =
        csv_open_bytes("f",
                       text_of("InstrumentID,TradingDay,UpdateTime\nRM705,20170320,09:00:00\n"
                               "IF2101,20210104,09:30:00\nRM705,20170320,09:00:01\n"),
                       &catalogue, &error);
    assert_non_null(reader);
    assert_int_equal(csv_next(reader, &quote, &error), CSV_ROW);
    uint32_t place = quote.instrument;
    assert_int_equal(csv_next(reader, &quote, &error), CSV_ROW);
    assert_int_equal(csv_next(reader, &quote, &error), CSV_ROW);
    assert_int_equal(quote.instrument, place);
    assert_int_equal(catalogue.market.instrument_count, 2);
    assert_int_equal(catalogue.market.instruments[place].delivery_year, 2017);
    csv_close(reader);
    catalogue_finish(&catalogue);
}

static const struct {
    const char *bytes, *want;
} wrong[] = {
    {"", "f:1:1: the file is empty"},
    {"TradingDay,UpdateTime\n",
     "f:1:1: the header names no column InstrumentID; the first line must name the columns: "
     "TradingDay,ActionDay,UpdateTime,UpdateMillisec,ExchangeID,InstrumentID,LastPrice,..."},
    {"InstrumentID,TradingDay,UpdateTime,LastPrice,LastPrice\n",
     "f:1:46: the column \"LastPrice\" is there twice"},
    {"InstrumentID,TradingDay,UpdateTime,LastPrice\nIF2101,20210104,09:30:00,52x0\n",
     "f:2:26: \"52x0\" is not a number below 10^15"},
    {"InstrumentID,TradingDay,UpdateTime,LastPrice\nIF2101,20210104,09:30:00,1e300\n",
     "f:2:26: \"1e300\" is not a number below 10^15"},
    {"InstrumentID,TradingDay,UpdateTime,LastPrice\nIF2101,20210104,09:30:00,-1000000000000000\n",
     "f:2:26: \"-1000000000000000\" is not a number below 10^15"},
    {"InstrumentID,TradingDay,UpdateTime\nIF2101,20210230,09:30:00\n",
     "f:2:8: \"20210230\" is not a date yyyymmdd"},
    {"InstrumentID,TradingDay,UpdateTime\nIF2101,20210104,25:30:00\n",
     "f:2:17: \"25:30:00\" is not a time HH:MM:SS"},
    {"InstrumentID,TradingDay,UpdateTime\nIF2101,,09:30:00\n", "f:2:1: the row has no date"},
    {"InstrumentID,TradingDay,UpdateTime,BidVolume1\nIF2101,20210104,09:30:00,-3\n",
     "f:2:26: \"-3\" is not a number of lots"},
    {"InstrumentID,TradingDay,UpdateTime,UpdateMillisec\nIF2101,20210104,09:30:00,1000\n",
     "f:2:26: \"1000\" is not a millisecond, 0 to 999"},
    {"InstrumentID,TradingDay,UpdateTime,LastPrice\nIF2101,20210104,09:30:00,1\nIF2101,20210104\n",
     "f:3:16: the row has 2 cells, the header names 4 columns; is the file cut short?"},
    {"InstrumentID,TradingDay,UpdateTime\nIF2101,20210104,09:30:00,7\n",
     "f:2:25: the row has more cells than the 3 columns of the header"},
    {"TradingDay,InstrumentID,UpdateTime\n20210104,zz2105,09:30:00\n",
     "f:2:10: instrument zz2105 is of no product that is known here; add the product to "
     "products.csv, "
     "or the instrument's rows out of the file"},
    {"InstrumentID,ExchangeID,TradingDay,UpdateTime\nIF2101,CFFX,20210104,09:30:00\n",
     "f:2:8: \"CFFX\" is no exchange that is known here"},
};

static void what_is_wrong_is_named_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct catalogue catalogue = market_files_catalogue();
        struct error error = {.line = 0};
        struct quote quote;
        char line[1024];
        struct csv_reader *reader =
            csv_open_bytes("f", text_of(wrong[i].bytes), &catalogue, &error);
        enum csv_result result = CSV_ROW;
        while (reader && result == CSV_ROW)
            result = csv_next(reader, &quote, &error);
        assert_true(!reader || result == CSV_ERROR);
        assert_string_equal(error_text(&error, line, sizeof line), wrong[i].want);
        csv_close(reader);
        catalogue_finish(&catalogue);
    }
}

/* ---- compressed files ---- */

static size_t many_rows(struct buffer *bytes)
{
    buffer_put_text(bytes, TEXT(HEADER));
    size_t rows = 20000;
    for (size_t i = 0; i < rows; i++)
        buffer_printf(
            bytes, "20210104,20210104,09:30:%02zu,%zu,CFFEX,IF2101,%zu.2,%zu,%zu,90767,,5230,1,,\n",
            i % 60, i % 1000, 5000 + i % 97, i, i * 1000);
    return rows;
}

static void gzip_into(const struct buffer *plain, struct buffer *packed)
{
    z_stream stream = {.next_in = (unsigned char *)plain->at, .avail_in = (unsigned)plain->length};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    size_t room = deflateBound(&stream, plain->length);
    stream.next_out = (unsigned char *)buffer_reserve(packed, room);
    stream.avail_out = (unsigned)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed->length += room - stream.avail_out;
    deflateEnd(&stream);
}

static void zstd_into(const struct buffer *plain, struct buffer *packed)
{
    size_t room = ZSTD_compressBound(plain->length);
    size_t got = ZSTD_compress(buffer_reserve(packed, room), room, plain->at, plain->length, 3);
    assert_false(ZSTD_isError(got));
    packed->length += got;
}

static enum csv_result read_all(text bytes, size_t *rows, struct error *error)
{
    struct catalogue catalogue = market_files_catalogue();
    struct csv_reader *reader = csv_open_bytes("f", bytes, &catalogue, error);
    struct quote quote;
    enum csv_result result = CSV_ERROR;
    *rows = 0;
    while (reader && (result = csv_next(reader, &quote, error)) == CSV_ROW)
        (*rows)++;
    csv_close(reader);
    catalogue_finish(&catalogue);
    return result;
}

static void compressed_files_give_the_same_rows_and_tell_when_they_are_cut(void **state)
{
    (void)state;
    struct buffer plain = {.at = NULL};
    size_t want = many_rows(&plain), rows;
    struct error error;
    for (int kind = 0; kind < 2; kind++) {
        struct buffer packed = {.at = NULL};
        if (kind == 0)
            gzip_into(&plain, &packed);
        else
            zstd_into(&plain, &packed);
        assert_int_equal(read_all(buffer_text(&packed), &rows, &error), CSV_END);
        assert_int_equal(rows, want);
        text cut = {packed.at, packed.length - 10};
        assert_int_equal(read_all(cut, &rows, &error), CSV_ERROR);
        assert_string_equal(error.what, "the compressed file is cut short");
        packed.at[packed.length / 2] ^= 0x55;
        packed.at[packed.length / 2 + 1] ^= 0x55;
        assert_int_equal(read_all(buffer_text(&packed), &rows, &error), CSV_ERROR);
        buffer_finish(&packed);
    }
    buffer_finish(&plain);
}

static void two_compressed_files_behind_one_another_are_one(void **state)
{
    (void)state;
    struct buffer first = {.at = NULL}, second = {.at = NULL}, packed = {.at = NULL};
    buffer_put_text(&first, TEXT(HEADER));
    buffer_put_text(&second, TEXT(ROW));
    gzip_into(&first, &packed);
    gzip_into(&second, &packed);
    struct error error;
    size_t rows;
    assert_int_equal(read_all(buffer_text(&packed), &rows, &error), CSV_END);
    assert_int_equal(rows, 1);
    buffer_finish(&first);
    buffer_finish(&second);
    buffer_finish(&packed);
}

static void a_line_without_end_is_refused(void **state)
{
    (void)state;
    struct buffer bytes = {.at = NULL};
    buffer_put_text(&bytes, TEXT(HEADER));
    memset(buffer_reserve(&bytes, 1000000), 'x', 1000000);
    bytes.length += 1000000;
    struct error error;
    size_t rows;
    assert_int_equal(read_all(buffer_text(&bytes), &rows, &error), CSV_ERROR);
    assert_int_equal(error.line, 2);
    buffer_finish(&bytes);
}

static void instruments_without_number_are_refused(void **state)
{
    (void)state;
    struct buffer bytes = {.at = NULL};
    buffer_put_text(&bytes, TEXT("InstrumentID,TradingDay,UpdateTime\n"));
    for (int i = 1; i <= 100001; i++)
        buffer_printf(&bytes, "m2105-C-%d,20210104,09:30:00\n", i);
    struct error error;
    size_t rows;
    assert_int_equal(read_all(buffer_text(&bytes), &rows, &error), CSV_ERROR);
    assert_string_equal(error.what, "there are more than 100000 instruments");
    assert_int_equal(error.line, 100002);
    buffer_finish(&bytes);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct catalogue catalogue = market_files_catalogue();
    struct error error;
    assert_null(csv_open("/nowhere/ticks.csv", &catalogue, &error));
    assert_string_equal(error.what, "cannot be opened: No such file or directory");
    catalogue_finish(&catalogue);
}

static void the_sample_beside_the_project_is_read_whole(void **state)
{
    (void)state;
    const char *path = SHARED_FOLDER "/data/ticks-sample.csv.gz";
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    struct catalogue catalogue = {.extras = NULL};
    struct error error;
    assert_true(catalogue_load(&catalogue, NULL, 0, &error));
    struct csv_reader *reader = csv_open(path, &catalogue, &error);
    struct quote quote;
    size_t rows = 0;
    assert_non_null(reader);
    while (csv_next(reader, &quote, &error) == CSV_ROW)
        rows++;
    assert_int_equal(rows, 101726);
    assert_int_equal(catalogue.market.instrument_count, 3);
    csv_close(reader);
    catalogue_finish(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_becomes_a_quote),
        cmocka_unit_test(turnover_of_czce_gets_the_multiple),
        cmocka_unit_test(both_sides_of_the_years_before_2020_become_one),
        cmocka_unit_test(a_byte_order_mark_and_crlf_do_not_matter),
        cmocka_unit_test(the_last_line_needs_no_line_feed),
        cmocka_unit_test(the_largest_double_is_absent_however_it_is_written),
        cmocka_unit_test(names_of_vnpy_are_understood),
        cmocka_unit_test(names_of_tqsdk_are_understood),
        cmocka_unit_test(true_days_are_found_behind_the_exchanges_stamps),
        cmocka_unit_test(an_unlisted_instrument_is_derived_once),
        cmocka_unit_test(what_is_wrong_is_named_with_its_place),
        cmocka_unit_test(compressed_files_give_the_same_rows_and_tell_when_they_are_cut),
        cmocka_unit_test(two_compressed_files_behind_one_another_are_one),
        cmocka_unit_test(a_line_without_end_is_refused),
        cmocka_unit_test(instruments_without_number_are_refused),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(the_sample_beside_the_project_is_read_whole),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
