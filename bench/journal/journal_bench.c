/* journal_bench.c: what durable costs: commits of 1, 64 and 1,024 records of about 200 bytes by the
 * journal (append, seal, wait) against a raw loop of write + fdatasync of the same bytes to a
 * growing file beside it, in turns (A/B/B/A) in one run. ack_journal_p50 is the median time of one
 * record's commit against the median of one raw append with fdatasync.
 *
 * Usage: journal_bench [FOLDER]   (default: the current folder, so that it measures this disk and
 * not a tmpfs) */
#include "base/clock.h"
#include "tts/journal/journal.h"

#include <fcntl.h>
#include <unistd.h>

enum { RECORD_BYTES = 200, GROUP_MAX = 1024, TURN_MAX = 400, PAIRS = 20, PREFIX_BYTES = 4 };

struct bench {
    struct journal *journal;
    int raw;
    char bytes[(RECORD_BYTES + PREFIX_BYTES) * GROUP_MAX];
    double ns[2][TURN_MAX * PAIRS]; /* of each commit, ours and raw */
};

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % below);
}

/* One effect of an order, of the kinds of fields that a return has: names, numbers, times, prices,
 * and some bytes that repeat nowhere. */
static void record_fill(char *record, uint32_t number, uint64_t *seed)
{
    uint64_t sequence = 1000000 + number;
    double price = 3500 + draw(seed, 300);
    int64_t time_us = 1700000000000000 + number * 37 + draw(seed, 30);
    memset(record, 0, RECORD_BYTES);
    memcpy(record, &sequence, sizeof sequence);
    memcpy(record + 8, &price, sizeof price);
    memcpy(record + 16, &time_us, sizeof time_us);
    snprintf(record + 24, 72, "9999 %06u %s%04u %12u %u%u %u", 100000 + draw(seed, 1000),
             draw(seed, 2) ? "rb" : "IF", 2501 + draw(seed, 12), number + draw(seed, 5),
             draw(seed, 2), draw(seed, 2), draw(seed, 20));
    snprintf(record + 96, 64, "%12u 09:%02u:%02u %u", 40000 + number, number / 60 % 60, number % 60,
             draw(seed, 1u << 30));
    for (int i = 160; i < 176; i++)
        record[i] = (char)draw(seed, 256);
}

static void bytes_fill(struct bench *bench)
{
    uint64_t seed = 42;
    for (uint32_t i = 0; i < GROUP_MAX; i++)
        record_fill(bench->bytes + i * (RECORD_BYTES + PREFIX_BYTES), i, &seed);
}

static bool journal_group(struct bench *bench, int records)
{
    struct error error;
    for (int i = 0; i < records; i++)
        journal_append(bench->journal, bench->bytes + i * (RECORD_BYTES + PREFIX_BYTES),
                       RECORD_BYTES);
    if (journal_commit(bench->journal, &error))
        return true;
    error_print("journal_bench", &error);
    return false;
}

static bool raw_group(struct bench *bench, int records)
{
    size_t length = (size_t)records * (RECORD_BYTES + PREFIX_BYTES);
    return write(bench->raw, bench->bytes, length) == (ssize_t)length && fdatasync(bench->raw) == 0;
}

/* Seconds for `commits` commits. */
static double turn_run(struct bench *bench, bool ours, int records, int commits, double *ns)
{
    int64_t begin = clock_monotonic_ns();
    for (int i = 0; i < commits; i++) {
        int64_t before = clock_monotonic_ns();
        if (!(ours ? journal_group(bench, records) : raw_group(bench, records)))
            exit(1);
        ns[i] = (double)(clock_monotonic_ns() - before);
    }
    return (double)(clock_monotonic_ns() - begin) / 1e9;
}

static int double_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, double_order);
    return values[count / 2];
}

static void line_print(const char *name, double ours, double baseline, bool higher,
                       const char *unit, const char *note)
{
    printf("{\"name\":\"%s\",\"ours\":%.6g,\"baseline\":%.6g,\"ratio\":%.3f,\"better\":\"%s\","
           "\"unit\":\"%s\",\"note\":\"%s\"}\n",
           name, ours, baseline, ours / baseline, higher ? "higher" : "lower", unit, note);
    fflush(stdout);
}

/* Turns ours, raw, raw, ours, ...: short ones, so that what else the disk does hits both alike.
 * Rates and medians over all of them. */
static void group_measure(struct bench *bench, int records, int commits)
{
    double seconds[2] = {0, 0};
    for (int pair = 0; pair < PAIRS; pair++) {
        for (int half = 0; half < 2; half++) {
            bool ours = (pair + half) % 2 == 0;
            double *ns = bench->ns[!ours] + pair * commits;
            seconds[!ours] += turn_run(bench, ours, records, commits, ns);
        }
    }
    char name[40];
    double total = (double)commits * PAIRS;
    snprintf(name, sizeof name, "durable_journal_%d", records);
    line_print(name, total / seconds[0], total / seconds[1], true, "commits/s",
               "against append + fdatasync of the same bytes");
    if (records == 1)
        line_print("ack_journal_p50", median(bench->ns[0], commits * PAIRS) / 1e3,
                   median(bench->ns[1], commits * PAIRS) / 1e3, false, "us",
                   "one record durable, against one append + fdatasync");
}

int main(int count, char **arguments)
{
    char folder[3072], database[4000], raw[4000];
    struct bench *bench = memory_get_zeroed(1, sizeof *bench);
    struct error error;
    snprintf(folder, sizeof folder, "%s/journal_bench_XXXXXX", count > 1 ? arguments[1] : ".");
    if (!mkdtemp(folder)) {
        fprintf(stderr, "journal_bench: cannot make a folder in %s\n", folder);
        return 1;
    }
    snprintf(database, sizeof database, "%s/tts.db", folder);
    snprintf(raw, sizeof raw, "%s/raw", folder);
    bench->journal = journal_open(database, NULL, &error);
    bench->raw = open(raw, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (!bench->journal || bench->raw < 0) {
        error_print("journal_bench", &error);
        return 1;
    }
    bytes_fill(bench);
    group_measure(bench, 1, TURN_MAX);
    group_measure(bench, 64, TURN_MAX);
    group_measure(bench, 1024, 100);
    journal_close(bench->journal);
    close(bench->raw);
    unlink(database);
    unlink(raw);
    rmdir(folder);
    free(bench);
    return 0;
}
