/* request.c: see request.h. */
#include "webctp/request.h"
#include "codec/json_read.h"
#include "ctp/gb18030.h"
#include "webctp/answer.h"
#include <limits.h>

enum { DETAIL_SIZE = 360 };

/* What is known of the message so far; an answer is made of it. */
struct reading {
    struct request *request;
    const struct request_rules *rules;
    text msg_type;
    struct buffer *refusal;
    char detail[DETAIL_SIZE];
};

static bool refuse(struct reading *reading, int error_id)
{
    answer_write_error(reading->refusal, reading->msg_type, error_id, reading->request->request_id,
                       text_of(reading->detail));
    return false;
}

#define REFUSE(reading, ...) \
    (snprintf((reading)->detail, DETAIL_SIZE, __VA_ARGS__), refuse(reading, ANSWER_BAD_REQUEST))

static text text_of_json(const json_t *string)
{
    return (text){json_string_value(string), json_string_length(string)};
}

/* 0 when there is none; *wrong becomes the value that cannot be one. */
static int read_request_id(const json_t *root, const json_t **wrong)
{
    const json_t *value = json_object_get(root, "RequestID");
    *wrong = NULL;
    if (!value)
        return 0;
    if (json_is_integer(value) && json_integer_value(value) >= INT_MIN &&
        json_integer_value(value) <= INT_MAX)
        return (int)json_integer_value(value);
    *wrong = value;
    return 0;
}

/* The methods that clients may call. What sets up a session (Init, RegisterFront ...) is webctp's
 * own business. */
static bool is_callable(enum ctp_method method)
{
    if (method == CTP_METHOD_NONE)
        return false;
    const struct ctp_method_info *info = ctp_method_info(method);
    switch (info->shape) {
    case CTP_SHAPE_REQUEST:
    case CTP_SHAPE_LOCAL:
    case CTP_SHAPE_INSTRUMENTS:
    case CTP_SHAPE_GET_TEXT:
        return true;
    default:
        return false;
    }
}

/* A login needs no body at a market data front, and at a trader's both keys. */
static bool check_login(struct reading *reading, const json_t *body)
{
    static const char *const keys[] = {"UserID", "Password"};
    if (reading->request->method != CTP_TraderApi_ReqUserLogin)
        return true;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!json_object_get(body, keys[i]))
            return REFUSE(reading, "ReqUserLogin lacks %s: it should be text", keys[i]);
    return true;
}

static void note_unknown(struct request *request, const char *body,
                         const struct json_read_result *result)
{
    if (!result->unknown[0])
        return;
    snprintf(request->note, sizeof request->note, "%s has no field %s%s%s%s", body, result->unknown,
             result->likely[0] ? "; did you mean " : "", result->likely,
             result->likely[0] ? "?" : "");
}

static bool read_body(struct reading *reading, const json_t *root)
{
    struct request *request = reading->request;
    const struct ctp_method_info *info = ctp_method_info(request->method);
    const char *name = ctp_struct_name(info->of);
    const json_t *body = json_object_get(root, name);
    if (!body && request->method == CTP_MdApi_ReqUserLogin)
        return true;
    if (!body)
        return REFUSE(reading, "the message lacks %s: it should be an object", name);
    if (!json_is_object(body))
        return REFUSE(reading, "%s is %s, it should be an object", name, json_kind_name(body));
    const struct ctp_layout *layout = ctp_layout_find(reading->rules->version, info->of);
    struct json_read_result result;
    if (!json_read_struct(body, layout, request->body, reading->rules->strict, &result))
        return REFUSE(reading, "%.320s", result.detail);
    request->has_body = true;
    note_unknown(request, name, &result);
    return check_login(reading, body);
}

