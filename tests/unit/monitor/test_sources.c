/* Endpoints that are polled and probes that are run, on their threads, against a server of ours. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "monitor/sources.h"
#include "server.h"
#include "wanted.h"

#define OK(type, body, length)                                                                     \
    "HTTP/1.1 200 OK\r\nContent-Type: " type "\r\nContent-Length: " length "\r\n\r\n" body

static const char *const no_environment[] = {"PATH=/usr/bin:/bin", NULL};

struct played {
    size_t sides;
    int64_t ns;
    bool until_seen;
    struct report report[2];
    /* What was seen last: sources by side, and the first figure of all. */
    size_t n_latest[2];
    double latest;
    double wall_s, active_s[2]; /* of the run, and of each side's turns */
};

/* A machine that is busy gets so much longer until something is seen of each side. */
#define PATIENCE_NS (30 * NS_PER_S)

static void look(const struct report_resources *const sides[2], void *context)
{
    struct played *played = context;
    for (int side = 0; side < 2; side++)
        played->n_latest[side] = sides[side] ? sides[side]->n_sources : 0;
    if (sides[0] && sides[0]->sources[0].n_series)
        played->latest = sides[0]->sources[0].series[0].average;
}

static struct asked_setup of_server(const struct scenario_source *spec, const struct server *server)
{
    return (struct asked_setup){.spec = spec,
                                .fetch = {.url = server->url, .timeout_ns = spec->timeout_ns}};
}

static struct asked_setup of_probe(const struct scenario_source *spec, int side)
{
    return (struct asked_setup){.spec = spec, .side = side, .environment = no_environment};
}

/* True where nothing has to be seen, or something was of each side. */
static bool is_seen(struct latest *latest, size_t sides, bool wanted, struct played *played)
{
    if (wanted)
        latest_use(latest, look, played);
    return !wanted || (played->n_latest[0] && (sides < 2 || played->n_latest[1]));
}

/* A run of `ns`, or `until_seen` of more, in which the sides take turns where there are two. */
static void play(const struct asked_setup *items, size_t n, const struct played *how,
                 struct played *out)
{
    const struct sources_setup setup = {.sides = how->sides, .n = n, .items = items};
    struct pulse pulse;
    struct latest latest;
    struct err err = {0};
    *out = *how;
    pulse_init(&pulse);
    latest_init(&latest, n);
    struct sources *sources = sources_new(&setup, &pulse, &latest, 0);
    assert_int_equal(sources_start(sources, &err), 0);
    int64_t begin_ns = clock_monotonic_ns(), now_ns = begin_ns;
    for (int turn = 0;
         now_ns < begin_ns + how->ns ||
         (!is_seen(&latest, how->sides, how->until_seen, out) && now_ns < begin_ns + PATIENCE_NS);
         turn++) {
        pulse_turn(&pulse, how->sides > 1 ? turn % 2 : 0, now_ns, now_ns);
        usleep(100 * 1000);
        now_ns = clock_monotonic_ns();
    }
    pulse_turn(&pulse, -1, now_ns, INT64_MAX);
    out->wall_s = (double)(now_ns - begin_ns) / (double)NS_PER_S;
    pulse_active(&pulse, now_ns, out->active_s);
    pulse_stop(&pulse);
    sources_stop(sources);
    for (size_t side = 0; side < how->sides; side++)
        sources_report(sources, side, &out->report[side]);
    latest_use(&latest, look, out);
    sources_free(sources);
    latest_release(&latest);
    pulse_release(&pulse);
}

static void played_release(struct played *played)
{
    report_release(&played->report[0]);
    report_release(&played->report[1]);
}

static const struct resource_source *source_of(const struct report *report)
{
    assert_non_null(report->resources);
    assert_int_equal(report->resources->n_sources, 1);
    assert_int_equal(report->resources->sources[0].kind, RESOURCE_APPLICATION);
    return &report->resources->sources[0];
}

