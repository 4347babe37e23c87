/* golden_core.c: the accounting cases once more, through the whole counter: orders, cancels and
 * exercises are requests, cash an operator's, ticks quotes, settlements the counter's own; what is
 * compared are the structs that its queries answer. Fills are the one thing put in by hand, as a
 * plan of the matching: cases say at which price and when, no market would. */
#include "base/clock.h"
#include "ctp/ctp.h"
#include "golden_desk.h"
#include "tts/core/desk/desk_inside.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CONNECTION = 1, ORDER_LOTS_MAX = 1000000, NOON = 13 * 3600 + 1800 };

static const char USER[] = "golden";

struct named_order {
    char ref[GOLDEN_REF_MAX];
    uint32_t place;
};

struct counter {
    struct golden_desk desk; /* the case's market and account as read from the file */
    struct core *core;
    int request_id;
    int error;              /* ErrorID of the newest answer */
    enum ctp_method wanted; /* the callback whose bodies are kept */
    struct buffer rows;     /* bodies of the query under way */
    struct buffer orders;   /* struct named_order */
};

/* ---- what the counter says ---- */

static void on_effect(void *user, const void *bytes, size_t length)
{
    (void)user, (void)bytes, (void)length;
}

static void on_answer(void *user, uint32_t connection, enum ctp_method callback, const void *body,
                      const struct CThostFtdcRspInfoField *rsp_info, int request_id, bool is_last)
{
    struct counter *counter = user;
    (void)connection, (void)request_id, (void)is_last;
    counter->error = rsp_info ? rsp_info->ErrorID : 0;
    enum ctp_struct of = ctp_method_info(callback)->of;
    if (body && callback == counter->wanted)
        buffer_put(&counter->rows, body, ctp_layout_find(CTP_NEWEST, of)->size);
}

static void on_connection(void *user, uint32_t connection)
{
    (void)user, (void)connection;
}

static void on_tick(void *user, uint32_t instrument,
                    const struct CThostFtdcDepthMarketDataField *tick)
{
    (void)user, (void)instrument, (void)tick;
}

static void on_for_quote(void *user, uint32_t instrument,
                         const struct CThostFtdcForQuoteRspField *body)
{
    (void)user, (void)instrument, (void)body;
}

static void on_log(void *user, const char *line)
{
    (void)user, (void)line;
}

/* Sends a request; the ErrorID of its refusal, 0 without one. */
static int ask(struct counter *counter, enum ctp_method method, const void *body)
{
    struct core_request request = {.connection = CONNECTION,
                                   .method = method,
                                   .body = body,
                                   .request_id = ++counter->request_id,
                                   .verdict = PASSWORD_RIGHT};
    counter->error = 0;
    core_request(counter->core, &request);
    return counter->error;
}

static void log_in(struct golden *golden, struct counter *counter)
{
    struct CThostFtdcReqUserLoginField login = {.UserID = ""};
    PUT_TEXT(login.UserID, text_of(USER));
    PUT_TEXT(login.BrokerID, TEXT("9999"));
    if (ask(counter, CTP_TraderApi_ReqUserLogin, &login))
        golden_fault(golden, "the login is refused with %d", counter->error);
}

/* ---- the counter of a case ---- */

/* Limits matter to orders without a price only; prices of cases need not keep to them. */
static bool has_market_orders(const json_t *one)
{
    const json_t *steps = json_object_get(one, "steps");
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const char *type =
            json_string_value(json_object_get(json_array_get(steps, i), "price_type"));
        if (type && strcmp(type, "market") == 0)
            return true;
    }
    return false;
}

static void put_market(struct counter *counter, bool with_limits)
{
    const struct market *read = &counter->desk.market;
    for (uint32_t i = 0; i < read->instrument_count; i++) {
        struct instrument instrument = read->instruments[i];
        struct product product = read->products[instrument.product];
        product.product_class = instrument.product_class;
        product.price_tick = instrument.price_tick;
        product.position_date_type = instrument.position_date_type;
        product.lot_step = 1;
        instrument.product = core_put_product(counter->core, &product);
        instrument.limit_order_volume_min = instrument.market_order_volume_min = 1;
        instrument.limit_order_volume_max = instrument.market_order_volume_max = ORDER_LOTS_MAX;
        if (!with_limits)
            instrument.upper_limit = instrument.lower_limit = ABSENT_PRICE;
        core_put_instrument(counter->core, &instrument, false);
    }
}

