/* ledger.c: accounts, rows and details as a store; see ledger.h. Margin and funds are in
 * ledger_margin.c, freezes and fills in ledger_trade.c. */
#include "tts/core/ledger/ledger.h"
#include "base/buffer.h"
#include "base/number.h"
#include "tts/core/ledger/ledger_inside.h"
#include <assert.h>
#include <math.h>

struct trading_params trading_params_default(void)
{
    return (struct trading_params){
        .margin_price_type = '4',
        .algorithm = '1',
        .avail_include_close_profit = '0',
        .option_royalty_price_type = '5',
        .withdraw_ratio = 0.8,
    };
}

void ledger_init(struct ledger *ledger, struct market *market, int trading_day)
{
    *ledger = (struct ledger){.market = market,
                              .trading_day = trading_day,
                              .params = trading_params_default(),
                              .detail_free = LEDGER_NONE};
}

void ledger_finish(struct ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->account_count; i++)
        free(ledger->accounts[i].groups);
    free(ledger->accounts);
    free(ledger->rows);
    free(ledger->details);
    free(ledger->overrides);
    free(ledger->closings);
    free(ledger->wishes);
    free(ledger->exercises);
    free(ledger->pairs);
    free(ledger->scratch);
    index_finish(&ledger->row_index);
    *ledger = (struct ledger){.market = NULL};
}

uint32_t ledger_add_account(struct ledger *ledger, text id, const struct trading_params *params)
{
    if (ledger->account_count == ledger->account_capacity) {
        ledger->account_capacity = ledger->account_capacity ? ledger->account_capacity * 2 : 64;
        ledger->accounts =
            memory_resize(ledger->accounts, ledger->account_capacity * sizeof *ledger->accounts);
    }
    struct account *account = &ledger->accounts[ledger->account_count];
    *account = (struct account){.first_row = LEDGER_NONE, .params = *params};
    text_copy(account->id, sizeof account->id, id);
    return ledger->account_count++;
}

void ledger_set_params(struct ledger *ledger, const struct trading_params *params)
{
    ledger->params = *params;
    for (uint32_t i = 0; i < ledger->account_count; i++)
        ledger->accounts[i].params = *params;
}

static uint64_t row_hash(uint32_t account, uint32_t instrument, char hedge, char direction,
                         char position_date)
{
    uint64_t kind = (uint64_t)(unsigned char)hedge << 16 | (uint64_t)(unsigned char)direction << 8 |
                    (unsigned char)position_date;
    return hash_number(((uint64_t)account << 32 | instrument) ^ kind << 40 ^ kind);
}

/* Room for the groups that the accounts of a snapshot have met. */
static void make_scratch(struct ledger *ledger)
{
    uint32_t groups = 0;
    for (uint32_t i = 0; i < ledger->account_count; i++)
        if (ledger->accounts[i].group_count > groups)
            groups = ledger->accounts[i].group_count;
    if (groups <= ledger->scratch_capacity)
        return;
    ledger->scratch_capacity = groups;
    ledger->scratch = memory_resize(ledger->scratch, groups * 4 * sizeof *ledger->scratch);
}

void ledger_index(struct ledger *ledger)
{
    make_scratch(ledger);
    index_finish(&ledger->row_index);
    ledger->row_index = (struct index){.slots = NULL};
    for (uint32_t i = 0; i < ledger->row_count; i++) {
        const struct position_row *row = &ledger->rows[i];
        index_add(
            &ledger->row_index,
            row_hash(row->account, row->instrument, row->hedge, row->direction, row->position_date),
            i);
    }
}

uint32_t ledger_find_row(const struct ledger *ledger, uint32_t account, uint32_t instrument,
                         char hedge, char direction, char position_date)
{
    uint64_t hash = row_hash(account, instrument, hedge, direction, position_date);
    uint32_t cursor = 0, place;
    while (index_next(&ledger->row_index, hash, &cursor, &place)) {
        const struct position_row *row = &ledger->rows[place];
        if (row->account == account && row->instrument == instrument && row->hedge == hedge &&
            row->direction == direction && row->position_date == position_date)
            return place;
    }
    return LEDGER_NONE;
}

