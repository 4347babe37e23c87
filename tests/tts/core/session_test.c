/* session_test.c: who may log in, in the order of the checks: terminals, failures, passwords that
 * must be changed first, sessions at a time; what the answer tells; passwords of users and of
 * accounts. */
#include "cmocka_all.h"
#include "core_fixture.h"
#include "tts/core/knock.h"
#include <string.h>

/* The fixture's connection two, logged out. */
static void begin(struct fixture *fixture, const struct core_options *options)
{
    fixture_begin(fixture, options);
    core_disconnect(fixture->core, CONNECTION_TWO);
    struct core_peer peer = {
        .connection = CONNECTION_TWO, .version = CTP_NEWEST, .address = "127.0.0.1"};
    core_connect(fixture->core, &peer);
}

/* The fixture logs in by itself with empty passwords, so the strict options come after it. */
static void begin_strictly(struct fixture *fixture, const struct core_options *options)
{
    begin(fixture, NULL);
    fixture->core->options = *options;
}

static int send(struct fixture *fixture, enum ctp_method method, const void *body, bool right,
                const char *new_hash)
{
    fixture->answers = 0;
    fixture->answered_id = -1;
    core_request(fixture->core, &(struct core_request){
                                    .connection = CONNECTION_TWO,
                                    .method = method,
                                    .body = body,
                                    .request_id = 7,
                                    .verdict = right ? PASSWORD_RIGHT : PASSWORD_WRONG,
                                    .new_hash = new_hash,
                                });
    assert_int_equal(fixture->answers, 1);
    return fixture->answered_id;
}

static int login(struct fixture *fixture, const char *user, const char *password, bool right)
{
    struct CThostFtdcReqUserLoginField body = {.UserID = ""};
    PUT_TEXT(body.BrokerID, TEXT("9999"));
    PUT_TEXT(body.UserID, text_of(user));
    PUT_TEXT(body.Password, text_of(password));
    return send(fixture, CTP_TraderApi_ReqUserLogin, &body, right, NULL);
}

static int change(struct fixture *fixture, const char *user, const char *from, const char *to)
{
    struct CThostFtdcUserPasswordUpdateField body = {.UserID = ""};
    PUT_TEXT(body.UserID, text_of(user));
    PUT_TEXT(body.OldPassword, text_of(from));
    PUT_TEXT(body.NewPassword, text_of(to));
    return send(fixture, CTP_TraderApi_ReqUserPasswordUpdate, &body, true, "new hash");
}

static void a_login_tells_the_day_and_repeats_the_names(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL);
    assert_int_equal(login(&fixture, "u2", "x", true), 0);
    struct CThostFtdcRspUserLoginField told;
    memcpy(&told, fixture.answer.any, sizeof told);
    assert_string_equal(told.TradingDay, "20250303");
    assert_string_equal(told.BrokerID, "9999");
    assert_string_equal(told.UserID, "u2");
    assert_string_equal(told.SystemName, "Tick Trading System");
    assert_string_equal(told.MaxOrderRef, "1");
    assert_int_equal(told.FrontID, 1);
    assert_int_equal(told.SessionID, 4); /* behind the fixture's three */
    assert_int_equal(strlen(told.LastLoginTime), 16);
    assert_true(strlen(told.SHFETime) == 8 && strlen(told.GFEXTime) == 8);
    assert_int_equal(login(&fixture, "u2", "x", true), 5);
    fixture_end(&fixture);
}

static void unknown_users_and_wrong_passwords_are_told_alike(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL);
    assert_int_equal(login(&fixture, "nobody", "x", true), 3);
    struct CThostFtdcRspUserLoginField told;
    memcpy(&told, fixture.answer.any, sizeof told);
    assert_string_equal(told.UserID, "nobody");
    assert_string_equal(told.TradingDay, "");
    assert_int_equal(login(&fixture, "", "x", true), 3);
    assert_int_equal(login(&fixture, "u2", "x", false), 3);
    assert_int_equal(core_set_user_active(fixture.core, TEXT("u2"), false), ADMIN_OK);
    assert_int_equal(login(&fixture, "u2", "x", false), 3);
    assert_int_equal(login(&fixture, "u2", "x", true), 4);
    fixture_end(&fixture);
}

