/* versions_test.c: one webctp after the other, one for each version of the API: a login, an order,
 * a query, a tick. */
#include "cmocka_all.h"
#include "ctp/ctp.h"
#include "gateway_process.h"

static void trade(const struct gateway_process *webctp)
{
    struct websocket socket;
    gateway_process_connect(webctp, &socket, "/td/");
    expect_login(&socket);
    const char *answer =
        expect(&socket,
               "{\"MsgType\":\"ReqOrderInsert\",\"InputOrder\":{\"InstrumentID\":\"au2412\","
               "\"LimitPrice\":567.5,\"Direction\":\"1\"},\"RequestID\":3}",
               "{\"MsgType\":\"RtnOrder\",\"RspInfo\":null,\"Order\":{");
    assert_non_null(strstr(answer, "\"InstrumentID\":\"au2412\""));
    assert_non_null(strstr(answer, "\"LimitPrice\":567.5"));
    expect(&socket, NULL, "\"Direction\":\"1\"");
    expect(&socket,
           "{\"MsgType\":\"ReqQryOrder\",\"QryOrder\":{\"InvestorID\":\"x\"},\"RequestID\":7}",
           "{\"MsgType\":\"RspQryOrder\",\"RspInfo\":{\"ErrorID\":0,\"ErrorMsg\":\"正确\"},"
           "\"RequestID\":7,"
           "\"IsLast\":true,\"Order\":{");
    websocket_finish(&socket);
}

static void watch(const struct gateway_process *webctp)
{
    struct websocket socket;
    gateway_process_connect(webctp, &socket, "/md/");
    expect(&socket, "{\"MsgType\":\"ReqUserLogin\"}", "RspUserLogin");
    expect(&socket, "{\"MsgType\":\"SubscribeMarketData\",\"InstrumentID\":[\"au2412\"]}",
           "\"SpecificInstrument\":{\"InstrumentID\":\"au2412\"}");
    const char *tick =
        expect(&socket, NULL, "{\"MsgType\":\"RtnDepthMarketData\",\"DepthMarketData\":{");
    assert_non_null(strstr(tick, "\"InstrumentID\":\"au2412\""));
    assert_non_null(strstr(tick, "\"BidPrice2\":0,"));
    websocket_finish(&socket);
}

static void every_version_trades_and_watches(void **state)
{
    (void)state;
    for (int version = 0; version < CTP_VERSION_COUNT; version++) {
        const char *name = ctp_version_name((enum ctp_version)version);
        struct gateway_process webctp;
        char yaml[64], says[64];
        setenv("STAND_IN_VERSION", name, 1);
        snprintf(yaml, sizeof yaml, "CtpVersion: %s", name);
        snprintf(says, sizeof says, "channel stand-in, CTP %s:", name);
        gateway_process_start(&webctp, "dev", yaml);
        assert_true(gateway_process_has(&webctp, "log", says, 0));
        trade(&webctp);
        watch(&webctp);
        gateway_process_finish(&webctp);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_version_trades_and_watches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
