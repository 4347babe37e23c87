/* golden_calendar.c: the cases of time and limits: which trading day a moment belongs to, how each
 * exchange stamps it, and the day's price limits. */
#include "golden.h"
#include "tts/core/market/calendar.h"
#include "tts/core/market/price_limit.h"
#include "tts/core/market/stamp.h"
#include <stdio.h>
#include <string.h>

struct moment {
    int date, second, millisecond;
};

/* "2021-03-05 21:05", with ":00" or ":00.500" behind it. */
static struct moment moment_of(struct golden *golden, const json_t *one)
{
    const char *written = golden_need_text(golden, one, "at");
    int part[7] = {0};
    int read = sscanf(written, "%4d-%2d-%2d %2d:%2d:%2d.%3d", &part[0], &part[1], &part[2],
                      &part[3], &part[4], &part[5], &part[6]);
    if (read < 5 || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31 || part[3] < 0 ||
        part[3] > 23 || part[4] < 0 || part[4] > 59 || part[5] < 0 || part[5] > 59)
        golden_fault(golden, "at is \"%s\", no moment like 2021-03-05 21:05:00.500", written);
    return (struct moment){.date = part[0] * 10000 + part[1] * 100 + part[2],
                           .second = part[3] * 3600 + part[4] * 60 + part[5],
                           .millisecond = part[6]};
}

static void add_dates(struct golden *golden, struct calendar *calendar, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *written = json_string_value(json_array_get(list, i));
        int64_t date;
        if (!written || !text_to_int(text_of(written), &date) ||
            !calendar_add_holiday(calendar, (int)date))
            golden_fault(golden, "holiday %zu of the calendar is no date", i + 1);
    }
}

/* The calendar of the file: its `holidays`; none without one. */
static struct calendar calendar_of(struct golden *golden, const json_t *file)
{
    static const char *const known[] = {"holidays", "night_off", "cases", "title", "note", NULL};
    const json_t *part = json_object_get(file, "calendar");
    struct calendar calendar = {.everyday = false};
    golden_known(golden, "calendar", part, known);
    add_dates(golden, &calendar, golden_list(golden, part, "holidays"));
    const json_t *off = golden_list(golden, part, "night_off");
    for (size_t i = 0; i < json_array_size(off); i++) {
        const json_t *range = json_array_get(off, i);
        int64_t first, last;
        const char *from = json_string_value(json_array_get(range, 0));
        const char *to = json_string_value(json_array_get(range, 1));
        if (!from || !to || !text_to_int(text_of(from), &first) ||
            !text_to_int(text_of(to), &last) ||
            !calendar_add_night_off(&calendar, (int)first, (int)last))
            golden_fault(golden, "night_off %zu is no [first, last] of dates", i + 1);
    }
    return calendar;
}

void golden_calendar(struct golden *golden, const json_t *one, const json_t *file)
{
    static const char *const known[] = {
        "id", "title", "note", "at", "TradingDay", "night_session_that_evening", NULL};
    golden_known(golden, "the case", one, known);
    struct moment moment = moment_of(golden, one);
    struct calendar calendar = calendar_of(golden, file);
    const json_t *night = json_object_get(one, "night_session_that_evening");
    if (night && !json_is_boolean(night))
        golden_fault(golden, "night_session_that_evening is neither true nor false");
    if (!golden->faulted) {
        char day[12];
        snprintf(day, sizeof day, "%d",
                 calendar_trading_day(&calendar, moment.date, moment.second));
        golden_same_text(golden, "TradingDay", golden_text(golden, one, "TradingDay", day), day);
        bool has_night = calendar_has_night(&calendar, moment.date);
        golden->checks++;
        if (night && json_is_true(night) != has_night)
            golden_differs(golden, "calendar", "night_session_that_evening", json_is_true(night),
                           has_night);
    }
    calendar_finish(&calendar);
}

void golden_stamp(struct golden *golden, const json_t *one, const json_t *file)
{
    struct moment moment = moment_of(golden, one);
    struct calendar calendar = calendar_of(golden, file);
    const char *id = golden_need_text(golden, one, "ExchangeID");
    enum exchange exchange;
    if (!exchange_find(text_of(id), &exchange))
        golden_fault(golden, "ExchangeID is \"%s\", which is no exchange", id);
    if (!golden->faulted) {
        int true_day = calendar_trading_day(&calendar, moment.date, moment.second);
        struct stamp_tick tick =
            stamp_tick(exchange, (struct stamp_moment){true_day, moment.date, moment.millisecond});
        char trading_day[12], action_day[12], time[40];
        snprintf(trading_day, sizeof trading_day, "%d", tick.trading_day);
        snprintf(action_day, sizeof action_day, "%d", tick.action_day);
        snprintf(time, sizeof time, "%02d:%02d:%02d", moment.second / 3600, moment.second / 60 % 60,
                 moment.second % 60);
        const struct golden_field fields[] = {
            {"id", 0, golden_key},          {"title", 0, golden_key},
            {"at", 0, golden_key},          {"ExchangeID", 0, golden_key},
            {"TradingDay", 0, trading_day}, {"ActionDay", 0, action_day},
            {"UpdateTime", 0, time},        {"UpdateMillisec", tick.millisecond, NULL},
        };
        golden_same(golden, "stamp", one, fields, sizeof fields / sizeof fields[0]);
    }
    calendar_finish(&calendar);
}

void golden_limit(struct golden *golden, const json_t *one, const json_t *file)
{
    (void)file;
    double pre = golden_need(golden, one, "PreSettlementPrice");
    double tick = golden_need(golden, one, "PriceTick"), ratio = golden_need(golden, one, "ratio");
    if (!(tick > 0))
        golden_fault(golden, "PriceTick is %g", tick);
    if (golden->faulted)
        return;
    struct price_limit limit = price_limit_of(pre, tick, ratio);
    const struct golden_field fields[] = {
        {"id", 0, golden_key},
        {"title", 0, golden_key},
        {"PreSettlementPrice", pre, NULL},
        {"PriceTick", tick, NULL},
        {"ratio", ratio, NULL},
        {"UpperLimitPrice", limit.upper, NULL},
        {"LowerLimitPrice", limit.lower, NULL},
    };
    golden_same(golden, "limit", one, fields, sizeof fields / sizeof fields[0]);
}
