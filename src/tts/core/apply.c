/* apply.c: the only place where lasting state changes. One function a kind of effect; each is
 * deterministic, takes everything it needs from the effect and the state, and cannot fail on an
 * effect that was decided. The same functions run live and in recovery. */
#include "tts/core/account_rule.h"
#include "tts/core/day/day.h"
#include "tts/core/day/settled_day.h"
#include "tts/core/day/statement.h"
#include "tts/core/desk/desk.h"
#include "tts/core/desk/order_pattern.h"
#include "tts/core/flow.h"
#include "tts/core/records.h"
#include <assert.h>

#define APPLY(name)                                                                 \
    static void apply_##name(struct core *core, const struct effect_##name *effect, \
                             const char *more, size_t more_length)

/* ---- market and people ---- */

APPLY(product_put)
{
    (void)more;
    (void)more_length;
    market_put_product(&core->market, &effect->product);
    while (core->statuses.count < core->market.product_count)
        LIST_ADD(&core->statuses);
}

APPLY(instrument_put)
{
    (void)more;
    (void)more_length;
    uint32_t place = market_put_instrument(&core->market, &effect->instrument);
    while (core->instruments.count < core->market.instrument_count)
        LIST_ADD(&core->instruments);
    core->instruments.at[place].book_mode = effect->book_mode != 0;
}

static void allow(struct core *core, uint32_t user, uint32_t account)
{
    *LIST_ADD(&core->users.at[user].investors) = account;
    *LIST_ADD(&core->investors.at[account].users) = user;
}

static void take_out(uint32_t *at, uint32_t *count, uint32_t value)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *count; i++)
        if (at[i] != value)
            at[kept++] = at[i];
    *count = kept;
}

APPLY(user_put)
{
    (void)more;
    (void)more_length;
    struct user *user = LIST_ADD(&core->users);
    PUT_TEXT(user->id, FIELD_TEXT(effect->id));
    PUT_TEXT(user->hash, FIELD_TEXT(effect->hash));
    user->password_day = core->trading_day;
    user->must_change_password = effect->must_change_password;
    user->active = true;
    text id = text_of(user->id);
    index_add(&core->user_index, hash_text(id), core->users.count - 1);

    uint32_t account = ledger_add_account(&core->ledger, id, &core->ledger.params);
    assert(account == core->investors.count);
    struct investor *investor = LIST_ADD(&core->investors);
    PUT_TEXT(investor->name, FIELD_TEXT(effect->name));
    investor->active = true;
    investor->initial_deposit = effect->deposit;
    investor->bank_balance = 10000000;
    investor->first_order = NONE;
    index_add(&core->account_index, hash_text(id), account);
    allow(core, core->users.count - 1, account);
    if (effect->deposit > 0)
        day_move_cash(core, account, effect->deposit, CASH_BY_OPERATOR);
}

APPLY(user_changed)
{
    (void)more;
    (void)more_length;
    struct user *user = &core->users.at[effect->user];
    user->active = effect->active != 0;
    user->must_change_password = effect->must_change_password != 0;
    user->failures = (int)effect->failures;
    if (effect->hash[0]) {
        PUT_TEXT(user->hash, FIELD_TEXT(effect->hash));
        user->password_day = core->trading_day;
    }
    if (effect->fund_hash[0])
        PUT_TEXT(user->fund_hash, FIELD_TEXT(effect->fund_hash));
}

APPLY(granted)
{
    (void)more;
    (void)more_length;
    if (effect->allowed) {
        allow(core, effect->user, effect->account);
        return;
    }
    struct user *user = &core->users.at[effect->user];
    struct investor *investor = &core->investors.at[effect->account];
    take_out(user->investors.at, &user->investors.count, effect->account);
    take_out(investor->users.at, &investor->users.count, effect->user);
}

APPLY(investor_changed)
{
    (void)more;
    (void)more_length;
    struct investor *investor = &core->investors.at[effect->account];
    investor->active = effect->active != 0;
    investor->close_only = effect->close_only != 0;
}

APPLY(cash_moved)
{
    (void)more;
    (void)more_length;
    day_move_cash(core, effect->account, effect->amount, CASH_BY_OPERATOR);
}

APPLY(bank_moved)
{
    (void)more;
    (void)more_length;
    core->investors.at[effect->account].bank_balance -= effect->amount;
    day_move_cash(core, effect->account, effect->amount, CASH_BY_BANK);
}

APPLY(cash_adjusted)
{
    (void)more;
    (void)more_length;
    day_move_cash(core, effect->account, effect->amount, CASH_BY_ADJUSTMENT);
}

APPLY(money_set)
{
    (void)more;
    (void)more_length;
    ledger_set_money(&core->ledger, effect->account, (enum account_money)effect->kind,
                     effect->amount);
}

