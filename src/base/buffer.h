/* buffer.h: a growable run of bytes. A zeroed buffer is empty and owns nothing. Running out of
 * memory ends the process. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/text.h"

struct buffer {
    char *at;
    size_t length;
    size_t capacity;
};

/* Makes room for `more` bytes behind the end and returns where they go; `length` stays. */
char *buffer_reserve(struct buffer *buffer, size_t more);

void buffer_put(struct buffer *buffer, const void *bytes, size_t length);
void buffer_put_text(struct buffer *buffer, text t);
void buffer_put_char(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Drops the first `length` bytes; the rest moves to the front. */
void buffer_drop(struct buffer *buffer, size_t length);

/* Length 0; keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Frees the memory and leaves an empty buffer. */
void buffer_finish(struct buffer *buffer);

text buffer_text(const struct buffer *buffer);

/* malloc, calloc, realloc that end the process with a line on stderr instead of returning NULL. */
void *memory_get(size_t size);
void *memory_get_zeroed(size_t count, size_t size);
void *memory_resize(void *old, size_t size);
char *memory_copy_text(text t); /* NUL-terminated; the caller frees it */

#endif
