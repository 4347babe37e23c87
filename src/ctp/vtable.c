/* vtable.c: see vtable.h. For every callback and every Api method of methods.def there is one C
 * function with the C++ method's signature (a thunk), which packs its arguments and hands them to
 * the object's handler. A version's vtable is the thunks of its methods, in slot order, behind the
 * two words (offset to top, type) that the ABI puts before a vtable. */
#include "ctp/vtable.h"
#include <assert.h>
#include <pthread.h>

/* clang-format off: one line a shape reads as the table that it is */
/* ---- being called: Spi thunks ---- */

#define SPI_GIVE(...) \
    self->handler(self->user, &(struct ctp_callback){.method = method, __VA_ARGS__})

#define SPI_VOID(id)                             \
    static void thunk_##id(struct ctp_spi *self) \
    {                                            \
        const enum ctp_method method = CTP_##id; \
        SPI_GIVE(.body = NULL);                  \
    }
#define SPI_NUMBER(id)                                       \
    static void thunk_##id(struct ctp_spi *self, int number) \
    {                                                        \
        const enum ctp_method method = CTP_##id;             \
        SPI_GIVE(.number = number);                          \
    }
#define SPI_RESPONSE(id)                                                                     \
    static void thunk_##id(struct ctp_spi *self, void *body, void *rsp_info, int request_id, \
                           bool is_last)                                                     \
    {                                                                                        \
        const enum ctp_method method = CTP_##id;                                             \
        SPI_GIVE(.body = body, .rsp_info = rsp_info, .request_id = request_id,               \
                 .is_last = is_last);                                                        \
    }
#define SPI_ERROR(id)                                                                          \
    static void thunk_##id(struct ctp_spi *self, void *rsp_info, int request_id, bool is_last) \
    {                                                                                          \
        const enum ctp_method method = CTP_##id;                                               \
        SPI_GIVE(.rsp_info = rsp_info, .request_id = request_id, .is_last = is_last);          \
    }
#define SPI_RETURN(id)                                       \
    static void thunk_##id(struct ctp_spi *self, void *body) \
    {                                                        \
        const enum ctp_method method = CTP_##id;             \
        SPI_GIVE(.body = body);                              \
    }
#define SPI_ERROR_RETURN(id)                                                 \
    static void thunk_##id(struct ctp_spi *self, void *body, void *rsp_info) \
    {                                                                        \
        const enum ctp_method method = CTP_##id;                             \
        SPI_GIVE(.body = body, .rsp_info = rsp_info);                        \
    }

/* ---- being called: Api thunks ---- */

#define API_GIVE(...) self->handler(self, &(struct ctp_call){.method = method, __VA_ARGS__})

#define API_VOID(id)                                    \
    static void thunk_##id(struct ctp_api_object *self) \
    {                                                   \
        const enum ctp_method method = CTP_##id;        \
        API_GIVE(.body = NULL);                         \
    }
#define API_JOIN(id)                                   \
    static int thunk_##id(struct ctp_api_object *self) \
    {                                                  \
        const enum ctp_method method = CTP_##id;       \
        return (int)API_GIVE(.body = NULL);            \
    }
#define API_GET_TEXT(id)                                       \
    static const char *thunk_##id(struct ctp_api_object *self) \
    {                                                          \
        const enum ctp_method method = CTP_##id;               \
        return (const char *)API_GIVE(.body = NULL);           \
    }
#define API_ADDRESS(id)                                                \
    static void thunk_##id(struct ctp_api_object *self, char *address) \
    {                                                                  \
        const enum ctp_method method = CTP_##id;                       \
        API_GIVE(.address = address);                                  \
    }
#define API_SPI(id)                                                \
    static void thunk_##id(struct ctp_api_object *self, void *spi) \
    {                                                              \
        const enum ctp_method method = CTP_##id;                   \
        API_GIVE(.spi = spi);                                      \
    }
#define API_TOPIC(id)                                              \
    static void thunk_##id(struct ctp_api_object *self, int topic) \
    {                                                              \
        const enum ctp_method method = CTP_##id;                   \
        API_GIVE(.topic = topic, .sequence = 1);                   \
    }
#define API_TOPIC_FROM(id)                                                       \
    static void thunk_##id(struct ctp_api_object *self, int topic, int sequence) \
    {                                                                            \
        const enum ctp_method method = CTP_##id;                                 \
        API_GIVE(.topic = topic, .sequence = sequence);                          \
    }
#define API_PUT_STRUCT(id)                                          \
    static void thunk_##id(struct ctp_api_object *self, void *body) \
    {                                                               \
        const enum ctp_method method = CTP_##id;                    \
        API_GIVE(.body = body);                                     \
    }
#define API_LOCAL(id)                                              \
    static int thunk_##id(struct ctp_api_object *self, void *body) \
    {                                                              \
        const enum ctp_method method = CTP_##id;                   \
        return (int)API_GIVE(.body = body);                        \
    }
#define API_REQUEST(id)                                                            \
    static int thunk_##id(struct ctp_api_object *self, void *body, int request_id) \
    {                                                                              \
        const enum ctp_method method = CTP_##id;                                   \
        return (int)API_GIVE(.body = body, .request_id = request_id);              \
    }
#define API_INSTRUMENTS(id)                                                           \
    static int thunk_##id(struct ctp_api_object *self, char **instruments, int count) \
    {                                                                                 \
        const enum ctp_method method = CTP_##id;                                      \
        return (int)API_GIVE(.instruments = instruments, .count = count);             \
    }

