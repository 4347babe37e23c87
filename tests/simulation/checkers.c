/* checkers.c: what must hold in every state of the core, whatever led to it: lots, money, orders,
 * trades, books and flows agree with one another (docs/durability.md lists the rules). Computed
 * from the parts, with sums of its own. */
#include "tts/core/desk/desk_inside.h"
#include "world.h"

/* ---- numbers ---- */

static bool same_money(double one, double other)
{
    return fabs(one - other) <= 1e-6 + 1e-9 * fmax(fabs(one), fabs(other));
}

/* What live orders and trades say of one row. */
struct row_sums {
    int buying, selling; /* lots frozen */
    double margin, cash, commission;
    int opened, closed;
    double fees;
};

static void sum_live(struct world *world, struct row_sums *sums)
{
    const struct core *core = world->core;
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        for (uint32_t leg = 0; leg < order->leg_count; leg++) {
            const struct ledger_order *of = &order->leg[leg];
            int wanted = order->live && !order->condition_number ? order->state.total : 0;
            if (order->condition_number)
                continue;
            /* Another exchange tells the second leg's fills behind the first leg's. */
            bool behind = leg > 0 && order->channel != CHANNEL_SIM && of->frozen > wanted;
            ENSURE(world, of->frozen == wanted || behind, "order %u has %d lots frozen, not %d", i,
                   of->frozen, wanted);
            if (of->frozen == 0)
                continue;
            struct row_sums *row = &sums[of->row];
            *(of->direction == '0' ? &row->buying : &row->selling) += of->frozen;
            row->margin += of->margin_per_lot * of->frozen;
            row->cash += of->cash_per_lot * of->frozen;
            row->commission += of->commission_per_lot * of->frozen;
        }
    }
}

static void sum_trades(struct world *world, struct row_sums *sums)
{
    const struct core *core = world->core;
    for (uint32_t i = 0; i < core->trades.count; i++) {
        const struct trade *trade = &core->trades.at[i];
        const struct ledger_order *leg = &core->orders.at[trade->order].leg[trade->leg];
        struct row_sums *row = &sums[leg->row];
        *(leg->offset == '0' ? &row->opened : &row->closed) += trade->volume;
        row->fees += trade->commission;
    }
    for (uint32_t i = 0; i < core->cash.count; i++) {
        const struct cash_movement *moved = &core->cash.at[i];
        if (moved->kind == SHARES_BY_ADJUSTMENT)
            sums[ledger_find_row(&core->ledger, moved->account, moved->instrument, '1', '2', '1')]
                .opened += moved->lots;
    }
}

/* ---- positions ---- */

static void check_details(struct world *world, uint32_t place)
{
    const struct ledger *ledger = &world->core->ledger;
    const struct position_row *row = &ledger->rows[place];
    int lots = 0, today = 0, closed = 0;
    double profit = 0;
    bool met_live = row->live == LEDGER_NONE;
    uint32_t steps = 0;
    for (uint32_t i = row->first; i != LEDGER_NONE; i = ledger->details[i].next) {
        const struct position_detail *detail = &ledger->details[i];
        ENSURE(world, ++steps <= ledger->detail_count, "the details of row %u are a circle", place);
        ENSURE(world, detail->row == place, "a detail of row %u says row %u", place, detail->row);
        ENSURE(world, detail->volume >= 0, "a detail of row %u has %d lots", place, detail->volume);
        met_live |= i == row->live;
        ENSURE(world, met_live || detail->volume == 0,
               "row %u: open lots stand before the first live detail", place);
        lots += detail->volume;
        today += detail->open_date == ledger->trading_day ? detail->volume : 0;
        closed += detail->close_volume;
        profit += detail->close_profit_by_date;
    }
    ENSURE(world, lots == row->position, "row %u: Position %d, details have %d", place,
           row->position, lots);
    ENSURE(world, today == row->today_position, "row %u: TodayPosition %d, details have %d", place,
           row->today_position, today);
    ENSURE(world, closed == row->close_volume, "row %u: CloseVolume %d, details have %d", place,
           row->close_volume, closed);
    ENSURE(world, same_money(profit, row->close_profit_by_date),
           "row %u: CloseProfitByDate %.9g, details have %.9g", place, row->close_profit_by_date,
           profit);
}

