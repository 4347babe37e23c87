/* commands.c: see commands.h. A command is a row of the table: its words, its arguments, its
 * function. */
#include "tts/admin/commands.h"
#include "base/number.h"
#include "ctp/gb18030.h"
#include "tts/core/reply.h"
#include <stdarg.h>

struct words {
    struct core *core;
    const struct command_host *host;
    const text *at; /* behind the command's own words */
    size_t count;
    struct buffer *out;
};

typedef int (*command_function)(struct words *words);

/* ---- helpers ---- */

static int failed(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int failed(struct words *words, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_printf(words->out, "tts: %s\n", line);
    return COMMAND_FAILED;
}

/* The value behind `--name`; empty when the option is not there. */
static text option(const struct words *words, const char *name)
{
    for (size_t i = 1; i + 1 < words->count; i++)
        if (text_equal(words->at[i], text_of(name)))
            return words->at[i + 1];
    return TEXT("");
}

static bool has_flag(const struct words *words, const char *name)
{
    for (size_t i = 0; i < words->count; i++)
        if (text_equal(words->at[i], text_of(name)))
            return true;
    return false;
}

static bool read_amount(text t, double *amount)
{
    return number_read(t, amount) && *amount == *amount && *amount <= 1e15 && *amount >= -1e15;
}

static int told(struct words *words, enum admin_result result, text what)
{
    switch (result) {
    case ADMIN_OK:
        return COMMAND_OK;
    case ADMIN_EXISTS:
        return failed(words, "%.*s is there already", TEXT_ARG(what));
    case ADMIN_UNKNOWN:
        return failed(words, "%.*s is not known; `tts user list` shows the users", TEXT_ARG(what));
    case ADMIN_BAD_VALUE:
        return failed(words,
                      "%.*s: this value cannot be taken (ids: 1 to 12 letters, digits, _ - .)",
                      TEXT_ARG(what));
    default:
        return failed(words, "%.*s: more than may be withdrawn (WithdrawQuota)", TEXT_ARG(what));
    }
}

static void put_money(struct buffer *out, double amount)
{
    buffer_printf(out, "%.2f", amount);
}

/* ---- users ---- */

static int user_add(struct words *words)
{
    double deposit = 0;
    text amount = option(words, "--deposit"), name = option(words, "--name");
    text hash = option(words, "--hash");
    if (amount.length && (!read_amount(amount, &deposit) || deposit < 0))
        return failed(words, "--deposit %.*s is no amount of money", TEXT_ARG(amount));
    if (!hash.length)
        return failed(words, "a user needs a password: --password TEXT or --password-stdin");
    char stored[160];
    text_copy(stored, sizeof stored, hash);
    int code =
        told(words, core_add_user(words->core, words->at[0], stored, name, deposit), words->at[0]);
    if (code == COMMAND_OK) {
        buffer_printf(words->out, "user and account %.*s added, deposit ", TEXT_ARG(words->at[0]));
        put_money(words->out, deposit);
        buffer_put_char(words->out, '\n');
    }
    return code;
}

static int user_list(struct words *words)
{
    const struct core *core = words->core;
    for (uint32_t i = 0; i < core->users.count; i++) {
        const struct user *user = &core->users.at[i];
        buffer_printf(words->out, "%-16s %-9s sessions %-3u accounts", user->id,
                      user->active ? "active" : "disabled", user->sessions);
        for (uint32_t k = 0; k < user->investors.count; k++)
            buffer_printf(words->out, " %s", core->ledger.accounts[user->investors.at[k]].id);
        buffer_put_char(words->out, '\n');
    }
    return COMMAND_OK;
}

static int user_passwd(struct words *words)
{
    text hash = option(words, "--hash");
    char stored[160];
    if (!hash.length)
        return failed(words, "give the new password: --password TEXT or --password-stdin");
    text_copy(stored, sizeof stored, hash);
    bool fund = has_flag(words, "--fund");
    return told(words, core_set_password(words->core, words->at[0], stored, fund), words->at[0]);
}

static int user_enable(struct words *words)
{
    return told(words, core_set_user_active(words->core, words->at[0], true), words->at[0]);
}

static int user_disable(struct words *words)
{
    return told(words, core_set_user_active(words->core, words->at[0], false), words->at[0]);
}

static int grant(struct words *words, bool allowed)
{
    if (words->count < 2)
        return COMMAND_USAGE;
    return told(words, core_grant(words->core, words->at[0], words->at[1], allowed), words->at[1]);
}

static int user_grant(struct words *words)
{
    return grant(words, true);
}

static int user_revoke(struct words *words)
{
    return grant(words, false);
}

/* ---- accounts ---- */

static int move_cash(struct words *words, int sign)
{
    double amount;
    if (words->count < 2)
        return COMMAND_USAGE;
    if (!read_amount(words->at[1], &amount) || amount <= 0)
        return failed(words, "%.*s is no amount of money", TEXT_ARG(words->at[1]));
    int code = told(words, core_cash(words->core, words->at[0], sign * amount), words->at[0]);
    if (code != COMMAND_OK)
        return code;
    struct funds funds =
        ledger_funds(&words->core->ledger, core_find_account(words->core, words->at[0]));
    buffer_printf(words->out, "%.*s: balance %.2f, available %.2f\n", TEXT_ARG(words->at[0]),
                  funds.balance, funds.available);
    return COMMAND_OK;
}

static int deposit(struct words *words)
{
    return move_cash(words, 1);
}

static int withdraw(struct words *words)
{
    return move_cash(words, -1);
}

static int account_list(struct words *words)
{
    const struct core *core = words->core;
    for (uint32_t i = 0; i < core->ledger.account_count; i++) {
        struct funds funds = ledger_funds(&core->ledger, i);
        buffer_printf(words->out, "%-12s balance %16.2f  available %16.2f  margin %16.2f%s%s\n",
                      core->ledger.accounts[i].id, funds.balance, funds.available,
                      funds.curr_margin, core->investors.at[i].active ? "" : "  disabled",
                      core->investors.at[i].close_only ? "  close-only" : "");
    }
    return COMMAND_OK;
}

static int account_flags(struct words *words)
{
    uint32_t account = core_find_account(words->core, words->at[0]);
    if (account == NONE)
        return told(words, ADMIN_UNKNOWN, words->at[0]);
    const struct investor *investor = &words->core->investors.at[account];
    bool active = investor->active, close_only = investor->close_only;
    for (size_t i = 1; i < words->count; i++) {
        if (text_equal(words->at[i], TEXT("--enable")))
            active = true;
        else if (text_equal(words->at[i], TEXT("--disable")))
            active = false;
        else if (text_equal(words->at[i], TEXT("--close-only")))
            close_only = true;
        else if (text_equal(words->at[i], TEXT("--open")))
            close_only = false;
        else
            return COMMAND_USAGE;
    }
    return told(words, core_set_investor_flags(words->core, words->at[0], active, close_only),
                words->at[0]);
}

/* ---- rates ---- */

static bool read_rate(const struct words *words, const char *name, double *rate)
{
    text given = option(words, name);
    return !given.length || (number_read(given, rate) && *rate >= 0 && *rate < 1e9);
}

static text all_or(text account)
{
    return text_equal(account, TEXT("all")) ? TEXT("") : account;
}

static int fee_set(struct words *words)
{
    struct commission_rate rate = {.open_by_money = 0};
    const struct {
        const char *name;
        double *rate;
    } fields[] = {
        {"--open-by-money", &rate.open_by_money},
        {"--open-by-volume", &rate.open_by_volume},
        {"--close-by-money", &rate.close_by_money},
        {"--close-by-volume", &rate.close_by_volume},
        {"--close-today-by-money", &rate.close_today_by_money},
        {"--close-today-by-volume", &rate.close_today_by_volume},
        {"--strike-by-money", &rate.strike_by_money},
        {"--strike-by-volume", &rate.strike_by_volume},
        {"--order-by-trade", &rate.order_by_trade},
        {"--order-by-volume", &rate.order_by_volume},
        {"--cancel-by-trade", &rate.action_by_trade},
        {"--cancel-by-volume", &rate.action_by_volume},
    };
    if (words->count < 2)
        return COMMAND_USAGE;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (!read_rate(words, fields[i].name, fields[i].rate))
            return failed(words, "%s is no rate", fields[i].name);
    return told(words, core_set_rate(words->core, all_or(words->at[0]), words->at[1], NULL, &rate),
                words->at[1]);
}

static int margin_set(struct words *words)
{
    struct margin_rate rate = {.long_by_money = 0};
    if (words->count < 2)
        return COMMAND_USAGE;
    if (!read_rate(words, "--long-by-money", &rate.long_by_money) ||
        !read_rate(words, "--long-by-volume", &rate.long_by_volume) ||
        !read_rate(words, "--short-by-money", &rate.short_by_money) ||
        !read_rate(words, "--short-by-volume", &rate.short_by_volume))
        return failed(words, "a margin rate is a number from 0");
    return told(words, core_set_rate(words->core, all_or(words->at[0]), words->at[1], &rate, NULL),
                words->at[1]);
}

/* ---- the day, and what explains it ---- */

static int settle(struct words *words)
{
    struct error error;
    char line[1024];
    if (!words->host->settle)
        return failed(words, "settlement needs the running server (its prices)");
    if (!words->host->settle(words->host->user, &error))
        return failed(words, "%s", error_text(&error, line, sizeof line));
    buffer_printf(words->out, "settled; the trading day is %d\n", core_trading_day(words->core));
    return COMMAND_OK;
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
    uint32_t account = core_find_account(words->core, words->at[0]);
    if (account == NONE)
        return told(words, ADMIN_UNKNOWN, words->at[0]);
    explain_account(words->core, account, words->out);
    return COMMAND_OK;
}

static int notice(struct words *words)
{
    if (words->count < 2)
        return COMMAND_USAGE;
    char gb[1024];
    size_t length;
    if (!gb18030_from_utf8(words->at[1], gb, sizeof gb, &length))
        return failed(words, "the text is too long or not UTF-8");
    return told(words, core_send_notice(words->core, all_or(words->at[0]), (text){gb, length}),
                words->at[0]);
}

/* ---- the table ---- */

static const struct command {
    const char *words, *arguments, *what;
    size_t arguments_min;
    command_function run;
} commands[] = {
    {"user add", "ID --password TEXT | --password-stdin [--name NAME] [--deposit AMOUNT]",
     "a user, and the account of the same id", 1, user_add},
    {"user list", "", "all users and the accounts they may trade", 0, user_list},
    {"user passwd", "ID --password TEXT | --password-stdin [--fund]", "a new password", 1,
     user_passwd},
    {"user enable", "ID", "lets a user log in again", 1, user_enable},
    {"user disable", "ID", "logins are refused from now on", 1, user_disable},
    {"user grant", "ID ACCOUNT", "the user may trade the account too", 2, user_grant},
    {"user revoke", "ID ACCOUNT", "the user may no longer trade the account", 2, user_revoke},
    {"user deposit", "ID AMOUNT", "the same as account deposit", 2, deposit},
    {"account list", "", "all accounts with balance, available and margin", 0, account_list},
    {"account deposit", "ACCOUNT AMOUNT", "money in", 2, deposit},
    {"account withdraw", "ACCOUNT AMOUNT", "money out, at most WithdrawQuota", 2, withdraw},
    {"account flags", "ACCOUNT [--enable|--disable] [--close-only|--open]",
     "what the account may do", 2, account_flags},
    {"fee set",
     "ACCOUNT|all PRODUCT|INSTRUMENT [--open-by-money R] [--close-today-by-volume R] ...",
     "commission that overrides the product's", 2, fee_set},
    {"margin set", "ACCOUNT|all PRODUCT|INSTRUMENT [--long-by-money R] [--short-by-money R] ...",
     "margin that overrides the product's", 2, margin_set},
    {"explain account", "ACCOUNT", "how Available came to be, term by term", 1, explain},
    {"notice", "ACCOUNT|all TEXT", "a message to an account's traders, or a bulletin to all", 2,
     notice},
    {"settle", "", "ends the trading day now and opens the next one", 0, settle},
    {"figures", "", "what the server counts", 0, figures},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

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
    for (size_t i = 0; i < COMMANDS; i++) {
        *used = matches(&commands[i], words, count);
        if (*used)
            return &commands[i];
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
    buffer_printf(out, "usage: tts [--db FILE] %s %s\n", command->words, command->arguments);
    return COMMAND_USAGE;
}

int command_run(struct core *core, const struct command_host *host, const text *words, size_t count,
                struct buffer *out)
{
    size_t used = 0;
    const struct command *command = find(words, count, &used);
    if (!command) {
        buffer_printf(out, "tts: unknown command %.*s; `tts --help` lists them\n",
                      count ? (int)words[0].length : 0, count ? words[0].at : "");
        return COMMAND_USAGE;
    }
    struct words rest = {core, host, words + used, count - used, out};
    if (rest.count < command->arguments_min)
        return usage(command, out);
    int code = command->run(&rest);
    return code == COMMAND_USAGE ? usage(command, out) : code;
}

void command_help(struct buffer *out)
{
    for (size_t i = 0; i < COMMANDS; i++)
        buffer_printf(out, "  %s %s\n      %s\n", commands[i].words, commands[i].arguments,
                      commands[i].what);
}
