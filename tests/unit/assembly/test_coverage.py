"""Hits of statements and branches: counted where the bench was built to count, else nothing is claimed."""

from hil.assembly import make_bench


def test_a_bench_counts_only_when_it_was_built_to():
    benches = {counts: make_bench("two_tanks", executor="tcc", coverage=counts) for counts in (True, False)}

    for bench in benches.values():
        bench.advance("1 s")

    assert benches[False].coverage() == {}
    assert max(benches[True].coverage().values()) >= 20
