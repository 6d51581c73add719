/* TLS as a transport, against a scripted server (tls_server.c). */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/clock.h"
#include "load/origin.h"
#include "run_scene.h"
#include "tls_server.h"

/* A run against the server; the scene's own one stays idle. */
struct secure {
    struct tls_server server;
    struct scene scene;
};

/* One GET of `path` by 4 users for 0.3 s, under `settings` of the scenario; NULL: the server's
 * certificate is trusted. */
static void set_up(struct secure *secure, const struct tls_server_setup *setup,
                   const char *settings, const char *class)
{
    char trusting[160];
    tls_server_start(&secure->server, setup);
    snprintf(trusting, sizeof trusting, "\"tls\": {\"ca\": \"%s\"},", secure->server.certificate);
    scene_set_up(&secure->scene, settings ? settings : trusting, class);
    secure->scene.options.host = secure->server.url;
}

static void tear_down(struct secure *secure)
{
    scene_tear_down(&secure->scene);
    tls_server_end(&secure->server);
}

static const struct report *run(struct secure *secure)
{
    const struct report *report = scene_run(&secure->scene);
    tls_server_settle(&secure->server);
    return report;
}

static int64_t failures_of(const struct report *report, const char *kind, const char *message)
{
    int64_t count = 0;
    for (size_t i = 0; i < report->n_errors; i++)
        if (!strcmp(report->errors[i].kind, kind) && strstr(report->errors[i].message, message))
            count += report->errors[i].count;
    return count;
}

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static void test_tls__counts_every_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct secure secure;
        set_up(&secure, &(struct tls_server_setup){.version = versions[i]}, NULL,
               "\"tasks\": [{\"get\": \"/\"}]");
        secure.scene.options.threads = 2;
        const struct report *report = run(&secure);
        assert_true(report->metrics.total_requests > 0);
        assert_int_equal(report->metrics.total_failures, 0);
        assert_int_equal(report->metrics.total_requests, atomic_load(&secure.server.requests));
        assert_int_equal(report->health.connections, 4);
        assert_int_equal(report->health.tls_handshakes, 4);
        assert_int_equal(report->health.tls_resumed, 0);
        assert_int_equal(report->health.n_notes, 0);
        assert_int_equal(atomic_load(&secure.server.handshakes), 5); /* one tried the target */
        assert_string_equal(report->host, secure.server.url);
        tear_down(&secure);
    }
}

static void test_tls__each_user_resumes_its_own_session(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct secure secure;
        set_up(&secure, &(struct tls_server_setup){.version = versions[i]}, NULL,
               "\"tasks\": [{\"get\": \"/\"}]");
        secure.scene.scenario.keep_alive = false;
        secure.scene.options.users = 2;
        secure.scene.options.duration_ns = NS_PER_S;
        const struct report *report = run(&secure);
        int64_t n = report->metrics.total_requests;
        assert_true(n > 2);
        assert_int_equal(report->metrics.total_failures, 0);
        assert_int_equal(n, atomic_load(&secure.server.requests));
        assert_int_equal(report->health.tls_handshakes, n);
        assert_int_equal(report->health.tls_resumed, n - 2);
        assert_int_equal(atomic_load(&secure.server.resumed), n - 2);
        tear_down(&secure);
    }
}

static void test_tls__reads_all_there_is(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int64_t bytes;
        int version;
    } rows[] = {
        {"/big", 1 << 20, 0},
        {"/drip", 11, 0},
        {"/end", 5, 0},
        {"/end", 5, TLS1_2_VERSION},
        {"/big", 1 << 20, TLS1_2_VERSION},
        {"/slam", 5, 0},
        {"/update", 5, TLS1_3_VERSION},
        {"/flood", 5, TLS1_3_VERSION},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct secure secure;
        char class[64];
        snprintf(class, sizeof class, "\"tasks\": [{\"get\": \"%s\"}]", rows[i].path);
        set_up(&secure, &(struct tls_server_setup){.version = rows[i].version}, NULL, class);
        const struct report *report = run(&secure);
        assert_true(report->metrics.total_requests > 0);
        assert_int_equal(report->metrics.total_failures, 0);
        assert_int_equal(report->endpoints[0].content_bytes, rows[i].bytes);
        /* What is sent again may not have been read the first time. */
        int64_t n = report->metrics.total_requests;
        assert_in_range(atomic_load(&secure.server.requests), n, n + report->health.retries);
        tear_down(&secure);
    }
}

