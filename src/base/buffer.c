/* buffer.c: see buffer.h. */
#include "base/buffer.h"
#include <stdarg.h>
#include <sys/mman.h>

static void *checked(void *memory)
{
    if (memory)
        return memory;
    fputs("out of memory\n", stderr);
    abort();
}

/* From here on memory is asked for in huge pages, which cost fewer faults while it fills. */
enum { HUGE_FROM = 8 << 20, PAGE = 4096 };

/* The whole pages that the block touches: malloc's own head in front of it too, for a mapping of
 * which a part is advised is two to the kernel, and it can no more be moved without copying. */
static void *large(void *memory, size_t size)
{
    if (size >= HUGE_FROM) {
        uintptr_t from = (uintptr_t)memory / PAGE * PAGE;
        uintptr_t end = ((uintptr_t)memory + size + PAGE - 1) / PAGE * PAGE;
        int advised =
            madvise((char *)memory - ((uintptr_t)memory - from), end - from, MADV_HUGEPAGE);
        (void)advised; /* a kernel without them is fine */
    }
    return memory;
}

void *memory_get(size_t size)
{
    return checked(malloc(size ? size : 1));
}

void *memory_get_zeroed(size_t count, size_t size)
{
    return large(checked(calloc(count ? count : 1, size ? size : 1)), count * size);
}

void *memory_resize(void *old, size_t size)
{
    return large(checked(realloc(old, size ? size : 1)), size);
}

char *memory_copy_text(text t)
{
    char *copy = memory_get(t.length + 1);
    if (t.length)
        memcpy(copy, t.at, t.length);
    copy[t.length] = '\0';
    return copy;
}

char *buffer_reserve(struct buffer *buffer, size_t more)
{
    size_t needed = buffer->length + more;
    if (needed > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity : 256;
        while (capacity < needed)
            capacity *= 2;
        buffer->at = memory_resize(buffer->at, capacity);
        buffer->capacity = capacity;
    }
    return buffer->at + buffer->length;
}

void buffer_put(struct buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    memcpy(buffer_reserve(buffer, length), bytes, length);
    buffer->length += length;
}

void buffer_put_text(struct buffer *buffer, text t)
{
    buffer_put(buffer, t.at, t.length);
}

void buffer_put_char(struct buffer *buffer, char c)
{
    *buffer_reserve(buffer, 1) = c;
    buffer->length++;
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    char *at = buffer_reserve(buffer, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(at, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}

void buffer_drop(struct buffer *buffer, size_t length)
{
    if (length >= buffer->length) {
        buffer->length = 0;
        return;
    }
    memmove(buffer->at, buffer->at + length, buffer->length - length);
    buffer->length -= length;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct buffer){.at = NULL};
}

text buffer_text(const struct buffer *buffer)
{
    return buffer->at ? (text){buffer->at, buffer->length} : TEXT("");
}
