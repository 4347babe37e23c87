/* query_market.c: what is traded and at which prices: exchanges, products, instruments, newest
 * ticks. Rows come by exchange and id. */
#include "tts/core/handlers.h"
#include "tts/core/queries/query_rows.h"

static void exchange_row(struct query *query, enum exchange exchange)
{
    struct CThostFtdcExchangeField row = {.ExchangeProperty = THOST_FTDC_EXP_Normal};
    if (exchange == EXCHANGE_DCE)
        row.ExchangeProperty = THOST_FTDC_EXP_GenOrderByTrade;
    PUT_TEXT(row.ExchangeID, text_of(exchange_id(exchange)));
    QUERY_PUT_UTF8(row.ExchangeName, text_of(exchange_name_utf8(exchange)));
    query_row(query, &row);
}

void query_exchanges(struct core *core, const struct core_request *request)
{
    query_by_exchange(core, request, exchange_row);
}

/* ---- products ---- */

static void put_product(const struct product *product, struct CThostFtdcProductField *row)
{
    memset(row, 0, sizeof *row);
    PUT_TEXT(row->ProductID, text_of(product->id));
    PUT_TEXT(row->ExchangeProductID, text_of(product->id));
    QUERY_PUT_OLD(row->reserve1, text_of(product->id));
    QUERY_PUT_OLD(row->reserve2, text_of(product->id));
    PUT_TEXT(row->ProductName, text_of(product->name));
    PUT_TEXT(row->ExchangeID, text_of(exchange_id(product->exchange)));
    PUT_TEXT(row->TradeCurrencyID, TEXT("CNY"));
    row->ProductClass = product->product_class;
    row->VolumeMultiple = product->volume_multiple;
    row->PriceTick = product->price_tick;
    row->MaxMarketOrderVolume = product->market_order_volume_max;
    row->MinMarketOrderVolume = product->market_order_volume_min;
    row->MaxLimitOrderVolume = product->limit_order_volume_max;
    row->MinLimitOrderVolume = product->limit_order_volume_min;
    row->PositionType = THOST_FTDC_PT_Gross;
    row->PositionDateType = product->position_date_type;
    row->CloseDealType = THOST_FTDC_CDT_Normal;
    row->MortgageFundUseRange = THOST_FTDC_MFUR_None;
    row->UnderlyingMultiple = 1;
    row->OpenLimitControlLevel = THOST_FTDC_PLCL_None;
    row->OrderFreqControlLevel = THOST_FTDC_OFCL_None;
}

static void product_row(struct query *query, const struct product *product)
{
    struct CThostFtdcProductField row;
    put_product(product, &row);
    query_row(query, &row);
}

void query_products_of_market(struct core *core, const struct core_request *request)
{
    query_by_product(core, request, product_row);
}

static void product_group_row(struct query *query, const struct product *product)
{
    text group = text_of(product->group_id[0] ? product->group_id : product->id);
    struct CThostFtdcProductGroupField row = {.ExchangeID = ""};
    PUT_TEXT(row.ProductID, text_of(product->id));
    PUT_TEXT(row.ProductGroupID, group);
    QUERY_PUT_OLD(row.reserve1, text_of(product->id));
    QUERY_PUT_OLD(row.reserve2, group);
    PUT_TEXT(row.ExchangeID, text_of(exchange_id(product->exchange)));
    query_row(query, &row);
}

void query_product_groups(struct core *core, const struct core_request *request)
{
    query_by_product(core, request, product_group_row);
}

/* Everything is quoted in CNY. */
static void product_exchange_rate_row(struct query *query, const struct product *product)
{
    struct CThostFtdcProductExchRateField row = {.ExchangeRate = 1};
    PUT_TEXT(row.ProductID, text_of(product->id));
    QUERY_PUT_OLD(row.reserve1, text_of(product->id));
    PUT_TEXT(row.QuoteCurrencyID, TEXT("CNY"));
    PUT_TEXT(row.ExchangeID, text_of(exchange_id(product->exchange)));
    query_row(query, &row);
}

void query_product_exchange_rates(struct core *core, const struct core_request *request)
{
    query_by_product(core, request, product_exchange_rate_row);
}

/* Risk settlement never stops a product here. */
static void risk_settle_product_row(struct query *query, const struct product *product)
{
    struct CThostFtdcRiskSettleProductStatusField row = {.ProductStatus = THOST_FTDC_PS_tradeable};
    PUT_TEXT(row.ProductID, text_of(product->id));
    PUT_TEXT(row.ExchangeID, text_of(exchange_id(product->exchange)));
    query_row(query, &row);
}

void query_risk_settle_products(struct core *core, const struct core_request *request)
{
    query_by_product(core, request, risk_settle_product_row);
}

/* ---- instruments ---- */

