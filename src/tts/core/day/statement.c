/* statement.c: settlement statements: their texts kept by (account, day), and the account summary
 * with which each begins. A statement is written in UTF-8 and kept in GB18030, as CTP gives it out.
 */
#include "tts/core/day/statement.h"
#include "ctp/gb18030.h"
#include "tts/core/day/statement_text.h"
#include "tts/core/reply.h"
#include <assert.h>
#include <math.h>

static void keep(struct core *core, uint32_t account, const struct buffer *utf8)
{
    struct statement *statement = LIST_ADD(&core->statements);
    size_t room = utf8->length * 2 + 16, length = 0;
    char *at = buffer_reserve(&core->statement_bytes, room);
    bool converted = gb18030_from_utf8(buffer_text(utf8), at, room, &length);
    assert(converted);
    (void)converted;
    *statement = (struct statement){
        .account = account,
        .length = (uint32_t)length,
        .trading_day = core->settled_day->trading_day,
        .settlement_id = core->settled_day->settlement_id,
        .offset = core->statement_bytes.length,
    };
    core->statement_bytes.length += length;
}

/* ---- the account summary: two columns of labels and amounts ---- */

struct summary_line {
    const char *label;
    double amount;
};

/* The risk degree is the one figure in per cent. */
static const char *unit_of(const struct summary_line *line)
{
    return text_starts_with(text_of(line->label), TEXT("风")) ? "%" : "";
}

static void put_summary(struct buffer *out, const struct summary_line *left,
                        const struct summary_line *right, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double figures[] = {left[i].amount, right[i].amount};
        for (int side = 0; side < 2; side++)
            if (figures[side] == 0)
                figures[side] = 0; /* no "-0.00" */
        statement_pad(out, left[i].label, 36);
        buffer_printf(out, "%15.2f    ", figures[0]);
        statement_pad(out, right[i].label, 40);
        buffer_printf(out, "%15.2f%s\r\n", figures[1], unit_of(&right[i]));
    }
}

static void summarize(struct core *core, uint32_t account, const struct settlement_figures *figures,
                      struct buffer *out)
{
    const struct settled_figures *day = &core->settled_day->accounts.at[account].figures;
    const struct account *now = &core->ledger.accounts[account];
    /* Balance has the pledge in it; the statement carries cash, and counts the pledge beside it. */
    double equity = figures->carried_forward, carried = equity - now->mortgage;
    double available = equity + now->credit - figures->margin;
    double bought = statement_option_value(core, account, THOST_FTDC_PD_Long);
    double sold = statement_option_value(core, account, THOST_FTDC_PD_Short);
    const struct summary_line left[] = {
        {"期初结存 Balance b/f：", figures->cash_brought_forward},
        {"出 入 金 Deposit/Withdrawal：", figures->cash_moved},
        {"平仓盈亏 Realized P/L：", figures->close_profit},
        {"持仓盯市盈亏 MTM P/L：", figures->position_profit},
        {"期权执行盈亏 Exercise P/L：", figures->exercise_profit},
        {"手 续 费 Commission：", figures->commission - figures->exercise_fee},
        {"行权手续费 Exercise Fee：", figures->exercise_fee},
        {"交割手续费 Delivery Fee：", 0},
        {"货币质入 New FX Pledge：", 0},
        {"货币质出 FX Redemption：", 0},
        {"质押变化金额 Chg in Pledge Amt：", now->mortgage - day->pledge_before},
        {"权利金收入 Premium received：", day->premium_received},
        {"权利金支出 Premium paid：", day->premium_paid},
        {"交割盈亏 Delivery P/L：", 0},
    };
    const struct summary_line right[] = {
        {"基础保证金 Initial Margin：", now->reserve},
        {"期末结存 Balance c/f：", carried},
        {"质 押 金 Pledge Amount：", now->mortgage},
        {"客户权益 Client Equity：", equity},
        {"货币质押保证金占用 FX Pledge Occ.：", 0},
        {"保证金占用 Margin Occupied：", figures->margin},
        {"交割保证金 Delivery Margin：", 0},
        {"多头期权市值 Market value(long)：", bought},
        {"空头期权市值 Market value(short)：", sold},
        {"市值权益 Market value(equity)：", equity + bought - sold},
        {"可用资金 Fund Avail.：", available},
        {"风 险 度 Risk Degree：", equity > 0 ? figures->margin / equity * 100 : 0.0},
        {"应追加资金 Margin Call：", fmax(0, -available)},
        {"货币质押变化金额 Chg in FX Pledge：", 0},
    };
    buffer_printf(out, "资金状况 Account Summary  资金账号 Account ID：%s  币种 Currency：CNY\r\n",
                  now->id);
    statement_rule(out);
    put_summary(out, left, right, sizeof left / sizeof left[0]);
    buffer_put_text(out, TEXT("\r\n"));
}

static void put_head(struct core *core, uint32_t account, struct buffer *out)
{
    int trading_day = core->settled_day->trading_day;
    char name[256];
    text gb = FIELD_TEXT(core->investors.at[account].name);
    size_t length = gb18030_to_utf8(gb, name, sizeof name);
    buffer_printf(out, "%50s%s\r\n", "", core->options.system_name);
    buffer_printf(out, "制表时间 Creation Date：%08d\r\n", trading_day);
    statement_rule(out);
    buffer_printf(out, "%40s交易结算单(盯市) Settlement Statement(MTM)\r\n", "");
    buffer_printf(out, "客户号 Client ID：%s    客户名称 Client Name：%.*s\r\n",
                  core->ledger.accounts[account].id, (int)length, name);
    buffer_printf(out, "日期 Date：%08d\r\n\r\n", trading_day);
}

