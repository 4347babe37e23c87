/* exercise.c: ReqExecOrderInsert and ReqExecOrderAction: exercise and abandon of option lots. A
 * request freezes the lots until the settlement, which carries it out (ledger_settle.c), unless its
 * channel refuses it. Two OnRtnExecOrder say that it was taken: the counter's and the exchange's.
 * European options are CFFEX's only, and CFFEX takes no exercise requests at all, so no request is
 * ever early. */
#include "tts/core/requests/exercise.h"
#include "tts/core/handlers.h"
#include "tts/core/requests/request_check.h"
#include "tts/core/requests/request_returns.h"
#include <assert.h>

enum { LAST_SECOND_OF_EXPIRY = 15 * 3600 + 30 * 60 };

struct exercise {
    struct core *core;
    struct request_frame frame;
    struct CThostFtdcInputExecOrderField *input;
    const struct instrument *instrument;
    uint32_t row; /* of the lots; NONE when there are none */
};

static bool expires_today(const struct exercise *exercise)
{
    return exercise->instrument->expire_date == exercise->core->trading_day;
}

/* DCE: no lots on the expiry day turns automatic exercise off. */
static bool turns_off(const struct exercise *exercise)
{
    return exercise->instrument->exchange == EXCHANGE_DCE && exercise->input->Volume == 0 &&
           exercise->input->ActionType == THOST_FTDC_ACTP_Exec && expires_today(exercise);
}

static struct refusal check_fields(const struct exercise *exercise)
{
    const struct CThostFtdcInputExecOrderField *input = exercise->input;
    enum exchange exchange = exercise->instrument->exchange;
    char type = input->ActionType, hedge = input->HedgeFlag;
    if (!instrument_is_option(exercise->instrument))
        return refusal_of(CTP_ERROR_EXECORDER_NOTOPTIONS);
    if (exchange == EXCHANGE_CFFEX)
        return refusal_of(CTP_ERROR_UNSUPPORTED_FUNCTION);
    if (type != THOST_FTDC_ACTP_Exec && type != THOST_FTDC_ACTP_Abandon)
        return refusal_of(CTP_ERROR_BAD_EXECUTE_TYPE);
    if (type == THOST_FTDC_ACTP_Abandon && exchange == EXCHANGE_DCE)
        return refusal_of(CTP_ERROR_OPTIONS_NOT_SUPPORT_ABANDON);
    if (exchange == EXCHANGE_CZCE && input->CloseFlag != THOST_FTDC_EOCF_NotToClose)
        return refusal_with(CTP_ERROR_BAD_FIELD, "CloseFlag");
    if (hedge < THOST_FTDC_HF_Speculation || hedge > THOST_FTDC_HF_Hedge)
        return refusal_with(CTP_ERROR_BAD_FIELD, "HedgeFlag");
    if (input->Volume <= 0 && !turns_off(exercise))
        return refusal_with(CTP_ERROR_BAD_FIELD, "Volume");
    return refusal_none();
}

/* Where rows are split, OffsetFlag says which lots: 3 today's, anything else history. */
static struct refusal check_lots(struct exercise *exercise)
{
    const struct CThostFtdcInputExecOrderField *input = exercise->input;
    const struct ledger *ledger = &exercise->core->ledger;
    bool history = exercise->instrument->position_date_type == '1' &&
                   input->OffsetFlag != THOST_FTDC_OF_CloseToday;
    exercise->row = ledger_find_row(ledger, exercise->frame.account, exercise->frame.instrument,
                                    input->HedgeFlag, THOST_FTDC_PD_Long, history ? '2' : '1');
    if (turns_off(exercise))
        return refusal_none();
    int lots = exercise->row == LEDGER_NONE ? 0 : ledger_closable(&ledger->rows[exercise->row]);
    return input->Volume <= lots ? refusal_none() : refusal_of(CTP_ERROR_OVER_EXECUTE_POSITION);
}

static struct refusal check_reference(struct exercise *exercise)
{
    int64_t last = request_last_reference(exercise->core, RECORD_exec_order, CTP_STRUCT_ExecOrder,
                                          "ExecOrderRef", &exercise->frame);
    switch (request_reference(CTP_STRUCT_InputExecOrder, exercise->input, "ExecOrderRef", last)) {
    case REFERENCE_NO_NUMBER:
        return refusal_with(CTP_ERROR_BAD_FIELD, "ExecOrderRef");
    case REFERENCE_NOT_RISING:
        return refusal_of(CTP_ERROR_DUPLICATE_EXECORDER_REF);
    case REFERENCE_GOOD:
        break;
    }
    return refusal_none();
}

