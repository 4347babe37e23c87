/* load_main.c: `load`: many sessions against a real tts over the wire: each is a user of its own,
 * orders are offered at a fixed rate whatever comes back, and resting orders are cancelled. Tells
 * what was done at which latency, which answers flow control gave, and what memory tts took. An
 * order that cannot be offered in time, because its session has too many unanswered, counts as held
 * back: the client's own -2.
 *
 * Usage: load [--sessions N] [--rate N] [--seconds N] [--order-rate N]
 *
 * With --order-rate 20 the counter takes 20 orders a second of a user, as the strict profile does.
 */
#include "base/clock.h"
#include "order_stream.h"
#include "real_tts.h"
#include "wire_client.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WAITING_MAX = 64, LATENCIES_MAX = 1 << 24, ERRORS_MAX = 32 };

struct session {
    struct wire_client client;
    char id[16];
    bool logged_in;
    int64_t order_ref;
    int waiting; /* orders that nothing was heard of */
    struct {
        int64_t order_ref, ns; /* 0: free */
    } sent[WAITING_MAX];
    char system_id[21], exchange[9]; /* of the newest resting order, to be cancelled */
    bool may_cancel;
};

struct load {
    struct real_tts tts;
    struct session *sessions;
    int64_t session_count, rate, seconds;
    int poll;
    uint64_t offered, held_back, acknowledged, refused, cancels, messages;
    uint32_t *latency_us;
    uint64_t latencies;
    struct {
        int error_id;
        uint64_t count;
    } errors[ERRORS_MAX];
};

static void count_error(struct load *load, int error_id)
{
    for (int i = 0; i < ERRORS_MAX; i++)
        if (load->errors[i].count == 0 || load->errors[i].error_id == error_id) {
            load->errors[i].error_id = error_id;
            load->errors[i].count++;
            return;
        }
}

/* ---- what sessions hear ---- */

/* True for the first that is heard of an order. */
static bool heard(struct load *load, struct session *session, int64_t order_ref)
{
    size_t at = (size_t)order_ref % WAITING_MAX;
    if (order_ref == 0 || session->sent[at].order_ref != order_ref)
        return false;
    if (load->latencies < LATENCIES_MAX)
        load->latency_us[load->latencies++] =
            (uint32_t)((clock_monotonic_ns() - session->sent[at].ns) / 1000);
    session->sent[at].order_ref = 0;
    session->waiting--;
    return true;
}

static int64_t number_of(const char *field)
{
    int64_t number = 0;
    text_to_int(text_trim(text_of(field)), &number);
    return number;
}

static void take_frame(struct load *load, struct session *session, const struct wire_frame *frame)
{
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body;
    int error_id = 0;
    if (frame->kind != WIRE_PRIVATE && frame->kind != WIRE_ANSWER)
        return;
    load->messages++;
    enum ctp_method method = wire_client_read(&session->client, frame, &error_id, body.bytes);
    if (method == CTP_TraderSpi_OnRtnOrder) {
        const struct CThostFtdcOrderField *order = (const void *)body.bytes;
        load->acknowledged += heard(load, session, number_of(order->OrderRef));
        if (order->OrderStatus == '3') {
            memcpy(session->system_id, order->OrderSysID, sizeof session->system_id);
            memcpy(session->exchange, order->ExchangeID, sizeof session->exchange);
            session->may_cancel = true;
        }
    } else if (method == CTP_TraderSpi_OnRspOrderInsert) {
        heard(load, session,
              number_of(((const struct CThostFtdcInputOrderField *)body.bytes)->OrderRef));
        load->refused++;
        count_error(load, error_id);
    } else if (method == CTP_TraderSpi_OnRspUserLogin) {
        session->logged_in = error_id == 0;
    } else if (error_id && method != CTP_TraderSpi_OnErrRtnOrderInsert &&
               method != CTP_TraderSpi_OnErrRtnOrderAction) {
        count_error(load, error_id);
    }
}

static void take_frames(struct load *load, struct session *session)
{
    struct wire_frame frame;
    if (!wire_client_receive(&session->client)) {
        fprintf(stderr, "load: tts closed the connection of %s\n", session->id);
        real_tts_show_log(&load->tts);
        exit(1);
    }
    while (wire_client_next(&session->client, &frame))
        take_frame(load, session, &frame);
}

