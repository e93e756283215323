//! The application that sends of its own accord.

use std::collections::VecDeque;

use crate::kafka::config::{OrderStore, SendMode};
use crate::kafka::ids::TopicId;
use crate::kafka::record::Record;
use crate::kafka::shop::relay::Relay;
use crate::kafka::spec::ProducerWork;
use crate::kafka::{ClientError, ErrorCode, MessageId};
use crate::sim::{MS, Micros, SECOND};

use super::txn_app::{Batching, Given};

/// How long the application waits before it sends a failed message again.
const RESEND_AFTER_US: Micros = 100 * MS;
/// Faster than this it sends several messages at once.
const SHORTEST_TICK_US: Micros = MS;

/// Where messages come from. It is outside of the process and goes on when that ends.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Source {
    /// How many messages there were.
    made: u32,
    /// Those among them that were due by the rate, not by a burst.
    by_rate: u64,
}

/// The application while its process runs.
#[derive(Clone, Debug)]
pub(super) struct App {
    pub topic: TopicId,
    pub partition: Option<u16>,
    mode: SendMode,
    resend: bool,
    first_message: u32,
    rate: u64,
    keys: u32,
    tombstone_every: u32,
    size_bytes: u32,
    pub source: Source,
    starts_at: Micros,
    /// What it had sent by rate when it started, and the most it will.
    base: u64,
    limit: u64,
    /// When the next message by rate is due.
    by_rate_at: Option<Micros>,
    /// Messages asked for by hand and not sent yet.
    burst: u32,
    resends: VecDeque<(Micros, Record)>,
    stopped: bool,
    /// With a transactional.id: how messages are put into transactions.
    pub batching: Option<Batching>,
    /// How orders come to be, and how long the application is between two writes.
    pub store: OrderStore,
    pub step_us: Micros,
    /// Rows of the outbox that were written just now.
    pub stored: Vec<Record>,
    /// It is the job that empties the outbox.
    pub relay: Option<Relay>,
}

impl App {
    /// The application of a process that starts at `now`.
    pub fn new(work: &ProducerWork, source: Source, transactional: bool, now: Micros) -> Self {
        let app = &work.app;
        let mut app = App {
            topic: work.topic,
            partition: work.partition,
            mode: match work.relays {
                true => SendMode::Callback,
                false => app.send_mode,
            },
            resend: app.resend_on_failure && app.send_mode != SendMode::Forget && !work.relays,
            first_message: work.first_message.0,
            rate: app.send_rate,
            keys: u32::try_from(app.record_keys).unwrap_or(u32::MAX),
            tombstone_every: u32::try_from(app.record_tombstone_every).unwrap_or(u32::MAX),
            size_bytes: u32::try_from(app.record_size_bytes).unwrap_or(u32::MAX),
            source,
            starts_at: now.saturating_add(work.start_ms.saturating_mul(MS)),
            base: source.by_rate,
            limit: if app.send_count == 0 {
                u64::MAX
            } else {
                app.send_count
            },
            burst: 0,
            resends: VecDeque::new(),
            stopped: false,
            batching: transactional.then(|| Batching::new(app)),
            store: app.order_store,
            step_us: app.order_step_ms.saturating_mul(MS),
            stored: Vec::new(),
            relay: work.relays.then(|| Relay::new(app, now)),
            by_rate_at: None,
        };
        app.plan();
        app
    }

    /// Works out when the next message by rate is due. It is asked for far more often than it changes.
    fn plan(&mut self) {
        let ends = self.rate == 0 || self.source.by_rate >= self.limit;
        self.by_rate_at = (!ends).then(|| {
            let here = (self.source.by_rate - self.base).saturating_mul(SECOND);
            self.starts_at.saturating_add(here.div_ceil(self.rate))
        });
    }

    /// Where it sends to, and what it does with the result.
    pub fn target(&self) -> (TopicId, Option<u16>, SendMode) {
        (self.topic, self.partition, self.mode)
    }

    /// More messages, at once.
    pub fn burst(&mut self, messages: u32) {
        self.burst = self.burst.saturating_add(messages);
    }

    /// It sends nothing more.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// What it was given to write, if it writes nothing else.
    pub fn given(&mut self) -> Option<&mut Given> {
        self.batching.as_mut()?.given.as_mut()
    }

    /// Whether a message is due.
    pub fn has_due(&self, now: Micros) -> bool {
        let due = |at: Micros| at <= now;
        let resend = self.resends.front().map(|(at, _)| *at);
        !self.stopped
            && (self.burst > 0 || resend.is_some_and(due) || self.by_rate_at.is_some_and(due))
    }

    /// Whether nothing will ever be due, as far as it knows.
    pub fn is_dry(&self) -> bool {
        self.burst == 0 && self.resends.is_empty() && self.by_rate_at.is_none()
    }

    /// These are to be sent once more, before anything new.
    pub fn send_again(&mut self, records: Vec<Record>, now: Micros) {
        if self.resend {
            for record in records.into_iter().rev() {
                self.resends.push_front((now, record));
            }
        }
    }

    /// The next message that is due: one that failed before, one of a burst, or one by rate.
    pub fn next_record(&mut self, now: Micros) -> Option<Record> {
        if self.stopped {
            return None;
        }
        if let Some(relay) = &mut self.relay {
            return relay.next_record();
        }
        if self.resends.front().is_some_and(|(at, _)| *at <= now) {
            return self.resends.pop_front().map(|(_, record)| record);
        }
        if self.burst > 0 {
            self.burst -= 1;
        } else if self.by_rate_at? <= now {
            self.source.by_rate += 1;
            self.plan();
        } else {
            return None;
        }
        let nth = self.source.made;
        self.source.made += 1;
        Some(Record {
            message: MessageId(self.first_message.wrapping_add(nth)),
            key: nth.checked_rem(self.keys),
            size_bytes: self.size_bytes,
            tombstone: (nth + 1).checked_rem(self.tombstone_every) == Some(0),
        })
    }

    /// Whether what comes next was sent before.
    pub fn is_again(&self, now: Micros) -> bool {
        self.relay.is_some() || self.resends.front().is_some_and(|(at, _)| *at <= now)
    }

    /// When it has something to send.
    pub fn next_at(&self, now: Micros) -> Option<Micros> {
        if self.stopped || self.relay.is_some() {
            return None;
        }
        let by_rate = self.by_rate_at.map(|at| {
            let several = self.rate > SECOND / SHORTEST_TICK_US;
            if several {
                at.max(now + SHORTEST_TICK_US)
            } else {
                at
            }
        });
        let resend = self.resends.front().map(|(at, _)| *at);
        // What is overdue waits for the thread, which is woken by what it waits for.
        let next = by_rate.into_iter().chain(resend).filter(|at| *at > now);
        next.min()
    }

    /// A callback or `get()` gave an error: the message is sent again, unless that cannot help.
    pub fn heard_failure(&mut self, record: &Record, error: ClientError, now: Micros) {
        if let Some(given) = self.given() {
            given.failed = true;
        }
        let hopeless = matches!(
            error,
            ClientError::RecordTooLarge
                | ClientError::ProducerClosedForcefully
                | ClientError::IllegalState
                | ClientError::Broker(ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge)
        );
        // What belongs to a transaction is sent again with all of it.
        if self.resend && !hopeless && self.batching.is_none() {
            self.resends.push_back((now + RESEND_AFTER_US, *record));
        }
    }
}
