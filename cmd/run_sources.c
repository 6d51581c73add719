#include "cmd/run_sources.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/rng.h"
#include "cmd/run_commands.h"
#include "load/auth.h"
#include "net/url.h"

/* ---- what is sent ---- */

/* The header fields of an endpoint, with all that fills them. */
struct fields {
    struct run_sources *sources;
    const struct scenario_source *spec;
    struct vars vars;
    struct rng rng;
    struct buf text; /* lines that end with CR LF */
};

static int add_template(struct fields *fields, const struct template *template, struct err *err)
{
    const struct values none = {0};
    const struct fill fill = {.vars = &fields->vars, .values = &none, .rng = &fields->rng};
    return template_render(template, &fill, &fields->text, err);
}

static int add_header(struct fields *fields, const struct scenario_pair *pair, struct err *err)
{
    struct template template = {0};
    buf_addf(&fields->text, "%s: ", pair->name);
    if (template_add(&template, pair->value, TEMPLATE_HEADER, &fields->vars,
                     &fields->sources->arena, err) < 0 ||
        add_template(fields, &template, err) < 0)
        return err_prefix(err, "%s: ", pair->name);
    buf_add_str(&fields->text, "\r\n");
    return 0;
}

/* Its own, or the scenario's; those go to the target alone. */
static int add_auth(struct fields *fields, struct err *err)
{
    const struct scenario_auth *own = &fields->spec->auth;
    const struct scenario_auth *all = &fields->sources->scenario->auth;
    const struct values none = {0};
    const struct fill fill = {.vars = &fields->vars, .values = &none, .rng = &fields->rng};
    struct template template = {0};
    struct auth auth;
    if (own->kind == AUTH_UNSET && fields->spec->url)
        return 0;
    bool inherits = own->kind == AUTH_UNSET;
    int status = auth_compile(&auth, inherits ? all : own, &template, &fields->vars,
                              &fields->sources->arena, err);
    if (status == 0)
        status = add_template(fields, &template, err);
    if (status == 0)
        status = auth_render(&auth, &fill, &fields->text, err);
    if (status < 0 && inherits)
        err_prefix(err, "the scenario's credentials are no poll's, give it an \"auth\" of its "
                        "own: ");
    return status;
}

static void add_accept(struct fields *fields)
{
    static const char *const types[] = {[PLACE_POINTER] = "application/json",
                                        [PLACE_SAMPLE] = "text/plain;version=0.0.4",
                                        [PLACE_KEY] = "text/plain",
                                        [PLACE_COLUMN] = "text/csv"};
    const struct scenario_source *spec = fields->spec;
    for (size_t i = 0; i < spec->headers.n; i++)
        if (strcasecmp(spec->headers.items[i].name, "Accept") == 0)
            return;
    buf_addf(&fields->text, "Accept: %s, */*;q=0.1\r\n",
             types[spec->metrics.n ? spec->metrics.items[0].kind : PLACE_POINTER]);
}

static void split_lines(struct arena *arena, const char *text, struct fetch_setup *fetch)
{
    const char **list = NULL;
    for (const char *end; (end = strstr(text, "\r\n")); text = end + 2)
        arena_append(arena, &list, &fetch->n_headers,
                     arena_strndup(arena, text, (size_t)(end - text)));
    fetch->headers = list;
}

static int fill_headers(struct run_sources *sources, const struct scenario_source *spec,
                        struct fetch_setup *fetch, struct err *err)
{
    const struct load_options *load = sources->load;
    struct fields fields = {.sources = sources, .spec = spec};
    int status =
        vars_init(&fields.vars, sources->scenario, load->lookup, load->lookup_context, err);
    rng_init(&fields.rng, 1, 1);
    for (size_t i = 0; status == 0 && i < spec->headers.n; i++)
        status = add_header(&fields, &spec->headers.items[i], err);
    if (status == 0)
        status = add_auth(&fields, err);
    if (status == 0) {
        add_accept(&fields);
        split_lines(&sources->arena, buf_text(&fields.text), fetch);
    }
    vars_release(&fields.vars);
    buf_release(&fields.text);
    return status;
}

/* ---- where it goes ---- */

static const char *target_of(const struct run_sources *sources, size_t side)
{
    const struct load_options *load = sources->load;
    return side ? load->against : load->host ? load->host : sources->scenario->host;
}

/* A side's target without a path, as a text. */
static int add_target(const struct run_sources *sources, size_t side, struct buf *out,
                      struct url *url, struct err *err)
{
    if (url_parse(target_of(sources, side), side ? "--against" : "--host", url, err) < 0)
        return -1;
    url_add_origin(url, out);
    return 0;
}

/* A path on a side's target, encoded as the engine's are. */
static int fill_path(struct run_sources *sources, const struct scenario_source *spec, size_t side,
                     struct fetch_setup *fetch, struct err *err)
{
    struct buf text = {0};
    struct url target = {0}, whole = {0};
    int status = add_target(sources, side, &text, &target, err);
    if (status == 0) {
        buf_addf(&text, "%s%s", target.socket ? ":" : "", spec->path);
        status = url_parse(buf_text(&text), "path", &whole, err);
    }
    if (status == 0) {
        buf_reset(&text);
        if (target.socket)
            buf_add_str(&text, "http://localhost");
        else
            url_add_origin(&target, &text);
        fetch->socket = arena_strdup(&sources->arena, target.socket);
        fetch->url = arena_printf(&sources->arena, "%s%s", buf_text(&text), whole.path);
    }
    url_release(&target);
    url_release(&whole);
    buf_release(&text);
    return status;
}

