#include "load/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/mem.h"
#include "load/origin.h"

/* Receives in one read(): a peer that sends records without data for ever has its turn, and no
 * more. */
#define RECEIVES 2

struct tls {
    SSL_CTX *context;
    BIO_METHOD *socket; /* of all connections */
    char *name;         /* the server's, without a closing dot; an IP literal as it is */
    bool is_address;
};

/* ---- setting up ---- */

/* A sentence's end about what OpenSSL noted first, which is the cause; constant. */
static const char *take_reason(void)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_SYSTEM_ERROR(code) ? strerrordesc_np(ERR_GET_REASON(code))
                                                : ERR_reason_error_string(code);
    ERR_clear_error();
    return reason ? reason : "unknown reason";
}

static int load_authorities(SSL_CTX *context, const struct scenario_tls *settings, struct err *err)
{
    if (!settings->ca) {
        /* They take longer to read than all else before the first request. A system without any
         * fails at the first handshake, which says what is missing. */
        if (settings->verify)
            SSL_CTX_set_default_verify_paths(context);
        ERR_clear_error();
        return 0;
    }
    if (SSL_CTX_load_verify_locations(context, settings->ca, NULL))
        return 0;
    return err_set(err, ERR_INPUT, "tls.ca: expected a PEM file of certificates, found '%s': %s",
                   settings->ca, take_reason());
}

/* OpenSSL would ask on the terminal. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
    (void)writing;
    (void)context;
    if (size > 0)
        *out = '\0';
    return -1;
}

static int load_certificate(SSL_CTX *context, const struct scenario_tls *settings, struct err *err)
{
    const char *key = settings->key ? settings->key : settings->cert;
    if (!settings->cert)
        return 0;
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    if (!SSL_CTX_use_certificate_chain_file(context, settings->cert))
        return err_set(err, ERR_INPUT,
                       "tls.cert: expected a PEM file of a certificate and its chain, found '%s': "
                       "%s",
                       settings->cert, take_reason());
    if (!SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) ||
        !SSL_CTX_check_private_key(context))
        return err_set(err, ERR_INPUT,
                       "tls.key: expected the PEM file of the key of '%s', without a passphrase, "
                       "found '%s': %s",
                       settings->cert, key, take_reason());
    return 0;
}

static int expect_name(const struct tls *tls)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(tls->context);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return tls->is_address ? X509_VERIFY_PARAM_set1_ip_asc(param, tls->name)
                           : X509_VERIFY_PARAM_set1_host(param, tls->name, 0);
}

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct stream *stream = SSL_get_app_data(ssl);
    SSL_SESSION_free(stream->resume);
    stream->resume = session;
    return 1; /* it is ours now */
}

static int set_up(struct tls *tls, bool verify, bool offer_http2)
{
    static const unsigned char protocols[] = {2,   'h', '2', 8,   'h', 't',
                                              't', 'p', '/', '1', '.', '1'};
    size_t skip = offer_http2 ? 0 : 3;
    SSL_CTX *context = tls->context;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    /* Else a record takes two receives, one of them for its first five bytes. */
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    SSL_CTX_set_verify(context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) && expect_name(tls) &&
           SSL_CTX_set_alpn_protos(context, protocols + skip,
                                   (unsigned)(sizeof protocols - skip)) == 0;
}

/* ---- the socket, as OpenSSL sees it ---- */

static int socket_read(BIO *bio, char *bytes, size_t len, size_t *got)
{
    struct stream *stream = BIO_get_data(bio);
    bool is_over = stream->left-- <= 0;
    ssize_t n = is_over ? -1 : recv(stream->fd, bytes, len, 0);
    BIO_clear_retry_flags(bio);
    if (n >= 0) {
        stream->full = (size_t)n == len;
        *got = (size_t)n;
        return n > 0;
    }
    stream->full = is_over;
    if (is_over || errno == EAGAIN || errno == EINTR)
        BIO_set_retry_read(bio);
    else
        stream->error = errno;
    return 0;
}

static int socket_write(BIO *bio, const char *bytes, size_t len, size_t *put)
{
    struct stream *stream = BIO_get_data(bio);
    ssize_t n = send(stream->fd, bytes, len, MSG_NOSIGNAL);
    BIO_clear_retry_flags(bio);
    if (n >= 0) {
        *put = (size_t)n;
        return 1;
    }
    if (errno == EAGAIN || errno == EINTR)
        BIO_set_retry_write(bio);
    else
        stream->error = errno;
    return 0;
}

static long socket_control(BIO *bio, int command, long number, void *argument)
{
    (void)bio;
    (void)number;
    (void)argument;
    return command == BIO_CTRL_FLUSH; /* nothing is held back */
}

/* ---- one origin ---- */

static int init(struct tls *tls, const struct url *url, bool verify, bool offer_http2)
{
    struct in_addr ignored;
    size_t len = strlen(url->host);
    tls->is_address = url->is_ipv6 || inet_pton(AF_INET, url->host, &ignored) == 1;
    tls->name = mem_strdup(url->host);
    if (len > 1 && tls->name[len - 1] == '.')
        tls->name[len - 1] = '\0';
    tls->context = SSL_CTX_new(TLS_client_method());
    tls->socket = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket");
    return tls->context && tls->socket && BIO_meth_set_read_ex(tls->socket, socket_read) &&
           BIO_meth_set_write_ex(tls->socket, socket_write) &&
           BIO_meth_set_ctrl(tls->socket, socket_control) && set_up(tls, verify, offer_http2);
}

