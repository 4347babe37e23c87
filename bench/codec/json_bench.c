/* json_bench.c: structs to JSON and back, against jansson doing the same in the same run.
 * Encoding's baseline builds jansson's tree from the struct and dumps it; decoding's baseline
 * parses only and fills no struct, so a ratio near 1 there says that the checks of every field cost
 * nearly nothing. One JSON object a line on stdout. */
#include "codec/json_read.h"
#include "codec/json_write.h"
#include "ctp/canonical.h"
#include "ctp/gb18030.h"
#include <float.h>

enum { ROUNDS = 25, SAMPLE_NS = 4000000 };

/* What one case works on. */
struct subject {
    const char *name;
    const struct ctp_layout *layout;
    const void *body;
    unsigned flags;
    const struct json_plan *plan;
    struct buffer json; /* the struct encoded, input of decoding */
    struct buffer out;
    char into[CTP_STRUCT_SIZE_MAX];
};

static void fail(const char *why)
{
    fprintf(stderr, "json_bench: %s\n", why);
    exit(1);
}

/* ---- what is measured: each does its work once ---- */

static void encode_ours(struct subject *subject)
{
    buffer_clear(&subject->out);
    json_write_struct(&subject->out, subject->plan, subject->body);
}

static json_t *value_of(const struct ctp_field *field, const char *at)
{
    char utf8[4 * 2600];
    int32_t number = 0;
    double real;
    switch ((enum ctp_base)field->base) {
    case CTP_INT:
    case CTP_SHORT:
        memcpy(&number, at, field->size);
        return json_integer(number);
    case CTP_DOUBLE:
        memcpy(&real, at, sizeof real);
        return json_real(real == DBL_MAX ? 0.0 : real);
    case CTP_CHAR:
    case CTP_TEXT:
        break;
    }
    text gb = text_of_field(at, field->size);
    return json_stringn(utf8, gb18030_to_utf8(gb, utf8, sizeof utf8));
}

static void encode_jansson(struct subject *subject)
{
    json_t *object = json_object();
    for (int i = 0; i < subject->layout->field_count; i++) {
        const struct ctp_field *field = &subject->layout->fields[i];
        if (text_starts_with(text_of(field->name), TEXT("reserve")) &&
            !(subject->flags & JSON_WITH_RESERVED))
            continue;
        json_object_set_new_nocheck(object, field->name,
                                    value_of(field, (const char *)subject->body + field->offset));
    }
    char *dumped = json_dumps(object, JSON_COMPACT);
    if (!dumped)
        fail("jansson does not dump");
    free(dumped);
    json_decref(object);
}

static void decode_ours(struct subject *subject)
{
    char detail[320];
    struct json_read_result result;
    json_t *value = json_read_text(buffer_text(&subject->json), detail, sizeof detail);
    if (!value || !json_read_struct(value, subject->layout, subject->into, true, &result))
        fail(value ? result.detail : detail);
    json_decref(value);
}

static void decode_jansson(struct subject *subject)
{
    json_error_t error;
    json_t *value = json_loadb(subject->json.at, subject->json.length, 0, &error);
    if (!value)
        fail(error.text);
    json_decref(value);
}

/* ---- measuring ---- */

typedef void work_fn(struct subject *subject);

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *samples, int count)
{
    qsort(samples, (size_t)count, sizeof samples[0], compare_doubles);
    return samples[count / 2];
}

/* Time that this thread was on a processor: other programs on the machine do not count. */
static int64_t thread_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* How often the work fits into one sample. */
static int batch_of(struct subject *subject, work_fn *work)
{
    int64_t start = thread_ns();
    int batch = 0;
    do {
        work(subject);
        batch++;
    } while (thread_ns() - start < SAMPLE_NS);
    return batch;
}

/* Nanoseconds that one piece of work takes. */
static double sample(struct subject *subject, work_fn *work, int batch)
{
    int64_t start = thread_ns();
    for (int i = 0; i < batch; i++)
        work(subject);
    return (double)(thread_ns() - start) / batch;
}

/* A/B/B/A in every round, so that a machine that gets slower or faster does so for both. */
static void compare(const char *name, struct subject *subject, work_fn *ours, work_fn *baseline,
                    const char *against)
{
    double our_samples[2 * ROUNDS], baseline_samples[2 * ROUNDS];
    int our_batch = batch_of(subject, ours), baseline_batch = batch_of(subject, baseline);
    for (int i = 0; i < 2 * ROUNDS; i += 2) {
        our_samples[i] = sample(subject, ours, our_batch);
        baseline_samples[i] = sample(subject, baseline, baseline_batch);
        baseline_samples[i + 1] = sample(subject, baseline, baseline_batch);
        our_samples[i + 1] = sample(subject, ours, our_batch);
    }
    double our_ns = median(our_samples, 2 * ROUNDS);
    double baseline_ns = median(baseline_samples, 2 * ROUNDS);
    double bytes = (double)subject->json.length;
    printf("{\"name\":\"%s\",\"ours\":%.1f,\"baseline\":%.1f,\"ratio\":%.2f,\"better\":\"higher\","
           "\"unit\":\"MB/s\",\"note\":\"%.0f ns against %.0f ns for %.0f bytes; baseline: %s\"}\n",
           name, bytes * 1e3 / our_ns, bytes * 1e3 / baseline_ns, baseline_ns / our_ns, our_ns,
           baseline_ns, bytes, against);
    fflush(stdout);
}

