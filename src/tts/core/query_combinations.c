/* query_combinations.c: the legs of the combinations that are listed, and their margin ratio. */
#include "tts/core/combination.h"
#include "tts/core/handlers.h"
#include "tts/core/query_rows.h"

static void leg_rows(struct query *query, const struct instrument *instrument)
{
    struct core *core = query->core;
    uint32_t legs[2];
    if (instrument->product_class != THOST_FTDC_PC_Combination ||
        !combination_legs(core, query_place(query, instrument), legs))
        return;
    for (int leg = 0; leg < 2; leg++) {
        struct CThostFtdcCombLegField row = {.LegID = leg + 1, .LegMultiple = 1};
        row.Direction = leg == 0 ? THOST_FTDC_D_Buy : THOST_FTDC_D_Sell;
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
