#include "model/report_look.h"

#include "base/clock.h"
#include "base/num.h"
#include "model/report.h"

void report_add_look(struct buf *out, const struct report *side, const struct report *other)
{
    const int64_t tenth_ns = NS_PER_S / 10;
    const struct report_look *look = side->pair->look;
    int64_t took_ns = side->duration_ns + other->duration_ns;
    if (look->reason == LOOK_END) {
        buf_addf(out,
                 "went on to its end: at no look was each of its figures decided and known to "
                 "%.6g %%, or a regression sure",
                 look->percent);
        return;
    }
    buf_addf(out, "ended at look %lld of %lld after ", (long long)look->number,
             (long long)look->of);
    num_add_duration(out, (took_ns + tenth_ns / 2) / tenth_ns * tenth_ns);
    if (look->reason == LOOK_SURE)
        buf_add_str(out, ": a regression is sure");
    else
        buf_addf(out, ": its figures are known to %.6g %%", look->percent);
}
