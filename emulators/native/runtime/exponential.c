/* exp, log, log10, pow, sinh, cosh, tanh: the same operations in the same order as same_bits/exponential.py. */

static inline f64 hil_scaled(f64 x, i64 exponent) {
    if (exponent > 1023) return x * 0x1p1023 * hil_power_of_two(exponent - 1023);
    if (exponent < -1000) return x * hil_power_of_two(exponent + 200) * 0x1p-200;
    return x * hil_power_of_two(exponent);
}

static inline f64 hil_exp_pair(f64 x, f64 low, f64 *result_low, i64 *exponent) {
    f64 steps = hil_round_even(x * HIL_STEPS);
    f64 rest = ((x - steps * HIL_STEP_HIGH) - steps * HIL_STEP_LOW) + low;
    f64 minus_one = rest + rest * rest * (HIL_EXPONENTIAL_0 + rest * (HIL_EXPONENTIAL_1
        + rest * (HIL_EXPONENTIAL_2 + rest * (HIL_EXPONENTIAL_3 + rest * HIL_EXPONENTIAL_4))));
    i64 count = (i64)steps;
    f64 high = hil_exp_table[count & 63][0], high_low = hil_exp_table[count & 63][1];
    *exponent = count >> 6;
    return hil_fast_sum(high, high_low + high * minus_one, result_low);
}

static inline f64 hil_exp(f64 x) {
    f64 high, low;
    i64 exponent;
    if (x != x) return x;
    if (x > HIL_EXP_ABOVE) return HIL_INFINITY;
    if (x < HIL_EXP_BELOW) return 0.0;
    high = hil_exp_pair(x, 0.0, &low, &exponent);
    return hil_scaled(high + low, exponent);
}

