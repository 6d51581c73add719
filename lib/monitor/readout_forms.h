/* The readers of readout.c's formats. Only for the readout*.c files. */
#ifndef PERFGATE_MONITOR_READOUT_FORMS_H
#define PERFGATE_MONITOR_READOUT_FORMS_H

#include "monitor/readout.h"

enum readout_seen {
    READOUT_FOUND = 1, /* a number */
    READOUT_LOST = 2   /* something that was to be added and cannot be */
};

/* A text that is being read. */
struct readout_reading {
    const struct readout *readout;
    readout_take *take;
    void *context;
    unsigned char *seen; /* by place: enum readout_seen */
    size_t n_given;
};

/* Hands on what is at a place, unless it is no finite number or one too many; it is then missing
 * in what the place's numbers add up to. `each`: see struct readout_number. */
void readout_give(struct readout_reading *reading, size_t place, struct span each, double number);

/* A decimal number that is all of the text, but for blanks around it and a '%' behind it; NAN. */
double readout_parse(struct span text);

int readout_read_json(struct readout_reading *reading, struct span text, struct err *err)
    __attribute__((warn_unused_result));
void readout_read_exposition(struct readout_reading *reading, struct span text);
void readout_read_keys(struct readout_reading *reading, struct span text);
void readout_read_nginx(struct readout_reading *reading, struct span text);
int readout_read_csv(struct readout_reading *reading, struct span text, struct err *err)
    __attribute__((warn_unused_result));

#endif
