/* timing.h: every interval that a library waits by. One constant set is used by all libraries;
 * tests give their own. */
#ifndef TTSAPI_TIMING_H
#define TTSAPI_TIMING_H

#include "codec/wire.h"

/* All in milliseconds. */
struct timing {
    int connect;     /* for a TCP connection to stand */
    int greeting;    /* from then to the front's WELCOME, TLS included */
    int heartbeat;   /* nothing sent for so long: send a heartbeat */
    int silence;     /* nothing received for so long: OnFrontDisconnected(8193) */
    int stuck;       /* nothing could be sent for so long: OnFrontDisconnected(8194) */
    int retry_first; /* from a loss to the next attempt */
    int retry_last;  /* the same after RETRY_STEPS failures in a row */
    int query_lost;  /* a query without an answer frees its place */
    int query_rate;  /* the span in which WIRE_WELCOME's query_rate counts */
};

enum { RETRY_STEPS = 10 };

static const struct timing timing_of_protocol = {
    .connect = 10000,
    .greeting = 10000,
    .heartbeat = WIRE_HEARTBEAT_LIBRARY_S * 1000,
    .silence = WIRE_SILENCE_MAX_S * 1000,
    .stuck = 40000,
    .retry_first = 1000,
    .retry_last = 5000,
    .query_lost = 30000,
    .query_rate = 1000,
};

#endif
