//! What a person pasted and turned, and the check of it.

use super::{ConfigView, Number, example, files, kept, losing, rows, world};
use crate::lab::config::{
    Account, Check, Choice, File, Implied, Options, Report, State, account, applied, diff, implied,
    patch, put_right,
};
use crate::lab::lessons;
use crate::lab::share;
use crate::lab::text::Text;

/// More than this is no configuration.
pub const MOST_BYTES: usize = 512 * 1024;
/// Of more files nobody keeps the overview.
const MOST_FILES: usize = 20;

/// Why something was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub Text);

/// The room's state.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    files: Vec<File>,
    choice: Choice,
    account: Option<Account>,
    implied: Option<Implied>,
    check: Option<Check>,
    /// What is known of the check, made anew when something was added to it.
    report: Option<Report>,
    losing: Option<super::LosingView>,
    /// Which faults, and how many runs of each.
    options: Options,
}

impl Desk {
    /// A desk that plays only some faults, and so many runs of each.
    #[cfg(test)]
    pub fn of(classes: &[crate::lab::config::Class], runs: usize) -> Desk {
        Desk {
            options: Options {
                classes: classes.to_vec(),
                runs,
                ..Options::default()
            },
            ..Desk::default()
        }
    }

    /// Takes a file as it lies on a disk, or as it was pasted.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
        let file = files::read(name, bytes)?;
        if self.files.len() >= MOST_FILES {
            return Err(Refusal(files::too_many(MOST_FILES)));
        }
        // The same file once more is a newer version of it.
        match self.files.iter_mut().find(|known| known.name == file.name) {
            Some(known) if !name.is_empty() => *known = file,
            _ => self.files.push(self.named(file)),
        }
        self.begin();
        Ok(())
    }

    /// What was pasted is called by what it is.
    fn named(&self, file: File) -> File {
        if !file.name.is_empty() {
            return file;
        }
        let read = account(std::slice::from_ref(&file), &Choice::default());
        let kind = read
            .pastes
            .first()
            .map_or("", |paste| files::usual_name(paste.kind));
        let is_taken = |name: &str| self.files.iter().any(|file| file.name == name);
        let mut name = kind.to_string();
        let mut nth = 2;
        while is_taken(&name) {
            name = format!("{kind} ({nth})");
            nth += 1;
        }
        File { name, ..file }
    }

    /// Puts the example in the place of what is there.
    pub fn try_example(&mut self) {
        self.files = example::example();
        self.choice = Choice::default();
        self.begin();
    }

    /// Takes a file away.
    pub fn remove(&mut self, place: usize) {
        if place < self.files.len() {
            self.files.remove(place);
            if self.files.is_empty() {
                self.choice = Choice::default();
            }
            self.begin();
        }
    }

    /// The text of a file, to be edited.
    pub fn text(&self, place: usize) -> &str {
        self.files.get(place).map_or("", |file| &file.text)
    }

    /// A file has another text; nothing at all takes it away.
    pub fn edit(&mut self, place: usize, text: &str) {
        if text.trim().is_empty() {
            self.remove(place);
        } else if let Some(file) = self.files.get_mut(place)
            && file.text != text
            && text.len() <= MOST_BYTES
        {
            file.text = text.to_string();
            self.begin();
        }
    }

    /// Puts the name that was meant in the place of an unknown one.
    pub fn put_right(&mut self, place: usize, number: usize) {
        let line = self.account.as_ref().and_then(|account| {
            let lines = &account.pastes.get(place)?.lines;
            lines.iter().find(|line| line.number == number)
        });
        let Some(right) = line.and_then(put_right) else {
            return;
        };
        if let Some(file) = self.files.get_mut(place) {
            file.text = files::with_line(&file.text, number, &right);
            self.begin();
        }
    }

    /// The topic to judge.
    pub fn choose_topic(&mut self, name: &str) {
        self.choice.topic = Some(name.to_string());
        self.begin();
    }

    /// The Spring profile that is active; none with an empty name.
    pub fn choose_profile(&mut self, name: &str) {
        self.choice.profile = (!name.is_empty()).then(|| name.to_string());
        self.begin();
    }

    /// Corrects a number of what is played.
    pub fn correct(&mut self, what: Number, value: u8) {
        let slot = match what {
            Number::Brokers => &mut self.choice.brokers,
            Number::Racks => &mut self.choice.racks,
            Number::Copies => &mut self.choice.copies,
            Number::Controllers => &mut self.choice.controllers,
        };
        *slot = Some(value);
        self.begin();
    }

    /// Puts the smallest change into the files, and checks again.
    pub fn apply(&mut self) {
        let (Some(account), Some(report)) = (&self.account, &self.report) else {
            return;
        };
        let made = applied(&self.files, account, &report.turns);
        self.files = made.files;
        if made.copies.is_some() {
            self.choice.copies = made.copies;
            // More copies need as many brokers.
            let brokers = self.choice.brokers;
            self.choice.brokers = brokers.map(|brokers| brokers.max(made.copies.unwrap_or(1)));
        }
        self.begin();
    }

    /// The smallest change as a text that `patch` takes.
    pub fn patch(&self) -> String {
        match (&self.account, &self.report) {
            (Some(account), Some(report)) => patch(&self.files, account, &report.turns),
            _ => String::new(),
        }
    }

    /// Reads everything anew and begins with the check.
    fn begin(&mut self) {
        (self.check, self.report, self.losing) = (None, None, None);
        if self.files.is_empty() {
            (self.account, self.implied) = (None, None);
            return;
        }
        let read = account(&self.files, &self.choice);
        let implied = implied(&read);
        if !read.settings.is_empty() {
            let options = Options {
                choice: self.choice.clone(),
                ..self.options.clone()
            };
            let check = Check::of(read.clone(), implied.clone(), options);
            self.report = Some(check.report());
            self.check = Some(check);
        }
        (self.account, self.implied) = (Some(read), Some(implied));
    }

    /// Says everything anew: the words of another language have come.
    pub fn retell(&mut self) {
        if self.files.is_empty() {
            return;
        }
        let read = account(&self.files, &self.choice);
        let implied = implied(&read);
        if let Some(report) = &mut self.report {
            (report.account, report.implied) = (read.clone(), implied.clone());
            self.losing = losing::losing(report).filter(|_| report.complete);
        }
        (self.account, self.implied) = (Some(read), Some(implied));
    }

    /// Plays one run. Returns whether there is more to play.
    pub fn step(&mut self) -> bool {
        self.check.as_mut().is_some_and(Check::step)
    }

    /// Takes note of what was played, so that it is shown.
    pub fn look(&mut self) {
        let Some(check) = &self.check else { return };
        let report = check.report();
        if report.complete && self.losing.is_none() {
            self.losing = losing::losing(&report);
        }
        if report.complete {
            self.check = None;
        }
        self.report = Some(report);
    }

    /// Whether something is being played.
    pub fn is_checking(&self) -> bool {
        self.check.is_some()
    }

    /// The link that plays the worst run of a class, or of the one that loses most simply.
    pub fn link(&self, class: Option<&str>) -> Option<String> {
        let report = self.report.as_ref()?;
        let verdict = match class {
            None => report.simplest()?,
            Some(word) => {
                let mut rows = report.rows.iter();
                &rows.find(|row| row.before.class.word() == word)?.before
            }
        };
        let lesson = lessons::find("sandbox")?;
        Some(share::write(&lesson, &verdict.experiment()?, 0))
    }

    /// What is to be kept for the next visit.
    pub fn kept(&self) -> String {
        kept::write(&self.files, &self.choice)
    }

    /// Takes back what was kept, and says what could not be read.
    pub fn restore(&mut self, text: &str) -> Option<Text> {
        let (files, choice, damaged) = kept::read(text);
        (self.files, self.choice) = (files, choice);
        self.begin();
        (damaged > 0).then(|| kept::told(damaged))
    }

    /// What to show.
    pub fn view(&self) -> ConfigView {
        let (Some(account), Some(implied)) = (&self.account, &self.implied) else {
            return ConfigView::default();
        };
        let mut view = ConfigView {
            files: files::files(account),
            chips: files::chips(account),
            world: world::world(account, implied),
            ..ConfigView::default()
        };
        let Some(report) = &self.report else {
            view.title = Text::fixed(
                "No line of this is one that Kafka uses",
                "没有一行是 Kafka 会用到的",
            );
            return view;
        };
        let now = self.check.as_ref();
        view.progress = now.map(Check::permille);
        rows::fill(&mut view, report, now);
        if report.complete {
            let hunks = diff(&self.files, account, &report.turns);
            view.change = rows::change(report, hunks);
            view.losing = self.losing.clone();
        }
        view
    }

    /// Whether some line is dangerous, refused or unknown.
    pub fn has_findings(&self) -> bool {
        let counts = self.account.as_ref().map(Account::counts);
        let all = State::ALL.into_iter().zip(counts.unwrap_or_default());
        all.into_iter()
            .any(|(state, count)| state >= State::Risk && count > 0)
    }
}
