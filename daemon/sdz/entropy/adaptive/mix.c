/* One decision's probability: adaptive counters and parametric guesses, mixed.
 *
 * Every source gives its opinion in the logistic domain. SETS sets of weights, picked by different
 * contexts, mix them; the mean of the mixes is refined by adaptive maps. After the decision every
 * part is moved towards what happened. (Logistic mixing as introduced by M. Mahoney's PAQ.)
 */

enum { NODES = 16, VARIANTS = 4, SLOTS = NODES * VARIANTS };
enum { COUNTERS = 7, GUESSES = 4, INPUTS = COUNTERS + GUESSES + 2, SETS = 4, MAPS = 2 };
enum { SEEN_MOST = 60000 };
enum { MAP_STEPS = 25 }; /* places 256 apart from -3072 to 3072 */

typedef struct {
    uint32_t *counters[COUNTERS]; /* probability in 22 bits << 10 | times seen */
    int32_t *weights[SETS];       /* 1/65536; INPUTS to a slot */
    uint16_t *seen[SETS];         /* decisions a slot of weights has learnt from */
    uint32_t *maps[MAPS];         /* as counters; MAP_STEPS to a slot */
} Mixer;

/* All that is needed to learn from a decision once it is known. */
typedef struct {
    int16_t in[INPUTS];
    uint32_t *counter[COUNTERS];
    int32_t *weights[SETS];
    uint16_t *seen[SETS];
    uint32_t p_set[SETS];
    uint32_t *map[MAPS]; /* first the slot; after mix() the step that is to learn */
    uint32_t p;          /* that the decision is 1, 1..65535 of 65536 */
} Decision;

static inline uint32_t keep_inside(uint32_t p) { return p < 1 ? 1 : p > 65535 ? 65535 : p; }

/* A counter's step is 1/(times seen) of the way at first and never less than 1/COUNT_LIMIT. */
HOT void move_counter(uint32_t *counter, int bit, uint32_t limit)
{
    const uint32_t n = *counter & 1023, rate = rate_table[n < COUNT_LIMIT ? n : COUNT_LIMIT];
    uint32_t p = *counter >> 10;
    if (bit) p += (uint32_t)(((uint64_t)(4194303 - p) * rate) >> 16);
    else p -= (uint32_t)(((uint64_t)p * rate) >> 16);
    *counter = p << 10 | (n + (n < limit));
}

/* A counter's opinion: worth the less the less it has seen. */
static inline int counter_opinion(uint32_t counter)
{
    const uint32_t n = counter & 1023;
    return stretch(counter >> 16) * trust_table[n < COUNT_LIMIT ? n : COUNT_LIMIT] >> 8;
}

HOT int32_t mix_sum(const int32_t *weights, const int16_t *in, int n)
{
    int64_t sum = 0;
    for (int i = 0; i < n; i++) sum += (int64_t)weights[i] * in[i];
    sum >>= 16;
    return (int32_t)(sum > ST_MAX ? ST_MAX : sum < -ST_MAX ? -ST_MAX : sum);
}

/* Moves weights so that a mix that said p comes closer to `bit`. */
HOT void move_weights(int32_t *weights, const int16_t *in, int n, uint32_t p, int bit,
                                uint16_t *seen, int rate)
{
    const int error = bit * 65536 - (int)p;
    const int step = error * (rate * 16 + MIX_EXTRA * 1024 / (64 + *seen * MIX_FADE / 16)) >> 6;
    if (*seen < SEEN_MOST) ++*seen;
    for (int i = 0; i < n; i++) /* unsigned, so that a stream made to overflow it may */
        weights[i] = (int32_t)((uint32_t)weights[i] + (uint32_t)((in[i] * step + (1 << 15)) >> 16));
}

/* Mixes d->in with the chosen weights and maps into d->p. */
HOT void mix(Decision *d)
{
    int total = 0;
    for (int k = 0; k < SETS; k++) {
        const int x = mix_sum(d->weights[k], d->in, INPUTS);
        d->p_set[k] = squash(x);
        total += x;
    }
    const int x = total / SETS, place = x + ST_MAX + 1, left = place >> 8;
    const uint32_t part = place & 255;
    uint32_t refined = 0;
    for (int k = 0; k < MAPS; k++) {
        uint32_t *map = d->map[k] + left;
        refined += ((map[0] >> 16) * (256 - part) + (map[1] >> 16) * part) >> 8;
        d->map[k] = map + (part >= 128);
    }
    d->p = keep_inside((squash(x) * 2 + refined) >> 2);
}

HOT void learn_decision(Decision *d, int bit)
{
    for (int i = 0; i < COUNTERS; i++) move_counter(d->counter[i], bit, COUNT_LIMIT);
    for (int k = 0; k < SETS; k++)
        move_weights(d->weights[k], d->in, INPUTS, d->p_set[k], bit, d->seen[k], MIX_RATE);
    for (int k = 0; k < MAPS; k++) move_counter(d->map[k], bit, MAP_LIMIT);
}
