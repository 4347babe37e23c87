/* quote_order.c: ReqQuoteInsert and ReqQuoteAction: a quote is a record and two orders, the ask's
 * and the bid's, which live as all orders do. A new quote replaces the account's former one in the
 * same instrument. With quote_right_required only market makers may quote, whom the operator names
 * by account and product or instrument.
 *
 * OrderSysIDs of the orders: DCE's bid has the quote's own number and the ask the next one; CZCE's
 * have it behind a "b" and an "a"; elsewhere they are numbers of their own, told in the quote. */
#include "tts/core/requests/quote_order.h"
#include "ctp/gb18030.h"
#include "tts/core/account_rule.h"
#include "tts/core/handlers.h"
#include "tts/core/requests/request_check.h"
#include <assert.h>

enum leg { ASK, BID, LEGS };

/* One quote under examination. */
struct quoting {
    struct core *core;
    const struct core_request *request;
    struct request_frame frame;
    struct CThostFtdcInputQuoteField *input;
    bool wanted[LEGS]; /* a volume of 0: no such side */
    struct CThostFtdcInputOrderField inputs[LEGS];
    struct order orders[LEGS];
};

/* ---- checks ---- */

static struct refusal check_volumes(struct quoting *quoting)
{
    const struct CThostFtdcInputQuoteField *input = quoting->input;
    enum exchange exchange = core_instrument(quoting->core, quoting->frame.instrument)->exchange;
    int ask = input->AskVolume, bid = input->BidVolume;
    bool equal = exchange == EXCHANGE_CZCE || exchange == EXCHANGE_SHFE;
    if (ask < 0 || (ask == 0 && (bid == 0 || exchange != EXCHANGE_DCE)))
        return refusal_with(CTP_ERROR_BAD_FIELD, "AskVolume");
    if (bid < 0 || (bid == 0 && exchange != EXCHANGE_DCE) || (equal && ask != bid))
        return refusal_with(CTP_ERROR_BAD_FIELD, "BidVolume");
    quoting->wanted[ASK] = ask > 0;
    quoting->wanted[BID] = bid > 0;
    return refusal_none();
}

/* Both or none; the ask's first, each above what the session has used. */
static struct refusal check_order_refs(const struct quoting *quoting)
{
    text ask = text_trim(FIELD_TEXT(quoting->input->AskOrderRef));
    text bid = text_trim(FIELD_TEXT(quoting->input->BidOrderRef));
    int64_t ask_ref = 0, bid_ref = 0;
    if (ask.length == 0 && bid.length == 0)
        return refusal_none();
    if (!read_number(ask, &ask_ref))
        return refusal_with(CTP_ERROR_BAD_FIELD, "AskOrderRef");
    if (!read_number(bid, &bid_ref))
        return refusal_with(CTP_ERROR_BAD_FIELD, "BidOrderRef");
    return ask_ref < bid_ref ? refusal_none() : refusal_of(CTP_ERROR_DUPLICATE_ORDER_REF);
}

static struct refusal check_quote_ref(struct quoting *quoting)
{
    int64_t last = request_last_reference(quoting->core, RECORD_quote, CTP_STRUCT_Quote, "QuoteRef",
                                          &quoting->frame);
    switch (request_reference(CTP_STRUCT_InputQuote, quoting->input, "QuoteRef", last)) {
    case REFERENCE_NO_NUMBER:
        return refusal_with(CTP_ERROR_BAD_FIELD, "QuoteRef");
    case REFERENCE_NOT_RISING:
        return refusal_of(CTP_ERROR_DUPLICATE_ORDER_REF);
    case REFERENCE_GOOD:
        break;
    }
    return refusal_none();
}

