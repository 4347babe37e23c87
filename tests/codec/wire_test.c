/* wire_test.c: frames and packed structs, whole and damaged. */
#include "base/hash.h"
#include "cmocka_all.h"
#include "codec/wire.h"
#include "ctp/canonical.h"
#include "random_struct.h"

static const struct ctp_layout *newest(enum ctp_struct of)
{
    return ctp_layout_find(CTP_NEWEST, of);
}

static void every_struct_of_every_version_comes_back(void **state)
{
    (void)state;
    struct random_source source = {.state = 1};
    struct buffer out = {.at = NULL};
    for (int version = 0; version < CTP_VERSION_COUNT; version++) {
        for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
            const struct ctp_layout *layout =
                ctp_layout_find((enum ctp_version)version, (enum ctp_struct)of);
            if (!layout)
                continue;
            struct random_body body, back;
            random_struct_fill(&source, layout, &body);
            buffer_clear(&out);
            wire_pack(&out, layout, &body);
            text rest = buffer_text(&out);
            assert_true(wire_unpack(&rest, layout, &back));
            assert_int_equal(rest.length, 0);
            assert_memory_equal(&back, &body, layout->size);
        }
    }
    buffer_finish(&out);
}

/* Drawn contents of every struct of one version, packed: a change of this number is a change of the
 * protocol, which breaks every library that is in use. */
static void packed_bytes_are_what_they_were(void **state)
{
    (void)state;
    struct random_source source = {.state = 8};
    struct buffer out = {.at = NULL};
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = ctp_layout_find(CTP_6_7_2, (enum ctp_struct)of);
        struct random_body body;
        if (!layout)
            continue;
        random_struct_fill(&source, layout, &body);
        wire_pack(&out, layout, &body);
    }
    assert_true(hash_text(buffer_text(&out)) == UINT64_C(0x444d3970f8b4cef5));
    buffer_finish(&out);
}

static void a_struct_of_zeros_is_its_bits_alone(void **state)
{
    (void)state;
    const struct ctp_layout *layout = newest(CTP_STRUCT_Order);
    struct CThostFtdcOrderField order = {.RequestID = 0}, back;
    struct buffer out = {.at = NULL};
    wire_pack(&out, layout, &order);
    assert_int_equal(out.length, (layout->field_count + 7) / 8);
    text rest = buffer_text(&out);
    memset(&back, 0x55, sizeof back);
    assert_true(wire_unpack(&rest, layout, &back));
    assert_memory_equal(&back, &order, sizeof back);
    buffer_finish(&out);
}

static void what_stands_behind_a_text_is_not_sent(void **state)
{
    (void)state;
    const struct ctp_layout *layout = newest(CTP_STRUCT_SpecificInstrument);
    struct CThostFtdcSpecificInstrumentField body, back;
    memset(&body, 'x', sizeof body);
    memset(body.reserve1, 0, sizeof body.reserve1);
    memcpy(body.InstrumentID, "au2412\0secret", 13);
    struct buffer out = {.at = NULL};
    wire_pack(&out, layout, &body);
    text rest = buffer_text(&out);
    assert_true(wire_unpack(&rest, layout, &back));
    assert_string_equal(back.InstrumentID, "au2412");
    for (size_t i = 6; i < sizeof back.InstrumentID; i++)
        assert_int_equal(back.InstrumentID[i], 0);
    buffer_finish(&out);
}

static void a_text_without_nul_is_cut_at_a_character(void **state)
{
    (void)state;
    const struct ctp_layout *layout = newest(CTP_STRUCT_RspInfo);
    struct CThostFtdcRspInfoField body = {.ErrorID = 1}, back;
    memset(body.ErrorMsg, 0xb0, sizeof body.ErrorMsg); /* 81 bytes: 40 characters and a half */
    struct buffer out = {.at = NULL};
    wire_pack(&out, layout, &body);
    text rest = buffer_text(&out);
    assert_true(wire_unpack(&rest, layout, &back));
    assert_int_equal(strlen(back.ErrorMsg), 80);
    memset(body.ErrorMsg, 'a', 1);
    buffer_clear(&out);
    wire_pack(&out, layout, &body);
    rest = buffer_text(&out);
    assert_true(wire_unpack(&rest, layout, &back));
    assert_int_equal(strlen(back.ErrorMsg), 79);
    buffer_finish(&out);
}

