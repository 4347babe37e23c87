/* book.h: resting orders by price, then time, and matching between customers on them (continuous
 * trading). quote_match.h keeps its waiting orders in the same structure. Depends on nothing but
 * match.h and quote.h; knows no accounts, fees or sessions.
 *
 * Structure: a book has two sides; a side is an array of its price levels sorted from worst to
 * best, so that the best price is the last element and changes near it move little memory; a level
 * is an intrusive list of orders in time order. The nodes of all orders and levels of all books
 * stand in one pool; a node is found by its order's handle. Costs: best price O(1); reduce and
 * cancel O(1), and if a level dies or is born a binary search plus a move of 16 bytes for each
 * level better than it. After the pool has grown to its size nothing allocates. */
#ifndef TTS_CORE_MATCHING_BOOK_H
#define TTS_CORE_MATCHING_BOOK_H

#include "tts/core/market/quote.h"
#include "tts/core/matching/match.h"

/* One resting order. Read freely; only book.c and quote_match.c write. */
struct book_node {
    uint64_t sequence;   /* time priority: less is earlier */
    uint32_t next, prev; /* in the level; MATCH_NONE at the ends */
    uint32_t level;      /* place in the pool; MATCH_NONE: the handle rests nowhere */
    uint32_t owner;
    int32_t volume; /* lots left */
    int32_t
        ahead; /* quote_match.h's: lots in front of it at the exchange; the book never reads it */
};

struct book_level {
    int64_t price;
    int64_t volume;       /* sum of its orders */
    uint32_t first, last; /* handles, oldest first; `first` of a free level is the next free one */
    uint32_t count;
    enum match_side side;
};

/* Nodes and levels of any number of books. Zeroed = empty. */
struct book_pool {
    struct book_node *nodes; /* by handle */
    struct book_level *levels;
    uint32_t node_capacity, level_capacity, level_count,
        level_free; /* level_free: place + 1 of the first free level, 0 none */
};

struct book_key {
    int64_t key;    /* price for buys, minus price for sells: more is better */
    uint32_t level; /* in the pool */
};

struct book_side {
    struct book_key *levels; /* worst first */
    uint32_t count, capacity;
};

struct book {
    struct book_pool *pool; /* borrowed; must outlive the book */
    struct book_side side[2];
};

/* Makes room for handles below `orders` and for `levels` levels at once; never shrinks. Optional:
 * the pool grows by itself. */
void book_pool_reserve(struct book_pool *pool, uint32_t orders, uint32_t levels);
void book_pool_finish(struct book_pool *pool);

/* An empty book on the pool. */
void book_init(struct book *book, struct book_pool *pool);

/* Removes all orders, keeps the memory (end of the trading day). */
void book_clear(struct book *book);

/* Clears and frees the book's own memory. */
void book_finish(struct book *book);

/* ---- apply ---- */

/* Puts an order to rest. `volume` > 0, `price` within +-MATCH_PRICE_MAX, the handle must not rest
 * anywhere in the pool. Its place in the level follows from `sequence` alone (equal ones: in order
 * of the calls), so that a recovery that inserts the living orders in any order gets the same book;
 * inserting in rising sequence is O(1). The sides may cross: nothing is matched here. */
void book_insert(struct book *book, uint32_t handle, enum match_side side, int64_t price,
                 int32_t volume, uint64_t sequence, uint32_t owner);

/* Takes `lots` (1..left) off a resting order of this book; removes it when none are left. */
void book_reduce(struct book *book, uint32_t handle, int32_t lots);

/* Takes the order out. */
void book_remove(struct book *book, uint32_t handle);

/* ---- reading ---- */

/* Whether the handle rests in some book of the pool. Any handle may be asked. */
static inline bool book_rests(const struct book_pool *pool, uint32_t handle)
{
    return handle < pool->node_capacity && pool->nodes[handle].level != MATCH_NONE;
}

/* Of a resting order: lots left, price, side. */
static inline int32_t book_left(const struct book_pool *pool, uint32_t handle)
{
    return pool->nodes[handle].volume;
}

static inline const struct book_level *book_level_of(const struct book_pool *pool, uint32_t handle)
{
    return &pool->levels[pool->nodes[handle].level];
}

/* The n-th level from the best (0 = best), NULL beyond the last. */
static inline const struct book_level *book_level_at(const struct book *book, enum match_side side,
                                                     uint32_t n)
{
    const struct book_side *levels = &book->side[side];
    return n < levels->count ? &book->pool->levels[levels->levels[levels->count - 1 - n].level]
                             : NULL;
}

/* The level of exactly this price, NULL if no order rests there. O(log levels). */
const struct book_level *book_level_find(const struct book *book, enum match_side side,
                                         int64_t price);

/* ---- plan: continuous trading between customers ---- */

enum book_price {
    BOOK_PRICE_MIDDLE,  /* middle of buy, sell and previous trade price: the exchanges' rule */
    BOOK_PRICE_RESTING, /* the resting order's price */
};

struct book_rules {
    int64_t previous_price; /* of the last trade; before the day's first: yesterday's close, else
                               pre-settlement */
    enum book_price price;
    enum match_self self_trade;
};

/* The price of one match of two limit orders and its PriceSource: previous <= sell: sell; previous
 * >= buy: buy; else previous. MATCH_PRICE_LAST where the limits are equal. `buy` >= `sell`. */
int64_t book_middle_price(int64_t buy, int64_t sell, int64_t previous,
                          enum match_price_source *source);

/* What an incoming order would do now: appends its fills in order (one for each resting order met)
 * and tells the rest. A fill's price becomes the previous price of the next. A market order trades
 * at the counterpart's price. If the VolumeCondition fails, nothing is appended and the result is
 * MATCH_CANCELLED with 0 filled. Reads only. To apply: book_reduce for each fill (book_remove for
 * one with volume 0), then book_insert for a MATCH_QUEUED rest. */
struct match_result book_plan(const struct book *book, const struct match_order *order,
                              const struct book_rules *rules, struct match_fills *fills);

/* ---- market data made from a book ---- */

/* The trading day so far. Start with book_tape_start; part of the desk's snapshot, as bytes. */
struct book_tape {
    double last, open, highest, lowest; /* ABSENT_PRICE before the first trade */
    double turnover, open_interest;
    int64_t volume; /* lots, each match once */
};

struct book_tape book_tape_start(double open_interest);

/* One match: `price` in money, `multiple` = VolumeMultiple. Open interest rises if both sides open,
 * falls if both close. */
void book_tape_trade(struct book_tape *tape, double price, int32_t lots, int multiple,
                     bool buy_opens, bool sell_opens);

/* Writes last, open, highest, lowest, volume, turnover, open_interest, average and the five levels;
 * the other fields stay. `average` = turnover / volume, for CZCE (`czce` true) also / multiple.
 * `tick` = PriceTick. */
void book_quote(const struct book *book, const struct book_tape *tape, double tick, int multiple,
                bool czce, struct quote *quote);

#endif
