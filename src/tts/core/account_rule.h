/* account_rule.h: what an operator allows an account beyond its money: the right to trade a product
 * or instrument, to quote it as a market maker, and the most lots that it may hold. For the files
 * of the core. */
#ifndef TTS_CORE_ACCOUNT_RULE_H
#define TTS_CORE_ACCOUNT_RULE_H

#include "tts/core/effect.h"

/* Sets, replaces or (with removed) forgets a rule. For apply.c. */
void account_rule_put(struct core *core, const struct account_rule *rule, bool removed);

/* ErrorID of the right that is missing: 28 for all orders, 29 for opening ones; 0: none. Of the
 * rules that speak of the instrument the most specific decides: the account's before all accounts',
 * and of these the instrument's, the product's, the rule of everything. What the instrument stands
 * for is asked for as well: the underlying of TAS, both legs of a combination; any 28
 * answers before a 29. `opens`: the order opens, by leg; [1] false where there is none.
 * Orders 5.1, number 22. */
int account_rule_right(const struct core *core, uint32_t account, uint32_t instrument,
                       const bool opens[2]);

/* Whether the account is a market maker of the instrument; the same rule decides. */
bool account_rule_makes(const struct core *core, uint32_t account, uint32_t instrument);

/* Whether the legs that open stay within each position limit (orders 5.1, number 32): lots of one
 * direction, held and in live opening orders. The account's own limit takes the place of the one
 * for all accounts, but a limit on the product holds beside that on an instrument. */
bool account_rule_allows_lots(const struct core *core, const struct order *order);

#endif
