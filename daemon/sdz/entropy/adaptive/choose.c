/* Choosing integers by rate and distortion (encoder only; here floats are allowed).
 *
 * Every index worth trying for a symbol is priced while the array is coded, in the contexts
 * of the pass that runs, as weight * error^2 + bits. Then the cheapest path is found (Viterbi) and
 * coded in the next pass, which prices again. Two such rounds come within 0.1 % of more.
 *
 * On a trellis the lattice of each symbol depends on the parities of the indices before it, eight
 * states in all (a trellis-coded quantiser in the manner of JPEG 2000 part 2 and VVC's dependent
 * quantisation). The union of both lattices is twice as fine as what is paid for: at equal error a
 * stream is about 5 % smaller where symbols cost a bit or more, 1 to 3 % where most are zero.
 */

enum { STATES = 8, CANDIDATES = 4 };

typedef struct {
    int states;
    uint8_t next[STATES][2]; /* by the parity of the index */
    uint8_t quantiser[STATES];
} Machine;

static const Machine machines[2] = {
    { 1, { { 0, 0 } }, { 0 } },
    { 8, { { 0, 2 }, { 5, 7 }, { 1, 3 }, { 6, 4 }, { 2, 0 }, { 4, 6 }, { 3, 1 }, { 7, 5 } },
      { 1, 2, 1, 2, 1, 2, 1, 2 } },
};

typedef struct {
    const float *y;       /* [C][h][w], in steps */
    const float *weights; /* [C], bits a squared step of error is worth */
    const float *recon;   /* shift of |q| = 1 and |q| >= 2 outwards; slopes of 0, 1, >= 2 on tilt */
    int kinds;            /* quantisers in use */
    int greedy;           /* no path yet: take the best of each symbol as it comes */
    float *costs;         /* [symbols][kinds][CANDIDATES], bits */
} Chooser;

/* Where within its cell a value probably lay: the slope of the fitted logistic's logarithm there,
 * in 1/16 per value, +-64. Integers, so that every decoder says the same. */
static inline int tilt_of(const Context *x, int32_t value)
{
    const int64_t far = clamp64((int64_t)value * 16 - x->mu[0], -(1 << 24), 1 << 24);
    const int under = (int)squash(clamp64((far * x->inverse[0]) >> 16, -ST_MAX, ST_MAX));
    return clamp64(-((int64_t)(2 * under - 65536) * x->inverse[0] / ((int64_t)1 << 32)), -64, 64);
}

/* The indices worth trying for y: the nearest, its neighbour on the other side of y (a trellis
 * may want its parity), the next towards zero, and zero. Returns how many. */
static inline int candidates(int quantiser, float y, int32_t *k)
{
    const double size = y < 0 ? -(double)y : (double)y, most = quantiser ? 536870911.0 : 1073741823.0;
    /* under these nothing but zero was ever chosen */
    if (size < (quantiser == 0 ? 0.5 : quantiser == 1 ? 0.7 : 0.35)) {
        k[0] = 0;
        return 1;
    }
    double scaled = quantiser == 0 ? size + 0.5 : quantiser == 1 ? size * 0.5 + 0.5 : (size + 1) * 0.5 + 0.5;
    if (quantiser == 2 && size < 0.5) scaled = 0;
    const int32_t near = (int32_t)(scaled < most ? scaled : most);
    int n = 0;
    k[n++] = near;
    if (near > 0) k[n++] = near - 1;
    if (quantiser && (double)value_of(quantiser, near) < size) k[n++] = near + 1;
    else if (near > 1) k[n++] = near - 2;
    if (near > 2) k[n++] = 0;
    if (y < 0) for (int i = 0; i < n; i++) k[i] = -k[i];
    return n;
}

static inline double error_of(const Chooser *ch, const Context *x, float y, int64_t v)
{
    const int far = v > 1 || v < -1;
    const double out = v ? ch->recon[far] : 0, slope = ch->recon[2 + (v != 0) + far];
    const double tilt = x && slope != 0 ? slope * tilt_of(x, (int32_t)v) / 16 : 0;
    return (double)y - ((double)v + (v < 0 ? -out : out) + tilt);
}

static inline uint32_t bits_of(uint32_t p, int bit) { return bits_table[(bit ? p : 65536 - p) >> 4]; }

