/* book_bench.c: orders a second through one price-time book of about 1,000 resting orders, one
 * thread: of ten messages three are new limit orders that come to rest, six cancel an order and
 * enter it again at another price, one crosses the spread and eats six lots. New lots and eaten
 * lots are equal, so the book keeps its size. Every order is planned first, as the desk does.
 *
 * The baseline runs the same stream in the same process, in turns (A/B/B/A): each side one array of
 * orders sorted by price and time, as a std::vector would be used: binary search, memmove, best
 * order last. The two must end with the same fills. */
#include "base/clock.h"
#include "base/hash.h"
#include "tts/core/matching/book.h"

enum {
    RESTING = 1000,
    MESSAGES = 1000000,
    PAIRS = 4,
    LOTS = 2,
    CROSSING_LOTS = 3 * LOTS,
    MIDDLE = 10000
};

enum kind { KIND_NEW, KIND_REPLACE, KIND_CROSS };

struct message {
    enum kind kind;
    enum match_side side;
    uint32_t handle;
    int64_t price;
};

/* ---- the baseline: a sorted array of orders ---- */

struct flat_order {
    int64_t key; /* price, or minus price for sells: more is better */
    uint64_t sequence;
    uint32_t handle;
    int32_t volume;
};

struct flat_side {
    struct flat_order orders[4 * RESTING]; /* worst first, so that the best is the last */
    uint32_t count;
};

struct flat_place {
    int64_t key;
    uint64_t sequence;
    enum match_side side;
};

struct flat {
    struct flat_side side[2];
    struct flat_place places[4 * RESTING]; /* by handle: where to search */
};

static int64_t key_of(enum match_side side, int64_t price)
{
    return side == MATCH_BUY ? price : -price;
}

static bool worse(const struct flat_order *order, int64_t key, uint64_t sequence)
{
    return order->key != key ? order->key < key : order->sequence > sequence;
}

