/* flow.c: see flow.h. The rules of CTP's resume types; files are in flow_file.c. */
#include "ttsapi/flow.h"
#include "base/hash.h"
#include "ttsapi/flow_file.h"

static struct flow_record record_of(const struct flows *flows, enum flow_kind kind)
{
    return (struct flow_record){
        .day = flows->day,
        .owner = kind == FLOW_PRIVATE ? flows->owner : 0,
        .number = flows->of[kind].handed,
    };
}

static void remember(const struct flows *flows, enum flow_kind kind)
{
    flow_file_write(flows->of[kind].file, record_of(flows, kind));
}

bool flows_open(struct flows *flows, const char *prefix, struct error *error)
{
    static const char *const names[FLOW_KIND_COUNT] = {"Private.con", "Public.con"};
    *flows = (struct flows){.day = 0};
    struct flow_record day, numbers[FLOW_KIND_COUNT];
    bool opened = flow_folder_make(prefix, error);
    flows->day_file = flow_file_open(prefix, "TradingDay.con", &day, error);
    opened = flows->day_file >= 0 && opened;
    for (int kind = 0; kind < FLOW_KIND_COUNT; kind++) {
        flows->of[kind].file = flow_file_open(prefix, names[kind], &numbers[kind], error);
        opened = flows->of[kind].file >= 0 && opened;
        if (day.day && numbers[kind].day == day.day)
            flows->of[kind].handed = numbers[kind].number;
    }
    flows->day = day.day;
    flows->owner = numbers[FLOW_PRIVATE].owner;
    return flow_file_touch(prefix, "DialogRsp.con", error) &&
           flow_file_touch(prefix, "QueryRsp.con", error) && opened;
}

void flows_close(struct flows *flows)
{
    flow_file_close(flows->day_file);
    for (int kind = 0; kind < FLOW_KIND_COUNT; kind++)
        flow_file_close(flows->of[kind].file);
}

void flows_subscribe(struct flows *flows, enum flow_kind kind, int topic, int first)
{
    struct flow *flow = &flows->of[kind];
    flow->topic = topic >= TOPIC_RESTART && topic <= TOPIC_RESUME_FROM ? topic : TOPIC_RESTART;
    if (kind == FLOW_PUBLIC && topic == TOPIC_RESUME_FROM)
        flow->topic = TOPIC_RESTART;
    if (kind == FLOW_PRIVATE && topic == TOPIC_NONE)
        flow->topic = TOPIC_QUICK;
    flow->first = first < 1 ? 1 : (uint32_t)first;
}

/* The first number to ask for: what is joined goes on, what is not begins as its topic says.
 * `same`: the numbers are those of the user who logs in. 0 for what arises from now on. */
static uint32_t number_wanted(const struct flow *flow, bool same)
{
    bool joined = flow->joined && same;
    uint32_t next = same ? flow->handed + 1 : 1;
    switch (flow->topic) {
    case TOPIC_QUICK:
    case TOPIC_NONE:
        return 0;
    case TOPIC_RESUME:
        return next;
    case TOPIC_RESUME_FROM:
        return joined ? next : flow->first;
    default:
        return joined ? next : 1;
    }
}

static uint8_t topic_on_wire(const struct flow *flow)
{
    static const uint8_t topics[] = {WIRE_RESTART, WIRE_RESUME, WIRE_QUICK, WIRE_NONE, WIRE_RESUME};
    return topics[flow->topic];
}

struct wire_topics flows_topics(struct flows *flows, text user)
{
    struct flow *own = &flows->of[FLOW_PRIVATE], *all = &flows->of[FLOW_PUBLIC];
    flows->login = hash_text(user);
    bool same_user = flows->owner == flows->login;
    own->asked = number_wanted(own, same_user);
    all->asked = number_wanted(all, true);
    all->asked_drop = 0;
    flows->asked_day = flows->day;
    /* The client's own start counts in today's flow, and which day that is only the login tells.
     * With no day told the public flow cannot be asked for from the middle: it is asked for whole,
     * and what was handed on before is dropped. */
    if (own->topic == TOPIC_RESUME_FROM && !(own->joined && same_user)) {
        flows->asked_day = 0;
        if (all->asked > 1) {
            all->asked_drop = all->asked - 1;
            all->asked = 1;
        }
    }
    return (struct wire_topics){
        .trading_day = flows->asked_day,
        .private_topic = topic_on_wire(own),
        .private_from = own->asked,
        .public_topic = topic_on_wire(all),
        .public_from = all->asked,
    };
}

/* `next` is the number of the first message that the front will send. A front whose flow ends
 * before what was asked for begins at its end, so its word is taken where it is the smaller. */
static void start_one(struct flows *flows, struct flow *flow, bool same_day, uint32_t next)
{
    uint32_t wanted = flow->asked;
    if (next == 0)
        next = 1;
    if (wanted && flows->asked_day && !same_day)
        wanted = 1;
    if (!same_day)
        flow->handed = 0;
    flow->drop_to = same_day ? flow->asked_drop : 0;
    flow->expected = wanted && wanted < next ? wanted : next;
    if (flow->drop_to == 0)
        flow->handed = flow->expected - 1;
    flow->joined = true;
}

void flows_start(struct flows *flows, uint32_t day, uint32_t private_next, uint32_t public_next)
{
    bool same_day = day == flows->day;
    start_one(flows, &flows->of[FLOW_PRIVATE], same_day, private_next);
    start_one(flows, &flows->of[FLOW_PUBLIC], same_day, public_next);
    flows->day = day;
    flows->owner = flows->login;
    remember(flows, FLOW_PRIVATE);
    remember(flows, FLOW_PUBLIC);
    flow_file_write(flows->day_file, (struct flow_record){.day = day});
}

enum flow_verdict flows_take(struct flows *flows, enum flow_kind kind, uint32_t number)
{
    struct flow *flow = &flows->of[kind];
    if (flow->expected == 0 || number == 0 || number > flow->expected)
        return FLOW_BROKEN;
    if (number < flow->expected)
        return FLOW_DROP;
    flow->expected++;
    return number <= flow->drop_to ? FLOW_DROP : FLOW_HAND_ON;
}

void flows_handed(struct flows *flows, enum flow_kind kind, uint32_t number)
{
    flows->of[kind].handed = number;
    remember(flows, kind);
}

void flows_stop(struct flows *flows)
{
    for (int kind = 0; kind < FLOW_KIND_COUNT; kind++)
        flows->of[kind].expected = 0;
}
