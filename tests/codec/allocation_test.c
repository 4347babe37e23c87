/* allocation_test.c: writing allocates nothing once the buffer is warm. The linker sends every call
 * of malloc, calloc and realloc in this program through the counters below (--wrap); the names are
 * the linker's. */
#include "cmocka_all.h"
#include "codec/json_write.h"
#include "codec/wire.h"
#include "random_struct.h"
#include <stdlib.h>

static unsigned allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    allocations++;
    return __real_realloc(old, size);
}

static struct random_body body;

static void the_counters_count(void **state)
{
    (void)state;
    struct buffer out = {.at = NULL};
    allocations = 0;
    buffer_put_char(&out, 'x');
    assert_int_equal(allocations, 1);
    buffer_finish(&out);
}

/* Writes each struct of a version once to warm up (plans, buffer, converters of this thread), then
 * again, counted. */
static void write_all(struct buffer *out, void (*write)(struct buffer *, const struct ctp_layout *))
{
    for (int round = 0; round < 2; round++) {
        struct random_source source = {.state = 6};
        allocations = 0;
        for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
            const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, (enum ctp_struct)of);
            if (!layout)
                continue;
            random_struct_fill(&source, layout, &body);
            buffer_clear(out);
            write(out, layout);
        }
    }
}

static void write_json(struct buffer *out, const struct ctp_layout *layout)
{
    json_write_struct(out, json_plan_find(layout, JSON_WITH_RESERVED), &body);
}

static void write_frame(struct buffer *out, const struct ctp_layout *layout)
{
    struct wire_frame frame = {.kind = WIRE_PRIVATE, .sequence = 1};
    wire_frame_write(out, &frame, NULL, NULL, layout, &body);
}

static void json_allocates_nothing_when_warm(void **state)
{
    (void)state;
    struct buffer out = {.at = NULL};
    write_all(&out, write_json);
    assert_int_equal(allocations, 0);
    buffer_finish(&out);
}

static void frames_allocate_nothing_when_warm(void **state)
{
    (void)state;
    struct buffer out = {.at = NULL};
    write_all(&out, write_frame);
    assert_int_equal(allocations, 0);
    buffer_finish(&out);
}

static void reading_a_frame_allocates_nothing(void **state)
{
    (void)state;
    const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, CTP_STRUCT_Order);
    struct random_source source = {.state = 7};
    struct random_body back;
    struct buffer out = {.at = NULL};
    struct wire_frame frame;
    size_t used;
    random_struct_fill(&source, layout, &body);
    write_frame(&out, layout);
    allocations = 0;
    assert_int_equal(wire_frame_read(buffer_text(&out), &frame, &used), WIRE_OK);
    assert_true(wire_unpack(&frame.payload, layout, &back));
    assert_int_equal(allocations, 0);
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counters_count),
        cmocka_unit_test(json_allocates_nothing_when_warm),
        cmocka_unit_test(frames_allocate_nothing_when_warm),
        cmocka_unit_test(reading_a_frame_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
