/* The texts of /proc about processes and who listens. */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#include "monitor/listeners.h"
#include "monitor/process.h"

static void test_process__stat(void **state)
{
    (void)state;
    struct process process;
    assert_int_equal(
        process_parse_stat("1234 (a b) (c)) S 7 1234 1234 0 -1 4194560 157 0 0 0 11 22 33 44 20 0 "
                           "5 0 987654 10 20 18446744073709551615 1 1 0 0\n",
                           &process),
        0);
    assert_int_equal(process.pid, 1234);
    assert_int_equal(process.parent, 7);
    assert_int_equal(process.started, 987654);
    assert_string_equal(process.name, "a b) (c)");
    assert_float_equal(process.cpu_ticks, 110, 0);
    assert_float_equal(process.threads, 5, 0);
    assert_false(process.dead);
    static const char *const none[] = {"",
                                       "1",
                                       "1 (",
                                       "1 (a",
                                       "1 )a(",
                                       "x (a) S 1 2",
                                       "1 (a) S 1 1 1 0 -1 1 1 0 0 0 1 1 1 1 20 0 5 0"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(process_parse_stat(none[i], &process), -1);
}

static void test_process__other_texts(void **state)
{
    (void)state;
    double resident, shared;
    assert_true(process_parse_statm("5000 300 120 1 0 90 0\n", &resident, &shared));
    assert_float_equal(resident, 300, 0);
    assert_float_equal(shared, 120, 0);
    assert_false(process_parse_statm("5000 300", &resident, &shared));
    assert_float_equal(process_parse_switches("Name:\tx\nvoluntary_ctxt_switches:\t150\n"
                                              "nonvoluntary_ctxt_switches:\t7\n"),
                       157, 0);
    assert_true(isnan(process_parse_switches("voluntary_ctxt_switches:\t150\n")));
    assert_int_equal(process_parse_cores("Name:\tx\nCpus_allowed:\tff,0000000f\n"), 12);
    assert_int_equal(process_parse_cores("Cpus_allowed_list:\t0-3\n"), 0);
}

/* Pids that wrapped: a child may come before its parent. */
static void test_process__children_are_found_in_any_order(void **state)
{
    (void)state;
    const int64_t pairs[][2] = {{50, 1}, {3, 50}, {2, 3}, {60, 2}, {61, 1}, {62, 61}};
    struct process_list list = {0};
    bool marked[6] = {false};
    for (size_t i = 0; i < 6; i++)
        process_list_add(&list, &(struct process){.pid = pairs[i][0], .parent = pairs[i][1]});
    process_list_sort(&list);
    marked[process_list_find(&list, 50) - list.items] = true;
    process_mark_children(&list, marked);
    for (size_t i = 0; i < 6; i++)
        assert_true(marked[i] == (list.items[i].pid < 61));
    assert_null(process_list_find(&list, 4));
    process_list_release(&list);
}

static const char tcp[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "111 1 00000000274c0c4f 100 0 0 10 0\n"
    "   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "222 1 00000000274c0c4f 100 0 0 10 0\n"
    "   2: 0200007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "333 1 00000000274c0c4f 100 0 0 10 0\n"
    "   3: 0100007F:1F90 0100007F:C747 01 00000000:00000000 00:00000000 00000000     0        0 "
    "444 1 00000000274c0c4f 100 0 0 10 0\n"
    "   4: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "555 1 00000000274c0c4f 100 0 0 10 0\n";

static const char tcp6[] =
    "  sl  local_address                         remote_address                        st\n"
    "   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000  1000        0 666 1 0000000000000000 100 0 0 10 0\n"
    "   1: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000  1000        0 777 1 0000000000000000 100 0 0 10 0\n"
    "   2: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000  1000        0 888 1 0000000000000000 100 0 0 10 0\n";

static struct listen_place place4(const char *address, uint16_t port)
{
    struct listen_place place = {0};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &in.sin_addr);
    memcpy(&place.address, &in, sizeof in);
    return place;
}

static struct listen_place place6(const char *address, uint16_t port)
{
    struct listen_place place = {0};
    struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(AF_INET6, address, &in.sin6_addr);
    memcpy(&place.address, &in, sizeof in);
    return place;
}

static void expect(const struct listen_place *place, size_t n, const uint64_t *inodes)
{
    struct listeners found = {0};
    listeners_parse_tcp(tcp, false, place, &found);
    listeners_parse_tcp(tcp6, true, place, &found);
    assert_int_equal(found.n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(found.inodes[i], inodes[i]);
}

static void test_process__listeners_of_an_address(void **state)
{
    (void)state;
    struct listen_place place = place4("127.0.0.1", 8080);
    expect(&place, 4, (const uint64_t[]){111, 222, 666, 888});
    place = place6("::1", 8080);
    expect(&place, 3, (const uint64_t[]){222, 666, 777});
    place = place4("127.0.0.1", 8081);
    expect(&place, 1, (const uint64_t[]){555});
    place = place4("127.0.0.1", 80);
    expect(&place, 0, NULL);
    place = (struct listen_place){.port = 8081};
    expect(&place, 1, (const uint64_t[]){555});
}

static void test_process__links_of_sockets(void **state)
{
    (void)state;
    const struct listeners listeners = {.n = 2, .inodes = {111, 222}};
    assert_true(listeners_have(&listeners, "socket:[222]"));
    assert_false(listeners_have(&listeners, "socket:[22]"));
    assert_false(listeners_have(&listeners, "socket:[222"));
    assert_false(listeners_have(&listeners, "socket:[222]x"));
    assert_false(listeners_have(&listeners, "pipe:[222]"));
    assert_false(listeners_have(&listeners, ""));
}

static void test_process__listeners_of_unix_sockets(void **state)
{
    (void)state;
    static const char text[] =
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 901 /run/a b.sock\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03 902 /run/a b.sock\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 903 @abstract\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 904\n";
    struct listen_place place = {0};
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/a b.sock"};
    struct listeners found = {0};
    memcpy(&place.address, &address, sizeof address);
    listeners_parse_unix(text, &place, &found);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.inodes[0], 901);
    memset(address.sun_path, 0, sizeof address.sun_path);
    memcpy(address.sun_path + 1, "abstract", 8);
    memcpy(&place.address, &address, sizeof address);
    found = (struct listeners){0};
    listeners_parse_unix(text, &place, &found);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.inodes[0], 903);
}

static void test_process__whose_address_it_is(void **state)
{
    (void)state;
    struct listen_place place = place4("127.9.9.9", 80);
    assert_true(listen_is_local(&place));
    place = place6("::1", 80);
    assert_true(listen_is_local(&place));
    place = place4("192.0.2.1", 80);
    assert_false(listen_is_local(&place));
    place = place6("2001:db8::1", 80);
    assert_false(listen_is_local(&place));
    place = (struct listen_place){.address.ss_family = AF_UNIX};
    assert_true(listen_is_local(&place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_process__stat),
        cmocka_unit_test(test_process__other_texts),
        cmocka_unit_test(test_process__children_are_found_in_any_order),
        cmocka_unit_test(test_process__listeners_of_an_address),
        cmocka_unit_test(test_process__links_of_sockets),
        cmocka_unit_test(test_process__listeners_of_unix_sockets),
        cmocka_unit_test(test_process__whose_address_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
