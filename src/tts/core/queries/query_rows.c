/* query_rows.c: see query_rows.h. */
#include "tts/core/queries/query_rows.h"
#include "ctp/gb18030.h"
#include "tts/core/handlers.h"
#include "tts/core/market/session_table.h"
#include <assert.h>
#include <stdlib.h>

/* ---- who asks ---- */

text query_asked(const struct query *query, const char *name)
{
    const struct ctp_field *field = ctp_field_find(query->asked, text_of(name));
    if (!field || field->base != CTP_TEXT)
        return TEXT("");
    return text_trim(
        text_of_field((const char *)query->request->body + field->offset, field->size));
}

/* The account that the field names, which must be the user's. */
static bool name_account(struct query *query, const char *field)
{
    text id = query_asked(query, field);
    if (id.length == 0)
        return true;
    uint32_t account = core_find_account(query->core, id);
    if (account == NONE || !core_user_may(query->core, query->from->user, account))
        return false;
    query->nothing |= query->investor != NONE && query->investor != account;
    query->investor = account;
    return true;
}

static struct refusal check_asker(struct query *query)
{
    const struct core *core = query->core;
    const struct connection *from = query->from;
    if (ctp_field_find(query->asked, TEXT("BrokerID"))) {
        int error_id = core_check_broker(core, from, query_asked(query, "BrokerID"));
        if (error_id)
            return refusal_of(error_id);
    }
    if (from->user == NONE)
        return refusal_none();
    text user = query_asked(query, "UserID");
    bool own = user.length == 0 || text_equal(user, text_of(core->users.at[from->user].id));
    if (!own || !name_account(query, "InvestorID") || !name_account(query, "AccountID"))
        return refusal_of(CTP_ERROR_NO_PRIVILEGE);
    text currency = query_asked(query, "CurrencyID");
    query->nothing |= currency.length && !text_equal(currency, TEXT("CNY"));
    return refusal_none();
}

/* ---- what is selected ---- */

static bool is_no_filter(text name)
{
    static const text names[] = {
        {"BrokerID", 8}, {"InvestorID", 10},   {"AccountID", 9},   {"UserID", 6},
        {"BizType", 7},  {"InvestUnitID", 12}, {"CurrencyID", 10},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal(name, names[i]))
            return true;
    return text_starts_with(name, TEXT("reserve"));
}

static bool is_empty(const struct ctp_field *field, const char *at)
{
    int number;
    switch (field->base) {
    case CTP_TEXT:
        return text_trim(text_of_field(at, field->size)).length == 0;
    case CTP_CHAR:
        return *at == '\0';
    case CTP_INT:
        memcpy(&number, at, sizeof number);
        return number == 0;
    default:
        return true;
    }
}

/* "InsertTimeStart" bounds "InsertTime": cuts the name and gives the bound. */
static char bound_of(text *name)
{
    static const text start = {"TimeStart", 9}, end = {"TimeEnd", 7};
    char bound = text_ends_with(*name, start) ? '<' : text_ends_with(*name, end) ? '>' : '\0';
    if (bound)
        name->length -= bound == '<' ? 5 : 3;
    return bound;
}

static void collect_filters(struct query *query, const struct ctp_layout *row)
{
    query->filter_count = 0;
    for (int i = 0; i < query->asked->field_count; i++) {
        const struct ctp_field *asked = &query->asked->fields[i];
        text name = {asked->name, asked->name_length};
        if (is_no_filter(name) ||
            is_empty(asked, (const char *)query->request->body + asked->offset))
            continue;
        char bound = bound_of(&name);
        const struct ctp_field *shown = ctp_field_find(row, name);
        if (!shown || shown->base != asked->base)
            continue;
        assert(query->filter_count < QUERY_FILTERS_MAX);
        query->filters[query->filter_count++] = (struct query_filter){asked, shown, bound};
    }
}

