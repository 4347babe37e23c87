/* websocket_client.h: a WebSocket client for tests: blocking, one connection, strict about what the
 * server may send. It can also misbehave where a test needs that: cut messages, wrong frames, no
 * pongs, no reading. One thread per connection. */
#ifndef SUPPORT_WEBSOCKET_CLIENT_H
#define SUPPORT_WEBSOCKET_CLIENT_H

#include "base/buffer.h"

enum websocket_opcode {
    WEBSOCKET_CONTINUATION = 0,
    WEBSOCKET_TEXT = 1,
    WEBSOCKET_BINARY = 2,
    WEBSOCKET_CLOSE = 8,
    WEBSOCKET_PING = 9,
    WEBSOCKET_PONG = 10,
};

enum websocket_got {
    WEBSOCKET_MESSAGE, /* a whole text message stands in `message` */
    WEBSOCKET_CLOSED,  /* a close frame came: close_code, close_reason */
    WEBSOCKET_CUT,     /* the connection ended without one, or the server broke the protocol */
    WEBSOCKET_NOTHING, /* nothing came in time */
};

struct websocket {
    int descriptor;
    int status;            /* of the HTTP answer, 101 when it is open */
    bool compressed;       /* permessage-deflate was agreed on */
    bool keep_silent;      /* answer no pings */
    unsigned pings;        /* received so far */
    struct buffer head;    /* the HTTP answer, and its body when it is no 101 */
    struct buffer input;   /* bytes that are no whole frame yet */
    struct buffer message; /* NUL-terminated; the NUL is not counted */
    int close_code;        /* 1005 when the frame had none */
    char close_reason[128];
    void *inflater;
};

/* Connects and shakes hands; `headers` are further header lines, each with its CRLF ("" for none).
 * `offer_compression` adds permessage-deflate. False when there is no connection or the answer is
 * not 101: see `status` and `head`. websocket_finish in any case. */
bool websocket_open(struct websocket *socket, const char *host, int port, const char *path,
                    const char *headers, bool offer_compression);

/* Sends one frame, masked. `final` false for a message's first pieces. False when the connection is
 * gone. */
bool websocket_send_frame(struct websocket *socket, enum websocket_opcode opcode, bool final,
                          text payload);

/* Sends a text message in one frame. */
bool websocket_send(struct websocket *socket, const char *message);

/* Waits for the next message, answering pings. */
enum websocket_got websocket_receive(struct websocket *socket, int timeout_ms);

/* Sends a close frame with the code, waits a little for the answer, and ends the connection. */
void websocket_close(struct websocket *socket, int code);

/* Ends the connection as a lost network does: with a reset, and without a word. */
void websocket_abort(struct websocket *socket);

void websocket_finish(struct websocket *socket);

#endif
