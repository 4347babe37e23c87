/* quote.h: the newest market data of one instrument, as the core and the market data front hold it.
 * Absent prices are ABSENT_PRICE, absent volumes 0. Times are the recorded (exchange) ones; the
 * trading day is the counter's label. */
#ifndef TTS_CORE_MARKET_QUOTE_H
#define TTS_CORE_MARKET_QUOTE_H

#include "tts/core/market/instrument.h"

enum { QUOTE_LEVELS = 5 };

struct quote_level {
    double price;
    int volume;
};

struct quote {
    uint32_t instrument;
    int trading_day, action_day; /* yyyymmdd */
    int second_of_day, millisecond;
    double last, pre_settlement, pre_close, pre_open_interest;
    double open, highest, lowest, close, settlement;
    int volume;      /* cumulative in the trading day */
    double turnover; /* cumulative; 0 and has_turnover false when the source has none */
    bool has_turnover, has_volume;
    double open_interest;
    double upper_limit, lower_limit;
    double average; /* as CTP fills it: with the multiple, but for CZCE */
    struct quote_level bid[QUOTE_LEVELS], ask[QUOTE_LEVELS]; /* best first */
};

#endif
