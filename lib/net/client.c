#include "net/client.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/mem.h"

/* ---- where to ---- */

static bool is_host(const char *authority, const char *host)
{
    size_t length = strlen(host);
    return strncasecmp(authority, host, length) == 0 &&
           (!authority[length] || strchr(":/?#", authority[length]));
}

/* 127.0.0.0/8, all four numbers written. */
static bool is_loopback_number(const char *authority)
{
    size_t length = strcspn(authority, ":/?#");
    size_t dots = 0;
    for (size_t i = 0; i < length; i++) {
        dots += authority[i] == '.';
        if (!strchr("0123456789.", authority[i]))
            return false;
    }
    return strncmp(authority, "127.", 4) == 0 && dots == 3;
}

bool client_is_loopback(const char *authority)
{
    if (memchr(authority, '@', strcspn(authority, "/?#")))
        return false; /* what is before it is a user */
    return is_host(authority, "localhost") || is_host(authority, "[::1]") ||
           is_loopback_number(authority);
}

static int check_url(const char *url, bool may_be_clear, struct err *err)
{
    if (strncmp(url, "https://", 8) == 0 && url[8])
        return 0;
    if (strncmp(url, "http://", 7) == 0 && (may_be_clear || client_is_loopback(url + 7)))
        return 0;
    return err_set(err, ERR_USAGE,
                   "expected a URL that begins with https:// (http:// goes to the loopback alone)");
}

/* ---- the answer ---- */

/* All is taken in, or libcurl would end the transfer; what is over the limit is forgotten. */
static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct client_answer *answer = context;
    size_t length = size * count;
    size_t room = CLIENT_ANSWER_LIMIT - answer->body.len;
    buf_add(&answer->body, bytes, length < room ? length : room);
    return length;
}

static int fail(CURLcode code, struct err *err)
{
    return err_set(err, ERR_IO, "%s", curl_easy_strerror(code));
}

static bool is_final(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_USE_SSL_FAILED || code == CURLE_LOGIN_DENIED ||
           code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
}

/* Runs what is set up. */
static int perform(CURL *curl, struct client_answer *answer, struct err *err)
{
    CURLcode code = curl_easy_perform(curl);
    curl_off_t wait_s = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait_s) == CURLE_OK && wait_s > 0)
        answer->retry_after_s = (int64_t)wait_s;
    answer->is_final = is_final(code);
    return code == CURLE_OK ? 0 : fail(code, err);
}

static CURL *begin(struct client_answer *answer, const char *ca_file, int64_t timeout_ns)
{
    CURL *curl = curl_easy_init();
    *answer = (struct client_answer){.retry_after_s = -1};
    if (!curl)
        mem_exhausted();
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(timeout_ns / NS_PER_MS));
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    return curl;
}

/* Not through a proxy of the environment: what goes in the clear does not leave the machine. */
static void stay_here(CURL *curl)
{
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

static struct curl_slist *append(struct curl_slist *list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(list, text);
    if (!longer)
        mem_exhausted();
    return longer;
}

/* ---- HTTP ---- */

int client_send(const struct client_request *request, struct client_answer *answer, struct err *err)
{
    *answer = (struct client_answer){.retry_after_s = -1, .is_final = true};
    if (check_url(request->url, request->may_be_clear, err) < 0)
        return -1;
    CURL *curl = begin(answer, request->ca_file, request->timeout_ns);
    struct curl_slist *headers = append(NULL, "Expect:");
    for (size_t i = 0; i < request->n_headers; i++)
        headers = append(headers, request->headers[i]);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    if (strncmp(request->url, "http://", 7) == 0 && client_is_loopback(request->url + 7))
        stay_here(curl);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body->len);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, buf_text(request->body));
    int status = perform(curl, answer, err);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}

/* ---- SMTP ---- */

/* What is left of a mail to upload. */
struct upload {
    const char *at;
    size_t left;
};

static size_t give_mail(char *room, size_t size, size_t count, void *context)
{
    struct upload *upload = context;
    size_t length = size * count < upload->left ? size * count : upload->left;
    memcpy(room, upload->at, length);
    upload->at += length;
    upload->left -= length;
    return length;
}

static void set_login(CURL *curl, const struct client_mail *mail)
{
    if (!mail->user)
        return;
    curl_easy_setopt(curl, CURLOPT_USERNAME, mail->user);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, mail->password ? mail->password : "");
}

static void set_server(CURL *curl, const struct client_mail *mail)
{
    struct buf url = {0};
    buf_addf(&url, "%s://%s/localhost", mail->tls == CLIENT_TLS ? "smtps" : "smtp", mail->server);
    curl_easy_setopt(curl, CURLOPT_URL, buf_text(&url));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(mail->tls == CLIENT_PLAIN ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    buf_release(&url);
}

static char *bracketed(const char *address)
{
    struct buf text = {0};
    buf_addf(&text, "<%s>", address);
    return buf_take(&text);
}

int client_mail(const struct client_mail *mail, struct client_answer *answer, struct err *err)
{
    *answer = (struct client_answer){.retry_after_s = -1, .is_final = true};
    if (mail->tls == CLIENT_PLAIN && !client_is_loopback(mail->server))
        return err_set(err, ERR_USAGE, "a mail goes without TLS to the loopback alone");
    CURL *curl = begin(answer, mail->ca_file, mail->timeout_ns);
    struct upload upload = {buf_text(mail->message), mail->message->len};
    struct curl_slist *to = NULL;
    char *from = bracketed(mail->from);
    for (size_t i = 0; i < mail->n_to; i++) {
        char *address = bracketed(mail->to[i]);
        to = append(to, address);
        free(address);
    }
    set_server(curl, mail);
    if (mail->tls == CLIENT_PLAIN)
        stay_here(curl);
    set_login(curl, mail);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_mail);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    int status = perform(curl, answer, err);
    curl_slist_free_all(to);
    free(from);
    curl_easy_cleanup(curl);
    return status;
}

void client_answer_release(struct client_answer *answer)
{
    buf_release(&answer->body);
    *answer = (struct client_answer){0};
}
