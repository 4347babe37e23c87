/* desk_bench.c: orders a second through the counter's core on one thread: request in, all checks,
 * freeze, matching, effects, ledger, flows. Without journal and network; the effects' bytes are
 * counted and dropped. Two streams: customers  book mode, two users in turn: a sell rests, a buy
 * takes it (two trades, E1 E2 E1 E3 E3 E4 E4); quotes     quote mode: an order that rests and is
 * cancelled, and one that is filled from the quote. Each pass has a new core, because a day's
 * orders stay in memory. */
#include "base/clock.h"
#include "tts/core/core.h"
#include "tts/core/reply.h"
#include <malloc.h>
#include <stdio.h>
#include <time.h>

enum { ORDERS = 200000, PASSES = 5 };

struct bench_run {
    struct core *core;
    uint64_t effects, bytes, refusals;
    int request_id;
    int64_t order_ref;
};

static void on_effect(void *user, const void *bytes, size_t length)
{
    struct bench_run *run = user;
    (void)bytes;
    run->effects++;
    run->bytes += length;
}

static void on_answer(void *user, uint32_t connection, enum ctp_method callback, const void *body,
                      const struct CThostFtdcRspInfoField *rsp_info, int request_id, bool is_last)
{
    struct bench_run *run = user;
    (void)connection;
    (void)callback;
    (void)body;
    (void)request_id;
    (void)is_last;
    run->refusals += rsp_info && rsp_info->ErrorID;
}

static void on_connection(void *user, uint32_t connection)
{
    (void)user;
    (void)connection;
}

static void on_tick(void *user, uint32_t instrument,
                    const struct CThostFtdcDepthMarketDataField *tick)
{
    (void)user;
    (void)instrument;
    (void)tick;
}

static void on_for_quote(void *user, uint32_t instrument,
                         const struct CThostFtdcForQuoteRspField *body)
{
    (void)user;
    (void)instrument;
    (void)body;
}

static void on_log(void *user, const char *line)
{
    (void)user;
    (void)line;
}

static void send(struct bench_run *run, uint32_t connection, enum ctp_method method,
                 const void *body)
{
    struct core_request request = {.connection = connection,
                                   .method = method,
                                   .body = body,
                                   .request_id = ++run->request_id,
                                   .verdict = PASSWORD_RIGHT};
    core_request(run->core, &request);
}

static void put_market(struct bench_run *run, bool book_mode)
{
    struct product product;
    memset(&product, 0, sizeof product);
    PUT_TEXT(product.id, TEXT("rb"));
    product.exchange = EXCHANGE_SHFE;
    product.product_class = '1';
    product.volume_multiple = 10;
    product.price_tick = 1;
    struct instrument instrument;
    memset(&instrument, 0, sizeof instrument);
    PUT_TEXT(instrument.id, TEXT("rb2505"));
    instrument.product = core_put_product(run->core, &product);
    instrument.exchange = EXCHANGE_SHFE;
    instrument.product_class = '1';
    instrument.inst_life_phase = '1';
    instrument.is_trading = true;
    instrument.volume_multiple = 10;
    instrument.price_tick = 1;
    instrument.limit_order_volume_min = 1;
    instrument.limit_order_volume_max = 500;
    instrument.position_date_type = '1';
    instrument.larger_side = true;
    instrument.margin = instrument.exchange_margin = (struct margin_rate){0.1, 0, 0.1, 0};
    instrument.commission.open_by_money = 1e-4;
    instrument.underlying = INSTRUMENT_NONE;
    instrument.strike_price = ABSENT_PRICE;
    instrument.pre_settlement = instrument.last = 3400;
    instrument.upper_limit = 3740;
    instrument.lower_limit = 3060;
    core_put_instrument(run->core, &instrument, book_mode);
}

static void begin(struct bench_run *run, bool book_mode)
{
    struct core_options options = core_options_of(PROFILE_TTS);
    struct core_sink sink = {run,           on_effect, on_answer,    on_connection,
                             on_connection, on_tick,   on_for_quote, on_log};
    memset(run, 0, sizeof *run);
    run->core = core_create(&options, &sink, 20250303);
    struct core_time now = {clock_from_beijing(20250303, 36000), 20250303, 36000, 0};
    core_set_time(run->core, &now);
    put_market(run, book_mode);
    for (uint32_t i = 1; i <= 2; i++) {
        struct core_peer peer = {.connection = i, .version = CTP_NEWEST};
        struct CThostFtdcReqUserLoginField login = {.BrokerID = "9999"};
        PUT_TEXT(login.UserID, i == 1 ? TEXT("u1") : TEXT("u2"));
        core_connect(run->core, &peer);
        if (core_add_user(run->core, FIELD_TEXT(login.UserID), "hash", TEXT(""), 1e12) != ADMIN_OK)
            abort();
        send(run, i, CTP_TraderApi_ReqUserLogin, &login);
    }
}

