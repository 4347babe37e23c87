/* commands_rates.c: the operator's commands on fees, margins, rights, market makers and position
 * limits. Each is
 * for one account or all, and for a product or an instrument. */
#include "base/number.h"
#include "tts/admin/words.h"
#include <stddef.h>

/* ---- rates ---- */

/* An option and the double that it sets. */
struct rate_field {
    const char *name;
    size_t offset;
};

#define FEE(name, member)                              \
    {                                                  \
        name, offsetof(struct commission_rate, member) \
    }
static const struct rate_field fee_fields[] = {
    FEE("--open-by-money", open_by_money),
    FEE("--open-by-volume", open_by_volume),
    FEE("--close-by-money", close_by_money),
    FEE("--close-by-volume", close_by_volume),
    FEE("--close-today-by-money", close_today_by_money),
    FEE("--close-today-by-volume", close_today_by_volume),
    FEE("--strike-by-money", strike_by_money),
    FEE("--strike-by-volume", strike_by_volume),
    FEE("--order-by-trade", order_by_trade),
    FEE("--order-by-volume", order_by_volume),
    FEE("--cancel-by-trade", action_by_trade),
    FEE("--cancel-by-volume", action_by_volume),
};
enum { FEE_FIELDS = sizeof fee_fields / sizeof fee_fields[0] };

#define MARGIN(name, member)                       \
    {                                              \
        name, offsetof(struct margin_rate, member) \
    }
static const struct rate_field margin_fields[] = {
    MARGIN("--long-by-money", long_by_money),
    MARGIN("--long-by-volume", long_by_volume),
    MARGIN("--short-by-money", short_by_money),
    MARGIN("--short-by-volume", short_by_volume),
};
enum { MARGIN_FIELDS = sizeof margin_fields / sizeof margin_fields[0] };

/* Overwrites what was given and leaves the rest of *rate. */
static bool take_rates(struct words *words, const struct rate_field *fields, size_t count,
                       void *rate)
{
    for (size_t i = 0; i < count; i++) {
        text given;
        double number;
        if (!command_option(words, fields[i].name, &given))
            continue;
        if (!number_read(given, &number) || number < 0 || number >= 1e9) {
            command_failed(words, "%s %.*s is no rate", fields[i].name, TEXT_ARG(given));
            return false;
        }
        memcpy((char *)rate + fields[i].offset, &number, sizeof number);
    }
    return true;
}

/* The override that is there already; NULL. */
static const struct rate_override *override_of(const struct core *core, uint32_t account,
                                               enum rate_scope scope, uint32_t of)
{
    const struct ledger *ledger = &core->ledger;
    for (uint32_t i = 0; i < ledger->override_count; i++) {
        const struct rate_override *one = &ledger->overrides[i];
        if (one->account == account && one->scope == scope && one->of == of)
            return one;
    }
    return NULL;
}

/* What holds before the command: the override itself, else what it is to override. */
static bool present_rates(struct words *words, struct rate_override *present)
{
    const struct core *core = words->core;
    const struct market *market = &core->market;
    text id = command_all_or(words->at[0]);
    uint32_t account = id.length ? command_account(words, id) : NONE;
    if (id.length && account == NONE)
        return false;
    uint32_t instrument = market_find_instrument(market, EXCHANGE_COUNT, words->at[1]);
    uint32_t product = market_find_product(market, EXCHANGE_COUNT, words->at[1]);
    bool is_product = instrument == INSTRUMENT_NONE;
    if (is_product && product == INSTRUMENT_NONE) {
        command_told_of(words, ADMIN_UNKNOWN, TEXT("all"), words->at[1]);
        return false;
    }
    const struct rate_override *there =
        override_of(core, account, is_product ? RATE_OF_PRODUCT : RATE_OF_INSTRUMENT,
                    is_product ? product : instrument);
    present->margin = is_product ? market->products[product].margin
                                 : *ledger_margin_rate(&core->ledger, account, instrument);
    present->commission = is_product ? market->products[product].commission
                                     : *ledger_commission_rate(&core->ledger, account, instrument);
    if (there && there->has_margin)
        present->margin = there->margin;
    if (there && there->has_commission)
        present->commission = there->commission;
    return true;
}

