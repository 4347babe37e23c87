/* td_test.c: trading through a real webctp, message by message: the login, its failures, requests,
 * returns, lost fronts. */
#include "base/clock.h"
#include "cmocka_all.h"
#include "gateway_process.h"
#include <unistd.h>

#define LOGIN(user, password)                                            \
    "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":\"" user \
    "\",\"Password\":\"" password "\"},\"RequestID\":0}"

#define QUERY(investor) \
    "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{\"InvestorID\":\"" investor "\"},\"RequestID\":7}"

static struct gateway_process webctp;

static int start(void **state)
{
    (void)state;
    gateway_process_start(&webctp, "td", "");
    return 0;
}

static int start_with(void **state)
{
    gateway_process_start(&webctp, "td", *state);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    gateway_process_finish(&webctp);
    return 0;
}

static void connect_td(struct websocket *socket)
{
    gateway_process_connect(&webctp, socket, "/td/");
}

static void a_login_makes_the_whole_chain(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    const char *answer = expect(&socket, LOGIN("4645", "good"), "\"MsgType\":\"RspUserLogin\"");
    assert_non_null(strstr(answer,
                           "\"RspInfo\":{\"ErrorID\":0,\"ErrorMsg\":\"正确\"},\"IsLast\":true,"
                           "\"RspUserLogin\":{\"TradingDay\":\"20241125\""));
    assert_null(strstr(answer, "RequestID"));
    expect_silence(&socket, 200); /* the confirmation is nobody's answer */
    assert_true(gateway_process_has(&webctp, "stand-in.log",
                                    "authenticate app=client_1 code=0000000000000000", 0));
    assert_true(gateway_process_has(&webctp, "stand-in.log",
                                    "login broker=9999 user=4645 product=openctp", 0));
    assert_true(gateway_process_has(&webctp, "stand-in.log", "confirm investor=4645", 0));
    assert_int_equal(gateway_process_count(&webctp, "stand-in.log", "topic 2"), 2);
    assert_true(gateway_process_has(&webctp, "stand-in.log", "/flows/deep/td4645\n", 0));
    assert_true(gateway_process_has(&webctp, "log", " - root - INFO - start td app\n", 0));
    assert_true(gateway_process_has(&webctp, "log", "Td client connected\n", 0));
    assert_true(gateway_process_has(&webctp, "log", "authenticate success, start to login\n", 0));
    assert_false(gateway_process_has(&webctp, "log", "good", 0)); /* no secret, at any level */
    assert_false(gateway_process_has(&webctp, "log", "0000000000000000", 0));
    websocket_finish(&socket);
}

static void a_wrong_password_is_error_3_and_can_be_mended(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_exactly(&socket, LOGIN("4645", "wrong"),
                   "{\"MsgType\":\"RspUserLogin\",\"RspInfo\":{\"ErrorID\":3,\"ErrorMsg\":"
                   "\"CTP:不合法的登录\"},\"IsLast\":true}");
    assert_true(gateway_process_has(&webctp, "log", "login failed, please try again\n", 0));
    expect(&socket, QUERY("x"), "\"ErrorID\":-401");
    expect_login(&socket);
    expect(&socket, QUERY("x"), "RspQryOrder");
    websocket_finish(&socket);
}

static void a_failed_authentication_is_told(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_exactly(&socket, LOGIN("4645", "good"),
                   "{\"MsgType\":\"RspAuthenticate\",\"RspInfo\":{\"ErrorID\":63,\"ErrorMsg\":"
                   "\"CTP:客户端认证失败\"},\"IsLast\":true}");
    assert_true(gateway_process_has(&webctp, "log", "authenticate failed, please try again\n", 0));
    websocket_finish(&socket);
}

static void a_login_needs_both_keys_and_takes_empty_values(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_exactly(
        &socket,
        "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":\"4645\"},\"RequestID\":4}",
        "{\"MsgType\":\"ReqUserLogin\",\"RspInfo\":{\"ErrorID\":-400,\"ErrorMsg\":"
        "\"参数有误\"},\"RequestID\":4,\"Detail\":\"ReqUserLogin lacks Password: it should be "
        "text\"}");
    expect(&socket, "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"Password\":\"secret\"}}",
           "lacks UserID");
    expect(&socket, LOGIN("", ""), "\"ErrorID\":3");
    websocket_finish(&socket);
}

