#include "monitor/machine.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "monitor/words.h"

#define SECTOR_BYTES 512.0
#define KB_PER_MB    1024.0
#define MB           (1024.0 * 1024.0)

void machine_blank(struct machine *machine)
{
    const double nan = (double)NAN;
    const struct machine_cpu unknown = {nan, nan, nan, nan};
    *machine = (struct machine){.cpu = unknown,
                                .forks = nan,
                                .memory_total_kb = nan,
                                .memory_available_kb = nan,
                                .swap_used_kb = nan,
                                .disk_read_bytes = nan,
                                .disk_written_bytes = nan,
                                .disk_operations = nan,
                                .disk_wait_ms = nan,
                                .net_received_bytes = nan,
                                .net_sent_bytes = nan,
                                .net_loopback_bytes = nan,
                                .net_errors = nan,
                                .retransmits = nan,
                                .pressure_cpu_us = nan,
                                .pressure_memory_us = nan,
                                .pressure_io_us = nan};
}

/* ---- /proc/stat ---- */

/* user nice system idle iowait irq softirq steal; guests are in user and nice already. */
enum { STAT_IDLE = 3, STAT_IOWAIT, STAT_STEAL = 7, STAT_FIELDS };

static bool parse_cpu(struct words *line, struct machine_cpu *cpu)
{
    double fields[STAT_FIELDS];
    size_t n = words_numbers(line, fields, STAT_FIELDS);
    if (n <= STAT_IDLE)
        return false;
    *cpu = (struct machine_cpu){.steal = n > STAT_STEAL ? fields[STAT_STEAL] : (double)NAN,
                                .iowait = n > STAT_IOWAIT ? fields[STAT_IOWAIT] : (double)NAN};
    for (size_t i = 0; i < n; i++) {
        cpu->total += fields[i];
        if (i != STAT_IDLE && i != STAT_IOWAIT)
            cpu->busy += fields[i];
    }
    return true;
}

static void add_core(struct words *line, struct machine *machine)
{
    machine->n_online++;
    if (machine->n_cores < MACHINE_CORES && parse_cpu(line, &machine->cores[machine->n_cores]))
        machine->n_cores++;
}

void machine_parse_stat(const char *text, struct machine *machine)
{
    struct words line;
    while (words_line(&text, &line)) {
        struct span name = words_next(&line);
        if (words_is(name, "cpu"))
            parse_cpu(&line, &machine->cpu);
        else if (words_is(name, "processes"))
            words_numbers(&line, &machine->forks, 1);
        else if (name.len > 3 && memcmp(name.at, "cpu", 3) == 0)
            add_core(&line, machine);
    }
}

/* ---- /proc/meminfo ---- */

void machine_parse_meminfo(const char *text, struct machine *machine)
{
    double swap_total_kb = (double)NAN, swap_free_kb = (double)NAN;
    const struct {
        const char *key;
        double *value;
    } wanted[] = {{"MemTotal:", &machine->memory_total_kb},
                  {"MemAvailable:", &machine->memory_available_kb},
                  {"SwapTotal:", &swap_total_kb},
                  {"SwapFree:", &swap_free_kb}};
    struct words line;
    while (words_line(&text, &line)) {
        struct span key = words_next(&line);
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
            if (words_is(key, wanted[i].key))
                words_numbers(&line, wanted[i].value, 1);
    }
    machine->swap_used_kb = swap_total_kb - swap_free_kb;
}

/* ---- /proc/diskstats ---- */

enum {
    DISK_READS,
    DISK_SECTORS_READ = 2,
    DISK_MS_READ,
    DISK_WRITES,
    DISK_SECTORS_WRITTEN = 6,
    DISK_MS_WRITTEN,
    DISK_FIELDS
};

static bool begins_with_any(struct span name, const char *const *heads, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(heads[i]);
        if (name.len >= len && memcmp(name.at, heads[i], len) == 0)
            return true;
    }
    return false;
}

