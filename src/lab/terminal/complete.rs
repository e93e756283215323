//! What may follow a line that is being typed.

use super::desk::Desk;
use super::flags::{Flag, Takes};
use super::verbs::VERBS;
use super::{TOOLS, words};

/// The whole lines that the typed one may become by its next word, in order.
pub fn complete(line: &str, desk: &Desk) -> Vec<String> {
    let Ok(split) = words::split(line) else {
        return Vec::new();
    };
    let mut words = split.words;
    // After a space a new word begins.
    let typed = match line.ends_with(' ') || words.is_empty() {
        true => String::new(),
        false => words.pop().unwrap_or_default(),
    };
    let head = &line[..line.len() - typed.len()];
    let found = candidates(&words, desk).into_iter();
    let found = found.filter(|word| word.starts_with(&typed) && *word != typed);
    found.map(|word| format!("{head}{word}")).collect()
}

fn candidates(words: &[String], desk: &Desk) -> Vec<String> {
    let Some((name, rest)) = words.split_first() else {
        let tools = TOOLS.iter().map(|tool| tool.name);
        let verbs = VERBS.iter().map(|verb| verb.name);
        return tools.chain(verbs).map(str::to_owned).collect();
    };
    if let Some(tool) = TOOLS.iter().find(|tool| tool.name == name) {
        let last = rest.last().and_then(|word| word.strip_prefix("--"));
        let open = last.and_then(|name| tool.flags.iter().find(|flag| flag.name == name));
        if let Some(values) = open.and_then(|flag| values(flag, rest, desk)) {
            return values;
        }
        let given = |flag: &&Flag| {
            !rest
                .iter()
                .any(|word| word.strip_prefix("--") == Some(flag.name))
        };
        let subcommands = tool.subcommands.iter().filter(|_| rest.len() < 4);
        let subcommands = subcommands.map(|word| (*word).to_owned());
        let flags = tool.flags.iter().filter(given);
        return subcommands
            .chain(flags.map(|flag| format!("--{}", flag.name)))
            .collect();
    }
    let brokers = desk.spec().broker_nodes().map(|node| node.0.to_string());
    let controllers = desk.spec().controller_nodes();
    let controllers = controllers.map(|node| desk.id_of(node).to_string());
    match VERBS
        .iter()
        .find(|verb| verb.name == name)
        .map(|verb| verb.takes)
    {
        Some("ID") => brokers.chain(controllers).collect(),
        Some("A-B") if rest.is_empty() => {
            let ids: Vec<String> = brokers.collect();
            let pairs = ids.iter().enumerate().flat_map(|(nth, one)| {
                ids[nth + 1..]
                    .iter()
                    .map(move |other| format!("{one}-{other}"))
            });
            pairs.collect()
        }
        _ => Vec::new(),
    }
}

/// What an option's value may be; nothing where that is anybody's guess.
fn values(flag: &Flag, words: &[String], desk: &Desk) -> Option<Vec<String>> {
    if flag.takes == Takes::Nothing {
        return None;
    }
    let image = desk.world.model.controller().image();
    let topics = || desk.topic_names(image).into_iter().map(|(name, _)| name);
    let brokers = || desk.spec().broker_nodes().map(|node| node.0.to_string());
    let of_brokers = words
        .windows(2)
        .any(|pair| pair[0] == "--entity-type" && pair[1] == "brokers");
    Some(match flag.name {
        "bootstrap-server" => vec!["localhost:9092".to_owned()],
        "topic" => topics().collect(),
        "group" => desk.spec().groups.clone(),
        "entity-type" => vec!["topics".to_owned(), "brokers".to_owned()],
        "entity-name" if of_brokers => brokers().collect(),
        "entity-name" => topics().collect(),
        "broker" => brokers().collect(),
        "election-type" => vec!["preferred".to_owned(), "unclean".to_owned()],
        "add-config" => ["min.insync.replicas=", "unclean.leader.election.enable="]
            .map(str::to_owned)
            .to_vec(),
        "delete-config" => vec!["min.insync.replicas".to_owned()],
        "time" => ["earliest", "latest", "max-timestamp"]
            .map(str::to_owned)
            .to_vec(),
        "files" => files(desk),
        "partition" => (0..image.count(crate::lab::experiment::TOPIC))
            .map(|n| n.to_string())
            .collect(),
        _ => Vec::new(),
    })
}

/// The segments on the brokers' disks.
fn files(desk: &Desk) -> Vec<String> {
    let mut files = Vec::new();
    for node in desk.spec().broker_nodes() {
        for replica in desk.world.model.broker(node).replicas() {
            let name = desk.spec().partition_name(replica.partition);
            for segment in replica.log.segments().iter() {
                files.push(format!(
                    "/data/{}/{name}/{:020}.log",
                    node.0, segment.base_offset
                ));
            }
        }
    }
    files
}
