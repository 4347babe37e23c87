/* stand_in.c: a CTP library for tests: trader and market data in one source, built as two shared
 * objects with the original's symbols. No network: fronts, answers and accidents are played by what
 * it is asked.
 *
 *   front tcp://...:1        is never reached
 *   front tcp://...:4097     is lost again after every connect
 *   password "good"          logs in; any other: error 3, in Chinese
 *   AuthCode "bad"           error 63
 *   InvestorID "-1" ...      the call returns that
 *   InvestorID "empty"       a result without struct
 *   InvestorID "many"        three rows
 *   InvestorID "lose"        the front is lost (4097) and comes back
 *   InvestorID "public"      an OnRtnInstrumentStatus comes
 *   InvestorID "error"       OnRspError 90 instead of an answer
 *   InstrumentID "reject"    the order is refused (22) by answer and return
 *   InstrumentID, other      an OnRtnOrder, an OnRtnTrade
 *   logout of "hangs"        is answered, then the front hangs up, and says so a while later;
 *                            a login of "hangs" at the market data front is refused so
 *   subscribe "bad..."       error 16
 *   subscribe "flood..."     ticks without end
 *   subscribe "lose"         as above
 *   subscribe "-1"           returns -1
 *   every other request      is answered with its own fields, as far as the answer has them
 *
 * What it did is written, a line each, to the file that STAND_IN_LOG names. */
#include "base/buffer.h"
#include "base/clock.h"
#include "ctp/gb18030.h"
#include "ctp/vtable.h"
#include "webctp/fields.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

enum {
    TASKS_MAX = 4096,
    INSTRUMENTS_MAX = 4096,
    ID_SIZE = 81,
    TICK_MS = 10,
    FLOOD = 200,
    BUSY_NS = 150000000
};

/* STAND_IN_VERSION, or 6.7.2. */
static enum ctp_version VERSION = CTP_6_7_2;

__attribute__((constructor)) static void choose_version(void)
{
    const char *wanted = getenv("STAND_IN_VERSION");
    if (wanted && !ctp_version_find(text_of(wanted), &VERSION))
        abort();
}

struct stand_in;

struct task {
    void (*run)(struct stand_in *self, struct task *task);
    enum ctp_method method; /* the request's, or the callback's to make */
    int request_id, number;
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX];
};

struct stand_in {
    struct ctp_api_object object; /* first: what the caller holds */
    enum ctp_class spi_class;
    void *spi;
    char flow[256];
    char front[256];
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool started, connected;
    atomic_bool stopping, hung;
    struct task *tasks[TASKS_MAX];
    unsigned first, count;
    char instruments[INSTRUMENTS_MAX][ID_SIZE]; /* library's thread, under the mutex */
    unsigned instrument_count;
    int volume;
    int64_t last_busy_ns; /* when a query of "busy" was taken; caller's thread */
};

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *format, ...)
{
    const char *path = getenv("STAND_IN_LOG");
    char line[512];
    va_list arguments;
    if (!path)
        return;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[length++] = '\n';
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || write(file, line, (size_t)length) != length)
        abort();
    close(file);
}

/* ---- fields ---- */

static const struct ctp_layout *layout(enum ctp_struct of)
{
    return ctp_layout_find(VERSION, of);
}

static text get(enum ctp_struct of, const void *body, const char *name)
{
    return of == CTP_STRUCT_NONE ? TEXT("") : field_text(layout(of), body, text_of(name));
}

static void put(enum ctp_struct of, void *body, const char *name, const char *utf8)
{
    if (!field_put_utf8(layout(of), body, text_of(name), text_of(utf8)))
        abort();
}

static void put_number(enum ctp_struct of, void *body, const char *name, double value)
{
    const struct ctp_field *field = ctp_field_find(layout(of), text_of(name));
    int whole = (int)value;
    if (field->base == CTP_DOUBLE)
        memcpy((char *)body + field->offset, &value, sizeof value);
    else if (field->base == CTP_INT)
        memcpy((char *)body + field->offset, &whole, sizeof whole);
    else
        *((char *)body + field->offset) = (char)whole;
}

