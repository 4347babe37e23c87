/* conversation.h: talking to webctp, for the examples: one WebSocket, JSON objects out and in. A
 * request is a method's name, a body named as the method's struct, and a RequestID that comes back
 * with the answer (docs/webctp.md). One thread, blocking. */
#ifndef EXAMPLES_CONVERSATION_H
#define EXAMPLES_CONVERSATION_H

#include "websocket_client.h"
#include <jansson.h>

struct conversation {
    struct websocket socket;
    int last_request; /* RequestID of the newest request */
    bool show;        /* print every message as it goes and comes */
};

/* Connects to ws://HOST:PORT/path/; HOST is a number, as 127.0.0.1. False with a line on stderr.
 * conversation_close in any case. */
bool conversation_open(struct conversation *talk, const char *url);

/* Sends {"MsgType": method, body_name: body, "RequestID": n} and takes over `body`. False with a
 * line on stderr when the connection is gone. */
bool conversation_ask(struct conversation *talk, const char *method, const char *body_name,
                      json_t *body);

/* The next message within the time; NULL when none came or the connection ended. The caller gives
 * it back with json_decref. */
json_t *conversation_next(struct conversation *talk, int timeout_ms);

/* The next message whose MsgType is `type`, passing over others. NULL with a line on stderr when
 * none came in time. */
json_t *conversation_wait(struct conversation *talk, const char *type, int timeout_ms);

/* The ErrorID of a message's RspInfo: 0 when all is well; then ErrorMsg goes to stderr. */
int conversation_error(const json_t *message);

/* A field of a message's body: conversation_text(message, "Order", "OrderSysID"); "" and 0 when it
 * is not there. Texts live as long as the message. */
const char *conversation_text(const json_t *message, const char *body, const char *field);
double conversation_number(const json_t *message, const char *body, const char *field);

void conversation_close(struct conversation *talk);

#endif
