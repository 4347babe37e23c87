/* listener.h: the WebSocket server: a port, its connections, and the loop that all of webctp's
 * state belongs to. What happens comes as typed calls; which library does the work is known to
 * listener.c alone. Everything here is for the loop's thread, but for listener_wake. */
#ifndef WEBCTP_LISTENER_H
#define WEBCTP_LISTENER_H

#include "base/error.h"
#include "webctp/fanout.h"

struct listener;
struct listener_socket; /* one open WebSocket connection; valid from `opened` until `closed` returns
                         */
struct listener_timer;

/* RFC 6455, 7.4.1, and 1013 of the IANA registry. */
enum listener_close_code {
    CLOSE_GOING_AWAY = 1001,
    CLOSE_TOO_BIG = 1009,
    CLOSE_INTERNAL = 1011,
    CLOSE_TRY_AGAIN = 1013,
};

struct listener_options {
    const char *host; /* a name or an address, 4 or 6 */
    int port;         /* 0: any free one */
    int ping_interval_ms;
    int ping_timeout_ms; /* without a pong the connection is closed with 1011 */
    size_t message_bytes_max;
    unsigned connections_max; /* beyond it: HTTP 503 */
    bool compression;         /* permessage-deflate for those who offer it */
    struct outbox_limits outbox;
};

/* What somebody wants who asks for a connection. Borrowed for the call. */
struct listener_request {
    text path;   /* without its query */
    text token;  /* the query's token=..., empty when there is none */
    text origin; /* of the page that asks; empty from programs */
};

struct listener_handler {
    void *user;
    /* Whether a connection may be opened: 0, or the HTTP status to refuse it with and the reason in
     * words, which must stay. */
    unsigned (*admit)(void *user, const struct listener_request *request, const char **why);
    /* A connection was opened; returns what the other calls are given as `client`. */
    void *(*opened)(void *user, struct listener_socket *socket, text path);
    /* A whole message. `message` is borrowed for the call. */
    void (*message)(void *client, text message, bool binary);
    /* The connection is gone, whoever ended it. */
    void (*closed)(void *client);
    /* Somebody called listener_wake. */
    void (*woken)(void *user);
};

/* Opens the port. Options and handler are copied, the host borrowed for the call. Fails with the
 * reason: a host that is not this machine's, a port that is taken. */
struct listener *listener_create(const struct listener_options *options,
                                 const struct listener_handler *handler, struct error *error);

/* Closes what is still open (each gets its `closed`) and frees all. NULL is allowed. */
void listener_destroy(struct listener *listener);

/* Calls `closed` for all that are still open and lets them be: nothing of them reaches the handler
 * any more. */
void listener_abandon(struct listener *listener);

/* The port that it listens on. */
int listener_port(const struct listener *listener);

/* Runs until listener_stop has done its work. */
void listener_run(struct listener *listener);

/* No more connections; those there are closed with 1001. listener_run returns when all are gone, or
 * after `grace_ms`. */
void listener_stop(struct listener *listener, int grace_ms);

/* Any thread, also after listener_stop but not after listener_destroy: `woken` is called on the
 * loop soon. */
void listener_wake(struct listener *listener);

/* Queues a frame (with a reference of its own) for a connection; what is queued in one call of the
 * handler is written together. A reader that is too far behind is closed with 1013. Nothing is sent
 * on a connection that is closing. */
void listener_send(struct listener_socket *socket, struct frame *frame);

/* Closes a connection: what waits for it is dropped, it gets the code and the reason (at most 120
 * bytes). `closed` follows. */
void listener_close(struct listener_socket *socket, enum listener_close_code code,
                    const char *reason);

/* A timer that is not set; what it calls; NULL may be destroyed. */
struct listener_timer *listener_timer_create(struct listener *listener, void (*due)(void *user),
                                             void *user);
void listener_timer_set(struct listener_timer *timer, int ms); /* anew when it was set */
void listener_timer_clear(struct listener_timer *timer);
void listener_timer_destroy(struct listener_timer *timer);

#endif
