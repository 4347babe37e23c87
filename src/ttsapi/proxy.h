/* proxy.h: through a SOCKS5 proxy (RFC 1928, user and password by RFC 1929) to a front. */
#ifndef TTSAPI_PROXY_H
#define TTSAPI_PROXY_H

#include "ttsapi/address.h"

/* Asks the proxy at the other end of a connected, non-blocking socket to connect on to the front.
 * The front's name is resolved by the proxy. True when the socket now leads to the front. False,
 * with the reason, when the proxy refuses, says nothing for `timeout_ms`, or `wake` becomes
 * readable; the socket stays the caller's. */
bool proxy_pass(int descriptor, const struct address *address, int wake, int timeout_ms,
                struct error *error) __attribute__((warn_unused_result));

#endif
