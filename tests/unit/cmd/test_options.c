#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/exit.h"
#include "cmd/options.h"

struct values {
    bool quiet;
    const char *output;
    int64_t users;
    double rate;
    int64_t duration_ns;
    int format;
    struct option_list thresholds;
};

static const char *format_name(int i)
{
    static const char *const names[] = {"text", "json", NULL};
    return names[i];
}

static const struct option rows[] = {
    {"quiet", 'q', OPTION_FLAG, offsetof(struct values, quiet), NULL, NULL, "Say less.", 0, 0, NULL,
     NULL},
    {"output", 'o', OPTION_STRING, offsetof(struct values, output), NULL, "FILE|-", "Where.", 0, 0,
     NULL, NULL},
    {"users", 'u', OPTION_INT, offsetof(struct values, users), "people", "N",
     "Virtual users, as many as there are in the whole of this long explanation, which wraps.", 1,
     1000000, "LOAD_TEST_USERS", NULL},
    {"spawn-rate", 0, OPTION_DOUBLE, offsetof(struct values, rate), NULL, "R", "Users per second.",
     0.001, 1e6, NULL, NULL},
    {"duration", 't', OPTION_DURATION, offsetof(struct values, duration_ns), NULL, "D", "How long.",
     1, 3600, "LOAD_TEST_DURATION", NULL},
    {"format", 0, OPTION_CHOICE, offsetof(struct values, format), NULL, NULL, "Form.", 0, 0, NULL,
     format_name},
    {"threshold", 0, OPTION_LIST, offsetof(struct values, thresholds), NULL, "METRIC=RATIO",
     "May be given again.", 0, 0, NULL, NULL},
};

static const struct option_tool tool = {
    .name = "perf-x",
    .operands = "[REPORT...]",
    .about = "Does things.",
    .notes = "That is all.\n",
    .options = rows,
    .n_options = sizeof rows / sizeof rows[0],
    .max_operands = 3,
};

#define MAX_WORDS 24

/* Parses a line of words separated by single blanks; `_` stands for an empty word. */
static int parse_with(const struct option_tool *with, const char *line, struct values *values,
                      struct option_args *args, struct err *err)
{
    static char words[256];
    char *argv[MAX_WORDS + 1] = {(char[]){"perf-x"}};
    int argc = 1;
    snprintf(words, sizeof words, "%s", line);
    for (char *save = NULL, *word = strtok_r(words, " ", &save); word && argc < MAX_WORDS;
         word = strtok_r(NULL, " ", &save))
        argv[argc++] = strcmp(word, "_") == 0 ? word + 1 : word;
    *values = (struct values){.users = -1, .rate = (double)NAN, .duration_ns = -1};
    *args = (struct option_args){0};
    *err = (struct err){0};
    return options_parse(with, argc, argv, values, args, err);
}

static int parse(const char *line, struct values *values, struct option_args *args, struct err *err)
{
    return parse_with(&tool, line, values, args, err);
}

static void test_options__reads_each_type_in_each_form(void **state)
{
    (void)state;
    struct values v;
    struct option_args args;
    struct err err;
    assert_int_equal(parse("a --users=7 -o out --spawn-rate 2.5 b -t1m30s --format json -q "
                           "--threshold p95=1.2 --threshold avg=1.1 --threshold x=2 -",
                           &v, &args, &err),
                     0);
    assert_int_equal(v.users, 7);
    assert_string_equal(v.output, "out");
    assert_true(v.rate == 2.5);
    assert_int_equal(v.duration_ns, INT64_C(90000000000));
    assert_int_equal(v.format, 1);
    assert_true(v.quiet);
    assert_int_equal(v.thresholds.n, 3);
    assert_string_equal(v.thresholds.items[0], "p95=1.2");
    assert_string_equal(v.thresholds.items[2], "x=2");
    assert_int_equal(args.n_operands, 3);
    assert_string_equal(args.operands[1], "b");
    assert_string_equal(args.operands[2], "-");
    option_args_release(&args);
    option_args_release(&args);
}

static void test_options__leaves_presets_and_takes_the_last(void **state)
{
    (void)state;
    struct values v;
    struct option_args args;
    struct err err;
    assert_int_equal(parse("", &v, &args, &err), 0);
    assert_int_equal(v.users, -1);
    assert_true(isnan(v.rate));
    assert_null(v.output);
    option_args_release(&args);
    assert_int_equal(parse("-u 1 --users 2", &v, &args, &err), 0);
    assert_int_equal(v.users, 2);
    option_args_release(&args);
    assert_int_equal(parse("-u 1 --people=3", &v, &args, &err), 0);
    assert_int_equal(v.users, 3);
    option_args_release(&args);
}

static void test_options__ends_at_a_double_dash(void **state)
{
    (void)state;
    struct values v;
    struct option_args args;
    struct err err;
    assert_int_equal(parse("x -- --users -q", &v, &args, &err), 0);
    assert_int_equal(args.n_operands, 3);
    assert_string_equal(args.operands[1], "--users");
    assert_false(v.quiet);
    option_args_release(&args);

    struct option_tool with_rest = tool;
    with_rest.takes_rest = true;
    assert_int_equal(parse_with(&with_rest, "x -- a b c d e", &v, &args, &err), 0);
    assert_int_equal(args.n_operands, 1);
    assert_int_equal(args.n_rest, 5);
    assert_string_equal(args.rest[4], "e");
    option_args_release(&args);
}

