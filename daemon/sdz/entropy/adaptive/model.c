/* What coder and decoder both know: the channels around the symbol, and all that has been learnt.
 *
 * Planes have a border of PAD cells, so that no neighbour needs a test. Only the channel being
 * coded and the three before it are kept.
 */

enum { PLANES = 4, PAD = 2, LEVELS = 64, SIDES = 25, CHANNELS = 128, CALM_COUNTERS = 3, CALM_CONTEXTS = 128 * 24 };
enum { MEAN_N = 32, NEAR_N = 6, SIZE_N = 24 };
enum { VALUE, REST, INDEX, KINDS };
enum { BAND = 16 }; /* no later channel looks at a single one: alpha of 150 megapixels took 2.3 GB */

typedef struct {
    int C, h, w, trellis;
    int rows;                        /* of a plane: h, or of a single channel no more than a BAND */
    ptrdiff_t pitch;
    size_t cells;                    /* of a plane with its border */
    int16_t *plane[KINDS][PLANES];   /* [0] this channel, [1] the one before, ...:
                                        values, |value - prediction| in 1/16, quantiser indices */
    int32_t *sum, *rest_sum;         /* fading sums over the channels of |value| (1/16) and rest */
    int faded;                       /* the sums fade no more: what is left is too small */
    Squares mean, near, size;        /* predict the value, all or nearest neighbours; |rest| */
    Mixer mixer;
    uint32_t escape[2][40], empty[2], flat;
    uint32_t calm[CALM_COUNTERS][CALM_CONTEXTS];
    int32_t calm_weights[CHANNELS][CALM_COUNTERS + 1];
    uint16_t calm_seen[CHANNELS];
    int16_t *planes;
    uint32_t *tables;
} Model;

/* Contexts of each table; 0 stands for one (counters: 16) per channel. */
static const int counter_contexts[COUNTERS] = { 49, 140, 256, 210, LEVELS, 0, 512 };
static const int set_contexts[SETS] = { 0, LEVELS, SIDES, 256 };
static const int map_contexts[MAPS] = { LEVELS, SIDES };

/* Weights before anything is known: the nearest two predict, a little less than their mean. */
static const int32_t mean_prior[LS_MAX] = { 26000, 26000, -8000, 6000 };
static const int32_t size_prior[LS_MAX] = { 9000, 9000, 4000, 4000, 2500, 2500, 8000, 3000, 3000, 3000, 3000 };

static inline int channel_class(int c) { return c < CHANNELS ? c : CHANNELS - 1; }

static void fill(uint32_t *at, size_t count, uint32_t value)
{
    for (size_t i = 0; i < count; i++) at[i] = value;
}

/* Allocates the mixer's tables in one block and sets them to their first values. */
static int start_mixer(Model *m)
{
    const int32_t guesses[INPUTS - COUNTERS] = { W_FITTED, W_SHARP, W_NEAR, W_LOCAL, W_SIZE, 0 };
    int32_t first[INPUTS];
    for (int i = 0; i < INPUTS; i++) first[i] = i < COUNTERS ? W_COUNTER : guesses[i - COUNTERS];
    const size_t channels = (size_t)channel_class(m->C - 1) + 1;
    size_t counters[COUNTERS], sets[SETS], maps[MAPS], words = 0;
    for (int i = 0; i < COUNTERS; i++)
        words += counters[i] = (counter_contexts[i] ? (size_t)counter_contexts[i] : channels * 16) * SLOTS;
    for (int i = 0; i < SETS; i++) {
        sets[i] = (set_contexts[i] ? (size_t)set_contexts[i] : channels) * SLOTS;
        words += sets[i] * INPUTS + sets[i] / 2; /* SLOTS is even */
    }
    for (int i = 0; i < MAPS; i++) words += maps[i] = (size_t)map_contexts[i] * SLOTS * MAP_STEPS;
    uint32_t *t = m->tables = malloc(words * sizeof *t);
    if (!t) return 0;
    for (int i = 0; i < COUNTERS; t += counters[i++]) {
        m->mixer.counters[i] = t;
        fill(t, counters[i], (uint32_t)1 << 31);
    }
    for (int i = 0; i < SETS; t += sets[i++] * INPUTS) {
        m->mixer.weights[i] = (int32_t *)t;
        for (size_t j = 0; j < sets[i]; j++) memcpy(t + j * INPUTS, first, sizeof first);
    }
    for (int i = 0; i < MAPS; t += maps[i++]) {
        m->mixer.maps[i] = t;
        for (size_t j = 0; j < maps[i]; j++)
            t[j] = squash((int)(j % MAP_STEPS) * 256 - ST_MAX - 1) << 16 | MAP_START;
    }
    for (int i = 0; i < SETS; t += sets[i++] / 2) {
        m->mixer.seen[i] = (uint16_t *)t;
        fill(t, sets[i] / 2, 0);
    }
    return 1;
}