static void a_user_that_could_be_a_path_is_refused(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect(&socket, LOGIN("../../x", "good"), "\"ErrorID\":-400");
    expect(&socket, LOGIN("a\\u0001", "good"), "\"ErrorID\":-400");
    expect(&socket, LOGIN("a\\u0000b", "good"), "\"ErrorID\":-400");
    assert_int_equal(gateway_process_count(&webctp, "stand-in.log", "create"), 0);
    websocket_finish(&socket);
}

static void a_second_live_session_of_a_user_has_other_files(void **state)
{
    (void)state;
    struct websocket one, two;
    connect_td(&one);
    connect_td(&two);
    expect_login(&one);
    expect_login(&two);
    assert_true(gateway_process_has(&webctp, "stand-in.log", "deep/td4645\n", 0));
    assert_true(gateway_process_has(&webctp, "stand-in.log", "deep/td4645-2\n", 0));
    websocket_abort(&one);
    assert_true(gateway_process_has(&webctp, "stand-in.log", "release ", 5000));
    expect(&two, QUERY("x"), "RspQryOrder");
    websocket_finish(&one);
    websocket_finish(&two);
}

static void a_second_login_uses_the_second_user(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    expect(&socket, LOGIN("4646", "good"), "\"UserID\":\"4646\"");
    assert_true(gateway_process_has(&webctp, "stand-in.log", "/td4646\n", 0));
    assert_true(gateway_process_has(&webctp, "stand-in.log", "release ", 5000));
    websocket_finish(&socket);
}

static void two_logins_at_once_are_both_answered(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect(&socket, LOGIN("4645", "wrong"), "\"ErrorID\":3");
    assert_true(websocket_send(&socket, LOGIN("4645", "wrong")));
    assert_true(websocket_send(&socket, LOGIN("4645", "good")));
    expect(&socket, NULL, "\"ErrorID\":3");
    expect(&socket, NULL, "\"ErrorID\":0");
    websocket_finish(&socket);
}

static void an_unreachable_front_is_told_after_the_time(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    const char *answer = expect(&socket,
                                "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":\"1\","
                                "\"Password\":\"good\"},\"RequestID\":9}",
                                "{\"MsgType\":\"RspUserLogin\",\"RspInfo\":{\"ErrorID\":-1");
    assert_non_null(
        strstr(answer, "\"RequestID\":9,\"Detail\":\"tcp://127.0.0.1:1: no connection yet"));
    websocket_finish(&socket);
}

static void a_front_of_another_family_is_told_with_its_reason(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    for (;;) { /* the front is up for moments: a login may even come through */
        const char *answer = expect(&socket, LOGIN("1", "wrong"), "RspUserLogin");
        if (strstr(answer, "4097"))
            break;
    }
    assert_true(
        gateway_process_has(&webctp, "log", "Td client disconnected, error_code=4097\n", 5000));
    websocket_finish(&socket);
}

static void an_order_becomes_a_return_and_a_trade(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    const char *answer =
        expect(&socket,
               "{\"MsgType\":\"ReqOrderInsert\",\"InputOrder\":{\"InstrumentID\":\"au2412\","
               "\"LimitPrice\":567.5,\"VolumeTotalOriginal\":2,\"Direction\":\"0\","
               "\"CombOffsetFlag\":\"0\"},\"RequestID\":3}",
               "{\"MsgType\":\"RtnOrder\",\"RspInfo\":null,\"Order\":{");
    assert_non_null(strstr(answer, "\"InstrumentID\":\"au2412\""));
    assert_non_null(strstr(answer, "\"StatusMsg\":\"全部成交报单已提交\""));
    assert_non_null(strstr(answer, "\"LimitPrice\":567.5"));
    assert_non_null(strstr(answer, "\"OrderStatus\":\"0\""));
    assert_null(strstr(answer, "reserve1"));
    answer = expect(&socket, NULL, "{\"MsgType\":\"RtnTrade\",\"RspInfo\":null,\"Trade\":{");
    assert_non_null(strstr(answer, "\"Price\":3201.2"));
    expect(&socket,
           "{\"MsgType\":\"ReqOrderInsert\",\"InputOrder\":{\"InstrumentID\":\"reject\"},"
           "\"RequestID\":4}",
           "{\"MsgType\":\"RspOrderInsert\",\"RspInfo\":{\"ErrorID\":22,\"ErrorMsg\":"
           "\"CTP:不允许重复报单\"},\"RequestID\":4,\"IsLast\":true,\"InputOrder\":{");
    expect(&socket, NULL,
           "{\"MsgType\":\"ErrRtnOrderInsert\",\"RspInfo\":{\"ErrorID\":22,\"ErrorMsg\":"
           "\"CTP:不允许重复报单\"},\"InputOrder\":{");
    websocket_finish(&socket);
}