static void check_row(struct world *world, uint32_t place, const struct row_sums *sums)
{
    const struct position_row *row = &world->core->ledger.rows[place];
    ENSURE(world, row->position == row->yd_position + row->open_volume - row->close_volume,
           "row %u: Position %d is not YdPosition %d + OpenVolume %d - CloseVolume %d", place,
           row->position, row->yd_position, row->open_volume, row->close_volume);
    ENSURE(world, ledger_closable(row) >= 0, "row %u: %d lots may be closed", place,
           ledger_closable(row));
    ENSURE(world, row->strike_frozen >= 0 && row->abandon_frozen >= 0 && row->comb_position >= 0,
           "row %u has fewer than no lots frozen", place);
    ENSURE(world, row->long_frozen == sums->buying && row->short_frozen == sums->selling,
           "row %u: LongFrozen %d, ShortFrozen %d; live orders have %d, %d", place,
           row->long_frozen, row->short_frozen, sums->buying, sums->selling);
    ENSURE(world, same_money(row->frozen_margin, sums->margin),
           "row %u: FrozenMargin %.9g, live orders have %.9g", place, row->frozen_margin,
           sums->margin);
    ENSURE(world, same_money(row->frozen_cash, sums->cash),
           "row %u: FrozenCash %.9g, live orders have %.9g", place, row->frozen_cash, sums->cash);
    ENSURE(world, same_money(row->frozen_commission, sums->commission),
           "row %u: FrozenCommission %.9g, live orders have %.9g", place, row->frozen_commission,
           sums->commission);
    ENSURE(world, row->open_volume == sums->opened && row->close_volume == sums->closed,
           "row %u: OpenVolume %d, CloseVolume %d; trades have %d, %d", place, row->open_volume,
           row->close_volume, sums->opened, sums->closed);
    ENSURE(world, same_money(row->commission, sums->fees),
           "row %u: Commission %.9g, trades have %.9g", place, row->commission, sums->fees);
}

static void check_yesterday(struct world *world)
{
    const struct ledger *ledger = &world->core->ledger;
    while (world->yesterday.count < ledger->row_count) /* born today */
        LIST_ADD(&world->yesterday);
    for (uint32_t i = 0; i < ledger->row_count; i++)
        ENSURE(world, ledger->rows[i].yd_position == world->yesterday.at[i],
               "row %u: YdPosition was %d, is %d in the same day", i, world->yesterday.at[i],
               ledger->rows[i].yd_position);
}

void remember_yesterday(struct world *world)
{
    const struct ledger *ledger = &world->core->ledger;
    world->yesterday.count = 0;
    for (uint32_t i = 0; i < ledger->row_count; i++)
        *LIST_ADD(&world->yesterday) = ledger->rows[i].yd_position;
}

static void check_positions(struct world *world)
{
    const struct ledger *ledger = &world->core->ledger;
    struct row_sums *sums = memory_get_zeroed(ledger->row_count + 1, sizeof *sums);
    sum_live(world, sums);
    sum_trades(world, sums);
    for (uint32_t i = 0; i < ledger->row_count; i++) {
        check_details(world, i);
        check_row(world, i, &sums[i]);
    }
    free(sums);
}

