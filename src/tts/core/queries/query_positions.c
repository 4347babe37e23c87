/* query_positions.c: positions, their details, and the money of accounts, field by field from the
 * ledger. Nothing is computed here that the ledger computes; sums are the ledger's. */
#include "tts/core/handlers.h"
#include "tts/core/queries/query_rows.h"
#include <math.h>
#include <stdlib.h>

/* ---- positions ---- */

/* A row to show: the ledger's, or one made of pairs, whose lots stand in their legs' rows too. */
struct shown_row {
    text instrument;
    struct position_row row;
    bool combined;
};

struct shown_rows {
    struct shown_row *at;
    uint32_t count, capacity;
};

/* By InstrumentID, PosiDirection, PositionDate, HedgeFlag. */
static int compare_rows(const void *a, const void *b)
{
    const struct shown_row *one = a, *other = b;
    int order = text_compare(one->instrument, other->instrument);
    if (order == 0)
        order = one->row.direction - other->row.direction;
    if (order == 0)
        order = one->row.position_date - other->row.position_date;
    return order ? order : one->row.hedge - other->row.hedge;
}

static struct shown_row *add_row(const struct query *query, struct shown_rows *rows,
                                 uint32_t instrument)
{
    struct shown_row *shown = LIST_ADD(rows);
    shown->instrument = text_of(core_instrument(query->core, instrument)->id);
    return shown;
}

/* The row of a pair's combination, made when it is the first of its kind. */
static struct position_row *combined_row(const struct query *query, struct shown_rows *rows,
                                         const struct ledger_pair *pair)
{
    char direction = pair->direction == THOST_FTDC_D_Buy ? THOST_FTDC_PD_Long : THOST_FTDC_PD_Short;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct position_row *row = &rows->at[i].row;
        if (rows->at[i].combined && row->instrument == pair->combination &&
            row->direction == direction && row->hedge == pair->hedge)
            return &rows->at[i].row;
    }
    struct shown_row *shown = add_row(query, rows, pair->combination);
    shown->combined = true;
    shown->row.account = pair->account;
    shown->row.instrument = pair->combination;
    shown->row.direction = direction;
    shown->row.hedge = pair->hedge;
    shown->row.position_date = THOST_FTDC_PSD_Today;
    return &shown->row;
}

static void add_combined_rows(const struct query *query, uint32_t account, struct shown_rows *rows)
{
    const struct ledger *ledger = &query->core->ledger;
    for (uint32_t i = 0; i < ledger->pair_count; i++) {
        const struct ledger_pair *pair = &ledger->pairs[i];
        if (pair->account != account || pair->lots == 0 ||
            !query_fits_instrument(query, pair->combination))
            continue;
        struct position_row *row = combined_row(query, rows, pair);
        row->position += pair->lots;
        if (pair->open_date == ledger->trading_day)
            row->today_position += pair->lots;
        else
            row->yd_position += pair->lots;
    }
}

