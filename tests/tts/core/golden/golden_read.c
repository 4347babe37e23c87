/* golden_read.c: reads members of worked cases and compares expected ones; see golden.h. It tells
 * everything that is wrong with a case and decides nothing about markets. */
#include "base/text.h"
#include "golden.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char golden_key[] = "";

static void print_place(const struct golden *golden)
{
    if (golden->has_steps)
        printf("%s step %zu ", golden->name, golden->step);
    else
        printf("%s ", golden->name);
}

void golden_differs(struct golden *golden, const char *where, const char *field, double want,
                    double got)
{
    golden->differences++;
    print_place(golden);
    printf("%s.%s: wanted %.12g, got %.12g\n", where, field, want, got);
}

void golden_fault(struct golden *golden, const char *format, ...)
{
    if (golden->faulted)
        return;
    golden->faulted = true;
    va_list arguments;
    va_start(arguments, format);
    print_place(golden);
    fputs("cannot be run: ", stdout);
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
}

bool golden_has_name(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

void golden_known(struct golden *golden, const char *where, const json_t *object,
                  const char *const *names)
{
    if (!object)
        return;
    if (!json_is_object(object)) {
        golden_fault(golden, "%s is no object", where);
        return;
    }
    void *cursor = json_object_iter((json_t *)(uintptr_t)object);
    for (; cursor; cursor = json_object_iter_next((json_t *)(uintptr_t)object, cursor))
        if (!golden_has_name(names, json_object_iter_key(cursor)))
            golden_fault(golden, "%s has a field `%s` that this program does not know", where,
                         json_object_iter_key(cursor));
}

static void same_number(struct golden *golden, const char *where, const char *field, double want,
                        double got)
{
    golden->checks++;
    if (!(want == got || fabs(want - got) <= golden->tolerance))
        golden_differs(golden, where, field, want, got);
}

void golden_same_text(struct golden *golden, const char *where, const char *want, const char *got)
{
    golden->checks++;
    if (strcmp(want, got) == 0)
        return;
    golden->differences++;
    print_place(golden);
    printf("%s: wanted \"%s\", got \"%s\"\n", where, want, got);
}

static void same_field(struct golden *golden, const char *where, const json_t *want,
                       const struct golden_field *field)
{
    static const double absent = 1.7976931348623157e+308;
    char place[160];
    snprintf(place, sizeof place, "%s.%s", where, field->name);
    if (field->text == golden_key)
        return;
    if (field->text && json_is_string(want))
        golden_same_text(golden, place, json_string_value(want), field->text);
    else if (!field->text && json_is_number(want))
        same_number(golden, where, field->name, json_number_value(want), field->number);
    else if (!field->text && json_is_string(want) && strcmp(json_string_value(want), "ABSENT") == 0)
        same_number(golden, where, field->name, absent, field->number);
    else
        golden_fault(golden, "%s is no %s", place, field->text ? "text" : "number");
}

void golden_same(struct golden *golden, const char *where, const json_t *want,
                 const struct golden_field *fields, size_t count)
{
    if (!want)
        return;
    if (!json_is_object(want)) {
        golden_fault(golden, "%s is no object", where);
        return;
    }
    void *cursor = json_object_iter((json_t *)(uintptr_t)want);
    for (; cursor; cursor = json_object_iter_next((json_t *)(uintptr_t)want, cursor)) {
        const char *name = json_object_iter_key(cursor);
        size_t i = 0;
        while (i < count && strcmp(fields[i].name, name) != 0)
            i++;
        if (i < count)
            same_field(golden, where, json_object_iter_value(cursor), &fields[i]);
        else
            golden_fault(golden, "%s.%s is expected, and this program does not know it", where,
                         name);
    }
}

static const json_t *member(const json_t *object, const char *field)
{
    const json_t *found = json_object_get(object, field);
    return json_is_null(found) ? NULL : found;
}

void golden_number(struct golden *golden, const char *where, const json_t *object,
                   const char *field, double got)
{
    if (member(object, field))
        same_number(golden, where, field, golden_get(golden, object, field, 0), got);
}

double golden_get(struct golden *golden, const json_t *object, const char *field, double fallback)
{
    const json_t *found = member(object, field);
    if (!found)
        return fallback;
    if (!json_is_number(found))
        golden_fault(golden, "%s is no number", field);
    return json_number_value(found);
}

const char *golden_text(struct golden *golden, const json_t *object, const char *field,
                        const char *fallback)
{
    const json_t *found = member(object, field);
    if (!found)
        return fallback;
    if (!json_is_string(found)) {
        golden_fault(golden, "%s is no text", field);
        return fallback;
    }
    return json_string_value(found);
}

double golden_need(struct golden *golden, const json_t *object, const char *field)
{
    if (!member(object, field))
        golden_fault(golden, "%s is missing", field);
    return golden_get(golden, object, field, 0);
}

const char *golden_need_text(struct golden *golden, const json_t *object, const char *field)
{
    if (!member(object, field))
        golden_fault(golden, "%s is missing", field);
    return golden_text(golden, object, field, "");
}

char golden_choice(struct golden *golden, const json_t *object, const char *field,
                   const char *allowed)
{
    const char *given = golden_text(golden, object, field, NULL);
    if (!given)
        return allowed[0];
    if (strlen(given) != 1 || !strchr(allowed, given[0])) {
        golden_fault(golden, "%s is \"%s\", not one of the characters %s", field, given, allowed);
        return allowed[0];
    }
    return given[0];
}

int golden_lots(struct golden *golden, const json_t *object, const char *field, int least)
{
    double lots = golden_need(golden, object, field);
    if (!(lots >= least && lots <= 1e9 && lots == floor(lots))) {
        golden_fault(golden, "%s is %.10g, no number of lots", field, lots);
        return 0;
    }
    return (int)lots;
}

int golden_date(struct golden *golden, const json_t *object, const char *field)
{
    const char *written = golden_text(golden, object, field, NULL);
    int64_t date = 0;
    if (!written)
        return 0;
    if (strlen(written) != 8 || !text_to_int(text_of(written), &date))
        golden_fault(golden, "%s is \"%s\", no date like 20250303", field, written);
    return (int)date;
}

const json_t *golden_list(struct golden *golden, const json_t *object, const char *field)
{
    const json_t *found = member(object, field);
    if (found && !json_is_array(found)) {
        golden_fault(golden, "%s is no list", field);
        return NULL;
    }
    return found;
}