uint32_t ledger_make_row(struct ledger *ledger, uint32_t account, uint32_t instrument, char hedge,
                         char direction, char position_date)
{
    uint32_t place = ledger_find_row(ledger, account, instrument, hedge, direction, position_date);
    if (place != LEDGER_NONE)
        return place;
    if (ledger->row_count == ledger->row_capacity) {
        ledger->row_capacity = ledger->row_capacity ? ledger->row_capacity * 2 : 256;
        ledger->rows = memory_resize(ledger->rows, ledger->row_capacity * sizeof *ledger->rows);
    }
    place = ledger->row_count++;
    struct account *owner = &ledger->accounts[account];
    ledger->rows[place] = (struct position_row){
        .account = account,
        .instrument = instrument,
        .hedge = hedge,
        .direction = direction,
        .position_date = position_date,
        .next = owner->first_row,
        .group = ledger_group_of(ledger, account, instrument, hedge),
        .first = LEDGER_NONE,
        .last = LEDGER_NONE,
        .live = LEDGER_NONE,
        .shown_settlement = ledger->market->instruments[instrument].pre_settlement,
    };
    owner->first_row = place;
    index_add(&ledger->row_index, row_hash(account, instrument, hedge, direction, position_date),
              place);
    return place;
}

uint32_t ledger_add_detail(struct ledger *ledger, uint32_t row_place,
                           const struct position_detail *made)
{
    uint32_t place = ledger->detail_free;
    if (place != LEDGER_NONE) {
        ledger->detail_free = ledger->details[place].next;
    } else {
        if (ledger->detail_count == ledger->detail_capacity) {
            ledger->detail_capacity = ledger->detail_capacity ? ledger->detail_capacity * 2 : 256;
            ledger->details =
                memory_resize(ledger->details, ledger->detail_capacity * sizeof *ledger->details);
        }
        place = ledger->detail_count++;
    }
    struct position_row *row = &ledger->rows[row_place];
    ledger->details[place] = *made;
    ledger->details[place].row = row_place;
    ledger->details[place].next = LEDGER_NONE;
    if (row->last == LEDGER_NONE)
        row->first = place;
    else
        ledger->details[row->last].next = place;
    row->last = place;
    if (row->live == LEDGER_NONE)
        row->live = place;
    return place;
}

void ledger_book_cash(struct ledger *ledger, uint32_t place, double amount)
{
    struct account *account = &ledger->accounts[place];
    if (amount >= 0)
        account->deposit += amount;
    else
        account->withdraw -= amount;
}

bool ledger_move_cash(struct ledger *ledger, uint32_t place, double amount)
{
    if (amount < 0 && -amount > ledger_funds(ledger, place).withdraw_quota + 1e-6)
        return false;
    ledger_book_cash(ledger, place, amount);
    return true;
}

/* Cents whose halves are far from this value need no digits: what the multiplication may be wrong
 * by is less than a thousandth of the distance. */
static bool round_plainly(double value, double *rounded)
{
    double cents = fabs(value) * 100, whole = floor(cents + 0.5);
    if (cents > 1e10 || fabs(cents - whole) > 0.49)
        return false;
    *rounded = value < 0 ? -(whole / 100) : whole / 100;
    return true;
}

double money_round_cents(double value)
{
    double plain;
    if (round_plainly(value, &plain))
        return plain;
    char digits[NUMBER_TEXT_MAX];
    size_t length = number_write(fabs(value), digits);
    text whole = {digits, length};
    if (fabs(value) >= 1e13 || memchr(digits, 'e', length))
        return fabs(value) < 0.001 ? 0.0 : value;
    text fraction = whole;
    text units = text_cut(&fraction, '.');
    int64_t cents = 0;
    text_to_int(units, &cents);
    cents *= 100;
    if (fraction.length > 0)
        cents += (fraction.at[0] - '0') * 10;
    if (fraction.length > 1)
        cents += fraction.at[1] - '0';
    if (fraction.length > 2 && fraction.at[2] >= '5')
        cents++;
    double rounded = (double)cents / 100;
    return value < 0 ? -rounded : rounded;
}