static inline f64 hil_log_pair(f64 x, f64 *result_low) {
    i64 exponent = 0, row;
    u64 bits;
    f64 mantissa, mantissa_high, inverse, r, r_low, scale, high, low, square, square_low, tail, sum_low;
    if (x < 0x1p-1022) {
        x = x * 0x1p52;
        exponent = -52;
    }
    bits = hil_raw_bits_from_f64(x);
    exponent = exponent + (i64)(bits >> 52) - 1023;
    row = (i64)((bits >> 45) & 127);
    bits = (bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL;
    if (row >= 53) {
        exponent = exponent + 1;
        bits = bits - 0x10000000000000ULL;
    }
    mantissa = hil_f64_from_bits_raw(bits);
    mantissa_high = hil_f64_from_bits_raw(bits & 0xfffffffff8000000ULL);
    inverse = hil_log_table[row][0];
    r = hil_two_sum(mantissa_high * inverse - 1.0, (mantissa - mantissa_high) * inverse, &r_low);
    scale = (f64)exponent;
    high = hil_two_sum(scale * HIL_LN2_HIGH + hil_log_table[row][1], r, &low);
    square = hil_product(r, r, &square_low);
    square_low = square_low + 2.0 * (r * r_low);
    tail = square * r * (HIL_LOGARITHM_0 + r * (HIL_LOGARITHM_1 + r * (HIL_LOGARITHM_2 + r * (HIL_LOGARITHM_3
        + r * (HIL_LOGARITHM_4 + r * (HIL_LOGARITHM_5 + r * (HIL_LOGARITHM_6 + r * HIL_LOGARITHM_7)))))));
    low = low + (r_low + (hil_log_table[row][2] + scale * HIL_LN2_LOW));
    high = hil_two_sum(high, -0.5 * square, &sum_low);
    return hil_fast_sum(high, low + (sum_low + (tail - 0.5 * square_low)), result_low);
}

static inline f64 hil_log(f64 x) {
    f64 low;
    if (x != x || x == HIL_INFINITY) return x;
    return hil_log_pair(x, &low);
}

static inline f64 hil_log10(f64 x) {
    f64 high, low, result, result_low;
    if (x != x || x == HIL_INFINITY) return x;
    high = hil_log_pair(x, &low);
    result = hil_product(high, HIL_INVERSE_LN10_HIGH, &result_low);
    return result + (result_low + (high * HIL_INVERSE_LN10_LOW + low * HIL_INVERSE_LN10_HIGH));
}

static inline i32 hil_is_odd(f64 y) {
    return y > -0x1p53 && y < 0x1p53 && y == hil_trunc(y) && ((i64)y & 1) == 1;
}

static inline i32 hil_power_is_undefined(f64 x, f64 y) {
    return (x == 0.0 && y < 0.0) || (x < 0.0 && x - x == 0.0 && y - y == 0.0 && y != hil_trunc(y));
}

static inline f64 hil_pow(f64 x, f64 y) {
    f64 size, sign, high, low, high_low, estimate;
    i64 exponent;
    if (y == 0.0 || x == 1.0) return 1.0;
    if (x != x || y != y) return HIL_NAN;
    size = hil_fabs(x);
    sign = (i64)hil_raw_bits_from_f64(x) < 0 && hil_is_odd(y) ? -1.0 : 1.0;
    if (y - y != 0.0) {
        if (size == 1.0) return 1.0;
        return (size > 1.0) == (y > 0.0) ? HIL_INFINITY : 0.0;
    }
    if (size == 0.0 || size == HIL_INFINITY) return sign * ((size == 0.0) == (y < 0.0) ? HIL_INFINITY : 0.0);
    high = hil_log_pair(size, &low);
    estimate = y * high;
    if (estimate > 710.0) return sign * HIL_INFINITY;
    if (estimate < -746.0) return sign * 0.0;
    if (estimate > -HIL_TINY && estimate < HIL_TINY) return sign;
    high = hil_product(y, high, &high_low);
    high = hil_exp_pair(high, high_low + y * low, &low, &exponent);
    return sign * hil_scaled(high + low, exponent);
}

static inline f64 hil_sinh_series(f64 x) {
    f64 z = x * x;
    return x * (z * (-HIL_SINE_0 + z * (HIL_SINE_1 + z * (-HIL_SINE_2 + z * (HIL_SINE_3
        + z * (-HIL_SINE_4 + z * HIL_SINE_5))))));
}

static inline f64 hil_exp_and_inverse(f64 size, f64 *low, f64 *inverse, f64 *inverse_low) {
    i64 exponent;
    f64 high = hil_exp_pair(size, 0.0, low, &exponent);
    high = hil_scaled(high, exponent);
    *low = hil_scaled(*low, exponent);
    *inverse = hil_divide_pairs(1.0, 0.0, high, *low, inverse_low);
    return high;
}

static inline f64 hil_half_exp(f64 size) {
    f64 high, low;
    i64 exponent;
    if (size > 711.0) return HIL_INFINITY;
    high = hil_exp_pair(size, 0.0, &low, &exponent);
    return hil_scaled(high + low, exponent - 1);
}

static inline f64 hil_sinh(f64 x) {
    f64 size = hil_fabs(x), high, low, inverse, inverse_low, total, rest, result;
    if (x != x || size == HIL_INFINITY) return x;
    if (size < HIL_SMALL_ANGLE) return x + hil_sinh_series(x);
    if (size < 22.0) {
        high = hil_exp_and_inverse(size, &low, &inverse, &inverse_low);
        total = hil_fast_sum(high, -inverse, &rest);
        result = 0.5 * (total + (rest + (low - inverse_low)));
    } else {
        result = hil_half_exp(size);
    }
    return x < 0.0 ? -result : result;
}

static inline f64 hil_cosh(f64 x) {
    f64 size = hil_fabs(x), high, low, inverse, inverse_low, total, rest;
    if (x != x) return x;
    if (size < 22.0) {
        high = hil_exp_and_inverse(size, &low, &inverse, &inverse_low);
        total = hil_fast_sum(high, inverse, &rest);
        return 0.5 * (total + (rest + (low + inverse_low)));
    }
    return hil_half_exp(size);
}

static inline f64 hil_tanh(f64 x) {
    f64 size = hil_fabs(x), z, cosh_rest, high, low, above, above_low, below, below_low, quotient, rest, result;
    i64 exponent;
    if (x != x) return x;
    if (size < 0x1p-28) return x;
    if (size < HIL_SMALL_ANGLE) {
        z = size * size;
        cosh_rest = 0.5 * z + z * z * (HIL_COSINE_0 + z * (-HIL_COSINE_1 + z * (HIL_COSINE_2
            + z * (-HIL_COSINE_3 + z * HIL_COSINE_4))));
        below = hil_fast_sum(1.0, cosh_rest, &below_low);
        above = hil_fast_sum(size, hil_sinh_series(size), &above_low);
        quotient = hil_divide_pairs(above, above_low, below, below_low, &rest);
        result = quotient + rest;
    } else if (size < 22.0) {
        high = hil_exp_pair(2.0 * size, 0.0, &low, &exponent);
        high = hil_scaled(high, exponent);
        low = hil_scaled(low, exponent);
        above = hil_fast_sum(high, -1.0, &above_low);
        below = hil_fast_sum(high, 1.0, &below_low);
        quotient = hil_divide_pairs(above, above_low + low, below, below_low + low, &rest);
        result = quotient + rest;
    } else {
        result = 1.0;
    }
    return x < 0.0 ? -result : result;
}