/* C, h, w >= 1. Returns 0 if memory is short; end_model is due in either case. */
static int start_model(Model *m, int C, int h, int w, int trellis)
{
    memset(m, 0, sizeof *m);
    m->C = C;
    m->h = h;
    m->w = w;
    m->trellis = trellis;
    m->pitch = (ptrdiff_t)w + 2 * PAD;
    m->rows = C == 1 && h > BAND ? BAND : h;
    m->cells = (size_t)m->pitch * ((size_t)m->rows + 2 * PAD);
    /* with fewer channels than planes, the planes never reached are one and the same */
    const size_t real = C < PLANES ? (size_t)C : PLANES, kinds = trellis ? KINDS : KINDS - 1;
    m->planes = calloc(m->cells * (real * kinds + 1), sizeof *m->planes);
    m->sum = calloc(m->cells * 2, sizeof *m->sum);
    if (!m->planes || !m->sum || !start_mixer(m)) return 0;
    m->rest_sum = m->sum + m->cells;
    for (size_t k = 0; k < KINDS; k++) {
        /* without a trellis an index is its value */
        const size_t kind = k < kinds ? k : VALUE;
        for (size_t i = 0; i < PLANES; i++)
            m->plane[k][i] = m->planes + m->cells * (i < real ? 1 + kind * real + i : 0);
    }
    fill(&m->escape[0][0], 80, (uint32_t)1 << 31);
    m->empty[0] = (uint32_t)1 << 28;
    m->empty[1] = (uint32_t)1 << 31;
    m->flat = (uint32_t)1 << 29;
    fill(&m->calm[0][0], CALM_COUNTERS * CALM_CONTEXTS, (uint32_t)1 << 28);
    for (int c = 0; c < CHANNELS; c++)
        for (int i = 0; i < CALM_COUNTERS; i++) m->calm_weights[c][i] = W_CALM;
    start_squares(&m->size, SIZE_N, size_prior, PRIOR_SIZE);
    return 1;
}

static void end_model(Model *m)
{
    free(m->planes);
    free(m->sum);
    free(m->tables);
}

/* Makes room for channel c: the oldest plane becomes the new, empty one. Values start anew, as
 * every channel depends on the others in its own way; sizes are much alike. */
static void start_channel(Model *m, int c)
{
    const int real = m->C < PLANES ? m->C : PLANES;
    for (int k = 0; k < KINDS; k++) {
        int16_t *oldest = m->plane[k][real - 1];
        for (int i = real - 1; i > 0; i--) m->plane[k][i] = m->plane[k][i - 1];
        m->plane[k][0] = oldest;
        memset(oldest, 0, m->cells * sizeof *oldest);
    }
    start_squares(&m->mean, MEAN_N, mean_prior, PRIOR_MEAN);
    start_squares(&m->near, NEAR_N, mean_prior, PRIOR_MEAN);
    if (c) fade_squares(&m->size, KEEP_SIZE, size_prior, PRIOR_SIZE);
}

/* Before row y, at being its first cell: what lies left of the picture is what lies above. */
static void start_row(Model *m, size_t at, int y)
{
    for (int k = 0; y && k < KINDS; k++) {
        int16_t *p = m->plane[k][0] + at;
        p[-1] = p[-2] = p[-m->pitch];
    }
}

/* After a row, `at` being the cell behind its last: the border repeats that one. */
static void end_row(Model *m, size_t at)
{
    for (int k = 0; k < KINDS; k++) {
        int16_t *p = m->plane[k][0] + at;
        p[0] = p[1] = p[-1];
    }
}

/* Only the rows that lie over the next band are kept, at its top. */
static void next_band(Model *m)
{
    const size_t kept = PAD * (size_t)m->pitch, from = (size_t)m->rows * (size_t)m->pitch, rest = m->cells - kept;
    for (int k = 0; k < (m->trellis ? KINDS : KINDS - 1); k++) {
        int16_t *p = m->plane[k][0];
        memcpy(p, p + from, kept * sizeof *p);
        memset(p + kept, 0, rest * sizeof *p);
    }
    int32_t *sums[2] = { m->sum, m->rest_sum };
    for (int k = 0; k < 2; k++) {
        memcpy(sums[k], sums[k] + from, kept * sizeof *sums[k]);
        memset(sums[k] + kept, 0, rest * sizeof *sums[k]);
    }
}

/* After a channel: the row below the picture repeats the last. */
static void end_channel(Model *m)
{
    for (int k = 0; k < KINDS; k++) {
        int16_t *p = m->plane[k][0] + (size_t)(m->rows + PAD) * (size_t)m->pitch;
        memcpy(p, p - m->pitch, (size_t)m->pitch * sizeof *p);
    }
}

/* Enters a value and how far it was from its prediction into the fading sums. */
static inline void add_up(Model *m, size_t at, int value, int rest)
{
    m->sum[at] += (value < 0 ? -value : value) * 16 - m->sum[at] * SUM_FADE / 256;
    m->rest_sum[at] += rest - m->rest_sum[at] * SUM_FADE / 256;
}
