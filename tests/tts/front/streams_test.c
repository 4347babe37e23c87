/* streams_test.c: what clients are shown and when: nothing before it is durable, flows without a
 * gap, ticks to whom they are owed, and what happens to those who read too slowly. */
#include "base/clock.h"
#include "cmocka_all.h"
#include "front_fixture.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct front_fixture fixture;
static char body[CTP_STRUCT_SIZE_MAX] __attribute__((aligned(8)));

static void start(void)
{
    front_fixture_prepare(&fixture);
    front_fixture_start(&fixture);
}

static void finish(struct wire_client *client)
{
    if (client)
        wire_client_close(client);
    front_fixture_finish(&fixture);
}

/* ---- durability ---- */

static void nothing_is_shown_before_it_is_durable(void **state)
{
    struct wire_client client;
    struct wire_frame frame;
    (void)state;
    start();
    client_login(&fixture, &client, false, "u1", NULL);
    assert_true(client_is_quiet(&client, 100));
    front_fixture_hold_back(&fixture, true);
    client_order(&client, 1);
    assert_true(client_is_quiet(&client, 200));
    front_fixture_hold_back(&fixture, false);
    client_expect(&client, WIRE_PRIVATE, &frame);
    assert_int_equal(frame.sequence, 1);
    finish(&client);
}

static void who_leaves_before_that_harms_nobody(void **state)
{
    struct wire_client client, again;
    struct wire_frame frame;
    (void)state;
    start();
    client_login(&fixture, &client, false, "u1", NULL);
    front_fixture_hold_back(&fixture, true);
    client_order(&client, 1);
    assert_true(client_is_quiet(&client, 50));
    wire_client_close(&client);
    for (int i = 0; i < 100 && front_fixture_figures(&fixture).connections; i++)
        usleep(10000);
    client_connect(&again, fixture.td_port); /* takes the same place */
    client_hello(&again, false, NULL);
    assert_true(client_is_quiet(&again, 50));
    front_fixture_hold_back(&fixture, false);
    assert_true(wire_client_wait(&again, &frame, 10000));
    assert_int_equal(frame.kind, WIRE_WELCOME); /* and nothing of the one before */
    finish(&again);
}

/* ---- flows ---- */

/* Takes `count` private messages, which must be numbered on from `next`. */
static void expect_private(struct wire_client *client, uint32_t next, uint32_t count)
{
    struct wire_frame frame;
    for (uint32_t i = 0; i < count; i++) {
        client_expect(client, WIRE_PRIVATE, &frame);
        assert_int_equal(frame.sequence, next + i);
    }
}

static void flows_resume_without_a_gap(void **state)
{
    struct wire_client client;
    struct wire_topics topics = {.trading_day = FRONT_FIXTURE_DAY,
                                 .private_topic = WIRE_RESUME,
                                 .public_topic = WIRE_RESUME,
                                 .public_from = 1};
    (void)state;
    start();
    client_login(&fixture, &client, false, "u1", NULL);
    for (int i = 1; i <= 20; i++)
        client_order(&client, i);
    expect_private(&client, 1, 25); /* E1 and E2 of each: 40 in all; it leaves in the middle */
    wire_client_close(&client);
    topics.private_from = 26;
    client_login(&fixture, &client, false, "u1", &topics);
    expect_private(&client, 26, 15);
    client_order(&client, 21);
    expect_private(&client, 41, 2);
    wire_client_close(&client);
    topics.private_topic = WIRE_RESTART;
    client_login(&fixture, &client, false, "u1", &topics);
    expect_private(&client, 26, 17); /* RESTART too says where to start */
    wire_client_close(&client);
    topics.private_topic = WIRE_QUICK;
    client_login(&fixture, &client, false, "u1", &topics);
    assert_true(client_is_quiet(&client, 100));
    finish(&client);
}

