/* core.h: the counter itself: a deterministic state machine without socket, clock, thread or file.
 * The server around it gives it requests, quotes, time and operators' commands; the core decides,
 * and everything that changes is an effect. An effect goes to the journal first (through the sink)
 * and is then applied; apply is the only thing that changes lasting state, so a restart that
 * applies the journal's effects again stands where the last run stood. What the core tells clients
 * (answers through the sink, flows by core_flow_...) must be shown to nobody before the journal has
 * the effects; holding it back is the server's duty.
 *
 * One thread. Bodies are canonical structs (ctp/canonical.h); texts in them are GB18030. */
#ifndef TTS_CORE_CORE_H
#define TTS_CORE_CORE_H

#include "base/buffer.h"
#include "ctp/canonical.h"
#include "tts/core/ledger/ledger.h"
#include "tts/core/market/instrument.h"
#include "tts/core/market/quote.h"

struct core;

/* ---- options ---- */

enum fill_profile { QUOTE_TOUCH, QUOTE_CROSS, QUOTE_QUEUE };
/* Whether a fill takes at most what a quote shows. By profile: not with touch. */
enum displayed_sizes { SIZES_BY_PROFILE, SIZES_LIMIT, SIZES_IGNORED };
enum self_trade { SELF_TRADE_ALLOW, SELF_TRADE_REJECT_NEW, SELF_TRADE_CANCEL_OLD };
enum trade_price { TRADE_PRICE_MIDDLE, TRADE_PRICE_RESTING };
/* BrokerTradingParams, see core_params_of. */
enum margin_price {
    MARGIN_AT_OPEN_PRICE,
    MARGIN_AT_PRE_SETTLEMENT,
    MARGIN_AT_LAST,
    MARGIN_AT_AVERAGE
};
enum profit_counted { PROFIT_ALL, PROFIT_ONLY_LOST, PROFIT_ONLY_GAIN, PROFIT_NONE };
enum royalty_price { ROYALTY_AT_MAX, ROYALTY_AT_PRE_SETTLEMENT, ROYALTY_AT_OPEN_PRICE };
enum core_profile { PROFILE_TTS, PROFILE_CTP };

/* A terminal that authenticates itself; users and addresses that may use it, with commas between,
 * empty: all. */
struct core_terminal {
    char app_id[33], auth_code[17];
    char users[256], addresses[256];
};

enum { CORE_TERMINALS_MAX = 32 };

struct core_options {
#define OPTION_TYPE_BOOL(low) bool
#define OPTION_TYPE_INT(low) int
#define OPTION_TYPE_NUMBER(low) double
#define OPTION_TYPE_CHOICE(low) enum low
#define OPTION(type, name, tts, ctp, low, high) OPTION_TYPE_##type(low) name;
#include "tts/core/options.def"
#undef OPTION
    char broker_id[11]; /* with broker_check; also the member id shown in orders, "9999" when empty
                         */
    char system_name[61]; /* "Tick Trading System" */
    char version[41];     /* SysVersion */
    char notice[501];     /* ReqQryNotice, UTF-8 */
    int front_id;         /* 1 and up */
    struct core_terminal
        terminals[CORE_TERMINALS_MAX]; /* with authenticate; none: any terminal is taken */
    int terminal_count;
    char black_list[1024]; /* addresses that may neither authenticate themselves nor log in */
    struct trading_params params; /* that a new state begins with; see core_set_params */
};

struct core_options core_options_of(enum core_profile profile);

/* BrokerTradingParams as the options' keys say. */
struct trading_params core_params_of(const struct core_options *options);

/* ---- what the core asks of the server ---- */

/* A settlement statement (结算单) of an account and trading day, GB18030. Borrowed. */
struct core_statement {
    text account;
    int trading_day, settlement_id;
    text body;
};
typedef void (*core_take_statement)(void *context, const struct core_statement *statement);

