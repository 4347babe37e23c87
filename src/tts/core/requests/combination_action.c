/* combination_action.c: ReqCombActionInsert: ties lots of two legs in a combination, unties them,
 * or takes back an earlier tying. DCE, GFEX and CZCE have combinations. */
#include "tts/core/handlers.h"
#include "tts/core/requests/combination.h"
#include "tts/core/requests/request_check.h"
#include "tts/core/requests/request_returns.h"

enum {
    NO_RECORD = CTP_ERROR_DEL_COMB_ACTION_NO_REC,
    TOO_FAST = CTP_ERROR_DEL_COMB_ACTION_TOO_FAST,
    SHORT_MONEY = CTP_ERROR_COMB_ACTION_SHORT_MONEY,
    TOO_FEW_LOTS = CTP_ERROR_OVER_EXECUTE_POSITION,
    TOO_FEW_PAIRS = CTP_ERROR_OVER_CLOSE_POSITION,
};

/* A tying may be taken back after so many seconds. */
enum { DELETE_AFTER_SECONDS = 30 };

struct action {
    struct core *core;
    struct request_frame frame;
    struct CThostFtdcInputCombActionField *input;
    struct ledger_pair pair;
};

static bool has_combinations(enum exchange exchange)
{
    return exchange == EXCHANGE_DCE || exchange == EXCHANGE_GFEX || exchange == EXCHANGE_CZCE;
}

static struct refusal check_fields(struct action *action)
{
    const struct CThostFtdcInputCombActionField *input = action->input;
    struct core *core = action->core;
    uint32_t place = action->frame.instrument;
    if (!has_combinations(core_instrument(core, place)->exchange))
        return refusal_of(CTP_ERROR_EXCHANGE_UNSUPPORTED_ARBITRAGE);
    if (!combination_legs(core, place, action->pair.leg))
        return refusal_of(CTP_ERROR_INSTRUMENT_NOT_FOUND);
    if (input->Direction != THOST_FTDC_D_Buy && input->Direction != THOST_FTDC_D_Sell)
        return refusal_of(CTP_ERROR_INSTRUMENT_NOT_FOUND);
    if (input->CombDirection < THOST_FTDC_CMDR_Comb ||
        input->CombDirection > THOST_FTDC_CMDR_DelComb)
        return refusal_with(CTP_ERROR_BAD_FIELD, "CombDirection");
    if (input->HedgeFlag < THOST_FTDC_HF_Speculation || input->HedgeFlag > THOST_FTDC_HF_Hedge)
        return refusal_with(CTP_ERROR_BAD_FIELD, "HedgeFlag");
    if (input->Volume <= 0)
        return refusal_with(CTP_ERROR_BAD_FIELD, "Volume");
    action->pair.account = action->frame.account;
    action->pair.combination = place;
    action->pair.lots = input->Volume;
    action->pair.open_date = core->trading_day;
    action->pair.direction = input->Direction;
    action->pair.hedge = input->HedgeFlag;
    action->pair.alike = combination_is_alike(core_instrument(core, place));
    return refusal_none();
}

/* The newest tying of today of the same pair and volume that was not taken back. */
static uint32_t find_tying(struct core *core, const struct ledger_pair *pair)
{
    for (uint32_t i = record_count(core, RECORD_comb_action); i-- > 0;) {
        const struct record *head = record_head(core, RECORD_comb_action, i);
        const struct CThostFtdcCombActionField *body = record_body(core, RECORD_comb_action, i);
        if (head->live && head->account == pair->account && head->instrument == pair->combination &&
            body->CombDirection == THOST_FTDC_CMDR_Comb && body->Direction == pair->direction &&
            body->HedgeFlag == pair->hedge && body->Volume == pair->lots)
            return i;
    }
    return NONE;
}

static struct refusal check_deletion(struct action *action)
{
    struct core *core = action->core;
    uint32_t tying = find_tying(core, &action->pair);
    if (tying == NONE)
        return refusal_of(NO_RECORD);
    double second = record_head(core, RECORD_comb_action, tying)->amount;
    return (double)(core->now.wall_us / 1000000) - second < DELETE_AFTER_SECONDS
               ? refusal_of(TOO_FAST)
               : refusal_none();
}

static struct refusal check_lots(struct action *action)
{
    const struct ledger *ledger = &action->core->ledger;
    int lots = action->pair.lots;
    if (action->input->CombDirection == THOST_FTDC_CMDR_Comb)
        return lots <= ledger_pairable(ledger, &action->pair) ? refusal_none()
                                                              : refusal_of(TOO_FEW_LOTS);
    if (action->input->CombDirection == THOST_FTDC_CMDR_DelComb) {
        struct refusal refusal = check_deletion(action);
        if (refusal.error_id)
            return refusal;
    }
    if (lots > ledger_paired(ledger, &action->pair))
        return refusal_of(TOO_FEW_PAIRS);
    double available = ledger_available(ledger, action->frame.account);
    return ledger_untie_margin(ledger, &action->pair) <= available + 1e-6 ? refusal_none()
                                                                          : refusal_of(SHORT_MONEY);
}

