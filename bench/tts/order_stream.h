/* order_stream.h: the stream of orders that the benches of the counter run on, the same mix as
 * bench/book: of ten messages three are new limit orders that come to rest, six cancel an order and
 * enter it again at another price, one crosses the spread and eats six lots. The book keeps about
 * 1,000 orders. Drawn once, then played on the bare book and on the core. */
#ifndef BENCH_ORDER_STREAM_H
#define BENCH_ORDER_STREAM_H

#include "tts/core/core.h"
#include "tts/core/matching/book.h"

enum {
    STREAM_RESTING = 1000,               /* the first messages fill the book */
    STREAM_HANDLES = 4 * STREAM_RESTING, /* names of living orders, used again */
    STREAM_MIDDLE = 10000,               /* price in ticks of 1 */
    STREAM_LOTS = 2,
    STREAM_CROSSING_LOTS = 3 * STREAM_LOTS,
};

enum stream_kind { STREAM_NEW, STREAM_REPLACE, STREAM_CROSS };

struct stream_message {
    enum stream_kind kind;
    enum match_side side;
    uint32_t handle;
    int64_t price;
};

/* `count` messages behind the STREAM_RESTING first ones; the caller frees. */
struct stream_message *stream_draw(uint32_t count);

/* The bare book: plays messages begin..end-1 on one that is made for it. Nanoseconds, without the
 * first STREAM_RESTING. *fills is a number over all fills. */
int64_t stream_play_book(const struct stream_message *messages, uint32_t count, uint64_t *fills);

/* ---- a core for the stream ---- */

struct stream_core {
    struct core *core;
    char *(*effect_room)(void *user, size_t length);
    void *user;
    struct buffer dropped; /* the newest effect that nobody takes */
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
 * `effect_room` (NULL: they are dropped) takes the effects. */
void stream_core_begin(struct stream_core *stream, char *(*effect_room)(void *user, size_t length),
                       void *user);
void stream_core_end(struct stream_core *stream);

/* An empty core of the same options: for recovery. The caller destroys it. */
struct core *stream_core_empty(struct stream_core *stream);

/* Both users log in anew: after a settlement. */
void stream_core_login(struct stream_core *stream);

/* One message as a client's requests: one ReqOrderInsert, for STREAM_REPLACE a ReqOrderAction
 * before it. */
void stream_core_play(struct stream_core *stream, const struct stream_message *message);

/* The same in parts of one request each: `part` counts from 0; true when it was the last. */
bool stream_core_play_part(struct stream_core *stream, const struct stream_message *message,
                           uint32_t part);

/* Of this thread: a bench on a busy machine must not measure its neighbours. */
int64_t bench_cpu_ns(void);

/* One line of JSON for bench runners; the note says what the two are. */
void bench_line(const char *name, double ours, double baseline, bool higher, const char *unit,
                const char *note);

#endif
