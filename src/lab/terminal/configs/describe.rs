//! `kafka-configs --describe`.

use super::Entity;
use super::settings::{BROKER_WIDE, CLUSTER, Setting, Source, TOPIC, of_cluster, of_topic};
use crate::kafka::metadata::MetadataImage;
use crate::lab::terminal::desk::Desk;
use crate::lab::terminal::flags::Options;
use crate::lab::terminal::java::{in_hash_order, text_hash};
use crate::lab::terminal::printed::{Printed, Step};
use crate::lab::text::Text;

pub(super) fn describe(
    options: &Options,
    entity: &Entity,
    desk: &Desk,
    image: &MetadataImage,
    printed: &mut Printed,
) -> Step {
    let all = options.has("all");
    match (entity.kind, entity.name.as_deref()) {
        ("topics", Some(name)) => topic(name, all, desk, image, printed),
        ("topics", None) => {
            let topics = in_hash_order(desk.topic_names(image), |(name, _)| text_hash(name));
            for (name, _) in topics {
                topic(&name, all, desk, image, printed)?;
            }
            Ok(())
        }
        (_, Some("")) => {
            brokers(desk, image, printed);
            Ok(())
        }
        (_, Some(name)) => broker(name, all, image, printed),
        (_, None) => {
            for node in image.alive() {
                broker(&node.0.to_string(), all, image, printed)?;
            }
            brokers(desk, image, printed);
            Ok(())
        }
    }
}

fn topic(name: &str, all: bool, desk: &Desk, image: &MetadataImage, printed: &mut Printed) -> Step {
    let known = desk
        .topic_names(image)
        .into_iter()
        .find(|(known, _)| known == name);
    let Some((_, topic)) = known else {
        printed.out(format!(
            "The topic '{name}' doesn't exist and doesn't have dynamic config."
        ));
        return Ok(());
    };
    let which = if all { "All" } else { "Dynamic" };
    printed.out(format!("{which} configs for topic {name} are:"));
    let mut settings = of_topic(desk, image, topic).0;
    settings.sort_by(|one, other| one.name.cmp(&other.name));
    let shown = settings
        .iter()
        .filter(|setting| all || setting.from() == TOPIC);
    shown.for_each(|setting| printed.out(line(setting)));
    Ok(())
}

/// `  min.insync.replicas=2 sensitive=false synonyms={…}`.
fn line(setting: &Setting) -> String {
    let synonyms = setting.sources.iter();
    let synonyms: Vec<String> = synonyms
        .map(|source| format!("{}:{}={}", source.from, source.name, source.value))
        .collect();
    let value = setting.value();
    format!(
        "  {}={value} sensitive=false synonyms={{{}}}",
        setting.name,
        synonyms.join(", ")
    )
}

/// One broker's own: the model's brokers have none.
fn broker(name: &str, all: bool, image: &MetadataImage, printed: &mut Printed) -> Step {
    if !image.alive().any(|node| node.0.to_string() == name) {
        printed.out(format!(
            "The broker '{name}' doesn't exist and doesn't have dynamic config."
        ));
        return Ok(());
    }
    if all {
        return printed.not_modelled(Text::fixed(
            "all settings of a broker; My config lists those of the model",
            "列出 broker 的全部配置；“我的配置”列出模型用到的配置",
        ));
    }
    printed.out(format!("Dynamic configs for broker {name} are:"));
    Ok(())
}

/// The default of all brokers.
fn brokers(desk: &Desk, image: &MetadataImage, printed: &mut Printed) {
    printed.out("Default configs for brokers in the cluster are:");
    for name in BROKER_WIDE {
        let set = of_cluster(desk, image, name).map(|value| Setting {
            name: name.to_owned(),
            sources: vec![Source {
                from: CLUSTER,
                name: name.to_owned(),
                value,
            }],
        });
        if let Some(setting) = set {
            printed.out(line(&setting));
        }
    }
}
