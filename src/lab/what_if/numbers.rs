//! What a trial is compared by, and the words for the difference.

use super::Outcome;
use crate::lab::judge::Judgement;
use crate::lab::story::both;
use crate::lab::text::Text;

/// What a trial is compared by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers {
    pub hash: u64,
    lost: u64,
    twice: u64,
    failed: u64,
    waiting: u64,
    processed: u64,
    median_ack_us: u32,
    leaderless_us: u64,
}

impl Numbers {
    pub fn of(judged: &Judgement) -> Numbers {
        Numbers {
            hash: judged.healed.hash(),
            lost: judged.tally.lost(),
            twice: judged.tally.twice,
            failed: judged.tally.failed,
            waiting: judged.tally.waiting,
            processed: judged.tally.processed,
            median_ack_us: judged.median_ack_us().unwrap_or(0),
            leaderless_us: judged.leaderless_us,
        }
    }

    /// How much of the harm is left in `tried`.
    pub fn harm_in(&self, tried: &Numbers) -> u64 {
        match self.lost {
            0 => tried.twice,
            _ => tried.lost,
        }
    }

    /// What `tried` came to, compared with these.
    pub fn against(&self, tried: &Numbers) -> (Outcome, Text) {
        if tried.lost > 0 || (self.lost == 0 && tried.twice > 0) {
            return (Outcome::NotSaved, self.still(tried));
        }
        let price = self.price(tried);
        match price {
            Some(note) => (Outcome::SavedAtPrice, note),
            None => (
                Outcome::Saved,
                acks(self.median_ack_us, tried.median_ack_us),
            ),
        }
    }

    fn still(&self, tried: &Numbers) -> Text {
        match (tried.lost, self.lost) {
            (0, _) => both(
                format!("{} still twice", tried.twice),
                format!("仍有 {} 条重复", tried.twice),
            ),
            (1, 1) => Text::fixed("lost all the same", "照样丢失"),
            (after, before) if after == before => both(
                format!("all {after} lost all the same"),
                format!("{after} 条照样丢失"),
            ),
            (after, before) => both(
                format!("{after} lost instead of {before}"),
                format!("丢失 {before} → {after} 条"),
            ),
        }
    }

    /// The dearest thing it costs.
    fn price(&self, tried: &Numbers) -> Option<Text> {
        if tried.twice > self.twice {
            return Some(both(
                match tried.twice {
                    1 => "1 comes twice".to_string(),
                    n => format!("{n} come twice"),
                },
                format!("{} 条重复", tried.twice),
            ));
        }
        if tried.failed > self.failed {
            return Some(both(
                match tried.failed {
                    1 => "1 send fails and is reported".to_string(),
                    n => format!("{n} sends fail and are reported"),
                },
                format!("{} 条发送失败并报告", tried.failed),
            ));
        }
        if tried.waiting > self.waiting {
            return Some(both(
                match tried.waiting {
                    1 => "1 still waits at the end".to_string(),
                    n => format!("{n} still wait at the end"),
                },
                format!("结束时仍有 {} 条在等", tried.waiting),
            ));
        }
        if tried.leaderless_us > self.leaderless_us + 1_000_000 {
            let (before, after) = (self.leaderless_us / 100_000, tried.leaderless_us / 100_000);
            return Some(both(
                format!(
                    "no leader for {}.{} s instead of {}.{} s",
                    after / 10,
                    after % 10,
                    before / 10,
                    before % 10
                ),
                format!(
                    "无 leader {}.{} s（之前 {}.{} s）",
                    after / 10,
                    after % 10,
                    before / 10,
                    before % 10
                ),
            ));
        }
        if tried.processed < self.processed {
            return Some(both(
                format!(
                    "{} instead of {} done in the time",
                    tried.processed, self.processed
                ),
                format!(
                    "同样时间处理 {} 条（之前 {} 条）",
                    tried.processed, self.processed
                ),
            ));
        }
        let dearer = u64::from(tried.median_ack_us) * 10 > u64::from(self.median_ack_us) * 11;
        dearer.then(|| acks(self.median_ack_us, tried.median_ack_us))
    }
}

/// "median ack 2.1 → 4.8 ms".
fn acks(before_us: u32, after_us: u32) -> Text {
    let (before, after) = (ms(before_us), ms(after_us));
    match before_us {
        0 => both(
            format!("an ack takes {after} ms"),
            format!("一次 ack 要 {after} ms"),
        ),
        _ if before == after => both(
            format!("median ack stays {after} ms"),
            format!("ack 中位数仍是 {after} ms"),
        ),
        _ => both(
            format!("median ack {before} → {after} ms"),
            format!("ack 中位数 {before} → {after} ms"),
        ),
    }
}

/// Milliseconds with one decimal.
fn ms(us: u32) -> String {
    let tenths = (us + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}
