/* Which connection an exchange gets, over a transport of the test's own that answers nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "load/pool.h"

/* ---- a peer that connects at once, and says what it was asked to say ---- */

static bool agrees_on_http2;
static bool is_open;
static char written[64]; /* the last of it */

static enum io_status mute_connect(struct stream *stream, const struct origin *origin)
{
    (void)origin;
    stream->fd = eventfd(1, EFD_CLOEXEC); /* readable */
    return stream->fd > 0 ? IO_OK : IO_ERROR;
}

static enum io_status mute_handshake(struct stream *stream)
{
    stream->http2 = agrees_on_http2;
    return is_open ? IO_OK : IO_RETRY;
}

static enum io_status mute_read(struct stream *stream, char *bytes, size_t len, size_t *got)
{
    (void)stream;
    memset(bytes, 0, len);
    *got = 0;
    return IO_RETRY;
}

static enum io_status mute_write(struct stream *stream, const char *bytes, size_t len, size_t *put)
{
    (void)stream;
    memcpy(written, bytes, len < sizeof written ? len : sizeof written);
    *put = len;
    return IO_OK;
}

static void mute_close(struct stream *stream)
{
    close(stream->fd);
    stream->fd = 0;
}

static const struct transport mute = {mute_connect, mute_handshake, mute_read,
                                      mute_write,   mute_close,     NULL};

/* ---- the scene ---- */

enum { N = 4 };

struct scene {
    struct loop loop;
    struct wire wire;
    struct pool pool;
    struct origin origin;
    struct exchange exchanges[N];
    char in[64];
};

static int n_done;
static enum failure how_it_ended;

static void note_done(struct exchange *exchange, const struct response *response,
                      enum failure failure, const char *message)
{
    struct scene *scene = (struct scene *)((char *)exchange->pool - offsetof(struct scene, pool));
    (void)response;
    (void)message;
    n_done++;
    how_it_ended = failure;
    exchange_release(exchange, &scene->wire);
}

static void set_up(struct scene *scene, bool offer, bool only, uint32_t limit)
{
    struct err err;
    *scene =
        (struct scene){.wire = {.loop = &scene->loop,
                                .connecting.length_ns = 1000,
                                .waiting.length_ns = 1000,
                                .keep_alive = true,
                                .in = scene->in,
                                .in_size = sizeof scene->in,
                                .done = note_done},
                       .origin = {.transport = &mute, .offer_http2 = offer, .only_http2 = only}};
    assert_int_equal(loop_init(&scene->loop, &err), 0);
    pool_init(&scene->pool, &scene->wire);
    scene->pool.limit = limit;
    n_done = 0;
    is_open = true;
}

static void send_all(struct scene *scene)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int i = 0; i < N; i++) {
        scene->exchanges[i].request =
            (struct conn_request){.bytes = {request, sizeof request - 1}, .origin = &scene->origin};
        pool_send(&scene->pool, &scene->exchanges[i], 0);
    }
}

/* A turn of the lane. */
static void turn(struct scene *scene)
{
    wire_flush(&scene->wire);
    loop_wait(&scene->loop, 0, 0);
}

static void tear_down(struct scene *scene)
{
    pool_release(&scene->pool);
    exchange_free_boxes(&scene->wire);
    loop_release(&scene->loop);
}

static int count(const struct exchanges *list)
{
    int n = 0;
    for (const struct exchange *exchange = list->first; exchange; exchange = exchange->next)
        n++;
    return n;
}

/* ---- the tests ---- */

static void test_pool__opens_as_many_as_it_may(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, false, false, 3);
    send_all(&scene);
    assert_int_equal(scene.wire.opened, 3);
    assert_int_equal(count(&scene.pool.waiting), 1);
    assert_int_equal(scene.wire.in_flight, N);
    turn(&scene);
    assert_int_equal(count(&scene.pool.conn.exchanges), 1);
    tear_down(&scene);
}

