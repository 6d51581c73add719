/*
 * Real git repositories for the tests of store/, made with the git command in a directory of their
 * own, which is the working directory and HOME while a test runs.
 */
#ifndef PERFGATE_TESTS_UNIT_STORE_SCENE_H
#define PERFGATE_TESTS_UNIT_STORE_SCENE_H

#include "base/err.h"
#include "store/choose.h"
#include "store/repo.h"

/* cmocka's set-up and tear-down. */
int scene_enter(void **state);
int scene_leave(void **state);

/* The scene's directory. */
const char *scene_dir(void);

/* Runs a script with `sh -e`; it must succeed. */
void scene_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The first line that a command prints; valid until the next call but three. */
const char *scene_ask(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Opens the repository around `dir`, which must succeed. The caller frees it. */
struct repo *scene_open(const char *dir);

void assert_error(const struct err *err, enum err_code code, const char *text);

#endif
