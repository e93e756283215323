//! A small static server, for this machine only: a thread for each connection, one answer on each.
//!
//! One answer a connection keeps it free of the waiting that shared, kept-alive connections bring.
use crate::single::policy_of;
use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const DEFAULT_PORT: u16 = 8080;
/// A request without a body is far shorter.
const REQUEST_LIMIT_BYTES: u64 = 64 * 1024;
/// Browsers open connections ahead and may leave them silent.
const SILENCE: Duration = Duration::from_secs(30);

/// Serves the folder until the process ends.
pub fn forever(dir: &Path, port: Option<u16>) -> Result<()> {
    let serving = match port {
        Some(port) => start(dir, port)?,
        None => start(dir, DEFAULT_PORT).or_else(|_| start(dir, 0))?,
    };
    println!("acklab is at {} (Ctrl-C stops it)", serving.address);
    let _ = serving.listener.join();
    Ok(())
}

/// A running server; it ends with the process, or when it is stopped.
pub struct Serving {
    /// With the closing slash.
    pub address: String,
    port: SocketAddr,
    is_over: Arc<AtomicBool>,
    listener: thread::JoinHandle<()>,
}

impl Serving {
    /// From now on nobody listens there.
    pub fn stop(self) {
        self.is_over.store(true, Ordering::SeqCst);
        // One more visitor wakes the listener; if there is none any more, so much the better.
        drop(TcpStream::connect(self.port));
        let _ = self.listener.join();
    }
}

/// Starts serving the folder on 127.0.0.1; port 0 means any free one.
pub fn start(dir: &Path, port: u16) -> Result<Serving> {
    start_so(dir, port, false)
}

/// The same with what it sends compressed, as a host of pages does.
pub fn start_packed(dir: &Path, port: u16) -> Result<Serving> {
    start_so(dir, port, true)
}

fn start_so(dir: &Path, port: u16, packs: bool) -> Result<Serving> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let socket = TcpListener::bind(wanted).with_context(|| format!("cannot listen on {wanted}"))?;
    let port = socket.local_addr()?;
    let dir = dir.to_owned();
    let is_over = Arc::new(AtomicBool::new(false));
    let is_over_here = Arc::clone(&is_over);
    let listener = thread::spawn(move || listen(&socket, &dir, packs, &is_over_here));
    Ok(Serving {
        address: format!("http://{port}/"),
        port,
        is_over,
        listener,
    })
}

fn listen(socket: &TcpListener, dir: &Path, packs: bool, is_over: &AtomicBool) {
    for visitor in socket.incoming().flatten() {
        if is_over.load(Ordering::SeqCst) {
            return;
        }
        let dir: PathBuf = dir.to_owned();
        // A visitor who went away before the answer is no error of ours.
        thread::spawn(move || drop(serve_one(visitor, &dir, packs)));
    }
}

/// Reads one request and answers it.
fn serve_one(mut visitor: TcpStream, dir: &Path, packs: bool) -> std::io::Result<()> {
    visitor.set_read_timeout(Some(SILENCE))?;
    let mut lines = BufReader::new(visitor.try_clone()?.take(REQUEST_LIMIT_BYTES)).lines();
    let Some(request) = lines.next().transpose()? else {
        return Ok(());
    };
    // The headers are of no use here, but must be read before the answer.
    while lines
        .next()
        .transpose()?
        .is_some_and(|header| !header.is_empty())
    {}
    visitor.write_all(&answer(&request, dir, packs))
}

/// The whole response to a request line such as `GET /index.html HTTP/1.1`.
fn answer(request: &str, dir: &Path, packs: bool) -> Vec<u8> {
    let mut words = request.split(' ');
    let (method, url) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    if !["GET", "HEAD"].contains(&method) {
        return response(
            "405 Method Not Allowed",
            "",
            &content("text/plain"),
            b"only GET and HEAD",
        );
    }
    let Some(path) = safe_path(url) else {
        return response("400 Bad Request", "", &content("text/plain"), b"bad path");
    };
    let Ok(bytes) = fs::read(dir.join(&path)) else {
        return response("404 Not Found", "", &content("text/plain"), b"not found");
    };
    // A folder is named after its content; what lies beside it may change with the next build.
    let caching = if path.contains('/') {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut headers = headers(&path, &bytes, dir);
    let bytes = match packs.then(|| packed(&bytes)).flatten() {
        Some(packed) => {
            headers.push_str("Content-Encoding: gzip\r\n");
            packed
        }
        None => bytes,
    };
    let mut whole = response("200 OK", caching, &headers, &bytes);
    if method == "HEAD" {
        whole.truncate(whole.len() - bytes.len());
    }
    whole
}

/// What browsers undo by themselves.
fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn content(mime: &str) -> String {
    format!("Content-Type: {mime}\r\n")
}

/// What a file is, and what it may load: a page says so itself, and a worker has the policy of the page.
fn headers(path: &str, bytes: &[u8], dir: &Path) -> String {
    let mime = mime(path);
    let page = match mime.split(';').next() {
        Some("text/html") => String::from_utf8_lossy(bytes).into_owned(),
        Some("text/javascript") => fs::read_to_string(dir.join("index.html")).unwrap_or_default(),
        _ => String::new(),
    };
    let policy = policy_of(&page).map_or(String::new(), |policy| {
        format!("Content-Security-Policy: {policy}\r\n")
    });
    format!("{}{policy}", content(mime))
}

fn response(status: &str, caching: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let caching = if caching.is_empty() {
        "no-store"
    } else {
        caching
    };
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nCache-Control: {caching}\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
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

    #[test]
    fn a_page_and_its_scripts_come_with_the_policy_that_the_page_states() {
        let dir = std::env::temp_dir().join(format!("acklab-policy-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let page = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">";
        fs::write(dir.join("index.html"), page).unwrap();
        fs::write(dir.join("worker.js"), "").unwrap();
        for path in ["/", "/worker.js"] {
            let answer = answer(&format!("GET {path} HTTP/1.1"), &dir, false);
            let text = String::from_utf8(answer).unwrap();
            assert!(
                text.contains("Content-Security-Policy: default-src 'none'\r\n"),
                "{text}"
            );
        }
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_request_gets_its_file_and_a_wrong_one_a_plain_no() {
        let dir = std::env::temp_dir().join(format!("acklab-serve-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("index.html"), "hello").unwrap();
        let text = |request: &str| String::from_utf8(answer(request, &dir, false)).unwrap();
        assert!(text("GET / HTTP/1.1").starts_with("HTTP/1.1 200 OK"));
        assert!(text("GET / HTTP/1.1").ends_with("\r\n\r\nhello"));
        assert!(text("HEAD / HTTP/1.1").ends_with("\r\n\r\n"));
        assert!(text("GET /gone HTTP/1.1").starts_with("HTTP/1.1 404"));
        assert!(text("GET /../x HTTP/1.1").starts_with("HTTP/1.1 400"));
        assert!(text("POST / HTTP/1.1").starts_with("HTTP/1.1 405"));
        assert!(text("").starts_with("HTTP/1.1 405"));
        fs::remove_dir_all(&dir).unwrap();
    }
}
