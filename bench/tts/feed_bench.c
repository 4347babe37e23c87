/* feed_bench.c: ticks a second from a recording to one subscriber of all instruments: feed, core,
 * front, loopback, drop-in library, OnRtnDepthMarketData. Against the same number of bytes in
 * frames of one tick, written one by one to a TCP socket and read by a thread that does nothing
 * with them.
 *
 * Usage: feed_bench (files in $TMPDIR, /tmp otherwise) */
#include "api_client.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "order_stream.h"
#include "real_tts.h"
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INSTRUMENTS = 50, TICKS_OF_EACH = 2000, SECONDS = 3, FRAME_BYTES = 230 };

struct bench {
    struct real_tts tts;
    struct api_client client;
    atomic_ullong ticks;
    char ids[INSTRUMENTS][16];
    char *pointers[INSTRUMENTS];
};

static void called(void *user, const struct ctp_callback *callback)
{
    struct bench *bench = user;
    if (callback->method == CTP_MdSpi_OnRtnDepthMarketData)
        atomic_fetch_add_explicit(&bench->ticks, 1, memory_order_relaxed);
}

static void name_instruments(struct bench *bench)
{
    static const char *const products[] = {"rb", "hc", "cu", "al", "zn"};
    for (int i = 0; i < INSTRUMENTS; i++) {
        snprintf(bench->ids[i], sizeof bench->ids[i], "%s21%02d", products[i / 10], 3 + i % 10);
        bench->pointers[i] = bench->ids[i];
    }
}

/* A day of ticks: each instrument twice a second. */
static bool write_ticks(const struct bench *bench)
{
    char path[128];
    snprintf(path, sizeof path, "%s/ticks.csv", bench->tts.folder);
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    fputs("TradingDay,ActionDay,UpdateTime,UpdateMillisec,ExchangeID,InstrumentID,LastPrice,Volume,"
          "Turnover,OpenInterest,PreSettlementPrice,UpperLimitPrice,LowerLimitPrice,BidPrice1,"
          "BidVolume1,AskPrice1,AskVolume1\n",
          file);
    for (int t = 0; t < TICKS_OF_EACH; t++)
        for (int i = 0; i < INSTRUMENTS; i++) {
            int second = 9 * 3600 + 1800 + t / 2, price = 4000 + t % 7;
            fprintf(
                file,
                "20210303,20210303,%02d:%02d:%02d,%d,SHFE,%s,%d,%d,%.0f,50000,3990,4389,3591,%d,"
                "%d,%d,%d\n",
                second / 3600, second / 60 % 60, second % 60, t % 2 * 500, bench->ids[i], price,
                1000 + t, 4e7 + t * 4e4, price - 1, 10 + t % 9, price + 1, 12);
        }
    return fclose(file) == 0;
}

static double measure_ours(struct bench *bench)
{
    unsigned long long before = atomic_load(&bench->ticks);
    int64_t begin = clock_monotonic_ns();
    sleep(SECONDS);
    unsigned long long came = atomic_load(&bench->ticks) - before;
    return (double)came / ((double)(clock_monotonic_ns() - begin) / 1e9);
}

static void write_frames(int socket)
{
    char frame[FRAME_BYTES] = {1};
    while (send(socket, frame, sizeof frame, MSG_NOSIGNAL) == sizeof frame)
        ;
    _exit(0);
}

static double measure_raw(void)
{
    int ends[2];
    static char bytes[65536];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        exit(1);
    if (fork() == 0) {
        close(ends[0]);
        write_frames(ends[1]);
    }
    close(ends[1]);
    uint64_t came = 0;
    int64_t begin = clock_monotonic_ns(), now = begin;
    while (now - begin < (int64_t)SECONDS * 1000000000) {
        ssize_t got = recv(ends[0], bytes, sizeof bytes, 0);
        if (got <= 0)
            exit(1);
        came += (uint64_t)got;
        now = clock_monotonic_ns();
    }
    close(ends[0]);
    wait(NULL);
    return (double)came / FRAME_BYTES / ((double)(now - begin) / 1e9);
}

int main(void)
{
    static const char *const options[] = {"--speed", "1000000", "--set", "always_open=true", NULL};
    static struct bench bench;
    name_instruments(&bench);
    if (!real_tts_begin(&bench.tts) || !write_ticks(&bench) || !real_tts_start(&bench.tts, options))
        return 1;
    api_client_begin(&bench.client, CTP_MD, bench.tts.md_port, bench.tts.folder, called, &bench);
    ctp_api_call(bench.client.api, API_CLIENT_VERSION,
                 &(struct ctp_call){.method = CTP_MdApi_SubscribeMarketData,
                                    .instruments = bench.pointers,
                                    .count = INSTRUMENTS});
    sleep(1);
    double ours = measure_ours(&bench);
    /* The feed must be still while the baseline runs. */
    kill(bench.tts.pid, SIGSTOP);
    double raw = measure_raw() + measure_raw();
    kill(bench.tts.pid, SIGCONT);
    ours += measure_ours(&bench);
    bench_line("feed_to_subscriber", ours / 2, raw / 2, true, "ticks/s",
               "recording to OnRtnDepthMarketData of one subscriber of 50 instruments, through the "
               "library; baseline: frames of one tick over a local socket, read and dropped");
    api_client_end(&bench.client);
    real_tts_finish(&bench.tts);
    return 0;
}
