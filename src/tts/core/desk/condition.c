/* condition.c: condition orders of the counter (TJBD_n) and touch orders of DCE and GFEX: what a
 * quote sets off. A condition order ends when it fires; the order that it becomes is a new one and
 * passes the checks from 18 on. Both kinds are tried in the order of acceptance, and each sees what
 * the earlier ones left. */
#include "tts/core/desk/desk_inside.h"
#include <assert.h>

enum quoted { LAST, ASK, BID };
enum comparison { GREATER, GREATER_EQUAL, LESSER, LESSER_EQUAL };

struct condition {
    char contingent_condition;
    enum quoted quoted;
    enum comparison comparison;
};

static const struct condition conditions[] = {
    {THOST_FTDC_CC_LastPriceGreaterThanStopPrice, LAST, GREATER},
    {THOST_FTDC_CC_LastPriceGreaterEqualStopPrice, LAST, GREATER_EQUAL},
    {THOST_FTDC_CC_LastPriceLesserThanStopPrice, LAST, LESSER},
    {THOST_FTDC_CC_LastPriceLesserEqualStopPrice, LAST, LESSER_EQUAL},
    {THOST_FTDC_CC_AskPriceGreaterThanStopPrice, ASK, GREATER},
    {THOST_FTDC_CC_AskPriceGreaterEqualStopPrice, ASK, GREATER_EQUAL},
    {THOST_FTDC_CC_AskPriceLesserThanStopPrice, ASK, LESSER},
    {THOST_FTDC_CC_AskPriceLesserEqualStopPrice, ASK, LESSER_EQUAL},
    {THOST_FTDC_CC_BidPriceGreaterThanStopPrice, BID, GREATER},
    {THOST_FTDC_CC_BidPriceGreaterEqualStopPrice, BID, GREATER_EQUAL},
    {THOST_FTDC_CC_BidPriceLesserThanStopPrice, BID, LESSER},
    {THOST_FTDC_CC_BidPriceLesserEqualStopPrice, BID, LESSER_EQUAL},
};

static const struct condition *condition_of(char contingent_condition)
{
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
        if (conditions[i].contingent_condition == contingent_condition)
            return &conditions[i];
    return NULL;
}

bool order_is_condition(char contingent_condition)
{
    return contingent_condition > THOST_FTDC_CC_ParkedOrder && condition_of(contingent_condition);
}

static double quoted_price(const struct quote *quote, enum quoted quoted)
{
    switch (quoted) {
    case ASK:
        return quote->ask[0].price;
    case BID:
        return quote->bid[0].price;
    case LAST:
        break;
    }
    return quote->last;
}

static bool compare(int64_t price, enum comparison comparison, int64_t stop)
{
    switch (comparison) {
    case GREATER:
        return price > stop;
    case GREATER_EQUAL:
        return price >= stop;
    case LESSER:
        return price < stop;
    case LESSER_EQUAL:
        return price <= stop;
    }
    return false;
}

/* A price of 0 or none never sets anything off. The stop price need not be on a tick. */
static bool price_meets(double price, enum comparison comparison, double stop, double tick)
{
    if (!price_is_present(price) || price == 0)
        return false;
    return compare(price_in_grains(price, tick), comparison, price_in_grains(stop, tick));
}

static bool is_met(const struct core *core, const struct order *order, const struct quote *quote)
{
    const struct condition *condition = condition_of(order->contingent_condition);
    double tick = core->market.instruments[order->instrument].price_tick;
    return price_meets(quoted_price(quote, condition->quoted), condition->comparison,
                       order->stop_price, tick);
}

/* Stop loss: the price went against the position; TouchProfit: with it. */
static bool is_touched(const struct core *core, const struct order *order,
                       const struct quote *quote)
{
    bool buy = order->direction == THOST_FTDC_D_Buy;
    bool stop_loss = order->contingent_condition == THOST_FTDC_CC_Touch;
    double tick = core->market.instruments[order->instrument].price_tick;
    return price_meets(quote->last, buy == stop_loss ? GREATER_EQUAL : LESSER_EQUAL,
                       order->stop_price, tick);
}

