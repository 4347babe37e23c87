/* release_test.c: an object ends in every situation, from every thread, without a deadlock, a leak
 * or a callback afterwards. Runs under the thread and address sanitizers. */
#include "client.h"
#include "front.h"
#include <unistd.h>

struct scene {
    struct front front;
    struct client client;
    struct peer peer;
};

static void scene_open(struct scene *scene)
{
    scene->peer = (struct peer){.descriptor = -1};
    front_open(&scene->front);
    client_open(&scene->client, CTP_TraderApi, CTP_6_7_2, NULL);
}

static void scene_connect(struct scene *scene)
{
    scene_open(scene);
    client_start(&scene->client, scene->front.address);
    front_welcome(&scene->front, &scene->peer, NULL);
    client_expect(&scene->client, CTP_TraderSpi_OnFrontConnected);
}

static void scene_close(struct scene *scene)
{
    client_close(&scene->client);
    peer_close(&scene->peer);
    front_close(&scene->front);
}

static void release_before_init(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    client_release(&scene.client);
    scene_close(&scene);
}

static void release_before_init_ends_a_join(void **state)
{
    (void)state;
    struct scene scene;
    void *result;
    scene_open(&scene);
    pthread_t joiner = client_start_join(&scene.client);
    client_release(&scene.client);
    assert_int_equal(pthread_join(joiner, &result), 0);
    assert_null(result);
    scene_close(&scene);
}

static void release_right_after_init(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++) {
        struct scene scene;
        scene_open(&scene);
        client_start(&scene.client, scene.front.address);
        if (i % 3)
            usleep((unsigned)(i * 37));
        client_release(&scene.client);
        client_expect_quiet(&scene.client, 0);
        scene_close(&scene);
    }
}

static void release_without_a_front(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    client_call(&scene.client, &(struct ctp_call){.method = CTP_TraderApi_Init});
    client_call(&scene.client, &(struct ctp_call){.method = CTP_TraderApi_Init});
    scene_close(&scene);
}

/* 192.0.2.0/24 is reserved for documentation: nobody answers there, or the network says so at once.
 */
static void release_during_a_connect_that_hangs(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    client_start(&scene.client, "tcp://192.0.2.1:20002");
    usleep(20000);
    scene_close(&scene);
}

static void release_during_the_greeting(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    client_start(&scene.client, scene.front.address);
    front_accept(&scene.front, &scene.peer);
    client_release(&scene.client);
    peer_expect_closed(&scene.peer);
    client_expect_quiet(&scene.client, 0);
    scene_close(&scene);
}

static void release_while_connected_makes_no_more_callbacks(void **state)
{
    (void)state;
    struct scene scene;
    scene_connect(&scene);
    client_release(&scene.client);
    peer_expect_closed(&scene.peer);
    client_expect_quiet(&scene.client, 0);
    scene_close(&scene);
}

static void release_while_waiting_to_reconnect(void **state)
{
    (void)state;
    struct timing timing = calm;
    timing.retry_first = timing.retry_last = 1000000;
    struct scene scene = {.peer = {.descriptor = -1}};
    front_open(&scene.front);
    client_open(&scene.client, CTP_TraderApi, CTP_6_7_2, &timing);
    client_start(&scene.client, scene.front.address);
    front_welcome(&scene.front, &scene.peer, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    peer_close(&scene.peer);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontDisconnected);
    scene_close(&scene);
}

static void release_inside(struct client *client, const struct ctp_callback *callback)
{
    if (callback->method == *(enum ctp_method *)client->user)
        ctp_api_call(client->api, client->version,
                     &(struct ctp_call){.method = CTP_TraderApi_Release});
}

/* The joiner holds the object for us: when Join returns, the object's thread makes no callback any
 * more. */
static void release_in_callback(enum ctp_method method)
{
    struct scene scene;
    scene_open(&scene);
    client_inside(&scene.client, release_inside, &method);
    pthread_t joiner = client_start_join(&scene.client);
    client_start(&scene.client, scene.front.address);
    front_welcome(&scene.front, &scene.peer, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    if (method == CTP_TraderSpi_OnRspError) {
        peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, 1, true, 90, NULL);
        peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, 2, true, 90, NULL);
        client_expect(&scene.client, CTP_TraderSpi_OnRspError);
    } else if (method == CTP_TraderSpi_OnFrontDisconnected) {
        peer_close(&scene.peer);
        client_expect(&scene.client, CTP_TraderSpi_OnFrontDisconnected);
    }
    assert_int_equal(pthread_join(joiner, NULL), 0);
    client_expect_quiet(&scene.client, 0);
    scene.client.api = NULL;
    scene_close(&scene);
}

