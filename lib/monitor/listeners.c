#include "monitor/listeners.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "monitor/words.h"

#define STATE_LISTEN   "0A"
#define UNIX_LISTENING 0x10000 /* __SO_ACCEPTCON of the flags */

/* Of an address: four words of 32 bits as the kernel writes them, which is the machine's order; an
 * IPv4 address is the last one, behind ::ffff:. */
struct words4 {
    uint32_t word[4];
    uint16_t port;
};

/* 16 for what is no digit. */
static unsigned digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static bool hex(const char **at, const char *end, size_t digits, uint64_t *out)
{
    *out = 0;
    if ((size_t)(end - *at) < digits)
        return false;
    for (size_t i = 0; i < digits; i++, ++*at) {
        unsigned value = digit(**at);
        if (value > 15)
            return false;
        *out = *out << 4 | value;
    }
    return true;
}

static const uint32_t mapped = 0xffff;

static struct words4 from_v4(uint32_t address, uint16_t port)
{
    struct words4 out = {.port = port};
    out.word[2] = htonl(mapped);
    out.word[3] = address;
    return out;
}

/* "0100007F:1F90", or 32 digits before the colon. */
static bool parse_address(struct span text, bool six, struct words4 *out)
{
    const char *at = text.at, *end = text.at + text.len;
    uint64_t value;
    uint32_t word[4] = {0};
    for (size_t i = 0; i < (six ? 4U : 1U); i++) {
        if (!hex(&at, end, 8, &value))
            return false;
        word[i] = (uint32_t)value;
    }
    if (at == end || *at++ != ':' || !hex(&at, end, 4, &value) || at != end)
        return false;
    *out = from_v4(word[0], (uint16_t)value);
    if (six)
        memcpy(out->word, word, sizeof word);
    return true;
}

/* The place's address in the same form; false where it is none of TCP. */
static bool take_address(const struct listen_place *place, struct words4 *out)
{
    if (place->address.ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, &place->address, sizeof in);
        *out = from_v4(in.sin_addr.s_addr, ntohs(in.sin_port));
        return true;
    }
    if (place->address.ss_family != AF_INET6)
        return false;
    struct sockaddr_in6 in6;
    memcpy(&in6, &place->address, sizeof in6);
    memcpy(out->word, &in6.sin6_addr, sizeof out->word);
    out->port = ntohs(in6.sin6_port);
    return true;
}

static bool is_any(const struct words4 *address)
{
    const uint32_t *word = address->word;
    return !word[0] && !word[1] && (word[2] == htonl(mapped) || !word[2]) && !word[3];
}

static bool listens_at(const struct words4 *local, const struct listen_place *place)
{
    struct words4 wanted;
    if (!place->address.ss_family)
        return local->port == place->port;
    if (!take_address(place, &wanted) || local->port != wanted.port)
        return false;
    return is_any(local) || memcmp(local->word, wanted.word, sizeof wanted.word) == 0;
}

static void add(struct listeners *out, double inode)
{
    if (inode > 0 && out->n < LISTENERS_MOST)
        out->inodes[out->n++] = (uint64_t)inode;
}

/* sl local remote st tx:rx tr:when retransmits uid timeout inode */
void listeners_parse_tcp(const char *text, bool six, const struct listen_place *place,
                         struct listeners *out)
{
    enum { LOCAL = 1, STATE = 3, INODE = 9 };
    struct words line;
    while (words_line(&text, &line)) {
        struct span fields[INODE];
        struct words4 local;
        double inode;
        for (size_t i = 0; i < INODE; i++)
            fields[i] = words_next(&line);
        if (words_is(fields[STATE], STATE_LISTEN) && parse_address(fields[LOCAL], six, &local) &&
            listens_at(&local, place) && words_numbers(&line, &inode, 1))
            add(out, inode);
    }
}

/* "@name" is how an abstract socket is written, whose address begins with a NUL. */
static bool is_path(const struct sockaddr_un *address, const char *path, size_t len)
{
    char wanted[sizeof address->sun_path + 1] = {0};
    memcpy(wanted, address->sun_path, sizeof address->sun_path);
    bool abstract = !*wanted && wanted[1];
    if (abstract)
        *wanted = '@';
    return len > 0 && strlen(wanted) == len && memcmp(wanted, path, len) == 0;
}

/* Num: RefCount Protocol Flags Type St Inode Path */
void listeners_parse_unix(const char *text, const struct listen_place *place, struct listeners *out)
{
    struct sockaddr_un address;
    struct words line;
    if (place->address.ss_family != AF_UNIX)
        return;
    memcpy(&address, &place->address, sizeof address);
    while (words_line(&text, &line)) {
        uint64_t flags = 0;
        double inode;
        words_next(&line);
        words_next(&line);
        words_next(&line);
        struct span word = words_next(&line);
        const char *at = word.at;
        if (!hex(&at, word.at + word.len, 8, &flags) || !(flags & UNIX_LISTENING))
            continue;
        words_next(&line);
        words_next(&line);
        if (!words_numbers(&line, &inode, 1) || line.at == line.end)
            continue;
        line.at++;
        if (is_path(&address, line.at, (size_t)(line.end - line.at)))
            add(out, inode);
    }
}

bool listeners_have(const struct listeners *listeners, const char *link)
{
    static const char head[] = "socket:[";
    size_t len = strlen(link);
    double inode;
    if (strncmp(link, head, sizeof head - 1) != 0 || link[len - 1] != ']')
        return false;
    struct words line = {.at = link + sizeof head - 1, .end = link + len - 1};
    if (!words_numbers(&line, &inode, 1))
        return false;
    for (size_t i = 0; i < listeners->n; i++)
        if (listeners->inodes[i] == (uint64_t)inode)
            return true;
    return false;
}

/* ---- whose address ---- */

static bool is_loopback(const struct words4 *address)
{
    const uint32_t *word = address->word;
    if (word[0] || word[1])
        return false;
    return word[2] == htonl(mapped) ? (ntohl(word[3]) >> 24) == 127
                                    : !word[2] && word[3] == htonl(1);
}

static bool is_interface(const struct words4 *wanted)
{
    struct ifaddrs *all = NULL;
    bool found = false;
    if (getifaddrs(&all) < 0)
        return false;
    for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next) {
        struct listen_place place = {0};
        struct words4 own;
        int family = one->ifa_addr ? one->ifa_addr->sa_family : AF_UNSPEC;
        if (family != AF_INET && family != AF_INET6)
            continue;
        memcpy(&place.address, one->ifa_addr,
               family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        found = take_address(&place, &own) && memcmp(own.word, wanted->word, sizeof own.word) == 0;
    }
    freeifaddrs(all);
    return found;
}

bool listen_is_local(const struct listen_place *place)
{
    struct words4 address;
    if (place->address.ss_family == AF_UNIX)
        return true;
    return take_address(place, &address) && (is_loopback(&address) || is_interface(&address));
}
