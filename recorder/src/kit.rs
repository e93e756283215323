//! What a recording needs on this machine: Java, the jars (fetched by Maven), the agent (compiled here), and JVMs that start
//! fast.

use anyhow::{Context, Result, bail, ensure};
use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Kafka's brokers need at least this.
const JAVA: u32 = 17;
/// Few threads and no time for the best code: a dozen JVMs share this machine for a minute.
const QUICK: [&str; 3] = [
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
];
const TRAINING: &str = "127.255.7.1";

pub struct Kit {
    work: PathBuf,
    pub kafka_version: String,
}

impl Kit {
    /// Looks for all of it and makes what is missing; an error says how to get what cannot be made.
    pub fn ready(work: &Path) -> Result<Kit> {
        ensure!(
            cfg!(target_os = "linux"),
            "recording needs Linux: the brokers listen on many loopback addresses, and stories read /proc, stop processes and \
             cut power and links"
        );
        programs()?;
        std::fs::create_dir_all(work)
            .with_context(|| format!("cannot create {}", work.display()))?;
        let mut kit = Kit {
            work: work.canonicalize()?,
            kafka_version: String::new(),
        };
        // Runs side by side share what is made here.
        let lock = File::create(kit.work.join("lock"))?;
        lock.lock().context("the work directory cannot be locked")?;
        kit.fetch_jars()?;
        kit.kafka_version = kit.version_of_jars().context("Maven fetched no Kafka")?;
        kit.compile_agent()?;
        kit.train("agent", |kit, option| kit.train_agent(option))?;
        kit.train("kafka", |kit, option| kit.train_kafka(option))?;
        Ok(kit)
    }

    /// The folder of the run with this number.
    pub fn home(&self, net: u8) -> PathBuf {
        self.work.join(format!("net{net}"))
    }

    /// A node of a cluster.
    pub fn node(&self, properties: &Path) -> Command {
        let mut command = self.java(
            "kafka",
            400,
            "INFO",
            &format!("{}/*", self.jars().display()),
        );
        command.arg("kafka.Kafka").arg(properties);
        command
    }

    /// One of Kafka's command line tools, which says only what it prints itself.
    pub fn tool(&self, class: &str) -> Command {
        let classpath = format!("{}/*", self.jars().display());
        // Without an archive of its own: what is told of an archive that does not fit would be part of the output.
        let mut command = self.java("tool", 192, "OFF", &classpath);
        command.arg(class);
        command
    }

    /// A client process.
    pub fn agent(&self) -> Command {
        let classpath = format!("{}:{}/*", self.agent_jar().display(), self.jars().display());
        let mut command = self.java("agent", 192, "WARN", &classpath);
        command.arg("Agent");
        command
    }

    fn java(&self, archive: &str, heap_mb: u32, level: &str, classpath: &str) -> Command {
        let mut command = Command::new("java");
        command
            .args(QUICK)
            .arg(format!("-Xmx{heap_mb}m"))
            .arg(format!("-Drecorder.level={level}"));
        command.arg(format!(
            "-Dlog4j2.configurationFile={}",
            sources().join("log4j2.properties").display()
        ));
        let archive = self.archive(archive);
        if archive.exists() {
            command.arg(format!("-XX:SharedArchiveFile={}", archive.display()));
        }
        command.args(["-cp", classpath]);
        command
    }

    fn jars(&self) -> PathBuf {
        self.work.join("jars")
    }

    fn agent_jar(&self) -> PathBuf {
        self.work.join("agent.jar")
    }

    fn archive(&self, name: &str) -> PathBuf {
        self.work.join(format!("{name}.jsa"))
    }

    fn version_of_jars(&self) -> Option<String> {
        let jars = std::fs::read_dir(self.jars())
            .ok()?
            .filter_map(|jar| jar.ok()?.file_name().into_string().ok());
        jars.filter_map(|jar| {
            jar.strip_prefix("kafka_2.13-")?
                .strip_suffix(".jar")
                .map(str::to_owned)
        })
        .next()
    }

