//! Sweeps over clusters, configs, workloads and faults that nobody thought of: what must be true at
//! every step is watched (`lab::invariants`), and each rule of Kafka's that protects it is switched
//! off once, to see that the watch notices.
//!
//! ```text
//! cargo test --test properties                          10,000 schedules, and every rule switched off
//! cargo xtask sweep --count 1000000                     more of them, on all cores
//! cargo xtask sweep --seed 4711 --count 1               one of them again, shrunk if it breaks something
//! cargo xtask sweep --seed 4294967296 --count 10000     with a shop: outbox, relay, desk, dead letters
//! cargo xtask sweep --without AckWaitsForIsr            in a cluster that lacks this rule
//! cargo xtask sweep --property Kept                     only breaches of this one count
//! ```

#[cfg(not(target_arch = "wasm32"))]
#[path = "properties/choices.rs"]
mod choices;
#[cfg(not(target_arch = "wasm32"))]
#[path = "properties/options.rs"]
mod options;
#[cfg(not(target_arch = "wasm32"))]
#[path = "properties/plan.rs"]
mod plan;
#[cfg(not(target_arch = "wasm32"))]
#[path = "properties/play.rs"]
mod play;
#[cfg(not(target_arch = "wasm32"))]
#[path = "properties/rules.rs"]
mod rules;
#[cfg(not(target_arch = "wasm32"))]
#[path = "properties/sweep.rs"]
mod sweep;
#[cfg(not(target_arch = "wasm32"))]
#[path = "properties/whole.rs"]
mod whole;

#[cfg(not(target_arch = "wasm32"))]
use options::Options;
#[cfg(not(target_arch = "wasm32"))]
use std::process::ExitCode;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    // A panic of the simulator is told with its seed, not by each thread.
    std::panic::set_hook(Box::new(|_| {}));
    let swept = sweep::sweep(&options);
    println!("{swept}");
    let mut complaints = swept.complaints(&options);
    if options.whole {
        let shops = options.of_shops();
        let swept = sweep::sweep(&shops);
        println!("with a shop: {swept}");
        complaints.extend(swept.complaints(&shops));
    }
    if options.whole {
        complaints.extend(sweep::kept(&options));
        complaints.extend(rules::complaints());
    }
    for complaint in &complaints {
        println!("wrong: {complaint}");
    }
    println!(
        "properties: {}",
        if complaints.is_empty() {
            "ok"
        } else {
            "FAILED"
        }
    );
    ExitCode::from(u8::from(!complaints.is_empty()))
}

/// A sweep wants threads and time, which a browser does not give; see `tests/web.rs` for what it runs.
#[cfg(target_arch = "wasm32")]
fn main() {}
