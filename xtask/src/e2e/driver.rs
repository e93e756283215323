//! chromedriver as a child process, and browsers that it opens.
use crate::shell::root;
use anyhow::{Context, Result, anyhow};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

/// A running chromedriver; it ends with this value.
pub struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    /// Starts it on a free port.
    pub fn start(program: &Path) -> Result<Driver> {
        let mut child = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let printed = child.stdout.take().context("chromedriver has no output")?;
        let mut lines = BufReader::new(printed).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| {
                line.split_once("successfully on port ")
                    .map(|(_, port)| port.to_owned())
            })
            .context("chromedriver did not say its port")?;
        // Keep reading, or it would block once the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        let port = port.trim_end_matches('.');
        Ok(Driver {
            child,
            address: format!("http://127.0.0.1:{port}"),
        })
    }

    /// Opens a browser with a profile of its own.
    pub async fn browser(&self, language: &str) -> Result<WebDriver> {
        let mut wanted = DesiredCapabilities::chrome();
        for arg in arguments()? {
            wanted.add_arg(&arg)?;
        }
        wanted.add_arg(&format!("--lang={language}"))?;
        wanted.add_arg(&format!("--accept-lang={language}"))?;
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        wanted.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
        let opened = WebDriver::new(&self.address, wanted).await;
        opened.map_err(|error| anyhow!("the browser did not start: {error}"))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The flags that `webdriver.json` gives the wasm tests hold here too.
fn arguments() -> Result<Vec<String>> {
    let text = std::fs::read_to_string(root().join("webdriver.json"))?;
    let wanted: Value = serde_json::from_str(&text).context("webdriver.json")?;
    let args = wanted["goog:chromeOptions"]["args"]
        .as_array()
        .context("webdriver.json has no args")?;
    Ok(args
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect())
}
