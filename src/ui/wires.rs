//! Where wires run: from the measured boxes of the nodes to curves, and points on them.

use super::px::px;
use crate::view::NodeKey;

/// A node's box, in pixels from the corner of the net.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Place {
    fn right(&self) -> f64 {
        self.x + self.w
    }

    fn middle(&self) -> f64 {
        self.y + self.h / 2.0
    }
}

/// All measured boxes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    /// Node and box, in the order of the page.
    pub nodes: Vec<(NodeKey, Place)>,
    /// A narrow screen: brokers' wires run in the gutter, clients' in their lanes.
    pub narrow: bool,
    /// From one record cell to the next; 0 before it is measured.
    pub pitch: f64,
}

/// A cubic curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wire {
    points: [(f64, f64); 4],
}

impl Wire {
    /// The `d` attribute of a path.
    pub fn path(&self) -> String {
        let [a, b, c, d] = self.points;
        let at = |(x, y): (f64, f64)| format!("{} {}", px(x), px(y));
        format!("M{}C{} {} {}", at(a), at(b), at(c), at(d))
    }

    /// The point at this fraction of the way.
    pub fn at(&self, fraction: f64) -> (f64, f64) {
        let (t, s) = (fraction, 1.0 - fraction);
        let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
        let sum = |pick: fn(&(f64, f64)) -> f64| {
            self.points
                .iter()
                .zip(weights)
                .map(|(point, weight)| pick(point) * weight)
                .sum::<f64>()
        };
        (sum(|p| p.0), sum(|p| p.1))
    }

    /// The same wire from its other end.
    pub fn reversed(mut self) -> Self {
        self.points.reverse();
        self
    }

    fn swing(from: (f64, f64), to: (f64, f64)) -> Self {
        let half = (from.0 + to.0) / 2.0;
        Self {
            points: [from, (half, from.1), (half, to.1), to],
        }
    }

    fn bulge(from: (f64, f64), to: (f64, f64), by: f64) -> Self {
        Self {
            points: [from, (from.0 + by, from.1), (to.0 + by, to.1), to],
        }
    }
}

impl Places {
    fn get(&self, key: NodeKey) -> Option<(usize, Place)> {
        let place = self.nodes.iter().position(|(node, _)| *node == key)?;
        Some((place, self.nodes[place].1))
    }

    /// The wire from `from` to `to`; none while one of them is not on the page.
    pub fn wire(&self, from: NodeKey, to: NodeKey) -> Option<Wire> {
        if rank(from) > rank(to) {
            return self.wire(to, from).map(Wire::reversed);
        }
        let ((at_a, a), (at_b, b)) = (self.get(from)?, self.get(to)?);
        let steps = at_a.abs_diff(at_b).max(1) as f64;
        if self.narrow {
            return Some(self.narrow_wire(from, a, to, b));
        }
        Some(match (from, to) {
            (NodeKey::Relay, NodeKey::Consumer(_)) => self.beneath(a, b),
            (NodeKey::Producer(_) | NodeKey::Relay, _) => {
                Wire::swing((a.right(), a.middle()), (b.x, b.middle()))
            }
            (_, NodeKey::Consumer(_) | NodeKey::Sink) => {
                Wire::swing((a.right(), a.middle() - 7.0), (b.x, b.middle()))
            }
            (NodeKey::Controller(_), NodeKey::Controller(_)) => {
                Wire::swing((a.right(), a.middle()), (b.x, b.middle()))
            }
            (NodeKey::Controller(_), _) => Wire::bulge(
                (a.x, a.middle()),
                (b.x, b.middle() - 18.0),
                -8.0 - 8.0 * steps,
            ),
            _ => {
                // The end nearer to the other keeps clear of the consumer's wire in the middle.
                let sign = if b.y > a.y { 1.0 } else { -1.0 };
                let leave = (a.right(), a.middle() + sign * (11.0 + 8.0 * steps));
                Wire::bulge(
                    leave,
                    (b.right(), b.middle() + 4.0),
                    (30.0 + 16.0 * steps).min(76.0),
                )
            }
        })
    }

