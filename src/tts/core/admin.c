/* admin.c: what operators do at run time: users, accounts, money, rates, notices. Each command
 * checks, then is one effect. */
#include "ctp/gb18030.h"
#include "tts/core/flow.h"
#include <assert.h>
#include <math.h>

static bool is_id(text id, size_t size)
{
    if (id.length == 0 || id.length >= size)
        return false;
    for (size_t i = 0; i < id.length; i++) {
        char c = id.at[i];
        bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    c == '_' || c == '-' || c == '.';
        if (!fine)
            return false;
    }
    return true;
}

static bool is_amount(double amount)
{
    return isfinite(amount) && fabs(amount) <= 1e15;
}

enum admin_result core_add_user(struct core *core, text id, const char *hash, text name,
                                double deposit)
{
    struct effect_user_put effect = {.deposit = deposit,
                                     .must_change_password = core->options.first_login_change};
    if (!is_id(id, sizeof((struct account *)0)->id) || !is_amount(deposit) || deposit < 0 ||
        strlen(hash) >= sizeof effect.hash)
        return ADMIN_BAD_VALUE;
    if (core_find_user(core, id) != NONE)
        return ADMIN_EXISTS;
    PUT_TEXT(effect.id, id);
    PUT_TEXT(effect.hash, text_of(hash));
    size_t length = 0;
    char gb[sizeof effect.name];
    if (!gb18030_from_utf8(name.length ? name : id, gb, sizeof gb - 1, &length))
        return ADMIN_BAD_VALUE;
    PUT_TEXT(effect.name, ((text){gb, length}));
    EMIT(core, user_put, &effect);
    return ADMIN_OK;
}

void core_set_params(struct core *core, const struct trading_params *params)
{
    struct effect_params_set effect;
    memset(&effect, 0, sizeof effect);
    effect.params = *params;
    if (memcmp(&effect.params, &core->ledger.params, sizeof effect.params) != 0)
        EMIT(core, params_set, &effect);
}

/* The user as it is, for effects that change one thing. */
static struct effect_user_changed unchanged(const struct core *core, uint32_t place)
{
    const struct user *user = &core->users.at[place];
    return (struct effect_user_changed){
        .user = place,
        .active = user->active,
        .must_change_password = user->must_change_password,
        .failures = (uint32_t)user->failures,
    };
}

enum admin_result core_set_password(struct core *core, text user_id, const char *hash, bool fund)
{
    uint32_t place = core_find_user(core, user_id);
    if (place == NONE)
        return ADMIN_UNKNOWN;
    struct effect_user_changed effect = unchanged(core, place);
    if (hash[0] == '\0' || strlen(hash) >= sizeof effect.hash)
        return ADMIN_BAD_VALUE;
    if (fund) {
        PUT_TEXT(effect.fund_hash, text_of(hash));
    } else {
        PUT_TEXT(effect.hash, text_of(hash));
        effect.must_change_password = 0;
        effect.failures = 0;
    }
    EMIT(core, user_changed, &effect);
    return ADMIN_OK;
}

enum admin_result core_set_user_active(struct core *core, text user_id, bool active)
{
    uint32_t place = core_find_user(core, user_id);
    if (place == NONE)
        return ADMIN_UNKNOWN;
    struct effect_user_changed effect = unchanged(core, place);
    effect.active = active;
    effect.failures = 0;
    EMIT(core, user_changed, &effect);
    return ADMIN_OK;
}

enum admin_result core_grant(struct core *core, text user_id, text investor_id, bool allowed)
{
    uint32_t user = core_find_user(core, user_id), account = core_find_account(core, investor_id);
    if (user == NONE || account == NONE)
        return ADMIN_UNKNOWN;
    if (core_user_may(core, user, account) == allowed)
        return ADMIN_EXISTS;
    struct effect_granted effect = {.user = user, .account = account, .allowed = allowed};
    EMIT(core, granted, &effect);
    return ADMIN_OK;
}

