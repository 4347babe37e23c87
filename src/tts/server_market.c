/* server_market.c: the server's market: what share/ and the ticks bring into the core, the feed at
 * its pace, and the trading day. */
#include "base/clock.h"
#include "tts/core/market/calendar.h"
#include "tts/server_inside.h"
#include <assert.h>

enum {
    DAY_S = 86400,
    EVENTS_AT_ONCE = 2048,    /* then the loop looks at its sockets again */
    FORGIVE_NS = 2000000000,  /* a machine that slept goes on, it does not hurry after */
    GENERATED_DAY = 20250303, /* of the generator, so that equal seeds give equal days for ever */
};

/* ---- the wall's trading day ---- */

static int wall_day(const struct options *options, const struct calendar *calendar)
{
    int64_t shifted = clock_now_us() - (int64_t)options->rollover_second * 1000000;
    struct beijing_time now = clock_beijing(shifted);
    int date = now.year * 10000 + now.month * 100 + now.day;
    if (!options->exchange_calendar || calendar_is_trading_day(calendar, date))
        return date;
    return calendar_next(calendar, date);
}

int server_wall_trading_day(const struct options *options)
{
    struct calendar weekdays = {.everyday = false};
    return wall_day(options, &weekdays);
}

/* ---- loading ---- */

static struct calendar replay_calendar(const struct server *server)
{
    struct calendar calendar = server->catalogue.calendar;
    calendar.everyday = !server->options->exchange_calendar;
    return calendar;
}

bool market_load(struct server *server, struct error *error)
{
    const char *share = server->options->share[0] ? server->options->share : NULL;
    struct catalogue *catalogue = &server->catalogue;
    bool listed = server->options->ticks_count == 0;
    catalogue->both_sides = server->options->both_sides;
    return catalogue_load(catalogue, share, listed ? GENERATED_DAY : 0, error);
}

/* Weekdays go on as trading days where the list of holidays ends. */
static void warn_of_end(const struct calendar *calendar, int day)
{
    if (!calendar_covers(calendar, day))
        log_line(LOG_WARN,
                 "holidays.csv says nothing of %d: weekdays count as trading days until it does",
                 day / 10000);
}

static struct feed *open_feed(struct server *server, int trading_day, const char *position,
                              struct error *error)
{
    const struct options *options = server->options;
    const char *files[OPTIONS_TICKS_MAX];
    for (size_t i = 0; i < options->ticks_count; i++)
        files[i] = options->ticks[i];
    struct feed_options how = {
        .catalogue = &server->catalogue,
        .files = files,
        .file_count = options->ticks_count,
        .generator = {.seed = (uint64_t)options->seed,
                      .first_day = options->generated_day ? options->generated_day : GENERATED_DAY},
        .trading_day = options->trading_day == TRADING_DAY_RECORDED ? 0 : trading_day,
        .everyday = !options->exchange_calendar,
        .max_gap_ms =
            options->max_gap_s && options->play == PLAY_LOOP ? options->max_gap_s * 1000 : -1,
        .position = position,
    };
    return feed_open(&how, error);
}

bool market_first_day(struct server *server, int *day, struct error *error)
{
    struct calendar calendar = replay_calendar(server);
    *day = wall_day(server->options, &calendar);
    warn_of_end(&calendar, *day);
    if (server->options->trading_day != TRADING_DAY_RECORDED)
        return true;
    struct feed *feed = open_feed(server, 0, NULL, error);
    if (!feed)
        return false;
    uint32_t count;
    const uint32_t *instruments = feed_instruments(feed, &count);
    if (count)
        *day = feed_recorded_day(feed, instruments[0]);
    feed_close(feed);
    return true;
}

bool market_check(struct server *server, int *day, struct error *error)
{
    if (!market_first_day(server, day, error))
        return false;
    struct feed *feed = open_feed(server, *day, NULL, error);
    feed_close(feed);
    return feed != NULL;
}

/* ---- instruments ---- */

static bool plays_in_book(const struct options *options, text id)
{
    text rest = text_of(options->book);
    while (rest.length) {
        text name = text_trim(text_cut(&rest, ','));
        if (text_equal(name, id) || text_equal(name, TEXT("all")))
            return true;
    }
    return false;
}

