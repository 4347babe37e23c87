/* csv_number.h: numbers and dates of tick files, read in one pass and as fast as it goes; what is
 * unusual goes to base/number.h. */
#ifndef TTS_FEED_CSV_NUMBER_H
#define TTS_FEED_CSV_NUMBER_H

#include "tts/core/instrument.h"

/* Reads the cell at `at` up to a comma or `end` into *value: empty and "nan" give `absent`, the
 * largest double (also with digits that round beyond it) gives ABSENT_PRICE. Returns the cell's
 * end, or NULL when it is no number. */
const char *csv_read_number(const char *at, const char *end, double absent, double *value);

/* yyyymmdd, yyyy-mm-dd or yyyy/mm/dd at the beginning of `t`; returns how many bytes it took, 0
 * when it is no date. The date may still not exist (20210230). */
size_t csv_read_date(text t, int *date);

/* H:MM:SS or HH:MM:SS, perhaps with a fraction, at the beginning of `t`; *millisecond is set only
 * by a fraction. Bytes taken or 0. */
size_t csv_read_time(text t, int *second_of_day, int *millisecond);

#endif
