/* md_test.c: market data through a real webctp: many clients on one session with the front, each as
 * if it had its own. */
#include "cmocka_all.h"
#include "gateway_process.h"
#include <unistd.h>

#define LOGIN                                                                             \
    "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":\"\",\"Password\":\"\"}," \
    "\"RequestID\":0}"
#define SUBSCRIBE(list) "{\"MsgType\":\"SubscribeMarketData\",\"InstrumentID\":" list "}"
#define UNSUBSCRIBE(list) "{\"MsgType\":\"UnSubscribeMarketData\",\"InstrumentID\":" list "}"
#define GOOD "\"RspInfo\":{\"ErrorID\":0,\"ErrorMsg\":\"CTP:No Error\"}"

static struct gateway_process webctp;

static int start_with(void **state)
{
    gateway_process_start(&webctp, "md", *state);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    gateway_process_finish(&webctp);
    return 0;
}

static void connect_md(struct websocket *socket)
{
    gateway_process_connect(&webctp, socket, "/md/");
}

static void log_in(struct websocket *socket)
{
    expect(socket, LOGIN, "\"RspUserLogin\":{\"TradingDay\":\"20241125\"");
}

/* The next message that is no tick. */
static const char *expect_answer(struct websocket *socket, const char *message, const char *part)
{
    const char *answer = expect(socket, message, "MsgType");
    while (strstr(answer, "RtnDepthMarketData"))
        answer = expect(socket, NULL, "MsgType");
    if (!strstr(answer, part))
        fail_msg("%s is not in %s", part, answer);
    return answer;
}

/* The next tick of that instrument, through whatever else comes. */
static const char *expect_tick(struct websocket *socket, const char *id)
{
    char part[128];
    snprintf(part, sizeof part, "\"InstrumentID\":\"%s\"", id);
    for (int i = 0; i < 1000; i++) {
        const char *message = expect(socket, NULL, "MsgType");
        if (strstr(message, "RtnDepthMarketData") && strstr(message, part))
            return message;
    }
    fail_msg("no tick of %s", id);
    return NULL;
}

static void before_login_nothing_is_allowed(void **state)
{
    (void)state;
    struct websocket socket;
    connect_md(&socket);
    expect_exactly(&socket, SUBSCRIBE("[\"au2305\"]"),
                   "{\"MsgType\":\"SubscribeMarketData\",\"RspInfo\":{\"ErrorID\":-401,"
                   "\"ErrorMsg\":\"未登录\"}}");
    expect(&socket, "{\"MsgType\":\"ReqUserLogin\"}",
           "{\"MsgType\":\"RspUserLogin\""); /* a body is not needed */
    assert_true(gateway_process_has(&webctp, "log", "start md app\n", 0));
    assert_true(gateway_process_has(&webctp, "log", "Md client connected\n", 0));
    assert_true(gateway_process_has(&webctp, "log", "Md client login success\n", 0));
    websocket_finish(&socket);
}

static void a_refused_login_has_a_body_and_the_next_may_succeed(void **state)
{
    (void)state;
    struct websocket socket;
    connect_md(&socket);
    const char *answer = expect(&socket,
                                "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":"
                                "\"refused\",\"Password\":\"\"}}",
                                "\"RspInfo\":{\"ErrorID\":3,");
    assert_non_null(strstr(answer, ",\"RspUserLogin\":{\"TradingDay\""));
    expect(&socket, SUBSCRIBE("[\"a\"]"), "-401");
    log_in(&socket);
    websocket_finish(&socket);
}

#define LOGIN_OF(user) \
    "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":\"" user "\",\"Password\":\"\"}}"

/* The library knows before webctp does that the front has hung up. */
static void a_login_at_a_front_that_just_hung_up_waits_for_it(void **state)
{
    (void)state;
    struct websocket socket;
    connect_md(&socket);
    for (int i = 0; i < 3; i++)
        expect(&socket, LOGIN_OF("hangs"), "\"RspInfo\":{\"ErrorID\":3,");
    expect(&socket, LOGIN_OF(""), "\"RspInfo\":{\"ErrorID\":0,");
    websocket_finish(&socket);
}

