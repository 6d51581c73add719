#include "cmd/where.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "store/refs.h"

/* A variable that is set to something. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static int read_event(struct where *where, struct err *err)
{
    const char *path = variable("GITHUB_EVENT_PATH");
    struct buf bytes = {0};
    /* Until the event says otherwise. */
    where->inputs.from_fork =
        where->inputs.event && strncmp(where->inputs.event, "pull_request", 12) == 0;
    if (!path || !where->inputs.event)
        return 0;
    int status = fs_read(path, CHOOSE_EVENT_LIMIT, &bytes, err);
    if (status == 0)
        status = choose_read_event(buf_text(&bytes), bytes.len, path, &where->arena, &where->inputs,
                                   err);
    buf_release(&bytes);
    return status < 0 ? err_prefix(err, "GITHUB_EVENT_PATH: ") : 0;
}

int where_open(struct where *where, struct err *err)
{
    memset(where, 0, sizeof *where);
    where->inputs.event = variable("GITHUB_EVENT_NAME");
    where->inputs.base_ref = variable("GITHUB_BASE_REF");
    where->inputs.sha = variable("GITHUB_SHA");
    where->committer_name = variable("GIT_COMMITTER_NAME");
    where->committer_email = variable("GIT_COMMITTER_EMAIL");
    where->actor = variable("GITHUB_ACTOR");
    where->access.token = variable("PERFGATE_TOKEN");
    where->access.github_token = variable("GITHUB_TOKEN");
    const char *server = variable("GITHUB_SERVER_URL");
    where->access.github_url = server ? server : "https://github.com";
    if (read_event(where, err) == 0 && repo_open(".", variable("GIT_DIR"), &where->repo, err) == 0)
        return 0;
    where_release(where);
    return -1;
}

int where_ref(struct where *where, const char *name, const char **out, struct err *err)
{
    if (strcmp(name, "HEAD") == 0)
        return err_set(err, ERR_USAGE,
                       "--ref HEAD names no ref of its own, which is where --ref keeps runs");
    *out =
        strncmp(name, "refs/", 5) == 0 ? name : arena_printf(&where->arena, "refs/heads/%s", name);
    return ref_check_name(*out, err);
}

/* Appends the path's names to `out`, which has room for them; ".." takes the last one off. */
static void add_names(char *out, const char *path)
{
    size_t used = strlen(out);
    for (const char *name = path; *name;) {
        name += strspn(name, "/");
        size_t len = strcspn(name, "/");
        if (len == 2 && memcmp(name, "..", 2) == 0) {
            while (used && out[used - 1] != '/')
                used--;
            used -= used > 0;
        } else if (len && !(len == 1 && *name == '.')) {
            out[used++] = '/';
            memcpy(out + used, name, len);
            used += len;
        }
        out[used] = 0;
        name += len;
    }
}

static char *absolute(const char *path, struct arena *arena)
{
    char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);
    size_t room = (cwd ? strlen(cwd) : 0) + strlen(path) + 3;
    char *out = arena_array(arena, room, 1);
    if (cwd)
        add_names(out, cwd);
    add_names(out, path);
    free(cwd);
    return out;
}

const char *where_in_tree(struct where *where, const char *path)
{
    struct stat top, above;
    if (!where->repo || !repo_top(where->repo) || stat(repo_top(where->repo), &top) < 0)
        return NULL;
    char *full = absolute(path, &where->arena);
    /* The top may go by another name here: it is known by its inode. */
    for (char *slash = strchr(full, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        bool is_top = stat(*full ? full : "/", &above) == 0 && above.st_dev == top.st_dev &&
                      above.st_ino == top.st_ino;
        *slash = '/';
        if (is_top)
            return slash + 1;
    }
    return NULL;
}

void where_release(struct where *where)
{
    repo_free(where->repo);
    arena_release(&where->arena);
    memset(where, 0, sizeof *where);
}
