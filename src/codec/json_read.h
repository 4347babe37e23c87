/* json_read.h: a JSON object into a struct of any version, driven by its layout, with an exact
 * check of every field. */
#ifndef CODEC_JSON_READ_H
#define CODEC_JSON_READ_H

#include "base/text.h"
#include "ctp/ctp.h"
#include <jansson.h>

struct json_read_result {
    char detail[320]; /* when it failed: which field, what it is, what it should be; never the
                       * value, which may be a secret */
    char unknown[64]; /* the first key that the struct does not have; empty when there was none */
    char likely[64];  /* the field that is spelt most like `unknown`; empty when none is near */
};

/* Fills `body` (layout->size bytes, zeroed first) from a JSON object: text for char and text fields
 * (UTF-8, converted to GB18030, counted in GB18030 bytes, without control characters), integers for
 * int and short, numbers for double; null is none of them. A key that the struct lacks is not an
 * error unless `strict`; it is reported in result->unknown, printable whatever was sent. False when
 * a field is wrong: see result->detail; the body is then not to be used. */
bool json_read_struct(const json_t *object, const struct ctp_layout *layout, void *body,
                      bool strict, struct json_read_result *result)
    __attribute__((warn_unused_result));

/* How deep lists and objects may stand in one another. */
enum { JSON_DEPTH_MAX = 64 };

/* Parses one JSON text with hostile input in mind: depth, digits, surrogates, duplicate keys (the
 * last one counts), NUL in strings. Gives NULL and fills `detail` (line, column, why; never a part
 * of the text). The caller json_decref()s the value. Any JSON value is accepted at the top. */
json_t *json_read_text(text json, char *detail, size_t detail_size);

/* What a value is, for such a sentence: "a list", "text", "a number with a point or an exponent".
 */
const char *json_kind_name(const json_t *value);

#endif