static void instruments_are_answered_one_by_one(void **state)
{
    (void)state;
    struct websocket socket;
    connect_md(&socket);
    log_in(&socket);
    const char *answer =
        expect_answer(&socket, SUBSCRIBE("[\"au2305\",\"rb2410\"]"),
                      "{\"MsgType\":\"RspSubMarketData\"," GOOD ",\"SpecificInstrument\":{"
                      "\"InstrumentID\":\"au2305\"}}");
    assert_null(strstr(answer, "IsLast"));
    expect_answer(&socket, NULL,
                  GOOD ",\"IsLast\":true,\"SpecificInstrument\":{\"InstrumentID\":\"rb2410\"}}");
    answer = expect_tick(&socket, "rb2410");
    assert_non_null(
        strstr(answer, "{\"MsgType\":\"RtnDepthMarketData\",\"DepthMarketData\":{\"TradingDay\":"));
    assert_non_null(strstr(answer, "\"reserve1\":\"old\""));
    assert_non_null(strstr(answer, "\"LastPrice\":567.5"));
    assert_non_null(strstr(answer, "\"BidPrice2\":0,"));
    assert_non_null(strstr(answer, "\"PreDelta\":1.7976931348623157e+308"));
    expect_tick(&socket, "au2305");
    expect_answer(&socket, UNSUBSCRIBE("[\"au2305\",\"rb2410\"]"),
                  "{\"MsgType\":\"RspUnSubMarketData\"," GOOD
                  ",\"SpecificInstrument\":{\"InstrumentID\":\"au2305\"}}");
    expect_answer(&socket, NULL,
                  GOOD ",\"IsLast\":true,\"SpecificInstrument\":{\"InstrumentID\":\"rb2410\"}}");
    expect_silence(&socket, 100);
    assert_true(gateway_process_has(&webctp, "stand-in.log", "UnSubscribeMarketData rb2410", 1000));
    websocket_finish(&socket);
}

static void a_single_text_is_one_instrument_and_an_empty_list_is_wrong(void **state)
{
    (void)state;
    struct websocket socket;
    connect_md(&socket);
    log_in(&socket);
    expect_answer(&socket, SUBSCRIBE("\"au2305\""),
                  "\"IsLast\":true,\"SpecificInstrument\":{\"InstrumentID\":\"au2305\"}}");
    expect_answer(&socket, SUBSCRIBE("[]"), "\"ErrorID\":-400");
    expect_answer(&socket, SUBSCRIBE("[1]"), "InstrumentID[0] is an integer, it should be text");
    expect_answer(&socket, SUBSCRIBE("[\"\"]"), "-400");
    expect_answer(&socket, SUBSCRIBE("{}"), "InstrumentID is an object");
    expect_answer(&socket, "{\"MsgType\":\"SubscribeMarketData\"}", "lacks InstrumentID");
    expect_answer(&socket,
                  SUBSCRIBE("[\"aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaa"
                            "aaabbbbbbbbbbc\"]"),
                  "too long: at most 80 bytes");
    websocket_finish(&socket);
}

static void an_unknown_instrument_is_the_fronts_error(void **state)
{
    (void)state;
    struct websocket socket;
    connect_md(&socket);
    log_in(&socket);
    expect(&socket, SUBSCRIBE("[\"bad1\"]"),
           "{\"MsgType\":\"RspSubMarketData\",\"RspInfo\":{\"ErrorID\":16,\"ErrorMsg\":\"CTP:"
           "找不到合约\"},"
           "\"IsLast\":true,\"SpecificInstrument\":{\"InstrumentID\":\"bad1\"}}");
    expect_exactly(&socket, SUBSCRIBE("[\"-1\"]"),
                   "{\"MsgType\":\"RspSubMarketData\",\"RspInfo\":{\"ErrorID\":-1,\"ErrorMsg\":"
                   "\"CTP:请求失败\"}}");
    expect(&socket, SUBSCRIBE("[\"-1\",\"-1\"]"),
           "\"ErrorID\":-1"); /* the first try left nothing behind */
    websocket_finish(&socket);
}

