/* connect.h: from addresses to a TCP connection (to the front, or to the proxy before it): resolve
 * all, try all at once, keep the first that stands. */
#ifndef TTSAPI_CONNECT_H
#define TTSAPI_CONNECT_H

#include "ttsapi/address.h"
#include <netinet/in.h>

enum { ENDPOINTS_MAX = 64 };

/* A resolved address; `which` is its index in the list that it came from. */
struct endpoint {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } to;
    socklen_t size;
    size_t which;
};

/* Resolves into `endpoints` (room for ENDPOINTS_MAX) and returns their number. Names that are not
 * found are left out. Host names ask the system's resolver and may block for seconds; numbers never
 * do. The address with index `avoid` is left out if another is found. */
size_t connect_resolve(const struct address addresses[], size_t count, size_t avoid,
                       struct endpoint endpoints[]);

/* Connects to all and returns the non-blocking socket of the first connection that stands, with
 * *which; -1 when none does within `timeout_ms` or when `wake` becomes readable. */
int connect_first(const struct endpoint endpoints[], size_t count, int wake, int timeout_ms,
                  size_t *which);

#endif
