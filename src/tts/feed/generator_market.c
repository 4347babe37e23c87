/* generator_market.c: see generator_market.h. */
#include "tts/feed/generator_market.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "tts/core/market/price_limit.h"
#include <math.h>

enum { CONTRACTS_MAX = 4, STRIKES = 3 };

uint64_t generated_random(uint64_t seed, uint64_t position)
{
    uint64_t z = seed + (position + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double generated_signed(uint64_t random)
{
    return (double)(random >> 11) * 0x1p-52 - 1;
}

/* ---- which contracts ---- */

/* Whether a product's contract of this month is one that is traded much. */
static bool is_main_month(const struct product *product, int month)
{
    switch (product->exchange) {
    case EXCHANGE_CFFEX:
        return product->id[0] != 'T' || month % 3 == 0;
    case EXCHANGE_DCE:
    case EXCHANGE_CZCE:
        return month % 4 == 1; /* January, May, September */
    default:
        return !text_equal(text_of(product->id), TEXT("ec")) || month % 2 == 0;
    }
}

/* The first month that counts: index futures play into the middle of their month, others stop
 * before it. */
static int first_month(const struct product *product, int first_day)
{
    int months = first_day / 10000 * 12 + first_day / 100 % 100 - 1;
    bool index = product->exchange == EXCHANGE_CFFEX && product->id[0] != 'T';
    return index && first_day % 100 < 14 ? months
                                         : months + (product->exchange == EXCHANGE_CFFEX ? 1 : 2);
}

/* The months of a product's main contracts, counted from year 0; returns how many. */
static int main_months(const struct product *product, const struct generator_options *options,
                       int *months)
{
    int wanted = options->contracts > 0 ? options->contracts : 2, count = 0;
    if (wanted > CONTRACTS_MAX)
        wanted = CONTRACTS_MAX;
    for (int month = first_month(product, options->first_day); count < wanted; month++)
        if (is_main_month(product, month % 12 + 1))
            months[count++] = month;
    return count;
}

static bool is_wanted(const struct generator_options *options, const char *id)
{
    if (!options->products || !options->products[0])
        return true;
    text rest = text_of(options->products);
    while (rest.length > 0)
        if (text_equal(text_trim(text_cut(&rest, ',')), text_of(id)))
            return true;
    return false;
}

static void write_month(const struct product *product, text name, int months, char *id, size_t size)
{
    int year = months / 12, month = months % 12 + 1;
    if (product->exchange == EXCHANGE_CZCE)
        snprintf(id, size, "%.*s%d%02d", TEXT_ARG(name), year % 10, month);
    else
        snprintf(id, size, "%.*s%02d%02d", TEXT_ARG(name), year % 100, month);
}

static struct generated *add(struct generated_list *list, struct catalogue *catalogue,
                             const struct generator_options *options, enum exchange exchange,
                             const char *id)
{
    struct market *market = &catalogue->market;
    uint32_t place = market_find_instrument(market, exchange, text_of(id));
    if (place == INSTRUMENT_NONE) {
        struct instrument derived;
        if (!market_derive_instrument(market, exchange, text_of(id), options->first_day, &derived))
            return NULL;
        place = market_put_instrument(market, &derived);
    }
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 256;
        list->at = memory_resize(list->at, list->capacity * sizeof *list->at);
    }
    struct generated *one = &list->at[list->count++];
    uint64_t seed = generated_random(options->seed, hash_text(text_of(id)));
    bool deep = exchange == EXCHANGE_SHFE || exchange == EXCHANGE_INE;
    *one = (struct generated){.instrument = place,
                              .product = market->instruments[place].product,
                              .underlying = UINT32_MAX,
                              .seed = seed,
                              .intensity = 1 + (int)(seed % 30),
                              .levels = options->levels > 0 ? options->levels
                                        : deep              ? 5
                                                            : 1};
    return one;
}

static void add_futures(struct generated_list *list, struct catalogue *catalogue,
                        const struct generator_options *options, uint32_t product_place)
{
    struct product product = catalogue->market.products[product_place];
    int months[CONTRACTS_MAX], count = main_months(&product, options, months);
    for (int i = 0; i < count; i++) {
        char id[64];
        write_month(&product, text_of(product.id), months[i], id, sizeof id);
        struct generated *one = add(list, catalogue, options, product.exchange, id);
        if (!one)
            continue;
        /* Later contracts cost a little more or less and trade less. */
        double slope = 0.004 * generated_signed(generated_random(one->seed, 7));
        one->product_seed = generated_random(options->seed, hash_text(text_of(product.id)));
        one->start_price = catalogue->extras[product_place].start_price * (1 + slope * i);
        one->limit_ratio = product.price_limit_ratio > 0 ? product.price_limit_ratio : 0.05;
        one->intensity = 1 + one->intensity / (i + 1);
    }
}

/* A round distance between strikes, about 2.5 % of the price: 1, 2 or 5 times a power of ten. */
static double strike_step(double price)
{
    double power = pow(10, floor(log10(price * 0.025))), times = price * 0.025 / power;
    return (times < 2 ? 1 : times < 5 ? 2 : 5) * power;
}

static uint32_t find_future(const struct generated_list *list, const struct catalogue *catalogue,
                            enum exchange exchange, text product)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct product *of = &catalogue->market.products[list->at[i].product];
        if (of->exchange == exchange && text_equal(text_of(of->id), product))
            return i;
    }
    return UINT32_MAX;
}