static void set_day(struct counter *counter, int day)
{
    struct core_time now = {
        .wall_us = clock_from_beijing(day, NOON), .replay_date = day, .replay_second = NOON};
    core_set_time(counter->core, &now);
}

static void put_account(struct counter *counter)
{
    const struct account *read = &counter->desk.ledger.accounts[0];
    struct account *account = &counter->core->ledger.accounts[0];
    account->pre_balance = read->pre_balance;
    account->pre_margin = read->pre_margin;
    account->reserve = read->reserve;
    account->credit = read->credit;
    account->pre_credit = read->pre_credit;
    account->mortgage = read->mortgage;
    account->pre_mortgage = read->pre_mortgage;
    account->deposit = read->deposit;
    account->withdraw = read->withdraw;
}

static void counter_open(struct golden *golden, struct counter *counter, const json_t *one)
{
    *counter = (struct counter){.core = NULL};
    golden_desk_open(golden, &counter->desk, one);
    struct core_options options = core_options_of(PROFILE_TTS);
    options.params = counter->desk.ledger.accounts[0].params;
    options.match_profile = QUOTE_TOUCH;
    struct core_sink sink = {.user = counter,
                             .effect = on_effect,
                             .answer = on_answer,
                             .logged_in = on_connection,
                             .close = on_connection,
                             .tick = on_tick,
                             .for_quote = on_for_quote,
                             .log = on_log};
    int day = counter->desk.ledger.trading_day;
    counter->core = core_create(&options, &sink, day);
    set_day(counter, day);
    put_market(counter, has_market_orders(one));
    if (core_add_user(counter->core, text_of(USER), "hash", TEXT(""), 0) != ADMIN_OK)
        golden_fault(golden, "the counter takes no user");
    put_account(counter);
    struct core_peer peer = {
        .connection = CONNECTION, .version = CTP_NEWEST, .address = "127.0.0.1"};
    core_connect(counter->core, &peer);
    log_in(golden, counter);
}

static void counter_close(struct counter *counter)
{
    core_destroy(counter->core);
    buffer_finish(&counter->rows);
    buffer_finish(&counter->orders);
    golden_desk_close(&counter->desk);
}

/* ---- steps ---- */

static int run_order(struct golden *golden, struct counter *counter, const json_t *step)
{
    struct CThostFtdcInputOrderField input;
    memset(&input, 0, sizeof input);
    bool limited = strcmp(golden_text(golden, step, "price_type", "limit"), "limit") == 0;
    uint32_t place = golden_instrument(golden, &counter->desk, step);
    input.VolumeTotalOriginal = golden_lots(golden, step, "Volume", 1);
    if (golden->faulted)
        return 0;
    const struct instrument *instrument = core_instrument(counter->core, place);
    PUT_TEXT(input.BrokerID, TEXT("9999"));
    PUT_TEXT(input.InvestorID, text_of(USER));
    PUT_TEXT(input.InstrumentID, text_of(instrument->id));
    PUT_TEXT(input.ExchangeID, text_of(exchange_id(instrument->exchange)));
    input.Direction = golden_choice(golden, step, "Direction", "01");
    input.CombOffsetFlag[0] = golden_choice(golden, step, "OffsetFlag", "0123456");
    input.CombHedgeFlag[0] = golden_choice(golden, step, "HedgeFlag", "12345");
    input.OrderPriceType = limited ? THOST_FTDC_OPT_LimitPrice : THOST_FTDC_OPT_AnyPrice;
    input.LimitPrice = limited ? golden_need(golden, step, "LimitPrice") : 0;
    input.TimeCondition = THOST_FTDC_TC_GFD;
    input.VolumeCondition = THOST_FTDC_VC_AV;
    input.MinVolume = 1;
    input.ContingentCondition = THOST_FTDC_CC_Immediately;
    input.ForceCloseReason = THOST_FTDC_FCC_NotForceClose;
    int error = ask(counter, CTP_TraderApi_ReqOrderInsert, &input);
    if (error)
        return error;
    struct named_order named = {.place = counter->core->orders.count - 1};
    text_copy(named.ref, sizeof named.ref, text_of(golden_need_text(golden, step, "ref")));
    buffer_put(&counter->orders, &named, sizeof named);
    if (counter->core->orders.at[named.place].state.status != THOST_FTDC_OST_NoTradeQueueing)
        golden_fault(golden, "the exchange does not let the order wait");
    return 0;
}

