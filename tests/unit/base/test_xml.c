#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xml.h"

static int open_element(void *context, const struct xml_element *element, struct err *err)
{
    struct buf *out = context;
    buf_addf(out, "<%s:%zu", element->name, element->line);
    for (size_t i = 0; element->attributes[i]; i += 2)
        buf_addf(out, " %s=%s", element->attributes[i], element->attributes[i + 1]);
    buf_add_char(out, '>');
    return strcmp(element->name, "bad") == 0 ? err_set(err, ERR_INPUT, "that is bad") : 0;
}

static int close_element(void *context, const char *name, struct err *err)
{
    buf_addf(context, "</%s>", name);
    return strcmp(name, "end") == 0 ? err_set(err, ERR_INPUT, "not that end") : 0;
}

static int take_text(void *context, struct span piece, struct err *err)
{
    buf_add(context, piece.at, piece.len);
    return piece.at[0] == '!' ? err_set(err, ERR_INPUT, "no text") : 0;
}

/* In pieces of `step` bytes. */
static int parse(const char *text, size_t step, struct buf *out, struct err *err)
{
    struct xml_handlers handlers = {open_element, close_element, take_text, out};
    struct xml *xml = xml_new("a.xml", &handlers);
    size_t len = strlen(text);
    int status = 0;
    for (size_t at = 0; at < len && status == 0; at += step)
        status = xml_push(xml, (struct span){text + at, len - at < step ? len - at : step}, err);
    if (status == 0)
        status = xml_end(xml, err);
    xml_free(xml);
    return status;
}

static void expect_fault(const char *text, const char *message)
{
    struct buf out = {0};
    struct err err = {0};
    assert_int_equal(parse(text, 4096, &out, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
    buf_release(&out);
}

static void test_xml__hands_elements_on_whatever_the_pieces(void **state)
{
    (void)state;
    static const char text[] = "<?xml version=\"1.0\"?>\n<a x=\"1 &lt;\" y='&#x41;'>\n<b/>t&amp;"
                               "<![CDATA[<c>]]></a>\n";
    for (size_t step = 1; step < sizeof text; step++) {
        struct buf out = {0};
        struct err err = {0};
        assert_int_equal(parse(text, step, &out, &err), 0);
        assert_string_equal(buf_text(&out), "<a:2 x=1 < y=A>\n<b:3></b>t&<c></a>");
        buf_release(&out);
    }
}

static void test_xml__names_the_line_of_a_fault(void **state)
{
    (void)state;
    expect_fault("<a>\n<b></a>", "'a.xml' line 2: expected well-formed XML: mismatched tag");
    static const char *const cut[] = {"", "<a>\n", "<a>\n<b", "<a>\n<b x=\"1", "<a>\n&am"};
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        char message[200];
        snprintf(message, sizeof message,
                 "'a.xml' line %d: the file ends within an element and may be cut off; write it "
                 "again",
                 i ? 2 : 1);
        expect_fault(cut[i], message);
    }
}

static void test_xml__ends_where_a_handler_fails(void **state)
{
    (void)state;
    expect_fault("<a><bad/><bad/></a>", "that is bad");
    expect_fault("<a><end></end>t</a>", "not that end");
    expect_fault("<a>!<bad/></a>", "no text");
}

static void test_xml__has_no_document_type(void **state)
{
    (void)state;
    expect_fault("<!DOCTYPE a [<!ENTITY x \"xx\"><!ENTITY y \"&x;&x;\">]>\n<a>&y;</a>",
                 "'a.xml' line 1: a document type (DOCTYPE) is not taken; remove it");
    expect_fault("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
                 "'a.xml' line 1: a document type (DOCTYPE) is not taken; remove it");
    expect_fault("<a>&x;</a>", "'a.xml' line 1: expected well-formed XML: undefined entity");
}

static void test_xml__limits_what_it_keeps(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add_str(&text, "<a x=\"");
    buf_add_repeat(&text, 'x', 2 * XML_TAG_LIMIT);
    expect_fault(buf_text(&text), "'a.xml' line 1: a tag is over 256 KiB; expected whole elements");
    buf_reset(&text);
    for (size_t i = 0; i <= XML_DEPTH; i++)
        buf_add_str(&text, "<a>");
    expect_fault(buf_text(&text), "'a.xml' line 1: elements lie more than 100 deep");
    buf_reset(&text);
    buf_add_str(&text, "<a>");
    for (size_t i = 0; i < XML_NAMES; i++)
        buf_addf(&text, "<b%zu/>", i);
    expect_fault(buf_text(&text),
                 "'a.xml' line 1: more than 1000 different names of elements and attributes");
    buf_reset(&text);
    buf_add_str(&text, "<a");
    for (size_t i = 0; i < XML_NAMES; i++)
        buf_addf(&text, " b%zu=''", i);
    buf_add_str(&text, ">");
    expect_fault(buf_text(&text),
                 "'a.xml' line 1: more than 1000 different names of elements and attributes");
    buf_release(&text);
}

static void test_xml__takes_text_of_any_length(void **state)
{
    (void)state;
    struct buf text = {0}, out = {0};
    struct err err = {0};
    buf_add_str(&text, "<a>");
    buf_add_repeat(&text, 'x', 4 * XML_TAG_LIMIT);
    buf_add_str(&text, "</a>");
    assert_int_equal(parse(buf_text(&text), 4096, &out, &err), 0);
    assert_int_equal(out.len, 4 * XML_TAG_LIMIT + strlen("<a:1></a>"));
    buf_release(&text);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xml__hands_elements_on_whatever_the_pieces),
        cmocka_unit_test(test_xml__names_the_line_of_a_fault),
        cmocka_unit_test(test_xml__ends_where_a_handler_fails),
        cmocka_unit_test(test_xml__has_no_document_type),
        cmocka_unit_test(test_xml__limits_what_it_keeps),
        cmocka_unit_test(test_xml__takes_text_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