static uint32_t flat_find(const struct flat_side *side, int64_t key, uint64_t sequence)
{
    uint32_t low = 0, high = side->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (worse(&side->orders[middle], key, sequence))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void flat_insert(struct flat *flat, const struct message *message, uint64_t sequence)
{
    struct flat_side *side = &flat->side[message->side];
    int64_t key = key_of(message->side, message->price);
    uint32_t at = flat_find(side, key, sequence);
    memmove(side->orders + at + 1, side->orders + at, (side->count - at) * sizeof side->orders[0]);
    side->orders[at] = (struct flat_order){key, sequence, message->handle, LOTS};
    side->count++;
    flat->places[message->handle] = (struct flat_place){key, sequence, message->side};
}

static void flat_cancel(struct flat *flat, uint32_t handle)
{
    const struct flat_place *place = &flat->places[handle];
    struct flat_side *side = &flat->side[place->side];
    uint32_t at = flat_find(side, place->key, place->sequence);
    side->count--;
    memmove(side->orders + at, side->orders + at + 1, (side->count - at) * sizeof side->orders[0]);
}

/* A number that depends on every fill and its order. */
static uint64_t digest_add(uint64_t digest, uint32_t handle, int32_t volume)
{
    return (digest ^ handle ^ (uint64_t)(uint32_t)volume << 32) * 0x100000001b3u;
}

static uint64_t flat_cross(struct flat *flat, const struct message *message, uint64_t digest)
{
    struct flat_side *side = &flat->side[match_opposite(message->side)];
    int64_t limit = key_of(match_opposite(message->side), message->price);
    for (int32_t left = CROSSING_LOTS; left > 0 && side->count > 0;) {
        struct flat_order *best = &side->orders[side->count - 1];
        if (best->key < limit)
            break;
        int32_t lots = best->volume < left ? best->volume : left;
        digest = digest_add(digest, best->handle, lots);
        left -= lots;
        best->volume -= lots;
        side->count -= best->volume == 0;
    }
    return digest;
}

static uint64_t flat_run(struct flat *flat, const struct message *messages, uint32_t begin,
                         uint32_t end)
{
    uint64_t digest = 0;
    for (uint32_t i = begin; i < end; i++) {
        const struct message *message = &messages[i];
        if (message->kind == KIND_CROSS) {
            digest = flat_cross(flat, message, digest);
            continue;
        }
        if (message->kind == KIND_REPLACE)
            flat_cancel(flat, message->handle);
        flat_insert(flat, message, i);
    }
    return digest;
}

/* ---- ours ---- */

struct ours {
    struct book_pool pool;
    struct book book;
    struct match_fills fills;
};

static uint64_t enter(struct ours *ours, const struct message *message, uint64_t sequence,
                      uint64_t digest)
{
    static const struct book_rules rules = {.previous_price = MIDDLE};
    struct match_order order = {.side = message->side,
                                .volume = message->kind == KIND_CROSS ? CROSSING_LOTS : LOTS,
                                .price = message->price};
    order.rest = message->kind == KIND_CROSS ? MATCH_REST_CANCEL : MATCH_REST_QUEUE;
    match_fills_clear(&ours->fills);
    struct match_result result = book_plan(&ours->book, &order, &rules, &ours->fills);
    for (uint32_t i = 0; i < ours->fills.count; i++) {
        const struct match_fill *fill = &ours->fills.items[i];
        digest = digest_add(digest, fill->resting, fill->volume);
        book_reduce(&ours->book, fill->resting, fill->volume);
    }
    if (result.outcome == MATCH_QUEUED)
        book_insert(&ours->book, message->handle, order.side, result.price, result.left, sequence,
                    0);
    return digest;
}

static uint64_t ours_run(struct ours *ours, const struct message *messages, uint32_t begin,
                         uint32_t end)
{
    uint64_t digest = 0;
    for (uint32_t i = begin; i < end; i++) {
        if (messages[i].kind == KIND_REPLACE)
            book_remove(&ours->book, messages[i].handle);
        digest = enter(ours, &messages[i], i, digest);
    }
    return digest;
}

/* ---- the stream ---- */

static uint32_t draw(uint32_t below)
{
    static uint64_t seed = 20250303;
    return (uint32_t)(hash_number(++seed) % below);
}

/* Most orders stand near the middle, some far away: the product of two draws. */
static int64_t resting_price(enum match_side side)
{
    int64_t away = 1 + (int64_t)draw(16) * draw(16) / 2;
    return side == MATCH_BUY ? MIDDLE - away : MIDDLE + away;
}

static uint32_t draw_living(const struct ours *ours)
{
    uint32_t handle;
    do
        handle = draw(4 * RESTING);
    while (!book_rests(&ours->pool, handle));
    return handle;
}

static uint32_t draw_free(const struct ours *ours)
{
    uint32_t handle;
    do
        handle = draw(4 * RESTING);
    while (book_rests(&ours->pool, handle));
    return handle;
}

/* One message, and the book moved by it, so that the next cancel finds a living order. */
static void message_draw(struct ours *ours, uint32_t i, struct message *message)
{
    static const enum kind pattern[10] = {KIND_NEW,     KIND_REPLACE, KIND_REPLACE, KIND_NEW,
                                          KIND_REPLACE, KIND_REPLACE, KIND_CROSS,   KIND_REPLACE,
                                          KIND_REPLACE, KIND_NEW};
    enum match_side entered = i / 10 % 2 ? MATCH_BUY : MATCH_SELL; /* and eaten by the crossing */
    message->kind = i < RESTING ? KIND_NEW : pattern[i % 10];
    message->handle = 0;
    if (message->kind == KIND_CROSS) {
        message->side = match_opposite(entered);
        message->price = message->side == MATCH_BUY ? MIDDLE + 200 : MIDDLE - 200;
    } else if (message->kind == KIND_NEW) {
        message->handle = draw_free(ours);
        message->side = entered;
        message->price = resting_price(message->side);
    } else {
        message->handle = draw_living(ours);
        message->side = book_level_of(&ours->pool, message->handle)->side;
        message->price = resting_price(message->side);
        book_remove(&ours->book, message->handle);
    }
    enter(ours, message, i, 0);
}

/* The first RESTING messages fill the book and are not measured. */
static double turn(struct ours *ours, struct flat *flat, const struct message *messages,
                   bool is_ours, uint64_t *digest)
{
    if (is_ours) {
        book_clear(&ours->book);
        ours_run(ours, messages, 0, RESTING);
    } else {
        flat->side[0].count = flat->side[1].count = 0;
        flat_run(flat, messages, 0, RESTING);
    }
    int64_t begin = clock_monotonic_ns();
    *digest = is_ours ? ours_run(ours, messages, RESTING, RESTING + MESSAGES)
                      : flat_run(flat, messages, RESTING, RESTING + MESSAGES);
    return (double)(clock_monotonic_ns() - begin) / 1e9;
}

int main(void)
{
    struct message *messages = memory_get_zeroed(RESTING + MESSAGES, sizeof *messages);
    struct flat *flat = memory_get_zeroed(1, sizeof *flat);
    struct ours ours = {0};
    double seconds[2] = {0};
    book_init(&ours.book, &ours.pool);
    book_pool_reserve(&ours.pool, 4 * RESTING, RESTING);
    for (uint32_t i = 0; i < RESTING + MESSAGES; i++)
        message_draw(&ours, i, &messages[i]);
    uint32_t levels = ours.book.side[0].count + ours.book.side[1].count;
    for (int pair = 0; pair < PAIRS; pair++) {
        uint64_t digest[2];
        for (int i = 0; i < 2; i++) {
            bool is_ours = (pair + i) % 2 == 0;
            seconds[is_ours] += turn(&ours, flat, messages, is_ours, &digest[is_ours]);
        }
        if (digest[0] != digest[1]) {
            fputs("book_bench: the book and the baseline traded differently\n", stderr);
            return 1;
        }
    }
    double rate = PAIRS * (double)MESSAGES / seconds[1],
           base = PAIRS * (double)MESSAGES / seconds[0];
    printf(
        "{\"name\":\"book\",\"ours\":%.0f,\"baseline\":%.0f,\"ratio\":%.2f,\"better\":\"higher\","
        "\"unit\":\"orders/s\",\"note\":\"30 %% new, 60 %% cancel and re-enter (one message), 10 "
        "%% "
        "crossing; %d orders on %u levels; one thread; baseline: the same stream on a sorted array "
        "of orders a side (binary search, memmove), same fills\"}\n",
        rate, base, rate / base, RESTING, levels);
    match_fills_finish(&ours.fills);
    book_finish(&ours.book);
    book_pool_finish(&ours.pool);
    free(flat);
    free(messages);
    return 0;
}
