/* json_fuzz.c: any bytes as a request: parsed, read into a struct of a drawn kind and version, and
 * written again. What was read without an error must come back the same from its own JSON. */
#include "codec/json_read.h"
#include "codec/json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static _Alignas(8) char body[CTP_STRUCT_SIZE_MAX];

static void require(bool fact)
{
    if (!fact)
        abort();
}

static void write_and_read_again(const struct ctp_layout *layout)
{
    static struct buffer out, out_again;
    const struct json_plan *plan = json_plan_find(layout, JSON_WITH_RESERVED);
    char detail[320];
    struct json_read_result result;
    buffer_clear(&out);
    json_write_struct(&out, plan, body);
    json_t *again = json_read_text(buffer_text(&out), detail, sizeof detail);
    require(again != NULL);
    require(json_read_struct(again, layout, body, true, &result));
    json_decref(again);
    buffer_clear(&out_again);
    json_write_struct(&out_again, plan, body);
    require(text_equal(buffer_text(&out), buffer_text(&out_again)));
}

/* The first two bytes choose the struct and the version, the third is `strict`; the rest is the
 * text. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct buffer out;
    if (length < 3)
        return 0;
    const struct ctp_layout *layout =
        ctp_layout_find((enum ctp_version)(bytes[1] % CTP_VERSION_COUNT),
                        (enum ctp_struct)(bytes[0] % CTP_STRUCT_COUNT));
    text json = {(const char *)bytes + 3, length - 3};
    char detail[320] = "";
    struct json_read_result result;
    buffer_clear(&out);
    json_write_text(&out, json);
    json_write_gb18030(&out, json);
    json_t *value = json_read_text(json, detail, sizeof detail);
    require((value != NULL) == (detail[0] == '\0'));
    if (!value || !layout) {
        json_decref(value);
        return 0;
    }
    bool fine = json_read_struct(value, layout, body, bytes[2] & 1, &result);
    require(fine == (result.detail[0] == '\0'));
    json_decref(value);
    if (fine)
        write_and_read_again(layout);
    return 0;
}
