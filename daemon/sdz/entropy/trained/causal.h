/* The fullest channels: diagonal after diagonal, each place from those to its left and above.
 *
 * Diagonal d holds the places with x + 2 y = d: all that a place looks at in its own channel lies
 * on earlier ones, so the places of one diagonal are worked on together. The last RING diagonals
 * are kept, each by row, so that a neighbour is a row and a diagonal away wherever one stands. */

static inline int16_t *NAMED(diagonal)(const struct job *job, int16_t *ring, int64_t d, int64_t y) {
    return ring + (d & (RING - 1)) * job->ring_rows + y + 4;
}

/* What earlier channels say of the means of channel c, at all places: into job->mean. */
static void NAMED(causal_means)(struct job *job, int32_t c) {
    const struct statistics *s = job->s;
    int64_t h = job->height, w = job->width, pitch = w + 2, plane = (h + 2) * pitch;
    memset(job->mean, 0, sizeof(int32_t) * (size_t)(job->tiles * TILE));
    for (int32_t k = 0; k < c; k++) {
        const int16_t *weight = s->cross + ((int64_t)c * s->causal + k) * CROSS;
        if (!job->filled[k]) continue;
        int32_t here = weight[0], left = weight[1], right = weight[2], up = weight[3], down = weight[4];
        for (int64_t y = 0; y < h; y++) {
            const int16_t *row = job->values + k * plane + (y + 1) * pitch + 1;
            int32_t *restrict mean = job->mean + y * w;
            for (int64_t x = 0; x < w; x++)
                mean[x] += here * row[x] + left * row[x - 1] + right * row[x + 1] +
                           up * row[x - pitch] + down * row[x + pitch];
        }
    }
}

/* What earlier channels say of the hidden units of channel c: into job->sums [places, units]. */
static void NAMED(causal_products)(struct job *job, int32_t c, int units, int used) {
    const int32_t *weights = job->s->earlier + (int64_t)c * job->s->causal * units;
    int64_t stride = (int64_t)job->slot_count * TILE;
    for (int64_t p = 0; p < job->tiles * TILE; p += 4) {
        const int32_t *pair = job->pairs + p / TILE * stride + (p & (TILE - 1));
        for (int g = 0; g < used; g += LANES_8) {
            VECTOR_8 sum[4] = {SAME_8(0), SAME_8(0), SAME_8(0), SAME_8(0)};
            for (int32_t k = 0; k < job->done; k++) {
                VECTOR_8 weight = LOAD_8(weights + (int64_t)job->slots[k] * units + g);
                for (int i = 0; i < 4; i++)
                    sum[i] = DOT_8(sum[i], SAME_8(pair[k * TILE + i]), weight);
            }
            for (int i = 0; i < 4; i++) STORE_8(job->sums + (p + i) * units + g, sum[i]);
        }
    }
}

/* What holds for all of channel c: weights of its mean at the step code, biases of its units. */
struct NAMED(causal_fixed) {
    int units, used; /* multiples of 8: those beyond used weigh nothing in this channel */
    int32_t near[NEAR], bias[MOST_HIDDEN], rest;
    const int32_t *own, *out;
};

static void NAMED(causal_prepare)(struct job *job, int32_t c, struct NAMED(causal_fixed) *fixed) {
    const struct statistics *s = job->s;
    int32_t share = job->slot_count * 512 / s->channels;
    fixed->units = (s->hidden + 7) & ~7;
    fixed->used = s->used[c];
    fixed->own = s->own + (int64_t)c * (OWN / 2) * fixed->units;
    fixed->out = s->out + (int64_t)c * fixed->units;
    for (int k = 0; k < NEAR; k++)
        fixed->near[k] = NAMED(knot16)(job, s->near + ((int64_t)c * NEAR + k) * KNOTS);
    memset(fixed->bias, 0, sizeof fixed->bias);
    for (int g = 0; g < s->hidden; g++) {
        int64_t at = (int64_t)c * s->hidden + g;
        int32_t sum = s->share[at] * share;
        for (int32_t k = 0; k < c; k++)
            if (job->filled[k]) sum += s->pools[at * s->causal + k] * job->pool[k];
        fixed->bias[g] = NAMED(knot)(job, s->bias + at * KNOTS) + (sum >> 4);
    }
    fixed->rest = NAMED(knot)(job, s->rest + (int64_t)c * KNOTS);
}