static void two_clients_share_one_session(void **state)
{
    (void)state;
    struct websocket one, two;
    connect_md(&one);
    connect_md(&two);
    log_in(&one);
    expect_answer(&one, SUBSCRIBE("[\"au2305\"]"), "\"IsLast\":true");
    expect_tick(&one, "au2305");
    expect(&two, "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{},\"RequestID\":12}",
           "\"RequestID\":12,\"IsLast\":true,\"RspUserLogin\":{\"TradingDay\":\"20241125\"");
    assert_true(websocket_send(&two, SUBSCRIBE("[\"au2305\"]")));
    expect(&two, NULL, "{\"MsgType\":\"RspSubMarketData\"," GOOD ",\"IsLast\":true,");
    expect(&two, NULL, "RtnDepthMarketData"); /* the last tick, at once */
    assert_int_equal(gateway_process_count(&webctp, "stand-in.log", "create"), 1);
    assert_int_equal(gateway_process_count(&webctp, "stand-in.log", "SubscribeMarketData au2305"),
                     1);
    websocket_abort(&one);
    expect_tick(&two, "au2305");
    websocket_close(&two, 1000);
    assert_true(gateway_process_has(&webctp, "stand-in.log", "UnSubscribeMarketData au2305", 5000));
    websocket_finish(&one);
    websocket_finish(&two);
}

static void after_a_lost_front_all_is_subscribed_again(void **state)
{
    (void)state;
    struct websocket socket;
    connect_md(&socket);
    log_in(&socket);
    expect_answer(&socket, SUBSCRIBE("[\"au2305\"]"), "\"IsLast\":true");
    assert_true(websocket_send(&socket, SUBSCRIBE("[\"lose\"]")));
    expect_answer(&socket, NULL, "{\"MsgType\":\"RspUserLogin\",");
    expect_tick(&socket, "au2305");
    assert_true(
        gateway_process_has(&webctp, "log", "Md client disconnected, error_code=4097\n", 0));
    assert_int_equal(gateway_process_count(&webctp, "stand-in.log", "SubscribeMarketData au2305"),
                     2);
    websocket_finish(&socket);
}

static void a_logout_ends_the_clients_own_subscriptions(void **state)
{
    (void)state;
    struct websocket one, two;
    connect_md(&one);
    connect_md(&two);
    log_in(&one);
    log_in(&two);
    expect_answer(&one, SUBSCRIBE("[\"au2305\",\"x\"]"), "RspSub");
    expect_answer(&one, NULL, "\"IsLast\":true");
    expect_answer(&two, SUBSCRIBE("[\"au2305\"]"), "RspSub");
    expect_answer(
        &one, "{\"MsgType\":\"ReqUserLogout\",\"UserLogout\":{\"UserID\":\"u\"},\"RequestID\":3}",
        "{\"MsgType\":\"RspUserLogout\"");
    expect_answer(&one, SUBSCRIBE("[\"au2305\"]"), "-401");
    expect_tick(&two, "au2305");
    assert_true(gateway_process_has(&webctp, "stand-in.log", "UnSubscribeMarketData x", 5000));
    assert_int_equal(gateway_process_count(&webctp, "stand-in.log", "UnSubscribeMarketData au2305"),
                     0);
    websocket_finish(&one);
    websocket_finish(&two);
}

static void other_methods_of_the_market_data_api_work(void **state)
{
    (void)state;
    struct websocket socket;
    connect_md(&socket);
    log_in(&socket);
    expect(&socket,
           "{\"MsgType\":\"ReqQryMulticastInstrument\",\"QryMulticastInstrument\":{\"TopicID\":5},"
           "\"RequestID\":77}",
           "{\"MsgType\":\"RspQryMulticastInstrument\",\"RspInfo\":{\"ErrorID\":0,\"ErrorMsg\":"
           "\"正确\"},"
           "\"RequestID\":77,\"IsLast\":true,\"MulticastInstrument\":{\"TopicID\":5");
    expect(&socket,
           "{\"MsgType\":\"SubscribeForQuoteRsp\",\"InstrumentID\":[\"IO2412\"],\"RequestID\":8}",
           "{\"MsgType\":\"RspSubForQuoteRsp\"," GOOD ",\"RequestID\":8,\"IsLast\":true,");
    expect(&socket, "{\"MsgType\":\"GetTradingDay\"}", "\"TradingDay\":\"20241125\"");
    expect(&socket, "{\"MsgType\":\"ReqOrderInsert\",\"InputOrder\":{}}", "-404");
    websocket_finish(&socket);
}

static void too_many_instruments_are_refused(void **state)
{
    (void)state;
    struct websocket socket;
    connect_md(&socket);
    log_in(&socket);
    expect_answer(&socket, SUBSCRIBE("[\"a\",\"b\",\"c\",\"d\"]"), "too many instruments");
    expect_answer(&socket, SUBSCRIBE("[\"a\"]"), "\"IsLast\":true");
    expect_tick(&socket, "a");
    websocket_finish(&socket);
}

