/* feed_test.c: the line of time out of hand-made recordings: statuses among quotes, passes, labels,
 * restarts, jumps. */
#include "base/buffer.h"
#include "cmocka_all.h"
#include "market_files.h"
#include "tts/feed/feed.h"
#include <unistd.h>

#define HEADER                                                                               \
    "TradingDay,ActionDay,UpdateTime,UpdateMillisec,InstrumentID,LastPrice,Volume,Turnover," \
    "OpenPrice,"                                                                             \
    "HighestPrice,LowestPrice,PreSettlementPrice,UpperLimitPrice,LowerLimitPrice,OpenInterest\n"

/* Two days of an index future, the second with another pre-settlement price. */
static const char two_days[] = HEADER "20210104,20210104,09:29:00,400,IF2101,5230,240,376560000,"
                                      "5230,5230,5230,5216.2,5737.8,4694.6,90767\n"
                                      "20210104,20210104,09:30:00,400,IF2101,5230.8,311,487976040,"
                                      "5230,5232.8,5229.2,5216.2,5737.8,4694.6,90751\n"
                                      "20210104,20210104,11:30:00,400,IF2101,5250,400,620000000,"
                                      "5230,5260,5200,5216.2,5737.8,4694.6,90751\n"
                                      "20210104,20210104,13:00:00,400,IF2101,5251,401,621575300,"
                                      "5230,5260,5200,5216.2,5737.8,4694.6,90751\n"
                                      "20210104,20210104,15:00:00,400,IF2101,5260,500,777799400,"
                                      "5230,5298.8,5192,5216.2,5737.8,4694.6,84531\n"
                                      "20210105,20210105,09:30:00,200,IF2101,5249.8,196,308696820,"
                                      "5250,5251,5248.8,5278.6,5806.4,4750.8,84387\n"
                                      "20210105,20210105,15:00:00,200,IF2101,5359.8,600,960000000,"
                                      "5250,5370.8,5238.8,5278.6,5806.4,4750.8,85968\n";

/* A night, and a contract with one day beside one with two. */
static const char with_night[] =
    HEADER "20210308,20210305,21:00:00,500,rb2105,4700,10,470000,4700,4700,4700,4690,,,100\n"
           "20210308,20210305,22:30:00,0,rb2105,4710,20,940000,4700,4710,4700,4690,,,100\n"
           "20210308,20210308,09:00:01,0,rb2105,4720,30,1410000,4700,4720,4700,4690,,,100\n"
           "20210308,20210308,09:00:01,0,rb2110,4620,3,138600,4620,4620,4620,,,,100\n"
           "20210309,20210309,09:00:02,0,rb2105,4730,5,236500,4730,4730,4730,4725,,,100\n";

struct fixture {
    struct catalogue catalogue;
    struct feed *feed;
};

static char *write_file(const char *bytes)
{
    char *path = memory_copy_text(TEXT("/tmp/feed_test_XXXXXX"));
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
    close(file);
    return path;
}

/* The feed keeps a pointer to its catalogue, so the two live together. */
static struct fixture *open_feed(const char *bytes, int trading_day, bool from_beginning,
                                 const char *position)
{
    struct fixture *fixture = memory_get_zeroed(1, sizeof *fixture);
    fixture->catalogue = market_files_catalogue();
    char *path = write_file(bytes);
    const char *files[] = {path};
    struct feed_options options = {.catalogue = &fixture->catalogue,
                                   .files = files,
                                   .file_count = 1,
                                   .trading_day = trading_day,
                                   .from_beginning = from_beginning,
                                   .position = position};
    struct error error;
    char line[1024];
    fixture->feed = feed_open(&options, &error);
    unlink(path);
    free(path);
    if (!fixture->feed)
        fail_msg("%s", error_text(&error, line, sizeof line));
    return fixture;
}

static void close_feed(struct fixture *fixture)
{
    feed_close(fixture->feed);
    catalogue_finish(&fixture->catalogue);
    free(fixture);
}

