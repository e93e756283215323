//! The alarm on rows that are too old, and the compensation desk. Both look at the database, not at the job: they work
//! while that is dead.

use super::ShopTimer;
use crate::kafka::client::Client;
use crate::kafka::cluster::{Cluster, Timer};
use crate::kafka::config::AppConfig;
use crate::kafka::spec::ClientKind;
use crate::kafka::{Entry, MessageId, Outbox, Rule};
use crate::sim::{MS, Micros, NodeId, OPERATOR};

impl Cluster {
    /// After every event: orders taken go into the database, and the job looks whether it has something to do.
    pub(in crate::kafka) fn shop_goes_on(&mut self, out: &mut Outbox) {
        let now = out.now();
        for client in &mut self.clients {
            if let Client::Producer(shop) = client {
                let stored = shop.take_stored();
                let database = &mut self.business.database;
                stored
                    .into_iter()
                    .for_each(|record| database.insert(record, now));
            }
        }
        self.relay_goes_on(out);
        if self.business.database.take_changed() {
            self.outbox_changed(out);
        }
    }

    fn relay_goes_on(&mut self, out: &mut Outbox) {
        let Some(place) = self.relay else { return };
        let node = self.spec.client_node(place);
        if let Some(Client::Producer(relay)) = self.clients.get_mut(place) {
            relay.relay(&mut self.business.database, &mut out.as_node(node));
        }
    }

    /// Something was written to the outbox or marked there.
    pub(in crate::kafka) fn outbox_changed(&mut self, out: &mut Outbox) {
        let Some((node, limit_us, desk_us)) = self.watched() else {
            return;
        };
        let mut out = out.as_node(node);
        let database = &mut self.business.database;
        let (now, oldest) = (out.now(), database.oldest().copied());
        let rings_at = oldest
            .filter(|_| limit_us > 0)
            .map(|row| row.written_at.saturating_add(limit_us));
        match rings_at {
            Some(at) if at <= now && !database.ringing => {
                database.ringing = true;
                let is_old = |at: Micros| at.saturating_add(limit_us) <= now;
                let rows = database.rows().filter(|row| is_old(row.written_at)).count() as u32;
                let oldest = oldest.map_or(MessageId(0), |row| row.record.message);
                out.decide(Entry::AlarmRang { rows, oldest });
                if desk_us > 0 {
                    out.machine_timer(desk_us, Timer::Shop(ShopTimer::Desk));
                }
            }
            Some(at) if at > now && !database.watching => {
                database.watching = true;
                out.machine_timer(at - now, Timer::Shop(ShopTimer::Alarm));
            }
            _ => {}
        }
        if database.ringing && rings_at.is_none_or(|at| at > now) {
            database.ringing = false;
            out.note(Entry::AlarmEnded);
        }
        self.relay_goes_on(&mut out);
    }

    /// The node of the job, the age at which rows ring the alarm, and how long somebody takes to come to the desk then.
    fn watched(&self) -> Option<(NodeId, Micros, Micros)> {
        let place = self.relay?;
        let ClientKind::Producer { work, .. } = &self.spec.clients[place].kind else {
            return None;
        };
        let app: &AppConfig = &work.as_ref()?.app;
        let us = |ms: u64| ms.saturating_mul(MS);
        let node = self.spec.client_node(place);
        Some((node, us(app.outbox_alarm_ms), us(app.desk_after_ms)))
    }

    /// A timer of the monitoring ran out.
    pub(in crate::kafka) fn shop_timer(&mut self, timer: ShopTimer, out: &mut Outbox) {
        match timer {
            ShopTimer::Alarm => {
                self.business.database.watching = false;
                self.outbox_changed(out);
            }
            ShopTimer::Desk if self.business.database.ringing => {
                self.resend(&[], out);
                // As long as it rings somebody stays there.
                let desk_us = self.watched().map_or(0, |(_, _, desk_us)| desk_us);
                out.machine_timer(desk_us.max(1), Timer::Shop(ShopTimer::Desk));
            }
            ShopTimer::Desk => {}
        }
    }

    /// Somebody at the desk hands rows back to the job: one transaction with the entry of the audit trail.
    pub(in crate::kafka) fn resend(&mut self, picked: &[MessageId], out: &mut Outbox) {
        let Some((node, limit_us, _)) = self.watched() else {
            return;
        };
        let old_before = out.now().checked_sub(limit_us).filter(|_| limit_us > 0);
        let database = &mut self.business.database;
        if !self.spec.rules.keep(Rule::DeskLeavesInFlight) {
            database.release();
        }
        let (rows, left_alone) = database.hand_back(picked, old_before);
        let entry = Entry::Resent { rows, left_alone };
        let asked = out.as_node(OPERATOR).note(entry);
        let mut out = out.as_node(node);
        out.because(asked);
        if let Some(Client::Producer(relay)) = self.relay.and_then(|at| self.clients.get_mut(at)) {
            relay.hurry(out.now());
        }
    }
}
