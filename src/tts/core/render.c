/* render.c: CTP's Order and Trade structs from what the core keeps of them. What a client sees of
 * an order is a pure function of the order, of the state at that moment, and of the broker id that
 * the viewer logged in with; so a replayed message equals the first one byte for byte. Field rules:
 * CTP's own, as docs/tts-orders.md tells them. */
#include "base/number.h"
#include "ctp/gb18030.h"
#include "tts/core/desk/desk.h"
#include "tts/core/desk/order_pattern.h"
#include "tts/core/records.h"
#include <assert.h>

text core_member_id(const struct core *core)
{
    return core->options.broker_id[0] ? text_of(core->options.broker_id) : TEXT("9999");
}

void core_trader_id(const struct core *core, char *field, size_t size)
{
    char id[sizeof core->options.broker_id + 3];
    text member = core_member_id(core);
    memcpy(id, member.at, member.length);
    memcpy(id + member.length, "tts", 3);
    text_copy(field, size, (text){id, member.length + 3});
}

static text instrument_id(const struct core *core, uint32_t place)
{
    return text_of(core->market.instruments[place].id);
}

void core_client_id(const struct core *core, uint32_t account, enum exchange exchange, char *field,
                    size_t size)
{
    (void)core;
    char code[40];
    size_t length = number_write_padded((uint64_t)exchange + 1, 2, code);
    length += number_write_padded((uint64_t)account + 1, 6, code + length);
    text_copy(field, size, (text){code, length});
}

void order_request(struct core *core, const struct order *order,
                   struct CThostFtdcInputOrderField *out)
{
    order_pattern_read(core, order->request, out);
}

static const char *status_word(char status)
{
    switch (status) {
    case THOST_FTDC_OST_AllTraded:
        return "全部成交";
    case THOST_FTDC_OST_PartTradedQueueing:
        return "部分成交";
    case THOST_FTDC_OST_NoTradeQueueing:
        return "未成交";
    case THOST_FTDC_OST_Canceled:
        return "已撤单";
    case THOST_FTDC_OST_NotTouched:
        return "尚未触发";
    case THOST_FTDC_OST_Touched:
        return "已触发";
    default:
        return "";
    }
}

static const char *submit_word(char submit_status)
{
    switch (submit_status) {
    case THOST_FTDC_OSS_InsertSubmitted:
        return "报单已提交";
    case THOST_FTDC_OSS_CancelSubmitted:
        return "撤单已提交";
    case THOST_FTDC_OSS_InsertRejected:
        return "报单被拒绝";
    case THOST_FTDC_OSS_CancelRejected:
        return "撤单被拒绝";
    default:
        return "";
    }
}

static void convert_status(const char *utf8, char *field, size_t size)
{
    char gb[480];
    size_t length;
    if (!gb18030_from_utf8(text_of(utf8), gb, sizeof gb, &length))
        length = 0;
    text all = {gb, length};
    all.length = gb18030_cut(all, size - 1);
    text_copy(field, size, all);
}

/* There are few texts without a reason in them: each is converted once. */
static const char *plain_status(struct core *core, const struct order_state *state)
{
    struct status_text *known = &core->status_texts[state->status & 31][state->submit_status & 7];
    if (known->status != state->status || known->submit_status != state->submit_status) {
        char utf8[64];
        snprintf(utf8, sizeof utf8, "%s%s", status_word(state->status),
                 submit_word(state->submit_status));
        known->status = state->status;
        known->submit_status = state->submit_status;
        convert_status(utf8, known->text, sizeof known->text);
    }
    return known->text;
}

