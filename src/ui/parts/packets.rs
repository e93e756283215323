//! What travels. Each frame sets one transform a packet; everything else on it stays.

use super::super::driver::PACKET_MIN_MS;
use super::super::look;
use super::super::part::list;
use super::super::px::{px, translate};
use super::super::wires::{Places, pill_width};
use crate::view::{NodeKey, PacketEnd, PacketKind, PacketView};
use yew::prelude::*;

/// A broken packet fades for this long.
const DEATH_MS: f64 = 600.0;
/// As many as are drawn at once.
const MOST: usize = 220;

/// A packet on the screen and since when it is there, in real time.
pub struct Seen {
    packet: PacketView,
    first_ms: f64,
}

/// The layer over the nodes, in one frame.
pub struct PacketLayer<'a> {
    pub packets: &'a [PacketView],
    pub places: &'a Places,
    pub now_us: u64,
    pub real_ms: f64,
    pub playing: bool,
    /// Less motion: a packet is shown half-way.
    pub still: bool,
}

impl PacketLayer<'_> {
    /// The layer; `seen` is what it remembers from frame to frame.
    pub fn draw(&self, seen: &mut Vec<Seen>) -> Html {
        seen.retain(|old| self.stays(old));
        for packet in self.packets {
            self.notice(packet, seen);
        }
        let drawn = seen.iter().filter_map(|seen| self.packet(seen)).collect();
        html! { <svg class="wires over" aria-hidden="true">{ list(drawn) }</svg> }
    }

    /// However fast simulated time goes, a packet is seen for a moment; what was sought away, or
    /// belongs to another branch, is forgotten at once.
    fn stays(&self, old: &Seen) -> bool {
        let packet = &old.packet;
        let dead_ms = if packet.end == PacketEnd::Arrives {
            0.0
        } else {
            DEATH_MS
        };
        let lingers = self.real_ms - old.first_ms < PACKET_MIN_MS + dead_ms;
        let on_way = packet.left_us <= self.now_us && (packet.due_us > self.now_us || lingers);
        on_way && (self.playing || self.packets.iter().any(|known| known.id == packet.id))
    }

    fn notice(&self, packet: &PacketView, seen: &mut Vec<Seen>) {
        let is_known = seen.iter().any(|old| old.packet.id == packet.id);
        let is_over = packet.due_us <= self.now_us && !self.playing;
        if is_known || is_over || packet.left_us > self.now_us || seen.len() >= MOST {
            return;
        }
        let is_flying = packet.due_us > self.now_us;
        let gone = if is_flying {
            packet.fraction(self.now_us)
        } else {
            0.0
        };
        let first_ms = self.real_ms - gone * PACKET_MIN_MS;
        seen.push(Seen {
            packet: packet.clone(),
            first_ms,
        });
    }

    fn packet(&self, seen: &Seen) -> Option<Html> {
        let packet = &seen.packet;
        let wire = self.places.wire(packet.from, packet.to)?;
        let real = (self.real_ms - seen.first_ms) / PACKET_MIN_MS;
        let simulated = packet.fraction(self.now_us);
        let gone = if self.playing {
            simulated.min(real)
        } else {
            simulated
        };
        let dead = is_dead(packet, gone);
        let style = translate(wire.at(if self.still {
            0.5
        } else {
            gone.clamp(0.0, 1.0)
        }));
        let class = if dead {
            "lost dying"
        } else {
            look::hue(packet.hue)
        };
        let small = self.places.narrow && is_between_brokers(packet);
        Some(html! {
            <g key={packet.id.to_string()} class={AttrValue::Static(class)} {style}>
                { shape(packet, dead, small) }
            </g>
        })
    }
}

fn is_between_brokers(packet: &PacketView) -> bool {
    let broker = |key| matches!(key, NodeKey::Broker(_) | NodeKey::Controller(_));
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
    if dead {
        let cross = html! { <path class="x" d="M-6 -6l12 12m0-12l-12 12" /> };
        return html! { <>{ pill(packet, "dead", "gt") }{ cross }</> };
    }
    match packet.kind {
        PacketKind::Heartbeat => html! { <circle class="pk" r="3" /> },
        _ if small => html! { <circle class="pk" r="5" /> },
        PacketKind::Produce | PacketKind::Records => pill(packet, "pk", "pt"),
        PacketKind::Metadata => html! {
            <>
                <path class="pk" d="M0 -10l10 10-10 10-10-10z" />
                <text class="pt" y="3.6">{ packet.label.clone() }</text>
            </>
        },
        PacketKind::Ack | PacketKind::Refusal | PacketKind::Fetch | PacketKind::Other => {
            pill(packet, "ghost", "gt")
        }
    }
}

fn pill(packet: &PacketView, rect: &'static str, text: &'static str) -> Html {
    let width = pill_width(packet.label.chars().count());
    html! {
        <>
            <rect class={AttrValue::Static(rect)} x={px(-width / 2.0)} y="-8" width={px(width)} height="16" rx="8" />
            <text class={AttrValue::Static(text)} y="3.6">{ packet.label.clone() }</text>
        </>
    }
}
