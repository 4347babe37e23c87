/* request_pairs_test.c: the checks of orders 5.1 that hold for every request that asks an exchange
 * for something: each of them with its number for each of the requests, and of two that are broken
 * the earlier one answers. What a request is asked beyond that comes behind all of them. */
#include "cmocka_all.h"
#include "day_fixture.h"
#include "tts/core/requests/request_check.h"
#include <string.h>

static const struct kind {
    enum ctp_method method;
    const char *instrument;
    int unknown_instrument; /* ErrorID for it */
} kinds[] = {
    {CTP_TraderApi_ReqParkedOrderInsert, "rb2505", 16},
    {CTP_TraderApi_ReqQuoteInsert, "i2505", 16},
    {CTP_TraderApi_ReqForQuoteInsert, "i2505-C-800", 16},
    {CTP_TraderApi_ReqExecOrderInsert, "i2505-C-800", 16},
    {CTP_TraderApi_ReqOptionSelfCloseInsert, "i2505-C-800", 16},
    {CTP_TraderApi_ReqCombActionInsert, "SP i2505&i2603", 16},
    {CTP_TraderApi_ReqOffsetSetting, "i2505-C-800", 6001},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

struct trial {
    struct fixture fixture;
    const struct kind *kind;
    enum ctp_struct of;
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } body;
};

static void put(struct trial *trial, const char *name, const char *value)
{
    body_put_text(trial->of, trial->body.bytes, name, text_of(value));
}

static bool has_field(const struct trial *trial, const char *name)
{
    return ctp_field_find(core_layout(trial->of), text_of(name)) != NULL;
}

static struct instrument *instrument_of(struct trial *trial)
{
    struct fixture *fixture = &trial->fixture;
    return core_instrument(fixture->core, fixture_instrument(fixture, trial->kind->instrument));
}

/* ---- offences; false where the request has no such field ---- */

#define WRONG(name) static bool name(struct trial *trial)
WRONG(rate)
{
    trial->fixture.core->options.order_rate = 1;
    fixture_send(&trial->fixture, CONNECTION_ONE, trial->kind->method, trial->body.bytes);
    return true;
}
WRONG(broker)
{
    trial->fixture.core->options.broker_check = true;
    put(trial, "BrokerID", "8888");
    return true;
}
WRONG(foreign_investor)
{
    put(trial, "InvestorID", "u2");
    return true;
}
WRONG(bad_text)
{
    put(trial, "MacAddress", "\xc4");
    return true;
}
WRONG(foreign_account)
{
    put(trial, "AccountID", "u2");
    return has_field(trial, "AccountID");
}
WRONG(dollars)
{
    put(trial, "CurrencyID", "USD");
    return has_field(trial, "CurrencyID");
}
WRONG(wrong_exchange)
{
    put(trial, "ExchangeID", "CFFEX");
    return true;
}
WRONG(not_traded)
{
    instrument_of(trial)->is_trading = false;
    return true;
}
WRONG(stopped_investor)
{
    trial->fixture.core->investors.at[0].active = false;
    return true;
}
WRONG(foreign_code)
{
    put(trial, "ClientID", "nobody");
    return has_field(trial, "ClientID");
}
WRONG(not_confirmed)
{
    trial->fixture.core->options.settlement_confirm = true;
    return true;
}
WRONG(no_right)
{
    struct core *core = trial->fixture.core;
    assert_int_equal(core_set_right(core, TEXT("u1"), TEXT(""), RIGHT_NONE, false), ADMIN_OK);
    return true;
}

static const struct wrong {
    int number, expected;
    bool (*make)(struct trial *trial);
} wrongs[] = {
    {2, 116, rate},
    {4, 2, broker},
    {6, 9, foreign_investor},
    {7, 15, bad_text},
    {9, 15, foreign_account},
    {9, 15, dollars},
    {16, 150, wrong_exchange},
    {18, 17, not_traded},
    {20, 19, stopped_investor},
    {20, 20, foreign_code},
    {21, 42, not_confirmed},
    {22, 28, no_right},
};
enum { WRONGS = sizeof wrongs / sizeof wrongs[0] };

/* ---- a trial ---- */

