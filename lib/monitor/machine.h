/*
 * What the kernel says of the whole machine: pure parsers of the texts of /proc, and the figures
 * between two readings.
 *
 * Counters and gauges are doubles, exact up to 2^53, and NAN where the kernel does not tell: what
 * is computed from an unknown number is unknown. A counter that went back (a device was taken away)
 * makes its rate unknown, never negative. The formats are those of proc(5) and of the kernel's
 * Documentation/admin-guide/iostats.rst and Documentation/accounting/psi.rst. Texts are hostile: a
 * number that is none ends its line, and what does not fit is left out.
 */
#ifndef PERFGATE_MONITOR_MACHINE_H
#define PERFGATE_MONITOR_MACHINE_H

#include <stddef.h>

/* More are not told apart, but are in the total. */
#define MACHINE_CORES 256

/* Ticks since the machine started. */
struct machine_cpu {
    double busy, total; /* busy: all but idle and iowait */
    double steal, iowait;
};

struct machine {
    struct machine_cpu cpu;
    size_t n_cores;  /* of `cores` */
    size_t n_online; /* all that there are, MACHINE_CORES or more of them */
    struct machine_cpu cores[MACHINE_CORES];
    double forks; /* processes and threads made */
    double memory_total_kb, memory_available_kb, swap_used_kb;
    double disk_read_bytes, disk_written_bytes, disk_operations, disk_wait_ms;
    double net_received_bytes, net_sent_bytes, net_loopback_bytes, net_errors;
    double retransmits;                                         /* TCP segments */
    double pressure_cpu_us, pressure_memory_us, pressure_io_us; /* something waited for it */
};

/* Nothing is known. */
void machine_blank(struct machine *machine);

/* Each takes the NUL-terminated text of its file, and fills what it finds there. */
void machine_parse_stat(const char *text, struct machine *machine);
void machine_parse_meminfo(const char *text, struct machine *machine);
/* Whole disks alone: no partitions, and nothing that lies on other disks or in memory. */
void machine_parse_diskstats(const char *text, struct machine *machine);
/* Without the loopback, which is told apart, and without the virtual ends of bridges, whose bytes
 * the real interfaces have as well. */
void machine_parse_net_dev(const char *text, struct machine *machine);
void machine_parse_snmp(const char *text, struct machine *machine);
/* The `some` line's total; NAN where there is none. */
double machine_parse_pressure(const char *text);

/* The series of the machine, in the order of the report; their names and units are in watch.c. */
enum machine_series {
    MACHINE_CPU,
    MACHINE_CPU_BUSIEST,
    MACHINE_STEAL,
    MACHINE_IOWAIT,
    MACHINE_MEMORY_USED,
    MACHINE_MEMORY_AVAILABLE,
    MACHINE_SWAP,
    MACHINE_DISK_READ,
    MACHINE_DISK_WRITTEN,
    MACHINE_DISK_OPERATIONS,
    MACHINE_DISK_WAIT,
    MACHINE_NET_RECEIVED,
    MACHINE_NET_SENT,
    MACHINE_NET_LOOPBACK,
    MACHINE_NET_ERRORS,
    MACHINE_RETRANSMITS,
    MACHINE_PRESSURE_CPU,
    MACHINE_PRESSURE_MEMORY,
    MACHINE_PRESSURE_IO,
    MACHINE_SERIES
};

/* The figures of the `seconds` between two readings. */
void machine_between(const struct machine *before, const struct machine *after, double seconds,
                     double out[MACHINE_SERIES]);

/* How much a counter grew; NAN where it fell, which is a new start. */
double machine_grown(double before, double after);

/* The share of core `i` that was busy between the two. */
double machine_core_between(const struct machine *before, const struct machine *after, size_t i);

#endif
