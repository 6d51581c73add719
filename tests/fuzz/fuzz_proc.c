/* The texts of /proc and control groups: anything is parsed, and what comes out can be a figure. */
#include <math.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/buf.h"
#include "monitor/limits.h"
#include "monitor/listeners.h"
#include "monitor/machine.h"
#include "monitor/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_machine(const char *text)
{
    struct machine machine, blank;
    double out[MACHINE_SERIES];
    machine_blank(&machine);
    machine_blank(&blank);
    machine_parse_stat(text, &machine);
    machine_parse_meminfo(text, &machine);
    machine_parse_diskstats(text, &machine);
    machine_parse_net_dev(text, &machine);
    machine_parse_snmp(text, &machine);
    machine.pressure_io_us = machine_parse_pressure(text);
    machine_between(&blank, &machine, 1, out);
    machine_between(&machine, &machine, 1, out);
    for (size_t i = 0; i < MACHINE_SERIES; i++)
        if (isinf(out[i]))
            abort();
}

static void parse_listeners(const char *text)
{
    struct listen_place places[3] = {{.port = 8080}};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(8080)};
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/a"};
    struct listeners found = {0};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(&places[1].address, &in, sizeof in);
    memcpy(&places[2].address, &un, sizeof un);
    for (size_t i = 0; i < 3; i++) {
        listeners_parse_tcp(text, false, &places[i], &found);
        listeners_parse_tcp(text, true, &places[i], &found);
        listeners_parse_unix(text, &places[i], &found);
    }
    listeners_have(&found, text);
}

static void parse_process(const char *text)
{
    struct process process;
    struct limits_groups groups;
    double resident, shared;
    if (process_parse_stat(text, &process) == 0 && isnan(process.cpu_ticks))
        abort();
    if (process_parse_statm(text, &resident, &shared) && shared > resident)
        abort();
    process_parse_switches(text);
    process_parse_cores(text);
    limits_parse_groups(text, &groups);
    if (!(limits_parse_cpu_max(text) >= 0) || !(limits_parse_memory(text) >= 0) ||
        !(limits_parse_quota(text, text) >= 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {0};
    buf_add(&text, data, size);
    parse_machine(buf_text(&text));
    parse_listeners(buf_text(&text));
    parse_process(buf_text(&text));
    buf_release(&text);
    return 0;
}