static void test_sources__polls_over_one_connection(void **state)
{
    (void)state;
    static const char *const answers[] = {OK("application/json", "{\"n\": 7}", "8")};
    static const char *const headers[] = {"X-Token: secret"};
    struct server server;
    struct scenario scenario;
    struct played played;
    const struct scenario_source *spec = wanted_endpoint(
        &scenario,
        "\"every\": \"250ms\", \"timeout\": \"20s\", \"metrics\": {\"n\": {\"pointer\": \"/n\"}}");
    server_start(&server, answers, 1);
    struct asked_setup setup = of_server(spec, &server);
    setup.fetch.headers = headers;
    setup.fetch.n_headers = 1;
    play(&setup, 1, &(struct played){.sides = 1, .ns = NS_PER_S, .until_seen = true}, &played);
    server_stop(&server);
    const struct resource_source *source = source_of(&played.report[0]);
    assert_string_equal(source->name, "app");
    assert_int_equal(source->interval_ns, 250 * NS_PER_MS);
    assert_int_equal(source->failures, 0);
    assert_true(source->series[0].n_values >= 1);
    assert_float_equal(source->series[0].average, 7, 0);
    assert_int_equal(played.n_latest[0], 1);
    assert_int_equal(played.n_latest[1], 0);
    assert_float_equal(played.latest, 7, 0);
    assert_int_equal(played.report[0].health.n_notes, 0);
    assert_true(server.given >= 2); /* all over the only connection that the server takes at once */
    assert_non_null(strstr(server.head, "GET /m HTTP/1.1\r\n"));
    assert_non_null(strstr(server.head, "X-Token: secret\r\n"));
    played_release(&played);
    scenario_release(&scenario);
}

static void expect_failures(const char *const *answers, size_t n, const char *members,
                            const char *note)
{
    struct server server;
    struct scenario scenario;
    struct played played;
    const struct scenario_source *spec = wanted_endpoint(&scenario, members);
    server_start(&server, answers, n);
    const struct asked_setup setup = of_server(spec, &server);
    play(&setup, 1, &(struct played){.sides = 1, .ns = NS_PER_S}, &played);
    server_stop(&server);
    const struct resource_source *source = source_of(&played.report[0]);
    assert_true(source->failures > 0);
    assert_int_equal(source->n_series, 0);
    assert_int_equal(played.report[0].health.n_notes, 1);
    if (!strstr(played.report[0].health.notes[0], note))
        fail_msg("'%s' is not in '%s'", note, played.report[0].health.notes[0]);
    played_release(&played);
    scenario_release(&scenario);
}

