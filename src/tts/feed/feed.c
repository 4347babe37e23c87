/* feed.c: see feed.h. The next event is one of, in this order: a pending newest quote (after a
 * start, a restart or a jump), the next status or quote of the pass by line time, the end of the
 * pass.
 *
 * During a jump (`until`) quotes are taken in silently and marked as pending; statuses are given at
 * once. When the line of time has reached `until`, the pending quotes are given, and the jump is
 * over. */
#include "tts/feed/feed.h"
#include "base/buffer.h"
#include "tts/feed/feed_inside.h"
#include "tts/feed/recording.h"

enum { MAX_GAP_MS = 60000 };

/* ---- taking from the source ---- */

static void fetch_quote(struct feed *feed)
{
    if (!feed->has_quote && !feed->source_over) {
        feed->has_quote = feed->source.next(feed->source.self, &feed->quote, &feed->quote_ms);
        feed->source_over = !feed->has_quote;
        feed->quote_labelled = false;
    }
}

/* Where a fresh start begins in the pass that was just begun. */
static int64_t opening_of_pass(struct feed *feed)
{
    fetch_quote(feed);
    return feed_status_start(feed, feed->has_quote ? feed->quote_ms : INT64_MIN);
}

static void begin_pass(struct feed *feed)
{
    feed->source.begin(feed->source.self, feed->pass);
    feed_status_fill(feed);
    feed->between = feed->has_quote = feed->source_over = false;
    feed->taken = 0;
    feed->at_start = true;
    if (feed->until_in_next != INT64_MIN) {
        feed->until =
            feed->until_in_next == UNTIL_OPENING ? opening_of_pass(feed) : feed->until_in_next;
        feed->until_in_next = INT64_MIN;
    }
}

enum raw { RAW_NONE, RAW_QUOTE, RAW_STATUS };

static enum raw next_raw(struct feed *feed)
{
    fetch_quote(feed);
    bool has_status = feed->status_next < feed->status_count;
    if (!has_status)
        return feed->has_quote ? RAW_QUOTE : RAW_NONE;
    const struct status_item *item = &feed->statuses[feed->status_next];
    if (!feed->has_quote || item->key < feed->quote_ms)
        return RAW_STATUS;
    return item->key == feed->quote_ms && !item->behind ? RAW_STATUS : RAW_QUOTE;
}

static void label_quote(struct feed *feed)
{
    if (!feed->quote_labelled)
        feed_label_quote(feed, &feed->quote);
    feed->quote_labelled = true;
}

/* Takes the source's quote in: it is the newest of its instrument. */
static void take_quote(struct feed *feed)
{
    struct playing *playing = &feed->playing[feed->quote.instrument];
    label_quote(feed);
    playing->newest = feed->quote;
    playing->has_newest = playing->seen_in_pass = true;
    feed->has_quote = false;
    feed->taken++;
}

/* ---- making events ---- */

static struct feed_time quote_time(const struct quote *quote)
{
    return (struct feed_time){quote->action_day, quote->second_of_day, quote->millisecond};
}

static int64_t due_after_gap(const struct feed *feed, int64_t key)
{
    int64_t gap = key - feed->line_ms;
    if (feed->at_start || gap < 0)
        return feed->clock_ms;
    if (feed->max_gap_ms >= 0 && gap > feed->max_gap_ms)
        gap = feed->max_gap_ms;
    return feed->clock_ms + gap;
}

/* A restart in the middle of a jump: what the jump had taken in is still to be given at its end. */
static void owe_quotes_of_jump(struct feed *feed, const uint32_t *instruments, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        feed->playing[instruments[i]].pending = feed->playing[instruments[i]].seen_in_pass;
}

/* A pending quote; false: there is none any more. */
static bool make_pending(struct feed *feed)
{
    uint32_t count;
    const uint32_t *instruments = feed->source.instruments(feed->source.self, &count);
    for (; feed->flush_next < count; feed->flush_next++) {
        struct playing *playing = &feed->playing[instruments[feed->flush_next]];
        if (!playing->pending)
            continue;
        feed->event = (struct feed_event){.kind = FEED_QUOTE,
                                          .due_ms = feed->clock_ms,
                                          .time = quote_time(&playing->newest),
                                          .at_once = true,
                                          .quiet = feed->quiet,
                                          .first_in_pass = true,
                                          .pass = feed->pass,
                                          .quote = playing->newest};
        return true;
    }
    if (feed->quiet && feed->until != INT64_MIN)
        owe_quotes_of_jump(feed, instruments, count);
    feed->flushing = feed->quiet = false;
    return false;
}