struct core_sink {
    void *user;
    /* An effect, to be journaled in this order. The bytes are 8-byte aligned and valid during the
     * call. */
    void (*effect)(void *user, const void *bytes, size_t length);
    /* Instead of `effect` where it is set: room for an effect of `length` bytes, which the core
     * writes before it calls anything else. */
    char *(*effect_room)(void *user, size_t length);
    /* An answer to one connection: `callback` is of the Trader or Md Spi; `body` and `rsp_info`
     * (struct CThostFtdcRspInfoField) may be NULL. Valid during the call: the server encodes it at
     * once and sends it when the effects so far are durable. */
    void (*answer)(void *user, uint32_t connection, enum ctp_method callback, const void *body,
                   const struct CThostFtdcRspInfoField *rsp_info, int request_id, bool is_last);
    /* The connection's login succeeded (called before its answer): its flows start. */
    void (*logged_in)(void *user, uint32_t connection);
    /* Close after what was answered has been sent: logout, rollover. */
    void (*close)(void *user, uint32_t connection);
    /* Market data to subscribers: a quote made by the core's own book, or one that was passed to
     * core_quote, after stamping. */
    void (*tick)(void *user, uint32_t instrument,
                 const struct CThostFtdcDepthMarketDataField *tick);
    void (*for_quote)(void *user, uint32_t instrument,
                      const struct CThostFtdcForQuoteRspField *body);
    /* A line for the log. */
    void (*log)(void *user, const char *line);
    /* Statements that the server has stored (core_statements_stored): gives `take` those of the
     * account and the trading days from first_day to last_day, oldest first, of each day that of
     * the newest settlement; with first_day 0 only the newest day's. NULL: it stores none. */
    void (*statements)(void *user, text account, int first_day, int last_day,
                       core_take_statement take, void *context);
};

/* ---- life ---- */

/* An empty core for `trading_day`; options and sink are copied. */
struct core *core_create(const struct core_options *options, const struct core_sink *sink,
                         int trading_day);
void core_destroy(struct core *core);

/* Room for a day of `orders`, made and touched now: until then no order waits for memory to grow.
 * Nothing but speed depends on it. */
void core_reserve(struct core *core, uint32_t orders);

/* Three clocks: the wall (broker side) and the replay (exchange side). Set before each input;
 * effects carry their own stamps. */
struct core_time {
    int64_t wall_us;   /* since 1970 UTC */
    int replay_date;   /* natural day, yyyymmdd */
    int replay_second; /* of that day, Beijing time */
    int replay_millisecond;
};
void core_set_time(struct core *core, const struct core_time *now);

/* Goes up when the bytes of effects change: effects of another number are not to be applied. */
int core_effect_format(void);

/* Applies one journaled effect; sink->effect is not called. False: these bytes are no effect of
 * this program version. */
bool core_apply(struct core *core, const void *bytes, size_t length)
    __attribute__((warn_unused_result));

/* The whole lasting state as bytes, and back into a newly created core; false when the bytes are
 * not a snapshot of this format. Soft state (quotes, connections, queue positions) is not in it. */
void core_save(struct core *core, struct buffer *out);
bool core_load(struct core *core, text bytes) __attribute__((warn_unused_result));

/* A 64-bit number over the lasting state: two cores that applied the same effects have the same. */
uint64_t core_hash(struct core *core);

/* ---- connections and requests ---- */

/* The layout in which the core gets and gives a struct: the newest version's, and for the one that
 * is gone from it (QueryMaxOrderVolume) that of its successor, field by field the same. */
const struct ctp_layout *core_layout(enum ctp_struct of);

/* `connection` is the server's number of a connection (small, reused after core_disconnect). */
struct core_peer {
    uint32_t connection;
    bool md; /* the market data side */
    enum ctp_version version;
    char address[64]; /* of the peer, for LoginInfo and black lists */
};
void core_connect(struct core *core, const struct core_peer *peer);
void core_disconnect(struct core *core, uint32_t connection);

enum password_verdict { PASSWORD_NOT_CHECKED, PASSWORD_RIGHT, PASSWORD_WRONG };

struct core_request {
    uint32_t connection;
    enum ctp_method method; /* of TraderApi or MdApi */
    const void *body;       /* canonical struct, NULL when the library sent none */
    int request_id;
    enum password_verdict
        verdict; /* requests with a password: checked by the server against core_user_hash */
    const char *new_hash; /* password changes: the hash of the new password, by the server; NULL
                             otherwise */
};
/* Every request method of the table gets at least one answer. */
void core_request(struct core *core, const struct core_request *request);

