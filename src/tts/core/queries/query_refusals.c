/* query_refusals.c: requests that this counter refuses with a number of their own, and the one that
 * asks how a login may be made. The others of tier C are refuse_unsupported's. */
#include "tts/core/handlers.h"
#include "tts/core/requests/request_check.h"

static void refuse(struct core *core, const struct core_request *request, int error_id)
{
    struct refusal refusal = refusal_of(error_id);
    reply_one(core, request, NULL, &refusal);
}

/* Clients look into OnRspUserLogin without asking whether there is anything. */
static void refuse_login(struct core *core, const struct core_request *request, int error_id)
{
    enum ctp_struct of = ctp_method_info(request->method)->of;
    struct refusal refusal = refusal_of(error_id);
    struct CThostFtdcRspUserLoginField answer = {.FrontID = 0};
    PUT_TEXT(answer.BrokerID, body_text(of, request->body, "BrokerID"));
    PUT_TEXT(answer.UserID, body_text(of, request->body, "UserID"));
    reply_one(core, request, &answer, &refusal);
}

void refuse_other_login(struct core *core, const struct core_request *request)
{
    refuse_login(core, request, CTP_ERROR_UNSUPPORTED_FUNCTION);
}

void refuse_one_time_login(struct core *core, const struct core_request *request)
{
    refuse_login(core, request, CTP_ERROR_UNSUPPORTED_OTPTYPE);
}

/* There is no monitoring centre behind this counter. */
void refuse_monitoring_centre(struct core *core, const struct core_request *request)
{
    refuse(core, request, CTP_ERROR_CFMMC_NO_CONNECTION);
}

void refuse_sms(struct core *core, const struct core_request *request)
{
    refuse(core, request, CTP_ERROR_SMSVERIFY_NOT_CONFIG);
}

/* UsableAuthMethod 0: the password alone. */
void query_auth_method(struct core *core, const struct core_request *request)
{
    struct CThostFtdcRspUserAuthMethodField row = {.UsableAuthMethod = 0};
    struct refusal none = refusal_none();
    reply_one(core, request, &row, &none);
}