/* Continuous trading; on the expiry day until 15:30, whatever the phase. */
static bool is_too_late(const struct exercise *exercise)
{
    const struct core *core = exercise->core;
    if (core->options.always_open)
        return false;
    if (expires_today(exercise))
        return core->now.replay_second > LAST_SECOND_OF_EXPIRY;
    return exchange_phase(core, exercise->frame.instrument) != PHASE_CONTINUOUS;
}

static struct refusal check_exercise(struct exercise *exercise, const struct core_request *request)
{
    struct refusal refusal =
        request_check(exercise->core, request, REQUEST_OF_ORDER, CTP_STRUCT_InputExecOrder,
                      exercise->input, &exercise->frame);
    if (refusal.error_id)
        return refusal;
    exercise->instrument = core_instrument(exercise->core, exercise->frame.instrument);
    refusal = check_fields(exercise);
    if (refusal.error_id == 0)
        refusal = check_lots(exercise);
    if (refusal.error_id == 0)
        refusal = check_reference(exercise);
    if (refusal.error_id == 0 && is_too_late(exercise))
        refusal = refusal_of(CTP_ERROR_EXEC_FORBIDDEN_TIME);
    return refusal.error_id
               ? refusal
               : request_check_channel(exercise->core, &exercise->frame, REQUEST_OF_ORDER);
}

/* Keeps the record as it is now and tells its owners. */
static void put(struct core *core, uint32_t place, const struct record *head,
                const struct CThostFtdcExecOrderField *body)
{
    record_put(core, RECORD_exec_order, place, head, body);
    reply_private_to_account(core, head->account, CTP_TraderSpi_OnRtnExecOrder, body, NULL);
}

static void freeze(struct core *core, uint32_t row, char action_type, int lots)
{
    bool exercised = action_type == THOST_FTDC_ACTP_Exec;
    struct effect_lots_frozen effect = {
        .row = row, .exercised = exercised ? lots : 0, .abandoned = exercised ? 0 : lots};
    if (lots != 0)
        EMIT(core, lots_frozen, &effect);
}

static void accept(struct exercise *exercise)
{
    struct core *core = exercise->core;
    struct CThostFtdcExecOrderField body;
    uint32_t place = record_count(core, RECORD_exec_order);
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputExecOrder), exercise->input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_ExecOrder), &body);
    request_identify(core, &exercise->frame, CTP_STRUCT_ExecOrder, &body);
    struct record head = {
        .account = exercise->frame.account,
        .user = exercise->frame.user,
        .instrument = exercise->frame.instrument,
        .live = 1,
        .order = {exercise->row, NONE},
        .number = core->records->of[RECORD_exec_order].number + 1,
    };
    PUT_NUMBER(body.ExecOrderLocalID, head.number);
    body.BrokerExecOrderSeq = (int)head.number;
    body.OrderSubmitStatus = THOST_FTDC_OSS_InsertSubmitted;
    body.ExecResult = THOST_FTDC_OER_NoExec;
    freeze(core, exercise->row, body.ActionType, body.Volume);
    put(core, place, &head, &body);
    channel_ask(core, RECORD_exec_order, place);
}

void exercise_insert(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputExecOrderField input;
    memcpy(&input, request->body, sizeof input);
    struct exercise exercise = {.core = core, .input = &input, .row = NONE};
    struct refusal refusal = check_exercise(&exercise, request);
    if (refusal.error_id)
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnExecOrderInsert,
                       &input);
    else
        accept(&exercise);
}

/* ---- taking it back ---- */

static const struct record_name exec_name = {
    .kind = RECORD_exec_order,
    .action_struct = CTP_STRUCT_InputExecOrderAction,
    .record_struct = CTP_STRUCT_ExecOrder,
    .system_field = "ExecOrderSysID",
    .reference_field = "ExecOrderRef",
    .number_in_body = true,
};

