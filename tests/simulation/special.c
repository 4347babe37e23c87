/* special.c: good requests of what is not a plain order: parked orders, quotes, exercises, self
 * closes, combinations, transfers, batch cancels; and cancels of them. hostile.c draws the bad
 * ones.
 */
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

/* A line of the account's position whose instrument is of a class and has lots. */
static const struct position_row *find_row(const struct special *special, const char *classes)
{
    const struct core *core = special->world->core;
    const struct ledger *ledger = &core->ledger;
    for (uint32_t i = ledger->accounts[special->account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next) {
        const struct position_row *row = &ledger->rows[i];
        char class = core->market.instruments[row->instrument].product_class;
        if (row->position > 0 && strchr(classes, class) && chance(&special->world->random, 500))
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

static enum ctp_method park_order(struct special *special)
{
    struct CThostFtdcInputOrderField input = workload_order(special->world, special->client);
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

static enum ctp_method park_action(struct special *special)
{
    const struct order *order = find_live(special);
    if (!order)
        return CTP_METHOD_NONE;
    PUT_WHO(special, parked_action);
    PUT_INSTRUMENT(special, parked_action,
                   core_instrument(special->world->core, order->instrument));
    PUT_NUMBER(special->body.parked_action.OrderSysID, order->state.system_number);
    special->body.parked_action.ActionFlag = THOST_FTDC_AF_Delete;
    return CTP_TraderApi_ReqParkedOrderAction;
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

static enum ctp_method exercise(struct special *special)
{
    struct world *world = special->world;
    struct CThostFtdcInputExecOrderField *body = &special->body.exercise;
    const struct position_row *row = find_row(special, "2");
    if (!row)
        return CTP_METHOD_NONE;
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

static enum ctp_method combine(struct special *special)
{
    struct random *random = &special->world->random;
    struct CThostFtdcInputCombActionField *body = &special->body.combination;
    PUT_WHO(special, combination);
    PUT_INSTRUMENT(special, combination, draw_instrument(special, "3"));
    body->Direction = (char)('0' + draw(random, 2));
    body->Volume = draw_between(random, 1, 4);
    body->CombDirection = (char)('0' + draw(random, 3));
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
        park_order,      park_action, quote,   quote,   cancel_quote, exercise,     exercise,
        cancel_exercise, self_close,  combine, combine, transfer,     cancel_batch,
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
