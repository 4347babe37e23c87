/* sim_main.c: `simulation`: runs seeds, each a world of its own; what a seed does depends on
 * nothing else. Ends at the first failure with the command that shows it again. */
#include "base/clock.h"
#include "world.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 256, CHECK_EVERY = 8 };

struct wish {
    int64_t seeds, first, steps, jobs, seed;
    const char *program;
};

/* Written by the handler of a signal that ends the process. */
static char failure[1024];

static void died(int number)
{
    ssize_t written = write(STDERR_FILENO, failure, strlen(failure));
    (void)written;
    signal(number, SIG_DFL);
    raise(number);
}

static void promise_command(const struct wish *wish, uint64_t seed)
{
    snprintf(failure, sizeof failure, "to see it again: %s --seed %llu --steps %lld\n",
             wish->program, (unsigned long long)seed, (long long)wish->steps);
}

static void add(struct figures *sum, const struct figures *one)
{
    sum->steps += one->steps;
    sum->requests += one->requests;
    sum->refused += one->refused;
    sum->crashes += one->crashes;
    sum->days += one->days;
    sum->ticks += one->ticks;
    sum->messages += one->messages;
    sum->told += one->told;
    for (int i = 0; i < EFFECT_KIND_COUNT; i++)
        sum->effects[i] += one->effects[i];
    for (int i = 0; i < RECORD_KIND_COUNT; i++)
        sum->records[i] += one->records[i];
}

static void run_seed(const struct wish *wish, uint64_t seed, struct figures *sum)
{
    promise_command(wish, seed);
    struct world *world = world_create(seed);
    for (world->step = 1; world->step <= wish->steps; world->step++) {
        workload_step(world);
        if (world->step % CHECK_EVERY == 0)
            check_state(world);
    }
    check_state(world);
    disk_prove(world);
    world->figures.steps = (uint64_t)wish->steps;
    add(sum, &world->figures);
    world_destroy(world);
    failure[0] = '\0';
}

static void print_figures(uint64_t seeds, const struct figures *sum, double seconds)
{
    static const char *const effects[] = {
#define X(name) #name,
        EFFECT_KINDS(X)
#undef X
    };
    static const char *const records[] = {
#define X(name, of) #name,
        RECORD_KINDS(X)
#undef X
    };
    printf("simulation: %llu seeds clean, %llu steps in %.1f s: %llu requests (%llu refused), %llu "
           "messages shown (sum %016llx), %llu ticks, %llu crashes, %llu settlements\n  effects:",
           (unsigned long long)seeds, (unsigned long long)sum->steps, seconds,
           (unsigned long long)sum->requests, (unsigned long long)sum->refused,
           (unsigned long long)sum->messages, (unsigned long long)sum->told,
           (unsigned long long)sum->ticks, (unsigned long long)sum->crashes,
           (unsigned long long)sum->days);
    for (int i = 0; i < EFFECT_KIND_COUNT; i++)
        printf(" %s %llu", effects[i], (unsigned long long)sum->effects[i]);
    printf("\n  records:");
    for (int i = 0; i < RECORD_KIND_COUNT; i++)
        printf(" %s %llu", records[i], (unsigned long long)sum->records[i]);
    printf("\n");
}

/* ---- jobs: processes, so that a crash of one seed is a failure and nothing more ---- */

struct report {
    uint64_t seeds;
    struct figures figures;
};

static void work(const struct wish *wish, int64_t job, int out)
{
    struct report report = {.seeds = 0};
    for (int64_t i = job; i < wish->seeds; i += wish->jobs) {
        run_seed(wish, (uint64_t)(wish->first + i), &report.figures);
        report.seeds++;
    }
    if (write(out, &report, sizeof report) != sizeof report)
        _exit(1);
    _exit(0);
}

static int run_jobs(const struct wish *wish, struct report *sum)
{
    int ends[2], failed = 0;
    if (pipe(ends) != 0)
        return 1;
    for (int64_t job = 0; job < wish->jobs; job++) {
        pid_t child = fork();
        if (child == 0)
            work(wish, job, ends[1]);
        failed += child < 0;
    }
    close(ends[1]);
    struct report one;
    while (read(ends[0], &one, sizeof one) == sizeof one) {
        sum->seeds += one.seeds;
        add(&sum->figures, &one.figures);
    }
    close(ends[0]);
    int status;
    pid_t child;
    while ((child = wait(&status)) > 0 || errno == EINTR)
        failed += child > 0 && status != 0;
    return failed;
}

/* ---- the command line ---- */

static bool read_number_of(const char *name, int argc, char **argv, int *at, int64_t low,
                           int64_t *value)
{
    if (strcmp(argv[*at], name) != 0)
        return false;
    if (*at + 1 == argc || !text_to_int(text_of(argv[*at + 1]), value) || *value < low) {
        fprintf(stderr, "simulation: %s needs a number from %lld on\n", name, (long long)low);
        exit(2);
    }
    ++*at;
    return true;
}

static struct wish read_arguments(int argc, char **argv)
{
    struct wish wish = {
        .seeds = 50, .first = 1, .steps = 400, .jobs = 1, .seed = -1, .program = argv[0]};
    for (int i = 1; i < argc; i++) {
        if (read_number_of("--seeds", argc, argv, &i, 1, &wish.seeds) ||
            read_number_of("--first", argc, argv, &i, 0, &wish.first) ||
            read_number_of("--steps", argc, argv, &i, 1, &wish.steps) ||
            read_number_of("--jobs", argc, argv, &i, 1, &wish.jobs) ||
            read_number_of("--seed", argc, argv, &i, 0, &wish.seed))
            continue;
        fprintf(stderr,
                "usage: simulation [--seeds N] [--first SEED] [--steps N] [--jobs N] | --seed N\n");
        exit(2);
    }
    if (wish.jobs > JOBS_MAX)
        wish.jobs = JOBS_MAX;
    if (wish.seed >= 0) {
        wish.first = wish.seed;
        wish.seeds = wish.jobs = 1;
    }
    return wish;
}

int main(int argc, char **argv)
{
    struct wish wish = read_arguments(argc, argv);
    signal(SIGABRT, died);
    signal(SIGSEGV, died);
    signal(SIGFPE, died);
    struct report sum = {.seeds = 0};
    int64_t begin = clock_monotonic_ns();
    int failed = 0;
    if (wish.jobs == 1) {
        for (int64_t i = 0; i < wish.seeds; i++, sum.seeds++)
            run_seed(&wish, (uint64_t)(wish.first + i), &sum.figures);
    } else {
        failed = run_jobs(&wish, &sum);
    }
    if (failed) {
        fprintf(stderr, "simulation: %d of %lld jobs stopped\n", failed, (long long)wish.jobs);
        return 1;
    }
    print_figures(sum.seeds, &sum.figures, (double)(clock_monotonic_ns() - begin) / 1e9);
    return 0;
}
