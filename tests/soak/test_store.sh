#!/usr/bin/env bash
# The store under many writers, and under kill -9: tests/cli/test_store_writers.sh at full length.
WRITERS=${WRITERS:-32} UPDATES=${UPDATES:-50} KILLS=${KILLS:-2000}
export WRITERS UPDATES KILLS
exec "$(dirname "$0")/../cli/test_store_writers.sh"
