/* wire_messages.c: the frames whose payload is no struct of CTP's: greeting, topics, flow starts,
 * lists of instruments and of addresses. They are rare; clearness goes before speed. See wire.h. */
#include "codec/wire.h"
#include "codec/wire_bytes.h"

/* Opens a frame at the end of `out`; frame_close fills in its length. Returns where it starts. */
static size_t frame_open(struct buffer *out, enum wire_kind kind, unsigned slot)
{
    size_t start = out->length;
    wire_frame_write_payload(out, &(struct wire_frame){.kind = kind, .slot = slot});
    return start;
}

static void frame_close(struct buffer *out, size_t start)
{
    uint32_t length = (uint32_t)(out->length - start - sizeof length);
    memcpy(out->at + start, &length, sizeof length);
}

static void put_short_text(struct buffer *out, const char *field, size_t size)
{
    text value = text_of_field(field, size);
    put_u8(out, (uint8_t)value.length);
    buffer_put_text(out, value);
}

static bool take_short_text(text *rest, char *field, size_t size)
{
    uint8_t length;
    text value;
    return take(rest, &length, sizeof length) && length < size && take_text(rest, length, &value) &&
           !memchr(value.at, '\0', length) && text_copy(field, size, value);
}

void wire_hello_write(struct buffer *out, const struct wire_hello *hello)
{
    size_t start = frame_open(out, WIRE_HELLO, 0);
    put_u32(out, hello->magic);
    put_u16(out, hello->protocol);
    put_u8(out, hello->class);
    put_short_text(out, hello->version, sizeof hello->version - 1);
    put_u64(out, hello->digest);
    put_short_text(out, hello->library, sizeof hello->library - 1);
    frame_close(out, start);
}

bool wire_hello_read(text payload, struct wire_hello *hello)
{
    *hello = (struct wire_hello){.magic = 0};
    return take(&payload, &hello->magic, sizeof hello->magic) && hello->magic == WIRE_MAGIC &&
           take(&payload, &hello->protocol, sizeof hello->protocol) &&
           take(&payload, &hello->class, sizeof hello->class) &&
           (hello->class == CTP_TraderApi || hello->class == CTP_MdApi) &&
           take_short_text(&payload, hello->version, sizeof hello->version) &&
           take(&payload, &hello->digest, sizeof hello->digest) &&
           take_short_text(&payload, hello->library, sizeof hello->library);
}

void wire_welcome_write(struct buffer *out, const struct wire_welcome *welcome)
{
    size_t start = frame_open(out, WIRE_WELCOME, 0);
    put_u16(out, welcome->protocol);
    put_u32(out, welcome->front_id);
    put_u32(out, welcome->query_rate);
    put_u32(out, welcome->query_pending);
    put_u32(out, welcome->message_rate);
    put_short_text(out, welcome->system, sizeof welcome->system - 1);
    frame_close(out, start);
}

bool wire_welcome_read(text payload, struct wire_welcome *welcome)
{
    *welcome = (struct wire_welcome){.protocol = 0};
    return take(&payload, &welcome->protocol, sizeof welcome->protocol) &&
           take(&payload, &welcome->front_id, sizeof welcome->front_id) &&
           take(&payload, &welcome->query_rate, sizeof welcome->query_rate) &&
           take(&payload, &welcome->query_pending, sizeof welcome->query_pending) &&
           take(&payload, &welcome->message_rate, sizeof welcome->message_rate) &&
           take_short_text(&payload, welcome->system, sizeof welcome->system);
}

void wire_topics_write(struct buffer *out, const struct wire_topics *topics)
{
    size_t start = frame_open(out, WIRE_TOPICS, 0);
    put_u32(out, topics->trading_day);
    put_u8(out, topics->private_topic);
    put_u32(out, topics->private_from);
    put_u8(out, topics->public_topic);
    put_u32(out, topics->public_from);
    frame_close(out, start);
}

bool wire_topics_read(text payload, struct wire_topics *topics)
{
    *topics = (struct wire_topics){.trading_day = 0};
    return take(&payload, &topics->trading_day, sizeof topics->trading_day) &&
           take(&payload, &topics->private_topic, sizeof topics->private_topic) &&
           take(&payload, &topics->private_from, sizeof topics->private_from) &&
           take(&payload, &topics->public_topic, sizeof topics->public_topic) &&
           take(&payload, &topics->public_from, sizeof topics->public_from) &&
           topics->private_topic <= WIRE_NONE && topics->public_topic <= WIRE_NONE &&
           payload.length == 0;
}

