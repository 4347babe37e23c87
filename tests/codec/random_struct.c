/* random_struct.c: see random_struct.h. */
#include "random_struct.h"
#include <math.h>

/* splitmix64 */
uint64_t random_next(struct random_source *source)
{
    uint64_t z = source->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

unsigned random_below(struct random_source *source, unsigned limit)
{
    return (unsigned)(random_next(source) >> 32) % limit;
}

static double random_double(struct random_source *source)
{
    if (random_below(source, 2))
        return (double)random_below(source, 100000000) / 100.0; /* a price */
    uint64_t bits = random_next(source);
    double value;
    memcpy(&value, &bits, sizeof value);
    return isfinite(value) ? value : 1.7976931348623157e308;
}

static void random_text(struct random_source *source, char *field, size_t size)
{
    size_t length = random_below(source, (unsigned)size), at = 0;
    bool chinese = random_below(source, 4) == 0;
    while (at < length) {
        if (chinese && length - at >= 2) {
            field[at++] = (char)(0xb0 + random_below(source, 0x27)); /* GB2312's first level */
            field[at++] = (char)(0xa1 + random_below(source, 0x5e));
        } else {
            field[at++] = (char)(' ' + random_below(source, 95));
        }
    }
}

void random_struct_fill(struct random_source *source, const struct ctp_layout *layout, void *body)
{
    memset(body, 0, layout->size);
    for (int i = 0; i < layout->field_count; i++) {
        const struct ctp_field *field = &layout->fields[i];
        char *at = (char *)body + field->offset;
        if (random_below(source, 3) == 0)
            continue;
        if (field->base == CTP_TEXT) {
            random_text(source, at, field->size);
        } else if (field->base == CTP_DOUBLE) {
            double value = random_double(source);
            memcpy(at, &value, sizeof value);
        } else if (field->base == CTP_CHAR) {
            *at = (char)(' ' + random_below(source, 95));
        } else {
            uint64_t bits = random_next(source);
            memcpy(at, &bits, field->size);
        }
    }
}
