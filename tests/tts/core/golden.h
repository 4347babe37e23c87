/* golden.h: what the parts of the golden runner share. A case is one worked example; each
 * difference is printed with case, step and field. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <jansson.h>
#include <stdbool.h>

struct golden {
    const char *case_id;
    size_t step;
    double tolerance;
    unsigned checks, differences;
};

/* Prints one difference and counts it. */
void golden_differs(struct golden *golden, const char *where, const char *field, double want,
                    double got);

/* Compares a number of `object` with `got`; a field that the object lacks is not checked. */
void golden_number(struct golden *golden, const char *where, const json_t *object,
                   const char *field, double got);

double golden_get(const json_t *object, const char *field, double fallback);
const char *golden_text(const json_t *object, const char *field, const char *fallback);

/* Run one case of the list of that name: `accounting`, `matching`, `auctions`, `median_price`,
 * `book`. */
void golden_accounting(struct golden *golden, const json_t *one);
void golden_matching(struct golden *golden, const json_t *one);
void golden_auction(struct golden *golden, const json_t *one);
void golden_median_price(struct golden *golden, const json_t *one);
void golden_book(struct golden *golden, const json_t *one);

#endif