static void put_status_text(struct core *core, const struct order_state *state,
                            enum exchange exchange, char *field, size_t size)
{
    if (state->words) {
        const struct blob *blob = &core->blobs.at[state->words - 1];
        text words = {core->bytes.at + blob->offset, blob->length};
        words.length = gb18030_cut(words, size - 1);
        text_copy(field, size, words);
    } else if (state->refusal) {
        char utf8[240];
        snprintf(utf8, sizeof utf8, "%d:%s%s%s:%s",
                 exchange_refusal_number(state->refusal, exchange), status_word(state->status),
                 submit_word(state->submit_status), exchange_id(exchange),
                 exchange_refusal_text(state->refusal));
        convert_status(utf8, field, size);
    } else {
        text_copy(field, size, text_of(plain_status(core, state)));
    }
}

/* CZCE names a quote's orders by the quote: "b" or "a" before its QuoteSysID. */
static void put_leg_id(const struct core *core, const struct order *order, char *field, size_t size)
{
    char id[32];
    const struct CThostFtdcQuoteField *quote = record_body(core, RECORD_quote, order->quote);
    text number = text_trim(FIELD_TEXT(quote->QuoteSysID));
    snprintf(id, sizeof id, "%c%.*s", order->direction == THOST_FTDC_D_Buy ? 'b' : 'a',
             TEXT_ARG(number));
    text_copy(field, size, text_of(id));
}

static void put_system_id(const struct core *core, const struct order *order, int64_t system_number,
                          char *field, size_t size)
{
    char id[32];
    enum exchange exchange = core->market.instruments[order->instrument].exchange;
    if (order->condition_number) {
        snprintf(id, sizeof id, "TJBD_%lld", (long long)order->condition_number);
        text_copy(field, size, text_of(id));
    } else if (system_number && order->quote != NONE && exchange == EXCHANGE_CZCE) {
        put_leg_id(core, order, field, size);
    } else if (system_number) {
        put_number(field, size, system_number);
    }
}

/* The old, 31-byte fields repeat an id that they can hold; else they are empty. */
static void put_old_id(char *field, size_t size, text id)
{
    text_copy(field, size, id.length < size ? id : TEXT(""));
}

/* What comes from the request as it was received. */
static void copy_request(struct core *core, const struct order *order,
                         struct CThostFtdcOrderField *out)
{
    struct CThostFtdcInputOrderField input;
    order_request(core, order, &input);
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOrder), &input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_Order), out);
    PUT_TEXT(out->BusinessUnit, TEXT(""));
    PUT_TEXT(out->ClientID, TEXT(""));
}

static void put_identity(struct core *core, const struct order *order, text broker_id,
                         struct CThostFtdcOrderField *out)
{
    const struct session *session =
        order->session == NONE ? NULL : &core->sessions.at[order->session];
    const struct instrument *instrument = core_instrument(core, order->instrument);
    text id = text_of(instrument->id);
    if (broker_id.length == 0)
        broker_id = session ? text_of(session->broker_id) : core_member_id(core);
    PUT_TEXT(out->BrokerID, broker_id);
    PUT_TEXT(out->InvestorID, text_of(core->ledger.accounts[order->account].id));
    if (order->user != NONE)
        PUT_TEXT(out->UserID, text_of(core->users.at[order->user].id));
    PUT_TEXT(out->InstrumentID, id);
    PUT_TEXT(out->ExchangeInstID, id);
    put_old_id(out->reserve1, sizeof out->reserve1, id);
    put_old_id(out->reserve2, sizeof out->reserve2, id);
    PUT_TEXT(out->ExchangeID, text_of(exchange_id(instrument->exchange)));
    PUT_TEXT(out->ParticipantID, core_member_id(core));
    core_client_id(core, order->account, instrument->exchange, out->ClientID, sizeof out->ClientID);
    core_trader_id(core, out->TraderID, sizeof out->TraderID);
    PUT_TEXT(out->BusinessUnit, text_of(out->TraderID));
    if (session)
        PUT_TEXT(out->UserProductInfo, text_of(session->user_product_info));
    out->FrontID = order->front_id;
    out->SessionID = order->session_id;
    out->InstallID = 1;
    out->SettlementID = 1;
    out->OrderType = order->order_type;
    out->OrderSource = THOST_FTDC_OSRC_Participant;
    out->BrokerOrderSeq = (int)order->broker_order_seq;
    PUT_DATE(out->TradingDay, core->trading_day);
    if (order->local_number)
        PUT_NUMBER(out->OrderLocalID, order->local_number);
    if (order->parent != NONE)
        put_system_id(core, &core->orders.at[order->parent], 0, out->RelativeOrderSysID,
                      sizeof out->RelativeOrderSysID);
    if (text_trim(FIELD_TEXT(out->OrderRef)).length == 0)
        PUT_NUMBER(out->OrderRef, order->order_ref);
}

