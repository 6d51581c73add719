# shellcheck shell=bash
# The two sides of a change as trees of files, for the scripts that check them out and hand them to
# ci/gate; they source it.

# side_command DIRECTORY COMMAND: the command for ci/gate that runs COMMAND, as its author wrote it, in
# the directory.
side_command() {
    printf "cd '%s' && {\n%s\n}" "${1//\'/\'\\\'\'}" "$2"
}
