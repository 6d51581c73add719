/*
 * Whole numbers from weights: how many users a class gets, in which order they start, and which
 * task comes next. All arithmetic is in integers, so nothing depends on rounding.
 */
#ifndef PERFGATE_LOAD_APPORTION_H
#define PERFGATE_LOAD_APPORTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rng.h"

#define APPORTION_WEIGHT_MAX INT64_C(1000000000) /* each weight, and `total` */

#define APPORTION_ORDER_MAX INT64_C(10000000)

/* Splits `total` by the method of the largest remainder (Hamilton); of equal remainders the
 * earlier one gets the seat. The counts add up to `total`, each within 1 of its exact share.
 * Weights are >= 0 and not all 0. */
void apportion_counts(const int64_t *weights, size_t n, int64_t total, int64_t *counts);

/* Fills order[0 .. sum of counts) with indices into `counts`, so that every prefix holds each class
 * as nearly as possible by its share: the deviation stays below 1 (R. Tijdeman, "The chairman
 * assignment problem", Discrete Mathematics 32, 1980). Takes O(sum * n); the sum is at most
 * APPORTION_ORDER_MAX, n at most 10,000. */
void apportion_order(const int64_t *counts, size_t n, uint32_t *order);

/* A weighted choice. */
struct choice {
    size_t n;
    uint64_t *upto; /* cumulative weights, in the arena */
};

/* Weights are >= 1; n >= 1. */
void choice_init(struct choice *choice, const int64_t *weights, size_t n, struct arena *arena);

/* An index below n, by weight. Draws no random number where n is 1. */
size_t choice_pick(const struct choice *choice, struct rng *rng);

#endif
