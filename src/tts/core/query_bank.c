/* query_bank.c: the simulated bank as queries show it; all of it is empty with `bank: off`. */
#include "tts/core/handlers.h"
#include "tts/core/query_rows.h"

#define BANK_ID TEXT("1")
#define BANK_BRANCH TEXT("0000")
#define BANK_NAME TEXT("模拟银行")

void query_transfer_banks(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct CThostFtdcTransferBankField row = {.IsActive = 1};
    PUT_TEXT(row.BankID, BANK_ID);
    PUT_TEXT(row.BankBrchID, BANK_BRANCH);
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
    PUT_TEXT(row.BankBrchID, BANK_BRANCH);
    QUERY_PUT_UTF8(row.BankName, BANK_NAME);
    if (core->options.bank)
        query_row(&query, &row);
    query_end(&query);
}

/* Each investor is signed at the bank, with an account of the same id. */
void query_account_registers(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    uint32_t cursor = 0, account;
    while (core->options.bank && query_next_account(&query, &cursor, &account)) {
        text id = text_of(core->ledger.accounts[account].id);
        struct CThostFtdcAccountregisterField row = {.OpenOrDestroy = THOST_FTDC_OOD_Open,
                                                     .CustType = THOST_FTDC_CUSTT_Person,
                                                     .BankAccType = THOST_FTDC_BAT_SavingCard};
        PUT_DATE(row.TradeDay, core->trading_day);
        PUT_TEXT(row.BankID, BANK_ID);
        PUT_TEXT(row.BankBranchID, BANK_BRANCH);
        PUT_TEXT(row.BankAccount, id);
        PUT_TEXT(row.AccountID, id);
        PUT_TEXT(row.CustomerName, FIELD_TEXT(core->investors.at[account].name));
        PUT_TEXT(row.LongCustomerName, FIELD_TEXT(core->investors.at[account].name));
        PUT_TEXT(row.CurrencyID, TEXT("CNY"));
        query_row(&query, &row);
    }
    query_end(&query);
}
