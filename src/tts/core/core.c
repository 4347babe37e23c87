/* core.c: the counter's life and its front door: creation, time, and the dispatch of requests to
 * the functions that methods.def names. */
#include "tts/core/core.h"
#include "tts/core/channel.h"
#include "tts/core/day/settled_day.h"
#include "tts/core/desk/desk.h"
#include "tts/core/handlers.h"
#include "tts/core/records.h"
#include "tts/core/session.h"
#include <assert.h>

void *list_grow(void *at, uint32_t *capacity, size_t size)
{
    *capacity = *capacity ? *capacity * 2 : 16;
    return memory_resize(at, *capacity * size);
}

struct core_options core_options_of(enum core_profile profile)
{
    bool ctp = profile == PROFILE_CTP;
    struct core_options options = {
#define OPTION(type, name, tts_value, ctp_value, low, high) .name = ctp ? ctp_value : tts_value,
#include "tts/core/options.def"
#undef OPTION
        .system_name = "Tick Trading System",
        .version = "tts",
        .front_id = 1,
        .params = trading_params_default(),
    };
    return options;
}

struct trading_params core_params_of(const struct core_options *options)
{
    static const char prices[] = {[MARGIN_AT_OPEN_PRICE] = THOST_FTDC_MPT_OpenPrice,
                                  [MARGIN_AT_PRE_SETTLEMENT] = THOST_FTDC_MPT_PreSettlementPrice,
                                  [MARGIN_AT_LAST] = THOST_FTDC_MPT_SettlementPrice,
                                  [MARGIN_AT_AVERAGE] = THOST_FTDC_MPT_AveragePrice};
    static const char profits[] = {[PROFIT_ALL] = THOST_FTDC_AG_All,
                                   [PROFIT_ONLY_LOST] = THOST_FTDC_AG_OnlyLost,
                                   [PROFIT_ONLY_GAIN] = THOST_FTDC_AG_OnlyGain,
                                   [PROFIT_NONE] = THOST_FTDC_AG_None};
    static const char royalties[] = {[ROYALTY_AT_MAX] = THOST_FTDC_ORPT_MaxPreSettlementPrice,
                                     [ROYALTY_AT_PRE_SETTLEMENT] =
                                         THOST_FTDC_ORPT_PreSettlementPrice,
                                     [ROYALTY_AT_OPEN_PRICE] = THOST_FTDC_ORPT_OpenPrice};
    bool include = options->avail_include_close_profit;
    return (struct trading_params){
        .margin_price_type = prices[options->margin_price_type],
        .algorithm = profits[options->algorithm],
        .avail_include_close_profit = include ? THOST_FTDC_ICP_Include : THOST_FTDC_ICP_NotInclude,
        .option_royalty_price_type = royalties[options->option_royalty_price_type],
        .withdraw_ratio = options->withdraw_ratio,
    };
}

struct core *core_create(const struct core_options *options, const struct core_sink *sink,
                         int trading_day)
{
    struct core *core = memory_get_zeroed(1, sizeof *core);
    core->options = *options;
    core->sink = *sink;
    core->trading_day = trading_day;
    ledger_init(&core->ledger, &core->market, trading_day);
    core->ledger.params = options->params;
    core->records = records_create();
    core->matching = matching_create();
    channel_add(core, &channel_sim);
    core->settled_day = settled_day_create();
    return core;
}

