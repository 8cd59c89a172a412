/* The same loop by hand: no guards. hil_gauss and hil_round_even are the project's own, put before this text. */
typedef struct { double filtered; i64 samples; int raw; double sigma, counts; u64 channel; } sensor_t;
typedef struct { double integral, out; } pi_t;

static struct {
    double x[9]; /* level 1, level 2, temperature 1, temperature 2, wall 1, wall 2, valve, heating, pressure */
    sensor_t level_1, level_2, temperature;
    pi_t level_pi, temperature_pi;
    i64 now, start, elapsed;
    double valve, heater;
    char delay_in, delay_q, high;
} s = {
    .x = {0.5, 0.5, 20.0, 20.0, 20.0, 20.0, 0.0, 0.0, 1.0},
    .level_1 = {.sigma = 0.001, .counts = 13824.0, .channel = 1},
    .level_2 = {.sigma = 0.001, .counts = 13824.0, .channel = 2},
    .temperature = {.sigma = 0.1, .counts = 276.48, .channel = 3},
};

static inline double larger(double a, double b) { return b > a ? b : a; }

static inline void slopes(double *restrict x, double *restrict d) {
    double between = 0.004 * __builtin_sqrt(larger(x[0], 0.0));
    double drain = 0.004 * __builtin_sqrt(larger(x[1], 0.0));
    double feed = 0.008 * x[6] * x[8];
    d[0] = feed - between;
    d[1] = between - drain;
    d[2] = (feed * (15.0 - x[2]) + (x[7] / 4180.0 - 0.0005 * (x[2] - x[4]))) / larger(x[0], 0.01);
    d[3] = (between * (x[2] - x[3]) - 0.0005 * (x[3] - x[5])) / larger(x[1], 0.01);
    d[4] = 0.01 * (x[2] - x[4]);
    d[5] = 0.01 * (x[3] - x[5]);
    d[6] = 0.5 * (s.valve - x[6]);
    d[7] = 0.2 * (200.0 * s.heater - x[7]);
    d[8] = 0.05 * (1.0 - 0.3 * x[6] - x[8]);
}

static void integrate(double h) {
    double k1[9], k2[9], k3[9], k4[9], y[9];
    slopes(s.x, k1);
    for (int i = 0; i < 9; i++) y[i] = s.x[i] + 0.5 * h * k1[i];
    slopes(y, k2);
    for (int i = 0; i < 9; i++) y[i] = s.x[i] + 0.5 * h * k2[i];
    slopes(y, k3);
    for (int i = 0; i < 9; i++) y[i] = s.x[i] + h * k3[i];
    slopes(y, k4);
    for (int i = 0; i < 9; i++) s.x[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
}

static inline void sense(sensor_t *sensor, double measured) {
    sensor->filtered += 0.05 * (measured - sensor->filtered);
    sensor->samples++;
    double count = hil_round_even((sensor->filtered + sensor->sigma * hil_gauss(1, sensor->samples, sensor->channel))
                                  * sensor->counts);
    sensor->raw = count < -32768.0 ? -32768 : count > 32767.0 ? 32767 : (int)count;
}

static inline double limit(double x) { return x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x; }

static inline void pi_run(pi_t *pi, double error, double gain, double step) {
    pi->integral = limit(pi->integral + step * error);
    pi->out = limit(gain * error + pi->integral);
}

static void control(void) {
    double upper = s.level_1.raw / 13824.0, level = s.level_2.raw / 13824.0;
    char in = upper > 0.9;
    if (!in) {
        s.elapsed = 0;
        s.delay_q = 0;
    } else {
        if (!s.delay_in) s.start = s.now;
        s.elapsed = s.now - s.start;
        if (s.elapsed >= 2000000000) s.delay_q = 1;
    }
    s.delay_in = in;
    if (s.delay_q) s.high = 1;
    else if (upper < 0.8) s.high = 0;
    pi_run(&s.level_pi, 0.6 - level, 4.0, 0.0005);
    pi_run(&s.temperature_pi, 45.0 - s.temperature.raw / 276.48, 0.05, 0.00001);
    s.valve = s.high ? 0.0 : s.level_pi.out;
    s.heater = s.temperature_pi.out;
}

__attribute__((visibility("default"))) void run(long long steps) {
    for (long long n = 0; n < steps; n++) {
        s.now += 10000000;
        integrate(0.01);
        sense(&s.level_1, s.x[0]);
        sense(&s.level_2, s.x[1]);
        sense(&s.temperature, s.x[2]);
        control();
    }
}
