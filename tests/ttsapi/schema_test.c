/* schema_test.c: what ctp-schema prints, in each form and version, has all that the table has. The
 * program is argument 1. That a C++ compiler understands the header as the table means it is shown
 * by cpp_client_test.cpp. */
#include "cmocka_all.h"
#include "ctp/ctp.h"
#include <jansson.h>

static const char *program;

/* What the program prints; *status is its exit code. */
static char *output_of(const char *arguments, int *status)
{
    enum { OUTPUT_MAX = 4 << 20 };
    char command[1024];
    char *out = malloc(OUTPUT_MAX);
    assert_non_null(out);
    snprintf(command, sizeof command, "%s %s 2>/dev/null", program, arguments);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t length = fread(out, 1, OUTPUT_MAX - 1, pipe);
    out[length] = '\0';
    *status = pclose(pipe);
    return out;
}

static char *form_of(const char *form, int version)
{
    char arguments[64];
    int status;
    snprintf(arguments, sizeof arguments, "%s %s", form,
             ctp_version_name((enum ctp_version)version));
    char *out = output_of(arguments, &status);
    assert_int_equal(status, 0);
    return out;
}

static int count_of(const char *in, const char *what)
{
    int count = 0;
    for (const char *at = strstr(in, what); at; at = strstr(at + 1, what))
        count++;
    return count;
}

static int struct_count(int version)
{
    int count = 0;
    for (int of = 0; of < CTP_STRUCT_COUNT; of++)
        count += ctp_layout_find((enum ctp_version)version, (enum ctp_struct)of) != NULL;
    return count;
}

static int method_count(int version)
{
    int count = 0;
    for (int class = 0; class < CTP_CLASS_COUNT; class ++)
        count += ctp_method_count((enum ctp_version)version, (enum ctp_class) class);
    return count;
}

static void the_header_has_every_struct_and_method_of_each_version(void **state)
{
    (void)state;
    for (int version = 0; version < CTP_VERSION_COUNT; version++) {
        char *out = form_of("--cpp", version);
        assert_int_equal(count_of(out, "\nstruct CThostFtdc"), struct_count(version));
        assert_int_equal(count_of(out, "\n    virtual "), method_count(version));
        assert_int_equal(count_of(out, "bool production_mode"), version >= CTP_6_7_11 ? 2 : 0);
        assert_int_equal(count_of(out, "#define THOST_FTDC_D_Buy '0'\n"), 1);
        free(out);
    }
}

static void the_json_schema_has_every_field_of_each_version(void **state)
{
    (void)state;
    for (int version = 0; version < CTP_VERSION_COUNT; version++) {
        char *out = form_of("--json-schema", version);
        json_error_t error;
        json_t *schema = json_loads(out, 0, &error);
        assert_non_null(schema);
        json_t *structs = json_object_get(schema, "$defs");
        assert_int_equal(json_object_size(structs), struct_count(version));
        const char *name;
        json_t *definition;
        json_object_foreach(structs, name, definition)
        {
            enum ctp_struct of;
            assert_true(ctp_struct_find(text_of(name), &of));
            const struct ctp_layout *layout = ctp_layout_find((enum ctp_version)version, of);
            assert_int_equal(json_object_size(json_object_get(definition, "properties")),
                             layout->field_count);
        }
        json_decref(schema);
        free(out);
    }
}

static void typescript_and_markdown_have_every_struct(void **state)
{
    (void)state;
    for (int version = 0; version < CTP_VERSION_COUNT; version++) {
        char *typescript = form_of("--typescript", version);
        assert_int_equal(count_of(typescript, "\nexport interface "), struct_count(version) + 4);
        free(typescript);
        char *markdown = form_of("--markdown", version);
        assert_int_equal(count_of(markdown, "\n### "), struct_count(version) + 4);
        free(markdown);
    }
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "--cpp",
                                        "--cpp 6.7.99",
                                        "--pascal 6.7.2",
                                        "--cpp 6.7.2 more",
                                        "--cpp 6.7.2 > /dev/full"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int status;
        free(output_of(wrong[i], &status));
        assert_int_not_equal(status, 0);
    }
    int status;
    char *help = output_of("--help", &status);
    assert_int_equal(status, 0);
    assert_non_null(strstr(help, "6.7.13"));
    free(help);
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: %s CTP-SCHEMA\n", arguments[0]);
        return 2;
    }
    program = arguments[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_has_every_struct_and_method_of_each_version),
        cmocka_unit_test(the_json_schema_has_every_field_of_each_version),
        cmocka_unit_test(typescript_and_markdown_have_every_struct),
        cmocka_unit_test(wrong_arguments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
