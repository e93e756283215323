//! What a person does with the page and sees on it, as words for the scenarios.
use super::driver::Driver;
use crate::shell::root;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;

const PATIENCE: Duration = Duration::from_secs(30);
/// A story is played at its own pace.
const LONG_PATIENCE: Duration = Duration::from_secs(90);
/// More than any screen has parts to focus.
const MOST_TABS: usize = 150;
const GLANCE: Duration = Duration::from_millis(50);

/// How a visitor's browser looks and speaks.
#[derive(Clone, Copy)]
pub struct Visitor {
    /// `en` or `zh-CN`.
    pub language: &'static str,
    /// `light` or `dark`.
    pub scheme: &'static str,
    pub width_px: u32,
    pub height_px: u32,
}

/// The usual visitor: a laptop, English, light.
pub const LAPTOP: Visitor = Visitor {
    language: "en",
    scheme: "light",
    width_px: 1440,
    height_px: 900,
};

/// The page in a browser of its own.
pub struct Page {
    browser: WebDriver,
    /// Where the page lies now, and where it lay before.
    homes: RefCell<Vec<String>>,
    /// Every address that was asked for.
    asked: RefCell<Vec<String>>,
}

impl Page {
    /// Opens the page.
    pub async fn open(driver: &Driver, address: &str, who: Visitor) -> Result<Page> {
        let browser = driver.browser(who.language).await?;
        let page = Page {
            browser,
            homes: RefCell::new(vec![address.to_owned()]),
            asked: RefCell::default(),
        };
        page.become_visitor(who).await?;
        page.go("").await?;
        Ok(page)
    }

    /// Goes to the address with what follows it, as a new visit.
    pub async fn go(&self, rest: &str) -> Result<()> {
        self.browser
            .goto("about:blank")
            .await
            .context("cannot leave the page")?;
        let home = self.homes.borrow().last().cloned().unwrap_or_default();
        let arrived = self.browser.goto(format!("{home}{rest}")).await;
        arrived.context("the page does not load")
    }

    /// From now on the page lies at this address, too, and is opened there.
    pub fn moves_to(&self, address: String) {
        self.homes.borrow_mut().push(address);
    }

