/* Rows of linear light at any scale, and the metric's channels of them. */

/* Pixels of a row, wherever they are. */
typedef struct { const float *at[3]; } Row;

static Row linear_row(const Formula *f, const Picture *p, int scale, int y, int x, int count, float *out,
                             float *room);

/* The mean of each 2x2 pixels of the next finer scale; at an odd edge, of those that are there. `out`: three
 * rows. `room`: as scratch_bytes counts it. */
static void halved_row(const Formula *f, const Picture *p, int scale, int y, int x, int count,
                              float *const *out, float *room)
{
    const int finer = scale - 1, n = least(2 * count, p->width[finer] - 2 * x), pairs = n / 2;
    const int below = least(2 * y + 1, p->height[finer] - 1);
    float *first = room, *second = room + 6 * count, *rest = room + 12 * count;
    const Row upper = linear_row(f, p, finer, 2 * y, 2 * x, n, first, rest);
    const Row lower = linear_row(f, p, finer, below, 2 * x, n, second, rest);
    for (int c = 0; c < 3; c++) {
        const float *a = upper.at[c], *b = lower.at[c];
        float *restrict to = out[c];
        for (int i = 0; i < pairs; i++) to[i] = (a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1]) * 0.25f;
        if (pairs < count) to[pairs] = (a[n - 1] + b[n - 1]) * 0.5f;
    }
}

/* Pixels x to x + count of row y, from where they are held or made in `out` [3][count]. */
static Row linear_row(const Formula *f, const Picture *p, int scale, int y, int x, int count, float *out,
                             float *room)
{
    const size_t width = (size_t)p->width[scale], plane = (size_t)p->height[scale] * width;
    const size_t begin = (size_t)y * width + (size_t)x;
    if (p->levels[scale]) {
        const float *level = p->levels[scale] + begin;
        const Row held = { { level, level + plane, level + 2 * plane } };
        return held;
    }
    float *const rows[3] = { out, out + count, out + 2 * count };
    if (scale) halved_row(f, p, scale, y, x, count, rows, room);
    else {
        const uint8_t *rgb = p->rgb + 3 * begin;
        for (int i = 0; i < count; i++) {
            rows[0][i] = f->linear[rgb[3 * i]];
            rows[1][i] = f->linear[rgb[3 * i + 1]];
            rows[2][i] = f->linear[rgb[3 * i + 2]];
        }
    }
    const Row made = { { rows[0], rows[1], rows[2] } };
    return made;
}

/* Of 0.003 to 1.1, to the last bit or two: a third of the exponent as a start (off by 3 % at most), and two of
 * Halley's steps, each of which takes the error to its third power. */
static inline float cube_root(float v)
{
    int32_t bits;
    float root;
    memcpy(&bits, &v, sizeof bits);
    bits = (int32_t)((float)bits * (1.0f / 3)) + 709958130;
    memcpy(&root, &bits, sizeof root);
    float cube = root * root * root;
    root = root * ((cube + (v + v)) / ((cube + cube) + v));
    cube = root * root * root;
    return root * ((cube + (v + v)) / ((cube + cube) + v));
}

/* A weighted sum of three rows, and a constant. */
static void mixed_row(const float *weights, float constant, const float *restrict a, const float *restrict b,
                             const float *restrict c, float *restrict to, int count)
{
    const float u = weights[0], v = weights[1], w = weights[2];
    for (int i = 0; i < count; i++) to[i] = u * a[i] + v * b[i] + w * c[i] + constant;
}

static void roots_row(float *values, int count)
{
    for (int i = 0; i < count; i++) values[i] = cube_root(values[i]);
}

/* The metric's channels of a row of linear light; `to`: of the first, the others `plane` floats further on each. */
static void channels_row(const Formula *f, const Row *row, int count, float *to, size_t plane,
                                float (*cones)[PADDED])
{
    for (int c = 0; c < CHANNELS; c++) {
        mixed_row(f->opsin[c], f->bias, row->at[0], row->at[1], row->at[2], cones[c], count);
        roots_row(cones[c], count);
    }
    for (int c = 0; c < CHANNELS; c++)
        mixed_row(f->channels[c], f->shift[c], cones[0], cones[1], cones[2], to + c * plane, count);
}

/* The channels of a tile and RADIUS around it: mirrored beyond top and bottom, the edge row twice; nothing
 * beyond the sides. */
static void channels_tile(const Formula *f, const Picture *p, const Tile *t, float *padded, Scratch *s)
{
    const int height = p->height[t->scale], pitch = rounded(t->width) + MARGIN;
    const int left = t->x - RADIUS, x = left < 0 ? 0 : left;
    const int count = least(t->x + t->width + RADIUS, p->width[t->scale]) - x;
    const size_t plane = padded_floats(t->height, t->width);
    memset(padded, 0, CHANNELS * plane * sizeof *padded);
    for (int r = 0; r < t->height + 2 * RADIUS; r++) {
        int y = t->y + r - RADIUS;
        y = y < 0 ? -1 - y : least(y, 2 * height - 1 - y);
        const Row row = linear_row(f, p, t->scale, y, x, count, s->row, s->room);
        channels_row(f, &row, count, padded + r * pitch + (x - left), plane, s->cones);
    }
}
