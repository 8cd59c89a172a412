/* Sums and products without loss, as same_bits/pairs.py: the high part is returned, the low part stored. */

static inline f64 hil_fabs(f64 x) { return x <= 0.0 ? 0.0 - x : x; }

static inline f64 hil_two_sum(f64 a, f64 b, f64 *low) {
    f64 total = a + b, part = total - a;
    *low = (a - (total - part)) + (b - part);
    return total;
}

static inline f64 hil_fast_sum(f64 a, f64 b, f64 *low) {
    f64 total = a + b;
    *low = b - (total - a);
    return total;
}

static inline f64 hil_product(f64 a, f64 b, f64 *low) {
    f64 result = a * b, wide = HIL_ROUNDING * a, a_high, a_low, b_high, b_low;
    a_high = wide - (wide - a);
    a_low = a - a_high;
    wide = HIL_ROUNDING * b;
    b_high = wide - (wide - b);
    b_low = b - b_high;
    *low = ((a_high * b_high - result) + a_high * b_low + a_low * b_high) + a_low * b_low;
    return result;
}

static inline f64 hil_divide_pairs(f64 a, f64 a_low, f64 b, f64 b_low, f64 *low) {
    f64 quotient = a / b, back_low, back = hil_product(quotient, b, &back_low), rest;
    rest = (((a - back) - back_low) + a_low) - quotient * b_low;
    *low = rest / b;
    return quotient;
}
