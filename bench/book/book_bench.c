/* book_bench.c: orders a second through one price-time book of about 1,000 resting orders, one
 * thread, on the stream of book_stream.h.
 *
 * The baseline runs the same stream in the same process, in turns (A/B/B/A): each side one array of
 * orders sorted by price and time, as a std::vector would be used: binary search, memmove, best
 * order last. The two must end with the same fills. */
#include "base/buffer.h"
#include "book_stream.h"
#include <stdio.h>

enum { MESSAGES = 1000000, PAIRS = 4 };

/* ---- the baseline: a sorted array of orders ---- */

struct flat_order {
    int64_t key; /* price, or minus price for sells: more is better */
    uint64_t sequence;
    uint32_t handle;
    int32_t volume;
};

struct flat_side {
    struct flat_order orders[STREAM_HANDLES]; /* worst first, so that the best is the last */
    uint32_t count;
};

struct flat_place {
    int64_t key;
    uint64_t sequence;
    enum match_side side;
};

struct flat {
    struct flat_side side[2];
    struct flat_place places[STREAM_HANDLES]; /* by handle: where to search */
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

static void flat_insert(struct flat *flat, const struct stream_message *message, uint64_t sequence)
{
    struct flat_side *side = &flat->side[message->side];
    int64_t key = key_of(message->side, message->price);
    uint32_t at = flat_find(side, key, sequence);
    memmove(side->orders + at + 1, side->orders + at, (side->count - at) * sizeof side->orders[0]);
    side->orders[at] = (struct flat_order){key, sequence, message->handle, STREAM_LOTS};
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

static uint64_t flat_cross(struct flat *flat, const struct stream_message *message, uint64_t digest)
{
    struct flat_side *side = &flat->side[match_opposite(message->side)];
    int64_t limit = key_of(match_opposite(message->side), message->price);
    for (int32_t left = STREAM_CROSSING_LOTS; left > 0 && side->count > 0;) {
        struct flat_order *best = &side->orders[side->count - 1];
        if (best->key < limit)
            break;
        int32_t lots = best->volume < left ? best->volume : left;
        digest = stream_note_fill(digest, best->handle, lots);
        left -= lots;
        best->volume -= lots;
        side->count -= best->volume == 0;
    }
    return digest;
}

static uint64_t flat_play(struct flat *flat, const struct stream_message *message,
                          uint64_t sequence, uint64_t digest)
{
    if (message->kind == STREAM_CROSS)
        return flat_cross(flat, message, digest);
    if (message->kind == STREAM_REPLACE)
        flat_cancel(flat, message->handle);
    flat_insert(flat, message, sequence);
    return digest;
}

/* As stream_play_book. */
static int64_t flat_play_all(struct flat *flat, const struct stream_message *messages,
                             uint32_t count, uint64_t *fills)
{
    int64_t begin = 0;
    flat->side[0].count = flat->side[1].count = 0;
    *fills = 0;
    for (uint32_t i = 0; i < STREAM_RESTING + count; i++) {
        if (i == STREAM_RESTING)
            begin = bench_cpu_ns();
        *fills = flat_play(flat, &messages[i], i, *fills);
    }
    return bench_cpu_ns() - begin;
}

static uint32_t flat_levels(const struct flat *flat)
{
    uint32_t levels = 0;
    for (int side = 0; side < 2; side++)
        for (uint32_t i = 0; i < flat->side[side].count; i++)
            levels +=
                i == 0 || flat->side[side].orders[i].key != flat->side[side].orders[i - 1].key;
    return levels;
}

/* ---- the two in turns ---- */

int main(void)
{
    struct stream_message *messages = stream_draw(MESSAGES);
    struct flat *flat = memory_get_zeroed(1, sizeof *flat);
    double ns[2] = {0};
    char note[320];
    for (int pair = 0; pair < PAIRS; pair++) {
        uint64_t fills[2];
        for (int i = 0; i < 2; i++) {
            bool ours = (pair + i) % 2 == 0;
            int64_t took = ours ? stream_play_book(messages, MESSAGES, &fills[1])
                                : flat_play_all(flat, messages, MESSAGES, &fills[0]);
            ns[ours] += (double)took;
        }
        if (fills[0] != fills[1]) {
            fputs("book_bench: the book and the baseline traded differently\n", stderr);
            return 1;
        }
    }
    snprintf(
        note, sizeof note,
        "30 %% new, 60 %% cancel and re-enter (one message), 10 %% crossing; %d orders on %u "
        "levels; one thread's CPU time; baseline: the same stream on a sorted array of orders a "
        "side (binary search, memmove), same fills",
        STREAM_RESTING, flat_levels(flat));
    bench_line("book", PAIRS * 1e9 * MESSAGES / ns[1], PAIRS * 1e9 * MESSAGES / ns[0], true,
               "orders/s", note);
    free(flat);
    free(messages);
    return 0;
}
