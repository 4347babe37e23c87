/* crash_test.c: a process that commits is killed at a random moment, again and again on the same
 * file. Nothing that it has told to be durable is ever missing, and nothing is there twice or
 * changed. JOURNAL_CRASH_ROUNDS sets the number of rounds (20). */
#include "journal_support.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void durable_tell(struct journal *journal, int pipe_end, uint64_t *told)
{
    uint64_t durable = journal_durable(journal);
    if (durable == *told)
        return;
    *told = durable;
    if (write(pipe_end, told, sizeof *told) != sizeof *told)
        _exit(1);
}

static void child_need(bool fine, const struct error *error)
{
    if (fine)
        return;
    error_print("crash_test", error);
    _exit(1);
}

static uint64_t newest_snapshot(struct journal *journal)
{
    struct error error = {.line = 0};
    struct buffer bytes = {.length = 0};
    uint64_t sequence = 0;
    bool found;
    child_need(journal_snapshot_read(journal, &found, &sequence, &bytes, &error), &error);
    buffer_finish(&bytes);
    return sequence;
}

/* Half of the rounds wait for each commit, half let the commits overlap; now and then a snapshot
 * and a compaction come between. */
static void child_commit(const struct place *place, int pipe_end, unsigned seed)
{
    struct journal *journal = place_open(place);
    struct error error = {.line = 0};
    uint64_t told = 0, snapshot = newest_snapshot(journal);
    char state[5000] = "state";
    for (unsigned i = seed;; i++) {
        for (unsigned record = 0; record <= i * 7 % 40; record++)
            record_append(journal);
        if (seed % 2)
            journal_seal(journal);
        else
            child_need(journal_commit(journal, &error), &error);
        durable_tell(journal, pipe_end, &told);
        if (i % 97 == 0 && told > snapshot) {
            snapshot = told;
            child_need(journal_snapshot_write(journal, told, state, sizeof state, &error), &error);
        } else if (i % 97 == 50) {
            child_need(journal_compact(journal, told, &error), &error);
        }
    }
}

/* Starts a child, kills it after `delay_us`, returns the last sequence that it told. */
static uint64_t round_run(const struct place *place, unsigned seed, unsigned delay_us)
{
    int ends[2];
    uint64_t told = 0, value;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        child_commit(place, ends[1], seed);
    }
    close(ends[1]);
    if (read(ends[0], &value, sizeof value) == sizeof value) /* it is at work */
        told = value;
    usleep(delay_us);
    kill(child, SIGKILL);
    while (read(ends[0], &value, sizeof value) == sizeof value)
        told = value;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return told;
}

static void nothing_acknowledged_is_lost_by_kill_9(void **state)
{
    (void)state;
    struct place place;
    const char *wish = getenv("JOURNAL_CRASH_ROUNDS");
    int64_t rounds = 20;
    if (wish)
        assert_true(text_to_int(text_of(wish), &rounds));
    place_make(&place);
    uint64_t draw = 12345;
    for (int64_t i = 0; i < rounds; i++) {
        draw = draw * 6364136223846793005u + 1442695040888963407u;
        uint64_t told = round_run(&place, (unsigned)i, (unsigned)(draw >> 33) % 60000);
        assert_true(told > 0);
        struct journal *journal = place_open(&place);
        uint64_t first = journal_first(journal), last = journal_last(journal);
        assert_true(last >= told);
        assert_int_equal(records_check(journal, first), last - first + 1);
        bool found;
        uint64_t sequence = 0;
        struct buffer snapshot = {.length = 0};
        assert_true(journal_snapshot_read(journal, &found, &sequence, &snapshot, NULL));
        assert_true(found ? snapshot.length == 5000 && sequence + 1 >= first : first == 1);
        buffer_finish(&snapshot);
        journal_close(journal);
    }
    place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_acknowledged_is_lost_by_kill_9)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