    fn fetch_jars(&self) -> Result<()> {
        let pom = sources().join("pom.xml");
        let wanted = std::fs::read_to_string(&pom).context("the pom is gone")?;
        let stamp = self.work.join("jars.stamp");
        if self.version_of_jars().is_some() && is_made_of(&stamp, &wanted) {
            return Ok(());
        }
        eprintln!("fetching Kafka's jars with Maven (once)");
        drop(std::fs::remove_dir_all(self.jars()));
        let mut maven = Command::new("mvn");
        maven
            .args(["-q", "-B", "-Dstyle.color=never", "-f"])
            .arg(&pom)
            .arg("dependency:copy-dependencies");
        maven.arg(format!("-DoutputDirectory={}", self.jars().display()));
        finish(
            &mut maven,
            "Maven could not fetch the jars (it needs Maven Central, or a mirror of it in ~/.m2/settings.xml)",
        )?;
        std::fs::write(stamp, wanted)?;
        self.forget_archives();
        Ok(())
    }

    fn compile_agent(&self) -> Result<()> {
        let mut sources: Vec<PathBuf> = std::fs::read_dir(sources())
            .context("the agent's source is gone")?
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|file| file.extension().is_some_and(|e| e == "java"))
            .collect();
        sources.sort();
        let texts = sources.iter().map(std::fs::read_to_string);
        let wanted = texts.collect::<std::io::Result<Vec<_>>>()?.concat();
        let stamp = self.work.join("agent.stamp");
        if self.agent_jar().exists() && is_made_of(&stamp, &wanted) {
            return Ok(());
        }
        let classes = self.work.join("classes");
        drop(std::fs::remove_dir_all(&classes));
        let classpath = format!("{}/*", self.jars().display());
        let mut javac = Command::new("javac");
        javac
            .args(["-nowarn", "-cp", &classpath, "-d"])
            .arg(&classes)
            .args(&sources);
        finish(&mut javac, "the agent does not compile")?;
        // A jar, since class data sharing takes no folders.
        let mut jar = Command::new("jar");
        jar.args(["--create", "--file"])
            .arg(self.agent_jar())
            .arg("-C")
            .arg(&classes)
            .arg(".");
        finish(&mut jar, "the agent cannot be packed")?;
        std::fs::write(stamp, wanted)?;
        self.forget_archives();
        Ok(())
    }

    // ---- class data sharing: JVMs start in about half the processor time

    fn forget_archives(&self) {
        for name in ["agent", "kafka"] {
            drop(std::fs::remove_file(self.archive(name)));
        }
    }

    fn train(&self, name: &str, run: impl Fn(&Kit, &str) -> Result<()>) -> Result<()> {
        if self.archive(name).exists() {
            return Ok(());
        }
        eprintln!("preparing a fast start of {name} (once)");
        let unfinished = self.work.join(format!("{name}.unfinished"));
        run(
            self,
            &format!("-XX:ArchiveClassesAtExit={}", unfinished.display()),
        )?;
        // Without it all works as well, only slower.
        if unfinished.exists() {
            std::fs::rename(unfinished, self.archive(name))?;
        }
        Ok(())
    }

    fn train_agent(&self, option: &str) -> Result<()> {
        let commands = r#"{"do": "open_producer", "config": {"bootstrap.servers": "127.255.7.1:1"}}
{"do": "open_consumer", "config": {"bootstrap.servers": "127.255.7.1:1", "enable.auto.commit": "false"}}
{"do": "assign", "partitions": ["t-0"]}
{"do": "poll", "timeout_ms": 300}
"#;
        let input = self.work.join("training.jsonl");
        std::fs::write(&input, commands)?;
        let mut command = option_first(&self.agent(), option);
        command
            .stdin(File::open(&input)?)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().context("cannot run java")?;
        Ok(())
    }

    /// A cluster of one node that is started, reached, and stopped.
    fn train_kafka(&self, option: &str) -> Result<()> {
        let scratch = self.work.join("training");
        drop(std::fs::remove_dir_all(&scratch));
        std::fs::create_dir_all(&scratch)?;
        let properties = scratch.join("node.properties");
        let text = format!(
            "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@{TRAINING}:9093\n\
             listeners=PLAINTEXT://{TRAINING}:9092,CONTROLLER://{TRAINING}:9093\ncontroller.listener.names=CONTROLLER\n\
             log.dirs={}\n",
            scratch.join("data").display()
        );
        std::fs::write(&properties, text)?;
        let mut format = self.java(
            "kafka",
            400,
            "WARN",
            &format!("{}/*", self.jars().display()),
        );
        format
            .args([
                "kafka.tools.StorageTool",
                "format",
                "-t",
                crate::cluster::CLUSTER_ID,
                "-c",
            ])
            .arg(&properties);
        finish(&mut format, "Kafka's storage tool failed")?;
        let log = File::create(scratch.join("node.log"))?;
        let mut command = option_first(&self.node(&properties), option);
        let mut node = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let address = SocketAddr::new(TRAINING.parse()?, 9092);
        let until = Instant::now() + Duration::from_secs(90);
        while TcpStream::connect(address).is_err() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(200));
        }
        std::thread::sleep(Duration::from_secs(2));
        crate::agents::send_signal(&node, "TERM")?;
        node.wait()?;
        drop(std::fs::remove_dir_all(&scratch));
        Ok(())
    }
}

