/* gb18030.h: text at the edge. CTP's structs carry GB18030, everything outside is UTF-8. Never
 * depends on the locale. */
#ifndef CTP_GB18030_H
#define CTP_GB18030_H

#include "base/text.h"

/* GB18030 -> UTF-8 into `out` of `size` bytes; returns the length written (no NUL). What is not
 * valid becomes U+FFFD; what does not fit is cut at a character border. 4 bytes of room for each
 * byte of `from` always suffice. ASCII is copied directly. */
size_t gb18030_to_utf8(text from, char *out, size_t size);

/* UTF-8 -> GB18030 into `out` of `size` bytes. Returns false when `from` is not valid UTF-8 or does
 * not fit; then *length is the number of bytes that it would need (0 for invalid text) and nothing
 * useful stands in `out`. No NUL is written. */
bool gb18030_from_utf8(text from, char *out, size_t size, size_t *length);

/* The largest length <= size at which `gb` can be cut without splitting a character. */
size_t gb18030_cut(text gb, size_t size);

#endif
