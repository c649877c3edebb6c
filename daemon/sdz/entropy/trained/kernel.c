/* The trained coder: integers [C, h, w] <-> bytes by statistics that were fitted beforehand.
 *
 * One translation unit of C99 without a C library beyond memcpy and memset. Nothing is written
 * outside of what the caller hands over: no global state, no allocation. The work is compiled once for
 * each set of vector instructions and chosen at run time; all give the same bits, since
 * everything is integer arithmetic whose sums are known to fit (statistics.py proves it).
 * What the bytes mean is written down in docs/trained-coder.md.
 */
#include <stddef.h>
#include <stdint.h>
#if __STDC_HOSTED__
#include <string.h>
#else
void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
#endif

#include "job.h"
#include "lanes.h"
#include "variants.h"

#if defined(_WIN32)
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif

/* Counts up with every function more, and every change of what one takes. */
API int sdz_trained_version(void) { return 2; }

/* Bits of the variants that this processor can run: 1 << VARIANT_... */
API int sdz_trained_variants(void) { return variants_here(); }

/* Bytes of workspace for a picture of these sides; aligned to 64 by the caller. */
API int64_t sdz_trained_workspace(const struct statistics *s, int64_t height, int64_t width) {
    struct job job;
    return lay_out(&job, s, height, width, 0);
}

/* Which channels a stream has symbols for, [C] of 0 or 1: what decoding it will take can be told by that. Returns DONE
 * or DAMAGED. */
API int sdz_trained_map(const struct statistics *s, const uint8_t *data, int64_t length, uint8_t *filled) {
    struct job job;
    memset(&job, 0, sizeof job);
    job.s = s, job.filled = filled;
    if (!lanes_open(&job.lanes, data, length)) return DAMAGED;
    read_map(&job);
    return DONE;
}

/* Decode the first channels, at most C: fills symbols [channels, h, w]. Returns DONE, STOPPED or
 * DAMAGED; whether the stream ends as it should is seen only where all channels are decoded. */
API int sdz_trained_decode(const struct statistics *s, const uint8_t *data, int64_t length,
                           int16_t *symbols, int32_t channels, int64_t height, int64_t width, int32_t code,
                           void *workspace, const volatile int32_t *stop, int variant) {
    struct job job;
    lay_out(&job, s, height, width, workspace);
    job.code = code, job.stop = stop, job.symbols = symbols, job.channels = channels;
    if (!lanes_open(&job.lanes, data, length)) return DAMAGED;
    job.lean = (data[0] >> 4 ^ 8) - 8;
    read_map(&job);
    take_map(&job, job.filled);
    int status = run_variant(variant, &job, DECODE);
    if (status == DONE && channels == s->channels && !lanes_closed(&job.lanes)) status = DAMAGED;
    return status;
}

/* Turn symbols [C, h, w] into operations at a lean of -8 to 7; filled [C] says which channels are not empty. Returns the
 * number of operations, or STOPPED. operations: room for OPERATIONS_EACH a symbol and C more. */
API int64_t sdz_trained_model(const struct statistics *s, int16_t *symbols, const uint8_t *filled,
                              int64_t height, int64_t width, int32_t code, int lean,
                              uint32_t *operations, void *workspace, const volatile int32_t *stop, int variant) {
    struct job job;
    lay_out(&job, s, height, width, workspace);
    job.code = code, job.stop = stop, job.symbols = symbols;
    job.operations = operations, job.count = 0, job.lean = lean;
    write_map(&job, filled);
    int status = run_variant(variant, &job, ENCODE);
    return status == DONE ? job.count : status;
}

/* Choose symbols near y [C, h, w] (in steps): least weights[c] * error^2 + bits, one after the other.
 * Channels that are not filled become 0. */
API int sdz_trained_choose(const struct statistics *s, const float *y, const float *weights,
                           const uint8_t *filled, int16_t *symbols, int64_t height, int64_t width,
                           int32_t code, void *workspace, const volatile int32_t *stop, int variant) {
    struct job job;
    lay_out(&job, s, height, width, workspace);
    job.code = code, job.stop = stop, job.symbols = symbols;
    job.wanted = y, job.weights = weights;
    take_map(&job, filled);
    return run_variant(variant, &job, CHOOSE);
}

/* Operations as bytes, written at the end of out (room for 2 bytes an operation and 40 more).
 * Returns how many of its last bytes they are. */
API int64_t sdz_trained_pack(const uint32_t *operations, int64_t count, int log_lanes, int lean,
                             uint8_t *out, int64_t room) {
    return lanes_pack(operations, count, log_lanes, lean, out, room);
}