enum admin_result core_cash(struct core *core, text investor_id, double amount)
{
    uint32_t account = core_find_account(core, investor_id);
    if (account == NONE)
        return ADMIN_UNKNOWN;
    if (!is_amount(amount) || amount == 0)
        return ADMIN_BAD_VALUE;
    if (amount < 0 && -amount > ledger_funds(&core->ledger, account).withdraw_quota + 1e-6)
        return ADMIN_REFUSED;
    struct effect_cash_moved effect = {.account = account, .amount = amount};
    EMIT(core, cash_moved, &effect);
    return ADMIN_OK;
}

enum admin_result core_adjust_cash(struct core *core, text investor_id, double amount)
{
    uint32_t account = core_find_account(core, investor_id);
    if (account == NONE)
        return ADMIN_UNKNOWN;
    if (!is_amount(amount) || amount == 0)
        return ADMIN_BAD_VALUE;
    struct effect_cash_adjusted effect = {.account = account, .amount = amount};
    EMIT(core, cash_adjusted, &effect);
    return ADMIN_OK;
}

enum admin_result core_set_money(struct core *core, text investor_id, enum account_money kind,
                                 double amount)
{
    uint32_t account = core_find_account(core, investor_id);
    if (account == NONE)
        return ADMIN_UNKNOWN;
    if (!ledger_may_set_money(kind, amount))
        return ADMIN_BAD_VALUE;
    struct effect_money_set effect = {.account = account, .kind = kind, .amount = amount};
    EMIT(core, money_set, &effect);
    return ADMIN_OK;
}

enum admin_result core_add_shares(struct core *core, text investor_id, text instrument, int lots,
                                  double price)
{
    uint32_t account = core_find_account(core, investor_id);
    uint32_t place = market_find_instrument(&core->market, EXCHANGE_COUNT, instrument);
    if (account == NONE || place == INSTRUMENT_NONE)
        return ADMIN_UNKNOWN;
    if (!isfinite(price) || price < 0 || price > 1e9 ||
        !ledger_may_add_shares(&core->ledger, account, place, lots))
        return ADMIN_BAD_VALUE;
    struct effect_shares_added effect = {
        .account = account, .instrument = place, .lots = lots, .price = price};
    EMIT(core, shares_added, &effect);
    return ADMIN_OK;
}

enum admin_result core_set_investor_flags(struct core *core, text investor_id, bool active,
                                          bool close_only)
{
    uint32_t account = core_find_account(core, investor_id);
    if (account == NONE)
        return ADMIN_UNKNOWN;
    struct effect_investor_changed effect = {
        .account = account, .active = active, .close_only = close_only};
    EMIT(core, investor_changed, &effect);
    return ADMIN_OK;
}

/* ---- rates, rights and limits ---- */

/* The account and the instrument or product that a rule or rate speaks of. */
static bool find_account(const struct core *core, text investor_id, uint32_t *account)
{
    *account = investor_id.length ? core_find_account(core, investor_id) : NONE;
    return investor_id.length == 0 || *account != NONE;
}

static bool find_scope(const struct core *core, text name, uint32_t *of, bool *is_product)
{
    *of = market_find_instrument(&core->market, EXCHANGE_COUNT, name);
    *is_product = *of == INSTRUMENT_NONE;
    if (*is_product)
        *of = market_find_product(&core->market, EXCHANGE_COUNT, name);
    return *of != INSTRUMENT_NONE;
}

static bool has_rule(const struct core *core, const struct account_rule *rule)
{
    for (uint32_t i = 0; i < core->rules.count; i++) {
        const struct account_rule *one = &core->rules.at[i];
        if (one->kind == rule->kind && one->account == rule->account && one->scope == rule->scope &&
            one->of == rule->of)
            return true;
    }
    return false;
}

