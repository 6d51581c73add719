/* The texts of /proc about the machine, as kernels write them, and such as none would. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "monitor/machine.h"

static const char stat_before[] = "cpu  100 10 50 800 20 0 5 15 0 0\n"
                                  "cpu0 50 5 25 400 10 0 5 5 0 0\n"
                                  "cpu1 50 5 25 400 10 0 0 10 0 0\n"
                                  "intr 110426741 0 0 0\n"
                                  "ctxt 327987831\nbtime 1795638812\nprocesses 2289398\n";
static const char stat_after[] = "cpu  190 10 60 870 30 0 5 35 0 0\n"
                                 "cpu0 130 5 35 400 15 0 5 10 0 0\n"
                                 "cpu1 60 5 25 470 15 0 0 25 0 0\n"
                                 "processes 2289399\n";

static void test_machine__cpu_between_two_readings(void **state)
{
    (void)state;
    struct machine before, after;
    double out[MACHINE_SERIES];
    machine_blank(&before);
    machine_blank(&after);
    machine_parse_stat(stat_before, &before);
    machine_parse_stat(stat_after, &after);
    assert_int_equal(after.n_cores, 2);
    assert_float_equal(after.forks, 2289399, 0);
    machine_between(&before, &after, 1, out);
    assert_float_equal(out[MACHINE_CPU], (120.0 / 200), 1e-12);
    assert_float_equal(out[MACHINE_STEAL], (20.0 / 200), 1e-12);
    assert_float_equal(out[MACHINE_IOWAIT], (10.0 / 200), 1e-12);
    assert_float_equal(machine_core_between(&before, &after, 0), (95.0 / 100), 1e-12);
    assert_float_equal(machine_core_between(&before, &after, 1), (25.0 / 100), 1e-12);
    assert_float_equal(out[MACHINE_CPU_BUSIEST], 0.95, 1e-12);
    assert_true(isnan(machine_core_between(&before, &after, 2)));
    assert_true(isnan(out[MACHINE_NET_SENT])); /* nothing was read of it */
}

static void test_machine__memory(void **state)
{
    (void)state;
    struct machine machine;
    double out[MACHINE_SERIES];
    machine_blank(&machine);
    machine_parse_meminfo("MemTotal:       24683620 kB\nMemFree:        22370080 kB\n"
                          "MemAvailable:   24111900 kB\nSwapTotal:       2097152 kB\n"
                          "SwapFree:        2096128 kB\n",
                          &machine);
    machine_between(&machine, &machine, 1, out);
    assert_float_equal(out[MACHINE_MEMORY_USED], (571720 / 1024.0), 1e-9);
    assert_float_equal(out[MACHINE_MEMORY_AVAILABLE], (24111900 / 1024.0), 1e-9);
    assert_float_equal(out[MACHINE_SWAP], 1, 1e-9);
}

static void test_machine__disks_are_counted_once(void **state)
{
    (void)state;
    struct machine before, after;
    double out[MACHINE_SERIES];
    machine_blank(&before);
    machine_blank(&after);
    machine_parse_diskstats("   7 0 loop0 9 0 9 9 9 0 9 9 0 9 9\n"
                            " 259 0 nvme0n1 100 0 2048 40 10 0 4096 60 0 0 0\n"
                            " 259 1 nvme0n1p1 100 0 2048 40 10 0 4096 60 0 0 0\n"
                            "   8 0 sda 1 0 8 1 0 0 0 0 0 0 0\n"
                            "   8 1 sda1 1 0 8 1 0 0 0 0 0 0 0\n"
                            " 253 0 dm-0 500 0 9000 1 1 1 1 1 1 1 1\n",
                            &before);
    assert_float_equal(before.disk_operations, 111, 0);
    assert_float_equal(before.disk_read_bytes, 2056 * 512, 0);
    machine_parse_diskstats(" 259 0 nvme0n1 140 0 4096 80 30 0 8192 100 0 0 0\n"
                            "   8 0 sda 1 0 8 1 0 0 0 0 0 0 0 1 2 3 4\n"
                            "   8 16 sdb 0 0 short\n",
                            &after);
    machine_between(&before, &after, 2, out);
    assert_float_equal(out[MACHINE_DISK_READ], 0.5, 1e-12);
    assert_float_equal(out[MACHINE_DISK_WRITTEN], 1, 1e-12);
    assert_float_equal(out[MACHINE_DISK_OPERATIONS], 30, 1e-12);
    assert_float_equal(out[MACHINE_DISK_WAIT], (80.0 / 60), 1e-12);
    machine_between(&after, &after, 2, out);
    assert_float_equal(out[MACHINE_DISK_WAIT], 0, 0);
    machine_between(&after, &before, 2, out); /* a disk that was taken away */
    assert_true(isnan(out[MACHINE_DISK_READ]));
}

static void test_machine__networks(void **state)
{
    (void)state;
    struct machine machine;
    machine_blank(&machine);
    machine_parse_net_dev(
        "Inter-|   Receive                            |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n"
        "    lo: 700 1 0 0 0 0 0 0 700 1 0 0 0 0 0 0\n"
        "  eth0:1142359290 38230 1 2 0 0 0 0 1648825 19582 3 4 0 0 0 0\n"
        " veth1a: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n"
        "docker0: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n",
        &machine);
    assert_float_equal(machine.net_received_bytes, 1142359290, 0);
    assert_float_equal(machine.net_sent_bytes, 1648825, 0);
    assert_float_equal(machine.net_loopback_bytes, 700, 0);
    assert_float_equal(machine.net_errors, 10, 0);
    machine_parse_snmp("Ip: Forwarding DefaultTTL\nIp: 1 64\n"
                       "Tcp: RtoAlgorithm MaxConn InSegs OutSegs RetransSegs InErrs\n"
                       "Tcp: 1 -1 369074607 369042254 15051 0\nUdp: x\nUdp: 1\n",
                       &machine);
    assert_float_equal(machine.retransmits, 15051, 0);
}

static void test_machine__pressure(void **state)
{
    (void)state;
    assert_float_equal(
        machine_parse_pressure("some avg10=15.49 avg60=15.66 avg300=33.98 total=27158555464\n"
                               "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"),
        27158555464.0, 0);
    assert_true(isnan(machine_parse_pressure("full avg10=0.00 total=7\n")));
    assert_true(isnan(machine_parse_pressure("some total=\n")));
    assert_true(isnan(machine_parse_pressure("")));
}

static void test_machine__nonsense_is_unknown(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "\n\n",
                                        "cpu",
                                        "cpu -1 -2 -3 -4",
                                        "cpu 1 2 3",
                                        "cpu 99999999999999999999 1 1 1",
                                        "MemTotal: x kB"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct machine machine;
        double out[MACHINE_SERIES];
        machine_blank(&machine);
        machine_parse_stat(texts[i], &machine);
        machine_parse_meminfo(texts[i], &machine);
        machine_parse_diskstats(texts[i], &machine);
        machine_parse_net_dev(texts[i], &machine);
        machine_parse_snmp(texts[i], &machine);
        machine_between(&machine, &machine, 1, out);
        for (size_t s = 0; s < MACHINE_SERIES; s++)
            assert_true(isnan(out[s]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machine__cpu_between_two_readings),
        cmocka_unit_test(test_machine__memory),
        cmocka_unit_test(test_machine__disks_are_counted_once),
        cmocka_unit_test(test_machine__networks),
        cmocka_unit_test(test_machine__pressure),
        cmocka_unit_test(test_machine__nonsense_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
