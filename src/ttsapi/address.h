/* address.h: a front's address as RegisterFront takes it: "tcp://host:port", "tcp6://host:port",
 * "ssl://host:port". */
#ifndef TTSAPI_ADDRESS_H
#define TTSAPI_ADDRESS_H

#include "base/error.h"
#include "codec/wire.h"

enum address_scheme { ADDRESS_TCP, ADDRESS_TCP6, ADDRESS_SSL };

struct address {
    enum address_scheme scheme;
    char host[128];
    char port[6];
    char said[WIRE_ADDRESS_MAX + 1]; /* as it was registered */
};

/* Reads one. The port follows the last colon; brackets around an IPv6 host are taken off. Fails
 * with a sentence that says what to write: unknown scheme, no host, a port outside 1..65535, a
 * proxy behind a blank (this library connects directly). */
bool address_read(text said, struct address *address, struct error *error)
    __attribute__((warn_unused_result));

#endif
