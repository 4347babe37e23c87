/* webctp_request_fuzz.c: any bytes as a client's message, in any version, for both kinds of front:
 * what is refused gets an answer that is JSON, what is not refused is a call that the API has. */
#include "codec/json_read.h"
#include "webctp/request.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
    if (size < 1)
        return 0;
    struct request_rules rules = {
        .version = (enum ctp_version)(bytes[0] / 4 % CTP_VERSION_COUNT),
        .class = bytes[0] & 1 ? CTP_MdApi : CTP_TraderApi,
        .strict = (bytes[0] & 2) != 0,
    };
    struct buffer refusal = {.at = NULL};
    struct request request;
    text message = {(const char *)bytes + 1, size - 1};
    if (request_read(&request, &rules, message, false, &refusal)) {
        assert(refusal.length == 0);
        assert(ctp_method_slot(rules.version, request.method) >= 0);
        for (unsigned i = 0; i < request.instrument_count; i++)
            assert(memchr(request.instruments[i], '\0', REQUEST_INSTRUMENT_SIZE));
    } else {
        char detail[320];
        json_t *answer = json_read_text(buffer_text(&refusal), detail, sizeof detail);
        assert(answer && json_is_string(json_object_get(answer, "MsgType")));
        json_decref(answer);
    }
    request_finish(&request);
    buffer_finish(&refusal);
    return 0;
}
