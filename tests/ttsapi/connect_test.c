/* connect_test.c: from RegisterFront to OnFrontConnected and back: greeting, several fronts,
 * refusals, losses with their reasons, heartbeats, name servers. */
#include "client.h"
#include "front.h"
#include "ttsapi/address.h"
#include <sys/socket.h>
#include <unistd.h>

struct scene {
    struct front front;
    struct client client;
    struct peer peer;
};

static void scene_open(struct scene *scene, const struct timing *timing)
{
    scene->peer = (struct peer){.descriptor = -1};
    front_open(&scene->front);
    client_open(&scene->client, CTP_TraderApi, CTP_6_7_2, timing);
}

static void scene_close(struct scene *scene)
{
    client_close(&scene->client);
    peer_close(&scene->peer);
    front_close(&scene->front);
}

static void scene_connect(struct scene *scene, const struct timing *timing)
{
    scene_open(scene, timing);
    client_start(&scene->client, scene->front.address);
    front_welcome(&scene->front, &scene->peer, NULL);
    client_expect(&scene->client, CTP_TraderSpi_OnFrontConnected);
}

static void expect_loss(struct scene *scene, int reason)
{
    const struct event *event = client_expect(&scene->client, CTP_TraderSpi_OnFrontDisconnected);
    assert_int_equal(event->number, reason);
    peer_close(&scene->peer);
}

static void the_library_says_hello_with_its_version_and_digest(void **state)
{
    (void)state;
    struct scene scene;
    scene_connect(&scene, NULL);
    assert_int_equal(scene.peer.hello.protocol, WIRE_PROTOCOL);
    assert_int_equal(scene.peer.hello.class, CTP_TraderApi);
    assert_string_equal(scene.peer.hello.version, "6.7.2");
    assert_true(scene.peer.hello.digest == ctp_version_digest(CTP_6_7_2));
    assert_string_equal(scene.peer.hello.library, "openctp-tts test");
    scene_close(&scene);
}

static void a_closed_connection_is_reason_4097_and_the_library_comes_back(void **state)
{
    (void)state;
    struct scene scene;
    scene_connect(&scene, NULL);
    for (int i = 0; i < 3; i++) {
        peer_close(&scene.peer);
        expect_loss(&scene, 4097);
        assert_int_equal(client_login(&scene.client, "4645", 1), -1);
        front_welcome(&scene.front, &scene.peer, NULL);
        client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    }
    scene_close(&scene);
}

static void an_attempt_that_fails_before_the_welcome_is_silent(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, NULL);
    client_start(&scene.client, scene.front.address);
    for (int i = 0; i < 3; i++) {
        front_accept(&scene.front, &scene.peer);
        peer_close(&scene.peer);
    }
    struct buffer out = {.at = NULL};
    front_accept(&scene.front, &scene.peer);
    wire_refuse_write(&out, 3039, TEXT("this front speaks another version\x1b[31m"));
    peer_send(&scene.peer, &out);
    peer_expect_closed(&scene.peer);
    peer_close(&scene.peer);
    buffer_finish(&out);
    client_expect_quiet(&scene.client, 10);
    front_welcome(&scene.front, &scene.peer, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    scene_close(&scene);
}

static void a_front_that_never_greets_is_given_up(void **state)
{
    (void)state;
    struct timing timing = calm;
    timing.greeting = 50;
    struct scene scene;
    scene_open(&scene, &timing);
    client_start(&scene.client, scene.front.address);
    front_accept(&scene.front, &scene.peer);
    peer_expect_closed(&scene.peer);
    client_expect_quiet(&scene.client, 10);
    peer_close(&scene.peer);
    scene_close(&scene);
}

