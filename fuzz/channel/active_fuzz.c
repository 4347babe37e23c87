/* active_fuzz.c: the file that says which channel is active (src/channel/active.c), as anybody may
 * have left it. */
#include "channel/active.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct active active;
    struct error error;
    text content = {(const char *)bytes, length};
    if (active_parse(content, "active", &active, &error)) {
        text before = text_of(active.before.name);
        if (!channel_name_valid(text_of(active.now.name)) ||
            (before.length && !channel_name_valid(before)))
            abort(); /* what is accepted must be a name that is safe in a path */
    } else if (!error.what[0]) {
        abort();
    }
    return 0;
}
