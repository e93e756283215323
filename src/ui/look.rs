//! How a state looks: the class and glyph names that the style sheet knows.

use crate::view::{BrokerState, Bytes, Fate, Fault, Foot, Hue, Mark, RecordView};

/// The class that gives its colour to what is inside.
pub fn hue(hue: Hue) -> &'static str {
    match hue {
        Hue::Send => "send",
        Hue::Safe => "safe",
        Hue::Risk => "risk",
        Hue::Lost => "lost",
        Hue::Dup => "dup",
        Hue::None => "none",
        Hue::Accent => "ac",
    }
}

/// Classes of a record cell.
pub fn record(record: &RecordView) -> String {
    let mut class = format!("rec {}", hue(record.hue));
    let mut add = |name: &str| {
        class.push(' ');
        class.push_str(name);
    };
    match record.bytes {
        Bytes::Wire => add("wire"),
        Bytes::Disk => add("disk"),
        Bytes::Cache => {}
    }
    match record.foot {
        Foot::Visible => add("vis"),
        Foot::Processed => add("done"),
        Foot::Committed => add("comm"),
        Foot::None => {}
    }
    match record.mark {
        Mark::Gone => add("gone"),
        Mark::Doomed => add("doomed"),
        Mark::Twice => add("twice"),
        Mark::Doubt => add("doubt"),
        Mark::None => {}
    }
    if record.acked {
        add("ack");
    }
    if record.number > 99_999 {
        add("five");
    } else if record.number > 999 {
        add("four");
    }
    class
}

/// Classes of a ledger cell.
pub fn cell(fate: Fate) -> &'static str {
    match fate {
        Fate::NotSent | Fate::Buffered => "cell none idle",
        Fate::Written | Fate::OnDisk | Fate::Failed | Fate::Deleted | Fate::Aborted => "cell none",
        Fate::InDoubt => "cell none doubt",
        Fate::Stored => "cell none",
        Fate::InFlight => "cell send",
        Fate::OneCopy | Fate::Open | Fate::Dead | Fate::SetAside => "cell risk",
        Fate::Committed | Fate::Visible | Fate::Processed | Fate::Finished => "cell safe",
        Fate::Doomed | Fate::Lost | Fate::Skipped | Fate::Expired => "cell lost",
        Fate::Twice | Fate::Phantom => "cell dup",
    }
}

/// The glyph of a fate.
pub fn glyph(fate: Fate) -> &'static str {
    match fate {
        Fate::NotSent | Fate::Buffered => "wait",
        Fate::Stored => "disk",
        Fate::Dead => "warn",
        Fate::SetAside => "out",
        Fate::Phantom => "copy",
        Fate::InFlight => "flight",
        Fate::Written => "copied",
        Fate::OnDisk => "flushed",
        Fate::OneCopy => "one",
        Fate::Committed => "committed",
        Fate::Visible => "visible",
        Fate::Processed => "done",
        Fate::Finished => "done2",
        Fate::Doomed => "doomed",
        Fate::Lost => "lost",
        Fate::Skipped => "next",
        Fate::Expired => "lost",
        Fate::Deleted => "wait",
        Fate::Open => "pause",
        Fate::Aborted => "out",
        Fate::Twice => "twice",
        Fate::InDoubt => "doubt",
        Fate::Failed => "refused",
    }
}

/// Class of a broker's card, class of its badge, glyph of its badge.
pub fn broker(state: BrokerState) -> (&'static str, &'static str, &'static str) {
    match state {
        BrokerState::Up => ("", "", "wait"),
        BrokerState::Leader => ("leader", "leader", "leader"),
        BrokerState::InSync => ("", "insync", "committed"),
        BrokerState::Lagging { .. } => ("", "lag", "lag"),
        BrokerState::OutOfIsr => ("", "outs", "out"),
        BrokerState::Fenced => ("fenced", "fenced", "fenced"),
        BrokerState::Paused { .. } => ("paused", "", "pause"),
        BrokerState::ShuttingDown => ("", "lag", "power"),
        BrokerState::Down { clean: true } => ("off", "outs", "power"),
        BrokerState::Down { clean: false } => ("down", "dead", "kill"),
        BrokerState::PoweredOff => ("off", "off", "power"),
        BrokerState::DiskFailed => ("diskfail", "dead", "disk"),
        BrokerState::Recovering { .. } => ("recov", "rec2", "restart"),
    }
}

/// The glyph of a fault, and the name end-to-end tests know it by.
pub fn fault(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::Kill => ("kill", "kill"),
        Fault::PowerOff => ("power", "power-off"),
        Fault::Restart => ("restart", "restart"),
        Fault::Shutdown => ("power", "shutdown"),
        Fault::Pause => ("pause", "pause"),
        Fault::Resume => ("play", "resume"),
        Fault::DiskFull => ("flushed", "disk-full"),
        Fault::DiskFail => ("flushed", "disk-fail"),
        Fault::DirectoryFail => ("flushed", "directory-fail"),
        Fault::DiskFree => ("flushed", "disk-free"),
        Fault::WipeDisk => ("disk", "wipe-disk"),
        Fault::SlowDisk => ("slow", "slow-disk"),
        Fault::HealDisk => ("flushed", "heal-disk"),
        Fault::Cut => ("cut", "cut"),
        Fault::CutForward => ("out", "cut-forward"),
        Fault::CutBackward => ("out", "cut-backward"),
        Fault::SlowLink => ("slow", "slow-link"),
        Fault::LossyLink => ("doubt", "lossy-link"),
        Fault::HealLink => ("restart", "heal-link"),
        Fault::Crash => ("crash", "crash"),
        Fault::Throw => ("warn", "throw"),
        Fault::SlowHandler => ("lag", "slow-handler"),
        Fault::HealHandler => ("restart", "heal-handler"),
        Fault::Burst => ("next", "burst"),
        Fault::Resend => ("restart", "resend"),
        Fault::ClusterOff => ("power", "cluster-off"),
        Fault::ClusterOn => ("restart", "cluster-on"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = include_str!("../../www/acklab.css");

    #[test]
    fn every_fate_has_a_glyph_that_the_sheet_draws() {
        for fate in Fate::ALL {
            assert!(SHEET.contains(&format!(".g-{}{{", glyph(fate))), "{fate:?}");
        }
    }

    #[test]
    fn the_marks_of_a_record_do_not_mix() {
        let lost = RecordView {
            number: 9,
            hue: Hue::Lost,
            bytes: Bytes::Disk,
            acked: true,
            mark: Mark::Doomed,
            ..RecordView::default()
        };
        assert_eq!(record(&lost), "rec lost disk doomed ack");
    }
}