static void begin_flush(struct feed *feed)
{
    feed->flushing = true;
    feed->flush_next = 0;
}

static void make_status(struct feed *feed, bool at_once)
{
    const struct status_item *item = &feed->statuses[feed->status_next];
    int second = item->status.enter_second;
    int recorded_day = feed->trading_day ? 0 : feed_status_day(feed, item->status.product);
    feed->event = (struct feed_event){
        .kind = FEED_STATUS,
        .due_ms = at_once ? feed->clock_ms : due_after_gap(feed, item->key),
        .time = {feed_label_date(feed, recorded_day, second), second, item->behind ? 999 : 0},
        .at_once = at_once,
        .pass = feed->pass,
        .status = item->status};
}

static void make_quote(struct feed *feed)
{
    const struct playing *playing = &feed->playing[feed->quote.instrument];
    label_quote(feed);
    feed->event = (struct feed_event){.kind = FEED_QUOTE,
                                      .due_ms = due_after_gap(feed, feed->quote_ms),
                                      .first_in_pass = !playing->seen_in_pass,
                                      .pass = feed->pass,
                                      .quote = feed->quote};
    feed->event.time = quote_time(&feed->quote);
}

static void make_pass_end(struct feed *feed)
{
    feed->event = (struct feed_event){
        .kind = FEED_PASS_END, .due_ms = feed->clock_ms, .time = feed->now, .pass = feed->pass};
}

/* During a jump: takes quotes in until a status is to be given (true) or the jump is over (false).
 */
static bool jump(struct feed *feed)
{
    for (;;) {
        enum raw raw = next_raw(feed);
        if (raw == RAW_QUOTE && feed->quote_ms < feed->until) {
            uint32_t instrument = feed->quote.instrument;
            feed->line_ms = feed->quote_ms;
            take_quote(feed);
            feed->playing[instrument].pending = true;
        } else if (raw == RAW_STATUS && feed->statuses[feed->status_next].key <= feed->until) {
            make_status(feed, true);
            return true;
        } else {
            feed->until = INT64_MIN;
            feed->at_start = true;
            begin_flush(feed);
            return false;
        }
    }
}

const struct feed_event *feed_peek(struct feed *feed)
{
    if (feed->ready)
        return &feed->event;
    feed->ready = true;
    if (feed->flushing && make_pending(feed))
        return &feed->event;
    if (feed->between)
        begin_pass(feed);
    if (feed->until != INT64_MIN && (jump(feed) || make_pending(feed)))
        return &feed->event;
    switch (next_raw(feed)) {
    case RAW_QUOTE:
        make_quote(feed);
        break;
    case RAW_STATUS:
        make_status(feed, false);
        break;
    case RAW_NONE:
        make_pass_end(feed);
        break;
    }
    return &feed->event;
}

/* ---- going on ---- */

static void end_pass(struct feed *feed)
{
    feed_label_carry(feed);
    feed->pass++;
    feed->taken = 0;
    feed->between = true;
}

void feed_advance(struct feed *feed)
{
    const struct feed_event *event = feed_peek(feed);
    feed->ready = false;
    if (feed->flushing) {
        feed->playing[event->quote.instrument].pending = false;
        return;
    }
    feed->now = event->time;
    feed->clock_ms = event->due_ms;
    switch (event->kind) {
    case FEED_QUOTE:
        feed->line_ms = feed->quote_ms;
        take_quote(feed);
        break;
    case FEED_STATUS:
        feed->line_ms = feed->statuses[feed->status_next].key;
        feed->status_next++;
        feed->taken++;
        break;
    case FEED_PASS_END:
        end_pass(feed);
        return;
    }
    if (!event->at_once)
        feed->at_start = false;
}

void feed_next(struct feed *feed, struct feed_event *event)
{
    *event = *feed_peek(feed);
    feed_advance(feed);
}

