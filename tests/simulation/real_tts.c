/* real_tts.c: see real_tts.h. */
#include "real_tts.h"
#include "base/buffer.h"
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_MS = 600000, WORDS_MAX = 64 };

static const char ticks[] =
    "TradingDay,ActionDay,UpdateTime,UpdateMillisec,ExchangeID,InstrumentID,LastPrice,Volume,"
    "Turnover,OpenInterest,OpenPrice,HighestPrice,LowestPrice,PreSettlementPrice,PreClosePrice,"
    "PreOpenInterest,UpperLimitPrice,LowerLimitPrice,BidPrice1,BidVolume1,AskPrice1,AskVolume1\n"
    "20210303,20210303,09:29:00,500,SHFE,rb2105,4000,1000,4e+07,50000,4000,4001,3999,3990,3990,"
    "49000,4229,3750,4000,100,4001,100\n"
    "20210303,20210303,09:29:00,500,DCE,m2105,3500,1000,3.5e+07,50000,3500,3501,3499,3490,3490,"
    "49000,3699,3281,3500,100,3501,100\n";

static void path_of(const struct real_tts *tts, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", tts->folder, name);
}

bool real_tts_begin(struct real_tts *tts)
{
    *tts = (struct real_tts){.pid = 0};
    const char *where = getenv("TMPDIR");
    snprintf(tts->folder, sizeof tts->folder, "%s/tts-XXXXXX",
             where && strlen(where) < 40 ? where : "/tmp");
    if (!mkdtemp(tts->folder))
        return false;
    char path[128];
    path_of(tts, "ticks.csv", path);
    FILE *file = fopen(path, "w");
    bool written = file && fputs(ticks, file) >= 0;
    return file && fclose(file) == 0 && written;
}

static pid_t run(const struct real_tts *tts, const char *const *words, const char *log)
{
    char path[128];
    path_of(tts, log, path);
    unlink(path); /* its readers wait for news, not for the last run's */
    pid_t id = fork();
    if (id != 0)
        return id;
    int output = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (output < 0 || chdir(tts->folder) != 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        _exit(127);
    execv(TTS_PROGRAM, (char *const *)(uintptr_t)words);
    _exit(127);
}

static int exit_code(pid_t id)
{
    int status = 0;
    while (waitpid(id, &status, 0) < 0)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int add_words(const char **words, int count, const char *const *more)
{
    for (int i = 0; more && more[i] && count < WORDS_MAX - 1; i++)
        words[count++] = more[i];
    words[count] = NULL;
    return count;
}

void real_tts_launch(struct real_tts *tts, const char *const *options)
{
    static const char *const first[] = {"tts", "--db", "tts.db", "--host",  "127.0.0.1", "--td",
                                        "0",   "--md", "0",      "--ticks", "ticks.csv", NULL};
    const char *words[WORDS_MAX];
    add_words(words, add_words(words, 0, first), options);
    tts->td_port = tts->md_port = 0;
    tts->pid = run(tts, words, "tts.log");
}

static void read_log(const struct real_tts *tts, struct buffer *content)
{
    char path[128];
    path_of(tts, "tts.log", path);
    FILE *file = fopen(path, "r");
    for (size_t got = 1; file && got;) {
        got = fread(buffer_reserve(content, 65536), 1, 65536, file);
        content->length += got;
    }
    if (file)
        fclose(file);
    buffer_put_char(content, '\0');
}

static int port_behind(const char *content, const char *before)
{
    const char *line = strstr(content, "ready:");
    const char *at = line && strchr(line, '\n') ? strstr(line, before) : NULL;
    return at ? (int)strtol(at + strlen(before), NULL, 10) : 0;
}

static bool is_ready(struct real_tts *tts)
{
    struct buffer content = {.at = NULL};
    read_log(tts, &content);
    tts->td_port = port_behind(content.at, "trading at 127.0.0.1:");
    tts->md_port = port_behind(content.at, "market data at 127.0.0.1:");
    buffer_finish(&content);
    return tts->td_port && tts->md_port;
}

bool real_tts_start(struct real_tts *tts, const char *const *options)
{
    real_tts_launch(tts, options);
    for (int waited = 0; waited < READY_MS; waited += 2) {
        if (is_ready(tts))
            return true;
        if (waitpid(tts->pid, NULL, WNOHANG) == tts->pid) {
            tts->pid = 0;
            break;
        }
        usleep(2000);
    }
    real_tts_show_log(tts);
    return false;
}

int real_tts_end(struct real_tts *tts, int signal_number)
{
    if (!tts->pid)
        return 0;
    kill(tts->pid, signal_number);
    int code = exit_code(tts->pid);
    tts->pid = 0;
    return code;
}

int real_tts_command(const struct real_tts *tts, const char *const *words)
{
    static const char *const first[] = {"tts", "--db", "tts.db", NULL};
    const char *all[WORDS_MAX];
    add_words(all, add_words(all, 0, first), words);
    return exit_code(run(tts, all, "command.log"));
}

long real_tts_memory_kib(const struct real_tts *tts, long *greatest)
{
    char path[64], line[256];
    long now = 0;
    *greatest = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)tts->pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            *greatest = strtol(line + 6, NULL, 10);
        if (strncmp(line, "VmRSS:", 6) == 0)
            now = strtol(line + 6, NULL, 10);
    }
    if (file)
        fclose(file);
    return now;
}

void real_tts_show_log(const struct real_tts *tts)
{
    struct buffer content = {.at = NULL};
    read_log(tts, &content);
    size_t from = content.length > 3000 ? content.length - 3000 : 0;
    fprintf(stderr, "---- tts.log\n%s\n", content.at + from);
    buffer_finish(&content);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void real_tts_finish(struct real_tts *tts)
{
    real_tts_end(tts, SIGTERM);
    nftw(tts->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
