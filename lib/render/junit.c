/*
 * A verdict as JUnit XML, as Jenkins and GitLab read it: a suite with a test case for the verdict
 * as a whole and one for each row.
 *
 * The first case is red exactly where the verdict is not a pass, so that whoever looks at this file
 * alone is never told better than the exit code says. A row that regressed, is over its limit or
 * has failed is red as well; one that could not be decided is skipped, because what follows from
 * that is the policy's to say, and the first case has it. Figures and warnings are the case's
 * output. There is no form of a report: it holds no judgement.
 *
 * Names of cases begin with the scope and not with a class, which Jenkins would cut at its last
 * full stop. (Jenkins' jenkins-junit.xsd for the order of the elements; XML 1.0, 2.2 for the
 * characters that must not be: escape_add() shows them in their visible forms.)
 */
#include "render/forms.h"

#include "base/clock.h"
#include "render/escape.h"
#include "render/rows.h"

/* Where a row's figures begin and end among the columns of rows.h. */
#define FIRST_FIGURE V_BASE
#define END_FIGURE   V_COUNT

enum outcome { OUTCOME_PASSED, OUTCOME_SKIPPED, OUTCOME_FAILED, OUTCOME_ERROR, OUTCOME_COUNT };

static const char *const elements[OUTCOME_COUNT] = {
    [OUTCOME_SKIPPED] = "skipped", [OUTCOME_FAILED] = "failure", [OUTCOME_ERROR] = "error"};

static enum outcome outcome_of_row(const struct verdict_row *row)
{
    static const enum outcome outcomes[ROW_STATUS_COUNT] = {
        [ROW_REGRESSED] = OUTCOME_FAILED,
        [ROW_OVER_LIMIT] = OUTCOME_FAILED,
        [ROW_ERRORED] = OUTCOME_ERROR,
        [ROW_NOT_COMPARABLE] = OUTCOME_SKIPPED,
        [ROW_MISSING_BASELINE] = OUTCOME_SKIPPED,
        [ROW_INSUFFICIENT] = OUTCOME_SKIPPED,
        [ROW_ACCEPTED] = OUTCOME_PASSED,
        [ROW_STABLE] = OUTCOME_PASSED,
        [ROW_IMPROVED] = OUTCOME_PASSED,
    };
    return outcomes[row->status];
}

static enum outcome outcome_of_whole(const struct verdict *verdict)
{
    static const enum outcome outcomes[] = {[OVERALL_PASS] = OUTCOME_PASSED,
                                            [OVERALL_FAIL] = OUTCOME_FAILED,
                                            [OVERALL_UNDECIDED] = OUTCOME_ERROR};
    return outcomes[verdict->status];
}

static void add_attribute(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, " %s=\"", name);
    escape_add(out, value ? value : "");
    buf_add_char(out, '"');
}

/* ---- what comes before the cases ---- */

/* A suite's counts, with the case of the whole. */
static void add_counts(struct buf *out, const struct verdict *verdict)
{
    size_t counts[OUTCOME_COUNT] = {0};
    counts[outcome_of_whole(verdict)]++;
    for (size_t i = 0; i < verdict->n_rows; i++)
        counts[outcome_of_row(&verdict->rows[i])]++;
    buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
             verdict->n_rows + 1, counts[OUTCOME_FAILED], counts[OUTCOME_ERROR],
             counts[OUTCOME_SKIPPED]);
    buf_addf(out, " time=\"%.3f\"", (double)verdict->duration_ns / (double)NS_PER_S);
}

static void add_property(struct buf *out, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    buf_add_str(out, "      <property");
    add_attribute(out, "name", name);
    add_attribute(out, "value", value);
    buf_add_str(out, "/>\n");
}

