/* for_quote.c: ReqForQuoteInsert: somebody asks the makers for a quote. The asker hears nothing
 * when it succeeds; every subscriber of SubscribeForQuoteRsp on the market data side gets
 * OnRtnForQuoteRsp through the server. */
#include "tts/core/handlers.h"
#include "tts/core/requests/request_check.h"
#include "tts/core/requests/request_returns.h"

static bool takes_requests(const struct instrument *instrument)
{
    return instrument_kind(instrument) == KIND_OPTION;
}

/* An account's newest request for an instrument that the exchange did not refuse, as a moment of
 * the wall clock; -1 without one. */
static int64_t newest_request(struct core *core, const struct request_frame *frame)
{
    for (uint32_t i = record_count(core, RECORD_for_quote); i-- > 0;) {
        const struct record *head = record_head(core, RECORD_for_quote, i);
        if (head->account == frame->account && head->instrument == frame->instrument &&
            head->amount >= 0)
            return (int64_t)head->amount;
    }
    return -1;
}

/* A narrow spread needs no request. */
static bool is_narrow(const struct core *core, uint32_t place)
{
    const struct quote *quote = core_newest_quote(core, place);
    if (!quote || !price_is_present(quote->ask[0].price) || !price_is_present(quote->bid[0].price))
        return false;
    double tick = core->market.instruments[place].price_tick;
    return price_in_ticks(quote->ask[0].price - quote->bid[0].price, tick) <=
           core->options.for_quote_spread_ticks;
}

static struct refusal check_for_quote(struct core *core, const struct core_request *request,
                                      struct CThostFtdcInputForQuoteField *input,
                                      struct request_frame *frame)
{
    struct refusal refusal =
        request_check(core, request, REQUEST_OF_ORDER, CTP_STRUCT_InputForQuote, input, frame);
    if (refusal.error_id)
        return refusal;
    if (!takes_requests(core_instrument(core, frame->instrument)))
        return refusal_of(CTP_ERROR_INSTR_NOTSUPPORT_FORQUOTE);
    int64_t last = newest_request(core, frame), now = core->now.wall_us / 1000000;
    if (last >= 0 && now - last < core->options.for_quote_interval_s)
        return refusal_of(CTP_ERROR_OUT_OF_TIMEINTERVAL);
    return is_narrow(core, frame->instrument)
               ? refusal_of(CTP_ERROR_OUT_OF_PRICEINTERVAL)
               : request_check_channel(core, frame, REQUEST_OF_ORDER);
}

/* SHFE and CFFEX do not number requests. */
static bool has_number(enum exchange exchange)
{
    return exchange != EXCHANGE_SHFE && exchange != EXCHANGE_CFFEX;
}

static void tell_makers(struct core *core, uint32_t place, int64_t number)
{
    const struct instrument *instrument = core_instrument(core, place);
    struct CThostFtdcForQuoteRspField body;
    memset(&body, 0, sizeof body);
    PUT_TEXT(body.InstrumentID, text_of(instrument->id));
    PUT_TEXT(body.reserve1, text_of(instrument->id));
    PUT_TEXT(body.ExchangeID, text_of(exchange_id(instrument->exchange)));
    PUT_DATE(body.TradingDay, core->trading_day);
    PUT_DATE(body.ActionDay, core->now.replay_date);
    PUT_TIME(body.ForQuoteTime, core->now.replay_second);
    if (has_number(instrument->exchange))
        PUT_NUMBER(body.ForQuoteSysID, number);
    core->sink.for_quote(core->sink.user, place, &body);
}

void for_quote_insert(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputForQuoteField input;
    memcpy(&input, request->body, sizeof input);
    struct request_frame frame;
    struct refusal refusal = check_for_quote(core, request, &input, &frame);
    if (refusal.error_id) {
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnForQuoteInsert,
                       &input);
        return;
    }
    uint32_t place = record_count(core, RECORD_for_quote);
    struct CThostFtdcForQuoteField body;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputForQuote), &input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_ForQuote), &body);
    request_identify(core, &frame, CTP_STRUCT_ForQuote, &body);
    struct record head = {
        .account = frame.account,
        .user = frame.user,
        .instrument = frame.instrument,
        .order = {NONE, NONE},
        .number = core->records->of[RECORD_for_quote].number + 1,
        .amount = (double)(core->now.wall_us / 1000000),
    };
    PUT_NUMBER(body.ForQuoteLocalID, head.number);
    body.BrokerForQutoSeq = (int)head.number;
    body.ForQuoteStatus = THOST_FTDC_FQST_Submitted;
    record_put(core, RECORD_for_quote, place, &head, &body);
    channel_ask(core, RECORD_for_quote, place);
}

/* ---- what the exchange says ---- */

/* Its refusal comes without OnRsp. */
static void tell_refusal(struct core *core, const struct record *head,
                         const struct CThostFtdcForQuoteField *body, text words)
{
    struct CThostFtdcInputForQuoteField input;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_ForQuote), body,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputForQuote), &input);
    struct refusal refusal = refusal_with(CTP_ERROR_EXCHANGE_RTNERROR, "%.*s", TEXT_ARG(words));
    reply_private_to_account(core, head->account, CTP_TraderSpi_OnErrRtnForQuoteInsert, &input,
                             &refusal);
}

bool for_quote_told(struct core *core, uint32_t place, const struct request_return *told)
{
    struct record head = *record_head(core, RECORD_for_quote, place);
    struct CThostFtdcForQuoteField body;
    memcpy(&body, record_body(core, RECORD_for_quote, place), sizeof body);
    if (body.ForQuoteStatus != THOST_FTDC_FQST_Submitted || told->event > REQUEST_REFUSED)
        return false;
    bool refused = told->event == REQUEST_REFUSED;
    if (refused) {
        tell_refusal(core, &head, &body, told->words);
        head.amount = -1;
    }
    body.ForQuoteStatus = refused ? THOST_FTDC_FQST_Rejected : THOST_FTDC_FQST_Accepted;
    record_put(core, RECORD_for_quote, place, &head, &body);
    if (!refused)
        tell_makers(core, head.instrument, told->number);
    return true;
}
