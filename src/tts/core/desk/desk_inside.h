/* desk_inside.h: what the files of the order desk and of the simulated exchange share, and nobody
 * else sees: the matchers' state, the phase of an instrument, and the steps of an order at the
 * exchange. The words E1..E9, X1..X7 are those of docs/tts-orders.md: E are the events in an
 * order's life, X the exchange's reasons to refuse. */
#ifndef TTS_CORE_DESK_DESK_INSIDE_H
#define TTS_CORE_DESK_DESK_INSIDE_H

#include "tts/core/desk/desk.h"
#include "tts/core/matching/auction.h"
#include "tts/core/matching/quote_match.h"

/* ---- the matchers ---- */

/* Places of orders, ascending: the order of acceptance. */
struct places {
    uint32_t *at;
    uint32_t count, capacity;
};

void places_add(struct places *places, uint32_t place);
void places_remove(struct places *places, uint32_t place); /* no-op when it is not in */

/* Where one instrument's orders meet. Orders and the tape follow effects; what was published when
 * is soft. */
struct bench {
    bool ready;            /* the fields below and the quote matcher know the instrument */
    bool changed;          /* the book's depth is not the published one */
    bool buyer_opens;      /* of the match whose seller's trade comes next */
    struct book book;      /* book mode; pool NULL in quote mode */
    struct book_tape tape; /* book mode: the day so far */
    double previous_close; /* ABSENT_PRICE when nobody remembers it */
    double pre_open_interest;
    struct places held;       /* touch orders that the exchange keeps outside its book */
    struct places conditions; /* live condition orders of the counter */
    int64_t published_ms;     /* exchange time of the newest published depth */
};

/* Soft: requests of a user in one second of the wall clock, by kind. */
enum rate_kind { RATE_ORDERS, RATE_ACTIONS, RATE_KIND_COUNT };
struct rate {
    int64_t second[RATE_KIND_COUNT];
    int count[RATE_KIND_COUNT];
};

/* A combination whose quote is made of its legs', unless the feed has quotes of it. */
struct spread {
    uint32_t instrument, legs[2];
    bool fed;
};

/* Soft: a session's pattern, see order_pattern.h. */
enum { INPUT_WORDS = sizeof(struct CThostFtdcInputOrderField) / 8 };
struct input_pattern {
    uint32_t follows; /* the blob that `input` was read from, + 1; 0: none yet */
    struct CThostFtdcInputOrderField input;
};

struct matching {
    struct book_pool pool;
    struct quote_match quote;
    LIST(struct bench) benches;  /* by instrument */
    LIST(struct rate) rates;     /* by user */
    LIST(uint32_t) changed;      /* instruments whose bench says so */
    struct places combinations;  /* waiting orders of two legs */
    LIST(struct spread) spreads; /* soft: the combinations that are listed with both legs */
    uint32_t spreads_known;      /* instruments of the market when they were looked for */
    int64_t wall_second;         /* of wall_date and wall_time, which many orders share */
    int wall_date, wall_time;
    int replay_date, replay_days; /* a date and clock_date_to_days of it, which orders share */
    /* scratch of one decision */
    struct match_fills fills;
    struct auction_pairs pairs;
    const struct match_fill
        *filling; /* the plan's line that the trade effect under way comes from; NULL in recovery */
    struct buffer packed;
    /* soft: order_pattern.c */
    LIST(struct input_pattern) patterns; /* by session */
    const struct ctp_layout *input_layout;
    uint8_t first_field[INPUT_WORDS], behind_field[INPUT_WORDS]; /* of the layout, by word */
    uint64_t text_words; /* those in which a text field stands */
};

/* Learns which fields stand in which words. Once, when input_layout is set. */
void order_pattern_index(struct matching *matching);

/* Check 7 of one field: true when it is no text, too. */
bool desk_is_clean_field(const struct ctp_field *field, const void *body);

/* matching.c: bench_of for the first time. */
struct bench *bench_make_ready(struct core *core, uint32_t instrument);

/* The bench of an instrument, made ready. Valid until the next call for another one. */
static inline struct bench *bench_of(struct core *core, uint32_t instrument)
{
    struct matching *matching = core->matching;
    if (instrument < matching->benches.count && matching->benches.at[instrument].ready)
        return &matching->benches.at[instrument];
    return bench_make_ready(core, instrument);
}

/* As queue_ahead of an E2 after which the order does not wait: matching_order_queued leaves it out
 * of the book; what fills leave over enters with them. */
enum { MATCHING_DOES_NOT_WAIT = -1 };

/* Whether fills against quotes take at most the displayed sizes. */
static inline bool sizes_limit_fills(const struct core_options *options)
{
    if (options->limit_by_displayed_size == SIZES_BY_PROFILE)
        return options->match_profile != QUOTE_TOUCH;
    return options->limit_by_displayed_size == SIZES_LIMIT;
}

/* Counts one more request; true when that is beyond `limit` in a second (0: no limit). */
bool rate_exceeded(struct core *core, uint32_t user, enum rate_kind kind, int limit);

/* Quote mode: the matcher learns whether orders are collected for the opening auction. */
void bench_follow_phase(struct core *core, uint32_t instrument);

/* Book mode: the depth changed; it will be published when its time comes. */
void bench_changed(struct core *core, uint32_t instrument);

/* ---- kinds of instruments ---- */

