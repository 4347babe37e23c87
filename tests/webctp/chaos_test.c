/* chaos_test.c: a dozen clients that do whatever comes to mind, drawn from a seed: log in, trade,
 * subscribe, lose fronts, send rubbish, read nothing, vanish. At the end webctp must stop in order,
 * and every CTP session that was made must have been released. */
#include "cmocka_all.h"
#include "gateway_process.h"
#include <signal.h>

enum { CLIENTS = 12, STEPS = 3000 };

struct client {
    struct websocket socket;
    bool open;
};

static uint64_t random_state = 20241125;

static unsigned draw(unsigned below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % below;
}

static void come(const struct gateway_process *webctp, struct client *client)
{
    client->open = websocket_open(&client->socket, "127.0.0.1", webctp->port,
                                  draw(2) ? "/td/" : "/md/", "", draw(3) == 0);
    assert_true(client->open);
}

static void go(struct client *client)
{
    if (draw(2))
        websocket_abort(&client->socket);
    else
        websocket_send_frame(&client->socket, WEBSOCKET_CLOSE, true, TEXT(""));
    websocket_finish(&client->socket);
    client->open = false;
}

/* What a client may say, right or wrong for where it is connected. */
static const char *const messages[] = {
    "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":\"4645\",\"Password\":\"good\"},"
    "\"RequestID\":1}",
    "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":\"4646\",\"Password\":\"good\"}}",
    "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":\"4645\",\"Password\":\"wrong\"}}",
    "{\"MsgType\":\"ReqUserLogin\",\"ReqUserLogin\":{\"UserID\":\"refused\",\"Password\":\"\"}}",
    "{\"MsgType\":\"ReqUserLogout\",\"UserLogout\":{\"UserID\":\"4645\"}}",
    "{\"MsgType\":\"ReqOrderInsert\",\"InputOrder\":{\"InstrumentID\":\"au2412\"},\"RequestID\":2}",
    "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{\"InvestorID\":\"many\"},\"RequestID\":3}",
    "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{\"InvestorID\":\"lose\"},\"RequestID\":3}",
    "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{\"InvestorID\":\"-2\"}}",
    "{\"MsgType\":\"SubscribeMarketData\",\"InstrumentID\":[\"au2412\",\"rb2501\",\"au2412\","
    "\"bad\"]}",
    "{\"MsgType\":\"SubscribeMarketData\",\"InstrumentID\":[\"flood\"]}",
    "{\"MsgType\":\"SubscribeMarketData\",\"InstrumentID\":[\"lose\"]}",
    "{\"MsgType\":\"SubscribeMarketData\",\"InstrumentID\":[\"-1\",\"IF2412\"]}",
    "{\"MsgType\":\"SubscribeForQuoteRsp\",\"InstrumentID\":[\"IO2412\",\"au2412\"]}",
    "{\"MsgType\":\"UnSubscribeMarketData\",\"InstrumentID\":[\"flood\",\"au2412\",\"none\"]}",
    "{\"MsgType\":\"UnSubscribeForQuoteRsp\",\"InstrumentID\":[\"IO2412\"]}",
    "{\"MsgType\":\"ReqQryMulticastInstrument\",\"QryMulticastInstrument\":{}}",
    "{\"MsgType\":\"ReqUserPasswordUpdate\",\"UserPasswordUpdate\":{\"UserID\":\"4645\","
    "\"NewPassword\":\"good\"}}",
    "{\"MsgType\":\"GetTradingDay\"}",
    "{\"MsgType\":",
    "",
};

static void speak(struct client *client)
{
    static const char rubbish[] = "\x83\x01\xff";
    if (draw(60) == 0)
        websocket_send_frame(&client->socket, (enum websocket_opcode)(draw(16)), draw(2),
                             (text){rubbish, sizeof rubbish - 1});
    else
        websocket_send(&client->socket, messages[draw(sizeof messages / sizeof messages[0])]);
}

static void listen_a_little(struct client *client)
{
    for (unsigned i = draw(20); i > 0; i--) {
        enum websocket_got got = websocket_receive(&client->socket, 1);
        if (got == WEBSOCKET_CLOSED || got == WEBSOCKET_CUT) {
            websocket_finish(&client->socket);
            client->open = false;
            return;
        }
    }
}

static void step(const struct gateway_process *webctp, struct client *client)
{
    unsigned drawn = draw(100);
    if (!client->open)
        come(webctp, client);
    else if (drawn < 4)
        go(client);
    else if (drawn < 70)
        speak(client);
    else
        listen_a_little(client);
}

static void whatever_clients_do_every_session_is_released(void **state)
{
    (void)state;
    struct gateway_process webctp;
    static struct client clients[CLIENTS];
    gateway_process_start(
        &webctp, "dev",
        "LogLevel: INFO\nPublicReturns: true\nMaxQueueBytes: 3000000\nConflateBytes: 100000\n"
        "PingInterval: 0.3\nPingTimeout: 0.5\nLoginTimeout: 0.1");
    for (int i = 0; i < STEPS; i++)
        step(&webctp, &clients[draw(CLIENTS)]);
    assert_int_equal(gateway_process_stop(&webctp, SIGTERM), 0);
    unsigned created = gateway_process_count(&webctp, "stand-in.log", "create ");
    assert_true(created > 20);
    assert_int_equal(gateway_process_count(&webctp, "stand-in.log", "release "), created);
    for (int i = 0; i < CLIENTS; i++)
        if (clients[i].open)
            websocket_finish(&clients[i].socket);
    gateway_process_finish(&webctp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_clients_do_every_session_is_released)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
