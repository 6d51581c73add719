#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "scene.h"
#include "store/baseline.h"

#define START_S INT64_C(1795450260) /* 2026-11-23T16:11:00Z */
#define COMMIT  "0123456789abcdef0123456789abcdef01234567"

static const struct baseline_key panel = {"panel", "default"};

/* A report of the full form, of which each test changes what it is about. */
static struct report some_report(int64_t start_s, double average_ms)
{
    struct report report = {0};
    report.metrics = (struct metrics){.total_requests = 1000,
                                      .total_failures = 1,
                                      .requests_per_s = 100,
                                      .average_ms = average_ms,
                                      .p95_ms = 30,
                                      .p99_ms = 50,
                                      .median_ms = 10,
                                      .min_ms = 1,
                                      .max_ms = 60,
                                      .p75_ms = 20,
                                      .p90_ms = 25,
                                      .p999_ms = 55};
    report.started_ns = start_s * NS_PER_S;
    report.health.valid = true;
    report.commit = COMMIT;
    return report;
}

/* Adds a run in the working directory, as a writer does. */
static int add_entry(const struct baseline_entry *entry, struct buf *path, bool *added,
                     struct err *err)
{
    struct baseline_place place = {.top = "."};
    struct baseline_file file = {0};
    buf_reset(path);
    *err = (struct err){0};
    int status = baseline_make(&place, entry, &file, err);
    *added = status == 0 && !file.is_there;
    buf_add_str(path, buf_text(&file.path));
    if (*added) {
        char dir[200];
        snprintf(dir, sizeof dir, BASELINE_DIR "/%s/%s", entry->key.suite, entry->key.environment);
        assert_int_equal(fs_make_dirs(dir, err), 0);
        status = fs_write(buf_text(path), file.bytes.data, file.bytes.len, err);
    }
    baseline_file_release(&file);
    return status;
}

static int add(const struct report *report, const struct baseline_key *key, struct buf *path,
               bool *added, struct err *err)
{
    struct baseline_entry entry = {.key = *key, .report = report, .now_ns = 60 * NS_PER_S};
    return add_entry(&entry, path, added, err);
}

static void add_runs(int n)
{
    struct buf path = {0};
    struct err err;
    bool added;
    for (int i = 0; i < n; i++) {
        struct report report = some_report(START_S + 60 * i, 10 + i);
        if (add(&report, &panel, &path, &added, &err) < 0)
            fail_msg("%s", err.text);
        assert_true(added);
    }
    buf_release(&path);
}

