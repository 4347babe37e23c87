/* fields.h: single text fields of CTP structs by their names, for the few that webctp itself fills
 * or looks at. A field that the layout lacks is read as empty and not written. */
#ifndef WEBCTP_FIELDS_H
#define WEBCTP_FIELDS_H

#include "ctp/ctp.h"

/* The text in a field, GB18030, borrowed from the struct. */
text field_text(const struct ctp_layout *layout, const void *body, text name);

/* Writes GB18030 text; what does not fit is cut at a character. */
void field_put(const struct ctp_layout *layout, void *body, text name, text gb18030);

/* Writes UTF-8 text. False when it does not fit or is not valid; then the field is empty. */
bool field_put_utf8(const struct ctp_layout *layout, void *body, text name, text utf8);

#endif
