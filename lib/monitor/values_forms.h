/* The readers of values.c's formats. Only for the values*.c files. */
#ifndef PERFGATE_MONITOR_VALUES_FORMS_H
#define PERFGATE_MONITOR_VALUES_FORMS_H

#include "monitor/values.h"

/* A text that is being read. */
struct values_reading {
    const struct values *values;
    values_take *take;
    void *context;
    bool *found; /* by place */
    size_t n_given;
};

/* Hands on what is at a place, unless it is no finite number. `each`: see struct value. */
void values_give(struct values_reading *reading, size_t place, struct span each, double number);

/* A decimal number that is all of the text, but for blanks around it and a '%' behind it; NAN. */
double values_number(struct span text);

int values_read_json(struct values_reading *reading, struct span text, struct err *err)
    __attribute__((warn_unused_result));
void values_read_exposition(struct values_reading *reading, struct span text);
void values_read_keys(struct values_reading *reading, struct span text);
void values_read_nginx(struct values_reading *reading, struct span text);
int values_read_csv(struct values_reading *reading, struct span text, struct err *err)
    __attribute__((warn_unused_result));

#endif
