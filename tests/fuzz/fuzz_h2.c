/*
 * The receiving side of HTTP/2 on any bytes, with several requests under way. The first byte
 * chooses how many there are and the size of the pieces that the bytes come in.
 */
#include <stdint.h>
#include <stdlib.h>

#include "load/conn.h"
#include "load/extract.h"
#include "load/pool.h"

enum { MOST = 8 };

static const char request[] =
    "POST /a?b=c HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody";

struct drive {
    struct wire wire;
    struct pool pool;
    struct exchange exchanges[MOST];
    int n, left;
};

static void check(const struct response *response, enum protocol_event event)
{
    if (event != PROTOCOL_DONE) {
        if (!response->reason || response->failure == FAILURE_NONE)
            abort();
        return;
    }
    if (response->status < 200 || response->status > 999 ||
        response->head.len > 2 * HTTP1_HEAD_LIMIT || response->body.len > HTTP1_BODY_LIMIT ||
        (size_t)response->body_bytes < response->body.len)
        abort();
}

/* Takes what is over off the connection. Returns whether the connection goes on. */
static bool take(struct drive *drive, enum protocol_event event, struct response *response)
{
    struct conn *conn = &drive->pool.conn;
    while (event != PROTOCOL_MORE && event != PROTOCOL_FAILED) {
        check(response, event);
        if (response->exchange->conn != conn)
            abort(); /* it was over before */
        response->exchange->conn = NULL;
        exchanges_remove(&conn->exchanges, response->exchange);
        drive->left--;
        event = protocol_h2.over(conn, response);
    }
    if (event == PROTOCOL_FAILED && !response->reason)
        abort();
    return event == PROTOCOL_MORE;
}

static bool feed(struct drive *drive, const uint8_t *bytes, size_t len)
{
    struct conn *conn = &drive->pool.conn;
    struct response response = {0};
    if (!take(drive, protocol_h2.receive(conn, (const char *)bytes, len, &response), &response))
        return false;
    while (protocol_h2.fill(conn))
        continue;
    return take(drive, protocol_h2.over(conn, &response), &response);
}

static void begin(struct drive *drive, const struct origin *origin)
{
    struct conn *conn = &drive->pool.conn;
    pool_init(&drive->pool, &drive->wire);
    if (!protocol_h2.open(conn))
        abort();
    for (int i = 0; i < drive->n; i++) {
        struct exchange *exchange = &drive->exchanges[i];
        exchange->conn = conn;
        exchange->request = (struct conn_request){.bytes = {request, sizeof request - 1},
                                                  .origin = origin,
                                                  .needs = i % 2 ? EXTRACT_HEAD | EXTRACT_BODY : 0};
        exchanges_add(&conn->exchanges, exchange);
        protocol_h2.begin(conn, exchange);
    }
    drive->left = drive->n;
    while (protocol_h2.fill(conn))
        continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct origin origin = {.only_http2 = true};
    struct drive drive = {0};
    if (size < 2)
        return 0;
    drive.n = 1 + data[0] % MOST;
    size_t step = 1 + 8 * (size_t)(data[0] / MOST);
    begin(&drive, &origin);
    bool goes_on = true;
    for (size_t at = 1; at < size && goes_on; at += step)
        goes_on = feed(&drive, data + at, size - at < step ? size - at : step);
    protocol_h2.close(&drive.pool.conn);
    for (int i = 0; i < drive.n; i++)
        exchange_release(&drive.exchanges[i], &drive.wire);
    exchange_free_boxes(&drive.wire);
    return 0;
}
