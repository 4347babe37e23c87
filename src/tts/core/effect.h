/* effect.h: the effects, for the files of the core only: everything that can happen to lasting
 * state. An effect in the journal is a struct effect_head, the kind's struct, and for some kinds
 * bytes behind it; all of it is little-endian x86-64 memory, 8-byte aligned. EFFECT_FORMAT goes up
 * when a struct changes; a journal of another format is refused at start.
 *
 * An effect holds every value that its application needs and that is not lasting state: stamps,
 * prices that decided, numbers given. Applying is deterministic and cannot fail on effects that
 * were decided (asserted). */
#ifndef TTS_CORE_EFFECT_H
#define TTS_CORE_EFFECT_H

#include "tts/core/state.h"

enum { EFFECT_FORMAT = 6 };

/* These structs are journaled as memory, so each byte has a name: no padding. */
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"
struct effect_head {
    uint16_t kind;   /* enum effect_kind */
    uint16_t more;   /* zero bytes at the end that pad the whole, 0..7 */
    uint32_t length; /* of the whole, head and padding included: a multiple of 8 */
};
#pragma GCC diagnostic pop

/* name, struct: the struct is effect_<name>. Later kinds are added at the end. */
#define EFFECT_KINDS(X)                                                                            \
    X(product_put)    /* struct product */                                                         \
    X(instrument_put) /* struct instrument + mode */                                               \
    X(user_put)       /* a user and its investor */                                                \
    X(user_changed)   /* password, flags, failures */                                              \
    X(granted)        /* user may (not) act for investor */                                        \
    X(investor_changed)                                                                            \
    X(cash_moved)                                                                                  \
    X(rate_put)                                                                                    \
    X(login)                                                                                       \
    X(confirmed)       /* settlement confirmation */                                               \
    X(order_accepted)  /* E1 (also b: condition orders) + the InputOrder as received */            \
    X(order_queued)    /* E2 */                                                                    \
    X(order_returned)  /* E3, E5: a repeat on the exchange's or the canceller's return */          \
    X(order_traded)    /* E4 */                                                                    \
    X(order_cancelled) /* E6 */                                                                    \
    X(order_refused)   /* E7 + words of an outside channel, GB18030 */                             \
    X(order_triggered) /* E9: condition order met */                                               \
    X(message)         /* a private or public message kept as bytes: OnErrRtn..., notices */       \
    X(status_changed)  /* product status; public flow */                                           \
    X(feed_noted)      /* position of the feed */                                                  \
    X(day_settled)     /* settlement prices; everything of 4.2 */                                  \
    X(record)        /* the other objects: quotes, exercises, parked orders, ...; see records.h */ \
    X(lots_frozen)   /* exercise or abandon of option lots, asked or taken back */                 \
    X(bank_moved)    /* a transfer between the simulated bank and the account */                   \
    X(pair_changed)  /* lots of two legs tied in a combination, or untied */                       \
    X(rule_put)      /* an operator's right or position limit */                                   \
    X(cash_adjusted) /* an operator's correction: dividends, errors */                             \
    X(channel_set)   /* where an account's orders go */                                            \
    X(shares_added)  /* bonus shares, splits, rights */                                            \
    X(statements_stored) /* the oldest statements are kept elsewhere */                            \
    X(day_settled_again) /* the day before once more, with corrected prices */                     \
    X(params_set)        /* BrokerTradingParams of all accounts */                                 \
    X(money_set)         /* Credit, Mortgage or Reserve of an account, by an operator */

enum effect_kind {
#define X(name) EFFECT_##name,
    EFFECT_KINDS(X)
#undef X
        EFFECT_KIND_COUNT,
};

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"
struct effect_product_put {
    struct product product;
};
struct effect_instrument_put {
    struct instrument instrument;
    uint32_t book_mode, unused;
};
struct effect_user_put {
    char id[16];
    char hash[128];
    char name[81];
    bool must_change_password;
    char unused[6];
    double deposit;
};
struct effect_user_changed {
    uint32_t user;
    uint32_t active, must_change_password, failures;
    char hash[128], fund_hash[128]; /* empty: unchanged */
};
struct effect_granted {
    uint32_t user, account, allowed;
};
struct effect_investor_changed {
    uint32_t account, active, close_only;
};
struct effect_cash_moved {
    uint32_t account, unused;
    double amount;
};
struct effect_rate_put {
    struct rate_override rate;
};
struct effect_login {
    uint32_t user;
    int32_t session_id;
    char broker_id[11], user_product_info[11];
    char stamp[18];
};
struct effect_confirmed {
    uint32_t account;
    int32_t day, second;
};