    /// From side to side below the brokers: service A calls service B.
    fn beneath(&self, a: Place, b: Place) -> Wire {
        let brokers = self
            .nodes
            .iter()
            .filter(|(key, _)| matches!(key, NodeKey::Broker(_)));
        let lowest = brokers
            .map(|(_, place)| place.y + place.h)
            .fold(0.0, f64::max);
        let (from, to) = ((a.right(), a.middle() + 14.0), (b.x, b.middle() + 14.0));
        // A curve goes three quarters of the way to its handles.
        let down = ((lowest + 12.0) - (from.1 + to.1) / 8.0) / 0.75;
        Wire {
            points: [from, (from.0 + 40.0, down), (to.0 - 40.0, down), to],
        }
    }

    /// On a phone a client's packets cross its lane, brokers talk along the right edge.
    fn narrow_wire(&self, from: NodeKey, a: Place, to: NodeKey, b: Place) -> Wire {
        let lane = |place: Place| {
            let y = place.middle();
            Wire::swing((place.x, y), (place.right(), y))
        };
        match (from, to) {
            (NodeKey::Relay, NodeKey::Consumer(_)) => lane(b),
            (NodeKey::Producer(_) | NodeKey::Relay, _) => lane(a),
            (_, NodeKey::Consumer(_) | NodeKey::Sink) => lane(b),
            _ => {
                let x = a.right().min(b.right()) - 4.0;
                Wire::swing((x, a.middle()), (x, b.middle()))
            }
        }
    }
}

/// Which end of a pair names the wire's beginning.
fn rank(key: NodeKey) -> (u8, i32) {
    match key {
        NodeKey::Producer(place) => (0, i32::from(place)),
        NodeKey::Controller(place) => (1, i32::from(place)),
        NodeKey::Broker(id) => (2, id),
        NodeKey::Consumer(place) => (3, i32::from(place)),
        NodeKey::Relay => (0, i32::MAX),
        NodeKey::Sink | NodeKey::Outbox => (4, 0),
    }
}

/// The width of a pill that holds this many characters.
pub fn pill_width(characters: usize) -> f64 {
    12.0 + 6.2 * characters as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        let place = |x, y, w, h| Place { x, y, w, h };
        Places {
            nodes: vec![
                (NodeKey::Producer(0), place(0.0, 100.0, 140.0, 100.0)),
                (NodeKey::Broker(1), place(200.0, 0.0, 400.0, 100.0)),
                (NodeKey::Broker(2), place(200.0, 112.0, 400.0, 100.0)),
                (NodeKey::Consumer(0), place(660.0, 80.0, 140.0, 100.0)),
            ],
            narrow: false,
            pitch: 27.0,
        }
    }

    #[test]
    fn a_wire_begins_and_ends_at_its_nodes() {
        let wire = places()
            .wire(NodeKey::Producer(0), NodeKey::Broker(2))
            .unwrap();
        assert_eq!(wire.at(0.0), (140.0, 150.0));
        assert_eq!(wire.at(1.0), (200.0, 162.0));
        assert_eq!(wire.path(), "M140 150C170 150 170 162 200 162");
    }

    #[test]
    fn an_answer_takes_the_same_way_back() {
        let there = places()
            .wire(NodeKey::Broker(1), NodeKey::Broker(2))
            .unwrap();
        let back = places()
            .wire(NodeKey::Broker(2), NodeKey::Broker(1))
            .unwrap();
        assert_eq!(there.at(0.25), back.at(0.75));
    }

    #[test]
    fn a_direct_call_passes_below_the_brokers() {
        let mut places = places();
        let relay = Place {
            x: 0.0,
            y: 180.0,
            w: 140.0,
            h: 60.0,
        };
        places.nodes.push((NodeKey::Relay, relay));
        let wire = places.wire(NodeKey::Relay, NodeKey::Consumer(0)).unwrap();
        assert_eq!((wire.at(0.0).0, wire.at(1.0).0), (140.0, 660.0));
        assert_eq!(wire.at(0.5).1, 224.0);
    }

    #[test]
    fn there_is_no_wire_to_a_node_that_is_not_shown() {
        assert_eq!(places().wire(NodeKey::Broker(1), NodeKey::Broker(9)), None);
    }
}
