//! A comparison of prices as a screen shows it: places on a logarithmic axis, bars, words.

use crate::lab::price::{
    Alternative, Bucket, Comparison, Family, LOAD_ORDERS, Measure, Price, Spread, ms, span,
};
use crate::lab::session::Session;
use crate::lab::story::both;
use crate::lab::text::Text;
use crate::view::price::{Ppm, PriceGroup, PriceRow, PriceView, StoryView, TimesView};

/// The axis begins at a tenth of a millisecond; what is quicker stands at its beginning.
const LOW_US: u64 = 100;
/// The whole of something.
const WHOLE: f64 = 1_000_000.0;

/// A comparison, and whether it is of all families or of those of the lesson.
pub type Compared = Box<(bool, Comparison)>;

/// What the session's run costs beside its alternatives, with one more run made if `step`. Another run is another
/// comparison.
pub fn compared(known: &mut Option<Compared>, lab: &Session, wide: bool, step: bool) -> PriceView {
    let experiment = lab.run().experiment();
    let mine = Family::of(lab.lesson());
    let families = if wide { &Family::ALL[..] } else { &mine };
    let same = known.take();
    let same = same.filter(|known| *known.1.experiment() == **experiment);
    let mut compared = match same {
        Some(same) if same.0 == wide => same,
        Some(same) => Box::new((wide, same.1.of_families(families))),
        None => Box::new((wide, Comparison::new(experiment, families))),
    };
    if step {
        compared.1.step();
    }
    let can_widen = mine.len() < Family::ALL.len();
    let view = price(&compared.1, lab.veil_us().is_some(), wide, can_widen);
    *known = Some(compared);
    view
}

/// The comparison so far. `veiled`: the story's end is not to be seen yet.
pub fn price(comparison: &Comparison, veiled: bool, wide: bool, can_widen: bool) -> PriceView {
    let axis = Axis::of(comparison);
    let loads = comparison.rows().filter_map(|(_, measure)| measure.load);
    let most = loads.map(|load| load.orders_per_s).max().unwrap_or(0);
    let mut groups: Vec<PriceGroup> = Vec::new();
    let mut last = None;
    for (alternative, measure) in comparison.rows() {
        if last != Some(alternative.family) {
            last = Some(alternative.family);
            groups.push(PriceGroup {
                title: alternative.family.title(),
                times: times_of(alternative.family),
                rows: Vec::new(),
            });
        }
        if let Some(group) = groups.last_mut() {
            let knobs = alternative.knobs(comparison.experiment());
            let row = row(alternative, measure, &axis, most, veiled);
            group.rows.push(PriceRow { knobs, ..row });
        }
    }
    let story = comparison
        .rows()
        .find_map(|(_, measure)| measure.story.as_ref());
    PriceView {
        groups,
        ticks: axis.ticks(),
        done: comparison.done(),
        story: story.filter(|_| !veiled).map(|price| price.tally.sent),
        veiled,
        wide,
        can_widen,
        load_orders: LOAD_ORDERS,
    }
}

/// Where waiting in the producer is not what a family is about, times begin with the request.
fn times_of(family: Family) -> Text {
    if begins_with_send(family) {
        Text::fixed("from send() to the ack", "从 send() 到 ack")
    } else {
        Text::fixed("from the request to its ack", "从请求发出到 ack")
    }
}

fn begins_with_send(family: Family) -> bool {
    matches!(family, Family::Send | Family::Batch)
}

fn spread_of(family: Family, price: &Price) -> &Spread {
    if begins_with_send(family) {
        &price.ack
    } else {
        &price.answer
    }
}

fn row(
    alternative: &Alternative,
    measure: &Measure,
    axis: &Axis,
    most: u64,
    veiled: bool,
) -> PriceRow {
    let part = |n: u64| (n as f64 / most.max(1) as f64 * WHOLE) as Ppm;
    let spread = measure
        .calm
        .as_ref()
        .map(|calm| spread_of(alternative.family, calm));
    let name = match alternative.name {
        "" => alternative.note.clone(),
        name => Text::same(name),
    };
    let note = match alternative.name {
        "" => Text::default(),
        _ => alternative.note.clone(),
    };
    PriceRow {
        name,
        note,
        now: alternative.is_now,
        times: spread
            .filter(|spread| !spread.is_empty())
            .map(|spread| axis.times(spread)),
        load: measure
            .load
            .map(|load| (load.orders_per_s, part(load.orders_per_s))),
        story: measure.story.as_ref().filter(|_| !veiled).map(story),
        blows: if veiled { [None; 4] } else { measure.blows },
        more: more(spread, measure),
        ..PriceRow::default()
    }
}

