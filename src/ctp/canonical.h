/* canonical.h: the structs, types and named values of our own, newest version as plain C, made by
 * the preprocessor from the rows. The counter works on these; their layout is the one that
 * ctp_layout_find(CTP_NEWEST, ...) gives, and a test holds the two together. Names are CTP's,
 * exactly: struct CThostFtdcInputOrderField, TThostFtdcPriceType, THOST_FTDC_D_Buy. A struct that
 * is gone from the newest version has no members, so that use of them is a compile error. */
#ifndef CTP_CANONICAL_H
#define CTP_CANONICAL_H

#include "ctp/ctp.h"

/* A row is in the newest version when its range has no end: KEEP_ with the row's `when` pasted on
 * gives 1 or 0, and that digit chooses between the macro that writes the row and the one that drops
 * it. PICK is there so that the digit is expanded before it is pasted. */
#define KEEP_ALL 1
#define KEEP_SINCE(since) 1
#define KEEP_UNTIL(until) 0
#define KEEP_RANGE(since, until) 0
#define PICK(macro, digit) PICK_PASTE(macro, digit)
#define PICK_PASTE(macro, digit) macro##digit

/* The types: typedef char TThostFtdcInstrumentIDType[81]; */
#define TYPE_0(name, base, bytes)
#define TYPE_1(name, base, bytes) TYPE_##base(name, bytes)
#define TYPE_CHAR(name, bytes) typedef char TThostFtdc##name##Type;
#define TYPE_TEXT(name, bytes) typedef char TThostFtdc##name##Type[bytes];
#define TYPE_SHORT(name, bytes) typedef short TThostFtdc##name##Type;
#define TYPE_INT(name, bytes) typedef int TThostFtdc##name##Type;
#define TYPE_DOUBLE(name, bytes) typedef double TThostFtdc##name##Type;
#define T(name, base, bytes, when) PICK(TYPE_, KEEP_##when)(name, base, bytes)
#include "ctp/types.def"
#undef T
#undef TYPE_0
#undef TYPE_1
#undef TYPE_CHAR
#undef TYPE_TEXT
#undef TYPE_SHORT
#undef TYPE_INT
#undef TYPE_DOUBLE

/* The structs. ISO C has no struct without members, GNU C does. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#define FIELD_0(name, type)
#define FIELD_1(name, type) TThostFtdc##type##Type name;
#define STRUCT(name) struct CThostFtdc##name##Field {
#define F(name, type, when) PICK(FIELD_, KEEP_##when)(name, type)
/* clang-format off */
#define END(name) };
/* clang-format on */
#include "ctp/fields.def"
#undef STRUCT
#undef F
#undef END
#undef FIELD_0
#undef FIELD_1
#pragma GCC diagnostic pop

/* The named values. The few whose value is a text of several characters have no enumerator. */
enum {
#define VALUE_0(name, value)
#define VALUE_1(name, value) name = value,
#define C(type, name, value, when) PICK(VALUE_, KEEP_##when)(name, value)
#define CT(type, name, value, when)
#include "ctp/constants.def"
#undef C
#undef CT
#undef VALUE_0
#undef VALUE_1
};

/* The error ids: CTP_ERROR_INVALID_LOGIN is 3. */
enum {
#define ERROR_0(id, name)
#define ERROR_1(id, name) CTP_ERROR_##name = id,
#define E(id, name, when) PICK(ERROR_, KEEP_##when)(id, name)
#include "ctp/errors.def"
#undef E
#undef ERROR_0
#undef ERROR_1
};

#undef KEEP_ALL
#undef KEEP_SINCE
#undef KEEP_UNTIL
#undef KEEP_RANGE
#undef PICK
#undef PICK_PASTE

#endif
