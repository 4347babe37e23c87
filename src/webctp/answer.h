/* answer.h: what webctp says, as JSON: any callback of a CTP library by the naming rule, and
 * webctp's own error answers. The rules are the webctp protocol's (docs/webctp.md). Nothing here
 * names a field; the few structs and callbacks that the protocol treats apart stand in tables in
 * answer.c. */
#ifndef WEBCTP_ANSWER_H
#define WEBCTP_ANSWER_H

#include "base/buffer.h"
#include "ctp/vtable.h"

/* ErrorIDs of webctp's own, beside the -1, -2, -3 that calls return. */
enum answer_error {
    ANSWER_BAD_REQUEST = -400,
    ANSWER_NOT_LOGGED_IN = -401,
    ANSWER_NOT_IMPLEMENTED = -404,
};

/* Appends the message for a callback of a library of `version`. Any thread. */
void answer_write_callback(struct buffer *out, enum ctp_version version,
                           const struct ctp_callback *callback);

/* Appends an error answer. `request_id` is left out when it is 0, `detail` (UTF-8) when it is
 * empty. The text is the protocol's for the number, one that says the number for any other. */
void answer_write_error(struct buffer *out, text msg_type, int error_id, int request_id,
                        text detail);

/* The answer's name for a request: "RspQryOrder" for ReqQryOrder, also where the API has no such
 * callback. Into `name`. */
text answer_name(enum ctp_method request, char *name, size_t size);

/* Whether the callback arrives unasked and for everybody: such messages go to clients only with
 * PublicReturns. */
bool answer_is_public(enum ctp_method callback);

/* OnFrontDisconnected's reason in words. */
const char *answer_front_reason(int reason);

/* The ErrorID in a RspInfo of that version, 0 for NULL. */
int answer_error_id(enum ctp_version version, const void *rsp_info);

#endif
