/* query_rows.h: what all queries share: who may ask, which rows the request's fields select, and
 * how the rows go out. A field of a request selects by the field of the same name in the row, so a
 * query only makes its rows. Queries read state, emit nothing, and answer at once: what they tell
 * is the state in which they were decided. For the query_*.c files.
 *
 * Selection (docs/tts-queries.md): an empty text, a NUL or a zero selects all; given fields are
 * joined with AND; texts are compared trimmed and exactly, ExchangeID in any case. ...TimeStart and
 * ...TimeEnd bound the row's ...Time, both inclusive, along the trading day (21:00 before 02:00
 * before 09:00). BrokerID, InvestUnitID, BizType and reserveN select nothing. */
#ifndef TTS_CORE_QUERIES_QUERY_ROWS_H
#define TTS_CORE_QUERIES_QUERY_ROWS_H

#include "tts/core/reply.h"

enum { QUERY_FILTERS_MAX = 16 };

struct query_filter {
    const struct ctp_field *asked, *row;
    char bound; /* 0: equal; '<': the row's time is not before the asked one; '>': not after */
};

struct query {
    struct core *core;
    const struct core_request *request;
    const struct connection *from;
    const struct ctp_layout *asked; /* the request's struct */
    const struct ctp_field *broker; /* BrokerID in the row, NULL when it has none */
    uint32_t investor;              /* the account that the request names; NONE: all */
    bool nothing;                   /* a filter that no row can fit */
    int filter_count;
    struct query_filter filters[QUERY_FILTERS_MAX];
    struct reply_rows rows;
};

/* Checks who asks: BrokerID (2), InvestorID, AccountID and UserID (9). False: refused, and that is
 * answered. */
bool query_begin(struct query *query, struct core *core, const struct core_request *request)
    __attribute__((warn_unused_result));

/* A request's text field of that name; empty when its struct has none. */
text query_asked(const struct query *query, const char *name);

/* Selects no more by the field: the query does it itself, or the row shows another name. */
void query_ignore(struct query *query, const char *name);

/* Sends a row (the answer's canonical struct) if the filters take it, with the BrokerID that the
 * asker logged in with. */
void query_row(struct query *query, void *row);

/* The last row with bIsLast, or the empty answer. */
void query_end(struct query *query);

/* ---- whole queries: begin, a function that makes and sends the rows of one thing, end ---- */

/* By account, in the order in which the user got them. */
void query_by_account(struct core *core, const struct core_request *request,
                      void (*rows)(struct query *query, uint32_t account));

/* By exchange that trades something here, in the order of their ids. */
void query_by_exchange(struct core *core, const struct core_request *request,
                       void (*rows)(struct query *query, enum exchange exchange));

/* By product, in the order of exchange and id. */
void query_by_product(struct core *core, const struct core_request *request,
                      void (*rows)(struct query *query, const struct product *product));

/* By instrument that fits the request's InstrumentID and ExchangeID, in the order of exchange and
 * id. */
void query_by_instrument(struct core *core, const struct core_request *request,
                         void (*rows)(struct query *query, const struct instrument *instrument));

/* ---- what queries of other shapes are made of ---- */

/* The accounts that the answer is about, in the order in which the user got them; start with
 * *cursor = 0. */
bool query_next_account(const struct query *query, uint32_t *cursor, uint32_t *account);

/* Whether the answer is about this account. */
bool query_sees(const struct query *query, uint32_t account);

/* Whether an instrument fits the request's InstrumentID and ExchangeID. */
bool query_fits_instrument(const struct query *query, uint32_t place);

/* The instruments of the market that fit the request's InstrumentID and ExchangeID, by exchange and
 * id. An InstrumentID is looked up, not searched for. */
struct query_instruments {
    const struct instrument **at;
    uint32_t count;
};
struct query_instruments query_instruments(const struct query *query);
void query_instruments_free(struct query_instruments *instruments);
uint32_t query_place(const struct query *query, const struct instrument *instrument);

/* The exchanges that trade something here, by id; start with *cursor = 0. */
bool query_next_exchange(const struct query *query, int *cursor, enum exchange *exchange);

/* The ids of before 6.5.1, 31 bytes: they repeat an id that they can hold. */
#define QUERY_PUT_OLD(field, id) query_put_old(field, sizeof(field), id)
void query_put_old(char *field, size_t size, text id);

/* UTF-8 into a GB18030 field, cut at a character border. */
#define QUERY_PUT_UTF8(field, utf8) query_put_utf8(field, sizeof(field), utf8)
void query_put_utf8(char *field, size_t size, text utf8);

/* Whether a field of the answer's struct exists in the asker's version. */
bool query_version_has(const struct query *query, const char *field);

#endif
