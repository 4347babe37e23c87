/* options.c: one table of options serves the command line (--td 20002), the YAML file (td: 20002)
 * and the help text. The keys of core/options.def are options too. */
#include "tts/options.h"
#include "base/number.h"
#include "config/config.h"
#include <assert.h>
#include <stddef.h>

struct setting {
    struct config_key key;
    size_t offset;
    size_t size;       /* of a text */
    const char *words; /* CHOICE: in the order of the enum */
    const char *what;
};

#define AT(member) offsetof(struct options, member)
#define TEXT_SETTING(name, member, what)                         \
    {                                                            \
        {name, CONFIG_TYPE_TEXT, false, 0, 0, NULL}, AT(member), \
            sizeof(((struct options *)0)->member), NULL, what    \
    }
#define INT_SETTING(name, member, low, high, what)                                 \
    {                                                                              \
        {name, CONFIG_TYPE_INT, false, low, high, NULL}, AT(member), 0, NULL, what \
    }
#define BOOL_SETTING(name, member, what)                                       \
    {                                                                          \
        {name, CONFIG_TYPE_BOOL, false, 0, 0, NULL}, AT(member), 0, NULL, what \
    }
#define CHOICE_SETTING(name, member, choices, what)                                    \
    {                                                                                  \
        {name, CONFIG_TYPE_CHOICE, false, 0, 0, choices}, AT(member), 0, choices, what \
    }