APPLY(channel_set)
{
    (void)more;
    (void)more_length;
    core->investors.at[effect->account].channel = (uint8_t)effect->channel;
}

APPLY(shares_added)
{
    (void)more;
    (void)more_length;
    day_add_shares(core, effect->account, effect->instrument, effect->lots, effect->price);
}

APPLY(rule_put)
{
    (void)more;
    (void)more_length;
    account_rule_put(core, &effect->rule, effect->removed != 0);
}

APPLY(lots_frozen)
{
    (void)more;
    (void)more_length;
    ledger_freeze_exercise(&core->ledger, effect->row, effect->exercised, effect->abandoned);
}

APPLY(rate_put)
{
    (void)more;
    (void)more_length;
    ledger_set_rate(&core->ledger, &effect->rate);
}

APPLY(login)
{
    (void)more;
    (void)more_length;
    struct session *session = LIST_ADD(&core->sessions);
    session->session_id = effect->session_id;
    session->pattern = NONE;
    session->user = effect->user;
    PUT_TEXT(session->broker_id, FIELD_TEXT(effect->broker_id));
    PUT_TEXT(session->user_product_info, FIELD_TEXT(effect->user_product_info));
    core->last_session_id = effect->session_id;
    struct user *user = &core->users.at[effect->user];
    user->failures = 0;
    PUT_TEXT(user->last_login, FIELD_TEXT(effect->stamp));
}

APPLY(confirmed)
{
    (void)more;
    (void)more_length;
    struct investor *investor = &core->investors.at[effect->account];
    investor->confirm_day = effect->day;
    investor->confirm_second = effect->second;
}

APPLY(pair_changed)
{
    (void)more;
    (void)more_length;
    if (effect->tied)
        ledger_tie(&core->ledger, &effect->pair);
    else
        ledger_untie(&core->ledger, &effect->pair);
}

/* ---- orders ---- */

static enum exchange exchange_of(const struct core *core, const struct order *order)
{
    return core->market.instruments[order->instrument].exchange;
}

/* The prices that the ledger looks at are soft; the effect says what they were. */
static void install_prices(struct core *core, uint32_t instrument,
                           const struct effect_prices *prices)
{
    struct instrument *of = core_instrument(core, instrument);
    of->last = prices->last;
    of->average = prices->average;
}

static void raise_number(int64_t *last, int64_t given)
{
    if (given > *last)
        *last = given;
}

/* The numbers that the exchange has given so far follow from what is seen in orders' states. */
static void take_numbers(struct core *core, const struct order *order,
                         const struct order_state *state)
{
    struct exchange_numbers *numbers = &core->numbers[exchange_of(core, order)];
    if (order->channel != CHANNEL_SIM)
        return; /* another exchange's numbers */
    if (state->system_number)
        raise_number(&numbers->system, state->system_number);
    if (state->sequence_no > numbers->sequence)
        numbers->sequence = state->sequence_no;
}

static void tell_order(struct core *core, uint32_t place, const struct order_state *state)
{
    flow_add(core, &(struct flow_message){.kind = FLOW_ORDER, .place = place, .state = *state});
    flow_to_account(core, core->orders.at[place].account, core->messages.count - 1);
}

static void set_state(struct core *core, uint32_t place, const struct order_state *state)
{
    struct order *order = &core->orders.at[place];
    bool named = order->state.system_number == 0 && state->system_number != 0;
    order->state = *state;
    take_numbers(core, order, state);
    if (named)
        index_add(&core->order_by_system,
                  order_system_key(exchange_of(core, order), false, state->system_number), place);
}

static void end_order(struct core *core, uint32_t place)
{
    struct order *order = &core->orders.at[place];
    order->cancel_pending = false;
    if (!order->live)
        return;
    order->live = false;
    struct investor *investor = &core->investors.at[order->account];
    investor->live_orders--;
    if (order->condition_number)
        investor->condition_orders--;
}

static void release_rest(struct core *core, uint32_t place, int lots, bool by_client)
{
    struct order *order = &core->orders.at[place];
    if (order->condition_number || lots == 0)
        return;
    for (uint32_t i = 0; i < order->leg_count; i++)
        ledger_release(&core->ledger, &order->leg[i], lots, by_client);
}

