/* convert.c: a struct from one layout to another, field by field, by name. Which field goes where
 * is worked out once for each pair of layouts and kept; reading the kept plans takes no lock. */
#include "base/buffer.h"
#include "ctp/ctp.h"
#include "ctp/gb18030.h"
#include <assert.h>
#include <stdatomic.h>

struct step {
    uint8_t base;
    uint16_t from, to;           /* offsets */
    uint16_t from_size, to_size; /* bytes of text fields */
};

struct plan {
    const struct ctp_layout *from, *to;
    struct plan *next;
    unsigned count;
    struct step steps[];
};

enum { BUCKETS = 1024 };
static _Atomic(struct plan *) buckets[BUCKETS];

static struct plan *make_plan(const struct ctp_layout *from, const struct ctp_layout *to)
{
    struct plan *plan = memory_get(sizeof *plan + from->field_count * sizeof plan->steps[0]);
    *plan = (struct plan){.from = from, .to = to};
    for (int i = 0; i < from->field_count; i++) {
        const struct ctp_field *source = &from->fields[i];
        const struct ctp_field *target =
            ctp_field_find(to, (text){source->name, source->name_length});
        if (!target || target->base != source->base)
            continue;
        plan->steps[plan->count++] = (struct step){
            .base = source->base,
            .from = source->offset,
            .to = target->offset,
            .from_size = source->size,
            .to_size = target->size,
        };
    }
    return plan;
}

/* Plans are only ever added, so a reader may walk a bucket while another thread pushes; a plan made
 * twice is harmless. */
static const struct plan *find_plan(const struct ctp_layout *from, const struct ctp_layout *to)
{
    uintptr_t mixed = (uintptr_t)from / 8 * 31 + (uintptr_t)to / 8;
    _Atomic(struct plan *) *bucket = &buckets[(mixed ^ mixed >> 10) % BUCKETS];
    struct plan *head = atomic_load_explicit(bucket, memory_order_acquire);
    for (struct plan *plan = head; plan; plan = plan->next)
        if (plan->from == from && plan->to == to)
            return plan;
    struct plan *made = make_plan(from, to);
    made->next = head;
    while (!atomic_compare_exchange_weak_explicit(bucket, &made->next, made, memory_order_release,
                                                  memory_order_acquire))
        ;
    return made;
}

void ctp_convert(const struct ctp_layout *from_layout, const void *from,
                 const struct ctp_layout *to_layout, void *to)
{
    if (from_layout == to_layout) {
        memcpy(to, from, to_layout->size);
        return;
    }
    const struct plan *plan = find_plan(from_layout, to_layout);
    memset(to, 0, to_layout->size);
    for (unsigned i = 0; i < plan->count; i++) {
        const struct step *step = &plan->steps[i];
        const char *source = (const char *)from + step->from;
        char *target = (char *)to + step->to;
        if (step->base != CTP_TEXT) {
            memcpy(target, source, step->to_size);
            continue;
        }
        text t = text_of_field(source, step->from_size);
        t.length = gb18030_cut(t, step->to_size - 1u);
        memcpy(target, t.at, t.length);
    }
}