fn story(price: &Price) -> StoryView {
    StoryView {
        lost: price.tally.lost(),
        twice: price.tally.twice,
        not_taken: price.tally.failed + price.tally.waiting,
        gap_us: price.gap_us,
    }
}

/// The table's further cells, in the order of their heads.
fn more(spread: Option<&Spread>, measure: &Measure) -> [String; 8] {
    let rank = |rank: fn(&Spread) -> u64| {
        let known = spread.filter(|spread| !spread.is_empty());
        known.map_or(String::new(), |spread| ms(rank(spread)))
    };
    let calm = measure.calm.as_ref();
    let effects = calm.filter(|calm| !calm.end_to_end.is_empty());
    [
        rank(|spread| spread.min_us),
        rank(|spread| spread.median_us),
        rank(|spread| spread.p95_us),
        rank(|spread| spread.p99_us),
        rank(|spread| spread.max_us),
        effects.map_or(String::new(), |calm| ms(calm.end_to_end.median_us)),
        measure
            .load
            .map_or(String::new(), |load| load.fsyncs.to_string()),
        calm.map_or(String::new(), |calm| calm.machines.to_string()),
    ]
}

/// Times on a logarithmic scale, from [`LOW_US`] to a power of ten that is beyond all of them.
struct Axis {
    decades: u32,
}

impl Axis {
    fn of(comparison: &Comparison) -> Axis {
        let calm = comparison.rows().filter_map(|(alternative, measure)| {
            Some(spread_of(alternative.family, measure.calm.as_ref()?).p99_us)
        });
        let longest_us = calm.max().unwrap_or(0);
        let beyond = (longest_us / LOW_US)
            .checked_ilog10()
            .map_or(1, |power| power + 1);
        Axis {
            decades: beyond.max(2),
        }
    }

    fn place(&self, us: u64) -> Ppm {
        let decades = (us.max(LOW_US) as f64 / LOW_US as f64).log10();
        (decades / f64::from(self.decades) * WHOLE).min(WHOLE) as Ppm
    }

    fn ticks(&self) -> Vec<(Ppm, String)> {
        let label = |power: u32| {
            let us = LOW_US * 10u64.pow(power);
            let words = match us {
                100 => "0.1".to_string(),
                us if us < 1_000_000 => (us / 1_000).to_string(),
                us => format!("{} s", us / 1_000_000),
            };
            // The last one that is not in seconds says what the others are.
            let unit = us < 1_000_000 && (power == self.decades || us == 100_000);
            let label = if unit { format!("{words} ms") } else { words };
            (self.place(us), label)
        };
        (0..=self.decades).map(label).collect()
    }

    fn times(&self, spread: &Spread) -> TimesView {
        TimesView {
            shape: self.shape(spread),
            median: (self.place(spread.median_us), short(spread.median_us)),
            p99: (self.place(spread.p99_us), short(spread.p99_us)),
            spoken: spoken(spread),
        }
    }

    /// The buckets' middles, each with some of its neighbours' height, so that the shape is one line.
    fn shape(&self, spread: &Spread) -> Vec<(Ppm, Ppm)> {
        let heights = smoothed(&spread.buckets);
        let highest = heights
            .iter()
            .map(|(_, height)| *height)
            .max()
            .unwrap_or(1)
            .max(1);
        let point = |(us, height): &(u64, u64)| {
            (
                self.place(*us),
                (*height as f64 / highest as f64 * WHOLE) as Ppm,
            )
        };
        heights.iter().map(point).collect()
    }
}

