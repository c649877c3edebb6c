/* Pixels to fewer, a direction at a time, by weights that the caller has made (reducing.js): for each place of the outcome
 * the first of its `taps` neighbours, then their weights, which add up to 2^22. */
#include <stdint.h>
#include "memory.h"

enum { BITS = 22, HALF = 1 << (BITS - 1) };

static uint8_t level(int32_t sum)
{
    const int32_t x = sum >> BITS;
    return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
}

/* Rows of pixels [rows][width][channels] to [rows][narrow][channels]. */
void sdz_across(const uint8_t *from, int rows, int width, int channels, const int32_t *table, int taps, int narrow, uint8_t *to)
{
    for (int y = 0; y < rows; y++, from += (size_t)width * (size_t)channels)
        for (int x = 0; x < narrow; x++, to += channels) {
            const int32_t *place = table + (size_t)x * (size_t)(taps + 1);
            const uint8_t *at = from + (size_t)place[0] * (size_t)channels;
            int32_t sums[3] = { HALF, HALF, HALF };
            if (channels == 3)
                for (int k = 1; k <= taps; k++, at += 3)
                    for (int c = 0; c < 3; c++) sums[c] += place[k] * at[c];
            else
                for (int k = 1; k <= taps; k++, at++) sums[0] += place[k] * at[0];
            for (int c = 0; c < channels; c++) to[c] = level(sums[c]);
        }
}

/* Rows of `bytes` to `low` rows of as many. 0, or -1 for want of memory. */
int sdz_down(const uint8_t *from, int bytes, const int32_t *table, int taps, int low, uint8_t *to)
{
    const uintptr_t mark = sdz_mark();
    int32_t *sums = sdz_take((size_t)bytes * sizeof *sums);
    for (int y = 0; sums && y < low; y++, to += bytes) {
        const int32_t *place = table + (size_t)y * (size_t)(taps + 1);
        const uint8_t *row = from + (size_t)place[0] * (size_t)bytes;
        for (int i = 0; i < bytes; i++) sums[i] = HALF;
        for (int k = 1; k <= taps; k++, row += bytes)
            for (int i = 0; i < bytes; i++) sums[i] += place[k] * row[i];
        for (int i = 0; i < bytes; i++) to[i] = level(sums[i]);
    }
    sdz_release(mark);
    return sums ? 0 : -1;
}

/* Colours times their alpha, so that what is clear lends none of its colour; or, back, divided by it. */
void sdz_multiply(uint8_t *pixels, const uint8_t *alpha, int count, int back)
{
    for (int i = 0; i < count; i++)
        for (int c = 0; c < 3; c++, pixels++) {
            const int x = *pixels, a = alpha[i], divided = a ? (255 * x + a / 2) / a : 0;
            *pixels = (uint8_t)(!back ? (x * a + 127) / 255 : divided > 255 ? 255 : divided);
        }
}
