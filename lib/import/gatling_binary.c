/*
 * Gatling's simulation.log from 3.13 on (LogFileDataWriter.scala of 3.15): records, each of which
 * begins with a byte that says what it is; numbers are big-endian, times ms since the run's start.
 *
 * A text is its length in bytes, the bytes and their coder, as the JVM keeps them: 0 = Latin-1, 1 =
 * UTF-16 in the JVM's order of bytes, which is taken for little-endian; an empty one is a length
 * of 0 alone. Names and messages are kept by the writer: the first time with the next number from 1
 * before them, then as that number below zero. So they are kept here, too, up to MAX_TEXTS of
 * them and MAX_KEPT bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "import/formats.h"
#include "import/gatling.h"
#include "import/rows.h"

#define MAX_TEXT    ((size_t)64 << 10) /* the writer's own limit is 8 KiB */
#define MAX_KEPT    ((size_t)6 << 20)
#define MAX_TEXTS   ((size_t)1 << 17)
#define KEEP        ((size_t)600) /* bytes of one; more than reports have of a name or a message */
#define MAX_LIST    10000
#define MAX_VERSION 40
#define MAX_WALL_MS INT64_C(2524608000000) /* the year 2050 */

enum record { RUN, REQUEST, USER, GROUP, ERROR, RECORDS };

struct binary {
    const struct import_file *file;
    struct span piece; /* what is left of it */
    struct buf held;   /* bytes over the border of two pieces */
    int64_t offset;    /* of the next byte */
    int64_t began;     /* where the record does */
    struct arena arena;
    size_t n_kept, capacity, kept_bytes;
    struct span *kept;
    struct buf text, name;
    struct gatling gatling;
    struct rows_left left;
    bool has_run;
    int64_t start_ms; /* of the run */
};

static uint32_t be32(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

bool gatling_binary_recognise(struct span head)
{
    static const char in_version[] =
        "0123456789.-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (head.len < 6 || head.at[0] != RUN)
        return false;
    uint32_t len = be32(head.at + 1);
    if (len < 3 || len > MAX_VERSION || head.len < len + 6 || head.at[len + 5] != 0 ||
        head.at[5] < '0' || head.at[5] > '9')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!head.at[5 + i] || !strchr(in_version, head.at[5 + i]))
            return false;
    return true;
}

/* ---- bytes ---- */

/* Failures from here on are of the file: where a record ends is not known any more. */
static int fail(const struct binary *binary, const char *what, struct err *err)
{
    return err_set(err, ERR_INPUT, "'%s' byte %lld: %s", binary->file->stream->name,
                   (long long)binary->offset, what);
}

/* Sees to it that some byte is there; false at the end. -1 on failure. */
static int more(struct binary *binary, bool *there, struct err *err)
{
    if (!binary->piece.len && stream_read(binary->file->stream, &binary->piece, err) < 0)
        return -1;
    *there = binary->piece.len > 0;
    return 0;
}

static const char *advance(struct binary *binary, size_t n)
{
    const char *at = binary->piece.at;
    binary->piece = (struct span){at + n, binary->piece.len - n};
    binary->offset += (int64_t)n;
    return at;
}

/* The next `n` bytes, at most MAX_TEXT + 1; valid until the next call. */
static int take(struct binary *binary, size_t n, const char **out, struct err *err)
{
    bool there = false;
    if (binary->piece.len >= n) {
        *out = advance(binary, n);
        return 0;
    }
    buf_reset(&binary->held);
    while (binary->held.len < n) {
        if (more(binary, &there, err) < 0)
            return -1;
        if (!there)
            return fail(binary, "the file ends within a record and may be cut off; copy it again",
                        err);
        size_t some = n - binary->held.len;
        some = some < binary->piece.len ? some : binary->piece.len;
        buf_add(&binary->held, advance(binary, some), some);
    }
    *out = buf_text(&binary->held);
    return 0;
}

static int take_int(struct binary *binary, int32_t *out, struct err *err)
{
    const char *at = "";
    if (take(binary, 4, &at, err) < 0)
        return -1;
    *out = (int32_t)be32(at);
    return 0;
}

static int take_long(struct binary *binary, int64_t *out, struct err *err)
{
    const char *at = "";
    if (take(binary, 8, &at, err) < 0)
        return -1;
    *out = (int64_t)((uint64_t)be32(at) << 32 | be32(at + 4));
    return 0;
}

