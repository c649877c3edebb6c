/* What the caller hands over, and how a picture is cut into units of work. pictures.py and library.py
 * have the same structures. */

/* RADIUS: of the blur. TILE: the most a side of what is measured at once; a multiple of LANES and of CELL.
 * CELL: picture pixels a side of what the maps are summed over; one pixel at the coarsest scale. STRIP: rows of the
 * picture that are halved at once, down to one of the coarsest scale. */
enum { SCALES = 6, RADIUS = 5, WINDOW = 2 * RADIUS + 1, TILE = 128, CELL = 32, STRIP = 32 };
enum { CHANNELS = 3, KINDS = 3, NORMS = 2, PLANES = 3 };
/* Rows of floats are this much longer, so that loops need no rest: LANES at a time. */
enum { LANES = 16, MARGIN = LANES, PADDED = TILE + MARGIN };

/* The numbers of formula.py. */
typedef struct {
    float linear[256];        /* linear light of a byte of sRGB */
    float taps[RADIUS + 1];   /* of the blur, from its middle outwards */
    float opsin[3][3], bias;  /* linear light to the cones' responses */
    float channels[3][3], shift[3]; /* their cube roots to the metric's channels */
    float calm;               /* C2 of the SSIM ratio */
} Formula;

/* A picture at its scales, each half the one before, rounded up. */
typedef struct {
    const uint8_t *rgb;    /* [height][width][3] */
    float *levels[SCALES]; /* linear light [3][height][width]; NULL where it is made when it is needed */
    int32_t scales, height[SCALES], width[SCALES];
} Picture;

typedef struct {
    const Formula *formula;
    const Picture *original, *candidate;
    float *kept;           /* the original's statistics, a block for each tile; NULL: made for each candidate */
    double *sums[SCALES];  /* of the maps: [KINDS][CHANNELS][NORMS][rows][columns] of cells */
    const int32_t *stop;
    int32_t next;          /* the unit that nobody has taken yet */
} Job;

/* HALVE: a strip of the candidate's levels. DESCRIBE: a tile of the original, to be kept. COMPARE: a tile. */
enum { HALVE, DESCRIBE, COMPARE };
enum { STOPPED = -1, FINISHED = 0 };

/* A rectangle of one scale. */
typedef struct {
    int scale, y, x, height, width;
    size_t block; /* where its statistics are kept: floats before it */
} Tile;

/* What is known of the original's tile: its channels with their surroundings, and of each channel the
 * blurred value, the variance and 1 + the distance from the blurred value. */
typedef struct {
    float *padded; /* [CHANNELS][height + 2 RADIUS][rounded width + MARGIN] */
    float *planes; /* [PLANES][height][rounded width], and after `apart` floats the next channel's */
    size_t apart;
} Block;

static int least(int a, int b) { return a < b ? a : b; }
static int pieces(int size, int side) { return (size + side - 1) / side; }
static int rounded(int width) { return pieces(width, LANES) * LANES; }

static size_t padded_floats(int height, int width)
{
    return (size_t)(height + 2 * RADIUS) * (size_t)(rounded(width) + MARGIN);
}

static size_t plane_floats(int height, int width) { return (size_t)height * (size_t)rounded(width); }

/* Of the largest tile of a scale; all of its tiles get as much. */
static size_t block_floats(const Picture *p, int scale)
{
    const int height = least(p->height[scale], TILE), width = least(p->width[scale], TILE);
    return CHANNELS * (padded_floats(height, width) + PLANES * plane_floats(height, width));
}

static int strips(const Picture *p) { return pieces(p->height[0], STRIP); }

static int tiles_of(const Picture *p, int scale)
{
    return pieces(p->height[scale], TILE) * pieces(p->width[scale], TILE);
}

static int tiles(const Picture *p)
{
    int count = 0;
    for (int scale = 0; scale < p->scales; scale++) count += tiles_of(p, scale);
    return count;
}

static size_t kept_floats(const Picture *p)
{
    size_t count = 0;
    for (int scale = 0; scale < p->scales; scale++) count += (size_t)tiles_of(p, scale) * block_floats(p, scale);
    return count;
}

/* Tile `index` of all of a picture. */
static Tile tile_at(const Picture *p, int index)
{
    Tile t = { 0, 0, 0, 0, 0, 0 };
    while (index >= tiles_of(p, t.scale)) {
        index -= tiles_of(p, t.scale);
        t.block += (size_t)tiles_of(p, t.scale) * block_floats(p, t.scale);
        t.scale++;
    }
    const int columns = pieces(p->width[t.scale], TILE);
    t.block += (size_t)index * block_floats(p, t.scale);
    t.y = index / columns * TILE;
    t.x = index % columns * TILE;
    t.height = least(TILE, p->height[t.scale] - t.y);
    t.width = least(TILE, p->width[t.scale] - t.x);
    return t;
}

/* What a thread works in; the room at its end is for rows of scales that are not held. */
typedef struct {
    float original[CHANNELS * (TILE + 2 * RADIUS) * PADDED];
    float candidate[CHANNELS * (TILE + 2 * RADIUS) * PADDED];
    float planes[PLANES * TILE * TILE];
    float rings[3][2 * WINDOW * TILE];
    float blurred[3][TILE];
    float columns[KINDS * NORMS][TILE];
    float line[PADDED];
    float row[3 * PADDED];
    float cones[CHANNELS][PADDED];
    float room[];
} Scratch;

/* Two rows of each finer scale, each twice as long as the one before. */
static size_t scratch_bytes(const Picture *p)
{
    size_t floats = 0, length = PADDED;
    for (int scale = 1; scale < p->scales; scale++) floats += 2 * 3 * (length *= 2);
    return sizeof(Scratch) + floats * sizeof(float);
}
