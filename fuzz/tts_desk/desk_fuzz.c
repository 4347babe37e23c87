/* desk_fuzz.c: a script of requests, quotes, statuses and days against the counter's core. Each
 * field of a request can be set to any bytes. No script may crash the core, make a lot vanish or a
 * replay differ. One line a step:
 * - insert CONNECTION [Field=Value ...]: a good limit order with these fields changed
 * - cancel CONNECTION [Field=Value ...]: of the newest order, with these fields changed
 * - ask CONNECTION METHOD [Field=Value ...]: any request of the API, empty but for these fields
 * - quote INSTRUMENT BID VOLUME ASK VOLUME LAST TRADED
 * - status INSTRUMENT STATUS
 * - time SECOND MILLISECOND
 * - settle */
#include "base/number.h"
#include "core_fixture.h"
#include <math.h>

enum { STEPS_MAX = 400 };

static void check(bool holds)
{
    if (!holds)
        abort();
}

static double read_price(text t)
{
    double value;
    if (text_equal(t, TEXT("absent")))
        return ABSENT_PRICE;
    return number_read(t, &value) ? value : 0;
}

static int read_int(text t)
{
    int64_t value;
    return text_to_int(t, &value) ? (int)value : 0;
}

/* A text field takes its bytes as they are, up to its whole size without a NUL; an underline stands
 * for a blank. */
static void set_field(const struct ctp_layout *layout, char *body, text name, text value)
{
    const struct ctp_field *field = ctp_field_find(layout, name);
    if (!field)
        return;
    double price = read_price(value);
    int whole = read_int(value);
    switch (field->base) {
    case CTP_TEXT:
        memset(body + field->offset, 0, field->size);
        memcpy(body + field->offset, value.at,
               value.length < field->size ? value.length : field->size);
        for (char *at = body + field->offset; at < body + field->offset + field->size; at++)
            if (*at == '~')
                *at = ' ';
        return;
    case CTP_CHAR:
        body[field->offset] = value.length ? value.at[0] : '\0';
        return;
    case CTP_INT:
        memcpy(body + field->offset, &whole, sizeof whole);
        return;
    case CTP_DOUBLE:
        memcpy(body + field->offset, &price, sizeof price);
        return;
    default:
        return;
    }
}

static void set_fields(enum ctp_struct of, void *body, text words)
{
    const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, of);
    while (words.length > 0) {
        text value = text_cut(&words, ' ');
        text name = text_cut(&value, '=');
        set_field(layout, body, name, value);
    }
}

static uint32_t read_connection(text t)
{
    return 1 + (uint32_t)read_int(t) % (FIXTURE_CONNECTIONS - 1);
}

static void insert(struct fixture *fixture, text words)
{
    uint32_t connection = read_connection(text_cut(&words, ' '));
    struct CThostFtdcInputOrderField input = fixture_input(fixture, "rb2505", '0', '0', 3400, 1);
    input.OrderRef[0] = '\0';
    set_fields(CTP_STRUCT_InputOrder, &input, words);
    fixture_send(fixture, connection, CTP_TraderApi_ReqOrderInsert, &input);
}

static void cancel(struct fixture *fixture, text words)
{
    uint32_t connection = read_connection(text_cut(&words, ' '));
    struct CThostFtdcInputOrderActionField action;
    memset(&action, 0, sizeof action);
    action.ActionFlag = THOST_FTDC_AF_Delete;
    if (fixture->core->orders.count) {
        const struct order *order = fixture_newest(fixture);
        PUT_NUMBER(action.OrderRef, order->order_ref);
        action.FrontID = order->front_id;
        action.SessionID = order->session_id;
    }
    set_fields(CTP_STRUCT_InputOrderAction, &action, words);
    fixture_send(fixture, connection, CTP_TraderApi_ReqOrderAction, &action);
}

static void ask(struct fixture *fixture, text words)
{
    static _Alignas(8) char body[CTP_STRUCT_SIZE_MAX];
    uint32_t connection = read_connection(text_cut(&words, ' '));
    enum ctp_method method = ctp_method_find(CTP_NEWEST, CTP_TraderApi, text_cut(&words, ' '));
    if (method == CTP_METHOD_NONE || ctp_method_info(method)->shape != CTP_SHAPE_REQUEST)
        return;
    memset(body, 0, sizeof body);
    set_fields(ctp_method_info(method)->of, body, words);
    fixture_send(fixture, connection, method, body);
}