static void queries_are_answered_row_by_row(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    for (int row = 0; row < 3; row++) {
        const char *answer = expect(&socket, row ? NULL : QUERY("many"), "\"RequestID\":7");
        assert_true((strstr(answer, "\"IsLast\":true") != NULL) == (row == 2));
        assert_non_null(strstr(answer, "\"Order\":{"));
    }
    expect_exactly(&socket, QUERY("empty"),
                   "{\"MsgType\":\"RspQryOrder\",\"RspInfo\":null,\"RequestID\":7,\"IsLast\":true,"
                   "\"Order\":null}");
    expect_exactly(&socket,
                   "{\"MsgType\":\"ReqQryInvestorPositionDetail\",\"QryInvestorPositionDetail\":"
                   "{\"InvestorID\":\"empty\"},\"RequestID\":8}",
                   "{\"MsgType\":\"RspQryInvestorPositionDetail\",\"RspInfo\":null,\"RequestID\":8,"
                   "\"IsLast\":true,\"InvestorPositionDetail\":{}}");
    expect(&socket, QUERY("error"), "{\"MsgType\":\"RspError\",\"RspInfo\":{\"ErrorID\":90");
    websocket_finish(&socket);
}

static void what_a_call_returns_is_answered_at_once(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    expect_exactly(&socket, QUERY("-1"),
                   "{\"MsgType\":\"RspQryOrder\",\"RspInfo\":{\"ErrorID\":-1,\"ErrorMsg\":"
                   "\"CTP:请求失败\"},\"RequestID\":7}");
    expect(&socket, QUERY("-2"), "{\"ErrorID\":-2,\"ErrorMsg\":\"CTP:未处理请求超过许可数\"}");
    expect(&socket, QUERY("-3"), "{\"ErrorID\":-3,\"ErrorMsg\":\"CTP:每秒发送请求数超过许可数\"}");
    expect(&socket, QUERY("-17"), "{\"ErrorID\":-17");
    websocket_finish(&socket);
}

static void methods_beyond_the_first_webctp_work_by_the_same_rule(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    expect(&socket,
           "{\"MsgType\":\"ReqQrySettlementInfoConfirm\",\"QrySettlementInfoConfirm\":{"
           "\"InvestorID\":\"4645\"}}",
           "{\"MsgType\":\"RspQrySettlementInfoConfirm\",\"RspInfo\":{\"ErrorID\":0,\"ErrorMsg\":"
           "\"正确\"},"
           "\"IsLast\":true,\"SettlementInfoConfirm\":{");
    expect(&socket,
           "{\"MsgType\":\"ReqSettlementInfoConfirm\",\"SettlementInfoConfirm\":{\"InvestorID\":"
           "\"4645\"},"
           "\"RequestID\":5}",
           "{\"MsgType\":\"RspSettlementInfoConfirm\"");
    expect_exactly(
        &socket, "{\"MsgType\":\"GetTradingDay\",\"RequestID\":6}",
        "{\"MsgType\":\"GetTradingDay\",\"RspInfo\":null,\"RequestID\":6,\"IsLast\":true,"
        "\"TradingDay\":\"20241125\"}");
    expect_exactly(
        &socket, "{\"MsgType\":\"SubmitUserSystemInfo\",\"UserSystemInfo\":{}}",
        "{\"MsgType\":\"SubmitUserSystemInfo\",\"RspInfo\":{\"ErrorID\":0,\"ErrorMsg\":\"\"},"
        "\"IsLast\":true}");
    websocket_finish(&socket);
}