static void listen_for(struct load *load, int ms)
{
    struct epoll_event events[256];
    int count = epoll_wait(load->poll, events, 256, ms);
    for (int i = 0; i < count; i++)
        take_frames(load, events[i].data.ptr);
}

/* ---- what sessions do ---- */

static void log_all_in(struct load *load)
{
    struct wire_topics topics = {.private_topic = WIRE_QUICK, .public_topic = WIRE_NONE};
    for (int64_t i = 0; i < load->session_count; i++) {
        struct session *session = &load->sessions[i];
        snprintf(session->id, sizeof session->id, "u%lld", (long long)i % 10000);
        if (!wire_client_open(&session->client, load->tts.td_port, false)) {
            fprintf(stderr, "load: session %lld cannot connect\n", (long long)i);
            exit(1);
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
        epoll_ctl(load->poll, EPOLL_CTL_ADD, session->client.socket, &event);
        wire_client_login(&session->client, session->id, "secret", &topics);
        wire_client_send(&session->client);
    }
    for (int64_t i = 0; i < load->session_count; i++)
        while (!load->sessions[i].logged_in)
            listen_for(load, 100);
}

static void offer_order(struct load *load, struct session *session, uint64_t number)
{
    load->offered++;
    size_t at = (size_t)(session->order_ref + 1) % WAITING_MAX;
    if (session->sent[at].order_ref || session->client.out.length > 0) {
        load->held_back++;
        return;
    }
    struct CThostFtdcInputOrderField input;
    memset(&input, 0, sizeof input);
    text_copy(input.InstrumentID, sizeof input.InstrumentID,
              number % 2 ? TEXT("rb2105") : TEXT("m2105"));
    text_copy(input.ExchangeID, sizeof input.ExchangeID, number % 2 ? TEXT("SHFE") : TEXT("DCE"));
    snprintf(input.OrderRef, sizeof input.OrderRef, "%d", (int)++session->order_ref);
    uint64_t chosen = hash_number(number);
    input.Direction = chosen & 1 ? '0' : '1';
    input.CombOffsetFlag[0] = '0';
    input.CombHedgeFlag[0] = '1';
    input.OrderPriceType = THOST_FTDC_OPT_LimitPrice;
    input.LimitPrice = (number % 2 ? 4000 : 3500) + (double)(chosen >> 8 & 15) - 8;
    input.VolumeTotalOriginal = 1 + (int)(chosen >> 16 & 3);
    input.TimeCondition = chosen >> 24 & 7 ? THOST_FTDC_TC_GFD : THOST_FTDC_TC_IOC;
    input.VolumeCondition = THOST_FTDC_VC_AV;
    input.ContingentCondition = THOST_FTDC_CC_Immediately;
    input.ForceCloseReason = THOST_FTDC_FCC_NotForceClose;
    session->sent[at].order_ref = session->order_ref;
    session->sent[at].ns = clock_monotonic_ns();
    session->waiting++;
    wire_client_request(&session->client, CTP_TraderApi_ReqOrderInsert, &input, (int)number);
}

/* Books must not grow without end: every second order, the session's newest resting one goes. */
static void offer_cancel(struct load *load, struct session *session, uint64_t number)
{
    if (number % 2 || !session->may_cancel)
        return;
    struct CThostFtdcInputOrderActionField action;
    memset(&action, 0, sizeof action);
    memcpy(action.ExchangeID, session->exchange, sizeof action.ExchangeID);
    memcpy(action.OrderSysID, session->system_id, sizeof action.OrderSysID);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    session->may_cancel = false;
    load->cancels++;
    wire_client_request(&session->client, CTP_TraderApi_ReqOrderAction, &action, (int)number);
}

static void offer(struct load *load)
{
    int64_t begin = clock_monotonic_ns(), now = begin;
    int64_t end = begin + load->seconds * 1000000000;
    uint64_t number = 0;
    for (; now < end; now = clock_monotonic_ns()) {
        uint64_t due = (uint64_t)((double)(now - begin) / 1e9 * (double)load->rate);
        for (; number < due; number++) {
            struct session *session =
                &load->sessions[hash_number(number * 7) % (uint64_t)load->session_count];
            offer_order(load, session, number);
            offer_cancel(load, session, number);
            if (!wire_client_send(&session->client))
                exit(1);
        }
        listen_for(load, 0);
    }
}

/* What is still under way is waited for: nothing may be lost. */
static void drain(struct load *load)
{
    int64_t until = clock_monotonic_ns() + 60000000000;
    int64_t waiting = 1;
    while (waiting && clock_monotonic_ns() < until) {
        listen_for(load, 50);
        waiting = 0;
        for (int64_t i = 0; i < load->session_count; i++) {
            wire_client_send(&load->sessions[i].client);
            waiting += load->sessions[i].waiting;
        }
    }
    if (waiting)
        fprintf(stderr, "load: %lld orders were never answered\n", (long long)waiting);
}

/* ---- the report ---- */

static int number_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void report(struct load *load, double seconds)
{
    long greatest;
    long now = real_tts_memory_kib(&load->tts, &greatest);
    qsort(load->latency_us, load->latencies, sizeof *load->latency_us, number_order);
    uint64_t last = load->latencies ? load->latencies - 1 : 0;
    printf("load: %lld sessions, %lld orders/s offered for %lld s: %llu offered, %llu held back, "
           "%llu acknowledged and %llu refused in %.1f s, %.0f done/s; %llu cancels; %llu messages "
           "heard\n",
           (long long)load->session_count, (long long)load->rate, (long long)load->seconds,
           (unsigned long long)load->offered, (unsigned long long)load->held_back,
           (unsigned long long)load->acknowledged, (unsigned long long)load->refused, seconds,
           (double)(load->acknowledged + load->refused) / seconds,
           (unsigned long long)load->cancels, (unsigned long long)load->messages);
    printf("latency: p50 %.1f ms, p99 %.1f ms, greatest %.1f ms\n",
           load->latency_us[last / 2] / 1e3, load->latency_us[last * 99 / 100] / 1e3,
           load->latency_us[last] / 1e3);
    printf("memory of tts: %ld MiB, at most %ld MiB\nanswers of refusal:", now / 1024,
           greatest / 1024);
    for (int i = 0; i < ERRORS_MAX && load->errors[i].count; i++)
        printf(" %d: %llu", load->errors[i].error_id, (unsigned long long)load->errors[i].count);
    printf("%s\n", load->errors[0].count ? "" : " none");
}

static int64_t number_behind(int argc, char **argv, const char *name, int64_t otherwise)
{
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], name) == 0)
            text_to_int(text_of(argv[i + 1]), &otherwise);
    return otherwise;
}