static void fill_order(struct trial *trial)
{
    static const char fields[][2][24] = {
        {"Direction", "0"},       {"OrderPriceType", "2"},      {"TimeCondition", "3"},
        {"VolumeCondition", "1"}, {"ContingentCondition", "1"}, {"ForceCloseReason", "0"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        body_put_char(trial->of, trial->body.bytes, fields[i][0], fields[i][1][0]);
    put(trial, "CombOffsetFlag", "0");
    put(trial, "CombHedgeFlag", "1");
    body_put_int(trial->of, trial->body.bytes, "VolumeTotalOriginal", 1);
}

static void begin(struct trial *trial, const struct kind *kind)
{
    memset(trial, 0, sizeof *trial);
    fixture_begin(&trial->fixture, NULL);
    trial->kind = kind;
    trial->of = ctp_method_info(kind->method)->of;
    put(trial, "BrokerID", "9999");
    put(trial, "InvestorID", "u1");
    put(trial, "InstrumentID", kind->instrument);
    put(trial, "ExchangeID", exchange_id(instrument_of(trial)->exchange));
    if (kind->method == CTP_TraderApi_ReqParkedOrderInsert)
        fill_order(trial);
}

static int send(struct trial *trial)
{
    fixture_send(&trial->fixture, CONNECTION_ONE, trial->kind->method, trial->body.bytes);
    int error_id = trial->fixture.answered_id;
    fixture_drop(&trial->fixture); /* its state was changed by hand */
    return error_id;
}

/* The ErrorID that a request is told which is wrong in these ways; -1: it cannot be. */
static int told(const struct kind *kind, const struct wrong *one, const struct wrong *other)
{
    static struct trial trial;
    begin(&trial, kind);
    bool can = (!other || other->make(&trial)) && one->make(&trial);
    int error_id = send(&trial);
    return can ? error_id : -1;
}

static void each_check_has_its_number_and_the_earlier_one_answers(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        const char *name = ctp_method_info(kinds[kind].method)->name;
        for (size_t i = 0; i < WRONGS; i++) {
            for (size_t j = i; j < WRONGS; j++) {
                int error_id = told(&kinds[kind], &wrongs[i], i == j ? NULL : &wrongs[j]);
                if (error_id != -1 && error_id != wrongs[i].expected)
                    fail_msg("%s that breaks %d (%d) and %d (%d) is told %d", name,
                             wrongs[i].number, wrongs[i].expected, wrongs[j].number,
                             wrongs[j].expected, error_id);
            }
        }
    }
}

static void names_are_needed_where_the_profile_is_strict(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        static struct trial trial;
        begin(&trial, &kinds[kind]);
        put(&trial, "InstrumentID", "zz9999");
        assert_int_equal(send(&trial), kinds[kind].unknown_instrument);
        begin(&trial, &kinds[kind]);
        put(&trial, "InvestorID", "");
        trial.fixture.core->options.investor_id_required = true;
        assert_int_equal(send(&trial), 146);
        begin(&trial, &kinds[kind]);
        put(&trial, "ExchangeID", "");
        trial.fixture.core->options.exchange_id_required = true;
        assert_int_equal(send(&trial), 147);
    }
}

/* Taking back is not asking for anything: an account that may not trade may do that. */
static void what_takes_back_needs_neither_confirmation_nor_rights(void **state)
{
    (void)state;
    static const struct kind actions[] = {
        {CTP_TraderApi_ReqOrderAction, "rb2505", 0},
        {CTP_TraderApi_ReqParkedOrderAction, "rb2505", 0},
        {CTP_TraderApi_ReqQuoteAction, "i2505", 0},
        {CTP_TraderApi_ReqExecOrderAction, "i2505-C-800", 0},
        {CTP_TraderApi_ReqOptionSelfCloseAction, "i2505-C-800", 0},
        {CTP_TraderApi_ReqCancelOffsetSetting, "i2505-C-800", 0},
    };
    static const int expected[] = {25, 44, 86, 73, 3044, 6005};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        static struct trial trial;
        begin(&trial, &actions[i]);
        body_put_char(trial.of, trial.body.bytes, "ActionFlag", '0');
        static const char *const references[] = {"OrderRef", "QuoteRef", "ExecOrderRef",
                                                 "OptionSelfCloseRef"};
        for (size_t k = 0; k < sizeof references / sizeof references[0]; k++)
            put(&trial, references[k], "777");
        not_confirmed(&trial);
        no_right(&trial);
        stopped_investor(&trial);
        assert_int_equal(send(&trial), expected[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_check_has_its_number_and_the_earlier_one_answers),
        cmocka_unit_test(names_are_needed_where_the_profile_is_strict),
        cmocka_unit_test(what_takes_back_needs_neither_confirmation_nor_rights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
