/* watch.c: an example: logs in to webctp's market data, subscribes, and prints ticks.
 *
 *     webctp-watch ws://127.0.0.1:8080/md/ rb2501 au2502
 *     webctp-watch --ticks 5 --seconds 20 ws://127.0.0.1:8080/md/ rb2501 */
#include "conversation.h"

enum { ANSWER_MS = 20000 };

struct task {
    const char *url;
    char **instruments;
    int count;
    int64_t ticks, seconds; /* ticks to see before it ends, 0: go on; most seconds between two */
};

static bool log_in(struct conversation *talk)
{
    json_t *empty = json_pack("{s:s, s:s}", "UserID", "", "Password", "");
    if (!conversation_ask(talk, "ReqUserLogin", "ReqUserLogin", empty))
        return false;
    json_t *answer = conversation_wait(talk, "RspUserLogin", ANSWER_MS);
    bool in = answer && conversation_error(answer) == 0;
    if (in)
        printf("logged in, trading day %s\n",
               conversation_text(answer, "RspUserLogin", "TradingDay"));
    json_decref(answer);
    return in;
}

/* The names go as a list under "InstrumentID"; each is answered by itself. */
static bool subscribe(struct conversation *talk, const struct task *task)
{
    json_t *names = json_array();
    for (int i = 0; i < task->count; i++)
        json_array_append_new(names, json_string(task->instruments[i]));
    if (!conversation_ask(talk, "SubscribeMarketData", "InstrumentID", names))
        return false;
    bool fine = true;
    for (int i = 0; fine && i < task->count; i++) {
        json_t *answer = conversation_wait(talk, "RspSubMarketData", ANSWER_MS);
        fine = answer && conversation_error(answer) == 0;
        json_decref(answer);
    }
    return fine;
}

static void print_tick(const json_t *message)
{
    static const char body[] = "DepthMarketData";
    printf("%s.%03.0f  %-10s last %10.2f   bid %10.2f x %-6.0f ask %10.2f x %-6.0f volume %.0f\n",
           conversation_text(message, body, "UpdateTime"),
           conversation_number(message, body, "UpdateMillisec"),
           conversation_text(message, body, "InstrumentID"),
           conversation_number(message, body, "LastPrice"),
           conversation_number(message, body, "BidPrice1"),
           conversation_number(message, body, "BidVolume1"),
           conversation_number(message, body, "AskPrice1"),
           conversation_number(message, body, "AskVolume1"),
           conversation_number(message, body, "Volume"));
    fflush(stdout);
}

static bool watch(struct conversation *talk, const struct task *task)
{
    for (int64_t seen = 0; task->ticks == 0 || seen < task->ticks; seen++) {
        json_t *tick = conversation_wait(talk, "RtnDepthMarketData", (int)task->seconds * 1000);
        if (!tick)
            return false;
        print_tick(tick);
        json_decref(tick);
    }
    return true;
}

static bool take_arguments(struct task *task, int argc, char **argv)
{
    int at = 1;
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        int64_t *number = strcmp(argv[at], "--ticks") == 0     ? &task->ticks
                          : strcmp(argv[at], "--seconds") == 0 ? &task->seconds
                                                               : NULL;
        if (!number || !text_to_int(text_of(argv[at + 1]), number) || *number < 0 ||
            *number > 1000000)
            return false;
    }
    if (argc - at < 2)
        return false;
    task->url = argv[at];
    task->instruments = argv + at + 1;
    task->count = argc - at - 1;
    return true;
}

int main(int argc, char **argv)
{
    struct task task = {.seconds = 3600};
    struct conversation talk = {.show = false};
    if (!take_arguments(&task, argc, argv)) {
        fprintf(stderr, "usage: webctp-watch [--ticks N] [--seconds N] "
                        "ws://HOST:PORT/md/ INSTRUMENT...\n");
        return 2;
    }
    bool fine = conversation_open(&talk, task.url) && log_in(&talk) && subscribe(&talk, &task) &&
                watch(&talk, &task);
    conversation_close(&talk);
    return fine ? 0 : 1;
}