/* What one customer wins another one loses: in book mode all lots are between customers. */
static void check_zero_sum(struct world *world, uint32_t instrument)
{
    const struct ledger *ledger = &world->core->ledger;
    const struct instrument *of = core_instrument(world->core, instrument);
    int64_t lots = 0;
    double profit = 0, cash = 0;
    for (uint32_t i = 0; i < ledger->row_count; i++) {
        const struct position_row *row = &ledger->rows[i];
        if (row->instrument != instrument)
            continue;
        lots += row->direction == '2' ? row->position : -row->position;
        profit += row->close_profit_by_date + ledger_row_figures(ledger, row).position_profit;
        cash += row->cash_in;
    }
    ENSURE(world, lots == 0, "%s: long and short lots differ by %lld", of->id, (long long)lots);
    ENSURE(world, fabs(profit) < 0.01, "%s: all profits together are %.9g", of->id, profit);
    ENSURE(world, fabs(cash) < 0.01, "%s: all premiums together are %.9g", of->id, cash);
}

/* ---- money ---- */

/* The ledger of known movements: the effects of the day that move cash. */
static void follow_cash(struct world *world)
{
    struct disk *disk = &world->disk;
    if (world->cash_until == 0)
        memset(world->cash, 0, sizeof world->cash);
    if (world->cash_until == 0)
        memset(world->bank, 0, sizeof world->bank);
    for (uint64_t i = world->cash_until + 1; i <= disk_count(disk); i++) {
        size_t length;
        const char *bytes = disk_effect(disk, i, &length);
        struct effect_head head;
        memcpy(&head, bytes, sizeof head);
        const void *effect = bytes + sizeof head;
        const struct effect_cash_moved *moved = effect;
        if (head.kind == EFFECT_bank_moved)
            world->bank[moved->account] += moved->amount;
        if (head.kind == EFFECT_cash_moved || head.kind == EFFECT_bank_moved ||
            head.kind == EFFECT_cash_adjusted)
            world->cash[moved->account] += moved->amount; /* they begin alike */
        else if (head.kind == EFFECT_day_settled)
            memset(world->cash, 0, sizeof world->cash);
    }
    world->cash_until = disk_count(disk);
}

static void check_account(struct world *world, uint32_t place)
{
    const struct core *core = world->core;
    const struct ledger *ledger = &core->ledger;
    const struct account *account = &ledger->accounts[place];
    struct funds funds = ledger_funds(ledger, place);
    double commission = 0, cash = 0, closed = 0, open = 0, moved = world->cash[place];
    for (uint32_t i = 0; i < ledger->row_count; i++) {
        const struct position_row *row = &ledger->rows[i];
        if (row->account != place)
            continue;
        commission += row->commission;
        cash += row->cash_in;
        closed += row->close_profit_by_date;
        open += ledger_row_figures(ledger, row).position_profit;
    }
    for (uint32_t i = 0; i < core->cash.count; i++)
        if (core->cash.at[i].account == place && core->cash.at[i].kind == CASH_BY_RESET)
            moved += core->cash.at[i].amount;
    if (core->trading_day == FIRST_DAY)
        moved += core->investors.at[place].initial_deposit;
    ENSURE(world, same_money(account->deposit - account->withdraw, moved),
           "account %s: Deposit %.9g - Withdraw %.9g, but %.9g moved", account->id,
           account->deposit, account->withdraw, moved);
    ENSURE(world,
           same_money(funds.commission, commission) && same_money(funds.cash_in, cash) &&
               same_money(funds.close_profit, closed) && same_money(funds.position_profit, open),
           "account %s: its figures are not the sums over its rows", account->id);
    double balance = account->pre_balance + account->deposit - account->withdraw + closed + open +
                     cash - commission + account->exercise_profit;
    ENSURE(world, same_money(funds.balance, balance), "account %s: Balance %.9g, not %.9g",
           account->id, funds.balance, balance);
    ENSURE(world,
           funds.curr_margin >= -1e-6 && funds.frozen_margin >= -1e-6 &&
               funds.frozen_cash >= -1e-6 && funds.frozen_commission >= -1e-6,
           "account %s: a margin or a freeze is below 0", account->id);
}

/* ---- orders ---- */

