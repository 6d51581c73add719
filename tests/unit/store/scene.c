#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64];

/* What libgit2 1.5.1 itself leaks: a walk that fails in git_merge_base(), and matches of extensions
 * that it refuses. Whole stacks are needed to tell these from leaks of ours. */
const char *asan_options(void) __asm__("__asan_default_options");
const char *lsan_options(void) __asm__("__lsan_default_options");
const char *lsan_suppressions(void) __asm__("__lsan_default_suppressions");

const char *asan_options(void)
{
    return "fast_unwind_on_malloc=0";
}

const char *lsan_options(void)
{
    return "print_suppressions=0";
}

const char *lsan_suppressions(void)
{
    return "leak:git_merge_base\nleak:libpcre2-8\n";
}

const char *scene_dir(void)
{
    return directory;
}

int scene_enter(void **state)
{
    static const char *const ambient[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE",
                                          "XDG_CONFIG_HOME", "SUDO_UID"};
    (void)state;
    for (size_t i = 0; i < sizeof ambient / sizeof *ambient; i++)
        unsetenv(ambient[i]);
    strcpy(directory, "/tmp/perfgate-store-XXXXXX");
    if (!mkdtemp(directory) || chdir(directory) < 0)
        return -1;
    setenv("HOME", directory, 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_ALLOW_PROTOCOL", "file", 1);
    scene_run("git config --global user.name Tester\n"
              "git config --global user.email tester@example.org\n"
              "git config --global init.defaultBranch main\n"
              "git config --global advice.detachedHead false\n"
              "git config --global uploadpack.allowFilter true\n"
              "git config --global uploadpack.allowAnySHA1InWant true");
    return 0;
}

int scene_leave(void **state)
{
    (void)state;
    if (chdir("/") < 0)
        return -1;
    scene_run("rm -rf '%s'", directory);
    return 0;
}

/* `before` + the formatted text */
static char *script_of(const char *before, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static char *script_of(const char *before, const char *format, va_list args)
{
    char *text = NULL, *script = NULL;
    assert_true(vasprintf(&text, format, args) >= 0);
    assert_true(asprintf(&script, "%s%s", before, text) >= 0);
    free(text);
    return script;
}

void scene_run(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *script =
        script_of("set -e; exec >/dev/null 2>git.log || exec >/dev/null 2>&1\n", format, args);
    va_end(args);
    if (system(script) != 0)
        fail_msg("this failed: %s", script);
    free(script);
}

const char *scene_ask(const char *format, ...)
{
    static char lines[4][256];
    static unsigned next;
    char *line = lines[next++ % 4];
    va_list args;
    va_start(args, format);
    char *script = script_of("set -e\n", format, args);
    va_end(args);
    FILE *pipe = popen(script, "r");
    free(script);
    assert_non_null(pipe);
    assert_non_null(fgets(line, 256, pipe));
    assert_int_equal(pclose(pipe), 0);
    line[strcspn(line, "\n")] = 0;
    return line;
}

struct repo *scene_open(const char *dir)
{
    struct repo *repo = NULL;
    struct err err = {0};
    if (repo_open(dir, NULL, &repo, &err) < 0)
        fail_msg("cannot open %s: %s", dir, err.text);
    assert_non_null(repo);
    return repo;
}

void assert_error(const struct err *err, enum err_code code, const char *text)
{
    assert_string_equal(err->text, text);
    assert_int_equal(err->code, code);
}
