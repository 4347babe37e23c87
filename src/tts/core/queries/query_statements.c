/* query_statements.c: settlement statements in pieces, and their confirmation. */
#include "ctp/gb18030.h"
#include "tts/core/day/statement.h"
#include "tts/core/handlers.h"
#include "tts/core/queries/query_rows.h"
#include <stdlib.h>

/* Cuts the statement into Contents of at most 500 bytes, at borders of characters. */
static void statement_rows(struct query *query, uint32_t account, const struct statement_name *name,
                           text whole)
{
    struct CThostFtdcSettlementInfoField row = {.SettlementID = name->settlement_id};
    char day[16];
    snprintf(day, sizeof day, "%d", name->trading_day);
    PUT_TEXT(row.InvestorID, text_of(query->core->ledger.accounts[account].id));
    PUT_TEXT(row.AccountID, text_of(query->core->ledger.accounts[account].id));
    PUT_TEXT(row.CurrencyID, TEXT("CNY"));
    PUT_TEXT(row.TradingDay, text_of(day));
    while (whole.length) {
        text piece = {whole.at, gb18030_cut(whole, sizeof row.Content - 1)};
        PUT_TEXT(row.Content, piece);
        row.SequenceNo++;
        query_row(query, &row);
        whole.at += piece.length;
        whole.length -= piece.length;
    }
}

/* TradingDay: empty the last settled one, yyyymmdd that day, yyyymm all days of the month. */
void query_statements(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    query_ignore(&query, "TradingDay");
    text asked = query_asked(&query, "TradingDay");
    int64_t day = 0;
    bool readable = asked.length == 0 || (text_to_int(asked, &day) && day > 0 && day < 100000000);
    uint32_t cursor = 0, account;
    while (readable && query_next_account(&query, &cursor, &account)) {
        struct buffer whole = {.at = NULL};
        struct statement_name name;
        if (statement_find(core, account, (int)day, &whole, &name))
            statement_rows(&query, account, &name, buffer_text(&whole));
        buffer_finish(&whole);
    }
    query_end(&query);
}

/* Today's confirmations; SettlementID, AccountID and CurrencyID stay empty as in the answer to the
 * confirmation. */
static void confirmation_row(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    const struct investor *investor = &core->investors.at[account];
    if (investor->confirm_day != core->trading_day)
        return;
    struct CThostFtdcSettlementInfoConfirmField row = {.SettlementID = 0};
    PUT_TEXT(row.InvestorID, text_of(core->ledger.accounts[account].id));
    PUT_DATE(row.ConfirmDate, investor->confirm_day);
    PUT_TIME(row.ConfirmTime, investor->confirm_second);
    query_row(query, &row);
}

void query_confirmations(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, confirmation_row);
}
