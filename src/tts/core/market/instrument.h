/* instrument.h: what is traded: exchanges, products and instruments, as the core holds them.
 * Definitions come from files (share/) and from ticks, enter the core as inputs and are journaled;
 * places in these arrays are stable for ever, so the rest of the core names an instrument by its
 * place. */
#ifndef TTS_CORE_MARKET_INSTRUMENT_H
#define TTS_CORE_MARKET_INSTRUMENT_H

#include "base/index.h"
#include "base/text.h"
#include <math.h>

/* CTP's mark for "no value" in a price: the largest double. */
#define ABSENT_PRICE 1.7976931348623157e+308

/* A price that says something: finite, and not the mark. Zero and negative prices are prices
 * (spreads). */
static inline bool price_is_present(double price)
{
    return fabs(price) < ABSENT_PRICE; /* which no infinity and no NaN is */
}

/* The price in ticks, rounded half away from zero; all comparisons of prices are made on it. */
static inline int64_t price_in_ticks(double price, double tick)
{
    double ticks = price / tick;
    if (!(fabs(ticks) < 0x1p62))
        return llround(ticks);
    int64_t whole = (int64_t)ticks; /* and the rest of it is exact */
    double rest = ticks - (double)whole;
    return whole + (rest >= 0.5) - (rest <= -0.5);
}

enum exchange {
    EXCHANGE_SHFE,
    EXCHANGE_INE,
    EXCHANGE_DCE,
    EXCHANGE_CZCE,
    EXCHANGE_CFFEX,
    EXCHANGE_GFEX,
    EXCHANGE_SSE,
    EXCHANGE_SZSE,
    EXCHANGE_BSE,
    EXCHANGE_TTS,
    EXCHANGE_COUNT
};

/* "SHFE", and zeros up to the size of a field ExchangeID. */
enum { EXCHANGE_ID_BYTES = 9 };
const char *exchange_id(enum exchange exchange);
const char *exchange_name_utf8(enum exchange exchange);
bool exchange_find(text id, enum exchange *exchange); /* case matters not */

/* Rates of commission: money part times price x lots x multiple, plus volume part times lots. */
struct commission_rate {
    double open_by_money, open_by_volume;
    double close_by_money, close_by_volume;
    double close_today_by_money, close_today_by_volume;
    double strike_by_money, strike_by_volume; /* options */
    double order_by_trade, order_by_volume;   /* per order message, per lot */
    double action_by_trade, action_by_volume; /* per cancel message, per lot */
};

struct margin_rate {
    double long_by_money, long_by_volume, short_by_money, short_by_volume;
};

enum option_margin_kind { OPTION_MARGIN_COMMODITY, OPTION_MARGIN_INDEX, OPTION_MARGIN_ETF };

/* These structs are journaled, saved and hashed as memory, so each byte has a name: no padding. */
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"
struct product {
    char id[31];
    char name[81]; /* GB18030 */
    enum exchange exchange;
    char product_class; /* ProductClass: '1' futures, '2' options, '6' spot option, '7' TAS,
                           'E' stock ... */
    char unused[3];
    int volume_multiple;
    int lot_step; /* orders come in multiples of it; 0 and 1: any */
    double price_tick;
    int limit_order_volume_min, limit_order_volume_max;
    int market_order_volume_min, market_order_volume_max; /* max 0: not limited */
    char position_date_type; /* '1' today and history in two rows, '2' in one */
    bool larger_side;        /* MaxMarginSideAlgorithm */
    bool close_today_first;
    bool same_day_sale; /* shares: lots bought today may be sold today */
    char
        group_id[31]; /* ProductGroupID for the larger side; the product itself unless configured */
    char sessions[16];   /* trading session group of share/sessions.csv: "N0230" */
    char underlying[31]; /* options and TAS: the product of the underlying; "" none */
    char unused3[6];
    double price_limit_ratio;           /* 0.1 = 10 %; TAS: the largest distance, a price */
    double price_limit_warned;          /* shares: that of risk-warned ones; 0: the same */
    struct margin_rate margin;          /* the broker's */
    struct margin_rate exchange_margin; /* the exchange's */
    struct commission_rate commission;
    enum option_margin_kind option_margin;
    char unused4[4];
    double option_margin_adjust, option_guarantee_ratio, option_margin_min;
    /* shares: the least fee of an order, and of turnover: stamp duty of sales, transfer fee of both
     */
    double commission_min, stamp_duty, transfer_fee;
};

