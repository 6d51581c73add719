/*
 * Alerts: what the policy asks for, and what the verdict says of them.
 */
#ifndef PERFGATE_MODEL_ALERT_H
#define PERFGATE_MODEL_ALERT_H

/* From the mildest; names in alert.c. */
enum alert_severity { ALERT_WARNING, ALERT_ERROR, ALERT_CRITICAL, ALERT_SEVERITY_COUNT };

/* What perf-run does beside saying so when an alert fires while it runs. */
enum alert_action { ALERT_ONLY_SAYS, ALERT_ABORTS };

/* NOT_KNOWN: nothing measured what the condition is about, so that it can neither be true nor be
 * false. */
enum alert_state { ALERT_CLEAR, ALERT_FIRED, ALERT_NOT_KNOWN };

/* NULL-terminated, by number. */
extern const char *const alert_severity_names[];
extern const char *const alert_action_names[];
extern const char *const alert_state_names[];

#endif
