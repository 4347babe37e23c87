/* connection_test.c: what a client may do wrong, and what the network may: every row of the
 * protocol's table of errors, sizes, paths, pings, signals. Against a real webctp. */
#include "cmocka_all.h"
#include "gateway_process.h"
#include <signal.h>
#include <unistd.h>

#define BAD_REQUEST "\"RspInfo\":{\"ErrorID\":-400,\"ErrorMsg\":\"参数有误\"}"
#define QUERY "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{\"InvestorID\":\"x\"},\"RequestID\":7}"

static struct gateway_process webctp;

static int start_with(void **state)
{
    gateway_process_start(&webctp, "dev", *state);
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

/* Sends a message that is wrong; it is refused with -400 under that MsgType, `detail` says why, and
 * the connection stays. */
static void expect_refusal(struct websocket *socket, const char *message, const char *msg_type,
                           const char *detail)
{
    char head[256];
    snprintf(head, sizeof head, "{\"MsgType\":\"%s\"," BAD_REQUEST ",", msg_type);
    const char *answer = expect(socket, message, head);
    if (!strstr(answer, "\"Detail\":\"") || !strstr(answer, detail))
        fail_msg("%s is not in %s", detail, answer);
    expect(socket, QUERY, "RspQryOrder");
}

static void what_is_no_request_is_refused_and_the_connection_stays(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    expect_refusal(&socket, "", "", "");
    expect_refusal(&socket, "hello", "", "");
    expect_refusal(&socket, "{\"MsgType\":", "", "");
    expect_refusal(&socket, "[1]", "", "the message is a list, it should be an object");
    expect_refusal(&socket, "1", "", "it should be an object");
    expect_refusal(&socket, "null", "", "the message is null");
    expect_refusal(&socket, "{}", "", "lacks MsgType");
    expect_refusal(&socket, "{\"MsgType\":5,\"RequestID\":4}", "",
                   "\"Detail\":\"MsgType is an integer");
    expect_refusal(&socket, "{\"MsgType\":null}", "", "MsgType is null");
    expect_refusal(
        &socket, "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{\"InvestorID\":\"\\ud800\"}}", "", "");
    websocket_finish(&socket);
}

static void a_wrong_body_is_refused_by_its_field(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
#define ORDER(fields) "{\"MsgType\":\"ReqOrderInsert\",\"RequestID\":1,\"InputOrder\":" fields "}"
    static const struct {
        const char *message, *detail;
    } wrong[] = {
        {"{\"MsgType\":\"ReqOrderInsert\"}", "lacks InputOrder"},
        {ORDER("null"), "InputOrder is null"},
        {ORDER("[]"), "InputOrder is a list"},
        {ORDER("\"x\""), "InputOrder is text"},
        {ORDER("{\"InstrumentID\":5}"), "InstrumentID"},
        {ORDER("{\"LimitPrice\":\"1.5\"}"), "LimitPrice"},
        {ORDER("{\"VolumeTotalOriginal\":\"21\"}"), "VolumeTotalOriginal"},
        {ORDER("{\"VolumeTotalOriginal\":2.0}"), "VolumeTotalOriginal"},
        {ORDER("{\"VolumeTotalOriginal\":3000000000}"), "VolumeTotalOriginal"},
        {ORDER("{\"Direction\":\"00\"}"), "Direction"},
        {ORDER("{\"UserID\":\"0123456789012345\"}"), "UserID"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        expect_refusal(&socket, wrong[i].message, "ReqOrderInsert", wrong[i].detail);
    expect(&socket, ORDER("[]"), "\"RequestID\":1,\"Detail\"");
    expect_refusal(&socket, "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{},\"RequestID\":\"4\"}",
                   "ReqQryOrder", "RequestID is text, it should be an integer");
    expect_refusal(&socket,
                   "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{},\"RequestID\":9999999999}",
                   "ReqQryOrder", "RequestID");
    websocket_finish(&socket);
}

static void deep_nesting_and_long_numbers_harm_nobody(void **state)
{
    (void)state;
    struct websocket socket;
    struct buffer message = {.at = NULL};
    connect_td(&socket);
    expect_login(&socket);
    for (int i = 0; i < 100000; i++)
        buffer_put_char(&message, '[');
    buffer_put_char(&message, '\0');
    expect_refusal(&socket, message.at, "", "");
    buffer_clear(&message);
    buffer_put_text(&message, TEXT("{\"MsgType\":\"ReqQryOrder\",\"RequestID\":"));
    for (int i = 0; i < 5000; i++)
        buffer_put_char(&message, '9');
    buffer_put(&message, "}", 2);
    expect(&socket, message.at, BAD_REQUEST);
    expect(&socket, QUERY, "RspQryOrder");
    buffer_finish(&message);
    websocket_finish(&socket);
}

static void an_unknown_method_is_404_and_a_known_one_before_login_401(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_exactly(&socket, "{\"MsgType\":\"ReqNothing\",\"RequestID\":3}",
                   "{\"MsgType\":\"ReqNothing\",\"RspInfo\":{\"ErrorID\":-404,\"ErrorMsg\":\"Not "
                   "implemented\"},"
                   "\"RequestID\":3}");
    expect(&socket, "{\"MsgType\":\"Release\"}", "-404");
    expect(&socket, "{\"MsgType\":\"OnRtnOrder\"}", "-404");
    expect(&socket, "{\"MsgType\":\"SubscribeMarketData\",\"InstrumentID\":[\"a\"]}", "-404");
    expect_exactly(
        &socket, QUERY,
        "{\"MsgType\":\"ReqQryOrder\",\"RspInfo\":{\"ErrorID\":-401,\"ErrorMsg\":\"未登录\"},"
        "\"RequestID\":7}");
    expect(&socket, "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":[]}",
           "-400"); /* the shape is looked at first */
    expect(&socket, "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{}}",
           "-401"); /* no RequestID: taken as 0 */
    websocket_finish(&socket);
}

static void a_secret_is_never_quoted(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    const char *answer =
        expect(&socket,
               "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":\"1\",\"Password\":"
               "\"hunter2hunter2hunter2hunter2hunter2hunter2hunter2\"}}",
               "Password");
    assert_null(strstr(answer, "hunter2"));
    assert_int_equal(gateway_process_count(&webctp, "log", "hunter2"), 0);
    websocket_finish(&socket);
}

static void an_unknown_field_is_named_once_in_the_log(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    for (int i = 0; i < 3; i++)
        expect(&socket, "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{\"InvestrID\":\"x\"}}",
               "RspQryOrder");
    assert_int_equal(
        gateway_process_count(&webctp, "log",
                              "QryOrder has no field InvestrID; did you mean InvestorID?"),
        1);
    websocket_finish(&socket);
}

static void an_unknown_field_is_refused_when_strict(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    expect_refusal(&socket, "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{\"InvestrID\":\"x\"}}",
                   "ReqQryOrder", "InvestrID");
    websocket_finish(&socket);
}

static void binary_messages_are_refused_and_cut_ones_put_together(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    assert_true(websocket_send_frame(&socket, WEBSOCKET_BINARY, true, text_of(QUERY)));
    expect(&socket, NULL, "{\"MsgType\":\"\"," BAD_REQUEST ",\"Detail\":\"a binary message");
    text rest = text_of(QUERY);
    for (bool first = true; rest.length > 1; first = false, rest.at++, rest.length--)
        assert_true(websocket_send_frame(&socket, first ? WEBSOCKET_TEXT : WEBSOCKET_CONTINUATION,
                                         false, (text){rest.at, 1}));
    assert_true(websocket_send_frame(&socket, WEBSOCKET_CONTINUATION, true, rest));
    expect(&socket, NULL, "RspQryOrder");
    websocket_finish(&socket);
}

static void text_goes_to_the_counter_and_back_in_chinese(void **state)
{
    (void)state;
    struct websocket socket;
    connect_td(&socket);
    expect_login(&socket);
    expect(
        &socket,
        "{\"MsgType\":\"ReqQryNotice\",\"QryNotice\":{\"BrokerID\":\"期货公司\"},\"RequestID\":1}",
        "\"BrokerID\":\"期货公司\"");
    expect(&socket, "{\"MsgType\":\"ReqQryNotice\",\"QryNotice\":{\"BrokerID\":\"期货公司了了\"}}",
           BAD_REQUEST);
    websocket_finish(&socket);
}

static void a_message_that_is_too_long_closes_with_1009(void **state)
{
    (void)state;
    struct websocket socket, pieces;
    size_t size = 1 << 20;
    char *message = memory_get(size + 1);
    memset(message, ' ', size + 1);
    connect_td(&socket);
    expect_login(&socket);
    memcpy(message, QUERY, strlen(QUERY)); /* exactly the limit is still good */
    assert_true(websocket_send_frame(&socket, WEBSOCKET_TEXT, true, (text){message, size}));
    expect(&socket, NULL, "RspQryOrder");
    websocket_send_frame(&socket, WEBSOCKET_TEXT, true, (text){message, size + 1});
    assert_int_equal(websocket_receive(&socket, 5000), WEBSOCKET_CLOSED);
    assert_int_equal(socket.close_code, 1009);
    connect_td(&pieces);
    for (int i = 0; i < 3; i++)
        websocket_send_frame(&pieces, i ? WEBSOCKET_CONTINUATION : WEBSOCKET_TEXT, false,
                             (text){message, size / 2});
    assert_int_equal(websocket_receive(&pieces, 5000), WEBSOCKET_CLOSED);
    assert_int_equal(pieces.close_code, 1009);
    websocket_finish(&socket);
    websocket_finish(&pieces);
    free(message);
}

static void paths_work_with_and_without_their_slash(void **state)
{
    (void)state;
    static const char *const good[] = {"/td/", "/td", "/md/", "/md", "/td/?token=1", "/md?x=y"};
    static const char *const bad[] = {"/", "/tdx", "/td/x", "/api/td/", "/td/../x"};
    struct websocket socket;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        gateway_process_connect(&webctp, &socket, good[i]);
        expect(&socket, "{}", BAD_REQUEST);
        websocket_finish(&socket);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(websocket_open(&socket, "127.0.0.1", webctp.port, bad[i], "", false));
        assert_int_equal(socket.status, 404);
        assert_non_null(strstr(socket.head.at, "/td/"));
        assert_non_null(strstr(socket.head.at, "/md/"));
        websocket_finish(&socket);
    }
}

static void what_cannot_be_served_is_refused_in_words(void **state)
{
    (void)state;
    struct websocket socket;
    assert_false(websocket_open(&socket, "127.0.0.1", webctp.port, "/td/",
                                "Sec-WebSocket-Protocol: v1\r\n", false));
    assert_int_equal(socket.status, 400);
    assert_non_null(strstr(socket.head.at, "no subprotocols"));
    websocket_finish(&socket);
    gateway_process_connect(&webctp, &socket, "/td/");
    expect(&socket, "{}", BAD_REQUEST);
    websocket_finish(&socket);
}

static void a_token_is_asked_for_where_one_is_set(void **state)
{
    (void)state;
    static const char *const bad[] = {"/td/", "/td/?token=", "/td/?token=s3cre",
                                      "/td/?token=s3crets3cret", "/td/?t=s3cret"};
    struct websocket socket;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(websocket_open(&socket, "127.0.0.1", webctp.port, bad[i], "", false));
        assert_int_equal(socket.status, 401);
        websocket_finish(&socket);
    }
    gateway_process_connect(&webctp, &socket, "/td/?x=y&token=s3cret");
    expect_login(&socket);
    websocket_finish(&socket);
    assert_int_equal(gateway_process_count(&webctp, "log", "s3cret"), 0);
}

