/* order_insert.c: ReqOrderInsert: a refused order is answered in the dialog and kept for its user,
 * an accepted one becomes an effect (E1) and goes to its channel, or waits for its condition. */
#include "tts/core/channel.h"
#include "tts/core/desk/desk_inside.h"
#include "tts/core/desk/order_pattern.h"
#include <assert.h>

_Static_assert(sizeof((struct user *)NULL)->id ==
                   sizeof((struct CThostFtdcInputOrderField *)NULL)->UserID,
               "copied as they are");

/* Bodies of refusals name the session's user and an OrderRef, whatever was sent, while there is a
 * next one. */
static void complete_input(const struct core *core, const struct connection *from,
                           struct CThostFtdcInputOrderField *input)
{
    memcpy(input->UserID, core->users.at[from->user].id, sizeof input->UserID);
    int64_t last = core->sessions.at[from->session].order_ref;
    if (FIELD_IS_BLANK(input->OrderRef) && last < REFERENCE_MAX)
        PUT_NUMBER(input->OrderRef, last + 1);
}

void desk_order_insert(struct core *core, const struct core_request *request)
{
    const struct connection *from = core_connection(core, request->connection);
    struct CThostFtdcInputOrderField input;
    memcpy(&input, request->body, sizeof input);
    complete_input(core, from, &input);
    struct order_check check = {.connection = from, .user = from->user, .session = from->session};
    struct effect_order_accepted accepted;
    struct refusal refusal;
    if (!desk_check_order(core, &check, &input, &accepted.order, &refusal)) {
        memcpy(&input, request->body, sizeof input); /* what the checks filled in is not told */
        complete_input(core, from, &input);
        reply_one(core, request, &input, &refusal);
        reply_private_to_user(core, from->user, CTP_TraderSpi_OnErrRtnOrderInsert, &input,
                              &refusal);
        return;
    }
    desk_accept_order(core, &accepted, &input);
    tick_publish_due(core);
}

static struct effect_prices prices_of(const struct core *core, uint32_t instrument)
{
    const struct instrument *of = &core->market.instruments[instrument];
    return (struct effect_prices){.last = of->last, .average = of->average};
}

/* The calendar is asked once in a second, not for each order. */
static void stamp_wall(struct core *core, struct order_state *state)
{
    struct matching *matching = core->matching;
    int64_t second = core->now.wall_us / 1000000;
    if (matching->wall_second != second || matching->wall_date == 0) {
        matching->wall_second = second;
        matching->wall_date = core_wall_date(core);
        matching->wall_time = core_wall_second(core);
    }
    state->insert_date = matching->wall_date;
    state->insert_second = matching->wall_time;
}

/* The numbers and times of E1. A condition order has no OrderLocalID: no exchange knows of it. */
static void number_order(struct core *core, struct order *order)
{
    const struct exchange_numbers *numbers =
        &core->numbers[core->market.instruments[order->instrument].exchange];
    if (order_is_condition(order->contingent_condition)) {
        order->condition_number = numbers->condition + 1;
        order->state.status = THOST_FTDC_OST_NotTouched;
    } else {
        order->local_number = numbers->local + 1;
    }
    order->broker_order_seq = core->broker_order_seq + 1;
    stamp_wall(core, &order->state);
}

uint32_t desk_take_order(struct core *core, struct effect_order_accepted *effect,
                         const struct CThostFtdcInputOrderField *input)
{
    struct matching *matching = core->matching;
    struct order *order = &effect->order;
    uint32_t place = core->orders.count;
    bench_of(core, order->instrument);
    number_order(core, order);
    memset(effect->prices, 0, sizeof effect->prices);
    for (uint32_t i = 0; i < order->leg_count; i++)
        effect->prices[i] = prices_of(core, order->leg[i].instrument);
    effect->request_differs = order_pattern_pack(core, order->session, input, &matching->packed);
    effect->request_length = (uint32_t)matching->packed.length;
    effect_emit_order_accepted(core, effect, matching->packed.at, matching->packed.length);
    assert(core->orders.count == place + 1);
    return place;
}

uint32_t desk_accept_order(struct core *core, struct effect_order_accepted *effect,
                           const struct CThostFtdcInputOrderField *input)
{
    uint32_t place = desk_take_order(core, effect, input);
    const struct order_channel *channel = core->channels[effect->order.channel];
    if (effect->order.condition_number)
        condition_check_new(core, place);
    else
        channel->submit(channel->user, core, place);
    return place;
}
