/* market.c: what is traded in a simulation, and the feed: products, instruments, quotes that walk
 * at random with gaps, limit-up boards, absent levels and nonsense, and statuses in any order. */
#include "tts/core/desk/desk_inside.h"
#include "world.h"

struct listing {
    const char *product, *instrument;
    enum exchange exchange;
    char product_class;
    int multiple;
    double tick, pre;
    int limit_min, limit_max, market_max;
    char position_date_type;
    char options_type;
    double strike;
    const char *underlying;
    bool book_mode, larger_side, close_today_first;
    int expire_date;
};

static const struct listing listings[] = {
    {.product = "rb",
     .instrument = "rb2505",
     .exchange = EXCHANGE_SHFE,
     .product_class = '1',
     .multiple = 10,
     .tick = 1,
     .pre = 3400,
     .limit_min = 1,
     .limit_max = 500,
     .market_max = 30,
     .position_date_type = '1',
     .larger_side = true},
    {.product = "ag",
     .instrument = "ag2506",
     .exchange = EXCHANGE_SHFE,
     .product_class = '1',
     .multiple = 15,
     .tick = 1,
     .pre = 7800,
     .limit_min = 1,
     .limit_max = 500,
     .market_max = 30,
     .position_date_type = '1',
     .larger_side = true,
     .book_mode = true},
    {.product = "sc",
     .instrument = "sc2505",
     .exchange = EXCHANGE_INE,
     .product_class = '1',
     .multiple = 1000,
     .tick = 0.1,
     .pre = 570,
     .limit_min = 1,
     .limit_max = 500,
     .market_max = 30,
     .position_date_type = '1'},
    {.product = "i",
     .instrument = "i2505",
     .exchange = EXCHANGE_DCE,
     .product_class = '1',
     .multiple = 100,
     .tick = 0.5,
     .pre = 800,
     .limit_min = 1,
     .limit_max = 1000,
     .market_max = 1000,
     .position_date_type = '2',
     .larger_side = true},
    {.product = "i",
     .instrument = "i2509",
     .exchange = EXCHANGE_DCE,
     .product_class = '1',
     .multiple = 100,
     .tick = 0.5,
     .pre = 790,
     .limit_min = 1,
     .limit_max = 1000,
     .market_max = 1000,
     .position_date_type = '2',
     .larger_side = true},
    {.product = "m",
     .instrument = "m2509",
     .exchange = EXCHANGE_DCE,
     .product_class = '1',
     .multiple = 10,
     .tick = 1,
     .pre = 2900,
     .limit_min = 1,
     .limit_max = 1000,
     .market_max = 1000,
     .position_date_type = '2',
     .larger_side = true,
     .book_mode = true},
    {.product = "SR",
     .instrument = "SR505",
     .exchange = EXCHANGE_CZCE,
     .product_class = '1',
     .multiple = 10,
     .tick = 1,
     .pre = 6000,
     .limit_min = 1,
     .limit_max = 1000,
     .market_max = 200,
     .position_date_type = '2'},
    {.product = "TA",
     .instrument = "TA505",
     .exchange = EXCHANGE_CZCE,
     .product_class = '1',
     .multiple = 5,
     .tick = 2,
     .pre = 4800,
     .limit_min = 1,
     .limit_max = 1000,
     .market_max = 200,
     .position_date_type = '2',
     .book_mode = true,
     .larger_side = true},
    {.product = "IF",
     .instrument = "IF2503",
     .exchange = EXCHANGE_CFFEX,
     .product_class = '1',
     .multiple = 300,
     .tick = 0.2,
     .pre = 3900,
     .limit_min = 1,
     .limit_max = 20,
     .market_max = 10,
     .position_date_type = '2',
     .larger_side = true,
     .close_today_first = true,
     .expire_date = 20250305},
    {.product = "IC",
     .instrument = "IC2506",
     .exchange = EXCHANGE_CFFEX,
     .product_class = '1',
     .multiple = 200,
     .tick = 0.2,
     .pre = 5800,
     .limit_min = 1,
     .limit_max = 20,
     .market_max = 10,
     .position_date_type = '2',
     .larger_side = true,
     .close_today_first = true,
     .book_mode = true},
    {.product = "si",
     .instrument = "si2505",
     .exchange = EXCHANGE_GFEX,
     .product_class = '1',
     .multiple = 5,
     .tick = 5,
     .pre = 10000,
     .limit_min = 1,
     .limit_max = 1000,
     .market_max = 1000,
     .position_date_type = '2'},
    {.product = "rb_o",
     .instrument = "rb2505C3400",
     .exchange = EXCHANGE_SHFE,
     .product_class = '2',
     .multiple = 10,
     .tick = 0.5,
     .pre = 80,
     .limit_min = 1,
     .limit_max = 100,
     .market_max = 30,
     .position_date_type = '1',
     .options_type = '1',
     .strike = 3400,
     .underlying = "rb2505",
     .expire_date = 20250304},
    {.product = "i_o",
     .instrument = "i2505-P-800",
     .exchange = EXCHANGE_DCE,
     .product_class = '2',
     .multiple = 100,
     .tick = 0.1,
     .pre = 30,
     .limit_min = 1,
     .limit_max = 1000,
     .market_max = 1000,
     .position_date_type = '2',
     .options_type = '2',
     .strike = 800,
     .underlying = "i2505"},
    {.product = "SR_o",
     .instrument = "SR505C6000",
     .exchange = EXCHANGE_CZCE,
     .product_class = '2',
     .multiple = 10,
     .tick = 0.5,
     .pre = 100,
     .limit_min = 1,
     .limit_max = 100,
     .market_max = 100,
     .position_date_type = '2',
     .options_type = '1',
     .strike = 6000,
     .underlying = "SR505",
     .book_mode = true,
     .expire_date = 20250306},
    {.product = "IO",
     .instrument = "IO2503-C-3900",
     .exchange = EXCHANGE_CFFEX,
     .product_class = '2',
     .multiple = 100,
     .tick = 0.2,
     .pre = 60,
     .limit_min = 1,
     .limit_max = 20,
     .market_max = 10,
     .position_date_type = '2',
     .options_type = '1',
     .strike = 3900,
     .underlying = "000300",
     .expire_date = 20250304},
    {.product = "INDEX",
     .instrument = "000300",
     .exchange = EXCHANGE_SSE,
     .product_class = 'I',
     .multiple = 1,
     .tick = 0.01,
     .pre = 3900,
     .limit_min = 1,
     .limit_max = 100,
     .market_max = 100,
     .position_date_type = '2'},
    {.product = "SSE_A",
     .instrument = "600000",
     .exchange = EXCHANGE_SSE,
     .product_class = 'E',
     .multiple = 1,
     .tick = 0.01,
     .pre = 10,
     .limit_min = 100,
     .limit_max = 1000000,
     .market_max = 1000000,
     .position_date_type = '2'},
    {.product = "BTC",
     .instrument = "BTC",
     .exchange = EXCHANGE_TTS,
     .product_class = '1',
     .multiple = 10,
     .tick = 1,
     .pre = 3400,
     .limit_min = 1,
     .limit_max = 1000,
     .market_max = 1000,
     .position_date_type = '2',
     .book_mode = true},
    {.product = "SP",
     .instrument = "SP i2505&i2509",
     .exchange = EXCHANGE_DCE,
     .product_class = '3',
     .multiple = 100,
     .tick = 0.5,
     .pre = 10,
     .limit_min = 1,
     .limit_max = 1000,
     .market_max = 1000,
     .position_date_type = '2'},
    {.product = "sctas",
     .instrument = "sc2505TAS",
     .exchange = EXCHANGE_INE,
     .product_class = '7',
     .multiple = 1000,
     .tick = 0.1,
     .pre = 0,
     .limit_min = 1,
     .limit_max = 500,
     .market_max = 0,
     .position_date_type = '1',
     .underlying = "sc2505",
     .book_mode = true},
};

