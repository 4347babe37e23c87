/* sim.c: the simulated exchange as a channel: `sim` of channel.h. It answers everything at once and
 * numbers by itself. Orders are matched by desk/exchange.c; what it thinks of quotes and of the
 * other requests stands here. While its line is held, orders, quotes and cancels of orders are kept
 * back: they stand in the state, and go on their way in the order of acceptance when it is up. */
#include "tts/core/channel.h"
#include "tts/core/desk/desk_inside.h"
#include "tts/core/requests/quote_order.h"
#include <assert.h>

static void submit(void *user, struct core *core, uint32_t order)
{
    (void)user;
    if (!channel_is_held(core, CHANNEL_SIM))
        exchange_arrive(core, order);
}

static void cancel(void *user, struct core *core, uint32_t order, uint32_t by,
                   const struct CThostFtdcInputOrderActionField *input)
{
    (void)user;
    if (!channel_is_held(core, CHANNEL_SIM))
        exchange_ask_cancel(core, order, by, input);
}

static void expire(void *user, struct core *core, uint32_t order)
{
    (void)user;
    desk_cancel_order(core, order, NONE);
}

/* ---- quotes ---- */

enum leg { ASK, BID, LEGS };

static void tell(struct core *core, enum record_kind kind, uint32_t record,
                 const struct request_return *told)
{
    bool possible = channel_request_told(core, kind, record, told);
    assert(possible);
    (void)possible;
}

/* What the exchange says to the quote as a whole: a bad leg takes the other with it. */
static enum exchange_refusal judge_quote(struct core *core, uint32_t quote)
{
    const struct record *head = record_head(core, RECORD_quote, quote);
    const struct CThostFtdcQuoteField *body = record_body(core, RECORD_quote, quote);
    for (int leg = ASK; leg < LEGS; leg++) {
        if (head->order[leg] == NONE)
            continue;
        enum exchange_refusal refusal = exchange_judge(core, &core->orders.at[head->order[leg]]);
        if (refusal != EXCHANGE_TAKES)
            return refusal;
    }
    bool two_sided = head->order[ASK] != NONE && head->order[BID] != NONE;
    bool crossed = two_sided && body->AskPrice <= body->BidPrice;
    return crossed ? EXCHANGE_QUOTE_CROSSED : EXCHANGE_TAKES;
}

static void refuse_quote(struct core *core, uint32_t quote, enum exchange_refusal refusal)
{
    struct record head = *record_head(core, RECORD_quote, quote);
    enum exchange exchange = core_instrument(core, head.instrument)->exchange;
    char words[240];
    snprintf(words, sizeof words, "%d:已撤单报单被拒绝%s:%s",
             exchange_refusal_number((uint8_t)refusal, exchange), exchange_id(exchange),
             exchange_refusal_text((uint8_t)refusal));
    tell(core, RECORD_quote, quote,
         &(struct request_return){.event = REQUEST_REFUSED, .words = text_of(words)});
    for (int leg = ASK; leg < LEGS; leg++)
        if (head.order[leg] != NONE)
            exchange_refuse(core, head.order[leg], refusal);
}

/* QuoteSysID of a quote: one above that of the newest one before it which this exchange took. */
static int64_t next_quote_number(struct core *core, uint32_t quote)
{
    enum exchange exchange =
        core_instrument(core, record_head(core, RECORD_quote, quote)->instrument)->exchange;
    for (uint32_t i = quote; i-- > 0;) {
        const struct record *head = record_head(core, RECORD_quote, i);
        const struct CThostFtdcQuoteField *body = record_body(core, RECORD_quote, i);
        uint32_t leg = head->order[ASK] != NONE ? head->order[ASK] : head->order[BID];
        int64_t number;
        if (core_instrument(core, head->instrument)->exchange == exchange &&
            core->orders.at[leg].channel == CHANNEL_SIM &&
            read_number(FIELD_TEXT(body->QuoteSysID), &number))
            return number + 1;
    }
    return 1;
}

/* DCE's bid has the quote's own number and comes first. */
static void take_quote(struct core *core, uint32_t quote)
{
    struct record head = *record_head(core, RECORD_quote, quote);
    enum exchange exchange = core_instrument(core, head.instrument)->exchange;
    bool dce = exchange == EXCHANGE_DCE;
    int64_t number = dce ? core->numbers[exchange].system + 1 : next_quote_number(core, quote);
    tell(core, RECORD_quote, quote,
         &(struct request_return){.event = REQUEST_TAKEN, .number = number});
    for (int i = ASK; i < LEGS; i++) {
        int leg = dce ? LEGS - 1 - i : i;
        if (head.order[leg] != NONE)
            exchange_arrive(core, head.order[leg]);
    }
    channel_quote_named(core, quote);
}

/* The quote goes first, then what is left of its orders. */
static void cancel_quote(struct core *core, uint32_t quote, uint32_t by)
{
    struct record head = *record_head(core, RECORD_quote, quote);
    tell(core, RECORD_quote, quote, &(struct request_return){.event = REQUEST_WITHDRAWN, .by = by});
    for (int leg = ASK; leg < LEGS; leg++)
        if (head.order[leg] != NONE)
            desk_cancel_order(core, head.order[leg], by);
}

