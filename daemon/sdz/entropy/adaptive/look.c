/* Looking around: what the neighbours say about a symbol before it is coded, and learning
 * from it afterwards. Values are taken in 1/16 where they are predicted ("1/16"). */

typedef struct {
    int16_t mean_x[LS_MAX], size_x[LS_MAX]; /* features of the predictors */
    int size_shift;                         /* size_x are taken down by this many bits */
    int mu[2];                              /* predictions, 1/16: by all features, by the nearest */
    int inverse[3];                         /* 2^20 / scale of logistics: fitted, sharp, local */
    int size_logit;                         /* expected size, as a logistic */
    int quantiser;                          /* 0 plain, 1 even values, 2 odd values and 0 */
    int wide, shift;                        /* counted from the centre in cells of 1 << shift */
    int64_t centre;                         /* an index */
    int counter_at[COUNTERS], set_at[SETS], map_at[MAPS];
} Context;

static inline int clamp(int x, int low, int high) { return x < low ? low : x > high ? high : x; }

static inline int clamp64(int64_t x, int low, int high) { return x < low ? low : x > high ? high : (int)x; }

static inline int size_of(int x) { return x < 0 ? -x : x; }

/* 0, 1, 2, then two classes an octave. */
static inline int size_class(int v, int most)
{
    const int c = v < 3 ? (v < 0 ? 0 : v) : log2_q8((uint32_t)v) >> 7;
    return c > most ? most : c;
}

/* p[0]'s four neighbours summed up, or their sizes, or their differences from it. */
#define FOUR(p) ((p)[-1] + (p)[1] + (p)[-pitch] + (p)[pitch])
#define FOUR_SIZES(p) (size_of((p)[-1]) + size_of((p)[1]) + size_of((p)[-pitch]) + size_of((p)[pitch]))
#define FOUR_STEPS(p) (size_of((p)[0] - (p)[-1]) + size_of((p)[0] - (p)[1]) \
                       + size_of((p)[0] - (p)[-pitch]) + size_of((p)[0] - (p)[pitch]))

/* Predicts the value: from 12 causal neighbours, 11 cells of the last channel, 4 of each of the
 * two before it. In channel 0 those others are all zero and take no part. */
HOT void predict_value(const Model *m, size_t at, Context *x)
{
    const ptrdiff_t pitch = m->pitch;
    const int16_t *v = m->plane[VALUE][0] + at, *v1 = m->plane[VALUE][1] + at;
    const int16_t *v2 = m->plane[VALUE][2] + at, *v3 = m->plane[VALUE][3] + at;
    const int16_t features[MEAN_N] = {
        v[-1], v[-pitch], v[-pitch - 1], v[-pitch + 1], v[-2], v[-2 * pitch],
        v1[0], BIAS_MEAN, v1[-1], v1[-pitch], v2[0], v3[0], v1[1], v1[pitch],
        v[-pitch - 2], v[-pitch + 2], v[-2 * pitch - 1], v[-2 * pitch + 1],
        v[-2 * pitch - 2], v[-2 * pitch + 2],
        v1[-pitch - 1], v1[-pitch + 1], v1[pitch - 1], v1[pitch + 1],
        (int16_t)clamp(v1[-2] + v1[2], -X_MAX, X_MAX),
        (int16_t)clamp(v1[-2 * pitch] + v1[2 * pitch], -X_MAX, X_MAX),
        v2[-1], v2[-pitch], (int16_t)clamp(v2[1] + v2[pitch], -X_MAX, X_MAX),
        v3[-1], v3[-pitch], (int16_t)clamp(v3[1] + v3[pitch], -X_MAX, X_MAX),
    };
    memcpy(x->mean_x, features, sizeof features);
    x->mu[0] = clamp64(predict_squares(&m->mean, x->mean_x, MEAN_N) >> 12, -32 * X_MAX, 32 * X_MAX);
    x->mu[1] = clamp64(predict_squares(&m->near, x->mean_x, NEAR_N) >> 12, -32 * X_MAX, 32 * X_MAX);
}

