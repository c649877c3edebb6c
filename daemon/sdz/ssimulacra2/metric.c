/* SSIMULACRA2's maps and their sums: one translation unit, C99, loaded by ctypes from library.py.
 *
 * Loops over rows of floats, which compilers turn into vector instructions: nothing is summed along a row but
 * by doubles, one after the other, and nothing is fused (-ffp-contract=off), so that each value is made by the same
 * operations in the same order on every machine, by any number of threads. Nothing here allocates, and nothing is
 * written but what the caller gives. The parts are included below in the order in which they build on each other. */

#include <math.h> /* fabsf alone, which compilers have in them */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "job.h"
#include "light.h"
#include "blur.h"
#include "tile.h"
#include "units.h"

#if defined(_WIN32)
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif

/* Counts up with every change of what the functions below take. */
enum { METRIC_VERSION = 1 };

API int sdz_metric_version(void) { return METRIC_VERSION; }

/* Floats that the statistics of a picture's tiles take. */
API size_t sdz_metric_kept(const Picture *picture) { return kept_floats(picture); }

/* Bytes that a thread works in. */
API size_t sdz_metric_scratch(const Picture *picture) { return scratch_bytes(picture); }

/* Works on a job until all units of a kind are taken (0) or `stop` becomes other than 0 (-1). Any number of threads at
 * once, each with its own scratch; the results are there when all have returned. */
API int sdz_metric_work(Job *job, int kind, void *scratch) { return work(job, kind, scratch); }
