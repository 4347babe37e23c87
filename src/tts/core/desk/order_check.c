/* order_check.c: whether the counter takes an order: one small function for each documented check,
 * in a table in the documented order, so that the first hit answers. Reads state, changes none.
 * Check 3 (the counter is settling) has no row: this counter settles between two requests. */
#include "ctp/gb18030.h"
#include "tts/core/account_rule.h"
#include "tts/core/channel.h"
#include "tts/core/desk/desk_inside.h"
#include "tts/core/desk/order_pattern.h"
#include "tts/core/requests/combination.h"
#include <assert.h>
#include <math.h>

/* One order under examination. */
struct check {
    struct core *core;
    const struct order_check *how;
    struct CThostFtdcInputOrderField *input;
    struct order *order;
    const struct instrument *instrument; /* this and its kind: from check 16 on */
    enum instrument_kind kind;
    struct refusal *refusal;
};

static bool refuse(struct check *check, int error_id)
{
    *check->refusal = refusal_of(error_id);
    return false;
}

static bool bad_field(struct check *check, const char *field)
{
    *check->refusal = refusal_with(CTP_ERROR_BAD_FIELD, "%s", field);
    return false;
}

static bool is_one_of(char value, const char *values)
{
    while (*values != '\0' && *values != value)
        values++;
    return *values != '\0';
}

static bool is_condition_order(const struct check *check)
{
    return order_is_condition(check->input->ContingentCondition);
}

/* ---- 2..6: who asks ---- */

static bool check_rate(struct check *check)
{
    int limit = check->core->options.order_rate;
    return !rate_exceeded(check->core, check->how->user, RATE_ORDERS, limit) ||
           refuse(check, CTP_ERROR_ORDER_FREQ_LIMIT);
}

static bool check_broker(struct check *check)
{
    if (!check->core->options.broker_check)
        return true;
    int error_id =
        core_check_broker(check->core, check->how->connection, FIELD_TEXT(check->input->BrokerID));
    return error_id == 0 || refuse(check, error_id);
}

/* What is sent later, a parked or condition order, names its account; its user may have lost it
 * meanwhile. */
static bool check_investor(struct check *check)
{
    text id = FIELD_TEXT(check->input->InvestorID);
    struct core *core = check->core;
    if (check->how->connection) {
        check->order->account =
            core_request_account(core, check->how->connection, id, check->refusal);
    } else {
        check->order->account = core_find_account(core, id);
        if (check->order->account == NONE ||
            !core_user_may(core, check->how->user, check->order->account))
            return refuse(check, CTP_ERROR_NO_PRIVILEGE);
    }
    if (check->order->account == NONE)
        return false;
    if (id.length == 0)
        PUT_TEXT(check->input->InvestorID,
                 text_of(core->ledger.accounts[check->order->account].id));
    return true;
}

/* ---- 7..15: the fields by themselves ---- */

static bool is_gb18030(const char *field, size_t length)
{
    char utf8[4 * 256];
    assert(length <= sizeof utf8 / 4);
    size_t out = gb18030_to_utf8((text){field, length}, utf8, sizeof utf8);
    for (size_t i = 0; i + 2 < out; i++)
        if (memcmp(utf8 + i, "\xEF\xBF\xBD", 3) == 0)
            return false;
    return true;
}

static bool is_clean_text(const char *field, size_t size)
{
    unsigned char high = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)field[i];
        if (byte == '\0')
            return high < 0x80 || is_gb18030(field, i);
        if (byte < 0x20 || byte == 0x7f)
            return false;
        high |= byte;
    }
    return false;
}

bool desk_is_clean_field(const struct ctp_field *field, const void *body)
{
    const char *at = (const char *)body + field->offset;
    return field->base != CTP_TEXT || *at == '\0' || is_clean_text(at, field->size);
}

const char *desk_bad_text(const struct ctp_layout *layout, const void *body)
{
    for (int i = 0; i < layout->field_count; i++) {
        if (!desk_is_clean_field(&layout->fields[i], body))
            return layout->fields[i].name;
    }
    return NULL;
}

