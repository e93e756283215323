//! What was asked, and what was wrong with the answers.

use acklab::lab::harm::Harm;
use std::fmt;

/// So many complaints are told.
const MOST_TOLD: usize = 12;

/// The numbers of one kind of harm.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    pub asked: u64,
    /// What the sentences blame is necessary, as it stands.
    pub walked: u64,
    /// What was found necessary was found by trying.
    pub searched: u64,
    /// It took several faults together.
    pub together: u64,
    /// Nothing that is blamed is necessary.
    pub unproven: u64,
}

#[derive(Debug, Default)]
pub struct Sum {
    pub schedules: u64,
    pub harmed: u64,
    pub runs: u64,
    pub counts: [Count; Harm::ALL.len()],
    pub complaints: Vec<String>,
}

impl Sum {
    pub fn count(&mut self, harm: Harm) -> &mut Count {
        &mut self.counts[harm as usize]
    }

    pub fn add(&mut self, other: Sum) {
        self.schedules += other.schedules;
        self.harmed += other.harmed;
        self.runs += other.runs;
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            mine.asked += theirs.asked;
            mine.walked += theirs.walked;
            mine.searched += theirs.searched;
            mine.together += theirs.together;
            mine.unproven += theirs.unproven;
        }
        self.complaints.extend(other.complaints);
    }

    pub fn is_good(&self) -> bool {
        self.complaints.is_empty()
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (schedules, harmed, runs) = (self.schedules, self.harmed, self.runs);
        writeln!(f, "{schedules} schedules, {harmed} with harm, {runs} runs")?;
        for (harm, count) in Harm::ALL.iter().zip(self.counts) {
            let Count {
                asked,
                walked,
                searched,
                together,
                unproven,
            } = count;
            writeln!(
                f,
                "{:<10} {asked:>6} asked: {walked:>6} as told, {searched:>5} searched, {together:>5} together, {unproven:>5} not explained",
                format!("{harm:?}"),
            )?;
        }
        for complaint in self.complaints.iter().take(MOST_TOLD) {
            writeln!(f, "wrong: {complaint}")?;
        }
        match self.complaints.len() {
            0 => Ok(()),
            n => writeln!(f, "{n} complaints"),
        }
    }
}
