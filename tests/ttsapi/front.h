/* front.h: the front's end of the wire, played by the test itself, step by step, on a port that the
 * system chooses. Every wait has an end: what does not come within WAIT_MS fails the test. */
#ifndef TESTS_TTSAPI_FRONT_H
#define TESTS_TTSAPI_FRONT_H

#include "cmocka_all.h"
#include "codec/wire.h"

enum { WAIT_MS = 20000 };

struct front {
    int listener;
    char address[64]; /* "tcp://127.0.0.1:port" */
};

/* One connection. `frame` is the last one read; its payload lives until the next read. */
struct peer {
    int descriptor;
    enum ctp_version version;
    struct wire_hello hello;
    struct wire_frame frame;
    struct buffer in;
    size_t used; /* bytes of `in` that `frame` takes */
};

void front_open(struct front *front);
void front_close(struct front *front);

/* The next connection, and its HELLO. */
void front_accept(struct front *front, struct peer *peer);
bool front_accept_within(struct front *front, struct peer *peer, int wait_ms);

/* Accepts, and answers HELLO with a WELCOME without limits, or with that one. */
void front_welcome(struct front *front, struct peer *peer, const struct wire_welcome *welcome);

/* Reads the next frame but for heartbeats (unless one is expected), which must be of that kind. */
void peer_expect(struct peer *peer, enum wire_kind kind);

/* Reads a REQUEST, which must be of that method, into `body` (NULL to ignore). Returns the request
 * id. */
int peer_expect_request(struct peer *peer, enum ctp_method method, void *body);

/* The library closes, whatever it sends before. */
void peer_expect_closed(struct peer *peer);

void peer_send(struct peer *peer, const struct buffer *bytes);

/* Sends an ANSWER; `error_id` below 0 for no RspInfo; `body` may be NULL. */
void peer_answer(struct peer *peer, enum ctp_method method, int request_id, bool is_last,
                 int error_id, const void *body);

/* Sends a message of a flow or a tick: WIRE_PRIVATE, WIRE_PUBLIC, WIRE_TICK. */
void peer_message(struct peer *peer, enum wire_kind kind, uint32_t number, enum ctp_method method,
                  const void *body);

/* The same for a private OnErrRtn...: with a RspInfo. */
void peer_error_return(struct peer *peer, uint32_t number, enum ctp_method method, int error_id,
                       const void *body);

/* Reads TOPICS and ReqUserLogin of `user`, and answers: flows from these numbers, then success. */
struct wire_topics peer_login(struct peer *peer, uint32_t day, uint32_t private_next,
                              uint32_t public_next);

/* Sends n order returns (or, public, instrument states), numbered from `first`; OrderRef says the
 * number. */
void peer_flow(struct peer *peer, enum wire_kind kind, uint32_t first, uint32_t count);

void peer_close(struct peer *peer);

#endif