static void test_options__prefers_option_to_environment(void **state)
{
    (void)state;
    struct values v;
    struct option_args args;
    struct err err;
    setenv("LOAD_TEST_USERS", "40", 1);
    setenv("LOAD_TEST_DURATION", "", 1);
    assert_int_equal(parse("", &v, &args, &err), 0);
    assert_int_equal(v.users, 40);
    assert_int_equal(v.duration_ns, -1);
    option_args_release(&args);
    assert_int_equal(parse("--users 3", &v, &args, &err), 0);
    assert_int_equal(v.users, 3);
    option_args_release(&args);
    setenv("LOAD_TEST_USERS", "many", 1);
    assert_int_equal(parse("", &v, &args, &err), -1);
    assert_string_equal(err.text,
                        "variable 'LOAD_TEST_USERS': expected a whole number, found 'many'");
    option_args_release(&args);
    unsetenv("LOAD_TEST_USERS");
    unsetenv("LOAD_TEST_DURATION");
}

static void test_options__refuses_in_one_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *line, *text;
    } cases[] = {
        {"--user 3", "unknown option '--user'; did you mean '--users'?"},
        {"--treshold a=1", "unknown option '--treshold'; did you mean '--threshold'?"},
        {"--xyzzy", "unknown option '--xyzzy'; 'perf-x -h' lists the options"},
        {"-x", "unknown option '-x'; 'perf-x -h' lists the options"},
        {"--users", "option '--users' needs a value"},
        {"--users=", "option '--users': expected a whole number, found ''"},
        {"--users 0", "option '--users': expected a whole number from 1 to 1000000, found '0'"},
        {"--users 1.5", "option '--users': expected a whole number, found '1.5'"},
        {"--spawn-rate nan", "option '--spawn-rate': expected a number, found 'nan'"},
        {"--spawn-rate 0", "option '--spawn-rate': expected a number from 0.001 to 1e+06"},
        {"--duration 2h", "option '--duration': expected a duration of 1s to 1h, found '2h'"},
        {"-t soon", "option '-t': expected a duration"},
        {"--format xml", "option '--format': expected one of text, json, found 'xml'"},
        {"--output _", "option '--output': expected a value, found an empty one"},
        {"--quiet=yes", "option '--quiet' takes no value, found 'yes'"},
        {"a b c d", "unexpected operand 'd'; expected [REPORT...]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct values v;
        struct option_args args;
        struct err err;
        assert_int_equal(parse(cases[i].line, &v, &args, &err), -1);
        assert_int_equal(exit_code(err.code), EXIT_TROUBLE);
        if (strncmp(err.text, cases[i].text, strlen(cases[i].text)) != 0)
            fail_msg("%s: found: %s", cases[i].line, err.text);
        option_args_release(&args);
    }
}

static void test_options__help_is_asked_before_all_else(void **state)
{
    (void)state;
    struct values v;
    struct option_args args;
    struct err err;
    setenv("LOAD_TEST_USERS", "many", 1);
    assert_int_equal(parse("-qh --nonsense", &v, &args, &err), 0);
    assert_true(args.help);
    option_args_release(&args);
    assert_int_equal(parse("--version", &v, &args, &err), 0);
    assert_true(args.version && !args.help);
    option_args_release(&args);
    unsetenv("LOAD_TEST_USERS");
}

static void test_options__help_has_a_line_for_each_option(void **state)
{
    (void)state;
    struct buf text = {0};
    options_help(&tool, &text);
    static const char expected[] =
        "usage: perf-x [OPTION...] [REPORT...]\n"
        "\n"
        "Does things.\n"
        "\n"
        "Options:\n"
        "  -q, --quiet                 Say less.\n"
        "  -o, --output FILE|-         Where.\n"
        "  -u, --users, --people N     Virtual users, as many as there are in the whole\n"
        "                              of this long explanation, which wraps.\n"
        "                              (environment: LOAD_TEST_USERS)\n"
        "  --spawn-rate R              Users per second.\n"
        "  -t, --duration D            How long. (environment: LOAD_TEST_DURATION)\n"
        "  --format text|json          Form.\n"
        "  --threshold METRIC=RATIO    May be given again.\n"
        "  -h, --help                  print this text\n"
        "  --version                   print the version\n"
        "\n"
        "That is all.\n"
        "\n"
        "Exit codes: 0 passed or done, 1 regressed, over a limit or refused,\n"
        "2 trouble (usage, bad input, I/O), 3 cannot decide.\n";
    assert_string_equal(buf_text(&text), expected);
    buf_release(&text);
}

static void test_exit__maps_each_kind_of_error(void **state)
{
    (void)state;
    assert_int_equal(exit_code(ERR_NONE), 0);
    assert_int_equal(exit_code(ERR_REFUSED), 1);
    assert_int_equal(exit_code(ERR_USAGE), 2);
    assert_int_equal(exit_code(ERR_INPUT), 2);
    assert_int_equal(exit_code(ERR_IO), 2);
    assert_int_equal(exit_code(ERR_TARGET), 2);
    assert_int_equal(exit_code(ERR_UNDECIDED), 3);
    assert_int_equal(exit_code((enum err_code)99), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options__reads_each_type_in_each_form),
        cmocka_unit_test(test_options__leaves_presets_and_takes_the_last),
        cmocka_unit_test(test_options__ends_at_a_double_dash),
        cmocka_unit_test(test_options__prefers_option_to_environment),
        cmocka_unit_test(test_options__refuses_in_one_sentence),
        cmocka_unit_test(test_options__help_is_asked_before_all_else),
        cmocka_unit_test(test_options__help_has_a_line_for_each_option),
        cmocka_unit_test(test_exit__maps_each_kind_of_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