static bool check_texts(struct check *check)
{
    const char *bad = order_pattern_bad_text(check->core, check->how->session, check->input);
    return !bad || bad_field(check, bad);
}

/* An empty OrderRef becomes the session's next one, while there is one. Orders of no session are
 * named by their BrokerOrderSeq. */
static bool check_order_ref(struct check *check)
{
    const struct core *core = check->core;
    text ref = text_trim(FIELD_TEXT(check->input->OrderRef));
    uint32_t session = check->how->session;
    if (ref.length > 0) {
        bool digits = ref.at[0] >= '0' && ref.at[0] <= '9';
        if (!digits || !text_to_int(ref, &check->order->order_ref))
            return bad_field(check, "OrderRef");
        if (session != NONE)
            index_prefetch(&core->order_by_ref, order_ref_key(core->sessions.at[session].session_id,
                                                              check->order->order_ref));
        return true;
    }
    check->order->order_ref =
        1 + (session == NONE ? core->broker_order_seq : core->sessions.at[session].order_ref);
    if (check->order->order_ref > REFERENCE_MAX)
        return refuse(check, CTP_ERROR_DUPLICATE_ORDER_REF);
    PUT_NUMBER(check->input->OrderRef, check->order->order_ref);
    return true;
}

static bool check_enums(struct check *check)
{
    const struct CThostFtdcInputOrderField *input = check->input;
    if (!is_one_of(input->Direction, "01"))
        return bad_field(check, "Direction");
    if (!is_one_of(input->CombOffsetFlag[0], "0123456"))
        return bad_field(check, "CombOffsetFlag");
    if (!is_one_of(input->CombHedgeFlag[0], "123"))
        return bad_field(check, "CombHedgeFlag");
    if (!is_one_of(input->OrderPriceType, "123456789ABCDEFG"))
        return bad_field(check, "OrderPriceType");
    if (!is_one_of(input->TimeCondition, "123456"))
        return bad_field(check, "TimeCondition");
    if (!is_one_of(input->VolumeCondition, "123"))
        return bad_field(check, "VolumeCondition");
    if (!is_one_of(input->ContingentCondition, "123456789ABCDEFH"))
        return bad_field(check, "ContingentCondition");
    const char *account = check->core->ledger.accounts[check->order->account].id;
    if (input->AccountID[0] && !text_equal(FIELD_TEXT(input->AccountID), text_of(account)))
        return bad_field(check, "AccountID");
    if (input->CurrencyID[0] && !text_equal(FIELD_TEXT(input->CurrencyID), TEXT("CNY")))
        return bad_field(check, "CurrencyID");
    return true;
}

static bool check_forced_close(struct check *check)
{
    const struct CThostFtdcInputOrderField *input = check->input;
    if (is_one_of(input->CombOffsetFlag[0], "256"))
        return bad_field(check, "CombOffsetFlag");
    if (input->ForceCloseReason != '\0' && input->ForceCloseReason != THOST_FTDC_FCC_NotForceClose)
        return bad_field(check, "ForceCloseReason");
    return true;
}

static bool check_time_condition(struct check *check)
{
    return is_one_of(check->input->TimeCondition, "13") || bad_field(check, "TimeCondition");
}

static bool check_auto_suspend(struct check *check)
{
    return check->input->IsAutoSuspend == 0 || bad_field(check, "IsAutoSuspend");
}

static bool check_volume(struct check *check)
{
    return check->input->VolumeTotalOriginal > 0 || bad_field(check, "VolumeTotalOriginal");
}

static bool check_min_volume(struct check *check)
{
    const struct CThostFtdcInputOrderField *input = check->input;
    if (input->VolumeCondition != THOST_FTDC_VC_MV || input->TimeCondition != THOST_FTDC_TC_IOC)
        return true;
    int least = input->MinVolume == 0 ? 1 : input->MinVolume;
    return (least >= 1 && least <= input->VolumeTotalOriginal) || bad_field(check, "MinVolume");
}

static bool is_price(double price)
{
    return isfinite(price) && fabs(price) < 1e300;
}

