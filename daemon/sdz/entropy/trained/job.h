/* What the functions share: the statistics, one picture's work, and how its workspace is cut. */
#ifndef SDZ_TRAINED_JOB
#define SDZ_TRAINED_JOB

enum { DONE = 0, STOPPED = -1, DAMAGED = -2 };
enum { DECODE, ENCODE, CHOOSE };

enum {
    BITS = 15,          /* frequencies of a row sum to 1 << BITS */
    KNOTS = 7,          /* step codes between which biases are interpolated ... */
    KNOT_FIRST = 4096,  /* ... the first, ... */
    KNOT_LOG = 13,      /* ... and the logarithm of their distance */
    MOST_VALUE = 255,   /* contexts see values no larger */
    NEAR = 9,           /* causal places */
    OWN = 12,           /* their sizes and three of differences */
    CROSS = 5,
    PHASES = 9,         /* of a mean within a step: 0 to 8 sixteenths */
    REACH = 15,         /* symbols from -REACH to REACH have frequencies of their own */
    WINDOWS = 8,
    AHEAD = 16,
    MAP_ROWS = 9,
    BLOCK = 4,          /* channels whose contexts are prepared together */
    TILE = 32,          /* places that lie together in memory */
    RING = 8,           /* diagonals kept of the channel that is being coded */
    CHUNK = 16,         /* rows of a diagonal worked on together */
    MOST_HIDDEN = 16,
    OPERATIONS_EACH = 4,
    LEVEL = 1 << 17,        /* a level in their sums */
    MOST_DRIFT = 8 * LEVEL,
    MOST_MEAN = 1 << 18     /* so that every 16-bit value is within reach of an escape */
};

/* Arrays of statistics.py, as it prepares them; n = channels - causal. */
struct statistics {
    int32_t channels, causal, hidden, second, levels, caution, memory, unused;
    const int16_t *near;      /* [causal, NEAR, KNOTS] 1/4096 */
    const int16_t *cross;     /* [causal, causal, CROSS] 1/4096 */
    const int32_t *own;       /* [causal, OWN / 2, units]: pairs of 1/2048; units: hidden up to a multiple of 8 */
    const int32_t *earlier;   /* [causal, causal, units]: pairs of 1/2048 */
    const int16_t *pools;     /* [causal, hidden, causal] 1/2048 */
    const int16_t *share;     /* [causal, hidden] 1/2048 */
    const int32_t *bias;      /* [causal, hidden, KNOTS] 1/65536 */
    const int32_t *out;       /* [causal, units] 1/1024 */
    const int32_t *rest;      /* [causal, KNOTS] 1/2^20 */
    const int32_t *blocks;    /* of BLOCK channels: [channels before its last, BLOCK * second] pairs */
    const int32_t *offsets;   /* [blocks + 1] where each begins */
    const int16_t *windows;   /* [n, second, WINDOWS + 1] 1/2048 */
    const int32_t *plane_bias;/* [n, second, KNOTS] 1/65536 */
    const int16_t *ring;      /* [n, second] 1/2048 */
    const int16_t *half;      /* [n, second] 1/2048 */
    const int32_t *later;     /* [n, second] 1/65536 */
    const int16_t *plane_out; /* [n, second] 1/1024 */
    const int32_t *plane_rest;/* [n, KNOTS] 1/2^20 */
    const uint16_t *rows;       /* [levels, PHASES, 2 REACH + 4] sums of frequencies */
    const uint16_t *plane_rows; /* [levels, REACH + 2] sums of frequencies of sizes */
    const uint8_t *shifts;      /* [levels] low bits that are not modelled */
    const uint16_t *map;        /* [MAP_ROWS] frequency of a channel that is not empty */
    const uint16_t *prices;       /* [levels, PHASES, 2 REACH + 3] bits in 1/256, raw ones included */
    const uint16_t *plane_prices; /* [levels, REACH + 2] */
    const int32_t *used;          /* [causal] hidden units that weigh, up to a multiple of 8 */
    const int8_t *scores;         /* [levels, PHASES, 2 REACH + 3] what a bin says of the level */
    const int8_t *plane_scores;   /* [levels, REACH + 1] */
};

struct lanes {
    uint32_t state[8];
    const uint8_t *next, *end;
    uint32_t turn, mask;
};

