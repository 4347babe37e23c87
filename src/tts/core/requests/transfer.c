/* transfer.c: transfers between an account and the simulated bank, and the bank's balance. Each
 * investor is signed there with an account of the same id. A transfer that succeeds is told by a
 * private notice only; the server has compared the fund password and says how that ended. */
#include "ctp/gb18030.h"
#include "tts/core/handlers.h"
#include "tts/core/requests/bank.h"
#include "tts/core/requests/request_check.h"
#include <math.h>

#define INTO_ACCOUNT TEXT("202001")
#define OUT_OF_ACCOUNT TEXT("202002")
#define ASK_BALANCE TEXT("204002")

enum {
    ACCOUNT_ID_MISSING = CTP_ERROR_ACCOUNT_ID_IS_MISSING,
    NO_SUCH_BANK = CTP_ERROR_ILLEGAL_TRANSFER_BANK,
    AMOUNT_OVER = CTP_ERROR_AMOUNT_OR_TIMES_OVER,
    BAD_CURRENCY = CTP_ERROR_CURRENCYID_NOT_SUPPORTED,
    WRONG_FUND_PASSWORD = CTP_ERROR_PASSWORD_MISMATCH,
    BAD_AMOUNT = CTP_ERROR_AMOUNT_OUTOFTHEWAY,
};

/* One request to the bank; the fields lie in the request's own struct. */
struct asked {
    text trade_code, expected_code, bank, branch, account, currency;
};

static struct refusal check_bank(struct core *core, const struct core_request *request,
                                 const struct asked *asked, uint32_t *account)
{
    uint32_t user = core_connection(core, request->connection)->user;
    if (!core->options.bank)
        return refusal_of(CTP_ERROR_UNSUPPORTED_FUNCTION);
    if (asked->account.length == 0)
        return refusal_of(ACCOUNT_ID_MISSING);
    *account = core_find_account(core, asked->account);
    if (*account == NONE || !core_user_may(core, user, *account))
        return refusal_of(CTP_ERROR_NO_PRIVILEGE);
    if (!text_equal(asked->bank, BANK_ID) ||
        (asked->branch.length && !text_equal(asked->branch, BANK_BRANCH_ID)))
        return refusal_of(NO_SUCH_BANK);
    if (asked->trade_code.length && !text_equal(asked->trade_code, asked->expected_code))
        return refusal_of(CTP_ERROR_UNSUPPORTED_FUNCTION);
    if (asked->currency.length && !text_equal(asked->currency, TEXT("CNY")))
        return refusal_of(BAD_CURRENCY);
    return refusal_none();
}

/* Whole cents above nothing. */
static bool is_amount(double amount)
{
    return isfinite(amount) && amount > 0 && amount < 1e13 &&
           fabs(money_round_cents(amount) - amount) < 1e-9 * fmax(1, amount);
}

static struct refusal check_transfer(struct core *core, const struct core_request *request,
                                     const struct CThostFtdcReqTransferField *input,
                                     uint32_t *account)
{
    bool into = request->method == CTP_TraderApi_ReqFromBankToFutureByFuture;
    struct asked asked = {
        .trade_code = FIELD_TEXT(input->TradeCode),
        .expected_code = into ? INTO_ACCOUNT : OUT_OF_ACCOUNT,
        .bank = FIELD_TEXT(input->BankID),
        .branch = FIELD_TEXT(input->BankBranchID),
        .account = FIELD_TEXT(input->AccountID),
        .currency = FIELD_TEXT(input->CurrencyID),
    };
    struct refusal refusal = check_bank(core, request, &asked, account);
    if (refusal.error_id)
        return refusal;
    if (!is_amount(input->TradeAmount))
        return refusal_of(BAD_AMOUNT);
    if (core_user_hash(core, FIELD_TEXT(input->AccountID), true)[0] &&
        request->verdict != PASSWORD_RIGHT)
        return refusal_of(WRONG_FUND_PASSWORD);
    if (into)
        return input->TradeAmount <= core->investors.at[*account].bank_balance + 1e-6
                   ? refusal_none()
                   : refusal_of(AMOUNT_OVER);
    double quota = ledger_funds(&core->ledger, *account).withdraw_quota;
    if (input->TradeAmount <= quota + 1e-6)
        return refusal_none();
    return refusal_with(CTP_ERROR_INSUFFICIENT_MONEY, "可取%.2f", quota);
}

/* Passwords leave the counter as one star. */
static void hide_passwords(char *bank, size_t bank_size, char *fund, size_t fund_size)
{
    memset(bank, 0, bank_size);
    memset(fund, 0, fund_size);
    bank[0] = fund[0] = '*';
}

static void put_success(const struct core *core, enum ctp_struct of, void *body, int64_t number)
{
    char stamp[16], serial[24];
    struct refusal success = refusal_none();
    struct CThostFtdcRspInfoField text_of_success;
    snprintf(serial, sizeof serial, "%lld", (long long)number);
    PUT_DATE(stamp, core_wall_date(core));
    body_put_text(of, body, "TradeDate", text_of(stamp));
    PUT_TIME(stamp, core_wall_second(core));
    body_put_text(of, body, "TradeTime", text_of(stamp));
    PUT_DATE(stamp, core->trading_day);
    body_put_text(of, body, "TradingDay", text_of(stamp));
    body_put_text(of, body, "BankSerial", text_of(serial));
    body_put_int(of, body, "PlateSerial", (int)number);
    body_put_int(of, body, "FutureSerial", (int)number);
    body_put_text(of, body, "CurrencyID", TEXT("CNY"));
    body_put_text(of, body, "BankBranchID", BANK_BRANCH_ID);
    refusal_fill(&success, &text_of_success);
    body_put_text(of, body, "ErrorMsg", FIELD_TEXT(text_of_success.ErrorMsg));
}

