/* golden.c: `golden FILE.json [CASE...]` runs worked cases against the core and tells, by case and step, what differs. Exit 0 when nothing does,
 * 1 when something does, 2 for a file that cannot be used, 77 (skipped) when the file is not there. */
#include "golden.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void golden_differs(struct golden *golden, const char *where, const char *field, double want, double got)
{
    golden->differences++;
    printf("%s step %zu %s.%s: wanted %.10g, got %.10g\n", golden->case_id, golden->step, where, field,
           want, got);
}

void golden_number(struct golden *golden, const char *where, const json_t *object, const char *field,
                   double got)
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
    const json_t *cases = json_object_get(file, "accounting");
    if (!json_is_array(cases)) {
        fprintf(stderr, "%s:%d: %s\n", argv[1], problem.line,
                file ? "no list `accounting`" : problem.text);
        json_decref(file);
        return 2;
    }
    struct golden golden = {.tolerance = golden_get(file, "tolerance", 1e-4)};
    unsigned passed = 0, failed = 0;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i);
        golden.case_id = golden_text(one, "id", "?");
        if (!wanted(golden.case_id, argc, argv))
            continue;
        unsigned before = golden.differences;
        golden_accounting(&golden, one);
        if (golden.differences == before)
            passed++;
        else
            failed++;
    }
    printf("%u cases passed, %u failed, %u figures compared\n", passed, failed, golden.checks);
    json_decref(file);
    return failed || passed == 0;
}
