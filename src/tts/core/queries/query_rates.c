/* query_rates.c: margin and fee rates as they hold for an investor: the broker's, with the most
 * specific override, and the exchange's. A rate that is the product's is shown under the product's
 * id, as CTP does. */
#include "tts/core/handlers.h"
#include "tts/core/queries/query_rows.h"
#include <stdlib.h>

/* ---- which instruments ---- */

/* Instruments in which the account has a position or an order today. */
static void mark_touched(const struct core *core, uint32_t account, bool *touched)
{
    const struct ledger *ledger = &core->ledger;
    for (uint32_t i = ledger->accounts[account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next)
        touched[ledger->rows[i].instrument] = true;
    for (uint32_t i = core->investors.at[account].first_order; i != NONE;
         i = core->orders.at[i].next_of_account)
        touched[core->orders.at[i].instrument] = true;
}

/* TAS has no rates of its own: its lots are its underlying's. */
static void leave_out_tas(struct query_instruments *found)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < found->count; i++)
        if (found->at[i]->product_class != THOST_FTDC_PC_TAS)
            found->at[kept++] = found->at[i];
    found->count = kept;
}

/* The asked instrument; with none asked, by rates_of_all: all that may be traded, or what the
 * account has touched today. */
static struct query_instruments rated_instruments(const struct query *query, uint32_t account)
{
    const struct core *core = query->core;
    struct query_instruments found = query_instruments(query);
    leave_out_tas(&found);
    if (query_asked(query, "InstrumentID").length)
        return found;
    bool *touched = memory_get_zeroed(core->market.instrument_count + 1, sizeof *touched);
    if (account != LEDGER_NONE && !core->options.rates_of_all)
        mark_touched(core, account, touched);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < found.count; i++) {
        bool take = account == LEDGER_NONE || core->options.rates_of_all
                        ? found.at[i]->is_trading
                        : touched[query_place(query, found.at[i])];
        if (take)
            found.at[kept++] = found.at[i];
    }
    found.count = kept;
    free(touched);
    return found;
}

/* ---- margin ---- */

static const char hedges[] = {THOST_FTDC_HF_Speculation, THOST_FTDC_HF_Arbitrage,
                              THOST_FTDC_HF_Hedge};

static void margin_rows(struct query *query, uint32_t account, const struct instrument *instrument)
{
    struct core *core = query->core;
    struct CThostFtdcInstrumentMarginRateField row = {.InvestorRange = THOST_FTDC_IR_Single};
    PUT_TEXT(row.InvestorID, text_of(core->ledger.accounts[account].id));
    PUT_TEXT(row.InstrumentID, text_of(instrument->id));
    QUERY_PUT_OLD(row.reserve1, text_of(instrument->id));
    PUT_TEXT(row.ExchangeID, text_of(exchange_id(instrument->exchange)));
    if (!instrument_is_option(instrument)) {
        struct margin_rate rate =
            *ledger_margin_rate(&core->ledger, account, query_place(query, instrument));
        row.LongMarginRatioByMoney = rate.long_by_money;
        row.LongMarginRatioByVolume = rate.long_by_volume;
        row.ShortMarginRatioByMoney = rate.short_by_money;
        row.ShortMarginRatioByVolume = rate.short_by_volume;
    }
    for (size_t i = 0; i < sizeof hedges; i++) {
        row.HedgeFlag = hedges[i];
        query_row(query, &row);
    }
}

static void margin_rates_of(struct query *query, uint32_t account)
{
    struct query_instruments found = rated_instruments(query, account);
    for (uint32_t i = 0; i < found.count; i++)
        margin_rows(query, account, found.at[i]);
    query_instruments_free(&found);
}

void query_margin_rates(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, margin_rates_of);
}