static bool read_instrument(struct reading *reading, const json_t *item, size_t place)
{
    struct request *request = reading->request;
    if (!json_is_string(item))
        return REFUSE(reading, "InstrumentID[%zu] is %s, it should be text", place,
                      json_kind_name(item));
    text id = text_of_json(item);
    char *to = request->instruments[request->instrument_count];
    const struct ctp_layout *layout =
        ctp_layout_find(reading->rules->version, CTP_STRUCT_SpecificInstrument);
    size_t size = ctp_field_find(layout, TEXT("InstrumentID"))->size, length = 0;
    if (id.length == 0)
        return REFUSE(reading, "InstrumentID[%zu] is empty", place);
    if (memchr(id.at, '\0', id.length))
        return REFUSE(reading, "InstrumentID[%zu] has a NUL in it", place);
    if (size > REQUEST_INSTRUMENT_SIZE || !gb18030_from_utf8(id, to, size - 1, &length))
        return REFUSE(reading, "InstrumentID[%zu] is too long: at most %zu bytes", place, size - 1);
    to[length] = '\0';
    request->instrument_count++;
    return true;
}

/* A list of instruments; a single text is taken as a list of one. */
static bool read_instruments(struct reading *reading, const json_t *root)
{
    struct request *request = reading->request;
    const json_t *list = json_object_get(root, "InstrumentID");
    if (!list)
        return REFUSE(reading, "the message lacks InstrumentID: it should be a list of texts");
    bool single = json_is_string(list);
    if (!single && !json_is_array(list))
        return REFUSE(reading, "InstrumentID is %s, it should be a list of texts",
                      json_kind_name(list));
    size_t count = single ? 1 : json_array_size(list);
    if (count == 0)
        return REFUSE(reading, "InstrumentID is an empty list");
    if (count > REQUEST_INSTRUMENTS_MAX)
        return REFUSE(reading, "InstrumentID has %zu instruments, at most %d are allowed", count,
                      REQUEST_INSTRUMENTS_MAX);
    request->instruments = memory_get_zeroed(count, sizeof request->instruments[0]);
    for (size_t i = 0; i < count; i++)
        if (!read_instrument(reading, single ? list : json_array_get(list, i), i))
            return false;
    return true;
}

static bool read_object(struct reading *reading, const json_t *root)
{
    struct request *request = reading->request;
    const json_t *wrong_id;
    request->request_id = read_request_id(root, &wrong_id);
    const json_t *msg_type = json_object_get(root, "MsgType");
    if (!msg_type)
        return REFUSE(reading,
                      "the message lacks MsgType: it should be the name of a method, as text");
    if (!json_is_string(msg_type))
        return REFUSE(reading, "MsgType is %s, it should be text", json_kind_name(msg_type));
    reading->msg_type = text_of_json(msg_type);
    request->method =
        ctp_method_find(reading->rules->version, reading->rules->class, reading->msg_type);
    if (!is_callable(request->method))
        return refuse(reading, ANSWER_NOT_IMPLEMENTED);
    if (wrong_id)
        return REFUSE(reading, "RequestID is %s, it should be an integer from %d to %d",
                      json_kind_name(wrong_id), INT_MIN, INT_MAX);
    const struct ctp_method_info *info = ctp_method_info(request->method);
    if (info->shape == CTP_SHAPE_INSTRUMENTS)
        return read_instruments(reading, root);
    return info->of == CTP_STRUCT_NONE || read_body(reading, root);
}

bool request_read(struct request *request, const struct request_rules *rules, text message,
                  bool binary, struct buffer *refusal)
{
    struct reading reading = {
        .request = request, .rules = rules, .msg_type = TEXT(""), .refusal = refusal};
    *request = (struct request){.method = CTP_METHOD_NONE};
    if (binary)
        return REFUSE(&reading, "a binary message: messages are text");
    json_t *root = json_read_text(message, reading.detail, sizeof reading.detail);
    if (!root)
        return refuse(&reading, ANSWER_BAD_REQUEST);
    bool good;
    if (json_is_object(root)) {
        reading.detail[0] = '\0';
        good = read_object(&reading, root);
    } else {
        good = REFUSE(&reading, "the message is %s, it should be an object", json_kind_name(root));
    }
    json_decref(root);
    return good;
}

void request_finish(struct request *request)
{
    free(request->instruments);
    request->instruments = NULL;
    request->instrument_count = 0;
    explicit_bzero(request->body, sizeof request->body); /* it may have held a password */
}
