/* roundtrip_bench.c: one order at a time through the drop-in library and a real tts on loopback,
 * its journal on the disk: from the call of ReqOrderInsert to OnRtnOrder. Against a bare TCP echo
 * that does one append + fdatasync of as many bytes before it answers, and against the bare echo
 * alone; in turns in one run.
 *
 * Usage: roundtrip_bench (files in $TMPDIR, /tmp otherwise) */
#include "api_client.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "order_stream.h"
#include "real_tts.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ORDERS_OF_A_TURN = 100, ROUNDS = 10, ECHO_BYTES = 256, JOURNAL_BYTES = 776 };

struct bench {
    struct real_tts tts;
    struct api_client client;
    sem_t told;
    int64_t told_ns;
    int order_ref;
    int echo;  /* socket to the echo that writes first */
    int plain; /* socket to the bare echo */
    double ns[3][ORDERS_OF_A_TURN * ROUNDS];
    int count[3];
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

/* ---- the baselines ---- */

static void echo(int socket, int file)
{
    char bytes[JOURNAL_BYTES] = {1};
    for (;;) {
        ssize_t got = recv(socket, bytes, ECHO_BYTES, MSG_WAITALL);
        if (got != ECHO_BYTES)
            _exit(0);
        if (file >= 0 && (write(file, bytes, sizeof bytes) != sizeof bytes || fdatasync(file) != 0))
            _exit(1);
        if (send(socket, bytes, ECHO_BYTES, 0) != ECHO_BYTES)
            _exit(1);
    }
}

/* A child that echoes, and a connected socket to it. `path` NULL: without a disk. */
static int start_echo(const char *path)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        exit(1);
    if (fork() == 0) {
        int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
        int accepted = accept(listener, NULL, NULL);
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        echo(accepted, file);
    }
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(client, (struct sockaddr *)&address, sizeof address) != 0)
        exit(1);
    close(listener);
    return client;
}

static double one_echo(int socket)
{
    char bytes[ECHO_BYTES] = {1};
    int64_t begin = clock_monotonic_ns();
    if (send(socket, bytes, sizeof bytes, 0) != sizeof bytes ||
        recv(socket, bytes, sizeof bytes, MSG_WAITALL) != sizeof bytes)
        exit(1);
    return (double)(clock_monotonic_ns() - begin);
}

/* ---- the run ---- */

enum which { OURS, ECHO_AND_DISK, ECHO };

static void turn(struct bench *bench, enum which which)
{
    for (int i = 0; i < ORDERS_OF_A_TURN; i++) {
        double took = which == OURS            ? one_order(bench)
                      : which == ECHO_AND_DISK ? one_echo(bench->echo)
                                               : one_echo(bench->plain);
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
    for (int i = 0; i < 3; i++)
        qsort(bench->ns[i], (size_t)bench->count[i], sizeof bench->ns[i][0], double_order);
    bench_line("order_roundtrip_p50", percentile_us(bench, OURS, 50),
               percentile_us(bench, ECHO_AND_DISK, 50), false, "us", disk);
    bench_line("order_roundtrip_p99", percentile_us(bench, OURS, 99),
               percentile_us(bench, ECHO_AND_DISK, 99), false, "us", disk);
    bench_line("order_roundtrip_p50_echo", percentile_us(bench, OURS, 50),
               percentile_us(bench, ECHO, 50), false, "us",
               "the same against a bare TCP echo without a disk");
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
    bench.echo = start_echo(path);
    bench.plain = start_echo(NULL);
    sem_init(&bench.told, 0, 0);
    api_client_begin(&bench.client, CTP_TRADER, bench.tts.td_port, bench.tts.folder, called,
                     &bench);
    for (int i = 0; i < ROUNDS; i++)
        for (int k = 0; k < 3; k++)
            turn(&bench, (enum which)(i % 2 ? 2 - k : k));
    report(&bench);
    api_client_end(&bench.client);
    close(bench.echo);
    close(bench.plain);
    real_tts_finish(&bench.tts);
    while (wait(NULL) > 0)
        ;
    return 0;
}
