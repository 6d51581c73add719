/*
 * Redis as a metrics store: a hash per verdict, and a stream per suite that has their names in the
 * order of time and the whole run's figures. Both at once (MULTI), or neither. The commands are
 * bytes of the protocol (https://redis.io/docs/reference/protocol-spec/), so that names may be
 * anything.
 *
 *     perfgate:runs:SUITE          stream: run, status, exit_code, METRIC...
 *     perfgate:run:SUITE:UNIX_NS   hash: status, exit_code, severity, summary, sent_at,
 *                                  METRIC..., "METHOD ENDPOINT METRIC"...
 */
#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "publish/kinds.h"

#define MOST_ENTRIES "10000" /* that a stream keeps, about */

/* A command in the making: its arguments are counted when it is over. */
struct command {
    size_t n;
    struct buf arguments;
};

static void add(struct command *command, const char *text)
{
    size_t len = strlen(text);
    command->n++;
    buf_addf(&command->arguments, "$%zu\r\n", len);
    buf_add(&command->arguments, text, len);
    buf_add_str(&command->arguments, "\r\n");
}

static void add_field(struct command *command, const char *name, const char *value)
{
    add(command, name);
    add(command, value ? value : "");
}

static void finish(struct command *command, struct publish_message *out)
{
    buf_addf(&out->body, "*%zu\r\n", command->n);
    buf_add(&out->body, buf_text(&command->arguments), command->arguments.len);
    buf_reset(&command->arguments);
    command->n = 0;
    out->n_commands++;
}

/* The candidate's figures that are known: of the whole run, or of all scopes. Drift has the same.
 */
static void add_figures(struct command *command, const struct verdict *verdict, bool all)
{
    struct buf name = {0}, value = {0};
    const struct verdict_row *row;
    for (size_t i = 0; (row = publish_next_figure(verdict, &i));) {
        if (row->endpoint && !all)
            continue;
        buf_reset(&name);
        buf_reset(&value);
        if (row->endpoint) {
            verdict_add_endpoint(&name, row->method, row->endpoint);
            buf_add_char(&name, ' ');
        }
        buf_add_str(&name, verdict_row_key(row));
        num_add_double(&value, row->candidate);
        add_field(command, buf_text(&name), buf_text(&value));
    }
    buf_release(&value);
    buf_release(&name);
}

static void add_outcome(struct command *command, const struct verdict *verdict)
{
    struct buf code = {0};
    buf_addf(&code, "%" PRId64, verdict->exit_code);
    add_field(command, "status", overall_status_name((enum overall_status)verdict->status));
    add_field(command, "exit_code", buf_text(&code));
    buf_release(&code);
}

static void add_hash(struct command *command, const struct publish_content *content,
                     const char *key)
{
    struct buf sent = {0};
    num_add_utc(&sent, content->now_ns);
    add(command, "HSET");
    add(command, key);
    add_outcome(command, content->verdict);
    add_field(command, "severity", notify_severity_name(content->severity));
    add_field(command, "summary", content->verdict->summary);
    add_field(command, "sent_at", buf_text(&sent));
    add_figures(command, content->verdict, true);
    buf_release(&sent);
}

static void add_entry(struct command *command, const struct publish_content *content,
                      const char *stream, const char *key)
{
    static const char *const head[] = {"MAXLEN", "~", MOST_ENTRIES, "*"};
    add(command, "XADD");
    add(command, stream);
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        add(command, head[i]);
    add_field(command, "run", key);
    add_outcome(command, content->verdict);
    add_figures(command, content->verdict, false);
}

void redis_build(const struct publish_content *content, const char *secret,
                 struct publish_message *out)
{
    const char *suite = content->verdict->suite ? content->verdict->suite : "default";
    struct command command = {0};
    struct buf key = {0}, stream = {0};
    buf_addf(&key, "perfgate:run:%s:%" PRId64, suite, content->now_ns);
    buf_addf(&stream, "perfgate:runs:%s", suite);
    out->url = out->to->url;
    out->password = secret ? arena_strdup(&out->arena, secret) : NULL;
    add(&command, "MULTI");
    finish(&command, out);
    add_hash(&command, content, buf_text(&key));
    finish(&command, out);
    add_entry(&command, content, buf_text(&stream), buf_text(&key));
    finish(&command, out);
    add(&command, "EXEC");
    finish(&command, out);
    buf_release(&stream);
    buf_release(&key);
    buf_release(&command.arguments);
}
