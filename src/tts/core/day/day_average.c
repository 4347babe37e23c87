/* day_average.c: what the settlement price of CFFEX's futures is made of: volume and turnover as
 * they stood at each quarter of an hour of the day. The last trading hour is the hour before the
 * quarter that the newest quote belongs to (15:00 or 15:15 on an ordinary day), so no table of
 * sessions is asked; a day that is settled early is settled by its own last hour. Soft: the price
 * that comes of it stands in the settlement's effect. A restart loses the quarters before it, and
 * the window then begins at the restart. */
#include "base/buffer.h"
#include "tts/core/day/day.h"

enum { QUARTER_SECONDS = 900, QUARTERS_OF_HOUR = 4 };

static bool settles_at_hour(const struct instrument *instrument)
{
    return instrument->exchange == EXCHANGE_CFFEX && !instrument_is_option(instrument) &&
           instrument->product_class == THOST_FTDC_PC_Futures;
}

/* What stood at the end of a quarter stands until something is traded. */
static void fill_quarters(struct day_average *average, int from, int to, int volume,
                          double turnover)
{
    for (int quarter = from; quarter <= to; quarter++) {
        average->volume[quarter] = volume;
        average->turnover[quarter] = turnover;
    }
}

void day_average_note(struct core *core, const struct quote *quote)
{
    struct instrument_state *state = &core->instruments.at[quote->instrument];
    if (!settles_at_hour(core_instrument(core, quote->instrument)) || !quote->has_turnover ||
        quote->second_of_day < 0 || quote->second_of_day >= 86400)
        return;
    bool begins = state->average == 0;
    if (begins) {
        LIST_ADD(&core->averages);
        state->average = core->averages.count;
    }
    struct day_average *average = &core->averages.at[state->average - 1];
    int quarter = (quote->second_of_day + QUARTER_SECONDS - 1) / QUARTER_SECONDS;
    if (begins || quote->second_of_day < average->second) {
        /* the first quote, or a replay that goes back to its start: the window begins here */
        fill_quarters(average, 0, quarter, quote->volume, quote->turnover);
    } else {
        int last = average->quarter;
        fill_quarters(average, last, quarter - 1, average->volume[last], average->turnover[last]);
        fill_quarters(average, quarter, quarter, quote->volume, quote->turnover);
    }
    average->quarter = quarter;
    average->second = quote->second_of_day;
}

double day_average_last_hour(const struct core *core, uint32_t place)
{
    const struct instrument_state *state = &core->instruments.at[place];
    if (state->average == 0)
        return 0;
    const struct day_average *average = &core->averages.at[state->average - 1];
    int now = average->quarter, multiple = core->market.instruments[place].volume_multiple;
    for (int from = now - QUARTERS_OF_HOUR; from >= 0; from -= QUARTERS_OF_HOUR) {
        int volume = average->volume[now] - average->volume[from];
        double turnover = average->turnover[now] - average->turnover[from];
        if (volume > 0 && turnover > 0)
            return turnover / volume / multiple;
    }
    return 0;
}

void day_average_clear(struct core *core)
{
    for (uint32_t i = 0; i < core->instruments.count; i++)
        core->instruments.at[i].average = 0;
    core->averages.count = 0;
}