/* ---- callbacks ---- */

static void call_back(struct stand_in *self, const char *name, void *body, int error_id,
                      const char *error, int request_id, bool is_last)
{
    _Alignas(8) char info[CTP_STRUCT_SIZE_MAX] = {0};
    put_number(CTP_STRUCT_RspInfo, info, "ErrorID", error_id);
    put(CTP_STRUCT_RspInfo, info, "ErrorMsg", error ? error : "");
    struct ctp_callback callback = {
        .method = ctp_method_find(VERSION, self->spi_class, text_of(name)),
        .body = body,
        .rsp_info = error ? info : NULL,
        .request_id = request_id,
        .is_last = is_last,
        .number = error_id,
    };
    if (callback.method == CTP_METHOD_NONE)
        abort();
    ctp_spi_call(self->spi, VERSION, &callback);
}

static void front_event(struct stand_in *self, bool connected, int reason)
{
    self->connected = connected;
    call_back(self, connected ? "OnFrontConnected" : "OnFrontDisconnected", NULL, reason, NULL, 0,
              false);
}

/* ---- what a request does; on the library's thread ---- */

static void play_front(struct stand_in *self, struct task *task)
{
    (void)task;
    if (text_ends_with(text_of(self->front), TEXT(":1")))
        return;
    front_event(self, true, 0);
    while (text_ends_with(text_of(self->front), TEXT(":4097")) && !self->stopping) {
        usleep(20000);
        front_event(self, false, 4097);
        usleep(20000);
        if (!self->stopping)
            front_event(self, true, 0);
    }
}

static void lose_front(struct stand_in *self)
{
    self->instrument_count = 0;
    front_event(self, false, 4097);
    usleep(200000);
    front_event(self, true, 0);
}

/* The front hangs up behind a logout: calls return -1 at once, the event comes later, and what was
 * on its way is lost. */
static void hang_up(struct stand_in *self)
{
    usleep(100000);
    front_event(self, false, 4097);
    pthread_mutex_lock(&self->mutex);
    while (self->count) {
        free(self->tasks[self->first++ % TASKS_MAX]);
        self->count--;
    }
    self->hung = false;
    pthread_mutex_unlock(&self->mutex);
    usleep(50000);
    front_event(self, true, 0);
}

static void answer_login(struct stand_in *self, const struct task *task)
{
    enum ctp_struct of = CTP_STRUCT_RspUserLogin;
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    text user = get(CTP_STRUCT_ReqUserLogin, task->body, "UserID");
    bool good =
        self->spi_class == CTP_MdSpi
            ? !text_equal(user, TEXT("refused")) && !text_equal(user, TEXT("hangs"))
            : text_equal(get(CTP_STRUCT_ReqUserLogin, task->body, "Password"), TEXT("good"));
    note("login broker=%.*s user=%.*s product=%.*s",
         TEXT_ARG(get(CTP_STRUCT_ReqUserLogin, task->body, "BrokerID")), TEXT_ARG(user),
         TEXT_ARG(get(CTP_STRUCT_ReqUserLogin, task->body, "UserProductInfo")));
    put(of, body, "TradingDay", "20241125");
    put(of, body, "SystemName", "Stand-in");
    field_put(layout(of), body, TEXT("UserID"), user);
    put_number(of, body, "FrontID", 1);
    self->hung = self->spi_class == CTP_MdSpi && text_equal(user, TEXT("hangs"));
    call_back(self, "OnRspUserLogin", good || self->spi_class == CTP_MdSpi ? body : NULL,
              good ? 0 : 3, good ? "正确" : "CTP:不合法的登录", task->request_id, true);
    if (self->hung)
        hang_up(self);
}