/* "HH:MM:SS" as seconds along the trading day; false when it is no time. */
static bool read_line_second(text clock, int *line_second)
{
    int64_t hour, minute, second = 0;
    text rest = text_trim(clock);
    bool good = text_to_int(text_cut(&rest, ':'), &hour);
    good = good && text_to_int(text_cut(&rest, ':'), &minute);
    if (good && rest.length)
        good = text_to_int(rest, &second);
    if (!good || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    *line_second = session_line_second((int)(hour * 3600 + minute * 60 + second));
    return true;
}

static bool fits(const struct query *query, const struct query_filter *filter, const char *row)
{
    const char *asked_at = (const char *)query->request->body + filter->asked->offset;
    const char *row_at = row + filter->row->offset;
    if (filter->asked->base != CTP_TEXT)
        return memcmp(asked_at, row_at, filter->row->base == CTP_CHAR ? 1 : sizeof(int)) == 0;
    text asked = text_trim(text_of_field(asked_at, filter->asked->size));
    text shown = text_trim(text_of_field(row_at, filter->row->size));
    if (filter->bound) {
        int limit, moment;
        if (!read_line_second(asked, &limit) || !read_line_second(shown, &moment))
            return false;
        return filter->bound == '<' ? moment >= limit : moment <= limit;
    }
    bool exchange = text_equal(text_of(filter->asked->name), TEXT("ExchangeID"));
    return exchange ? text_equal_ignore_case(asked, shown) : text_equal(asked, shown);
}

void query_ignore(struct query *query, const char *name)
{
    int kept = 0;
    for (int i = 0; i < query->filter_count; i++)
        if (!text_equal(text_of(query->filters[i].asked->name), text_of(name)))
            query->filters[kept++] = query->filters[i];
    query->filter_count = kept;
}

/* ---- the answer ---- */

bool query_begin(struct query *query, struct core *core, const struct core_request *request)
{
    query->core = core;
    query->request = request;
    query->from = core_connection(core, request->connection);
    query->asked = core_layout(ctp_method_info(request->method)->of);
    query->investor = NONE;
    query->nothing = false;
    struct refusal refusal = check_asker(query);
    if (refusal.error_id) {
        reply_one(core, request, NULL, &refusal);
        return false;
    }
    reply_rows_begin(&query->rows, core, request);
    const struct ctp_layout *row = core_layout(ctp_method_info(query->rows.callback)->of);
    query->broker = ctp_field_find(row, TEXT("BrokerID"));
    collect_filters(query, row);
    return true;
}

void query_row(struct query *query, void *row)
{
    if (query->nothing)
        return;
    for (int i = 0; i < query->filter_count; i++)
        if (!fits(query, &query->filters[i], row))
            return;
    if (query->broker)
        text_copy((char *)row + query->broker->offset, query->broker->size,
                  text_of(query->from->broker_id));
    reply_row(&query->rows, row);
}

void query_end(struct query *query)
{
    reply_rows_end(&query->rows);
}

void query_nothing(struct core *core, const struct core_request *request)
{
    struct query query;
    if (query_begin(&query, core, request))
        query_end(&query);
}

/* ---- accounts ---- */

bool query_next_account(const struct query *query, uint32_t *cursor, uint32_t *account)
{
    const struct user *user = &query->core->users.at[query->from->user];
    while (*cursor < user->investors.count) {
        *account = user->investors.at[(*cursor)++];
        if (query->investor == NONE || *account == query->investor)
            return true;
    }
    return false;
}

bool query_sees(const struct query *query, uint32_t account)
{
    return query->investor == NONE ? core_user_may(query->core, query->from->user, account)
                                   : account == query->investor;
}

/* ---- instruments, products, exchanges in their order ---- */

uint32_t query_place(const struct query *query, const struct instrument *instrument)
{
    return (uint32_t)(instrument - query->core->market.instruments);
}

static bool is_on_asked_exchange(const struct query *query, enum exchange exchange)
{
    text asked = query_asked(query, "ExchangeID");
    return asked.length == 0 || text_equal_ignore_case(asked, text_of(exchange_id(exchange)));
}

bool query_fits_instrument(const struct query *query, uint32_t place)
{
    const struct instrument *instrument = core_instrument(query->core, place);
    text asked = query_asked(query, "InstrumentID");
    return is_on_asked_exchange(query, instrument->exchange) &&
           (asked.length == 0 || text_equal(asked, text_of(instrument->id)));
}

static int compare_ids(enum exchange a_exchange, const char *a_id, enum exchange b_exchange,
                       const char *b_id)
{
    if (a_exchange != b_exchange)
        return text_compare(text_of(exchange_id(a_exchange)), text_of(exchange_id(b_exchange)));
    return text_compare(text_of(a_id), text_of(b_id));
}

static int compare_instruments(const void *a, const void *b)
{
    const struct instrument *one = *(const struct instrument *const *)a;
    const struct instrument *other = *(const struct instrument *const *)b;
    return compare_ids(one->exchange, one->id, other->exchange, other->id);
}

static int compare_products(const void *a, const void *b)
{
    const struct product *one = *(const struct product *const *)a;
    const struct product *other = *(const struct product *const *)b;
    return compare_ids(one->exchange, one->id, other->exchange, other->id);
}

/* The instruments of that id: at most one for each exchange. */
static void find_instruments(const struct query *query, text id, struct query_instruments *found)
{
    const struct market *market = &query->core->market;
    found->at = memory_get(EXCHANGE_COUNT * sizeof *found->at);
    for (int exchange = 0; exchange < EXCHANGE_COUNT; exchange++) {
        uint32_t place = market_find_instrument(market, (enum exchange)exchange, id);
        if (place != INSTRUMENT_NONE && is_on_asked_exchange(query, (enum exchange)exchange))
            found->at[found->count++] = &market->instruments[place];
    }
}

struct query_instruments query_instruments(const struct query *query)
{
    const struct market *market = &query->core->market;
    struct query_instruments all = {.count = 0};
    text id = query_asked(query, "InstrumentID");
    if (id.length) {
        find_instruments(query, id, &all);
    } else {
        all.at = memory_get((market->instrument_count + 1) * sizeof *all.at);
        for (uint32_t i = 0; i < market->instrument_count; i++)
            if (is_on_asked_exchange(query, market->instruments[i].exchange))
                all.at[all.count++] = &market->instruments[i];
    }
    qsort(all.at, all.count, sizeof *all.at, compare_instruments);
    return all;
}

void query_instruments_free(struct query_instruments *instruments)
{
    free(instruments->at);
}

/* All products by exchange and id; the caller frees. */
static const struct product **sort_products(const struct market *market)
{
    const struct product **all = memory_get((market->product_count + 1) * sizeof *all);
    for (uint32_t i = 0; i < market->product_count; i++)
        all[i] = &market->products[i];
    qsort(all, market->product_count, sizeof *all, compare_products);
    return all;
}

static bool has_products(const struct core *core, enum exchange exchange)
{
    for (uint32_t i = 0; i < core->market.product_count; i++)
        if (core->market.products[i].exchange == exchange)
            return true;
    return false;
}

bool query_next_exchange(const struct query *query, int *cursor, enum exchange *exchange)
{
    static const enum exchange by_id[EXCHANGE_COUNT] = {
        EXCHANGE_BSE, EXCHANGE_CFFEX, EXCHANGE_CZCE, EXCHANGE_DCE,  EXCHANGE_GFEX,
        EXCHANGE_INE, EXCHANGE_SHFE,  EXCHANGE_SSE,  EXCHANGE_SZSE, EXCHANGE_TTS,
    };
    while (*cursor < EXCHANGE_COUNT) {
        *exchange = by_id[(*cursor)++];
        if (has_products(query->core, *exchange))
            return true;
    }
    return false;
}

/* ---- whole queries ---- */

void query_by_account(struct core *core, const struct core_request *request,
                      void (*rows)(struct query *query, uint32_t account))
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    uint32_t cursor = 0, account;
    while (query_next_account(&query, &cursor, &account))
        rows(&query, account);
    query_end(&query);
}