/* Recorded instruments expired long ago: the days that were left to expiry stay what they were. */
static int moved_date(int date, int recorded_day, int trading_day)
{
    if (!date || !recorded_day)
        return date;
    return clock_days_to_date(clock_date_to_days(trading_day) + clock_date_to_days(date) -
                              clock_date_to_days(recorded_day));
}

static bool dates_move(const struct server *server)
{
    return server->options->frozen_expiry && server->options->trading_day != TRADING_DAY_RECORDED;
}

/* `listed`: what plays, and whose recorded day the dates belong to. */
static void move_dates(struct server *server, uint32_t listed, struct instrument *instrument)
{
    int recorded = feed_recorded_day(server->feed, listed);
    int day = core_trading_day(server->database.core);
    if (!dates_move(server))
        return;
    instrument->expire_date = moved_date(instrument->expire_date, recorded, day);
    instrument->start_deliv_date = moved_date(instrument->start_deliv_date, recorded, day);
    instrument->end_deliv_date = moved_date(instrument->end_deliv_date, recorded, day);
}

/* Bond futures of CFFEX pay the margin of both sides in the month of their delivery, which is that
 * of their last day. */
static bool is_bond_in_delivery(const struct instrument *instrument, int trading_day)
{
    return instrument->exchange == EXCHANGE_CFFEX &&
           instrument->product_class == THOST_FTDC_PC_Futures && instrument->id[0] == 'T' &&
           instrument->expire_date / 100 == trading_day / 100;
}

/* The core's own copy keeps its prices; the list only says the terms. */
static void put_instrument(struct server *server, uint32_t listed)
{
    struct core *core = server->database.core;
    const struct market *market = core_market(core);
    struct instrument instrument = server->catalogue.market.instruments[listed];
    bool book =
        instrument.product_class != 'I' && plays_in_book(server->options, text_of(instrument.id));
    instrument.product = server->products[instrument.product];
    int day = dates_move(server) ? feed_recorded_day(server->feed, listed) : core_trading_day(core);
    if (is_bond_in_delivery(&instrument, day))
        instrument.larger_side = false;
    move_dates(server, listed, &instrument);
    uint32_t known = market_find_instrument(market, instrument.exchange, text_of(instrument.id));
    if (known != INSTRUMENT_NONE)
        instrument_keep(&instrument, &market->instruments[known]);
    server->instruments[listed] = core_put_instrument(core, &instrument, book);
}

static uint32_t core_place(struct server *server, uint32_t listed)
{
    if (listed >= server->instrument_capacity) {
        uint32_t before = server->instrument_capacity;
        server->instrument_capacity = listed + 1024;
        server->instruments = memory_resize(server->instruments, server->instrument_capacity *
                                                                     sizeof *server->instruments);
        for (uint32_t i = before; i < server->instrument_capacity; i++)
            server->instruments[i] = INSTRUMENT_NONE;
    }
    if (server->instruments[listed] == INSTRUMENT_NONE)
        put_instrument(server, listed);
    return server->instruments[listed];
}

static void put_played(struct server *server)
{
    uint32_t count;
    const uint32_t *played = feed_instruments(server->feed, &count);
    for (uint32_t i = 0; i < count; i++)
        core_place(server, played[i]);
}

/* ---- TAS ---- */

enum { TAS_MONTHS = 4 };

static int delivery_of(const struct instrument *instrument)
{
    return instrument->delivery_year * 12 + instrument->delivery_month;
}

/* How many played futures of its product deliver before it. */
static int months_before(const struct server *server, uint32_t listed)
{
    const struct instrument *instruments = server->catalogue.market.instruments;
    uint32_t count;
    const uint32_t *played = feed_instruments(server->feed, &count);
    int before = 0;
    for (uint32_t i = 0; i < count; i++)
        before += instruments[played[i]].product == instruments[listed].product &&
                  delivery_of(&instruments[played[i]]) < delivery_of(&instruments[listed]);
    return before;
}

/* No feed has quotes of TAS: it is listed beside the futures that play, and its orders meet one
 * another only, as at the exchange. */
static void put_tas(struct server *server, uint32_t listed)
{
    const struct market *market = &server->catalogue.market;
    struct core *core = server->database.core;
    char id[sizeof market->instruments[listed].id + 4];
    struct instrument tas;
    int length = snprintf(id, sizeof id, "%sTAS", market->instruments[listed].id);
    if (!market_derive_instrument(market, market->instruments[listed].exchange,
                                  (text){id, (size_t)length},
                                  feed_recorded_day(server->feed, listed), &tas) ||
        tas.product_class != '7')
        return;
    tas.product = server->products[tas.product];
    move_dates(server, listed, &tas);
    uint32_t known = market_find_instrument(core_market(core), tas.exchange, text_of(tas.id));
    if (known != INSTRUMENT_NONE)
        instrument_keep(&tas, &core_market(core)->instruments[known]);
    core_put_instrument(core, &tas, true);
}

