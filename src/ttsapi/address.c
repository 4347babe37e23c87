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

/* Takes "host:port" apart. */
static bool take_host(text rest, char *host, size_t host_size, char *port, size_t port_size)
{
    if (!take_port(&rest, port, port_size))
        return false;
    if (rest.length > 2 && rest.at[0] == '[' && rest.at[rest.length - 1] == ']')
        rest = (text){rest.at + 1, rest.length - 2};
    return rest.length > 0 && text_copy(host, host_size, rest);
}

/* "socks5://user:password@host:port"; the part before the last @ may be missing. */
static bool take_proxy(text rest, struct address *address)
{
    static const text scheme = {"socks5://", 9};
    if (!text_starts_with(rest, scheme))
        return false;
    rest = without(rest, scheme.length);
    size_t at = rest.length;
    while (at > 0 && rest.at[at - 1] != '@')
        at--;
    if (at > 0) {
        text password = {rest.at, at - 1};
        text user = text_cut(&password, ':');
        if (user.length == 0 || !text_copy(address->proxy.user, sizeof address->proxy.user, user) ||
            !text_copy(address->proxy.password, sizeof address->proxy.password, password))
            return false;
    }
    return take_host(without(rest, at), address->proxy.host, sizeof address->proxy.host,
                     address->proxy.port, sizeof address->proxy.port);
}

bool address_read(text said, struct address *address, struct error *error)
{
    *address = (struct address){.scheme = ADDRESS_TCP};
    text proxy = text_trim(said);
    text front = text_cut(&proxy, ' ');
    text rest = front;
    if (!text_copy(address->said, sizeof address->said, front) ||
        !take_scheme(&rest, &address->scheme) ||
        !take_host(rest, address->host, sizeof address->host, address->port,
                   sizeof address->port)) {
        error_set(error, "\"%.100s\" is no address of a front", address->said);
        return error_fix(error, "write tcp://host:port, tcp6://host:port or ssl://host:port");
    }
    proxy = text_trim(proxy);
    if (proxy.length == 0 || take_proxy(proxy, address))
        return true;
    error_set(error, "the front %.100s is followed by something that is no proxy", address->said);
    return error_fix(error, "write tcp://host:port socks5://user:password@host:port");
}