enum { TAS_DISTANCE = 2 };

enum { LISTINGS = sizeof listings / sizeof listings[0] };

static struct margin_rate margin_of(const struct listing *listing)
{
    double ratio = listing->product_class == 'E' ? 1 : 0.1;
    return (struct margin_rate){ratio, 0, ratio, 0};
}

static struct commission_rate commission_of(const struct listing *listing)
{
    if (listing->exchange == EXCHANGE_CFFEX)
        return (struct commission_rate){.open_by_money = 2.3e-5,
                                        .close_by_money = 2.3e-5,
                                        .close_today_by_money = 2.3e-4,
                                        .strike_by_volume = 2};
    if (listing->exchange == EXCHANGE_DCE)
        return (struct commission_rate){.open_by_volume = 1.01,
                                        .close_by_volume = 1.01,
                                        .close_today_by_volume = 2.02,
                                        .strike_by_volume = 1};
    return (struct commission_rate){.open_by_money = 1e-4,
                                    .close_by_money = 1e-4,
                                    .close_today_by_volume = 3.3,
                                    .open_by_volume = 0.01};
}

static uint32_t put_product(struct world *world, const struct listing *listing)
{
    struct product product;
    memset(&product, 0, sizeof product);
    PUT_TEXT(product.id, text_of(listing->product));
    PUT_TEXT(product.name, text_of(listing->product));
    PUT_TEXT(product.group_id, text_of(listing->product));
    product.exchange = listing->exchange;
    product.product_class = listing->product_class;
    product.volume_multiple = listing->multiple;
    product.price_tick = listing->tick;
    product.position_date_type = listing->position_date_type;
    product.price_limit_ratio = listing->product_class == '7' ? TAS_DISTANCE : 0.1;
    product.lot_step = listing->product_class == 'E' ? listing->limit_min : 1;
    product.margin = product.exchange_margin = margin_of(listing);
    product.commission = commission_of(listing);
    return core_put_product(world->core, &product);
}