/* The words of a refusal because of the phase, with the exchange's name. */
static text phase_words(struct core *core, uint32_t instrument, char *words, size_t size)
{
    snprintf(words, size, "%s:%s", exchange_id(core_instrument(core, instrument)->exchange),
             exchange_refusal_text(EXCHANGE_WRONG_PHASE));
    return text_of(words);
}

static void quote_arrives(struct core *core, uint32_t quote)
{
    enum exchange_refusal refusal = judge_quote(core, quote);
    if (refusal == EXCHANGE_TAKES)
        take_quote(core, quote);
    else
        refuse_quote(core, quote, refusal);
}

/* ---- all requests ---- */

static void ask(void *user, struct core *core, enum record_kind kind, uint32_t record)
{
    (void)user;
    const struct record *head = record_head(core, kind, record);
    if (kind == RECORD_quote) {
        if (!channel_is_held(core, CHANNEL_SIM))
            quote_arrives(core, record);
        return;
    }
    /* It is asked for quotes in continuous trading only; the counter has judged the others. */
    if (kind == RECORD_for_quote && exchange_phase(core, head->instrument) != PHASE_CONTINUOUS) {
        char words[128];
        struct request_return refused = {
            .event = REQUEST_REFUSED,
            .words = phase_words(core, head->instrument, words, sizeof words)};
        tell(core, kind, record, &refused);
        return;
    }
    tell(core, kind, record,
         &(struct request_return){.event = REQUEST_TAKEN, .number = head->number});
}

/* Where the new quote is going to be refused because of the phase, the former stays. */
static void replace_quote(struct core *core, uint32_t quote)
{
    enum phase phase = exchange_phase(core, record_head(core, RECORD_quote, quote)->instrument);
    if (phase == PHASE_CONTINUOUS || phase == PHASE_AUCTION)
        cancel_quote(core, quote, NONE);
}

static void withdraw(void *user, struct core *core, enum record_kind kind, uint32_t record,
                     uint32_t by, const void *input)
{
    (void)user;
    uint32_t instrument = record_head(core, kind, record)->instrument;
    if (kind != RECORD_quote) {
        tell(core, kind, record, &(struct request_return){.event = REQUEST_WITHDRAWN, .by = by});
    } else if (!input) {
        replace_quote(core, record);
    } else if (exchange_takes_cancel(core, instrument)) {
        cancel_quote(core, record, by);
    } else {
        char words[128];
        channel_withdrawal_refused(core, kind, record, input,
                                   phase_words(core, instrument, words, sizeof words));
    }
}

static void conclude(void *user, struct core *core, uint32_t exercise)
{
    (void)user;
    tell(core, RECORD_exec_order, exercise, &(struct request_return){.event = REQUEST_DONE});
}

/* ---- what was held back ---- */

/* On its way to the exchange; a quote comes with the first of its orders. */
static bool waits_for_line(const struct core *core, uint32_t place)
{
    const struct order *order = &core->orders.at[place];
    return order->channel == CHANNEL_SIM && order->live && order->condition_number == 0 &&
           !order->at_exchange;
}

/* The former quote could not be taken back when this one was kept back, if its phase took no
 * cancels then. */
static void quote_arrives_late(struct core *core, uint32_t quote)
{
    const struct record *head = record_head(core, RECORD_quote, quote);
    quote_replace_former(core, head->account, head->instrument, quote);
    quote_arrives(core, quote);
}

/* A cancel has overtaken what it cancels, which the exchange never sees. */
static void arrive_late(struct core *core, uint32_t place)
{
    const struct order *order = &core->orders.at[place];
    if (order->cancel_pending)
        exchange_cancel(core, place, order->state.active_user);
    else if (order->quote != NONE)
        quote_arrives_late(core, order->quote);
    else
        exchange_arrive(core, place);
}

/* The client's body is gone; what it named is known. */
static void cancel_late(struct core *core, uint32_t place)
{
    const struct order *order = &core->orders.at[place];
    struct CThostFtdcInputOrderActionField input;
    memset(&input, 0, sizeof input);
    input.ActionFlag = THOST_FTDC_AF_Delete;
    PUT_TEXT(input.InvestorID, text_of(core->ledger.accounts[order->account].id));
    PUT_TEXT(input.UserID, text_of(core->users.at[order->state.active_user].id));
    exchange_ask_cancel(core, place, order->state.active_user, &input);
}

/* What was there before is cancelled first, so that it does not trade with what comes now. */
static void release(void *user, struct core *core)
{
    (void)user;
    uint32_t count = core->orders.count;
    for (uint32_t i = 0; i < count; i++)
        if (core->orders.at[i].channel == CHANNEL_SIM && core->orders.at[i].at_exchange &&
            core->orders.at[i].cancel_pending)
            cancel_late(core, i);
    for (uint32_t i = 0; i < count; i++)
        if (waits_for_line(core, i))
            arrive_late(core, i);
    tick_publish_due(core);
}

const struct order_channel channel_sim = {
    .name = "sim",
    .answers_at_once = true,
    .submit = submit,
    .cancel = cancel,
    .expire = expire,
    .ask = ask,
    .withdraw = withdraw,
    .conclude = conclude,
    .release = release,
};
