/* json_read.c: JSON to structs. jansson parses; every field is then checked against its layout,
 * because a field that is wrong and passes goes to a market. No message says what stood in a field:
 * it may be a password. See json_read.h. */
#include "codec/json_read.h"
#include "ctp/gb18030.h"

/* ---- parsing ---- */

static bool say_place(char *detail, size_t size, int line, int column, const char *why)
{
    snprintf(detail, size, "line %d, column %d: %s", line, column, why);
    return false;
}

/* Looks for brackets outside strings; leaves everything else to the parser. */
static bool depth_is_fine(text json, char *detail, size_t size)
{
    int depth = 0, line = 1;
    size_t line_start = 0;
    bool in_string = false;
    for (size_t i = 0; i < json.length; i++) {
        char c = json.at[i];
        if (c == '"') {
            in_string = !in_string;
        } else if (in_string) {
            i += c == '\\';
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return say_place(detail, size, line, (int)(i - line_start) + 1,
                                 "lists and objects stand too deep in one another");
        } else if (c == '}' || c == ']') {
            depth--;
        } else if (c == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    return true;
}

/* What jansson says, without the sender's own text and without the names of options. */
static const char *reason(json_error_t *error)
{
    if (json_error_code(error) == json_error_null_character)
        return "a text with a NUL character";
    if (text_starts_with(text_of(error->text), TEXT("invalid Unicode")))
        return "half of a surrogate pair";
    char *quoted = strstr(error->text, " near '");
    if (quoted)
        *quoted = '\0';
    return error->text;
}

json_t *json_read_text(text json, char *detail, size_t detail_size)
{
    if (text_trim(json).length == 0) {
        snprintf(detail, detail_size, "the message is empty");
        return NULL;
    }
    if (!depth_is_fine(json, detail, detail_size))
        return NULL;
    json_error_t error;
    json_t *value = json_loadb(json.at, json.length, JSON_DECODE_ANY, &error);
    if (!value)
        say_place(detail, detail_size, error.line, error.column, reason(&error));
    return value;
}

/* ---- fields ---- */

const char *json_kind_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "text";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a point or an exponent";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a truth value";
    default:
        return "null";
    }
}

/* One field of one reading: what the checks below need for their sentence. */
struct place {
    const struct ctp_layout *layout;
    const struct ctp_field *field;
    struct json_read_result *result;
};

static bool refuse(const struct place *place, const char *is, const char *should)
{
    snprintf(place->result->detail, sizeof place->result->detail, "%s.%s is %s; it should be %s",
             place->layout->name, place->field->name, is, should);
    return false;
}

static const char *wanted(const struct ctp_field *field)
{
    switch ((enum ctp_base)field->base) {
    case CTP_CHAR:
        return "text of one character, or \"\"";
    case CTP_TEXT:
        return "text";
    case CTP_INT:
    case CTP_SHORT:
        return "an integer, without quotes, point or exponent";
    case CTP_DOUBLE:
        break;
    }
    return "a number, without quotes";
}

static bool has_control(text t)
{
    for (size_t i = 0; i < t.length; i++)
        if ((unsigned char)t.at[i] < 0x20 || t.at[i] == 0x7f)
            return true;
    return false;
}

static bool read_text(const struct place *place, const json_t *value, char *to)
{
    const struct ctp_field *field = place->field;
    text utf8 = {json_string_value(value), json_string_length(value)};
    size_t room = field->base == CTP_CHAR ? 1 : field->size - 1u, length;
    if (has_control(utf8))
        return refuse(place, "text with a control character", "text without one");
    if (gb18030_from_utf8(utf8, to, room, &length))
        return true;
    if (length == 0)
        return refuse(place, "text with a character that GB18030 lacks", "text without it");
    char is[64], should[64];
    snprintf(is, sizeof is, "text of %zu bytes (counted in GB18030)", length);
    snprintf(should, sizeof should, "at most %zu", room);
    return refuse(place, is, field->base == CTP_CHAR ? wanted(field) : should);
}