static void pages_of_other_origins_are_refused_where_some_are_named(void **state)
{
    (void)state;
    static const char *const good[] = {"", "Origin: http://a.example\r\n",
                                       "Origin: HTTPS://b.example:8443\r\n"};
    static const char *const bad[] = {"Origin: http://evil.example\r\n",
                                      "Origin: http://a.example.evil\r\n", "Origin: null\r\n"};
    struct websocket socket;
    for (size_t i = 0; i < 3; i++) {
        assert_true(websocket_open(&socket, "127.0.0.1", webctp.port, "/td/", good[i], false));
        websocket_finish(&socket);
        assert_false(websocket_open(&socket, "127.0.0.1", webctp.port, "/td/", bad[i], false));
        assert_int_equal(socket.status, 403);
        websocket_finish(&socket);
    }
}

static void pings_come_and_without_a_pong_the_end(void **state)
{
    (void)state;
    struct websocket alive, dead;
    connect_td(&alive);
    connect_td(&dead);
    dead.keep_silent = true;
    expect_silence(&alive, 1500);
    assert_true(alive.pings >= 3);
    expect(&alive, "{}", BAD_REQUEST);
    assert_int_equal(websocket_receive(&dead, 10000), WEBSOCKET_CLOSED);
    assert_int_equal(dead.close_code, 1011);
    assert_int_equal(dead.pings, 1);
    websocket_finish(&alive);
    websocket_finish(&dead);
}

