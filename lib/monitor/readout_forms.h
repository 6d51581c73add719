/* The readers of readout.c's formats. Only for the readout*.c files. */
#ifndef PERFGATE_MONITOR_READOUT_FORMS_H
#define PERFGATE_MONITOR_READOUT_FORMS_H

#include "monitor/readout.h"

/* A text that is being read. */
struct readout_reading {
    const struct readout *readout;
    readout_take *take;
    void *context;
    bool *found; /* by place */
    size_t n_given;
};

/* Hands on what is at a place, unless it is no finite number. `each`: see struct readout_number. */
void readout_give(struct readout_reading *reading, size_t place, struct span each, double number);

/* A decimal number that is all of the text, but for blanks around it and a '%' behind it; NAN. */
double readout_parse(struct span text);

int readout_read_json(struct readout_reading *reading, struct span text, struct err *err)
    __attribute__((warn_unused_result));
void readout_read_exposition(struct readout_reading *reading, struct span text);
void readout_read_keys(struct readout_reading *reading, struct span text);
int readout_read_csv(struct readout_reading *reading, struct span text, struct err *err)
    __attribute__((warn_unused_result));

#endif
