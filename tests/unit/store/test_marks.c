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
#include "store/marks.h"
#include "store/verify.h"

#define START_NS (INT64_C(1795450260) * NS_PER_S) /* 2026-11-23T16:11:00Z */
#define DIR      "baselines/panel/default"
#define RUN      "20261123T161100Z-0123456789ab-0123456789ab.json"
#define HASH     "0123456789ab"

static const struct baseline_key panel = {"panel", "default"};
static const struct baseline_place disk = {.top = "."};

static void write_file(const char *path, const struct buf *bytes)
{
    struct err err = {0};
    char dir[200];
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    assert_int_equal(fs_make_dirs(dir, &err), 0);
    assert_int_equal(fs_write(path, buf_text(bytes), bytes->len, &err), 0);
}

/* Adds a mark as a writer does, `minute` minutes after the start; the path is in `path`. */
static void add_acceptance(int minute, double value, const struct baseline_key *key,
                           struct buf *path)
{
    struct buf bytes = {0};
    struct err err = {0};
    struct acceptance acceptance = {.metric = METRIC_AVERAGE,
                                    .scope = "GET /forum",
                                    .value = value,
                                    .reason = "an index",
                                    .by = "Ann <a@b.c>",
                                    .accepted_ns = START_NS + minute * 60 * NS_PER_S};
    acceptance_encode(&acceptance, &bytes);
    buf_reset(path);
    assert_int_equal(
        marks_add_path(key, MARK_ACCEPTANCE, acceptance.accepted_ns, &bytes, path, &err), 0);
    write_file(buf_text(path), &bytes);
    buf_release(&bytes);
}

static void add_anchor(int minute, const char *run, const char *label, struct buf *path)
{
    struct buf bytes = {0};
    struct err err = {0};
    struct anchor anchor = {.run = run,
                            .label = label,
                            .by = "Ann <a@b.c>",
                            .anchored_ns = START_NS + minute * 60 * NS_PER_S};
    anchor_encode(&anchor, &bytes);
    buf_reset(path);
    assert_int_equal(marks_add_path(&panel, MARK_ANCHOR, anchor.anchored_ns, &bytes, path, &err),
                     0);
    write_file(buf_text(path), &bytes);
    buf_release(&bytes);
}

static void test_marks__none(void **state)
{
    (void)state;
    struct err err = {0};
    struct marks marks;
    const struct baseline_place nowhere = {0};
    assert_int_equal(marks_load(&disk, &panel, &marks, &err), 0);
    assert_int_equal(marks.n_acceptances, 0);
    assert_int_equal(marks.n_superseded, 0);
    assert_false(marks.has_anchor);
    assert_null(marks.anchor_path);
    marks_release(&marks);
    marks_release(&marks);
    assert_int_equal(marks_load(&nowhere, &panel, &marks, &err), 0);
    assert_int_equal(marks.n_acceptances, 0);
    marks_release(&marks);
    scene_run("mkdir -p " DIR "; echo x >" DIR "/" RUN "; echo x >" DIR
              "/mine.accept.json; echo x >" DIR "/README.md");
    assert_int_equal(marks_load(&disk, &panel, &marks, &err), 0);
    assert_int_equal(marks.n_acceptances, 0);
    assert_false(marks.has_anchor);
    marks_release(&marks);
}

static void test_marks__paths(void **state)
{
    (void)state;
    struct buf path = {0}, again = {0};
    add_acceptance(1, 120, &panel, &path);
    const char *start = DIR "/20261123T161200Z-", *end = ".accept.json";
    assert_memory_equal(buf_text(&path), start, strlen(start));
    assert_int_equal(path.len, strlen(start) + 12 + strlen(end));
    assert_string_equal(buf_text(&path) + path.len - strlen(end), end);
    add_acceptance(1, 120, &panel, &again);
    assert_string_equal(buf_text(&again), buf_text(&path));
    add_acceptance(1, 121, &panel, &again);
    assert_string_not_equal(buf_text(&again), buf_text(&path));
    add_anchor(1, RUN, NULL, &path);
    assert_string_equal(buf_text(&path) + path.len - strlen(".anchor.json"), ".anchor.json");
    assert_string_equal(scene_ask("git hash-object %s | cut -c 1-12", buf_text(&path)),
                        scene_ask("expr %s : '.*Z-\\([0-9a-f]*\\)[.]'", buf_text(&path)));
    buf_release(&path);
    buf_release(&again);
}

