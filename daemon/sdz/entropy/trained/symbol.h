/* One symbol: read, written or chosen by the row of its level. */

/* What is left of a size beyond REACH: 4 bits b, then b bits. */
static inline int32_t NAMED(read_far)(struct lanes *lanes) {
    int bits = (int)lanes_raw(lanes, 4);
    return (int32_t)((uint32_t)1 << bits | (bits ? lanes_raw(lanes, bits) : 0)) - 1;
}

static inline void NAMED(write_far)(struct job *job, int32_t far) {
    int bits = 31 - __builtin_clz((unsigned)far + 1);
    put_raw(job, (uint32_t)bits, 4);
    if (bits) put_raw(job, ((uint32_t)far + 1) & (((uint32_t)1 << bits) - 1), bits);
}

static inline int32_t NAMED(bits_far)(int32_t far) {
    return 256 * (4 + 31 - __builtin_clz((unsigned)far + 1));
}

/* A difference from the number of its bin and the bits below. */
static inline int32_t NAMED(read_low)(struct lanes *lanes, int32_t bin, int shift) {
    if (!shift) return bin;
    return bin * (1 << shift) - (1 << (shift - 1)) + (int32_t)lanes_raw(lanes, shift);
}

static inline int32_t NAMED(bin_of)(int32_t difference, int shift) {
    return shift ? (difference + (1 << (shift - 1))) >> shift : difference;
}

static inline void NAMED(write_low)(struct job *job, int32_t difference, int shift) {
    if (shift) put_raw(job, (uint32_t)(difference + (1 << (shift - 1))) & ((1u << shift) - 1), shift);
}

/* --- around a mean, in 1/16 ------------------------------------------------------------------ */

struct NAMED(around) {
    int32_t centre, sign;
    int shift;
    const uint16_t *row;
    const uint16_t *price;
    const int8_t *score;
};

static inline struct NAMED(around) NAMED(around_mean)(const struct job *job, int32_t mean, int level) {
    struct NAMED(around) at;
    at.centre = (mean + 8) >> 4;
    int32_t phase = mean - 16 * at.centre;
    at.sign = phase < 0 ? -1 : 1;
    int64_t row = (int64_t)level * PHASES + (phase < 0 ? -phase : phase);
    at.shift = job->s->shifts[level];
    at.row = job->s->rows + row * (2 * REACH + 4);
    at.price = job->s->prices + row * (2 * REACH + 3);
    at.score = job->s->scores + row * (2 * REACH + 3);
    return at;
}

static inline int32_t NAMED(read_around)(struct job *job, struct NAMED(around) at) {
    uint32_t slot = lanes_slot(&job->lanes);
    uint16_t i = 0; /* counting them all takes no branch, and so no wrong guess */
    for (int k = 1; k < 2 * REACH + 3; k++) i = (uint16_t)(i + (at.row[k] <= (uint16_t)slot));
    lanes_take(&job->lanes, slot, at.row[i], (uint32_t)(at.row[i + 1] - at.row[i]));
    drift_see(job, at.score[i]);
    int32_t bin = (int32_t)i - (REACH + 1);
    if (bin == -(REACH + 1)) bin -= NAMED(read_far)(&job->lanes);
    else if (bin == REACH + 1) bin += NAMED(read_far)(&job->lanes);
    return at.centre + at.sign * NAMED(read_low)(&job->lanes, bin, at.shift);
}

static inline void NAMED(write_around)(struct job *job, struct NAMED(around) at, int32_t value) {
    int32_t difference = at.sign * (value - at.centre), bin = NAMED(bin_of)(difference, at.shift);
    int32_t i = NAMED(limited)(bin, REACH + 1) + REACH + 1;
    drift_see(job, at.score[i]);
    put(job, at.row[i], (uint32_t)(at.row[i + 1] - at.row[i]));
    if (bin > REACH) NAMED(write_far)(job, bin - REACH - 1);
    if (bin < -REACH) NAMED(write_far)(job, -bin - REACH - 1);
    NAMED(write_low)(job, difference, at.shift);
}

static inline int32_t NAMED(price_around)(struct NAMED(around) at, int32_t value) {
    int32_t bin = NAMED(bin_of)(at.sign * (value - at.centre), at.shift);
    int32_t i = NAMED(limited)(bin, REACH + 1), far = (bin < 0 ? -bin : bin) - REACH - 1;
    return at.price[i + REACH + 1] + (far >= 0 ? NAMED(bits_far)(far) : 0);
}

static inline void NAMED(see_around)(struct job *job, struct NAMED(around) at, int32_t value) {
    int32_t bin = NAMED(bin_of)(at.sign * (value - at.centre), at.shift);
    drift_see(job, at.score[NAMED(limited)(bin, REACH + 1) + REACH + 1]);
}

/* --- around zero ----------------------------------------------------------------------------- */

static inline int32_t NAMED(read_size)(struct job *job, int level) {
    const uint16_t *row = job->s->plane_rows + level * (REACH + 2);
    uint32_t slot = lanes_slot(&job->lanes);
    int shift = job->s->shifts[level];
    if (slot < row[1]) {
        lanes_take(&job->lanes, slot, 0, row[1]);
        return shift ? NAMED(read_low)(&job->lanes, 0, shift) : 0;
    }
    int32_t bin = 1;
    while (row[bin + 1] <= slot) bin++;
    uint32_t half = (uint32_t)(row[bin + 1] - row[bin]) >> 1;
    int below = slot >= row[bin] + half;
    lanes_take(&job->lanes, slot, row[bin] + (below ? half : 0), half);
    if (bin == REACH) bin += NAMED(read_far)(&job->lanes);
    return NAMED(read_low)(&job->lanes, below ? -bin : bin, shift);
}

static inline void NAMED(write_size)(struct job *job, int level, int32_t value) {
    const uint16_t *row = job->s->plane_rows + level * (REACH + 2);
    int shift = job->s->shifts[level];
    int32_t bin = NAMED(bin_of)(value, shift), size = bin < 0 ? -bin : bin;
    if (!bin) {
        put(job, 0, row[1]);
    } else {
        int32_t i = size < REACH ? size : REACH;
        uint32_t half = (uint32_t)(row[i + 1] - row[i]) >> 1;
        put(job, row[i] + (bin < 0 ? half : 0), half);
        if (i == REACH) NAMED(write_far)(job, size - REACH);
    }
    NAMED(write_low)(job, value, shift);
}

static inline int32_t NAMED(price_size)(const struct job *job, int level, int32_t value) {
    int32_t bin = NAMED(bin_of)(value, job->s->shifts[level]), size = bin < 0 ? -bin : bin;
    const uint16_t *price = job->s->plane_prices + level * (REACH + 2);
    return size < REACH ? price[size] : price[REACH] + NAMED(bits_far)(size - REACH);
}

static inline void NAMED(see_size)(struct job *job, int level, int32_t value) {
    int32_t bin = NAMED(bin_of)(value, job->s->shifts[level]), size = bin < 0 ? -bin : bin;
    drift_see(job, job->s->plane_scores[level * (REACH + 1) + (size < REACH ? size : REACH)]);
}

/* --- choices --------------------------------------------------------------------------------- */

/* Price of an error: weight bits a squared step. */
static inline float NAMED(error_price)(float wanted, int32_t value, float weight) {
    float error = wanted - (float)value;
    return weight * error * error;
}

static inline int32_t NAMED(nearest)(float wanted) {
    float limited = wanted < -32000.0f ? -32000.0f : wanted > 32000.0f ? 32000.0f : wanted;
    return (int32_t)(limited < 0 ? limited - 0.5f : limited + 0.5f);
}