static void a_flow_larger_than_all_buffers_comes_whole(void **state)
{
    struct wire_client client, reader;
    enum { ORDERS = 4000 };
    (void)state;
    start();
    client_login(&fixture, &client, false, "u1", NULL);
    for (int i = 1; i <= ORDERS; i++)
        client_order(&client, i);
    expect_private(&client, 1, 2 * ORDERS);
    client_login(&fixture, &reader, false, "u1", NULL); /* from the beginning */
    expect_private(&reader, 1, 2 * ORDERS);
    wire_client_close(&reader);
    finish(&client);
}

static void every_session_of_a_user_hears_its_flow_and_others_do_not(void **state)
{
    struct wire_client one, two, other;
    (void)state;
    start();
    client_login(&fixture, &one, false, "u1", NULL);
    client_login(&fixture, &two, false, "u1", NULL);
    client_login(&fixture, &other, false, "u2", NULL);
    client_order(&one, 1);
    wire_client_send(&one);
    expect_private(&two, 1, 2);
    expect_private(&one, 1, 2);
    assert_true(client_is_quiet(&other, 100));
    wire_client_close(&two); /* the list of the user's links goes on without it */
    client_order(&one, 2);
    expect_private(&one, 3, 2);
    wire_client_close(&one);
    finish(&other);
}

static void bulletin(struct front_fixture *of, void *argument)
{
    (void)argument;
    assert_int_equal(core_send_notice(of->core, TEXT(""), TEXT("hello")), ADMIN_OK);
}

static void the_public_flow_reaches_all(void **state)
{
    struct wire_client one, two;
    struct wire_frame frame;
    (void)state;
    start();
    client_login(&fixture, &one, false, "u1", NULL);
    client_login(&fixture, &two, false, "u2", NULL);
    front_fixture_do(&fixture, bulletin, NULL);
    client_expect(&one, WIRE_PUBLIC, &frame);
    assert_int_equal(frame.sequence, 1);
    client_expect(&two, WIRE_PUBLIC, &frame);
    wire_client_close(&one);
    finish(&two);
}

static void settle(struct front_fixture *of, void *argument)
{
    double prices[] = {ABSENT_PRICE};
    (void)argument;
    core_settle(of->core, FRONT_FIXTURE_DAY + 1, prices);
}

static void the_days_end_closes_sessions_and_a_new_flow_begins(void **state)
{
    struct wire_client client;
    struct wire_topics topics = {.trading_day = FRONT_FIXTURE_DAY,
                                 .private_topic = WIRE_RESUME,
                                 .private_from = 3,
                                 .public_topic = WIRE_NONE};
    (void)state;
    start();
    client_login(&fixture, &client, false, "u1", NULL);
    client_order(&client, 1);
    expect_private(&client, 1, 2);
    front_fixture_do(&fixture, settle, NULL);
    assert_true(client_is_closed(&client, 5000));
    wire_client_close(&client);
    client_login(&fixture, &client, false, "u1", &topics);
    client_order(&client, 1);
    expect_private(&client, 1, 2); /* yesterday's number means nothing */
    finish(&client);
}

static void a_wrong_password_is_refused_and_the_next_try_may_be_right(void **state)
{
    struct wire_client client;
    struct wire_frame frame;
    struct wire_topics topics = {.private_topic = WIRE_RESTART};
    int error_id;
    (void)state;
    start();
    client_login(&fixture, &client, false, "u1", NULL);
    wire_client_close(&client);
    assert_true(wire_client_open(&client, fixture.td_port, false));
    wire_client_login(&client, "u1", "wrong", &topics);
    wire_client_login(&client, "u1", "secret", &topics); /* waits until the first is checked */
    client_expect(&client, WIRE_ANSWER, &frame);
    wire_client_read(&client, &frame, &error_id, body);
    assert_int_equal(error_id, CTP_ERROR_INVALID_LOGIN);
    client_expect(&client, WIRE_ANSWER, &frame);
    wire_client_read(&client, &frame, &error_id, body);
    assert_int_equal(error_id, 0);
    finish(&client);
}

/* ---- ticks ---- */

