/* book_stream.h: the stream of orders that the benches of the counter run on, and the bare book
 * that plays it: of ten messages three are new limit orders that come to rest, six cancel an order
 * and enter it again at another price, one crosses the spread and eats six lots. New lots and eaten
 * lots are equal, so the book keeps about 1,000 orders. Drawn once, then played as often as it is
 * wanted, here on the book and by bench/tts/order_stream.h on the core. */
#ifndef BENCH_BOOK_STREAM_H
#define BENCH_BOOK_STREAM_H

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

/* The bare book: plays all of them on one that is made for it, every order planned first, as the
 * desk does. Nanoseconds of bench_cpu_ns, without the first STREAM_RESTING. *fills is a number over
 * all fills in their order. */
int64_t stream_play_book(const struct stream_message *messages, uint32_t count, uint64_t *fills);

/* The number goes on by one fill of a resting order. */
static inline uint64_t stream_note_fill(uint64_t fills, uint32_t handle, int lots)
{
    return (fills ^ handle ^ (uint64_t)(uint32_t)lots << 32) * 0x100000001b3u;
}

static inline int stream_lots(const struct stream_message *message)
{
    return message->kind == STREAM_CROSS ? STREAM_CROSSING_LOTS : STREAM_LOTS;
}

/* Of this thread: a bench on a busy machine must not measure its neighbours. */
int64_t bench_cpu_ns(void);

/* One line of JSON for bench runners; the note says what the two are. */
void bench_line(const char *name, double ours, double baseline, bool higher, const char *unit,
                const char *note);

#endif
