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
    int query_rate;  /* the span in which WIRE_WELCOME's query_rate counts, whenever it begins */
};

enum { RETRY_STEPS = 10 };

/* What wire.h and CTP say. */
extern const struct timing timing_of_protocol;

#endif
