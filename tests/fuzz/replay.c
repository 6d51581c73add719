/*
 * Runs a fuzz target over the files of its corpus: the tests' stand-in for libFuzzer's main.
 *
 *     fuzz_NAME [FILE or DIRECTORY]...      default: tests/fuzz/corpus/NAME
 *
 * A target that finds a fault ends the process; the file it was fed is the last one named on
 * stderr. No input at all is a failure, since then nothing was tested.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"

#define INPUT_LIMIT_BYTES (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    struct buf input = {0};
    struct err err = {0};
    fprintf(stderr, "%s\n", path);
    if (fs_read(path, INPUT_LIMIT_BYTES, &input, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)buf_text(&input), input.len);
    buf_release(&input);
    return 0;
}

/* The number of files fed to the target, or -1. A path that is no directory is a file. */
static int replay(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOTDIR && !replay_file(path) ? 1 : -1;
    int fed = 0;
    for (struct dirent *entry = readdir(dir); entry && fed >= 0; entry = readdir(dir)) {
        struct buf name = {0};
        if (entry->d_name[0] == '.')
            continue;
        buf_addf(&name, "%s/%s", path, entry->d_name);
        fed = replay_file(buf_text(&name)) ? -1 : fed + 1;
        buf_release(&name);
    }
    closedir(dir);
    return fed;
}

static int report(const char *path)
{
    int fed = replay(path);
    printf("%sok - replays %s, %d files\n", fed > 0 ? "" : "not ", path, fed);
    return fed > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= report(argv[i]);
    if (argc == 1) {
        struct buf corpus = {0};
        const char *name = strrchr(argv[0], '/');
        name = name ? name + 1 : argv[0];
        buf_addf(&corpus, "tests/fuzz/corpus/%s", name + strcspn(name, "_") + 1);
        failed = report(buf_text(&corpus));
        buf_release(&corpus);
    }
    return failed;
}
