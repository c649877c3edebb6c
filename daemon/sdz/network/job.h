/* A picture on its way through the network: every layer or block is a stage that makes rows from the
 * rows of the stage before it, which wait in a ring. So a picture of any height takes memory for some rows
 * of it alone, what is worked on stays in the caches, nothing is computed twice, and several threads find
 * work as long as different stages have rows to make. */

enum { FROM_SYMBOLS, FROM_PIXELS, BLOCK, UP, DOWN, TO_PIXELS, TO_LATENTS };
enum { RING_16 = 4, RING_8 = 8, T_RING = 4, MAX_STAGES = 2 * MAX_BLOCKS + 3 };

/* `rows` rows of `width` positions, one of zeros on each side. */
typedef struct {
    int16_t *at;
    size_t pitch; /* int16s from a row to the next */
    int rows, width, channels;
} Ring;

typedef struct {
    int kind;
    int rows, unit; /* rows to be made in all, and at a time */
    int inputs;     /* rows of the stage before it, in all */
    int owned;      /* 1 while a thread makes rows here */
    int done;       /* rows made */
    int freed;      /* rows of the stage before that are no longer needed */
    int t_done;     /* BLOCK: rows of t made */
    const Dense *dense;
    const Block *block;
    Ring in, out, t;
    int16_t *scratch;
    int chunk; /* positions at a time */
} Stage;

typedef struct {
    Net net;
    const Kernels *kernels;
    Stage stages[MAX_STAGES];
    int count;
    const int16_t *zeros; /* a row, for what lies above and below */
    int h, w;             /* of the latents */
    /* decoding */
    const int16_t *symbols; /* [latents][.][w], a channel's rows symbol_pitch apart from the next's */
    size_t symbol_pitch;
    const int32_t *multiplier, *shift; /* [latents] */
    uint8_t *pixels;                   /* [height][width][3] */
    int width, height, top;            /* top: the network's row that is the first of pixels */
    /* encoding */
    const uint8_t *picture; /* [picture_height][picture_width][3] */
    int picture_width, picture_height;
    int16_t *latents; /* [latents][h][w] */
} Job;

static int16_t *ring_row(const Ring *ring, int row)
{
    return ring->at + (size_t)(row % ring->rows) * ring->pitch + ring->channels;
}

/* As ring_row, but zeros outside of the picture. */
static const int16_t *row_or_zeros(const Job *job, const Ring *ring, int row, int rows)
{
    return row < 0 || row >= rows ? job->zeros + ring->channels : ring_row(ring, row);
}

/* The last row of the stage before that output row r needs. */
static int last_needed(const Stage *s, int r)
{
    int last = r;
    if (s->kind == BLOCK) last = r + 1;
    if (s->kind == UP) last = r / 2;
    if (s->kind == DOWN) last = 2 * r + 1;
    return last < s->inputs ? last : s->inputs - 1;
}

/* The first row of the stage before that is needed when `done` rows are made. */
static int first_needed(const Stage *s, int done)
{
    if (s->kind == UP) return done / 2;
    if (s->kind == DOWN) return done ? 2 * done - 1 : 0;
    if (s->kind == TO_PIXELS) return done ? done - 1 : 0;
    return done;
}
