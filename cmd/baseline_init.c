/* perf-baseline init: the policy and the README of baselines/. */
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "cmd/baseline_call.h"
#include "cmd/baseline_readme.h"
#include "store/find.h"

static int init_file(struct call *call, const char *top, const char *path, const char *text,
                     struct err *err)
{
    struct stat info;
    const char *full = arena_printf(&call->arena, "%s/%s", top, path);
    if (lstat(full, &info) == 0) {
        io_note(&call->log, "'%s' is there already, and left as it is",
                call_path_from_here(call, top, path));
        return 0;
    }
    if (fs_write(full, text, strlen(text), err) < 0)
        return -1;
    buf_addf(&call->product, "%s\n", call_path_from_here(call, top, path));
    return 0;
}

int baseline_init(struct call *call, struct err *err)
{
    const char *top;
    struct policy policy;
    struct buf text = {0};
    if (call_work_tree(call, &top, err) < 0 ||
        fs_make_dirs(arena_printf(&call->arena, "%s/" BASELINE_DIR, top), err) < 0)
        return -1;
    policy_init_default(&policy);
    policy_encode(&policy, &text);
    int status = init_file(call, top, FIND_POLICY_PATH, buf_text(&text), err);
    if (status == 0)
        status = init_file(call, top, BASELINE_DIR "/README.md", baseline_readme, err);
    if (status == 0 && call->product.len)
        io_note(&call->log, "next: `git add '%s'`, and commit it",
                call_path_from_here(call, top, BASELINE_DIR));
    policy_release(&policy);
    buf_release(&text);
    return status;
}