static bool read_int(const struct place *place, const json_t *value, char *to)
{
    json_int_t number = json_integer_value(value);
    int16_t narrow = (int16_t)number;
    int32_t wide = (int32_t)number;
    if (place->field->base == CTP_SHORT) {
        memcpy(to, &narrow, sizeof narrow);
        return narrow == number ||
               refuse(place, "an integer out of range", "between -32768 and 32767");
    }
    memcpy(to, &wide, sizeof wide);
    return wide == number ||
           refuse(place, "an integer out of range", "between -2147483648 and 2147483647");
}

static bool read_field(const struct place *place, const json_t *value, char *to)
{
    switch ((enum ctp_base)place->field->base) {
    case CTP_CHAR:
    case CTP_TEXT:
        if (json_is_string(value))
            return read_text(place, value, to);
        break;
    case CTP_INT:
    case CTP_SHORT:
        if (json_is_integer(value))
            return read_int(place, value, to);
        break;
    case CTP_DOUBLE:
        if (json_is_number(value)) {
            double number = json_number_value(value);
            memcpy(to, &number, sizeof number);
            return true;
        }
        break;
    }
    return refuse(place, json_kind_name(value), wanted(place->field));
}

/* ---- structs ---- */

/* Clients write fields in the struct's order, so the search goes on where the last one ended. */
static const struct ctp_field *find_field(const struct ctp_layout *layout, text name,
                                          unsigned *cursor)
{
    for (unsigned i = 0; i < layout->field_count; i++) {
        const struct ctp_field *field = &layout->fields[*cursor];
        *cursor = *cursor + 1 < layout->field_count ? *cursor + 1 : 0;
        if (field->name_length == name.length && memcmp(field->name, name.at, name.length) == 0)
            return field;
    }
    return NULL;
}

/* Keys come from outside and go into logs and answers: whole characters, none of them a control. */
static void copy_key(char *to, size_t size, text key)
{
    if (key.length >= size) {
        key.length = size - 1;
        while (key.length && ((unsigned char)key.at[key.length] & 0xc0) == 0x80)
            key.length--;
    }
    text_copy(to, size, key);
    for (; *to; to++)
        if ((unsigned char)*to < 0x20 || *to == 0x7f)
            *to = '?';
}

static void report_unknown(const struct ctp_layout *layout, text key,
                           struct json_read_result *result)
{
    unsigned best = UINT32_MAX;
    copy_key(result->unknown, sizeof result->unknown, key);
    for (int i = 0; i < layout->field_count; i++) {
        text name = {layout->fields[i].name, layout->fields[i].name_length};
        unsigned distance = text_distance(key, name);
        if (distance < best && text_is_near(key, name)) {
            best = distance;
            text_copy(result->likely, sizeof result->likely, name);
        }
    }
}

static bool refuse_unknown(const struct ctp_layout *layout, struct json_read_result *result)
{
    snprintf(result->detail, sizeof result->detail, "%s has no field %s%s%s%s", layout->name,
             result->unknown, result->likely[0] ? "; did you mean " : "", result->likely,
             result->likely[0] ? "?" : "");
    return false;
}

bool json_read_struct(const json_t *object, const struct ctp_layout *layout, void *body,
                      bool strict, struct json_read_result *result)
{
    result->detail[0] = result->unknown[0] = result->likely[0] = '\0';
    memset(body, 0, layout->size);
    if (!json_is_object(object)) {
        snprintf(result->detail, sizeof result->detail, "%s is %s; it should be an object",
                 layout->name, object ? json_kind_name(object) : "missing");
        return false;
    }
    unsigned cursor = 0;
    json_t *unlocked = (json_t *)(uintptr_t)object; /* jansson's iterators take no const */
    for (void *at = json_object_iter(unlocked); at; at = json_object_iter_next(unlocked, at)) {
        text key = text_of(json_object_iter_key(at));
        const struct ctp_field *field = find_field(layout, key, &cursor);
        struct place place = {layout, field, result};
        if (field && !read_field(&place, json_object_iter_value(at), (char *)body + field->offset))
            return false;
        if (field)
            continue;
        if (!result->unknown[0])
            report_unknown(layout, key, result);
        if (strict)
            return refuse_unknown(layout, result);
    }
    return true;
}