/// The same command with one more option for the JVM.
fn option_first(command: &Command, option: &str) -> Command {
    let mut with = Command::new(command.get_program());
    with.arg(option).args(command.get_args());
    with
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("agent")
}

/// Whether what stands beside this stamp was made of just this.
fn is_made_of(stamp: &Path, source: &str) -> bool {
    std::fs::read_to_string(stamp).is_ok_and(|made_of| made_of == source)
}

/// Runs it; when it fails, what it said is the reason.
pub fn finish(command: &mut Command, failed: &str) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    ensure!(
        output.status.success(),
        "{failed}: {program}: {}",
        said.trim()
    );
    Ok(())
}

/// What must be on PATH.
fn programs() -> Result<()> {
    let mut missing = Vec::new();
    match said_by("java", &["-version"]).as_deref().map(major_version) {
        Some(Some(version)) if version >= JAVA => {}
        Some(Some(version)) => missing.push(format!("Java {JAVA} or later (here is {version})")),
        _ => missing.push(format!("Java {JAVA} or later")),
    }
    if said_by("javac", &["-version"]).is_none() {
        missing.push("a Java compiler (a JDK, not a JRE)".to_owned());
    }
    if said_by("mvn", &["-v"]).is_none() {
        missing.push("Maven".to_owned());
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "recording needs a real Kafka, and so: {}. On Debian or Ubuntu: sudo apt-get install openjdk-17-jdk-headless maven; \
         elsewhere see https://adoptium.net and https://maven.apache.org/install.html",
        missing.join(", ")
    )
}

fn said_by(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let said = [output.stderr, output.stdout].concat();
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&said).into_owned())
}

/// Out of `openjdk version "17.0.15" 2025-04-15`; before 9, `"1.8.0_292"` was Java 8.
fn major_version(said: &str) -> Option<u32> {
    let quoted = said.split('"').nth(1)?;
    let mut numbers = quoted.split(['.', '_', '-', '+']).map(str::parse::<u32>);
    match numbers.next()?.ok()? {
        1 => numbers.next()?.ok(),
        major => Some(major),
    }
}

pub fn is_root() -> bool {
    said_by("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::major_version;

    #[test]
    fn the_version_of_java_is_read_as_every_vendor_writes_it() {
        assert_eq!(
            major_version("openjdk version \"17.0.15\" 2025-04-15"),
            Some(17)
        );
        assert_eq!(major_version("java version \"1.8.0_292\""), Some(8));
        assert_eq!(major_version("openjdk version \"21\" 2023-09-19"), Some(21));
        assert_eq!(major_version("Picked up JAVA_TOOL_OPTIONS: \"-X\""), None);
    }
}
