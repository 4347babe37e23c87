/* crash_rounds.c: `crash-rounds [--rounds N] [--seed N]`: kill -9 against the real process with the
 * real disk path. Two users fire orders at one another over the wire and write down what they are
 * told; at a drawn moment tts is killed, started again (sometimes killed while it recovers), and
 * the users come back with RESUME or RESTART. Their flows must go on without a gap, what is read
 * again must be the same bytes, and every order and trade that was acknowledged must be in the
 * queries' answers, no older than it was shown. */
#include "base/clock.h"
#include "random.h"
#include "real_tts.h"
#include "wire_client.h"
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum {
    TRADERS = 2,
    IN_FLIGHT = 64,
    ROUNDS_OF_A_DATABASE = 20, /* then a new one: flows and queries grow with the day */
    QUERY_MS = 60000,
};

struct known_order {
    int32_t session_id;
    int64_t order_ref;
    char status, system_id[21];
    int traded;
};

struct known_trade {
    char trade_id[21], system_id[21], direction;
    int volume;
};

#define GROWING(kind)           \
    struct {                    \
        kind *at;               \
        size_t count, capacity; \
    }
#define GROW(list)                                                                               \
    ((list)->count == (list)->capacity                                                           \
         ? (void)((list)->capacity = (list)->capacity * 2 + 64,                                  \
                  (list)->at = memory_resize((list)->at, (list)->capacity * sizeof *(list)->at)) \
         : (void)0,                                                                              \
     memset(&(list)->at[(list)->count], 0, sizeof *(list)->at), &(list)->at[(list)->count++])

struct trader {
    const char *id;
    struct wire_client client;
    bool logged_in;
    int32_t session_id;
    int64_t order_ref;
    int waiting;            /* orders sent and not heard of */
    uint32_t next;          /* number of the flow's next message */
    GROWING(uint64_t) flow; /* hash of each message's bytes */
    GROWING(struct known_order) orders;
    GROWING(struct known_trade) trades;
    /* a query under way */
    size_t seen_orders, seen_trades;
    bool answered;
};

struct rounds {
    struct random random;
    uint64_t seed;
    int64_t round, rounds;
    struct real_tts tts;
    struct trader traders[TRADERS];
    uint32_t trading_day;
    uint64_t acknowledged, traded, resumed, reread; /* figures */
    int64_t recovery_ns, recovery_worst_ns;
};