static void a_dead_front_is_passed_over_for_a_living_one(void **state)
{
    (void)state;
    struct scene scene;
    struct front dead;
    scene_open(&scene, NULL);
    front_open(&dead);
    front_close(&dead);
    client_call(&scene.client,
                &(struct ctp_call){.method = CTP_TraderApi_RegisterFront, .address = dead.address});
    client_start(&scene.client, scene.front.address);
    front_welcome(&scene.front, &scene.peer, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    scene_close(&scene);
}

static void a_front_that_takes_connections_but_does_not_greet_is_tried_last(void **state)
{
    (void)state;
    struct timing timing = calm;
    timing.greeting = 50;
    struct scene scene;
    struct front mute;
    scene_open(&scene, &timing);
    front_open(&mute);
    client_call(&scene.client,
                &(struct ctp_call){.method = CTP_TraderApi_RegisterFront, .address = mute.address});
    client_start(&scene.client, scene.front.address);
    /* Both take the first connection; the one that is not kept is closed without a HELLO. */
    for (bool greeted = false; !greeted;) {
        assert_true(front_accept_within(&scene.front, &scene.peer, WAIT_MS));
        char first;
        greeted = recv(scene.peer.descriptor, &first, 1, MSG_PEEK) == 1;
        if (!greeted)
            peer_close(&scene.peer);
    }
    struct buffer out = {.at = NULL};
    scene.peer.version = CTP_6_7_2;
    wire_welcome_write(&out, &(struct wire_welcome){.protocol = WIRE_PROTOCOL});
    peer_send(&scene.peer, &out);
    buffer_finish(&out);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    front_close(&mute);
    scene_close(&scene);
}

static void an_idle_library_sends_heartbeats(void **state)
{
    (void)state;
    struct timing timing = calm;
    timing.heartbeat = 30;
    struct scene scene;
    scene_connect(&scene, &timing);
    for (int i = 0; i < 3; i++)
        peer_expect(&scene.peer, WIRE_HEARTBEAT);
    scene_close(&scene);
}

static void a_front_that_says_nothing_is_reason_8193(void **state)
{
    (void)state;
    struct timing timing = calm;
    timing.silence = 300;
    struct scene scene;
    scene_connect(&scene, &timing);
    struct buffer out = {.at = NULL};
    wire_frame_write_payload(&out, &(struct wire_frame){.kind = WIRE_HEARTBEAT});
    for (int i = 0; i < 5; i++) { /* heartbeats hold it up */
        usleep(100000);
        peer_send(&scene.peer, &out);
    }
    buffer_finish(&out);
    client_expect_quiet(&scene.client, 0);
    expect_loss(&scene, 8193);
    scene_close(&scene);
}

/* Requests until the socket takes no more and bytes wait in the library. */
static void fill_the_socket(struct scene *scene)
{
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX];
    memset(body, 'x', sizeof body);
    int sent = 0;
    while (client_request(&scene->client, CTP_TraderApi_ReqParkedOrderInsert, body, 1) == 0)
        sent++;
    assert_true(sent > 1000);
}

static void a_front_that_reads_nothing_is_reason_8194(void **state)
{
    (void)state;
    struct timing timing = calm;
    timing.stuck = 200;
    struct scene scene;
    scene_connect(&scene, &timing);
    fill_the_socket(&scene);
    expect_loss(&scene, 8194);
    scene_close(&scene);
}

static void stay_inside(struct client *client, const struct ctp_callback *callback)
{
    if (callback->method != CTP_TraderSpi_OnRspError)
        return;
    int *gate = client->user;
    char byte;
    assert_int_equal(read(gate[0], &byte, 1), 1);
}

static void a_write_to_a_closed_connection_is_reason_4098(void **state)
{
    (void)state;
    struct scene scene;
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    scene_connect(&scene, NULL);
    client_inside(&scene.client, stay_inside, gate);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, 1, true, 90, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnRspError);
    peer_close(&scene.peer); /* the library's thread is inside the callback and does not see it */
    int tries = 0;
    while (client_login(&scene.client, "4645", 1) == 0 && tries++ < 1000)
        usleep(1000);
    assert_true(tries < 1000);
    assert_int_equal(write(gate[1], "x", 1), 1);
    expect_loss(&scene, 4098);
    scene_close(&scene);
    close(gate[0]);
    close(gate[1]);
}

static void a_slow_callback_is_not_taken_for_silence(void **state)
{
    (void)state;
    struct timing timing = calm;
    timing.silence = 200;
    struct scene scene;
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    scene_connect(&scene, &timing);
    client_inside(&scene.client, stay_inside, gate);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, 1, true, 90, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnRspError);
    peer_answer(&scene.peer, CTP_TraderSpi_OnRspError, 2, true, 90, NULL);
    usleep(300000);
    assert_int_equal(write(gate[1], "xx", 2), 2);
    assert_int_equal(client_expect(&scene.client, CTP_TraderSpi_OnRspError)->request_id, 2);
    scene_close(&scene);
    close(gate[0]);
    close(gate[1]);
}

static void answer_names(struct peer *peer, const text addresses[], size_t count)
{
    struct buffer out = {.at = NULL};
    peer_expect(peer, WIRE_NAMES);
    assert_int_equal(peer->frame.payload.length, 0);
    wire_names_write(&out, addresses, count);
    peer_send(peer, &out);
    buffer_finish(&out);
    peer_expect_closed(peer);
    peer_close(peer);
}

