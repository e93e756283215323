//! Criterion's view of the same work.
#[cfg(not(target_arch = "wasm32"))]
mod details {
    use acklab_benches::{ping_pong, rival};
    use criterion::{Criterion, Throughput, criterion_group};

    fn engine(criterion: &mut Criterion) {
        const BOUNCES: u32 = 100_000;
        let mut group = criterion.benchmark_group("ping-pong");
        group.throughput(Throughput::Elements(u64::from(BOUNCES)));
        group.bench_function("acklab", |bench| bench.iter(|| ping_pong::bounces(BOUNCES)));
        group.bench_function("nexosim", |bench| bench.iter(|| rival::bounces(BOUNCES)));
        group.finish();
    }

    criterion_group!(benches, engine);
}

#[cfg(not(target_arch = "wasm32"))]
criterion::criterion_main!(details::benches);

#[cfg(target_arch = "wasm32")]
fn main() {}