/* Bits (1/2048) of an index, without coding it. `asked` keeps nodes' answers, 0 = not asked. */
static uint32_t price(Model *m, const Context *x, int32_t index, int nonzero, uint32_t asked[2][UNARY + 1])
{
    const int64_t cell = cell_of(x, index), far = cell < 0 ? -cell : cell;
    uint32_t cost = (uint32_t)x->shift * 2048;
    for (int node = nonzero; node <= UNARY; node++) {
        const int below = cell < 0, bit = node == 0 ? cell != 0 : node == 1 ? below : far > node - 1;
        uint32_t *p = &asked[node > 1 && below][node];
        if (!*p) {
            Decision d;
            ask(m, x, node, node > 1 && below, &d);
            *p = d.p;
        }
        cost += bits_of(*p, bit);
        if (node != 1 && !bit) return cost;
    }
    int bits = 0;
    while ((uint64_t)(far - UNARY + 1) >> (bits + 1)) bits++;
    return cost + (uint32_t)(2 * bits + 1) * 2048;
}

/* Prices all candidates of symbol i of channel c. x is NULL where nobody looked around (then only
 * zero is a candidate, or all but zero are refused); calm is NULL where nothing is expected.
 * In a greedy pass *q becomes the best value of the quantiser in force. */
static void price_symbol(Model *m, Chooser *ch, size_t i, int c, Context *x, const Surprise *calm, int quantiser, int32_t *q)
{
    const float y = ch->y[i];
    double best = 1e300;
    for (int kind = 0; kind < ch->kinds; kind++) {
        const int each = ch->kinds == 1 ? 0 : kind + 1;
        uint32_t asked[2][UNARY + 1] = { { 0 } };
        int32_t k[CANDIDATES];
        float *costs = ch->costs + (i * (size_t)ch->kinds + (size_t)kind) * CANDIDATES;
        const int n = candidates(each, y, k);
        Context other;
        if (x && each != quantiser) {
            other = *x;
            other.quantiser = each;
        }
        const Context *seen = x && each != quantiser ? &other : x;
        for (int t = 0; t < n; t++) {
            const int64_t v = value_of(each, k[t]);
            const int expected = calm && v == calm->expected, nonzero = calm && !calm->expected && x && !x->wide;
            uint32_t bits = calm ? bits_of(calm->p, !expected) : 0;
            if (x && !expected) bits += price(m, seen, k[t], nonzero, asked);
            if (!x && k[t]) bits += 1 << 20;
            const double error = error_of(ch, x, y, v), cost = ch->weights[c] * error * error + bits / 2048.0;
            costs[t] = cost < 1e30 ? (float)cost : 1e30f; /* finite: a path must always be found */
            if (ch->greedy && each == quantiser && cost < best) {
                best = cost;
                *q = (int32_t)v;
            }
        }
    }
}

/* The cheapest path through the prices: fills q, [C][plane]. */
static int best_path(const Chooser *ch, int trellis, int32_t *q, int C, size_t plane)
{
    const Machine *machine = &machines[trellis];
    const size_t symbols = (size_t)C * plane, states = (size_t)machine->states;
    uint8_t *back = malloc(symbols * states); /* state before << 2 | candidate */
    if (!back) return NO_MEMORY;
    double total[STATES] = { 0 };
    for (size_t s = 1; s < states; s++) total[s] = 1e300;
    for (size_t i = 0; i < symbols; i++) {
        double next[STATES] = { 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300 };
        int32_t k[3][CANDIDATES];
        int n[3];
        for (int kind = 0; kind < ch->kinds; kind++) {
            const int each = ch->kinds == 1 ? 0 : kind + 1;
            n[each] = candidates(each, ch->y[i], k[each]);
        }
        for (size_t s = 0; s < states; s++) {
            if (total[s] >= 1e300) continue;
            const int each = machine->quantiser[s];
            const float *costs = ch->costs + (i * (size_t)ch->kinds + (size_t)(each > 1)) * CANDIDATES;
            for (int t = 0; t < n[each]; t++) {
                const double sum = total[s] + (double)costs[t];
                const int to = machine->next[s][k[each][t] & 1];
                if (sum < next[to]) {
                    next[to] = sum;
                    back[i * states + (size_t)to] = (uint8_t)(s << 2 | (size_t)t);
                }
            }
        }
        memcpy(total, next, sizeof total);
    }
    size_t s = 0;
    for (size_t t = 1; t < states; t++) if (total[t] < total[s]) s = t;
    for (size_t i = symbols; i-- > 0;) {
        const int step = back[i * states + s];
        int32_t k[CANDIDATES];
        s = (size_t)(step >> 2);
        candidates(machine->quantiser[s], ch->y[i], k);
        q[i] = (int32_t)value_of(machine->quantiser[s], k[step & 3]);
    }
    free(back);
    return DONE;
}
