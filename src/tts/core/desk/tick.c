/* tick.c: market data on its way through the core: quotes of the feed and the depth of the core's
 * own books, what they set off, and the tick as CTP shows it. Quotes are soft; only a new
 * PreSettlementPrice or new limits are lasting. Also statuses of products, because they open and
 * close what quotes may match. */
#include "base/clock.h"
#include "tts/core/day/day.h"
#include "tts/core/desk/desk_inside.h"
#include "tts/core/market/price_limit.h"
#include "tts/core/market/stamp.h"
#include "tts/core/requests/combination.h"
#include "tts/core/requests/parked.h"
#include <assert.h>

enum { PUBLISH_EVERY_MS = 500 };

/* ---- the tick as CTP shows it (money 6.1) ---- */

/* Levels that an exchange's front shows. */
static int levels_shown(const struct core_options *options, enum exchange exchange)
{
    switch (exchange) {
    case EXCHANGE_SHFE:
        return options->levels_shfe;
    case EXCHANGE_INE:
        return options->levels_ine;
    case EXCHANGE_DCE:
        return options->levels_dce;
    case EXCHANGE_CZCE:
        return options->levels_czce;
    case EXCHANGE_CFFEX:
        return options->levels_cffex;
    case EXCHANGE_GFEX:
        return options->levels_gfex;
    default:
        return QUOTE_LEVELS;
    }
}

static void put_level(const struct quote_level *level, bool shown, double *price, int *volume)
{
    bool there = shown && price_is_present(level->price) && level->volume > 0;
    *price = there ? level->price : ABSENT_PRICE;
    *volume = there ? level->volume : 0;
}

