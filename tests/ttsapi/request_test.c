/* request_test.c: requests go out as the wire says, answers come back as CTP's callbacks, and the
 * return values are CTP's: -1, -2, -3. */
#include "client.h"
#include "ctp/canonical.h"
#include "front.h"

/* A trader and a market data client of the newest version, whose structs canonical.h has. */
struct scene {
    struct front front;
    struct client client;
    struct peer peer;
};

static void scene_open(struct scene *scene, enum ctp_class class, const struct timing *timing,
                       const struct wire_welcome *welcome)
{
    scene->peer = (struct peer){.descriptor = -1};
    front_open(&scene->front);
    client_open(&scene->client, class, CTP_NEWEST, timing);
    client_start(&scene->client, scene->front.address);
    front_welcome(&scene->front, &scene->peer, welcome);
    client_expect(&scene->client, class == CTP_TraderApi ? CTP_TraderSpi_OnFrontConnected
                                                         : CTP_MdSpi_OnFrontConnected);
}

static void scene_close(struct scene *scene)
{
    client_close(&scene->client);
    peer_close(&scene->peer);
    front_close(&scene->front);
}

static const char *trading_day(struct client *client)
{
    return (const char *)client_call(client,
                                     &(struct ctp_call){.method = client->class == CTP_TraderApi
                                                                      ? CTP_TraderApi_GetTradingDay
                                                                      : CTP_MdApi_GetTradingDay});
}

static void a_request_before_the_connection_returns_minus_one(void **state)
{
    (void)state;
    struct scene scene;
    front_open(&scene.front);
    client_open(&scene.client, CTP_TraderApi, CTP_NEWEST, NULL);
    assert_int_equal(client_login(&scene.client, "4645", 1), -1);
    client_start(&scene.client, scene.front.address);
    front_accept(&scene.front, &scene.peer);
    assert_int_equal(client_login(&scene.client, "4645", 1), -1);
    scene_close(&scene);
}

static void a_request_without_a_struct_returns_minus_one(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, NULL, NULL);
    assert_int_equal(client_request(&scene.client, CTP_TraderApi_ReqOrderInsert, NULL, 1), -1);
    assert_int_equal(client_request(&scene.client, CTP_TraderApi_RegisterUserSystemInfo, NULL, 1),
                     -1);
    scene_close(&scene);
}

static void an_order_arrives_as_it_was_sent(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, NULL, NULL);
    struct CThostFtdcInputOrderField order = {
        .BrokerID = "9999",
        .InvestorID = "4645",
        .OrderRef = "12",
        .LimitPrice = 3456.5,
        .VolumeTotalOriginal = 7,
        .Direction = THOST_FTDC_D_Sell,
        .InstrumentID = "rb2510",
    };
    struct CThostFtdcInputOrderField got;
    assert_int_equal(client_request(&scene.client, CTP_TraderApi_ReqOrderInsert, &order, -77), 0);
    assert_int_equal(peer_expect_request(&scene.peer, CTP_TraderApi_ReqOrderInsert, &got), -77);
    assert_memory_equal(&got, &order, sizeof order);
    scene_close(&scene);
}

static void every_request_of_the_version_goes_out(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, NULL, NULL);
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    for (int slot = 0; slot < ctp_method_count(CTP_NEWEST, CTP_TraderApi); slot++) {
        enum ctp_method method = ctp_method_at(CTP_NEWEST, CTP_TraderApi, slot);
        if (ctp_method_info(method)->shape != CTP_SHAPE_REQUEST)
            continue;
        assert_int_equal(client_request(&scene.client, method, body, slot), 0);
        if (ctp_method_answer(method) == CTP_TraderSpi_OnRspUserLogin)
            peer_expect(&scene.peer, WIRE_TOPICS);
        assert_int_equal(peer_expect_request(&scene.peer, method, NULL), slot);
    }
    scene_close(&scene);
}

static void the_login_tells_the_trading_day(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, NULL, NULL);
    assert_string_equal(trading_day(&scene.client), "");
    assert_int_equal(client_login(&scene.client, "4645", 5), 0);
    peer_login(&scene.peer, 20241125, 1, 1);
    const struct event *event = client_expect(&scene.client, CTP_TraderSpi_OnRspUserLogin);
    assert_int_equal(event->request_id, 5);
    assert_true(event->is_last && event->has_body && event->has_rsp_info);
    assert_string_equal(event_text(&scene.client, event, "TradingDay"), "20241125");
    assert_string_equal(trading_day(&scene.client), "20241125");
    scene_close(&scene);
}

