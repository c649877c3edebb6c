/* All that is compiled for one set of vector instructions: ISA and SUFFIX say which. */
#include "vectors.h"

#include "planar.h"
#include "symbol.h"
#include "causal.h"
#include "planes.h"

/* Every filled channel in turn. */
static inline int NAMED(run_mode)(struct job *job, int mode) {
    int status = DONE;
    for (int32_t c = 0; c < job->channels && status == DONE; c++) {
        if (stopped(job)) return STOPPED;
        if (c < job->s->causal)
            status = job->filled[c] ? NAMED(causal_channel)(job, c, mode) : DONE;
        else
            status = NAMED(plane_channel)(job, c, mode);
        if (!job->filled[c] && mode != ENCODE)
            memset(job->symbols + c * job->places, 0, sizeof(int16_t) * (size_t)job->places);
    }
    return status;
}

static int NAMED(run)(struct job *job, int mode) {
    switch (mode) {
    case DECODE: return NAMED(run_mode)(job, DECODE);
    case ENCODE: return NAMED(run_mode)(job, ENCODE);
    default: return NAMED(run_mode)(job, CHOOSE);
    }
}
