# Checks the include lines of the C files named; run by ci/checks/includes at the top of the tree.

BEGIN {
    # What a layer may include beside itself.
    below["base"] = ""
    below["stats"] = below["net"] = "base"
    below["model"] = "base stats net"
    n = split("load monitor import store gate render publish", upper)
    for (i = 1; i <= n; i++) {
        below[upper[i]] = "base stats net model"
        all = all " " upper[i]
    }
    below["render"] = "base model" # decides nothing, computes no statistics; net is not its business
    below["cmd"] = below["tests"] = "base stats net model cmd" all
    below["panel"] = "base"

    # A foreign header by its first part, its library, and the files that may include it. Tests of
    # the owning layer may too, to set the scene.
    foreign("jansson.h", "jansson", "^lib/base/json_read\\.c$")
    foreign("csv.h", "libcsv", "^lib/base/csv[a-z_]*\\.c$|^tests/unit/base/test_csv")
    foreign("expat.h", "Expat", "^lib/base/xml\\.c$")
    foreign("git2.h git2", "libgit2", "^(lib|tests/unit)/store/.*\\.c$")
    foreign("uriparser", "uriparser", "^(lib|tests/unit)/net/.*\\.c$")
    foreign("microhttpd.h", "libmicrohttpd", "^(lib|tests/unit)/net/.*\\.c$|^tests/panel/")
    foreign("curl", "libcurl", "^lib/net/(client|fetch)\\.c$")
    foreign("openssl", "OpenSSL", "^(lib|tests/unit)/(net|load)/.*\\.c$")
    foreign("nghttp2", "nghttp2", "^(lib|tests/unit)/load/.*\\.c$")
    foreign("zlib.h", "zlib", "^(lib|tests/unit)/(base|net|load)/.*\\.c$")
    foreign("brotli", "brotli", "^(lib|tests/unit)/(base|net|load)/.*\\.c$")
    foreign("hiredis", "hiredis", "^lib/publish/redis_send\\.c$|^tests/panel/.*\\.c$")
    foreign("libpq-fe.h postgresql", "libpq", "^tests/panel/.*\\.c$")
    foreign("cmocka.h", "cmocka", "^tests/unit/")

    # Headers of C11, POSIX and Linux. What stats/ needs of them, being arithmetic alone, is pure.
    pure = words("assert complex ctype endian errno fenv float inttypes limits math stdalign stdbool " \
                 "stddef stdint stdlib stdnoreturn string strings")
    libc = words("dirent fcntl fnmatch ftw glob ifaddrs malloc netdb poll pthread pwd regex sched semaphore " \
                 "setjmp signal spawn stdarg stdatomic stdio sysexits termios threads time " \
                 "ucontext unistd wchar wctype")
    only_cmd = words("getopt")
}

function words(list)
{
    gsub(/ +/, "|", list)
    return "^(" list ")\\.h$"
}

function foreign(headers, name, where,    part, i, n)
{
    n = split(headers, part, " ")
    for (i = 1; i <= n; i++) {
        library[part[i]] = name
        owner[part[i]] = where
    }
}

function offence(text)
{
    printf "%s:%d: %s\n", FILENAME, FNR, text
    failed = 1
}

function exists(path,    line, found)
{
    if (!(path in known)) {
        found = (getline line < path) >= 0
        close(path)
        known[path] = found
    }
    return known[path]
}

function layer_of(path,    part)
{
    split(path, part, "/")
    if (part[1] == "lib")
        return part[2]
    if (part[1] == "tests")
        return part[2] == "unit" ? part[3] : part[2] == "panel" ? "panel" : "tests"
    return part[1]
}

# An include of a header of ours, written as `name`.
function own(name,    path, layer, directory)
{
    directory = FILENAME
    sub(/[^\/]*$/, "", directory)
    path = exists("lib/" name) ? "lib/" name : name
    if (!exists(path)) {
        if (!exists(directory name))
            offence("includes \"" name "\", which is not in the tree; a system header goes in <>")
        else if (FILENAME !~ /^tests\//)
            offence("includes \"" name "\" without its directory; write it from lib/ or the top")
        return
    }
    layer = layer_of(path)
    if (layer == here || index(" " below[here] " ", " " layer " "))
        return
    offence(here "/ includes " name ", but may only include itself" \
            (below[here] == "" ? "" : " and: " below[here]))
}

function theirs(name,    first)
{
    first = name
    sub(/\/.*/, "", first)
    if (first in library) {
        if (FILENAME !~ owner[first])
            offence("includes <" name ">; " library[first] " is used only in " owner[first])
        else if (FILENAME ~ /^lib\/.*\.c$/ && used != "" && used != library[first])
            offence("uses " library[first] " beside " used "; one foreign library a file")
        used = library[first]
    } else if (name ~ only_cmd) {
        if (here != "cmd" && here != "panel")
            offence("includes <" name ">; only cmd/ reads the command line")
    } else if (here == "stats" && FILENAME ~ /^lib\// && name !~ pure) {
        offence("includes <" name ">; stats/ is arithmetic, without I/O, clock or threads")
    } else if (exists("lib/" name)) {
        offence("includes <" name ">, a header of ours; write it in quotes")
    } else if (name !~ pure && name !~ libc && name !~ /^(sys|netinet|arpa|net|linux)\//) {
        offence("includes <" name ">, which the tables of ci/includes.awk do not hold; add it there")
    }
}

FNR == 1 {
    used = ""
    here = layer_of(FILENAME)
    if (!(here in below))
        offence("lies in '" here "', which is not a layer; the tables of ci/includes.awk hold them")
}

/^[ \t]*#[ \t]*include/ {
    if (match($0, /"[^"]*"/))
        own(substr($0, RSTART + 1, RLENGTH - 2))
    else if (match($0, /<[^>]*>/))
        theirs(substr($0, RSTART + 1, RLENGTH - 2))
    else
        offence("includes what is not spelled out")
}

END { exit failed }
