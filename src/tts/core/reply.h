/* reply.h: how the core's files answer: dialog and query answers to one connection, kept messages
 * to flows, and the counter's error texts. For the files of the core only. */
#ifndef TTS_CORE_REPLY_H
#define TTS_CORE_REPLY_H

#include "tts/core/effect.h"

/* An error as the counter tells it. `detail` (UTF-8, may be NULL) is put in brackets behind the
 * table's text. */
struct refusal {
    int error_id;     /* 0: none */
    char detail[128]; /* ErrorMsg holds 40 Chinese characters: 120 bytes here */
};

static inline struct refusal refusal_none(void)
{
    return (struct refusal){.error_id = 0};
}

/* Makes it none where it stands: the detail is long. */
static inline void refusal_clear(struct refusal *refusal)
{
    refusal->error_id = 0;
    refusal->detail[0] = '\0';
}

/* Refusals are rare: `cold` keeps them out of the way of what passes. */
struct refusal refusal_of(int error_id) __attribute__((cold));
struct refusal refusal_with(int error_id, const char *format, ...)
    __attribute__((cold, format(printf, 2, 3)));

/* Fills ErrorID and ErrorMsg (GB18030, cut at a character border). Error 0 is the text of success.
 * The id must be in errors.def (asserted). */
void refusal_fill(const struct refusal *refusal, struct CThostFtdcRspInfoField *rsp_info);

/* The last and only answer to a request, under its own OnRsp...: `body` is an echo or NULL;
 * rsp_info with the refusal (0: success). */
void reply_one(struct core *core, const struct core_request *request, const void *body,
               const struct refusal *refusal);

/* OnRspError. */
void reply_front_error(struct core *core, const struct core_request *request, int error_id);

/* Query rows: reply_row for each, then reply_end, which sends the last row with bIsLast or the
 * empty answer. Rows have no RspInfo. */
struct reply_rows {
    struct core *core;
    const struct core_request *request;
    enum ctp_method callback;
    size_t size; /* of the row's canonical struct */
    bool pending;
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } row;
};
void reply_rows_begin(struct reply_rows *rows, struct core *core,
                      const struct core_request *request);
void reply_row(struct reply_rows *rows, const void *body);
void reply_rows_end(struct reply_rows *rows);

/* Emits a kept message (EFFECT_message): `body` canonical; `refusal` NULL for plain returns. */
void reply_private_to_user(struct core *core, uint32_t user, enum ctp_method callback,
                           const void *body, const struct refusal *refusal);
void reply_private_to_account(struct core *core, uint32_t account, enum ctp_method callback,
                              const void *body, const struct refusal *refusal);
void reply_public(struct core *core, enum ctp_method callback, const void *body);

/* ---- small conversions that all files of the core need ---- */

/* "yyyymmdd" of a date (empty for 0), "HH:MM:SS" of a second of the day (empty for -1), a number 12
 * wide right-aligned. */
void put_date(char *field, size_t size, int date);
void put_time(char *field, size_t size, int second);
void put_number(char *field, size_t size, int64_t number);
#define PUT_DATE(field, date) put_date(field, sizeof(field), date)
#define PUT_TIME(field, second) put_time(field, sizeof(field), second)
#define PUT_NUMBER(field, number) put_number(field, sizeof(field), number)
#define PUT_TEXT(field, t) ((void)text_copy(field, sizeof(field), t))
#define FIELD_TEXT(field) text_of_field(field, sizeof(field))

/* Whether there is nothing but blanks in a text field. */
static inline bool field_is_blank(const char *field, size_t size)
{
    return (unsigned char)field[0] <= ' ' && text_trim(text_of_field(field, size)).length == 0;
}
#define FIELD_IS_BLANK(field) field_is_blank(field, sizeof(field))

/* Numbers in text fields, blanks around allowed. False when it is no number. */
bool read_number(text t, int64_t *number);

/* What the twelve digits of a reference (OrderRef, QuoteRef ...) hold. */
static const int64_t REFERENCE_MAX = 999999999999;

/* The wall clock's Beijing date and second of the day. */
int core_wall_date(const struct core *core);
int core_wall_second(const struct core *core);

/* ---- who may do what ---- */

/* The connection that a request came from. */
struct connection *core_connection(struct core *core, uint32_t connection);

/* Place of a user, of an account; NONE when unknown. */
uint32_t core_find_user(const struct core *core, text id);
uint32_t core_find_account(const struct core *core, text id);

/* Whether the user may act for the account. */
bool core_user_may(const struct core *core, uint32_t user, uint32_t account);

/* The account that a request names in InvestorID: empty gives the user's first, or refusal 146
 * where it is required; 9 when it is not the user's. NONE with *refusal filled on failure. */
uint32_t core_request_account(struct core *core, const struct connection *from, text investor_id,
                              struct refusal *refusal);

/* With broker_check: a BrokerID that differs from the login's gives 2, else 0. */
int core_check_broker(const struct core *core, const struct connection *from, text broker_id);

/* The instrument that InstrumentID and ExchangeID name: 16, 147, 148, 150. NONE with *refusal
 * filled on failure. */
uint32_t core_request_instrument(struct core *core, text instrument_id, text exchange_id,
                                 struct refusal *refusal);

/* CTP's structs of an order and a trade, as the connection's BrokerID shows them (broker_id empty:
 * as the order's session). */
void render_order(struct core *core, const struct order *order, const struct order_state *state,
                  text broker_id, struct CThostFtdcOrderField *out);
void render_trade(struct core *core, const struct trade *trade, text broker_id,
                  struct CThostFtdcTradeField *out);

/* The request that an order was made of. */
void order_request(struct core *core, const struct order *order,
                   struct CThostFtdcInputOrderField *out);

/* ParticipantID and TraderID of the counter. */
text core_member_id(const struct core *core);
void core_trader_id(const struct core *core, char *field, size_t size);

/* The trading code (ClientID) of an account at an exchange. */
void core_client_id(const struct core *core, uint32_t account, enum exchange exchange, char *field,
                    size_t size);

#endif
