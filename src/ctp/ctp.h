/* ctp.h: the CTP API as data. Every struct, field, method and number of 14 versions is written
 * once, as rows in the .def files beside this header; what is here reads those rows. No other
 * folder names a struct's layout.
 *
 * All tables are constant and shared by all threads. Layouts are computed for a version when first
 * asked for, and the first call for a version may come from any thread. */
#ifndef CTP_CTP_H
#define CTP_CTP_H

#include "base/error.h"
#include "base/text.h"

/* ---- versions ---- */

enum ctp_version {
#define VERSION(name, text) CTP_##name,
#include "ctp/versions.def"
#undef VERSION
    CTP_VERSION_COUNT,
    CTP_NEWEST = CTP_VERSION_COUNT - 1,
};

/* "6.7.2" for CTP_6_7_2. */
const char *ctp_version_name(enum ctp_version version);

/* Reads "6.7.2". False when the table has no such version. */
bool ctp_version_find(text name, enum ctp_version *version);

/* ---- structs and fields ---- */

enum ctp_struct {
#define STRUCT(name) CTP_STRUCT_##name,
#define F(name, type, when)
#define END(name)
#include "ctp/fields.def"
#undef STRUCT
#undef F
#undef END
    CTP_STRUCT_COUNT,
    CTP_STRUCT_NONE = CTP_STRUCT_COUNT,
};

enum ctp_base { CTP_CHAR, CTP_TEXT, CTP_INT, CTP_SHORT, CTP_DOUBLE };

/* A field of a struct in one version. `type` is CTP's type name without TThostFtdc and Type
 * ("InstrumentID"). */
struct ctp_field {
    const char *name;
    const char *type;
    uint8_t name_length;
    uint8_t base;    /* enum ctp_base */
    uint16_t size;   /* bytes; of a TEXT field the NUL counts */
    uint16_t offset; /* bytes from the start of the struct */
};

/* A struct in one version. `name` is without CThostFtdc and Field ("InputOrder"). */
struct ctp_layout {
    const char *name;
    enum ctp_struct of;
    uint16_t size; /* sizeof in C++ on x86-64 */
    uint16_t align;
    uint16_t field_count;
    const struct ctp_field *fields; /* in struct order */
};

/* "InputOrder" for CTP_STRUCT_InputOrder. */
const char *ctp_struct_name(enum ctp_struct of);
bool ctp_struct_find(text name, enum ctp_struct *of);

/* The layout of a struct in a version; NULL where the version does not have the struct. */
const struct ctp_layout *ctp_layout_find(enum ctp_version version, enum ctp_struct of);

/* The field of that name, or NULL. */
const struct ctp_field *ctp_field_find(const struct ctp_layout *layout, text name);

/* The bytes of the largest struct of any version; a buffer of this size and 8-byte alignment holds
 * any. */
enum { CTP_STRUCT_SIZE_MAX = 4096 };

/* Copies a struct between two layouts of it: fields are matched by name, a field that one side
 * lacks stays zero, a text that does not fit is cut at a GB18030 character border. `to` is
 * overwritten whole (to_layout->size bytes). The layouts may also be of two structs (a renamed
 * one): then, too, names decide. */
void ctp_convert(const struct ctp_layout *from_layout, const void *from,
                 const struct ctp_layout *to_layout, void *to);

/* ---- methods and callbacks ---- */

enum ctp_class { CTP_TraderApi, CTP_TraderSpi, CTP_MdApi, CTP_MdSpi, CTP_CLASS_COUNT };

/* What a method's C++ signature looks like; S is the method's struct. */
/* clang-format off */
enum ctp_shape {
    CTP_SHAPE_VOID,         /* void f()                       Release, Init, OnFrontConnected */
    CTP_SHAPE_JOIN,         /* int f() */
    CTP_SHAPE_GET_TEXT,     /* const char *f()                GetTradingDay */
    CTP_SHAPE_ADDRESS,      /* void f(char *)                 RegisterFront */
    CTP_SHAPE_SPI,          /* void f(Spi *)                  RegisterSpi */
    CTP_SHAPE_TOPIC,        /* void f(int resume_type) */
    CTP_SHAPE_TOPIC_FROM,   /* void f(int resume_type, int sequence)  6.7.13 */
    CTP_SHAPE_PUT_STRUCT,   /* void f(S *)                    RegisterFensUserInfo, GetFrontInfo */
    CTP_SHAPE_LOCAL,        /* int f(S *)                     SubmitUserSystemInfo */
    CTP_SHAPE_REQUEST,      /* int f(S *, int request_id) */
    CTP_SHAPE_INSTRUMENTS,  /* int f(char *[], int count)     SubscribeMarketData */
    CTP_SHAPE_RESPONSE,     /* void f(S *, RspInfo *, int request_id, bool is_last) */
    CTP_SHAPE_ERROR,        /* void f(RspInfo *, int request_id, bool is_last)  OnRspError */
    CTP_SHAPE_RETURN,       /* void f(S *)                    OnRtn... */
    CTP_SHAPE_ERROR_RETURN, /* void f(S *, RspInfo *)         OnErrRtn... */
    CTP_SHAPE_NUMBER,       /* void f(int)                    OnFrontDisconnected */
};
/* clang-format on */

/* One row of methods.def. The one method whose signature changed has two rows:
 * SubscribePrivateTopic (to 6.7.11) and SubscribePrivateTopicFrom (the same C++ name,
 * since 6.7.13). */
enum ctp_method {
#define M(class, id, name, shape, of, when) CTP_##class##_##id,
#include "ctp/methods.def"
#undef M
    CTP_METHOD_COUNT,
    CTP_METHOD_NONE = CTP_METHOD_COUNT,
};

struct ctp_method_info {
    const char *name; /* as in C++: "ReqOrderInsert", "OnRtnOrder" */
    enum ctp_class class;
    enum ctp_shape shape;
    enum ctp_struct of; /* CTP_STRUCT_NONE where the shape has no struct */
};

const struct ctp_method_info *ctp_method_info(enum ctp_method method);

/* The method of that C++ name in that class and version; CTP_METHOD_NONE when there is none. */
enum ctp_method ctp_method_find(enum ctp_version version, enum ctp_class class, text name);

/* The place in the vtable, -1 when the version does not have the method; and back (CTP_METHOD_NONE
 * beyond the end). */
int ctp_method_slot(enum ctp_version version, enum ctp_method method);
enum ctp_method ctp_method_at(enum ctp_version version, enum ctp_class class, int slot);
int ctp_method_count(enum ctp_version version, enum ctp_class class);

/* The callback that answers a request: OnRspX for ReqX, OnRspUserLogin for the ReqUserLoginWith...
 * family, OnRspSubMarketData for SubscribeMarketData. CTP_METHOD_NONE for what has no answer of its
 * own. */
enum ctp_method ctp_method_answer(enum ctp_method request);

/* A 64-bit number over all layouts and methods of a version: two builds that agree on it agree on
 * the wire. */
uint64_t ctp_version_digest(enum ctp_version version);

/* ---- numbers and texts ---- */

/* The symbolic name of an error id ("INVALID_LOGIN"), NULL when unknown. Names are facts of the
 * API's versions. */
const char *ctp_error_name(int error_id);

/* A named constant: "THOST_FTDC_D_Buy" -> value; `type` is "Direction". Constants with a char value
 * give the char. */
struct ctp_constant {
    const char *type;
    const char *name;
    int value;
    enum ctp_version since, until;
};
const struct ctp_constant *ctp_constants(size_t *count);

#endif
