/* hostile_test.c: a front that sends what no front may send costs a connection (8195) and nothing
 * else. */
#include "client.h"
#include "ctp/canonical.h"
#include "front.h"
#include <sys/socket.h>

struct scene {
    struct front front;
    struct client client;
    struct peer peer;
};

static void scene_open(struct scene *scene, enum ctp_class class)
{
    scene->peer = (struct peer){.descriptor = -1};
    front_open(&scene->front);
    client_open(&scene->client, class, CTP_NEWEST, NULL);
    client_start(&scene->client, scene->front.address);
}

static void connect_again(struct scene *scene)
{
    front_welcome(&scene->front, &scene->peer, NULL);
    client_expect(&scene->client, scene->client.class == CTP_TraderApi
                                      ? CTP_TraderSpi_OnFrontConnected
                                      : CTP_MdSpi_OnFrontConnected);
}

static void scene_close(struct scene *scene)
{
    client_close(&scene->client);
    peer_close(&scene->peer);
    front_close(&scene->front);
}

/* Sends the bytes on a fresh connection, which must end with 8195 and no other callback. */
static void expect_broken(struct scene *scene, struct buffer *bytes)
{
    connect_again(scene);
    peer_send(&scene->peer, bytes);
    const struct event *event = client_expect(
        &scene->client, scene->client.class == CTP_TraderApi ? CTP_TraderSpi_OnFrontDisconnected
                                                             : CTP_MdSpi_OnFrontDisconnected);
    assert_int_equal(event->number, 8195);
    peer_close(&scene->peer);
    buffer_clear(bytes);
}

static void put_frame(struct buffer *out, enum wire_kind kind, unsigned flags, int slot,
                      text payload)
{
    wire_frame_write_payload(out, &(struct wire_frame){.kind = kind,
                                                       .flags = flags,
                                                       .slot = (unsigned)slot,
                                                       .sequence = 1,
                                                       .payload = payload});
}

