//! Pixels as text. Whole tenths, written as integers: the machinery that writes any float exactly
//! would cost the page twelve kilobytes.

/// "12.5".
pub fn px(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    let tenths = tenths.unsigned_abs();
    match tenths % 10 {
        0 => format!("{sign}{}", tenths / 10),
        rest => format!("{sign}{}.{rest}", tenths / 10),
    }
}

/// "12.5px,-3px": for a translation.
pub fn translate((x, y): (f64, f64)) -> String {
    format!("transform:translate({}px,{}px)", px(x), px(y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_written_in_tenths() {
        let all = [0.0, 0.04, -0.04, 12.0, 12.34, -0.55, -7.25]
            .map(px)
            .join(" ");
        assert_eq!(all, "0 0 0 12 12.3 -0.6 -7.3");
    }
}
