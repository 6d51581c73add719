#include "model/report_health.h"

#include <string.h>

static const struct {
    const char *name, *text;
} reasons[INVALID_COUNT] = {
    [INVALID_INTERRUPTED] = {"interrupted", "the run was interrupted; run it again to the end"},
    [INVALID_NO_REQUESTS] = {"no_requests",
                             "no request was completed; check that the target answers and that "
                             "the duration is longer than the warm-up and the think time"},
    [INVALID_TOO_FEW_BLOCKS] = {"too_few_blocks",
                                "fewer than 20 pairs of blocks fit into the duration; raise it"},
    [INVALID_SCHEDULE_LAG] = {"schedule_lag",
                              "the load generator ran late by more than 5 % of the median latency; "
                              "give it a core of its own, or lower the users"},
    [INVALID_UNEQUAL_LAG] = {"unequal_lag",
                             "the load generator ran later for one side than for the other; give "
                             "it a core of its own, or lower the users"},
    [INVALID_SOCKET_ERRORS] = {"socket_errors",
                               "the load generator ran out of descriptors, ports or memory; raise "
                               "the limit (ulimit -n), or lower the users"},
    [INVALID_MISSED] = {"arrivals_missed",
                        "over 0.1 % of the arrivals found no free user before the time was over; "
                        "raise the users, or lower the rate to what the target can do"},
    [INVALID_FEED_SPENT] = {"feed_spent",
                            "the rows of a feed were used up; give it more, or let it repeat"},
    [INVALID_GENERATOR_LOST] = {"generator_lost",
                                "Locust, or a worker of it, ended before its time, and what it had "
                                "not handed in is missing; run it again"},
    [INVALID_EXCEPTIONS] = {"exceptions",
                            "tasks of the locustfile raised exceptions, so that what was sent is "
                            "not what was meant; mend it"},
    [INVALID_ALERT] = {"alert", "an alert of the policy ended the run early; see what the target "
                                "did, or take the alert's action away"},
};

const char *invalid_reason_name(enum invalid_reason reason)
{
    return reasons[reason].name;
}

const char *invalid_reason_text(const char *name)
{
    for (int i = 0; i < INVALID_COUNT; i++)
        if (strcmp(name, reasons[i].name) == 0)
            return reasons[i].text;
    return name;
}
