/* query.h: the limits on ReqQry... that a front told in WIRE_WELCOME: how many may wait for their
 * last answer (-2), how many may go out in a second (-3). Pure: the caller brings the time and the
 * lock. */
#ifndef TTSAPI_QUERY_H
#define TTSAPI_QUERY_H

#include "ttsapi/timing.h"

enum { QUERY_PENDING_MAX = 256, QUERY_SENT_MAX = 256 };

struct queries {
    unsigned pending_limit; /* 0 = none */
    unsigned rate_limit;    /* 0 = none */
    unsigned pending_count;
    uint64_t sent_count;
    int64_t sent_ns[QUERY_SENT_MAX]; /* of the newest queries, by count; a ring */
    struct query {
        int request_id;
        int64_t sent_ns;
    } pending[QUERY_PENDING_MAX];
};

/* Of a new connection: nothing is pending. A pending limit beyond QUERY_PENDING_MAX counts as that.
 */
void queries_init(struct queries *queries, uint32_t rate, uint32_t pending);

/* 0 when the query may be sent, and then it counts; -2 while too many are unanswered; -3 when too
 * many went out within any span that ends now, so that whatever second the front counts in, it
 * never counts more. Rates beyond QUERY_SENT_MAX are kept in an accordingly shorter span. A query
 * that -2 or -3 held back does not count. */
int queries_begin(struct queries *queries, int request_id, int64_t now_ns,
                  const struct timing *timing);

/* The last answer to that request has come. Unknown ids are ignored. */
void queries_end(struct queries *queries, int request_id);

#endif
