//! One program, run natively and in a headless browser: what each printed.
use crate::e2e::driver::Driver;
use crate::e2e::page::{LAPTOP, Page};
use crate::shell::{self, cargo, output};
use crate::{dist, serve, tools};
use anyhow::{Result, ensure};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

const PACKAGE: &str = "acklab-benches";
const PATIENCE: Duration = Duration::from_secs(600);

/// What the program prints on this machine.
pub fn natively(program: &str) -> Result<String> {
    eprintln!("{program}: natively");
    output(cargo().args(["run", "--release", "--package", PACKAGE, "--bin", program]))
}

/// What the program shows on a page of its own.
pub fn in_a_browser(program: &str) -> Result<String> {
    tools::wasm_target()?;
    let browser = tools::browser()?;
    let site = page(program)?;
    let serving = serve::start(&site, 0)?;
    let driver = Driver::start(&browser.driver)?;
    eprintln!("{program}: in the browser");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let page = Page::open(&driver, &serving.address, LAPTOP).await?;
        let outcome = page
            .wait_for(program, "document.title !== ''", PATIENCE)
            .await;
        let text = page.text().await?;
        let title = page.script("document.title").await?;
        page.close().await?;
        outcome?;
        ensure!(title == "done", "{program} failed in the browser: {text}");
        Ok(format!("{}\n", text.trim_end()))
    })
}

/// A page that runs the program and nothing else.
fn page(program: &str) -> Result<PathBuf> {
    let wasm = fs::read(dist::compile(PACKAGE, program)?)?;
    let site = shell::target().join(format!("{program}-page"));
    dist::glue(&wasm, program, false, &site)?;
    fs::write(
        site.join("index.html"),
        format!(
            "<!doctype html><meta charset=utf-8><link rel=icon href=data:,><body>\
             <script type=module>import init from './{program}.js'; \
             init({{ module_or_path: './{program}_bg.wasm' }})\
             .catch(error => {{ document.body.innerText += error; document.title = 'failed'; }});\
             </script>"
        ),
    )?;
    Ok(site)
}
