/* pattern.h: what must come, as JSON with wildcards: every key of the pattern must be there and
 * match; "*" is anything, "CTP:*" what begins so, "$name" is caught the first time and must be the
 * same afterwards, "<absent>" means that the key is not there. Numbers match to 1e-6. */
#ifndef TRANSCRIPTS_PATTERN_H
#define TRANSCRIPTS_PATTERN_H

#include "base/buffer.h"
#include <jansson.h>

/* `caught` is an object of names and values; it grows. On a mismatch `why` says where and what. */
bool pattern_matches(const json_t *pattern, const json_t *value, json_t *caught, char *why,
                     size_t size);

/* `line` with each "$name" that has been caught replaced by its value. Returns whether any was. */
bool pattern_fill(text line, const json_t *caught, struct buffer *out);

#endif
