/* Calm places: where all neighbours, here and in the channel before, are zero, a zero is almost
 * certain, and asking everyone would take most of the time of a sparse array. Three counters
 * over what lies farther off decide, as long as they are sure enough of it. */

enum { LOUD, CALM, FLAT };

typedef struct {
    uint32_t *counter[CALM_COUNTERS];
    int16_t in[CALM_COUNTERS + 1];
    int32_t *weights;
    uint16_t *seen;
    uint32_t p;   /* that the value is not the expected one */
    int expected; /* zero, or what is all around */
    int settled;  /* another zero here would move neither counters nor weights: p stands */
} Surprise;

/* CALM: zeros all around. FLAT: another value all around, and no change in the channel before;
 * a trellis has no FLAT places, as its lattice changes from cell to cell. */
static inline int calmness(const Model *m, size_t at)
{
    const ptrdiff_t p = m->pitch;
    const int16_t *v = m->plane[VALUE][0] + at, *v1 = m->plane[VALUE][1] + at;
    const int a = v[-1];
    if ((v[-p] ^ a) | (v[-p - 1] ^ a) | (v[-p + 1] ^ a) | (v[-2] ^ a) | (v[-2 * p] ^ a)) return LOUD;
    const int b = v1[0];
    if ((v1[-1] ^ b) | (v1[1] ^ b) | (v1[-p] ^ b) | (v1[p] ^ b)) return LOUD;
    if (a) return m->trellis || a == X_MAX || a == -X_MAX ? LOUD : FLAT;
    return b ? LOUD : CALM;
}

static inline int sum_class(int v)
{
    const int c = v <= 0 ? 0 : log2_q8((uint32_t)v + 1) * 2 / CALM_STEP;
    return c > 23 ? 23 : c;
}

static inline int count4(int a, int b, int c, int d)
{
    const int n = (a != 0) + (b != 0) + (c != 0) + (d != 0);
    return n > 3 ? 3 : n;
}

/* `s` is what the last calm place said. Where that has settled and this place has the same counters,
 * which is most of a blank page, nothing has to be asked: 8 ns a symbol instead of 23. */
static inline void ask_calm(Model *m, int channel, size_t at, Surprise *s)
{
    const ptrdiff_t pitch = m->pitch;
    const int32_t *sum = m->sum + at;
    const int16_t *v = m->plane[VALUE][0] + at, *v2 = m->plane[VALUE][2] + at, *v3 = m->plane[VALUE][3] + at;
    const int around = FOUR(sum), c = channel_class(channel);
    uint32_t *counter[CALM_COUNTERS] = {
        &m->calm[0][sum_class(sum[0]) * 24 + sum_class(around >> 2)],
        &m->calm[1][c * 24 + sum_class(sum[0] + (around >> 1))],
        &m->calm[2][clamp(size_of(v2[0]), 0, 2) + 3 * clamp(size_of(v3[0]), 0, 2)
            + 9 * count4(v2[-1], v2[1], v2[-pitch], v2[pitch])
            + 36 * count4(v[-2 * pitch - 1], v[-2 * pitch + 1], v[-pitch - 2], v[-pitch + 2])
            + 144 * clamp(channel, 0, 15)],
    };
    int same = s->settled && s->weights == m->calm_weights[c];
    for (int i = 0; i < CALM_COUNTERS; i++) same &= counter[i] == s->counter[i];
    if (same) return;
    s->settled = 0;
    s->weights = m->calm_weights[c];
    s->seen = &m->calm_seen[c];
    for (int i = 0; i < CALM_COUNTERS; i++) {
        s->counter[i] = counter[i];
        s->in[i] = (int16_t)counter_opinion(*counter[i]);
    }
    s->in[CALM_COUNTERS] = 256;
    s->expected = 0;
    s->p = keep_inside(squash(mix_sum(s->weights, s->in, CALM_COUNTERS + 1)));
}

/* Once it has settled only `seen` counts on, which makes later steps smaller still. */
static inline void learn_calm(Surprise *s, int bit)
{
    if (s->settled && !bit) {
        if (*s->seen < SEEN_MOST) ++*s->seen;
        return;
    }
    int moved = bit;
    int32_t weights[CALM_COUNTERS + 1];
    memcpy(weights, s->weights, sizeof weights);
    move_weights(s->weights, s->in, CALM_COUNTERS + 1, s->p, bit, s->seen, CALM_RATE);
    for (int i = 0; i < CALM_COUNTERS; i++) {
        const uint32_t before = *s->counter[i];
        move_counter(s->counter[i], bit, CALM_LIMIT);
        moved |= before != *s->counter[i];
    }
    s->settled = !moved && !memcmp(weights, s->weights, sizeof weights);
}

/* Flat places have one counter for all: masks and drawings, not latents, have many of them. */
static inline void ask_flat(const Model *m, size_t at, Surprise *s)
{
    s->expected = m->plane[VALUE][0][at - 1];
    s->p = keep_inside(m->flat >> 16);
}

/* Whether another one that is as expected would leave the counter as it is. */
static inline int flat_settled(const Model *m)
{
    uint32_t flat = m->flat;
    move_counter(&flat, 0, COUNT_LIMIT);
    return flat == m->flat;
}
