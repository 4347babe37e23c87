/* error.h: an error as a person reads it: the place, what is wrong there, and what to do about it.
 * Outer layers fill it; inner layers return small enums, and the layer that knows the place makes
 * the sentence. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/text.h"

struct error {
    char file[256]; /* file, address or program part; empty when there is none */
    int line;       /* 1 and up; 0 when unknown */
    int column;     /* 1 and up; 0 when unknown */
    char what[320]; /* one sentence without a full stop */
    char fix[240];  /* what to do; empty when there is nothing to say */
};

/* Fills `error`: `what` by printf's rules. Always returns false, so that a function can end in
 * `return error_set(error, ...)`. A NULL `error` is allowed and ignored. */
bool error_set(struct error *error, const char *what, ...) __attribute__((format(printf, 2, 3)));

/* Adds the place to an error already set. `file` is borrowed for the call. Returns false. */
bool error_at(struct error *error, const char *file, int line, int column);

/* Adds the fix, by printf's rules. Returns false. */
bool error_fix(struct error *error, const char *fix, ...) __attribute__((format(printf, 2, 3)));

/* Writes "file:line:column: what; fix" into `out` (always NUL-terminated) and returns out. */
const char *error_text(const struct error *error, char *out, size_t size);

/* Prints "PROGRAM: text" and a newline on stderr. */
void error_print(const char *program, const struct error *error);

#endif