/* The order that a leg is. */
static void fill_input(struct quoting *quoting, enum leg leg)
{
    const struct CThostFtdcInputQuoteField *quote = quoting->input;
    struct CThostFtdcInputOrderField *input = &quoting->inputs[leg];
    bool ask = leg == ASK;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputQuote), quote,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOrder), input);
    PUT_TEXT(input->OrderRef,
             ask ? FIELD_TEXT(quote->AskOrderRef) : FIELD_TEXT(quote->BidOrderRef));
    input->Direction = ask ? THOST_FTDC_D_Sell : THOST_FTDC_D_Buy;
    input->CombOffsetFlag[0] = ask ? quote->AskOffsetFlag : quote->BidOffsetFlag;
    input->CombHedgeFlag[0] = ask ? quote->AskHedgeFlag : quote->BidHedgeFlag;
    input->LimitPrice = ask ? quote->AskPrice : quote->BidPrice;
    input->VolumeTotalOriginal = ask ? quote->AskVolume : quote->BidVolume;
    input->OrderPriceType = THOST_FTDC_OPT_LimitPrice;
    input->TimeCondition = THOST_FTDC_TC_GFD;
    input->VolumeCondition = THOST_FTDC_VC_AV;
    input->ContingentCondition = THOST_FTDC_CC_Immediately;
    input->ForceCloseReason = THOST_FTDC_FCC_NotForceClose;
}

/* Each leg passes the checks of an order. Legs without references of their own belong to no
 * session; then the counter numbers them, one behind the other. */
static struct refusal check_leg(struct quoting *quoting, enum leg leg)
{
    fill_input(quoting, leg);
    bool own = text_trim(FIELD_TEXT(quoting->inputs[leg].OrderRef)).length > 0;
    struct order_check check = {.connection = quoting->frame.from,
                                .user = quoting->frame.user,
                                .session = own ? quoting->frame.session : NONE,
                                .first_check = 3}; /* the quote was counted as one request */
    struct order *order = &quoting->orders[leg];
    struct refusal refusal = desk_check_order(quoting->core, &check, &quoting->inputs[leg], order);
    if (refusal.error_id)
        return refusal;
    order->order_type = THOST_FTDC_ORDT_DeriveFromQuote;
    order->quote = record_count(quoting->core, RECORD_quote);
    if (!own && leg == BID && quoting->wanted[ASK]) {
        order->order_ref = quoting->orders[ASK].order_ref + 1;
        PUT_NUMBER(quoting->inputs[BID].OrderRef, order->order_ref);
    }
    return refusal_none();
}

/* Money that accepting the order takes. */
static double need_of(const struct order *order)
{
    return ledger_need(&order->leg[0], order->volume);
}

/* Each leg alone has passed; both are frozen together. */
static struct refusal check_money(const struct quoting *quoting)
{
    if (!quoting->wanted[ASK] || !quoting->wanted[BID])
        return refusal_none();
    double need = need_of(&quoting->orders[ASK]) + need_of(&quoting->orders[BID]);
    double available = ledger_funds(&quoting->core->ledger, quoting->frame.account).available;
    bool both = need_of(&quoting->orders[ASK]) > 0 && need_of(&quoting->orders[BID]) > 0;
    if (!both || need <= available + 1e-6)
        return refusal_none();
    return refusal_with(CTP_ERROR_INSUFFICIENT_MONEY, "约差%.2f", need - available);
}

static bool is_quotable(const struct instrument *instrument)
{
    enum instrument_kind kind = instrument_kind(instrument);
    return kind == KIND_FUTURE || kind == KIND_OPTION;
}

static struct refusal check_quote(struct quoting *quoting)
{
    struct refusal refusal = request_check(quoting->core, quoting->request, REQUEST_OF_ORDER,
                                           CTP_STRUCT_InputQuote, quoting->input, &quoting->frame);
    if (refusal.error_id)
        return refusal;
    if (quoting->core->options.quote_right_required &&
        !account_rule_makes(quoting->core, quoting->frame.account, quoting->frame.instrument))
        return refusal_of(CTP_ERROR_NO_TRADING_RIGHT);
    if (!is_quotable(core_instrument(quoting->core, quoting->frame.instrument)))
        return refusal_of(CTP_ERROR_INSTR_NOTSUPPORT_QUOTE);
    refusal = check_volumes(quoting);
    if (refusal.error_id == 0)
        refusal = check_quote_ref(quoting);
    if (refusal.error_id == 0)
        refusal = check_order_refs(quoting);
    for (int leg = ASK; leg < LEGS && refusal.error_id == 0; leg++)
        if (quoting->wanted[leg])
            refusal = check_leg(quoting, (enum leg)leg);
    return refusal.error_id ? refusal : check_money(quoting);
}

