//! Prints one line a figure, `name value unit`: natively on the terminal, in a browser on the page.
use acklab_benches::{figures, host};

fn main() {
    for figure in figures::all() {
        for line in figure() {
            host::print(&line.to_string());
        }
    }
    host::done();
}