static void check_order(struct world *world, uint32_t place, int traded)
{
    const struct order *order = &world->core->orders.at[place];
    const struct order_state *state = &order->state;
    ENSURE(world, state->traded == traded, "order %u: VolumeTraded %d, its trades have %d", place,
           state->traded, traded);
    ENSURE(world, traded >= 0 && traded <= order->volume, "order %u of %d lots traded %d", place,
           order->volume, traded);
    ENSURE(world, state->total == order->volume - traded, "order %u: VolumeTotal %d after %d of %d",
           place, state->total, traded, order->volume);
    const char *statuses = order->live ? "a13b" : "05c";
    ENSURE(world, strchr(statuses, state->status) && state->status,
           "order %u is %s with OrderStatus %c", place, order->live ? "live" : "done",
           state->status);
    ENSURE(world, order->live || state->status != '0' || traded == order->volume,
           "order %u is all traded with %d of %d lots", place, traded, order->volume);
    bool held_back = world->core->channel_states[CHANNEL_SIM] != CHANNEL_UP;
    if (order->live && !order->condition_number && order->channel == CHANNEL_SIM)
        ENSURE(world, (state->status == 'a') != order->at_exchange,
               "order %u is %c, and %sat the exchange", place, state->status,
               order->at_exchange ? "" : "not ");
    if (order->live && !order->condition_number && order->channel == CHANNEL_SIM && !held_back)
        ENSURE(world, order->at_exchange, "order %u is left on its way to the exchange (%c)", place,
               state->status);
}

static void check_orders(struct world *world)
{
    const struct core *core = world->core;
    int *traded = memory_get_zeroed(core->orders.count + 1, sizeof *traded);
    uint32_t live[USERS_MAX] = {0}, conditions[USERS_MAX] = {0};
    for (uint32_t i = 0; i < core->trades.count; i++) {
        const struct trade *trade = &core->trades.at[i];
        ENSURE(world, trade->order < core->orders.count && trade->volume > 0,
               "trade %u is of no order or no lots", i);
        if (trade->leg == 0)
            traded[trade->order] += trade->volume;
    }
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        check_order(world, i, traded[i]);
        live[order->account] += order->live;
        conditions[order->account] += order->live && order->condition_number;
    }
    for (uint32_t i = 0; i < core->investors.count; i++) {
        const struct investor *investor = &core->investors.at[i];
        ENSURE(world,
               investor->live_orders == live[i] && investor->condition_orders == conditions[i],
               "investor %u counts %u live and %u condition orders; there are %u and %u", i,
               investor->live_orders, investor->condition_orders, live[i], conditions[i]);
    }
    free(traded);
}

/* Numbers that are given rise, also over crashes; a match of two customers has one number. */
static void check_numbers(struct world *world)
{
    const struct core *core = world->core;
    int64_t local[EXCHANGE_COUNT] = {0}, condition[EXCHANGE_COUNT] = {0},
            trade[EXCHANGE_COUNT] = {0}, system[EXCHANGE_COUNT] = {0};
    int64_t sequence = 0, session = 0;
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        enum exchange exchange = core->market.instruments[order->instrument].exchange;
        int64_t *last = order->condition_number ? &condition[exchange] : &local[exchange];
        int64_t given = order->condition_number ? order->condition_number : order->local_number;
        ENSURE(world, given > *last, "order %u has the number %lld after %lld", i, (long long)given,
               (long long)*last);
        *last = given;
        ENSURE(world, order->broker_order_seq > sequence, "order %u has BrokerOrderSeq %lld", i,
               (long long)order->broker_order_seq);
        sequence = order->broker_order_seq;
        if (order->channel == CHANNEL_SIM && order->state.system_number > system[exchange])
            system[exchange] = order->state.system_number;
    }
    for (uint32_t i = 0; i < core->trades.count; i++) {
        const struct order *order = &core->orders.at[core->trades.at[i].order];
        enum exchange exchange = core->market.instruments[order->instrument].exchange;
        if (order->channel != CHANNEL_SIM)
            continue;
        ENSURE(world, core->trades.at[i].number >= trade[exchange], "trade %u has number %lld", i,
               (long long)core->trades.at[i].number);
        trade[exchange] = core->trades.at[i].number;
    }
    for (int i = 0; i < EXCHANGE_COUNT; i++)
        ENSURE(world, core->numbers[i].system == system[i] && core->numbers[i].trade == trade[i],
               "exchange %d says it gave %lld and %lld; its orders and trades have %lld and %lld",
               i, (long long)core->numbers[i].system, (long long)core->numbers[i].trade,
               (long long)system[i], (long long)trade[i]);
    for (uint32_t i = 0; i < core->sessions.count; i++) {
        ENSURE(world, core->sessions.at[i].session_id > session, "SessionID %d is given again",
               core->sessions.at[i].session_id);
        session = core->sessions.at[i].session_id;
    }
}

