/* schema_cpp.c: a version as a C++ header: what a program needs that is compiled against CTP's API
 * and linked with a library of that version. The order of the virtual functions is the vtable's. */
#include "ctp/schema.h"

/* ---- types, values, structs ---- */

static void print_type(const struct ctp_field *field)
{
    static const char *const names[] = {"char", "char", "int", "short", "double"};
    printf("typedef %s TThostFtdc%sType", names[field->base], field->type);
    if (field->base == CTP_TEXT)
        printf("[%d]", field->size);
    puts(";");
}

/* The resume types are an enum in CTP's API, all others are macros. */
static const char resume_type[] = "THOST_TE_RESUME_TYPE";

static void print_values(enum ctp_version version)
{
    size_t count;
    const struct schema_value *values = schema_values(&count);
    printf("\nenum %s\n{\n", resume_type);
    for (size_t i = 0; i < count; i++)
        if (schema_value_is_in(&values[i], version) &&
            text_equal(text_of(values[i].type), text_of(resume_type)))
            printf("    %s = %s,\n", values[i].name, values[i].value);
    puts("};\n");
    for (size_t i = 0; i < count; i++)
        if (schema_value_is_in(&values[i], version) &&
            !text_equal(text_of(values[i].type), text_of(resume_type)))
            printf("#define %s %s\n", values[i].name, values[i].value);
}

static void print_struct(const struct ctp_layout *layout)
{
    printf("\nstruct CThostFtdc%sField\n{\n", layout->name);
    for (int i = 0; i < layout->field_count; i++)
        printf("    TThostFtdc%sType %s;\n", layout->fields[i].type, layout->fields[i].name);
    puts("};");
}

/* ---- classes ---- */

static void print_parameters(const struct ctp_method_info *method)
{
    const char *of = method->of == CTP_STRUCT_NONE ? "" : ctp_struct_name(method->of);
    switch (method->shape) {
    case CTP_SHAPE_ADDRESS:
        printf("char *address");
        return;
    case CTP_SHAPE_SPI:
        printf("CThostFtdc%sSpi *spi", method->class == CTP_TraderApi ? "Trader" : "Md");
        return;
    case CTP_SHAPE_TOPIC:
        printf("%s type", resume_type);
        return;
    case CTP_SHAPE_TOPIC_FROM:
        printf("%s type, int sequence = 1", resume_type);
        return;
    case CTP_SHAPE_PUT_STRUCT:
    case CTP_SHAPE_LOCAL:
        printf("CThostFtdc%sField *body", of);
        return;
    case CTP_SHAPE_REQUEST:
        printf("CThostFtdc%sField *body, int request_id", of);
        return;
    case CTP_SHAPE_INSTRUMENTS:
        printf("char *instruments[], int count");
        return;
    case CTP_SHAPE_RESPONSE:
        printf("CThostFtdc%sField *, CThostFtdcRspInfoField *, int, bool", of);
        return;
    case CTP_SHAPE_ERROR:
        printf("CThostFtdcRspInfoField *, int, bool");
        return;
    case CTP_SHAPE_RETURN:
        printf("CThostFtdc%sField *", of);
        return;
    case CTP_SHAPE_ERROR_RETURN:
        printf("CThostFtdc%sField *, CThostFtdcRspInfoField *", of);
        return;
    case CTP_SHAPE_NUMBER:
        printf("int");
        return;
    case CTP_SHAPE_VOID:
    case CTP_SHAPE_JOIN:
    case CTP_SHAPE_GET_TEXT:
        return;
    }
}

static const char *result_of(enum ctp_shape shape)
{
    switch (shape) {
    case CTP_SHAPE_GET_TEXT:
        return "const char *";
    case CTP_SHAPE_JOIN:
    case CTP_SHAPE_LOCAL:
    case CTP_SHAPE_REQUEST:
    case CTP_SHAPE_INSTRUMENTS:
        return "int ";
    default:
        return "void ";
    }
}

static void print_methods(enum ctp_version version, enum ctp_class class, const char *tail)
{
    for (int slot = 0; slot < ctp_method_count(version, class); slot++) {
        const struct ctp_method_info *method = ctp_method_info(ctp_method_at(version, class, slot));
        printf("    virtual %s%s(", result_of(method->shape), method->name);
        print_parameters(method);
        printf(")%s\n", tail);
    }
}

/* Callbacks do nothing unless a program overrides them. As in CTP's own headers there is no
 * destructor in the vtable. */
static void print_spi(enum ctp_version version, enum ctp_class class, const char *side)
{
    printf("\nclass CThostFtdc%sSpi\n{\npublic:\n", side);
    print_methods(version, class, " {}");
    puts("};");
}

static void print_api(enum ctp_version version, enum ctp_class class, const char *side)
{
    const char *networks = class == CTP_MdApi ? ", bool udp = false, bool multicast = false" : "";
    const char *mode = version >= CTP_6_7_11 ? ", bool production_mode = true" : "";
    printf("\nclass CThostFtdc%sApi\n{\npublic:\n", side);
    printf("    static CThostFtdc%sApi *CreateFtdc%sApi(const char *flow_path = \"\"%s%s);\n", side,
           side, networks, mode);
    puts("    static const char *GetApiVersion();\n");
    print_methods(version, class, " = 0;");
    printf("\nprotected:\n    ~CThostFtdc%sApi() {}\n};\n", side);
}

void schema_print_cpp(enum ctp_version version)
{
    printf("// The CTP API, version %s: printed by ctp-schema --cpp.\n", ctp_version_name(version));
    puts("#ifndef CTP_API_BY_SCHEMA\n#define CTP_API_BY_SCHEMA\n");
    schema_each_type(version, print_type);
    print_values(version);
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = ctp_layout_find(version, (enum ctp_struct)of);
        if (layout)
            print_struct(layout);
    }
    print_spi(version, CTP_TraderSpi, "Trader");
    print_api(version, CTP_TraderApi, "Trader");
    print_spi(version, CTP_MdSpi, "Md");
    print_api(version, CTP_MdApi, "Md");
    puts("\n#endif");
}