static void a_lost_client_frees_its_session(void **state)
{
    (void)state;
    struct websocket socket;
    for (int i = 0; i < 3; i++) {
        connect_td(&socket);
        expect_login(&socket);
        if (i == 0)
            websocket_abort(&socket);
        else if (i == 1)
            websocket_close(&socket, 1000);
        else
            websocket_send_frame(&socket, (enum websocket_opcode)3, true,
                                 TEXT("x")); /* reserved: a broken client */
        assert_true(gateway_process_has(&webctp, "stand-in.log", "release ", 5000));
        for (int waited = 0; waited < 500; waited++) {
            if (gateway_process_count(&webctp, "stand-in.log", "release ") == (unsigned)i + 1)
                break;
            usleep(10000);
        }
        assert_int_equal(gateway_process_count(&webctp, "stand-in.log", "release "), i + 1);
        websocket_finish(&socket);
    }
}

static void compression_works_both_ways_of_size(void **state)
{
    (void)state;
    struct websocket socket;
    assert_true(websocket_open(&socket, "127.0.0.1", webctp.port, "/td/", "", true));
    assert_true(socket.compressed);
    expect_login(&socket);
    for (int i = 0; i < 50; i++)
        expect(&socket, QUERY, "RspQryOrder");
    struct buffer message = {.at = NULL};
    buffer_put_text(&message, TEXT("{\"MsgType\":\""));
    for (int i = 0; i < 20000; i++)
        buffer_printf(&message, "%d", i * 7919);
    buffer_put(&message, "\"}", 3);
    const char *answer =
        expect(&socket, message.at, "-404"); /* a long answer: the name comes back */
    assert_memory_equal(answer, message.at, message.length - 3);
    expect(&socket, QUERY, "RspQryOrder");
    buffer_finish(&message);
    websocket_finish(&socket);
}

