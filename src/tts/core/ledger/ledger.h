/* ledger.h: positions and money, exact and by themselves: accounts, position rows, details of
 * opened lots, freezes, margin, fees, settlement. It knows instruments and their prices (struct
 * market), nothing of sessions, flows or matching. The order desk tells it what was accepted,
 * filled and cancelled; everything that CTP shows is computed from what stands here.
 *
 * Rules: the formulas of CTP's TradingAccount, InvestorPosition and InvestorPositionDetail, as
 * docs/tts-money.md tells them. Money and prices are doubles, computed in the order of the
 * formulas; only day sums and the two sums of open prices of a row are kept, and these become
 * exactly 0 with the last lot, so that nothing drifts from day to day.
 *
 * One thread. Places (uint32_t) of accounts stay for ever; places of rows and details stay until
 * the next settlement. */
#ifndef TTS_CORE_LEDGER_LEDGER_H
#define TTS_CORE_LEDGER_LEDGER_H

#include "tts/core/market/instrument.h"

#define LEDGER_NONE UINT32_MAX /* no place */

/* These structs are journaled, saved and hashed as memory, so each byte has a name: no padding. */
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"
/* What a profit does to Available and at which price a lot's margin counts; values are CTP's
 * characters. */
struct trading_params {
    char
        margin_price_type; /* '1' pre-settlement, '2' last, '3' average, '4' open price (default) */
    char algorithm;        /* '1' all (default), '2' only losses, '3' only gains, '4' none */
    char avail_include_close_profit; /* '0' include (default), '2' only losses */
    char option_royalty_price_type;  /* '1' pre-settlement, '4' open price, '5' the larger of
                                        pre-settlement and last (default) */
    char unused[4];
    double withdraw_ratio; /* 0.8 */
};
#pragma GCC diagnostic pop

struct trading_params trading_params_default(void);

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"
/* One opening trade's lots. Never merged with another. */
struct position_detail {
    uint32_t row;
    uint32_t next;         /* in the row, oldest first; LEDGER_NONE at the end */
    uint32_t trade_number; /* of the opening trade at its exchange and day */
    uint32_t sequence;     /* order of opening over the whole ledger */
    int open_date;         /* trading day of the opening trade */
    char trade_type;       /* '0' ordinary, '1' from an option's exercise */
    bool at_settlement;    /* traded at today's settlement price: open_price is an estimate */
    char unused[2];
    int volume;       /* lots still open */
    int close_volume; /* closed today */
    double open_price, close_amount, close_profit_by_date, close_profit_by_trade;
    double settlement_price; /* pre-settlement until this detail changes, then last */
};

/* One line of InvestorPosition. */
struct position_row {
    uint32_t account, instrument;
    char hedge;         /* HedgeFlag */
    char direction;     /* PosiDirection: '2' long, '3' short */
    char position_date; /* PositionDate: '1' today (or all), '2' history */
    char unused[1];
    uint32_t next;  /* next row of the account */
    uint32_t group; /* place of its larger-side group in the account, LEDGER_NONE without one */
    uint32_t first, last; /* details, oldest first */
    uint32_t live;        /* the first detail that may still have lots */
    int position, today_position, yd_position;
    int long_frozen, short_frozen;
    int comb_position; /* lots tied in combinations */
    int tas_position;  /* lots traded at today's settlement price */
    char unused2[4];
    double tas_open_sum; /* the part of today_open_sum that is an estimate */
    double long_frozen_amount, short_frozen_amount;
    int open_volume, close_volume;
    double open_amount, close_amount;
    double close_profit_by_date, close_profit_by_trade;
    double commission, cash_in;
    double frozen_margin, frozen_cash, frozen_commission;
    int strike_frozen, abandon_frozen;
    double today_open_sum;   /* sum of open price x open lots of today's details */
    double history_open_sum; /* the same of history details */
    double shown_settlement; /* long option rows: last at the row's latest change */
};

