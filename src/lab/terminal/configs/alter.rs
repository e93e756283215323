//! `kafka-configs --alter`.

use super::settings::{MIN_ISR, NAMES, UNCLEAN};
use super::{Entity, refuse, thrown};
use crate::kafka::config::{Kind, Owner, Valid, row};
use crate::kafka::metadata::MetadataImage;
use crate::kafka::{Action, TopicId};
use crate::lab::terminal::desk::Desk;
use crate::lab::terminal::flags::Options;
use crate::lab::terminal::printed::{Printed, Step};
use crate::lab::text::Text;

const INVALID: &str = "org.apache.kafka.common.errors.InvalidConfigurationException";

pub(super) fn alter(
    (words, options): (&[String], &Options),
    entity: &Entity,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step {
    if options.has("delete-config") {
        return printed.not_modelled(Text::fixed(
            "deleting a setting; set it to the value that shall count",
            "删除一项配置；请改为设成应生效的值",
        ));
    }
    if options.has("add-config-file") {
        return printed.not_modelled(Text::fixed(
            "reading a file; the lab has none",
            "读取文件；实验室里没有文件",
        ));
    }
    let added = added(options.get("add-config"), printed)?;
    let name = entity.name.clone().unwrap_or_default();
    let topic = match entity.kind {
        "topics" => {
            let known = desk
                .topic_names(image)
                .into_iter()
                .find(|(known, _)| *known == name);
            let Some((_, topic)) = known else {
                let class = "org.apache.kafka.common.errors.UnknownTopicOrPartitionException";
                return thrown(
                    words,
                    &format!("{class}: The topic '{name}' does not exist."),
                    printed,
                );
            };
            Some(topic)
        }
        _ => None,
    };
    if let Some(why) = added
        .iter()
        .find_map(|(name, value)| problem(topic, name, value))
    {
        return thrown(words, &format!("{INVALID}: {why}"), printed);
    }
    for (setting, value) in added {
        change(topic, &name, &setting, &value, printed)?;
    }
    printed.out(match name.as_str() {
        "" => "Completed updating default config for brokers in the cluster.".to_owned(),
        name => {
            let kind = entity.kind.trim_end_matches('s');
            format!("Completed updating config for {kind} {name}.")
        }
    });
    Ok(())
}

/// `parseConfigsToBeAdded`: `a=b,c=[d,e]`.
fn added(text: Option<&str>, printed: &mut Printed) -> Step<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let (mut part, mut depth) = (String::new(), 0);
    for letter in text.unwrap_or_default().chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' if depth == 0 => pairs.push(std::mem::take(&mut part)),
            letter => part.push(letter),
        }
    }
    if text.is_some() {
        pairs.push(part);
    }
    let mut added = Vec::new();
    for pair in pairs {
        let Some((name, value)) = pair.split_once('=') else {
            let why = "requirement failed: Invalid entity config: all configs to be added must be in the format \"key=val\" or  \"key=[val1,val2]\" to group values which contain commas.";
            return refuse(why, printed);
        };
        added.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(added)
}

/// What the controller says against a topic's setting (`LogConfig.validate`).
fn problem(topic: Option<TopicId>, name: &str, value: &str) -> Option<String> {
    topic?;
    if !NAMES.iter().any(|(known, ..)| *known == name) {
        return Some(format!("Unknown topic config name: {name}"));
    }
    let invalid = |why: String| {
        Some(format!(
            "Invalid value {value} for configuration {name}: {why}"
        ))
    };
    let known = row(Owner::Topic, name)?;
    match known.kind {
        Kind::Int | Kind::Long => {
            let Ok(number) = value.parse::<i64>() else {
                let kind = if known.kind == Kind::Int {
                    "INT"
                } else {
                    "LONG"
                };
                return invalid(format!("Not a number of type {kind}"));
            };
            match known.valid {
                Valid::AtLeast(least) if number < least => {
                    invalid(format!("Value must be at least {least}"))
                }
                _ => None,
            }
        }
        Kind::Boolean if !["true", "false"].contains(&value) => {
            invalid("Expected value to be either true or false".to_owned())
        }
        _ => None,
    }
}

fn change(
    topic: Option<TopicId>,
    entity: &str,
    name: &str,
    value: &str,
    printed: &mut Printed,
) -> Step {
    let action = match (topic, name) {
        (Some(topic), MIN_ISR) => value
            .parse()
            .ok()
            .map(|min_isr| Action::SetMinIsr { topic, min_isr }),
        (topic, UNCLEAN) if topic.is_some() || entity.is_empty() => Some(Action::SetUnclean {
            topic,
            allowed: value == "true",
        }),
        _ => None,
    };
    let Some(action) = action else {
        printed.pieces.clear();
        printed.actions.clear();
        return printed.not_modelled(Text::new(
            format!("changing {name} while the cluster runs; a knob does it from the start"),
            format!("在运行中修改 {name}；旋钮可以从一开始就改"),
        ));
    };
    printed.actions.push(action);
    Ok(())
}
