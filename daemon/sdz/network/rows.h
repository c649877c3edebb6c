/* What each kind of stage does to make a row, a chunk of positions at a time. */

static Inputs one_run(const int16_t *at, int channels)
{
    Inputs in = { { at }, 1, channels, (size_t)channels };
    return in;
}

static Outputs to_rows(int16_t *to, size_t stride)
{
    Outputs out = { to, NULL, NULL, stride, 0 };
    return out;
}

static Outputs to_sums(int16_t *to, const int16_t *plus, size_t stride)
{
    Outputs out = { to, plus, NULL, stride, stride };
    return out;
}

static int16_t limited(int32_t x) { return (int16_t)(x < -32768 ? -32768 : x > 32767 ? 32767 : x); }

/* Symbols times steps, then the first layer. */
static void from_symbols(const Job *job, const Stage *s, int r, int q, int count)
{
    const int C = job->net.shape.latents;
    int16_t *z = s->scratch;
    for (int c = 0; c < C; c++) {
        const int16_t *symbols = job->symbols + (size_t)c * job->symbol_pitch + (size_t)r * (size_t)job->w + q;
        const int32_t m = job->multiplier[c], shift = job->shift[c], half = shift ? 1 << (shift - 1) : 0;
        for (int p = 0; p < count; p++) z[(size_t)p * (size_t)C + c] = limited((symbols[p] * m + half) >> shift);
    }
    const Inputs in = one_run(z, C);
    const int n = s->out.channels;
    job->kernels->dense[STORE](s->dense, NULL, &in, count, to_rows(ring_row(&s->out, r) + (size_t)q * n, n));
}

/* Sixteen rows of pixels around zero, then the lapped layer. Outside of the picture its edge goes on as
 * far as the latents do, and beyond that there is nothing: zeros. */
static void from_pixels(const Job *job, const Stage *s, int r, int q, int count)
{
    const int wide = 8 * count + 8, from = 8 * q - 4;
    Inputs in = { { NULL }, 16, 48, 24 };
    for (int i = 0; i < 16; i++) {
        const int y = 8 * r - 4 + i;
        int16_t *to = s->scratch + (size_t)i * (size_t)wide * 3;
        in.at[i] = to;
        if (y < 0 || y >= 16 * job->h) {
            memset(to, 0, (size_t)wide * 3 * sizeof *to);
            continue;
        }
        const int inside = y < job->picture_height ? y : job->picture_height - 1;
        const uint8_t *row = job->picture + (size_t)inside * (size_t)job->picture_width * 3;
        for (int p = 0; p < wide; p++, to += 3) {
            const int x = from + p;
            const uint8_t *pixel = row + 3 * (size_t)(x < job->picture_width ? x < 0 ? 0 : x : job->picture_width - 1);
            const int there = x >= 0 && x < 16 * job->w;
            for (int c = 0; c < 3; c++) to[c] = (int16_t)(there ? 2 * pixel[c] - 255 : 0);
        }
    }
    const int n = s->out.channels;
    job->kernels->dense[STORE](s->dense, NULL, &in, count, to_rows(ring_row(&s->out, r) + (size_t)q * n, n));
}

/* t, a row ahead of x: what the depthwise layer looks at. */
static void inner_row(const Job *job, Stage *s, int r)
{
    const int n = s->in.channels;
    for (int q = 0; q < s->in.width; q += s->chunk) {
        const int count = s->in.width - q < s->chunk ? s->in.width - q : s->chunk;
        const Inputs in = one_run(ring_row(&s->in, r) + (size_t)q * n, n);
        job->kernels->dense[LEAKY](&s->block->inner, NULL, &in, count,
                                   to_rows(ring_row(&s->t, r) + (size_t)q * n, n));
    }
}

static void block(const Job *job, Stage *s, int r, int q, int count)
{
    const Kernels *k = job->kernels;
    const int n = s->in.channels, h = s->inputs;
    const size_t at = (size_t)q * (size_t)n, left = (size_t)n;
    if (q == 0)
        for (; s->t_done <= r + 1 && s->t_done < h; s->t_done++) inner_row(job, s, s->t_done);
    int16_t *depth = s->scratch, *y = depth + (size_t)s->chunk * n, *mixed = y + (size_t)s->chunk * n;
    k->depthwise(&s->block->depth, row_or_zeros(job, &s->t, r - 1, h) + at - left,
                 row_or_zeros(job, &s->t, r, h) + at - left, row_or_zeros(job, &s->t, r + 1, h) + at - left, count, depth);
    Inputs in = one_run(depth, n);
    k->dense[ADD](&s->block->outer, NULL, &in, count, to_sums(y, ring_row(&s->in, r) + at, n));
    in = one_run(y, n);
    k->dense[GATE](&s->block->expand, &s->block->product, &in, count, to_rows(mixed, 2 * (size_t)n));
    in = one_run(mixed, 2 * n);
    k->dense[ADD](&s->block->shrink, NULL, &in, count, to_sums(ring_row(&s->out, r) + at, y, n));
}

