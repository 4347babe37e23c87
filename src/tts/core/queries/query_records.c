/* query_records.c: queries of the objects that are kept as CTP's own structs (records.h): parked
 * orders, exercises, quotes, transfers, notices and their like, in the order of their creation. */
#include "tts/core/handlers.h"
#include "tts/core/queries/query_rows.h"
#include "tts/core/records.h"

static void query_records(struct core *core, const struct core_request *request,
                          enum record_kind kind)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    for (uint32_t place = 0; place < record_count(core, kind); place++) {
        uint32_t account = record_head(core, kind, place)->account;
        if (account != NONE && !query_sees(&query, account))
            continue;
        union {
            char bytes[CTP_STRUCT_SIZE_MAX];
            double aligned;
        } row;
        memcpy(row.bytes, record_body(core, kind, place), record_size(kind));
        query_row(&query, row.bytes);
    }
    query_end(&query);
}

#define RECORD_QUERY(name, kind)                                     \
    void name(struct core *core, const struct core_request *request) \
    {                                                                \
        query_records(core, request, RECORD_##kind);                 \
    }

RECORD_QUERY(query_parked_orders, parked_order)
RECORD_QUERY(query_parked_actions, parked_action)
RECORD_QUERY(query_exec_orders, exec_order)
RECORD_QUERY(query_self_closes, self_close)
RECORD_QUERY(query_quotes, quote)
RECORD_QUERY(query_for_quotes, for_quote)
RECORD_QUERY(query_comb_actions, comb_action)
RECORD_QUERY(query_offset_settings, offset_setting)
RECORD_QUERY(query_transfers, transfer)
RECORD_QUERY(query_trading_notices, notice)