static void test_baseline__names(void **state)
{
    (void)state;
    struct err err = {0};
    static const char *const good[] = {"panel", "a", "ubuntu-24.04_x64", "_x"};
    static const char *const bad[] = {"",     "..", "../x", "a/b",      ".hidden", "-x",
                                      "a..b", "A",  "a b",  "\303\274", "x\n"};
    char name[66] = {0};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(baseline_check_name("suite", good[i], &err), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(baseline_check_name("suite", bad[i], NULL), -1);
    memset(name, 'x', 64);
    assert_int_equal(baseline_check_name("suite", name, NULL), 0);
    name[64] = 'x';
    assert_int_equal(baseline_check_name("suite", name, NULL), -1);
    assert_int_equal(baseline_check_name("suite", "../x", &err), -1);
    assert_error(&err, ERR_USAGE,
                 "the suite's name '../x' cannot be a directory's; expected 1 to 64 of a-z, 0-9, "
                 "'.', '_' and '-', neither '.' nor '-' first, and no '..'");
}

static void test_baseline__a_run_is_a_file(void **state)
{
    (void)state;
    struct buf path = {0};
    struct err err;
    bool added = false;
    struct report report = some_report(START_S, 10);
    assert_int_equal(add(&report, &panel, &path, &added, &err), 0);
    assert_true(added);
    const char *start = "baselines/panel/default/20261123T161100Z-0123456789ab-";
    assert_memory_equal(buf_text(&path), start, strlen(start));
    assert_int_equal(path.len, strlen(start) + 12 + strlen(".json"));
    scene_run("test -s '%s'", buf_text(&path));
    buf_release(&path);
}

static void test_baseline__the_same_run_is_one_file(void **state)
{
    (void)state;
    struct buf path = {0}, again = {0};
    struct err err;
    bool added = false;
    struct report report = some_report(START_S, 10);
    assert_int_equal(add(&report, &panel, &path, &added, &err), 0);
    assert_int_equal(add(&report, &panel, &again, &added, &err), 0);
    assert_false(added);
    assert_string_equal(buf_text(&path), buf_text(&again));

    report.suite = "other"; /* the key's name stands, and the hash is not of it */
    assert_int_equal(add(&report, &panel, &again, &added, &err), 0);
    assert_false(added);
    report.metrics.average_ms = 11;
    assert_int_equal(add(&report, &panel, &again, &added, &err), 0);
    assert_true(added);
    assert_string_equal(scene_ask("ls baselines/panel/default | wc -l"), "2");
    buf_release(&path);
    buf_release(&again);
}

/* The flat form knows neither start nor commit: they are filled in, and not hashed. */
static void test_baseline__the_flat_form(void **state)
{
    (void)state;
    struct buf path = {0};
    struct err err = {0};
    struct baseline_place place = {.top = "."};
    struct baseline baseline;
    struct report report;
    bool added = false;
    const char text[] =
        "{\"total_requests\": 10, \"total_failures\": 0, \"requests_per_second\": 1,"
        "\"average_response_time\": 2.5, \"95th_percentile\": 3,"
        "\"99th_percentile\": 4, \"other\": 1}";
    assert_int_equal(report_decode(text, strlen(text), "flat", &report, &err), 0);
    struct baseline_entry entry = {panel, &report, COMMIT, START_S * NS_PER_S};
    assert_int_equal(add_entry(&entry, &path, &added, &err), 0);
    assert_non_null(strstr(buf_text(&path), "20261123T161100Z-0123456789ab-"));
    entry.now_ns += NS_PER_S;
    entry.commit = NULL;
    assert_int_equal(add_entry(&entry, &path, &added, &err), 0);
    assert_false(added);
    report_release(&report);

    assert_int_equal(baseline_load(&place, &panel, 10, &baseline, &err), 0);
    assert_int_equal(baseline.n_runs, 1);
    const struct report *run = &baseline.runs[0].report;
    assert_false(run->flat);
    assert_true(run->health.valid);
    assert_int_equal(run->health.n_notes, 0);
    assert_string_equal(run->suite, "panel");
    assert_true(run->metrics.average_ms == 2.5);
    baseline_release(&baseline);
    buf_release(&path);
}

static void test_baseline__refuses_a_commit_that_is_none(void **state)
{
    (void)state;
    struct buf path = {0};
    struct err err;
    bool added = false;
    struct report report = some_report(START_S, 10);
    report.commit = "../../x";
    assert_int_equal(add(&report, &panel, &path, &added, &err), -1);
    assert_error(&err, ERR_INPUT,
                 "the report's commit is '../../x'; expected 7 to 64 hexadecimal digits");
    report.commit = "abcdef0";
    assert_int_equal(add(&report, &panel, &path, &added, &err), 0);
    assert_non_null(strstr(buf_text(&path), "Z-abcdef000000-"));
    buf_release(&path);
}

static void test_baseline__refuses_a_suite_that_leads_outside(void **state)
{
    (void)state;
    struct buf path = {0};
    struct err err;
    bool added = true;
    struct report report = some_report(START_S, 10);
    struct baseline_key key = {"../../x", "default"};
    assert_int_equal(add(&report, &key, &path, &added, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    scene_run("mkdir -p elsewhere/default baselines; ln -s ../elsewhere baselines/panel");
    assert_int_equal(add(&report, &panel, &path, &added, &err), -1);
    assert_error(&err, ERR_INPUT,
                 "'./baselines/panel/default' is, or lies below, a symbolic link or a file; "
                 "expected a directory of its own");
    assert_false(added);
    scene_run("test -z \"$(ls elsewhere/default)\"");
    buf_release(&path);
}

static void assert_newest(const struct baseline *baseline, size_t n, size_t n_stored, double first)
{
    assert_int_equal(baseline->n_runs, n);
    assert_int_equal(baseline->n_stored, n_stored);
    for (size_t i = 0; i < n; i++)
        assert_true(baseline->runs[i].report.metrics.average_ms == first - (double)i);
}

static void test_baseline__loads_the_newest_on_disk_and_at_a_revision(void **state)
{
    (void)state;
    struct err err = {0};
    struct baseline baseline;
    char commit[REPO_ID_SIZE];
    struct baseline_place place = {.top = "."};
    scene_run("git init -q .");
    add_runs(4);
    assert_int_equal(baseline_load(&place, &panel, 3, &baseline, &err), 0);
    assert_newest(&baseline, 3, 4, 13);
    baseline_release(&baseline);
    baseline_release(&baseline);

    scene_run("git add baselines; git commit -q -m runs; rm -r baselines");
    struct repo *repo = scene_open(".");
    assert_int_equal(repo_resolve(repo, "HEAD", commit, &err), 0);
    struct baseline_place at = {.repo = repo, .commit = commit};
    assert_int_equal(baseline_load(&at, &panel, 10, &baseline, &err), 0);
    assert_newest(&baseline, 4, 4, 13);
    assert_non_null(strstr(baseline.runs[0].path, "baselines/panel/default/20261123T161400Z-"));
    baseline_release(&baseline);
    assert_int_equal(baseline_load(&place, &panel, 10, &baseline, &err), 0);
    assert_newest(&baseline, 0, 0, 0);
    baseline_release(&baseline);
    repo_free(repo);
}

/* Runs of which every `every`-th, from the oldest on, is of this machine; the others are not, or of
 * another workload. */
static void add_mixed_runs(int n, int every)
{
    struct buf path = {0};
    struct err err;
    bool added;
    for (int i = 0; i < n; i++) {
        struct report report = some_report(START_S + 60 * i, 10 + i);
        report.workload = i % 4 ? "aa" : "bb";
        report.environment.cpu_model = i % every ? "another" : "one";
        if (add(&report, &panel, &path, &added, &err) < 0)
            fail_msg("%s", err.text);
    }
    buf_release(&path);
}

static void expect_like(const char *cpu_model, const char *workload, size_t n_like, size_t n_runs)
{
    struct report like = some_report(START_S, 10);
    struct baseline_place place = {.top = "."};
    struct baseline baseline;
    struct err err = {0};
    like.environment.cpu_model = cpu_model;
    like.workload = workload;
    const struct baseline_like what = {.like = &like};
    assert_int_equal(baseline_load_like(&place, &panel, &what, &baseline, &err), 0);
    assert_int_equal(baseline.n_like, n_like);
    assert_int_equal(baseline.n_runs, n_runs);
    assert_int_equal(baseline.n_stored, 120);
    baseline_release(&baseline);
}

static void test_baseline__looks_for_runs_of_a_kind_among_others(void **state)
{
    (void)state;
    add_mixed_runs(120, 6);
    /* among the newest hundred: 114, 102, … 30, and not 18 */
    expect_like("one", "aa", 8, BASELINE_MOST_READ);
    expect_like("another", "aa", 10, 14);
    expect_like("third", "aa", 0, BASELINE_MOST_READ);
    expect_like("another", "cc", 0, BASELINE_MOST_READ);
}

static void test_baseline__reads_runs_with_crlf(void **state)
{
    (void)state;
    struct err err = {0};
    struct baseline baseline;
    struct baseline_place place = {.top = "."};
    add_runs(1);
    scene_run("sed -i 's/$/\\r/' baselines/panel/default/*");
    assert_int_equal(baseline_load(&place, &panel, 10, &baseline, &err), 0);
    assert_newest(&baseline, 1, 1, 10);
    baseline_release(&baseline);
}

static void test_baseline__other_names_are_noted(void **state)
{
    (void)state;
    struct err err = {0};
    struct baseline baseline;
    struct baseline_place place = {.top = "."};
    add_runs(1);
    scene_run("cd baselines/panel/default; echo x >mine.json; echo x >README.md\n"
              "echo x >20261123T161100Z-0123456789ab-0123456789ab.json.tmp\n"
              "echo x >20261123T161100Z-0123456789ab.accept.json\n"
              "echo x >20261123T161100Z-0123456789ab.anchor.json");
    assert_int_equal(baseline_load(&place, &panel, 10, &baseline, &err), 0);
    assert_newest(&baseline, 1, 1, 10);
    assert_int_equal(baseline.n_notes, 1);
    assert_string_equal(baseline.notes[0], "'baselines/panel/default/mine.json' is not named as "
                                           "runs are, and is left out");
    scene_run("cd baselines/panel/default; rm mine.json\n"
              "mv 20261123T161100Z-0123456789ab.accept.json x.accept.json");
    baseline_release(&baseline);
    assert_int_equal(baseline_load(&place, &panel, 10, &baseline, &err), 0);
    assert_int_equal(baseline.n_notes, 1);
    baseline_release(&baseline);
}

/* A run that cannot be read is an error in every form, on disk and at a revision. */
static void assert_bad_run(const char *damage, const char *disk_text, const char *tree_text)
{
    struct err err = {0};
    struct baseline baseline;
    struct baseline_place place = {.top = "."};
    char commit[REPO_ID_SIZE];
    scene_run("rm -rf .git baselines; git init -q .");
    add_runs(2);
    scene_run("set -- baselines/panel/default/*; %s\ngit add baselines; git commit -q -m bad",
              damage);
    assert_int_equal(baseline_load(&place, &panel, 10, &baseline, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    if (!strstr(err.text, disk_text))
        fail_msg("expected: %s; found: %s", disk_text, err.text);
    assert_non_null(strstr(err.text, "20261123T161"));
    assert_int_equal(baseline.n_runs, 0);

    struct repo *repo = scene_open(".");
    err = (struct err){0};
    assert_int_equal(repo_resolve(repo, "HEAD", commit, &err), 0);
    place = (struct baseline_place){.repo = repo, .commit = commit};
    assert_int_equal(baseline_load(&place, &panel, 10, &baseline, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    if (!strstr(err.text, tree_text))
        fail_msg("expected: %s; found: %s", tree_text, err.text);
    assert_non_null(strstr(err.text, "20261123T161"));
    repo_free(repo);
}

static void test_baseline__a_run_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    assert_bad_run("ln -sf /etc/hostname \"$1\"", "a symbolic link or a file; expected a file",
                   "is a symbolic link; expected a file");
    assert_bad_run("rm \"$1\"; mkdir -p \"$1\"; echo >\"$1/x\"",
                   "is no ordinary file; expected a document", "is a directory; expected a file");
    assert_bad_run("head -c 5000000 /dev/zero >\"$1\"", "is larger than 4194304 bytes",
                   "has 5000000 bytes; the limit for it is 4194304");
    assert_bad_run("echo '{' >\"$1\"", ".json' line ", ".json' line ");
    assert_bad_run(": >\"$2\"", ".json'", ".json'");
}

static void test_baseline__lists_and_counts(void **state)
{
    (void)state;
    struct err err = {0};
    struct arena arena = {0};
    struct baseline_place place = {.top = "."};
    struct baseline_key *keys;
    const char *newest;
    size_t n = 9;
    assert_int_equal(baseline_list(&place, &arena, &keys, &n, &err), 0);
    assert_int_equal(n, 0);
    add_runs(2);
    scene_run("mkdir -p baselines/a/x baselines/a/b baselines/.x/y; echo >baselines/policy.json");
    assert_int_equal(baseline_list(&place, &arena, &keys, &n, &err), 0);
    assert_int_equal(n, 3);
    assert_string_equal(keys[0].suite, "a");
    assert_string_equal(keys[0].environment, "b");
    assert_string_equal(keys[1].environment, "x");
    assert_string_equal(keys[2].suite, "panel");
    assert_int_equal(baseline_count(&place, &keys[2], &arena, &n, &newest, &err), 0);
    assert_int_equal(n, 2);
    assert_string_equal(newest, "20261123T161200Z");
    assert_int_equal(baseline_count(&place, &keys[0], &arena, &n, &newest, &err), 0);
    assert_int_equal(n, 0);
    assert_string_equal(newest, "-");
    arena_release(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_enter, scene_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_baseline__names),
        TEST(test_baseline__a_run_is_a_file),
        TEST(test_baseline__the_same_run_is_one_file),
        TEST(test_baseline__the_flat_form),
        TEST(test_baseline__refuses_a_commit_that_is_none),
        TEST(test_baseline__refuses_a_suite_that_leads_outside),
        TEST(test_baseline__loads_the_newest_on_disk_and_at_a_revision),
        TEST(test_baseline__looks_for_runs_of_a_kind_among_others),
        TEST(test_baseline__reads_runs_with_crlf),
        TEST(test_baseline__other_names_are_noted),
        TEST(test_baseline__a_run_that_cannot_be_read_is_an_error),
        TEST(test_baseline__lists_and_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
