/* schema.h: what ctp-schema prints of one version, a function a form. Private to the program; the
 * layers do not use it. */
#ifndef CTP_SCHEMA_H
#define CTP_SCHEMA_H

#include "ctp/ctp.h"

/* All write to stdout; a failed write shows in ferror(stdout). */
void schema_print_cpp(enum ctp_version version);
void schema_print_markdown(enum ctp_version version);
void schema_print_typescript(enum ctp_version version);
void schema_print_json(enum ctp_version version);

/* A named value of a type, as its row says it: '0' in quotes, a number, or a text in quotes. */
struct schema_value {
    const char *type; /* "Direction" */
    const char *name; /* "THOST_FTDC_D_Buy" */
    const char *value;
    enum ctp_version since, until;
};
const struct schema_value *schema_values(size_t *count);
bool schema_value_is_in(const struct schema_value *value, enum ctp_version version);

/* Calls `print` once for each type that a struct of the version has, with the first field of that
 * type. */
void schema_each_type(enum ctp_version version, void (*print)(const struct ctp_field *field));

#endif
