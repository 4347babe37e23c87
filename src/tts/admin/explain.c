/* explain.c: `tts explain account`: the terms of Balance and Available in the order of the formula,
 * and what stands behind each. */
#include "tts/admin/commands.h"
#include "tts/core/reply.h"

static void line(struct buffer *out, const char *sign, const char *term, double amount,
                 const char *why)
{
    buffer_printf(out, "  %s %-24s %18.2f  %s\n", sign, term, amount, why);
}

static void explain_rows(struct core *core, uint32_t account, struct buffer *out)
{
    const struct ledger *ledger = &core->ledger;
    buffer_put_text(out, TEXT("positions (margin before the larger side's discount):\n"));
    for (uint32_t i = ledger->accounts[account].first_row; i != LEDGER_NONE;
         i = ledger->rows[i].next) {
        const struct position_row *row = &ledger->rows[i];
        struct row_figures figures = ledger_row_figures(ledger, row);
        buffer_printf(out,
                      "  %-20s %s%s  lots %d (today %d)  margin %.2f  profit %.2f  frozen %.2f\n",
                      core->market.instruments[row->instrument].id,
                      row->direction == THOST_FTDC_PD_Long ? "long" : "short",
                      row->position_date == THOST_FTDC_PSD_History ? " history" : "", row->position,
                      row->today_position, figures.use_margin, figures.position_profit,
                      row->frozen_margin + row->frozen_cash + row->frozen_commission);
    }
}

void explain_account(struct core *core, uint32_t place, struct buffer *out)
{
    const struct account *account = &core->ledger.accounts[place];
    struct funds funds = ledger_funds(&core->ledger, place);
    const struct trading_params *params = &account->params;
    bool only_losses = params->avail_include_close_profit == THOST_FTDC_ICP_NotInclude;
    bool fully_paid =
        params->algorithm == THOST_FTDC_AG_All && funds.counted_position != funds.position_profit;

    buffer_printf(out, "account %s, trading day %d\n", account->id, core->trading_day);
    line(out, " ", "PreBalance", account->pre_balance, "yesterday's settled balance");
    line(out, "-", "PreCredit", account->pre_credit, "yesterday's, which PreBalance has in it");
    line(out, "-", "PreMortgage", account->pre_mortgage, "yesterday's pledge, as PreCredit");
    line(out, "+", "Mortgage", account->mortgage, "pledged now (account mortgage)");
    line(out, "-", "Withdraw", account->withdraw, "today");
    line(out, "+", "Deposit", account->deposit, "today");
    line(out, "=", "static", funds.static_balance, "");
    line(out, "+", "CloseProfit", funds.counted_close,
         only_losses ? "losses only (AvailIncludeCloseProfit)" : "");
    line(out, "+", "PositionProfit", funds.counted_position,
         fully_paid                               ? "without that of fully paid positions"
         : params->algorithm == THOST_FTDC_AG_All ? ""
                                                  : "filtered by Algorithm");
    line(out, "+", "CashIn", funds.cash_in, "option premium received less paid");
    line(out, "-", "Commission", funds.commission, "");
    line(out, "-", "CurrMargin", funds.curr_margin, "after the larger side's discount");
    line(out, "-", "FrozenMargin", funds.frozen_margin, "live opening orders");
    line(out, "-", "FrozenCash", funds.frozen_cash, "premium of live option orders");
    line(out, "-", "FrozenCommission", funds.frozen_commission, "live orders");
    line(out, "+", "Credit", account->credit, "held back (account credit)");
    line(out, "=", "Available", funds.available, "");
    line(out, " ", "Balance", funds.balance, "static + all profit + CashIn - Commission");
    line(out, " ", "Reserve", account->reserve, "not in WithdrawQuota (account reserve)");
    line(out, " ", "WithdrawQuota", funds.withdraw_quota, "");
    explain_rows(core, place, out);
}