static const struct order *order_of(struct golden *golden, const struct counter *counter,
                                    const json_t *step)
{
    const char *ref = golden_need_text(golden, step, "ref");
    const struct named_order *named = (const void *)counter->orders.at;
    for (size_t i = counter->orders.length / sizeof *named; i > 0; i--)
        if (strcmp(named[i - 1].ref, ref) == 0)
            return &counter->core->orders.at[named[i - 1].place];
    golden_fault(golden, "no order \"%s\" lives", ref);
    return NULL;
}

static void run_trade(struct golden *golden, struct counter *counter, const json_t *step)
{
    const struct order *order = order_of(golden, counter, step);
    int lots = golden_lots(golden, step, "Volume", 1);
    double price = golden_need(golden, step, "Price");
    if (golden->faulted)
        return;
    struct core *core = counter->core;
    uint32_t instrument = order->instrument;
    double tick = core_instrument(core, instrument)->price_tick;
    int64_t ticks = price_in_ticks(price, tick);
    if (fabs(match_price(ticks, tick) - price) > 1e-9)
        golden_fault(golden, "Price is not on a tick, where the counter's matching trades");
    if (lots > order->volume - order->state.traded)
        golden_fault(golden, "more lots are filled than are left");
    if (golden->faulted)
        return;
    match_fills_clear(&core->matching->fills);
    match_fills_add(&core->matching->fills,
                    (struct match_fill){.resting = (uint32_t)(order - core->orders.at),
                                        .volume = lots,
                                        .price = ticks,
                                        .level = ticks,
                                        .source = MATCH_PRICE_LAST});
    exchange_fill_waiting(core, instrument);
}

static void run_cancel(struct golden *golden, struct counter *counter, const json_t *step)
{
    const struct order *order = order_of(golden, counter, step);
    if (golden->faulted)
        return;
    struct CThostFtdcInputOrderActionField action;
    memset(&action, 0, sizeof action);
    PUT_TEXT(action.BrokerID, TEXT("9999"));
    PUT_TEXT(action.InvestorID, text_of(USER));
    PUT_TEXT(action.InstrumentID, text_of(core_instrument(counter->core, order->instrument)->id));
    PUT_NUMBER(action.OrderRef, order->order_ref);
    action.FrontID = order->front_id;
    action.SessionID = order->session_id;
    action.ActionFlag = THOST_FTDC_AF_Delete;
    if (ask(counter, CTP_TraderApi_ReqOrderAction, &action))
        golden_fault(golden, "the cancel is refused with %d", counter->error);
}

/* A quote with a last price and nothing to trade with. */
static void run_tick(struct golden *golden, struct counter *counter, const json_t *step)
{
    uint32_t place = golden_instrument(golden, &counter->desk, step);
    double last = golden_need(golden, step, "LastPrice");
    if (golden->faulted)
        return;
    const struct instrument *instrument = core_instrument(counter->core, place);
    struct quote quote = {
        .instrument = place,
        .trading_day = core_trading_day(counter->core),
        .action_day = core_trading_day(counter->core),
        .second_of_day = NOON,
        .last = last,
        .pre_settlement = instrument->pre_settlement,
        .pre_close = instrument->pre_settlement,
        .open = last,
        .highest = last,
        .lowest = last,
        .close = ABSENT_PRICE,
        .settlement = ABSENT_PRICE,
        .volume = (int)golden_get(golden, step, "Volume", 0),
        .turnover = golden_get(golden, step, "Turnover", 0),
        .has_volume = true,
        .upper_limit = instrument->upper_limit,
        .lower_limit = instrument->lower_limit,
    };
    quote.has_turnover = quote.turnover > 0;
    for (int i = 0; i < QUOTE_LEVELS; i++)
        quote.bid[i].price = quote.ask[i].price = ABSENT_PRICE;
    core_quote(counter->core, &quote, false);
}

