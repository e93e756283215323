//! A process opens its logs, and closes them at an orderly end.

use super::BrokerTimer;
use super::process::{Broker, End};
use crate::kafka::{Entry, Input, Outbox, Timer};

impl Broker<'_> {
    pub(super) fn logs_loaded(&mut self, clean: bool, out: &mut Outbox) {
        out.decide(Entry::LogsLoaded { clean });
        self.take_over(out);
        self.tell_places();
        self.process.lifecycle.ready(out);
    }

    /// The controller lets us go: serves nobody any more, fsyncs all logs
    /// (`BrokerServer.shutdown`).
    pub(super) fn shut_down(&mut self, out: &mut Outbox) {
        self.process.closing = true;
        let mut done_at = out.now();
        // A process that has not loaded its logs leaves everything as it found it.
        if self.process.serving {
            done_at = self.store.flush_all(out);
        }
        match done_at - out.now() {
            0 => self.logs_closed(out),
            wait_us => out.timer(wait_us, BrokerTimer::LogsClosed.into()),
        }
    }

    /// Nothing counts any more but the fsyncs under way.
    pub(super) fn closing(&mut self, input: Input, out: &mut Outbox) {
        match input {
            Input::Timer(Timer::Broker(BrokerTimer::Fsynced(local))) => {
                self.store.synced(local, out);
            }
            Input::Timer(Timer::Broker(BrokerTimer::LogsClosed)) => self.logs_closed(out),
            _ => {}
        }
    }

    /// Everything is on the platter: checkpoints, marker, end.
    pub(super) fn logs_closed(&mut self, out: &mut Outbox) {
        if self.process.serving {
            self.store.checkpoint_high_watermarks();
            self.store.checkpoint_recovery_points();
            self.store.checkpoint_log_starts();
            let epoch = self.process.lifecycle.broker_epoch();
            let writable = self.store.directories.iter_mut();
            for directory in writable.filter(|directory| directory.is_writable()) {
                directory.clean_shutdown = epoch;
            }
        }
        out.decide(Entry::Stopped);
        self.process.end = Some(End::Stopped);
    }
}
