/* offset_setting.c: ReqOffsetSetting and ReqCancelOffsetSetting: how an account wants its option
 * and futures lots set off. Kept for the day, one for each account and underlying, and shown; this
 * counter's settlement does nothing with it. */
#include "tts/core/handlers.h"
#include "tts/core/requests/request_check.h"
#include "tts/core/requests/request_returns.h"

enum {
    BAD_PRODUCT = CTP_ERROR_OFFSET_INSTR_PROD,
    BAD_VOLUME = CTP_ERROR_OFFSET_VOLUME,
    DOUBLED = CTP_ERROR_OFFSET_SETTING_DOUBLE_SET,
    NOT_FOUND = CTP_ERROR_OFFSET_SETTING_REC_NOT_FOUND,
    BAD_STATUS = CTP_ERROR_OFFSET_SETTING_STATUS_ERR,
    BAD_TIME = CTP_ERROR_OFFSET_TIME_FORBIDDEN,
};

/* The live setting that the request is about: same account, instrument, underlying, product. */
static uint32_t find_setting(struct core *core, const struct request_frame *frame,
                             const struct CThostFtdcInputOffsetSettingField *input, bool live)
{
    for (uint32_t i = record_count(core, RECORD_offset_setting); i-- > 0;) {
        const struct record *head = record_head(core, RECORD_offset_setting, i);
        const struct CThostFtdcOffsetSettingField *body =
            record_body(core, RECORD_offset_setting, i);
        if (head->account == frame->account && (head->live != 0) == live &&
            text_equal(FIELD_TEXT(body->InstrumentID), FIELD_TEXT(input->InstrumentID)) &&
            text_equal(FIELD_TEXT(body->UnderlyingInstrID), FIELD_TEXT(input->UnderlyingInstrID)) &&
            text_equal(FIELD_TEXT(body->ProductID), FIELD_TEXT(input->ProductID)))
            return i;
    }
    return NONE;
}

/* What the setting is for must be known: an instrument, an underlying or a product. */
static bool names_something(const struct core *core,
                            const struct CThostFtdcInputOffsetSettingField *input)
{
    text underlying = FIELD_TEXT(input->UnderlyingInstrID), product = FIELD_TEXT(input->ProductID);
    bool known_underlying =
        underlying.length &&
        market_find_instrument(&core->market, EXCHANGE_COUNT, underlying) != INSTRUMENT_NONE;
    bool known_product = product.length && market_find_product(&core->market, EXCHANGE_COUNT,
                                                               product) != INSTRUMENT_NONE;
    if ((underlying.length && !known_underlying) || (product.length && !known_product))
        return false;
    return known_underlying || known_product || input->InstrumentID[0] != '\0';
}

static struct refusal check_setting(struct core *core, const struct core_request *request,
                                    enum request_kind kind,
                                    struct CThostFtdcInputOffsetSettingField *input,
                                    struct request_frame *frame)
{
    struct refusal refusal =
        request_check(core, request, kind, CTP_STRUCT_InputOffsetSetting, input, frame);
    if (refusal.error_id == CTP_ERROR_INSTRUMENT_NOT_FOUND)
        return refusal_of(BAD_PRODUCT);
    if (refusal.error_id)
        return refusal;
    if (!names_something(core, input))
        return refusal_of(BAD_PRODUCT);
    if (frame->instrument != NONE && exchange_phase(core, frame->instrument) == PHASE_CLOSED)
        return refusal_of(BAD_TIME);
    return refusal_none();
}

static void put(struct core *core, uint32_t place, const struct record *head,
                const struct CThostFtdcOffsetSettingField *body)
{
    record_put(core, RECORD_offset_setting, place, head, body);
    reply_private_to_account(core, head->account, CTP_TraderSpi_OnRtnOffsetSetting, body, NULL);
}

static void accept(struct core *core, const struct CThostFtdcInputOffsetSettingField *input,
                   const struct request_frame *frame)
{
    struct CThostFtdcOffsetSettingField body;
    uint32_t place = record_count(core, RECORD_offset_setting);
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_InputOffsetSetting), input,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_OffsetSetting), &body);
    request_identify(core, frame, CTP_STRUCT_OffsetSetting, &body);
    struct record head = {
        .account = frame->account,
        .user = frame->user,
        .instrument = frame->instrument,
        .live = 1,
        .order = {NONE, NONE},
        .number = core->records->of[RECORD_offset_setting].number + 1,
    };
    body.BrokerOffsetSettingSeq = (int)head.number;
    body.OrderSubmitStatus = THOST_FTDC_OSS_InsertSubmitted;
    body.ExecResult = THOST_FTDC_OER_NoExec;
    put(core, place, &head, &body);
    channel_ask(core, RECORD_offset_setting, place);
}

void offset_setting_insert(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputOffsetSettingField input;
    memcpy(&input, request->body, sizeof input);
    struct request_frame frame;
    struct refusal refusal = check_setting(core, request, REQUEST_OF_SETTING, &input, &frame);
    if (refusal.error_id == 0 && input.Volume < 0)
        refusal = refusal_of(BAD_VOLUME);
    if (refusal.error_id == 0 && find_setting(core, &frame, &input, true) != NONE)
        refusal = refusal_of(DOUBLED);
    if (refusal.error_id == 0)
        refusal = request_check_channel(core, &frame, REQUEST_OF_ORDER);
    if (refusal.error_id)
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnOffsetSetting,
                       &input);
    else
        accept(core, &input, &frame);
}

void offset_setting_cancel(struct core *core, const struct core_request *request)
{
    struct CThostFtdcInputOffsetSettingField input;
    memcpy(&input, request->body, sizeof input);
    struct request_frame frame;
    struct refusal refusal = check_setting(core, request, REQUEST_OF_ACTION, &input, &frame);
    uint32_t place = NONE;
    if (refusal.error_id == 0) {
        place = find_setting(core, &frame, &input, true);
        if (place == NONE)
            refusal = refusal_of(find_setting(core, &frame, &input, false) == NONE ? NOT_FOUND
                                                                                   : BAD_STATUS);
    }
    if (refusal.error_id == 0)
        refusal = request_check_channel(core, &frame, REQUEST_OF_ACTION);
    if (refusal.error_id) {
        struct CThostFtdcCancelOffsetSettingField kept;
        request_action_body(core, CTP_STRUCT_InputOffsetSetting, &input,
                            CTP_STRUCT_CancelOffsetSetting, &kept);
        request_refuse(core, request, &input, &refusal, CTP_TraderSpi_OnErrRtnCancelOffsetSetting,
                       &kept);
        return;
    }
    channel_withdraw(core, RECORD_offset_setting, place, frame.user, &input);
}

/* ---- what the exchange says ---- */

bool offset_setting_told(struct core *core, uint32_t place, const struct request_return *told)
{
    struct record head = *record_head(core, RECORD_offset_setting, place);
    struct CThostFtdcOffsetSettingField body;
    memcpy(&body, record_body(core, RECORD_offset_setting, place), sizeof body);
    bool taken = body.OrderSubmitStatus == THOST_FTDC_OSS_Accepted;
    if (!head.live || told->event == REQUEST_DONE || (taken && told->event <= REQUEST_REFUSED))
        return false;
    if (told->event == REQUEST_TAKEN) {
        body.OrderSubmitStatus = THOST_FTDC_OSS_Accepted;
        body.SequenceNo = (int)head.number;
    } else {
        head.live = 0;
        request_end(core, CTP_STRUCT_OffsetSetting, &body, told);
    }
    put(core, place, &head, &body);
    return true;
}
