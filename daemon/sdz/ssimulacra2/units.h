/* The units of a job, and threads that take them. */

/* Rows of all levels that lie within a strip of the picture. */
static void halve(const Formula *f, const Picture *p, int strip, Scratch *s)
{
    for (int scale = 1; scale < p->scales; scale++) {
        if (!p->levels[scale]) continue;
        const int rows = STRIP >> scale, height = p->height[scale], width = p->width[scale];
        const int last = strip + 1 == strips(p) ? height : (strip + 1) * rows;
        const size_t plane = (size_t)height * (size_t)width;
        for (int y = strip * rows; y < last; y++)
            for (int x = 0; x < width; x += TILE) {
                float *first = p->levels[scale] + (size_t)y * (size_t)width + x;
                float *const out[3] = { first, first + plane, first + 2 * plane };
                halved_row(f, p, scale, y, x, least(TILE, width - x), out, s->room);
            }
    }
}

/* Takes units until there are none left. */
static int work(Job *job, int kind, Scratch *s)
{
    const int count = kind == HALVE ? strips(job->candidate) : tiles(job->original);
    for (;;) {
        if (__atomic_load_n(job->stop, __ATOMIC_RELAXED)) return STOPPED;
        const int unit = __atomic_fetch_add(&job->next, 1, __ATOMIC_RELAXED);
        if (unit >= count) return FINISHED;
        if (kind == HALVE) {
            halve(job->formula, job->candidate, unit, s);
            continue;
        }
        const Tile t = tile_at(job->original, unit);
        if (kind == DESCRIBE) describe(job, &t, s);
        else compare(job, &t, s);
    }
}
