/* state.h: everything that the counter remembers, for the files of the core only. Lasting state is
 * changed by apply.c alone; decide functions (session.c, order_*.c, exchange.c, tick.c, ...) read
 * it and emit effects. Soft state (connections, quotes, queue positions, rate counters) is marked
 * so; it is not in snapshots and not in the hash. Places (uint32_t) in arrays name things; NONE
 * names nothing. */
#ifndef TTS_CORE_STATE_H
#define TTS_CORE_STATE_H

#include "tts/core/core.h"

#define NONE UINT32_MAX

/* A growing array of one kind. */
#define LIST(kind)                \
    struct {                      \
        kind *at;                 \
        uint32_t count, capacity; \
    }

#define LIST_ROOM(list)                                                                      \
    ((list)->count == (list)->capacity                                                       \
         ? (void)((list)->at = list_grow((list)->at, &(list)->capacity, sizeof *(list)->at)) \
         : (void)0)

/* Appends one element, to be written as a whole, and gives its address. */
#define LIST_NEXT(list) (LIST_ROOM(list), &(list)->at[(list)->count++])

/* Appends one zeroed element and gives its address. */
#define LIST_ADD(list)                                                           \
    (LIST_ROOM(list), memset(&(list)->at[(list)->count], 0, sizeof *(list)->at), \
     &(list)->at[(list)->count++])

void *list_grow(void *at, uint32_t *capacity, size_t size) __attribute__((cold));

/* ---- who ---- */

/* Lasting structs are saved and hashed as memory, so each byte has a name: no padding. */
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"
struct user {
    char id[16];         /* as long as a field UserID, zeros behind its end */
    char hash[128];      /* of the password */
    char fund_hash[128]; /* of the fund password; empty: none asked for */
    bool active;
    bool must_change_password;
    char unused[2];
    int failures;        /* wrong passwords in a row */
    char last_login[18]; /* yyyymmddHH:MM:SS */
    char unused2[2];
    int password_day; /* trading day on which the password was set */
    LIST(uint32_t)
    investors; /* places of accounts that the user may act for; the first is the default */
    LIST(uint32_t) flow; /* places of flow messages, today */
    uint32_t sessions;   /* soft: logged in now */
    char unused3[4];
};

/* What an account is beside its money; same place as in ledger.accounts. */
struct investor {
    char name[81]; /* GB18030 */
    bool active, close_only;
    uint8_t channel; /* place in core.channels */
    int confirm_day; /* trading day of the settlement confirmation, 0 none */
    int confirm_second;
    char unused2[4];
    double initial_deposit;
    double bank_balance;
    LIST(uint32_t) users;
    uint32_t first_order; /* newest first, by order.next_of_account */
    uint32_t live_orders, condition_orders, parked_orders;
};

/* What an operator allows, see account_rule.h. */
enum rule_kind { RULE_RIGHT, RULE_POSITION_LIMIT, RULE_MAKER };
enum rule_of { RULE_OF_INSTRUMENT, RULE_OF_PRODUCT, RULE_OF_EVERYTHING, RULE_SCOPES };
enum right { RIGHT_ALL, RIGHT_CLOSE_ONLY, RIGHT_NONE };
struct account_rule {
    enum rule_kind kind;
    uint32_t account; /* NONE: every account */
    enum rule_of scope;
    uint32_t of;   /* place of the instrument or product, 0 for everything */
    int32_t value; /* enum right; lots of one direction; 1 a market maker, 0 none */
};

/* A login, for the day; orders keep its place. */
struct session {
    int32_t session_id;
    uint32_t user;
    int64_t order_ref;  /* largest accepted */
    char broker_id[11]; /* as sent */
    char user_product_info[11];
    char unused[2];
    uint32_t pattern; /* blob of the newest InputOrder kept whole, see order_pattern.h; NONE */
    char unused2[4];
};
#pragma GCC diagnostic pop

/* Soft: a connection. */
struct connection {
    bool connected, md, logged_in;
    bool authenticated;
    char auth_user[16], auth_broker[11], auth_product[11];
    uint32_t user;                   /* NONE until logged in */
    uint32_t session;                /* place of the session; NONE until logged in */
    uint32_t may_change_password_of; /* user refused with 131, 140, 141 */
    struct core_peer peer;
    char broker_id[11];
    char login_stamp[18]; /* yyyymmddHH:MM:SS */
    int64_t query_second;
    int queries; /* in query_second */
};

