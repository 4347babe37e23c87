/* json_write.c: structs to JSON. It is on the path of every tick that goes to a browser: one check
 * of the room a field, no allocation once the buffer is warm, plain ASCII eight bytes at a time. It
 * never builds a tree and knows no struct by name. See json_write.h. */
#include "codec/json_write.h"
#include "base/hash.h"
#include "base/number.h"
#include "ctp/gb18030.h"
#include <float.h>
#include <math.h>
#include <stdatomic.h>

enum {
    ESCAPE_MAX = 6,   /* bytes that one byte of text becomes at most: \u001f */
    COPY_SLACK = 32,  /* bytes behind the end that a copy in steps may touch */
    PIECE_BYTES = 256 /* of GB18030, converted at a time */
};

/* ---- texts ---- */

static uint64_t each(unsigned char byte)
{
    return 0x0101010101010101u * byte;
}

/* Marks bytes by their high bit: controls, quote, backslash and all that is not ASCII. A borrow may
 * mark a byte above a marked one by mistake, so only the lowest mark is good. */
static uint64_t marks_of(uint64_t word)
{
    uint64_t quote = word ^ each('"'), backslash = word ^ each('\\');
    uint64_t below = (word - each(0x20)) & ~word;
    return (below | ((quote - each(1)) & ~quote) | ((backslash - each(1)) & ~backslash) | word) &
           each(0x80);
}

static bool is_plain(char c)
{
    return c >= 0x20 && c != '"' && c != '\\'; /* char is signed: what is not ASCII is below 0 */
}

/* Copies bytes that JSON takes as they are, until another one comes; returns their number. May
 * write COPY_SLACK beyond. */
static size_t copy_plain(char *to, const char *from, size_t size)
{
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, from + i, sizeof word);
        memcpy(to + i, &word, sizeof word);
        uint64_t marks = marks_of(word);
        if (marks)
            return i + (size_t)__builtin_ctzll(marks) / 8;
    }
    for (; i < size && is_plain(from[i]); i++)
        to[i] = from[i];
    return i;
}

/* An ASCII character that is not plain. */
static char *write_escape(char *at, char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char named[][2] = {{'"', '"'},  {'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'},
                                    {'\t', 't'}, {'\b', 'b'},  {'\f', 'f'}};
    *at++ = '\\';
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (named[i][0] == c) {
            *at++ = named[i][1];
            return at;
        }
    }
    memcpy(at, "u00", 3);
    at[3] = hex[c >> 4];
    at[4] = hex[c & 15];
    return at + 5;
}

static char *write_replacement(char *at)
{
    memcpy(at, "\xef\xbf\xbd", 3);
    return at + 3;
}

static bool continues(text utf8, size_t at)
{
    return at < utf8.length && ((unsigned char)utf8.at[at] & 0xc0) == 0x80;
}

/* Bytes of the character at the start of `utf8` that is not ASCII; 0 when it is none: cut,
 * overlong, a surrogate, beyond U+10FFFF. */
static size_t character_length(text utf8)
{
    unsigned char lead = (unsigned char)utf8.at[0];
    if (lead < 0xc2 || lead > 0xf4 || !continues(utf8, 1))
        return 0;
    unsigned char second = (unsigned char)utf8.at[1];
    if (lead < 0xe0)
        return 2;
    if (!continues(utf8, 2) || (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0))
        return 0;
    if (lead < 0xf0)
        return 3;
    if (!continues(utf8, 3) || (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90))
        return 0;
    return 4;
}

/* Needs ESCAPE_MAX times the length and COPY_SLACK of room, as all that follow here. */
static char *write_utf8(char *at, text utf8)
{
    while (utf8.length) {
        size_t used = copy_plain(at, utf8.at, utf8.length);
        at += used;
        utf8 = (text){utf8.at + used, utf8.length - used};
        if (utf8.length == 0)
            break;
        used = 1;
        if (utf8.at[0] >= 0) {
            at = write_escape(at, utf8.at[0]);
        } else if ((used = character_length(utf8))) {
            memcpy(at, utf8.at, used);
            at += used;
        } else {
            at = write_replacement(at);
            used = 1;
        }
        utf8 = (text){utf8.at + used, utf8.length - used};
    }
    return at;
}

