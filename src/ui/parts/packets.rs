//! What travels. Each frame sets one transform a packet; everything else on it stays.

use super::super::browser;
use super::super::driver::{PACKET_MIN_MS, lingers};
use super::super::look;
use super::super::same::Same;
use super::super::wires::{Places, pill_width};
use crate::view::{NodeKey, PacketEnd, PacketKind, PacketView};
use yew::prelude::*;

/// A broken packet fades for this long.
const DEATH_MS: f64 = 600.0;
/// As many as are drawn at once.
const MOST: usize = 220;

#[derive(PartialEq, Properties)]
pub struct PacketsProps {
    pub packets: Same<Vec<PacketView>>,
    pub places: Same<Places>,
    pub now_us: u64,
    pub real_ms: f64,
    pub playing: bool,
}

/// A packet on the screen and since when it is there, in real time.
struct Seen {
    packet: PacketView,
    first_ms: f64,
}

/// The layer over the nodes.
#[component]
pub fn Packets(props: &PacketsProps) -> Html {
    let seen = use_mut_ref(Vec::<Seen>::new);
    let still = use_memo((), |()| browser::reduced_motion());
    let mut seen = seen.borrow_mut();
    refresh(&mut seen, props);
    let drawn = seen.iter().filter_map(|seen| draw(seen, props, *still));
    html! { <svg class="wires over" aria-hidden="true">{ for drawn }</svg> }
}

/// Forgets what has come to its end or was sought away, adds what is new.
fn refresh(seen: &mut Vec<Seen>, props: &PacketsProps) {
    let now_us = props.now_us;
    seen.retain(|old| {
        let dead_ms = if old.packet.end == PacketEnd::Arrives {
            0.0
        } else {
            DEATH_MS
        };
        let rest = lingers(&old.packet, now_us, old.first_ms + dead_ms, props.real_ms);
        let here = old.packet.left_us <= now_us && rest;
        // A packet of another branch, or of before a jump, is not in the list any more.
        here && (props.playing
            || props
                .packets
                .iter()
                .any(|packet| packet.id == old.packet.id))
    });
    for packet in props.packets.iter() {
        let is_known = seen.iter().any(|old| old.packet.id == packet.id);
        let is_over = packet.due_us <= now_us && !props.playing;
        if is_known || is_over || packet.left_us > now_us || seen.len() >= MOST {
            continue;
        }
        let gone = if packet.due_us > now_us {
            packet.fraction(now_us)
        } else {
            0.0
        };
        let first_ms = props.real_ms - gone * PACKET_MIN_MS;
        seen.push(Seen {
            packet: packet.clone(),
            first_ms,
        });
    }
}

fn draw(seen: &Seen, props: &PacketsProps, still: bool) -> Option<Html> {
    let packet = &seen.packet;
    let wire = props.places.wire(packet.from, packet.to)?;
    let real = (props.real_ms - seen.first_ms) / PACKET_MIN_MS;
    let simulated = packet.fraction(props.now_us);
    let gone = if props.playing {
        simulated.min(real)
    } else {
        simulated
    };
    let dead = is_dead(packet, gone);
    let (x, y) = wire.at(if still { 0.5 } else { gone.clamp(0.0, 1.0) });
    let style = format!("transform:translate({x:.1}px,{y:.1}px)");
    let class = if dead {
        "lost dying"
    } else {
        look::hue(packet.hue)
    };
    let small = props.places.narrow && is_between_brokers(packet);
    Some(html! {
        <g key={packet.id.to_string()} {class} {style}>{ shape(packet, dead, small) }</g>
    })
}

fn is_between_brokers(packet: &PacketView) -> bool {
    let broker = |key| matches!(key, NodeKey::Broker(_) | NodeKey::Controller);
    broker(packet.from) && broker(packet.to)
}

/// Whether a packet has come to the place where it breaks.
fn is_dead(packet: &PacketView, gone: f64) -> bool {
    match packet.end {
        PacketEnd::Arrives => false,
        PacketEnd::Refused => gone >= 0.97,
        PacketEnd::Dies { at_us } => gone + 1e-6 >= packet.fraction(at_us),
    }
}

fn shape(packet: &PacketView, dead: bool, small: bool) -> Html {
    let width = pill_width(packet.label.chars().count());
    let pill = |class: &'static str, text: &'static str| {
        html! {
            <>
                <rect {class} x={(-width / 2.0).to_string()} y="-8" width={width.to_string()} height="16" rx="8" />
                <text class={text} y="3.6">{ &packet.label }</text>
            </>
        }
    };
    if dead {
        return html! { <>{ pill("dead", "gt") }<path class="x" d="M-6 -6l12 12m0-12l-12 12" /></> };
    }
    match packet.kind {
        PacketKind::Heartbeat => html! { <circle class="pk" r="3" /> },
        _ if small => html! { <circle class="pk" r="5" /> },
        PacketKind::Produce | PacketKind::Records => pill("pk", "pt"),
        PacketKind::Metadata => html! {
            <>
                <path class="pk" d="M0 -10l10 10-10 10-10-10z" />
                <text class="pt" y="3.6">{ &packet.label }</text>
            </>
        },
        PacketKind::Ack | PacketKind::Refusal | PacketKind::Fetch | PacketKind::Other => {
            pill("ghost", "gt")
        }
    }
}
