/* auction.c: see auction.h. Buys and sells at a price are step functions that change only at limits
 * that are in the book, so it is enough to look at each limit and, between two neighbouring limits,
 * at the one tick that is nearest to the previous settlement. */
#include "tts/core/matching/auction.h"

static int64_t side_volume(const struct book *book, enum match_side side)
{
    int64_t sum = 0;
    const struct book_level *level;
    for (uint32_t n = 0; (level = book_level_at(book, side, n)); n++)
        sum += level->volume;
    return sum;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* Takes the price if it is better than the best so far by the rule in auction.h. */
static void consider(struct auction *best, int64_t price, int64_t buys, int64_t sells,
                     int64_t pre_settlement)
{
    int64_t volume = buys < sells ? buys : sells;
    struct auction candidate = {true, price, volume, buys - sells};
    if (volume == 0)
        return;
    bool better;
    if (!best->found || volume != best->volume)
        better = !best->found || volume > best->volume;
    else if (distance(buys, sells) != distance(best->surplus, 0))
        better = distance(buys, sells) < distance(best->surplus, 0);
    else /* two equally near ticks have a third between them that is no worse: no tie is left */
        better = distance(price, pre_settlement) < distance(best->price, pre_settlement);
    if (better)
        *best = candidate;
}

/* Prices from the lowest limit to the highest: buys from the worst level on, sells from the best.
 */
struct sweep {
    const struct book *book;
    uint32_t
        buys_left; /* levels of buys not yet passed; the lowest of them is number buys_left - 1 */
    uint32_t sell_next;
};

/* The next limit price from below; false beyond the highest. Adds up the two levels of that price,
 * if they are there. */
static bool sweep_next(struct sweep *sweep, int64_t *price, int64_t *buys_here, int64_t *sells_here)
{
    const struct book_level *buy =
        sweep->buys_left ? book_level_at(sweep->book, MATCH_BUY, sweep->buys_left - 1) : NULL;
    const struct book_level *sell = book_level_at(sweep->book, MATCH_SELL, sweep->sell_next);
    if (!buy && !sell)
        return false;
    *price = !sell || (buy && buy->price < sell->price) ? buy->price : sell->price;
    *buys_here = *sells_here = 0;
    if (buy && buy->price == *price) {
        *buys_here = buy->volume;
        sweep->buys_left--;
    }
    if (sell && sell->price == *price) {
        *sells_here = sell->volume;
        sweep->sell_next++;
    }
    return true;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

struct auction auction_price(const struct book *book, int64_t pre_settlement)
{
    struct auction best = {0};
    struct sweep sweep = {book, book->side[MATCH_BUY].count, 0};
    int64_t buys = side_volume(book, MATCH_BUY), sells = 0; /* at `price` or higher; or lower */
    int64_t price, buys_here, sells_here, previous = 0;
    for (bool first = true; sweep_next(&sweep, &price, &buys_here, &sells_here); first = false) {
        if (!first && price - previous > 1)
            consider(&best, clamp(pre_settlement, previous + 1, price - 1), buys, sells,
                     pre_settlement);
        sells += sells_here;
        consider(&best, price, buys, sells, pre_settlement);
        buys -= buys_here;
        previous = price;
    }
    return best;
}

/* ---- fills ---- */

/* Walks a side's orders in price-time order. */
struct queue {
    const struct book *book;
    enum match_side side;
    uint32_t level;  /* number of the next level */
    uint32_t handle; /* MATCH_NONE at the end */
    int32_t left;
};

static void queue_step(struct queue *queue)
{
    const struct book_pool *pool = queue->book->pool;
    if (queue->handle != MATCH_NONE)
        queue->handle = pool->nodes[queue->handle].next;
    if (queue->handle == MATCH_NONE) {
        const struct book_level *level = book_level_at(queue->book, queue->side, queue->level++);
        queue->handle = level ? level->first : MATCH_NONE;
    }
    queue->left = queue->handle == MATCH_NONE ? 0 : pool->nodes[queue->handle].volume;
}

static void queue_take(struct queue *queue, int32_t lots)
{
    queue->left -= lots;
    if (queue->left == 0)
        queue_step(queue);
}

static void add_pair(struct auction_pairs *pairs, struct auction_pair pair)
{
    if (pairs->count == pairs->capacity) {
        pairs->capacity = pairs->capacity ? pairs->capacity * 2 : 16;
        pairs->items = memory_resize(pairs->items, pairs->capacity * sizeof pairs->items[0]);
    }
    pairs->items[pairs->count++] = pair;
}

void auction_plan(const struct book *book, const struct auction *auction,
                  struct auction_pairs *pairs)
{
    struct queue buys = {book, MATCH_BUY, 0, MATCH_NONE, 0};
    struct queue sells = {book, MATCH_SELL, 0, MATCH_NONE, 0};
    queue_step(&buys);
    queue_step(&sells);
    for (int64_t left = auction->volume; left > 0;) {
        int32_t lots = buys.left < sells.left ? buys.left : sells.left;
        lots = lots < left ? lots : (int32_t)left;
        assert(lots > 0);
        add_pair(pairs, (struct auction_pair){buys.handle, sells.handle, lots});
        queue_take(&buys, lots);
        queue_take(&sells, lots);
        left -= lots;
    }
}

void auction_pairs_finish(struct auction_pairs *pairs)
{
    free(pairs->items);
    *pairs = (struct auction_pairs){0};
}
