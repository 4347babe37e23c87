/* options.c: see options.h. */
#include "webctp/options.h"
#include "base/buffer.h"
#include <errno.h>
#include <sys/stat.h>

#define LOG_LEVELS "NOTSET DEBUG INFO WARN WARNING ERROR CRITICAL"

enum { MINUTES_10_S = 600, MEBIBYTE = 1 << 20 };

/* The keys of the first webctp, then our own. */
static const struct config_key keys[] = {
    {.name = "TdFrontAddress", .type = CONFIG_TYPE_LIST},
    {.name = "MdFrontAddress", .type = CONFIG_TYPE_LIST},
    {.name = "BrokerID", .type = CONFIG_TYPE_TEXT},
    {.name = "AuthCode", .type = CONFIG_TYPE_TEXT},
    {.name = "AppID", .type = CONFIG_TYPE_TEXT},
    {.name = "Host", .type = CONFIG_TYPE_TEXT},
    {.name = "Port", .type = CONFIG_TYPE_INT, .min = 0, .max = 65535},
    {.name = "LogLevel", .type = CONFIG_TYPE_CHOICE, .choices = LOG_LEVELS},
    {.name = "ConFilePath", .type = CONFIG_TYPE_TEXT},
    {.name = "CtpVersion", .type = CONFIG_TYPE_TEXT},
    {.name = "Channel", .type = CONFIG_TYPE_TEXT},
    {.name = "Token", .type = CONFIG_TYPE_TEXT},
    {.name = "AllowedOrigins", .type = CONFIG_TYPE_LIST},
    {.name = "Strict", .type = CONFIG_TYPE_BOOL},
    {.name = "PublicReturns", .type = CONFIG_TYPE_BOOL},
    {.name = "Compression", .type = CONFIG_TYPE_BOOL},
    {.name = "QueryPacing", .type = CONFIG_TYPE_BOOL},
    {.name = "PingInterval", .type = CONFIG_TYPE_NUMBER, .min = 0, .max = MINUTES_10_S},
    {.name = "PingTimeout", .type = CONFIG_TYPE_NUMBER, .min = 0, .max = MINUTES_10_S},
    {.name = "LoginTimeout", .type = CONFIG_TYPE_NUMBER, .min = 0, .max = MINUTES_10_S},
    {.name = "MaxMessageBytes", .type = CONFIG_TYPE_INT, .min = 1024, .max = 16 * MEBIBYTE},
    {.name = "MaxConnections", .type = CONFIG_TYPE_INT, .min = 1, .max = 100000},
    {.name = "MaxInstruments", .type = CONFIG_TYPE_INT, .min = 1, .max = 1000000},
    {.name = "ConflateBytes", .type = CONFIG_TYPE_INT, .min = 0, .max = 1024 * MEBIBYTE},
    {.name = "MaxQueueBytes", .type = CONFIG_TYPE_INT, .min = 1024, .max = 1024 * MEBIBYTE},
};

enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

static const struct config_key *key_of(const char *name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (text_equal(text_of(keys[i].name), text_of(name)))
            return &keys[i];
    abort(); /* this file asks only for keys of its own table */
}

bool options_app_type(struct options *options, text name, struct error *error)
{
    bool both = text_equal(name, TEXT("dev"));
    options->serves[CTP_TRADER] = both || text_equal(name, TEXT("td"));
    options->serves[CTP_MD] = both || text_equal(name, TEXT("md"));
    if (options->serves[CTP_TRADER] || options->serves[CTP_MD])
        return true;
    error_set(error, "app_type %.*s is unknown", TEXT_ARG(name));
    return error_fix(error, "it is td, md or dev (both)");
}

/* ---- one value each ---- */

static bool read_text(const struct config *config, const char *name, const char *fallback,
                      char **value, struct error *error)
{
    text t;
    if (!config_text(config, name, text_of(fallback), &t, error))
        return false;
    *value = memory_copy_text(t);
    return true;
}

static bool read_int(const struct config *config, const char *name, int64_t fallback,
                     int64_t *value, struct error *error)
{
    const struct config_key *key = key_of(name);
    return config_int(config, name, fallback, key->min, key->max, value, error);
}

