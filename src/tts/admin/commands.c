/* commands.c: see commands.h. A command is a row of a table: its words, its arguments, its
 * function. The words are taken apart by the row, so that a mistyped option is an error and never
 * a value left out. */
#include "tts/admin/commands.h"
#include "base/number.h"
#include "ctp/gb18030.h"
#include "tts/admin/words.h"
#include "tts/core/day/statement.h"
#include <math.h>
#include <stdarg.h>

/* ---- what all commands say ---- */

int command_failed(struct words *words, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_printf(words->out, "tts: %s\n", line);
    return COMMAND_FAILED;
}

bool command_option(const struct words *words, const char *name, text *value)
{
    for (size_t i = 0; i < words->option_count; i++) {
        if (!text_equal(words->options[i].name, text_of(name)))
            continue;
        *value = words->options[i].value;
        return true;
    }
    *value = TEXT("");
    return false;
}

bool command_amount(text t, double *amount)
{
    return number_read(t, amount) && *amount <= 1e15 && *amount >= -1e15;
}

text command_all_or(text account)
{
    return text_equal(account, TEXT("all")) ? TEXT("") : account;
}

uint32_t command_account(struct words *words, text id)
{
    uint32_t account = core_find_account(words->core, id);
    if (account == NONE)
        command_failed(words, "there is no account %.*s; `tts account list` shows them",
                       TEXT_ARG(id));
    return account;
}

int command_told(struct words *words, enum admin_result result, text what)
{
    switch (result) {
    case ADMIN_OK:
        return COMMAND_OK;
    case ADMIN_EXISTS:
        return command_failed(words, "%.*s is there already", TEXT_ARG(what));
    case ADMIN_UNKNOWN:
        return command_failed(words, "%.*s is not known; `tts user list` shows the users",
                              TEXT_ARG(what));
    case ADMIN_BAD_VALUE:
        return command_failed(
            words, "%.*s: this value cannot be taken (ids: 1 to 12 letters, digits, _ - .)",
            TEXT_ARG(what));
    default:
        return command_failed(words, "%.*s: more than may be withdrawn (WithdrawQuota)",
                              TEXT_ARG(what));
    }
}

int command_told_of(struct words *words, enum admin_result result, text account, text of)
{
    text id = command_all_or(account);
    if (result == ADMIN_OK)
        return COMMAND_OK;
    if (id.length && command_account(words, id) == NONE)
        return COMMAND_FAILED;
    return command_failed(words, "no product or instrument %.*s is known here", TEXT_ARG(of));
}

/* ---- the day, and what explains it ---- */

static int settle(struct words *words)
{
    struct error error;
    char line[1024];
    if (!words->host->settle)
        return command_failed(words, "settlement needs the running server (its prices)");
    if (!words->host->settle(words->host->user, &error))
        return command_failed(words, "%s", error_text(&error, line, sizeof line));
    buffer_printf(words->out, "settled; the trading day is %d\n", core_trading_day(words->core));
    return COMMAND_OK;
}

/* INSTRUMENT PRICE pairs; the rest of `prices` is left as it is. False with an error line. */
static bool read_prices(struct words *words, double *prices)
{
    const struct market *market = core_market(words->core);
    for (size_t i = 0; i + 1 < words->count; i += 2) {
        text id = words->at[i];
        uint32_t place = market_find_instrument(market, EXCHANGE_COUNT, id);
        double price;
        if (place == INSTRUMENT_NONE) {
            command_failed(words, "there is no instrument %.*s here", TEXT_ARG(id));
            return false;
        }
        bool spread = market->instruments[place].product_class == THOST_FTDC_PC_Combination;
        if (!number_read(words->at[i + 1], &price) || fabs(price) > 1e9 ||
            (price <= 0 && !spread)) {
            command_failed(words, "%.*s is no settlement price of %.*s", TEXT_ARG(words->at[i + 1]),
                           TEXT_ARG(id));
            return false;
        }
        prices[place] = price;
    }
    return true;
}

/* Why not, or that it is done. */
static int tell_again(struct words *words, enum settle_again result)
{
    int id, day = core_settled_day(words->core, &id), today = core_trading_day(words->core);
    switch (result) {
    case SETTLE_AGAIN_DONE:
        buffer_printf(words->out, "trading day %d is settled again, SettlementID %d\n", day, id);
        return COMMAND_OK;
    case SETTLE_AGAIN_SAME:
        buffer_printf(words->out,
                      "trading day %d was settled at these prices already, SettlementID %d\n", day,
                      id);
        return COMMAND_OK;
    case SETTLE_AGAIN_TRADED:
        return command_failed(
            words, "trading day %d has trades, so the settlement before it stands", today);
    case SETTLE_AGAIN_EXERCISES:
        return command_failed(words, "trading day %d has exercise requests; they come back first",
                              today);
    case SETTLE_AGAIN_COMBINES:
        return command_failed(
            words, "lots were combined or split on %d, so the settlement before it stands", today);
    case SETTLE_AGAIN_NOTHING:
        break;
    }
    return command_failed(words, "no trading day was settled here yet");
}

