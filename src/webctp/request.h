/* request.h: one message of a client, read and checked: which method of the API it calls, with
 * what. Everything that can be wrong with a message by itself is found here, in the protocol's
 * order, and becomes the answer that says so. Knows no connection and no session, so that a fuzzer
 * can feed it. */
#ifndef WEBCTP_REQUEST_H
#define WEBCTP_REQUEST_H

#include "base/buffer.h"
#include "ctp/ctp.h"

enum {
    REQUEST_INSTRUMENTS_MAX = 20000, /* in one message */
    REQUEST_INSTRUMENT_SIZE = 81,    /* of an instrument's id, with its NUL */
};

struct request {
    enum ctp_method method;
    int request_id;
    _Alignas(
        8) char body[CTP_STRUCT_SIZE_MAX]; /* the method's struct; zero where the method has none */
    bool has_body;                         /* the message had one */
    char (*instruments)[REQUEST_INSTRUMENT_SIZE]; /* CTP_SHAPE_INSTRUMENTS: GB18030; owned by the
                                                     request */
    unsigned instrument_count;
    char note[160]; /* a key of the body that the struct lacks, in words for the log; empty when
                       there is none */
};

/* Which struct layouts and methods hold, and how strict to be. */
struct request_rules {
    enum ctp_version version;
    enum ctp_class class; /* CTP_TraderApi or CTP_MdApi */
    bool strict;          /* a key that the struct lacks is an error */
};

/* Reads `message`. False when it is refused: then the error answer was appended to `refusal`.
 * request_finish in any case. */
bool request_read(struct request *request, const struct request_rules *rules, text message,
                  bool binary, struct buffer *refusal);
void request_finish(struct request *request);

#endif
