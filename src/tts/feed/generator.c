/* generator.c: see generator.h. A pass is a walk over slots of half a second; in each slot the
 * contracts whose session group is open make one quote. A walk holds everything that a pass needs,
 * so that a second one can find a day's last quotes on the side. */
#include "tts/feed/generator.h"
#include "base/buffer.h"
#include "tts/core/market/price_limit.h"
#include "tts/feed/generator_market.h"
#include <math.h>

enum {
    SLOT_MS = 500,
    WINDOWS_MAX = 16,
    SETTLE_MS = (15 * 3600 + 16 * 60) * 1000,
    LINE_END = INT32_MAX
};

enum window_kind { WINDOW_NONE, WINDOW_AUCTION, WINDOW_OPEN, WINDOW_SETTLE };

struct window {
    int from_ms, to_ms; /* [from, to) */
    enum window_kind kind;
};

/* When the contracts of a session group make quotes on the day of the pass. */
struct schedule {
    const struct session_group *group;
    struct window windows[WINDOWS_MAX];
    int count, current;
    int open_ms, opened_ms; /* length of all open windows; how much of it has gone by */
};

/* A contract in its day. */
struct walker {
    struct quote quote;
    uint64_t position; /* in its random sequence */
    uint64_t seed;
    double place;                 /* price in ticks, with a fraction */
    double from, to, sigma, pull; /* in ticks; pull towards the line from `from` to `to` */
    int64_t lowest, highest;      /* limits in ticks */
};

struct walk {
    uint32_t pass, which;
    int slot_ms, trading_day, evening_day, night_day;
    struct schedule *schedules;
    struct walker *walkers;
};

struct generator {
    struct catalogue *catalogue;
    struct generator_options options;
    struct generated_list list;
    uint32_t *schedule_of; /* by contract */
    const struct session_group **groups;
    uint32_t group_count;
    uint32_t *instruments;
    struct walk walk;
    struct quote *finals; /* the last quotes of pass `finals_pass` */
    uint32_t finals_pass;
    bool has_finals;
};

/* ---- the day of a pass ---- */

static int trading_day_of(const struct generator *generator, uint32_t pass)
{
    const struct calendar *calendar = &generator->catalogue->calendar;
    int day = generator->options.first_day;
    if (!calendar_is_trading_day(calendar, day))
        day = calendar_next(calendar, day);
    for (uint32_t i = 0; i < pass; i++)
        day = calendar_next(calendar, day);
    return day;
}

/* The first pass begins in the morning, so that a start has not to walk through a night. */
static bool has_night(const struct generator *generator, uint32_t pass, int evening_day)
{
    return pass > 0 && calendar_has_night(&generator->catalogue->calendar, evening_day);
}

static void add_window(struct schedule *schedule, int from_ms, int to_ms, enum window_kind kind)
{
    if (schedule->count == WINDOWS_MAX || from_ms >= to_ms)
        return;
    schedule->windows[schedule->count++] = (struct window){from_ms, to_ms, kind};
    if (kind == WINDOW_OPEN)
        schedule->open_ms += to_ms - from_ms;
}

/* The first auction of the day makes one quote when it is matched; later ones have nothing to
 * match. */
static void make_schedule(struct schedule *schedule, bool night)
{
    struct session_step steps[SESSION_STEPS_MAX];
    int count = session_group_day(schedule->group, night, steps);
    schedule->count = schedule->current = schedule->open_ms = schedule->opened_ms = 0;
    for (int i = 1; i < count; i++) {
        int from_ms = steps[i - 1].line_second * 1000, to_ms = steps[i].line_second * 1000;
        if (steps[i - 1].status == '2')
            add_window(schedule, from_ms, to_ms, WINDOW_OPEN);
        else if (steps[i - 1].status == '3' && schedule->open_ms == 0 && schedule->count == 0)
            add_window(schedule, to_ms, to_ms + SLOT_MS, WINDOW_AUCTION);
    }
    add_window(schedule, SETTLE_MS, SETTLE_MS + SLOT_MS, WINDOW_SETTLE);
}