/* A time in seconds, as milliseconds: at least one. */
static bool read_seconds(const struct config *config, const char *name, double fallback, int *ms,
                         struct error *error)
{
    const struct config_key *key = key_of(name);
    double seconds;
    if (!config_number(config, name, fallback, (double)key->min, (double)key->max, &seconds, error))
        return false;
    *ms = (int)(seconds * 1000);
    if (*ms >= 1)
        return true;
    error_set(error, "%s is too short: it is a number of seconds above 0", name);
    return config_error_at(config, name, error);
}

static bool front_is_good(text address)
{
    static const char *const schemes[] = {"tcp://", "ssl://", "tcp6://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        text scheme = text_of(schemes[i]);
        if (!text_starts_with(address, scheme))
            continue;
        size_t colon = address.length;
        while (colon > scheme.length && address.at[colon - 1] != ':')
            colon--;
        int64_t port;
        return colon > scheme.length + 1 &&
               text_to_int((text){address.at + colon, address.length - colon}, &port) && port > 0 &&
               port <= 65535;
    }
    return false;
}

static bool read_fronts(const struct config *config, const char *name, bool needed,
                        struct fronts *fronts, struct error *error)
{
    text addresses[OPTIONS_FRONTS_MAX];
    size_t count;
    if (!config_list(config, name, addresses, OPTIONS_FRONTS_MAX, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!front_is_good(addresses[i])) {
            error_set(error, "%s: %.*s is no front's address", name, TEXT_ARG(addresses[i]));
            error_fix(error, "write tcp://HOST:PORT, ssl://HOST:PORT or tcp6://HOST:PORT");
            return config_error_at(config, name, error);
        }
        fronts->address[fronts->count++] = memory_copy_text(addresses[i]);
    }
    if (count > 0 || !needed)
        return true;
    error_set(error, "%s is missing or empty", name);
    error_fix(error, "write the front's address there: %s: tcp://HOST:PORT", name);
    return config_error_at(config, name, error);
}

static bool read_version(struct options *options, const struct config *config, struct error *error)
{
    text version;
    if (!config_text(config, "CtpVersion", TEXT(""), &version, error))
        return false;
    options->has_version = version.length > 0;
    if (!options->has_version || ctp_version_find(version, &options->version))
        return true;
    error_set(error, "CtpVersion %.*s is unknown", TEXT_ARG(version));
    error_fix(error, "it is one of the API's versions from %s to %s, such as 6.7.2",
              ctp_version_name(0), ctp_version_name(CTP_NEWEST));
    return config_error_at(config, "CtpVersion", error);
}

static bool read_log_level(struct options *options, const struct config *config,
                           struct error *error)
{
    static const enum log_level levels[] = {LOG_NOTSET, LOG_DEBUG, LOG_INFO,    LOG_WARN,
                                            LOG_WARN,   LOG_ERROR, LOG_CRITICAL};
    int place;
    if (!config_choice(config, "LogLevel", LOG_LEVELS, 2, &place, error))
        return false;
    options->log_level = levels[place];
    return true;
}

static bool read_folder(struct options *options, const struct config *config, struct error *error)
{
    text folder;
    if (!config_text(config, "ConFilePath", TEXT("./con_file/"), &folder, error))
        return false;
    struct buffer path = {.at = NULL};
    buffer_put_text(&path, folder);
    if (!text_ends_with(folder, TEXT("/")))
        buffer_put_char(&path, '/');
    options->flow_folder = memory_copy_text(buffer_text(&path));
    buffer_finish(&path);
    return true;
}

/* ---- groups ---- */

static bool read_counter(struct options *options, const struct config *config, struct error *error)
{
    return read_fronts(config, "TdFrontAddress", options->serves[CTP_TRADER],
                       &options->fronts[CTP_TRADER], error) &&
           read_fronts(config, "MdFrontAddress", options->serves[CTP_MD], &options->fronts[CTP_MD],
                       error) &&
           read_text(config, "BrokerID", "", &options->broker_id, error) &&
           read_text(config, "AuthCode", "", &options->auth_code, error) &&
           read_text(config, "AppID", "", &options->app_id, error) &&
           read_text(config, "Channel", "", &options->channel, error) &&
           read_version(options, config, error) && read_folder(options, config, error);
}

static bool read_switches(struct options *options, const struct config *config, struct error *error)
{
    return config_bool(config, "Strict", false, &options->strict, error) &&
           config_bool(config, "PublicReturns", false, &options->public_returns, error) &&
           config_bool(config, "Compression", true, &options->compression, error) &&
           config_bool(config, "QueryPacing", false, &options->query_pacing, error) &&
           read_log_level(options, config, error);
}

