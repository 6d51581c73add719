#include "net/fetch.h"

#include <stdlib.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/mem.h"

struct fetch {
    CURL *curl;
    struct curl_slist *headers;
    struct buf *body; /* during a call */
};

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct fetch *fetch = context;
    size_t length = size * count;
    if (length > FETCH_BODY_LIMIT - fetch->body->len)
        return 0; /* which ends the transfer */
    buf_add(fetch->body, bytes, length);
    return length;
}

static void add_header(struct fetch *fetch, const char *text)
{
    fetch->headers = curl_slist_append(fetch->headers, text);
    if (!fetch->headers)
        mem_exhausted();
}

static void set_trust(CURL *curl, const struct fetch_setup *setup)
{
    if (setup->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, setup->ca_file);
    if (setup->cert_file) {
        curl_easy_setopt(curl, CURLOPT_SSLCERT, setup->cert_file);
        curl_easy_setopt(curl, CURLOPT_SSLKEY,
                         setup->key_file ? setup->key_file : setup->cert_file);
    }
    if (setup->trusts_any) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

struct fetch *fetch_new(const struct fetch_setup *setup)
{
    struct fetch *fetch = mem_new(sizeof *fetch);
    CURL *curl = fetch->curl = curl_easy_init();
    if (!curl)
        mem_exhausted();
    for (size_t i = 0; i < setup->n_headers; i++)
        add_header(fetch, setup->headers[i]);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(setup->timeout_ns / NS_PER_MS));
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "perfgate");
    curl_easy_setopt(curl, CURLOPT_URL, setup->url);
    if (setup->socket)
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, setup->socket);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fetch->headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch);
    set_trust(curl, setup);
    return fetch;
}

int fetch_get(struct fetch *fetch, long *status, struct buf *body, struct err *err)
{
    buf_reset(body);
    fetch->body = body;
    *status = 0;
    CURLcode code = curl_easy_perform(fetch->curl);
    fetch->body = NULL;
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, status);
    if (code == CURLE_WRITE_ERROR)
        return err_set(err, ERR_IO, "the answer is longer than %zu bytes", FETCH_BODY_LIMIT);
    return code == CURLE_OK ? 0 : err_set(err, ERR_IO, "%s", curl_easy_strerror(code));
}

void fetch_free(struct fetch *fetch)
{
    if (!fetch)
        return;
    curl_easy_cleanup(fetch->curl);
    curl_slist_free_all(fetch->headers);
    free(fetch);
}