static void set_limits(const struct generator *generator, uint32_t which, uint32_t pass,
                       struct quote *quote)
{
    const struct generated *one = &generator->list.at[which];
    const struct instrument *instrument =
        &generator->catalogue->market.instruments[one->instrument];
    struct price_limit limit;
    if (one->underlying == UINT32_MAX)
        limit = price_limit_of(quote->pre_settlement, instrument->price_tick, one->limit_ratio);
    else
        limit = price_limit_of_option(
            quote->pre_settlement, instrument->price_tick,
            generated_settlement(generator->catalogue, &generator->list, one->underlying, pass),
            one->limit_ratio);
    quote->upper_limit = limit.upper;
    quote->lower_limit = limit.lower;
}

static void begin_walker(const struct generator *generator, struct walk *walk, uint32_t which)
{
    const struct generated *one = &generator->list.at[which];
    const struct instrument *instrument =
        &generator->catalogue->market.instruments[one->instrument];
    struct walker *walker = &walk->walkers[which];
    double tick = instrument->price_tick;
    *walker = (struct walker){.seed = generated_random(one->seed, (uint64_t)walk->pass << 20)};
    struct quote *quote = &walker->quote;
    quote->instrument = one->instrument;
    quote->trading_day = walk->trading_day;
    quote->pre_settlement =
        generated_settlement(generator->catalogue, &generator->list, which, walk->pass);
    quote->pre_close = quote->pre_settlement;
    quote->pre_open_interest = quote->open_interest = 1000.0 * (1 + (double)(one->seed >> 8 & 127));
    quote->last = quote->open = quote->highest = quote->lowest = ABSENT_PRICE;
    quote->close = quote->settlement = ABSENT_PRICE;
    quote->has_volume = quote->has_turnover = true;
    for (int i = 0; i < QUOTE_LEVELS; i++)
        quote->bid[i].price = quote->ask[i].price = ABSENT_PRICE;
    set_limits(generator, which, walk->pass, quote);
    double after =
        generated_settlement(generator->catalogue, &generator->list, which, walk->pass + 1);
    walker->from = quote->pre_settlement / tick;
    walker->to = after / tick;
    walker->place = walker->from;
    walker->lowest = price_in_ticks(quote->lower_limit, tick);
    walker->highest = price_in_ticks(quote->upper_limit, tick);
    const struct schedule *schedule = &walk->schedules[generator->schedule_of[which]];
    double steps = schedule->open_ms > 0 ? (double)schedule->open_ms / SLOT_MS : 1;
    /* Free, the walk would stray a sixth of the limit in a day; the pull halves what it strays
     * every tenth of one. */
    walker->sigma = walker->from * one->limit_ratio / 6 / sqrt(steps);
    walker->pull = 7 / steps;
}

static void begin_walk(const struct generator *generator, struct walk *walk, uint32_t pass)
{
    const struct calendar *calendar = &generator->catalogue->calendar;
    walk->pass = pass;
    walk->trading_day = trading_day_of(generator, pass);
    walk->evening_day = calendar_previous(calendar, walk->trading_day);
    walk->night_day = calendar_move(walk->evening_day, 1);
    bool night = has_night(generator, pass, walk->evening_day);
    walk->slot_ms = LINE_END;
    for (uint32_t i = 0; i < generator->group_count; i++) {
        struct schedule *schedule = &walk->schedules[i];
        schedule->group = generator->groups[i];
        make_schedule(schedule, night && session_group_has_night(schedule->group));
        if (schedule->windows[0].from_ms < walk->slot_ms)
            walk->slot_ms = schedule->windows[0].from_ms;
    }
    for (uint32_t i = 0; i < generator->list.count; i++)
        begin_walker(generator, walk, i);
    walk->which = 0;
}

/* ---- one quote ---- */

static uint64_t draw(struct walker *walker)
{
    return generated_random(walker->seed, walker->position++);
}

/* About normal, mean 0 and deviation 1, out of eight bytes. */
static double bell(uint64_t random)
{
    int sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (int)(random >> (i * 16) & 0xffff);
    return ((double)sum - 131070.0) / 37837.0;
}

