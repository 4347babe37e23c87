/* pacing.h: queries that the library would not take yet: with QueryPacing they wait here, in their
 * order, and are tried again, so that -2 (too many unanswered) and -3 (too many a second) do not
 * reach the client. Holds the queries and decides when to try; makes no call itself. Loop thread
 * only. */
#ifndef WEBCTP_PACING_H
#define WEBCTP_PACING_H

#include "ctp/ctp.h"

enum {
    PACING_QUERIES_MAX = 256, /* of one session; beyond it the client gets what the call returned */
    PACING_RETRY_MS = 200,
};

struct paced_query {
    struct paced_query *next;
    enum ctp_method method;
    int request_id;
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX];
};

/* Zeroed, it is empty. */
struct pacing {
    struct paced_query *oldest, *newest;
    unsigned count;
};

/* Whether a request is one that may wait: a query. Orders never do. */
bool pacing_may_wait(enum ctp_method method);

/* Whether what a call returned means "later". */
bool pacing_is_later(int code);

/* Puts a query behind the others; copies `size` bytes of its struct. False when there are too many.
 */
bool pacing_push(struct pacing *pacing, enum ctp_method method, int request_id, const void *body,
                 size_t size);

/* Takes the oldest query out; the caller frees it. NULL when there is none. */
struct paced_query *pacing_pop(struct pacing *pacing);

/* Drops all. */
void pacing_clear(struct pacing *pacing);

#endif
