/* address.c: see address.h. Purely text: names are resolved in connect.c. */
#include "ttsapi/address.h"

static const struct {
    text prefix;
    enum address_scheme scheme;
} schemes[] = {
    {{"tcp://", 6}, ADDRESS_TCP},
    {{"tcp6://", 7}, ADDRESS_TCP6},
    {{"ssl://", 6}, ADDRESS_SSL},
};

static text without(text t, size_t head)
{
    return (text){t.at + head, t.length - head};
}

static bool take_scheme(text *rest, enum address_scheme *scheme)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (text_starts_with(*rest, schemes[i].prefix)) {
            *scheme = schemes[i].scheme;
            *rest = without(*rest, schemes[i].prefix.length);
            return true;
        }
    }
    return false;
}

/* Takes the port off the end of `rest`, which is left as the host. */
static bool take_port(text *rest, char *port, size_t size)
{
    size_t colon = rest->length;
    while (colon > 0 && rest->at[colon - 1] != ':')
        colon--;
    int64_t number;
    if (colon == 0 || !text_to_int(without(*rest, colon), &number) || number < 1 || number > 65535)
        return false;
    snprintf(port, size, "%d", (int)number);
    rest->length = colon - 1;
    return true;
}

bool address_read(text said, struct address *address, struct error *error)
{
    *address = (struct address){.scheme = ADDRESS_TCP};
    text rest = text_trim(said);
    bool fits = text_copy(address->said, sizeof address->said, rest);
    if (memchr(rest.at, ' ', rest.length)) {
        error_set(error, "the front \"%.100s\" asks for a proxy", address->said);
        return error_fix(error, "proxies are not used by this library; register the front alone");
    }
    if (!fits || !take_scheme(&rest, &address->scheme) ||
        !take_port(&rest, address->port, sizeof address->port)) {
        error_set(error, "\"%.100s\" is no address of a front", address->said);
        return error_fix(error, "write tcp://host:port, tcp6://host:port or ssl://host:port");
    }
    if (rest.length > 2 && rest.at[0] == '[' && rest.at[rest.length - 1] == ']')
        rest = (text){rest.at + 1, rest.length - 2};
    if (rest.length == 0 || !text_copy(address->host, sizeof address->host, rest)) {
        error_set(error, "the front \"%.100s\" names no host", address->said);
        return error_fix(error, "write tcp://host:port");
    }
    return true;
}
