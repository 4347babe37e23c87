/* query_combinations.c: the combinations that are listed, their legs and margin ratio, and the lots
 * of accounts that are tied in them. */
#include "tts/core/handlers.h"
#include "tts/core/queries/query_rows.h"
#include "tts/core/requests/combination.h"

static void leg_rows(struct query *query, const struct instrument *instrument)
{
    struct core *core = query->core;
    uint32_t legs[2];
    if (instrument->product_class != THOST_FTDC_PC_Combination ||
        !combination_legs(core, query_place(query, instrument), legs))
        return;
    for (int leg = 0; leg < 2; leg++) {
        struct CThostFtdcCombLegField row = {.LegID = leg + 1, .LegMultiple = 1};
        bool buys = leg == 0 || combination_is_alike(instrument);
        row.Direction = buys ? THOST_FTDC_D_Buy : THOST_FTDC_D_Sell;
        PUT_TEXT(row.CombInstrumentID, text_of(instrument->id));
        PUT_TEXT(row.LegInstrumentID, text_of(core_instrument(core, legs[leg])->id));
        query_row(query, &row);
    }
}

void query_combination_legs(struct core *core, const struct core_request *request)
{
    query_by_instrument(core, request, leg_rows);
}

/* A combination's margin is that of its legs: ratio 1. */
static void guard_row(struct query *query, const struct instrument *instrument)
{
    if (instrument->product_class != THOST_FTDC_PC_Combination)
        return;
    struct CThostFtdcCombInstrumentGuardField row = {.GuarantRatio = 1};
    PUT_TEXT(row.InstrumentID, text_of(instrument->id));
    QUERY_PUT_OLD(row.reserve1, text_of(instrument->id));
    PUT_TEXT(row.ExchangeID, text_of(exchange_id(instrument->exchange)));
    query_row(query, &row);
}

void query_combination_guards(struct core *core, const struct core_request *request)
{
    query_by_instrument(core, request, guard_row);
}

/* ---- tied lots ---- */

static void put_pair_leg(struct core *core, const struct ledger_pair *pair, int leg,
                         struct CThostFtdcInvestorPositionCombineDetailField *row)
{
    const struct instrument *instrument = core_instrument(core, pair->leg[leg]);
    const struct instrument *combination = core_instrument(core, pair->combination);
    struct margin_rate rate = *ledger_margin_rate(&core->ledger, pair->account, pair->leg[leg]);
    bool is_long = ledger_pair_is_long(pair, leg);
    memset(row, 0, sizeof *row);
    PUT_DATE(row->TradingDay, core->trading_day);
    PUT_DATE(row->OpenDate, pair->open_date);
    PUT_TEXT(row->InvestorID, text_of(core->ledger.accounts[pair->account].id));
    PUT_TEXT(row->ExchangeID, text_of(exchange_id(instrument->exchange)));
    PUT_TEXT(row->InstrumentID, text_of(instrument->id));
    PUT_TEXT(row->CombInstrumentID, text_of(combination->id));
    QUERY_PUT_OLD(row->reserve1, text_of(instrument->id));
    QUERY_PUT_OLD(row->reserve2, text_of(combination->id));
    PUT_NUMBER(row->ComTradeID, pair->number);
    row->SettlementID = 1;
    row->HedgeFlag = pair->hedge;
    row->Direction = is_long ? THOST_FTDC_D_Buy : THOST_FTDC_D_Sell;
    row->TotalAmt = pair->lots;
    row->LegID = leg + 1;
    row->LegMultiple = 1;
    row->MarginRateByMoney = is_long ? rate.long_by_money : rate.short_by_money;
    row->MarginRateByVolume = is_long ? rate.long_by_volume : rate.short_by_volume;
    row->Margin = ledger_pair_margin(&core->ledger, pair, leg, false);
    row->ExchMargin = ledger_pair_margin(&core->ledger, pair, leg, true);
}

/* Two rows for each tying, one a leg, in the order of the tyings. */
void query_combined_details(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    for (uint32_t i = 0; i < core->ledger.pair_count; i++) {
        const struct ledger_pair *pair = &core->ledger.pairs[i];
        if (pair->lots == 0 || !query_sees(&query, pair->account))
            continue;
        for (int leg = 0; leg < 2; leg++) {
            struct CThostFtdcInvestorPositionCombineDetailField row;
            put_pair_leg(core, pair, leg, &row);
            query_row(&query, &row);
        }
    }
    query_end(&query);
}
