/* wire.c: frames, and structs packed by their layout. It is on the path of every tick and every
 * return: one reservation a frame, no other allocation, no table but the layout. It never looks at
 * what a field means. See wire.h. */
#include "codec/wire.h"
#include "codec/wire_bytes.h"
#include "ctp/gb18030.h"
#include <assert.h>

enum { ALL_FLAGS = WIRE_IS_LAST | WIRE_HAS_BODY | WIRE_HAS_RSP_INFO };

/* Which header fields a kind has. */
enum { SLOT = 1, REQUEST_ID = 2, SEQUENCE = 4 };
static const uint8_t parts_of[WIRE_KIND_END] = {
    [WIRE_REQUEST] = SLOT | REQUEST_ID,
    [WIRE_SUBSCRIBE] = SLOT,
    [WIRE_TICK] = SLOT,
    [WIRE_ANSWER] = SLOT | REQUEST_ID,
    [WIRE_PRIVATE] = SLOT | SEQUENCE,
    [WIRE_PUBLIC] = SLOT | SEQUENCE,
};

/* The header as it stands on the wire; its members have no gaps. */
struct header {
    uint32_t length;
    uint8_t kind;
    uint8_t flags;
    uint16_t slot;
    int32_t request_id;
    uint32_t sequence;
};
_Static_assert(sizeof(struct header) == WIRE_HEADER_SIZE, "a header without gaps");

static bool header_is_possible(const struct header *header)
{
    if (header->kind == 0 || header->kind >= WIRE_KIND_END || header->flags & ~ALL_FLAGS)
        return false;
    unsigned parts = parts_of[header->kind];
    return (parts & SLOT || header->slot == 0) && (parts & REQUEST_ID || header->request_id == 0) &&
           (parts & SEQUENCE || header->sequence == 0);
}

enum wire_status wire_frame_read(text bytes, struct wire_frame *frame, size_t *used)
{
    struct header header = {.kind = 0};
    if (bytes.length < sizeof header.length)
        return WIRE_MORE;
    memcpy(&header.length, bytes.at, sizeof header.length);
    if (header.length < WIRE_HEADER_SIZE - 4 || header.length > WIRE_FRAME_MAX - 4)
        return WIRE_BROKEN;
    if (bytes.length < sizeof header)
        return WIRE_MORE;
    memcpy(&header, bytes.at, sizeof header);
    if (!header_is_possible(&header))
        return WIRE_BROKEN;
    size_t size = header.length + sizeof header.length;
    if (bytes.length < size)
        return WIRE_MORE;
    *frame = (struct wire_frame){
        .kind = (enum wire_kind)header.kind,
        .flags = header.flags,
        .slot = header.slot,
        .request_id = header.request_id,
        .sequence = header.sequence,
        .payload = {bytes.at + sizeof header, size - sizeof header},
    };
    *used = size;
    return WIRE_OK;
}

/* ---- writing ---- */

/* Writes a packed struct to `at`, where pack_size_max bytes have room; returns its end. */
static char *pack(char *at, const struct ctp_layout *layout, const char *body)
{
    size_t bitmap_size = (layout->field_count + 7u) / 8u;
    unsigned char *bitmap = (unsigned char *)at;
    memset(bitmap, 0, bitmap_size);
    at += bitmap_size;
    for (unsigned i = 0; i < layout->field_count; i++) {
        const struct ctp_field *field = &layout->fields[i];
        const char *from = body + field->offset;
        char *start = at;
        if (field->base == CTP_TEXT) {
            if (*from == '\0')
                continue;
            text value = text_of_field(from, field->size);
            uint16_t length = (uint16_t)gb18030_cut(value, field->size - 1u);
            memcpy(at, &length, sizeof length);
            memcpy(at + sizeof length, from, length);
            at += sizeof length + length;
        } else if (field->size == 8) {
            uint64_t value;
            memcpy(&value, from, sizeof value);
            memcpy(at, &value, sizeof value);
            at += value ? sizeof value : 0;
        } else if (field->size == 4) {
            uint32_t value;
            memcpy(&value, from, sizeof value);
            memcpy(at, &value, sizeof value);
            at += value ? sizeof value : 0;
        } else if (field->size == 2) {
            uint16_t value;
            memcpy(&value, from, sizeof value);
            memcpy(at, &value, sizeof value);
            at += value ? sizeof value : 0;
        } else {
            *at = *from;
            at += *from != '\0';
        }
        bitmap[i / 8] = (unsigned char)(bitmap[i / 8] | (at != start) << i % 8);
    }
    return at;
}

