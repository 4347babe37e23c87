/* restart_bench.c: how long a start takes after a history of effects: out of a snapshot and the few
 * effects behind it, against applying all of them. The history is days of 100,000 effects, each
 * settled, so that the state is a day's and the history grows. Prints restart_1m; with --all also
 * restart_10m, whose history takes minutes to make.
 *
 * Usage: restart_bench [--all] [FOLDER] */
#include "base/clock.h"
#include "order_stream.h"
#include "tts/core/market/calendar.h"
#include "tts/journal/journal.h"
#include <stdio.h>
#include <unistd.h>

enum { DAY_EFFECTS = 100000, BEHIND_SNAPSHOT = 20000, FIRST_DAY = 20250303 };

struct bench {
    struct stream_core stream;
    struct stream_message *messages; /* of a day; each day plays the same */
    struct journal *journal;
    uint64_t snapshot; /* sequence */
    char path[4000];
};

static void die(const struct error *error)
{
    error_print("restart_bench", error);
    exit(1);
}

static char *effect_room(void *user, size_t length)
{
    struct bench *bench = user;
    return journal_append_room(bench->journal, length);
}

static void commit(struct bench *bench)
{
    struct error error;
    if (!journal_commit(bench->journal, &error))
        die(&error);
}

static void write_snapshot(struct bench *bench)
{
    struct error error;
    struct buffer state = {.at = NULL};
    commit(bench);
    core_save(bench->stream.core, &state);
    bench->snapshot = journal_last(bench->journal);
    if (!journal_snapshot_write(bench->journal, bench->snapshot, state.at, state.length, &error))
        die(&error);
    buffer_finish(&state);
}

/* A day of effects; `last`: it ends with a snapshot and the effects behind it, unsettled. */
static void make_day(struct bench *bench, bool last)
{
    uint64_t begin = journal_last(bench->journal);
    stream_core_login(&bench->stream);
    for (uint32_t i = 0; journal_last(bench->journal) - begin < DAY_EFFECTS; i++) {
        stream_core_play(&bench->stream, &bench->messages[i]);
        if (i % 256 == 0)
            journal_seal(bench->journal);
        if (last && bench->snapshot == 0 &&
            journal_last(bench->journal) - begin >= DAY_EFFECTS - BEHIND_SNAPSHOT)
            write_snapshot(bench);
    }
    struct calendar weekdays = {.everyday = false};
    if (!last)
        core_settle(bench->stream.core,
                    calendar_next(&weekdays, core_trading_day(bench->stream.core)), NULL);
    commit(bench);
}

static bool apply(void *context, uint64_t sequence, const void *bytes, size_t length)
{
    (void)sequence;
    return core_apply(context, bytes, length);
}

/* Seconds of a start; *hash of the state that it ends in. */
static double start(struct bench *bench, bool from_snapshot, uint64_t *hash)
{
    struct error error;
    struct buffer state = {.at = NULL};
    uint64_t sequence = 0;
    bool found = false;
    int64_t begin = clock_monotonic_ns();
    struct journal *journal = journal_open(bench->path, NULL, &error);
    if (!journal)
        die(&error);
    struct core *core = stream_core_empty(&bench->stream);
    if (from_snapshot && (!journal_snapshot_read(journal, &found, &sequence, &state, &error) ||
                          !found || !core_load(core, buffer_text(&state))))
        die(&error);
    if (!journal_read(journal, sequence + 1, apply, core, &error))
        die(&error);
    double seconds = (double)(clock_monotonic_ns() - begin) / 1e9;
    *hash = core_hash(core);
    core_destroy(core);
    buffer_finish(&state);
    journal_close(journal);
    return seconds;
}

static void remove_files(struct bench *bench, const char *folder)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    char path[4096];
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(path, sizeof path, "%s%s", bench->path, ends[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void measure(const char *where, const char *name, int days)
{
    static struct bench bench;
    struct error error;
    char folder[3072], note[200];
    uint64_t hash[2];
    memset(&bench, 0, sizeof bench);
    snprintf(folder, sizeof folder, "%s/restart_bench_XXXXXX", where);
    if (!mkdtemp(folder)) {
        fprintf(stderr, "restart_bench: cannot make a folder in %s\n", where);
        exit(1);
    }
    snprintf(bench.path, sizeof bench.path, "%s/tts.db", folder);
    bench.journal = journal_open(bench.path, NULL, &error);
    if (!bench.journal)
        die(&error);
    bench.messages = stream_draw(DAY_EFFECTS);
    stream_core_begin(&bench.stream, effect_room, &bench);
    bench.stream.closes = true;
    for (int day = 1; day <= days; day++)
        make_day(&bench, day == days);
    uint64_t effects = journal_last(bench.journal);
    stream_core_end(&bench.stream);
    journal_close(bench.journal);
    double with[2], without[2];
    with[0] = start(&bench, true, &hash[1]);
    without[0] = start(&bench, false, &hash[0]);
    without[1] = start(&bench, false, &hash[0]);
    with[1] = start(&bench, true, &hash[1]);
    if (hash[0] != hash[1]) {
        fputs("restart_bench: the snapshot and the journal give different states\n", stderr);
        exit(1);
    }
    double whole = (without[0] + without[1]) / 2;
    snprintf(note, sizeof note,
             "start out of the newest snapshot and %d effects, against applying all %llu effects "
             "(%.0f a second)",
             BEHIND_SNAPSHOT, (unsigned long long)effects, (double)effects / whole);
    bench_line(name, (with[0] + with[1]) / 2, whole, false, "s", note);
    free(bench.messages);
    remove_files(&bench, folder);
}

int main(int count, char **arguments)
{
    bool all = count > 1 && strcmp(arguments[1], "--all") == 0;
    const char *where = count > 1 + all ? arguments[1 + all] : ".";
    measure(where, "restart_1m", 10);
    if (all)
        measure(where, "restart_10m", 100);
    return 0;
}
