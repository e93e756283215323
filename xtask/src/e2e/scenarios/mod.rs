//! What a person does, one short story each. Parts of the page are found by `data-test="…"`
//! attributes, which say what a part is and never how it looks.
mod access;
mod alone;
mod arrival;
mod by_ear;
mod compare;
mod frames;
mod hunt;
mod keyboard;
mod lesson;
mod lessons;
mod links;
mod looks;
mod mishaps;
mod my_config;
mod offline;
mod policy;
mod price;
mod share;
mod teaching;
mod terminal;
mod time;
mod trial;

use super::first_screen::PHONE;
use super::page::{LAPTOP, Page, Visitor};
use crate::dist::Site;
use anyhow::Result;
use std::future::Future;
use std::pin::Pin;

pub use hunt::runs_a_second;

type Told<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// Someone who reads Chinese, on a laptop.
const CHINESE: Visitor = Visitor {
    language: "zh-CN",
    ..LAPTOP
};

/// A frame in somebody else's page.
const FRAME: Visitor = Visitor {
    width_px: 800,
    height_px: 640,
    ..LAPTOP
};

/// A story with its name; it begins on the opened page.
pub struct Scenario {
    pub name: &'static str,
    pub who: Visitor,
    pub story: for<'a> fn(&'a Page, &'a Site) -> Told<'a>,
}

macro_rules! scenarios {
    ($($name:literal, $who:expr => $story:path;)*) => {
        /// Every scenario.
        pub fn all() -> Vec<Scenario> {
            vec![$(Scenario { name: $name, who: $who, story: |page, site| Box::pin($story(page, site)) }),*]
        }
    };
}

scenarios! {
    "the page opens on a living stage", LAPTOP => arrival::a_living_stage;
    "the first load plays the first story by itself", LAPTOP => arrival::the_first_load_plays_by_itself;
    "the first load plays the first story in Chinese", PHONE => arrival::the_first_load_plays_in_chinese;
    "the rest comes in the middle of a call", LAPTOP => arrival::the_rest_comes_in_the_middle_of_a_call;
    "killing the leader of the first screen shows what was lost", LAPTOP => arrival::the_tempting_button;
    "lesson 4 ends badly, and well with acks=all", LAPTOP => lesson::from_the_bad_ending_to_the_good_one;
    "every lesson ends badly, and well with its fix", LAPTOP => lessons::every_lesson_in_english;
    "every lesson ends badly, and well with its fix, in Chinese", CHINESE => lessons::every_lesson_in_chinese;
    "Kafka's tools run on the cluster, and what they change stays", LAPTOP => terminal::tools_on_the_cluster;
    "lesson 4 by keyboard and by ear alone", LAPTOP => by_ear::lesson_4_by_keyboard_and_ear;
    "a combination that Kafka refuses is named", LAPTOP => lesson::a_refused_combination_is_named;
    "acting in the past forks, and the old run comes back", LAPTOP => time::acting_in_the_past_forks;
    "runs and bookmarks are named and kept", LAPTOP => time::runs_and_bookmarks_are_kept;
    "stepping goes from event to event", LAPTOP => time::stepping_goes_from_event_to_event;
    "a reload keeps the experiment", LAPTOP => links::a_reload_keeps_the_experiment;
    "a damaged link says what it lost and opens the rest", LAPTOP => links::a_damaged_link_opens_the_rest;
    "a run is given away and taken in", LAPTOP => share::a_run_is_given_away_and_taken_in;
    "the slim page plays", FRAME => share::the_slim_page_plays;
    "damaged entries lose only themselves", LAPTOP => mishaps::damaged_entries_lose_only_themselves;
    "a broken program says so", LAPTOP => mishaps::a_broken_program_says_so;
    "one file from the disk plays the first story", LAPTOP => alone::the_file_plays_the_first_story;
    "one file from the disk opens a link", LAPTOP => alone::the_file_opens_a_link;
    "without network the page opens from its copy", LAPTOP => offline::it_opens_without_network;
    "a new build is taken with the next load", LAPTOP => offline::a_new_build_is_taken_with_the_next_load;
    "the policy keeps strangers out", LAPTOP => policy::nothing_foreign_comes_in;
    "a term is explained by keyboard", LAPTOP => teaching::a_term_is_explained_by_keyboard;
    "progress survives a reload", LAPTOP => teaching::progress_survives_a_reload;
    "a teacher hides how it came out", LAPTOP => teaching::a_teacher_hides_how_it_came_out;
    "everything works by keyboard alone", LAPTOP => keyboard::everything_by_keyboard;
    "looks in both themes, both languages, wide and narrow", LAPTOP => looks::every_look;
    "what safety costs in lesson 10", LAPTOP => price::what_safety_costs;
    "what safety costs, in Chinese", price::CHINESE => price::what_safety_costs;
    "two runs side by side, from the first screen's loss", LAPTOP => compare::from_the_first_loss;
    "lesson 25: a configuration on trial is scored", LAPTOP => trial::lesson_25_is_scored;
    "lesson 26: a configuration on trial is broken", LAPTOP => trial::lesson_26_is_broken;
    "my config: from a paste to the change", LAPTOP => my_config::from_a_paste_to_the_change;
    "my config: from a paste to the change, in Chinese", CHINESE => my_config::from_a_paste_to_the_change;
    "my config: an example, and what is refused", LAPTOP => my_config::an_example_and_what_is_refused;
    "a hunt in a worker is stopped, gone on with after a reload, and played", LAPTOP => hunt::a_hunt_is_stopped_gone_on_with_and_played;
    "a hunt without a worker comes out the same", LAPTOP => hunt::without_a_worker_it_comes_out_the_same;
    "axe-core finds nothing, on trial in every room", LAPTOP => access::nothing_that_axe_finds;
    "axe-core finds nothing where two runs are compared", LAPTOP => compare::nothing_that_axe_finds;
    "frames while 12 brokers are busy", LAPTOP => frames::while_many_brokers_are_busy;
}
