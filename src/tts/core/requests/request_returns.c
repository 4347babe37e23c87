/* request_returns.c: what channels tell of requests, by kind; see channel.h and request_returns.h.
 */
#include "tts/core/requests/request_returns.h"
#include "ctp/gb18030.h"
#include "tts/core/requests/request_check.h"

void put_status_words(char *field, size_t size, text words)
{
    size_t length = 0;
    memset(field, 0, size);
    if (gb18030_from_utf8(words, field, size - 1, &length))
        field[length] = '\0';
}

void request_end(struct core *core, enum ctp_struct of, void *body,
                 const struct request_return *told)
{
    char now[sizeof((struct CThostFtdcExecOrderField *)NULL)->CancelTime];
    PUT_TIME(now, core->now.replay_second);
    body_put_char(of, body, "ExecResult", THOST_FTDC_OER_Canceled);
    body_put_text(of, body, "CancelTime", text_of(now));
    if (told->event == REQUEST_REFUSED) {
        char words[sizeof((struct CThostFtdcExecOrderField *)NULL)->StatusMsg];
        put_status_words(words, sizeof words, told->words);
        body_put_char(of, body, "OrderSubmitStatus", THOST_FTDC_OSS_InsertRejected);
        body_put_text(of, body, "StatusMsg", text_of(words));
    } else if (told->by != NONE) {
        body_put_text(of, body, "ActiveUserID", text_of(core->users.at[told->by].id));
    }
}

bool channel_request_told(struct core *core, enum record_kind kind, uint32_t record,
                          const struct request_return *told)
{
    if (record >= record_count(core, kind) || (told->event == REQUEST_TAKEN && told->number <= 0))
        return false;
    switch (kind) {
    case RECORD_quote:
        return quote_told(core, record, told);
    case RECORD_exec_order:
        return exercise_told(core, record, told);
    case RECORD_self_close:
        return self_close_told(core, record, told);
    case RECORD_for_quote:
        return for_quote_told(core, record, told);
    case RECORD_comb_action:
        return combination_action_told(core, record, told);
    case RECORD_offset_setting:
        return offset_setting_told(core, record, told);
    default:
        return false; /* the counter's own */
    }
}

bool channel_withdrawal_refused(struct core *core, enum record_kind kind, uint32_t record,
                                const void *input, text words)
{
    static const struct {
        enum record_kind kind;
        enum ctp_struct input, kept;
        enum ctp_method callback;
    } kinds[] = {
        {RECORD_quote, CTP_STRUCT_InputQuoteAction, CTP_STRUCT_QuoteAction,
         CTP_TraderSpi_OnErrRtnQuoteAction},
        {RECORD_exec_order, CTP_STRUCT_InputExecOrderAction, CTP_STRUCT_ExecOrderAction,
         CTP_TraderSpi_OnErrRtnExecOrderAction},
        {RECORD_self_close, CTP_STRUCT_InputOptionSelfCloseAction, CTP_STRUCT_OptionSelfCloseAction,
         CTP_TraderSpi_OnErrRtnOptionSelfCloseAction},
        {RECORD_offset_setting, CTP_STRUCT_InputOffsetSetting, CTP_STRUCT_CancelOffsetSetting,
         CTP_TraderSpi_OnErrRtnCancelOffsetSetting},
    };
    union {
        char bytes[CTP_STRUCT_SIZE_MAX];
        double aligned;
    } kept;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].kind != kind || record >= record_count(core, kind))
            continue;
        request_action_body(core, kinds[i].input, input, kinds[i].kept, kept.bytes);
        body_put_char(kinds[i].kept, kept.bytes, "OrderActionStatus", THOST_FTDC_OAS_Rejected);
        struct refusal refusal = refusal_with(CTP_ERROR_EXCHANGE_RTNERROR, "%.*s", TEXT_ARG(words));
        reply_private_to_account(core, record_head(core, kind, record)->account, kinds[i].callback,
                                 kept.bytes, &refusal);
        return true;
    }
    return false;
}