static struct refusal check_reference(struct action *action)
{
    int64_t last = request_last_reference(action->core, RECORD_comb_action, CTP_STRUCT_CombAction,
                                          "CombActionRef", &action->frame);
    switch (request_reference(CTP_STRUCT_InputCombAction, action->input, "CombActionRef", last)) {
    case REFERENCE_NO_NUMBER:
        return refusal_with(CTP_ERROR_BAD_FIELD, "CombActionRef");
    case REFERENCE_NOT_RISING:
        return refusal_of(CTP_ERROR_DUPLICATE_ORDER_REF);
    case REFERENCE_GOOD:
        break;
    }
    return refusal_none();
}

static struct refusal check_action(struct action *action, const struct core_request *request)
{
    struct refusal refusal =
        request_check(action->core, request, REQUEST_OF_ORDER, CTP_STRUCT_InputCombAction,
                      action->input, &action->frame);
    if (refusal.error_id == 0)
        refusal = check_fields(action);
    if (refusal.error_id == 0)
        refusal = check_reference(action);
    if (refusal.error_id == 0)
        refusal = check_lots(action);
    return refusal.error_id ? refusal
                            : request_check_channel(action->core, &action->frame, REQUEST_OF_ORDER);
}

/* ---- carrying it out ---- */

static void put(struct core *core, uint32_t place, const struct record *head,
                const struct CThostFtdcCombActionField *body)
{
    record_put(core, RECORD_comb_action, place, head, body);
    reply_private_to_account(core, head->account, CTP_TraderSpi_OnRtnCombAction, body, NULL);
}

static void forget_tying(struct core *core, uint32_t place)
{
    struct record head = *record_head(core, RECORD_comb_action, place);
    struct CThostFtdcCombActionField body;
    memcpy(&body, record_body(core, RECORD_comb_action, place), sizeof body);
    head.live = 0;
    record_put(core, RECORD_comb_action, place, &head, &body);
}

static void accept(struct action *action)
{
    struct core *core = action->core;
    uint32_t place = record_count(core, RECORD_comb_action);
    struct CThostFtdcCombActionField body;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputCombAction), action->input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_CombAction), &body);
    request_identify(core, &action->frame, CTP_STRUCT_CombAction, &body);
    struct record head = {
        .account = action->frame.account,
        .user = action->frame.user,
        .instrument = action->frame.instrument,
        .order = {NONE, NONE},
        .number = core->records->of[RECORD_comb_action].number + 1,
        .amount = (double)(core->now.wall_us / 1000000),
    };
    PUT_NUMBER(body.ActionLocalID, head.number);
    body.ActionStatus = THOST_FTDC_OAS_Submitted;
    put(core, place, &head, &body);
    channel_ask(core, RECORD_comb_action, place);
}

/* ---- what the exchange says ---- */

static bool pair_of(struct core *core, const struct record *head,
                    const struct CThostFtdcCombActionField *body, struct ledger_pair *pair)
{
    *pair = (struct ledger_pair){
        .account = head->account,
        .combination = head->instrument,
        .lots = body->Volume,
        .open_date = core->trading_day,
        .direction = body->Direction,
        .hedge = body->HedgeFlag,
        .alike = combination_is_alike(core_instrument(core, head->instrument)),
    };
    return combination_legs(core, head->instrument, pair->leg);
}

/* Ties or unties; false when the lots, which nothing has held since the request, are gone. */
static bool change_pairs(struct core *core, const struct record *head,
                         struct CThostFtdcCombActionField *body)
{
    bool ties = body->CombDirection == THOST_FTDC_CMDR_Comb;
    struct effect_pair_changed effect = {.tied = ties};
    if (!pair_of(core, head, body, &effect.pair))
        return false;
    int most = ties ? ledger_pairable(&core->ledger, &effect.pair)
                    : ledger_paired(&core->ledger, &effect.pair);
    bool deletes = body->CombDirection == THOST_FTDC_CMDR_DelComb;
    uint32_t deleted = deletes ? find_tying(core, &effect.pair) : NONE;
    if (effect.pair.lots > most || (deletes && deleted == NONE))
        return false;
    effect.pair.number = ties ? combination_next_number(core) : 0;
    EMIT(core, pair_changed, &effect);
    if (deletes)
        forget_tying(core, deleted);
    if (ties)
        PUT_NUMBER(body->ComTradeID, effect.pair.number);
    return true;
}

bool combination_action_told(struct core *core, uint32_t place, const struct request_return *told)
{
    struct record head = *record_head(core, RECORD_comb_action, place);
    struct CThostFtdcCombActionField body;
    memcpy(&body, record_body(core, RECORD_comb_action, place), sizeof body);
    if (body.ActionStatus != THOST_FTDC_OAS_Submitted || told->event > REQUEST_REFUSED)
        return false;
    if (told->event == REQUEST_REFUSED) {
        head.live = 0;
        body.ActionStatus = THOST_FTDC_OAS_Rejected;
        put_status_words(body.StatusMsg, sizeof body.StatusMsg, told->words);
    } else {
        if (!change_pairs(core, &head, &body))
            return false;
        head.live = body.CombDirection == THOST_FTDC_CMDR_Comb;
        body.ActionStatus = THOST_FTDC_OAS_Accepted;
        body.NotifySequence = 1;
        body.SequenceNo = (int)head.number;
    }
    put(core, place, &head, &body);
    return true;
}

/* ---- the request ---- */

void combination_action_insert(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputCombActionField input;
    memcpy(&input, request->body, sizeof input);
    struct action action = {.core = core, .input = &input};
    struct refusal refusal = check_action(&action, request);
    if (refusal.error_id)
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnCombActionInsert,
                       &input);
    else
        accept(&action);
}