static int take_flag(struct binary *binary, bool *out, struct err *err)
{
    const char *at = "";
    if (take(binary, 1, &at, err) < 0)
        return -1;
    if (*at != 0 && *at != 1)
        return fail(binary, "expected a byte of 0 or 1, as Gatling writes it", err);
    *out = *at == 1;
    return 0;
}

/* A number of elements, or of bytes. */
static int take_length(struct binary *binary, int32_t limit, size_t *out, struct err *err)
{
    int32_t n = 0;
    if (take_int(binary, &n, err) < 0)
        return -1;
    if (n < 0 || n > limit)
        return fail(binary, "expected a length that Gatling may write", err);
    *out = (size_t)n;
    return 0;
}

/* ---- texts ---- */

static void add_utf8(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_add_char(out, (char)c);
    } else if (c < 0x800) {
        buf_add_char(out, (char)(0xc0 | c >> 6));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        buf_add_char(out, (char)(0xe0 | c >> 12));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    } else {
        buf_add_char(out, (char)(0xf0 | c >> 18));
        buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    }
}

/* Half a surrogate pair stays as it is, which is no UTF-8; collect.h replaces it. */
static void add_utf16(struct buf *out, const unsigned char *at, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        uint32_t c = at[i] | (uint32_t)at[i + 1] << 8;
        uint32_t next = i + 3 < len ? at[i + 2] | (uint32_t)at[i + 3] << 8 : 0;
        if (c >> 10 == 0x36 && next >> 10 == 0x37) {
            c = 0x10000 + ((c & 0x3ff) << 10 | (next & 0x3ff));
            i += 2;
        }
        add_utf8(out, c);
    }
}

/* Into binary->text. */
static int take_text(struct binary *binary, struct err *err)
{
    size_t len = 0;
    const char *at = "";
    buf_reset(&binary->text);
    if (take_length(binary, (int32_t)MAX_TEXT, &len, err) < 0)
        return -1;
    if (!len)
        return 0;
    if (take(binary, len + 1, &at, err) < 0)
        return -1;
    char coder = at[len];
    if ((coder != 0 && coder != 1) || (coder == 1 && len % 2))
        return fail(binary, "expected a text in Latin-1 or UTF-16, as Gatling writes it", err);
    if (coder == 1)
        add_utf16(&binary->text, (const unsigned char *)at, len);
    for (size_t i = 0; coder == 0 && i < len; i++)
        add_utf8(&binary->text, (unsigned char)at[i]);
    return 0;
}

static int keep(struct binary *binary, struct err *err)
{
    size_t len = binary->text.len < KEEP ? binary->text.len : KEEP;
    if (binary->n_kept == MAX_TEXTS || binary->kept_bytes + len > MAX_KEPT)
        return fail(binary,
                    "more than 131072 different names and messages, or 6 MiB of them; give "
                    "requests that differ in an id alone one name in the load test",
                    err);
    binary->kept = mem_grow(binary->kept, binary->n_kept, &binary->capacity, sizeof *binary->kept);
    binary->kept[binary->n_kept++] =
        (struct span){arena_strndup(&binary->arena, buf_text(&binary->text), len), len};
    binary->kept_bytes += len;
    return 0;
}

static int take_kept(struct binary *binary, struct span *out, struct err *err)
{
    int32_t index = 0;
    if (take_int(binary, &index, err) < 0)
        return -1;
    if (index > 0) {
        if ((size_t)index != binary->n_kept + 1)
            return fail(binary, "expected texts that are numbered one by one", err);
        if (take_text(binary, err) < 0 || keep(binary, err) < 0)
            return -1;
    }
    size_t number = (size_t)(index < 0 ? -(int64_t)index : index);
    if (!number || number > binary->n_kept)
        return fail(binary, "expected the number of a text that came before", err);
    *out = binary->kept[number - 1];
    return 0;
}