enum instrument_kind {
    KIND_FUTURE,
    KIND_OPTION,
    KIND_COMBINATION,
    KIND_OPTION_COMBINATION, /* CZCE's STD and STG */
    KIND_TAS,
    KIND_STOCK, /* stocks, bonds, funds */
    KIND_INDEX, /* quoted, never traded */
};

enum instrument_kind instrument_kind(const struct instrument *instrument);

/* ---- phases (money 8.3) ---- */

enum phase { PHASE_CONTINUOUS, PHASE_AUCTION, PHASE_AUCTION_MATCH, PHASE_BREAK, PHASE_CLOSED };

/* Of the instrument's product. No status yet, or always_open: continuous. */
enum phase exchange_phase(const struct core *core, uint32_t instrument);

/* Whether the exchange takes a cancel now. */
bool exchange_takes_cancel(const struct core *core, uint32_t instrument);

/* ---- the exchange's checks ---- */

enum exchange_refusal {
    EXCHANGE_TAKES,
#define EXCHANGE_REFUSAL(name, number, dce, czce, text) EXCHANGE_##name,
#include "tts/core/desk/exchange_refusals.def"
#undef EXCHANGE_REFUSAL
    EXCHANGE_REFUSAL_COUNT,
};

/* X1..X6 in their order. With price_checks_at_counter the counter asks the same of X1..X4 before.
 */
enum exchange_refusal exchange_judge(struct core *core, const struct order *order);

/* X4 alone. */
bool exchange_takes_volume(const struct core *core, const struct order *order);

/* A thousandth of a tick is the grain in which prices that need not be on a tick compare. */
int64_t price_in_grains(double price, double tick);

/* Whether a book can hold it at all. What a client wrote into a market order's price need not be.
 */
bool price_is_bookable(double price, double tick);

/* The last tick at or below a price: CZCE cuts. */
double price_cut_to_tick(double price, double tick);

static inline bool order_is_limit(const struct order *order)
{
    return order->price_type == THOST_FTDC_OPT_LimitPrice;
}

/* Touch orders are the exchange's: it keeps them until the last price touches their stop price. */
static inline bool order_is_touch(const struct order *order)
{
    return order->contingent_condition == THOST_FTDC_CC_Touch ||
           order->contingent_condition == THOST_FTDC_CC_TouchProfit;
}

/* A touch order waits outside the book until its second E2 or its first trade. */
static inline bool order_is_held(const struct order *order)
{
    return order_is_touch(order) && order->state.notify_sequence < 2 && order->state.traded == 0;
}

/* ---- an order at the exchange (exchange.c) ---- */

/* E1 is done: E2..E7. */
void exchange_arrive(struct core *core, uint32_t place);

/* A waiting order of a combination: the quote of one of its legs is new. */
void exchange_match_legs(struct core *core, uint32_t place);

/* A held order was touched: it is matched as its type says. */
void exchange_touch(struct core *core, uint32_t place);

/* A client's cancel, whose E5 is out: E6, or E8 when the exchange refuses it. */
void exchange_ask_cancel(struct core *core, uint32_t place, uint32_t user,
                         const struct CThostFtdcInputOrderActionField *input);

/* E7 */
void exchange_refuse(struct core *core, uint32_t place, enum exchange_refusal refusal);

/* E6. `by`: the client's user whose cancel it is, or NONE. */
void exchange_cancel(struct core *core, uint32_t place, uint32_t by);

/* The fills in matching.fills of waiting orders of one instrument (quote mode). */
void exchange_fill_waiting(struct core *core, uint32_t instrument);

/* The pairs in matching.pairs trade at one price (book mode). */
void exchange_uncross(struct core *core, uint32_t instrument, int64_t price);

/* ---- what every exchange's returns have in common (order_returns.c) ---- */

/* These complete the effect whose state has the exchange's numbers, times and prices, and emit it:
 * E2; E4, with the trade's lots counted unless the order was cancelled before; E6, `by` a client's
 * user or NONE; E7, `words` (GB18030) where state.refusal does not say it. A quote ends with its
 * last leg. */
void order_tell_queued(struct core *core, struct effect_order_queued *effect);
void order_tell_traded(struct core *core, struct effect_order_traded *effect);
void order_tell_cancelled(struct core *core, struct effect_order_cancelled *effect, uint32_t by);
void order_tell_refused(struct core *core, struct effect_order_refused *effect, text words);

/* E8: all sessions of the account hear that the cancel was refused. `why` is UTF-8. */
void order_tell_cancel_refused(struct core *core, uint32_t place,
                               const struct CThostFtdcInputOrderActionField *input, text why);

/* ---- conditions (condition.c) ---- */

bool order_is_condition(char contingent_condition);

/* Fires what the quote meets: the counter's conditions, then the exchange's touch orders. */
void condition_check(struct core *core, uint32_t instrument, const struct quote *quote);

/* The same for one order that was just accepted. */
void condition_check_new(struct core *core, uint32_t place);
void condition_check_held(struct core *core, uint32_t place);

/* ---- publishing (tick.c) ---- */

/* Shows subscribers the newest quote of an instrument. */
void tick_publish(struct core *core, uint32_t instrument);

/* Publishes the books whose time has come: at most one depth in 500 ms of exchange time for each
 * instrument. */
void tick_publish_due(struct core *core);

#endif
