/* session_md.h: the market: one market data session with the front, and the clients that share it.
 * What a client sees is what it would see if the session were its own: its login is answered, each
 * instrument that it subscribes is answered, its ticks come, and where others had the instrument
 * before it gets the last tick at once. Loop thread only. */
#ifndef WEBCTP_SESSION_MD_H
#define WEBCTP_SESSION_MD_H

#include "webctp/connection.h"

struct market;
struct market_client;

/* Connects to nothing before the first client logs in. */
struct market *market_create(struct gateway *gateway);

/* Releases the session with the front. All clients must be gone. NULL is allowed. */
void market_destroy(struct market *market);

/* A connection that is not logged in yet. Borrows it. */
struct market_client *market_client_create(struct market *market, struct connection *connection);

/* Ends its subscriptions. NULL is allowed. */
void market_client_destroy(struct market_client *client);

/* A request that was read and checked. */
void market_client_request(struct market_client *client, struct request *request);

#endif
