/* Whole planes at once: products with earlier channels, sizes with their boxes, biases. */

/* sums[o] [padded] (+)= earlier channels' pairs times weights, for outs (a multiple of 4) outputs o;
 * the channels are job->slots[from .. to), their weights [channel][outs]. */
static void NAMED(products)(struct job *job, const int32_t *weights, int outs, int32_t from,
                            int32_t to, int add) {
    int64_t padded = job->tiles * TILE, stride = (int64_t)job->slot_count * TILE;
    enum { WIDE = 2 * LANES };
    for (int64_t tile = 0; tile < job->tiles; tile++)
        for (int o = 0; o < outs; o += 4)
            for (int lane = 0; lane < TILE; lane += WIDE) {
                int32_t *sum = job->sums + o * padded + tile * TILE + lane;
                const int32_t *pair = job->pairs + tile * stride + (int64_t)from * TILE + lane;
                VECTOR zero = SAME(0), a[4], b[4];
                for (int i = 0; i < 4; i++) {
                    a[i] = add ? LOAD(sum + i * padded) : zero;
                    b[i] = add ? LOAD(sum + i * padded + LANES) : zero;
                }
                for (int32_t k = from; k < to; k++, pair += TILE) {
                    const int32_t *weight = weights + (int64_t)job->slots[k] * outs + o;
                    VECTOR here = LOAD(pair), next = LOAD(pair + LANES);
                    for (int i = 0; i < 4; i++) {
                        VECTOR w = SAME(weight[i]);
                        a[i] = DOT(a[i], here, w);
                        b[i] = DOT(b[i], next, w);
                    }
                }
                for (int i = 0; i < 4; i++) {
                    STORE(sum + i * padded, a[i]);
                    STORE(sum + i * padded + LANES, b[i]);
                }
            }
}

/* log2(1 + |a|) in 1/32, straight between powers of two; |a| counts as at most MOST_VALUE. That
 * is what a float of 1 + |a| holds in its exponent and the first five bits of its mantissa. */
static inline int32_t NAMED(size_of)(int32_t a) {
    union { float number; int32_t bits; } one;
    a = a < 0 ? -a : a;
    one.number = (float)((a < MOST_VALUE ? a : MOST_VALUE) + 1);
    return (one.bits >> 18) - (127 << 5);
}

static inline int32_t NAMED(limited)(int32_t a, int32_t most) {
    return a < -most ? -most : a > most ? most : a;
}

/* The value of a table of KNOTS at the step code. */
static int32_t NAMED(knot)(const struct job *job, const int32_t *table) {
    int32_t at = job->code - KNOT_FIRST;
    at = at < 0 ? 0 : at > (KNOTS - 1) << KNOT_LOG ? (KNOTS - 1) << KNOT_LOG : at;
    int32_t k = at >> KNOT_LOG;
    if (k == KNOTS - 1) return table[k];
    int64_t share = at & ((1 << KNOT_LOG) - 1);
    return (int32_t)((table[k] * (((int64_t)1 << KNOT_LOG) - share) + table[k + 1] * share) >>
                     KNOT_LOG);
}

static int32_t NAMED(knot16)(const struct job *job, const int16_t *table) {
    int32_t wide[KNOTS];
    for (int i = 0; i < KNOTS; i++) wide[i] = table[i];
    return NAMED(knot)(job, wide);
}

/* Repeats the edges of a plane [h + 2, w + 2] in its border. */
static void NAMED(border)(const struct job *job, int16_t *plane) {
    int64_t h = job->height, w = job->width, pitch = w + 2;
    for (int64_t y = 1; y <= h; y++) {
        plane[y * pitch] = plane[y * pitch + 1];
        plane[y * pitch + w + 1] = plane[y * pitch + w];
    }
    memcpy(plane, plane + pitch, sizeof(int16_t) * (size_t)pitch);
    memcpy(plane + (h + 1) * pitch, plane + h * pitch, sizeof(int16_t) * (size_t)pitch);
}

/* A channel is complete: its sizes (within borders) and boxes go to the pairs, its mean to the pools. */
static void NAMED(complete)(struct job *job, int32_t channel, int64_t size_sum) {
    int64_t h = job->height, w = job->width, pitch = w + 2, slot = job->done;
    int64_t stride = (int64_t)job->slot_count * TILE;
    NAMED(border)(job, job->sizes);
    int32_t *row = job->mean; /* not in use now */
    for (int64_t y = 0; y < h; y++) {
        const int16_t *above = job->sizes + y * pitch, *here = above + pitch, *below = here + pitch;
        int16_t *column = job->column;
        for (int64_t x = 0; x < pitch; x++) column[x] = (int16_t)(above[x] + here[x] + below[x]);
        for (int64_t x = 0; x < w; x++) {
            int32_t sum = column[x] + column[x + 1] + column[x + 2];
            row[x] = (int32_t)here[x + 1] | (sum * 57 >> 9) << 16;
        }
        for (int64_t x = 0, p = y * w; x < w;) {
            int64_t lane = p & (TILE - 1), run = TILE - lane < w - x ? TILE - lane : w - x;
            memcpy(job->pairs + (p / TILE) * stride + slot * TILE + lane, row + x,
                   sizeof(int32_t) * (size_t)run);
            x += run, p += run;
        }
    }
    int64_t tail = job->tiles * TILE - job->places;
    if (tail)
        memset(job->pairs + (job->tiles - 1) * stride + slot * TILE + TILE - tail, 0,
               sizeof(int32_t) * (size_t)tail);
    job->pool[channel] = (int32_t)(size_sum * 16 / job->places);
    job->done++;
}

/* Hidden unit: to 16 bits in 1/1024, an eighth of it below 0. */
static inline int32_t NAMED(unit)(int32_t sum) {
    int32_t x = sum >> 6, eighth;
    x = x > 32767 ? 32767 : x;
    x = x < -32768 ? -32768 : x;
    eighth = x >> 3;
    return x > eighth ? x : eighth;
}

static inline int32_t NAMED(level_of)(int32_t sum, int32_t levels) {
    int32_t level = sum >> 17; /* LEVEL */
    level = level < levels - 1 ? level : levels - 1;
    return level > 0 ? level : 0;
}