static void an_unreachable_front_is_told_to_all_who_wait(void **state)
{
    (void)state;
    struct websocket one, two;
    connect_md(&one);
    connect_md(&two);
    assert_true(websocket_send(&one, LOGIN));
    expect(&two, LOGIN, "\"ErrorID\":-1,");
    expect(&one, NULL, "no connection yet");
    websocket_finish(&one);
    websocket_finish(&two);
}

/* Reads nothing while ticks pour in, then reads: returns must all be there, ticks may be fewer. */
static void a_slow_reader_gets_the_newest_ticks_and_harms_nobody(void **state)
{
    (void)state;
    struct websocket slow, quick;
    connect_md(&slow);
    connect_md(&quick);
    log_in(&slow);
    log_in(&quick);
    expect_answer(&slow, SUBSCRIBE("[\"flood1\"]"), "IsLast");
    expect_answer(&quick, SUBSCRIBE("[\"au2305\"]"), "IsLast");
    sleep(2);
    for (int i = 0; i < 20; i++)
        expect_tick(&quick, "au2305");
    expect_answer(&slow, UNSUBSCRIBE("[\"flood1\"]"), "RspUnSubMarketData");
    expect_silence(&slow, 300);
    websocket_close(&slow, 1000);
    websocket_close(&quick, 1000);
    assert_true(gateway_process_has(&webctp, "log", "was spared", 5000));
    websocket_finish(&slow);
    websocket_finish(&quick);
}

static void a_reader_with_too_much_waiting_is_closed_with_1013(void **state)
{
    (void)state;
    struct websocket slow;
    connect_md(&slow);
    log_in(&slow);
    expect_answer(&slow, SUBSCRIBE("[\"flood1\"]"), "IsLast");
    assert_true(gateway_process_has(&webctp, "log", "a client reads too slowly", 10000));
    enum websocket_got got;
    while ((got = websocket_receive(&slow, 5000)) == WEBSOCKET_MESSAGE)
        ;
    assert_int_equal(got, WEBSOCKET_CLOSED);
    assert_int_equal(slow.close_code, 1013);
    assert_non_null(strstr(slow.close_reason, "too slowly"));
    websocket_finish(&slow);
}

static void compressed_ticks_are_the_same_ticks(void **state)
{
    (void)state;
    struct websocket socket;
    assert_true(websocket_open(&socket, "127.0.0.1", webctp.port, "/md/", "", true));
    assert_true(socket.compressed);
    log_in(&socket);
    expect_answer(&socket, SUBSCRIBE("[\"au2305\",\"flood\"]"), "RspSubMarketData");
    for (int i = 0; i < 50; i++)
        expect_tick(&socket, "au2305");
    websocket_finish(&socket);
}

#define TEST_WITH(name, yaml)                     \
    {                                             \
#name, name, start_with, finish, (char[]) \
        {                                         \
            yaml                                  \
        }                                         \
    }
#define TEST(name) TEST_WITH(name, "")

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(before_login_nothing_is_allowed),
        TEST(a_refused_login_has_a_body_and_the_next_may_succeed),
        TEST(a_login_at_a_front_that_just_hung_up_waits_for_it),
        TEST(instruments_are_answered_one_by_one),
        TEST(a_single_text_is_one_instrument_and_an_empty_list_is_wrong),
        TEST(an_unknown_instrument_is_the_fronts_error),
        TEST(two_clients_share_one_session),
        TEST(after_a_lost_front_all_is_subscribed_again),
        TEST(a_logout_ends_the_clients_own_subscriptions),
        TEST(other_methods_of_the_market_data_api_work),
        TEST_WITH(too_many_instruments_are_refused, "MaxInstruments: 3"),
        TEST_WITH(an_unreachable_front_is_told_to_all_who_wait,
                  "LoginTimeout: 0.3\nMdFrontAddress: tcp://127.0.0.1:1"),
        TEST(a_slow_reader_gets_the_newest_ticks_and_harms_nobody),
        TEST_WITH(a_reader_with_too_much_waiting_is_closed_with_1013,
                  "MaxQueueBytes: 2000000\nConflateBytes: 1000000000"),
        TEST(compressed_ticks_are_the_same_ticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
