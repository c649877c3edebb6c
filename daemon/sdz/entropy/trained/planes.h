/* The later channels: a plane at a time in two passes, the places of each pass all at once. */

/* Levels of all places, of which this pass uses its own; second: of the second pass. */
static inline void NAMED(plane_levels_of)(struct job *job, int32_t n, const int32_t *sums,
                                          const int32_t *bias, int second, int units) {
    const struct statistics *s = job->s;
    int64_t h = job->height, w = job->width, pitch = w + 2, padded = job->tiles * TILE;
    const int16_t *out = s->plane_out + (int64_t)n * units, *ring = s->ring + (int64_t)n * units;
    int32_t rest = NAMED(knot)(job, s->plane_rest + (int64_t)n * KNOTS) + job->drift;
    int32_t levels = s->levels;
    for (int64_t y = 0; y < h; y++)
        for (int64_t x = 0; x < w; x += TILE) { /* what it does beyond w is written over or left */
            const int16_t *own = job->sizes + (y + 1) * pitch + 1 + x;
            uint8_t *level = job->level + y * w + x;
            int32_t total[TILE], around[TILE];
            for (int j = 0; j < TILE; j++) total[j] = rest, around[j] = 0;
            if (second)
                for (int j = 0; j < TILE; j++)
                    around[j] = own[j - 1] + own[j + 1] + own[j - pitch] + own[j + pitch];
            for (int g = 0; g < units; g++) {
                const int32_t *sum = sums + g * padded + y * w + x;
                int32_t weight = out[g], constant = bias[g], of_ring = second ? ring[g] : 0;
                for (int j = 0; j < TILE; j++)
                    total[j] += weight * NAMED(unit)(sum[j] + constant + of_ring * around[j]);
            }
            for (int j = 0; j < TILE; j++) total[j] = NAMED(level_of)(total[j], levels);
            for (int j = 0; j < TILE; j++) level[j] = (uint8_t)total[j];
        }
}

static void NAMED(plane_levels)(struct job *job, int32_t n, const int32_t *sums,
                                const int32_t *bias, int second) {
    switch (job->s->second) { /* constants, so that compilers unroll */
    case 1: NAMED(plane_levels_of)(job, n, sums, bias, second, 1); break;
    case 2: NAMED(plane_levels_of)(job, n, sums, bias, second, 2); break;
    case 3: NAMED(plane_levels_of)(job, n, sums, bias, second, 3); break;
    default: NAMED(plane_levels_of)(job, n, sums, bias, second, 4); break;
    }
}

/* What is known of channel c before it begins, in 1/512: mean pools of the WINDOWS of channels before
 * it, 1, 1, 2, 4, ... wide, and how many of the AHEAD channels after it are not empty. */
static void NAMED(plane_windows)(const struct job *job, int32_t c, int32_t *window) {
    static const int32_t ends[WINDOWS] = {1, 2, 4, 8, 16, 32, 64, 192};
    int32_t near = c, filled = 0;
    for (int i = 0; i < WINDOWS; i++) {
        int32_t far = c - ends[i] > 0 ? c - ends[i] : 0, sum = 0;
        for (int32_t k = far; k < near; k++) sum += job->filled[k] ? job->pool[k] : 0;
        window[i] = near > far ? sum / (near - far) : 0;
        near = far;
    }
    for (int32_t k = c; k < c + AHEAD && k < job->s->channels; k++) filled += job->filled[k];
    window[WINDOWS] = filled * (512 / AHEAD);
}

/* A pass over the places with (x + y) & 1 == odd. Returns the sum of their sizes, or -1. */
static inline int64_t NAMED(plane_pass)(struct job *job, int32_t c, int odd, int mode) {
    int64_t h = job->height, w = job->width, pitch = w + 2, total = 0;
    int16_t *symbols = job->symbols + c * job->places;
    const float *wanted = mode == CHOOSE ? job->wanted + c * job->places : 0;
    float weight = mode == CHOOSE ? job->weights[c] : 0;
    for (int64_t y = 0; y < h; y++)
        for (int64_t x = (y + odd) & 1; x < w; x += 2) {
            int64_t p = y * w + x;
            int32_t value, level = job->level[p];
            if (mode == DECODE) {
                value = NAMED(read_size)(job, level);
                if (value != (int16_t)value) return -1;
                symbols[p] = (int16_t)value;
            } else if (mode == ENCODE) {
                value = symbols[p];
                NAMED(write_size)(job, level, value);
            } else {
                value = NAMED(nearest)(wanted[p]);
                if (value) {
                    int32_t less = value < 0 ? value + 1 : value - 1;
                    float one = NAMED(error_price)(wanted[p], value, weight) +
                                (float)NAMED(price_size)(job, level, value) / 256;
                    float other = NAMED(error_price)(wanted[p], less, weight) +
                                  (float)NAMED(price_size)(job, level, less) / 256;
                    if (other < one) value = less;
                }
                symbols[p] = (int16_t)value;
            }
            NAMED(see_size)(job, level, value);
            if (value) {
                int32_t size = NAMED(size_of)(value);
                job->sizes[(y + 1) * pitch + x + 1] = (int16_t)size;
                total += size;
            }
        }
    return total;
}

/* Channel c, filled or not. */
static inline int NAMED(plane_channel)(struct job *job, int32_t c, int mode) {
    const struct statistics *s = job->s;
    int32_t n = c - s->causal, block = n / BLOCK, units = s->second, outs = BLOCK * units;
    int64_t padded = job->tiles * TILE;
    const int32_t *weights = s->blocks + s->offsets[block];
    if (n % BLOCK == 0) NAMED(products)(job, weights, outs, 0, job->done, 0);
    if (!job->filled[c]) return DONE;
    int32_t bias[4], window[WINDOWS + 1];
    NAMED(plane_windows)(job, c, window);
    for (int g = 0; g < units; g++) {
        int64_t at = (int64_t)n * units + g;
        int32_t sum = 0;
        for (int i = 0; i <= WINDOWS; i++) sum += s->windows[at * (WINDOWS + 1) + i] * window[i];
        bias[g] = NAMED(knot)(job, s->plane_bias + at * KNOTS) + (sum >> 4);
    }
    const int32_t *sums = job->sums + n % BLOCK * units * padded;
    memset(job->sizes, 0, sizeof(int16_t) * (size_t)((job->height + 2) * (job->width + 2)));
    drift_fade(job);
    NAMED(plane_levels)(job, n, sums, bias, 0);
    int64_t total = NAMED(plane_pass)(job, c, 0, mode);
    if (total < 0) return DAMAGED;
    int32_t half = (int32_t)(total * 16 / ((job->places + 1) / 2));
    for (int g = 0; g < units; g++) {
        int64_t at = (int64_t)n * units + g;
        bias[g] += s->later[at] + (s->half[at] * half >> 4);
    }
    drift_update(job);
    NAMED(plane_levels)(job, n, sums, bias, 1);
    int64_t more = NAMED(plane_pass)(job, c, 1, mode);
    if (more < 0) return DAMAGED;
    NAMED(complete)(job, c, total + more);
    int32_t last = (block + 1) * BLOCK + s->causal; /* channels of this block still to come */
    for (int32_t k = c + 1; k < last && k < s->channels; k++)
        if (job->filled[k]) {
            NAMED(products)(job, weights, outs, job->done - 1, job->done, 1);
            break;
        }
    return DONE;
}
