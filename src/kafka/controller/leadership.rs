//! Who leads the quorum is the active controller: how it begins, what it commits, how it ends.

use std::rc::Rc;

use super::decisions::Decided;
use super::heartbeat::Sessions;
use super::{ControllerHost, ControllerTimer, SESSIONS};
use crate::kafka::{Entry, Outbox};
use crate::sim::{MS, SECOND};

impl ControllerHost {
    /// What follows once an event is handled: what is committed now is told, and who leads now
    /// is the active controller.
    pub(super) fn settle(&mut self, decided: &mut Decided, out: &mut Outbox) {
        self.take_committed();
        let (leads, epoch) = (self.raft.leads(), self.raft.epoch());
        if leads {
            decided.tell(&self.raft.log, self.raft.high_watermark, out);
        }
        if self.active.is_some_and(|known| !leads || known != epoch) {
            self.deactivate(decided, out);
        }
        if self.active.is_none() && self.raft.has_claimed() {
            out.because(self.raft.asked.known().unwrap_or(out.cause()));
            out.decide(Entry::ControllerActive { epoch });
            self.activate(out);
        }
        if leads {
            self.answers.committed(&self.raft, decided, out);
            self.raft.schedule_drain(out);
        }
    }

    /// Applies what is committed meanwhile.
    fn take_committed(&mut self) {
        let (known, committed) = (self.committed.offset, self.raft.high_watermark);
        if known >= committed {
            return;
        }
        if self.image.offset == committed && self.active.is_some() {
            self.committed = Rc::clone(&self.image);
            return;
        }
        let image = Rc::make_mut(&mut self.committed);
        for logged in self.raft.log.read(known, committed) {
            image.apply(&logged.record);
        }
        if self.active.is_none() {
            self.image = Rc::clone(&self.committed);
        }
    }

    /// It is the active controller from now on: every broker that is not fenced gets a fresh
    /// session.
    pub(super) fn activate(&mut self, out: &mut Outbox) {
        let epoch = self.raft.epoch();
        self.active = Some(epoch);
        self.image = Rc::clone(&self.committed);
        let config = self.config();
        let timeout_us = config.broker_session_timeout_ms * MS;
        let balance_us = config.leader_imbalance_check_interval_seconds * SECOND;
        let balance = config.auto_leader_rebalance_enable;
        let unclean_us = config.unclean_leader_election_interval_ms * MS;
        let start = u64::from(out.incarnation(self.node)) + (u64::from(epoch - 1) << 16);
        self.sessions = Sessions::new(timeout_us, out.luck(SESSIONS, start));
        for (broker, known) in &self.image.brokers {
            let contact_at = (!known.fenced).then(|| out.now());
            self.sessions.begin(*broker, known.broker_epoch, contact_at);
        }
        // A cluster that is up is found somewhere between two checks; a controller that takes over
        // waits for one whole interval first.
        let first_us = match out.now() {
            0 => out
                .luck("session checks", 0)
                .below(self.check_interval_us()),
            _ => self.check_interval_us(),
        };
        self.periodic(first_us, ControllerTimer::CheckSessions(epoch), out);
        self.periodic(unclean_us, ControllerTimer::ElectUncleanLeaders(epoch), out);
        if balance {
            self.periodic(balance_us, ControllerTimer::BalanceLeaders(epoch), out);
        }
    }

    /// It is the active controller no longer: it forgets what it decided and could not commit
    /// (`QuorumController.renounce`).
    fn deactivate(&mut self, decided: &Decided, out: &mut Outbox) {
        let uncommitted = self.image.offset.saturating_sub(self.committed.offset) as u32;
        if let Some(epoch) = self.active.take() {
            out.because(self.raft.what_silences_others(out));
            out.decide(Entry::ControllerResigned { epoch, uncommitted });
        }
        self.image = Rc::clone(&self.committed);
        self.notes.clear();
        self.answers.refuse(&self.raft, decided, out);
    }
}
