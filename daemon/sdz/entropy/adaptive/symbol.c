/* A symbol as decisions: is it the centre? below it? farther than 1? than 2? ... */

enum { UNARY = 14, ESCAPE_BITS = 34 };

/* The lattice of each quantiser. 0: every integer. 1: even ones. 2: odd ones and zero. */
static inline int64_t value_of(int quantiser, int64_t k)
{
    if (quantiser == 0) return k;
    return quantiser == 1 ? 2 * k : 2 * k - (k > 0) + (k < 0);
}

static inline int32_t index_of(int quantiser, int32_t v)
{
    if (quantiser == 0) return v;
    return quantiser == 1 ? v / 2 : (int32_t)(((int64_t)v + (v > 0) - (v < 0)) / 2);
}

/* Upper boundary of index k's cell, 1/16: half-way to the next value of the same quantiser. */
static inline int64_t boundary(int quantiser, int64_t k)
{
    if (quantiser == 0) return k * 16 + 8;
    if (quantiser == 1) return k * 32 + 16;
    if (k == 0) return 8;
    if (k == -1) return -8;
    return k > 0 ? k * 32 : (k + 1) * 32;
}

static inline int64_t half_cell(const Context *x) { return x->shift ? (int64_t)1 << (x->shift - 1) : 0; }

/* Lowest index of the j-th cell from the centre, and the upper boundary of that cell. */
static inline int64_t cell_start(const Context *x, int64_t j)
{
    return x->centre + j * ((int64_t)1 << x->shift) - half_cell(x);
}

static inline int64_t cell_end(const Context *x, int64_t j)
{
    return boundary(x->quantiser, cell_start(x, j + 1) - 1);
}

/* The cell that index lies in. */
static inline int64_t cell_of(const Context *x, int64_t index)
{
    return (index - x->centre + half_cell(x)) >> x->shift;
}

/* Probability that a logistic around mu lies above `end` (or below it), 65536 = 1. */
static inline uint32_t mass(int64_t end, int mu, int inverse, int above)
{
    const int64_t far = clamp64(end - mu, -(1 << 24), 1 << 24);
    const int x = clamp64((far * inverse) >> 16, -ST_MAX, ST_MAX);
    return squash(above ? -x : x);
}

/* The logistic of part/whole; both 1..131071. */
static inline int stretch_ratio(uint32_t part, uint32_t whole)
{
    return stretch(keep_inside(part >= whole ? 65535 : (uint32_t)(((uint64_t)part << 16) / whole)));
}

/* Gathers every opinion on one node and mixes them into d->p.
 * Node 0: not the centre cell? 1: below it? n >= 2: farther than n - 1 cells (and `below`)? */
HOT void ask(Model *m, const Context *x, int node, int below, Decision *d)
{
    static const int which_mu[GUESSES] = { 0, 0, 1, 0 }, which_scale[GUESSES] = { 0, 1, 0, 2 };
    const int variant = x->wide + 2 * (x->quantiser == 2);
    /* counters tell the two sides apart as long as there are nodes left to do so */
    const int sided = node < 2 ? node : 2 * node - 2 < NODES ? 2 * node - 2 + below : NODES - 2 + below;
    for (int i = 0; i < COUNTERS; i++) {
        d->counter[i] = m->mixer.counters[i] + (size_t)x->counter_at[i] * SLOTS + variant * NODES + sided;
        d->in[i] = (int16_t)counter_opinion(*d->counter[i]);
    }
    /* nodes 0 and 1: the two ends of the centre cell; others: of the cell that is asked about */
    const int64_t outer = cell_end(x, node < 2 ? 0 : below ? -node : node - 1);
    const int64_t inner = cell_end(x, node < 2 ? -1 : below ? 1 - node : node - 2);
    for (int g = 0; g < GUESSES; g++) {
        const int mu = x->mu[which_mu[g]], inverse = x->inverse[which_scale[g]];
        const uint32_t over = mass(outer, mu, inverse, node < 2 || !below);
        const uint32_t under = mass(inner, mu, inverse, node >= 2 && !below);
        d->in[COUNTERS + g] = (int16_t)(node == 0 ? stretch(keep_inside(under + over))
            : node == 1 ? stretch_ratio(under, under + over) : stretch_ratio(over, under));
    }
    const int64_t off = x->centre * (x->quantiser ? 32 : 16) - x->mu[0];
    d->in[COUNTERS + GUESSES] = (int16_t)(node == 1 ? clamp64(off * 24, -2047, 2047) : x->size_logit);
    d->in[COUNTERS + GUESSES + 1] = 256;
    for (int k = 0; k < SETS; k++) {
        const size_t slot = (size_t)x->set_at[k] * SLOTS + (size_t)(variant * NODES + node);
        d->weights[k] = m->mixer.weights[k] + slot * INPUTS;
        d->seen[k] = m->mixer.seen[k] + slot;
    }
    for (int k = 0; k < MAPS; k++)
        d->map[k] = m->mixer.maps[k] + ((size_t)x->map_at[k] * SLOTS + (size_t)(variant * NODES + node)) * MAP_STEPS;
    mix(d);
}

