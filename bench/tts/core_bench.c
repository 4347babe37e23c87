/* core_bench.c: messages a second through the whole core on one thread: request in, all checks,
 * freeze, margin, matching, effects, ledger, flows, without disk and network; against the bare book
 * on the same stream in the same run, in turns (A/B/B/A), both by CPU time. Each turn has a new
 * core, because a day's orders stay in memory. */
#include "order_stream.h"
#include <malloc.h>
#include <stdio.h>

enum { MESSAGES = 200000, PAIRS = 3 };

static int64_t play_core(const struct stream_message *messages, struct stream_core *stream)
{
    int64_t begin = 0;
    stream_core_begin(stream, NULL, NULL);
    for (uint32_t i = 0; i < STREAM_RESTING + MESSAGES; i++) {
        if (i == STREAM_RESTING) {
            begin = bench_cpu_ns();
            stream->effects = stream->effect_bytes = stream->requests = 0;
        }
        stream_core_play(stream, &messages[i]);
    }
    int64_t took = bench_cpu_ns() - begin;
    stream_core_end(stream);
    return took;
}

int main(void)
{
    struct stream_message *messages = stream_draw(MESSAGES);
    static struct stream_core stream;
    int64_t ns[2] = {0, 0};
    uint64_t fills;
    mallopt(M_MMAP_MAX, 0); /* a core's memory is used again by the next turn's */
    mallopt(M_TRIM_THRESHOLD, INT32_MAX);
    play_core(messages, &stream);
    for (int pair = 0; pair < PAIRS; pair++)
        for (int i = 0; i < 2; i++) {
            bool ours = (pair + i) % 2 == 0;
            ns[ours] +=
                ours ? play_core(messages, &stream) : stream_play_book(messages, MESSAGES, &fills);
        }
    if (stream.refused) {
        fprintf(stderr, "core_bench: %llu requests were refused\n",
                (unsigned long long)stream.refused);
        return 1;
    }
    double rate = PAIRS * (double)MESSAGES / ((double)ns[1] / 1e9);
    double bare = PAIRS * (double)MESSAGES / ((double)ns[0] / 1e9);
    char note[320];
    snprintf(
        note, sizeof note,
        "30 %% new, 60 %% cancel and re-enter (one message, two requests), 10 %% crossing; "
        "%.2f requests, %.2f effects and %.0f journal bytes a message; baseline: the bare book; "
        "both by their thread's CPU time",
        (double)stream.requests / MESSAGES, (double)stream.effects / MESSAGES,
        (double)stream.effect_bytes / MESSAGES);
    bench_line("core", rate, bare, true, "messages/s", note);
    free(messages);
    return 0;
}
