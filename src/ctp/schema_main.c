/* schema_main.c: ctp-schema: prints a version of the API from the table, for other languages and
 * for people: a C++ header, TypeScript types, a JSON Schema, tables in Markdown. What it prints
 * goes into build folders, never into the project. */
#include "ctp/schema.h"
#include "ctp/when.h"

static const struct {
    text option;
    void (*print)(enum ctp_version version);
    const char *what;
} forms[] = {
    {{"--cpp", 5}, schema_print_cpp, "a C++ header: types, values, structs and classes"},
    {{"--typescript", 12}, schema_print_typescript, "TypeScript interfaces of the structs"},
    {{"--json-schema", 13}, schema_print_json, "a JSON Schema of the structs"},
    {{"--markdown", 10}, schema_print_markdown, "tables of structs, methods and values"},
};

const struct schema_value *schema_values(size_t *count)
{
    static const struct schema_value values[] = {
#define C(type, name, value, when) {#type, #name, #value, WHEN(when)},
#define CT(type, name, value, when) {#type, #name, #value, WHEN(when)},
#include "ctp/constants.def"
#undef C
#undef CT
    };
    *count = sizeof values / sizeof values[0];
    return values;
}

bool schema_value_is_in(const struct schema_value *value, enum ctp_version version)
{
    return value->since <= version && version <= value->until;
}

/* Whether the type of field `index` of struct `of` stands in no field before it. */
static bool is_first_of_type(enum ctp_version version, enum ctp_struct of, int index)
{
    const char *type = ctp_layout_find(version, of)->fields[index].type;
    for (int earlier = 0; earlier <= (int)of; earlier++) {
        const struct ctp_layout *layout = ctp_layout_find(version, (enum ctp_struct)earlier);
        int end = !layout ? 0 : earlier == (int)of ? index : layout->field_count;
        for (int i = 0; i < end; i++)
            if (text_equal(text_of(layout->fields[i].type), text_of(type)))
                return false;
    }
    return true;
}

void schema_each_type(enum ctp_version version, void (*print)(const struct ctp_field *field))
{
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = ctp_layout_find(version, (enum ctp_struct)of);
        for (int i = 0; layout && i < layout->field_count; i++)
            if (is_first_of_type(version, (enum ctp_struct)of, i))
                print(&layout->fields[i]);
    }
}

static void print_help(FILE *to)
{
    fputs("usage: ctp-schema FORM VERSION\n\nFORM is one of\n", to);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        fprintf(to, "  %-14s %s\n", forms[i].option.at, forms[i].what);
    fputs("\nVERSION is one of\n ", to);
    for (int version = 0; version < CTP_VERSION_COUNT; version++)
        fprintf(to, " %s", ctp_version_name((enum ctp_version)version));
    fputs("\n", to);
}

static int print_form(text option, text version_name)
{
    enum ctp_version version;
    if (!ctp_version_find(version_name, &version)) {
        fprintf(stderr,
                "ctp-schema: the table has no version \"%.*s\"; ctp-schema --help lists them\n",
                TEXT_ARG(version_name));
        return 2;
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (!text_equal(option, forms[i].option))
            continue;
        forms[i].print(version);
        if (fflush(stdout) == 0 && !ferror(stdout))
            return 0;
        fputs("ctp-schema: the output cannot be written; is there room where it goes?\n", stderr);
        return 1;
    }
    fprintf(stderr, "ctp-schema: unknown form \"%.*s\"; ctp-schema --help lists them\n",
            TEXT_ARG(option));
    return 2;
}

int main(int count, char **arguments)
{
    if (count == 2 && text_equal(text_of(arguments[1]), TEXT("--help"))) {
        print_help(stdout);
        return 0;
    }
    if (count != 3) {
        print_help(stderr);
        return 2;
    }
    return print_form(text_of(arguments[1]), text_of(arguments[2]));
}
