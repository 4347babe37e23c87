/* book_stream.c: see book_stream.h. */
#include "book_stream.h"
#include "base/hash.h"
#include <stdio.h>
#include <time.h>

/* ---- the bare book ---- */

struct bare {
    struct book_pool pool;
    struct book book;
    struct match_fills fills;
};

static void bare_begin(struct bare *bare)
{
    memset(bare, 0, sizeof *bare);
    book_init(&bare->book, &bare->pool);
    book_pool_reserve(&bare->pool, STREAM_HANDLES, STREAM_RESTING);
}

static void bare_end(struct bare *bare)
{
    match_fills_finish(&bare->fills);
    book_finish(&bare->book);
    book_pool_finish(&bare->pool);
}

static uint64_t bare_play(struct bare *bare, const struct stream_message *message,
                          uint64_t sequence, uint64_t fills)
{
    static const struct book_rules rules = {.previous_price = STREAM_MIDDLE};
    struct match_order order = {
        .side = message->side, .volume = stream_lots(message), .price = message->price};
    order.rest = message->kind == STREAM_CROSS ? MATCH_REST_CANCEL : MATCH_REST_QUEUE;
    if (message->kind == STREAM_REPLACE)
        book_remove(&bare->book, message->handle);
    match_fills_clear(&bare->fills);
    struct match_result result = book_plan(&bare->book, &order, &rules, &bare->fills);
    for (uint32_t i = 0; i < bare->fills.count; i++) {
        const struct match_fill *fill = &bare->fills.items[i];
        fills = stream_note_fill(fills, fill->resting, fill->volume);
        book_reduce(&bare->book, fill->resting, fill->volume);
    }
    if (result.outcome == MATCH_QUEUED)
        book_insert(&bare->book, message->handle, order.side, result.price, result.left, sequence,
                    0);
    return fills;
}

int64_t stream_play_book(const struct stream_message *messages, uint32_t count, uint64_t *fills)
{
    struct bare bare;
    int64_t begin = 0;
    bare_begin(&bare);
    *fills = 0;
    for (uint32_t i = 0; i < STREAM_RESTING + count; i++) {
        if (i == STREAM_RESTING)
            begin = bench_cpu_ns();
        *fills = bare_play(&bare, &messages[i], i, *fills);
    }
    int64_t took = bench_cpu_ns() - begin;
    bare_end(&bare);
    return took;
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
    return side == MATCH_BUY ? STREAM_MIDDLE - away : STREAM_MIDDLE + away;
}

static uint32_t draw_handle(const struct bare *bare, bool living)
{
    uint32_t handle;
    do
        handle = draw(STREAM_HANDLES);
    while (book_rests(&bare->pool, handle) != living);
    return handle;
}

static struct stream_message draw_message(const struct bare *bare, uint32_t i)
{
    static const enum stream_kind pattern[10] = {
        STREAM_NEW,     STREAM_REPLACE, STREAM_REPLACE, STREAM_NEW,     STREAM_REPLACE,
        STREAM_REPLACE, STREAM_CROSS,   STREAM_REPLACE, STREAM_REPLACE, STREAM_NEW};
    enum match_side entered = i / 10 % 2 ? MATCH_BUY : MATCH_SELL; /* and eaten by the crossing */
    struct stream_message message = {.kind = i < STREAM_RESTING ? STREAM_NEW : pattern[i % 10],
                                     .side = entered};
    if (message.kind == STREAM_CROSS) {
        message.side = match_opposite(entered);
        message.price = message.side == MATCH_BUY ? STREAM_MIDDLE + 200 : STREAM_MIDDLE - 200;
        return message;
    }
    message.handle = draw_handle(bare, message.kind == STREAM_REPLACE);
    if (message.kind == STREAM_REPLACE)
        message.side = book_level_of(&bare->pool, message.handle)->side;
    message.price = resting_price(message.side);
    return message;
}

struct stream_message *stream_draw(uint32_t count)
{
    struct stream_message *messages = memory_get_zeroed(STREAM_RESTING + count, sizeof *messages);
    struct bare bare;
    bare_begin(&bare);
    for (uint32_t i = 0; i < STREAM_RESTING + count; i++) {
        messages[i] = draw_message(&bare, i);
        bare_play(&bare, &messages[i], i, 0);
    }
    bare_end(&bare);
    return messages;
}

/* ---- measuring ---- */

int64_t bench_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void bench_line(const char *name, double ours, double baseline, bool higher, const char *unit,
                const char *note)
{
    printf("{\"name\":\"%s\",\"ours\":%.6g,\"baseline\":%.6g,\"ratio\":%.3f,\"better\":\"%s\","
           "\"unit\":\"%s\",\"note\":\"%s\"}\n",
           name, ours, baseline, ours / baseline, higher ? "higher" : "lower", unit, note);
    fflush(stdout);
}
