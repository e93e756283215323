// Long work beside the page, by the same program: all of its parts are joined before it starts. What is said goes
// as text, see src/ui/worker.rs.
import init, { exports } from "./acklab.js";

const address = (name) => new URL(`acklab_${name}.wasm`, import.meta.url);
const parts = await Promise.all(
  ["rest", "zh"].map((name) => WebAssembly.compileStreaming(fetch(address(name)))),
);

let joined = false;
const join = (then) => {
  if (!joined) for (const part of parts) new WebAssembly.Instance(part, { first: exports() });
  joined = true;
  if (then) then();
};

globalThis.acklab = { exports, rest: join, chinese: join };
await init({ module_or_path: address("bg") });
