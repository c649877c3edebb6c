/* Streams to symbols, a group or an alpha plane at a time, with the check that the file has of them. */
#include "check.h"
#include "kernels.h"
#include "memory.h"
#include "weights.h"

enum { NO_MEMORY = -1, TOO_LONG = -3, TOO_MUCH = -5, DAMAGED = -6 }; /* -1 to -5 as in range.c */
enum { TRAINED_DAMAGED = -2, BEST = -1, CAUSAL_STEPS = 4, PLANE_STEPS = 2, ROWS_NUMBERS = 1 << 18 };

/* What may still be done for this file: docs/format.md, "Limits". */
static int64_t steps_left;

/* A file begins, whose streams may take so many steps together. */
void sdz_begin(double steps)
{
    steps_left = (int64_t)steps;
    sdz_allow(&steps_left);
}

static int16_t to_int16(int32_t q) { return (int16_t)(q > 32767 ? 32767 : q < -32768 ? -32768 : q); }

/* Whether what decoding will take is there; it is taken. */
static int work_for(const uint8_t *data, uint32_t length, int channels, int h, int w)
{
    uint8_t filled[1024];
    const int causal = edition.statistics.counts[1];
    int64_t steps = 0;
    if (sdz_trained_map((const struct statistics *)&edition.statistics, data, length, filled)) return 1; /* it will be said */
    for (int c = 0; c < channels; c++) steps += filled[c] ? (c < causal ? CAUSAL_STEPS : PLANE_STEPS) : 0;
    steps_left -= steps * h * w;
    return steps_left >= 0;
}

/* The symbols of a group by the trained coder. */
static int decode_trained(const uint8_t *data, uint32_t length, int channels, int h, int w, int code, int16_t *symbols)
{
    const struct statistics *s = (const struct statistics *)&edition.statistics;
    void *workspace = sdz_take((size_t)sdz_trained_workspace(s, h, w));
    if (!workspace) return NO_MEMORY;
    if (!work_for(data, length, channels, h, w)) return TOO_MUCH;
    const int status = sdz_trained_decode(s, data, length, symbols, channels, h, w, code, workspace, NULL, BEST);
    return status == TRAINED_DAMAGED ? DAMAGED : status;
}

static uint32_t check_of_int16(const int16_t *symbols, size_t count)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < count; i++) crc = crc_word(crc, (uint32_t)(int32_t)symbols[i]);
    return ~crc & 0xffff;
}

static uint32_t crc_of_int32(uint32_t crc, const int32_t *symbols, size_t count)
{
    for (size_t i = 0; i < count; i++) crc = crc_word(crc, (uint32_t)symbols[i]);
    return crc;
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
    __builtin_memset(wide, 0, count * sizeof *wide); /* empty channels are not written */
    const int status = sdz_decode(data, length, wide, NULL, channels, h, w);
    if (status && !(status == TOO_LONG && channels < edition.channels)) return status;
    for (size_t i = 0; i < count; i++) symbols[i] = to_int16(wide[i]);
    return (int)(~crc_of_int32(~0u, wide, count) & 0xffff);
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

/* An alpha plane on its way: rows of steps become rows of alpha. */
static struct {
    const int32_t *steps;
    uint8_t *to;
    int width, levels;
    uint32_t crc;
    int32_t beyond; /* what is no level, and was met */
} plane;

/* Whether all are from low to high; otherwise the extreme that is not, the least first. */
static int all_within(int32_t least, int32_t most, int32_t low, int32_t high)
{
    if (least >= low && most <= high && least <= high && most >= low) return 1;
    plane.beyond = least < low || least > high ? least : most;
    return 0;
}

static int take_rows(int rows)
{
    const size_t w = (size_t)plane.width, count = (size_t)rows * w;
    const int32_t levels = plane.levels;
    int32_t least = INT32_MAX, most = INT32_MIN;
    plane.crc = crc_of_int32(plane.crc, plane.steps, count);
    for (size_t i = 0; i < count; i++) {
        least = plane.steps[i] < least ? plane.steps[i] : least;
        most = plane.steps[i] > most ? plane.steps[i] : most;
    }
    if (!all_within(least, most, -levels, levels)) return 1;
    least = INT32_MAX, most = INT32_MIN;
    for (size_t y = 0; y < (size_t)rows; y++) {
        int32_t level = 0; /* 65,535 steps of at most 255 add up within 32 bits */
        for (size_t i = y * w; i < (y + 1) * w; i++) {
            level = levels == 1 ? plane.steps[i] : level + plane.steps[i];
            least = level < least ? level : least;
            most = level > most ? level : most;
            plane.to[i] = (uint8_t)((510 * level + levels) / (2 * levels));
        }
    }
    plane.to += count;
    return !all_within(least, most, 0, levels);
}

/* An alpha plane [h][w] of `levels` steps. The symbol check, or a negative number: STOPPED where `beyond` says what was found
 * that is no level. */
int sdz_alpha(const uint8_t *data, uint32_t length, int levels, int h, int w, uint8_t *alpha, int32_t *beyond)
{
    const uintptr_t mark = sdz_mark();
    const int most = ROWS_NUMBERS / w > 1 ? ROWS_NUMBERS / w : 1, room = h < most ? h : most;
    make_crc_table();
    int32_t *steps = sdz_take((size_t)room * (size_t)w * sizeof *steps);
    int found = NO_MEMORY;
    if (steps) {
        plane.steps = steps, plane.to = alpha, plane.width = w, plane.levels = levels, plane.crc = ~0u;
        found = sdz_decode_rows(data, length, steps, room, take_rows, 1, h, w);
        *beyond = plane.beyond;
    }
    sdz_release(mark);
    return found ? found : (int)(~plane.crc & 0xffff);
}