void feed_rollover(struct feed *feed, int trading_day, bool at_opening)
{
    if (!feed->between && feed->taken > 0)
        end_pass(feed);
    feed->between = true;
    feed->ready = feed->flushing = false;
    feed->until = INT64_MIN;
    feed->until_in_next = at_opening ? UNTIL_OPENING : INT64_MIN;
    feed_label_reset(feed);
    feed_label_set(feed, trading_day);
    feed->first_pass = feed->pass;
}

void feed_set(struct feed *feed, int second_of_day)
{
    int64_t target = (int64_t)session_line_second(second_of_day) * 1000;
    feed->ready = false;
    if (feed->between || target <= feed->line_ms) {
        feed->until_in_next = target;
        feed->until = feed->between ? INT64_MIN : INT64_MAX;
    } else {
        feed->until = target;
    }
}

/* ---- questions ---- */

struct feed_time feed_now(const struct feed *feed)
{
    return feed->now;
}

const uint32_t *feed_instruments(const struct feed *feed, uint32_t *count)
{
    return feed->source.instruments(feed->source.self, count);
}

int feed_recorded_day(const struct feed *feed, uint32_t instrument)
{
    return feed->source.day(feed->source.self, feed->pass, instrument);
}

static uint32_t next_pass(const struct feed *feed)
{
    return feed->between ? feed->pass : feed->pass + 1;
}

int feed_next_recorded_day(const struct feed *feed, uint32_t instrument)
{
    return feed->source.day(feed->source.self, next_pass(feed), instrument);
}

double feed_settlement_price(const struct feed *feed, uint32_t instrument)
{
    return feed->source.pre_settlement(feed->source.self, next_pass(feed), instrument);
}

/* ---- positions ---- */

/* The numbers of a position, in the order of its text. */
enum {
    AT_TRADING_DAY,
    AT_FIRST_PASS,
    AT_PASS,
    AT_BETWEEN,
    AT_TAKEN,
    AT_CLOCK,
    AT_LINE,
    AT_START,
    AT_UNTIL,
    AT_UNTIL_IN_NEXT,
    AT_DATE,
    AT_SECOND,
    AT_MILLISECOND,
    AT_COUNT
};

void feed_position(const struct feed *feed, char out[FEED_POSITION_MAX])
{
    int64_t numbers[AT_COUNT] = {
        [AT_TRADING_DAY] = feed->trading_day,
        [AT_FIRST_PASS] = feed->first_pass,
        [AT_PASS] = feed->pass,
        [AT_BETWEEN] = feed->between,
        [AT_TAKEN] = (int64_t)feed->taken,
        [AT_CLOCK] = feed->clock_ms,
        [AT_LINE] = feed->line_ms,
        [AT_START] = feed->at_start,
        [AT_UNTIL] = feed->until,
        [AT_UNTIL_IN_NEXT] = feed->until_in_next,
        [AT_DATE] = feed->now.date,
        [AT_SECOND] = feed->now.second_of_day,
        [AT_MILLISECOND] = feed->now.millisecond,
    };
    size_t length = (size_t)snprintf(out, FEED_POSITION_MAX, "feed1 %llx",
                                     (unsigned long long)feed->fingerprint);
    for (int i = 0; i < AT_COUNT && length < FEED_POSITION_MAX; i++)
        length += (size_t)snprintf(out + length, FEED_POSITION_MAX - length, " %lld",
                                   (long long)numbers[i]);
}

static bool read_position(const char *position, uint64_t fingerprint, int64_t *numbers)
{
    text rest = text_of(position);
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%llx", (unsigned long long)fingerprint);
    if (!text_equal(text_cut(&rest, ' '), TEXT("feed1")) ||
        !text_equal(text_cut(&rest, ' '), text_of(wanted)))
        return false;
    for (int i = 0; i < AT_COUNT; i++)
        if (!text_to_int(text_cut(&rest, ' '), &numbers[i]))
            return false;
    return rest.length == 0 && numbers[AT_FIRST_PASS] >= 0 && numbers[AT_TAKEN] >= 0 &&
           numbers[AT_FIRST_PASS] <= numbers[AT_PASS] && numbers[AT_PASS] < UINT32_MAX;
}

