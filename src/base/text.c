/* text.c: see text.h. */
#include "base/text.h"

enum { DISTANCE_BYTES_MAX = 31 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal_ignore_case(text a, text b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

bool text_starts_with(text t, text prefix)
{
    return t.length >= prefix.length && text_equal((text){t.at, prefix.length}, prefix);
}

bool text_ends_with(text t, text suffix)
{
    return t.length >= suffix.length &&
           text_equal((text){t.at + t.length - suffix.length, suffix.length}, suffix);
}

int text_compare(text a, text b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    if (order != 0)
        return order;
    return (a.length > b.length) - (a.length < b.length);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

text text_trim(text t)
{
    while (t.length && is_blank(t.at[0]))
        t = (text){t.at + 1, t.length - 1};
    while (t.length && is_blank(t.at[t.length - 1]))
        t.length--;
    return t;
}

text text_cut(text *rest, char separator)
{
    const char *found = rest->length ? memchr(rest->at, separator, rest->length) : NULL;
    text head = *rest;
    if (!found) {
        *rest = (text){rest->at + rest->length, 0};
        return head;
    }
    head.length = (size_t)(found - rest->at);
    *rest = (text){found + 1, rest->length - head.length - 1};
    return head;
}

bool text_copy(char *field, size_t size, text t)
{
    if (size == 0)
        return t.length == 0;
    bool whole = t.length < size;
    size_t length = whole ? t.length : size - 1;
    if (length)
        memcpy(field, t.at, length);
    memset(field + length, 0, size - length);
    return whole;
}

bool text_to_int(text t, int64_t *value)
{
    enum { SAFE = 18 }; /* so many digits cannot overflow */
    bool negative = t.length && t.at[0] == '-';
    size_t i = t.length && (t.at[0] == '-' || t.at[0] == '+') ? 1 : 0;
    if (i == t.length)
        return false;
    size_t safe = t.length - i < SAFE ? t.length : i + SAFE;
    int64_t sum = 0; /* below 0: there is one more number than above */
    for (; i < safe; i++) {
        int digit = t.at[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        sum = sum * 10 - digit;
    }
    for (; i < t.length; i++) {
        int digit = t.at[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, digit, &sum))
            return false;
    }
    if (!negative && sum == INT64_MIN)
        return false;
    *value = negative ? sum : -sum;
    return true;
}

unsigned text_distance(text a, text b)
{
    size_t columns = b.length < DISTANCE_BYTES_MAX ? b.length : DISTANCE_BYTES_MAX;
    size_t rows = a.length < DISTANCE_BYTES_MAX ? a.length : DISTANCE_BYTES_MAX;
    unsigned row[DISTANCE_BYTES_MAX + 1];
    for (size_t j = 0; j <= columns; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= rows; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= columns; j++) {
            unsigned replace = diagonal + (lower(a.at[i - 1]) != lower(b.at[j - 1]));
            unsigned shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replace < shorter ? replace : shorter;
        }
    }
    return row[columns];
}

bool text_is_near(text written, text meant)
{
    return text_distance(written, meant) <= 1 + written.length / 4;
}
