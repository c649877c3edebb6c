/* One tile: the original's statistics, the candidate's, the three kinds of maps, and their sums.
 *
 * With e the difference of the means and D the variance of the difference, the SSIM error
 * 1 - (1 - e^2) (2 cov + C2) / (var1 + var2 + C2) is e^2 + (1 - e^2) D / (var1 + var2 + C2). In this form nothing
 * cancels, so float is as good as double: the weights of the SSIM maps would turn a rounding of 1e-4 into a tenth
 * of a point. Where the pictures are the same, all maps are exactly 0. */

/* Variance from mean and mean square, in place; and 1 + the distance of `values` from the mean. */
static void spread_and_edge(const float *restrict mean, float *restrict variance, float *restrict edge,
                                   const float *restrict values, int count)
{
    for (int i = 0; i < count; i++) {
        variance[i] = variance[i] - mean[i] * mean[i];
        edge[i] = fabsf(values[i] - mean[i]) + 1;
    }
}

/* Fills planes [PLANES][height][rounded width] of one channel of a tile. */
static void describe_channel(const Formula *f, const Tile *t, const float *padded, float *planes, Scratch *s)
{
    const int count = rounded(t->width), pitch = count + MARGIN;
    const size_t plane = plane_floats(t->height, t->width);
    for (int r = 0; r < t->height + 2 * RADIUS; r++, padded += pitch) {
        squares(padded, s->line, pitch);
        take_row(f, s->rings[0], r, padded, count);
        take_row(f, s->rings[1], r, s->line, count);
        if (r < 2 * RADIUS) continue;
        give_row(f, s->rings[0], r, planes, count);
        give_row(f, s->rings[1], r, planes + plane, count);
        spread_and_edge(planes, planes + plane, planes + 2 * plane, padded - RADIUS * pitch + RADIUS, count);
        planes += count;
    }
}

/* v, or 0 where it is less; without a comparison, for which compilers leave a loop as it is. */
static inline float above(float v) { return (v + fabsf(v)) * 0.5f; }

/* Adds the values and fourth powers of one row of each kind's map to its columns' sums. */
static void map_row(const Formula *f, const float *original, size_t plane, float (*blurred)[TILE],
                           const float *restrict values, float (*columns)[TILE], int count)
{
    const float *restrict mean1 = original, *restrict variance1 = original + plane;
    const float *restrict edge1 = original + 2 * plane;
    const float *restrict mean2 = blurred[0], *restrict square2 = blurred[1], *restrict difference = blurred[2];
    float *restrict ssim1 = columns[0], *restrict ssim4 = columns[1], *restrict more1 = columns[2];
    float *restrict more4 = columns[3], *restrict less1 = columns[4], *restrict less4 = columns[5];
    const float calm = f->calm;
    for (int i = 0; i < count; i++) {
        const float e = mean1[i] - mean2[i], e2 = e * e;
        const float variances = variance1[i] + (square2[i] - mean2[i] * mean2[i]) + calm;
        const float error = (difference[i] - e2) / variances * (1 - e2) + e2;
        const float edge = (fabsf(values[i] - mean2[i]) + 1) / edge1[i] - 1;
        const float ssim = above(error), more = above(edge), less = above(-edge);
        ssim1[i] += ssim;
        more1[i] += more;
        less1[i] += less;
        ssim4[i] += (ssim * ssim) * (ssim * ssim);
        more4[i] += (more * more) * (more * more);
        less4[i] += (less * less) * (less * less);
    }
}

/* Adds up the columns of a row of cells that is complete, and begins the next. */
static void sum_cells(const Picture *p, const Tile *t, int channel, int row, double *sums, Scratch *s)
{
    const int side = CELL >> t->scale;
    const size_t rows = (size_t)pieces(p->height[t->scale], side), columns = (size_t)pieces(p->width[t->scale], side);
    for (int kind = 0; kind < KINDS; kind++)
        for (int norm = 0; norm < NORMS; norm++) {
            const size_t map = (size_t)((kind * CHANNELS + channel) * NORMS + norm);
            const float *from = s->columns[kind * NORMS + norm];
            double *to = sums + (map * rows + (size_t)((t->y + row) / side)) * columns + t->x / side;
            for (int x = 0; x < t->width; x += side) {
                const int end = least(x + side, t->width);
                double sum = 0;
                for (int i = x; i < end; i++) sum += from[i];
                *to++ = sum;
            }
        }
    memset(s->columns, 0, sizeof s->columns);
}

/* The sums of a channel's maps over the cells of a tile. planes: the original's, of this channel. */
static void compare_channel(const Job *job, const Tile *t, int channel, const float *original,
                                   const float *candidate, const float *planes, Scratch *s)
{
    const Formula *f = job->formula;
    const int count = rounded(t->width), pitch = count + MARGIN, side = CELL >> t->scale;
    const size_t plane = plane_floats(t->height, t->width);
    memset(s->columns, 0, sizeof s->columns);
    for (int r = 0; r < t->height + 2 * RADIUS; r++, original += pitch, candidate += pitch) {
        take_row(f, s->rings[0], r, candidate, count);
        squares(candidate, s->line, pitch);
        take_row(f, s->rings[1], r, s->line, count);
        squared_differences(original, candidate, s->line, pitch);
        take_row(f, s->rings[2], r, s->line, count);
        if (r < 2 * RADIUS) continue;
        for (int i = 0; i < 3; i++) give_row(f, s->rings[i], r, s->blurred[i], count);
        const float *values = candidate - RADIUS * pitch + RADIUS;
        map_row(f, planes, plane, s->blurred, values, s->columns, count);
        planes += count;
        const int row = r - 2 * RADIUS;
        if ((row + 1) % side == 0 || row + 1 == t->height)
            sum_cells(job->candidate, t, channel, row, job->sums[t->scale], s);
    }
}

/* Where the original's statistics of a tile are kept, or else made. */
static Block block_of(const Job *job, const Tile *t, Scratch *s)
{
    const size_t planes = PLANES * plane_floats(t->height, t->width);
    Block kept = { NULL, NULL, planes };
    const Block made = { s->original, s->planes, 0 };
    if (!job->kept) return made;
    kept.padded = job->kept + t->block;
    kept.planes = kept.padded + CHANNELS * padded_floats(t->height, t->width);
    return kept;
}

static void describe(const Job *job, const Tile *t, Scratch *s)
{
    const Block block = block_of(job, t, s);
    const size_t padded = padded_floats(t->height, t->width);
    channels_tile(job->formula, job->original, t, block.padded, s);
    for (int c = 0; c < CHANNELS; c++)
        describe_channel(job->formula, t, block.padded + c * padded, block.planes + c * block.apart, s);
}

static void compare(const Job *job, const Tile *t, Scratch *s)
{
    const Formula *f = job->formula;
    const Block block = block_of(job, t, s);
    const size_t padded = padded_floats(t->height, t->width);
    if (!job->kept) channels_tile(f, job->original, t, block.padded, s);
    channels_tile(f, job->candidate, t, s->candidate, s);
    for (int c = 0; c < CHANNELS; c++) {
        const float *original = block.padded + c * padded;
        float *planes = block.planes + c * block.apart;
        if (!job->kept) describe_channel(f, t, original, planes, s);
        compare_channel(job, t, c, original, s->candidate + c * padded, planes, s);
    }
}
