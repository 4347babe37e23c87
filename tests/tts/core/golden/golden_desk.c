/* golden_desk.c: makes the market and the account of an accounting case; see golden_desk.h. */
#include "golden_desk.h"
#include "base/buffer.h"
#include <string.h>

/* Members of an instrument: those that are read here, then those that say nothing about money. */
static const char *const instrument_names[] = {
    "InstrumentID",
    "ExchangeID",
    "ProductID",
    "ProductGroupID",
    "ProductClass",
    "VolumeMultiple",
    "PriceTick",
    "PreSettlementPrice",
    "UpperLimitPrice",
    "LowerLimitPrice",
    "PositionDateType",
    "MaxMarginSideAlgorithm",
    "close_today_first",
    "UnderlyingInstrID",
    "StrikePrice",
    "OptionsType",
    "margin_kind",
    "MarginAdjust",
    "GuaranteeRatio",
    "MiniMargin",
    "ExpireDate",
    "LongMarginRatioByMoney",
    "LongMarginRatioByVolume",
    "ShortMarginRatioByMoney",
    "ShortMarginRatioByVolume",
    "ExchangeLongMarginRatioByMoney",
    "ExchangeLongMarginRatioByVolume",
    "ExchangeShortMarginRatioByMoney",
    "ExchangeShortMarginRatioByVolume",
    "OpenRatioByMoney",
    "OpenRatioByVolume",
    "CloseRatioByMoney",
    "CloseRatioByVolume",
    "CloseTodayRatioByMoney",
    "CloseTodayRatioByVolume",
    "StrikeRatioByMoney",
    "StrikeRatioByVolume",
    "OrderCommByTrade",
    "OrderCommByVolume",
    "OrderActionCommByTrade",
    "OrderActionCommByVolume",
    "InstrumentName",
    "ExchangeInstID",
    "DeliveryYear",
    "DeliveryMonth",
    "MaxMarketOrderVolume",
    "MinMarketOrderVolume",
    "MaxLimitOrderVolume",
    "MinLimitOrderVolume",
    "CreateDate",
    "OpenDate",
    "StartDelivDate",
    "EndDelivDate",
    "InstLifePhase",
    "IsTrading",
    "PositionType",
    "UnderlyingMultiple",
    "CombinationType",
    "PreClosePrice",
    "PreOpenInterest",
    "title",
    "note",
    NULL,
};

static struct margin_rate margin_of(struct golden *golden, const json_t *facts)
{
    return (struct margin_rate){
        .long_by_money = golden_get(golden, facts, "LongMarginRatioByMoney", 0),
        .long_by_volume = golden_get(golden, facts, "LongMarginRatioByVolume", 0),
        .short_by_money = golden_get(golden, facts, "ShortMarginRatioByMoney", 0),
        .short_by_volume = golden_get(golden, facts, "ShortMarginRatioByVolume", 0),
    };
}

static struct margin_rate exchange_margin_of(struct golden *golden, const json_t *facts)
{
    return (struct margin_rate){
        .long_by_money = golden_get(golden, facts, "ExchangeLongMarginRatioByMoney", 0),
        .long_by_volume = golden_get(golden, facts, "ExchangeLongMarginRatioByVolume", 0),
        .short_by_money = golden_get(golden, facts, "ExchangeShortMarginRatioByMoney", 0),
        .short_by_volume = golden_get(golden, facts, "ExchangeShortMarginRatioByVolume", 0),
    };
}

static struct commission_rate commission_of(struct golden *golden, const json_t *facts)
{
    return (struct commission_rate){
        .open_by_money = golden_get(golden, facts, "OpenRatioByMoney", 0),
        .open_by_volume = golden_get(golden, facts, "OpenRatioByVolume", 0),
        .close_by_money = golden_get(golden, facts, "CloseRatioByMoney", 0),
        .close_by_volume = golden_get(golden, facts, "CloseRatioByVolume", 0),
        .close_today_by_money = golden_get(golden, facts, "CloseTodayRatioByMoney", 0),
        .close_today_by_volume = golden_get(golden, facts, "CloseTodayRatioByVolume", 0),
        .strike_by_money = golden_get(golden, facts, "StrikeRatioByMoney", 0),
        .strike_by_volume = golden_get(golden, facts, "StrikeRatioByVolume", 0),
        .order_by_trade = golden_get(golden, facts, "OrderCommByTrade", 0),
        .order_by_volume = golden_get(golden, facts, "OrderCommByVolume", 0),
        .action_by_trade = golden_get(golden, facts, "OrderActionCommByTrade", 0),
        .action_by_volume = golden_get(golden, facts, "OrderActionCommByVolume", 0),
    };
}

