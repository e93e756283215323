//! What differs between the terminal and the browser: clock, output, memory.

#[cfg(not(target_arch = "wasm32"))]
mod here {
    use std::time::Instant;

    /// Milliseconds that `work` takes.
    pub fn milliseconds(work: impl FnOnce()) -> f64 {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64() * 1000.0
    }

    /// Shows a line.
    pub fn print(line: &str) {
        println!("{line}");
    }

    /// All is printed.
    pub fn done() {}

    /// What this process holds in memory, in bytes, where the system tells it.
    pub fn memory_bytes() -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1024)
    }

    /// How the names of this host's figures end.
    pub const SUFFIX: &str = "native";
}

#[cfg(target_arch = "wasm32")]
mod here {
    use wasm_bindgen::JsCast;

    /// Milliseconds that `work` takes.
    pub fn milliseconds(work: impl FnOnce()) -> f64 {
        let started = now_ms();
        work();
        now_ms() - started
    }

    /// Shows a line.
    pub fn print(line: &str) {
        let body = body();
        body.set_inner_text(&format!("{}{line}\n", body.inner_text()));
    }

    /// All is printed.
    pub fn done() {
        document().set_title("done");
    }

    /// The size of the wasm memory, in bytes; it never shrinks.
    pub fn memory_bytes() -> Option<u64> {
        let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().dyn_into().ok()?;
        let buffer: js_sys::ArrayBuffer = memory.buffer().dyn_into().ok()?;
        Some(u64::from(buffer.byte_length()))
    }

    fn now_ms() -> f64 {
        let window = web_sys::window().expect("a page has a window");
        window.performance().expect("a window has a clock").now()
    }

    fn document() -> web_sys::Document {
        web_sys::window()
            .and_then(|window| window.document())
            .expect("a page has a document")
    }

    fn body() -> web_sys::HtmlElement {
        document().body().expect("the document has a body")
    }

    /// How the names of this host's figures end.
    pub const SUFFIX: &str = "wasm";
}

pub use here::{SUFFIX, done, memory_bytes, milliseconds, print};
