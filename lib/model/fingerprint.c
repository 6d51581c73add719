#include "model/fingerprint.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"

#define FILE_LIMIT ((size_t)1 << 20) /* /proc/cpuinfo of some hundred cores fits */

static const struct js_field fields[] = {
    {JS_FIELD(fingerprint, "cpu_model", JS_STRING, cpu_model)},
    {JS_FIELD(fingerprint, "cores", JS_INT, cores), JS_OMIT_ZERO, .high = 1e6},
    {JS_FIELD(fingerprint, "virtualization", JS_STRING, virtualization)},
    {JS_FIELD(fingerprint, "memory_mb", JS_INT, memory_mb), JS_OMIT_ZERO, .high = 1e12},
    {JS_FIELD(fingerprint, "kernel", JS_STRING, kernel)},
    {JS_FIELD(fingerprint, "runner_image", JS_STRING, runner_image)},
    {JS_FIELD(fingerprint, "tool", JS_STRING, tool)},
};
const struct js_shape fingerprint_shape = {.size = sizeof(struct fingerprint),
                                           .fields = fields,
                                           .n_fields = sizeof fields / sizeof fields[0]};

/* The whole file, "" where it cannot be read: nothing here is worth an error. */
static const char *slurp(const char *path, struct buf *space)
{
    struct err ignored = {0};
    buf_reset(space);
    if (fs_read(path, FILE_LIMIT, space, &ignored) < 0)
        buf_reset(space);
    return buf_text(space);
}

/* The value of the first line that begins with `key`, as in "model name : X"; NULL without one. */
static const char *line_value(const char *text, const char *key, struct arena *arena)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) != 0)
            continue;
        const char *value = line + length;
        value += strspn(value, " \t:");
        return arena_strndup(arena, value, strcspn(value, "\n"));
    }
    return NULL;
}

/* The cores' worth of CPU time that the control group grants, rounded up; 0 = no limit. */
static int64_t quota_cores(struct buf *space)
{
    double quota = 0, period = 0;
    if (sscanf(slurp("/sys/fs/cgroup/cpu.max", space), "%lf %lf", &quota, &period) != 2) {
        (void)sscanf(slurp("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", space), "%lf", &quota);
        (void)sscanf(slurp("/sys/fs/cgroup/cpu/cpu.cfs_period_us", space), "%lf", &period);
    }
    return quota > 0 && period > 0 ? (int64_t)((quota + period - 1) / period) : 0;
}

static int64_t usable_cores(struct buf *space)
{
    cpu_set_t set;
    int64_t quota = quota_cores(space), allowed = 0;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        allowed = CPU_COUNT(&set);
    return quota && (!allowed || quota < allowed) ? quota : allowed;
}

/* What the firmware's vendor or product says of the hypervisor. */
static const char *hypervisor(struct buf *space)
{
    static const struct {
        const char *text, *name;
    } known[] = {
        {"KVM", "kvm"},
        {"QEMU", "kvm"},
        {"VMware", "vmware"},
        {"VirtualBox", "virtualbox"},
        {"Xen", "xen"},
        {"Microsoft Corporation", "hyper-v"},
        {"Amazon EC2", "kvm"},
        {"Google Compute Engine", "kvm"},
        {"Parallels", "parallels"},
    };
    static const char *const files[] = {"/sys/class/dmi/id/product_name",
                                        "/sys/class/dmi/id/sys_vendor"};
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        const char *text = slurp(files[f], space);
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            if (strstr(text, known[i].text))
                return known[i].name;
    }
    return "virtual machine";
}

/* True where `word` stands alone among the blank-separated words of the line `text`. */
static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += length)
        if (at > text && isspace((unsigned char)at[-1]) &&
            (!at[length] || isspace((unsigned char)at[length])))
            return true;
    return false;
}

static bool in_container(struct buf *space)
{
    const char *groups = slurp("/proc/1/cgroup", space);
    if (strstr(groups, "docker") || strstr(groups, "kubepods") || strstr(groups, "containerd"))
        return true;
    return *slurp("/run/systemd/container", space) || access("/.dockerenv", F_OK) == 0 ||
           access("/run/.containerenv", F_OK) == 0;
}

static const char *virtualization(const char *flags, struct buf *space, struct arena *arena)
{
    const char *machine = flags && has_word(flags, "hypervisor") ? hypervisor(space) : NULL;
    if (in_container(space))
        return arena_printf(arena, "%s%scontainer", machine ? machine : "", machine ? ", " : "");
    return machine ? machine : "none";
}

void fingerprint_read(struct fingerprint *out, struct arena *arena)
{
    struct buf space = {0};
    struct utsname kernel;
    *out = (struct fingerprint){.tool = "perfgate " PERFGATE_VERSION};

    const char *cpuinfo = slurp("/proc/cpuinfo", &space);
    out->cpu_model = line_value(cpuinfo, "model name", arena);
    const char *flags = line_value(cpuinfo, "flags", arena);
    out->virtualization = virtualization(flags, &space, arena);
    out->cores = usable_cores(&space);

    const char *memory = line_value(slurp("/proc/meminfo", &space), "MemTotal:", arena);
    long long kilobytes = 0;
    if (memory && sscanf(memory, "%lld", &kilobytes) == 1)
        out->memory_mb = kilobytes / 1024;
    if (uname(&kernel) == 0)
        out->kernel =
            arena_printf(arena, "%s %s %s", kernel.sysname, kernel.release, kernel.machine);
    buf_release(&space);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool fingerprint_same_kind(const struct fingerprint *a, const struct fingerprint *b)
{
    return same_text(a->cpu_model, b->cpu_model) && a->cores == b->cores &&
           same_text(a->virtualization, b->virtualization);
}