static enum option_margin_kind margin_kind_of(struct golden *golden, const json_t *facts)
{
    static const char *const kinds[] = {[OPTION_MARGIN_COMMODITY] = "commodity",
                                        [OPTION_MARGIN_INDEX] = "index",
                                        [OPTION_MARGIN_ETF] = "etf"};
    const char *given = golden_text(golden, facts, "margin_kind", "commodity");
    for (int kind = OPTION_MARGIN_COMMODITY; kind <= OPTION_MARGIN_ETF; kind++)
        if (strcmp(given, kinds[kind]) == 0)
            return (enum option_margin_kind)kind;
    golden_fault(golden, "margin_kind is \"%s\", not commodity, index or etf", given);
    return OPTION_MARGIN_COMMODITY;
}

static uint32_t add_product(struct golden *golden, struct golden_desk *desk, const json_t *facts)
{
    struct product product = {.volume_multiple = golden_lots(golden, facts, "VolumeMultiple", 1)};
    const char *exchange = golden_need_text(golden, facts, "ExchangeID");
    if (!exchange_find(text_of(exchange), &product.exchange))
        golden_fault(golden, "ExchangeID is \"%s\", which is no exchange", exchange);
    const char *id = golden_need_text(golden, facts, "ProductID");
    const char *group = golden_text(golden, facts, "ProductGroupID", "");
    text_copy(product.id, sizeof product.id, text_of(id));
    text_copy(product.group_id, sizeof product.group_id, text_of(*group ? group : id));
    return market_put_product(&desk->market, &product);
}

static bool is_split(struct golden *golden, const json_t *facts, enum exchange exchange)
{
    bool customary = exchange == EXCHANGE_SHFE || exchange == EXCHANGE_INE;
    return golden_choice(golden, facts, "PositionDateType", customary ? "12" : "21") == '1';
}

/* What options have and futures have not. */
static void read_option(struct golden *golden, struct instrument *made, const json_t *facts)
{
    made->strike_price = made->underlying_settlement = ABSENT_PRICE;
    if (!strchr("26", made->product_class))
        return;
    golden_need(golden, facts, "StrikePrice");
    golden_need_text(golden, facts, "OptionsType");
    made->strike_price = golden_get(golden, facts, "StrikePrice", 0);
    made->options_type = golden_choice(golden, facts, "OptionsType", "12");
    made->option_margin = margin_kind_of(golden, facts);
    made->option_margin_adjust = golden_get(golden, facts, "MarginAdjust", 0);
    made->option_guarantee_ratio = golden_get(golden, facts, "GuaranteeRatio", 0);
    made->option_margin_min = golden_get(golden, facts, "MiniMargin", 0);
    text_copy(made->underlying_id, sizeof made->underlying_id,
              text_of(golden_text(golden, facts, "UnderlyingInstrID", "")));
}

static void add_instrument(struct golden *golden, struct golden_desk *desk, const json_t *facts)
{
    golden_known(golden, "an instrument", facts, instrument_names);
    uint32_t product = add_product(golden, desk, facts);
    const json_t *today_first = json_object_get(facts, "close_today_first");
    if (today_first && !json_is_boolean(today_first))
        golden_fault(golden, "close_today_first is neither true nor false");
    enum exchange exchange = desk->market.products[product].exchange;
    struct instrument made = {
        .product = product,
        .exchange = exchange,
        .product_class = golden_choice(golden, facts, "ProductClass", "126"),
        .is_trading = true,
        .inst_life_phase = '1',
        .expire_date = golden_date(golden, facts, "ExpireDate"),
        .volume_multiple = desk->market.products[product].volume_multiple,
        .price_tick = golden_get(golden, facts, "PriceTick", 1),
        .position_date_type = is_split(golden, facts, exchange) ? '1' : '2',
        .larger_side = golden_choice(golden, facts, "MaxMarginSideAlgorithm", "01") == '1',
        .close_today_first = json_is_true(today_first),
        .pre_settlement = golden_need(golden, facts, "PreSettlementPrice"),
        .upper_limit = golden_get(golden, facts, "UpperLimitPrice", ABSENT_PRICE),
        .lower_limit = golden_get(golden, facts, "LowerLimitPrice", ABSENT_PRICE),
        .margin = margin_of(golden, facts),
        .exchange_margin = exchange_margin_of(golden, facts),
        .commission = commission_of(golden, facts),
    };
    made.last = made.settlement = made.pre_settlement;
    read_option(golden, &made, facts);
    text_copy(made.id, sizeof made.id, text_of(golden_need_text(golden, facts, "InstrumentID")));
    if (market_find_instrument(&desk->market, EXCHANGE_COUNT, text_of(made.id)) != INSTRUMENT_NONE)
        golden_fault(golden, "two instruments are called %s", made.id);
    market_put_instrument(&desk->market, &made);
}

