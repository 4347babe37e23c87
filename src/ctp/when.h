/* when.h: a row's `when` as two numbers, the first and last version that has it: ALL, SINCE(v),
 * UNTIL(v), RANGE(a, b) become "first, last". For the files that read the rows into arrays;
 * included after ctp/ctp.h. */
#ifndef CTP_WHEN_H
#define CTP_WHEN_H

#define WHEN_ALL 0, CTP_NEWEST
#define WHEN_SINCE(since) CTP_##since, CTP_NEWEST
#define WHEN_UNTIL(until) 0, CTP_##until
#define WHEN_RANGE(since, until) CTP_##since, CTP_##until
#define WHEN(when) WHEN_##when

#endif
