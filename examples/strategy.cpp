// strategy.cpp: an example: a strategy written for CTP as anybody would write it; the header is the
// one that `ctp-schema --cpp 6.7.2` prints, and the official one would do as well. It buys a lot
// when the price has risen three times in a row, sells it when it has fallen three times, and ends
// after that. Not a good strategy; a small one.
//
//     ctp-strategy tcp://127.0.0.1:20002 tcp://127.0.0.1:20004 4645 PASSWORD rb2505
#include "ctp_api.h"
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

template <size_t size> static void put(char (&field)[size], const std::string &value)
{
    std::snprintf(field, size, "%s", value.c_str());
}

// Whether an answer is an error, which is then told.
static bool is_error(const CThostFtdcRspInfoField *info)
{
    if (info && info->ErrorID)
        std::fprintf(stderr, "ErrorID %d\n", info->ErrorID); // ErrorMsg is GB18030
    return info && info->ErrorID;
}

// The trading side. Its callbacks come on a thread of the library.
class Trader : public CThostFtdcTraderSpi
{
  public:
    std::atomic<bool> ready{false}, failed{false};
    std::atomic<int> trades{0};

    Trader(CThostFtdcTraderApi *its_api, const char *its_user, const char *its_password)
        : api(its_api), user(its_user), password(its_password)
    {
    }

    void OnFrontConnected() override
    {
        CThostFtdcReqUserLoginField login = {};
        put(login.UserID, user);
        put(login.Password, password);
        api->ReqUserLogin(&login, ++request);
    }

    void OnRspUserLogin(CThostFtdcRspUserLoginField *, CThostFtdcRspInfoField *info, int,
                        bool) override
    {
        failed = is_error(info);
        ready = !failed;
    }

    void OnRspOrderInsert(CThostFtdcInputOrderField *, CThostFtdcRspInfoField *info, int,
                          bool) override
    {
        failed = is_error(info);
    }

    void OnRtnTrade(CThostFtdcTradeField *trade) override
    {
        std::printf("%s %s %d lot at %.2f\n", trade->TradeTime,
                    trade->Direction == '0' ? "bought" : "sold", trade->Volume, trade->Price);
        trades++;
    }

    // One lot at a price that the market gives, all at once or nothing (FOK). Any thread may call.
    void order(const CThostFtdcDepthMarketDataField &tick, bool buy)
    {
        CThostFtdcInputOrderField order = {};
        put(order.InvestorID, user);
        put(order.InstrumentID, tick.InstrumentID);
        order.OrderPriceType = '2'; // limit
        order.Direction = buy ? '0' : '1';
        order.CombOffsetFlag[0] = buy ? '0' : '3'; // open; close today's
        order.CombHedgeFlag[0] = '1';
        order.LimitPrice = buy ? tick.AskPrice1 : tick.BidPrice1;
        order.VolumeTotalOriginal = order.MinVolume = 1;
        order.TimeCondition = '1';
        order.VolumeCondition = '3';
        order.ContingentCondition = '1';
        order.ForceCloseReason = '0';
        api->ReqOrderInsert(&order, ++request);
    }

  private:
    CThostFtdcTraderApi *api;
    std::string user, password;
    std::atomic<int> request{0};
};

// The market data side, and what the strategy makes of it.
class Quotes : public CThostFtdcMdSpi
{
  public:
    Quotes(CThostFtdcMdApi *its_api, Trader *its_trader, const char *traded)
        : api(its_api), trader(its_trader), instrument(traded)
    {
    }

    void OnFrontConnected() override
    {
        CThostFtdcReqUserLoginField login = {};
        api->ReqUserLogin(&login, 1);
    }

    void OnRspUserLogin(CThostFtdcRspUserLoginField *, CThostFtdcRspInfoField *, int, bool) override
    {
        char *names[] = {&instrument[0]};
        api->SubscribeMarketData(names, 1);
    }

    void OnRtnDepthMarketData(CThostFtdcDepthMarketDataField *tick) override
    {
        if (tick->LastPrice > last)
            moves = moves > 0 ? moves + 1 : 1;
        else if (tick->LastPrice < last)
            moves = moves < 0 ? moves - 1 : -1;
        last = tick->LastPrice;
        bool holds = trader->trades % 2 != 0;
        if (trader->ready && (holds ? moves <= -3 : moves >= 3)) {
            moves = 0;
            trader->order(*tick, !holds);
        }
    }

  private:
    CThostFtdcMdApi *api;
    Trader *trader;
    std::string instrument;
    double last = 0;
    int moves = 0; // in a row: up positive, down negative
};

int main(int count, char **words)
{
    if (count != 6) {
        std::fprintf(stderr, "usage: ctp-strategy TRADING MARKET_DATA USER PASSWORD INSTRUMENT\n");
        return 2;
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    CThostFtdcTraderApi *trading = CThostFtdcTraderApi::CreateFtdcTraderApi("");
    CThostFtdcMdApi *data = CThostFtdcMdApi::CreateFtdcMdApi("");
    Trader trader(trading, words[3], words[4]);
    Quotes quotes(data, &trader, words[5]);
    trading->RegisterSpi(&trader);
    trading->SubscribePrivateTopic(THOST_TERT_QUICK);
    trading->SubscribePublicTopic(THOST_TERT_QUICK);
    trading->RegisterFront(words[1]);
    data->RegisterSpi(&quotes);
    data->RegisterFront(words[2]);
    trading->Init();
    data->Init();
    while (!trader.failed && trader.trades < 2)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    data->Release();
    trading->Release();
    return trader.failed ? 1 : 0;
}
