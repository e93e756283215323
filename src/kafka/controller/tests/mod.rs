//! The controller by itself, and with broker processes that live but hold no logs.

mod election;