static void answer_order(struct stand_in *self, const struct task *task)
{
    _Alignas(8) char order[CTP_STRUCT_SIZE_MAX] = {0}, trade[CTP_STRUCT_SIZE_MAX] = {0};
    _Alignas(8) char input[CTP_STRUCT_SIZE_MAX];
    memcpy(input, task->body, sizeof input);
    if (text_equal(get(CTP_STRUCT_InputOrder, input, "InstrumentID"), TEXT("reject"))) {
        call_back(self, "OnRspOrderInsert", input, 22, "CTP:不允许重复报单", task->request_id,
                  true);
        call_back(self, "OnErrRtnOrderInsert", input, 22, "CTP:不允许重复报单", 0, false);
        return;
    }
    ctp_convert(layout(CTP_STRUCT_InputOrder), input, layout(CTP_STRUCT_Order), order);
    put(CTP_STRUCT_Order, order, "StatusMsg", "全部成交报单已提交");
    put_number(CTP_STRUCT_Order, order, "OrderStatus", '0');
    call_back(self, "OnRtnOrder", order, 0, NULL, 0, false);
    ctp_convert(layout(CTP_STRUCT_InputOrder), input, layout(CTP_STRUCT_Trade), trade);
    put_number(CTP_STRUCT_Trade, trade, "Price", 3201.2);
    call_back(self, "OnRtnTrade", trade, 0, NULL, 0, false);
}

static void answer_by_itself(struct stand_in *self, const struct task *task)
{
    const struct ctp_method_info *request = ctp_method_info(task->method);
    enum ctp_method method = ctp_method_answer(task->method);
    if (method == CTP_METHOD_NONE)
        return;
    const struct ctp_method_info *answer = ctp_method_info(method);
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    text investor = get(request->of, task->body, "InvestorID");
    ctp_convert(layout(request->of), task->body, layout(answer->of), body);
    if (text_equal(investor, TEXT("empty"))) {
        call_back(self, answer->name, NULL, 0, NULL, task->request_id, true);
    } else if (text_equal(investor, TEXT("error"))) {
        call_back(self, "OnRspError", NULL, 90, "CTP:查询未就绪，请稍后重试", task->request_id,
                  true);
    } else {
        int rows = text_equal(investor, TEXT("many")) ? 3 : 1;
        for (int i = 0; i < rows; i++)
            call_back(self, answer->name, body, 0, "正确", task->request_id, i == rows - 1);
    }
}

static void answer_request(struct stand_in *self, struct task *task)
{
    const struct ctp_method_info *info = ctp_method_info(task->method);
    text investor = get(info->of, task->body, "InvestorID"), name = text_of(info->name);
    if (text_equal(name, TEXT("ReqAuthenticate"))) {
        bool good = !text_equal(get(info->of, task->body, "AuthCode"), TEXT("bad"));
        note("authenticate app=%.*s code=%.*s", TEXT_ARG(get(info->of, task->body, "AppID")),
             TEXT_ARG(get(info->of, task->body, "AuthCode")));
        call_back(self, "OnRspAuthenticate", NULL, good ? 0 : 63,
                  good ? "正确" : "CTP:客户端认证失败", task->request_id, true);
    } else if (text_equal(name, TEXT("ReqUserLogin"))) {
        answer_login(self, task);
    } else if (text_equal(name, TEXT("ReqOrderInsert"))) {
        answer_order(self, task);
    } else if (text_equal(name, TEXT("ReqUserLogout")) &&
               text_equal(get(info->of, task->body, "UserID"), TEXT("hangs"))) {
        self->hung = true;
        answer_by_itself(self, task);
        hang_up(self);
    } else if (text_equal(investor, TEXT("lose"))) {
        lose_front(self);
    } else if (text_equal(investor, TEXT("public"))) {
        _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
        put(CTP_STRUCT_InstrumentStatus, body, "InstrumentID", "IF2412");
        call_back(self, "OnRtnInstrumentStatus", body, 0, NULL, 0, false);
        answer_by_itself(self, task);
    } else {
        if (text_equal(name, TEXT("ReqSettlementInfoConfirm")))
            note("confirm investor=%.*s", TEXT_ARG(investor));
        answer_by_itself(self, task);
    }
}

