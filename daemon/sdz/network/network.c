/* The layers of lite-1 in integers: one translation unit, C99, loaded by ctypes from library.py.
 *
 * Everything is integer arithmetic on types of known width, so the same symbols give the same pixels on
 * every machine; docs/network.md says which. Two habits of all compilers are relied on that C99 leaves to
 * them: >> of a negative number rounds down, and a number too large for a signed type wraps when converted.
 * Nothing here allocates, and nothing is written but what the caller gives: any thread of any process may
 * call at any time. The parts are included below in the order in which they build on each other. */

#include <stddef.h>
#include <stdint.h>
#if defined(__wasm__) /* where there is no library at all */
#define memcpy __builtin_memcpy
#define memset __builtin_memset
#else
#include <string.h>
#endif

#include "types.h"
#include "kernels.h"
#include "packed.h"
#include "job.h"
#include "rows.h"
#include "begin.h"
#include "work.h"

#if defined(_WIN32)
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif

/* Counts up with every change of what the functions below take. */
enum { NETWORK_VERSION = 1 };

/* Latent positions a side: pictures have at most 65,535 pixels. */
enum { MAX_SIDE = 4096 };

API int sdz_network_version(void) { return NETWORK_VERSION; }

/* Whether this machine has a variant (kernels.h). */
API int sdz_network_has(int variant) { return kernels_of(variant) != NULL; }

/* The variant to use. */
API int sdz_network_best(void) { return best_variant(); }

/* Bytes of the packed layers; 0 for a shape that cannot be run. shape: kind, latents, width at 1/16, at
 * 1/8, blocks at 1/16, at 1/8. */
API size_t sdz_network_packed(const int32_t *shape)
{
    Shape s;
    Net net;
    memcpy(&s, shape, sizeof s);
    if (!sound_shape(&s)) return 0;
    Walk walk = { NULL, 0, NULL, NULL };
    take_net(&walk, &s, &net);
    return walk.at;
}

/* Packs the layers' weights, and their biases and shifts, layer by layer as docs/network.md lists them. */
API void sdz_network_pack(const int32_t *shape, const int16_t *weights, const int32_t *numbers, uint8_t *packed)
{
    Shape s;
    Net net;
    memcpy(&s, shape, sizeof s);
    Walk walk = { packed, 0, weights, numbers };
    take_net(&walk, &s, &net);
}

/* Bytes that a picture of h x w latent positions takes while it is worked on; 0 for one that cannot be. */
API size_t sdz_network_room(const int32_t *shape, int h, int w)
{
    Shape s;
    Job spare;
    memcpy(&s, shape, sizeof s);
    if (!sound_shape(&s) || h < 1 || w < 1 || h > MAX_SIDE || w > MAX_SIDE) return 0;
    Room room = { NULL, 0 };
    lay_out(&room, &spare, &s, NULL, h, w);
    return room.at;
}

/* Sets a decoding up in `room`. symbols [latents][.][w], a channel `symbol_pitch` numbers from the next;
 * multiplier, shift [latents] as steps.py makes them; pixels [height][width][3], the first row of which is
 * row `top` of the network's. All must stay until the work is done. -1 where the machine lacks the variant. */
API int sdz_network_decode(uint8_t *room_, const int32_t *shape, const uint8_t *packed, int variant,
                           const int16_t *symbols, size_t symbol_pitch, const int32_t *multiplier,
                           const int32_t *shift, int h, int w, uint8_t *pixels, int height, int width, int top)
{
    Shape s;
    Room room = { room_, 0 };
    memcpy(&s, shape, sizeof s);
    Job *job = lay_out(&room, NULL, &s, (uint8_t *)packed, h, w);
    job->kernels = kernels_of(variant);
    job->symbols = symbols;
    job->symbol_pitch = symbol_pitch;
    job->multiplier = multiplier;
    job->shift = shift;
    job->pixels = pixels;
    job->height = height;
    job->width = width;
    job->top = top;
    return job->kernels ? 0 : -1;
}

/* Sets an encoding up in `room`: picture [height][width][3] to latents [latents][h][w], h and w being
 * height / 16 and width / 16, rounded up. */
API int sdz_network_encode(uint8_t *room_, const int32_t *shape, const uint8_t *packed, int variant,
                           const uint8_t *picture, int height, int width, int16_t *latents)
{
    Shape s;
    Room room = { room_, 0 };
    memcpy(&s, shape, sizeof s);
    Job *job = lay_out(&room, NULL, &s, (uint8_t *)packed, (height + 15) / 16, (width + 15) / 16);
    job->kernels = kernels_of(variant);
    job->picture = picture;
    job->picture_height = height;
    job->picture_width = width;
    job->latents = latents;
    return job->kernels ? 0 : -1;
}

/* Works until the picture is finished (1), `stop` becomes other than 0 (-1), or what is left to do waits for
 * other threads (0: ask again). */
API int sdz_network_work(uint8_t *room, const int32_t *stop) { return work((Job *)room, stop); }