/* Predicts how far the value will be from its prediction. Returns that in 1/256 and sets the
 * scales of the guesses. */
HOT int predict_size(const Model *m, size_t at, Context *x)
{
    const ptrdiff_t pitch = m->pitch;
    const int16_t *v = m->plane[VALUE][0] + at, *v1 = m->plane[VALUE][1] + at;
    const int16_t *r = m->plane[REST][0] + at, *r1 = m->plane[REST][1] + at;
    const int16_t *r2 = m->plane[REST][2] + at, *r3 = m->plane[REST][3] + at;
    const int32_t *sum = m->sum + at, *rest_sum = m->rest_sum + at;
    const int sizes[SIZE_N] = {
        r[-1], r[-pitch], r[-pitch - 1], r[-pitch + 1], r[-2], r[-2 * pitch],
        r1[0], FOUR(r1) >> 2, r2[0], sum[0], FOUR(sum) >> 2, rest_sum[0], FOUR(rest_sum) >> 2,
        (size_of(v[-1]) + size_of(v[-pitch])) * 16,
        r[-pitch - 2] + r[-pitch + 2],
        (r1[-pitch - 1] + r1[-pitch + 1] + r1[pitch - 1] + r1[pitch + 1]) >> 2,
        FOUR(r2) >> 2, r3[0], FOUR(r3) >> 2,
        size_of(v[-1] - v[-pitch - 1]) * 16, size_of(v[-pitch] - v[-pitch - 1]) * 16,
        size_of(v[-pitch] - v[-pitch + 1]) * 16, FOUR_STEPS(v1) * 16,
        BIAS_SIZE,
    };
    const int local = (sizes[0] + sizes[1]) * 3 + sizes[2] + sizes[3] + sizes[6] * 2;
    /* Sizes are learnt relative to their own neighbourhood, so that a busy corner does not
     * outvote the rest of the picture: least squares weighted by about 1/size^2. */
    x->size_shift = clamp((log2_q8((uint32_t)(local + sizes[9] + 20) / 10) >> 8) - 4, 0, 31);
    for (int i = 0; i < SIZE_N; i++) {
        const int s = sizes[i] >> x->size_shift;
        x->size_x[i] = (int16_t)(s > X_MAX ? X_MAX : s);
    }
    const int64_t expected = predict_squares(&m->size, x->size_x, SIZE_N) * ((int64_t)1 << x->size_shift);
    const int size = clamp64(expected >> 12, SIZE_MIN, 1 << 22);
    const int scale = (int)((int64_t)size * SCALE / 256);
    const int local_scale = (int)((int64_t)(local + 16) * LOCAL / 256);
    x->inverse[0] = (1 << 28) / (scale < SCALE_MIN ? SCALE_MIN : scale);
    x->inverse[1] = (int)((int64_t)x->inverse[0] * SHARP / 256);
    x->inverse[2] = (1 << 28) / (local_scale < SCALE_MIN ? SCALE_MIN : local_scale);
    return size;
}

