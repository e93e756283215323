//! Runs and bookmarks of a session, as they are listed.

use std::rc::Rc;

use crate::lab::session::Session;
use crate::lab::text::Text;
use crate::sim::order::sort_by_number;
use crate::view::{BookmarkView, BranchView, Tend};

/// What is listed; made anew when the session counts a change.
#[derive(Default)]
pub(super) struct Runs {
    /// The session's count.
    pub revision: u32,
    /// Runs left behind and the current one; none while there has been no fork.
    pub branches: Rc<Vec<BranchView>>,
    /// Moments marked in the current one.
    pub bookmarks: Rc<Vec<BookmarkView>>,
}

impl Runs {
    /// What is listed of this session now.
    pub fn of(lab: &Session) -> Self {
        Runs {
            revision: lab.revision(),
            branches: Rc::new(branches(lab)),
            bookmarks: Rc::new(bookmarks(lab)),
        }
    }
}

fn branches(lab: &Session) -> Vec<BranchView> {
    if lab.branches().is_empty() {
        return Vec::new();
    }
    let view = |way: &crate::lab::session::Way, experiment, current| BranchView {
        id: way.id,
        label: way.name(experiment),
        fork_us: way.fork_us,
        current,
    };
    let left = lab.branches().iter();
    let mut all: Vec<BranchView> = left
        .map(|kept| view(&kept.way, &kept.experiment, false))
        .collect();
    all.push(view(lab.way(), lab.run().experiment(), true));
    sort_by_number(&mut all, |branch| branch.id.into());
    all
}

fn bookmarks(lab: &Session) -> Vec<BookmarkView> {
    let marked = lab.way().bookmarks.iter();
    marked
        .map(|bookmark| BookmarkView {
            id: bookmark.id,
            at_us: bookmark.at_us,
            label: lab.bookmark_name(bookmark),
        })
        .collect()
}

/// Does it; what is to be said of it.
pub(super) fn tend(lab: &mut Session, tend: &Tend) -> Text {
    match tend {
        Tend::Bookmark => return lab.bookmark().map_or_else(Text::default, marked),
        Tend::RenameBookmark(id, name) => lab.rename_bookmark(*id, name),
        Tend::RemoveBookmark(id) => lab.remove_bookmark(*id),
        Tend::RenameRun(id, name) => lab.rename_run(*id, name),
        Tend::RemoveRun(id) => lab.remove_run(*id),
    }
    Text::default()
}

fn marked(name: Text) -> Text {
    Text::new(
        format!("Bookmark: {}.", name.en),
        format!("书签：{}。", name.zh),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::live::Live;
    use crate::view::{Action, Fault, NodeKey, Session, Target, Views};

    fn act(live: &mut Live, broker: i32) {
        let target = Target::Node(NodeKey::Broker(broker));
        let fault = Fault::Kill;
        live.act(Action { target, fault }).expect("an action");
    }

    fn forked() -> Live {
        let mut live = Live::default();
        live.load("sandbox").expect("a lesson");
        live.advance_to(3_000_000);
        act(&mut live, 1);
        live.advance_to(4_000_000);
        live.seek(2_000_000);
        act(&mut live, 2);
        live
    }

    fn listed(views: &Views) -> Vec<(String, bool)> {
        let all = views.timeline.branches.iter();
        all.map(|run| (run.label.en.to_string(), run.current))
            .collect()
    }

    #[test]
    fn runs_are_listed_in_the_order_they_were_begun() {
        let mut live = forked();
        let (one, two) = ("kill broker 1 at 3.0 s", "kill broker 2 at 2.0 s");
        let views = live.views();
        assert_eq!(listed(&views), [(one.into(), false), (two.into(), true)]);
        live.branch(views.timeline.branches[0].id);
        let views = live.views();
        assert_eq!(listed(&views), [(one.into(), true), (two.into(), false)]);
    }

    #[test]
    fn a_bookmark_is_listed_and_said_once() {
        let mut live = forked();
        let said = live.tend(&Tend::Bookmark);
        assert_eq!(said.en, "Bookmark: kill -9.");
        assert_eq!(live.tend(&Tend::Bookmark), Text::default());
        let marks = live.views().timeline.bookmarks.clone();
        assert_eq!(marks.len(), 1);
        live.tend(&Tend::RenameBookmark(marks[0].id, "here".into()));
        assert_eq!(live.views().timeline.bookmarks[0].label, Text::same("here"));
        live.tend(&Tend::RemoveBookmark(marks[0].id));
        assert_eq!(live.views().timeline.bookmarks.len(), 0);
    }

    #[test]
    fn what_was_not_touched_is_not_listed_anew() {
        let mut live = forked();
        let (one, two) = (live.views(), live.views());
        assert!(Rc::ptr_eq(&one.timeline, &two.timeline));
    }
}
