/* world.h: everything around the core that a simulation replaces: clock, disk, network, clients.
 *
 *     workload.c  draws what happens next and calls the core
 *     world.c     the clients as the core sees them, what was shown to them, and the step's end
 *     disk.c      keeps the effects, loses those behind the durable point, recovers a new core
 *     market.c    products, instruments and the quotes of a feed
 *     upstream.c  a second channel of orders, which answers when and what it likes
 *     checkers.c  compares the core's state with what must hold, after steps and recoveries;
 *                 checkers_requests.c those of what is not a plain order
 *
 * What the core tells a client counts as shown only when the effects behind it are durable, as in
 * the server; everything shown is remembered, and each recovery is held against it.
 *
 * One process runs one world at a time; a failed check prints what is wrong and ends the process.
 */
#ifndef SIMULATION_WORLD_H
#define SIMULATION_WORLD_H

#include "random.h"
#include "tts/core/channel.h"
#include "tts/core/reply.h"

enum {
    FIRST_DAY = 20250303, /* a Monday */
    USERS_MAX = 8,
    CLIENTS = 12,
    SNAPSHOTS_MAX = 4,
    /* One more connection, for the checkers: it looks at flows without a login. */
    VIEWER = CLIENTS,
};

/* ---- the disk ---- */

struct snapshot {
    uint64_t sequence; /* of the last effect in it */
    struct buffer state;
};

struct stored_statement {
    char account[13];
    int trading_day, settlement_id;
    size_t offset, length;
};

struct disk {
    struct buffer effects;  /* one behind the other, each with its head */
    LIST(size_t) ends;      /* offset behind each effect: effect n ends at at[n-1] */
    LIST(uint64_t) batches; /* sequence of each sealed batch's last effect */
    uint64_t durable;       /* a batch's end; what is behind it is lost in a crash */
    struct snapshot snapshots[SNAPSHOTS_MAX];
    int snapshot_count;
    LIST(struct stored_statement) statements; /* a table beside the effects */
    struct buffer statement_bytes;
};

/* A statement as it was when it was written, after effect `sequence`. */
struct known_statement {
    uint32_t account;
    int trading_day, settlement_id;
    uint64_t hash, sequence;
};

/* ---- clients ---- */

struct client {
    bool connected, md, logged_in;
    bool to_close;                      /* the core asked for it; done at the step's end */
    uint32_t user;                      /* place, while logged in */
    int64_t order_ref;                  /* last sent */
    uint32_t private_next, public_next; /* messages to be sent next */
};

/* What was told and waits for the disk. */
struct held {
    uint64_t needs; /* durable sequence */
    uint32_t user;  /* whose private flow; NONE: the public one */
    uint32_t client, number;
    int day;
    uint64_t hash;
    enum ctp_method callback;
    union {
        struct CThostFtdcOrderField order;
        struct CThostFtdcTradeField trade;
    };
};

/* A flow as its readers have seen it: a hash of each message's callback and body. */
struct reader {
    int day;
    LIST(uint64_t) hashes;
};

/* The newest state of an order that some client was shown. */
struct shown_order {
    char investor[13], exchange[9];
    int32_t session_id;
    int64_t order_ref, system_number;
    char status;
    int traded;
};

struct shown_trade {
    char exchange[9], investor[13];
    char direction, offset;
    int64_t number;
    int volume;
    double price;
};

struct shown {
    int day;
    struct reader private_flow[USERS_MAX], public_flow;
    LIST(struct shown_order) orders;
    LIST(struct shown_trade) trades;
};

/* ---- the world ---- */

struct quote_walk { /* of an instrument in quote mode */
    int64_t price;  /* in ticks */
    int volume;
    double turnover;
};

struct figures { /* of a run, for the summary */
    uint64_t steps, requests, refused, crashes, days, ticks, messages;
    uint64_t
        told; /* sum of the hashes of all messages: two builds that tell the same have the same */
    uint64_t effects[EFFECT_KIND_COUNT], records[RECORD_KIND_COUNT];
};

struct world {
    struct random random;
    uint64_t seed;
    uint32_t step;
    struct core_options options;
    struct core *core;
    struct core_time now;
    struct disk disk;
    struct client clients[CLIENTS];
    LIST(struct held) held;
    struct shown shown;
    struct quote_walk *walks; /* by instrument place */
    LIST(int) yesterday;      /* yd_position of each row when the day began */
    uint64_t cash_until;      /* effects counted into cash[] */
    double cash[USERS_MAX];   /* moved today, by account */
    double bank[USERS_MAX];   /* moved from the bank, since the beginning */
    LIST(struct known_statement) known;
    int request_id;
    /* of the request under way */
    uint32_t asking; /* the client; NONE: nobody asks */
    int answers;
    bool answered_last;
    uint64_t makers_told;          /* OnRtnForQuoteRsp so far */
    struct order_channel upstream; /* in every core of the world */
    uint64_t outside_asked;        /* requests that upstream got so far */
    bool outside[64]; /* by instrument: upstream may have traded it, so lots have no other side */
    struct figures figures;
};