static void put_ids(const struct core *core, const struct instrument *instrument,
                    struct CThostFtdcInstrumentField *row)
{
    text id = text_of(instrument->id);
    text product = text_of(core->market.products[instrument->product].id);
    text underlying =
        instrument_has_underlying(instrument) ? text_of(instrument->underlying_id) : product;
    PUT_TEXT(row->InstrumentID, id);
    PUT_TEXT(row->ExchangeInstID, id);
    PUT_TEXT(row->ProductID, product);
    PUT_TEXT(row->UnderlyingInstrID, underlying);
    QUERY_PUT_OLD(row->reserve1, id);
    QUERY_PUT_OLD(row->reserve2, id);
    QUERY_PUT_OLD(row->reserve3, product);
    QUERY_PUT_OLD(row->reserve4, underlying);
    PUT_TEXT(row->InstrumentName, text_of(instrument->name));
    PUT_TEXT(row->ExchangeID, text_of(exchange_id(instrument->exchange)));
}

static void put_terms(const struct instrument *instrument, struct CThostFtdcInstrumentField *row)
{
    bool option = instrument_is_option(instrument);
    row->ProductClass = instrument->product_class;
    row->MaxMarketOrderVolume = instrument->market_order_volume_max;
    row->MinMarketOrderVolume = instrument->market_order_volume_min;
    row->MaxLimitOrderVolume = instrument->limit_order_volume_max;
    row->MinLimitOrderVolume = instrument->limit_order_volume_min;
    row->VolumeMultiple = instrument->volume_multiple;
    row->PriceTick = instrument->price_tick;
    row->PositionType = THOST_FTDC_PT_Gross;
    row->PositionDateType = instrument->position_date_type;
    row->LongMarginRatio = option ? ABSENT_PRICE : instrument->margin.long_by_money;
    row->ShortMarginRatio = option ? ABSENT_PRICE : instrument->margin.short_by_money;
    row->MaxMarginSideAlgorithm =
        instrument->larger_side ? THOST_FTDC_MMSA_YES : THOST_FTDC_MMSA_NO;
    row->StrikePrice = option ? instrument->strike_price : ABSENT_PRICE;
    row->OptionsType = instrument->options_type;
    row->UnderlyingMultiple = instrument->underlying_multiple;
    row->CombinationType = THOST_FTDC_COMBT_Future;
}

static void put_instrument(const struct core *core, const struct instrument *instrument,
                           struct CThostFtdcInstrumentField *row)
{
    memset(row, 0, sizeof *row);
    put_ids(core, instrument, row);
    put_terms(instrument, row);
    row->DeliveryYear = instrument->delivery_year;
    row->DeliveryMonth = instrument->delivery_month;
    PUT_DATE(row->CreateDate, instrument->create_date);
    PUT_DATE(row->OpenDate, instrument->open_date);
    PUT_DATE(row->ExpireDate, instrument->expire_date);
    PUT_DATE(row->StartDelivDate, instrument->start_deliv_date);
    PUT_DATE(row->EndDelivDate, instrument->end_deliv_date);
    row->InstLifePhase = instrument->inst_life_phase;
    row->IsTrading = instrument->is_trading;
}

/* TradingType and ClassType of ReqQryClassifiedInstrument; NUL and '0' take all. */
static bool is_of_class(const struct instrument *instrument, char trading, char class)
{
    bool option = instrument_is_option(instrument);
    bool combination = instrument->product_class == THOST_FTDC_PC_Combination;
    if ((trading == THOST_FTDC_TD_TRADE && !instrument->is_trading) ||
        (trading == THOST_FTDC_TD_UNTRADE && instrument->is_trading))
        return false;
    switch (class) {
    case THOST_FTDC_INS_FUTURE:
        return !option && !combination;
    case THOST_FTDC_INS_OPTION:
        return option;
    case THOST_FTDC_INS_COMB:
        return combination;
    default:
        return true;
    }
}

static void answer_instruments(struct core *core, const struct core_request *request, char trading,
                               char class)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct query_instruments found = query_instruments(&query);
    for (uint32_t i = 0; i < found.count; i++) {
        const struct instrument *instrument = found.at[i];
        if (instrument->inst_life_phase == THOST_FTDC_IP_Expired ||
            !is_of_class(instrument, trading, class))
            continue;
        struct CThostFtdcInstrumentField row;
        put_instrument(core, instrument, &row);
        query_row(&query, &row);
    }
    query_instruments_free(&found);
    query_end(&query);
}

void query_instruments_of_market(struct core *core, const struct core_request *request)
{
    answer_instruments(core, request, '\0', '\0');
}

void query_classified_instruments(struct core *core, const struct core_request *request)
{
    const struct CThostFtdcQryClassifiedInstrumentField *asked = request->body;
    answer_instruments(core, request, asked->TradingType, asked->ClassType);
}

/* ---- ticks ---- */

void query_depth_market_data(struct core *core, const struct core_request *request)
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    const struct CThostFtdcQryDepthMarketDataField *asked = request->body;
    query_ignore(&query, "ExchangeID"); /* judged by the instrument: ticks may leave it empty */
    struct query_instruments found = query_instruments(&query);
    for (uint32_t i = 0; i < found.count; i++) {
        char class = found.at[i]->product_class;
        struct CThostFtdcDepthMarketDataField row;
        if ((asked->ProductClass == '\0' || asked->ProductClass == class) &&
            core_newest_tick(core, query_place(&query, found.at[i]), &row))
            query_row(&query, &row);
    }
    query_instruments_free(&found);
    query_end(&query);
}
