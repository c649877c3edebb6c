/* Tables of the logistic domain, all made by integer arithmetic.
 *
 * A probability p is a 16-bit integer in 1..65535, meaning p/65536. The logistic domain holds
 * ln(p/(1-p)) in steps of 1/256, limited to +-3071 (p about 6e-6, under which 16 bits end).
 * libm is never asked: its last digit differs between systems, and one digit is enough to make
 * a decoder go astray.
 */

enum { ST_MAX = 3071, P_BITS = 16, P_ONE = 65536 };

static uint16_t squash_table[2 * ST_MAX + 1]; /* logistic -> probability */
static int16_t stretch_mid[4096];             /* probability >> 4 -> logistic */
static int16_t stretch_low[2048];             /* probability < 2048 -> logistic, all 16 bits */
static uint16_t rate_table[COUNT_LIMIT + 1];  /* 1/(n + 1.5) in 1/65536: a counter's step */
static uint16_t trust_table[COUNT_LIMIT + 1]; /* how much a counter seen n times is believed */
static uint16_t bits_table[4097];             /* -log2(p/65536) in 1/2048 bit, for p >> 4 */

/* floor(log2(v) * 256) with the fraction taken linearly; v >= 1. */
static inline int log2_q8(uint32_t v)
{
    int e = 0;
    uint32_t t = v;
    if (t >> 16) { e += 16; t >>= 16; }
    if (t >> 8) { e += 8; t >>= 8; }
    if (t >> 4) { e += 4; t >>= 4; }
    if (t >> 2) { e += 2; t >>= 2; }
    e += (int)(t >> 1);
    uint32_t m = e >= 8 ? v >> (e - 8) : v << (8 - e);
    return e * 256 + (int)(m - 256);
}

static inline uint32_t squash(int x)
{
    if (x > ST_MAX) x = ST_MAX;
    if (x < -ST_MAX) x = -ST_MAX;
    return squash_table[x + ST_MAX];
}

static inline int stretch(uint32_t p)
{
    if (p < 2048) return stretch_low[p];
    if (p > P_ONE - 2048) return -stretch_low[P_ONE - p];
    return stretch_mid[p >> 4];
}

static uint32_t hash_table(uint32_t hash, const void *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        /* read as numbers, so that the byte order of the machine does not matter */
        uint16_t v = 0;
        memcpy(&v, (const char *)table + i * sizeof v, sizeof v);
        hash = (hash ^ (v & 255u)) * 16777619u;
        hash = (hash ^ (v >> 8)) * 16777619u;
    }
    return hash;
}

/* Fills the tables and returns a checksum over them. */
static uint32_t make_tables(void)
{
    /* exp(-x/256) as mantissa * 2^-(31+shift), multiplied up from exp(-1/256) * 2^32. */
    const uint64_t step = 4278222805u; /* round(exp(-1/256) * 2^32) */
    uint64_t mantissa = (uint64_t)1 << 31;
    int shift = 0;
    for (int x = 0; x <= ST_MAX; x++) {
        uint64_t e = mantissa >> shift; /* exp(-x/256) * 2^31 */
        uint64_t one = (uint64_t)1 << 31;
        uint64_t p = ((one << 16) + (one + e) / 2) / (one + e);
        if (p > P_ONE - 1) p = P_ONE - 1;
        squash_table[ST_MAX + x] = (uint16_t)p;
        squash_table[ST_MAX - x] = (uint16_t)(P_ONE - p);
        mantissa = (mantissa * step + ((uint64_t)1 << 31)) >> 32;
        if (mantissa < ((uint64_t)1 << 31)) { mantissa <<= 1; shift++; }
    }
    /* stretch is the inverse: the first x whose squash reaches p. */
    int x = -ST_MAX;
    for (int p = 0; p < P_ONE; p++) {
        while (x < ST_MAX && squash(x) < (uint32_t)p) x++;
        if (p < 2048) stretch_low[p] = (int16_t)x;
        if ((p & 15) == 8) stretch_mid[p >> 4] = (int16_t)x;
    }
    for (int n = 0; n <= COUNT_LIMIT; n++) {
        rate_table[n] = (uint16_t)(65536 * 16 / (n * 16 + RATE_DELTA));
        trust_table[n] = (uint16_t)(256 * (n * 16 + TRUST_NUM) / (n * 16 + TRUST_NUM + TRUST_DEN));
    }
    for (int i = 0; i <= 4096; i++) {
        uint32_t p = i ? (uint32_t)i << 4 : 4;
        /* squaring gives log2's binary digits one by one */
        int e = 0;
        uint64_t m = p;
        while (m < ((uint64_t)1 << 31)) { m <<= 1; e++; }
        int bits = 0;
        for (int k = 0; k < 11; k++) {
            m = (m * m) >> 31;
            bits <<= 1;
            if (m >> 32) { bits |= 1; m >>= 1; }
        }
        int log2_p = (31 - e) * 2048 + bits; /* log2(p) in 1/2048 */
        bits_table[i] = (uint16_t)(16 * 2048 - log2_p);
    }
    uint32_t hash = 2166136261u;
    hash = hash_table(hash, squash_table, sizeof squash_table / 2);
    hash = hash_table(hash, stretch_mid, sizeof stretch_mid / 2);
    hash = hash_table(hash, stretch_low, sizeof stretch_low / 2);
    hash = hash_table(hash, rate_table, sizeof rate_table / 2);
    hash = hash_table(hash, trust_table, sizeof trust_table / 2);
    return hash_table(hash, bits_table, sizeof bits_table / 2);
}