/* A host as --allow-host has it: NAME[:PORT] of http, or https://NAME[:PORT]. */
static bool is_host(const struct url *url, const char *allowed)
{
    struct url other = {0};
    struct buf text = {0};
    struct err unused = {0};
    buf_addf(&text, "%s%s", strstr(allowed, "://") ? "" : "http://", allowed);
    bool same = url_parse(buf_text(&text), "--allow-host", &other, &unused) == 0 &&
                url_same_origin(url, &other);
    url_release(&other);
    buf_release(&text);
    return same;
}

static bool is_allowed(const struct run_sources *sources, const struct url *url)
{
    const struct load_options *load = sources->load;
    for (size_t side = 0; side < sources->setup.sides; side++)
        if (is_host(url, target_of(sources, side)))
            return true;
    for (size_t i = 0; i < load->n_allow_hosts; i++)
        if (is_host(url, load->allow_hosts[i]))
            return true;
    return false;
}

static int fill_url(struct run_sources *sources, const struct scenario_source *spec,
                    struct fetch_setup *fetch, struct err *err)
{
    struct url url = {0};
    struct buf text = {0};
    int status = url_parse(spec->url, "url", &url, err);
    if (status == 0 && (url.socket || !is_allowed(sources, &url)))
        status = err_set(err, ERR_USAGE,
                         "'%s' is on another host than the target; allow it with --allow-host",
                         spec->url);
    if (status == 0) {
        url_add_origin(&url, &text);
        fetch->url = arena_printf(&sources->arena, "%s%s", buf_text(&text), url.path);
    }
    url_release(&url);
    buf_release(&text);
    return status;
}

static int fill_fetch(struct run_sources *sources, const struct scenario_source *spec, size_t side,
                      struct fetch_setup *fetch, struct err *err)
{
    const struct scenario *scenario = sources->scenario;
    const struct scenario_tls *tls = &scenario->tls;
    struct arena *arena = &sources->arena;
    fetch->timeout_ns = spec->timeout_ns;
    fetch->trusts_any = !tls->verify;
    fetch->ca_file = scenario_locate(scenario, tls->ca, arena);
    if (spec->path) {
        fetch->cert_file = scenario_locate(scenario, tls->cert, arena);
        fetch->key_file = scenario_locate(scenario, tls->key, arena);
    }
    int status = spec->path ? fill_path(sources, spec, side, fetch, err)
                            : fill_url(sources, spec, fetch, err);
    return status < 0 ? -1 : fill_headers(sources, spec, fetch, err);
}

/* ---- what a command is told ---- */

/* `side` < 0: both, of which no one is told. */
static const char *const *environment_of(struct run_sources *sources, int side, struct err *err)
{
    static const char *const names[] = {"candidate", "base"};
    const char *const *own = run_commands_environment();
    struct buf target = {0};
    struct url url = {0};
    size_t n = 0, n_own = 0;
    if (side < 0)
        return own;
    while (own[n_own])
        n_own++;
    const char **all = arena_array(&sources->arena, n_own + 3, sizeof *all);
    for (size_t i = 0; i < n_own; i++)
        if (strncmp(own[i], "PERFGATE_SIDE=", 14) != 0 &&
            strncmp(own[i], "PERFGATE_TARGET=", 16) != 0)
            all[n++] = own[i];
    if (add_target(sources, (size_t)side, &target, &url, err) == 0) {
        all[n++] = arena_printf(&sources->arena, "PERFGATE_SIDE=%s", names[side]);
        all[n] = arena_printf(&sources->arena, "PERFGATE_TARGET=%s", buf_text(&target));
    } else {
        all = NULL;
    }
    url_release(&url);
    buf_release(&target);
    return all;
}

/* ---- all of them ---- */

static int add_item(struct run_sources *sources, const struct scenario_source *spec, int side,
                    struct err *err)
{
    struct asked_setup *item = &sources->items[sources->setup.n++];
    *item = (struct asked_setup){.spec = spec, .side = side};
    if (!spec->n_command)
        return fill_fetch(sources, spec, side < 0 ? 0 : (size_t)side, &item->fetch, err);
    item->environment = environment_of(sources, side, err);
    return item->environment ? 0 : -1;
}

/* Once for each side that it is of; one for both is asked once. */
static int add_source(struct run_sources *sources, const struct scenario_source *spec,
                      struct err *err)
{
    char what[300];
    int status = 0;
    bool paired = sources->setup.sides > 1;
    snprintf(what, sizeof what, "the probe '%s'", spec->name);
    if (spec->n_command && run_commands_allowed(what, err) < 0)
        return -1;
    if (spec->side == SCENARIO_BOTH)
        status = add_item(sources, spec, paired ? -1 : 0, err);
    if (spec->side == SCENARIO_CANDIDATE || spec->side == SCENARIO_SIDES)
        status = add_item(sources, spec, 0, err);
    if (status == 0 && paired && (spec->side == SCENARIO_BASE || spec->side == SCENARIO_SIDES))
        status = add_item(sources, spec, 1, err);
    return status < 0 ? err_prefix(err, "monitor: '%s': ", spec->name) : 0;
}

int run_sources_init(struct run_sources *sources, const struct scenario *scenario,
                     const struct load_options *load, struct err *err)
{
    const struct scenario_monitor *monitor = &scenario->monitor;
    *sources = (struct run_sources){.scenario = scenario, .load = load};
    sources->setup =
        (struct sources_setup){.sides = load->against ? 2 : 1, .items = sources->items};
    if (!target_of(sources, 0)) /* which the engine says */
        return 0;
    for (size_t i = 0; i < monitor->n_endpoints + monitor->n_probes; i++)
        if (add_source(sources, scenario_source_at(monitor, i), err) < 0)
            return -1;
    return 0;
}

void run_sources_release(struct run_sources *sources)
{
    arena_release(&sources->arena);
    *sources = (struct run_sources){0};
}
