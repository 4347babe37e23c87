/* commands_people.c: the operator's commands on users and accounts. */
#include "tts/admin/words.h"
#include "tts/core/channel.h"

enum { HASH_BYTES = 128 }; /* struct user keeps so many */

/* ---- users ---- */

/* The password's hash, which main.c put in the password's place. */
static bool take_hash(struct words *words, char hash[HASH_BYTES])
{
    text given;
    if (!command_option(words, "--hash", &given) || given.length == 0) {
        command_failed(words, "a password is needed: --password TEXT or --password-stdin");
        return false;
    }
    if (text_copy(hash, HASH_BYTES, given))
        return true;
    command_failed(words, "--hash is longer than any password's hash");
    return false;
}

static int user_add(struct words *words)
{
    double deposit = 0;
    text amount, name;
    char hash[HASH_BYTES];
    bool has_deposit = command_option(words, "--deposit", &amount);
    command_option(words, "--name", &name);
    if (has_deposit && (!command_amount(amount, &deposit) || deposit < 0))
        return command_failed(words, "--deposit %.*s is no amount of money", TEXT_ARG(amount));
    if (!take_hash(words, hash))
        return COMMAND_FAILED;
    enum admin_result result = core_add_user(words->core, words->at[0], hash, name, deposit);
    if (result == ADMIN_OK)
        buffer_printf(words->out, "user and account %.*s added, deposit %.2f\n",
                      TEXT_ARG(words->at[0]), deposit);
    return command_told(words, result, words->at[0]);
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
    char hash[HASH_BYTES];
    text none;
    if (!take_hash(words, hash))
        return COMMAND_FAILED;
    bool fund = command_option(words, "--fund", &none);
    return command_told(words, core_set_password(words->core, words->at[0], hash, fund),
                        words->at[0]);
}

static int user_enable(struct words *words)
{
    return command_told(words, core_set_user_active(words->core, words->at[0], true), words->at[0]);
}

static int user_disable(struct words *words)
{
    return command_told(words, core_set_user_active(words->core, words->at[0], false),
                        words->at[0]);
}

