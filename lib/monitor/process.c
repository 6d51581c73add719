#include "monitor/process.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "monitor/words.h"

/* Behind the name: state, parent, … (numbers of proc(5), less 3). */
enum {
    STAT_PARENT = 1,
    STAT_UTIME = 11,
    STAT_STIME,
    STAT_CUTIME,
    STAT_CSTIME,
    STAT_THREADS = 17,
    STAT_STARTED = 19,
    STAT_FIELDS
};

/* Fields are kept as words: some of them are negative. */
static double number_of(struct span word)
{
    struct words line = {.at = word.at, .end = word.at + word.len};
    double value;
    return words_numbers(&line, &value, 1) ? value : (double)NAN;
}

static void take_name(const char *from, size_t len, char out[PROCESS_NAME])
{
    if (len >= PROCESS_NAME)
        len = PROCESS_NAME - 1;
    memcpy(out, from, len);
    out[len] = 0;
}

/* The name may hold blanks and brackets: it ends at the last one. */
int process_parse_stat(const char *text, struct process *out)
{
    struct span fields[STAT_FIELDS];
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    struct words head = {.at = text, .end = open};
    double pid;
    *out = (struct process){0};
    if (!open || !close || close < open || !words_numbers(&head, &pid, 1))
        return -1;
    struct words line = {.at = close + 1, .end = close + strlen(close)};
    for (size_t i = 0; i < STAT_FIELDS; i++)
        fields[i] = words_next(&line);
    double parent = number_of(fields[STAT_PARENT]), started = number_of(fields[STAT_STARTED]);
    out->cpu_ticks = number_of(fields[STAT_UTIME]) + number_of(fields[STAT_STIME]) +
                     number_of(fields[STAT_CUTIME]) + number_of(fields[STAT_CSTIME]);
    out->threads = number_of(fields[STAT_THREADS]);
    if (isnan(parent) || isnan(started) || isnan(out->cpu_ticks) || isnan(out->threads))
        return -1;
    out->pid = (int64_t)pid;
    out->parent = (int64_t)parent;
    out->started = (uint64_t)started;
    out->dead = words_is(fields[0], "Z") || words_is(fields[0], "X");
    take_name(open + 1, (size_t)(close - open) - 1, out->name);
    return 0;
}

bool process_parse_statm(const char *text, double *resident, double *shared)
{
    double fields[3];
    struct words line;
    if (!words_line(&text, &line) || words_numbers(&line, fields, 3) < 3)
        return false;
    *resident = fields[1];
    *shared = fmin(fields[2], fields[1]);
    return true;
}

double process_parse_switches(const char *text)
{
    double sum = 0;
    size_t found = 0;
    struct words line;
    while (words_line(&text, &line)) {
        struct span key = words_next(&line);
        double value;
        if (!words_is(key, "voluntary_ctxt_switches:") &&
            !words_is(key, "nonvoluntary_ctxt_switches:"))
            continue;
        if (!words_numbers(&line, &value, 1))
            return (double)NAN;
        sum += value;
        found++;
    }
    return found == 2 ? sum : (double)NAN;
}

/* A mask in hexadecimal, with commas between words of it. */
int64_t process_parse_cores(const char *text)
{
    struct words line;
    while (words_line(&text, &line)) {
        if (!words_is(words_next(&line), "Cpus_allowed:"))
            continue;
        struct span mask = words_next(&line);
        int64_t cores = 0;
        for (size_t i = 0; i < mask.len; i++) {
            static const char digits[] = "0123456789abcdef";
            const char *digit = memchr(digits, mask.at[i], sizeof digits - 1);
            if (digit)
                cores += __builtin_popcount((unsigned)(digit - digits));
        }
        return cores;
    }
    return 0;
}

/* ---- lists ---- */

void process_list_release(struct process_list *list)
{
    free(list->items);
    *list = (struct process_list){0};
}

void process_list_add(struct process_list *list, const struct process *process)
{
    list->items = mem_grow(list->items, list->n, &list->capacity, sizeof *list->items);
    list->items[list->n++] = *process;
}

static int compare(const void *a, const void *b)
{
    const struct process *left = a, *right = b;
    return (left->pid > right->pid) - (left->pid < right->pid);
}

void process_list_sort(struct process_list *list)
{
    if (list->n)
        qsort(list->items, list->n, sizeof *list->items, compare);
}

const struct process *process_list_find(const struct process_list *list, int64_t pid)
{
    const struct process key = {.pid = pid};
    return list->n ? bsearch(&key, list->items, list->n, sizeof key, compare) : NULL;
}

/* Children may have smaller pids than their parents, so that one pass is not enough; a pass that
 * marks nothing is the last. */
void process_mark_children(const struct process_list *list, bool *marked)
{
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < list->n; i++) {
            const struct process *parent =
                marked[i] ? NULL : process_list_find(list, list->items[i].parent);
            if (!parent || !marked[parent - list->items])
                continue;
            marked[i] = true;
            again = true;
        }
    }
}