void query_exchange_margin_rates(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct query_instruments found = rated_instruments(&query, LEDGER_NONE);
    for (uint32_t i = 0; i < found.count; i++) {
        const struct instrument *instrument = found.at[i];
        struct CThostFtdcExchangeMarginRateField row = {.HedgeFlag = '\0'};
        PUT_TEXT(row.InstrumentID, text_of(instrument->id));
        QUERY_PUT_OLD(row.reserve1, text_of(instrument->id));
        PUT_TEXT(row.ExchangeID, text_of(exchange_id(instrument->exchange)));
        if (!instrument_is_option(instrument)) {
            row.LongMarginRatioByMoney = instrument->exchange_margin.long_by_money;
            row.LongMarginRatioByVolume = instrument->exchange_margin.long_by_volume;
            row.ShortMarginRatioByMoney = instrument->exchange_margin.short_by_money;
            row.ShortMarginRatioByVolume = instrument->exchange_margin.short_by_volume;
        }
        for (size_t k = 0; k < sizeof hedges; k++) {
            row.HedgeFlag = hedges[k];
            query_row(&query, &row);
        }
    }
    query_instruments_free(&found);
    query_end(&query);
}

/* What the broker asks beyond the exchange, beside the exchange's rate and the broker's whole. */
static void put_adjustment(const struct margin_rate *broker, const struct margin_rate *exchange,
                           struct CThostFtdcExchangeMarginRateAdjustField *row)
{
    row->LongMarginRatioByMoney = broker->long_by_money - exchange->long_by_money;
    row->LongMarginRatioByVolume = broker->long_by_volume - exchange->long_by_volume;
    row->ShortMarginRatioByMoney = broker->short_by_money - exchange->short_by_money;
    row->ShortMarginRatioByVolume = broker->short_by_volume - exchange->short_by_volume;
    row->ExchLongMarginRatioByMoney = exchange->long_by_money;
    row->ExchLongMarginRatioByVolume = exchange->long_by_volume;
    row->ExchShortMarginRatioByMoney = exchange->short_by_money;
    row->ExchShortMarginRatioByVolume = exchange->short_by_volume;
    row->NoLongMarginRatioByMoney = broker->long_by_money;
    row->NoLongMarginRatioByVolume = broker->long_by_volume;
    row->NoShortMarginRatioByMoney = broker->short_by_money;
    row->NoShortMarginRatioByVolume = broker->short_by_volume;
}

void query_margin_adjustments(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct query_instruments found = rated_instruments(&query, LEDGER_NONE);
    for (uint32_t i = 0; i < found.count; i++) {
        struct margin_rate broker =
            *ledger_margin_rate(&core->ledger, LEDGER_NONE, query_place(&query, found.at[i]));
        const struct margin_rate *exchange = &found.at[i]->exchange_margin;
        if (instrument_is_option(found.at[i]) || memcmp(&broker, exchange, sizeof broker) == 0)
            continue;
        struct CThostFtdcExchangeMarginRateAdjustField row = {.HedgeFlag = '\0'};
        PUT_TEXT(row.InstrumentID, text_of(found.at[i]->id));
        QUERY_PUT_OLD(row.reserve1, text_of(found.at[i]->id));
        put_adjustment(&broker, exchange, &row);
        for (size_t k = 0; k < sizeof hedges; k++) {
            row.HedgeFlag = hedges[k];
            query_row(&query, &row);
        }
    }
    query_instruments_free(&found);
    query_end(&query);
}

/* The broker's margin as a multiple of the exchange's: the largest of the exchange's products. */
static double margin_ratio(const struct core *core, enum exchange exchange)
{
    double most = 0;
    for (uint32_t i = 0; i < core->market.product_count; i++) {
        const struct product *product = &core->market.products[i];
        double base = product->exchange_margin.long_by_money;
        if (product->exchange == exchange && base > 0 &&
            product->margin.long_by_money / base > most)
            most = product->margin.long_by_money / base;
    }
    return most > 0 ? most : 1;
}

static void portfolio_margin_ratio_rows(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    int next = 0;
    enum exchange exchange;
    while (query_next_exchange(query, &next, &exchange)) {
        struct CThostFtdcInvestorPortfMarginRatioField row = {.InvestorRange =
                                                                  THOST_FTDC_IR_Single};
        PUT_TEXT(row.InvestorID, text_of(core->ledger.accounts[account].id));
        PUT_TEXT(row.ExchangeID, text_of(exchange_id(exchange)));
        row.MarginRatio = margin_ratio(core, exchange);
        query_row(query, &row);
    }
}

void query_portfolio_margin_ratios(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, portfolio_margin_ratio_rows);
}

/* ---- fees ---- */

