/* query_combinations.c: the legs of the combinations that are listed, and their margin ratio. */
#include "tts/core/combination.h"
#include "tts/core/handlers.h"
#include "tts/core/query_rows.h"

void query_combination_legs(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct query_instruments all = query_instruments(&query);
    for (uint32_t i = 0; i < all.count; i++) {
        uint32_t legs[2];
        if (all.at[i]->product_class != THOST_FTDC_PC_Combination ||
            !combination_legs(core, query_place(&query, all.at[i]), legs))
            continue;
        for (int leg = 0; leg < 2; leg++) {
            struct CThostFtdcCombLegField row = {.LegID = leg + 1, .LegMultiple = 1};
            row.Direction = leg == 0 ? THOST_FTDC_D_Buy : THOST_FTDC_D_Sell;
            PUT_TEXT(row.CombInstrumentID, text_of(all.at[i]->id));
            PUT_TEXT(row.LegInstrumentID, text_of(core_instrument(core, legs[leg])->id));
            query_row(&query, &row);
        }
    }
    query_instruments_free(&all);
    query_end(&query);
}

/* A combination's margin is that of its legs: ratio 1. */
void query_combination_guards(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct query_instruments found = query_instruments(&query);
    for (uint32_t i = 0; i < found.count; i++) {
        if (found.at[i]->product_class != THOST_FTDC_PC_Combination)
            continue;
        struct CThostFtdcCombInstrumentGuardField row = {.GuarantRatio = 1};
        PUT_TEXT(row.InstrumentID, text_of(found.at[i]->id));
        QUERY_PUT_OLD(row.reserve1, text_of(found.at[i]->id));
        PUT_TEXT(row.ExchangeID, text_of(exchange_id(found.at[i]->exchange)));
        query_row(&query, &row);
    }
    query_instruments_free(&found);
    query_end(&query);
}
