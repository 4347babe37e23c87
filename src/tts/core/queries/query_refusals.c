/* query_refusals.c: requests that this counter refuses with a number of their own, and the one that
 * asks how a login may be made. The others of tier C are refuse_unsupported's. */
#include "tts/core/handlers.h"

static void refuse(struct core *core, const struct core_request *request, int error_id)
{
    struct refusal refusal = refusal_of(error_id);
    reply_one(core, request, NULL, &refusal);
}

void refuse_one_time_password(struct core *core, const struct core_request *request)
{
    refuse(core, request, CTP_ERROR_UNSUPPORTED_OTPTYPE);
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
