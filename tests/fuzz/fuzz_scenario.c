/* A scenario: decodes or fails with a sentence, and hashes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scenario scenario;
    struct err err = {0};
    char hash[17] = "";
    if (scenario_decode((const char *)data, size, "input", &scenario, &err) < 0) {
        if (err.code != ERR_INPUT || !*err.text)
            abort();
        return 0;
    }
    scenario_workload_hash(&scenario, 1, 1, hash);
    if (strlen(hash) != 16)
        abort();
    scenario_release(&scenario);
    return 0;
}
