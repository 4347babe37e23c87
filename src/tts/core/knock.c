/* knock.c: see knock.h. */
#include "tts/core/knock.h"

/* Words stand with commas or blanks between them. */
static bool has_word(const char *words, text word)
{
    text rest = text_of(words);
    while (rest.length) {
        size_t length = 0;
        while (length < rest.length && rest.at[length] != ',' && rest.at[length] != ' ')
            length++;
        if (length > 0 && text_equal((text){rest.at, length}, word))
            return true;
        size_t gone = length < rest.length ? length + 1 : length;
        rest.at += gone;
        rest.length -= gone;
    }
    return false;
}

/* The day's failures of an address; NULL when it has none. */
static const struct knocker *find(const struct core *core, const char *address)
{
    for (uint32_t i = 0; i < core->knockers.count; i++) {
        const struct knocker *one = &core->knockers.at[i];
        if (one->day == core->trading_day && text_equal(text_of(one->address), text_of(address)))
            return one;
    }
    return NULL;
}

int knock_refusal(const struct core *core, const struct connection *from, enum knock kind)
{
    const struct core_options *options = &core->options;
    const struct knocker *known =
        options->address_fail_limit ? find(core, from->peer.address) : NULL;
    if (known && known->failures[kind] >= options->address_fail_limit)
        return kind == KNOCK_LOGIN ? CTP_ERROR_IP_FORBIDDEN : CTP_ERROR_AUTH_IP_FORBIDDEN;
    bool black =
        options->black_list[0] && has_word(options->black_list, text_of(from->peer.address));
    return black ? CTP_ERROR_IP_BLACK : 0;
}

/* A place for an address: a new one, one of a day gone by, or, when there are many, the next in
 * turn. */
static struct knocker *take_place(struct core *core)
{
    for (uint32_t i = 0; i < core->knockers.count; i++)
        if (core->knockers.at[i].day != core->trading_day)
            return &core->knockers.at[i];
    if (core->knockers.count < KNOCKERS_MAX)
        return LIST_ADD(&core->knockers);
    return &core->knockers.at[core->knocker_next++ % KNOCKERS_MAX];
}

void knock_failed(struct core *core, const struct connection *from, enum knock kind)
{
    if (core->options.address_fail_limit == 0)
        return;
    struct knocker *one = (struct knocker *)find(core, from->peer.address);
    if (!one) {
        one = take_place(core);
        memset(one, 0, sizeof *one);
        one->day = core->trading_day;
        PUT_TEXT(one->address, text_of(from->peer.address));
    }
    one->failures[kind]++;
}

int knock_terminal(const struct core *core, const struct connection *from,
                   const struct CThostFtdcReqAuthenticateField *body)
{
    const struct core_options *options = &core->options;
    for (int i = 0; i < options->terminal_count; i++) {
        const struct core_terminal *one = &options->terminals[i];
        if (!text_equal(text_of(one->app_id), FIELD_TEXT(body->AppID)) ||
            !text_equal(text_of(one->auth_code), FIELD_TEXT(body->AuthCode)))
            continue;
        if (one->users[0] && !has_word(one->users, FIELD_TEXT(body->UserID)))
            return CTP_ERROR_AUTHUSER_CHECK_ERR;
        if (one->addresses[0] && !has_word(one->addresses, text_of(from->peer.address)))
            return CTP_ERROR_AUTHIP_CHECK_ERR;
        return 0;
    }
    return options->terminal_count ? CTP_ERROR_AUTH_FAILED : 0;
}

static bool is_today(const struct core *core, const struct entrance *one, uint32_t user,
                     const char *address, text broker_id)
{
    return one->day == core->trading_day && one->user == user &&
           text_equal(text_of(one->address), text_of(address)) &&
           text_equal(text_of(one->broker_id), broker_id);
}

bool knock_has_entered(const struct core *core, const char *address, text broker_id, text user_id)
{
    uint32_t user = core_find_user(core, user_id);
    for (uint32_t i = 0; user != NONE && i < core->entrances.count; i++)
        if (is_today(core, &core->entrances.at[i], user, address, broker_id))
            return true;
    return false;
}

void knock_entered(struct core *core, const struct connection *from)
{
    text broker_id = FIELD_TEXT(from->broker_id);
    uint32_t kept = 0;
    if (!core->options.md_login_verify || knock_has_entered(core, from->peer.address, broker_id,
                                                            text_of(core->users.at[from->user].id)))
        return;
    for (uint32_t i = 0; i < core->entrances.count; i++)
        if (core->entrances.at[i].day == core->trading_day)
            core->entrances.at[kept++] = core->entrances.at[i];
    core->entrances.count = kept;
    struct entrance *one = LIST_ADD(&core->entrances);
    *one = (struct entrance){.user = from->user, .day = core->trading_day};
    PUT_TEXT(one->address, text_of(from->peer.address));
    PUT_TEXT(one->broker_id, broker_id);
}
