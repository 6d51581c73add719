/* Conditions of alerts: what is accepted is within its bounds, and can be asked. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gate/alert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const struct condition_node *node)
{
    if (!node)
        return 0;
    if (node->kind == CONDITION_COMPARE ? !node->name : !node->left)
        abort();
    return 1 + count(node->left) + count(node->right);
}

static void ask(const char *text)
{
    struct policy_alert alert = {.name = "a", .condition = text, .message = "m"};
    struct report report = {.metrics = {.total_requests = 1}};
    int64_t requests[] = {1, 0, 3};
    double average[] = {1, 2, 3};
    struct report_series series = {.interval_ns = 1000000000,
                                   .n_requests = 3,
                                   .n_average = 3,
                                   .requests = requests,
                                   .average_ms = average};
    struct report_endpoint endpoint = {.method = "GET", .name = "/"};
    struct alert_watch watch;
    struct err err = {0};
    report.series = &series;
    report.endpoints = &endpoint;
    report.n_endpoints = 1;
    if (alert_watch_init(&watch, &alert, 1, &err) < 0)
        abort();
    alert_watch_report(&watch, &report);
    if (watch.all[0].state == ALERT_FIRED && !watch.all[0].figures)
        abort();
    alert_watch_release(&watch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct condition condition;
    struct err err = {0};
    struct buf text = {0};
    buf_add(&text, data, size);
    if (condition_parse(buf_text(&text), &arena, &condition, &err) == 0) {
        if (count(condition.root) > CONDITION_NODES)
            abort();
        ask(buf_text(&text));
    } else if (err.code != ERR_INPUT || !*err.text) {
        abort();
    }
    arena_release(&arena);
    buf_release(&text);
    return 0;
}
