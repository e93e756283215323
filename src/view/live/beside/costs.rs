//! What two runs cost, number by number.

use crate::lab::compare::Side;
use crate::lab::experiment::Experiment;
use crate::lab::judge::Judgement;
use crate::lab::price::{Load, Price, load, span};
use crate::lab::text::Text;
use crate::view::Hue;
use crate::view::compare::CostView;
use crate::view::price::Ppm;

/// The whole of something.
const WHOLE: u64 = 1_000_000;

/// The prices of two runs; how much each takes at most is measured later.
pub(super) struct Costs {
    prices: [Price; 2],
    loads: [Option<Load>; 2],
}

impl Costs {
    pub fn of(a: &Side, b: &Side) -> Costs {
        Costs {
            prices: [a, b].map(|side| Price::of(&Judgement::of(side.run()))),
            loads: [None; 2],
        }
    }

    /// Measures one more number, if one is missing.
    pub fn step(&mut self, a: &Experiment, b: &Experiment) {
        let missing = self.loads.iter().position(Option::is_none);
        if let Some(place) = missing {
            self.loads[place] = Some(load([a, b][place]));
        }
    }

    pub fn view(&self) -> Vec<CostView> {
        let [a, b] = &self.prices;
        let count = |name: Text, of: fn(&Price) -> u64, hue: Hue| {
            line(name, [Some(of(a)), Some(of(b))], hue, &|n| n.to_string())
        };
        let time = |name: Text, of: fn(&Price) -> Option<u64>| {
            line(name, [of(a), of(b)], Hue::None, &span)
        };
        let lost = |price: &Price| price.tally.lost();
        let twice = |price: &Price| price.tally.twice;
        let failed = |price: &Price| price.tally.failed;
        let mut lines = vec![count(Text::fixed("lost", "丢失"), lost, Hue::Lost)];
        if twice(a) + twice(b) > 0 {
            lines.push(count(Text::fixed("twice", "重复"), twice, Hue::Dup));
        }
        if failed(a) + failed(b) > 0 {
            lines.push(count(Text::fixed("failed", "失败"), failed, Hue::Risk));
        }
        lines.push(time(Text::fixed("median ack", "ack 中位数"), |price| {
            (!price.calm_ack.is_empty()).then_some(price.calm_ack.median_us)
        }));
        lines.push(time(Text::fixed("slowest ack", "最慢的 ack"), |price| {
            (!price.ack.is_empty()).then_some(price.ack.max_us)
        }));
        let loads = self.loads.map(|load| load.map(|load| load.orders_per_s));
        lines.push(line(
            Text::fixed("at most", "最多"),
            loads,
            Hue::None,
            &|per_s| format!("{}/s", grouped(per_s)),
        ));
        lines.push(time(Text::fixed("no ack for", "最长无 ack"), |price| {
            Some(price.gap_us)
        }));
        lines
    }
}

/// "61 000": digits in groups of three, with spaces that do not break.
fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{}\u{a0}{:03}", grouped(number / 1_000), number % 1_000),
    }
}

fn line(name: Text, values: [Option<u64>; 2], hue: Hue, word: &dyn Fn(u64) -> String) -> CostView {
    let most = values.into_iter().flatten().max().unwrap_or(0).max(1);
    let [a, b] = values.map(|value| {
        let value = value?;
        Some((word(value), (value * WHOLE / most) as Ppm))
    });
    CostView { name, a, b, hue }
}
