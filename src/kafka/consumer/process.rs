//! A consumer's process: the client, and the one thread that calls it. The thread runs a script's
//! calls one after the other, or the application.

use std::collections::VecDeque;

use super::ConsumerTimer;
use super::app::{App, Fate};
use super::calls::{Doing, Outcome};
use super::client::KafkaConsumer;
use super::effects::Effects;
use crate::kafka::cluster::Timer;
use crate::kafka::group::protocol::{OffsetAndEpoch, OffsetCommitRequest};
use crate::kafka::producer::Writer;
use crate::kafka::protocol::{Msg, Request, channel};
use crate::kafka::{Answer, Call, CommitHow, Entry, Input, Offset, Outbox, TopicPartition};
use crate::sim::{EntryId, MS, Micros};

/// The least time between two turns that nothing but the clock brings about.
const SHORTEST_NAP_US: Micros = MS;

/// Who made the call under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Script,
    Loop,
    App,
}

/// A scripted loop of polls.
#[derive(Clone, Debug)]
struct PollLoop {
    timeout_ms: u64,
    commit: bool,
    /// The last poll gave records that are to be committed.
    to_commit: bool,
}

/// A running consumer process.
#[derive(Clone)]
pub struct Process {
    pub consumer: KafkaConsumer,
    pub app: Option<App>,
    /// The producer of an application that reads, processes and writes.
    writer: Option<Writer>,
    /// What is being committed in a transaction.
    writing: Vec<(TopicPartition, Option<Offset>)>,
    /// `groupMetadata()` as it was when the last poll returned: a zombie commits as the member that it was.
    polled_as: Option<OffsetCommitRequest>,
    script: VecDeque<Call>,
    polling: Option<PollLoop>,
    stops: bool,
    /// What started this process: its first steps come of that.
    started: EntryId,
    call: Option<(Caller, Call, Doing)>,
    /// When the alarm is set for.
    alarm_at: Micros,
}

impl Process {
    /// A process whose consumer was just constructed.
    pub fn new(
        consumer: KafkaConsumer,
        app: Option<App>,
        writer: Option<Writer>,
        started: EntryId,
    ) -> Self {
        Process {
            consumer,
            app,
            writer,
            writing: Vec::new(),
            polled_as: None,
            script: VecDeque::new(),
            polling: None,
            stops: false,
            started,
            call: None,
            alarm_at: Micros::MAX,
        }
    }

    /// SIGTERM: the loop of polls ends, the consumer is closed, the process ends.
    pub fn stop(&mut self) {
        self.stops = true;
        self.polling = None;
        match &mut self.app {
            Some(app) => app.stop(),
            None => self.script.push_back(Call::Close { timeout_ms: None }),
        }
        let polls = matches!(&self.call, Some((_, Call::Poll { .. }, _)));
        if polls {
            // `wakeup()`: the poll under way is given up.
            self.call = None;
            self.consumer.in_poll = false;
        }
    }

    /// A scripted call: the loop's end at once, all others in turn.
    pub fn queue(&mut self, call: Call, out: &mut Outbox) {
        if call != Call::PollStop {
            return self.script.push_back(call);
        }
        self.polling = None;
        let (call, answer) = (Call::PollStop.name(), Answer::Nothing);
        out.note(Entry::Returned { call, answer });
    }