static void test_marks__a_suite_that_leads_outside(void **state)
{
    (void)state;
    struct err err = {0};
    struct marks marks;
    struct buf bytes = {0}, path = {0};
    const struct baseline_key key = {"..", "elsewhere"};
    scene_run("mkdir -p elsewhere baselines; echo x >elsewhere/20261123T161100Z-" HASH
              ".accept.json");
    assert_int_equal(marks_load(&disk, &key, &marks, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(marks_add_path(&key, MARK_ANCHOR, START_NS, &bytes, &path, NULL), -1);
    assert_int_equal(path.len, 0);
}

static void assert_marks(const struct baseline_place *place, const char *before)
{
    struct err err = {0};
    struct marks marks;
    char shown[200];
    if (marks_load(place, &panel, &marks, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(marks.n_acceptances, 2);
    assert_true(marks.acceptances[0].value == 120); /* oldest first */
    assert_true(marks.acceptances[1].value == 110);
    for (size_t i = 0; i < 2; i++) {
        snprintf(shown, sizeof shown, "%s%s", before, marks.acceptance_paths[i]);
        assert_string_equal(marks.acceptances[i].place, shown);
    }
    assert_true(marks.has_anchor);
    assert_string_equal(marks.anchor.label, "v1.4");
    assert_memory_equal(marks.anchor_path, DIR "/20261123T161400Z-", strlen(DIR) + 18);
    assert_int_equal(marks.n_superseded, 2);
    assert_memory_equal(marks.superseded[0], DIR "/20261123T161200Z-", strlen(DIR) + 18);
    assert_memory_equal(marks.superseded[1], DIR "/20261123T161300Z-", strlen(DIR) + 18);
    marks_release(&marks);
}

static void test_marks__loads_on_disk_and_at_a_revision(void **state)
{
    (void)state;
    static const struct baseline_key other = {"panel", "ci"};
    struct err err = {0};
    struct marks marks;
    struct buf path = {0};
    char commit[REPO_ID_SIZE], before[20];
    scene_run("git init -q .");
    add_acceptance(2, 110, &panel, &path);
    add_acceptance(1, 120, &panel, &path);
    add_acceptance(3, 130, &other, &path);
    add_anchor(3, RUN, "v1.4", &path);
    add_anchor(2, RUN, "v1.3", &path);
    add_anchor(1, RUN, NULL, &path);
    assert_marks(&disk, "./");
    scene_run("git add baselines; git commit -q -m marks; rm -r baselines");
    struct repo *repo = scene_open(".");
    assert_int_equal(repo_resolve(repo, "HEAD", commit, &err), 0);
    const struct baseline_place place = {.repo = repo, .commit = commit};
    snprintf(before, sizeof before, "%.7s:", commit);
    assert_marks(&place, before);
    assert_int_equal(marks_load(&disk, &panel, &marks, &err), 0);
    assert_int_equal(marks.n_acceptances, 0);
    marks_release(&marks);
    repo_free(repo);
    buf_release(&path);
}

/* A mark that cannot be read is an error in every form, on disk and at a revision. */
static void assert_bad(const char *damage, enum err_code code, const char *text)
{
    struct err err = {0};
    struct marks marks;
    struct buf path = {0};
    char commit[REPO_ID_SIZE];
    scene_run("rm -rf .git baselines; git init -q .");
    add_acceptance(1, 120, &panel, &path);
    add_acceptance(2, 130, &panel, &path);
    add_anchor(1, RUN, "v1.3", &path);
    add_anchor(2, RUN, "v1.4", &path);
    scene_run("set -- " DIR "/*.accept.json " DIR "/*.anchor.json; %s\n"
              "git add baselines; git commit -q -m bad",
              damage);
    assert_int_equal(marks_load(&disk, &panel, &marks, &err), -1);
    assert_int_equal(marks.n_acceptances, 0);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, text) || !strstr(err.text, "20261123T161"))
        fail_msg("expected: %s; found: %s", text, err.text);

    struct repo *repo = scene_open(".");
    err = (struct err){0};
    assert_int_equal(repo_resolve(repo, "HEAD", commit, &err), 0);
    const struct baseline_place place = {.repo = repo, .commit = commit};
    assert_int_equal(marks_load(&place, &panel, &marks, &err), -1);
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.text, "20261123T161"));
    repo_free(repo);
    buf_release(&path);
}

static void test_marks__one_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    assert_bad("echo '{' >\"$1\"", ERR_INPUT, ".accept.json' line ");
    assert_bad(": >\"$2\"", ERR_INPUT, ".accept.json'");
    assert_bad("sed -i 's/acceptance.1/acceptance\\/2/' \"$1\"", ERR_INPUT, "acceptance/2");
    assert_bad("head -c 70000 /dev/zero >\"$1\"", ERR_INPUT, "larger than 65536 bytes");
    assert_bad("ln -sf /etc/hostname \"$1\"", ERR_INPUT, "a symbolic link");
    assert_bad("rm \"$1\"; mkdir \"$1\"; echo >\"$1/x\"", ERR_INPUT, "no ordinary file");
    assert_bad("echo '{' >\"$4\"", ERR_INPUT, ".anchor.json' line ");
    assert_bad("rm \"$4\"; mkdir \"$4\"; echo >\"$4/x\"", ERR_INPUT, "no ordinary file");
}

