/* link_out.c: one client's connection, outwards: frames are appended and held, marked with the
 * sequence that must be durable, and sent when it is. What a client does not read in time is
 * bounded here: flows and ticks wait, and beyond the limit the client is closed. */
#include "base/log.h"
#include "tts/front/inside.h"

void numbers_add(struct numbers *numbers, uint32_t number)
{
    if (numbers->count == numbers->capacity) {
        numbers->capacity = numbers->capacity ? numbers->capacity * 2 : 64;
        numbers->at = memory_resize(numbers->at, numbers->capacity * sizeof *numbers->at);
    }
    numbers->at[numbers->count++] = number;
}

size_t link_unsent(const struct link *link)
{
    return link->out.length + link->sending.length + link->handshake.length;
}

void link_touched(struct link *link)
{
    if (link->in_touched)
        return;
    link->in_touched = true;
    numbers_add(&link->front->touched, link->place);
}

/* ---- frames ---- */

void link_write_callback(struct link *link, enum wire_kind kind, enum ctp_method callback,
                         const void *body, const struct CThostFtdcRspInfoField *rsp_info,
                         int request_id, bool is_last, uint32_t sequence)
{
    struct front *front = link->front;
    int slot = ctp_method_slot(link->version, callback);
    if (link->state != LINK_OPEN || link->broken || slot < 0)
        return;
    enum ctp_struct of = ctp_method_info(callback)->of;
    const struct ctp_layout *layout = ctp_layout_find(link->version, of);
    const struct ctp_layout *rsp_layout = ctp_layout_find(link->version, CTP_STRUCT_RspInfo);
    if (body && layout)
        ctp_convert(core_layout(of), body, layout, front->body.bytes);
    if (rsp_info)
        ctp_convert(core_layout(CTP_STRUCT_RspInfo), rsp_info, rsp_layout, front->rsp.bytes);
    struct wire_frame frame = {.kind = kind,
                               .flags = is_last ? WIRE_IS_LAST : 0,
                               .slot = (unsigned)slot,
                               .request_id = request_id,
                               .sequence = sequence};
    wire_frame_write(&link->out, &frame, rsp_layout, rsp_info ? front->rsp.bytes : NULL, layout,
                     body && layout ? front->body.bytes : NULL);
    front->figures.frames_sent++;
    link_touched(link);
    if (link_unsent(link) > front->options.out_bytes_max) {
        log_line(LOG_WARN, "%s reads too slowly: %zu bytes wait, closing", link->address,
                 link_unsent(link));
        link->broken = true; /* this may be a call of the core, which still uses the connection */
    }
}

/* ---- marks ---- */

static void add_mark(struct link *link, uint64_t sequence)
{
    if (link->mark_count && link->marks[link->mark_count - 1].sequence == sequence) {
        link->marks[link->mark_count - 1].end = link->marked;
        return;
    }
    if (link->mark_count == link->mark_capacity) {
        link->mark_capacity = link->mark_capacity ? link->mark_capacity * 2 : 8;
        link->marks = memory_resize(link->marks, link->mark_capacity * sizeof *link->marks);
    }
    link->marks[link->mark_count++] = (struct mark){.sequence = sequence, .end = link->marked};
}

void link_seal(struct link *link, uint64_t sequence)
{
    uint64_t end = link->base + link->out.length;
    if (end == link->marked && !link->close_when_sent)
        return;
    link->marked = end;
    add_mark(link, sequence);
    if (link->in_waiting)
        return;
    link->in_waiting = true;
    numbers_add(&link->front->waiting, link->place);
}

void link_release(struct link *link, uint64_t sequence)
{
    uint32_t gone = 0;
    while (gone < link->mark_count && link->marks[gone].sequence <= sequence)
        link->ready = (size_t)(link->marks[gone++].end - link->base);
    if (gone == 0)
        return;
    link->mark_count -= gone;
    memmove(link->marks, link->marks + gone, link->mark_count * sizeof *link->marks);
    link_flush(link);
}

/* ---- sending ---- */

static void written(uv_write_t *write, int status)
{
    struct link *link = write->data;
    link->writing = false;
    buffer_clear(&link->sending);
    if (status != 0)
        link_close(link);
    else
        link_flush(link);
}

static void start_write(struct link *link)
{
    uv_buf_t piece = uv_buf_init(link->sending.at, (unsigned)link->sending.length);
    link->writing = true;
    link->write.data = link;
    if (uv_write(&link->write, (uv_stream_t *)&link->tcp, &piece, 1, written) != 0) {
        link->writing = false;
        link_close(link);
    }
}

/* Takes the bytes that may go out of `out` into `sending`, by exchanging the buffers where all may
 * go. False: TLS is broken. */
static bool take_ready(struct link *link)
{
    bool fine = true;
    link->base += link->ready;
    link->front->figures.bytes_sent += link->ready;
    if (link->tls) {
        fine = tls_seal(link->tls, link->out.at, link->ready, &link->sending);
        buffer_drop(&link->out, link->ready);
    } else if (link->ready == link->out.length && link->sending.length == 0) {
        struct buffer exchanged = link->sending;
        link->sending = link->out;
        link->out = exchanged;
    } else {
        buffer_put(&link->sending, link->out.at, link->ready);
        buffer_drop(&link->out, link->ready);
    }
    link->ready = 0;
    return fine;
}

/* Most frames fit into the socket's buffer: one system call and no write request. */
static void try_write(struct link *link)
{
    uv_buf_t piece = uv_buf_init(link->sending.at, (unsigned)link->sending.length);
    int sent = uv_try_write((uv_stream_t *)&link->tcp, &piece, 1);
    if (sent > 0)
        buffer_drop(&link->sending, (size_t)sent);
}

void link_flush(struct link *link)
{
    if ((link->state != LINK_NEW && link->state != LINK_OPEN) || link->writing)
        return;
    if (link->handshake.length) {
        buffer_put(&link->sending, link->handshake.at, link->handshake.length);
        buffer_clear(&link->handshake);
    }
    if (link->ready && !take_ready(link)) {
        link_close(link);
        return;
    }
    if (link->sending.length) {
        link->last_sent_ms = uv_now(link->front->loop);
        try_write(link);
    }
    if (link->sending.length)
        start_write(link);
    else if (link->close_when_sent && link->out.length == 0)
        link_close(link);
    if ((link->behind || link->owes_ticks) && link_unsent(link) < PUMP_BYTES_MAX)
        link_touched(link); /* what waited for room goes on */
}
