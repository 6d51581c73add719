#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "scene.h"
#include "store/refs.h"

#define REF "refs/perf/baselines"

static const struct store_identity who = {"Ann", "ann@example.com", INT64_C(1764000000000000000)};

static void make_repo(void)
{
    scene_run("git init -q r; cd r; git config core.logAllRefUpdates always; "
              "for i in 1 2 3; do git commit -q --allow-empty -m $i; done");
}

static bool move(const struct repo *repo, const char *from, const char *to)
{
    struct err err = {0};
    bool moved = false;
    struct ref_change change = {REF, from, to, "a test"};
    if (ref_move(repo, &change, &who, &moved, &err) < 0)
        fail_msg("%s", err.text);
    return moved;
}

static void check_at(const struct repo *repo, const char *wanted)
{
    struct err err = {0};
    char id[REPO_ID_SIZE];
    assert_int_equal(ref_read(repo, REF, id, &err), 0);
    assert_string_equal(id, wanted);
}

static void test_refs__moves_only_from_what_was_seen(void **state)
{
    (void)state;
    make_repo();
    struct repo *repo = scene_open("r");
    const char *one = scene_ask("git -C r rev-parse HEAD~2");
    const char *two = scene_ask("git -C r rev-parse HEAD~1");
    check_at(repo, "");
    assert_false(move(repo, two, one)); /* expects a ref, and there is none */
    check_at(repo, "");
    assert_true(move(repo, "", one));
    assert_false(move(repo, "", two)); /* expects none, and there is one */
    assert_false(move(repo, two, one));
    check_at(repo, one);
    assert_true(move(repo, one, two));
    scene_run("git -C r pack-refs --all");
    assert_false(move(repo, one, two));
    check_at(repo, two);
    assert_true(move(repo, two, one));
    check_at(repo, one);
    assert_string_equal(scene_ask("git -C r log -g --format=%%gn,%%gs -1 " REF), "Ann,a test");
    repo_free(repo);
}

static void test_refs__a_lock_of_another_writer_is_a_lost_race(void **state)
{
    (void)state;
    make_repo();
    scene_run("mkdir -p r/.git/refs/perf; : >r/.git/" REF ".lock");
    struct repo *repo = scene_open("r");
    assert_false(move(repo, "", scene_ask("git -C r rev-parse HEAD")));
    check_at(repo, "");
    repo_free(repo);
}

/* Takes HEAD~k to HEAD~(k-1) … as often as it wins, and returns how often. */
static int count_wins(const char *from, const char *to, int tries)
{
    struct repo *repo = scene_open("r");
    int wins = 0;
    for (int i = 0; i < tries; i++)
        wins += move(repo, from, to);
    repo_free(repo);
    return wins;
}

/* Many processes want to make the same ref, or to move it from the same place: one does. */
static void test_refs__one_of_many_writers_wins(void **state)
{
    (void)state;
    make_repo();
    const char *ends[] = {"", scene_ask("git -C r rev-parse HEAD~1"),
                          scene_ask("git -C r rev-parse HEAD")};
    for (int round = 0; round < 2; round++) {
        int wins = 0, status;
        for (int i = 0; i < 8; i++)
            if (fork() == 0)
                _exit(count_wins(ends[round], ends[round + 1], 20));
        while (wait(&status) > 0)
            wins += WEXITSTATUS(status);
        assert_int_equal(wins, 1);
    }
}

static void test_refs__refuses_what_is_no_name(void **state)
{
    (void)state;
    static const char *const names[] = {
        "HEAD",           "heads/x", "refs/heads/a..b", "refs/heads/x.lock", "refs/heads/",
        "refs/heads/a b", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct err err = {0};
        assert_int_equal(ref_check_name(names[i], &err), -1);
        assert_int_equal(err.code, ERR_USAGE);
    }
    assert_int_equal(ref_check_name("refs/heads/perf-baselines", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refs__moves_only_from_what_was_seen, scene_enter,
                                        scene_leave),
        cmocka_unit_test_setup_teardown(test_refs__a_lock_of_another_writer_is_a_lost_race,
                                        scene_enter, scene_leave),
        cmocka_unit_test_setup_teardown(test_refs__one_of_many_writers_wins, scene_enter,
                                        scene_leave),
        cmocka_unit_test(test_refs__refuses_what_is_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
