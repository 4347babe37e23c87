/* compiler_layout.h: the layouts of one version as the compiler computes them from the rows; see
 * compiler_layout.c. */
#ifndef TESTS_COMPILER_LAYOUT_H
#define TESTS_COMPILER_LAYOUT_H

#include <stddef.h>

struct compiler_field {
    const char *struct_name, *field_name;
    size_t offset, size, struct_size;
};

struct compiler_layout {
    const struct compiler_field *fields;
    size_t count;
};

#endif