static void release_inside_on_front_connected(void **state)
{
    (void)state;
    release_in_callback(CTP_TraderSpi_OnFrontConnected);
}

static void release_inside_an_answer_drops_what_follows(void **state)
{
    (void)state;
    release_in_callback(CTP_TraderSpi_OnRspError);
}

static void release_inside_on_front_disconnected(void **state)
{
    (void)state;
    release_in_callback(CTP_TraderSpi_OnFrontDisconnected);
}

static void join_inside(struct client *client, const struct ctp_callback *callback)
{
    if (callback->method == CTP_TraderSpi_OnFrontConnected)
        *(int *)client->user =
            (int)client_call(client, &(struct ctp_call){.method = CTP_TraderApi_Join});
}

static void join_inside_a_callback_does_not_wait_for_itself(void **state)
{
    (void)state;
    struct scene scene;
    int result = 0;
    scene_open(&scene);
    client_inside(&scene.client, join_inside, &result);
    client_start(&scene.client, scene.front.address);
    front_welcome(&scene.front, &scene.peer, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    client_release(&scene.client);
    assert_int_equal(result, -1);
    scene_close(&scene);
}

static void many_joins_end_with_the_release(void **state)
{
    (void)state;
    struct scene scene;
    pthread_t joiners[4];
    scene_connect(&scene);
    for (int i = 0; i < 4; i++)
        joiners[i] = client_start_join(&scene.client);
    client_release(&scene.client);
    for (int i = 0; i < 4; i++) {
        void *result;
        assert_int_equal(pthread_join(joiners[i], &result), 0);
        assert_null(result);
    }
    scene_close(&scene);
}

static void wait_inside(struct client *client, const struct ctp_callback *callback)
{
    if (callback->method == CTP_TraderSpi_OnRspError)
        usleep(*(unsigned *)client->user);
}

static void release_waits_for_the_callback_that_runs(void **state)
{
    (void)state;
    struct scene scene;
    unsigned delay = 100000;
    scene_connect(&scene);
    client_inside(&scene.client, wait_inside, &delay);
    for (int i = 0; i < 5; i++)
        peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, i, true, 90, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnRspError);
    client_release(&scene.client);
    client_expect_quiet(&scene.client, 0);
    scene_close(&scene);
}

static void *request_until_released(void *argument)
{
    struct client *client = argument;
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    for (int i = 0; i < 200; i++)
        client_request(client, CTP_TraderApi_ReqOrderInsert, body, i);
    return NULL;
}

static void several_objects_live_and_end_side_by_side(void **state)
{
    (void)state;
    enum { COUNT = 8 };
    struct scene scenes[COUNT];
    pthread_t senders[COUNT];
    for (int i = 0; i < COUNT; i++) {
        scene_connect(&scenes[i]);
        assert_int_equal(
            pthread_create(&senders[i], NULL, request_until_released, &scenes[i].client), 0);
    }
    for (int i = 0; i < COUNT; i++)
        peer_close(&scenes[i].peer); /* requests meet losses */
    for (int i = 0; i < COUNT; i++) {
        pthread_join(senders[i], NULL);
        scene_close(&scenes[i]);
    }
}

static void an_spi_can_be_taken_away_and_given_again(void **state)
{
    (void)state;
    struct scene scene;
    scene_connect(&scene);
    client_call(&scene.client, &(struct ctp_call){.method = CTP_TraderApi_RegisterSpi});
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, 1, true, 90, NULL);
    client_expect_quiet(&scene.client, 50);
    client_call(&scene.client,
                &(struct ctp_call){.method = CTP_TraderApi_RegisterSpi, .spi = &scene.client.spi});
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, 2, true, 90, NULL);
    assert_int_equal(client_expect(&scene.client, CTP_TraderSpi_OnRspError)->request_id, 2);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(release_before_init),
        cmocka_unit_test(release_before_init_ends_a_join),
        cmocka_unit_test(release_right_after_init),
        cmocka_unit_test(release_without_a_front),
        cmocka_unit_test(release_during_a_connect_that_hangs),
        cmocka_unit_test(release_during_the_greeting),
        cmocka_unit_test(release_while_connected_makes_no_more_callbacks),
        cmocka_unit_test(release_while_waiting_to_reconnect),
        cmocka_unit_test(release_inside_on_front_connected),
        cmocka_unit_test(release_inside_an_answer_drops_what_follows),
        cmocka_unit_test(release_inside_on_front_disconnected),
        cmocka_unit_test(join_inside_a_callback_does_not_wait_for_itself),
        cmocka_unit_test(many_joins_end_with_the_release),
        cmocka_unit_test(release_waits_for_the_callback_that_runs),
        cmocka_unit_test(several_objects_live_and_end_side_by_side),
        cmocka_unit_test(an_spi_can_be_taken_away_and_given_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
