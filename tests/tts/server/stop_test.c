/* stop_test.c: SIGTERM while orders stream in: the program ends well, and what a client had seen is
 * there again after the next start. */
#include "cmocka_all.h"
#include "real_tts.h"
#include "wire_client.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ORDERS = 3000, PATIENCE_MS = 5000 };

static void put_order(struct wire_client *client, int order_ref)
{
    struct CThostFtdcInputOrderField order;
    memset(&order, 0, sizeof order);
    text_copy(order.ExchangeID, sizeof order.ExchangeID, TEXT("SHFE"));
    text_copy(order.InstrumentID, sizeof order.InstrumentID, TEXT("rb2105"));
    snprintf(order.OrderRef, sizeof order.OrderRef, "%d", order_ref);
    order.Direction = '0';
    order.CombOffsetFlag[0] = '0';
    order.CombHedgeFlag[0] = '1';
    order.OrderPriceType = '2';
    order.TimeCondition = '3';
    order.VolumeCondition = '1';
    order.ContingentCondition = '1';
    order.ForceCloseReason = '0';
    order.LimitPrice = 3800;
    order.VolumeTotalOriginal = order.MinVolume = 1;
    wire_client_request(client, CTP_TraderApi_ReqOrderInsert, &order, order_ref);
}

static void open_client(struct wire_client *client, const struct real_tts *tts)
{
    struct wire_topics topics = {.private_topic = WIRE_RESTART, .public_topic = WIRE_NONE};
    assert_true(wire_client_open(client, tts->td_port, false));
    wire_client_login(client, "u1", "secret", &topics);
}

/* Reads to the end of the connection; gives the number of the newest private message. */
static uint32_t newest_private(struct wire_client *client, int ms, uint32_t until)
{
    struct wire_frame frame;
    uint32_t newest = 0;
    while ((until == 0 || newest < until) && wire_client_wait(client, &frame, ms)) {
        if (frame.kind != WIRE_PRIVATE)
            continue;
        assert_int_equal(frame.sequence, newest + 1); /* no gap, nothing twice */
        newest = frame.sequence;
    }
    return newest;
}

static void what_was_shown_before_a_stop_is_there_after_it(void **state)
{
    static const char *const add[] = {"user",   "add",       "u1",        "--password",
                                      "secret", "--deposit", "100000000", NULL};
    static const char *const replay[] = {"replay-journal", NULL};
    struct real_tts tts;
    struct wire_client client;
    (void)state;
    assert_true(real_tts_begin(&tts));
    assert_int_equal(real_tts_command(&tts, add), 0);
    assert_true(real_tts_start(&tts, NULL));
    open_client(&client, &tts);
    for (int i = 1; i <= ORDERS; i++)
        put_order(&client, i);
    uint32_t seen = newest_private(&client, PATIENCE_MS, 100); /* now it is in the middle of it */
    assert_int_equal(seen, 100);
    kill(tts.pid, SIGTERM);
    struct wire_frame frame;
    while (wire_client_wait(&client, &frame, PATIENCE_MS))
        if (frame.kind == WIRE_PRIVATE)
            seen = frame.sequence;
    wire_client_close(&client);
    assert_int_equal(real_tts_end(&tts, 0), 0); /* only waits */
    assert_int_equal(real_tts_command(&tts, replay), 0);
    assert_true(real_tts_start(&tts, NULL));
    open_client(&client, &tts);
    assert_true(newest_private(&client, PATIENCE_MS, seen) >= seen);
    wire_client_close(&client);
    real_tts_finish(&tts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_shown_before_a_stop_is_there_after_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