/* An old library's struct reaches the counter through two layouts; what the old one lacks is zero.
 */
static void a_field_that_one_side_lacks_is_left_out(void **state)
{
    (void)state;
    enum ctp_version old = CTP_6_3_19;
    const struct ctp_layout *from = ctp_layout_find(old, CTP_STRUCT_InputOrder);
    const struct ctp_layout *to = newest(CTP_STRUCT_InputOrder);
    struct random_body sent, received;
    struct random_source source = {.state = 2};
    random_struct_fill(&source, from, &sent);
    const struct ctp_field *id = ctp_field_find(from, TEXT("InstrumentID"));
    text_copy(sent.bytes + id->offset, id->size, TEXT("IF2412"));
    struct buffer out = {.at = NULL};
    wire_pack(&out, from, &sent);
    text rest = buffer_text(&out);
    assert_true(wire_unpack(&rest, from, &received));
    struct CThostFtdcInputOrderField order;
    ctp_convert(from, &received, to, &order);
    assert_string_equal(order.InstrumentID, "IF2412");
    assert_string_equal(order.reserve1, "");
    for (int i = 0; i < from->field_count; i++) {
        const struct ctp_field *field = &from->fields[i];
        const struct ctp_field *there = ctp_field_find(to, (text){field->name, field->name_length});
        assert_memory_equal((char *)&order + there->offset, sent.bytes + field->offset,
                            field->size < there->size ? field->size : there->size);
    }
    buffer_finish(&out);
}

/* Whether both bodies have the same in every field that both layouts have in the same form. */
static bool agree(const struct ctp_layout *a_layout, const void *a,
                  const struct ctp_layout *b_layout, const void *b)
{
    for (int i = 0; i < a_layout->field_count; i++) {
        const struct ctp_field *field = &a_layout->fields[i];
        const struct ctp_field *other =
            ctp_field_find(b_layout, (text){field->name, field->name_length});
        if (!other || other->base != field->base || other->size < field->size)
            continue;
        if (memcmp((const char *)a + field->offset, (const char *)b + other->offset, field->size) !=
            0)
            return false;
    }
    return true;
}

/* What a library of any version sends, the counter reads in its own; and the way back. */
static void every_struct_crosses_versions(void **state)
{
    (void)state;
    struct random_source source = {.state = 10};
    struct buffer out = {.at = NULL};
    for (int version = 0; version < CTP_NEWEST; version++) {
        for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
            const struct ctp_layout *theirs =
                ctp_layout_find((enum ctp_version)version, (enum ctp_struct)of);
            const struct ctp_layout *ours = newest((enum ctp_struct)of);
            struct random_body sent, received, own, answer, back;
            if (!theirs || !ours)
                continue;
            random_struct_fill(&source, theirs, &sent);
            buffer_clear(&out);
            wire_pack(&out, theirs, &sent);
            text rest = buffer_text(&out);
            assert_true(wire_unpack(&rest, theirs, &received));
            ctp_convert(theirs, &received, ours, &own);
            assert_true(agree(theirs, &sent, ours, &own));
            ctp_convert(ours, &own, theirs, &answer);
            buffer_clear(&out);
            wire_pack(&out, theirs, &answer);
            rest = buffer_text(&out);
            assert_true(wire_unpack(&rest, theirs, &back));
            assert_true(agree(ours, &own, theirs, &back));
        }
    }
    buffer_finish(&out);
}

