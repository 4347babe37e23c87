/* csv_number.h: numbers and dates of tick files, read in one pass and as fast as it goes; what is
 * unusual goes to base/number.h. */
#ifndef TTS_FEED_CSV_NUMBER_H
#define TTS_FEED_CSV_NUMBER_H

#include "tts/core/market/instrument.h"

/* The slow way for what is not a short plain decimal; see csv_read_number. */
const char *csv_read_unusual_number(const char *at, const char *end, double absent, double *value);

/* 10 to the power of 0 to 15. */
extern const double csv_powers[16];

/* Reads the cell at `at` up to a comma or `end` into *value: empty and "nan" give `absent`, the
 * largest double (also with digits that round beyond it) gives ABSENT_PRICE. Returns the cell's
 * end, or NULL when it is no number or not between -10^15 and 10^15.
 *
 * Up to 15 digits and a power of ten up to 10^15 are exact doubles, so one division rounds right.
 */
static inline const char *csv_read_number(const char *at, const char *end, double absent,
                                          double *value)
{
    const char *start = at;
    if (at == end || *at == ',') {
        *value = absent;
        return at;
    }
    bool negative = *at == '-';
    if (negative)
        at++;
    uint64_t digits = 0;
    const char *first = at;
    while (at < end && *at >= '0' && *at <= '9')
        digits = digits * 10 + (uint64_t)(*at++ - '0');
    long count = at - first, fraction = 0;
    if (count > 0 && at < end && *at == '.') {
        const char *point = at++;
        while (at < end && *at >= '0' && *at <= '9')
            digits = digits * 10 + (uint64_t)(*at++ - '0');
        fraction = at - point - 1;
        count += fraction;
    }
    if (count == 0 || count > 15 || (at < end && *at != ','))
        return csv_read_unusual_number(start, end, absent, value);
    double read = (double)digits;
    if (fraction > 0)
        read /= csv_powers[fraction];
    *value = negative ? -read : read;
    return at;
}

/* yyyymmdd, yyyy-mm-dd or yyyy/mm/dd at the beginning of `t`; returns how many bytes it took, 0
 * when it is no date. The date may still not exist (20210230). */
size_t csv_read_date(text t, int *date);

/* H:MM:SS or HH:MM:SS, perhaps with a fraction, at the beginning of `t`; *millisecond is set only
 * by a fraction. Bytes taken or 0. */
size_t csv_read_time(text t, int *second_of_day, int *millisecond);

#endif