/* OnRtnErrorConditionalOrder: the condition order's fields as a refused order, and why. */
static void report_failure(struct core *core, uint32_t place, const struct refusal *refusal)
{
    const struct order *order = &core->orders.at[place];
    struct order_state state = order->state;
    state.status = THOST_FTDC_OST_Canceled;
    state.submit_status = THOST_FTDC_OSS_InsertRejected;
    struct CThostFtdcOrderField shown;
    render_order(core, order, &state, TEXT(""), &shown);
    struct CThostFtdcErrorConditionalOrderField body;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_Order), &shown,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_ErrorConditionalOrder), &body);
    struct CThostFtdcRspInfoField rsp_info;
    refusal_fill(refusal, &rsp_info);
    body.ErrorID = rsp_info.ErrorID;
    PUT_TEXT(body.ErrorMsg, FIELD_TEXT(rsp_info.ErrorMsg));
    reply_private_to_account(core, order->account, CTP_TraderSpi_OnRtnErrorConditionalOrder, &body,
                             NULL);
}

/* E9: the condition order ends as touched; its successor is a new order of the same session. */
static void fire(struct core *core, uint32_t place)
{
    struct effect_order_triggered effect;
    memset(&effect, 0, sizeof effect);
    effect.order = place;
    effect.state = core->orders.at[place].state;
    effect.state.status = THOST_FTDC_OST_Touched;
    EMIT(core, order_triggered, &effect);

    struct CThostFtdcInputOrderField input;
    order_request(core, &core->orders.at[place], &input);
    input.ContingentCondition = THOST_FTDC_CC_Immediately;
    PUT_TEXT(input.OrderRef, TEXT(""));
    struct order_check check = {.user = core->orders.at[place].user,
                                .session = core->orders.at[place].session,
                                .first_check = 18};
    struct effect_order_accepted accepted;
    struct refusal refusal;
    if (!desk_check_order(core, &check, &input, &accepted.order, &refusal)) {
        report_failure(core, place, &refusal);
        return;
    }
    accepted.order.parent = place;
    accepted.order.order_type = THOST_FTDC_ORDT_ConditionalOrder;
    desk_accept_order(core, &accepted, &input);
}

/* Where the exchange takes no orders nothing fires: the successor would only be refused. */
static bool may_fire(const struct core *core, uint32_t instrument)
{
    enum phase phase = exchange_phase(core, instrument);
    return phase == PHASE_CONTINUOUS || phase == PHASE_AUCTION;
}

void condition_check(struct core *core, uint32_t instrument, const struct quote *quote)
{
    if (!may_fire(core, instrument))
        return;
    /* Firing takes the order off the list and may move the benches, but adds no condition order. */
    for (uint32_t i = 0; i < bench_of(core, instrument)->conditions.count;) {
        uint32_t place = bench_of(core, instrument)->conditions.at[i];
        if (is_met(core, &core->orders.at[place], quote))
            fire(core, place);
        else
            i++;
    }
    if (exchange_phase(core, instrument) != PHASE_CONTINUOUS)
        return;
    for (uint32_t i = 0; i < bench_of(core, instrument)->held.count;) {
        uint32_t place = bench_of(core, instrument)->held.at[i];
        if (is_touched(core, &core->orders.at[place], quote))
            exchange_touch(core, place);
        else
            i++;
    }
}

void condition_check_new(struct core *core, uint32_t place)
{
    const struct order *order = &core->orders.at[place];
    const struct quote *quote = core_newest_quote(core, order->instrument);
    if (quote && may_fire(core, order->instrument) && is_met(core, order, quote))
        fire(core, place);
}

void condition_check_held(struct core *core, uint32_t place)
{
    const struct order *order = &core->orders.at[place];
    const struct quote *quote = core_newest_quote(core, order->instrument);
    if (quote && exchange_phase(core, order->instrument) == PHASE_CONTINUOUS &&
        is_touched(core, order, quote))
        exchange_touch(core, place);
}

/* ---- effects tell ---- */

void condition_added(struct core *core, uint32_t order)
{
    places_add(&bench_of(core, core->orders.at[order].instrument)->conditions, order);
}

void condition_removed(struct core *core, uint32_t order)
{
    places_remove(&bench_of(core, core->orders.at[order].instrument)->conditions, order);
}