static void the_bytes_of_a_frame_are_these(void **state)
{
    (void)state;
    struct CThostFtdcRspInfoField rsp_info = {.ErrorID = 3, .ErrorMsg = "no"};
    struct CThostFtdcQryTradeField body = {.BrokerID = "9999"};
    struct wire_frame frame = {.kind = WIRE_ANSWER,
                               .flags = WIRE_IS_LAST,
                               .slot = 0x0102,
                               .request_id = -2,
                               .sequence = 77};
    static const unsigned char expected[] = {
        29, 0, 0, 0, 8,   7,   0x02, 0x01, 0xfe, 0xff, 0xff, 0xff, 0, 0, 0, 0, /* header */
        3,  3, 0, 0, 0,   2,   0,    'n',  'o',                                /* RspInfo */
        1,  0, 4, 0, '9', '9', '9',  '9',                                      /* QryTrade */
    };
    struct buffer out = {.at = NULL};
    const struct ctp_layout *layout = newest(CTP_STRUCT_QryTrade);
    assert_int_equal(layout->field_count, 9);
    size_t size =
        wire_frame_write(&out, &frame, newest(CTP_STRUCT_RspInfo), &rsp_info, layout, &body);
    assert_int_equal(size, out.length);
    assert_int_equal(size, sizeof expected);
    assert_memory_equal(out.at, expected, sizeof expected);
    buffer_finish(&out);
}

static void a_frame_comes_back_byte_by_byte(void **state)
{
    (void)state;
    struct CThostFtdcTradeField trade = {.InstrumentID = "rb2501", .Price = 3500.5, .Volume = 2},
                                back;
    struct wire_frame frame = {.kind = WIRE_PRIVATE, .slot = 40, .sequence = 4000000000u}, read;
    struct buffer out = {.at = NULL};
    size_t used;
    wire_frame_write(&out, &frame, NULL, NULL, newest(CTP_STRUCT_Trade), &trade);
    for (size_t length = 0; length < out.length; length++)
        assert_int_equal(wire_frame_read((text){out.at, length}, &read, &used), WIRE_MORE);
    buffer_put_text(&out, TEXT("next"));
    assert_int_equal(wire_frame_read(buffer_text(&out), &read, &used), WIRE_OK);
    assert_int_equal(used, out.length - 4);
    assert_int_equal(read.kind, WIRE_PRIVATE);
    assert_int_equal(read.flags, WIRE_HAS_BODY);
    assert_int_equal(read.slot, 40);
    assert_int_equal(read.request_id, 0);
    assert_int_equal(read.sequence, 4000000000u);
    assert_true(wire_unpack(&read.payload, newest(CTP_STRUCT_Trade), &back));
    assert_int_equal(read.payload.length, 0);
    assert_memory_equal(&back, &trade, sizeof back);
    buffer_finish(&out);
}

static enum wire_status status_with(size_t at, unsigned char byte)
{
    unsigned char bytes[32] = {28, 0, 0, 0, WIRE_HEARTBEAT};
    struct wire_frame frame;
    size_t used;
    bytes[at] = byte;
    return wire_frame_read((text){(char *)bytes, sizeof bytes}, &frame, &used);
}

static void a_header_that_cannot_be_is_broken(void **state)
{
    (void)state;
    assert_int_equal(status_with(0, 28), WIRE_OK);
    assert_int_equal(status_with(0, 11), WIRE_BROKEN); /* shorter than a header */
    assert_int_equal(status_with(0, 12), WIRE_OK);
    assert_int_equal(status_with(2, 0x0f), WIRE_MORE); /* below 1 MiB */
    assert_int_equal(status_with(2, 0x10), WIRE_BROKEN);
    assert_int_equal(status_with(3, 0xff), WIRE_BROKEN);
    assert_int_equal(status_with(4, 0), WIRE_BROKEN);
    assert_int_equal(status_with(4, WIRE_KIND_END), WIRE_BROKEN);
    assert_int_equal(status_with(5, 8), WIRE_BROKEN);  /* an unknown flag */
    assert_int_equal(status_with(6, 1), WIRE_BROKEN);  /* a slot in a heartbeat */
    assert_int_equal(status_with(8, 1), WIRE_BROKEN);  /* a request id */
    assert_int_equal(status_with(12, 1), WIRE_BROKEN); /* a sequence */
}

static bool unpacks(const char *bytes, size_t length, enum ctp_struct of)
{
    struct random_body body;
    text rest = {bytes, length};
    return wire_unpack(&rest, newest(of), &body);
}