/* Md: subscriptions are the server's business but for their answers' limits; see front. */

/* The stored password hash of a user; empty when unknown. Borrowed until the next input. `fund`
 * asks for the fund password. */
const char *core_user_hash(const struct core *core, text user_id, bool fund);

/* ---- flows: pulled by the server for every logged-in connection ---- */

/* Number of messages in the private flow of the connection's user / in the public flow, today.
 * Messages are numbered from 1. */
uint32_t core_private_count(const struct core *core, uint32_t connection);
uint32_t core_public_count(const struct core *core);

/* The place of the user that is logged in on the connection; UINT32_MAX: nobody. */
uint32_t core_connection_user(const struct core *core, uint32_t connection);

/* From now on `grew` is called when the private flow of a user has one more message, so that the
 * counts of a thousand connections need not be asked. Not called by core_apply. */
void core_watch_flows(struct core *core, void (*grew)(void *user, uint32_t user_place), void *user);

struct core_message {
    enum ctp_method callback;
    const void *body;                              /* valid until the next core_... call */
    const struct CThostFtdcRspInfoField *rsp_info; /* OnErrRtn...; else NULL */
};
/* Message `number` as that connection sees it (BrokerID as it logged in with). */
void core_private_message(struct core *core, uint32_t connection, uint32_t number,
                          struct core_message *message);
void core_public_message(struct core *core, uint32_t number, struct core_message *message);

/* ---- market ---- */

/* Products and instruments, from files or ticks. Adding is an effect; the same again is none.
 * Returns the place. */
uint32_t core_put_product(struct core *core, const struct product *product);
uint32_t core_put_instrument(struct core *core, const struct instrument *instrument,
                             bool book_mode);
const struct market *core_market(const struct core *core);

/* A new quote of the feed (true days and times; the core stamps it for the exchange when it is
 * shown). Matches resting orders, fires conditions, publishes the tick. Not journaled itself; but
 * where it brings a new PreSettlementPrice or new limits of an instrument, that is lasting and
 * becomes an effect (instrument_put). `quiet`: only takes the quote in, matches and publishes
 * nothing (recovery). */
void core_quote(struct core *core, const struct quote *quote, bool quiet);

/* The next core_quote of the instrument begins a new pass of the replay inside the same trading
 * day: its increase of volume matches nothing. */
void core_begin_pass(struct core *core, uint32_t instrument);

/* The newest quote; NULL when there is none today. */
const struct quote *core_newest_quote(const struct core *core, uint32_t instrument);

/* The newest tick as CTP shows it; false when there is none. */
bool core_newest_tick(struct core *core, uint32_t instrument,
                      struct CThostFtdcDepthMarketDataField *tick);

/* A product's trading status changes (InstrumentStatus '0'..'6'); goes to the public flow, triggers
 * auctions and parked orders. */
void core_status(struct core *core, uint32_t product, char status, char enter_reason, int segment,
                 int enter_second);

/* Time passed without other input: book-mode depth that is due is published. Call a few times a
 * second. */
void core_tick_time(struct core *core);

/* ---- operators ---- */

enum admin_result { ADMIN_OK, ADMIN_EXISTS, ADMIN_UNKNOWN, ADMIN_BAD_VALUE, ADMIN_REFUSED };

/* A user and an investor (account) of the same id, allowed to trade it. `hash` as of the server's
 * password hashing. */
enum admin_result core_add_user(struct core *core, text id, const char *hash, text name,
                                double deposit);
enum admin_result core_set_password(struct core *core, text user_id, const char *hash, bool fund);
enum admin_result core_set_user_active(struct core *core, text user_id, bool active);
enum admin_result core_grant(struct core *core, text user_id, text investor_id, bool allowed);
/* For all accounts, those to come too. Nothing happens when they are so already. */
void core_set_params(struct core *core, const struct trading_params *params);
enum admin_result core_cash(struct core *core, text investor_id,
                            double amount); /* REFUSED: above WithdrawQuota */
enum admin_result core_set_investor_flags(struct core *core, text investor_id, bool active,
                                          bool close_only);
enum admin_result core_set_rate(struct core *core, text investor_id, text product_or_instrument,
                                const struct margin_rate *margin,
                                const struct commission_rate *commission);

