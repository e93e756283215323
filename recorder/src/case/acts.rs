//! The steps of a case, with what is to be known to play them.

use super::{Act, Planned, part};
use crate::course::{self, LookAt};
use crate::step::{Do, Step};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// No wait is longer unless the case says so; what has not happened by then is recorded as timed out.
const PATIENCE_MS: i64 = 150_000;

/// Steps and looks in the order in which they are to be played.
pub(super) fn acts(json: &Value, is_golden: bool) -> Result<Vec<Act>> {
    let steps: Vec<Value> = part(json, "steps")?;
    let mut acts = Vec::new();
    if !is_golden {
        for step in steps {
            acts.push(own_act(&step).with_context(|| format!("step {step}"))?);
        }
        return Ok(acts);
    }
    let mut looks = course::read(json["observed"].clone())
        .context("\"observed\" is not understood")?
        .looks
        .into_iter()
        .peekable();
    for (place, step) in steps.iter().enumerate() {
        let mut planned = planned(step)?;
        while let Some(look) = looks.next_if(|look| Some(look.at_ms) <= step["at_ms"].as_i64()) {
            acts.push(Act::Look(look.at));
        }
        // What was not waited for has no duration. What a process did not survive was waited for.
        let seeds = planned.action.client() == Some("seed");
        planned.waits =
            step.get("took_ms").is_some() || step.get("process_gone").is_some() || seeds;
        if step["timed_out"] == true {
            planned.patience_ms = step["took_ms"].as_i64().unwrap_or(PATIENCE_MS);
        }
        planned.of_last_poll = step["do"] == "process" && was_last_poll(json, &steps, place);
        acts.push(Act::Step(Box::new(planned)));
    }
    Ok(acts)
}

/// A step of a case file: it may say `"wait": false` of a call, `"timeout_ms"` of a wait, leave out the values of `process`
/// (what the last poll gave), and look at things.
fn own_act(step: &Value) -> Result<Act> {
    if step["do"] == "look" {
        return own_look(step).map(Act::Look);
    }
    let mut fields = step.as_object().context("a step is a JSON object")?.clone();
    let waits = fields
        .remove("wait")
        .map_or(Ok(true), serde_json::from_value)
        .context("\"wait\" is true or false")?;
    let patience_ms = if step["do"] == "wait" {
        fields.remove("timeout_ms")
    } else {
        None
    };
    let of_last_poll = step["do"] == "process" && !fields.contains_key("values");
    if of_last_poll {
        fields.insert("values".into(), json!([]));
    }
    let mut planned = planned(&Value::Object(fields))?;
    planned.waits = waits && !matches!(planned.action, Do::PollStart { .. });
    if let Some(ms) = patience_ms {
        planned.patience_ms = ms.as_i64().context("\"timeout_ms\" is a number")?;
    }
    planned.of_last_poll = of_last_poll;
    Ok(Act::Step(Box::new(planned)))
}

fn own_look(step: &Value) -> Result<LookAt> {
    let text = |key: &str| {
        step[key]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("\"{key}\" is missing"))
    };
    match step["at"].as_str() {
        Some("high_watermark") => Ok(LookAt::HighWatermark {
            partition: text("partition")?,
        }),
        Some("group") => Ok(LookAt::Group {
            group: text("group")?,
        }),
        Some("topic") => Ok(LookAt::Topic {
            topic: text("topic")?,
        }),
        Some("log") => Ok(LookAt::Log {
            broker: step["broker"].as_i64().context("\"broker\" is missing")? as i32,
        }),
        _ => bail!(
            "a look is \"at\" high_watermark (with \"partition\"), group (with \"group\"), topic (with \"topic\") or log \
             (with \"broker\")"
        ),
    }
}

fn planned(step: &Value) -> Result<Planned> {
    let typed: Step = serde_json::from_value(step.clone())?;
    let mut fields = step.as_object().cloned().unwrap_or_default();
    for time in ["at_ms", "took_ms", "timed_out", "process_gone"] {
        fields.remove(time);
    }
    Ok(Planned {
        fields,
        action: typed.action,
        waits: true,
        patience_ms: PATIENCE_MS,
        of_last_poll: false,
    })
}

/// Whether the values of a recorded `process` step are just what the client's last `poll` had given.
fn was_last_poll(golden: &Value, steps: &[Value], place: usize) -> bool {
    let (step, client) = (&steps[place], &steps[place]["client"]);
    let before = steps[..place].iter().rev();
    let since = before
        .filter(|s| s["do"] == "poll" && s["client"] == *client)
        .map(|s| s["at_ms"].as_i64())
        .next();
    let span = since.flatten().unwrap_or(0)..=step["at_ms"].as_i64().unwrap_or(0);
    let events = golden["observed"].as_array().into_iter().flatten();
    let polls = events.filter(|e| {
        e["event"] == "polled"
            && e["client"] == *client
            && e["at_ms"].as_i64().is_some_and(|at| span.contains(&at))
    });
    let records = polls.filter_map(|e| e["records"].as_array()).flatten();
    let values: Vec<&Value> = records.map(|r| &r["value"]).collect();
    step["values"]
        .as_array()
        .is_some_and(|all| all.iter().collect::<Vec<_>>() == values)
}
