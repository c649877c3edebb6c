/* What is called of the three kernels, which are compiled as they are (daemon/sdz/entropy, daemon/sdz/network). */
#include <stddef.h>
#include <stdint.h>

struct statistics;

uint32_t sdz_start(void);
void sdz_allow(int64_t *left);
int sdz_decode_rows(const uint8_t *data, size_t length, int32_t *q, int room, int (*take)(int), int C, int h, int w);
int sdz_decode(const uint8_t *data, size_t length, int32_t *q, int8_t *tilt, int C, int h, int w);

int64_t sdz_trained_workspace(const struct statistics *s, int64_t height, int64_t width);
int sdz_trained_map(const struct statistics *s, const uint8_t *data, int64_t length, uint8_t *filled);
int sdz_trained_decode(const struct statistics *s, const uint8_t *data, int64_t length, int16_t *symbols, int32_t channels,
                       int64_t height, int64_t width, int32_t code, void *workspace, const volatile int32_t *stop, int variant);

size_t sdz_network_packed(const int32_t *shape);
void sdz_network_pack(const int32_t *shape, const int16_t *weights, const int32_t *numbers, uint8_t *packed);
size_t sdz_network_room(const int32_t *shape, int h, int w);
int sdz_network_best(void);
int sdz_network_decode(uint8_t *room, const int32_t *shape, const uint8_t *packed, int variant, const int16_t *symbols,
                       size_t symbol_pitch, const int32_t *multiplier, const int32_t *shift, int h, int w, uint8_t *pixels,
                       int height, int width, int top);
int sdz_network_work(uint8_t *room, const int32_t *stop);
