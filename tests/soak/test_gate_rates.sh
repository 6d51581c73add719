#!/usr/bin/env bash
# The simulations of tests/unit/gate with a hundred times as many runs.
set -eu
cd "$(dirname "$0")/../.."
make -s build/tests/unit/gate/test_simulation
SIMULATION_RUNS=${SIMULATION_RUNS:-100} build/tests/unit/gate/test_simulation