struct job {
    const struct statistics *s;
    int64_t height, width, places, tiles; /* tiles: of TILE places */
    int32_t code, channels; /* channels: of the symbols */
    const volatile int32_t *stop;
    int16_t *symbols;
    struct lanes lanes;
    uint32_t *operations;
    int64_t count;
    const float *wanted, *weights;
    int64_t drift_sum, drift_weight; /* of scores, and of their squares */
    int32_t drift;                   /* added to the sums of levels, with the lean */
    int32_t lean;                    /* the encoder's part of it, in levels: -8 to 7 */
    /* workspace */
    uint8_t *filled;   /* [channels] */
    int32_t *slots;    /* [channels]: the channels that are not empty, those done first */
    int32_t done, slot_count;
    int32_t *pool;     /* [channels] mean sizes in 1/512 */
    int32_t *pairs;    /* [tiles, slot_count, TILE] size and box of each place, 16 bits each */
    int32_t *sums;     /* [tiles * TILE, units], or of planes [BLOCK * second, tiles * TILE] */
    int32_t *mean;     /* [tiles * TILE] */
    int16_t *sizes;    /* [h + 2, w + 2] of the channel, with a border */
    int16_t *column;   /* [h + 2, w + 2] sums of three sizes */
    int16_t *values;   /* [causal, h + 2, w + 2] of the causal channels, with borders */
    uint8_t *level;    /* [tiles * TILE] */
    int16_t *ring_values, *ring_sizes; /* [RING, ring_rows] */
    int64_t ring_rows;
};

static int64_t cut(int64_t *used, int64_t bytes) {
    int64_t at = *used;
    *used += (bytes + 63) & ~(int64_t)63;
    return at;
}

/* Sets sides and the places of the workspace (0: only counts). Returns its bytes. */
static int64_t lay_out(struct job *job, const struct statistics *s, int64_t h, int64_t w, void *at) {
    uint8_t *base = at;
    int64_t used = 0;
    memset(job, 0, sizeof *job);
    job->s = s, job->channels = s->channels, job->height = h, job->width = w, job->places = h * w;
    job->tiles = (job->places + TILE - 1) / TILE;
    job->ring_rows = h + 8 + CHUNK;
    int64_t padded = job->tiles * TILE, bordered = (h + 2) * (w + 2) + 2 * TILE;
    int64_t units = (s->hidden + 7) & ~7, sums = units > BLOCK * s->second ? units : BLOCK * s->second;
#define CUT(field, bytes)                                     \
    do {                                                      \
        int64_t place = cut(&used, bytes);                    \
        if (base) job->field = (void *)(base + place);        \
    } while (0)
    CUT(filled, s->channels);
    CUT(slots, 4 * (int64_t)s->channels);
    CUT(pool, 4 * (int64_t)s->channels);
    CUT(sums, 4 * (sums * padded + TILE));
    CUT(mean, 4 * padded);
    CUT(sizes, 2 * bordered);
    CUT(column, 2 * bordered);
    CUT(values, 2 * bordered * s->causal);
    CUT(level, padded + TILE);
    CUT(ring_values, 2 * RING * job->ring_rows);
    CUT(ring_sizes, 2 * RING * job->ring_rows);
    CUT(pairs, 4 * padded * s->channels);
#undef CUT
    return used;
}

/* How far levels are off in this picture, by what has been seen: scores over their squares. */
static void drift_update(struct job *job) {
    int64_t drift = job->drift_sum * (1 << 23) / (job->drift_weight + job->s->caution);
    drift = drift < -MOST_DRIFT ? -MOST_DRIFT : drift > MOST_DRIFT ? MOST_DRIFT : drift;
    job->drift = (int32_t)drift + job->lean * LEVEL;
}

/* A channel begins: what others have said counts for memory at most. */
static void drift_fade(struct job *job) {
    if (job->drift_weight > job->s->memory) {
        job->drift_sum = job->drift_sum * job->s->memory / job->drift_weight;
        job->drift_weight = job->s->memory;
    }
    drift_update(job);
}

static inline void drift_see(struct job *job, int32_t score) {
    job->drift_sum += score, job->drift_weight += score * score;
}

static int stopped(const struct job *job) { return job->stop && *job->stop; }

#endif