void core_destroy(struct core *core)
{
    if (!core)
        return;
    matching_destroy(core->matching);
    records_destroy(core->records);
    settled_day_destroy(core->settled_day);
    ledger_finish(&core->ledger);
    market_finish(&core->market);
    for (uint32_t i = 0; i < core->users.count; i++) {
        free(core->users.at[i].investors.at);
        free(core->users.at[i].flow.at);
    }
    for (uint32_t i = 0; i < core->investors.count; i++)
        free(core->investors.at[i].users.at);
    index_finish(&core->user_index);
    index_finish(&core->account_index);
    index_finish(&core->order_by_system);
    index_finish(&core->order_by_ref);
    free(core->instruments.at);
    free(core->statuses.at);
    free(core->users.at);
    free(core->investors.at);
    free(core->sessions.at);
    free(core->rules.at);
    free(core->connections.at);
    free(core->knockers.at);
    free(core->entrances.at);
    free(core->orders.at);
    free(core->trades.at);
    free(core->blobs.at);
    free(core->messages.at);
    free(core->public_flow.at);
    free(core->statements.at);
    free(core->cash.at);
    free(core->averages.at);
    buffer_finish(&core->statement_bytes);
    buffer_finish(&core->bytes);
    buffer_finish(&core->feed_position);
    buffer_finish(&core->scratch);
    buffer_finish(&core->record);
    free(core);
}

void core_set_time(struct core *core, const struct core_time *now)
{
    core->now = *now;
}

int core_trading_day(const struct core *core)
{
    return core->trading_day;
}

uint32_t core_user_count(const struct core *core)
{
    return core->users.count;
}

const struct market *core_market(const struct core *core)
{
    return &core->market;
}

const char *core_user_hash(const struct core *core, text user_id, bool fund)
{
    uint32_t place = core_find_user(core, user_id);
    if (place == NONE)
        return "";
    return fund ? core->users.at[place].fund_hash : core->users.at[place].hash;
}

/* ---- dispatch ---- */

enum { LOGIN_FREE = 0, LOGIN_NEEDED = 1 };

const struct method_treatment *method_treatment_of(enum ctp_method method)
{
    static const struct method_treatment treatments[CTP_METHOD_COUNT] = {
#define METHOD(class, method, tier, login, handler) \
    [CTP_##class##_##method] = {TIER_##tier, LOGIN_##login, handler},
#include "tts/core/methods.def"
#undef METHOD
    };
    return &treatments[method];
}

void refuse_unsupported(struct core *core, const struct core_request *request)
{
    struct refusal refusal = refusal_of(CTP_ERROR_UNSUPPORTED_FUNCTION);
    enum ctp_method answer = ctp_method_answer(request->method);
    bool echo = answer != CTP_METHOD_NONE &&
                ctp_method_info(answer)->of == ctp_method_info(request->method)->of &&
                !text_starts_with(text_of(ctp_method_info(request->method)->name), TEXT("ReqQry"));
    reply_one(core, request, echo ? request->body : NULL, &refusal);
}

/* The front's own limit on queries: 90 beyond it, nothing is done. */
static bool query_is_too_fast(struct core *core, struct connection *connection,
                              enum ctp_method method)
{
    int limit = core->options.query_rate;
    if (limit == 0 || !text_starts_with(text_of(ctp_method_info(method)->name), TEXT("ReqQry")))
        return false;
    int64_t second = core->now.wall_us / 1000000;
    if (connection->query_second != second) {
        connection->query_second = second;
        connection->queries = 0;
    }
    return ++connection->queries > limit;
}

/* A request without a body is one with all fields empty. */
static const void *empty_body(void)
{
    static const union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } empty;
    return empty.bytes;
}

void core_request(struct core *core, const struct core_request *given)
{
    struct core_request request = *given;
    struct connection *connection = core_connection(core, request.connection);
    const struct method_treatment *treatment = method_treatment_of(request.method);
    if (!request.body)
        request.body = empty_body();
    if (treatment->tier == TIER_NONE)
        reply_front_error(core, &request, CTP_ERROR_NO_FOUND_FUNCTION);
    else if (treatment->login_needed && !connection->logged_in)
        reply_front_error(core, &request, CTP_ERROR_NOT_LOGIN_YET);
    else if (query_is_too_fast(core, connection, request.method))
        reply_front_error(core, &request, CTP_ERROR_NEED_RETRY);
    else
        treatment->handler(core, &request);
}
