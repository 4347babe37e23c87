/* order_stream.h: the stream of bench/book/book_stream.h as clients' requests to a core. */
#ifndef BENCH_ORDER_STREAM_H
#define BENCH_ORDER_STREAM_H

#include "book_stream.h"
#include "tts/core/core.h"

/* ---- a core for the stream ---- */

struct stream_core {
    struct core *core;
    void (*effect)(void *user, const void *bytes, size_t length);
    void *user;
    uint64_t effects, effect_bytes, requests, refused;
    bool closes; /* orders close what they can, so that positions stay small over many days */
    int request_id;
    int64_t order_ref;
    struct {
        int64_t order_ref;
        uint32_t connection;
    } living[STREAM_HANDLES];
    int32_t session_id[3];
    /* by connection: what is the same in all its requests */
    struct CThostFtdcInputOrderField input[3];
    struct CThostFtdcInputOrderActionField action[3];
};

/* Two users of endless money, logged in on connections 1 and 2, and one instrument in book mode.
 * `effect` (NULL: dropped) takes the effects. */
void stream_core_begin(struct stream_core *stream,
                       void (*effect)(void *user, const void *bytes, size_t length), void *user);
void stream_core_end(struct stream_core *stream);

/* An empty core of the same options: for recovery. The caller destroys it. */
struct core *stream_core_empty(struct stream_core *stream);

/* Both users log in anew: after a settlement. */
void stream_core_login(struct stream_core *stream);

/* One message as a client's requests: one ReqOrderInsert, for STREAM_REPLACE a ReqOrderAction
 * before it. */
void stream_core_play(struct stream_core *stream, const struct stream_message *message);

#endif
