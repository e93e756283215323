//! The browser's page; natively, a word on how to start it.

#[cfg(target_arch = "wasm32")]
fn main() {
    acklab::ui::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("acklab is a page: start it with `cargo xtask serve`");
}
