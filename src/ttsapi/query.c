/* query.c: see query.h. */
#include "ttsapi/query.h"

void queries_init(struct queries *queries, uint32_t rate, uint32_t pending)
{
    *queries = (struct queries){
        .rate_limit = rate,
        .pending_limit = pending < QUERY_PENDING_MAX ? pending : QUERY_PENDING_MAX,
    };
}

static void remove_at(struct queries *queries, unsigned index)
{
    queries->pending[index] = queries->pending[--queries->pending_count];
}

static void remove_lost(struct queries *queries, int64_t now_ns, const struct timing *timing)
{
    for (unsigned i = queries->pending_count; i-- > 0;)
        if (now_ns - queries->pending[i].sent_ns >= timing->query_lost * INT64_C(1000000))
            remove_at(queries, i);
}

static bool is_too_fast(const struct queries *queries, int64_t now_ns, const struct timing *timing)
{
    unsigned most = queries->rate_limit < QUERY_SENT_MAX ? queries->rate_limit : QUERY_SENT_MAX;
    if (most == 0 || queries->sent_count < most)
        return false;
    int64_t span_ns = timing->query_rate * INT64_C(1000000) / queries->rate_limit * most;
    return now_ns - queries->sent_ns[(queries->sent_count - most) % QUERY_SENT_MAX] < span_ns;
}

int queries_begin(struct queries *queries, int request_id, int64_t now_ns,
                  const struct timing *timing)
{
    if (queries->pending_limit && queries->pending_count >= queries->pending_limit) {
        remove_lost(queries, now_ns, timing);
        if (queries->pending_count >= queries->pending_limit)
            return -2;
    }
    if (is_too_fast(queries, now_ns, timing))
        return -3;
    queries->sent_ns[queries->sent_count++ % QUERY_SENT_MAX] = now_ns;
    if (queries->pending_limit)
        queries->pending[queries->pending_count++] =
            (struct query){.request_id = request_id, .sent_ns = now_ns};
    return 0;
}

void queries_end(struct queries *queries, int request_id)
{
    for (unsigned i = 0; i < queries->pending_count; i++) {
        if (queries->pending[i].request_id == request_id) {
            remove_at(queries, i);
            return;
        }
    }
}