static void put_option(struct world *world, const struct listing *listing,
                       struct instrument *instrument)
{
    instrument->options_type = listing->options_type;
    instrument->strike_price = listing->strike;
    PUT_TEXT(instrument->underlying_id, text_of(listing->underlying));
    instrument->underlying = market_find_instrument(core_market(world->core), EXCHANGE_COUNT,
                                                    text_of(listing->underlying));
    instrument->underlying_multiple = 1;
    instrument->option_margin =
        listing->exchange == EXCHANGE_CFFEX ? OPTION_MARGIN_INDEX : OPTION_MARGIN_COMMODITY;
    instrument->option_margin_adjust = 0.12;
    instrument->option_guarantee_ratio = 0.5;
}

static void put_instrument(struct world *world, const struct listing *listing)
{
    struct instrument instrument;
    memset(&instrument, 0, sizeof instrument);
    PUT_TEXT(instrument.id, text_of(listing->instrument));
    PUT_TEXT(instrument.name, text_of(listing->instrument));
    instrument.product = put_product(world, listing);
    instrument.exchange = listing->exchange;
    instrument.product_class = listing->product_class;
    instrument.inst_life_phase = '1';
    instrument.is_trading = true;
    instrument.volume_multiple = listing->multiple;
    instrument.price_tick = listing->tick;
    instrument.limit_order_volume_min = listing->limit_min;
    instrument.limit_order_volume_max = listing->limit_max;
    instrument.market_order_volume_min = listing->limit_min;
    instrument.market_order_volume_max = listing->market_max;
    instrument.position_date_type = listing->position_date_type;
    instrument.larger_side = listing->larger_side;
    instrument.close_today_first = listing->close_today_first;
    instrument.expire_date = listing->expire_date;
    instrument.delivery_year = 2025;
    instrument.delivery_month = 5;
    instrument.margin = instrument.exchange_margin = margin_of(listing);
    instrument.commission = commission_of(listing);
    instrument.strike_price = ABSENT_PRICE;
    instrument.underlying = INSTRUMENT_NONE;
    instrument.underlying_settlement = ABSENT_PRICE;
    if (listing->options_type)
        put_option(world, listing, &instrument);
    instrument.pre_settlement = instrument.last = listing->pre;
    instrument.settlement = ABSENT_PRICE;
    instrument.upper_limit = instrument.lower_limit = ABSENT_PRICE;
    if (listing->product_class != '3') {
        instrument.upper_limit =
            match_price(price_in_ticks(listing->pre * 1.1, listing->tick), listing->tick);
        instrument.lower_limit =
            match_price(price_in_ticks(listing->pre * 0.9, listing->tick), listing->tick);
    }
    if (listing->product_class == '7') {
        PUT_TEXT(instrument.underlying_id, text_of(listing->underlying));
        instrument.upper_limit = TAS_DISTANCE;
        instrument.lower_limit = -TAS_DISTANCE;
    }
    core_put_instrument(world->core, &instrument, listing->book_mode);
}

