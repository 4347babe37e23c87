/* gateway.h: webctp as a whole: the loaded libraries, the port, and what came from the libraries'
 * threads on its way to the loop. All of its state belongs to the loop's thread, but for the inbox.
 */
#ifndef WEBCTP_GATEWAY_H
#define WEBCTP_GATEWAY_H

#include "webctp/inbox.h"
#include "webctp/listener.h"
#include "webctp/options.h"

struct link;
struct releaser;
struct market;

struct gateway {
    const struct options *options;
    struct listener *listener;
    struct inbox inbox;
    struct ctp_library library[2]; /* by enum ctp_side; a handle where the side is served */
    struct releaser *releaser;
    struct link *links; /* all that are not released yet */
    struct market *market;
};

/* What a thread has for the loop: `run` is called there, and frees the event. First member: it is
 * queued by it. */
struct event {
    struct inbox_item item;
    void (*run)(struct event *event);
};

/* Loads the libraries, opens the port. `options` must outlive the gateway. Fails with the reason;
 * gateway_finish in any case. */
bool gateway_start(struct gateway *gateway, const struct options *options, struct error *error)
    __attribute__((warn_unused_result));

/* Runs until gateway_stop. */
void gateway_run(struct gateway *gateway);

/* Any thread. Connections are closed with 1001, then gateway_run returns. */
void gateway_stop(struct gateway *gateway);

/* Releases every CTP session, waits for the libraries to have done so (10 s at most), and frees
 * all. False when a library did not come back: then its memory must stay, and the process should
 * end. */
bool gateway_finish(struct gateway *gateway);

/* Any thread: the event runs on the loop soon, after all that this thread posted before. */
void gateway_post(struct gateway *gateway, struct event *event);

/* The layout of a struct in the version that a side's library is used with. */
const struct ctp_layout *gateway_layout(const struct gateway *gateway, enum ctp_side side,
                                        enum ctp_struct of);

#endif
