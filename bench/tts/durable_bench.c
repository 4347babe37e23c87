/* durable_bench.c: the core and its journal together, in the server's way (decide, append, seal,
 * wait for the descriptor), by messages in flight: durable_1, durable_64, durable_1024, against a
 * raw loop of write + fdatasync of groups of the same bytes to a growing file beside it, in turns
 * (A/B/B/A) in one run. ack_p50 is the median time from a request to its effects on the disk,
 * against the median of one raw append + fdatasync of the same bytes.
 *
 * Usage: durable_bench [FOLDER]   (default: the current folder, so that it measures this disk and
 * not a tmpfs) */
#include "base/clock.h"
#include "order_stream.h"
#include "tts/journal/journal.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { MESSAGES_MAX = 400000, PAIRS = 10, SINGLE = 200 };

struct bench {
    struct stream_message *messages;
    uint32_t next; /* message that is played next */
    struct stream_core stream;
    struct journal *journal;
    struct buffer group; /* effects as they came, for the raw loop to write */
    bool keeps_group;    /* while nothing is measured */
    int raw;
    double ns[2][PAIRS * SINGLE]; /* of single acknowledgements, raw and ours */
    uint32_t single[2];
};

static void take_effect(void *user, const void *bytes, size_t length)
{
    struct bench *bench = user;
    journal_append(bench->journal, bytes, length);
    if (bench->keeps_group)
        buffer_put(&bench->group, bytes, length);
}

static void play_next(struct bench *bench)
{
    if (bench->next == STREAM_RESTING + MESSAGES_MAX) {
        fputs("durable_bench: the stream is at its end\n", stderr);
        exit(1);
    }
    stream_core_play(&bench->stream, &bench->messages[bench->next++]);
}

static void wait_durable(struct bench *bench, uint64_t sequence)
{
    struct error error;
    struct pollfd wait = {.fd = journal_descriptor(bench->journal), .events = POLLIN};
    while (journal_durable(bench->journal) < sequence) {
        poll(&wait, 1, -1);
        journal_progress_clear(bench->journal);
        if (journal_failed(bench->journal, &error)) {
            error_print("durable_bench", &error);
            exit(1);
        }
    }
}

/* A closed loop of `in_flight` messages, as a server's turns do it: all that came are decided,
 * sealed and on the disk, then their senders send again. */
static void run_ours(struct bench *bench, uint32_t in_flight, uint32_t messages)
{
    for (uint32_t sent = 0; sent < messages; sent += in_flight) {
        for (uint32_t i = 0; i < in_flight; i++)
            play_next(bench);
        wait_durable(bench, journal_seal(bench->journal));
    }
}

/* The same bytes a message, in groups of all that are in flight. */
static void run_raw(struct bench *bench, size_t group_bytes, uint32_t groups)
{
    buffer_reserve(&bench->group, 2 * group_bytes); /* what is doubled below does not move */
    while (bench->group.length < group_bytes)
        buffer_put(&bench->group, bench->group.at, bench->group.length);
    for (uint32_t i = 0; i < groups; i++)
        if (write(bench->raw, bench->group.at, group_bytes) != (ssize_t)group_bytes ||
            fdatasync(bench->raw) != 0) {
            perror("durable_bench: the raw file");
            exit(1);
        }
}

static void measure(struct bench *bench, uint32_t in_flight, uint32_t messages)
{
    int64_t ns[2] = {0, 0};
    uint64_t bytes_before = bench->stream.effect_bytes;
    uint32_t played = 0;
    buffer_clear(&bench->group);
    bench->keeps_group = true;
    run_ours(bench, in_flight, messages);
    bench->keeps_group = false;
    size_t group_bytes =
        (size_t)((bench->stream.effect_bytes - bytes_before) * in_flight / messages);
    for (int pair = 0; pair < PAIRS; pair++)
        for (int half = 0; half < 2; half++) {
            bool ours = (pair + half) % 2 == 0;
            int64_t begin = clock_monotonic_ns();
            if (ours)
                run_ours(bench, in_flight, messages);
            else
                run_raw(bench, group_bytes, messages / in_flight);
            ns[ours] += clock_monotonic_ns() - begin;
            played += ours ? messages : 0;
        }
    char name[32], note[160];
    snprintf(name, sizeof name, "durable_%u", in_flight);
    snprintf(note, sizeof note,
             "core + journal, %u messages in flight; baseline: write + fdatasync of groups of the "
             "same %zu bytes",
             in_flight, group_bytes);
    bench_line(name, played / ((double)ns[1] / 1e9), played / ((double)ns[0] / 1e9), true,
               "messages/s", note);
}

static int double_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, uint32_t count)
{
    qsort(values, count, sizeof *values, double_order);
    return values[count / 2];
}

static void acknowledge(struct bench *bench, bool ours)
{
    size_t message_bytes = bench->group.length / SINGLE;
    for (int i = 0; i < SINGLE; i++) {
        int64_t begin = clock_monotonic_ns();
        if (ours)
            run_ours(bench, 1, 1);
        else
            run_raw(bench, message_bytes, 1);
        bench->ns[ours][bench->single[ours]++] = (double)(clock_monotonic_ns() - begin);
    }
}

/* Behind the measure of single messages, whose effects `group` holds. */
static void measure_single(struct bench *bench)
{
    for (int pair = 0; pair < PAIRS; pair++)
        for (int half = 0; half < 2; half++)
            acknowledge(bench, (pair + half) % 2 == 0);
    bench_line(
        "ack_p50", median(bench->ns[1], bench->single[1]) / 1e3,
        median(bench->ns[0], bench->single[0]) / 1e3, false, "us",
        "one request's effects on the disk, against one append + fdatasync of as many bytes");
}

static bool open_files(struct bench *bench, const char *folder)
{
    char path[4000];
    struct error error;
    snprintf(path, sizeof path, "%s/tts.db", folder);
    bench->journal = journal_open(path, NULL, &error);
    if (!bench->journal) {
        error_print("durable_bench", &error);
        return false;
    }
    snprintf(path, sizeof path, "%s/raw", folder);
    bench->raw = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return bench->raw >= 0;
}

static void remove_files(const char *folder)
{
    static const char *const names[] = {"tts.db", "tts.db-wal", "tts.db-shm", "tts.db.lock", "raw"};
    char path[4000];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(int count, char **arguments)
{
    char folder[3072];
    static struct bench bench;
    snprintf(folder, sizeof folder, "%s/durable_bench_XXXXXX", count > 1 ? arguments[1] : ".");
    if (!mkdtemp(folder) || !open_files(&bench, folder)) {
        fprintf(stderr, "durable_bench: no files can be made in %s\n", folder);
        return 1;
    }
    bench.messages = stream_draw(MESSAGES_MAX);
    stream_core_begin(&bench.stream, take_effect, &bench);
    while (bench.next < STREAM_RESTING)
        play_next(&bench);
    measure(&bench, 1, SINGLE);
    measure_single(&bench);
    measure(&bench, 64, 64 * 50);
    measure(&bench, 1024, 1024 * 15);
    stream_core_end(&bench.stream);
    journal_close(bench.journal);
    close(bench.raw);
    buffer_finish(&bench.group);
    free(bench.messages);
    remove_files(folder);
    return 0;
}