static void run(const char *what, enum ctp_struct of, unsigned flags, const void *body)
{
    static struct subject subject;
    subject = (struct subject){
        .name = what,
        .layout = ctp_layout_find(CTP_NEWEST, of),
        .body = body,
        .flags = flags,
    };
    subject.plan = json_plan_find(subject.layout, flags);
    json_write_struct(&subject.json, subject.plan, body);
    char name[64];
    snprintf(name, sizeof name, "json_encode_%s", what);
    compare(name, &subject, encode_ours, encode_jansson,
            "jansson builds and dumps the same object");
    snprintf(name, sizeof name, "json_decode_%s", what);
    compare(name, &subject, decode_ours, decode_jansson, "jansson parses only, fills no struct");
    buffer_finish(&subject.json);
    buffer_finish(&subject.out);
}

/* ---- what a trading day is made of ---- */

static struct CThostFtdcDepthMarketDataField tick = {
    .TradingDay = "20241126",
    .reserve1 = "au2502",
    .ExchangeID = "SHFE",
    .LastPrice = 618.52,
    .PreSettlementPrice = 621.34,
    .PreClosePrice = 619.9,
    .PreOpenInterest = 172913.0,
    .OpenPrice = 619.02,
    .HighestPrice = 620.4,
    .LowestPrice = 612.86,
    .Volume = 214506,
    .Turnover = 132184067680.0,
    .OpenInterest = 165021.0,
    .ClosePrice = DBL_MAX,
    .SettlementPrice = DBL_MAX,
    .UpperLimitPrice = 683.46,
    .LowerLimitPrice = 559.2,
    .PreDelta = 0.0,
    .CurrDelta = DBL_MAX,
    .UpdateTime = "13:59:59",
    .UpdateMillisec = 500,
    .BidPrice1 = 618.5,
    .BidVolume1 = 12,
    .AskPrice1 = 618.54,
    .AskVolume1 = 3,
    .BidPrice2 = 618.48,
    .BidVolume2 = 7,
    .AskPrice2 = 618.56,
    .AskVolume2 = 21,
    .BidPrice3 = 618.46,
    .BidVolume3 = 8,
    .AskPrice3 = 618.58,
    .AskVolume3 = 9,
    .BidPrice4 = 618.44,
    .BidVolume4 = 5,
    .AskPrice4 = 618.6,
    .AskVolume4 = 30,
    .BidPrice5 = 618.42,
    .BidVolume5 = 2,
    .AskPrice5 = 618.62,
    .AskVolume5 = 11,
    .AveragePrice = 616225.8010125963,
    .ActionDay = "20241126",
    .InstrumentID = "au2502",
};

static struct CThostFtdcOrderField order = {
    .BrokerID = "9999",
    .InvestorID = "10010001",
    .OrderRef = "           7",
    .UserID = "10010001",
    .OrderPriceType = THOST_FTDC_OPT_LimitPrice,
    .Direction = THOST_FTDC_D_Buy,
    .CombOffsetFlag = "0",
    .CombHedgeFlag = "1",
    .LimitPrice = 618.5,
    .VolumeTotalOriginal = 3,
    .TimeCondition = THOST_FTDC_TC_GFD,
    .VolumeCondition = THOST_FTDC_VC_AV,
    .MinVolume = 1,
    .ContingentCondition = THOST_FTDC_CC_Immediately,
    .ForceCloseReason = THOST_FTDC_FCC_NotForceClose,
    .RequestID = 12,
    .OrderLocalID = "        1093",
    .ExchangeID = "SHFE",
    .ParticipantID = "9999",
    .ClientID = "9999100100",
    .TraderID = "9999tts",
    .OrderSubmitStatus = THOST_FTDC_OSS_Accepted,
    .TradingDay = "20241126",
    .SettlementID = 1,
    .OrderSysID = "        2310",
    .OrderSource = '0',
    .OrderStatus = THOST_FTDC_OST_NoTradeQueueing,
    .OrderType = '0',
    .VolumeTotal = 3,
    .InsertDate = "20241126",
    .InsertTime = "13:59:59",
    .SequenceNo = 4711,
    .FrontID = 1,
    .SessionID = 1193046,
    .StatusMsg = "\xce\xb4\xb3\xc9\xbd\xbb", /* not traded yet */
    .BrokerOrderSeq = 8123,
    .InstrumentID = "au2502",
    .ExchangeInstID = "au2502",
};

static struct CThostFtdcTradeField trade = {
    .BrokerID = "9999",
    .InvestorID = "10010001",
    .OrderRef = "           7",
    .UserID = "10010001",
    .ExchangeID = "SHFE",
    .TradeID = "        1882",
    .Direction = THOST_FTDC_D_Buy,
    .OrderSysID = "        2310",
    .ParticipantID = "9999",
    .ClientID = "9999100100",
    .OffsetFlag = '0',
    .HedgeFlag = '1',
    .Price = 618.5,
    .Volume = 3,
    .TradeDate = "20241126",
    .TradeTime = "13:59:59",
    .TradeType = '0',
    .TraderID = "9999tts",
    .OrderLocalID = "        1093",
    .SequenceNo = 4712,
    .TradingDay = "20241126",
    .SettlementID = 1,
    .BrokerOrderSeq = 8123,
    .InstrumentID = "au2502",
    .ExchangeInstID = "au2502",
};

int main(void)
{
    run("tick", CTP_STRUCT_DepthMarketData, JSON_ABSENT_PRICE_ZERO | JSON_WITH_RESERVED, &tick);
    run("order", CTP_STRUCT_Order, 0, &order);
    run("trade", CTP_STRUCT_Trade, 0, &trade);
    return 0;
}
