/* layout.c: the rows of fields.def and types.def, and from them the layout of any struct in any
 * version: the rows in range, in order, with natural alignment, which is what a C++ compiler makes
 * of them on x86-64. All layouts of a version are computed at once, into static memory, when the
 * version is first asked for. */
#include "base/hash.h"
#include "ctp/ctp.h"
#include "ctp/when.h"
#include <assert.h>
#include <pthread.h>

struct type_row {
    const char *name;
    enum ctp_base base;
    uint16_t size;
    enum ctp_version since, until;
};

static const struct type_row types[] = {
#define T(name, base, bytes, when) {#name, CTP_##base, bytes, WHEN(when)},
#include "ctp/types.def"
#undef T
};

struct field_row {
    const char *name, *type;
    enum ctp_version since, until;
};

static const struct field_row rows[] = {
#define STRUCT(name)
#define F(name, type, when) {#name, #type, WHEN(when)},
#define END(name)
#include "ctp/fields.def"
#undef STRUCT
#undef F
#undef END
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

/* Number of rows of each struct: STRUCT opens a sum that END closes. */
static const uint16_t row_counts[] = {
#define STRUCT(name) 0
#define F(name, type, when) +1
#define END(name) ,
#include "ctp/fields.def"
#undef STRUCT
#undef F
#undef END
};

static struct ctp_layout layouts[CTP_VERSION_COUNT][CTP_STRUCT_COUNT];
static struct ctp_field fields[CTP_VERSION_COUNT][ROW_COUNT];
static uint64_t digests[CTP_VERSION_COUNT];
static pthread_once_t computed[CTP_VERSION_COUNT] = {
#define VERSION(name, text) PTHREAD_ONCE_INIT,
#include "ctp/versions.def"
#undef VERSION
};

static const struct type_row *type_find(const char *name, enum ctp_version version)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].since <= version && version <= types[i].until &&
            text_equal(text_of(types[i].name), text_of(name)))
            return &types[i];
    assert(false && "a field names a type that its version lacks");
    return NULL;
}

static unsigned align_of(enum ctp_base base)
{
    switch (base) {
    case CTP_INT:
        return 4;
    case CTP_SHORT:
        return 2;
    case CTP_DOUBLE:
        return 8;
    default:
        return 1;
    }
}

static unsigned rounded_up(unsigned size, unsigned align)
{
    return (size + align - 1) / align * align;
}

/* Lays out one struct of rows[first..]; its fields go to `out`. */
static void compute_layout(struct ctp_layout *layout, enum ctp_version version, enum ctp_struct of,
                           size_t first, struct ctp_field *out)
{
    unsigned size = 0, align = 1, count = 0;
    for (size_t i = first; i < first + row_counts[of]; i++) {
        if (rows[i].since > version || version > rows[i].until)
            continue;
        const struct type_row *type = type_find(rows[i].type, version);
        unsigned own = align_of(type->base);
        unsigned offset = rounded_up(size, own);
        out[count++] = (struct ctp_field){
            .name = rows[i].name,
            .type = rows[i].type,
            .name_length = (uint8_t)strlen(rows[i].name),
            .base = (uint8_t)type->base,
            .size = type->size,
            .offset = (uint16_t)offset,
        };
        size = offset + type->size;
        align = own > align ? own : align;
    }
    *layout = (struct ctp_layout){
        .name = ctp_struct_name(of),
        .of = of,
        .size = (uint16_t)rounded_up(size, align),
        .align = (uint16_t)align,
        .field_count = (uint16_t)count,
        .fields = out,
    };
    assert(layout->size <= CTP_STRUCT_SIZE_MAX);
}

static uint64_t mixed(uint64_t digest, const void *bytes, size_t length)
{
    return hash_number(digest * 31 ^ hash_bytes(bytes, length));
}

static uint64_t digest_of(enum ctp_version version)
{
    uint64_t digest = 0;
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        const struct ctp_layout *layout = &layouts[version][of];
        for (int i = 0; i < layout->field_count; i++) {
            const struct ctp_field *field = &layout->fields[i];
            uint16_t facts[3] = {field->base, field->size, field->offset};
            digest = mixed(digest, field->name, field->name_length);
            digest = mixed(digest, facts, sizeof facts);
        }
    }
    for (int class = 0; class < CTP_CLASS_COUNT; class ++) {
        for (int i = 0; i < ctp_method_count(version, (enum ctp_class) class); i++) {
            enum ctp_method method = ctp_method_at(version, (enum ctp_class) class, i);
            const char *name = ctp_method_info(method)->name;
            digest = mixed(digest, name, strlen(name));
        }
    }
    return digest;
}

static void compute(enum ctp_version version)
{
    struct ctp_field *out = fields[version];
    size_t first = 0;
    for (int of = 0; of < CTP_STRUCT_COUNT; of++) {
        struct ctp_layout *layout = &layouts[version][of];
        compute_layout(layout, version, (enum ctp_struct)of, first, out);
        out += layout->field_count;
        first += row_counts[of];
    }
    assert(first == ROW_COUNT);
    digests[version] = digest_of(version);
}

/* pthread_once takes a function without argument, so each version has its own. */
#define VERSION(name, text)          \
    static void compute_##name(void) \
    {                                \
        compute(CTP_##name);         \
    }
#include "ctp/versions.def"
#undef VERSION

static void (*const computers[])(void) = {
#define VERSION(name, text) compute_##name,
#include "ctp/versions.def"
#undef VERSION
};

const struct ctp_layout *ctp_layout_find(enum ctp_version version, enum ctp_struct of)
{
    if (of >= CTP_STRUCT_COUNT)
        return NULL;
    pthread_once(&computed[version], computers[version]);
    const struct ctp_layout *layout = &layouts[version][of];
    return layout->field_count ? layout : NULL;
}

const struct ctp_field *ctp_field_find(const struct ctp_layout *layout, text name)
{
    for (int i = 0; i < layout->field_count; i++) {
        const struct ctp_field *field = &layout->fields[i];
        if (text_equal((text){field->name, field->name_length}, name))
            return field;
    }
    return NULL;
}

uint64_t ctp_version_digest(enum ctp_version version)
{
    pthread_once(&computed[version], computers[version]);
    return digests[version];
}