static void a_struct_that_its_layout_does_not_allow_is_refused(void **state)
{
    (void)state;
    char message[100] = {2, 81, 0};
    memset(message + 3, 'x', 97);
    assert_int_equal(newest(CTP_STRUCT_RspInfo)->field_count, 2);
    assert_true(unpacks("\3\1\0\0\0\2\0ok", 9, CTP_STRUCT_RspInfo));
    assert_false(unpacks("", 0, CTP_STRUCT_RspInfo));
    assert_false(unpacks("\7\1\0\0\0\2\0ok", 9, CTP_STRUCT_RspInfo)); /* a third bit */
    assert_false(unpacks("\3\1\0\0\0\2\0o", 8, CTP_STRUCT_RspInfo));  /* bytes missing */
    assert_false(unpacks("\1\1\0\0", 4, CTP_STRUCT_RspInfo));
    assert_false(unpacks("\2\2\0o\0", 5, CTP_STRUCT_RspInfo));          /* NUL in a text */
    assert_false(unpacks(message, sizeof message, CTP_STRUCT_RspInfo)); /* longer than its field */
    message[1] = 80;
    assert_true(unpacks(message, sizeof message, CTP_STRUCT_RspInfo));
}

static void greetings_come_back(void **state)
{
    (void)state;
    struct wire_hello hello = {.magic = WIRE_MAGIC,
                               .protocol = 1,
                               .class = CTP_MdApi,
                               .version = "6.7.2",
                               .digest = 0x123456789abcdef0,
                               .library = "tts v6.7.2"};
    struct wire_welcome welcome = {.protocol = 1,
                                   .front_id = 7,
                                   .query_rate = 1,
                                   .query_pending = 2,
                                   .message_rate = 6,
                                   .system = "TTS"};
    struct wire_topics topics = {20241126, WIRE_RESTART, 1, WIRE_QUICK, 9};
    struct wire_hello hello_back;
    struct wire_welcome welcome_back;
    struct wire_topics topics_back;
    struct wire_frame frame;
    struct buffer out = {.at = NULL};
    size_t used, at = 0;
    wire_hello_write(&out, &hello);
    wire_welcome_write(&out, &welcome);
    wire_topics_write(&out, &topics);
    assert_int_equal(wire_frame_read(buffer_text(&out), &frame, &used), WIRE_OK);
    assert_int_equal(frame.kind, WIRE_HELLO);
    assert_true(wire_hello_read(frame.payload, &hello_back));
    assert_int_equal(hello_back.class, CTP_MdApi);
    assert_string_equal(hello_back.version, "6.7.2");
    assert_string_equal(hello_back.library, "tts v6.7.2");
    assert_true(hello_back.digest == hello.digest);
    at += used;
    assert_int_equal(wire_frame_read((text){out.at + at, out.length - at}, &frame, &used), WIRE_OK);
    assert_true(wire_welcome_read(frame.payload, &welcome_back));
    assert_int_equal(welcome_back.front_id, 7);
    assert_int_equal(welcome_back.query_rate, 1);
    assert_int_equal(welcome_back.query_pending, 2);
    assert_int_equal(welcome_back.message_rate, 6);
    assert_string_equal(welcome_back.system, "TTS");
    at += used;
    assert_int_equal(wire_frame_read((text){out.at + at, out.length - at}, &frame, &used), WIRE_OK);
    assert_int_equal(at + used, out.length);
    assert_true(wire_topics_read(frame.payload, &topics_back));
    assert_int_equal(topics_back.trading_day, 20241126);
    assert_int_equal(topics_back.private_topic, WIRE_RESTART);
    assert_int_equal(topics_back.private_from, 1);
    assert_int_equal(topics_back.public_topic, WIRE_QUICK);
    assert_int_equal(topics_back.public_from, 9);
    buffer_finish(&out);
}