static bool is_listed(const struct fixture *fixture, text id)
{
    return market_find_instrument(core_market(fixture->core), EXCHANGE_COUNT, id) !=
           INSTRUMENT_NONE;
}

/* Feeds give sizes and traded lots that are not negative (fuzz/tts_feed holds them to that). */
static int read_lots(text t)
{
    int lots = read_int(t);
    return lots < 0 ? 0 : lots;
}

static void quote(struct fixture *fixture, text words)
{
    char id[81];
    text name = text_cut(&words, ' ');
    text_copy(id, sizeof id, name);
    if (!is_listed(fixture, text_of(id)))
        return;
    double bid = read_price(text_cut(&words, ' '));
    int bid_volume = read_lots(text_cut(&words, ' '));
    double ask = read_price(text_cut(&words, ' '));
    int ask_volume = read_lots(text_cut(&words, ' '));
    double last = read_price(text_cut(&words, ' '));
    int traded = read_lots(text_cut(&words, ' '));
    struct quote made =
        fixture_quote_of(fixture, id, bid, bid_volume, ask, ask_volume, last, traded);
    core_quote(fixture->core, &made, false);
}

static void status(struct fixture *fixture, text words)
{
    char id[81];
    text name = text_cut(&words, ' ');
    text_copy(id, sizeof id, name);
    if (is_listed(fixture, text_of(id)) && words.length > 0)
        fixture_status(fixture, id, words.at[0]);
}

static void settle(struct fixture *fixture)
{
    core_settle(fixture->core, core_trading_day(fixture->core) + 1, NULL);
    for (uint32_t i = 1; i < FIXTURE_CONNECTIONS; i++) {
        struct CThostFtdcReqUserLoginField login = {.BrokerID = "9999"};
        PUT_TEXT(login.UserID, i == CONNECTION_TWO ? TEXT("u2") : TEXT("u1"));
        fixture_send(fixture, i, CTP_TraderApi_ReqUserLogin, &login);
        fixture->read[i] = 0;
    }
}

static void play(struct fixture *fixture, text line)
{
    text word = text_cut(&line, ' ');
    if (text_equal(word, TEXT("insert")))
        insert(fixture, line);
    else if (text_equal(word, TEXT("cancel")))
        cancel(fixture, line);
    else if (text_equal(word, TEXT("ask")))
        ask(fixture, line);
    else if (text_equal(word, TEXT("quote")))
        quote(fixture, line);
    else if (text_equal(word, TEXT("status")))
        status(fixture, line);
    else if (text_equal(word, TEXT("settle")))
        settle(fixture);
    else if (text_equal(word, TEXT("time"))) {
        int second = read_lots(text_cut(&line, ' ')) % 86400;
        fixture_set_clock(fixture, FIXTURE_DAY, second, read_lots(line) % 1000);
        core_tick_time(fixture->core);
    }
}

static void check_state(const struct fixture *fixture)
{
    const struct core *core = fixture->core;
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        check(order->state.traded + order->state.total == order->volume);
        check(order->live || !order->at_exchange);
        for (uint32_t leg = 0; leg < order->leg_count; leg++)
            check(order->live || order->leg[leg].frozen == 0);
    }
    for (uint32_t i = 0; i < core->ledger.row_count; i++)
        check(ledger_closable(&core->ledger.rows[i]) >= 0);
    for (uint32_t i = 0; i < core->ledger.account_count; i++) {
        struct funds funds = ledger_funds(&core->ledger, i);
        check(isfinite(funds.balance) && isfinite(funds.available));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fixture fixture;
    fixture_begin(&fixture, NULL);
    text script = {(const char *)bytes, length};
    for (int i = 0; i < STEPS_MAX && script.length > 0; i++)
        play(&fixture, text_cut(&script, '\n'));
    check_state(&fixture);
    for (uint32_t i = 1; i < FIXTURE_CONNECTIONS; i++)
        fixture_story(&fixture, i);
    fixture_end(&fixture);
    return 0;
}