/* BrokerID 9999 where the operator gave none. */
static void accounts_are_made_for_the_own_broker_only(void **state)
{
    (void)state;
    struct fixture fixture;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.auto_account = options.broker_check = true;
    begin(&fixture, &options);
    struct CThostFtdcReqUserLoginField body = {.UserID = "u3", .BrokerID = "8888"};
    assert_int_equal(send(&fixture, CTP_TraderApi_ReqUserLogin, &body, false, "hash"), 3);
    assert_int_equal(core_find_user(fixture.core, TEXT("u3")), NONE);
    body.BrokerID[0] = '\0';
    assert_int_equal(send(&fixture, CTP_TraderApi_ReqUserLogin, &body, false, "hash"), 3);
    PUT_TEXT(body.BrokerID, TEXT("9999"));
    assert_int_equal(send(&fixture, CTP_TraderApi_ReqUserLogin, &body, false, "hash"), 0);
    assert_true(core_find_user(fixture.core, TEXT("u3")) != NONE);
    fixture_end(&fixture);
}

static void failures_in_a_row_lock_a_user(void **state)
{
    (void)state;
    struct fixture fixture;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.login_fail_limit = 2;
    begin(&fixture, &options);
    assert_int_equal(login(&fixture, "u2", "x", false), 3);
    assert_int_equal(login(&fixture, "u2", "x", true), 0);
    core_disconnect(fixture.core, CONNECTION_TWO);
    assert_int_equal(login(&fixture, "u2", "x", false), 3);
    assert_int_equal(login(&fixture, "u2", "x", false), 3);
    assert_int_equal(login(&fixture, "u2", "x", true), 75);
    fixture_end(&fixture);
}

/* The connection of a refused user may change the password and nothing else. */
static void expect_change_first(struct fixture *fixture, const char *password, int error_id)
{
    struct CThostFtdcQryInvestorField query = {.InvestorID = ""};
    assert_int_equal(login(fixture, "u2", password, true), error_id);
    assert_int_equal(send(fixture, CTP_TraderApi_ReqQryInvestor, &query, false, NULL), 6);
    assert_int_equal(change(fixture, "u1", password, "letters123"), 10);
    assert_int_equal(change(fixture, "u2", password, password), 142);
    assert_int_equal(change(fixture, "u2", password, "letters123"), 0);
    assert_int_equal(login(fixture, "u2", "letters123", true), 0);
}

static void a_weak_password_is_changed_first(void **state)
{
    (void)state;
    struct fixture fixture;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.password_rules = true;
    static const char *const weak[] = {"", "short1", "only letters", "12345678"};
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++) {
        begin_strictly(&fixture, &options);
        assert_int_equal(login(&fixture, "u2", weak[i], true), 131);
        assert_int_equal(change(&fixture, "u2", weak[i], "1234567a "), 0);
        fixture_end(&fixture);
    }
    begin_strictly(&fixture, &options);
    expect_change_first(&fixture, "12345678", 131);
    fixture_end(&fixture);
}

static void a_new_user_changes_the_password_first(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL);
    fixture.core->options.first_login_change = true;
    assert_int_equal(core_add_user(fixture.core, TEXT("u3"), "hash", TEXT(""), 0), ADMIN_OK);
    assert_int_equal(login(&fixture, "u3", "letters123", true), 140);
    assert_int_equal(change(&fixture, "u3", "letters123", "x"), 0);
    assert_int_equal(login(&fixture, "u3", "x", true), 0);
    core_disconnect(fixture.core, CONNECTION_TWO);
    assert_int_equal(login(&fixture, "u2", "x", true), 0); /* was there before */
    fixture_end(&fixture);
}

static void an_old_password_is_changed_first(void **state)
{
    (void)state;
    struct fixture fixture;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.password_days = 30;
    begin(&fixture, &options);
    core_settle(fixture.core, 20250402, NULL); /* 30 days after the first one */
    assert_int_equal(login(&fixture, "u2", "letters123", true), 0);
    core_settle(fixture.core, 20250403, NULL);
    expect_change_first(&fixture, "old", 141);
    fixture_end(&fixture);
}

static int change_fund(struct fixture *fixture, const char *account, bool right)
{
    struct CThostFtdcTradingAccountPasswordUpdateField body = {.AccountID = ""};
    PUT_TEXT(body.AccountID, text_of(account));
    PUT_TEXT(body.NewPassword, TEXT("money"));
    return send(fixture, CTP_TraderApi_ReqTradingAccountPasswordUpdate, &body, right, "fund hash");
}