/* Of the nearest months, as the exchange names them. */
static void put_all_tas(struct server *server)
{
    uint32_t count;
    const uint32_t *played = feed_instruments(server->feed, &count);
    for (uint32_t i = 0; i < count; i++)
        if (server->catalogue.market.instruments[played[i]].product_class == '1' &&
            months_before(server, played[i]) < TAS_MONTHS)
            put_tas(server, played[i]);
}

static void put_products(struct server *server)
{
    const struct market *market = &server->catalogue.market;
    server->products = memory_get_zeroed(market->product_count + 1, sizeof *server->products);
    for (uint32_t i = 0; i < market->product_count; i++)
        server->products[i] = core_put_product(server->database.core, &market->products[i]);
}

/* ---- the feed ---- */

static void note_group(struct wall_groups *groups, const struct session_group *group)
{
    for (int i = 0; i < groups->count; i++)
        if (groups->at[i] == group)
            return;
    if (group && groups->count < SESSION_GROUPS_MAX)
        groups->at[groups->count++] = group;
}

/* The session groups of what plays say when the wall finds a session open. */
static void note_groups(struct server *server)
{
    uint32_t count;
    const uint32_t *played = feed_instruments(server->feed, &count);
    const struct instrument *instruments = server->catalogue.market.instruments;
    for (uint32_t i = 0; i < count; i++)
        note_group(&server->wall_groups,
                   catalogue_sessions_of(&server->catalogue, instruments[played[i]].product));
}

/* The wall's moment on the line of a trading day. */
static int64_t wall_line_ms(void)
{
    int64_t now = clock_now_us();
    struct beijing_time beijing = clock_beijing(now);
    int second = (beijing.hour * 60 + beijing.minute) * 60 + beijing.second;
    return (int64_t)session_line_second(second) * 1000 + now / 1000 % 1000;
}

/* The time of day that plays now, which between the sessions is not the wall's. */
static int64_t playing_ms(const struct server *server)
{
    int64_t ms = wall_playing_ms(&server->wall, wall_line_ms());
    return ms < 0 ? ms + DAY_S * INT64_C(1000) : ms;
}

/* From the next event on. */
static void begin_pace(struct server *server)
{
    const struct feed_event *event = feed_peek(server->feed);
    bool paused = server->pace.paused, wall = server->options->play == PLAY_WALL;
    double speed = wall ? 1 : server->pace.speed;
    int64_t wait = 0;
    if (wall && !event->at_once)
        wait =
            pace_wall_wait_ms(event->time.second_of_day * INT64_C(1000) + event->time.millisecond,
                              playing_ms(server));
    pace_begin(&server->pace, clock_monotonic_ns() + wait * 1000000, event->due_ms, speed);
    if (paused)
        pace_pause(&server->pace, clock_monotonic_ns());
}

/* A session has opened or ended, or what is looped between them is over: on to what plays now. */
static bool turn_wall(struct server *server)
{
    int line_second;
    if (server->options->play != PLAY_WALL || server->pace.paused ||
        !wall_turn(&server->wall, &server->wall_groups, wall_line_ms(), &line_second))
        return false;
    feed_set(server->feed, session_second_of_day(line_second));
    begin_pace(server);
    return true;
}

/* Where each tick has its own time of day: to the wall's again, wherever the feed was. */
static bool follow_wall(struct server *server)
{
    if (server->options->play != PLAY_WALL)
        return false;
    server->wall.follows = false;
    if (!turn_wall(server))
        begin_pace(server);
    return true;
}

/* A misspelt name in `book` would leave its instrument to the quote, unseen. */
static bool check_book(const struct server *server, struct error *error)
{
    const struct market *market = core_market(server->database.core);
    text rest = text_of(server->options->book);
    while (rest.length) {
        text name = text_trim(text_cut(&rest, ','));
        if (text_equal(name, TEXT("all")) ||
            market_find_instrument(market, EXCHANGE_COUNT, name) != INSTRUMENT_NONE)
            continue;
        error_set(error, "book: there is no instrument %.*s in the ticks", TEXT_ARG(name));
        return error_fix(error, "name instruments that play, with commas between, or all");
    }
    return true;
}

