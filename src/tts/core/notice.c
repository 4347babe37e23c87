/* notice.c: an operator's messages: OnRtnTradingNotice to the traders of an account, kept for
 * ReqQryTradingNotice, and OnRtnBulletin to everybody. */
#include "tts/core/records.h"
#include "tts/core/reply.h"

static void send_to_account(struct core *core, uint32_t account, text content)
{
    struct CThostFtdcTradingNoticeField kept;
    memset(&kept, 0, sizeof kept);
    PUT_TEXT(kept.BrokerID, text_of(core->options.broker_id));
    PUT_TEXT(kept.InvestorID, text_of(core->ledger.accounts[account].id));
    kept.InvestorRange = THOST_FTDC_IR_Single;
    kept.SequenceNo = (int)record_count(core, RECORD_notice) + 1;
    PUT_TIME(kept.SendTime, core_wall_second(core));
    PUT_TEXT(kept.FieldContent, content);
    struct record head = {
        .account = account, .user = NONE, .instrument = NONE, .order = {NONE, NONE}};
    record_put(core, RECORD_notice, record_count(core, RECORD_notice), &head, &kept);

    struct CThostFtdcTradingNoticeInfoField told;
    memset(&told, 0, sizeof told);
    ctp_convert(ctp_layout_find(CTP_NEWEST, CTP_STRUCT_TradingNotice), &kept,
                ctp_layout_find(CTP_NEWEST, CTP_STRUCT_TradingNoticeInfo), &told);
    reply_private_to_account(core, account, CTP_TraderSpi_OnRtnTradingNotice, &told, NULL);
}

static void send_to_all(struct core *core, text content)
{
    struct CThostFtdcBulletinField bulletin;
    memset(&bulletin, 0, sizeof bulletin);
    bulletin.SequenceNo = (int)core->public_flow.count + 1;
    bulletin.BulletinID = bulletin.SequenceNo;
    bulletin.NewsUrgency = '0';
    PUT_DATE(bulletin.TradingDay, core->trading_day);
    PUT_TIME(bulletin.SendTime, core_wall_second(core));
    PUT_TEXT(bulletin.ComeFrom, TEXT("tts"));
    PUT_TEXT(bulletin.Content, content);
    reply_public(core, CTP_TraderSpi_OnRtnBulletin, &bulletin);
}

enum admin_result core_send_notice(struct core *core, text investor_id, text gb18030)
{
    if (gb18030.length == 0)
        return ADMIN_BAD_VALUE;
    if (investor_id.length == 0) {
        send_to_all(core, gb18030);
        return ADMIN_OK;
    }
    uint32_t account = core_find_account(core, investor_id);
    if (account == NONE)
        return ADMIN_UNKNOWN;
    send_to_account(core, account, gb18030);
    return ADMIN_OK;
}