/* Who acts for somebody's account needs that account's password of funds, not an own one. */
static void a_password_of_funds_is_the_accounts(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL);
    assert_int_equal(login(&fixture, "u2", "x", true), 0);
    assert_int_equal(change_fund(&fixture, "u1", true), 9);
    assert_int_equal(core_grant(fixture.core, TEXT("u2"), TEXT("u1"), true), ADMIN_OK);
    assert_int_equal(change_fund(&fixture, "u1", false), 0); /* there was none */
    assert_string_equal(core_user_hash(fixture.core, TEXT("u1"), true), "fund hash");
    assert_string_equal(core_user_hash(fixture.core, TEXT("u2"), true), "");
    assert_int_equal(change_fund(&fixture, "u1", false), 2001);
    assert_int_equal(change_fund(&fixture, "u2", false), 0);
    /* no hash could be made */
    struct CThostFtdcUserPasswordUpdateField body = {.UserID = "u2", .NewPassword = "x"};
    assert_int_equal(send(&fixture, CTP_TraderApi_ReqUserPasswordUpdate, &body, true, NULL), 154);
    fixture_end(&fixture);
}

static int authenticate(struct fixture *fixture, const char *user, const char *app,
                        const char *code)
{
    struct CThostFtdcReqAuthenticateField body = {.UserID = ""};
    PUT_TEXT(body.BrokerID, TEXT("9999"));
    PUT_TEXT(body.UserID, text_of(user));
    PUT_TEXT(body.AppID, text_of(app));
    PUT_TEXT(body.AuthCode, text_of(code));
    return send(fixture, CTP_TraderApi_ReqAuthenticate, &body, false, NULL);
}

static struct core_options with_terminals(void)
{
    struct core_options options = core_options_of(PROFILE_TTS);
    options.authenticate = true;
    options.terminal_count = 3;
    options.terminals[0] = (struct core_terminal){.app_id = "free", .auth_code = "1"};
    options.terminals[1] =
        (struct core_terminal){.app_id = "own", .auth_code = "2", .users = "u1, u3,u22"};
    options.terminals[2] = (struct core_terminal){
        .app_id = "here", .auth_code = "3", .addresses = "10.0.0.1 127.0.0.1"};
    return options;
}

static void terminals_are_for_their_users_and_addresses(void **state)
{
    (void)state;
    struct fixture fixture;
    struct core_options options = with_terminals();
    begin_strictly(&fixture, &options);
    assert_int_equal(authenticate(&fixture, "u2", "other", "1"), 63);
    assert_int_equal(authenticate(&fixture, "u2", "free", "2"), 63);
    assert_int_equal(authenticate(&fixture, "u2", "own", "2"), 4043);
    assert_int_equal(login(&fixture, "u2", "x", true), 64);
    assert_int_equal(authenticate(&fixture, "u2", "here", "3"), 0);
    PUT_TEXT(fixture.core->options.terminals[2].addresses, TEXT("127.0.0.11"));
    assert_int_equal(authenticate(&fixture, "u2", "here", "3"), 4042);
    assert_int_equal(authenticate(&fixture, "u3", "own", "2"), 0);
    assert_int_equal(login(&fixture, "u2", "x", true), 64); /* done for another user */
    assert_int_equal(authenticate(&fixture, "u2", "free", "1"), 0);
    assert_int_equal(login(&fixture, "u2", "x", true), 0);
    fixture_end(&fixture);
}

static void addresses_may_be_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    struct core_options options = with_terminals();
    options.address_fail_limit = 2;
    begin_strictly(&fixture, &options);
    PUT_TEXT(fixture.core->options.black_list, TEXT("10.0.0.1,127.0.0.1"));
    assert_int_equal(authenticate(&fixture, "u2", "free", "1"), 144);
    fixture.core->options.black_list[0] = '\0';
    assert_int_equal(authenticate(&fixture, "u2", "free", "wrong"), 63);
    assert_int_equal(authenticate(&fixture, "u2", "free", "1"), 4060); /* 144 had counted */
    fixture.core->options.authenticate = false;
    assert_int_equal(authenticate(&fixture, "u2", "", ""), 0);
    assert_int_equal(login(&fixture, "u2", "x", false), 3);
    assert_int_equal(login(&fixture, "nobody", "x", false), 3);
    assert_int_equal(login(&fixture, "u2", "x", true), 143);
    core_settle(fixture.core, 20250304, NULL);
    assert_int_equal(login(&fixture, "u2", "x", true), 0);
    fixture_end(&fixture);
}

