/* feed_inside.h: what feed.c, feed_label.c and feed_status.c share. */
#ifndef TTS_FEED_FEED_INSIDE_H
#define TTS_FEED_FEED_INSIDE_H

#include "tts/feed/feed.h"
#include "tts/feed/source.h"

/* An instrument's values that go on from pass to pass under one T. */
struct carry {
    bool there;
    int day; /* the recorded day; without a label another day begins anew */
    int volume;
    double turnover, open, highest, lowest, upper_limit, lower_limit;
    double pre_settlement, pre_close, pre_open_interest;
};

struct playing {
    struct quote newest; /* labelled */
    struct carry carry;
    bool has_newest, seen_in_pass;
    bool pending; /* newest is to be given before the line goes on */
};

/* In `until_in_next`: where a fresh start would begin in that pass. */
#define UNTIL_OPENING INT64_MAX

/* A status of the pass. */
struct status_item {
    int64_t key; /* line milliseconds */
    bool behind; /* of quotes with the same key */
    int line_second;
    struct feed_status status;
};

struct feed {
    struct catalogue *catalogue;
    struct source source;
    uint64_t fingerprint;
    struct calendar label_calendar; /* borrows the catalogue's holidays */
    int trading_day, max_gap_ms;
    int evening_day, night_day; /* natural days of T's night session, before and after midnight */
    bool from_beginning;

    struct playing *playing; /* by instrument place */
    uint32_t playing_count;

    uint32_t pass, first_pass; /* first_pass: of this T */
    bool between;              /* the pass is not begun */
    uint64_t taken;            /* quotes and statuses taken in this pass */
    int64_t clock_ms, line_ms; /* due time and line time of the last event */
    bool at_start;             /* the next event is due without a gap */

    int64_t until; /* quotes before and statuses up to this line time come at once; INT64_MIN: no
                      jump */
    int64_t until_in_next; /* the same for the next pass; INT64_MIN; UNTIL_OPENING */
    bool flushing, quiet;  /* pending quotes are being given; they are from before the position */
    uint32_t flush_next;

    uint32_t *first_of_product; /* by product place; INSTRUMENT_NONE: the product does not play */
    struct status_item *statuses;
    size_t status_count, status_capacity, status_next;

    bool has_quote, quote_labelled, source_over;
    struct quote quote; /* the source's next */
    int quote_ms;

    bool ready; /* event is the next */
    struct feed_event event;
    struct feed_time now;
};

/* ---- feed_label.c ---- */

/* Rewrites a recorded quote to T and what went before under it. */
void feed_label_quote(const struct feed *feed, struct quote *quote);

/* The natural day of a line second of a product's day: labelled or as recorded. */
int feed_label_date(const struct feed *feed, int recorded_day, int second_of_day);

/* T is this day from now on; 0: as recorded. */
void feed_label_set(struct feed *feed, int trading_day);

/* The pass is over: what its newest quotes say is carried on. */
void feed_label_carry(struct feed *feed);

/* A new T: nothing is carried on, no quote is known. */
void feed_label_reset(struct feed *feed);

/* ---- feed_status.c ---- */

/* Once, when the source is known. */
void feed_status_prepare(struct feed *feed);

/* Lists the statuses of the current pass in order. */
void feed_status_fill(struct feed *feed);

/* The line time at which a fresh start begins: the last time before the pass's first quote at which
 * all products begin to trade; where there is none, the first one after it. */
int64_t feed_status_start(const struct feed *feed, int64_t first_quote);

/* A product's recorded day in the current pass: of its first instrument. */
int feed_status_day(const struct feed *feed, uint32_t product);

#endif
