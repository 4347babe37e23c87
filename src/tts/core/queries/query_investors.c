/* query_investors.c: who trades here and by which rules: investors, trading codes, sessions, the
 * broker's parameters, seats at the exchanges. */
#include "tts/core/handlers.h"
#include "tts/core/queries/query_rows.h"
#include "tts/core/records.h"
#include <stdlib.h>

static void investor_row(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    struct CThostFtdcInvestorField row = {.IsActive = core->investors.at[account].active};
    PUT_TEXT(row.InvestorID, text_of(core->ledger.accounts[account].id));
    PUT_TEXT(row.InvestorName, FIELD_TEXT(core->investors.at[account].name));
    query_row(query, &row);
}

void query_investors(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, investor_row);
}

/* One code at each exchange; CFFEX has one for each kind of hedging, the same number here. */
static void trading_code_rows(struct query *query, uint32_t account, enum exchange exchange)
{
    static const char kinds[] = {THOST_FTDC_CIDT_Speculation, THOST_FTDC_CIDT_Arbitrage,
                                 THOST_FTDC_CIDT_Hedge};
    struct core *core = query->core;
    for (size_t i = 0; i < (exchange == EXCHANGE_CFFEX ? sizeof kinds : 1); i++) {
        struct CThostFtdcTradingCodeField row = {
            .IsActive = 1, .ClientIDType = kinds[i], .BizType = THOST_FTDC_BZTP_Future};
        PUT_TEXT(row.InvestorID, text_of(core->ledger.accounts[account].id));
        PUT_TEXT(row.ExchangeID, text_of(exchange_id(exchange)));
        core_client_id(core, account, exchange, row.ClientID, sizeof row.ClientID);
        query_row(query, &row);
    }
}

static void trading_codes_of(struct query *query, uint32_t account)
{
    int next = 0;
    enum exchange exchange;
    while (query_next_exchange(query, &next, &exchange))
        trading_code_rows(query, account, exchange);
}

void query_trading_codes(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, trading_codes_of);
}

static void session_row(struct query *query, const struct connection *connection)
{
    const struct core *core = query->core;
    const struct user *user = &core->users.at[connection->user];
    const struct session *session = &core->sessions.at[connection->session];
    struct CThostFtdcUserSessionField row = {.FrontID = core->options.front_id,
                                             .SessionID = session->session_id};
    PUT_TEXT(row.UserID, text_of(user->id));
    PUT_TEXT(row.UserProductInfo, FIELD_TEXT(session->user_product_info));
    PUT_TEXT(row.IPAddress, FIELD_TEXT(connection->peer.address));
    QUERY_PUT_OLD(row.reserve1, FIELD_TEXT(connection->peer.address));
    text stamp = FIELD_TEXT(connection->login_stamp);
    PUT_TEXT(row.LoginDate, ((text){stamp.at, 8}));
    PUT_TEXT(row.LoginTime, ((text){stamp.at + 8, 8}));
    query_row(query, &row);
}

/* The asking user's own sessions that are logged in now. */
void query_user_sessions(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    for (uint32_t i = 0; i < core->connections.count; i++) {
        const struct connection *connection = &core->connections.at[i];
        if (connection->logged_in && !connection->md && connection->user == query.from->user)
            session_row(&query, connection);
    }
    query_end(&query);
}

/* ---- the broker's rules ---- */

static void trading_params_row(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    const struct trading_params *params = &core->ledger.accounts[account].params;
    struct CThostFtdcBrokerTradingParamsField row = {
        .MarginPriceType = params->margin_price_type,
        .Algorithm = params->algorithm,
        .AvailIncludeCloseProfit = params->avail_include_close_profit,
        .OptionRoyaltyPriceType = params->option_royalty_price_type,
    };
    PUT_TEXT(row.InvestorID, text_of(core->ledger.accounts[account].id));
    PUT_TEXT(row.AccountID, text_of(core->ledger.accounts[account].id));
    PUT_TEXT(row.CurrencyID, TEXT("CNY"));
    query_row(query, &row);
}

void query_trading_params(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, trading_params_row);
}

static char algorithm_of(enum exchange exchange)
{
    switch (exchange) {
    case EXCHANGE_DCE:
    case EXCHANGE_GFEX:
        return THOST_FTDC_HPA_DCE;
    case EXCHANGE_CZCE:
        return THOST_FTDC_HPA_CZCE;
    default:
        return THOST_FTDC_HPA_Base;
    }
}

/* An InstrumentID asks for the exchange that lists it; the row repeats it. */
static void trading_algorithm_row(struct query *query, enum exchange exchange)
{
    text instrument = query_asked(query, "InstrumentID");
    if (instrument.length &&
        market_find_instrument(&query->core->market, exchange, instrument) == INSTRUMENT_NONE)
        return;
    char algorithm = algorithm_of(exchange);
    struct CThostFtdcBrokerTradingAlgosField row = {
        .HandlePositionAlgoID = algorithm,
        .FindMarginRateAlgoID = algorithm,
        .HandleTradingAccountAlgoID = algorithm,
    };
    PUT_TEXT(row.ExchangeID, text_of(exchange_id(exchange)));
    PUT_TEXT(row.InstrumentID, instrument);
    QUERY_PUT_OLD(row.reserve1, instrument);
    query_row(query, &row);
}