static int move_cash(struct counter *counter, double amount)
{
    enum { INSUFFICIENT_MONEY = 31 };
    if (amount == 0)
        return 0;
    enum admin_result result = core_cash(counter->core, text_of(USER), amount);
    return result == ADMIN_OK ? 0 : INSUFFICIENT_MONEY;
}

static int run_cash(struct golden *golden, struct counter *counter, const json_t *step)
{
    int error = move_cash(counter, -golden_get(golden, step, "Withdraw", 0));
    return error ? error : move_cash(counter, golden_get(golden, step, "Deposit", 0));
}

static int run_exercise(struct golden *golden, struct counter *counter, const json_t *step)
{
    struct CThostFtdcInputExecOrderField input;
    memset(&input, 0, sizeof input);
    uint32_t place = golden_instrument(golden, &counter->desk, step);
    input.Volume = golden_lots(golden, step, "Volume", 1);
    if (golden->faulted)
        return 0;
    const struct instrument *option = core_instrument(counter->core, place);
    PUT_TEXT(input.BrokerID, TEXT("9999"));
    PUT_TEXT(input.InvestorID, text_of(USER));
    PUT_TEXT(input.InstrumentID, text_of(option->id));
    PUT_TEXT(input.ExchangeID, text_of(exchange_id(option->exchange)));
    input.OffsetFlag = golden_choice(golden, step, "OffsetFlag", "134");
    input.HedgeFlag = golden_choice(golden, step, "HedgeFlag", "12345");
    input.ActionType = THOST_FTDC_ACTP_Exec;
    input.PosiDirection = THOST_FTDC_PD_Long;
    input.CloseFlag = THOST_FTDC_EOCF_NotToClose;
    int error = ask(counter, CTP_TraderApi_ReqExecOrderInsert, &input);
    if (error && !json_object_get(step, "OffsetFlag") && option->position_date_type == '1') {
        input.OffsetFlag = THOST_FTDC_OF_CloseToday;
        error = ask(counter, CTP_TraderApi_ReqExecOrderInsert, &input);
    }
    return error;
}

static void run_settle(struct golden *golden, struct counter *counter, const json_t *step)
{
    const struct market *market = core_market(counter->core);
    const json_t *prices = json_object_get(step, "SettlementPrices");
    const json_t *indices = json_object_get(step, "underlying_settlement");
    golden_prices(golden, &counter->desk, step, "SettlementPrices");
    golden_prices(golden, &counter->desk, step, "underlying_settlement");
    golden_need_text(golden, step, "next_trading_day");
    int next = golden_date(golden, step, "next_trading_day");
    if (golden->faulted)
        return;
    double *given = memory_get_zeroed(market->instrument_count, sizeof *given);
    for (uint32_t i = 0; i < market->instrument_count; i++) {
        struct instrument instrument = market->instruments[i];
        given[i] = golden_get(golden, prices, instrument.id, instrument.last);
        instrument.underlying_settlement = golden_get(golden, indices, instrument.id, ABSENT_PRICE);
        core_put_instrument(counter->core, &instrument, false);
    }
    core_settle(counter->core, next, given);
    free(given);
    counter->orders.length = 0;
    set_day(counter, next);
    log_in(golden, counter);
}

static int run_step(struct golden *golden, struct counter *counter, const json_t *step)
{
    switch (golden_step(golden, step)) {
    case STEP_ORDER:
        return run_order(golden, counter, step);
    case STEP_CASH:
        return run_cash(golden, counter, step);
    case STEP_EXERCISE:
        return run_exercise(golden, counter, step);
    case STEP_TRADE:
        run_trade(golden, counter, step);
        break;
    case STEP_CANCEL:
        run_cancel(golden, counter, step);
        break;
    case STEP_TICK:
        run_tick(golden, counter, step);
        break;
    case STEP_SETTLE:
        run_settle(golden, counter, step);
        break;
    case STEP_NONE:
        break;
    }
    return 0;
}