/// The middle and the height of each bucket from one before the first to one behind the last: twice its own count and
/// once that of each neighbour.
fn smoothed(buckets: &[Bucket]) -> Vec<(u64, u64)> {
    let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else {
        return Vec::new();
    };
    let mut grid: Vec<(u64, u64)> = vec![(
        first.from_us.saturating_sub(first.below_us - first.from_us),
        first.from_us,
    )];
    while let Some(&(_, below_us)) = grid
        .last()
        .filter(|(_, below_us)| *below_us <= last.from_us)
    {
        grid.push(Spread::bucket_of(below_us));
    }
    grid.push(Spread::bucket_of(last.below_us));
    let counts: Vec<u64> = grid
        .iter()
        .map(|(from_us, _)| {
            buckets
                .iter()
                .find(|bucket| bucket.from_us == *from_us)
                .map_or(0, |bucket| bucket.count)
        })
        .collect();
    let at = |place: Option<usize>| {
        place
            .and_then(|place| counts.get(place))
            .copied()
            .unwrap_or(0)
    };
    grid.iter()
        .enumerate()
        .map(|(place, (from_us, below_us))| {
            let height = 2 * counts[place] + at(place.checked_sub(1)) + at(Some(place + 1));
            ((from_us + below_us) / 2, height)
        })
        .collect()
}

/// "6.2 ms", "at once".
fn short(us: u64) -> Text {
    match us {
        0..50 => Text::fixed("at once", "立即"),
        _ => Text::same(span(us)),
    }
}

fn spoken(spread: &Spread) -> Text {
    let [median, p95, p99, max] = [
        spread.median_us,
        spread.p95_us,
        spread.p99_us,
        spread.max_us,
    ]
    .map(short);
    let count = spread.count;
    both(
        format!(
            "median {}, 95th {}, 99th {}, longest {}, of {count}",
            median.en, p95.en, p99.en, max.en
        ),
        format!(
            "{count} 次：中位数 {}，95% {}，99% {}，最长 {}",
            median.zh, p95.zh, p99.zh, max.zh
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::experiment::Experiment;

    fn measured(veiled: bool) -> PriceView {
        let mut comparison = Comparison::new(&Experiment::three_brokers(), &[Family::Acks]);
        while comparison.step() {}
        price(&comparison, veiled, false, true)
    }

    #[test]
    fn what_takes_longer_stands_further_to_the_right() {
        let view = measured(false);
        let rows = &view.groups[0].rows;
        let medians: Vec<Ppm> = rows
            .iter()
            .map(|row| row.times.as_ref().expect("times").median.0)
            .collect();
        assert!(
            medians[0] < medians[1] && medians[1] < medians[2],
            "{medians:?}"
        );
        assert_eq!(
            rows[0].times.as_ref().expect("times").median.1,
            Text::fixed("at once", "立即")
        );
        let loads: Vec<Ppm> = rows
            .iter()
            .filter_map(|row| row.load.map(|(_, part)| part))
            .collect();
        assert_eq!((loads.len(), loads.iter().max()), (4, Some(&1_000_000)));
        assert_eq!(view.done.0, view.done.1);
        for row in rows {
            let shape = &row.times.as_ref().expect("times").shape;
            assert!(
                shape.windows(2).all(|pair| pair[0].0 <= pair[1].0),
                "{shape:?}"
            );
            assert!(shape.iter().any(|(_, height)| *height == 1_000_000));
        }
    }

    #[test]
    fn the_axis_names_its_powers_of_ten() {
        let labels = |decades| -> Vec<String> {
            Axis { decades }
                .ticks()
                .into_iter()
                .map(|(_, label)| label)
                .collect()
        };
        assert_eq!(labels(2), ["0.1", "1", "10 ms"]);
        assert_eq!(labels(4), ["0.1", "1", "10", "100 ms", "1 s"]);
        let axis = Axis { decades: 4 };
        assert_eq!(
            [0, 100, 10_000, 9_000_000].map(|us| axis.place(us)),
            [0, 0, 500_000, 1_000_000]
        );
    }

    #[test]
    fn while_a_question_is_open_nothing_is_told_of_faults() {
        let view = measured(true);
        for row in &view.groups[0].rows {
            assert!(row.times.is_some() && row.load.is_some());
            assert_eq!((row.story, row.blows), (None, [None; 4]));
        }
    }
}
