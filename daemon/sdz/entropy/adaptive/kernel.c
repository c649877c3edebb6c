/* The entropy coder's kernel: one translation unit, C99, loaded by ctypes from kernel.py.
 *
 * Everything a decoder must repeat is integer arithmetic on types of known width, so the same
 * bytes give the same symbols on every machine. Two habits of all compilers are relied on that
 * C99 leaves to them: >> of a negative number rounds down, and a number too large for a signed
 * type wraps when converted. docs/coder.md describes the stream; the parts are included below in
 * the order in which they build on each other.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* HOT: worth inlining everywhere. FOR_EACH_TARGET: compiled for old and for new processors, the
 * system picks at load time; integers come out the same, about a tenth sooner. */
#if defined(__GNUC__)
#define HOT static inline __attribute__((always_inline))
#else
#define HOT static inline
#endif
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
#define FOR_EACH_TARGET __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_TARGET
#endif

#if defined(_MSC_VER)
#define THREAD_LOCAL __declspec(thread)
#else
#define THREAD_LOCAL __thread
#endif

#ifdef SDZ_PARAMS
#include SDZ_PARAMS /* for trying other constants; files need those of params.c */
#else
#include "params.c"
#endif
#include "tables.c"
#include "range.c"
#include "squares.c"
#include "mix.c"
#include "model.c"
#include "look.c"
#include "symbol.c"
#include "calm.c"
#include "quiet.c"
#include "choose.c"
#include "array.c"

#if defined(_WIN32)
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif

/* Counts up with every change of what the functions below take or of the stream they write. */
enum { KERNEL_VERSION = 2 };

API int sdz_version(void) { return KERNEL_VERSION; }

/* Fills the tables; called once, before anything else and from one thread. Returns a checksum
 * (FNV-1a, 32 bits) over them, which tests pin. */
API uint32_t sdz_start(void) { return make_tables(); }

API void sdz_free(void *data) { free(data); }

/* From now on what this thread codes ends with STOPPED, at its next row, once *stop is not 0.
 * NULL: nothing stops it. A few bytes can ask for minutes of work: 83 of them took 5 s. */
API void sdz_heed(const int32_t *stop) { stop_flag = stop; }

/* From now on what this thread decodes ends with TOO_MUCH where it takes more work than *left. Threads may share
 * the number; it becomes less as they work. NULL: no limit. */
API void sdz_allow(int64_t *left) { work_left = left; }

/* Codes q [C][h][w]. On success *out is to be given to sdz_free. */
API int sdz_encode(const int32_t *q, int C, int h, int w, uint8_t **out, size_t *length)
{
    Coder coder;
    start_encoder(&coder);
    /* the encoder writes to q only where a Chooser decides */
    const int status = encode_array(&coder, (int32_t *)q, C, h, w, 0, NULL, NULL);
    return take_bytes(&coder, status, out, length);
}

/* Decodes into q [C][h][w], and into tilt (the same shape, or NULL) what is known of where
 * within its cell each value lay. */
API int sdz_decode(const uint8_t *data, size_t length, int32_t *q, int8_t *tilt, int C, int h, int w)
{
    Coder coder;
    start_decoder(&coder, data, length);
    const int status = decode_array(&coder, q, C, h, w, tilt, NULL);
    if (status) return status;
    return coder.at < length ? TOO_LONG : DONE;
}

/* The same through a buffer q of `room` rows: `take` is called with how many rows of a channel lie in it, from the
 * top, each time it is full or a channel ends, and ends it all by other than 0 (STOPPED). */
API int sdz_decode_rows(const uint8_t *data, size_t length, int32_t *q, int room, int (*take)(int), int C, int h, int w)
{
    const Taker taker = { take, room };
    Coder coder;
    start_decoder(&coder, data, length);
    const int status = decode_array(&coder, q, C, h, w, NULL, &taker);
    if (status) return status;
    return coder.at < length ? TOO_LONG : DONE;
}

/* Chooses q for y [C][h][w] by rate and distortion and codes it; see choose.c. `recon` holds
 * the five numbers of reconstruction. tilt may be NULL. */
API int sdz_encode_rd(const float *y, const float *weights, const float *recon, int C, int h, int w,
                      int trellis, int passes, int32_t *q, int8_t *tilt, uint8_t **out, size_t *length)
{
    *out = NULL;
    *length = 0;
    const size_t symbols = (size_t)C * (size_t)h * (size_t)w;
    Chooser choose = { y, weights, recon, trellis ? 2 : 1, 1, NULL };
    choose.costs = malloc(symbols * (size_t)choose.kinds * CANDIDATES * sizeof *choose.costs);
    if (!choose.costs) return NO_MEMORY;
    int status = DONE;
    for (int pass = 0; pass <= passes && !status; pass++) {
        Coder coder;
        start_encoder(&coder);
        const int last = pass == passes;
        choose.greedy = pass == 0;
        status = encode_array(&coder, q, C, h, w, trellis, last ? tilt : NULL, last && pass ? NULL : &choose);
        if (last) {
            status = take_bytes(&coder, status, out, length);
        } else {
            free(coder.data);
            if (!status) status = best_path(&choose, trellis, q, C, (size_t)h * (size_t)w);
        }
    }
    free(choose.costs);
    return status;
}
