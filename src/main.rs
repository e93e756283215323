//! The page in the browser, the command line elsewhere.

#[cfg(target_arch = "wasm32")]
fn main() {
    acklab::ui::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    acklab::cli::main()
}
