/* text.h: a piece of text as a pointer and a length. It borrows its bytes, need not end in NUL, and
 * is passed by value. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/banned.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *at;
    size_t length;
} text;

/* The text of a string literal. */
#define TEXT(literal) ((text){"" literal, sizeof(literal) - 1})

/* The two arguments of "%.*s". */
#define TEXT_ARG(t) (int)(t).length, (t).at

/* The text of a NUL-terminated string; NULL gives the empty text. */
static inline text text_of(const char *string)
{
    return string ? (text){string, strlen(string)} : TEXT("");
}

/* The text in a fixed field of `size` bytes: up to the first NUL, or all if there is none. */
static inline text text_of_field(const char *field, size_t size)
{
    return (text){field, strnlen(field, size)};
}

static inline bool text_equal(text a, text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool text_equal_ignore_case(text a, text b); /* ASCII letters only */
bool text_starts_with(text t, text prefix);
bool text_ends_with(text t, text suffix);

/* Negative, zero or positive, in the order of the bytes. */
int text_compare(text a, text b);

/* Without ASCII blanks (space, tab, CR, LF) at both ends. */
text text_trim(text t);

/* Cuts `*rest` at the first `separator`: gives what stands before it and leaves what stands behind
 * it. Without a separator gives everything and leaves the empty text. */
text text_cut(text *rest, char separator);

/* Copies into `field` of `size` bytes and ends it with NUL; cuts what does not fit. False when it
 * cut. Of 0 bytes none is touched. The rest of the field becomes zero, so that fields of structs
 * compare bytewise. */
bool text_copy(char *field, size_t size, text t);

/* Reads a whole decimal integer, an optional sign and digits, nothing else. False for anything else
 * or out of range. */
bool text_to_int(text t, int64_t *value);

/* The number of single-character edits between two short texts, at most 31 bytes looked at; for
 * "did you mean". */
unsigned text_distance(text a, text b);

/* Whether somebody who wrote `written` is likely to have meant `meant`: 1 edit, and 1 more for
 * every 4 bytes. */
bool text_is_near(text written, text meant);

#endif