static int settle_again(struct words *words)
{
    if (words->count % 2)
        return COMMAND_USAGE;
    uint32_t count = core_market(words->core)->instrument_count;
    double *prices = memory_get_zeroed(count + 1, sizeof *prices);
    for (uint32_t i = 0; i < count; i++)
        prices[i] = ABSENT_PRICE;
    int code = read_prices(words, prices)
                   ? tell_again(words, core_settle_again(words->core, prices))
                   : COMMAND_FAILED;
    free(prices);
    return code;
}

static int figures(struct words *words)
{
    buffer_printf(words->out,
                  "trading day   %d\nusers         %u\norders today  %u\ntrades today  %u\n",
                  core_trading_day(words->core), words->core->users.count,
                  words->core->orders.count, words->core->trades.count);
    if (words->host->figures)
        words->host->figures(words->host->user, words->out);
    return COMMAND_OK;
}

static int explain(struct words *words)
{
    uint32_t account = command_account(words, words->at[0]);
    if (account == NONE)
        return COMMAND_FAILED;
    explain_account(words->core, account, words->out);
    return COMMAND_OK;
}

/* "20250303", "202503"; nothing: the last settled day. */
static bool read_day(const struct words *words, int *day)
{
    int64_t number = 0;
    if (words->count == 2 &&
        (!text_to_int(words->at[1], &number) || number < 190001 || number > 99991231))
        return false;
    *day = (int)number;
    return true;
}

static int statement(struct words *words)
{
    int day;
    if (!read_day(words, &day))
        return COMMAND_USAGE;
    uint32_t account = command_account(words, words->at[0]);
    if (account == NONE)
        return COMMAND_FAILED;
    struct buffer body = {.at = NULL};
    struct statement_name name;
    bool found = statement_find(words->core, account, day, &body, &name);
    if (found) {
        size_t room = body.length * 4 + 1;
        char *at = buffer_reserve(words->out, room);
        words->out->length += gb18030_to_utf8(buffer_text(&body), at, room);
    }
    buffer_finish(&body);
    return found ? COMMAND_OK : command_failed(words, "there is no statement of that day");
}

static int notice(struct words *words)
{
    char gb[1024];
    size_t length;
    if (!gb18030_from_utf8(words->at[1], gb, sizeof gb, &length))
        return command_failed(words, "the text is too long or not UTF-8");
    text account = command_all_or(words->at[0]);
    if (account.length && command_account(words, account) == NONE)
        return COMMAND_FAILED;
    enum admin_result result = core_send_notice(words->core, account, (text){gb, length});
    return result == ADMIN_OK ? COMMAND_OK
                              : command_failed(words, "the text is empty or longer than 500 bytes");
}

/* "09:30:00" */
static bool read_time(text t, int *second_of_day)
{
    static const int most[] = {23, 59, 59};
    *second_of_day = 0;
    for (int i = 0; i < 3; i++) {
        int64_t part;
        text cell = text_cut(&t, ':');
        if (cell.length != 2 || !text_to_int(cell, &part) || part < 0 || part > most[i])
            return false;
        *second_of_day = *second_of_day * 60 + (int)part;
    }
    return t.length == 0;
}

static bool read_change(const struct words *words, struct ticks_change *change)
{
    text what = words->at[0], value = words->count == 2 ? words->at[1] : TEXT("");
    bool alone = words->count == 1;
    *change = (struct ticks_change){.kind = TICKS_LOOK};
    if (words->count == 0)
        return true;
    if (text_equal(what, TEXT("pause")))
        change->kind = TICKS_PAUSE;
    else if (text_equal(what, TEXT("resume")))
        change->kind = TICKS_RESUME;
    if (change->kind != TICKS_LOOK)
        return alone;
    change->kind = text_equal(what, TEXT("speed")) ? TICKS_SPEED : TICKS_AT;
    if (change->kind == TICKS_SPEED)
        return number_read(value, &change->speed) && change->speed >= 0 && change->speed <= 1e6;
    return text_equal(what, TEXT("at")) && read_time(value, &change->second_of_day);
}

static int ticks(struct words *words)
{
    struct ticks_change change;
    struct error error;
    char line[1024];
    if (!read_change(words, &change))
        return COMMAND_USAGE;
    if (!words->host->ticks)
        return command_failed(words, "the ticks are played by the running server only");
    if (!words->host->ticks(words->host->user, &change, words->out, &error))
        return command_failed(words, "%s", error_text(&error, line, sizeof line));
    return COMMAND_OK;
}