static void connect_again(struct fixture *fixture, bool md, const char *address)
{
    struct core_peer peer = {.connection = CONNECTION_TWO, .md = md, .version = CTP_NEWEST};
    core_disconnect(fixture->core, CONNECTION_TWO);
    PUT_TEXT(peer.address, text_of(address));
    core_connect(fixture->core, &peer);
}

static int login_md(struct fixture *fixture, const char *broker, const char *address)
{
    struct CThostFtdcReqUserLoginField body = {.UserID = "u2"};
    PUT_TEXT(body.BrokerID, text_of(broker));
    connect_again(fixture, true, address);
    return send(fixture, CTP_MdApi_ReqUserLogin, &body, false, NULL);
}

/* It need not be there any more. */
static void market_data_may_need_a_trading_login_of_the_day(void **state)
{
    (void)state;
    struct fixture fixture;
    struct core_options options = core_options_of(PROFILE_TTS);
    options.md_login_verify = true;
    begin(&fixture, &options);
    assert_int_equal(login_md(&fixture, "9999", "10.0.0.1"), 3);
    connect_again(&fixture, false, "10.0.0.1");
    assert_int_equal(login(&fixture, "u2", "x", true), 0);
    assert_int_equal(login_md(&fixture, "9999", "10.0.0.1"), 0);
    assert_int_equal(login_md(&fixture, "8888", "10.0.0.1"), 3);
    assert_int_equal(login_md(&fixture, "9999", "10.0.0.2"), 3);
    core_settle(fixture.core, 20250304, NULL);
    assert_int_equal(login_md(&fixture, "9999", "10.0.0.1"), 3);
    fixture_end(&fixture);
}

/* By the front, as every request that comes too early. */
static void a_password_is_not_changed_without_login(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL);
    assert_int_equal(change(&fixture, "u2", "x", "y"), 6);
    assert_int_equal(fixture.answered_by, CTP_TraderSpi_OnRspError);
    assert_int_equal(fixture.answered_request_id, 7);
    fixture_end(&fixture);
}

static int log_out(struct fixture *fixture, const char *broker, const char *user)
{
    struct CThostFtdcUserLogoutField body = {.UserID = ""};
    PUT_TEXT(body.BrokerID, text_of(broker));
    PUT_TEXT(body.UserID, text_of(user));
    return send(fixture, CTP_TraderApi_ReqUserLogout, &body, false, NULL);
}

static void nobody_is_logged_out_in_anothers_name(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, NULL);
    assert_int_equal(login(&fixture, "u2", "x", true), 0);
    assert_int_equal(log_out(&fixture, "9999", "u1"), 2);
    fixture.core->options.broker_check = true;
    assert_int_equal(log_out(&fixture, "8888", "u2"), 2);
    assert_int_equal(fixture.closed, 0);
    assert_int_equal(log_out(&fixture, "", ""), 0);
    assert_int_equal(fixture.closed, 1);
    assert_int_equal(log_out(&fixture, "", ""), 6);
    assert_int_equal(fixture.answered_by, CTP_TraderSpi_OnRspError);
    fixture_end(&fixture);
}

static void market_data_logins_ask_for_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    core_disconnect(fixture.core, CONNECTION_TWO);
    struct core_peer peer = {
        .connection = CONNECTION_TWO, .md = true, .version = CTP_NEWEST, .address = "127.0.0.1"};
    core_connect(fixture.core, &peer);
    assert_int_equal(send(&fixture, CTP_MdApi_ReqUserLogin, NULL, false, NULL), 0);
    struct CThostFtdcRspUserLoginField told;
    memcpy(&told, fixture.answer.any, sizeof told);
    assert_string_equal(told.TradingDay, "20250303");
    assert_string_equal(told.SystemName, "");
    assert_true(told.FrontID == 0 && told.SessionID == 0);
    assert_string_equal(fixture.answered_text, "CTP:No Error");
    fixture_end(&fixture);
}

/* ---- the order of the login's checks ---- */

/* A login of u2 on connection two. */
struct entry {
    struct fixture fixture;
    const char *password;
    bool right;
};

