/* reply.c: see reply.h. Error texts, answers, kept messages and the small conversions of CTP's text
 * fields. */
#include "tts/core/reply.h"
#include "base/clock.h"
#include "base/number.h"
#include "codec/wire.h"
#include "ctp/gb18030.h"
#include <assert.h>
#include <stdarg.h>

static const struct {
    int error_id;
    const char *text;
} refusals[] = {
#define REFUSAL(id, text) {id, text},
#include "tts/core/refusals.def"
#undef REFUSAL
};

static const char *refusal_text(int error_id)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (refusals[i].error_id == error_id)
            return refusals[i].text;
    assert(false && "an ErrorID that refusals.def does not have");
    return "";
}

struct refusal refusal_of(int error_id)
{
    return (struct refusal){.error_id = error_id};
}

/* What vsnprintf cut in the middle of a character would make the whole text no UTF-8. */
static void drop_cut_character(char *utf8)
{
    size_t length = strlen(utf8), at = length;
    while (at > 0 && ((unsigned char)utf8[at - 1] & 0xC0) == 0x80)
        at--;
    if (at == 0)
        return;
    unsigned char lead = (unsigned char)utf8[at - 1];
    size_t whole = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length - (at - 1) < whole)
        utf8[at - 1] = '\0';
}

struct refusal refusal_with(int error_id, const char *format, ...)
{
    struct refusal refusal = {.error_id = error_id};
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(refusal.detail, sizeof refusal.detail, format, arguments);
    va_end(arguments);
    if (wanted >= (int)sizeof refusal.detail)
        drop_cut_character(refusal.detail);
    return refusal;
}

void refusal_fill(const struct refusal *refusal, struct CThostFtdcRspInfoField *rsp_info)
{
    char utf8[200];
    const char *base = refusal_text(refusal->error_id);
    if (refusal->detail[0] && refusal->error_id == CTP_ERROR_EXCHANGE_RTNERROR)
        snprintf(utf8, sizeof utf8, "%s", refusal->detail); /* the exchange's own words */
    else if (refusal->detail[0])
        snprintf(utf8, sizeof utf8, "%s(%s)", base, refusal->detail);
    else
        snprintf(utf8, sizeof utf8, "%s", base);
    char gb[400];
    size_t length;
    if (!gb18030_from_utf8(text_of(utf8), gb, sizeof gb, &length))
        length = 0;
    memset(rsp_info, 0, sizeof *rsp_info);
    rsp_info->ErrorID = refusal->error_id;
    text all = {gb, length};
    all.length = gb18030_cut(all, sizeof rsp_info->ErrorMsg - 1);
    PUT_TEXT(rsp_info->ErrorMsg, all);
}

const struct ctp_layout *core_layout(enum ctp_struct of)
{
    if (of == CTP_STRUCT_QueryMaxOrderVolume)
        of = CTP_STRUCT_QryMaxOrderVolume;
    return ctp_layout_find(CTP_NEWEST, of);
}

/* ---- dialog and query answers ---- */

void reply_front_error(struct core *core, const struct core_request *request, int error_id)
{
    struct refusal refusal = refusal_of(error_id);
    struct CThostFtdcRspInfoField rsp_info;
    refusal_fill(&refusal, &rsp_info);
    bool md = core_connection(core, request->connection)->md;
    core->sink.answer(core->sink.user, request->connection,
                      md ? CTP_MdSpi_OnRspError : CTP_TraderSpi_OnRspError, NULL, &rsp_info,
                      request->request_id, true);
}

void reply_one(struct core *core, const struct core_request *request, const void *body,
               const struct refusal *refusal)
{
    enum ctp_method callback = ctp_method_answer(request->method);
    if (callback == CTP_METHOD_NONE) {
        reply_front_error(core, request, refusal->error_id);
        return;
    }
    struct CThostFtdcRspInfoField rsp_info;
    refusal_fill(refusal, &rsp_info);
    if (refusal->error_id == 0 && core_connection(core, request->connection)->md)
        PUT_TEXT(rsp_info.ErrorMsg, TEXT("CTP:No Error")); /* as market data fronts say it */
    core->sink.answer(core->sink.user, request->connection, callback, body, &rsp_info,
                      request->request_id, true);
}

