/* roundtrip_bench.c: one order at a time through the drop-in library and a real tts on loopback,
 * its journal on the disk: from the call of ReqOrderInsert to OnRtnOrder; and the same from a
 * WebSocket client through webctp. Against a bare TCP echo that does one append + fdatasync of as
 * many bytes before it answers, and against the bare echo alone; in turns in one run.
 *
 * Usage: roundtrip_bench (files in $TMPDIR, /tmp otherwise) */
#include "api_client.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "echo.h"
#include "order_stream.h"
#include "processes.h"
#include "real_tts.h"
#include "websocket_client.h"
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ORDERS_OF_A_TURN = 100, ROUNDS = 10 };

enum which { OURS, WEBCTP, ECHO_AND_DISK, ECHO, WAYS };

struct bench {
    struct real_tts tts;
    struct api_client client;
    sem_t told;
    int64_t told_ns;
    int order_ref;
    int echo;  /* socket to the echo that writes first */
    int plain; /* socket to the bare echo */
    struct processes gateway;
    struct websocket browser;
    double ns[WAYS][ORDERS_OF_A_TURN * ROUNDS];
    int count[WAYS];
};

/* ---- ours ---- */

static void called(void *user, const struct ctp_callback *callback)
{
    struct bench *bench = user;
    if (callback->method != CTP_TraderSpi_OnRtnOrder &&
        callback->method != CTP_TraderSpi_OnRspOrderInsert)
        return;
    char status = *((char *)callback->body + api_client_offset(CTP_STRUCT_Order, "OrderStatus"));
    if (callback->method == CTP_TraderSpi_OnRspOrderInsert) {
        fputs("roundtrip_bench: an order was refused\n", stderr);
        exit(1);
    }
    if (status != 'a')
        return;
    bench->told_ns = clock_monotonic_ns();
    sem_post(&bench->told);
}

static void order_body(struct bench *bench, char *body)
{
    static const char *const values[][2] = {
        {"InvestorID", "u1"},      {"InstrumentID", "rb2105"}, {"ExchangeID", "SHFE"},
        {"Direction", "0"},        {"CombOffsetFlag", "0"},    {"CombHedgeFlag", "1"},
        {"OrderPriceType", "2"},   {"LimitPrice", "3990"},     {"VolumeTotalOriginal", "1"},
        {"TimeCondition", "3"},    {"VolumeCondition", "1"},   {"ContingentCondition", "1"},
        {"ForceCloseReason", "0"},
    };
    char reference[16];
    memset(body, 0, CTP_STRUCT_SIZE_MAX);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        api_client_put(CTP_STRUCT_InputOrder, body, values[i][0], values[i][1]);
    snprintf(reference, sizeof reference, "%d", ++bench->order_ref);
    api_client_put(CTP_STRUCT_InputOrder, body, "OrderRef", reference);
}

static double one_order(struct bench *bench)
{
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body;
    order_body(bench, body.bytes);
    int64_t begin = clock_monotonic_ns();
    api_client_request(&bench->client, CTP_TraderApi_ReqOrderInsert, body.bytes, bench->order_ref);
    sem_wait(&bench->told);
    return (double)(bench->told_ns - begin);
}

/* ---- the same through webctp ---- */

static bool receive(struct bench *bench, const char *wanted)
{
    while (websocket_receive(&bench->browser, 10000) == WEBSOCKET_MESSAGE)
        if (strstr(bench->browser.message.at, wanted))
            return true;
    return false;
}

static bool open_browser(struct bench *bench)
{
    struct processes *gateway = &bench->gateway;
    if (!processes_begin(gateway))
        return false;
    gateway->td_port = bench->tts.td_port;
    gateway->md_port = bench->tts.md_port;
    return processes_start_webctp(gateway, TEXT("")) &&
           websocket_open(&bench->browser, "127.0.0.1", gateway->port, "/td/", "", false) &&
           websocket_send(&bench->browser, "{\"MsgType\": \"ReqUserLogin\", \"ReqUserLogin\": "
                                           "{\"UserID\": \"u2\", \"Password\": \"secret\"}}") &&
           receive(bench, "Tick Trading System");
}

