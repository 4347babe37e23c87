/* transfer_test.c: the simulated bank: money in and out, what is refused, what is told. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include "tts/core/records.h"
#include <math.h>
#include <string.h>

enum {
    INTO = CTP_TraderApi_ReqFromBankToFutureByFuture,
    OUT = CTP_TraderApi_ReqFromFutureToBankByFuture
};

static struct CThostFtdcReqTransferField transfer_of(const char *account, double amount)
{
    struct CThostFtdcReqTransferField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.BankID, TEXT("1"));
    PUT_TEXT(input.AccountID, text_of(account));
    PUT_TEXT(input.Password, TEXT("secret"));
    PUT_TEXT(input.BankPassWord, TEXT("secret"));
    input.TradeAmount = amount;
    return input;
}

static int send_input(struct fixture *fixture, int method, const void *input)
{
    int answers = fixture_send(fixture, CONNECTION_ONE, (enum ctp_method)method, input);
    assert_int_equal(answers, fixture->answered_id ? 1 : 0);
    return fixture->answered_id;
}

static int move(struct fixture *fixture, int method, double amount)
{
    struct CThostFtdcReqTransferField input = transfer_of("u1", amount);
    return send_input(fixture, method, &input);
}

static void money_comes_from_the_bank_and_goes_back(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    fixture_story(&fixture, CONNECTION_ONE);
    assert_int_equal(move(&fixture, INTO, 2500000.25), 0);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "OnRtnFromBankToFutureByFuture");
    struct CThostFtdcRspTransferField told;
    DAY_NEWEST(&fixture, CONNECTION_AGAIN, OnRtnFromBankToFutureByFuture, &told);
    assert_string_equal(told.TradeCode, "202001");
    assert_string_equal(told.Password, "*");
    assert_string_equal(told.BankPassWord, "*");
    assert_int_equal(told.TransferStatus, THOST_FTDC_TRFS_Normal);
    assert_int_equal(told.ErrorID, 0);
    assert_int_equal(told.PlateSerial, 1);
    assert_true(told.TradeAmount == 2500000.25);
    assert_true(ledger_funds(&fixture.core->ledger, 0).balance == 12500000.25);
    assert_int_equal(move(&fixture, OUT, 500000.25), 0);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "OnRtnFromFutureToBankByFuture");
    assert_true(ledger_funds(&fixture.core->ledger, 0).balance == 12000000);
    struct CThostFtdcReqQueryAccountField query;
    memset(&query, 0, sizeof query);
    PUT_TEXT(query.BankID, TEXT("1"));
    PUT_TEXT(query.AccountID, TEXT("u1"));
    assert_int_equal(send_input(&fixture, CTP_TraderApi_ReqQueryBankAccountMoneyByFuture, &query),
                     0);
    struct CThostFtdcNotifyQueryAccountField balance;
    DAY_NEWEST(&fixture, CONNECTION_ONE, OnRtnQueryBankBalanceByFuture, &balance);
    assert_true(balance.BankUseAmount == 8000000 && balance.BankFetchAmount == 8000000);
    assert_int_equal(record_count(fixture.core, RECORD_transfer), 2);
    const struct CThostFtdcTransferSerialField *second =
        record_body(fixture.core, RECORD_transfer, 1);
    assert_int_equal(second->PlateSerial, 2);
    assert_string_equal(second->TradeCode, "202002");
    day_settle(&fixture, 20250304, NULL);
    assert_statement_has(day_statement(&fixture), "|银期转账    |        2500000.25|");
    assert_int_equal(record_count(fixture.core, RECORD_transfer), 0);
    fixture_end(&fixture);
}

static void transfers_are_checked(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcReqTransferField input = transfer_of("", 100);
    assert_int_equal(send_input(&fixture, INTO, &input), 149);
    input = transfer_of("u2", 100);
    assert_int_equal(send_input(&fixture, INTO, &input), 9);
    input = transfer_of("u1", 100);
    PUT_TEXT(input.BankID, TEXT("7"));
    assert_int_equal(send_input(&fixture, INTO, &input), 1002);
    input = transfer_of("u1", 100);
    PUT_TEXT(input.TradeCode, TEXT("202002"));
    assert_int_equal(send_input(&fixture, INTO, &input), 27);
    input = transfer_of("u1", 100);
    PUT_TEXT(input.CurrencyID, TEXT("USD"));
    assert_int_equal(send_input(&fixture, INTO, &input), 1035);
    const double bad[] = {0, -5, 1.005, 1e300, ABSENT_PRICE, NAN};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(move(&fixture, INTO, bad[i]), 2014);
    assert_int_equal(move(&fixture, INTO, 10000000.01), 1021);
    fixture_story(&fixture, CONNECTION_ONE);
    assert_int_equal(move(&fixture, OUT, 8000000.01), 31);
    assert_string_equal(fixture_story(&fixture, CONNECTION_ONE), "OnErrRtnFutureToBankByFuture");
    assert_int_equal(move(&fixture, OUT, 8000000), 0);
    fixture_end(&fixture);
}

static void a_fund_password_is_asked_for_when_there_is_one(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    struct CThostFtdcReqTransferField input = transfer_of("u1", 100);
    struct core_request request = {.connection = CONNECTION_ONE,
                                   .method = (enum ctp_method)INTO,
                                   .body = &input,
                                   .verdict = PASSWORD_WRONG};
    core_request(fixture.core, &request);
    assert_int_equal(record_count(fixture.core, RECORD_transfer), 1); /* none is set yet */
    assert_int_equal(core_set_password(fixture.core, TEXT("u1"), "hash2", true), ADMIN_OK);
    core_request(fixture.core, &request);
    assert_int_equal(fixture.answered_id, 2001);
    const struct CThostFtdcReqTransferField *answer = (const void *)fixture.answer.any;
    assert_string_equal(answer->Password, "*");
    request.verdict = PASSWORD_RIGHT;
    core_request(fixture.core, &request);
    assert_int_equal(record_count(fixture.core, RECORD_transfer), 2);
    fixture_end(&fixture);
}