/* sda1 of sda, nvme0n1p2 of nvme0n1: partitions follow their disk. */
static bool is_partition(struct span name, struct span disk)
{
    if (!disk.len || name.len <= disk.len || memcmp(name.at, disk.at, disk.len) != 0)
        return false;
    size_t i = disk.len;
    i += name.at[i] == 'p';
    if (i == name.len)
        return false;
    for (; i < name.len; i++)
        if (name.at[i] < '0' || name.at[i] > '9')
            return false;
    return true;
}

static void add(double *sum, double value)
{
    *sum = isnan(*sum) ? value : *sum + value;
}

void machine_parse_diskstats(const char *text, struct machine *machine)
{
    static const char *const on_others[] = {"loop", "ram", "zram", "dm-", "md", "sr", "fd"};
    struct span disk = {0};
    struct words line;
    while (words_line(&text, &line)) {
        double fields[DISK_FIELDS];
        words_next(&line); /* major and minor number */
        words_next(&line);
        struct span name = words_next(&line);
        if (!name.len || is_partition(name, disk) ||
            begins_with_any(name, on_others, sizeof on_others / sizeof on_others[0]))
            continue;
        disk = name;
        if (words_numbers(&line, fields, DISK_FIELDS) < DISK_FIELDS)
            continue;
        add(&machine->disk_read_bytes, fields[DISK_SECTORS_READ] * SECTOR_BYTES);
        add(&machine->disk_written_bytes, fields[DISK_SECTORS_WRITTEN] * SECTOR_BYTES);
        add(&machine->disk_operations, fields[DISK_READS] + fields[DISK_WRITES]);
        add(&machine->disk_wait_ms, fields[DISK_MS_READ] + fields[DISK_MS_WRITTEN]);
    }
}

/* ---- /proc/net ---- */

/* bytes packets errs drop fifo frame compressed multicast, received and then sent */
enum {
    NET_RECEIVED,
    NET_RECEIVE_ERRORS = 2,
    NET_RECEIVE_DROPS,
    NET_SENT = 8,
    NET_SEND_ERRORS = 10,
    NET_SEND_DROPS,
    NET_FIELDS
};

void machine_parse_net_dev(const char *text, struct machine *machine)
{
    static const char *const virtual_ends[] = {"veth", "docker", "br-", "virbr", "ifb", "cni"};
    struct words line;
    while (words_line(&text, &line)) {
        double fields[NET_FIELDS];
        struct span name = words_until(&line, ':');
        if (!name.len ||
            begins_with_any(name, virtual_ends, sizeof virtual_ends / sizeof virtual_ends[0]) ||
            words_numbers(&line, fields, NET_FIELDS) < NET_FIELDS)
            continue;
        add(&machine->net_errors, fields[NET_RECEIVE_ERRORS] + fields[NET_RECEIVE_DROPS] +
                                      fields[NET_SEND_ERRORS] + fields[NET_SEND_DROPS]);
        if (words_is(name, "lo")) {
            add(&machine->net_loopback_bytes, fields[NET_SENT]);
            continue;
        }
        add(&machine->net_received_bytes, fields[NET_RECEIVED]);
        add(&machine->net_sent_bytes, fields[NET_SENT]);
    }
}

/* Two lines that begin with "Tcp:", names and then numbers. */
void machine_parse_snmp(const char *text, struct machine *machine)
{
    struct words line;
    size_t column = 0;
    while (words_line(&text, &line)) {
        if (!words_is(words_next(&line), "Tcp:"))
            continue;
        if (!column) {
            struct span name;
            size_t i = 1;
            for (; (name = words_next(&line)).len && !words_is(name, "RetransSegs"); i++)
                ;
            column = name.len ? i : 0;
            continue;
        }
        for (size_t i = 1; i < column; i++)
            words_next(&line);
        words_numbers(&line, &machine->retransmits, 1);
        return;
    }
}