static struct feed_event next_event(struct fixture *fixture)
{
    struct feed_event event;
    feed_next(fixture->feed, &event);
    return event;
}

/* "S2 093000" for a status, "Q 093000.400" for a quote, "E" for the end of a pass. */
static void describe(const struct feed_event *event, char *out, size_t size)
{
    int second = event->time.second_of_day,
        clock = second / 3600 * 10000 + second / 60 % 60 * 100 + second % 60;
    if (event->kind == FEED_STATUS)
        snprintf(out, size, "S%c %06d", event->status.status, clock);
    else if (event->kind == FEED_QUOTE)
        snprintf(out, size, "Q %06d.%03d", clock, event->time.millisecond);
    else
        snprintf(out, size, "E");
}

static void assert_events(struct fixture *fixture, const char *const *want, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct feed_event event = next_event(fixture);
        char got[32];
        describe(&event, got, sizeof got);
        if (strcmp(got, want[i]) != 0)
            fail_msg("event %zu is \"%s\" and not \"%s\"", i, got, want[i]);
    }
}

static void skip_to_pass_end(struct fixture *fixture)
{
    while (next_event(fixture).kind != FEED_PASS_END)
        ;
}

static void statuses_stand_among_the_quotes(void **state)
{
    (void)state;
    static const char *const want[] = {"S0 090000", "S3 092500",    "S5 092900",    "Q 092900.400",
                                       "S2 093000", "Q 093000.400", "Q 113000.400", "S1 113000",
                                       "S2 130000", "Q 130000.400", "Q 150000.400", "S6 150000",
                                       "E",         "S0 090000"};
    struct fixture *fixture = open_feed(two_days, 20210104, true, NULL);
    assert_events(fixture, want, sizeof want / sizeof *want);
    close_feed(fixture);
}

static void long_breaks_are_shortened(void **state)
{
    (void)state;
    struct fixture *fixture = open_feed(two_days, 20210104, true, NULL);
    static const int64_t due[] = {0,      60000,  120000, 120400, 180000, 180400, 240400,
                                  240999, 300999, 301399, 361399, 361998, 361998};
    for (size_t i = 0; i < sizeof due / sizeof *due; i++)
        assert_int_equal(next_event(fixture).due_ms, due[i]);
    close_feed(fixture);
}

static void a_fresh_start_begins_at_the_opening(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        bool at_once;
    } want[] = {{"S0 090000", true},    {"S3 092500", true},    {"S5 092900", true},
                {"S2 093000", true},    {"Q 092900.400", true}, {"Q 093000.400", false},
                {"Q 113000.400", false}};
    struct fixture *fixture = open_feed(two_days, 20210104, false, NULL);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct feed_event event = next_event(fixture);
        char got[32];
        describe(&event, got, sizeof got);
        assert_string_equal(got, want[i].what);
        assert_int_equal(event.at_once, want[i].at_once);
        assert_int_equal(event.due_ms, i < 6 ? 0 : 60000);
        assert_false(event.quiet);
    }
    close_feed(fixture);
}

/* rb trades at night, but these ticks begin in the day: the night would be an empty market. */
static void a_fresh_start_begins_in_the_session_of_the_first_quote(void **state)
{
    (void)state;
    static const char day_only[] =
        "TradingDay,ActionDay,UpdateTime,UpdateMillisec,ExchangeID,InstrumentID,LastPrice\n"
        "20210305,20210305,10:45:00,0,SHFE,rb2105,4700\n"
        "20210305,20210305,10:45:01,0,SHFE,rb2105,4701\n";
    struct fixture *fixture = open_feed(day_only, 20210305, false, NULL);
    struct feed_event event, before = {.at_once = true};
    while ((event = next_event(fixture)).at_once)
        before = event;
    char got[32];
    describe(&before, got, sizeof got);
    assert_string_equal(got, "S2 103000");
    describe(&event, got, sizeof got);
    assert_string_equal(got, "Q 104500.000");
    assert_int_equal(event.due_ms, 0);
    close_feed(fixture);
}

