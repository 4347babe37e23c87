/* greeting_test.c: who is let in, how long a silent client stays, and what is not a frame. */
#include "base/clock.h"
#include "cmocka_all.h"
#include "front_fixture.h"
#include <string.h>
#include <unistd.h>

static struct front_fixture fixture;

static void start(void)
{
    front_fixture_prepare(&fixture);
    front_fixture_start(&fixture);
}

/* ---- HELLO ---- */

static void unknown_version(struct wire_hello *hello)
{
    text_copy(hello->version, sizeof hello->version, TEXT("9.9.9"));
}

static void hostile_version(struct wire_hello *hello)
{
    text_copy(hello->version, sizeof hello->version, TEXT("1\n2\x1b[31m"));
}

static void other_digest(struct wire_hello *hello)
{
    hello->digest++;
}

static void other_protocol(struct wire_hello *hello)
{
    hello->protocol = 77;
}

static void expect_refused(int port, bool md, void (*change)(struct wire_hello *hello),
                           uint32_t error_id, const char *part)
{
    struct wire_client client;
    struct wire_frame frame;
    uint32_t told = 0;
    text why;
    char words[256];
    client_connect(&client, port);
    client_hello(&client, md, change);
    client_expect(&client, WIRE_REFUSE, &frame);
    assert_true(wire_refuse_read(frame.payload, &told, &why));
    text_copy(words, sizeof words, why);
    assert_int_equal(told, error_id);
    assert_non_null(strstr(words, part));
    assert_true(client_is_closed(&client, 2000));
    wire_client_close(&client);
}

static void a_library_of_other_tables_is_refused(void **state)
{
    (void)state;
    start();
    expect_refused(fixture.td_port, false, unknown_version, 3039, "CTP version 9.9.9");
    expect_refused(fixture.td_port, false, hostile_version, 3039, "(no number)");
    expect_refused(fixture.td_port, false, other_digest, 3039, "from other tables");
    expect_refused(fixture.td_port, false, other_protocol, 3039, "wire protocol");
    front_fixture_finish(&fixture);
}

static void a_library_at_the_other_port_is_refused(void **state)
{
    (void)state;
    start();
    expect_refused(fixture.td_port, true, NULL, 77, "at the trading port");
    expect_refused(fixture.md_port, false, NULL, 77, "at the market data port");
    front_fixture_finish(&fixture);
}

static void hello_may_come_byte_by_byte(void **state)
{
    struct wire_client client;
    struct wire_frame frame;
    (void)state;
    start();
    client_connect(&client, fixture.td_port);
    client_hello(&client, false, NULL);
    struct buffer all = client.out;
    client.out = (struct buffer){.at = NULL};
    for (size_t i = 0; i < all.length; i++) {
        buffer_put(&client.out, all.at + i, 1);
        assert_true(wire_client_send(&client));
        usleep(200);
    }
    client_expect(&client, WIRE_WELCOME, &frame);
    buffer_finish(&all);
    wire_client_close(&client);
    front_fixture_finish(&fixture);
}

/* ---- what is no frame ---- */

static void expect_closed_after(const void *bytes, size_t length, bool greeted)
{
    struct wire_client client;
    struct wire_frame frame;
    client_connect(&client, fixture.td_port);
    if (greeted) {
        client_hello(&client, false, NULL);
        client_expect(&client, WIRE_WELCOME, &frame);
    }
    buffer_put(&client.out, bytes, length);
    assert_true(client_is_closed(&client, 2000));
    wire_client_close(&client);
}

static void bytes_that_are_no_frame_close(void **state)
{
    static const char http[] = "GET / HTTP/1.1\r\n\r\n";
    static const unsigned char too_long[] = {0xff, 0xff, 0xff, 0x7f, 1, 0, 0, 0, 0, 0, 0, 0};
    static const unsigned char tls[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01};
    (void)state;
    start();
    expect_closed_after(http, sizeof http - 1, false);
    expect_closed_after(http, sizeof http - 1, true);
    expect_closed_after(too_long, sizeof too_long, true);
    expect_closed_after(tls, sizeof tls, false); /* no certificate here */
    front_fixture_finish(&fixture);
}

