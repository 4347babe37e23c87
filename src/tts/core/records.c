/* records.c: see records.h. */
#include "tts/core/records.h"
#include <assert.h>

size_t record_size(enum record_kind kind)
{
    static const size_t sizes[] = {
#define X(name, of) sizeof(struct CThostFtdc##of##Field),
        RECORD_KINDS(X)
#undef X
    };
    return sizes[kind];
}

struct records *records_create(void)
{
    return memory_get_zeroed(1, sizeof(struct records));
}

void records_destroy(struct records *records)
{
    if (!records)
        return;
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        free(records->of[kind].heads.at);
        buffer_finish(&records->of[kind].bodies);
    }
    free(records);
}

void records_clear(struct records *records)
{
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        records->of[kind].heads.count = 0;
        buffer_clear(&records->of[kind].bodies);
        records->of[kind].number = 0;
    }
}

uint32_t record_count(const struct core *core, enum record_kind kind)
{
    return core->records->of[kind].heads.count;
}

struct record *record_head(struct core *core, enum record_kind kind, uint32_t place)
{
    assert(place < record_count(core, kind));
    return &core->records->of[kind].heads.at[place];
}

const void *record_body(const struct core *core, enum record_kind kind, uint32_t place)
{
    assert(place < record_count(core, kind));
    return core->records->of[kind].bodies.at + place * record_size(kind);
}

void record_put(struct core *core, enum record_kind kind, uint32_t place, const struct record *head,
                const void *body)
{
    struct buffer *scratch = &core->scratch;
    struct effect_record effect = {.kind = (uint32_t)kind, .place = place};
    buffer_clear(scratch);
    buffer_put(scratch, head, sizeof *head);
    buffer_put(scratch, body, record_size(kind));
    effect_emit_record(core, &effect, scratch->at, scratch->length);
}

void records_apply(struct core *core, const struct effect_record *effect, const char *more,
                   size_t more_length)
{
    enum record_kind kind = (enum record_kind)effect->kind;
    assert(kind < RECORD_KIND_COUNT && effect->place <= record_count(core, kind));
    size_t size = record_size(kind);
    assert(more_length == sizeof(struct record) + size);
    if (effect->place == record_count(core, kind)) {
        LIST_ADD(&core->records->of[kind].heads);
        memset(buffer_reserve(&core->records->of[kind].bodies, size), 0, size);
        core->records->of[kind].bodies.length += size;
    }
    struct record *head = record_head(core, kind, effect->place);
    memcpy(head, more, sizeof *head);
    memcpy(core->records->of[kind].bodies.at + effect->place * size, more + sizeof *head, size);
    if (head->number > core->records->of[kind].number)
        core->records->of[kind].number = head->number;
}