static struct shown_rows sort_rows(const struct query *query, uint32_t account)
{
    const struct ledger *ledger = &query->core->ledger;
    struct shown_rows rows = {.at = NULL};
    for (uint32_t i = ledger->accounts[account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next)
        if (query_fits_instrument(query, ledger->rows[i].instrument))
            add_row(query, &rows, ledger->rows[i].instrument)->row = ledger->rows[i];
    add_combined_rows(query, account, &rows);
    if (rows.count)
        qsort(rows.at, rows.count, sizeof *rows.at, compare_rows);
    return rows;
}

/* The market value of an option's lots: what the statement shows apart from the equity. */
static double option_value(const struct instrument *instrument, const struct position_row *row)
{
    if (!instrument_is_option(instrument))
        return 0;
    double value = instrument->last * row->position * instrument->volume_multiple;
    return row->direction == THOST_FTDC_PD_Long ? value : -value;
}

static void put_row_lots(const struct position_row *row,
                         struct CThostFtdcInvestorPositionField *out)
{
    out->PosiDirection = row->direction;
    out->HedgeFlag = row->hedge;
    out->PositionDate = row->position_date;
    out->YdPosition = row->yd_position;
    out->Position = row->position;
    out->TodayPosition = row->today_position;
    out->LongFrozen = row->long_frozen;
    out->ShortFrozen = row->short_frozen;
    out->LongFrozenAmount = row->long_frozen_amount;
    out->ShortFrozenAmount = row->short_frozen_amount;
    out->OpenVolume = row->open_volume;
    out->CloseVolume = row->close_volume;
    out->OpenAmount = row->open_amount;
    out->CloseAmount = row->close_amount;
    out->StrikeFrozen = row->strike_frozen;
    out->AbandonFrozen = row->abandon_frozen;
    out->CombPosition = row->comb_position;
    out->TasPosition = row->tas_position;
}

static void put_row_money(const struct core *core, const struct position_row *row,
                          struct CThostFtdcInvestorPositionField *out)
{
    struct row_figures figures = ledger_row_figures(&core->ledger, row);
    out->PositionCost = figures.position_cost;
    out->OpenCost = figures.open_cost;
    out->TasPositionCost =
        row->tas_open_sum * core->market.instruments[row->instrument].volume_multiple;
    out->UseMargin = figures.use_margin;
    out->ExchangeMargin = figures.exchange_margin;
    out->PositionProfit = figures.position_profit;
    out->SettlementPrice = figures.settlement_price;
    out->MarginRateByMoney = figures.margin_by_money;
    out->MarginRateByVolume = figures.margin_by_volume;
    out->FrozenMargin = row->frozen_margin;
    out->FrozenCash = row->frozen_cash;
    out->FrozenCommission = row->frozen_commission;
    out->CashIn = row->cash_in;
    out->Commission = row->commission;
    out->CloseProfit = row->close_profit_by_date;
    out->CloseProfitByDate = row->close_profit_by_date;
    out->CloseProfitByTrade = row->close_profit_by_trade;
}

/* A combination's row has lots and no money: its legs' rows have it. */
static void put_position(struct core *core, const struct shown_row *shown,
                         struct CThostFtdcInvestorPositionField *out)
{
    const struct position_row *row = &shown->row;
    const struct instrument *instrument = core_instrument(core, row->instrument);
    memset(out, 0, sizeof *out);
    put_row_lots(row, out);
    if (!shown->combined)
        put_row_money(core, row, out);
    PUT_TEXT(out->InvestorID, text_of(core->ledger.accounts[row->account].id));
    PUT_TEXT(out->InstrumentID, text_of(instrument->id));
    QUERY_PUT_OLD(out->reserve1, text_of(instrument->id));
    PUT_TEXT(out->ExchangeID, text_of(exchange_id(instrument->exchange)));
    PUT_DATE(out->TradingDay, core->trading_day);
    out->SettlementID = 1;
    out->PreSettlementPrice = instrument->pre_settlement;
    out->OptionValue = option_value(instrument, row);
}

static void position_rows(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    struct shown_rows rows = sort_rows(query, account);
    for (uint32_t i = 0; i < rows.count; i++) {
        struct CThostFtdcInvestorPositionField out;
        put_position(core, &rows.at[i], &out);
        query_row(query, &out);
    }
    free(rows.at);
}

void query_positions(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, position_rows);
}

/* ---- details ---- */

struct sorted_details {
    const struct position_detail **at;
    uint32_t count, capacity;
};

static int compare_details(const void *a, const void *b)
{
    const struct position_detail *one = *(const struct position_detail *const *)a;
    const struct position_detail *other = *(const struct position_detail *const *)b;
    return one->sequence < other->sequence ? -1 : one->sequence > other->sequence;
}

