/* combination.c: what a combination is: two legs, named in its id behind the kind: "SP
 * a2509&a2601", "SPC y2509&p2509", CZCE "SPD CF509&CF601", "IPS SF509&SM509". Reads the market
 * only. */
#include "tts/core/combination.h"

bool combination_legs(const struct core *core, uint32_t place, uint32_t legs[2])
{
    const struct instrument *instrument = &core->market.instruments[place];
    if (instrument->product_class != THOST_FTDC_PC_Combination)
        return false;
    text rest = text_of(instrument->id);
    text kind = text_cut(&rest, ' ');
    text first = text_cut(&rest, '&');
    if (kind.length == 0 || first.length == 0 || rest.length == 0)
        return false;
    legs[0] = market_find_instrument(&core->market, instrument->exchange, first);
    legs[1] = market_find_instrument(&core->market, instrument->exchange, rest);
    return legs[0] != INSTRUMENT_NONE && legs[1] != INSTRUMENT_NONE && legs[0] != legs[1];
}