static struct refusal check_action(struct core *core, const struct core_request *request,
                                   struct CThostFtdcInputExecOrderActionField *input,
                                   struct request_frame *frame, uint32_t *place)
{
    struct refusal refusal = request_check(core, request, REQUEST_OF_ACTION,
                                           CTP_STRUCT_InputExecOrderAction, input, frame);
    if (refusal.error_id)
        return refusal;
    if (input->ActionFlag != THOST_FTDC_AF_Delete)
        return refusal_with(CTP_ERROR_BAD_EXECORDER_ACTION_FIELD, "ActionFlag");
    if (text_trim(FIELD_TEXT(input->ExecOrderSysID)).length == 0 &&
        text_trim(FIELD_TEXT(input->ExecOrderRef)).length == 0)
        return refusal_with(CTP_ERROR_BAD_EXECORDER_ACTION_FIELD, "ExecOrderSysID");
    *place = request_find_record(core, &exec_name, input, frame);
    if (*place == NONE)
        return refusal_of(CTP_ERROR_EXECORDER_NOT_FOUND);
    return record_head(core, RECORD_exec_order, *place)->live
               ? request_check_channel(core, frame, REQUEST_OF_ACTION)
               : refusal_of(CTP_ERROR_INSUITABLE_ORDER_STATUS);
}

void exercise_action(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputExecOrderActionField input;
    memcpy(&input, request->body, sizeof input);
    struct request_frame frame;
    uint32_t place = NONE;
    struct refusal refusal = check_action(core, request, &input, &frame, &place);
    if (refusal.error_id) {
        struct CThostFtdcExecOrderActionField kept;
        request_action_body(core, CTP_STRUCT_InputExecOrderAction, &input,
                            CTP_STRUCT_ExecOrderAction, &kept);
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnExecOrderAction,
                       &kept);
        return;
    }
    channel_withdraw(core, RECORD_exec_order, place, frame.user, &input);
}

/* ---- what the exchange says ---- */

bool exercise_told(struct core *core, uint32_t place, const struct request_return *told)
{
    struct record head = *record_head(core, RECORD_exec_order, place);
    struct CThostFtdcExecOrderField body;
    memcpy(&body, record_body(core, RECORD_exec_order, place), sizeof body);
    bool taken = body.OrderSubmitStatus == THOST_FTDC_OSS_Accepted;
    if (!head.live || (taken && told->event <= REQUEST_REFUSED))
        return false;
    switch (told->event) {
    case REQUEST_TAKEN:
        PUT_NUMBER(body.ExecOrderSysID, told->number);
        body.OrderSubmitStatus = THOST_FTDC_OSS_Accepted;
        body.NotifySequence = 1;
        body.SequenceNo = (int)head.number;
        break;
    case REQUEST_REFUSED:
    case REQUEST_WITHDRAWN:
        freeze(core, head.order[0], body.ActionType, -body.Volume);
        head.live = 0;
        request_end(core, CTP_STRUCT_ExecOrder, &body, told);
        break;
    case REQUEST_DONE:
        head.live = 0;
        body.ExecResult = THOST_FTDC_OER_OK;
        break;
    }
    put(core, place, &head, &body);
    return true;
}

/* ---- the settlement ---- */

void exercise_conclude_all(struct core *core)
{
    for (uint32_t i = 0; i < record_count(core, RECORD_exec_order); i++) {
        if (record_head(core, RECORD_exec_order, i)->live)
            channel_conclude(core, i);
        assert(!record_head(core, RECORD_exec_order, i)->live);
    }
}

void exercise_wish(struct core *core)
{
    for (uint32_t i = 0; i < record_count(core, RECORD_exec_order); i++) {
        const struct record *head = record_head(core, RECORD_exec_order, i);
        const struct CThostFtdcExecOrderField *body = record_body(core, RECORD_exec_order, i);
        if (body->ExecResult != THOST_FTDC_OER_OK || body->ActionType != THOST_FTDC_ACTP_Exec)
            continue;
        struct ledger_wish wish = {
            .kind = body->Volume ? WISH_SET_OFF_EXERCISE : WISH_NO_EXERCISE,
            .account = head->account,
            .instrument = head->instrument,
            .lots = body->Volume,
            .hedge = body->HedgeFlag,
        };
        if (body->Volume == 0 || body->CloseFlag == THOST_FTDC_EOCF_AutoClose)
            ledger_wish(&core->ledger, &wish);
    }
}