    /// Something happened.
    pub fn handle(&mut self, input: Input, effects: &mut Effects, out: &mut Outbox) -> Fate {
        let works = matches!(
            input,
            Input::Timer(Timer::Consumer(ConsumerTimer::Work { .. }))
        );
        self.consumer.background_awake = !works;
        if self.is_for_writer(&input) {
            if let Some(writer) = &mut self.writer {
                writer.handle(input, out);
            }
            return self.run(effects, out);
        }
        match input {
            Input::Message {
                conn,
                correlation,
                msg: Msg::Request(Request::Order(order)),
            } => {
                if let Some(app) = &mut self.app {
                    app.serve(conn, correlation, order.message, effects, out);
                }
                return Fate::Lives;
            }
            Input::Timer(Timer::Consumer(ConsumerTimer::Serve)) => {
                if let Some(app) = &mut self.app {
                    app.on_served(effects, out);
                }
                return Fate::Lives;
            }
            Input::Message {
                correlation, msg, ..
            } => self.consumer.on_message(correlation, msg, out),
            Input::Disconnected(conn) => self.consumer.on_disconnected(conn, out),
            Input::Timer(Timer::Consumer(ConsumerTimer::Work { worker })) => {
                if let Some(app) = &mut self.app
                    && app.on_work(worker, effects, out) == Fate::Dies
                {
                    return Fate::Dies;
                }
            }
            Input::Timer(_) => {
                if out.now() < self.alarm_at {
                    return Fate::Lives;
                }
                self.alarm_at = Micros::MAX;
            }
            Input::Action(_) => {}
        }
        self.run(effects, out)
    }

    /// Goes on as far as possible, then sets the alarm.
    pub fn run(&mut self, effects: &mut Effects, out: &mut Outbox) -> Fate {
        self.consumer.background(out);
        loop {
            if self.write(out) == Fate::Dies || self.call_on(effects, out) == Fate::Dies {
                return Fate::Dies;
            }
            if !self.app.as_ref().is_some_and(App::has_output) {
                break;
            }
        }
        self.set_alarm(out);
        Fate::Lives
    }

    /// The calling thread goes on until it waits for something.
    fn call_on(&mut self, effects: &mut Effects, out: &mut Outbox) -> Fate {
        while self.call.is_some() || self.begin_next(out) {
            let Some((caller, call, doing)) = &mut self.call else {
                break;
            };
            let Some(outcome) = self.consumer.go_on(doing, out) else {
                break;
            };
            let (caller, call) = (*caller, call.clone());
            self.call = None;
            if self.came_back(caller, &call, &outcome, effects, out) == Fate::Dies {
                return Fate::Dies;
            }
        }
        Fate::Lives
    }

    fn is_for_writer(&self, input: &Input) -> bool {
        match input {
            Input::Message { conn, .. } | Input::Disconnected(conn) => {
                conn.channel == channel::WRITER
            }
            Input::Timer(timer) => matches!(timer, Timer::Producer(_)),
            Input::Action(_) => false,
        }
    }

    /// Hands on what the application has done, and at the end of a poll the offsets it has come to; looks whether that
    /// is written.
    fn write(&mut self, out: &mut Outbox) -> Fate {
        let (Some(app), Some(writer)) = (&mut self.app, &mut self.writer) else {
            return Fate::Lives;
        };
        let (done, cause) = (app.take_done(), out.cause());
        if !done.is_empty() {
            writer.write(&done, out);
            out.because(cause);
        }
        let polled_as = self.polled_as.clone();
        let now = self.consumer.group_metadata();
        // With the new protocol the epoch moves on while the member keeps its partitions.
        let now =
            now.filter(|now| self.consumer.consumer_member.is_some() && now.generation.is_some());
        if let (true, Some(mut commit)) = (app.take_finish(), now.or(polled_as)) {
            commit.offsets = self.consumer.subs.all_consumed();
            let offset = |(p, value): &(TopicPartition, OffsetAndEpoch)| (*p, Some(value.offset));
            self.writing = commit.offsets.iter().map(offset).collect();
            writer.finish(commit, out);
            out.because(cause);
        }
        let Some(outcome) = writer.outcome() else {
            return Fate::Lives;
        };
        let offsets = std::mem::take(&mut self.writing);
        if outcome.is_ok() && writer.is_transactional() {
            let how = CommitHow::Sync;
            out.note(Entry::Committed { offsets, how });
        }
        app.on_written(outcome.is_ok())
    }

    /// Whether the process has come to its orderly end. A script's outlives its consumer.
    pub fn is_over(&self) -> bool {
        let idle = self.call.is_none() && self.script.is_empty();
        self.consumer.closed && (self.app.is_some() || self.stops && idle)
    }

