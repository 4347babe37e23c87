/* proxy.c: see proxy.h. Three short questions, each answered before the next; nothing is read
 * beyond an answer, so that the front's first bytes stay in the socket. */
#include "ttsapi/proxy.h"
#include "base/clock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum { SOCKS_VERSION = 5, LOGIN_VERSION = 1, WITHOUT_LOGIN = 0, BY_PASSWORD = 2, CONNECT = 1 };
enum { ADDRESS_V4 = 1, ADDRESS_NAME = 3, ADDRESS_V6 = 4 };

struct conversation {
    int descriptor, wake;
    int64_t end_ns;
};

static bool wait_for(const struct conversation *with, short events)
{
    for (;;) {
        struct pollfd polled[] = {{.fd = with->descriptor, .events = events},
                                  {.fd = with->wake, .events = POLLIN}};
        int64_t left = with->end_ns - clock_monotonic_ns();
        if (left <= 0)
            return false;
        int ready = poll(polled, 2, (int)(left / 1000000 + 1));
        if ((ready < 0 && errno != EINTR) || (ready > 0 && polled[1].revents))
            return false;
        if (ready > 0 && polled[0].revents)
            return true;
    }
}

static bool say(const struct conversation *with, const struct buffer *words)
{
    size_t said = 0;
    while (said < words->length) {
        ssize_t put = send(with->descriptor, words->at + said, words->length - said,
                           MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put > 0)
            said += (size_t)put;
        else if (errno != EAGAIN || !wait_for(with, POLLOUT))
            return false;
    }
    return true;
}

static bool hear(const struct conversation *with, unsigned char *answer, size_t length)
{
    size_t heard = 0;
    while (heard < length) {
        ssize_t got = recv(with->descriptor, answer + heard, length - heard, MSG_DONTWAIT);
        if (got > 0)
            heard += (size_t)got;
        else if (got == 0 || errno != EAGAIN || !wait_for(with, POLLIN))
            return false;
    }
    return true;
}

static void put_byte(struct buffer *words, size_t byte)
{
    buffer_put_char(words, (char)(unsigned char)byte);
}

/* A text of at most 255 bytes behind its length. */
static void put_counted(struct buffer *words, const char *what)
{
    put_byte(words, strlen(what));
    buffer_put_text(words, text_of(what));
}

/* Which way of logging in the proxy wants, and that. */
static bool log_in(const struct conversation *with, struct buffer *words,
                   const struct address *address, struct error *error)
{
    unsigned char answer[2];
    bool named = address->proxy.user[0];
    put_byte(words, SOCKS_VERSION);
    put_byte(words, named ? 2 : 1);
    put_byte(words, WITHOUT_LOGIN);
    if (named)
        put_byte(words, BY_PASSWORD);
    if (!say(with, words) || !hear(with, answer, sizeof answer) || answer[0] != SOCKS_VERSION)
        return error_set(error, "the proxy does not answer as a socks5 proxy");
    if (answer[1] == WITHOUT_LOGIN)
        return true;
    if (answer[1] != BY_PASSWORD || !named)
        return error_set(error, "the proxy wants a login that was not given");
    buffer_clear(words);
    put_byte(words, LOGIN_VERSION);
    put_counted(words, address->proxy.user);
    put_counted(words, address->proxy.password);
    if (say(with, words) && hear(with, answer, sizeof answer) && answer[1] == 0)
        return true;
    return error_set(error, "the proxy refuses its user or password");
}

static void put_front(struct buffer *words, const struct address *address)
{
    unsigned char number[16];
    if (inet_pton(AF_INET, address->host, number) == 1) {
        put_byte(words, ADDRESS_V4);
        buffer_put(words, number, 4);
    } else if (inet_pton(AF_INET6, address->host, number) == 1) {
        put_byte(words, ADDRESS_V6);
        buffer_put(words, number, 16);
    } else {
        put_byte(words, ADDRESS_NAME);
        put_counted(words, address->host);
    }
    int64_t port = 0;
    bool read = text_to_int(text_of(address->port), &port);
    uint16_t on_wire = htons(read ? (uint16_t)port : 0);
    buffer_put(words, &on_wire, sizeof on_wire);
}

/* The answer ends with the address that the proxy connects from, which nobody needs. */
static bool hear_rest(const struct conversation *with, unsigned kind)
{
    unsigned char rest[256 + 2];
    unsigned char length = kind == ADDRESS_V4 ? 4 : 16;
    if (kind == ADDRESS_NAME && !hear(with, &length, 1))
        return false;
    return hear(with, rest, length + 2u);
}

static bool ask_on(const struct conversation *with, struct buffer *words,
                   const struct address *address, struct error *error)
{
    unsigned char answer[4];
    buffer_clear(words);
    put_byte(words, SOCKS_VERSION);
    put_byte(words, CONNECT);
    put_byte(words, 0);
    put_front(words, address);
    if (!say(with, words) || !hear(with, answer, sizeof answer) || answer[0] != SOCKS_VERSION)
        return error_set(error, "the proxy does not answer as a socks5 proxy");
    if (answer[1] != 0)
        return error_set(error, "the proxy cannot connect to %.100s (socks5 says %d)",
                         address->said, answer[1]);
    return hear_rest(with, answer[3]) || error_set(error, "the proxy breaks off its answer");
}

bool proxy_pass(int descriptor, const struct address *address, int wake, int timeout_ms,
                struct error *error)
{
    struct conversation with = {
        .descriptor = descriptor,
        .wake = wake,
        .end_ns = clock_monotonic_ns() + timeout_ms * INT64_C(1000000),
    };
    struct buffer words = {.at = NULL};
    bool passed = log_in(&with, &words, address, error) && ask_on(&with, &words, address, error);
    buffer_finish(&words);
    return passed || error_at(error, address->proxy.host, 0, 0);
}
