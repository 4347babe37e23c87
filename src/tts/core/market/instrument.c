/* instrument.c: the market's tables. Deriving an instrument from its id is in instrument_derive.c.
 */
#include "tts/core/market/instrument.h"
#include "base/buffer.h"
#include <math.h>

static const struct {
    char id[EXCHANGE_ID_BYTES];
    const char *name;
} exchanges[EXCHANGE_COUNT] = {
    [EXCHANGE_SHFE] = {"SHFE", "上海期货交易所"},
    [EXCHANGE_INE] = {"INE", "上海国际能源交易中心"},
    [EXCHANGE_DCE] = {"DCE", "大连商品交易所"},
    [EXCHANGE_CZCE] = {"CZCE", "郑州商品交易所"},
    [EXCHANGE_CFFEX] = {"CFFEX", "中国金融期货交易所"},
    [EXCHANGE_GFEX] = {"GFEX", "广州期货交易所"},
    [EXCHANGE_SSE] = {"SSE", "上海证券交易所"},
    [EXCHANGE_SZSE] = {"SZSE", "深圳证券交易所"},
    [EXCHANGE_BSE] = {"BSE", "北京证券交易所"},
    [EXCHANGE_TTS] = {"TTS", "TTS"},
};

const char *exchange_id(enum exchange exchange)
{
    return exchanges[exchange].id;
}

const char *exchange_name_utf8(enum exchange exchange)
{
    return exchanges[exchange].name;
}

bool exchange_find(text id, enum exchange *exchange)
{
    for (int i = 0; i < EXCHANGE_COUNT; i++) {
        if (text_equal_ignore_case(id, text_of(exchanges[i].id))) {
            *exchange = (enum exchange)i;
            return true;
        }
    }
    return false;
}

bool instrument_is_risk_warned(const struct instrument *instrument)
{
    static const char *const marks[] = {"ST", "*ST", "SST", "S*ST"};
    for (size_t i = 0; instrument->product_class == 'E' && i < sizeof marks / sizeof marks[0]; i++)
        if (text_starts_with(text_of(instrument->name), text_of(marks[i])))
            return true;
    return false;
}

void instrument_keep(struct instrument *terms, const struct instrument *known)
{
    terms->pre_settlement = known->pre_settlement;
    terms->pre_is_held = known->pre_is_held;
    terms->last = known->last;
    terms->settlement = known->settlement;
    terms->upper_limit = known->upper_limit;
    terms->lower_limit = known->lower_limit;
    terms->average = known->average;
    terms->underlying = known->underlying;
    terms->underlying_settlement = known->underlying_settlement;
    terms->volume_multiple = known->volume_multiple;
    terms->price_tick = known->price_tick;
    terms->position_date_type = known->position_date_type;
}

uint32_t market_find_product(const struct market *market, enum exchange exchange, text id)
{
    uint32_t cursor = 0, place;
    while (index_next(&market->product_index, hash_text(id), &cursor, &place)) {
        const struct product *product = &market->products[place];
        if (text_equal(text_of(product->id), id) &&
            (exchange == EXCHANGE_COUNT || exchange == product->exchange))
            return place;
    }
    return INSTRUMENT_NONE;
}

uint32_t market_find_instrument(const struct market *market, enum exchange exchange, text id)
{
    uint32_t cursor = 0, place;
    while (index_next(&market->instrument_index, hash_text(id), &cursor, &place)) {
        const struct instrument *instrument = &market->instruments[place];
        if (text_equal(text_of(instrument->id), id) &&
            (exchange == EXCHANGE_COUNT || exchange == instrument->exchange))
            return place;
    }
    return INSTRUMENT_NONE;
}

uint32_t market_put_product(struct market *market, const struct product *product)
{
    uint32_t place = market_find_product(market, product->exchange, text_of(product->id));
    if (place != INSTRUMENT_NONE) {
        market->products[place] = *product;
        return place;
    }
    if (market->product_count == market->product_capacity) {
        market->product_capacity = market->product_capacity ? market->product_capacity * 2 : 128;
        market->products =
            memory_resize(market->products, market->product_capacity * sizeof *market->products);
    }
    place = market->product_count++;
    market->products[place] = *product;
    index_add(&market->product_index, hash_text(text_of(product->id)), place);
    return place;
}