static char *write_gb18030(char *at, text gb)
{
    while (gb.length) {
        char utf8[PIECE_BYTES * 4];
        size_t used = gb18030_cut(gb, PIECE_BYTES);
        size_t length = gb18030_to_utf8((text){gb.at, used}, utf8, sizeof utf8);
        at = write_utf8(at, (text){utf8, length});
        gb = (text){gb.at + used, gb.length - used};
    }
    return at;
}

void json_write_text(struct buffer *out, text utf8)
{
    char *at = buffer_reserve(out, utf8.length * ESCAPE_MAX + COPY_SLACK + 2);
    *at++ = '"';
    at = write_utf8(at, utf8);
    *at++ = '"';
    out->length = (size_t)(at - out->at);
}

void json_write_gb18030(struct buffer *out, text gb18030)
{
    char *at = buffer_reserve(out, gb18030.length * ESCAPE_MAX + COPY_SLACK + 2);
    *at++ = '"';
    at = write_gb18030(at, gb18030);
    *at++ = '"';
    out->length = (size_t)(at - out->at);
}

/* ---- numbers ---- */

static char *write_double(char *at, double value)
{
    if (isfinite(value))
        return at + number_write(value, at);
    memcpy(at, "null", 4);
    return at + 4;
}

void json_write_int(struct buffer *out, int64_t value)
{
    out->length += number_write_int(value, buffer_reserve(out, NUMBER_TEXT_MAX));
}

void json_write_double(struct buffer *out, double value)
{
    char *at = buffer_reserve(out, NUMBER_TEXT_MAX);
    out->length += (size_t)(write_double(at, value) - at);
}

/* ---- plans ---- */

enum kind { KIND_TEXT, KIND_CHAR, KIND_INT, KIND_SHORT, KIND_DOUBLE, KIND_PRICE };

struct step {
    const char
        *key; /* `,"Name":`, for texts and chars with the opening quote; readable to COPY_SLACK */
    uint8_t key_length;
    uint8_t kind;
    uint16_t offset;
    uint16_t size;
    uint16_t room; /* that key and value need at most */
};

struct json_plan {
    const struct ctp_layout *layout;
    unsigned flags;
    struct json_plan *next;
    char *keys;
    unsigned count;
    struct step steps[];
};

static bool is_reserved(text name)
{
    return text_starts_with(name, TEXT("reserve")) && name.at[name.length - 1] >= '0' &&
           name.at[name.length - 1] <= '9';
}

/* The prices of market data that may be absent, by name: LastPrice, BidPrice1, AveragePrice,
 * BandingUpperPrice; but not PreDelta, OpenInterest or Turnover. */
static bool is_price(const struct ctp_field *field)
{
    return field->base == CTP_DOUBLE && (strstr(field->name, "Price") ||
                                         text_starts_with(text_of(field->name), TEXT("Banding")));
}

static enum kind kind_of(const struct ctp_field *field, unsigned flags)
{
    switch ((enum ctp_base)field->base) {
    case CTP_TEXT:
        return KIND_TEXT;
    case CTP_CHAR:
        return KIND_CHAR;
    case CTP_INT:
        return KIND_INT;
    case CTP_SHORT:
        return KIND_SHORT;
    case CTP_DOUBLE:
        break;
    }
    return flags & JSON_ABSENT_PRICE_ZERO && is_price(field) ? KIND_PRICE : KIND_DOUBLE;
}

/* Writes the field's key to `at` and adds its step; returns the key's end. */
static char *add_step(struct json_plan *plan, const struct ctp_field *field, char *at)
{
    enum kind kind = kind_of(field, plan->flags);
    bool quoted = kind == KIND_TEXT || kind == KIND_CHAR;
    char *key = at;
    if (plan->count > 0)
        *at++ = ',';
    *at++ = '"';
    memcpy(at, field->name, field->name_length);
    at += field->name_length;
    memcpy(at, "\":\"", 3);
    at += quoted ? 3 : 2;
    size_t value_room = quoted ? field->size * ESCAPE_MAX + 2u : (size_t)NUMBER_TEXT_MAX;
    plan->steps[plan->count++] = (struct step){
        .key = key,
        .key_length = (uint8_t)(at - key),
        .kind = (uint8_t)kind,
        .offset = field->offset,
        .size = field->size,
        .room = (uint16_t)((size_t)(at - key) + value_room + COPY_SLACK),
    };
    return at;
}

enum { KEY_EXTRA = sizeof ",\"\":\"" - 1 };

