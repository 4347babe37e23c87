/* csv_number.c: see csv_number.h. */
#include "tts/feed/csv_number.h"
#include "base/number.h"
#include <math.h>

const double csv_powers[16] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* What no market has, and what money counted with it would not stay finite. The quick way reads
 * nothing that large. */
static const double NUMBER_MAX = 1e15;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

const char *csv_read_unusual_number(const char *at, const char *end, double absent, double *value)
{
    const char *comma = memchr(at, ',', (size_t)(end - at));
    const char *stop = comma ? comma : end;
    text cell = text_trim((text){at, (size_t)(stop - at)});
    if (cell.length >= 2 && cell.at[0] == '"' && cell.at[cell.length - 1] == '"')
        cell = (text){cell.at + 1, cell.length - 2};
    if (cell.length == 0 || text_equal_ignore_case(cell, TEXT("nan")) ||
        text_equal_ignore_case(cell, TEXT("none"))) {
        *value = absent;
        return stop;
    }
    if (number_read(cell, value)) {
        if (*value >= 1.797e308)
            *value = ABSENT_PRICE;
        else if (fabs(*value) >= NUMBER_MAX)
            return NULL;
        return stop;
    }
    /* DBL_MAX printed with fewer digits reads back as infinity. */
    if (text_starts_with(cell, TEXT("1.79769")) && text_ends_with(cell, TEXT("308"))) {
        *value = ABSENT_PRICE;
        return stop;
    }
    return NULL;
}

static bool digits_at(text t, size_t from, size_t count, int *value)
{
    if (from + count > t.length)
        return false;
    int read = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(t.at[from + i]))
            return false;
        read = read * 10 + t.at[from + i] - '0';
    }
    *value = read;
    return true;
}

size_t csv_read_date(text t, int *date)
{
    int year, month, day;
    if (digits_at(t, 0, 8, date))
        return 8;
    if (t.length < 10 || (t.at[4] != '-' && t.at[4] != '/') || t.at[7] != t.at[4] ||
        !digits_at(t, 0, 4, &year) || !digits_at(t, 5, 2, &month) || !digits_at(t, 8, 2, &day))
        return 0;
    *date = year * 10000 + month * 100 + day;
    return 10;
}

size_t csv_read_time(text t, int *second_of_day, int *millisecond)
{
    int hour, minute, second;
    size_t wide = t.length > 1 && t.at[1] == ':' ? 1 : 2;
    if (!digits_at(t, 0, wide, &hour) || !digits_at(t, wide + 1, 2, &minute) ||
        !digits_at(t, wide + 4, 2, &second) || t.at[wide] != ':' || t.at[wide + 3] != ':' ||
        hour > 23 || minute > 59 || second > 59)
        return 0;
    *second_of_day = hour * 3600 + minute * 60 + second;
    size_t taken = wide + 6;
    if (taken == t.length || t.at[taken] != '.')
        return taken;
    *millisecond = 0;
    int weight = 100;
    for (taken++; taken < t.length && is_digit(t.at[taken]); taken++, weight /= 10)
        *millisecond += (t.at[taken] - '0') * weight;
    return taken;
}