/* What stands for an index that nobody quotes: the future of the month, which on the last day
 * settles at the index too ("IO2506" is on the index of IF2506). "" when there is none. */
static void write_stand_in(const struct market *market, const struct instrument *option, char *id,
                           size_t size)
{
    const struct product *product = &market->products[option->product];
    text index = text_of(option->underlying_id), own = text_of(product->id);
    id[0] = '\0';
    if (option->option_margin == OPTION_MARGIN_INDEX && product->underlying[0] &&
        text_starts_with(index, own))
        snprintf(id, size, "%s%s", product->underlying, option->underlying_id + own.length);
}

enum { STAND_IN_MAX = 128 };

static uint32_t find_underlying(const struct market *market, const struct instrument *option)
{
    char stand_in[STAND_IN_MAX];
    uint32_t place =
        market_find_instrument(market, option->exchange, text_of(option->underlying_id));
    if (place != INSTRUMENT_NONE)
        return place;
    write_stand_in(market, option, stand_in, sizeof stand_in);
    return market_find_instrument(market, option->exchange, text_of(stand_in));
}

/* Whether `added` is, or stands for, the underlying that the option or TAS waits for. */
static bool is_awaited(const struct market *market, const struct instrument *other,
                       const struct instrument *added)
{
    char stand_in[STAND_IN_MAX];
    bool waits = other->underlying == INSTRUMENT_NONE;
    if (!instrument_has_underlying(other) ||
        !(waits || other->option_margin == OPTION_MARGIN_INDEX))
        return false;
    if (text_equal(text_of(other->underlying_id), text_of(added->id)))
        return true;
    write_stand_in(market, other, stand_in, sizeof stand_in);
    return waits && text_equal(text_of(stand_in), text_of(added->id));
}

/* An option or TAS listed before its future finds it as soon as that is listed. */
static void link_underlying(struct market *market, uint32_t place)
{
    struct instrument *added = &market->instruments[place];
    added->underlying = INSTRUMENT_NONE;
    if (instrument_has_underlying(added)) {
        added->underlying = find_underlying(market, added);
        return;
    }
    for (uint32_t i = 0; i < market->instrument_count; i++)
        if (is_awaited(market, &market->instruments[i], added))
            market->instruments[i].underlying = place;
}

uint32_t market_put_instrument(struct market *market, const struct instrument *instrument)
{
    uint32_t place = market_find_instrument(market, instrument->exchange, text_of(instrument->id));
    if (place == INSTRUMENT_NONE) {
        if (market->instrument_count == market->instrument_capacity) {
            market->instrument_capacity =
                market->instrument_capacity ? market->instrument_capacity * 2 : 1024;
            market->instruments = memory_resize(
                market->instruments, market->instrument_capacity * sizeof *market->instruments);
        }
        place = market->instrument_count++;
        index_add(&market->instrument_index, hash_text(text_of(instrument->id)), place);
    }
    market->instruments[place] = *instrument;
    link_underlying(market, place);
    return place;
}

void market_index(struct market *market)
{
    index_finish(&market->product_index);
    index_finish(&market->instrument_index);
    market->product_index = market->instrument_index = (struct index){.slots = NULL};
    for (uint32_t i = 0; i < market->product_count; i++)
        index_add(&market->product_index, hash_text(text_of(market->products[i].id)), i);
    for (uint32_t i = 0; i < market->instrument_count; i++)
        index_add(&market->instrument_index, hash_text(text_of(market->instruments[i].id)), i);
}

void market_finish(struct market *market)
{
    free(market->products);
    free(market->instruments);
    index_finish(&market->product_index);
    index_finish(&market->instrument_index);
    *market = (struct market){.products = NULL};
}
