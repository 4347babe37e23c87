/* flow.c: the private and public flows: who hears a message, and the messages as a client pulls
 * them. A flow is a list of places in core.messages; one message stands in the flows of all users
 * of the account. */
#include "tts/core/flow.h"
#include "codec/wire.h"
#include <assert.h>

void flow_to_user(struct core *core, uint32_t user, uint32_t message)
{
    *LIST_NEXT(&core->users.at[user].flow) = message;
    if (core->flow_grew && !core->recovering)
        core->flow_grew(core->flow_watcher, user);
}

void flow_to_account(struct core *core, uint32_t account, uint32_t message)
{
    const struct investor *investor = &core->investors.at[account];
    for (uint32_t i = 0; i < investor->users.count; i++)
        flow_to_user(core, investor->users.at[i], message);
}

void flow_to_public(struct core *core, uint32_t message)
{
    *LIST_NEXT(&core->public_flow) = message;
}

uint32_t blob_add(struct core *core, const void *bytes, size_t length)
{
    *LIST_NEXT(&core->blobs) =
        (struct blob){.offset = core->bytes.length, .length = (uint32_t)length, .pattern = NONE};
    buffer_put(&core->bytes, bytes, length);
    return core->blobs.count - 1;
}

static const struct user *user_of(const struct core *core, uint32_t connection)
{
    const struct connection *from = &core->connections.at[connection];
    return from->user == NONE ? NULL : &core->users.at[from->user];
}

uint32_t core_private_count(const struct core *core, uint32_t connection)
{
    const struct user *user = user_of(core, connection);
    return user ? user->flow.count : 0;
}

void core_watch_flows(struct core *core, void (*grew)(void *user, uint32_t user_place), void *user)
{
    core->flow_grew = grew;
    core->flow_watcher = user;
}

uint32_t core_connection_user(const struct core *core, uint32_t connection)
{
    return core->connections.at[connection].user;
}

uint32_t core_public_count(const struct core *core)
{
    return core->public_flow.count;
}

/* Puts the viewer's broker id into the body, where its struct has one. */
static void show_broker(const struct ctp_layout *layout, void *body, text broker_id)
{
    const struct ctp_field *field = ctp_field_find(layout, TEXT("BrokerID"));
    if (field)
        text_copy((char *)body + field->offset, field->size, broker_id);
}

static void unpack_body(struct core *core, const struct flow_message *from, const text *broker_id,
                        struct core_message *message)
{
    const struct blob *blob = &core->blobs.at[from->place];
    text packed = {core->bytes.at + blob->offset, blob->length};
    const struct ctp_layout *layout =
        ctp_layout_find(CTP_NEWEST, ctp_method_info(message->callback)->of);
    bool whole = wire_unpack(&packed, layout, core->body.any);
    if (from->has_rsp_info)
        whole = whole && wire_unpack(&packed, ctp_layout_find(CTP_NEWEST, CTP_STRUCT_RspInfo),
                                     &core->rsp_info);
    assert(whole);
    (void)whole;
    message->body = core->body.any;
    message->rsp_info = from->has_rsp_info ? &core->rsp_info : NULL;
    if (broker_id && !from->has_rsp_info) /* a refusal repeats the request as it came */
        show_broker(layout, core->body.any, *broker_id);
}

void core_private_message(struct core *core, uint32_t connection, uint32_t number,
                          struct core_message *message)
{
    const struct user *user = user_of(core, connection);
    assert(user && number >= 1 && number <= user->flow.count);
    const struct flow_message *from = &core->messages.at[user->flow.at[number - 1]];
    text broker_id = text_of(core->connections.at[connection].broker_id);
    *message = (struct core_message){.body = &core->body};
    switch (from->kind) {
    case FLOW_ORDER:
        message->callback = CTP_TraderSpi_OnRtnOrder;
        render_order(core, &core->orders.at[from->place], &from->state, broker_id,
                     &core->body.order);
        PUT_TEXT(core->body.order.BrokerID, broker_id);
        return;
    case FLOW_TRADE:
        message->callback = CTP_TraderSpi_OnRtnTrade;
        render_trade(core, &core->trades.at[from->place], broker_id, &core->body.trade);
        PUT_TEXT(core->body.trade.BrokerID, broker_id);
        return;
    default:
        message->callback = (enum ctp_method)from->callback;
        unpack_body(core, from, &broker_id, message);
    }
}

void core_public_message(struct core *core, uint32_t number, struct core_message *message)
{
    assert(number >= 1 && number <= core->public_flow.count);
    const struct flow_message *from = &core->messages.at[core->public_flow.at[number - 1]];
    *message = (struct core_message){.callback = (enum ctp_method)from->callback};
    unpack_body(core, from, NULL, message);
}