static void after_a_lost_front_the_session_logs_in_by_itself(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    assert_true(websocket_send(&socket, QUERY("lose")));
    const char *answer = expect(&socket, NULL, "{\"MsgType\":\"RspUserLogin\"");
    assert_null(strstr(answer, "RequestID"));
    expect(&socket, QUERY("x"), "RspQryOrder");
    assert_int_equal(gateway_process_count(&webctp, "stand-in.log", "login broker"), 2);
    websocket_finish(&socket);
}

static void a_changed_password_is_used_for_the_next_login(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    expect(&socket,
           "{\"MsgType\":\"ReqUserPasswordUpdate\",\"UserPasswordUpdate\":{\"UserID\":\"4645\","
           "\"OldPassword\":\"good\",\"NewPassword\":\"other\"}}",
           "\"RspUserPasswordUpdate\"");
    assert_true(websocket_send(&socket, QUERY("lose")));
    expect(&socket, NULL,
           "\"ErrorID\":3"); /* the stand-in knows "good" only: so the new one was sent */
    expect(&socket, QUERY("x"), "\"ErrorID\":-401");
    websocket_finish(&socket);
}

static void a_logout_is_the_end(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    expect(&socket,
           "{\"MsgType\":\"ReqUserLogout\",\"UserLogout\":{\"UserID\":\"4645\"},\"RequestID\":2}",
           "{\"MsgType\":\"RspUserLogout\"");
    expect(&socket, QUERY("x"), "\"ErrorID\":-401");
    expect_login(&socket);
    websocket_finish(&socket);
}

#define LOGOUT_OF_HANGS \
    "{\"MsgType\":\"ReqUserLogout\",\"UserLogout\":{\"UserID\":\"hangs\"},\"RequestID\":2}"

/* The library knows before webctp does that the front has hung up. */
static void a_login_right_after_a_logout_waits_for_the_front(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    for (int i = 0; i < 3; i++) {
        expect(&socket, LOGOUT_OF_HANGS, "{\"MsgType\":\"RspUserLogout\"");
        expect(&socket, LOGIN("4645", "good"),
               "{\"MsgType\":\"RspUserLogin\",\"RspInfo\":{\"ErrorID\":0");
    }
    expect(&socket, QUERY("x"), "RspQryOrder");
    websocket_finish(&socket);
}

static void a_login_sent_before_the_logout_is_answered_is_not_forgotten(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    assert_true(websocket_send(&socket, LOGOUT_OF_HANGS));
    assert_true(websocket_send(&socket, LOGIN("4645", "good")));
    expect(&socket, NULL, "{\"MsgType\":\"RspUserLogout\"");
    expect(&socket, NULL, "{\"MsgType\":\"RspUserLogin\",\"RspInfo\":{\"ErrorID\":0");
    expect(&socket, QUERY("x"), "RspQryOrder");
    websocket_finish(&socket);
}

static void public_returns_come_only_when_asked_for(void **state)
{
    bool wanted = *state && ((const char *)*state)[0];
    struct websocket socket;
    connect_td(&socket);
    if (wanted)
        expect(&socket, LOGIN("4645", "good"), "{\"MsgType\":\"FrontConnected\",\"RspInfo\":null}");
    expect(&socket, wanted ? NULL : LOGIN("4645", "good"), "RspUserLogin");
    assert_true(websocket_send(&socket, QUERY("public")));
    if (wanted)
        expect(&socket, NULL,
               "{\"MsgType\":\"RtnInstrumentStatus\",\"RspInfo\":null,\"InstrumentStatus\":{");
    expect(&socket, NULL, "RspQryOrder");
    if (wanted) {
        assert_true(websocket_send(&socket, QUERY("lose")));
        expect_exactly(
            &socket, NULL,
            "{\"MsgType\":\"FrontDisconnected\",\"RspInfo\":null,\"Reason\":4097,\"Detail\":"
            "\"reading from the network failed\"}");
    }
    websocket_finish(&socket);
}

static void two_clients_get_their_own_returns_only(void **state)
{
    (void)state;
    struct websocket one, two;
    connect_td(&one);
    connect_td(&two);
    expect_login(&one);
    expect(&two, LOGIN("4646", "good"), "\"UserID\":\"4646\"");
    expect(&one, QUERY("x"), "RspQryOrder");
    expect_silence(&two, 100);
    websocket_close(&one, 1000);
    assert_true(gateway_process_has(&webctp, "stand-in.log", "release ", 5000));
    expect(&two, QUERY("x"), "RspQryOrder");
    websocket_finish(&one);
    websocket_finish(&two);
}