#define SETTING_BOOL(name, low, high) \
    {{#name, CONFIG_TYPE_BOOL, false, 0, 0, NULL}, AT(core.name), 0, NULL, ""},
#define SETTING_INT(name, low, high) \
    {{#name, CONFIG_TYPE_INT, false, low, high, NULL}, AT(core.name), 0, NULL, ""},
#define SETTING_NUMBER(name, low, high) \
    {{#name, CONFIG_TYPE_NUMBER, false, low, (int64_t)(high), NULL}, AT(core.name), 0, NULL, ""},
#define SETTING_CHOICE(name, low, high) \
    {{#name, CONFIG_TYPE_CHOICE, false, 0, 0, high}, AT(core.name), 0, high, ""},

static const struct setting settings[] = {
    TEXT_SETTING("db", database, "the database file (default tts.db)"),
    INT_SETTING("td", td_port, 0, 65535, "port for trading (default 20002; 0: any)"),
    INT_SETTING("md", md_port, 0, 65535, "port for market data (default 20004; 0: any)"),
    TEXT_SETTING("host", host, "address to listen on (default 0.0.0.0)"),
    TEXT_SETTING("share", share, "folder with products.csv, sessions.csv, ..."),
    {{"speed", CONFIG_TYPE_NUMBER, false, 0, 1000000, NULL},
     AT(speed),
     0,
     NULL,
     "pace of the ticks, 1 is as recorded"},
    {{"seed", CONFIG_TYPE_INT, false, 0, INT64_MAX, NULL},
     AT(seed),
     1,
     NULL,
     "seed of the tick generator, used when there is no --ticks"},
    INT_SETTING("generated-day", generated_day, 0, 99991231,
                "trading day of the generator's ticks"),
    CHOICE_SETTING("profile", profile, "tts ctp",
                   "lenient (tts, default) or as a broker's counter (ctp)"),
    CHOICE_SETTING("trading-day", trading_day, "per_day per_loop recorded",
                   "when the trading day changes"),
    CHOICE_SETTING("play", play, "loop wall",
                   "recorded days one behind the other, or each tick at its own time of day"),
    BOOL_SETTING("exchange-calendar", exchange_calendar, "trading days by the exchanges' calendar"),
    BOOL_SETTING("frozen-expiry", frozen_expiry,
                 "replayed instruments keep their days to expiry (default on)"),
    BOOL_SETTING("both-sides", both_sides,
                 "ticks from before 2020 count both sides of a trade: halve them"),
    INT_SETTING("rollover", rollover_second, 0, 86399,
                "second of the day (Beijing) of the settlement (default 14400)"),
    INT_SETTING("max-gap", max_gap_s, 0, 86400,
                "longer breaks of the replay are cut to so many seconds"),
    INT_SETTING("snapshot-effects", snapshot_effects, 1000, 1000000000,
                "effects between two snapshots"),
    INT_SETTING("room-for-orders", room_for_orders, 0, 10000000,
                "orders of a day whose memory is made ready at the start"),
    INT_SETTING("connections", connections_max, 1, 1000000, "most connections at a time"),
    INT_SETTING("connect-rate", connect_rate, 0, 1000000,
                "new connections a second and address; 0: any"),
    INT_SETTING("out-megabytes", out_megabytes_max, 1, 4096,
                "unsent bytes after which a client is closed"),
    TEXT_SETTING("book", book,
                 "instruments matched between customers, commas between; all: every one"),
    TEXT_SETTING("certificate", certificate, "PEM file: also takes TLS (ssl://) on the same ports"),
    TEXT_SETTING("private-key", private_key, "PEM file of its key"),
    TEXT_SETTING("broker-id", core.broker_id, "the counter's BrokerID (with broker_check)"),
    TEXT_SETTING("black-list", core.black_list, "addresses that may not log in, commas between"),
    TEXT_SETTING("notice", core.notice, "what ReqQryNotice answers"),
#define OPTION(type, name, tts, ctp, low, high) SETTING_##type(name, low, high)
#include "tts/core/options.def"
#undef OPTION
};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

static const struct setting *find(text name)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (text_equal(text_of(settings[i].key.name), name))
            return &settings[i];
    return NULL;
}

/* ---- one value into its place ---- */

static int choice_number(const char *words, text word)
{
    text rest = text_of(words);
    for (int i = 0; rest.length; i++)
        if (text_equal_ignore_case(text_cut(&rest, ' '), word))
            return i;
    return 0;
}

/* The place of a key's value, behind what is wrong with it. */
static bool value_at(const struct config *config, const struct config_entry *entry,
                     struct error *error)
{
    return error_at(error, config->file, entry->value_line, entry->value_column);
}

static bool store(struct options *options, const struct config *config,
                  const struct setting *setting, struct error *error)
{
    char *at = (char *)options + setting->offset;
    const struct config_key *key = &setting->key;
    int64_t number = 0;
    double real = 0;
    bool flag = false;
    text value = TEXT("");
    switch (key->type) {
    case CONFIG_TYPE_TEXT:
        if (!config_text(config, key->name, TEXT(""), &value, error))
            return false;
        if (text_copy(at, setting->size, value))
            return true;
        error_set(error, "%s is longer than %zu bytes", key->name, setting->size - 1);
        return value_at(config, config_find(config, key->name), error);
    case CONFIG_TYPE_INT:
        if (!config_int(config, key->name, 0, key->min, key->max, &number, error))
            return false;
        if (setting->size)
            memcpy(at, &number, sizeof number);
        else
            memcpy(at, &(int){(int)number}, sizeof(int));
        return true;
    case CONFIG_TYPE_NUMBER:
        if (!config_number(config, key->name, 0, (double)key->min, (double)key->max, &real, error))
            return false;
        memcpy(at, &real, sizeof real);
        return true;
    case CONFIG_TYPE_BOOL:
        if (!config_bool(config, key->name, false, &flag, error))
            return false;
        memcpy(at, &flag, sizeof flag);
        return true;
    default:
        if (!config_text(config, key->name, TEXT(""), &value, error))
            return false;
        memcpy(at, &(int){choice_number(setting->words, value)}, sizeof(int));
        return true;
    }
}

/* Lists of files and the log level have rules of their own. */
static const struct config_key own_keys[] = {
    {"ticks", CONFIG_TYPE_LIST, false, 0, 0, NULL},
    {"log-level", CONFIG_TYPE_CHOICE, false, 0, 0, "NOTSET DEBUG INFO WARN WARNING ERROR CRITICAL"},
    {"terminals", CONFIG_TYPE_MAP, false, 0, 0, NULL},
    {"terminal-users", CONFIG_TYPE_MAP, false, 0, 0, NULL},
    {"terminal-addresses", CONFIG_TYPE_MAP, false, 0, 0, NULL},
};

enum { OWN_KEYS = sizeof own_keys / sizeof own_keys[0] };

static bool add_ticks(struct options *options, text path, struct error *error)
{
    if (options->ticks_count == OPTIONS_TICKS_MAX)
        return error_set(error, "more than %d tick files", OPTIONS_TICKS_MAX);
    if (!text_copy(options->ticks[options->ticks_count], sizeof options->ticks[0], path))
        return error_set(error, "a tick file's name is too long");
    options->ticks_count++;
    return true;
}

/* An AppID and its AuthCode. One that was cut would let another terminal in. */
static bool add_terminal(struct options *options, const struct config *config,
                         const struct config_entry *entry, struct error *error)
{
    struct core_options *core = &options->core;
    if (core->terminal_count == CORE_TERMINALS_MAX) {
        error_set(error, "terminals: more than %d", CORE_TERMINALS_MAX);
        return error_at(error, config->file, entry->line, entry->column);
    }
    struct core_terminal *terminal = &core->terminals[core->terminal_count++];
    if (!text_copy(terminal->app_id, sizeof terminal->app_id, entry->key)) {
        error_set(error, "terminals: the AppID is longer than %zu bytes",
                  sizeof terminal->app_id - 1);
        return error_at(error, config->file, entry->line, entry->column);
    }
    if (!text_copy(terminal->auth_code, sizeof terminal->auth_code, entry->value)) {
        error_set(error, "terminals: the AuthCode is longer than %zu bytes",
                  sizeof terminal->auth_code - 1);
        return value_at(config, entry, error);
    }
    return true;
}

/* Who may use a terminal of `terminals`: one line of terminal-users or terminal-addresses. */
static bool restrict_terminal(struct options *options, const struct config *config,
                              const struct config_entry *entry, bool users, struct error *error)
{
    struct core_options *core = &options->core;
    for (int i = 0; i < core->terminal_count; i++) {
        struct core_terminal *terminal = &core->terminals[i];
        if (!text_equal(text_of(terminal->app_id), entry->key))
            continue;
        bool fits = users
                        ? text_copy(terminal->users, sizeof terminal->users, entry->value)
                        : text_copy(terminal->addresses, sizeof terminal->addresses, entry->value);
        if (fits)
            return true;
        error_set(error, "the list is longer than %zu bytes", sizeof terminal->users - 1);
        return value_at(config, entry, error);
    }
    error_set(error, "%.*s is no AppID of terminals", TEXT_ARG(entry->key));
    return error_at(error, config->file, entry->line, entry->column);
}

static bool store_terminals(struct options *options, const struct config *config,
                            struct error *error)
{
    static const char *const restrictions[] = {"terminal-addresses", "terminal-users"};
    const struct config_entry *terminals = config_find(config, "terminals");
    for (size_t i = 0; terminals && i < terminals->count; i++)
        if (!add_terminal(options, config, &config->entries[terminals->first + i], error))
            return false;
    for (int users = 0; users < 2; users++) {
        const struct config_entry *map = config_find(config, restrictions[users]);
        for (size_t i = 0; map && i < map->count; i++)
            if (!restrict_terminal(options, config, &config->entries[map->first + i], users == 1,
                                   error))
                return false;
    }
    return true;
}

static bool store_own(struct options *options, const struct config *config, struct error *error)
{
    const struct config_entry *ticks = config_find(config, "ticks");
    text level;
    if (ticks && ticks->kind == CONFIG_SCALAR) {
        text rest = ticks->value;
        while (rest.length)
            if (!add_ticks(options, text_trim(text_cut(&rest, ',')), error))
                return false;
    } else if (ticks) {
        for (size_t i = 0; i < ticks->count; i++)
            if (!add_ticks(options, config->entries[ticks->first + i].value, error))
                return false;
    }
    if (!config_text(config, "log-level", TEXT(""), &level, error))
        return false;
    if (level.length && !log_level_find(level, &options->log_level))
        return error_set(error, "log-level: %.*s is no level", TEXT_ARG(level));
    return store_terminals(options, config, error);
}

static bool check(const struct config *config, struct error *error)
{
    struct config_key keys[SETTINGS + OWN_KEYS];
    size_t cursor = 0;
    for (size_t i = 0; i < SETTINGS; i++)
        keys[i] = settings[i].key;
    memcpy(keys + SETTINGS, own_keys, sizeof own_keys);
    if (!config_check(config, keys, SETTINGS + OWN_KEYS, error))
        return false;
    return !config_unknown(config, keys, SETTINGS + OWN_KEYS, &cursor, error);
}

/* `Key:` with nothing behind it leaves the default; '' is an empty text. */
static bool says_something(const struct config *config, const struct config_key *key)
{
    const struct config_entry *entry = config_find(config, key->name);
    return entry && (entry->value.length || (entry->quoted && key->type == CONFIG_TYPE_TEXT));
}

static bool take_config(struct options *options, const struct config *config, struct error *error)
{
    if (!check(config, error))
        return false;
    for (size_t i = 0; i < SETTINGS; i++)
        if (says_something(config, &settings[i].key) &&
            !store(options, config, &settings[i], error))
            return false;
    return store_own(options, config, error);
}

/* ---- the command line as a configuration: --td 20002 is "td: '20002'" ---- */

static void put_quoted(struct buffer *yaml, text value)
{
    buffer_put_char(yaml, '\'');
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] == '\'')
            buffer_put_char(yaml, '\'');
        buffer_put_char(yaml, value.at[i]);
    }
    buffer_put_text(yaml, TEXT("'\n"));
}

static bool is_flag(text name)
{
    const struct setting *setting = find(name);
    return setting && setting->key.type == CONFIG_TYPE_BOOL;
}

static bool known(text name)
{
    for (size_t i = 0; i < OWN_KEYS; i++)
        if (text_equal(text_of(own_keys[i].name), name))
            return true;
    return find(name) != NULL;
}

/* Options of the command line that are no keys of the file. */
static const char *const words_only[] = {"config", "set", "help", "version", "check"};

/* A name that `name` may be a slip of; NULL. */
static const char *near_name(text name)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (text_is_near(name, text_of(settings[i].key.name)))
            return settings[i].key.name;
    for (size_t i = 0; i < OWN_KEYS; i++)
        if (text_is_near(name, text_of(own_keys[i].name)))
            return own_keys[i].name;
    for (size_t i = 0; i < sizeof words_only / sizeof words_only[0]; i++)
        if (text_is_near(name, text_of(words_only[i])))
            return words_only[i];
    return NULL;
}

static bool unknown_option(text name, struct error *error)
{
    const char *near = near_name(name);
    error_set(error, "unknown option --%.*s", TEXT_ARG(name));
    return near ? error_fix(error, "did you mean --%s?", near)
                : error_fix(error, "`tts --help` lists the options");
}

struct command_line {
    struct options *options;
    struct buffer yaml;
    text config;
    struct error *error;
};

static bool is_given(const struct command_line *line, text name)
{
    text rest = buffer_text(&line->yaml);
    while (rest.length) {
        text given = text_cut(&rest, '\n');
        if (text_equal(text_cut(&given, ':'), name))
            return true;
    }
    return false;
}

/* Ticks may be given several times; everything else once. */
static bool take_value(struct command_line *line, text name, text value)
{
    if (text_equal(name, TEXT("config"))) {
        line->config = value;
        return true;
    }
    if (text_equal(name, TEXT("ticks")))
        return add_ticks(line->options, value, line->error);
    if (text_equal(name, TEXT("set"))) {
        if (!memchr(value.at, '=', value.length))
            return error_set(line->error, "--set %.*s: wanted KEY=VALUE", TEXT_ARG(value));
        name = text_cut(&value, '=');
    }
    if (!known(name))
        return unknown_option(name, line->error);
    if (is_given(line, name))
        return error_set(line->error, "%.*s is given twice", TEXT_ARG(name));
    const struct setting *setting = find(name);
    if (value.length == 0 && setting && setting->key.type != CONFIG_TYPE_TEXT)
        return error_set(line->error, "%.*s needs a value", TEXT_ARG(name));
    buffer_put_text(&line->yaml, name);
    buffer_put_text(&line->yaml, TEXT(": "));
    put_quoted(&line->yaml, value);
    return true;
}

/* The three that only ask for something; NULL: another option. */
static bool *asking_option(struct options *options, text name)
{
    if (text_equal(name, TEXT("help")))
        return &options->help;
    if (text_equal(name, TEXT("version")))
        return &options->version;
    return text_equal(name, TEXT("check")) ? &options->check : NULL;
}

static bool take_option(struct command_line *line, int argc, char **argv, int *at)
{
    text value = text_of(argv[*at] + 2);
    bool has_value = memchr(value.at, '=', value.length) != NULL;
    text name = text_cut(&value, '=');
    bool *asking = asking_option(line->options, name);
    if (asking && has_value)
        return error_set(line->error, "--%.*s takes no value", TEXT_ARG(name));
    if (asking)
        return *asking = true;
    if (has_value)
        return take_value(line, name, value);
    if (is_flag(name))
        return take_value(line, name, TEXT("true"));
    if (!known(name) && !text_equal(name, TEXT("config")) && !text_equal(name, TEXT("set")))
        return unknown_option(name, line->error);
    if (*at + 1 >= argc) {
        error_set(line->error, "--%.*s needs a value", TEXT_ARG(name));
        return false;
    }
    return take_value(line, name, text_of(argv[++*at]));
}

/* Options stand before the command; everything from its first word on belongs to it. */
static bool take_arguments(struct command_line *line, int argc, char **argv)
{
    for (int at = 1; at < argc; at++) {
        text word = text_of(argv[at]);
        if (line->options->word_count == 0 && text_starts_with(word, TEXT("--"))) {
            if (!take_option(line, argc, argv, &at))
                return false;
            continue;
        }
        if (line->options->word_count == OPTIONS_WORDS_MAX)
            return error_set(line->error, "more than %d words", OPTIONS_WORDS_MAX);
        line->options->words[line->options->word_count++] = word;
    }
    return true;
}

static void defaults(struct options *options)
{
    memset(options, 0, sizeof *options);
    text_copy(options->database, sizeof options->database, TEXT("tts.db"));
    text_copy(options->host, sizeof options->host, TEXT("0.0.0.0"));
    options->td_port = 20002;
    options->md_port = 20004;
    options->speed = 1;
    options->seed = 1;
    options->frozen_expiry = true;
    options->rollover_second = 4 * 3600;
    options->max_gap_s = 60;
    options->snapshot_effects = 200000;
    options->room_for_orders = 10000;
    options->connections_max = 4096;
    options->out_megabytes_max = 64;
    options->log_level = LOG_INFO;
    options->core = core_options_of(PROFILE_TTS);
}

/* The profile decides the defaults of the core's keys, so it is read before them. */
static bool take_profile(struct options *options, const struct config *config, struct error *error)
{
    text profile;
    if (!config_text(config, "profile", TEXT(""), &profile, error))
        return false;
    if (profile.length) {
        options->profile = (enum core_profile)choice_number("tts ctp", profile);
        struct core_options preset = core_options_of(options->profile);
        options->core = preset;
    }
    return true;
}

/* What cannot be together. */
static bool check_together(const struct options *options, struct error *error)
{
    if (options->play != PLAY_WALL || options->trading_day != TRADING_DAY_PER_LOOP)
        return true;
    error_set(error, "play wall repeats parts of a day, which are no trading days");
    return error_fix(error, "give trading-day per_day or recorded, or play loop");
}

static bool take_all(struct options *options, struct command_line *line, struct error *error)
{
    struct config file = {.bytes = NULL}, words = {.bytes = NULL};
    char path[4096];
    text_copy(path, sizeof path, line->config);
    bool fine = !line->config.length || config_read_file(&file, path, error);
    if (fine && line->config.length)
        text_copy(options->config, sizeof options->config, line->config);
    fine = fine && config_read_text(&words, "command line", buffer_text(&line->yaml), error);
    fine = fine && take_profile(options, &file, error) && take_profile(options, &words, error);
    fine = fine && take_config(options, &file, error);
    if (fine && !take_config(options, &words, error)) {
        error->line = error->column = 0; /* nobody wrote lines */
        fine = false;
    }
    fine = fine && check_together(options, error);
    config_finish(&file);
    config_finish(&words);
    return fine;
}

bool options_read(struct options *options, int argc, char **argv, bool *usage, struct error *error)
{
    struct command_line line = {.options = options, .error = error};
    defaults(options);
    *usage = true;
    bool fine = take_arguments(&line, argc, argv);
    if (fine) {
        *usage = line.config.length == 0;
        fine = take_all(options, &line, error);
    }
    buffer_finish(&line.yaml);
    return fine;
}

void options_help(struct buffer *out)
{
    buffer_put_text(
        out,
        TEXT("  --ticks FILE\n      recorded ticks: CSV, .gz or .zst; may be given several times\n"
             "  --config FILE\n      YAML with the same keys; the command line wins\n"
             "  --set KEY=VALUE\n      one of the keys below\n"));
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *setting = &settings[i];
        if (setting->what[0])
            buffer_printf(out, "  --%s%s\n      %s\n", setting->key.name,
                          setting->key.type == CONFIG_TYPE_BOOL ? "" : " VALUE", setting->what);
    }
    buffer_put_text(out, TEXT("keys of the counter's behaviour (docs/tts.md):\n "));
    for (size_t i = 0; i < SETTINGS; i++)
        if (!settings[i].what[0])
            buffer_printf(out, " %s", settings[i].key.name);
    buffer_put_char(out, '\n');
}
