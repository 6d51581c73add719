/*
 * A mail (RFC 5322) of two parts, text and HTML (RFC 2046, 5.1.4), both in base64 (RFC 2045, 6.8),
 * so that no line is too long and no text is a header. What is not ASCII in the subject is an
 * encoded word (RFC 2047).
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "base/clock.h"
#include "publish/kinds.h"

#define LINE         57 /* bytes that make 76 characters */
#define MOST_SUBJECT 160
#define WORD         42 /* bytes of a subject in one encoded word, which has 75 characters */
#define BOUNDARY     "=_perfgate_part" /* "=_" is in no base64 */

static void add_part(struct buf *out, const char *type, const char *text)
{
    size_t len = strlen(text);
    buf_addf(out, "--%s\r\nContent-Type: %s; charset=utf-8\r\n", BOUNDARY, type);
    buf_add_str(out, "Content-Transfer-Encoding: base64\r\n\r\n");
    for (size_t i = 0; i < len; i += LINE) {
        base64_add(out, text + i, len - i < LINE ? len - i : LINE);
        buf_add_str(out, "\r\n");
    }
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

/* Words of whole characters, each on a line. */
static void add_encoded(struct buf *out, const char *text)
{
    struct buf word = {0};
    for (const char *before = ""; *text; before = "\r\n ") {
        buf_reset(&word);
        publish_add_line(&word, text, WORD);
        text += word.len;
        buf_addf(out, "%s=?utf-8?B?", before);
        base64_add(out, word.data, word.len);
        buf_add_str(out, "?=");
    }
    buf_release(&word);
}

static void add_subject(struct buf *out, const struct publish_content *content)
{
    struct buf title = {0};
    buf_addf(&title, "[%s] ", notify_severity_name(content->severity));
    publish_add_title(&title, content, MOST_SUBJECT);
    buf_add_str(out, "Subject: ");
    if (is_ascii(buf_text(&title)))
        buf_add_str(out, buf_text(&title));
    else
        add_encoded(out, buf_text(&title));
    buf_add_str(out, "\r\n");
    buf_release(&title);
}

/* RFC 5322, 3.3, in UTC; strftime() would ask the locale. */
static void add_date(struct buf *out, int64_t now_ns)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(now_ns / NS_PER_S);
    struct tm utc = {0};
    gmtime_r(&seconds, &utc);
    buf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[utc.tm_wday], utc.tm_mday,
             months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

void email_build(const struct publish_content *content, const char *secret,
                 struct publish_message *out)
{
    const struct notify_destination *to = out->to;
    struct buf *mail = &out->body;
    out->password = to->user ? arena_strdup(&out->arena, secret) : NULL;
    buf_addf(mail, "From: perfgate <%s>\r\n", to->from);
    for (size_t i = 0; i < to->n_to; i++)
        buf_addf(mail, "%s%s", i ? ",\r\n " : "To: ", to->to[i]);
    buf_add_str(mail, "\r\n");
    add_subject(mail, content);
    add_date(mail, content->now_ns);
    buf_addf(mail, "Message-ID: <perfgate.%" PRId64 ".%s>\r\n", content->now_ns, to->from);
    buf_add_str(mail, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
    buf_addf(mail, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", BOUNDARY);
    add_part(mail, "text/plain", content->text);
    add_part(mail, "text/html", content->html);
    buf_addf(mail, "--%s--\r\n", BOUNDARY);
}