static void put_state(struct core *core, const struct order *order, const struct order_state *state,
                      struct CThostFtdcOrderField *out)
{
    enum exchange exchange = core_instrument(core, order->instrument)->exchange;
    out->OrderStatus = state->status;
    out->OrderSubmitStatus = state->submit_status;
    out->VolumeTraded = state->traded;
    out->VolumeTotal = state->total;
    out->LimitPrice = state->limit_price;
    out->ZCETotalTradedVolume = state->zce_traded;
    out->SequenceNo = (int)state->sequence_no;
    out->NotifySequence = (int)state->notify_sequence;
    PUT_DATE(out->InsertDate, state->insert_date);
    PUT_TIME(out->InsertTime, state->insert_second);
    PUT_TIME(out->UpdateTime, state->update_second);
    PUT_TIME(out->CancelTime, state->cancel_second);
    put_system_id(core, order, state->system_number, out->OrderSysID, sizeof out->OrderSysID);
    if (state->active_user != NONE)
        PUT_TEXT(out->ActiveUserID, text_of(core->users.at[state->active_user].id));
    if (state->system_number && exchange != EXCHANGE_DCE)
        PUT_TEXT(out->ActiveTraderID, text_of(out->TraderID));
    put_status_text(core, state, exchange, out->StatusMsg, sizeof out->StatusMsg);
}

void render_order(struct core *core, const struct order *order, const struct order_state *state,
                  text broker_id, struct CThostFtdcOrderField *out)
{
    copy_request(core, order, out);
    put_identity(core, order, broker_id, out);
    memcpy(out->CombOffsetFlag, order->offset, sizeof out->CombOffsetFlag);
    memcpy(out->CombHedgeFlag, order->hedge, sizeof out->CombHedgeFlag);
    out->ContingentCondition = order->contingent_condition;
    put_state(core, order, state, out);
}

void render_trade(struct core *core, const struct trade *trade, text broker_id,
                  struct CThostFtdcTradeField *out)
{
    const struct order *order = &core->orders.at[trade->order];
    const struct ledger_order *leg = &order->leg[trade->leg];
    struct CThostFtdcOrderField seen;
    render_order(core, order, &order->state, broker_id, &seen);
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_Order), &seen,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_Trade), out);
    text id = instrument_id(core, order_traded_instrument(order, trade->leg));
    PUT_TEXT(out->InstrumentID, id);
    PUT_TEXT(out->ExchangeInstID, id);
    put_old_id(out->reserve1, sizeof out->reserve1, id);
    put_old_id(out->reserve2, sizeof out->reserve2, id);
    PUT_NUMBER(out->TradeID, trade->number);
    PUT_TEXT(out->ClearingPartID, core_member_id(core));
    PUT_TEXT(out->BusinessUnit, TEXT(""));
    out->Direction = leg->direction;
    out->OffsetFlag = trade->offset;
    out->HedgeFlag = leg->hedge;
    out->Price = trade->price;
    out->Volume = trade->volume;
    out->TradingRole = THOST_FTDC_ER_Broker;
    out->TradeType = trade->trade_type;
    out->PriceSource = trade->price_source;
    out->TradeSource = THOST_FTDC_TSRC_NORMAL;
    out->SequenceNo = (int)trade->sequence_no;
    PUT_DATE(out->TradeDate, trade->trade_date);
    PUT_TIME(out->TradeTime, trade->trade_second);
}