static void quotes_get_the_trading_day_and_keep_their_distance(void **state)
{
    (void)state;
    struct fixture *fixture = open_feed(with_night, 20210222, true, NULL);
    struct feed_event event;
    do {
        event = next_event(fixture);
    } while (event.kind != FEED_QUOTE);
    assert_int_equal(event.quote.trading_day, 20210222);
    assert_int_equal(event.quote.action_day, 20210219); /* a Friday */
    assert_int_equal(event.time.date, 20210219);
    assert_int_equal(event.quote.second_of_day, 21 * 3600);
    close_feed(fixture);
}

static void without_a_label_the_recorded_days_stay(void **state)
{
    (void)state;
    struct fixture *fixture = open_feed(with_night, 0, true, NULL);
    struct feed_event event = next_event(fixture);
    assert_int_equal(event.kind, FEED_STATUS);
    assert_int_equal(event.time.date, 20210305);
    do {
        event = next_event(fixture);
    } while (event.kind != FEED_QUOTE);
    assert_int_equal(event.quote.trading_day, 20210308);
    assert_int_equal(event.quote.action_day, 20210305);
    close_feed(fixture);
}

static void volume_never_goes_back_in_three_passes_of_a_day(void **state)
{
    (void)state;
    struct fixture *fixture = open_feed(two_days, 20210104, true, NULL);
    int volume = 0, firsts = 0, passes = 0;
    double turnover = 0, highest = 0;
    while (passes < 3) {
        struct feed_event event = next_event(fixture);
        passes += event.kind == FEED_PASS_END;
        if (event.kind != FEED_QUOTE)
            continue;
        assert_true(event.quote.volume >= volume && event.quote.turnover >= turnover);
        assert_true(event.quote.highest >= highest);
        assert_price(event.quote.open, 5230);
        assert_price(event.quote.pre_settlement, 5216.2);
        assert_price(event.quote.upper_limit, 5737.8);
        assert_price(event.quote.average, event.quote.turnover / event.quote.volume);
        volume = event.quote.volume;
        turnover = event.quote.turnover;
        highest = event.quote.highest;
        firsts += event.first_in_pass;
    }
    assert_int_equal(firsts, 3);
    assert_int_equal(volume, 500 + 600 + 500);
    assert_price(highest, 5370.8);
    close_feed(fixture);
}

static void a_rollover_settles_at_the_next_days_price_and_begins_anew(void **state)
{
    (void)state;
    struct fixture *fixture = open_feed(two_days, 20210104, true, NULL);
    for (int i = 0; i < 6; i++)
        next_event(fixture);
    uint32_t count, instrument = feed_instruments(fixture->feed, &count)[0];
    assert_int_equal(count, 1);
    assert_price(feed_settlement_price(fixture->feed, instrument), 5278.6);
    feed_rollover(fixture->feed, 20210107, false);
    assert_price(feed_settlement_price(fixture->feed, instrument), 5278.6);
    struct feed_event event = next_event(fixture);
    assert_int_equal(event.kind, FEED_STATUS);
    assert_int_equal(event.status.status, '0');
    assert_int_equal(event.time.date, 20210107);
    do {
        event = next_event(fixture);
    } while (event.kind != FEED_QUOTE);
    assert_int_equal(event.quote.volume, 196);
    assert_price(event.quote.pre_settlement, 5278.6);
    assert_price(event.quote.open, 5250);
    skip_to_pass_end(fixture);
    /* Between two passes the next day is the one that begins. */
    assert_price(feed_settlement_price(fixture->feed, instrument), 5216.2);
    feed_rollover(fixture->feed, 20210108, false);
    do {
        event = next_event(fixture);
    } while (event.kind != FEED_QUOTE);
    assert_int_equal(event.quote.volume, 240);
    close_feed(fixture);
}