/* By opening trade. */
static struct sorted_details sort_details(const struct query *query, uint32_t account)
{
    const struct ledger *ledger = &query->core->ledger;
    struct sorted_details details = {.at = NULL};
    for (uint32_t i = ledger->accounts[account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next) {
        const struct position_row *row = &ledger->rows[i];
        if (!query_fits_instrument(query, row->instrument))
            continue;
        for (uint32_t k = row->first; k != LEDGER_NONE; k = ledger->details[k].next)
            *LIST_ADD(&details) = &ledger->details[k];
    }
    if (details.count)
        qsort(details.at, details.count, sizeof *details.at, compare_details);
    return details;
}

static void put_detail_money(const struct core *core, const struct position_detail *detail,
                             struct CThostFtdcInvestorPositionDetailField *out)
{
    struct detail_figures figures = ledger_detail_figures(&core->ledger, detail);
    out->OpenPrice = detail->open_price;
    out->CloseAmount = detail->close_amount;
    out->CloseProfitByDate = detail->close_profit_by_date;
    out->CloseProfitByTrade = detail->close_profit_by_trade;
    out->SettlementPrice = detail->settlement_price;
    out->PositionProfitByDate = figures.profit_by_date;
    out->PositionProfitByTrade = figures.profit_by_trade;
    out->Margin = figures.margin;
    out->ExchMargin = figures.exchange_margin;
    out->MarginRateByMoney = figures.margin_by_money;
    out->MarginRateByVolume = figures.margin_by_volume;
}

static void put_detail(struct core *core, const struct position_detail *detail,
                       struct CThostFtdcInvestorPositionDetailField *out)
{
    const struct position_row *row = &core->ledger.rows[detail->row];
    const struct instrument *instrument = core_instrument(core, row->instrument);
    memset(out, 0, sizeof *out);
    put_detail_money(core, detail, out);
    PUT_TEXT(out->InvestorID, text_of(core->ledger.accounts[row->account].id));
    PUT_TEXT(out->InstrumentID, text_of(instrument->id));
    QUERY_PUT_OLD(out->reserve1, text_of(instrument->id));
    PUT_TEXT(out->ExchangeID, text_of(exchange_id(instrument->exchange)));
    PUT_NUMBER(out->TradeID, detail->trade_number);
    PUT_DATE(out->OpenDate, detail->open_date);
    PUT_DATE(out->TradingDay, core->trading_day);
    out->SettlementID = 1;
    out->HedgeFlag = row->hedge;
    out->Direction = row->direction == THOST_FTDC_PD_Long ? THOST_FTDC_D_Buy : THOST_FTDC_D_Sell;
    out->Volume = detail->volume;
    out->TimeFirstVolume = detail->volume;
    out->CloseVolume = detail->close_volume;
    out->TradeType = detail->trade_type;
    out->SpecPosiType = detail->at_settlement ? THOST_FTDC_SPOST_Tas : THOST_FTDC_SPOST_Common;
    out->LastSettlementPrice = instrument->pre_settlement;
}

static void detail_rows(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    struct sorted_details details = sort_details(query, account);
    for (uint32_t i = 0; i < details.count; i++) {
        struct CThostFtdcInvestorPositionDetailField out;
        put_detail(core, details.at[i], &out);
        query_row(query, &out);
    }
    free(details.at);
}

void query_position_details(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, detail_rows);
}

/* ---- money ---- */

