/* cpp_front.h: the front for cpp_client_test.cpp, in C behind an interface that a C++ compiler
 * reads. It plays one fixed conversation on a thread of its own; what a client sends, it checks by
 * field name. */
#ifndef TESTS_TTSAPI_CPP_FRONT_H
#define TESTS_TTSAPI_CPP_FRONT_H

#ifdef __cplusplus
extern "C" {
#endif

/* What the conversation carries both ways. */
#define CPP_USER "4645"
#define CPP_DAY "20241125"
#define CPP_INSTRUMENT "rb2510"
#define CPP_PRICE 3456.5
#define CPP_VOLUME 7
#define CPP_BALANCE 1000000.25
#define CPP_ERROR 31
enum { CPP_REQUEST_ID = -7, CPP_FLOW = 3 /* private messages */, CPP_ROWS = 2 };

/* Starts the front of a trader (or market data) client of that version; its address. */
const char *cpp_front_start(const char *version, int md);

/* How many OnRtnPrivateSeqNo such a client must get: 3, or 0 where the version has no such
 * callback. */
int cpp_front_numbers_expected(void);

/* Waits for the conversation's end. A deviation has ended the program with a message before. */
void cpp_front_finish(void);

#ifdef __cplusplus
}
#endif

#endif