/* ---- the quote's life ---- */

static void put_status_text(struct CThostFtdcQuoteField *body, const char *utf8)
{
    size_t length = 0;
    memset(body->StatusMsg, 0, sizeof body->StatusMsg);
    if (gb18030_from_utf8(text_of(utf8), body->StatusMsg, sizeof body->StatusMsg - 1, &length))
        body->StatusMsg[length] = '\0';
}

static void put(struct core *core, uint32_t place, const struct record *head,
                const struct CThostFtdcQuoteField *body)
{
    record_put(core, RECORD_quote, place, head, body);
    reply_private_to_account(core, head->account, CTP_TraderSpi_OnRtnQuote, body, NULL);
}

static void end_quote(struct core *core, uint32_t place, char status, uint32_t by)
{
    struct record head = *record_head(core, RECORD_quote, place);
    struct CThostFtdcQuoteField body;
    memcpy(&body, record_body(core, RECORD_quote, place), sizeof body);
    head.live = 0;
    body.QuoteStatus = status;
    put_status_text(&body, status == THOST_FTDC_OST_AllTraded ? "全部成交" : "已撤单");
    if (status == THOST_FTDC_OST_Canceled)
        PUT_TIME(body.CancelTime, core->now.replay_second);
    if (by != NONE)
        PUT_TEXT(body.ActiveUserID, text_of(core->users.at[by].id));
    put(core, place, &head, &body);
}

/* The quote goes first, then what is left of its orders. */
static void cancel_quote(struct core *core, uint32_t place, uint32_t by)
{
    uint32_t legs[LEGS];
    memcpy(legs, record_head(core, RECORD_quote, place)->order, sizeof legs);
    end_quote(core, place, THOST_FTDC_OST_Canceled, by);
    for (int leg = ASK; leg < LEGS; leg++)
        if (legs[leg] != NONE)
            desk_cancel_order(core, legs[leg], by);
}

void quote_leg_changed(struct core *core, uint32_t place)
{
    uint32_t quote = core->orders.at[place].quote;
    if (quote == NONE || quote >= record_count(core, RECORD_quote))
        return;
    const struct record *head = record_head(core, RECORD_quote, quote);
    bool traded = true;
    for (int leg = ASK; leg < LEGS; leg++) {
        if (head->order[leg] == NONE)
            continue;
        const struct order *order = &core->orders.at[head->order[leg]];
        if (order->live)
            return;
        traded = traded && order->state.status == THOST_FTDC_OST_AllTraded;
    }
    if (head->live)
        end_quote(core, quote, traded ? THOST_FTDC_OST_AllTraded : THOST_FTDC_OST_Canceled, NONE);
}

/* At most one quote of an account and instrument lives; it is among the newest. */
static void replace_former(struct quoting *quoting)
{
    struct core *core = quoting->core;
    for (uint32_t i = record_count(core, RECORD_quote); i-- > 0;) {
        const struct record *head = record_head(core, RECORD_quote, i);
        if (head->live && head->account == quoting->frame.account &&
            head->instrument == quoting->frame.instrument) {
            cancel_quote(core, i, NONE);
            return;
        }
    }
}

static void take_legs(struct quoting *quoting, struct record *head,
                      struct CThostFtdcQuoteField *body)
{
    for (int leg = ASK; leg < LEGS; leg++) {
        if (!quoting->wanted[leg])
            continue;
        head->order[leg] =
            desk_take_order(quoting->core, &quoting->orders[leg], &quoting->inputs[leg]);
        text reference = FIELD_TEXT(quoting->inputs[leg].OrderRef);
        if (leg == ASK)
            PUT_TEXT(body->AskOrderRef, reference);
        else
            PUT_TEXT(body->BidOrderRef, reference);
    }
}

