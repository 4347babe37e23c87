/* stamp.h: how each exchange writes dates and milliseconds. Inside the counter a moment has its
 * true trading day and true natural day; these pure functions give what a client is shown. Rules as
 * seen in real data of the exchanges' fronts. */
#ifndef TTS_CORE_MARKET_STAMP_H
#define TTS_CORE_MARKET_STAMP_H

#include "tts/core/market/instrument.h"

/* A moment; trading_day is yyyymmdd as a number, natural_day likewise. */
struct stamp_moment {
    int trading_day, natural_day, millisecond;
};

/* TradingDay, ActionDay and UpdateMillisec of a tick: CZCE writes the natural day as TradingDay and
 * milliseconds 0, DCE and GFEX the trading day as ActionDay. */
struct stamp_tick {
    int trading_day, action_day, millisecond;
};
struct stamp_tick stamp_tick(enum exchange exchange, struct stamp_moment moment);

/* Which of a tick's two dates is not what its name says; readers of recordings ask it too. */
bool stamp_trading_day_is_natural(enum exchange exchange); /* CZCE */
bool stamp_action_day_is_trading(enum exchange exchange);  /* DCE, GFEX */

/* InsertDate of an order. `in_market`: the exchange has answered; before, and in refusals, it is
 * the counter's calendar date. */
int stamp_insert_date(enum exchange exchange, struct stamp_moment moment, bool in_market);

/* TradeDate of a trade: the natural day on SHFE and INE, else the trading day. */
int stamp_trade_date(enum exchange exchange, struct stamp_moment moment);

#endif