static void read_params(struct golden *golden, struct golden_desk *desk, const json_t *params)
{
    static const char *const names[] = {"MarginPriceType",
                                        "Algorithm",
                                        "AvailIncludeCloseProfit",
                                        "OptionRoyaltyPriceType",
                                        "withdraw_ratio",
                                        "CurrencyID",
                                        NULL};
    golden_known(golden, "params", params, names);
    struct trading_params trading = {
        .margin_price_type = golden_choice(golden, params, "MarginPriceType", "4123"),
        .algorithm = golden_choice(golden, params, "Algorithm", "1234"),
        .avail_include_close_profit =
            golden_choice(golden, params, "AvailIncludeCloseProfit", "02"),
        .option_royalty_price_type = golden_choice(golden, params, "OptionRoyaltyPriceType", "514"),
        .withdraw_ratio = golden_get(golden, params, "withdraw_ratio", 0.8),
    };
    ledger_add_account(&desk->ledger, TEXT("golden"), &trading);
}

static void read_account(struct golden *golden, struct account *account, const json_t *money)
{
    static const char *const names[] = {"PreBalance", "PreMargin",  "PreDeposit",   "Reserve",
                                        "Credit",     "PreCredit",  "Mortgage",     "PreMortgage",
                                        "Deposit",    "Withdraw",   "AccountID",    "CurrencyID",
                                        "BrokerID",   "TradingDay", "SettlementID", NULL};
    golden_known(golden, "account", money, names);
    account->pre_balance = golden_get(golden, money, "PreBalance", 0);
    account->pre_margin = golden_get(golden, money, "PreMargin", 0);
    account->reserve = golden_get(golden, money, "Reserve", 0);
    account->credit = golden_get(golden, money, "Credit", 0);
    account->pre_credit = golden_get(golden, money, "PreCredit", 0);
    account->mortgage = golden_get(golden, money, "Mortgage", 0);
    account->pre_mortgage = golden_get(golden, money, "PreMortgage", 0);
    account->deposit = golden_get(golden, money, "Deposit", 0);
    account->withdraw = golden_get(golden, money, "Withdraw", 0);
}

void golden_desk_open(struct golden *golden, struct golden_desk *desk, const json_t *one)
{
    static const char *const names[] = {"id",      "title",       "params", "trading_day",
                                        "account", "note",        "notes",  "comment",
                                        "source",  "instruments", "steps",  NULL};
    *desk = (struct golden_desk){.orders = NULL};
    golden_known(golden, "the case", one, names);
    const json_t *instruments = golden_list(golden, one, "instruments");
    for (size_t i = 0; i < json_array_size(instruments) && !golden->faulted; i++)
        add_instrument(golden, desk, json_array_get(instruments, i));
    golden_need_text(golden, one, "trading_day");
    ledger_init(&desk->ledger, &desk->market, golden_date(golden, one, "trading_day"));
    read_params(golden, desk, json_object_get(one, "params"));
    read_account(golden, &desk->ledger.accounts[0], json_object_get(one, "account"));
}

void golden_desk_close(struct golden_desk *desk)
{
    free(desk->orders);
    ledger_finish(&desk->ledger);
    market_finish(&desk->market);
}

uint32_t golden_instrument(struct golden *golden, const struct golden_desk *desk,
                           const json_t *object)
{
    const char *id = golden_need_text(golden, object, "InstrumentID");
    uint32_t place = market_find_instrument(&desk->market, EXCHANGE_COUNT, text_of(id));
    if (place == INSTRUMENT_NONE)
        golden_fault(golden, "the case has no instrument \"%s\"", id);
    return place;
}