static void keep_transfer(struct core *core, uint32_t account, uint32_t user,
                          const struct CThostFtdcRspTransferField *notice, double amount)
{
    struct CThostFtdcTransferSerialField row;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_RspTransfer), notice,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_TransferSerial), &row);
    text id = text_of(core->ledger.accounts[account].id);
    PUT_TEXT(row.InvestorID, id);
    PUT_TEXT(row.BankAccount, id);
    row.BankAccType = THOST_FTDC_BAT_SavingCard;
    row.FutureAccType = THOST_FTDC_FAT_SavingCard;
    row.AvailabilityFlag = THOST_FTDC_AVAF_Valid;
    struct record head = {
        .account = account,
        .user = user,
        .instrument = NONE,
        .order = {NONE, NONE},
        .number = notice->PlateSerial,
        .amount = amount,
    };
    record_put(core, RECORD_transfer, record_count(core, RECORD_transfer), &head, &row);
}

static void carry_out(struct core *core, const struct core_request *request,
                      const struct CThostFtdcReqTransferField *input, uint32_t account)
{
    bool into = request->method == CTP_TraderApi_ReqFromBankToFutureByFuture;
    const struct connection *from = core_connection(core, request->connection);
    struct CThostFtdcRspTransferField notice;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_ReqTransfer), input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_RspTransfer), &notice);
    put_success(core, CTP_STRUCT_RspTransfer, &notice,
                core->records->of[RECORD_transfer].number + 1);
    PUT_TEXT(notice.TradeCode, into ? INTO_ACCOUNT : OUT_OF_ACCOUNT);
    PUT_TEXT(notice.UserID, text_of(core->users.at[from->user].id));
    notice.SessionID = core->sessions.at[from->session].session_id;
    notice.TransferStatus = THOST_FTDC_TRFS_Normal;
    notice.ErrorID = 0;
    struct effect_bank_moved effect = {.account = account,
                                       .amount = into ? input->TradeAmount : -input->TradeAmount};
    EMIT(core, bank_moved, &effect);
    keep_transfer(core, account, from->user, &notice, effect.amount);
    reply_private_to_account(core, account,
                             into ? CTP_TraderSpi_OnRtnFromBankToFutureByFuture
                                  : CTP_TraderSpi_OnRtnFromFutureToBankByFuture,
                             &notice, NULL);
}

void transfer_request(struct core *core, const struct core_request *request)
{
    struct CThostFtdcReqTransferField input;
    memcpy(&input, request->body, sizeof input);
    hide_passwords(input.BankPassWord, sizeof input.BankPassWord, input.Password,
                   sizeof input.Password);
    uint32_t account = NONE;
    struct refusal refusal = check_transfer(core, request, &input, &account);
    bool into = request->method == CTP_TraderApi_ReqFromBankToFutureByFuture;
    if (refusal.error_id)
        request_refuse(core, request, &input, &refusal,
                       into ? CTP_TraderSpi_OnErrRtnBankToFutureByFuture
                            : CTP_TraderSpi_OnErrRtnFutureToBankByFuture,
                       &input);
    else
        carry_out(core, request, &input, account);
}

void transfer_query_bank(struct core *core, const struct core_request *request)
{
    struct CThostFtdcReqQueryAccountField input;
    memcpy(&input, request->body, sizeof input);
    hide_passwords(input.BankPassWord, sizeof input.BankPassWord, input.Password,
                   sizeof input.Password);
    struct asked asked = {
        .trade_code = FIELD_TEXT(input.TradeCode),
        .expected_code = ASK_BALANCE,
        .bank = FIELD_TEXT(input.BankID),
        .branch = FIELD_TEXT(input.BankBranchID),
        .account = FIELD_TEXT(input.AccountID),
        .currency = FIELD_TEXT(input.CurrencyID),
    };
    uint32_t account = NONE;
    struct refusal refusal = check_bank(core, request, &asked, &account);
    if (refusal.error_id) {
        request_refuse(core, request, &input, &refusal,
                       CTP_TraderSpi_OnErrRtnQueryBankBalanceByFuture, &input);
        return;
    }
    struct CThostFtdcNotifyQueryAccountField notice;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_ReqQueryAccount), &input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_NotifyQueryAccount), &notice);
    put_success(core, CTP_STRUCT_NotifyQueryAccount, &notice,
                core->records->of[RECORD_transfer].number);
    PUT_TEXT(notice.TradeCode, ASK_BALANCE);
    notice.BankUseAmount = notice.BankFetchAmount = core->investors.at[account].bank_balance;
    reply_private_to_account(core, account, CTP_TraderSpi_OnRtnQueryBankBalanceByFuture, &notice,
                             NULL);
}