static bool check_prices(struct check *check)
{
    const struct CThostFtdcInputOrderField *input = check->input;
    bool conditional = input->ContingentCondition != THOST_FTDC_CC_Immediately;
    if (input->OrderPriceType == THOST_FTDC_OPT_LimitPrice && !is_price(input->LimitPrice))
        return refuse(check, CTP_ERROR_BAD_PRICE_VALUE);
    if (conditional && !is_price(input->StopPrice))
        return refuse(check, CTP_ERROR_BAD_PRICE_VALUE);
    return true;
}

/* ---- 16..23: what may be traded by whom ---- */

_Static_assert(sizeof((struct CThostFtdcInputOrderField *)NULL)->ExchangeID == EXCHANGE_ID_BYTES,
               "copied as it is");

static bool check_instrument(struct check *check)
{
    struct core *core = check->core;
    struct CThostFtdcInputOrderField *input = check->input;
    uint32_t place = core_request_instrument(core, FIELD_TEXT(input->InstrumentID),
                                             FIELD_TEXT(input->ExchangeID), check->refusal);
    if (place == NONE)
        return false;
    check->order->instrument = place;
    check->instrument = core_instrument(core, place);
    check->kind = instrument_kind(check->instrument);
    memcpy(input->ExchangeID, exchange_id(check->instrument->exchange), EXCHANGE_ID_BYTES);
    return true;
}

bool desk_is_tradable(const struct core *core, const struct instrument *instrument)
{
    int today = core->trading_day;
    bool listed = instrument->open_date == 0 || instrument->open_date <= today;
    bool expired = instrument->expire_date != 0 && instrument->expire_date < today;
    bool started = instrument->inst_life_phase == THOST_FTDC_IP_Started;
    return instrument->is_trading && started && listed && !expired &&
           instrument_kind(instrument) != KIND_INDEX;
}

/* TAS with its underlying, whose lots it gives, and combinations with their legs. */
static bool is_tradable(const struct check *check)
{
    const struct core *core = check->core;
    const struct market *market = &core->market;
    uint32_t underlying = check->instrument->underlying, legs[2];
    if (!desk_is_tradable(core, check->instrument))
        return false;
    if (instrument_is_tas(check->instrument))
        return underlying != INSTRUMENT_NONE &&
               desk_is_tradable(core, &market->instruments[underlying]);
    return !combination_legs(core, check->order->instrument, legs) ||
           (desk_is_tradable(core, &market->instruments[legs[0]]) &&
            desk_is_tradable(core, &market->instruments[legs[1]]));
}

static bool check_tradable(struct check *check)
{
    return is_tradable(check) || refuse(check, CTP_ERROR_INSTRUMENT_NOT_TRADING);
}

static bool check_ref_rises(struct check *check)
{
    uint32_t session = check->how->session;
    if (session == NONE || check->order->order_ref > check->core->sessions.at[session].order_ref)
        return true;
    return refuse(check, CTP_ERROR_DUPLICATE_ORDER_REF);
}

static bool check_investor_active(struct check *check)
{
    const struct core *core = check->core;
    char code[sizeof check->input->ClientID];
    if (!core->investors.at[check->order->account].active)
        return refuse(check, CTP_ERROR_INVESTOR_NOT_ACTIVE);
    if (check->input->ClientID[0] == '\0')
        return true;
    core_client_id(core, check->order->account, check->instrument->exchange, code, sizeof code);
    return text_equal(FIELD_TEXT(check->input->ClientID), text_of(code)) ||
           refuse(check, CTP_ERROR_NOT_EXCHANGE_CLIENT);
}

static bool check_confirmed(struct check *check)
{
    const struct core *core = check->core;
    return !core->options.settlement_confirm ||
           core->investors.at[check->order->account].confirm_day == core->trading_day ||
           refuse(check, CTP_ERROR_SETTLEMENT_INFO_NOT_CONFIRMED);
}

static bool is_combination(const struct check *check)
{
    return check->kind == KIND_COMBINATION || check->kind == KIND_OPTION_COMBINATION;
}

