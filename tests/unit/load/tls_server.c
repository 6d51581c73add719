#include "tls_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

struct client {
    struct tls_server *server;
    int fd;
    SSL *ssl;
    char request[4096];
};

/* ---- the certificate ---- */

static void add_extension(X509 *certificate, int which, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, which, value);
    assert(extension);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static X509 *make_certificate(EVP_PKEY *key, const struct tls_server_setup *setup)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), setup->expired ? -3600 : 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    add_extension(certificate, NID_subject_alt_name,
                  setup->names ? setup->names : "DNS:localhost,IP:127.0.0.1");
    add_extension(certificate, NID_basic_constraints, "CA:TRUE");
    int size = X509_sign(certificate, key, EVP_sha256());
    assert(size > 0);
    return certificate;
}

static FILE *open_file(char path[64])
{
    snprintf(path, 64, "/tmp/perfgate_tls_XXXXXX");
    int fd = mkstemp(path);
    assert(fd >= 0);
    return fdopen(fd, "w");
}

static void write_files(struct tls_server *server, X509 *certificate, EVP_PKEY *key)
{
    FILE *file = open_file(server->certificate);
    PEM_write_X509(file, certificate);
    fclose(file);
    file = open_file(server->key);
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
}

/* ---- what the paths do; each returns whether the connection goes on ---- */

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static bool put(struct client *client, const char *text)
{
    return SSL_write(client->ssl, text, (int)strlen(text)) > 0;
}

