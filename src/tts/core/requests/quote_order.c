/* quote_order.c: ReqQuoteInsert and ReqQuoteAction: a quote is a record and two orders, the ask's
 * and the bid's, which live as all orders do. A new quote replaces the account's former one in the
 * same instrument. With quote_right_required only market makers may quote, whom the operator names
 * by account and product or instrument.
 *
 * OrderSysIDs of the orders: DCE's bid has the quote's own number and the ask the next one; CZCE's
 * have it behind a "b" and an "a"; elsewhere they are numbers of their own, told in the quote. */
#include "tts/core/requests/quote_order.h"
#include "tts/core/account_rule.h"
#include "tts/core/handlers.h"
#include "tts/core/requests/request_check.h"
#include "tts/core/requests/request_returns.h"
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
    struct effect_order_accepted accepted[LEGS];
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
    struct order *order = &quoting->accepted[leg].order;
    struct refusal refusal;
    if (!desk_check_order(quoting->core, &check, &quoting->inputs[leg], order, &refusal))
        return refusal;
    order->order_type = THOST_FTDC_ORDT_DeriveFromQuote;
    order->quote = record_count(quoting->core, RECORD_quote);
    if (!own && leg == BID && quoting->wanted[ASK]) {
        order->order_ref = quoting->accepted[ASK].order.order_ref + 1;
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
    double need = need_of(&quoting->accepted[ASK].order) + need_of(&quoting->accepted[BID].order);
    double available = ledger_available(&quoting->core->ledger, quoting->frame.account);
    bool both =
        need_of(&quoting->accepted[ASK].order) > 0 && need_of(&quoting->accepted[BID].order) > 0;
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

static void put(struct core *core, uint32_t place, const struct record *head,
                const struct CThostFtdcQuoteField *body)
{
    record_put(core, RECORD_quote, place, head, body);
    reply_private_to_account(core, head->account, CTP_TraderSpi_OnRtnQuote, body, NULL);
}

/* Ended by its legs, by its owner (`by`) or by the exchange. */
static void end_quote(struct core *core, uint32_t place, char status, uint32_t by)
{
    struct record head = *record_head(core, RECORD_quote, place);
    struct CThostFtdcQuoteField body;
    memcpy(&body, record_body(core, RECORD_quote, place), sizeof body);
    head.live = 0;
    body.QuoteStatus = status;
    put_status_words(body.StatusMsg, sizeof body.StatusMsg,
                     status == THOST_FTDC_OST_AllTraded ? TEXT("全部成交") : TEXT("已撤单"));
    if (status == THOST_FTDC_OST_Canceled)
        PUT_TIME(body.CancelTime, core->now.replay_second);
    if (by != NONE)
        PUT_TEXT(body.ActiveUserID, text_of(core->users.at[by].id));
    put(core, place, &head, &body);
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

/* At most one that was taken lives; it is among the newest. */
void quote_replace_former(struct core *core, uint32_t account, uint32_t instrument, uint32_t before)
{
    for (uint32_t i = before; i-- > 0;) {
        const struct record *head = record_head(core, RECORD_quote, i);
        if (head->live && head->account == account && head->instrument == instrument) {
            channel_withdraw(core, RECORD_quote, i, NONE, NULL);
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
            desk_take_order(quoting->core, &quoting->accepted[leg], &quoting->inputs[leg]);
        text reference = FIELD_TEXT(quoting->inputs[leg].OrderRef);
        if (leg == ASK)
            PUT_TEXT(body->AskOrderRef, reference);
        else
            PUT_TEXT(body->BidOrderRef, reference);
    }
}

/* ---- what the exchange says ---- */

/* The legs' OrderSysIDs are known when both have arrived. */
void channel_quote_named(struct core *core, uint32_t place)
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

bool quote_told(struct core *core, uint32_t place, const struct request_return *told)
{
    struct record head = *record_head(core, RECORD_quote, place);
    struct CThostFtdcQuoteField body;
    memcpy(&body, record_body(core, RECORD_quote, place), sizeof body);
    bool taken = body.OrderSubmitStatus == THOST_FTDC_OSS_Accepted;
    if (!head.live || told->event == REQUEST_DONE || (taken && told->event <= REQUEST_REFUSED))
        return false;
    if (told->event == REQUEST_WITHDRAWN) {
        end_quote(core, place, THOST_FTDC_OST_Canceled, told->by);
        return true;
    }
    if (told->event == REQUEST_REFUSED) {
        head.live = 0;
        body.QuoteStatus = THOST_FTDC_OST_Canceled;
        body.OrderSubmitStatus = THOST_FTDC_OSS_InsertRejected;
        PUT_TIME(body.CancelTime, core->now.replay_second);
        put_status_words(body.StatusMsg, sizeof body.StatusMsg, told->words);
    } else {
        PUT_NUMBER(body.QuoteSysID, told->number);
        body.QuoteStatus = THOST_FTDC_OST_NoTradeQueueing;
        body.OrderSubmitStatus = THOST_FTDC_OSS_Accepted;
        body.NotifySequence = 1;
        body.SequenceNo = (int)head.number;
        put_status_words(body.StatusMsg, sizeof body.StatusMsg, TEXT("未成交"));
    }
    put(core, place, &head, &body);
    return true;
}

/* ---- the request ---- */

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
    quote_replace_former(core, quoting->frame.account, quoting->frame.instrument,
                         record_count(core, RECORD_quote));
    assert(place == record_count(core, RECORD_quote));
    PUT_NUMBER(body.QuoteLocalID, head.number);
    body.BrokerQuoteSeq = (int)head.number;
    body.QuoteStatus = THOST_FTDC_OST_Unknown;
    body.OrderSubmitStatus = THOST_FTDC_OSS_InsertSubmitted;
    put_status_words(body.StatusMsg, sizeof body.StatusMsg, TEXT("报单已提交"));
    take_legs(quoting, &head, &body);
    put(core, place, &head, &body);
    channel_ask(core, RECORD_quote, place);
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

/* QuoteSysIDs are numbers of an exchange, so it must be known which one: as for orders (4.1). Where
 * exchange_id_required is set, 147 has been told before. */
static struct refusal check_exchange(const struct CThostFtdcInputQuoteActionField *input)
{
    if (input->ExchangeID[0] || text_trim(FIELD_TEXT(input->QuoteSysID)).length == 0)
        return refusal_none();
    return refusal_with(CTP_ERROR_BAD_ORDER_ACTION_FIELD, "ExchangeID");
}

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
    refusal = check_exchange(input);
    if (refusal.error_id)
        return refusal;
    *place = request_find_record(core, &quote_name, input, frame);
    if (*place == NONE)
        return refusal_of(CTP_ERROR_QUOTE_NOT_FOUND);
    return record_head(core, RECORD_quote, *place)->live
               ? request_check_channel(core, frame, REQUEST_OF_ACTION)
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
    channel_withdraw(core, RECORD_quote, place, frame.user, &input);
    tick_publish_due(core);
}
