/* golden.h: what the parts of the golden runner share. A case is one worked example; each
 * difference is printed with case, step and field. What a case says and this program does not
 * understand is never passed over: it makes the case fail, with its name. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <jansson.h>
#include <stdbool.h>

struct golden {
    char name[96];     /* of the case: its id, or list and number */
    size_t step;       /* from 0 */
    bool has_steps;    /* whether places are told with a step */
    bool faulted;      /* the case cannot go on */
    bool through_core; /* accounting cases run through the whole counter */
    bool left_out;     /* the case is not one for the whole counter */
    double tolerance;
    unsigned checks, differences;
};

/* Prints one difference and counts it. */
void golden_differs(struct golden *golden, const char *where, const char *field, double want,
                    double got);

/* Tells why the case cannot be run, or not further; it counts as failed. The first one is told. */
__attribute__((format(printf, 2, 3))) void golden_fault(struct golden *golden, const char *format,
                                                        ...);

/* A value of an expected object: what the core says of a field. */
struct golden_field {
    const char *name;
    double number;
    const char *text; /* compared instead of the number unless NULL */
};
extern const char golden_key[]; /* as text: the field names the row and is compared elsewhere */

/* Compares each member of `want` with the field of that name; a member without one is a fault, for
 * nothing that a case expects may stay unchecked. */
void golden_same(struct golden *golden, const char *where, const json_t *want,
                 const struct golden_field *fields, size_t count);

/* Compares one number, given or not; and texts. */
void golden_number(struct golden *golden, const char *where, const json_t *object,
                   const char *field, double got);
void golden_same_text(struct golden *golden, const char *where, const char *want, const char *got);

/* A fault unless `object` is an object of members that `names` (NULL at the end) lists. */
void golden_known(struct golden *golden, const char *where, const json_t *object,
                  const char *const *names);

/* Whether `names` (NULL at the end) has that name. */
bool golden_has_name(const char *const *names, const char *name);

/* Members of a kind: absent ones give the fallback, ones of another kind are a fault. null counts
 * as absent. The golden_need_ functions call absence a fault as well. */
double golden_get(struct golden *golden, const json_t *object, const char *field, double fallback);
const char *golden_text(struct golden *golden, const json_t *object, const char *field,
                        const char *fallback);
double golden_need(struct golden *golden, const json_t *object, const char *field);
const char *golden_need_text(struct golden *golden, const json_t *object, const char *field);

/* A member that is one of the characters of `allowed`; absent: the first of them. */
char golden_choice(struct golden *golden, const json_t *object, const char *field,
                   const char *allowed);

/* A whole number of lots from `least` on; absent is a fault. */
int golden_lots(struct golden *golden, const json_t *object, const char *field, int least);

/* yyyymmdd as a number; absent gives 0. */
int golden_date(struct golden *golden, const json_t *object, const char *field);

/* A list; absent gives NULL, which has no items. */
const json_t *golden_list(struct golden *golden, const json_t *object, const char *field);

/* Run one case of the list of that name: `accounting`, `matching`, `auctions`, `median_price`,
 * `book`, `calendar`, `stamps`, `limits`. `file` is the whole file. golden_accounting drives the
 * ledger, golden_accounting_core the whole counter: by its requests, answers and queries. */
void golden_accounting(struct golden *golden, const json_t *one, const json_t *file);
void golden_accounting_core(struct golden *golden, const json_t *one, const json_t *file);
void golden_matching(struct golden *golden, const json_t *one, const json_t *file);
void golden_auction(struct golden *golden, const json_t *one, const json_t *file);
void golden_median_price(struct golden *golden, const json_t *one, const json_t *file);
void golden_book(struct golden *golden, const json_t *one, const json_t *file);
void golden_calendar(struct golden *golden, const json_t *one, const json_t *file);
void golden_stamp(struct golden *golden, const json_t *one, const json_t *file);
void golden_limit(struct golden *golden, const json_t *one, const json_t *file);

#endif