/* The passes before, under the same T: each instrument's last quote of each. */
static void replay_passes(struct feed *feed, uint32_t pass)
{
    uint32_t count;
    const uint32_t *instruments = feed->source.instruments(feed->source.self, &count);
    for (feed->pass = feed->first_pass; feed->pass < pass; feed->pass++) {
        for (uint32_t i = 0; i < count; i++)
            if (feed->source.last(feed->source.self, feed->pass, instruments[i], &feed->quote)) {
                feed->quote_labelled = false;
                take_quote(feed);
            }
        feed_label_carry(feed);
    }
}

/* Goes through the pass up to the position; false: the pass is shorter. */
static bool replay_pass(struct feed *feed, uint64_t taken)
{
    begin_pass(feed);
    while (feed->taken < taken) {
        switch (next_raw(feed)) {
        case RAW_QUOTE:
            take_quote(feed);
            break;
        case RAW_STATUS:
            feed->status_next++;
            feed->taken++;
            break;
        case RAW_NONE:
            return false;
        }
    }
    return true;
}

static bool restore(struct feed *feed, const char *position, struct error *error)
{
    int64_t numbers[AT_COUNT];
    if (!read_position(position, feed->fingerprint, numbers)) {
        error_set(error, "the stored position in the ticks is of other ticks than these");
        return error_fix(error, "give the same ticks as before, or begin them anew");
    }
    feed_label_set(feed, (int)numbers[AT_TRADING_DAY]);
    feed->first_pass = (uint32_t)numbers[AT_FIRST_PASS];
    replay_passes(feed, (uint32_t)numbers[AT_PASS]);
    feed->between = numbers[AT_BETWEEN] != 0;
    feed->taken = 0;
    if (!feed->between && !replay_pass(feed, (uint64_t)numbers[AT_TAKEN]))
        return error_set(error, "the stored position lies behind the end of the ticks");
    feed->clock_ms = numbers[AT_CLOCK];
    feed->line_ms = numbers[AT_LINE];
    feed->at_start = numbers[AT_START] != 0;
    feed->until = numbers[AT_UNTIL];
    feed->until_in_next = numbers[AT_UNTIL_IN_NEXT];
    feed->now = (struct feed_time){(int)numbers[AT_DATE], (int)numbers[AT_SECOND],
                                   (int)numbers[AT_MILLISECOND]};
    for (uint32_t i = 0; i < feed->playing_count; i++) {
        feed->playing[i].pending = feed->playing[i].has_newest;
        if (feed->between)
            feed->playing[i].seen_in_pass = false;
    }
    feed->quiet = true;
    begin_flush(feed);
    return true;
}

/* ---- life ---- */

static void start_fresh(struct feed *feed)
{
    begin_pass(feed);
    feed->until = feed->from_beginning ? INT64_MIN : opening_of_pass(feed);
    feed->now = feed_peek(feed)->time;
}

struct feed *feed_open(const struct feed_options *options, struct error *error)
{
    struct source source;
    struct catalogue *catalogue = options->catalogue;
    bool good = options->file_count > 0
                    ? recording_open(&source, catalogue, options->files, options->file_count,
                                     options->memory_max, error)
                    : generator_open(&source, catalogue, &options->generator, error);
    if (!good)
        return NULL;
    struct feed *feed = memory_get_zeroed(1, sizeof *feed);
    feed->catalogue = catalogue;
    feed->source = source;
    feed->fingerprint = source.fingerprint(source.self);
    feed->label_calendar = catalogue->calendar;
    feed->label_calendar.everyday = options->everyday;
    feed_label_set(feed, options->trading_day);
    feed->max_gap_ms = options->max_gap_ms ? options->max_gap_ms : MAX_GAP_MS;
    feed->from_beginning = options->from_beginning;
    feed->until = feed->until_in_next = INT64_MIN;
    feed->playing_count = catalogue->market.instrument_count;
    feed->playing = memory_get_zeroed(feed->playing_count, sizeof *feed->playing);
    feed_status_prepare(feed);
    if (!options->position)
        start_fresh(feed);
    else if (!restore(feed, options->position, error)) {
        feed_close(feed);
        return NULL;
    }
    return feed;
}

void feed_close(struct feed *feed)
{
    if (!feed)
        return;
    feed->source.close(feed->source.self);
    free(feed->playing);
    free(feed->statuses);
    free(feed->first_of_product);
    free(feed);
}
