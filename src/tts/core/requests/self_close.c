/* self_close.c: ReqOptionSelfCloseInsert and ReqOptionSelfCloseAction: what an account wants done
 * at the settlement with option lots on both sides, or with futures that it is assigned. Nothing is
 * frozen. One setting for each account, instrument and hedge flag: a later one replaces the former,
 * but on DCE, where the former must be cancelled first. */
#include "tts/core/requests/self_close.h"
#include "tts/core/handlers.h"
#include "tts/core/requests/request_check.h"
#include "tts/core/requests/request_returns.h"

enum {
    NOT_OPTION = CTP_ERROR_OPTION_SELF_CLOSE_NOT_OPTION,
    DUPLICATE_REF = CTP_ERROR_OPTION_SELF_CLOSE_DUPLICATE_REF,
    BAD_FIELD = CTP_ERROR_OPTION_SELF_CLOSE_BAD_FIELD,
    NOT_FOUND = CTP_ERROR_OPTION_SELF_CLOSE_REC_NOT_FOUND,
    BAD_STATUS = CTP_ERROR_OPTION_SELF_CLOSE_STATUS_ERR,
    DOUBLE_SET = CTP_ERROR_OPTION_SELF_CLOSE_DOUBLE_SET_ERR,
};

static struct refusal check_fields(const struct core *core,
                                   const struct CThostFtdcInputOptionSelfCloseField *input,
                                   const struct request_frame *frame)
{
    if (!instrument_is_option(&core->market.instruments[frame->instrument]))
        return refusal_of(NOT_OPTION);
    if (input->OptSelfCloseFlag < THOST_FTDC_OSCF_CloseSelfOptionPosition ||
        input->OptSelfCloseFlag > THOST_FTDC_OSCF_ReserveFuturePosition)
        return refusal_with(BAD_FIELD, "OptSelfCloseFlag");
    if (input->HedgeFlag < THOST_FTDC_HF_Speculation || input->HedgeFlag > THOST_FTDC_HF_Hedge)
        return refusal_with(BAD_FIELD, "HedgeFlag");
    if (input->Volume <= 0)
        return refusal_with(BAD_FIELD, "Volume");
    return refusal_none();
}

static struct refusal check_reference(const struct core *core,
                                      struct CThostFtdcInputOptionSelfCloseField *input,
                                      const struct request_frame *frame)
{
    int64_t last = request_last_reference(core, RECORD_self_close, CTP_STRUCT_OptionSelfClose,
                                          "OptionSelfCloseRef", frame);
    switch (request_reference(CTP_STRUCT_InputOptionSelfClose, input, "OptionSelfCloseRef", last)) {
    case REFERENCE_NO_NUMBER:
        return refusal_with(BAD_FIELD, "OptionSelfCloseRef");
    case REFERENCE_NOT_RISING:
        return refusal_of(DUPLICATE_REF);
    case REFERENCE_GOOD:
        break;
    }
    return refusal_none();
}

/* The live setting of the same lots; NONE without one. */
static uint32_t find_former(struct core *core, const struct request_frame *frame, char hedge)
{
    for (uint32_t i = 0; i < record_count(core, RECORD_self_close); i++) {
        const struct record *head = record_head(core, RECORD_self_close, i);
        const struct CThostFtdcOptionSelfCloseField *body = record_body(core, RECORD_self_close, i);
        if (head->live && head->account == frame->account &&
            head->instrument == frame->instrument && body->HedgeFlag == hedge)
            return i;
    }
    return NONE;
}

static struct refusal check_insert(struct core *core, const struct core_request *request,
                                   struct CThostFtdcInputOptionSelfCloseField *input,
                                   struct request_frame *frame, uint32_t *former)
{
    struct refusal refusal = request_check(core, request, REQUEST_OF_ORDER,
                                           CTP_STRUCT_InputOptionSelfClose, input, frame);
    if (refusal.error_id == 0)
        refusal = check_fields(core, input, frame);
    if (refusal.error_id == 0)
        refusal = check_reference(core, input, frame);
    if (refusal.error_id)
        return refusal;
    *former = find_former(core, frame, input->HedgeFlag);
    bool dce = core_instrument(core, frame->instrument)->exchange == EXCHANGE_DCE;
    return *former != NONE && dce ? refusal_of(DOUBLE_SET)
                                  : request_check_channel(core, frame, REQUEST_OF_ORDER);
}

static void put(struct core *core, uint32_t place, const struct record *head,
                const struct CThostFtdcOptionSelfCloseField *body)
{
    record_put(core, RECORD_self_close, place, head, body);
    reply_private_to_account(core, head->account, CTP_TraderSpi_OnRtnOptionSelfClose, body, NULL);
}