static void fail(struct rounds *rounds, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

static void fail(struct rounds *rounds, const char *format, ...)
{
    va_list list;
    fprintf(stderr, "crash-rounds: round %lld: ", (long long)rounds->round);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fprintf(stderr, "\ndatabase kept in %s; to try again: crash-rounds --rounds %lld --seed %llu\n",
            rounds->tts.folder, (long long)rounds->rounds, (unsigned long long)rounds->seed);
    real_tts_show_log(&rounds->tts);
    real_tts_end(&rounds->tts, SIGKILL);
    exit(1);
}

/* ---- what traders are told ---- */

static struct known_order *find_order(struct trader *trader, int32_t session_id, int64_t order_ref)
{
    for (size_t i = trader->orders.count; i-- > 0;)
        if (trader->orders.at[i].order_ref == order_ref &&
            trader->orders.at[i].session_id == session_id)
            return &trader->orders.at[i];
    return NULL;
}

static void take_order(struct rounds *rounds, struct trader *trader,
                       const struct CThostFtdcOrderField *body)
{
    int64_t order_ref = 0;
    text_to_int(text_trim(text_of(body->OrderRef)), &order_ref);
    struct known_order *order = find_order(trader, body->SessionID, order_ref);
    if (!order) {
        order = GROW(&trader->orders);
        order->session_id = body->SessionID;
        order->order_ref = order_ref;
        rounds->acknowledged++;
        if (body->SessionID == trader->session_id && trader->waiting)
            trader->waiting--;
    }
    order->status = body->OrderStatus;
    order->traded = body->VolumeTraded;
    text_copy(order->system_id, sizeof order->system_id, text_of(body->OrderSysID));
}

static void take_trade(struct rounds *rounds, struct trader *trader,
                       const struct CThostFtdcTradeField *body)
{
    struct known_trade *trade = GROW(&trader->trades);
    text_copy(trade->trade_id, sizeof trade->trade_id, text_of(body->TradeID));
    text_copy(trade->system_id, sizeof trade->system_id, text_of(body->OrderSysID));
    trade->direction = body->Direction;
    trade->volume = body->Volume;
    rounds->traded++;
}

static void take_private(struct rounds *rounds, struct trader *trader,
                         const struct wire_frame *frame, enum ctp_method method, const void *body)
{
    if (frame->sequence != trader->next)
        fail(rounds, "%s: message %u of the flow comes where %u is due", trader->id,
             frame->sequence, trader->next);
    uint64_t hash = hash_text(frame->payload) ^ hash_number(frame->slot);
    trader->next++;
    if (frame->sequence <= trader->flow.count) {
        if (trader->flow.at[frame->sequence - 1] != hash)
            fail(rounds, "%s: message %u of the flow has changed", trader->id, frame->sequence);
        rounds->reread++;
        return;
    }
    *GROW(&trader->flow) = hash;
    if (method == CTP_TraderSpi_OnRtnOrder)
        take_order(rounds, trader, body);
    else if (method == CTP_TraderSpi_OnRtnTrade)
        take_trade(rounds, trader, body);
    else if (trader->waiting) /* OnErrRtnOrderInsert */
        trader->waiting--;
}

static void take_queried_order(struct rounds *rounds, struct trader *trader,
                               const struct CThostFtdcOrderField *body)
{
    int64_t order_ref = 0;
    text_to_int(text_trim(text_of(body->OrderRef)), &order_ref);
    const struct known_order *order = find_order(trader, body->SessionID, order_ref);
    if (!order)
        return; /* accepted, but the news of it died with the process */
    trader->seen_orders++;
    bool ended = order->status == '0' || order->status == '5';
    if (body->VolumeTraded < order->traded || (ended && body->OrderStatus != order->status) ||
        (order->system_id[0] && strcmp(order->system_id, body->OrderSysID) != 0))
        fail(rounds, "%s: order %lld was shown with status %c, %d traded; now %c, %d", trader->id,
             (long long)order_ref, order->status, order->traded, body->OrderStatus,
             body->VolumeTraded);
}

static void take_queried_trade(struct trader *trader, const struct CThostFtdcTradeField *body)
{
    for (size_t i = 0; i < trader->trades.count; i++) {
        const struct known_trade *trade = &trader->trades.at[i];
        if (strcmp(trade->trade_id, body->TradeID) == 0 &&
            strcmp(trade->system_id, body->OrderSysID) == 0 &&
            trade->direction == body->Direction && trade->volume == body->Volume) {
            trader->seen_trades++;
            return;
        }
    }
}

static void take_answer(struct rounds *rounds, struct trader *trader,
                        const struct wire_frame *frame, enum ctp_method method, int error_id,
                        const void *body)
{
    bool has_body = frame->flags & WIRE_HAS_BODY;
    if (method == CTP_TraderSpi_OnRspUserLogin) {
        if (error_id)
            fail(rounds, "%s: the login is refused with %d", trader->id, error_id);
        trader->logged_in = true;
        trader->session_id = ((const struct CThostFtdcRspUserLoginField *)body)->SessionID;
    } else if (method == CTP_TraderSpi_OnRspQryOrder && has_body) {
        take_queried_order(rounds, trader, body);
    } else if (method == CTP_TraderSpi_OnRspQryTrade && has_body) {
        take_queried_trade(trader, body);
    }
    if (frame->flags & WIRE_IS_LAST)
        trader->answered = true;
}

static void take_frame(struct rounds *rounds, struct trader *trader, const struct wire_frame *frame)
{
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body;
    int error_id = 0;
    if (frame->kind == WIRE_FLOW_START) {
        uint32_t private_next, public_next;
        if (!wire_flow_start_read(frame->payload, &rounds->trading_day, &private_next,
                                  &public_next) ||
            private_next != trader->next)
            fail(rounds, "%s: the flow starts at %u instead of %u", trader->id, private_next,
                 trader->next);
    }
    if (frame->kind != WIRE_PRIVATE && frame->kind != WIRE_ANSWER)
        return;
    enum ctp_method method = wire_client_read(&trader->client, frame, &error_id, body.bytes);
    if (method == CTP_METHOD_NONE)
        fail(rounds, "%s: a damaged frame", trader->id);
    if (frame->kind == WIRE_PRIVATE)
        take_private(rounds, trader, frame, method, body.bytes);
    else
        take_answer(rounds, trader, frame, method, error_id, body.bytes);
}

static void take_frames(struct rounds *rounds, struct trader *trader)
{
    struct wire_frame frame;
    while (wire_client_next(&trader->client, &frame))
        take_frame(rounds, trader, &frame);
}

/* ---- what traders do ---- */

static void wait_answer(struct rounds *rounds, struct trader *trader, const char *what)
{
    struct wire_frame frame;
    trader->answered = false;
    while (!trader->answered) {
        if (!wire_client_wait(&trader->client, &frame, QUERY_MS))
            fail(rounds, "%s: no answer to %s", trader->id, what);
        take_frame(rounds, trader, &frame);
    }
}

static void come_back(struct rounds *rounds, struct trader *trader)
{
    if (!wire_client_open(&trader->client, rounds->tts.td_port, false))
        fail(rounds, "%s cannot connect", trader->id);
    bool restart = chance(&rounds->random, 200);
    trader->next = restart ? 1 : (uint32_t)trader->flow.count + 1;
    trader->waiting = 0;
    trader->order_ref = 0;
    trader->session_id = 0;
    rounds->resumed += !restart && trader->flow.count;
    struct wire_topics topics = {.trading_day = rounds->trading_day,
                                 .private_topic = restart ? WIRE_RESTART : WIRE_RESUME,
                                 .private_from = trader->next,
                                 .public_topic = WIRE_NONE};
    wire_client_login(&trader->client, trader->id, "secret", &topics);
    wait_answer(rounds, trader, "ReqUserLogin");
}

static void query(struct rounds *rounds, struct trader *trader)
{
    struct CThostFtdcQryOrderField orders;
    struct CThostFtdcQryTradeField trades;
    memset(&orders, 0, sizeof orders);
    memset(&trades, 0, sizeof trades);
    size_t known_orders = trader->orders.count, known_trades = trader->trades.count;
    trader->seen_orders = trader->seen_trades = 0;
    wire_client_request(&trader->client, CTP_TraderApi_ReqQryOrder, &orders, 2);
    wait_answer(rounds, trader, "ReqQryOrder");
    wire_client_request(&trader->client, CTP_TraderApi_ReqQryTrade, &trades, 3);
    wait_answer(rounds, trader, "ReqQryTrade");
    if (trader->seen_orders < known_orders)
        fail(rounds, "%s: of %zu acknowledged orders only %zu are there", trader->id, known_orders,
             trader->seen_orders);
    if (trader->seen_trades < known_trades)
        fail(rounds, "%s: of %zu shown trades only %zu are there", trader->id, known_trades,
             trader->seen_trades);
}

static void send_order(struct rounds *rounds, struct trader *trader)
{
    struct random *random = &rounds->random;
    struct CThostFtdcInputOrderField input;
    memset(&input, 0, sizeof input);
    text_copy(input.InstrumentID, sizeof input.InstrumentID, TEXT("rb2105"));
    text_copy(input.ExchangeID, sizeof input.ExchangeID, TEXT("SHFE"));
    snprintf(input.OrderRef, sizeof input.OrderRef, "%d", (int)++trader->order_ref);
    input.Direction = (char)('0' + draw(random, 2));
    input.CombOffsetFlag[0] = '0';
    input.CombHedgeFlag[0] = '1';
    input.OrderPriceType = THOST_FTDC_OPT_LimitPrice;
    input.LimitPrice = 4000 + draw_between(random, -4, 4);
    input.VolumeTotalOriginal = draw_between(random, 1, 3);
    input.TimeCondition = chance(random, 100) ? THOST_FTDC_TC_IOC : THOST_FTDC_TC_GFD;
    input.VolumeCondition = THOST_FTDC_VC_AV;
    input.ContingentCondition = THOST_FTDC_CC_Immediately;
    input.ForceCloseReason = THOST_FTDC_FCC_NotForceClose;
    wire_client_request(&trader->client, CTP_TraderApi_ReqOrderInsert, &input, 4);
    trader->waiting++;
}

static void send_cancel(struct rounds *rounds, struct trader *trader)
{
    if (trader->orders.count == 0)
        return;
    const struct known_order *order =
        &trader->orders.at[draw(&rounds->random, (uint32_t)trader->orders.count)];
    if (order->status != '3' && order->status != '1')
        return;
    struct CThostFtdcInputOrderActionField action;
    memset(&action, 0, sizeof action);
    text_copy(action.ExchangeID, sizeof action.ExchangeID, TEXT("SHFE"));
    text_copy(action.OrderSysID, sizeof action.OrderSysID, text_of(order->system_id));
    action.ActionFlag = THOST_FTDC_AF_Delete;
    wire_client_request(&trader->client, CTP_TraderApi_ReqOrderAction, &action, 5);
}

/* Both fire until the moment comes. */
static void fire(struct rounds *rounds, int64_t until_ns)
{
    while (clock_monotonic_ns() < until_ns) {
        struct pollfd wait[TRADERS];
        for (int i = 0; i < TRADERS; i++) {
            struct trader *trader = &rounds->traders[i];
            while (trader->waiting < IN_FLIGHT)
                if (chance(&rounds->random, 300))
                    send_cancel(rounds, trader), trader->waiting += trader->orders.count == 0;
                else
                    send_order(rounds, trader);
            if (!wire_client_send(&trader->client))
                fail(rounds, "%s: tts closed the connection", trader->id);
            wait[i] = (struct pollfd){.fd = trader->client.socket, .events = POLLIN};
        }
        if (poll(wait, TRADERS, 1) < 0)
            continue;
        for (int i = 0; i < TRADERS; i++) {
            if ((wait[i].revents & POLLIN) && !wire_client_receive(&rounds->traders[i].client))
                fail(rounds, "%s: tts closed the connection", rounds->traders[i].id);
            take_frames(rounds, &rounds->traders[i]);
        }
    }
}

/* What had reached the sockets before the end was shown. */
static void read_the_rest(struct rounds *rounds, struct trader *trader)
{
    struct pollfd wait = {.fd = trader->client.socket, .events = POLLIN};
    bool open = true;
    while (open && poll(&wait, 1, 10000) > 0) {
        open = wire_client_receive(&trader->client);
        take_frames(rounds, trader);
    }
    wire_client_close(&trader->client);
    trader->logged_in = false;
}

/* ---- rounds ---- */

static const char *const options[] = {"--book",
                                      "all",
                                      "--set",
                                      "always_open=true",
                                      "--set",
                                      "auto_account=true",
                                      "--set",
                                      "auto_account_deposit=1e12",
                                      "--snapshot-effects",
                                      "1000",
                                      NULL};

static void start(struct rounds *rounds)
{
    while (chance(&rounds->random, 150)) { /* killed while it starts */
        real_tts_launch(&rounds->tts, options);
        usleep(draw(&rounds->random, 60000));
        real_tts_end(&rounds->tts, SIGKILL);
    }
    int64_t begin = clock_monotonic_ns();
    if (!real_tts_start(&rounds->tts, options))
        fail(rounds, "tts does not start again");
    int64_t took = clock_monotonic_ns() - begin;
    rounds->recovery_ns += took;
    if (took > rounds->recovery_worst_ns)
        rounds->recovery_worst_ns = took;
}

static void one_round(struct rounds *rounds)
{
    start(rounds);
    for (int i = 0; i < TRADERS; i++)
        come_back(rounds, &rounds->traders[i]);
    for (int i = 0; i < TRADERS; i++)
        query(rounds, &rounds->traders[i]);
    int64_t span = draw_between(&rounds->random, 1, 120);
    fire(rounds, clock_monotonic_ns() + span * 1000000);
    kill(rounds->tts.pid, SIGKILL);
    for (int i = 0; i < TRADERS; i++)
        read_the_rest(rounds, &rounds->traders[i]);
    real_tts_end(&rounds->tts, SIGKILL);
}

static void forget(struct rounds *rounds)
{
    static const char *const ids[TRADERS] = {"u1", "u2"};
    for (int i = 0; i < TRADERS; i++) {
        struct trader *trader = &rounds->traders[i];
        free(trader->flow.at);
        free(trader->orders.at);
        free(trader->trades.at);
        *trader = (struct trader){.id = ids[i], .client = {.socket = -1}};
    }
    rounds->trading_day = 0;
}

static void one_database(struct rounds *rounds)
{
    static const char *const prove[] = {"replay-journal", NULL};
    forget(rounds);
    if (!real_tts_begin(&rounds->tts))
        fail(rounds, "no folder can be made");
    for (int i = 0; i < ROUNDS_OF_A_DATABASE && rounds->round < rounds->rounds; i++) {
        rounds->round++;
        one_round(rounds);
    }
    start(rounds);
    for (int i = 0; i < TRADERS; i++) {
        come_back(rounds, &rounds->traders[i]);
        query(rounds, &rounds->traders[i]);
        wire_client_close(&rounds->traders[i].client);
    }
    if (real_tts_end(&rounds->tts, SIGTERM) != 0)
        fail(rounds, "tts does not end well");
    int code = real_tts_command(&rounds->tts, prove);
    if (code != 0)
        fail(rounds, "replay-journal ends with %d", code);
    real_tts_finish(&rounds->tts);
    forget(rounds);
}

static int64_t number_behind(int argc, char **argv, const char *name, int64_t otherwise)
{
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], name) == 0 && text_to_int(text_of(argv[i + 1]), &otherwise))
            return otherwise;
    return otherwise;
}

int main(int argc, char **argv)
{
    static struct rounds rounds;
    if (argc % 2 == 0) {
        fputs("usage: crash-rounds [--rounds N] [--seed N]\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    rounds.rounds = number_behind(argc, argv, "--rounds", 20);
    rounds.seed = (uint64_t)number_behind(argc, argv, "--seed", 1);
    rounds.random.seed = rounds.seed;
    int64_t begin = clock_monotonic_ns();
    while (rounds.round < rounds.rounds)
        one_database(&rounds);
    printf(
        "crash-rounds: %lld rounds in %.0f s, nothing lost: %llu orders and %llu trades "
        "acknowledged, %llu flows resumed, %llu messages read again the same; start after a kill "
        "%.0f ms on average, %.0f ms at most\n",
        (long long)rounds.rounds, (double)(clock_monotonic_ns() - begin) / 1e9,
        (unsigned long long)rounds.acknowledged, (unsigned long long)rounds.traded,
        (unsigned long long)rounds.resumed, (unsigned long long)rounds.reread,
        (double)rounds.recovery_ns / 1e6 / (double)rounds.rounds,
        (double)rounds.recovery_worst_ns / 1e6);
    return 0;
}
