// cpp_client_test.cpp: a client as its users write it: compiled against the header that ctp-schema
// prints for a version, linked with our library of that version. So it is a C++ compiler that says
// where fields and virtual functions are, and that must agree with the table.
#include "cpp_front.h"
#include "ctp_api.h"
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#define CHECK(condition) check((condition), #condition, __LINE__)

static void check(bool holds, const char *condition, int line)
{
    if (holds)
        return;
    std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, condition);
    std::exit(1);
}

// Steps that callbacks announce and the main thread waits for.
class Steps
{
  public:
    void reach(int step)
    {
        std::lock_guard<std::mutex> guard(lock);
        reached = step;
        changed.notify_all();
    }

    void wait_for(int step)
    {
        std::unique_lock<std::mutex> guard(lock);
        bool came =
            changed.wait_for(guard, std::chrono::seconds(20), [&] { return reached >= step; });
        CHECK(came);
    }

  private:
    std::mutex lock;
    std::condition_variable changed;
    int reached = 0;
};

enum { CONNECTED = 1, LOGGED_IN, ORDER_DONE, ACCOUNT_DONE, BANK_DONE, REFUSED, SUBSCRIBED, TICKED };

// Without `override`, so in a class of its own: older versions have no such callback, and then
// nobody calls it.
class Numbered : public CThostFtdcTraderSpi
{
  public:
    int numbers = 0;

    void OnRtnPrivateSeqNo(int number)
    {
        numbers++;
        CHECK(number == numbers);
    }
};

class Trader : public Numbered
{
  public:
    Steps steps;
    int rows = 0;

    void OnFrontConnected() override
    {
        steps.reach(CONNECTED);
    }

    void OnRspUserLogin(CThostFtdcRspUserLoginField *login, CThostFtdcRspInfoField *info, int,
                        bool last) override
    {
        CHECK(info && info->ErrorID == 0 && last);
        CHECK(std::string(login->TradingDay) == CPP_DAY);
        steps.reach(LOGGED_IN);
    }

    void OnRtnOrder(CThostFtdcOrderField *order) override
    {
        CHECK(std::string(order->BrokerID) == "9999");
        CHECK(std::string(order->InstrumentID) == CPP_INSTRUMENT);
        CHECK(std::string(order->OrderSysID) == "         123");
        CHECK(order->Direction == THOST_FTDC_D_Sell);
        CHECK(order->LimitPrice == CPP_PRICE && order->VolumeTotalOriginal == CPP_VOLUME);
    }

    void OnRtnTrade(CThostFtdcTradeField *trade) override
    {
        CHECK(std::string(trade->InstrumentID) == CPP_INSTRUMENT);
        CHECK(std::string(trade->TradeID) == "         456");
        CHECK(trade->Price == CPP_PRICE);
    }

    void OnErrRtnOrderInsert(CThostFtdcInputOrderField *order,
                             CThostFtdcRspInfoField *info) override
    {
        CHECK(std::string(order->InvestorID) == CPP_USER);
        CHECK(info->ErrorID == CPP_ERROR);
        steps.reach(ORDER_DONE);
    }

    void OnRspQryTradingAccount(CThostFtdcTradingAccountField *account,
                                CThostFtdcRspInfoField *info, int request_id, bool last) override
    {
        CHECK(!info && request_id == 8);
        CHECK(std::string(account->AccountID) == CPP_USER && account->Balance == CPP_BALANCE);
        rows++;
        if (last)
            steps.reach(ACCOUNT_DONE);
    }

    void OnRspQueryBankAccountMoneyByFuture(CThostFtdcReqQueryAccountField *account,
                                            CThostFtdcRspInfoField *info, int request_id,
                                            bool last) override
    {
        CHECK(!account && info->ErrorID == CPP_ERROR && request_id == 9 && last);
        steps.reach(BANK_DONE);
    }

    void OnRspError(CThostFtdcRspInfoField *info, int request_id, bool last) override
    {
        CHECK(info->ErrorID == CPP_ERROR && request_id == 10 && last);
        steps.reach(REFUSED);
    }
};

class Market : public CThostFtdcMdSpi
{
  public:
    Steps steps;

    void OnFrontConnected() override
    {
        steps.reach(CONNECTED);
    }

    void OnRspSubMarketData(CThostFtdcSpecificInstrumentField *instrument,
                            CThostFtdcRspInfoField *info, int, bool last) override
    {
        CHECK(std::string(instrument->InstrumentID) == CPP_INSTRUMENT && info->ErrorID == 0 &&
              last);
        steps.reach(SUBSCRIBED);
    }