static bool read_limits(struct options *options, const struct config *config, struct error *error)
{
    int64_t message, connections, instruments, conflate, queue;
    if (!read_int(config, "MaxMessageBytes", MEBIBYTE, &message, error) ||
        !read_int(config, "MaxConnections", 10000, &connections, error) ||
        !read_int(config, "MaxInstruments", 100000, &instruments, error) ||
        !read_int(config, "ConflateBytes", MEBIBYTE / 4, &conflate, error) ||
        !read_int(config, "MaxQueueBytes", 32 * MEBIBYTE, &queue, error))
        return false;
    options->message_bytes_max = (size_t)message;
    options->connections_max = (unsigned)connections;
    options->instruments_max = (unsigned)instruments;
    options->outbox =
        (struct outbox_limits){.conflate_bytes = (size_t)conflate, .bytes_max = (size_t)queue};
    return true;
}

static bool read_port(struct options *options, const struct config *config, struct error *error)
{
    int64_t port;
    if (!read_text(config, "Host", "0.0.0.0", &options->host, error) ||
        !read_int(config, "Port", 8080, &port, error))
        return false;
    options->port = (int)port;
    return true;
}

static bool read_admission(struct options *options, const struct config *config,
                           struct error *error)
{
    text origins[OPTIONS_ORIGINS_MAX];
    size_t count;
    if (!read_text(config, "Token", "", &options->token, error) ||
        !config_list(config, "AllowedOrigins", origins, OPTIONS_ORIGINS_MAX, &count, error))
        return false;
    for (size_t i = 0; i < count; i++)
        options->origins[options->origin_count++] = memory_copy_text(origins[i]);
    return true;
}

static bool read_times(struct options *options, const struct config *config, struct error *error)
{
    return read_seconds(config, "PingInterval", 20, &options->ping_interval_ms, error) &&
           read_seconds(config, "PingTimeout", 20, &options->ping_timeout_ms, error) &&
           read_seconds(config, "LoginTimeout", 10, &options->login_timeout_ms, error);
}

static bool look_for_unknown(const struct config *config, bool refuse, struct error *error)
{
    size_t cursor = 0;
    struct error unknown;
    while (config_unknown(config, keys, KEY_COUNT, &cursor, &unknown)) {
        if (refuse) {
            *error = unknown;
            return false;
        }
        char line[1024];
        log_line(LOG_WARN, "%s", error_text(&unknown, line, sizeof line));
    }
    return true;
}

bool options_read(struct options *options, const struct config *config, bool refuse_unknown,
                  struct error *error)
{
    return config_check(config, keys, KEY_COUNT, error) && read_switches(options, config, error) &&
           look_for_unknown(config, refuse_unknown || options->strict, error) &&
           read_counter(options, config, error) && read_port(options, config, error) &&
           read_admission(options, config, error) && read_limits(options, config, error) &&
           read_times(options, config, error);
}

bool options_make_folder(const struct options *options, const struct config *config,
                         struct error *error)
{
    char *path = memory_copy_text(text_of(options->flow_folder));
    bool made = true;
    for (char *at = path + 1; made && *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *at = '/';
    }
    struct stat found;
    if (made && (stat(path, &found) != 0 || !S_ISDIR(found.st_mode))) {
        made = false;
        errno = ENOTDIR;
    }
    free(path);
    if (made)
        return true;
    error_set(error, "ConFilePath: the folder %s cannot be made: %s", options->flow_folder,
              strerror(errno));
    return config_error_at(config, "ConFilePath", error);
}

void options_finish(struct options *options)
{
    for (int side = 0; side < 2; side++)
        for (unsigned i = 0; i < options->fronts[side].count; i++)
            free(options->fronts[side].address[i]);
    for (unsigned i = 0; i < options->origin_count; i++)
        free(options->origins[i]);
    free(options->token);
    free(options->channel);
    free(options->broker_id);
    free(options->app_id);
    if (options->auth_code)
        explicit_bzero(options->auth_code, strlen(options->auth_code));
    free(options->auth_code);
    free(options->host);
    free(options->flow_folder);
    *options = (struct options){.port = 0};
}
