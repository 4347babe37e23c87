/* match.h: the words that both matching engines share: what an incoming order asks for, the fills
 * that a plan lists, and what becomes of the rest. The engines are book.h (customers against
 * customers), auction.h (its opening) and quote_match.h (customers against the replayed quote).
 *
 * Each engine has two halves. A *plan* only reads: it lists what would happen. The order desk
 * writes that into the journal, and *apply* functions (book_insert, book_reduce, ...) then change
 * the structure, live and on recovery alike. No engine has a clock, chance, input or output; equal
 * calls give equal results. Prices are whole ticks between +-MATCH_PRICE_MAX. An order is named by
 * its handle, its place in the desk's order array. One thread. */
#ifndef TTS_CORE_MATCHING_MATCH_H
#define TTS_CORE_MATCHING_MATCH_H

#include "base/buffer.h"
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* The largest price in ticks, either sign: exact in a double, far from the ends of int64_t. */
#define MATCH_PRICE_MAX ((int64_t)1 << 52)

/* The handle of no order. */
#define MATCH_NONE UINT32_MAX

/* A price in ticks as money. A tick that is a whole part of 1 (0.2, 0.05) divides, so that 19501
 * ticks of 0.2 are the double 3900.2 and not the neighbour that 19501 * 0.2 gives. */
static inline double match_price(int64_t ticks, double tick)
{
    double per_unit = round(1 / tick);
    return fabs(per_unit * tick - 1) < 1e-9 ? (double)ticks / per_unit : (double)ticks * tick;
}

enum match_side { MATCH_BUY, MATCH_SELL };

static inline enum match_side match_opposite(enum match_side side)
{
    return side == MATCH_BUY ? MATCH_SELL : MATCH_BUY;
}

/* VolumeCondition: any number of lots; at least min_volume at once or nothing; all at once or
 * nothing. */
enum match_volume { MATCH_VOLUME_ANY, MATCH_VOLUME_MIN, MATCH_VOLUME_ALL };

/* What becomes of lots that the first matching leaves over. */
enum match_rest {
    MATCH_REST_CANCEL,   /* IOC of every kind; CZCE's market orders whatever their TimeCondition */
    MATCH_REST_QUEUE,    /* GFD limit: waits at `price` */
    MATCH_REST_AT_LIMIT, /* DCE, GFEX market GFD: a limit order at `rest_price`, the day's upper
                            (buy) or lower (sell) limit */
    MATCH_REST_AT_FILL,  /* CFFEX best price and five level GFD: a limit order at its last fill's
                            price, without one at the  market's last price, which is `rest_price`
                            (has_rest_price false: cancelled) */
};

/* Orders of one owner on both sides; 0 is MATCH_SELF_ALLOW, as on the exchanges, which only count
 * them. */
enum match_self {
    MATCH_SELF_ALLOW,
    MATCH_SELF_REJECT_NEW, /* the incoming order does nothing if it would meet one of its owner's */
    MATCH_SELF_CANCEL_OLD, /* the owner's resting orders that it meets are listed to be cancelled,
                              and skipped */
};

/* An order as it arrives. */
struct match_order {
    enum match_side side;
    bool market; /* any price: `price` is not read */
    bool has_rest_price;
    int levels;         /* opposite levels it may touch: 1 best price, 5 five level, 0 all */
    int32_t volume;     /* lots, at least 1 */
    int32_t min_volume; /* read with MATCH_VOLUME_MIN only */
    uint32_t owner;     /* whose order it is, for self trades; compared only */
    enum match_volume condition;
    enum match_rest rest;
    int64_t price;      /* limit in ticks */
    int64_t rest_price; /* see enum match_rest */
};

/* PriceSource of a trade between customers. */
enum match_price_source { MATCH_PRICE_LAST = '0', MATCH_PRICE_BUY = '1', MATCH_PRICE_SELL = '2' };

/* One line of a plan. */
struct match_fill {
    uint32_t
        resting; /* the order in the book; MATCH_NONE: an incoming order's fill against the quote */
    int32_t volume; /* lots; 0: the resting order is to be cancelled (MATCH_SELF_CANCEL_OLD) */
    int64_t price;  /* of the trade */
    int64_t level;  /* against the quote: the displayed price whose size was taken (quote_match.h);
                       else == price */
    bool takes_level; /* against the quote: `level` counts as used up by `volume` lots */
    enum match_price_source source;
};

/* A growable list, the caller's; zeroed = empty. Keeps its memory when cleared, so that a busy desk
 * allocates nothing. */
struct match_fills {
    struct match_fill *items;
    uint32_t count, capacity;
};

static inline void match_fills_add(struct match_fills *fills, struct match_fill fill)
{
    if (fills->count == fills->capacity) {
        fills->capacity = fills->capacity ? fills->capacity * 2 : 16;
        fills->items = memory_resize(fills->items, fills->capacity * sizeof fills->items[0]);
    }
    fills->items[fills->count++] = fill;
}

static inline void match_fills_clear(struct match_fills *fills)
{
    fills->count = 0;
}

static inline void match_fills_finish(struct match_fills *fills)
{
    free(fills->items);
    *fills = (struct match_fills){0};
}

enum match_outcome {
    MATCH_FILLED,      /* nothing is left */
    MATCH_QUEUED,      /* `left` lots wait at `price` */
    MATCH_CANCELLED,   /* `left` lots are cancelled; fills may have come first */
    MATCH_SELF_REFUSED /* MATCH_SELF_REJECT_NEW: refused as a self trade, no fill */
};

/* What a plan says of the incoming order. */
struct match_result {
    enum match_outcome outcome;
    int32_t filled, left;
    int64_t price; /* of the waiting rest; 0 unless MATCH_QUEUED */
};

/* The rest of an incoming order after its fills; `last_fill` is the price of its last one, read
 * only when filled > 0. Shared by both engines. */
static inline struct match_result match_settle_rest(const struct match_order *order, int32_t filled,
                                                    int64_t last_fill)
{
    struct match_result result = {MATCH_CANCELLED, filled, order->volume - filled, 0};
    bool queues = order->rest == MATCH_REST_QUEUE ||
                  (order->rest == MATCH_REST_AT_FILL && (filled > 0 || order->has_rest_price)) ||
                  (order->rest == MATCH_REST_AT_LIMIT && order->has_rest_price);
    if (result.left == 0)
        result.outcome = MATCH_FILLED;
    else if (queues)
        result.outcome = MATCH_QUEUED;
    if (result.outcome == MATCH_QUEUED)
        result.price = order->rest == MATCH_REST_QUEUE                   ? order->price
                       : order->rest == MATCH_REST_AT_FILL && filled > 0 ? last_fill
                                                                         : order->rest_price;
    return result;
}

/* Whether `lots`, which can be filled at once, satisfy the order's VolumeCondition. */
static inline bool match_volume_suffices(const struct match_order *order, int64_t lots)
{
    switch (order->condition) {
    case MATCH_VOLUME_ALL:
        return lots >= order->volume;
    case MATCH_VOLUME_MIN:
        return lots >= order->min_volume;
    case MATCH_VOLUME_ANY:
        break;
    }
    return true;
}

/* Whether an order may trade at `price` as far as its own limit is concerned. */
static inline bool match_price_allows(enum match_side side, int64_t limit, int64_t price)
{
    return side == MATCH_BUY ? price <= limit : price >= limit;
}

#endif
