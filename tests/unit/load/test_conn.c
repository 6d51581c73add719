/* Connections over a transport of the test's own. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "load/pool.h"

/* ---- a peer that sends a body without end, faster than anyone can read ---- */

enum { READS_IN_ALL = 1000 }; /* then it hangs up, so that a reader who never stops does */

static int n_reads;

static enum io_status endless_connect(struct stream *stream, const struct origin *origin)
{
    (void)origin;
    stream->fd = eventfd(1, EFD_CLOEXEC); /* readable */
    return stream->fd > 0 ? IO_OK : IO_ERROR;
}

static enum io_status endless_handshake(struct stream *stream)
{
    (void)stream;
    return IO_OK;
}

static enum io_status endless_read(struct stream *stream, char *bytes, size_t len, size_t *got)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
    memset(bytes, 'x', len);
    if (n_reads == 0)
        memcpy(bytes, head, sizeof head - 1);
    *got = n_reads++ < READS_IN_ALL ? len : 0;
    stream->more = true;
    return IO_OK;
}

static enum io_status endless_write(struct stream *stream, const char *bytes, size_t len,
                                    size_t *put)
{
    (void)bytes;
    uint64_t one = 1;
    *put = len;
    return write(stream->fd, &one, sizeof one) == sizeof one ? IO_OK : IO_ERROR;
}

static void endless_close(struct stream *stream)
{
    close(stream->fd);
    stream->fd = 0;
}

static const struct transport endless = {endless_connect, endless_handshake, endless_read,
                                         endless_write,   endless_close,     NULL};

/* ---- the tests ---- */

static enum failure how_it_ended = FAILURE_NONE;
static int n_done;

static void note_done(struct exchange *exchange, const struct response *response,
                      enum failure failure, const char *message)
{
    (void)exchange;
    (void)response;
    (void)message;
    how_it_ended = failure;
    n_done++;
}

static void test_conn__a_body_without_end_leaves_others_their_turn(void **state)
{
    (void)state;
    struct loop loop;
    struct err err;
    char in[256];
    struct wire wire = {.loop = &loop,
                        .connecting.length_ns = 1000,
                        .waiting.length_ns = 1000,
                        .in = in,
                        .in_size = sizeof in,
                        .done = note_done};
    static const struct origin origin = {.transport = &endless};
    struct pool pool;
    struct exchange exchange = {.request = {.bytes = {"GET", 3}, .origin = &origin}};
    assert_int_equal(loop_init(&loop, &err), 0);
    pool_init(&pool, &wire);
    pool_send(&pool, &exchange, 0);
    loop_wait(&loop, 0, 0); /* connects, and sends */
    for (int turn = 0; turn < 3; turn++) {
        int before = n_reads;
        loop_wait(&loop, 0, 0);
        assert_in_range(n_reads - before, 1, 100);
        assert_int_equal(n_done, 0);
    }
    wire_expire(&wire, INT64_MAX);
    assert_int_equal(n_done, 1);
    assert_int_equal(how_it_ended, FAILURE_TIMEOUT);
    pool_release(&pool);
    exchange_free_boxes(&wire);
    loop_release(&loop);
}

/* ---- a server that speaks first, so that the event of the connection brings its bytes along ----
 */

struct forward {
    struct loop loop;
    struct wire wire;
    struct origin origin;
    struct pool pool;
    struct exchange exchange;
    int listener, peer;
    char in[4096];
};

