/* table.c: the rows of versions.def, methods.def, errors.def and constants.def as arrays, and
 * look-ups by name. The structs' rows are read in layout.c. */
#include "ctp/ctp.h"
#include "ctp/when.h"
#include <assert.h>
#include <pthread.h>

static const char *const version_names[] = {
#define VERSION(name, text) text,
#include "ctp/versions.def"
#undef VERSION
};

static const char *const struct_names[] = {
#define STRUCT(name) #name,
#define F(name, type, when)
#define END(name)
#include "ctp/fields.def"
#undef STRUCT
#undef F
#undef END
};

struct method_row {
    struct ctp_method_info info;
    enum ctp_version since, until;
};

static const struct method_row methods[] = {
#define M(class, id, name, shape, of, when) \
    {{#name, CTP_##class, CTP_SHAPE_##shape, CTP_STRUCT_##of}, WHEN(when)},
#include "ctp/methods.def"
#undef M
};

static const struct {
    int id;
    const char *name;
} errors[] = {
#define E(id, name, when) {id, #name},
#include "ctp/errors.def"
#undef E
};

/* Slots, and the methods that stand in them: filled once, read by all. */
enum { CLASS_METHODS_MAX = 256 };
static struct slots {
    int16_t slot[CTP_METHOD_COUNT];
    uint16_t method[CTP_CLASS_COUNT][CLASS_METHODS_MAX];
    uint16_t count[CTP_CLASS_COUNT];
} slots_of[CTP_VERSION_COUNT];
static uint16_t answers[CTP_METHOD_COUNT];
static pthread_once_t filled = PTHREAD_ONCE_INIT;

const char *ctp_version_name(enum ctp_version version)
{
    assert(version < CTP_VERSION_COUNT);
    return version_names[version];
}

bool ctp_version_find(text name, enum ctp_version *version)
{
    for (int i = 0; i < CTP_VERSION_COUNT; i++) {
        if (text_equal(name, text_of(version_names[i]))) {
            *version = (enum ctp_version)i;
            return true;
        }
    }
    return false;
}

const char *ctp_struct_name(enum ctp_struct of)
{
    assert(of < CTP_STRUCT_COUNT);
    return struct_names[of];
}

bool ctp_struct_find(text name, enum ctp_struct *of)
{
    for (int i = 0; i < CTP_STRUCT_COUNT; i++) {
        if (text_equal(name, text_of(struct_names[i]))) {
            *of = (enum ctp_struct)i;
            return true;
        }
    }
    return false;
}

static enum ctp_method find_row(enum ctp_class class, text name)
{
    for (int i = 0; i < CTP_METHOD_COUNT; i++)
        if (methods[i].info.class == class && text_equal(name, text_of(methods[i].info.name)))
            return (enum ctp_method)i;
    return CTP_METHOD_NONE;
}

/* The callback named "OnRsp" + `tail`. */
static enum ctp_method find_response(enum ctp_class class, text tail)
{
    char name[96];
    snprintf(name, sizeof name, "OnRsp%.*s", TEXT_ARG(tail));
    return find_row(class, text_of(name));
}

static enum ctp_method answer_of(const struct ctp_method_info *request)
{
    enum ctp_class class = request->class == CTP_MdApi ? CTP_MdSpi : CTP_TraderSpi;
    text name = text_of(request->name);
    if (request->shape == CTP_SHAPE_INSTRUMENTS) {
        char tail[96];
        bool undo = text_starts_with(name, TEXT("Un"));
        size_t head = undo ? sizeof "UnSubscribe" - 1 : sizeof "Subscribe" - 1;
        text kind = {name.at + head, name.length - head};
        snprintf(tail, sizeof tail, "%s%.*s", undo ? "UnSub" : "Sub", TEXT_ARG(kind));
        return find_response(class, text_of(tail));
    }
    if (request->shape != CTP_SHAPE_REQUEST || !text_starts_with(name, TEXT("Req")))
        return CTP_METHOD_NONE;
    if (text_starts_with(name, TEXT("ReqUserLoginWith")))
        return find_response(class, TEXT("UserLogin"));
    return find_response(class, (text){name.at + 3, name.length - 3});
}

static void fill(void)
{
    for (int version = 0; version < CTP_VERSION_COUNT; version++) {
        struct slots *slots = &slots_of[version];
        for (int i = 0; i < CTP_METHOD_COUNT; i++) {
            const struct method_row *row = &methods[i];
            bool here = (int)row->since <= version && version <= (int)row->until;
            slots->slot[i] = -1;
            if (!here)
                continue;
            uint16_t *count = &slots->count[row->info.class];
            assert(*count < CLASS_METHODS_MAX);
            slots->slot[i] = (int16_t)*count;
            slots->method[row->info.class][(*count)++] = (uint16_t)i;
        }
    }
    for (int i = 0; i < CTP_METHOD_COUNT; i++)
        answers[i] = (uint16_t)answer_of(&methods[i].info);
}

const struct ctp_method_info *ctp_method_info(enum ctp_method method)
{
    assert(method < CTP_METHOD_COUNT);
    return &methods[method].info;
}

enum ctp_method ctp_method_find(enum ctp_version version, enum ctp_class class, text name)
{
    for (int i = 0; i < ctp_method_count(version, class); i++) {
        enum ctp_method method = ctp_method_at(version, class, i);
        if (text_equal(name, text_of(methods[method].info.name)))
            return method;
    }
    return CTP_METHOD_NONE;
}

int ctp_method_slot(enum ctp_version version, enum ctp_method method)
{
    pthread_once(&filled, fill);
    return slots_of[version].slot[method];
}

enum ctp_method ctp_method_at(enum ctp_version version, enum ctp_class class, int slot)
{
    pthread_once(&filled, fill);
    const struct slots *slots = &slots_of[version];
    if (slot < 0 || slot >= slots->count[class])
        return CTP_METHOD_NONE;
    return (enum ctp_method)slots->method[class][slot];
}

int ctp_method_count(enum ctp_version version, enum ctp_class class)
{
    pthread_once(&filled, fill);
    return slots_of[version].count[class];
}

enum ctp_method ctp_method_answer(enum ctp_method request)
{
    pthread_once(&filled, fill);
    return (enum ctp_method)answers[request];
}

const char *ctp_error_name(int error_id)
{
    const char *name = NULL; /* the newest name of an id that was renamed stands last */
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].id == error_id)
            name = errors[i].name;
    return name;
}

const struct ctp_constant *ctp_constants(size_t *count)
{
    static const struct ctp_constant constants[] = {
#define C(type, name, value, when) {#type, #name, value, WHEN(when)},
#define CT(type, name, value, when)
#include "ctp/constants.def"
#undef C
#undef CT
    };
    *count = sizeof constants / sizeof constants[0];
    return constants;
}