static struct json_plan *make_plan(const struct ctp_layout *layout, unsigned flags)
{
    size_t key_bytes = COPY_SLACK;
    for (int i = 0; i < layout->field_count; i++)
        key_bytes += layout->fields[i].name_length + (size_t)KEY_EXTRA;
    struct json_plan *plan = memory_get(sizeof *plan + layout->field_count * sizeof plan->steps[0]);
    *plan = (struct json_plan){.layout = layout, .flags = flags};
    plan->keys = memory_get_zeroed(key_bytes, 1);
    char *at = plan->keys;
    for (int i = 0; i < layout->field_count; i++) {
        const struct ctp_field *field = &layout->fields[i];
        if (flags & JSON_WITH_RESERVED || !is_reserved((text){field->name, field->name_length}))
            at = add_step(plan, field, at);
    }
    return plan;
}

/* Plans are only ever added, so a reader walks a bucket without a lock while another thread pushes.
 */
enum { BUCKETS = 1024 };
static _Atomic(struct json_plan *) buckets[BUCKETS];

static const struct json_plan *find_in(const struct json_plan *plan,
                                       const struct ctp_layout *layout, unsigned flags)
{
    while (plan && (plan->layout != layout || plan->flags != flags))
        plan = plan->next;
    return plan;
}

const struct json_plan *json_plan_find(const struct ctp_layout *layout, unsigned flags)
{
    uint64_t hash = hash_number((uintptr_t)layout + flags);
    _Atomic(struct json_plan *) *bucket = &buckets[hash % BUCKETS];
    struct json_plan *head = atomic_load_explicit(bucket, memory_order_acquire);
    const struct json_plan *found = find_in(head, layout, flags);
    if (found)
        return found;
    struct json_plan *made = make_plan(layout, flags);
    made->next = head;
    while (!atomic_compare_exchange_weak_explicit(bucket, &made->next, made, memory_order_acq_rel,
                                                  memory_order_acquire)) {
        found = find_in(made->next, layout, flags);
        if (found) { /* another thread was faster */
            free(made->keys);
            free(made);
            return found;
        }
    }
    return made;
}

/* ---- structs ---- */

static char *write_field_text(char *at, const char *field, size_t size)
{
    size_t used = copy_plain(at, field, size);
    at += used;
    if (used < size && field[used] != '\0')
        at = write_gb18030(at, text_of_field(field + used, size - used));
    *at++ = '"';
    return at;
}

static char *write_field_double(char *at, const char *field, enum kind kind)
{
    double value;
    memcpy(&value, field, sizeof value);
    if (kind == KIND_PRICE && value == DBL_MAX)
        value = 0.0;
    return write_double(at, value);
}

static char *write_field_int(char *at, const char *field, enum kind kind)
{
    int16_t narrow;
    int32_t wide;
    if (kind == KIND_SHORT) {
        memcpy(&narrow, field, sizeof narrow);
        return at + number_write_int(narrow, at);
    }
    memcpy(&wide, field, sizeof wide);
    return at + number_write_int(wide, at);
}

/* Copies in two steps of a fixed size where the key is short, as nearly all are: the compiler makes
 * them two moves each. */
static char *write_key(char *at, const struct step *step)
{
    memcpy(at, step->key, COPY_SLACK);
    if (step->key_length > COPY_SLACK)
        memcpy(at, step->key, step->key_length);
    return at + step->key_length;
}

void json_write_struct(struct buffer *out, const struct json_plan *plan, const void *body)
{
    buffer_put_char(out, '{');
    char *at = out->at + out->length;
    const char *end = out->at + out->capacity;
    for (unsigned i = 0; i < plan->count; i++) {
        const struct step *step = &plan->steps[i];
        if ((size_t)(end - at) < step->room) {
            out->length = (size_t)(at - out->at);
            at = buffer_reserve(out, step->room);
            end = out->at + out->capacity;
        }
        const char *field = (const char *)body + step->offset;
        at = write_key(at, step);
        switch ((enum kind)step->kind) {
        case KIND_TEXT:
        case KIND_CHAR:
            at = write_field_text(at, field, step->size);
            break;
        case KIND_INT:
        case KIND_SHORT:
            at = write_field_int(at, field, (enum kind)step->kind);
            break;
        case KIND_DOUBLE:
        case KIND_PRICE:
            at = write_field_double(at, field, (enum kind)step->kind);
            break;
        }
    }
    out->length = (size_t)(at - out->at);
    buffer_put_char(out, '}');
}
