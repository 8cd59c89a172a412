/* Noise as a function of seed, counter and channel: the same operations as same_bits/noise.py. */

static inline u64 hil_mixed(u64 z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

static inline u64 hil_hash_u64(u64 seed, u64 counter, u64 channel) {
    return hil_mixed(hil_mixed(hil_mixed(seed + 0x9e3779b97f4a7c15ULL) + channel) + counter);
}

static inline f64 hil_unit(u64 bits) { return (f64)(i64)(bits >> 11) * 0x1p-53; }

static inline f64 hil_uniform(u64 seed, u64 counter, u64 channel) {
    return hil_unit(hil_hash_u64(seed, counter, channel));
}

static inline f64 hil_log_of_unit(u64 bits) { return hil_log(((f64)(i64)(bits >> 12) + 0.5) * 0x1p-52); }

/* A point under the bell curve: rectangles of equal area, the corner of a rectangle checked against the curve. */
static inline f64 hil_gauss(u64 seed, u64 counter, u64 channel) {
    u64 bits = hil_hash_u64(seed, counter, channel);
    f64 x, y, sign;
    i64 row;
    for (;;) {
        row = (i64)(bits & 127);
        sign = bits & 128 ? -1.0 : 1.0;
        x = hil_unit(bits) * hil_gauss_table[row][0];
        if (x < hil_gauss_table[row + 1][0]) return sign * x;
        if (row == 0) {
            do {
                bits = hil_mixed(bits + 0x9e3779b97f4a7c15ULL);
                x = -hil_log_of_unit(bits) / HIL_GAUSS_TAIL;
                bits = hil_mixed(bits + 0x9e3779b97f4a7c15ULL);
                y = -hil_log_of_unit(bits);
            } while (!(y + y > x * x));
            return sign * (HIL_GAUSS_TAIL + x);
        }
        bits = hil_mixed(bits + 0x9e3779b97f4a7c15ULL);
        y = hil_gauss_table[row][1] + hil_unit(bits) * (hil_gauss_table[row + 1][1] - hil_gauss_table[row][1]);
        if (y < hil_exp(-0.5 * x * x)) return sign * x;
        bits = hil_mixed(bits + 0x9e3779b97f4a7c15ULL);
    }
}
