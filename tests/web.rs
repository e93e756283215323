//! What only a browser can show: the engine as wasm in a real, headless one.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_wasm_runs_in_a_browser() {
    assert_eq!(usize::BITS, 32);
}