static size_t pack_size_max(const struct ctp_layout *layout)
{
    return layout->size + (layout->field_count + 7u) / 8u + layout->field_count * sizeof(uint16_t);
}

void wire_pack(struct buffer *out, const struct ctp_layout *layout, const void *body)
{
    char *at = buffer_reserve(out, pack_size_max(layout));
    out->length += (size_t)(pack(at, layout, body) - at);
}

static struct header header_of(const struct wire_frame *frame)
{
    assert(frame->kind > 0 && frame->kind < WIRE_KIND_END);
    unsigned parts = parts_of[frame->kind];
    return (struct header){
        .kind = (uint8_t)frame->kind,
        .flags = (uint8_t)(frame->flags & ALL_FLAGS),
        .slot = (uint16_t)(parts & SLOT ? frame->slot : 0),
        .request_id = parts & REQUEST_ID ? frame->request_id : 0,
        .sequence = parts & SEQUENCE ? frame->sequence : 0,
    };
}

size_t wire_frame_write(struct buffer *out, const struct wire_frame *frame,
                        const struct ctp_layout *rsp_layout, const void *rsp_info,
                        const struct ctp_layout *layout, const void *body)
{
    struct header header = header_of(frame);
    unsigned flags = header.flags & WIRE_IS_LAST;
    size_t room = sizeof header + (rsp_info ? pack_size_max(rsp_layout) : 0) +
                  (body ? pack_size_max(layout) : 0);
    char *start = buffer_reserve(out, room);
    char *at = start + sizeof header;
    if (rsp_info) {
        flags |= WIRE_HAS_RSP_INFO;
        at = pack(at, rsp_layout, rsp_info);
    }
    if (body) {
        flags |= WIRE_HAS_BODY;
        at = pack(at, layout, body);
    }
    size_t size = (size_t)(at - start);
    header.flags = (uint8_t)flags;
    header.length = (uint32_t)(size - sizeof header.length);
    memcpy(start, &header, sizeof header);
    out->length += size;
    return size;
}

void wire_frame_write_payload(struct buffer *out, const struct wire_frame *frame)
{
    assert(frame->payload.length <= WIRE_FRAME_MAX - WIRE_HEADER_SIZE);
    struct header header = header_of(frame);
    header.length = (uint32_t)(sizeof header - sizeof header.length + frame->payload.length);
    buffer_reserve(out, sizeof header + frame->payload.length);
    buffer_put(out, &header, sizeof header);
    buffer_put_text(out, frame->payload);
}

/* ---- reading ---- */

static bool unpack_text(text *rest, const struct ctp_field *field, char *to)
{
    uint16_t length;
    text value;
    if (!take(rest, &length, sizeof length) || length >= field->size ||
        !take_text(rest, length, &value) || memchr(value.at, '\0', length))
        return false;
    memcpy(to, value.at, length);
    return true;
}

bool wire_unpack(text *payload, const struct ctp_layout *layout, void *body)
{
    text rest = *payload, bitmap;
    if (!take_text(&rest, (layout->field_count + 7u) / 8u, &bitmap))
        return false;
    memset(body, 0, layout->size);
    for (unsigned i = 0; i < layout->field_count; i++) {
        if (!((unsigned char)bitmap.at[i / 8] >> i % 8 & 1))
            continue;
        const struct ctp_field *field = &layout->fields[i];
        char *to = (char *)body + field->offset;
        if (field->base == CTP_TEXT ? !unpack_text(&rest, field, to)
                                    : !take(&rest, to, field->size))
            return false;
    }
    unsigned spare = layout->field_count % 8u;
    if (spare && (unsigned char)bitmap.at[bitmap.length - 1] >> spare)
        return false;
    *payload = rest;
    return true;
}
