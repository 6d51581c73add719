#include "model/scenario.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/num.h"
#include "model/document.h"
#include "model/scenario_shape.h"
#include "net/url.h"

bool scenario_suite_is_valid(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= 64 && *name != '.' && *name != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == length;
}

static int check_classes(const struct js_at *root, const struct scenario *scenario, struct err *err)
{
    if (!scenario->n_classes)
        return js_fail(root, err, "classes: expected at least one class");
    for (size_t i = 0; i < scenario->n_classes; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(scenario->classes[i].name, scenario->classes[k].name) == 0)
                return js_fail(root, err, "classes[%zu].name: '%s' is the name of classes[%zu] too",
                               i, scenario->classes[i].name, k);
    return 0;
}

static int decode_root(const struct js_at *root, struct scenario *scenario, struct arena *arena,
                       struct err *err)
{
    if (document_check_schema(root, SCENARIO_SCHEMA, err) < 0 ||
        js_decode(root, &scenario_shape, scenario, arena, err) < 0 ||
        scenario_check_load(root, scenario, err) < 0 || check_classes(root, scenario, err) < 0)
        return -1;
    return scenario_check_names(root, scenario, err);
}

int scenario_decode(const char *bytes, size_t len, const char *source, struct scenario *scenario,
                    struct err *err)
{
    *scenario = (struct scenario){0};
    struct js_doc *doc;
    if (document_parse(bytes, len, source, &doc, err) < 0)
        return -1;
    struct arena arena = {0}; /* decoding resets the scenario first */
    struct js_at root = js_root(doc);
    int status = decode_root(&root, scenario, &arena, err);
    scenario->arena = arena;
    if (status < 0)
        scenario_release(scenario);
    js_free(doc);
    return status;
}

int scenario_read(const char *path, struct scenario *scenario, struct err *err)
{
    struct buf bytes = {0};
    *scenario = (struct scenario){0};
    int status = fs_read(path, SCENARIO_LIMIT, &bytes, err);
    if (status == 0)
        status = scenario_decode(buf_text(&bytes), bytes.len, path, scenario, err);
    if (status == 0)
        scenario->path = arena_strdup(&scenario->arena, path);
    buf_release(&bytes);
    return status;
}

const char *scenario_locate(const struct scenario *scenario, const char *file, struct arena *arena)
{
    const char *slash = scenario->path ? strrchr(scenario->path, '/') : NULL;
    if (!file || *file == '/' || !slash)
        return file;
    return arena_printf(arena, "%.*s/%s", (int)(slash - scenario->path), scenario->path, file);
}

/* Writes the scenario that the URL means as a document, so that one set of rules holds for both. */
int scenario_from_url(const char *url, struct scenario *scenario, struct err *err)
{
    *scenario = (struct scenario){0};
    size_t host_length = url_origin_length(url);
    bool is_url = strstr(url, "://") || url_is_socket(url);
    if (!is_url || strpbrk(url, " \t\r\n") || strstr(url, "${"))
        return err_set(err, ERR_USAGE,
                       "'%s': expected a scenario's file or a URL such as http://localhost:8080/",
                       url);
    const char *path = url + host_length;
    if (*path == ':') /* behind a socket */
        path++;
    size_t path_length = strcspn(path, "#");

    struct buf json = {0}, host = {0}, target = {0};
    buf_add(&host, url, host_length);
    buf_add_str(&target, *path == '/' ? "" : "/");
    buf_add(&target, path, path_length);
    buf_add_str(&json, "{\"schema\": \"" SCENARIO_SCHEMA "\", \"name\": \"url\", \"host\": ");
    js_quote(&json, buf_text(&host));
    buf_add_str(&json, ", \"classes\": [{\"name\": \"user\", \"tasks\": [{\"get\": ");
    js_quote(&json, buf_text(&target));
    buf_add_str(&json, "}]}]}");
    int status = scenario_decode(buf_text(&json), json.len, url, scenario, err);
    buf_release(&json);
    buf_release(&host);
    buf_release(&target);
    return status;
}

static void add_tags(const struct scenario_step *steps, size_t n, const char *method,
                     const char *name, struct tags *tags, struct arena *arena)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(steps[i].method, method) == 0 && strcmp(steps[i].name, name) == 0)
            tags_add(tags, &steps[i].tags, arena);
}

struct tags scenario_tags(const struct scenario *scenario, const char *method, const char *name,
                          struct arena *arena)
{
    struct tags tags = {0};
    for (size_t i = 0; i < scenario->n_classes; i++) {
        const struct scenario_class *class = &scenario->classes[i];
        add_tags(class->on_start, class->n_on_start, method, name, &tags, arena);
        for (size_t k = 0; k < class->n_tasks; k++)
            add_tags(class->tasks[k].steps, class->tasks[k].n_steps, method, name, &tags, arena);
    }
    return tags;
}

void scenario_release(struct scenario *scenario)
{
    struct arena arena = scenario->arena;
    *scenario = (struct scenario){0};
    arena_release(&arena);
}
