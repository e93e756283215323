//! What safety costs: a run beside its alternatives, as a chart and as a table.

use super::Text;

/// One comparison, as far as it has been measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceView {
    /// Alternatives that are about the same, together.
    pub groups: Vec<PriceGroup>,
    /// The axis of times: place and label of each line.
    pub ticks: Vec<(Ppm, String)>,
    /// Runs done, and runs in all.
    pub done: (u32, u32),
    /// How many messages the story has; none where nobody acts in it, or while the answer is still open.
    pub story: Option<u64>,
    /// Nothing is shown of how the story ends, or would end: a question is open.
    pub veiled: bool,
    /// Everything is compared, not only what the lesson is about.
    pub wide: bool,
    /// There is more to compare than what the lesson is about.
    pub can_widen: bool,
    /// Orders handed over at once to see how much goes through.
    pub load_orders: u32,
}

/// A place on an axis, or a part of a whole, in parts per million.
pub type Ppm = u32;

/// Alternatives that are about the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceGroup {
    /// "whom an ack waits for".
    pub title: Text,
    /// From where to where its times are measured.
    pub times: Text,
    /// The alternatives.
    pub rows: Vec<PriceRow>,
}

/// One alternative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceRow {
    /// Its knobs: "acks=all".
    pub name: Text,
    /// What they do.
    pub note: Text,
    /// It is how the experiment is run now.
    pub now: bool,
    /// What is to be turned to run the experiment like this, in order.
    pub knobs: Vec<(String, String)>,
    /// Time to the ack.
    pub times: Option<TimesView>,
    /// Orders a second, and which part of the most.
    pub load: Option<(u64, Ppm)>,
    /// What the same story does to it.
    pub story: Option<StoryView>,
    /// How many acked orders one fault takes, in the order of [`BLOWS`].
    pub blows: [Option<u64>; 4],
    /// Cells of the table beyond those above, in the order of [`MORE_COLUMNS`].
    pub more: [String; 8],
}

/// How long an ack takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimesView {
    /// The shape: place and height of its points, from left to right.
    pub shape: Vec<(Ppm, Ppm)>,
    /// Half of the answers come before.
    pub median: (Ppm, Text),
    /// 99 of 100 come before.
    pub p99: (Ppm, Text),
    /// All numbers in one sentence.
    pub spoken: Text,
}

/// What the same faults at the same moments do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoryView {
    /// Acked, or believed sent, and gone.
    pub lost: u64,
    /// There or done twice.
    pub twice: u64,
    /// Failed, as the application knows, or still waiting at the end.
    pub not_taken: u64,
    /// The longest time without an ack, in microseconds.
    pub gap_us: u64,
}

/// The head of the column that says what the same faults at the same moments do.
pub const STORY: Text = Text::fixed("this story", "本次故事");

/// The heads of the columns of single faults.
pub const BLOWS: [Text; 4] = [
    Text::fixed("leader kill -9", "leader kill -9"),
    Text::fixed("leader no power", "leader 断电"),
    Text::fixed("leader disk gone", "leader 磁盘没了"),
    Text::fixed("all lose power", "全部断电"),
];

/// The heads of the table's further columns.
pub const MORE_COLUMNS: [Text; 8] = [
    Text::fixed("shortest, ms", "最短，ms"),
    Text::fixed("median, ms", "中位数，ms"),
    Text::fixed("95th, ms", "第 95 百分位，ms"),
    Text::fixed("99th, ms", "第 99 百分位，ms"),
    Text::fixed("longest, ms", "最长，ms"),
    Text::fixed(
        "send() to effect, median, ms",
        "send() 到处理完，中位数，ms",
    ),
    Text::fixed("fsyncs under load", "满载时 fsync 次数"),
    Text::fixed("machines", "机器数"),
];

