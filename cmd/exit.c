#include "cmd/exit.h"

#include <stddef.h>
#include <stdio.h>

const char exit_codes_text[] =
    "Exit codes: 0 passed or done, 1 regressed, over a limit or refused,\n"
    "2 trouble (usage, bad input, I/O), 3 cannot decide.\n";

/* A new kind of error needs a row here; one without is trouble. */
static const int codes[] = {
    [ERR_NONE] = EXIT_PASS,         [ERR_USAGE] = EXIT_TROUBLE,  [ERR_INPUT] = EXIT_TROUBLE,
    [ERR_IO] = EXIT_TROUBLE,        [ERR_TARGET] = EXIT_TROUBLE, [ERR_UNDECIDED] = EXIT_UNDECIDED,
    [ERR_REFUSED] = EXIT_REGRESSED,
};

int exit_code(enum err_code code)
{
    size_t at = (size_t)code;
    return at < sizeof codes / sizeof codes[0] ? codes[at] : EXIT_TROUBLE;
}

int exit_with(const char *tool, const struct err *err)
{
    if (err->code != ERR_NONE)
        fprintf(stderr, "%s: %s\n", tool, err->text);
    return exit_code(err->code);
}