static void make_tick(struct stand_in *self, const char *id)
{
    enum ctp_struct of = CTP_STRUCT_DepthMarketData;
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    put(of, body, "InstrumentID", id);
    put(of, body, "reserve1", "old");
    put_number(of, body, "LastPrice", 567.5);
    put_number(of, body, "Volume", ++self->volume);
    put_number(of, body, "BidPrice2", 1.7976931348623157e308);
    put_number(of, body, "PreDelta", 1.7976931348623157e308);
    call_back(self, "OnRtnDepthMarketData", body, 0, NULL, 0, false);
}

static void answer_subscription(struct stand_in *self, struct task *task)
{
    const char *id = task->body;
    bool on = text_starts_with(text_of(ctp_method_info(task->method)->name), TEXT("Sub"));
    bool bad = text_starts_with(text_of(id), TEXT("bad"));
    _Alignas(8) char body[CTP_STRUCT_SIZE_MAX] = {0};
    if (text_equal(text_of(id), TEXT("lose"))) {
        lose_front(self);
        return;
    }
    note("%s %s", ctp_method_info(task->method)->name, id);
    put(CTP_STRUCT_SpecificInstrument, body, "InstrumentID", id);
    call_back(self, ctp_method_info(ctp_method_answer(task->method))->name, body, bad ? 16 : 0,
              bad ? "CTP:找不到合约" : "CTP:No Error", 0, true);
    for (unsigned i = 0; i < self->instrument_count; i++)
        if (text_equal(text_of(self->instruments[i]), text_of(id)))
            memcpy(self->instruments[i--], self->instruments[--self->instrument_count], ID_SIZE);
    if (on && !bad && self->instrument_count < INSTRUMENTS_MAX) {
        text_copy(self->instruments[self->instrument_count++], ID_SIZE, text_of(id));
        make_tick(self, id);
    }
}

static void send_ticks(struct stand_in *self)
{
    for (unsigned i = 0; i < self->instrument_count; i++) {
        int times = text_starts_with(text_of(self->instruments[i]), TEXT("flood")) ? FLOOD : 1;
        while (times--)
            make_tick(self, self->instruments[i]);
    }
}

/* ---- the library's thread ---- */

static struct task *next_task(struct stand_in *self, bool *stopping)
{
    struct task *task = NULL;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += TICK_MS * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&self->mutex);
    while (!self->count && !self->stopping &&
           pthread_cond_timedwait(&self->changed, &self->mutex, &until) == 0)
        ;
    if (self->count) {
        task = self->tasks[self->first++ % TASKS_MAX];
        self->count--;
    }
    *stopping = self->stopping;
    pthread_mutex_unlock(&self->mutex);
    return task;
}

static void *work(void *user)
{
    struct stand_in *self = user;
    for (;;) {
        bool stopping;
        struct task *task = next_task(self, &stopping);
        if (task && !stopping)
            task->run(self, task);
        else if (!task && !stopping)
            send_ticks(self);
        free(task);
        if (stopping && !task)
            return NULL;
    }
}

