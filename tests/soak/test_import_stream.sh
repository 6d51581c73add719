#!/usr/bin/env bash
# tests/cli/test_import_stream.sh with 2 GB of each format and 10 GB of JMeter's CSV, which takes minutes.
cd "$(dirname "$0")/../.." || exit 2
exec env IMPORT_STREAM_MB="${IMPORT_STREAM_MB:-2048}" tests/cli/test_import_stream.sh
