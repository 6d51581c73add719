/* What a profiler saw: the functions that got slower, and flame graphs. */
#include "base/num.h"
#include "render/escape.h"
#include "render/flame.h"
#include "render/html_parts.h"
#include "render/profile_rows.h"

#define MOST_ROWS 10

/* Both sides' profiles; NULL where there is none. */
struct profiles {
    const struct report_profile *base, *candidate;
    struct profile_tree tree;
    struct profile_functions grown;
    struct arena arena;
};

static const struct report_profile *profile_of(const struct render_side *side)
{
    return side->n ? side->whole->profile : NULL;
}

static bool has_stacks(const struct report_profile *profile)
{
    return profile && profile->n_nodes;
}

/* A side that is there alone is drawn as the candidate. */
static void gather(const struct render_side *sides, struct profiles *out)
{
    *out = (struct profiles){.base = profile_of(&sides[RENDER_BASE]),
                             .candidate = profile_of(&sides[RENDER_CANDIDATE])};
    if (!sides[RENDER_CANDIDATE].n) {
        out->candidate = out->base;
        out->base = NULL;
    }
    if (has_stacks(out->base))
        report_profile_add(out->base, PROFILE_BASE, &out->tree);
    if (has_stacks(out->candidate))
        report_profile_add(out->candidate, PROFILE_CANDIDATE, &out->tree);
    profile_tree_finish(&out->tree);
    profile_functions_grown(&out->tree, MOST_ROWS, &out->arena, &out->grown);
}

static bool is_compared(const struct profiles *profiles)
{
    return has_stacks(profiles->base) && has_stacks(profiles->candidate);
}

/* "The function that got slower most is `render_page`: 12.0 % → 31.0 % of the samples (+19.0
 * points), called by serve < main." */
static void add_sentence(struct buf *out, const struct profiles *profiles)
{
    const struct profile_function *most = profiles->grown.items;
    struct buf text = {0};
    if (!profiles->grown.n) {
        html_add_paragraph(out, NULL,
                           "No function takes a clearly larger share of the candidate's samples "
                           "than of the base's.");
        return;
    }
    buf_add_str(out, "<p>The function that got slower most is <code>");
    escape_add_name(out, most->name, 100);
    buf_add_str(out, "</code>: ");
    profile_add_share(&text, most->base_self);
    buf_add_str(&text, " → ");
    profile_add_share(&text, most->self);
    buf_addf(&text, " of the samples (%+.1f points)", (most->self - most->base_self) * 100);
    if (most->n_callers)
        buf_addf(&text, ", called by %s", most->callers[0]);
    for (size_t i = 1; i < most->n_callers; i++)
        buf_addf(&text, " < %s", most->callers[i]);
    buf_add_char(&text, '.');
    escape_add(out, buf_text(&text));
    buf_add_str(out, "</p>\n");
    buf_release(&text);
}

static void add_table(struct buf *out, const struct profiles *profiles)
{
    struct profile_functions all = profiles->grown;
    bool grown = is_compared(profiles);
    struct arena arena = {0};
    struct table table;
    if (!grown)
        profile_functions_of(&profiles->tree, &arena, &all);
    profile_rows(all.items, all.n < MOST_ROWS ? all.n : MOST_ROWS, grown, &table);
    if (table.n_rows)
        html_add_table(out, &table, grown ? "Functions that got slower" : "Functions");
    table_release(&table);
    arena_release(&arena);
}

static void add_graph(struct buf *out, const struct profiles *profiles, int side,
                      const char *caption)
{
    buf_addf(out,
             "<figure><figcaption><b>%s</b></figcaption>"
             "<div class=\"wide flame\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">",
             caption, caption);
    flame_add(out, &profiles->tree, side, caption);
    buf_add_str(out, "</div></figure>\n");
}

static void add_graphs(struct buf *out, const struct profiles *profiles)
{
    if (!is_compared(profiles)) {
        int side = has_stacks(profiles->candidate) ? PROFILE_CANDIDATE : PROFILE_BASE;
        add_graph(out, profiles, side, "Flame graph");
        return;
    }
    add_graph(out, profiles, PROFILE_CANDIDATE, "Flame graph of the candidate");
    buf_add_str(out, "<details><summary>Flame graph of the base</summary>\n");
    add_graph(out, profiles, PROFILE_BASE, "Flame graph of the base");
    buf_add_str(out, "</details>\n");
}

/* "perf for 10s: 2010 samples, 12 of them cut" */
static void add_facts(struct buf *text, const char *label, const struct report_profile *profile)
{
    if (!has_stacks(profile))
        return;
    buf_addf(text, "%s%s%s for ", text->len ? "; " : "", label, profile->command);
    num_add_duration(text, profile->duration_ns);
    buf_addf(text, ", %lld samples", (long long)profile->samples);
    if (profile->cut)
        buf_addf(text, ", %lld of them in calls that were left out, counted for their callers",
                 (long long)profile->cut);
}

static void add_legend(struct buf *out, const struct profiles *profiles)
{
    struct buf text = {0};
    bool compared = is_compared(profiles);
    add_facts(&text, compared ? "candidate: " : "", profiles->candidate);
    add_facts(&text, compared ? "base: " : "", profiles->base);
    buf_add_str(&text, ". A box is a call on its caller's, as wide as its share of the samples; "
                       "what takes less than 0.1 % is not drawn.");
    if (compared)
        buf_add_str(&text, " Red: a larger share than on the base side; blue: a smaller one; with "
                           "the difference in points.");
    html_add_paragraph(out, "soft", buf_text(&text));
    buf_release(&text);
}

static void add_text(struct buf *out, const char *label, const struct report_profile *profile)
{
    if (!profile || !profile->text)
        return;
    buf_addf(out, "<details><summary>%sWhat <code>", label);
    escape_add_name(out, profile->command, 60);
    buf_add_str(out, "</code> wrote</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                     "aria-label=\"Profile\"><pre>");
    escape_add_lines(out, profile->text);
    buf_add_str(out, "</pre></div></details>\n");
}

void html_add_profile(struct buf *out, const struct render_side *sides)
{
    struct profiles profiles;
    gather(sides, &profiles);
    if (profiles.base || profiles.candidate) {
        html_open_section(out, "profile", "Profile");
        if (is_compared(&profiles))
            add_sentence(out, &profiles);
        if (has_stacks(profiles.base) || has_stacks(profiles.candidate)) {
            add_table(out, &profiles);
            add_graphs(out, &profiles);
            add_legend(out, &profiles);
        }
        add_text(out, profiles.base ? "Candidate: " : "", profiles.candidate);
        add_text(out, "Base: ", profiles.base);
        html_close_section(out);
    }
    profile_tree_release(&profiles.tree);
    arena_release(&profiles.arena);
}