int tls_new(struct tls **out, const struct url *url, const struct scenario_tls *settings,
            bool offer_http2, struct err *err)
{
    struct tls *tls = mem_new(sizeof *tls);
    int status = 0;
    if (!init(tls, url, settings->verify, offer_http2))
        status =
            err_set(err, ERR_INPUT, "TLS with '%s' cannot be set up: %s", url->host, take_reason());
    if (status < 0 || load_authorities(tls->context, settings, err) < 0 ||
        load_certificate(tls->context, settings, err) < 0) {
        tls_free(tls);
        return -1;
    }
    *out = tls;
    return 0;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    BIO_meth_free(tls->socket);
    free(tls->name);
    free(tls);
}

/* ---- one connection ---- */

static enum io_status tls_connect(struct stream *stream, const struct origin *origin)
{
    const struct tls *tls = origin->tls;
    if (transport_tcp.connect(stream, origin) != IO_OK)
        return IO_ERROR;
    SSL *ssl = SSL_new(tls->context);
    BIO *bio = BIO_new(tls->socket);
    if (!ssl || !bio || (!tls->is_address && !SSL_set_tlsext_host_name(ssl, tls->name)))
        mem_exhausted();
    BIO_set_data(bio, stream);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_connect_state(ssl);
    SSL_set_app_data(ssl, stream);
    if (stream->resume)
        SSL_set_session(ssl, stream->resume);
    stream->session = ssl;
    return IO_OK;
}

static const char *reason_of(const SSL *ssl)
{
    long verdict = SSL_get_verify_result(ssl);
    bool distrusts = ERR_GET_REASON(ERR_peek_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED;
    const char *reason = take_reason();
    return distrusts && verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : reason;
}

/* `why` is SSL_get_error() of a call that did not succeed. */
static enum io_status settle(struct stream *stream, int why)
{
    const SSL *ssl = stream->session;
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return IO_RETRY;
    if (why == SSL_ERROR_SSL)
        stream->reason = reason_of(ssl);
    else if (!stream->error)
        stream->reason = SSL_is_init_finished(ssl) ? "connection closed without TLS's close_notify"
                                                   : "connection closed in the TLS handshake";
    ERR_clear_error();
    return IO_ERROR;
}

static enum io_status tls_handshake(struct stream *stream)
{
    SSL *ssl = stream->session;
    const unsigned char *chosen = NULL;
    unsigned len = 0;
    stream->left = INT_MAX;
    stream->full = true;
    int result = SSL_do_handshake(ssl);
    if (result != 1)
        return settle(stream, SSL_get_error(ssl, result));
    SSL_get0_alpn_selected(ssl, &chosen, &len);
    stream->http2 = len == 2 && memcmp(chosen, "h2", 2) == 0;
    stream->resumed = SSL_session_reused(ssl);
    stream->more = stream->full || SSL_has_pending(ssl);
    return IO_OK;
}

static enum io_status tls_read(struct stream *stream, char *bytes, size_t len, size_t *got)
{
    SSL *ssl = stream->session;
    *got = 0;
    stream->left = RECEIVES;
    /* What OpenSSL has at hand says nothing about the socket. */
    stream->full = true;
    int result = SSL_read_ex(ssl, bytes, len, got);
    int why = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, result);
    stream->more = stream->full || (result == 1 && SSL_has_pending(ssl));
    return why == SSL_ERROR_NONE || why == SSL_ERROR_ZERO_RETURN ? IO_OK : settle(stream, why);
}

/* A peer that takes no more may have said why before it went. */
static void take_alert(struct stream *stream)
{
    SSL *ssl = stream->session;
    char byte;
    size_t got = 0;
    stream->left = RECEIVES;
    int result = SSL_read_ex(ssl, &byte, 1, &got);
    if (result != 1)
        settle(stream, SSL_get_error(ssl, result));
}

static enum io_status tls_write(struct stream *stream, const char *bytes, size_t len, size_t *put)
{
    SSL *ssl = stream->session;
    int result = SSL_write_ex(ssl, bytes, len, put);
    enum io_status status = result == 1 ? IO_OK : settle(stream, SSL_get_error(ssl, result));
    if (status == IO_ERROR && !stream->reason)
        take_alert(stream);
    return status;
}

/* Says goodbye where the connection is in order: OpenSSL takes a session for spoilt whose
 * connection was left without a word. */
static void tls_close(struct stream *stream)
{
    SSL *ssl = stream->session;
    if (ssl && !stream->error && !stream->reason && SSL_is_init_finished(ssl))
        SSL_shutdown(ssl);
    ERR_clear_error();
    SSL_free(ssl);
    stream->session = NULL;
    transport_tcp.close(stream);
}

static void tls_forget(struct stream *stream)
{
    SSL_SESSION_free(stream->resume);
    stream->resume = NULL;
}

const struct transport transport_tls = {tls_connect, tls_handshake, tls_read,
                                        tls_write,   tls_close,     tls_forget};

/* ---- advice ---- */

const char *tls_advice(const struct stream *stream)
{
    static const struct {
        long verdict;
        const char *text;
    } table[] = {
        {X509_V_ERR_HOSTNAME_MISMATCH, "its certificate is for another name: use that one"},
        {X509_V_ERR_IP_ADDRESS_MISMATCH, "its certificate is not for this address: use its name"},
        {X509_V_ERR_CERT_HAS_EXPIRED, "renew its certificate, or check this machine's clock"},
        {X509_V_ERR_CERT_NOT_YET_VALID, "check its certificate, and this machine's clock"},
    };
    long verdict = stream->session ? SSL_get_verify_result(stream->session) : X509_V_OK;
    if (stream->reason != X509_verify_cert_error_string(verdict))
        return "check that this port speaks TLS 1.2 or 1.3, and whether it asks for a certificate "
               "(\"cert\" in the scenario's \"tls\")";
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].verdict == verdict)
            return table[i].text;
    }
    return "name the authority of its certificate as \"ca\" in the scenario's \"tls\", or set "
           "\"verify\": false there";
}