void query_by_exchange(struct core *core, const struct core_request *request,
                       void (*rows)(struct query *query, enum exchange exchange))
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    int cursor = 0;
    enum exchange exchange;
    while (query_next_exchange(&query, &cursor, &exchange))
        rows(&query, exchange);
    query_end(&query);
}

void query_by_product(struct core *core, const struct core_request *request,
                      void (*rows)(struct query *query, const struct product *product))
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    const struct product **products = sort_products(&core->market);
    for (uint32_t i = 0; i < core->market.product_count; i++)
        rows(&query, products[i]);
    free(products);
    query_end(&query);
}

void query_by_instrument(struct core *core, const struct core_request *request,
                         void (*rows)(struct query *query, const struct instrument *instrument))
{
    struct query query;
    if (!query_begin(&query, core, request))
        return;
    struct query_instruments found = query_instruments(&query);
    for (uint32_t i = 0; i < found.count; i++)
        rows(&query, found.at[i]);
    query_instruments_free(&found);
    query_end(&query);
}

/* ---- fields ---- */

void query_put_old(char *field, size_t size, text id)
{
    if (id.length < size)
        text_copy(field, size, id);
}

void query_put_utf8(char *field, size_t size, text utf8)
{
    char gb[1024];
    size_t length;
    if (!gb18030_from_utf8(utf8, gb, sizeof gb, &length))
        length = 0;
    text all = {gb, length};
    all.length = gb18030_cut(all, size - 1);
    text_copy(field, size, all);
}

bool query_version_has(const struct query *query, const char *field)
{
    enum ctp_struct of = ctp_method_info(query->rows.callback)->of;
    const struct ctp_layout *layout = ctp_layout_find(query->from->peer.version, of);
    return layout && ctp_field_find(layout, text_of(field));
}