#define THUNK_TraderApi(id, shape) API_##shape(TraderApi_##id)
#define THUNK_MdApi(id, shape) API_##shape(MdApi_##id)
#define THUNK_TraderSpi(id, shape) SPI_##shape(TraderSpi_##id)
#define THUNK_MdSpi(id, shape) SPI_##shape(MdSpi_##id)
#define M(class, id, name, shape, of, when) THUNK_##class(id, shape)
#include "ctp/methods.def"
#undef M

typedef void (*any_function)(void);

static const any_function thunks[] = {
#define M(class, id, name, shape, of, when) (any_function) thunk_##class##_##id,
#include "ctp/methods.def"
#undef M
};

enum { ABI_WORDS = 2, SLOTS_MAX = 256 };

static any_function vtables[CTP_VERSION_COUNT][CTP_CLASS_COUNT][ABI_WORDS + SLOTS_MAX];
static pthread_once_t filled = PTHREAD_ONCE_INIT;

static void fill(void)
{
    for (int version = 0; version < CTP_VERSION_COUNT; version++) {
        for (int class = 0; class < CTP_CLASS_COUNT; class ++) {
            int count = ctp_method_count((enum ctp_version)version, (enum ctp_class) class);
            assert(count <= SLOTS_MAX);
            for (int slot = 0; slot < count; slot++) {
                enum ctp_method method =
                    ctp_method_at((enum ctp_version)version, (enum ctp_class) class, slot);
                vtables[version][class][ABI_WORDS + slot] = thunks[method];
            }
        }
    }
}

static const void *vtable_of(enum ctp_version version, enum ctp_class class)
{
    pthread_once(&filled, fill);
    return &vtables[version][class][ABI_WORDS];
}

void ctp_spi_init(struct ctp_spi *spi, enum ctp_class class, enum ctp_version version,
                  void (*handler)(void *user, const struct ctp_callback *callback), void *user)
{
    assert(class == CTP_TraderSpi || class == CTP_MdSpi);
    *spi = (struct ctp_spi){
        .vtable = vtable_of(version, class), .version = version, .handler = handler, .user = user};
}

void ctp_api_object_init(struct ctp_api_object *object, enum ctp_class class,
                         enum ctp_version version,
                         intptr_t (*handler)(struct ctp_api_object *self,
                                             const struct ctp_call *call))
{
    assert(class == CTP_TraderApi || class == CTP_MdApi);
    *object = (struct ctp_api_object){
        .vtable = vtable_of(version, class), .version = version, .handler = handler};
}

/* ---- calling ---- */

static any_function function_at(void *object, int slot)
{
    const any_function *vtable = *(const any_function **)object;
    return vtable[slot];
}

intptr_t ctp_api_call(struct ctp_api *api, enum ctp_version version, const struct ctp_call *call)
{
    int slot = ctp_method_slot(version, call->method);
    assert(slot >= 0);
    any_function function = function_at(api, slot);
    switch (ctp_method_info(call->method)->shape) {
    case CTP_SHAPE_VOID:
        ((void (*)(void *))function)(api);
        return 0;
    case CTP_SHAPE_JOIN:
        return ((int (*)(void *))function)(api);
    case CTP_SHAPE_GET_TEXT:
        return (intptr_t)((const char *(*)(void *))function)(api);
    case CTP_SHAPE_ADDRESS:
        ((void (*)(void *, char *))function)(api, call->address);
        return 0;
    case CTP_SHAPE_SPI:
        ((void (*)(void *, void *))function)(api, call->spi);
        return 0;
    case CTP_SHAPE_TOPIC:
        ((void (*)(void *, int))function)(api, call->topic);
        return 0;
    case CTP_SHAPE_TOPIC_FROM:
        ((void (*)(void *, int, int))function)(api, call->topic, call->sequence);
        return 0;
    case CTP_SHAPE_PUT_STRUCT:
        ((void (*)(void *, void *))function)(api, call->body);
        return 0;
    case CTP_SHAPE_LOCAL:
        return ((int (*)(void *, void *))function)(api, call->body);
    case CTP_SHAPE_REQUEST:
        return ((int (*)(void *, void *, int))function)(api, call->body, call->request_id);
    case CTP_SHAPE_INSTRUMENTS:
        return ((int (*)(void *, char **, int))function)(api, call->instruments, call->count);
    default:
        assert(false && "a callback is not called on an Api object");
        return 0;
    }
}

void ctp_spi_call(void *spi, enum ctp_version version, const struct ctp_callback *callback)
{
    int slot = ctp_method_slot(version, callback->method);
    if (!spi || slot < 0)
        return;
    any_function function = function_at(spi, slot);
    switch (ctp_method_info(callback->method)->shape) {
    case CTP_SHAPE_VOID:
        ((void (*)(void *))function)(spi);
        return;
    case CTP_SHAPE_NUMBER:
        ((void (*)(void *, int))function)(spi, callback->number);
        return;
    case CTP_SHAPE_RESPONSE:
        ((void (*)(void *, void *, void *, int, bool))function)(
            spi, callback->body, callback->rsp_info, callback->request_id, callback->is_last);
        return;
    case CTP_SHAPE_ERROR:
        ((void (*)(void *, void *, int, bool))function)(spi, callback->rsp_info,
                                                        callback->request_id, callback->is_last);
        return;
    case CTP_SHAPE_RETURN:
        ((void (*)(void *, void *))function)(spi, callback->body);
        return;
    case CTP_SHAPE_ERROR_RETURN:
        ((void (*)(void *, void *, void *))function)(spi, callback->body, callback->rsp_info);
        return;
    default:
        assert(false && "an Api method is not called on an Spi object");
    }
}
