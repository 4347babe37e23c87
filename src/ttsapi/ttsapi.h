/* ttsapi.h: makes the Api objects of the drop-in libraries. Each library is this code and one
 * object file (exports.c) that says which version and which side it is. */
#ifndef TTSAPI_TTSAPI_H
#define TTSAPI_TTSAPI_H

#include "ctp/vtable.h"
#include "ttsapi/timing.h"

struct ttsapi_setup {
    enum ctp_class class; /* CTP_TraderApi or CTP_MdApi */
    enum ctp_version version;
    const char *said;            /* what GetApiVersion says: "openctp-tts v6.7.2" */
    const struct timing *timing; /* borrowed; NULL for timing_of_protocol */
};

/* A new object, as the C++ creator gives it; its Release method ends it. `flow_path` is a prefix
 * for the .con files (trader only), NULL or empty for the current folder. NULL when the system has
 * no descriptors left. Any thread. */
struct ctp_api *ttsapi_create(const struct ttsapi_setup *setup, const char *flow_path);

#endif
