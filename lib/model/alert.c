#include "model/alert.h"

#include <stddef.h>

const char *const alert_severity_names[] = {
    [ALERT_WARNING] = "warning", [ALERT_ERROR] = "error", [ALERT_CRITICAL] = "critical", NULL};

const char *const alert_action_names[] = {
    [ALERT_ONLY_SAYS] = "none", [ALERT_ABORTS] = "abort", NULL};

const char *const alert_state_names[] = {
    [ALERT_CLEAR] = "clear", [ALERT_FIRED] = "fired", [ALERT_NOT_KNOWN] = "not_known", NULL};
