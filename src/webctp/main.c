/* main.c: the program webctp: its command line, its start and its end. */
#include "base/buffer.h"
#include "webctp/gateway.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_WRONG = 1, EXIT_USAGE = 2, DESCRIPTORS_WANTED = 65536 };

static const char usage[] =
    "usage: webctp [--config=FILE] [--app_type=td|md|dev] [--check]\n"
    "\n"
    "A WebSocket and JSON gateway to a CTP counter: ws://HOST:PORT/td/ for trading, /md/ for "
    "market data.\n"
    "\n"
    "  --config=FILE       its options, in YAML (./config.yaml)\n"
    "  --app_type=TYPE     td: trading, md: market data, dev: both on one port (td)\n"
    "  --check             read and check the config, then end: 0 when it is good\n"
    "  --version           tell the version and end\n"
    "  --help              tell this and end\n"
    "\n"
    "Ends with 0 after SIGINT or SIGTERM, 1 when something is wrong, 2 for a wrong command line.\n";

struct command_line {
    const char *config;
    const char *app_type;
    bool check, version, help;
};

/* The value of an option written "--name=value" or "--name value"; NULL when argument *at is
 * another one. */
static const char *option_value(char **arguments, int count, int *at, text name)
{
    text argument = text_of(arguments[*at]);
    if (!text_starts_with(argument, name))
        return NULL;
    if (argument.length > name.length)
        return argument.at[name.length] == '=' ? argument.at + name.length + 1 : NULL;
    return *at + 1 < count ? arguments[++*at] : NULL;
}

static bool read_command_line(struct command_line *line, char **arguments, int count)
{
    *line = (struct command_line){.config = "./config.yaml", .app_type = "td"};
    for (int i = 1; i < count; i++) {
        text argument = text_of(arguments[i]);
        const char *value;
        if (text_equal(argument, TEXT("--check")))
            line->check = true;
        else if (text_equal(argument, TEXT("--version")))
            line->version = true;
        else if (text_equal(argument, TEXT("--help")) || text_equal(argument, TEXT("-h")))
            line->help = true;
        else if ((value = option_value(arguments, count, &i, TEXT("--config"))))
            line->config = value;
        else if ((value = option_value(arguments, count, &i, TEXT("--app_type"))))
            line->app_type = value;
        else {
            fprintf(stderr, "webctp: argument %s is unknown or lacks its value\n%s", arguments[i],
                    usage);
            return false;
        }
    }
    return true;
}

/* ---- signals ---- */

/* Signals are blocked in every thread, those of the libraries included, and waited for in one of
 * their own. */
struct signal_watch {
    struct gateway *gateway;
    sigset_t signals;
    pthread_t thread;
};

static void *wait_for_signal(void *user)
{
    struct signal_watch *watch = user;
    int number = 0;
    if (sigwait(&watch->signals, &number) == 0)
        log_line(LOG_INFO, "signal %d: stopping", number);
    gateway_stop(watch->gateway);
    return NULL;
}

static void block_signals(struct signal_watch *watch)
{
    sigemptyset(&watch->signals);
    sigaddset(&watch->signals, SIGINT);
    sigaddset(&watch->signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &watch->signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Connections and the libraries' own sockets need descriptors; the usual soft limit of 1024 is soon
 * reached. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- running ---- */

static int fail(const struct error *error)
{
    error_print("webctp", error);
    return EXIT_WRONG;
}

static int run(const struct options *options, const struct config *config, const char *app_type)
{
    struct error error = {.line = 0};
    struct gateway gateway = {.options = NULL};
    struct signal_watch watch = {.gateway = &gateway};
    block_signals(&watch);
    raise_descriptor_limit();
    if (!options_make_folder(options, config, &error))
        return fail(&error);
    if (!gateway_start(&gateway, options, &error)) {
        gateway_finish(&gateway);
        return fail(&error);
    }
    log_line(LOG_INFO, "start %s app", app_type);
    log_line(LOG_INFO, "listening on %s port %d", options->host, listener_port(gateway.listener));
    if (pthread_create(&watch.thread, NULL, wait_for_signal, &watch) != 0)
        abort(); /* no thread at start: nothing could run */
    gateway_run(&gateway);
    pthread_kill(watch.thread, SIGTERM); /* where the loop ended by itself, the watch still waits */
    pthread_join(watch.thread, NULL);
    if (!gateway_finish(&gateway)) {
        log_line(LOG_WARN, "a CTP library did not release its session in time; ending without it");
        _exit(0);
    }
    log_line(LOG_INFO, "stopped");
    return 0;
}

static int start(const struct command_line *line)
{
    struct error error = {.line = 0};
    struct config config = {.total = 0};
    struct options options = {.port = 0};
    int result;
    if (!options_app_type(&options, text_of(line->app_type), &error) ||
        !config_read_file(&config, line->config, &error) ||
        !options_read(&options, &config, line->check, &error)) {
        result = fail(&error);
    } else if (line->check) {
        printf("%s is good for --app_type=%s\n", line->config, line->app_type);
        result = 0;
    } else {
        log_set_level(options.log_level);
        result = run(&options, &config, line->app_type);
    }
    options_finish(&options);
    config_finish(&config);
    return result;
}

int main(int count, char **arguments)
{
    struct command_line line;
    if (!read_command_line(&line, arguments, count))
        return EXIT_USAGE;
    if (line.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (line.version) {
        puts("webctp " WEBCTP_VERSION);
        return 0;
    }
    return start(&line);
}
