#include "options.h"

#include <getopt.h>
#include <string.h>

#include "base/num.h"

enum { MAX_THREADS = 64, ACCOUNT_TEXT = 64 };

static int set_port(struct options *options, const char *text, struct err *err)
{
    int64_t port;
    if (num_parse_int(text, "--port", 0, 65535, &port, err))
        return -1;
    options->port = (uint16_t)port;
    return 0;
}

static int set_host(struct options *options, const char *text, struct err *err)
{
    (void)err; /* checked where it is bound */
    options->host = text;
    return 0;
}

static int set_threads(struct options *options, const char *text, struct err *err)
{
    return num_parse_int(text, "--threads", 1, MAX_THREADS, &options->threads, err);
}

static int set_seed(struct options *options, const char *text, struct err *err)
{
    int64_t seed;
    if (num_parse_int(text, "--seed", 0, INT64_MAX, &seed, err))
        return -1;
    options->seed = (uint64_t)seed;
    return 0;
}

static int set_latency(struct options *options, const char *text, struct err *err)
{
    return delay_parse_latency(&options->delay, text, err);
}

static int set_slow(struct options *options, const char *text, struct err *err)
{
    return delay_parse_slow(&options->delay, text, err);
}

static int set_error(struct options *options, const char *text, struct err *err)
{
    return delay_parse_error(&options->delay, text, err);
}

static int set_database(struct options *options, const char *text, struct err *err)
{
    (void)err; /* checked where it is connected to, as is the cache */
    options->database = text;
    return 0;
}

static int set_cache(struct options *options, const char *text, struct err *err)
{
    (void)err;
    options->cache = text;
    return 0;
}

static int set_help(struct options *options, const char *text, struct err *err)
{
    (void)text, (void)err;
    options->help = true;
    return 0;
}

/* Every option; parsing and -h both read this table. */
static const struct {
    char letter;
    const char *name, *argument, *help;
    int (*set)(struct options *options, const char *text, struct err *err);
} table[] = {
    {'p', "port", "N", "port to listen on; 0 picks a free one (default 8080)", set_port},
    {'H', "host", "ADDRESS", "numeric address to listen on, IPv4 or IPv6 (default 127.0.0.1)",
     set_host},
    {'t', "threads", "N", "event loops, each in a thread of its own (default 1)", set_threads},
    {'s', "seed", "N", "of the content, the tokens and the delays (default 1)", set_seed},
    {'l', "latency", "SPEC", "delay of every request, drawn anew for each (default none)",
     set_latency},
    {'S', "slow", "PATH=MS", "more delay for one path; or PATH=+30%, of its --latency draw",
     set_slow},
    {'e', "error", "PATH=RATE", "answer this share of the requests, 0 to 1, with 500", set_error},
    {'d', "database", "CONNINFO", "keep the forum in PostgreSQL: libpq's connection string",
     set_database},
    {'c', "cache", "ADDRESS", "keep its pages in Redis for a minute: HOST:PORT or unix:PATH",
     set_cache},
    {'h', "help", NULL, "show this text", set_help},
};
enum { N_OPTIONS = sizeof table / sizeof table[0] };

static const char help_head[] =
    "usage: panel [OPTION]...\n"
    "\n"
    "A demo application to load: a forum with log-in, a REST API and admin pages, kept in memory\n"
    "unless --database says otherwise.\n"
    "Prints one line with its URL once it is ready; ends on SIGTERM or SIGINT.\n"
    "\n";

static const char help_tail[] =
    "\n"
    "SPEC is SPEND:SHAPE:VALUE[:VALUE]. SPEND is cpu (computes for that much CPU time, which "
    "holds\n"
    "up the other requests of its thread) or wait (sets the request aside, others go on). SHAPE "
    "is\n"
    "  constant:TIME   uniform:LOW:HIGH   exp:MEAN   lognormal:MEDIAN:SIGMA\n"
    "with times such as 2ms or 1.5s: cpu:lognormal:2ms:0.3, wait:exp:20ms.\n"
    "PATH is a request's path without its query, or with a trailing * the start of it. --slow and\n"
    "--error can be given again; all that match a path add up. --slow spends its delay as "
    "--latency\n"
    "does, without --latency as waiting.\n"
    "\n"
    "Environment: TEST_USER_EMAIL (user@example.com), TEST_USER_PASSWORD (user-secret),\n"
    "TEST_ADMIN_EMAIL (admin@example.com), TEST_ADMIN_PASSWORD (admin-secret): the two accounts.\n"
    "\n"
    "Exit code: 0 after a signal, 2 for a wrong command line or where it cannot listen or "
    "connect.\n";

