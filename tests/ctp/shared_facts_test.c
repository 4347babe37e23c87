/* shared_facts_test.c: the tables against the facts in ../shared/ctp-api, where that folder stands
 * beside the project: every field's offset and size, every struct's size, every method's slot,
 * every error's name. */
#include "base/text.h"
#include "cmocka_all.h"
#include "ctp/ctp.h"

static FILE *facts_open(const char *version, const char *file)
{
    char path[512];
    snprintf(path, sizeof path, SHARED_FOLDER "/ctp-api/%s/%s", version, file);
    FILE *facts = fopen(path, "r");
    char header[512];
    if (facts && !fgets(header, sizeof header, facts))
        fail_msg("%s is empty", path);
    return facts;
}

static bool next_row(FILE *facts, char *line, size_t size, text *columns, int count)
{
    if (!fgets(line, (int)size, facts))
        return false;
    text rest = text_of(line);
    while (rest.length && (rest.at[rest.length - 1] == '\n' || rest.at[rest.length - 1] == '\r'))
        rest.length--;
    for (int i = 0; i < count; i++)
        columns[i] = text_cut(&rest, '\t');
    return true;
}

static int64_t number(text t)
{
    int64_t value = -1;
    assert_true(text_to_int(t, &value));
    return value;
}

/* "CThostFtdcOrderField" -> "Order". */
static text bare(text name)
{
    return (text){name.at + 10, name.length - 15};
}

static void every_field_and_struct_is_as_the_facts_say(void **state)
{
    (void)state;
    size_t seen = 0;
    for (int v = 0; v < CTP_VERSION_COUNT; v++) {
        enum ctp_version version = (enum ctp_version)v;
        FILE *facts = facts_open(ctp_version_name(version), "structs.tsv");
        if (!facts)
            skip();
        char line[1024];
        text c[9];
        while (next_row(facts, line, sizeof line, c, 9)) {
            enum ctp_struct of;
            if (!ctp_struct_find(bare(c[0]), &of))
                continue; /* the facts also list structs that no method takes */
            const struct ctp_layout *layout = ctp_layout_find(version, of);
            if (!layout)
                continue; /* nor one of this version */
            const struct ctp_field *field = &layout->fields[number(c[1])];
            assert_true(text_equal(text_of(field->name), c[2]));
            assert_int_equal(field->offset, number(c[6]));
            assert_int_equal(field->size, number(c[7]));
            assert_int_equal(layout->size, number(c[8]));
            seen++;
        }
        fclose(facts);
    }
    assert_int_equal(seen, 34517);
}

static void every_method_stands_in_its_slot(void **state)
{
    (void)state;
    static const char *const classes[] = {"CThostFtdcTraderApi", "CThostFtdcTraderSpi",
                                          "CThostFtdcMdApi", "CThostFtdcMdSpi"};
    for (int v = 0; v < CTP_VERSION_COUNT; v++) {
        enum ctp_version version = (enum ctp_version)v;
        FILE *facts = facts_open(ctp_version_name(version), "methods.tsv");
        if (!facts)
            skip();
        char line[1024];
        text c[3];
        int seen[CTP_CLASS_COUNT] = {0};
        while (next_row(facts, line, sizeof line, c, 3)) {
            int class = 0;
            while (!text_equal(c[0], text_of(classes[class])))
                class ++;
            enum ctp_method method =
                ctp_method_at(version, (enum ctp_class) class, (int)number(c[1]));
            assert_true(method < CTP_METHOD_COUNT);
            assert_true(text_equal(c[2], text_of(ctp_method_info(method)->name)));
            seen[class]++;
        }
        for (int class = 0; class < CTP_CLASS_COUNT; class ++)
            assert_int_equal(seen[class], ctp_method_count(version, (enum ctp_class) class));
        fclose(facts);
    }
}

static void every_error_has_its_name(void **state)
{
    (void)state;
    FILE *facts = facts_open("6.7.13", "errors.tsv");
    if (!facts)
        skip();
    char line[512];
    text c[2];
    while (next_row(facts, line, sizeof line, c, 2)) {
        const char *name = ctp_error_name((int)number(c[0]));
        assert_non_null(name);
        assert_true(text_equal(text_of(name), c[1]));
    }
    fclose(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_and_struct_is_as_the_facts_say),
        cmocka_unit_test(every_method_stands_in_its_slot),
        cmocka_unit_test(every_error_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