/* Of the anchors only the newest says something. */
static void test_marks__an_older_anchor_is_not_read(void **state)
{
    (void)state;
    struct err err = {0};
    struct marks marks;
    struct buf path = {0};
    add_anchor(2, RUN, "v1.4", &path);
    add_anchor(1, RUN, "v1.3", &path);
    scene_run("echo '{' >%s", buf_text(&path));
    assert_int_equal(marks_load(&disk, &panel, &marks, &err), 0);
    assert_string_equal(marks.anchor.label, "v1.4");
    assert_int_equal(marks.n_superseded, 1);
    assert_string_equal(marks.superseded[0], buf_text(&path));
    marks_release(&marks);
    buf_release(&path);
}

/* ---- verify ---- */

static void assert_verified(size_t n_acceptances, size_t n_anchors, const char *bad)
{
    struct err err = {0};
    struct verify_result result;
    assert_int_equal(verify_place(&disk, &result, &err), 0);
    if (result.n_bad != (bad != NULL) || (bad && !strstr(result.bad[0], bad)))
        fail_msg("expected: %s; found %zu, %s", bad, result.n_bad,
                 result.n_bad ? result.bad[0] : "");
    assert_int_equal(result.n_acceptances, n_acceptances);
    assert_int_equal(result.n_anchors, n_anchors);
    verify_release(&result);
}

static void test_marks__verify(void **state)
{
    (void)state;
    struct buf path = {0};
    add_acceptance(1, 120, &panel, &path);
    assert_verified(1, 0, NULL);
    scene_run("sed -i 's/an index/a better reason/' %s", buf_text(&path)); /* as people may */
    assert_verified(1, 0, NULL);
    scene_run("cp %s " DIR "/20261123T161300Z-" HASH ".accept.json", buf_text(&path));
    assert_verified(1, 0, "161300Z-" HASH ".accept.json' was accepted at another time than its");
    scene_run("rm " DIR "/20261123T161300Z-*; echo '{' >%s", buf_text(&path));
    assert_verified(0, 0, ".accept.json' line ");
    scene_run("rm -r baselines; mkdir -p " DIR "/20261123T161300Z-" HASH ".accept.json");
    assert_verified(0, 0, "is no ordinary file");
    scene_run("rm -r baselines; mkdir -p " DIR "/more");
    assert_verified(0, 0, DIR "/more/' has a name that means nothing here");
    buf_release(&path);
}

static void test_marks__verify_looks_for_the_run_of_an_anchor(void **state)
{
    (void)state;
    struct buf path = {0}, run = {0}, bytes = {0};
    struct err err = {0};
    struct report report = {.health.valid = true, .started_ns = START_NS};
    struct baseline_entry entry = {.key = panel, .report = &report};
    struct baseline_file file = {0};
    report.metrics = metrics_unknown();
    report.metrics = (struct metrics){.total_requests = 1,
                                      .requests_per_s = 1,
                                      .average_ms = 1,
                                      .p95_ms = 1,
                                      .p99_ms = 1,
                                      .median_ms = 1,
                                      .min_ms = 1,
                                      .max_ms = 1,
                                      .p75_ms = 1,
                                      .p90_ms = 1,
                                      .p999_ms = 1};
    assert_int_equal(baseline_make(&disk, &entry, &file, &err), 0);
    write_file(buf_text(&file.path), &file.bytes);
    const char *name = strrchr(buf_text(&file.path), '/') + 1;
    add_anchor(1, name, "v1.3", &path);
    assert_verified(0, 1, NULL);
    add_anchor(2, name, "v1.4", &path);
    assert_verified(0, 2, NULL);
    add_anchor(3, RUN, "v1.5", &path);
    assert_verified(0, 2, "marks the run '" RUN "', which is not there");
    scene_run("touch -d now %s; mv %s %s.x; cp %s.x " DIR "/20261123T161500Z-" HASH ".anchor.json",
              buf_text(&path), buf_text(&path), buf_text(&path), buf_text(&path));
    assert_verified(0, 2, "was anchored at another time than its name says");
    baseline_file_release(&file);
    buf_release(&path);
    buf_release(&run);
    buf_release(&bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_enter, scene_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_marks__none),
        TEST(test_marks__paths),
        TEST(test_marks__a_suite_that_leads_outside),
        TEST(test_marks__loads_on_disk_and_at_a_revision),
        TEST(test_marks__one_that_cannot_be_read_is_an_error),
        TEST(test_marks__an_older_anchor_is_not_read),
        TEST(test_marks__verify),
        TEST(test_marks__verify_looks_for_the_run_of_an_anchor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