static int64_t step_price(struct walker *walker, double progress, uint64_t random)
{
    double target = walker->from + (walker->to - walker->from) * progress;
    walker->place += walker->sigma * bell(random) + walker->pull * (target - walker->place);
    if (walker->place > (double)walker->highest)
        walker->place = (double)walker->highest;
    if (walker->place < (double)walker->lowest)
        walker->place = (double)walker->lowest;
    return llround(walker->place);
}

static void set_levels(struct walker *walker, int levels, int64_t bid, int64_t ask, double tick,
                       int intensity)
{
    uint64_t random = draw(walker);
    struct quote *quote = &walker->quote;
    for (int i = 0; i < levels; i++) {
        bool buys = bid - i >= walker->lowest, sells = ask + i <= walker->highest;
        int bid_volume = 1 + (int)((random >> (i * 6)) % 61) * intensity / 8;
        int ask_volume = 1 + (int)((random >> (i * 6 + 30)) % 61) * intensity / 8;
        quote->bid[i].price = buys ? price_of_ticks(bid - i, tick) : ABSENT_PRICE;
        quote->bid[i].volume = buys ? bid_volume : 0;
        quote->ask[i].price = sells ? price_of_ticks(ask + i, tick) : ABSENT_PRICE;
        quote->ask[i].volume = sells ? ask_volume : 0;
    }
}

static void trade(struct quote *quote, const struct instrument *instrument, int lots)
{
    if (quote->volume > INT32_MAX - lots)
        return;
    if (!price_is_present(quote->open))
        quote->open = quote->highest = quote->lowest = quote->last;
    quote->highest = fmax(quote->highest, quote->last);
    quote->lowest = fmin(quote->lowest, quote->last);
    quote->volume += lots;
    quote->turnover += quote->last * lots * instrument->volume_multiple;
    quote->average = quote->turnover / quote->volume;
    if (instrument->exchange == EXCHANGE_CZCE)
        quote->average /= instrument->volume_multiple;
}

static void make_quote(const struct generator *generator, struct walk *walk, uint32_t which,
                       enum window_kind kind, double progress)
{
    const struct generated *one = &generator->list.at[which];
    const struct instrument *instrument =
        &generator->catalogue->market.instruments[one->instrument];
    struct walker *walker = &walk->walkers[which];
    struct quote *quote = &walker->quote;
    double tick = instrument->price_tick;
    if (kind == WINDOW_SETTLE) {
        quote->close = quote->last;
        quote->settlement = price_of_ticks(llround(walker->to), tick);
        return;
    }
    uint64_t random = draw(walker);
    int64_t middle;
    if (one->underlying == UINT32_MAX) {
        middle = step_price(walker, progress, random);
    } else {
        const struct walker *base = &walk->walkers[one->underlying];
        const struct instrument *future =
            &generator->catalogue->market.instruments[base->quote.instrument];
        double price = generated_option_price(instrument, base->place * future->price_tick);
        middle = price_in_ticks(price, tick);
        middle = middle > walker->highest  ? walker->highest
                 : middle < walker->lowest ? walker->lowest
                                           : middle;
    }
    uint64_t choice = draw(walker);
    int64_t wide = (choice & 15) == 0 ? 2 : 1, bid = choice & 16 ? middle : middle - wide,
            ask = bid + wide;
    int busy = kind == WINDOW_AUCTION ? 40 : (choice >> 8 & 3) ? 1 : 0;
    quote->last = price_of_ticks(middle, tick);
    set_levels(walker, one->levels, bid, ask, tick, one->intensity);
    if (busy > 0)
        trade(quote, instrument, busy * (1 + (int)((choice >> 16) % (uint64_t)one->intensity)));
    quote->open_interest += (double)((int)(choice >> 32 & 7) - 3);
    if (quote->open_interest < 0)
        quote->open_interest = 0;
}

/* ---- the walk over slots ---- */