static void bytes_that_are_no_frame_end_the_connection(void **state)
{
    (void)state;
    struct scene scene;
    struct buffer out = {.at = NULL};
    scene_open(&scene, CTP_TraderApi);
    static const uint32_t lengths[] = {0, 11, WIRE_FRAME_MAX - 3, UINT32_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        buffer_put(&out, &lengths[i], sizeof lengths[i]);
        buffer_put(&out, "0123456789abcdef", 16);
        expect_broken(&scene, &out);
    }
    buffer_put_text(&out, TEXT("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect_broken(&scene, &out);
    buffer_finish(&out);
    scene_close(&scene);
}

static void kinds_that_a_front_does_not_send_end_the_connection(void **state)
{
    (void)state;
    static const enum wire_kind kinds[] = {WIRE_HELLO,   WIRE_WELCOME,    WIRE_TOPICS,
                                           WIRE_REQUEST, WIRE_SUBSCRIBE,  WIRE_TICK,
                                           WIRE_NAMES,   WIRE_FLOW_START, WIRE_REFUSE};
    struct scene scene;
    struct buffer out = {.at = NULL};
    scene_open(&scene, CTP_TraderApi);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        put_frame(&out, kinds[i], 0, 0, TEXT(""));
        expect_broken(&scene, &out);
    }
    put_frame(&out, WIRE_HEARTBEAT, 0, 0, TEXT("x"));
    expect_broken(&scene, &out);
    buffer_finish(&out);
    scene_close(&scene);
}

static int slot_of(enum ctp_method method)
{
    return ctp_method_slot(CTP_NEWEST, method);
}

/* A packed RspInfo or body without any field: so many zero bytes of presence bits. */
static text nothing(enum ctp_struct of)
{
    static const char zeros[64];
    return (text){zeros, (ctp_layout_find(CTP_NEWEST, of)->field_count + 7u) / 8u};
}

static void a_method_on_the_wrong_stream_ends_the_connection(void **state)
{
    (void)state;
    struct scene scene;
    struct buffer out = {.at = NULL};
    scene_open(&scene, CTP_TraderApi);
    const struct {
        enum wire_kind kind;
        int slot;
    } wrong[] = {
        {WIRE_ANSWER, 65535},
        {WIRE_ANSWER, slot_of(CTP_TraderSpi_OnFrontConnected)},
        {WIRE_ANSWER, slot_of(CTP_TraderSpi_OnFrontDisconnected)},
        {WIRE_ANSWER, slot_of(CTP_TraderSpi_OnRtnOrder)},
        {WIRE_PRIVATE, slot_of(CTP_TraderSpi_OnRspUserLogin)},
        {WIRE_PRIVATE, slot_of(CTP_TraderSpi_OnRtnPrivateSeqNo)},
        {WIRE_PUBLIC, 4000},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        put_frame(&out, wrong[i].kind, 0, wrong[i].slot, TEXT(""));
        expect_broken(&scene, &out);
    }
    buffer_finish(&out);
    scene_close(&scene);
}

static void a_body_that_clients_expect_is_never_null(void **state)
{
    (void)state;
    struct scene scene;
    struct buffer out = {.at = NULL};
    scene_open(&scene, CTP_TraderApi);
    put_frame(&out, WIRE_ANSWER, 0, slot_of(CTP_TraderSpi_OnRspError), TEXT(""));
    expect_broken(&scene, &out);
    wire_flow_start_write(&out, 20241125, 1, 1);
    put_frame(&out, WIRE_PRIVATE, 0, slot_of(CTP_TraderSpi_OnRtnOrder), TEXT(""));
    expect_broken(&scene, &out);
    wire_flow_start_write(&out, 20241125, 1, 1);
    put_frame(&out, WIRE_PRIVATE, WIRE_HAS_BODY, slot_of(CTP_TraderSpi_OnErrRtnOrderInsert),
              nothing(CTP_STRUCT_InputOrder));
    expect_broken(&scene, &out);
    buffer_finish(&out);
    scene_close(&scene);
}

static void a_payload_that_does_not_end_where_it_ends_is_broken(void **state)
{
    (void)state;
    struct scene scene;
    struct buffer out = {.at = NULL};
    scene_open(&scene, CTP_TraderApi);
    int slot = slot_of(CTP_TraderSpi_OnRspOrderInsert);
    put_frame(&out, WIRE_ANSWER, 0, slot, TEXT("x"));
    expect_broken(&scene, &out);
    put_frame(&out, WIRE_ANSWER, WIRE_HAS_BODY, slot, TEXT("\xff"));
    expect_broken(&scene, &out);
    put_frame(&out, WIRE_ANSWER, WIRE_HAS_RSP_INFO, slot, TEXT("\xff"));
    expect_broken(&scene, &out);
    text whole = nothing(CTP_STRUCT_InputOrder);
    put_frame(&out, WIRE_ANSWER, WIRE_HAS_BODY, slot, (text){whole.at, whole.length + 1});
    expect_broken(&scene, &out);
    buffer_finish(&out);
    scene_close(&scene);
}

static void trader_frames_at_a_market_data_library_are_broken(void **state)
{
    (void)state;
    struct scene scene;
    struct buffer out = {.at = NULL};
    scene_open(&scene, CTP_MdApi);
    put_frame(&out, WIRE_PRIVATE, 0, 0, TEXT(""));
    expect_broken(&scene, &out);
    wire_flow_start_write(&out, 20241125, 1, 1);
    expect_broken(&scene, &out);
    put_frame(&out, WIRE_TICK, 0, slot_of(CTP_MdSpi_OnRtnDepthMarketData), TEXT(""));
    expect_broken(&scene, &out);
    put_frame(&out, WIRE_TICK, WIRE_HAS_BODY, slot_of(CTP_MdSpi_OnRspUserLogin),
              nothing(CTP_STRUCT_RspUserLogin));
    expect_broken(&scene, &out);
    buffer_finish(&out);
    scene_close(&scene);
}

static void a_wrong_welcome_is_no_connection(void **state)
{
    (void)state;
    struct scene scene;
    struct buffer out = {.at = NULL};
    scene_open(&scene, CTP_TraderApi);
    for (int i = 0; i < 4; i++) {
        front_accept(&scene.front, &scene.peer);
        if (i == 0)
            wire_welcome_write(&out, &(struct wire_welcome){.protocol = WIRE_PROTOCOL + 1});
        else if (i == 1)
            put_frame(&out, WIRE_WELCOME, 0, 0, TEXT("x"));
        else if (i == 2)
            put_frame(&out, WIRE_ANSWER, 0, slot_of(CTP_TraderSpi_OnRspUserLogin), TEXT(""));
        else
            buffer_put_text(&out, TEXT("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"));
        peer_send(&scene.peer, &out);
        buffer_clear(&out);
        peer_expect_closed(&scene.peer);
        peer_close(&scene.peer);
    }
    client_expect_quiet(&scene.client, 0);
    connect_again(&scene);
    buffer_finish(&out);
    scene_close(&scene);
}

static void frames_may_come_byte_by_byte(void **state)
{
    (void)state;
    struct scene scene;
    struct buffer out = {.at = NULL};
    scene_open(&scene, CTP_TraderApi);
    connect_again(&scene);
    struct CThostFtdcRspInfoField info = {.ErrorID = 90, .ErrorMsg = "later"};
    struct wire_frame frame = {.kind = WIRE_ANSWER,
                               .flags = WIRE_IS_LAST,
                               .slot = (unsigned)slot_of(CTP_TraderSpi_OnRspError),
                               .request_id = 8};
    wire_frame_write(&out, &frame, ctp_layout_find(CTP_NEWEST, CTP_STRUCT_RspInfo), &info, NULL,
                     NULL);
    for (size_t i = 0; i < out.length; i++)
        assert_int_equal(send(scene.peer.descriptor, out.at + i, 1, MSG_NOSIGNAL), 1);
    const struct event *event = client_expect(&scene.client, CTP_TraderSpi_OnRspError);
    assert_int_equal(event->request_id, 8);
    assert_int_equal(event->error_id, 90);
    buffer_finish(&out);
    scene_close(&scene);
}

/* xorshift: the same bytes in every run. */
static uint32_t drawn(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

/* Damages one byte of a good stream, again and again; whatever it does, the library lives and
 * connects again. */
static void random_damage_never_harms_the_host(void **state)
{
    (void)state;
    struct scene scene;
    struct buffer good = {.at = NULL};
    uint32_t seed = 20241125;
    scene_open(&scene, CTP_TraderApi);
    struct CThostFtdcOrderField order = {
        .OrderRef = "1", .InstrumentID = "rb2510", .LimitPrice = 1};
    wire_flow_start_write(&good, 20241125, 1, 1);
    for (uint32_t number = 1; number <= 4; number++) {
        struct wire_frame frame = {.kind = WIRE_PRIVATE,
                                   .slot = (unsigned)slot_of(CTP_TraderSpi_OnRtnOrder),
                                   .sequence = number};
        wire_frame_write(&good, &frame, NULL, NULL, ctp_layout_find(CTP_NEWEST, CTP_STRUCT_Order),
                         &order);
    }
    for (int round = 0; round < 100; round++) {
        front_welcome(&scene.front, &scene.peer, NULL);
        size_t at = drawn(&seed) % good.length;
        char kept = good.at[at];
        good.at[at] = (char)drawn(&seed);
        peer_send(&scene.peer, &good);
        good.at[at] = kept;
        shutdown(scene.peer.descriptor, SHUT_WR);
        peer_expect_closed(&scene.peer);
        peer_close(&scene.peer);
    }
    buffer_finish(&good);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_are_no_frame_end_the_connection),
        cmocka_unit_test(kinds_that_a_front_does_not_send_end_the_connection),
        cmocka_unit_test(a_method_on_the_wrong_stream_ends_the_connection),
        cmocka_unit_test(a_body_that_clients_expect_is_never_null),
        cmocka_unit_test(a_payload_that_does_not_end_where_it_ends_is_broken),
        cmocka_unit_test(trader_frames_at_a_market_data_library_are_broken),
        cmocka_unit_test(a_wrong_welcome_is_no_connection),
        cmocka_unit_test(frames_may_come_byte_by_byte),
        cmocka_unit_test(random_damage_never_harms_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