static int fee_set(struct words *words)
{
    struct rate_override present;
    if (words->option_count == 0)
        return COMMAND_USAGE;
    if (!present_rates(words, &present) ||
        !take_rates(words, fee_fields, FEE_FIELDS, &present.commission))
        return COMMAND_FAILED;
    return command_told_of(words,
                           core_set_rate(words->core, command_all_or(words->at[0]), words->at[1],
                                         NULL, &present.commission),
                           words->at[0], words->at[1]);
}

static int margin_set(struct words *words)
{
    struct rate_override present;
    if (words->option_count == 0)
        return COMMAND_USAGE;
    if (!present_rates(words, &present) ||
        !take_rates(words, margin_fields, MARGIN_FIELDS, &present.margin))
        return COMMAND_FAILED;
    return command_told_of(words,
                           core_set_rate(words->core, command_all_or(words->at[0]), words->at[1],
                                         &present.margin, NULL),
                           words->at[0], words->at[1]);
}

/* ---- lists ---- */

static const char *account_name(const struct core *core, uint32_t account)
{
    return account == NONE ? "all" : core->ledger.accounts[account].id;
}

static void put_rates(struct words *words, const struct rate_override *one,
                      const struct rate_field *fields, size_t count, const void *rate)
{
    const struct market *market = &words->core->market;
    buffer_printf(words->out, "%-12s %-20s", account_name(words->core, one->account),
                  one->scope == RATE_OF_PRODUCT ? market->products[one->of].id
                                                : market->instruments[one->of].id);
    for (size_t i = 0; i < count; i++) {
        double number;
        char digits[NUMBER_TEXT_MAX];
        memcpy(&number, (const char *)rate + fields[i].offset, sizeof number);
        if (number == 0)
            continue;
        buffer_printf(words->out, " %s ", fields[i].name);
        buffer_put(words->out, digits, number_write(number, digits));
    }
    buffer_put_char(words->out, '\n');
}

static int list_rates(struct words *words, bool margins)
{
    const struct ledger *ledger = &words->core->ledger;
    for (uint32_t i = 0; i < ledger->override_count; i++) {
        const struct rate_override *one = &ledger->overrides[i];
        if (margins && one->has_margin)
            put_rates(words, one, margin_fields, MARGIN_FIELDS, &one->margin);
        else if (!margins && one->has_commission)
            put_rates(words, one, fee_fields, FEE_FIELDS, &one->commission);
    }
    return COMMAND_OK;
}

static int fee_list(struct words *words)
{
    return list_rates(words, false);
}

static int margin_list(struct words *words)
{
    return list_rates(words, true);
}

/* ---- rights and limits ---- */

static const char *const right_names[] = {
    [RIGHT_ALL] = "allow", [RIGHT_CLOSE_ONLY] = "close-only", [RIGHT_NONE] = "deny"};

static int rule_told(struct words *words, enum admin_result result, bool removed)
{
    if (result == ADMIN_UNKNOWN && removed) {
        text id = command_all_or(words->at[0]);
        if (id.length && command_account(words, id) == NONE)
            return COMMAND_FAILED;
        return command_failed(words, "%.*s %.*s has no such rule", TEXT_ARG(words->at[0]),
                              TEXT_ARG(words->at[1]));
    }
    return command_told_of(words, result, words->at[0], words->at[1]);
}

static int right_set(struct words *words)
{
    bool removed = text_equal(words->at[2], TEXT("default"));
    int right = RIGHT_ALL;
    while (!removed && right <= RIGHT_NONE &&
           !text_equal(words->at[2], text_of(right_names[right])))
        right++;
    if (right > RIGHT_NONE)
        return COMMAND_USAGE;
    return rule_told(words,
                     core_set_right(words->core, command_all_or(words->at[0]),
                                    command_all_or(words->at[1]), right, removed),
                     removed);
}