bool market_begin(struct server *server, struct error *error)
{
    text kept = core_feed_position(server->database.core);
    char position[FEED_POSITION_MAX];
    text_copy(position, sizeof position, kept);
    int day = core_trading_day(server->database.core);
    server->feed = open_feed(server, day, kept.length ? position : NULL, error);
    if (!server->feed && kept.length) {
        log_line(LOG_WARN, "the ticks are not those of the last run; they start anew");
        server->feed = open_feed(server, day, NULL, error);
    }
    if (!server->feed)
        return false;
    market_set_time(server);
    put_products(server);
    put_played(server);
    put_all_tas(server);
    note_groups(server);
    if (!check_book(server, error))
        return false;
    server->pace.speed = server->options->speed;
    if (!follow_wall(server))
        begin_pace(server);
    return true;
}

void market_end(struct server *server)
{
    feed_close(server->feed);
    catalogue_finish(&server->catalogue);
    free(server->products);
    free(server->instruments);
}

void market_set_time(struct server *server)
{
    struct feed_time replay = feed_now(server->feed);
    struct core_time now = {
        .wall_us = clock_now_us(),
        .replay_date = replay.date,
        .replay_second = replay.second_of_day,
        .replay_millisecond = replay.millisecond,
    };
    core_set_time(server->database.core, &now);
}

void market_note(struct server *server)
{
    char position[FEED_POSITION_MAX];
    feed_position(server->feed, position);
    if (!text_equal(text_of(position), core_feed_position(server->database.core)))
        core_note_feed(server->database.core, text_of(position));
}

static void take_event(struct server *server, const struct feed_event *event)
{
    struct core *core = server->database.core;
    if (event->kind == FEED_QUOTE) {
        struct quote quote = event->quote;
        quote.instrument = core_place(server, event->quote.instrument);
        if (event->first_in_pass)
            core_begin_pass(core, quote.instrument);
        core_quote(core, &quote, event->quiet);
    } else if (event->kind == FEED_STATUS) {
        core_status(core, server->products[event->status.product], event->status.status,
                    event->status.enter_reason, event->status.segment, event->status.enter_second);
    }
}

/* Advancing first: the event's own time is the replay's time when the core sees it. */
static bool play_one(struct server *server)
{
    struct feed_event event = *feed_peek(server->feed);
    feed_advance(server->feed);
    market_set_time(server);
    take_event(server, &event);
    return event.kind == FEED_PASS_END;
}

static void next_timer(struct server *server)
{
    const struct feed_event *event = feed_peek(server->feed);
    int64_t wait = pace_due_ns(&server->pace, event->due_ms) - clock_monotonic_ns();
    /* never 0: libuv would run such a timer again before it looks at its sockets */
    uint64_t ms = wait <= 1000000 ? 1 : (uint64_t)(wait + 999999) / 1000000;
    uv_timer_start(&server->feed_timer, market_play, ms > 1000 ? 1000 : ms, 0);
}

/* The next pass begins without rest, or when the wall clock shows its first time. */
static void end_pass(struct server *server)
{
    struct error error;
    if (server->options->trading_day == TRADING_DAY_PER_LOOP && !market_settle(server, &error))
        error_print("tts", &error);
    else if (server->options->play == PLAY_WALL)
        begin_pace(server);
}

void market_play(uv_timer_t *timer)
{
    struct server *server = timer->data;
    turn_wall(server);
    int64_t now = clock_monotonic_ns();
    pace_forgive(&server->pace, now, feed_peek(server->feed)->due_ms, FORGIVE_NS);
    for (int i = 0; i < EVENTS_AT_ONCE; i++) {
        const struct feed_event *event = feed_peek(server->feed);
        if (!event->at_once && pace_due_ns(&server->pace, event->due_ms) > now)
            break;
        bool jumps = event->at_once;
        if (play_one(server))
            end_pass(server);
        else if (jumps && !feed_peek(server->feed)->at_once && server->options->play == PLAY_WALL)
            begin_pace(server);
    }
    core_tick_time(server->database.core);
    next_timer(server);
}

/* ---- what the operator does to the replay ---- */

