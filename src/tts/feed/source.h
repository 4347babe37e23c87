/* source.h: what the feed asks of where quotes come from: a recording (recording.h) or the
 * generator (generator.h). A source has *passes*, numbered from 0 without end; in a pass every
 * instrument plays one day. Within a pass quotes come in the order of the line of time. Line
 * milliseconds are session_table.h's line seconds times 1000: negative on the evening before the
 * trading day. */
#ifndef TTS_FEED_SOURCE_H
#define TTS_FEED_SOURCE_H

#include "tts/core/market/quote.h"

enum { SOURCE_NO_DAY = 0 };

struct source {
    void *self;
    /* Puts the source at the beginning of a pass. */
    void (*begin)(void *self, uint32_t pass);
    /* The next quote of the pass, with the days of the recording and the fields as recorded. False:
     * the pass is over. */
    bool (*next)(void *self, struct quote *quote, int *line_ms);
    /* The last quote of an instrument's day in a pass, whether it was played or not. False: the
     * instrument never plays. */
    bool (*last)(void *self, uint32_t pass, uint32_t instrument, struct quote *quote);
    /* Yesterday's settlement price on the instrument's day in a pass; ABSENT_PRICE when the
     * instrument never plays. */
    double (*pre_settlement)(void *self, uint32_t pass, uint32_t instrument);
    /* The trading day (yyyymmdd) that an instrument plays in a pass; SOURCE_NO_DAY when it never
     * plays. */
    int (*day)(void *self, uint32_t pass, uint32_t instrument);
    /* Whether that day begins with a night session, where its product has one. */
    bool (*night)(void *self, uint32_t pass, uint32_t instrument);
    /* All instruments that play, as places in the catalogue's market. Borrowed. */
    const uint32_t *(*instruments)(void *self, uint32_t *count);
    /* Tells two sources apart: equal numbers give equal passes. */
    uint64_t (*fingerprint)(void *self);
    void (*close)(void *self);
};

#endif
