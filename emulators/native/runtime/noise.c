/* Noise as a function of seed, counter and channel: the same operations as same_bits/noise.py. */

/* statements and expressions, not functions: tcc inlines nothing, and noise is drawn in every step */
#define HIL_MIX(z) \
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL; \
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL; \
    z = z ^ (z >> 31)
#define HIL_HASH(z, seed, counter, channel) \
    z = seed + 0x9e3779b97f4a7c15ULL; \
    HIL_MIX(z); \
    z = z + channel; \
    HIL_MIX(z); \
    z = z + counter; \
    HIL_MIX(z)
#define HIL_NEXT(z) \
    z = z + 0x9e3779b97f4a7c15ULL; \
    HIL_MIX(z)
#define HIL_UNIT(z) ((f64)(i64)(z >> 11) * 0x1p-53)

static inline u64 hil_hash_u64(u64 seed, u64 counter, u64 channel) {
    u64 bits;
    HIL_HASH(bits, seed, counter, channel);
    return bits;
}

static inline f64 hil_uniform(u64 seed, u64 counter, u64 channel) {
    u64 bits;
    HIL_HASH(bits, seed, counter, channel);
    return HIL_UNIT(bits);
}

static inline f64 hil_log_of_unit(u64 bits) { return hil_log(((f64)(i64)(bits >> 12) + 0.5) * 0x1p-52); }

/* A point under the bell curve: rectangles of equal area, the corner of a rectangle checked against the curve. */
static inline f64 hil_gauss(u64 seed, u64 counter, u64 channel) {
    u64 bits;
    f64 x, y, sign;
    i64 row;
    HIL_HASH(bits, seed, counter, channel);
    for (;;) {
        row = (i64)(bits & 127);
        sign = bits & 128 ? -1.0 : 1.0;
        x = HIL_UNIT(bits) * hil_gauss_table[row][0];
        if (x < hil_gauss_table[row + 1][0]) return sign * x;
        if (row == 0) {
            do {
                HIL_NEXT(bits);
                x = -hil_log_of_unit(bits) / HIL_GAUSS_TAIL;
                HIL_NEXT(bits);
                y = -hil_log_of_unit(bits);
            } while (!(y + y > x * x));
            return sign * (HIL_GAUSS_TAIL + x);
        }
        HIL_NEXT(bits);
        y = hil_gauss_table[row][1] + HIL_UNIT(bits) * (hil_gauss_table[row + 1][1] - hil_gauss_table[row][1]);
        if (y < hil_exp(-0.5 * x * x)) return sign * x;
        HIL_NEXT(bits);
    }
}
