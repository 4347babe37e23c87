/* link.h: one Api object of a CTP library: made, called, and released. Its callbacks come on
 * threads of the library; there each becomes a finished frame or a copy, and goes to the loop as a
 * link_event. Everything here is for the loop's thread. */
#ifndef WEBCTP_LINK_H
#define WEBCTP_LINK_H

#include "webctp/gateway.h"

enum { LINK_INSTRUMENT_SIZE = 81, LINK_NAME_SIZE = 160 };

/* A callback, as the loop gets it. A trader's callbacks come encoded (no frame where the client
 * would not get it). Of market data, what is a return comes encoded, with its instrument;
 * everything else goes to some of many clients and comes as copies. */
struct link_event {
    struct event event;
    struct link *link;
    enum ctp_method method;
    int error_id; /* of the RspInfo; 0 when there was none */
    int request_id;
    int number;
    bool is_last;
    struct frame *frame; /* the receiver may keep it by frame_acquire */
    char instrument[LINK_INSTRUMENT_SIZE];
    void *body, *rsp_info; /* copies, or NULL */
};

typedef void link_receiver(void *owner, const struct link_event *event);

/* Makes an Api object whose flow files begin with ConFilePath and `name` (a number is added while
 * another link has that name), and starts to connect. NULL when the library gives no object. What
 * happens comes to `receiver` with `owner`. */
struct link *link_create(struct gateway *gateway, enum ctp_side side, text name,
                         link_receiver *receiver, void *owner);

/* Nothing more comes from the link; its object is released on another thread, and then it is gone.
 * NULL is allowed. */
void link_release(struct link *link);

/* Calls a REQUEST, LOCAL or INSTRUMENTS method; what it returns: 0, or -1, -2, -3. */
int link_request(struct link *link, enum ctp_method method, void *body, int request_id);
int link_instruments(struct link *link, enum ctp_method method, char **instruments, int count);

/* Calls a GET_TEXT method; empty when there is no text. Borrowed from the library. */
text link_text(struct link *link, enum ctp_method method);

/* Why a login has no answer, for people: the fronts' addresses and what is known. `connected`: the
 * front is there but silent; `reason`: of the last OnFrontDisconnected, 0 when there was none. */
void link_unreachable(const struct link *link, bool connected, int reason, char *out, size_t size);

/* The thread on which objects are released: a library's Release may wait. */
struct releaser *releaser_create(struct gateway *gateway);

/* Waits until all is released. False when that takes longer than `wait_s`; then the releaser is
 * left alone. */
bool releaser_destroy(struct releaser *releaser, int wait_s);

#endif