/* ---- books ---- */

static void check_book(struct world *world, uint32_t instrument)
{
    struct core *core = world->core;
    const struct bench *bench = bench_of(core, instrument);
    const struct instrument *of = core_instrument(core, instrument);
    int64_t resting = 0, waiting = 0;
    for (int side = 0; side < 2; side++)
        for (uint32_t i = 0;; i++) {
            const struct book_level *level = book_level_at(&bench->book, (enum match_side)side, i);
            if (!level)
                break;
            resting += level->volume;
        }
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        if (order->instrument != instrument || !order->live || order->condition_number ||
            order_is_held(order) || order->channel != CHANNEL_SIM || !order->at_exchange)
            continue;
        ENSURE(world, book_rests(&core->matching->pool, i), "order %u is live and in no book", i);
        ENSURE(world, book_left(&core->matching->pool, i) == order->state.total,
               "order %u has %d lots in the book instead of %d", i,
               book_left(&core->matching->pool, i), order->state.total);
        waiting += order->state.total;
    }
    ENSURE(world, resting == waiting, "%s: the book has %lld lots, live orders %lld", of->id,
           (long long)resting, (long long)waiting);
    const struct book_level *bid = book_level_at(&bench->book, MATCH_BUY, 0);
    const struct book_level *ask = book_level_at(&bench->book, MATCH_SELL, 0);
    if (bid && ask && exchange_phase(core, instrument) == PHASE_CONTINUOUS)
        ENSURE(world, bid->price < ask->price, "%s: the book is crossed: %lld over %lld ticks",
               of->id, (long long)bid->price, (long long)ask->price);
}

/* ---- flows ---- */

static void check_flows(struct world *world)
{
    const struct core *core = world->core;
    for (uint32_t i = 0; i < core->users.count; i++) {
        const struct user *user = &core->users.at[i];
        for (uint32_t n = 0; n < user->flow.count; n++) {
            ENSURE(world, user->flow.at[n] < core->messages.count,
                   "the flow of %s names a message that is not there", user->id);
            ENSURE(world, n == 0 || user->flow.at[n - 1] < user->flow.at[n],
                   "the flow of %s repeats or goes back at message %u", user->id, n + 1);
        }
    }
    uint32_t trades = 0; /* each trade is told once, in order */
    for (uint32_t i = 0; i < core->messages.count; i++) {
        const struct flow_message *message = &core->messages.at[i];
        if (message->kind != FLOW_TRADE)
            continue;
        ENSURE(world, message->place == trades, "trade %u is told where trade %u was due",
               message->place, trades);
        trades++;
    }
    ENSURE(world, trades == core->trades.count, "%u trades, %u told", core->trades.count, trades);
}

void check_same_flows(struct world *world, struct core *old)
{
    struct core *now = world->core;
    if (old->trading_day != now->trading_day)
        return;
    for (uint32_t user = 0; user < now->users.count; user++) {
        uint32_t count = now->users.at[user].flow.count;
        ENSURE(world, count <= old->users.at[user].flow.count,
               "the flow of user %u grew in a crash", user);
        for (uint32_t n = 1; n <= count; n++) {
            struct core_message message;
            view_private(old, user, n, &message);
            uint64_t before = message_hash(&message);
            view_private(now, user, n, &message);
            ENSURE(world, before == message_hash(&message),
                   "message %u of user %u (%s) is another one after the crash", n, user,
                   ctp_method_info(message.callback)->name);
        }
    }
}