/* Turns the neighbourhood of `at` in channel c into guesses and contexts. */
HOT void look_around(const Model *m, int c, size_t at, int quantiser, Context *x)
{
    predict_value(m, at, x);
    const int size = predict_size(m, at, x);
    const int level = log2_q8((uint32_t)size); /* 2048 is a size of 1 */
    x->size_logit = clamp((level - 2048) * SIZE_LOGIT / 256, -2047, 2047);

    /* Far from zero, or spread wide: count from the prediction instead of from zero, and in
     * cells so large that few of them have to be counted. */
    const int coarse = quantiser != 0, unit = 16 << coarse, mu = x->mu[0];
    x->quantiser = quantiser;
    x->wide = size > WIDE_SIZE << coarse || size_of(mu) > WIDE_MU << coarse;
    x->centre = x->wide ? (mu + (mu < 0 ? -unit : unit) / 2) / unit : 0;
    x->shift = x->wide ? clamp((level - CELL_LEVEL - coarse * 256) >> 8, 0, 16) : 0;

    const ptrdiff_t pitch = m->pitch;
    const int16_t *k = m->plane[INDEX][0] + at, *k1 = m->plane[INDEX][1] + at;
    const int16_t *k2 = m->plane[INDEX][2] + at, *k3 = m->plane[INDEX][3] + at;
    const int32_t *sum = m->sum + at;
    const int centre = (int)x->centre, half = x->shift ? 1 << (x->shift - 1) : 0;
    const int west = clamp((k[-1] - centre + half) >> x->shift, -3, 3);
    const int north = clamp((k[-pitch] - centre + half) >> x->shift, -3, 3);
    const int fine = clamp((level - 512) / LEVEL_STEP, 0, LEVELS - 1);
    const int step = coarse ? SIDE_TRELLIS : SIDE_PLAIN, off = mu - centre * unit;
    const int side = clamp((off + (off > 0 ? step / 2 : -step / 2)) / step, -12, 12) + 12;
    x->counter_at[0] = west + 3 + 7 * (north + 3);
    x->counter_at[1] = clamp(k1[0], -3, 3) + 3 + 7 * (clamp(k2[0], -2, 2) + 2)
        + 35 * clamp((FOUR_SIZES(k1) + 1) >> 1, 0, 3);
    x->counter_at[2] = size_class(sum[0] >> 1, 15) * 16 + size_class(FOUR(sum) >> 3, 15);
    x->counter_at[3] = clamp(size_of(k[-1]) + size_of(k[-pitch]), 0, 6)
        + 7 * clamp(size_of(k[-pitch - 1]) + size_of(k[-pitch + 1]), 0, 5)
        + 42 * clamp(size_of(k[-2]) + size_of(k[-2 * pitch]), 0, 4);
    x->counter_at[4] = fine;
    x->counter_at[5] = channel_class(c) * 16 + (fine >> 2);
    const int farther = size_of(k[-pitch - 2]) + size_of(k[-pitch + 2]) + size_of(k[-2 * pitch - 1]) + size_of(k[-2 * pitch + 1]);
    x->counter_at[6] = clamp(size_of(k2[0]), 0, 3) + 4 * clamp(size_of(k3[0]), 0, 3)
        + 16 * clamp((FOUR_SIZES(k2) + 1) >> 1, 0, 3) + 64 * clamp(size_of(k1[0]), 0, 3) + 256 * (farther > 1);
    x->set_at[0] = channel_class(c);
    x->set_at[1] = x->map_at[0] = fine;
    x->set_at[2] = x->map_at[1] = side;
    x->set_at[3] = x->counter_at[2];
}

/* Enters a coded symbol into the planes and lets the predictors learn from it. */
HOT void take_in(Model *m, size_t at, const Context *x, int32_t value, int32_t index)
{
    const int v = clamp(value, -X_MAX, X_MAX);
    const int rest = clamp(size_of(v * 16 - x->mu[0]), 0, 16383);
    m->plane[VALUE][0][at] = (int16_t)v;
    m->plane[INDEX][0][at] = (int16_t)clamp(index, -X_MAX, X_MAX);
    m->plane[REST][0][at] = (int16_t)rest;
    add_up(m, at, v, rest);
    /* Zeros that were expected are most of a sparse array and teach next to nothing; leaving
     * them out costs 0.1 % of the size and saves a third of the time. */
    if (v || size_of(x->mu[0]) >= DULL_MEAN) {
        learn_squares(&m->mean, x->mean_x, v, STEPS_MEAN, MEAN_N);
        learn_squares(&m->near, x->mean_x, v, STEPS_NEAR, NEAR_N);
    }
    const int s = rest >> x->size_shift;
    learn_squares(&m->size, x->size_x, s > X_MAX ? X_MAX : s, rest > DULL_SIZE ? STEPS_SIZE : 0, SIZE_N);
}
