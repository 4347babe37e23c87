/* schema_docs.c: a version as TypeScript, as JSON Schema and as Markdown. In JSON a struct is an
 * object of its fields, as webctp sends it: char and text are strings, an absent field is zero or
 * empty. */
#include "ctp/schema.h"

static bool is_text(const struct ctp_field *field)
{
    return field->base == CTP_CHAR || field->base == CTP_TEXT;
}

/* The bytes of GB18030 that fit. */
static int text_bytes(const struct ctp_field *field)
{
    return field->base == CTP_CHAR ? 1 : field->size - 1;
}

/* ---- TypeScript ---- */

static void print_interface(const struct ctp_layout *layout)
{
    printf("\nexport interface %s {\n", layout->name);
    for (int i = 0; i < layout->field_count; i++)
        printf("  %s?: %s\n", layout->fields[i].name,
               is_text(&layout->fields[i]) ? "string" : "number");
    puts("}");
}

/* One object a class of names: what each request takes, what each callback brings. */
static void print_method_map(enum ctp_version version, enum ctp_class class, const char *name)
{
    printf("\nexport interface %s {\n", name);
    for (int slot = 0; slot < ctp_method_count(version, class); slot++) {
        const struct ctp_method_info *method = ctp_method_info(ctp_method_at(version, class, slot));
        if (method->of != CTP_STRUCT_NONE)
            printf("  %s: %s\n", method->name, ctp_struct_name(method->of));
    }
    puts("}");
}

void schema_print_typescript(enum ctp_version version)
{
    printf("// The CTP API, version %s: printed by ctp-schema --typescript.\n",
           ctp_version_name(version));
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = ctp_layout_find(version, (enum ctp_struct)of);
        if (layout)
            print_interface(layout);
    }
    print_method_map(version, CTP_TraderApi, "TraderRequests");
    print_method_map(version, CTP_TraderSpi, "TraderCallbacks");
    print_method_map(version, CTP_MdApi, "MdRequests");
    print_method_map(version, CTP_MdSpi, "MdCallbacks");
}

/* ---- JSON Schema ---- */

static void print_property(const struct ctp_field *field, bool last)
{
    printf("        \"%s\": {", field->name);
    if (is_text(field))
        printf("\"type\": \"string\", \"maxLength\": %d", text_bytes(field));
    else
        printf("\"type\": \"%s\"", field->base == CTP_DOUBLE ? "number" : "integer");
    printf("}%s\n", last ? "" : ",");
}

static void print_definition(const struct ctp_layout *layout, bool first)
{
    printf("%s    \"%s\": {\n      \"type\": \"object\",\n      \"additionalProperties\": false,\n"
           "      \"properties\": {\n",
           first ? "" : ",\n", layout->name);
    for (int i = 0; i < layout->field_count; i++)
        print_property(&layout->fields[i], i == layout->field_count - 1);
    printf("      }\n    }");
}

void schema_print_json(enum ctp_version version)
{
    printf("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
           "  \"title\": \"The CTP API, version %s\",\n  \"$defs\": {\n",
           ctp_version_name(version));
    bool first = true;
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = ctp_layout_find(version, (enum ctp_struct)of);
        if (!layout)
            continue;
        print_definition(layout, first);
        first = false;
    }
    puts("\n  }\n}");
}

/* ---- Markdown ---- */

static void print_field_table(const struct ctp_layout *layout)
{
    static const char *const kinds[] = {"char", "text", "int", "short", "double"};
    printf("\n### %s\n\n%d bytes.\n\n| field | type | kind | offset | bytes |\n"
           "| --- | --- | --- | --- | --- |\n",
           layout->name, layout->size);
    for (int i = 0; i < layout->field_count; i++) {
        const struct ctp_field *field = &layout->fields[i];
        printf("| `%s` | %s | %s | %d | %d |\n", field->name, field->type, kinds[field->base],
               field->offset, field->size);
    }
}

static void print_method_table(enum ctp_version version, enum ctp_class class, const char *name)
{
    printf("\n### CThostFtdc%s\n\n| slot | method | struct |\n| --- | --- | --- |\n", name);
    for (int slot = 0; slot < ctp_method_count(version, class); slot++) {
        const struct ctp_method_info *method = ctp_method_info(ctp_method_at(version, class, slot));
        printf("| %d | `%s` | %s |\n", slot, method->name,
               method->of == CTP_STRUCT_NONE ? "" : ctp_struct_name(method->of));
    }
}

static void print_value_table(enum ctp_version version)
{
    size_t count;
    const struct schema_value *values = schema_values(&count);
    puts("\n## Values\n\n| type | name | value |\n| --- | --- | --- |");
    for (size_t i = 0; i < count; i++)
        if (schema_value_is_in(&values[i], version))
            printf("| %s | `%s` | `%s` |\n", values[i].type, values[i].name, values[i].value);
}

void schema_print_markdown(enum ctp_version version)
{
    printf("# The CTP API, version %s\n\nPrinted by `ctp-schema --markdown`.\n\n## Classes\n",
           ctp_version_name(version));
    print_method_table(version, CTP_TraderApi, "TraderApi");
    print_method_table(version, CTP_TraderSpi, "TraderSpi");
    print_method_table(version, CTP_MdApi, "MdApi");
    print_method_table(version, CTP_MdSpi, "MdSpi");
    puts("\n## Structs");
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = ctp_layout_find(version, (enum ctp_struct)of);
        if (layout)
            print_field_table(layout);
    }
    print_value_table(version);
}
