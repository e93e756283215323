//! Marked moments of a run.

use super::Session;
use crate::lab::moments::Moment;
use crate::lab::script::{label, seconds};
use crate::lab::story::both;
use crate::lab::text::Text;
use crate::sim::{MS, Micros, SECOND};

/// A run has no more bookmarks than this.
const MOST_BOOKMARKS: usize = 50;
/// A name has no more letters than this.
const MOST_LETTERS: usize = 60;
/// Another event must be nearer by this much, in microseconds, to name a bookmark in place of a decisive one.
const DECISIVE_REACH_US: Micros = 500 * MS;

/// A moment that somebody marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// Its handle.
    pub id: u32,
    /// When, in microseconds.
    pub at_us: Micros,
    /// The name that a person gave it.
    pub given: Option<String>,
}

/// A name as a person typed it, without what cannot be shown; none when nothing is left.
pub(super) fn given_name(typed: &str) -> Option<String> {
    let shown = typed.chars().filter(|letter| !letter.is_control());
    let name: String = shown.take(MOST_LETTERS).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_string())
}

impl Session {
    /// Marks the present moment; its name, unless it was marked before.
    pub fn bookmark(&mut self) -> Option<Text> {
        let at_us = self.now_us();
        let marked = &self.way.bookmarks;
        let place = marked.partition_point(|bookmark| bookmark.at_us < at_us);
        let is_marked = marked.get(place).is_some_and(|next| next.at_us == at_us);
        if is_marked || marked.len() >= MOST_BOOKMARKS {
            return None;
        }
        let bookmark = Bookmark {
            id: self.next_id(),
            at_us,
            given: None,
        };
        let name = self.bookmark_name(&bookmark);
        self.way.bookmarks.insert(place, bookmark);
        self.revision += 1;
        Some(name)
    }

    /// The name a bookmark was given, or that of the nearest event that the learner has seen.
    pub fn bookmark_name(&self, bookmark: &Bookmark) -> Text {
        if let Some(given) = &bookmark.given {
            return Text::same(given.clone());
        }
        match self.nearest(bookmark.at_us) {
            Some((at_us, label)) => beside(bookmark.at_us, at_us, label),
            None => Text::same(seconds(bookmark.at_us)),
        }
    }

    /// The event nearest to a moment, and its words. What decides goes before what does not.
    fn nearest(&self, at_us: Micros) -> Option<(Micros, Text)> {
        let seen_us = self.veil_us().unwrap_or(Micros::MAX).min(self.played_us);
        let script = self.script();
        let decisive = script
            .decisive
            .iter()
            .filter(|decisive| decisive.moment.at_us <= seen_us)
            .min_by_key(|decisive| decisive.moment.at_us.abs_diff(at_us));
        let decisive = decisive.map(|decisive| (decisive.moment.at_us, decisive.label.clone()));
        let words = |moment: &Moment| label(self.run.experiment(), moment);
        let other = script
            .moments
            .iter()
            .filter(|moment| moment.at_us <= seen_us)
            .filter(|moment| !words(moment).is_empty())
            .min_by_key(|moment| moment.at_us.abs_diff(at_us));
        let other = other.map(|moment| (moment.at_us, words(moment)));
        match (decisive, other) {
            (Some(one), Some(two)) => {
                let far_us = |event: &(Micros, Text)| event.0.abs_diff(at_us);
                let is_near = far_us(&one) <= far_us(&two) + DECISIVE_REACH_US;
                Some(if is_near { one } else { two })
            }
            (one, two) => one.or(two),
        }
    }

    /// Gives a bookmark a name of one's own; an empty one brings the usual name back.
    pub fn rename_bookmark(&mut self, id: u32, given: &str) {
        self.revision += 1;
        let mut all = self.way.bookmarks.iter_mut();
        if let Some(bookmark) = all.find(|bookmark| bookmark.id == id) {
            bookmark.given = given_name(given);
        }
    }

    /// Forgets a bookmark.
    pub fn remove_bookmark(&mut self, id: u32) {
        self.revision += 1;
        self.way.bookmarks.retain(|bookmark| bookmark.id != id);
    }
}

/// "kill -9", "0.3 s after kill -9", "12 ms before kill -9".
fn beside(at_us: Micros, event_us: Micros, label: Text) -> Text {
    let apart_us = at_us.abs_diff(event_us);
    if apart_us < MS {
        return label;
    }
    let apart = if apart_us < SECOND / 10 {
        format!("{} ms", apart_us / MS)
    } else {
        seconds(apart_us)
    };
    let (en, zh) = if at_us < event_us {
        ("before", "之前")
    } else {
        ("after", "之后")
    };
    both(
        format!("{apart} {en} {}", label.en),
        format!("{} {zh} {apart}", label.zh),
    )
}