static void a_refused_login_tells_no_trading_day(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, NULL, NULL);
    struct CThostFtdcRspUserLoginField body = {.TradingDay = "20241125"};
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspUserLogin, 1, true, 3, &body);
    assert_int_equal(client_expect(&scene.client, CTP_TraderSpi_OnRspUserLogin)->error_id, 3);
    assert_string_equal(trading_day(&scene.client), "");
    scene_close(&scene);
}

static void rows_and_empty_answers_come_as_ctp_sends_them(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, NULL, NULL);
    struct CThostFtdcInstrumentField row = {.InstrumentID = "IF2412", .VolumeMultiple = 300};
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspQryInstrument, 4, false, -1, &row);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspQryInstrument, 4, true, -1, &row);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspQryTrade, 0, true, -1, NULL);
    const struct event *first = client_expect(&scene.client, CTP_TraderSpi_OnRspQryInstrument);
    assert_memory_equal(first->body, &row, sizeof row);
    assert_false(first->is_last || first->has_rsp_info);
    assert_true(client_expect(&scene.client, CTP_TraderSpi_OnRspQryInstrument)->is_last);
    const struct event *empty = client_expect(&scene.client, CTP_TraderSpi_OnRspQryTrade);
    assert_true(empty->is_last && !empty->has_body && !empty->has_rsp_info);
    assert_int_equal(empty->request_id, 0);
    scene_close(&scene);
}

static void all_callbacks_come_from_one_thread_that_is_not_ours(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, NULL, NULL);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, 1, true, 90, NULL);
    const struct event *error = client_expect(&scene.client, CTP_TraderSpi_OnRspError);
    assert_false(pthread_equal(error->thread, pthread_self()));
    assert_true(pthread_equal(error->thread, scene.client.events[0].thread));
    scene_close(&scene);
}

static int query(struct client *client, int request_id)
{
    struct CThostFtdcQryOrderField body = {.BrokerID = "9999"};
    return client_request(client, CTP_TraderApi_ReqQryOrder, &body, request_id);
}

static const struct wire_welcome one_query = {
    .protocol = WIRE_PROTOCOL, .query_pending = 1, .message_rate = 6, .query_rate = 0};

static void a_second_query_returns_minus_two_until_the_last_answer(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, NULL, &one_query);
    struct CThostFtdcOrderField row = {.OrderRef = "1"};
    struct CThostFtdcInputOrderField order = {.OrderRef = "1"};
    assert_int_equal(query(&scene.client, 1), 0);
    assert_int_equal(query(&scene.client, 2), -2);
    assert_int_equal(client_request(&scene.client, CTP_TraderApi_ReqOrderInsert, &order, 3), 0);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspQryOrder, 1, false, -1, &row);
    client_expect(&scene.client, CTP_TraderSpi_OnRspQryOrder);
    assert_int_equal(query(&scene.client, 2), -2);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspQryOrder, 1, true, -1, &row);
    client_expect(&scene.client, CTP_TraderSpi_OnRspQryOrder);
    assert_int_equal(query(&scene.client, 2), 0);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, 7, true, 90, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnRspError);
    assert_int_equal(query(&scene.client, 3), -2);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, 2, true, 90, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnRspError);
    assert_int_equal(query(&scene.client, 3), 0);
    scene_close(&scene);
}

static void ask_again(struct client *client, const struct ctp_callback *callback)
{
    if (callback->method == CTP_TraderSpi_OnRspQryOrder && callback->request_id < 5)
        *(int *)client->user += query(client, callback->request_id + 1);
}

static void the_next_query_can_be_sent_inside_the_last_answer(void **state)
{
    (void)state;
    struct scene scene;
    int results = 0;
    scene_open(&scene, CTP_TraderApi, NULL, &one_query);
    client_inside(&scene.client, ask_again, &results);
    assert_int_equal(query(&scene.client, 1), 0);
    for (int id = 1; id <= 5; id++) {
        assert_int_equal(peer_expect_request(&scene.peer, CTP_TraderApi_ReqQryOrder, NULL), id);
        peer_answer(&scene.peer, CTP_TraderSpi_OnRspQryOrder, id, true, -1, NULL);
        client_expect(&scene.client, CTP_TraderSpi_OnRspQryOrder);
    }
    assert_int_equal(results, 0);
    scene_close(&scene);
}