static void tell_replay(const struct server *server, struct buffer *out)
{
    struct feed_time at = feed_now(server->feed);
    buffer_printf(out, "the ticks are at %08d %02d:%02d:%02d, %s", at.date, at.second_of_day / 3600,
                  at.second_of_day / 60 % 60, at.second_of_day % 60,
                  server->pace.paused ? "paused" : "going on");
    buffer_printf(out, server->pace.speed > 0 ? " at speed %g\n" : " as fast as they go\n",
                  server->pace.speed);
}

bool market_change_ticks(void *user, const struct ticks_change *change, struct buffer *out,
                         struct error *error)
{
    struct server *server = user;
    int64_t now = clock_monotonic_ns();
    bool follows = server->options->play == PLAY_WALL;
    if (follows && (change->kind == TICKS_SPEED || change->kind == TICKS_AT))
        return error_set(error, "the ticks follow the wall clock (play: wall)");
    switch (change->kind) {
    case TICKS_PAUSE:
        pace_pause(&server->pace, now);
        break;
    case TICKS_RESUME:
        pace_resume(&server->pace, now);
        follow_wall(server);
        break;
    case TICKS_SPEED:
        pace_set_speed(&server->pace, now, change->speed);
        break;
    case TICKS_AT:
        feed_set(server->feed, change->second_of_day);
        begin_pace(server);
        break;
    case TICKS_LOOK:
        break;
    }
    uv_timer_start(&server->feed_timer, market_play, 1, 0);
    tell_replay(server, out);
    return true;
}

/* ---- the trading day ---- */

/* Before a settlement, whose result is the margin of the next morning. */
static void turn_bonds(struct server *server, int next_trading_day)
{
    struct core *core = server->database.core;
    uint32_t count;
    const uint32_t *played = feed_instruments(server->feed, &count);
    for (uint32_t i = 0; i < count; i++) {
        const struct instrument *listed = &server->catalogue.market.instruments[played[i]];
        int day =
            dates_move(server) ? feed_next_recorded_day(server->feed, played[i]) : next_trading_day;
        uint32_t place = core_place(server, played[i]);
        struct instrument bond = core_market(core)->instruments[place];
        if (!bond.larger_side || !is_bond_in_delivery(listed, day))
            continue;
        bond.larger_side = false;
        core_put_instrument(core, &bond, plays_in_book(server->options, text_of(bond.id)));
    }
}

static void settle_to(struct server *server, int next)
{
    struct core *core = server->database.core;
    struct calendar calendar = replay_calendar(server);
    if (next / 10000 != core_trading_day(core) / 10000)
        warn_of_end(&calendar, next);
    uint32_t played;
    put_played(server); /* all have their places before their number is asked */
    const uint32_t *listed = feed_instruments(server->feed, &played);
    uint32_t count = core_market(core)->instrument_count;
    double *prices = memory_get_zeroed(count + 1, sizeof *prices);
    for (uint32_t i = 0; i < count; i++)
        prices[i] = ABSENT_PRICE;
    for (uint32_t i = 0; i < played; i++)
        prices[core_place(server, listed[i])] = feed_settlement_price(server->feed, listed[i]);
    market_set_time(server);
    int settled = core_trading_day(core);
    turn_bonds(server, next);
    core_settle(core, next, prices);
    free(prices);
    /* A day of the wall's begins open; where each pass is a trading day, its night and its auctions
     * play. */
    feed_rollover(server->feed, server->options->trading_day == TRADING_DAY_RECORDED ? 0 : next,
                  server->options->trading_day == TRADING_DAY_PER_DAY);
    for (uint32_t i = 0; i < played; i++)
        put_instrument(server, listed[i]);
    put_all_tas(server);
    if (!follow_wall(server))
        begin_pace(server);
    uv_timer_start(&server->feed_timer, market_play, 0, 0);
    log_line(LOG_INFO, "trading day %d is settled, %d is open", settled, next);
}

bool market_settle(void *user, struct error *error)
{
    struct server *server = user;
    struct calendar calendar = replay_calendar(server);
    (void)error;
    settle_to(server, calendar_next(&calendar, core_trading_day(server->database.core)));
    return true;
}

void market_check_day(uv_timer_t *timer)
{
    struct server *server = timer->data;
    if (server->options->trading_day != TRADING_DAY_PER_DAY)
        return;
    struct calendar calendar = replay_calendar(server);
    int day = wall_day(server->options, &calendar);
    if (day > core_trading_day(server->database.core))
        settle_to(server, day);
}
