#!/usr/bin/env bash
# ci/setup up to the point where it would install; ci/bare-root proves the rest.
# shellcheck source=../cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

# stub NAME BODY: a command of that name that only the cases here see.
mkdir stubs
stub() {
    printf '#!/bin/sh\n%s\n' "$2" >"stubs/$1"
    chmod +x "stubs/$1"
}
setup() {
    run env PATH="$scratch/stubs:/usr/bin:/bin" "$root/ci/setup" "$@"
}

stub apt-get 'echo "apt-get $*" >&2; exit 1'
stub sudo 'exit 1'
stub id 'echo 1000'

describe 'an unknown section is refused'
setup tests
expect_exit 2
expect_stderr "unknown section 'tests', expected build, test, github, self, bench or record"
expect_one_sentence

describe 'nothing happens where nothing is missing'
awk '/^[a-z]/ { print "installed " $2 }' "$root/ci/packages" >all
stub dpkg-query "cat '$scratch/all'"
setup build test github self bench
expect_exit 0
expect_stdout ''
expect_stderr ''

describe 'a package that another one provides is not missing'
sed 's/^installed nodejs$/installed nodejs nodejs-doc, npm/; /^installed npm$/d' all >provided
stub dpkg-query "cat '$scratch/provided'"
setup test
expect_exit 0
expect_stderr ''

describe 'without root and sudo it says what to install, and names only what is missing'
grep -vxE 'installed (gcc|nginx)' all >some
echo 'config-files gcc' >>some
stub dpkg-query "cat '$scratch/some'; exit 1"
setup test
expect_exit 1
expect_stderr 'neither root nor a sudo without password; as root, run: apt-get install gcc nginx'

describe 'build belongs to every section, and no other does'
setup bench
expect_stderr 'apt-get install gcc nginx'
setup
expect_match stderr 'apt-get install gcc$'

describe 'through sudo it starts again as root, with the same sections'
# shellcheck disable=SC2016 # for the stub to expand
stub sudo '[ "$2" = true ] || echo "sudo $*"'
setup test bench
expect_exit 0
expect_stdout "sudo -n sh $root/ci/setup test bench"

describe 'a system without dpkg is told what it needs'
rm stubs/dpkg-query
for tool in dirname awk sh; do
    ln -s "$(command -v "$tool")" stubs
done
run env PATH="$scratch/stubs" "$root/ci/setup" build
expect_exit 1
expect_stderr "this is not a Debian system; install what corresponds to the packages below"
expect_stderr "libjansson-dev"
