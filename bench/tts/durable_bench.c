/* durable_bench.c: the core and its journal together, in the server's way (decide, append, seal,
 * wait for the descriptor), by requests in flight: durable_1, durable_64, durable_1024, against a
 * raw loop of write + fdatasync of groups of the same bytes to a growing file beside it, in turns
 * (A/B/B/A) in one run; each half begins with a group that is not measured, because the other has
 * left its own in the caches. ack_p50 is the median time from a request to its effects on the disk,
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

enum {
    MESSAGES_MAX = 400000,
    PAIRS = 10,
    SINGLE = 200,
    TURN_REQUESTS = 256, /* about what one read of a connection gives, 64 KiB */
    TURNS = 64,          /* that may wait for the disk */
};

struct bench {
    struct stream_message *messages;
    uint32_t next, part; /* message that is played next, and the request of it */
    struct stream_core stream;
    struct journal *journal;
    struct buffer group; /* effects as they came, for the raw loop to write */
    size_t kept_bytes;   /* of the newest effect in it, which the journal does not have yet */
    bool keeps_group;    /* while nothing is measured */
    int raw;
    double ns[2][PAIRS * SINGLE]; /* of single acknowledgements, raw and ours */
    uint32_t single[2];
};

/* What was written into the group's room goes into the journal, too. */
static void flush_kept(struct bench *bench)
{
    if (bench->kept_bytes)
        journal_append(bench->journal, bench->group.at + bench->group.length - bench->kept_bytes,
                       bench->kept_bytes);
    bench->kept_bytes = 0;
}

static char *effect_room(void *user, size_t length)
{
    struct bench *bench = user;
    if (!bench->keeps_group)
        return journal_append_room(bench->journal, length);
    flush_kept(bench);
    char *at = buffer_reserve(&bench->group, length);
    bench->group.length += length;
    bench->kept_bytes = length;
    return at;
}

static void play_next(struct bench *bench)
{
    if (bench->next == STREAM_RESTING + MESSAGES_MAX) {
        fputs("durable_bench: the stream is at its end\n", stderr);
        exit(1);
    }
    if (stream_core_play_part(&bench->stream, &bench->messages[bench->next], bench->part++)) {
        bench->next++;
        bench->part = 0;
    }
    flush_kept(bench);
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

/* A closed loop that keeps `in_flight` requests on their way, as a server's turns do it: a turn
 * decides what has come, seals it and goes on with the next while the disk takes it; whose request
 * is on the disk sends the next one. */
static void run_ours(struct bench *bench, uint32_t in_flight, uint32_t requests)
{
    struct {
        uint64_t sequence;
        uint32_t requests;
    } turns[TURNS]; /* sealed, not yet on the disk: a ring */
    uint32_t oldest = 0, next = 0, waiting = 0;
    while (requests) {
        uint32_t turn = in_flight - waiting;
        turn = turn > requests ? requests : turn > TURN_REQUESTS ? TURN_REQUESTS : turn;
        for (uint32_t i = 0; i < turn; i++)
            play_next(bench);
        requests -= turn;
        waiting += turn;
        turns[next % TURNS].sequence = journal_seal(bench->journal);
        turns[next++ % TURNS].requests = turn;
        if (waiting == in_flight || requests == 0 || next - oldest == TURNS)
            wait_durable(bench, turns[(requests == 0 ? next - 1 : oldest) % TURNS].sequence);
        uint64_t durable = journal_durable(bench->journal);
        for (; oldest < next && turns[oldest % TURNS].sequence <= durable; oldest++)
            waiting -= turns[oldest % TURNS].requests;
    }
}

/* The same bytes a request, in groups of all that are in flight. */
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

static void run(struct bench *bench, bool ours, uint32_t in_flight, uint32_t requests,
                size_t group_bytes)
{
    if (ours)
        run_ours(bench, in_flight, requests);
    else
        run_raw(bench, group_bytes, requests / in_flight);
}

static void measure(struct bench *bench, uint32_t in_flight, uint32_t requests)
{
    int64_t ns[2] = {0, 0};
    uint64_t bytes_before = bench->stream.effect_bytes;
    uint32_t played = 0;
    buffer_clear(&bench->group);
    bench->keeps_group = true;
    run_ours(bench, in_flight, requests);
    bench->keeps_group = false;
    size_t group_bytes =
        (size_t)((bench->stream.effect_bytes - bytes_before) * in_flight / requests);
    for (int pair = 0; pair < PAIRS; pair++)
        for (int half = 0; half < 2; half++) {
            bool ours = (pair + half) % 2 == 0;
            run(bench, ours, in_flight, in_flight, group_bytes);
            int64_t begin = clock_monotonic_ns();
            run(bench, ours, in_flight, requests, group_bytes);
            ns[ours] += clock_monotonic_ns() - begin;
            played += ours ? requests : 0;
        }
    char name[32], note[160];
    snprintf(name, sizeof name, "durable_%u", in_flight);
    snprintf(note, sizeof note,
             "core + journal, %u requests in flight; baseline: write + fdatasync of groups of the "
             "same %zu bytes",
             in_flight, group_bytes);
    bench_line(name, played / ((double)ns[1] / 1e9), played / ((double)ns[0] / 1e9), true,
               "requests/s", note);
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
    size_t request_bytes = bench->group.length / SINGLE;
    for (int i = 0; i < SINGLE; i++) {
        int64_t begin = clock_monotonic_ns();
        if (ours)
            run_ours(bench, 1, 1);
        else
            run_raw(bench, request_bytes, 1);
        bench->ns[ours][bench->single[ours]++] = (double)(clock_monotonic_ns() - begin);
    }
}

/* Behind the measure of single requests, whose effects `group` holds. */
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
    stream_core_begin(&bench.stream, effect_room, &bench);
    core_reserve(bench.stream.core, STREAM_RESTING + MESSAGES_MAX);
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
