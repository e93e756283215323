//! A small static server, for this machine only.
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use tiny_http::{Header, Method, Request, Response, Server};

const WORKERS: usize = 4;
const DEFAULT_PORT: u16 = 8080;

/// Serves the folder until the process ends.
pub fn forever(dir: &Path, port: Option<u16>) -> Result<()> {
    let serving = match port {
        Some(port) => start(dir, port)?,
        None => start(dir, DEFAULT_PORT).or_else(|_| start(dir, 0))?,
    };
    println!("acklab is at {} (Ctrl-C stops it)", serving.address);
    for worker in serving.workers {
        let _ = worker.join();
    }
    Ok(())
}

/// A running server; it ends with the process.
pub struct Serving {
    /// With the closing slash.
    pub address: String,
    workers: Vec<thread::JoinHandle<()>>,
}

/// Starts serving the folder on 127.0.0.1; port 0 means any free one.
pub fn start(dir: &Path, port: u16) -> Result<Serving> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let server =
        Server::http(wanted).map_err(|error| anyhow!("cannot listen on {wanted}: {error}"))?;
    let port = server
        .server_addr()
        .to_ip()
        .context("the server has no port")?
        .port();
    let server = Arc::new(server);
    let workers = (0..WORKERS)
        .map(|_| worker(Arc::clone(&server), dir.to_owned()))
        .collect();
    Ok(Serving {
        address: format!("http://127.0.0.1:{port}/"),
        workers,
    })
}

fn worker(server: Arc<Server>, dir: PathBuf) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for request in server.incoming_requests() {
            // A visitor who went away before the answer is no error of ours.
            let _ = answer(request, &dir);
        }
    })
}

fn answer(request: Request, dir: &Path) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(Response::empty(405));
    }
    let Some(path) = safe_path(request.url()) else {
        return request.respond(Response::from_string("bad path").with_status_code(400));
    };
    match fs::read(dir.join(&path)) {
        Ok(bytes) => {
            let caching = if path.contains('/') {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            };
            let response = Response::from_data(bytes)
                .with_header(header("Content-Type", mime(&path)))
                .with_header(header("Cache-Control", caching))
                .with_header(header("X-Content-Type-Options", "nosniff"));
            request.respond(response)
        }
        Err(_) => request.respond(Response::from_string("not found").with_status_code(404)),
    }
}

/// The file that a URL asks for, relative to the site, or nothing when it would leave it.
fn safe_path(url: &str) -> Option<String> {
    let path = url
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .strip_prefix('/')?;
    let path = if path.is_empty() { "index.html" } else { path };
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    path.split('/').all(is_plain).then(|| path.to_owned())
}

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn header(name: &str, value: &str) -> Header {
    // Both come from the literals above, which are valid header text.
    Header::from_bytes(name, value).expect("a literal header is valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_never_leaves_the_site() {
        assert_eq!(safe_path("/").as_deref(), Some("index.html"));
        assert_eq!(
            safe_path("/ab12/acklab_bg.wasm?x=1").as_deref(),
            Some("ab12/acklab_bg.wasm")
        );
        for bad in [
            "/../Cargo.toml",
            "/a/../../b",
            "//etc/passwd",
            "/.git/config",
            "/%2e%2e/x",
            "x",
        ] {
            assert_eq!(safe_path(bad), None, "{bad}");
        }
    }

    #[test]
    fn wasm_is_served_with_the_type_that_browsers_compile_while_it_streams() {
        assert_eq!(mime("ab12/acklab_bg.wasm"), "application/wasm");
        assert_eq!(mime("index.html"), "text/html; charset=utf-8");
        assert_eq!(mime("noend"), "application/octet-stream");
    }
}