void market_list(struct world *world)
{
    /* An option's underlying may stand behind it in the list: a second pass finds it. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < LISTINGS; i++)
            put_instrument(world, &listings[i]);
    world->walks = memory_get_zeroed(LISTINGS, sizeof *world->walks);
    for (size_t i = 0; i < LISTINGS; i++)
        world->walks[i].price = price_in_ticks(listings[i].pre, listings[i].tick);
}

/* ---- quotes ---- */

static int64_t clamp(const struct instrument *instrument, int64_t ticks)
{
    double tick = instrument->price_tick;
    if (price_is_present(instrument->upper_limit) &&
        ticks > price_in_ticks(instrument->upper_limit, tick))
        return price_in_ticks(instrument->upper_limit, tick);
    if (price_is_present(instrument->lower_limit) &&
        ticks < price_in_ticks(instrument->lower_limit, tick))
        return price_in_ticks(instrument->lower_limit, tick);
    return ticks;
}

static void put_levels(struct world *world, const struct instrument *instrument,
                       struct quote *quote)
{
    struct random *random = &world->random;
    int64_t middle = world->walks[quote->instrument].price;
    int spread = draw_between(random, 1, 3);
    if (chance(random, 10))
        spread = -1; /* a crossed quote: recordings have them */
    for (int i = 0; i < QUOTE_LEVELS; i++) {
        quote->bid[i].price = match_price(middle - i, instrument->price_tick);
        quote->ask[i].price = match_price(middle + spread + i, instrument->price_tick);
        quote->bid[i].volume = draw_between(random, 0, 60);
        quote->ask[i].volume = draw_between(random, 0, 60);
        if (chance(random, 50))
            quote->bid[i] = (struct quote_level){ABSENT_PRICE, 0};
        if (chance(random, 50))
            quote->ask[i] = (struct quote_level){ABSENT_PRICE, 0};
    }
    for (int i = 0; i < QUOTE_LEVELS; i++) {
        if (quote->last >= instrument->upper_limit)
            quote->ask[i] = (struct quote_level){chance(random, 500) ? 0 : ABSENT_PRICE, 0};
        if (quote->last <= instrument->lower_limit)
            quote->bid[i] = (struct quote_level){chance(random, 500) ? 0 : ABSENT_PRICE, 0};
    }
}

static void put_day(const struct world *world, const struct instrument *instrument,
                    struct quote *quote)
{
    quote->trading_day = core_trading_day(world->core);
    quote->action_day = world->now.replay_date;
    quote->second_of_day = world->now.replay_second;
    quote->millisecond = world->now.replay_millisecond;
    quote->pre_settlement = instrument->pre_settlement;
    quote->pre_close = instrument->pre_settlement;
    quote->upper_limit = instrument->upper_limit;
    quote->lower_limit = instrument->lower_limit;
    quote->open = quote->highest = quote->lowest = quote->last;
    quote->close = quote->settlement = ABSENT_PRICE;
    quote->open_interest = quote->pre_open_interest = 1000;
}

/* The walk goes on: usually a tick, sometimes a gap, now and then up or down to the limit. */
static struct quote walk(struct world *world, uint32_t place)
{
    struct random *random = &world->random;
    const struct instrument *instrument = core_instrument(world->core, place);
    struct quote_walk *walk = &world->walks[place];
    walk->price += draw_between(random, -2, 2);
    if (chance(random, 30))
        walk->price += draw_between(random, -40, 40);
    if (chance(random, 10))
        walk->price += chance(random, 500) ? 1000000 : -1000000;
    walk->price = clamp(instrument, walk->price);
    if (!price_is_present(instrument->upper_limit) && llabs(walk->price) > 200)
        walk->price = 20;
    int lots = chance(random, 700) ? draw_between(random, 1, 80) : 0;
    walk->volume += lots;
    double price = match_price(walk->price, instrument->price_tick);
    walk->turnover += price * lots * instrument->volume_multiple;
    struct quote quote;
    memset(&quote, 0, sizeof quote);
    quote.instrument = place;
    quote.last = price;
    quote.volume = walk->volume;
    quote.has_volume = true;
    quote.has_turnover = instrument->exchange != EXCHANGE_CZCE;
    quote.turnover = quote.has_turnover ? walk->turnover : 0;
    quote.average = walk->volume ? walk->turnover / walk->volume : ABSENT_PRICE;
    if (!quote.has_turnover && walk->volume)
        quote.average /= instrument->volume_multiple;
    put_day(world, instrument, &quote);
    put_levels(world, instrument, &quote);
    if (chance(random, 10))
        quote.last = ABSENT_PRICE;
    if (chance(random, 5))
        quote.settlement = price;
    return quote;
}

static uint32_t quoted_instrument(struct world *world)
{
    uint32_t place;
    do
        place = draw(&world->random, LISTINGS);
    while (world->core->instruments.at[place].book_mode);
    return place;
}

void market_tick(struct world *world)
{
    struct random *random = &world->random;
    uint32_t place = quoted_instrument(world);
    if (chance(random, 10)) {
        core_begin_pass(world->core, place);
        world->walks[place] = (struct quote_walk){.price = world->walks[place].price};
    }
    struct quote quote = walk(world, place);
    double tick = core_instrument(world->core, place)->price_tick;
    if (chance(random, 5)) /* the day's PreSettlementPrice is corrected */
        quote.pre_settlement += tick * draw_between(random, -3, 3);
    core_quote(world->core, &quote, false);
    if (chance(random, 100))
        core_note_feed(world->core, TEXT("position"));
}

void market_quiet_quotes(struct world *world)
{
    for (uint32_t i = 0; i < LISTINGS; i++) {
        if (world->core->instruments.at[i].book_mode || chance(&world->random, 300))
            continue;
        struct quote quote = walk(world, i);
        core_quote(world->core, &quote, true);
    }
}

double market_price(struct world *world, uint32_t place, bool off_tick)
{
    struct random *random = &world->random;
    const struct instrument *instrument = core_instrument(world->core, place);
    int64_t ticks = world->walks[place].price;
    const struct quote *quote = core_newest_quote(world->core, place);
    if (quote && price_is_present(quote->last))
        ticks = price_in_ticks(quote->last, instrument->price_tick);
    ticks += draw_between(random, -4, 4);
    if (chance(random, 30))
        ticks += draw_between(random, -2000, 2000);
    if (!chance(random, 50))
        ticks = clamp(instrument, ticks);
    double price = match_price(ticks, instrument->price_tick);
    return off_tick ? price + instrument->price_tick / 3 : price;
}

/* ---- statuses ---- */

void market_status(struct world *world)
{
    struct random *random = &world->random;
    uint32_t product = draw(random, world->core->market.product_count);
    char status = chance(random, 650) ? THOST_FTDC_IS_Continous : (char)('0' + draw(random, 7));
    core_status(world->core, product, status, '1', draw_between(random, 0, 9),
                world->now.replay_second);
}
