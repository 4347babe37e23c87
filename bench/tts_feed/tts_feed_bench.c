/* tts_feed_bench.c: rows a second of the tick reader against the least that reading the same bytes
 * can cost (decoding the file and finding its line ends), and quotes a second of the whole feed
 * against the bare generator. Same run, in the order A B B A; one JSON line a figure. */
#include "base/buffer.h"
#include "tts/feed/csv.h"
#include "tts/feed/feed.h"
#include "tts/feed/generator.h"
#include "tts/feed/line_reader.h"
#include "tts/feed/source.h"
#include <zlib.h>

enum { ROWS = 400000, QUOTES = 2000000 };

/* CPU time of this thread: the machine may have other work. */
static int64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void die(const struct error *error)
{
    error_print("tts_feed_bench", error);
    exit(1);
}

/* Rows as the exchanges send them: five levels, 39 columns, prices that move. */
static void make_file(struct buffer *file)
{
    buffer_put_text(file, TEXT("TradingDay,ActionDay,UpdateTime,UpdateMillisec,ExchangeID,"
                               "InstrumentID,LastPrice,Volume,"
                               "Turnover,OpenInterest,OpenPrice,HighestPrice,LowestPrice,"
                               "PreSettlementPrice,PreClosePrice,"
                               "PreOpenInterest,UpperLimitPrice,LowerLimitPrice,AveragePrice"));
    static const char *const sides[] = {"BidPrice", "BidVolume", "AskPrice", "AskVolume"};
    for (int side = 0; side < 4; side++)
        for (int level = 1; level <= 5; level++)
            buffer_printf(file, ",%s%d", sides[side], level);
    buffer_put_char(file, '\n');
    for (int i = 0; i < ROWS; i++) {
        int second = 9 * 3600 + i / 20 % 7200, last = 47000 + i * 7 % 400 * 10;
        buffer_printf(file,
                      "20190912,20190912,%02d:%02d:%02d,%d,SHFE,cu19%02d,%d,%d,%lld,22030,47100,"
                      "47270,47050,47000,"
                      "47010,21000,50290,43710,236095.5",
                      second / 3600, second / 60 % 60, second % 60, i % 2 * 500, i % 4 + 9, last, i,
                      i * 236000LL);
        for (int side = 0; side < 4; side++)
            for (int level = 0; level < 5; level++)
                buffer_printf(file, ",%d",
                              side % 2 ? 5 + (i + level) % 90
                                       : (side ? last + 10 + level * 10 : last - level * 10));
        buffer_put_char(file, '\n');
    }
}

static void pack(const struct buffer *plain, struct buffer *packed)
{
    z_stream stream = {.next_in = (unsigned char *)plain->at, .avail_in = (unsigned)plain->length};
    deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    size_t room = deflateBound(&stream, plain->length);
    stream.next_out = (unsigned char *)buffer_reserve(packed, room);
    stream.avail_out = (unsigned)room;
    deflate(&stream, Z_FINISH);
    packed->length = room - stream.avail_out;
    deflateEnd(&stream);
}

/* Nanoseconds to read every row. */
static int64_t read_rows(text bytes)
{
    struct catalogue catalogue = {.extras = NULL};
    struct error error;
    if (!catalogue_load(&catalogue, NULL, 0, &error))
        die(&error);
    int64_t start = cpu_ns();
    struct csv_reader *reader = csv_open_bytes("bench", bytes, &catalogue, &error);
    struct quote quote;
    int rows = 0;
    enum csv_result result = CSV_ERROR;
    while (reader && (result = csv_next(reader, &quote, &error)) == CSV_ROW)
        rows++;
    if (result != CSV_END || rows != ROWS)
        die(&error);
    csv_close(reader);
    int64_t took = cpu_ns() - start;
    catalogue_finish(&catalogue);
    return took;
}

static int64_t split_lines(text bytes)
{
    int64_t start = cpu_ns();
    struct line_reader *reader = line_reader_over("bench", bytes);
    struct error error;
    text line;
    while (line_reader_next(reader, &line, &error) == LINE_GOT)
        ;
    line_reader_close(reader);
    return cpu_ns() - start;
}

static void report(const char *name, double ours, double baseline, const char *unit,
                   const char *note)
{
    printf("{\"name\":\"%s\",\"ours\":%.0f,\"baseline\":%.0f,\"ratio\":%.3f,\"better\":\"higher\","
           "\"unit\":\"%s\",\"note\":\"%s\"}\n",
           name, ours, baseline, ours / baseline, unit, note);
}

static void compare(const char *name, text bytes, const char *note)
{
    int64_t ours = read_rows(bytes), baseline = split_lines(bytes);
    baseline += split_lines(bytes);
    ours += read_rows(bytes);
    report(name, 2e9 * ROWS / (double)ours, 2e9 * ROWS / (double)baseline, "rows/s", note);
}

/* Quotes a second of the bare generator. */
static double bare_rate(struct catalogue *catalogue, const struct generator_options *options)
{
    struct source source;
    struct error error;
    if (!generator_open(&source, catalogue, options, &error))
        die(&error);
    source.begin(source.self, 0);
    struct quote quote;
    int line_ms, quotes = 0;
    int64_t start = cpu_ns();
    for (; quotes < QUOTES && source.next(source.self, &quote, &line_ms); quotes++)
        ;
    double rate = 1e9 * quotes / (double)(cpu_ns() - start);
    source.close(source.self);
    return rate;
}

static double feed_rate(struct catalogue *catalogue, const struct generator_options *options)
{
    struct feed_options how = {.catalogue = catalogue,
                               .generator = *options,
                               .trading_day = 20260105,
                               .from_beginning = true};
    struct error error;
    struct feed *feed = feed_open(&how, &error);
    if (!feed)
        die(&error);
    feed_rollover(feed, 20260106, false);
    int quotes = 0;
    int64_t start = cpu_ns();
    while (quotes < QUOTES) {
        quotes += feed_peek(feed)->kind == FEED_QUOTE;
        feed_advance(feed);
    }
    double rate = 1e9 * quotes / (double)(cpu_ns() - start);
    feed_close(feed);
    return rate;
}

static void compare_feed(void)
{
    struct catalogue catalogue = {.extras = NULL};
    struct error error;
    if (!catalogue_load(&catalogue, NULL, 0, &error))
        die(&error);
    struct generator_options options = {.seed = 1, .first_day = 20250303};
    double ours = feed_rate(&catalogue, &options), baseline = bare_rate(&catalogue, &options);
    baseline += bare_rate(&catalogue, &options);
    ours += feed_rate(&catalogue, &options);
    report("tick_feed_quotes", ours / 2, baseline / 2, "quotes/s",
           "generated quotes with statuses, label and due time; baseline: the bare generator");
    catalogue_finish(&catalogue);
}

int main(void)
{
    struct buffer plain = {.at = NULL}, packed = {.at = NULL};
    make_file(&plain);
    pack(&plain, &packed);
    compare("tick_csv_rows", buffer_text(&packed),
            "gzip, 39 columns, five levels; baseline: decoding and finding line ends");
    compare("tick_csv_rows_plain", buffer_text(&plain),
            "the same file plain; baseline: finding line ends");
    compare_feed();
    buffer_finish(&plain);
    buffer_finish(&packed);
    return 0;
}