/* What the exchange says to the quote as a whole: a bad leg takes the other with it. */
static enum exchange_refusal judge(const struct quoting *quoting, const struct record *head)
{
    struct core *core = quoting->core;
    for (int leg = ASK; leg < LEGS; leg++) {
        if (!quoting->wanted[leg])
            continue;
        enum exchange_refusal refusal = exchange_judge(core, &core->orders.at[head->order[leg]]);
        if (refusal != EXCHANGE_TAKES)
            return refusal;
    }
    bool two_sided = quoting->wanted[ASK] && quoting->wanted[BID];
    bool crossed = two_sided && quoting->input->AskPrice <= quoting->input->BidPrice;
    return crossed ? EXCHANGE_QUOTE_CROSSED : EXCHANGE_TAKES;
}

static void refuse_by_exchange(struct quoting *quoting, uint32_t place, struct record *head,
                               struct CThostFtdcQuoteField *body, enum exchange_refusal refusal)
{
    struct core *core = quoting->core;
    enum exchange exchange = core_instrument(core, head->instrument)->exchange;
    char why[240];
    snprintf(why, sizeof why, "%d:已撤单报单被拒绝%s:%s",
             exchange_refusal_number((uint8_t)refusal, exchange), exchange_id(exchange),
             exchange_refusal_text((uint8_t)refusal));
    head->live = 0;
    body->QuoteStatus = THOST_FTDC_OST_Canceled;
    body->OrderSubmitStatus = THOST_FTDC_OSS_InsertRejected;
    PUT_TIME(body->CancelTime, core->now.replay_second);
    put_status_text(body, why);
    put(core, place, head, body);
    for (int leg = ASK; leg < LEGS; leg++)
        if (head->order[leg] != NONE)
            exchange_refuse(core, head->order[leg], refusal);
}

/* The legs' OrderSysIDs are known when both have arrived; the row has them from then on. */
static void note_system_ids(struct core *core, uint32_t place)
{
    struct record head = *record_head(core, RECORD_quote, place);
    enum exchange exchange = core_instrument(core, head.instrument)->exchange;
    if (exchange == EXCHANGE_DCE || exchange == EXCHANGE_CZCE)
        return;
    struct CThostFtdcQuoteField body;
    memcpy(&body, record_body(core, RECORD_quote, place), sizeof body);
    if (head.order[ASK] != NONE)
        PUT_NUMBER(body.AskOrderSysID, core->orders.at[head.order[ASK]].state.system_number);
    if (head.order[BID] != NONE)
        PUT_NUMBER(body.BidOrderSysID, core->orders.at[head.order[BID]].state.system_number);
    record_put(core, RECORD_quote, place, &head, &body);
}

static void arrive(struct quoting *quoting, uint32_t place, const struct record *head,
                   struct CThostFtdcQuoteField *body)
{
    struct core *core = quoting->core;
    enum exchange exchange = core_instrument(core, head->instrument)->exchange;
    bool dce = exchange == EXCHANGE_DCE;
    PUT_NUMBER(body->QuoteSysID, dce ? core->numbers[exchange].system + 1 : head->number);
    body->QuoteStatus = THOST_FTDC_OST_NoTradeQueueing;
    body->OrderSubmitStatus = THOST_FTDC_OSS_Accepted;
    body->NotifySequence = 1;
    body->SequenceNo = (int)head->number;
    put_status_text(body, "未成交");
    put(core, place, head, body);
    for (int i = ASK; i < LEGS; i++) {
        int leg = dce ? LEGS - 1 - i : i;
        if (head->order[leg] != NONE)
            exchange_arrive(core, head->order[leg]);
    }
    note_system_ids(core, place);
}

