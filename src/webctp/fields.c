/* fields.c: see fields.h. */
#include "webctp/fields.h"
#include "ctp/gb18030.h"

static const struct ctp_field *text_field(const struct ctp_layout *layout, text name)
{
    const struct ctp_field *field = ctp_field_find(layout, name);
    return field && field->base == CTP_TEXT ? field : NULL;
}

text field_text(const struct ctp_layout *layout, const void *body, text name)
{
    const struct ctp_field *field = text_field(layout, name);
    return field ? text_of_field((const char *)body + field->offset, field->size) : TEXT("");
}

void field_put(const struct ctp_layout *layout, void *body, text name, text gb18030)
{
    const struct ctp_field *field = text_field(layout, name);
    if (!field)
        return;
    gb18030.length = gb18030_cut(gb18030, field->size - 1u);
    text_copy((char *)body + field->offset, field->size, gb18030);
}

bool field_put_utf8(const struct ctp_layout *layout, void *body, text name, text utf8)
{
    const struct ctp_field *field = text_field(layout, name);
    if (!field)
        return true;
    char *to = (char *)body + field->offset;
    memset(to, 0, field->size);
    size_t length;
    if (gb18030_from_utf8(utf8, to, field->size - 1u, &length))
        return true;
    memset(to, 0, field->size);
    return false;
}