static void a_stranger_may_not_fill_the_memory(void **state)
{
    struct buffer bytes = {.at = NULL};
    uint32_t length = 900000;
    unsigned char kind[12] = {WIRE_HELLO};
    (void)state;
    start();
    buffer_put(&bytes, &length, 4);
    buffer_put(&bytes, kind, sizeof kind);
    memset(buffer_reserve(&bytes, 4000), 0, 4000);
    bytes.length += 4000;
    expect_closed_after(bytes.at, bytes.length, false);
    buffer_finish(&bytes);
    front_fixture_finish(&fixture);
}

static void frames_that_say_nothing_here_close(void **state)
{
    struct buffer bytes = {.at = NULL};
    struct wire_frame frame = {.kind = WIRE_WELCOME};
    (void)state;
    start();
    wire_frame_write_payload(&bytes, &frame); /* a front's word */
    expect_closed_after(bytes.at, bytes.length, true);
    buffer_clear(&bytes);
    frame = (struct wire_frame){.kind = WIRE_REQUEST, .slot = 9999, .request_id = 1};
    wire_frame_write_payload(&bytes, &frame); /* no such method */
    expect_closed_after(bytes.at, bytes.length, true);
    buffer_clear(&bytes);
    char junk[] = "\xff\xff\xff\xff";
    frame = (struct wire_frame){
        .kind = WIRE_REQUEST,
        .flags = WIRE_HAS_BODY,
        .slot = (unsigned)ctp_method_slot(CTP_NEWEST, CTP_TraderApi_ReqQryOrder),
        .payload = {junk, 4}};
    wire_frame_write_payload(&bytes, &frame);
    expect_closed_after(bytes.at, bytes.length, true);
    buffer_finish(&bytes);
    front_fixture_finish(&fixture);
}

/* ---- limits ---- */

static void more_connections_than_allowed_are_closed(void **state)
{
    struct wire_client clients[3];
    (void)state;
    front_fixture_prepare(&fixture);
    fixture.options.connections_max = 2;
    front_fixture_start(&fixture);
    assert_true(wire_client_open(&clients[0], fixture.td_port, false));
    assert_true(wire_client_open(&clients[1], fixture.md_port, true));
    assert_false(wire_client_open(&clients[2], fixture.td_port, false));
    wire_client_close(&clients[0]);
    for (int i = 0; i < 100 && front_fixture_figures(&fixture).connections == 2; i++)
        usleep(10000);
    assert_true(
        wire_client_open(&clients[2], fixture.td_port, false)); /* the place is free again */
    wire_client_close(&clients[1]);
    wire_client_close(&clients[2]);
    front_fixture_finish(&fixture);
}

static void an_address_may_connect_so_often_in_a_second(void **state)
{
    struct wire_client clients[12];
    int alive = 0;
    (void)state;
    front_fixture_prepare(&fixture);
    fixture.options.connect_rate = 3;
    front_fixture_start(&fixture);
    for (int i = 0; i < 12; i++)
        alive += wire_client_open(&clients[i], fixture.td_port, false);
    assert_in_range(alive, 3, 6); /* the second may change once */
    for (int i = 0; i < 12; i++)
        wire_client_close(&clients[i]);
    front_fixture_finish(&fixture);
}

static void messages_beyond_the_rate_wait(void **state)
{
    struct wire_client client;
    struct wire_frame frame;
    struct CThostFtdcQryExchangeField query;
    (void)state;
    memset(&query, 0, sizeof query);
    front_fixture_prepare(&fixture);
    fixture.options.message_rate = 4;
    front_fixture_start(&fixture);
    client_login(&fixture, &client, false, "u1", NULL);
    int64_t begun = clock_monotonic_ns();
    for (int i = 0; i < 12; i++)
        wire_client_request(&client, CTP_TraderApi_ReqQryExchange, &query, 100 + i);
    for (int last = 0; last < 111;) {
        client_expect(&client, WIRE_ANSWER, &frame);
        assert_in_range(frame.request_id, last ? last : 100, last ? last + 1 : 100);
        last = frame.request_id;
    }
    int64_t ms = (clock_monotonic_ns() - begun) / 1000000;
    assert_in_range(ms, 1500, 5000); /* all are answered, four in each second */
    wire_client_close(&client);
    front_fixture_finish(&fixture);
}