/* What holds for a product as a whole. */
static struct commission_rate product_rate(const struct core *core, uint32_t account,
                                           uint32_t product)
{
    const struct rate_override *best = NULL;
    for (uint32_t i = 0; i < core->ledger.override_count; i++) {
        const struct rate_override *one = &core->ledger.overrides[i];
        bool fits = one->scope == RATE_OF_PRODUCT && one->of == product && one->has_commission &&
                    (one->account == account || one->account == LEDGER_NONE);
        if (fits && (!best || one->account == account))
            best = one;
    }
    return best ? best->commission : core->market.products[product].commission;
}

/* A fee as it is shown: of a product, or of an instrument that has its own. */
struct fee {
    uint32_t account;
    enum exchange exchange;
    text id;
    struct commission_rate rate;
};

typedef void (*fee_row)(struct query *query, const struct fee *fee);

/* The fees that one query about one account tells. */
struct fees {
    struct query *query;
    fee_row show;
    uint32_t account;
    bool options;
    bool *shown; /* by product place */
};

static void show_product(struct fees *fees, uint32_t place)
{
    const struct core *core = fees->query->core;
    if (fees->shown[place])
        return;
    fees->shown[place] = true;
    const struct product *product = &core->market.products[place];
    struct fee fee = {fees->account, product->exchange, text_of(product->id),
                      product_rate(core, fees->account, place)};
    fees->show(fees->query, &fee);
}

static void show_instrument(struct fees *fees, const struct instrument *instrument)
{
    const struct core *core = fees->query->core;
    if (instrument_is_option(instrument) < fees->options)
        return;
    struct fee fee = {fees->account, instrument->exchange, text_of(instrument->id),
                      *ledger_commission_rate(&core->ledger, fees->account,
                                              query_place(fees->query, instrument))};
    struct commission_rate of_product = product_rate(core, fees->account, instrument->product);
    if (memcmp(&of_product, &fee.rate, sizeof of_product) == 0)
        show_product(fees, instrument->product);
    else
        fees->show(fees->query, &fee);
}

static bool product_is_option(const struct product *product)
{
    return product->product_class == THOST_FTDC_PC_Options ||
           product->product_class == THOST_FTDC_PC_SpotOption;
}

/* InstrumentID may name a product. */
static void show_named_products(struct fees *fees, text id)
{
    const struct market *market = &fees->query->core->market;
    for (uint32_t i = 0; i < market->product_count; i++)
        if (text_equal(id, text_of(market->products[i].id)) &&
            market->products[i].product_class != THOST_FTDC_PC_TAS &&
            product_is_option(&market->products[i]) >= fees->options)
            show_product(fees, i);
}

static void answer_fees(struct core *core, const struct core_request *request, bool options,
                        fee_row show)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    query_ignore(&query, "InstrumentID"); /* the row may show the product's id */
    struct fees fees = {.query = &query, .show = show, .options = options};
    uint32_t cursor = 0;
    while (query_next_account(&query, &cursor, &fees.account)) {
        struct query_instruments found = rated_instruments(&query, fees.account);
        fees.shown = memory_get_zeroed(core->market.product_count + 1, sizeof *fees.shown);
        for (uint32_t i = 0; i < found.count; i++)
            show_instrument(&fees, found.at[i]);
        text asked = query_asked(&query, "InstrumentID");
        if (asked.length && found.count == 0)
            show_named_products(&fees, asked);
        query_instruments_free(&found);
        free(fees.shown);
    }
    query_end(&query);
}

/* What the rows of futures' and options' fees have in common. */
#define PUT_FEE(row, core, fee)                                                          \
    do {                                                                                 \
        PUT_TEXT((row).InvestorID, text_of((core)->ledger.accounts[(fee)->account].id)); \
        PUT_TEXT((row).InstrumentID, (fee)->id);                                         \
        QUERY_PUT_OLD((row).reserve1, (fee)->id);                                        \
        PUT_TEXT((row).ExchangeID, text_of(exchange_id((fee)->exchange)));               \
    } while (0)

#define PUT_TRADE_RATES(row, rate)                                     \
    do {                                                               \
        (row).OpenRatioByMoney = (rate)->open_by_money;                \
        (row).OpenRatioByVolume = (rate)->open_by_volume;              \
        (row).CloseRatioByMoney = (rate)->close_by_money;              \
        (row).CloseRatioByVolume = (rate)->close_by_volume;            \
        (row).CloseTodayRatioByMoney = (rate)->close_today_by_money;   \
        (row).CloseTodayRatioByVolume = (rate)->close_today_by_volume; \
    } while (0)