void statements_write(struct core *core, const struct settlement_figures *figures,
                      const struct settled_trade *priced)
{
    const struct settled_day *day = core->settled_day;
    struct statement_late *late = memory_get_zeroed(day->accounts.count + 1, sizeof *late);
    struct buffer out = {.at = NULL};
    statement_note_late(core, day, priced, late);
    for (uint32_t account = 0; account < day->accounts.count; account++) {
        buffer_clear(&out);
        put_head(core, account, &out);
        summarize(core, account, &figures[account], &out);
        statement_sections(core, day, account, &late[account], &out);
        keep(core, account, &out);
        buffer_finish(&late[account].trades);
        buffer_finish(&late[account].closings);
        buffer_finish(&late[account].exercises);
    }
    buffer_finish(&out);
    free(late);
}

/* ---- until they are stored elsewhere ---- */

uint32_t core_statement_count(const struct core *core)
{
    return core->statements.count;
}

struct core_statement core_statement(const struct core *core, uint32_t place)
{
    const struct statement *statement = &core->statements.at[place];
    return (struct core_statement){
        .account = text_of(core->ledger.accounts[statement->account].id),
        .trading_day = statement->trading_day,
        .settlement_id = statement->settlement_id,
        .body = {core->statement_bytes.at + statement->offset, statement->length},
    };
}

void core_statements_stored(struct core *core, uint32_t count)
{
    struct effect_statements_stored effect = {.count = count};
    EMIT(core, statements_stored, &effect);
}

void statements_forget(struct core *core, uint32_t count)
{
    struct buffer *bytes = &core->statement_bytes;
    uint32_t left = core->statements.count - count;
    assert(count <= core->statements.count);
    uint64_t from = left ? core->statements.at[count].offset : bytes->length;
    if (left) {
        memmove(bytes->at, bytes->at + from, bytes->length - from);
        memmove(core->statements.at, core->statements.at + count,
                left * sizeof core->statements.at[0]);
    }
    for (uint32_t i = 0; i < left; i++)
        core->statements.at[i].offset -= from;
    core->statements.count = left;
    bytes->length -= from;
    if (left == 0) /* a day's texts may be large */
        buffer_finish(bytes);
}

/* ---- reading them ---- */

/* Statements of one account, a day each, oldest first; the texts one behind the other in `bytes`.
 */
struct found {
    LIST(struct statement) days;
    struct buffer bytes;
};

static void take(void *context, const struct core_statement *statement)
{
    struct found *found = context;
    struct statement piece = {.trading_day = statement->trading_day,
                              .settlement_id = statement->settlement_id,
                              .offset = found->bytes.length,
                              .length = (uint32_t)statement->body.length};
    buffer_put_text(&found->bytes, statement->body);
    uint32_t place = found->days.count;
    while (place > 0 && found->days.at[place - 1].trading_day > piece.trading_day)
        place--; /* stored days may be newer than some that are not yet forgotten */
    if (place > 0 && found->days.at[place - 1].trading_day == piece.trading_day) {
        found->days.at[place - 1] = piece; /* settled again, or stored and not yet forgotten */
        return;
    }
    LIST_ADD(&found->days);
    memmove(&found->days.at[place + 1], &found->days.at[place],
            (found->days.count - 1 - place) * sizeof piece);
    found->days.at[place] = piece;
}

/* What the state still has goes over what is stored: it is the same, or of a later settlement. */
static void find(const struct core *core, uint32_t account, int first_day, int last_day,
                 struct found *found)
{
    const struct core_sink *sink = &core->sink;
    text id = text_of(core->ledger.accounts[account].id);
    if (sink->statements)
        sink->statements(sink->user, id, first_day, last_day, take, found);
    for (uint32_t i = 0; i < core->statements.count; i++) {
        const struct statement *statement = &core->statements.at[i];
        int day = statement->trading_day;
        if (statement->account != account || (first_day && (day < first_day || day > last_day)))
            continue;
        struct core_statement one = core_statement(core, i);
        take(found, &one);
    }
}

bool statement_find(const struct core *core, uint32_t account, int day, struct buffer *out,
                    struct statement_name *name)
{
    struct found found = {.bytes = {.at = NULL}};
    bool month = day > 0 && day < 1000000;
    find(core, account, month ? day * 100 + 1 : day, month ? day * 100 + 31 : day, &found);
    uint32_t count = found.days.count;
    *name = (struct statement_name){.trading_day = day, .settlement_id = 1};
    if (count && !month)
        *name = (struct statement_name){found.days.at[count - 1].trading_day,
                                        found.days.at[count - 1].settlement_id};
    for (uint32_t i = day == 0 && count ? count - 1 : 0; i < count; i++)
        buffer_put(out, found.bytes.at + found.days.at[i].offset, found.days.at[i].length);
    free(found.days.at);
    buffer_finish(&found.bytes);
    return count > 0;
}
