/* A network's layers in one block of memory, as the processor wants them.
 *
 * One walk over the layers, in the order of docs/network.md, serves three ends: to count the bytes, to
 * pack what a file holds (weights [N][K], biases and shifts [N]), and to find the layers again. */

enum { DECODER, ENCODER };
enum { MAX_BLOCKS = 32, MAX_WIDTH = 1024, LINE = 64 };

/* Widths and numbers of blocks, `[0]` at 1/16 and `[1]` at 1/8 of the picture. */
typedef struct {
    int kind, latents, width[2], blocks[2];
} Shape;

typedef struct {
    Shape shape;
    Dense first, between, last; /* enter, up, lapped; or lapped, down, latents */
    Block blocks[2][MAX_BLOCKS];
} Net;

typedef struct {
    uint8_t *packed;        /* NULL: only count */
    size_t at;
    const int16_t *weights; /* NULL: packed before */
    const int32_t *numbers;
} Walk;

static void *take(Walk *walk, size_t bytes)
{
    void *found = walk->packed ? walk->packed + walk->at : NULL;
    walk->at += (bytes + LINE - 1) / LINE * LINE;
    return found;
}

/* Which output stands at place i: gates and their values share panels. */
static int output_at(int i, int N, int gated)
{
    if (!gated) return i;
    const int among = i / PANEL * (PANEL / 2) + i % (PANEL / 2);
    return i % PANEL < PANEL / 2 ? among : N / 2 + among;
}

/* Half of the shift's unit is part of the bias, but of a product's there is none: `bias` stays NULL. */
static void take_numbers(Walk *walk, int N, int gated, const int32_t **bias, const int32_t **shift,
                         const int32_t **factor)
{
    int32_t *b = take(walk, (size_t)N * sizeof *b);
    int32_t *s = take(walk, (size_t)N * sizeof *s);
    int32_t *f = take(walk, (size_t)N * sizeof *f);
    *bias = b;
    *shift = s;
    *factor = f;
    if (!walk->weights) return;
    for (int i = 0; i < N; i++) {
        const int n = output_at(i, N, gated);
        s[i] = walk->numbers[N + n];
        b[i] = walk->numbers[n] + (1 << (s[i] - 1));
        f[i] = 1 << (32 - s[i]);
    }
    walk->numbers += 2 * (size_t)N;
}

static Dense take_dense(Walk *walk, int K, int N, int gated)
{
    Dense layer = { NULL, NULL, NULL, NULL, K, N };
    int16_t *w = take(walk, (size_t)K * (size_t)N * sizeof *w);
    layer.w = w;
    if (walk->weights) {
        for (int i = 0; i < N; i++) {
            const int16_t *row = walk->weights + (size_t)output_at(i, N, gated) * (size_t)K;
            int16_t *to = w + (size_t)(i / PANEL) * PANEL * (size_t)K + i % PANEL * 2;
            for (int k = 0; k < K; k += 2, to += 2 * PANEL) {
                to[0] = row[k];
                to[1] = row[k + 1];
            }
        }
    }
    take_numbers(walk, N, gated, &layer.bias, &layer.shift, &layer.factor);
    if (walk->weights) walk->weights += (size_t)K * (size_t)N;
    return layer;
}

/* A file has [N][9]; here taps are rows. */
static Depth take_depth(Walk *walk, int N)
{
    Depth layer = { NULL, NULL, NULL, NULL, N };
    int16_t *w = take(walk, 10 * (size_t)N * sizeof *w);
    layer.w = w;
    if (walk->weights)
        for (int tap = 0; tap < 10; tap++)
            for (int n = 0; n < N; n++) w[tap * N + n] = tap < 9 ? walk->weights[n * 9 + tap] : 0;
    take_numbers(walk, N, 0, &layer.bias, &layer.shift, &layer.factor);
    if (walk->weights) walk->weights += 9 * (size_t)N;
    return layer;
}

static void take_blocks(Walk *walk, Block *blocks, int count, int n)
{
    for (int i = 0; i < count; i++) {
        Block *block = blocks + i;
        block->inner = take_dense(walk, n, n, 0);
        block->depth = take_depth(walk, n);
        block->outer = take_dense(walk, n, n, 0);
        block->expand = take_dense(walk, n, 4 * n, 1);
        take_numbers(walk, 2 * n, 0, &block->product.half, &block->product.shift, &block->product.factor);
        block->shrink = take_dense(walk, 2 * n, n, 0);
    }
}

static void take_net(Walk *walk, const Shape *shape, Net *net)
{
    const int n16 = shape->width[0], n8 = shape->width[1];
    net->shape = *shape;
    if (shape->kind == DECODER) {
        net->first = take_dense(walk, shape->latents, n16, 0);
        take_blocks(walk, net->blocks[0], shape->blocks[0], n16);
        net->between = take_dense(walk, n16, 4 * n8, 0);
        take_blocks(walk, net->blocks[1], shape->blocks[1], n8);
        net->last = take_dense(walk, 4 * n8, 3 * 64, 0);
    } else {
        net->first = take_dense(walk, 3 * 256, n8, 0);
        take_blocks(walk, net->blocks[1], shape->blocks[1], n8);
        net->between = take_dense(walk, 9 * n8, n16, 0);
        take_blocks(walk, net->blocks[0], shape->blocks[0], n16);
        net->last = take_dense(walk, n16, shape->latents, 0);
    }
}

static int sound_width(int n) { return n > 0 && n <= MAX_WIDTH && n % PANEL == 0; }

static int sound_shape(const Shape *s)
{
    return (s->kind == DECODER || s->kind == ENCODER) && sound_width(s->latents) && sound_width(s->width[0]) &&
           sound_width(s->width[1]) && s->blocks[0] >= 0 && s->blocks[0] <= MAX_BLOCKS && s->blocks[1] >= 0 &&
           s->blocks[1] <= MAX_BLOCKS;
}
