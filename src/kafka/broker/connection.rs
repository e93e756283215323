//! Connections as a broker serves them: one request of each at a time (`SocketServer`, channel
//! muting). What comes behind it waits until the answer is sent.

use std::collections::VecDeque;

use crate::kafka::Outbox;
use crate::kafka::protocol::{Request, Response};
use crate::sim::{Conn, EntryId};

/// Who is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub conn: Conn,
    pub correlation: u32,
}

/// A request to be served, and what led to it.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub caller: Caller,
    pub request: Request,
    pub cause: EntryId,
}

/// A connection whose request is being served.
#[derive(Clone, Debug)]
struct Busy {
    conn: Conn,
    /// The request in work.
    correlation: u32,
    behind: VecDeque<Arrived>,
}

/// All connections with a request in work.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    busy: Vec<Busy>,
    /// Requests whose turn has come.
    ready: VecDeque<Arrived>,
}

impl Connections {
    /// A request came: it is ready, or waits behind the one in work.
    pub fn arrives(&mut self, arrived: Arrived) {
        let conn = arrived.caller.conn;
        match self.busy.iter_mut().find(|busy| busy.conn == conn) {
            Some(busy) => busy.behind.push_back(arrived),
            None => {
                self.busy.push(Busy {
                    conn,
                    correlation: arrived.caller.correlation,
                    behind: VecDeque::new(),
                });
                self.ready.push_back(arrived);
            }
        }
    }

    /// The next request to be served.
    pub fn next(&mut self) -> Option<Arrived> {
        self.ready.pop_front()
    }

    /// Answers the request in work and lets the next of its connection in. A client that has gone
    /// gets no answer, and what it had queued is dropped.
    pub fn answer(&mut self, caller: Caller, response: Response, out: &mut Outbox) {
        let open = out.is_open(caller.conn);
        if open {
            out.respond(caller.conn, caller.correlation, response.into());
        }
        self.done(caller.conn, open);
    }

    /// The request in work needs no answer (acks=0): nothing is written, so nothing tells that the
    /// client may be gone, and what it wrote before is still read.
    pub fn finish(&mut self, caller: Caller) {
        self.done(caller.conn, true);
    }

    /// The group coordinator has answered these: the next requests of their connections come in.
    pub fn answered(&mut self, answered: &[(Conn, u32)], out: &Outbox) {
        for (conn, correlation) in answered {
            let in_work = |busy: &Busy| busy.conn == *conn && busy.correlation == *correlation;
            if self.busy.iter().any(in_work) {
                self.done(*conn, out.is_open(*conn));
            }
        }
    }

    /// The broker ends the connection: a failed request that expects no answer.
    pub fn close(&mut self, caller: Caller, out: &mut Outbox) {
        out.reset(caller.conn);
        self.done(caller.conn, false);
    }

    fn done(&mut self, conn: Conn, open: bool) {
        let Some(place) = self.busy.iter().position(|busy| busy.conn == conn) else {
            return;
        };
        match self.busy[place].behind.pop_front().filter(|_| open) {
            Some(next) => {
                self.busy[place].correlation = next.caller.correlation;
                self.ready.push_back(next);
            }
            None => drop(self.busy.swap_remove(place)),
        }
    }
}