/* The level of one place from its pairs of own sizes, CHUNK apart. */
static inline int32_t NAMED(causal_level)(const struct job *job, const struct NAMED(causal_fixed) *fixed,
                                          int64_t p, const int32_t *pairs) {
    int units = fixed->units;
    int32_t level = fixed->rest + job->drift, x[MOST_HIDDEN];
    for (int g = 0; g < fixed->used; g += LANES_8) {
        VECTOR_8 sum = LOAD_8(fixed->bias + g), more = LOAD_8(job->sums + p * units + g);
        for (int k = 0; k < OWN / 2; k += 2) {
            sum = DOT_8(sum, SAME_8(pairs[k * CHUNK]), LOAD_8(fixed->own + k * units + g));
            more = DOT_8(more, SAME_8(pairs[(k + 1) * CHUNK]), LOAD_8(fixed->own + (k + 1) * units + g));
        }
        STORE_8(x + g, ADD_8(sum, more));
    }
    for (int g = 0; g < fixed->used; g += 8)
        for (int i = 0; i < 8; i++) level += fixed->out[g + i] * NAMED(unit)(x[g + i]);
    return NAMED(level_of)(level, job->s->levels);
}

/* Means (1/16) and pairs of own sizes of CHUNK rows of a diagonal from row y on. */
static void NAMED(causal_chunk)(const struct job *job, const struct NAMED(causal_fixed) *fixed,
                                int64_t d, int64_t y, int32_t *mean, int32_t *pairs) {
    static const int8_t dy[NEAR] = {0, -1, -1, -1, 0, -2, -1, -2, -2};
    static const int8_t dx[NEAR] = {-1, 0, -1, 1, -2, 0, -2, -1, 1};
    static const int8_t from[3] = {0, 1, 1}, to[3] = {2, 2, 3};
    int32_t seen[OWN][CHUNK];
    for (int j = 0; j < CHUNK; j++) mean[j] = 128;
    for (int k = 0; k < NEAR; k++) {
        const int16_t *value =
            NAMED(diagonal)(job, job->ring_values, d + dx[k] + 2 * dy[k], y + dy[k]);
        int32_t weight = fixed->near[k];
        for (int j = 0; j < CHUNK; j++) seen[k][j] = value[j], mean[j] += weight * value[j];
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < CHUNK; j++)
            seen[NEAR + i][j] = NAMED(size_of)(seen[from[i]][j] - seen[to[i]][j]);
    for (int k = 0; k < NEAR; k++) {
        const int16_t *size =
            NAMED(diagonal)(job, job->ring_sizes, d + dx[k] + 2 * dy[k], y + dy[k]);
        for (int j = 0; j < CHUNK; j++) seen[k][j] = size[j];
    }
    for (int k = 0; k < OWN / 2; k++)
        for (int j = 0; j < CHUNK; j++)
            pairs[k * CHUNK + j] = seen[2 * k][j] | seen[2 * k + 1][j] << 16;
}

/* The borders that rows see from this diagonal on: the left one repeats what is above, the right one
 * what is on its left. */
static void NAMED(causal_borders)(struct job *job, int16_t *ring, int64_t d) {
    int64_t h = job->height, w = job->width, y = d >> 1;
    if (y + 1 < h) /* two cells: on this diagonal if it begins a row, on the next one too */
        *NAMED(diagonal)(job, ring, d, y + 1) = *NAMED(diagonal)(job, ring, d & ~(int64_t)1, y);
    y = (d - w) >> 1;
    if (d >= w && !((d - w) & 1) && y < h)
        *NAMED(diagonal)(job, ring, d, y) = *NAMED(diagonal)(job, ring, d - 1, y);
}

