#include "store/shallow.h"

#include <errno.h>
#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/repo_git.h"

#define FILE_LIMIT ((size_t)16 << 20)
#define PRIORITY   100 /* before libgit2's own, which are 1 and 2 */

int shallow_read(const struct repo *repo, struct shallow *out, struct err *err)
{
    struct arena arena = {0};
    struct buf text = {0};
    size_t capacity = 0;
    *out = (struct shallow){0};
    if (!repo_is_shallow(repo))
        return 0;
    const char *path = arena_printf(&arena, "%sshallow", git_repository_commondir(repo->git));
    int status = fs_read(path, FILE_LIMIT, &text, err);
    for (const char *line = buf_text(&text); status == 0 && *line;) {
        size_t len = strcspn(line, "\n");
        out->ids = mem_grow(out->ids, out->n, &capacity, sizeof *out->ids);
        if (len != GIT_OID_HEXSZ || git_oid_fromstrn(&out->ids[out->n], line, len) < 0)
            status = err_set(err, ERR_IO, "'%s' is damaged; expected a commit's name on each line",
                             path);
        else
            out->n++;
        line += len + (line[len] != 0);
    }
    buf_release(&text);
    arena_release(&arena);
    if (status < 0)
        shallow_release(out);
    return status;
}

bool shallow_has(const struct shallow *shallow, const struct git_oid *id)
{
    for (size_t i = 0; i < shallow->n; i++)
        if (git_oid_equal(&shallow->ids[i], id))
            return true;
    return false;
}

void shallow_release(struct shallow *shallow)
{
    if (shallow->n)
        git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1);
    free(shallow->ids);
    *shallow = (struct shallow){0};
}

/* ---- the graft ---- */

struct graft {
    git_odb_backend parent;
    const struct shallow *shallow;
    git_odb *real;
};

/* Copies a commit without its lines "parent …", which follow the first, "tree …". */
static size_t copy_without_parents(const char *from, size_t len, char *to)
{
    static const char word[] = "parent ";
    const size_t line_len = strlen(word) + GIT_OID_HEXSZ + strlen("\n");
    const char *end = memchr(from, '\n', len);
    size_t head = end ? (size_t)(end + 1 - from) : len, rest = head;
    while (len - rest >= line_len && memcmp(from + rest, word, strlen(word)) == 0)
        rest += line_len;
    memcpy(to, from, head);
    memcpy(to + head, from + rest, len - rest);
    return head + len - rest;
}

static int graft_read(void **data, size_t *len, git_object_t *type, git_odb_backend *backend,
                      const git_oid *id)
{
    struct graft *graft = (struct graft *)backend;
    git_odb_object *object = NULL;
    if (!shallow_has(graft->shallow, id) || git_odb_read(&object, graft->real, id) < 0)
        return GIT_PASSTHROUGH;
    size_t size = git_odb_object_size(object);
    int status = GIT_PASSTHROUGH;
    char *copy = git_odb_object_type(object) == GIT_OBJECT_COMMIT
                     ? git_odb_backend_data_alloc(backend, size + 1)
                     : NULL;
    if (copy) {
        *len = copy_without_parents(git_odb_object_data(object), size, copy);
        *data = copy;
        *type = GIT_OBJECT_COMMIT;
        status = 0;
    }
    git_odb_object_free(object);
    return status;
}

static void graft_free(git_odb_backend *backend)
{
    struct graft *graft = (struct graft *)backend;
    git_odb_free(graft->real);
    free(graft);
}

int shallow_graft(const struct shallow *shallow, const struct repo *repo, struct git_odb *odb,
                  struct err *err)
{
    if (!shallow->n)
        return 0;
    struct graft *graft = mem_new(sizeof *graft);
    git_odb_init_backend(&graft->parent, GIT_ODB_BACKEND_VERSION);
    graft->parent.read = graft_read;
    graft->parent.free = graft_free;
    graft->shallow = shallow;
    if (git_repository_odb(&graft->real, repo->git) < 0 ||
        git_odb_add_backend(odb, &graft->parent, PRIORITY) < 0) {
        graft_free(&graft->parent);
        return repo_fail(err, ERR_IO, "cannot read where the shallow clone ends");
    }
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    return 0;
}