/* "group / " for each, into binary->name. */
static int take_groups(struct binary *binary, struct err *err)
{
    size_t n = 0;
    struct span group = {0};
    buf_reset(&binary->name);
    if (take_length(binary, MAX_LIST, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (take_kept(binary, &group, err) < 0)
            return -1;
        if (binary->name.len >= KEEP)
            continue;
        buf_add(&binary->name, group.at, group.len);
        buf_add_str(&binary->name, GATLING_BETWEEN);
    }
    return 0;
}

/* ---- records ---- */

static int pass_texts(struct binary *binary, size_t n, struct err *err)
{
    for (; n; n--)
        if (take_text(binary, err) < 0)
            return -1;
    return 0;
}

static int read_run(struct binary *binary, struct err *err)
{
    size_t n = 0, len = 0;
    const char *at = "";
    if (binary->has_run)
        return fail(binary, "a second run begins; expected the log of one, read each alone", err);
    binary->has_run = true;
    if (pass_texts(binary, 2, err) < 0 || take_long(binary, &binary->start_ms, err) < 0)
        return -1; /* behind the version and the class */
    if (binary->start_ms < 0 || binary->start_ms > MAX_WALL_MS)
        return fail(binary, "expected a start before the year 2050", err);
    if (take_text(binary, err) < 0 || take_length(binary, MAX_LIST, &n, err) < 0 ||
        pass_texts(binary, n, err) < 0 || take_length(binary, MAX_LIST, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (take_length(binary, (int32_t)MAX_TEXT, &len, err) < 0 ||
            take(binary, len, &at, err) < 0)
            return -1;
    return 0;
}

static int read_request(struct binary *binary, struct err *err)
{
    struct gatling_request request = {0};
    struct span name = {0};
    int32_t start = 0, end = 0;
    struct err own = {0};
    if (take_groups(binary, err) < 0 || take_kept(binary, &name, err) < 0 ||
        take_int(binary, &start, err) < 0 || take_int(binary, &end, err) < 0 ||
        take_flag(binary, &request.ok, err) < 0 || take_kept(binary, &request.message, err) < 0)
        return -1;
    buf_add(&binary->name, name.at, name.len);
    request.name = (struct span){buf_text(&binary->name), binary->name.len};
    request.start_ms = binary->start_ms + start;
    request.end_ms = binary->start_ms + end;
    if (gatling_request(&binary->gatling, &request, &own) == 0)
        return 0;
    err_prefix(&own, "'%s' byte %lld: ", binary->file->stream->name, (long long)binary->began);
    return rows_leave(&binary->left, binary->file, &own, err);
}

static int read_user(struct binary *binary, struct err *err)
{
    int32_t scenario = 0, at = 0;
    bool comes = false;
    if (take_int(binary, &scenario, err) < 0 || take_flag(binary, &comes, err) < 0 ||
        take_int(binary, &at, err) < 0)
        return -1;
    gatling_user(&binary->gatling, comes);
    return 0;
}

static int read_group(struct binary *binary, struct err *err)
{
    int32_t times[3] = {0};
    bool ok = false;
    if (take_groups(binary, err) < 0)
        return -1;
    for (size_t i = 0; i < 3; i++)
        if (take_int(binary, &times[i], err) < 0)
            return -1;
    return take_flag(binary, &ok, err);
}

static int read_error(struct binary *binary, struct err *err)
{
    struct span message = {0};
    int32_t at = 0;
    if (take_kept(binary, &message, err) < 0 || take_int(binary, &at, err) < 0)
        return -1;
    gatling_error(&binary->gatling, message);
    return 0;
}

static int read_record(struct binary *binary, struct err *err)
{
    static int (*const read[RECORDS])(struct binary *, struct err *) = {
        [RUN] = read_run,     [REQUEST] = read_request, [USER] = read_user,
        [GROUP] = read_group, [ERROR] = read_error,
    };
    const char *kind = "";
    binary->began = binary->offset;
    if (take(binary, 1, &kind, err) < 0)
        return -1;
    size_t record = (unsigned char)*kind;
    if (record >= RECORDS)
        return fail(binary, "expected the beginning of a record, as Gatling writes it", err);
    return read[record](binary, err);
}

static int read_records(struct binary *binary, struct err *err)
{
    for (;;) {
        bool there = false;
        if (more(binary, &there, err) < 0)
            return -1;
        if (!there)
            return 0;
        if (read_record(binary, err) < 0)
            return -1;
    }
}

int gatling_binary_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct binary binary = {.file = file};
    struct err fault = {0};
    gatling_begin(&binary.gatling);
    int status = read_records(&binary, &fault);
    if (status < 0)
        status = rows_stop(file, binary.has_run, &fault, report, err);
    if (status == 0) {
        gatling_finish(&binary.gatling, report);
        rows_note_left(&binary.left, "request", report);
    }
    gatling_end(&binary.gatling);
    arena_release(&binary.arena);
    buf_release(&binary.held);
    buf_release(&binary.text);
    buf_release(&binary.name);
    free(binary.kept);
    return status;
}
