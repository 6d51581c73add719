"""Content codings (RFC 9110, 8.4), undone as lib/load/coding.c does it: only where an expectation
or a capture looks into the body, and never to more than LIMIT bytes, however little came.
"""
import zlib

LIMIT = 8 << 20  # bytes, of a body before and after
DEPTH = 4        # codings of one body
PIECE = 1 << 10  # what a decoder is fed with that has no limit of its own


class Unreadable(Exception):
    """Why a body cannot be looked into."""


def limited(size, coding):
    if size > LIMIT:
        raise Unreadable("the body is over %d MiB once its %s data is decoded"
                         % (LIMIT >> 20, coding))


def inflated(body, window, coding):
    """zlib's formats; of gzip several members."""
    out = bytearray()
    while body:
        stream = zlib.decompressobj(window)
        out += stream.decompress(body, LIMIT + 1 - len(out))
        limited(len(out), coding)
        if not stream.eof:
            raise Unreadable("the body ends before its %s data does" % coding)
        body = stream.unused_data
        if body and coding == "deflate":
            raise zlib.error("more data")
    return bytes(out)


def gunzip(body):
    return inflated(body, 15 + 16, "gzip")


def inflate(body):
    """What "deflate" means is zlib's format, but some send it bare (RFC 9110, 8.4.1.2)."""
    try:
        return inflated(body, 15, "deflate")
    except zlib.error:
        return inflated(body, -15, "deflate")


def unbrotli(body):
    import brotli
    stream, out = brotli.Decompressor(), bytearray()
    try:
        for at in range(0, len(body), PIECE):
            out += stream.process(body[at:at + PIECE])
            limited(len(out), "br")
    except brotli.error as error:
        raise zlib.error(str(error))
    if not stream.is_finished():
        raise Unreadable("the body ends before its br data does")
    return bytes(out)


CODINGS = {"gzip": ("gzip", gunzip), "x-gzip": ("gzip", gunzip), "br": ("br", unbrotli),
           "deflate": ("deflate", inflate), "identity": None}


def undo(fields, body):
    """The body as it was, of one with these Content-Encoding fields."""
    applied = []
    for name in (name.strip() for field in fields for name in field.split(",")):
        if name and name.lower() not in CODINGS:
            raise Unreadable("the body is encoded as '%s'; only gzip, deflate and br can be looked "
                             "into" % name[:40])
        coding = CODINGS[name.lower()] if name else None
        if coding:
            applied.append(coding)
    if len(applied) > DEPTH:
        raise Unreadable("the body is encoded more than %d times" % DEPTH)
    if not body:
        return body  # of a HEAD request, for example
    for name, decode in reversed(applied):
        try:
            body = decode(body)
        except zlib.error:
            raise Unreadable("the body is no valid %s data" % name) from None
    return body