double machine_parse_pressure(const char *text)
{
    static const char key[] = "total=";
    struct words line;
    while (words_line(&text, &line)) {
        if (!words_is(words_next(&line), "some"))
            continue;
        for (struct span word; (word = words_next(&line)).len;) {
            double total;
            size_t len = sizeof key - 1;
            if (word.len <= len || memcmp(word.at, key, len) != 0)
                continue;
            struct words value = {.at = word.at + len, .end = word.at + word.len};
            return words_numbers(&value, &total, 1) ? total : (double)NAN;
        }
    }
    return (double)NAN;
}

/* ---- between two readings ---- */

double machine_grown(double before, double after)
{
    return after >= before ? after - before : (double)NAN;
}

static double share(double part, double whole)
{
    if (isnan(part) || !(whole > 0))
        return (double)NAN;
    return part < whole ? part / whole : 1;
}

static double busy(const struct machine_cpu *before, const struct machine_cpu *after)
{
    return share(machine_grown(before->busy, after->busy),
                 machine_grown(before->total, after->total));
}

double machine_core_between(const struct machine *before, const struct machine *after, size_t i)
{
    if (i >= before->n_cores || i >= after->n_cores)
        return (double)NAN;
    return busy(&before->cores[i], &after->cores[i]);
}

static void fill_cpu(const struct machine *before, const struct machine *after, double *out)
{
    double total = machine_grown(before->cpu.total, after->cpu.total);
    out[MACHINE_CPU] = busy(&before->cpu, &after->cpu);
    out[MACHINE_STEAL] = share(machine_grown(before->cpu.steal, after->cpu.steal), total);
    out[MACHINE_IOWAIT] = share(machine_grown(before->cpu.iowait, after->cpu.iowait), total);
    out[MACHINE_CPU_BUSIEST] = (double)NAN;
    for (size_t i = 0; i < after->n_cores; i++)
        out[MACHINE_CPU_BUSIEST] =
            fmax(out[MACHINE_CPU_BUSIEST], machine_core_between(before, after, i));
}

void machine_between(const struct machine *before, const struct machine *after, double seconds,
                     double out[MACHINE_SERIES])
{
    double operations = machine_grown(before->disk_operations, after->disk_operations);
    double wait_ms = machine_grown(before->disk_wait_ms, after->disk_wait_ms);
    fill_cpu(before, after, out);
    out[MACHINE_MEMORY_USED] = (after->memory_total_kb - after->memory_available_kb) / KB_PER_MB;
    out[MACHINE_MEMORY_AVAILABLE] = after->memory_available_kb / KB_PER_MB;
    out[MACHINE_SWAP] = after->swap_used_kb / KB_PER_MB;
    out[MACHINE_DISK_READ] =
        machine_grown(before->disk_read_bytes, after->disk_read_bytes) / MB / seconds;
    out[MACHINE_DISK_WRITTEN] =
        machine_grown(before->disk_written_bytes, after->disk_written_bytes) / MB / seconds;
    out[MACHINE_DISK_OPERATIONS] = operations / seconds;
    out[MACHINE_DISK_WAIT] = operations > 0 ? wait_ms / operations : operations;
    out[MACHINE_NET_RECEIVED] =
        machine_grown(before->net_received_bytes, after->net_received_bytes) / MB / seconds;
    out[MACHINE_NET_SENT] =
        machine_grown(before->net_sent_bytes, after->net_sent_bytes) / MB / seconds;
    out[MACHINE_NET_LOOPBACK] =
        machine_grown(before->net_loopback_bytes, after->net_loopback_bytes) / MB / seconds;
    out[MACHINE_NET_ERRORS] = machine_grown(before->net_errors, after->net_errors) / seconds;
    out[MACHINE_RETRANSMITS] = machine_grown(before->retransmits, after->retransmits) / seconds;
    double us = seconds * 1e6;
    out[MACHINE_PRESSURE_CPU] =
        share(machine_grown(before->pressure_cpu_us, after->pressure_cpu_us), us);
    out[MACHINE_PRESSURE_MEMORY] =
        share(machine_grown(before->pressure_memory_us, after->pressure_memory_us), us);
    out[MACHINE_PRESSURE_IO] =
        share(machine_grown(before->pressure_io_us, after->pressure_io_us), us);
}
