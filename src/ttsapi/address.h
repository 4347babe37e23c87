/* address.h: a front's address as RegisterFront takes it: "tcp://host:port", "tcp6://host:port",
 * "ssl://host:port", and behind a blank perhaps a proxy: "socks5://user:password@host:port". */
#ifndef TTSAPI_ADDRESS_H
#define TTSAPI_ADDRESS_H

#include "base/error.h"
#include "codec/wire.h"

enum address_scheme { ADDRESS_TCP, ADDRESS_TCP6, ADDRESS_SSL };

enum { PROXY_TEXT_MAX = 64 };

struct address {
    enum address_scheme scheme;
    char host[128];
    char port[6];
    struct {
        char host[128]; /* empty: no proxy */
        char port[6];
        char user[PROXY_TEXT_MAX + 1]; /* empty: the proxy is not told who we are */
        char password[PROXY_TEXT_MAX + 1];
    } proxy;
    char said[WIRE_ADDRESS_MAX + 1]; /* as it was registered, without the proxy */
};

/* Reads one. The port follows the last colon; brackets around an IPv6 host are taken off. Fails
 * with a sentence that says what to write: unknown scheme, no host, a port outside 1..65535, a
 * proxy that is not socks5. */
bool address_read(text said, struct address *address, struct error *error)
    __attribute__((warn_unused_result));

#endif