static void without_a_bank_nothing_is_supported(void **state)
{
    (void)state;
    struct core_options options = core_options_of(PROFILE_TTS);
    struct fixture fixture;
    options.bank = false;
    fixture_begin(&fixture, &options);
    assert_int_equal(move(&fixture, INTO, 100), 27);
    assert_int_equal(move(&fixture, OUT, 100), 27);
    fixture_end(&fixture);
}

/* ---- the order of the checks ---- */

typedef struct CThostFtdcReqTransferField transfer_input;

#define WRONG(name) static void name(struct core *core, transfer_input *input)
WRONG(no_bank)
{
    (void)input;
    core->options.bank = false;
}
WRONG(no_account)
{
    (void)core;
    memset(input->AccountID, 0, sizeof input->AccountID);
}
WRONG(foreign_account)
{
    (void)core;
    PUT_TEXT(input->AccountID, TEXT("u2"));
}
WRONG(unknown_bank)
{
    (void)core;
    PUT_TEXT(input->BankID, TEXT("7"));
}
WRONG(another_code)
{
    (void)core;
    PUT_TEXT(input->TradeCode, TEXT("204002"));
}
WRONG(dollars)
{
    (void)core;
    PUT_TEXT(input->CurrencyID, TEXT("USD"));
}
WRONG(part_of_a_cent)
{
    (void)core;
    input->TradeAmount += 0.001;
}
WRONG(wrong_password)
{
    (void)input;
    assert_int_equal(core_set_password(core, TEXT("u1"), "hash", true), ADMIN_OK);
}
WRONG(more_than_there_is)
{
    (void)input;
    core->investors.at[0].bank_balance = 99;
}

static const struct wrong {
    int expected;
    void (*make)(struct core *core, transfer_input *input);
} wrongs[] = {
    {27, no_bank},          {149, no_account},      {9, foreign_account},
    {1002, unknown_bank},   {27, another_code},     {1035, dollars},
    {2014, part_of_a_cent}, {2001, wrong_password}, {1021, more_than_there_is},
};
enum { WRONGS = sizeof wrongs / sizeof wrongs[0] };

static int told(const struct wrong *one, const struct wrong *other)
{
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    transfer_input input = transfer_of("u1", 100);
    other->make(fixture.core, &input);
    one->make(fixture.core, &input);
    struct core_request request = {
        .connection = CONNECTION_ONE,
        .method = CTP_TraderApi_ReqFromBankToFutureByFuture,
        .body = &input,
        .verdict = PASSWORD_WRONG, /* nobody asks where there is no password */
    };
    core_request(fixture.core, &request);
    int error_id = fixture.answered_id;
    fixture_drop(&fixture); /* its state was changed by hand */
    return error_id;
}

static void the_earlier_of_two_checks_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < WRONGS; i++)
        for (size_t j = i; j < WRONGS; j++)
            if (told(&wrongs[i], &wrongs[j]) != wrongs[i].expected)
                fail_msg("a transfer that breaks %d and %d is told %d", wrongs[i].expected,
                         wrongs[j].expected, told(&wrongs[i], &wrongs[j]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_comes_from_the_bank_and_goes_back),
        cmocka_unit_test(transfers_are_checked),
        cmocka_unit_test(a_fund_password_is_asked_for_when_there_is_one),
        cmocka_unit_test(without_a_bank_nothing_is_supported),
        cmocka_unit_test(the_earlier_of_two_checks_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
