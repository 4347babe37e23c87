/* clock.h: the machine's clocks, and Beijing time taken apart without the C library's time zone. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/text.h"

/* Microseconds since 1970-01-01 00:00 UTC. */
int64_t clock_now_us(void);

/* Nanoseconds of a clock that never goes back. */
int64_t clock_monotonic_ns(void);

struct beijing_time {
    int year, month, day;     /* month 1-12, day 1-31 */
    int hour, minute, second; /* 0-23, 0-59, 0-59 */
    int microsecond;          /* 0-999999 */
    int weekday;              /* 0 Sunday .. 6 Saturday */
};

/* Beijing time (UTC+8, no summer time) of an instant. */
struct beijing_time clock_beijing(int64_t us);

/* The instant of a Beijing date (yyyymmdd as a number) and a time of day in seconds. */
int64_t clock_from_beijing(int date, int second_of_day);

/* Days since 1970-01-01 of a date yyyymmdd, and back. A date that does not exist gives -1. */
int clock_date_to_days(int date);
int clock_days_to_date(int days);

#endif