/* Those that wait for an agreement share the connection, or go their ways. */
static void test_pool__waits_for_what_is_agreed_on(void **state)
{
    (void)state;
    struct scene scene;
    agrees_on_http2 = true;
    set_up(&scene, true, false, 3);
    send_all(&scene);
    assert_int_equal(scene.wire.opened, 1);
    turn(&scene);
    assert_int_equal(scene.wire.opened, 1);
    assert_int_equal(count(&scene.pool.conn.exchanges), N);
    tear_down(&scene);

    agrees_on_http2 = false;
    set_up(&scene, true, false, 3);
    send_all(&scene);
    assert_int_equal(scene.wire.opened, 1);
    turn(&scene);
    assert_int_equal(scene.wire.opened, 3); /* it is known now */
    assert_int_equal(count(&scene.pool.conn.exchanges), 1);
    assert_int_equal(count(&scene.pool.waiting), 1);
    tear_down(&scene);
}

static void test_pool__needs_http2_where_nothing_else_is_allowed(void **state)
{
    (void)state;
    struct scene scene;
    agrees_on_http2 = false;
    set_up(&scene, true, true, 3);
    send_all(&scene);
    turn(&scene);
    assert_int_equal(n_done, N);
    assert_int_equal(how_it_ended, FAILURE_TLS);
    tear_down(&scene);

    set_up(&scene, false, true, 3); /* prior knowledge */
    send_all(&scene);
    turn(&scene);
    assert_int_equal(n_done, 0);
    assert_int_equal(count(&scene.pool.conn.exchanges), N);
    tear_down(&scene);
}

static void test_pool__gives_up_in_every_state(void **state)
{
    (void)state;
    struct scene scene;
    agrees_on_http2 = false;
    for (int connected = 0; connected < 2; connected++) {
        for (int http2 = 0; http2 < 2; http2++) {
            set_up(&scene, false, http2, 2);
            is_open = connected;
            send_all(&scene);
            turn(&scene);
            while (scene.wire.in_flight) {
                assert_true(wire_next_deadline(&scene.wire) < INT64_MAX);
                wire_expire(&scene.wire, INT64_MAX);
                turn(&scene);
            }
            assert_int_equal(n_done, N);
            assert_int_equal(how_it_ended, FAILURE_TIMEOUT);
            assert_int_equal(wire_next_deadline(&scene.wire), INT64_MAX);
            tear_down(&scene);
        }
    }
}

/* Its stream is reset, so that an answer that comes late is nobody's. */
static void test_pool__cancels_a_stream_alone(void **state)
{
    static const char reset[] = "\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08";
    const int64_t later_ns = INT64_MAX / 2;
    (void)state;
    struct scene scene;
    set_up(&scene, false, true, 1);
    scene.exchanges[0].request = scene.exchanges[1].request =
        (struct conn_request){.bytes = {"GET / HTTP/1.1\r\n\r\n", 18}, .origin = &scene.origin};
    pool_send(&scene.pool, &scene.exchanges[0], 0);
    turn(&scene);
    pool_send(&scene.pool, &scene.exchanges[1], later_ns);
    turn(&scene);
    wire_expire(&scene.wire, later_ns);
    assert_int_equal(n_done, 1);
    assert_int_equal(count(&scene.pool.conn.exchanges), 1);
    turn(&scene);
    assert_memory_equal(written, reset, sizeof reset - 1);
    tear_down(&scene);
}

/* What is in flight when a pool goes leaves nothing behind (and no leak). */
static void test_pool__releases_what_is_in_flight(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, false, true, 1);
    send_all(&scene);
    for (int i = 0; i < N; i++)
        exchange_box(&scene.exchanges[i], &scene.wire);
    turn(&scene);
    tear_down(&scene);
    assert_int_equal(n_done, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool__opens_as_many_as_it_may),
        cmocka_unit_test(test_pool__waits_for_what_is_agreed_on),
        cmocka_unit_test(test_pool__needs_http2_where_nothing_else_is_allowed),
        cmocka_unit_test(test_pool__gives_up_in_every_state),
        cmocka_unit_test(test_pool__cancels_a_stream_alone),
        cmocka_unit_test(test_pool__releases_what_is_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