static void a_release_that_takes_long_holds_nobody_up(void **state)
{
    (void)state;
    struct websocket slow, other;
    connect_td(&slow);
    connect_td(&other);
    expect(&slow, LOGIN("slow", "good"), "RspUserLogin");
    expect_login(&other);
    websocket_abort(&slow);
    usleep(100000);
    int64_t before = clock_monotonic_ns();
    for (int i = 0; i < 10; i++)
        expect(&other, QUERY("x"), "RspQryOrder");
    assert_true(clock_monotonic_ns() - before < 3000000000);
    assert_int_equal(gateway_process_count(&webctp, "stand-in.log", "release "), 0);
    assert_true(gateway_process_has(&webctp, "stand-in.log", "release ", 10000));
    websocket_finish(&slow);
    websocket_finish(&other);
}

static void paced_queries_never_say_too_many(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    for (int i = 0; i < 5; i++)
        assert_true(websocket_send(&socket, QUERY("busy")));
    expect(&socket, "{\"MsgType\":\"ReqOrderInsert\",\"InputOrder\":{\"InstrumentID\":\"reject\"}}",
           "MsgType");
    for (int i = 0; i < 6; i++) { /* the order does not wait for the queries; all of them come */
        const char *message = expect(&socket, NULL, "MsgType");
        assert_null(strstr(message, "\"ErrorID\":-3"));
    }
    expect_silence(&socket, 100);
    websocket_finish(&socket);
}

static void without_pacing_a_client_is_told(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    assert_true(websocket_send(&socket, QUERY("busy")));
    assert_true(websocket_send(&socket, QUERY("busy")));
    bool told = strstr(expect(&socket, NULL, "RspQryOrder"), "\"ErrorID\":-3") != NULL;
    told |= strstr(expect(&socket, NULL, "RspQryOrder"), "\"ErrorID\":-3") != NULL;
    assert_true(told);
    websocket_finish(&socket);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
#define TEST_WITH(name, yaml)                     \
    {                                             \
#name, name, start_with, finish, (char[]) \
        {                                         \
            yaml                                  \
        }                                         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_login_makes_the_whole_chain),
        TEST(a_wrong_password_is_error_3_and_can_be_mended),
        TEST_WITH(a_failed_authentication_is_told, "AuthCode: bad"),
        TEST(a_login_needs_both_keys_and_takes_empty_values),
        TEST(a_user_that_could_be_a_path_is_refused),
        TEST(a_second_live_session_of_a_user_has_other_files),
        TEST(a_second_login_uses_the_second_user),
        TEST(two_logins_at_once_are_both_answered),
        TEST_WITH(an_unreachable_front_is_told_after_the_time,
                  "LoginTimeout: 0.3\nTdFrontAddress: tcp://127.0.0.1:1"),
        TEST_WITH(a_front_of_another_family_is_told_with_its_reason,
                  "LoginTimeout: 0.3\nTdFrontAddress: tcp://127.0.0.1:4097"),
        TEST(an_order_becomes_a_return_and_a_trade),
        TEST(queries_are_answered_row_by_row),
        TEST(what_a_call_returns_is_answered_at_once),
        TEST(methods_beyond_the_first_webctp_work_by_the_same_rule),
        TEST(after_a_lost_front_the_session_logs_in_by_itself),
        TEST(a_changed_password_is_used_for_the_next_login),
        TEST(a_logout_is_the_end),
        TEST(a_login_right_after_a_logout_waits_for_the_front),
        TEST(a_login_sent_before_the_logout_is_answered_is_not_forgotten),
        TEST_WITH(public_returns_come_only_when_asked_for, ""),
        TEST_WITH(public_returns_come_only_when_asked_for, "PublicReturns: true"),
        TEST_WITH(paced_queries_never_say_too_many, "QueryPacing: true"),
        TEST(without_pacing_a_client_is_told),
        TEST(a_release_that_takes_long_holds_nobody_up),
        TEST(two_clients_get_their_own_returns_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