static const struct command own[] = {
    {"explain account", "ACCOUNT", "how Available came to be, term by term", "", 1, 1, explain},
    {"statement", "ACCOUNT [yyyymmdd | yyyymm]",
     "the settlement statement of the last day, of a day, of a month", "", 1, 2, statement},
    {"notice", "ACCOUNT|all TEXT", "a message to an account's traders, or a bulletin to all", "", 2,
     2, notice},
    {"settle again", "[INSTRUMENT PRICE]...",
     "settles the last day once more, at corrected prices; until the new day's first trade", "", 0,
     COMMAND_WORDS_MAX - 2, settle_again},
    {"settle", "", "ends the trading day now and opens the next one", "", 0, 0, settle},
    {"ticks", "[pause | resume | speed X | at HH:MM:SS]",
     "where the replay stands; holds it, lets it go on, sets its pace or its time", "", 0, 2,
     ticks},
    {"figures", "", "what the server counts", "", 0, 0, figures},
};

/* ---- the table, which stands in three files ---- */

static const struct command *command_at(size_t i)
{
    if (i < commands_of_people_count)
        return &commands_of_people[i];
    i -= commands_of_people_count;
    if (i < commands_of_rates_count)
        return &commands_of_rates[i];
    i -= commands_of_rates_count;
    return i < sizeof own / sizeof own[0] ? &own[i] : NULL;
}

/* How many words of the command's name stand at the beginning; 0: another command. */
static size_t matches(const struct command *command, const text *words, size_t count)
{
    text rest = text_of(command->words);
    size_t used = 0;
    while (rest.length) {
        text word = text_cut(&rest, ' ');
        if (used == count || !text_equal(words[used], word))
            return 0;
        used++;
    }
    return used;
}

static const struct command *find(const text *words, size_t count, size_t *used)
{
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)); i++) {
        *used = matches(command, words, count);
        if (*used)
            return command;
    }
    return NULL;
}

bool command_exists(const text *words, size_t count)
{
    size_t used;
    return find(words, count, &used) != NULL;
}

static int usage(const struct command *command, struct buffer *out)
{
    buffer_printf(out, "usage: tts [--db FILE] %s%s%s\n", command->words,
                  command->arguments[0] ? " " : "", command->arguments);
    return COMMAND_USAGE;
}

/* Where the first word begins some command, it is the second one that is wrong. */
void command_unknown(const text *words, size_t count, struct buffer *out)
{
    const struct command *command;
    bool begins = false;
    for (size_t i = 0; count > 1 && (command = command_at(i)); i++) {
        text rest = text_of(command->words);
        begins = begins || text_equal(text_cut(&rest, ' '), words[0]);
    }
    buffer_printf(out, "tts: unknown command %.*s%s%.*s; `tts --help` lists them\n",
                  count ? (int)words[0].length : 0, count ? words[0].at : "", begins ? " " : "",
                  begins ? (int)words[1].length : 0, begins ? words[1].at : "");
}

/* ---- taking the words apart ---- */

/* Whether the command has the option, and whether it takes a value. */
static bool option_of(const struct command *command, text name, bool *takes_value)
{
    text rest = text_of(command->options);
    while (rest.length) {
        text one = text_cut(&rest, ' ');
        *takes_value = one.length && one.at[one.length - 1] == '=';
        if (*takes_value)
            one.length--;
        if (text_equal(one, name))
            return true;
    }
    return false;
}

static bool take_option(struct words *to, const struct command *command, const text *words,
                        size_t count, size_t *at)
{
    text name = words[*at];
    bool takes_value = false;
    if (!option_of(command, name, &takes_value)) {
        command_failed(to, "%s has no option %.*s", command->words, TEXT_ARG(name));
        return false;
    }
    if (to->option_count == COMMAND_WORDS_MAX)
        return false;
    if (takes_value && *at + 1 == count) {
        command_failed(to, "%.*s needs a value", TEXT_ARG(name));
        return false;
    }
    to->options[to->option_count].name = name;
    to->options[to->option_count++].value = takes_value ? words[++*at] : TEXT("");
    return true;
}

/* False: an error line, if that says more than the usage, is in `to->out`. */
static bool take_apart(struct words *to, const struct command *command, const text *words,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text_starts_with(words[i], TEXT("--"))) {
            if (!take_option(to, command, words, count, &i))
                return false;
        } else if (to->count == command->arguments_max) {
            return false;
        } else {
            to->at[to->count++] = words[i];
        }
    }
    return to->count >= command->arguments_min;
}

int command_run(struct core *core, const struct command_host *host, const text *words, size_t count,
                struct buffer *out)
{
    size_t used = 0;
    const struct command *command = find(words, count, &used);
    if (!command) {
        command_unknown(words, count, out);
        return COMMAND_USAGE;
    }
    struct words rest = {.core = core, .host = host, .out = out};
    if (!take_apart(&rest, command, words + used, count - used))
        return usage(command, out);
    int code = command->run(&rest);
    return code == COMMAND_USAGE ? usage(command, out) : code;
}

void command_help(struct buffer *out)
{
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)); i++)
        buffer_printf(out, "  %s %s\n      %s\n", command->words, command->arguments,
                      command->what);
}