/* By leg, [1] false where there is one only. Stocks: a buy opens and a sell closes, whatever the
 * flag says. The second flag of a combination, when empty, is as the first. */
static void which_opens(const struct check *check, bool opens[2])
{
    const char *flags = check->input->CombOffsetFlag;
    opens[0] = flags[0] == THOST_FTDC_OF_Open;
    opens[1] = false;
    if (check->kind == KIND_STOCK)
        opens[0] = check->input->Direction == THOST_FTDC_D_Buy;
    else if (is_combination(check))
        opens[1] = flags[1] ? flags[1] == THOST_FTDC_OF_Open : opens[0];
}

static bool opens(const struct check *check)
{
    bool leg[2];
    which_opens(check, leg);
    return leg[0] || leg[1];
}

static bool check_right(struct check *check)
{
    bool leg[2];
    which_opens(check, leg);
    int error_id =
        account_rule_right(check->core, check->order->account, check->order->instrument, leg);
    return error_id == 0 || refuse(check, error_id);
}

static bool check_close_only(struct check *check)
{
    bool close_only = check->core->investors.at[check->order->account].close_only;
    return !close_only || !opens(check) || refuse(check, CTP_ERROR_CLOSE_ONLY);
}

/* ---- 24..31: what the exchange and the counter have ---- */

struct order_types {
    unsigned exchanges, kinds;
    const char *price_types, *conditions;
    char time_condition, volume_condition;
    int min_volume_max;
};

/* Names of the sets and limits in order_types.def. */
enum { ONE = 1, ANY = INT32_MAX };
enum {
    SHFE = 1 << EXCHANGE_SHFE,
    INE = 1 << EXCHANGE_INE,
    DCE = 1 << EXCHANGE_DCE,
    CZCE = 1 << EXCHANGE_CZCE,
    CFFEX = 1 << EXCHANGE_CFFEX,
    GFEX = 1 << EXCHANGE_GFEX,
    TTS = 1 << EXCHANGE_TTS,
    STOCK_EXCHANGES = 1 << EXCHANGE_SSE | 1 << EXCHANGE_SZSE | 1 << EXCHANGE_BSE | TTS,
    FUTURES_EXCHANGES = SHFE | INE | DCE | CZCE | CFFEX | GFEX | TTS,
};
enum {
    FUTURE = 1 << KIND_FUTURE,
    OPTION = 1 << KIND_OPTION,
    COMBINATION = 1 << KIND_COMBINATION,
    OPTION_COMBINATION = 1 << KIND_OPTION_COMBINATION,
    TAS = 1 << KIND_TAS,
    STOCK = 1 << KIND_STOCK,
};

static const struct order_types order_types[] = {
#define ORDER_TYPES(exchanges, kinds, price_types, conditions, time, volume, minimum) \
    {exchanges, kinds, price_types, conditions, time, volume, minimum},
#include "tts/core/desk/order_types.def"
#undef ORDER_TYPES
};

/* 30 speaks of touch conditions where no exchange has them, so 24 lets them pass there. */
static bool has_touch(const struct instrument *instrument)
{
    return instrument->exchange == EXCHANGE_DCE || instrument->exchange == EXCHANGE_GFEX;
}

static bool has_combinations(const struct instrument *instrument)
{
    enum exchange exchange = instrument->exchange;
    return exchange == EXCHANGE_DCE || exchange == EXCHANGE_GFEX || exchange == EXCHANGE_CZCE ||
           exchange == EXCHANGE_CFFEX;
}

/* 25 has its own words for what no row of 24 takes. */
static bool is_left_to_25(const struct check *check)
{
    return is_combination(check) && !has_combinations(check->instrument);
}

/* The time condition that 24 judges: 26 has its own words for an option combination that waits. */
static char judged_time_condition(const struct check *check)
{
    bool options = check->kind == KIND_OPTION_COMBINATION;
    return options ? THOST_FTDC_TC_IOC : check->input->TimeCondition;
}