struct instrument {
    char id[81];
    char name[81]; /* GB18030 */
    char unused[2];
    uint32_t product;
    enum exchange exchange;
    char product_class;
    char options_type;    /* '1' call, '2' put, NUL none */
    char inst_life_phase; /* InstLifePhase '1' started */
    bool is_trading;
    int delivery_year, delivery_month;
    int create_date, open_date, expire_date, start_deliv_date,
        end_deliv_date; /* yyyymmdd, 0 = unknown */
    int volume_multiple;
    double price_tick;
    int limit_order_volume_min, limit_order_volume_max, market_order_volume_min,
        market_order_volume_max;
    char position_date_type;
    bool larger_side, close_today_first;
    bool pre_is_held; /* today's pre_settlement was corrected: ticks that say another are not heard
                       */
    char unused2[4];
    struct margin_rate margin, exchange_margin;
    struct commission_rate commission;
    double strike_price; /* ABSENT_PRICE when it is no option */
    char underlying_id[81];
    char unused3[7];
    double underlying_settlement; /* of an index that is no instrument of ours; ABSENT_PRICE: by
                                     `underlying` */
    uint32_t underlying; /* place of the underlying, UINT32_MAX when it is not in the list; of an
                            index that is not quoted the future of the month stands for it */
    int underlying_multiple;
    enum option_margin_kind option_margin;
    char unused4[4];
    double option_margin_adjust, option_guarantee_ratio, option_margin_min;
    /* prices of the trading day */
    double pre_settlement, last,
        settlement; /* last: newest valid; == pre_settlement before the first trade */
    double upper_limit, lower_limit; /* ABSENT_PRICE when unknown */
    double average; /* Turnover / Volume / multiple of the day, 0 before the first trade */
};
#pragma GCC diagnostic pop

static inline bool instrument_is_option(const struct instrument *instrument)
{
    return instrument->options_type != '\0';
}

/* What is traded at another one's settlement price (TAS); its prices are distances to that. */
static inline bool instrument_is_tas(const struct instrument *instrument)
{
    return instrument->product_class == '7';
}

/* Whether underlying_id names an instrument: of options and of TAS. */
static inline bool instrument_has_underlying(const struct instrument *instrument)
{
    return instrument_is_option(instrument) || instrument_is_tas(instrument);
}

/* Whether the exchange has marked a share as risky: its name begins with "ST" or "*ST" (or, before
 * a reform of its shares, with "SST" or "S*ST"). */
bool instrument_is_risk_warned(const struct instrument *instrument);

/* New terms of an instrument that is known: what the day's prices are stays, and so does what
 * positions and waiting orders are counted in: multiple, tick, rows by PositionDate. */
void instrument_keep(struct instrument *terms, const struct instrument *known);

#define INSTRUMENT_NONE UINT32_MAX /* no place */

struct market {
    struct product *products;
    uint32_t product_count, product_capacity;
    struct index product_index; /* by id and exchange */
    struct instrument *instruments;
    uint32_t instrument_count, instrument_capacity;
    struct index instrument_index; /* by id */
};

/* Makes the look-up tables anew from the arrays: after a snapshot was read into them. */
void market_index(struct market *market);

/* Adds or replaces (same id and exchange) and returns the place. The market copies. */
uint32_t market_put_product(struct market *market, const struct product *product);
uint32_t market_put_instrument(struct market *market, const struct instrument *instrument);

/* Places by id; INSTRUMENT_NONE when there is none. Without an exchange (EXCHANGE_COUNT) the first
 * of that id. */
uint32_t market_find_product(const struct market *market, enum exchange exchange, text id);
uint32_t market_find_instrument(const struct market *market, enum exchange exchange, text id);

/* Whether the id is a code of shares, funds or bonds ("600000"), which says no year or month. */
bool market_is_code(text id);

/* An instrument that is in the ticks but not in the list: its terms from its product ("IF2101" ->
 * IF; month, option kind and strike from the id by the exchange's own pattern; boards of shares by
 * their codes, combinations by the kind in front of the legs). False when no product fits.
 * `exchange` may be EXCHANGE_COUNT; `trading_day` fixes CZCE's one-digit year. */
bool market_derive_instrument(const struct market *market, enum exchange exchange, text id,
                              int trading_day, struct instrument *instrument);

void market_finish(struct market *market);

#endif
