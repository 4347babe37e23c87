/* feed_label.c: quotes of recorded days as quotes of the counter's trading day. See feed.h. */
#include "tts/feed/feed_inside.h"
#include <limits.h>
#include <math.h>

void feed_label_set(struct feed *feed, int trading_day)
{
    feed->trading_day = trading_day;
    if (trading_day == 0)
        return;
    feed->evening_day = calendar_previous(&feed->label_calendar, trading_day);
    feed->night_day = calendar_move(feed->evening_day, 1);
}

int feed_label_date(const struct feed *feed, int recorded_day, int second_of_day)
{
    if (feed->trading_day == 0)
        return calendar_natural_day(&feed->catalogue->calendar, recorded_day, second_of_day);
    if (second_of_day >= CALENDAR_EVENING_SECOND)
        return feed->evening_day;
    return second_of_day < CALENDAR_MORNING_SECOND ? feed->night_day : feed->trading_day;
}

static void keep(double *value, double carried)
{
    if (price_is_present(carried))
        *value = carried;
}

static void run_on(struct quote *quote, const struct carry *carry)
{
    if (quote->has_volume)
        quote->volume =
            quote->volume > INT_MAX - carry->volume ? INT_MAX : quote->volume + carry->volume;
    if (quote->has_turnover)
        quote->turnover += carry->turnover;
    if (price_is_present(carry->highest))
        quote->highest = price_is_present(quote->highest) ? fmax(quote->highest, carry->highest)
                                                          : carry->highest;
    if (price_is_present(carry->lowest))
        quote->lowest =
            price_is_present(quote->lowest) ? fmin(quote->lowest, carry->lowest) : carry->lowest;
    keep(&quote->open, carry->open);
    keep(&quote->upper_limit, carry->upper_limit);
    keep(&quote->lower_limit, carry->lower_limit);
    keep(&quote->pre_settlement, carry->pre_settlement);
    keep(&quote->pre_close, carry->pre_close);
    quote->pre_open_interest = carry->pre_open_interest;
}

static void average_again(const struct feed *feed, struct quote *quote)
{
    if (!quote->has_turnover || quote->volume == 0)
        return;
    const struct instrument *instrument = &feed->catalogue->market.instruments[quote->instrument];
    quote->average = quote->turnover / quote->volume;
    if (instrument->exchange == EXCHANGE_CZCE)
        quote->average /= instrument->volume_multiple;
}

void feed_label_quote(const struct feed *feed, struct quote *quote)
{
    const struct carry *carry = &feed->playing[quote->instrument].carry;
    bool goes_on = carry->there && (feed->trading_day || carry->day == quote->trading_day);
    if (feed->trading_day) {
        quote->trading_day = feed->trading_day;
        quote->action_day = feed_label_date(feed, 0, quote->second_of_day);
    }
    if (goes_on) {
        run_on(quote, carry);
        average_again(feed, quote);
    }
}

void feed_label_carry(struct feed *feed)
{
    for (uint32_t i = 0; i < feed->playing_count; i++) {
        struct playing *playing = &feed->playing[i];
        if (!playing->seen_in_pass)
            continue;
        const struct quote *newest = &playing->newest;
        playing->carry = (struct carry){.there = true,
                                        .day = newest->trading_day,
                                        .volume = newest->volume,
                                        .turnover = newest->turnover,
                                        .open = newest->open,
                                        .highest = newest->highest,
                                        .lowest = newest->lowest,
                                        .upper_limit = newest->upper_limit,
                                        .lower_limit = newest->lower_limit,
                                        .pre_settlement = newest->pre_settlement,
                                        .pre_close = newest->pre_close,
                                        .pre_open_interest = newest->pre_open_interest};
        playing->seen_in_pass = false;
    }
}

void feed_label_reset(struct feed *feed)
{
    for (uint32_t i = 0; i < feed->playing_count; i++)
        feed->playing[i] = (struct playing){.has_newest = false};
}
