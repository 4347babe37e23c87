/* channel.c: the channels of a core and the states of their lines; see channel.h. */
#include "tts/core/channel.h"
#include "tts/core/reply.h"
#include <assert.h>

uint32_t channel_add(struct core *core, const struct order_channel *channel)
{
    assert(core->channel_count < CHANNELS_MAX);
    assert(channel_find(core, text_of(channel->name)) == CHANNELS_MAX);
    core->channels[core->channel_count] = channel;
    return core->channel_count++;
}

uint32_t channel_find(const struct core *core, text name)
{
    for (uint32_t i = 0; i < core->channel_count; i++)
        if (text_equal(name, text_of(core->channels[i]->name)))
            return i;
    return CHANNELS_MAX;
}

int channel_why_not(const struct core *core, uint32_t account, enum channel_way way)
{
    switch (core->channel_states[core->investors.at[account].channel]) {
    case CHANNEL_UP:
    case CHANNEL_HELD:
        return 0;
    case CHANNEL_DOWN:
        return CTP_ERROR_NO_VALID_TRADER_AVAILABLE;
    default:
        return way == CHANNEL_ORDER ? CTP_ERROR_SEND_EXCHANGEORDER_FAILED
                                    : CTP_ERROR_SEND_EXCHANGEORDERACTION_FAILED;
    }
}

/* ---- requests ---- */

static const struct order_channel *channel_of(struct core *core, enum record_kind kind,
                                              uint32_t record)
{
    uint32_t account = record_head(core, kind, record)->account;
    return core->channels[core->investors.at[account].channel];
}

void channel_ask(struct core *core, enum record_kind kind, uint32_t record)
{
    const struct order_channel *channel = channel_of(core, kind, record);
    channel->ask(channel->user, core, kind, record);
}

void channel_withdraw(struct core *core, enum record_kind kind, uint32_t record, uint32_t by,
                      const void *input)
{
    const struct order_channel *channel = channel_of(core, kind, record);
    channel->withdraw(channel->user, core, kind, record, by, input);
}

void channel_conclude(struct core *core, uint32_t exercise)
{
    const struct order_channel *channel = channel_of(core, RECORD_exec_order, exercise);
    channel->conclude(channel->user, core, exercise);
}

/* ---- operators ---- */

/* Whether a request stands at its channel, or waits for the answer. */
static bool is_there(struct core *core, enum record_kind kind, uint32_t record)
{
    const void *body = record_body(core, kind, record);
    switch (kind) {
    case RECORD_quote:
    case RECORD_exec_order:
    case RECORD_self_close:
    case RECORD_offset_setting:
        return record_head(core, kind, record)->live;
    case RECORD_for_quote:
        return ((const struct CThostFtdcForQuoteField *)body)->ForQuoteStatus ==
               THOST_FTDC_FQST_Submitted;
    case RECORD_comb_action:
        return ((const struct CThostFtdcCombActionField *)body)->ActionStatus ==
               THOST_FTDC_OAS_Submitted;
    default:
        return false; /* the counter's own */
    }
}

/* What the account has at its channel stays there. */
static bool has_business(struct core *core, uint32_t account)
{
    if (core->investors.at[account].live_orders)
        return true;
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++)
        for (uint32_t i = 0; i < record_count(core, (enum record_kind)kind); i++)
            if (record_head(core, (enum record_kind)kind, i)->account == account &&
                is_there(core, (enum record_kind)kind, i))
                return true;
    return false;
}

enum admin_result core_set_channel(struct core *core, text investor_id, text name)
{
    uint32_t account = core_find_account(core, investor_id), channel = channel_find(core, name);
    if (account == NONE || channel == CHANNELS_MAX)
        return ADMIN_UNKNOWN;
    if (has_business(core, account))
        return ADMIN_REFUSED;
    struct effect_channel_set effect = {.account = account, .channel = channel};
    EMIT(core, channel_set, &effect);
    return ADMIN_OK;
}

enum admin_result core_set_channel_state(struct core *core, text name, enum channel_state state)
{
    uint32_t channel = channel_find(core, name);
    if (channel == CHANNELS_MAX)
        return ADMIN_UNKNOWN;
    const struct order_channel *of = core->channels[channel];
    if (state == CHANNEL_HELD && !of->release)
        return ADMIN_REFUSED;
    core->channel_states[channel] = state;
    if (state == CHANNEL_UP && of->release)
        of->release(of->user, core);
    return ADMIN_OK;
}