static void add_properties(struct buf *out, const struct verdict *verdict)
{
    struct buf text = {0};
    buf_add_str(out, "    <properties>\n");
    add_property(out, "verdict", overall_status_name((enum overall_status)verdict->status));
    rows_add_evidence(verdict, &text);
    add_property(out, "comparison", buf_text(&text));
    add_property(out, "baseline", verdict->baseline_choice);
    add_property(out, "policy", verdict->policy_choice);
    add_property(out, "measured", verdict->measured);
    buf_reset(&text);
    rows_add_environment(&verdict->environment, &text);
    add_property(out, "environment", buf_text(&text));
    buf_add_str(out, "    </properties>\n");
    buf_release(&text);
}

/* ---- the cases ---- */

/* One case. Of `message` and `output` either may be NULL or empty. */
struct test_case {
    const char *class, *name, *type, *message, *output;
    enum outcome outcome;
};

static void add_case(struct buf *out, const struct test_case *test)
{
    buf_add_str(out, "    <testcase");
    add_attribute(out, "classname", test->class);
    add_attribute(out, "name", test->name);
    buf_add_str(out, ">\n");
    if (elements[test->outcome]) {
        buf_addf(out, "      <%s", elements[test->outcome]);
        add_attribute(out, "message", test->message);
        if (test->outcome != OUTCOME_SKIPPED)
            add_attribute(out, "type", test->type);
        buf_add_str(out, "/>\n");
    }
    if (test->output && *test->output)
        buf_addf(out, "      <system-out>%s</system-out>\n", test->output);
    buf_add_str(out, "    </testcase>\n");
}

/* A line of a case's output, which is already markup. */
static void add_line(struct buf *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    buf_addf(out, "%s%s: ", out->len ? "\n" : "", label);
    escape_add(out, text);
}

static const char *class_name(const struct verdict *verdict)
{
    return verdict->suite ? verdict->suite : "perfgate";
}

static void add_whole(struct buf *out, const struct verdict *verdict)
{
    struct buf lines = {0};
    add_line(&lines, "summary", verdict->summary);
    for (size_t i = 0; i < verdict->n_warnings; i++)
        add_line(&lines, "warning", verdict->warnings[i]);
    add_case(out,
             &(struct test_case){.class = class_name(verdict),
                                 .name = "the verdict",
                                 .type = overall_status_name((enum overall_status)verdict->status),
                                 .message = verdict->summary,
                                 .output = buf_text(&lines),
                                 .outcome = outcome_of_whole(verdict)});
    buf_release(&lines);
}

static void add_row(struct buf *out, const struct verdict *verdict, const struct table *table,
                    size_t i)
{
    const struct verdict_row *row = &verdict->rows[i];
    const char *const *cells = table->rows[i].cells;
    struct buf name = {0}, lines = {0};
    buf_addf(&name, "%s: %s", cells[V_SCOPE], cells[V_METRIC]);
    add_line(&lines, "status", cells[V_STATUS]);
    for (int c = FIRST_FIGURE; c < END_FIGURE; c++)
        add_line(&lines, table->columns[c].title, cells[c]);
    add_line(&lines, "note", table->rows[i].note);
    add_case(out, &(struct test_case){.class = class_name(verdict),
                                      .name = buf_text(&name),
                                      .type = cells[V_STATUS],
                                      .message = row->reason ? row->reason : cells[V_STATUS],
                                      .output = buf_text(&lines),
                                      .outcome = outcome_of_row(row)});
    buf_release(&lines);
    buf_release(&name);
}

void junit_verdict(const struct verdict *verdict, const struct render_options *options,
                   struct buf *out)
{
    struct table table;
    (void)options;
    rows_of_verdict(verdict, ROWS_ALL, &table);
    buf_add_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"perfgate\"");
    add_counts(out, verdict);
    buf_add_str(out, ">\n  <testsuite");
    add_attribute(out, "name", class_name(verdict));
    add_counts(out, verdict);
    buf_add_str(out, ">\n");
    add_properties(out, verdict);
    add_whole(out, verdict);
    for (size_t i = 0; i < table.n_rows; i++)
        add_row(out, verdict, &table, i);
    buf_add_str(out, "  </testsuite>\n</testsuites>\n");
    table_release(&table);
}