/* ---- comparing ---- */

static double number_of(const struct ctp_field *field, const char *body)
{
    double real = 0;
    int whole = 0;
    if (field->base == CTP_DOUBLE)
        memcpy(&real, body + field->offset, sizeof real);
    else
        memcpy(&whole, body + field->offset, sizeof whole);
    return field->base == CTP_DOUBLE ? real : whole;
}

/* The texts of one body; golden_field keeps no copy. */
struct texts {
    char at[64][96];
};

static size_t fields_of(const struct ctp_layout *layout, const char *body,
                        struct golden_field *fields, size_t most, struct texts *texts)
{
    size_t count = 0, text_count = 0;
    for (uint16_t i = 0; i < layout->field_count && count < most; i++) {
        const struct ctp_field *field = &layout->fields[i];
        bool is_text = field->base == CTP_TEXT || field->base == CTP_CHAR;
        fields[count] = (struct golden_field){.name = field->name};
        if (is_text && text_count == 64)
            continue;
        if (is_text) {
            char *copy = texts->at[text_count++];
            text_copy(copy, sizeof texts->at[0], text_of_field(body + field->offset, field->size));
            fields[count].text = copy;
        } else {
            fields[count].number = number_of(field, body);
        }
        count++;
    }
    return count;
}

static void same_body(struct golden *golden, const char *where, const json_t *want,
                      enum ctp_struct of, const char *body)
{
    struct golden_field fields[128];
    struct texts texts;
    const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, of);
    size_t count = fields_of(layout, body, fields, 128, &texts);
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, "TradeID") == 0)
            fields[i].text = golden_key; /* the cases number trades in their own way */
    golden_same(golden, where, want, fields, count);
}

/* How much an answered row looks like the wanted one: 0 when a key differs, else 1 and one more for
 * each of the other named members that agree. */
static int likeness(const json_t *want, const struct ctp_layout *layout, const char *body,
                    const char *const *keys, const char *const *others)
{
    int like = 1;
    for (; *keys; keys++) {
        const struct ctp_field *field = ctp_field_find(layout, text_of(*keys));
        const char *wanted = json_string_value(json_object_get(want, *keys));
        if (!wanted ||
            !text_equal(text_of(wanted), text_of_field(body + field->offset, field->size)))
            return 0;
    }
    for (; *others; others++) {
        const struct ctp_field *field = ctp_field_find(layout, text_of(*others));
        double number = json_number_value(json_object_get(want, *others));
        like += fabs(number - number_of(field, body)) < 1e-6;
    }
    return like;
}

struct table {
    const char *name;
    enum ctp_method request, callback;
    enum ctp_struct of;
    const char *const *keys, *const *others;
};

/* Rows as sets: each wanted one takes the answered one that is most like it. */
static void same_table(struct golden *golden, struct counter *counter, const struct table *table,
                       const void *body, const json_t *list)
{
    const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, table->of);
    counter->wanted = table->callback;
    counter->rows.length = 0;
    if (ask(counter, table->request, body))
        golden_fault(golden, "the query of %s is refused with %d", table->name, counter->error);
    size_t count = counter->rows.length / layout->size;
    if (count != json_array_size(list))
        golden_differs(golden, table->name, "rows", (double)json_array_size(list), (double)count);
    bool *used = memory_get_zeroed(count + 1, sizeof *used);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *want = json_array_get(list, i);
        size_t best = count;
        int best_like = 0;
        for (size_t j = 0; j < count; j++) {
            int like = used[j] ? 0
                               : likeness(want, layout, counter->rows.at + j * layout->size,
                                          table->keys, table->others);
            if (like > best_like)
                best = j, best_like = like;
        }
        char where[96];
        snprintf(where, sizeof where, "%s[%zu]", table->name, i);
        if (best < count)
            same_body(golden, where, want, table->of, counter->rows.at + best * layout->size);
        else
            golden_differs(golden, where, "exists", 1, 0);
        used[best] = true;
    }
    free(used);
}