static bool check_order_type(struct check *check)
{
    const struct CThostFtdcInputOrderField *input = check->input;
    unsigned exchange = 1u << check->instrument->exchange;
    unsigned kind = 1u << check->kind;
    char condition = input->ContingentCondition, time = judged_time_condition(check);
    if (!is_one_of(condition, "23") || !has_touch(check->instrument))
        condition = THOST_FTDC_CC_Immediately;
    if (is_left_to_25(check))
        return true;
    if (check->kind == KIND_STOCK && input->OrderPriceType != THOST_FTDC_OPT_LimitPrice &&
        !check->core->options.stock_market_orders)
        return refuse(check, CTP_ERROR_PRICETYPE_NOTSUPPORT_BYEXCHANGE);
    for (size_t i = 0; i < sizeof order_types / sizeof order_types[0]; i++) {
        const struct order_types *row = &order_types[i];
        if ((row->exchanges & exchange) && (row->kinds & kind) && row->time_condition == time &&
            row->volume_condition == input->VolumeCondition &&
            is_one_of(input->OrderPriceType, row->price_types) &&
            is_one_of(condition, row->conditions) && input->MinVolume <= row->min_volume_max)
            return true;
    }
    return refuse(check, CTP_ERROR_PRICETYPE_NOTSUPPORT_BYEXCHANGE);
}

/* What the flags say of it; in other orders nobody looks there. */
static bool check_second_leg(struct check *check)
{
    char offset = check->input->CombOffsetFlag[1], hedge = check->input->CombHedgeFlag[1];
    if (offset && !is_one_of(offset, "0134"))
        return bad_field(check, "CombOffsetFlag");
    return hedge == '\0' || is_one_of(hedge, "123") || bad_field(check, "CombHedgeFlag");
}

static bool check_combination(struct check *check)
{
    if (!is_combination(check))
        return true;
    if (!has_combinations(check->instrument))
        return refuse(check, CTP_ERROR_EXCHANGE_UNSUPPORTED_ARBITRAGE);
    if (check->input->ContingentCondition != THOST_FTDC_CC_Immediately)
        return refuse(check, CTP_ERROR_COMB_CONDITION_ORDER_INSERT);
    return check_second_leg(check);
}

static bool check_option_combination(struct check *check)
{
    return check->kind != KIND_OPTION_COMBINATION ||
           check->input->TimeCondition == THOST_FTDC_TC_IOC ||
           refuse(check, CTP_ERROR_COMBOPTIONS_SUPPORT_IOC_ONLY);
}

static bool check_swap(struct check *check)
{
    enum exchange exchange = check->instrument->exchange;
    bool may_swap =
        is_combination(check) && (exchange == EXCHANGE_DCE || exchange == EXCHANGE_CZCE);
    return check->input->IsSwapOrder == 0 || may_swap ||
           refuse(check, CTP_ERROR_SWAPORDER_UNSUPPORTED);
}

static bool check_option_hedge(struct check *check)
{
    enum instrument_kind kind = check->kind;
    const char *flags = check->input->CombHedgeFlag;
    bool pair = kind == KIND_OPTION_COMBINATION;
    if ((kind != KIND_OPTION && !pair) || check->instrument->exchange != EXCHANGE_CZCE)
        return true;
    bool speculates = flags[0] == THOST_FTDC_HF_Speculation &&
                      (!pair || flags[1] == '\0' || flags[1] == THOST_FTDC_HF_Speculation);
    return speculates || refuse(check, CTP_ERROR_OPTIONS_ONLY_SUPPORT_SPEC);
}

static bool check_condition_quota(struct check *check)
{
    if (!is_condition_order(check))
        return true;
    int most = check->core->options.condition_orders_max;
    if (most == 0)
        return refuse(check, CTP_ERROR_NO_CONDITIONAL_ORDER_RIGHT);
    return check->core->investors.at[check->order->account].condition_orders < (uint32_t)most ||
           refuse(check, CTP_ERROR_INVESTOR_NOT_ENOUGH_CONDORDER);
}

