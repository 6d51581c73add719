#include "load/multipart.h"

#include <inttypes.h>
#include <string.h>

#include "base/rng.h"

static bool occurs(const struct scenario_step *step, const char *boundary)
{
    size_t len = strlen(boundary);
    for (size_t i = 0; i < step->n_parts; i++) {
        const struct scenario_part *part = &step->parts[i];
        struct span content = part->file.content;
        if (part->value ? strstr(part->value, boundary) != NULL
                        : content.len && memmem(content.at, content.len, boundary, len) != NULL)
            return true;
    }
    return false;
}

static uint64_t seed_of(const struct scenario_step *step)
{
    uint64_t seed = step->n_parts;
    for (size_t i = 0; i < step->n_parts; i++)
        seed = seed * 31 + step->parts[i].file.hash;
    return seed;
}

const char *multipart_boundary(const struct scenario_step *step, struct arena *arena)
{
    struct rng rng;
    const char *boundary;
    rng_init(&rng, seed_of(step), 0);
    do {
        uint64_t first = rng_u64(&rng), second = rng_u64(&rng);
        boundary = arena_printf(arena, "perfgate-%016" PRIx64 "%016" PRIx64, first, second);
    } while (occurs(step, boundary));
    return boundary;
}

/* A parameter or a field of a part's head: what stands before, the text, what stands behind. */
struct piece {
    const char *before, *text, *behind;
    enum template_context kind;
};

static int add_piece(struct template *template, const struct piece *piece,
                     const struct step_context *context, struct err *err)
{
    if (!piece->text)
        return 0;
    template_add_literal(template, piece->before, strlen(piece->before), context->arena);
    if (template_add(template, piece->text, piece->kind, context->vars, context->arena, err) < 0)
        return -1;
    template_add_literal(template, piece->behind, strlen(piece->behind), context->arena);
    return 0;
}

static int add_part(struct template *template, const struct scenario_part *part,
                    const struct step_context *context, struct err *err)
{
    const struct piece pieces[] = {
        {"Content-Disposition: form-data; name=\"", part->name, "\"", TEMPLATE_PART},
        {"; filename=\"", part->filename, "\"", TEMPLATE_PART},
        {"\r\nContent-Type: ", part->type, "", TEMPLATE_HEADER},
        {"\r\n\r\n", part->value ? part->value : "", "", TEMPLATE_RAW},
    };
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        if (add_piece(template, &pieces[i], context, err) < 0)
            return err_prefix(err, "part '%s': ", part->name);
    template_add_borrowed(template, part->file.content, context->arena);
    return 0;
}

int multipart_add(struct template *template, const struct scenario_step *step,
                  const struct step_context *context, struct err *err)
{
    const char *boundary = multipart_boundary(step, context->arena);
    const char *between = arena_printf(context->arena, "\r\n--%s\r\n", boundary);
    for (size_t i = 0; i < step->n_parts; i++) {
        const char *line = i ? between : between + 2;
        template_add_literal(template, line, strlen(line), context->arena);
        if (add_part(template, &step->parts[i], context, err) < 0)
            return -1;
    }
    const char *end = arena_printf(context->arena, "\r\n--%s--\r\n", boundary);
    template_add_literal(template, end, strlen(end), context->arena);
    return 0;
}
