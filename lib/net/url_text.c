/* What the text of a URL tells without a parser, for those who are not to depend on one. */
#include <string.h>

#include "net/url.h"

bool url_is_socket(const char *text)
{
    return strncmp(text, URL_SOCKET, strlen(URL_SOCKET)) == 0;
}

size_t url_origin_length(const char *text)
{
    if (url_is_socket(text)) {
        const char *path = strstr(text + strlen(URL_SOCKET), ":/");
        return path ? (size_t)(path - text) : strlen(text);
    }
    const char *authority = strstr(text, "://");
    size_t len = authority ? (size_t)(authority - text) + 3 : 0;
    return len + strcspn(text + len, "/?#");
}