/* ---- orders and trades of the day ---- */

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"
/* The part of an order that changes; flow messages keep copies of it. */
struct order_state {
    char status; /* OrderStatus */
    char submit_status;
    uint8_t refusal; /* exchange's reason: enum exchange_refusal, 0 none */
    char unused[1];
    int traded, total;
    int zce_traded;
    int64_t system_number; /* OrderSysID; 0 none yet */
    uint32_t sequence_no, notify_sequence;
    int insert_date, insert_second;
    int update_second, cancel_second; /* -1: empty */
    uint32_t active_user;             /* NONE */
    uint32_t words; /* of a refusal from outside: its blob + 1; 0: `refusal` says it */
    double limit_price;
};

struct order {
    uint32_t account, instrument, user, session;
    uint32_t next_of_account;
    uint32_t cancel_number; /* ActionLocalID of its newest cancel; 0 none */
    int64_t order_ref;
    int32_t front_id, session_id, request_id;
    char direction, price_type, time_condition, volume_condition, contingent_condition, order_type;
    char offset[5], hedge[5]; /* as shown: CombOffsetFlag, CombHedgeFlag */
    bool live;                /* status a, 1, 3, b */
    bool cancel_pending;
    bool at_exchange; /* in the matcher */
    uint8_t channel;  /* that took it: place in core.channels */
    int volume, min_volume;
    double stop_price;
    int64_t local_number, broker_order_seq;
    int64_t condition_number; /* TJBD_n; 0: no condition order */
    uint32_t parent;          /* the condition order that it came from; NONE */
    uint32_t quote;           /* place of the quote that it is a leg of; NONE */
    uint32_t request;         /* blob: the InputOrder, see order_pattern.h */
    uint32_t leg_count;       /* 1; 2 for combinations */
    struct ledger_order leg[2];
    struct order_state state;
};

/* The instrument of a leg's trades: its own, but for TAS, whose lots are its underlying's. */
static inline uint32_t order_traded_instrument(const struct order *order, uint32_t leg)
{
    return order->leg[leg].at_settlement ? order->instrument : order->leg[leg].instrument;
}

struct trade {
    uint32_t order;
    uint8_t leg;
    char offset, trade_type, price_source;
    int64_t number; /* TradeID */
    double price;
    int volume;
    uint32_t sequence_no;
    int trade_date, trade_second;
    double commission, close_profit, cash;
};

/* A piece of packed bytes in core.bytes. */
struct blob {
    uint64_t offset; /* a busy day has more than 4 GiB of them */
    uint32_t length;
    uint32_t
        pattern; /* of an InputOrder kept as differences: the blob that it differs from; NONE */
};

/* ---- flows ---- */

enum flow_kind { FLOW_ORDER, FLOW_TRADE, FLOW_BODY };

struct flow_message {
    uint32_t kind;
    uint32_t place;           /* order, trade or blob (body packed, canonical layout) */
    struct order_state state; /* FLOW_ORDER: as it was then */
    uint16_t callback;        /* FLOW_BODY: enum ctp_method */
    bool has_rsp_info;        /* FLOW_BODY: the packed RspInfo follows the body in the blob */
    char unused[5];
};

/* A settlement statement, until it is stored elsewhere; its text (GB18030) stands in
 * core.statement_bytes. */
struct statement {
    uint32_t account, length;
    int32_t trading_day, settlement_id;
    uint64_t offset;
};

/* Money that came or went today, for the statement. */
enum cash_kind {
    CASH_BY_OPERATOR,
    CASH_BY_BANK,
    CASH_BY_RESET,
    CASH_BY_ADJUSTMENT,
    SHARES_BY_ADJUSTMENT
};
struct cash_movement {
    uint32_t account;
    enum cash_kind kind;
    double amount;       /* deposits above 0; SHARES_...: the price of a share */
    uint32_t instrument; /* SHARES_...; NONE */
    int32_t lots;
};

/* ---- the exchanges ---- */

struct exchange_numbers {
    int64_t system, trade, local, condition, action_local; /* last given */
    uint32_t sequence;
    char unused[4];
};

struct product_status {
    char status; /* InstrumentStatus; NUL: none yet */
    char enter_reason;
    char unused[2];
    int segment, enter_second;
};
#pragma GCC diagnostic pop

struct instrument_state { /* same place as market.instruments */
    bool book_mode;
    bool has_quote;     /* soft */
    struct quote quote; /* soft in quote mode; book mode: see book_day */
    uint32_t average;   /* soft: place + 1 in core.averages, 0 none */
};

