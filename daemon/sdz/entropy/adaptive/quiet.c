/* Quiet runs (decoder only): symbols of a row that all have the same calm or flat neighbourhood, once nothing is
 * learnt there any more. Each is the same decision, and what else there is to do is done for all at once:
 * 3 ns a symbol instead of 10. A page of 150 megapixels is such runs, and little else. */

enum { QUIET_LEAST = 16 }; /* shorter runs are not worth looking for */

/* How many of n numbers are x, from the first on. By blocks, which compilers make vectors of. */
static int alike16(const int16_t *p, int n, int16_t x)
{
    int i = 0;
    for (; i + 32 <= n; i += 32) {
        int16_t other = 0;
        for (int k = 0; k < 32; k++) other |= (int16_t)(p[i + k] ^ x);
        if (other) break;
    }
    while (i < n && p[i] == x) i++;
    return i;
}

static int alike32(const int32_t *p, int n, int32_t x)
{
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        int32_t other = 0;
        for (int k = 0; k < 16; k++) other |= p[i + k] ^ x;
        if (other) break;
    }
    while (i < n && p[i] == x) i++;
    return i;
}

static inline int32_t faded(int32_t sum) { return sum - sum * SUM_FADE / 256; }

/* How many symbols from the calm or flat place `at` on, at most n, have its neighbourhood and so its calm counters,
 * if each of them is what is expected there. */
static int quiet_run(const Model *m, size_t at, int n, int calm)
{
    const ptrdiff_t p = m->pitch;
    const int16_t *v = m->plane[VALUE][0] + at, *v1 = m->plane[VALUE][1] + at;
    const int16_t *v2 = m->plane[VALUE][2] + at, *v3 = m->plane[VALUE][3] + at;
    n = alike16(v - p + 2, n, v[-1]);
    n = alike16(v - 2 * p, n, v[-1]);
    if (n < QUIET_LEAST) return 0;
    n = alike16(v1 + 1, n, v1[0]);
    n = alike16(v1 - p, n, v1[0]);
    n = alike16(v1 + p, n, v1[0]);
    if (calm == FLAT || n < QUIET_LEAST) return n;
    const int32_t *sum = m->sum + at;
    if (v[-2 * p - 1] || v[-2 * p + 1] || v[-p - 2] || v[-p + 2] || v2[-1] != v2[0] || sum[-1] != faded(sum[0])) return 0;
    n = alike16(v - 2 * p + 1, n, 0);
    n = alike16(v2 + 1, n, v2[0]);
    n = alike16(v2 - p, n, v2[-p]);
    n = alike16(v2 + p, n, v2[p]);
    n = alike16(v3, n, v3[0]);
    n = alike32(sum + 1, n, sum[0]);
    n = alike32(sum - p, n, sum[-p]);
    return alike32(sum + p, n, sum[p]);
}

/* Decodes up to n decisions of probability p that are 0, and stops before a 1. Returns how many they were. */
HOT int decode_zeros(Coder *c, uint32_t p, int n)
{
    for (int k = 0; k < n; k++) {
        const uint64_t middle = c->low + ((c->high - c->low) >> 16) * (65536 - p);
        if (c->code > middle) return k;
        code_bit(c, 1, p, 0);
    }
    return n;
}

/* Enters n symbols of that value, as take_in does where nothing is to be learnt. */
static void enter_run(Model *m, size_t at, int n, int value, int32_t *q)
{
    /* pages of zeros that nobody has written to stay so */
    if (value || alike32(q, n, 0) < n) for (int i = 0; i < n; i++) q[i] = value;
    for (int i = 0; i < n; i++) m->plane[VALUE][0][at + (size_t)i] = (int16_t)value;
    const int32_t more = (value < 0 ? -value : value) * 16;
    for (int i = 0; i < n; i++) m->sum[at + (size_t)i] = faded(m->sum[at + (size_t)i]) + more;
    for (int i = 0; i < n; i++) m->rest_sum[at + (size_t)i] = faded(m->rest_sum[at + (size_t)i]);
}
