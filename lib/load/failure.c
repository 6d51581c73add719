#include "load/failure.h"

#include <errno.h>
#include <stddef.h>

const char *failure_name(enum failure failure)
{
    static const char *const names[FAILURE_COUNT] = {
        "none",     "refused", "reset",       "timeout",   "tls",
        "protocol", "status",  "expectation", "generator",
    };
    return names[failure];
}

enum failure failure_of_errno(int number)
{
    static const struct {
        int number;
        enum failure failure;
    } kinds[] = {
        {ECONNREFUSED, FAILURE_REFUSED},    {EHOSTUNREACH, FAILURE_REFUSED},
        {ENETUNREACH, FAILURE_REFUSED},     {ETIMEDOUT, FAILURE_TIMEOUT},
        {EAGAIN, FAILURE_REFUSED}, /* a Unix-domain socket whose queue of connections is full */
        {EMFILE, FAILURE_GENERATOR},        {ENFILE, FAILURE_GENERATOR},
        {ENOBUFS, FAILURE_GENERATOR},       {ENOMEM, FAILURE_GENERATOR},
        {EADDRNOTAVAIL, FAILURE_GENERATOR}, {ENOSPC, FAILURE_GENERATOR},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].number == number)
            return kinds[i].failure;
    }
    return FAILURE_RESET;
}
