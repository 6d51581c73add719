#include "delay.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

static const double longest_ns = 600e9;

/* ---- parsing ---- */

static const struct {
    const char *name;
    int n_values;
} shapes[] = {
    [DELAY_CONSTANT] = {"constant", 1},
    [DELAY_UNIFORM] = {"uniform", 2},
    [DELAY_EXP] = {"exp", 1},
    [DELAY_LOGNORMAL] = {"lognormal", 2},
};

static int bad_latency(const char *text, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "'--latency %s': expected cpu: or wait:, then constant:TIME, uniform:LOW:HIGH, "
                   "exp:MEAN or lognormal:MEDIAN:SIGMA, such as wait:exp:20ms",
                   text);
}

static int parse_time(const char *text, double *out_ns, struct err *err)
{
    int64_t ns;
    if (num_parse_duration(text, "--latency", &ns, err))
        return -1;
    *out_ns = (double)ns;
    return 0;
}

static int parse_second(struct delay_plan *plan, const char *text, struct err *err)
{
    if (plan->shape == DELAY_LOGNORMAL)
        return num_parse_double(text, "--latency's sigma", 0, 3, &plan->second, err);
    if (parse_time(text, &plan->second, err))
        return -1;
    if (plan->second < plan->first_ns)
        return err_set(err, ERR_USAGE, "'--latency': the high end is below the low end; swap them");
    return 0;
}

int delay_parse_latency(struct delay_plan *plan, const char *text, struct err *err)
{
    char copy[128];
    char *part[4] = {0};
    int n = 0;
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
        return bad_latency(text, err);
    char *rest = copy;
    while (rest && n < 4)
        part[n++] = strsep(&rest, ":");
    if (rest || n < 3)
        return bad_latency(text, err);
    bool cpu = !strcmp(part[0], "cpu");
    if (!cpu && strcmp(part[0], "wait") != 0)
        return bad_latency(text, err);
    size_t shape = 0;
    while (shape < sizeof shapes / sizeof shapes[0] && strcmp(part[1], shapes[shape].name) != 0)
        shape++;
    if (shape == sizeof shapes / sizeof shapes[0] || n != 2 + shapes[shape].n_values)
        return bad_latency(text, err);
    plan->spend = cpu ? DELAY_CPU : DELAY_WAIT;
    plan->shape = (enum delay_shape)shape;
    plan->has_latency = true;
    if (parse_time(part[2], &plan->first_ns, err))
        return -1;
    return n == 4 ? parse_second(plan, part[3], err) : 0;
}

/* Splits PATH=VALUE, adds an empty rule for PATH and returns VALUE; NULL on error. */
static const char *add_rule(struct delay_plan *plan, const char *option, const char *text,
                            struct err *err)
{
    const char *equals = strrchr(text, '=');
    if (text[0] != '/' || !equals) {
        err_set(err, ERR_USAGE, "'%s %s': expected PATH=VALUE with a path that starts with '/'",
                option, text);
        return NULL;
    }
    if (plan->n_rules == DELAY_MAX_RULES) {
        err_set(err, ERR_USAGE, "'%s %s': at most %d rules; join some by a trailing '*'", option,
                text, DELAY_MAX_RULES);
        return NULL;
    }
    size_t len = (size_t)(equals - text);
    bool prefix = text[len - 1] == '*';
    plan->rules[plan->n_rules++] =
        (struct delay_rule){.path = text, .path_len = len - prefix, .prefix = prefix};
    return equals + 1;
}

int delay_parse_slow(struct delay_plan *plan, const char *text, struct err *err)
{
    const char *value = add_rule(plan, "--slow", text, err);
    if (!value)
        return -1;
    struct delay_rule *rule = &plan->rules[plan->n_rules - 1];
    size_t len = strlen(value);
    double number;
    if (value[0] != '+') {
        if (num_parse_double(value, "--slow's milliseconds", 0, 600e3, &number, err))
            return -1;
        rule->add_ns = number * (double)NS_PER_MS;
        return 0;
    }
    char digits[32];
    if (value[len - 1] != '%' || len > sizeof digits)
        return err_set(err, ERR_USAGE,
                       "'--slow %s': expected milliseconds or a percentage such as +30%%", text);
    snprintf(digits, sizeof digits, "%.*s", (int)len - 2, value + 1);
    if (num_parse_double(digits, "--slow's percentage", 0, 1e6, &number, err))
        return -1;
    rule->factor = number / 100;
    plan->has_relative_rule = true;
    return 0;
}

int delay_parse_error(struct delay_plan *plan, const char *text, struct err *err)
{
    const char *value = add_rule(plan, "--error", text, err);
    if (!value)
        return -1;
    return num_parse_double(value, "--error's rate", 0, 1,
                            &plan->rules[plan->n_rules - 1].error_rate, err);
}

/* ---- drawing ---- */

static bool rule_matches(const struct delay_rule *rule, const char *path)
{
    return !strncmp(path, rule->path, rule->path_len) && (rule->prefix || !path[rule->path_len]);
}

/* A standard normal variate (Box and Muller 1958); one of the pair is dropped, so that a draw
 * takes the same number of random numbers each time. */
static double draw_normal(struct rng *rng)
{
    double radius = sqrt(-2 * log(1 - rng_unit(rng)));
    return radius * cos(2 * 3.14159265358979323846 * rng_unit(rng));
}

static double draw_base_ns(const struct delay_plan *plan, struct rng *rng)
{
    switch (plan->shape) {
    case DELAY_UNIFORM:
        return plan->first_ns + (plan->second - plan->first_ns) * rng_unit(rng);
    case DELAY_EXP:
        return plan->first_ns * -log(1 - rng_unit(rng));
    case DELAY_LOGNORMAL:
        return plan->first_ns * exp(plan->second * draw_normal(rng));
    case DELAY_CONSTANT:
        break;
    }
    return plan->first_ns;
}

int64_t delay_draw(const struct delay_plan *plan, const char *path, struct rng *rng)
{
    double base_ns = plan->has_latency ? draw_base_ns(plan, rng) : 0;
    double total_ns = base_ns;
    for (size_t i = 0; i < plan->n_rules; i++) {
        const struct delay_rule *rule = &plan->rules[i];
        if (rule_matches(rule, path))
            total_ns += rule->add_ns + rule->factor * base_ns;
    }
    return (int64_t)(total_ns < longest_ns ? total_ns : longest_ns);
}

bool delay_fails(const struct delay_plan *plan, const char *path, struct rng *rng)
{
    bool fails = false;
    for (size_t i = 0; i < plan->n_rules; i++) {
        const struct delay_rule *rule = &plan->rules[i];
        if (rule->error_rate > 0 && rule_matches(rule, path))
            fails |= rng_unit(rng) < rule->error_rate;
    }
    return fails;
}

void delay_burn(int64_t ns)
{
    volatile uint64_t state = 88172645463325252;
    int64_t end_ns = clock_thread_cpu_ns() + ns;
    do {
        /* about a microsecond, so that asking the time stays a small part of the work */
        for (int i = 0; i < 200; i++) {
            uint64_t x = state;
            x ^= x << 13;
            x ^= x >> 7;
            state = x ^ x << 17;
        }
    } while (clock_thread_cpu_ns() < end_ns);
}