static void a_name_server_says_where_the_fronts_are(void **state)
{
    (void)state;
    struct scene scene;
    struct front names;
    scene_open(&scene, NULL);
    front_open(&names);
    client_call(&scene.client, &(struct ctp_call){.method = CTP_TraderApi_RegisterNameServer,
                                                  .address = names.address});
    client_call(&scene.client, &(struct ctp_call){.method = CTP_TraderApi_Init});
    front_welcome(&names, &scene.peer, NULL);
    text address = text_of(scene.front.address);
    answer_names(&scene.peer, &address, 1);
    front_welcome(&scene.front, &scene.peer, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    front_close(&names);
    scene_close(&scene);
}

static void a_name_server_without_names_is_a_front_itself(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, NULL);
    client_call(&scene.client, &(struct ctp_call){.method = CTP_TraderApi_RegisterNameServer,
                                                  .address = scene.front.address});
    client_call(&scene.client, &(struct ctp_call){.method = CTP_TraderApi_Init});
    front_welcome(&scene.front, &scene.peer, NULL);
    answer_names(&scene.peer, NULL, 0);
    front_welcome(&scene.front, &scene.peer, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    scene_close(&scene);
}

static void a_name_server_that_is_down_leaves_the_registered_fronts(void **state)
{
    (void)state;
    struct scene scene;
    struct front names;
    scene_open(&scene, NULL);
    front_open(&names);
    front_close(&names);
    client_call(&scene.client, &(struct ctp_call){.method = CTP_TraderApi_RegisterNameServer,
                                                  .address = names.address});
    client_start(&scene.client, scene.front.address);
    front_welcome(&scene.front, &scene.peer, NULL);
    client_expect(&scene.client, CTP_TraderSpi_OnFrontConnected);
    scene_close(&scene);
}

static void addresses_are_read_and_refused_with_a_reason(void **state)
{
    (void)state;
    struct address address;
    struct error error;
    assert_true(address_read(TEXT("tcp://127.0.0.1:20002"), &address, &error));
    assert_string_equal(address.host, "127.0.0.1");
    assert_string_equal(address.port, "20002");
    assert_true(address_read(TEXT("tcp6://fe80::1:20002"), &address, &error));
    assert_string_equal(address.host, "fe80::1");
    assert_true(address_read(TEXT(" ssl://[::1]:1 "), &address, &error));
    assert_int_equal(address.scheme, ADDRESS_SSL);
    assert_string_equal(address.host, "::1");
    assert_string_equal(address.proxy.host, "");
    assert_true(address_read(TEXT("tcp://h:1  socks5://u:p@w@proxy:1080"), &address, &error));
    assert_string_equal(address.said, "tcp://h:1");
    assert_string_equal(address.proxy.host, "proxy");
    assert_string_equal(address.proxy.port, "1080");
    assert_string_equal(address.proxy.user, "u");
    assert_string_equal(address.proxy.password, "p@w");
    assert_true(address_read(TEXT("tcp://h:1 socks5://[::1]:1080"), &address, &error));
    assert_string_equal(address.proxy.host, "::1");
    static const char *const refused[] = {
        "",
        "tcp://",
        "tcp://host",
        "tcp://:1",
        "tcp://host:0",
        "tcp://host:65536",
        "tcp://host:1x",
        "udp://host:1",
        "host:1",
        "tcp://host:1 socks4://proxy:1080",
        "tcp://host:1 socks5://proxy",
        "tcp://host:1 socks5://:p@proxy:1",
        "tcp://host:1 socks5://u:p@:1080",
        "tcp://h:",
        "tcp://[]:1x",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        error = (struct error){.line = 0};
        assert_false(address_read(text_of(refused[i]), &address, &error));
        assert_true(error.what[0] != '\0' && error.fix[0] != '\0');
    }
    char long_one[1024];
    memset(long_one, 'h', sizeof long_one);
    memcpy(long_one, "tcp://", 6);
    assert_false(address_read((text){long_one, sizeof long_one}, &address, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_says_hello_with_its_version_and_digest),
        cmocka_unit_test(a_closed_connection_is_reason_4097_and_the_library_comes_back),
        cmocka_unit_test(an_attempt_that_fails_before_the_welcome_is_silent),
        cmocka_unit_test(a_front_that_never_greets_is_given_up),
        cmocka_unit_test(a_dead_front_is_passed_over_for_a_living_one),
        cmocka_unit_test(a_front_that_takes_connections_but_does_not_greet_is_tried_last),
        cmocka_unit_test(an_idle_library_sends_heartbeats),
        cmocka_unit_test(a_front_that_says_nothing_is_reason_8193),
        cmocka_unit_test(a_front_that_reads_nothing_is_reason_8194),
        cmocka_unit_test(a_write_to_a_closed_connection_is_reason_4098),
        cmocka_unit_test(a_slow_callback_is_not_taken_for_silence),
        cmocka_unit_test(a_name_server_says_where_the_fronts_are),
        cmocka_unit_test(a_name_server_without_names_is_a_front_itself),
        cmocka_unit_test(a_name_server_that_is_down_leaves_the_registered_fronts),
        cmocka_unit_test(addresses_are_read_and_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