static void subscriptions_beyond_the_rate_wait_too(void **state)
{
    struct wire_client client;
    struct wire_frame frame;
    char one[] = "rb2505", other[] = "rb2506", *instruments[] = {one, other};
    (void)state;
    front_fixture_prepare(&fixture);
    fixture.options.message_rate = 4;
    front_fixture_start(&fixture);
    client_login(&fixture, &client, true, "", NULL);
    int64_t begun = clock_monotonic_ns();
    for (int i = 0; i < 9; i++)
        client_subscribe(&client, CTP_MdApi_SubscribeForQuoteRsp, instruments, 2);
    for (int i = 0; i < 2 * 9; i++)
        client_expect(&client, WIRE_ANSWER, &frame);
    int64_t ms = (clock_monotonic_ns() - begun) / 1000000;
    assert_in_range(ms, 900, 5000); /* ten messages with the login */
    wire_client_close(&client);
    front_fixture_finish(&fixture);
}

/* ---- silence ---- */

static void who_does_not_log_in_is_closed(void **state)
{
    struct wire_client silent, greeted, trader;
    (void)state;
    front_fixture_prepare(&fixture);
    fixture.options.login_ms = 300;
    fixture.options.look_ms = 20;
    front_fixture_start(&fixture);
    client_connect(&silent, fixture.td_port);
    assert_true(wire_client_open(&greeted, fixture.md_port, true));
    client_login(&fixture, &trader, false, "u1", NULL);
    assert_true(client_is_closed(&silent, 5000));
    assert_true(client_is_closed(&greeted, 5000));
    assert_false(client_is_closed(&trader, 500));
    wire_client_close(&silent);
    wire_client_close(&greeted);
    wire_client_close(&trader);
    front_fixture_finish(&fixture);
}

static void heartbeats_go_out_and_silence_ends_it(void **state)
{
    struct wire_client client;
    struct wire_frame frame, heartbeat = {.kind = WIRE_HEARTBEAT};
    (void)state;
    front_fixture_prepare(&fixture);
    fixture.options.heartbeat_ms = 50;
    fixture.options.silence_ms = 600;
    fixture.options.look_ms = 20;
    front_fixture_start(&fixture);
    client_login(&fixture, &client, false, "u1", NULL);
    for (int i = 0; i < 20; i++) { /* a second, in which the client is heard */
        client_expect(&client, WIRE_HEARTBEAT, &frame);
        wire_frame_write_payload(&client.out, &heartbeat);
        assert_true(wire_client_send(&client));
    }
    assert_true(client_is_closed(&client, 5000)); /* and then not */
    wire_client_close(&client);
    front_fixture_finish(&fixture);
}

/* ---- names ---- */

static void a_name_server_answers_with_the_front_itself(void **state)
{
    struct wire_client client;
    struct wire_frame frame, ask = {.kind = WIRE_NAMES};
    char wanted[64];
    text address;
    (void)state;
    start();
    assert_true(wire_client_open(&client, fixture.td_port, false));
    wire_frame_write_payload(&client.out, &ask);
    client_expect(&client, WIRE_NAMES, &frame);
    struct wire_names names = wire_names_of(frame.payload);
    assert_true(wire_names_next(&names, &address));
    snprintf(wanted, sizeof wanted, "tcp://127.0.0.1:%d", fixture.td_port);
    assert_true(text_equal(address, text_of(wanted)));
    assert_false(wire_names_next(&names, &address));
    assert_false(names.broken);
    wire_client_close(&client);
    front_fixture_finish(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_of_other_tables_is_refused),
        cmocka_unit_test(a_library_at_the_other_port_is_refused),
        cmocka_unit_test(hello_may_come_byte_by_byte),
        cmocka_unit_test(bytes_that_are_no_frame_close),
        cmocka_unit_test(a_stranger_may_not_fill_the_memory),
        cmocka_unit_test(frames_that_say_nothing_here_close),
        cmocka_unit_test(more_connections_than_allowed_are_closed),
        cmocka_unit_test(an_address_may_connect_so_often_in_a_second),
        cmocka_unit_test(messages_beyond_the_rate_wait),
        cmocka_unit_test(subscriptions_beyond_the_rate_wait_too),
        cmocka_unit_test(who_does_not_log_in_is_closed),
        cmocka_unit_test(heartbeats_go_out_and_silence_ends_it),
        cmocka_unit_test(a_name_server_answers_with_the_front_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
