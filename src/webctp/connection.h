/* connection.h: one client's WebSocket connection: its messages are read and checked, and go to its
 * trading session or to the market. Loop thread only. */
#ifndef WEBCTP_CONNECTION_H
#define WEBCTP_CONNECTION_H

#include "webctp/gateway.h"
#include "webctp/link.h"
#include "webctp/request.h"

struct connection;

struct connection *connection_create(struct gateway *gateway, struct listener_socket *socket,
                                     enum ctp_side side);

/* The client has gone: its session is released, its subscriptions end. */
void connection_destroy(struct connection *connection);

void connection_message(struct connection *connection, text message, bool binary);

/* To the client: a frame that others may share, a message, an error answer, an error answer to a
 * call that returned `code`. */
void connection_send(struct connection *connection, struct frame *frame);
void connection_send_json(struct connection *connection, const struct buffer *json);
void connection_send_error(struct connection *connection, text msg_type, int error_id,
                           int request_id, text detail);
void connection_send_refusal(struct connection *connection, enum ctp_method request, int code,
                             int request_id);

/* Calls that a library answers by what they return, and not by a callback: GetTradingDay,
 * SubmitUserSystemInfo and their like. */
void connection_call_local(struct connection *connection, struct link *link,
                           struct request *request);

#endif