static void without_compression_nobody_gets_it(void **state)
{
    (void)state;
    struct websocket socket;
    assert_true(websocket_open(&socket, "127.0.0.1", webctp.port, "/td/", "", true));
    assert_false(socket.compressed);
    expect_login(&socket);
    websocket_finish(&socket);
}

static void a_signal_closes_with_1001_and_releases_all(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM};
    for (int i = 0; i < 2; i++) {
        struct gateway_process own;
        struct websocket td, md;
        gateway_process_start(&own, "dev", "");
        gateway_process_connect(&own, &td, "/td/");
        gateway_process_connect(&own, &md, "/md/");
        expect_login(&td);
        expect(&md, "{\"MsgType\":\"ReqUserLogin\"}", "RspUserLogin");
        kill(own.id, signals[i]);
        assert_int_equal(websocket_receive(&td, 5000), WEBSOCKET_CLOSED);
        assert_int_equal(td.close_code, 1001);
        assert_int_equal(websocket_receive(&md, 5000), WEBSOCKET_CLOSED);
        assert_int_equal(md.close_code, 1001);
        assert_int_equal(gateway_process_stop(&own, 0), 0);
        assert_int_equal(gateway_process_count(&own, "stand-in.log", "release "), 2);
        gateway_process_finish(&own);
        websocket_finish(&td);
        websocket_finish(&md);
    }
}

static void connections_beyond_the_limit_are_refused(void **state)
{
    (void)state;
    struct websocket one, two, three;
    connect_td(&one);
    connect_td(&two);
    assert_false(websocket_open(&three, "127.0.0.1", webctp.port, "/td/", "", false));
    assert_int_equal(three.status, 503);
    websocket_close(&one, 1000);
    websocket_finish(&three);
    connect_td(&three);
    websocket_finish(&one);
    websocket_finish(&two);
    websocket_finish(&three);
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
        TEST(what_is_no_request_is_refused_and_the_connection_stays),
        TEST(a_wrong_body_is_refused_by_its_field),
        TEST(deep_nesting_and_long_numbers_harm_nobody),
        TEST(an_unknown_method_is_404_and_a_known_one_before_login_401),
        TEST(a_secret_is_never_quoted),
        TEST(an_unknown_field_is_named_once_in_the_log),
        TEST_WITH(an_unknown_field_is_refused_when_strict, "Strict: true"),
        TEST(binary_messages_are_refused_and_cut_ones_put_together),
        TEST(text_goes_to_the_counter_and_back_in_chinese),
        TEST(a_message_that_is_too_long_closes_with_1009),
        TEST(paths_work_with_and_without_their_slash),
        TEST(what_cannot_be_served_is_refused_in_words),
        TEST_WITH(a_token_is_asked_for_where_one_is_set, "Token: s3cret"),
        TEST_WITH(pages_of_other_origins_are_refused_where_some_are_named,
                  "AllowedOrigins: [\"http://a.example\", \"https://b.example:8443\"]"),
        TEST_WITH(pings_come_and_without_a_pong_the_end, "PingInterval: 0.3\nPingTimeout: 2"),
        TEST(a_lost_client_frees_its_session),
        TEST(compression_works_both_ways_of_size),
        TEST_WITH(without_compression_nobody_gets_it, "Compression: false"),
        TEST(a_signal_closes_with_1001_and_releases_all),
        TEST_WITH(connections_beyond_the_limit_are_refused, "MaxConnections: 2"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