static bool ok(struct client *client)
{
    return put(client, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

/* A record for each few bytes. */
static bool drip(struct client *client)
{
    const char *text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n "
                       "world\r\n0\r\n\r\n";
    for (size_t at = 0, len = strlen(text); at < len; at += 7)
        if (SSL_write(client->ssl, text + at, len - at < 7 ? (int)(len - at) : 7) <= 0)
            return false;
    return true;
}

static bool big(struct client *client)
{
    static const char block[1 << 16] = {0};
    if (!put(client, "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n"))
        return false;
    for (int i = 0; i < 16; i++)
        if (SSL_write(client->ssl, block, sizeof block) <= 0)
            return false;
    return true;
}

/* A body that only the connection's end ends. */
static bool end(struct client *client)
{
    put(client, "HTTP/1.1 200 OK\r\n\r\nhello");
    SSL_shutdown(client->ssl);
    return false;
}

static bool cut(struct client *client)
{
    put(client, "HTTP/1.1 200 OK\r\n\r\nhello");
    return false;
}

static bool half(struct client *client)
{
    put(client, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    return false;
}

/* Closes behind a complete response, without a word. */
static bool slam(struct client *client)
{
    ok(client);
    return false;
}

/* New keys, which the client has to answer with its own. */
static bool update(struct client *client)
{
    return SSL_key_update(client->ssl, SSL_KEY_UPDATE_REQUESTED) == 1 && ok(client);
}

/* A ticket while the connection is at rest. */
static bool late_ticket(struct client *client)
{
    if (!ok(client))
        return false;
    pause_ms(20);
    return SSL_new_session_ticket(client->ssl) == 1 && SSL_do_handshake(client->ssl) == 1;
}

static bool flood(struct client *client)
{
    for (int i = 0; i < 600; i++)
        if (SSL_new_session_ticket(client->ssl) != 1 || SSL_do_handshake(client->ssl) != 1)
            return false;
    atomic_fetch_add(&client->server->flooded, 1);
    return ok(client);
}

static bool serve(struct client *client)
{
    static const struct {
        const char *path;
        bool (*run)(struct client *client);
    } pages[] = {
        {"/drip ", drip},     {"/big ", big},          {"/end ", end},
        {"/cut ", cut},       {"/half ", half},        {"/slam ", slam},
        {"/update ", update}, {"/late ", late_ticket}, {"/flood ", flood},
    };
    const char *path = strchr(client->request, ' ');
    atomic_fetch_add(&client->server->requests, 1);
    for (size_t i = 0; path && i < sizeof pages / sizeof *pages; i++)
        if (strncmp(path + 1, pages[i].path, strlen(pages[i].path)) == 0)
            return pages[i].run(client);
    return ok(client);
}

static bool read_request(struct client *client)
{
    size_t len = 0;
    client->request[0] = '\0';
    while (!strstr(client->request, "\r\n\r\n")) {
        int n =
            SSL_read(client->ssl, client->request + len, (int)(sizeof client->request - 1 - len));
        if (n <= 0)
            return false;
        len += (size_t)n;
        client->request[len] = '\0';
    }
    return true;
}

/* ---- connections ---- */

/* Waits for the client's first bytes, so that what comes is its answer. */
static void misbehave(const struct client *client)
{
    static const char plain[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    static const char garbage[] = "\x16\x03\x03\x00\x05garbage that is no record at all";
    char bytes[4096];
    ssize_t got = recv(client->fd, bytes, sizeof bytes, 0);
    if (client->server->setup.manner == TLS_PLAIN)
        send(client->fd, plain, sizeof plain - 1, MSG_NOSIGNAL);
    else if (client->server->setup.manner == TLS_GARBAGE)
        send(client->fd, garbage, sizeof garbage - 1, MSG_NOSIGNAL);
    while (client->server->setup.manner == TLS_SILENT && got > 0)
        got = recv(client->fd, bytes, sizeof bytes, 0);
}

static void behave(struct client *client)
{
    struct tls_server *server = client->server;
    client->ssl = SSL_new(server->context);
    SSL_set_fd(client->ssl, client->fd);
    if (SSL_accept(client->ssl) == 1) {
        atomic_fetch_add(&server->handshakes, 1);
        atomic_fetch_add(&server->resumed, SSL_session_reused(client->ssl));
        while (read_request(client) && serve(client))
            continue;
    }
    ERR_clear_error();
    SSL_free(client->ssl);
}

static void *run_client(void *argument)
{
    struct client *client = argument;
    struct tls_server *server = client->server;
    int number = atomic_fetch_add(&server->connections, 1);
    if (server->setup.manner != TLS_PROPER && number >= server->setup.proper)
        misbehave(client);
    else
        behave(client);
    close(client->fd);
    free(client);
    atomic_fetch_sub(&server->open, 1);
    return NULL;
}

static void *run_server(void *argument)
{
    struct tls_server *server = argument;
    sigset_t pipe;
    int fd;
    /* A client may go away at any time. Only here: the engine's own threads must not raise it. */
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
        struct client *client = calloc(1, sizeof *client);
        pthread_t thread;
        assert(client);
        client->server = server;
        client->fd = fd;
        atomic_fetch_add(&server->open, 1);
        int error = pthread_create(&thread, NULL, run_client, client);
        assert(!error);
        pthread_detach(thread);
    }
    return NULL;
}

static int select_http2(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                        const unsigned char *offered, unsigned len, void *context)
{
    static const unsigned char known[] = "\x02h2\x08http/1.1";
    unsigned char *chosen = NULL;
    (void)ssl;
    (void)context;
    if (SSL_select_next_proto(&chosen, out_len, known, sizeof known - 1, offered, len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *make_context(struct tls_server *server)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key, &server->setup);
    int version = server->setup.version;
    assert(context);
    write_files(server, certificate, key);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    SSL_CTX_set_min_proto_version(context, version ? version : TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, version);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"test", 4);
    if (server->setup.speaks_http2)
        SSL_CTX_set_alpn_select_cb(context, select_http2, NULL);
    if (server->setup.wants_certificate) {
        SSL_CTX_load_verify_locations(context, server->certificate, NULL);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

void tls_server_start(struct tls_server *server, const struct tls_server_setup *setup)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    memset(server, 0, sizeof *server);
    server->setup = *setup;
    server->context = make_context(server);
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = bind(server->fd, (struct sockaddr *)&address, len) || listen(server->fd, 1000) ||
                 getsockname(server->fd, (struct sockaddr *)&address, &len);
    assert(!failed);
    snprintf(server->url, sizeof server->url, "https://localhost:%d", ntohs(address.sin_port));
    int error = pthread_create(&server->thread, NULL, run_server, server);
    assert(!error);
}

void tls_server_settle(struct tls_server *server)
{
    if (server->fd >= 0) {
        shutdown(server->fd, SHUT_RDWR);
        pthread_join(server->thread, NULL);
        close(server->fd);
        server->fd = -1;
    }
    while (atomic_load(&server->open))
        pause_ms(1);
}

void tls_server_end(struct tls_server *server)
{
    tls_server_settle(server);
    SSL_CTX_free(server->context);
    unlink(server->certificate);
    unlink(server->key);
}
