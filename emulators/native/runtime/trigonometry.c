/* sin, cos, tan, asin, acos, atan, atan2: the same operations in the same order as same_bits/trigonometry.py. */

/* Binary digits of x * 2/pi: 192 bits from the place where whole turns end. */
static inline i64 hil_reduce_large(f64 x, f64 *rest, f64 *rest_low) {
    u64 bits = hil_raw_bits_from_f64(hil_fabs(x)), halves[2], words[7], carry, top, following;
    i64 exponent = (i64)(bits >> 52) - 1075, first = (exponent + 62) / 32, shift = (exponent + 62) & 31;
    i64 i, k, quadrant, signed_top;
    f64 fraction, low, high, high_low;
    bits = (bits & 0xfffffffffffffULL) | 0x10000000000000ULL;
    halves[0] = bits & 0xffffffffULL;
    halves[1] = bits >> 32;
    /* words[0] is the lowest; only the lowest six words of the product are kept */
    for (i = 0; i < 7; ++i) words[i] = 0;
    for (k = 0; k < 2; ++k) {
        carry = 0;
        for (i = 0; i + k < 6; ++i) {
            carry = carry + words[i + k] + halves[k] * (u64)hil_two_over_pi[first + 5 - i];
            words[i + k] = carry & 0xffffffffULL;
            carry = carry >> 32;
        }
    }
    for (i = 5; i > 0; --i) words[i] = ((words[i] << shift) | (words[i - 1] << shift >> 32)) & 0xffffffffULL;
    words[0] = (words[0] << shift) & 0xffffffffULL;
    quadrant = (i64)(words[5] >> 30);
    top = (((words[5] << 32) | words[4]) << 2) | (words[3] >> 30);
    following = (((words[3] << 32) | words[2]) << 2) | (words[1] >> 30);
    signed_top = (i64)top;
    if (signed_top < 0) quadrant = quadrant + 1;
    fraction = hil_two_sum((f64)(signed_top >> 32) * 0x1p-32, (f64)(signed_top & 0xffffffffLL) * 0x1p-64, &low);
    fraction = hil_two_sum(fraction, low + (f64)(i64)(following >> 11) * 0x1p-117, rest);
    high = hil_product(fraction, HIL_HALF_PI_HIGH, &high_low);
    high = hil_fast_sum(high, high_low + (fraction * HIL_HALF_PI_LOW + *rest * HIL_HALF_PI_HIGH), &low);
    if (x < 0.0) {
        *rest = -high;
        *rest_low = -low;
        return -quadrant & 3;
    }
    *rest = high;
    *rest_low = low;
    return quadrant & 3;
}

static inline i64 hil_reduce(f64 x, f64 *rest, f64 *rest_low) {
    f64 turns, low;
    if (x >= -HIL_QUARTER_PI && x <= HIL_QUARTER_PI) {
        *rest = x;
        *rest_low = 0.0;
        return 0;
    }
    if (x > -HIL_NEAR && x < HIL_NEAR) {
        turns = hil_round_even(x * HIL_TWO_OVER_PI_NEAR);
        *rest = hil_two_sum(x - turns * HIL_HALF_PI_FIRST, -(turns * HIL_HALF_PI_SECOND), &low);
        *rest = hil_fast_sum(*rest, low - turns * HIL_HALF_PI_THIRD, rest_low);
        return (i64)turns & 3;
    }
    return hil_reduce_large(x, rest, rest_low);
}

static inline f64 hil_sine(f64 r, f64 low, f64 *result_low) {
    f64 z = r * r;
    f64 series = HIL_SINE_0 + z * (HIL_SINE_1 + z * (HIL_SINE_2 + z * (HIL_SINE_3 + z * (HIL_SINE_4
        + z * (HIL_SINE_5 + z * (HIL_SINE_6 + z * HIL_SINE_7))))));
    *result_low = r * (z * series) + low * (1.0 - 0.5 * z);
    return r;
}

static inline f64 hil_cosine(f64 r, f64 low, f64 *result_low) {
    f64 z_low, z = hil_product(r, r, &z_low), rest, high;
    f64 series = z * z * (HIL_COSINE_0 + z * (HIL_COSINE_1 + z * (HIL_COSINE_2 + z * (HIL_COSINE_3
        + z * (HIL_COSINE_4 + z * (HIL_COSINE_5 + z * HIL_COSINE_6))))));
    high = hil_fast_sum(1.0, -0.5 * z, &rest);
    *result_low = rest + (series - (r * low + 0.5 * z_low));
    return high;
}

static inline f64 hil_sin(f64 x) {
    f64 r, low, high, rest;
    i64 quadrant;
    if (x - x != 0.0) return HIL_NAN;
    if (x > -HIL_LINEAR_ANGLE && x < HIL_LINEAR_ANGLE) return x;
    quadrant = hil_reduce(x, &r, &low);
    if (quadrant & 1) high = hil_cosine(r, low, &rest); else high = hil_sine(r, low, &rest);
    high = high + rest;
    return quadrant & 2 ? -high : high;
}

static inline f64 hil_cos(f64 x) {
    f64 r, low, high, rest;
    i64 quadrant;
    if (x - x != 0.0) return HIL_NAN;
    if (x > -HIL_LINEAR_ANGLE && x < HIL_LINEAR_ANGLE) return 1.0;
    quadrant = hil_reduce(x, &r, &low);
    if (quadrant & 1) high = hil_sine(r, low, &rest); else high = hil_cosine(r, low, &rest);
    high = high + rest;
    return (quadrant + 1) & 2 ? -high : high;
}