static void accept(struct quoting *quoting)
{
    struct core *core = quoting->core;
    uint32_t place = record_count(core, RECORD_quote);
    struct CThostFtdcQuoteField body;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputQuote), quoting->input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_Quote), &body);
    request_identify(core, &quoting->frame, CTP_STRUCT_Quote, &body);
    struct record head = {
        .account = quoting->frame.account,
        .user = quoting->frame.user,
        .instrument = quoting->frame.instrument,
        .live = 1,
        .order = {NONE, NONE},
        .number = core->records->of[RECORD_quote].number + 1,
    };
    replace_former(quoting);
    assert(place == record_count(core, RECORD_quote));
    PUT_NUMBER(body.QuoteLocalID, head.number);
    body.BrokerQuoteSeq = (int)head.number;
    body.QuoteStatus = THOST_FTDC_OST_Unknown;
    body.OrderSubmitStatus = THOST_FTDC_OSS_InsertSubmitted;
    put_status_text(&body, "报单已提交");
    take_legs(quoting, &head, &body);
    put(core, place, &head, &body);
    enum exchange_refusal refusal = judge(quoting, &head);
    if (refusal != EXCHANGE_TAKES)
        refuse_by_exchange(quoting, place, &head, &body, refusal);
    else
        arrive(quoting, place, &head, &body);
}

void quote_order_insert(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputQuoteField input;
    memcpy(&input, request->body, sizeof input);
    struct quoting quoting = {.core = core, .request = request, .input = &input};
    struct refusal refusal = check_quote(&quoting);
    if (refusal.error_id) {
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnQuoteInsert, &input);
        return;
    }
    accept(&quoting);
    tick_publish_due(core);
}

/* ---- taking it back ---- */

static const struct record_name quote_name = {
    .kind = RECORD_quote,
    .action_struct = CTP_STRUCT_InputQuoteAction,
    .record_struct = CTP_STRUCT_Quote,
    .system_field = "QuoteSysID",
    .reference_field = "QuoteRef",
    .number_in_body = true,
};

static struct refusal check_action(struct core *core, const struct core_request *request,
                                   struct CThostFtdcInputQuoteActionField *input,
                                   struct request_frame *frame, uint32_t *place)
{
    struct refusal refusal =
        request_check(core, request, REQUEST_OF_ACTION, CTP_STRUCT_InputQuoteAction, input, frame);
    if (refusal.error_id)
        return refusal;
    if (input->ActionFlag != THOST_FTDC_AF_Delete)
        return refusal_with(CTP_ERROR_BAD_ORDER_ACTION_FIELD, "ActionFlag");
    *place = request_find_record(core, &quote_name, input, frame);
    if (*place == NONE)
        return refusal_of(CTP_ERROR_QUOTE_NOT_FOUND);
    return record_head(core, RECORD_quote, *place)->live
               ? refusal_none()
               : refusal_of(CTP_ERROR_INSUITABLE_ORDER_STATUS);
}

void quote_order_action(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputQuoteActionField input;
    struct CThostFtdcQuoteActionField kept;
    memcpy(&input, request->body, sizeof input);
    struct request_frame frame;
    uint32_t place = NONE;
    struct refusal refusal = check_action(core, request, &input, &frame, &place);
    request_action_body(core, CTP_STRUCT_InputQuoteAction, &input, CTP_STRUCT_QuoteAction, &kept);
    if (refusal.error_id) {
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnQuoteAction, &kept);
        return;
    }
    const struct record *head = record_head(core, RECORD_quote, place);
    if (exchange_takes_cancel(core, head->instrument)) {
        cancel_quote(core, place, frame.user);
        tick_publish_due(core);
        return;
    }
    enum exchange exchange = core_instrument(core, head->instrument)->exchange;
    refusal = refusal_with(CTP_ERROR_EXCHANGE_RTNERROR, "%s:%s", exchange_id(exchange),
                           exchange_refusal_text(EXCHANGE_WRONG_PHASE));
    kept.OrderActionStatus = THOST_FTDC_OAS_Rejected;
    reply_private_to_account(core, head->account, CTP_TraderSpi_OnErrRtnQuoteAction, &kept,
                             &refusal);
}