static void put_levels(const struct quote *quote, int shown,
                       struct CThostFtdcDepthMarketDataField *tick)
{
#define LEVEL(n)                                                                          \
    put_level(&quote->bid[(n)-1], (n) <= shown, &tick->BidPrice##n, &tick->BidVolume##n); \
    put_level(&quote->ask[(n)-1], (n) <= shown, &tick->AskPrice##n, &tick->AskVolume##n)
    LEVEL(1);
    LEVEL(2);
    LEVEL(3);
    LEVEL(4);
    LEVEL(5);
#undef LEVEL
}

static void put_stamps(const struct core *core, const struct quote *quote, enum exchange exchange,
                       struct CThostFtdcDepthMarketDataField *tick)
{
    struct stamp_moment moment = {quote->trading_day, quote->action_day, quote->millisecond};
    struct stamp_tick stamp = {moment.trading_day, moment.natural_day, moment.millisecond};
    if (core->options.exchange_stamps_real)
        stamp = stamp_tick(exchange, moment);
    PUT_DATE(tick->TradingDay, stamp.trading_day);
    PUT_DATE(tick->ActionDay, stamp.action_day);
    PUT_TIME(tick->UpdateTime, quote->second_of_day);
    tick->UpdateMillisec = stamp.millisecond;
}

static void put_ids(const struct core *core, const struct instrument *instrument,
                    struct CThostFtdcDepthMarketDataField *tick)
{
    text id = text_of(instrument->id);
    PUT_TEXT(tick->InstrumentID, id);
    if (id.length < sizeof tick->reserve1)
        PUT_TEXT(tick->reserve1, id);
    if (!core->options.md_exchange_id_fill)
        return;
    PUT_TEXT(tick->ExchangeID, text_of(exchange_id(instrument->exchange)));
    PUT_TEXT(tick->ExchangeInstID, id);
    if (id.length < sizeof tick->reserve2)
        PUT_TEXT(tick->reserve2, id);
}

static double price_or(double price, double other)
{
    return price_is_present(price) ? price : other;
}

/* CZCE sends no turnover; CTP makes it of the average. */
static double turnover_of(const struct quote *quote, const struct instrument *instrument)
{
    if (quote->has_turnover || !price_is_present(quote->average))
        return quote->turnover;
    double multiple = instrument->exchange == EXCHANGE_CZCE ? instrument->volume_multiple : 1;
    return quote->average * quote->volume * multiple;
}

static void put_prices(const struct quote *quote, const struct instrument *instrument,
                       struct CThostFtdcDepthMarketDataField *tick)
{
    tick->LastPrice = quote->last;
    tick->PreSettlementPrice = instrument->pre_is_held
                                   ? instrument->pre_settlement
                                   : price_or(quote->pre_settlement, instrument->pre_settlement);
    tick->PreClosePrice = quote->pre_close;
    tick->PreOpenInterest = quote->pre_open_interest;
    tick->OpenPrice = quote->open;
    tick->HighestPrice = quote->highest;
    tick->LowestPrice = quote->lowest;
    tick->Volume = quote->volume;
    tick->Turnover = turnover_of(quote, instrument);
    tick->OpenInterest = quote->open_interest;
    tick->ClosePrice = quote->close;
    tick->SettlementPrice = quote->settlement;
    tick->UpperLimitPrice = price_or(quote->upper_limit, instrument->upper_limit);
    tick->LowerLimitPrice = price_or(quote->lower_limit, instrument->lower_limit);
    tick->CurrDelta = ABSENT_PRICE;
    bool average = quote->volume > 0 && price_is_present(quote->average);
    tick->AveragePrice = average ? quote->average : 0;
}

static void render_tick(struct core *core, uint32_t place,
                        struct CThostFtdcDepthMarketDataField *tick)
{
    const struct quote *quote = &core->instruments.at[place].quote;
    const struct instrument *instrument = core_instrument(core, place);
    memset(tick, 0, sizeof *tick);
    put_stamps(core, quote, instrument->exchange, tick);
    put_ids(core, instrument, tick);
    put_prices(quote, instrument, tick);
    put_levels(quote, levels_shown(&core->options, instrument->exchange), tick);
}

const struct quote *core_newest_quote(const struct core *core, uint32_t instrument)
{
    const struct instrument_state *state = &core->instruments.at[instrument];
    return state->has_quote ? &state->quote : NULL;
}

bool core_newest_tick(struct core *core, uint32_t instrument,
                      struct CThostFtdcDepthMarketDataField *tick)
{
    if (!core->instruments.at[instrument].has_quote)
        return false;
    render_tick(core, instrument, tick);
    return true;
}

void tick_publish(struct core *core, uint32_t instrument)
{
    struct CThostFtdcDepthMarketDataField tick;
    render_tick(core, instrument, &tick);
    core->sink.tick(core->sink.user, instrument, &tick);
}

/* ---- the core's own books ---- */

/* The calendar is asked once a day, not for each order. */
static int64_t exchange_ms(const struct core *core)
{
    struct matching *matching = core->matching;
    if (matching->replay_date != core->now.replay_date) {
        matching->replay_date = core->now.replay_date;
        matching->replay_days = clock_date_to_days(core->now.replay_date);
    }
    return ((int64_t)matching->replay_days * 86400 + core->now.replay_second) * 1000 +
           core->now.replay_millisecond;
}

/* The book's depth and the day so far become the newest quote. */
static void quote_book(struct core *core, uint32_t place)
{
    const struct bench *bench = bench_of(core, place);
    const struct instrument *instrument = core_instrument(core, place);
    struct instrument_state *state = &core->instruments.at[place];
    struct quote *quote = &state->quote;
    memset(quote, 0, sizeof *quote);
    quote->instrument = place;
    quote->trading_day = core->trading_day;
    quote->action_day = core->now.replay_date;
    quote->second_of_day = core->now.replay_second;
    quote->millisecond = core->now.replay_millisecond;
    quote->pre_settlement = instrument->pre_settlement;
    quote->pre_close = price_or(bench->previous_close, instrument->pre_settlement);
    quote->pre_open_interest = bench->pre_open_interest;
    quote->settlement = quote->close = ABSENT_PRICE;
    quote->upper_limit = instrument->upper_limit;
    quote->lower_limit = instrument->lower_limit;
    quote->has_turnover = quote->has_volume = true;
    book_quote(&bench->book, &bench->tape, instrument->price_tick, instrument->volume_multiple,
               instrument->exchange == EXCHANGE_CZCE, quote);
    if (exchange_phase(core, place) == PHASE_CLOSED)
        quote->close = quote->last;
    state->has_quote = true;
}

static bool is_due(const struct core *core, const struct bench *bench)
{
    int64_t now = exchange_ms(core);
    return bench->published_ms == 0 || now >= bench->published_ms + PUBLISH_EVERY_MS ||
           now < bench->published_ms; /* the replay went back to its start */
}

static void publish_book(struct core *core, uint32_t instrument)
{
    struct bench *bench = bench_of(core, instrument);
    bench->changed = false;
    bench->published_ms = exchange_ms(core);
    quote_book(core, instrument);
    tick_publish(core, instrument);
    condition_check(core, instrument, &core->instruments.at[instrument].quote);
}

void tick_publish_due(struct core *core)
{
    struct matching *matching = core->matching;
    /* What a depth sets off may change books again; those join the list's end and are not due. */
    uint32_t kept = 0;
    for (uint32_t i = 0; i < matching->changed.count; i++) {
        uint32_t instrument = matching->changed.at[i];
        if (is_due(core, bench_of(core, instrument)))
            publish_book(core, instrument);
        else
            matching->changed.at[kept++] = instrument;
    }
    matching->changed.count = kept;
}

void core_tick_time(struct core *core)
{
    tick_publish_due(core);
}

/* ---- quotes of the feed ---- */

/* Only spreads trade at 0 or below; elsewhere such a price is a hole in the data. */
static bool is_last_price(const struct instrument *instrument, double price)
{
    return price_is_present(price) &&
           (price > 0 || instrument->product_class == THOST_FTDC_PC_Combination);
}

static double market_average(const struct quote *quote, const struct instrument *instrument)
{
    if (quote->volume <= 0)
        return 0;
    if (quote->has_turnover)
        return quote->turnover / quote->volume / instrument->volume_multiple;
    if (!price_is_present(quote->average) || quote->average <= 0)
        return 0;
    return instrument->exchange == EXCHANGE_CZCE ? quote->average
                                                 : quote->average / instrument->volume_multiple;
}

static bool is_news(double quoted, double known)
{
    return price_is_present(quoted) && quoted != 0 && quoted != known;
}

/* A new PreSettlementPrice or new limits of the day are lasting. */
static void learn_day_prices(struct core *core, const struct quote *quote)
{
    uint32_t place = quote->instrument;
    const struct instrument *known = core_instrument(core, place);
    bool pre = !known->pre_is_held && is_news(quote->pre_settlement, known->pre_settlement);
    if (!pre && !is_news(quote->upper_limit, known->upper_limit) &&
        !is_news(quote->lower_limit, known->lower_limit))
        return;
    struct instrument news;
    memcpy(&news, known, sizeof news);
    if (pre)
        news.pre_settlement = quote->pre_settlement;
    if (pre && !is_last_price(known, quote->last))
        news.last = quote->pre_settlement;
    if (is_news(quote->upper_limit, known->upper_limit))
        news.upper_limit = quote->upper_limit;
    if (is_news(quote->lower_limit, known->lower_limit))
        news.lower_limit = quote->lower_limit;
    core_put_instrument(core, &news, core->instruments.at[place].book_mode);
}

/* A book that has no yesterday takes it, and the limits, from the feed's first quote: margins of
 * options and the first trade's price ask for it. */
static void learn_first_prices(struct core *core, const struct quote *quote)
{
    const struct instrument *known = core_instrument(core, quote->instrument);
    if (price_is_present(known->pre_settlement) || !is_last_price(known, quote->pre_settlement))
        return;
    struct instrument news;
    memcpy(&news, known, sizeof news);
    news.pre_settlement = quote->pre_settlement;
    news.last = price_or(known->last, quote->pre_settlement);
    if (is_news(quote->upper_limit, ABSENT_PRICE))
        news.upper_limit = quote->upper_limit;
    if (is_news(quote->lower_limit, ABSENT_PRICE))
        news.lower_limit = quote->lower_limit;
    core_put_instrument(core, &news, true);
}

static void take_quote(struct core *core, const struct quote *quote)
{
    struct instrument_state *state = &core->instruments.at[quote->instrument];
    struct instrument *instrument = core_instrument(core, quote->instrument);
    state->quote = *quote;
    state->has_quote = true;
    if (is_last_price(instrument, quote->last))
        instrument->last = quote->last;
    instrument->average = market_average(quote, instrument);
    day_average_note(core, quote);
}

/* Outside continuous trading a quote matches nothing, but for those that bring an auction's price.
 */
static bool may_match(struct core *core, uint32_t instrument)
{
    enum phase phase = exchange_phase(core, instrument);
    return phase == PHASE_CONTINUOUS || phase == PHASE_AUCTION_MATCH ||
           quote_match_state(&core->matching->quote, instrument)->is_auction;
}

void core_quote(struct core *core, const struct quote *quote, bool quiet)
{
    uint32_t place = quote->instrument;
    assert(place < core->market.instrument_count);
    if (bench_of(core, place)->book.pool) { /* its quote is made by its customers */
        if (!quiet)
            learn_first_prices(core, quote);
        return;
    }
    struct matching *matching = core->matching;
    bench_follow_phase(core, place);
    if (!quiet)
        learn_day_prices(core, quote);
    take_quote(core, quote);
    if (quiet) {
        quote_match_advance(&matching->quote, place, quote);
        return;
    }
    tick_publish(core, place);
    match_fills_clear(&matching->fills);
    if (may_match(core, place))
        quote_match_plan_tick(&matching->quote, place, quote, &matching->fills);
    quote_match_advance(&matching->quote, place, quote);
    exchange_fill_waiting(core, place);
    combination_quote(core, place);
    condition_check(core, place, quote);
}

/* ---- statuses ---- */

/* The call auction of a book: at AuctionMatch, or when ordering ends without it. */
static void uncross(struct core *core, uint32_t place)
{
    struct matching *matching = core->matching;
    const struct bench *bench = bench_of(core, place);
    const struct instrument *instrument = core_instrument(core, place);
    double pre = price_or(instrument->pre_settlement, 0);
    struct auction auction =
        auction_price(&bench->book, price_in_ticks(pre, instrument->price_tick));
    if (!auction.found)
        return;
    matching->pairs.count = 0;
    auction_plan(&bench->book, &auction, &matching->pairs);
    exchange_uncross(core, place, auction.price);
}

static void enter_phase(struct core *core, uint32_t place, bool was_auction)
{
    enum phase phase = exchange_phase(core, place);
    if (bench_of(core, place)->book.pool) {
        if (was_auction && phase != PHASE_AUCTION)
            uncross(core, place);
        if (phase == PHASE_CLOSED)
            bench_changed(core, place);
    } else {
        bench_follow_phase(core, place);
    }
}

static void tell_status(struct core *core, uint32_t place, const struct product_status *status)
{
    const struct product *product = &core->market.products[place];
    text id = text_of(product->id);
    struct CThostFtdcInstrumentStatusField body;
    memset(&body, 0, sizeof body);
    PUT_TEXT(body.ExchangeID, text_of(exchange_id(product->exchange)));
    PUT_TEXT(body.InstrumentID, id);
    PUT_TEXT(body.ExchangeInstID, id);
    PUT_TEXT(body.reserve1, id);
    PUT_TEXT(body.reserve2, id);
    PUT_TEXT(body.SettlementGroupID, TEXT("00000001"));
    PUT_TIME(body.EnterTime, status->enter_second);
    body.InstrumentStatus = status->status;
    body.TradingSegmentSN = status->segment;
    body.EnterReason = status->enter_reason;
    reply_public(core, CTP_TraderSpi_OnRtnInstrumentStatus, &body);
}

void core_status(struct core *core, uint32_t product, char status, char enter_reason, int segment,
                 int enter_second)
{
    assert(product < core->statuses.count);
    char before = core->statuses.at[product].status;
    bool was_auction = before == THOST_FTDC_IS_AuctionOrdering;
    struct effect_status_changed effect;
    memset(&effect, 0, sizeof effect);
    effect.product = product;
    effect.status.status = status;
    effect.status.enter_reason = enter_reason;
    effect.status.segment = segment;
    effect.status.enter_second = enter_second;
    EMIT(core, status_changed, &effect);
    tell_status(core, product, &effect.status);
    for (uint32_t i = 0; i < core->market.instrument_count; i++)
        if (core->market.instruments[i].product == product)
            enter_phase(core, i, was_auction && !core->options.always_open);
    parked_status_changed(core, product, before);
    tick_publish_due(core);
}

void core_begin_pass(struct core *core, uint32_t instrument)
{
    if (!bench_of(core, instrument)->book.pool)
        quote_match_new_pass(&core->matching->quote, instrument);
}
