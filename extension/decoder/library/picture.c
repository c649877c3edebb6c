/* Symbols to pixels, and to the small picture that a linear map gives. */
#include "kernels.h"
#include "memory.h"
#include "weights.h"

enum { NO_MEMORY = -1, ONE = 65536, CODES_PER_RATE = 4096, FINEST_CODE = 16384, SLOPE = 31101, CHANNEL_STEP = 4096 };

/* 2^(1/2), 2^(1/4), ... times 2^30. */
static const int32_t roots[16] = {
    1518500250, 1276901417, 1170923762, 1121280436, 1097253708, 1085434106, 1079572136, 1076653033,
    1075196443, 1074468888, 1074105294, 1073923544, 1073832680, 1073787251, 1073764537, 1073753181,
};

static int64_t rounded(int64_t x, int bits) { return (x + ((int64_t)1 << bits >> 1)) >> bits; }

/* What symbols of a channel are multiplied by and shifted: docs/network.md, "Steps". `offsets` [channels] or NULL. */
static void steps_of(int code, const int8_t *offsets, int32_t *multiplier, int32_t *shift)
{
    const int32_t last = edition.head->rates - 1, channels = edition.channels;
    const int32_t along = last * CODES_PER_RATE + FINEST_CODE - code;
    const int32_t most = last * CODES_PER_RATE, inside = along < 0 ? 0 : along > most ? most : along;
    int32_t row = inside / CODES_PER_RATE;
    if (row > last - 1) row = last > 0 ? last - 1 : 0;
    const int64_t share = inside - row * CODES_PER_RATE;
    const int32_t *low = edition.steps + row * channels, *high = edition.steps + (row < last ? row + 1 : last) * channels;
    for (int c = 0; c < channels; c++) {
        int64_t sum = low[c] * (CODES_PER_RATE - share) + high[c] * share - (int64_t)SLOPE * (along - inside);
        sum = rounded(sum, 12) + (offsets ? CHANNEL_STEP * offsets[c] : 0);
        sum = sum < -16 * ONE ? -16 * ONE : sum > 15 * ONE - 1 ? 15 * ONE - 1 : sum;
        const int32_t whole = (int32_t)(sum >> 16), part = (int32_t)(sum & (ONE - 1));
        int64_t power = (int64_t)1 << 30;
        for (int bit = 0; bit < 16; bit++)
            if (part >> (15 - bit) & 1) power = rounded(power * roots[bit], 30);
        power = rounded(power, 16);
        multiplier[c] = (int32_t)(power < 32767 ? power : 32767);
        shift[c] = 14 - whole;
    }
}

/* Rows of latents beyond a row of pixels that it is made of: one for each block, at 1/16 and at 1/8, and one for the lapped layer. */
static int reach(const int32_t *shape) { return shape[4] + (shape[5] + 2) / 2; }

/* Pixels [rows][width][3] of symbols [channels][h][w]: those from row `first` on. 0, or NO_MEMORY. */
int sdz_pixels(const int16_t *symbols, int h, int w, int code, const int8_t *offsets, uint8_t *pixels, int first, int rows, int width)
{
    const uintptr_t mark = sdz_mark();
    const int32_t *shape = edition.head->shape;
    const int above = first / 16 - reach(shape), below = (first + rows + 15) / 16 + reach(shape);
    const int top = above > 0 ? above : 0, bottom = below < h ? below : h;
    int32_t *steps = sdz_take((size_t)edition.channels * 2 * sizeof *steps);
    uint8_t *room = sdz_take(sdz_network_room(shape, bottom - top, w));
    if (steps && room) {
        static const int32_t never = 0;
        steps_of(code, offsets, steps, steps + edition.channels);
        sdz_network_decode(room, shape, edition.packed, sdz_network_best(), symbols + (size_t)top * (size_t)w,
                           (size_t)h * (size_t)w, steps, steps + edition.channels, bottom - top, w, pixels, rows, width,
                           first - 16 * top);
        sdz_network_work(room, &never);
    }
    sdz_release(mark);
    return steps && room ? 0 : NO_MEMORY;
}

/* The preview [h * side][w * side][3] of symbols [count][h][w], the first channels. 0, or NO_MEMORY. */
int sdz_preview(const int16_t *symbols, int count, int h, int w, int code, const int8_t *offsets, uint8_t *pixels)
{
    enum { MOST = 3 * 16 };
    const uintptr_t mark = sdz_mark();
    const int side = edition.head->side, columns = 3 * side * side;
    const size_t places = (size_t)h * (size_t)w;
    int32_t *steps = sdz_take((size_t)edition.channels * 2 * sizeof *steps);
    float *factors = sdz_take((size_t)count * (size_t)columns * sizeof *factors);
    if (!steps || !factors || columns > MOST) return NO_MEMORY;
    steps_of(code, offsets, steps, steps + edition.channels);
    for (int c = 0; c < count; c++) {
        float step = (float)steps[c];
        for (int s = steps[edition.channels + c]; s > 0; s--) step *= 0.5f;
        for (int k = 0; k < columns; k++) factors[c * columns + k] = edition.preview[c * columns + k] * step;
    }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float colours[MOST];
            for (int k = 0; k < columns; k++) colours[k] = edition.preview[edition.channels * columns + k];
            for (int c = 0; c < count; c++) {
                const int16_t q = symbols[(size_t)c * places + (size_t)y * (size_t)w + (size_t)x];
                if (!q) continue;
                for (int k = 0; k < columns; k++) colours[k] += factors[c * columns + k] * (float)q;
            }
            for (int k = 0; k < columns; k++) {
                const float level = colours[k] * 255;
                const int i = k / 3 / side, j = k / 3 % side;
                uint8_t *to = pixels + (((size_t)y * (size_t)side + (size_t)i) * (size_t)w * (size_t)side
                                        + (size_t)x * (size_t)side + (size_t)j) * 3 + k % 3;
                *to = !(level > 0) ? 0 : level >= 255 ? 255 : (uint8_t)(level + 0.5f);
            }
        }
    sdz_release(mark);
    return 0;
}
