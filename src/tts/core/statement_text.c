/* statement_text.c: see statement_text.h. A draft takes down, before settlement, what settlement
 * sweeps away. */
#include "tts/core/statement_text.h"
#include "ctp/gb18030.h"

struct statement_draft {
    LIST(struct statement_account) accounts;
};

/* Columns of a terminal: two for what UTF-8 writes with three bytes and more. */
static int width_of(const char *utf8)
{
    int width = 0;
    for (const unsigned char *at = (const unsigned char *)utf8; *at; at++)
        width += *at < 0x80 ? 1 : *at >= 0xe0 ? 2 : *at >= 0xc0 ? 1 : 0;
    return width;
}

void statement_pad(struct buffer *out, const char *utf8, int width)
{
    buffer_put_text(out, text_of(utf8));
    for (int i = width_of(utf8); i < width; i++)
        buffer_put_char(out, ' ');
}

void statement_rule(struct buffer *out)
{
    for (int i = 0; i < 120; i++)
        buffer_put_char(out, '-');
    buffer_put_text(out, TEXT("\r\n"));
}

static void note_premium(struct core *core, struct statement_draft *draft)
{
    for (uint32_t i = 0; i < core->trades.count; i++) {
        const struct trade *trade = &core->trades.at[i];
        struct statement_account *account =
            &draft->accounts.at[core->orders.at[trade->order].account];
        if (trade->cash > 0)
            account->premium_received += trade->cash;
        else
            account->premium_paid -= trade->cash;
    }
}

static void note_option_values(struct core *core, struct statement_draft *draft)
{
    for (uint32_t i = 0; i < core->ledger.row_count; i++) {
        const struct position_row *row = &core->ledger.rows[i];
        const struct instrument *instrument = core_instrument(core, row->instrument);
        if (!instrument_is_option(instrument))
            continue;
        double value = instrument->settlement * row->position * instrument->volume_multiple;
        if (row->direction == THOST_FTDC_PD_Long)
            draft->accounts.at[row->account].option_value_long += value;
        else
            draft->accounts.at[row->account].option_value_short += value;
    }
}

struct statement_draft *statement_begin(struct core *core)
{
    struct statement_draft *draft = memory_get_zeroed(1, sizeof *draft);
    for (uint32_t i = 0; i < core->ledger.account_count; i++)
        LIST_ADD(&draft->accounts)->pledge_before = core->ledger.accounts[i].pre_mortgage;
    note_premium(core, draft);
    note_option_values(core, draft);
    return draft;
}

const struct statement_account *statement_account_of(const struct statement_draft *draft,
                                                     uint32_t account)
{
    return &draft->accounts.at[account];
}

void statement_sections(struct core *core, const struct statement_draft *draft, uint32_t account,
                        struct buffer *out)
{
    (void)draft;
    bool headed = false;
    for (uint32_t i = 0; i < core->trades.count; i++) {
        const struct trade *trade = &core->trades.at[i];
        const struct order *order = &core->orders.at[trade->order];
        if (order->account != account)
            continue;
        if (!headed)
            buffer_put_text(out, TEXT("成交记录 Transaction Record\r\n"));
        headed = true;
        const struct ledger_order *leg = &order->leg[trade->leg];
        buffer_printf(out, "|%08d|%-5s|%-20s|%s|%12.3f|%6d|%14.2f|%14.2f|%12lld|\r\n",
                      trade->trade_date,
                      exchange_id(core_instrument(core, leg->instrument)->exchange),
                      core_instrument(core, leg->instrument)->id,
                      leg->direction == '0' ? "买" : "卖", trade->price, trade->volume,
                      trade->commission, trade->close_profit, (long long)trade->number);
    }
}

void statement_draft_free(struct statement_draft *draft)
{
    free(draft->accounts.at);
    free(draft);
}
