#include "cmd/inputs.h"

#include <inttypes.h>
#include <string.h>

#include "cmd/io.h"

static int read_report(struct inputs *in, const char *path, struct err *err)
{
    in->names[in->n_reports] = arena_strdup(&in->arena, io_input_name(path));
    if (io_read_report(path, &in->reports[in->n_reports], err) < 0)
        return -1;
    in->n_reports++;
    return 0;
}

static bool is_role(const struct report *report, enum report_role role)
{
    return report->pair && report->pair->role == (int)role;
}

/* Splits what was read; base sides are kept for find_given(). */
static int sort_out(struct inputs *in, bool want_pair, struct err *err)
{
    for (size_t i = 0; i < in->n_reports; i++) {
        if (is_role(&in->reports[i], ROLE_BASE)) {
            if (!want_pair)
                return err_set(err, ERR_USAGE,
                               "'%s' is the base side of a paired run, and --baseline names "
                               "another base; leave one of them out",
                               in->names[i]);
            continue;
        }
        in->candidates[in->n_candidates] = &in->reports[i];
        in->candidate_names[in->n_candidates++] = in->names[i];
        in->paired |= want_pair && is_role(&in->reports[i], ROLE_CANDIDATE);
    }
    if (!in->n_candidates)
        return err_set(err, ERR_USAGE,
                       "'%s' is the base side of a paired run; name the candidate's report",
                       in->names[0]);
    return 0;
}

/* The base side of `candidate` among what was given; NULL where it was not. */
static const struct report *find_given(const struct inputs *in, const struct report *candidate,
                                       const char **name)
{
    for (size_t i = 0; i < in->n_reports; i++) {
        const struct report *base = &in->reports[i];
        if (is_role(base, ROLE_BASE) && base->pair->start == candidate->pair->start &&
            strcmp(base->pair->id, candidate->pair->id) == 0) {
            *name = in->names[i];
            return base;
        }
    }
    return NULL;
}

/* Reads X.base.json, the side that is missing. */
static int read_beside(struct inputs *in, const char *path, const struct report *candidate,
                       struct err *err)
{
    if (strcmp(path, io_input_name("-")) == 0)
        return err_set(err, ERR_USAGE,
                       "the report on standard input is one side of a paired run; name the base "
                       "side's report too");
    struct buf beside = {0};
    io_add_base_path(&beside, path);
    int status = read_report(in, buf_text(&beside), err);
    if (status < 0)
        err_prefix(err, "the base side of '%s': ", path);
    else if (!find_given(in, candidate, &(const char *){NULL}))
        status = err_set(err, ERR_INPUT,
                         "'%s' is not the base side of '%s', pair '%s', start %" PRId64
                         "; name the report that is",
                         buf_text(&beside), path, candidate->pair->id, candidate->pair->start);
    buf_release(&beside);
    return status;
}

static int match_bases(struct inputs *in, struct err *err)
{
    for (size_t i = 0; i < in->n_candidates; i++) {
        const struct report *candidate = in->candidates[i];
        const char *name = in->candidate_names[i];
        if (!candidate->pair)
            return err_set(err, ERR_USAGE,
                           "'%s' is not part of the paired run that the other reports are of; "
                           "compare it in a call of its own",
                           name);
        if (!find_given(in, candidate, &in->base_names[i]) &&
            read_beside(in, name, candidate, err) < 0)
            return -1;
        in->bases[i] = find_given(in, candidate, &in->base_names[i]);
    }
    return 0;
}

int inputs_read(const char *const *paths, size_t n, bool want_pair, struct inputs *out,
                struct err *err)
{
    *out = (struct inputs){0};
    size_t most = 2 * n; /* each may bring its base side */
    out->reports = arena_array(&out->arena, most, sizeof *out->reports);
    out->names = arena_array(&out->arena, most, sizeof *out->names);
    out->candidates = arena_array(&out->arena, n, sizeof *out->candidates);
    out->candidate_names = arena_array(&out->arena, n, sizeof *out->candidate_names);
    out->bases = arena_array(&out->arena, n, sizeof *out->bases);
    out->base_names = arena_array(&out->arena, n, sizeof *out->base_names);
    int status = 0;
    for (size_t i = 0; i < n && status == 0; i++)
        status = read_report(out, paths[i], err);
    if (status == 0)
        status = sort_out(out, want_pair, err);
    if (status == 0 && out->paired)
        status = match_bases(out, err);
    if (status < 0)
        inputs_release(out);
    return status;
}

void inputs_release(struct inputs *inputs)
{
    for (size_t i = 0; i < inputs->n_reports; i++)
        report_release(&inputs->reports[i]);
    arena_release(&inputs->arena);
    *inputs = (struct inputs){0};
}