#define WRONG(name) static void name(struct entry *entry)
WRONG(is_there_already)
{
    entry->fixture.core->connections.at[CONNECTION_TWO].logged_in = true;
}
WRONG(is_not_authenticated)
{
    entry->fixture.core->options.authenticate = true;
}
WRONG(failed_here_too_often)
{
    entry->fixture.core->options.address_fail_limit = 1;
    knock_failed(entry->fixture.core, core_connection(entry->fixture.core, CONNECTION_TWO),
                 KNOCK_LOGIN);
}
WRONG(is_black_listed)
{
    PUT_TEXT(entry->fixture.core->options.black_list, TEXT("127.0.0.1"));
}
WRONG(is_locked)
{
    entry->fixture.core->options.login_fail_limit = 3;
    entry->fixture.core->users.at[1].failures = 3;
}
WRONG(has_a_wrong_password)
{
    entry->right = false;
}
WRONG(names_another_broker)
{
    entry->fixture.core->options.broker_check = true;
    PUT_TEXT(entry->fixture.core->options.broker_id, TEXT("8888"));
}
WRONG(is_disabled)
{
    assert_int_equal(core_set_user_active(entry->fixture.core, TEXT("u2"), false), ADMIN_OK);
}
WRONG(is_new)
{
    entry->fixture.core->users.at[1].must_change_password = true;
}
WRONG(has_a_weak_password)
{
    entry->fixture.core->options.password_rules = true;
    entry->password = "x";
}
WRONG(has_an_old_password)
{
    entry->fixture.core->options.password_days = 30;
    entry->fixture.core->users.at[1].password_day = 20250101;
}
WRONG(has_too_many_sessions)
{
    entry->fixture.core->options.sessions_per_user = 1;
    entry->fixture.core->users.at[1].sessions = 1;
}

static const struct wrong {
    int expected;
    void (*make)(struct entry *entry);
} wrongs[] = {
    {5, is_there_already},
    {64, is_not_authenticated},
    {143, failed_here_too_often},
    {144, is_black_listed},
    {75, is_locked},
    {3, has_a_wrong_password},
    {3, names_another_broker},
    {4, is_disabled},
    {140, is_new},
    {131, has_a_weak_password},
    {141, has_an_old_password},
    {60, has_too_many_sessions},
};
enum { WRONGS = sizeof wrongs / sizeof wrongs[0] };

/* The ErrorID that a login is told which is wrong in these ways; `other` may be NULL. */
static int told(const struct wrong *one, const struct wrong *other)
{
    static struct entry entry;
    begin(&entry.fixture, NULL);
    entry.password = "letters123";
    entry.right = true;
    if (other)
        other->make(&entry);
    one->make(&entry);
    int error_id = login(&entry.fixture, "u2", entry.password, entry.right);
    fixture_drop(&entry.fixture); /* its state was changed by hand */
    return error_id;
}

static void the_earlier_of_two_checks_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < WRONGS; i++) {
        assert_int_equal(told(&wrongs[i], NULL), wrongs[i].expected);
        for (size_t j = i + 1; j < WRONGS; j++)
            if (told(&wrongs[i], &wrongs[j]) != wrongs[i].expected)
                fail_msg("a login that breaks %d and %d is told %d", wrongs[i].expected,
                         wrongs[j].expected, told(&wrongs[i], &wrongs[j]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_tells_the_day_and_repeats_the_names),
        cmocka_unit_test(unknown_users_and_wrong_passwords_are_told_alike),
        cmocka_unit_test(accounts_are_made_for_the_own_broker_only),
        cmocka_unit_test(failures_in_a_row_lock_a_user),
        cmocka_unit_test(a_weak_password_is_changed_first),
        cmocka_unit_test(a_new_user_changes_the_password_first),
        cmocka_unit_test(an_old_password_is_changed_first),
        cmocka_unit_test(a_password_of_funds_is_the_accounts),
        cmocka_unit_test(terminals_are_for_their_users_and_addresses),
        cmocka_unit_test(addresses_may_be_refused),
        cmocka_unit_test(the_earlier_of_two_checks_answers),
        cmocka_unit_test(market_data_logins_ask_for_nothing),
        cmocka_unit_test(market_data_may_need_a_trading_login_of_the_day),
        cmocka_unit_test(a_password_is_not_changed_without_login),
        cmocka_unit_test(nobody_is_logged_out_in_anothers_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