void reply_rows_begin(struct reply_rows *rows, struct core *core,
                      const struct core_request *request)
{
    rows->core = core;
    rows->request = request;
    rows->callback = ctp_method_answer(request->method);
    rows->pending = false;
    const struct ctp_layout *layout = core_layout(ctp_method_info(rows->callback)->of);
    assert(layout && layout->size <= sizeof rows->row);
    rows->size = layout->size;
}

static void send_row(struct reply_rows *rows, bool is_last)
{
    const struct core_sink *sink = &rows->core->sink;
    sink->answer(sink->user, rows->request->connection, rows->callback,
                 rows->pending ? rows->row.bytes : NULL, NULL, rows->request->request_id, is_last);
}

void reply_row(struct reply_rows *rows, const void *body)
{
    if (rows->pending)
        send_row(rows, false);
    memcpy(rows->row.bytes, body, rows->size);
    rows->pending = true;
}

void reply_rows_end(struct reply_rows *rows)
{
    send_row(rows, true);
}

/* ---- kept messages ---- */

static void emit_message(struct core *core, uint32_t user, uint32_t account,
                         enum ctp_method callback, const void *body, const struct refusal *refusal)
{
    struct buffer *scratch = &core->scratch;
    buffer_clear(scratch);
    wire_pack(scratch, ctp_layout_find(CTP_NEWEST, ctp_method_info(callback)->of), body);
    if (refusal) {
        struct CThostFtdcRspInfoField rsp_info;
        refusal_fill(refusal, &rsp_info);
        wire_pack(scratch, ctp_layout_find(CTP_NEWEST, CTP_STRUCT_RspInfo), &rsp_info);
    }
    struct effect_message effect = {
        .user = user,
        .account = account,
        .callback = (uint32_t)callback,
        .has_rsp_info = refusal != NULL,
        .length = (uint32_t)scratch->length,
    };
    effect_emit_message(core, &effect, scratch->at, scratch->length);
}

void reply_private_to_user(struct core *core, uint32_t user, enum ctp_method callback,
                           const void *body, const struct refusal *refusal)
{
    emit_message(core, user, NONE, callback, body, refusal);
}

void reply_private_to_account(struct core *core, uint32_t account, enum ctp_method callback,
                              const void *body, const struct refusal *refusal)
{
    emit_message(core, NONE, account, callback, body, refusal);
}

void reply_public(struct core *core, enum ctp_method callback, const void *body)
{
    emit_message(core, NONE, NONE, callback, body, NULL);
}

/* ---- conversions ---- */

/* No printf in these: each return of an order has a dozen of them. */
void put_date(char *field, size_t size, int date)
{
    char digits[20];
    size_t length = date > 0 ? number_write_padded((uint64_t)date, 8, digits) : 0;
    text_copy(field, size, (text){digits, length});
}

void put_time(char *field, size_t size, int second)
{
    char clock[20 + sizeof ":00:00"] = "";
    size_t length = 0;
    if (second >= 0) {
        length = number_write_padded((uint64_t)second / 3600, 2, clock);
        clock[length++] = ':';
        length += number_write_padded((uint64_t)second / 60 % 60, 2, clock + length);
        clock[length++] = ':';
        length += number_write_padded((uint64_t)second % 60, 2, clock + length);
    }
    text_copy(field, size, (text){clock, length});
}

void put_number(char *field, size_t size, int64_t number)
{
    enum { WIDTH = 12 };
    char digits[WIDTH + 24];
    memset(digits, ' ', WIDTH);
    size_t length = number_write_int(number, digits + WIDTH);
    size_t blanks = length < WIDTH ? WIDTH - length : 0;
    text_copy(field, size, (text){digits + WIDTH - blanks, blanks + length});
}

bool read_number(text t, int64_t *number)
{
    t = text_trim(t);
    return t.length > 0 && text_to_int(t, number);
}

int core_wall_date(const struct core *core)
{
    struct beijing_time now = clock_beijing(core->now.wall_us);
    return now.year * 10000 + now.month * 100 + now.day;
}

int core_wall_second(const struct core *core)
{
    struct beijing_time now = clock_beijing(core->now.wall_us);
    return now.hour * 3600 + now.minute * 60 + now.second;
}
