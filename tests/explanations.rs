//! Every harm is explained, and what an explanation blames is necessary: played again without it, on the same luck,
//! the message is spared.
//!
//! ```text
//! cargo test --test explanations                    a few hundred schedules, and those that once were wrong
//! cargo xtask sweep --explain --count 10000         more of them, on all cores
//! cargo xtask sweep --explain --seed 17 --count 1   one of them again, its explanations told
//! ```

#[cfg(not(target_arch = "wasm32"))]
#[path = "explanations/ask.rs"]
mod ask;
#[cfg(not(target_arch = "wasm32"))]
#[path = "explanations/options.rs"]
mod options;
#[cfg(not(target_arch = "wasm32"))]
#[path = "explanations/sum.rs"]
mod sum;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    let options = match options::Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            return std::process::ExitCode::FAILURE;
        }
    };
    // A panic of the simulator is told with its seed, not by each thread.
    std::panic::set_hook(Box::new(|_| {}));
    let sum = ask::ask_all(&options);
    print!("{sum}");
    println!(
        "explanations: {}",
        if sum.is_good() { "ok" } else { "FAILED" }
    );
    std::process::ExitCode::from(u8::from(!sum.is_good()))
}

/// A sweep wants threads and time, which a browser does not give.
#[cfg(target_arch = "wasm32")]
fn main() {}