/* Soft: volume and turnover of the day as they stood at each quarter of an hour. */
enum { DAY_QUARTERS = 96 };
struct day_average {
    int quarter; /* of the newest quote: the first one that is not before it */
    int second;  /* of the newest quote */
    int volume[DAY_QUARTERS + 1];
    double turnover[DAY_QUARTERS + 1];
};

/* Soft: an address whose logins or authentications failed on that trading day. */
enum { KNOCKERS_MAX = 1024 };
struct knocker {
    char address[64];
    int day;
    int failures[2]; /* by enum knock */
};

/* Soft: a StatusMsg without an exchange's reason, GB18030. */
struct status_text {
    char status, submit_status;
    char text[79];
};

/* Soft: from where a user logged in for trading on that trading day (md_login_verify). */
struct entrance {
    uint32_t user;
    int day;
    char address[64], broker_id[11];
};

/* ---- the whole ---- */

/* Channels of orders, see channel.h; the simulated exchange is the first. */
enum { CHANNEL_SIM = 0, CHANNELS_MAX = 8 };
struct order_channel;

struct core {
    struct core_options options;
    struct core_sink sink;
    void (*flow_grew)(void *user, uint32_t user_place); /* soft: core_watch_flows; NULL: nobody */
    void *flow_watcher;
    const struct order_channel *channels[CHANNELS_MAX]; /* soft: what this program has */
    uint32_t channel_count;
    enum channel_state channel_states[CHANNELS_MAX]; /* soft: as the line of each is now */
    struct core_time now;                            /* soft */
    bool recovering;                                 /* soft: effects are applied, not decided */
    int trading_day;
    struct market market;
    uint32_t asked_instrument; /* soft: the newest that a request named with its exchange */
    struct ledger ledger;
    LIST(struct instrument_state) instruments;
    LIST(struct product_status) statuses; /* by product place */
    LIST(struct user) users;
    struct index user_index;
    LIST(struct investor) investors; /* by account place */
    struct index account_index;
    LIST(struct account_rule) rules;
    LIST(struct session) sessions;
    int32_t last_session_id;
    LIST(struct connection) connections; /* soft */
    LIST(struct knocker) knockers;       /* soft */
    uint32_t knocker_next;
    LIST(struct entrance) entrances; /* soft; none twice on a day */
    LIST(struct order) orders;
    struct index order_by_system,
        order_by_ref; /* by (exchange, system number), (session id, ref) */
    LIST(struct trade) trades;
    int64_t broker_order_seq;
    struct exchange_numbers numbers[EXCHANGE_COUNT];
    LIST(struct blob) blobs;
    struct buffer bytes; /* of the blobs */
    LIST(struct flow_message) messages;
    LIST(uint32_t) public_flow;        /* places of messages */
    LIST(struct cash_movement) cash;   /* of the day */
    LIST(struct day_average) averages; /* soft: of instruments that settle at an hour's average */
    struct buffer feed_position;
    LIST(struct statement) statements;
    struct buffer statement_bytes;
    struct settled_day *settled_day; /* day/settled_day.h: what the last settlement began with */
    struct records *records;         /* records.h: quotes, exercises, parked orders, combinations,
                                        transfers, statements */
    struct matching *matching; /* exchange.c: books and quote matchers; soft where they say so */
    /* scratch, reused: bodies that core_..._message gives out, and answers */
    struct buffer scratch, record;
    union {
        struct CThostFtdcOrderField order;
        struct CThostFtdcTradeField trade;
        char any[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body;
    struct CThostFtdcRspInfoField rsp_info;
    struct status_text status_texts[32][8]; /* by low bits of both */
};

/* Keys of the order indexes. The numbers of an exchange and the OrderRefs of a session are mostly
 * counted up, so eight neighbours stand together, where one line of the cache serves them, and the
 * eights are scattered: longer runs would grow into one another. */
static inline uint64_t counted_key(uint64_t whose, int64_t number)
{
    uint64_t eight = (uint64_t)number >> 3, within = (uint64_t)number & 7;
    return (hash_number(whose << 40 ^ eight) & ~(uint64_t)7) | within;
}

/* Condition orders ("TJBD_n") share this index with `condition` true. */
static inline uint64_t order_system_key(enum exchange exchange, bool condition, int64_t number)
{
    return counted_key((uint64_t)exchange * 2 + condition, number);
}

static inline uint64_t order_ref_key(int32_t session_id, int64_t order_ref)
{
    return counted_key((uint32_t)session_id, order_ref);
}

static inline struct instrument *core_instrument(struct core *core, uint32_t place)
{
    return &core->market.instruments[place];
}

#endif
