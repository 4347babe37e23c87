/* tick_csv_fuzz.c: any bytes as a tick file, plain or compressed. Every row that is taken must be a
 * possible quote. A catalogue to which no row has added an instrument serves the next input too. */
#include "base/clock.h"
#include "tts/feed/csv.h"

static const char sessions[] = "group,when,time,status\nD,always,09:00:00,2\nD,always,15:00:00,6\n";
static const char products[] =
    "exchange,product,class,multiple,tick,position_date,sessions,underlying\n"
    "CFFEX,IF,1,300,0.2,2,D,\nCFFEX,IO,6,100,0.2,2,D,IF\nCFFEX,T,1,10000,0.005,2,D,\n"
    "SHFE,cu,1,5,10,1,D,\nSHFE,cu_o,2,5,1,1,D,cu\nINE,sc,1,1000,0.1,1,D,\n"
    "INE,sctas,7,1000,0.1,1,D,sc\nCZCE,RM,1,10,1,2,D,\nCZCE,SR,1,10,1,2,D,\n"
    "CZCE,SRC,2,10,0.5,2,D,SR\nCZCE,SRP,2,10,0.5,2,D,SR\nDCE,m,1,10,1,2,D,\n"
    "DCE,m_o,2,10,0.5,2,D,m\nDCE,SP,3,10,1,2,D,\nSSE,SSE_A,E,1,0.01,2,D,\n"
    "SZSE,CHINEXT,E,1,0.01,2,D,\nSHFE,fu,1,10,1,1,D,\n";

enum { ROWS_MAX = 20000 };

static struct catalogue catalogue;
static bool catalogue_is_read;

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool is_price(double price)
{
    return !price_is_present(price) || (price > -1e15 && price < 1e15);
}

static void check_quote(const struct quote *quote)
{
    check(is_price(quote->last) && is_price(quote->pre_settlement) && is_price(quote->settlement) &&
          is_price(quote->average));
    check(quote->instrument < catalogue.market.instrument_count);
    check(clock_date_to_days(quote->trading_day) >= 0 &&
          clock_date_to_days(quote->action_day) >= 0);
    check(quote->second_of_day >= 0 && quote->second_of_day < 86400);
    check(quote->millisecond >= 0 && quote->millisecond <= 999);
    check(quote->volume >= 0 && quote->turnover >= 0);
    for (int i = 0; i < QUOTE_LEVELS; i++)
        check(quote->bid[i].volume >= 0 && quote->ask[i].volume >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void read_catalogue(void)
{
    struct error error = {.line = 0};
    check(catalogue_read_sessions(&catalogue, "sessions", text_of(sessions), &error));
    check(catalogue_read_products(&catalogue, "products", text_of(products), &error));
    catalogue_is_read = true;
}

static void forget_catalogue(void)
{
    catalogue_finish(&catalogue);
    memset(&catalogue, 0, sizeof catalogue);
    catalogue_is_read = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct error error = {.line = 0};
    if (!catalogue_is_read)
        read_catalogue();
    struct csv_reader *reader =
        csv_open_bytes("fuzz", (text){(const char *)bytes, length}, &catalogue, &error);
    struct quote quote;
    enum csv_result result = CSV_ERROR;
    for (int row = 0; reader && row < ROWS_MAX; row++) {
        result = csv_next(reader, &quote, &error);
        if (result != CSV_ROW)
            break;
        check_quote(&quote);
    }
    check(result != CSV_ERROR || error.what[0]);
    csv_close(reader);
    if (catalogue.market.instrument_count > 0)
        forget_catalogue();
    return 0;
}