static void post(struct stand_in *self, void (*run)(struct stand_in *, struct task *),
                 const struct ctp_call *call, const void *body, size_t size)
{
    struct task *task = memory_get_zeroed(1, sizeof *task);
    task->run = run;
    if (call) {
        task->method = call->method;
        task->request_id = call->request_id;
    }
    if (body)
        memcpy(task->body, body, size);
    pthread_mutex_lock(&self->mutex);
    if (self->count == TASKS_MAX)
        abort();
    self->tasks[(self->first + self->count++) % TASKS_MAX] = task;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

/* ---- called by the user of the library ---- */

static void release(struct stand_in *self)
{
    pthread_mutex_lock(&self->mutex);
    self->stopping = true;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    if (self->started)
        pthread_join(self->thread, NULL);
    if (strstr(self->flow, "tdslow"))
        sleep(4);
    note("release %s", self->flow);
    free(self);
}

static int request(struct stand_in *self, const struct ctp_call *call)
{
    enum ctp_struct of = ctp_method_info(call->method)->of;
    text investor = get(of, call->body, "InvestorID");
    int64_t code;
    if (self->hung)
        return -1;
    if (text_to_int(investor, &code) && code < 0)
        return (int)code;
    if (text_equal(investor, TEXT("busy"))) {
        if (clock_monotonic_ns() - self->last_busy_ns < BUSY_NS)
            return -3;
        self->last_busy_ns = clock_monotonic_ns();
    }
    post(self, answer_request, call, call->body, layout(of)->size);
    return 0;
}

static int subscribe(struct stand_in *self, const struct ctp_call *call)
{
    for (int i = 0; i < call->count; i++)
        if (text_equal(text_of(call->instruments[i]), TEXT("-1")))
            return -1;
    for (int i = 0; i < call->count; i++)
        post(self, answer_subscription, call, call->instruments[i], strlen(call->instruments[i]));
    return 0;
}

static intptr_t handle(struct ctp_api_object *object, const struct ctp_call *call)
{
    struct stand_in *self = (struct stand_in *)object;
    const struct ctp_method_info *info = ctp_method_info(call->method);
    text name = text_of(info->name);
    switch (info->shape) {
    case CTP_SHAPE_SPI:
        self->spi = call->spi;
        return 0;
    case CTP_SHAPE_ADDRESS:
        text_copy(self->front, sizeof self->front, text_of(call->address));
        return 0;
    case CTP_SHAPE_GET_TEXT:
        return (intptr_t) "20241125";
    case CTP_SHAPE_REQUEST:
        return request(self, call);
    case CTP_SHAPE_INSTRUMENTS:
        return subscribe(self, call);
    case CTP_SHAPE_TOPIC:
    case CTP_SHAPE_TOPIC_FROM:
        note("topic %d", call->topic);
        return 0;
    default:
        break;
    }
    if (text_equal(name, TEXT("Init"))) {
        self->started = pthread_create(&self->thread, NULL, work, self) == 0;
        post(self, play_front, NULL, NULL, 0);
    } else if (text_equal(name, TEXT("Release"))) {
        release(self);
    }
    return 0;
}

static struct ctp_api_object *create(const char *flow, enum ctp_class api_class,
                                     enum ctp_class spi_class)
{
    struct stand_in *self = memory_get_zeroed(1, sizeof *self);
    ctp_api_object_init(&self->object, api_class, VERSION, handle);
    self->spi_class = spi_class;
    text_copy(self->flow, sizeof self->flow, text_of(flow));
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->changed, NULL);
    note("create %s", flow);
    return &self->object;
}

/* ---- the exported functions, under their C++ names ---- */

#define EXPORTED __attribute__((visibility("default")))

#if STAND_IN_TRADER
EXPORTED struct ctp_api_object *
create_trader(const char *flow) __asm__("_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKc");
EXPORTED const char *trader_version(void) __asm__("_ZN19CThostFtdcTraderApi13GetApiVersionEv");

struct ctp_api_object *create_trader(const char *flow)
{
    return create(flow, CTP_TraderApi, CTP_TraderSpi);
}

const char *trader_version(void)
{
    return "stand-in v6.7.2";
}
#else
EXPORTED struct ctp_api_object *
create_md(const char *flow, bool udp,
          bool multicast) __asm__("_ZN15CThostFtdcMdApi15CreateFtdcMdApiEPKcbb");
EXPORTED const char *md_version(void) __asm__("_ZN15CThostFtdcMdApi13GetApiVersionEv");

struct ctp_api_object *create_md(const char *flow, bool udp, bool multicast)
{
    (void)udp;
    (void)multicast;
    return create(flow, CTP_MdApi, CTP_MdSpi);
}

const char *md_version(void)
{
    return "stand-in v6.7.2";
}
#endif