static void test_tls__a_stream_that_was_cut_is_a_failure(void **state)
{
    (void)state;
    static const char *const paths[] = {"/cut", "/half"};
    for (size_t i = 0; i < 2; i++) {
        struct secure secure;
        char class[64];
        snprintf(class, sizeof class, "\"tasks\": [{\"get\": \"%s\"}]", paths[i]);
        set_up(&secure, &(struct tls_server_setup){0}, NULL, class);
        const struct report *report = run(&secure);
        int64_t n = report->metrics.total_requests;
        assert_true(n > 0);
        assert_int_equal(failures_of(report, "tls", "without TLS's close_notify"), n);
        assert_int_equal(n, atomic_load(&secure.server.requests));
        tear_down(&secure);
    }
}

/* A ticket that comes to a connection at rest is no reason to give it up. */
static void test_tls__tickets_leave_a_connection_at_rest(void **state)
{
    (void)state;
    struct secure secure;
    set_up(&secure, &(struct tls_server_setup){.version = TLS1_3_VERSION}, NULL,
           "\"think_time\": {\"constant\": \"60ms\"}, \"tasks\": [{\"get\": \"/late\"}]");
    secure.scene.options.duration_ns = NS_PER_S;
    const struct report *report = run(&secure);
    assert_true(report->metrics.total_requests > 4);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->health.connections, 4);
    tear_down(&secure);
}

static void test_tls__hostile_peers_make_failures(void **state)
{
    (void)state;
    static const struct {
        enum tls_manner manner;
        const char *kind, *message;
    } rows[] = {
        {TLS_PLAIN, "tls", "wrong version number"},
        {TLS_GARBAGE, "tls", ""},
        {TLS_CLOSE, "tls", "closed in the TLS handshake"},
        {TLS_SILENT, "timeout", "connect timeout"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct secure secure;
        const struct tls_server_setup setup = {.manner = rows[i].manner, .proper = 1};
        set_up(&secure, &setup, NULL, "\"tasks\": [{\"get\": \"/\"}]");
        if (rows[i].manner == TLS_SILENT)
            secure.scene.scenario.connect_timeout_ns = 500 * NS_PER_MS;
        const struct report *report = run(&secure);
        int64_t n = report->metrics.total_requests;
        assert_true(n > 0);
        assert_int_equal(failures_of(report, rows[i].kind, rows[i].message), n);
        assert_int_equal(report->health.tls_handshakes, 0);
        tear_down(&secure);
    }
}

/* A run that ends before it begins, and what it says. */
static void expect_refusal(const struct tls_server_setup *setup, const char *settings,
                           const char *reason, const char *advice)
{
    struct secure secure;
    set_up(&secure, setup, settings, "\"tasks\": [{\"get\": \"/\"}]");
    struct scene *scene = &secure.scene;
    assert_int_equal(load_run(&scene->scenario, &scene->options, &scene->result, &scene->err), -1);
    assert_int_equal(scene->err.code, ERR_TARGET);
    if (!strstr(scene->err.text, secure.server.url) || !strstr(scene->err.text, reason) ||
        !strstr(scene->err.text, advice))
        fail_msg("expected '%s' and '%s', found '%s'", reason, advice, scene->err.text);
    tear_down(&secure);
}

static void test_tls__wrong_certificates_end_the_run_at_once(void **state)
{
    (void)state;
    static const struct tls_server_setup plain = {0}, elsewhere = {.names = "DNS:other.example"},
                                         old = {.expired = true}, http = {.manner = TLS_PLAIN};
    expect_refusal(&plain, "", "self-signed certificate", "\"ca\" in the scenario's \"tls\"");
    expect_refusal(&elsewhere, NULL, "ostname mismatch", "for another name");
    expect_refusal(&old, NULL, "certificate has expired", "renew its certificate");
    expect_refusal(&http, NULL, "wrong version number", "check that this port speaks TLS");
}

static void test_tls__an_address_is_verified_as_one(void **state)
{
    (void)state;
    static const char *const names[] = {"IP:127.0.0.1", "DNS:127.0.0.1"};
    for (size_t i = 0; i < 2; i++) {
        struct secure secure;
        char url[64];
        set_up(&secure, &(struct tls_server_setup){.names = names[i]}, NULL,
               "\"tasks\": [{\"get\": \"/\"}]");
        snprintf(url, sizeof url, "https://127.0.0.1%s", strrchr(secure.server.url, ':'));
        struct scene *scene = &secure.scene;
        scene->options.host = url;
        int status = load_run(&scene->scenario, &scene->options, &scene->result, &scene->err);
        assert_int_equal(status, i == 0 ? 0 : -1);
        assert_int_equal(strstr(scene->err.text, "IP address mismatch") != NULL, i == 1);
        tear_down(&secure);
    }
}

static void test_tls__verification_can_be_left_out(void **state)
{
    (void)state;
    struct secure secure;
    const struct tls_server_setup setup = {.names = "DNS:other.example", .expired = true};
    set_up(&secure, &setup, "\"tls\": {\"verify\": false},", "\"tasks\": [{\"get\": \"/\"}]");
    const struct report *report = run(&secure);
    assert_true(report->metrics.total_requests > 0);
    assert_int_equal(report->metrics.total_failures, 0);
    assert_int_equal(report->health.n_notes, 1);
    assert_non_null(strstr(report->health.notes[0], "certificates were not verified"));
    tear_down(&secure);
}

/* ---- client certificates ---- */

static void test_tls__shows_its_certificate(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct secure secure;
        const struct tls_server_setup setup = {.version = versions[i], .wants_certificate = true};
        set_up(&secure, &setup, NULL, "\"tasks\": [{\"get\": \"/\"}]");
        struct scenario_tls *tls = &secure.scene.scenario.tls;
        tls->cert = secure.server.certificate;
        tls->key = secure.server.key;
        const struct report *report = run(&secure);
        assert_true(report->metrics.total_requests > 0);
        assert_int_equal(report->metrics.total_failures, 0);
        tear_down(&secure);
    }
}

