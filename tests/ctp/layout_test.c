/* layout_test.c: our computed layouts against the compiler's own, every field of every struct in
 * every version. */
#include "cmocka_all.h"
#include "compiler_layout.h"
#include "ctp/canonical.h"
#include "ctp/ctp.h"

#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13)
#define DECLARE(k) struct compiler_layout compiler_layout_##k(void);
EACH(DECLARE)

static struct compiler_layout (*const compiled[])(void) = {
#define ENTRY(k) compiler_layout_##k,
    EACH(ENTRY)};

static void every_field_stands_where_the_compiler_puts_it(void **state)
{
    (void)state;
    assert_int_equal(sizeof compiled / sizeof compiled[0], CTP_VERSION_COUNT);
    size_t total = 0;
    for (int version = 0; version < CTP_VERSION_COUNT; version++) {
        struct compiler_layout facts = compiled[version]();
        size_t at = 0;
        for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
            const struct ctp_layout *layout =
                ctp_layout_find((enum ctp_version)version, (enum ctp_struct)of);
            for (int i = 0; layout && i < layout->field_count; i++) {
                assert_true(at < facts.count);
                assert_string_equal(layout->name, facts.fields[at].struct_name);
                assert_string_equal(layout->fields[i].name, facts.fields[at].field_name);
                assert_int_equal(layout->fields[i].offset, facts.fields[at].offset);
                assert_int_equal(layout->fields[i].size, facts.fields[at].size);
                assert_int_equal(layout->size, facts.fields[at].struct_size);
                at++;
            }
        }
        assert_int_equal(at, facts.count);
        total += at;
    }
    assert_int_equal(total, 34517);
}

static void canonical_structs_are_the_newest_layouts(void **state)
{
    (void)state;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#define STRUCT(name)                                                                      \
    {                                                                                     \
        const struct ctp_layout *layout = ctp_layout_find(CTP_NEWEST, CTP_STRUCT_##name); \
        size_t size = sizeof(struct CThostFtdc##name##Field);                             \
        assert_int_equal(layout ? layout->size : 0, size);                                \
    }
#define F(name, type, when)
#define END(name)
#include "ctp/fields.def"
#undef STRUCT
#undef F
#undef END
#pragma GCC diagnostic pop
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_stands_where_the_compiler_puts_it),
        cmocka_unit_test(canonical_structs_are_the_newest_layouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
