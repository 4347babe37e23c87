/* exports.c: the two functions that a library exports, under the linker names of CTP's C++
 * functions. Compiled once for each version and side; CMakeLists.txt says which, and by which
 * names. The creators' further arguments (UDP, multicast, production mode) are in registers that
 * nobody reads: none of them means anything here. */
#include "ttsapi/ttsapi.h"

#define EXPORTED __attribute__((visibility("default")))

static const struct ttsapi_setup setup = {
    .class = EXPORTS_CLASS,
    .version = EXPORTS_VERSION,
    .said = EXPORTS_SAID,
};

EXPORTED const char *get_api_version(void) __asm__(EXPORTS_GET_API_VERSION);
EXPORTED struct ctp_api *create_api(const char *flow_path) __asm__(EXPORTS_CREATE);

const char *get_api_version(void)
{
    return setup.said;
}

struct ctp_api *create_api(const char *flow_path)
{
    return ttsapi_create(&setup, flow_path);
}
