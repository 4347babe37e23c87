/* cpp_front.c: see cpp_front.h. */
#include "cpp_front.h"
#include "client.h"
#include "front.h"

static struct front front;
static struct peer peer;
static enum ctp_version version;
static pthread_t thread;

struct body {
    _Alignas(8) char at[CTP_STRUCT_SIZE_MAX];
};

static void *field_of(struct body *body, enum ctp_struct of, const char *name)
{
    const struct ctp_field *field = ctp_field_find(ctp_layout_find(version, of), text_of(name));
    assert_non_null(field);
    return body->at + field->offset;
}

static void put_text(struct body *body, enum ctp_struct of, const char *name, const char *value)
{
    const struct ctp_field *field = ctp_field_find(ctp_layout_find(version, of), text_of(name));
    assert_non_null(field);
    assert_true(text_copy(body->at + field->offset, field->size, text_of(value)));
}

static void put_double(struct body *body, enum ctp_struct of, const char *name, double value)
{
    memcpy(field_of(body, of, name), &value, sizeof value);
}

/* The order as the C++ side filled it in. */
static void check_order(struct body *order)
{
    const enum ctp_struct of = CTP_STRUCT_InputOrder;
    double price;
    int volume;
    assert_string_equal(field_of(order, of, "BrokerID"), "9999");
    assert_string_equal(field_of(order, of, "InvestorID"), CPP_USER);
    assert_string_equal(field_of(order, of, "InstrumentID"), CPP_INSTRUMENT);
    assert_string_equal(field_of(order, of, "ExchangeID"), "SHFE");
    assert_int_equal(*(char *)field_of(order, of, "Direction"), '1');
    assert_string_equal(field_of(order, of, "CombOffsetFlag"), "3");
    memcpy(&price, field_of(order, of, "LimitPrice"), sizeof price);
    memcpy(&volume, field_of(order, of, "VolumeTotalOriginal"), sizeof volume);
    assert_true(price == CPP_PRICE);
    assert_int_equal(volume, CPP_VOLUME);
}

/* Order return, trade return, refusal: the order's fields by name, and the last fields of each
 * struct. */
static void send_private_flow(const struct body *order)
{
    const struct ctp_layout *from = ctp_layout_find(version, CTP_STRUCT_InputOrder);
    struct body body = {.at = ""};
    ctp_convert(from, order->at, ctp_layout_find(version, CTP_STRUCT_Order), body.at);
    put_text(&body, CTP_STRUCT_Order, "OrderSysID", "         123");
    peer_message(&peer, WIRE_PRIVATE, 1, CTP_TraderSpi_OnRtnOrder, body.at);
    ctp_convert(from, order->at, ctp_layout_find(version, CTP_STRUCT_Trade), body.at);
    put_double(&body, CTP_STRUCT_Trade, "Price", CPP_PRICE);
    put_text(&body, CTP_STRUCT_Trade, "TradeID", "         456");
    peer_message(&peer, WIRE_PRIVATE, 2, CTP_TraderSpi_OnRtnTrade, body.at);
    peer_error_return(&peer, 3, CTP_TraderSpi_OnErrRtnOrderInsert, CPP_ERROR, order->at);
}

static void answer_account_query(void)
{
    int id = peer_expect_request(&peer, CTP_TraderApi_ReqQryTradingAccount, NULL);
    struct body row = {.at = ""};
    put_text(&row, CTP_STRUCT_TradingAccount, "AccountID", CPP_USER);
    put_double(&row, CTP_STRUCT_TradingAccount, "Balance", CPP_BALANCE);
    for (int i = 1; i <= CPP_ROWS; i++)
        peer_answer(&peer, CTP_TraderSpi_OnRspQryTradingAccount, id, i == CPP_ROWS, -1, row.at);
}

static void *converse_as_trader(void *unused)
{
    struct body order;
    front_welcome(&front, &peer, NULL);
    peer_login(&peer, 20241125, 1, 1);
    int id = peer_expect_request(&peer, CTP_TraderApi_ReqOrderInsert, order.at);
    assert_int_equal(id, CPP_REQUEST_ID);
    check_order(&order);
    send_private_flow(&order);
    answer_account_query();
    /* Far down in the vtables, where a slot too many or too few would show. */
    id = peer_expect_request(&peer, CTP_TraderApi_ReqQueryBankAccountMoneyByFuture, NULL);
    peer_answer(&peer, CTP_TraderSpi_OnRspQueryBankAccountMoneyByFuture, id, true, CPP_ERROR, NULL);
    id = peer_expect_request(&peer, CTP_TraderApi_ReqUserLogout, NULL);
    peer_answer(&peer, CTP_TraderSpi_OnRspError, id, true, CPP_ERROR, NULL);
    peer_expect_closed(&peer);
    return unused;
}

static void *converse_as_md(void *unused)
{
    text instrument;
    front_welcome(&front, &peer, NULL);
    peer_expect(&peer, WIRE_SUBSCRIBE);
    struct wire_instruments list = wire_instruments_of(peer.frame.payload);
    assert_true(wire_instruments_next(&list, &instrument));
    assert_true(text_equal(instrument, TEXT(CPP_INSTRUMENT)));
    struct body body = {.at = ""};
    put_text(&body, CTP_STRUCT_SpecificInstrument, "InstrumentID", CPP_INSTRUMENT);
    peer_answer(&peer, CTP_MdSpi_OnRspSubMarketData, 0, true, 0, body.at);
    body = (struct body){.at = ""};
    put_text(&body, CTP_STRUCT_DepthMarketData, "InstrumentID", CPP_INSTRUMENT);
    put_text(&body, CTP_STRUCT_DepthMarketData, "ActionDay", CPP_DAY);
    put_double(&body, CTP_STRUCT_DepthMarketData, "LastPrice", CPP_PRICE);
    put_double(&body, CTP_STRUCT_DepthMarketData, "AveragePrice", CPP_PRICE * 2);
    peer_message(&peer, WIRE_TICK, 0, CTP_MdSpi_OnRtnDepthMarketData, body.at);
    peer_expect_closed(&peer);
    return unused;
}

const char *cpp_front_start(const char *version_name, int md)
{
    assert_true(ctp_version_find(text_of(version_name), &version));
    front_open(&front);
    assert_int_equal(pthread_create(&thread, NULL, md ? converse_as_md : converse_as_trader, NULL),
                     0);
    return front.address;
}

int cpp_front_numbers_expected(void)
{
    return ctp_method_slot(version, CTP_TraderSpi_OnRtnPrivateSeqNo) >= 0 ? CPP_FLOW : 0;
}

void cpp_front_finish(void)
{
    pthread_join(thread, NULL);
    peer_close(&peer);
    front_close(&front);
}
