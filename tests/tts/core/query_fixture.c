/* query_fixture.c: see query_fixture.h. */
#include "query_fixture.h"
#include "cmocka_all.h"
#include <string.h>

static struct {
    struct buffer rows;
    size_t size;
    int count, answers, error_id;
    bool ended, front_error;
    enum ctp_method expected;
    int request_id;
} heard;

static void on_row(void *user, uint32_t connection, enum ctp_method callback, const void *body,
                   const struct CThostFtdcRspInfoField *rsp_info, int request_id, bool is_last)
{
    (void)user;
    (void)connection;
    heard.front_error = callback == CTP_TraderSpi_OnRspError || callback == CTP_MdSpi_OnRspError;
    if (!heard.front_error)
        assert_int_equal(callback, heard.expected);
    assert_int_equal(request_id, heard.request_id);
    assert_false(heard.ended);
    heard.ended = is_last;
    heard.answers++;
    heard.error_id = rsp_info ? rsp_info->ErrorID : 0;
    if (rsp_info && rsp_info->ErrorID) {
        assert_true(is_last && heard.answers == 1);
        return;
    }
    if (!body) {
        assert_true(is_last && heard.count == 0);
        return;
    }
    buffer_put(&heard.rows, body, heard.size);
    while (heard.rows.length % 8)
        buffer_put_char(&heard.rows, '\0'); /* rows stand aligned */
    heard.count++;
}

int query_ask(struct fixture *fixture, uint32_t connection, enum ctp_method method,
              const void *body)
{
    struct core_sink *sink = &fixture->core->sink;
    struct core_sink before = *sink;
    uint64_t hash = core_hash(fixture->core);
    buffer_finish(&heard.rows);
    memset(&heard, 0, sizeof heard);
    heard.expected = ctp_method_answer(method);
    heard.request_id = fixture->request_id + 1;
    const struct ctp_layout *layout = core_layout(ctp_method_info(heard.expected)->of);
    heard.size = layout->size;
    sink->answer = on_row;
    fixture_send(fixture, connection, method, body);
    *sink = before;
    assert_true(heard.ended);
    assert_true(core_hash(fixture->core) == hash);
    return heard.count;
}

const void *query_answered(int number)
{
    size_t apart = (heard.size + 7) / 8 * 8;
    return number < heard.count ? heard.rows.at + (size_t)number * apart : NULL;
}

int query_error(void)
{
    return heard.error_id;
}

bool query_was_front_error(void)
{
    return heard.front_error;
}

void query_compare(double value, double expected, const char *what, const char *file, int line)
{
    if (value - expected <= 1e-6 && expected - value <= 1e-6)
        return;
    print_error("%s is %.10g, not %.10g\n", what, value, expected);
    _fail(file, line);
}