static void accept(struct core *core, const struct CThostFtdcInputOptionSelfCloseField *input,
                   const struct request_frame *frame, uint32_t former)
{
    struct CThostFtdcOptionSelfCloseField body;
    uint32_t place = former == NONE ? record_count(core, RECORD_self_close) : former;
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOptionSelfClose), input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_OptionSelfClose), &body);
    request_identify(core, frame, CTP_STRUCT_OptionSelfClose, &body);
    struct record head = {
        .account = frame->account,
        .user = frame->user,
        .instrument = frame->instrument,
        .live = 1,
        .order = {NONE, NONE},
        .number = core->records->of[RECORD_self_close].number + 1,
    };
    PUT_NUMBER(body.OptionSelfCloseLocalID, head.number);
    if (former != NONE) { /* the first one's names stay */
        const struct CThostFtdcOptionSelfCloseField *first =
            record_body(core, RECORD_self_close, former);
        memcpy(body.OptionSelfCloseRef, first->OptionSelfCloseRef, sizeof body.OptionSelfCloseRef);
        memcpy(body.OptionSelfCloseLocalID, first->OptionSelfCloseLocalID,
               sizeof body.OptionSelfCloseLocalID);
    }
    body.BrokerOptionSelfCloseSeq = (int)head.number;
    body.OrderSubmitStatus = THOST_FTDC_OSS_InsertSubmitted;
    body.ExecResult = THOST_FTDC_OER_NoExec;
    put(core, place, &head, &body);
    channel_ask(core, RECORD_self_close, place);
}

void self_close_insert(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputOptionSelfCloseField input;
    memcpy(&input, request->body, sizeof input);
    struct request_frame frame;
    uint32_t former = NONE;
    struct refusal refusal = check_insert(core, request, &input, &frame, &former);
    if (refusal.error_id)
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnOptionSelfCloseInsert,
                       &input);
    else
        accept(core, &input, &frame, former);
}

/* ---- taking it back ---- */

static const struct record_name self_close_name = {
    .kind = RECORD_self_close,
    .action_struct = CTP_STRUCT_InputOptionSelfCloseAction,
    .record_struct = CTP_STRUCT_OptionSelfClose,
    .system_field = "OptionSelfCloseSysID",
    .reference_field = "OptionSelfCloseRef",
    .number_in_body = true,
};

static struct refusal check_action(struct core *core, const struct core_request *request,
                                   struct CThostFtdcInputOptionSelfCloseActionField *input,
                                   struct request_frame *frame, uint32_t *place)
{
    struct refusal refusal = request_check(core, request, REQUEST_OF_ACTION,
                                           CTP_STRUCT_InputOptionSelfCloseAction, input, frame);
    if (refusal.error_id)
        return refusal;
    if (input->ActionFlag != THOST_FTDC_AF_Delete)
        return refusal_with(BAD_FIELD, "ActionFlag");
    *place = request_find_record(core, &self_close_name, input, frame);
    if (*place == NONE)
        return refusal_of(NOT_FOUND);
    return record_head(core, RECORD_self_close, *place)->live
               ? request_check_channel(core, frame, REQUEST_OF_ACTION)
               : refusal_of(BAD_STATUS);
}

void self_close_action(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputOptionSelfCloseActionField input;
    memcpy(&input, request->body, sizeof input);
    struct request_frame frame;
    uint32_t place = NONE;
    struct refusal refusal = check_action(core, request, &input, &frame, &place);
    if (refusal.error_id) {
        struct CThostFtdcOptionSelfCloseActionField kept;
        request_action_body(core, CTP_STRUCT_InputOptionSelfCloseAction, &input,
                            CTP_STRUCT_OptionSelfCloseAction, &kept);
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnOptionSelfCloseAction,
                       &kept);
        return;
    }
    channel_withdraw(core, RECORD_self_close, place, frame.user, &input);
}

/* ---- what the exchange says ---- */

bool self_close_told(struct core *core, uint32_t place, const struct request_return *told)
{
    struct record head = *record_head(core, RECORD_self_close, place);
    struct CThostFtdcOptionSelfCloseField body;
    memcpy(&body, record_body(core, RECORD_self_close, place), sizeof body);
    bool taken = body.OrderSubmitStatus == THOST_FTDC_OSS_Accepted;
    if (!head.live || told->event == REQUEST_DONE || (taken && told->event <= REQUEST_REFUSED))
        return false;
    if (told->event == REQUEST_TAKEN) {
        PUT_NUMBER(body.OptionSelfCloseSysID, told->number);
        body.OrderSubmitStatus = THOST_FTDC_OSS_Accepted;
        body.NotifySequence = 1;
        body.SequenceNo = (int)head.number;
    } else {
        head.live = 0;
        request_end(core, CTP_STRUCT_OptionSelfClose, &body, told);
    }
    put(core, place, &head, &body);
    return true;
}

/* ---- the settlement ---- */

void self_close_wish(struct core *core)
{
    for (uint32_t i = 0; i < record_count(core, RECORD_self_close); i++) {
        const struct record *head = record_head(core, RECORD_self_close, i);
        const struct CThostFtdcOptionSelfCloseField *body = record_body(core, RECORD_self_close, i);
        bool options = body->OptSelfCloseFlag == THOST_FTDC_OSCF_CloseSelfOptionPosition;
        bool futures = body->OptSelfCloseFlag == THOST_FTDC_OSCF_SellCloseSelfFuturePosition;
        struct ledger_wish wish = {
            .kind = options ? WISH_SELF_CLOSE : WISH_SET_OFF_ASSIGNED,
            .account = head->account,
            .instrument = head->instrument,
            .lots = body->Volume,
            .hedge = body->HedgeFlag,
        };
        if (head->live && (options || futures))
            ledger_wish(&core->ledger, &wish);
    }
}
