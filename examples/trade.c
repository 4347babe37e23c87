/* trade.c: an example: a whole round of trading through webctp. It logs in, looks at the market,
 * buys one lot a few ticks above the seller's price (it trades at the seller's), leaves a second
 * order resting far below, takes it back, and asks what became of position and money.
 *
 *     webctp-trade ws://127.0.0.1:8081/td/ 4645 PASSWORD rb2501
 *     webctp-trade --show ...    prints every message as it goes and comes */
#include "conversation.h"

/* Quotes move while an order travels, so the price leaves them some room. */
enum { ANSWER_MS = 20000, TICKS_ABOVE = 5 };

/* What the exchange calls our second order, for taking it back. */
struct resting {
    char exchange[16], number[32];
};

static bool log_in(struct conversation *talk, const char *user, const char *password)
{
    json_t *body = json_pack("{s:s, s:s}", "UserID", user, "Password", password);
    if (!conversation_ask(talk, "ReqUserLogin", "ReqUserLogin", body))
        return false;
    json_t *answer = conversation_wait(talk, "RspUserLogin", 2 * ANSWER_MS);
    bool in = answer && conversation_error(answer) == 0;
    if (in)
        printf("login     %s at %s, trading day %s\n", user,
               conversation_text(answer, "RspUserLogin", "SystemName"),
               conversation_text(answer, "RspUserLogin", "TradingDay"));
    json_decref(answer);
    return in;
}

/* Asks one query of one answer; the caller gives the answer back. NULL with a line on stderr. */
static json_t *query(struct conversation *talk, const char *what, json_t *body)
{
    char method[64], name[64], answer_type[64];
    snprintf(method, sizeof method, "ReqQry%s", what);
    snprintf(name, sizeof name, "Qry%s", what);
    snprintf(answer_type, sizeof answer_type, "RspQry%s", what);
    if (!conversation_ask(talk, method, name, body))
        return NULL;
    json_t *answer = conversation_wait(talk, answer_type, ANSWER_MS);
    if (answer && conversation_error(answer) != 0) {
        json_decref(answer);
        return NULL;
    }
    return answer;
}

/* One lot, limit price, good for the day: the fields that an order needs, by CTP's names. */
static json_t *order(const char *instrument, double price)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:f, s:i, s:s, s:s, s:i, s:s, s:s}", "InstrumentID",
                     instrument, "OrderPriceType", "2", "Direction", "0", "CombOffsetFlag", "0",
                     "CombHedgeFlag", "1", "LimitPrice", price, "VolumeTotalOriginal", 1,
                     "TimeCondition", "3", "VolumeCondition", "1", "MinVolume", 1,
                     "ContingentCondition", "1", "ForceCloseReason", "0");
}

/* Waits for the order to have the wanted OrderStatus: '0' all traded, '3' resting, '5' cancelled.
 */
static bool wait_for_status(struct conversation *talk, const char *status, struct resting *resting)
{
    for (int returns = 0; returns < 10; returns++) {
        json_t *message = conversation_wait(talk, "RtnOrder", ANSWER_MS);
        if (!message)
            return false;
        const char *now = conversation_text(message, "Order", "OrderStatus");
        const char *number = conversation_text(message, "Order", "OrderSysID");
        bool wanted = strcmp(now, status) == 0 && number[0];
        printf("RtnOrder  %s at %.2f: status %s, number \"%s\", %s\n",
               conversation_text(message, "Order", "InstrumentID"),
               conversation_number(message, "Order", "LimitPrice"), now, number,
               conversation_text(message, "Order", "StatusMsg"));
        text_copy(resting->number, sizeof resting->number, text_of(number));
        text_copy(resting->exchange, sizeof resting->exchange,
                  text_of(conversation_text(message, "Order", "ExchangeID")));
        json_decref(message);
        if (wanted)
            return true;
    }
    fprintf(stderr, "the order never came to status %s\n", status);
    return false;
}

