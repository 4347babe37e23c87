/* golden.c: `golden FILE.json [CASE...]` runs worked cases against the core and tells, by case and
 * step, what differs. Exit 0 when nothing does, 1 when something does, 2 for a file that cannot be
 * used, 77 (skipped) when the file is not there. */
#include "golden.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void golden_differs(struct golden *golden, const char *where, const char *field, double want,
                    double got)
{
    golden->differences++;
    printf("%s step %zu %s.%s: wanted %.10g, got %.10g\n", golden->case_id, golden->step, where,
           field, want, got);
}

void golden_number(struct golden *golden, const char *where, const json_t *object,
                   const char *field, double got)
{
    const json_t *want = json_object_get(object, field);
    if (!json_is_number(want))
        return;
    golden->checks++;
    if (!(fabs(json_number_value(want) - got) <= golden->tolerance))
        golden_differs(golden, where, field, json_number_value(want), got);
}

double golden_get(const json_t *object, const char *field, double fallback)
{
    const json_t *found = json_object_get(object, field);
    return json_is_number(found) ? json_number_value(found) : fallback;
}

const char *golden_text(const json_t *object, const char *field, const char *fallback)
{
    const json_t *found = json_object_get(object, field);
    return json_is_string(found) ? json_string_value(found) : fallback;
}

static bool wanted(const char *id, int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], id) == 0)
            return true;
    return argc == 2;
}

/* The lists of a file that this program knows; calendar, stamps and limits have a test of their
 * own. */
static const struct {
    const char *list;
    void (*run)(struct golden *golden, const json_t *one);
} kinds[] = {{"accounting", golden_accounting},
             {"matching", golden_matching},
             {"auctions", golden_auction},
             {"median_price", golden_median_price},
             {"book", golden_book}};

struct tally {
    unsigned lists, passed, failed;
};

static void run_list(struct golden *golden, size_t kind, const json_t *cases, int argc, char **argv,
                     struct tally *tally)
{
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i);
        golden->case_id = golden_text(one, "id", kinds[kind].list);
        golden->step = 0;
        if (!wanted(golden->case_id, argc, argv))
            continue;
        unsigned before = golden->differences;
        kinds[kind].run(golden, one);
        if (golden->differences == before)
            tally->passed++;
        else
            tally->failed++;
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: golden FILE.json [CASE...]\n", stderr);
        return 2;
    }
    if (access(argv[1], R_OK) != 0) {
        printf("skipped: %s is not there\n", argv[1]);
        return 77;
    }
    json_error_t problem;
    json_t *file = json_load_file(argv[1], 0, &problem);
    struct golden golden = {.tolerance = golden_get(file, "tolerance", 1e-4)};
    struct tally tally = {0};
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        const json_t *cases = json_object_get(file, kinds[kind].list);
        tally.lists += json_is_array(cases);
        run_list(&golden, kind, cases, argc, argv, &tally);
    }
    if (tally.lists == 0) {
        fprintf(stderr, "%s:%d: %s\n", argv[1], problem.line,
                file ? "no list of cases, such as `accounting`" : problem.text);
        json_decref(file);
        return 2;
    }
    printf("%u cases passed, %u failed, %u figures compared\n", tally.passed, tally.failed,
           golden.checks);
    json_decref(file);
    return tally.failed || tally.passed == 0;
}
