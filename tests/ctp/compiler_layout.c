/* compiler_layout.c: compiled once for each version with K = its number: the rows in range as real
 * C structs, and what the compiler says of their offsets and sizes. It shares nothing with layout.c
 * but the rows. */
#include "compiler_layout.h"

/* GE_v is 1 where this version is v or later, LE_v where it is v or earlier. */
#if K >= 0
#define GE_6_3_15 1
#else
#define GE_6_3_15 0
#endif
#if K <= 0
#define LE_6_3_15 1
#else
#define LE_6_3_15 0
#endif
#if K >= 1
#define GE_6_3_19 1
#else
#define GE_6_3_19 0
#endif
#if K <= 1
#define LE_6_3_19 1
#else
#define LE_6_3_19 0
#endif
#if K >= 2
#define GE_6_5_1 1
#else
#define GE_6_5_1 0
#endif
#if K <= 2
#define LE_6_5_1 1
#else
#define LE_6_5_1 0
#endif
#if K >= 3
#define GE_6_6_1 1
#else
#define GE_6_6_1 0
#endif
#if K <= 3
#define LE_6_6_1 1
#else
#define LE_6_6_1 0
#endif
#if K >= 4
#define GE_6_6_7 1
#else
#define GE_6_6_7 0
#endif
#if K <= 4
#define LE_6_6_7 1
#else
#define LE_6_6_7 0
#endif
#if K >= 5
#define GE_6_6_9 1
#else
#define GE_6_6_9 0
#endif
#if K <= 5
#define LE_6_6_9 1
#else
#define LE_6_6_9 0
#endif
#if K >= 6
#define GE_6_7_0 1
#else
#define GE_6_7_0 0
#endif
#if K <= 6
#define LE_6_7_0 1
#else
#define LE_6_7_0 0
#endif
#if K >= 7
#define GE_6_7_1 1
#else
#define GE_6_7_1 0
#endif
#if K <= 7
#define LE_6_7_1 1
#else
#define LE_6_7_1 0
#endif
#if K >= 8
#define GE_6_7_2 1
#else
#define GE_6_7_2 0
#endif
#if K <= 8
#define LE_6_7_2 1
#else
#define LE_6_7_2 0
#endif
#if K >= 9
#define GE_6_7_7 1
#else
#define GE_6_7_7 0
#endif
#if K <= 9
#define LE_6_7_7 1
#else
#define LE_6_7_7 0
#endif
#if K >= 10
#define GE_6_7_8 1
#else
#define GE_6_7_8 0
#endif
#if K <= 10
#define LE_6_7_8 1
#else
#define LE_6_7_8 0
#endif
#if K >= 11
#define GE_6_7_9 1
#else
#define GE_6_7_9 0
#endif
#if K <= 11
#define LE_6_7_9 1
#else
#define LE_6_7_9 0
#endif
#if K >= 12
#define GE_6_7_11 1
#else
#define GE_6_7_11 0
#endif
#if K <= 12
#define LE_6_7_11 1
#else
#define LE_6_7_11 0
#endif
#if K >= 13
#define GE_6_7_13 1
#else
#define GE_6_7_13 0
#endif
#if K <= 13
#define LE_6_7_13 1
#else
#define LE_6_7_13 0
#endif

#define KEEP_ALL 1, 1
#define KEEP_SINCE(v) GE_##v, 1
#define KEEP_UNTIL(v) 1, LE_##v
#define KEEP_RANGE(a, b) GE_##a, LE_##b
#define PICK(macro, ...) PICK_PAIR(macro, __VA_ARGS__)
#define PICK_PAIR(macro, since, until) PICK_PASTE(macro, since, until)
#define PICK_PASTE(macro, since, until) macro##since##until

#define TYPE_00(name, base, bytes)
#define TYPE_01(name, base, bytes)
#define TYPE_10(name, base, bytes)
#define TYPE_11(name, base, bytes) TYPE_##base(name, bytes)
#define TYPE_CHAR(name, bytes) typedef char type_##name;
#define TYPE_TEXT(name, bytes) typedef char type_##name[bytes];
#define TYPE_SHORT(name, bytes) typedef short type_##name;
#define TYPE_INT(name, bytes) typedef int type_##name;
#define TYPE_DOUBLE(name, bytes) typedef double type_##name;
#define T(name, base, bytes, when) PICK(TYPE_, KEEP_##when)(name, base, bytes)
#include "ctp/types.def"
#undef T

#pragma GCC diagnostic ignored "-Wpedantic" /* a struct that this version lacks comes out empty */
#define FIELD_00(name, type)
#define FIELD_01(name, type)
#define FIELD_10(name, type)
#define FIELD_11(name, type) type_##type name;
#define STRUCT(name) struct name {
#define F(name, type, when) PICK(FIELD_, KEEP_##when)(name, type)
/* clang-format off */
#define END(name) };
/* clang-format on */
#include "ctp/fields.def"
#undef STRUCT
#undef F
#undef END

/* Inside STRUCT .. END `struct this` is the struct at hand, so that a row can name it. */
#define FACT_00(name)
#define FACT_01(name)
#define FACT_10(name)
#define FACT_11(name)                                                              \
    out[count++] = (struct compiler_field){of, #name, offsetof(this_struct, name), \
                                           sizeof(((this_struct *)0)->name), sizeof(this_struct)};
#define STRUCT(name)                     \
    {                                    \
        typedef struct name this_struct; \
        const char *const of = #name;    \
        (void)of;                        \
        (void)sizeof(this_struct);
#define F(name, type, when) PICK(FACT_, KEEP_##when)(name)
#define END(name) }

#define FUNCTION_OF(k) FUNCTION_PASTE(k)
#define FUNCTION_PASTE(k) compiler_layout_##k
struct compiler_layout FUNCTION_OF(K)(void);

struct compiler_layout FUNCTION_OF(K)(void)
{
    static struct compiler_field out[4096];
    size_t count = 0;
#include "ctp/fields.def"
    return (struct compiler_layout){out, count};
}