static void a_query_that_is_never_answered_frees_its_place(void **state)
{
    (void)state;
    struct timing timing = calm;
    timing.query_lost = 100;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, &timing, &one_query);
    assert_int_equal(query(&scene.client, 1), 0);
    int result;
    while ((result = query(&scene.client, 2)) == -2)
        client_expect_quiet(&scene.client, 10);
    assert_int_equal(result, 0);
    scene_close(&scene);
}

static void queries_beyond_the_rate_return_minus_three(void **state)
{
    (void)state;
    struct timing timing = calm;
    timing.query_rate = 3000;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, &timing,
               &(struct wire_welcome){.protocol = WIRE_PROTOCOL, .query_rate = 2});
    assert_int_equal(query(&scene.client, 1), 0);
    assert_int_equal(query(&scene.client, 2), 0);
    assert_int_equal(query(&scene.client, 3), -3);
    struct CThostFtdcReqQueryAccountField bank = {.BankID = "1"};
    assert_int_equal(
        client_request(&scene.client, CTP_TraderApi_ReqQueryBankAccountMoneyByFuture, &bank, 9), 0);
    int result;
    while ((result = query(&scene.client, 4)) == -3)
        client_expect_quiet(&scene.client, 50);
    assert_int_equal(result, 0);
    scene_close(&scene);
}

static void a_new_connection_starts_with_free_places(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, NULL, &one_query);
    assert_int_equal(query(&scene.client, 1), 0);
    peer_close(&scene.peer);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontDisconnected);
    assert_int_equal(query(&scene.client, 2), -1);
    front_welcome(&scene.front, &scene.peer, &one_query);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    assert_int_equal(query(&scene.client, 2), 0);
    scene_close(&scene);
}

static void the_front_info_is_told_in_two_steps(void **state)
{
    (void)state;
    struct scene scene;
    struct CThostFtdcFrontInfoField info;
    struct ctp_call call = {.method = CTP_TraderApi_GetFrontInfo, .body = &info};
    scene_open(
        &scene, CTP_TraderApi, NULL,
        &(struct wire_welcome){.protocol = WIRE_PROTOCOL, .query_rate = 2, .message_rate = 6});
    client_call(&scene.client, &call);
    assert_string_equal(info.FrontAddr, scene.front.address);
    assert_int_equal(info.QryFreq, 0);
    client_login(&scene.client, "4645", 1);
    peer_login(&scene.peer, 20241125, 1, 1);
    client_expect(&scene.client, CTP_TraderSpi_OnRspUserLogin);
    client_call(&scene.client, &call);
    assert_int_equal(info.QryFreq, 2);
    assert_int_equal(info.FTDPkgFreq, 6);
    scene_close(&scene);
}

static void system_infos_are_taken_by_the_library_itself(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_TraderApi, NULL, NULL);
    struct CThostFtdcUserSystemInfoField info = {.ClientSystemInfoLen = 273};
    struct ctp_call call = {.method = CTP_TraderApi_SubmitUserSystemInfo, .body = &info};
    assert_int_equal(client_call(&scene.client, &call), 0);
    info.ClientSystemInfoLen = 274;
    assert_int_equal(client_call(&scene.client, &call), -1);
    info.ClientSystemInfoLen = -1;
    assert_int_equal(client_call(&scene.client, &call), -1);
    struct CThostFtdcWechatUserSystemInfoField wechat = {.WechatCltSysInfoLen = 274};
    call = (struct ctp_call){.method = CTP_TraderApi_RegisterWechatUserSystemInfo, .body = &wechat};
    assert_int_equal(client_call(&scene.client, &call), -1);
    scene_close(&scene);
}

