/* market_files.c: see market_files.h. */
#include "market_files.h"
#include "cmocka_all.h"

static const char sessions[] = "group,when,time,status\n"
                               "N,night,20:30:00,1\nN,night,20:55:00,3\nN,night,20:59:00,5\n"
                               "N,night,21:00:00,2\nN,night,23:00:00,1\nN,no-night,08:30:00,1\n"
                               "N,always,08:55:00,3\nN,always,08:59:00,5\nN,always,09:00:00,2\n"
                               "N,always,10:15:00,1\nN,always,10:30:00,2\nN,always,11:30:00,1\n"
                               "N,always,13:30:00,2\nN,always,15:00:00,6\n"
                               "F,always,09:00:00,0\nF,always,09:25:00,3\nF,always,09:29:00,5\n"
                               "F,always,09:30:00,2\nF,always,11:30:00,1\nF,always,13:00:00,2\n"
                               "F,always,15:00:00,6\n";

static const char products[] =
    "exchange,product,class,multiple,tick,position_date,sessions,limit,margin,start_price\n"
    "CFFEX,IF,1,300,0.2,2,F,0.1,0.12,4000\n"
    "SHFE,rb,1,10,1,1,N,0.06,0.1,3400\n"
    "CZCE,RM,1,10,1,2,N,0.04,0.1,2400\n"
    "DCE,m,1,10,1,2,N,0.04,0.1,2900\n"
    "DCE,m_o,2,10,0.5,2,N,,,\n";

static const char holidays[] = "kind,first,last\nholiday,20210101,\nholiday,20210211,20210217\n";

struct catalogue market_files_catalogue(void)
{
    struct catalogue catalogue = {.extras = NULL};
    struct error error;
    assert_true(catalogue_read_sessions(&catalogue, "sessions", text_of(sessions), &error));
    assert_true(catalogue_read_products(&catalogue, "products", text_of(products), &error));
    assert_true(catalogue_read_holidays(&catalogue, "holidays", text_of(holidays), &error));
    return catalogue;
}

void assert_price(double got, double want)
{
    if (got != want)
        fail_msg("the price is %.17g and not %.17g", got, want);
}