void query_trading_algorithms(struct core *core, const struct core_request *request)
{
    query_by_exchange(core, request, trading_algorithm_row);
}

/* Portfolio margins are off everywhere. */
static void portfolio_setting_rows(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    int next = 0;
    enum exchange exchange;
    while (query_next_exchange(query, &next, &exchange)) {
        struct CThostFtdcInvestorPortfSettingField row = {.HedgeFlag = THOST_FTDC_HF_Speculation,
                                                          .UsePortf = 0};
        PUT_TEXT(row.InvestorID, text_of(core->ledger.accounts[account].id));
        PUT_TEXT(row.ExchangeID, text_of(exchange_id(exchange)));
        query_row(query, &row);
    }
}

void query_portfolio_settings(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, portfolio_setting_rows);
}

/* The seats at the exchanges are always connected: the exchanges are inside. */
static void trader_offer_row(struct query *query, enum exchange exchange)
{
    struct core *core = query->core;
    struct CThostFtdcTraderOfferField row = {.InstallID = 1};
    PUT_TEXT(row.ExchangeID, text_of(exchange_id(exchange)));
    PUT_TEXT(row.ParticipantID, core_member_id(core));
    core_trader_id(core, row.TraderID, sizeof row.TraderID);
    PUT_DATE(row.TradingDay, core->trading_day);
    row.TraderConnectStatus = THOST_FTDC_TCS_Connected;
    query_row(query, &row);
}

void query_trader_offers(struct core *core, const struct core_request *request)
{
    query_by_exchange(core, request, trader_offer_row);
}

/* The monitoring centre's key is retired: none. */
static void monitoring_key_row(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    struct CThostFtdcCFMMCTradingAccountKeyField row = {.KeyID = 0};
    PUT_TEXT(row.ParticipantID, core_member_id(core));
    PUT_TEXT(row.AccountID, text_of(core->ledger.accounts[account].id));
    query_row(query, &row);
}

void query_monitoring_keys(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, monitoring_key_row);
}

void query_notice(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    text notice = FIELD_TEXT(core->options.notice);
    if (notice.length) {
        struct CThostFtdcNoticeField row = {.SequenceLabel = "1"};
        QUERY_PUT_UTF8(row.Content, notice);
        query_row(&query, &row);
    }
    query_end(&query);
}

/* ---- messages counted for the fees of orders and cancels ---- */

/* What an account sent today about one instrument. */
struct message_count {
    int orders, actions, for_quotes;
    double fee;
};

static void count_orders(const struct core *core, uint32_t account, struct message_count *counts)
{
    for (uint32_t i = core->investors.at[account].first_order; i != NONE;
         i = core->orders.at[i].next_of_account) {
        const struct order *order = &core->orders.at[i];
        struct message_count *count = &counts[order->instrument];
        struct commission_rate rate =
            *ledger_commission_rate(&core->ledger, account, order->instrument);
        count->orders++;
        count->fee += rate.order_by_trade + rate.order_by_volume * order->volume;
        if (order->state.status != THOST_FTDC_OST_Canceled || order->state.active_user == NONE)
            continue;
        count->actions++;
        count->fee +=
            rate.action_by_trade + rate.action_by_volume * (order->volume - order->state.traded);
    }
}

static void count_for_quotes(struct core *core, uint32_t account, struct message_count *counts)
{
    for (uint32_t i = 0; i < record_count(core, RECORD_for_quote); i++) {
        const struct record *head = record_head(core, RECORD_for_quote, i);
        if (head->account == account && head->instrument != NONE)
            counts[head->instrument].for_quotes++;
    }
}

static void message_count_row(struct query *query, uint32_t account,
                              const struct instrument *instrument,
                              const struct message_count *count)
{
    const struct core *core = query->core;
    struct CThostFtdcInvestorInfoCommRecField row = {
        .OrderCount = count->orders,
        .OrderActionCount = count->actions,
        .ForQuoteCnt = count->for_quotes,
        .InfoComm = count->fee,
        .InfoCnt = count->orders + count->actions + count->for_quotes,
    };
    PUT_TEXT(row.ExchangeID, text_of(exchange_id(instrument->exchange)));
    PUT_TEXT(row.InvestorID, text_of(core->ledger.accounts[account].id));
    PUT_TEXT(row.InstrumentID, text_of(instrument->id));
    PUT_TEXT(row.ProductID, text_of(core->market.products[instrument->product].id));
    query_row(query, &row);
}

static void message_count_rows(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    struct message_count *counts =
        memory_get_zeroed(core->market.instrument_count + 1, sizeof *counts);
    count_orders(core, account, counts);
    count_for_quotes(core, account, counts);
    struct query_instruments found = query_instruments(query);
    for (uint32_t i = 0; i < found.count; i++) {
        const struct message_count *count = &counts[query_place(query, found.at[i])];
        if (count->orders || count->for_quotes)
            message_count_row(query, account, found.at[i], count);
    }
    query_instruments_free(&found);
    free(counts);
}

void query_message_counts(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, message_count_rows);
}