struct account {
    char id[13];
    char unused[3];
    double pre_balance, pre_margin, pre_credit, credit, pre_mortgage, mortgage;
    double deposit, withdraw, reserve;
    uint32_t first_row;
    uint32_t group_count, group_capacity;
    char unused2[4];
    uint64_t *groups; /* keys of the larger-side groups met; see ledger_margin.c */
    double
        rounding; /* today's fees each rounded to cents, less the unrounded: booked at settlement */
    double exercise_profit; /* cash of index options that expired, booked at settlement */
    double exercise_fee;    /* the part of the fees that exercise costs; shown in the statement */
    struct trading_params params;
};

/* Lots of one detail that one closing fill used up; kept until the day is settled. */
struct ledger_closing {
    uint32_t account, instrument;
    uint32_t trade_number; /* of the closing trade; 0: set off at settlement */
    int open_date, lots;
    char direction; /* of the closing trade: '0' buys short lots back */
    char hedge;
    char unused[2];
    uint32_t detail; /* place of the lots' detail */
    char unused2[4];
    double open_price, price;
    double profit, cash; /* close profit by date; premium, options */
};

/* Lots of two legs that are tied in a combination and pay the margin of one leg only. The first leg
 * is on the side of `direction`, the second on the other, or both with `alike` (straddles and
 * strangles of options); then the smaller leg still pays its premium. */
struct ledger_pair {
    uint32_t account, combination; /* place of the combination's instrument */
    uint32_t leg[2];               /* places of the legs' instruments */
    int lots;                      /* 0: broken */
    int open_date;
    int64_t number; /* ComTradeID */
    char direction; /* '0': leg 1 long, leg 2 short */
    char hedge;
    bool alike;
    char unused[5];
};

/* What an account asked of a settlement; forgotten with it. */
enum ledger_wish_kind {
    WISH_SELF_CLOSE,       /* long and short lots of the option close one another */
    WISH_SET_OFF_EXERCISE, /* futures born of the account's exercise close opposite ones */
    WISH_SET_OFF_ASSIGNED, /* the same for futures that a seller was assigned */
    WISH_NO_EXERCISE,      /* the expiring option is not exercised by itself */
};
struct ledger_wish {
    enum ledger_wish_kind kind;
    uint32_t account, instrument; /* the option's */
    int lots;                     /* at most */
    char hedge;
    char unused[3];
};

/* Lots of an option row that a settlement exercised, or had to fulfil; for the statement. */
struct ledger_exercise {
    uint32_t account, instrument;
    int lots;
    char hedge;
    bool assigned; /* a seller's */
    char unused[2];
    double underlying_price, fee, profit; /* profit: paid in cash; futures show their own */
};

/* A rate that overrides the product's or instrument's; the most specific wins: (account,
 * instrument), (all, instrument), (account, product), (all, product). */
enum rate_scope { RATE_OF_INSTRUMENT, RATE_OF_PRODUCT };
struct rate_override {
    uint32_t account; /* LEDGER_NONE for all */
    enum rate_scope scope;
    uint32_t of; /* place of the instrument or product */
    bool has_margin, has_commission;
    char unused[2];
    struct margin_rate margin;
    struct commission_rate commission;
};
#pragma GCC diagnostic pop

struct ledger {
    struct market *market; /* borrowed */
    int trading_day;
    uint32_t sequence;
    struct trading_params params; /* of accounts to come */
    struct account *accounts;
    uint32_t account_count, account_capacity;
    struct position_row *rows;
    uint32_t row_count, row_capacity;
    struct index row_index;
    struct position_detail *details;
    uint32_t detail_count, detail_capacity, detail_free;
    struct rate_override *overrides;
    uint32_t override_count, override_capacity;
    struct ledger_closing *closings; /* of the day, in the order of the fills */
    uint32_t closing_count, closing_capacity;
    struct ledger_pair *pairs; /* oldest first; broken ones go at the settlement */
    uint32_t pair_count, pair_capacity;
    struct ledger_wish *wishes; /* of the settlement under way */
    uint32_t wish_count, wish_capacity;
    struct ledger_exercise *exercises; /* of the settlement under way */
    uint32_t exercise_count, exercise_capacity;
    double *scratch; /* long and short margin by group, for ledger_funds */
    uint32_t scratch_capacity;
};