/* Rights, market makers and position limits. `investor_id` empty: all accounts; `of`: a product or
 * an instrument, empty: everything (not for limits). `value`: see account_rule.h; removed: the rule
 * is forgotten, UNKNOWN when there was none. Lots are 0 and more. */
enum admin_result core_set_right(struct core *core, text investor_id, text of, int right,
                                 bool removed);
enum admin_result core_set_maker(struct core *core, text investor_id, text of, bool makes,
                                 bool removed);
enum admin_result core_set_position_limit(struct core *core, text investor_id, text of, int lots,
                                          bool removed);

/* Where the account's orders go, see channel.h. REFUSED while it has live orders. */
enum admin_result core_set_channel(struct core *core, text investor_id, text name);

/* How the line of a channel is; not lasting. DOWN: orders and cancels are refused with 21, FAILING:
 * with 78 and 79. HELD: orders, quotes and cancels of orders are taken and get no answer until the
 * line is UP; only for channels that can (`release` in channel.h), else REFUSED. */
enum channel_state { CHANNEL_UP, CHANNEL_DOWN, CHANNEL_FAILING, CHANNEL_HELD };
enum admin_result core_set_channel_state(struct core *core, text name, enum channel_state state);

/* Money in or out as a correction (dividends, errors): shown in the statement, not bound by
 * WithdrawQuota. */
enum admin_result core_adjust_cash(struct core *core, text investor_id, double amount);

/* Credit, Mortgage or Reserve, from now on and until it is set anew; at the settlement Credit and
 * Mortgage become PreCredit and PreMortgage. BAD_VALUE: see ledger_may_set_money. What was
 * withdrawn or ordered against a larger value stays: Available may be negative. */
enum admin_result core_set_money(struct core *core, text investor_id, enum account_money kind,
                                 double amount);

/* Shares in, as bought today at `price` without fees (bonus shares: 0). BAD_VALUE: no share, not 1
 * and more lots, or more than a position holds. */
enum admin_result core_add_shares(struct core *core, text investor_id, text instrument, int lots,
                                  double price);
enum admin_result core_send_notice(struct core *core, text investor_id,
                                   text gb18030); /* empty investor: bulletin to all */

uint32_t core_user_count(const struct core *core);

/* The feed's position, an opaque text of the server, kept with the effects of a batch. */
void core_note_feed(struct core *core, text position);
text core_feed_position(const struct core *core);

/* ---- trading day ---- */

int core_trading_day(const struct core *core);

/* Settles and opens `next_trading_day`: cancels orders, settles the ledger with each instrument's
 * settlement price (ABSENT_PRICE, or NULL for all: the feed's own, else by the rules of the
 * market), writes statements, renews flows, closes all sessions. Nothing happens when that day is
 * not after the current one: a settlement may be asked for again after a crash. */
void core_settle(struct core *core, int next_trading_day, const double *settlement_prices);

/* Settles the day before once more, under the next SettlementID: with these prices (by instrument
 * place; ABSENT_PRICE, or NULL for all: the open day's PreSettlementPrice). The open day's live
 * orders are cancelled and its sessions end; its money movements, new accounts and flows stay. */
enum settle_again {
    SETTLE_AGAIN_DONE,
    SETTLE_AGAIN_SAME,      /* every price is that of the last settlement: nothing happens */
    SETTLE_AGAIN_NOTHING,   /* no day was settled here yet */
    SETTLE_AGAIN_TRADED,    /* the open day has trades */
    SETTLE_AGAIN_EXERCISES, /* ... live exercise requests */
    SETTLE_AGAIN_COMBINES,  /* ... combination actions */
};
enum settle_again core_settle_again(struct core *core, const double *settlement_prices);

/* Statements stay in the state until the server has stored them elsewhere; `place` counts from 0,
 * oldest first. Stored: the first `count` of them are forgotten, by an effect; sink->statements
 * gives them from now on. The server stores what is durable only. */
uint32_t core_statement_count(const struct core *core);
struct core_statement core_statement(const struct core *core, uint32_t place);
void core_statements_stored(struct core *core, uint32_t count);

/* The day that could be settled again, and its newest SettlementID; 0 when there is none. */
int core_settled_day(const struct core *core, int *settlement_id);

#endif