int main(int argc, char **argv)
{
    char order_rate[64];
    snprintf(order_rate, sizeof order_rate, "order_rate=%lld",
             (long long)number_behind(argc, argv, "--order-rate", 0));
    const char *const options[] = {"--book",
                                   "all",
                                   "--set",
                                   "always_open=true",
                                   "--set",
                                   "auto_account=true",
                                   "--set",
                                   "auto_account_deposit=1e12",
                                   "--set",
                                   order_rate,
                                   "--connect-rate",
                                   "0",
                                   "--connections",
                                   "20000",
                                   NULL};
    static struct load load;
    struct rlimit files = {65536, 65536};
    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_NOFILE, &files);
    load.session_count = number_behind(argc, argv, "--sessions", 1000);
    load.rate = number_behind(argc, argv, "--rate", 50000);
    load.seconds = number_behind(argc, argv, "--seconds", 10);
    load.sessions = memory_get_zeroed((size_t)load.session_count, sizeof *load.sessions);
    load.latency_us = memory_get_zeroed(LATENCIES_MAX, sizeof *load.latency_us);
    load.poll = epoll_create1(EPOLL_CLOEXEC);
    if (!real_tts_begin(&load.tts) || !real_tts_start(&load.tts, options))
        return 1;
    int64_t begin = clock_monotonic_ns();
    log_all_in(&load);
    printf("load: %lld sessions logged in after %.1f s\n", (long long)load.session_count,
           (double)(clock_monotonic_ns() - begin) / 1e9);
    begin = clock_monotonic_ns();
    offer(&load);
    drain(&load);
    report(&load, (double)(clock_monotonic_ns() - begin) / 1e9);
    for (int64_t i = 0; i < load.session_count; i++)
        wire_client_close(&load.sessions[i].client);
    real_tts_finish(&load.tts);
    free(load.sessions);
    free(load.latency_us);
    return 0;
}
