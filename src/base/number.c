/* number.c: see number.h.
 *
 * The common case (prices, money, volumes) lies between 1/1000 and 1e15. There the double m / 2^s,
 * times 10^k for as many decimals k as ever count, is an integer of 128 bits over a power of two.
 * So the question "which decimal of k places is nearest, and does it read back as the same double?"
 * has an exact answer without a table, and the smallest k with a yes is the shortest text.
 * Everything else asks printf for more and more digits. */
#include "base/number.h"
#include <float.h>
#include <math.h>

enum { DECIMALS_MAX = 9 };

static const double powers[DECIMALS_MAX + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

/* Both write digits from the last one to the first, two at a time, and return where they start. */
static char *put_pair(char *at, uint64_t pair)
{
    static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031"
                                "3233343536373839404142434445464748495051525354555657585960616263"
                                "6465666768697071727374757677787980818283848586878889909192939495"
                                "96979899";
    memcpy(at - 2, pairs + pair * 2, 2);
    return at - 2;
}

static char *put_whole(char *at, uint64_t value)
{
    for (; value >= 100; value /= 100)
        at = put_pair(at, value % 100);
    if (value >= 10)
        return put_pair(at, value);
    *--at = (char)('0' + value);
    return at;
}

/* scaled / 10^decimals */
static size_t write_scaled(uint64_t scaled, int decimals, bool negative, char *out)
{
    char digits[NUMBER_TEXT_MAX];
    char *end = digits + sizeof digits, *at = end;
    for (int left = decimals; left >= 2; left -= 2, scaled /= 100)
        at = put_pair(at, scaled % 100);
    if (decimals % 2) {
        *--at = (char)('0' + scaled % 10);
        scaled /= 10;
    }
    if (decimals)
        *--at = '.';
    at = put_whole(at, scaled);
    if (negative)
        *--at = '-';
    size_t length = (size_t)(end - at);
    memcpy(out, at, length);
    return length;
}

size_t number_write_int(int64_t value, char *out)
{
    return write_scaled(value < 0 ? -(uint64_t)value : (uint64_t)value, 0, value < 0, out);
}

size_t number_write_padded(uint64_t value, size_t least, char *out)
{
    char digits[NUMBER_TEXT_MAX];
    char *end = digits + sizeof digits, *at = put_whole(end, value);
    while ((size_t)(end - at) < least)
        *--at = '0';
    size_t length = (size_t)(end - at);
    memcpy(out, at, length);
    return length;
}

/* Digits d and exponent e of 0.d * 10^e, as printf gives them with `precision` digits. Returns the
 * number of digits without trailing zeros. The decimal point is skipped whatever character the
 * locale makes it. */
static int digits_of(double value, int precision, char *digits, int *exponent)
{
    char printed[48];
    snprintf(printed, sizeof printed, "%.*e", precision - 1, value);
    int count = 0;
    const char *at = printed;
    for (; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9')
            digits[count++] = *at;
    int64_t power = 0;
    text_to_int(text_of(at + 1), &power);
    *exponent = (int)power + 1;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return count;
}

static double value_of(const char *digits, int count, int exponent)
{
    char plain[48];
    snprintf(plain, sizeof plain, "%.*se%d", count, digits, exponent - count);
    return strtod(plain, NULL);
}

static size_t write_digits(const char *digits, int count, int exponent, bool negative, char *out)
{
    size_t length = 0;
    if (negative)
        out[length++] = '-';
    if (exponent > 0 && exponent <= 17) {
        for (int i = 0; i < exponent || i < count; i++) {
            if (i == exponent)
                out[length++] = '.';
            out[length++] = i < count ? digits[i] : '0';
        }
        return length;
    }
    if (exponent <= 0 && exponent > -5) {
        out[length++] = '0';
        out[length++] = '.';
        for (int i = exponent; i < 0; i++)
            out[length++] = '0';
        memcpy(out + length, digits, (size_t)count);
        return length + (size_t)count;
    }
    out[length++] = digits[0];
    if (count > 1) {
        out[length++] = '.';
        memcpy(out + length, digits + 1, (size_t)count - 1);
        length += (size_t)count - 1;
    }
    out[length++] = 'e';
    if (exponent > 1)
        out[length++] = '+';
    return length + number_write_int(exponent - 1, out + length);
}

__extension__ typedef unsigned __int128 wide;

/* Where the exact way works: below, 10^k would not fit in 64 bits; above, the double may have no
 * bits behind the point. */
static const double EXACT_MIN = 1e-3, EXACT_MAX = 1e15;

/* The shortest decimal that reads back as `size`: *decimals places, and its digits as one number. A
 * decimal reads back when it is not farther away than the middle to the next double, and a middle
 * itself goes to the even one. Just below a power of two the doubles are twice as close. */
static uint64_t shortest_decimal(double size, int *decimals)
{
    uint64_t bits;
    memcpy(&bits, &size, sizeof bits);
    int shift = 1023 + 52 - (int)(bits >> 52);
    uint64_t mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    bool even = mantissa % 2 == 0, power_of_two = mantissa == UINT64_C(1) << 52;
    uint64_t one = UINT64_C(1) << shift, scale = 1;
    for (*decimals = 0;; ++*decimals, scale *= 10) {
        wide scaled = (wide)mantissa * scale;
        uint64_t below = (uint64_t)(scaled >> shift);
        uint64_t rest = (uint64_t)scaled & (one - 1);
        bool up = rest > one / 2;
        wide distance = up ? one - rest : rest;
        wide twice = distance * (power_of_two && !up ? 4 : 2);
        if (twice < scale || (twice == scale && even))
            return below + up;
    }
}

static const text LARGEST = {"1.7976931348623157e+308", 23};

size_t number_write(double value, char *out)
{
    bool negative = signbit(value) != 0;
    double size = fabs(value);
    if (size == 0.0) {
        out[0] = '0';
        return 1; /* -0.0 too: JSON readers compare equal, and no counter means it */
    }
    if (size == DBL_MAX) { /* CTP's "no value": many in every tick */
        size_t length = 0;
        if (negative)
            out[length++] = '-';
        memcpy(out + length, LARGEST.at, LARGEST.length);
        return length + LARGEST.length;
    }
    char digits[24];
    int exponent = 0, count = 0;
    if (size >= EXACT_MIN && size < EXACT_MAX) {
        uint64_t decimal = shortest_decimal(size, &count);
        return write_scaled(decimal, count, negative, out);
    }
    for (int precision = size < DBL_MIN ? 1 : 15; precision <= 17; precision++) {
        count = digits_of(size, precision, digits, &exponent);
        if (value_of(digits, count, exponent) == size)
            break;
    }
    return write_digits(digits, count, exponent, negative, out);
}

static size_t skip_digits(text t, size_t at)
{
    while (at < t.length && t.at[at] >= '0' && t.at[at] <= '9')
        at++;
    return at;
}

static bool is_plain_number(text t)
{
    size_t at = t.length && (t.at[0] == '-' || t.at[0] == '+') ? 1 : 0;
    size_t whole = skip_digits(t, at);
    size_t digits = whole - at;
    at = whole;
    if (at < t.length && t.at[at] == '.') {
        size_t fraction = skip_digits(t, at + 1);
        digits += fraction - at - 1;
        at = fraction;
    }
    if (digits == 0)
        return false;
    if (at < t.length && (t.at[at] == 'e' || t.at[at] == 'E')) {
        at++;
        if (at < t.length && (t.at[at] == '-' || t.at[at] == '+'))
            at++;
        size_t end = skip_digits(t, at);
        if (end == at)
            return false;
        at = end;
    }
    return at == t.length;
}

/* The common case without strtod: at most 15 digits and at most 9 decimals are exact, and division
 * rounds correctly. */
static bool read_short(text t, double *value)
{
    uint64_t digits = 0;
    int decimals = -1, count = 0;
    size_t at = t.length && (t.at[0] == '-' || t.at[0] == '+') ? 1 : 0;
    for (; at < t.length; at++) {
        if (t.at[at] == '.') {
            decimals = 0;
            continue;
        }
        if (t.at[at] == 'e' || t.at[at] == 'E' || ++count > 15 || decimals >= DECIMALS_MAX)
            return false;
        digits = digits * 10 + (uint64_t)(t.at[at] - '0');
        decimals += decimals >= 0;
    }
    double size = (double)digits / powers[decimals > 0 ? decimals : 0];
    *value = t.at[0] == '-' ? -size : size;
    return true;
}

bool number_read(text t, double *value)
{
    if (!is_plain_number(t))
        return false;
    if (read_short(t, value))
        return true;
    char copy[512];
    if (t.length >= sizeof copy)
        return false;
    memcpy(copy, t.at, t.length);
    copy[t.length] = '\0';
    double read = strtod(copy, NULL);
    if (!isfinite(read))
        return false;
    *value = read;
    return true;
}