    fn begin_next(&mut self, out: &mut Outbox) -> bool {
        if self.polling.is_some() {
            let (call, doing) = self.begin_in_loop(out);
            self.call = Some((Caller::Loop, call, doing));
            return true;
        }
        if let Some(call) = self.script.pop_front() {
            if let Call::PollStart { timeout_ms, commit } = call {
                self.polling = Some(PollLoop {
                    timeout_ms,
                    commit,
                    to_commit: false,
                });
            }
            let doing = self.consumer.begin(&call, out);
            self.call = Some((Caller::Script, call, doing));
            return true;
        }
        let over = self.consumer.closed;
        let next = self.app.as_mut().filter(|_| !over);
        let Some(call) = next.and_then(|app| app.next_call(out.now())) else {
            return false;
        };
        if matches!(call, Call::Subscribe(_)) && self.started != EntryId::NONE {
            out.because(self.started);
        }
        let doing = self.consumer.begin(&call, out);
        self.call = Some((Caller::App, call, doing));
        true
    }

    fn begin_in_loop(&mut self, out: &mut Outbox) -> (Call, Doing) {
        let timeout_ms = self
            .polling
            .as_ref()
            .map_or(0, |polling| polling.timeout_ms);
        let commits = self
            .polling
            .as_mut()
            .is_some_and(|p| std::mem::take(&mut p.to_commit));
        let call = match commits {
            true => Call::CommitSync(None),
            false => Call::Poll { timeout_ms },
        };
        let doing = self.consumer.begin(&call, out);
        (call, doing)
    }

    fn came_back(
        &mut self,
        caller: Caller,
        call: &Call,
        outcome: &Outcome,
        effects: &mut Effects,
        out: &mut Outbox,
    ) -> Fate {
        let noted = match outcome {
            Outcome::Polled(polled) => self.consumer.note_polled(polled, out),
            _ => Vec::new(),
        };
        self.note_outcome(caller, call, outcome, out);
        if let (Caller::Loop, Some(polling)) = (caller, &mut self.polling) {
            polling.to_commit = polling.commit && !noted.is_empty();
        }
        if self.writer.is_some() && !noted.is_empty() {
            self.polled_as = self.consumer.group_metadata();
        }
        match (caller, &mut self.app) {
            (Caller::App, Some(app)) => {
                app.keep_reached(|partition| self.consumer.subs.assignment().contains(partition));
                app.on_outcome(outcome, &noted, effects, out)
            }
            _ => Fate::Lives,
        }
    }

    fn note_outcome(&self, caller: Caller, call: &Call, outcome: &Outcome, out: &mut Outbox) {
        let call = call.name();
        match (caller, outcome) {
            (_, Outcome::Thrown(error)) => {
                let error = *error;
                out.note(Entry::Thrown { call, error });
            }
            (Caller::Script, Outcome::Returned(answer)) => {
                let answer = answer.clone();
                out.note(Entry::Returned { call, answer });
            }
            (Caller::Script, Outcome::Polled(_)) => {
                let answer = Answer::Nothing;
                out.note(Entry::Returned { call, answer });
            }
            (Caller::Loop | Caller::App, _) => {}
        }
    }

    /// One alarm for all that is due at some time.
    fn set_alarm(&mut self, out: &mut Outbox) {
        let now = out.now();
        let mut at = self.consumer.wake_at(now);
        if let Some((_, _, doing)) = &self.call {
            at = at.min(doing.wake_at());
        }
        if let Some(app) = &self.app {
            at = at.min(app.wake_at());
        }
        let at = at.max(now + SHORTEST_NAP_US);
        if at < self.alarm_at {
            self.alarm_at = at;
            let cause = out.cause();
            // Time alone causes nothing.
            out.because(EntryId::NONE);
            out.timer(at - now, Timer::Consumer(ConsumerTimer::Alarm));
            out.because(cause);
        }
    }
}
