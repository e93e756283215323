//! The command line.

/// Schedules of the usual test run.
const USUAL_COUNT: u64 = 300;
/// Beyond those: where something was wrong once, in the model, in an invariant or in an answer.
const FOUND: [u64; 8] = [494, 822, 923, 1019, 1433, 6384, 8025, 9000];
/// Messages of each kind of harm that are asked about in one schedule.
const USUAL_EACH: usize = 2;

#[derive(Clone, Debug)]
pub struct Options {
    pub seed: u64,
    pub count: u64,
    /// More seeds.
    pub also: Vec<u64>,
    pub jobs: usize,
    /// How many messages of each kind of harm are asked about in one schedule.
    pub each: usize,
    /// Every explanation is told.
    pub tell: bool,
    /// Those are told whose necessary causes were found by trying.
    pub searched: bool,
}

impl Options {
    /// Reads the arguments; `None` when a test runner only wants a list.
    pub fn read(args: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
        let jobs = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        let mut options = Options {
            seed: 0,
            count: USUAL_COUNT,
            also: FOUND.to_vec(),
            jobs,
            each: USUAL_EACH,
            tell: false,
            searched: false,
        };
        let mut args = args;
        while let Some(arg) = args.next() {
            let mut number = || {
                let text = args.next().ok_or(format!("{arg} needs a value"))?;
                let digits = text.replace('_', "");
                digits
                    .parse::<u64>()
                    .map_err(|_| format!("{text} is no number"))
            };
            match arg.as_str() {
                "--list" => return Ok(None),
                "--seed" => options.seed = number()?,
                "--count" => options.count = number()?,
                "--jobs" => options.jobs = number()?.max(1) as usize,
                "--each" => options.each = number()?.max(1) as usize,
                "--tell" => options.tell = true,
                "--searched" => options.searched = true,
                // What `cargo test -- ...` gives to every test program.
                _ => {}
            }
        }
        // Who asks for certain schedules gets those.
        if (options.seed, options.count) != (0, USUAL_COUNT) {
            options.also.clear();
        }
        options.tell |= options.count == 1;
        Ok(Some(options))
    }
}