static struct CThostFtdcInputOrderField limit_order(void)
{
    struct CThostFtdcInputOrderField input;
    memset(&input, 0, sizeof input);
    PUT_TEXT(input.BrokerID, TEXT("9999"));
    PUT_TEXT(input.InvestorID, TEXT("u1"));
    PUT_TEXT(input.InstrumentID, TEXT("rb2505"));
    PUT_TEXT(input.ExchangeID, TEXT("SHFE"));
    input.Direction = '0';
    input.CombOffsetFlag[0] = '0';
    input.CombHedgeFlag[0] = '1';
    input.OrderPriceType = '2';
    input.LimitPrice = 3400;
    input.VolumeTotalOriginal = 1;
    input.TimeCondition = '3';
    input.VolumeCondition = '1';
    input.ContingentCondition = '1';
    input.ForceCloseReason = '0';
    return input;
}

static void put_ref(struct bench_run *run, char *field, size_t size)
{
    int64_t rest = ++run->order_ref;
    for (size_t i = size - 1; i-- > 0; rest /= 10)
        field[i] = (char)(rest ? '0' + rest % 10 : ' ');
}

static void play_customers(struct bench_run *run)
{
    struct CThostFtdcInputOrderField input = limit_order();
    for (int i = 0; i < ORDERS / 2; i++) {
        bool turn = i & 1;
        for (uint32_t side = 0; side < 2; side++) {
            uint32_t connection = turn == (side == 0) ? 2 : 1;
            PUT_TEXT(input.InvestorID, connection == 1 ? TEXT("u1") : TEXT("u2"));
            input.Direction = side == 0 ? '1' : '0';
            input.LimitPrice = 3400 + i % 16;
            put_ref(run, input.OrderRef, sizeof input.OrderRef);
            send(run, connection, CTP_TraderApi_ReqOrderInsert, &input);
        }
    }
}

static void play_quotes(struct bench_run *run)
{
    struct CThostFtdcInputOrderField input = limit_order();
    struct CThostFtdcInputOrderActionField action;
    memset(&action, 0, sizeof action);
    PUT_TEXT(action.InvestorID, TEXT("u1"));
    PUT_TEXT(action.InstrumentID, TEXT("rb2505"));
    action.ActionFlag = '0';
    struct quote quote;
    memset(&quote, 0, sizeof quote);
    quote.trading_day = quote.action_day = 20250303;
    quote.last = 3400;
    quote.pre_settlement = 3400;
    quote.upper_limit = 3740;
    quote.lower_limit = 3060;
    quote.has_volume = true;
    for (int i = 0; i < QUOTE_LEVELS; i++) {
        quote.bid[i] = (struct quote_level){3399 - i, INT32_MAX / 2};
        quote.ask[i] = (struct quote_level){3400 + i, INT32_MAX / 2};
    }
    core_quote(run->core, &quote, false);
    for (int i = 0; i < ORDERS / 2; i++) {
        input.LimitPrice = 3390 + i % 8;
        put_ref(run, input.OrderRef, sizeof input.OrderRef);
        send(run, 1, CTP_TraderApi_ReqOrderInsert, &input);
        memcpy(action.OrderRef, input.OrderRef, sizeof action.OrderRef);
        send(run, 1, CTP_TraderApi_ReqOrderAction, &action);
        input.LimitPrice = 3400;
        put_ref(run, input.OrderRef, sizeof input.OrderRef);
        send(run, 1, CTP_TraderApi_ReqOrderInsert, &input);
    }
}

/* Of this thread: a bench on a busy machine must not measure its neighbours. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure(const char *name, bool book_mode, void (*play)(struct bench_run *run))
{
    double best = 0;
    struct bench_run run;
    for (int i = 0; i < PASSES; i++) {
        begin(&run, book_mode);
        double from = cpu_seconds();
        play(&run);
        double rate = ORDERS / (cpu_seconds() - from);
        if (rate > best)
            best = rate;
        core_destroy(run.core);
    }
    printf("%-10s %9.0f orders a CPU second, %.1f effects and %.0f journal bytes an order, %llu "
           "refused\n",
           name, best, (double)run.effects / ORDERS, (double)run.bytes / ORDERS,
           (unsigned long long)run.refusals);
}

int main(void)
{
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, INT32_MAX);
    measure("customers", true, play_customers);
    measure("quotes", false, play_quotes);
    return 0;
}