static int maker_set(struct words *words)
{
    bool removed = text_equal(words->at[2], TEXT("default"));
    bool makes = text_equal(words->at[2], TEXT("yes"));
    if (!removed && !makes && !text_equal(words->at[2], TEXT("no")))
        return COMMAND_USAGE;
    return rule_told(words,
                     core_set_maker(words->core, command_all_or(words->at[0]),
                                    command_all_or(words->at[1]), makes, removed),
                     removed);
}

static int limit_set(struct words *words)
{
    bool removed = text_equal(words->at[2], TEXT("none"));
    int64_t lots = 0;
    if (!removed && (!text_to_int(words->at[2], &lots) || lots < 0 || lots > INT32_MAX))
        return command_failed(words, "%.*s is no number of lots", TEXT_ARG(words->at[2]));
    return rule_told(words,
                     core_set_position_limit(words->core, command_all_or(words->at[0]),
                                             words->at[1], (int)lots, removed),
                     removed);
}

static void put_rule(struct words *words, const struct account_rule *rule)
{
    const struct market *market = &words->core->market;
    const char *of = rule->scope == RULE_OF_PRODUCT      ? market->products[rule->of].id
                     : rule->scope == RULE_OF_INSTRUMENT ? market->instruments[rule->of].id
                                                         : "all";
    buffer_printf(words->out, "%-12s %-20s ", account_name(words->core, rule->account), of);
    if (rule->kind == RULE_RIGHT)
        buffer_printf(words->out, "%s\n", right_names[rule->value]);
    else if (rule->kind == RULE_MAKER)
        buffer_printf(words->out, "%s\n", rule->value ? "yes" : "no");
    else
        buffer_printf(words->out, "%d\n", rule->value);
}

static int list_rules(struct words *words, enum rule_kind kind)
{
    for (uint32_t i = 0; i < words->core->rules.count; i++)
        if (words->core->rules.at[i].kind == kind)
            put_rule(words, &words->core->rules.at[i]);
    return COMMAND_OK;
}

static int right_list(struct words *words)
{
    return list_rules(words, RULE_RIGHT);
}

static int maker_list(struct words *words)
{
    return list_rules(words, RULE_MAKER);
}

static int limit_list(struct words *words)
{
    return list_rules(words, RULE_POSITION_LIMIT);
}

#define FEE_OPTIONS                                                                            \
    "--open-by-money= --open-by-volume= --close-by-money= --close-by-volume= "                 \
    "--close-today-by-money= --close-today-by-volume= --strike-by-money= --strike-by-volume= " \
    "--order-by-trade= --order-by-volume= --cancel-by-trade= --cancel-by-volume="

const struct command commands_of_rates[] = {
    {"fee set",
     "ACCOUNT|all PRODUCT|INSTRUMENT [--open-by-money R] [--close-today-by-volume R] ...",
     "commission that overrides the product's; what is not given stays", FEE_OPTIONS, 2, 2,
     fee_set},
    {"fee list", "", "all such commissions", "", 0, 0, fee_list},
    {"margin set", "ACCOUNT|all PRODUCT|INSTRUMENT [--long-by-money R] [--short-by-money R] ...",
     "margin that overrides the product's; what is not given stays",
     "--long-by-money= --long-by-volume= --short-by-money= --short-by-volume=", 2, 2, margin_set},
    {"margin list", "", "all such margins", "", 0, 0, margin_list},
    {"rights set", "ACCOUNT|all PRODUCT|INSTRUMENT|all allow|close-only|deny|default",
     "who may trade what; the most specific rule decides (ErrorID 28, 29)", "", 3, 3, right_set},
    {"rights list", "", "all such rules", "", 0, 0, right_list},
    {"maker set", "ACCOUNT|all PRODUCT|INSTRUMENT|all yes|no|default",
     "who may quote, where quote_right_required asks for it (ErrorID 28)", "", 3, 3, maker_set},
    {"maker list", "", "all such rules", "", 0, 0, maker_list},
    {"limit set", "ACCOUNT|all PRODUCT|INSTRUMENT LOTS|none",
     "the most lots of one direction, held and ordered (ErrorID 106)", "", 3, 3, limit_set},
    {"limit list", "", "all such limits", "", 0, 0, limit_list},
};
const size_t commands_of_rates_count = sizeof commands_of_rates / sizeof commands_of_rates[0];