static void expect_tick(struct wire_client *client, const char *instrument, int volume)
{
    struct wire_frame frame;
    int error_id;
    client_expect(client, WIRE_TICK, &frame);
    assert_int_equal(wire_client_read(client, &frame, &error_id, body),
                     CTP_MdSpi_OnRtnDepthMarketData);
    const struct CThostFtdcDepthMarketDataField *tick = (const void *)body;
    assert_string_equal(tick->InstrumentID, instrument);
    assert_int_equal(tick->Volume, volume);
}

static void an_instrument_may_be_subscribed_before_it_exists(void **state)
{
    struct wire_client client;
    char *ids[] = {(char[]){"rb2505"}, (char[]){"rb2510"}};
    struct wire_frame frame;
    (void)state;
    start();
    client_login(&fixture, &client, true, "u1", NULL);
    client_subscribe(&client, CTP_MdApi_SubscribeMarketData, ids, 2);
    client_expect(&client, WIRE_ANSWER, &frame);
    client_expect(&client, WIRE_ANSWER, &frame);
    assert_true(frame.flags & WIRE_IS_LAST);
    front_fixture_list(&fixture, "rb2510");
    front_fixture_quote(&fixture, "rb2510", 7);
    expect_tick(&client, "rb2510", 7);
    client_subscribe(&client, CTP_MdApi_SubscribeMarketData, ids + 1, 1); /* the newest again */
    expect_tick(&client, "rb2510", 7);
    client_subscribe(&client, CTP_MdApi_UnSubscribeMarketData, ids + 1, 1);
    client_expect(&client, WIRE_ANSWER, &frame);
    front_fixture_quote(&fixture, "rb2510", 8);
    front_fixture_quote(&fixture, "rb2505", 9);
    expect_tick(&client, "rb2505", 9);
    finish(&client);
}

static void more_subscriptions_than_allowed_are_refused_one_by_one(void **state)
{
    struct wire_client client;
    char *ids[] = {(char[]){"a"}, (char[]){"b"}, (char[]){"a"}, (char[]){"c"}};
    static const int wanted[] = {0, 0, 0, 6000};
    struct wire_frame frame;
    (void)state;
    front_fixture_prepare(&fixture);
    fixture.options.md_subscription_limit = 2;
    front_fixture_start(&fixture);
    client_login(&fixture, &client, true, "u1", NULL);
    client_subscribe(&client, CTP_MdApi_SubscribeMarketData, ids, 4);
    for (int i = 0; i < 4; i++) {
        int error_id;
        client_expect(&client, WIRE_ANSWER, &frame);
        wire_client_read(&client, &frame, &error_id, body);
        assert_int_equal(error_id, wanted[i]);
    }
    finish(&client);
}

enum { MANY = 20000 };

static char *many_ids[MANY];

static void name_many(void)
{
    static char names[MANY][16];
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "x%d", i);
        many_ids[i] = names[i];
    }
}

static void subscribe_many(struct wire_client *client, enum ctp_method method)
{
    struct wire_frame frame;
    client_subscribe(client, method, many_ids, MANY);
    for (int answers = 0; answers < MANY; answers++)
        client_expect(client, WIRE_ANSWER, &frame);
}

static void many_subscriptions_of_many_clients_take_no_scans(void **state)
{
    enum { CLIENTS = 20 };
    struct wire_client clients[CLIENTS];
    (void)state;
    name_many();
    start();
    int64_t begun = clock_monotonic_ns();
    for (int i = 0; i < CLIENTS; i++) {
        client_login(&fixture, &clients[i], true, "u1", NULL);
        subscribe_many(&clients[i], CTP_MdApi_SubscribeMarketData);
    }
    subscribe_many(&clients[3], CTP_MdApi_UnSubscribeMarketData);
    subscribe_many(&clients[3], CTP_MdApi_SubscribeForQuoteRsp);
    for (int i = 0; i < CLIENTS; i++)
        wire_client_close(&clients[i]);
    for (int i = 0; i < 1000 && front_fixture_figures(&fixture).connections; i++)
        usleep(10000);
    assert_int_equal(front_fixture_figures(&fixture).connections, 0);
    assert_true(clock_monotonic_ns() - begun < INT64_C(60000000000));
    finish(NULL);
}

