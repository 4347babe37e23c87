/* request_check.h: what the requests beside orders have in common: the checks of orders 5.1 that
 * every one of them passes, the identities that their bodies carry, and how they are refused.
 * Bodies are reached by their layout's field names, so that one function serves every struct. For
 * the files of the core. */
#ifndef TTS_CORE_REQUESTS_REQUEST_CHECK_H
#define TTS_CORE_REQUESTS_REQUEST_CHECK_H

#include "tts/core/desk/desk_inside.h"
#include "tts/core/records.h"

/* Who asks for what. Places; `instrument` NONE where a request names none. */
struct request_frame {
    const struct connection *from;
    uint32_t user, session, account, instrument;
};

/* A setting is an order that needs no instrument. */
enum request_kind { REQUEST_OF_ORDER, REQUEST_OF_SETTING, REQUEST_OF_ACTION };

/* Checks 2, 4..7 and 16..22 of a request's body, as far as its struct has the fields. InvestorID,
 * UserID and ExchangeID are completed in the body. An action needs no instrument either (an empty
 * InstrumentID leaves NONE), the instrument need not be tradable, and nobody asks for 19..22. */
struct refusal request_check(struct core *core, const struct core_request *request,
                             enum request_kind kind, enum ctp_struct of, void *body,
                             struct request_frame *frame);

/* The last check of all: whether the account's channel takes requests now, an order's or an
 * action's (21, 78, 79). */
struct refusal request_check_channel(const struct core *core, const struct request_frame *frame,
                                     enum request_kind kind);

/* Refuses: OnRsp... with the body as the request has it, then `kept` with the refusal into the
 * user's private flow. */
void request_refuse(struct core *core, const struct core_request *request, const void *body,
                    const struct refusal *refusal, enum ctp_method kept_as, const void *kept);

/* TraderID, ParticipantID, ClientID, FrontID, SessionID, TradingDay, InsertDate ... of a body, as
 * far as its struct has them. */
void request_identify(struct core *core, const struct request_frame *frame, enum ctp_struct of,
                      void *body);

/* The body of an OnErrRtn...Action from the request's: the same fields and today's stamps. */
void request_action_body(struct core *core, enum ctp_struct from_struct, const void *from,
                         enum ctp_struct to_struct, void *to);

/* A field by name; nothing happens where the struct has no such field. */
void body_put_text(enum ctp_struct of, void *body, const char *field, text value);
void body_put_int(enum ctp_struct of, void *body, const char *field, int value);
void body_put_char(enum ctp_struct of, void *body, const char *field, char value);
text body_text(enum ctp_struct of, const void *body, const char *field); /* empty without it */

/* ---- references of records: own sequences, by session ---- */

/* What a reference field says: empty becomes the session's next one (written 12 wide into the
 * body). `last` is the largest of that session so far. Bad: no number, or not above the last. */
enum reference_verdict { REFERENCE_GOOD, REFERENCE_NO_NUMBER, REFERENCE_NOT_RISING };
enum reference_verdict request_reference(enum ctp_struct of, void *body, const char *field,
                                         int64_t last);

/* The largest reference that a session gave to records of a kind. */
int64_t request_last_reference(const struct core *core, enum record_kind kind, enum ctp_struct of,
                               const char *field, const struct request_frame *frame);

/* The newest record of an account that an action names: by ExchangeID and the number in
 * `system_field` (that of record.number, or with `number_in_body` that of the body), else by
 * FrontID, SessionID (both 0: the asking session) and `reference_field`. NONE when there is none.
 */
struct record_name {
    enum record_kind kind;
    enum ctp_struct action_struct, record_struct;
    const char *system_field, *reference_field;
    bool number_in_body;
};
uint32_t request_find_record(const struct core *core, const struct record_name *name,
                             const void *action, const struct request_frame *frame);

#endif