static void a_cut_greeting_is_refused_and_a_longer_one_is_not(void **state)
{
    (void)state;
    struct wire_hello hello = {.magic = WIRE_MAGIC,
                               .protocol = 2,
                               .class = CTP_TraderApi,
                               .version = "6.7.2",
                               .library = "x"},
                      back;
    struct buffer out = {.at = NULL};
    wire_hello_write(&out, &hello);
    text payload = {out.at + WIRE_HEADER_SIZE, out.length - WIRE_HEADER_SIZE};
    for (size_t length = 0; length < payload.length; length++)
        assert_false(wire_hello_read((text){payload.at, length}, &back));
    buffer_put_text(&out, TEXT("of a later protocol"));
    payload = (text){out.at + WIRE_HEADER_SIZE, out.length - WIRE_HEADER_SIZE};
    assert_true(wire_hello_read(payload, &back));
    assert_int_equal(back.protocol, 2);
    out.at[WIRE_HEADER_SIZE + 6] = CTP_TraderSpi;
    assert_false(wire_hello_read(payload, &back));
    out.at[WIRE_HEADER_SIZE] = 0;
    assert_false(wire_hello_read(payload, &back));
    buffer_finish(&out);
}

static void refusals_and_flow_starts_come_back(void **state)
{
    (void)state;
    struct buffer out = {.at = NULL};
    struct wire_frame frame;
    size_t used;
    uint32_t error_id, day, private_next, public_next;
    text why;
    wire_refuse_write(&out, 60, TEXT("版本不符"));
    assert_int_equal(wire_frame_read(buffer_text(&out), &frame, &used), WIRE_OK);
    assert_true(wire_refuse_read(frame.payload, &error_id, &why));
    assert_int_equal(error_id, 60);
    assert_true(text_equal(why, TEXT("版本不符")));
    frame.payload.length--;
    assert_false(wire_refuse_read(frame.payload, &error_id, &why));
    buffer_clear(&out);
    wire_flow_start_write(&out, 20241126, 3, 4);
    assert_int_equal(wire_frame_read(buffer_text(&out), &frame, &used), WIRE_OK);
    assert_true(wire_flow_start_read(frame.payload, &day, &private_next, &public_next));
    assert_int_equal(day, 20241126);
    assert_int_equal(private_next, 3);
    assert_int_equal(public_next, 4);
    frame.payload.length++;
    buffer_put_char(&out, 0);
    frame.payload.at = out.at + WIRE_HEADER_SIZE;
    assert_false(wire_flow_start_read(frame.payload, &day, &private_next, &public_next));
    buffer_finish(&out);
}

/* Reads every frame of `bytes`; returns how many instruments there were, and how many frames. */
static int instruments_of(text bytes, int *frames)
{
    struct wire_frame frame;
    size_t used;
    int count = 0;
    for (*frames = 0; bytes.length; ++*frames) {
        assert_int_equal(wire_frame_read(bytes, &frame, &used), WIRE_OK);
        assert_int_equal(frame.slot, 9);
        struct wire_instruments list = wire_instruments_of(frame.payload);
        text instrument;
        for (; wire_instruments_next(&list, &instrument); count++)
            assert_in_range(instrument.length, 0, WIRE_INSTRUMENT_ID_MAX);
        assert_false(list.broken);
        bytes = (text){bytes.at + used, bytes.length - used};
    }
    return count;
}

static void a_long_subscription_is_several_frames(void **state)
{
    (void)state;
    enum { COUNT = 20001 };
    static char *instruments[COUNT];
    static char longest[100];
    struct buffer out = {.at = NULL};
    int frames;
    memset(longest, 'x', sizeof longest - 1);
    wire_instruments_write(&out, 9, instruments, 0);
    assert_int_equal(instruments_of(buffer_text(&out), &frames), 0);
    assert_int_equal(frames, 1);
    buffer_clear(&out);
    wire_instruments_write(&out, 9, instruments, COUNT); /* all NULL */
    assert_int_equal(instruments_of(buffer_text(&out), &frames), COUNT);
    assert_int_equal(frames, 2);
    for (int i = 0; i < COUNT; i++)
        instruments[i] = longest;
    buffer_clear(&out);
    wire_instruments_write(&out, 9, instruments, COUNT);
    assert_int_equal(instruments_of(buffer_text(&out), &frames), COUNT);
    assert_int_equal(frames, 2);
    buffer_finish(&out);
}

