//! A hunt that is kept in the browser from one visit to the next.

use super::{Desk, Scope};
use crate::lab::text::Text;
use crate::lab::work::HuntReport;
use crate::view::hunt::HuntState;
use serde::{Deserialize, Serialize};

/// Of what is kept.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    scope: Scope,
    pace: (u64, u64),
    report: Option<HuntReport>,
}

impl Desk {
    /// What is worth keeping; nothing before it was begun.
    pub fn kept(&self) -> String {
        if self.state == HuntState::Ready {
            return String::new();
        }
        let kept = Kept {
            version: VERSION,
            scope: self.scope.clone(),
            pace: self.pace,
            report: self.report.clone(),
        };
        serde_json::to_string(&kept).unwrap_or_default()
    }

    /// Takes back what was kept: a hunt that ran then is stopped now. Says what could not be read.
    pub fn restore(&mut self, kept: &str) -> Option<Text> {
        let read = serde_json::from_str::<Kept>(kept);
        let Some(kept) = read.ok().filter(|kept| kept.version == VERSION) else {
            return Some(Text::fixed(
                "A hunt that was kept could not be read and is left out.",
                "有一次保存的搜索无法读取，已忽略。",
            ));
        };
        self.scope = kept.scope;
        self.begin_anew();
        if let Some(report) = kept.report {
            self.pace = kept.pace;
            self.take(report);
            self.state = match self.is_over() {
                true => HuntState::Over,
                false => HuntState::Stopped,
            };
        }
        None
    }
}
