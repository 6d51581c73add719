/* The coding br (RFC 7932), through brotli. */
#include <brotli/decode.h>

#include "base/mem.h"
#include "load/coding.h"

#define CHUNK ((size_t)32 << 10)

static enum coding_status decode(BrotliDecoderState *decoder, struct span in, size_t limit,
                                 struct buf *out)
{
    size_t left = in.len;
    const uint8_t *next = (const uint8_t *)in.at;
    for (;;) {
        size_t room = CHUNK;
        uint8_t *at = (uint8_t *)buf_reserve(out, CHUNK);
        BrotliDecoderResult result =
            BrotliDecoderDecompressStream(decoder, &left, &next, &room, &at, NULL);
        out->len += CHUNK - room;
        if (out->len > limit)
            return CODING_OVER_LIMIT;
        if (result == BROTLI_DECODER_RESULT_SUCCESS)
            return left ? CODING_BROKEN : CODING_OK;
        if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT)
            return CODING_CUT;
        if (result == BROTLI_DECODER_RESULT_ERROR)
            return CODING_BROKEN;
    }
}

enum coding_status coding_unbrotli(struct span in, size_t limit, struct buf *out)
{
    BrotliDecoderState *decoder = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    if (!decoder)
        mem_exhausted();
    enum coding_status status = decode(decoder, in, limit, out);
    BrotliDecoderDestroyInstance(decoder);
    buf_add(out, "", 0); /* ends it there */
    return status;
}