void options_help(struct buf *out)
{
    buf_add_str(out, help_head);
    for (size_t i = 0; i < N_OPTIONS; i++) {
        size_t start = out->len;
        buf_addf(out, "  -%c, --%s %s", table[i].letter, table[i].name,
                 table[i].argument ? table[i].argument : "");
        size_t used = out->len - start;
        buf_add_repeat(out, ' ', used < 26 ? 26 - used : 1);
        buf_addf(out, "%s\n", table[i].help);
    }
    buf_add_str(out, help_tail);
}

static int account_text(char *(*environment)(const char *), const char *name, const char *fallback,
                        const char **out, struct err *err)
{
    const char *text = environment(name);
    *out = text ? text : fallback;
    if (!**out || strlen(*out) >= ACCOUNT_TEXT)
        return err_set(err, ERR_USAGE, "'%s': expected 1 to %d bytes", name, ACCOUNT_TEXT - 1);
    return 0;
}

static int read_accounts(char *(*environment)(const char *), struct options *options,
                         struct err *err)
{
    const struct {
        const char *name, *fallback, **out;
    } variables[] = {
        {"TEST_USER_EMAIL", "user@example.com", &options->user.email},
        {"TEST_USER_PASSWORD", "user-secret", &options->user.password},
        {"TEST_ADMIN_EMAIL", "admin@example.com", &options->admin.email},
        {"TEST_ADMIN_PASSWORD", "admin-secret", &options->admin.password},
    };
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        if (account_text(environment, variables[i].name, variables[i].fallback, variables[i].out,
                         err))
            return -1;
    if (!strcmp(options->user.email, options->admin.email))
        return err_set(err, ERR_USAGE,
                       "'TEST_USER_EMAIL' and 'TEST_ADMIN_EMAIL' are the same; expected two");
    return 0;
}

static int set_by_letter(struct options *options, int letter, char **argv, struct err *err)
{
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (table[i].letter == letter)
            return table[i].set(options, optarg, err);
    if (letter == ':')
        return err_set(err, ERR_USAGE, "'%s' needs a value; see 'panel -h'", argv[optind - 1]);
    return err_set(err, ERR_USAGE, "unknown option '%s'; see 'panel -h'", argv[optind - 1]);
}

static int parse_arguments(int argc, char **argv, struct options *options, struct err *err)
{
    struct option longs[N_OPTIONS + 1] = {{0}};
    char shorts[2 * N_OPTIONS + 2] = ":";
    for (size_t i = 0, at = 1; i < N_OPTIONS; i++) {
        int has_arg = table[i].argument ? required_argument : no_argument;
        longs[i] = (struct option){table[i].name, has_arg, NULL, table[i].letter};
        shorts[at++] = table[i].letter;
        if (table[i].argument)
            shorts[at++] = ':';
    }
    opterr = 0;
    int letter;
    while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
        if (set_by_letter(options, letter, argv, err))
            return -1;
    if (optind < argc)
        return err_set(err, ERR_USAGE, "'%s': panel takes options only; see 'panel -h'",
                       argv[optind]);
    return 0;
}

int options_parse(int argc, char **argv, char *(*environment)(const char *name),
                  struct options *options, struct err *err)
{
    *options = (struct options){.host = "127.0.0.1", .port = 8080, .threads = 1, .seed = 1};
    if (parse_arguments(argc, argv, options, err))
        return -1;
    if (options->delay.has_relative_rule && !options->delay.has_latency)
        return err_set(err, ERR_USAGE,
                       "'--slow' with a percentage is relative to '--latency'; give both");
    return read_accounts(environment, options, err);
}
