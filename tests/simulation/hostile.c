/* hostile.c: bodies for any request: each field gets a value that its type suggests, or nonsense.
 * Texts are always ended, as the wire's reader guarantees; everything else may be anything. */
#include "world.h"

struct values { /* of an enumeration */
    const char *type;
    char at[64];
    uint32_t count;
};

static uint32_t values_of(const char *type, char *values, uint32_t most)
{
    size_t count;
    const struct ctp_constant *constants = ctp_constants(&count);
    uint32_t found = 0;
    for (size_t i = 0; i < count && found < most; i++)
        if (strcmp(constants[i].type, type) == 0)
            values[found++] = (char)constants[i].value;
    return found;
}

/* The constants of a type, remembered: there are thousands to look through. */
static char enumerated(struct world *world, const char *type)
{
    static struct values known[512];
    static uint32_t known_count;
    struct values *of = NULL;
    for (uint32_t i = 0; i < known_count && !of; i++)
        if (known[i].type == type)
            of = &known[i];
    if (!of) {
        of = &known[known_count < 511 ? known_count++ : 511];
        of->type = type;
        of->count = values_of(type, of->at, sizeof of->at);
    }
    if (of->count == 0)
        return '1';
    /* The first is the usual one: open, speculation, delete ... */
    return chance(&world->random, 500) ? of->at[0] : of->at[draw(&world->random, of->count)];
}

static const char *user_name(struct world *world, uint32_t client)
{
    static const char *const names[] = {"u0", "u1", "u2", "u3", "u4", "u5", "nobody", ""};
    const struct core *core = world->core;
    if (world->clients[client].logged_in && !world->clients[client].md &&
        chance(&world->random, 850))
        return core->users.at[world->clients[client].user].id;
    return names[draw(&world->random, sizeof names / sizeof names[0])];
}

/* What one body speaks of. */
struct subject {
    uint32_t client, instrument;
    bool nonsense;
};

static void put_known_text(struct world *world, const struct subject *subject,
                           const struct ctp_field *field, char *at)
{
    struct random *random = &world->random;
    const struct market *market = core_market(world->core);
    text name = {field->name, field->name_length};
    const struct instrument *instrument = &market->instruments[subject->instrument];
    if (text_equal(name, TEXT("BrokerID"))) {
        text_copy(at, field->size, TEXT("9999"));
    } else if (text_equal(name, TEXT("UserID")) || text_equal(name, TEXT("InvestorID")) ||
               text_equal(name, TEXT("AccountID"))) {
        text_copy(at, field->size, text_of(user_name(world, subject->client)));
    } else if (text_starts_with(name, TEXT("InstrumentID")) ||
               text_equal(name, TEXT("UnderlyingInstrID"))) {
        text_copy(at, field->size, text_of(instrument->id));
    } else if (text_equal(name, TEXT("ExchangeID"))) {
        text_copy(at, field->size, text_of(exchange_id(instrument->exchange)));
    } else if (text_equal(name, TEXT("ProductID"))) {
        text_copy(at, field->size, text_of(market->products[instrument->product].id));
    } else if (text_starts_with(name, TEXT("CombOffset")) ||
               text_starts_with(name, TEXT("CombHedge"))) {
        snprintf(at, field->size, "%d", draw_between(random, 0, 4));
    } else if (text_equal(name, TEXT("CurrencyID"))) {
        text_copy(at, field->size, chance(random, 800) ? TEXT("CNY") : TEXT("USD"));
    } else {
        /* References and numbers of orders, quotes, parked orders... */
        snprintf(at, field->size, "%*d", draw_between(random, 0, 12), draw_between(random, 0, 40));
    }
}

static void put_nonsense_text(struct world *world, const struct ctp_field *field, char *at)
{
    struct random *random = &world->random;
    uint32_t length = draw(random, field->size);
    for (uint32_t i = 0; i < length; i++)
        at[i] = (char)(1 + draw(random, 255));
    at[length] = '\0';
}

static double nonsense_number(struct world *world)
{
    static const double values[] = {0,    -1,   1e-300, 1e300,       ABSENT_PRICE, -ABSENT_PRICE,
                                    1e15, -1e9, 0.3333, 4294967296.0};
    uint32_t which = draw(&world->random, sizeof values / sizeof values[0] + 3);
    if (which >= sizeof values / sizeof values[0]) {
        double zero = 0;
        return which % 3 == 0 ? zero / zero : which % 3 == 1 ? 1 / zero : -1 / zero;
    }
    return values[which];
}

static int nonsense_int(struct world *world)
{
    static const int values[] = {0, -1, INT32_MAX, INT32_MIN, 1000000, 65536, -65536, 2};
    return values[draw(&world->random, sizeof values / sizeof values[0])];
}

static bool is_price(const struct ctp_field *field)
{
    return strstr(field->name, "Price") != NULL;
}

static void fill_number(struct world *world, const struct subject *subject,
                        const struct ctp_field *field, char *at, bool wild)
{
    struct random *random = &world->random;
    if (field->base == CTP_DOUBLE) {
        double value = wild ? nonsense_number(world) : draw_between(random, 0, 20000);
        if (!wild && is_price(field))
            value = market_price(world, subject->instrument, false);
        memcpy(at, &value, sizeof value);
    } else if (field->base == CTP_SHORT) {
        int16_t value = (int16_t)(wild ? nonsense_int(world) : draw_between(random, 0, 9));
        memcpy(at, &value, sizeof value);
    } else {
        int32_t value = wild ? nonsense_int(world) : draw_between(random, 0, 9);
        memcpy(at, &value, sizeof value);
    }
}

static void fill_field(struct world *world, const struct subject *subject,
                       const struct ctp_field *field, char *at)
{
    bool wild = subject->nonsense && chance(&world->random, 250);
    if (field->base == CTP_CHAR)
        *at = wild ? (char)draw(&world->random, 256) : enumerated(world, field->type);
    else if (field->base == CTP_TEXT && wild)
        put_nonsense_text(world, field, at);
    else if (field->base == CTP_TEXT)
        put_known_text(world, subject, field, at);
    else
        fill_number(world, subject, field, at, wild);
}

static bool is_identity(const struct ctp_field *field)
{
    return strcmp(field->name, "BrokerID") == 0 || strcmp(field->name, "InvestorID") == 0 ||
           strcmp(field->name, "InstrumentID") == 0;
}

void hostile_fill(struct world *world, uint32_t client, const struct ctp_layout *layout, void *body,
                  bool nonsense)
{
    struct random *random = &world->random;
    struct subject subject = {
        .client = client,
        .instrument = draw(random, core_market(world->core)->instrument_count),
        .nonsense = nonsense,
    };
    uint32_t empty = chance(random, 500) ? 30 : 400; /* a full body, or one with gaps */
    memset(body, 0, layout->size);
    for (int i = 0; i < layout->field_count; i++)
        if (!chance(random, is_identity(&layout->fields[i]) ? empty / 4 : empty))
            fill_field(world, &subject, &layout->fields[i],
                       (char *)body + layout->fields[i].offset);
}
