/* combination_query.c: ReqQryInvestorPositionCombineDetail: the lots that are tied in combinations,
 * two rows for each tying, one a leg. */
#include "tts/core/combination.h"
#include "tts/core/handlers.h"
#include "tts/core/reply.h"

static void put_leg(struct core *core, const struct ledger_pair *pair, int leg,
                    const struct connection *from,
                    struct CThostFtdcInvestorPositionCombineDetailField *row)
{
    const struct instrument *instrument = core_instrument(core, pair->leg[leg]);
    bool is_long = (pair->direction == THOST_FTDC_D_Buy) == (leg == 0);
    memset(row, 0, sizeof *row);
    PUT_DATE(row->TradingDay, core->trading_day);
    PUT_DATE(row->OpenDate, pair->open_date);
    PUT_TEXT(row->BrokerID, text_of(from->broker_id));
    PUT_TEXT(row->InvestorID, text_of(core->ledger.accounts[pair->account].id));
    PUT_TEXT(row->ExchangeID, text_of(exchange_id(instrument->exchange)));
    PUT_TEXT(row->InstrumentID, text_of(instrument->id));
    PUT_TEXT(row->CombInstrumentID, text_of(core_instrument(core, pair->combination)->id));
    PUT_NUMBER(row->ComTradeID, pair->number);
    row->SettlementID = 1;
    row->HedgeFlag = pair->hedge;
    row->Direction = is_long ? THOST_FTDC_D_Buy : THOST_FTDC_D_Sell;
    row->TotalAmt = pair->lots;
    row->LegID = leg + 1;
    row->LegMultiple = 1;
    struct margin_rate rate = ledger_margin_rate(&core->ledger, pair->account, pair->leg[leg]);
    row->MarginRateByMoney = is_long ? rate.long_by_money : rate.short_by_money;
    row->MarginRateByVolume = is_long ? rate.long_by_volume : rate.short_by_volume;
    if (leg == 0) { /* a pair pays once */
        row->Margin = ledger_pair_margin(&core->ledger, pair, false);
        row->ExchMargin = ledger_pair_margin(&core->ledger, pair, true);
    }
}

static bool is_asked(struct core *core, const struct connection *from,
                     const struct CThostFtdcQryInvestorPositionCombineDetailField *query,
                     const struct ledger_pair *pair)
{
    const struct instrument *combination = core_instrument(core, pair->combination);
    text id = FIELD_TEXT(query->CombInstrumentID), exchange = FIELD_TEXT(query->ExchangeID);
    text investor = FIELD_TEXT(query->InvestorID);
    return pair->lots > 0 && core_user_may(core, from->user, pair->account) &&
           (investor.length == 0 ||
            text_equal(investor, text_of(core->ledger.accounts[pair->account].id))) &&
           (id.length == 0 || text_equal(id, text_of(combination->id))) &&
           (exchange.length == 0 ||
            text_equal_ignore_case(exchange, text_of(exchange_id(combination->exchange))));
}

/* The broker of the login, and an investor of the user: 2, 9. */
static struct refusal
check_query(struct core *core, const struct connection *from,
            const struct CThostFtdcQryInvestorPositionCombineDetailField *query)
{
    struct refusal refusal = core_check_broker(core, from, FIELD_TEXT(query->BrokerID));
    text investor = FIELD_TEXT(query->InvestorID);
    if (refusal.error_id || investor.length == 0)
        return refusal;
    uint32_t account = core_find_account(core, investor);
    bool may = account != NONE && core_user_may(core, from->user, account);
    return may ? refusal : refusal_of(CTP_ERROR_NO_PRIVILEGE);
}

void combination_query_details(struct core *core, const struct core_request *request)
{
    const struct connection *from = core_connection(core, request->connection);
    const struct CThostFtdcQryInvestorPositionCombineDetailField *query = request->body;
    struct refusal refusal = check_query(core, from, query);
    if (refusal.error_id) {
        reply_one(core, request, NULL, &refusal);
        return;
    }
    struct reply_rows rows;
    struct CThostFtdcInvestorPositionCombineDetailField row;
    reply_rows_begin(&rows, core, request);
    for (uint32_t i = 0; i < core->ledger.pair_count; i++) {
        const struct ledger_pair *pair = &core->ledger.pairs[i];
        for (int leg = 0; leg < 2 && is_asked(core, from, query, pair); leg++) {
            put_leg(core, pair, leg, from, &row);
            reply_row(&rows, &row);
        }
    }
    reply_rows_end(&rows);
}