static void a_damaged_list_of_instruments_is_told(void **state)
{
    (void)state;
    static const text damaged[] = {{"", 0},         {"\1", 1},       {"\1\0", 2},    {"\1\0\2a", 4},
                                   {"\1\0\1ab", 5}, {"\1\0\1\0", 4}, {"\xff\xff", 2}};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        struct wire_instruments list = wire_instruments_of(damaged[i]);
        text instrument;
        while (wire_instruments_next(&list, &instrument))
            ;
        assert_true(list.broken);
    }
}

static void names_come_back(void **state)
{
    (void)state;
    text addresses[] = {TEXT("tcp://127.0.0.1:17001"), TEXT("ssl://tts.example:17002")}, address;
    struct buffer out = {.at = NULL};
    struct wire_frame frame;
    size_t used;
    wire_names_write(&out, addresses, 2);
    assert_int_equal(wire_frame_read(buffer_text(&out), &frame, &used), WIRE_OK);
    assert_int_equal(frame.kind, WIRE_NAMES);
    struct wire_names list = wire_names_of(frame.payload);
    for (size_t i = 0; i < 2; i++) {
        assert_true(wire_names_next(&list, &address));
        assert_true(text_equal(address, addresses[i]));
    }
    assert_false(wire_names_next(&list, &address));
    assert_false(list.broken);
    list = wire_names_of((text){frame.payload.at, frame.payload.length - 1});
    while (wire_names_next(&list, &address))
        ;
    assert_true(list.broken);
    buffer_finish(&out);
}

/* A seeded stand-in for the fuzzer that runs on every machine: frames with one byte changed never
 * crash and never read beyond. */
static void damaged_frames_are_survived(void **state)
{
    (void)state;
    struct random_source source = {.state = 3};
    struct buffer out = {.at = NULL};
    struct random_body body;
    unsigned refused = 0;
    for (int round = 0; round < 20000; round++) {
        const struct ctp_layout *layout = newest(CTP_STRUCT_Order);
        struct wire_frame frame = {.kind = WIRE_REQUEST, .slot = 5};
        size_t used;
        random_struct_fill(&source, layout, &body);
        buffer_clear(&out);
        wire_frame_write(&out, &frame, NULL, NULL, layout, &body);
        out.at[random_below(&source, (unsigned)out.length)] ^=
            (char)(1 << random_below(&source, 8));
        char *exact = memory_get(out.length); /* so that a sanitizer sees a byte too far */
        memcpy(exact, out.at, out.length);
        if (wire_frame_read((text){exact, out.length}, &frame, &used) != WIRE_OK ||
            !wire_unpack(&frame.payload, layout, &body))
            refused++;
        free(exact);
    }
    assert_in_range(refused, 1, 19999);
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_struct_of_every_version_comes_back),
        cmocka_unit_test(packed_bytes_are_what_they_were),
        cmocka_unit_test(a_struct_of_zeros_is_its_bits_alone),
        cmocka_unit_test(what_stands_behind_a_text_is_not_sent),
        cmocka_unit_test(a_text_without_nul_is_cut_at_a_character),
        cmocka_unit_test(a_field_that_one_side_lacks_is_left_out),
        cmocka_unit_test(every_struct_crosses_versions),
        cmocka_unit_test(the_bytes_of_a_frame_are_these),
        cmocka_unit_test(a_frame_comes_back_byte_by_byte),
        cmocka_unit_test(a_header_that_cannot_be_is_broken),
        cmocka_unit_test(a_struct_that_its_layout_does_not_allow_is_refused),
        cmocka_unit_test(greetings_come_back),
        cmocka_unit_test(a_cut_greeting_is_refused_and_a_longer_one_is_not),
        cmocka_unit_test(refusals_and_flow_starts_come_back),
        cmocka_unit_test(a_long_subscription_is_several_frames),
        cmocka_unit_test(a_damaged_list_of_instruments_is_told),
        cmocka_unit_test(names_come_back),
        cmocka_unit_test(damaged_frames_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