static bool check_condition_known(struct check *check)
{
    char condition = check->input->ContingentCondition;
    bool touch = is_one_of(condition, "23");
    if (condition == THOST_FTDC_CC_ParkedOrder || (touch && !has_touch(check->instrument)))
        return refuse(check, CTP_ERROR_UNSUPPORTED_FUNCTION);
    return true;
}

/* The exchange's own checks, if the counter is to make them: phase, limits, volume, tick. */
static bool check_exchange(struct check *check)
{
    if (!check->core->options.price_checks_at_counter || is_condition_order(check))
        return true;
    switch (exchange_judge(check->core, check->order)) {
    case EXCHANGE_WRONG_PHASE:
        return refuse(check, CTP_ERROR_NOT_TRADING_PERIOD);
    case EXCHANGE_ABOVE_LIMIT:
    case EXCHANGE_BELOW_LIMIT:
        return refuse(check, CTP_ERROR_PRICE_OVER_LIMIT);
    case EXCHANGE_OFF_TICK: /* which the exchange looks at before the volume */
        return refuse(check, exchange_takes_volume(check->core, check->order)
                                 ? CTP_ERROR_PRICE_WRONG_TICK
                                 : CTP_ERROR_VOLUME_NOT_VALID);
    case EXCHANGE_WRONG_VOLUME:
        return refuse(check, CTP_ERROR_VOLUME_NOT_VALID);
    default:
        return true; /* X5 and X6 stay the exchange's */
    }
}

static bool check_position_limit(struct check *check)
{
    return account_rule_allows_lots(check->core, check->order) ||
           refuse(check, CTP_ERROR_POSI_LIMIT);
}

/* ---- 33, 35: lots and money ---- */

static bool check_stock_lots(struct check *check)
{
    const struct core *core = check->core;
    const struct order *order = check->order;
    if (check->kind != KIND_STOCK || opens(check))
        return true;
    uint32_t place = ledger_find_row(&core->ledger, order->account, order->instrument,
                                     order->leg[0].hedge, THOST_FTDC_PD_Long, '1');
    int all = place == LEDGER_NONE ? 0 : ledger_closable(&core->ledger.rows[place]);
    int free_lots =
        place == LEDGER_NONE ? 0 : ledger_sellable(&core->ledger, &core->ledger.rows[place]);
    if (order->volume <= free_lots)
        return true;
    int error_id = order->volume <= all ? CTP_ERROR_OVER_CLOSEYESTERDAY_POSITION
                                        : CTP_ERROR_OVER_CLOSE_POSITION;
    *check->refusal = refusal_with(error_id, "可平%d", free_lots);
    return false;
}

/* 34, off by default: a sale of long options whose proceeds and what is left do not pay its fee. */
static bool check_option_fee(struct check *check)
{
    const struct core *core = check->core;
    const struct order *order = check->order;
    const struct ledger_order *leg = &order->leg[0];
    if (!core->options.option_close_needs_money || is_condition_order(check) || opens(check) ||
        check->kind != KIND_OPTION || order->direction != THOST_FTDC_D_Sell)
        return true;
    double proceeds = leg->price * order->volume * check->instrument->volume_multiple;
    double left = ledger_available(&core->ledger, order->account) + proceeds -
                  leg->commission_per_lot * order->volume;
    return left >= -1e-6 || refuse(check, CTP_ERROR_CLOSE_OPTION_NO_MONEY);
}

/* Each leg alone has passed; both are frozen together. */
static bool check_legs_together(struct check *check)
{
    const struct order *order = check->order;
    if (order->leg_count == 1)
        return true;
    double need = 0;
    for (uint32_t i = 0; i < order->leg_count; i++)
        need += ledger_need(&order->leg[i], order->volume);
    double available = ledger_available(&check->core->ledger, order->account);
    if (need == 0 || need <= available + 1e-6)
        return true;
    *check->refusal = refusal_with(CTP_ERROR_INSUFFICIENT_MONEY, "约差%.2f", need - available);
    return false;
}