static double account_option_value(struct core *core, uint32_t account)
{
    const struct ledger *ledger = &core->ledger;
    double value = 0;
    for (uint32_t i = ledger->accounts[account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next)
        value += option_value(core_instrument(core, ledger->rows[i].instrument), &ledger->rows[i]);
    return value;
}

static void put_kept_money(const struct account *account, struct CThostFtdcTradingAccountField *out)
{
    out->PreBalance = account->pre_balance;
    out->PreDeposit = account->pre_balance;
    out->PreMargin = account->pre_margin;
    out->PreCredit = account->pre_credit;
    out->Credit = account->credit;
    out->PreMortgage = account->pre_mortgage;
    out->Mortgage = account->mortgage;
    out->Deposit = account->deposit;
    out->Withdraw = account->withdraw;
    out->Reserve = account->reserve;
}

static void put_account(struct core *core, uint32_t place,
                        struct CThostFtdcTradingAccountField *out)
{
    const struct account *account = &core->ledger.accounts[place];
    struct funds funds = ledger_funds(&core->ledger, place);
    memset(out, 0, sizeof *out);
    put_kept_money(account, out);
    PUT_TEXT(out->AccountID, text_of(account->id));
    PUT_TEXT(out->CurrencyID, TEXT("CNY"));
    PUT_DATE(out->TradingDay, core->trading_day);
    out->SettlementID = 1;
    out->CurrMargin = funds.curr_margin;
    out->ExchangeMargin = funds.exchange_margin;
    out->FrozenMargin = funds.frozen_margin;
    out->FrozenCash = funds.frozen_cash;
    out->FrozenCommission = funds.frozen_commission;
    out->CashIn = funds.cash_in;
    out->Commission = funds.commission;
    out->CloseProfit = funds.close_profit;
    out->PositionProfit = funds.position_profit;
    out->Balance = funds.balance;
    out->Available = funds.available;
    out->WithdrawQuota = funds.withdraw_quota;
    out->MortgageableFund = funds.mortgageable;
    out->OptionValue = account_option_value(core, place);
}

static void account_row(struct query *query, uint32_t account)
{
    struct core *core = query->core;
    struct CThostFtdcTradingAccountField out;
    put_account(core, account, &out);
    query_row(query, &out);
}

void query_accounts(struct core *core, const struct core_request *request)
{
    query_by_account(core, request, account_row);
}

/* ---- how many lots an order could have ---- */

static struct refusal max_volume(struct core *core, const struct connection *from,
                                 struct CThostFtdcQryMaxOrderVolumeField *row)
{
    struct refusal refusal;
    uint32_t account = core_request_account(core, from, FIELD_TEXT(row->InvestorID), &refusal);
    if (account == NONE)
        return refusal;
    enum exchange exchange = EXCHANGE_COUNT;
    text asked = FIELD_TEXT(row->ExchangeID);
    bool known = asked.length == 0 || exchange_find(asked, &exchange);
    uint32_t instrument =
        known ? market_find_instrument(&core->market, exchange, FIELD_TEXT(row->InstrumentID))
              : INSTRUMENT_NONE;
    if (instrument == INSTRUMENT_NONE)
        return refusal_of(CTP_ERROR_INSTRUMENT_NOT_FOUND);
    if (instrument_is_tas(core_instrument(core, instrument)) &&
        core->market.instruments[instrument].underlying != INSTRUMENT_NONE)
        instrument = core->market.instruments[instrument].underlying;
    struct ledger_order order = {
        .account = account,
        .instrument = instrument,
        .direction = row->Direction ? row->Direction : THOST_FTDC_D_Buy,
        .offset = row->OffsetFlag ? row->OffsetFlag : THOST_FTDC_OF_Open,
        .hedge = row->HedgeFlag ? row->HedgeFlag : THOST_FTDC_HF_Speculation,
    };
    row->MaxVolume = ledger_max_volume(&core->ledger, &order);
    PUT_TEXT(row->InvestorID, text_of(core->ledger.accounts[account].id));
    return refusal_none();
}

/* Always one row: the request with its MaxVolume. */
void query_max_order_volume(struct core *core, const struct core_request *request)
{
    const struct connection *from = core_connection(core, request->connection);
    struct CThostFtdcQryMaxOrderVolumeField row;
    memcpy(&row, request->body, sizeof row);
    struct refusal refusal = refusal_of(core_check_broker(core, from, FIELD_TEXT(row.BrokerID)));
    if (refusal.error_id == 0)
        refusal = max_volume(core, from, &row);
    if (refusal.error_id) {
        reply_one(core, request, NULL, &refusal);
        return;
    }
    struct reply_rows rows;
    reply_rows_begin(&rows, core, request);
    PUT_TEXT(row.BrokerID, text_of(from->broker_id));
    reply_row(&rows, &row);
    reply_rows_end(&rows);
}