impl PriceView {
    /// The heads of the table's columns.
    pub fn heads(&self) -> Vec<Text> {
        let mut heads = vec![Text::fixed("configuration", "配置")];
        heads.extend(MORE_COLUMNS);
        heads.push(Text::fixed("orders per second", "每秒订单数"));
        if self.story.is_some() {
            heads.extend([
                Text::fixed("this story: lost", "本次故事：丢失"),
                Text::fixed("twice", "重复"),
                Text::fixed("failed or waiting", "失败或仍在等待"),
                Text::fixed("longest time without an ack, s", "最长无 ack 时间，s"),
            ]);
        }
        if !self.veiled {
            heads.extend(
                BLOWS.map(|blow| {
                    Text::new(format!("{}: lost", blow.en), format!("{}：丢失", blow.zh))
                }),
            );
        }
        heads
    }

    /// The cells of one row, as many as there are heads; empty where nothing was measured (yet).
    pub fn cells(&self, row: &PriceRow) -> Vec<Text> {
        let number = |n: u64| Text::same(n.to_string());
        let mut cells = vec![row.name.clone()];
        cells.extend(row.more.iter().cloned().map(Text::same));
        cells.push(row.load.map_or(Text::default(), |(per_s, _)| number(per_s)));
        if self.story.is_some() {
            let of_story = row.story.map(|story| {
                let gap_tenths = story.gap_us / 100_000;
                let gap = format!("{}.{}", gap_tenths / 10, gap_tenths % 10);
                [
                    number(story.lost),
                    number(story.twice),
                    number(story.not_taken),
                    Text::same(gap),
                ]
            });
            cells.extend(of_story.unwrap_or_default());
        }
        if !self.veiled {
            cells.extend(row.blows.map(|lost| lost.map_or(Text::default(), number)));
        }
        cells
    }

    /// The table as comma-separated values, in the language that `word` picks.
    pub fn csv(&self, word: &dyn Fn(&Text) -> String) -> String {
        let quoted = |text: &Text| format!("\"{}\"", word(text).replace('"', "\"\""));
        let line = |cells: Vec<Text>| cells.iter().map(quoted).collect::<Vec<_>>().join(",");
        let mut lines = vec![line(self.heads())];
        let rows = self.groups.iter().flat_map(|group| &group.rows);
        lines.extend(rows.map(|row| line(self.cells(row))));
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(veiled: bool, story: Option<u64>) -> PriceView {
        let row = PriceRow {
            name: Text::same("acks=all, min.insync.replicas=2"),
            load: Some((98_898, 1_000_000)),
            story: story.map(|_| StoryView {
                lost: 3,
                gap_us: 8_240_000,
                ..StoryView::default()
            }),
            blows: [Some(0), Some(7), None, Some(9)],
            ..PriceRow::default()
        };
        let group = PriceGroup {
            rows: vec![row],
            ..PriceGroup::default()
        };
        PriceView {
            groups: vec![group],
            veiled,
            story,
            ..PriceView::default()
        }
    }

    #[test]
    fn every_cell_has_its_head_whatever_is_shown() {
        for (veiled, story) in [(false, Some(20)), (false, None), (true, None)] {
            let view = view(veiled, story);
            assert_eq!(
                view.heads().len(),
                view.cells(&view.groups[0].rows[0]).len()
            );
        }
    }

    #[test]
    fn a_configuration_with_a_comma_is_one_value() {
        let csv = view(false, Some(20)).csv(&|text| text.en.to_string());
        let mut lines = csv.lines();
        assert!(
            lines
                .next()
                .is_some_and(|heads| heads.starts_with("\"configuration\","))
        );
        let cells = lines.next().unwrap_or_default();
        assert!(
            cells.starts_with("\"acks=all, min.insync.replicas=2\","),
            "{cells}"
        );
        assert!(
            cells.ends_with("\"3\",\"0\",\"0\",\"8.2\",\"0\",\"7\",\"\",\"9\""),
            "{cells}"
        );
    }
}