/* ---- slow readers ---- */

static void small_window(struct wire_client *client)
{
    int bytes = 4096;
    setsockopt(client->socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

static void a_slow_reader_gets_the_newest_ticks(void **state)
{
    enum { TICKS = 60000 }; /* more bytes than the sockets hold */
    struct wire_client slow, quick;
    struct wire_frame frame;
    char *ids[] = {(char[]){"rb2505"}};
    int newest = 0, got = 0, error_id;
    (void)state;
    start();
    client_login(&fixture, &slow, true, "u1", NULL);
    client_login(&fixture, &quick, true, "u2", NULL);
    client_subscribe(&slow, CTP_MdApi_SubscribeMarketData, ids, 1);
    client_subscribe(&quick, CTP_MdApi_SubscribeMarketData, ids, 1);
    client_expect(&slow, WIRE_ANSWER, &frame);
    client_expect(&quick, WIRE_ANSWER, &frame);
    for (int i = 1; i <= TICKS; i += 100) {
        front_fixture_quotes(&fixture, "rb2505", i, i + 99);
        for (int k = i; k < i + 100; k++)
            expect_tick(&quick, "rb2505", k); /* the other one misses nothing */
    }
    while (newest < TICKS) {
        client_expect(&slow, WIRE_TICK, &frame);
        wire_client_read(&slow, &frame, &error_id, body);
        int volume = ((const struct CThostFtdcDepthMarketDataField *)(const void *)body)->Volume;
        assert_true(volume > newest);
        newest = volume;
        got++;
    }
    assert_in_range(got, 100, TICKS - 1);
    wire_client_close(&quick);
    finish(&slow);
}

static void who_does_not_read_its_answers_is_closed(void **state)
{
    struct wire_client slow, other;
    struct CThostFtdcQryInstrumentField query;
    struct wire_frame frame;
    (void)state;
    memset(&query, 0, sizeof query);
    front_fixture_prepare(&fixture);
    fixture.options.out_bytes_max = 1 << 20;
    front_fixture_start(&fixture);
    client_login(&fixture, &slow, false, "u1", NULL);
    client_login(&fixture, &other, false, "u2", NULL);
    small_window(&slow);
    bool alive = true;
    for (int i = 0; alive && i < 200000; i++) {
        wire_client_request(&slow, CTP_TraderApi_ReqQryInstrument, &query, i);
        alive = i % 100 != 0 || wire_client_send(&slow);
        if (slow.out.length > 1 << 20)
            usleep(1000);
    }
    for (int i = 0; i < 500 && front_fixture_figures(&fixture).connections == 2; i++)
        usleep(10000);
    assert_int_equal(front_fixture_figures(&fixture).connections, 1);
    client_order(&other, 1);
    client_expect(&other, WIRE_PRIVATE, &frame);
    wire_client_close(&slow);
    finish(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_shown_before_it_is_durable),
        cmocka_unit_test(who_leaves_before_that_harms_nobody),
        cmocka_unit_test(flows_resume_without_a_gap),
        cmocka_unit_test(a_flow_larger_than_all_buffers_comes_whole),
        cmocka_unit_test(every_session_of_a_user_hears_its_flow_and_others_do_not),
        cmocka_unit_test(the_public_flow_reaches_all),
        cmocka_unit_test(the_days_end_closes_sessions_and_a_new_flow_begins),
        cmocka_unit_test(a_wrong_password_is_refused_and_the_next_try_may_be_right),
        cmocka_unit_test(an_instrument_may_be_subscribed_before_it_exists),
        cmocka_unit_test(more_subscriptions_than_allowed_are_refused_one_by_one),
        cmocka_unit_test(many_subscriptions_of_many_clients_take_no_scans),
        cmocka_unit_test(a_slow_reader_gets_the_newest_ticks),
        cmocka_unit_test(who_does_not_read_its_answers_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
