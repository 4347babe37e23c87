/* wire_client.h: a client on the bare wire (codec/wire.h), newest version, that never blocks but
 * where it says so: for tests and loads that need thousands of requests in flight, and to see each
 * frame's bytes. One thread a client. */
#ifndef SIMULATION_WIRE_CLIENT_H
#define SIMULATION_WIRE_CLIENT_H

#include "codec/wire.h"
#include "ctp/canonical.h"
#include "ctp/vtable.h"

struct wire_client {
    int socket; /* -1: closed */
    bool md;
    struct buffer in, out;
    size_t in_used; /* bytes of `in` that were given as frames */
};

/* Connects to 127.0.0.1 and waits for WELCOME. False: refused or gone. */
bool wire_client_open(struct wire_client *client, int port, bool md);
void wire_client_close(struct wire_client *client);

/* The first half of it: a connection that has said nothing yet; and what it should say first. */
bool wire_client_connect(struct wire_client *client, int port, bool md);
struct wire_hello wire_client_hello(bool md);

/* Puts a frame behind what waits to be sent. */
void wire_client_request(struct wire_client *client, enum ctp_method method, const void *body,
                         int request_id);
void wire_client_topics(struct wire_client *client, const struct wire_topics *topics);

/* TOPICS and ReqUserLogin. */
void wire_client_login(struct wire_client *client, const char *user, const char *password,
                       const struct wire_topics *topics);

/* Sends what the socket takes; reads what it has. False: the connection is gone. */
bool wire_client_send(struct wire_client *client);
bool wire_client_receive(struct wire_client *client);

/* The next whole frame; its payload is borrowed until the next receive. False: none. */
bool wire_client_next(struct wire_client *client, struct wire_frame *frame);

/* The same, but waits up to `ms` for it and sends meanwhile. */
bool wire_client_wait(struct wire_client *client, struct wire_frame *frame, int ms);

/* The callback that a frame tells of, unpacked into the caller's `rsp_info` and `body`
 * (CTP_STRUCT_SIZE_MAX bytes). False: damaged, or no callback. */
bool wire_client_callback(const struct wire_client *client, const struct wire_frame *frame,
                          struct CThostFtdcRspInfoField *rsp_info, void *body,
                          struct ctp_callback *callback);

/* The callback of a frame, its RspInfo's ErrorID (0 without one), and its body unpacked into
 * `body` (CTP_STRUCT_SIZE_MAX bytes; zero without one). CTP_METHOD_NONE: damaged. */
enum ctp_method wire_client_read(const struct wire_client *client, const struct wire_frame *frame,
                                 int *error_id, void *body);

#endif