static void a_rollover_at_the_opening_trades_at_once(void **state)
{
    (void)state;
    struct fixture *fixture = open_feed(two_days, 20210104, true, NULL);
    for (int i = 0; i < 6; i++)
        next_event(fixture);
    feed_rollover(fixture->feed, 20210107, true);
    struct feed_event event;
    char status = '0';
    do {
        event = next_event(fixture);
        assert_true(event.at_once);
        if (event.kind == FEED_STATUS)
            status = event.status.status;
    } while (event.kind != FEED_QUOTE && status != '2');
    assert_int_equal(status, '2');
    assert_int_equal(event.time.date, 20210107);
    close_feed(fixture);
}

static void each_instrument_plays_its_own_kth_day(void **state)
{
    (void)state;
    struct fixture *fixture = open_feed(with_night, 20210308, true, NULL);
    int quotes[2][2] = {{0}};
    uint32_t count;
    const uint32_t *instruments = feed_instruments(fixture->feed, &count);
    assert_int_equal(count, 2);
    assert_int_equal(feed_recorded_day(fixture->feed, instruments[0]), 20210308);
    for (int pass = 0; pass < 2;) {
        struct feed_event event = next_event(fixture);
        if (event.kind == FEED_QUOTE)
            quotes[pass][event.quote.instrument == instruments[1]]++;
        pass += event.kind == FEED_PASS_END;
    }
    assert_int_equal(feed_recorded_day(fixture->feed, instruments[0]), 20210308);
    assert_int_equal(quotes[0][0], 3);
    assert_int_equal(quotes[0][1], 1);
    assert_int_equal(quotes[1][0], 1);
    assert_int_equal(quotes[1][1], 1);
    close_feed(fixture);
}

static void a_missing_pre_settlement_is_the_first_price(void **state)
{
    (void)state;
    struct fixture *fixture = open_feed(with_night, 20210308, true, NULL);
    uint32_t count, instrument = feed_instruments(fixture->feed, &count)[1];
    assert_price(feed_settlement_price(fixture->feed, instrument), 4620);
    struct feed_event event;
    do {
        event = next_event(fixture);
    } while (event.kind != FEED_QUOTE || event.quote.instrument != instrument);
    assert_price(event.quote.pre_settlement, 4620);
    close_feed(fixture);
}

static void assert_same_event(const struct feed_event *a, const struct feed_event *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->due_ms, b->due_ms);
    assert_int_equal(a->pass, b->pass);
    assert_memory_equal(&a->time, &b->time, sizeof a->time);
    assert_int_equal(a->at_once, b->at_once);
    assert_int_equal(a->first_in_pass, b->first_in_pass);
    if (a->kind == FEED_STATUS) {
        assert_int_equal(a->status.product, b->status.product);
        assert_int_equal(a->status.status, b->status.status);
        assert_int_equal(a->status.segment, b->status.segment);
        assert_int_equal(a->status.enter_second, b->status.enter_second);
    }
    if (a->kind == FEED_QUOTE) {
        assert_int_equal(a->quote.volume, b->quote.volume);
        assert_price(a->quote.last, b->quote.last);
        assert_price(a->quote.highest, b->quote.highest);
        assert_price(a->quote.turnover, b->quote.turnover);
        assert_int_equal(a->quote.action_day, b->quote.action_day);
    }
}

