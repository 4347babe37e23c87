/* pacing.c: see pacing.h. */
#include "webctp/pacing.h"
#include "base/buffer.h"

bool pacing_may_wait(enum ctp_method method)
{
    text name = text_of(ctp_method_info(method)->name);
    return text_starts_with(name, TEXT("ReqQry")) || text_starts_with(name, TEXT("ReqQuery"));
}

bool pacing_is_later(int code)
{
    return code == -2 || code == -3;
}

bool pacing_push(struct pacing *pacing, enum ctp_method method, int request_id, const void *body,
                 size_t size)
{
    if (pacing->count >= PACING_QUERIES_MAX)
        return false;
    struct paced_query *query = memory_get_zeroed(1, sizeof *query);
    query->method = method;
    query->request_id = request_id;
    memcpy(query->body, body, size);
    if (pacing->newest)
        pacing->newest->next = query;
    else
        pacing->oldest = query;
    pacing->newest = query;
    pacing->count++;
    return true;
}

struct paced_query *pacing_pop(struct pacing *pacing)
{
    struct paced_query *query = pacing->oldest;
    if (!query)
        return NULL;
    pacing->oldest = query->next;
    if (!pacing->oldest)
        pacing->newest = NULL;
    pacing->count--;
    return query;
}

void pacing_clear(struct pacing *pacing)
{
    struct paced_query *query;
    while ((query = pacing_pop(pacing)))
        free(query);
}
