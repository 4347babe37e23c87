/* special.c: good requests of what is not a plain order: parked orders, quotes and requests for
 * them, exercises, self closes, combinations, offset settings, transfers, batch cancels; and
 * cancels of them. hostile.c draws the bad ones.
 */
#include "tts/core/desk/desk_inside.h"
#include "world.h"

/* One body, whichever struct the request has. */
union body {
    struct CThostFtdcParkedOrderField parked_order;
    struct CThostFtdcParkedOrderActionField parked_action;
    struct CThostFtdcInputQuoteField quote;
    struct CThostFtdcInputQuoteActionField quote_action;
    struct CThostFtdcInputExecOrderField exercise;
    struct CThostFtdcInputExecOrderActionField exercise_action;
    struct CThostFtdcInputOptionSelfCloseField self_close;
    struct CThostFtdcInputOptionSelfCloseActionField self_close_action;
    struct CThostFtdcInputOffsetSettingField setting;
    struct CThostFtdcInputForQuoteField for_quote;
    struct CThostFtdcRemoveParkedOrderField remove_order;
    struct CThostFtdcRemoveParkedOrderActionField remove_action;
    struct CThostFtdcInputOrderField order;
    struct CThostFtdcInputCombActionField combination;
    struct CThostFtdcReqTransferField transfer;
    struct CThostFtdcInputBatchOrderActionField batch;
    char bytes[CTP_STRUCT_SIZE_MAX];
};

struct special {
    struct world *world;
    uint32_t client, account;
    text investor;
    union body body;
    enum password_verdict verdict;
};

