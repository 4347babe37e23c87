/* query_bank.c: the simulated bank as queries show it; all of it is empty with `bank: off`. */
#include "tts/core/handlers.h"
#include "tts/core/queries/query_rows.h"
#include "tts/core/requests/bank.h"

void query_transfer_banks(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct CThostFtdcTransferBankField row = {.IsActive = 1};
    PUT_TEXT(row.BankID, BANK_ID);
    PUT_TEXT(row.BankBrchID, BANK_BRANCH_ID);
    QUERY_PUT_UTF8(row.BankName, BANK_NAME);
    if (core->options.bank)
        query_row(&query, &row);
    query_end(&query);
}

void query_contract_banks(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct CThostFtdcContractBankField row = {.BrokerID = ""};
    PUT_TEXT(row.BankID, BANK_ID);
    PUT_TEXT(row.BankBrchID, BANK_BRANCH_ID);
    QUERY_PUT_UTF8(row.BankName, BANK_NAME);
    if (core->options.bank)
        query_row(&query, &row);
    query_end(&query);
}

/* Each investor is signed at the bank, with an account of the same id. */
static void account_register_row(struct query *query, uint32_t account)
{
    const struct core *core = query->core;
    text id = text_of(core->ledger.accounts[account].id);
    struct CThostFtdcAccountregisterField row = {.OpenOrDestroy = THOST_FTDC_OOD_Open,
                                                 .CustType = THOST_FTDC_CUSTT_Person,
                                                 .BankAccType = THOST_FTDC_BAT_SavingCard};
    if (!core->options.bank)
        return;
    PUT_DATE(row.TradeDay, core->trading_day);
    PUT_TEXT(row.BankID, BANK_ID);
    PUT_TEXT(row.BankBranchID, BANK_BRANCH_ID);
    PUT_TEXT(row.BankAccount, id);
    PUT_TEXT(row.AccountID, id);
    PUT_TEXT(row.CustomerName, FIELD_TEXT(core->investors.at[account].name));
    PUT_TEXT(row.LongCustomerName, FIELD_TEXT(core->investors.at[account].name));
    PUT_TEXT(row.CurrencyID, TEXT("CNY"));
    query_row(query, &row);
}

void query_account_registers(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, account_register_row);
}