    /// Loads the same address again.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.browser.refresh().await?)
    }

    /// Takes on another window size and colour scheme.
    pub async fn become_visitor(&self, who: Visitor) -> Result<()> {
        let cdp = self.browser.cdp();
        let size = json!({
            "width": who.width_px, "height": who.height_px,
            "deviceScaleFactor": 1, "mobile": who.width_px < 600,
        });
        cdp.send_raw("Emulation.setDeviceMetricsOverride", size)
            .await?;
        self.colours(who.scheme).await
    }

    /// Has the system ask for `light` or `dark`.
    pub async fn colours(&self, scheme: &str) -> Result<()> {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        let cdp = self.browser.cdp();
        cdp.send_raw("Emulation.setEmulatedMedia", features)
            .await
            .context("no such colours")?;
        Ok(())
    }

    /// The part with this hook, as soon as it is there.
    pub async fn see(&self, hook: &str) -> Result<WebElement> {
        self.see_css(&format!("[data-test={hook}]")).await
    }

    /// The part that a selector names, as soon as it is there.
    pub async fn see_css(&self, selector: &str) -> Result<WebElement> {
        let started = Instant::now();
        loop {
            match self.browser.find(By::Css(selector)).await {
                Ok(found) => return Ok(found),
                Err(_) if started.elapsed() < PATIENCE => tokio::time::sleep(GLANCE).await,
                Err(_) => bail!("no {selector} on the page: {}", self.text().await?),
            }
        }
    }

    /// How many parts carry this hook now.
    pub async fn count(&self, hook: &str) -> Result<usize> {
        Ok(self
            .browser
            .find_all(By::Css(format!("[data-test={hook}]")))
            .await?
            .len())
    }

    /// Clicks what a selector names, once it is there and stands still: a click hits a place, not a part.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.see_css(selector).await?.scroll_into_view().await?;
        let place = format!(
            "(({{x, y}}) => x + ' ' + y)(document.querySelector({}).getBoundingClientRect())",
            json!(selector)
        );
        let (started, mut was) = (Instant::now(), self.script(&place).await?);
        while started.elapsed() < PATIENCE {
            tokio::time::sleep(GLANCE).await;
            let is = self.script(&place).await?;
            if is == was {
                break;
            }
            was = is;
        }
        let part = self.see_css(selector).await?;
        part.click()
            .await
            .with_context(|| format!("cannot click {selector}"))
    }

    /// Presses keys where the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) -> Result<()> {
        Ok(self
            .browser
            .action_chain()
            .send_keys(keys)
            .perform()
            .await?)
    }

    /// An attribute of the part that a selector names.
    pub async fn attribute(&self, selector: &str, name: &str) -> Result<String> {
        let part = self.see_css(selector).await?;
        Ok(part.attr(name).await?.unwrap_or_default())
    }

    /// Waits until an expression over the document is true.
    pub async fn until(&self, what: &str, expression: &str) -> Result<()> {
        self.wait_for(what, expression, PATIENCE).await
    }

    /// Waits so long until an expression over the document is true.
    pub async fn wait_for(&self, what: &str, expression: &str, patience: Duration) -> Result<()> {
        let started = Instant::now();
        while self.script(expression).await? != Value::Bool(true) {
            let is_late = started.elapsed() >= patience;
            ensure!(
                !is_late,
                "waited for: {what}. The page says: {}",
                self.text().await?
            );
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    /// The same for a story that stops for its reader, who goes on at once each time.
    pub async fn play_until(&self, what: &str, expression: &str) -> Result<()> {
        let started = Instant::now();
        let waits = "document.querySelector('[data-test=next-beat]') !== null \
            && document.querySelector('[data-test=play]')?.dataset.playing === 'false'";
        while self.script(expression).await? != Value::Bool(true) {
            let is_late = started.elapsed() >= LONG_PATIENCE;
            ensure!(
                !is_late,
                "played on for: {what}. The page says: {}",
                self.text().await?
            );
            if self.script(waits).await? == Value::Bool(true) {
                self.press(Key::Enter).await?;
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    /// Gives the focus to what a selector names.
    pub async fn focus(&self, selector: &str) -> Result<()> {
        let part = self.see_css(selector).await?;
        part.focus()
            .await
            .with_context(|| format!("cannot focus {selector}"))
    }

    /// Presses Tab until what a selector names has the focus.
    pub async fn tab_to(&self, selector: &str) -> Result<()> {
        let has_focus = format!("document.activeElement.matches('{selector}')");
        for _ in 0..MOST_TABS {
            if self.script(&has_focus).await? == Value::Bool(true) {
                return Ok(());
            }
            self.press(Key::Tab).await?;
        }
        bail!("{selector} is not reached by {MOST_TABS} presses of Tab")
    }

    /// Role and name of what has the focus, as the browser tells them to a screen reader.
    pub async fn focused(&self) -> Result<(String, String)> {
        let cdp = self.browser.cdp();
        cdp.send_raw("Accessibility.enable", json!({})).await?;
        let tree = cdp
            .send_raw("Accessibility.getFullAXTree", json!({}))
            .await?;
        let nodes = tree["nodes"].as_array().context("no accessibility tree")?;
        let has_focus = |node: &&Value| {
            let told = node["properties"].as_array();
            told.is_some_and(|told| {
                told.iter()
                    .any(|one| one["name"] == "focused" && one["value"]["value"] == true)
            })
        };
        // The page itself comes first, and counts as focused when nothing else is.
        let node = nodes.iter().rfind(has_focus);
        let word = |field: &str| {
            let value = node.and_then(|node| node[field]["value"].as_str());
            value.unwrap_or_default().to_owned()
        };
        Ok((word("role"), word("name")))
    }

    /// What an expression gives in the page, as a number.
    pub async fn number(&self, expression: &str) -> Result<f64> {
        let value = self.script(expression).await?;
        value
            .as_f64()
            .with_context(|| format!("{expression} is {value}, not a number"))
    }

    /// What an expression gives in the page.
    pub async fn script(&self, expression: &str) -> Result<Value> {
        let result = self
            .browser
            .execute(format!("return ({expression});"), Vec::new())
            .await?;
        Ok(result.json().clone())
    }

    /// All text of the page.
    pub async fn text(&self) -> Result<String> {
        let text = self
            .script("document.body ? document.body.innerText : ''")
            .await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Keeps a picture of the window in `out/shots/`.
    pub async fn picture(&self, name: &str) -> Result<()> {
        let dir = root().join("out/shots");
        std::fs::create_dir_all(&dir)?;
        Ok(self
            .browser
            .screenshot(&dir.join(format!("{name}.png")))
            .await?)
    }

    /// What the browser recorded of its own work: DevTools events, each as `{method, params}`.
    pub async fn events(&self) -> Result<Vec<Value>> {
        let entries = self
            .browser
            .get_log("performance")
            .await
            .context("no record of the browser's work")?;
        let parse =
            |text: &str| serde_json::from_str::<Value>(text).map(|event| event["message"].clone());
        Ok(entries
            .iter()
            .filter_map(|entry| parse(&entry.message).ok())
            .collect())
    }

    /// When the browser drew each frame of the next while, in milliseconds, as it tells the page.
    pub async fn frames_ms(&self, watched: Duration) -> Result<Vec<f64>> {
        let record = "window.frames_ms = [], (function next(now) { \
            frames_ms.push(now); requestAnimationFrame(next) })(performance.now())";
        self.script(record).await?;
        tokio::time::sleep(watched).await;
        let times = self.script("window.frames_ms").await?;
        let times = times.as_array().context("no frames were recorded")?;
        Ok(times.iter().filter_map(Value::as_f64).collect())
    }

    /// What holds after every scenario: a clean console (what the content security policy refused would be in it), and
    /// no request to anyone else.
    pub async fn check_manners(&self) -> Result<()> {
        let errors = self.errors().await?;
        ensure!(errors.is_empty(), "the console has errors: {errors:#?}");
        self.requests().await?;
        let homes = self.homes.borrow().clone();
        let is_ours = |url: &String| {
            url.starts_with("data:") || homes.iter().any(|home| url.starts_with(home.as_str()))
        };
        let asked = self.asked.borrow().clone();
        let strangers: Vec<_> = asked.iter().filter(|url| !is_ours(url)).collect();
        ensure!(
            strangers.is_empty(),
            "the page asked someone else: {strangers:#?}"
        );
        Ok(())
    }

    /// The errors in the console since this was last called.
    pub async fn errors(&self) -> Result<Vec<String>> {
        let entries = self.browser.browser_log().await?.into_iter();
        let severe = entries.filter(|entry| entry.level == "SEVERE");
        Ok(severe.map(|entry| entry.message).collect())
    }

    /// What was asked for until now was asked for by the scenario, which looked at it itself.
    pub async fn forget_requests(&self) -> Result<()> {
        self.requests().await?;
        self.asked.borrow_mut().clear();
        Ok(())
    }

    /// Every address that the page asked for since this was last called, by whatever means.
    pub async fn requests(&self) -> Result<Vec<String>> {
        let events = self.events().await?;
        let urls = events.iter().filter_map(|event| {
            let params = &event["params"];
            match event["method"].as_str()? {
                "Network.requestWillBeSent" => params["request"]["url"].as_str(),
                "Network.webSocketCreated" | "Network.webTransportCreated" => {
                    params["url"].as_str()
                }
                _ => None,
            }
        });
        let urls = urls.filter(|url| !url.starts_with("about:"));
        let urls: Vec<String> = urls.map(str::to_owned).collect();
        self.asked.borrow_mut().extend(urls.iter().cloned());
        Ok(urls)
    }

    /// What the browser answers to a command of its DevTools.
    pub async fn ask_browser(&self, command: &str, params: Value) -> Result<Value> {
        let answer = self.browser.cdp().send_raw(command, params).await;
        answer.with_context(|| format!("{command} is not answered"))
    }

    /// Closes the browser.
    pub async fn close(self) -> Result<()> {
        self.browser
            .quit()
            .await
            .context("the browser does not close")
    }
}
