/* deliver_fuzz.c: any bytes as what a front sends on an open connection. Whatever comes, a client's
 * code only sees callbacks of its version, with texts that end, and with bodies where it does not
 * expect NULL. */
#include "ttsapi/object.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require(bool fact)
{
    if (!fact)
        abort();
}

static void check_struct(enum ctp_version version, enum ctp_struct of, const char *body)
{
    const struct ctp_layout *layout = ctp_layout_find(version, of);
    require(layout != NULL);
    for (int i = 0; i < layout->field_count; i++) {
        const struct ctp_field *field = &layout->fields[i];
        if (field->base == CTP_TEXT)
            require(memchr(body + field->offset, '\0', field->size) != NULL);
    }
}

static void check(void *user, const struct ctp_callback *callback)
{
    struct ttsapi *api = user;
    enum ctp_version version = api->object.version;
    const struct ctp_method_info *info = ctp_method_info(callback->method);
    bool returns = info->shape == CTP_SHAPE_RETURN || info->shape == CTP_SHAPE_ERROR_RETURN;
    bool explains = info->shape == CTP_SHAPE_ERROR || info->shape == CTP_SHAPE_ERROR_RETURN;
    require(info->class == api->spi_class);
    require(callback->body || !returns);
    require(callback->rsp_info || !explains);
    if (callback->body)
        check_struct(version, info->of, callback->body);
    if (callback->rsp_info)
        check_struct(version, CTP_STRUCT_RspInfo, callback->rsp_info);
}

static void deliver_all(struct ttsapi *api, text rest)
{
    struct wire_frame frame;
    size_t used;
    while (wire_frame_read(rest, &frame, &used) == WIRE_OK &&
           deliver_frame(api, &frame) == REASON_NONE)
        rest = (text){rest.at + used, rest.length - used};
    if (api->class == CTP_TraderApi)
        flows_stop(&api->flows);
}

static struct ttsapi *make(enum ctp_class class, enum ctp_version version, struct ctp_spi *spi)
{
    struct ttsapi_setup setup = {.class = class, .version = version, .said = "deliver_fuzz"};
    /* No such folder: the flows' numbers stay in memory, and a line on stderr says so. */
    struct ttsapi *api = (struct ttsapi *)ttsapi_create(&setup, "/proc/none/none/");
    require(api != NULL);
    ctp_spi_init(spi, api->spi_class, version, check, api);
    atomic_store(&api->spi, spi);
    return api;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct ctp_spi spis[3];
    static struct ttsapi *objects[3];
    if (!objects[0]) {
        objects[0] = make(CTP_TraderApi, CTP_NEWEST, &spis[0]);
        objects[1] = make(CTP_TraderApi, CTP_6_3_15, &spis[1]);
        objects[2] = make(CTP_MdApi, CTP_NEWEST, &spis[2]);
    }
    for (int i = 0; i < 3; i++)
        deliver_all(objects[i], (text){(const char *)bytes, length});
    return 0;
}