/* Restarts behind every one of the first events: what follows equals what would have followed. */
static void restart_everywhere(const char *bytes, int rollover_after, bool opening)
{
    enum { EVENTS = 70, AFTER = 30 };
    struct fixture *whole = open_feed(bytes, 20210308, true, NULL);
    for (int i = 0; i < EVENTS; i++) {
        next_event(whole);
        if (i == rollover_after)
            feed_rollover(whole->feed, 20210309, opening);
        char position[FEED_POSITION_MAX], same[FEED_POSITION_MAX];
        feed_position(whole->feed, position);
        struct fixture *again = open_feed(bytes, 20210308, true, position);
        feed_position(again->feed, same);
        assert_string_equal(position, same);
        while (feed_peek(again->feed)->quiet) {
            assert_true(feed_peek(again->feed)->kind == FEED_QUOTE);
            feed_advance(again->feed);
        }
        struct fixture *reference = open_feed(bytes, 20210308, true, NULL);
        for (int k = 0; k <= i; k++) {
            next_event(reference);
            if (k == rollover_after)
                feed_rollover(reference->feed, 20210309, opening);
        }
        for (int k = 0; k < AFTER; k++) {
            struct feed_event want = next_event(reference), got = next_event(again);
            assert_same_event(&want, &got);
        }
        close_feed(reference);
        close_feed(again);
    }
    close_feed(whole);
}

static void a_feed_opened_at_a_position_goes_on_as_the_first_would(void **state)
{
    (void)state;
    restart_everywhere(two_days, -1, false);
    restart_everywhere(with_night, -1, false);
    restart_everywhere(two_days, 20, false);
    restart_everywhere(two_days, 20, true);
}

static void a_restart_gives_the_newest_quotes_first(void **state)
{
    (void)state;
    struct fixture *fixture = open_feed(two_days, 20210104, true, NULL);
    skip_to_pass_end(fixture);
    char position[FEED_POSITION_MAX];
    feed_position(fixture->feed, position);
    struct fixture *again = open_feed(two_days, 20210104, true, position);
    struct feed_event event = next_event(again);
    assert_true(event.kind == FEED_QUOTE && event.quiet);
    assert_int_equal(event.quote.volume, 500);
    assert_false(next_event(again).quiet);
    close_feed(again);
    close_feed(fixture);
}

static void a_position_of_other_ticks_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "nonsense", "feed1 1 2 3",
                                        "feed1 1 20210104 0 0 0 5 0 0 0 0 0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct catalogue catalogue = market_files_catalogue();
        char *path = write_file(two_days);
        const char *files[] = {path};
        struct feed_options options = {
            .catalogue = &catalogue, .files = files, .file_count = 1, .position = wrong[i]};
        struct error error;
        assert_null(feed_open(&options, &error));
        assert_string_equal(error.what,
                            "the stored position in the ticks is of other ticks than these");
        unlink(path);
        free(path);
        catalogue_finish(&catalogue);
    }
}

static void a_jump_gives_statuses_and_newest_quotes_at_once(void **state)
{
    (void)state;
    static const char *const want[] = {"S0 090000", "S3 092500", "S5 092900",    "S2 093000",
                                       "S1 113000", "S2 130000", "Q 130000.400", "Q 150000.400"};
    struct fixture *fixture = open_feed(two_days, 20210104, true, NULL);
    feed_set(fixture->feed, 14 * 3600);
    assert_events(fixture, want, sizeof want / sizeof *want);
    /* Backwards is the next pass: the rest of this one comes at once. */
    static const char *const after[] = {"S6 150000", "E",         "S0 090000",    "S3 092500",
                                        "S5 092900", "S2 093000", "Q 093000.200", "S1 113000"};
    feed_set(fixture->feed, 10 * 3600);
    assert_events(fixture, after, sizeof after / sizeof *after);
    close_feed(fixture);
}

static void rows_out_of_order_are_merged(void **state)
{
    (void)state;
    static const char disorder[] = "TradingDay,UpdateTime,InstrumentID,LastPrice\n20210104,09:30:"
                                   "05,IF2101,3\n20210104,09:30:01,IF2101,1\n"
                                   "20210104,09:30:03,IF2101,2\n20210104,09:30:07,IF2101,4\n";
    struct fixture *fixture = open_feed(disorder, 20210104, true, NULL);
    for (int price = 1; price <= 4;) {
        struct feed_event event = next_event(fixture);
        if (event.kind == FEED_QUOTE)
            assert_price(event.quote.last, price++);
    }
    close_feed(fixture);
}