void ledger_init(struct ledger *ledger, struct market *market, int trading_day);
void ledger_finish(struct ledger *ledger);

/* Makes the look-up table of the rows anew: after a snapshot was read into the arrays. */
void ledger_index(struct ledger *ledger);

/* For all accounts, and those to come. */
void ledger_set_params(struct ledger *ledger, const struct trading_params *params);

uint32_t ledger_add_account(struct ledger *ledger, text id, const struct trading_params *params);

/* The row of that key, LEDGER_NONE when it does not exist. `position_date` is '1' where rows are
 * not split. */
uint32_t ledger_find_row(const struct ledger *ledger, uint32_t account, uint32_t instrument,
                         char hedge, char direction, char position_date);

/* ---- orders ---- */

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"
/* An order as the ledger sees it. The caller fills the first group and keeps the whole with its
 * order. */
struct ledger_order {
    uint32_t account, instrument;
    char direction; /* '0' buy, '1' sell */
    char offset;    /* '0' open, '1' close, '3' close today, '4' close yesterday; forced closes are
                       booked by the desk as these */
    char hedge;
    bool has_price;     /* false: market order; freezes at the upper limit, without one at last */
    char trade_type;    /* TradeType of the lots that it opens; NUL: ordinary */
    bool at_settlement; /* TAS: prices of its fills are distances to the day's settlement price */
    char unused[2];
    double price;
    /* filled by ledger_check */
    uint32_t row; /* booked row; LEDGER_NONE until accepted for a row that is yet to be born */
    char unused2[4];
    double margin_per_lot, cash_per_lot, commission_per_lot;
    int frozen; /* lots frozen now */
    char unused3[4];
    double fee_by_rate, fee_charged; /* shares: of the order's fills so far, without duties */
};
#pragma GCC diagnostic pop

/* Would this order of `lots` be accepted: enough closable lots, enough money? Computes what one lot
 * freezes, changes nothing. Returns 0, or CTP's ErrorID: 30, 50, 51 (then *shortage is the closable
 * lots) or 31 (then *shortage is the missing money). */
int ledger_check(const struct ledger *ledger, struct ledger_order *order, int lots,
                 double *shortage);

/* A row counts lots in int, so there is an end: whether the row of an opening order could hold
 * `lots` more, and open them in one day, together with those that other live orders may still
 * open. Sets order->row. */
enum { LEDGER_LOTS_MAX = 1000000000 };
bool ledger_has_room(const struct ledger *ledger, struct ledger_order *order, int lots);

/* The order was accepted: freezes its lots and books the order message's fee. Follows a
 * ledger_check that gave 0. */
void ledger_accept(struct ledger *ledger, struct ledger_order *order, int lots);

/* `lots` will not be filled: unfreezes. `by_client` books the cancel's fee. */
void ledger_release(struct ledger *ledger, struct ledger_order *order, int lots, bool by_client);

struct ledger_fill {
    double commission;   /* of this fill, unrounded */
    double close_profit; /* by date */
    double cash;         /* premium, + received */
};

/* `lots` were filled at `price`: unfreezes, opens or closes lots, books fee and premium.
 * `trade_number` becomes the detail's. */
struct ledger_fill ledger_fill(struct ledger *ledger, struct ledger_order *order, double price,
                               int lots, uint32_t trade_number);

/* ---- trades at the settlement price (TAS) ----
 *
 * A fill of an order at_settlement is booked at an estimate: the last price and the distance. Its
 * lots have no floating profit until the settlement, where ledger_price_trade gives the day's
 * trades their prices, in the order of the fills and before ledger_settle. */

/* One trade of the day, opening or closing. `price`, `commission` and `close_profit` are what was
 * booked; afterwards what is right. `closing` counts the day's closings up to this trade. */
struct ledger_trade {
    uint32_t number;
    int lots;
    double distance; /* of an order at_settlement */
    double price, commission, close_profit;
};
void ledger_take_closings(struct ledger *ledger, const struct ledger_closing *closings,
                          uint32_t count); /* in the place of the ledger's own */
void ledger_price_trade(struct ledger *ledger, const struct ledger_order *order,
                        struct ledger_trade *trade, uint32_t *closing);