void wire_refuse_write(struct buffer *out, uint32_t error_id, text why)
{
    size_t start = frame_open(out, WIRE_REFUSE, 0);
    if (why.length > UINT16_MAX)
        why.length = UINT16_MAX;
    put_u32(out, error_id);
    put_u16(out, (uint16_t)why.length);
    buffer_put_text(out, why);
    frame_close(out, start);
}

bool wire_refuse_read(text payload, uint32_t *error_id, text *why)
{
    uint16_t length;
    return take(&payload, error_id, sizeof *error_id) && take(&payload, &length, sizeof length) &&
           take_text(&payload, length, why) && payload.length == 0;
}

void wire_flow_start_write(struct buffer *out, uint32_t trading_day, uint32_t private_next,
                           uint32_t public_next)
{
    size_t start = frame_open(out, WIRE_FLOW_START, 0);
    put_u32(out, trading_day);
    put_u32(out, private_next);
    put_u32(out, public_next);
    frame_close(out, start);
}

bool wire_flow_start_read(text payload, uint32_t *trading_day, uint32_t *private_next,
                          uint32_t *public_next)
{
    return take(&payload, trading_day, sizeof *trading_day) &&
           take(&payload, private_next, sizeof *private_next) &&
           take(&payload, public_next, sizeof *public_next) && payload.length == 0;
}

/* ---- lists ---- */

enum { PAYLOAD_MAX = WIRE_FRAME_MAX - WIRE_HEADER_SIZE };

void wire_instruments_write(struct buffer *out, unsigned slot, char *const instruments[], int count)
{
    int done = 0;
    do {
        size_t start = frame_open(out, WIRE_SUBSCRIBE, slot);
        size_t count_at = out->length;
        uint16_t in_frame = 0;
        put_u16(out, 0);
        while (done < count && in_frame < WIRE_INSTRUMENTS_MAX &&
               out->length - count_at + 1 + WIRE_INSTRUMENT_ID_MAX <= PAYLOAD_MAX) {
            const char *instrument = instruments[done] ? instruments[done] : "";
            put_short_text(out, instrument, WIRE_INSTRUMENT_ID_MAX);
            in_frame++;
            done++;
        }
        memcpy(out->at + count_at, &in_frame, sizeof in_frame);
        frame_close(out, start);
    } while (done < count);
}

struct wire_instruments wire_instruments_of(text payload)
{
    uint16_t count;
    if (!take(&payload, &count, sizeof count) || count > WIRE_INSTRUMENTS_MAX)
        return (struct wire_instruments){.broken = true};
    return (struct wire_instruments){.rest = payload, .left = count};
}

bool wire_instruments_next(struct wire_instruments *list, text *instrument)
{
    if (list->broken || list->left == 0) {
        list->broken |= list->rest.length > 0;
        return false;
    }
    uint8_t length;
    list->broken = !take(&list->rest, &length, sizeof length) || length > WIRE_INSTRUMENT_ID_MAX ||
                   !take_text(&list->rest, length, instrument) ||
                   memchr(instrument->at, '\0', length);
    list->left--;
    return !list->broken;
}

void wire_names_write(struct buffer *out, const text addresses[], size_t count)
{
    if (count > WIRE_NAMES_MAX)
        count = WIRE_NAMES_MAX;
    size_t start = frame_open(out, WIRE_NAMES, 0);
    put_u16(out, (uint16_t)count);
    for (size_t i = 0; i < count; i++) {
        text address = addresses[i];
        if (address.length > WIRE_ADDRESS_MAX)
            address.length = WIRE_ADDRESS_MAX;
        put_u16(out, (uint16_t)address.length);
        buffer_put_text(out, address);
    }
    frame_close(out, start);
}

struct wire_names wire_names_of(text payload)
{
    uint16_t count;
    if (!take(&payload, &count, sizeof count) || count > WIRE_NAMES_MAX)
        return (struct wire_names){.broken = true};
    return (struct wire_names){.rest = payload, .left = count};
}

bool wire_names_next(struct wire_names *list, text *address)
{
    if (list->broken || list->left == 0) {
        list->broken |= list->rest.length > 0;
        return false;
    }
    uint16_t length;
    list->broken = !take(&list->rest, &length, sizeof length) || length > WIRE_ADDRESS_MAX ||
                   !take_text(&list->rest, length, address) || memchr(address->at, '\0', length);
    list->left--;
    return !list->broken;
}