/* ---- what was shown ---- */

static void check_shown_flow(struct world *world, uint32_t user)
{
    const struct reader *reader = &world->shown.private_flow[user];
    ENSURE(world, reader->hashes.count <= world->core->users.at[user].flow.count,
           "%u messages were shown to user %u; after the crash there are %u", reader->hashes.count,
           user, world->core->users.at[user].flow.count);
    for (uint32_t n = 1; n <= reader->hashes.count; n++) {
        struct core_message message;
        view_private(world->core, user, n, &message);
        uint64_t known = reader->hashes.at[n - 1];
        ENSURE(world, known == 0 || known == message_hash(&message),
               "message %u of user %u (%s) differs from what was shown before the crash", n, user,
               ctp_method_info(message.callback)->name);
    }
}

static void check_shown_order(struct world *world, const struct shown_order *shown)
{
    const struct core *core = world->core;
    for (uint32_t i = 0; i < core->orders.count; i++) {
        const struct order *order = &core->orders.at[i];
        if (order->session_id != shown->session_id || order->order_ref != shown->order_ref ||
            !text_equal(text_of(core->ledger.accounts[order->account].id),
                        text_of(shown->investor)))
            continue;
        ENSURE(world, order->state.traded >= shown->traded,
               "order %u traded %d lots; %d were shown before the crash", i, order->state.traded,
               shown->traded);
        ENSURE(world, !order->live || !strchr("05", shown->status),
               "order %u lives; it was shown with OrderStatus %c before the crash", i,
               shown->status);
        ENSURE(world,
               shown->system_number == 0 || order->condition_number ||
                   order->state.system_number == shown->system_number,
               "order %u has another OrderSysID than shown before the crash", i);
        return;
    }
    world_fail(world, "order %lld of session %d was acknowledged and is gone",
               (long long)shown->order_ref, shown->session_id);
}

static void check_shown_trade(struct world *world, const struct shown_trade *shown)
{
    const struct core *core = world->core;
    for (uint32_t i = 0; i < core->trades.count; i++) {
        const struct trade *trade = &core->trades.at[i];
        const struct order *order = &core->orders.at[trade->order];
        const struct ledger_order *leg = &order->leg[trade->leg];
        enum exchange exchange = core->market.instruments[leg->instrument].exchange;
        if (trade->number == shown->number && leg->direction == shown->direction &&
            trade->volume == shown->volume && trade->price == shown->price &&
            text_equal(text_of(exchange_id(exchange)), text_of(shown->exchange)) &&
            text_equal(text_of(core->ledger.accounts[order->account].id), text_of(shown->investor)))
            return;
    }
    world_fail(world, "trade %lld of %s was shown and is gone", (long long)shown->number,
               shown->exchange);
}

void check_shown(struct world *world)
{
    const struct shown *shown = &world->shown;
    int day = core_trading_day(world->core);
    ENSURE(world, day >= shown->day, "trading day %d was shown; after the crash it is %d",
           shown->day, day);
    if (day > shown->day)
        return;
    for (uint32_t i = 0; i < world->core->users.count; i++)
        check_shown_flow(world, i);
    for (uint32_t i = 0; i < shown->orders.count; i++)
        check_shown_order(world, &shown->orders.at[i]);
    for (uint32_t i = 0; i < shown->trades.count; i++)
        check_shown_trade(world, &shown->trades.at[i]);
}

/* ---- all of it ---- */

void check_state(struct world *world)
{
    struct core *core = world->core;
    follow_cash(world);
    check_orders(world);
    check_numbers(world);
    check_positions(world);
    check_yesterday(world);
    for (uint32_t i = 0; i < core->ledger.account_count; i++)
        check_account(world, i);
    for (uint32_t i = 0; i < core->market.instrument_count; i++)
        if (core->instruments.at[i].book_mode) {
            check_book(world, i);
            if (!world->outside[i])
                check_zero_sum(world, i);
        }
    check_requests(world);
    check_flows(world);
}