/* Lots of a row that a closing order or an exercise may use. */
int ledger_closable(const struct position_row *row);

/* The same, of shares without what was bought today, unless their product is sold on the same day;
 * never below 0. */
int ledger_sellable(const struct ledger *ledger, const struct position_row *row);

/* ---- combinations ---- */

/* Whether a leg (0 or 1) of the pair is long. */
static inline bool ledger_pair_is_long(const struct ledger_pair *pair, int leg)
{
    return (pair->direction == '0') == (leg == 0 || pair->alike);
}

/* Lots that two legs could tie: of each, those that are neither tied, nor under a closing order. */
int ledger_pairable(const struct ledger *ledger, const struct ledger_pair *pair);

/* Lots of both legs that are not tied, whatever else they are for. */
int ledger_untied(const struct ledger *ledger, const struct ledger_pair *pair);

/* Tied lots of that account, combination, direction and hedge flag. */
int ledger_paired(const struct ledger *ledger, const struct ledger_pair *pair);

/* Ties pair->lots of both legs. */
void ledger_tie(struct ledger *ledger, const struct ledger_pair *pair);

/* Unties pair->lots of such pairs, oldest first. */
void ledger_untie(struct ledger *ledger, const struct ledger_pair *pair);

/* What untying pair->lots would add to the account's margin. */
double ledger_untie_margin(const struct ledger *ledger, const struct ledger_pair *pair);

/* The margin that a leg (0 or 1) of a pair pays: the larger leg all of its own, the other nothing;
 * `exchange` at the exchange's rates. */
double ledger_pair_margin(const struct ledger *ledger, const struct ledger_pair *pair, int leg,
                          bool exchange);

/* What an order needs of Available when it freezes so many lots; closing futures needs nothing. */
double ledger_need(const struct ledger_order *order, int lots);

/* ---- money ---- */

/* Deposits (+) and withdrawals (-). False (nothing changed) when a withdrawal exceeds the quota. */
bool ledger_move_cash(struct ledger *ledger, uint32_t account, double amount);

/* Books a movement of cash without any check: what was decided before. */
void ledger_book_cash(struct ledger *ledger, uint32_t account, double amount);

/* What an operator holds of an account beside its cash, as TradingAccount shows it: Credit, which
 * the broker holds back, 0 or negative; Mortgage, pledged collateral, and Reserve, which is not
 * withdrawn, 0 or more. All of them in whole cents. */
enum account_money { MONEY_CREDIT, MONEY_MORTGAGE, MONEY_RESERVE, MONEY_KINDS };

/* Whether a value is one of that kind; and sets it, from now on. */
bool ledger_may_set_money(enum account_money kind, double amount);
void ledger_set_money(struct ledger *ledger, uint32_t account, enum account_money kind,
                      double amount);

struct funds {
    double static_balance, balance, available, withdraw_quota, mortgageable;
    double curr_margin, exchange_margin, frozen_margin, frozen_cash, frozen_commission;
    double commission, cash_in, close_profit, position_profit;
    double counted_close, counted_position; /* what of both profits is in `available` */
};

struct funds ledger_funds(const struct ledger *ledger, uint32_t account);

/* Its `available` alone, for less. */
double ledger_available(const struct ledger *ledger, uint32_t account);

/* The derived fields of a row and of a detail. */
struct row_figures {
    double position_cost, open_cost, position_profit, use_margin, exchange_margin, settlement_price;
    double margin_by_money, margin_by_volume;
};
struct row_figures ledger_row_figures(const struct ledger *ledger, const struct position_row *row);

struct detail_figures {
    double margin, exchange_margin, profit_by_date, profit_by_trade, margin_by_money,
        margin_by_volume;
};
struct detail_figures ledger_detail_figures(const struct ledger *ledger,
                                            const struct position_detail *detail);

/* The rates that hold for an account (LEDGER_NONE: for anybody). Valid until a rate or an
 * instrument changes. */
const struct margin_rate *ledger_margin_rate(const struct ledger *ledger, uint32_t account,
                                             uint32_t instrument);