/* A line of the account's position on that side whose instrument is of a class and has lots. */
static const struct position_row *find_row(const struct special *special, const char *classes,
                                           char direction)
{
    const struct core *core = special->world->core;
    const struct ledger *ledger = &core->ledger;
    for (uint32_t i = ledger->accounts[special->account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next) {
        const struct position_row *row = &ledger->rows[i];
        char class = core->market.instruments[row->instrument].product_class;
        if (row->position > 0 && row->direction == direction && strchr(classes, class) &&
            chance(&special->world->random, 500))
            return row;
    }
    return NULL;
}

/* An instrument drawn of the classes given. */
static const struct instrument *draw_instrument(const struct special *special, const char *classes)
{
    const struct market *market = core_market(special->world->core);
    const struct instrument *of;
    do
        of = &market->instruments[draw(&special->world->random, market->instrument_count)];
    while (!strchr(classes, of->product_class));
    return of;
}

#define PUT_WHO(special, of)                              \
    (PUT_TEXT((special)->body.of.BrokerID, TEXT("9999")), \
     PUT_TEXT((special)->body.of.InvestorID, (special)->investor))
#define PUT_INSTRUMENT(special, of, instrument)                            \
    (PUT_TEXT((special)->body.of.InstrumentID, text_of((instrument)->id)), \
     PUT_TEXT((special)->body.of.ExchangeID, text_of(exchange_id((instrument)->exchange))))

/* An instrument whose product is not in continuous trading; NULL when none was met. */
static const struct instrument *draw_resting(const struct special *special)
{
    struct core *core = special->world->core;
    for (int i = 0; i < 30; i++) {
        uint32_t place = draw(&special->world->random, core->market.instrument_count);
        if (exchange_phase(core, place) != PHASE_CONTINUOUS &&
            core->market.instruments[place].product_class != 'I')
            return core_instrument(core, place);
    }
    return NULL;
}

static enum ctp_method park_order(struct special *special)
{
    struct world *world = special->world;
    struct CThostFtdcInputOrderField input = workload_order(world, special->client);
    const struct instrument *of = draw_resting(special);
    if (of && chance(&world->random, 900)) {
        PUT_TEXT(input.InstrumentID, text_of(of->id));
        PUT_TEXT(input.ExchangeID, text_of(exchange_id(of->exchange)));
        input.CombOffsetFlag[0] = '0';
        input.ContingentCondition = "15"[draw(&world->random, 2)];
        input.LimitPrice =
            market_price(world, (uint32_t)(of - core_market(world->core)->instruments), false);
    }
    PUT_TEXT(input.InvestorID, special->investor);
    ctp_convert(core_layout(CTP_STRUCT_InputOrder), &input, core_layout(CTP_STRUCT_ParkedOrder),
                &special->body.parked_order);
    return CTP_TraderApi_ReqParkedOrderInsert;
}

/* A live order of the account; NULL without one. */
static const struct order *find_live(const struct special *special)
{
    const struct core *core = special->world->core;
    for (uint32_t i = core->orders.count; i-- > 0;)
        if (core->orders.at[i].live && core->orders.at[i].account == special->account &&
            chance(&special->world->random, 400))
            return &core->orders.at[i];
    return NULL;
}

/* One that a parked cancel could be for, better than any other. */
static const struct order *find_resting(const struct special *special)
{
    struct core *core = special->world->core;
    for (uint32_t i = core->orders.count; i-- > 0;) {
        const struct order *order = &core->orders.at[i];
        if (order->live && order->account == special->account &&
            exchange_phase(core, order->instrument) != PHASE_CONTINUOUS)
            return order;
    }
    return find_live(special);
}

static enum ctp_method park_action(struct special *special)
{
    const struct order *order = find_resting(special);
    if (!order)
        return CTP_METHOD_NONE;
    PUT_WHO(special, parked_action);
    PUT_INSTRUMENT(special, parked_action,
                   core_instrument(special->world->core, order->instrument));
    PUT_NUMBER(special->body.parked_action.OrderRef, order->order_ref);
    special->body.parked_action.FrontID = order->front_id;
    special->body.parked_action.SessionID = order->session_id;
    special->body.parked_action.ActionFlag = THOST_FTDC_AF_Delete;
    return CTP_TraderApi_ReqParkedOrderAction;
}

static enum ctp_method remove_parked(struct special *special)
{
    struct random *random = &special->world->random;
    bool action = chance(random, 500);
    uint32_t count =
        record_count(special->world->core, action ? RECORD_parked_action : RECORD_parked_order);
    if (action) {
        PUT_WHO(special, remove_action);
        PUT_NUMBER(special->body.remove_action.ParkedOrderActionID,
                   draw_between(random, 1, (int)count + 1));
        return CTP_TraderApi_ReqRemoveParkedOrderAction;
    }
    PUT_WHO(special, remove_order);
    PUT_NUMBER(special->body.remove_order.ParkedOrderID, draw_between(random, 1, (int)count + 1));
    return CTP_TraderApi_ReqRemoveParkedOrder;
}

static enum ctp_method ask_for_quote(struct special *special)
{
    PUT_WHO(special, for_quote);
    PUT_INSTRUMENT(special, for_quote,
                   draw_instrument(special, chance(&special->world->random, 950) ? "2" : "1"));
    return CTP_TraderApi_ReqForQuoteInsert;
}

static enum ctp_method quote(struct special *special)
{
    struct world *world = special->world;
    struct CThostFtdcInputQuoteField *body = &special->body.quote;
    const struct instrument *of = draw_instrument(special, "12");
    uint32_t place = (uint32_t)(of - core_market(world->core)->instruments);
    PUT_WHO(special, quote);
    PUT_INSTRUMENT(special, quote, of);
    body->AskVolume = body->BidVolume = draw_between(&world->random, 1, 10);
    body->BidPrice = market_price(world, place, false);
    body->AskPrice = body->BidPrice + of->price_tick * draw_between(&world->random, 1, 6);
    body->AskOffsetFlag = body->BidOffsetFlag = '0';
    if (chance(&world->random, 200))
        body->AskOffsetFlag = "13"[draw(&world->random, 2)];
    body->AskHedgeFlag = body->BidHedgeFlag = '1';
    if (chance(&world->random, 200))
        PUT_NUMBER(body->ReplaceSysID, draw_between(&world->random, 1, 20));
    return CTP_TraderApi_ReqQuoteInsert;
}

static enum ctp_method cancel_quote(struct special *special)
{
    struct core *core = special->world->core;
    struct CThostFtdcInputQuoteActionField *body = &special->body.quote_action;
    for (uint32_t i = record_count(core, RECORD_quote); i-- > 0;) {
        const struct CThostFtdcQuoteField *known = record_body(core, RECORD_quote, i);
        if (!record_head(core, RECORD_quote, i)->live ||
            record_head(core, RECORD_quote, i)->account != special->account)
            continue;
        PUT_WHO(special, quote_action);
        PUT_TEXT(body->InstrumentID, FIELD_TEXT(known->InstrumentID));
        PUT_TEXT(body->ExchangeID, FIELD_TEXT(known->ExchangeID));
        PUT_TEXT(body->QuoteSysID, FIELD_TEXT(known->QuoteSysID));
        PUT_TEXT(body->QuoteRef, FIELD_TEXT(known->QuoteRef));
        body->FrontID = known->FrontID;
        body->SessionID = known->SessionID;
        body->ActionFlag = THOST_FTDC_AF_Delete;
        return CTP_TraderApi_ReqQuoteAction;
    }
    return CTP_METHOD_NONE;
}

/* An order at a price that is met at once, so that there is something to exercise or to tie. */
static enum ctp_method open_some(struct special *special, const char *classes)
{
    struct world *world = special->world;
    struct CThostFtdcInputOrderField input = workload_order(world, special->client);
    const struct instrument *of = draw_instrument(special, classes);
    PUT_TEXT(input.InvestorID, special->investor);
    PUT_TEXT(input.InstrumentID, text_of(of->id));
    PUT_TEXT(input.ExchangeID, text_of(exchange_id(of->exchange)));
    input.Direction = classes[0] == '3' ? (char)('0' + draw(&world->random, 2)) : '0';
    PUT_TEXT(input.CombOffsetFlag, TEXT("00"));
    PUT_TEXT(input.CombHedgeFlag, TEXT("11"));
    input.OrderPriceType = THOST_FTDC_OPT_LimitPrice;
    input.TimeCondition = THOST_FTDC_TC_GFD;
    input.VolumeCondition = THOST_FTDC_VC_AV;
    input.ContingentCondition = THOST_FTDC_CC_Immediately;
    input.VolumeTotalOriginal = draw_between(&world->random, 1, 4);
    double far = of->price_tick * 12;
    input.LimitPrice =
        market_price(world, (uint32_t)(of - core_market(world->core)->instruments), false) +
        (input.Direction == '0' ? far : -far);
    memcpy(&special->body.order, &input, sizeof input);
    return CTP_TraderApi_ReqOrderInsert;
}

static enum ctp_method exercise(struct special *special)
{
    struct world *world = special->world;
    struct CThostFtdcInputExecOrderField *body = &special->body.exercise;
    const struct position_row *row = find_row(special, "2", '2');
    if (!row)
        return open_some(special, "2");
    PUT_WHO(special, exercise);
    PUT_INSTRUMENT(special, exercise, core_instrument(world->core, row->instrument));
    body->Volume = draw_between(&world->random, 1, row->position);
    body->OffsetFlag = row->position_date == '1' ? '3' : '1';
    body->HedgeFlag = row->hedge;
    body->ActionType = "12"[draw(&world->random, 2)];
    body->PosiDirection = row->direction;
    body->ReservePositionFlag = '0';
    body->CloseFlag = '0';
    return CTP_TraderApi_ReqExecOrderInsert;
}

static enum ctp_method cancel_exercise(struct special *special)
{
    struct core *core = special->world->core;
    uint32_t count = record_count(core, RECORD_exec_order);
    if (count == 0)
        return CTP_METHOD_NONE;
    const struct CThostFtdcExecOrderField *known =
        record_body(core, RECORD_exec_order, draw(&special->world->random, count));
    struct CThostFtdcInputExecOrderActionField *body = &special->body.exercise_action;
    PUT_TEXT(body->BrokerID, TEXT("9999"));
    PUT_TEXT(body->InvestorID, FIELD_TEXT(known->InvestorID));
    PUT_TEXT(body->InstrumentID, FIELD_TEXT(known->InstrumentID));
    PUT_TEXT(body->ExchangeID, FIELD_TEXT(known->ExchangeID));
    PUT_TEXT(body->ExecOrderSysID, FIELD_TEXT(known->ExecOrderSysID));
    PUT_TEXT(body->ExecOrderRef, FIELD_TEXT(known->ExecOrderRef));
    body->FrontID = known->FrontID;
    body->SessionID = known->SessionID;
    body->ActionFlag = THOST_FTDC_AF_Delete;
    return CTP_TraderApi_ReqExecOrderAction;
}

static enum ctp_method self_close(struct special *special)
{
    struct CThostFtdcInputOptionSelfCloseField *body = &special->body.self_close;
    const struct instrument *of = draw_instrument(special, "2");
    PUT_WHO(special, self_close);
    PUT_INSTRUMENT(special, self_close, of);
    body->Volume = draw_between(&special->world->random, 1, 5);
    body->HedgeFlag = '1';
    body->OptSelfCloseFlag = "123"[draw(&special->world->random, 3)];
    return CTP_TraderApi_ReqOptionSelfCloseInsert;
}

static enum ctp_method cancel_self_close(struct special *special)
{
    struct core *core = special->world->core;
    uint32_t count = record_count(core, RECORD_self_close);
    if (count == 0)
        return CTP_METHOD_NONE;
    const struct CThostFtdcOptionSelfCloseField *known =
        record_body(core, RECORD_self_close, draw(&special->world->random, count));
    struct CThostFtdcInputOptionSelfCloseActionField *body = &special->body.self_close_action;
    PUT_TEXT(body->BrokerID, TEXT("9999"));
    PUT_TEXT(body->InvestorID, FIELD_TEXT(known->InvestorID));
    PUT_TEXT(body->InstrumentID, FIELD_TEXT(known->InstrumentID));
    PUT_TEXT(body->ExchangeID, FIELD_TEXT(known->ExchangeID));
    PUT_TEXT(body->OptionSelfCloseRef, FIELD_TEXT(known->OptionSelfCloseRef));
    body->FrontID = known->FrontID;
    body->SessionID = known->SessionID;
    body->ActionFlag = THOST_FTDC_AF_Delete;
    return CTP_TraderApi_ReqOptionSelfCloseAction;
}

/* Set, and as often taken back. */
static enum ctp_method set_offset(struct special *special)
{
    struct CThostFtdcInputOffsetSettingField *body = &special->body.setting;
    const struct instrument *of = draw_instrument(special, "2");
    PUT_WHO(special, setting);
    PUT_INSTRUMENT(special, setting, of);
    PUT_TEXT(body->UnderlyingInstrID, text_of(of->underlying_id));
    body->Volume = draw_between(&special->world->random, 1, 5);
    return chance(&special->world->random, 500) ? CTP_TraderApi_ReqOffsetSetting
                                                : CTP_TraderApi_ReqCancelOffsetSetting;
}

/* A pair of the account that is tied; NULL without one. */
static const struct ledger_pair *find_pair(const struct special *special)
{
    const struct ledger *ledger = &special->world->core->ledger;
    for (uint32_t i = ledger->pair_count; i-- > 0;)
        if (ledger->pairs[i].lots && ledger->pairs[i].account == special->account &&
            chance(&special->world->random, 500))
            return &ledger->pairs[i];
    return NULL;
}

/* Lots of two legs are bought as a spread, which ties them, untied, tied again, untied at last. */
static enum ctp_method combine(struct special *special)
{
    struct random *random = &special->world->random;
    struct CThostFtdcInputCombActionField *body = &special->body.combination;
    const struct ledger_pair *pair = find_pair(special);
    if (!pair && chance(random, 500))
        return open_some(special, "3");
    PUT_WHO(special, combination);
    PUT_INSTRUMENT(special, combination, draw_instrument(special, "3"));
    body->Direction = pair ? pair->direction : (char)('0' + draw(random, 2));
    body->Volume = pair && chance(random, 600) ? pair->lots : draw_between(random, 1, 3);
    body->CombDirection =
        pair && chance(random, 700) ? THOST_FTDC_CMDR_UnComb : "002"[draw(random, 3)];
    body->HedgeFlag = '1';
    return CTP_TraderApi_ReqCombActionInsert;
}

static enum ctp_method transfer(struct special *special)
{
    struct random *random = &special->world->random;
    struct CThostFtdcReqTransferField *body = &special->body.transfer;
    PUT_TEXT(body->BrokerID, TEXT("9999"));
    PUT_TEXT(body->AccountID, special->investor);
    PUT_TEXT(body->BankID, TEXT("1"));
    PUT_TEXT(body->CurrencyID, TEXT("CNY"));
    body->TradeAmount = draw_between(random, 1, 10000000) / 100.0;
    special->verdict = chance(random, 900) ? PASSWORD_RIGHT : PASSWORD_WRONG;
    return chance(random, 500) ? CTP_TraderApi_ReqFromBankToFutureByFuture
                               : CTP_TraderApi_ReqFromFutureToBankByFuture;
}

static enum ctp_method cancel_batch(struct special *special)
{
    PUT_WHO(special, batch);
    const struct instrument *of = draw_instrument(special, "12");
    PUT_TEXT(special->body.batch.ExchangeID, text_of(exchange_id(of->exchange)));
    return CTP_TraderApi_ReqBatchOrderAction;
}

void special_send(struct world *world)
{
    static enum ctp_method (*const requests[])(struct special * special) = {
        park_order,      park_order,   park_action, park_action,  remove_parked,     quote,
        quote,           cancel_quote, exercise,    exercise,     exercise,          exercise,
        cancel_exercise, self_close,   combine,     combine,      cancel_self_close, combine,
        ask_for_quote,   transfer,     set_offset,  cancel_batch,
    };
    struct special special = {.world = world, .client = workload_client(world)};
    const struct client *client = &world->clients[special.client];
    if (!client->logged_in || client->md)
        return;
    const struct user *user = &world->core->users.at[client->user];
    if (user->investors.count == 0)
        return;
    special.account = user->investors.at[draw(&world->random, user->investors.count)];
    special.investor = text_of(world->core->ledger.accounts[special.account].id);
    uint32_t which = draw(&world->random, sizeof requests / sizeof requests[0]);
    if (requests[which] == cancel_batch && !chance(&world->random, 100))
        return; /* seldom: it empties the books */
    enum ctp_method method = requests[which](&special);
    if (method != CTP_METHOD_NONE)
        world_request(world, special.client, method, &special.body, special.verdict, NULL);
}
