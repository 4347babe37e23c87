/* bank.h: the one simulated bank, as transfers and queries name it. For the files of the core. */
#ifndef TTS_CORE_REQUESTS_BANK_H
#define TTS_CORE_REQUESTS_BANK_H

#define BANK_ID TEXT("1")
#define BANK_BRANCH_ID TEXT("0000")
#define BANK_NAME TEXT("模拟银行") /* UTF-8 */

#endif