const struct commission_rate *ledger_commission_rate(const struct ledger *ledger, uint32_t account,
                                                     uint32_t instrument);

/* Shares without a trade, as bought today at `price` without fees: they are sold from tomorrow on,
 * and their worth above the price is floating profit. May: of a stock, a bond or a fund, and not
 * more lots than a row holds. */
bool ledger_may_add_shares(const struct ledger *ledger, uint32_t account, uint32_t instrument,
                           int lots);
void ledger_add_shares(struct ledger *ledger, uint32_t account, uint32_t instrument, int lots,
                       double price);

/* Sets or replaces an override. */
void ledger_set_rate(struct ledger *ledger, const struct rate_override *override);

/* Margin of one short option lot at premium price `premium`; and its fixed part. `exchange` takes
 * the exchange's rates. */
double ledger_option_margin(const struct ledger *ledger, uint32_t account, uint32_t instrument,
                            double premium, bool exchange);
double ledger_option_fixed(const struct ledger *ledger, uint32_t account, uint32_t instrument,
                           bool exchange);

/* The same with the underlying at that price; 0 or absent: at its pre-settlement price. */
double ledger_option_fixed_at(const struct ledger *ledger, uint32_t account, uint32_t instrument,
                              bool exchange, double underlying_price);

/* Lots that money allows to open at the pre-settlement price without commission, or that may be
 * closed. Of shares a buy opens and a sale closes, whatever order->offset says (it is set). */
int ledger_max_volume(const struct ledger *ledger, struct ledger_order *order);

/* ---- exercise and settlement ---- */

/* Puts `lots` of a long option row under exercise (or takes them back with a negative number).
 * Returns 0, or 74 when they are more than the closable ones. The result comes at settlement. */
int ledger_exercise(struct ledger *ledger, uint32_t row, int lots);

/* The same for lots under exercise and lots abandoned at once, without any check: what was decided
 * before. */
void ledger_freeze_exercise(struct ledger *ledger, uint32_t row, int exercised, int abandoned);

/* Adds a wish to the next ledger_settle. */
void ledger_wish(struct ledger *ledger, const struct ledger_wish *wish);

/* Forgets closings and exercises: the day's statement is written. */
void ledger_forget_closings(struct ledger *ledger);

/* What an account's statement says of a settled day. Margin and available are those of the morning
 * after. */
struct settlement_figures {
    double brought_forward, cash_moved, close_profit, position_profit, exercise_profit, commission,
        premium;
    double exercise_fee; /* contained in commission */
    double carried_forward, margin, available;
    double cash_brought_forward; /* brought_forward without what was pledged or held back */
};

/* Settles the trading day of all accounts and opens `next_trading_day`. Every instrument's
 * `settlement` must hold its settlement price; no order may be live (freezes are off). Options
 * under exercise or expiring become futures or cash, fees are rounded one by one, lots are marked
 * to market and rolled, expired lots leave, settlement prices become pre-settlement prices.
 * `between_customers`, by instrument place, says whose options are assigned to the customers who
 * are short (ledger_assign.c); NULL: none's. `figures` takes account_count entries, or is NULL. */
void ledger_settle(struct ledger *ledger, int next_trading_day, const bool *between_customers,
                   struct settlement_figures *figures);

/* ---- the same day once more ---- */

/* Copies accounts, rows, lots, pairs and wishes; not the overrides of rates, nor closings. `to` is
 * a ledger of its own (ledger_init), whose former content is freed. */
void ledger_copy(const struct ledger *from, struct ledger *to);

/* Puts `kept` (of ledger_copy) in the place of the ledger, which moves into `today`. The rates and
 * trading parameters stay as they are now. */
void ledger_bring_back(struct ledger *ledger, const struct ledger *kept, struct ledger *today);

/* After ledger_settle: adds the accounts that `today` has beyond, without money, puts in what the
 * operator has set of all of them (ledger_set_money) and the fees of today's orders; frees it. */
void ledger_carry_on(struct ledger *ledger, struct ledger *today);

/* Rounds to cents, half away from zero, on the shortest decimal text of the number (2.685 -> 2.69).
 */
double money_round_cents(double value);

#endif
