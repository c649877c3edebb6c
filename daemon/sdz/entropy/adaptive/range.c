/* Binary arithmetic coding.
 *
 * An interval [low, high] of 64-bit fractions is cut in proportion to the probability of each
 * decision; its top bytes leave as soon as both ends agree on them. A 64-bit interval makes the
 * case of two ends that straddle a byte for long (the loss of carry-less coders) too rare to
 * matter. Beyond its end a stream reads as zeros, so zeros at the end are not stored; a
 * decoder that would need more than SLACK of them has a damaged stream before it.
 */

enum { SLACK = 32 };
enum { DONE = 0, NO_MEMORY = -1, TOO_SHORT = -2, TOO_LONG = -3, STOPPED = -4, TOO_MUCH = -5 };

/* Where this thread's caller says that nobody waits any more; NULL where it never will. */
static THREAD_LOCAL const volatile int32_t *stop_flag;
/* How much more work all may do who share this number, see array.c; NULL where there is no limit. */
static THREAD_LOCAL int64_t *work_left;

typedef struct {
    uint64_t low, high;
    uint64_t code; /* decoder: the 64 bits of the stream that lie under the interval */
    uint8_t *data;
    size_t length; /* encoder: bytes written; decoder: bytes there are */
    size_t at;     /* encoder: bytes allocated; decoder: bytes asked for so far */
    int decisions; /* of section 7's, since it was set to 0 */
    int failed;
} Coder;

static void put_byte(Coder *c, unsigned byte)
{
    if (c->length == c->at) {
        const size_t more = c->at ? c->at * 2 : 4096;
        uint8_t *data = c->failed ? NULL : realloc(c->data, more);
        if (!data) {
            c->failed = NO_MEMORY;
            return;
        }
        c->data = data;
        c->at = more;
    }
    c->data[c->length++] = (uint8_t)byte;
}

static unsigned get_byte(Coder *c)
{
    const size_t at = c->at++;
    if (at < c->length) return c->data[at];
    if (at >= c->length + 8 + SLACK) c->failed = TOO_SHORT;
    return 0;
}

static void start_encoder(Coder *c)
{
    memset(c, 0, sizeof *c);
    c->high = ~(uint64_t)0;
}

static void start_decoder(Coder *c, const uint8_t *data, size_t length)
{
    memset(c, 0, sizeof *c);
    c->high = ~(uint64_t)0;
    c->data = (uint8_t *)data; /* only read from here on */
    c->length = length;
    for (int i = 0; i < 8; i++) c->code = c->code << 8 | get_byte(c);
}

/* Codes one decision that is 1 with probability p/65536, 1 <= p <= 65535. Returns it. */
HOT int code_bit(Coder *c, const int decoding, uint32_t p, int bit)
{
    const uint64_t middle = c->low + ((c->high - c->low) >> 16) * (65536 - p);
    if (decoding) bit = c->code > middle;
    if (bit) c->low = middle + 1;
    else c->high = middle;
    while (!((c->low ^ c->high) >> 56)) {
        if (decoding) c->code = c->code << 8 | get_byte(c);
        else put_byte(c, (unsigned)(c->low >> 56));
        c->low <<= 8;
        c->high = c->high << 8 | 255;
    }
    return bit;
}

/* Writes the fewest bytes that, followed by zeros, lie in the interval; then drops zeros. */
static void finish_encoder(Coder *c)
{
    /* a decoder has asked for 8 bytes more than these when it ends */
    const size_t settled = c->length;
    for (int bytes = 1; bytes <= 8 && c->low; bytes++) {
        const uint64_t rest = bytes < 8 ? ~(uint64_t)0 >> (8 * bytes) : 0;
        if (c->low > ~(uint64_t)0 - rest) continue; /* rounding up would pass the top */
        const uint64_t value = (c->low + rest) & ~rest;
        if (value > c->high) continue;
        for (int i = 0; i < bytes; i++) put_byte(c, (unsigned)(value >> (56 - 8 * i)) & 255);
        break;
    }
    if (c->failed) return;
    while (c->length && !c->data[c->length - 1] && c->length + SLACK > settled) c->length--;
}

/* Ends the encoder and hands out its bytes, or frees them if something failed. */
static int take_bytes(Coder *c, int status, uint8_t **out, size_t *length)
{
    if (!status) finish_encoder(c);
    if (!status) status = c->failed;
    if (status) {
        free(c->data);
        c->data = NULL;
        c->length = 0;
    }
    *out = c->data;
    *length = c->length;
    return status;
}