/* The newest prices of an instrument that the ledger's arithmetic looks at; apply installs them
 * before it books. */
struct effect_prices {
    double last, average;
};

struct effect_order_accepted {
    struct order order; /* complete; place = orders.count at application; request = NONE */
    struct effect_prices prices[2]; /* by leg */
    uint32_t request_length;        /* of the InputOrder behind the struct, see order_pattern.h */
    uint32_t request_differs;       /* 1: as differences from the session's pattern */
};
struct effect_order_queued {
    uint32_t order, unused;
    struct order_state state;
    int64_t queue_ahead; /* quote mode: see quote_match.h */
};
struct effect_order_returned {
    uint32_t order, cancel_pending;
    uint32_t by_client; /* 1: E5, a cancel takes the next ActionLocalID */
    uint32_t quiet;     /* 1: nobody is told */
    struct order_state state;
};
struct effect_order_traded {
    uint32_t order;
    uint32_t leg;
    struct order_state state; /* after the trade */
    struct trade trade;       /* order and leg are in it too; fees are filled at application */
    struct effect_prices prices;
    uint32_t quiet_order; /* 1: no OnRtnOrder before the OnRtnTrade (second leg) */
    uint32_t unused;
};
struct effect_order_cancelled {
    uint32_t order, by_client;
    struct order_state state;
};
struct effect_order_refused {
    uint32_t order;
    uint32_t words_length; /* behind the struct; 0: state.refusal says it */
    struct order_state state;
};
struct effect_order_triggered {
    uint32_t order, unused;
    struct order_state state;
};
struct effect_message {
    uint32_t user;     /* one user's flow; NONE: */
    uint32_t account;  /* the flows of all users of the account; NONE too: the public flow */
    uint32_t callback; /* enum ctp_method of TraderSpi */
    uint32_t has_rsp_info;
    uint32_t length; /* packed body (canonical), then packed RspInfo, behind the struct */
};
struct effect_status_changed {
    uint32_t product;
    struct product_status status;
};
struct effect_feed_noted {
    uint32_t length;
};
struct effect_day_settled {
    int32_t next_trading_day;
    uint32_t unused;
    double reset_below; /* accounts below start anew with their initial deposit; 0: none */
    uint32_t count,
        unused2; /* that many doubles behind the struct: settlement prices by instrument place */
};

struct effect_day_settled_again {
    double reset_below;
    uint32_t count, unused; /* as above */
};

struct effect_params_set {
    struct trading_params params;
};

struct effect_statements_stored {
    uint32_t count, unused;
};

struct effect_record {
    uint32_t kind;  /* enum record_kind of records.h */
    uint32_t place; /* of the record; its count: a new one */
};
struct effect_lots_frozen {
    uint32_t row;
    int32_t exercised, abandoned; /* lots; negative: taken back */
};
struct effect_pair_changed {
    struct ledger_pair pair; /* its lots: those that are tied or untied */
    uint32_t tied, unused;
};
struct effect_rule_put {
    struct account_rule rule;
    uint32_t removed;
};
struct effect_shares_added {
    uint32_t account, instrument;
    int32_t lots;
    uint32_t unused;
    double price;
};
struct effect_channel_set {
    uint32_t account, channel;
};
struct effect_cash_adjusted {
    uint32_t account, unused;
    double amount;
};
struct effect_money_set {
    uint32_t account, kind; /* enum account_money */
    double amount;
};
struct effect_bank_moved {
    uint32_t account, unused;
    double amount; /* into the account above 0 */
};
#pragma GCC diagnostic pop

/* Emits: journals through the sink, then applies. `more` are the bytes behind the struct. */
#define X(name)                                                                    \
    void effect_emit_##name(struct core *core, const struct effect_##name *effect, \
                            const void *more, size_t more_length);
EFFECT_KINDS(X)
#undef X
#define EMIT(core, name, effect) effect_emit_##name(core, effect, NULL, 0)

#endif
