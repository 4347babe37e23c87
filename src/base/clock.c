/* clock.c: see clock.h. Calendar arithmetic counts years from March, so that the leap day is the
 * last of its year. */
#include "base/clock.h"

enum { BEIJING_OFFSET_S = 8 * 3600, DAY_S = 86400 };

int64_t clock_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

int clock_date_to_days(int date)
{
    int year = date / 10000, month = date / 100 % 100, day = date % 100;
    if (year < 1900 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return -1;
    int shifted_year = month > 2 ? year : year - 1;
    int era = shifted_year / 400, year_of_era = shifted_year % 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

int clock_days_to_date(int days)
{
    int shifted = days + 719468;
    int era = shifted / 146097, day_of_era = shifted % 146097;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_index = (5 * day_of_year + 2) / 153;
    int day = day_of_year - (153 * month_index + 2) / 5 + 1;
    int month = month_index < 10 ? month_index + 3 : month_index - 9;
    int year = year_of_era + era * 400 + (month <= 2);
    return year * 10000 + month * 100 + day;
}

struct beijing_time clock_beijing(int64_t us)
{
    int64_t seconds = us / 1000000 + BEIJING_OFFSET_S;
    int microsecond = (int)(us % 1000000);
    if (microsecond < 0) {
        microsecond += 1000000;
        seconds--;
    }
    int64_t days = seconds / DAY_S;
    int second = (int)(seconds % DAY_S);
    if (second < 0) {
        second += DAY_S;
        days--;
    }
    int date = clock_days_to_date((int)days);
    int weekday = (int)((days + 4) % 7);
    return (struct beijing_time){
        .year = date / 10000,
        .month = date / 100 % 100,
        .day = date % 100,
        .hour = second / 3600,
        .minute = second / 60 % 60,
        .second = second % 60,
        .microsecond = microsecond,
        .weekday = weekday < 0 ? weekday + 7 : weekday,
    };
}

int64_t clock_from_beijing(int date, int second_of_day)
{
    int64_t seconds = (int64_t)clock_date_to_days(date) * DAY_S + second_of_day - BEIJING_OFFSET_S;
    return seconds * 1000000;
}
