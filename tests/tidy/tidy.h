/* tidy.h: the rules of the house that no compiler holds, as functions over one file's text.
 * tidy_main.c walks the tree and gives every file to tidy_check; tidy_test.c shows each rule a text
 * that breaks it. */
#ifndef TESTS_TIDY_TIDY_H
#define TESTS_TIDY_TIDY_H

#include "base/buffer.h"

enum { TIDY_COLUMNS_MAX = 100, TIDY_FUNCTION_LINES_MAX = 70, TIDY_FILE_LINES_MAX = 800 };

/* One file: its path from the root of the project ("src/ctp/table.c") and all of its text. */
struct source {
    text path;
    text content;
    bool has_header; /* a .c beside which there is a .h of the same name */
};

/* What is found goes here, a line each: "path:line:column: what". */
struct findings {
    struct buffer lines;
    size_t count;
};

/* Applies every rule that concerns such a file. */
void tidy_check(const struct source *source, struct findings *findings);

/* The parts of it. */
void tidy_check_includes(const struct source *source, struct findings *findings);
void tidy_check_lines(const struct source *source, struct findings *findings);
void tidy_check_shape(const struct source *source, struct findings *findings);

/* Adds a finding unless the exceptions (exceptions.def) allow that rule to be broken in that file.
 * Column 0 leaves it out. */
void tidy_find(struct findings *findings, const struct source *source, const char *rule, int line,
               int column, const char *what, ...) __attribute__((format(printf, 6, 7)));

/* Where a file is, and what it is. */
bool source_is_under(const struct source *source, const char *folder);
bool source_ends_with(const struct source *source, const char *end);
bool source_is_c(const struct source *source); /* .c or .h */

#endif
