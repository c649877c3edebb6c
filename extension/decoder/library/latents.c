/* Streams to symbols, a group or an alpha plane at a time, with the check that the file has of them. */
#include "check.h"
#include "kernels.h"
#include "memory.h"
#include "weights.h"

enum { NO_MEMORY = -1, TOO_SHORT = -2, TOO_LONG = -3, DAMAGED = -5 }; /* -1 to -4 as in range.c */
enum { TRAINED_DAMAGED = -2, BEST = -1 };

static int16_t to_int16(int32_t q) { return (int16_t)(q > 32767 ? 32767 : q < -32768 ? -32768 : q); }

/* The symbols of a group by the trained coder. */
static int decode_trained(const uint8_t *data, uint32_t length, int channels, int h, int w, int code, int16_t *symbols)
{
    const struct statistics *s = (const struct statistics *)&edition.statistics;
    void *workspace = sdz_take((size_t)sdz_trained_workspace(s, h, w));
    if (!workspace) return NO_MEMORY;
    const int status = sdz_trained_decode(s, data, length, symbols, channels, h, w, code, workspace, NULL, BEST);
    return status == TRAINED_DAMAGED ? DAMAGED : status;
}

static uint32_t check_of_int16(const int16_t *symbols, size_t count)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < count; i++) crc = crc_word(crc, (uint32_t)(int32_t)symbols[i]);
    return ~crc & 0xffff;
}

static uint32_t check_of_int32(const int32_t *symbols, size_t count)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < count; i++) crc = crc_word(crc, (uint32_t)symbols[i]);
    return ~crc & 0xffff;
}

/* Decodes the first channels of a group of h x w places into `symbols` [channels][h][w]. The symbol check, which is of
 * all channels, or a negative number. */
static int decode_group(const uint8_t *data, uint32_t length, int trained, int code, int channels, int h, int w,
                        int16_t *symbols)
{
    const size_t count = (size_t)channels * (size_t)h * (size_t)w;
    make_crc_table();
    if (trained) {
        const int status = decode_trained(data, length, channels, h, w, code, symbols);
        return status ? status : (int)check_of_int16(symbols, count);
    }
    int32_t *wide = sdz_take(count * sizeof *wide);
    if (!wide) return NO_MEMORY;
    const int status = sdz_decode(data, length, wide, NULL, channels, h, w);
    if (status && !(status == TOO_LONG && channels < edition.channels)) return status;
    for (size_t i = 0; i < count; i++) symbols[i] = to_int16(wide[i]);
    return (int)check_of_int32(wide, count);
}

/* The group at (top, left), h x w places, of an array [channels][height][width] of symbols. */
int sdz_group(const uint8_t *data, uint32_t length, int trained, int code, int channels, int top, int left, int h, int w,
              int16_t *symbols, int height, int width)
{
    const uintptr_t mark = sdz_mark();
    const int whole = h == height && w == width;
    int16_t *own = whole ? symbols : sdz_take((size_t)channels * (size_t)h * (size_t)w * sizeof *own);
    const int found = own ? decode_group(data, length, trained, code, channels, h, w, own) : NO_MEMORY;
    for (int c = 0; !whole && found >= 0 && c < channels; c++)
        for (int y = 0; y < h; y++)
            __builtin_memcpy(symbols + ((size_t)c * (size_t)height + (size_t)(top + y)) * (size_t)width + left,
                             own + ((size_t)c * (size_t)h + (size_t)y) * (size_t)w, (size_t)w * sizeof *own);
    sdz_release(mark);
    return found;
}

/* An alpha plane [h][w] of `levels` steps. The symbol check, or a negative number; what lies outside of 0 to `levels` comes
 * back by `extreme` [2], the least and the largest level. */
int sdz_alpha(const uint8_t *data, uint32_t length, int levels, int h, int w, uint8_t *alpha, int32_t *extreme)
{
    const uintptr_t mark = sdz_mark();
    const size_t count = (size_t)h * (size_t)w;
    make_crc_table();
    int32_t *q = sdz_take(count * sizeof *q);
    int found = q ? sdz_decode(data, length, q, NULL, 1, h, w) : NO_MEMORY;
    if (!found) {
        int64_t least = INT64_MAX, most = INT64_MIN;
        found = (int)check_of_int32(q, count);
        for (size_t y = 0; y < (size_t)h; y++) {
            int64_t level = 0;
            for (size_t i = y * (size_t)w; i < (y + 1) * (size_t)w; i++) {
                level = levels == 1 ? q[i] : level + q[i];
                least = level < least ? level : least;
                most = level > most ? level : most;
                alpha[i] = (uint8_t)((510 * level + levels) / (2 * levels));
            }
        }
        extreme[0] = (int32_t)(least < INT32_MIN ? INT32_MIN : least);
        extreme[1] = (int32_t)(most > INT32_MAX ? INT32_MAX : most);
    }
    sdz_release(mark);
    return found;
}