    void OnRtnDepthMarketData(CThostFtdcDepthMarketDataField *tick) override
    {
        CHECK(std::string(tick->InstrumentID) == CPP_INSTRUMENT);
        CHECK(std::string(tick->ActionDay) == CPP_DAY);
        CHECK(tick->LastPrice == CPP_PRICE && tick->AveragePrice == CPP_PRICE * 2);
        steps.reach(TICKED);
    }
};

template <size_t size> static void put(char (&field)[size], const char *value)
{
    CHECK(std::strlen(value) < size);
    std::memcpy(field, value, std::strlen(value) + 1);
}

static void send_order(CThostFtdcTraderApi *api)
{
    CThostFtdcInputOrderField order = {};
    put(order.BrokerID, "9999");
    put(order.InvestorID, CPP_USER);
    put(order.InstrumentID, CPP_INSTRUMENT);
    put(order.ExchangeID, "SHFE");
    put(order.CombOffsetFlag, "3");
    order.Direction = THOST_FTDC_D_Sell;
    order.LimitPrice = CPP_PRICE;
    order.VolumeTotalOriginal = CPP_VOLUME;
    CHECK(api->ReqOrderInsert(&order, CPP_REQUEST_ID) == 0);
}

static void trade(const char *flow)
{
    Trader trader;
    std::string address = cpp_front_start(CPP_VERSION, 0);
    CThostFtdcTraderApi *api = CThostFtdcTraderApi::CreateFtdcTraderApi(flow);
    CHECK(std::string(CThostFtdcTraderApi::GetApiVersion()) == "openctp-tts v" CPP_VERSION);
    api->RegisterSpi(&trader);
    api->SubscribePrivateTopic(THOST_TERT_RESTART);
    api->SubscribePublicTopic(THOST_TERT_QUICK);
    api->RegisterFront(&address[0]);
    api->Init();
    trader.steps.wait_for(CONNECTED);
    CThostFtdcReqUserLoginField login = {};
    put(login.UserID, CPP_USER);
    CHECK(api->ReqUserLogin(&login, 1) == 0);
    trader.steps.wait_for(LOGGED_IN);
    CHECK(std::string(api->GetTradingDay()) == CPP_DAY);
    send_order(api);
    trader.steps.wait_for(ORDER_DONE);
    CThostFtdcQryTradingAccountField account = {};
    CHECK(api->ReqQryTradingAccount(&account, 8) == 0);
    trader.steps.wait_for(ACCOUNT_DONE);
    CThostFtdcReqQueryAccountField bank = {};
    CHECK(api->ReqQueryBankAccountMoneyByFuture(&bank, 9) == 0);
    trader.steps.wait_for(BANK_DONE);
    CThostFtdcUserLogoutField logout = {};
    CHECK(api->ReqUserLogout(&logout, 10) == 0);
    trader.steps.wait_for(REFUSED);
    api->Release();
    CHECK(trader.rows == CPP_ROWS && trader.numbers == cpp_front_numbers_expected());
    cpp_front_finish();
}

static void watch(const char *flow)
{
    Market market;
    char instrument[] = CPP_INSTRUMENT;
    char *instruments[] = {instrument};
    std::string address = cpp_front_start(CPP_VERSION, 1);
    CThostFtdcMdApi *api = CThostFtdcMdApi::CreateFtdcMdApi(flow);
    CHECK(std::string(CThostFtdcMdApi::GetApiVersion()) == "openctp-tts v" CPP_VERSION);
    api->RegisterSpi(&market);
    api->RegisterFront(&address[0]);
    api->Init();
    market.steps.wait_for(CONNECTED);
    CHECK(api->SubscribeMarketData(instruments, 1) == 0);
    market.steps.wait_for(SUBSCRIBED);
    market.steps.wait_for(TICKED);
    api->Release();
    cpp_front_finish();
}

int main()
{
    char folder[] = "/tmp/ttsapi-test-XXXXXX";
    CHECK(mkdtemp(folder));
    std::string flow = std::string(folder) + "/";
    trade(flow.c_str());
    watch(flow.c_str());
    for (const char *name : {"Private", "Public", "TradingDay", "DialogRsp", "QueryRsp"})
        CHECK(std::remove((flow + name + ".con").c_str()) == 0);
    CHECK(std::remove(folder) == 0);
    std::puts("a C++ client of " CPP_VERSION " traded and watched");
    return 0;
}
