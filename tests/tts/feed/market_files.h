/* market_files.h: a small market in memory for the feed's tests: five products, their sessions, a
 * few holidays. */
#ifndef TESTS_MARKET_FILES_H
#define TESTS_MARKET_FILES_H

#include "tts/feed/catalogue.h"

/* IF (CFFEX), rb (SHFE, night), RM (CZCE, night), m and m_o (DCE, night). To be finished by the
 * caller. */
struct catalogue market_files_catalogue(void);

/* A quote's price is this, or both are absent. */
void assert_price(double got, double want);

#endif
