/* allocation_test.c: nothing is allocated for a message: neither for one that comes in nor for a
 * request that goes out. The linker puts the three functions here before those of the C library
 * (--wrap). */
#include "client.h"
#include "front.h"
#include <stdatomic.h>

static atomic_uint allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __real_realloc(old, size);
}

enum { MESSAGES = 500 };

/* The flow's frames in one buffer, made before anything is counted. */
static void make_flow(struct buffer *out, uint32_t first)
{
    _Alignas(8) char order[CTP_STRUCT_SIZE_MAX] = {0};
    for (uint32_t number = first; number < first + MESSAGES; number++) {
        struct wire_frame frame = {
            .kind = WIRE_PRIVATE,
            .slot = (unsigned)ctp_method_slot(CTP_6_7_2, CTP_TraderSpi_OnRtnOrder),
            .sequence = number,
        };
        wire_frame_write(out, &frame, NULL, NULL, ctp_layout_find(CTP_6_7_2, CTP_STRUCT_Order),
                         order);
    }
}

static void receive_flow(struct client *client, struct peer *peer, const struct buffer *flow)
{
    peer_send(peer, flow);
    for (int i = 0; i < MESSAGES; i++)
        client_expect(client, CTP_TraderSpi_OnRtnOrder);
}

static void send_orders(struct client *client, struct peer *peer)
{
    _Alignas(8) char order[CTP_STRUCT_SIZE_MAX] = {0};
    for (int i = 0; i < MESSAGES; i++) {
        assert_int_equal(client_request(client, CTP_TraderApi_ReqOrderInsert, order, i), 0);
        assert_int_equal(peer_expect_request(peer, CTP_TraderApi_ReqOrderInsert, NULL), i);
    }
}

static void messages_and_requests_allocate_nothing(void **state)
{
    (void)state;
    struct front front;
    struct client client;
    struct peer peer;
    struct buffer warm = {.at = NULL}, counted = {.at = NULL};
    make_flow(&warm, 1);
    make_flow(&counted, 1 + MESSAGES);
    front_open(&front);
    client_open(&client, CTP_TraderApi, CTP_6_7_2, NULL);
    client_start(&client, front.address);
    front_welcome(&front, &peer, NULL);
    client_expect(&client, CTP_TraderSpi_OnFrontConnected);
    client_login(&client, "4645", 1);
    peer_login(&peer, 20241125, 1, 1);
    client_expect(&client, CTP_TraderSpi_OnRspUserLogin);
    assert_true(atomic_load(&allocations) > 0); /* so the counter counts */
    receive_flow(&client, &peer, &warm);
    send_orders(&client, &peer);
    unsigned before = atomic_load(&allocations);
    receive_flow(&client, &peer, &counted);
    send_orders(&client, &peer);
    assert_int_equal(atomic_load(&allocations), before);
    buffer_finish(&warm);
    buffer_finish(&counted);
    client_close(&client);
    peer_close(&peer);
    front_close(&front);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(messages_and_requests_allocate_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