/* What a group does in the slot; moves over windows that have gone by. */
static enum window_kind window_at(struct schedule *schedule, int slot_ms)
{
    while (schedule->current < schedule->count &&
           schedule->windows[schedule->current].to_ms <= slot_ms) {
        const struct window *gone = &schedule->windows[schedule->current++];
        if (gone->kind == WINDOW_OPEN)
            schedule->opened_ms += gone->to_ms - gone->from_ms;
    }
    if (schedule->current == schedule->count ||
        schedule->windows[schedule->current].from_ms > slot_ms)
        return WINDOW_NONE;
    return schedule->windows[schedule->current].kind;
}

static double progress_at(const struct schedule *schedule, int slot_ms)
{
    const struct window *window = &schedule->windows[schedule->current];
    int gone = schedule->opened_ms + (window->kind == WINDOW_OPEN ? slot_ms - window->from_ms : 0);
    return schedule->open_ms > 0 ? (double)gone / schedule->open_ms : 0;
}

/* The next slot in which any group does something. */
static void next_slot(const struct generator *generator, struct walk *walk)
{
    int after = walk->slot_ms + SLOT_MS, found = LINE_END;
    for (uint32_t i = 0; i < generator->group_count; i++) {
        const struct schedule *schedule = &walk->schedules[i];
        for (int w = schedule->current; w < schedule->count; w++) {
            if (schedule->windows[w].to_ms <= after)
                continue;
            int from = schedule->windows[w].from_ms > after ? schedule->windows[w].from_ms : after;
            found = from < found ? from : found;
            break;
        }
    }
    walk->slot_ms = found;
    walk->which = 0;
}

static void stamp_quote(const struct walk *walk, struct quote *quote)
{
    int second = session_second_of_day(walk->slot_ms < 0 ? -((999 - walk->slot_ms) / 1000)
                                                         : walk->slot_ms / 1000);
    quote->second_of_day = second;
    quote->millisecond = ((walk->slot_ms % 1000) + 1000) % 1000;
    quote->action_day = walk->slot_ms < 0                                ? walk->evening_day
                        : walk->slot_ms < CALENDAR_MORNING_SECOND * 1000 ? walk->night_day
                                                                         : walk->trading_day;
}

static const struct quote *walk_next(const struct generator *generator, struct walk *walk)
{
    while (walk->slot_ms != LINE_END) {
        while (walk->which < generator->list.count) {
            uint32_t which = walk->which++;
            struct schedule *schedule = &walk->schedules[generator->schedule_of[which]];
            enum window_kind kind = window_at(schedule, walk->slot_ms);
            if (kind == WINDOW_NONE)
                continue;
            make_quote(generator, walk, which, kind, progress_at(schedule, walk->slot_ms));
            stamp_quote(walk, &walk->walkers[which].quote);
            return &walk->walkers[which].quote;
        }
        next_slot(generator, walk);
    }
    return NULL;
}

static void create_walk(const struct generator *generator, struct walk *walk)
{
    *walk = (struct walk){.slot_ms = LINE_END};
    walk->schedules = memory_get_zeroed(generator->group_count, sizeof *walk->schedules);
    walk->walkers = memory_get_zeroed(generator->list.count, sizeof *walk->walkers);
}

static void finish_walk(struct walk *walk)
{
    free(walk->schedules);
    free(walk->walkers);
}

/* ---- the source ---- */

static void begin(void *self, uint32_t pass)
{
    struct generator *generator = self;
    begin_walk(generator, &generator->walk, pass);
}

static bool next(void *self, struct quote *quote, int *line_ms)
{
    struct generator *generator = self;
    const struct quote *made = walk_next(generator, &generator->walk);
    if (!made)
        return false;
    *quote = *made;
    *line_ms = session_line_second(made->second_of_day) * 1000 + made->millisecond;
    return true;
}

static uint32_t which_of(const struct generator *generator, uint32_t instrument)
{
    for (uint32_t i = 0; i < generator->list.count; i++)
        if (generator->list.at[i].instrument == instrument)
            return i;
    return UINT32_MAX;
}

