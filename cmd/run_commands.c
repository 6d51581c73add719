#include "cmd/run_commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE "LOAD_TEST_COMMANDS"

int run_commands_allowed(const char *what, struct err *err)
{
    const char *value = getenv(VARIABLE);
    if (value && strcmp(value, "allow") == 0)
        return 0;
    if (value && *value)
        return err_set(err, ERR_USAGE,
                       "%s runs a command, and " VARIABLE
                       " is '%s'; expected 'allow', where the scenario can be trusted, or a "
                       "scenario without it",
                       what, value);
    return err_set(err, ERR_USAGE,
                   "%s runs a command, which a scenario may do only where " VARIABLE
                   "=allow is set: set it where the scenario can be trusted, or leave it out",
                   what);
}

const char *const *run_commands_environment(void)
{
    union {
        char *const *own;
        const char *const *borrowed;
    } variables = {environ};
    return variables.borrowed;
}