static inline f64 hil_tan(f64 x) {
    f64 r, low, sine, sine_low, cosine, cosine_low, high, rest;
    i64 quadrant;
    if (x - x != 0.0) return HIL_NAN;
    if (x > -HIL_LINEAR_ANGLE && x < HIL_LINEAR_ANGLE) return x;
    quadrant = hil_reduce(x, &r, &low);
    sine = hil_sine(r, low, &sine_low);
    sine = hil_fast_sum(sine, sine_low, &sine_low);
    cosine = hil_cosine(r, low, &cosine_low);
    cosine = hil_fast_sum(cosine, cosine_low, &cosine_low);
    if (quadrant & 1) high = hil_divide_pairs(-cosine, -cosine_low, sine, sine_low, &rest);
    else high = hil_divide_pairs(sine, sine_low, cosine, cosine_low, &rest);
    return high + rest;
}

static inline f64 hil_atan_of_quotient(f64 a, f64 a_low, f64 b, f64 b_low, f64 *result_low) {
    i64 row = (i64)(a / b * 32.0 + 0.5);
    f64 slope = (f64)row * 0.03125, back, back_low, above, above_low, side, side_low, below, below_low;
    f64 u, u_low, z, tail, high, low;
    back = hil_product(slope, b, &back_low);
    above = hil_two_sum(a, -back, &above_low);
    above_low = above_low + ((a_low - back_low) - slope * b_low);
    side = hil_product(slope, a, &side_low);
    below = hil_fast_sum(b, side, &below_low);
    below_low = below_low + ((b_low + side_low) + slope * a_low);
    u = hil_divide_pairs(above, above_low, below, below_low, &u_low);
    z = u * u;
    tail = u_low + u * (z * (HIL_ARC_TANGENT_0 + z * (HIL_ARC_TANGENT_1 + z * (HIL_ARC_TANGENT_2
        + z * (HIL_ARC_TANGENT_3 + z * HIL_ARC_TANGENT_4)))));
    high = hil_fast_sum(hil_atan_table[row][0], u, &low);
    return hil_fast_sum(high, low + (hil_atan_table[row][1] + tail), result_low);
}

static inline f64 hil_angle(f64 y, f64 y_low, f64 x, f64 x_low, i32 is_behind) {
    f64 high, low, total, rest;
    if (y <= x) {
        high = hil_atan_of_quotient(y, y_low, x, x_low, &low);
        if (!is_behind) return high + low;
        total = hil_fast_sum(HIL_PI_HIGH, -high, &rest);
        return total + (rest + (HIL_PI_LOW - low));
    }
    high = hil_atan_of_quotient(x, x_low, y, y_low, &low);
    if (is_behind) {
        total = hil_fast_sum(HIL_HALF_PI_HIGH, high, &rest);
        return total + (rest + (HIL_HALF_PI_LOW + low));
    }
    total = hil_fast_sum(HIL_HALF_PI_HIGH, -high, &rest);
    return total + (rest + (HIL_HALF_PI_LOW - low));
}

static inline f64 hil_atan2(f64 y, f64 x) {
    f64 sign, above, beside, scale;
    i32 is_behind;
    if (x != x || y != y) return HIL_NAN;
    sign = (i64)hil_raw_bits_from_f64(y) < 0 ? -1.0 : 1.0;
    is_behind = (i64)hil_raw_bits_from_f64(x) < 0;
    above = hil_fabs(y);
    beside = hil_fabs(x);
    if (above == HIL_INFINITY && beside == HIL_INFINITY) {
        above = 1.0;
        beside = 1.0;
    }
    if (above == 0.0 || beside == HIL_INFINITY || above < beside * 0x1p-60) {
        if (is_behind) return sign * HIL_PI_HIGH;
        return sign * (beside != 0.0 && beside != HIL_INFINITY ? above / beside : 0.0);
    }
    if (beside == 0.0 || above == HIL_INFINITY || beside < above * 0x1p-60) return sign * HIL_HALF_PI_HIGH;
    scale = 1.0;
    if (above > 0x1p500 || beside > 0x1p500) scale = 0x1p-600;
    else if (above < 0x1p-400 || beside < 0x1p-400) scale = 0x1p600;
    return sign * hil_angle(above * scale, 0.0, beside * scale, 0.0, is_behind);
}

static inline f64 hil_atan(f64 x) { return hil_atan2(x, 1.0); }

static inline f64 hil_other_leg(f64 size, f64 *low) {
    f64 square_low, square = hil_product(size, size, &square_low), rest_low, root, back, back_low;
    f64 rest = hil_fast_sum(1.0, -square, &rest_low);
    rest_low = rest_low - square_low;
    root = hil_sqrt(rest);
    *low = 0.0;
    if (root == 0.0) return 0.0;
    back = hil_product(root, root, &back_low);
    *low = ((rest - back) - back_low + rest_low) / (2.0 * root);
    return root;
}

static inline f64 hil_asin(f64 x) {
    f64 size = hil_fabs(x), leg, leg_low, result;
    if (x != x || size < HIL_LINEAR_ANGLE) return x;
    leg = hil_other_leg(size, &leg_low);
    result = hil_angle(size, 0.0, leg, leg_low, 0);
    return x < 0.0 ? -result : result;
}

static inline f64 hil_acos(f64 x) {
    f64 size = hil_fabs(x), leg, leg_low;
    if (x != x) return x;
    if (size < HIL_VANISHING) return HIL_HALF_PI_HIGH;
    leg = hil_other_leg(size, &leg_low);
    return hil_angle(leg, leg_low, size, 0.0, x < 0.0);
}