/* No account comes to this by trading; but what overflows must not be counted. */
static bool check_room(struct check *check)
{
    struct order *order = check->order;
    for (uint32_t i = 0; i < order->leg_count && !is_condition_order(check); i++)
        if (!ledger_has_room(&check->core->ledger, &order->leg[i], order->volume))
            return refuse(check, CTP_ERROR_POSI_LIMIT);
    return true;
}

/* No price is known yet: nobody can say what is missing. */
static void tell_shortage(struct check *check, double shortage)
{
    *check->refusal = isfinite(shortage)
                          ? refusal_with(CTP_ERROR_INSUFFICIENT_MONEY, "约差%.2f", shortage)
                          : refusal_of(CTP_ERROR_INSUFFICIENT_MONEY);
}

static bool check_ledger(struct check *check)
{
    struct order *order = check->order;
    double shortage = 0;
    if (is_condition_order(check))
        return true;
    if (is_combination(check) && order->leg_count == 1) /* whose legs nobody listed */
        return refuse(check, CTP_ERROR_EXCHANGE_UNSUPPORTED_ARBITRAGE);
    if (!check_stock_lots(check))
        return false;
    for (uint32_t i = 0; i < order->leg_count; i++) {
        int error_id = ledger_check(&check->core->ledger, &order->leg[i], order->volume, &shortage);
        if (error_id && error_id != CTP_ERROR_INSUFFICIENT_MONEY) {
            *check->refusal = refusal_with(error_id, "可平%d", (int)shortage);
            return false;
        }
        if (error_id && check->refusal->error_id == 0)
            tell_shortage(check, shortage); /* unless the other leg lacks lots */
    }
    return check->refusal->error_id == 0 && check_legs_together(check);
}

static bool check_channel(struct check *check)
{
    int error_id = is_condition_order(check)
                       ? 0
                       : channel_why_not(check->core, check->order->account, CHANNEL_ORDER);
    return error_id == 0 || refuse(check, error_id);
}

/* ---- what the order is ---- */

/* The flag as it goes out and is shown: only split positions know today's and yesterday's closes.
 */
static char shown_offset(const struct check *check)
{
    char offset = check->input->CombOffsetFlag[0];
    if (check->kind == KIND_STOCK)
        return opens(check) ? THOST_FTDC_OF_Open : THOST_FTDC_OF_Close;
    bool split = check->instrument->position_date_type == '1';
    return !split && is_one_of(offset, "34") ? THOST_FTDC_OF_Close : offset;
}

/* The price that freezes count with. A negative one gives no money, and one beyond all markets,
 * which the exchange will refuse, must not drown the sums of a row in which it is frozen for a
 * moment. */
static double freeze_price(double price)
{
    static const double most = 1e12;
    return price < 0 ? 0 : price > most ? most : price;
}

static void fill_leg(const struct check *check, struct ledger_order *leg)
{
    const struct order *order = check->order;
    leg->account = order->account;
    leg->instrument = order->instrument;
    leg->direction = order->direction;
    leg->offset = order->offset[0];
    leg->hedge = order->hedge[0];
    leg->has_price = order_is_limit(order);
    if (instrument_is_tas(check->instrument) && check->instrument->underlying != INSTRUMENT_NONE) {
        leg->instrument = check->instrument->underlying;
        leg->at_settlement = true;
        leg->has_price = false; /* freezes at its underlying's upper limit */
    }
    leg->price = leg->has_price ? freeze_price(check->input->LimitPrice) : 0;
    leg->row = LEDGER_NONE;
}

static char order_type_of(const struct check *check)
{
    if (check->input->IsSwapOrder)
        return THOST_FTDC_ORDT_Swap;
    return is_combination(check) ? THOST_FTDC_ORDT_Combination : THOST_FTDC_ORDT_Normal;
}