APPLY(order_accepted)
{
    assert(more_length == effect->request_length);
    uint32_t place = core->orders.count;
    struct order *order = LIST_NEXT(&core->orders);
    *order = effect->order;
    order->request =
        order_pattern_keep(core, order->session, effect->request_differs != 0, more, more_length);
    enum exchange exchange = exchange_of(core, order);
    struct investor *investor = &core->investors.at[order->account];
    order->next_of_account = investor->first_order;
    investor->first_order = place;
    investor->live_orders++;
    if (order->session != NONE)
        raise_number(&core->sessions.at[order->session].order_ref, order->order_ref);
    index_add(&core->order_by_ref, order_ref_key(order->session_id, order->order_ref), place);
    raise_number(&core->numbers[exchange].local, order->local_number);
    raise_number(&core->broker_order_seq, order->broker_order_seq);
    if (order->condition_number) {
        investor->condition_orders++;
        raise_number(&core->numbers[exchange].condition, order->condition_number);
        index_add(&core->order_by_system, order_system_key(exchange, true, order->condition_number),
                  place);
        condition_added(core, place);
    } else {
        for (uint32_t i = 0; i < order->leg_count; i++) {
            install_prices(core, order->leg[i].instrument, &effect->prices[i]);
            ledger_accept(&core->ledger, &order->leg[i], order->volume);
        }
    }
    tell_order(core, place, &order->state);
}

APPLY(order_queued)
{
    (void)more;
    (void)more_length;
    set_state(core, effect->order, &effect->state);
    matching_order_queued(core, effect->order, effect->queue_ahead);
    tell_order(core, effect->order, &effect->state);
}

APPLY(order_returned)
{
    (void)more;
    (void)more_length;
    set_state(core, effect->order, &effect->state);
    struct order *order = &core->orders.at[effect->order];
    order->cancel_pending = effect->cancel_pending != 0;
    if (effect->by_client)
        order->cancel_number = (uint32_t)++core->numbers[exchange_of(core, order)].action_local;
    if (!effect->quiet)
        tell_order(core, effect->order, &effect->state);
}

/* Books one leg's fill and keeps the trade. */
static struct trade *book_trade(struct core *core, const struct effect_order_traded *effect)
{
    struct order *order = &core->orders.at[effect->order];
    if (core->trades.count == 0)
        settled_day_forget(core);
    struct trade *trade = LIST_NEXT(&core->trades);
    *trade = effect->trade;
    trade->order = effect->order;
    trade->leg = (uint8_t)effect->leg;
    struct ledger_order *leg = &order->leg[effect->leg];
    install_prices(core, leg->instrument, &effect->prices);
    struct ledger_fill fill =
        ledger_fill(&core->ledger, leg, trade->price, trade->volume, (uint32_t)trade->number);
    trade->commission = fill.commission;
    trade->close_profit = fill.close_profit;
    trade->cash = fill.cash;
    struct exchange_numbers *numbers = &core->numbers[exchange_of(core, order)];
    if (order->channel != CHANNEL_SIM)
        return trade;
    raise_number(&numbers->trade, trade->number);
    if (trade->sequence_no > numbers->sequence)
        numbers->sequence = trade->sequence_no;
    return trade;
}

APPLY(order_traded)
{
    (void)more;
    (void)more_length;
    const struct trade *trade = book_trade(core, effect);
    set_state(core, effect->order, &effect->state);
    if (effect->leg == 0)
        matching_order_traded(core, effect->order, trade->volume);
    matching_trade_done(core, trade);
    if (effect->state.total == 0 && effect->state.status == THOST_FTDC_OST_AllTraded)
        end_order(core, effect->order);
    if (!effect->quiet_order)
        tell_order(core, effect->order, &effect->state);
    flow_add(core, &(struct flow_message){.kind = FLOW_TRADE, .place = core->trades.count - 1});
    flow_to_account(core, core->orders.at[effect->order].account, core->messages.count - 1);
}

APPLY(order_cancelled)
{
    (void)more;
    (void)more_length;
    if (core->orders.at[effect->order].condition_number)
        condition_removed(core, effect->order);
    set_state(core, effect->order, &effect->state);
    matching_order_gone(core, effect->order);
    release_rest(core, effect->order, effect->state.total, effect->by_client != 0);
    end_order(core, effect->order);
    tell_order(core, effect->order, &effect->state);
}

APPLY(order_refused)
{
    assert(more_length == effect->words_length);
    struct order_state state = effect->state;
    if (more_length)
        state.words = blob_add(core, more, more_length) + 1;
    set_state(core, effect->order, &state);
    matching_order_gone(core, effect->order); /* a held order whose touch was refused */
    release_rest(core, effect->order, effect->state.total, false);
    end_order(core, effect->order);
    tell_order(core, effect->order, &state);
}

APPLY(order_triggered)
{
    (void)more;
    (void)more_length;
    condition_removed(core, effect->order);
    set_state(core, effect->order, &effect->state);
    end_order(core, effect->order);
    tell_order(core, effect->order, &effect->state);
}

/* ---- messages, statuses, days ---- */

APPLY(message)
{
    assert(more_length == effect->length);
    flow_add(core, &(struct flow_message){.kind = FLOW_BODY,
                                          .place = blob_add(core, more, more_length),
                                          .callback = (uint16_t)effect->callback,
                                          .has_rsp_info = effect->has_rsp_info != 0});
    uint32_t place = core->messages.count - 1;
    if (effect->user != NONE)
        flow_to_user(core, effect->user, place);
    else if (effect->account != NONE)
        flow_to_account(core, effect->account, place);
    else
        flow_to_public(core, place);
}