static inline int32_t NAMED(causal_symbol)(struct job *job, int32_t c, int64_t p, int32_t mean,
                                           int32_t level, int mode) {
    struct NAMED(around) at = NAMED(around_mean)(job, mean, level);
    if (mode == DECODE) return NAMED(read_around)(job, at);
    if (mode == ENCODE) {
        NAMED(write_around)(job, at, job->symbols[c * job->places + p]);
        return job->symbols[c * job->places + p];
    }
    float wanted = job->wanted[c * job->places + p], weight = job->weights[c];
    int32_t value = NAMED(nearest)(wanted);
    if (value == at.centre) return value;
    int32_t less = value < at.centre ? value + 1 : value - 1;
    float one = NAMED(error_price)(wanted, value, weight) +
                (float)NAMED(price_around)(at, value) / 256;
    float other = NAMED(error_price)(wanted, less, weight) +
                  (float)NAMED(price_around)(at, less) / 256;
    return other < one ? less : value;
}

/* Channel c, which is filled. */
static inline int NAMED(causal_channel)(struct job *job, int32_t c, int mode) {
    int64_t h = job->height, w = job->width, pitch = w + 2, total = 0;
    struct NAMED(causal_fixed) fixed;
    int16_t *symbols = job->symbols + c * job->places;
    int16_t *values = job->values + c * ((h + 2) * pitch);
    NAMED(causal_prepare)(job, c, &fixed);
    drift_fade(job);
    NAMED(causal_products)(job, c, fixed.units, fixed.used);
    NAMED(causal_means)(job, c);
    memset(job->ring_values, 0, sizeof(int16_t) * RING * (size_t)job->ring_rows);
    memset(job->ring_sizes, 0, sizeof(int16_t) * RING * (size_t)job->ring_rows);
    for (int64_t d = 0; d <= w - 1 + 2 * (h - 1); d++) {
        int64_t y = d < w ? 0 : (d - w + 2) >> 1, end = d / 2 < h - 1 ? d / 2 + 1 : h;
        int16_t *now_values = NAMED(diagonal)(job, job->ring_values, d, 0);
        int16_t *now_sizes = NAMED(diagonal)(job, job->ring_sizes, d, 0);
        if (stopped(job)) return STOPPED;
        for (; y < end; y += CHUNK) {
            int32_t mean[CHUNK], pairs[OWN / 2 * CHUNK];
            int64_t count = end - y < CHUNK ? end - y : CHUNK;
            NAMED(causal_chunk)(job, &fixed, d, y, mean, pairs);
            for (int64_t j = 0; j < count; j++) {
                int64_t row = y + j, x = d - 2 * row, p = row * w + x;
                int32_t level = NAMED(causal_level)(job, &fixed, p, pairs + j);
                int32_t middle = NAMED(limited)((mean[j] + job->mean[p]) >> 8, MOST_MEAN);
                int32_t value = NAMED(causal_symbol)(job, c, p, middle, level, mode);
                if (value != (int16_t)value) return DAMAGED;
                if (mode == CHOOSE)
                    NAMED(see_around)(job, NAMED(around_mean)(job, middle, level), value);
                if (mode != ENCODE) symbols[p] = (int16_t)value;
                int16_t size = (int16_t)NAMED(size_of)(value);
                value = NAMED(limited)(value, MOST_VALUE);
                now_values[row] = (int16_t)value;
                now_sizes[row] = size;
                values[(row + 1) * pitch + x + 1] = (int16_t)value;
                job->sizes[(row + 1) * pitch + x + 1] = size;
                total += size;
            }
        }
        drift_update(job);
        NAMED(causal_borders)(job, job->ring_values, d);
        NAMED(causal_borders)(job, job->ring_sizes, d);
    }
    NAMED(border)(job, values);
    NAMED(complete)(job, c, total);
    return DONE;
}
