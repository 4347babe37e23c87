/* combination_action.c: ReqCombActionInsert: ties lots of two legs in a combination, unties them,
 * or takes back an earlier tying. DCE, GFEX and CZCE have combinations. */
#include "tts/core/handlers.h"
#include "tts/core/requests/combination.h"
#include "tts/core/requests/request_check.h"

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
    uint32_t deleted; /* the record of the tying that is taken back; NONE */
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
    return refusal_none();
}

/* The newest tying of today of the same kind and volume that was not taken back. */
static uint32_t find_tying(const struct action *action)
{
    struct core *core = action->core;
    for (uint32_t i = record_count(core, RECORD_comb_action); i-- > 0;) {
        const struct record *head = record_head(core, RECORD_comb_action, i);
        const struct CThostFtdcCombActionField *body = record_body(core, RECORD_comb_action, i);
        if (head->live && head->account == action->frame.account &&
            head->instrument == action->frame.instrument &&
            body->CombDirection == THOST_FTDC_CMDR_Comb &&
            body->Direction == action->input->Direction &&
            body->HedgeFlag == action->input->HedgeFlag && body->Volume == action->input->Volume)
            return i;
    }
    return NONE;
}

static struct refusal check_deletion(struct action *action)
{
    struct core *core = action->core;
    action->deleted = find_tying(action);
    if (action->deleted == NONE)
        return refusal_of(NO_RECORD);
    double second = record_head(core, RECORD_comb_action, action->deleted)->amount;
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
    double available = ledger_funds(ledger, action->frame.account).available;
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
    return refusal.error_id ? refusal : check_lots(action);
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
    bool ties = action->input->CombDirection == THOST_FTDC_CMDR_Comb;
    struct CThostFtdcCombActionField body;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputCombAction), action->input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_CombAction), &body);
    request_identify(core, &action->frame, CTP_STRUCT_CombAction, &body);
    struct record head = {
        .account = action->frame.account,
        .user = action->frame.user,
        .instrument = action->frame.instrument,
        .live = ties,
        .order = {NONE, NONE},
        .number = core->records->of[RECORD_comb_action].number + 1,
        .amount = (double)(core->now.wall_us / 1000000),
    };
    PUT_NUMBER(body.ActionLocalID, head.number);
    body.ActionStatus = THOST_FTDC_OAS_Submitted;
    put(core, place, &head, &body);
    struct effect_pair_changed effect = {.pair = action->pair, .tied = ties};
    effect.pair.number = ties ? combination_next_number(core) : 0;
    EMIT(core, pair_changed, &effect);
    if (action->deleted != NONE)
        forget_tying(core, action->deleted);
    body.ActionStatus = THOST_FTDC_OAS_Accepted;
    body.NotifySequence = 1;
    body.SequenceNo = (int)head.number;
    if (ties)
        PUT_NUMBER(body.ComTradeID, effect.pair.number);
    put(core, place, &head, &body);
}

void combination_action_insert(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputCombActionField input;
    memcpy(&input, request->body, sizeof input);
    struct action action = {.core = core, .input = &input, .deleted = NONE};
    struct refusal refusal = check_action(&action, request);
    if (refusal.error_id)
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnCombActionInsert,
                       &input);
    else
        accept(&action);
}
