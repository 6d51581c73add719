#include "cmd/report_send.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/report_files.h"
#include "cmd/report_notify.h"
#include "model/notify.h"
#include "publish/publish.h"
#include "render/render.h"

#define ROUTES     "routes"
#define TIMEOUT_NS (20 * NS_PER_S)
#define ATTEMPTS   4

#define LEAST_COMMIT 7

/* A call, once all is read. */
struct sending {
    const struct report_send *how;
    struct arena arena;
    const char *name; /* of the file of destinations */
    struct notify notify;
    struct publish_content content;
    struct buf *shown;
    size_t failed;
};

/* What is made for all destinations. */
struct report_texts {
    struct buf text, html, prometheus, link;
};

enum choice { CHOICE_NONE, CHOICE_TELL, CHOICE_RESOLVE };

/* ---- what is told ---- */

static int read_files(const struct report_send *how, struct report_files *files, struct err *err)
{
    if (report_files_read(files, &how->files, NULL, err) < 0)
        return -1;
    if (files->verdict_name)
        return 0;
    err_set(err, ERR_USAGE,
            "'%s' is a report, and --send tells of verdicts; judge it with perf-compare first, and "
            "name the verdict as well",
            files->names[0]);
    report_files_release(files);
    return -1;
}

/* Where a CI service shows its run, in `space`; NULL elsewhere. */
static const char *find_link(struct buf *space)
{
    const char *server = getenv("GITHUB_SERVER_URL"), *repository = getenv("GITHUB_REPOSITORY"),
               *run = getenv("GITHUB_RUN_ID"), *gitlab = getenv("CI_JOB_URL"),
               *jenkins = getenv("BUILD_URL");
    if (server && repository && run)
        buf_addf(space, "%s/%s/actions/runs/%s", server, repository, run);
    else if (gitlab && *gitlab)
        buf_add_str(space, gitlab);
    else if (jenkins && *jenkins)
        buf_add_str(space, jenkins);
    return strncmp(buf_text(space), "http", 4) == 0 ? buf_text(space) : NULL;
}

/* The commit that was judged: the report's, or that of the CI service's job; NULL = not known. */
static const char *find_commit(const struct report *report)
{
    const char *const places[] = {report ? report->commit : NULL, getenv("GITHUB_SHA"),
                                  getenv("CI_COMMIT_SHA"), getenv("GIT_COMMIT")};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (places[i] && strlen(places[i]) >= LEAST_COMMIT &&
            !places[i][strspn(places[i], "0123456789abcdef")])
            return places[i];
    return NULL;
}

/* ---- whom ---- */

/* An incident that nobody hears of any more is over. */
static enum choice by_route(const struct sending *sending, size_t i)
{
    const struct notify *notify = &sending->notify;
    if (notify_hears(notify, sending->content.severity, i))
        return CHOICE_TELL;
    if (notify->destinations[i].kind != NOTIFY_PAGERDUTY)
        return CHOICE_NONE;
    for (int severity = NOTIFY_OK; severity < NOTIFY_SEVERITIES; severity++)
        if (notify_hears(notify, (enum notify_severity)severity, i))
            return CHOICE_RESOLVE;
    return CHOICE_NONE;
}

static void add_choice(enum choice *choice, enum choice more)
{
    if (*choice != CHOICE_TELL && more != CHOICE_NONE)
        *choice = more;
}

/* Each destination once, whoever names it. */
static int choose(const struct sending *sending, enum choice *choices, struct err *err)
{
    const struct option_list *to = sending->how->to;
    const struct notify *notify = &sending->notify;
    for (size_t k = 0; k < to->n; k++) {
        size_t named = notify_find(notify, to->items[k]);
        bool routes = strcmp(to->items[k], ROUTES) == 0;
        if (named == notify->n_destinations && !routes)
            return err_set(err, ERR_USAGE, "--send: '%s' has no destination '%s'", sending->name,
                           to->items[k]);
        for (size_t i = 0; routes && i < notify->n_destinations; i++)
            add_choice(&choices[i], by_route(sending, i));
        if (!routes)
            choices[named] = CHOICE_TELL;
    }
    return 0;
}

/* ---- and tells ---- */

static bool wait_for(int64_t ns, void *context)
{
    struct timespec left = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
    (void)context;
    return nanosleep(&left, NULL) < 0;
}

/* NULL where it has none. */
static int find_secret(const struct notify_destination *to, const char **secret, struct err *err)
{
    *secret = to->secret ? getenv(to->secret) : NULL;
    if (!to->secret || (*secret && **secret))
        return 0;
    return err_set(err, ERR_IO, "the variable '%s', which has its secret, is not set", to->secret);
}