static void write_option(const struct product *product, const char *future, char kind,
                         double strike, char *id, size_t size)
{
    bool dashed = product->exchange == EXCHANGE_CFFEX || product->exchange == EXCHANGE_DCE ||
                  product->exchange == EXCHANGE_GFEX;
    if (product->exchange == EXCHANGE_CFFEX) /* IF2503 -> IO2503 */
        snprintf(id, size, "%s%s-%c-%.0f", product->id, future + strcspn(future, "0123456789"),
                 kind, strike);
    else
        snprintf(id, size, dashed ? "%s-%c-%.0f" : "%s%c%.0f", future, kind, strike);
}

static void add_options(struct generated_list *list, struct catalogue *catalogue,
                        const struct generator_options *options, uint32_t product_place)
{
    struct product product = catalogue->market.products[product_place];
    text underlying = text_of(product.underlying);
    uint32_t future = find_future(list, catalogue, product.exchange, underlying);
    if (underlying.length == 0 || future == UINT32_MAX)
        return;
    struct generated base = list->at[future];
    char future_id[81];
    text_copy(future_id, sizeof future_id,
              text_of(catalogue->market.instruments[base.instrument].id));
    double step = strike_step(base.start_price), middle = round(base.start_price / step) * step;
    char only = product.exchange == EXCHANGE_CZCE ? product.id[strlen(product.id) - 1] : '\0';
    for (int i = 0; i < STRIKES * 2; i++) {
        char kind = i % 2 ? 'P' : 'C', id[128];
        double strike = middle + (i / 2 - STRIKES / 2) * step;
        if ((only && only != kind) || strike <= 0 || strike != floor(strike))
            continue;
        write_option(&product, future_id, kind, strike, id, sizeof id);
        struct generated *one = add(list, catalogue, options, product.exchange, id);
        if (!one)
            continue;
        one->underlying = future;
        one->limit_ratio = base.limit_ratio;
        one->intensity = 1 + one->intensity / 8;
    }
}

bool generated_list_fill(struct generated_list *list, struct catalogue *catalogue,
                         const struct generator_options *options, struct error *error)
{
    if (clock_date_to_days(options->first_day) < 0)
        return error_set(error, "the generator's first day %d is no date", options->first_day);
    uint32_t products = catalogue->market.product_count;
    for (uint32_t i = 0; i < products; i++)
        if (catalogue->extras[i].start_price > 0 &&
            is_wanted(options, catalogue->market.products[i].id))
            add_futures(list, catalogue, options, i);
    for (uint32_t i = 0; i < products && !options->no_options; i++)
        if (is_wanted(options, catalogue->market.products[i].id))
            add_options(list, catalogue, options, i);
    if (list->count > 0)
        return true;
    error_set(error, "the generator has no product to play");
    return error_fix(error, "products.csv needs a start_price for a product that is wanted");
}

/* ---- prices from day to day ---- */

/* Smooth noise: random values at every `period` days, cosine between them; -1 to 1. */
static double noise(uint64_t seed, double day, double period)
{
    double place = day / period, whole = floor(place), part = place - whole;
    double before = generated_signed(generated_random(seed, (uint64_t)whole));
    double after = generated_signed(generated_random(seed, (uint64_t)whole + 1));
    return before + (after - before) * (0.5 - 0.5 * cos(part * 3.14159265358979323846));
}

double generated_option_price(const struct instrument *option, double underlying_price)
{
    double distance = underlying_price - option->strike_price;
    double inner = option->options_type == '1' ? distance : -distance;
    double time = 0.02 * underlying_price * exp(-fabs(distance) / (0.04 * underlying_price));
    int64_t ticks = llround(((inner > 0 ? inner : 0) + time) / option->price_tick);
    return price_of_ticks(ticks > 1 ? ticks : 1, option->price_tick);
}

/* From one day to the next it moves at most a third of the limit. */
static double wander(const struct generated *one, uint32_t day)
{
    uint64_t seed = one->product_seed;
    return one->limit_ratio * (0.2 * noise(seed ^ 1, day, 4) + 0.6 * noise(seed ^ 2, day, 16) +
                               1.6 * noise(seed ^ 3, day, 64));
}

double generated_settlement(const struct catalogue *catalogue, const struct generated_list *list,
                            uint32_t which, uint32_t day)
{
    const struct generated *one = &list->at[which];
    const struct instrument *instrument = &catalogue->market.instruments[one->instrument];
    if (one->underlying != UINT32_MAX)
        return generated_option_price(instrument,
                                      generated_settlement(catalogue, list, one->underlying, day));
    double move = wander(one, day) - wander(one, 0); /* the first day begins at the start price */
    int64_t ticks = llround(one->start_price * (1 + move) / instrument->price_tick);
    return price_of_ticks(ticks > 1 ? ticks : 1, instrument->price_tick);
}