static void same_account(struct golden *golden, struct counter *counter, const json_t *want)
{
    struct CThostFtdcQryTradingAccountField body;
    memset(&body, 0, sizeof body);
    PUT_TEXT(body.BrokerID, TEXT("9999"));
    PUT_TEXT(body.InvestorID, text_of(USER));
    counter->wanted = CTP_TraderSpi_OnRspQryTradingAccount;
    counter->rows.length = 0;
    if (ask(counter, CTP_TraderApi_ReqQryTradingAccount, &body) || counter->rows.length == 0)
        golden_fault(golden, "the query of the account is answered with %d", counter->error);
    else
        same_body(golden, "TradingAccount", want, CTP_STRUCT_TradingAccount, counter->rows.at);
}

static void same_positions(struct golden *golden, struct counter *counter, const json_t *expect)
{
    static const char *const row_keys[] = {"InstrumentID", "PosiDirection", "HedgeFlag",
                                           "PositionDate", NULL};
    static const char *const detail_keys[] = {"InstrumentID", "Direction", "HedgeFlag", "OpenDate",
                                              NULL};
    static const char *const none[] = {NULL};
    static const char *const detail_others[] = {"Volume", "OpenPrice", "CloseVolume", "CloseAmount",
                                                NULL};
    static const struct table rows = {
        "InvestorPosition",
        CTP_TraderApi_ReqQryInvestorPosition,
        CTP_TraderSpi_OnRspQryInvestorPosition,
        CTP_STRUCT_InvestorPosition,
        row_keys,
        none,
    };
    static const struct table details = {
        "InvestorPositionDetail",
        CTP_TraderApi_ReqQryInvestorPositionDetail,
        CTP_TraderSpi_OnRspQryInvestorPositionDetail,
        CTP_STRUCT_InvestorPositionDetail,
        detail_keys,
        detail_others,
    };
    struct CThostFtdcQryInvestorPositionField of_rows;
    struct CThostFtdcQryInvestorPositionDetailField of_details;
    memset(&of_rows, 0, sizeof of_rows);
    memset(&of_details, 0, sizeof of_details);
    PUT_TEXT(of_rows.InvestorID, text_of(USER));
    PUT_TEXT(of_details.InvestorID, text_of(USER));
    const json_t *list = golden_list(golden, expect, rows.name);
    if (list)
        same_table(golden, counter, &rows, &of_rows, list);
    list = golden_list(golden, expect, details.name);
    if (list)
        same_table(golden, counter, &details, &of_details, list);
}

/* What no client can ask for; NULL when the case has nothing of that. */
static const char *beyond_clients(const json_t *one)
{
    const json_t *steps = json_object_get(one, "steps");
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        const char *offset = json_string_value(json_object_get(step, "OffsetFlag"));
        if (json_object_get(step, "assigned"))
            return "the counter assigns options by itself";
        if (offset && offset[0] && strchr("256", offset[0]))
            return "clients do not force closes";
    }
    return NULL;
}

void golden_accounting_core(struct golden *golden, const json_t *one, const json_t *file)
{
    (void)file;
    const char *beyond = beyond_clients(one);
    if (beyond) {
        golden->left_out = true;
        printf("%s left out: %s\n", golden->name, beyond);
        return;
    }
    struct counter counter;
    counter_open(golden, &counter, one);
    const json_t *steps = golden_list(golden, one, "steps");
    golden->has_steps = true;
    if (json_array_size(steps) == 0)
        golden_fault(golden, "the case has no steps");
    for (; golden->step < json_array_size(steps) && !golden->faulted; golden->step++) {
        const json_t *step = json_array_get(steps, golden->step);
        int error = run_step(golden, &counter, step);
        if (golden->faulted)
            break;
        golden_result(golden, step, error);
        const json_t *expect = json_object_get(step, "expect");
        if (json_object_get(expect, "TradingAccount"))
            same_account(golden, &counter, json_object_get(expect, "TradingAccount"));
        same_positions(golden, &counter, expect);
    }
    counter_close(&counter);
}