static bool buy(struct conversation *talk, const char *instrument, double price)
{
    struct resting done;
    if (!conversation_ask(talk, "ReqOrderInsert", "InputOrder", order(instrument, price)) ||
        !wait_for_status(talk, "0", &done))
        return false;
    json_t *trade = conversation_wait(talk, "RtnTrade", ANSWER_MS);
    if (trade)
        printf("RtnTrade  %.0f lot at %.2f\n", conversation_number(trade, "Trade", "Volume"),
               conversation_number(trade, "Trade", "Price"));
    json_decref(trade);
    return trade != NULL;
}

static bool rest_and_cancel(struct conversation *talk, const char *instrument, double price)
{
    struct resting resting;
    if (!conversation_ask(talk, "ReqOrderInsert", "InputOrder", order(instrument, price)) ||
        !wait_for_status(talk, "3", &resting))
        return false;
    json_t *cancel = json_pack("{s:s, s:s, s:s, s:s}", "InstrumentID", instrument, "ExchangeID",
                               resting.exchange, "OrderSysID", resting.number, "ActionFlag", "0");
    return conversation_ask(talk, "ReqOrderAction", "InputOrderAction", cancel) &&
           wait_for_status(talk, "5", &resting);
}

/* The smallest step of the instrument's price; 0 with a line on stderr. */
static double price_tick(struct conversation *talk, const char *instrument)
{
    json_t *answer = query(talk, "Instrument", json_pack("{s:s}", "InstrumentID", instrument));
    double tick = conversation_number(answer, "Instrument", "PriceTick");
    if (answer && tick == 0)
        fprintf(stderr, "the counter does not know the instrument %s\n", instrument);
    json_decref(answer);
    return tick;
}

/* Seller's price and the day's lowest allowed price. */
static bool look_at_market(struct conversation *talk, const char *instrument, double *ask,
                           double *lowest)
{
    json_t *answer = query(talk, "DepthMarketData", json_pack("{s:s}", "InstrumentID", instrument));
    if (!answer)
        return false;
    *ask = conversation_number(answer, "DepthMarketData", "AskPrice1");
    *lowest = conversation_number(answer, "DepthMarketData", "LowerLimitPrice");
    printf("market    %s: bid %.2f, ask %.2f, limits %.2f to %.2f\n", instrument,
           conversation_number(answer, "DepthMarketData", "BidPrice1"), *ask, *lowest,
           conversation_number(answer, "DepthMarketData", "UpperLimitPrice"));
    json_decref(answer);
    if (*ask > 0)
        return true;
    fprintf(stderr, "%s has no seller now; try another instrument\n", instrument);
    return false;
}

static bool show_account(struct conversation *talk, const char *instrument)
{
    json_t *position =
        query(talk, "InvestorPosition", json_pack("{s:s}", "InstrumentID", instrument));
    json_t *account = position ? query(talk, "TradingAccount", json_object()) : NULL;
    if (account)
        printf("position  %.0f lot of %s, margin %.2f\nmoney     balance %.2f, available %.2f, "
               "commission %.2f\n",
               conversation_number(position, "InvestorPosition", "Position"),
               conversation_text(position, "InvestorPosition", "InstrumentID"),
               conversation_number(position, "InvestorPosition", "UseMargin"),
               conversation_number(account, "TradingAccount", "Balance"),
               conversation_number(account, "TradingAccount", "Available"),
               conversation_number(account, "TradingAccount", "Commission"));
    json_decref(position);
    json_decref(account);
    return account != NULL;
}

int main(int argc, char **argv)
{
    struct conversation talk = {.show = argc > 1 && strcmp(argv[1], "--show") == 0};
    char **words = argv + (talk.show ? 2 : 1);
    double ask, lowest, tick = 0;
    if (argc - (talk.show ? 2 : 1) != 4) {
        fprintf(stderr,
                "usage: webctp-trade [--show] ws://HOST:PORT/td/ USER PASSWORD INSTRUMENT\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    const char *instrument = words[3];
    bool fine = conversation_open(&talk, words[0]) && log_in(&talk, words[1], words[2]) &&
                (tick = price_tick(&talk, instrument)) > 0 &&
                look_at_market(&talk, instrument, &ask, &lowest) &&
                buy(&talk, instrument, ask + TICKS_ABOVE * tick) &&
                rest_and_cancel(&talk, instrument, lowest) && show_account(&talk, instrument);
    conversation_close(&talk);
    return fine ? 0 : 1;
}
