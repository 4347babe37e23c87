/* pattern.c: see pattern.h. */
#include "pattern.h"
#include <ctype.h>
#include <math.h>

static bool differs(char *why, size_t size, const char *key, const json_t *pattern,
                    const json_t *value)
{
    char *wanted = json_dumps(pattern, JSON_ENCODE_ANY | JSON_COMPACT);
    char *got = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    snprintf(why, size, "%s: wanted %s, got %s", key, wanted, got ? got : "nothing");
    free(wanted);
    free(got);
    return false;
}

static bool text_matches(const json_t *pattern, const json_t *value, json_t *caught)
{
    const char *wanted = json_string_value(pattern);
    size_t length = strlen(wanted);
    if (text_equal(text_of(wanted), TEXT("*")))
        return true;
    if (wanted[0] != '$' && length > 0 && wanted[length - 1] == '*')
        return json_is_string(value) && strncmp(json_string_value(value), wanted, length - 1) == 0;
    if (wanted[0] != '$')
        return json_equal(pattern, value);
    json_t *before = json_object_get(caught, wanted + 1);
    if (before)
        return json_equal(before, value);
    json_object_set(caught, wanted + 1, (json_t *)(uintptr_t)value);
    return true;
}

static bool matches(const json_t *pattern, const json_t *value, json_t *caught, const char *key,
                    char *why, size_t size);

static bool object_matches(const json_t *pattern, const json_t *value, json_t *caught, char *why,
                           size_t size)
{
    const char *key;
    json_t *wanted;
    json_object_foreach((json_t *)(uintptr_t)pattern, key, wanted)
    {
        const json_t *got = json_object_get(value, key);
        bool absent = json_is_string(wanted) &&
                      text_equal(text_of(json_string_value(wanted)), TEXT("<absent>"));
        if (absent != (got == NULL))
            return differs(why, size, key, wanted, got);
        if (!absent && !matches(wanted, got, caught, key, why, size))
            return false;
    }
    return true;
}

static bool matches(const json_t *pattern, const json_t *value, json_t *caught, const char *key,
                    char *why, size_t size)
{
    if (json_is_object(pattern) && json_is_object(value))
        return object_matches(pattern, value, caught, why, size);
    bool fine = false;
    if (json_is_number(pattern) && json_is_number(value))
        fine = fabs(json_number_value(pattern) - json_number_value(value)) <= 1e-6;
    else if (json_is_string(pattern))
        fine = text_matches(pattern, value, caught);
    else
        fine = json_equal(pattern, value);
    return fine || differs(why, size, key, pattern, value);
}

bool pattern_matches(const json_t *pattern, const json_t *value, json_t *caught, char *why,
                     size_t size)
{
    return matches(pattern, value, caught, "(message)", why, size);
}

/* A text is put in as it is, anything else as JSON. */
static void put_value(struct buffer *out, const json_t *value)
{
    if (json_is_string(value)) {
        buffer_put(out, json_string_value(value), json_string_length(value));
        return;
    }
    char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    buffer_put_text(out, text_of(dumped));
    free(dumped);
}

bool pattern_fill(text line, const json_t *caught, struct buffer *out)
{
    bool filled = false;
    size_t at = 0;
    while (at < line.length) {
        size_t end = at + 1;
        while (line.at[at] == '$' && end < line.length &&
               (isalnum((unsigned char)line.at[end]) || line.at[end] == '_'))
            end++;
        char name[64];
        text_copy(name, sizeof name, (text){line.at + at + 1, end - at - 1});
        const json_t *value = line.at[at] == '$' ? json_object_get(caught, name) : NULL;
        if (value)
            put_value(out, value);
        else
            buffer_put(out, line.at + at, end - at);
        filled |= value != NULL;
        at = end;
    }
    return filled;
}
