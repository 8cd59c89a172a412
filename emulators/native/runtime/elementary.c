/* Exact functions: every result is the correctly rounded one. */

static inline f64 hil_power_of_two(i64 exponent) {
    if (exponent < -1022) return hil_f64_from_bits_raw(1ULL << (exponent + 1074));
    return hil_f64_from_bits_raw((u64)(exponent + 1023) << 52);
}

static inline f64 hil_floor(f64 x) {
    f64 whole = hil_trunc(x);
    return whole > x ? whole - 1.0 : whole;
}

static inline f64 hil_ceil(f64 x) {
    f64 whole = hil_trunc(x);
    return whole < x ? whole + 1.0 : whole;
}

/* the sign of a NaN differs between compilers, so it counts as positive */
static inline f64 hil_copysign(f64 x, f64 y) {
    u64 sign = y == y ? hil_raw_bits_from_f64(y) & 0x8000000000000000ULL : 0;
    if (x != x) return x;
    return hil_f64_from_bits_raw((hil_raw_bits_from_f64(x) & 0x7fffffffffffffffULL) | sign);
}

/* Square root digit by digit, two bits of the radicand at a time; for compilers without a machine instruction. */
static inline f64 hil_sqrt_digits(f64 x) {
    u64 bits, mantissa, root = 0, rest = 0;
    i64 exponent, i;
    if (!(x > 0.0) || x - x != 0.0) return x;
    exponent = 0;
    if (x < 0x1p-1022) {
        x = x * 0x1p54;
        exponent = -54;
    }
    bits = hil_raw_bits_from_f64(x);
    exponent = exponent + (i64)(bits >> 52) - 1075;
    mantissa = (bits & 0xfffffffffffffULL) | 0x10000000000000ULL;
    if (exponent & 1) {
        mantissa = mantissa << 1;
        exponent = exponent - 1;
    }
    /* root of mantissa * 2^54: 54 digits, the last one decides the rounding; it is never a tie */
    for (i = 0; i < 54; ++i) {
        u64 pair = i < 27 ? (mantissa >> (52 - 2 * i)) & 3 : 0;
        rest = (rest << 2) | pair;
        root = root << 1;
        if (rest > (root << 1)) {
            rest = rest - ((root << 1) | 1);
            root = root | 1;
        }
    }
    root = (root >> 1) + (root & 1);
    return (f64)(i64)root * hil_power_of_two((exponent - 52) / 2);
}

#if !defined(__TINYC__)
static inline f64 hil_sqrt(f64 x) { return __builtin_sqrt(x); }
#elif defined(__x86_64__)
static inline f64 hil_sqrt(f64 x) {
    __asm__ volatile(".byte 0xf2,0x0f,0x51,0x00,0xf2,0x0f,0x11,0x00" : : "a"(&x) : "memory"); /* sqrtsd, movsd */
    return x;
}
#else
static inline f64 hil_sqrt(f64 x) { return hil_sqrt_digits(x); }
#endif

/* Remainder with the sign of x, exact; y is not 0. Eleven bits of the quotient at a time. */
static inline f64 hil_fmod(f64 x, f64 y) {
    f64 size = x < 0.0 ? -x : x, divisor = y < 0.0 ? -y : y;
    u64 a, b, rest, divisor_bits;
    i64 exponent_a, exponent_b, shift, step;
    if (x != x || y != y) return HIL_NAN;
    if (size - size != 0.0 || divisor == 0.0) return HIL_NAN;
    if (size < divisor) return x;
    a = hil_raw_bits_from_f64(size);
    b = hil_raw_bits_from_f64(divisor);
    exponent_a = (i64)(a >> 52);
    exponent_b = (i64)(b >> 52);
    rest = a & 0xfffffffffffffULL;
    divisor_bits = b & 0xfffffffffffffULL;
    if (exponent_a) rest = rest | 0x10000000000000ULL; else exponent_a = 1;
    if (exponent_b) divisor_bits = divisor_bits | 0x10000000000000ULL; else exponent_b = 1;
    rest = rest % divisor_bits;
    for (shift = exponent_a - exponent_b; shift > 0 && rest; shift = shift - step) {
        step = shift < 11 ? shift : 11;
        rest = (rest << step) % divisor_bits;
    }
    size = (f64)(i64)rest * hil_power_of_two(exponent_b - 1075);
    return hil_copysign(size, x);
}

/* Python's % on floats: the sign of y, which is not 0 */
static inline f64 hil_floor_modulo_f64(f64 x, f64 y) {
    f64 rest = hil_fmod(x, y);
    if (rest == 0.0) return hil_copysign(0.0, y);
    return (rest < 0.0) != (y < 0.0) ? rest + y : rest;
}

/* Python's // on floats: the quotient of what is left after the remainder, snapped to the nearest whole number */
static inline f64 hil_floor_divide_f64(f64 x, f64 y) {
    f64 rest = hil_fmod(x, y), quotient = (x - rest) / y, whole;
    if (rest != 0.0 && (rest < 0.0) != (y < 0.0)) quotient = quotient - 1.0;
    if (quotient == 0.0) return hil_copysign(0.0, x / y);
    whole = hil_floor(quotient);
    return quotient - whole > 0.5 ? whole + 1.0 : whole;
}
