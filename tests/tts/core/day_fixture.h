/* day_fixture.h: what tests of settlements and of the counter's other requests need beside
 * core_fixture.h: settling a day, reading statements, the newest message of a callback. */
#ifndef TESTS_DAY_FIXTURE_H
#define TESTS_DAY_FIXTURE_H

#include "core_fixture.h"

/* Settles and opens the next day, logs all connections in again, and starts their stories anew.
 * `price_of` (may be NULL): settlement prices by instrument id, ended by a NULL id. */
struct day_price {
    const char *instrument;
    double price;
};
void day_settle(struct fixture *fixture, int next_trading_day, const struct day_price *prices);

/* Account 0's (u1's) newest statement as UTF-8; valid until the next call. */
const char *day_statement(struct fixture *fixture);

/* Whether the statement has the word; the message names it when it is missing. */
void assert_statement_has(const char *statement, const char *words);

/* Copies the newest private message of that callback to the connection's user into `body`; fails
 * when there is none. Gives its ErrorID, 0 without RspInfo. */
int day_newest(struct fixture *fixture, uint32_t connection, enum ctp_method callback, void *body,
               size_t size);
#define DAY_NEWEST(fixture, connection, callback, body) \
    day_newest(fixture, connection, CTP_TraderSpi_##callback, body, sizeof *(body))

/* Changes an instrument or its product through the core's own door. */
void day_change_instrument(struct fixture *fixture, const char *id,
                           void (*change)(struct instrument *instrument, double value),
                           double value);
void day_set_expire_date(struct instrument *instrument, double date);
void day_set_underlying(struct fixture *fixture, const char *option, const char *underlying);

/* Lists an instrument that is as another one but for its id, price and limits (10 %). */
void day_list_like(struct fixture *fixture, const char *id, const char *like, double pre);

/* Private and public messages of a callback that were ever kept, also on days gone by. */
int day_count_messages(const struct fixture *fixture, enum ctp_method callback);

#endif
