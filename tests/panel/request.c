#include "request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "html.h"
#include "text.h"

void respond_redirect(struct response *response, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(response->location, sizeof response->location, format, args);
    va_end(args);
    response->status = 303;
    response->type = "text/plain; charset=utf-8";
}

void respond_error(const struct request *request, struct response *response, unsigned status,
                   const char *message)
{
    response->status = status;
    buf_reset(&response->body);
    if (!strncmp(request->path, "/api/", 5)) {
        struct js_writer json = {.out = &response->body};
        response->type = "application/json";
        js_open(&json, NULL, '{');
        js_put_int(&json, "status", status);
        js_put_string(&json, "error", message);
        js_close(&json, '}');
        return;
    }
    response->type = NULL;
    html_plain_page(&response->body, status, message);
}

const char *request_field(const struct request *request, struct response *response,
                          const char *name, size_t low, size_t high)
{
    const char *value = form_get(&request->form, name);
    size_t len = value ? strlen(value) : 0;
    if (len >= low && len <= high)
        return value ? value : "";
    char message[128];
    snprintf(message, sizeof message, "'%s': expected %zu to %zu bytes, found %zu", name, low, high,
             len);
    respond_error(request, response, 400, message);
    return NULL;
}

const char *request_words(const struct request *request, struct response *response)
{
    const char *words = request->words ? request->words : "";
    if (text_is_clean(words, strlen(words)))
        return words;
    respond_error(request, response, 400, "'q': expected UTF-8 without control characters");
    return NULL;
}

int64_t request_page(const struct request *request, struct response *response, int64_t last)
{
    int64_t page = 1;
    struct err err = {0};
    if (request->page && num_parse_int(request->page, "page", 1, last, &page, &err)) {
        respond_error(request, response, 404, err.text);
        return 0;
    }
    return page;
}