static bool last(void *self, uint32_t pass, uint32_t instrument, struct quote *quote)
{
    struct generator *generator = self;
    uint32_t which = which_of(generator, instrument);
    if (which == UINT32_MAX)
        return false;
    if (!generator->has_finals || generator->finals_pass != pass) {
        struct walk walk;
        create_walk(generator, &walk);
        begin_walk(generator, &walk, pass);
        while (walk_next(generator, &walk))
            ;
        for (uint32_t i = 0; i < generator->list.count; i++)
            generator->finals[i] = walk.walkers[i].quote;
        finish_walk(&walk);
        generator->has_finals = true;
        generator->finals_pass = pass;
    }
    *quote = generator->finals[which];
    return true;
}

static double pre_settlement(void *self, uint32_t pass, uint32_t instrument)
{
    const struct generator *generator = self;
    uint32_t which = which_of(generator, instrument);
    return which == UINT32_MAX
               ? ABSENT_PRICE
               : generated_settlement(generator->catalogue, &generator->list, which, pass);
}

static int day_of(void *self, uint32_t pass, uint32_t instrument)
{
    const struct generator *generator = self;
    return which_of(generator, instrument) == UINT32_MAX ? SOURCE_NO_DAY
                                                         : trading_day_of(generator, pass);
}

static bool night(void *self, uint32_t pass, uint32_t instrument)
{
    const struct generator *generator = self;
    uint32_t which = which_of(generator, instrument);
    if (which == UINT32_MAX)
        return false;
    const struct calendar *calendar = &generator->catalogue->calendar;
    return has_night(generator, pass, calendar_previous(calendar, trading_day_of(generator, pass)));
}

static const uint32_t *instruments(void *self, uint32_t *count)
{
    const struct generator *generator = self;
    *count = generator->list.count;
    return generator->instruments;
}

static uint64_t fingerprint(void *self)
{
    const struct generator *generator = self;
    uint64_t hash = hash_number(generator->options.seed) ^ (uint64_t)generator->options.first_day;
    for (uint32_t i = 0; i < generator->list.count; i++) {
        const struct generated *one = &generator->list.at[i];
        text id = text_of(generator->catalogue->market.instruments[one->instrument].id);
        hash = hash_number(hash ^ hash_text(id) ^ (uint64_t)one->levels);
    }
    return hash;
}

static void close_generator(void *self)
{
    struct generator *generator = self;
    finish_walk(&generator->walk);
    free(generator->list.at);
    free(generator->schedule_of);
    free(generator->groups);
    free(generator->instruments);
    free(generator->finals);
    free(generator);
}

static void find_schedules(struct generator *generator)
{
    uint32_t count = generator->list.count;
    generator->schedule_of = memory_get_zeroed(count, sizeof *generator->schedule_of);
    generator->instruments = memory_get_zeroed(count, sizeof *generator->instruments);
    generator->finals = memory_get_zeroed(count, sizeof *generator->finals);
    generator->groups = memory_get_zeroed(SESSION_GROUPS_MAX, sizeof *generator->groups);
    for (uint32_t i = 0; i < count; i++) {
        const struct generated *one = &generator->list.at[i];
        const struct session_group *group =
            catalogue_sessions_of(generator->catalogue, one->product);
        uint32_t place = 0;
        while (place < generator->group_count && generator->groups[place] != group)
            place++;
        if (place == generator->group_count)
            generator->groups[generator->group_count++] = group;
        generator->schedule_of[i] = place;
        generator->instruments[i] = one->instrument;
    }
}

bool generator_open(struct source *source, struct catalogue *catalogue,
                    const struct generator_options *options, struct error *error)
{
    if (options->contracts < 0 || options->contracts > 4 || options->levels < 0 ||
        options->levels > QUOTE_LEVELS)
        return error_set(error, "the generator makes 1 to 4 contracts a product and 1 to 5 levels");
    struct generator *generator = memory_get_zeroed(1, sizeof *generator);
    generator->catalogue = catalogue;
    generator->options = *options;
    generator->options.products = NULL; /* borrowed for this call only */
    if (!generated_list_fill(&generator->list, catalogue, options, error)) {
        close_generator(generator);
        return false;
    }
    find_schedules(generator);
    create_walk(generator, &generator->walk);
    *source = (struct source){generator, begin, next,        last,        pre_settlement,
                              day_of,    night, instruments, fingerprint, close_generator};
    return true;
}