static void test_tls__says_that_a_certificate_was_wanted(void **state)
{
    (void)state;
    /* The server of TLS 1.3 tells only when the handshake is over for us. */
    static const struct tls_server_setup old = {.version = TLS1_2_VERSION,
                                                .wants_certificate = true};
    expect_refusal(&old, NULL, "handshake failure", "whether it asks for a certificate");
    struct secure secure;
    const struct tls_server_setup setup = {.version = TLS1_3_VERSION, .wants_certificate = true};
    set_up(&secure, &setup, NULL, "\"tasks\": [{\"get\": \"/\"}]");
    const struct report *report = run(&secure);
    assert_true(report->metrics.total_requests > 0);
    assert_int_equal(failures_of(report, "tls", "certificate required"),
                     report->metrics.total_requests);
    tear_down(&secure);
}

static void expect_bad_file(const struct scenario_tls *settings, const char *message)
{
    struct origin origin = {0};
    struct err err = {0};
    assert_int_equal(origin_init(&origin, "https://x", "--host", settings, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    if (!strstr(err.text, message))
        fail_msg("expected '%s', found '%s'", message, err.text);
    origin_release(&origin);
}

static void write_locked_key(const char *path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    PEM_write_PrivateKey(file, key, EVP_aes_128_cbc(), (const unsigned char *)"secret", 6, NULL,
                         NULL);
    fclose(file);
    EVP_PKEY_free(key);
}

static void test_tls__refuses_files_it_cannot_use(void **state)
{
    (void)state;
    struct tls_server one, other;
    tls_server_start(&one, &(struct tls_server_setup){0});
    tls_server_start(&other, &(struct tls_server_setup){0});
    expect_bad_file(&(struct scenario_tls){.ca = "/nowhere/ca.pem"},
                    "tls.ca: expected a PEM file of certificates, found '/nowhere/ca.pem': No such "
                    "file or directory");
    expect_bad_file(&(struct scenario_tls){.ca = "/dev/null"},
                    "tls.ca: expected a PEM file of certificates, found '/dev/null': no ");
    expect_bad_file(&(struct scenario_tls){.cert = one.key},
                    "tls.cert: expected a PEM file of a certificate and its chain");
    expect_bad_file(&(struct scenario_tls){.cert = one.certificate},
                    "tls.key: expected the PEM file of the key");
    expect_bad_file(&(struct scenario_tls){.cert = one.certificate, .key = other.key},
                    "key values mismatch");
    write_locked_key(other.key);
    expect_bad_file(&(struct scenario_tls){.cert = one.certificate, .key = other.key},
                    "without a passphrase");
    tls_server_end(&one);
    tls_server_end(&other);
}

/* ---- the transport by itself ---- */

struct line {
    struct tls_server server;
    struct origin origin;
    struct stream stream;
};

static void await(const struct stream *stream, short events)
{
    struct pollfd event = {.fd = stream->fd, .events = events};
    assert_int_equal(poll(&event, 1, 10000), 1);
}

static void open_line(struct line *line, const struct tls_server_setup *setup, bool offer_http2)
{
    struct err err = {0};
    *line = (struct line){0};
    tls_server_start(&line->server, setup);
    const struct scenario_tls settings = {.verify = true, .ca = line->server.certificate};
    line->origin.offer_http2 = offer_http2;
    assert_int_equal(origin_init(&line->origin, line->server.url, "--host", &settings, &err), 0);
    assert_int_equal(origin_reach(&line->origin, 10 * NS_PER_S, NULL, &err), 0);
    enum io_status status = transport_tls.connect(&line->stream, &line->origin);
    assert_int_equal(status, IO_OK);
    await(&line->stream, POLLOUT);
    while ((status = transport_tls.handshake(&line->stream)) == IO_RETRY)
        await(&line->stream, POLLIN);
    assert_int_equal(status, IO_OK);
}

static void close_line(struct line *line)
{
    transport_tls.close(&line->stream);
    transport_tls.forget(&line->stream);
    origin_release(&line->origin);
    tls_server_end(&line->server);
}

static void test_tls__agrees_on_a_protocol(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct line line;
        bool offer = i & 1, speaks = i & 2;
        open_line(&line, &(struct tls_server_setup){.speaks_http2 = speaks}, offer);
        assert_int_equal(line.stream.http2, offer && speaks);
        close_line(&line);
    }
}

/* What a server sends besides data has its turn, and no more. */
static void test_tls__a_flood_of_tickets_is_read_bit_by_bit(void **state)
{
    (void)state;
    static const char request[] = "GET /flood HTTP/1.1\r\n\r\n";
    struct line line;
    char bytes[256];
    size_t n = 0;
    int unfinished = 0;
    enum io_status status;
    open_line(&line, &(struct tls_server_setup){.version = TLS1_3_VERSION}, false);
    assert_int_equal(transport_tls.write(&line.stream, request, sizeof request - 1, &n), IO_OK);
    assert_int_equal(n, sizeof request - 1);
    await(&line.stream, POLLIN);
    while (!atomic_load(&line.server.flooded))
        usleep(1000);
    while ((status = transport_tls.read(&line.stream, bytes, sizeof bytes, &n)) == IO_RETRY) {
        unfinished += line.stream.more;
        if (!line.stream.more)
            await(&line.stream, POLLIN);
    }
    assert_int_equal(status, IO_OK);
    assert_memory_equal(bytes, "HTTP/1.1 200 OK", 15);
    assert_true(unfinished > 0);
    close_line(&line);
}

/* SIGPIPE, which is as it was left here, would end the test. */
static void test_tls__a_peer_that_left_raises_no_signal(void **state)
{
    (void)state;
    static const char request[] = "GET /slam HTTP/1.1\r\n\r\n";
    struct line line;
    size_t n = 0;
    enum io_status status = IO_OK;
    open_line(&line, &(struct tls_server_setup){0}, false);
    assert_int_equal(transport_tls.write(&line.stream, request, sizeof request - 1, &n), IO_OK);
    tls_server_settle(&line.server);
    for (int i = 0; i < 10 && status == IO_OK; i++)
        status = transport_tls.write(&line.stream, request, sizeof request - 1, &n);
    assert_int_equal(status, IO_ERROR);
    assert_true(line.stream.error == EPIPE || line.stream.error == ECONNRESET);
    close_line(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls__counts_every_request),
        cmocka_unit_test(test_tls__each_user_resumes_its_own_session),
        cmocka_unit_test(test_tls__reads_all_there_is),
        cmocka_unit_test(test_tls__a_stream_that_was_cut_is_a_failure),
        cmocka_unit_test(test_tls__tickets_leave_a_connection_at_rest),
        cmocka_unit_test(test_tls__hostile_peers_make_failures),
        cmocka_unit_test(test_tls__wrong_certificates_end_the_run_at_once),
        cmocka_unit_test(test_tls__an_address_is_verified_as_one),
        cmocka_unit_test(test_tls__verification_can_be_left_out),
        cmocka_unit_test(test_tls__shows_its_certificate),
        cmocka_unit_test(test_tls__says_that_a_certificate_was_wanted),
        cmocka_unit_test(test_tls__refuses_files_it_cannot_use),
        cmocka_unit_test(test_tls__agrees_on_a_protocol),
        cmocka_unit_test(test_tls__a_flood_of_tickets_is_read_bit_by_bit),
        cmocka_unit_test(test_tls__a_peer_that_left_raises_no_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