/* ---- settlement ---- */

/* Trades whose prices the settlement changes. */
static bool has_tas_trades(const struct world *world, uint32_t account)
{
    const struct core *core = world->core;
    for (uint32_t i = 0; i < core->trades.count; i++) {
        const struct trade *trade = &core->trades.at[i];
        const struct ledger_order *leg = &core->orders.at[trade->order].leg[trade->leg];
        if (leg->at_settlement && leg->account == account)
            return true;
    }
    return false;
}

/* The balance that the day must end with: rows of futures marked at the price that settles, fees
 * rounded one by one. False for accounts with options, stocks or trades at settlement, whose
 * settlement is another test's business. */
static bool own_balance(struct world *world, uint32_t place, const double *prices, double *balance)
{
    const struct ledger *ledger = &world->core->ledger;
    const struct account *account = &ledger->accounts[place];
    if (has_tas_trades(world, place))
        return false;
    *balance = account->pre_balance + account->deposit - account->withdraw - account->rounding;
    for (uint32_t i = 0; i < ledger->row_count; i++) {
        const struct position_row *row = &ledger->rows[i];
        const struct instrument *of = core_instrument(world->core, row->instrument);
        if (row->account != place)
            continue;
        if (of->product_class != '1' && (row->position || row->open_volume || row->yd_position))
            return false;
        double sign = row->direction == '2' ? 1 : -1;
        double cost = ledger_row_figures(ledger, row).position_cost;
        *balance += row->close_profit_by_date - row->commission +
                    sign * (prices[row->instrument] * row->position * of->volume_multiple - cost);
    }
    return true;
}

/* What accounts must begin the next day with. */
struct expectation {
    double *prices; /* owned */
    double balance[USERS_MAX];
    bool known[USERS_MAX];
};

static struct expectation draw_settlement(struct world *world)
{
    struct core *core = world->core;
    uint32_t count = core->market.instrument_count;
    struct expectation expected = {.prices = memory_get_zeroed(count, sizeof(double))};
    for (uint32_t i = 0; i < count; i++)
        expected.prices[i] =
            core_instrument(core, i)->pre_settlement +
            core_instrument(core, i)->price_tick * draw_between(&world->random, -5, 5);
    for (uint32_t i = 0; i < core->ledger.account_count; i++)
        expected.known[i] = own_balance(world, i, expected.prices, &expected.balance[i]);
    return expected;
}

static void check_morning(struct world *world, const struct expectation *expected)
{
    const struct ledger *ledger = &world->core->ledger;
    for (uint32_t i = 0; i < ledger->account_count; i++)
        ENSURE(world,
               !expected->known[i] ||
                   fabs(ledger->accounts[i].pre_balance - expected->balance[i]) < 0.006,
               "account %s begins the day with %.9g instead of %.9g", ledger->accounts[i].id,
               ledger->accounts[i].pre_balance, expected->balance[i]);
}

void check_settlement(struct world *world, int next_trading_day)
{
    struct core *core = world->core;
    check_state(world);
    struct expectation first = draw_settlement(world), second = draw_settlement(world);
    bool given = chance(&world->random, 700);
    core_settle(core, next_trading_day, given ? first.prices : NULL);
    if (given)
        check_morning(world, &first);
    ENSURE(world, core->orders.count == 0 && core->trades.count == 0 && core->messages.count == 0,
           "orders, trades or messages are left of the settled day");
    if (chance(&world->random, 300)) {
        enum settle_again done = core_settle_again(core, second.prices);
        ENSURE(world, done == SETTLE_AGAIN_DONE || done == SETTLE_AGAIN_SAME,
               "a settlement cannot be done again: %d", done);
        check_morning(world, &second);
    }
    free(first.prices);
    free(second.prices);
    statements_note(world);
    statements_check(world);
    remember_yesterday(world);
}