static void subscriptions_go_out_and_ticks_come_in(void **state)
{
    (void)state;
    struct scene scene;
    char first[] = "rb2510", second[] = "IF2412";
    char *instruments[] = {first, second};
    scene_open(&scene, CTP_MdApi, NULL, NULL);
    assert_int_equal(scene.peer.hello.class, CTP_MdApi);
    struct ctp_call call = {
        .method = CTP_MdApi_SubscribeMarketData, .instruments = instruments, .count = 2};
    assert_int_equal(client_call(&scene.client, &call), 0);
    peer_expect(&scene.peer, WIRE_SUBSCRIBE);
    assert_int_equal(scene.peer.frame.slot, ctp_method_slot(CTP_NEWEST, call.method));
    struct wire_instruments list = wire_instruments_of(scene.peer.frame.payload);
    text instrument;
    for (int i = 0; i < 2; i++) {
        assert_true(wire_instruments_next(&list, &instrument));
        assert_true(text_equal(instrument, text_of(instruments[i])));
    }
    assert_false(wire_instruments_next(&list, &instrument) || list.broken);
    struct CThostFtdcDepthMarketDataField tick = {.InstrumentID = "rb2510", .LastPrice = 3456};
    for (int i = 0; i < 3; i++) {
        tick.Volume = i;
        peer_message(&scene.peer, WIRE_TICK, 0, CTP_MdSpi_OnRtnDepthMarketData, &tick);
        const struct event *event = client_expect(&scene.client, CTP_MdSpi_OnRtnDepthMarketData);
        assert_memory_equal(event->body, &tick, sizeof tick);
    }
    scene_close(&scene);
}

static void an_empty_subscription_is_no_request(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, CTP_MdApi, NULL, NULL);
    struct ctp_call call = {.method = CTP_MdApi_SubscribeMarketData, .count = 0};
    assert_int_equal(client_call(&scene.client, &call), 0);
    call.count = 3;
    assert_int_equal(client_call(&scene.client, &call), -1);
    assert_int_equal(client_login(&scene.client, "", 1), 0);
    assert_int_equal(peer_expect_request(&scene.peer, CTP_MdApi_ReqUserLogin, NULL), 1);
    struct CThostFtdcRspUserLoginField answer = {.TradingDay = "20241125"};
    peer_answer(&scene.peer, CTP_MdSpi_OnRspUserLogin, 1, true, 0, &answer);
    client_expect(&scene.client, CTP_MdSpi_OnRspUserLogin);
    assert_string_equal(trading_day(&scene.client), "20241125");
    scene_close(&scene);
}

struct sender {
    struct client *client;
    pthread_t thread;
};

static void *send_many(void *argument)
{
    struct sender *sender = argument;
    struct CThostFtdcInputOrderField order = {.InstrumentID = "rb2510", .LimitPrice = 1};
    for (int i = 0; i < 500; i++)
        client_request(sender->client, CTP_TraderApi_ReqOrderInsert, &order, i);
    return NULL;
}

static void requests_of_many_threads_arrive_whole(void **state)
{
    (void)state;
    struct scene scene;
    struct sender senders[4];
    scene_open(&scene, CTP_TraderApi, NULL, NULL);
    for (int i = 0; i < 4; i++) {
        senders[i].client = &scene.client;
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_many, &senders[i]), 0);
    }
    int sum = 0;
    for (int i = 0; i < 4 * 500; i++)
        sum += peer_expect_request(&scene.peer, CTP_TraderApi_ReqOrderInsert, NULL);
    assert_int_equal(sum, 4 * 499 * 500 / 2);
    for (int i = 0; i < 4; i++)
        pthread_join(senders[i].thread, NULL);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_before_the_connection_returns_minus_one),
        cmocka_unit_test(a_request_without_a_struct_returns_minus_one),
        cmocka_unit_test(an_order_arrives_as_it_was_sent),
        cmocka_unit_test(every_request_of_the_version_goes_out),
        cmocka_unit_test(the_login_tells_the_trading_day),
        cmocka_unit_test(a_refused_login_tells_no_trading_day),
        cmocka_unit_test(rows_and_empty_answers_come_as_ctp_sends_them),
        cmocka_unit_test(all_callbacks_come_from_one_thread_that_is_not_ours),
        cmocka_unit_test(a_second_query_returns_minus_two_until_the_last_answer),
        cmocka_unit_test(the_next_query_can_be_sent_inside_the_last_answer),
        cmocka_unit_test(a_query_that_is_never_answered_frees_its_place),
        cmocka_unit_test(queries_beyond_the_rate_return_minus_three),
        cmocka_unit_test(a_new_connection_starts_with_free_places),
        cmocka_unit_test(the_front_info_is_told_in_two_steps),
        cmocka_unit_test(system_infos_are_taken_by_the_library_itself),
        cmocka_unit_test(subscriptions_go_out_and_ticks_come_in),
        cmocka_unit_test(an_empty_subscription_is_no_request),
        cmocka_unit_test(requests_of_many_threads_arrive_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
