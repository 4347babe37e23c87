/* wire_fuzz.c: any bytes as a stream of frames, each read as all that its kind can be. A struct
 * that was unpacked must come back the same when it is packed again. */
#include "codec/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct {
    _Alignas(8) char first[CTP_STRUCT_SIZE_MAX];
    _Alignas(8) char second[CTP_STRUCT_SIZE_MAX];
} bodies;

static void require(bool fact)
{
    if (!fact)
        abort();
}

static void read_struct(text payload, const struct ctp_layout *layout)
{
    static struct buffer out;
    text rest = payload;
    if (!layout || !wire_unpack(&rest, layout, bodies.first))
        return;
    require(rest.length <= payload.length);
    buffer_clear(&out);
    wire_pack(&out, layout, bodies.first);
    text again = buffer_text(&out);
    require(wire_unpack(&again, layout, bodies.second) && again.length == 0);
    require(memcmp(bodies.first, bodies.second, layout->size) == 0);
}

static void read_lists(text payload)
{
    text item;
    unsigned count = 0;
    struct wire_instruments instruments = wire_instruments_of(payload);
    while (wire_instruments_next(&instruments, &item))
        require(item.length <= WIRE_INSTRUMENT_ID_MAX && ++count <= WIRE_INSTRUMENTS_MAX);
    struct wire_names names = wire_names_of(payload);
    while (wire_names_next(&names, &item))
        require(item.length <= WIRE_ADDRESS_MAX);
}

static void read_messages(text payload)
{
    struct wire_hello hello;
    struct wire_welcome welcome;
    struct wire_topics topics;
    uint32_t numbers[3];
    text why;
    if (wire_hello_read(payload, &hello))
        require(strlen(hello.version) < sizeof hello.version && hello.magic == WIRE_MAGIC);
    if (wire_welcome_read(payload, &welcome))
        require(strlen(welcome.system) < sizeof welcome.system);
    if (wire_topics_read(payload, &topics))
        require(topics.private_topic <= WIRE_NONE && topics.public_topic <= WIRE_NONE);
    if (wire_refuse_read(payload, numbers, &why))
        require(why.length <= payload.length);
    if (wire_flow_start_read(payload, &numbers[0], &numbers[1], &numbers[2]))
        require(payload.length == 12);
}

/* The first byte chooses the version; each frame's slot chooses the struct. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 1)
        return 0;
    enum ctp_version version = (enum ctp_version)(bytes[0] % CTP_VERSION_COUNT);
    text rest = {(const char *)bytes + 1, length - 1};
    struct wire_frame frame;
    size_t used;
    while (wire_frame_read(rest, &frame, &used) == WIRE_OK) {
        require(used >= WIRE_HEADER_SIZE && used <= rest.length);
        enum ctp_struct of = (enum ctp_struct)(frame.slot % CTP_STRUCT_COUNT);
        read_struct(frame.payload, ctp_layout_find(version, of));
        read_messages(frame.payload);
        read_lists(frame.payload);
        rest = (text){rest.at + used, rest.length - used};
    }
    return 0;
}
