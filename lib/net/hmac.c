#include "net/hmac.h"

#include <string.h>

#include <openssl/hmac.h>

#include "base/mem.h"

void hmac_add_sha256(struct buf *out, const char *key, const char *bytes, size_t len)
{
    unsigned char code[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (!HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)bytes, len, code, &n))
        mem_exhausted();
    for (unsigned i = 0; i < n; i++)
        buf_addf(out, "%02x", code[i]);
}
