// Starts the page's program, and fetches its other parts when it asks for them. Everything else is Rust.
import init, { exports } from "./acklab.js";

const address = (name) => new URL(`acklab_${name}.wasm`, import.meta.url);
const coming = {};
const joined = new Set();

// The whole style sheet comes with the rest. Without it the page is plain and still works.
let styled;
const link = (rel, name) => {
  const link = document.createElement("link");
  link.rel = rel;
  link.href = new URL(name, import.meta.url);
  document.head.append(link);
  return link;
};
const style = () =>
  (styled ??= new Promise((done) => {
    const sheet = link("stylesheet", "rest.css");
    sheet.onload = sheet.onerror = done;
    link("icon", "icon.svg");
    link("manifest", "manifest.webmanifest");
  }));

const fetchPart = (name) =>
  (coming[name] ??= Promise.all([
    WebAssembly.compileStreaming(fetch(address(name))),
    name === "rest" && style(),
  ]).then(
    ([module]) => module,
    (error) => {
      delete coming[name];
      throw error;
    },
  ));

// A part puts its functions into the program's table and its constants into the program's memory.
const join = (name, module) => {
  if (joined.has(name)) return;
  joined.add(name);
  new WebAssembly.Instance(module, { first: exports() });
  // From here on the page opens without network, too.
  if (name === "rest") {
    navigator.serviceWorker
      ?.register(new URL("../offline.js", import.meta.url))
      .then((copy) => copy.update())
      .catch(() => {});
  }
};

// Come or not, what was to follow is done: functions that are missing then are fetched once more.
const withPart = (name, then) => {
  if (joined.has(name)) then();
  else fetchPart(name).then((module) => join(name, module)).then(then, then);
};

// The program stands in the middle of a call to a function that it lacks: it has to wait.
const partNow = (name) => {
  style();
  const request = new XMLHttpRequest();
  request.open("GET", address(name), false);
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0));
  join(name, new WebAssembly.Module(bytes));
};

globalThis.acklab = {
  exports,
  rest: (then) => (then ? withPart("rest", then) : partNow("rest")),
  chinese: (then) => withPart("zh", then),
};

// What will be asked for at once may come along. If this guess is wrong, nothing but time is lost.
const guess = (name) => fetchPart(name).catch(() => {});
let saved;
try {
  saved = localStorage.getItem("acklab.1.lang");
} catch {
  // Storage may be forbidden.
}
if ((saved ?? navigator.language).toLowerCase().startsWith("zh")) guess("zh");
if (location.hash.length > 1 || location.search.includes("embed=1")) guess("rest");

init({ module_or_path: address("bg") }).catch((error) => {
  const message = document.createElement("p");
  message.id = "boot-error";
  message.setAttribute("role", "alert");
  message.textContent = `acklab could not start: ${error}`;
  document.body.prepend(message);
  throw error;
});