static void test_sources__what_fails_is_a_note(void **state)
{
    (void)state;
#define MEMBERS(timeout)                                                                           \
    "\"every\": \"250ms\", \"timeout\": \"" timeout                                                \
    "\", \"metrics\": {\"n\": {\"pointer\": \"/n\"}}"
    static const char members[] = MEMBERS("20s"), hasty[] = MEMBERS("50ms");
    static const char *const missing[] = {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"};
    static const char *const elsewhere[] = {
        "HTTP/1.1 302 Found\r\nLocation: http://example.invalid/\r\nContent-Length: 0\r\n\r\n"};
    static const char *const closed[] = {NULL};
    static const char *const silent[] = {""};
    static const char *const html[] = {OK("text/html", "<html>", "6")};
    static const char *const huge[] = {OK("application/json", "{", "1048577")};
    expect_failures(missing, 1, members, "expected status 200 to 299, found 404");
    expect_failures(elsewhere, 1, members, "found 302");
    expect_failures(closed, 1, members, "times: ");
    expect_failures(silent, 1, hasty, "imeout");
    expect_failures(html, 1, members, "'the answer'");
    expect_failures(huge, 1, hasty, "times: ");
}

static void test_sources__a_body_is_bounded(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_addf(&text, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", FETCH_BODY_LIMIT + 1);
    buf_add_repeat(&text, ' ', FETCH_BODY_LIMIT + 1);
    const char *const answers[] = {buf_text(&text)};
    expect_failures(answers, 1, "\"timeout\": \"20s\", \"metrics\": {\"n\": {\"pointer\": \"/n\"}}",
                    "the answer is longer than 1048576 bytes");
    buf_release(&text);
}

static void test_sources__health_is_known_when_nothing_answers(void **state)
{
    (void)state;
    static const char *const answers[] = {
        OK("application/json", "{\"status\": \"UP\"}", "16"),
        OK("application/json", "{\"status\": \"down\"}", "18"),
        OK("text/plain", "fine", "4"),
        OK("application/json", "{\"status\": 503}", "15"),
        OK("application/json", "{\"status\": \"ok\"", "15"),
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    };
    static const double expected[] = {0, 1, 0, 0, 0, 0};
    struct server server;
    struct scenario scenario;
    struct played played;
    const struct scenario_source *spec =
        wanted_endpoint(&scenario, "\"every\": \"250ms\", \"timeout\": \"20s\", \"health\": true");
    server_start(&server, answers, sizeof answers / sizeof answers[0]);
    const struct asked_setup setup = of_server(spec, &server);
    play(&setup, 1, &(struct played){.sides = 1, .ns = 1700 * NS_PER_MS, .until_seen = true},
         &played);
    server_stop(&server);
    const struct resource_series *series = &source_of(&played.report[0])->series[0];
    assert_string_equal(series->name, "availability");
    assert_true(series->n_values >= 1);
    for (size_t i = 0, known = 0; i < series->n_values && known < 6; i++)
        if (!isnan(series->values[i])) /* a machine that is busy misses some */
            assert_float_equal(series->values[i], expected[known++], 0);
    played_release(&played);
    scenario_release(&scenario);
}

static void test_sources__sides_have_their_own_time(void **state)
{
    (void)state;
    struct scenario scenario;
    struct played played;
    const struct scenario_source *spec = wanted_probe(
        &scenario, "\"command\": [\"sh\", \"-c\", \"cut -d ' ' -f 1 /proc/uptime | sed "
                   "s/^/up=/\"], \"every\": \"500ms\", \"metrics\": {\"up\": {\"key\": "
                   "\"up\", \"counter\": true}}");
    const struct asked_setup items[] = {of_probe(spec, 0), of_probe(spec, 1)};
    play(items, 2, &(struct played){.sides = 2, .ns = 3 * NS_PER_S, .until_seen = true}, &played);
    for (int side = 0; side < 2; side++) {
        /* The clock goes on while a side rests, and so counts twice on its own time. */
        const struct resource_source *source = source_of(&played.report[side]);
        assert_false(source->shared);
        double share = source->series[0].average * played.active_s[side] / played.wall_s;
        assert_true(share > 0.65 && share < 1.6);
    }
    played_release(&played);
    const struct asked_setup both[] = {of_probe(spec, -1)};
    play(both, 1, &(struct played){.sides = 2, .ns = 3 * NS_PER_S, .until_seen = true}, &played);
    for (int side = 0; side < 2; side++) {
        const struct resource_source *source = source_of(&played.report[side]);
        assert_true(source->shared);
        assert_true(source->series[0].average > 0.65 && source->series[0].average < 1.6);
    }
    played_release(&played);
    scenario_release(&scenario);
}

static void test_sources__around_is_what_grew(void **state)
{
    (void)state;
    char path[] = "/tmp/perfgate-ask-XXXXXX";
    struct scenario scenario;
    struct played played;
    struct buf members = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    buf_addf(&members,
             "\"command\": [\"sh\", \"-c\", \"echo x >>%s; echo n=$(wc -l <%s)0; echo g=$(wc -l "
             "<%s)\"], \"when\": \"around\", \"metrics\": {\"n\": {\"key\": \"n\", \"counter\": "
             "true}, \"g\": {\"key\": \"g\"}}",
             path, path, path);
    const struct scenario_source *spec = wanted_probe(&scenario, buf_text(&members));
    const struct asked_setup setup = of_probe(spec, 0);
    play(&setup, 1, &(struct played){.sides = 1, .ns = NS_PER_S / 10}, &played);
    const struct resource_source *source = source_of(&played.report[0]);
    assert_int_equal(source->n_series, 2);
    assert_int_equal(source->series[0].unit, RESOURCE_COUNT);
    assert_float_equal(source->series[0].average, 10, 0);
    assert_float_equal(source->series[1].average, 2, 0);
    played_release(&played);
    scenario_release(&scenario);
    buf_release(&members);
    unlink(path);
}

/* Two sides whose tables are one: a time that was measured is in both. */
static void test_sources__one_database_is_told(void **state)
{
    (void)state;
    static const char shared[] =
        "\"command\": [\"printf\", \"q,calls,ms\\\\na,1,1.5\\\\nb,2,0.25\\\\n\"], \"when\": "
        "\"after\", \"side\": \"each\", \"format\": \"csv\", \"table\": {\"key\": \"q\", "
        "\"columns\": "
        "[\"calls\", \"ms\"], \"difference\": false}";
    static const char own[] =
        "\"command\": [\"sh\", \"-c\", \"echo q,calls,ms; echo a,1,$$.5\"], \"when\": \"after\", "
        "\"side\": \"each\", \"format\": \"csv\", \"table\": {\"key\": \"q\", \"columns\": "
        "[\"calls\", \"ms\"], \"difference\": false}";
    for (int i = 0; i < 2; i++) {
        struct scenario scenario;
        struct played played;
        const struct scenario_source *spec = wanted_probe(&scenario, i ? own : shared);
        const struct asked_setup items[] = {of_probe(spec, 0), of_probe(spec, 1)};
        play(items, 2, &(struct played){.sides = 2, .ns = NS_PER_S / 10}, &played);
        for (int side = 0; side < 2; side++) {
            const struct resource_source *source = source_of(&played.report[side]);
            assert_int_equal(source->n_tables, 1);
            assert_int_equal(source->tables[0].n_rows, i ? 1 : 2);
            assert_int_equal(source->shared, !i);
        }
        played_release(&played);
        scenario_release(&scenario);
    }
}

static void test_sources__a_command_that_fails_is_a_note(void **state)
{
    (void)state;
    struct scenario scenario;
    struct played played;
    const struct scenario_source *spec =
        wanted_probe(&scenario, "\"command\": [\"sh\", \"-c\", \"echo a=1; exit 3\"], \"when\": "
                                "\"before\", \"metrics\": {\"a\": {\"key\": \"a\"}}");
    const struct asked_setup setup = of_probe(spec, 0);
    play(&setup, 1, &(struct played){.sides = 1, .ns = NS_PER_S / 10}, &played);
    const struct resource_source *source = source_of(&played.report[0]);
    assert_int_equal(source->failures, 1);
    assert_int_equal(source->n_series, 0);
    assert_int_equal(played.report[0].health.n_notes, 1);
    assert_non_null(strstr(played.report[0].health.notes[0], "'sh' ended with exit code 3"));
    played_release(&played);
    scenario_release(&scenario);
}

static void test_sources__nothing_measured_is_no_report(void **state)
{
    (void)state;
    struct scenario scenario;
    struct pulse pulse;
    struct latest latest;
    struct err err = {0};
    struct report report = {0};
    const struct scenario_source *spec =
        wanted_probe(&scenario, "\"command\": [\"echo\", \"a=1\"], \"when\": \"after\", "
                                "\"metrics\": {\"a\": {\"key\": \"a\"}}");
    const struct asked_setup item = of_probe(spec, 0);
    const struct sources_setup setup = {.sides = 1, .n = 1, .items = &item};
    pulse_init(&pulse);
    latest_init(&latest, 1);
    struct sources *sources = sources_new(&setup, &pulse, &latest, 0);
    assert_int_equal(sources_start(sources, &err), 0);
    /* A run that ends while it warms up has measured nothing either. */
    int64_t now_ns = clock_monotonic_ns();
    pulse_turn(&pulse, 0, now_ns, now_ns + 60 * NS_PER_S);
    pulse_turn(&pulse, -1, now_ns + 1, INT64_MAX);
    pulse_stop(&pulse);
    sources_stop(sources);
    sources_report(sources, 0, &report);
    assert_null(report.resources);
    sources_free(sources);
    sources_free(NULL);
    latest_release(&latest);
    pulse_release(&pulse);
    scenario_release(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sources__polls_over_one_connection),
        cmocka_unit_test(test_sources__what_fails_is_a_note),
        cmocka_unit_test(test_sources__a_body_is_bounded),
        cmocka_unit_test(test_sources__health_is_known_when_nothing_answers),
        cmocka_unit_test(test_sources__sides_have_their_own_time),
        cmocka_unit_test(test_sources__around_is_what_grew),
        cmocka_unit_test(test_sources__one_database_is_told),
        cmocka_unit_test(test_sources__a_command_that_fails_is_a_note),
        cmocka_unit_test(test_sources__nothing_measured_is_no_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