HOT int code_decision(Model *m, Coder *c, const int decoding, const Context *x, int node, int below, int bit)
{
    Decision d;
    c->decisions++;
    ask(m, x, node, below, &d);
    bit = code_bit(c, decoding, d.p, bit);
    learn_decision(&d, bit);
    return bit;
}

static inline int code_counter(Coder *c, const int decoding, uint32_t *counter, int bit, uint32_t limit)
{
    bit = code_bit(c, decoding, keep_inside(*counter >> 16), bit);
    move_counter(counter, bit, limit);
    return bit;
}

/* Exp-Golomb: how many bits in unary, each place adaptive; then the bits themselves. */
static int64_t code_escape(Model *m, Coder *c, const int decoding, int wide, int64_t rest)
{
    const uint64_t wanted = (uint64_t)rest + 1;
    int bits = 0, n = 0;
    if (!decoding) while (wanted >> (bits + 1)) bits++;
    while (n < ESCAPE_BITS && code_counter(c, decoding, &m->escape[wide][n], n < bits, 60)) n++;
    uint64_t value = 1;
    for (int i = n - 1; i >= 0; i--) value = value << 1 | (uint64_t)code_bit(c, decoding, 32768, (int)(wanted >> i & 1));
    return (int64_t)value - 1;
}

/* The place within a cell of more than one index, halving by halving; here the fitted
 * distribution alone decides, as nothing else knows better. Returns the index. */
static int64_t code_inside(Coder *c, const int decoding, const Context *x, int64_t low, int64_t index)
{
    for (int b = x->shift - 1; b >= 0; b--) {
        const int64_t half = (int64_t)1 << b, split = boundary(x->quantiser, low + half - 1);
        const int above = split > x->mu[0]; /* measure in the tail, where differences are exact */
        const uint32_t a = mass(boundary(x->quantiser, low - 1), x->mu[0], x->inverse[0], above);
        const uint32_t s = mass(split, x->mu[0], x->inverse[0], above);
        const uint32_t z = mass(boundary(x->quantiser, low + 2 * half - 1), x->mu[0], x->inverse[0], above);
        const uint32_t under = (above ? a - s : s - a) + 1, over = (above ? s - z : z - s) + 1;
        if (code_bit(c, decoding, keep_inside((over << 15) / (under + over) << 1), index >= low + half)) low += half;
    }
    return low;
}

/* Codes an index of x's quantiser and returns it; nonzero: it is known not to be 0. What does
 * not fit into 32 bits (damaged streams only) is cut off. */
HOT int32_t code_symbol(Model *m, Coder *c, const int decoding, const Context *x, int32_t index, int nonzero)
{
    int64_t cell = decoding ? 0 : cell_of(x, index);
    if (nonzero || code_decision(m, c, decoding, x, 0, 0, cell != 0)) {
        const int below = code_decision(m, c, decoding, x, 1, 0, cell < 0);
        const int64_t far = cell < 0 ? -cell : cell;
        int64_t k = 1;
        while (k < UNARY && code_decision(m, c, decoding, x, (int)k + 1, below, far > k)) k++;
        if (k == UNARY) k += code_escape(m, c, decoding, x->wide, far - UNARY);
        cell = below ? -k : k;
    }
    const int64_t found = code_inside(c, decoding, x, cell_start(x, cell), index);
    return (int32_t)(found > INT32_MAX ? INT32_MAX : found < INT32_MIN ? INT32_MIN : found);
}
