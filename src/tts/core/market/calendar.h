/* calendar.h: which dates are trading days, and which trading day a moment belongs to. Pure: it
 * knows no clock and no file; the holidays come from share/holidays.csv through feed/catalogue.h.
 * Rules: weekdays but holidays; a night session belongs to the next trading day and is left out
 * before holidays. Dates are yyyymmdd as a number, times Beijing time. */
#ifndef TTS_CORE_MARKET_CALENDAR_H
#define TTS_CORE_MARKET_CALENDAR_H

#include "base/text.h"

enum {
    CALENDAR_NIGHT_OFF_MAX = 16,
    CALENDAR_EVENING_SECOND = 18 * 3600,
    CALENDAR_MORNING_SECOND = 6 * 3600
};

struct calendar_range {
    int first, last; /* both included */
};

struct calendar {
    bool everyday; /* each date is a trading day and each evening has a night session */
    int *holidays; /* ascending; owned */
    size_t holiday_count, holiday_capacity;
    struct calendar_range night_off[CALENDAR_NIGHT_OFF_MAX]; /* evenings without a night session */
    int night_off_count;
};

/* Adds a date without trading; a weekend day may be added too. Adding twice is harmless. False: no
 * such date. */
bool calendar_add_holiday(struct calendar *calendar, int date);

/* No night session on the evenings first..last. False: no such dates, or CALENDAR_NIGHT_OFF_MAX
 * ranges are there already. */
bool calendar_add_night_off(struct calendar *calendar, int first, int last);

/* Whether the holidays of the year of `date` are known; beyond them only weekends count. */
bool calendar_covers(const struct calendar *calendar, int date);

bool calendar_is_trading_day(const struct calendar *calendar, int date);

/* The first trading day after `date`, the last one before it. `date` need not be a trading day but
 * must exist. */
int calendar_next(const struct calendar *calendar, int date);
int calendar_previous(const struct calendar *calendar, int date);

/* Whether there is a night session on the evening of the natural day `date`. */
bool calendar_has_night(const struct calendar *calendar, int date);

/* The trading day of a moment: from 18:00 on the next one, before 06:00 the one after the day
 * before, else `date` itself or, when that has no trading, the next one. */
int calendar_trading_day(const struct calendar *calendar, int date, int second_of_day);

/* The natural day of a second of `trading_day`: from 18:00 on the trading day before, before 06:00
 * the day after that. */
int calendar_natural_day(const struct calendar *calendar, int trading_day, int second_of_day);

/* `date` moved by whole days. */
int calendar_move(int date, int days);

void calendar_finish(struct calendar *calendar);

#endif
