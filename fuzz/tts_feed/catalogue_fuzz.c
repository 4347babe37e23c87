/* catalogue_fuzz.c: any bytes as one of the files of share/; the first byte says which. What is
 * refused has a sentence. */
#include "tts/feed/catalogue.h"

static const char sessions[] = "group,when,time,status\nD,always,09:00:00,2\nD,always,15:00:00,6\n";
static const char products[] =
    "exchange,product,class,multiple,tick,position_date,sessions,underlying\n"
    "CFFEX,IF,1,300,0.2,2,D,\nCFFEX,IO,6,100,0.2,2,D,IF\nCFFEX,T,1,10000,0.005,2,D,\n"
    "CZCE,SR,1,10,1,2,D,\nCZCE,SRC,2,10,0.5,2,D,SR\nCZCE,SRP,2,10,0.5,2,D,SR\n"
    "INE,sc,1,1000,0.1,1,D,\nINE,sctas,7,1000,0.1,1,D,sc\nSHFE,cu,1,5,10,1,D,\n"
    "SHFE,cu_o,2,5,1,1,D,cu\nDCE,m,1,10,1,2,D,\nDCE,SP,3,10,1,2,D,\n"
    "SSE,SSE_A,E,1,0.01,2,D,\n";

static bool read_kind(struct catalogue *catalogue, uint8_t kind, text bytes, struct error *error)
{
    switch (kind % 4) {
    case 0:
        return catalogue_read_sessions(catalogue, "fuzz", bytes, error);
    case 1:
        return catalogue_read_holidays(catalogue, "fuzz", bytes, error);
    case 2:
        return catalogue_read_sessions(catalogue, "sessions", text_of(sessions), error) &&
               catalogue_read_products(catalogue, "fuzz", bytes, error);
    default:
        return catalogue_read_sessions(catalogue, "sessions", text_of(sessions), error) &&
               catalogue_read_products(catalogue, "products", text_of(products), error) &&
               catalogue_read_instruments(catalogue, "fuzz", bytes, 20250303, error);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return 0;
    struct catalogue catalogue = {.extras = NULL};
    struct error error = {.line = 0};
    text rest = {(const char *)bytes + 1, length - 1};
    if (!read_kind(&catalogue, bytes[0], rest, &error) && !error.what[0])
        abort();
    catalogue_finish(&catalogue);
    return 0;
}
