//! The axis of time: moments to pixels and back. Long waits can be squeezed so that what happens
//! around them stays readable.

/// A piecewise linear axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// (moment in µs, pixel), rising in both.
    stops: Vec<(f64, f64)>,
}

/// The share of the axis that waits may take together.
const WAITS_SHARE: f64 = 0.55;

impl Axis {
    /// A plain axis from 0 to `end_us` between two pixels.
    pub fn plain(end_us: u64, from_x: f64, to_x: f64) -> Self {
        Self {
            stops: vec![
                (0.0, from_x),
                (end_us.max(1) as f64, to_x.max(from_x + 1.0)),
            ],
        }
    }

    /// An axis whose waits (in order, not overlapping) are squeezed when they would take more than
    /// their share.
    pub fn squeezed(end_us: u64, from_x: f64, to_x: f64, waits: &[(u64, u64)]) -> Self {
        let end = end_us.max(1) as f64;
        let width = (to_x - from_x).max(1.0);
        let waiting: f64 = waits
            .iter()
            .map(|&(from, to)| to.min(end_us).saturating_sub(from) as f64)
            .sum();
        if waiting <= end * WAITS_SHARE || waiting >= end {
            return Self::plain(end_us, from_x, to_x);
        }
        let wait_rate = width * WAITS_SHARE / waiting;
        let rate = width * (1.0 - WAITS_SHARE) / (end - waiting);
        let mut stops = vec![(0.0, from_x)];
        let (mut at, mut x) = (0.0, from_x);
        for &(from, to) in waits.iter().filter(|&&(from, _)| from < end_us) {
            let (from, to) = (from as f64, (to.min(end_us)) as f64);
            x += (from - at) * rate;
            stops.push((from, x));
            x += (to - from) * wait_rate;
            stops.push((to, x));
            at = to;
        }
        stops.push((end, x + (end - at) * rate));
        stops.dedup_by(|a, b| a.0 == b.0);
        Self { stops }
    }

    /// The pixel of a moment.
    pub fn x(&self, time_us: u64) -> f64 {
        interpolate(&self.stops, time_us as f64, |stop| *stop)
    }

    /// The moment of a pixel, inside the axis.
    pub fn time_us(&self, x: f64) -> u64 {
        interpolate(&self.stops, x, |&(time, x)| (x, time)).max(0.0) as u64
    }

    /// Round moments to write under the axis, at most `most` of them.
    pub fn ticks_us(&self, most: usize) -> Vec<u64> {
        let end_us = self.stops.last().map_or(1.0, |stop| stop.0) as u64;
        let steps = (3..12).flat_map(|power| [1, 2, 5].map(|lead| lead * 10_u64.pow(power)));
        let step = steps
            .into_iter()
            .find(|step| end_us / step < most as u64)
            .unwrap_or(end_us.max(1));
        (0..=end_us / step).map(|place| place * step).collect()
    }
}

fn interpolate(stops: &[(f64, f64)], at: f64, pick: fn(&(f64, f64)) -> (f64, f64)) -> f64 {
    let mut before = stops.first().map_or((0.0, 0.0), pick);
    for stop in stops.iter().map(pick) {
        if at <= stop.0 {
            let span = stop.0 - before.0;
            let share = if span > 0.0 {
                ((at - before.0) / span).max(0.0)
            } else {
                0.0
            };
            return before.1 + (stop.1 - before.1) * share;
        }
        before = stop;
    }
    before.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_axis_goes_there_and_back() {
        let axis = Axis::plain(16_000_000, 92.0, 1136.0);
        assert_eq!(axis.x(0), 92.0);
        assert_eq!(axis.x(16_000_000), 1136.0);
        assert_eq!(axis.x(99_000_000), 1136.0);
        assert_eq!(axis.time_us(axis.x(10_648_000)), 10_648_000);
        assert_eq!(axis.time_us(-50.0), 0);
    }

    #[test]
    fn a_long_wait_is_squeezed_to_its_share() {
        let axis = Axis::squeezed(10_000_000, 0.0, 1000.0, &[(250_000, 9_250_000)]);
        assert!((axis.x(250_000) - 112.5).abs() < 0.01);
        assert!((axis.x(9_250_000) - 662.5).abs() < 0.01);
        assert!((axis.x(10_000_000) - 1000.0).abs() < 0.01);
        assert!(axis.time_us(axis.x(9_500_000)).abs_diff(9_500_000) < 2);
    }

    #[test]
    fn ticks_are_round_and_few() {
        let ticks = Axis::plain(16_000_000, 0.0, 100.0).ticks_us(10);
        assert_eq!(ticks, (0..=8).map(|n| n * 2_000_000).collect::<Vec<_>>());
    }
}