static enum admin_result put_rule(struct core *core, struct account_rule rule, text investor_id,
                                  text of, bool removed)
{
    struct effect_rule_put effect = {.rule = rule, .removed = removed};
    bool is_product = false;
    if (!find_account(core, investor_id, &effect.rule.account))
        return ADMIN_UNKNOWN;
    effect.rule.scope = RULE_OF_EVERYTHING;
    if (of.length) {
        if (!find_scope(core, of, &effect.rule.of, &is_product))
            return ADMIN_UNKNOWN;
        effect.rule.scope = is_product ? RULE_OF_PRODUCT : RULE_OF_INSTRUMENT;
    }
    if (removed && !has_rule(core, &effect.rule))
        return ADMIN_UNKNOWN;
    EMIT(core, rule_put, &effect);
    return ADMIN_OK;
}

enum admin_result core_set_right(struct core *core, text investor_id, text of, int right,
                                 bool removed)
{
    struct account_rule rule = {.kind = RULE_RIGHT, .value = right};
    if (right < RIGHT_ALL || right > RIGHT_NONE)
        return ADMIN_BAD_VALUE;
    return put_rule(core, rule, investor_id, of, removed);
}

enum admin_result core_set_maker(struct core *core, text investor_id, text of, bool makes,
                                 bool removed)
{
    struct account_rule rule = {.kind = RULE_MAKER, .value = makes};
    return put_rule(core, rule, investor_id, of, removed);
}

enum admin_result core_set_position_limit(struct core *core, text investor_id, text of, int lots,
                                          bool removed)
{
    struct account_rule rule = {.kind = RULE_POSITION_LIMIT, .value = lots};
    if (lots < 0 || of.length == 0)
        return ADMIN_BAD_VALUE;
    return put_rule(core, rule, investor_id, of, removed);
}

enum admin_result core_set_rate(struct core *core, text investor_id, text product_or_instrument,
                                const struct margin_rate *margin,
                                const struct commission_rate *commission)
{
    struct effect_rate_put effect = {.rate = {.account = LEDGER_NONE}};
    bool is_product = false;
    if (!find_account(core, investor_id, &effect.rate.account) ||
        !find_scope(core, product_or_instrument, &effect.rate.of, &is_product))
        return ADMIN_UNKNOWN;
    effect.rate.scope = is_product ? RATE_OF_PRODUCT : RATE_OF_INSTRUMENT;
    if (margin) {
        effect.rate.has_margin = true;
        effect.rate.margin = *margin;
    }
    if (commission) {
        effect.rate.has_commission = true;
        effect.rate.commission = *commission;
    }
    EMIT(core, rate_put, &effect);
    return ADMIN_OK;
}

uint32_t core_put_product(struct core *core, const struct product *product)
{
    uint32_t place = market_find_product(&core->market, product->exchange, text_of(product->id));
    if (place != INSTRUMENT_NONE &&
        memcmp(&core->market.products[place], product, sizeof *product) == 0)
        return place;
    struct effect_product_put effect;
    memset(&effect, 0, sizeof effect);
    memcpy(&effect.product, product, sizeof *product);
    EMIT(core, product_put, &effect);
    return market_find_product(&core->market, product->exchange, text_of(product->id));
}

uint32_t core_put_instrument(struct core *core, const struct instrument *instrument, bool book_mode)
{
    uint32_t place =
        market_find_instrument(&core->market, instrument->exchange, text_of(instrument->id));
    if (place != INSTRUMENT_NONE && core->instruments.at[place].book_mode == book_mode &&
        memcmp(core_instrument(core, place), instrument, sizeof *instrument) == 0)
        return place;
    struct effect_instrument_put effect;
    memset(&effect, 0, sizeof effect);
    memcpy(&effect.instrument, instrument, sizeof *instrument);
    effect.book_mode = book_mode;
    EMIT(core, instrument_put, &effect);
    return market_find_instrument(&core->market, instrument->exchange, text_of(instrument->id));
}

void core_note_feed(struct core *core, text position)
{
    struct effect_feed_noted effect = {.length = (uint32_t)position.length};
    effect_emit_feed_noted(core, &effect, position.at, position.length);
}

text core_feed_position(const struct core *core)
{
    return buffer_text(&core->feed_position);
}