static void an_empty_recording_is_an_error(void **state)
{
    (void)state;
    struct catalogue catalogue = market_files_catalogue();
    char *path = write_file(HEADER);
    const char *files[] = {path};
    struct feed_options options = {.catalogue = &catalogue, .files = files, .file_count = 1};
    struct error error;
    assert_null(feed_open(&options, &error));
    assert_string_equal(error.what, "there is no tick in it");
    unlink(path);
    free(path);
    catalogue_finish(&catalogue);
}

static void memory_for_ticks_is_bounded(void **state)
{
    (void)state;
    struct catalogue catalogue = market_files_catalogue();
    char *path = write_file(two_days);
    const char *files[] = {path};
    struct feed_options options = {
        .catalogue = &catalogue, .files = files, .file_count = 1, .memory_max = 500};
    struct error error;
    assert_null(feed_open(&options, &error));
    assert_true(error.line > 2);
    unlink(path);
    free(path);
    catalogue_finish(&catalogue);
}

static void the_sample_beside_the_project_loops_with_rising_volume(void **state)
{
    (void)state;
    const char *files[] = {SHARED_FOLDER "/data/ticks-sample.csv.gz"};
    if (access(files[0], R_OK) != 0) {
        print_message("skipped: %s is not there\n", files[0]);
        skip();
    }
    struct catalogue catalogue = {.extras = NULL};
    struct error error;
    assert_true(catalogue_load(&catalogue, NULL, 0, &error));
    struct feed_options options = {
        .catalogue = &catalogue, .files = files, .file_count = 1, .trading_day = 20250303};
    struct feed *feed = feed_open(&options, &error);
    assert_non_null(feed);
    uint32_t future = market_find_instrument(&catalogue.market, EXCHANGE_CFFEX, TEXT("IF2101"));
    int volume = 0, quotes = 0;
    int64_t due = 0;
    for (int passes = 0; passes < 3;) {
        struct feed_event event;
        feed_next(feed, &event);
        assert_true(event.due_ms >= due);
        due = event.due_ms;
        passes += event.kind == FEED_PASS_END;
        if (event.kind != FEED_QUOTE || event.quote.instrument != future)
            continue;
        assert_true(event.quote.volume >= volume);
        volume = event.quote.volume;
        quotes++;
    }
    assert_int_equal(volume, 84288 + 88203 + 94934);
    assert_true(quotes > 84000);
    feed_close(feed);
    catalogue_finish(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_stand_among_the_quotes),
        cmocka_unit_test(long_breaks_are_shortened),
        cmocka_unit_test(a_fresh_start_begins_at_the_opening),
        cmocka_unit_test(a_fresh_start_begins_in_the_session_of_the_first_quote),
        cmocka_unit_test(quotes_get_the_trading_day_and_keep_their_distance),
        cmocka_unit_test(without_a_label_the_recorded_days_stay),
        cmocka_unit_test(volume_never_goes_back_in_three_passes_of_a_day),
        cmocka_unit_test(a_rollover_settles_at_the_next_days_price_and_begins_anew),
        cmocka_unit_test(a_rollover_at_the_opening_trades_at_once),
        cmocka_unit_test(each_instrument_plays_its_own_kth_day),
        cmocka_unit_test(a_missing_pre_settlement_is_the_first_price),
        cmocka_unit_test(a_feed_opened_at_a_position_goes_on_as_the_first_would),
        cmocka_unit_test(a_restart_gives_the_newest_quotes_first),
        cmocka_unit_test(a_position_of_other_ticks_is_refused),
        cmocka_unit_test(a_jump_gives_statuses_and_newest_quotes_at_once),
        cmocka_unit_test(rows_out_of_order_are_merged),
        cmocka_unit_test(an_empty_recording_is_an_error),
        cmocka_unit_test(memory_for_ticks_is_bounded),
        cmocka_unit_test(the_sample_beside_the_project_loops_with_rising_volume),
    };
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
