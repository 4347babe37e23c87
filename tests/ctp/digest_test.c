/* digest_test.c: the tables against a digest that stands here, so that no row changes unseen where
 * the facts themselves are not at hand. Where a row is changed on purpose, this program prints the
 * new lines. */
#include "cmocka_all.h"
#include "ctp/ctp.h"

static const struct {
    const char *version;
    unsigned structs, fields, methods;
    uint64_t digest;
} expected[] = {
#include "digest.def"
};

struct counts {
    unsigned structs, fields, methods;
};

static struct counts count_rows(enum ctp_version version)
{
    struct counts counts = {0};
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = ctp_layout_find(version, (enum ctp_struct)of);
        counts.structs += layout != NULL;
        counts.fields += layout ? layout->field_count : 0;
    }
    for (int class = 0; class < CTP_CLASS_COUNT; class ++)
        counts.methods += (unsigned)ctp_method_count(version, (enum ctp_class) class);
    return counts;
}

static void print_digest(void)
{
    for (int v = 0; v < CTP_VERSION_COUNT; v++) {
        enum ctp_version version = (enum ctp_version)v;
        struct counts counts = count_rows(version);
        print_message("{\"%s\", %u, %u, %u, 0x%016llx},\n", ctp_version_name(version),
                      counts.structs, counts.fields, counts.methods,
                      (unsigned long long)ctp_version_digest(version));
    }
}

static void the_tables_are_the_ones_that_were_checked(void **state)
{
    (void)state;
    print_digest();
    assert_int_equal(sizeof expected / sizeof expected[0], CTP_VERSION_COUNT);
    for (int v = 0; v < CTP_VERSION_COUNT; v++) {
        enum ctp_version version = (enum ctp_version)v;
        struct counts counts = count_rows(version);
        assert_string_equal(ctp_version_name(version), expected[v].version);
        assert_int_equal(counts.structs, expected[v].structs);
        assert_int_equal(counts.fields, expected[v].fields);
        assert_int_equal(counts.methods, expected[v].methods);
        assert_true(ctp_version_digest(version) == expected[v].digest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_the_ones_that_were_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
