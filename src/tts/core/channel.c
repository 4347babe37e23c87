/* channel.c: the table of channels and their states; see channel.h. */
#include "tts/core/channel.h"
#include "tts/core/desk/desk_inside.h"

const struct order_channel channels[CHANNELS] = {
    [CHANNEL_SIM] = {"sim", exchange_arrive, exchange_ask_cancel},
};

uint32_t channel_find(text name)
{
    uint32_t place = 0;
    while (place < CHANNELS && !text_equal(name, text_of(channels[place].name)))
        place++;
    return place;
}

const struct order_channel *channel_of(const struct core *core, uint32_t account)
{
    return &channels[core->investors.at[account].channel];
}

int channel_why_not(const struct core *core, uint32_t account, enum channel_way way)
{
    switch (core->channel_states[core->investors.at[account].channel]) {
    case CHANNEL_UP:
        return 0;
    case CHANNEL_DOWN:
        return CTP_ERROR_NO_VALID_TRADER_AVAILABLE;
    default:
        return way == CHANNEL_ORDER ? CTP_ERROR_SEND_EXCHANGEORDER_FAILED
                                    : CTP_ERROR_SEND_EXCHANGEORDERACTION_FAILED;
    }
}

/* ---- operators ---- */

enum admin_result core_set_channel(struct core *core, text investor_id, text name)
{
    uint32_t account = core_find_account(core, investor_id), channel = channel_find(name);
    if (account == NONE || channel == CHANNELS)
        return ADMIN_UNKNOWN;
    if (core->investors.at[account].live_orders)
        return ADMIN_REFUSED; /* they are where they are */
    struct effect_channel_set effect = {.account = account, .channel = channel};
    EMIT(core, channel_set, &effect);
    return ADMIN_OK;
}

enum admin_result core_set_channel_state(struct core *core, text name, enum channel_state state)
{
    uint32_t channel = channel_find(name);
    if (channel == CHANNELS)
        return ADMIN_UNKNOWN;
    core->channel_states[channel] = state;
    return ADMIN_OK;
}