static void commission_row(struct query *query, const struct fee *fee)
{
    struct CThostFtdcInstrumentCommissionRateField row = {.InvestorRange = THOST_FTDC_IR_Single};
    PUT_FEE(row, query->core, fee);
    PUT_TRADE_RATES(row, &fee->rate);
    row.BizType = THOST_FTDC_BZTP_Future;
    query_row(query, &row);
}

void query_commission_rates(struct core *core, const struct core_request *request)
{
    answer_fees(core, request, false, commission_row);
}

static void option_commission_row(struct query *query, const struct fee *fee)
{
    struct CThostFtdcOptionInstrCommRateField row = {.InvestorRange = THOST_FTDC_IR_Single};
    PUT_FEE(row, query->core, fee);
    PUT_TRADE_RATES(row, &fee->rate);
    row.StrikeRatioByMoney = fee->rate.strike_by_money;
    row.StrikeRatioByVolume = fee->rate.strike_by_volume;
    query_row(query, &row);
}

void query_option_commission_rates(struct core *core, const struct core_request *request)
{
    answer_fees(core, request, true, option_commission_row);
}

/* Versions before 6.6.1 have no ...ByTrade: a message of one lot then costs what ...ByVolume says.
 */
static void order_commission_row(struct query *query, const struct fee *fee)
{
    struct CThostFtdcInstrumentOrderCommRateField row = {.InvestorRange = THOST_FTDC_IR_Single};
    bool by_trade = query_version_has(query, "OrderCommByTrade");
    PUT_FEE(row, query->core, fee);
    row.HedgeFlag = THOST_FTDC_HF_Speculation;
    row.OrderCommByTrade = fee->rate.order_by_trade;
    row.OrderActionCommByTrade = fee->rate.action_by_trade;
    row.OrderCommByVolume = fee->rate.order_by_volume + (by_trade ? 0 : fee->rate.order_by_trade);
    row.OrderActionCommByVolume =
        fee->rate.action_by_volume + (by_trade ? 0 : fee->rate.action_by_trade);
    query_row(query, &row);
}

void query_order_commission_rates(struct core *core, const struct core_request *request)
{
    answer_fees(core, request, false, order_commission_row);
}

/* ---- what an option costs its seller ---- */

static void trade_cost_row(struct query *query, uint32_t account, const struct instrument *option)
{
    const struct CThostFtdcQryOptionInstrTradeCostField *asked = query->request->body;
    const struct ledger *ledger = &query->core->ledger;
    struct CThostFtdcOptionInstrTradeCostField row = {.HedgeFlag = asked->HedgeFlag};
    bool priced = price_is_present(asked->InputPrice) && asked->InputPrice > 0;
    double underlying = asked->UnderlyingPrice;
    uint32_t place = query_place(query, option);
    PUT_TEXT(row.InvestorID, text_of(ledger->accounts[account].id));
    PUT_TEXT(row.InstrumentID, text_of(option->id));
    QUERY_PUT_OLD(row.reserve1, text_of(option->id));
    PUT_TEXT(row.ExchangeID, text_of(exchange_id(option->exchange)));
    if (row.HedgeFlag == '\0')
        row.HedgeFlag = THOST_FTDC_HF_Speculation;
    row.Royalty = (priced ? asked->InputPrice : option->pre_settlement) * option->volume_multiple;
    row.FixedMargin = ledger_option_fixed_at(ledger, account, place, false, underlying);
    row.ExchFixedMargin = ledger_option_fixed_at(ledger, account, place, true, underlying);
    row.MiniMargin = row.ExchMiniMargin = option->option_margin_min;
    query_row(query, &row);
}

/* One option's cost to the first of the accounts; empty for what is no option. */
void query_option_trade_costs(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct query_instruments found = query_instruments(&query);
    uint32_t account, cursor = 0;
    bool named = query_asked(&query, "InstrumentID").length > 0 &&
                 query_next_account(&query, &cursor, &account);
    for (uint32_t i = 0; named && i < found.count; i++)
        if (instrument_is_option(found.at[i]))
            trade_cost_row(&query, account, found.at[i]);
    query_instruments_free(&found);
    query_end(&query);
}
