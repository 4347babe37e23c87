/* number.h: doubles as text, exactly: the shortest decimal that reads back the same. Never depends
 * on the locale. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/text.h"

enum { NUMBER_TEXT_MAX = 32 };

/* Writes a finite `value` in JSON's number syntax into `out` (NUMBER_TEXT_MAX bytes, no NUL) and
 * returns the length: the shortest digits that read back the same; integers without a point below
 * 1e15, an exponent outside 1e-5..1e17. */
size_t number_write(double value, char *out);

/* Writes an integer into `out` (at least 21 bytes, no NUL) and returns the length. */
size_t number_write_int(int64_t value, char *out);

/* Writes `value` with zeros in front up to `least` digits (1 to 20) into `out` (at least 20 bytes,
 * no NUL) and returns the length. */
size_t number_write_padded(uint64_t value, size_t least, char *out);

/* Reads a whole decimal number: sign, digits, point, exponent; nothing else, also no "inf", "nan",
 * or hexadecimal. False when it is not one or is beyond the range of a double. */
bool number_read(text t, double *value);

#endif
