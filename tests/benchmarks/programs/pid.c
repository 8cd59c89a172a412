/* The same by hand, as a C programmer would write it: no guards, no coverage, time in nanoseconds. */
#include <stdbool.h>
#include <stdint.h>

typedef struct { float integral, out; } pi_t;
typedef struct { bool was, q; int64_t start, et; } ton_t;
typedef struct { bool was, q; int16_t cv; } ctu_t;

static struct {
    int64_t now;
    pi_t pi[4];
    float pv[4];
    ton_t ton[4];
    ctu_t batches, rejects;
    bool alarm;
    float total;
    int32_t tick;
} s __attribute__((used)) = {.pv = {20.0f, 30.0f, 40.0f, 50.0f}};

static float limit(float low, float x, float high) { return x < low ? low : x > high ? high : x; }

static void pi_run(pi_t *p, float pv, float sp, float kp, float ki) {
    float error = sp - pv;
    p->integral = limit(0.0f, p->integral + ki * error, 100.0f);
    p->out = limit(0.0f, kp * error + p->integral, 100.0f);
}

static void ton_run(ton_t *t, bool in, int64_t pt, int64_t now) {
    if (!in) {
        t->et = 0;
        t->q = false;
    } else {
        if (!t->was) t->start = now;
        t->et = now - t->start;
        if (t->et >= pt) {
            t->et = pt;
            t->q = true;
        }
    }
    t->was = in;
}

static void ctu_run(ctu_t *c, bool cu, bool r, int16_t pv) {
    if (r)
        c->cv = 0;
    else if (cu && !c->was && c->cv < 32767)
        c->cv++;
    c->was = cu;
    c->q = c->cv >= pv;
}

void run(int64_t scans) {
    for (int64_t n = 0; n < scans; n++) {
        bool high = false;
        s.now += 10000000;
        s.tick++;
        for (int i = 0; i < 4; i++) {
            pi_run(&s.pi[i], s.pv[i], 60.0f, 2.0f, 0.01f);
            s.pv[i] += 0.001f * (s.pi[i].out - s.pv[i]);
            ton_run(&s.ton[i], s.pv[i] > 55.0f, 2000000000, s.now);
            high |= s.ton[i].q;
        }
        ctu_run(&s.batches, s.tick % 100 < 50, s.batches.cv >= 1000, 1000);
        ctu_run(&s.rejects, s.tick % 70 < 35, false, 500);
        if (high && s.rejects.q)
            s.alarm = true;
        else if (s.batches.q)
            s.alarm = false;
        s.total = s.pv[0] + s.pv[1] + s.pv[2] + s.pv[3];
    }
}