static int deliver(const struct sending *sending, const struct publish_content *content,
                   const struct notify_destination *to, struct err *err)
{
    const struct publish_way way = {
        .timeout_ns = TIMEOUT_NS, .attempts = ATTEMPTS, .wait = wait_for};
    const char *secret;
    struct publish_message message;
    if (find_secret(to, &secret, err) < 0)
        return -1;
    int status = 0;
    size_t n = publish_parts(content, to);
    for (size_t part = 0; status == 0 && part < n; part++) {
        publish_build(content, to, secret, part, &message);
        status = publish_deliver(&message, &way, err);
        publish_message_release(&message);
        if (status < 0 && n > 1)
            err_prefix(err, "part %zu of %zu: ", part + 1, n);
    }
    if (status == 0)
        io_note(&sending->how->log, "'%s' was told (%s)", to->name,
                notify_severity_name(content->severity));
    return status;
}

static void show(const struct sending *sending, const struct publish_content *content,
                 const struct notify_destination *to)
{
    struct publish_message message;
    struct buf secret = {0};
    buf_addf(&secret, "<%s>", to->secret ? to->secret : "");
    for (size_t part = 0; part < publish_parts(content, to); part++) {
        publish_build(content, to, to->secret ? buf_text(&secret) : NULL, part, &message);
        if (sending->shown->len)
            buf_add_char(sending->shown, '\n');
        publish_show(&message, sending->shown);
        publish_message_release(&message);
    }
    buf_release(&secret);
}

/* For a marker, which is made only where there is one: the key, or what stands for it. */
static const char *find_user_key(const struct sending *sending, const struct notify_destination *to,
                                 struct buf *shown)
{
    const char *key = getenv(to->marker_secret);
    if (!key || !*key)
        return NULL;
    buf_addf(shown, "<%s>", to->marker_secret);
    return sending->how->dry_run ? buf_text(shown) : key;
}

static void tell(struct sending *sending, const struct notify_destination *to, enum choice choice)
{
    struct publish_content content = sending->content;
    struct buf shown = {0};
    struct err err = {0};
    content.user_key = find_user_key(sending, to, &shown);
    if (choice == CHOICE_RESOLVE)
        content.severity = NOTIFY_OK;
    if (sending->how->dry_run) {
        show(sending, &content, to);
    } else if (deliver(sending, &content, to, &err) < 0) {
        sending->failed++;
        io_warn(&sending->how->log, "'%s' was not told: %s", to->name, err.text);
    }
    buf_release(&shown);
}

static int tell_all(struct sending *sending, struct err *err)
{
    const struct notify *notify = &sending->notify;
    enum choice *choices = mem_array(notify->n_destinations + 1, sizeof *choices);
    size_t n = 0;
    int status = choose(sending, choices, err);
    for (size_t i = 0; status == 0 && i < notify->n_destinations; i++) {
        if (choices[i] == CHOICE_NONE)
            continue;
        tell(sending, &notify->destinations[i], choices[i]);
        n++;
    }
    free(choices);
    if (status == 0 && !n)
        io_note(&sending->how->log, "nobody has to be told (%s)",
                notify_severity_name(sending->content.severity));
    if (status == 0 && sending->failed && sending->how->require_delivery)
        status = err_set(err, ERR_IO, "%zu of %zu destinations were not told, see above",
                         sending->failed, n);
    return status;
}

static void render(const struct report_files *files, const struct report *report,
                   struct report_texts *texts)
{
    const struct render_options options = {.title = files->verdict_name};
    render_formats[FORMAT_TEXT].verdict(&files->verdict, &options, &texts->text);
    render_formats[FORMAT_HTML].verdict(&files->verdict, &options, &texts->html);
    render_formats[FORMAT_PROMETHEUS].verdict(&files->verdict, &options, &texts->prometheus);
    if (report)
        render_formats[FORMAT_PROMETHEUS].report(report, &options, &texts->prometheus);
}

static void release(struct report_texts *texts)
{
    buf_release(&texts->text);
    buf_release(&texts->html);
    buf_release(&texts->prometheus);
    buf_release(&texts->link);
}

int report_send(const struct report_send *how, struct buf *shown, struct err *err)
{
    struct sending sending = {.how = how, .shown = shown};
    struct report_files files;
    struct report_texts texts = {0};
    if (read_files(how, &files, err) < 0)
        return -1;
    const struct report *report = files.sides[RENDER_CANDIDATE].whole;
    int status =
        report_notify_read(how->notify, &sending.notify, &sending.arena, &sending.name, err);
    if (status == 0) {
        render(&files, report, &texts);
        sending.content = (struct publish_content){.verdict = &files.verdict,
                                                   .report = report,
                                                   .severity = publish_severity(&files.verdict),
                                                   .text = buf_text(&texts.text),
                                                   .html = buf_text(&texts.html),
                                                   .prometheus = buf_text(&texts.prometheus),
                                                   .link = find_link(&texts.link),
                                                   .app = getenv("NEW_RELIC_APP_NAME"),
                                                   .commit = find_commit(report),
                                                   .now_ns = clock_wall_ns()};
        status = tell_all(&sending, err);
    }
    notify_release(&sending.notify);
    arena_release(&sending.arena);
    report_files_release(&files);
    release(&texts);
    return status;
}
