//! A replica's log files, batch by batch, at the moment shown; beside another replica's.

use super::super::intent::{Intent, on};
use super::super::part::{Part, class, each, maybe, when, yes_no};
use super::super::state::Open;
use super::super::words::{Lang, grouped};
use super::icon;
use crate::view::Bytes;
use crate::view::files::{BatchView, FileView, FilesView, RecordLine};
use yew::prelude::*;

/// The card with the files of one broker, or of two.
#[derive(PartialEq)]
pub struct Files {
    pub lang: Lang,
    pub files: FilesView,
}

impl Part for Files {
    fn draw(&self) -> Html {
        let (lang, later, view) = (self.lang, self.lang.later(), &self.files);
        let title = format!("{} · {}", later.files_title, view.partition);
        let two = when(view.right.is_some(), "two");
        html! {
            <section class={class(&["helpcard filescard", two])} role="dialog" aria-label={title.clone()} data-menu="true"
                data-test="files" tabindex="0">
                <header role="presentation">
                    <h2>{ title }</h2>
                    <button class="btn icon" onclick={on(Intent::Open(None))} aria-label={lang.words().close}
                        data-test="files-close">{ icon("lost") }</button>
                </header>
                { self.choice() }
                { maybe(view.apart.as_ref(), &|apart| html! { <p class="apart" data-test="files-apart">{ lang.of(apart) }</p> }) }
                <div class="sides">
                    { self.side(&view.left) }
                    { maybe(view.right.as_ref(), &|side| self.side(side)) }
                </div>
            </section>
        }
    }
}

impl Files {
    /// Whose files, and whose beside them.
    fn choice(&self) -> Html {
        let view = &self.files;
        let left = view.left.broker;
        let right = view.right.as_ref().map(|side| side.broker);
        let whose = |id: &i32| {
            let other = right.filter(|other| other != id);
            choice(*id, *id == left, Open::Files(*id, other), "files-of")
        };
        let beside = |id: &i32| {
            let now = right == Some(*id);
            let open = Open::Files(left, (!now).then_some(*id));
            match *id == left {
                true => Html::default(),
                false => choice(*id, now, open, "files-beside"),
            }
        };
        let later = self.lang.later();
        html! {
            <div class="choice2">
                <span class="seg" role="group" aria-label={later.files_title}>{ each(&view.brokers, &whose) }</span>
                <span class="soft">{ later.files_beside }</span>
                <span class="seg" role="group" aria-label={later.files_beside}>{ each(&view.brokers, &beside) }</span>
            </div>
        }
    }

    fn side(&self, file: &FileView) -> Html {
        let later = self.lang.later();
        let line =
            |name: &'static str, value: String| html! { <><dt>{ name }</dt><dd>{ value }</dd></> };
        let known = file.high_watermark.filter(|_| file.running);
        let mark = known.map_or("–".into(), |offset| offset.to_string());
        let numbers = |all: &[u64]| {
            all.iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let epochs = file
            .epochs
            .iter()
            .map(|(epoch, start)| format!("{epoch} → {start}"));
        let name = format!("broker {}", file.broker);
        html! {
            <section aria-label={name.clone()} data-test={format!("file-{}", file.broker)}>
                <h3>{ name }{ " " }<small class="soft">{ when(!file.running, later.files_off) }</small></h3>
                <dl>
                    { line("log start offset", file.log_start.to_string()) }
                    { line(later.files_flushed, file.flushed.to_string()) }
                    { line(later.files_recovery, file.recovery_point.to_string()) }
                    { line("high watermark", mark) }
                    { line("log end offset", file.log_end.to_string()) }
                    { line(later.files_dirty, format!("{} B", grouped(file.dirty_bytes))) }
                    { line(later.files_segments, numbers(&file.segments)) }
                    { line("leader-epoch-checkpoint", epochs.collect::<Vec<_>>().join(", ")) }
                </dl>
                { self.batches(file) }
            </section>
        }
    }

    fn batches(&self, file: &FileView) -> Html {
        let later = self.lang.later();
        let heads = [
            "offset",
            "epoch",
            "pid",
            "seq",
            later.files_records,
            later.files_bytes,
            "",
        ];
        let head = |head: &&'static str| html! { <th scope="col">{ *head }</th> };
        let line = |batch: &BatchView| self.batch(batch);
        html! {
            <table>
                <thead><tr>{ each(&heads, &head) }</tr></thead>
                <tbody>
                    if file.earlier > 0 { <tr><td colspan="7">{ format!("… {}", grouped(file.earlier)) }</td></tr> }
                    { each(&file.batches, &line) }
                </tbody>
            </table>
        }
    }

    fn batch(&self, batch: &BatchView) -> Html {
        let (lang, later) = (self.lang, self.lang.later());
        let span = |first: u64, last: u64| match first == last {
            true => first.to_string(),
            false => format!("{first}–{last}"),
        };
        let (pid, seq) = match batch.producer {
            Some((id, epoch, first, last)) => {
                let seq = span(first.into(), last.into());
                (format!("{id}/{epoch}"), seq)
            }
            None => ("–".into(), "–".into()),
        };
        let (glyph, place) = match batch.bytes {
            Bytes::Disk => ("flushed", later.leg_disk),
            _ => ("lag", later.leg_cache),
        };
        let control = batch.control.as_ref().map(|control| lang.of(control));
        let records = control.unwrap_or_else(|| names(&batch.records));
        let detail: Vec<String> = batch.records.iter().map(detail).collect();
        html! {
            <tr key={batch.base_offset} class={when(batch.differs, "differs")} data-test="batch" data-differs={yes_no(batch.differs)}>
                <td>{ span(batch.base_offset, batch.last_offset) }</td>
                <td>{ batch.leader_epoch }</td>
                <td>{ pid }{ when(batch.transactional, " txn") }</td>
                <td>{ seq }</td>
                <td title={detail.join("\n")}>{ records }</td>
                <td>{ grouped(batch.size_bytes.into()) }</td>
                <td title={place}>{ icon(glyph) }<span class="aloud">{ place }</span></td>
            </tr>
        }
    }
}

fn choice(id: i32, now: bool, open: Open, test: &'static str) -> Html {
    html! {
        <button key={id} class={when(now, "on")} aria-pressed={yes_no(now)} onclick={on(Intent::Open(Some(open)))}
            data-test={format!("{test}-{id}")}>{ format!("broker {id}") }</button>
    }
}

/// "m12–m15", or each where they do not follow each other.
fn names(records: &[RecordLine]) -> String {
    let Some((first, last)) = records.first().zip(records.last()) else {
        return "–".into();
    };
    let row = records
        .windows(2)
        .all(|pair| pair[0].message + 1 == pair[1].message);
    match records.len() {
        1 => format!("m{}", first.message),
        _ if row => format!("m{}–m{}", first.message, last.message),
        _ => {
            let all = records.iter().map(|record| format!("m{}", record.message));
            all.collect::<Vec<_>>().join(" ")
        }
    }
}

/// "offset 12: m13, 1 024 B, key 4".
fn detail(record: &RecordLine) -> String {
    let key = record
        .key
        .map_or(String::new(), |key| format!(", key {key}"));
    let null = when(record.tombstone, ", null");
    format!(
        "offset {}: m{}, {} B{key}{null}",
        record.offset,
        record.message,
        grouped(record.size_bytes.into())
    )
}
