/* Laying a job out in memory that the caller gives: its stages, rings and scratch. */

/* Sums of 12 positions a tile: 48 to 96 positions at a time keep inputs and outputs in the first cache or
 * two, and a row's weights are still read from the second only once for as many. */
enum { CHUNK_NUMBERS = 9216 };

typedef struct {
    uint8_t *base; /* NULL: only count */
    size_t at;
} Room;

static void *reserve(Room *room, size_t bytes)
{
    void *found = room->base ? room->base + room->at : NULL;
    room->at += (bytes + LINE - 1) / LINE * LINE;
    return found;
}

static Ring new_ring(Room *room, int rows, int width, int channels)
{
    Ring ring = { NULL, ((size_t)width + 2) * (size_t)channels, rows, width, channels };
    const size_t numbers = ring.pitch * (size_t)rows;
    ring.at = reserve(room, numbers * sizeof *ring.at);
    if (ring.at) memset(ring.at, 0, numbers * sizeof *ring.at);
    return ring;
}

/* Equal chunks, of about CHUNK_NUMBERS numbers. */
static int chunk_of(int width, int channels)
{
    const int most = CHUNK_NUMBERS / channels > 16 ? CHUNK_NUMBERS / channels : 16;
    const int count = (width + most - 1) / most;
    return (width + count - 1) / count;
}

static Stage *new_stage(Job *job, int kind, const Dense *dense, const Block *block_, int rows)
{
    Stage *s = job->stages + job->count;
    memset(s, 0, sizeof *s);
    s->kind = kind;
    s->dense = dense;
    s->block = block_;
    s->rows = rows;
    s->unit = rows > job->h ? 2 : 1;
    if (job->count) {
        s->in = s[-1].out;
        s->inputs = s[-1].rows;
    }
    job->count++;
    return s;
}

/* `numbers`: int16s of scratch that a position takes; `more` beside them. */
static void add_scratch(Room *room, Stage *s, int width, int channels, size_t numbers, size_t more)
{
    s->chunk = chunk_of(width, channels);
    s->scratch = reserve(room, ((size_t)s->chunk * numbers + more) * sizeof *s->scratch);
}

static void add_blocks(Job *job, Room *room, int scale, int rows, int width)
{
    const int n = job->net.shape.width[scale], ring = scale ? RING_8 : RING_16;
    for (int i = 0; i < job->net.shape.blocks[scale]; i++) {
        Stage *s = new_stage(job, BLOCK, NULL, job->net.blocks[scale] + i, rows);
        s->t = new_ring(room, T_RING, width, n);
        s->out = new_ring(room, ring, width, n);
        add_scratch(room, s, width, n, 4 * (size_t)n, 0);
    }
}

static void add_decoder(Job *job, Room *room)
{
    const Shape *shape = &job->net.shape;
    const int n16 = shape->width[0], n8 = shape->width[1], h = job->h, w = job->w;
    Stage *s = new_stage(job, FROM_SYMBOLS, &job->net.first, NULL, h);
    s->out = new_ring(room, RING_16, w, n16);
    add_scratch(room, s, w, n16, (size_t)shape->latents, 0);
    add_blocks(job, room, 0, h, w);
    s = new_stage(job, UP, &job->net.between, NULL, 2 * h);
    s->out = new_ring(room, RING_8, 2 * w, n8);
    s->chunk = chunk_of(w, n16);
    add_blocks(job, room, 1, 2 * h, 2 * w);
    s = new_stage(job, TO_PIXELS, &job->net.last, NULL, 2 * h + 1);
    add_scratch(room, s, 2 * w + 1, n8, 96, 0);
}

static void add_encoder(Job *job, Room *room)
{
    const Shape *shape = &job->net.shape;
    const int n16 = shape->width[0], n8 = shape->width[1], h = job->h, w = job->w;
    Stage *s = new_stage(job, FROM_PIXELS, &job->net.first, NULL, 2 * h);
    s->out = new_ring(room, RING_8, 2 * w, n8);
    add_scratch(room, s, 2 * w, n8, 16 * 8 * 3, 16 * 8 * 3);
    add_blocks(job, room, 1, 2 * h, 2 * w);
    s = new_stage(job, DOWN, &job->net.between, NULL, h);
    s->out = new_ring(room, RING_16, w, n16);
    s->chunk = chunk_of(w, n16);
    add_blocks(job, room, 0, h, w);
    s = new_stage(job, TO_LATENTS, &job->net.last, NULL, h);
    add_scratch(room, s, w, n16, (size_t)shape->latents, 0);
}

/* The job at the start of the room and all that it needs behind it; with no memory behind the room, only
 * the bytes are counted, and `spare` is used. */
static Job *lay_out(Room *room, Job *spare, const Shape *shape, uint8_t *packed, int h, int w)
{
    Job *job = reserve(room, sizeof *job);
    if (!job) job = spare;
    memset(job, 0, sizeof *job);
    Walk walk = { packed, 0, NULL, NULL };
    take_net(&walk, shape, &job->net);
    job->h = h;
    job->w = w;
    const int widest = shape->width[0] > 2 * shape->width[1] ? shape->width[0] : 2 * shape->width[1];
    const size_t zeros = ((size_t)w + 2) * (size_t)widest;
    int16_t *row = reserve(room, zeros * sizeof *row);
    if (row) memset(row, 0, zeros * sizeof *row);
    job->zeros = row;
    if (shape->kind == DECODER) add_decoder(job, room);
    else add_encoder(job, room);
    return job;
}
