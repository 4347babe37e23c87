/* connect.c: see connect.h. */
#include "ttsapi/connect.h"
#include "base/clock.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

enum { ENDPOINTS_OF_NAME_MAX = 4 };

/* Who is connected to: the front, or the proxy before it. */
static struct addrinfo *look_up(const struct address *address)
{
    bool proxied = address->proxy.host[0];
    const char *host = proxied ? address->proxy.host : address->host;
    const char *port = proxied ? address->proxy.port : address->port;
    struct addrinfo hints = {
        .ai_family = address->scheme == ADDRESS_TCP6 && !proxied ? AF_INET6 : AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
    };
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, port, &hints, &found) == 0)
        return found;
    hints.ai_flags = AI_NUMERICSERV;
    return getaddrinfo(host, port, &hints, &found) == 0 ? found : NULL;
}

static size_t resolve_one(const struct address *address, size_t which, struct endpoint endpoints[],
                          size_t room)
{
    struct addrinfo *found = look_up(address);
    size_t count = 0;
    for (struct addrinfo *one = found; one && count < room && count < ENDPOINTS_OF_NAME_MAX;
         one = one->ai_next) {
        struct endpoint *endpoint = &endpoints[count];
        if (one->ai_addrlen > sizeof endpoint->to)
            continue;
        memcpy(&endpoint->to, one->ai_addr, one->ai_addrlen);
        endpoint->size = one->ai_addrlen;
        endpoint->which = which;
        count++;
    }
    if (found)
        freeaddrinfo(found);
    return count;
}

size_t connect_resolve(const struct address addresses[], size_t count, size_t avoid,
                       struct endpoint endpoints[])
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (i != avoid)
            found += resolve_one(&addresses[i], i, endpoints + found, ENDPOINTS_MAX - found);
    if (found == 0 && avoid < count)
        found = resolve_one(&addresses[avoid], avoid, endpoints, ENDPOINTS_MAX);
    return found;
}

static int open_socket(const struct endpoint *endpoint)
{
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int descriptor = socket(endpoint->to.any.sa_family, type, 0);
    if (descriptor < 0)
        return -1;
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(descriptor, &endpoint->to.any, endpoint->size) == 0 || errno == EINPROGRESS)
        return descriptor;
    close(descriptor);
    return -1;
}

static bool stands(int descriptor)
{
    int failure = 0;
    socklen_t size = sizeof failure;
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0;
}

/* Looks at what poll told: closes what failed; the index of a connection that stands, or -1. */
static int first_standing(struct pollfd polled[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (polled[i].fd < 0 || polled[i].revents == 0)
            continue;
        if (stands(polled[i].fd))
            return (int)i;
        close(polled[i].fd);
        polled[i].fd = -1;
    }
    return -1;
}

static bool any_open(const struct pollfd polled[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (polled[i].fd >= 0)
            return true;
    return false;
}

static void close_others(const struct pollfd polled[], size_t count, int kept)
{
    for (size_t i = 0; i < count; i++)
        if (polled[i].fd >= 0 && (int)i != kept)
            close(polled[i].fd);
}

int connect_first(const struct endpoint endpoints[], size_t count, int wake, int timeout_ms,
                  size_t *which)
{
    struct pollfd polled[ENDPOINTS_MAX + 1];
    for (size_t i = 0; i < count; i++)
        polled[i] = (struct pollfd){.fd = open_socket(&endpoints[i]), .events = POLLOUT};
    polled[count] = (struct pollfd){.fd = wake, .events = POLLIN};
    int64_t end = clock_monotonic_ns() + timeout_ms * INT64_C(1000000);
    int found = -1;
    while (found < 0 && any_open(polled, count)) {
        int64_t left = end - clock_monotonic_ns();
        if (left <= 0)
            break;
        int ready = poll(polled, count + 1, (int)(left / 1000000 + 1));
        if ((ready < 0 && errno != EINTR) || (ready > 0 && polled[count].revents))
            break;
        if (ready > 0)
            found = first_standing(polled, count);
    }
    close_others(polled, count, found);
    if (found < 0)
        return -1;
    *which = endpoints[found].which;
    return polled[found].fd;
}
