/* query_fixture.h: asks a query of core_fixture's core and keeps all the rows of its answer, with
 * the rules that every answer keeps checked on the way: the right callback and RequestID, bIsLast
 * once and on the last, RspInfo only in errors, and nothing changed in the core. */
#ifndef TESTS_QUERY_FIXTURE_H
#define TESTS_QUERY_FIXTURE_H

#include "core_fixture.h"

/* Asks and returns the number of rows. `body` NULL: nothing given. */
int query_ask(struct fixture *fixture, uint32_t connection, enum ctp_method method,
              const void *body);

/* Row `number` (from 0) of the last answer; NULL when there is none. */
const void *query_answered(int number);

/* ErrorID of the last answer, 0 for rows and empty answers. */
int query_error(void);

/* Whether the last answer came by OnRspError. */
bool query_was_front_error(void);

/* Two numbers that are the same to a millionth. */
#define ASSERT_NUMBER(value, expected) query_compare(value, expected, #value, __FILE__, __LINE__)
void query_compare(double value, double expected, const char *what, const char *file, int line);

/* A row of that struct. */
#define QUERY_ROW(name, number) ((const struct CThostFtdc##name##Field *)query_answered(number))

/* A body with one text field set. */
#define QUERY_BODY(name, variable, field, value) \
    struct CThostFtdc##name##Field variable;     \
    memset(&variable, 0, sizeof variable);       \
    text_copy(variable.field, sizeof variable.field, text_of(value))

#endif
