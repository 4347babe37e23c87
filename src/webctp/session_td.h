/* session_td.h: the trading session behind one connection: the chain of calls that a login is, its
 * repetition after the front was lost, and every request and return in between. Loop thread only.
 */
#ifndef WEBCTP_SESSION_TD_H
#define WEBCTP_SESSION_TD_H

#include "webctp/connection.h"

struct session_td;

/* Nobody is logged in, no CTP session exists yet. Borrows the connection, which outlives it. */
struct session_td *session_td_create(struct gateway *gateway, struct connection *connection);

/* Releases the CTP session. NULL is allowed. */
void session_td_destroy(struct session_td *session);

/* A request that was read and checked. */
void session_td_request(struct session_td *session, struct request *request);

#endif
