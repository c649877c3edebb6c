/* The Gaussian, row by row: across as rows come, down over the last WINDOW of them. A ring has every row twice,
 * so that these lie one after the other. */

/* The next row of values [count + 2 RADIUS], blurred across, into the ring. */
static void take_row(const Formula *f, float *ring, int row, const float *restrict values, int count)
{
    const float t0 = f->taps[0], t1 = f->taps[1], t2 = f->taps[2], t3 = f->taps[3], t4 = f->taps[4], t5 = f->taps[5];
    float *restrict to = ring + row % WINDOW * TILE;
    for (int i = 0; i < count; i++) {
        const float *v = values + i + RADIUS;
        to[i] = v[0] * t0 + (v[-1] + v[1]) * t1 + (v[-2] + v[2]) * t2 + (v[-3] + v[3]) * t3 + (v[-4] + v[4]) * t4
                + (v[-5] + v[5]) * t5;
    }
    memcpy(to + WINDOW * TILE, to, (size_t)count * sizeof *to);
}

/* The row RADIUS before the one that came last, blurred. */
static void give_row(const Formula *f, const float *ring, int last, float *restrict to, int count)
{
    const float t0 = f->taps[0], t1 = f->taps[1], t2 = f->taps[2], t3 = f->taps[3], t4 = f->taps[4], t5 = f->taps[5];
    const float *restrict middle = ring + ((last + 1) % WINDOW + RADIUS) * TILE;
    for (int i = 0; i < count; i++) {
        const float *v = middle + i;
        to[i] = v[0] * t0 + (v[-TILE] + v[TILE]) * t1 + (v[-2 * TILE] + v[2 * TILE]) * t2
                + (v[-3 * TILE] + v[3 * TILE]) * t3 + (v[-4 * TILE] + v[4 * TILE]) * t4
                + (v[-5 * TILE] + v[5 * TILE]) * t5;
    }
}

/* Squares of `count` values. */
static void squares(const float *restrict values, float *restrict to, int count)
{
    for (int i = 0; i < count; i++) to[i] = values[i] * values[i];
}

/* Squares of differences. */
static void squared_differences(const float *restrict a, const float *restrict b, float *restrict to, int count)
{
    for (int i = 0; i < count; i++) to[i] = (a[i] - b[i]) * (a[i] - b[i]);
}
