/* calendar.c: see calendar.h. Holidays are a sorted array: there are a few hundred, asked a few
 * times a day. */
#include "tts/core/market/calendar.h"
#include "base/buffer.h"
#include "base/clock.h"

/* Beyond any run of days without trading; a calendar in which everything is a holiday ends the
 * search. */
enum { SEARCH_DAYS_MAX = 400 };

int calendar_move(int date, int days)
{
    return clock_days_to_date(clock_date_to_days(date) + days);
}

/* 0 Sunday .. 6 Saturday; 1970-01-01 was a Thursday. */
static int weekday_of(int date)
{
    int shifted = (clock_date_to_days(date) + 4) % 7;
    return shifted < 0 ? shifted + 7 : shifted;
}

static size_t holiday_place(const struct calendar *calendar, int date)
{
    size_t low = 0, high = calendar->holiday_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (calendar->holidays[middle] < date)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_holiday(const struct calendar *calendar, int date)
{
    size_t place = holiday_place(calendar, date);
    return place < calendar->holiday_count && calendar->holidays[place] == date;
}

bool calendar_add_holiday(struct calendar *calendar, int date)
{
    if (clock_date_to_days(date) < 0)
        return false;
    if (is_holiday(calendar, date))
        return true;
    if (calendar->holiday_count == calendar->holiday_capacity) {
        calendar->holiday_capacity =
            calendar->holiday_capacity ? calendar->holiday_capacity * 2 : 512;
        calendar->holidays = memory_resize(calendar->holidays,
                                           calendar->holiday_capacity * sizeof *calendar->holidays);
    }
    size_t place = holiday_place(calendar, date);
    memmove(calendar->holidays + place + 1, calendar->holidays + place,
            (calendar->holiday_count - place) * sizeof *calendar->holidays);
    calendar->holidays[place] = date;
    calendar->holiday_count++;
    return true;
}

bool calendar_add_night_off(struct calendar *calendar, int first, int last)
{
    if (calendar->night_off_count == CALENDAR_NIGHT_OFF_MAX || clock_date_to_days(first) < 0 ||
        clock_date_to_days(last) < 0 || last < first)
        return false;
    calendar->night_off[calendar->night_off_count++] = (struct calendar_range){first, last};
    return true;
}

bool calendar_covers(const struct calendar *calendar, int date)
{
    if (calendar->everyday)
        return true;
    if (calendar->holiday_count == 0)
        return false;
    int year = date / 10000;
    return year >= calendar->holidays[0] / 10000 &&
           year <= calendar->holidays[calendar->holiday_count - 1] / 10000;
}

bool calendar_is_trading_day(const struct calendar *calendar, int date)
{
    if (calendar->everyday)
        return true;
    int weekday = weekday_of(date);
    return weekday != 0 && weekday != 6 && !is_holiday(calendar, date);
}

static int search(const struct calendar *calendar, int date, int step)
{
    int days = clock_date_to_days(date);
    for (int i = 1; i <= SEARCH_DAYS_MAX; i++) {
        int candidate = clock_days_to_date(days + i * step);
        if (calendar_is_trading_day(calendar, candidate))
            return candidate;
    }
    return clock_days_to_date(days + step);
}

int calendar_next(const struct calendar *calendar, int date)
{
    return search(calendar, date, 1);
}

int calendar_previous(const struct calendar *calendar, int date)
{
    return search(calendar, date, -1);
}

bool calendar_has_night(const struct calendar *calendar, int date)
{
    if (calendar->everyday)
        return true;
    if (!calendar_is_trading_day(calendar, date))
        return false;
    for (int i = 0; i < calendar->night_off_count; i++)
        if (date >= calendar->night_off[i].first && date <= calendar->night_off[i].last)
            return false;
    int next = calendar_next(calendar, date);
    for (int between = calendar_move(date, 1); between < next;
         between = calendar_move(between, 1)) {
        int weekday = weekday_of(between);
        if ((weekday != 0 && weekday != 6) || is_holiday(calendar, between))
            return false;
    }
    return true;
}

int calendar_trading_day(const struct calendar *calendar, int date, int second_of_day)
{
    if (second_of_day >= CALENDAR_EVENING_SECOND)
        return calendar_next(calendar, date);
    if (second_of_day < CALENDAR_MORNING_SECOND)
        return calendar_next(calendar, calendar_move(date, -1));
    return calendar_is_trading_day(calendar, date) ? date : calendar_next(calendar, date);
}

int calendar_natural_day(const struct calendar *calendar, int trading_day, int second_of_day)
{
    if (second_of_day >= CALENDAR_EVENING_SECOND)
        return calendar_previous(calendar, trading_day);
    if (second_of_day < CALENDAR_MORNING_SECOND)
        return calendar_move(calendar_previous(calendar, trading_day), 1);
    return trading_day;
}

void calendar_finish(struct calendar *calendar)
{
    free(calendar->holidays);
    *calendar = (struct calendar){.holidays = NULL};
}