static bool fill_order(struct check *check)
{
    const struct core *core = check->core;
    const struct CThostFtdcInputOrderField *input = check->input;
    struct order *order = check->order;
    order->front_id = order->session == NONE ? 0 : core->options.front_id;
    order->session_id = order->session == NONE ? 0 : core->sessions.at[order->session].session_id;
    order->request_id = input->RequestID;
    order->direction = input->Direction;
    order->price_type = input->OrderPriceType;
    order->time_condition = input->TimeCondition;
    order->volume_condition = input->VolumeCondition;
    order->contingent_condition = input->ContingentCondition;
    order->order_type = order_type_of(check);
    memcpy(order->offset, input->CombOffsetFlag, sizeof order->offset);
    memcpy(order->hedge, input->CombHedgeFlag, sizeof order->hedge);
    order->offset[0] = shown_offset(check);
    order->live = true;
    order->channel = core->investors.at[order->account].channel;
    order->volume = input->VolumeTotalOriginal;
    order->min_volume = input->MinVolume > 0 ? input->MinVolume : 1;
    order->stop_price = input->StopPrice;
    order->leg_count = 1;
    fill_leg(check, &order->leg[0]);
    if (is_combination(check))
        combination_fill_legs(check->core, order);
    order->state.status = THOST_FTDC_OST_Unknown;
    order->state.submit_status = THOST_FTDC_OSS_InsertSubmitted;
    order->state.total = order->volume;
    order->state.limit_price = input->LimitPrice;
    order->state.update_second = order->state.cancel_second = -1;
    order->state.active_user = NONE;
    return true;
}

/* ---- the table ---- */

/* Number, whether it is asked of every order because what the order is follows from it, function;
 * in the order in which they are made. */
#define CHECKS(X)                                                                                  \
    X(2, false, check_rate)                                                                        \
    X(4, false, check_broker)                                                                      \
    X(5, true, check_investor) /* and 6 */                                                         \
    X(7, false, check_texts)                                                                       \
    X(8, true, check_order_ref)                                                                    \
    X(9, false, check_enums)                                                                       \
    X(10, false, check_forced_close)                                                               \
    X(11, false, check_time_condition)                                                             \
    X(12, false, check_auto_suspend)                                                               \
    X(13, false, check_volume)                                                                     \
    X(14, false, check_min_volume)                                                                 \
    X(15, false, check_prices)                                                                     \
    X(16, true, check_instrument) /* and 17 */                                                     \
    X(18, false, check_tradable)                                                                   \
    X(19, false, check_ref_rises)                                                                  \
    X(20, false, check_investor_active)                                                            \
    X(21, false, check_confirmed)                                                                  \
    X(22, false, check_right)                                                                      \
    X(23, false, check_close_only)                                                                 \
    X(24, false, check_order_type)                                                                 \
    X(25, false, check_combination)                                                                \
    X(26, false, check_option_combination)                                                         \
    X(27, false, check_swap)                                                                       \
    X(28, false, check_option_hedge)                                                               \
    X(29, false, check_condition_quota)                                                            \
    X(30, false, check_condition_known)                                                            \
    X(31, true, fill_order)                                                                        \
    X(31, false, check_exchange)                                                                   \
    X(32, false, check_room)                                                                       \
    X(32, false, check_position_limit)                                                             \
    X(33, false, check_ledger)     /* and 35 */                                                    \
    X(34, false, check_option_fee) /* behind it: what the fee is, the ledger has just found out */ \
    X(36, false, check_channel)

/* A bit for each number of a check. */
static uint64_t numbers_from(int first)
{
    return UINT64_MAX << first;
}

bool desk_check_order(struct core *core, const struct order_check *how,
                      struct CThostFtdcInputOrderField *input, struct order *order,
                      struct refusal *refusal)
{
    struct check check = {
        .core = core, .how = how, .input = input, .order = order, .refusal = refusal};
    refusal_clear(refusal);
    memset(order, 0, sizeof *order); /* padding too: it is journaled */
    order->user = how->user;
    order->session = how->session;
    order->parent = order->quote = order->request = order->next_of_account = NONE;
    uint64_t always = how->last_check ? ~numbers_from(how->last_check + 1) : UINT64_MAX;
    uint64_t asked = always & numbers_from(how->first_check);
#define X(number, is_always, passes)                                     \
    if (((is_always) ? always : asked) >> (number)&1 && !passes(&check)) \
        return false;
    CHECKS(X)
#undef X
    return true;
}