/* From the message's way out to the first RtnOrder; what follows it is taken in afterwards. */
static double one_order_by_browser(struct bench *bench)
{
    static const char order[] =
        "{\"MsgType\": \"ReqOrderInsert\", \"InputOrder\": {\"InstrumentID\": \"rb2105\", "
        "\"ExchangeID\": \"SHFE\", \"Direction\": \"0\", \"CombOffsetFlag\": \"0\", "
        "\"CombHedgeFlag\": \"1\", \"OrderPriceType\": \"2\", \"LimitPrice\": 3990, "
        "\"VolumeTotalOriginal\": 1, \"TimeCondition\": \"3\", \"VolumeCondition\": \"1\", "
        "\"ContingentCondition\": \"1\", \"ForceCloseReason\": \"0\"}}";
    int64_t begin = clock_monotonic_ns();
    if (!websocket_send(&bench->browser, order) || !receive(bench, "\"OrderStatus\":\"a\""))
        exit(1);
    double took = (double)(clock_monotonic_ns() - begin);
    if (!receive(bench, "\"OrderStatus\":\"3\""))
        exit(1);
    return took;
}

/* ---- the run ---- */

static void turn(struct bench *bench, enum which which)
{
    for (int i = 0; i < ORDERS_OF_A_TURN; i++) {
        double took = which == OURS            ? one_order(bench)
                      : which == WEBCTP        ? one_order_by_browser(bench)
                      : which == ECHO_AND_DISK ? echo_once(bench->echo)
                                               : echo_once(bench->plain);
        bench->ns[which][bench->count[which]++] = took;
    }
}

static int double_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile_us(const struct bench *bench, enum which which, int percent)
{
    return bench->ns[which][bench->count[which] * percent / 100] / 1e3;
}

static void report(struct bench *bench)
{
    static const char disk[] = "ReqOrderInsert to OnRtnOrder through the library, tts and its "
                               "journal, against a TCP echo that does one append + fdatasync";
    for (int i = 0; i < WAYS; i++)
        qsort(bench->ns[i], (size_t)bench->count[i], sizeof bench->ns[i][0], double_order);
    bench_line("order_roundtrip_p50", percentile_us(bench, OURS, 50),
               percentile_us(bench, ECHO_AND_DISK, 50), false, "us", disk);
    bench_line("order_roundtrip_p99", percentile_us(bench, OURS, 99),
               percentile_us(bench, ECHO_AND_DISK, 99), false, "us", disk);
    bench_line("order_roundtrip_p50_echo", percentile_us(bench, OURS, 50),
               percentile_us(bench, ECHO, 50), false, "us",
               "the same against a bare TCP echo without a disk");
    bench_line("webctp_roundtrip_p50", percentile_us(bench, WEBCTP, 50),
               percentile_us(bench, ECHO_AND_DISK, 50), false, "us",
               "a WebSocket message to its RtnOrder through webctp, the library, tts and the "
               "journal, against the echo with a disk");
    bench_line("webctp_roundtrip_p99", percentile_us(bench, WEBCTP, 99),
               percentile_us(bench, ECHO_AND_DISK, 99), false, "us", "the same");
}

static void run(struct bench *bench)
{
    for (int i = 0; i < ROUNDS; i++)
        for (int k = 0; k < WAYS; k++)
            turn(bench, (enum which)(i % 2 ? WAYS - 1 - k : k));
    report(bench);
}

int main(void)
{
    static const char *const options[] = {"--book", "all",
                                          "--set",  "always_open=true",
                                          "--set",  "auto_account=true",
                                          "--set",  "auto_account_deposit=1e12",
                                          NULL};
    static struct bench bench;
    signal(SIGPIPE, SIG_IGN);
    if (!real_tts_begin(&bench.tts) || !real_tts_start(&bench.tts, options))
        return 1;
    char path[128];
    snprintf(path, sizeof path, "%s/echo", bench.tts.folder);
    bench.echo = echo_start(path);
    bench.plain = echo_start(NULL);
    sem_init(&bench.told, 0, 0);
    api_client_begin(&bench.client, CTP_TRADER, bench.tts.td_port, bench.tts.folder, called,
                     &bench);
    bool opened = open_browser(&bench);
    if (opened)
        run(&bench);
    else
        processes_show_logs(&bench.gateway);
    api_client_end(&bench.client);
    websocket_finish(&bench.browser);
    processes_finish(&bench.gateway);
    close(bench.echo);
    close(bench.plain);
    real_tts_finish(&bench.tts);
    while (wait(NULL) > 0)
        ;
    return opened ? 0 : 1;
}
