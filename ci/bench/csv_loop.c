/*
 * ci/bench/csv_loop.c FILE: a loop that only runs libcsv over a file, 64 KiB at a time, and counts
 * fields and rows. What an import of the same file costs is told in parts of this.
 */
#include <csv.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct counts {
    unsigned long fields, rows;
};

static void field(void *bytes, size_t len, void *context)
{
    struct counts *counts = context;
    (void)bytes;
    (void)len;
    counts->fields++;
}

static void row(int terminator, void *context)
{
    struct counts *counts = context;
    (void)terminator;
    counts->rows++;
}

int main(int argc, char **argv)
{
    static char piece[64 << 10];
    struct csv_parser parser;
    struct counts counts = {0};
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    ssize_t got;
    if (fd < 0 || csv_init(&parser, CSV_STRICT) != 0)
        return 2;
    while ((got = read(fd, piece, sizeof piece)) > 0)
        if (csv_parse(&parser, piece, (size_t)got, field, row, &counts) != (size_t)got)
            return 1;
    csv_fini(&parser, field, row, &counts);
    csv_free(&parser);
    printf("%lu fields in %lu rows\n", counts.fields, counts.rows);
    return got < 0;
}