/* A request is under way to a server that has sent `bytes`, and been told of nothing. */
static void set_up_forward(struct forward *forward, bool only_http2, const char *bytes, size_t len)
{
    struct err err;
    *forward = (struct forward){.origin = {.transport = &transport_tcp,
                                           .only_http2 = only_http2,
                                           .address_len = sizeof(struct sockaddr_in)},
                                .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr *address = (struct sockaddr *)&forward->origin.address;
    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    memcpy(address, &loopback, sizeof loopback);
    assert_return_code(bind(forward->listener, address, sizeof loopback), 0);
    assert_return_code(listen(forward->listener, 1), 0);
    assert_return_code(getsockname(forward->listener, address, &forward->origin.address_len), 0);
    forward->wire = (struct wire){.loop = &forward->loop,
                                  .connecting.length_ns = 1000,
                                  .waiting.length_ns = 1000,
                                  .keep_alive = true,
                                  .in = forward->in,
                                  .in_size = sizeof forward->in,
                                  .done = note_done};
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    forward->exchange.request =
        (struct conn_request){.bytes = {request, sizeof request - 1}, .origin = &forward->origin};
    n_done = 0;
    assert_int_equal(loop_init(&forward->loop, &err), 0);
    pool_init(&forward->pool, &forward->wire);
    pool_send(&forward->pool, &forward->exchange, 0);
    forward->peer = accept(forward->listener, NULL, NULL);
    assert_return_code(forward->peer, 0);
    assert_int_equal(send(forward->peer, bytes, len, 0), len);
}

static void tear_down_forward(struct forward *forward)
{
    exchange_release(&forward->exchange, &forward->wire);
    pool_release(&forward->pool);
    exchange_free_boxes(&forward->wire);
    loop_release(&forward->loop);
    close(forward->peer);
    close(forward->listener);
}

/* As overloaded servers do, which then read on for a while so that the answer is not lost. */
static void test_conn__an_answer_that_came_before_its_request_is_taken(void **state)
{
    (void)state;
    static const char answer[] = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";
    struct forward forward;
    set_up_forward(&forward, false, answer, sizeof answer - 1);
    assert_return_code(shutdown(forward.peer, SHUT_WR), 0);
    loop_wait(&forward.loop, 0, 0);
    loop_wait(&forward.loop, 0, 0);
    assert_int_equal(n_done, 1);
    assert_int_equal(how_it_ended, FAILURE_NONE);
    assert_int_equal(forward.pool.conn.state, CONN_CLOSED);
    tear_down_forward(&forward);
}

/* A server that waits for the acknowledgement of its settings would end the connection. */
static void test_conn__settings_that_came_before_the_request_are_acknowledged(void **state)
{
    (void)state;
    static const char settings[] = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    static const char acknowledgement[] = {0, 0, 0, 4, 1, 0, 0, 0, 0};
    struct forward forward;
    char sent[4096];
    set_up_forward(&forward, true, settings, sizeof settings);
    loop_wait(&forward.loop, 0, 0);
    loop_wait(&forward.loop, 0, 0);
    ssize_t len = recv(forward.peer, sent, sizeof sent, MSG_DONTWAIT);
    assert_in_range(len, 1, sizeof sent);
    assert_non_null(memmem(sent, (size_t)len, acknowledgement, sizeof acknowledgement));
    assert_int_equal(n_done, 0);
    tear_down_forward(&forward);
}

/* The first of two that were refused finds the connection still in use, the second one does not. */
static void test_conn__what_was_refused_shares_the_next_connection(void **state)
{
    (void)state;
    static const char away[] = {0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 7,
                                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    struct forward forward;
    set_up_forward(&forward, true, away, sizeof away);
    struct exchange second = {.request = forward.exchange.request};
    pool_send(&forward.pool, &second, 0);
    loop_wait(&forward.loop, 0, 0);
    assert_int_equal(forward.wire.retries, 2);
    assert_null(forward.pool.waiting.first);
    assert_ptr_equal(second.conn, &forward.pool.conn);
    assert_ptr_equal(forward.exchange.conn, &forward.pool.conn);
    tear_down_forward(&forward);
    exchange_free_boxes(&forward.wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conn__a_body_without_end_leaves_others_their_turn),
        cmocka_unit_test(test_conn__an_answer_that_came_before_its_request_is_taken),
        cmocka_unit_test(test_conn__settings_that_came_before_the_request_are_acknowledged),
        cmocka_unit_test(test_conn__what_was_refused_shares_the_next_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