APPLY(status_changed)
{
    (void)more;
    (void)more_length;
    core->statuses.at[effect->product] = effect->status;
}

APPLY(feed_noted)
{
    buffer_clear(&core->feed_position);
    buffer_put(&core->feed_position, more, more_length);
    assert(more_length == effect->length);
}

APPLY(day_settled)
{
    assert(more_length == effect->count * sizeof(double));
    day_settled(core, effect, (const double *)(const void *)more);
}

APPLY(day_settled_again)
{
    assert(more_length == effect->count * sizeof(double));
    day_settled_again(core, effect, (const double *)(const void *)more);
}

APPLY(params_set)
{
    (void)more;
    (void)more_length;
    ledger_set_params(&core->ledger, &effect->params);
}

APPLY(statements_stored)
{
    (void)more;
    (void)more_length;
    statements_forget(core, effect->count);
}

APPLY(record)
{
    records_apply(core, effect, more, more_length);
}

/* ---- the door ---- */

static const size_t sizes[] = {
#define X(name) sizeof(struct effect_##name),
    EFFECT_KINDS(X)
#undef X
};

static void apply(struct core *core, enum effect_kind kind, const void *effect, const void *more,
                  size_t more_length)
{
    switch (kind) {
#define X(name)                                        \
    case EFFECT_##name:                                \
        apply_##name(core, effect, more, more_length); \
        return;
        EFFECT_KINDS(X)
#undef X
    case EFFECT_KIND_COUNT:
        break;
    }
    assert(false && "an effect of an unknown kind");
}

static size_t padded(size_t length)
{
    return (length + 7) & ~(size_t)7;
}

/* One piece of memory: head, struct, bytes, zeros up to a multiple of eight. Inline, because of
 * most kinds all is known but the values. */
static inline __attribute__((always_inline)) void write_effect(char *at,
                                                               const struct effect_head *head,
                                                               const void *effect, size_t size,
                                                               const void *more, size_t more_length)
{
    uint64_t zeros = 0; /* at the end first; what there is goes over them */
    memcpy(at + head->length - sizeof zeros, &zeros, sizeof zeros);
    memcpy(at, head, sizeof *head);
    at += sizeof *head;
    memcpy(at, effect, size);
    memcpy(at + size, &zeros, padded(size) - size);
    if (more_length)
        memcpy(at + padded(size), more, more_length);
}

static inline __attribute__((always_inline)) void journal(struct core *core, enum effect_kind kind,
                                                          const void *effect, size_t size,
                                                          const void *more, size_t more_length)
{
    size_t length = padded(sizeof(struct effect_head) + padded(size) + more_length);
    struct effect_head head = {.kind = (uint16_t)kind,
                               .more =
                                   (uint16_t)(length - sizeof head - padded(size) - more_length),
                               .length = (uint32_t)length};
    const struct core_sink *sink = &core->sink;
    assert(!core->recovering);
    if (sink->effect_room) {
        char *room = sink->effect_room(sink->user, length);
        write_effect(room, &head, effect, size, more, more_length);
        return;
    }
    buffer_clear(&core->record);
    char *at = buffer_reserve(&core->record, length);
    write_effect(at, &head, effect, size, more, more_length);
    sink->effect(sink->user, at, length);
}

#define X(name)                                                                    \
    void effect_emit_##name(struct core *core, const struct effect_##name *effect, \
                            const void *more, size_t more_length)                  \
    {                                                                              \
        journal(core, EFFECT_##name, effect, sizeof *effect, more, more_length);   \
        apply_##name(core, effect, more, more_length);                             \
    }
EFFECT_KINDS(X)
#undef X

int core_effect_format(void)
{
    return EFFECT_FORMAT;
}

bool core_apply(struct core *core, const void *bytes, size_t length)
{
    struct effect_head head;
    if (length < sizeof head)
        return false;
    memcpy(&head, bytes, sizeof head);
    if (head.length != length || head.kind >= EFFECT_KIND_COUNT || length % 8 != 0 || head.more > 7)
        return false;
    size_t size = padded(sizes[head.kind]);
    if (length < sizeof head + size + head.more)
        return false;
    const char *effect = (const char *)bytes + sizeof head;
    if (head.kind == EFFECT_channel_set &&
        ((const struct effect_channel_set *)(const void *)effect)->channel >= core->channel_count)
        return false; /* a channel that this program does not have */
    core->recovering = true;
    apply(core, (enum effect_kind)head.kind, effect, effect + size,
          length - sizeof head - size - head.more);
    core->recovering = false;
    return true;
}
