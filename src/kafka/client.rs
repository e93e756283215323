//! A client's node: a producer or a consumer, and the application around it.

use super::Outbox;
use super::action::{Action, Call};
use super::consumer::{ConsumerHost, Effects};
use super::producer::ProducerHost;

/// A client process and the machine it runs on.
#[derive(Clone)]
pub enum Client {
    Producer(ProducerHost),
    Consumer(ConsumerHost),
}

impl Client {
    pub(super) fn start(&mut self, effects: &mut Effects, out: &mut Outbox) {
        match self {
            Client::Producer(producer) => producer.start(out),
            Client::Consumer(consumer) => consumer.start(effects, out),
        }
    }

    pub(super) fn ended(&mut self, out: &mut Outbox) {
        match self {
            Client::Producer(producer) => producer.ended(out),
            Client::Consumer(consumer) => consumer.ended(out),
        }
    }

    pub(super) fn stop(&mut self, effects: &mut Effects, out: &mut Outbox) {
        match self {
            Client::Producer(producer) => producer.stop(out),
            Client::Consumer(consumer) => consumer.stop(effects, out),
        }
    }

    pub(super) fn call(&mut self, call: Call, effects: &mut Effects, out: &mut Outbox) {
        match self {
            Client::Producer(producer) => producer.call(call, out),
            Client::Consumer(consumer) => consumer.call(call, effects, out),
        }
    }

    pub(super) fn application_action(&mut self, action: &Action, out: &mut Outbox) {
        match self {
            Client::Producer(producer) => producer.application_action(action, out),
            Client::Consumer(consumer) => consumer.application_action(action, out),
        }
    }
}
