//! The terminal of a session: a command sees the moment shown, and what it does is done there.

use super::Session;
use crate::kafka::config::Owner;
use crate::kafka::{Action, MessageId, TopicId};
use crate::lab::experiment::Experiment;
use crate::lab::explain::explain;
use crate::lab::run::Run;
use crate::lab::script::seconds;
use crate::lab::terminal::configs::of_internal;
use crate::lab::terminal::desk::Named;
use crate::lab::terminal::{self, Desk, Printed, Stream, Wish};
use crate::lab::text::Text;
use crate::sim::NodeId;

/// When simulated time was 0, in milliseconds since 1970: tools print dates.
const EPOCH_MS: u64 = 1_767_225_600_000;

impl Session {
    /// Runs a line of the terminal. What changes the cluster is an action of the experiment.
    pub fn command(&mut self, line: &str) -> Printed {
        let mut printed = terminal::run(line, &self.desk());
        if !printed.actions.is_empty() {
            self.carry_out(&mut printed);
        }
        match printed.wish {
            Some(Wish::Go(by_us)) => self.go(by_us),
            Some(Wish::Why(message)) => self.tell_why(message, &mut printed),
            Some(Wish::Clear) | None => {}
        }
        printed
    }

    /// What may follow a line that is being typed.
    pub fn completions(&self, line: &str) -> Vec<String> {
        terminal::complete(line, &self.desk())
    }

    fn desk(&self) -> Desk<'_> {
        let world = self.run.world();
        let spec = &world.model.spec;
        let (controller, controllers) = (spec.controller_node(), spec.controllers);
        Desk {
            world,
            topics: settings(self.run.experiment(), world.model.spec.topics.len(), |id| {
                world.model.spec.topic(id).name.clone()
            }),
            brokers: named(self.run.experiment(), Owner::Broker),
            text: Box::new(|message: MessageId| format!("m{}", message.0)),
            host: Box::new(move |node: NodeId| match node.0.checked_sub(controller.0) {
                Some(nth) if nth >= controllers => format!("10.0.0.{}", nth - controllers + 1),
                Some(nth) => format!("controller{}", 100 + u16::from(nth)),
                None => format!("broker{}", node.0),
            }),
            epoch_ms: EPOCH_MS,
        }
    }

    fn carry_out(&mut self, printed: &mut Printed) {
        let experiment = self.run.experiment();
        let nodes = experiment.relay_node().0 + 1;
        let mut kept = Experiment {
            actions: Vec::new(),
            ..(**experiment).clone()
        };
        for action in &printed.actions {
            kept = kept.at_us(0, action.clone());
        }
        if kept.drop_actions_beyond(nodes) > 0 {
            printed.pieces.clear();
            printed.exit = 2;
            // An experiment's link holds what is done to its own topic.
            let refused = printed.not_modelled::<()>(Text::fixed(
                "changes of other topics than orders",
                "修改 orders 以外的 topic",
            ));
            return drop(refused);
        }
        let grows = |action: &Action| matches!(action, Action::CreatePartitions { .. });
        let actions = printed.actions.clone();
        let grown = actions.iter().any(grows);
        match self.act_all(actions) {
            Ok(()) if grown => self.make_room(),
            Ok(()) => {}
            Err(why) => {
                printed.pieces.clear();
                printed.pieces.push((Stream::Lab, why));
                printed.exit = 1;
            }
        }
    }

    /// A world has room for the partitions that are known to come when it begins.
    fn make_room(&mut self) {
        let now_us = self.now_us();
        self.run = Run::new((**self.run.experiment()).clone()).watched();
        self.replan(now_us);
    }

    fn go(&mut self, by_us: i64) {
        let to_us = self.now_us().saturating_add_signed(by_us);
        self.seek(to_us);
    }

    fn tell_why(&mut self, message: u32, printed: &mut Printed) {
        let message = MessageId(message);
        if self.history().ledger.get(message).is_none() {
            printed.exit = 1;
            printed.lab(Text::new(
                format!("there is no message m{} yet", message.0),
                format!("还没有消息 m{}", message.0),
            ));
            return;
        }
        self.select(Some(message));
        let journal = self.run.journal();
        let why = explain(self.run.experiment(), journal, self.history(), message);
        printed.lab(why.title);
        for line in why.lines {
            let at = seconds(line.at_us);
            let mark = if line.decisive { "*" } else { " " };
            printed.lab(Text::new(
                format!("{mark} {at:>8}  {}", line.text.en),
                format!("{mark} {at:>8}  {}", line.text.zh),
            ));
        }
    }
}

fn named(experiment: &Experiment, owner: Owner) -> Named {
    let own = experiment.configs.iter().filter(|(of, ..)| *of == owner);
    own.map(|(_, name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What each topic was created with: the experiment's topic settings, and what brokers give internal topics.
fn settings(
    experiment: &Experiment,
    topics: usize,
    name: impl Fn(TopicId) -> String,
) -> Vec<(TopicId, Named)> {
    let own = named(experiment, Owner::Topic);
    let all = (0..topics as u16).map(TopicId).map(|id| {
        let name = name(id);
        let internal = of_internal(&name);
        let settings = if internal.is_empty() {
            own.clone()
        } else {
            internal
        };
        (id, settings)
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::terminal::Stream;
    use crate::sim::SECOND;

    fn sandbox() -> Session {
        let mut session = Session::new();
        session.load("sandbox").expect("the sandbox is there");
        session.seek(3 * SECOND);
        session
    }

    const DESCRIBE: &str =
        "kafka-topics --bootstrap-server localhost:9092 --describe --topic orders";

    fn said(session: &mut Session, line: &str) -> String {
        session.command(line).text(Stream::Out)
    }

    #[test]
    fn a_broker_that_is_killed_leaves_the_isr_and_is_back_before_that() {
        let mut session = sandbox();
        let before = said(&mut session, DESCRIBE);
        assert!(before.contains("Isr: 1,2,3"), "{before}");
        let began_us = session.now_us();
        assert_eq!(session.command("kill 1").exit, 0);
        session.command("go 15");
        let after = said(&mut session, DESCRIBE);
        assert!(after.contains("Isr: 2,3"), "{after}");
        session.seek(began_us - 1);
        assert_eq!(said(&mut session, DESCRIBE), before);
    }

    #[test]
    fn what_a_tool_changes_travels_in_the_link() {
        let mut session = sandbox();
        let alter =
            "kafka-topics --bootstrap-server localhost:9092 --alter --topic orders --partitions 3";
        assert_eq!(session.command(alter).exit, 0);
        session.command("go 1");
        let described = said(&mut session, DESCRIBE);
        assert!(described.contains("PartitionCount: 3"), "{described}");
        let mut opened = Session::new();
        assert!(opened.open_link(&session.link()).is_empty());
        assert_eq!(said(&mut opened, DESCRIBE), described);
    }

    #[test]
    fn what_is_not_known_is_refused_without_a_panic() {
        let mut session = sandbox();
        for (line, exit) in [
            ("nonsense", 127),
            ("kill", 2),
            ("kill 77", 1),
            ("cut 1", 2),
            ("why 999999", 1),
            ("go soon", 2),
            ("", 0),
            ("'", 2),
            ("kafka-topics --bootstrap-server x --create --topic a", 2),
        ] {
            assert_eq!(session.command(line).exit, exit, "{line}");
        }
    }

    #[test]
    fn why_tells_the_life_of_a_message() {
        let mut session = sandbox();
        let printed = session.command("why 1");
        assert_eq!(printed.exit, 0);
        assert!(printed.text(Stream::Lab).contains("m1"));
    }
}
