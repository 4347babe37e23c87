/* golden.c: `golden [--core] FILE.json [CASE...]` runs worked cases against the core and tells, by
 * case and step, what differs. With --core the accounting cases run through the whole counter, its
 * requests and queries, and other cases not at all. Exit 0 when nothing does, 1 when something
 * does, 2 for a file that cannot be used, 77 (skipped) when the file is not there. */
#include "golden.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where the cases of a list stand in the file: a list of its own, or the member `within` of an
 * object. */
static const struct {
    const char *list, *within;
    void (*run)(struct golden *golden, const json_t *one, const json_t *file);
} kinds[] = {{"accounting", NULL, golden_accounting},
             {"matching", NULL, golden_matching},
             {"auctions", NULL, golden_auction},
             {"median_price", NULL, golden_median_price},
             {"book", NULL, golden_book},
             {"calendar", "cases", golden_calendar},
             {"stamps", NULL, golden_stamp},
             {"limits", NULL, golden_limit}};

enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

struct tally {
    unsigned passed, failed, left_out;
};

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 2;
}

static void name_case(struct golden *golden, const char *list, const json_t *one, size_t number)
{
    const char *id = json_string_value(json_object_get(one, "id"));
    if (id)
        snprintf(golden->name, sizeof golden->name, "%s", id);
    else
        snprintf(golden->name, sizeof golden->name, "%s %zu", list, number + 1);
}

static void run_case(struct golden *golden, size_t kind, const json_t *one, const json_t *file,
                     struct tally *tally)
{
    unsigned before = golden->differences;
    golden->step = 0;
    golden->has_steps = golden->faulted = golden->left_out = false;
    if (json_is_object(one) && golden->through_core)
        golden_accounting_core(golden, one, file);
    else if (json_is_object(one))
        kinds[kind].run(golden, one, file);
    else
        golden_fault(golden, "a case is an object in braces");
    if (golden->left_out)
        tally->left_out++;
    else if (golden->differences == before && !golden->faulted)
        tally->passed++;
    else
        tally->failed++;
}

static void run_list(struct golden *golden, size_t kind, const json_t *file, int argc, char **argv,
                     struct tally *tally)
{
    const json_t *cases = json_object_get(file, kinds[kind].list);
    if (cases && kinds[kind].within)
        cases = json_object_get(cases, kinds[kind].within);
    if (cases && !json_is_array(cases)) {
        printf("%s: is no list of cases\n", kinds[kind].list);
        tally->failed++;
    }
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i);
        name_case(golden, kinds[kind].list, one, i);
        if (wanted(golden->name, argc, argv))
            run_case(golden, kind, one, file, tally);
    }
}

static bool is_kind(const char *list)
{
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        if (strcmp(kinds[kind].list, list) == 0)
            return true;
    return false;
}

/* Lists of a name that this program does not know; returns how many known ones there are. */
static unsigned check_lists(json_t *file, struct tally *tally)
{
    static const char *const about[] = {"schema", "tolerance", "title",       "note",
                                        "notes",  "comment",   "description", NULL};
    unsigned known = 0;
    const char *name;
    json_t *value;
    json_object_foreach(file, name, value)
    {
        if (is_kind(name)) {
            known++;
        } else if (!golden_has_name(about, name)) {
            printf("%s: a list that this program does not know\n", name);
            tally->failed++;
        }
    }
    return known;
}

static json_t *load(const char *path)
{
    json_error_t problem;
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (!file) {
        fprintf(stderr, "%s:%d:%d: %s\n", path, problem.line, problem.column, problem.text);
        return NULL;
    }
    const json_t *schema = json_object_get(file, "schema");
    if (json_is_object(file) && (!schema || json_integer_value(schema) == 1))
        return file;
    fprintf(stderr, "%s: %s\n", path,
            json_is_object(file) ? "only `schema` 1 is known" : "not an object of lists of cases");
    json_decref(file);
    return NULL;
}

int main(int argc, char **argv)
{
    bool through_core = argc > 1 && strcmp(argv[1], "--core") == 0;
    argc -= through_core;
    argv += through_core;
    if (argc < 2) {
        fputs("usage: golden [--core] FILE.json [CASE...]\n", stderr);
        return 2;
    }
    if (access(argv[1], R_OK) != 0) {
        printf("skipped: %s is not there\n", argv[1]);
        return 77;
    }
    json_t *file = load(argv[1]);
    if (!file)
        return 2;
    const json_t *tolerance = json_object_get(file, "tolerance");
    struct golden golden = {.through_core = through_core,
                            .tolerance = tolerance ? json_number_value(tolerance) : 1e-4};
    struct tally tally = {0};
    if (check_lists(file, &tally) == 0) {
        fprintf(stderr, "%s: no list of cases, such as `accounting`\n", argv[1]);
        json_decref(file);
        return 2;
    }
    for (size_t kind = 0; kind < (through_core ? 1 : KIND_COUNT); kind++)
        run_list(&golden, kind, file, argc, argv, &tally);
    if (tally.passed + tally.failed + tally.left_out == 0)
        printf("no case of %s has the name that was asked for\n", argv[1]);
    if (tally.left_out)
        printf("%u cases left out\n", tally.left_out);
    printf("%u cases passed, %u failed, %u figures compared\n", tally.passed, tally.failed,
           golden.checks);
    json_decref(file);
    return tally.failed || tally.passed == 0;
}