static int grant(struct words *words, bool allowed)
{
    text user = words->at[0], account = words->at[1];
    switch (core_grant(words->core, user, account, allowed)) {
    case ADMIN_OK:
        return COMMAND_OK;
    case ADMIN_EXISTS:
        return command_failed(words, "user %.*s may %s trade account %.*s", TEXT_ARG(user),
                              allowed ? "already" : "not", TEXT_ARG(account));
    default:
        if (core_find_user(words->core, user) == NONE)
            return command_told(words, ADMIN_UNKNOWN, user);
        command_account(words, account);
        return COMMAND_FAILED;
    }
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

static int tell_money(struct words *words, enum admin_result result)
{
    if (result == ADMIN_OK) {
        uint32_t account = core_find_account(words->core, words->at[0]);
        struct funds funds = ledger_funds(&words->core->ledger, account);
        buffer_printf(words->out, "%.*s: balance %.2f, available %.2f\n", TEXT_ARG(words->at[0]),
                      funds.balance, funds.available);
    }
    return command_told(words, result, words->at[0]);
}

static int move_cash(struct words *words, int sign)
{
    double amount;
    if (command_account(words, words->at[0]) == NONE)
        return COMMAND_FAILED;
    if (!command_amount(words->at[1], &amount) || amount <= 0)
        return command_failed(words, "%.*s is no amount of money", TEXT_ARG(words->at[1]));
    return tell_money(words, core_cash(words->core, words->at[0], sign * amount));
}

static int deposit(struct words *words)
{
    return move_cash(words, 1);
}

static int withdraw(struct words *words)
{
    return move_cash(words, -1);
}

static int adjust_shares(struct words *words)
{
    int64_t lots;
    double price;
    if (!text_to_int(words->at[2], &lots) || lots <= 0 || lots > INT32_MAX)
        return command_failed(words, "%.*s is no number of shares to add", TEXT_ARG(words->at[2]));
    if (!command_amount(words->at[3], &price))
        return command_failed(words, "%.*s is no price", TEXT_ARG(words->at[3]));
    switch (core_add_shares(words->core, words->at[0], words->at[1], (int)lots, price)) {
    case ADMIN_OK:
        return COMMAND_OK;
    case ADMIN_UNKNOWN:
        return command_failed(words, "no instrument %.*s is known here", TEXT_ARG(words->at[1]));
    default:
        return command_failed(words,
                              "%.*s: only shares, not below price 0, and at most as many "
                              "as a position holds",
                              TEXT_ARG(words->at[1]));
    }
}

static int adjust(struct words *words)
{
    double amount;
    if (command_account(words, words->at[0]) == NONE)
        return COMMAND_FAILED;
    if (words->count > 2)
        return words->count == 4 ? adjust_shares(words) : COMMAND_USAGE;
    if (!command_amount(words->at[1], &amount) || amount == 0)
        return command_failed(words, "%.*s is no amount of money", TEXT_ARG(words->at[1]));
    return tell_money(words, core_adjust_cash(words->core, words->at[0], amount));
}

static int set_money(struct words *words, enum account_money kind, const char *what)
{
    double amount;
    if (command_account(words, words->at[0]) == NONE)
        return COMMAND_FAILED;
    if (!command_amount(words->at[1], &amount) ||
        core_set_money(words->core, words->at[0], kind, amount) != ADMIN_OK)
        return command_failed(words, "%.*s is no %s", TEXT_ARG(words->at[1]), what);
    return tell_money(words, ADMIN_OK);
}

static int credit(struct words *words)
{
    return set_money(words, MONEY_CREDIT, "Credit: 0 or below, in whole cents");
}

static int mortgage(struct words *words)
{
    return set_money(words, MONEY_MORTGAGE, "Mortgage: 0 and more, in whole cents");
}

static int reserve(struct words *words)
{
    return set_money(words, MONEY_RESERVE, "Reserve: 0 and more, in whole cents");
}

/* ---- channels ---- */

static int account_channel(struct words *words)
{
    if (command_account(words, words->at[0]) == NONE)
        return COMMAND_FAILED;
    switch (core_set_channel(words->core, words->at[0], words->at[1])) {
    case ADMIN_OK:
        return COMMAND_OK;
    case ADMIN_REFUSED:
        return command_failed(
            words, "%.*s has live orders or requests, which stay where they are; cancel them",
            TEXT_ARG(words->at[0]));
    default:
        return command_failed(words, "there is no channel %.*s; `tts channel list` shows them",
                              TEXT_ARG(words->at[1]));
    }
}

static const char *const channel_states[] = {[CHANNEL_UP] = "up",
                                             [CHANNEL_DOWN] = "down",
                                             [CHANNEL_FAILING] = "failing",
                                             [CHANNEL_HELD] = "held"};

static int channel_list(struct words *words)
{
    const struct core *core = words->core;
    for (uint32_t i = 0; i < core->channel_count; i++) {
        uint32_t accounts = 0;
        for (uint32_t k = 0; k < core->investors.count; k++)
            accounts += core->investors.at[k].channel == i;
        buffer_printf(words->out, "%-12s %-8s accounts %u\n", core->channels[i]->name,
                      channel_states[core->channel_states[i]], accounts);
    }
    return COMMAND_OK;
}

static int channel_set(struct words *words)
{
    int state = CHANNEL_UP;
    while (state <= CHANNEL_HELD && !text_equal(words->at[1], text_of(channel_states[state])))
        state++;
    if (state > CHANNEL_HELD)
        return COMMAND_USAGE;
    if (!words->host->figures)
        return command_failed(words, "the state of a channel is the running server's");
    switch (core_set_channel_state(words->core, words->at[0], (enum channel_state)state)) {
    case ADMIN_OK:
        return COMMAND_OK;
    case ADMIN_REFUSED:
        return command_failed(words, "the line of %.*s cannot be held; down and failing it can be",
                              TEXT_ARG(words->at[0]));
    default:
        return command_failed(words, "there is no channel %.*s; `tts channel list` shows them",
                              TEXT_ARG(words->at[0]));
    }
}

/* ---- lists and flags ---- */

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

/* One of two opposite flags, or neither: then *value stays. False: both. */
static bool take_flag(const struct words *words, const char *yes, const char *no, bool *value)
{
    text none;
    bool is_yes = command_option(words, yes, &none), is_no = command_option(words, no, &none);
    if (is_yes || is_no)
        *value = is_yes;
    return !(is_yes && is_no);
}

static int account_flags(struct words *words)
{
    uint32_t account = command_account(words, words->at[0]);
    if (account == NONE)
        return COMMAND_FAILED;
    const struct investor *investor = &words->core->investors.at[account];
    bool active = investor->active, close_only = investor->close_only;
    if (words->option_count == 0 || !take_flag(words, "--enable", "--disable", &active) ||
        !take_flag(words, "--close-only", "--open", &close_only))
        return COMMAND_USAGE;
    return command_told(words,
                        core_set_investor_flags(words->core, words->at[0], active, close_only),
                        words->at[0]);
}

const struct command commands_of_people[] = {
    {"user add", "ID --password TEXT | --password-stdin [--name NAME] [--deposit AMOUNT]",
     "a user, and the account of the same id", "--hash= --name= --deposit=", 1, 1, user_add},
    {"user list", "", "all users and the accounts they may trade", "", 0, 0, user_list},
    {"user passwd", "ID --password TEXT | --password-stdin [--fund]", "a new password",
     "--hash= --fund", 1, 1, user_passwd},
    {"user enable", "ID", "lets a user log in again", "", 1, 1, user_enable},
    {"user disable", "ID", "logins are refused from now on", "", 1, 1, user_disable},
    {"user grant", "ID ACCOUNT", "the user may trade the account too", "", 2, 2, user_grant},
    {"user revoke", "ID ACCOUNT", "the user may no longer trade the account", "", 2, 2,
     user_revoke},
    {"user deposit", "ID AMOUNT", "the same as account deposit", "", 2, 2, deposit},
    {"account list", "", "all accounts with balance, available and margin", "", 0, 0, account_list},
    {"account deposit", "ACCOUNT AMOUNT", "money in", "", 2, 2, deposit},
    {"account withdraw", "ACCOUNT AMOUNT", "money out, at most WithdrawQuota", "", 2, 2, withdraw},
    {"account adjust", "ACCOUNT AMOUNT | INSTRUMENT SHARES PRICE",
     "a correction of the money (dividends, errors), or bonus shares; in the statement", "", 2, 4,
     adjust},
    {"account credit", "ACCOUNT AMOUNT",
     "Credit: what the broker holds back of the money, 0 or negative", "", 2, 2, credit},
    {"account mortgage", "ACCOUNT AMOUNT", "Mortgage: pledged collateral, which counts as money",
     "", 2, 2, mortgage},
    {"account reserve", "ACCOUNT AMOUNT", "Reserve: what WithdrawQuota leaves in the account", "",
     2, 2, reserve},
    {"account channel", "ACCOUNT CHANNEL",
     "where the account's orders go (sim: simulated exchange)", "", 2, 2, account_channel},
    {"channel list", "", "the channels, their states and how many accounts they have", "", 0, 0,
     channel_list},
    {"channel set", "CHANNEL up|down|failing|held",
     "the state of a channel's line until the next start (ErrorID 21; 78, 79; no answer)", "", 2, 2,
     channel_set},
    {"account flags", "ACCOUNT [--enable|--disable] [--close-only|--open]",
     "what the account may do", "--enable --disable --close-only --open", 1, 1, account_flags},
};
const size_t commands_of_people_count = sizeof commands_of_people / sizeof commands_of_people[0];
