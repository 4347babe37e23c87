/* feed.h: what feeds the counter: recorded or generated quotes and the statuses of their products,
 * merged into one line of time that never ends. It has no thread, no clock and no socket: the main
 * loop asks for the next event, waits until the pace says that it is due (pace.h), applies it and
 * goes on:
 *
 *     const struct feed_event *event = feed_peek(feed);
 *     if (pace_due_ns(&pace, event->due_ms) <= now) { apply(event); feed_advance(feed);
 * note(feed_position(...)); }
 *
 * The line of time. Recorded days follow one another without rest, each as a *pass*: in the k-th
 * pass every instrument plays its k-th recorded day (source.h). Stretches without any event longer
 * than max_gap are shortened to it. A pass goes from the first status of its products to its last
 * quote or status; then comes FEED_PASS_END.
 *
 * The label. Quotes are rewritten to the counter's trading day T: TradingDay T, natural days at the
 * same distance, times as recorded. While T stays, passes go on from one another: volume and
 * turnover are added up, highest and lowest run on, open, limits and yesterday's values stay those
 * of the first pass. feed_rollover begins the next pass under a new T. With T = 0 the recorded days
 * stay as they are. What exchanges stamp differently is not put on here (core/stamp.h).
 *
 * A fresh start begins where every product of the first pass trades continuously (the opening of
 * the last of them; where that never happens, of the first), in the session of the first quote. The
 * statuses before come at once, and so does the newest quote of each instrument. */
#ifndef TTS_FEED_FEED_H
#define TTS_FEED_FEED_H

#include "tts/core/market/quote.h"
#include "tts/feed/catalogue.h"
#include "tts/feed/generator.h"

enum { FEED_POSITION_MAX = 320 };

struct feed_options {
    struct catalogue
        *catalogue; /* outlives the feed; its market grows by what is found in the files */
    const char *const *files; /* recordings; borrowed for the call */
    size_t file_count;        /* 0: the generator */
    struct generator_options generator;
    size_t memory_max; /* bytes that packed recordings may take; 0: no bound */
    int trading_day;   /* T, yyyymmdd; 0: as recorded */
    bool everyday;  /* natural days before T: of the calendar day before (true) or the trading day
                       before */
    int max_gap_ms; /* 0: 60,000; negative: nothing is shortened */
    bool from_beginning;  /* a fresh start at the first status instead of the opening */
    const char *position; /* where to go on (feed_position); NULL: a fresh start */
};

enum feed_event_kind { FEED_QUOTE, FEED_STATUS, FEED_PASS_END };

/* Replay time: the natural day (labelled) and the time of day at the exchange. */
struct feed_time {
    int date, second_of_day, millisecond;
};

struct feed_status {
    uint32_t product; /* place in the catalogue's market */
    char status, enter_reason;
    int segment;      /* TradingSegmentSN: from 1 in each product's day */
    int enter_second; /* of the day */
};

struct feed_event {
    enum feed_event_kind kind;
    int64_t due_ms; /* on the feed's line of time, from 0 at the start; never goes back */
    struct feed_time time;
    bool at_once; /* belongs to a start, a restart or a jump: due at the same moment as the event
                     before */
    bool quiet;   /* a quote from before the position: take it in, match and publish nothing */
    bool first_in_pass; /* a quote: the instrument's first in this pass; its increase of volume
                           matches nothing */
    uint32_t pass;
    struct quote quote;        /* FEED_QUOTE */
    struct feed_status status; /* FEED_STATUS */
};

struct feed;

/* Reads the recordings whole. NULL: error is set, with file, line and column where it is in a file;
 * a position of other ticks, or one that is none, is an error too (then a fresh start is possible).
 */
struct feed *feed_open(const struct feed_options *options, struct error *error);

/* NULL is allowed. */
void feed_close(struct feed *feed);

/* The next event; valid until the next call for this feed. */
const struct feed_event *feed_peek(struct feed *feed);

/* The event that feed_peek showed has been applied. */
void feed_advance(struct feed *feed);

/* Both in one. */
void feed_next(struct feed *feed, struct feed_event *event);

/* Replay time of the last event that was advanced over; before it, of the first event. */
struct feed_time feed_now(const struct feed *feed);

/* The instruments that play, as places in the catalogue's market, and the day that one plays in the
 * current pass as recorded (0: it does not play). Terms of the days to expiry follow from the two
 * days. */
const uint32_t *feed_instruments(const struct feed *feed, uint32_t *count);
int feed_recorded_day(const struct feed *feed, uint32_t instrument);

/* The same of the pass that a rollover now would begin. */
int feed_next_recorded_day(const struct feed *feed, uint32_t instrument);

/* The settlement price of an instrument if the counter rolls over now: the pre-settlement price of
 * the day that plays next. ABSENT_PRICE: the instrument does not play. */
double feed_settlement_price(const struct feed *feed, uint32_t instrument);

/* Breaks off the current pass (if one has begun) and begins the next one under the trading day
 * `trading_day`: from its first status on, or `at_opening` where a fresh start begins, so that a
 * counter which is there around the clock trades again at once. */
void feed_rollover(struct feed *feed, int trading_day, bool at_opening);

/* Jumps to the next time that the line of time is at this second of the day: later in this pass,
 * else in the next one. Statuses on the way come at once, quotes only the newest of each
 * instrument. */
void feed_set(struct feed *feed, int second_of_day);

/* Where the feed stands behind the last advanced event, as text of at most FEED_POSITION_MAX - 1
 * bytes for feed_options.position. A feed opened there gives first the newest quote of each
 * instrument, quiet, then what the feed that went on gives. */
void feed_position(const struct feed *feed, char out[FEED_POSITION_MAX]);

#endif
