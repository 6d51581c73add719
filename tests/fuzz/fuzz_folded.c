/* What profilers write: anything is folded, and what comes of it is a tree that a report holds, the
 * same after it was written and read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/profile_functions.h"
#include "model/report.h"
#include "monitor/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tree(const struct profile_tree *tree)
{
    for (int side = 0; side < PROFILE_SIDES; side++) {
        int64_t sum = 0;
        for (size_t i = 0; i < tree->n_nodes; i++) {
            size_t parent = tree->nodes[i].parent;
            sum += tree->nodes[i].self[side];
            if (parent != PROFILE_ROOT && parent >= i)
                abort();
        }
        if (sum > tree->samples[side] || tree->cut[side] > tree->samples[side])
            abort();
    }
}

/* Written and read it has the same samples. */
static void check_document(const struct report_profile *profile)
{
    static const char head[] =
        "{\"total_requests\":1,\"total_failures\":0,\"requests_per_second\":1,"
        "\"average_response_time\":1,\"95th_percentile\":1,\"99th_percentile\":1,"
        "\"schema\":\"perfgate.report/1\",\"valid\":true";
    struct buf text = {0};
    struct js_writer writer = {.out = &text, .not_first = true, .depth = 1};
    struct report report = {0};
    struct err err = {0};
    buf_add_str(&text, head);
    js_encode(&writer, "profile", &report_profile_shape, profile);
    buf_add_char(&text, '}');
    if (report_decode(buf_text(&text), text.len, "fuzz", &report, &err) < 0 ||
        report.profile->n_nodes != profile->n_nodes || report.profile->samples != profile->samples)
        abort();
    report_release(&report);
    buf_release(&text);
}

static void check_profile(const struct profile_tree *tree, int side, size_t limit)
{
    struct arena arena = {0};
    struct report_profile profile = {.command = "x"};
    report_profile_fill(&profile, tree, side, limit, &arena);
    check_document(&profile);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static size_t (*const parsers[])(struct span, int,
                                     struct profile_tree *) = {fold_stacks, fold_perf, fold_gdb};
    const struct span text = {(const char *)data, size};
    struct profile_tree tree = {0};
    struct profile_functions functions;
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof parsers / sizeof parsers[0]; i++)
        parsers[i](text, (int)i % PROFILE_SIDES, &tree);
    profile_tree_finish(&tree);
    check_tree(&tree);
    check_profile(&tree, 0, PROFILE_BYTES);
    check_profile(&tree, 1, size);
    profile_functions_grown(&tree, 5, &arena, &functions);
    arena_release(&arena);
    profile_tree_release(&tree);
    return 0;
}