/* Outputs are in the order of the four places that a position becomes: a quarter of the layer each. */
static void up(const Job *job, const Stage *s, int r, int q, int count)
{
    const int n = s->out.channels, K = s->dense->K;
    const Inputs in = one_run(ring_row(&s->in, r / 2) + (size_t)q * K, K);
    for (int x = 0; x < 2; x++) {
        const size_t first = (size_t)(r % 2 * 2 + x) * (size_t)n;
        Dense quarter = *s->dense;
        quarter.w += first * (size_t)K;
        quarter.bias += first;
        quarter.shift += first;
        quarter.factor += first;
        quarter.N = n;
        job->kernels->dense[STORE](&quarter, NULL, &in, count,
                                   to_rows(ring_row(&s->out, r) + ((size_t)q * 2 + x) * n, 2 * (size_t)n));
    }
}

static void down(const Job *job, const Stage *s, int r, int q, int count)
{
    const int m = s->in.channels, n = s->out.channels;
    Inputs in = { { NULL }, 3, 3 * m, 2 * (size_t)m };
    for (int i = 0; i < 3; i++) in.at[i] = row_or_zeros(job, &s->in, 2 * r - 1 + i, s->inputs) + (2 * (size_t)q - 1) * m;
    job->kernels->dense[STORE](s->dense, NULL, &in, count, to_rows(ring_row(&s->out, r) + (size_t)q * n, n));
}

/* Row r of 8x8 pixels, those from 8 r - 4 on, of the positions above and below them, left and right. */
static void to_pixels(const Job *job, const Stage *s, int r, int q, int count)
{
    const int m = s->in.channels;
    Inputs in = { { NULL }, 2, 2 * m, (size_t)m };
    for (int i = 0; i < 2; i++) in.at[i] = row_or_zeros(job, &s->in, r - 1 + i, s->inputs) + (size_t)q * m - m;
    uint8_t *levels = (uint8_t *)s->scratch;
    const Outputs out = { NULL, NULL, levels, 192, 0 };
    job->kernels->dense[LEVELS](s->dense, NULL, &in, count, out);
    for (int i = 0; i < 8; i++) {
        const int y = 8 * r - 4 + i - job->top;
        if (y < 0 || y >= job->height) continue;
        uint8_t *row = job->pixels + (size_t)y * (size_t)job->width * 3;
        for (int p = 0; p < count; p++) {
            const int x = 8 * (q + p) - 4, from = x < 0 ? 4 : 0, to = job->width - x < 8 ? job->width - x : 8;
            if (from < to)
                memcpy(row + (size_t)(x + from) * 3, levels + (size_t)p * 192 + i * 24 + from * 3, (size_t)(to - from) * 3);
        }
    }
}

static void to_latents(const Job *job, const Stage *s, int r, int q, int count)
{
    const int K = s->dense->K, C = s->dense->N;
    const Inputs in = one_run(ring_row(&s->in, r) + (size_t)q * K, K);
    job->kernels->dense[STORE](s->dense, NULL, &in, count, to_rows(s->scratch, (size_t)C));
    const size_t plane = (size_t)job->h * (size_t)job->w;
    int16_t *to = job->latents + (size_t)r * (size_t)job->w + q;
    for (int c = 0; c < C; c++)
        for (int p = 0; p < count; p++) to[(size_t)c * plane + p] = s->scratch[(size_t)p * (size_t)C + c];
}

static void make_row(const Job *job, Stage *s, int r)
{
    const int width = s->kind == UP ? s->in.width : s->kind == TO_PIXELS ? s->in.width + 1
                    : s->kind == TO_LATENTS ? s->in.width : s->out.width;
    for (int q = 0; q < width; q += s->chunk) {
        const int count = width - q < s->chunk ? width - q : s->chunk;
        switch (s->kind) {
        case FROM_SYMBOLS: from_symbols(job, s, r, q, count); break;
        case FROM_PIXELS: from_pixels(job, s, r, q, count); break;
        case BLOCK: block(job, s, r, q, count); break;
        case UP: up(job, s, r, q, count); break;
        case DOWN: down(job, s, r, q, count); break;
        case TO_PIXELS: to_pixels(job, s, r, q, count); break;
        default: to_latents(job, s, r, q, count);
        }
    }
}
