/* lookup.c: the core's look-ups: connections, users, accounts, and the identities that a request
 * names, with the refusals that CTP gives for them. Reads state only. */
#include "tts/core/reply.h"
#include <assert.h>

struct connection *core_connection(struct core *core, uint32_t connection)
{
    assert(connection < core->connections.count);
    return &core->connections.at[connection];
}

uint32_t core_find_user(const struct core *core, text id)
{
    uint32_t cursor = 0, place;
    while (index_next(&core->user_index, hash_text(id), &cursor, &place))
        if (text_equal(text_of(core->users.at[place].id), id))
            return place;
    return NONE;
}

uint32_t core_find_account(const struct core *core, text id)
{
    uint32_t cursor = 0, place;
    while (index_next(&core->account_index, hash_text(id), &cursor, &place))
        if (text_equal(text_of(core->ledger.accounts[place].id), id))
            return place;
    return NONE;
}

bool core_user_may(const struct core *core, uint32_t user, uint32_t account)
{
    const struct user *who = &core->users.at[user];
    for (uint32_t i = 0; i < who->investors.count; i++)
        if (who->investors.at[i] == account)
            return true;
    return false;
}

/* Whether `id` is what stands in a field of `size` bytes. The field's end is not looked for first:
 * this is asked of each order. */
static bool is_named(const char *field, size_t size, text id)
{
    return id.length < size && memcmp(field, id.at, id.length) == 0 && field[id.length] == '\0';
}

uint32_t core_request_account(struct core *core, const struct connection *from, text investor_id,
                              struct refusal *refusal)
{
    const struct user *user = &core->users.at[from->user];
    refusal_clear(refusal);
    if (investor_id.length == 0) {
        if (core->options.investor_id_required)
            *refusal = refusal_of(CTP_ERROR_INVESTOR_ID_IS_MISSING);
        else if (user->investors.count == 0)
            *refusal = refusal_of(CTP_ERROR_NO_PRIVILEGE);
        return refusal->error_id ? NONE : user->investors.at[0];
    }
    for (uint32_t i = 0; i < user->investors.count; i++) {
        const struct account *account = &core->ledger.accounts[user->investors.at[i]];
        if (is_named(account->id, sizeof account->id, investor_id))
            return user->investors.at[i];
    }
    *refusal = refusal_of(CTP_ERROR_NO_PRIVILEGE);
    return NONE;
}

int core_check_broker(const struct core *core, const struct connection *from, text broker_id)
{
    bool same = !core->options.broker_check || text_equal(broker_id, text_of(from->broker_id));
    return same ? 0 : CTP_ERROR_INCONSISTENT_INFORMATION;
}

/* Whether the code stands at more than one exchange: stocks and indices share codes. */
static bool is_ambiguous(const struct market *market, text id, uint32_t found)
{
    for (int exchange = 0; exchange < EXCHANGE_COUNT; exchange++) {
        if ((enum exchange)exchange == market->instruments[found].exchange)
            continue;
        if (market_find_instrument(market, (enum exchange)exchange, id) != INSTRUMENT_NONE)
            return true;
    }
    return false;
}

/* Most requests name the instrument that the one before named. */
static bool is_asked_again(const struct core *core, text id, text exchange)
{
    if (core->asked_instrument >= core->market.instrument_count)
        return false;
    const struct instrument *instrument = &core->market.instruments[core->asked_instrument];
    return is_named(instrument->id, sizeof instrument->id, id) &&
           is_named(exchange_id(instrument->exchange), EXCHANGE_ID_BYTES, exchange);
}

uint32_t core_request_instrument(struct core *core, text instrument_id, text exchange_id,
                                 struct refusal *refusal)
{
    const struct market *market = &core->market;
    enum exchange exchange = EXCHANGE_COUNT;
    refusal_clear(refusal);
    if (exchange_id.length == 0) {
        uint32_t found = market_find_instrument(market, EXCHANGE_COUNT, instrument_id);
        bool stock_code =
            found != INSTRUMENT_NONE && market->instruments[found].exchange >= EXCHANGE_SSE;
        if (core->options.exchange_id_required)
            *refusal = refusal_of(CTP_ERROR_EXCHANGE_ID_IS_MISSING);
        else if (found == INSTRUMENT_NONE)
            *refusal = refusal_of(CTP_ERROR_INSTRUMENT_NOT_FOUND);
        else if (stock_code && is_ambiguous(market, instrument_id, found))
            *refusal = refusal_of(CTP_ERROR_EXCHANGE_ID_IS_MISSING);
        return refusal->error_id ? NONE : found;
    }
    if (is_asked_again(core, instrument_id, exchange_id))
        return core->asked_instrument;
    bool exists = exchange_find(exchange_id, &exchange);
    uint32_t found =
        exists ? market_find_instrument(market, exchange, instrument_id) : INSTRUMENT_NONE;
    if (found != INSTRUMENT_NONE)
        return core->asked_instrument = found;
    uint32_t anywhere = market_find_instrument(market, EXCHANGE_COUNT, instrument_id);
    if (anywhere != INSTRUMENT_NONE)
        *refusal = refusal_of(CTP_ERROR_EXCHANGE_ID_IS_WRONG);
    else
        *refusal =
            refusal_of(exists ? CTP_ERROR_INSTRUMENT_NOT_FOUND : CTP_ERROR_EXCHANGE_ID_IS_INVALID);
    return NONE;
}