/* Ends the process: prints what is wrong and the command that shows it again. */
void world_fail(const struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

#define ENSURE(world, condition, ...) ((condition) ? (void)0 : world_fail(world, __VA_ARGS__))

/* A core with the world's options and channels. */
struct core *world_core(struct world *world, const struct core_sink *sink);

struct world *world_create(uint64_t seed);
void world_destroy(struct world *world);

/* What the core is created with; effects go to the disk. */
struct core_sink world_sink(struct world *world);

/* Sends one request and checks that it was answered, or told in a flow. */
void world_request(struct world *world, uint32_t client, enum ctp_method method, const void *body,
                   enum password_verdict verdict, const char *new_hash);

/* Logs the client in as a user (by id). */
void world_login(struct world *world, uint32_t client, const char *user_id);

/* The step's end: the batch is sealed, flows are read, closed connections go. */
void world_seal(struct world *world);

/* The disk takes batches up to `durable`; what waited for them is shown. */
void world_show(struct world *world, uint64_t durable);

void world_set_time(struct world *world);

/* A hash over a message as `viewer`'s user sees it. */
uint64_t message_hash(const struct core_message *message);

/* The n-th private message (from 1) of a user, read on the viewer's connection. */
void view_private(struct core *core, uint32_t user, uint32_t number, struct core_message *message);

/* ---- disk.c ---- */

uint64_t disk_count(const struct disk *disk);
const char *disk_effect(const struct disk *disk, uint64_t sequence, size_t *length);
void disk_append(struct disk *disk, const void *bytes, size_t length);
void disk_seal(struct disk *disk);
void disk_snapshot(struct world *world);
void disk_finish(struct disk *disk);

/* A core out of a drawn snapshot (or none) and the effects behind it, up to `until`. */
struct core *disk_recover(struct world *world, uint64_t until);

/* Proves that the disk gives the live core's state again. */
void disk_prove(struct world *world);

/* kill -9, at a moment when only `durable` is on the disk: the core is gone, a new one recovers,
 * all clients have lost their connections. */
void disk_crash(struct world *world);

/* ---- statements.c ---- */

/* The server's storing of what is durable; now and then it breaks off. */
void statements_store(struct world *world);

/* core_sink's `statements`; `user` is the world. */
void statements_read(void *user, text account, int first_day, int last_day,
                     core_take_statement take, void *context);

/* Takes down all accounts' newest statements, and finds again all that were ever taken down and are
 * not lost in a crash. */
void statements_note(struct world *world);
void statements_check(struct world *world);

/* ---- market.c ---- */

void market_list(struct world *world);
void market_tick(struct world *world);
void market_status(struct world *world);
void market_quiet_quotes(struct world *world);
/* A price near the market, in money; on the tick unless `off_tick`. */
double market_price(struct world *world, uint32_t instrument, bool off_tick);

/* ---- workload.c, special.c, hostile.c ---- */

void workload_step(struct world *world);
void workload_begin(struct world *world);

/* A connection that may ask: mostly one that is logged in; and an order that it could send. */
uint32_t workload_client(struct world *world);
struct CThostFtdcInputOrderField workload_order(struct world *world, uint32_t client);

/* A request about something else than plain orders, as a client would mean it. */
void special_send(struct world *world);

/* Fills a struct with what could be meant, or with nonsense. */
void hostile_fill(struct world *world, uint32_t client, const struct ctp_layout *layout, void *body,
                  bool nonsense);

/* ---- upstream.c ---- */

void upstream_init(struct world *world);

/* Something happens to an order or a request that is upstream, or is said to. */
void upstream_step(struct world *world);

/* ---- checkers.c ---- */

void check_state(struct world *world);

/* checkers_requests.c: parked orders, quotes, exercises, self closes, combinations, transfers, and
 * where orders are. */
void check_requests(struct world *world);

/* An effect that is about to be: what must not go out while a channel's line is not up. */
void check_goes_out(struct world *world, const struct effect_head *head, const void *effect);

/* What was shown before a crash is in the recovered core. */
void check_shown(struct world *world);

/* The old core's flows begin with the new core's, where both stand in the same day. */
void check_same_flows(struct world *world, struct core *old);

/* Notes each row's YdPosition as the day's. */
void remember_yesterday(struct world *world);

/* Settles, and checks balances against an own account of the day. */
void check_settlement(struct world *world, int next_trading_day);

#endif
